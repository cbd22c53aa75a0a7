#include "dots/pattern_internal.h"

/* The limits of what a photograph of a donor area can hold. */
enum { HAIR_LIMIT = 20000, UNITS_LEAST = 300, INNER_LEAST = 50 };
#define MERGE_MOST_MM 2.0
/* Units closer to the border may have their nearest neighbour outside (field/sampling 1.1). */
#define BORDER 1.5
/* Samples of the ground for a unit, and in all. */
#define SAMPLES_PER_UNIT 40.0
#define SAMPLES          300000.0
#define SAMPLE_SEED      1 /* of the discs; a measurement has none of its own */

typedef struct Units {
    int count;
    Vec3 *centre_mm, *normal;
    double *per_mm2;
    uint8_t *inner;
    int corners;
    Vec3 *hull; /* [corners] counter-clockwise */
    double hull_mm2;
    Vec3 middle_mm; /* centroid of the hull */
} Units;

static int root_of(int parent[], int i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

/* parent[i] becomes the first hair of the unit that hair i belongs to. */
static bool join_hairs(Arena *scratch, int count, const Vec3 hair_mm[], double merge_mm,
                       int parent[], Err *err)
{
    DotsGrid grid;
    if (!dots_grid_new(scratch, count, hair_mm, fmax(merge_mm, 1e-3), &grid, err))
        return false;
    for (int i = 0; i < count; i++)
        parent[i] = i;
    for (int i = 0; i < count; i++) {
        int j;
        for (DotsWalk walk = dots_walk(&grid, hair_mm[i], merge_mm); dots_walk_next(&walk, &j);) {
            if (j >= i || !(vec_distance(hair_mm[i], hair_mm[j]) < merge_mm))
                continue;
            int a = root_of(parent, i), b = root_of(parent, j);
            parent[a > b ? a : b] = a > b ? b : a;
        }
    }
    for (int i = 0; i < count; i++)
        parent[i] = root_of(parent, i);
    return true;
}

static bool merge_hairs(Arena *scratch, int count, const double xy_mm[][2], double merge_mm,
                        Units *units, Err *err)
{
    size_t n = (size_t)count;
    Vec3 *hair_mm = ARENA_NEW(scratch, Vec3, n);
    int *parent = ARENA_NEW(scratch, int, n), *unit = ARENA_NEW(scratch, int, n);
    int *hairs = ARENA_NEW(scratch, int, n);
    units->centre_mm = ARENA_NEW(scratch, Vec3, n);
    if (hair_mm == NULL || parent == NULL || unit == NULL || hairs == NULL ||
        units->centre_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d hairs", count);
    for (int i = 0; i < count; i++)
        hair_mm[i] = vec3(xy_mm[i][0], xy_mm[i][1], 0.0);
    if (!join_hairs(scratch, count, hair_mm, merge_mm, parent, err))
        return false;
    for (int i = 0; i < count; i++) {
        if (parent[i] == i)
            unit[i] = units->count++;
        int to = unit[parent[i]];
        units->centre_mm[to] = vec_add(units->centre_mm[to], hair_mm[i]);
        hairs[to]++;
    }
    for (int k = 0; k < units->count; k++)
        units->centre_mm[k] = vec_scale(units->centre_mm[k], 1.0 / hairs[k]);
    return true;
}

static double turn(Vec3 a, Vec3 b, Vec3 c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/* order[] becomes the units by x, those with the same x by y. */
static bool sort_units(Arena *scratch, const Units *units, DotsKey order[], Err *err)
{
    DotsKey *by_y = ARENA_NEW(scratch, DotsKey, (size_t)units->count);
    if (by_y == NULL)
        return err_set(err, ERR_LIMIT, "no room to sort %d units", units->count);
    for (int i = 0; i < units->count; i++)
        by_y[i] = (DotsKey){units->centre_mm[i].y, i};
    if (!dots_sort(scratch, units->count, by_y, err))
        return false;
    for (int k = 0; k < units->count; k++)
        order[k] = (DotsKey){units->centre_mm[by_y[k].item].x, k};
    if (!dots_sort(scratch, units->count, order, err))
        return false;
    for (int k = 0; k < units->count; k++)
        order[k].item = by_y[order[k].item].item;
    return true;
}

/* The convex hull by two chains: Andrew, Inform. Process. Lett. 9 (1979) 216. */
static bool find_hull(Arena *scratch, Units *units, Err *err)
{
    int count = units->count;
    DotsKey *order = ARENA_NEW(scratch, DotsKey, (size_t)count);
    units->hull = ARENA_NEW(scratch, Vec3, 2 * (size_t)count);
    if (order == NULL || units->hull == NULL)
        return err_set(err, ERR_LIMIT, "no room for the hull of %d units", count);
    if (!sort_units(scratch, units, order, err))
        return false;
    int corners = 0;
    for (int k = 0; k < 2 * count - 1; k++) {
        int least = k < count ? 2 : units->corners + 1; /* keep the lower chain, then the upper */
        Vec3 next = units->centre_mm[order[k < count ? k : 2 * count - 2 - k].item];
        while (corners >= least &&
               turn(units->hull[corners - 2], units->hull[corners - 1], next) <= 0.0)
            corners--;
        units->hull[corners++] = next;
        if (k == count - 1)
            units->corners = corners;
    }
    units->corners = corners - 1; /* the last is the first */
    return true;
}

static void measure_hull(Units *units)
{
    Vec3 origin = units->hull[0];
    units->hull_mm2 = 0.0;
    units->middle_mm = vec3(0.0, 0.0, 0.0);
    for (int k = 1; k + 1 < units->corners; k++) {
        Vec3 b = units->hull[k], c = units->hull[k + 1];
        double area = 0.5 * turn(origin, b, c);
        units->hull_mm2 += area;
        units->middle_mm = vec_madd(units->middle_mm, area / 3.0, vec_add(origin, vec_add(b, c)));
    }
    if (units->hull_mm2 > 0.0)
        units->middle_mm = vec_scale(units->middle_mm, 1.0 / units->hull_mm2);
}

static double to_border_mm(const Units *units, Vec3 p)
{
    double least = HUGE_VAL;
    for (int k = 0; k < units->corners; k++) {
        Vec3 a = units->hull[k], b = units->hull[k + 1 < units->corners ? k + 1 : 0];
        least = fmin(least, turn(a, b, p) / vec_distance(a, b));
    }
    return least;
}

static int set_density(Units *units, double per_mm2)
{
    int inner = 0;
    for (int i = 0; i < units->count; i++) {
        units->per_mm2[i] = per_mm2;
        units->inner[i] = to_border_mm(units, units->centre_mm[i]) > BORDER / sqrt(per_mm2);
        inner += units->inner[i];
    }
    return inner;
}

static PatternPlaces places_of(const Units *units)
{
    return (PatternPlaces){.count = units->count,
                           .position_mm = units->centre_mm,
                           .normal = units->normal,
                           .per_mm2 = units->per_mm2,
                           .inner = units->inner};
}

/* The density of the cells inside: the hull cuts through the cells at its border. */
static bool find_density(Arena *scratch, Units *units, Err *err)
{
    size_t count = (size_t)units->count;
    units->normal = ARENA_NEW(scratch, Vec3, count);
    units->per_mm2 = ARENA_NEW(scratch, double, count);
    units->inner = ARENA_NEW(scratch, uint8_t, count);
    if (units->normal == NULL || units->per_mm2 == NULL || units->inner == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d units", units->count);
    for (int i = 0; i < units->count; i++)
        units->normal[i] = vec3(0.0, 0.0, 1.0);
    double per_mm2 = units->count / units->hull_mm2, share = 0.0;
    int inner = set_density(units, per_mm2);
    PatternPlaces places = places_of(units);
    Pattern pattern;
    if (inner >= INNER_LEAST &&
        !pattern_measure_places(scratch, &places, NULL, SAMPLE_SEED, &pattern, &share, err))
        return false;
    if (share > 0.0)
        inner = set_density(units, per_mm2 / share);
    if (!(share > 0.0) || inner < INNER_LEAST)
        return err_set(err, ERR_INPUT,
                       "only %d of %d follicular units are away from the border: the patch is too "
                       "narrow",
                       inner, units->count);
    return true;
}

/* Where a horizontal line cuts the hull about its middle, blown up. */
static void cut_hull(const Units *units, double scale, double y, double *from, double *to)
{
    *from = HUGE_VAL;
    *to = -HUGE_VAL;
    for (int k = 0; k < units->corners; k++) {
        Vec3 a = vec_sub(units->hull[k], units->middle_mm);
        Vec3 b = vec_sub(units->hull[k + 1 < units->corners ? k + 1 : 0], units->middle_mm);
        if ((a.y * scale <= y) == (b.y * scale <= y))
            continue;
        double x = scale * a.x + (y - scale * a.y) * (b.x - a.x) / (b.y - a.y);
        *from = fmin(*from, x);
        *to = fmax(*to, x);
    }
}

/* The hull lies inside the patch by about half a spacing; blown up to the area that its units need
 * it stands for the patch. Rows of samples; counts them when ground is NULL. */
static int sample_hull(const Units *units, double step_mm, PatternGround *ground)
{
    double per_mm2 = units->per_mm2[0], low = HUGE_VAL, high = -HUGE_VAL;
    double scale = sqrt(units->count / (per_mm2 * units->hull_mm2));
    for (int k = 0; k < units->corners; k++) {
        low = fmin(low, scale * (units->hull[k].y - units->middle_mm.y));
        high = fmax(high, scale * (units->hull[k].y - units->middle_mm.y));
    }
    int rows = 1 + (int)((high - low) / step_mm), count = 0;
    double row_mm = (high - low) / rows;
    for (int row = 0; row < rows; row++) {
        double y = low + (row + 0.5) * row_mm, from, to;
        cut_hull(units, scale, y, &from, &to);
        int samples = to > from ? 1 + (int)((to - from) / step_mm) : 0;
        for (int k = 0; ground != NULL && k < samples; k++) {
            Vec3 off = vec3(from + (k + 0.5) * (to - from) / samples, y, 0.0);
            ground->position_mm[count + k] = vec_add(units->middle_mm, off);
            ground->normal[count + k] = vec3(0.0, 0.0, 1.0);
            ground->per_mm2[count + k] = per_mm2;
            ground->dots[count + k] = per_mm2 * row_mm * (to - from) / samples;
        }
        count += samples;
    }
    return count;
}

static bool check(int count, const double xy_mm[][2], double merge_mm, Err *err)
{
    if (count < 1 || count > HAIR_LIMIT)
        return err_set(err, ERR_INPUT, "%d hairs are not within 1..%d", count, HAIR_LIMIT);
    if (!(merge_mm >= 0.0 && merge_mm <= MERGE_MOST_MM))
        return err_set(err, ERR_INPUT, "the width %g mm of a unit is not within 0..%g", merge_mm,
                       MERGE_MOST_MM);
    for (int i = 0; i < count; i++)
        if (!isfinite(xy_mm[i][0]) || !isfinite(xy_mm[i][1]))
            return err_set(err, ERR_INPUT, "hair %d has no place", i);
    return true;
}

bool pattern_of_units(Arena *scratch, int count, const double xy_mm[][2], double merge_mm,
                      Pattern *pattern, double *per_mm2, Err *err)
{
    size_t mark = arena_mark(scratch);
    Units units = {0};
    if (!check(count, xy_mm, merge_mm, err) ||
        !merge_hairs(scratch, count, xy_mm, merge_mm, &units, err))
        return false;
    if (units.count < UNITS_LEAST)
        return err_set(err, ERR_INPUT,
                       "%d follicular units (%d hairs) are too few to measure a pattern: mark at "
                       "least %d, about 4 cm2",
                       units.count, count, UNITS_LEAST);
    if (!find_hull(scratch, &units, err))
        return false;
    measure_hull(&units);
    if (!(units.hull_mm2 > 0.0))
        return err_set(err, ERR_INPUT, "all %d follicular units lie on one line", units.count);
    if (!find_density(scratch, &units, err))
        return false;
    *per_mm2 = units.per_mm2[0];
    double samples = fmin(SAMPLES_PER_UNIT * units.count, SAMPLES), share;
    double step_mm = sqrt(units.count / (*per_mm2 * samples));
    PatternGround ground;
    if (!pattern_ground_alloc(scratch, sample_hull(&units, step_mm, NULL), &ground, err))
        return false;
    sample_hull(&units, step_mm, &ground);
    PatternPlaces places = places_of(&units), on = pattern_ground_places(&ground);
    if (!pattern_measure_places(scratch, &places, &on, SAMPLE_SEED, pattern, &share, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
