#include "report/report_internal.h"

#include "base/io.h"
#include "base/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double pi = 3.14159265358979323846;

/* --- a small case: a ball for a head, a few dots --- */

enum { DOTS = 90, SIDE = 24 };
#define BALL_MM 92.0

typedef struct Small {
    Arena arena, scratch;
    HeadTopology topology;
    Head head;
    HairSurvey survey;
    DesignLayout design;
    Dots dots;
    SkinPigment pigment;
    Course course;
    Case plan;
    Image picture;
    ReportPictures pictures;
} Small;

static Small small;

static bool make_head(Err *err)
{
    if (!head_topology_new(&small.arena, 4, &small.topology, err))
        return false;
    double *radius_mm = ARENA_NEW(&small.arena, double, small.topology.vertex_count);
    for (int i = 0; radius_mm != NULL && i < small.topology.vertex_count; i++)
        radius_mm[i] = BALL_MM;
    if (!head_new(&small.arena, &small.topology, radius_mm, &small.head, err))
        return false;
    small.head.landmark_mm[HEAD_GLABELLA] = vec3(0, 20, 84);
    small.head.landmark_mm[HEAD_TRAGION_LEFT] = vec3(86, 0, 0);
    small.head.landmark_mm[HEAD_TRAGION_RIGHT] = vec3(-86, 0, 0);
    return true;
}

/* A point of the ball: colatitude from the top, azimuth from the front to the client's left. */
static Vec3 ball(double colatitude, double azimuth)
{
    return vec_madd(
        small.head.centre_mm, BALL_MM,
        vec3(sin(colatitude) * sin(azimuth), cos(colatitude), sin(colatitude) * cos(azimuth)));
}

/* Like a hairline: from the client's left to the right, with a waver and two corners. */
static void make_hairline(DesignLayout *design)
{
    design->has_hairline = true;
    design->hairline_count = 400;
    for (int i = 0; i < design->hairline_count; i++) {
        double t = 1.0 - 2.0 * i / (design->hairline_count - 1.0);
        double corner = fabs(t) > 0.6 ? 2.2 * (fabs(t) - 0.6) : 0.0;
        design->hairline_mm[i] =
            ball(0.75 + corner + 0.012 * sin(31.0 * t),
                 1.1 * (fabs(t) > 0.6 ? 0.6 : fabs(t)) * (t < 0.0 ? -1.0 : 1.0));
    }
}

static bool make_design(void)
{
    DesignLayout *design = &small.design;
    int count = small.topology.vertex_count;
    memset(design, 0, sizeof *design);
    design->hairline_height_mm = 80;
    design->design.hairline.transition_mm = 10;
    design->area_mm2 = 12345.6;
    design->dots = DOTS;
    design->zone = ARENA_NEW(&small.arena, uint8_t, count);
    if (design->zone == NULL)
        return false;
    for (int i = 0; i < count; i++) {
        Vec3 d = small.topology.direction[i];
        design->zone[i] = d.y < 0.6 ? DESIGN_NONE : d.z > 0.2 ? DESIGN_FRONTAL : DESIGN_CROWN;
    }
    design->sum[DESIGN_FRONTAL] = (DesignZoneSum){6000.0, 50.0};
    design->sum[DESIGN_CROWN] = (DesignZoneSum){6345.6, 40.0};
    make_hairline(design);
    return true;
}

static bool make_dots(void)
{
    Dots *dots = &small.dots;
    *dots = (Dots){.count = DOTS,
                   .dot = ARENA_NEW(&small.arena, Dot, DOTS),
                   .session_count = 3,
                   .dropped = 2,
                   .nearest_mm = 1.2};
    for (int i = 0; dots->dot != NULL && i < DOTS; i++) {
        Vec3 at = ball(0.1 + 0.006 * i, 2.4 * i);
        HeadPoint point = head_locate(&small.head, vec_sub(at, small.head.centre_mm));
        int zone = small.design.zone[small.topology.triangle[point.triangle][0]];
        dots->dot[i] =
            (Dot){.session = i * 3 / DOTS, .zone = zone, .point = point, .position_mm = at};
        dots->in_session[i * 3 / DOTS]++;
    }
    return dots->dot != NULL;
}

