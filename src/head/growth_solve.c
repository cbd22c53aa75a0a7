/* The smooth part: a screened Poisson equation on a grid of the flat chart. The chart is conformal,
 * so the Dirichlet energy of the surface is that of the chart.
 *
 * Conjugate gradients, preconditioned by one symmetric V-cycle. From zero each time and in one
 * order: the same bits for the same strokes. */
#include "head/growth_internal.h"

#include <string.h>

enum { LEVELS = 8, COARSEST = 3, COARSEST_NODES = COARSEST * COARSEST, ITERATIONS = 80 };

typedef struct Level {
    int side;
    double *weight, *inverse; /* inverse: of the diagonal */
    double *x, *b, *r;
} Level;

typedef struct Cycle {
    int levels;
    Level level[LEVELS];
    double factor[COARSEST_NODES][COARSEST_NODES]; /* Cholesky, of the coarsest */
} Cycle;

bool growth_grid_new(Arena *arena, int side, GrowthGrid *grid, Err *err)
{
    size_t nodes = (size_t)side * (size_t)side;
    *grid = (GrowthGrid){.side = side,
                         .weight = ARENA_NEW(arena, double, nodes),
                         .rhs = ARENA_NEW(arena, double, nodes),
                         .nearest = ARENA_NEW(arena, double, nodes),
                         .asked_rad = ARENA_NEW(arena, double, nodes)};
    if (grid->weight == NULL || grid->rhs == NULL || grid->nearest == NULL ||
        grid->asked_rad == NULL)
        return err_set(err, ERR_LIMIT, "no room for a grid of %d x %d within the memory limit",
                       side, side);
    return true;
}

/* A node of the border stands for half a cell, one of a corner for a quarter. */
static double share(int i, int side)
{
    return i == 0 || i == side - 1 ? 0.5 : 1.0;
}

void growth_grid_fade(const GrowthSolver *solver, double fade_mm, GrowthGrid *grid)
{
    double step = growth_spacing(grid->side);
    if (fade_mm <= 0.0)
        return;
    for (int i = 0; i < grid->side; i++)
        for (int j = 0; j < grid->side; j++) {
            double uv[2] = {j * step - GROWTH_REACH_UV, i * step - GROWTH_REACH_UV};
            double cell = step * growth_scale_mm(solver->mean_radius_mm, uv) / fade_mm;
            grid->weight[i * grid->side + j] +=
                share(i, grid->side) * share(j, grid->side) * cell * cell;
        }
}

/* ---- the operator: A x = m (4 x - its four neighbours, mirrored at the border) + weight x ------
 */

static double around(int side, const double *up, const double *x, const double *down, int j)
{
    double left = x[j > 0 ? j - 1 : 1], right = x[j < side - 1 ? j + 1 : side - 2];
    return up[j] + down[j] + (left + right);
}

static const double *row_above(int side, const double x[], int i)
{
    return x + (i > 0 ? i - 1 : 1) * side;
}

static const double *row_below(int side, const double x[], int i)
{
    return x + (i < side - 1 ? i + 1 : side - 2) * side;
}

/* out = b - A x; b NULL: out = A x. */
static void apply(const Level *level, const double x[], const double b[], double out[])
{
    int side = level->side;
    for (int i = 0; i < side; i++) {
        const double *up = row_above(side, x, i), *down = row_below(side, x, i),
                     *here = x + i * side, *weight = level->weight + i * side;
        double *o = out + i * side, m = share(i, side);
        for (int j = 1; j < side - 1; j++)
            o[j] = m * (4.0 * here[j] - (up[j] + down[j] + (here[j - 1] + here[j + 1]))) +
                   weight[j] * here[j];
        for (int j = 0; j < side; j += side - 1)
            o[j] =
                0.5 * m * (4.0 * here[j] - around(side, up, here, down, j)) + weight[j] * here[j];
        for (int j = 0; j < side && b != NULL; j++)
            o[j] = b[i * side + j] - o[j];
    }
}

/* Gauss-Seidel on the nodes of one colour. */
static void relax(const Level *level, int color, double x[])
{
    int side = level->side;
    for (int i = 0; i < side; i++) {
        const double *up = row_above(side, x, i), *down = row_below(side, x, i),
                     *b = level->b + i * side, *inverse = level->inverse + i * side;
        double *here = x + i * side, m = share(i, side);
        int first = (i + color) % 2;
        if (first == 0)
            here[0] = (b[0] + 0.5 * m * around(side, up, here, down, 0)) * inverse[0];
        for (int j = first == 0 ? 2 : 1; j < side - 1; j += 2)
            here[j] = (b[j] + m * (up[j] + down[j] + (here[j - 1] + here[j + 1]))) * inverse[j];
        if (first == (side - 1) % 2)
            here[side - 1] = (b[side - 1] + 0.5 * m * around(side, up, here, down, side - 1)) *
                             inverse[side - 1];
    }
}

