#include "dots/pattern_internal.h"

/* Neighbours are sought within CELL_REACH spacings, and twice as far as long as the cell is not
 * closed: four times is farther than any cell of random points needs. */
#define CELL_REACH 2.2
enum { CELL_ROUNDS = 3, NEAR_LIMIT = 1024, CORNERS = 64 };
#define LOOKS         2000.0 /* at others, for each point; about 50 where the density is right */
#define SHORTEST_EDGE 1e-7   /* spacings: four points on a circle share no edge across it */
#define HEXAGONAL     0.9    /* bond order of a cell that looks like the lattice */

/* A neighbour in the tangent plane of a point, which is the origin. */
typedef struct Near {
    double x, y; /* mm */
    int item;
} Near;

/* A convex polygon round the origin, counter-clockwise. */
typedef struct Cell {
    int corners;
    double x[CORNERS], y[CORNERS];
    int edge[CORNERS]; /* (k, k + 1) is half way to this neighbour; -1 the frame */
} Cell;

typedef struct Shape {
    double area_mm2, moment_mm4; /* second moment about the origin */
    double x, y;                 /* centroid, mm */
    int edges;
    double order; /* |mean of exp(6 i direction)| over the neighbours */
} Shape;

/* Density near a point, as a plane. */
typedef struct Slope {
    double per_mm2, x, y;
} Slope;

typedef struct Spacing {
    int nearest_count, cells, hexagons;
    DotsKey *nearest; /* [points] u */
    double order, moment;
    double share, share2; /* sums of (area x density - 1) and its square */
    double gap;
    double looks;
} Spacing;

static double farthest2(const Cell *cell)
{
    double most = 0.0;
    for (int k = 0; k < cell->corners; k++) {
        double far2 = cell->x[k] * cell->x[k] + cell->y[k] * cell->y[k];
        most = far2 > most ? far2 : most; /* fmax is a call */
    }
    return most;
}

static void add_corner(Cell *cell, double x, double y, int edge)
{
    int k = cell->corners++;
    cell->x[k] = x;
    cell->y[k] = y;
    cell->edge[k] = edge;
}

/* Keeps the origin's side of the line half way to (x, y); false when the corners have no room. */
static bool clip(Cell *cell, double x, double y, int neighbor)
{
    double beyond[CORNERS], half = 0.5 * (x * x + y * y);
    bool cut = false;
    for (int k = 0; k < cell->corners; k++) {
        beyond[k] = cell->x[k] * x + cell->y[k] * y - half;
        cut |= beyond[k] > 0.0;
    }
    if (!cut)
        return true;
    if (cell->corners > CORNERS / 2) /* rounding may cross the outline more than twice */
        return false;
    Cell old = *cell;
    cell->corners = 0;
    for (int a = 0; a < old.corners; a++) {
        int b = a + 1 < old.corners ? a + 1 : 0;
        bool stays = beyond[a] <= 0.0;
        if (stays)
            add_corner(cell, old.x[a], old.y[a], old.edge[a]);
        if (stays == (beyond[b] <= 0.0))
            continue;
        double t = beyond[a] / (beyond[a] - beyond[b]);
        add_corner(cell, old.x[a] + t * (old.x[b] - old.x[a]), old.y[a] + t * (old.y[b] - old.y[a]),
                   stays ? neighbor : old.edge[a]);
    }
    return true;
}

/* The Voronoi cell of the origin among all neighbours within reach, in any order. False when others
 * could still change it. */
static bool close_cell(int count, const Near near[], double reach_mm, Cell *cell)
{
    cell->corners = 0;
    for (int k = 0; k < 4; k++)
        add_corner(cell, k == 1 || k == 2 ? reach_mm : -reach_mm, k < 2 ? -reach_mm : reach_mm, -1);
    double far2 = farthest2(cell);
    for (int i = 0; i < count; i++) {
        double x = near[i].x, y = near[i].y;
        if (x * x + y * y >= 4.0 * far2)
            continue;
        if (!clip(cell, x, y, i))
            return false;
        far2 = farthest2(cell);
    }
    bool closed = 4.0 * far2 <= reach_mm * reach_mm;
    for (int k = 0; k < cell->corners; k++)
        closed = closed && cell->edge[k] >= 0;
    return closed;
}

