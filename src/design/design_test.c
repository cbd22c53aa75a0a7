/* The design on a head: stages and their areas, sums, islands, other heads, what is refused. */
#include "design/design_fixture.h"

/* field/practice 1.3, cm2; stage 1 is an edge-up, which has no published area. The tops of VI and
 * VII reach towards the 240 to 366 cm2 that canvas 1.4 measures for them. */
static const double band_cm2[8][2] = {{0, 0},    {5, 20},    {20, 35},   {40, 65},
                                      {90, 120}, {130, 165}, {170, 240}, {210, 300}};

TEST(norwood_stages_grow_and_have_the_areas_of_the_field_report)
{
    REQUIRE(setup());
    static DesignRequest request;
    static DesignLayout d;
    double before = 0.0;
    for (int stage = 1; stage <= 7; stage++) {
        size_t mark = arena_mark(&arena);
        design_request_default(&request);
        request.stage = stage;
        REQUIRE(propose_and_lay_out(&mean_head, &bare, &request, &d));
        double area_cm2 = d.area_mm2 / 100.0;
        printf("# stage %d: %.1f cm2, %.0f dots, hairline %.0f frontal %.0f midscalp %.0f crown "
               "%.0f temple %.0f cm2\n",
               stage, area_cm2, d.dots, d.sum[DESIGN_HAIRLINE].area_mm2 / 100.0,
               d.sum[DESIGN_FRONTAL].area_mm2 / 100.0, d.sum[DESIGN_MIDSCALP].area_mm2 / 100.0,
               d.sum[DESIGN_CROWN].area_mm2 / 100.0, d.sum[DESIGN_TEMPLE].area_mm2 / 100.0);
        CHECK(area_cm2 > before);
        CHECK(area_cm2 >= band_cm2[stage][0] && area_cm2 <= band_cm2[stage][1]);
        before = area_cm2;
        arena_rewind(&arena, mark);
    }
}

static double tape_mm(const Head *head, Vec3 a, Vec3 b)
{
    Err err;
    size_t mark = arena_mark(&scratch);
    double *field = ARENA_NEW(&scratch, double, (size_t)topology.vertex_count);
    HeadPoint source = head_nearest(head, a);
    if (field == NULL || !head_distance(&scratch, head, 1, &source, field, &err))
        return (double)NAN;
    double distance = head_interpolate(head, head_nearest(head, b), field);
    arena_rewind(&scratch, mark);
    return distance;
}

static void check_construction(const Head *head, double height_mm)
{
    Err err = {0};
    DesignFrame f;
    REQUIRE(told(design_frame(&scratch, head, height_mm, &f, &err), &err));
    CHECK_NEAR(tape_mm(head, f.glabella, f.middle), height_mm, 0.5);
    for (int side = 0; side < DESIGN_SIDES; side++) {
        CHECK_NEAR(tape_mm(head, f.glabella, f.canthus[side]), 80.0, 0.5);
        CHECK_NEAR(tape_mm(head, f.middle, f.temple[side]), 80.0, 1.0);
        CHECK_NEAR(tape_mm(head, f.canthus[side], f.temple[side]), 80.0, 1.0);
        CHECK_NEAR(tape_mm(head, f.temple[side], f.peak[side]), 50.0, 1.0);
        CHECK((f.temple[side].x > 0.0) == (side == DESIGN_LEFT));
        /* the temple lies behind the brow, above the canthus, lateral of the middle */
        CHECK(f.temple[side].y > f.canthus[side].y + 40.0);
        CHECK(fabs(f.temple[side].x) > 40.0 && f.temple[side].z < f.middle.z + 15.0);
    }
}

TEST(the_eight_centimetres_are_eight_centimetres_on_heads_of_all_sizes)
{
    REQUIRE(setup());
    size_t mark = arena_mark(&arena);
    for (int i = 0; i < ODD_SHAPES; i++) {
        Head head;
        for (int mirrored = 0; mirrored < 2; mirrored++) {
            REQUIRE(vault_head(odd_shape(i), mirrored == 1, &head));
            check_construction(&head, 80.0);
        }
        check_construction(&head, 65.0);
        check_construction(&head, 100.0);
    }
    arena_rewind(&arena, mark);
}

