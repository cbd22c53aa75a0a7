#include "base/rng.h"
#include "base/test.h"
#include "camera/card_color.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- pictures with known blur and noise ---- */

typedef struct Bench {
    Arena arena;
    Photo photo;
    MarkerSight *sight;
    PhotoQuality quality;
    Err err;
} Bench;

static bool bench_open(Bench *bench, int width, int height)
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
static void blur_lines(int lines, int line_step, int length, int step, double sigma, float value[])
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
static void draw_edge(Bench *bench, double turn_rad, const double sigma[2], double noise)
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
    blur_lines(side, side, side, 1, sigma[0] * FINE, fine);
    blur_lines(side, 1, side, side, sigma[1] * FINE, fine);
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

TEST(blur_of_a_slanted_edge_is_found_within_5_percent)
{
    Bench bench;
    REQUIRE(bench_open(&bench, TILE, TILE));
    REQUIRE(marker_make(MARKER_CLOSE, 5, &bench.sight->marker, &bench.err));
    static const double sigma[] = {0.5, 0.8, 1.3, 2.0, 3.0};
    for (int i = 0; i < 5; i++) {
        draw_edge(&bench, 0.1 * i - 0.12, (double[2]){sigma[i], sigma[i]}, 0.005);
        REQUIRE(photo_quality(&bench.arena, &bench.photo, bench.sight, NULL, &bench.quality,
                              &bench.err));
        CHECK(bench.quality.from_edge);
        CHECK_NEAR(bench.quality.blur_px / sigma[i], 1.0, 0.05);
        CHECK(bench.quality.blur_anisotropy < 1.05);
    }
    arena_close(&bench.arena);
}

TEST(motion_shows_as_anisotropy)
{
    Bench bench;
    REQUIRE(bench_open(&bench, TILE, TILE));
    REQUIRE(marker_make(MARKER_CLOSE, 5, &bench.sight->marker, &bench.err));
    draw_edge(&bench, 0.0, (double[2]){2.4, 1.0}, 0.005);
    REQUIRE(
        photo_quality(&bench.arena, &bench.photo, bench.sight, NULL, &bench.quality, &bench.err));
    CHECK_NEAR(bench.quality.blur_anisotropy, 2.4, 0.1);
    CHECK_NEAR(bench.quality.blur_px, sqrt(0.5 * (2.4 * 2.4 + 1.0)), 0.1);
    arena_close(&bench.arena);
}

/* As a selfie camera shows it: the picture and the homography turned about. */
TEST(a_mirrored_marker_gives_the_same_blur)
{
    Bench bench;
    REQUIRE(bench_open(&bench, TILE, TILE));
    REQUIRE(marker_make(MARKER_CLOSE, 5, &bench.sight->marker, &bench.err));
    draw_edge(&bench, 0.05, (double[2]){1.2, 1.2}, 0.005);
    float *rgb = bench.photo.light.rgb;
    for (int y = 0; y < TILE; y++)
        for (int x = 0; x < TILE / 2; x++)
            for (int c = 0; c < 3; c++) {
                float *a = &rgb[3 * (y * TILE + x) + c],
                      *b = &rgb[3 * (y * TILE + TILE - 1 - x) + c];
                float swap = *a;
                *a = *b, *b = swap;
            }
    for (int k = 0; k < 3; k++)
        bench.sight->homography[k] =
            TILE * bench.sight->homography[6 + k] - bench.sight->homography[k];
    bench.sight->faults = SIGHT_MIRRORED;
    REQUIRE(
        photo_quality(&bench.arena, &bench.photo, bench.sight, NULL, &bench.quality, &bench.err));
    CHECK(bench.quality.from_edge);
    CHECK_NEAR(bench.quality.blur_px, 1.2, 0.06);
    arena_close(&bench.arena);
}

/* ---- without a marker ---- */

enum { WIDE = 720, TALL = 540 };

typedef struct Scene {
    double blur_px;           /* of the sharp half; the lower half is out of focus by 3 px more */
    double a[3], b[3], grain; /* variance of light, blur of the noise */
    bool discs, hairs, rounded;
} Scene;

