#include "design/recede.h"

#include "base/test.h"
#include "design/layout_internal.h"
#include "head/vault.h"

#include <string.h>

static Arena arena, scratch;
static HeadTopology topology;
static Head mean_head, ball;
static HairSurvey bare;
static const double ball_mm = 95.0;
static const double pi = 3.14159265358979323846;

static bool new_ball(Err *err)
{
    double *radius_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    for (int v = 0; radius_mm != NULL && v < topology.vertex_count; v++)
        radius_mm[v] = ball_mm;
    return radius_mm != NULL && head_new(&arena, &topology, radius_mm, &ball, err);
}

static bool new_mean(Err *err)
{
    VaultShape shape = vault_mean();
    double *radius_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    if (radius_mm == NULL)
        return false;
    vault_radii_mm(&shape, &topology, radius_mm);
    if (!head_new(&arena, &topology, radius_mm, &mean_head, err))
        return false;
    vault_landmarks_mm(&shape, mean_head.landmark_mm);
    return true;
}

static bool setup(void)
{
    Err err = {0};
    if (arena.base != NULL)
        return true;
    bool ok = arena_open(&arena, (size_t)1 << 30, &err) &&
              arena_open(&scratch, (size_t)256 << 20, &err) &&
              head_topology_new(&arena, HEAD_LEVEL, &topology, &err) && new_ball(&err) &&
              new_mean(&err) && hair_survey(&arena, &scratch, &mean_head, NULL, NULL, &bare, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

/* ---- on a ball: closed forms ---- */

typedef struct Disc { /* dots within one disc, hair around them, a loss within another */
    double dots_mm, hair_mm, loss_mm, aside_mm, blend_mm;
} Disc;

static double step_mm(double inside_mm, double blend_mm)
{
    return blend_mm > 0.0 ? design_smoothstep(inside_mm / blend_mm + 0.5) : inside_mm > 0.0;
}

/* Along the ball from the point aside_mm off its top. */
static double from_top_mm(Vec3 direction, double aside_mm)
{
    double turn = aside_mm / ball_mm;
    return ball_mm *
           acos(fmin(fmax(vec_dot(direction, vec3(sin(turn), cos(turn), 0.0)), -1.0), 1.0));
}

static double disc_mm2(double radius_mm)
{
    return 2.0 * pi * ball_mm * ball_mm * (1.0 - cos(radius_mm / ball_mm));
}

static double circle_mm(double radius_mm)
{
    return 2.0 * pi * ball_mm * sin(radius_mm / ball_mm);
}

static const double full_per_mm2 = 1.5;

/* Hair of the same density as the dots, so that one takes the other's place exactly. */
static bool lose_disc(const Disc *disc, DesignLoss *loss)
{
    Err err = {0};
    size_t n = (size_t)topology.vertex_count, mark = arena_mark(&scratch);
    double *field[6];
    for (int k = 0; k < 6; k++)
        if ((field[k] = ARENA_NEW(&scratch, double, n)) == NULL)
            return CHECK(false);
    *loss = (DesignLoss){.hair_left = ARENA_NEW(&arena, double, n),
                         .extra_per_mm2 = ARENA_NEW(&arena, double, n)};
    for (size_t v = 0; v < n; v++) {
        double here_mm = from_top_mm(topology.direction[v], 0.0);
        double gone_mm = disc->loss_mm - from_top_mm(topology.direction[v], disc->aside_mm);
        double hair = 1.0 - step_mm(disc->hair_mm - here_mm, disc->blend_mm);
        double left = 1.0 - step_mm(gone_mm, disc->blend_mm);
        field[0][v] = hair;
        field[1][v] = left;
        field[2][v] = full_per_mm2;
        field[3][v] = full_per_mm2 * (1.0 - hair);
        field[4][v] = full_per_mm2 * (1.0 - hair * left);
        field[5][v] = full_per_mm2 * step_mm(disc->dots_mm - here_mm, disc->blend_mm);
    }
    DesignLossFields fields = {field[0], field[1], field[2], field[3], field[4], field[5]};
    bool ok = CHECK(design_loss_sum(&scratch, &ball, &fields, loss, &err));
    arena_rewind(&scratch, mark);
    return ok;
}

TEST(a_round_loss_around_a_round_treatment_leaves_a_ring)
{
    REQUIRE(setup());
    for (double blend_mm = 0.0; blend_mm <= 9.0; blend_mm += 4.5) {
        Disc disc = {.dots_mm = 35.0, .hair_mm = 35.0, .loss_mm = 55.0, .blend_mm = blend_mm};
        DesignLoss loss;
        REQUIRE(lose_disc(&disc, &loss));
        double ring_mm2 = disc_mm2(55.0) - disc_mm2(35.0);
        CHECK_NEAR(loss.lost_mm2, ring_mm2, 0.01 * ring_mm2);
        CHECK_NEAR(loss.bare_mm2, loss.lost_mm2, 1e-9 * ring_mm2);
        CHECK_NEAR(loss.extra_dots, full_per_mm2 * loss.lost_mm2, 1e-9 * ring_mm2);
        CHECK_NEAR(loss.edge_mm, circle_mm(35.0), 0.02 * circle_mm(35.0));
        CHECK_NEAR(loss.widest_mm, 20.0, 1.2);
        CHECK_NEAR(from_top_mm(vec_normalize(vec_sub(loss.widest_at_mm, ball.centre_mm)), 0.0),
                   35.0, 1.0);
    }
}

TEST(the_widest_gap_lies_where_the_loss_reaches_farthest)
{
    REQUIRE(setup());
    Disc disc = {
        .dots_mm = 35.0, .hair_mm = 35.0, .loss_mm = 55.0, .aside_mm = 10.0, .blend_mm = 5.0};
    DesignLoss loss;
    REQUIRE(lose_disc(&disc, &loss));
    CHECK_NEAR(loss.widest_mm, 30.0, 0.8);
    Vec3 at = vec_sub(loss.widest_at_mm, ball.centre_mm);
    CHECK(at.x > 0.0 && fabs(at.z) < 6.0);
    CHECK_NEAR(loss.edge_mm, circle_mm(35.0), 0.01 * circle_mm(35.0));
}

TEST(dots_over_all_that_is_lost_leave_nothing_bare)
{
    REQUIRE(setup());
    Disc disc = {.dots_mm = 70.0, .hair_mm = 35.0, .loss_mm = 55.0, .blend_mm = 5.0};
    DesignLoss loss;
    REQUIRE(lose_disc(&disc, &loss));
    CHECK(loss.lost_mm2 > 1000.0);
    CHECK(loss.bare_mm2 < 1e-9 && loss.extra_dots < 1e-9);
    CHECK(!(loss.edge_mm > 0.0) && !(loss.widest_mm > 0.0));
}

TEST(an_edge_that_stands_free_today_is_not_the_work_of_the_loss)
{
    REQUIRE(setup());
    Disc disc = {.dots_mm = 35.0, .hair_mm = 50.0, .loss_mm = 60.0, .blend_mm = 5.0};
    DesignLoss loss;
    REQUIRE(lose_disc(&disc, &loss));
    CHECK(loss.lost_mm2 > 1000.0);
    CHECK(!(loss.edge_mm > 0.0));
    disc.loss_mm = -100.0;
    REQUIRE(lose_disc(&disc, &loss));
    CHECK(!(loss.lost_mm2 > 0.0) && !(loss.bare_mm2 > 0.0) && !(loss.extra_dots > 0.0));
}

/* ---- on a head ---- */

static DesignRequest request;

static void reset(void)
{
    design_request_default(&request);
}

static bool lay_out(const HairSurvey *survey, DesignLayout *layout)
{
    static Design design;
    Err err = {0};
    bool ok = design_propose(&scratch, &mean_head, &request, &design, &err) &&
              design_layout(&arena, &scratch, &mean_head, survey, &design, layout, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

static bool recede(const DesignLayout *layout, int stage, bool ludwig, DesignLoss *loss)
{
    Err err = {0};
    bool ok = design_recede(&arena, &scratch, layout, stage, ludwig, loss, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

static bool refuses(const DesignLayout *layout, int stage, bool ludwig)
{
    Err err = {0};
    DesignLoss loss;
    size_t mark = arena_mark(&scratch);
    bool refused = !design_recede(&arena, &scratch, layout, stage, ludwig, &loss, &err) &&
                   err.code == ERR_INPUT;
    arena_rewind(&scratch, mark);
    return refused;
}

/* A client of whom a scan shows the hair: bare inside a stage's shape, grown by this much. */
static HairSurvey seen(const DesignLayout *layout, int stage, double grown_mm)
{
    HairSurvey survey = bare;
    const DesignLayers *layers = layout->layers;
    survey.has_stubble = true;
    survey.cover = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    for (int v = 0; v < topology.vertex_count; v++) {
        double inside = design_norwood_mm(&layers->tape, &layers->frame[0], stage, v) + grown_mm;
        double scalp = fmin(layers->frame[0].front_mm[v], layers->tape.margin_mm[v]);
        survey.cover[v] = step_mm(-inside, 6.0) * step_mm(scalp, 4.0);
    }
    return survey;
}

static void check_bounds(const DesignLayout *layout, const DesignLoss *loss)
{
    double least = 1.0, most = 0.0, extra = 0.0, fewest = 0.0;
    for (int v = 0; v < topology.vertex_count; v++) {
        least = fmin(least, loss->hair_left[v]);
        most = fmax(most, loss->hair_left[v]);
        fewest = fmin(fewest, loss->extra_per_mm2[v]);
        extra += mean_head.area_mm2[v] * loss->extra_per_mm2[v];
    }
    CHECK(least >= 0.0 && most <= 1.0 && fewest >= 0.0);
    CHECK_NEAR(extra, loss->extra_dots, 1e-6);
    CHECK(loss->bare_mm2 <= loss->lost_mm2 * (1.0 + 1e-12));
    CHECK(loss->lost_mm2 > 0.0 && loss->lost_mm2 < head_area_mm2(layout->head, NULL));
}

static void check_nested(const DesignLoss *early, const DesignLoss *late)
{
    double most = -1.0;
    for (int v = 0; v < topology.vertex_count; v++)
        most = fmax(most, late->hair_left[v] - early->hair_left[v]);
    CHECK(most <= 1e-12);
    CHECK(late->lost_mm2 > early->lost_mm2);
    CHECK(late->extra_dots > early->extra_dots);
}

TEST(a_later_stage_never_gives_hair_back)
{
    REQUIRE(setup());
    static DesignLayout layout;
    reset();
    for (int today = 2; today <= 3; today++) {
        request.stage = today;
        REQUIRE(lay_out(&bare, &layout));
        DesignLoss loss[8];
        for (int stage = today + 1; stage <= 7; stage++) {
            REQUIRE(recede(&layout, stage, false, &loss[stage]));
            check_bounds(&layout, &loss[stage]);
            CHECK(loss[stage].pattern_stage == stage && !loss[stage].ludwig);
            if (stage > today + 1)
                check_nested(&loss[stage - 1], &loss[stage]);
        }
        HairSurvey client = seen(&layout, today, 0.0);
        REQUIRE(lay_out(&client, &layout));
        for (int stage = today + 1; stage <= 7; stage++) {
            REQUIRE(recede(&layout, stage, false, &loss[stage]));
            check_bounds(&layout, &loss[stage]);
            if (stage > today + 1)
                check_nested(&loss[stage - 1], &loss[stage]);
        }
    }
}

TEST(nothing_is_lost_in_front_of_the_line_nor_where_nothing_grows)
{
    REQUIRE(setup());
    static DesignLayout layout;
    reset();
    REQUIRE(lay_out(&bare, &layout));
    DesignLoss loss;
    REQUIRE(recede(&layout, 7, false, &loss));
    const DesignStageFrame *frame = layout_frame(&layout, 80.0);
    double extra = 0.0;
    for (int v = 0; v < topology.vertex_count; v++)
        if (frame->front_mm[v] < 0.0 || layout.layers->tape.margin_mm[v] < 0.0)
            extra += loss.extra_per_mm2[v];
    CHECK(!(extra > 0.0));
    /* today's bare stays bare: all hair that is lost is hair that was seen */
    HairSurvey client = seen(&layout, 3, 0.0);
    REQUIRE(lay_out(&client, &layout));
    REQUIRE(recede(&layout, 7, false, &loss));
    double lost_mm2 = 0.0, hair_mm2 = head_area_mm2(&mean_head, client.cover);
    for (int v = 0; v < topology.vertex_count; v++)
        lost_mm2 += mean_head.area_mm2[v] * client.cover[v] * (1.0 - loss.hair_left[v]);
    CHECK_NEAR(loss.lost_mm2, lost_mm2, 1e-6);
    CHECK(loss.lost_mm2 > 0.3 * hair_mm2 && loss.lost_mm2 < 0.8 * hair_mm2);
    /* the fringe stays: a hand's breadth above the ears and at the back */
    HeadPoint side = head_locate(&mean_head, vec3(1.0, 0.25, 0.0));
    HeadPoint back = head_locate(&mean_head, vec3(0.0, 0.0, -1.0));
    CHECK_NEAR(head_interpolate(&mean_head, side, loss.hair_left), 1.0, 1e-9);
    CHECK_NEAR(head_interpolate(&mean_head, back, loss.hair_left), 1.0, 1e-9);
}

TEST(the_last_stages_have_none_after_them)
{
    REQUIRE(setup());
    static DesignLayout layout;
    reset();
    REQUIRE(lay_out(&bare, &layout));
    CHECK(refuses(&layout, 8, false) && refuses(&layout, 3, false) && refuses(&layout, 0, false));
    request.stage = 2;
    REQUIRE(lay_out(&bare, &layout));
    CHECK(refuses(&layout, 3, true)); /* another pattern */
    request.stage = 7;
    REQUIRE(lay_out(&bare, &layout));
    CHECK(refuses(&layout, 7, false) && refuses(&layout, 8, false));
    request.pattern = DESIGN_LUDWIG;
    request.stage = 3;
    request.draw_hairline = false;
    REQUIRE(lay_out(&bare, &layout));
    CHECK(refuses(&layout, 3, true) && refuses(&layout, 4, true));
}

TEST(a_design_of_the_whole_scalp_is_ready_for_every_stage)
{
    REQUIRE(setup());
    static DesignLayout layout;
    reset();
    request.pattern = DESIGN_PATTERN_NONE;
    request.whole_scalp = true;
    REQUIRE(lay_out(&bare, &layout));
    int stage;
    bool ludwig;
    Err err = {0};
    REQUIRE(design_stage_today(&scratch, &layout, &stage, &ludwig, &err));
    CHECK(stage == 0);
    for (stage = 2; stage <= 7; stage++) {
        DesignLoss loss;
        REQUIRE(recede(&layout, stage, false, &loss));
        CHECK(loss.bare_mm2 < 0.005 * loss.lost_mm2);
        CHECK(!(loss.edge_mm > 0.0));
        CHECK(loss.extra_dots < 0.005 * layout.dots);
    }
}

TEST(dots_for_norwood_3_stand_alone_at_stage_5)
{
    REQUIRE(setup());
    static DesignLayout layout;
    reset();
    REQUIRE(lay_out(&bare, &layout));
    HairSurvey client = seen(&layout, 3, 0.0);
    for (int known = 0; known < 2; known++) {
        REQUIRE(lay_out(known ? &client : &bare, &layout));
        DesignLoss loss;
        REQUIRE(recede(&layout, 5, false, &loss));
        CHECK(loss.edge_mm > 150.0 && loss.edge_mm < 400.0);
        CHECK(loss.widest_mm > 8.0 && loss.widest_mm < 40.0);
        CHECK(loss.bare_mm2 > 0.8 * loss.lost_mm2);
        /* behind the dots, before the crown */
        double along = head_interpolate(&mean_head, head_nearest(&mean_head, loss.widest_at_mm),
                                        layout.layers->tape.along_mm);
        CHECK(along > 80.0 && along < 160.0);
    }
}

TEST(the_stage_is_read_off_the_picture_when_the_design_names_none)
{
    REQUIRE(setup());
    static DesignLayout layout;
    reset();
    request.pattern = DESIGN_PATTERN_NONE;
    request.whole_scalp = true;
    REQUIRE(lay_out(&bare, &layout));
    for (int truth = 2; truth <= 7; truth++) {
        HairSurvey client = seen(&layout, truth, 0.0);
        static DesignLayout his;
        int stage;
        bool ludwig;
        Err err = {0};
        REQUIRE(lay_out(&client, &his));
        REQUIRE(design_stage_today(&scratch, &his, &stage, &ludwig, &err));
        CHECK(stage == truth && !ludwig);
    }
}

TEST(who_is_beyond_the_average_today_is_beyond_it_later)
{
    REQUIRE(setup());
    static DesignLayout layout;
    reset();
    REQUIRE(lay_out(&bare, &layout));
    double ahead_mm2[3];
    for (int i = 0; i < 3; i++) {
        HairSurvey client = seen(&layout, 3, 6.0 * (i - 1));
        static DesignLayout his;
        DesignLoss loss;
        REQUIRE(lay_out(&client, &his));
        REQUIRE(recede(&his, 5, false, &loss));
        /* where half is left, over the crown that has not begun to go */
        double sum = 0.0, weight = 0.0;
        for (int v = 0; v < topology.vertex_count; v++) {
            if (fabs(loss.hair_left[v] - 0.5) > 0.2 || his.layers->tape.along_mm[v] < 200.0)
                continue;
            sum += design_norwood_mm(&his.layers->tape, layout_frame(&his, 80.0), 5, v);
            weight += 1.0;
        }
        REQUIRE(weight > 20.0);
        CHECK_NEAR(sum / weight, -6.0 * (i - 1), 1.0);
        ahead_mm2[i] = loss.lost_mm2;
    }
    CHECK(ahead_mm2[0] > 500.0 && ahead_mm2[2] > 500.0);
}

TEST(thinning_by_ludwig_takes_its_share_and_frees_no_edge)
{
    REQUIRE(setup());
    static DesignLayout layout;
    reset();
    request.pattern = DESIGN_LUDWIG;
    request.stage = 1;
    request.draw_hairline = false;
    REQUIRE(lay_out(&bare, &layout));
    DesignLoss loss[4];
    for (int stage = 2; stage <= 3; stage++) {
        REQUIRE(recede(&layout, stage, true, &loss[stage]));
        check_bounds(&layout, &loss[stage]);
        CHECK(loss[stage].ludwig && !(loss[stage].edge_mm > 0.0));
        const DesignTape *tape = &layout.layers->tape;
        int thin = 0;
        for (int v = 0; v < topology.vertex_count; v++) {
            if (design_ludwig_mm(tape, layout_frame(&layout, 80.0), 1, v) < 30.0)
                continue;
            /* of three quarters of the hair a half, then a quarter, stay */
            CHECK_NEAR(loss[stage].hair_left[v], (1.0 - 0.25 * stage) / 0.75, 1e-9);
            thin++;
        }
        CHECK(thin > 100);
        CHECK(loss[stage].bare_mm2 > 0.9 * loss[stage].lost_mm2);
    }
    check_nested(&loss[2], &loss[3]);
}

TEST(a_place_that_is_kept_out_is_not_wanted_later)
{
    REQUIRE(setup());
    static DesignLayout layout;
    reset();
    request.drawn_count = 1;
    request.drawn[0] = (DesignDrawn){.zone = DESIGN_KEEP_OUT,
                                     .kind = DESIGN_DISCS,
                                     .tape = true,
                                     .width_mm = 30.0,
                                     .point_count = 1,
                                     .point_mm = {{0.0, 240.0, 0.0}}};
    REQUIRE(lay_out(&bare, &layout));
    DesignLoss loss;
    REQUIRE(recede(&layout, 5, false, &loss));
    double extra = 0.0, lost = 0.0;
    for (int v = 0; v < topology.vertex_count; v++)
        if (layout.zone[v] == DESIGN_KEEP_OUT) {
            extra += loss.extra_per_mm2[v];
            lost += 1.0 - loss.hair_left[v];
        }
    CHECK(lost > 50.0 && !(extra > 0.0));
}

TEST(a_loss_within_too_little_memory_says_so)
{
    REQUIRE(setup());
    static DesignLayout layout;
    reset();
    request.pattern = DESIGN_PATTERN_NONE;
    request.whole_scalp = true;
    request.hairline_height_mm = 70.0; /* a frame of its own */
    REQUIRE(lay_out(&bare, &layout));
    for (size_t kilobytes = 0; kilobytes < 3000; kilobytes += 100) {
        Arena small = {0}, few = {0};
        Err err = {0};
        DesignLoss loss;
        REQUIRE(arena_open(&small, (kilobytes + 1) << 10, &err) &&
                arena_open(&few, (size_t)64 << 20, &err));
        bool ok = design_recede(&few, &small, &layout, 5, false, &loss, &err);
        CHECK(ok || err.code == ERR_LIMIT);
        CHECK(kilobytes > 100 || !ok);
        arena_close(&small);
        arena_close(&few);
    }
}
