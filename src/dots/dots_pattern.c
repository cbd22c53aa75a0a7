#include "dots/pattern_internal.h"

enum { LEAST_POINTS = 10 };
#define CELL_SPACINGS 1.6 /* of the grid over points; only speed depends on it */

bool pattern_cloud_new(Arena *arena, const PatternPlaces *all, double cell_mm, PatternCloud *cloud,
                       Err *err)
{
    size_t count = (size_t)all->count;
    *cloud = (PatternCloud){.count = all->count};
    if (!dots_grid_new(arena, all->count, all->position_mm, cell_mm, &cloud->grid, err))
        return false;
    cloud->at = ARENA_NEW(arena, Vec3, count);
    cloud->normal = ARENA_NEW(arena, Vec3, count);
    cloud->root = ARENA_NEW(arena, double, count);
    cloud->dots = all->dots != NULL ? ARENA_NEW(arena, double, count) : NULL;
    cloud->inner = ARENA_NEW(arena, uint8_t, count);
    if (cloud->at == NULL || cloud->normal == NULL || cloud->root == NULL ||
        (all->dots != NULL && cloud->dots == NULL) || cloud->inner == NULL)
        return err_set(err, ERR_LIMIT, "no room to measure a pattern of %d points", all->count);
    for (int k = 0; k < all->count; k++) {
        int item = cloud->grid.item[k];
        cloud->grid.item[k] = k; /* the points now stand in its order */
        cloud->at[k] = all->position_mm[item];
        cloud->normal[k] = all->normal[item];
        cloud->root[k] = sqrt(all->per_mm2[item]);
        cloud->inner[k] = all->inner == NULL || all->inner[item] != 0;
        if (cloud->dots != NULL)
            cloud->dots[k] = all->dots[item];
    }
    return true;
}

static bool check(const PatternInput *input, Err *err)
{
    if (input->count < LEAST_POINTS)
        return err_set(err, ERR_INPUT, "%d points are too few for a pattern: %d or more",
                       input->count, LEAST_POINTS);
    for (int i = 0; i < input->count; i++) {
        double normal2 = vec_dot(input->normal[i], input->normal[i]);
        if (!vec_is_finite(input->position_mm[i]) || !(fabs(normal2 - 1.0) < 1e-3))
            return err_set(err, ERR_INPUT, "point %d has no place or no unit normal", i);
        if (!(input->per_mm2[i] > 0.0) || !isfinite(input->per_mm2[i]))
            return err_set(err, ERR_INPUT, "point %d has the density %g", i, input->per_mm2[i]);
    }
    for (int v = 0; input->surface != NULL && v < input->surface->vertex_count; v++)
        if (!(input->vertex_per_mm2[v] >= 0.0) || !isfinite(input->vertex_per_mm2[v]))
            return err_set(err, ERR_INPUT, "vertex %d has the density %g", v,
                           input->vertex_per_mm2[v]);
    return true;
}

static Pattern nothing_known(void)
{
    Pattern pattern = {0};
    pattern.least = pattern.p1 = pattern.alpha = pattern.nn_cv = (double)NAN;
    pattern.psi6 = pattern.hex_share = pattern.cvt = pattern.cap_cv = (double)NAN;
    pattern.gap = pattern.gap_p999 = pattern.f50 = pattern.f200 = (double)NAN;
    pattern.g_peak = pattern.g_peak_at = (double)NAN;
    for (int b = 0; b < PATTERN_BINS; b++)
        pattern.g[b] = (double)NAN;
    return pattern;
}

static double mean_spacing_mm(int count, const double per_mm2[])
{
    double sum = 0.0;
    for (int i = 0; i < count; i++)
        sum += 1.0 / sqrt(per_mm2[i]);
    return sum / count;
}

bool pattern_measure_places(Arena *scratch, const PatternPlaces *places,
                            const PatternPlaces *ground, uint64_t seed, Pattern *pattern,
                            double *share, Err *err)
{
    size_t mark = arena_mark(scratch);
    PatternCloud points;
    double cell_mm = CELL_SPACINGS * mean_spacing_mm(places->count, places->per_mm2);
    if (!pattern_cloud_new(scratch, places, cell_mm, &points, err))
        return false;
    *pattern = nothing_known();
    pattern->count = points.count;
    for (int i = 0; i < points.count; i++)
        pattern->inner += points.inner[i];
    if (!pattern_measure_cells(scratch, &points, pattern, share, err) ||
        !pattern_measure_pairs(scratch, &points, ground, seed, pattern, err))
        return false;
    if (ground == NULL)
        pattern->gap = (double)NAN;
    else if (!pattern_measure_ground(scratch, &points, ground, seed, pattern, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}

bool pattern_measure(Arena *scratch, const PatternInput *input, Pattern *pattern, Err *err)
{
    size_t mark = arena_mark(scratch);
    PatternPlaces points = {.count = input->count,
                            .position_mm = input->position_mm,
                            .normal = input->normal,
                            .per_mm2 = input->per_mm2,
                            .inner = input->inner};
    PatternGround samples;
    PatternPlaces ground;
    double share;
    if (!check(input, err))
        return false;
    if (input->surface != NULL) {
        if (!pattern_ground_new(scratch, input->surface, input->vertex_per_mm2, &samples, err))
            return false;
        ground = pattern_ground_places(&samples);
    }
    if (!pattern_measure_places(scratch, &points, input->surface != NULL ? &ground : NULL,
                                input->seed, pattern, &share, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}

double pattern_g_distance(const Pattern *a, const Pattern *b)
{
    double sum = 0.0;
    for (int k = 0; k < PATTERN_BINS; k++)
        sum += fabs(a->g[k] - b->g[k]);
    return sum / PATTERN_BINS;
}
