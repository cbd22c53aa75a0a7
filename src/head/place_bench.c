/* Time to find a head in a scan of 300,000 triangles and to bring it onto the canvas. */
#include "head/place_truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

enum { ROWS = 300, COLUMNS = 490, REPEATS = 5 };

static void check(bool ok, const Err *err)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

int main(void)
{
    Arena arena, scratch;
    Err err = {0};
    check(arena_open(&arena, (size_t)1 << 30, &err), &err);
    check(arena_open(&scratch, (size_t)1 << 30, &err), &err);
    Truth truth = truth_make(vault_mean());
    Mesh scan = truth_scan(&arena, &truth, ROWS, COLUMNS);
    HeadTopology topology;
    check(head_topology_new(&arena, HEAD_LEVEL, &topology, &err), &err);
    double best[4] = {1e9, 1e9, 1e9, 1e9};
    for (int i = 0; i < REPEATS; i++) {
        size_t mark = arena_mark(&arena);
        MeshRays rays;
        PlaceLandmarks given = {0};
        PlaceScale scale = {.circumference_mm = 574};
        Placement placement;
        PlaceWarnings warnings = {0};
        Head head;
        Image chart;
        double at[5] = {now_ms()};
        check(mesh_rays_open(&scan, &rays, &err), &err);
        at[1] = now_ms();
        check(place_find(&scratch, &scan, &rays, &given, scale, &placement, &warnings, &err), &err);
        at[2] = now_ms();
        check(place_import(&arena, &scratch, &scan, &rays, &placement, &topology, 2, &head,
                           &warnings, &err),
              &err);
        at[3] = now_ms();
        check(place_bake(&arena, &scan, &rays, &placement, &head, 2048, 2, &chart, &err), &err);
        at[4] = now_ms();
        for (int k = 0; k < 4; k++)
            best[k] = fmin(best[k], at[k + 1] - at[k]);
        mesh_rays_close(&rays);
        arena_rewind(&arena, mark);
    }
    printf("scan of %d triangles, best of %d, 2 threads\n", scan.triangle_count, REPEATS);
    printf("index for rays %.0f ms, find %.0f ms, import %.0f ms: %.0f ms in all (budget 300)\n",
           best[0], best[1], best[2], best[0] + best[1] + best[2]);
    printf("bake 2048 x 2048 %.0f ms, %.1f Mtexel/s\n", best[3], 2048.0 * 2048.0 / 1e3 / best[3]);
    arena_close(&arena);
    arena_close(&scratch);
    return 0;
}
