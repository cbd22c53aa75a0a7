#include "dots/pattern.h"

#include "base/rng.h"
#include "base/test.h"
#include "dots/pattern_internal.h"

#include <string.h>

static Arena arena, scratch;

static bool setup(void)
{
    Err err;
    if (arena.base == NULL && (!arena_open(&arena, (size_t)1 << 30, &err) ||
                               !arena_open(&scratch, (size_t)1 << 30, &err))) {
        printf("# %s\n", err.text);
        return false;
    }
    return true;
}

/* A set of points to be filled; normals are +z, the density 1, all inner. */
typedef struct Set {
    int count;
    Vec3 *at, *normal;
    double *per_mm2;
    uint8_t *inner;
} Set;

enum { SET_LIMIT = 40000 };

static Set set_new(void)
{
    return (Set){.at = ARENA_NEW(&arena, Vec3, SET_LIMIT),
                 .normal = ARENA_NEW(&arena, Vec3, SET_LIMIT),
                 .per_mm2 = ARENA_NEW(&arena, double, SET_LIMIT),
                 .inner = ARENA_NEW(&arena, uint8_t, SET_LIMIT)};
}

static void add(Set *set, Vec3 at)
{
    if (set->count == SET_LIMIT)
        return;
    int i = set->count++;
    set->at[i] = at;
    set->normal[i] = vec3(0.0, 0.0, 1.0);
    set->per_mm2[i] = 1.0;
    set->inner[i] = 1;
}

static double side_distance(Vec3 p, double side_mm)
{
    return fmin(fmin(p.x, side_mm - p.x), fmin(p.y, side_mm - p.y));
}

static void mark_inner(Set *set, double side_mm, double border_mm)
{
    for (int i = 0; i < set->count; i++)
        set->inner[i] = side_distance(set->at[i], side_mm) > border_mm;
}

/* Lattices of one point per mm2 on the square from the origin, inner beyond 1.5 mm. */
static Set hexagonal(double side_mm)
{
    Set set = set_new();
    double row_mm = DOTS_HEX * sqrt(0.75);
    for (int j = 0; (j + 0.5) * row_mm < side_mm; j++)
        for (int i = 0; (i + 0.25 + 0.5 * (j % 2)) * DOTS_HEX < side_mm; i++)
            add(&set, vec3((i + 0.25 + 0.5 * (j % 2)) * DOTS_HEX, (j + 0.5) * row_mm, 0.0));
    mark_inner(&set, side_mm, 1.5);
    return set;
}

static Set square(int side)
{
    Set set = set_new();
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++)
            add(&set, vec3(i + 0.5, j + 0.5, 0.0));
    mark_inner(&set, side, 1.5);
    return set;
}

static Set scattered(double side_mm, double border_mm, uint64_t seed)
{
    Set set = set_new();
    Rng rng = rng_make(seed, 0);
    for (int i = 0; i < (int)(side_mm * side_mm); i++) {
        double x = side_mm * rng_f64(&rng), y = side_mm * rng_f64(&rng);
        add(&set, vec3(x, y, 0.0));
    }
    mark_inner(&set, side_mm, border_mm);
    return set;
}

/* Random points, none closer than `apart` spacings to an earlier one: uneven as real hair is. */
static Set apart(double side_mm, double apart_mm, int tries, uint64_t seed)
{
    Set set = set_new();
    Rng rng = rng_make(seed, 0);
    enum { CELLS = 128 };
    static int cell[CELLS][CELLS][4]; /* as many as four fit where a cell is below apart_mm */
    static int in_cell[CELLS][CELLS];
    memset(in_cell, 0, sizeof in_cell);
    double wide_mm = side_mm / CELLS;
    for (int k = 0; k < tries; k++) {
        Vec3 p = vec3(side_mm * rng_f64(&rng), side_mm * rng_f64(&rng), 0.0);
        int x = (int)(p.x / wide_mm), y = (int)(p.y / wide_mm),
            reach = (int)(apart_mm / wide_mm) + 1;
        bool clear = true;
        for (int v = y - reach; v <= y + reach; v++)
            for (int u = x - reach; u <= x + reach; u++)
                for (int n = 0; u >= 0 && v >= 0 && u < CELLS && v < CELLS && n < in_cell[v][u];
                     n++)
                    clear &= vec_distance(p, set.at[cell[v][u][n]]) >= apart_mm;
        if (!clear || in_cell[y][x] == 4)
            continue;
        cell[y][x][in_cell[y][x]++] = set.count;
        add(&set, p);
    }
    for (int i = 0; i < set.count; i++)
        set.per_mm2[i] = set.count / (side_mm * side_mm);
    return set;
}

static PatternInput input_of(const Set *set)
{
    return (PatternInput){.count = set->count,
                          .position_mm = set->at,
                          .normal = set->normal,
                          .per_mm2 = set->per_mm2,
                          .inner = set->inner,
                          .seed = 5};
}

static bool measure(const PatternInput *input, Pattern *pattern)
{
    Err err;
    if (pattern_measure(&scratch, input, pattern, &err))
        return true;
    printf("# %s\n", err.text);
    return false;
}

/* With the square of this density as the ground. */
static bool measure_on_square(const Set *set, double side_mm, double per_mm2, Pattern *pattern)
{
    DotsSurface surface;
    Err err;
    if (!dots_surface_plane(&arena, side_mm, side_mm, 40, 40, &surface, &err))
        return false;
    double *field = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    for (int v = 0; v < surface.vertex_count; v++)
        field[v] = per_mm2;
    PatternInput input = input_of(set);
    input.surface = &surface;
    input.vertex_per_mm2 = field;
    return measure(&input, pattern);
}

