/* dots_testing.h - surfaces on which the tests and the bench of this room place dots, and naive
 * measures of what comes out. Not part of the program. */
#ifndef DOTS_DOTS_TESTING_H
#define DOTS_DOTS_TESTING_H

#include "dots/dots_internal.h"

#include "base/rng.h"

#include <stdio.h>
#include <string.h>

/* Of the bench's ellipsoid, about the size of a head (mm). */
#define TESTING_AXES_MM ((Vec3){78.0, 98.0, 70.0})

static inline bool testing_arenas(Arena *arena, Arena *scratch)
{
    Err err;
    bool ok = arena->base != NULL || (arena_open(arena, (size_t)1 << 30, &err) &&
                                      arena_open(scratch, (size_t)1 << 30, &err));
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

/* Each triangle into four; a middle belongs to the first triangle that has the edge. */
static inline int testing_split(int faces, int vertices, Vec3 position[], int triangle[][3],
                                int across[][3], int middle[][3])
{
    for (int t = 0; t < faces; t++)
        for (int k = 0; k < 3; k++) {
            int other = across[t][k], same = 0;
            if (other > t) {
                position[vertices] = vec_normalize(
                    vec_add(position[triangle[t][k]], position[triangle[t][(k + 1) % 3]]));
                middle[t][k] = vertices++;
                continue;
            }
            while (across[other][same] != t)
                same++;
            middle[t][k] = middle[other][same];
        }
    for (int t = faces - 1; t >= 0; t--) { /* from behind: written over what is not needed again */
        int a = triangle[t][0], b = triangle[t][1], c = triangle[t][2];
        int ab = middle[t][0], bc = middle[t][1], ca = middle[t][2];
        int four[4][3] = {{a, ab, ca}, {b, bc, ab}, {c, ca, bc}, {ab, bc, ca}};
        memcpy(triangle[4 * t], four, sizeof four);
    }
    return vertices;
}

/* A closed surface: the icosahedron, each face split in four `splits` times, on an ellipsoid. */
static inline bool testing_ellipsoid(Arena *arena, Arena *scratch, int splits, Vec3 axis_mm,
                                     DotsSurface *surface, Err *err)
{
    static const int face[20][3] = {{0, 11, 5}, {0, 5, 1},  {0, 1, 7},   {0, 7, 10}, {0, 10, 11},
                                    {1, 5, 9},  {5, 11, 4}, {11, 10, 2}, {10, 7, 6}, {7, 1, 8},
                                    {3, 9, 4},  {3, 4, 2},  {3, 2, 6},   {3, 6, 8},  {3, 8, 9},
                                    {4, 9, 5},  {2, 4, 11}, {6, 2, 10},  {8, 6, 7},  {9, 8, 1}};
    const double g = 0.5 * (1.0 + sqrt(5.0));
    const Vec3 corner[12] = {{-1, g, 0}, {1, g, 0}, {-1, -g, 0}, {1, -g, 0},
                             {0, -1, g}, {0, 1, g}, {0, -1, -g}, {0, 1, -g},
                             {g, 0, -1}, {g, 0, 1}, {-g, 0, -1}, {-g, 0, 1}};
    int triangles = 20 << (2 * splits), vertices = triangles / 2 + 2, faces = 20, made = 12;
    Vec3 *p = ARENA_NEW(arena, Vec3, (size_t)vertices);
    Vec3 *normal = ARENA_NEW(arena, Vec3, (size_t)vertices);
    int(*t)[3] = arena_alloc(arena, (size_t)triangles, sizeof *t);
    int(*across)[3] = arena_alloc(arena, (size_t)triangles, sizeof *across);
    size_t mark = arena_mark(scratch);
    int(*middle)[3] = arena_alloc(scratch, (size_t)triangles, sizeof *middle);
    if (p == NULL || normal == NULL || t == NULL || across == NULL || middle == NULL)
        return err_set(err, ERR_LIMIT, "no room for an ellipsoid of %d triangles", triangles);
    for (int v = 0; v < 12; v++)
        p[v] = vec_normalize(corner[v]);
    memcpy(t, face, sizeof face);
    for (int split = 0; split <= splits; split++) {
        if (!dots_across(scratch, made, faces, (const int(*)[3])t, across, err))
            return false;
        if (split == splits)
            break;
        made = testing_split(faces, made, p, t, across, middle);
        faces *= 4;
    }
    for (int v = 0; v < vertices; v++) {
        normal[v] = vec_normalize(vec3(p[v].x / axis_mm.x, p[v].y / axis_mm.y, p[v].z / axis_mm.z));
        p[v] = vec3(p[v].x * axis_mm.x, p[v].y * axis_mm.y, p[v].z * axis_mm.z);
    }
    *surface = (DotsSurface){.vertex_count = vertices,
                             .triangle_count = triangles,
                             .position_mm = p,
                             .normal = normal,
                             .triangle = (const int(*)[3])t,
                             .across = (const int(*)[3])across};
    surface->longest_edge_mm = dots_longest_edge_mm(surface);
    arena_rewind(scratch, mark);
    return true;
}

/* The canvas over an ellipsoid of the size of a head, with its open rim. */
static inline bool testing_head(Arena *arena, int level, HeadTopology *topology, Head *head,
                                Err *err)
{
    if (!head_topology_new(arena, level, topology, err))
        return false;
    double *radius_mm = ARENA_NEW(arena, double, (size_t)topology->vertex_count);
    if (radius_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", topology->vertex_count);
    for (int v = 0; v < topology->vertex_count; v++) {
        Vec3 d = topology->direction[v];
        radius_mm[v] = 1.0 / vec_length(vec3(d.x / 78.0, d.y / 85.0, d.z / 98.0));
    }
    return head_new(arena, topology, radius_mm, head, err);
}

static inline double testing_triangle_mm2(const DotsSurface *surface, int t)
{
    const int *c = surface->triangle[t];
    Vec3 a = surface->position_mm[c[0]];
    return 0.5 * vec_length(vec_cross(vec_sub(surface->position_mm[c[1]], a),
                                      vec_sub(surface->position_mm[c[2]], a)));
}

/* Of a field that is linear in each triangle: exact. */
static inline double testing_integral(const DotsSurface *surface, const double field[])
{
    double sum = 0.0;
    for (int t = 0; t < surface->triangle_count; t++) {
        const int *c = surface->triangle[t];
        sum += testing_triangle_mm2(surface, t) / 3.0 * (field[c[0]] + field[c[1]] + field[c[2]]);
    }
    return sum;
}

/* Uniform over the surface: a triangle by its area, then a place in it. */
static inline HeadPoint testing_random_point(const DotsSurface *surface, double largest_mm2,
                                             Rng *rng)
{
    int t;
    do
        t = rng_below(rng, surface->triangle_count);
    while (rng_f64(rng) * largest_mm2 > testing_triangle_mm2(surface, t));
    double s = sqrt(rng_f64(rng)), v = rng_f64(rng);
    return (HeadPoint){.triangle = t, .weight = {1.0 - s, s * (1.0 - v), s * v}};
}

static inline double testing_largest_mm2(const DotsSurface *surface)
{
    double most = 0.0;
    for (int t = 0; t < surface->triangle_count; t++)
        most = fmax(most, testing_triangle_mm2(surface, t));
    return most;
}

/* Field by field: padding may differ. */
static inline bool testing_same_dot(const Dot *a, const Dot *b)
{
    return a->site == b->site && a->session == b->session && a->zone == b->zone &&
           a->unit == b->unit && a->point.triangle == b->point.triangle &&
           memcmp(a->point.weight, b->point.weight, sizeof a->point.weight) == 0 &&
           memcmp(&a->position_mm, &b->position_mm, sizeof(Vec3)) == 0 &&
           memcmp(&a->normal, &b->normal, sizeof(Vec3)) == 0 &&
           memcmp(&a->rank, &b->rank, sizeof(double)) == 0 &&
           memcmp(&a->target_per_mm2, &b->target_per_mm2, sizeof(double)) == 0 &&
           memcmp(&a->beside_per_mm2, &b->beside_per_mm2, sizeof(double)) == 0 &&
           memcmp(&a->size, &b->size, sizeof(double)) == 0 &&
           memcmp(&a->shade, &b->shade, sizeof(double)) == 0;
}

static inline bool testing_same_dots(const Dots *a, const Dots *b)
{
    bool same = a->count == b->count && a->dropped == b->dropped &&
                a->session_count == b->session_count &&
                memcmp(a->in_session, b->in_session, sizeof a->in_session) == 0 &&
                memcmp(a->in_zone, b->in_zone, sizeof a->in_zone) == 0 &&
                memcmp(&a->nearest_mm, &b->nearest_mm, sizeof(double)) == 0;
    for (int i = 0; same && i < a->count; i++)
        same = testing_same_dot(&a->dot[i], &b->dot[i]);
    return same;
}

static inline bool testing_same_sequence(const DotsSequence *a, const DotsSequence *b)
{
    bool same = a->count == b->count && a->fixed_count == b->fixed_count;
    for (int i = 0; same && i < a->count; i++)
        same = a->point[i].triangle == b->point[i].triangle &&
               memcmp(a->point[i].weight, b->point[i].weight, sizeof a->point[i].weight) == 0;
    size_t count = (size_t)a->count;
    return same && memcmp(a->rank, b->rank, count * sizeof(double)) == 0 &&
           memcmp(a->position_mm, b->position_mm, count * sizeof(Vec3)) == 0;
}

/* Every pair, no grid: nothing of the room is in it. 1e9 when there are not two. */
static inline double testing_nearest_mm(int count, const Vec3 p[], int i)
{
    double least = 1e18;
    for (int j = 0; j < count; j++) {
        Vec3 off = vec_sub(p[i], p[j]);
        if (j != i)
            least = fmin(least, vec_dot(off, off));
    }
    return sqrt(least);
}

#endif
