/* photo_truth.h - pictures whose blur and noise are known: for the tests and the bench. */
#ifndef CAMERA_PHOTO_TRUTH_H
#define CAMERA_PHOTO_TRUTH_H

#include "base/rng.h"
#include "camera/card_color.h"

#include <math.h>
#include <string.h>

typedef struct TruthBench {
    Arena arena;
    Photo photo;
    MarkerSight *sight;
    PhotoQuality quality;
    Err err;
} TruthBench;

static inline bool truth_bench_open(TruthBench *bench, int width, int height)
{
    memset(bench, 0, sizeof *bench);
    if (!arena_open(&bench->arena, (size_t)512 << 20, &bench->err))
        return false;
    bench->sight = ARENA_NEW(&bench->arena, MarkerSight, 1);
    if (bench->sight != NULL)
        bench->sight->camera.lens = (Lens){width, height, width, 0.5 * width, 0.5 * height, 0};
    return bench->sight != NULL &&
           image_new_f(&bench->arena, width, height, &bench->photo.light, &bench->err);
}

/* Gaussian along rows (step 1) or columns (step width) of a grey picture. */
static inline void truth_blur_lines(int lines, int line_step, int length, int step, double sigma,
                                    float value[])
{
    static float line[4096], weight[256];
    int half = (int)ceil(5.0 * sigma);
    double sum = 0.0;
    for (int j = -half; j <= half && sigma > 0.0; j++)
        sum += exp(-0.5 * j * j / (sigma * sigma));
    for (int j = -half; j <= half && sigma > 0.0; j++)
        weight[j + half] = (float)(exp(-0.5 * j * j / (sigma * sigma)) / sum);
    for (int k = 0; k < lines && sigma > 0.0; k++) {
        float *at = value + (ptrdiff_t)k * line_step;
        for (int i = 0; i < length; i++)
            line[i] = at[(ptrdiff_t)i * step];
        for (int i = 0; i < length; i++) {
            float blurred = 0.0f;
            for (int j = -half; j <= half; j++)
                blurred += weight[j + half] * line[i + j < 0        ? 0
                                                   : i + j < length ? i + j
                                                                    : length - 1];
            at[(ptrdiff_t)i * step] = blurred;
        }
    }
}

enum { FINE = 4, TILE = 300 };

/* The part of a close-up card around its slanted box at 12 px/mm, from samples four times as fine,
 * blurred there, so that the blur is a Gaussian to the third digit. sigma: across x and y, px. */
static inline void truth_draw_edge(TruthBench *bench, double turn_rad, const double sigma[2],
                                   double noise)
{
    static float fine[TILE * FINE * TILE * FINE];
    const Marker *marker = &bench->sight->marker;
    double x_mm = marker->edge_mm[0], y_mm = 0.5 * (marker->edge_mm[1] + marker->edge_mm[3]);
    double scale = 12.0, c = scale * cos(turn_rad), s = scale * sin(turn_rad);
    double middle = 0.5 * TILE + 10.0;
    double h[9] = {c, -s, middle - c * x_mm + s * y_mm, s, c, middle - s * x_mm - c * y_mm, 0,
                   0, 1};
    memcpy(bench->sight->homography, h, sizeof h);
    int side = TILE * FINE;
    for (int i = 0; i < side * side; i++) {
        double mm[2];
        Rgb color = {1, 1, 1};
        camera_px_to_plane(h, (i % side + 0.5) / FINE, (i / side + 0.5) / FINE, mm);
        if (!marker_color_at(marker, mm[0], mm[1], 1.0 / (scale * FINE), &color))
            color.g = 0.3f;
        fine[i] = 0.02f + 0.7f * color.g;
    }
    truth_blur_lines(side, side, side, 1, sigma[0] * FINE, fine);
    truth_blur_lines(side, 1, side, side, sigma[1] * FINE, fine);
    for (int i = 0; i < TILE * TILE; i++) {
        Rng rng = rng_make(11, (uint64_t)i);
        double sum = 0.0;
        for (int k = 0; k < FINE * FINE; k++)
            sum += (double)fine[(i / TILE * FINE + k / FINE) * side + i % TILE * FINE + k % FINE];
        double light = sum / (FINE * FINE) + noise * rng_normal(&rng);
        float code = color_srgb_encode((float)fmax(light, 0.0));
        float value = color_srgb_decode(floorf(code * 255.0f + 0.5f) / 255.0f);
        for (int k = 0; k < 3; k++)
            bench->photo.light.rgb[3 * i + k] = value;
    }
}

