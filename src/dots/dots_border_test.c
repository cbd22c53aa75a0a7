/* What a plan does where it ends and beside what cannot move: rims, hairlines, patches, scars,
 * hairs, earlier dots. */
#include "dots/dots_testing.h"
#include "dots/pattern.h"

#include "base/test.h"

#include <stdlib.h>

/* A photographed patch of skin, 70 x 70 mm. */
enum { CELLS = 56, SESSIONS = 3 };
#define SIDE     70.0
#define WANTED   1.3 /* per mm2 */
#define HEADROOM 1.05

static Arena arena, scratch;
static DotsSurface plane;
static double *even; /* [vertex_count] */
static uint64_t sequence_seed = 1;

static bool setup(void)
{
    Err err = {0};
    if (plane.vertex_count > 0)
        return true;
    bool ok = testing_arenas(&arena, &scratch) &&
              dots_surface_plane(&arena, SIDE, SIDE, CELLS, CELLS, &plane, &err);
    if (!ok)
        printf("# %s\n", err.text);
    even = ARENA_NEW(&arena, double, (size_t)plane.vertex_count);
    for (int v = 0; even != NULL && v < plane.vertex_count; v++)
        even[v] = WANTED;
    return ok && even != NULL;
}

static DotsParams thirds(void)
{
    return (DotsParams){.session_count = 3, .share = {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0}, .seed = 1};
}

static bool plan_plane(const DotsWanted *wanted, int fixed_count, const DotsFixed fixed[],
                       const DotsParams *params, DotsSequence *sequence, Dots *dots)
{
    DotsSequenceParams making = {.highest_per_mm2 = HEADROOM * WANTED,
                                 .fixed_count = fixed_count,
                                 .fixed = fixed,
                                 .seed = sequence_seed,
                                 .threads = 2};
    Err err = {0};
    if (dots_sequence(&arena, &scratch, &plane, &making, NULL, sequence, &err) &&
        dots_plan(&arena, &scratch, &plane, sequence, wanted, params, NULL, dots, &err))
        return true;
    printf("# %s\n", err.text);
    return false;
}

static double to_segment_mm(Vec3 p, Vec3 a, Vec3 b)
{
    Vec3 along = vec_sub(b, a);
    double t = vec_dot(vec_sub(p, a), along) / vec_dot(along, along);
    return vec_distance(p, vec_madd(a, fmin(fmax(t, 0.0), 1.0), along));
}

static double to_edge_mm(Vec3 p, const DotsEdge *edge)
{
    double least = 1e9;
    for (int i = 0; i + 1 < edge->point_count + edge->closed; i++)
        least = fmin(least, to_segment_mm(p, edge->point_mm[i],
                                          edge->point_mm[(i + 1) % edge->point_count]));
    return least;
}

static double to_rim_mm(Vec3 p)
{
    return fmin(fmin(p.x, SIDE - p.x), fmin(p.y, SIDE - p.y));
}

/* ---- strips along borders */

enum { RIM, HAIRLINE, PATCH, SCAR, INSIDE, STRIPS };
static const char *const strip_name[STRIPS] = {"rim", "hairline", "patch", "scar",
                                               "inside of scar"};

static Vec3 patch_point[48], scar_point[24], hairline_point[29], alone_point[24];
/* A bending hairline, a round patch left free, a scar left free, a scar that is filled. */
static const DotsEdge edges[] = {
    {.point_count = 29, .point_mm = hairline_point},
    {.point_count = 48, .point_mm = patch_point, .closed = true},
    {.point_count = 24, .point_mm = scar_point, .closed = true},
};
static const DotsEdge alone = {.point_count = 24, .point_mm = alone_point, .closed = true};

/* A band of a width along a bow, clockwise, or counter-clockwise when `back`. */
static void draw_band(Vec3 from, Vec3 to, double width, bool back, Vec3 p[24])
{
    Vec3 along = vec_normalize(vec_sub(to, from)), aside = vec3(-along.y, along.x, 0.0);
    for (int i = 0; i < 12; i++) {
        double t = i / 11.0, bow = 3.0 * sin(DOTS_PI * t);
        Vec3 middle = vec_madd(vec_lerp(from, to, t), bow, aside);
        p[back ? 23 - i : i] = vec_madd(middle, 0.5 * width, aside);
        p[back ? i : 23 - i] = vec_madd(middle, -0.5 * width, aside);
    }
}

