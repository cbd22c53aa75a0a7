#include "dots/dots_internal.h"

#include "base/parallel.h"

#include <assert.h>

/* Yuksel 2015: exponent of the weight, and the two constants of weight limiting. */
#define LIMIT_GAMMA 1.5
#define LIMIT_BETA  0.65
/* Two candidates are a pair when both see each other: closer than a spacing of both together and
 * than this many times the smaller. Only bites where the density doubles within a spacing. */
#define LOPSIDED 1.1
/* Where almost nothing is wanted a spacing would be longer than the head. */
#define SPACING_LIMIT_MM 12.0
enum { LAST_LEVEL = 8, BLOCK = 2048, CANCEL_EVERY = 8192 };

/* One level: the candidates alive at its beginning in the order of the grid, and the heap of their
 * weights. Neighbours are looked up when they are needed: that costs a second walk over the grid
 * for those that go, and saves the memory of the lists. */
typedef struct Level {
    const DotsCloud *cloud;
    int count;
    int *alive;        /* [count] candidates */
    Vec3 *position_mm; /* [count] */
    double *inverse;   /* [count] 1 / hexagonal spacing (mm) at the end of the level */
    DotsGrid grid;     /* over position_mm */
    const DotsGrid *fixed;
    double share;     /* of the finally kept that stay at the end of the level */
    double least;     /* distances below this (hexagonal spacings) count as this */
    double *weight;   /* [count] */
    int *heap, *seat; /* [count] heap of sites; where each site sits, -1: removed */
    int heap_count;
} Level;

static double spacing_mm(double density_per_mm2)
{
    double shortest = DOTS_HEX * DOTS_HEX / (SPACING_LIMIT_MM * SPACING_LIMIT_MM);
    return DOTS_HEX / sqrt(density_per_mm2 > shortest ? density_per_mm2 : shortest);
}

/* The weight between site i and a site with its own spacing: (1 - d)^8, d in hexagonal spacings and
 * limited from below. 0 when they are no pair. */
static inline double weight_between(const Level *level, int i, double inverse, Vec3 q)
{
    double own = level->inverse[i], larger = own > inverse ? own : inverse;
    Vec3 off = vec_sub(level->position_mm[i], q);
    double distance2 = vec_dot(off, off);
    double square = 0.5 * distance2 * (own * own + inverse * inverse);
    if (square >= 1.0 || distance2 * larger * larger >= LOPSIDED * LOPSIDED)
        return 0.0;
    double spacings = sqrt(square), a = 1.0 - (spacings > level->least ? spacings : level->least);
    a *= a;
    a *= a;
    return a * a;
}

/* Follicles count at the spacing of dots and hairs together, so that a sparse prefix still finds
 * the middle between the hairs. */
static double fixed_weight(const Level *level, int i)
{
    const DotsCloud *cloud = level->cloud;
    double sum = 0.0, own = level->inverse[i];
    int f;
    if (cloud->fixed_count == 0)
        return 0.0;
    for (DotsWalk walk = dots_walk(level->fixed, level->position_mm[i], 1.0 / own);
         dots_walk_next(&walk, &f);)
        sum += weight_between(level, i, own, cloud->fixed_mm[f]);
    return sum;
}

static void weigh_block(void *ctx, int block, int begin, int end)
{
    Level *level = ctx;
    (void)block;
    for (int i = begin; i < end; i++) {
        double sum = fixed_weight(level, i);
        int j;
        for (DotsWalk walk =
                 dots_walk(&level->grid, level->position_mm[i], LOPSIDED / level->inverse[i]);
             dots_walk_next(&walk, &j);)
            if (j != i)
                sum += weight_between(level, i, level->inverse[j], level->position_mm[j]);
        level->weight[i] = sum;
    }
}

/* The heavier site is above; of equal ones the later candidate. */
static bool is_above(const Level *level, int a, int b)
{
    double wa = level->weight[a], wb = level->weight[b];
    return wa > wb || (!(wb > wa) && level->alive[a] > level->alive[b]);
}

static void put(Level *level, int seat, int site)
{
    level->heap[seat] = site;
    level->seat[site] = seat;
}

/* Weights only fall, so a site only sinks. */
static void sink(Level *level, int seat)
{
    int site = level->heap[seat];
    for (;;) {
        int child = 2 * seat + 1;
        if (child >= level->heap_count)
            break;
        if (child + 1 < level->heap_count &&
            is_above(level, level->heap[child + 1], level->heap[child]))
            child++;
        if (!is_above(level, level->heap[child], site))
            break;
        put(level, seat, level->heap[child]);
        seat = child;
    }
    put(level, seat, site);
}

static void heapify(Level *level)
{
    level->heap_count = level->count;
    for (int i = 0; i < level->count; i++)
        put(level, i, i);
    for (int seat = level->count / 2 - 1; seat >= 0; seat--)
        sink(level, seat);
}