static bool make_course(bool dated, Err *err)
{
    static Protocol protocol;
    CourseInput input = {.has_start = dated, .start = {2028, 2, 20}, .zone_count = 1};
    if (!course_protocol_builtin("standard", &protocol, err))
        return false;
    memcpy(input.dots_in_session, small.dots.in_session, sizeof input.dots_in_session);
    input.zone[0].name = "crown";
    input.zone[0].area_cm2 = 12.3;
    input.zone[0].dots = DOTS;
    return course_make(&protocol, &input, &small.course, err);
}

static bool make_pictures(Err *err)
{
    if (!image_new(&small.arena, SIDE, SIDE, &small.picture, err))
        return false;
    for (int i = 0; i < SIDE * SIDE * 3; i++)
        small.picture.rgb[i] = (uint8_t)(i * 7);
    const Image *p = &small.picture;
    small.pictures = (ReportPictures){.before = p,
                                      .healed = p,
                                      .aged = p,
                                      .turned_before = p,
                                      .turned_healed = p,
                                      .top_before = p,
                                      .top_healed = p,
                                      .sessions = {p, p, p, p}};
    return true;
}

static void fill_plan(void)
{
    Case *plan = &small.plan;
    *plan = (Case){.code = "C-0001",
                   .seed = 7,
                   .input_count = 1,
                   .input = {{.name = "scan.glb"}},
                   .head = &small.head,
                   .measures = {.circumference_mm = 578.0, .length_mm = 197.3},
                   .survey = &small.survey,
                   .layout = &small.design,
                   .dots = &small.dots,
                   .pigment = &small.pigment,
                   .healed = {0.3, 0.6, 12.0, 1.03},
                   .dilution = {20.0, 18.0, 16.4},
                   .growth_years = 5.0,
                   .grown_diameter_mm = 0.375,
                   .spacing_mm = 0.5625,
                   .course = &small.course,
                   .state_count = 2,
                   .state = {{.name = "before", .caption = "Before"},
                             {.name = "healed",
                              .caption = "Healed",
                              .mean_darkening = 0.06,
                              .fusing_distance_m = 0.8,
                              .fusing_band_m = {0.7, 0.9}}},
                   .luminance_cd_m2 = 108.0,
                   .warning_count = 1,
                   .warning = {"the inion is proposed, 3 cm2"}};
    memcpy(plan->input[0].sha256, "0123456789abcdef", 17);
}

static bool begin(bool dated)
{
    Err err = {0};
    memset(&small, 0, sizeof small);
    if (!arena_open(&small.arena, 64 << 20, &err) || !arena_open(&small.scratch, 64 << 20, &err))
        return false;
    small.survey = (HairSurvey){.has_color = true, .tone = {.lab = {65, 10, 18}, .ita_deg = 39.8}};
    small.pigment = (SkinPigment){.name = "carbon black"};
    bool ok = make_head(&err) && make_design() && make_dots() && make_course(dated, &err) &&
              make_pictures(&err);
    if (!ok)
        printf("# %s\n", err.text);
    fill_plan();
    return ok;
}

static void end(void)
{
    arena_close(&small.arena);
    arena_close(&small.scratch);
}

/* --- documents by number --- */

enum { PLAN, CLIENT, TEMPLATE, CALENDAR, DOCUMENTS };

static bool make(int which, Arena *arena, size_t *size, uint8_t **bytes, Err *err)
{
    switch (which) {
    case PLAN:
        return report_plan_pdf(arena, &small.plan, &small.pictures, size, bytes, err);
    case CLIENT:
        return report_client_pdf(arena, &small.plan, &small.pictures, size, bytes, err);
    case TEMPLATE:
        return report_template_pdf(arena, &small.plan, size, bytes, err);
    default:
        return report_calendar(arena, &small.plan, size, bytes, err);
    }
}

/* Runs a reader on the bytes; NULL where it is not installed or finds the document broken. */
static const char *read_with(const char *command, size_t size, const uint8_t *bytes)
{
    char path[] = "/tmp/report_test_XXXXXX", line[400];
    Err err = {0};
    int fd = mkstemp(path);
    if (fd < 0)
        return NULL;
    close(fd);
    snprintf(line, sizeof line, "%s %s%s 2>&1", command, path,
             strncmp(command, "pdftotext", 9) == 0 ? " -" : "");
    char *out = ARENA_NEW(&small.scratch, char, 1 << 20);
    FILE *pipe = io_write_file(path, size, bytes, &err) && out != NULL ? popen(line, "r") : NULL;
    size_t used = pipe != NULL ? fread(out, 1, (1 << 20) - 1, pipe) : 0;
    bool ok = pipe != NULL && pclose(pipe) == 0;
    remove(path);
    return ok && used > 0 ? out : NULL;
}

