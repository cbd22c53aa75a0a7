#include "dots/pattern_internal.h"

#include "base/rng.h"

/* Pairs are counted in bins of 0.01, so that the peak can be smoothed over 0.1 at any place. */
enum { FINE = 400, FINE_IN_BIN = FINE / PATTERN_BINS, SMOOTH = 10 };
#define FINE_PER_UNIT (FINE / PATTERN_REACH)
#define PEAK_FROM     0.5
#define PEAK_TO       1.6
/* At the centre's spacing pairs are left out beyond PATTERN_REACH x LONGEST, of dots and of ground
 * alike; this takes in all whose density falls to a third on the way. */
#define LONGEST 1.3
/* Samples of the ground to count pairs with: 1 % of noise in a bin. */
enum { SAMPLES = 60000 };

typedef struct Pairs {
    double dots[FINE];     /* pairs of an inner point with any other */
    double expected[FINE]; /* the same if the others were independent */
} Pairs;

static double reach_of(const PatternCloud *points)
{
    double low = HUGE_VAL, high = 0.0;
    for (int i = 0; i < points->count; i++) {
        low = fmin(low, points->root[i]);
        high = fmax(high, points->root[i]);
    }
    return PATTERN_REACH * fmin(LONGEST, sqrt(high / low)) * (1.0 + 1e-9);
}

static void count_pairs(const PatternCloud *points, const uint8_t centre[],
                        const PatternCloud *other, double sum[FINE])
{
    double reach = reach_of(points);
    for (int i = 0; i < points->count; i++) {
        if (centre[i] == 0)
            continue;
        Vec3 at = points->at[i], normal = points->normal[i];
        double root = points->root[i], reach_mm = reach / root;
        int j;
        for (DotsWalk walk = dots_walk(&other->grid, at, reach_mm); dots_walk_next(&walk, &j);) {
            Vec3 to = vec_sub(other->at[j], at);
            double distance2 = vec_dot(to, to), u2 = distance2 * root * other->root[j];
            if (distance2 > reach_mm * reach_mm || u2 >= PATTERN_REACH * PATTERN_REACH ||
                (other == points && j == i) || !pattern_same_side(normal, other->normal[j]))
                continue;
            int bin = (int)(sqrt(u2) * FINE_PER_UNIT);
            sum[bin < FINE ? bin : FINE - 1] += other->dots == NULL ? 1.0 : other->dots[j];
        }
    }
}

/* One sample of every few in a row, at random, stands for them. */
static bool thin_out(Arena *scratch, const PatternPlaces *ground, uint64_t seed, double cell_mm,
                     PatternCloud *thin, Err *err)
{
    int step = 1 + (ground->count - 1) / SAMPLES, count = ground->count / step;
    PatternGround some;
    if (!pattern_ground_alloc(scratch, count, &some, err))
        return false;
    Rng rng = rng_make(seed, PATTERN_STREAM_THIN);
    for (int k = 0; k < count; k++) {
        int pick = k * step + rng_below(&rng, step);
        some.position_mm[k] = ground->position_mm[pick];
        some.normal[k] = ground->normal[pick];
        some.per_mm2[k] = ground->per_mm2[pick];
        some.dots[k] = ground->dots[pick] * step;
    }
    PatternPlaces places = pattern_ground_places(&some);
    return pattern_cloud_new(scratch, &places, cell_mm, thin, err);
}

static bool expect_on_ground(Arena *scratch, const PatternCloud *points,
                             const PatternPlaces *ground, uint64_t seed, Pairs *pairs, Err *err)
{
    PatternCloud thin;
    if (!thin_out(scratch, ground, seed, points->grid.cell_mm, &thin, err))
        return false;
    count_pairs(points, points->inner, &thin, pairs->expected);
    return true;
}

/* A point with inner points only around it has its border farther off than that. */
static bool is_deep(const PatternCloud *points, int i, double reach_mm)
{
    int j;
    for (DotsWalk walk = dots_walk(&points->grid, points->at[i], reach_mm);
         dots_walk_next(&walk, &j);)
        if (points->inner[j] == 0 && vec_distance(points->at[i], points->at[j]) <= reach_mm &&
            pattern_same_side(points->normal[i], points->normal[j]))
            return false;
    return true;
}

/* Whole rings round the deep points: on a sphere, too, the area within a chord d is pi d^2. */
static bool expect_on_rings(Arena *scratch, const PatternCloud *points, uint8_t **centre,
                            Pairs *pairs, Err *err)
{
    *centre = ARENA_NEW(scratch, uint8_t, (size_t)points->count);
    if (*centre == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d points", points->count);
    double reach = reach_of(points);
    for (int i = 0; i < points->count; i++) {
        if (points->inner[i] == 0 || !is_deep(points, i, reach / points->root[i]))
            continue;
        (*centre)[i] = 1;
        for (int k = 0; k < FINE; k++)
            pairs->expected[k] += DOTS_PI * (2.0 * k + 1.0) / (FINE_PER_UNIT * FINE_PER_UNIT);
    }
    return true;
}

/* Pairs in bins from..to - 1 over the expected ones; a point is no neighbour of its own. */
static double ratio(const PatternCloud *points, const Pairs *pairs, int from, int to)
{
    double dots = 0.0, expected = 0.0;
    for (int k = from; k < to; k++) {
        dots += pairs->dots[k];
        expected += pairs->expected[k];
    }
    double others = (points->count - 1.0) / points->count;
    return expected > 0.0 ? dots / (expected * others) : (double)NAN;
}

static void state(const PatternCloud *points, const Pairs *pairs, Pattern *pattern)
{
    for (int b = 0; b < PATTERN_BINS; b++)
        pattern->g[b] = ratio(points, pairs, b * FINE_IN_BIN, (b + 1) * FINE_IN_BIN);
    int first = (int)(PEAK_FROM * FINE_PER_UNIT), last = (int)(PEAK_TO * FINE_PER_UNIT);
    for (int k = first; k <= last; k++) {
        double g = ratio(points, pairs, k - SMOOTH / 2, k + SMOOTH / 2);
        if (!(g <= pattern->g_peak) && isfinite(g)) { /* the first is compared with NAN */
            pattern->g_peak = g;
            pattern->g_peak_at = k / FINE_PER_UNIT;
        }
    }
}

bool pattern_measure_pairs(Arena *scratch, const PatternCloud *points, const PatternPlaces *ground,
                           uint64_t seed, Pattern *pattern, Err *err)
{
    Pairs *pairs = ARENA_NEW(scratch, Pairs, 1);
    uint8_t *centre = points->inner;
    if (pairs == NULL)
        return err_set(err, ERR_LIMIT, "no room for a pair correlation");
    if (ground != NULL ? !expect_on_ground(scratch, points, ground, seed, pairs, err)
                       : !expect_on_rings(scratch, points, &centre, pairs, err))
        return false;
    count_pairs(points, centre, points, pairs->dots);
    state(points, pairs, pattern);
    return true;
}
