#include "head/fit_truth.h"

#include "base/test.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- a case: arenas, a head that is known, evidence ------------------------------------------ */

enum {
    FACE = 1 << FIT_GLABELLA | 1 << FIT_TRAGION_LEFT | 1 << FIT_TRAGION_RIGHT |
           1 << FIT_CANTHUS_LEFT | 1 << FIT_CANTHUS_RIGHT | 1 << FIT_NASION
};
static const Vec3 from_front = {0, 0.1, 1}, from_left = {1, 0.1, 0.1}, from_top = {0, 0.8, 0.7},
                  from_back = {0, 0.15, -1};
static const Noise usual = {1.0, 0.75, 0.02, 1.5, 0.5};

typedef struct Case {
    Arena arena, scratch;
    HeadTopology topology;
    Known known;
    Rng rng;
    FitEvidence evidence;
    Camera camera[FIT_MAX_PHOTOS];
    HeadFit fit;
    PlaceWarnings warnings;
    Err err;
} Case;
static Case it; /* some 200 kB */

static bool open_level(uint64_t seed, int level)
{
    memset(&it, 0, sizeof it);
    it.rng = rng_make(seed, 9);
    if (!arena_open(&it.arena, (size_t)256 << 20, &it.err) ||
        !arena_open(&it.scratch, (size_t)256 << 20, &it.err) ||
        !head_topology_new(&it.arena, level, &it.topology, &it.err))
        return false;
    known_family(&it.arena, &it.scratch, &it.topology, seed, &it.known);
    return true;
}

/* Coarse heads: a fit does not see the difference, and they are made four times as fast. */
static bool open_case(uint64_t seed)
{
    return open_level(seed, HEAD_LEVEL - 1);
}

static void close_case(void)
{
    arena_close(&it.arena);
    arena_close(&it.scratch);
}

static FitPhoto *add_photo(Vec3 towards, const Noise *noise)
{
    int k = it.evidence.photo_count++;
    known_photo(&it.arena, &it.known, towards, FACE, 60, noise, &it.rng, &it.evidence.photo[k],
                &it.camera[k]);
    return &it.evidence.photo[k];
}

static bool fit(void)
{
    it.warnings = (PlaceWarnings){0};
    bool ok = head_fit(&it.scratch, &it.evidence, &it.fit, &it.warnings, &it.err);
    if (!ok)
        printf("# %s\n", it.err.text);
    return ok;
}

static Verdict judged(void)
{
    return verdict(&it.arena, &it.scratch, &it.known, &it.fit);
}

static bool said(const char *what)
{
    for (int i = 0; i < it.warnings.count; i++)
        if (strstr(it.warnings.text[i], what) != NULL)
            return true;
    return false;
}

/* How far from the true one a camera sees the surface, px: mean over places in the middle of the
 * picture. In the frame of the head, so it also holds what the landmarks leave open. */
static double camera_miss_mm(int photo)
{
    const Camera *got = &it.fit.photo[photo].camera, *want = &it.camera[photo];
    Vec3 a = got->pose.eye_mm, b = want->pose.eye_mm;
    return vec_distance(vec_normalize(vec_sub(a, FIT_MIDDLE)),
                        vec_normalize(vec_sub(b, FIT_MIDDLE)));
}

/* ---- the surface ----------------------------------------------------------------------------- */

