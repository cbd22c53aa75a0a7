#include "audit/audit_internal.h"

#include "base/rng.h"
#include "base/test.h"
#include "casefile/casefile.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* --- a sound case: a ball for a head, 9,000 dots by the planner itself, as its files hold them ---
 */

enum { SESSIONS = 3 };

typedef struct Fixture {
    Arena arena, scratch;
    CaseRead read; /* as planned; tests work on a copy */
    CaseDot *dot;  /* the planned rows */
    DotsEdge edge[1];
} Fixture;

static Fixture fixture;

static const double spacing_mm = 0.5625;
static const Vec3 keep_out_mm[] = {{10, 0, -8}, {10, 0, 8}, {-10, 0, 8}, {-10, 0, -8}};

static double wanted_at(Vec3 direction)
{
    double edge = (direction.y - 0.86) / 0.06; /* a cap, feathered over about 10 mm */
    double t = edge < 0.0 ? 0.0 : edge > 1.0 ? 1.0 : edge;
    return (1.1 + 0.4 * direction.z) * t * t * (3.0 - 2.0 * t);
}

static bool make_head(CaseRead *read, Err *err)
{
    if (!head_topology_new(&fixture.arena, HEAD_LEVEL, &read->topology, err))
        return false;
    double *radius_mm = ARENA_NEW(&fixture.arena, double, (size_t)read->topology.vertex_count);
    for (int v = 0; v < read->topology.vertex_count; v++)
        radius_mm[v] = 95.0;
    return head_new(&fixture.arena, &read->topology, radius_mm, &read->head, err);
}

static void make_field(CaseRead *read)
{
    size_t count = (size_t)read->topology.vertex_count;
    read->field = (CaseField){.vertex_count = read->topology.vertex_count,
                              .zone = ARENA_NEW(&fixture.arena, uint8_t, count),
                              .wanted_per_mm2 = ARENA_NEW(&fixture.arena, double, count),
                              .hair_per_mm2 = ARENA_NEW(&fixture.arena, double, count),
                              .beside_per_mm2 = ARENA_NEW(&fixture.arena, double, count)};
    for (size_t v = 0; v < count; v++) {
        Vec3 d = read->topology.direction[v];
        read->field.wanted_per_mm2[v] = wanted_at(d);
        read->field.hair_per_mm2[v] = 0.2;
        if (read->field.wanted_per_mm2[v] > 0.0)
            read->field.zone[v] = d.z > 0.0 ? DESIGN_FRONTAL : DESIGN_CROWN;
    }
}

/* Clockwise seen from above (x to the right, z down), on the ball. */
static void make_keep_out(CaseRead *read)
{
    Vec3 *line = ARENA_NEW(&fixture.arena, Vec3, 4);
    for (int i = 0; i < 4; i++) {
        Vec3 p = keep_out_mm[i];
        p.y = sqrt(95.0 * 95.0 - p.x * p.x - p.z * p.z);
        line[i] = vec_add(p, read->head.centre_mm);
    }
    fixture.edge[0] = (DotsEdge){.point_count = 4, .point_mm = line, .closed = true};
}

static void make_record(CaseRead *read, const Dots *dots, const DotsParams *params)
{
    CaseRecord *record = &read->record;
    snprintf(record->code, sizeof record->code, "C-0001");
    record->healed_diameter_mm = 0.3;
    record->growth_years = 5.0;
    record->ageing = skin_ageing_default();
    record->session_count = SESSIONS;
    memcpy(record->share, params->share, sizeof record->share);
    memcpy(record->spacing_mm, params->spacing_mm, sizeof record->spacing_mm);
    memcpy(record->wanted, dots->wanted, sizeof record->wanted);
    memcpy(record->placed, dots->in_zone, sizeof record->placed);
    record->count = dots->count;
    record->dropped = dots->dropped;
    record->short_of = dots->short_of;
}

/* Through the table, so that numbers are rounded as in a case. */
static bool make_rows(CaseRead *read, const Dots *dots, Err *err)
{
    CaseDots rows = {.count = dots->count,
                     .dot = ARENA_NEW(&fixture.arena, CaseDot, (size_t)dots->count),
                     .pigment_count = 1,
                     .pigment = {"carbon"}};
    for (int i = 0; i < dots->count; i++) {
        const Dot *dot = &dots->dot[i];
        rows.dot[i] = (CaseDot){.site = dot->site,
                                .rank = dot->rank,
                                .session = dot->session,
                                .zone = (DesignZone)dot->zone,
                                .position_mm = dot->position_mm,
                                .normal = dot->normal,
                                .diameter_mm = 0.3,
                                .depth_mm = 0.3,
                                .dilution = 20.0,
                                .target_per_mm2 = dot->target_per_mm2,
                                .beside_per_mm2 = dot->beside_per_mm2,
                                .unit = dot->unit};
    }
    size_t size;
    char *text;
    if (!casefile_dots_to_csv(&fixture.scratch, &rows, &size, &text, err) ||
        !casefile_dots_from_csv(&fixture.arena, size, text, &read->dots, err))
        return false;
    fixture.dot = ARENA_NEW(&fixture.arena, CaseDot, (size_t)dots->count);
    memcpy(fixture.dot, read->dots.dot, (size_t)dots->count * sizeof(CaseDot));
    return true;
}

