#include "design/design_internal.h"

#include "base/test.h"
#include "head/vault.h"

#include <string.h>

static Arena arena, scratch;
static HeadTopology topology;
static Head mean_head;
static HairSurvey bare;

static bool vault_head(VaultShape shape, bool mirrored, Head *head)
{
    Err err;
    double *radius_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    if (radius_mm == NULL)
        return false;
    for (int v = 0; v < topology.vertex_count; v++) {
        Vec3 d = topology.direction[v];
        d.x = mirrored ? -d.x : d.x;
        radius_mm[v] = vault_radius_mm(&shape, d);
    }
    if (!head_new(&arena, &topology, radius_mm, head, &err))
        return false;
    vault_landmarks_mm(&shape, head->landmark_mm);
    return true;
}

static bool setup(void)
{
    Err err;
    if (arena.base != NULL)
        return true;
    bool ok = arena_open(&arena, (size_t)1 << 30, &err) &&
              arena_open(&scratch, (size_t)256 << 20, &err) &&
              head_topology_new(&arena, HEAD_LEVEL, &topology, &err) &&
              vault_head(vault_mean(), false, &mean_head) &&
              hair_survey(&arena, &scratch, &mean_head, NULL, &bare, &err);
    return CHECK(ok);
}

static bool propose(const Head *head, const HairSurvey *survey, const DesignRequest *request,
                    Design *design)
{
    Err err = {0};
    bool ok = design_propose(&arena, &scratch, head, survey, request, design, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
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
    REQUIRE(design_frame(&scratch, head, height_mm, &f, &err));
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
    VaultShape shapes[6];
    for (int i = 0; i < 6; i++)
        shapes[i] = vault_mean();
    shapes[1].length_scale = shapes[1].breadth_scale = shapes[1].height_scale = 0.93;
    shapes[2].length_scale = shapes[2].breadth_scale = shapes[2].height_scale = 1.07;
    shapes[3].length_scale = 1.06, shapes[3].breadth_scale = 0.93;
    shapes[4].mode_sd[0] = 1.5, shapes[4].mode_sd[3] = -1.5;
    shapes[5].mode_sd[1] = -1.5, shapes[5].mode_sd[2] = 1.5, shapes[5].mode_sd[5] = 1.0;
    for (int i = 0; i < 6; i++) {
        Head head;
        for (int mirrored = 0; mirrored < 2; mirrored++) {
            REQUIRE(vault_head(shapes[i], mirrored == 1, &head));
            check_construction(&head, 80.0);
        }
        check_construction(&head, 65.0);
        check_construction(&head, 100.0);
    }
}

TEST(the_plain_hairline_of_an_even_head_is_even)
{
    REQUIRE(setup());
    static DesignRequest request;
    request = design_request_default();
    request.irregularity_mm = 0.0;
    static Design design;
    REQUIRE(propose(&mean_head, &bare, &request, &design));
    double worst_mm = 0.0;
    for (int i = 0; i < design.hairline_count; i++) {
        Vec3 twin = design.hairline_mm[design.hairline_count - 1 - i];
        twin.x = -twin.x;
        worst_mm = fmax(worst_mm, vec_distance(design.hairline_mm[i], twin));
    }
    CHECK(worst_mm < 0.3);
    CHECK(design.hairline_length_mm > 220.0 && design.hairline_length_mm < 320.0);
}

/* Mean displacement over 20 mm of the wavering line from the plain one, along the plain line. */
static double lean_mm(const Design *plain, const Design *waved, int i)
{
    int reach = (int)(10.0 * (DESIGN_CURVE_POINTS - 1) / plain->hairline_length_mm);
    double sum = 0.0;
    int count = 0;
    for (int k = i - reach; k <= i + reach; k++) {
        if (k < 4 || k >= plain->hairline_count - 4)
            continue;
        Vec3 along = vec_normalize(vec_sub(plain->hairline_mm[k + 4], plain->hairline_mm[k - 4]));
        Vec3 up = vec_normalize(vec_sub(plain->hairline_mm[k], mean_head.centre_mm));
        sum += vec_dot(vec_sub(waved->hairline_mm[k], plain->hairline_mm[k]), vec_cross(up, along));
        count++;
    }
    return sum / count;
}

TEST(the_waver_has_its_standard_deviation_and_leans_less_than_two_millimetres)
{
    REQUIRE(setup());
    static DesignRequest request;
    request = design_request_default();
    request.irregularity_mm = 0.0;
    static Design plain, waved;
    REQUIRE(propose(&mean_head, &bare, &request, &plain));
    double square = 0.0;
    long count = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        request.irregularity_mm = 2.0;
        request.seed = seed;
        REQUIRE(propose(&mean_head, &bare, &request, &waved));
        for (int i = 40; i < DESIGN_CURVE_POINTS - 40; i++) {
            double move = vec_distance(plain.hairline_mm[i], waved.hairline_mm[i]);
            CHECK(move < 10.0);
            square += move * move;
            count++;
        }
        for (int i = 30; i < DESIGN_CURVE_POINTS / 2; i++)
            CHECK(fabs(lean_mm(&plain, &waved, i) -
                       lean_mm(&plain, &waved, DESIGN_CURVE_POINTS - 1 - i)) < 2.0);
    }
    CHECK_NEAR(sqrt(square / (double)count), 2.0, 0.25);
}