TEST(the_touch_of_the_vault_changes_with_shape_and_place_as_its_slopes_say)
{
    static VaultBasis basis;
    vault_basis_make(&basis);
    Rng rng = rng_make(5, 0);
    FitState state = {0};
    for (int i = 0; i < FIT_SHAPE; i++)
        state.shape[i] = (i < 6 ? 0.05 : i < FIT_MODES_AT ? 2.0 : 0.7) * rng_normal(&rng);
    FitSurface surface = fit_surface(&state);
    for (int trial = 0; trial < 20; trial++) {
        Vec3 d = vec_normalize(vec3(rng_normal(&rng), 0.5 + rng_f64(&rng), rng_normal(&rng)));
        Vec3 p = vec_madd(HEAD_CENTRE_MM, fit_reach_mm(&surface, HEAD_CENTRE_MM, d, 95.0), d);
        FitTouch touch = fit_touch(&surface, &basis, p);
        CHECK_NEAR(touch.outside_mm, 0.0, 1e-4);
        CHECK_NEAR(vec_length(touch.normal), 1.0, 1e-9);
        CHECK_NEAR(fit_touch(&surface, NULL, vec_madd(p, 0.1, touch.normal)).outside_mm, 0.1, 1e-3);
        for (int i = 0; i < FIT_SHAPE; i++) {
            double step = 1e-4;
            FitState more = state, less = state;
            more.shape[i] += step, less.shape[i] -= step;
            FitSurface a = fit_surface(&more), b = fit_surface(&less);
            double slope = (fit_touch(&a, NULL, p).outside_mm - fit_touch(&b, NULL, p).outside_mm) /
                           (2.0 * step);
            CHECK_NEAR(touch.slope[i], slope, 1e-3 * (1.0 + fabs(slope)));
        }
    }
}

TEST(a_view_projects_as_its_camera_does_and_moves_as_its_slopes_say)
{
    Rng rng = rng_make(6, 0);
    Lens lens = {4000, 3000, 3000.0, 2010.0, 1480.0, -0.05};
    for (int trial = 0; trial < 50; trial++) {
        FitView view = {.right = {1, 0, 0},
                        .down = {0, -1, 0},
                        .forward = {0, 0, -1},
                        .middle_mm = {20, -30, 700}};
        double step[FIT_VIEW_SIZE];
        for (int i = 0; i < FIT_VIEW_SIZE; i++)
            step[i] = (i < 3 ? 0.5 : i < 6 ? 30.0 : 0.05) * rng_normal(&rng);
        fit_view_move(&view, step);
        Vec3 p = vec3(60.0 * rng_normal(&rng), 50.0, 60.0 * rng_normal(&rng));
        Camera camera = fit_camera(&lens, &view);
        FitPixel seen;
        double x, y, depth;
        REQUIRE(fit_project(&lens, &view, p, &seen) && camera_project(&camera, p, &x, &y, &depth));
        CHECK_NEAR(seen.px[0], x, 1e-6);
        CHECK_NEAR(seen.px[1], y, 1e-6);
        CHECK_NEAR(seen.px_per_mm, camera.lens.focal_px / depth, 1e-9);
        for (int i = 0; i < FIT_VIEW_SIZE; i++) {
            FitView more = view, less = view;
            FitPixel a, b;
            double h[FIT_VIEW_SIZE] = {0};
            h[i] = 1e-4;
            fit_view_move(&more, h);
            h[i] = -1e-4;
            fit_view_move(&less, h);
            REQUIRE(fit_project(&lens, &more, p, &a) && fit_project(&lens, &less, p, &b));
            for (int k = 0; k < 2; k++)
                CHECK_NEAR(seen.by_view[k][i], (a.px[k] - b.px[k]) / 2e-4,
                           1e-3 * (1.0 + fabs(seen.by_view[k][i])));
        }
    }
}

/* What Gauss-Newton stands on: the gradient of the cost is that of all residuals. Steps of single
 * unknowns, all kinds of evidence at once. Tapes and strip have numeric slopes of first order. */
