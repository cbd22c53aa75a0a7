#include "dots/pattern_internal.h"

#include "base/rng.h"

/* Samples in all, but not more for each dot. */
#define SAMPLES         150000.0
#define SAMPLES_PER_DOT 40.0
enum { SPLIT_LIMIT = 1000 };

#define THIN      1e-3 /* of the highest density: no gaps and discs, they would be too wide */
#define GAP_FIRST 0.65 /* spacings: how far the nearest dot is looked for at first, */
#define GAP_WIDER 2.0  /* how much farther each time, */
#define GAP_MOST  10.4 /* and where that ends */
enum { GAP_BINS = 2080 };

/* A disc counts when it lies on the ground to that share. Fewer than DISCS_LEAST say nothing. */
#define DISC_WHOLE  0.95
#define GROUND_CELL 2.0 /* of the grid over samples, in cells of that over dots */
enum { DISCS_50 = 4000, DISCS_200 = 1500, DISCS_LEAST = 50, DISCS_PER_SET = 4 };

typedef struct Gaps {
    double widest, bin[GAP_BINS], all;
} Gaps;

bool pattern_ground_alloc(Arena *arena, int count, PatternGround *ground, Err *err)
{
    size_t n = (size_t)count;
    *ground = (PatternGround){.count = count,
                              .position_mm = ARENA_NEW(arena, Vec3, n),
                              .normal = ARENA_NEW(arena, Vec3, n),
                              .per_mm2 = ARENA_NEW(arena, double, n),
                              .dots = ARENA_NEW(arena, double, n)};
    if (ground->position_mm == NULL || ground->normal == NULL || ground->per_mm2 == NULL ||
        ground->dots == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d samples of the ground", count);
    return true;
}

PatternPlaces pattern_ground_places(const PatternGround *ground)
{
    return (PatternPlaces){.count = ground->count,
                           .position_mm = ground->position_mm,
                           .normal = ground->normal,
                           .per_mm2 = ground->per_mm2,
                           .dots = ground->dots};
}

typedef struct Triangle {
    Vec3 corner[3], normal;
    double per_mm2[3];
    double area_mm2, dots; /* expected in it */
} Triangle;

static Triangle triangle_of(const DotsSurface *surface, const double vertex_per_mm2[], int t)
{
    Triangle triangle = {.dots = 0.0};
    for (int k = 0; k < 3; k++) {
        int v = surface->triangle[t][k];
        triangle.corner[k] = surface->position_mm[v];
        triangle.per_mm2[k] = vertex_per_mm2[v];
        triangle.dots += vertex_per_mm2[v] / 3.0;
    }
    Vec3 across = vec_cross(vec_sub(triangle.corner[1], triangle.corner[0]),
                            vec_sub(triangle.corner[2], triangle.corner[0]));
    triangle.area_mm2 = 0.5 * vec_length(across);
    triangle.normal = vec_normalize(across);
    triangle.dots *= triangle.area_mm2;
    return triangle;
}

static int splits_of(const Triangle *triangle, double per_dot)
{
    if (!(triangle->dots > 0.0))
        return 0;
    double splits = floor(sqrt(triangle->dots * per_dot) + 0.5);
    return splits < 1.0 ? 1 : splits > SPLIT_LIMIT ? SPLIT_LIMIT : (int)splits;
}

/* The centre of each of splits^2 equal parts. */
static void sample_triangle(const Triangle *triangle, int splits, PatternGround *ground)
{
    for (int row = 0; row < splits; row++)
        for (int k = 0; k < 2 * (splits - row) - 1; k++) {
            double third = k % 2 == 0 ? 1.0 / 3.0 : 2.0 / 3.0; /* upright, upside down */
            double u = (row + third) / splits, v = (k / 2 + third) / splits, w = 1.0 - u - v;
            int i = ground->count++;
            ground->position_mm[i] =
                vec_madd(vec_madd(vec_scale(triangle->corner[0], w), u, triangle->corner[1]), v,
                         triangle->corner[2]);
            ground->normal[i] = triangle->normal;
            ground->per_mm2[i] =
                w * triangle->per_mm2[0] + u * triangle->per_mm2[1] + v * triangle->per_mm2[2];
            ground->dots[i] = ground->per_mm2[i] * triangle->area_mm2 / ((double)splits * splits);
        }
}

bool pattern_ground_new(Arena *arena, const DotsSurface *surface, const double vertex_per_mm2[],
                        PatternGround *ground, Err *err)
{
    double dots = 0.0;
    long count = 0;
    for (int t = 0; t < surface->triangle_count; t++)
        dots += triangle_of(surface, vertex_per_mm2, t).dots;
    if (!(dots > 0.0) || !isfinite(dots))
        return err_set(err, ERR_INPUT, "the surface expects %g dots", dots);
    double per_dot = fmin(SAMPLES / dots, SAMPLES_PER_DOT);
    for (int t = 0; t < surface->triangle_count; t++) {
        Triangle triangle = triangle_of(surface, vertex_per_mm2, t);
        int splits = splits_of(&triangle, per_dot);
        count += (long)splits * splits;
    }
    if (count > INT32_MAX)
        return err_set(err, ERR_LIMIT, "%ld samples of the ground are too many", count);
    if (!pattern_ground_alloc(arena, (int)count, ground, err))
        return false;
    ground->count = 0;
    for (int t = 0; t < surface->triangle_count; t++) {
        Triangle triangle = triangle_of(surface, vertex_per_mm2, t);
        sample_triangle(&triangle, splits_of(&triangle, per_dot), ground);
    }
    return true;
}

/* The distance to the nearest dot in spacings, GAP_MOST where there is none; *inner: it is an inner
 * one, or none. */
static double clearance(const PatternCloud *points, const PatternCloud *ground, int sample,
                        bool *inner)
{
    Vec3 at = ground->at[sample], normal = ground->normal[sample];
    for (double reach = GAP_FIRST; reach <= 1.01 * GAP_MOST; reach *= GAP_WIDER) {
        double reach_mm = reach / ground->root[sample], least2 = reach_mm * reach_mm;
        int nearest = -1, j;
        for (DotsWalk walk = dots_walk(&points->grid, at, reach_mm); dots_walk_next(&walk, &j);) {
            Vec3 to = vec_sub(points->at[j], at);
            double distance2 = vec_dot(to, to);
            if (distance2 > least2 || !pattern_same_side(normal, points->normal[j]))
                continue;
            least2 = distance2;
            nearest = j;
        }
        *inner = nearest < 0 || points->inner[nearest] != 0;
        if (nearest >= 0)
            return sqrt(least2) * ground->root[sample];
    }
    return GAP_MOST;
}

static double percentile(const Gaps *gaps, double share)
{
    double below = 0.0, sought = share * gaps->all;
    for (int b = 0; b < GAP_BINS; b++) {
        if (below + gaps->bin[b] >= sought)
            return fmin(gaps->widest, (b + (sought - below) / gaps->bin[b]) * GAP_MOST / GAP_BINS);
        below += gaps->bin[b];
    }
    return gaps->widest;
}

/* inner[sample] becomes 1 where the nearest dot is an inner one: samples that count. */
static bool measure_gaps(Arena *scratch, const PatternCloud *points, const PatternCloud *ground,
                         uint8_t inner[], Pattern *pattern, Err *err)
{
    Gaps *gaps = ARENA_NEW(scratch, Gaps, 1);
    if (gaps == NULL)
        return err_set(err, ERR_LIMIT, "no room for the gaps of a pattern");
    double highest = 0.0;
    for (int i = 0; i < ground->count; i++)
        highest = fmax(highest, ground->root[i]);
    for (int i = 0; i < ground->count; i++) {
        bool counts = false;
        if (ground->root[i] < sqrt(THIN) * highest)
            continue;
        double gap = clearance(points, ground, i, &counts);
        inner[i] = counts;
        if (!counts)
            continue;
        int bin = (int)(gap * GAP_BINS / GAP_MOST);
        gaps->bin[bin < GAP_BINS ? bin : GAP_BINS - 1] += ground->dots[i];
        gaps->all += ground->dots[i];
        gaps->widest = fmax(gaps->widest, gap);
    }
    pattern->gap = gaps->all > 0.0 ? fmax(gaps->widest, pattern->gap) : (double)NAN;
    pattern->gap_p999 = gaps->all > 0.0 ? percentile(gaps, 0.999) : (double)NAN;
    return true;
}

/* Where discs are laid. */
typedef struct Field {
    const PatternCloud *points;
    PatternCloud ground;
    uint8_t *inner;  /* [ground] 1: the nearest dot is an inner one */
    double *wide_mm; /* [ground] side of a square as large as the sample */
    double *until;   /* [ground] expected dots in this and all before */
} Field;

static bool field_new(Arena *scratch, const PatternCloud *points, const PatternPlaces *ground,
                      Field *field, Err *err)
{
    field->points = points;
    if (!pattern_cloud_new(scratch, ground, GROUND_CELL * points->grid.cell_mm, &field->ground,
                           err))
        return false;
    const PatternCloud *cloud = &field->ground;
    size_t count = (size_t)cloud->count;
    field->inner = ARENA_NEW(scratch, uint8_t, count);
    field->wide_mm = ARENA_NEW(scratch, double, count);
    field->until = ARENA_NEW(scratch, double, count);
    if (field->inner == NULL || field->wide_mm == NULL || field->until == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d samples of the ground", cloud->count);
    double sum = 0.0;
    for (int i = 0; i < cloud->count; i++) {
        field->wide_mm[i] = sqrt(cloud->dots[i]) / cloud->root[i];
        field->until[i] = sum += cloud->dots[i];
    }
    return true;
}

static int count_dots(const PatternCloud *points, Vec3 centre, Vec3 normal, double radius_mm)
{
    int dots = 0, j;
    for (DotsWalk walk = dots_walk(&points->grid, centre, radius_mm); dots_walk_next(&walk, &j);) {
        Vec3 to = vec_sub(points->at[j], centre);
        dots += vec_dot(to, to) <= radius_mm * radius_mm &&
                pattern_same_side(normal, points->normal[j]);
    }
    return dots;
}

/* Samples at the rim of the disc count in part. */
static double expected_dots(const Field *field, Vec3 centre, Vec3 normal, double radius_mm,
                            double rim_mm)
{
    const PatternCloud *ground = &field->ground;
    double expected = 0.0;
    int j;
    for (DotsWalk walk = dots_walk(&ground->grid, centre, radius_mm + rim_mm);
         dots_walk_next(&walk, &j);) {
        Vec3 to = vec_sub(ground->at[j], centre);
        double distance2 = vec_dot(to, to), half_mm = 0.5 * field->wide_mm[j];
        double inside_mm = radius_mm - half_mm, outside_mm = radius_mm + half_mm;
        if (distance2 >= outside_mm * outside_mm || !pattern_same_side(normal, ground->normal[j]))
            continue;
        double part = inside_mm > 0.0 && distance2 <= inside_mm * inside_mm
                          ? 1.0
                          : 0.5 + 0.5 * (radius_mm - sqrt(distance2)) / half_mm;
        expected += part * ground->dots[j];
    }
    return expected;
}

/* A sample by the dots that are expected there. */
static int draw_sample(const Field *field, Rng *rng)
{
    int low = 0, high = field->ground.count - 1;
    double sought = rng_f64(rng) * field->until[high];
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (field->until[middle] < sought)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Variance over mean of the dots in discs for `size` of them, about what is expected in each. */
static double blotches(const Field *field, double size, int discs, Rng rng)
{
    double square = 0.0, sum = 0.0;
    int count = 0;
    if (DISCS_PER_SET * size > field->points->count)
        return (double)NAN;
    for (int k = 0; k < discs; k++) {
        int sample = draw_sample(field, &rng);
        if (field->inner[sample] == 0)
            continue;
        Vec3 centre = field->ground.at[sample], normal = field->ground.normal[sample];
        double radius_mm = sqrt(size / DOTS_PI) / field->ground.root[sample];
        double expected = expected_dots(field, centre, normal, radius_mm, field->wide_mm[sample]);
        if (expected < DISC_WHOLE * size)
            continue;
        double off = count_dots(field->points, centre, normal, radius_mm) - expected;
        square += off * off;
        sum += expected;
        count++;
    }
    return count >= DISCS_LEAST ? square / sum : (double)NAN;
}

bool pattern_measure_ground(Arena *scratch, const PatternCloud *points, const PatternPlaces *ground,
                            uint64_t seed, Pattern *pattern, Err *err)
{
    Field field;
    if (!field_new(scratch, points, ground, &field, err) ||
        !measure_gaps(scratch, points, &field.ground, field.inner, pattern, err))
        return false;
    pattern->f50 = blotches(&field, 50.0, DISCS_50, rng_make(seed, PATTERN_STREAM_50));
    pattern->f200 = blotches(&field, 200.0, DISCS_200, rng_make(seed, PATTERN_STREAM_200));
    return true;
}