TEST(ludwig_thins_the_top_by_stage_and_keeps_the_frontal_line)
{
    REQUIRE(setup());
    static DesignRequest request;
    static DesignLayout d;
    double before_area = 0.0;
    for (int stage = 1; stage <= 3; stage++) {
        size_t mark = arena_mark(&arena);
        design_request_default(&request);
        request.pattern = DESIGN_LUDWIG;
        request.stage = stage;
        request.draw_hairline = false;
        REQUIRE(propose_and_lay_out(&mean_head, &bare, &request, &d));
        double most = 0.0;
        for (int v = 0; v < topology.vertex_count; v++)
            most = fmax(most, d.target_per_mm2[v]);
        CHECK_NEAR(most, 0.25 * stage * 1.5, 1e-3);
        CHECK(d.area_mm2 > before_area && !d.has_hairline);
        CHECK_NEAR(d.sum[DESIGN_DIFFUSE].dots, d.dots, 1e-9);
        HeadPoint front = head_nearest(&mean_head, vec3(0.0, 101.0, 72.0));
        CHECK_NEAR(head_interpolate(&mean_head, front, d.target_per_mm2), 0.0, 0.0);
        before_area = d.area_mm2;
        arena_rewind(&arena, mark);
    }
}

TEST(a_seed_changes_the_waver_and_nothing_else)
{
    REQUIRE(setup());
    static DesignRequest request;
    static DesignLayout first, same, other;
    size_t mark = arena_mark(&arena), n = (size_t)topology.vertex_count;
    design_request_default(&request);
    REQUIRE(propose_and_lay_out(&mean_head, &bare, &request, &first));
    REQUIRE(propose_and_lay_out(&mean_head, &bare, &request, &same));
    CHECK(memcmp(first.hairline_mm, same.hairline_mm, sizeof first.hairline_mm) == 0);
    CHECK(memcmp(first.target_per_mm2, same.target_per_mm2, n * sizeof(double)) == 0);
    request.seed = 99;
    REQUIRE(propose_and_lay_out(&mean_head, &bare, &request, &other));
    CHECK(memcmp(first.control_mm, other.control_mm, sizeof first.control_mm) == 0);
    CHECK(memcmp(first.hairline_mm, other.hairline_mm, sizeof first.hairline_mm) != 0);
    CHECK_NEAR(first.hairline_height_mm, other.hairline_height_mm, 0.0);
    CHECK_NEAR(other.area_mm2 / first.area_mm2, 1.0, 0.03);
    arena_rewind(&arena, mark);
}

TEST(sums_are_the_integrals_of_the_field)
{
    REQUIRE(setup());
    static DesignRequest request;
    static DesignLayout d;
    size_t mark = arena_mark(&arena);
    design_request_default(&request);
    request.stage = 5;
    REQUIRE(propose_and_lay_out(&mean_head, &bare, &request, &d));
    double dots[DESIGN_ZONES] = {0.0}, area[DESIGN_ZONES] = {0.0}, all = 0.0;
    for (int v = 0; v < topology.vertex_count; v++) {
        bool wanted = d.target_per_mm2[v] > 0.0;
        dots[d.zone[v]] += mean_head.area_mm2[v] * d.target_per_mm2[v];
        area[d.zone[v]] += wanted ? mean_head.area_mm2[v] : 0.0;
        all += mean_head.area_mm2[v] * d.target_per_mm2[v];
        CHECK((d.zone[v] != DESIGN_NONE) == wanted);
    }
    for (int zone = 0; zone < DESIGN_ZONES; zone++) {
        CHECK_NEAR(d.sum[zone].dots, dots[zone], 1e-6);
        CHECK_NEAR(d.sum[zone].area_mm2, area[zone], 1e-6);
    }
    CHECK_NEAR(d.dots, all, 1e-6);
    CHECK_NEAR(d.sum[DESIGN_NONE].dots, 0.0, 0.0);
    CHECK_NEAR(d.hairline_height_mm, 80.0, 0.5);
    arena_rewind(&arena, mark);
}