static void draw_edges(void)
{
    for (int i = 0; i < 29; i++) { /* dots stand below: walked from right to left */
        double x = SIDE + 7.0 - 3.0 * i;
        hairline_point[i] = vec3(x, 58.0 + 4.0 * sin(0.12 * x), 0.0);
    }
    for (int i = 0; i < 48; i++) {
        double angle = -2.0 * DOTS_PI * i / 48.0;
        patch_point[i] = vec3(22.0 + 11.0 * cos(angle), 30.0 + 11.0 * sin(angle), 0.0);
    }
    draw_band(vec3(44.0, 12.0, 0.0), vec3(54.0, 44.0, 0.0), 4.0, false, scar_point);
    draw_band(vec3(8.0, 10.0, 0.0), vec3(62.0, 50.0, 0.0), 5.0, true, alone_point);
}

/* Which strip a wanted place lies in, one spacing wide; -1: none, or two. */
static int strip_of(Vec3 p, double wide, bool filled)
{
    int found = -1, hits = 0;
    double away[STRIPS] = {1e9, 1e9, 1e9, 1e9, 1e9};
    if (filled) {
        away[INSIDE] = to_edge_mm(p, &alone);
    } else {
        away[RIM] = to_rim_mm(p);
        for (int e = 0; e < 3; e++)
            away[HAIRLINE + e] = to_edge_mm(p, &edges[e]);
    }
    for (int s = 0; s < STRIPS; s++)
        if (away[s] < wide) {
            found = s;
            hits++;
        }
    return hits == 1 ? found : -1;
}

typedef struct Strips {
    double asked[SESSIONS][STRIPS];
    int got[SESSIONS][STRIPS];
} Strips;

static bool ask_strips(const DotsWanted *wanted, bool filled, Strips *strips)
{
    enum { FINE = 350 };
    DotsFacet *facet;
    DotsField field;
    Err err;
    HeadPoint at = {.triangle = 0, .weight = {1.0, 0.0, 0.0}};
    Rng rng = rng_make(17, 0);
    if (!dots_field_new(&arena, &plane, wanted, &field, &err) ||
        !dots_facets_new(&arena, &plane, &facet, &err))
        return false;
    for (int n = 0; n < FINE * FINE; n++) {
        int y = n / FINE, x = y % 2 == 0 ? n % FINE : FINE - 1 - n % FINE; /* to and fro */
        double cell = SIDE / FINE;
        Vec3 p = vec3((x + rng_f64(&rng)) * cell, (y + rng_f64(&rng)) * cell, 0.0);
        at = dots_slide(&plane, facet, at, p);
        if (!(dots_field_at(&field, at) > 0.0))
            continue;
        for (int level = 0; level < SESSIONS; level++) {
            double per_mm2 = (level + 1.0) / SESSIONS * WANTED;
            int strip = strip_of(p, 1.0 / sqrt(per_mm2), filled);
            if (strip >= 0)
                strips->asked[level][strip] += per_mm2 * cell * cell;
        }
    }
    return true;
}

static void count_strips(const Dots *dots, bool filled, Strips *strips)
{
    for (int level = 0; level < SESSIONS; level++)
        for (int i = 0; i < dots->count; i++) {
            double per_mm2 = (level + 1.0) / SESSIONS * WANTED;
            int strip = strip_of(dots->dot[i].position_mm, 1.0 / sqrt(per_mm2), filled);
            if (strip >= 0)
                strips->got[level][strip] += dots->dot[i].session <= level;
        }
}

/* 0.88 to 1.1 of what they should hold, over some sequences: a strip has about 80 dots. */
static void check_strips(const DotsWanted *wanted, bool filled)
{
    enum { SEEDS = 4 };
    static Strips strips;
    strips = (Strips){0};
    REQUIRE(ask_strips(wanted, filled, &strips));
    for (int seed = 1; seed <= SEEDS; seed++) {
        size_t mark = arena_mark(&arena);
        DotsParams params = thirds();
        DotsSequence sequence;
        Dots dots;
        sequence_seed = (uint64_t)seed;
        REQUIRE(plan_plane(wanted, 0, NULL, &params, &sequence, &dots));
        count_strips(&dots, filled, &strips);
        arena_rewind(&arena, mark);
    }
    sequence_seed = 1;
    for (int level = 0; level < SESSIONS; level++)
        for (int s = 0; s < STRIPS; s++) {
            double asked = SEEDS * strips.asked[level][s];
            if (!(asked > 0.0))
                continue;
            double ratio = strips.got[level][s] / asked;
            printf("# %d/3 %-14s %3d dots for %6.1f: %.3f\n", level + 1, strip_name[s],
                   strips.got[level][s], asked, ratio);
            CHECK(asked > 100.0 && ratio >= 0.88 && ratio <= 1.1);
        }
}