TEST(a_seed_changes_the_waver_and_nothing_else)
{
    REQUIRE(setup());
    static DesignRequest request;
    request = design_request_default();
    static Design first, same, other;
    REQUIRE(propose(&mean_head, &bare, &request, &first));
    REQUIRE(propose(&mean_head, &bare, &request, &same));
    size_t n = (size_t)topology.vertex_count;
    CHECK(memcmp(first.hairline_mm, same.hairline_mm, sizeof first.hairline_mm) == 0);
    CHECK(memcmp(first.target_per_mm2, same.target_per_mm2, n * sizeof(double)) == 0);
    request.seed = 99;
    REQUIRE(propose(&mean_head, &bare, &request, &other));
    CHECK(memcmp(first.hairline_control_mm, other.hairline_control_mm,
                 sizeof first.hairline_control_mm) == 0);
    CHECK(memcmp(first.hairline_mm, other.hairline_mm, sizeof first.hairline_mm) != 0);
    CHECK_NEAR(first.hairline_length_mm, other.hairline_length_mm, 0.0);
    CHECK_NEAR(other.area_mm2 / first.area_mm2, 1.0, 0.03);
}

/* field/practice 1.3, cm2; stage 1 is an edge-up, which has no published area. The tops of VI and
 * VII reach towards the 240 to 366 cm2 that canvas 1.4 measures for them. */
static const double band_cm2[8][2] = {{0, 0},    {5, 20},    {20, 35},   {40, 65},
                                      {90, 120}, {130, 165}, {170, 240}, {210, 300}};

TEST(norwood_stages_grow_and_have_the_areas_of_the_field_report)
{
    REQUIRE(setup());
    double before = 0.0;
    for (int stage = 1; stage <= 7; stage++) {
        static DesignRequest request;
        request = design_request_default();
        request.stage = stage;
        static Design design;
        REQUIRE(propose(&mean_head, &bare, &request, &design));
        double area_cm2 = design.area_mm2 / 100.0;
        printf("# stage %d: %.1f cm2, %.0f dots, hairline %.0f frontal %.0f midscalp %.0f crown "
               "%.0f temple %.0f cm2\n",
               stage, area_cm2, design.dots, design.sum[DESIGN_HAIRLINE].area_mm2 / 100.0,
               design.sum[DESIGN_FRONTAL].area_mm2 / 100.0,
               design.sum[DESIGN_MIDSCALP].area_mm2 / 100.0,
               design.sum[DESIGN_CROWN].area_mm2 / 100.0,
               design.sum[DESIGN_TEMPLE].area_mm2 / 100.0);
        CHECK(area_cm2 > before);
        CHECK(area_cm2 >= band_cm2[stage][0] && area_cm2 <= band_cm2[stage][1]);
        before = area_cm2;
    }
}

TEST(areas_scale_with_the_square_of_the_head)
{
    REQUIRE(setup());
    VaultShape small = vault_mean(), large = vault_mean();
    small.length_scale = small.breadth_scale = small.height_scale = 0.95;
    large.length_scale = large.breadth_scale = large.height_scale = 1.05;
    static DesignRequest request;
    request = design_request_default();
    request.stage = 6;
    Head head[2];
    static Design design[2];
    REQUIRE(vault_head(small, false, &head[0]) && vault_head(large, false, &head[1]));
    REQUIRE(propose(&head[0], &bare, &request, &design[0]));
    REQUIRE(propose(&head[1], &bare, &request, &design[1]));
    /* the hairline stays at 80 mm, so a little more than the square */
    double ratio = design[1].area_mm2 / design[0].area_mm2, square = 1.05 * 1.05 / (0.95 * 0.95);
    printf("# ratio %.3f, square %.3f\n", ratio, square);
    CHECK(ratio > 0.95 * square && ratio < 1.12 * square);
}