static bool installed(const char *command)
{
    char line[80];
    snprintf(line, sizeof line, "command -v %s >/dev/null 2>&1", command);
    if (system(line) == 0)
        return true;
    printf("# skipped: needs %s\n", command);
    return false;
}

static bool holds(size_t size, const uint8_t *bytes, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(bytes + i, word, length) == 0)
            return true;
    return false;
}

TEST(same_case_gives_same_bytes)
{
    Err err = {0};
    REQUIRE(begin(true));
    for (int d = 0; d < DOCUMENTS; d++) {
        size_t size[2] = {0};
        uint8_t *bytes[2] = {NULL};
        for (int i = 0; i < 2; i++)
            if (!CHECK(make(d, &small.scratch, &size[i], &bytes[i], &err)))
                break;
        CHECK(size[0] > 0 && size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0);
    }
    end();
}

TEST(too_small_a_budget_is_an_error_at_every_size)
{
    REQUIRE(begin(true));
    for (int d = 0; d < DOCUMENTS; d++) {
        Err err = {0};
        size_t size, need;
        uint8_t *bytes;
        Arena tight = {0};
        REQUIRE(arena_open(&tight, 64 << 20, &err));
        CHECK(make(d, &tight, &size, &bytes, &err));
        need = tight.used;
        arena_close(&tight);
        for (int k = 0; k < 12; k++) {
            size_t budget = k == 0 ? 64 : k == 11 ? need - 64 : need * (size_t)k / 12;
            REQUIRE(arena_open(&tight, budget, &err));
            err = (Err){0};
            CHECK(!make(d, &tight, &size, &bytes, &err) && err.code == ERR_LIMIT);
            arena_close(&tight);
        }
        REQUIRE(arena_open(&tight, need, &err));
        CHECK(make(d, &tight, &size, &bytes, &err));
        arena_close(&tight);
    }
    end();
}

TEST(documents_are_tagged_dated_by_no_clock_and_name_their_language)
{
    REQUIRE(begin(true));
    for (int d = PLAN; d <= TEMPLATE; d++) {
        Err err = {0};
        size_t size = 0;
        uint8_t *bytes = NULL;
        REQUIRE(make(d, &small.scratch, &size, &bytes, &err));
        CHECK(holds(size, bytes, "/Lang (en)") && holds(size, bytes, "/StructTreeRoot"));
        CHECK(holds(size, bytes, "/CreationDate (20000101000000"));
        CHECK(size < 2 << 20);
        if (!installed("pdfinfo"))
            continue;
        const char *info = read_with("pdfinfo -struct", size, bytes);
        CHECK(info != NULL && strstr(info, "Error") == NULL && strstr(info, "H1") != NULL);
        CHECK(info != NULL && strstr(info, "Figure") != NULL && strstr(info, "TD") != NULL);
    }
    end();
}

TEST(any_script_and_cut_letters_are_printed)
{
    Err err = {0};
    size_t size = 0;
    uint8_t *bytes = NULL;
    REQUIRE(begin(true));
    strcpy(small.plan.code, "K\u00e4the-\u0416-7");
    snprintf(small.plan.warning[0], sizeof small.plan.warning[0], "\u00fcber \u0416 \xC3");
    REQUIRE(make(PLAN, &small.scratch, &size, &bytes, &err));
    if (installed("pdftotext")) {
        const char *text = read_with("pdftotext -layout", size, bytes);
        CHECK(text != NULL && strstr(text, "K\u00e4the-\u0416-7") != NULL);
        CHECK(text != NULL && strstr(text, "\u00fcber \u0416") != NULL);
    }
    end();
}

