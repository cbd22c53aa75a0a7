#include "base/rng.h"
#include "base/test.h"
#include "head/growth_internal.h"
#include "head/vault.h"

#include <string.h>

static const double pi = 3.14159265358979323846;
#define DEG (pi / 180.0)

static Arena arena, scratch;
static HeadTopology topology;
static Head head;

static bool setup(void)
{
    Err err = {.code = ERR_NONE};
    if (arena.base != NULL)
        return true;
    VaultShape shape = vault_mean();
    bool ok = arena_open(&arena, (size_t)1 << 30, &err) &&
              arena_open(&scratch, (size_t)1 << 26, &err) &&
              head_topology_new(&arena, HEAD_LEVEL, &topology, &err);
    double *radius = ok ? ARENA_NEW(&arena, double, (size_t)topology.vertex_count) : NULL;
    if (radius == NULL)
        return false;
    vault_radii_mm(&shape, &topology, radius);
    ok = head_new(&arena, &topology, radius, &head, &err);
    vault_landmarks_mm(&shape, head.landmark_mm);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

static bool solve(const Growth *growth, GrowthField *field)
{
    Err err = {.code = ERR_NONE};
    bool ok = growth_solve(&arena, &scratch, &head, growth, field, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

static HeadPoint at_uv(double u, double v)
{
    return head_locate(&head, head_chart_direction((double[2]){u, v}));
}

static double heading_at(const GrowthField *field, double u, double v)
{
    return growth_heading_rad(&head, field, at_uv(u, v));
}

static double apart(double a, double b) /* of two headings */
{
    return fabs(remainder(a - b, 2.0 * pi));
}

static GrowthSingularity whorl(double u, double v, double turn_rad, bool clockwise)
{
    return (GrowthSingularity){
        .uv = {u, v}, .index = 1, .turn_rad = turn_rad, .clockwise = clockwise, .reach_mm = 40.0};
}

static GrowthStroke line(double u0, double v0, double u1, double v1)
{
    return (GrowthStroke){
        .point_count = 2, .uv = {{u0, v0}, {u1, v1}}, .width_mm = 15.0, .strength = 1.0};
}

static void random_place(Rng *rng, double most, double uv[2])
{
    double r = most * sqrt(rng_f64(rng)), a = 2.0 * pi * rng_f64(rng);
    uv[0] = r * cos(a);
    uv[1] = r * sin(a);
}

/* A polyline that wanders. */
static GrowthStroke random_stroke(Rng *rng)
{
    GrowthStroke stroke = {.point_count = 2 + rng_below(rng, GROWTH_STROKE_POINTS - 1)};
    double way = 2.0 * pi * rng_f64(rng), at[2];
    random_place(rng, 1.2, at);
    for (int i = 0; i < stroke.point_count; i++) {
        memcpy(stroke.uv[i], at, sizeof at);
        way += 0.5 * rng_normal(rng);
        at[0] = fmin(fmax(at[0] + 0.04 * cos(way), -1.0), 1.0);
        at[1] = fmin(fmax(at[1] + 0.04 * sin(way), -1.0), 1.0);
    }
    stroke.width_mm = 2.0 + 30.0 * rng_f64(rng);
    stroke.strength = rng_f64(rng);
    return stroke;
}

static Growth random_growth(uint64_t seed)
{
    Rng rng = rng_make(seed, 5);
    Err err;
    Growth growth = {.singularity_count = rng_below(&rng, GROWTH_SINGULARITIES + 1),
                     .stroke_count = rng_below(&rng, GROWTH_STROKES + 1)};
    do
        for (int k = 0; k < growth.singularity_count; k++) {
            GrowthSingularity *s = &growth.singularity[k];
            *s = whorl(0.0, 0.0, 1.4 * rng_f64(&rng), rng_below(&rng, 2) == 0);
            random_place(&rng, 1.44, s->uv);
            s->index = rng_below(&rng, 2) == 0 ? 1 : -1;
            s->reach_mm = 1.0 + 80.0 * rng_f64(&rng);
        }
    while (growth.stroke_count = 0, !growth_check(&growth, &err));
    growth.stroke_count = rng_below(&rng, GROWTH_STROKES + 1);
    for (int i = 0; i < growth.stroke_count; i++)
        growth.stroke[i] = random_stroke(&rng);
    return growth;
}

/* ---- windings ---- */

static void count_windings(const GrowthField *field, int *sum, int *wrong)
{
    const Growth *growth = &field->growth;
    int *want = ARENA_NEW(&scratch, int, (size_t)topology.triangle_count);
    *sum = *wrong = 0;
    if (!CHECK(want != NULL))
        return;
    for (int k = 0; k < growth->singularity_count; k++) {
        HeadPoint p = at_uv(growth->singularity[k].uv[0], growth->singularity[k].uv[1]);
        if (p.triangle >= 0)
            want[p.triangle] += growth->singularity[k].index;
    }
    for (int t = 0; t < topology.triangle_count; t++) {
        int turns = growth_winding(&head, field, t);
        *wrong += turns != want[t];
        *sum += turns;
    }
}

TEST(every_triangle_winds_by_the_indices_inside_and_all_together_as_the_rim)
{
    REQUIRE(setup());
    for (uint64_t seed = 0; seed < 12; seed++) {
        size_t mark = arena_mark(&arena), scratch_mark = arena_mark(&scratch);
        Growth growth = random_growth(seed);
        GrowthField field;
        int sum, wrong;
        REQUIRE(solve(&growth, &field));
        count_windings(&field, &sum, &wrong);
        CHECK_NEAR(wrong, 0, 0);
        CHECK_NEAR(growth_rim_winding(&head, &field), sum, 0);
        arena_rewind(&scratch, scratch_mark);
        arena_rewind(&arena, mark);
    }
}

TEST(strokes_neither_make_nor_remove_whorls_even_around_nothing_or_across_each_other)
{
    REQUIRE(setup());
    Growth growth = growth_default(&head);
    growth.stroke_count = 3;
    growth.stroke[0] = (GrowthStroke){.point_count = 24, .width_mm = 12.0, .strength = 1.0};
    for (int i = 0; i < 24; i++) { /* a full round, of which the default whorl is no part */
        growth.stroke[0].uv[i][0] = 0.5 + 0.15 * cos(2.0 * pi * i / 23.0);
        growth.stroke[0].uv[i][1] = 0.2 + 0.15 * sin(2.0 * pi * i / 23.0);
    }
    growth.stroke[1] = line(-0.5, 0.0, -0.1, 0.1);
    growth.stroke[2] = line(-0.25, 0.3, -0.3, -0.3);
    GrowthField field;
    int sum, wrong;
    REQUIRE(solve(&growth, &field));
    count_windings(&field, &sum, &wrong);
    CHECK_NEAR(wrong, 0, 0);
    CHECK_NEAR(sum, 1, 0);
    CHECK_NEAR(growth_rim_winding(&head, &field), 1, 0);
}

/* Independent of how the field counts: from headings alone, along a circle of the chart. */
static double circle_turns(const GrowthField *field, double u, double v, double radius)
{
    enum { STEPS = 720 };
    double sum = 0.0, before = heading_at(field, u + radius, v);
    for (int i = 1; i <= STEPS; i++) {
        double a = 2.0 * pi * i / STEPS;
        double now = heading_at(field, u + radius * cos(a), v + radius * sin(a));
        sum += remainder(now - before, 2.0 * pi);
        before = now;
    }
    return sum / (2.0 * pi);
}

TEST(two_crowns_and_their_saddle_turn_once_in_all)
{
    REQUIRE(setup());
    Growth growth = {0};
    GrowthField field;
    REQUIRE(growth_add_whorl(&growth, (double[]){-0.15, -0.3}, true));
    CHECK_NEAR(growth.singularity_count, 1, 0);
    REQUIRE(growth_add_whorl(&growth, (double[]){0.15, -0.35}, false));
    REQUIRE(growth.singularity_count == 3 && solve(&growth, &field));
    CHECK_NEAR(growth_rim_winding(&head, &field), 1, 0);
    CHECK_NEAR(circle_turns(&field, 0.0, -0.3, 0.6), 1, 1e-9);
    CHECK_NEAR(circle_turns(&field, -0.15, -0.3, 0.03), 1, 1e-9);
    CHECK_NEAR(circle_turns(&field, 0.15, -0.35, 0.03), 1, 1e-9);
    CHECK_NEAR(circle_turns(&field, 0.0, -0.325, 0.03), -1, 1e-9);
}

TEST(hair_leaves_every_whorl_as_its_own_turn_says_whatever_the_others_do)
{
    REQUIRE(setup());
    Growth growth = growth_default(&head);
    REQUIRE(growth_add_whorl(&growth, (double[]){0.25, -0.1}, false));
    REQUIRE(growth_add_whorl(&growth, (double[]){-0.3, -0.2}, true));
    REQUIRE(growth_add_whorl(&growth, (double[]){-0.2, -0.25}, true)); /* within its reach */
    REQUIRE(growth_add_cowlick(&growth, &head, (double[]){0.2, 0.4}, 0.3, 15.0, false));
    GrowthField field;
    REQUIRE(solve(&growth, &field));
    for (int k = 0; k < growth.singularity_count; k++) {
        const GrowthSingularity *s = &growth.singularity[k];
        for (int i = 0; i < 8 && s->index == 1; i++) {
            double a = pi * i / 4.0 + 0.1, r = 1e-4;
            double got = heading_at(&field, s->uv[0] + r * cos(a), s->uv[1] + r * sin(a));
            CHECK_NEAR(apart(got, a + (s->clockwise ? s->turn_rad : -s->turn_rad)), 0.0, 0.01);
        }
    }
}

/* ---- closed forms ---- */

TEST(a_whorl_alone_sends_hair_straight_away_and_turns_it_within_reach)
{
    REQUIRE(setup());
    Growth growth = {.singularity_count = 1, .singularity = {whorl(0.1, -0.3, 0.0, true)}};
    static GrowthField plain, turned;
    REQUIRE(solve(&growth, &plain));
    growth.singularity[0].turn_rad = 0.8;
    REQUIRE(solve(&growth, &turned));
    HeadPoint middle = at_uv(0.1, -0.3);
    double radius = vec_distance(head_position_mm(&head, middle), head.centre_mm);
    Vec3 to = head_chart_direction(growth.singularity[0].uv);
    Rng rng = rng_make(3, 3);
    double worst = 0.0, worst_turned = 0.0;
    for (int i = 0; i < 20000; i++) {
        double uv[2];
        random_place(&rng, 1.4, uv);
        double away = atan2(uv[1] + 0.3, uv[0] - 0.1);
        worst = fmax(worst, apart(heading_at(&plain, uv[0], uv[1]), away));
        double t = radius * vec_distance(head_chart_direction(uv), to) / 40.0;
        double turn = t < 1.0 ? 0.8 * (1.0 - t) * (1.0 - t) * (1.0 + 2.0 * t) : 0.0;
        worst_turned = fmax(worst_turned, apart(heading_at(&turned, uv[0], uv[1]), away + turn));
    }
    CHECK_NEAR(worst, 0, 1e-9);
    CHECK_NEAR(worst_turned, 0, 1e-9);
}

TEST(without_a_whorl_hair_runs_forward)
{
    REQUIRE(setup());
    Growth growth = {0};
    GrowthField field;
    REQUIRE(solve(&growth, &field));
    double worst = 0.0, backward = 0.0;
    for (int t = 0; t < topology.triangle_count; t++) {
        HeadPoint p = {t, {0.2, 0.3, 0.5}};
        worst = fmax(worst, apart(growth_heading_rad(&head, &field, p), 0.5 * pi));
        if (fabs(head_position_mm(&head, p).z) < 20.0)
            backward = fmin(backward, growth_tangent(&head, &field, p).z);
    }
    CHECK_NEAR(worst, 0, 1e-12);
    CHECK_NEAR(backward, 0, 0);
    CHECK_NEAR(growth_rim_winding(&head, &field), 0, 0);
}

/* Walks along the hair from near a whorl and gives by how much that goes around its middle,
 * counter- clockwise as somebody outside sees it who looks at it from above the skin. */
static double around_seen_from_outside(const GrowthField *field, const double uv[2])
{
    HeadPoint middle = at_uv(uv[0], uv[1]);
    Vec3 centre = head_position_mm(&head, middle), toward_eye = head_normal(&head, middle);
    Vec3 right = vec_normalize(vec_cross(vec3(0.3, 0.5, 0.7), toward_eye));
    Vec3 up = vec_cross(toward_eye, right); /* right, up, towards the eye: as on a screen */
    Vec3 at = vec_madd(centre, 2.0, right);
    double sum = 0.0, before = 0.0;
    for (int i = 0; i < 60; i++) {
        HeadPoint p = head_nearest(&head, at);
        at = vec_madd(head_position_mm(&head, p), 0.5, growth_tangent(&head, field, p));
        Vec3 off = vec_sub(at, centre);
        double angle = atan2(vec_dot(off, up), vec_dot(off, right));
        sum += remainder(angle - before, 2.0 * pi);
        before = angle;
    }
    return sum;
}

TEST(clockwise_is_clockwise_outward_along_the_hair_as_seen_from_outside)
{
    REQUIRE(setup());
    const double place[][2] = {{0.0, -0.3}, {0.0, 0.0}, {0.6, 0.1}, {-0.3, 0.4}, {0.1, -0.9}};
    for (int i = 0; i < 5; i++)
        for (int clockwise = 0; clockwise < 2; clockwise++) {
            Growth growth = {.singularity_count = 1,
                             .singularity = {whorl(place[i][0], place[i][1], 0.9, clockwise == 1)}};
            GrowthField field;
            REQUIRE(solve(&growth, &field));
            double around = around_seen_from_outside(&field, place[i]);
            CHECK(clockwise == 1 ? around < -0.5 : around > 0.5);
        }
}

TEST(mirrored_whorls_and_strokes_give_the_mirrored_field)
{
    REQUIRE(setup());
    Growth growth = growth_default(&head), mirrored;
    REQUIRE(growth_add_whorl(&growth, (double[]){0.2, -0.2}, false));
    REQUIRE(growth_add_cowlick(&growth, &head, (double[]){0.15, 0.4}, 2.0, 12.0, true));
    growth.stroke_count = 2;
    growth.stroke[0] = line(0.5, 0.3, 0.6, 0.0);
    growth.stroke[1] = line(-0.4, 0.2, -0.4, 0.5);
    mirrored = growth;
    for (int k = 0; k < growth.singularity_count; k++) {
        mirrored.singularity[k].uv[0] *= -1.0;
        mirrored.singularity[k].clockwise = !growth.singularity[k].clockwise;
    }
    for (int i = 0; i < growth.stroke_count; i++)
        for (int k = 0; k < 2; k++)
            mirrored.stroke[i].uv[k][0] *= -1.0;
    static GrowthField a, b;
    REQUIRE(solve(&growth, &a) && solve(&mirrored, &b));
    double worst = 0.0, lift = 0.0;
    Rng rng = rng_make(4, 4);
    for (int i = 0; i < 5000; i++) {
        double uv[2];
        random_place(&rng, 1.4, uv);
        double left = heading_at(&a, uv[0], uv[1]), right = heading_at(&b, -uv[0], uv[1]);
        worst = fmax(worst, apart(left, pi - right));
        HeadPoint p = at_uv(uv[0], uv[1]), q = at_uv(-uv[0], uv[1]);
        lift = fmax(lift, fabs(head_interpolate(&head, p, a.lift_rad) -
                               head_interpolate(&head, q, b.lift_rad)));
    }
    CHECK_NEAR(worst, 0, 1e-5);
    CHECK_NEAR(lift, 0, 1e-9);
}

TEST(a_cowlick_is_not_felt_from_afar)
{
    REQUIRE(setup());
    const double apart_mm = 12.0;
    Growth growth = growth_default(&head);
    static GrowthField without, with;
    double uv[2] = {0.1, 0.3};
    REQUIRE(solve(&growth, &without));
    REQUIRE(growth_add_cowlick(&growth, &head, uv, -0.5 * pi, apart_mm, true));
    REQUIRE(solve(&growth, &with));
    HeadPoint whorl_at = at_uv(uv[0], uv[1]);
    HeadPoint saddle_at = at_uv(growth.singularity[2].uv[0], growth.singularity[2].uv[1]);
    Vec3 middle = head_position_mm(&head, whorl_at);
    CHECK_NEAR(vec_distance(middle, head_position_mm(&head, saddle_at)), apart_mm, 0.5);
    double worst5 = 0.0, worst10 = 0.0;
    for (int t = 0; t < topology.triangle_count; t++) {
        HeadPoint p = {t, {0.4, 0.3, 0.3}};
        double away = vec_distance(head_position_mm(&head, p), middle) / apart_mm;
        double turned =
            apart(growth_heading_rad(&head, &without, p), growth_heading_rad(&head, &with, p));
        if (away > 5.0)
            worst5 = fmax(worst5, turned);
        if (away > 10.0)
            worst10 = fmax(worst10, turned);
    }
    CHECK(worst5 < 14.0 * DEG && worst5 > 1.0 * DEG); /* of about a fifth: the pair's angle */
    CHECK(worst10 < 8.5 * DEG);
    CHECK_NEAR(growth_rim_winding(&head, &with), 1, 0);
}

TEST(the_default_whorl_lies_a_tape_length_behind_the_ears)
{
    REQUIRE(setup());
    Growth growth = growth_default(&head);
    REQUIRE(growth.singularity_count == 1 && growth.stroke_count == 0);
    CHECK_NEAR(growth.singularity[0].uv[0], 0, 1e-12);
    CHECK(growth.singularity[0].clockwise);
    HeadPoint p = at_uv(0.0, growth.singularity[0].uv[1]);
    Vec3 whorl_mm = head_position_mm(&head, p), top = vec3(0, 200, 0), ears = vec3(0, 100, 0);
    for (int i = 0; i < 5; i++) /* up the vertical to the surface */
        ears.y = head_position_mm(&head, head_nearest(&head, ears)).y;
    double length_mm;
    Err err;
    REQUIRE(head_section(&head, ears, whorl_mm, top, 0, NULL, NULL, &length_mm, &err));
    CHECK_NEAR(length_mm, 62.5, 0.5);
}

/* ---- strokes ---- */

/* Of the heading from the middle half of a two-point stroke, at its worst. */
static double missed_rad(const GrowthField *field, const GrowthStroke *stroke)
{
    double du = stroke->uv[1][0] - stroke->uv[0][0], dv = stroke->uv[1][1] - stroke->uv[0][1];
    double worst = 0.0;
    for (int i = 0; i <= 20; i++) {
        double t = 0.25 + 0.5 * i / 20.0;
        double got = heading_at(field, stroke->uv[0][0] + t * du, stroke->uv[0][1] + t * dv);
        worst = fmax(worst, apart(got, atan2(dv, du)));
    }
    return worst;
}

TEST(strokes_of_full_strength_are_met_within_a_few_degrees)
{
    REQUIRE(setup());
    Growth growth = growth_default(&head);
    growth.stroke_count = 5;
    growth.stroke[0] = line(0.5, 0.3, 0.65, 0.0);   /* temple, back and down */
    growth.stroke[1] = line(-0.5, 0.3, -0.65, 0.0); /* the other */
    growth.stroke[2] = line(0.2, 0.35, -0.1, 0.4);  /* across the front */
    growth.stroke[3] = line(0.0, -0.9, 0.3, -0.9);  /* the nape, aside */
    growth.stroke[4] = line(0.15, 0.1, 0.15, -0.1); /* backward, against the field */
    GrowthField field;
    REQUIRE(solve(&growth, &field));
    for (int i = 0; i < growth.stroke_count; i++)
        CHECK(missed_rad(&field, &growth.stroke[i]) < 2.0 * DEG);
    CHECK_NEAR(growth_rim_winding(&head, &field), 1, 0);
}

TEST(hair_follows_a_curved_stroke)
{
    REQUIRE(setup());
    Growth growth = {.stroke_count = 1};
    GrowthStroke *stroke = &growth.stroke[0];
    *stroke = (GrowthStroke){.point_count = 16, .width_mm = 15.0, .strength = 1.0};
    for (int i = 0; i < 16; i++) { /* a half circle; no whorl near it */
        stroke->uv[i][0] = 0.4 * cos(pi * i / 15.0);
        stroke->uv[i][1] = 0.4 * sin(pi * i / 15.0);
    }
    GrowthField field;
    REQUIRE(solve(&growth, &field));
    double worst = 0.0;
    for (int i = 10; i <= 170; i++) {
        double got = heading_at(&field, 0.4 * cos(i * DEG), 0.4 * sin(i * DEG));
        worst = fmax(worst, apart(got, i * DEG + 0.5 * pi));
    }
    CHECK(worst < 3.0 * DEG);
}

TEST(a_stronger_stroke_is_met_better_and_one_without_strength_is_not_there)
{
    REQUIRE(setup());
    Growth growth = growth_default(&head);
    static GrowthField plain, field;
    REQUIRE(solve(&growth, &plain));
    growth.stroke_count = 1;
    growth.stroke[0] = line(0.2, 0.35, -0.1, 0.4);
    const double strength[] = {0.0, 0.1, 0.2, 0.4, 0.7, 1.0};
    double before = 4.0;
    for (int i = 0; i < 6; i++) {
        growth.stroke[0].strength = strength[i];
        REQUIRE(solve(&growth, &field));
        double missed = missed_rad(&field, &growth.stroke[0]);
        CHECK(missed < before - (i < 5 ? 0.01 : 0.0));
        before = missed;
        if (i == 0)
            CHECK(memcmp(plain.smooth_rad, field.smooth_rad,
                         (size_t)topology.vertex_count * sizeof field.smooth_rad[0]) == 0);
    }
    CHECK(before < 2.0 * DEG);
}

TEST(a_stroke_fades_and_leaves_the_other_end_of_the_head_alone)
{
    REQUIRE(setup());
    Growth growth = growth_default(&head);
    growth.stroke_count = 1;
    growth.stroke[0] = line(0.5, 0.3, 0.65, 0.0);
    GrowthField field;
    REQUIRE(solve(&growth, &field));
    double near = 0.0, far = 0.0;
    Vec3 from = head_position_mm(&head, at_uv(0.57, 0.15));
    for (int v = 0; v < topology.vertex_count; v++) {
        double away = vec_distance(head.position_mm[v], from);
        double *most = away < 10.0 ? &near : away > 130.0 ? &far : NULL;
        if (most != NULL)
            *most = fmax(*most, fabs(field.smooth_rad[v]));
    }
    CHECK(near > 60.0 * DEG);
    CHECK(far < 0.05 * near);
}

TEST(where_only_the_gradient_costs_one_stroke_turns_the_whole_head_alike)
{
    REQUIRE(setup());
    Growth growth = growth_default(&head);
    growth.stroke_count = 1;
    growth.stroke[0] = line(0.1, 0.45, -0.1, 0.45);
    GrowthField field;
    Err err;
    REQUIRE(solve(&growth, &field));
    REQUIRE(growth_smooth(&scratch, &head, &growth, field.solver, 0.0, field.smooth_rad, &err));
    double low = 9.0, high = -9.0;
    for (int v = 0; v < topology.vertex_count; v++) {
        double uv[2];
        head_chart(topology.direction[v], uv);
        if (hypot(uv[0], uv[1] - 0.45) > 0.6) {
            low = fmin(low, field.smooth_rad[v]);
            high = fmax(high, field.smooth_rad[v]);
        }
    }
    CHECK(high - low < 3.0 * DEG);
    CHECK_NEAR(0.5 * (low + high), 0.5 * pi, 3.0 * DEG); /* from forward to the right */
}

TEST(a_stroke_turns_hair_the_short_way_from_its_neighbour)
{
    REQUIRE(setup());
    Growth growth = {.stroke_count = 2};              /* forward without them */
    growth.stroke[0] = line(-0.05, 0.15, -0.35, 0.1); /* 100 degrees left of forward */
    growth.stroke[1] = line(-0.2, 0.0, -0.08, -0.33); /* by 200; by -160 if it were alone */
    GrowthField field;
    REQUIRE(solve(&growth, &field));
    double low = 9.0;
    for (int i = 0; i <= 20; i++) { /* from one to the other */
        double t = i / 20.0;
        HeadPoint p = at_uv(-0.2 + 0.06 * t, 0.125 - 0.29 * t);
        low = fmin(low, head_interpolate(&head, p, field.smooth_rad));
    }
    CHECK(low > 80.0 * DEG);
    CHECK(missed_rad(&field, &growth.stroke[1]) < 4.0 * DEG);
}

/* ---- the solver ---- */

/* Half the gradient of the energy at a node, from its definition: edges along the border belong to
 * half cells. */
static double pull(const GrowthGrid *grid, const double s[], int i, int j, double *diagonal)
{
    int side = grid->side, at = i * side + j;
    double sum = grid->rhs[at];
    *diagonal = grid->weight[at];
    const int step[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    for (int k = 0; k < 4; k++) {
        int y = i + step[k][0], x = j + step[k][1];
        if (y < 0 || y >= side || x < 0 || x >= side)
            continue;
        bool border = step[k][0] == 0 ? i == 0 || i == side - 1 : j == 0 || j == side - 1;
        double conductance = border ? 0.5 : 1.0;
        sum += conductance * s[y * side + x];
        *diagonal += conductance;
    }
    return sum;
}

TEST(the_grid_is_solved_as_many_naive_sweeps_solve_it)
{
    REQUIRE(setup());
    Err err;
    const int sides[] = {5, 17, 33};
    for (int c = 0; c < 3; c++) {
        size_t mark = arena_mark(&scratch);
        GrowthGrid grid;
        int side = sides[c], nodes = side * side;
        REQUIRE(growth_grid_new(&scratch, side, &grid, &err));
        double *s = ARENA_NEW(&scratch, double, (size_t)nodes),
               *naive = ARENA_NEW(&scratch, double, (size_t)nodes);
        REQUIRE(s != NULL && naive != NULL);
        Rng rng = rng_make(9, (uint64_t)side);
        for (int i = 0; i < nodes; i++) /* a tenth is held, from softly to hard */
            if (rng_f64(&rng) < 0.1) {
                grid.weight[i] = exp(6.0 * rng_f64(&rng) - 3.0);
                grid.rhs[i] = grid.weight[i] * rng_normal(&rng);
            }
        for (int sweep = 0; sweep < 4000; sweep++)
            for (int i = 0; i < nodes; i++) {
                double diagonal, sum = pull(&grid, naive, i / side, i % side, &diagonal);
                naive[i] = sum / diagonal;
            }
        REQUIRE(growth_grid_solve(&scratch, &grid, 1e-12, s, &err));
        double worst = 0.0;
        for (int i = 0; i < nodes; i++)
            worst = fmax(worst, fabs(s[i] - naive[i]));
        CHECK_NEAR(worst, 0, 1e-9);
        arena_rewind(&scratch, mark);
    }
}

TEST(the_grid_gives_back_a_solution_it_was_made_from)
{
    REQUIRE(setup());
    Err err;
    GrowthGrid grid;
    size_t mark = arena_mark(&scratch);
    enum { SIDE = GROWTH_SIDE, NODES = SIDE * SIDE };
    REQUIRE(growth_grid_new(&scratch, SIDE, &grid, &err));
    double *s = ARENA_NEW(&scratch, double, NODES), *want = ARENA_NEW(&scratch, double, NODES);
    REQUIRE(s != NULL && want != NULL);
    Rng rng = rng_make(2, 2);
    for (int i = 0; i < NODES; i++) {
        want[i] = sin(0.1 * (i % SIDE)) + 0.3 * cos(0.07 * (i / SIDE)) + 0.1 * rng_normal(&rng);
        grid.weight[i] = rng_f64(&rng) < 0.02 ? 100.0 * rng_f64(&rng) : 1e-4;
    }
    for (int i = 0; i < NODES; i++) {
        double diagonal, sum = pull(&grid, want, i / SIDE, i % SIDE, &diagonal);
        s[i] = diagonal * want[i] - sum;
    }
    memcpy(grid.rhs, s, NODES * sizeof s[0]);
    REQUIRE(growth_grid_solve(&scratch, &grid, 1e-12, s, &err));
    double worst = 0.0;
    for (int i = 0; i < NODES; i++)
        worst = fmax(worst, fabs(s[i] - want[i]));
    CHECK_NEAR(worst, 0, 1e-7);
    arena_rewind(&scratch, mark);
}

TEST(reading_between_the_nodes_is_exact_for_quadratics_and_passes_the_nodes)
{
    enum { SIDE = 9 };
    double s[SIDE * SIDE], step = growth_spacing(SIDE);
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            double u = j * step - GROWTH_REACH_UV, v = i * step - GROWTH_REACH_UV;
            s[i * SIDE + j] = 1.0 + 2.0 * u - v + u * v + 0.5 * u * u - 0.3 * v * v;
        }
    Rng rng = rng_make(6, 6);
    double worst = 0.0;
    for (int i = 0; i < 1000; i++) {
        double u = 2.0 * rng_f64(&rng) - 1.0, v = 2.0 * rng_f64(&rng) - 1.0;
        double want = 1.0 + 2.0 * u - v + u * v + 0.5 * u * u - 0.3 * v * v;
        worst = fmax(worst, fabs(growth_grid_read(SIDE, s, (double[]){u, v}) - want));
    }
    CHECK_NEAR(worst, 0, 1e-12);
    const double corner[] = {GROWTH_REACH_UV, -GROWTH_REACH_UV};
    CHECK_NEAR(growth_grid_read(SIDE, s, corner), s[SIDE - 1], 1e-12);
}

static bool same_bits(const GrowthField *a, const GrowthField *b)
{
    size_t bytes = (size_t)topology.vertex_count * sizeof(double);
    return memcmp(a->smooth_rad, b->smooth_rad, bytes) == 0 &&
           memcmp(a->lift_rad, b->lift_rad, bytes) == 0;
}

TEST(solving_again_gives_the_bits_of_solving_anew)
{
    REQUIRE(setup());
    Err err;
    size_t mark = arena_mark(&arena);
    static GrowthField again, anew;
    Growth first = random_growth(100);
    REQUIRE(solve(&first, &again));
    for (uint64_t seed = 101; seed < 107; seed++) {
        Growth growth = random_growth(seed);
        REQUIRE(growth_solve_again(&scratch, &head, &growth, &again, &err));
        REQUIRE(solve(&growth, &anew));
        CHECK(same_bits(&again, &anew));
        CHECK_NEAR(growth_heading_rad(&head, &again, at_uv(0.2, 0.1)),
                   growth_heading_rad(&head, &anew, at_uv(0.2, 0.1)), 0);
        CHECK(arena_mark(&scratch) == 0); /* given back */
    }
    REQUIRE(growth_solve_again(&scratch, &head, &first, &again, &err) && solve(&first, &anew));
    CHECK(same_bits(&again, &anew));
    arena_rewind(&arena, mark);
}

TEST(too_little_memory_is_said_wherever_it_runs_out)
{
    REQUIRE(setup());
    Err err;
    Growth growth = growth_default(&head);
    growth.stroke_count = 1;
    growth.stroke[0] = line(0.5, 0.3, 0.65, 0.0);
    size_t mark = arena_mark(&arena);
    GrowthField field;
    REQUIRE(solve(&growth, &field));
    size_t used = arena_mark(&arena) - mark, refused = 0;
    arena_rewind(&arena, mark);
    for (size_t limit = 4096; limit < used; limit += used / 9) {
        Arena small = {.base = arena.base + mark, .used = 0, .limit = limit};
        refused +=
            !growth_solve(&small, &scratch, &head, &growth, &field, &err) && err.code == ERR_LIMIT;
    }
    CHECK_NEAR(refused, 9, 0);
    REQUIRE(solve(&growth, &field));
    for (size_t limit = 0; limit < 1600000; limit += 100000) { /* it takes 1.7 MB */
        Arena small = {.base = scratch.base, .used = 0, .limit = limit};
        CHECK(!growth_solve_again(&small, &head, &growth, &field, &err) && err.code == ERR_LIMIT);
    }
    arena_rewind(&arena, mark);
}

/* ---- directions ---- */

TEST(a_heading_goes_to_a_tangent_and_back)
{
    Rng rng = rng_make(7, 7);
    double worst = 0.0, length = 0.0, normal = 0.0;
    for (int i = 0; i < 10000; i++) {
        double uv[2], heading = 2.0 * pi * rng_f64(&rng) - pi;
        random_place(&rng, 1.44, uv);
        Vec3 d = head_chart_direction(uv), t = growth_heading_to_tangent(heading, d);
        worst = fmax(worst, apart(growth_tangent_to_heading(t, d), heading));
        length = fmax(length, fabs(vec_length(t) - 1.0));
        normal = fmax(normal, fabs(vec_dot(t, d)));
    }
    CHECK_NEAR(worst, 0, 1e-12);
    CHECK_NEAR(length, 0, 1e-12);
    CHECK_NEAR(normal, 0, 1e-12);
}

TEST(the_shaft_has_length_one_stands_off_by_the_lift_and_keeps_the_heading)
{
    REQUIRE(setup());
    Growth growth = random_growth(8);
    GrowthField field;
    REQUIRE(solve(&growth, &field));
    double length = 0.0, lift = 0.0, flat = 0.0, turned = 0.0;
    for (int t = 0; t < topology.triangle_count; t += 3) {
        HeadPoint p = {t, {0.5, 0.2, 0.3}};
        Vec3 shaft = growth_shaft(&head, &field, p), tangent = growth_tangent(&head, &field, p);
        Vec3 normal = head_normal(&head, p);
        Vec3 d = vec_normalize(vec_sub(head_position_mm(&head, p), head.centre_mm));
        length = fmax(length, fabs(vec_length(shaft) - 1.0));
        flat = fmax(flat, fabs(vec_dot(tangent, normal)));
        lift = fmax(
            lift, fabs(asin(vec_dot(shaft, normal)) - head_interpolate(&head, p, field.lift_rad)));
        turned = fmax(turned, apart(growth_tangent_to_heading(tangent, d),
                                    growth_heading_rad(&head, &field, p)));
    }
    CHECK_NEAR(length, 0, 1e-12);
    CHECK_NEAR(flat, 0, 1e-12);
    CHECK_NEAR(lift, 0, 1e-7);
    CHECK_NEAR(turned, 0, 1e-9);
}

TEST(a_step_along_the_hair_is_a_step_along_the_heading_in_the_chart)
{
    REQUIRE(setup());
    Growth growth = growth_default(&head);
    GrowthField field;
    REQUIRE(solve(&growth, &field));
    Rng rng = rng_make(12, 1);
    double worst = 0.0;
    for (int i = 0; i < 3000; i++) {
        double uv[2], to[2];
        random_place(&rng, 1.3, uv);
        HeadPoint p = at_uv(uv[0], uv[1]);
        Vec3 step = vec_madd(head_position_mm(&head, p), 0.01, growth_tangent(&head, &field, p));
        head_chart(vec_normalize(vec_sub(step, head.centre_mm)), to);
        double way = atan2(to[1] - uv[1], to[0] - uv[0]);
        worst = fmax(worst, apart(way, growth_heading_rad(&head, &field, p)));
    }
    CHECK_NEAR(worst, 0, 0.001);
}

/* Of the place under a point given in the head frame, degrees. */
static double lift_deg(const GrowthField *field, double x, double y, double z)
{
    HeadPoint p = head_nearest(&head, vec3(x, y, z));
    return head_interpolate(&head, p, field->lift_rad) / DEG;
}

TEST(hair_stands_off_as_the_surgeons_say)
{
    REQUIRE(setup());
    Growth growth = growth_default(&head);
    GrowthField field;
    Err err;
    REQUIRE(solve(&growth, &field));
    /* the tape: hairline 61 mm above the glabella */
    static Vec3 point[1000];
    Vec3 glabella = head.landmark_mm[HEAD_GLABELLA];
    Vec3 vertex = head.landmark_mm[HEAD_VERTEX];
    double length_mm, walked = 0.0;
    int count = 0;
    REQUIRE(head_section(&head, glabella, vertex, vec_lerp(glabella, vertex, 0.5), 1000, point,
                         &count, &length_mm, &err));
    for (int i = 1; i < count; i++) {
        walked += vec_distance(point[i - 1], point[i]);
        double lift = lift_deg(&field, point[i].x, point[i].y, point[i].z);
        CHECK(walked < 56.0 || walked > 66.0 || (lift >= 10.0 && lift <= 20.0));
        CHECK(walked < 95.0 || walked > 110.0 || (lift >= 25.0 && lift <= 40.0));
    }
    const double temple[][3] = {{65, 45, 55}, {70, 30, 48}, {74, 25, 40}};
    for (int i = 0; i < 3; i++)
        for (int side = -1; side < 2; side += 2) {
            double lift = lift_deg(&field, side * temple[i][0], temple[i][1], temple[i][2]);
            CHECK(lift >= 3.0 && lift <= 10.0);
        }
    CHECK_NEAR(head_interpolate(&head, at_uv(0.0, growth.singularity[0].uv[1]), field.lift_rad),
               60.0 * DEG, 1.0 * DEG);
    double steepest = 0.0, low = 9.0, high = 0.0;
    for (int v = 0; v < topology.vertex_count; v++) {
        low = fmin(low, field.lift_rad[v]);
        high = fmax(high, field.lift_rad[v]);
        for (int i = topology.neighbor_start[v]; i < topology.neighbor_start[v + 1]; i++) {
            int w = topology.neighbor[i];
            steepest = fmax(steepest, fabs(field.lift_rad[v] - field.lift_rad[w]) /
                                          vec_distance(head.position_mm[v], head.position_mm[w]));
        }
    }
    CHECK(low >= 3.0 * DEG && high <= 61.0 * DEG);
    CHECK(steepest < 2.5 * DEG); /* a millimetre: nowhere a step */
}

TEST(hair_stands_up_in_a_whorl_wherever_it_lies)
{
    REQUIRE(setup());
    Growth growth = {.singularity_count = 1, .singularity = {whorl(0.0, 0.5, 0.3, true)}};
    GrowthField field;
    REQUIRE(solve(&growth, &field));
    CHECK_NEAR(head_interpolate(&head, at_uv(0.0, 0.5), field.lift_rad), 60.0 * DEG, 1.5 * DEG);
    CHECK(head_interpolate(&head, at_uv(0.3, 0.5), field.lift_rad) < 20.0 * DEG);
}

/* ---- what is refused ---- */

TEST(check_names_what_is_wrong)
{
    REQUIRE(setup());
    Err err;
    static Growth bad;
    Growth good = growth_default(&head);
    REQUIRE(growth_add_whorl(&good, (double[]){0.2, -0.2}, true));
    good.stroke_count = 1;
    good.stroke[0] = line(0.1, 0.2, 0.3, 0.4);
    REQUIRE(growth_check(&good, &err));
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        bad = good;                                                                                \
        err.code = ERR_NONE;                                                                       \
        bad.change;                                                                                \
        CHECK(!growth_check(&bad, &err) && err.code == ERR_INPUT);                                 \
    } while (0)
    const double nan_ = (double)NAN, huge = (double)INFINITY;
    REFUSED(singularity_count = -1);
    REFUSED(singularity_count = GROWTH_SINGULARITIES + 1);
    REFUSED(stroke_count = -1);
    REFUSED(stroke_count = GROWTH_STROKES + 1);
    REFUSED(singularity[0].uv[0] = nan_);
    REFUSED(singularity[0].uv[1] = 1.5);
    REFUSED(singularity[1].uv[1] = -huge);
    REFUSED(singularity[0].index = 0);
    REFUSED(singularity[0].index = 2);
    REFUSED(singularity[0].turn_rad = -0.1);
    REFUSED(singularity[0].turn_rad = 1.5);
    REFUSED(singularity[0].turn_rad = nan_);
    REFUSED(singularity[0].reach_mm = 0.0);
    REFUSED(singularity[0].reach_mm = nan_);
    REFUSED(singularity[0].reach_mm = 300.0);
    REFUSED(singularity[2] = good.singularity[0]);
    REFUSED(stroke[0].point_count = 1);
    REFUSED(stroke[0].point_count = GROWTH_STROKE_POINTS + 1);
    REFUSED(stroke[0].uv[1][0] = nan_);
    REFUSED(stroke[0].uv[1][0] = 1.45);
    REFUSED(stroke[0].uv[0][0] = 0.3; bad.stroke[0].uv[0][1] = 0.4);
    REFUSED(stroke[0].width_mm = 0.0);
    REFUSED(stroke[0].width_mm = nan_);
    REFUSED(stroke[0].strength = 1.01);
    REFUSED(stroke[0].strength = nan_);
#undef REFUSED
    static GrowthField field;
    bad = good;
    bad.singularity[0].uv[0] = nan_;
    CHECK(!growth_solve(&arena, &scratch, &head, &bad, &field, &err) && err.code == ERR_INPUT);
}

TEST(there_is_no_room_for_a_thirteenth_singularity_nor_for_two_in_one_place)
{
    REQUIRE(setup());
    Err err;
    Growth growth = {0};
    for (int i = 0; i < 6; i++)
        CHECK(growth_add_whorl(&growth, (double[]){0.15 * i - 0.4, 0.02 * i * i}, i % 2 == 0));
    CHECK_NEAR(growth.singularity_count, 11, 0);
    Growth before = growth;
    CHECK(!growth_add_whorl(&growth, (double[]){0.0, -0.5}, true));
    CHECK(!growth_add_cowlick(&growth, &head, (double[]){0.0, -0.5}, 0.0, 10.0, true));
    CHECK(memcmp(&before, &growth, sizeof growth) == 0);
    CHECK(growth_check(&growth, &err));
    growth = growth_default(&head);
    CHECK(!growth_add_whorl(&growth, growth.singularity[0].uv, true));
    CHECK(!growth_add_cowlick(&growth, &head, (double[]){0.0, 1.42}, 0.5 * pi, 30.0, true));
    CHECK(!growth_add_cowlick(&growth, &head, (double[]){0.0, 0.5}, (double)NAN, 30.0, true));
    CHECK_NEAR(growth.singularity_count, 1, 0);
}