static int remove_heaviest(Level *level)
{
    int site = level->heap[0], last = level->heap[--level->heap_count], j;
    level->seat[site] = -1;
    if (last != site) {
        put(level, 0, last);
        sink(level, 0);
    }
    for (DotsWalk walk =
             dots_walk(&level->grid, level->position_mm[site], LOPSIDED / level->inverse[site]);
         dots_walk_next(&walk, &j);) {
        if (level->seat[j] < 0)
            continue;
        double weight = weight_between(level, site, level->inverse[j], level->position_mm[j]);
        if (weight > 0.0) {
            level->weight[j] -= weight;
            sink(level, level->seat[j]);
        }
    }
    return site;
}

/* Brings the sites into the order of the grid, so that neighbours lie close in memory. */
static void sort_by_grid(Level *level, const int alive[], const Vec3 position_mm[])
{
    for (int k = 0; k < level->count; k++) {
        int i = level->grid.item[k];
        level->alive[k] = alive[i];
        level->position_mm[k] = position_mm[i];
        level->grid.item[k] = k;
    }
}

static bool open_level(Arena *scratch, Level *level, const int order[], Err *err)
{
    const DotsCloud *cloud = level->cloud;
    size_t count = (size_t)level->count;
    level->alive = ARENA_NEW(scratch, int, count);
    level->position_mm = ARENA_NEW(scratch, Vec3, count);
    level->inverse = ARENA_NEW(scratch, double, count);
    level->weight = ARENA_NEW(scratch, double, count);
    level->heap = ARENA_NEW(scratch, int, count);
    level->seat = ARENA_NEW(scratch, int, count);
    Vec3 *position_mm = ARENA_NEW(scratch, Vec3, count);
    if (level->alive == NULL || level->position_mm == NULL || level->inverse == NULL ||
        level->weight == NULL || level->heap == NULL || level->seat == NULL || position_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room to thin out %d sites", level->count);
    double mean = 0.0;
    for (int i = 0; i < level->count; i++) {
        position_mm[i] = cloud->position_mm[order[i]];
        mean += spacing_mm(level->share * cloud->per_mm2[order[i]]) / level->count;
    }
    if (!dots_grid_new(scratch, level->count, position_mm, LOPSIDED * mean, &level->grid, err))
        return false;
    sort_by_grid(level, order, position_mm);
    for (int k = 0; k < level->count; k++) {
        int i = level->alive[k];
        double beside = cloud->beside_per_mm2 != NULL ? cloud->beside_per_mm2[i] : 0.0;
        level->inverse[k] = 1.0 / spacing_mm(level->share * cloud->per_mm2[i] + beside);
    }
    parallel_for(cloud->threads, level->count, BLOCK, weigh_block, level);
    heapify(level);
    return true;
}

/* Thins order[0 .. count - 1] out to `keep`; the removed ones stand behind them, the first removed
 * last. */
static bool thin_out(Arena *scratch, Level *level, int keep, const Progress *progress, int order[],
                     Err *err)
{
    int count = level->count;
    assert(keep > 0 && keep < count);
    size_t mark = arena_mark(scratch);
    level->least = LIMIT_BETA * (1.0 - pow((double)keep / count, LIMIT_GAMMA));
    if (!open_level(scratch, level, order, err))
        return false;
    for (int left = count; left > keep; left--) {
        double done = (double)(count - left) / count;
        if (left % CANCEL_EVERY == 0 && !progress_at(progress, "spreading sites", done, err))
            return false;
        order[left - 1] = level->alive[remove_heaviest(level)];
    }
    int stay = 0;
    for (int i = 0; i < count; i++)
        if (level->seat[i] >= 0)
            order[stay++] = level->alive[i];
    assert(stay == keep);
    arena_rewind(scratch, mark);
    return true;
}

bool dots_eliminate(Arena *scratch, const DotsCloud *cloud, int keep, const Progress *progress,
                    int order[], Err *err)
{
    assert(keep >= 0 && keep <= cloud->count);
    size_t mark = arena_mark(scratch);
    DotsGrid fixed = {0};
    if (!dots_grid_new(scratch, cloud->fixed_count, cloud->fixed_mm, 1.0, &fixed, err))
        return false;
    for (int i = 0; i < cloud->count; i++)
        order[i] = i;
    int count = cloud->count, next = keep;
    while (next > 0 && count > LAST_LEVEL) {
        double from = 1.0 - (double)count / cloud->count, to = 1.0 - (double)next / cloud->count;
        Progress part = progress_part(progress, from, to);
        Level level = {
            .cloud = cloud, .count = count, .fixed = &fixed, .share = (double)next / keep};
        if (!progress_at(progress, "spreading sites", from, err))
            return false;
        if (next < count &&
            !thin_out(scratch, &level, next, progress == NULL ? NULL : &part, order, err))
            return false;
        count = next;
        next = count / 2;
    }
    arena_rewind(scratch, mark);
    return true;
}