TEST(the_gradient_of_the_cost_is_the_change_of_the_cost)
{
    REQUIRE(open_case(3));
    add_photo(from_front, &usual);
    add_photo(from_left, &usual);
    static Worn worn;
    known_wear(&it.known, 30.0, 0.02, 0.01, &worn);
    for (int i = 0; i < 2; i++) {
        FitPhoto *photo = &it.evidence.photo[i];
        known_strip(&it.arena, &it.known, &worn, &it.camera[i], 1.0, 0.3, &it.rng, photo);
        photo->tie_count = 1;
        photo->tie[0].tie = 4;
        photo->tie[0].px[0] = photo->click[0].px[0] + 80.0;
        photo->tie[0].px[1] = photo->click[0].px[1] - 200.0;
    }
    it.evidence.point_count = 60;
    it.evidence.point_mm = known_cloud(&it.arena, &it.known, 60, 0.5, &it.rng);
    it.evidence.tape = known_tape(&it.known, &usual, &it.rng, 4);
    REQUIRE(fit());
    FitProblem *problem;
    FitWork work;
    REQUIRE(fit_problem_new(&it.arena, &it.evidence, &problem, &it.err) &&
            fit_work_new(&it.arena, &work, &it.err));
    problem->modes = FIT_MODES;
    fit_number_unknowns(problem);
    FitState state;
    fit_prior_state(&it.evidence, &state);
    for (int i = 0; i < FIT_SHAPE; i++)
        state.shape[i] += (i < 6 ? 0.01 : 0.2) * rng_normal(&it.rng);
    for (int i = 0; i < 2; i++) {
        const Pose *pose = &it.fit.photo[i].camera.pose;
        Vec3 eye = vec_sub(FIT_MIDDLE, pose->eye_mm);
        state.view[i] = (FitView){
            pose->right, pose->down, pose->forward,
            vec3(vec_dot(pose->right, eye), vec_dot(pose->down, eye), vec_dot(pose->forward, eye)),
            0.01};
    }
    state.tie[4] = vec3(20.0, 120.0, 40.0);
    problem->soft = 4.0;
    fit_settle(problem, &state);
    (void)fit_evaluate(problem, &state, &work.system, NULL);
    for (int i = 0; i < problem->size; i++) {
        double h = 1e-3 / sqrt(work.system.a[(size_t)i * (size_t)problem->size + (size_t)i]);
        double cost[2];
        for (int side = 0; side < 2; side++) {
            FitState moved = state;
            memset(work.step, 0, (size_t)problem->size * sizeof work.step[0]);
            work.step[i] = side == 0 ? h : -h;
            fit_state_move(problem, &moved, work.step);
            cost[side] = fit_evaluate(problem, &moved, NULL, NULL);
        }
        double slope = (cost[0] - cost[1]) / (2.0 * h), scale = 1e-3 / h;
        double wide = 0.5 + 0.06 * fabs(slope / scale); /* first order at points off the surface */
        if (!CHECK_NEAR(-work.system.b[i] / scale, slope / scale, wide))
            printf("# unknown %d of %d\n", i, problem->size);
    }
    close_case();
}

TEST(the_tape_of_the_fit_is_the_tape_of_the_canvas)
{
    for (uint64_t seed = 0; seed < 3; seed++) {
        REQUIRE(open_level(seed, HEAD_LEVEL));
        const HeadMeasures *m = &it.known.measures;
        it.evidence.tape = (FitTape){.length_mm = m->length_mm + 1.0,
                                     .breadth_mm = m->breadth_mm - 1.0,
                                     .height_mm = m->tragion_vertex_mm,
                                     .circumference_mm = m->circumference_mm,
                                     .coronal_arc_mm = m->coronal_arc_mm,
                                     .sagittal_arc_mm = m->sagittal_arc_mm};
        Head head;
        HeadMeasures read;
        double *sd_mm;
        REQUIRE(fit());
        REQUIRE(head_fit_canvas(&it.arena, &it.scratch, &it.fit, &it.topology, &head, &sd_mm,
                                &it.err) &&
                head_measure(&it.scratch, &head, &read, &it.err));
        const double *off = it.fit.tape_residual_mm;
        const FitTape *t = &it.evidence.tape;
        CHECK_NEAR(read.length_mm, t->length_mm + off[0], 0.3);
        CHECK_NEAR(read.breadth_mm, t->breadth_mm + off[1], 0.3);
        CHECK_NEAR(read.tragion_vertex_mm, t->height_mm + off[2], 0.3);
        CHECK_NEAR(read.circumference_mm, t->circumference_mm + off[3], 0.6);
        CHECK_NEAR(read.coronal_arc_mm, t->coronal_arc_mm + off[4], 0.8);
        CHECK_NEAR(read.sagittal_arc_mm, t->sagittal_arc_mm + off[5], 0.8);
        CHECK(fabs(off[0]) < 2.0 && fabs(off[1]) < 2.0 && fabs(off[2]) < 2.0);
        close_case();
    }
}

