/* Time of taking the hair out of a texture of 2048 x 2048 px, all of it on the scalp. */
#include "hair/bare.h"
#include "head/vault.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SIDE_PX = 2048 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The canvas as a scan: its chart is the texture. */
static bool new_scan(Arena *arena, const Head *head, Image *texture, MeshMaterial *material,
                     Mesh *scan, Err *err)
{
    const HeadTopology *topology = head->topology;
    *scan = (Mesh){.vertex_count = topology->vertex_count,
                   .position = head->position_mm,
                   .uv = arena_alloc(arena, (size_t)topology->vertex_count, sizeof *scan->uv),
                   .triangle_count = topology->triangle_count,
                   .triangle = topology->triangle,
                   .material_count = 1,
                   .material_list = material,
                   .image_count = 1,
                   .image = texture};
    if (scan->uv == NULL || !image_new(arena, SIDE_PX, SIDE_PX, texture, err))
        return false;
    memset(texture->rgb, 120, (size_t)3 * SIDE_PX * SIDE_PX);
    for (int v = 0; v < topology->vertex_count; v++) {
        double uv[2];
        head_chart(topology->direction[v], uv);
        scan->uv[v][0] = (float)(0.5 + uv[0] / 3.0);
        scan->uv[v][1] = (float)(0.5 - uv[1] / 3.0);
    }
    return true;
}

static bool run(Arena *arena, Arena *scratch, Err *err)
{
    HeadTopology topology;
    Head head;
    Mesh scan, bare;
    Image texture;
    MeshMaterial material = {{1.0F, 1.0F, 1.0F}, 0};
    VaultShape shape = vault_mean();
    if (!head_topology_new(arena, HEAD_LEVEL, &topology, err))
        return false;
    size_t n = (size_t)topology.vertex_count;
    double *radius_mm = ARENA_NEW(arena, double, n), *left = ARENA_NEW(arena, double, n);
    Rgb *color = ARENA_NEW(arena, Rgb, n);
    HairSurvey survey = {.has_stubble = true,
                         .contrast = 0.3,
                         .cover = ARENA_NEW(arena, double, n),
                         .stubble_lab = {45.0, 8.0, 12.0}};
    if (radius_mm == NULL || left == NULL || color == NULL || survey.cover == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    survey.tone.reflectance = (Rgb){0.5F, 0.3F, 0.22F};
    vault_radii_mm(&shape, &topology, radius_mm);
    for (size_t v = 0; v < n; v++) {
        survey.cover[v] = topology.direction[v].y > 0.0;
        color[v] = (Rgb){0.2F, 0.2F, 0.2F};
    }
    if (!head_new(arena, &topology, radius_mm, &head, err) ||
        !new_scan(arena, &head, &texture, &material, &scan, err))
        return false;
    for (int threads = 1; threads <= 2; threads++) {
        double start = now_s();
        if (!hair_bare_scan(arena, scratch, &scan, &head, &survey, color, left, threads, &bare,
                            err))
            return false;
        double time_s = now_s() - start, changed = 0.0;
        for (size_t i = 0; i < (size_t)SIDE_PX * SIDE_PX; i++)
            changed += bare.image[0].rgb[3 * i] != texture.rgb[3 * i];
        printf("%d threads: %.2f s for %.2f Mpx that change, %.2f us each\n", threads, time_s,
               1e-6 * changed, 1e6 * time_s / changed);
    }
    return true;
}

int main(void)
{
    Arena arena = {0}, scratch = {0};
    Err err = {0};
    bool ok = arena_open(&arena, (size_t)512 << 20, &err) &&
              arena_open(&scratch, (size_t)128 << 20, &err) && run(&arena, &scratch, &err);
    if (!ok)
        fprintf(stderr, "%s\n", err.text);
    arena_close(&arena);
    arena_close(&scratch);
    return ok ? 0 : 1;
}
