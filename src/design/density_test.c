/* How dense: what grows there, the ramp behind the line, crown and highlights, uptake, strokes. */
#include "design/design_fixture.h"

static const double full = 1.5; /* per mm2, of the request's default */

static bool scalp(const Head *head, bool drawn, Design *design)
{
    static DesignRequest request;
    design_request_default(&request);
    request.pattern = DESIGN_PATTERN_NONE;
    request.whole_scalp = true;
    request.draw_hairline = drawn;
    request.density.crown_softer = request.density.highlight_softer = 0.0;
    return propose(head, &request, design);
}

static double margin_of(const DesignLayout *layout, int v)
{
    return layout->layers->tape.margin_mm[v];
}

/* ---- what grows there ---- */

TEST(half_the_hair_gets_the_other_half_in_dots)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout layout;
    size_t mark = arena_mark(&arena);
    HairSurvey survey;
    REQUIRE(covered(150.0, &survey) && scalp(&mean_head, false, &design));
    for (int v = 0; v < topology.vertex_count; v++)
        survey.cover[v] = 0.5;
    REQUIRE(lay_out(&mean_head, &survey, &design, &layout));
    int count = 0;
    for (int v = 0; v < topology.vertex_count; v++) {
        CHECK_NEAR(layout.existing_per_mm2[v], 0.75, 1e-15);
        if (layout.layers->frame[0].front_mm[v] < 4.1 || margin_of(&layout, v) < 4.1)
            continue; /* the region fades there */
        CHECK_NEAR(layout.target_per_mm2[v], 0.75, 1e-15);
        CHECK(layout.zone[v] == DESIGN_FRINGE);
        count++;
    }
    CHECK(count > 10000);
    for (int v = 0; v < topology.vertex_count; v++)
        survey.cover[v] = 1.0;
    REQUIRE(lay_out(&mean_head, &survey, &design, &layout));
    CHECK_NEAR(layout.dots, 0.0, 0.0);
    arena_rewind(&arena, mark);
}

TEST(dots_and_hair_together_are_what_is_wanted_wherever_less_grows)
{
    REQUIRE(setup());
    static DesignRequest request;
    static DesignLayout without, with;
    size_t mark = arena_mark(&arena);
    HairSurvey none, some;
    REQUIRE(covered(160.0, &none) && covered(160.0, &some));
    for (int v = 0; v < topology.vertex_count; v++)
        some.cover[v] = design_smoothstep(0.5 - mean_head.position_mm[v].x / 60.0);
    design_request_default(&request);
    request.stage = 6;
    REQUIRE(propose_and_lay_out(&mean_head, &none, &request, &without));
    REQUIRE(propose_and_lay_out(&mean_head, &some, &request, &with));
    for (int v = 0; v < topology.vertex_count; v++) {
        double grows = some.cover[v] * 1.6;
        CHECK_NEAR(with.existing_per_mm2[v], grows, 1e-15);
        CHECK_NEAR(with.target_per_mm2[v], fmax(without.target_per_mm2[v] - grows, 0.0), 1e-15);
    }
    CHECK(with.dots < 0.75 * without.dots && with.dots > 0.3 * without.dots);
    arena_rewind(&arena, mark);
}

/* The largest step of dots and hair together from a vertex to its neighbour, per mm, where the
 * scalp is neither rim nor within `behind_mm` of the drawn line. */
static double steepest_per_mm(const DesignLayout *layout, double behind_mm)
{
    double worst = 0.0;
    for (int v = 0; v < topology.vertex_count; v++)
        for (int k = topology.neighbor_start[v]; k < topology.neighbor_start[v + 1]; k++) {
            int w = topology.neighbor[k];
            if (margin_of(layout, v) < 4.0 || margin_of(layout, w) < 4.0 ||
                (layout->has_hairline && ((double)layout->behind_mm[v] < behind_mm ||
                                          (double)layout->behind_mm[w] < behind_mm)))
                continue;
            double step = layout->target_per_mm2[v] + layout->existing_per_mm2[v] -
                          layout->target_per_mm2[w] - layout->existing_per_mm2[w];
            double apart = vec_distance(layout->head->position_mm[v], layout->head->position_mm[w]);
            worst = fmax(worst, fabs(step) / apart);
        }
    return worst;
}