TEST(hair_under_the_tape_is_taken_off)
{
    REQUIRE(open_case(1));
    it.evidence.tape = (FitTape){.length_mm = 200, .breadth_mm = 155, .height_mm = 132};
    REQUIRE(fit());
    VaultShape bare = it.fit.shape;
    double hair = 4.0;
    it.evidence.tape = (FitTape){.length_mm = 200 + hair,
                                 .breadth_mm = 155 + 2.0 * hair,
                                 .height_mm = 132 + hair,
                                 .hair_mm = hair};
    REQUIRE(fit());
    CHECK_NEAR(it.fit.shape.length_scale, bare.length_scale, 1e-6);
    CHECK_NEAR(it.fit.shape.breadth_scale, bare.breadth_scale, 1e-6);
    CHECK_NEAR(it.fit.shape.height_scale, bare.height_scale, 1e-6);
    close_case();
}

/* ---- what it is worth ------------------------------------------------------------------------ */

static double median(int count, double value[])
{
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && value[k - 1] > value[k]; k--) {
            double t = value[k];
            value[k] = value[k - 1], value[k - 1] = t;
        }
    return value[count / 2];
}

/* The bounds are those of the issue; the bench has many more heads. */
TEST(more_evidence_brings_the_vault_nearer)
{
    enum { HEADS = 5 };
    static const struct {
        int views, points;
        double target_mm;
    } condition[4] = {{0, 0, 1.6}, {1, 0, 1.2}, {3, 0, 0.9}, {0, 2000, 0.45}};
    double median_mm[4];
    for (int c = 0; c < 4; c++) {
        double off[HEADS];
        for (int h = 0; h < HEADS; h++) {
            REQUIRE(open_case((uint64_t)(20 + h)));
            const Vec3 view[3] = {from_front, from_left, from_top};
            if (condition[c].points == 0)
                it.evidence.tape = known_tape(&it.known, &usual, &it.rng, 3);
            for (int i = 0; i < condition[c].views; i++)
                add_photo(view[i], &usual);
            it.evidence.point_count = condition[c].points;
            if (condition[c].points > 0)
                it.evidence.point_mm =
                    known_cloud(&it.arena, &it.known, condition[c].points, 0.5, &it.rng);
            REQUIRE(fit());
            off[h] = judged().aligned_mm;
            close_case();
        }
        median_mm[c] = median(HEADS, off);
        printf("# %d views, %d points: median %.2f, worst %.2f mm\n", condition[c].views,
               condition[c].points, median_mm[c], off[HEADS - 1]);
        CHECK(median_mm[c] < condition[c].target_mm);
    }
    CHECK(median_mm[3] < median_mm[2] && median_mm[2] < median_mm[0]);
}

TEST(a_real_scan_comes_within_the_bounds_where_it_is_at_hand)
{
    static const Vec3 *const view[3] = {&from_front, &from_left, &from_top};
    REQUIRE(open_case(1));
    bool there = known_scan(&it.arena, &it.scratch, &it.topology,
                            "../shared/data/heads/lee_perry_smith.glb", "Lee", &it.known);
    double off[2][3];
    for (int seed = 0; seed < 3 && there; seed++) {
        it.evidence = (FitEvidence){0};
        it.rng = rng_make((uint64_t)seed, 4);
        it.evidence.tape = known_tape(&it.known, &usual, &it.rng, 3);
        for (int i = 0; i < 3; i++)
            add_photo(*view[i], &usual);
        REQUIRE(fit());
        Verdict v = judged();
        off[0][seed] = v.aligned_mm, off[1][seed] = v.frame_mm;
    }
    if (there) {
        CHECK(median(3, off[0]) < 0.9);
        CHECK(median(3, off[1]) < 2.5); /* the frame hangs on clicks of tragions and glabella */
    }
    close_case();
}