/* Share of a disc's step at a distance from its rim, blurred. */
static double disc_at(double x, double y, double sigma)
{
    double cell_x = floor(x / 90.0) * 90.0 + 45.0, cell_y = floor(y / 90.0) * 90.0 + 45.0;
    return 0.5 * erfc((hypot(x - cell_x, y - cell_y) - 30.0) / (sigma * sqrt(2.0)));
}

static double hair_at(double x, double y, double sigma)
{
    double off = fmod(x + 0.3 * y, 23.0) - 11.5;
    double wide = hypot(sigma, 0.8);
    return 0.6 * exp(-0.5 * off * off / (wide * wide)) * 0.8 / wide;
}

/* White noise of unit variance, blurred by a sampled Gaussian, into field. */
static void make_grain(double sigma, uint64_t seed, float field[WIDE * TALL])
{
    Rng rng = rng_make(seed, 1);
    double square = 0.0;
    for (int i = 0; i < WIDE * TALL; i++)
        field[i] = (float)rng_normal(&rng);
    blur_lines(TALL, WIDE, WIDE, 1, sigma, field);
    blur_lines(WIDE, 1, TALL, WIDE, sigma, field);
    for (int i = 0; i < WIDE * TALL; i++)
        square += (double)(field[i] * field[i]) / (WIDE * TALL);
    for (int i = 0; i < WIDE * TALL; i++)
        field[i] = (float)((double)field[i] / sqrt(square));
}

static double scene_light(const Scene *scene, int x, int y)
{
    double sigma = y < TALL / 2 ? scene->blur_px : hypot(scene->blur_px, 3.0);
    sigma = hypot(sigma, sqrt(1.0 / 12.0)); /* the pixel's square */
    double light = 0.08 + 0.5 * x / WIDE + 0.05 * y / TALL;
    if (scene->discs)
        light *= 1.0 - 0.7 * disc_at(x + 0.5, y + 0.5, sigma);
    if (scene->hairs && x > WIDE / 2)
        light *= 1.0 - hair_at(x + 0.5, y + 0.5, sigma);
    return light;
}

static void draw_scene(const Scene *scene, ImageF *light)
{
    static float grain[WIDE * TALL], clean[WIDE * TALL];
    for (int i = 0; i < WIDE * TALL; i++)
        clean[i] = (float)scene_light(scene, i % WIDE, i / WIDE);
    for (int c = 0; c < 3; c++) {
        make_grain(scene->grain, 100 + (uint64_t)c, grain);
        for (int i = 0; i < WIDE * TALL; i++) {
            double here = (double)clean[i];
            double noisy = here + sqrt(scene->a[c] + scene->b[c] * here) * (double)grain[i];
            float code = color_srgb_encode((float)fmax(noisy, 0.0));
            code = scene->rounded ? floorf(code * 255.0f + 0.5f) / 255.0f : code;
            light->rgb[3 * i + c] = color_srgb_decode(code);
        }
    }
}

TEST(noise_is_found_within_15_percent_beside_discs_and_hairs)
{
    static const Scene scene[] = {
        {1.0, {2e-6, 1e-6, 4e-6}, {3e-4, 2e-4, 5e-4}, 0.0, true, true, true},
        {1.0, {1e-6, 1e-6, 2e-6}, {1e-4, 8e-5, 2e-4}, 0.7, true, true, true},
        {1.5, {1e-5, 1e-5, 1e-5}, {4e-4, 4e-4, 4e-4}, 1.2, true, false, true},
        {1.0, {0, 0, 0}, {2e-4, 2e-4, 2e-4}, 0.5, false, false, false}};
    Bench bench;
    REQUIRE(bench_open(&bench, WIDE, TALL));
    for (int i = 0; i < 4; i++) {
        draw_scene(&scene[i], &bench.photo.light);
        bench.photo.facts.bits = scene[i].rounded ? 8 : 16;
        PhotoQuality *quality = &bench.quality;
        memset(quality, 0, sizeof *quality);
        bool ok = photo_quality(&bench.arena, &bench.photo, NULL, NULL, quality, &bench.err);
        CHECK(ok == scene[i].discs); /* no edge, no blur */
        for (int c = 0; c < 3 && ok; c++) {
            for (int step = 1; step <= 5; step++) {
                double light = 0.1 * step;
                double want = sqrt(scene[i].a[c] + scene[i].b[c] * light);
                double got = sqrt(quality->noise_a[c] + quality->noise_b[c] * light);
                CHECK_NEAR(got / want, 1.0, 0.15);
            }
        }
        if (ok)
            CHECK_NEAR(quality->noise_sigma_px, scene[i].grain, 0.15);
    }
    arena_close(&bench.arena);
}

