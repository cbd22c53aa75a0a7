#include "camera/marker.h"

#include "base/rng.h"
#include "base/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_MB = 64 };

static Marker *make(Arena *arena, MarkerKind kind, int print_id)
{
    Err err;
    Marker *marker = ARENA_NEW(arena, Marker, 1);
    bool ok = marker != NULL && marker_make(kind, print_id, marker, &err);
    CHECK(ok);
    if (!ok)
        abort();
    return marker;
}

/* ---- lengths ---- */

TEST(marker_print_refuses_what_is_stretched_or_fitted_to_the_page)
{
    static const struct {
        double x, y;
        bool ok;
        const char *says;
    } row[] = {{100.0, 100.0, true, ""},
               {99.2, 100.1, true, ""},
               {101.0, 100.0, true, ""},
               {101.1, 100.0, false, "1.1 % wider"},
               {99.0, 100.2, false, "1.2 % narrower"},
               {97.0, 97.0, true, ""},
               {91.9, 91.9, false, "actual size"},
               {100.0, 108.5, false, "upright bar"},
               {0.0, 100.0, false, "level bar"},
               {(double)NAN, 100.0, false, "level bar"}};
    Arena arena;
    Err err;
    CHECK(arena_open(&arena, (size_t)ARENA_MB << 20, &err));
    const Marker *marker = make(&arena, MARKER_CLOSE, 42);
    MarkerPrint *print = ARENA_NEW(&arena, MarkerPrint, 1);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        bool ok = marker_print_measure(marker, row[i].x, row[i].y, print, &err);
        CHECK(ok == row[i].ok);
        if (ok) {
            CHECK_NEAR(print->factor_x, row[i].x / 100.0, 1e-15);
            CHECK_NEAR(print->factor_y, row[i].y / 100.0, 1e-15);
            CHECK(print->print_id == 42);
        } else if (!CHECK(strstr(err.text, row[i].says) != NULL))
            printf("# %s\n", err.text);
    }
    arena_close(&arena);
}

TEST(marker_stretched_to_its_print_has_all_its_places_there)
{
    const double x = 1.004, y = 0.998;
    Arena arena;
    Err err;
    CHECK(arena_open(&arena, (size_t)ARENA_MB << 20, &err));
    for (int kind = 0; kind < MARKER_KINDS; kind++) {
        const Marker *plain = make(&arena, (MarkerKind)kind, 42);
        Marker *marker = make(&arena, (MarkerKind)kind, 42);
        marker_apply_print(marker, &(MarkerPrint){.factor_x = x, .factor_y = y});
        Rng rng = rng_make(8, (uint64_t)kind);
        for (int i = 0; i < 4000; i++) {
            double u = plain->left_mm + rng_f64(&rng) * (plain->right_mm - plain->left_mm);
            double v = plain->top_mm + rng_f64(&rng) * (plain->bottom_mm - plain->top_mm);
            Rgb a = {0}, b = {0};
            CHECK(marker_color_at(plain, u, v, 0.0, &a) ==
                  marker_color_at(marker, x * u, y * v, 0.0, &b));
            CHECK_NEAR((double)a.g, (double)b.g, 1e-3);
        }
        for (int i = 0; i < plain->tag_count; i++) {
            double a[4][2], b[4][2];
            marker_tag_corners(&plain->tag[i], a);
            marker_tag_corners(&marker->tag[i], b);
            for (int k = 0; k < 4; k++) {
                CHECK_NEAR(b[k][0], x * a[k][0], 1e-9);
                CHECK_NEAR(b[k][1], y * a[k][1], 1e-9);
            }
        }
        for (int i = 0; i < 4; i++) {
            CHECK_NEAR(marker->rim_mm[i], plain->rim_mm[i] * (i % 2 == 0 ? x : y), 1e-9);
            CHECK_NEAR(marker->edge_mm[i], plain->edge_mm[i] * (i % 2 == 0 ? x : y), 1e-9);
            CHECK_NEAR(marker->window_mm[i], plain->window_mm[i] * (i % 2 == 0 ? x : y), 1e-9);
        }
        for (int i = 0; i < plain->patch_count; i++)
            CHECK_NEAR(marker->patch[i].y_mm + marker->patch[i].height_mm,
                       y * (plain->patch[i].y_mm + plain->patch[i].height_mm), 1e-9);
    }
    arena_close(&arena);
}