TEST(the_stated_uncertainty_is_that_of_the_fit)
{
    enum { HEADS = 6 };
    double one = 0.0, two = 0.0;
    for (int h = 0; h < HEADS; h++) {
        REQUIRE(open_case((uint64_t)(40 + h)));
        it.evidence.tape = known_tape(&it.known, &usual, &it.rng, 3);
        add_photo(from_front, &usual);
        if (h % 2 == 0)
            add_photo(from_left, &usual);
        REQUIRE(fit());
        Verdict v = judged();
        one += v.within_1sd / HEADS, two += v.within_2sd / HEADS;
        close_case();
    }
    printf("# within 1 sd %.0f %%, 2 sd %.0f %%\n", 100.0 * one, 100.0 * two);
    CHECK(one > 0.55 && one < 0.85);
    CHECK(two > 0.90);
}

/* ---- robustness ------------------------------------------------------------------------------ */

TEST(a_click_60_px_off_is_refused_and_named)
{
    REQUIRE(open_case(11));
    it.evidence.tape = known_tape(&it.known, &usual, &it.rng, 3);
    add_photo(from_front, &usual);
    add_photo(from_left, &usual);
    REQUIRE(fit());
    double clean = judged().aligned_mm;
    CHECK(it.fit.photo[0].refused_clicks == 0 && it.fit.photo[1].refused_clicks == 0);
    FitPhoto *front = &it.evidence.photo[0];
    for (int i = 0; i < front->click_count; i++)
        if (front->click[i].point == FIT_CANTHUS_LEFT)
            front->click[i].px[1] -= 60.0;
    REQUIRE(fit());
    CHECK(it.fit.photo[0].refused_clicks == 1U << FIT_CANTHUS_LEFT);
    CHECK(said("photograph 1: the click on canthus_left"));
    CHECK(judged().aligned_mm < clean + 0.3);
    close_case();
}

TEST(exchanged_tragions_are_refused_and_said)
{
    REQUIRE(open_case(12));
    it.evidence.tape = known_tape(&it.known, &usual, &it.rng, 3);
    FitPhoto *front = add_photo(from_front, &usual);
    add_photo(from_left, &usual);
    for (int i = 0; i < front->click_count; i++)
        if (front->click[i].point == FIT_TRAGION_LEFT || front->click[i].point == FIT_TRAGION_RIGHT)
            front->click[i].point =
                front->click[i].point == FIT_TRAGION_LEFT ? FIT_TRAGION_RIGHT : FIT_TRAGION_LEFT;
    REQUIRE(fit());
    CHECK(it.fit.photo[0].refused_clicks == (1U << FIT_TRAGION_LEFT | 1U << FIT_TRAGION_RIGHT));
    CHECK(said("photograph 1: left and right tragion"));
    CHECK(camera_miss_mm(0) < 0.1);
    CHECK(judged().aligned_mm < 1.5);
    close_case();
}

TEST(outline_points_on_a_collar_and_a_hat_are_let_go)
{
    REQUIRE(open_case(13));
    it.evidence.tape = known_tape(&it.known, &usual, &it.rng, 3);
    FitPhoto *front = add_photo(from_front, &usual);
    add_photo(from_left, &usual);
    add_photo(from_top, &usual);
    for (int i = 0; i < 5; i++)
        front->outline_px[4 * i][1] -= 80.0;
    REQUIRE(fit());
    CHECK(it.fit.photo[0].refused >= 2);
    CHECK(judged().aligned_mm < 1.2);
    close_case();
}

TEST(a_photograph_upside_down_or_on_its_side_is_placed_as_well)
{
    for (int turn = 1; turn < 4; turn++) {
        REQUIRE(open_case(14));
        it.evidence.tape = known_tape(&it.known, &usual, &it.rng, 3);
        FitPhoto *p = add_photo(from_left, &usual);
        for (int i = 0; i < p->click_count + p->outline_count; i++) {
            double *px = i < p->click_count ? p->click[i].px : p->outline_px[i - p->click_count];
            for (int k = 0; k < turn; k++) {
                double x = px[0] - 2000.0, y = px[1] - 1500.0;
                px[0] = 2000.0 - y, px[1] = 1500.0 + x;
            }
        }
        REQUIRE(fit());
        CHECK(camera_miss_mm(0) < 0.1);
        CHECK(it.fit.photo[0].refused_clicks == 0);
        close_case();
    }
}

