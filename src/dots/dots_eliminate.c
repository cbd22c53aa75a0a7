#include "dots/dots_internal.h"

#include "base/parallel.h"

#include <assert.h>

/* Yuksel 2015: exponent of the weight, and the two constants of weight limiting. */
#define LIMIT_GAMMA 1.5
#define LIMIT_BETA  0.65
/* Reach of the bell in hexagonal spacings, and its height: found by trial against point_metrics
 * over reach 1..2.2, width and height; (1 - (d / 1.6)^2)^6 is a Gaussian of sigma 0.46 spacings. */
#define REACH 1.6
#define BELL  0.01
enum { LAST_LEVEL = 8, BLOCK = 4096, CANCEL_EVERY = 8192 };

/* One level: the sites alive at its beginning, their neighbours and the heap of their weights. */
typedef struct Level {
    const DotsCloud *cloud;
    int count;
    const int *alive;  /* [count] candidates */
    Vec3 *position_mm; /* [count] */
    DotsGrid grid;     /* over position_mm */
    const DotsGrid *fixed;
    double wanted_per_mm2; /* density at the end of the level */
    double least;          /* distances below this (hexagonal spacings) count as this */
    int *start;            /* [count + 1] */
    int *near;
    float *pull;      /* weight of the pair, beside near */
    double *weight;   /* [count] */
    int *heap, *seat; /* [count] heap of sites; where each site sits, -1: removed */
    int heap_count;
} Level;

/* Yuksel's (1 - d)^8, d in hexagonal spacings and limited from below, and a faint wide bell that
 * also hears the second ring of neighbours. The bell takes a sixth off the blotches
 * and off the largest gaps at the same mean distance (docs/models.md, Dots). */
static double pair_weight(double spacings, double least)
{
    double d = fmax(spacings, least), a = fmax(1.0 - d, 0.0);
    double b = fmax(1.0 - d * d / (REACH * REACH), 0.0);
    a *= a;
    a *= a;
    b *= b;
    return a * a + BELL * b * b * b;
}

static double spacing_mm(double density_per_mm2)
{
    return DOTS_HEX / sqrt(density_per_mm2);
}

/* What the follicles weigh on a site: they count at the spacing of dots and hairs together, so
 * that a sparse prefix still finds the middle between the hairs. */
static double fixed_weight(const Level *level, int site)
{
    const DotsCloud *cloud = level->cloud;
    if (cloud->fixed_count == 0)
        return 0.0;
    double hair = cloud->hair_per_mm2[level->alive[site]];
    double unit = spacing_mm(level->wanted_per_mm2 + hair);
    Vec3 p = level->position_mm[site];
    double sum = 0.0;
    int f;
    for (DotsWalk walk = dots_walk(level->fixed, p, REACH * unit); dots_walk_next(&walk, &f);)
        sum += pair_weight(vec_distance(p, cloud->fixed_mm[f]) / unit, level->least);
    return sum;
}

static void count_block(void *ctx, int block, int begin, int end)
{
    Level *level = ctx;
    (void)block;
    double reach = REACH * spacing_mm(level->wanted_per_mm2);
    for (int i = begin; i < end; i++) {
        Vec3 p = level->position_mm[i];
        int found = 0, j;
        for (DotsWalk walk = dots_walk(&level->grid, p, reach); dots_walk_next(&walk, &j);)
            found += j != i && vec_distance(p, level->position_mm[j]) < reach;
        level->start[i + 1] = found;
    }
}

static void fill_block(void *ctx, int block, int begin, int end)
{
    Level *level = ctx;
    (void)block;
    double unit = spacing_mm(level->wanted_per_mm2), reach = REACH * unit;
    for (int i = begin; i < end; i++) {
        Vec3 p = level->position_mm[i];
        double sum = fixed_weight(level, i);
        int at = level->start[i], j;
        for (DotsWalk walk = dots_walk(&level->grid, p, reach); dots_walk_next(&walk, &j);) {
            double distance_mm = vec_distance(p, level->position_mm[j]);
            if (j == i || distance_mm >= reach)
                continue;
            level->near[at] = j;
            level->pull[at] = (float)pair_weight(distance_mm / unit, level->least);
            sum += (double)level->pull[at++];
        }
        level->weight[i] = sum;
    }
}