static bool make_plan(CaseRead *read, const DotsParams *params, int fixed_count,
                      const DotsFixed fixed[], Err *err)
{
    DotsSurface surface = dots_surface(&read->head);
    DotsSequenceParams wide = {.highest_per_mm2 = 1.6,
                               .fixed_count = fixed_count,
                               .fixed = fixed,
                               .seed = 1,
                               .threads = 2};
    DotsWanted wanted = {.per_mm2 = read->field.wanted_per_mm2,
                         .zone = read->field.zone,
                         .edge_count = read->record.edge_count,
                         .edge = read->record.edge};
    DotsSequence sequence;
    Dots dots;
    if (!dots_sequence(&fixture.arena, &fixture.scratch, &surface, &wide, NULL, &sequence, err) ||
        !dots_plan(&fixture.arena, &fixture.scratch, &surface, &sequence, &wanted, params, NULL,
                   &dots, err))
        return false;
    if (sequence.fixed_per_mm2 != NULL)
        memcpy(read->field.beside_per_mm2, sequence.fixed_per_mm2,
               (size_t)read->topology.vertex_count * sizeof(double));
    make_record(read, &dots, params);
    return make_rows(read, &dots, err);
}

static DotsParams even_params(void)
{
    DotsParams params = {
        .session_count = SESSIONS, .share = {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0}, .seed = 1};
    for (int z = 0; z < DOTS_ZONES; z++)
        params.spacing_mm[z] = spacing_mm;
    return params;
}

static bool open_arenas(Err *err)
{
    return fixture.arena.base != NULL || (arena_open(&fixture.arena, (size_t)1 << 30, err) &&
                                          arena_open(&fixture.scratch, (size_t)1 << 30, err));
}

/* The sound case, made once; its rows as they were planned. */
static bool begin(void)
{
    Err err = {0};
    bool ok = open_arenas(&err);
    if (ok && fixture.dot == NULL) {
        DotsParams params = even_params();
        ok = make_head(&fixture.read, &err);
        if (ok) {
            make_field(&fixture.read);
            make_keep_out(&fixture.read);
        }
        ok = ok && make_plan(&fixture.read, &params, 0, NULL, &err);
    }
    if (ok)
        memcpy(fixture.read.dots.dot, fixture.dot,
               (size_t)fixture.read.record.count * sizeof(CaseDot));
    fixture.read.dots.count = fixture.read.record.count;
    if (!ok)
        printf("# cannot build the case: %s\n", err.text);
    return ok;
}

static Audit audit;