/* Hair all over but for a small and a large gap on the top. */
TEST(a_small_gap_in_the_hair_is_left_and_a_large_one_is_planned)
{
    REQUIRE(setup());
    static DesignRequest request;
    static DesignLayout d;
    size_t mark = arena_mark(&arena);
    HairSurvey some;
    REQUIRE(covered(160.0, &some));
    Vec3 top = mean_head.landmark_mm[HEAD_VERTEX], large, small;
    large =
        head_position_mm(&mean_head, head_nearest(&mean_head, vec_add(top, vec3(0.0, 0.0, -40.0))));
    small =
        head_position_mm(&mean_head, head_nearest(&mean_head, vec_add(top, vec3(0.0, 0.0, 30.0))));
    int near = 0;
    for (int v = 0; v < topology.vertex_count; v++)
        some.cover[v] = vec_distance(mean_head.position_mm[v], large) > 28.0 &&
                        vec_distance(mean_head.position_mm[v], small) > 9.0;
    for (int drawn = 0; drawn < 2; drawn++) { /* by hand, the small one is wanted after all */
        design_request_default(&request);
        request.stage = 6;
        request.drawn_count = drawn;
        request.drawn[0] = (DesignDrawn){
            .zone = DESIGN_PATCH, .kind = DESIGN_DISCS, .width_mm = 18.0, .point_count = 1};
        request.drawn[0].point_mm[0] = small;
        REQUIRE(propose_and_lay_out(&mean_head, &some, &request, &d));
        for (int v = 0; v < topology.vertex_count; v++) {
            double away = vec_distance(mean_head.position_mm[v], small);
            near += away < 4.0;
            if (away < (drawn == 0 ? 9.0 : 4.0))
                CHECK((d.target_per_mm2[v] > 0.0) == (drawn == 1) &&
                      d.zone[v] == (drawn == 1 ? DESIGN_PATCH : DESIGN_NONE));
            if (vec_distance(mean_head.position_mm[v], large) < 20.0)
                CHECK(d.target_per_mm2[v] > 0.0);
        }
        bool warned = false;
        for (int i = 0; i < d.warning_count; i++)
            warned = warned || strstr(d.warning[i], "only the gaps") != NULL;
        CHECK(warned);
    }
    CHECK(near > 10);
    arena_rewind(&arena, mark);
}

static bool warns(const DesignLayout *layout, const char *word)
{
    for (int i = 0; i < layout->warning_count; i++)
        if (strstr(layout->warning[i], word) != NULL)
            return true;
    return false;
}

TEST(a_layout_says_what_it_took_for_granted)
{
    REQUIRE(setup());
    static DesignRequest request;
    static DesignLayout d;
    size_t mark = arena_mark(&arena);
    HairSurvey hair;
    design_request_default(&request);
    request.stage = 4;
    REQUIRE(propose_and_lay_out(&mean_head, &bare, &request, &d));
    CHECK(d.warning_count == 1 && warns(&d, "average of Norwood stage 4"));
    request.pattern = DESIGN_LUDWIG, request.stage = 1;
    REQUIRE(propose_and_lay_out(&mean_head, &bare, &request, &d));
    CHECK(d.warning_count == 1 && warns(&d, "(25 %) is assumed from Ludwig stage 1"));
    REQUIRE(covered(160.0, &hair));
    request.pattern = DESIGN_NORWOOD, request.stage = 4; /* nothing grows: more is bare than that */
    REQUIRE(propose_and_lay_out(&mean_head, &hair, &request, &d));
    CHECK(d.warning_count == 1 && warns(&d, "lie outside stage 4 and stay bare"));
    for (int v = 0; v < topology.vertex_count; v++)
        hair.cover[v] = 1.0;
    REQUIRE(propose_and_lay_out(&mean_head, &hair, &request, &d));
    CHECK(d.warning_count == 2 && warns(&d, "only the gaps") && warns(&d, "nothing is left to do"));
    memset(mean_head.source, HEAD_FILLED, (size_t)topology.vertex_count);
    REQUIRE(propose_and_lay_out(&mean_head, &bare, &request, &d));
    CHECK(warns(&d, "100 % of the designed area was not seen"));
    memset(mean_head.source, HEAD_MEASURED, (size_t)topology.vertex_count);
    arena_rewind(&arena, mark);
}

/* ---- the same document on another head ---- */