/* The heavier site is above; of equal ones the later candidate. */
static bool is_above(const Level *level, int a, int b)
{
    double wa = level->weight[a], wb = level->weight[b];
    return wa > wb || (!(wb > wa) && a > b);
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
    int site = level->heap[0], last = level->heap[--level->heap_count];
    level->seat[site] = -1;
    if (last != site) {
        put(level, 0, last);
        sink(level, 0);
    }
    for (int k = level->start[site]; k < level->start[site + 1]; k++) {
        int other = level->near[k];
        if (level->seat[other] < 0)
            continue;
        level->weight[other] -= (double)level->pull[k];
        sink(level, level->seat[other]);
    }
    return site;
}

static bool open_level(Arena *scratch, Level *level, Err *err)
{
    size_t count = (size_t)level->count;
    level->position_mm = ARENA_NEW(scratch, Vec3, count);
    level->start = ARENA_NEW(scratch, int, count + 1);
    level->weight = ARENA_NEW(scratch, double, count);
    level->heap = ARENA_NEW(scratch, int, count);
    level->seat = ARENA_NEW(scratch, int, count);
    if (level->position_mm == NULL || level->start == NULL || level->weight == NULL ||
        level->heap == NULL || level->seat == NULL)
        return err_set(err, ERR_LIMIT, "no room to thin out %d sites", level->count);
    for (int i = 0; i < level->count; i++)
        level->position_mm[i] = level->cloud->position_mm[level->alive[i]];
    if (!dots_grid_new(scratch, level->count, level->position_mm,
                       REACH * spacing_mm(level->wanted_per_mm2), &level->grid, err))
        return false;
    int threads = level->cloud->threads;
    parallel_for(threads, level->count, BLOCK, count_block, level);
    int64_t pairs = 0;
    for (int i = 0; i < level->count; i++) {
        pairs += level->start[i + 1];
        if (pairs > INT32_MAX)
            return err_set(err, ERR_LIMIT, "more than %d pairs of neighbouring sites", INT32_MAX);
        level->start[i + 1] = (int)pairs;
    }
    level->near = ARENA_NEW(scratch, int, (size_t)pairs);
    level->pull = ARENA_NEW(scratch, float, (size_t)pairs);
    if (level->near == NULL || level->pull == NULL)
        return err_set(err, ERR_LIMIT, "no room for %lld pairs of neighbouring sites",
                       (long long)pairs);
    parallel_for(threads, level->count, BLOCK, fill_block, level);
    heapify(level);
    return true;
}

/* Thins order[0 .. count - 1] out to `keep`; the removed ones stand behind them, the first removed
 * last. */
static bool thin_out(Arena *scratch, const DotsCloud *cloud, const DotsGrid *fixed, int count,
                     int keep, const Progress *progress, int order[], Err *err)
{
    assert(keep > 0 && keep < count);
    size_t mark = arena_mark(scratch);
    Level level = {.cloud = cloud,
                   .count = count,
                   .fixed = fixed,
                   .wanted_per_mm2 = keep / cloud->area_mm2,
                   .least = LIMIT_BETA * (1.0 - pow((double)keep / count, LIMIT_GAMMA))};
    int *alive = ARENA_NEW(scratch, int, (size_t)count);
    if (alive == NULL)
        return err_set(err, ERR_LIMIT, "no room to thin out %d sites", count);
    for (int i = 0; i < count; i++)
        alive[i] = order[i];
    level.alive = alive;
    if (!open_level(scratch, &level, err))
        return false;
    for (int left = count; left > keep; left--) {
        double done = (double)(count - left) / count;
        if (left % CANCEL_EVERY == 0 && !progress_at(progress, "spreading sites", done, err))
            return false;
        order[left - 1] = alive[remove_heaviest(&level)];
    }
    int stay = 0;
    for (int i = 0; i < count; i++)
        if (level.seat[i] >= 0)
            order[stay++] = alive[i];
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
    double final_mm = DOTS_HEX * sqrt(cloud->area_mm2 / (keep + 1.0));
    if (!dots_grid_new(scratch, cloud->fixed_count, cloud->fixed_mm, final_mm, &fixed, err))
        return false;
    for (int i = 0; i < cloud->count; i++)
        order[i] = i;
    int count = cloud->count, next = keep;
    while (next > 0 && count > LAST_LEVEL) {
        Progress part = progress_part(progress, 1.0 - (double)count / cloud->count,
                                      1.0 - (double)next / cloud->count);
        if (!progress_at(progress, "spreading sites", 1.0 - (double)count / cloud->count, err))
            return false;
        if (next < count && !thin_out(scratch, cloud, &fixed, count, next,
                                      progress == NULL ? NULL : &part, order, err))
            return false;
        count = next;
        next = count / 2;
    }
    arena_rewind(scratch, mark);
    return true;
}
