/* The drawings of the plane, byte by byte; other programs open them in tests/export_end_to_end.py.
 */
#include "export/flat_fixture.h"

#include "base/test.h"
#include "export/writer.h"

#include <stdlib.h>

static bool told(bool ok, const Err *err)
{
    if (!ok)
        printf("# %s\n", err->text);
    return CHECK(ok);
}

static bool begin(int dots)
{
    Err err = {0};
    bool ok = fixture_open(5, &err) && fixture_head(0.0, &err);
    fixture.request.pattern = DESIGN_NORWOOD;
    fixture.request.stage = 6;
    return told(ok && fixture_design(dots, &err), &err);
}

typedef bool Make(Arena *arena, Arena *scratch, const Case *plan, const FlatParams *params,
                  ExportBytes *file, Err *err);
static Make *const makes[] = {export_svg, export_dxf};

static const char *draw(Make *make)
{
    Err err = {0};
    ExportBytes file = {0};
    bool ok = make(&fixture.arena, &fixture.scratch, &fixture.plan, NULL, &file, &err);
    return told(ok, &err) ? (const char *)file.bytes : ""; /* the arena's zeros end it */
}

static int count_of(const char *text, const char *part)
{
    int count = 0;
    while ((text = strstr(text, part)) != NULL) {
        text++;
        count++;
    }
    return count;
}

/* ---- the writer ---- */

static const char *number(double value, int decimals)
{
    Err err = {0};
    ExportBytes file = {0};
    Writer writer = writer_make(&fixture.scratch);
    writer_number(&writer, value, decimals);
    return told(writer_end(&writer, &fixture.arena, "a number", &file, &err), &err)
               ? (const char *)file.bytes
               : "";
}

TEST(numbers_are_rounded_and_have_no_idle_zeros)
{
    Err err = {0};
    REQUIRE(told(fixture_open(1, &err), &err));
    CHECK(strcmp(number(1.5, 3), "1.5") == 0 && strcmp(number(-0.25, 3), "-0.25") == 0);
    CHECK(strcmp(number(0.0, 3), "0") == 0 && strcmp(number(-0.0001, 3), "0") == 0);
    CHECK(strcmp(number(1200.0, 2), "1200") == 0 && strcmp(number(0.9996, 3), "1") == 0);
    CHECK(strcmp(number(-12.0345, 4), "-12.0345") == 0 && strcmp(number(7.005, 0), "7") == 0);
    Rng rng = rng_make(5, 1);
    for (int i = 0; i < 20000; i++) { /* the library's own, but for zeros at the end */
        char want[64];
        double value = (rng_f64(&rng) - 0.5) * pow(10.0, rng_below(&rng, 7));
        size_t mark = arena_mark(&fixture.arena), other = arena_mark(&fixture.scratch);
        int decimals = rng_below(&rng, 5);
        snprintf(want, sizeof want, "%.*f", decimals, value);
        if (!CHECK(fabs(atof(number(value, decimals)) - atof(want)) < 1e-9))
            break;
        arena_rewind(&fixture.arena, mark);
        arena_rewind(&fixture.scratch, other);
    }
    fixture_close();
}

TEST(text_of_any_bytes_is_well_formed_xml)
{
    Err err = {0};
    ExportBytes file = {0};
    REQUIRE(told(fixture_open(1, &err), &err));
    Writer writer = writer_make(&fixture.scratch);
    writer_xml(&writer, "a<b>&\"c\"\x01\xff\xc3\xa4\xe2\x82\xac\xed\xa0\x80z");
    REQUIRE(told(writer_end(&writer, &fixture.arena, "text", &file, &err), &err));
    CHECK(strcmp((const char *)file.bytes,
                 "a&lt;b&gt;&amp;&quot;c&quot;??\xc3\xa4\xe2\x82\xac???z") == 0);
    fixture_close();
}

/* ---- drawings ---- */

TEST(every_dot_is_a_circle_in_both_drawings)
{
    REQUIRE(begin(2000));
    const char *svg = draw(export_svg), *dxf = draw(export_dxf);
    CHECK(count_of(svg, "<circle") == fixture.dots.count);
    CHECK(count_of(dxf, "\nCIRCLE\n") == fixture.dots.count);
    CHECK(count_of(svg, "<g ") == count_of(svg, "</g>"));
    CHECK(count_of(dxf, "\nPOLYLINE\n") == count_of(dxf, "\nSEQEND\n"));
    CHECK(strstr(svg, "unit=\"mm\" scale=\"1\"") != NULL && strstr(dxf, "\nAC1009\n") != NULL);
    fixture_close();
}