TEST(the_hexagonal_lattice_has_its_closed_forms)
{
    REQUIRE(setup());
    Set set = hexagonal(170.0);
    Pattern p;
    REQUIRE(measure_on_square(&set, 170.0, 1.0, &p));
    CHECK(p.count == set.count && p.inner > 27000 && p.inner < set.count);
    CHECK_NEAR(p.least, 1.0, 1e-12);
    CHECK_NEAR(p.p1, 1.0, 1e-12);
    CHECK_NEAR(p.alpha, 1.0, 1e-12);
    CHECK_NEAR(p.nn_cv, 0.0, 1e-7);
    CHECK_NEAR(p.psi6, 1.0, 1e-9);
    CHECK_NEAR(p.hex_share, 1.0, 0.0);
    CHECK_NEAR(p.cvt, 5.0 / (18.0 * sqrt(3.0)), 1e-9);
    CHECK_NEAR(p.cap_cv, 0.0, 1e-7);
    CHECK_NEAR(p.gap, DOTS_HEX / sqrt(3.0), 1e-9);
    CHECK(p.gap_p999 < p.gap && p.gap_p999 > 0.97 * p.gap);
    CHECK_NEAR(p.f50, 0.0480, 0.003); /* ours, with ten times the discs and samples */
    CHECK_NEAR(p.f200, 0.0107, 0.001);
    CHECK(p.g_peak_at > 1.02 && p.g_peak_at < 1.13);
}

/* Rings: 6 neighbours at 1, sqrt 3 and 2 hexagonal spacings, and none between. */
TEST(the_pair_correlation_of_the_lattice_counts_its_shells)
{
    REQUIRE(setup());
    Set set = hexagonal(60.0);
    PatternInput input = input_of(&set);
    Pattern p;
    REQUIRE(measure(&input, &p));
    for (int b = 0; b < 50; b++) {
        double low = 0.05 * b, high = low + 0.05, shells = 0.0;
        for (int k = 0; k < 3; k++) {
            double at = DOTS_HEX * (k == 0 ? 1.0 : k == 1 ? sqrt(3.0) : 2.0);
            shells += at >= low && at < high ? 6.0 : 0.0;
        }
        double ring = DOTS_PI * (high * high - low * low);
        CHECK_NEAR(p.g[b], shells / ring * p.count / (p.count - 1.0), 1e-9);
    }
    double ring = DOTS_PI * 0.1 * 2.0 * p.g_peak_at;
    CHECK_NEAR(p.g_peak, 6.0 / ring * p.count / (p.count - 1.0), 1e-9);
}

TEST(the_square_lattice_has_its_closed_forms)
{
    REQUIRE(setup());
    Set set = square(50);
    Pattern p;
    REQUIRE(measure_on_square(&set, 50.0, 1.0, &p));
    CHECK_NEAR(p.alpha, 1.0 / DOTS_HEX, 1e-12);
    CHECK_NEAR(p.psi6, 0.0, 1e-9);
    CHECK_NEAR(p.hex_share, 0.0, 0.0);
    CHECK_NEAR(p.cvt, 1.0 / 6.0, 1e-9);
    CHECK_NEAR(p.cap_cv, 0.0, 1e-7);
    CHECK_NEAR(p.gap, sqrt(0.5), 1e-9);
}

/* What is known of independent points: distances are Rayleigh distributed; the variance of a cell
 * is 0.2802 and its second moment 0.318 (Gilbert, Ann. Math. Statist. 33 (1962) 958, and
 * field/sampling 1.1). Tolerances are three standard errors or more. */
static void check_random(const Pattern *p, double slack)
{
    printf("# alpha %.4f cv %.4f p1 %.4f psi6 %.3f cvt %.4f cap %.4f gap %.2f %.3f f %.3f %.3f\n",
           p->alpha, p->nn_cv, p->p1, p->psi6, p->cvt, p->cap_cv, p->gap, p->gap_p999, p->f50,
           p->f200);
    CHECK_NEAR(p->alpha, 0.5 / DOTS_HEX, 0.006 * slack);
    CHECK_NEAR(p->nn_cv, sqrt(4.0 / DOTS_PI - 1.0), 0.01 * slack);
    CHECK_NEAR(p->p1, sqrt(-log(0.99) / DOTS_PI) / DOTS_HEX, 0.008 * slack);
    CHECK(p->least < 0.02);
    CHECK_NEAR(p->psi6, 0.36, 0.01 * slack);
    CHECK(p->hex_share < 0.003);
    CHECK_NEAR(p->cvt, 0.318, 0.01 * slack);
    CHECK_NEAR(p->cap_cv, sqrt(0.2802), 0.015 * slack);
    CHECK_NEAR(p->gap_p999, sqrt(log(1000.0) / DOTS_PI), 0.06 * slack);
    CHECK_NEAR(p->f50, 1.0, 0.1 * slack);
    CHECK_NEAR(p->f200, 1.0, 0.2 * slack);
    for (int b = 10; b < PATTERN_BINS; b++)
        CHECK_NEAR(p->g[b], 1.0, 0.05 * slack);
}

TEST(independent_points_have_their_expectations)
{
    REQUIRE(setup());
    Set set = scattered(170.0, 2.5, 11);
    Pattern p;
    REQUIRE(measure_on_square(&set, 170.0, 1.0, &p));
    check_random(&p, 1.0);
}