static bool look(const CaseRead *read)
{
    Err err = {0};
    bool ok = audit_case(&fixture.arena, &fixture.scratch, read, NULL, &audit, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

/* What needs no pattern, which takes most of the time. */
static bool glance(const CaseRead *read, bool gaps)
{
    Err err = {0};
    AuditJob job;
    bool ok = audit_open(&job, &fixture.arena, &fixture.scratch, read, &audit, &err) &&
              audit_rows(&job, &err);
    if (ok) {
        audit_counts(&job);
        audit_places(&job);
        audit_room(&job);
    }
    ok = ok && audit_distances(&job, SESSIONS, &err) && (!gaps || audit_gaps(&job, SESSIONS, &err));
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

static void tell(void)
{
    for (int i = 0; i < audit.finding_count; i++)
        printf("# %s %s: %s\n", audit.finding[i].defect ? "defect" : "remark",
               audit_kind_name(audit.finding[i].kind), audit.finding[i].text);
}

static const AuditFinding *found(AuditKind kind)
{
    for (int i = 0; i < audit.finding_count; i++)
        if (audit.finding[i].kind == kind)
            return &audit.finding[i];
    tell();
    return NULL;
}

static bool missing(AuditKind kind)
{
    for (int i = 0; i < audit.finding_count; i++)
        if (audit.finding[i].kind == kind)
            return false;
    return true;
}

/* The row nearest to a place over the crown. */
static int row_near(const CaseRead *read, Vec3 direction)
{
    int best = 0;
    for (int i = 0; i < read->dots.count; i++)
        if (vec_dot(vec_sub(read->dots.dot[i].position_mm, read->head.centre_mm), direction) >
            vec_dot(vec_sub(read->dots.dot[best].position_mm, read->head.centre_mm), direction))
            best = i;
    return best;
}

TEST(a_sound_case_has_no_defect)
{
    REQUIRE(begin() && look(&fixture.read));
    CHECK(audit.defect_count == 0 && audit.finding_count == 0);
    tell();
    CHECK(audit.part_count == SESSIONS * 3);
    for (int p = 0; p < audit.part_count; p++) {
        const AuditPart *part = &audit.part[p];
        CHECK(part->found == part->placed && part->pattern.inner > 300);
        CHECK_NEAR(part->wanted, part->expected, 1.5);
        CHECK(part->nearest_mm >= spacing_mm - 0.002 && part->gap > 0.6 && part->gap < 0.98);
    }
    Err err = {0};
    size_t size;
    char *text;
    if (getenv("AUDIT_TEST_PRINT") != NULL &&
        audit_to_text(&fixture.arena, &fixture.read, &audit, &size, &text, &err))
        printf("%s", text);
}

/* --- damage, each found with the right words --- */

static const Vec3 at_crown = {0.02, 0.96, -0.27}, at_front = {0.28, 0.94, 0.17};

/* Moves a dot over the surface to where it stands off by (x, z) mm from another. */
static void move_beside(const CaseRead *read, int row, int other, double x_mm, double z_mm)
{
    CaseDot *dot = &read->dots.dot[row];
    Vec3 p = vec_add(read->dots.dot[other].position_mm, vec3(x_mm, 0.0, z_mm));
    HeadPoint point = head_nearest(&read->head, p);
    dot->position_mm = head_position_mm(&read->head, point);
    dot->normal = head_normal(&read->head, point);
}

static int neighbour_of(const CaseRead *read, int row)
{
    int best = -1;
    double least = HUGE_VAL;
    for (int i = 0; i < read->dots.count; i++) {
        double far = vec_distance(read->dots.dot[i].position_mm, read->dots.dot[row].position_mm);
        if (i != row && read->dots.dot[i].zone == read->dots.dot[row].zone && far < least) {
            least = far;
            best = i;
        }
    }
    return best;
}

TEST(two_dots_on_one_spot_are_found_with_their_place)
{
    REQUIRE(begin());
    int row = row_near(&fixture.read, at_crown), other = neighbour_of(&fixture.read, row);
    move_beside(&fixture.read, other, row, 0.0, 0.0);
    REQUIRE(glance(&fixture.read, false));
    const AuditFinding *finding = found(AUDIT_CLOSE);
    REQUIRE(finding != NULL);
    CHECK(finding->defect && finding->zone == DESIGN_CROWN && finding->count == 1);
    CHECK(strstr(finding->text, "at the crown") != NULL);
    CHECK(strstr(finding->text, "stand on each other") != NULL);
    int a = fixture.read.dots.dot[row].site, b = fixture.read.dots.dot[other].site;
    CHECK((finding->dot[0] == a && finding->dot[1] == b) ||
          (finding->dot[0] == b && finding->dot[1] == a));
}

TEST(dots_that_would_touch_when_grown_are_one_dark_spot)
{
    REQUIRE(begin());
    int row = row_near(&fixture.read, at_front), other = neighbour_of(&fixture.read, row);
    move_beside(&fixture.read, other, row, 0.3, 0.0);
    REQUIRE(glance(&fixture.read, false));
    const AuditFinding *finding = found(AUDIT_CLOSE);
    REQUIRE(finding != NULL);
    CHECK_NEAR(finding->value, 0.3, 0.02);
    CHECK_NEAR(finding->limit, spacing_mm, 1e-9);
    CHECK(strstr(finding->text, "one dark spot") != NULL);
    CHECK(strstr(finding->text, "behind the hairline, on the left") != NULL);
}

TEST(dots_off_the_head_are_found)
{
    REQUIRE(begin());
    CaseDot *dot = &fixture.read.dots.dot[row_near(&fixture.read, at_crown)];
    dot->position_mm.y += 3.0;
    REQUIRE(glance(&fixture.read, false));
    const AuditFinding *finding = found(AUDIT_OFF_SKIN);
    REQUIRE(finding != NULL);
    CHECK(finding->dot[0] == dot->site && finding->value > 2.0 && finding->value < 3.01);
    CHECK(strstr(finding->text, "off the skin") != NULL);
    dot->position_mm = vec3(0.0, -200.0, 10.0);
    REQUIRE(glance(&fixture.read, false));
    CHECK(found(AUDIT_OFF_SKIN) != NULL && strstr(found(AUDIT_OFF_SKIN)->text, "below") != NULL);
}

TEST(a_dot_where_none_is_wanted_is_found)
{
    REQUIRE(begin());
    int row = row_near(&fixture.read, at_front);
    move_beside(&fixture.read, row, row, 0.0, 60.0);
    REQUIRE(glance(&fixture.read, false));
    const AuditFinding *finding = found(AUDIT_UNWANTED);
    REQUIRE(finding != NULL);
    CHECK(finding->dot[0] == fixture.read.dots.dot[row].site);
    CHECK(strstr(finding->text, "the design wants none") != NULL);
}

TEST(dots_in_a_keep_out_are_found_with_the_deepest)
{
    REQUIRE(begin());
    fixture.read.record.edge = fixture.edge; /* that the plan knew nothing of */
    fixture.read.record.edge_count = 1;
    bool ok = glance(&fixture.read, false);
    fixture.read.record.edge_count = 0;
    REQUIRE(ok);
    const AuditFinding *finding = found(AUDIT_KEEP_OUT);
    REQUIRE(finding != NULL);
    int inside = 0;
    for (int i = 0; i < fixture.read.dots.count; i++) {
        Vec3 p = vec_sub(fixture.read.dots.dot[i].position_mm, fixture.read.head.centre_mm);
        inside += fabs(p.x) < 10.0 && fabs(p.z) < 8.0; /* lines that bulge by 0.05 mm */
    }
    const AuditFinding *more = finding + 1;
    CHECK(more->kind == AUDIT_KEEP_OUT && abs(finding->count + more->count - inside) < 12);
    CHECK_NEAR(fmax(finding->value, more->value), 8.0, 0.6); /* the middle of 16 mm */
}

TEST(a_row_taken_out_is_missing_in_its_session_and_zone)
{
    REQUIRE(begin());
    int row = row_near(&fixture.read, at_crown), session = fixture.read.dots.dot[row].session;
    CaseDots *dots = &fixture.read.dots;
    memmove(&dots->dot[row], &dots->dot[row + 1],
            (size_t)(dots->count - row - 1) * sizeof dots->dot[0]);
    dots->count--;
    REQUIRE(glance(&fixture.read, false));
    const AuditFinding *finding = found(AUDIT_COUNTS);
    REQUIRE(finding != NULL);
    CHECK(finding->session == session + 1 && finding->zone == DESIGN_CROWN && finding->count == 1);
    CHECK(strstr(finding->text, "missing") != NULL);
}

TEST(a_row_copied_is_found_twice_and_one_too_many)
{
    REQUIRE(begin());
    int row = row_near(&fixture.read, at_crown);
    CaseDots *dots = &fixture.read.dots;
    dots->dot[row + 1].site = dots->dot[row].site;
    REQUIRE(glance(&fixture.read, false));
    const AuditFinding *finding = found(AUDIT_ROWS);
    REQUIRE(finding != NULL);
    CHECK(finding->dot[0] == dots->dot[row].site && strstr(finding->text, "twice") != NULL);
}

TEST(rows_out_of_order_and_wrong_normals_are_found)
{
    REQUIRE(begin());
    CaseDot *dot = fixture.read.dots.dot, keep = dot[5];
    int last = fixture.read.dots.count - 1;
    dot[5] = dot[last];
    dot[last] = keep;
    REQUIRE(glance(&fixture.read, false));
    REQUIRE(found(AUDIT_ROWS) != NULL);
    CHECK(strstr(found(AUDIT_ROWS)->text, "order of work") != NULL);
    REQUIRE(begin());
    dot[9].normal = vec3(1.0, 0.0, 0.0);
    REQUIRE(glance(&fixture.read, false));
    REQUIRE(found(AUDIT_ROWS) != NULL);
    CHECK(strstr(found(AUDIT_ROWS)->text, "normals of 1 dots") != NULL);
}

/* Takes the dots of the first `sessions` within reach of a place out of the rows. */
static int clear_around(Vec3 direction, double reach_mm)
{
    CaseDots *dots = &fixture.read.dots;
    Vec3 at = vec_madd(fixture.read.head.centre_mm, 95.0, vec_normalize(direction));
    int kept = 0, count = dots->count;
    for (int i = 0; i < count; i++)
        if (vec_distance(dots->dot[i].position_mm, at) > reach_mm)
            dots->dot[kept++] = dots->dot[i];
    dots->count = kept;
    return count - kept;
}

TEST(a_gap_is_found_with_its_width_and_place)
{
    REQUIRE(begin());
    CHECK(clear_around(at_crown, 1.6) > 3);
    REQUIRE(glance(&fixture.read, true));
    const AuditFinding *finding = found(AUDIT_GAP);
    REQUIRE(finding != NULL);
    Vec3 at = vec_madd(fixture.read.head.centre_mm, 95.0, vec_normalize(at_crown));
    CHECK(vec_distance(finding->place_mm, at) < 1.2);
    CHECK(strstr(finding->text, "at the crown") != NULL);
    const AuditPart *last = &audit.part[audit.part_count - 1];
    CHECK(last->zone == DESIGN_CROWN && last->gap_mm >= 3.2 && last->gap_mm < 5.5);
}

/* The gap is the widest empty disc: compare with a fine raster over a small place. */
TEST(the_gap_is_that_of_a_fine_raster)
{
    REQUIRE(begin());
    clear_around(at_front, 2.5);
    REQUIRE(glance(&fixture.read, true));
    Vec3 u = {1, 0, 0}, v = {0, 0, 1};
    Vec3 at = vec_madd(fixture.read.head.centre_mm, 95.0, vec_normalize(at_front));
    double widest = 0.0;
    for (int i = -60; i <= 60; i++)
        for (int k = -60; k <= 60; k++) {
            Vec3 p = vec_madd(vec_madd(at, 0.05 * i, u), 0.05 * k, v);
            HeadPoint point = head_nearest(&fixture.read.head, p);
            p = head_position_mm(&fixture.read.head, point);
            double nearest = HUGE_VAL;
            for (int d = 0; d < fixture.read.dots.count; d++)
                nearest = fmin(nearest, vec_distance(p, fixture.read.dots.dot[d].position_mm));
            widest = fmax(widest, nearest);
        }
    const AuditPart *last = &audit.part[audit.part_count - 3];
    REQUIRE(last->session == SESSIONS && last->zone == DESIGN_NONE);
    CHECK_NEAR(last->gap_mm, 2.0 * widest, 0.12); /* the raster, and the density that scales it */
}

/* Random places by the density: the rows keep their counts. */
TEST(a_random_spread_is_clumped_and_blotchy)
{
    REQUIRE(begin());
    Rng rng = rng_make(7, 0);
    AuditField field;
    Err err;
    REQUIRE(audit_field_new(&fixture.arena, &fixture.read, &field, &err));
    for (int i = 0; i < fixture.read.dots.count; i++) {
        CaseDot *dot = &fixture.read.dots.dot[i];
        for (bool taken = false; !taken;) {
            double y = 0.85 + 0.15 * rng_f64(&rng), angle = 6.283185307179586 * rng_f64(&rng);
            double flat = sqrt(1.0 - y * y);
            Vec3 d = vec3(flat * cos(angle), y, flat * sin(angle));
            HeadPoint point = head_locate(&fixture.read.head, d);
            double density = audit_field_at(&field, point);
            if (!(1.6 * rng_f64(&rng) < density) || audit_zone_at(&field, point) != (int)dot->zone)
                continue;
            taken = true;
            dot->position_mm = head_position_mm(&fixture.read.head, point);
            dot->normal = head_normal(&fixture.read.head, point);
            dot->target_per_mm2 = density;
        }
    }
    REQUIRE(look(&fixture.read));
    REQUIRE(found(AUDIT_CLUMPED) != NULL && found(AUDIT_BLOTCHY) != NULL);
    CHECK(strstr(found(AUDIT_CLUMPED)->text, "mean distance") != NULL);
    CHECK(strstr(found(AUDIT_BLOTCHY)->text, "places of 200 dots") != NULL);
    CHECK(found(AUDIT_CLOSE) != NULL && found(AUDIT_GAP) != NULL);
    CHECK(missing(AUDIT_COUNTS) && missing(AUDIT_UNWANTED));
}

/* A hexagonal lattice in the chart, at the density of each place's ring, is rows to an expert. */
TEST(a_lattice_is_too_even)
{
    REQUIRE(begin());
    CaseDots *dots = &fixture.read.dots;
    const double pitch = 0.0095; /* in the chart, about 1 mm on the ball */
    int i = 0;
    AuditField field;
    Err err;
    REQUIRE(audit_field_new(&fixture.arena, &fixture.read, &field, &err));
    for (int row = -60; row <= 60; row++)
        for (int column = -60; column <= 60; column++) {
            double uv[2] = {pitch * 0.5 * (column + 0.5 * (row & 1)),
                            pitch * 0.5 * 0.8660254037844386 * row};
            HeadPoint point = head_locate(&fixture.read.head, head_chart_direction(uv));
            double density = audit_field_at(&field, point);
            if (!(density > 0.7) || i == dots->count)
                continue;
            CaseDot *dot = &dots->dot[i++];
            dot->position_mm = head_position_mm(&fixture.read.head, point);
            dot->normal = head_normal(&fixture.read.head, point);
            dot->zone = (DesignZone)audit_zone_at(&field, point);
        }
    REQUIRE(look(&fixture.read));
    const AuditFinding *finding = found(AUDIT_LATTICE);
    REQUIRE(finding != NULL);
    CHECK(finding->defect && strstr(finding->text, "lattice-like") != NULL);
    CHECK(finding->value > 0.5 && finding->limit < 0.06); /* by the share in sixfold order */
}

TEST(a_plan_too_dense_for_its_spacing_is_a_remark_with_the_year)
{
    REQUIRE(begin());
    double keep[DOTS_ZONES];
    memcpy(keep, fixture.read.record.spacing_mm, sizeof keep);
    fixture.read.record.spacing_mm[DESIGN_FRONTAL] = 0.75; /* most 1.19 per mm2, 1.3 is wanted */
    REQUIRE(glance(&fixture.read, false));
    const AuditFinding *finding = found(AUDIT_ROOM);
    REQUIRE(finding != NULL);
    CHECK(!finding->defect && finding->zone == DESIGN_FRONTAL);
    CHECK(strstr(finding->text, "in year") != NULL);
    CHECK(found(AUDIT_CLOSE) != NULL); /* the dots do not keep that spacing, either */
    memcpy(fixture.read.record.spacing_mm, keep, sizeof keep);
}

TEST(a_record_that_contradicts_itself_is_found)
{
    REQUIRE(begin());
    fixture.read.record.wanted[DESIGN_CROWN][1] += 40;
    REQUIRE(glance(&fixture.read, false));
    CHECK(found(AUDIT_COUNTS) != NULL);
    CHECK(strstr(audit.finding[0].text, "contradicts itself") != NULL);
    CHECK(audit.defect_count >= 2); /* and the density asks for fewer */
    fixture.read.record.wanted[DESIGN_CROWN][1] -= 40;
}

/* --- words --- */

TEST(places_are_named_as_a_practitioner_would)
{
    static const struct {
        int zone;
        Vec3 at;
        const char *words;
    } table[] = {
        {DESIGN_TEMPLE, {60, 60, 50}, "at the left temple"},
        {DESIGN_TEMPLE, {-60, 60, 50}, "at the right temple"},
        {DESIGN_HAIRLINE, {2, 90, 70}, "in the middle of the hairline"},
        {DESIGN_HAIRLINE, {-40, 90, 60}, "at the hairline, on the right"},
        {DESIGN_CROWN, {0, 90, -60}, "at the crown"},
        {DESIGN_CROWN, {30, 90, -60}, "at the crown, left of the middle"},
        {DESIGN_SCAR, {20, 40, -90}, "in the scar at the back of the head, left"},
        {DESIGN_PATCH, {-70, 50, 0}, "in the patch at the right side of the head"},
        {DESIGN_DIFFUSE, {0, 105, 0}, "at the top of the head"},
        {DESIGN_NONE, {0, 40, 90}, "at the front of the head"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char place[AUDIT_PLACE];
        audit_place(table[i].zone, table[i].at, place);
        bool same = strcmp(place, table[i].words) == 0;
        CHECK(same);
        if (!same)
            printf("# '%s' is not '%s'\n", place, table[i].words);
    }
}

TEST(every_kind_has_a_name_of_its_own)
{
    for (int a = 0; a < AUDIT_KINDS; a++)
        for (int b = 0; b < a; b++)
            CHECK(strcmp(audit_kind_name((AuditKind)a), audit_kind_name((AuditKind)b)) != 0);
}

/* --- helpers against naive ones --- */

TEST(the_nearest_point_is_that_of_a_plain_search)
{
    enum { POINTS = 400 };
    Err err;
    AuditGrid grid;
    static Vec3 at[POINTS];
    REQUIRE(begin());
    Rng rng = rng_make(3, 1);
    for (int i = 0; i < POINTS; i++)
        at[i] = vec3(20.0 * rng_f64(&rng), 9.0 * rng_f64(&rng), 3.0 * rng_f64(&rng));
    REQUIRE(audit_grid_new(&fixture.arena, POINTS, at, 1.3, &grid, &err));
    for (int k = 0; k < 500; k++) {
        Vec3 p = vec3(26.0 * rng_f64(&rng) - 3.0, 12.0 * rng_f64(&rng) - 2.0, 4.0 * rng_f64(&rng));
        double reach = 4.0 * rng_f64(&rng), got, want = reach;
        int except = k % 3 == 0 ? k % POINTS : -1, best = -1;
        for (int i = 0; i < POINTS; i++)
            if (i != except && vec_distance(at[i], p) < want) {
                want = vec_distance(at[i], p);
                best = i;
            }
        CHECK(audit_grid_nearest(&grid, p, reach, except, &got) == best);
        CHECK_NEAR(got, want, 1e-12);
    }
}

TEST(an_edge_keeps_its_left_side)
{
    REQUIRE(begin());
    const DotsEdge *hole = &fixture.edge[0];
    DotsEdge island = *hole, line = *hole;
    Vec3 turned[4], top = vec_madd(fixture.read.head.centre_mm, 95.0, vec3(0, 1, 0));
    for (int i = 0; i < 4; i++)
        turned[i] = hole->point_mm[3 - i];
    island.point_mm = turned;
    CHECK_NEAR(audit_edge_mm(&fixture.read, hole, top), -8.0, 0.15); /* 8 mm to either side */
    CHECK_NEAR(audit_edge_mm(&fixture.read, &island, top), 8.0, 0.15);
    Vec3 outside = vec_madd(fixture.read.head.centre_mm, 95.0, vec_normalize(vec3(0.3, 1, 0)));
    CHECK(audit_edge_mm(&fixture.read, hole, outside) > 10.0);
    CHECK(audit_edge_mm(&fixture.read, &island, outside) < -10.0);
    /* walking from the subject's right to the left, the front (+z) is on the right hand */
    Vec3 across[2] = {vec_add(top, vec3(-20, 0, 0)), vec_add(top, vec3(20, 0, 0))};
    line = (DotsEdge){.point_count = 2, .point_mm = across};
    CHECK(audit_edge_mm(&fixture.read, &line, vec_add(top, vec3(0, 0, 5))) < 0.0);
    CHECK(audit_edge_mm(&fixture.read, &line, vec_add(top, vec3(0, 0, -5))) > 0.0);
}

/* --- what is written --- */

TEST(the_document_of_an_audit_is_json_with_every_finding)
{
    Err err = {0};
    size_t size, index;
    char *text;
    json_t *entry;
    REQUIRE(begin());
    clear_around(at_crown, 1.6);
    REQUIRE(glance(&fixture.read, true));
    REQUIRE(audit_to_json(&fixture.arena, &fixture.read, &audit, &size, &text, &err));
    CHECK(casefile_check("audit", size, text, &err));
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    json_t *list = json_object_get(root, "findings");
    CHECK(json_array_size(list) == (size_t)audit.finding_count);
    CHECK(json_integer_value(json_object_get(root, "defects")) == audit.defect_count);
    json_array_foreach(list, index, entry)
        CHECK(strlen(json_string_value(json_object_get(entry, "text"))) > 20);
    json_decref(root);
    REQUIRE(audit_to_text(&fixture.arena, &fixture.read, &audit, &size, &text, &err));
    CHECK(size > 500 && strstr(text, "defect: ") != NULL);
}

/* --- what is fixed --- */

TEST(a_dot_beside_a_hair_or_an_earlier_dot_is_found)
{
    static DotsFixed fixed;
    static const DotsFixedKind kind[] = {DOTS_FOLLICLE, DOTS_GRAFT, DOTS_EARLIER};
    static const char *const words[] = {"from a hair", "from a graft", "from an earlier dot"};
    REQUIRE(begin());
    int row = row_near(&fixture.read, at_crown);
    fixture.read.fixed = &fixed;
    fixture.read.fixed_count = 1;
    for (int k = 0; k < 3; k++) {
        fixed = (DotsFixed){fixture.read.dots.dot[row].position_mm, kind[k]};
        fixed.position_mm.x += 0.2;
        bool ok = glance(&fixture.read, false);
        const AuditFinding *finding = ok ? found(AUDIT_HAIR) : NULL;
        CHECK(finding != NULL && strstr(finding->text, words[k]) != NULL);
        if (finding == NULL)
            continue;
        CHECK(finding->dot[0] == fixture.read.dots.dot[row].site);
        CHECK_NEAR(finding->value, 0.2, 0.01);
        /* 0.62 of the hexagonal spacing of the dots alone: nothing fixed is dense here */
        double density = fixture.read.dots.dot[row].target_per_mm2;
        if (kind[k] != DOTS_EARLIER)
            CHECK_NEAR(finding->limit, 0.62 * AUDIT_HEX / sqrt(density), 0.01);
        CHECK(missing(AUDIT_CLOSE) && missing(AUDIT_COUNTS));
    }
    fixture.read.fixed_count = 0;
}

TEST(units_per_dot_is_the_inverse_of_the_mean_size)
{
    CaseRecord record = {.unit_share = {0.0, 0.0, 0.0}};
    CHECK_NEAR(audit_units_per_dot(&record), 1.0, 1e-15);
    record.unit_share[1] = 1.0;
    CHECK_NEAR(audit_units_per_dot(&record), 0.5, 1e-15);
    record = (CaseRecord){.unit_share = {0.5, 0.25, 0.25}};
    CHECK_NEAR(audit_units_per_dot(&record), 1.0 / 1.75, 1e-15);
}

/* The integral of the field by triangles, against the closed form of a cap of one density. */
TEST(the_integral_of_a_field_is_density_times_area)
{
    AuditField field;
    Err err = {0};
    REQUIRE(begin());
    size_t count = (size_t)fixture.read.topology.vertex_count;
    double *keep = ARENA_NEW(&fixture.arena, double, count);
    memcpy(keep, fixture.read.field.wanted_per_mm2, count * sizeof(double));
    double area = 0.0;
    for (size_t v = 0; v < count; v++)
        if (keep[v] > 0.0) {
            fixture.read.field.wanted_per_mm2[v] = 1.25;
            area += fixture.read.head.area_mm2[v];
        }
    bool ok = audit_field_new(&fixture.arena, &fixture.read, &field, &err);
    memcpy(fixture.read.field.wanted_per_mm2, keep, count * sizeof(double));
    REQUIRE(ok);
    double sum = 0.0;
    for (int z = 0; z < DOTS_ZONES; z++)
        sum += field.integral[z];
    CHECK_NEAR(sum, 1.25 * area, 1e-6 * sum);
    /* a keep-out of 20 by 16 mm takes its area out */
    fixture.read.record.edge = fixture.edge;
    fixture.read.record.edge_count = 1;
    ok = audit_field_new(&fixture.arena, &fixture.read, &field, &err);
    fixture.read.record.edge_count = 0;
    REQUIRE(ok);
    double cut = -1.1 * 320.0, with = 0.0, without = 0.0;
    for (int z = 0; z < DOTS_ZONES; z++)
        with += field.integral[z];
    REQUIRE(audit_field_new(&fixture.arena, &fixture.read, &field, &err));
    for (int z = 0; z < DOTS_ZONES; z++)
        without += field.integral[z];
    CHECK_NEAR(with - without, cut, 6.0); /* the ball bulges by half a percent */
}

TEST(an_audit_fits_its_budget_or_says_so)
{
    Err err = {0};
    bool fits = false;
    REQUIRE(begin());
    for (size_t limit = 1 << 14; limit <= 1 << 28; limit *= 4) {
        Arena tight;
        AuditJob job;
        REQUIRE(arena_open(&tight, limit, &err));
        bool ok = audit_open(&job, &tight, &fixture.scratch, &fixture.read, &audit, &err);
        CHECK(ok || err.code == ERR_LIMIT);
        fits = fits || ok;
        arena_rewind(&tight, 0);
        ok = audit_open(&job, &fixture.arena, &tight, &fixture.read, &audit, &err) &&
             audit_rows(&job, &err) && audit_distances(&job, 1, &err) && audit_gaps(&job, 1, &err);
        CHECK(ok || err.code == ERR_LIMIT);
        arena_close(&tight);
    }
    CHECK(fits);
}

/* --- degenerate cases --- */

TEST(a_case_without_rows_and_one_on_a_single_spot_end_with_a_reason)
{
    Err err = {0};
    REQUIRE(begin());
    CaseDots *dots = &fixture.read.dots;
    dots->count = 0;
    REQUIRE(look(&fixture.read));
    CHECK(audit.defect_count > 0 && found(AUDIT_COUNTS) != NULL && missing(AUDIT_GAP));
    REQUIRE(begin());
    for (int i = 1; i < dots->count; i++)
        dots->dot[i].position_mm = dots->dot[0].position_mm;
    CHECK(!audit_case(&fixture.arena, &fixture.scratch, &fixture.read, NULL, &audit, &err));
    CHECK(err.code == ERR_INPUT && strstr(err.text, "more than 2000 points") != NULL);
    REQUIRE(begin());
    for (int i = 1; i < 1500; i++)
        dots->dot[i].position_mm = dots->dot[0].position_mm;
    REQUIRE(look(&fixture.read));
    CHECK(found(AUDIT_CLOSE) != NULL && found(AUDIT_GAP) != NULL);
}

TEST(an_audit_can_be_stopped)
{
    atomic_bool cancel = true;
    Progress progress = {.cancel = &cancel, .to = 1.0};
    Err err = {0};
    REQUIRE(begin());
    CHECK(!audit_case(&fixture.arena, &fixture.scratch, &fixture.read, &progress, &audit, &err));
    CHECK(err.code == ERR_CANCELLED);
}