TEST(strips_along_rim_hairline_patch_and_scar_hold_what_they_should)
{
    REQUIRE(setup());
    draw_edges();
    DotsWanted wanted = {.per_mm2 = even, .edge_count = 3, .edge = edges};
    check_strips(&wanted, false);
}

TEST(a_filled_scar_is_filled_to_its_edge)
{
    REQUIRE(setup());
    draw_edges();
    DotsWanted wanted = {.per_mm2 = even, .edge_count = 1, .edge = &alone};
    check_strips(&wanted, true);
}

TEST(no_dot_stands_where_none_is_wanted)
{
    REQUIRE(setup());
    draw_edges();
    DotsWanted wanted = {.per_mm2 = even, .edge_count = 3, .edge = edges};
    DotsParams params = thirds();
    DotsSequence sequence;
    Dots dots;
    REQUIRE(plan_plane(&wanted, 0, NULL, &params, &sequence, &dots));
    for (int i = 0; i < dots.count; i++) {
        Vec3 p = dots.dot[i].position_mm;
        CHECK(dots.dot[i].target_per_mm2 > 0.0);
        CHECK(hypot(p.x - 22.0, p.y - 30.0) > 11.0 * cos(DOTS_PI / 48.0) - 1e-9);
        CHECK(p.y < 58.0 + 4.0 * sin(0.12 * p.x) + 0.1); /* chords of the curve */
        CHECK(p.x >= 0.0 && p.x <= SIDE && p.y >= 0.0);
    }
}

/* Over a hairline's ramp of 12 mm: by thirds of it 1/9, 3/9 and 5/9 of its dots. */
TEST(a_feathered_hairline_thins_out_as_wanted)
{
    REQUIRE(setup());
    Vec3 p[2] = {{SIDE + 9.0, 60.0, 0.0}, {-9.0, 60.0, 0.0}};
    DotsEdge edge = {.point_count = 2, .point_mm = p, .ramp_mm = 12.0};
    DotsWanted wanted = {.per_mm2 = even, .edge_count = 1, .edge = &edge};
    DotsParams params = thirds();
    DotsSequence sequence;
    Dots dots;
    REQUIRE(plan_plane(&wanted, 0, NULL, &params, &sequence, &dots));
    for (int level = 0; level < SESSIONS; level++) {
        int got[4] = {0}, on_line = 0;
        for (int i = 0; i < dots.count; i++) {
            double depth = 60.0 - dots.dot[i].position_mm.y;
            CHECK(depth >= 0.0);
            on_line += depth < 0.3; /* one is wanted there, by all sessions */
            if (dots.dot[i].session <= level)
                got[depth < 4.0 ? 0 : depth < 8.0 ? 1 : depth < 12.0 ? 2 : 3]++;
        }
        for (int k = 0; k < 4; k++) {
            double share = (level + 1.0) / SESSIONS * WANTED * SIDE;
            double asked = share * (k < 3 ? 4.0 * (2 * k + 1) / 6.0 : 48.0);
            printf("# %d/3 part %d: %d dots for %.1f\n", level + 1, k, got[k], asked);
            CHECK(fabs(got[k] - asked) <= 0.08 * asked + 4.0);
        }
        printf("# %d/3 on the line: %d\n", level + 1, on_line);
        CHECK(on_line <= 8); /* a row of dots on the line would be seen from afar */
    }
}

/* ---- what is there already */

enum { UNITS = 260, HAIRS = 3 * UNITS };
static DotsFixed hair[HAIRS];