/* Near the border half of the ring is bare: neither the ground nor the deep points mind. */
TEST(pair_correlation_does_not_sink_at_a_border)
{
    REQUIRE(setup());
    Set set = scattered(40.0, 0.0, 3);
    Pattern with, without;
    REQUIRE(measure_on_square(&set, 40.0, 1.0, &with));
    mark_inner(&set, 40.0, 1.5);
    PatternInput input = input_of(&set);
    REQUIRE(measure(&input, &without));
    double sum_with = 0.0, sum_without = 0.0;
    for (int b = 40; b < PATTERN_BINS; b++) {
        sum_with += with.g[b] / 40.0;
        sum_without += without.g[b] / 40.0;
    }
    printf("# g beyond 2: %.4f with ground, %.4f deep only\n", sum_with, sum_without);
    CHECK_NEAR(sum_with, 1.0, 0.02);
    CHECK_NEAR(sum_without, 1.0, 0.02);
    mark_inner(&set, 40.0, 18.0); /* no point is that far from all that are not inner */
    REQUIRE(measure(&input, &without));
    CHECK(without.inner > 5 && isfinite(without.alpha));
    CHECK(isnan(without.g[20]) && isnan(without.g_peak));
}

TEST(figures_do_not_change_with_size_and_turn)
{
    REQUIRE(setup());
    Set set = scattered(50.0, 1.5, 4), turned = set_new();
    Vec3 x = vec_normalize(vec3(1.0, 2.0, -0.5)),
         y = vec_normalize(vec_cross(x, vec3(0.3, 1.0, 2.0)));
    for (int i = 0; i < set.count; i++) {
        Vec3 p = set.at[i];
        add(&turned, vec_add(vec3(7.0, -90.0, 3.0),
                             vec_add(vec_scale(x, 0.37 * p.x), vec_scale(y, 0.37 * p.y))));
        turned.normal[i] = vec_cross(x, y);
        turned.per_mm2[i] = 1.0 / (0.37 * 0.37);
        turned.inner[i] = set.inner[i];
    }
    PatternInput a = input_of(&set), b = input_of(&turned);
    Pattern p, q;
    REQUIRE(measure(&a, &p) && measure(&b, &q));
    CHECK_NEAR(p.alpha, q.alpha, 1e-9);
    CHECK_NEAR(p.nn_cv, q.nn_cv, 1e-9);
    CHECK_NEAR(p.psi6, q.psi6, 1e-9);
    CHECK_NEAR(p.hex_share, q.hex_share, 0.0);
    CHECK_NEAR(p.cvt, q.cvt, 1e-9);
    CHECK_NEAR(p.cap_cv, q.cap_cv, 1e-9);
    CHECK(pattern_g_distance(&p, &q) < 1e-3); /* a pair may change its bin by rounding */
}

/* The lattice drawn through exp(): conformal, so it stays even while its density goes with r^-2. */
TEST(a_graded_lattice_is_as_even_as_a_plain_one)
{
    REQUIRE(setup());
    Set set = set_new();
    enum { AROUND = 200, ROWS = 80 };
    double step = 2.0 * DOTS_PI / AROUND, rise = step * sqrt(0.75);
    for (int j = 0; j < ROWS; j++)
        for (int i = 0; i < AROUND; i++) {
            double r = exp(j * rise), angle = (i + 0.5 * (j % 2)) * step;
            add(&set, vec3(r * cos(angle), r * sin(angle), 0.0));
            set.per_mm2[set.count - 1] = 2.0 / (sqrt(3.0) * step * step * r * r);
            set.inner[set.count - 1] = j > 2 && j < ROWS - 3;
        }
    PatternInput input = input_of(&set);
    Pattern p;
    REQUIRE(measure(&input, &p));
    CHECK_NEAR(p.least, 1.0, 1e-3);
    CHECK_NEAR(p.alpha, 1.0, 1e-3);
    CHECK(p.nn_cv < 1e-3 && p.cap_cv < 1e-3 && p.hex_share == 1.0);
    CHECK_NEAR(p.psi6, 1.0, 3e-3); /* exp() turns a bond by up to step / 2, six times in psi6 */
    CHECK_NEAR(p.cvt, 5.0 / (18.0 * sqrt(3.0)), 5e-4);
    CHECK(p.g_peak > 8.0 && p.g_peak_at > 1.02 && p.g_peak_at < 1.13);
}

/* With a step of the density from neighbour to neighbour: the mean of both counts for a pair. */
TEST(the_shells_of_a_steeply_graded_lattice_stay_sharp)
{
    REQUIRE(setup());
    Set set = set_new();
    enum { AROUND = 60, ROWS = 60 };
    double step = 2.0 * DOTS_PI / AROUND, rise = step * sqrt(0.75);
    for (int j = 0; j < ROWS; j++)
        for (int i = 0; i < AROUND; i++) {
            double r = exp(j * rise), angle = (i + 0.5 * (j % 2)) * step;
            add(&set, vec3(r * cos(angle), r * sin(angle), 0.0));
            set.per_mm2[set.count - 1] = 2.0 / (sqrt(3.0) * step * step * r * r);
            set.inner[set.count - 1] = j > 2 && j < ROWS - 3;
        }
    PatternInput input = input_of(&set);
    Pattern p;
    REQUIRE(measure(&input, &p));
    for (int b = 0; b < 36; b++)
        CHECK(b == 21 ? p.g[b] > 16.0 : p.g[b] == 0.0);
}

/* Rows 1 apart, columns by turns 0.7 and 1.3: cells of area 1, their middle 0.15 aside of the
 * point. Inner are two columns; the density has a slope along x. */
