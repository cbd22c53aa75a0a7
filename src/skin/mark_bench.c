/* Time of one dot's spectrum, of a headful of dots, of their looks, and of making the table; beside
 * the whole profile interpolated for each dot, and beside one dot followed photon by photon. A peer
 * (voxel Monte Carlo) took 200 s per dot and wavelength for a contrast to 1 %. */
#include "skin/ageing.h"
#include "skin/mark_skin.h"

#include "base/embed.h"
#include "optics/direct.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const double peer_s = 200.0;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Dots as a plan has them: each its own diameter, depth and strength. */
static SkinMark own_dot(int i)
{
    return (SkinMark){0.2 + 0.002 * (i % 101), 0.2 + 0.003 * (i % 67), 2.0 + 0.1 * (i % 89),
                      SKIN_CARBON_SLOPE};
}

/* The same area from every ring, as one would without the sums that a skin's table keeps. */
static double area_of_profile(const SkinMarks *marks, SkinMark mark, Spectrum *area_mm2)
{
    SkinProfile profile = skin_mark_profile(marks, mark);
    for (int b = 0; b < SPECTRUM_BANDS; b++) {
        area_mm2->band[b] = 0.0;
        for (int r = 0; r < SKIN_RINGS; r++)
            area_mm2->band[b] += profile.contrast[b][r] * ring_area_mm2(&profile.ring_mm[r]);
    }
    return area_mm2->band[14];
}

static void bench_dots(const SkinMarks *marks)
{
    enum { DOTS = 50000, PROFILES = 5000 };
    double sum = 0.0, check = 0.0, from = now_s();
    for (int i = 0; i < DOTS; i++)
        sum += skin_mark_area(marks, own_dot(i)).band[14];
    double dots_s = now_s() - from;
    printf("%d dots, each its own diameter, depth and strength: %.3f s, %.2f us a spectrum, %.0f k "
           "spectra/s\n",
           DOTS, dots_s, 1e6 * dots_s / DOTS, 1e-3 * DOTS / dots_s);
    from = now_s();
    for (int i = 0; i < PROFILES; i++) {
        Spectrum area;
        check += area_of_profile(marks, own_dot(i), &area);
    }
    double profile_s = (now_s() - from) / PROFILES;
    printf("  through the whole profile: %.1f us, %.1f times as long (sums %.3f %.3f mm2)\n",
           1e6 * profile_s, profile_s * DOTS / dots_s, sum / DOTS, check / PROFILES);
}

/* Photons for a contrast known to 0.003, the wavelengths all like 540 nm. */
static void bench_direct(const SkinMarks *marks)
{
    const double wanted_sd = 0.003;
    const int photons = 20000;
    SkinMark mark = {0.3, 0.3, 10.0, SKIN_CARBON_SLOPE};
    SkinOptics optics = skin_optics(skin_marks_tone(marks)->value, 540.0);
    DirectScene scene = {.stack = skin_stack(optics), .plug = {0.3, 0.2, 0.4, 10.2}};
    double from = now_s();
    DirectContrast got = direct_contrast(&scene, 0.0, 0.1, photons, 1, 1);
    double all_s = now_s() - from;
    double one_s = all_s * pow(got.contrast.sd / wanted_sd, 2.0) * SPECTRUM_BANDS, again = 0.0;
    from = now_s();
    for (int i = 0; i < 1000; i++)
        again += skin_mark_center(marks, mark).band[14];
    double center_s = (now_s() - from) / 1000.0;
    printf("middle of a dot, 31 bands: %.1f us (contrast %.3f)\n", 1e6 * center_s,
           1.0 - again / 1000.0 / skin_marks_tone(marks)->spectrum.band[14]);
    printf("  photon by photon: %.0f k photons/s, %.0f s to 0.003 (contrast %.3f), %.0f k times as "
           "long; a peer %.0f s\n",
           1e-3 * photons / all_s, one_s, got.contrast.value, 1e-3 * one_s / center_s,
           peer_s * SPECTRUM_BANDS);
}