TEST(nothing_stands_in_front_of_the_hairline_on_the_face_or_on_the_ears)
{
    REQUIRE(setup());
    size_t n = (size_t)topology.vertex_count;
    double *front_mm = ARENA_NEW(&arena, double, n), *margin_mm = ARENA_NEW(&arena, double, n);
    for (int stage = 1; stage <= 7; stage += 3) {
        Err err;
        static DesignRequest request;
        request = design_request_default();
        request.stage = stage;
        static Design d;
        REQUIRE(propose(&mean_head, &bare, &request, &d));
        REQUIRE(design_hairline_distance(&scratch, &mean_head, d.hairline_count, d.hairline_mm,
                                         front_mm, &err));
        hair_scalp_margin(&mean_head, margin_mm);
        double in_front = 0.0, off_scalp = 0.0;
        for (size_t v = 0; v < n; v++) {
            in_front += front_mm[v] <= 0.0 ? d.target_per_mm2[v] : 0.0;
            off_scalp += margin_mm[v] <= 0.0 ? d.target_per_mm2[v] : 0.0;
            CHECK(d.target_per_mm2[v] >= 0.0 && d.target_per_mm2[v] <= 1.5 * 1.5);
        }
        CHECK_NEAR(in_front, 0.0, 0.0);
        CHECK_NEAR(off_scalp, 0.0, 0.0);
    }
    /* the sign itself: glabella in front, vertex behind, and 20 mm of tape are 20 mm */
    CHECK(head_interpolate(&mean_head, head_nearest(&mean_head, vec3(0, 130, 0)), front_mm) > 60.0);
    CHECK(head_interpolate(&mean_head,
                           head_nearest(&mean_head, mean_head.landmark_mm[HEAD_GLABELLA]),
                           front_mm) < -60.0);
}

TEST(the_front_is_feathered_from_a_fifth_to_the_whole_without_a_step_back)
{
    REQUIRE(setup());
    Err err;
    size_t n = (size_t)topology.vertex_count;
    double *front_mm = ARENA_NEW(&arena, double, n);
    static DesignRequest request;
    request = design_request_default();
    request.stage = 7;
    request.transition_mm = 15.0;
    static Design d;
    REQUIRE(propose(&mean_head, &bare, &request, &d));
    REQUIRE(design_hairline_distance(&scratch, &mean_head, d.hairline_count, d.hairline_mm,
                                     front_mm, &err));
    enum { BINS = 12 };
    double sum[BINS] = {0}, count[BINS] = {0};
    for (size_t v = 0; v < n; v++) {
        int bin = (int)floor(front_mm[v] / 2.0);
        if (bin < 0 || bin >= BINS || fabs(mean_head.position_mm[v].x) > 40.0 ||
            mean_head.position_mm[v].z < 0.0)
            continue;
        sum[bin] += d.target_per_mm2[v];
        count[bin] += 1.0;
    }
    for (int bin = 1; bin < BINS; bin++)
        CHECK(sum[bin] / count[bin] >= sum[bin - 1] / count[bin - 1] - 1e-12);
    CHECK(sum[1] / count[1] > 0.2 * 1.5 && sum[1] / count[1] < 0.45 * 1.5);
    CHECK_NEAR(sum[BINS - 1] / count[BINS - 1], 1.5, 0.01);
}

TEST(hair_that_grows_is_subtracted_exactly)
{
    REQUIRE(setup());
    size_t n = (size_t)topology.vertex_count;
    HairSurvey none = bare, some = bare;
    none.has_stubble = some.has_stubble = true;
    some.cover = ARENA_NEW(&arena, double, n);
    for (size_t v = 0; v < n; v++)
        some.cover[v] = design_smoothstep(0.5 - mean_head.position_mm[v].x / 60.0);
    static DesignRequest request;
    request = design_request_default();
    request.stage = 6;
    static Design without, with;
    REQUIRE(propose(&mean_head, &none, &request, &without));
    REQUIRE(propose(&mean_head, &some, &request, &with));
    double worst = 0.0;
    for (size_t v = 0; v < n; v++) {
        double grows = some.cover[v] * some.hair_per_cm2.expected / 100.0;
        worst = fmax(worst, fabs(with.existing_per_mm2[v] - grows));
        worst = fmax(worst,
                     fabs(with.target_per_mm2[v] - fmax(without.target_per_mm2[v] - grows, 0.0)));
    }
    CHECK_NEAR(worst, 0.0, 0.0);
    CHECK(with.dots < 0.75 * without.dots && with.dots > 0.3 * without.dots);
}

