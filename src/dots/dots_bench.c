/* Sites per second, milliseconds per choice, and the same beside dart throwing: the usual way to
 * place dots, which knows no sessions and no exact number. */
#include "dots/dots_internal.h"

#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The top of the head, about 250 cm2. */
#define TOP_Y 0.45

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void need(bool ok, const Err *err)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

/* Mean and 1st percentile of the nearest distance in hexagonal spacings, and the variance over the
 * mean of counts in discs for 50 dots (1 for random dots). */
static void print_quality(const char *name, Arena *scratch, const Head *head, int count,
                          const Vec3 p[], double per_mm2)
{
    Err err;
    DotsGrid grid;
    double unit = DOTS_HEX / sqrt(per_mm2), sum = 0.0, square = 0.0, mean = 0.0;
    size_t mark = arena_mark(scratch);
    DotsKey *near = ARENA_NEW(scratch, DotsKey, (size_t)count);
    need(near != NULL && dots_grid_new(scratch, count, p, unit, &grid, &err), &err);
    for (int i = 0; i < count; i++) {
        double best = 4.0 * unit;
        int j;
        for (DotsWalk walk = dots_walk(&grid, p[i], best); dots_walk_next(&walk, &j);)
            if (j != i)
                best = fmin(best, vec_distance(p[i], p[j]));
        near[i] = (DotsKey){best / unit, i};
        mean += best / unit / count;
    }
    need(dots_sort(scratch, count, near, &err), &err);
    double disc_mm = sqrt(50.0 / (3.141592653589793 * per_mm2));
    int discs = 0, j;
    for (int v = 0; v < head->topology->vertex_count; v += 3) {
        if (head->topology->direction[v].y < TOP_Y + 0.08)
            continue;
        int inside = 0;
        Vec3 c = head->position_mm[v];
        for (DotsWalk walk = dots_walk(&grid, c, disc_mm); dots_walk_next(&walk, &j);)
            inside += vec_distance(c, p[j]) < disc_mm;
        discs++;
        sum += inside;
        square += (double)inside * inside;
    }
    double average = sum / discs;
    printf("  %-28s %6d dots  mean %.3f  p1 %.3f  blotches F50 %.3f\n", name, count, mean,
           near[count / 100].key, (square / discs - average * average) / average);
    arena_rewind(scratch, mark);
}

/* Dart throwing with a radius of 0.7 hexagonal spacings on a grid, until 60,000 misses in a row or
 * the number is reached. */
static int throw_darts(Arena *scratch, const Head *head, double per_mm2, int limit, Vec3 p[])
{
    double least = 0.7 * DOTS_HEX / sqrt(per_mm2), side = least;
    enum { BUCKETS = 1 << 18 };
    int *first = ARENA_NEW(scratch, int, BUCKETS), *next = ARENA_NEW(scratch, int, (size_t)limit);
    double *until = ARENA_NEW(scratch, double, (size_t)head->topology->triangle_count + 1);
    for (int t = 0; t < head->topology->triangle_count; t++) {
        const int *c = head->topology->triangle[t];
        Vec3 a = head->position_mm[c[0]];
        bool top = head->topology->direction[c[0]].y > TOP_Y;
        until[t + 1] = until[t] + top * vec_length(vec_cross(vec_sub(head->position_mm[c[1]], a),
                                                             vec_sub(head->position_mm[c[2]], a)));
    }
    Rng rng = rng_make(1, 0);
    int count = 0;
    for (int misses = 0; count < limit && misses < 60000; misses++) {
        double at = rng_f64(&rng) * until[head->topology->triangle_count];
        int low = 0, high = head->topology->triangle_count - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            *(until[middle + 1] > at ? &high : &low) = until[middle + 1] > at ? middle : middle + 1;
        }
        double s = sqrt(rng_f64(&rng)), v = rng_f64(&rng);
        HeadPoint point = {.triangle = low, .weight = {1.0 - s, s * (1.0 - v), s * v}};
        Vec3 q = head_position_mm(head, point);
        bool clear = true;
        for (int k = 0; clear && k < 27; k++) {
            int64_t x = (int64_t)floor(q.x / side) + k % 3 - 1;
            int64_t y = (int64_t)floor(q.y / side) + k / 3 % 3 - 1;
            int64_t z = (int64_t)floor(q.z / side) + k / 9 - 1;
            uint64_t cell = (uint64_t)(x * 73856093 ^ y * 19349663 ^ z * 83492791) % BUCKETS;
            for (int i = first[cell]; clear && i > 0; i = next[i - 1])
                clear = vec_distance(q, p[i - 1]) >= least;
        }
        if (!clear)
            continue;
        int64_t x = (int64_t)floor(q.x / side), y = (int64_t)floor(q.y / side),
                z = (int64_t)floor(q.z / side);
        uint64_t cell = (uint64_t)(x * 73856093 ^ y * 19349663 ^ z * 83492791) % BUCKETS;
        p[count] = q;
        next[count] = first[cell];
        first[cell] = ++count;
        misses = 0;
    }
    return count;
}