TEST(the_client_reads_no_warning_no_diagnosis_and_has_a_place_to_sign)
{
    static const char *const avoid[] = {"Norwood", "Ludwig", "diagnos", "patient", "therapy",
                                        "medical", "inion",  "3650",    "treat",   "guarantee"};
    Err err = {0};
    size_t size = 0;
    uint8_t *bytes = NULL;
    REQUIRE(begin(true));
    REQUIRE(make(CLIENT, &small.scratch, &size, &bytes, &err));
    if (installed("pdftotext")) {
        const char *text = read_with("pdftotext -layout", size, bytes);
        REQUIRE(text != NULL);
        for (size_t i = 0; i < sizeof avoid / sizeof avoid[0]; i++)
            if (!CHECK(strstr(text, avoid[i]) == NULL))
                printf("# says %s\n", avoid[i]);
        CHECK(strstr(text, "Practitioner") != NULL && strstr(text, "Client") != NULL);
        CHECK(strstr(text, "not what is") != NULL && strstr(text, "From day 31") != NULL);
        CHECK(strstr(text, "Sun 20 February 2028") != NULL);
        CHECK(strstr(text, "to 24 Feb") != NULL); /* dry until day 4 */
    }
    end();
}

TEST(a_case_with_little_in_it_and_one_with_long_texts_are_printed)
{
    Err err = {0};
    size_t size = 0;
    uint8_t *bytes = NULL;
    REQUIRE(begin(false));
    small.plan.warning_count = small.plan.state_count = 0;
    small.pictures = (ReportPictures){0};
    small.survey.has_color = false;
    for (int d = PLAN; d <= TEMPLATE; d++)
        CHECK(make(d, &small.scratch, &size, &bytes, &err));
    CHECK(!make(CALENDAR, &small.scratch, &size, &bytes, &err) && err.code == ERR_INPUT);
    small.plan.warning_count = CASE_WARNING_LIMIT;
    for (int i = 0; i < CASE_WARNING_LIMIT; i++)
        memset(small.plan.warning[i], i % 2 == 0 ? 'w' : '%', sizeof small.plan.warning[i] - 1);
    Protocol *protocol = &small.course.protocol;
    protocol->expect_count = protocol->aftercare_count = COURSE_MAX_RULES;
    for (int i = 0; i < COURSE_MAX_RULES; i++) {
        CourseRule *rule = &protocol->aftercare[i];
        *rule = (CourseRule){.from_day = i - 2, .to_day = i + 30};
        memset(rule->text, 'x', sizeof rule->text - 1);
        protocol->expect[i] = *rule;
    }
    small.course.line_count = COURSE_MAX_LINES;
    for (int i = 0; i < COURSE_MAX_LINES; i++)
        memset(small.course.line[i].text, 'y', COURSE_TEXT - 1);
    for (int d = PLAN; d <= CLIENT; d++)
        CHECK(make(d, &small.scratch, &size, &bytes, &err));
    end();
}

/* --- the strip --- */

static double line_length(const ExportStrip *strip)
{
    double length = 0.0;
    for (int i = 1; i < strip->count; i++)
        length += hypot(strip->line_mm[i][0] - strip->line_mm[i - 1][0],
                        strip->line_mm[i][1] - strip->line_mm[i - 1][1]);
    return length;
}

/* On a sphere a circle of colatitude theta has the geodesic curvature cot(theta) / R: its strip is
 * an arc of radius R tan(theta). */
TEST(a_circle_of_latitude_unrolls_to_an_arc_of_its_geodesic_curvature)
{
    enum { COUNT = 400 };
    static const double colatitude[] = {0.5, 0.9, 1.3, 0.5 * 3.14159265358979323846};
    Vec3 curve[COUNT];
    REQUIRE(begin(true));
    for (int k = 0; k < 4; k++) {
        Err err = {0};
        ExportStrip strip;
        double theta = colatitude[k];
        for (int i = 0; i < COUNT; i++)
            curve[i] = ball(theta, -1.0 + 2.0 * i / (COUNT - 1.0));
        REQUIRE(export_strip_make(&small.scratch, &small.head, COUNT, curve, &strip, &err));
        double length = 2.0 * BALL_MM * sin(theta), bent = 2.0 * cos(theta);
        double chord = hypot(strip.line_mm[COUNT - 1][0], strip.line_mm[COUNT - 1][1]);
        double arc = fabs(bent) < 1e-9 ? length : length / bent * 2.0 * sin(0.5 * bent);
        CHECK_NEAR(strip.length_mm, length, 1e-4 * length);
        CHECK_NEAR(chord, arc, 1e-3 * arc);
        CHECK_NEAR(strip.middle_mm, 0.5 * length, 0.01);
        /* the centre of the circle is the top of the head: on the hair side, up on paper */
        double xy[2], ends = 0.5 * strip.line_mm[COUNT - 1][1];
        export_strip_line(&strip, 0.5 * strip.length_mm, xy);
        CHECK(theta > 1.5 || xy[1] < ends);
    }
    end();
}