/* A ring of 25 mm, a scar of 8 mm by 80 mm, a blended ring, a line: on the mean head. */
static bool travelling_design(Design *design)
{
    static DesignRequest request;
    design_request_default(&request);
    request.pattern = DESIGN_PATTERN_NONE;
    request.whole_scalp = true;
    request.density.crown_softer = request.density.highlight_softer = 0.0;
    if (!propose(&mean_head, &request, design))
        return false;
    plain_region(design, DESIGN_PATCH, 0.0)->density_per_cm2 = 200.0;
    ring(&mean_head, design, DESIGN_ADD, vec3(0.0, 1.0, 0.0), 25.0, 40);
    plain_region(design, DESIGN_SCAR, 0.0)->density_per_cm2 = 250.0;
    DesignShape *scar = plain_shape(design, DESIGN_BAND, DESIGN_ADD);
    scar->width_mm = 8.0;
    for (int i = 0; i < 5; i++)
        add_point(
            &mean_head, design, scar,
            aside(&mean_head, vec_normalize(vec3(0.0, 0.4, -1.0)), ball_mm, 20.0 * (i - 2), 0.8));
    plain_region(design, DESIGN_BURN, 10.0)->density_per_cm2 = 300.0;
    ring(&mean_head, design, DESIGN_ADD, vec_normalize(vec3(0.5, 1.0, -0.7)), 20.0, 40);
    design_settle(design);
    return true;
}

/* Where the burn is between nothing and the whole: as wide as its blend all around. */
static double fading_mm2(const DesignLayout *layout)
{
    double sum = 0.0;
    const DesignRegion *burn = &layout->design.region[3];
    for (int v = 0; v < topology.vertex_count; v++) {
        double share = layout_region_share(layout, burn, v);
        if (share > 0.0 && share < 1.0)
            sum += layout->head->area_mm2[v];
    }
    return sum;
}

static double polyline_mm(const DesignLayout *layout, int shape)
{
    Err err;
    Vec3 point[8];
    int count;
    double sum = 0.0;
    if (!design_shape_points(layout, shape, 8, point, &count, &err))
        return (double)NAN;
    for (int i = 1; i < count; i++)
        sum += tape_mm(layout->head, point[i - 1], point[i]);
    return sum;
}

TEST(on_a_larger_head_outlines_grow_and_millimetres_stay)
{
    REQUIRE(setup());
    static Design design;
    static DesignLayout mean, other;
    const double scale[] = {0.9, 0.95, 1.06, 1.12};
    size_t mark = arena_mark(&arena);
    REQUIRE(travelling_design(&design) && lay_out(&mean_head, &bare, &design, &mean));
    double scar_mm = polyline_mm(&mean, 2), fading = fading_mm2(&mean);
    CHECK_NEAR(mean.sum[DESIGN_SCAR].area_mm2 / (8.0 * scar_mm + pi * 16.0), 1.0, 0.02);
    for (int i = 0; i < 4; i++) {
        double k = scale[i];
        size_t head_mark = arena_mark(&arena);
        Head head;
        REQUIRE(altered_head(&mean_head, k, NULL, &head) && lay_out(&head, &bare, &design, &other));
        CHECK_NEAR(other.sum[DESIGN_PATCH].area_mm2 / mean.sum[DESIGN_PATCH].area_mm2, k * k, 0.01);
        CHECK_NEAR(polyline_mm(&other, 2), k * scar_mm, 0.01 * scar_mm);
        CHECK_NEAR(other.sum[DESIGN_SCAR].area_mm2 / (8.0 * k * scar_mm + pi * 16.0), 1.0, 0.02);
        CHECK_NEAR(fading_mm2(&other) / fading, k, 0.03);
        CHECK_NEAR(other.hairline_height_mm, k * mean.hairline_height_mm, 0.05);
        CHECK_NEAR(other.hairline_length_mm / mean.hairline_length_mm, k, 0.01);
        for (int v = 0; v < topology.vertex_count; v++) { /* the ramp is one of millimetres */
            double behind = (double)other.behind_mm[v];
            if (other.zone[v] != DESIGN_HAIRLINE || other.layers->tape.margin_mm[v] < 8.0)
                continue;
            CHECK_NEAR(other.target_per_mm2[v],
                       1.5 * fmin(behind / 1.5, 1.0) *
                           (0.2 + 0.8 * design_smoothstep(behind / 10.0)),
                       1e-6);
        }
        arena_rewind(&arena, head_mark);
    }
    arena_rewind(&arena, mark);
}