/* Full hair outside a bald top, falling over fade_mm; a drawn region over it. */
TEST(the_fringe_is_met_without_a_step)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout layout;
    const double fade_mm = 14.0, radius_mm[] = {25.0, 32.0, 40.0}, blend_mm[] = {6.0, 12.0, 30.0};
    Vec3 top = vec3(0.0, 1.0, 0.0);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            size_t mark = arena_mark(&arena);
            HairSurvey survey;
            REQUIRE(covered(150.0, &survey));
            for (int v = 0; v < topology.vertex_count; v++)
                survey.cover[v] = design_smoothstep(
                    (ball_distance_mm(topology.direction[v], top) - 30.0) / fade_mm + 0.5);
            plain_design(&ball, &design);
            plain_region(&design, DESIGN_PATCH, blend_mm[k]);
            ring(&ball, &design, DESIGN_ADD, top, radius_mm[i], 60);
            REQUIRE(lay_out(&ball, &survey, &design, &layout));
            /* a smoothstep is steepest in its middle, by 1.5 */
            double most = full * 1.5 / fmin(blend_mm[k], fade_mm);
            CHECK(steepest_per_mm(&layout, 0.0) <= 1.02 * most);
            CHECK(layout.dots > 1000.0);
            arena_rewind(&arena, mark);
        }
}

/* The same of a stage on a head. Its shape is no exact distance: where it meets the hair it moves
 * by up to 1.2 mm a mm beside the temples, and depths differ from place to place. */
TEST(stages_meet_the_fringe_without_a_step)
{
    REQUIRE(setup());
    static DesignRequest request;
    static DesignLayout layout;
    for (int stage = 3; stage <= 7; stage++) {
        size_t mark = arena_mark(&arena);
        HairSurvey survey;
        REQUIRE(covered(150.0, &survey));
        for (int v = 0; v < topology.vertex_count; v++)
            survey.cover[v] = design_smoothstep((112.0 - mean_head.position_mm[v].y) / 15.0 + 0.5);
        design_request_default(&request);
        request.stage = stage;
        request.density.crown_softer = request.density.highlight_softer = 0.0;
        REQUIRE(propose_and_lay_out(&mean_head, &survey, &request, &layout));
        double steepest = steepest_per_mm(&layout, 10.0), blend = full * 1.5 / 10.0;
        printf("# stage %d: steepest %.3f of a blend's %.3f per mm2 and mm\n", stage, steepest,
               blend);
        CHECK(steepest < 2.0 * blend);
        arena_rewind(&arena, mark);
    }
}

/* ---- the front ---- */

static double ramp(double behind_mm, double share, double transition_mm)
{
    return fmin(behind_mm / 1.5, 1.0) *
           (share + (1.0 - share) * design_smoothstep(behind_mm / transition_mm));
}

TEST(the_front_rises_from_its_share_to_the_whole_over_the_transition)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout layout;
    const double transition_mm[] = {5.0, 10.0, 25.0}, share[] = {0.2, 0.15, 0.4};
    for (int i = 0; i < 3; i++) {
        Err err;
        size_t mark = arena_mark(&arena);
        double *away = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
        REQUIRE(away != NULL && scalp(&mean_head, true, &design));
        design.hairline.transition_mm = transition_mm[i];
        design.hairline.front_share = share[i];
        design.hairline.micro_mm = design.hairline.macro_mm = design.hairline.asymmetry_mm = 0.0;
        REQUIRE(lay_out(&mean_head, &bare, &design, &layout));
        REQUIRE(told(head_distance_to_curve(&scratch, &mean_head, layout.hairline_count,
                                            layout.hairline_mm, false, away, &err),
                     &err));
        int count = 0;
        for (int v = 0; v < topology.vertex_count; v++) {
            Vec3 p = mean_head.position_mm[v];
            if (fabs(p.x) > 40.0 || p.z < 0.0 || p.y < 90.0 || away[v] > 35.0 ||
                !(layout.behind_mm[v] > 0.0F))
                continue;
            double slack = 0.15; /* of distances, mm (region_test) */
            CHECK(layout.target_per_mm2[v] >=
                      full * ramp(fmax(away[v] - slack, 0.0), share[i], transition_mm[i]) - 1e-9 &&
                  layout.target_per_mm2[v] <=
                      full * ramp(away[v] + slack, share[i], transition_mm[i]) + 1e-9);
            count++;
        }
        CHECK(count > 500);
        arena_rewind(&arena, mark);
    }
}