TEST(a_cell_has_the_density_of_its_middle)
{
    REQUIRE(setup());
    Set set = set_new();
    double slope = 0.2;
    for (int j = 0; j < 20; j++)
        for (int i = -3; i < 4; i++)
            for (int half = 0; half < 2; half++) {
                double x = 2.0 * i + 0.7 * half;
                add(&set, vec3(x, j, 0.0));
                set.per_mm2[set.count - 1] = fmax(1.0 + slope * x, 0.3);
                set.inner[set.count - 1] = i == 0 && j > 3 && j < 16;
            }
    PatternInput input = input_of(&set);
    Pattern p;
    REQUIRE(measure(&input, &p));
    CHECK(p.inner == 24);
    CHECK_NEAR(p.cap_cv, 0.5 * slope / (1.0 + 0.35 * slope), 1e-9);
}

/* The corners of an icosahedron: cells are pentagons with half of the edge as inner radius. */
TEST(a_cell_on_a_ball_keeps_the_distances_of_its_neighbours)
{
    REQUIRE(setup());
    Set set = set_new();
    double golden = 0.5 * (1.0 + sqrt(5.0)), radius2 = 1.0 + golden * golden;
    for (int k = 0; k < 12; k++) {
        double a = k & 1 ? 1.0 : -1.0, b = k & 2 ? golden : -golden;
        Vec3 p = k < 4 ? vec3(0.0, a, b) : k < 8 ? vec3(a, b, 0.0) : vec3(b, 0.0, a);
        add(&set, p);
        set.normal[k] = vec_normalize(p);
        set.per_mm2[k] = 12.0 / (4.0 * DOTS_PI * radius2);
    }
    PatternInput input = input_of(&set);
    Pattern p;
    REQUIRE(measure(&input, &p));
    double root = sqrt(set.per_mm2[0]), t = tan(DOTS_PI / 5.0); /* edge 2: inner radius 1 */
    CHECK_NEAR(p.alpha, 2.0 * root / DOTS_HEX, 1e-12);
    CHECK_NEAR(p.cvt, 10.0 * (t / 4.0 + t * t * t / 12.0) * set.per_mm2[0] * set.per_mm2[0], 1e-12);
    CHECK_NEAR(p.cap_cv, 0.0, 1e-7);
    CHECK_NEAR(p.psi6, 0.0, 1e-9);
}

/* A density that is linear on one triangle: its integral and, where it is even, its middle. */
TEST(samples_of_the_ground_hold_the_dots_that_are_expected)
{
    REQUIRE(setup());
    Vec3 corner[] = {{0.0, 0.0, 0.0}, {6.0, 1.0, 2.0}, {2.0, 7.0, -1.0}};
    int triangle[][3] = {{0, 1, 2}};
    DotsSurface surface = {.vertex_count = 3,
                           .triangle_count = 1,
                           .position_mm = corner,
                           .triangle = (const int(*)[3])triangle};
    Vec3 across = vec_cross(corner[1], corner[2]);
    double area = 0.5 * vec_length(across);
    for (int k = 0; k < 2; k++) {
        double field[3] = {0.1, k == 0 ? 0.1 : 1.0, k == 0 ? 0.1 : 0.4}, dots = 0.0;
        PatternGround ground;
        Vec3 middle = {0.0, 0.0, 0.0};
        Err err;
        REQUIRE(pattern_ground_new(&arena, &surface, field, &ground, &err));
        CHECK(ground.count > 4);
        for (int i = 0; i < ground.count; i++) {
            dots += ground.dots[i];
            middle = vec_madd(middle, ground.dots[i], ground.position_mm[i]);
            CHECK(fabs(vec_dot(ground.position_mm[i], vec_normalize(across))) < 1e-9);
        }
        CHECK_NEAR(dots, area * (field[0] + field[1] + field[2]) / 3.0, 1e-9);
        Vec3 third = vec_scale(vec_add(corner[1], corner[2]), 1.0 / 3.0);
        CHECK(k == 1 || vec_distance(vec_scale(middle, 1.0 / dots), third) < 1e-9);
    }
}

static bool new_ball(double radius_mm, Head *head, DotsSurface *surface)
{
    HeadTopology *topology = ARENA_NEW(&arena, HeadTopology, 1);
    Err err;
    if (!head_topology_new(&arena, 5, topology, &err))
        return false;
    double *radius = ARENA_NEW(&arena, double, (size_t)topology->vertex_count);
    for (int v = 0; v < topology->vertex_count; v++)
        radius[v] = radius_mm;
    if (!head_new(&arena, topology, radius, head, &err))
        return false;
    *surface = dots_surface(head);
    return true;
}

/* On the ball, with a rim, at a density that falls to a tenth from top to rim: nothing changes. */
TEST(independent_points_on_a_graded_ball_have_their_expectations)
{
    REQUIRE(setup());
    Head head;
    DotsSurface surface;
    REQUIRE(new_ball(80.0, &head, &surface));
    double *field = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    Set set = set_new();
    Rng rng = rng_make(8, 0);
    double bottom = HEAD_CUT + 0.02, highest = 1.3;
    /* Candidates on the whole ball at the highest density; equal steps of height, equal areas. */
    for (int i = 0; i < (int)(highest * 4.0 * DOTS_PI * 80.0 * 80.0); i++) {
        double y = 2.0 * rng_f64(&rng) - 1.0, angle = 2.0 * DOTS_PI * rng_f64(&rng);
        double ring = sqrt(1.0 - y * y), share = pow(10.0, (y - 1.0) / (1.0 - HEAD_CUT));
        if (rng_f64(&rng) >= share || y < bottom)
            continue;
        Vec3 normal = vec3(ring * cos(angle), y, ring * sin(angle));
        add(&set, vec_madd(head.centre_mm, 80.0, normal));
        set.normal[set.count - 1] = normal;
        set.per_mm2[set.count - 1] = highest * share;
        set.inner[set.count - 1] = y > bottom + 0.1;
    }
    for (int v = 0; v < surface.vertex_count; v++) {
        double y = vec_normalize(vec_sub(surface.position_mm[v], head.centre_mm)).y;
        field[v] = y < bottom ? 0.0 : highest * pow(10.0, (y - 1.0) / (1.0 - HEAD_CUT));
    }
    PatternInput input = input_of(&set);
    input.surface = &surface;
    input.vertex_per_mm2 = field;
    Pattern p;
    REQUIRE(measure(&input, &p));
    printf("# %d points, %d inner\n", p.count, p.inner);
    check_random(&p, 1.3);
}

