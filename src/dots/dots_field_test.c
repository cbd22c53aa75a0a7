#include "dots/dots_testing.h"

#include "base/test.h"

/* A plane of 100 x 60 mm in cells of 2.5 mm, on which areas are known. */
enum { CELLS_X = 40, CELLS_Y = 24 };
#define SIDE_X 100.0
#define SIDE_Y 60.0
#define WANTED 1.3 /* per mm2 */

static Arena arena, scratch;
static DotsSurface plane;
static DotsFacet *facet;
static double *even, *field; /* [plane.vertex_count] */
static uint8_t *zone;

static bool setup(void)
{
    Err err = {0};
    if (plane.vertex_count > 0)
        return true;
    bool ok = testing_arenas(&arena, &scratch) &&
              dots_surface_plane(&arena, SIDE_X, SIDE_Y, CELLS_X, CELLS_Y, &plane, &err) &&
              dots_facets_new(&arena, &plane, &facet, &err);
    if (!ok)
        printf("# %s\n", err.text);
    even = ARENA_NEW(&arena, double, (size_t)plane.vertex_count);
    field = ARENA_NEW(&arena, double, (size_t)plane.vertex_count);
    zone = ARENA_NEW(&arena, uint8_t, (size_t)plane.vertex_count);
    for (int v = 0; ok && v < plane.vertex_count; v++)
        even[v] = WANTED;
    return ok && even != NULL && field != NULL && zone != NULL;
}

static DotsWanted wanted_with(int edge_count, const DotsEdge edge[])
{
    return (DotsWanted){.per_mm2 = even, .edge_count = edge_count, .edge = edge};
}

static bool make(const DotsWanted *wanted, DotsField *out)
{
    Err err;
    if (dots_field_new(&arena, &plane, wanted, out, &err))
        return true;
    printf("# %s\n", err.text);
    return false;
}

static double total_of(const DotsWanted *wanted)
{
    DotsField made;
    DotsMass mass;
    Err err;
    return make(wanted, &made) && dots_mass_new(&arena, &made, facet, &mass, &err) ? mass.total
                                                                                   : (double)NAN;
}

/* A regular polygon, counter-clockwise unless `back`. */
static DotsEdge disc(int corners, Vec3 middle, double radius, bool back)
{
    Vec3 *p = ARENA_NEW(&arena, Vec3, (size_t)corners);
    for (int i = 0; p != NULL && i < corners; i++) {
        double angle = 2.0 * DOTS_PI * (i + 0.3) / corners * (back ? -1.0 : 1.0);
        p[i] = vec3(middle.x + radius * cos(angle), middle.y + radius * sin(angle), 0.0);
    }
    return (DotsEdge){.point_count = corners, .point_mm = p, .closed = true};
}

static double polygon_mm2(const DotsEdge *edge)
{
    double twice = 0.0;
    for (int i = 0; i < edge->point_count; i++) {
        Vec3 a = edge->point_mm[i], b = edge->point_mm[(i + 1) % edge->point_count];
        twice += a.x * b.y - b.x * a.y;
    }
    return 0.5 * twice;
}

/* Even-odd rule, and the distance to the outline: the naive version. */
static bool is_inside(const DotsEdge *edge, Vec3 p, double *away)
{
    bool inside = false;
    *away = 1e9;
    for (int i = 0; i < edge->point_count; i++) {
        Vec3 a = edge->point_mm[i], b = edge->point_mm[(i + 1) % edge->point_count];
        if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x))
            inside = !inside;
        Vec3 along = vec_sub(b, a);
        double t = vec_dot(vec_sub(p, a), along) / vec_dot(along, along);
        Vec3 foot = vec_madd(a, fmin(fmax(t, 0.0), 1.0), along);
        *away = fmin(*away, vec_distance(p, foot));
    }
    return inside;
}

/* ---- edges */

/* p left of a-b, in mm. */
static double left_of(Vec3 a, Vec3 b, Vec3 p)
{
    return ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)) / vec_distance(a, b);
}

