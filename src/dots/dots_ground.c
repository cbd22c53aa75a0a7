#include "dots/dots_internal.h"

/* Where the wanted density falls within a spacing or two (a patch, the rim of a fringe), dots are
 * pushed outwards by what stands inside, and nothing outside pushes back: they would pile up along
 * the border and thin out behind it. What the wanted density itself would push, taken as a
 * continuum, is therefore taken off. On gentle slopes that is zero by the scaling of the force, so
 * only places near steep triangles need it. Hard lines have their own integral. */
#define STEEP 0.3 /* of the highest corner, within a triangle */
enum { RINGS = 4, PARTS = 4 };

static double density_at_corner(const DotsField *field, int t, int corner)
{
    HeadPoint point = {.triangle = t};
    point.weight[corner] = 1.0;
    return dots_field_at(field, point);
}

/* near[t]: 0 far from anything steep, else how many rings from the farthest that counts, + 1. */
static bool find_near(Arena *scratch, const DotsField *field, uint8_t near[], Err *err)
{
    const DotsSurface *surface = field->surface;
    uint8_t *vertex = ARENA_NEW(scratch, uint8_t, (size_t)surface->vertex_count);
    if (vertex == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", surface->vertex_count);
    for (int t = 0; t < surface->triangle_count; t++) {
        double a = density_at_corner(field, t, 0), b = density_at_corner(field, t, 1);
        double c = density_at_corner(field, t, 2);
        double most = fmax(a, fmax(b, c)), least = fmin(a, fmin(b, c));
        near[t] = most - least > STEEP * most ? RINGS : 0;
    }
    for (int ring = RINGS; ring > 1; ring--) {
        for (int t = 0; t < surface->triangle_count; t++)
            for (int k = 0; near[t] == ring && k < 3; k++)
                vertex[surface->triangle[t][k]] = 1;
        for (int t = 0; t < surface->triangle_count; t++) {
            const int *corner = surface->triangle[t];
            if (near[t] == 0 && (vertex[corner[0]] | vertex[corner[1]] | vertex[corner[2]]) != 0)
                near[t] = (uint8_t)(ring - 1);
        }
    }
    return true;
}

static void add_triangle(DotsGround *ground, const DotsField *field, int t, double area_mm2)
{
    for (int i = 0; i < PARTS; i++)
        for (int j = 0; j < 2 * (PARTS - i) - 1; j++) {
            double third = j % 2 == 0 ? 1.0 / 3.0 : 2.0 / 3.0;
            double b = (i + third) / PARTS, c = (j / 2 + third) / PARTS;
            HeadPoint point = {.triangle = t, .weight = {1.0 - b - c, b, c}};
            double density = dots_field_at(field, point);
            if (!(density > 0.0))
                continue;
            ground->position_mm[ground->count] = dots_position_mm(field->surface, point);
            ground->per_mm2[ground->count] = density;
            ground->dots[ground->count++] = density * area_mm2 / (PARTS * PARTS);
        }
}

bool dots_ground_new(Arena *scratch, const DotsField *field, const DotsFacet facet[],
                     DotsGround *ground, Err *err)
{
    const DotsSurface *surface = field->surface;
    *ground = (DotsGround){.near = ARENA_NEW(scratch, uint8_t, (size_t)surface->triangle_count)};
    if (ground->near == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d triangles", surface->triangle_count);
    if (!find_near(scratch, field, ground->near, err))
        return false;
    size_t points = 0;
    for (int t = 0; t < surface->triangle_count; t++)
        points += ground->near[t] > 0 ? PARTS * PARTS : 0;
    ground->position_mm = ARENA_NEW(scratch, Vec3, points);
    ground->per_mm2 = ARENA_NEW(scratch, double, points);
    ground->dots = ARENA_NEW(scratch, double, points);
    if (ground->position_mm == NULL || ground->per_mm2 == NULL || ground->dots == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu points of the ground", points);
    for (int t = 0; t < surface->triangle_count; t++)
        if (ground->near[t] > 0)
            add_triangle(ground, field, t, facet[t].area_mm2);
    double spacing = 1.0 / sqrt(fmax(field->highest_per_mm2, 1e-2));
    return dots_grid_new(scratch, ground->count, ground->position_mm, 2.0 * spacing, &ground->grid,
                         err);
}

bool dots_is_by_steep(const DotsGround *ground, int triangle)
{
    return ground->near[triangle] > 1;
}
