/* photo_quality_bench: how well blur and noise are found, by condition; time at 12 Mpx. */
#include "camera/photo_truth.h"

#include <stdio.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef enum Condition { PLAIN, NOISY, JPEG_85, JPEG_70, S_CURVE, SHARPENED, CONDITIONS } Condition;
static const char *const condition_name[CONDITIONS] = {"8 bits",  "noise 2 %",   "JPEG 85",
                                                       "JPEG 70", "S-curve 0.3", "sharpened"};

static bool through_jpeg(TruthBench *bench, int quality)
{
    PhotoExport export = photo_export_default();
    size_t size;
    uint8_t *bytes;
    export.quality = quality;
    if (!photo_encode(&bench->arena, &bench->arena, &bench->photo.light, &export, &size, &bytes,
                      &bench->err))
        return false;
    return photo_decode(&bench->arena, photo_limits_default(), size, bytes, &bench->photo,
                        &bench->err);
}

/* The tone curve of phones over sRGB codes, as card_truth.h has it. */
static void bend_tone(ImageF *light, double strength)
{
    const double turn = 2.0 * 3.14159265358979323846;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)3 * light->width_px * light->height_px; i++) {
        double code = (double)color_srgb_encode(light->rgb[i]);
        code -= strength * sin(turn * code) / turn;
        light->rgb[i] = color_srgb_decode((float)code);
    }
}

/* Half of what a blur of 1 px took away is put on top: phones' sharpening. */
static void sharpen(TruthBench *bench)
{
    static float grey[TILE * TILE];
    float *rgb = bench->photo.light.rgb;
    for (int i = 0; i < TILE * TILE; i++)
        grey[i] = rgb[3 * i];
    truth_blur_lines(TILE, TILE, TILE, 1, 1.0, grey);
    truth_blur_lines(TILE, 1, TILE, TILE, 1.0, grey);
    for (int i = 0; i < 3 * TILE * TILE; i++)
        rgb[i] += 0.5f * (rgb[i] - grey[i / 3]);
}

/* Greatest error of blur over turns of the card. */
static bool blur_error(TruthBench *bench, double sigma, Condition condition, double *worst)
{
    *worst = 0.0;
    for (int turn = 0; turn < 4; turn++) {
        const double both[2] = {sigma, sigma};
        size_t mark = arena_mark(&bench->arena);
        ImageF own = bench->photo.light;
        truth_draw_edge(bench, 0.2 * turn - 0.2, both, condition == NOISY ? 0.02 : 0.003);
        bool ok = true;
        if (condition == JPEG_85 || condition == JPEG_70)
            ok = through_jpeg(bench, condition == JPEG_85 ? 85 : 70);
        if (condition == S_CURVE)
            bend_tone(&bench->photo.light, 0.3);
        if (condition == SHARPENED)
            sharpen(bench);
        ok = ok && photo_quality(&bench->arena, &bench->photo, bench->sight, NULL, &bench->quality,
                                 &bench->err);
        bench->photo.light = own;
        arena_rewind(&bench->arena, mark);
        if (!ok)
            return false;
        double off = bench->quality.blur_px / sigma - 1.0;
        *worst = fabs(off) > fabs(*worst) ? off : *worst;
    }
    return true;
}

static bool print_blur(Err *err)
{
    static const double sigma[] = {0.5, 0.8, 1.3, 2.0, 3.0};
    TruthBench bench;
    bool ok = truth_bench_open(&bench, TILE, TILE) &&
              marker_make(MARKER_CLOSE, 5, &bench.sight->marker, &bench.err);
    printf("blur by a slanted edge, worst error of four turns of the card, %%\n%-12s", "sigma, px");
    for (int i = 0; i < 5; i++)
        printf("%7.1f", sigma[i]);
    for (int condition = 0; condition < CONDITIONS && ok; condition++) {
        printf("\n%-12s", condition_name[condition]);
        for (int i = 0; i < 5 && ok; i++) {
            double worst;
            ok = blur_error(&bench, sigma[i], (Condition)condition, &worst);
            printf("%+7.1f", 100.0 * worst);
        }
    }
    printf("\n\n");
    *err = bench.err;
    arena_close(&bench.arena);
    return ok;
}