TEST(dots_are_wanted_to_the_left_of_an_edge)
{
    REQUIRE(setup());
    Rng rng = rng_make(1, 0);
    for (int n = 0; n < 12; n++) {
        double lean = 60.0 * (rng_f64(&rng) - 0.5);
        Vec3 p[3] = {vec3(50.0 - lean, -9.0, 0.0), vec3(50.0, 30.0, 0.0),
                     vec3(50.0 + lean * 39.0 / 39.0, 69.0, 0.0)};
        Vec3 turned[3] = {p[2], p[1], p[0]};
        DotsEdge edge = {.point_count = 3, .point_mm = n % 2 == 0 ? p : turned};
        DotsWanted wanted = wanted_with(1, &edge);
        DotsField made;
        REQUIRE(make(&wanted, &made));
        bool right = true;
        for (int k = 0; k < 2000; k++) {
            HeadPoint at = testing_random_point(&plane, 4.0, &rng);
            double left = left_of(edge.point_mm[0], edge.point_mm[2], dots_position_mm(&plane, at));
            double got = dots_field_at(&made, at);
            right &= fabs(left) < 1e-6 || fabs(got - (left > 0.0 ? WANTED : 0.0)) < 1e-12;
        }
        CHECK(right);
    }
}

TEST(a_ramp_rises_from_nothing_at_the_edge)
{
    REQUIRE(setup());
    Rng rng = rng_make(2, 0);
    Vec3 p[2] = {vec3(120.0, 5.0, 0.0), vec3(-20.0, 25.0, 0.0)}; /* kept: below */
    double ramp_mm[] = {0.3, 2.0, 11.0, 60.0};
    for (int n = 0; n < 4; n++) {
        DotsEdge edge = {.point_count = 2, .point_mm = p, .ramp_mm = ramp_mm[n]};
        DotsWanted wanted = wanted_with(1, &edge);
        DotsField made;
        REQUIRE(make(&wanted, &made));
        double off = 0.0;
        for (int k = 0; k < 3000; k++) {
            HeadPoint at = testing_random_point(&plane, 4.0, &rng);
            double left = left_of(p[0], p[1], dots_position_mm(&plane, at));
            double want = WANTED * fmin(fmax(left / ramp_mm[n], 0.0), 1.0);
            off = fmax(off, fabs(dots_field_at(&made, at) - want));
        }
        CHECK(off < 1e-9);
    }
}

TEST(edges_cut_one_after_the_other)
{
    REQUIRE(setup());
    Rng rng = rng_make(3, 0);
    Vec3 p[2][2] = {{vec3(30.0, 70.0, 0.0), vec3(30.0, -10.0, 0.0)},   /* kept: x > 30 */
                    {vec3(-10.0, 20.0, 0.0), vec3(110.0, 20.0, 0.0)}}; /* kept: y > 20 */
    DotsEdge edge[2] = {{.point_count = 2, .point_mm = p[0], .ramp_mm = 8.0},
                        {.point_count = 2, .point_mm = p[1], .ramp_mm = 5.0}};
    DotsWanted wanted = wanted_with(2, edge);
    DotsField made;
    REQUIRE(make(&wanted, &made));
    double off = 0.0;
    for (int k = 0; k < 5000; k++) {
        HeadPoint at = testing_random_point(&plane, 4.0, &rng);
        Vec3 q = dots_position_mm(&plane, at);
        double a = fmin(fmax((q.x - 30.0) / 8.0, 0.0), 1.0);
        double b = fmin(fmax((q.y - 20.0) / 5.0, 0.0), 1.0);
        off = fmax(off, fabs(dots_field_at(&made, at) - WANTED * a * b));
    }
    CHECK(off < 1e-9);
}