TEST(a_whole_stage_grows_with_the_square_of_the_head)
{
    REQUIRE(setup());
    static DesignRequest request;
    static DesignLayout small, large;
    Head head[2];
    size_t mark = arena_mark(&arena);
    design_request_default(&request);
    request.stage = 6;
    REQUIRE(altered_head(&mean_head, 0.95, NULL, &head[0]) &&
            altered_head(&mean_head, 1.05, NULL, &head[1]));
    REQUIRE(propose_and_lay_out(&head[0], &bare, &request, &small));
    REQUIRE(propose_and_lay_out(&head[1], &bare, &request, &large));
    /* the hairline stays at 80 mm, so a little more than the square */
    double ratio = large.area_mm2 / small.area_mm2, square = 1.05 * 1.05 / (0.95 * 0.95);
    printf("# ratio %.3f, square %.3f\n", ratio, square);
    CHECK(ratio > 0.95 * square && ratio < 1.12 * square);
    arena_rewind(&arena, mark);
}

/* Another scan of the same head: off by 0.2 mm, some 6 mm wide (an import calms what is finer). */
static bool scan_error(uint64_t seed, double error_mm[])
{
    enum { ROUNDS = 12 };
    double *next = ARENA_NEW(&arena, double, (size_t)topology.vertex_count), square = 0.0;
    if (next == NULL)
        return CHECK(false);
    for (int v = 0; v < topology.vertex_count; v++) {
        Rng rng = rng_make(seed, (uint64_t)v);
        error_mm[v] = rng_normal(&rng);
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int v = 0; v < topology.vertex_count; v++) {
            double sum = error_mm[v];
            int first = topology.neighbor_start[v], end = topology.neighbor_start[v + 1];
            for (int k = first; k < end; k++)
                sum += error_mm[topology.neighbor[k]];
            next[v] = sum / (1 + end - first);
        }
        memcpy(error_mm, next, (size_t)topology.vertex_count * sizeof *next);
    }
    for (int v = 0; v < topology.vertex_count; v++)
        square += error_mm[v] * error_mm[v];
    for (int v = 0; v < topology.vertex_count; v++)
        error_mm[v] *= 0.2 / sqrt(square / topology.vertex_count);
    return true;
}

TEST(another_scan_of_the_same_head_says_the_same_in_millimetres)
{
    REQUIRE(setup());
    static DesignRequest request;
    static Design design;
    static DesignLayout mean, other;
    size_t mark = arena_mark(&arena);
    double *error_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    Head head;
    REQUIRE(error_mm != NULL);
    design_request_default(&request);
    request.stage = 5;
    request.drawn_count = 1;
    request.drawn[0] =
        (DesignDrawn){.zone = DESIGN_PATCH, .kind = DESIGN_DISCS, .width_mm = 40.0, .tape = true};
    request.drawn[0].point_count = 1;
    request.drawn[0].point_mm[0] = vec3(50.0, 190.0, 0.0);
    REQUIRE(propose(&mean_head, &request, &design) && lay_out(&mean_head, &bare, &design, &mean));
    for (uint64_t seed = 1; seed <= 3; seed++) {
        size_t head_mark = arena_mark(&arena);
        REQUIRE(scan_error(seed, error_mm) && altered_head(&mean_head, 1.0, error_mm, &head));
        REQUIRE(lay_out(&head, &bare, &design, &other));
        CHECK_NEAR(other.area_mm2 / mean.area_mm2, 1.0, 0.01);
        CHECK_NEAR(other.dots / mean.dots, 1.0, 0.01);
        CHECK_NEAR(other.sum[DESIGN_PATCH].area_mm2 / mean.sum[DESIGN_PATCH].area_mm2, 1.0, 0.02);
        double moved = 0.0;
        for (int i = 0; i < mean.hairline_count; i++)
            moved = fmax(moved, vec_distance(mean.hairline_mm[i], other.hairline_mm[i]));
        printf("# line moved by up to %.2f mm, area by %.2f %%\n", moved,
               100.0 * (other.area_mm2 / mean.area_mm2 - 1.0));
        CHECK(moved < 0.5);
        arena_rewind(&arena, head_mark);
    }
    arena_rewind(&arena, mark);
}

/* ---- what is refused ---- */

static void check_refused(const DesignRequest *request, const char *word)
{
    Err err = {0};
    static Design design;
    static DesignLayout d;
    size_t mark = arena_mark(&scratch), kept = arena_mark(&arena);
    CHECK(!design_propose(&scratch, &mean_head, request, &design, &err) ||
          !design_layout(&arena, &scratch, &mean_head, &bare, &design, &d, &err));
    CHECK(err.code == ERR_INPUT);
    if (!CHECK(strstr(err.text, word) != NULL))
        printf("# '%s' is not in '%s'\n", word, err.text);
    arena_rewind(&scratch, mark);
    arena_rewind(&arena, kept);
}

