#include "design/design_internal.h"

#include "base/test.h"
#include "head/vault.h"

#include <string.h>

static const double pi = 3.14159265358979323846;
static const double sphere_mm = 100.0; /* radius of the round head; so chart mm are its mm */

static Arena arena, scratch;
static HeadTopology topology;
static Head mean_head, round_head, crooked_head;
static DesignLayout layout; /* large: not on the stack */

static bool make_head(const double radius_mm[], const VaultShape *shape, Head *head)
{
    Err err;
    if (!head_new(&arena, &topology, radius_mm, head, &err))
        return false;
    vault_landmarks_mm(shape, head->landmark_mm);
    return true;
}

static bool setup(void)
{
    Err err;
    if (arena.base != NULL)
        return true;
    bool ok = arena_open(&arena, (size_t)1 << 30, &err) &&
              arena_open(&scratch, (size_t)256 << 20, &err) &&
              head_topology_new(&arena, HEAD_LEVEL, &topology, &err);
    double *radius_mm = ok ? ARENA_NEW(&arena, double, (size_t)topology.vertex_count) : NULL;
    VaultShape mean = vault_mean(), crooked = vault_mean();
    crooked.breadth_scale = 0.95;
    crooked.mode_sd[2] = 1.0;
    crooked.mode_sd[7] = -1.0;
    if (radius_mm == NULL)
        return CHECK(false);
    vault_radii_mm(&mean, &topology, radius_mm);
    ok = make_head(radius_mm, &mean, &mean_head);
    vault_radii_mm(&crooked, &topology, radius_mm);
    ok = ok && make_head(radius_mm, &crooked, &crooked_head);
    for (int v = 0; v < topology.vertex_count; v++)
        radius_mm[v] = sphere_mm;
    ok = ok && make_head(radius_mm, &mean, &round_head);
    return CHECK(ok);
}

/* The one request of the tests, made new: it is too large for the stack. */
static DesignRequest *request_of(DesignConstruction construction, DesignForm form, DesignSex sex)
{
    static DesignRequest request;
    memset(&request, 0, sizeof request);
    request.construction = construction;
    request.client.sex = sex;
    request.hairline.form = form;
    request.hairline.drawn = true;
    request.hairline.seed = 5;
    return &request;
}