TEST(lengths_along_the_strip_are_those_of_the_hairline)
{
    Err err = {0};
    ExportStrip strip;
    const DesignLayout *design = &small.design;
    double length = 0.0;
    REQUIRE(begin(true));
    REQUIRE(export_strip_make(&small.scratch, &small.head, design->hairline_count,
                              design->hairline_mm, &strip, &err));
    for (int i = 1; i < design->hairline_count; i++)
        length += vec_distance(design->hairline_mm[i - 1], design->hairline_mm[i]);
    CHECK_NEAR(strip.length_mm, length, 1e-3 * length);
    CHECK_NEAR(line_length(&strip), length, 1e-3 * length);
    end();
}

/* A step to the hair side in the client's right half must come out up, on the left of the paper. */
TEST(the_strip_is_not_mirrored_from_whichever_end_the_curve_comes)
{
    enum { COUNT = 300 };
    Vec3 curve[2][COUNT];
    REQUIRE(begin(true));
    for (int i = 0; i < COUNT; i++) {
        double t = i / (COUNT - 1.0), azimuth = 0.9 - 1.8 * t; /* from the left to the right */
        double bump = 0.1 * exp(-pow((azimuth + 0.5) / 0.12, 2.0));
        curve[0][i] = curve[1][COUNT - 1 - i] = ball(0.5 * pi - bump, azimuth);
    }
    for (int way = 0; way < 2; way++) {
        Err err = {0};
        ExportStrip strip;
        double highest = -1e9, at = 0.0, plain[2];
        REQUIRE(export_strip_make(&small.scratch, &small.head, COUNT, curve[way], &strip, &err));
        for (int i = 0; i < strip.count; i++)
            if (strip.line_mm[i][1] > highest) {
                highest = strip.line_mm[i][1];
                at = strip.line_mm[i][0];
            }
        export_strip_line(&strip, 0.8 * strip.length_mm, plain);
        CHECK(highest > plain[1] + 5.0);
        CHECK_NEAR(at, BALL_MM * 0.4, 5.0);
    }
    end();
}

/* Across the strip, distances on paper are those on the skin: the hairline lies as far from a
 * parallel circle as it does on the ball. */
TEST(offsets_across_the_strip_are_kept)
{
    enum { COUNT = 600 };
    Vec3 curve[COUNT];
    Err err = {0};
    ExportStrip strip;
    const double amplitude_mm = 2.0, waves = 24.0;
    REQUIRE(begin(true));
    for (int i = 0; i < COUNT; i++) {
        double t = i / (COUNT - 1.0);
        curve[i] =
            ball(0.5 * pi - amplitude_mm / BALL_MM * sin(2.0 * pi * waves * t), -1.2 + 2.4 * t);
    }
    REQUIRE(export_strip_make(&small.scratch, &small.head, COUNT, curve, &strip, &err));
    double least = 1e9, most = -1e9;
    for (double s = 40.0; s < strip.length_mm - 40.0; s += 0.1) {
        double line[2], axis[2], left[2];
        export_strip_line(&strip, s, line);
        export_strip_at(&strip, s, 0.0, axis);
        export_strip_at(&strip, s, 1.0, left);
        if (!CHECK(fabs(hypot(left[0] - axis[0], left[1] - axis[1]) - 1.0) < 1e-9))
            break;
        double offset =
            (line[0] - axis[0]) * (left[0] - axis[0]) + (line[1] - axis[1]) * (left[1] - axis[1]);
        least = fmin(least, offset);
        most = fmax(most, offset);
    }
    CHECK_NEAR(most, amplitude_mm, 0.1 * amplitude_mm);
    CHECK_NEAR(least, -amplitude_mm, 0.1 * amplitude_mm);
    end();
}

