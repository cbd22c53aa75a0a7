/* dots_internal.h - what the files of this room share: a grid over points, a sort, the elimination.
 */
#ifndef DOTS_DOTS_INTERNAL_H
#define DOTS_DOTS_INTERNAL_H

#include "dots/dots.h"

/* Nearest-neighbour distance of the hexagonal lattice at unit density: sqrt(2 / sqrt 3). */
#define DOTS_HEX 1.0745699318235418

/* Points in columns of a square grid over x and z, in a column by cells of y: memory goes with the
 * points and the floor plan, not with the volume of the head. */
typedef struct DotsGrid {
    Vec3 low_mm;
    double cell_mm;
    int columns_x, columns_z;
    int *start;  /* [columns_x * columns_z + 1] */
    int *item;   /* [count] which point */
    int *cell_y; /* [count] of item */
} DotsGrid;

/* A walk over all points in the cells that a ball touches: a superset of the points in the ball. */
typedef struct DotsWalk {
    const DotsGrid *grid;
    int x, x_last, z, z_first, z_last, y_first, y_last;
    int at, end;
} DotsWalk;

MUST_CHECK bool dots_grid_new(Arena *arena, int count, const Vec3 position_mm[], double cell_mm,
                              DotsGrid *grid, Err *err);
DotsWalk dots_walk(const DotsGrid *grid, Vec3 centre_mm, double radius_mm);
bool dots_walk_column(DotsWalk *walk); /* the next column that is not empty */

static inline bool dots_walk_next(DotsWalk *walk, int *item)
{
    const DotsGrid *grid = walk->grid;
    while (walk->at >= walk->end || grid->cell_y[walk->at] > walk->y_last)
        if (!dots_walk_column(walk))
            return false;
    *item = grid->item[walk->at++];
    return true;
}

typedef struct DotsKey {
    double key;
    int item;
} DotsKey;

/* Sorts by key, then by item. */
MUST_CHECK bool dots_sort(Arena *scratch, int count, DotsKey key[], Err *err);

typedef struct DotsCloud {
    int count;
    const Vec3 *position_mm;    /* [count] candidates */
    const double *hair_per_mm2; /* [count] density of fixed points around, NULL: none */
    int fixed_count;
    const Vec3 *fixed_mm;
    double area_mm2;
    int threads;
} DotsCloud;

/* order[0 .. keep - 1] becomes the candidates that stay, the most important first: the first n are
 * well spread for every n <= keep. Weighted sample elimination, Yuksel, "Sample elimination for
 * generating Poisson disk sample sets", CGF 34 (2015) 25, by levels of shrinking size. */
MUST_CHECK bool dots_eliminate(Arena *scratch, const DotsCloud *cloud, int keep,
                               const Progress *progress, int order[], Err *err);

/* rank[i] in [0, 1) for the sites in order, such that everywhere on the canvas the sites with
 * rank < f have the density f * highest_per_mm2 (over a few millimetres), also where follicles or
 * the rim bent it. open[t] tells which triangles take sites. */
MUST_CHECK bool dots_level_ranks(Arena *scratch, const Head *head, const uint8_t open[],
                                 double highest_per_mm2, int count, const HeadPoint point[],
                                 int threads, double rank[], Err *err);

/* A dot on its way: where its site is, where it is now. */
typedef struct DotsPlace {
    Vec3 site_mm, position_mm;
    HeadPoint point;
    double target_per_mm2; /* at the site */
    int session;
    bool kept;
} DotsPlace;

/* Moves places apart and takes away those that stay closer than the spacing; places are in order of
 * site, until[s] is the share of the target up to session s. Spacing 0 leaves all on their sites.
 */
MUST_CHECK bool dots_keep_apart(Arena *scratch, const Head *head, const double target_per_mm2[],
                                int fixed_count, const Vec3 fixed_mm[], double spacing_mm,
                                int session_count, const double until[], int count,
                                DotsPlace place[], Err *err);
/* The smallest distance between two kept places; 0 when there are not two. */
MUST_CHECK bool dots_nearest_mm(Arena *scratch, int count, const DotsPlace place[],
                                double *nearest_mm, Err *err);

#endif