/* Also vertices far from the line must know on which side they are. */
TEST(a_closed_edge_keeps_its_inside_and_a_clockwise_one_its_outside)
{
    REQUIRE(setup());
    Rng rng = rng_make(4, 0);
    double radius[] = {1.0, 7.0, 24.0};
    for (int n = 0; n < 6; n++) {
        DotsEdge edge = disc(n < 2 ? 5 : 64, vec3(51.3, 29.1, 0.0), radius[n / 2], n % 2 == 1);
        DotsWanted wanted = wanted_with(1, &edge);
        DotsField made;
        REQUIRE(make(&wanted, &made));
        bool right = true;
        for (int k = 0; k < 4000; k++) {
            HeadPoint at = testing_random_point(&plane, 4.0, &rng);
            double away;
            bool inside = is_inside(&edge, dots_position_mm(&plane, at), &away);
            double want = inside == (n % 2 == 0) ? WANTED : 0.0;
            right &= away < 1e-6 || fabs(dots_field_at(&made, at) - want) < 1e-12;
        }
        CHECK(right);
        double area = fabs(polygon_mm2(&edge));
        double kept = n % 2 == 0 ? area : SIDE_X * SIDE_Y - area;
        CHECK_NEAR(total_of(&wanted), WANTED * kept, WANTED * (0.01 * area + 0.05));
    }
}

/* A star: at its points and notches two segments are equally near. */
TEST(sharp_corners_have_the_right_side)
{
    enum { CORNERS = 14 };
    static Vec3 p[CORNERS];
    REQUIRE(setup());
    Rng rng = rng_make(5, 0);
    for (int i = 0; i < CORNERS; i++) {
        double angle = 2.0 * DOTS_PI * i / CORNERS, radius = i % 2 == 0 ? 27.0 : 6.0;
        p[i] = vec3(50.0 + radius * cos(angle), 30.0 + radius * sin(angle), 0.0);
    }
    DotsEdge edge = {.point_count = CORNERS, .point_mm = p, .closed = true};
    DotsWanted wanted = wanted_with(1, &edge);
    DotsField made;
    REQUIRE(make(&wanted, &made));
    int wrong = 0;
    for (int k = 0; k < 20000; k++) {
        HeadPoint at = testing_random_point(&plane, 4.0, &rng);
        double away;
        bool inside = is_inside(&edge, dots_position_mm(&plane, at), &away);
        wrong += away > 1e-6 && (dots_field_at(&made, at) > 0.0) != inside;
    }
    CHECK(wrong == 0);
    CHECK_NEAR(total_of(&wanted) / (WANTED * polygon_mm2(&edge)), 1.0, 0.01);
}

/* Two lobes that meet in one point: left of the outline all the way round. */
TEST(an_outline_may_touch_itself)
{
    REQUIRE(setup());
    Rng rng = rng_make(6, 0);
    Vec3 p[6] = {{20, 10, 0}, {50, 30, 0}, {80, 10, 0}, {80, 50, 0}, {50, 30, 0}, {20, 50, 0}};
    DotsEdge edge = {.point_count = 6, .point_mm = p, .closed = true};
    DotsWanted wanted = wanted_with(1, &edge);
    DotsField made;
    REQUIRE(make(&wanted, &made));
    int wrong = 0;
    for (int k = 0; k < 20000; k++) {
        HeadPoint at = testing_random_point(&plane, 4.0, &rng);
        double away;
        bool inside = is_inside(&edge, dots_position_mm(&plane, at), &away);
        wrong += away > 1e-6 && (dots_field_at(&made, at) > 0.0) != inside;
    }
    CHECK(wrong == 0);
    CHECK_NEAR(total_of(&wanted) / (WANTED * 1200.0), 1.0, 0.01);
}

/* Points on one spot, a segment of no length: drawn by a hand that rests. */
TEST(repeated_points_of_an_edge_do_no_harm)
{
    REQUIRE(setup());
    Vec3 p[7] = {{20, 10, 0}, {20, 10, 0}, {80, 10, 0}, {80, 50, 0},
                 {80, 50, 0}, {80, 50, 0}, {20, 50, 0}};
    DotsEdge edge = {.point_count = 7, .point_mm = p, .closed = true};
    DotsWanted wanted = wanted_with(1, &edge);
    CHECK_NEAR(total_of(&wanted) / (WANTED * 2400.0), 1.0, 0.005);
}