/* ---- a picture without a marker ---- */

enum { WIDE = 720, TALL = 540 };

typedef struct TruthPicture {
    double blur_px;           /* of the sharp half; the lower half is out of focus by 3 px more */
    double a[3], b[3], grain; /* variance of light, blur of the noise */
    bool discs, hairs, rounded;
} TruthPicture;

/* Share of a disc's step at a distance from its rim, blurred. */
static inline double truth_disc(double x, double y, double sigma)
{
    double cell_x = floor(x / 90.0) * 90.0 + 45.0, cell_y = floor(y / 90.0) * 90.0 + 45.0;
    return 0.5 * erfc((hypot(x - cell_x, y - cell_y) - 30.0) / (sigma * sqrt(2.0)));
}

static inline double truth_hair(double x, double y, double sigma)
{
    double off = fmod(x + 0.3 * y, 23.0) - 11.5;
    double wide = hypot(sigma, 0.8);
    return 0.6 * exp(-0.5 * off * off / (wide * wide)) * 0.8 / wide;
}

/* White noise of unit variance, blurred by a sampled Gaussian, into field. */
static inline void truth_grain(double sigma, uint64_t seed, float field[WIDE * TALL])
{
    Rng rng = rng_make(seed, 1);
    double square = 0.0;
    for (int i = 0; i < WIDE * TALL; i++)
        field[i] = (float)rng_normal(&rng);
    truth_blur_lines(TALL, WIDE, WIDE, 1, sigma, field);
    truth_blur_lines(WIDE, 1, TALL, WIDE, sigma, field);
    for (int i = 0; i < WIDE * TALL; i++)
        square += (double)(field[i] * field[i]) / (WIDE * TALL);
    for (int i = 0; i < WIDE * TALL; i++)
        field[i] = (float)((double)field[i] / sqrt(square));
}

static inline double truth_scene_light(const TruthPicture *scene, int x, int y)
{
    double sigma = y < TALL / 2 ? scene->blur_px : hypot(scene->blur_px, 3.0);
    sigma = hypot(sigma, sqrt(1.0 / 12.0)); /* the pixel's square */
    double light = 0.08 + 0.5 * x / WIDE + 0.05 * y / TALL;
    if (scene->discs)
        light *= 1.0 - 0.7 * truth_disc(x + 0.5, y + 0.5, sigma);
    if (scene->hairs && x > WIDE / 2)
        light *= 1.0 - truth_hair(x + 0.5, y + 0.5, sigma);
    return light;
}

static inline void truth_draw_scene(const TruthPicture *scene, ImageF *light)
{
    static float grain[WIDE * TALL], clean[WIDE * TALL];
    for (int i = 0; i < WIDE * TALL; i++)
        clean[i] = (float)truth_scene_light(scene, i % WIDE, i / WIDE);
    for (int c = 0; c < 3; c++) {
        truth_grain(scene->grain, 100 + (uint64_t)c, grain);
        for (int i = 0; i < WIDE * TALL; i++) {
            double here = (double)clean[i];
            double noisy = here + sqrt(scene->a[c] + scene->b[c] * here) * (double)grain[i];
            float code = color_srgb_encode((float)fmax(noisy, 0.0));
            code = scene->rounded ? floorf(code * 255.0f + 0.5f) / 255.0f : code;
            light->rgb[3 * i + c] = color_srgb_decode(code);
        }
    }
}

#endif