/* ---- prints.json ---- */

static bool same_print(const MarkerPrint *a, const MarkerPrint *b)
{
    bool same = a->print_id == b->print_id && fabs(a->factor_x - b->factor_x) < 1e-6 &&
                fabs(a->factor_y - b->factor_y) < 1e-6 && a->patch_count == b->patch_count &&
                strcmp(a->date, b->date) == 0;
    for (int i = 0; same && i < a->patch_count; i++)
        same = strcmp(a->patch_name[i], b->patch_name[i]) == 0 &&
               fabs(a->patch[i].L - b->patch[i].L) < 1e-3 &&
               fabs(a->patch[i].a - b->patch[i].a) < 1e-3 &&
               fabs(a->patch[i].b - b->patch[i].b) < 1e-3;
    return same;
}

static MarkerPrints example(Arena *arena)
{
    MarkerPrints prints = {.count = 2, .print = ARENA_NEW(arena, MarkerPrint, 2)};
    CHECK(prints.print != NULL);
    prints.print[0] = (MarkerPrint){
        .print_id = 7, .factor_x = 0.997, .factor_y = 1.001234567, .date = "2026-02-28"};
    prints.print[1] = (MarkerPrint){.print_id = 65535,
                                    .factor_x = 1.0,
                                    .factor_y = 1.0,
                                    .date = "2027-12-31",
                                    .patch_count = 2,
                                    .patch_name = {"white", "skin6"},
                                    .patch = {{94.25, -0.5, 1.125}, {36.0, 9.5, 11.0}}};
    return prints;
}

TEST(marker_prints_read_back_as_they_were_written)
{
    Arena arena;
    Err err;
    size_t size;
    char *bytes;
    CHECK(arena_open(&arena, (size_t)ARENA_MB << 20, &err));
    MarkerPrints prints = example(&arena), again;
    CHECK(marker_prints_to_json(&arena, &prints, &size, &bytes, &err));
    CHECK(marker_prints_from_json(&arena, size, bytes, &again, &err));
    CHECK(again.count == 2);
    for (int i = 0; i < 2; i++)
        CHECK(same_print(&prints.print[i], &again.print[i]));
    CHECK(marker_prints_find(&again, 65535) == &again.print[1]);
    CHECK(marker_prints_find(&again, 8) == NULL);
    CHECK(marker_prints_find(NULL, 7) == NULL);
    /* and within any smaller room they fail in words */
    for (size_t limit = 0; limit < sizeof(MarkerPrint) * 2; limit += 256) {
        Arena small;
        CHECK(arena_open(&small, limit + 64, &err));
        if (!marker_prints_from_json(&small, size, bytes, &again, &err))
            CHECK(err.code == ERR_LIMIT);
        arena_close(&small);
    }
    arena_close(&arena);
}

#define DOC(list)    "{\"schema\":\"follicle/prints\",\"version\":1,\"prints\":[" list "]}"
#define ONE(changes) DOC("{\"print_id\":7,\"date\":\"2026-02-28\"," changes "}")
#define FACTORS      "\"factor_x\":1.0,\"factor_y\":1.0"

