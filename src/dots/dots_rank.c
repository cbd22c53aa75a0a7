#include "dots/dots_internal.h"

#include "base/parallel.h"

#include <assert.h>

/* Elimination makes every prefix locally even, but its density drifts by some per cent over
 * centimetres (F200 0.09, field/sampling 4.1), and more beside follicles. Here each rank becomes
 * the local share of sites that come before it, so the drift goes and a threshold is a density. */
enum { BINS = 32, BLOCK = 512 };
/* Scale of "local": a Gaussian that holds about 50 mm2. 1 mm corrects less, 3 mm is too wide for
 * F50 (docs/models.md, Dots). */
#define SIGMA_MM 2.0

typedef struct Leveller {
    const HeadTopology *topology;
    const double (*from)[BINS + 1];
    double (*to)[BINS + 1];
} Leveller;

/* One step of a random walk: half stays, half goes to the neighbours in equal parts, so that sums
 * over the canvas are kept. The last column carries the area. */
static void spread_block(void *ctx, int block, int begin, int end)
{
    const Leveller *all = ctx;
    const int *start = all->topology->neighbor_start;
    (void)block;
    for (int v = begin; v < end; v++) {
        double *to = all->to[v];
        for (int b = 0; b <= BINS; b++)
            to[b] = 0.5 * all->from[v][b];
        for (int k = start[v]; k < start[v + 1]; k++) {
            int other = all->topology->neighbor[k];
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

static double mean_edge_mm(const Head *head)
{
    const HeadTopology *topology = head->topology;
    double sum = 0.0;
    for (int t = 0; t < topology->triangle_count; t++)
        for (int k = 0; k < 3; k++)
            sum += vec_distance(head->position_mm[topology->triangle[t][k]],
                                head->position_mm[topology->triangle[t][(k + 1) % 3]]);
    return sum / (3.0 * topology->triangle_count);
}

/* Sites by rank, and area, on the vertices. */
static void gather(const Head *head, const uint8_t open[], int count, const HeadPoint point[],
                   double cell[][BINS + 1])
{
    const HeadTopology *topology = head->topology;
    for (int t = 0; t < topology->triangle_count; t++) {
        const int *corner = topology->triangle[t];
        Vec3 a = head->position_mm[corner[0]];
        Vec3 across = vec_cross(vec_sub(head->position_mm[corner[1]], a),
                                vec_sub(head->position_mm[corner[2]], a));
        for (int k = 0; open[t] != 0 && k < 3; k++)
            cell[corner[k]][BINS] += vec_length(across) / 6.0;
    }
    for (int i = 0; i < count; i++) {
        int bin = bin_of((i + 0.5) / count);
        for (int k = 0; k < 3; k++)
            cell[topology->triangle[point[i].triangle][k]][bin] += point[i].weight[k];
    }
}

/* Bins become cumulative: the share of the highest density that ranks up to the bin's end have. */
static void accumulate(int vertex_count, double highest_per_mm2, double cell[][BINS + 1])
{
    for (int v = 0; v < vertex_count; v++) {
        double full = highest_per_mm2 * cell[v][BINS], sum = 0.0;
        for (int b = 0; b < BINS; b++) {
            sum += cell[v][b];
            cell[v][b] = full > 0.0 ? sum / full : (b + 1.0) / BINS;
        }
    }
}

static double level_rank(const HeadTopology *topology, double cell[][BINS + 1], HeadPoint point,
                         double rank)
{
    int bin = bin_of(rank);
    double part = rank * BINS - bin, sum = 0.0;
    for (int k = 0; k < 3; k++) {
        const double *until = cell[topology->triangle[point.triangle][k]];
        double before = bin > 0 ? until[bin - 1] : 0.0;
        sum += point.weight[k] * (before + part * (until[bin] - before));
    }
    return fmin(fmax(sum, 0.0), nextafter(1.0, 0.0));
}

bool dots_level_ranks(Arena *scratch, const Head *head, const uint8_t open[],
                      double highest_per_mm2, int count, const HeadPoint point[], int threads,
                      double rank[], Err *err)
{
    size_t mark = arena_mark(scratch);
    int vertex_count = head->topology->vertex_count;
    double(*from)[BINS + 1] = arena_alloc(scratch, (size_t)vertex_count, sizeof(double[BINS + 1]));
    double(*to)[BINS + 1] = arena_alloc(scratch, (size_t)vertex_count, sizeof(double[BINS + 1]));
    if (from == NULL || to == NULL)
        return err_set(err, ERR_LIMIT, "no room for the densities at %d vertices", vertex_count);
    gather(head, open, count, point, from);
    /* A step moves half of everything by an edge: variance edge^2 / 4 along each axis. */
    double edge_mm = mean_edge_mm(head);
    int steps = (int)lround(4.0 * SIGMA_MM * SIGMA_MM / (edge_mm * edge_mm));
    steps = steps < 1 ? 1 : steps > 64 ? 64 : steps;
    for (int step = 0; step < steps; step++) {
        Leveller all = {
            .topology = head->topology, .from = (const double(*)[BINS + 1]) from, .to = to};
        parallel_for(threads, vertex_count, BLOCK, spread_block, &all);
        double(*swap)[BINS + 1] = from;
        from = to;
        to = swap;
    }
    accumulate(vertex_count, highest_per_mm2, from);
    for (int i = 0; i < count; i++)
        rank[i] = level_rank(head->topology, from, point[i], (i + 0.5) / count);
    arena_rewind(scratch, mark);
    return true;
}