TEST(the_nearest_distances_are_those_of_all_pairs)
{
    REQUIRE(setup());
    Set set = scattered(30.0, 1.5, 6);
    PatternInput input = input_of(&set);
    Pattern p;
    REQUIRE(measure(&input, &p));
    double sum = 0.0, least = 1e9;
    for (int i = 0; i < set.count; i++) {
        double best = 1e9;
        for (int j = 0; set.inner[i] && j < set.count; j++)
            best = j == i ? best : fmin(best, vec_distance(set.at[i], set.at[j]));
        sum += set.inner[i] ? best : 0.0;
        least = fmin(least, best);
    }
    CHECK_NEAR(p.alpha, sum / p.inner / DOTS_HEX, 1e-12);
    CHECK_NEAR(p.least, least / DOTS_HEX, 1e-12);
}

/* Lattice points within 3.3 of the middle are taken away. */
TEST(a_bald_spot_is_a_gap_of_its_size)
{
    REQUIRE(setup());
    for (int k = 0; k < 3; k++) {
        double hole_mm =
            (double[]){0.0, 3.3, 25.0}[k]; /* the last is wider than a gap is followed */
        Set set = hexagonal(60.0), holed = set_new();
        Vec3 middle = vec3(30.0, 30.0, 0.0);
        double free_mm = 1e9;
        for (int i = 0; i < set.count; i++)
            if (vec_distance(set.at[i], middle) > hole_mm) {
                free_mm = fmin(free_mm, vec_distance(set.at[i], middle));
                add(&holed, set.at[i]);
            }
        mark_inner(&holed, 60.0, 1.5);
        Pattern p;
        REQUIRE(measure_on_square(&holed, 60.0, 1.0, &p));
        printf("# hole %.1f: gap %.3f, p99.9 %.3f\n", hole_mm, p.gap, p.gap_p999);
        CHECK(p.gap >= fmin(free_mm, 10.4) - 0.1 && p.gap <= fmax(free_mm + 0.5, 0.63));
        CHECK(k == 0 ? p.gap < 0.63 : p.gap > 3.0);
    }
}

/* Cells at the border have corners far outside. */
TEST(there_is_no_gap_beyond_the_border)
{
    REQUIRE(setup());
    for (uint64_t seed = 1; seed < 4; seed++) {
        Set set = scattered(100.0, 1.5, seed);
        Pattern p;
        REQUIRE(measure_on_square(&set, 100.0, 1.0, &p));
        printf("# gap %.2f\n", p.gap);
        CHECK(p.gap > 1.6 && p.gap < 2.3);
    }
}

TEST(without_ground_gaps_and_blotches_are_unknown)
{
    REQUIRE(setup());
    Set set = hexagonal(30.0);
    PatternInput input = input_of(&set);
    Pattern p;
    REQUIRE(measure(&input, &p));
    CHECK(isnan(p.gap) && isnan(p.gap_p999) && isnan(p.f50) && isnan(p.f200));
    CHECK(isfinite(p.alpha) && isfinite(p.cap_cv) && isfinite(p.g_peak));
}

TEST(without_an_inner_point_nothing_is_known)
{
    REQUIRE(setup());
    Set set = hexagonal(30.0);
    mark_inner(&set, 30.0, 20.0);
    Pattern p;
    REQUIRE(measure_on_square(&set, 30.0, 1.0, &p));
    CHECK(p.inner == 0 && isnan(p.least) && isnan(p.nn_cv) && isnan(p.psi6) && isnan(p.cap_cv));
    CHECK(isnan(p.gap) && isnan(p.gap_p999) && isnan(p.f50) && isnan(p.g[20]) && isnan(p.g_peak));
}

TEST(points_on_the_other_side_of_a_thin_part_are_no_neighbours)
{
    REQUIRE(setup());
    Set set = scattered(40.0, 1.5, 9), both = set_new();
    for (int i = 0; i < set.count; i++) {
        add(&both, set.at[i]);
        both.inner[both.count - 1] = set.inner[i];
    }
    for (int i = 0; i < set.count; i++) {
        add(&both, vec3(set.at[i].y, set.at[i].x, -0.3));
        both.normal[both.count - 1] = vec3(0.0, 0.0, -1.0);
        both.inner[both.count - 1] = set.inner[i];
    }
    PatternInput a = input_of(&set), b = input_of(&both);
    Pattern p, q;
    REQUIRE(measure(&a, &p) && measure(&b, &q));
    CHECK(q.count == 2 * p.count && q.inner == 2 * p.inner);
    CHECK_NEAR(q.alpha, p.alpha, 1e-9);
    CHECK_NEAR(q.psi6, p.psi6, 1e-9);
    CHECK_NEAR(q.cap_cv, p.cap_cv, 1e-9);
    /* Other than by the factor for a point that is not its own neighbour. */
    CHECK(pattern_g_distance(&p, &q) < 2e-3);
}