TEST(a_cropped_picture_with_a_wrong_focal_length_is_noticed)
{
    REQUIRE(open_case(15));
    it.evidence.tape = known_tape(&it.known, &usual, &it.rng, 4);
    const Vec3 view[4] = {from_front, from_left, from_top, {0.7, 0.3, 0.7}};
    for (int i = 0; i < 4; i++) {
        FitPhoto *p = add_photo(view[i], &(Noise){0.3, 0.3, 0.0, 0.5, 0.0});
        p->lens.focal_px *= i == 0 ? 1.5 : 1.0;
        p->focal_sd_share = i == 0 ? 0.3 : 0.03;
    }
    REQUIRE(fit());
    double focal = it.fit.photo[0].camera.lens.focal_px; /* 3004, and 4506 +- 30 % was told */
    CHECK(focal > 2700.0 && focal < 3800.0);
    CHECK(said("photograph 1: its focal length"));
    CHECK(!said("photograph 2: its focal length"));
    close_case();
}

/* ---- strip, marks, scan ---------------------------------------------------------------------- */

TEST(the_strip_alone_places_cameras_and_scales_the_head)
{
    REQUIRE(open_case(16));
    static Worn worn;
    known_wear(&it.known, 33.0, 0.03, -0.02, &worn);
    const Vec3 view[4] = {from_front, from_left, from_back, {-1, 0.3, 0.2}};
    for (int i = 0; i < 4; i++) {
        FitPhoto *p = add_photo(view[i], &usual);
        p->click_count = 0;
        known_strip(&it.arena, &it.known, &worn, &it.camera[i], 1.0, 0.3, &it.rng, p);
        CHECK(p->strip_count >= 16);
    }
    REQUIRE(fit());
    Verdict v = judged();
    printf("# strip alone: %.2f mm, in frame %.2f mm\n", v.aligned_mm, v.frame_mm);
    CHECK(v.aligned_mm < 1.2);
    for (int i = 0; i < 4; i++) {
        CHECK(camera_miss_mm(i) < 0.12);
        CHECK(it.fit.photo[i].rms_px < 12.0);
    }
    close_case();
}

TEST(marks_on_the_skin_join_photographs_and_are_found_in_space)
{
    REQUIRE(open_case(17));
    it.evidence.tape = known_tape(&it.known, &usual, &it.rng, 3);
    const Vec3 view[3] = {from_front, {0.6, 0.5, 0.7}, from_top};
    Vec3 mark[4];
    for (int k = 0; k < 4; k++) {
        Vec3 d = vec_normalize(vec3(-0.3 + 0.25 * k, 0.7, 0.6 - 0.2 * k));
        mark[k] = vec_madd(HEAD_CENTRE_MM, known_radius_mm(&it.known, d), d);
    }
    for (int i = 0; i < 3; i++) {
        FitPhoto *p = add_photo(view[i], &usual);
        for (int k = 0; k < 4; k++) {
            double x, y, depth;
            if (!known_sees(&it.known, &it.camera[i], mark[k]) ||
                !camera_project(&it.camera[i], mark[k], &x, &y, &depth))
                continue;
            int t = p->tie_count++;
            p->tie[t].tie = 7 * k;
            p->tie[t].px[0] = x + rng_normal(&it.rng), p->tie[t].px[1] = y + rng_normal(&it.rng);
        }
    }
    REQUIRE(fit());
    /* Where they lie in the frame hangs on the tragions; how they lie to each other does not. */
    for (int k = 0; k < 4; k++) {
        REQUIRE(it.fit.tie_known[7 * k]);
        const double *p = it.fit.tie_mm[7 * k], *q = it.fit.tie_mm[7 * ((k + 1) % 4)];
        double apart = vec_distance(vec3(p[0], p[1], p[2]), vec3(q[0], q[1], q[2]));
        CHECK_NEAR(apart, vec_distance(mark[k], mark[(k + 1) % 4]), 1.5);
        CHECK(vec_distance(vec3(p[0], p[1], p[2]), mark[k]) < 12.0);
    }
    close_case();
}