TEST(marker_prints_that_are_wrong_are_refused_by_place)
{
    static const struct {
        const char *text, *says;
    } row[] = {
        {ONE(FACTORS), ""},
        {DOC(""), ""},
        {"", "prints"},
        {"{\"schema\":\"follicle/case\",\"version\":1,\"prints\":[]}", "schema"},
        {"{\"schema\":\"follicle/prints\",\"version\":2,\"prints\":[]}", "newer program"},
        {"{\"schema\":\"follicle/prints\",\"version\":1}", "prints: prints is missing"},
        {ONE("\"factor_x\":1.0"), "prints[0].factor_y is missing"},
        {ONE("\"factor_x\":1.09,\"factor_y\":1.09"), "0.92..1.08"},
        {ONE("\"factor_x\":1.012,\"factor_y\":1.0"), "1.2 %"},
        {ONE("\"factor_x\":\"1\",\"factor_y\":1.0"), "factor_x"},
        {ONE(FACTORS ",\"colour\":1"), "colour"},
        {ONE(FACTORS ",\"patches\":[{\"name\":\"red\",\"lab\":[1,2]}]"), "[L, a, b]"},
        {ONE(FACTORS ",\"patches\":[{\"name\":\"red\",\"lab\":[1,2,300]}]"), "-128..128"},
        {ONE(FACTORS ",\"patches\":[{\"name\":\"red\",\"lab\":[1,2,3]},"
                     "{\"name\":\"red\",\"lab\":[1,2,3]}]"),
         "second time"},
        {ONE(FACTORS ",\"patches\":[{\"name\":\"a name that is much too long\",\"lab\":[1,2,3]}]"),
         "name"},
        {DOC("{\"print_id\":65536,\"date\":\"2026-02-28\"," FACTORS "}"), "65536"},
        {DOC("{\"print_id\":7,\"date\":\"28.02.2026\"," FACTORS "}"), "28.02.2026"},
        {DOC("{\"print_id\":7,\"date\":\"2026-13-01\"," FACTORS "}"), "YYYY-MM-DD"},
        {DOC("{\"print_id\":7,\"date\":\"2026-02-28\"," FACTORS "},"
             "{\"print_id\":7,\"date\":\"2026-02-28\"," FACTORS "}"),
         "second time"},
    };
    Arena arena;
    Err err;
    CHECK(arena_open(&arena, (size_t)ARENA_MB << 20, &err));
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        MarkerPrints prints;
        err = (Err){0};
        bool ok = marker_prints_from_json(&arena, strlen(row[i].text), row[i].text, &prints, &err);
        bool right = ok == (row[i].says[0] == '\0') &&
                     (ok || (err.code == ERR_INPUT && strstr(err.text, row[i].says) != NULL));
        if (!CHECK(right))
            printf("# row %zu: %s\n", i, err.text);
    }
    arena_close(&arena);
}

/* ---- measured colours ---- */

static size_t write_colours(const Marker *marker, double shift, size_t capacity,
                            char text[capacity])
{
    size_t used = (size_t)snprintf(text, capacity, "name,L,a,b\r\n\n");
    for (int i = marker->patch_count - 1; i >= 0; i--) {
        Lab lab = marker->patch[i].design;
        used += (size_t)snprintf(text + used, capacity - used, " %s , %.2f,%.2f, %.2f\n",
                                 marker->patch[i].name, 0.9 * lab.L + 6.0, lab.a + shift, lab.b);
    }
    return used;
}

TEST(marker_colours_are_taken_by_name_and_refused_by_line)
{
    static const struct {
        const char *find, *put, *says; /* what is changed in a right file */
    } row[] = {{"red", "rot", "line 18: the card has no patch 'rot'"},
               {"skin3", "skin2", "a second time"},
               {" grey4 , ", " grey4 ; ", "expected name,L,a,b"},
               {"yellow , 79.80", "yellow , xx", "'xx' is no L*"},
               {"grey1 , 83.40", "grey1 , 8.4", "grey1 is"},
               {" white , 96.00,0.50, 0.00\n", "", "'white' is missing"}};
    Arena arena;
    Err err;
    char text[1024], wrong[1024];
    CHECK(arena_open(&arena, (size_t)ARENA_MB << 20, &err));
    const Marker *marker = make(&arena, MARKER_CLOSE, 42);
    MarkerPrint *print = ARENA_NEW(&arena, MarkerPrint, 1);
    size_t size = write_colours(marker, 0.5, sizeof text, text);
    CHECK(marker_print_colours(marker, size, text, print, &err));
    CHECK(print->patch_count == marker->patch_count);
    for (int i = 0; i < print->patch_count; i++) {
        CHECK(strcmp(print->patch_name[i], marker->patch[i].name) == 0);
        CHECK_NEAR(print->patch[i].a, marker->patch[i].design.a + 0.5, 0.006);
    }
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char *at = strstr(text, row[i].find);
        if (!CHECK(at != NULL))
            continue;
        int length = snprintf(wrong, sizeof wrong, "%.*s%s%s", (int)(at - text), text, row[i].put,
                              at + strlen(row[i].find));
        CHECK(!marker_print_colours(marker, (size_t)length, wrong, print, &err));
        if (!CHECK(strstr(err.text, row[i].says) != NULL))
            printf("# row %zu: %s\n", i, err.text);
    }
    arena_close(&arena);
}