TEST(two_islands_are_both_wanted)
{
    REQUIRE(setup());
    for (int v = 0; v < plane.vertex_count; v++) {
        Vec3 p = plane.position_mm[v];
        field[v] = p.x < 31.0 || p.x > 59.0 ? WANTED : 0.0;
    }
    DotsEdge edge[2] = {disc(40, vec3(15.0, 30.0, 0.0), 6.0, true),
                        disc(40, vec3(80.0, 30.0, 0.0), 9.0, true)};
    DotsWanted wanted = {.per_mm2 = field, .edge_count = 2, .edge = edge};
    double holes = fabs(polygon_mm2(&edge[0])) + fabs(polygon_mm2(&edge[1]));
    CHECK_NEAR(total_of(&wanted), testing_integral(&plane, field) - WANTED * holes,
               0.01 * WANTED * holes);
}

/* A scar on the head, half a millimetre wide: much less than a triangle. */
TEST(a_needle_thin_scar_keeps_its_area)
{
    enum { STEPS = 60 };
    static Vec3 p[2 * STEPS];
    HeadTopology topology;
    Head head;
    Err err;
    REQUIRE(setup());
    REQUIRE(testing_head(&arena, HEAD_LEVEL, &topology, &head, &err));
    DotsSurface surface = dots_surface(&head);
    double *wanted_per_mm2 = ARENA_NEW(&arena, double, (size_t)surface.vertex_count), area = 0.0;
    REQUIRE(wanted_per_mm2 != NULL);
    for (int v = 0; v < surface.vertex_count; v++)
        wanted_per_mm2[v] = WANTED;
    for (int i = 0; i < STEPS; i++) { /* across the crown, 70 mm long */
        double x = 70.0 * (i / (STEPS - 1.0) - 0.5), bend = 4.0 * sin(0.1 * x);
        p[i] = head_position_mm(&head, head_nearest(&head, vec3(x, 85.0, bend + 0.25)));
        p[2 * STEPS - 1 - i] =
            head_position_mm(&head, head_nearest(&head, vec3(x, 85.0, bend - 0.25)));
    }
    for (int i = 0; i + 1 < STEPS; i++) {
        Vec3 a = p[i], b = p[i + 1], c = p[2 * STEPS - 2 - i], d = p[2 * STEPS - 1 - i];
        area += 0.5 * vec_length(vec_cross(vec_sub(b, a), vec_sub(d, a)));
        area += 0.5 * vec_length(vec_cross(vec_sub(d, c), vec_sub(b, c)));
    }
    CHECK(area > 30.0 && area < 40.0);
    for (int back = 0; back < 2; back++) {
        DotsEdge edge = {.point_count = 2 * STEPS, .point_mm = p, .closed = true};
        DotsWanted wanted = {.per_mm2 = wanted_per_mm2, .edge_count = 1, .edge = &edge};
        DotsField made;
        DotsMass mass;
        DotsFacet *on_head;
        for (int i = 0; back == 1 && i < STEPS; i++) {
            Vec3 swap = p[i];
            p[i] = p[2 * STEPS - 1 - i];
            p[2 * STEPS - 1 - i] = swap;
        }
        REQUIRE(dots_facets_new(&arena, &surface, &on_head, &err));
        REQUIRE(dots_field_new(&arena, &surface, &wanted, &made, &err));
        REQUIRE(dots_mass_new(&arena, &made, on_head, &mass, &err));
        double whole = testing_integral(&surface, wanted_per_mm2);
        double scar = back == 0 ? mass.total : whole - mass.total;
        printf("# %s: %.3f dots on %.3f mm2\n", back == 0 ? "alone" : "left free", scar, area);
        CHECK_NEAR(scar / (WANTED * area), 1.0, 0.02);
    }
}

static bool refuses(DotsWanted wanted)
{
    DotsField made;
    Err err = {0};
    size_t mark = arena_mark(&arena);
    bool done = dots_field_new(&arena, &plane, &wanted, &made, &err);
    arena_rewind(&arena, mark);
    return !done && err.code == ERR_INPUT && err.text[0] != 0;
}