TEST(marks_that_are_lines_are_drawn_as_lines_along_the_growth)
{
    REQUIRE(begin(200));
    float *length_mm = ARENA_NEW(&fixture.arena, float, (size_t)fixture.dots.count);
    REQUIRE(length_mm != NULL);
    for (int i = 0; i < fixture.dots.count; i++)
        length_mm[i] = i % 2 == 0 ? 1.5f : 0.0f;
    int lines[2] = {count_of(draw(export_svg), "<line"), count_of(draw(export_dxf), "\nLINE\n")};
    fixture.plan.dot_length_mm = length_mm;
    const char *svg = draw(export_svg);
    CHECK(count_of(svg, "<line") - lines[0] == (fixture.dots.count + 1) / 2);
    CHECK(count_of(draw(export_dxf), "\nLINE\n") - lines[1] == (fixture.dots.count + 1) / 2);
    double x[2], y[2];
    const char *first = strstr(svg, "<line");
    REQUIRE(first != NULL && sscanf(first, "<line x1=\"%lf\" y1=\"%lf\" x2=\"%lf\" y2=\"%lf\"",
                                    &x[0], &y[0], &x[1], &y[1]) == 4);
    CHECK_NEAR(hypot(x[1] - x[0], y[1] - y[0]), 1.5, 0.002);
    fixture_close();
}

/* Hair that grows forward points to the face, which is down on a piece that stands upright. */
TEST(headings_are_turned_with_the_pieces)
{
    Flat flat;
    Err err = {0};
    REQUIRE(begin(1000));
    float *heading = ARENA_NEW(&fixture.arena, float, (size_t)fixture.dots.count);
    for (int i = 0; i < fixture.dots.count; i++)
        heading[i] = 1.5707963f; /* forward in the chart */
    fixture.plan.dot_heading_rad = heading;
    FlatParams params = flat_default();
    REQUIRE(told(flat_make(&fixture.arena, &fixture.scratch, &fixture.plan, &params, &flat, &err),
                 &err));
    for (int p = 0; p < flat.piece_count; p++) {
        double down = 0.0;
        for (int i = 0; i < flat.piece[p].dot_count; i++)
            down -= sin(flat.piece[p].dot[i].heading_rad);
        CHECK(flat.piece[p].dot_count == 0 || down > 0.8 * flat.piece[p].dot_count);
    }
    fixture_close();
}

TEST(cases_without_hairline_dots_or_work_are_drawn)
{
    for (int which = 0; which < 3; which++) {
        REQUIRE(begin(which == 0 ? 200 : 0));
        if (which == 0)
            fixture.layout.has_hairline = false;
        for (int v = 0; which == 2 && v < fixture.topology.vertex_count; v++)
            fixture.layout.zone[v] = DESIGN_NONE;
        const char *svg = draw(export_svg), *dxf = draw(export_dxf);
        CHECK((strstr(svg, "id=\"hairline\"") != NULL) == (which == 1));
        CHECK((strstr(svg, "id=\"strip-cut\"") != NULL) == (which > 0));
        CHECK((strstr(svg, "id=\"cut\"") != NULL) == (which < 2));
        CHECK(strstr(svg, "</svg>") != NULL && strstr(dxf, "\nEOF\n") != NULL);
        CHECK(strstr(svg, "nan") == NULL && strstr(dxf, "nan") == NULL);
        fixture_close();
    }
}

TEST(the_code_of_a_client_cannot_break_the_drawing)
{
    REQUIRE(begin(10));
    snprintf(fixture.plan.code, sizeof fixture.plan.code, "</title>&<x \xff");
    CHECK(strstr(draw(export_svg), "<title>&lt;/title&gt;&amp;&lt;x ?: the scalp") != NULL);
    fixture_close();
}

TEST(the_same_bytes_come_each_time_and_smaller_budgets_are_an_error)
{
    REQUIRE(begin(500));
    for (int m = 0; m < 2; m++) {
        CHECK(strcmp(draw(makes[m]), draw(makes[m])) == 0);
        for (int which = 0; which < 2; which++)
            for (size_t room = 4096; room < (size_t)1 << 27; room *= 4) {
                Err err = {0};
                Arena small[2];
                ExportBytes file;
                for (int i = 0; i < 2; i++)
                    REQUIRE(told(arena_open(&small[i], i == which ? room : (size_t)256 << 20, &err),
                                 &err));
                bool ok = makes[m](&small[0], &small[1], &fixture.plan, NULL, &file, &err);
                CHECK(ok || err.code == ERR_LIMIT);
                for (int i = 0; i < 2; i++)
                    arena_close(&small[i]);
            }
    }
    fixture_close();
}
