#include "dots/dots_internal.h"

#include <assert.h>
#include <string.h>

enum { WALK_LIMIT = 64 };

double dots_longest_edge_mm(const DotsSurface *surface)
{
    double most = 0.0;
    for (int t = 0; t < surface->triangle_count; t++)
        for (int k = 0; k < 3; k++)
            most =
                fmax(most, vec_distance(surface->position_mm[surface->triangle[t][k]],
                                        surface->position_mm[surface->triangle[t][(k + 1) % 3]]));
    return most;
}

DotsSurface dots_surface(const Head *head)
{
    const HeadTopology *topology = head->topology;
    DotsSurface surface = {.vertex_count = topology->vertex_count,
                           .triangle_count = topology->triangle_count,
                           .position_mm = head->position_mm,
                           .normal = head->normal,
                           .triangle = (const int(*)[3])topology->triangle,
                           .across = (const int(*)[3])topology->across};
    surface.longest_edge_mm = dots_longest_edge_mm(&surface);
    return surface;
}

Vec3 dots_position_mm(const DotsSurface *surface, HeadPoint point)
{
    const int *corner = surface->triangle[point.triangle];
    Vec3 p = vec_scale(surface->position_mm[corner[0]], point.weight[0]);
    p = vec_madd(p, point.weight[1], surface->position_mm[corner[1]]);
    return vec_madd(p, point.weight[2], surface->position_mm[corner[2]]);
}

Vec3 dots_normal(const DotsSurface *surface, HeadPoint point)
{
    const int *corner = surface->triangle[point.triangle];
    Vec3 n = vec_scale(surface->normal[corner[0]], point.weight[0]);
    n = vec_madd(n, point.weight[1], surface->normal[corner[1]]);
    return vec_normalize(vec_madd(n, point.weight[2], surface->normal[corner[2]]));
}

double dots_interpolate(const DotsSurface *surface, HeadPoint point, const double field[])
{
    const int *corner = surface->triangle[point.triangle];
    return point.weight[0] * field[corner[0]] + point.weight[1] * field[corner[1]] +
           point.weight[2] * field[corner[2]];
}

bool dots_facets_new(Arena *arena, const DotsSurface *surface, DotsFacet **facet, Err *err)
{
    *facet = ARENA_NEW(arena, DotsFacet, (size_t)surface->triangle_count);
    if (*facet == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d triangles", surface->triangle_count);
    for (int t = 0; t < surface->triangle_count; t++) {
        const int *corner = surface->triangle[t];
        Vec3 a = surface->position_mm[corner[0]];
        Vec3 ab = vec_sub(surface->position_mm[corner[1]], a);
        Vec3 ac = vec_sub(surface->position_mm[corner[2]], a);
        Vec3 across = vec_cross(ab, ac);
        double square = vec_dot(across, across);
        double inverse = square > 0.0 ? 1.0 / square : 0.0;
        (*facet)[t] = (DotsFacet){.corner_mm = a,
                                  .normal = vec_normalize(across),
                                  .gradient = {vec_scale(vec_cross(ac, across), inverse),
                                               vec_scale(vec_cross(across, ab), inverse)},
                                  .area_mm2 = 0.5 * sqrt(square)};
    }
    return true;
}

static void stay_inside(double weight[3])
{
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        weight[k] = fmax(weight[k], 0.0);
        sum += weight[k];
    }
    for (int k = 0; k < 3; k++)
        weight[k] /= sum;
}

/* Over the edge that the point lies farthest beyond and that has another side; -1: stay here. */
static int next_triangle(const DotsSurface *surface, const HeadPoint *point)
{
    double least = 0.0;
    int next = -1;
    for (int k = 0; k < 3; k++) {
        int across = surface->across[point->triangle][(k + 1) % 3];
        if (point->weight[k] < least && across >= 0) {
            least = point->weight[k];
            next = across;
        }
    }
    return next;
}

HeadPoint dots_slide(const DotsSurface *surface, const DotsFacet facet[], HeadPoint from,
                     Vec3 to_mm)
{
    for (int step = 0; step < WALK_LIMIT; step++) {
        const DotsFacet *here = &facet[from.triangle];
        Vec3 off = vec_sub(to_mm, here->corner_mm);
        double b = vec_dot(here->gradient[0], off), c = vec_dot(here->gradient[1], off);
        double a = 1.0 - b - c;
        from.weight[0] = a;
        from.weight[1] = b;
        from.weight[2] = c;
        if (a >= 0.0 && b >= 0.0 && c >= 0.0)
            return from;
        int next = next_triangle(surface, &from);
        if (next < 0)
            break;
        from.triangle = next;
    }
    stay_inside(from.weight);
    return from;
}

/* Adds the weight of the edge from u to v; the room for a vertex is twice its triangles. */
static void add_edge(DotsWeb *web, int used[], int u, int v, double cotangent)
{
    int *neighbor = web->neighbor + web->start[u];
    int k = 0;
    while (k < used[u] && neighbor[k] != v)
        k++;
    if (k == used[u])
        neighbor[used[u]++] = v;
    web->weight[web->start[u] + k] += cotangent;
}

/* Takes out the room that was not needed. */
static void close_gaps(DotsWeb *web, int vertex_count, const int used[])
{
    int at = 0;
    for (int v = 0; v < vertex_count; v++) {
        int begin = web->start[v];
        memmove(web->neighbor + at, web->neighbor + begin, (size_t)used[v] * sizeof(int));
        memmove(web->weight + at, web->weight + begin, (size_t)used[v] * sizeof(double));
        web->start[v] = at;
        at += used[v];
    }
    web->start[vertex_count] = at;
}

