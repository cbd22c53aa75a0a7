/* photo_truth.h - a ball that was never photographed, for tests and benchmarks: its light from
 * within and its shine are known apart.
 */
#ifndef LOOK_PHOTO_TRUTH_H
#define LOOK_PHOTO_TRUTH_H

#include "base/rng.h"
#include "look/photo.h"

#define BALL_MM 90.0

typedef struct Scene {
    int width_px, height_px;
    double px_per_mm, k1, distance_mm; /* of the camera from the middle of the ball */
    Rgb skin;
    float shine;            /* of its highlight, luminance */
    float noise_a, noise_b; /* variance = a + b light */
    int hairs;              /* dark, 0.2 mm, across the middle */
    double ball_mm;         /* of the ball that is seen; the canvas has BALL_MM */
    uint64_t seed;
} Scene;

typedef struct Truth {
    HeadTopology topology;
    Head head; /* the ball, its vertex in the middle of the picture */
    Camera camera;
    ImageF light;  /* with noise */
    ImageF clean;  /* without */
    float *within; /* [height][width] share of the clean light that comes out of the skin */
    uint8_t *hair; /* [height][width] nonzero: a hair covers it */
    PhotoQuality quality;
} Truth;

static inline Scene scene_default(void)
{
    return (Scene){.width_px = 480,
                   .height_px = 400,
                   .px_per_mm = 4,
                   .distance_mm = 500,
                   .skin = {0.513F, 0.314F, 0.215F},
                   .ball_mm = BALL_MM,
                   .seed = 1};
}

/* From above: right of the picture is +x, its lower edge +z. */
static inline Camera scene_camera(const Scene *scene)
{
    Vec3 eye = vec_add(HEAD_CENTRE_MM, vec3(0, scene->distance_mm, 0));
    double near_mm = scene->distance_mm - BALL_MM;
    return (Camera){
        .lens = {.width_px = scene->width_px,
                 .height_px = scene->height_px,
                 .focal_px = scene->px_per_mm * near_mm,
                 .centre_x_px = 0.5 * scene->width_px,
                 .centre_y_px = 0.5 * scene->height_px,
                 .k1 = scene->k1},
        .pose = {.right = {1, 0, 0}, .down = {0, 0, 1}, .forward = {0, -1, 0}, .eye_mm = eye}};
}

/* Where the sight of a pixel meets the ball, from its middle; false beside it. */
static inline bool scene_hit(const Scene *scene, const Lens *lens, double x, double y, Vec3 *point)
{
    double bent_u = (x - lens->centre_x_px) / lens->focal_px, u = bent_u;
    double bent_v = (y - lens->centre_y_px) / lens->focal_px, v = bent_v;
    for (int i = 0; i < 8; i++) {
        double straight = 1 + lens->k1 * (u * u + v * v);
        u = bent_u / straight, v = bent_v / straight;
    }
    Vec3 ray = vec_normalize(vec3(u, -1, v));
    double b = ray.y * scene->distance_mm;
    double under =
        b * b - scene->distance_mm * scene->distance_mm + scene->ball_mm * scene->ball_mm;
    if (under < 0)
        return false;
    *point = vec_madd(vec3(0, scene->distance_mm, 0), -b - sqrt(under), ray);
    return true;
}

/* Hairs run along great circles beside each other; their share of a pixel by distance. */
static inline double scene_hair(const Scene *scene, Vec3 n)
{
    const double half_mm = 0.1;
    double seen = 0, px_mm = 1 / scene->px_per_mm;
    for (int h = 0; h < scene->hairs; h++) {
        double turn = 0.3 * h, off_mm = 3.1 * (h - 0.5 * scene->hairs);
        Vec3 across = vec3(cos(turn), 0, sin(turn));
        double away = fabs(scene->ball_mm * vec_dot(n, across) - off_mm);
        seen = fmax(seen, fmin(1, fmax(0, (half_mm + 0.5 * px_mm - away) / px_mm)));
    }
    return seen;
}

