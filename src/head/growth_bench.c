/* What an edit of the growth costs: one solve with as many singularities and strokes as a growth
 * may hold, short and long, and asking for the headings of all dots. */
#include "base/rng.h"
#include "head/growth.h"
#include "head/vault.h"

#include <stdio.h>
#include <time.h>

static double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

static Growth full_growth(int strokes, double step)
{
    Rng rng = rng_make(1, 2);
    Growth growth = {.singularity_count = GROWTH_SINGULARITIES, .stroke_count = strokes};
    for (int k = 0; k < GROWTH_SINGULARITIES; k++) {
        double angle = 0.5 * k + 0.3;
        growth.singularity[k] = (GrowthSingularity){.uv = {0.7 * cos(angle), 0.6 * sin(angle)},
                                                    .index = k % 2 == 0 ? 1 : -1,
                                                    .turn_rad = 0.7,
                                                    .clockwise = k % 3 == 0,
                                                    .reach_mm = 40.0};
    }
    for (int i = 0; i < strokes; i++) {
        GrowthStroke *stroke = &growth.stroke[i];
        double way = 6.28 * rng_f64(&rng), u = 1.4 * rng_f64(&rng) - 0.7,
               v = 1.4 * rng_f64(&rng) - 0.7;
        *stroke =
            (GrowthStroke){.point_count = GROWTH_STROKE_POINTS, .width_mm = 15.0, .strength = 1.0};
        for (int k = 0; k < GROWTH_STROKE_POINTS; k++) {
            stroke->uv[k][0] = u;
            stroke->uv[k][1] = v;
            way += 0.2 * rng_normal(&rng);
            u = fmin(fmax(u + step * cos(way), -0.9), 0.9);
            v = fmin(fmax(v + step * sin(way), -0.9), 0.9);
        }
    }
    return growth;
}

static bool report_solve(Arena *scratch, const Head *head, const char *what, const Growth *growth,
                         GrowthField *field, Err *err)
{
    double best = 1e9, sum = 0.0;
    enum { ROUNDS = 40 };
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_ms();
        if (!growth_solve_again(scratch, head, growth, field, err))
            return false;
        double ms = now_ms() - start;
        best = fmin(best, ms);
        sum += ms / ROUNDS;
    }
    printf("%-52s best %6.2f ms, mean %6.2f ms\n", what, best, sum);
    return true;
}

static bool run(Arena *arena, Arena *scratch, Err *err)
{
    HeadTopology topology;
    Head head;
    GrowthField field;
    VaultShape shape = vault_mean();
    if (!head_topology_new(arena, HEAD_LEVEL, &topology, err))
        return false;
    double *radius = ARENA_NEW(arena, double, (size_t)topology.vertex_count);
    if (radius == NULL)
        return err_set(err, ERR_LIMIT, "no room for the radii");
    vault_radii_mm(&shape, &topology, radius);
    if (!head_new(arena, &topology, radius, &head, err))
        return false;
    static Growth plain, one, shorts, longs;
    plain = full_growth(0, 0.0);
    one = full_growth(1, 0.015);
    shorts = full_growth(GROWTH_STROKES, 0.015);
    longs = full_growth(GROWTH_STROKES, 0.06);
    if (!growth_solve(arena, scratch, &head, &plain, &field, err) ||
        !report_solve(scratch, &head, "12 singularities", &plain, &field, err) ||
        !report_solve(scratch, &head, "12 singularities, 1 stroke of about 50 mm", &one, &field,
                      err) ||
        !report_solve(scratch, &head, "12 singularities, 24 strokes of about 50 mm", &shorts,
                      &field, err) ||
        !report_solve(scratch, &head, "12 singularities, 24 strokes of about 200 mm", &longs,
                      &field, err))
        return false;
    enum { DOTS = 60000 };
    double start = now_ms(), sum = 0.0;
    for (int i = 0; i < DOTS; i++)
        sum += growth_heading_rad(&head, &field,
                                  (HeadPoint){i * 7 % topology.triangle_count, {0.3, 0.3, 0.4}});
    double ms = now_ms() - start;
    printf("%-52s %11.2f ms (mean heading %.3f)\n", "60,000 headings", ms, sum / DOTS);
    return true;
}

int main(void)
{
    Arena arena, scratch;
    Err err;
    if (!arena_open(&arena, (size_t)1 << 28, &err) ||
        !arena_open(&scratch, (size_t)1 << 26, &err) || !run(&arena, &scratch, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    arena_close(&scratch);
    arena_close(&arena);
    return 0;
}