/* Hair all over but for a small and a large gap on the top. */
TEST(a_small_gap_in_the_hair_is_left_and_a_large_one_is_planned)
{
    REQUIRE(setup());
    size_t n = (size_t)topology.vertex_count;
    HairSurvey some = bare;
    some.has_stubble = true;
    some.cover = ARENA_NEW(&arena, double, n);
    Vec3 top = mean_head.landmark_mm[HEAD_VERTEX], large = vec_add(top, vec3(0.0, 0.0, -40.0));
    Vec3 small = vec_add(top, vec3(0.0, 0.0, 30.0));
    for (size_t v = 0; v < n; v++)
        some.cover[v] = vec_distance(mean_head.position_mm[v], large) > 28.0 &&
                        vec_distance(mean_head.position_mm[v], small) > 9.0;
    static DesignRequest request;
    request = design_request_default();
    request.stage = 6;
    static Design d;
    REQUIRE(propose(&mean_head, &some, &request, &d));
    for (size_t v = 0; v < n; v++) {
        if (vec_distance(mean_head.position_mm[v], small) < 9.0)
            CHECK(d.target_per_mm2[v] == 0.0 && d.zone[v] == DESIGN_NONE);
        if (vec_distance(mean_head.position_mm[v], large) < 20.0)
            CHECK(d.target_per_mm2[v] > 0.0);
    }
    bool warned = false;
    for (int i = 0; i < d.warning_count; i++)
        warned = warned || strstr(d.warning[i], "only the gaps") != NULL;
    CHECK(warned);
}

TEST(sums_are_the_integrals_of_the_field)
{
    REQUIRE(setup());
    static DesignRequest request;
    request = design_request_default();
    request.stage = 5;
    static Design d;
    REQUIRE(propose(&mean_head, &bare, &request, &d));
    double dots = 0.0, area = 0.0;
    for (int v = 0; v < topology.vertex_count; v++) {
        dots += mean_head.area_mm2[v] * d.target_per_mm2[v];
        area += d.target_per_mm2[v] > 0.0 ? mean_head.area_mm2[v] : 0.0;
        CHECK((d.zone[v] != DESIGN_NONE) == (d.target_per_mm2[v] > 0.0));
    }
    CHECK_NEAR(d.dots, dots, 1e-6);
    CHECK_NEAR(d.area_mm2, area, 1e-6);
    CHECK_NEAR(d.sum[DESIGN_NONE].dots, 0.0, 0.0);
}

/* A ring of points `radius_mm` around `at` on the surface, by tape. */
static DesignOutline ring(Vec3 at, double radius_mm, int count)
{
    DesignOutline outline = {.point_count = count};
    Vec3 up = vec_normalize(vec_sub(at, mean_head.centre_mm));
    Vec3 u = vec_normalize(vec_cross(up, vec3(0.3, 0.5, 0.8))), w = vec_cross(up, u);
    for (int i = 0; i < count; i++) {
        double angle = 6.283185307179586 * i / count;
        outline.point_mm[i] =
            vec_madd(vec_madd(at, radius_mm * cos(angle), u), radius_mm * sin(angle), w);
        HeadPoint on = head_nearest(&mean_head, outline.point_mm[i]);
        outline.point_mm[i] = head_position_mm(&mean_head, on);
    }
    return outline;
}

/* Area of a star-shaped outline as a fan of thin triangles on the surface. */
static double fan_mm2(Vec3 at, const DesignOutline *outline)
{
    enum { RINGS = 40, STEPS = 24 };
    double area = 0.0;
    for (int i = 0; i < outline->point_count; i++) {
        Vec3 a = outline->point_mm[i], b = outline->point_mm[(i + 1) % outline->point_count];
        for (int s = 0; s < STEPS; s++) {
            Vec3 rim[2] = {vec_lerp(a, b, (double)s / STEPS), vec_lerp(a, b, (s + 1.0) / STEPS)};
            Vec3 last[2] = {at, at};
            for (int r = 1; r <= RINGS; r++) {
                Vec3 next[2];
                for (int k = 0; k < 2; k++)
                    next[k] = head_position_mm(
                        &mean_head,
                        head_nearest(&mean_head, vec_lerp(at, rim[k], (double)r / RINGS)));
                area += 0.5 *
                        vec_length(vec_cross(vec_sub(next[0], last[0]), vec_sub(next[1], last[0])));
                area += 0.5 *
                        vec_length(vec_cross(vec_sub(next[1], last[0]), vec_sub(last[1], last[0])));
                last[0] = next[0];
                last[1] = next[1];
            }
        }
    }
    return area;
}

