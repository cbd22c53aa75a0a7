/* sight_truth.h - photographs of markers with everything known, for tests and benches.
 *
 * A marker lies on skin, flat or rolled, before a camera; each pixel is the mean light over its
 * square, then blurred, lit unevenly, made noisy, encoded as sRGB bytes and perhaps as a JPEG. All
 * of it is static and allocates from an arena; a seed makes the same picture again.
 */
#ifndef CAMERA_SIGHT_TRUTH_H
#define CAMERA_SIGHT_TRUTH_H

#include "base/parallel.h"
#include "base/rng.h"
#include "camera/sight.h"
#include "image/image.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

typedef struct Truth {
    const Marker *marker; /* as printed */
    Camera camera;        /* in the marker's frame */
    double roll_mm;       /* radius of the cylinder (axis along y) the card lies on, its middle next
                           * to the camera; < 0: its middle farthest; 0: flat */
    double blur_px;       /* standard deviation, in linear light */
    double noise_codes;   /* standard deviation at mid-grey, codes; grows with the light's root */
    double gradient;      /* light at the right edge over that at the left, less 1 */
    double exposure;      /* 1: white paper is 0.85 of the top of the range */
    Rgb skin;             /* mean reflectance around and in the window */
    int jpeg_quality;     /* 4:2:0 as phones do; 0: no JPEG */
    int covered_tag;      /* this tag lies under a piece of skin; -1: none */
    bool mirrored;
    uint64_t seed;
} Truth;

static inline Truth truth_default(const Marker *marker, Camera camera)
{
    return (Truth){.marker = marker,
                   .camera = camera,
                   .blur_px = 0.8,
                   .noise_codes = 1.5,
                   .gradient = 0.2,
                   .exposure = 1,
                   .skin = {0.45F, 0.28F, 0.20F},
                   .covered_tag = -1,
                   .seed = 1};
}

/* A phone (focal length 3,000 px of 4,000 x 3,000) px_per_mm away from the marker's middle, tilted
 * about an axis in the paper at azimuth, turned about the line of sight by roll; of the picture
 * only what holds the paper is kept. */
static inline Camera truth_camera(const Marker *marker, double px_per_mm, double tilt_deg,
                                  double azimuth_deg, double roll_deg)
{
    static const double rad = 0.01745329251994329577, focal_px = 3000;
    double t = tilt_deg * rad, a = azimuth_deg * rad, r = roll_deg * rad;
    double distance = focal_px / px_per_mm * sqrt(cos(t));
    Vec3 eye = vec_scale(vec3(sin(t) * cos(a), sin(t) * sin(a), -cos(t)), distance);
    Camera camera =
        camera_look_at((Lens){.focal_px = focal_px}, eye, vec3(0, 0, 0), vec3(sin(r), -cos(r), 0));
    double low[2] = {1e9, 1e9}, high[2] = {-1e9, -1e9};
    for (int i = 0; i < 4; i++) {
        double px[2], depth;
        Vec3 corner = vec3(i % 2 ? marker->right_mm : marker->left_mm,
                           i / 2 ? marker->bottom_mm : marker->top_mm, 0);
        if (!camera_project(&camera, corner, &px[0], &px[1], &depth))
            continue;
        for (int k = 0; k < 2; k++)
            low[k] = fmin(low[k], px[k]), high[k] = fmax(high[k], px[k]);
    }
    double margin = 6 * px_per_mm + 8;
    camera.lens.width_px = ((int)(high[0] - low[0] + 2 * margin) | 15) + 1;
    camera.lens.height_px = ((int)(high[1] - low[1] + 2 * margin) | 15) + 1;
    camera.lens.centre_x_px = margin - low[0];
    camera.lens.centre_y_px = margin - low[1];
    return camera;
}