static void run(Arena *arena, Arena *scratch, const Head *head, int dots_wanted)
{
    enum { RUNS = 3 };
    Err err;
    double best[3] = {1e9, 1e9, 1e9};
    int vertex_count = head->topology->vertex_count;
    double *target = ARENA_NEW(arena, double, (size_t)vertex_count);
    uint8_t *where = ARENA_NEW(arena, uint8_t, (size_t)vertex_count);
    double area_mm2 = 0.0;
    for (int v = 0; v < vertex_count; v++) {
        where[v] = head->topology->direction[v].y > TOP_Y;
        area_mm2 += where[v] * head->area_mm2[v];
    }
    double per_mm2 = dots_wanted / area_mm2;
    for (int v = 0; v < vertex_count; v++)
        target[v] = where[v] * per_mm2;
    DotsSequence sequence = {0};
    Dots dots = {0}, plain = {0};
    for (int k = 0; k < RUNS; k++) {
        for (int threads = 1; threads <= 2; threads++) {
            double start = now_s();
            DotsSequenceParams params = {
                .highest_per_mm2 = 1.02 * per_mm2, .where = where, .seed = 1, .threads = threads};
            need(dots_sequence(arena, scratch, head, &params, NULL, &sequence, &err), &err);
            best[threads - 1] = fmin(best[threads - 1], now_s() - start);
        }
        DotsParams params = {.target_per_mm2 = target,
                             .session_count = 3,
                             .share = {0.45, 0.35, 0.20},
                             .spacing_mm = 0.5 * DOTS_HEX / sqrt(per_mm2)};
        double start = now_s();
        need(dots_choose(arena, scratch, head, &sequence, &params, &dots, &err), &err);
        best[2] = fmin(best[2], now_s() - start);
        params.spacing_mm = 0.0;
        need(dots_choose(arena, scratch, head, &sequence, &params, &plain, &err), &err);
    }
    printf("%d sites on %.0f cm2: %.0f ms on 1 thread, %.0f ms on 2 (%.0f ksites/s); three "
           "sessions chosen and moved apart in %.0f ms\n",
           sequence.count, area_mm2 / 100.0, best[0] * 1e3, best[1] * 1e3,
           sequence.count / best[1] * 1e-3, best[2] * 1e3);
    Vec3 *p = ARENA_NEW(arena, Vec3, (size_t)dots_wanted + 1000);
    const Dots *both[2] = {&plain, &dots};
    for (int which = 0; which < 2; which++) {
        double until[3] = {0.45, 0.8, 1.0};
        for (int s = 0; s < 3; s++) {
            int count = 0;
            char name[64];
            for (int i = 0; i < both[which]->count && count < dots_wanted + 1000; i++)
                if (both[which]->dot[i].session <= s)
                    p[count++] = both[which]->dot[i].position_mm;
            snprintf(name, sizeof name, "%s, until session %d",
                     which == 0 ? "on sites" : "moved apart", s + 1);
            print_quality(name, scratch, head, count, p, until[s] * per_mm2);
        }
    }
    double start = now_s();
    int count = throw_darts(scratch, head, per_mm2, dots_wanted, p);
    double dart_s = now_s() - start;
    printf("  dart throwing in %.0f ms, %.1f times our sequence:\n", dart_s * 1e3,
           dart_s / best[1]);
    print_quality("darts, 0.7 hexagonal", scratch, head, count, p, per_mm2);
    for (int i = count - 1; i > 0; i--) { /* its sessions: dealt at random */
        Rng rng = rng_make(2, (uint64_t)i);
        int j = rng_below(&rng, i + 1);
        Vec3 swap = p[i];
        p[i] = p[j];
        p[j] = swap;
    }
    print_quality("darts, first session of 45 %", scratch, head, (int)(0.45 * count), p,
                  0.45 * per_mm2);
}

int main(void)
{
    Err err;
    Arena arena, scratch;
    HeadTopology topology;
    Head head;
    need(arena_open(&arena, (size_t)1 << 30, &err) && arena_open(&scratch, (size_t)1 << 30, &err) &&
             head_topology_new(&arena, HEAD_LEVEL, &topology, &err),
         &err);
    double *radius_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    for (int v = 0; v < topology.vertex_count; v++) {
        Vec3 d = topology.direction[v];
        radius_mm[v] = 1.0 / vec_length(vec3(d.x / 78.0, d.y / 85.0, d.z / 98.0));
    }
    need(head_new(&arena, &topology, radius_mm, &head, &err), &err);
    int wanted[] = {20000, 60000};
    for (int k = 0; k < 2; k++) {
        size_t mark = arena_mark(&arena);
        run(&arena, &scratch, &head, wanted[k]);
        arena_rewind(&arena, mark);
    }
    arena_close(&arena);
    arena_close(&scratch);
    return 0;
}