TEST(the_strip_never_folds_and_its_pieces_fit_the_page)
{
    Err err = {0};
    ExportStrip strip;
    REQUIRE(begin(true));
    REQUIRE(export_strip_make(&small.scratch, &small.head, small.design.hairline_count,
                              small.design.hairline_mm, &strip, &err));
    CHECK(strip.cut_count >= 3);
    for (int i = 0; i + 1 < strip.cut_count; i++)
        CHECK(strip.cut_mm[i + 1] > strip.cut_mm[i] &&
              strip.cut_mm[i + 1] - strip.cut_mm[i] <= 145.0);
    for (int side = 0; side < 2; side++)
        for (double s = 0.5; s <= strip.length_mm; s += 0.5) {
            double a[2], b[2], from[2], to[2], sign = side == 0 ? -1.0 : 1.0;
            export_strip_at(&strip, s - 0.5, sign * export_strip_half(&strip, side, s - 0.5), a);
            export_strip_at(&strip, s, sign * export_strip_half(&strip, side, s), b);
            export_strip_at(&strip, s - 0.5, 0.0, from);
            export_strip_at(&strip, s, 0.0, to);
            double ahead = (b[0] - a[0]) * (to[0] - from[0]) + (b[1] - a[1]) * (to[1] - from[1]);
            if (!CHECK(ahead > 0.0))
                break;
        }
    end();
}

TEST(a_hairline_that_is_no_curve_is_refused)
{
    Err err = {0};
    size_t size;
    uint8_t *bytes;
    REQUIRE(begin(true));
    small.design.hairline_mm[17].y = (double)NAN;
    CHECK(!make(TEMPLATE, &small.scratch, &size, &bytes, &err) && err.code == ERR_INPUT);
    for (int i = 0; i < small.design.hairline_count; i++)
        small.design.hairline_mm[i] = vec3(1, 90, 1);
    CHECK(!make(TEMPLATE, &small.scratch, &size, &bytes, &err) && err.code == ERR_INPUT);
    small.design.hairline_count = 0;
    CHECK(!make(TEMPLATE, &small.scratch, &size, &bytes, &err) && err.code == ERR_INPUT);
    end();
}

/* --- the calendar --- */

typedef struct Event {
    char uid[80], start[16], stop[16], summary[400];
} Event;

/* Unfolds and splits; a small reader of its own, which knows nothing of the writer. */
static int read_calendar(size_t size, const uint8_t *bytes, int limit, Event event[])
{
    char *text = ARENA_NEW(&small.scratch, char, size + 1);
    size_t used = 0;
    int count = 0;
    for (size_t i = 0; i < size; i++) {
        if (i + 2 < size && memcmp(bytes + i, "\r\n ", 3) == 0)
            i += 2;
        else
            text[used++] = (char)bytes[i];
    }
    text[used] = '\0';
    bool alarm = false;
    for (char *line = text, *next; *line != '\0'; line = next) {
        char *stop = strstr(line, "\r\n");
        if (stop == NULL)
            return -1;
        *stop = '\0';
        next = stop + 2;
        if (strcmp(line, "BEGIN:VEVENT") == 0 && count < limit)
            event[count++] = (Event){0};
        alarm = strcmp(line, "BEGIN:VALARM") == 0 || (alarm && strcmp(line, "END:VALARM") != 0);
        if (count == 0 || alarm)
            continue;
        Event *e = &event[count - 1];
        if (strncmp(line, "UID:", 4) == 0)
            snprintf(e->uid, sizeof e->uid, "%.79s", line + 4);
        if (strncmp(line, "DTSTART;VALUE=DATE:", 19) == 0)
            snprintf(e->start, sizeof e->start, "%.15s", line + 19);
        if (strncmp(line, "DTEND;VALUE=DATE:", 17) == 0)
            snprintf(e->stop, sizeof e->stop, "%.15s", line + 17);
        if (strncmp(line, "SUMMARY:", 8) == 0)
            snprintf(e->summary, sizeof e->summary, "%.399s", line + 8);
    }
    return count;
}