/* ---- between the levels: bilinear, and its transpose ---- */

static void restrict_to(int side, const double fine[], double coarse[])
{
    int half = (side + 1) / 2;
    for (int i = 0; i < half; i++)
        for (int j = 0; j < half; j++) {
            double sum = 0.0;
            for (int k = -1; k <= 1; k++) {
                int row = 2 * i + k;
                if (row < 0 || row >= side)
                    continue;
                const double *f = fine + row * side + 2 * j;
                double line = f[0];
                if (j > 0)
                    line += 0.5 * f[-1];
                if (j < half - 1)
                    line += 0.5 * f[1];
                sum += (k == 0 ? 1.0 : 0.5) * line;
            }
            coarse[i * half + j] = sum;
        }
}

static void add_from(int side, const double coarse[], double fine[])
{
    int half = (side + 1) / 2;
    for (int i = 0; i < side; i++) {
        const double *a = coarse + i / 2 * half, *b = coarse + (i + 1) / 2 * half;
        double *f = fine + i * side;
        for (int j = 0; j < half; j++)
            f[2 * j] += 0.5 * (a[j] + b[j]);
        for (int j = 0; j < half - 1; j++)
            f[2 * j + 1] += 0.25 * ((a[j] + b[j]) + (a[j + 1] + b[j + 1]));
    }
}

/* ---- the coarsest ---- */

static void factorise(const Level *level, double factor[COARSEST_NODES][COARSEST_NODES])
{
    for (int c = 0; c < COARSEST_NODES; c++) {
        double unit[COARSEST_NODES] = {0.0};
        unit[c] = 1.0;
        apply(level, unit, NULL, factor[c]); /* symmetric: rows are columns */
    }
    for (int c = 0; c < COARSEST_NODES; c++)
        for (int r = c; r < COARSEST_NODES; r++) {
            double sum = factor[r][c];
            for (int k = 0; k < c; k++)
                sum -= factor[r][k] * factor[c][k];
            factor[r][c] = r == c ? sqrt(sum) : sum / factor[c][c];
        }
}

static void solve_coarsest(const double factor[COARSEST_NODES][COARSEST_NODES], const double b[],
                           double x[])
{
    for (int r = 0; r < COARSEST_NODES; r++) {
        double sum = b[r];
        for (int k = 0; k < r; k++)
            sum -= factor[r][k] * x[k];
        x[r] = sum / factor[r][r];
    }
    for (int r = COARSEST_NODES; r-- > 0;) {
        double sum = x[r];
        for (int k = r + 1; k < COARSEST_NODES; k++)
            sum -= factor[k][r] * x[k];
        x[r] = sum / factor[r][r];
    }
}

static bool cycle_new(Arena *arena, const GrowthGrid *grid, Cycle *cycle)
{
    int side = grid->side;
    cycle->levels = 0;
    for (;; side = (side + 1) / 2) {
        Level *level = &cycle->level[cycle->levels++];
        size_t nodes = (size_t)side * (size_t)side;
        *level = (Level){.side = side,
                         .weight = ARENA_NEW(arena, double, nodes),
                         .inverse = ARENA_NEW(arena, double, nodes),
                         .x = ARENA_NEW(arena, double, nodes),
                         .b = ARENA_NEW(arena, double, nodes),
                         .r = ARENA_NEW(arena, double, nodes)};
        if (level->weight == NULL || level->inverse == NULL || level->x == NULL ||
            level->b == NULL || level->r == NULL)
            return false;
        if (side == COARSEST)
            return true;
    }
}

static void cycle_prepare(const GrowthGrid *grid, Cycle *cycle)
{
    for (int l = 0; l < cycle->levels; l++) {
        Level *level = &cycle->level[l];
        size_t nodes = (size_t)level->side * (size_t)level->side;
        if (l == 0)
            memcpy(level->weight, grid->weight, nodes * sizeof level->weight[0]);
        else
            restrict_to(level[-1].side, level[-1].weight, level->weight);
        for (int i = 0; i < level->side; i++)
            for (int j = 0; j < level->side; j++) {
                int at = i * level->side + j;
                double m = share(i, level->side) * share(j, level->side);
                level->inverse[at] = 1.0 / (4.0 * m + level->weight[at]);
            }
    }
    factorise(&cycle->level[cycle->levels - 1], cycle->factor);
}