/* Six corners, 20 mm about the crown or where the request says. */
static DesignDrawn drawn_ring(Vec3 at_mm, double radius_mm)
{
    DesignDrawn drawn = {.zone = DESIGN_PATCH, .kind = DESIGN_OUTLINE, .point_count = 6};
    Vec3 middle = vec_normalize(vec_sub(at_mm, mean_head.centre_mm));
    for (int i = 0; i < 6; i++) {
        Vec3 p = aside(&mean_head, middle, ball_mm, radius_mm, pi * i / 3.0);
        drawn.point_mm[i] = head_position_mm(&mean_head, head_nearest(&mean_head, p));
    }
    return drawn;
}

TEST(absurd_wishes_are_refused_with_a_sentence)
{
    REQUIRE(setup());
    static DesignRequest good, r;
    Vec3 crown = vec3(10.0, 100.0, -80.0);
    design_request_default(&good);
    r = good;
    r.stage = 8, check_refused(&r, "Norwood stage 8");
    r = good, r.pattern = DESIGN_LUDWIG, r.stage = 4, check_refused(&r, "Ludwig stage 4");
    r = good, r.density.full_per_cm2 = 5.0, check_refused(&r, "density of 5");
    r = good, r.density.full_per_cm2 = (double)NAN, check_refused(&r, "density");
    r = good, r.hairline_height_mm = 30.0, check_refused(&r, "brow");
    r = good, r.hairline_height_mm = 150.0, check_refused(&r, "150");
    r = good, r.hairline_height_mm = (double)NAN, check_refused(&r, "height");
    r = good, r.hairline.transition_mm = -1.0, check_refused(&r, "transition");
    r = good, r.hairline.micro_mm = 9.0, check_refused(&r, "irregularity");
    r = good, r.density.fringe_blend_mm = (double)INFINITY, check_refused(&r, "blend");
    r = good, r.pattern = DESIGN_PATTERN_NONE, check_refused(&r, "nothing to design");
    r = good, r.drawn_count = 1, check_refused(&r, "has 0 points");
    r.drawn[0] = drawn_ring(crown, 20.0);
    Vec3 swap = r.drawn[0].point_mm[1];
    r.drawn[0].point_mm[1] = r.drawn[0].point_mm[2];
    r.drawn[0].point_mm[2] = swap;
    check_refused(&r, "crosses itself");
    r.drawn[0] = drawn_ring(mean_head.landmark_mm[HEAD_GLABELLA], 15.0);
    check_refused(&r, "outside the scalp");
    r.drawn[0] = drawn_ring(crown, 20.0), r.drawn[0].point_mm[3].y = (double)NAN;
    check_refused(&r, "point 4 of outline 2 is not a number");
    r.drawn[0] = drawn_ring(crown, 20.0);
    r.drawn[0].point_mm[3] = vec_scale(r.drawn[0].point_mm[3], 10.0);
    check_refused(&r, "millimetres");
    r.drawn[0] = drawn_ring(crown, 20.0), r.drawn[0].uptake = 0.1;
    check_refused(&r, "uptake of 0.1");
    r.drawn[0] =
        (DesignDrawn){.zone = DESIGN_SCAR, .kind = DESIGN_BAND, .width_mm = 90.0, .point_count = 2};
    check_refused(&r, "90 mm wide");
}

static void check_document(const Design *design, ErrCode code, const char *word)
{
    Err err = {0};
    static DesignLayout d;
    size_t mark = arena_mark(&scratch), kept = arena_mark(&arena);
    CHECK(!design_layout(&arena, &scratch, &mean_head, &bare, design, &d, &err));
    if (!CHECK(err.code == code && strstr(err.text, word) != NULL))
        printf("# '%s' is not in '%s' (%d)\n", word, err.text, (int)err.code);
    arena_rewind(&scratch, mark);
    arena_rewind(&arena, kept);
}