/* Where a place on the paper is seen. */
static inline bool truth_project(const Truth *truth, double x_mm, double y_mm, double px[2])
{
    double depth, x = x_mm, z = 0, radius = truth->roll_mm;
    if (radius != 0.0)
        x = radius * sin(x_mm / radius), z = radius * (1 - cos(x_mm / radius));
    if (!camera_project(&truth->camera, vec3(x, y_mm, z), &px[0], &px[1], &depth))
        return false;
    if (truth->mirrored)
        px[0] = truth->camera.lens.width_px - px[0];
    return true;
}

/* The place on the paper (unrolled) that a pixel sees. */
static inline bool truth_place(const Truth *truth, double x_px, double y_px, double mm[2])
{
    const Camera *camera = &truth->camera;
    Vec3 eye = camera->pose.eye_mm, ray = camera_ray(camera, x_px, y_px);
    double radius = truth->roll_mm;
    if (radius == 0.0) {
        double s = -eye.z / ray.z;
        mm[0] = eye.x + s * ray.x, mm[1] = eye.y + s * ray.y;
        return s > 0;
    }
    /* x^2 + (z - radius)^2 = radius^2, at the side of the paper's middle */
    double a = ray.x * ray.x + ray.z * ray.z, b = eye.x * ray.x + (eye.z - radius) * ray.z;
    double c = eye.x * eye.x + (eye.z - radius) * (eye.z - radius) - radius * radius;
    double root = b * b - a * c;
    if (root < 0)
        return false;
    double s = (-b - (radius > 0 ? 1 : -1) * sqrt(root)) / a;
    Vec3 at = vec_madd(eye, s, ray);
    mm[0] = fabs(radius) * atan2(at.x, (radius - at.z) * (radius > 0 ? 1 : -1));
    mm[1] = at.y;
    return s > 0;
}

/* Blotches of 0.3 to 4 mm, 8 % up and down, as a sum of waves in six directions. */
static inline Rgb truth_skin(const Truth *truth, double x_mm, double y_mm)
{
    static const double wave[6][2] = {{21.0, 1.3}, {-10.3, 9.4}, {0.6, -7.8},
                                      {2.6, 3.4},  {-2.4, -0.4}, {1.1, -0.7}}; /* radians/mm */
    double sum = 0;
    for (int i = 0; i < 6; i++)
        sum += sin(wave[i][0] * x_mm + wave[i][1] * y_mm + (i + 1) * (double)(truth->seed % 97));
    float factor = (float)(1 + 0.04 * sum);
    return (Rgb){truth->skin.r * factor, truth->skin.g * factor, truth->skin.b * factor};
}

static inline Rgb truth_surface(const Truth *truth, const double mm[2], double side_mm)
{
    Rgb color;
    if (truth->covered_tag >= 0) {
        const MarkerTag *tag = &truth->marker->tag[truth->covered_tag];
        if (hypot(mm[0] - tag->x_mm, mm[1] - tag->y_mm) < 0.62 * tag->side_mm)
            return truth_skin(truth, mm[0], mm[1]);
    }
    if (marker_color_at(truth->marker, mm[0], mm[1], side_mm, &color))
        return color;
    return truth_skin(truth, mm[0], mm[1]);
}

static inline float truth_apart(Rgb a, Rgb b)
{
    return fabsf(a.r - b.r) + fabsf(a.g - b.g) + fabsf(a.b - b.b);
}

/* The pixel's mean: one sample where the surface is even around it; else 5 x 5 squares, each of
 * which the marker averages exactly. */