static Vec3 crown(void)
{
    return head_position_mm(&mean_head, head_nearest(&mean_head, vec3(10.0, 100.0, -80.0)));
}

TEST(the_area_of_a_patch_is_the_area_of_its_outline)
{
    REQUIRE(setup());
    const double radii_mm[] = {15.0, 25.0, 40.0};
    for (int i = 0; i < 3; i++) {
        static DesignRequest request;
        request = design_request_default();
        request.pattern = DESIGN_PATTERN_NONE;
        request.outline_count = 1;
        request.outline[0] = ring(crown(), radii_mm[i], 3 + 9 * i);
        static Design d;
        REQUIRE(propose(&mean_head, &bare, &request, &d));
        double want = fan_mm2(crown(), &request.outline[0]);
        CHECK_NEAR(d.sum[DESIGN_PATCH].area_mm2 / want, 1.0, 0.03);
        CHECK_NEAR(d.area_mm2, d.sum[DESIGN_PATCH].area_mm2, 1e-9);
        CHECK(!d.has_hairline);
    }
}

TEST(a_scar_is_a_band_that_reaches_slightly_beyond_both_edges)
{
    REQUIRE(setup());
    static DesignRequest request;
    request = design_request_default();
    request.pattern = DESIGN_PATTERN_NONE;
    request.outline_count = 1;
    request.scar_uptake = 0.8;
    DesignOutline *scar = &request.outline[0];
    *scar = (DesignOutline){.scar = true, .width_mm = 6.0, .point_count = 5};
    double length_mm = 0.0;
    for (int i = 0; i < 5; i++) {
        HeadPoint on = head_nearest(&mean_head, vec3(-60.0 + 30.0 * i, 15.0, -80.0));
        scar->point_mm[i] = head_position_mm(&mean_head, on);
    }
    static Design d;
    REQUIRE(propose(&mean_head, &bare, &request, &d));
    for (int i = 1; i < 5; i++)
        length_mm += tape_mm(&mean_head, scar->point_mm[i - 1], scar->point_mm[i]);
    double half_mm = 3.0 + 1.5; /* half the width and what goes beyond */
    double want = 2.0 * half_mm * length_mm + 3.14159265 * half_mm * half_mm;
    CHECK_NEAR(d.sum[DESIGN_SCAR].area_mm2 / want, 1.0, 0.03);
    double most = 0.0;
    for (int v = 0; v < topology.vertex_count; v++)
        most = fmax(most, d.target_per_mm2[v]);
    CHECK_NEAR(most, 1.5 / 0.8, 1e-9);
    request.scar_uptake = 0.3;
    REQUIRE(propose(&mean_head, &bare, &request, &d));
    most = 0.0;
    for (int v = 0; v < topology.vertex_count; v++)
        most = fmax(most, d.target_per_mm2[v]);
    CHECK_NEAR(most, 1.5 * 1.5, 1e-9); /* the cap */
    CHECK(d.warning_count == 1);
}

TEST(ludwig_thins_the_top_by_stage_and_keeps_the_frontal_line)
{
    REQUIRE(setup());
    double before_area = 0.0;
    for (int stage = 1; stage <= 3; stage++) {
        static DesignRequest request;
        request = design_request_default();
        request.pattern = DESIGN_LUDWIG;
        request.stage = stage;
        static Design d;
        REQUIRE(propose(&mean_head, &bare, &request, &d));
        double most = 0.0;
        for (int v = 0; v < topology.vertex_count; v++)
            most = fmax(most, d.target_per_mm2[v]);
        CHECK_NEAR(most, 0.25 * stage * 1.5, 1e-3);
        CHECK(d.area_mm2 > before_area && !d.has_hairline);
        CHECK_NEAR(d.sum[DESIGN_DIFFUSE].dots, d.dots, 1e-9);
        HeadPoint front = head_nearest(&mean_head, vec3(0.0, 101.0, 72.0));
        CHECK_NEAR(head_interpolate(&mean_head, front, d.target_per_mm2), 0.0, 0.0);
        before_area = d.area_mm2;
    }
}