/* Units of one to three hairs 0.2 mm apart on two thirds of the patch, 75 units per 1000 dots. */
static int grow_hairs(void)
{
    Vec3 centre[UNITS];
    int made = 0, count = 0;
    Rng rng = rng_make(31, 0);
    for (int tries = 0; made < UNITS && tries < 100000; tries++) {
        Vec3 p = vec3(SIDE * rng_f64(&rng), SIDE * (1.0 - 0.66 * rng_f64(&rng)), 0.0);
        bool clear = true;
        for (int u = 0; clear && u < made; u++)
            clear = vec_distance(centre[u], p) > 1.6;
        if (!clear)
            continue;
        centre[made++] = p;
        double draw = rng_f64(&rng), angle = 2.0 * DOTS_PI * rng_f64(&rng);
        int hairs = draw < 0.29 ? 1 : draw < 0.82 ? 2 : 3; /* Guo 2017: 28, 53, 17 % */
        for (int h = 0; h < hairs; h++) {
            double off = 0.2 * (h - 0.5 * (hairs - 1));
            hair[count++].position_mm = vec3(fmin(fmax(p.x + off * cos(angle), 0.0), SIDE),
                                             fmin(fmax(p.y + off * sin(angle), 0.0), SIDE), 0.0);
        }
    }
    return count;
}