bool dots_web_new(Arena *arena, const DotsSurface *surface, const double conductance[],
                  DotsWeb *web, Err *err)
{
    size_t vertices = (size_t)surface->vertex_count, corners = 3 * (size_t)surface->triangle_count;
    web->start = ARENA_NEW(arena, int, vertices + 1);
    web->neighbor = ARENA_NEW(arena, int, 2 * corners);
    web->weight = ARENA_NEW(arena, double, 2 * corners);
    size_t mark = arena_mark(arena);
    int *used = ARENA_NEW(arena, int, vertices);
    if (web->start == NULL || web->neighbor == NULL || web->weight == NULL || used == NULL)
        return err_set(err, ERR_LIMIT, "no room for the edges of %d triangles",
                       surface->triangle_count);
    for (int t = 0; t < surface->triangle_count; t++)
        for (int k = 0; k < 3; k++)
            web->start[surface->triangle[t][k] + 1] += 2;
    for (int v = 0; v < surface->vertex_count; v++)
        web->start[v + 1] += web->start[v];
    for (int t = 0; t < surface->triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            const int *corner = surface->triangle[t];
            int u = corner[k], v = corner[(k + 1) % 3], apex = corner[(k + 2) % 3];
            Vec3 a = vec_sub(surface->position_mm[u], surface->position_mm[apex]);
            Vec3 b = vec_sub(surface->position_mm[v], surface->position_mm[apex]);
            double area = vec_length(vec_cross(a, b));
            double share = conductance == NULL ? 1.0 : conductance[t];
            double cotangent = area > 0.0 ? 0.5 * share * vec_dot(a, b) / area : 0.0;
            add_edge(web, used, u, v, cotangent);
            add_edge(web, used, v, u, cotangent);
        }
    close_gaps(web, surface->vertex_count, used);
    arena_rewind(arena, mark);
    return true;
}

bool dots_across(Arena *scratch, int vertex_count, int triangle_count, const int triangle[][3],
                 int across[][3], Err *err)
{
    size_t mark = arena_mark(scratch), corners = 3 * (size_t)triangle_count;
    int *start = ARENA_NEW(scratch, int, (size_t)vertex_count + 2);
    int *corner = ARENA_NEW(scratch, int, corners); /* edges by the vertex they leave */
    if (start == NULL || corner == NULL)
        return err_set(err, ERR_LIMIT, "no room for the edges of %d triangles", triangle_count);
    for (int e = 0; e < 3 * triangle_count; e++)
        start[triangle[e / 3][e % 3] + 2]++;
    for (int v = 0; v < vertex_count; v++)
        start[v + 2] += start[v + 1];
    for (int e = 0; e < 3 * triangle_count; e++)
        corner[start[triangle[e / 3][e % 3] + 1]++] = e;
    for (int e = 0; e < 3 * triangle_count; e++) {
        int from = triangle[e / 3][e % 3], to = triangle[e / 3][(e + 1) % 3];
        across[e / 3][e % 3] = -1;
        for (int k = start[to]; k < start[to + 1]; k++)
            if (triangle[corner[k] / 3][(corner[k] + 1) % 3] == from)
                across[e / 3][e % 3] = corner[k] / 3;
    }
    arena_rewind(scratch, mark);
    return true;
}

bool dots_surface_plane(Arena *arena, double side_x_mm, double side_y_mm, int cells_x, int cells_y,
                        DotsSurface *surface, Err *err)
{
    assert(cells_x > 0 && cells_y > 0);
    int row = cells_x + 1, vertices = row * (cells_y + 1), triangles = 2 * cells_x * cells_y;
    Vec3 *position_mm = ARENA_NEW(arena, Vec3, (size_t)vertices);
    Vec3 *normal = ARENA_NEW(arena, Vec3, (size_t)vertices);
    int(*triangle)[3] = arena_alloc(arena, (size_t)triangles, sizeof(int[3]));
    int(*across)[3] = arena_alloc(arena, (size_t)triangles, sizeof(int[3]));
    if (position_mm == NULL || normal == NULL || triangle == NULL || across == NULL)
        return err_set(err, ERR_LIMIT, "no room for a plane of %d triangles", triangles);
    for (int v = 0; v < vertices; v++) {
        position_mm[v] =
            vec3(side_x_mm * (v % row) / cells_x, side_y_mm * (v / row) / cells_y, 0.0);
        normal[v] = vec3(0.0, 0.0, 1.0);
    }
    for (int cell = 0; cell < cells_x * cells_y; cell++) {
        int x = cell % cells_x, y = cell / cells_x, a = y * row + x, t = 2 * cell;
        int lower[3] = {a, a + 1, a + row + 1}, upper[3] = {a, a + row + 1, a + row};
        memcpy(triangle[t], lower, sizeof lower);
        memcpy(triangle[t + 1], upper, sizeof upper);
        across[t][0] = y > 0 ? t - 2 * cells_x + 1 : -1;
        across[t][1] = x < cells_x - 1 ? t + 3 : -1;
        across[t][2] = t + 1;
        across[t + 1][0] = t;
        across[t + 1][1] = y < cells_y - 1 ? t + 2 * cells_x : -1;
        across[t + 1][2] = x > 0 ? t - 2 : -1;
    }
    *surface = (DotsSurface){.vertex_count = vertices,
                             .triangle_count = triangles,
                             .position_mm = position_mm,
                             .normal = normal,
                             .triangle = (const int(*)[3])triangle,
                             .across = (const int(*)[3])across};
    surface->longest_edge_mm = dots_longest_edge_mm(surface);
    return true;
}