TEST(absurd_wishes_are_refused)
{
    REQUIRE(setup());
    double value[] = {-1e-9, (double)NAN, (double)INFINITY};
    for (int k = 0; k < 3; k++) {
        memcpy(field, even, (size_t)plane.vertex_count * sizeof(double));
        field[17] = value[k];
        CHECK(refuses((DotsWanted){.per_mm2 = field}));
    }
    memset(zone, 0, (size_t)plane.vertex_count);
    zone[3] = DOTS_ZONES;
    CHECK(refuses((DotsWanted){.per_mm2 = even, .zone = zone}));
    Vec3 p[3] = {{10, 10, 0}, {20, 10, 0}, {20, 20, 0}}, spot[3] = {p[0], p[0], p[0]};
    Vec3 lost[3] = {p[0], {(double)NAN, 0, 0}, p[2]};
    DotsEdge bad[] = {{.point_count = 1, .point_mm = p},
                      {.point_count = 0, .point_mm = p},
                      {.point_count = 2, .point_mm = p, .closed = true},
                      {.point_count = 3, .point_mm = spot, .closed = true},
                      {.point_count = 3, .point_mm = lost},
                      {.point_count = 3, .point_mm = p, .ramp_mm = -0.1},
                      {.point_count = 3, .point_mm = p, .ramp_mm = 100.1},
                      {.point_count = 3, .point_mm = p, .ramp_mm = (double)NAN}};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        CHECK(refuses(wanted_with(1, &bad[k])));
}

/* ---- the integral */

static double sum_of(int count, const double value[])
{
    double sum = 0.0;
    for (int i = 0; i < count; i++)
        sum += value[i];
    return sum;
}

/* Vertices, triangles and zones each hold everything. */
static void check_sums(const DotsMass *mass)
{
    double triangles = 0.0, off = 1e-9 * fmax(mass->total, 1.0);
    for (int t = 0; t < plane.triangle_count; t++)
        triangles += mass->triangle[t] * facet[t].area_mm2;
    CHECK_NEAR(sum_of(plane.vertex_count, mass->vertex), mass->total, off);
    CHECK_NEAR(sum_of(DOTS_ZONES, mass->zone), mass->total, off);
    CHECK_NEAR(triangles, mass->total, off);
}

TEST(the_integral_of_an_even_density_is_the_area)
{
    REQUIRE(setup());
    DotsWanted wanted = wanted_with(0, NULL);
    DotsField made;
    DotsMass mass;
    Err err;
    REQUIRE(make(&wanted, &made) && dots_mass_new(&arena, &made, facet, &mass, &err));
    CHECK_NEAR(mass.total, WANTED * SIDE_X * SIDE_Y, 1e-8);
    CHECK_NEAR(mass.vertex[20 * (CELLS_X + 1) + 20], WANTED * 2.5 * 2.5, 1e-9); /* inner */
    CHECK_NEAR(mass.vertex[20], 0.5 * WANTED * 2.5 * 2.5, 1e-9);                /* at the rim */
    check_sums(&mass);
}

/* d = x y / 1000 interpolated: each vertex has the integral of its hat times that, exactly. */
TEST(the_integral_around_a_vertex_is_that_of_its_hat)
{
    REQUIRE(setup());
    for (int v = 0; v < plane.vertex_count; v++)
        field[v] = 0.02 * plane.position_mm[v].x + 0.01 * plane.position_mm[v].y;
    DotsWanted wanted = {.per_mm2 = field};
    DotsField made;
    DotsMass mass;
    Err err;
    REQUIRE(make(&wanted, &made) && dots_mass_new(&arena, &made, facet, &mass, &err));
    double off = 0.0;
    for (int y = 1; y < CELLS_Y; y++)
        for (int x = 1; x < CELLS_X; x++) {
            int v = y * (CELLS_X + 1) + x; /* the hat is point-symmetric, the field linear */
            off = fmax(off, fabs(mass.vertex[v] - field[v] * 2.5 * 2.5));
        }
    CHECK(off < 1e-10);
    CHECK_NEAR(mass.total, (0.02 * 50.0 + 0.01 * 30.0) * SIDE_X * SIDE_Y, 1e-8);
    check_sums(&mass);
}

