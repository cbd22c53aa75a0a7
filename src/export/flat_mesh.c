#include "export/flat_internal.h"

#include <string.h>

/* A vertex within this share of an edge of the line is on it: 0.09 mm on the canvas. */
static const double snap = 0.05;

bool flat_mesh_new(Arena *arena, int vertex_limit, int triangle_limit, FlatMesh *mesh, Err *err)
{
    size_t vertices = (size_t)vertex_limit, triangles = (size_t)triangle_limit, slots = 1024;
    while (slots < 6 * triangles) /* every directed edge, half full */
        slots *= 2;
    *mesh = (FlatMesh){
        .vertex_limit = vertex_limit,
        .triangle_limit = triangle_limit,
        .position_mm = ARENA_NEW(arena, Vec3, vertices),
        .triangle = arena_alloc(arena, triangles, sizeof mesh->triangle[0]),
        .origin = ARENA_NEW(arena, int, triangles),
        .cell = ARENA_NEW(arena, int, triangles),
        .across = ARENA_NEW(arena, int, 3 * triangles),
        .slot_count = slots,
        .key = ARENA_NEW(arena, uint64_t, slots),
        .value = ARENA_NEW(arena, int, slots),
    };
    bool full = mesh->position_mm == NULL || mesh->triangle == NULL || mesh->origin == NULL ||
                mesh->cell == NULL || mesh->across == NULL || mesh->key == NULL ||
                mesh->value == NULL;
    for (int f = 0; f < FLAT_FIELDS; f++) {
        mesh->field[f] = ARENA_NEW(arena, double, vertices);
        full |= mesh->field[f] == NULL;
    }
    return !full ||
           err_set(err, ERR_LIMIT,
                   "no room for %d triangles of a surface laid flat within the memory limit",
                   triangle_limit);
}

void flat_mesh_copy(const FlatMesh *from, FlatMesh *to)
{
    size_t vertices = (size_t)from->vertex_count, triangles = (size_t)from->triangle_count;
    to->vertex_count = from->vertex_count;
    to->triangle_count = from->triangle_count;
    memcpy(to->position_mm, from->position_mm, vertices * sizeof *to->position_mm);
    for (int f = 0; f < FLAT_FIELDS; f++)
        memcpy(to->field[f], from->field[f], vertices * sizeof(double));
    memcpy(to->triangle, from->triangle, triangles * sizeof *to->triangle);
    memcpy(to->origin, from->origin, triangles * sizeof(int));
    memcpy(to->cell, from->cell, triangles * sizeof(int));
}

/* The slot of a key, which is not 0; empty slots have key 0. */
static size_t slot_of(const FlatMesh *mesh, uint64_t key)
{
    uint64_t hash = key * 0x9E3779B97F4A7C15u;
    size_t at = (size_t)(hash >> 32) & (mesh->slots_used - 1);
    while (mesh->key[at] != 0 && mesh->key[at] != key)
        at = (at + 1) & (mesh->slots_used - 1);
    return at;
}

static uint64_t edge_key(int a, int b)
{
    return (uint64_t)(uint32_t)(a + 1) << 32 | (uint32_t)(b + 1);
}

static uint64_t undirected(int a, int b)
{
    return a < b ? edge_key(a, b) : edge_key(b, a);
}

/* Room for so many keys, at most two thirds full. */
static void clear_slots(FlatMesh *mesh, size_t keys)
{
    mesh->slots_used = 1024;
    while (mesh->slots_used < mesh->slot_count && 2 * mesh->slots_used < 3 * keys)
        mesh->slots_used *= 2;
    memset(mesh->key, 0, mesh->slots_used * sizeof *mesh->key);
}

/* Where the line crosses from a to b, within (0, 1); 0: not at all. */
static double crossing(const double f[], double level, int a, int b)
{
    double from = f[a] - level, to = f[b] - level;
    return (from < 0.0 && to > 0.0) || (from > 0.0 && to < 0.0) ? from / (from - to) : 0.0;
}

static void snap_vertices(FlatMesh *mesh, double f[], double level, int cell)
{
    for (int t = 0; t < mesh->triangle_count; t++) {
        const int *v = mesh->triangle[t];
        if (cell >= 0 && mesh->cell[t] != cell)
            continue;
        for (int k = 0; k < 3; k++) {
            double share = crossing(f, level, v[k], v[(k + 1) % 3]);
            if (share > 0.0 && share < snap)
                f[v[k]] = level;
            else if (share > 1.0 - snap)
                f[v[(k + 1) % 3]] = level;
        }
    }
}

static int add_vertex(FlatMesh *mesh, int a, int b, double share)
{
    int v = mesh->vertex_count++;
    mesh->position_mm[v] = vec_lerp(mesh->position_mm[a], mesh->position_mm[b], share);
    for (int f = 0; f < FLAT_FIELDS; f++)
        mesh->field[f][v] = mesh->field[f][a] + share * (mesh->field[f][b] - mesh->field[f][a]);
    return v;
}

static void set_triangle(FlatMesh *mesh, int t, int like, int a, int b, int c)
{
    mesh->triangle[t][0] = a;
    mesh->triangle[t][1] = b;
    mesh->triangle[t][2] = c;
    mesh->origin[t] = mesh->origin[like];
    mesh->cell[t] = mesh->cell[like];
}

