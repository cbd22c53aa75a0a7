#include "dots/dots_internal.h"

#include "base/parallel.h"

#include <assert.h>

/* Elimination makes every prefix locally even, but its density drifts by some per cent over
 * centimetres (F200 0.09, field/sampling 4.1), and more beside follicles. Here each rank becomes
 * the local share of sites that come before it, so the drift goes and a threshold is a density. */
enum { BINS = 32, BLOCK = 512 };
/* Scale of "local": a Gaussian that holds about 65 dots. Half of that corrects less, half more is
 * too wide for F50 (docs/models.md, Dots). */
#define SIGMA_SPACINGS 2.3

typedef struct Leveller {
    const DotsWeb *web;
    const double (*from)[BINS + 1];
    double (*to)[BINS + 1];
} Leveller;

/* One step of a random walk: half stays, half goes to the neighbours in equal parts, so that sums
 * over the surface are kept. The last column carries the ceiling times the area. */
static void spread_block(void *ctx, int block, int begin, int end)
{
    const Leveller *all = ctx;
    const int *start = all->web->start;
    (void)block;
    for (int v = begin; v < end; v++) {
        double *to = all->to[v];
        for (int b = 0; b <= BINS; b++)
            to[b] = 0.5 * all->from[v][b];
        for (int k = start[v]; k < start[v + 1]; k++) {
            int other = all->web->neighbor[k];
            double part = 0.5 / (start[other + 1] - start[other]);
            for (int b = 0; b <= BINS; b++)
                to[b] += part * all->from[other][b];
        }
    }
}

static int bin_of(double rank)
{
    int bin = (int)(rank * BINS);
    return bin < BINS ? bin : BINS - 1;
}

static double mean_edge_mm(const DotsSurface *surface)
{
    double sum = 0.0;
    for (int t = 0; t < surface->triangle_count; t++)
        for (int k = 0; k < 3; k++)
            sum += vec_distance(surface->position_mm[surface->triangle[t][k]],
                                surface->position_mm[surface->triangle[t][(k + 1) % 3]]);
    return sum / (3.0 * surface->triangle_count);
}

static double mean_spacing_mm(const DotsSurface *surface, const uint8_t open[], int count)
{
    double twice = 0.0;
    for (int t = 0; t < surface->triangle_count; t++) {
        Vec3 a = surface->position_mm[surface->triangle[t][0]];
        if (open[t] != 0)
            twice +=
                vec_length(vec_cross(vec_sub(surface->position_mm[surface->triangle[t][1]], a),
                                     vec_sub(surface->position_mm[surface->triangle[t][2]], a)));
    }
    return sqrt(0.5 * twice / (count > 0 ? count : 1));
}

/* Sites by rank, and what the ceiling asks for, on the vertices. */
static void gather(const DotsSurface *surface, const uint8_t open[], const double ceiling_per_mm2[],
                   int count, const HeadPoint point[], double cell[][BINS + 1])
{
    for (int t = 0; t < surface->triangle_count; t++) {
        const int *corner = surface->triangle[t];
        Vec3 a = surface->position_mm[corner[0]];
        Vec3 across = vec_cross(vec_sub(surface->position_mm[corner[1]], a),
                                vec_sub(surface->position_mm[corner[2]], a));
        double sum =
            ceiling_per_mm2[corner[0]] + ceiling_per_mm2[corner[1]] + ceiling_per_mm2[corner[2]];
        for (int k = 0; open[t] != 0 && k < 3; k++)
            cell[corner[k]][BINS] += vec_length(across) / 24.0 * (sum + ceiling_per_mm2[corner[k]]);
    }
    for (int i = 0; i < count; i++) {
        int bin = bin_of((i + 0.5) / count);
        for (int k = 0; k < 3; k++)
            cell[surface->triangle[point[i].triangle][k]][bin] += point[i].weight[k];
    }
}

/* Bins become cumulative: the share of the ceiling that ranks up to the bin's end have. */
static void accumulate(int vertex_count, double cell[][BINS + 1])
{
    for (int v = 0; v < vertex_count; v++) {
        double full = cell[v][BINS], sum = 0.0;
        for (int b = 0; b < BINS; b++) {
            sum += cell[v][b];
            cell[v][b] = full > 0.0 ? sum / full : (b + 1.0) / BINS;
        }
    }
}

static double level_rank(const DotsSurface *surface, double cell[][BINS + 1], HeadPoint point,
                         double rank)
{
    int bin = bin_of(rank);
    double part = rank * BINS - bin, sum = 0.0;
    for (int k = 0; k < 3; k++) {
        const double *until = cell[surface->triangle[point.triangle][k]];
        double before = bin > 0 ? until[bin - 1] : 0.0;
        sum += point.weight[k] * (before + part * (until[bin] - before));
    }
    return fmin(fmax(sum, 0.0), nextafter(1.0, 0.0));
}

bool dots_level_ranks(Arena *scratch, const DotsSurface *surface, const uint8_t open[],
                      const double ceiling_per_mm2[], int count, const HeadPoint point[],
                      int threads, double rank[], Err *err)
{
    size_t mark = arena_mark(scratch);
    int vertex_count = surface->vertex_count;
    double(*from)[BINS + 1] = arena_alloc(scratch, (size_t)vertex_count, sizeof(double[BINS + 1]));
    double(*to)[BINS + 1] = arena_alloc(scratch, (size_t)vertex_count, sizeof(double[BINS + 1]));
    double spacing_mm = mean_spacing_mm(surface, open, count);
    DotsWeb web;
    if (from == NULL || to == NULL)
        return err_set(err, ERR_LIMIT, "no room for the densities at %d vertices", vertex_count);
    if (!dots_web_new(scratch, surface, NULL, &web, err))
        return false;
    gather(surface, open, ceiling_per_mm2, count, point, from);
    /* A step moves half of everything by an edge: variance edge^2 / 4 along each axis. */
    double edge_mm = mean_edge_mm(surface), sigma_mm = SIGMA_SPACINGS * spacing_mm;
    int steps = (int)lround(4.0 * sigma_mm * sigma_mm / (edge_mm * edge_mm));
    steps = steps < 1 ? 1 : steps > 64 ? 64 : steps;
    for (int step = 0; step < steps; step++) {
        Leveller all = {.web = &web, .from = (const double(*)[BINS + 1]) from, .to = to};
        parallel_for(threads, vertex_count, BLOCK, spread_block, &all);
        double(*swap)[BINS + 1] = from;
        from = to;
        to = swap;
    }
    accumulate(vertex_count, from);
    for (int i = 0; i < count; i++)
        rank[i] = level_rank(surface, from, point[i], (i + 0.5) / count);
    arena_rewind(scratch, mark);
    return true;
}
