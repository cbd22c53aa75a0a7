/* Rates of the readers on a sphere of 300,000 triangles, and of rays against a loop over all. */
#include "mesh/mesh.h"

#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 375, COLUMNS = 400, ROUNDS = 5, RAYS = 1000000, NAIVE_RAYS = 50 };
static const double pi = 3.14159265358979323846;

/* Processor time: everything here runs on one thread, and the machine may be shared. */
static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static Mesh make_sphere(Arena *arena)
{
    int count = (ROWS + 1) * (COLUMNS + 1);
    Mesh mesh = {.vertex_count = count,
                 .position = ARENA_NEW(arena, Vec3, (size_t)count),
                 .uv = arena_alloc(arena, (size_t)count, sizeof *mesh.uv),
                 .triangle_count = 2 * ROWS * COLUMNS,
                 .triangle = arena_alloc(arena, (size_t)2 * ROWS * COLUMNS, sizeof *mesh.triangle),
                 .material_count = 1,
                 .material_list = ARENA_NEW(arena, MeshMaterial, 1)};
    mesh.material_list[0] = (MeshMaterial){{1, 1, 1}, -1};
    for (int i = 0; i < count; i++) {
        double u = (double)(i % (COLUMNS + 1)) / COLUMNS, v = (double)(i / (COLUMNS + 1)) / ROWS;
        mesh.position[i] = vec3(100 * sin(pi * v) * sin(2 * pi * u), 100 * cos(pi * v),
                                100 * sin(pi * v) * cos(2 * pi * u));
        mesh.uv[i][0] = (float)u;
        mesh.uv[i][1] = (float)v;
    }
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        int a = i / COLUMNS * (COLUMNS + 1) + i % COLUMNS, below = a + COLUMNS + 1;
        memcpy(mesh.triangle[2 * i], (int[]){a, below, below + 1}, sizeof *mesh.triangle);
        memcpy(mesh.triangle[2 * i + 1], (int[]){a, below + 1, a + 1}, sizeof *mesh.triangle);
    }
    return mesh;
}

static uint8_t *write_obj(Arena *arena, const Mesh *mesh, size_t *size)
{
    size_t room = (size_t)mesh->vertex_count * 80 + (size_t)mesh->triangle_count * 64, at = 0;
    char *text = ARENA_NEW(arena, char, room);
    for (int i = 0; i < mesh->vertex_count; i++) {
        Vec3 p = mesh->position[i];
        at += (size_t)snprintf(text + at, room - at, "v %.6f %.6f %.6f\nvt %.6f %.6f\n", p.x, p.y,
                               p.z, (double)mesh->uv[i][0], (double)mesh->uv[i][1]);
    }
    for (int t = 0; t < mesh->triangle_count; t++) {
        const int *v = mesh->triangle[t];
        at += (size_t)snprintf(text + at, room - at, "f %d/%d/%d %d/%d/%d %d/%d/%d\n", v[0] + 1,
                               v[0] + 1, v[0] + 1, v[1] + 1, v[1] + 1, v[1] + 1, v[2] + 1, v[2] + 1,
                               v[2] + 1);
    }
    *size = at;
    return (uint8_t *)text;
}

static uint8_t *write_ply(Arena *arena, const Mesh *mesh, bool ascii, size_t *size)
{
    size_t room = (size_t)mesh->vertex_count * 64 + (size_t)mesh->triangle_count * 32, at = 0;
    char *text = ARENA_NEW(arena, char, room);
    at = (size_t)snprintf(text, room,
                          "ply\nformat %s 1.0\nelement vertex %d\nproperty float x\n"
                          "property float y\nproperty float z\nproperty uchar red\n"
                          "property uchar green\nproperty uchar blue\nelement face %d\n"
                          "property list uchar int vertex_indices\nend_header\n",
                          ascii ? "ascii" : "binary_little_endian", mesh->vertex_count,
                          mesh->triangle_count);
    for (int i = 0; i < mesh->vertex_count; i++) {
        Vec3 p = mesh->position[i];
        if (ascii) {
            at += (size_t)snprintf(text + at, room - at, "%.5f %.5f %.5f 200 150 120\n", p.x, p.y,
                                   p.z);
            continue;
        }
        memcpy(text + at, (float[]){(float)p.x, (float)p.y, (float)p.z}, 12);
        memcpy(text + at + 12, (uint8_t[]){200, 150, 120}, 3);
        at += 15;
    }
    for (int t = 0; t < mesh->triangle_count; t++) {
        const int *v = mesh->triangle[t];
        if (ascii) {
            at += (size_t)snprintf(text + at, room - at, "3 %d %d %d\n", v[0], v[1], v[2]);
            continue;
        }
        text[at] = 3;
        memcpy(text + at + 1, v, 12);
        at += 13;
    }
    *size = at;
    return (uint8_t *)text;
}

static void bench_read(const char *name, Arena *arena, Arena *scratch, MeshFormat format,
                       size_t size, const uint8_t *bytes)
{
    double best_s = 1e9;
    size_t mark = arena_mark(arena);
    for (int i = 0; i < ROUNDS; i++) {
        Err err;
        Mesh mesh;
        double start = now_s();
        if (!mesh_from_bytes(arena, scratch, format, size, bytes, (MeshFiles){0}, &mesh, &err)) {
            printf("%s: %s\n", name, err.text);
            exit(1);
        }
        double took_s = now_s() - start;
        best_s = took_s < best_s ? took_s : best_s;
        arena_rewind(arena, mark);
    }
    printf("read %-12s %6.1f ms  %7.1f MB/s  %5.1f M triangles/s\n", name, 1e3 * best_s,
           1e-6 * (double)size / best_s, 2e-6 * ROWS * COLUMNS / best_s);
}