TEST(calendar_lines_are_folded_escaped_and_end_in_crlf)
{
    Err err = {0};
    size_t size = 0, column = 0;
    uint8_t *bytes = NULL;
    static Event event[100];
    REQUIRE(begin(true));
    strcpy(small.course.protocol.aftercare[1].text,
           "a, b; c \\ d\ne\x01 \u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416"
           "\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416");
    REQUIRE(make(CALENDAR, &small.scratch, &size, &bytes, &err));
    for (size_t i = 0; i < size; i++) {
        column = bytes[i] == '\n' ? 0 : column + 1;
        CHECK(column <= 76); /* 75 octets and the carriage return */
        if (bytes[i] == '\n')
            CHECK(i > 0 && bytes[i - 1] == '\r');
        if (bytes[i] == '\n' && i + 2 < size && bytes[i + 1] == ' ')
            CHECK((bytes[i + 2] & 0xC0) != 0x80);
    }
    int count = read_calendar(size, bytes, 100, event);
    bool found = false;
    for (int i = 0; i < count; i++)
        found |= strncmp(event[i].summary, "a\\, b\\; c \\\\ d\\ne \u0416", 20) == 0;
    CHECK(found);
    end();
}

TEST(no_event_spans_more_than_two_weeks_and_rules_for_good_come_once)
{
    Err err = {0};
    size_t size = 0;
    uint8_t *bytes = NULL;
    static Event event[100];
    int for_good = 0, before = 0;
    REQUIRE(begin(true));
    REQUIRE(make(CALENDAR, &small.scratch, &size, &bytes, &err));
    int count = read_calendar(size, bytes, 100, event);
    CHECK(count > 3 * 10 && count < 100);
    for (int i = 0; i < count; i++) {
        CourseDate from = {0}, to = {0};
        REQUIRE(sscanf(event[i].start, "%4d%2d%2d", &from.year, &from.month, &from.day) == 3);
        REQUIRE(sscanf(event[i].stop, "%4d%2d%2d", &to.year, &to.month, &to.day) == 3);
        bool short_enough = false;
        for (int days = 1; days <= 15; days++) {
            CourseDate d = course_date_add(from, days);
            short_enough |= d.year == to.year && d.month == to.month && d.day == to.day;
        }
        CHECK(short_enough);
        for_good += strncmp(event[i].summary, "From today on", 13) == 0;
        if (strncmp(event[i].summary, "Before session 1", 16) == 0)
            before += strcmp(event[i].start, "20280218") == 0;
        for (int j = 0; j < i; j++)
            CHECK(strcmp(event[i].uid, event[j].uid) != 0);
    }
    CHECK(for_good == 1 && before == 1);
    end();
}

TEST(event_identifiers_do_not_depend_on_the_dates)
{
    Err err = {0};
    size_t size = 0;
    uint8_t *bytes = NULL;
    static Event event[2][100];
    int count[2];
    REQUIRE(begin(true));
    for (int i = 0; i < 2; i++) {
        for (int s = 0; s < small.course.session_count; s++)
            small.course.session[s].date = course_date_add(small.course.session[s].date, 9 * i);
        REQUIRE(make(CALENDAR, &small.scratch, &size, &bytes, &err));
        count[i] = read_calendar(size, bytes, 100, event[i]);
    }
    CHECK(count[0] == count[1]);
    for (int i = 0; i < count[0]; i++)
        CHECK(strcmp(event[0][i].uid, event[1][i].uid) == 0);
    CHECK(strcmp(event[0][0].start, event[1][0].start) != 0);
    end();
}

TEST(another_program_reads_the_calendar)
{
    Err err = {0};
    size_t size = 0;
    uint8_t *bytes = NULL;
    REQUIRE(begin(true));
    REQUIRE(make(CALENDAR, &small.scratch, &size, &bytes, &err));
    static const char *const python[] = {"python3", "/usr/bin/python3"};
    const char *found = NULL;
    char command[320];
    for (int i = 0; i < 2; i++) {
        snprintf(command, sizeof command, "%s -c 'import icalendar' >/dev/null 2>&1", python[i]);
        if (found == NULL && system(command) == 0)
            found = python[i];
    }
    if (found == NULL)
        printf("# skipped: needs python3-icalendar\n");
    else {
        snprintf(command, sizeof command,
                 "%s -c \"import sys,icalendar as i;"
                 "c=i.Calendar.from_ical(open(sys.argv[1],'rb').read());"
                 "print(len(c.walk('VEVENT')),sum(e.errors!=[] for e in c.walk()))\"",
                 found);
        const char *out = read_with(command, size, bytes);
        CHECK(out != NULL && atoi(out) > 30 && strstr(out, " 0\n") != NULL);
    }
    end();
}