static inline void scene_pixel(const Scene *scene, const Camera *camera, int x, int y, float rgb[3],
                               float *within, uint8_t *hair)
{
    const float backdrop[3] = {0.10F, 0.16F, 0.30F}, hair_light = 0.015F;
    const Vec3 lamp = vec_normalize(vec3(0.3, 1, -0.25));
    Vec3 p;
    *within = 0, *hair = 0;
    if (!scene_hit(scene, &camera->lens, x + 0.5, y + 0.5, &p)) {
        for (int k = 0; k < 3; k++)
            rgb[k] = backdrop[k];
        return;
    }
    Vec3 n = vec_normalize(p), sight = vec_normalize(vec_sub(vec3(0, scene->distance_mm, 0), p));
    double facing = fmax(vec_dot(n, lamp), 0);
    double half = fmax(vec_dot(n, vec_normalize(vec_add(lamp, sight))), 0);
    float lit = (float)(0.3 + 0.7 * facing), gloss = scene->shine * (float)pow(half, 180);
    float skin[3] = {scene->skin.r, scene->skin.g, scene->skin.b}, sum = 0, all = 0;
    float cover = (float)scene_hair(scene, n);
    for (int k = 0; k < 3; k++) {
        rgb[k] = (lit * skin[k] + gloss) * (1 - cover) + hair_light * cover;
        sum += lit * skin[k] * (1 - cover), all += rgb[k];
    }
    *within = sum / all;
    *hair = cover > 0.95F;
}

static inline void scene_noise(const Scene *scene, int y, const ImageF *clean, ImageF *light)
{
    Rng rng = rng_make(scene->seed, (uint64_t)y);
    for (int i = 0; i < 3 * clean->width_px; i++) {
        ptrdiff_t at = (ptrdiff_t)y * 3 * clean->width_px + i;
        double sd = sqrt((double)scene->noise_a + (double)scene->noise_b * (double)clean->rgb[at]);
        light->rgb[at] = clean->rgb[at];
        if (scene->noise_b > 0)
            light->rgb[at] += (float)(sd * rng_normal(&rng));
    }
}

MUST_CHECK static inline bool truth_new(Arena *arena, const Scene *scene, int level, Truth *truth,
                                        Err *err)
{
    size_t pixels = (size_t)scene->width_px * (size_t)scene->height_px;
    *truth = (Truth){.camera = scene_camera(scene)};
    if (!head_topology_new(arena, level, &truth->topology, err) ||
        !image_new_f(arena, scene->width_px, scene->height_px, &truth->light, err) ||
        !image_new_f(arena, scene->width_px, scene->height_px, &truth->clean, err))
        return false;
    double *radius_mm = ARENA_NEW(arena, double, (size_t)truth->topology.vertex_count);
    truth->within = ARENA_NEW(arena, float, pixels);
    truth->hair = ARENA_NEW(arena, uint8_t, pixels);
    if (radius_mm == NULL || truth->within == NULL || truth->hair == NULL)
        return err_set(err, ERR_LIMIT, "no room for a ball");
    for (int i = 0; i < truth->topology.vertex_count; i++)
        radius_mm[i] = BALL_MM;
    for (int y = 0; y < scene->height_px; y++) {
        for (int x = 0; x < scene->width_px; x++) {
            ptrdiff_t at = (ptrdiff_t)y * scene->width_px + x;
            scene_pixel(scene, &truth->camera, x, y, &truth->clean.rgb[3 * at], &truth->within[at],
                        &truth->hair[at]);
        }
        scene_noise(scene, y, &truth->clean, &truth->light);
    }
    truth->quality.blur_px = 0.9;
    for (int k = 0; k < 3; k++)
        truth->quality.noise_a[k] = (double)scene->noise_a,
        truth->quality.noise_b[k] = (double)scene->noise_b;
    return head_new(arena, &truth->topology, radius_mm, &truth->head, err);
}

/* A mark on the canvas, at millimetres right of and below its vertex (along the tangent plane). */
static inline LookMark ball_mark(double right_mm, double below_mm, const SkinLook *look)
{
    Vec3 n = vec_normalize(vec3(right_mm, BALL_MM, below_mm));
    return (LookMark){.position_mm = vec_madd(HEAD_CENTRE_MM, BALL_MM, n),
                      .normal = n,
                      .look = *look,
                      .fresh = true};
}

#endif
