/* pattern_internal.h - what the files of `pattern` share; nothing outside the folder includes it.
 *
 * dots_pattern_cells.c: nearest distances and cells; _pairs.c: the pair correlation; _ground.c:
 * gaps and blotches; dots_pattern.c puts them together. _units.c reads real hair, _match.c turns
 * what it found into a parameter of the plan.
 */
#ifndef DOTS_PATTERN_INTERNAL_H
#define DOTS_PATTERN_INTERNAL_H

#include "dots/dots_internal.h"
#include "dots/pattern.h"

/* Streams of PatternInput.seed. */
enum { PATTERN_STREAM_THIN, PATTERN_STREAM_50, PATTERN_STREAM_200 };

/* Points, or samples of the ground on which dots are expected. */
typedef struct PatternPlaces {
    int count;
    const Vec3 *position_mm, *normal; /* [count] */
    const double *per_mm2;            /* [count] expected density, > 0 */
    const double *dots;               /* [count] expected in a sample; NULL: points, each is 1 */
    const uint8_t *inner;             /* [count] NULL: all 1 */
} PatternPlaces;

/* Places in the order of a grid over them. */
typedef struct PatternCloud {
    int count;
    Vec3 *at, *normal;
    double *root; /* square root of the density per mm2 */
    double *dots;
    uint8_t *inner;
    DotsGrid grid;
} PatternCloud;
MUST_CHECK bool pattern_cloud_new(Arena *arena, const PatternPlaces *places, double cell_mm,
                                  PatternCloud *cloud, Err *err);

/* Places that are still to be filled in. */
typedef struct PatternGround {
    int count;
    Vec3 *position_mm, *normal;
    double *per_mm2, *dots;
} PatternGround;
MUST_CHECK bool pattern_ground_alloc(Arena *arena, int count, PatternGround *ground, Err *err);
PatternPlaces pattern_ground_places(const PatternGround *ground);
/* ERR_INPUT when no dot is expected. */
MUST_CHECK bool pattern_ground_new(Arena *arena, const DotsSurface *surface,
                                   const double vertex_per_mm2[], PatternGround *ground, Err *err);

/* Thin parts of a surface have points on both sides. */
static inline bool pattern_same_side(Vec3 normal_a, Vec3 normal_b)
{
    return vec_dot(normal_a, normal_b) > 0.0;
}

/* The figures from least to cap_cv, and gap as the widest corner of a cell among inner points.
 * *share: mean of cell area x density, 1 when the density is right. ERR_INPUT for points so close
 * that the work would go with the square of their count: call it first. */
MUST_CHECK bool pattern_measure_cells(Arena *scratch, const PatternCloud *points, Pattern *pattern,
                                      double *share, Err *err);
/* g, g_peak, g_peak_at; ground NULL: from the points that have no border near. */
MUST_CHECK bool pattern_measure_pairs(Arena *scratch, const PatternCloud *points,
                                      const PatternPlaces *ground, uint64_t seed, Pattern *pattern,
                                      Err *err);
/* gap, if more than it is already; gap_p999, f50, f200. */
MUST_CHECK bool pattern_measure_ground(Arena *scratch, const PatternCloud *points,
                                       const PatternPlaces *ground, uint64_t seed, Pattern *pattern,
                                       Err *err);

/* All of it; ground NULL: none. */
MUST_CHECK bool pattern_measure_places(Arena *scratch, const PatternPlaces *points,
                                       const PatternPlaces *ground, uint64_t seed, Pattern *pattern,
                                       double *share, Err *err);

#endif
