#include "dots/dots_internal.h"

/* Points are counted at their vertices; counts and areas then spread alike from vertex to vertex,
 * so that their ratio is a density also where a rim cuts the neighbourhood short. */
#define SIGMA_MM 2.0
enum { LEAST_STEPS = 2, MOST_STEPS = 64 };

static int nearest_vertex(const DotsSurface *surface, const DotsGrid *grid, Vec3 p)
{
    const double farthest_mm = 1e4;
    int nearest = 0, v;
    double least = (double)INFINITY;
    double reach = fmax(surface->longest_edge_mm, 1e-3); /* of no length: nothing but points */
    for (; !(least < reach) && reach < farthest_mm; reach *= 4.0)
        for (DotsWalk walk = dots_walk(grid, p, reach); dots_walk_next(&walk, &v);) {
            double distance = vec_distance(p, surface->position_mm[v]);
            if (distance < least) {
                least = distance;
                nearest = v;
            }
        }
    return nearest;
}

/* One step of a random walk: half stays, half goes to the neighbours in equal parts. */
static void spread(const DotsSurface *surface, const DotsWeb *web, const double from[], double to[])
{
    for (int v = 0; v < surface->vertex_count; v++) {
        to[v] = 0.5 * from[v];
        for (int k = web->start[v]; k < web->start[v + 1]; k++) {
            int other = web->neighbor[k];
            to[v] += 0.5 * from[other] / (web->start[other + 1] - web->start[other]);
        }
    }
}

static void count_points(const DotsSurface *surface, int count, const int nearest[],
                         double points[], double area[])
{
    for (int i = 0; i < count; i++)
        points[nearest[i]] += 1.0;
    for (int t = 0; t < surface->triangle_count; t++) {
        const int *corner = surface->triangle[t];
        Vec3 a = surface->position_mm[corner[0]];
        Vec3 across = vec_cross(vec_sub(surface->position_mm[corner[1]], a),
                                vec_sub(surface->position_mm[corner[2]], a));
        for (int k = 0; k < 3; k++)
            area[corner[k]] += vec_length(across) / 6.0;
    }
}

bool dots_density_of(Arena *scratch, const DotsSurface *surface, int count,
                     const Vec3 position_mm[], int nearest[], double density_per_mm2[], Err *err)
{
    size_t mark = arena_mark(scratch), vertices = (size_t)surface->vertex_count;
    double *points = ARENA_NEW(scratch, double, vertices),
           *area = ARENA_NEW(scratch, double, vertices);
    double *next = ARENA_NEW(scratch, double, vertices);
    DotsGrid grid;
    DotsWeb web;
    if (points == NULL || area == NULL || next == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", surface->vertex_count);
    if (!dots_grid_new(scratch, surface->vertex_count, surface->position_mm,
                       fmax(surface->longest_edge_mm, 1e-3), &grid, err) ||
        !dots_web_new(scratch, surface, NULL, &web, err))
        return false;
    for (int i = 0; i < count; i++)
        nearest[i] = nearest_vertex(surface, &grid, position_mm[i]);
    count_points(surface, count, nearest, points, area);
    /* A step moves half of everything by an edge: variance edge^2 / 4 along each axis. */
    double edge = fmax(surface->longest_edge_mm, 1e-3);
    int steps = (int)lround(4.0 * SIGMA_MM * SIGMA_MM / (edge * edge));
    steps = steps < LEAST_STEPS ? LEAST_STEPS : steps > MOST_STEPS ? MOST_STEPS : steps;
    double *field[] = {points, area};
    for (int f = 0; f < 2; f++)
        for (int step = 0; step < steps; step++) {
            spread(surface, &web, field[f], next);
            double *swap = field[f];
            field[f] = next;
            next = swap;
        }
    for (int v = 0; v < surface->vertex_count; v++)
        density_per_mm2[v] = field[1][v] > 0.0 ? field[0][v] / field[1][v] : 0.0;
    arena_rewind(scratch, mark);
    return true;
}

bool dots_beside(Arena *scratch, const DotsSurface *surface, int count, const DotsFixed fixed[],
                 double density_per_mm2[], Err *err)
{
    size_t mark = arena_mark(scratch);
    Vec3 *position_mm = ARENA_NEW(scratch, Vec3, (size_t)count);
    int *nearest = ARENA_NEW(scratch, int, (size_t)count);
    if (position_mm == NULL || nearest == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d fixed points", count);
    for (int v = 0; v < surface->vertex_count; v++)
        density_per_mm2[v] = 0.0;
    for (int i = 0; i < count; i++)
        position_mm[i] = fixed[i].position_mm;
    if (count > 0 &&
        !dots_density_of(scratch, surface, count, position_mm, nearest, density_per_mm2, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