static Shape shape_of(const Cell *cell, const Near near[], double shortest_mm)
{
    Shape shape = {0};
    double re = 0.0, im = 0.0;
    for (int a = 0; a < cell->corners; a++) {
        int b = a + 1 < cell->corners ? a + 1 : 0;
        double ax = cell->x[a], ay = cell->y[a], bx = cell->x[b], by = cell->y[b];
        double cross = ax * by - bx * ay;
        shape.area_mm2 += 0.5 * cross;
        shape.x += cross * (ax + bx) / 6.0;
        shape.y += cross * (ay + by) / 6.0;
        shape.moment_mm4 +=
            cross * (ax * ax + ax * bx + bx * bx + ay * ay + ay * by + by * by) / 12.0;
        if ((bx - ax) * (bx - ax) + (by - ay) * (by - ay) <= shortest_mm * shortest_mm)
            continue;
        Near to = near[cell->edge[a]];
        double length2 = to.x * to.x + to.y * to.y;
        double c = (to.x * to.x - to.y * to.y) / length2, s = 2.0 * to.x * to.y / length2;
        re += c * (c * c - 3.0 * s * s); /* the cube of c + i s, which is exp(2 i direction) */
        im += s * (3.0 * c * c - s * s);
        shape.edges++;
    }
    shape.x /= shape.area_mm2;
    shape.y /= shape.area_mm2;
    shape.order = shape.edges > 0 ? hypot(re, im) / shape.edges : 0.0;
    return shape;
}

/* Neighbours within reach in the tangent plane: direction as seen there, distance kept. Beyond
 * NEAR_LIMIT they count for the nearest only, and the result is -1. */
static int gather(const PatternCloud *points, int i, double reach_mm, Near near[], double *nearest,
                  double *looks)
{
    Vec3 normal = points->normal[i], at = points->at[i];
    Vec3 aside = fabs(normal.x) < 0.6 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 1.0, 0.0);
    Vec3 east = vec_normalize(vec_cross(normal, aside)), north = vec_cross(normal, east);
    double least2 = HUGE_VAL;
    int found = 0, seen = 0, j;
    for (DotsWalk walk = dots_walk(&points->grid, at, reach_mm); dots_walk_next(&walk, &j);) {
        seen++;
        Vec3 to = vec_sub(points->at[j], at);
        double distance2 = vec_dot(to, to);
        if (distance2 > reach_mm * reach_mm || j == i ||
            !pattern_same_side(normal, points->normal[j]))
            continue;
        double u2 = distance2 * points->root[i] * points->root[j];
        least2 = u2 < least2 ? u2 : least2;
        double x = vec_dot(to, east), y = vec_dot(to, north), flat2 = x * x + y * y;
        if (!(flat2 > 0.0) || ++found > NEAR_LIMIT)
            continue;
        double stretch = sqrt(distance2 / flat2);
        near[found - 1] = (Near){x * stretch, y * stretch, j};
    }
    *looks += seen;
    *nearest = sqrt(least2);
    return found > NEAR_LIMIT ? -1 : found;
}

/* Fitted to the neighbours, through the density at the point. */
static Slope slope_at(const PatternCloud *points, int i, const Cell *cell, const Near near[])
{
    double here = points->root[i] * points->root[i];
    double xx = 0.0, xy = 0.0, yy = 0.0, xr = 0.0, yr = 0.0;
    for (int k = 0; k < cell->corners; k++) {
        Near to = near[cell->edge[k]];
        double rise = points->root[to.item] * points->root[to.item] - here;
        xx += to.x * to.x;
        xy += to.x * to.y;
        yy += to.y * to.y;
        xr += to.x * rise;
        yr += to.y * rise;
    }
    double det = xx * yy - xy * xy;
    if (!(det > 1e-6 * xx * yy))
        return (Slope){here, 0.0, 0.0};
    return (Slope){here, (xr * yy - yr * xy) / det, (yr * xx - xr * xy) / det};
}

static double slope_per_mm2(Slope slope, double x, double y)
{
    double per_mm2 = slope.per_mm2 + slope.x * x + slope.y * y;
    return fmin(fmax(per_mm2, 0.5 * slope.per_mm2), 2.0 * slope.per_mm2);
}

/* A corner is the centre of the empty disc through the point and two neighbours. Among inner ones
 * it lies on the ground, not beyond its border. */