static inline Rgb truth_pixel(const Truth *truth, int x, int y)
{
    enum { SPLIT = 5 };
    double mm[2], right[2], down[2];
    if (!truth_place(truth, x + 0.5, y + 0.5, mm) || !truth_place(truth, x + 1.5, y + 0.5, right) ||
        !truth_place(truth, x + 0.5, y + 1.5, down))
        return truth->skin;
    double dx[2] = {right[0] - mm[0], right[1] - mm[1]};
    double dy[2] = {down[0] - mm[0], down[1] - mm[1]};
    double side = sqrt(fabs(dx[0] * dy[1] - dx[1] * dy[0]));
    Rgb point = truth_surface(truth, mm, 0), mean = truth_surface(truth, mm, 2 * side);
    if (truth_apart(point, mean) < 1e-5F)
        return point;
    double sum[3] = {0};
    for (int i = 0; i < SPLIT * SPLIT; i++) {
        double u = (i % SPLIT + 0.5) / SPLIT - 0.5, v = (double)(i / SPLIT) / SPLIT;
        v += 0.5 / SPLIT - 0.5; /* places of the squares' middles */
        double at[2] = {mm[0] + u * dx[0] + v * dy[0], mm[1] + u * dx[1] + v * dy[1]};
        Rgb part = truth_surface(truth, at, side / SPLIT);
        sum[0] += (double)part.r, sum[1] += (double)part.g, sum[2] += (double)part.b;
    }
    const float share = 1.0F / (SPLIT * SPLIT);
    return (Rgb){(float)sum[0] * share, (float)sum[1] * share, (float)sum[2] * share};
}

typedef struct TruthJob {
    const Truth *truth;
    ImageF *light;
} TruthJob;

static inline void truth_rows(void *ctx, int block, int begin, int end)
{
    const TruthJob *job = ctx;
    int width = job->light->width_px;
    (void)block;
    for (int y = begin; y < end; y++)
        for (int x = 0; x < width; x++) {
            int from = job->truth->mirrored ? width - 1 - x : x;
            Rgb color = truth_pixel(job->truth, from, y);
            memcpy(job->light->rgb + 3 * ((ptrdiff_t)y * width + x), &color, sizeof color);
        }
}

/* One way of the separable Gaussian, in place by lines of `step`. */
static inline void truth_blur_lines(ImageF *light, bool across, double sigma, float line[])
{
    int w = light->width_px, h = light->height_px, count = across ? h : w, length = across ? w : h;
    int reach = (int)ceil(4 * sigma);
    double weight[64] = {0}, total = 0;
    for (int k = 0; k <= reach && k < 64; k++)
        total += (k ? 2 : 1) * (weight[k] = exp(-0.5 * k * k / (sigma * sigma)));
    for (int i = 0; i < 3 * count; i++) {
        float *start = light->rgb + (across ? (ptrdiff_t)(i / 3) * w * 3 : (i / 3) * 3) + i % 3;
        ptrdiff_t step = across ? 3 : (ptrdiff_t)3 * w;
        for (int j = 0; j < length; j++)
            line[j] = start[j * step];
        for (int j = 0; j < length; j++) {
            double sum = weight[0] * (double)line[j];
            for (int k = 1; k <= reach && k < 64; k++) {
                int low = j - k < 0 ? 0 : j - k, high = j + k >= length ? length - 1 : j + k;
                sum += weight[k] * ((double)line[low] + (double)line[high]);
            }
            start[j * step] = (float)(sum / total);
        }
    }
}

/* Linear light, before noise and code values, white paper at 0.85 exposure. */
static inline bool truth_light(Arena *arena, const Truth *truth, int threads, ImageF *light,
                               Err *err)
{
    const Lens *lens = &truth->camera.lens;
    if (!image_new_f(arena, lens->width_px, lens->height_px, light, err))
        return false;
    TruthJob job = {truth, light};
    parallel_for(threads, lens->height_px, 16, truth_rows, &job);
    size_t longer = (size_t)(lens->width_px + lens->height_px);
    float *line = ARENA_NEW(arena, float, longer);
    if (line == NULL)
        return err_set(err, ERR_LIMIT, "no room for a line of the picture");
    for (int across = 0; across < 2 && truth->blur_px > 0; across++)
        truth_blur_lines(light, across, truth->blur_px, line);
    for (int y = 0; y < lens->height_px; y++)
        for (int x = 0; x < lens->width_px; x++) {
            double along = (x + 0.5) / lens->width_px - 0.5;
            float factor = (float)(0.85 * truth->exposure * (1 + truth->gradient * along));
            float *c = light->rgb + 3 * ((ptrdiff_t)y * lens->width_px + x);
            c[0] *= factor, c[1] *= factor, c[2] *= factor;
        }
    return true;
}