TEST(nothing_stands_in_front_of_the_line_on_the_face_or_on_the_ears)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout layout;
    for (int stage = 1; stage <= 7; stage += 3) {
        static DesignRequest request;
        size_t mark = arena_mark(&arena);
        design_request_default(&request);
        request.stage = stage;
        REQUIRE(propose(&mean_head, &request, &design));
        /* not even where a brush goes from ear to ear across the line */
        DesignStroke *stroke = &design.stroke[design.stroke_count++];
        *stroke = (DesignStroke){.width_mm = 100.0, .amount = 1.0};
        stroke->first_point = design.point_count, stroke->point_count = 9;
        for (int i = 0; i < 9; i++)
            design.point[design.point_count++] = (DesignPlace){-1.2 + 0.3 * i, 0.25};
        REQUIRE(lay_out(&mean_head, &bare, &design, &layout));
        double off = 0.0, brushed = 0.0;
        for (int v = 0; v < topology.vertex_count; v++) {
            CHECK(layout.target_per_mm2[v] >= 0.0);
            if (!(layout.behind_mm[v] > 0.0F) || margin_of(&layout, v) <= 0.0)
                off += layout.target_per_mm2[v];
            brushed = fmax(brushed, layout.target_per_mm2[v]);
        }
        CHECK_NEAR(off, 0.0, 0.0);
        CHECK(brushed > 0.95 * full); /* it did paint */
        /* the sign itself: the glabella in front, the vertex behind, both beyond reach */
        Vec3 glabella = mean_head.landmark_mm[HEAD_GLABELLA], top = vec3(0.0, 130.0, 0.0);
        const HeadPoint at[2] = {head_nearest(&mean_head, glabella), head_nearest(&mean_head, top)};
        for (int k = 0; k < 2; k++)
            for (int c = 0; c < 3; c++)
                CHECK_NEAR((double)layout.behind_mm[topology.triangle[at[k].triangle][c]],
                           k == 0 ? -DESIGN_REACH_MM : DESIGN_REACH_MM, 0.0);
        arena_rewind(&arena, mark);
    }
}

/* ---- crown and highlights ---- */

TEST(the_crown_is_softer_around_its_whorl_and_nowhere_else)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout layout;
    Err err;
    size_t mark = arena_mark(&arena);
    double *whorl_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    REQUIRE(whorl_mm != NULL && scalp(&mean_head, true, &design));
    design.density.crown_softer = 0.3;
    HeadPoint at = head_locate(&mean_head, head_chart_direction(design.growth.singularity[0].uv));
    REQUIRE(told(head_distance(&scratch, &mean_head, 1, &at, whorl_mm, &err), &err));
    REQUIRE(lay_out(&mean_head, &bare, &design, &layout));
    double least = full;
    for (int v = 0; v < topology.vertex_count; v++) {
        if (margin_of(&layout, v) < 8.0 || (double)layout.behind_mm[v] < 10.0)
            continue;
        double want = full * (1.0 - 0.3 * (1.0 - design_smoothstep(whorl_mm[v] / 60.0)));
        if (whorl_mm[v] < 60.0)
            CHECK_NEAR(layout.target_per_mm2[v], want, 1e-4);
        least = fmin(least, layout.target_per_mm2[v]);
    }
    CHECK_NEAR(least, 0.7 * full, 0.01);
    arena_rewind(&arena, mark);
}

/* A boss of 1.5 mm, some 8 mm wide, on the ball. */
TEST(what_stands_out_of_the_form_is_softer)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout layout;
    Head bumped;
    size_t mark = arena_mark(&arena);
    double *added = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    Vec3 top = vec_normalize(vec3(0.1, 1.0, -0.2));
    REQUIRE(added != NULL);
    for (int v = 0; v < topology.vertex_count; v++) {
        double away = ball_distance_mm(topology.direction[v], top) / 8.0;
        added[v] = 1.5 * exp(-0.5 * away * away);
    }
    REQUIRE(altered_head(&ball, 1.0, added, &bumped));
    plain_design(&bumped, &design);
    design.density.highlight_softer = 0.4;
    plain_region(&design, DESIGN_CROWN, 0.0);
    ring(&bumped, &design, DESIGN_ADD, top, 60.0, 40);
    REQUIRE(lay_out(&bumped, &bare, &design, &layout));
    for (int v = 0; v < topology.vertex_count; v++) {
        double away = ball_distance_mm(topology.direction[v], top);
        if (away < 2.0)
            CHECK(layout.target_per_mm2[v] < 0.75 * full);
        if (away > 35.0 && away < 58.0)
            CHECK_NEAR(layout.target_per_mm2[v], full, 1e-6);
        CHECK(!(away < 58.0) || layout.target_per_mm2[v] >= 0.6 * full - 1e-9);
    }
    arena_rewind(&arena, mark);
}

/* ---- regions ---- */

static double most_of(const DesignLayout *layout, DesignZone zone)
{
    double most = 0.0;
    for (int v = 0; v < topology.vertex_count; v++)
        if (layout->zone[v] == zone)
            most = fmax(most, layout->target_per_mm2[v]);
    return most;
}