static void check_refused(const DesignRequest *request, const char *word)
{
    Err err = {0};
    static Design d;
    size_t mark = arena_mark(&scratch);
    CHECK(!design_propose(&arena, &scratch, &mean_head, &bare, request, &d, &err));
    CHECK(err.code == ERR_INPUT);
    if (!CHECK(strstr(err.text, word) != NULL))
        printf("# '%s' is not in '%s'\n", word, err.text);
    arena_rewind(&scratch, mark);
}

TEST(absurd_wishes_are_refused_with_a_sentence)
{
    REQUIRE(setup());
    static DesignRequest good, r;
    good = design_request_default();
    r = good;
    r.stage = 8, check_refused(&r, "Norwood stage 8");
    r = good, r.pattern = DESIGN_LUDWIG, r.stage = 4, check_refused(&r, "Ludwig stage 4");
    r = good, r.density_per_cm2 = 5.0, check_refused(&r, "density of 5");
    r = good, r.density_per_cm2 = (double)NAN, check_refused(&r, "density");
    r = good, r.hairline_height_mm = 30.0, check_refused(&r, "brow");
    r = good, r.hairline_height_mm = 150.0, check_refused(&r, "150");
    r = good, r.hairline_height_mm = (double)NAN, check_refused(&r, "height");
    r = good, r.transition_mm = -1.0, check_refused(&r, "transition");
    r = good, r.irregularity_mm = 9.0, check_refused(&r, "irregularity");
    r = good, r.fringe_blend_mm = (double)INFINITY, check_refused(&r, "blend");
    r = good, r.scar_uptake = 0.0, check_refused(&r, "uptake");
    r = good, r.pattern = DESIGN_PATTERN_NONE, check_refused(&r, "nothing to design");
    r = good, r.outline_count = 1, check_refused(&r, "has 0 points");
    r.outline[0] = ring(crown(), 20.0, 5);
    Vec3 swap = r.outline[0].point_mm[1];
    r.outline[0].point_mm[1] = r.outline[0].point_mm[2];
    r.outline[0].point_mm[2] = swap;
    check_refused(&r, "crosses itself");
    r.outline[0] = ring(mean_head.landmark_mm[HEAD_GLABELLA], 15.0, 6);
    check_refused(&r, "outside the scalp");
    r.outline[0] = ring(crown(), 20.0, 6);
    r.outline[0].point_mm[3].y = (double)NAN;
    check_refused(&r, "not a number");
    r.outline[0] = ring(crown(), 20.0, 6);
    r.outline[0].point_mm[3] = vec_scale(r.outline[0].point_mm[3], 10.0);
    check_refused(&r, "millimetres");
    r.outline[0] = ring(crown(), 0.4, 6);
    check_refused(&r, "covers only");
    r.outline[0] = (DesignOutline){.scar = true, .width_mm = 90.0, .point_count = 2};
    check_refused(&r, "90 mm wide");
}

TEST(guard_rails_warn_and_do_not_refuse)
{
    REQUIRE(setup());
    static DesignRequest request;
    request = design_request_default();
    static Design usual, odd;
    REQUIRE(propose(&mean_head, &bare, &request, &usual));
    for (int i = 0; i < usual.warning_count; i++)
        printf("# %s\n", usual.warning[i]);
    request.hairline_height_mm = 55.0;
    request.irregularity_mm = 0.0;
    request.transition_mm = 0.0;
    request.density_per_cm2 = 280.0;
    REQUIRE(propose(&mean_head, &bare, &request, &odd));
    CHECK(odd.warning_count == usual.warning_count + 3);
}

TEST(a_design_without_memory_is_a_limit)
{
    REQUIRE(setup());
    static DesignRequest request;
    request = design_request_default();
    request.outline_count = 1;
    request.outline[0] = ring(crown(), 20.0, 6);
    int refused = 0;
    bool done = false;
    for (size_t budget = 0; !done && budget < (size_t)64 << 20; budget += 300000) {
        Err err = {0};
        static Design d;
        Arena small = scratch;
        small.limit = small.used + budget;
        done = design_propose(&arena, &small, &mean_head, &bare, &request, &d, &err);
        refused += !done && err.code == ERR_LIMIT;
        CHECK(done || err.code == ERR_LIMIT);
    }
    CHECK(done && refused > 3);
}