/* A ray from outside through a point inside. */
static void make_ray(Rng *rng, Vec3 *origin, Vec3 *direction)
{
    Vec3 d = vec_normalize(vec3(rng_normal(rng), rng_normal(rng), rng_normal(rng)));
    *origin = vec_scale(d, 300);
    Vec3 aim = vec3(80 * rng_f64(rng) - 40, 80 * rng_f64(rng) - 40, 80 * rng_f64(rng) - 40);
    *direction = vec_normalize(vec_sub(aim, *origin));
}

static double naive_distance(const Mesh *mesh, Vec3 o, Vec3 d)
{
    double nearest = HUGE_VAL;
    for (int t = 0; t < mesh->triangle_count; t++) {
        const int *v = mesh->triangle[t];
        Vec3 a = mesh->position[v[0]], ab = vec_sub(mesh->position[v[1]], a);
        Vec3 ac = vec_sub(mesh->position[v[2]], a), p = vec_cross(d, ac), s = vec_sub(o, a);
        double det = vec_dot(ab, p), u = vec_dot(s, p);
        Vec3 q = vec_cross(s, ab);
        double w = vec_dot(d, q), at = vec_dot(ac, q) / det;
        if (u / det >= 0 && w / det >= 0 && (u + w) / det <= 1 && at >= 0 && at < nearest)
            nearest = at;
    }
    return nearest;
}

static void bench_rays(const Mesh *mesh)
{
    Err err;
    MeshRays rays;
    double sum = 0.0, worst = 0.0, start = now_s();
    if (!mesh_rays_open(mesh, &rays, &err))
        exit(1);
    double built_s = now_s() - start;
    Rng rng = rng_make(1, 0);
    Vec3 o, d;
    start = now_s();
    for (int i = 0; i < RAYS; i++) {
        make_ray(&rng, &o, &d);
        sum += o.x + d.x;
    }
    double making_s = now_s() - start;
    rng = rng_make(1, 0);
    start = now_s();
    for (int i = 0; i < RAYS; i++) {
        make_ray(&rng, &o, &d);
        sum += mesh_rays_hit(&rays, o, d, HUGE_VAL).distance;
    }
    double hit_s = now_s() - start - making_s;
    rng = rng_make(1, 0);
    start = now_s();
    for (int i = 0; i < RAYS; i++) {
        make_ray(&rng, &o, &d);
        sum += mesh_rays_blocked(&rays, o, d, HUGE_VAL);
    }
    double blocked_s = now_s() - start - making_s;
    rng = rng_make(1, 0);
    start = now_s();
    for (int i = 0; i < NAIVE_RAYS; i++) {
        make_ray(&rng, &o, &d);
        double distance = naive_distance(mesh, o, d);
        worst = fmax(worst, fabs(distance - mesh_rays_hit(&rays, o, d, HUGE_VAL).distance));
    }
    double naive_s = (now_s() - start) / NAIVE_RAYS;
    printf("rays: index %.1f ms, nearest hit %.2f Mray/s, blocked %.2f Mray/s, %.0f times a loop "
           "over all triangles (largest difference %.1e; sum %.0f)\n",
           1e3 * built_s, 1e-6 * RAYS / hit_s, 1e-6 * RAYS / blocked_s, naive_s * RAYS / hit_s,
           worst, sum);
    start = now_s();
    int hits = 0;
    for (int i = 0; i < RAYS; i++) {
        Vec3 from = vec3(0.2 * (i % 1000) - 100, 0.2 * (i / 1000.0) - 100, 300);
        hits += mesh_rays_hit(&rays, from, vec3(0, 0, -1), HUGE_VAL).triangle >= 0;
    }
    printf("rays of a picture: %.2f Mray/s (%d hits)\n", 1e-6 * RAYS / (now_s() - start), hits);
    mesh_rays_close(&rays);
}

int main(void)
{
    Arena arena = {0}, scratch = {0};
    Err err;
    size_t size;
    uint8_t *bytes;
    if (!arena_open(&arena, (size_t)1 << 30, &err) || !arena_open(&scratch, (size_t)1 << 30, &err))
        return 1;
    Mesh mesh = make_sphere(&arena);
    printf("%d triangles, %d vertices\n", mesh.triangle_count, mesh.vertex_count);
    if (!mesh_to_glb(&arena, &scratch, &mesh, NULL, 1e-3, 0, NULL, &size, &bytes, &err))
        return 1;
    bench_read("glb", &arena, &scratch, MESH_GLB, size, bytes);
    bytes = write_ply(&arena, &mesh, false, &size);
    bench_read("ply binary", &arena, &scratch, MESH_PLY, size, bytes);
    bytes = write_ply(&arena, &mesh, true, &size);
    bench_read("ply ascii", &arena, &scratch, MESH_PLY, size, bytes);
    bytes = write_obj(&arena, &mesh, &size);
    bench_read("obj", &arena, &scratch, MESH_OBJ, size, bytes);
    bench_rays(&mesh);
    arena_close(&scratch);
    arena_close(&arena);
    return 0;
}