TEST(the_same_points_give_the_same_bytes_and_another_seed_other_discs)
{
    REQUIRE(setup());
    Set set = scattered(60.0, 1.5, 2);
    Pattern p, q;
    memset(&p, 0, sizeof p);
    memset(&q, 0, sizeof q);
    REQUIRE(measure_on_square(&set, 60.0, 1.0, &p) && measure_on_square(&set, 60.0, 1.0, &q));
    CHECK(memcmp(&p, &q, sizeof p) == 0);
    DotsSurface surface;
    Err err;
    REQUIRE(dots_surface_plane(&arena, 60.0, 60.0, 40, 40, &surface, &err));
    double *field = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    for (int v = 0; v < surface.vertex_count; v++)
        field[v] = 1.0;
    PatternInput input = input_of(&set);
    input.surface = &surface;
    input.vertex_per_mm2 = field;
    input.seed = 6;
    REQUIRE(measure(&input, &q));
    CHECK(p.alpha == q.alpha && p.f50 != q.f50);
    CHECK_NEAR(p.f50, q.f50, 0.15);
}

static bool refused(const PatternInput *input, ErrCode code)
{
    Pattern p;
    Err err = {0};
    size_t mark = arena_mark(&scratch);
    bool ok = pattern_measure(&scratch, input, &p, &err);
    arena_rewind(&scratch, mark);
    if (!ok && err.code == code)
        printf("# %s\n", err.text);
    return !ok && err.code == code;
}

TEST(what_cannot_be_measured_is_refused)
{
    REQUIRE(setup());
    Set set = hexagonal(30.0);
    PatternInput few = input_of(&set);
    few.count = 9;
    CHECK(refused(&few, ERR_INPUT));
    few.count = 10;
    Pattern p;
    CHECK(measure(&few, &p));

    PatternInput input = input_of(&set);
    Vec3 at = set.at[7];
    set.at[7].y = (double)NAN;
    CHECK(refused(&input, ERR_INPUT));
    set.at[7] = at;
    for (int k = 0; k < 4; k++) {
        set.per_mm2[7] = (double[]){0.0, -1.0, (double)NAN, HUGE_VAL}[k];
        CHECK(refused(&input, ERR_INPUT));
    }
    set.per_mm2[7] = 1.0;
    set.normal[7] = vec3(0.0, 0.0, 0.0);
    CHECK(refused(&input, ERR_INPUT));
    set.normal[7] = vec3(0.0, 0.0, 1.0);

    DotsSurface surface;
    Err err;
    REQUIRE(dots_surface_plane(&arena, 30.0, 30.0, 5, 5, &surface, &err));
    double *field = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    input.surface = &surface;
    input.vertex_per_mm2 = field;
    CHECK(refused(&input, ERR_INPUT)); /* no dot is expected anywhere */
    field[3] = -1.0;
    CHECK(refused(&input, ERR_INPUT));
    field[3] = 1.0;
    CHECK(!refused(&input, ERR_INPUT));
}

/* A work bound, not a hang: all in one place, or a density a million times too small. */
TEST(points_far_closer_than_their_density_are_refused)
{
    REQUIRE(setup());
    Set set = scattered(150.0, 1.5, 12);
    PatternInput input = input_of(&set);
    for (int i = 0; i < set.count; i++)
        set.per_mm2[i] = 1e-6;
    CHECK(refused(&input, ERR_INPUT));
    for (int i = 0; i < set.count; i++) {
        set.per_mm2[i] = 1.0;
        set.at[i] = set.at[0];
    }
    CHECK(refused(&input, ERR_INPUT));
}

TEST(a_budget_that_is_too_small_is_an_error)
{
    REQUIRE(setup());
    Set set = scattered(20.0, 1.5, 2);
    DotsSurface surface;
    Err err;
    REQUIRE(dots_surface_plane(&arena, 20.0, 20.0, 20, 20, &surface, &err));
    double *field = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    for (int v = 0; v < surface.vertex_count; v++)
        field[v] = 1.0;
    PatternInput input = input_of(&set);
    input.surface = &surface;
    input.vertex_per_mm2 = field;
    int refusals = 0;
    bool enough = false;
    for (size_t bytes = 4096; bytes < (size_t)64 << 20 && !enough; bytes += bytes / 8) {
        Arena small;
        Pattern p;
        REQUIRE(arena_open(&small, bytes, &err));
        enough = pattern_measure(&small, &input, &p, &err);
        CHECK(enough ? small.used == 0 : err.code == ERR_LIMIT);
        refusals += !enough;
        arena_close(&small);
    }
    CHECK(enough && refusals > 10);
}

TEST(g_distance_is_zero_to_itself_and_large_between_lattice_and_chance)
{
    REQUIRE(setup());
    Set even = hexagonal(40.0), random = scattered(40.0, 1.5, 2);
    PatternInput a = input_of(&even), b = input_of(&random);
    Pattern p, q;
    REQUIRE(measure(&a, &p) && measure(&b, &q));
    CHECK(pattern_g_distance(&p, &p) == 0.0);
    CHECK(pattern_g_distance(&p, &q) > 0.5);
    CHECK(pattern_g_distance(&p, &q) == pattern_g_distance(&q, &p));
    q.g[3] = (double)NAN;
    CHECK(isnan(pattern_g_distance(&p, &q)));
}

/* ---- the client's own hair ---- */

static double hair_xy[20000][2];

/* Units of the set inside the square from..from + side, as 1 to 3 hairs within 0.15 mm of their
 * centre; the returned centres are the means of the hairs. */
