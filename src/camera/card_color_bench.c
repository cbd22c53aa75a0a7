/* card_color_bench: how well a close-up card gives back colours, by light and camera; times. */
#include "camera/card_truth.h"

#include <stdio.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { SIDE = 900 };

/* 10 px/mm, turned by 8 degrees and tilted. */
static const double homography[9] = {9.9, -1.39, 450, 1.39, 9.9, 450, 0.0006, -0.0009, 1};

static bool one(Arena *arena, MarkerSight *sight, int light_at, int camera_at, Err *err)
{
    TruthLight light = truth_light(light_at);
    TruthCamera camera = truth_camera(camera_at);
    TruthScene scene = {.marker = &sight->marker,
                        .homography = homography,
                        .camera = &camera,
                        .light = &light,
                        .skin = 2,
                        .lit = {{0.9, 0.15, -0.10}, {0.9, 0.15, -0.10}, {0.9, 0.15, -0.10}},
                        .noise_b = 2e-4,
                        .seed = 7};
    TruthInks inks;
    truth_inks(&scene, &inks);
    ImageF photo;
    size_t mark = arena_mark(arena);
    if (!image_new_f(arena, SIDE, SIDE, &photo, err))
        return false;
    truth_render(&scene, &inks, &photo);
    CardColor color;
    double begin = now_s();
    bool ok = card_color_fit(arena, &photo, sight, NULL, &color, err);
    double took = now_s() - begin;
    arena_rewind(arena, mark);
    if (!ok)
        return false;
    double before = 0.0, truth = 0.0;
    for (int i = 0; i < color.patch_count; i++)
        truth += color_delta_e2000(color.patch_seen[i], inks.lab[i]) / color.patch_count;
    printf(
        "%-9s %s  mean %.2f max %.2f truth %.2f tint %.3f uneven %.3f field %.2f fit %.1f ms dots",
        light.name, camera.name, color.mean_delta_e, color.max_delta_e, truth, color.rim_tint,
        color.two_lights, color.field_share, 1e3 * took);
    (void)before;
    double mean = 0;
    for (int skin = 0; skin < TRUTH_SKINS; skin++) {
        double e = truth_dot_error(&color, &scene, skin, 450, 450, SIDE);
        mean += e / TRUTH_SKINS;
        printf(" %.2f", e);
    }
    printf(" mean %.2f\n", mean);
    return true;
}

int main(void)
{
    Arena arena;
    Err err;
    if (!arena_open(&arena, (size_t)1 << 30, &err))
        return 1;
    MarkerSight *sight = ARENA_NEW(&arena, MarkerSight, 1);
    if (sight == NULL || !marker_make(MARKER_CLOSE, 7, &sight->marker, &err))
        return 1;
    memcpy(sight->homography, homography, sizeof homography);
    for (int light = 0; light < TRUTH_LIGHTS; light++)
        for (int camera = 0; camera < TRUTH_CAMERAS; camera++)
            if (!one(&arena, sight, light, camera, &err))
                printf("light %d camera %d: %s\n", light, camera, err.text);
    arena_close(&arena);
    return 0;
}