/* Dots so that they and the hairs together are WANTED. */
static bool wanted_beside(int count, double wanted_per_mm2[])
{
    Err err;
    if (!dots_beside(&scratch, &plane, count, hair, wanted_per_mm2, &err))
        return false;
    for (int v = 0; v < plane.vertex_count; v++)
        wanted_per_mm2[v] = fmax(WANTED - wanted_per_mm2[v], 0.0);
    return true;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

TEST(dots_keep_their_distance_from_hairs_in_every_prefix)
{
    REQUIRE(setup());
    int hairs = grow_hairs();
    double *wanted_per_mm2 = ARENA_NEW(&arena, double, (size_t)plane.vertex_count);
    REQUIRE(hairs > 400 && wanted_per_mm2 != NULL && wanted_beside(hairs, wanted_per_mm2));
    DotsWanted wanted = {.per_mm2 = wanted_per_mm2};
    DotsParams params = thirds();
    DotsSequence sequence;
    Dots dots;
    REQUIRE(plan_plane(&wanted, hairs, hair, &params, &sequence, &dots));
    CHECK(dots.count == (int)lround(testing_integral(&plane, wanted_per_mm2)));
    double *away = ARENA_NEW(&arena, double, (size_t)dots.count);
    REQUIRE(away != NULL);
    for (int level = 0; level < SESSIONS; level++) {
        int count = 0;
        for (int i = 0; i < dots.count; i++) {
            const Dot *dot = &dots.dot[i];
            if (dot->session > level)
                continue;
            double least = 1e9;
            for (int h = 0; h < hairs; h++)
                least = fmin(least, vec_distance(dot->position_mm, hair[h].position_mm));
            double both = (level + 1.0) / SESSIONS * dot->target_per_mm2 + dot->beside_per_mm2;
            away[count++] = least * sqrt(both) / DOTS_HEX;
        }
        qsort(away, (size_t)count, sizeof(double), compare_doubles);
        printf("# %d/3: dot to hair at least %.3f of the hexagonal spacing, p1 %.3f\n", level + 1,
               away[0], away[count / 100]);
        CHECK(away[0] >= 0.62);
        CHECK(away[count / 100] >= 0.75);
    }
}

/* Dots and hairs together leave no hole: field/sampling 6, 1.10 with fixed hairs. */
TEST(dots_fill_what_hairs_leave)
{
    REQUIRE(setup());
    int hairs = grow_hairs();
    size_t vertices = (size_t)plane.vertex_count;
    double *wanted_per_mm2 = ARENA_NEW(&arena, double, vertices);
    double *all_per_mm2 = ARENA_NEW(&arena, double, vertices);
    REQUIRE(wanted_per_mm2 != NULL && all_per_mm2 != NULL && wanted_beside(hairs, wanted_per_mm2));
    DotsWanted wanted = {.per_mm2 = wanted_per_mm2};
    DotsParams params = thirds();
    DotsSequence sequence;
    Dots dots;
    REQUIRE(plan_plane(&wanted, hairs, hair, &params, &sequence, &dots));
    size_t most = (size_t)(dots.count + hairs);
    Vec3 *p = ARENA_NEW(&arena, Vec3, most), *normal = ARENA_NEW(&arena, Vec3, most);
    double *per_mm2 = ARENA_NEW(&arena, double, most);
    uint8_t *inner = ARENA_NEW(&arena, uint8_t, most);
    REQUIRE(p != NULL && normal != NULL && per_mm2 != NULL && inner != NULL);
    for (int level = 0; level < SESSIONS; level++) {
        double share = (level + 1.0) / SESSIONS;
        int count = 0;
        for (size_t v = 0; v < vertices; v++)
            all_per_mm2[v] = share * wanted_per_mm2[v] + sequence.fixed_per_mm2[v];
        for (int i = 0; i < dots.count; i++)
            if (dots.dot[i].session <= level) {
                per_mm2[count] = share * dots.dot[i].target_per_mm2 + dots.dot[i].beside_per_mm2;
                p[count++] = dots.dot[i].position_mm;
            }
        for (int h = 0; h < hairs; h++) {
            per_mm2[count] = share * (WANTED - sequence.fixed_per_mm2[sequence.fixed_vertex[h]]) +
                             sequence.fixed_per_mm2[sequence.fixed_vertex[h]];
            p[count++] = hair[h].position_mm;
        }
        for (int i = 0; i < count; i++) {
            normal[i] = vec3(0.0, 0.0, 1.0);
            inner[i] = to_rim_mm(p[i]) > 1.5 / sqrt(per_mm2[i]);
        }
        PatternInput input = {.count = count,
                              .position_mm = p,
                              .normal = normal,
                              .per_mm2 = per_mm2,
                              .inner = inner,
                              .surface = &plane,
                              .vertex_per_mm2 = all_per_mm2,
                              .seed = 1};
        Pattern pattern;
        Err err;
        REQUIRE(pattern_measure(&scratch, &input, &pattern, &err));
        printf("# %d/3 with hairs: gap %.2f, F200 %.3f\n", level + 1, pattern.gap, pattern.f200);
        CHECK(pattern.gap <= 1.10);
        CHECK(!(pattern.f200 > 0.065));
    }
}

/* Adding a session to a treated head: the old dots are as good as new ones, and grow. */
TEST(earlier_dots_keep_the_spacing_of_grown_dots)
{
    enum { EARLIER = 1500 };
    static DotsFixed earlier[EARLIER];
    REQUIRE(setup());
    DotsParams params = thirds();
    DotsSequence sequence;
    Dots first, second;
    for (int v = 0; v < plane.vertex_count; v++)
        even[v] = 0.3;
    DotsWanted thin = {.per_mm2 = even};
    REQUIRE(plan_plane(&thin, 0, NULL, &params, &sequence, &first));
    REQUIRE(first.count < EARLIER);
    for (int i = 0; i < first.count; i++)
        earlier[i] = (DotsFixed){first.dot[i].position_mm, DOTS_EARLIER};
    for (int v = 0; v < plane.vertex_count; v++)
        even[v] = WANTED - 0.3;
    params.spacing_mm[0] = 0.6;
    DotsWanted rest = {.per_mm2 = even};
    bool ok = plan_plane(&rest, first.count, earlier, &params, &sequence, &second);
    for (int v = 0; v < plane.vertex_count; v++)
        even[v] = WANTED;
    REQUIRE(ok);
    double least = 1e9, mean = 0.0;
    for (int i = 0; i < second.count; i++) {
        double nearest = 1e9;
        for (int f = 0; f < first.count; f++)
            nearest =
                fmin(nearest, vec_distance(second.dot[i].position_mm, earlier[f].position_mm));
        least = fmin(least, nearest);
        mean += second.dot[i].beside_per_mm2 / second.count;
    }
    printf("# new to old at least %.3f mm, new to new %.3f mm, %d dropped\n", least,
           second.nearest_mm, second.dropped);
    CHECK(least >= 0.6 - 1e-6 && second.nearest_mm >= 0.6 - 1e-6);
    CHECK(second.dropped <= 5);
    CHECK(second.count + second.dropped + second.short_of ==
          (int)lround(SIDE * SIDE * (WANTED - 0.3)));
    CHECK_NEAR(mean, 0.3, 0.02);
}

/* ---- the canvas of a head */

static HeadTopology topology;
static Head head;
static DotsSurface canvas;
static double *on_canvas;
static DotsSequence canvas_sequence;
static Dots canvas_plan;

/* Down to the rim on the left, and a hairline at the front; 60 per cm2. */
static bool setup_canvas(void)
{
    static Vec3 line[90];
    Err err = {0};
    if (canvas_plan.count > 0)
        return true;
    if (!testing_arenas(&arena, &scratch) ||
        !testing_head(&arena, HEAD_LEVEL, &topology, &head, &err))
        return false;
    canvas = dots_surface(&head);
    on_canvas = ARENA_NEW(&arena, double, (size_t)canvas.vertex_count);
    double *ceiling = ARENA_NEW(&arena, double, (size_t)canvas.vertex_count);
    for (int v = 0; v < canvas.vertex_count; v++) {
        Vec3 d = topology.direction[v];
        on_canvas[v] = d.x > 0.2 || d.y > 0.75 ? 0.6 : 0.0;
        ceiling[v] = HEADROOM * on_canvas[v];
    }
    for (int i = 0; i < 90; i++) { /* to the subject's left, from beyond what is wanted; around */
        double angle = -0.7 + 0.025 * i;
        Vec3 d = vec3(sin(angle), 0.9 * cos(angle), 0.55);
        line[i] = head_position_mm(&head, head_locate(&head, vec_normalize(d)));
    }
    DotsEdge edge = {.point_count = 90, .point_mm = line, .ramp_mm = 0.0};
    DotsWanted wanted = {.per_mm2 = on_canvas, .edge_count = 1, .edge = &edge};
    DotsSequenceParams making = {
        .highest_per_mm2 = HEADROOM * 0.6, .ceiling_per_mm2 = ceiling, .seed = 1, .threads = 2};
    DotsParams params = thirds();
    bool ok = dots_sequence(&arena, &scratch, &canvas, &making, NULL, &canvas_sequence, &err) &&
              dots_plan(&arena, &scratch, &canvas, &canvas_sequence, &wanted, &params, NULL,
                        &canvas_plan, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

TEST(the_rim_of_the_canvas_gets_its_share)
{
    REQUIRE(setup_canvas());
    for (int level = 0; level < SESSIONS; level++) {
        double share = (level + 1.0) / SESSIONS, wide = 1.0 / sqrt(share * 0.6), asked = 0.0;
        int got = 0;
        for (int pass = 0; pass < 2; pass++) {
            Vec3 *rim = ARENA_NEW(&arena, Vec3, 4000);
            int rims = 0;
            REQUIRE(rim != NULL);
            for (int t = 0; t < canvas.triangle_count; t++)
                for (int k = 0; k < 3; k++)
                    if (canvas.across[t][k] < 0 && rims + 2 <= 4000) {
                        rim[rims++] = canvas.position_mm[canvas.triangle[t][k]];
                        rim[rims++] = canvas.position_mm[canvas.triangle[t][(k + 1) % 3]];
                    }
            REQUIRE(rims < 4000);
            int places = pass == 0 ? canvas.triangle_count * 16 : canvas_plan.count;
            for (int n = 0; n < places; n++) {
                double u = sqrt((n % 4 + 0.5) / 4.0), v = (n / 4 % 4 + 0.5) / 4.0;
                HeadPoint at = {.triangle = n / 16, .weight = {1 - u, u * (1 - v), u * v}};
                Vec3 p = pass == 0 ? dots_position_mm(&canvas, at) : canvas_plan.dot[n].position_mm;
                /* the left side, clear of where the wanted region begins */
                if (p.x < 40.0 || p.y > 10.0 || p.z > 30.0)
                    continue;
                double away = 1e9;
                for (int r = 0; r < rims; r += 2)
                    away = fmin(away, to_segment_mm(p, rim[r], rim[r + 1]));
                if (away >= wide)
                    continue;
                if (pass == 0)
                    asked += share * 0.6 * testing_triangle_mm2(&canvas, at.triangle) / 16.0;
                else
                    got += canvas_plan.dot[n].session <= level;
            }
        }
        printf("# %d/3 rim of the canvas: %d dots for %.1f\n", level + 1, got, asked);
        CHECK(asked > 20.0 && fabs(got - asked) <= 0.1 * asked + 1.5);
    }
}

TEST(work_goes_by_session_and_along_short_ways)
{
    REQUIRE(setup_canvas());
    const Dots *dots = &canvas_plan;
    double way_mm = 0.0, spacing_mm = sqrt(3.0 / 0.6);
    int jumps = 0;
    for (int i = 1; i < dots->count; i++) {
        const Dot *a = &dots->dot[i - 1], *b = &dots->dot[i];
        CHECK(b->session >= a->session);
        if (b->session != a->session)
            continue;
        double step_mm = vec_distance(a->position_mm, b->position_mm);
        way_mm += step_mm;
        jumps += step_mm > 25.0;
    }
    printf("# %d dots, %.2f spacings of a session from dot to dot, %d jumps over 25 mm\n",
           dots->count, way_mm / dots->count / spacing_mm, jumps);
    CHECK(way_mm / dots->count < 1.6 * spacing_mm);
    CHECK(jumps < 40);
}