TEST(a_document_that_makes_no_sense_is_refused_and_the_place_is_named)
{
    REQUIRE(setup());
    static Design good, d;
    static DesignRequest request;
    design_request_default(&request);
    request.drawn_count = 1;
    request.drawn[0] = drawn_ring(vec3(10.0, 100.0, -80.0), 20.0);
    REQUIRE(propose(&mean_head, &request, &good));
    DesignStroke *stroke = &good.stroke[good.stroke_count++];
    *stroke = (DesignStroke){.width_mm = 10.0, .amount = 0.5, .point_count = 1};
    d = good, d.hairline.control[2].u = (double)NAN;
    check_document(&d, ERR_INPUT, "hairline.controls: point 2");
    d = good, d.point[3].v = (double)NAN, check_document(&d, ERR_INPUT, "regions[1].shapes[0]");
    d = good, d.stroke[0].amount = (double)NAN, check_document(&d, ERR_INPUT, "strokes[0].amount");
    d = good, d.region[1].share = 1.5, check_document(&d, ERR_INPUT, "regions[1].share of 1.5");
    d = good, d.region[1].first_shape = 7, check_document(&d, ERR_INPUT, "regions[1]");
    d = good, d.region[1].shape_count = 0, check_document(&d, ERR_INPUT, "regions[1] has no shape");
    d = good, d.point_count = DESIGN_POINTS + 1, check_document(&d, ERR_INPUT, "points");
    d = good, d.shape[0].stage = 9,
    check_document(&d, ERR_INPUT, "regions[0].shapes[0].stage of 9");
    d = good, d.growth.singularity[0].index = 3, check_document(&d, ERR_INPUT, "");
    d = good;
    DesignPlace swap = d.point[1];
    d.point[1] = d.point[2], d.point[2] = swap;
    check_document(&d, ERR_INPUT, "outline 2 crosses itself between points");
    d = good, d.point[0] = (DesignPlace){0.0, 1.1};
    check_document(&d, ERR_INPUT, "point 1 of outline 2 (chart 0.000, 1.100) lies on the face");
    d = good, d.shape[1].grow_mm = -20.0, d.region[1].blend_mm = 0.0;
    snprintf(d.region[1].name, sizeof d.region[1].name, "spot");
    check_document(&d, ERR_INPUT, "region 2 (spot) covers only");
    d = good, d.shape_count = 6; /* four more stages, each with a line of its own */
    d.region[1].first_shape = 1, d.region[1].shape_count = 5;
    for (int i = 2; i < 6; i++)
        d.shape[i] =
            (DesignShape){.kind = DESIGN_NORWOOD_STAGE, .stage = 3, .height_mm = 51.0 + 5.0 * i};
    check_document(&d, ERR_LIMIT, "more than 3 different lines");
}

TEST(a_line_that_goes_on_and_on_is_a_limit_and_is_named)
{
    REQUIRE(setup());
    static Design d;
    plain_design(&mean_head, &d);
    plain_region(&d, DESIGN_SCAR, 0.0);
    DesignShape *scar = plain_shape(&d, DESIGN_BAND, DESIGN_ADD);
    scar->width_mm = 3.0, scar->point_count = 200;
    for (int i = 0; i < 200; i++)
        d.point[d.point_count++] = (DesignPlace){i % 2 == 0 ? -0.3 : 0.3, 0.001 * i};
    check_document(&d, ERR_LIMIT, "band 1 is longer than 4096 mm");
    d.region_count = d.shape_count = 0;
    d.stroke[d.stroke_count++] = (DesignStroke){.width_mm = 3.0, .amount = 0.5, .point_count = 200};
    check_document(&d, ERR_LIMIT, "stroke 1 is longer than 4096 mm");
}

TEST(a_layout_without_memory_is_a_limit)
{
    REQUIRE(setup());
    static Design design;
    static DesignRequest request;
    design_request_default(&request);
    request.drawn_count = 1;
    request.drawn[0] = drawn_ring(vec3(10.0, 100.0, -80.0), 20.0);
    REQUIRE(propose(&mean_head, &request, &design));
    for (int which = 0; which < 2; which++) {
        int refused = 0;
        bool done = false;
        for (size_t budget = 0; !done && budget < (size_t)64 << 20; budget += 700000) {
            Err err = {0};
            static DesignLayout d;
            Arena small[2] = {arena, scratch};
            small[which].limit = small[which].used + budget;
            done = design_layout(&small[0], &small[1], &mean_head, &bare, &design, &d, &err);
            refused += !done && err.code == ERR_LIMIT;
            CHECK(done || err.code == ERR_LIMIT);
        }
        CHECK(done && refused > 3);
    }
}