TEST(the_integral_beside_edges_is_that_of_what_is_left)
{
    REQUIRE(setup());
    Vec3 p[4] = {{33.7, 70, 0}, {33.7, -10, 0}, {120, 24.1, 0}, {-20, 31.3, 0}};
    DotsEdge upright = {.point_count = 2, .point_mm = p}; /* kept: x > 33.7 */
    DotsEdge ramp = {.point_count = 2, .point_mm = p, .ramp_mm = 9.0};
    DotsEdge leaning = {.point_count = 2, .point_mm = p + 2}; /* kept: below */
    DotsEdge both[2] = {upright, leaning};
    DotsEdge circle = disc(96, vec3(47.7, 28.8, 0.0), 17.3, false);
    struct {
        DotsWanted wanted;
        double mm2;
    } row[] = {{wanted_with(1, &upright), 66.3 * SIDE_Y},
               {wanted_with(1, &ramp), (66.3 - 4.5) * SIDE_Y},
               {wanted_with(1, &leaning), SIDE_X * (31.3 - 7.2 * 70.0 / 140.0)},
               {wanted_with(2, both), 66.3 * (31.3 - 7.2 * (66.85 + 20.0) / 140.0)},
               {wanted_with(1, &circle), polygon_mm2(&circle)}};
    for (size_t k = 0; k < sizeof row / sizeof row[0]; k++) {
        DotsField made;
        DotsMass mass;
        Err err;
        REQUIRE(make(&row[k].wanted, &made) && dots_mass_new(&arena, &made, facet, &mass, &err));
        CHECK_NEAR(mass.total / (WANTED * row[k].mm2), 1.0, 0.003);
        check_sums(&mass);
    }
}

/* Three zones in columns, the third empty: borders halfway between the vertices. */
TEST(zones_share_the_integral_at_half_a_cell)
{
    REQUIRE(setup());
    for (int v = 0; v < plane.vertex_count; v++) {
        double x = plane.position_mm[v].x;
        zone[v] = x < 31.0 ? 2 : x < 71.0 ? 9 : 15;
        field[v] = x < 71.0 ? WANTED : 0.0;
    }
    DotsWanted wanted = {.per_mm2 = field, .zone = zone};
    DotsField made;
    DotsMass mass;
    Err err;
    REQUIRE(make(&wanted, &made) && dots_mass_new(&arena, &made, facet, &mass, &err));
    check_sums(&mass);
    CHECK_NEAR(mass.zone[2], WANTED * 31.25 * SIDE_Y, 0.002 * WANTED * 31.25 * SIDE_Y);
    CHECK_NEAR(mass.zone[9], WANTED * 40.0 * SIDE_Y, 0.002 * WANTED * 40.0 * SIDE_Y);
    CHECK_NEAR(mass.zone[15], 0.0, 1e-12); /* nothing is wanted at its vertices */
    Rng rng = rng_make(7, 0);
    bool right = true;
    for (int k = 0; k < 4000; k++) {
        HeadPoint at = testing_random_point(&plane, 4.0, &rng);
        double x = dots_position_mm(&plane, at).x;
        int got = dots_zone_at(&made, at);
        right &= got == (x < 31.25 ? 2 : 9) || fabs(x - 31.25) < 1.25 || x > 70.0;
    }
    CHECK(right);
}

/* ---- the border */

static double length_of(const DotsBorder *border)
{
    double sum = 0.0;
    for (int i = 0; i < border->count; i++)
        sum += vec_length(border->inward_mm[i]);
    return sum;
}

/* By the divergence theorem - half the sum of position times inward normal is the area. */
static double area_of(const DotsBorder *border)
{
    double sum = 0.0;
    for (int i = 0; i < border->count; i++)
        sum -= 0.5 * vec_dot(border->position_mm[i], border->inward_mm[i]);
    return sum;
}

