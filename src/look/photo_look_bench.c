/* The plan on a photograph of 12 Mpx: what is made once, then 27,000 dots on a ball that fills the
 * frame, drawn at 7 and 12 px/mm by one thread. Splat: the marks' transmittance, tile by tile;
 * composite: the rest of look_photo_draw. CPU time of the best of several, as the machine is
 * shared.
 */
#include "photo_internal.h"
#include "photo_truth.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MARKS = 27000, ROUNDS = 9 };

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static const SkinLook dot = {.area_mm2 = {0.162F, 0.062F, 0.050F}, /* 0.35 mm, 0.3 mm deep */
                             .core_mm = 0.35F,
                             .core_sigma_mm = 0.148F,
                             .core_share = {0.24F, 0.52F, 0.56F},
                             .halo_sigma_mm = 0.6F};

/* A spiral over the upper half: 53 marks per cm2. */
static LookMark spiral_mark(int i)
{
    double y = 1 - (i + 0.5) / MARKS, turn = i * 2.39996322972865332, r = sqrt(1 - y * y);
    Vec3 n = vec3(r * sin(turn), y, r * cos(turn));
    return (LookMark){.position_mm = vec_madd(HEAD_CENTRE_MM, BALL_MM, n),
                      .normal = n,
                      .look = dot,
                      .fresh = true};
}

/* All that look_photo_draw does but for the light itself. */
static bool splat(Arena *scratch, const LookPhoto *photo, const LookState *state, LookDraw *draw,
                  int *touched, Err *err)
{
    static Through through;
    size_t mark = arena_mark(scratch);
    Ink ink;
    if (!look_ink_new(scratch, &photo->plate, photo->profiles, state, 1, &ink, err))
        return false;
    ink.draw = draw;
    *touched = 0;
    for (int row = 0; row < ink.rows; row++)
        for (int column = 0; column < ink.columns; column++)
            *touched += look_ink_tile(&ink, column, row, &through);
    arena_rewind(scratch, mark);
    return true;
}

static bool bench_state(Arena *scratch, const LookPhoto *photo, const LookState *state,
                        const char *name, ImageF *out, Err *err)
{
    double plain = HUGE_VAL, best = HUGE_VAL, all = HUGE_VAL;
    int touched = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double t0 = cpu_ms();
        if (!splat(scratch, photo, state, look_draw_plain, &touched, err))
            return false;
        double t1 = cpu_ms();
        if (!splat(scratch, photo, state, look_draw_best(), &touched, err))
            return false;
        double t2 = cpu_ms();
        if (!look_photo_draw(scratch, photo, state, out, err))
            return false;
        double t3 = cpu_ms();
        plain = fmin(plain, t1 - t0), best = fmin(best, t2 - t1), all = fmin(all, t3 - t2);
    }
    double mpx = 1e-6 * touched * TILE_WIDTH * TILE_HEIGHT;
    printf("  %-16s splat %5.1f ms (plain loop %5.1f), composite %5.1f ms, %.2f Mpx touched\n",
           name, best, plain, all - best, mpx);
    return true;
}

static bool bench_scale(Arena *arena, Arena *scratch, const LookMark *mark, double px_per_mm,
                        Err *err)
{
    size_t before = arena_mark(arena);
    Scene scene = scene_default();
    scene.width_px = 4000, scene.height_px = 3000;
    scene.px_per_mm = px_per_mm;
    scene.shine = 0.3F, scene.noise_b = 1e-4F;
    Truth *truth = ARENA_NEW(arena, Truth, 1);
    ImageF out;
    LookPhoto *photo;
    if (truth == NULL || !truth_new(arena, &scene, HEAD_LEVEL, truth, err) ||
        !image_new_f(arena, scene.width_px, scene.height_px, &out, err))
        return false;
    LookPhotoParams params = look_photo_default();
    params.quality = &truth->quality;
    double made = HUGE_VAL;
    for (int i = 0; i < 3; i++) {
        double start = cpu_ms();
        if (!look_photo_new(arena, scratch, &truth->light, &truth->camera, &truth->head, &params,
                            &photo, err))
            return false;
        made = fmin(made, cpu_ms() - start);
    }
    memcpy(out.rgb, truth->light.rgb, 3 * sizeof(float) * 12000000);
    double part = 1e-6 * photo->part.width * photo->part.height;
    printf("%4.1f px/mm: look_photo_new %.0f ms, %.1f Mpx of canvas, %.1f Mpx/s\n", px_per_mm, made,
           part, 1e3 * part / made);
    const LookState state[2] = {{MARKS, mark, {0}}, {MARKS, mark, {0.02F, 0.22F, 0.145F}}};
    bool ok = bench_state(scratch, photo, &state[0], "27,000 dots", &out, err) &&
              bench_state(scratch, photo, &state[1], "and their flush", &out, err);
    arena_rewind(arena, before);
    return ok;
}

int main(void)
{
    Arena arena, scratch;
    Err err = {0};
    LookMark *mark = NULL;
    bool ok = arena_open(&arena, (size_t)2 << 30, &err) &&
              arena_open(&scratch, (size_t)1 << 30, &err) &&
              (mark = ARENA_NEW(&arena, LookMark, MARKS)) != NULL;
    for (int i = 0; ok && i < MARKS; i++)
        mark[i] = spiral_mark(i);
    if (!ok || !bench_scale(&arena, &scratch, mark, 7, &err) ||
        !bench_scale(&arena, &scratch, mark, 12, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    arena_close(&arena);
    arena_close(&scratch);
    return 0;
}