static bool construct(const Head *head, const DesignRequest *request, DesignHairline *hairline)
{
    Err err = {0};
    bool ok = hairline_construct(&scratch, head, request, hairline, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

static bool measure(const Head *head, const DesignHairline *hairline, HairlineMeasures *m)
{
    Err err = {0};
    layout.head = head;
    layout.design.hairline = *hairline;
    bool ok = hairline_measure(&scratch, &layout, m, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

static bool curve(const Head *head, const DesignHairline *hairline, bool plain, int *count,
                  Vec3 point[DESIGN_CURVE_POINTS])
{
    Err err = {0};
    bool ok = hairline_curve(head, hairline, plain, count, point, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

static bool refused(const Head *head, const DesignRequest *request, const char *why)
{
    Err err = {0};
    DesignHairline hairline;
    bool ok = !hairline_construct(&scratch, head, request, &hairline, &err) &&
              err.code == ERR_INPUT && strstr(err.text, why) != NULL;
    if (!ok)
        printf("# not refused for '%s': %s\n", why, err.text);
    return ok;
}

static double tape_mm(const Head *head, Vec3 a, Vec3 b)
{
    Err err;
    size_t mark = arena_mark(&scratch);
    double *field = ARENA_NEW(&scratch, double, (size_t)topology.vertex_count);
    HeadPoint source = head_nearest(head, a);
    if (field == NULL || !head_distance(&scratch, head, 1, &source, field, &err))
        return (double)NAN;
    double length = head_interpolate(head, head_nearest(head, b), field);
    arena_rewind(&scratch, mark);
    return length;
}

static Vec3 place_on(const Head *head, DesignPlace place)
{
    Err err;
    Vec3 point = {0};
    CHECK(design_place_point(head, place, &point, &err));
    return point;
}

/* A point of the round head by its latitude from the midplane and its pitch. */
static Vec3 round_point(double latitude, double pitch)
{
    Vec3 d = vec3(sin(latitude), cos(latitude) * sin(pitch), cos(latitude) * cos(pitch));
    return vec_madd(round_head.centre_mm, sphere_mm, d);
}

/* ---- constructions ---- */

TEST(garg_points_have_their_distances_on_the_skin)
{
    REQUIRE(setup());
    const Head *heads[2] = {&mean_head, &crooked_head};
    for (int h = 0; h < 2; h++) {
        Err err;
        DesignFrame f;
        REQUIRE(design_frame(&scratch, heads[h], 80.0, &f, &err));
        CHECK_NEAR(tape_mm(heads[h], f.glabella, f.middle), 80.0, 0.5);
        for (int side = 0; side < DESIGN_SIDES; side++) {
            CHECK_NEAR(tape_mm(heads[h], f.glabella, f.canthus[side]), 80.0, 0.5);
            CHECK_NEAR(tape_mm(heads[h], f.middle, f.temple[side]), 80.0, 1.0);
            CHECK_NEAR(tape_mm(heads[h], f.canthus[side], f.temple[side]), 80.0, 1.0);
            CHECK_NEAR(tape_mm(heads[h], f.temple[side], f.peak[side]), 50.0, 1.0);
        }
        DesignRequest *r = request_of(DESIGN_EIGHT_CM, DESIGN_LINEAR, DESIGN_MALE);
        DesignHairline line;
        REQUIRE(construct(heads[h], r, &line));
        const Vec3 *want[2] = {&f.temple[0], &f.temple[1]};
        for (int side = 0; side < DESIGN_SIDES; side++)
            CHECK(vec_distance(place_on(heads[h], line.control[line.temple[side]]), *want[side]) <
                  1e-6);
        CHECK(vec_distance(place_on(heads[h], line.control[0]), f.peak[0]) < 1e-6);
        CHECK(vec_distance(place_on(heads[h], line.control[line.control_count / 2]), f.middle) <
              1e-6);
    }
}

TEST(every_construction_form_sex_and_sideburn_gives_an_odd_even_sided_row_of_controls)
{
    REQUIRE(setup());
    for (int c = 0; c < DESIGN_OLD_LINE; c++)
        for (int form = 0; form < DESIGN_FORMS; form++)
            for (int style = 0; style <= DESIGN_SQUARE; style++) {
                DesignRequest *r = request_of((DesignConstruction)c, (DesignForm)form,
                                              form % 2 == 0 ? DESIGN_FEMALE : DESIGN_MALE);
                DesignHairline line;
                r->hairline.sideburn = (DesignSideburn)style;
                r->hairline.transition_mm = 7.5;
                REQUIRE(construct(&mean_head, r, &line));
                int n = line.control_count;
                CHECK(n % 2 == 1 && n >= 9 && n <= DESIGN_CONTROLS);
                CHECK(line.transition_mm == 7.5 && line.form == (DesignForm)form);
                CHECK(line.temple[0] > 0 && line.temple[0] < n / 2 &&
                      line.temple[1] == n - 1 - line.temple[0]);
                for (int i = 0; i < n; i++) {
                    CHECK_NEAR(line.control[i].u, -line.control[n - 1 - i].u, 1e-4);
                    CHECK_NEAR(line.control[i].v, line.control[n - 1 - i].v, 1e-4);
                    CHECK(i == 0 || line.control[i].u < line.control[i - 1].u + 0.03);
                }
            }
}

TEST(the_height_comes_back_from_the_tape)
{
    REQUIRE(setup());
    const Head *heads[2] = {&mean_head, &crooked_head};
    const double height_mm[3] = {62.0, 75.0, 92.0};
    for (int h = 0; h < 2; h++)
        for (int c = 0; c < DESIGN_OLD_LINE; c++)
            for (int form = 0; form < DESIGN_FORMS; form++)
                for (int k = 0; k < 3; k++) {
                    DesignRequest *r =
                        request_of((DesignConstruction)c, (DesignForm)form, DESIGN_MALE);
                    DesignHairline line;
                    HairlineMeasures m;
                    r->hairline_height_mm = height_mm[k];
                    r->hairline.micro_mm = 2.0;
                    r->hairline.micro_correlation_mm = 5.0;
                    REQUIRE(construct(heads[h], r, &line) && measure(heads[h], &line, &m));
                    CHECK_NEAR(m.height_mm, height_mm[k], 0.3);
                }
}

TEST(heights_by_age_sex_and_thirds_are_the_published_ones)
{
    REQUIRE(setup());
    static const struct {
        DesignConstruction construction;
        DesignSex sex;
        double age_years, height_mm;
    } want[] = {
        {DESIGN_BY_AGE, DESIGN_MALE, 0.0, 75.0},    {DESIGN_BY_AGE, DESIGN_MALE, 30.0, 75.0},
        {DESIGN_BY_AGE, DESIGN_MALE, 50.0, 85.0},   {DESIGN_BY_AGE, DESIGN_SEX_UNKNOWN, 40.0, 80.0},
        {DESIGN_BY_AGE, DESIGN_FEMALE, 25.0, 63.0}, {DESIGN_BY_AGE, DESIGN_FEMALE, 60.0, 78.0},
        {DESIGN_HEIGHT, DESIGN_MALE, 60.0, 75.0},   {DESIGN_THIRDS, DESIGN_MALE, 0.0, 64.8},
        {DESIGN_EIGHT_CM, DESIGN_FEMALE, 0.0, 80.0}};
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        DesignRequest *r = request_of(want[i].construction, DESIGN_LINEAR, want[i].sex);
        DesignHairline line;
        HairlineMeasures m;
        r->client.age_years = want[i].age_years;
        REQUIRE(construct(&mean_head, r, &line) && measure(&mean_head, &line, &m));
        CHECK_NEAR(m.height_mm, want[i].height_mm, 0.3);
    }
}

TEST(fronto_temporal_points_stand_over_the_canthi_whoever_clicked_them)
{
    REQUIRE(setup());
    for (int clicked = 0; clicked < 2; clicked++) {
        Head head = mean_head;
        if (clicked) {
            head.landmark_mm[HEAD_CANTHUS_LEFT] = vec3(49.0, 12.0, 78.0);
            head.landmark_mm[HEAD_CANTHUS_RIGHT] = vec3(-43.0, 14.0, 80.0);
        }
        for (int form = 0; form < DESIGN_FORMS; form++) {
            DesignRequest *r = request_of(DESIGN_HEIGHT, (DesignForm)form, DESIGN_MALE);
            DesignHairline line;
            HairlineMeasures m;
            REQUIRE(construct(&head, r, &line) && measure(&head, &line, &m));
            CHECK(m.canthus_assumed == !clicked);
            CHECK_NEAR(m.temple_off_mm[0], 0.0, 0.01);
            CHECK_NEAR(m.temple_off_mm[1], 0.0, 0.01);
            if (clicked)
                CHECK_NEAR(m.temple_mm[0].x, 49.0, 0.01);
        }
    }
}

TEST(garg_fronto_temporal_point_lies_lateral_of_the_canthal_vertical)
{
    REQUIRE(setup());
    DesignRequest *r = request_of(DESIGN_EIGHT_CM, DESIGN_LINEAR, DESIGN_MALE);
    DesignHairline line;
    HairlineMeasures m;
    REQUIRE(construct(&mean_head, r, &line) && measure(&mean_head, &line, &m));
    CHECK_NEAR(m.temple_off_mm[0], 17.1, 0.5); /* the sources do not agree */
    CHECK_NEAR(m.temple_off_mm[1], 17.1, 0.5);
    CHECK_NEAR(m.recess_mm[0], 22.3, 0.5);
}

TEST(forms_have_the_recess_that_their_name_says)
{
    REQUIRE(setup());
    for (int sex = DESIGN_MALE; sex <= DESIGN_FEMALE; sex++) {
        double recess[DESIGN_FORMS];
        for (int form = 0; form < DESIGN_FORMS; form++) {
            DesignRequest *r = request_of(DESIGN_HEIGHT, (DesignForm)form, (DesignSex)sex);
            DesignHairline line;
            HairlineMeasures m;
            REQUIRE(construct(&mean_head, r, &line) && measure(&mean_head, &line, &m));
            recess[form] = m.recess_mm[0];
            CHECK_NEAR(m.recess_mm[0], m.recess_mm[1], 0.05);
            /* an arched forehead has no corner, one with recesses has */
            bool arched = form == DESIGN_ROUND || form == DESIGN_TRIANGULAR;
            CHECK((m.temple_angle_rad[0] > 140.0 / 180.0 * pi) == arched);
        }
        bool male = sex == DESIGN_MALE;
        CHECK_NEAR(recess[DESIGN_LINEAR], male ? 8.0 : 4.0, 0.2);
        CHECK_NEAR(recess[DESIGN_M], male ? 24.0 : 15.0, 0.2);
        CHECK_NEAR(recess[DESIGN_ROUND], male ? -9.0 : -11.0, 0.2);
        CHECK_NEAR(recess[DESIGN_TRIANGULAR], male ? -13.0 : -16.0, 0.2);
        CHECK_NEAR(recess[DESIGN_WIDOWS_PEAK], male ? 23.0 : 16.0, 0.2);
    }
}

TEST(a_widows_peak_and_its_mounds_have_their_size_on_the_skin)
{
    REQUIRE(setup());
    static const double high_mm[2] = {14.9, 10.1}, wide_mm[2] = {27.3, 21.3};
    for (int sex = 0; sex < 2; sex++) {
        DesignRequest *r =
            request_of(DESIGN_EIGHT_CM, DESIGN_WIDOWS_PEAK, sex == 0 ? DESIGN_MALE : DESIGN_FEMALE);
        DesignHairline line;
        Err err;
        Vec3 foot;
        REQUIRE(construct(&mean_head, r, &line));
        int middle = line.control_count / 2;
        Vec3 tip = place_on(&mean_head, line.control[middle]);
        Vec3 left = place_on(&mean_head, line.control[middle - 1]);
        Vec3 right = place_on(&mean_head, line.control[middle + 1]);
        REQUIRE(design_midline(&mean_head, 80.0 + high_mm[sex], &foot, &err));
        CHECK_NEAR(tape_mm(&mean_head, tip, foot), high_mm[sex], 0.3);
        CHECK_NEAR(tape_mm(&mean_head, left, right), wide_mm[sex], 0.3);
        CHECK_NEAR(vec_distance(vec_lerp(left, right, 0.5), foot), 0.0, 1.5);
        Vec3 mound = place_on(&mean_head, line.control[middle - 2]);
        CHECK_NEAR(tape_mm(&mean_head, tip, mound), 42.0, 4.0);
    }
}

TEST(a_womans_temporal_peaks_are_as_far_apart_as_measured)
{
    REQUIRE(setup()); /* 14.3 cm in Korean women, along the level */
    DesignRequest *r = request_of(DESIGN_HEIGHT, DESIGN_LINEAR, DESIGN_FEMALE);
    DesignHairline line;
    HairlineMeasures m;
    Err err;
    double beside, behind;
    REQUIRE(construct(&mean_head, r, &line) && measure(&mean_head, &line, &m));
    Vec3 peak = place_on(&mean_head, line.control[0]);
    REQUIRE(hairline_beside_mm(&mean_head, m.middle_mm, peak, &beside, &behind, &err));
    CHECK_NEAR(2.0 * beside, 143.0, 4.0);
    CHECK_NEAR(tape_mm(&mean_head, m.temple_mm[0], peak), 50.0, 1.0);
}

TEST(an_edge_up_turns_sharper_at_its_corners)
{
    REQUIRE(setup());
    DesignRequest *r = request_of(DESIGN_HEIGHT, DESIGN_M, DESIGN_MALE);
    DesignHairline kept, square;
    static Vec3 a[DESIGN_CURVE_POINTS], b[DESIGN_CURVE_POINTS];
    int n, m;
    REQUIRE(construct(&mean_head, r, &kept));
    r->hairline.sideburn = DESIGN_SQUARE;
    REQUIRE(construct(&mean_head, r, &square));
    REQUIRE(curve(&mean_head, &kept, true, &n, a) && curve(&mean_head, &square, true, &m, b));
    double cut[2]; /* of the corner: how near the line comes to it 6 mm away along either arm */
    const Vec3 *line[2] = {a, b};
    const int at[2] = {kept.temple[0] * DESIGN_SPAN_POINTS, square.temple[0] * DESIGN_SPAN_POINTS};
    for (int k = 0; k < 2; k++) {
        int i = at[k], j = at[k];
        while (vec_distance(line[k][i], line[k][at[k]]) < 6.0)
            i--;
        while (vec_distance(line[k][j], line[k][at[k]]) < 6.0)
            j++;
        cut[k] = vec_distance(line[k][i], line[k][j]);
    }
    CHECK(cut[1] < cut[0] - 0.5);
}

/* ---- the old line ---- */

/* Points of Garg's line, whose corners lie well beside the verticals through the canthi. */
static bool clicks_along(DesignForm form, int count, DesignRequest *clicked, HairlineMeasures *m)
{
    static Vec3 point[DESIGN_CURVE_POINTS];
    DesignHairline line;
    int n;
    if (!construct(&mean_head, request_of(DESIGN_EIGHT_CM, form, DESIGN_MALE), &line) ||
        !measure(&mean_head, &line, m) || !curve(&mean_head, &line, true, &n, point))
        return false;
    *clicked = *request_of(DESIGN_OLD_LINE, form, DESIGN_MALE);
    clicked->old_line_count = count;
    for (int i = 0; i < count; i++)
        clicked->old_line_mm[i] = point[i * (n - 1) / (count - 1)];
    return true;
}

static double off_line_mm(Vec3 p, int count, const Vec3 line[])
{
    double best = 1e9;
    for (int i = 0; i < count; i++)
        best = fmin(best, vec_distance(p, line[i]));
    return best;
}

TEST(the_old_line_runs_through_what_was_clicked)
{
    REQUIRE(setup());
    static Vec3 point[DESIGN_CURVE_POINTS];
    for (int form = 0; form < DESIGN_FORMS; form++) {
        static DesignRequest r;
        DesignHairline line;
        HairlineMeasures want, got;
        int n;
        REQUIRE(clicks_along((DesignForm)form, 17, &r, &want));
        REQUIRE(construct(&mean_head, &r, &line) && curve(&mean_head, &line, true, &n, point));
        REQUIRE(measure(&mean_head, &line, &got));
        CHECK(line.control_count == 17);
        for (int i = 0; i < r.old_line_count; i++)
            CHECK_NEAR(off_line_mm(r.old_line_mm[i], n, point), 0.0, 1.5);
        CHECK_NEAR(got.height_mm, want.height_mm, 0.5);
        CHECK(fabs(got.middle_mm.x) < 1e-6);
        for (int side = 0; side < DESIGN_SIDES; side++)
            CHECK_NEAR(vec_distance(got.temple_mm[side], want.temple_mm[side]), 0.0, 6.0);
    }
}

TEST(an_old_line_that_ends_at_its_corners_gets_its_temporal_peaks)
{
    REQUIRE(setup());
    static DesignRequest r;
    DesignHairline line;
    HairlineMeasures want, got;
    REQUIRE(clicks_along(DESIGN_M, 17, &r, &want));
    r.old_line_mm[0] = want.temple_mm[0];
    r.old_line_mm[2] = want.temple_mm[1];
    r.old_line_mm[1] = want.middle_mm;
    r.old_line_count = 3;
    REQUIRE(construct(&mean_head, &r, &line) && measure(&mean_head, &line, &got));
    for (int side = 0; side < DESIGN_SIDES; side++) {
        Vec3 peak = place_on(&mean_head, line.control[side == 0 ? 0 : line.control_count - 1]);
        CHECK_NEAR(vec_distance(got.temple_mm[side], want.temple_mm[side]), 0.0, 0.1);
        CHECK_NEAR(tape_mm(&mean_head, got.temple_mm[side], peak), 50.0, 1.0);
    }
}

TEST(an_old_line_that_is_none_is_refused)
{
    REQUIRE(setup());
    static DesignRequest good, r;
    HairlineMeasures m;
    REQUIRE(clicks_along(DESIGN_M, 9, &good, &m));
    r = good;
    r.old_line_count = 2;
    CHECK(refused(&mean_head, &r, "3..24"));
    r = good;
    r.old_line_mm[4] = vec3(0.0, 60.0, 160.0);
    CHECK(refused(&mean_head, &r, "off the surface"));
    r.old_line_mm[4] = vec3(0.0, -90.0, 20.0);
    CHECK(refused(&mean_head, &r, "below"));
    r.old_line_mm[4] = vec3((double)NAN, 0.0, 0.0);
    CHECK(refused(&mean_head, &r, "not a number"));
    r = good;
    r.old_line_mm[3] = good.old_line_mm[5];
    r.old_line_mm[5] = good.old_line_mm[3];
    CHECK(refused(&mean_head, &r, "point 5 of the old line does not lie to the right of point 4"));
    for (int i = 0; i < 9; i++)
        r.old_line_mm[i] = good.old_line_mm[8 - i];
    CHECK(refused(&mean_head, &r, "from the subject's left"));
    r = good;
    r.old_line_count = 4;
    CHECK(refused(&mean_head, &r, "both sides"));
}

/* ---- the curve ---- */

static bool irregular(DesignForm form, DesignHairline *line)
{
    DesignRequest *r = request_of(DESIGN_EIGHT_CM, form, DESIGN_MALE);
    r->hairline.micro_mm = 1.5;
    r->hairline.micro_correlation_mm = 5.0;
    r->hairline.macro_mm = 2.0;
    r->hairline.macro_pitch_mm = 42.0;
    r->hairline.asymmetry_mm = 0.8;
    return construct(&mean_head, r, line);
}

TEST(the_plain_line_passes_through_its_controls_to_the_last_bit)
{
    REQUIRE(setup());
    static Vec3 point[DESIGN_CURVE_POINTS];
    for (int form = 0; form < DESIGN_FORMS; form++) {
        DesignHairline line;
        int n;
        REQUIRE(irregular((DesignForm)form, &line) && curve(&mean_head, &line, true, &n, point));
        CHECK(n == (line.control_count - 1) * DESIGN_SPAN_POINTS + 1);
        for (int i = 0; i < line.control_count; i++) {
            Vec3 control = place_on(&mean_head, line.control[i]);
            CHECK(memcmp(&control, &point[i * DESIGN_SPAN_POINTS], sizeof control) == 0);
        }
        for (int i = 1; i < n; i++) /* no loops, no jumps */
            CHECK(vec_distance(point[i], point[i - 1]) < 1.5);
    }
}

TEST(without_irregularity_the_line_is_the_plain_one)
{
    REQUIRE(setup());
    static Vec3 a[DESIGN_CURVE_POINTS], b[DESIGN_CURVE_POINTS];
    DesignHairline line;
    int n, m;
    REQUIRE(irregular(DESIGN_M, &line));
    line.front = DESIGN_STRAIGHT;
    line.micro_mm = line.macro_mm = line.asymmetry_mm = 0.0;
    REQUIRE(curve(&mean_head, &line, true, &n, a) && curve(&mean_head, &line, false, &m, b));
    CHECK(n == m && memcmp(a, b, (size_t)n * sizeof *a) == 0);
}

TEST(a_moved_control_leaves_all_but_two_spans_on_either_side_bit_by_bit)
{
    REQUIRE(setup());
    static Vec3 a[DESIGN_CURVE_POINTS], b[DESIGN_CURVE_POINTS];
    DesignHairline line;
    int n, m;
    REQUIRE(irregular(DESIGN_WIDOWS_PEAK, &line) && curve(&mean_head, &line, false, &n, a));
    for (int moved = 0; moved < line.control_count; moved++) {
        DesignHairline other = line;
        other.control[moved].u += 0.013;
        other.control[moved].v -= 0.017;
        REQUIRE(curve(&mean_head, &other, false, &m, b) && n == m);
        int first = (moved - 2) * DESIGN_SPAN_POINTS, last = (moved + 2) * DESIGN_SPAN_POINTS;
        int outside = 0, inside = 0;
        for (int i = 0; i < n; i++) {
            bool same = memcmp(&a[i], &b[i], sizeof *a) == 0;
            if (i <= first || i >= last)
                outside += !same;
            else
                inside += !same;
        }
        CHECK(outside == 0);
        CHECK(inside > DESIGN_SPAN_POINTS);
    }
}

TEST(the_seed_makes_the_irregularity)
{
    REQUIRE(setup());
    static Vec3 a[DESIGN_CURVE_POINTS], b[DESIGN_CURVE_POINTS];
    DesignHairline line;
    int n, m;
    REQUIRE(irregular(DESIGN_M, &line) && curve(&mean_head, &line, false, &n, a));
    REQUIRE(curve(&mean_head, &line, false, &m, b));
    CHECK(n == m && memcmp(a, b, (size_t)n * sizeof *a) == 0);
    line.seed++;
    REQUIRE(curve(&mean_head, &line, false, &m, b));
    CHECK(memcmp(a, b, (size_t)n * sizeof *a) != 0);
    CHECK(vec_distance(a[0], b[0]) < 1e-9 && vec_distance(a[n - 1], b[n - 1]) < 1e-9);
}

/* ---- statistics of the irregularity: on the round head, whose mm are the field's ---- */

enum { SEEDS = 400, ROUND_CONTROLS = 9 };

/* A level line across the round head, 1.1 rad to either side. */
static DesignHairline round_line(void)
{
    DesignHairline line = {.drawn = true, .control_count = ROUND_CONTROLS, .temple = {2, 6}};
    for (int i = 0; i < ROUND_CONTROLS; i++)
        line.control[i] = design_place_of(&round_head, round_point(1.1 - 2.2 * i / 8.0, 0.9));
    return line;
}

/* Forward of the plain line, mm, at points 0..count of it. */
static bool offsets(const DesignHairline *line, int *count, Vec3 plain[], double offset_mm[])
{
    static Vec3 drawn[DESIGN_CURVE_POINTS];
    if (!curve(&round_head, line, true, count, plain) ||
        !curve(&round_head, line, false, count, drawn))
        return false;
    for (int i = 1; i + 1 < *count; i++) {
        Vec3 run = vec_sub(plain[i + 1], plain[i - 1]);
        Vec3 up = vec_sub(plain[i], round_head.centre_mm);
        offset_mm[i] = vec_dot(vec_sub(drawn[i], plain[i]), vec_normalize(vec_cross(up, run)));
    }
    offset_mm[0] = offset_mm[*count - 1] = 0.0;
    return true;
}

/* The point of the line nearest to so much lateral, mm. */
static int at_lateral(int count, const Vec3 plain[], double lateral_mm)
{
    int best = 0;
    double off = 1e9;
    for (int i = 0; i < count; i++) {
        double here = sphere_mm * asin(plain[i].x / sphere_mm);
        if (fabs(here - lateral_mm) < off) {
            off = fabs(here - lateral_mm);
            best = i;
        }
    }
    return best;
}

typedef struct Moments {
    double aa, bb, ab;
} Moments;

static double correlation(Moments m)
{
    return m.ab / sqrt(m.aa * m.bb);
}

/* Over the seeds, of the offsets at pairs of points. */
static bool pair_moments(DesignHairline line, int pairs, double lateral_mm[][2], Moments sum[])
{
    static Vec3 plain[DESIGN_CURVE_POINTS];
    static double offset[DESIGN_CURVE_POINTS];
    for (int k = 0; k < pairs; k++)
        sum[k] = (Moments){0};
    for (int seed = 0; seed < SEEDS; seed++) {
        int count;
        line.seed = 1000 + (uint64_t)seed;
        if (!offsets(&line, &count, plain, offset))
            return false;
        for (int k = 0; k < pairs; k++) {
            double a = offset[at_lateral(count, plain, lateral_mm[k][0])];
            double b = offset[at_lateral(count, plain, lateral_mm[k][1])];
            sum[k].aa += a * a / SEEDS;
            sum[k].bb += b * b / SEEDS;
            sum[k].ab += a * b / SEEDS;
        }
    }
    return true;
}

TEST(single_hairs_waver_by_their_standard_deviation_and_correlation_length)
{
    REQUIRE(setup());
    const double lengths[2] = {4.0, 9.0}; /* mm: where the correlation falls to 1/e */
    for (int k = 0; k < 2; k++) {
        DesignHairline line = round_line();
        double length = lengths[k];
        line.micro_mm = 1.5;
        line.micro_correlation_mm = length;
        /* along the level, whose mm are cos(0) of the latitude's */
        double pair[4][2] = {{10.0, 10.0 + length},
                             {-50.0, -50.0 + length},
                             {30.0, 30.0 + 2.5 * length},
                             {40.0, -40.0}};
        Moments sum[4];
        REQUIRE(pair_moments(line, 4, pair, sum));
        for (int i = 0; i < 4; i++) {
            CHECK_NEAR(sqrt(sum[i].aa), 1.5, 0.15); /* 3.5 % of a standard deviation, four times */
            CHECK_NEAR(sqrt(sum[i].bb), 1.5, 0.15);
        }
        CHECK_NEAR(correlation(sum[0]), exp(-1.0), 0.16);
        CHECK_NEAR(correlation(sum[1]), exp(-1.0), 0.16);
        CHECK_NEAR(correlation(sum[2]), 0.0, 0.16);
        CHECK_NEAR(correlation(sum[3]), 0.0, 0.16); /* the sides differ */
    }
}

TEST(mounds_have_their_pitch_and_height_and_are_even)
{
    REQUIRE(setup());
    const double pitches[2] = {30.0, 42.0};
    for (int k = 0; k < 2; k++) {
        DesignHairline line = round_line();
        double pitch = pitches[k];
        line.macro_mm = 2.0;
        line.macro_pitch_mm = pitch;
        double pair[3][2] = {{25.0, 25.0 + 0.5 * pitch}, {25.0, 25.0 + pitch}, {35.0, -35.0}};
        Moments sum[3];
        REQUIRE(pair_moments(line, 3, pair, sum));
        for (int i = 0; i < 3; i++)
            CHECK_NEAR(sqrt(sum[i].aa), 2.0, 0.2);
        CHECK(correlation(sum[0]) < -0.8); /* from a mound to the dent beside it */
        CHECK(correlation(sum[1]) > 0.5);  /* to the next mound */
        CHECK_NEAR(correlation(sum[2]), 1.0, 1e-3);
    }
}

TEST(the_sides_differ_by_the_chosen_asymmetry)
{
    REQUIRE(setup());
    static Vec3 plain[DESIGN_CURVE_POINTS];
    static double offset[DESIGN_CURVE_POINTS];
    DesignHairline line = round_line();
    line.asymmetry_mm = 0.9;
    double half2 = 0.0, common2 = 0.0;
    for (int seed = 0; seed < SEEDS; seed++) {
        int count;
        line.seed = (uint64_t)seed;
        REQUIRE(offsets(&line, &count, plain, offset));
        int left = at_lateral(count, plain, 45.0), right = count - 1 - left;
        half2 += pow(0.5 * (offset[left] - offset[right]), 2.0) / SEEDS;
        common2 += pow(0.5 * (offset[left] + offset[right]), 2.0) / SEEDS;
        CHECK(fabs(offset[(count - 1) / 2]) < 1e-6); /* on the midline nothing */
    }
    CHECK_NEAR(sqrt(half2), 0.9, 0.1);
    CHECK(sqrt(common2) < 1e-3);
}

TEST(the_temporal_peaks_are_calm)
{
    REQUIRE(setup());
    static Vec3 plain[DESIGN_CURVE_POINTS];
    static double offset[DESIGN_CURVE_POINTS];
    DesignHairline line = round_line();
    line.micro_mm = 3.0;
    line.micro_correlation_mm = 4.0;
    double near2 = 0.0, far2 = 0.0;
    for (int seed = 0; seed < SEEDS / 4; seed++) {
        int count;
        line.seed = (uint64_t)seed;
        REQUIRE(offsets(&line, &count, plain, offset));
        for (int i = 0; i < count; i++) {
            double from =
                fmin(vec_distance(plain[i], plain[0]), vec_distance(plain[i], plain[count - 1]));
            near2 += from < 2.0 ? offset[i] * offset[i] : 0.0;
            far2 += from > 12.0 && from < 14.0 ? offset[i] * offset[i] : 0.0;
        }
    }
    CHECK(near2 < 0.01 * far2);
}

/* ---- measures ---- */

TEST(measures_of_a_round_head_are_the_closed_forms)
{
    REQUIRE(setup());
    Head head = round_head;
    const double brow = 0.3, middle = 1.1, latitude = 0.6, temple = 1.3;
    head.landmark_mm[HEAD_GLABELLA] = round_point(0.0, brow);
    head.landmark_mm[HEAD_CANTHUS_LEFT] = round_point(0.5, 0.1);
    head.landmark_mm[HEAD_CANTHUS_RIGHT] = round_point(-0.5, 0.1);
    DesignHairline line = {.control_count = 5, .temple = {1, 3}};
    line.control[0] = design_place_of(&head, round_point(0.75, 0.9));
    line.control[1] = design_place_of(&head, round_point(latitude, temple));
    line.control[2] = design_place_of(&head, round_point(0.0, middle));
    line.control[3] = design_place_of(&head, round_point(-latitude, temple));
    line.control[4] = design_place_of(&head, round_point(-0.75, 0.9));
    HairlineMeasures m;
    REQUIRE(measure(&head, &line, &m));
    CHECK_NEAR(m.height_mm, sphere_mm * (middle - brow), 0.05);
    CHECK(!m.canthus_assumed);
    for (int side = 0; side < DESIGN_SIDES; side++) {
        CHECK_NEAR(m.temple_tape_mm[side], sphere_mm * latitude, 0.1);
        CHECK_NEAR(m.recess_mm[side], sphere_mm * cos(latitude) * (temple - middle), 0.05);
        CHECK_NEAR(m.temple_off_mm[side], sphere_mm * (sin(latitude) - sin(0.5)), 0.05);
    }
    CHECK(m.uneven_mm < 0.01 && m.mirror_mm < 0.01 && m.waver_mm == 0.0);
    line.control[1] = design_place_of(&head, round_point(latitude + 0.03, temple));
    REQUIRE(measure(&head, &line, &m));
    CHECK_NEAR(m.uneven_mm, 3.0, 0.05);
    CHECK_NEAR(m.temple_off_mm[0], sphere_mm * (sin(latitude + 0.03) - sin(0.5)), 0.05);
    CHECK(m.mirror_mm > 0.5);
}

TEST(a_corner_of_known_angle_is_measured_as_such)
{
    REQUIRE(setup());
    for (int k = 0; k < 3; k++) { /* two great arcs that meet 40 mm beside the midline */
        const double wanted_rad[3] = {pi, 2.2, 1.6};
        DesignHairline line = {.control_count = 13, .temple = {6, 6}};
        Vec3 c = round_head.centre_mm, at = vec_sub(round_point(0.4, 1.2), c);
        Vec3 up = vec_normalize(at);
        Vec3 east = vec_normalize(vec_cross(vec3(0.0, 1.0, 0.0), up));
        Vec3 north = vec_cross(up, east);
        for (int i = 0; i < 13; i++) {
            double turn = i <= 6 ? 0.0 : pi + wanted_rad[k];
            double way = i <= 6 ? (6 - i) * 0.06 : (i - 6) * 0.06;
            turn = i <= 6 ? 0.0 : wanted_rad[k];
            Vec3 to = vec_add(vec_scale(east, cos(turn)), vec_scale(north, sin(turn)));
            Vec3 p = vec_add(vec_scale(up, cos(way)), vec_scale(to, sin(way)));
            line.control[i] = design_place_of(&round_head, vec_madd(c, sphere_mm, p));
        }
        HairlineMeasures m;
        REQUIRE(measure(&round_head, &line, &m));
        CHECK_NEAR(m.temple_angle_rad[0], wanted_rad[k], 0.05);
    }
}

TEST(an_even_line_on_an_even_head_measures_even_and_the_waver_is_the_one_asked_for)
{
    REQUIRE(setup());
    DesignRequest *r = request_of(DESIGN_HEIGHT, DESIGN_M, DESIGN_MALE);
    DesignHairline line;
    HairlineMeasures m;
    REQUIRE(construct(&mean_head, r, &line) && measure(&mean_head, &line, &m));
    CHECK(m.uneven_mm < 0.05 && m.mirror_mm < 0.05 && m.waver_mm < 1e-6);
    double sum = 0.0, last = 0.0;
    for (int seed = 0; seed < 30; seed++) {
        line.micro_mm = 1.5;
        line.micro_correlation_mm = 4.0;
        line.seed = (uint64_t)seed;
        REQUIRE(measure(&mean_head, &line, &m));
        sum += m.waver_mm * m.waver_mm / 30.0;
        last = m.mirror_mm;
    }
    CHECK(sqrt(sum) > 0.82 * 1.5 && sqrt(sum) < 1.5); /* less its own mean over 40 mm */
    CHECK(last > 0.4);
    line.drawn = false; /* then nothing wavers */
    REQUIRE(measure(&mean_head, &line, &m));
    CHECK(m.waver_mm == 0.0 && m.mirror_mm < 0.05);
}

TEST(mirroring_makes_both_sides_the_kept_one)
{
    REQUIRE(setup());
    for (int keep = 0; keep < DESIGN_SIDES; keep++) {
        static Design design;
        HairlineMeasures before, after;
        REQUIRE(irregular(DESIGN_M, &design.hairline));
        DesignHairline *h = &design.hairline;
        h->micro_mm = h->macro_mm = h->asymmetry_mm = 0.0;
        h->control[1].u += 0.05;
        h->control[h->temple[0]].v -= 0.06;
        h->control[h->control_count / 2].u = 0.02;
        REQUIRE(measure(&mean_head, h, &before));
        hairline_mirror(&design, keep, 0.4);
        CHECK(h->asymmetry_mm == 0.4);
        h->asymmetry_mm = 0.0;
        REQUIRE(measure(&mean_head, h, &after));
        CHECK(before.uneven_mm > 3.0 && after.uneven_mm < 0.01);
        CHECK(before.mirror_mm > 1.0 && after.mirror_mm < 0.05);
        CHECK_NEAR(vec_distance(before.temple_mm[keep], after.temple_mm[keep]), 0.0, 1e-9);
        CHECK(h->temple[0] + h->temple[1] == h->control_count - 1);
    }
}

TEST(raising_moves_the_line_by_so_much_and_lowering_brings_it_back)
{
    REQUIRE(setup());
    const Head *heads[2] = {&mean_head, &crooked_head};
    const double by_mm[4] = {3.0, 12.0, -9.0, 25.0};
    for (int h = 0; h < 2; h++)
        for (int form = 0; form < DESIGN_FORMS; form++)
            for (int k = 0; k < 4; k++) {
                static Design design;
                HairlineMeasures before, after;
                Err err;
                DesignRequest *r = request_of(DESIGN_HEIGHT, (DesignForm)form, DESIGN_MALE);
                REQUIRE(construct(heads[h], r, &design.hairline));
                DesignHairline was = design.hairline;
                REQUIRE(measure(heads[h], &was, &before));
                REQUIRE(hairline_raise(heads[h], &design, by_mm[k], &err));
                REQUIRE(measure(heads[h], &design.hairline, &after));
                CHECK_NEAR(after.height_mm, before.height_mm + by_mm[k], 0.2);
                double moved = vec_distance(place_on(heads[h], was.control[0]),
                                            place_on(heads[h], design.hairline.control[0]));
                CHECK_NEAR(moved / fabs(by_mm[k]), 0.86, 0.1); /* the temple, with its corner */
                for (int side = 0; side < DESIGN_SIDES; side++) {
                    CHECK_NEAR(after.temple_off_mm[side], before.temple_off_mm[side], 0.05);
                    CHECK_NEAR(after.recess_mm[side], before.recess_mm[side], 0.05);
                    CHECK_NEAR(after.temple_angle_rad[side], before.temple_angle_rad[side], 0.2);
                }
                REQUIRE(hairline_raise(heads[h], &design, -by_mm[k], &err));
                for (int i = 0; i < was.control_count; i++)
                    CHECK(vec_distance(place_on(heads[h], was.control[i]),
                                       place_on(heads[h], design.hairline.control[i])) < 0.1);
            }
}

TEST(a_line_raised_off_the_head_is_refused_and_left_alone)
{
    REQUIRE(setup());
    static Design design;
    Err err;
    REQUIRE(irregular(DESIGN_LINEAR, &design.hairline));
    DesignHairline was = design.hairline;
    CHECK(!hairline_raise(&mean_head, &design, -120.0, &err) && err.code == ERR_INPUT);
    CHECK(memcmp(&was, &design.hairline, sizeof was) == 0);
}

/* ---- sideburns ---- */

TEST(sideburns_go_on_from_the_peaks_to_the_ears_in_their_style)
{
    REQUIRE(setup());
    static Vec3 point[DESIGN_CURVE_POINTS], all[3][DESIGN_LONG_CURVE];
    int n, count[3];
    Err err;
    DesignHairline line;
    REQUIRE(irregular(DESIGN_M, &line) && curve(&mean_head, &line, true, &n, point));
    for (int style = 0; style < 3; style++) {
        line.sideburn = (DesignSideburn)style;
        REQUIRE(
            hairline_with_sideburns(&mean_head, &line, n, point, &count[style], all[style], &err));
        CHECK(count[style] == n + 2 * DESIGN_SIDEBURN_POINTS);
        CHECK(memcmp(all[style] + DESIGN_SIDEBURN_POINTS, point, (size_t)n * sizeof *point) == 0);
        for (int i = 1; i < count[style]; i++)
            CHECK(vec_distance(all[style][i - 1], all[style][i]) < 6.0);
        Vec3 foot = all[style][0], other = all[style][count[style] - 1];
        CHECK(foot.x > 0.0 && other.x < 0.0);
        CHECK_NEAR(vec_distance(foot, vec3(-other.x, other.y, other.z)), 0.0, 0.1);
        const double front_mm[3] = {14.0, 5.0, 22.0}; /* of the tragion */
        CHECK_NEAR(foot.z, front_mm[style], 0.1);
        CHECK_NEAR(foot.y, 4.0, 0.1);
    }
    /* square: straight back from the peak, then straight down */
    Vec3 peak = point[0];
    for (int i = 0; i < DESIGN_SIDEBURN_POINTS; i++) {
        Vec3 p = all[DESIGN_SQUARE][i];
        CHECK(fabs(p.y - peak.y) < 2.0 || fabs(p.z - 22.0) < 0.1);
    }
    /* kept: behind the straight way of the old line, the temple's bare recess */
    double deepest = 0.0;
    for (int i = 0; i < DESIGN_SIDEBURN_POINTS; i++) {
        Vec3 p = all[DESIGN_KEPT][i], foot = all[DESIGN_KEPT][0];
        double t = (p.y - foot.y) / (peak.y - foot.y);
        deepest = fmax(deepest, foot.z + t * (peak.z - foot.z) - p.z);
    }
    CHECK(deepest > 6.0 && deepest < 18.0);
}

/* ---- the canthi ---- */

TEST(canthi_that_nobody_clicked_have_their_average_place_and_grow_with_the_head)
{
    REQUIRE(setup());
    Vec3 canthus[DESIGN_SIDES], small[DESIGN_SIDES];
    CHECK(hairline_canthi(&mean_head, canthus));
    CHECK_NEAR(canthus[0].x, 45.6, 0.05);
    CHECK_NEAR(canthus[1].x, -45.6, 0.05);
    CHECK_NEAR(canthus[0].y, mean_head.landmark_mm[HEAD_GLABELLA].y - 20.0, 0.05);
    CHECK_NEAR(vec_distance(canthus[0], vec3(-canthus[1].x, canthus[1].y, canthus[1].z)), 0, 1e-9);
    VaultShape shape = vault_mean();
    shape.length_scale = shape.breadth_scale = shape.height_scale = 0.963; /* a mean woman */
    Head head;
    double *radius_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    REQUIRE(radius_mm != NULL);
    vault_radii_mm(&shape, &topology, radius_mm);
    REQUIRE(make_head(radius_mm, &shape, &head));
    CHECK(hairline_canthi(&head, small));
    CHECK_NEAR(2.0 * small[0].x, 87.8, 0.3); /* Farkas' women */
}

TEST(a_clicked_canthus_counts_and_stands_for_the_other)
{
    REQUIRE(setup());
    Head head = mean_head;
    Vec3 canthus[DESIGN_SIDES], left = vec3(44.0, 14.0, 80.0), right = vec3(-47.0, 13.0, 81.0);
    head.landmark_mm[HEAD_CANTHUS_LEFT] = left;
    CHECK(hairline_canthi(&head, canthus)); /* one of them is a guess */
    CHECK(vec_distance(canthus[0], left) == 0.0);
    CHECK(vec_distance(canthus[1], vec3(-44.0, 14.0, 80.0)) == 0.0);
    head.landmark_mm[HEAD_CANTHUS_RIGHT] = right;
    CHECK(!hairline_canthi(&head, canthus));
    CHECK(vec_distance(canthus[1], right) == 0.0);
    head.landmark_mm[HEAD_CANTHUS_LEFT] = vec3(0.0, 0.0, 0.0);
    CHECK(hairline_canthi(&head, canthus));
    CHECK(vec_distance(canthus[0], vec3(47.0, 13.0, 81.0)) == 0.0);
}