/* Shot-like noise in linear light: noise_codes at a reflectance of 0.18, where one code is 0.0067.
 */
static inline void truth_noise(const Truth *truth, ImageF *light)
{
    Rng rng = rng_make(truth->seed, 77);
    double sigma = truth->noise_codes * 0.0067 / sqrt(0.18);
    size_t count = (size_t)light->width_px * (size_t)light->height_px * 3;
    for (size_t i = 0; i < count && sigma > 0; i++) {
        double value = fmax(0, (double)light->rgb[i]);
        light->rgb[i] = (float)(value + sigma * sqrt(value + 0.003) * rng_normal(&rng));
    }
}

/* To the luma of a JPEG of that quality, as a reader would get it. */
static inline bool truth_through_jpeg(Arena *arena, const Image *image, int quality, uint8_t *grey,
                                      Err *err)
{
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    (void)arena;
    tjhandle pack = tjInitCompress(), unpack = tjInitDecompress();
    bool ok = pack != NULL && unpack != NULL &&
              tjCompress2(pack, image->rgb, image->width_px, 0, image->height_px, TJPF_RGB, &bytes,
                          &size, TJSAMP_420, quality, 0) == 0 &&
              tjDecompress2(unpack, bytes, size, grey, image->width_px, 0, image->height_px,
                            TJPF_GRAY, 0) == 0;
    tjFree(bytes);
    tjDestroy(pack);
    tjDestroy(unpack);
    return ok || err_set(err, ERR_IO, "the JPEG of a test picture failed");
}

/* What sight_find gets: code values of the luma. image: the same in colour, before any JPEG. */
static inline bool truth_grey(Arena *arena, const Truth *truth, int threads, uint8_t **grey,
                              Image *image, Err *err)
{
    ImageF light;
    if (!truth_light(arena, truth, threads, &light, err) ||
        !image_new(arena, light.width_px, light.height_px, image, err))
        return false;
    truth_noise(truth, &light);
    image_from_linear(&light, image);
    size_t count = (size_t)light.width_px * (size_t)light.height_px;
    *grey = ARENA_NEW(arena, uint8_t, count);
    if (*grey == NULL)
        return err_set(err, ERR_LIMIT, "no room for a test picture");
    if (truth->jpeg_quality > 0)
        return truth_through_jpeg(arena, image, truth->jpeg_quality, *grey, err);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *c = image->rgb + 3 * i;
        (*grey)[i] = (uint8_t)(0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2] + 0.5);
    }
    return true;
}

/* Root mean square distance of the corners in sight to the truth. */
static inline double truth_corner_rms(const Truth *truth, const MarkerSight *sight)
{
    double sum = 0;
    for (int i = 0; i < sight->tag_count; i++) {
        double mm[4][2];
        marker_tag_corners(&truth->marker->tag[sight->tag[i].tag], mm);
        for (int k = 0; k < 4; k++) {
            double px[2];
            if (!truth_project(truth, mm[k][0], mm[k][1], px))
                return (double)INFINITY;
            sum += pow(px[0] - sight->tag[i].corner_px[k][0], 2) +
                   pow(px[1] - sight->tag[i].corner_px[k][1], 2);
        }
    }
    return sqrt(sum / (4 * sight->tag_count));
}

/* px per mm of the flat paper at its middle, by its own definition. */
static inline double truth_scale(const Truth *truth)
{
    const double step = 1e-3;
    double o[2], a[2], b[2];
    if (!truth_project(truth, 0, 0, o) || !truth_project(truth, step, 0, a) ||
        !truth_project(truth, 0, step, b))
        return 0;
    double area = (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
    return sqrt(fabs(area)) / step;
}

#endif