TEST(what_sticks_out_of_a_scan_does_not_bend_the_fit)
{
    REQUIRE(open_case(18));
    it.evidence.point_count = 1000;
    Vec3 *point = known_cloud(&it.arena, &it.known, 1000, 0.5, &it.rng);
    it.evidence.point_mm = point;
    for (int i = 0; i < 100; i++) /* a bun of hair */
        point[10 * i] = vec_madd(point[10 * i], 0.25, vec_sub(point[10 * i], HEAD_CENTRE_MM));
    REQUIRE(fit());
    CHECK(judged().aligned_mm < 0.6);
    close_case();
}

/* ---- refusals -------------------------------------------------------------------------------- */

static bool refused(const char *what)
{
    it.warnings = (PlaceWarnings){0};
    it.err = (Err){0};
    return !head_fit(&it.scratch, &it.evidence, &it.fit, &it.warnings, &it.err) &&
           it.err.code == ERR_INPUT && strstr(it.err.text, what) != NULL;
}

TEST(too_little_to_go_by_is_refused_with_what_is_missing)
{
    REQUIRE(open_case(1));
    CHECK(refused("nothing to fit"));
    FitPhoto *p = add_photo(from_front, &usual);
    CHECK(refused("no scale"));
    it.evidence.tape.length_mm = 200.0;
    p->click_count = 2;
    CHECK(refused("photograph 1 cannot be placed"));
    p->click_count = 3;
    it.evidence.tape.length_mm = 20.0;
    CHECK(refused("head length 20 mm"));
    it.evidence.tape.length_mm = (double)NAN;
    CHECK(refused("head length"));
    it.evidence.tape.length_mm = 200.0;
    p->lens.focal_px = 0.0;
    CHECK(refused("no lens"));
    close_case();
}

TEST(readings_that_no_head_has_together_are_said)
{
    REQUIRE(open_case(1));
    it.evidence.tape = (FitTape){.length_mm = 200, .breadth_mm = 155, .circumference_mm = 562};
    REQUIRE(fit());
    CHECK(it.warnings.count == 0);
    it.evidence.tape.circumference_mm = 605; /* 576 mm belong to them, with hair */
    REQUIRE(fit());
    CHECK(said("contradict each other"));
    it.evidence.tape = (FitTape){.length_mm = 225, .breadth_mm = 155, .height_mm = 130};
    REQUIRE(fit());
    CHECK(said("head length 225 mm is outside"));
    close_case();
}

TEST(the_same_evidence_gives_the_same_bytes)
{
    REQUIRE(open_case(19));
    it.evidence.tape = known_tape(&it.known, &usual, &it.rng, 3);
    add_photo(from_front, &usual);
    REQUIRE(fit());
    HeadFit *first = ARENA_NEW(&it.arena, HeadFit, 1);
    REQUIRE(first != NULL);
    *first = it.fit;
    REQUIRE(fit());
    CHECK(memcmp(&first->shape, &it.fit.shape, sizeof first->shape) == 0);
    CHECK(memcmp(first->covariance, it.fit.covariance, sizeof first->covariance) == 0);
    CHECK(memcmp(&first->photo[0].camera.pose, &it.fit.photo[0].camera.pose, sizeof(Pose)) == 0);
    close_case();
}

TEST(every_smaller_arena_is_a_sentence)
{
    REQUIRE(open_case(1));
    it.evidence.tape = (FitTape){.length_mm = 200, .breadth_mm = 155, .height_mm = 130};
    for (size_t limit = 4096; limit < (size_t)8 << 20; limit += limit / 2) {
        Arena small;
        REQUIRE(arena_open(&small, limit, &it.err));
        it.err = (Err){0};
        bool ok = head_fit(&small, &it.evidence, &it.fit, &it.warnings, &it.err);
        CHECK(ok || it.err.code == ERR_LIMIT);
        arena_close(&small);
    }
    close_case();
}