static int plant(const Set *units, double from_mm, double side_mm, Set *centres)
{
    Rng rng = rng_make(31, 0);
    int count = 0;
    for (int k = 0; k < units->count; k++) {
        Vec3 p = vec3(units->at[k].x - from_mm, units->at[k].y - from_mm, 0.0);
        int hairs = 1 + rng_below(&rng, 3);
        double x = 0.0, y = 0.0;
        bool inside = side_distance(p, side_mm) > 0.0;
        for (int h = 0; h < hairs; h++) {
            double angle = 2.0 * DOTS_PI * rng_f64(&rng), off = 0.15 * sqrt(rng_f64(&rng));
            double hx = units->at[k].x + off * cos(angle), hy = units->at[k].y + off * sin(angle);
            x += hx / hairs;
            y += hy / hairs;
            if (inside && count < 20000) {
                hair_xy[count][0] = hx;
                hair_xy[count++][1] = hy;
            }
        }
        add(centres, vec3(x, y, 0.0));
    }
    return count;
}

/* Figures of a window of real-looking units against those of the whole, of which it is a piece. */
TEST(the_figures_of_units_are_found_from_single_hairs)
{
    REQUIRE(setup());
    Set units = apart(100.0, 0.75, 60000, 21), centres = set_new();
    int hairs = plant(&units, 30.0, 36.0, &centres);
    double per_mm2 = units.count / 1e4, found;
    for (int i = 0; i < centres.count; i++) {
        centres.per_mm2[i] = per_mm2;
        centres.inner[i] = side_distance(centres.at[i], 100.0) > 2.0;
    }
    PatternInput input = input_of(&centres);
    Pattern whole, piece;
    Err err;
    REQUIRE(measure(&input, &whole));
    REQUIRE(
        pattern_of_units(&scratch, hairs, (const double(*)[2])hair_xy, 0.35, &piece, &found, &err));
    printf("# %d hairs, %d units, %d inner of %d: cv %.4f %.4f, psi6 %.3f %.3f, density %.4f %.4f, "
           "g %.4f, f50 %.3f gap %.2f\n",
           hairs, piece.count, piece.inner, centres.count, whole.nn_cv, piece.nn_cv, whole.psi6,
           piece.psi6, per_mm2, found, pattern_g_distance(&whole, &piece), piece.f50, piece.gap);
    CHECK_NEAR(found, per_mm2, 0.03 * per_mm2); /* 1,200 of these: 1 % by their f50 */
    CHECK_NEAR(piece.nn_cv, whole.nn_cv, 0.015);
    CHECK_NEAR(piece.psi6, whole.psi6, 0.02);
    CHECK_NEAR(piece.alpha, whole.alpha, 0.01);
    CHECK(pattern_g_distance(&whole, &piece) < 0.05);
    CHECK(isfinite(piece.gap) && isfinite(piece.f50));
}

/* Windows of about 330 units, as a photograph gives: no bias of density, distances or g. */
TEST(small_windows_are_right_on_average)
{
    REQUIRE(setup());
    Set units = apart(100.0, 0.75, 60000, 22);
    double density = 0.0, cv = 0.0, far = 0.0;
    for (int i = 0; i < units.count; i++)
        units.inner[i] = side_distance(units.at[i], 100.0) > 2.0;
    PatternInput input = input_of(&units);
    Pattern whole, piece;
    Err err;
    REQUIRE(measure(&input, &whole));
    for (int wy = 0; wy < 4; wy++)
        for (int wx = 0; wx < 4; wx++) {
            int count = 0;
            double found;
            for (int i = 0; i < units.count; i++) {
                Vec3 p =
                    vec3(units.at[i].x - 5.0 - 23.0 * wx, units.at[i].y - 5.0 - 23.0 * wy, 0.0);
                if (side_distance(p, 20.5) > 0.0) {
                    hair_xy[count][0] = units.at[i].x;
                    hair_xy[count++][1] = units.at[i].y;
                }
            }
            REQUIRE(pattern_of_units(&scratch, count, (const double(*)[2])hair_xy, 0.35, &piece,
                                     &found, &err));
            density += found / (count / (20.5 * 20.5)) / 16.0;
            cv += piece.nn_cv / 16.0;
            for (int b = 40; b < PATTERN_BINS; b++)
                far += piece.g[b] / 40.0 / 16.0;
        }
    printf("# windows of %d: density %.4f, cv %.4f for %.4f, g beyond 2 %.4f\n", piece.count,
           density, cv, whole.nn_cv, far);
    CHECK_NEAR(density, 1.0, 0.01);
    CHECK_NEAR(cv, whole.nn_cv, 0.01);
    CHECK_NEAR(far, 1.0, 0.01);
}

TEST(the_patch_may_be_turned_or_a_triangle)
{
    REQUIRE(setup());
    Set units = apart(60.0, 0.75, 22000, 23);
    double per_mm2 = units.count / 3600.0;
    for (int shape = 0; shape < 2; shape++) {
        int count = 0;
        for (int i = 0; i < units.count; i++) {
            Vec3 p = units.at[i];
            bool in = shape == 0 ? fabs(p.x - p.y) < 8.0 && fabs(p.x + p.y - 60.0) < 50.0
                                 : p.x > 5.0 && p.y > 5.0 && p.x + 2.0 * p.y < 70.0;
            if (!in)
                continue;
            hair_xy[count][0] = p.x;
            hair_xy[count++][1] = p.y;
        }
        Pattern p;
        Err err;
        double found;
        REQUIRE(
            pattern_of_units(&scratch, count, (const double(*)[2])hair_xy, 0.35, &p, &found, &err));
        printf("# shape %d: %d units, density %.4f of %.4f\n", shape, p.count, found, per_mm2);
        CHECK_NEAR(found, per_mm2, 0.03 * per_mm2);
    }
}