TEST(the_border_of_the_plane_is_its_rim)
{
    REQUIRE(setup());
    DotsWanted wanted = wanted_with(0, NULL);
    DotsField made;
    DotsBorder border;
    Err err;
    REQUIRE(make(&wanted, &made) && dots_border_new(&arena, &made, facet, 0.7, &border, &err));
    bool inward = true, on_rim = true, is_short = true;
    for (int i = 0; i < border.count; i++) {
        Vec3 p = border.position_mm[i], in = border.inward_mm[i];
        inward &= vec_dot(in, vec_sub(vec3(50.0, 30.0, 0.0), p)) > 0.0 && fabs(in.z) < 1e-12;
        on_rim &= fmin(fmin(p.x, SIDE_X - p.x), fmin(p.y, SIDE_Y - p.y)) < 1e-9;
        is_short &= vec_length(in) <= 0.7 + 1e-9;
    }
    CHECK(inward && on_rim && is_short);
    CHECK_NEAR(length_of(&border), 2.0 * (SIDE_X + SIDE_Y), 1e-8);
    CHECK_NEAR(area_of(&border), SIDE_X * SIDE_Y, 1e-7);
}

TEST(the_border_of_an_outline_points_to_where_dots_are_wanted)
{
    REQUIRE(setup());
    for (int n = 0; n < 2; n++) {
        DotsEdge edge = disc(30, vec3(50.0, 30.0, 0.0), 20.0, n == 1);
        DotsWanted wanted = wanted_with(1, &edge);
        DotsField made;
        DotsBorder border;
        Err err;
        REQUIRE(make(&wanted, &made) && dots_border_new(&arena, &made, facet, 0.5, &border, &err));
        double rim = n == 0 ? 0.0 : 2.0 * (SIDE_X + SIDE_Y), toward = 1e9;
        for (int i = 0; i < border.count; i++) {
            Vec3 from = vec_sub(vec3(50.0, 30.0, 0.0), border.position_mm[i]);
            if (vec_length(from) < 21.0)
                toward = fmin(toward, vec_dot(border.inward_mm[i], from) * (n == 0 ? 1.0 : -1.0));
        }
        CHECK(toward > 0.0);
        CHECK_NEAR(length_of(&border), rim + 60.0 * 20.0 * sin(DOTS_PI / 30.0), 1e-8);
        double area = fabs(polygon_mm2(&edge));
        CHECK_NEAR(area_of(&border), n == 0 ? area : SIDE_X * SIDE_Y - area, 1e-7);
    }
}

TEST(ramps_and_empty_rims_are_no_border)
{
    REQUIRE(setup());
    DotsEdge edge = disc(30, vec3(50.0, 30.0, 0.0), 20.0, false);
    edge.ramp_mm = 3.0;
    DotsWanted wanted = wanted_with(1, &edge);
    DotsField made;
    DotsBorder border;
    Err err;
    REQUIRE(make(&wanted, &made) && dots_border_new(&arena, &made, facet, 0.5, &border, &err));
    CHECK(border.count == 0);
    for (int v = 0; v < plane.vertex_count; v++)
        field[v] = plane.position_mm[v].x < 50.1 ? 0.0 : WANTED;
    wanted = (DotsWanted){.per_mm2 = field};
    REQUIRE(make(&wanted, &made) && dots_border_new(&arena, &made, facet, 0.5, &border, &err));
    CHECK_NEAR(length_of(&border), 2.0 * 47.5 + SIDE_Y, 1e-8);
}

/* Of the rim only the kept part is border, up to the triangles that the edge passes. */
TEST(a_rim_that_an_edge_cuts_off_is_no_border)
{
    REQUIRE(setup());
    Vec3 p[2] = {{40.0, 60.0, 0.0}, {40.0, 0.0, 0.0}}; /* kept: x > 40 */
    for (int ramp = 0; ramp < 2; ramp++) {
        DotsEdge edge = {.point_count = 2, .point_mm = p, .ramp_mm = ramp * 2.0};
        DotsWanted wanted = wanted_with(1, &edge);
        DotsField made;
        DotsBorder border;
        Err err;
        REQUIRE(make(&wanted, &made) && dots_border_new(&arena, &made, facet, 0.5, &border, &err));
        double left = 1e9;
        for (int i = 0; i < border.count; i++)
            left = fmin(left, border.position_mm[i].x);
        CHECK(left > 40.0 - 2.0 * 2.5 * 1.42);
        double rest = length_of(&border) - (ramp == 0 ? SIDE_Y : 0.0);
        CHECK(rest >= 180.0 - 1e-9 && rest <= 180.0 + 4.0 * 2.5 * 1.42);
    }
}