static void bench_looks(const SkinMarks *marks)
{
    enum { ROUNDS = 500 };
    SkinAgeing ageing = skin_ageing_default();
    double sum = 0.0, from = now_s();
    for (int i = 0; i < ROUNDS; i++)
        sum += (double)skin_mark_look(marks, own_dot(i)).core_mm;
    double look_s = (now_s() - from) / ROUNDS;
    from = now_s();
    for (int i = 0; i < ROUNDS; i++)
        sum += (double)skin_moment_look(marks, skin_mark_at(own_dot(i), &ageing, 3.0, 0)).core_mm;
    double fresh_s = (now_s() - from) / ROUNDS;
    SkinHair hair = skin_hair_make(SKIN_HAIR_BROWN, 0.07);
    from = now_s();
    for (int i = 0; i < ROUNDS; i++) {
        hair.diameter_mm = 0.05 + 0.0001 * i;
        sum += skin_hair_area(marks, hair).band[14];
    }
    double hair_s = (now_s() - from) / ROUNDS;
    printf("look to draw %.0f us, fresh %.0f us; hair %.1f us a spectrum (sum %.3f)\n",
           1e6 * look_s, 1e6 * fresh_s, 1e6 * hair_s, sum);
}

static void bench_skin(Arena *arena, const SkinTable *table)
{
    enum { ROUNDS = 10 };
    SkinTone tone = skin_tone_of_lab((Lab){62.0, 9.0, 15.0});
    double from = now_s();
    for (int i = 0; i < ROUNDS; i++) {
        size_t mark = arena_mark(arena);
        SkinMarks *marks;
        Err err;
        if (!skin_marks_new(arena, table, &tone, &marks, &err))
            return;
        arena_rewind(arena, mark);
    }
    printf("table through one skin: %.1f ms, %.1f MB\n", 1e3 * (now_s() - from) / ROUNDS,
           1e-6 * (double)sizeof(SkinMarks));
}

static uint32_t photons_of_table(void)
{
    SkinTableHead head;
    memset(&head, 0, sizeof head);
    for (const EmbedFile *file = spectra_files; file->name != NULL; file++)
        if (strcmp(file->name, "marks.bin") == 0)
            memcpy(&head, file->bytes, sizeof head);
    return head.photons;
}

/* A few walks at every scattering node: nodes differ. */
static void bench_making(Arena *arena)
{
    enum { WALKS = 480, MAKERS = 2 };
    Walk *walk = ARENA_NEW(arena, Walk, 1);
    TableSum *sum = ARENA_NEW(arena, TableSum, 1);
    if (walk == NULL || sum == NULL)
        return;
    table_sum_block(0, 1, 0, 1, walk, sum);
    double from = now_s();
    for (int node = 0; node < TABLE_SCATTERS; node++)
        table_sum_block(node, 1, 0, WALKS, walk, sum);
    double walk_s = (now_s() - from) / (WALKS * TABLE_SCATTERS);
    double walks = (double)photons_of_table() * TABLE_SCATTERS;
    printf("making the table: %.1f k walks/s, each in %d skins at %d marks; %.1f M walks on %d "
           "cores: %.0f min (limit 30)\n",
           1e-3 / walk_s, (int)TABLE_SKINS, PLUG_MARKS + ROD_MARKS, 1e-6 * walks, MAKERS,
           walks * walk_s / MAKERS / 60.0);
}

int main(void)
{
    Arena arena = {0};
    Err err = {0};
    SkinTable table;
    SkinMarks *marks;
    SkinTone tone = skin_tone_of_lab((Lab){62.0, 9.0, 15.0});
    if (!arena_open(&arena, (size_t)64 << 20, &err) || !skin_table_load(&table, &err) ||
        !skin_marks_new(&arena, &table, &tone, &marks, &err)) {
        fprintf(stderr, "mark_bench: %s\n", err.text);
        return 1;
    }
    bench_skin(&arena, &table);
    bench_dots(marks);
    bench_direct(marks);
    bench_looks(marks);
    bench_making(&arena);
    arena_close(&arena);
    return 0;
}