/* A lattice has its border on the hull: all of it must still give its own density. */
TEST(the_units_of_a_lattice_give_its_density_and_shells)
{
    REQUIRE(setup());
    Set set = hexagonal(25.0);
    Pattern p;
    Err err;
    double found;
    for (int i = 0; i < set.count; i++) {
        hair_xy[i][0] = 1.2 * set.at[i].x;
        hair_xy[i][1] = 1.2 * set.at[i].y;
    }
    REQUIRE(
        pattern_of_units(&scratch, set.count, (const double(*)[2])hair_xy, 0.0, &p, &found, &err));
    CHECK_NEAR(found, 1.0 / 1.44, 1e-9);
    CHECK(p.count == set.count);
    CHECK_NEAR(p.alpha, 1.0, 1e-9);
    CHECK_NEAR(p.psi6, 1.0, 1e-9);
    CHECK(p.g_peak > 8.0 && p.g[30] == 0.0);
}

static bool units_refused(int count, double merge_mm, const char *word)
{
    Pattern p;
    Err err = {0};
    double found;
    size_t mark = arena_mark(&scratch);
    bool ok =
        pattern_of_units(&scratch, count, (const double(*)[2])hair_xy, merge_mm, &p, &found, &err);
    arena_rewind(&scratch, mark);
    if (!ok)
        printf("# %s\n", err.text);
    return !ok && err.code == ERR_INPUT && strstr(err.text, word) != NULL;
}

TEST(units_that_say_nothing_are_refused_with_their_count)
{
    REQUIRE(setup());
    for (int i = 0; i < 20000; i++) {
        hair_xy[i][0] = i / 2 % 20 + 0.1 * (i % 2); /* pairs on a square lattice of 20 x n */
        hair_xy[i][1] = i / 40;
    }
    CHECK(units_refused(598, 0.3, "299 follicular units"));
    CHECK(!units_refused(640, 0.3, ""));
    CHECK(units_refused(640, 1.5, "1 follicular units"));
    CHECK(units_refused(0, 0.3, "0 hairs"));
    CHECK(units_refused(20001, 0.3, "20001 hairs"));
    CHECK(units_refused(640, -1.0, "-1 mm"));
    CHECK(units_refused(640, (double)NAN, "mm"));
    hair_xy[17][1] = HUGE_VAL;
    CHECK(units_refused(640, 0.3, "hair 17"));
    for (int i = 0; i < 400; i++) {
        hair_xy[i][0] = i;
        hair_xy[i][1] = 0.0;
    }
    CHECK(units_refused(400, 0.3, "one line"));
    for (int i = 0; i < 400; i++)
        hair_xy[i][1] = i % 2;
    CHECK(units_refused(400, 0.3, "narrow"));
}

/* ---- the parameter of the plan ---- */

static const double thirds[3] = {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0};

TEST(irregularity_rises_with_the_variation_that_is_asked_for)
{
    REQUIRE(setup());
    double before = -1.0;
    for (int k = 0; k < 6; k++) {
        double cv = (double[]){0.01, 0.09, 0.12, 0.15, 0.5, 9.0}[k], irregularity;
        Err err;
        size_t mark = arena_mark(&arena);
        REQUIRE(pattern_irregularity(&arena, &scratch, cv, 3, thirds, &irregularity, &err));
        printf("# nn_cv %.2f: irregularity %.4f\n", cv, irregularity);
        CHECK(arena_mark(&arena) == mark);
        CHECK(irregularity >= 0.0 && irregularity <= 0.5);
        CHECK(k == 0 ? irregularity == 0.0 : k < 5 ? irregularity > before : irregularity == 0.5);
        before = irregularity;
    }
    Err err;
    double irregularity;
    CHECK(!pattern_irregularity(&arena, &scratch, (double)NAN, 3, thirds, &irregularity, &err));
    CHECK(!pattern_irregularity(&arena, &scratch, 0.0, 3, thirds, &irregularity, &err));
}

/* On another patch, of another density and seed. */
TEST(a_plan_with_this_irregularity_has_the_variation)
{
    REQUIRE(setup());
    double wanted_cv = 0.15, irregularity;
    DotsSurface surface;
    DotsSequence sequence;
    Dots dots;
    Err err;
    REQUIRE(pattern_irregularity(&arena, &scratch, wanted_cv, 3, thirds, &irregularity, &err));
    REQUIRE(dots_surface_plane(&arena, 50.0, 50.0, 50, 50, &surface, &err));
    double *field = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    for (int v = 0; v < surface.vertex_count; v++)
        field[v] = 1.6;
    DotsSequenceParams order = {.highest_per_mm2 = 1.6, .seed = 77, .threads = 1};
    REQUIRE(dots_sequence(&arena, &scratch, &surface, &order, NULL, &sequence, &err));
    DotsWanted wanted = {.per_mm2 = field};
    DotsParams params = {.session_count = 3,
                         .share = {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0},
                         .irregularity = irregularity,
                         .seed = 78};
    REQUIRE(dots_plan(&arena, &scratch, &surface, &sequence, &wanted, &params, NULL, &dots, &err));
    Set set = set_new();
    for (int i = 0; i < dots.count; i++) {
        add(&set, dots.dot[i].position_mm);
        set.per_mm2[i] = 1.6;
    }
    mark_inner(&set, 50.0, 2.4);
    Pattern p;
    REQUIRE(measure_on_square(&set, 50.0, 1.6, &p));
    printf("# irregularity %.4f: nn_cv %.4f, g peak %.2f at %.2f\n", irregularity, p.nn_cv,
           p.g_peak, p.g_peak_at);
    CHECK_NEAR(p.nn_cv, wanted_cv, 0.01);
}