TEST(without_a_marker_the_sharp_half_of_a_picture_tells_its_blur)
{
    static const double blur[] = {0.7, 1.0, 1.6, 2.5};
    Bench bench;
    REQUIRE(bench_open(&bench, WIDE, TALL));
    bench.photo.facts.bits = 8;
    for (int i = 0; i < 4; i++) {
        Scene scene = {blur[i], {1e-6, 1e-6, 1e-6}, {1e-4, 1e-4, 1e-4}, 0.5, true, true, true};
        draw_scene(&scene, &bench.photo.light);
        REQUIRE(photo_quality(&bench.arena, &bench.photo, NULL, NULL, &bench.quality, &bench.err));
        CHECK(!bench.quality.from_edge);
        CHECK_NEAR(bench.quality.blur_px / blur[i], 1.0, 0.15);
    }
    arena_close(&bench.arena);
}

TEST(clipped_pixels_are_counted_in_the_region_alone)
{
    Bench bench;
    REQUIRE(bench_open(&bench, WIDE, TALL));
    bench.photo.facts.bits = 8;
    Scene scene = {1.0, {1e-6, 1e-6, 1e-6}, {1e-4, 1e-4, 1e-4}, 0.5, true, false, true};
    draw_scene(&scene, &bench.photo.light);
    uint8_t *region = ARENA_NEW(&bench.arena, uint8_t, WIDE * TALL);
    REQUIRE(region != NULL);
    for (int i = 0; i < WIDE * TALL; i++) {
        region[i] = i / WIDE < TALL / 2;
        if (i % WIDE < WIDE / 10)
            bench.photo.light.rgb[3 * i] = 1.0f; /* one channel will do */
        if (i / WIDE >= TALL / 2)
            bench.photo.light.rgb[3 * i] = 1.0f;
    }
    REQUIRE(photo_quality(&bench.arena, &bench.photo, NULL, region, &bench.quality, &bench.err));
    CHECK_NEAR(bench.quality.clipped_share, 0.1, 1e-6);
    REQUIRE(photo_quality(&bench.arena, &bench.photo, NULL, NULL, &bench.quality, &bench.err));
    CHECK_NEAR(bench.quality.clipped_share, 0.55, 1e-6);
    arena_close(&bench.arena);
}

TEST(a_plain_wall_has_no_blur_to_tell_and_says_so)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 200, 200));
    for (int i = 0; i < 3 * 200 * 200; i++)
        bench.photo.light.rgb[i] = 0.4f;
    CHECK(!photo_quality(&bench.arena, &bench.photo, NULL, NULL, &bench.quality, &bench.err));
    CHECK(bench.err.code == ERR_INPUT && strstr(bench.err.text, "clear edges") != NULL);
    arena_close(&bench.arena);
}

TEST(quality_with_any_smaller_arena_is_a_clean_limit)
{
    Bench bench;
    REQUIRE(bench_open(&bench, WIDE, TALL));
    Scene scene = {1.0, {1e-6, 1e-6, 1e-6}, {1e-4, 1e-4, 1e-4}, 0.5, true, false, true};
    draw_scene(&scene, &bench.photo.light);
    int limits = 0;
    for (size_t room = 1 << 10; room < 4 << 20; room *= 2) {
        Arena small = bench.arena;
        small.limit = bench.arena.used + room;
        bool ok = photo_quality(&small, &bench.photo, NULL, NULL, &bench.quality, &bench.err);
        CHECK(ok || bench.err.code == ERR_LIMIT);
        limits += !ok;
    }
    CHECK(limits > 0 && limits < 12);
    arena_close(&bench.arena);
}
