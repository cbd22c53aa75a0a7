/* The template: strips and pieces at their true size. */
#include "report/report_template.h"

#include "base/test.h"
#include "report/report_fixture.h"
#include "report/report_reader.h"

static const double pi = 3.14159265358979323846;
enum { DOTS = 90 };

static bool make_on(ReportPaper paper, size_t *size, uint8_t **bytes, Err *err)
{
    ReportStyle style = {.paper = paper};
    return report_template_pdf(&fixture.scratch, &fixture.arena, &fixture.plan, &style, size, bytes,
                               err);
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
    REQUIRE(fixture_begin(DOTS, true));
    for (int k = 0; k < 4; k++) {
        Err err = {0};
        ExportStrip strip;
        double theta = colatitude[k];
        for (int i = 0; i < COUNT; i++)
            curve[i] = fixture_ball(theta, -1.0 + 2.0 * i / (COUNT - 1.0));
        REQUIRE(export_strip_make(&fixture.scratch, &fixture.head, COUNT, curve, &strip, &err));
        double length = 2.0 * FIXTURE_BALL_MM * sin(theta), bent = 2.0 * cos(theta);
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
    fixture_end();
}

TEST(lengths_along_the_strip_are_those_of_the_hairline)
{
    Err err = {0};
    ExportStrip strip;
    const DesignLayout *design = &fixture.design;
    double length = 0.0;
    REQUIRE(fixture_begin(DOTS, true));
    REQUIRE(export_strip_make(&fixture.scratch, &fixture.head, design->hairline_count,
                              design->hairline_mm, &strip, &err));
    for (int i = 1; i < design->hairline_count; i++)
        length += vec_distance(design->hairline_mm[i - 1], design->hairline_mm[i]);
    CHECK_NEAR(strip.length_mm, length, 1e-3 * length);
    CHECK_NEAR(line_length(&strip), length, 1e-3 * length);
    fixture_end();
}

/* A step to the hair side in the client's right half must come out up, on the left of the paper. */
TEST(the_strip_is_not_mirrored_from_whichever_end_the_curve_comes)
{
    enum { COUNT = 300 };
    Vec3 curve[2][COUNT];
    REQUIRE(fixture_begin(DOTS, true));
    for (int i = 0; i < COUNT; i++) {
        double t = i / (COUNT - 1.0), azimuth = 0.9 - 1.8 * t; /* from the left to the right */
        double bump = 0.1 * exp(-pow((azimuth + 0.5) / 0.12, 2.0));
        curve[0][i] = curve[1][COUNT - 1 - i] = fixture_ball(0.5 * pi - bump, azimuth);
    }
    for (int way = 0; way < 2; way++) {
        Err err = {0};
        ExportStrip strip;
        double highest = -1e9, at = 0.0, plain[2];
        REQUIRE(
            export_strip_make(&fixture.scratch, &fixture.head, COUNT, curve[way], &strip, &err));
        for (int i = 0; i < strip.count; i++)
            if (strip.line_mm[i][1] > highest) {
                highest = strip.line_mm[i][1];
                at = strip.line_mm[i][0];
            }
        export_strip_line(&strip, 0.8 * strip.length_mm, plain);
        CHECK(highest > plain[1] + 5.0);
        CHECK_NEAR(at, FIXTURE_BALL_MM * 0.4, 5.0);
    }
    fixture_end();
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
    REQUIRE(fixture_begin(DOTS, true));
    for (int i = 0; i < COUNT; i++) {
        double t = i / (COUNT - 1.0);
        curve[i] = fixture_ball(
            0.5 * pi - amplitude_mm / FIXTURE_BALL_MM * sin(2.0 * pi * waves * t), -1.2 + 2.4 * t);
    }
    REQUIRE(export_strip_make(&fixture.scratch, &fixture.head, COUNT, curve, &strip, &err));
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
    fixture_end();
}

TEST(the_strip_never_folds_and_its_pieces_fit_the_page)
{
    Err err = {0};
    ExportStrip strip;
    REQUIRE(fixture_begin(DOTS, true));
    REQUIRE(export_strip_make(&fixture.scratch, &fixture.head, fixture.design.hairline_count,
                              fixture.design.hairline_mm, &strip, &err));
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
    fixture_end();
}

TEST(a_hairline_that_is_no_curve_is_refused)
{
    Err err = {0};
    size_t size;
    uint8_t *bytes;
    REQUIRE(fixture_begin(DOTS, true));
    fixture.design.hairline_mm[17].y = (double)NAN;
    CHECK(!make_on(REPORT_A4, &size, &bytes, &err) && err.code == ERR_INPUT);
    for (int i = 0; i < fixture.design.hairline_count; i++)
        fixture.design.hairline_mm[i] = vec3(1, 90, 1);
    CHECK(!make_on(REPORT_A4, &size, &bytes, &err) && err.code == ERR_INPUT);
    fixture_end();
}

/* Around a great circle the sheet keeps what on the ball shrinks with the cosine of the latitude.
 */
TEST(the_stated_error_of_a_strip_is_that_of_its_edge)
{
    enum { COUNT = 400 };
    Vec3 curve[COUNT];
    Err err = {0};
    ExportStrip strip;
    REQUIRE(fixture_begin(DOTS, true));
    for (int i = 0; i < COUNT; i++)
        curve[i] = fixture_ball(0.5 * pi - 0.2, -1.0 + 2.0 * i / (COUNT - 1.0));
    REQUIRE(export_strip_make(&fixture.scratch, &fixture.head, COUNT, curve, &strip, &err));
    double far = EXPORT_STRIP_MM / FIXTURE_BALL_MM, tilt = tan(0.2);
    double want = 0.0; /* a circle of latitude: its sheet's arc against the ball's */
    for (int side = -1; side <= 1; side += 2)
        want =
            fmax(want, fabs((1.0 - side * far * tilt) / (cos(far) - side * sin(far) * tilt) - 1.0));
    CHECK_NEAR(strip.worst_error, want, 0.25 * want); /* the ball has facets of 7 mm */
    CHECK(strip.error_95 <= strip.worst_error && strip.error_95 > 0.4 * want);
    fixture_end();
}

/* --- the document --- */

TEST(both_papers_have_strips_pieces_and_what_they_are_worth)
{
    REQUIRE(fixture_begin(DOTS, true));
    for (int paper = REPORT_A4; paper <= REPORT_LETTER; paper++) {
        Err err = {0};
        size_t size = 0;
        uint8_t *bytes = NULL;
        REQUIRE(make_on((ReportPaper)paper, &size, &bytes, &err));
        CHECK(size > 5000 && memcmp(bytes, "%PDF", 4) == 0);
        const char *text = reader_installed("pdftotext")
                               ? reader_run(&fixture.arena, "pdftotext", size, bytes)
                               : NULL;
        if (text == NULL)
            continue;
        CHECK(strstr(text, "100 mm") != NULL && strstr(text, "H1") != NULL);
        CHECK(strstr(text, "How true the pieces are") != NULL);
        CHECK(strstr(text, "cut here") != NULL && strstr(text, "Where the ends lie") != NULL);
    }
    fixture_end();
}

TEST(a_case_without_a_hairline_has_pieces_and_one_with_neither_is_refused)
{
    Err err = {0};
    size_t size = 0;
    uint8_t *bytes = NULL;
    REQUIRE(fixture_begin(DOTS, true));
    fixture.design.has_hairline = false;
    fixture.design.hairline_count = 0;
    REQUIRE(make_on(REPORT_A4, &size, &bytes, &err));
    const char *text =
        reader_installed("pdftotext") ? reader_run(&fixture.arena, "pdftotext", size, bytes) : NULL;
    CHECK(text == NULL || (strstr(text, "How true") != NULL && strstr(text, "H1") == NULL));
    for (int v = 0; v < fixture.topology.vertex_count; v++)
        fixture.design.zone[v] = DESIGN_NONE;
    fixture.dots.count = 0;
    CHECK(!make_on(REPORT_A4, &size, &bytes, &err) && err.code == ERR_INPUT);
    fixture_end();
}

/* The labels of 50 and 100 mm stand 50 mm apart, along and upright. */
TEST(both_bars_are_true_to_size_on_the_page)
{
    const double half_pt = 50.0 * 72.0 / 25.4;
    REQUIRE(fixture_begin(DOTS, true));
    for (int paper = REPORT_A4; paper <= REPORT_LETTER; paper++) {
        Err err = {0};
        size_t size = 0;
        uint8_t *bytes = NULL;
        ReaderText text;
        bool along = false, upright = false;
        REQUIRE(make_on((ReportPaper)paper, &size, &bytes, &err));
        if (!reader_installed("pdftotext"))
            break;
        REQUIRE(reader_words(&fixture.arena, size, bytes, &text));
        for (int i = 0; i < text.word_count; i++)
            for (int j = 0; j < text.word_count; j++) {
                const ReaderWord *a = &text.word[i], *b = &text.word[j];
                if (strcmp(a->text, "50") != 0 || strcmp(b->text, "100") != 0 || a->page != b->page)
                    continue;
                along |= fabs(b->left - a->left - half_pt) < 0.3 && fabs(b->top - a->top) < 0.3;
                upright |=
                    fabs(a->bottom - b->bottom - half_pt) < 0.3 && fabs(b->left - a->left) < 0.3;
            }
        CHECK(along && upright);
    }
    fixture_end();
}