TEST(a_scar_that_keeps_less_gets_more_up_to_half_as_much_again)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout layout;
    const double uptake[] = {1.0, 0.8, 0.3}, want[] = {1.0, 1.25, 1.5};
    const DesignZone zones[] = {DESIGN_SCAR, DESIGN_BURN, DESIGN_PUNCH};
    size_t mark = arena_mark(&arena);
    HairSurvey survey; /* hair beside a scar is not in it */
    REQUIRE(covered(150.0, &survey));
    for (int v = 0; v < topology.vertex_count; v++)
        survey.cover[v] = 0.9;
    for (int i = 0; i < 3; i++) {
        plain_design(&ball, &design);
        plain_region(&design, zones[i], 3.0)->uptake = uptake[i];
        ring(&ball, &design, DESIGN_ADD, vec3(0.0, 1.0, 0.0), 20.0, 24);
        REQUIRE(lay_out(&ball, &survey, &design, &layout));
        CHECK_NEAR(most_of(&layout, zones[i]), want[i] * full, 1e-12);
        bool warned = false;
        for (int w = 0; w < layout.warning_count; w++)
            warned = warned || strstr(layout.warning[w], "keeps 30 %") != NULL;
        CHECK(warned == (i == 2));
    }
    arena_rewind(&arena, mark);
}

TEST(a_region_has_its_own_density_and_share_and_the_densest_counts)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout layout;
    size_t mark = arena_mark(&arena);
    Vec3 a = vec3(0.0, 1.0, 0.0), b = vec_normalize(vec3(0.35, 1.0, 0.0));
    for (int turned = 0; turned < 2; turned++) {
        plain_design(&ball, &design);
        for (int k = 0; k < 2; k++) {
            bool first = (k == 0) == (turned == 0);
            DesignRegion *region =
                plain_region(&design, first ? DESIGN_PATCH : DESIGN_DIFFUSE, 0.0);
            region->density_per_cm2 = first ? 90.0 : 0.0;
            region->share = first ? 1.0 : 0.4;
            ring(&ball, &design, DESIGN_ADD, first ? a : b, 30.0, 36);
        }
        REQUIRE(lay_out(&ball, &bare, &design, &layout));
        for (int v = 0; v < topology.vertex_count; v++) {
            double in_a = ball_distance_mm(topology.direction[v], a);
            double in_b = ball_distance_mm(topology.direction[v], b);
            double want = in_a < 30.0 ? 0.9 : in_b < 30.0 ? 0.4 * full : 0.0;
            if (fabs(in_a - 30.0) < 0.3 || fabs(in_b - 30.0) < 0.3)
                continue;
            CHECK_NEAR(layout.target_per_mm2[v], want, 1e-12);
            CHECK(layout.zone[v] == (in_a < 30.0   ? DESIGN_PATCH
                                     : in_b < 30.0 ? DESIGN_DIFFUSE
                                                   : DESIGN_NONE));
        }
    }
    arena_rewind(&arena, mark);
}

/* ---- strokes ---- */

static void dab(Design *design, double width_mm, double amount)
{
    DesignStroke *stroke = &design->stroke[design->stroke_count++];
    *stroke = (DesignStroke){.width_mm = width_mm,
                             .amount = amount,
                             .first_point = design->point_count,
                             .point_count = 1};
    design->point[design->point_count++] = (DesignPlace){0.0, 0.0}; /* the vertex */
}

/* Dabs of one brush on a full patch: the target is a closed form of the distance. */
static void check_dabs(int count, const double amount[])
{
    static Design design;
    static DesignLayout layout;
    const double half_mm = 12.0, patch_mm = 50.0;
    Vec3 top = vec3(0.0, 1.0, 0.0);
    size_t mark = arena_mark(&arena);
    double sum = 0.0;
    plain_design(&ball, &design);
    plain_region(&design, DESIGN_PATCH, 0.0);
    ring(&ball, &design, DESIGN_ADD, top, patch_mm, 60);
    for (int i = 0; i < count; i++) {
        dab(&design, 2.0 * half_mm, amount[i]);
        sum += amount[i];
    }
    REQUIRE(lay_out(&ball, &bare, &design, &layout));
    for (int v = 0; v < topology.vertex_count; v++) {
        double away = ball_distance_mm(topology.direction[v], top);
        if (away > patch_mm - 0.3)
            continue;
        double t = 1.0 - design_smoothstep(away / half_mm);
        double want = full * fmax(1.0 + sum * t, 0.0);
        CHECK_NEAR(layout.target_per_mm2[v], want, away < half_mm ? 5e-3 : 0.0);
        if (away < 0.1)
            CHECK_NEAR(layout.target_per_mm2[v], full * fmax(1.0 + sum, 0.0), 1e-3);
    }
    arena_rewind(&arena, mark);
}