static double widest_corner(const PatternCloud *points, const Cell *cell, const Near near[],
                            Slope slope)
{
    double widest = 0.0;
    for (int k = 0; k < cell->corners; k++) {
        int before = near[cell->edge[k > 0 ? k - 1 : cell->corners - 1]].item;
        double x = cell->x[k], y = cell->y[k];
        double gap = sqrt((x * x + y * y) * slope_per_mm2(slope, x, y));
        if (gap > widest && points->inner[before] != 0 &&
            points->inner[near[cell->edge[k]].item] != 0)
            widest = gap;
    }
    return widest;
}

static void add_cell(const PatternCloud *points, int i, const Cell *cell, const Near near[],
                     Spacing *spacing)
{
    Shape shape = shape_of(cell, near, SHORTEST_EDGE / points->root[i]);
    Slope slope = slope_at(points, i, cell, near);
    double per_mm2 = slope_per_mm2(slope, shape.x, shape.y);
    double off = shape.area_mm2 * per_mm2 - 1.0;
    spacing->cells++;
    spacing->hexagons += shape.edges == 6 && shape.order > HEXAGONAL;
    spacing->order += shape.order;
    spacing->moment += shape.moment_mm4 * per_mm2 * per_mm2;
    spacing->share += off;
    spacing->share2 += off * off;
    spacing->gap = fmax(spacing->gap, widest_corner(points, cell, near, slope));
}

static void add_point(const PatternCloud *points, int i, Near near[], Spacing *spacing)
{
    double reach_mm = CELL_REACH / points->root[i], nearest = HUGE_VAL;
    bool closed = false;
    Cell cell;
    for (int round = 0; round < CELL_ROUNDS && !closed; round++) {
        int count = gather(points, i, reach_mm, near, &nearest, &spacing->looks);
        closed = count > 0 && close_cell(count, near, reach_mm, &cell);
        reach_mm *= 2.0;
    }
    if (nearest < HUGE_VAL)
        spacing->nearest[spacing->nearest_count++] = (DotsKey){nearest, i};
    if (closed)
        add_cell(points, i, &cell, near, spacing);
}

static void state_nearest(const Spacing *spacing, Pattern *pattern)
{
    int count = spacing->nearest_count;
    double sum = 0.0, square = 0.0;
    if (count == 0)
        return;
    for (int k = 0; k < count; k++)
        sum += spacing->nearest[k].key;
    double mean = sum / count;
    for (int k = 0; k < count; k++) {
        double off = spacing->nearest[k].key - mean;
        square += off * off;
    }
    pattern->least = spacing->nearest[0].key / DOTS_HEX;
    pattern->p1 = spacing->nearest[count / 100].key / DOTS_HEX;
    pattern->alpha = mean / DOTS_HEX;
    pattern->nn_cv = mean > 0.0 ? sqrt(square / count) / mean : (double)NAN;
}

static void state_cells(const Spacing *spacing, Pattern *pattern, double *share)
{
    *share = (double)NAN;
    if (spacing->cells == 0)
        return;
    double cells = spacing->cells, off = spacing->share / cells;
    *share = 1.0 + off;
    pattern->psi6 = spacing->order / cells;
    pattern->hex_share = spacing->hexagons / cells;
    pattern->cvt = spacing->moment / cells;
    pattern->cap_cv = sqrt(fmax(0.0, spacing->share2 / cells - off * off)) / *share;
}

bool pattern_measure_cells(Arena *scratch, const PatternCloud *points, Pattern *pattern,
                           double *share, Err *err)
{
    Near *near = ARENA_NEW(scratch, Near, NEAR_LIMIT);
    Spacing spacing = {.nearest = ARENA_NEW(scratch, DotsKey, (size_t)points->count)};
    if (near == NULL || spacing.nearest == NULL)
        return err_set(err, ERR_LIMIT, "no room for the neighbours of %d points", points->count);
    for (int i = 0; i < points->count; i++) {
        if (points->inner[i] != 0)
            add_point(points, i, near, &spacing);
        if (spacing.looks > LOOKS * points->count)
            return err_set(err, ERR_INPUT, "the points stand much closer than their density says");
    }
    if (!dots_sort(scratch, spacing.nearest_count, spacing.nearest, err))
        return false;
    state_nearest(&spacing, pattern);
    state_cells(&spacing, pattern, share);
    pattern->gap = spacing.gap;
    return true;
}