/* level[0].x from level[0].b. Colours in the order 0 1, and 1 0 on the way up: symmetric. */
static void cycle_run(Cycle *cycle)
{
    int last = cycle->levels - 1;
    for (int l = 0; l < last; l++) {
        Level *level = &cycle->level[l];
        memset(level->x, 0, (size_t)level->side * (size_t)level->side * sizeof level->x[0]);
        relax(level, 0, level->x);
        relax(level, 1, level->x);
        apply(level, level->x, level->b, level->r);
        restrict_to(level->side, level->r, level[1].b);
    }
    solve_coarsest((const double(*)[COARSEST_NODES])cycle->factor, cycle->level[last].b,
                   cycle->level[last].x);
    for (int l = last - 1; l >= 0; l--) {
        Level *level = &cycle->level[l];
        add_from(level->side, level[1].x, level->x);
        relax(level, 1, level->x);
        relax(level, 0, level->x);
    }
}

/* ---- conjugate gradients ---- */

static double product(size_t n, const double a[], const double b[])
{
    double sum[4] = {0.0, 0.0, 0.0, 0.0};
    for (size_t i = 0; i < n; i++)
        sum[i % 4] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* s holds 0. The residual lives in level[0].b, the preconditioned one in level[0].x. */
static bool iterate(Cycle *cycle, size_t n, double tolerance, double p[], double q[], double s[])
{
    Level *top = &cycle->level[0];
    double before = 1.0, first = 0.0;
    for (int i = 0; i < ITERATIONS; i++) {
        cycle_run(cycle);
        double now = product(n, top->b, top->x);
        if (i == 0)
            first = now;
        if (!(now > tolerance * tolerance * first))
            return isfinite(now);
        double beta = i > 0 ? now / before : 0.0;
        for (size_t k = 0; k < n; k++)
            p[k] = top->x[k] + beta * p[k];
        apply(top, p, NULL, q);
        double step = now / product(n, p, q);
        for (size_t k = 0; k < n; k++) {
            s[k] += step * p[k];
            top->b[k] -= step * q[k];
        }
        before = now;
    }
    return false;
}

bool growth_grid_solve(Arena *scratch, const GrowthGrid *grid, double tolerance, double s[],
                       Err *err)
{
    size_t mark = arena_mark(scratch), n = (size_t)grid->side * (size_t)grid->side;
    bool asked = false;
    for (size_t i = 0; i < n; i++) {
        s[i] = 0.0;
        asked = asked || grid->rhs[i] < 0.0 || grid->rhs[i] > 0.0;
    }
    if (!asked)
        return true;
    Cycle *cycle = ARENA_NEW(scratch, Cycle, 1);
    double *p = ARENA_NEW(scratch, double, n), *q = ARENA_NEW(scratch, double, n);
    bool room = cycle != NULL && p != NULL && q != NULL && cycle_new(scratch, grid, cycle);
    if (!room) {
        arena_rewind(scratch, mark);
        return err_set(err, ERR_LIMIT, "no room for a grid of %d x %d within the memory limit",
                       grid->side, grid->side);
    }
    cycle_prepare(grid, cycle);
    memcpy(cycle->level[0].b, grid->rhs, n * sizeof s[0]);
    bool ok = iterate(cycle, n, tolerance, p, q, s);
    arena_rewind(scratch, mark);
    return ok || err_set(err, ERR_NUMERIC, "the direction of growth did not settle in %d rounds",
                         ITERATIONS);
}

/* ---- reading ---- */

static void catmull_rom(double t, double weight[4])
{
    weight[0] = t * (-0.5 + t * (1.0 - 0.5 * t));
    weight[1] = 1.0 + t * t * (-2.5 + 1.5 * t);
    weight[2] = t * (0.5 + t * (2.0 - 1.5 * t));
    weight[3] = t * t * (-0.5 + 0.5 * t);
}

static int whole_cell(double *x, int side)
{
    int cell = (int)fmin(fmax(floor(*x), 0.0), side - 2.0);
    *x = fmin(fmax(*x - cell, 0.0), 1.0);
    return cell;
}

double growth_grid_read(int side, const double s[], const double uv[2])
{
    double step = growth_spacing(side), x = (uv[0] + GROWTH_REACH_UV) / step,
           y = (uv[1] + GROWTH_REACH_UV) / step, wx[4], wy[4], sum = 0.0;
    int column = whole_cell(&x, side), row = whole_cell(&y, side);
    catmull_rom(x, wx);
    catmull_rom(y, wy);
    for (int k = 0; k < 4; k++) {
        int i = row + k - 1;
        const double *line = s + (i < 0 ? 1 : i >= side ? side - 2 : i) * side; /* mirrored */
        double across = 0.0;
        for (int l = 0; l < 4; l++) {
            int j = column + l - 1;
            across += wx[l] * line[j < 0 ? 1 : j >= side ? side - 2 : j];
        }
        sum += wy[k] * across;
    }
    return sum;
}
