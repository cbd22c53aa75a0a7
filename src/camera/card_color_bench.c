/* card_color_bench: what a card's correction leaves, by light and camera; what blur and noise are
 * found; times at 12 Mpx.
 *
 * dots: of the ratio dot / skin (truth_dot_error), six skins, mean and worst. */
#include "camera/card_truth.h"

#include <stdio.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { SIDE = 900, WIDE = 4032, TALL = 3024, ROUNDS = 5 };

/* 10 px/mm, turned by 8 degrees and tilted. */
static const double homography[9] = {9.9, -1.39, 450, 1.39, 9.9, 450, 0.0006, -0.0009, 1};

typedef struct Bench {
    Arena arena;
    MarkerSight *sight;
    double patch_sum, dot_sum, strong_sum, dot_worst;
    int count;
    double fit_s;
    CardColor color; /* the last one */
} Bench;

/* Of the bare skin itself: print and skin of one colour part under another light than daylight. */
static double skin_error(const Bench *bench, const TruthScene *scene, const double px[2])
{
    double sum = 0.0, lit[3];
    truth_lit(scene, px[0] / SIDE, px[1] / SIDE, lit);
    for (int skin = 0; skin < TRUTH_SKINS; skin++) {
        Spectrum bare = truth_dotted(skin, TRUTH_BARE);
        Rgb seen = truth_seen(scene->camera, scene->light, &bare, lit);
        Lab got = color_to_lab(card_color_at(&bench->color, seen, px[0], px[1], SIDE));
        sum += color_delta_e2000(got, spectrum_lab(&bare, SPECTRUM_D65)) / TRUTH_SKINS;
    }
    return sum;
}

static void print_dots(Bench *bench, const TruthScene *scene)
{
    static const double middle[2] = {450, 450};
    double mean[TRUTH_DOTS] = {0}, worst = -1.0;
    int worst_skin = 0;
    for (int skin = 0; skin < TRUTH_SKINS; skin++) {
        for (int dot = 0; dot < TRUTH_DOTS; dot++) {
            double off = truth_dot_error(&bench->color, scene, skin, (TruthDot)dot, middle, SIDE);
            mean[dot] += off / TRUTH_SKINS;
            if (dot == TRUTH_ORDINARY && off > worst)
                worst = off, worst_skin = skin;
        }
    }
    printf("%7.2f %6.2f (ITA %3.0f) %7.2f %8.2f\n", mean[TRUTH_ORDINARY], worst,
           truth_skin[worst_skin].ita_deg, mean[TRUTH_STRONG], skin_error(bench, scene, middle));
    bench->dot_sum += mean[TRUTH_ORDINARY], bench->strong_sum += mean[TRUTH_STRONG];
    bench->dot_worst = fmax(bench->dot_worst, worst);
}

static bool one(Bench *bench, int light_at, int camera_at, Err *err)
{
    TruthLight light = truth_light(light_at);
    TruthCamera camera = truth_camera(camera_at);
    TruthScene scene = {.sight = bench->sight,
                        .camera = &camera,
                        .light = &light,
                        .skin = 2,
                        .lit = {{0.9, 0.15, -0.10}, {0.9, 0.15, -0.10}, {0.9, 0.15, -0.10}},
                        .noise_b = 2e-4,
                        .seed = 7};
    TruthInks inks;
    ImageF photo;
    truth_inks(&scene, &inks);
    size_t mark = arena_mark(&bench->arena);
    if (!image_new_f(&bench->arena, SIDE, SIDE, &photo, err))
        return false;
    truth_render(&scene, &inks, &photo);
    CardColor *color = &bench->color;
    double begin = now_s();
    bool ok = card_color_fit(&bench->arena, &photo, bench->sight, NULL, color, err);
    bench->fit_s += now_s() - begin;
    arena_rewind(&bench->arena, mark);
    if (!ok)
        return false;
    printf("%-9s %-6s %6.2f %6.2f", light.name, camera.name, color->mean_delta_e,
           color->max_delta_e);
    bench->patch_sum += color->mean_delta_e, bench->count++;
    print_dots(bench, &scene);
    return true;
}

static bool time_apply(Bench *bench, Err *err)
{
    ImageF photo;
    if (!image_new_f(&bench->arena, WIDE, TALL, &photo, err))
        return false;
    ptrdiff_t count = (ptrdiff_t)3 * WIDE * TALL;
    double best[2] = {1e9, 1e9};
    for (int round = 0; round < 2 * ROUNDS; round++) {
        for (ptrdiff_t i = 0; i < count; i++)
            photo.rgb[i] = (float)(i % 1000) * 0.001f;
        double begin = now_s();
        card_color_apply(&bench->color, &photo, 1 + round % 2);
        best[round % 2] = fmin(best[round % 2], now_s() - begin);
    }
    printf("apply, %d x %d: one thread %.0f ms (%.0f Mpx/s), two %.0f ms\n", WIDE, TALL,
           1e3 * best[0], 1e-6 * WIDE * TALL / best[0], 1e3 * best[1]);
    return true;
}

static bool run(Bench *bench, Err *err)
{
    bench->sight = ARENA_NEW(&bench->arena, MarkerSight, 1);
    if (bench->sight == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    if (!marker_make(MARKER_CLOSE, 7, &bench->sight->marker, err))
        return false;
    memcpy(bench->sight->homography, homography, sizeof homography);
    bench->sight->camera.lens = (Lens){SIDE, SIDE, 1100, 0.5 * SIDE, 0.5 * SIDE, 0};
    printf("                  patches        dots, ordinary           strong\n"
           "light     camera   mean    max    mean  worst             mean     skin (CIEDE2000)\n");
    for (int light = 0; light < TRUTH_LIGHTS; light++)
        for (int camera = 0; camera < TRUTH_CAMERAS; camera++)
            if (!one(bench, light, camera, err))
                return false;
    printf("all              %6.2f        %7.2f %6.2f           %7.2f\n",
           bench->patch_sum / bench->count, bench->dot_sum / bench->count, bench->dot_worst,
           bench->strong_sum / bench->count);
    printf("fit of a close-up card at 10 px/mm: %.1f ms\n", 1e3 * bench->fit_s / bench->count);
    return time_apply(bench, err);
}

int main(void)
{
    static Bench bench;
    Err err;
    bool ok = arena_open(&bench.arena, (size_t)1 << 30, &err) && run(&bench, &err);
    if (!ok)
        fprintf(stderr, "card_color_bench: %s\n", err.text);
    arena_close(&bench.arena);
    return ok ? 0 : 1;
}