/* Of standard deviations at 0.1 .. 0.5 of white, worst channel. */
static double noise_error(const TruthPicture *picture, const PhotoQuality *quality)
{
    double worst = 0.0;
    for (int i = 0; i < 15; i++) {
        int c = i % 3;
        double light = 0.1 * (1 + i / 3);
        double want = sqrt(picture->a[c] + picture->b[c] * light);
        double off = sqrt(quality->noise_a[c] + quality->noise_b[c] * light) / want - 1.0;
        worst = fabs(off) > fabs(worst) ? off : worst;
    }
    return worst;
}

static bool print_pictures(Err *err)
{
    static const struct {
        double b, grain;
        int jpeg; /* 0: none */
    } cases[] = {{1e-4, 0, 0},    {4e-4, 0, 0},    {1e-4, 0.7, 0},  {4e-4, 1.2, 0},
                 {1e-4, 0.7, 92}, {4e-4, 0.7, 92}, {4e-4, 0.7, 85}, {4e-4, 0, 85}};
    TruthBench bench;
    bool ok = truth_bench_open(&bench, WIDE, TALL);
    printf("without a marker: discs, hairs in one half, the lower half out of focus by 3 px\n"
           "variance  grain  JPEG   blur 1.0 px found  noise, worst  grain found\n");
    ImageF own = bench.photo.light;
    for (size_t i = 0; i < sizeof cases / sizeof *cases && ok; i++) {
        double b = cases[i].b;
        TruthPicture picture = {1.0, {1e-6, 1e-6, 1e-6}, {b, b, b}, cases[i].grain, true, true,
                                true};
        size_t mark = arena_mark(&bench.arena);
        bench.photo.light = own;
        bench.photo.facts.bits = 8;
        truth_draw_scene(&picture, &bench.photo.light);
        ok = (cases[i].jpeg == 0 || through_jpeg(&bench, cases[i].jpeg)) &&
             photo_quality(&bench.arena, &bench.photo, NULL, NULL, &bench.quality, &bench.err);
        printf("%.0e L   %4.1f   %4d   %17.2f  %+10.0f %%  %11.2f\n", b, cases[i].grain,
               cases[i].jpeg, bench.quality.blur_px, 100.0 * noise_error(&picture, &bench.quality),
               bench.quality.noise_sigma_px);
        arena_rewind(&bench.arena, mark);
    }
    *err = bench.err;
    arena_close(&bench.arena);
    return ok;
}

enum { BIG_WIDE = 4032, BIG_TALL = 3024 };

/* The small picture side by side, as 12 Mpx. */
static bool print_time(Err *err)
{
    TruthBench small, big;
    TruthPicture picture = {1.0, {1e-6, 1e-6, 1e-6}, {1e-4, 1e-4, 1e-4}, 0.7, true, true, true};
    if (!truth_bench_open(&small, WIDE, TALL) || !truth_bench_open(&big, BIG_WIDE, BIG_TALL)) {
        *err = small.err;
        return false;
    }
    truth_draw_scene(&picture, &small.photo.light);
    for (int y = 0; y < BIG_TALL; y++)
        for (int x = 0; x < BIG_WIDE; x++)
            memcpy(big.photo.light.rgb + 3 * ((ptrdiff_t)y * BIG_WIDE + x),
                   small.photo.light.rgb + 3 * ((ptrdiff_t)(y % TALL) * WIDE + x % WIDE),
                   3 * sizeof(float));
    big.photo.facts.bits = 8;
    double best = 1e9;
    bool ok = true;
    for (int round = 0; round < 3 && ok; round++) {
        double begin = now_s();
        ok = photo_quality(&big.arena, &big.photo, NULL, NULL, &big.quality, &big.err);
        best = fmin(best, now_s() - begin);
    }
    printf("\nphoto_quality, %d x %d without a marker: %.0f ms\n", BIG_WIDE, BIG_TALL, 1e3 * best);
    *err = big.err;
    arena_close(&small.arena);
    arena_close(&big.arena);
    return ok;
}

int main(void)
{
    Err err;
    bool ok = print_blur(&err) && print_pictures(&err) && print_time(&err);
    if (!ok)
        fprintf(stderr, "photo_quality_bench: %s\n", err.text);
    return ok ? 0 : 1;
}
