#include "dots/dots_internal.h"

#include "base/rng.h"

#include <string.h>

/* Deviates are drawn by site and then traded between near dots of the same session wherever that
 * takes equals farther apart: the distribution stays what it was, large dots no longer meet. */
enum { SWEEPS = 4, NEIGHBORS = 24 };
#define REACH_SPACINGS 2.2
/* Streams apart from those of the sequence, which may have the same seed. */
#define SIZE_STREAM  (UINT64_C(1) << 40)
#define SHADE_STREAM (UINT64_C(2) << 40)
#define TRADE_STREAM (UINT64_C(3) << 40)

bool dots_marks_new(Arena *scratch, int count_of, const Vec3 position_mm[], const double per_mm2[],
                    const uint8_t group[], DotsMarks *marks, Err *err)
{
    size_t count = (size_t)count_of;
    *marks = (DotsMarks){.count = count_of, .group = group};
    marks->near = ARENA_NEW(scratch, int, count *NEIGHBORS);
    marks->share = ARENA_NEW(scratch, float, count *NEIGHBORS);
    marks->nears = ARENA_NEW(scratch, int, count);
    if (marks->near == NULL || marks->share == NULL || marks->nears == NULL)
        return err_set(err, ERR_LIMIT, "no room for the neighbours of %d dots", marks->count);
    double mean = 0.0;
    for (int i = 0; i < marks->count; i++)
        mean += 1.0 / sqrt(fmax(per_mm2[i], 1e-2)) / marks->count;
    DotsGrid grid;
    if (!dots_grid_new(scratch, marks->count, position_mm, REACH_SPACINGS * fmax(mean, 0.1), &grid,
                       err))
        return false;
    for (int i = 0; i < marks->count; i++) {
        double reach = REACH_SPACINGS / sqrt(fmax(per_mm2[i], 1e-2));
        int j;
        for (DotsWalk walk = dots_walk(&grid, position_mm[i], reach);
             dots_walk_next(&walk, &j) && marks->nears[i] < NEIGHBORS;) {
            double away = vec_distance(position_mm[i], position_mm[j]) / reach;
            if (j == i || away >= 1.0)
                continue;
            int at = i * NEIGHBORS + marks->nears[i]++;
            marks->near[at] = j;
            marks->share[at] = (float)((1.0 - away) * (1.0 - away));
        }
    }
    return true;
}

/* What the deviate `value` at dot i meets around it, dot `but` left out. */
static double meets(const DotsMarks *marks, const double deviate[], int i, int but)
{
    double sum = 0.0;
    for (int k = i * NEIGHBORS; k < i * NEIGHBORS + marks->nears[i]; k++)
        if (marks->near[k] != but)
            sum += (double)marks->share[k] * deviate[marks->near[k]];
    return sum;
}

void dots_trade(const DotsMarks *marks, uint64_t seed, double deviate[])
{
    Rng rng = rng_make(seed, TRADE_STREAM);
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int i = 0; i < marks->count; i++) {
            if (marks->nears[i] == 0)
                continue;
            int j = marks->near[i * NEIGHBORS + rng_below(&rng, marks->nears[i])];
            if (marks->group[i] != marks->group[j])
                continue;
            double a = deviate[i], b = deviate[j];
            double here = meets(marks, deviate, i, j), there = meets(marks, deviate, j, i);
            if ((b - a) * (here - there) < 0.0) {
                deviate[i] = b;
                deviate[j] = a;
            }
        }
}

double dots_size_deviate(uint64_t seed, int site)
{
    Rng rng = rng_make(seed, SIZE_STREAM + (uint64_t)site);
    return rng_normal(&rng);
}

double dots_shade_deviate(uint64_t seed, int site)
{
    Rng rng = rng_make(seed, SHADE_STREAM + (uint64_t)site);
    return rng_normal(&rng);
}

void dots_level_squares(const DotsMarks *marks, Arena *scratch, float value[])
{
    size_t mark = arena_mark(scratch);
    float *mean = ARENA_NEW(scratch, float, (size_t)marks->count);
    for (int i = 0; mean != NULL && i < marks->count; i++) {
        double sum = (double)value[i] * (double)value[i];
        for (int k = i * NEIGHBORS; k < i * NEIGHBORS + marks->nears[i]; k++)
            sum += (double)value[marks->near[k]] * (double)value[marks->near[k]];
        mean[i] = (float)sqrt(sum / (1 + marks->nears[i]));
    }
    for (int i = 0; mean != NULL && i < marks->count; i++)
        value[i] /= mean[i];
    arena_rewind(scratch, mark);
}
