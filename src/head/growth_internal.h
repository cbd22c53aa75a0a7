/* growth_internal.h - the parts of the growth field: its singular part, what strokes ask for, and
 * the smooth function that gives it to them. */
#ifndef HEAD_GROWTH_INTERNAL_H
#define HEAD_GROWTH_INTERNAL_H

#include "head/growth.h"

/* Where strokes are read and s is solved: a square of the chart around the canvas. */
#define GROWTH_REACH_UV 1.45
/* Points of a stroke nearer to each other are one. */
#define GROWTH_STROKE_STEP_UV 1e-6
enum { GROWTH_SIDE = 129, GROWTH_COARSE_SIDE = 33 };

/* A singularity made ready to be asked. */
typedef struct GrowthPole {
    double uv[2];
    int index;
    double chord_mm; /* chord of the sphere through it: chord_mm * |x - uv| / sqrt(1 + |x|^2) */
    double turn_rad; /* at its middle, over what the others make of it */
    double reach_mm; /* of a whorl; 0: it does not turn */
} GrowthPole;

/* What a field keeps beside its arrays. */
struct GrowthSolver {
    int pole_count;
    GrowthPole pole[GROWTH_SINGULARITIES];
    double constant_rad;
    double mean_radius_mm;
    double (*uv)[2];        /* [vertex_count] chart of the canvas */
    double *plain_lift_rad; /* [vertex_count] without the whorls */
};

/* Singular part of the heading, modulo a turn. */
double growth_singular_rad(const GrowthSolver *solver, const double uv[2]);
/* mm on a sphere of this radius for a unit of the chart, at a place. */
double growth_scale_mm(double radius_mm, const double uv[2]);
double growth_radius_mm(const Head *head, const GrowthSolver *solver, const double uv[2]);

/* A regular grid over the square: what the strokes ask of each node. */
typedef struct GrowthGrid {
    int side;
    double *weight;  /* [side * side], energy of the node: weight * (s - target)^2 */
    double *rhs;     /* [side * side], sum of weight * target */
    double *nearest; /* [side * side] working space of a stroke, as is asked_rad */
    double *asked_rad;
} GrowthGrid;

static inline double growth_spacing(int side)
{
    return 2.0 * GROWTH_REACH_UV / (side - 1);
}

MUST_CHECK bool growth_grid_new(Arena *arena, int side, GrowthGrid *grid, Err *err);
/* The weight that holds s at 0, for strokes that are felt over fade_mm; fade_mm 0: none. */
void growth_grid_fade(const GrowthSolver *solver, double fade_mm, GrowthGrid *grid);
/* Minimises sum over edges (ds)^2 + sum weight (s - target)^2. s[side * side]; 0 where nothing is
 * asked at all. */
MUST_CHECK bool growth_grid_solve(Arena *scratch, const GrowthGrid *grid, double tolerance,
                                  double s[], Err *err);
/* Catmull-Rom. */
double growth_grid_read(int side, const double s[], const double uv[2]);

/* s at every vertex. fade_mm as above. */
MUST_CHECK bool growth_smooth(Arena *scratch, const Head *head, const Growth *growth,
                              const GrowthSolver *solver, double fade_mm, double smooth_rad[],
                              Err *err);

#endif