TEST(a_stroke_takes_away_or_adds_its_share_and_fades_to_its_edge)
{
    REQUIRE(setup());
    check_dabs(1, (const double[]){-1.0});
    check_dabs(1, (const double[]){0.5});
    check_dabs(1, (const double[]){-0.25});
    check_dabs(2, (const double[]){-0.5, -0.5});
    check_dabs(2, (const double[]){0.5, -0.5});
    check_dabs(3, (const double[]){0.75, 0.25, -1.0});
}

/* Two points 100 mm apart: the chord between them runs 12 mm below the skin of the ball. */
TEST(a_stroke_of_two_points_follows_the_skin_between_them)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout layout;
    size_t mark = arena_mark(&arena);
    plain_design(&ball, &design);
    plain_region(&design, DESIGN_PATCH, 0.0);
    ring(&ball, &design, DESIGN_ADD, vec3(0.0, 1.0, 0.0), 60.0, 60);
    DesignStroke *stroke = &design.stroke[design.stroke_count++];
    *stroke = (DesignStroke){
        .width_mm = 16.0, .amount = -1.0, .first_point = design.point_count, .point_count = 2};
    for (int side = -1; side <= 1; side += 2)
        design.point[design.point_count++] = (DesignPlace){0.0, side * tan(0.25)};
    REQUIRE(lay_out(&ball, &bare, &design, &layout));
    for (int v = 0; v < topology.vertex_count; v++) {
        Vec3 d = topology.direction[v];
        double beside = ball_mm * asin(fabs(d.x)) / 8.0;
        if (d.y > cos(0.45))
            CHECK_NEAR(layout.target_per_mm2[v], full * design_smoothstep(beside), 5e-3);
    }
    arena_rewind(&arena, mark);
}

TEST(a_stroke_adds_where_nothing_was_wanted_and_counts_the_hair)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout layout;
    size_t mark = arena_mark(&arena);
    HairSurvey survey;
    REQUIRE(covered(100.0, &survey));
    survey.has_stubble = false; /* no islands are dropped */
    for (int v = 0; v < topology.vertex_count; v++)
        survey.cover[v] = 0.3;
    plain_design(&ball, &design);
    dab(&design, 24.0, 0.5);
    REQUIRE(lay_out(&ball, &survey, &design, &layout));
    double most = 0.0;
    for (int v = 0; v < topology.vertex_count; v++)
        most = fmax(most, layout.target_per_mm2[v]);
    CHECK_NEAR(most, 0.5 * full, 2e-3); /* a half of the full density beside what grows */
    CHECK_NEAR(layout.area_mm2 / cap_mm2(12.0), 1.0, 0.05);
    /* over a region that counts the hair, a stroke takes from dots and hair together */
    plain_region(&design, DESIGN_PATCH, 0.0);
    ring(&ball, &design, DESIGN_ADD, vec3(0.0, 1.0, 0.0), 40.0, 40);
    design.stroke[0].amount = -0.4;
    REQUIRE(lay_out(&ball, &survey, &design, &layout));
    double least = full;
    for (int v = 0; v < topology.vertex_count; v++)
        if (ball_distance_mm(topology.direction[v], vec3(0.0, 1.0, 0.0)) < 30.0)
            least = fmin(least, layout.target_per_mm2[v]);
    CHECK_NEAR(least, 0.6 * full - 0.3, 2e-3);
    arena_rewind(&arena, mark);
}

/* ---- marks ---- */

TEST(marks_are_finer_on_the_line_and_sized_by_zone)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout layout;
    size_t mark = arena_mark(&arena);
    REQUIRE(scalp(&mean_head, true, &design));
    design.hairline.transition_mm = 12.0;
    design.marks.hairline_finer = 0.3;
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        design.marks.zone_size[zone] = 0.8 + 0.03 * zone;
    REQUIRE(lay_out(&mean_head, &bare, &design, &layout));
    for (int v = 0; v < topology.vertex_count; v++) {
        double t = design_smoothstep((double)layout.behind_mm[v] / 12.0);
        double want = (0.8 + 0.03 * layout.zone[v]) * (1.0 - 0.3 * (1.0 - t));
        CHECK_NEAR((double)layout.size[v], want, 1e-6);
    }
    arena_rewind(&arena, mark);
}