/* middle[k]: the vertex on edge (k, k + 1), -1: none; one or two are there. */
static void split(FlatMesh *mesh, int t, const int middle[3])
{
    int cuts = 0, only = 0, none = 0;
    for (int k = 0; k < 3; k++) {
        cuts += middle[k] >= 0;
        *(middle[k] >= 0 ? &only : &none) = k;
    }
    const int *corner = mesh->triangle[t];
    if (cuts == 1) {
        int a = corner[only], b = corner[(only + 1) % 3], c = corner[(only + 2) % 3];
        set_triangle(mesh, mesh->triangle_count++, t, middle[only], b, c);
        set_triangle(mesh, t, t, a, middle[only], c);
        return;
    }
    int b = corner[none], c = corner[(none + 1) % 3], a = corner[(none + 2) % 3];
    int ab = middle[(none + 2) % 3], ca = middle[(none + 1) % 3];
    const Vec3 *p = mesh->position_mm;
    bool from_ab = vec_distance(p[ab], p[c]) <= vec_distance(p[b], p[ca]);
    set_triangle(mesh, mesh->triangle_count++, t, b, c, from_ab ? ab : ca);
    set_triangle(mesh, mesh->triangle_count++, t, from_ab ? c : b, ca, ab);
    set_triangle(mesh, t, t, a, ab, ca);
}

bool flat_mesh_cut(FlatMesh *mesh, int field, double level, int cell, Err *err)
{
    double *f = mesh->field[field];
    snap_vertices(mesh, f, level, cell);
    clear_slots(mesh, 3 * (size_t)mesh->triangle_count / 2 + 3); /* no more edges than that */
    for (int t = 0; t < mesh->triangle_count; t++) {
        const int *v = mesh->triangle[t];
        for (int k = 0; k < 3 && (cell < 0 || mesh->cell[t] == cell); k++) {
            int a = v[k], b = v[(k + 1) % 3];
            double share = crossing(f, level, a, b);
            size_t slot = share > 0.0 ? slot_of(mesh, undirected(a, b)) : 0;
            if (share <= 0.0 || mesh->key[slot] != 0)
                continue;
            if (mesh->vertex_count == mesh->vertex_limit)
                return err_set(err, ERR_LIMIT, "more than %d vertices in pieces laid flat",
                               mesh->vertex_limit);
            mesh->key[slot] = undirected(a, b);
            mesh->value[slot] = add_vertex(mesh, a, b, share);
            f[mesh->value[slot]] = level;
        }
    }
    for (int t = 0, count = mesh->triangle_count; t < count; t++) {
        int middle[3], cuts = 0;
        for (int k = 0; k < 3; k++) {
            int a = mesh->triangle[t][k], b = mesh->triangle[t][(k + 1) % 3];
            size_t slot = crossing(f, level, a, b) > 0.0 ? slot_of(mesh, undirected(a, b)) : 0;
            bool cut = crossing(f, level, a, b) > 0.0 && mesh->key[slot] != 0;
            middle[k] = cut ? mesh->value[slot] : -1;
            cuts += cut;
        }
        if (mesh->triangle_count + 2 > mesh->triangle_limit)
            return err_set(err, ERR_LIMIT, "more than %d triangles in pieces laid flat",
                           mesh->triangle_limit);
        if (cuts > 0)
            split(mesh, t, middle);
    }
    return true;
}

double flat_mesh_middle(const FlatMesh *mesh, int field, int triangle)
{
    const int *v = mesh->triangle[triangle];
    const double *f = mesh->field[field];
    return (f[v[0]] + f[v[1]] + f[v[2]]) / 3.0;
}

void flat_mesh_link(FlatMesh *mesh)
{
    clear_slots(mesh, 3 * (size_t)mesh->triangle_count);
    for (int e = 0; e < 3 * mesh->triangle_count; e++) {
        const int *v = mesh->triangle[e / 3];
        size_t slot = slot_of(mesh, edge_key(v[e % 3], v[(e % 3 + 1) % 3]));
        mesh->key[slot] = edge_key(v[e % 3], v[(e % 3 + 1) % 3]);
        mesh->value[slot] = e / 3;
    }
    for (int e = 0; e < 3 * mesh->triangle_count; e++) {
        const int *v = mesh->triangle[e / 3];
        size_t slot = slot_of(mesh, edge_key(v[(e % 3 + 1) % 3], v[e % 3]));
        mesh->across[e] = mesh->key[slot] != 0 ? mesh->value[slot] : -1;
    }
}

int flat_mesh_parts(const FlatMesh *mesh, int queue[], int part[])
{
    int parts = 0;
    for (int t = 0; t < mesh->triangle_count; t++)
        part[t] = -1;
    for (int t = 0; t < mesh->triangle_count; t++) {
        int count = 0;
        if (part[t] >= 0)
            continue;
        part[queue[count++] = t] = parts;
        for (int i = 0; i < count; i++)
            for (int k = 0; k < 3; k++) {
                int next = mesh->across[3 * queue[i] + k];
                if (next >= 0 && part[next] < 0 && mesh->cell[next] == mesh->cell[t])
                    part[queue[count++] = next] = parts;
            }
        parts++;
    }
    return parts;
}
