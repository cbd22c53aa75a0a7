/* The pages as a printer gets them: rendered by poppler, looked at by libapriltag. */
#include "report/marker_sheet.h"

#include "base/io.h"
#include "base/test.h"

#include <apriltag/apriltag.h>
#include <apriltag/tag36h11.h>
#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARENA_MB = 384, PRINT_ID = 0x2A07 };

extern char **environ;

typedef struct Page {
    int width, height, dpi;
    uint8_t *grey;
} Page;

typedef enum Ran { RAN, FAILED, MISSING } Ran;

static Ran run_pdftoppm(char *density, char *pdf, char *root)
{
    char name[] = "pdftoppm", grey[] = "-gray", single[] = "-singlefile", at[] = "-r";
    char *argv[] = {name, grey, single, at, density, pdf, root, NULL};
    pid_t child;
    int status = -1;
    if (posix_spawnp(&child, name, NULL, NULL, argv, environ) != 0)
        return MISSING;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return !WIFEXITED(status)           ? FAILED
           : WEXITSTATUS(status) == 127 ? MISSING
           : WEXITSTATUS(status) == 0   ? RAN
                                        : FAILED;
}

/* P5 of pdftoppm: "P5\nW H\n255\n", then bytes. */
static bool read_pgm(Arena *arena, const char *path, int dpi, Page *page)
{
    size_t size;
    uint8_t *bytes;
    Err err;
    int top, skip = 0;
    if (!io_read_file(arena, path, (size_t)128 << 20, &size, &bytes, &err))
        return false;
    page->dpi = dpi;
    if (sscanf((const char *)bytes, "P5 %d %d %d%n", &page->width, &page->height, &top, &skip) != 3)
        return false;
    page->grey = bytes + skip + 1;
    return size == (size_t)skip + 1 + (size_t)page->width * (size_t)page->height;
}

/* False where there is no pdftoppm, which is said. */
static bool render(Arena *arena, ReportPaper paper, MarkerKind kind, int dpi, Page *page)
{
    char folder[] = "/tmp/follicle-marker-XXXXXX", pdf[64], root[64], pgm[64], density[16];
    size_t size;
    uint8_t *bytes;
    Err err;
    bool ok = report_marker_pdf(arena, paper, 1u << kind, PRINT_ID, &size, &bytes, &err);
    CHECK(ok);
    if (!ok || mkdtemp(folder) == NULL)
        return false;
    snprintf(pdf, sizeof pdf, "%s/m.pdf", folder);
    snprintf(root, sizeof root, "%s/m", folder);
    snprintf(pgm, sizeof pgm, "%s/m.pgm", folder);
    snprintf(density, sizeof density, "%d", dpi);
    CHECK(io_write_file(pdf, size, bytes, &err));
    Ran ran = run_pdftoppm(density, pdf, root);
    ok = ran == RAN && read_pgm(arena, pgm, dpi, page);
    if (ran == MISSING)
        printf("# SKIP: pdftoppm (poppler-utils) is missing, the pages are not looked at\n");
    else
        CHECK(ok);
    unlink(pgm);
    unlink(pdf);
    rmdir(folder);
    return ok;
}

/* ---- tags ---- */

typedef struct Found {
    int id;
    double mm[4][2]; /* on the page, in the order of marker_tag_corners */
} Found;

enum { FOUND = 64 };

static int find(const Page *page, Found found[FOUND])
{
    image_u8_t picture = {
        .width = page->width, .height = page->height, .stride = page->width, .buf = page->grey};
    apriltag_family_t *family = tag36h11_create();
    apriltag_detector_t *detector = apriltag_detector_create();
    int count = 0;
    apriltag_detector_add_family_bits(detector, family, 0); /* not one wrong bit */
    detector->quad_decimate = 2.0f;
    zarray_t *list = apriltag_detector_detect(detector, &picture);
    CHECK(zarray_size(list) <= FOUND);
    for (int i = 0; i < zarray_size(list) && i < FOUND; i++) {
        apriltag_detection_t *detection;
        zarray_get(list, i, &detection);
        CHECK(detection->decision_margin > 60.0f);
        found[count].id = detection->id;
        for (int k = 0; k < 4; k++) /* the library begins lower left and goes to the right */
            for (int a = 0; a < 2; a++)
                found[count].mm[(7 - k) % 4][a] = detection->p[k][a] / page->dpi * 25.4;
        count++;
    }
    apriltag_detections_destroy(list);
    apriltag_detector_destroy(detector);
    tag36h11_destroy(family);
    return count;
}

/* Where a place of the marker lies on the page but for a shift; pieces of the strip stand up. */
static void on_page(const Marker *marker, const double mm[2], double page_mm[2])
{
    bool up = marker->kind == MARKER_STRIP;
    page_mm[0] = up ? mm[1] : mm[0];
    page_mm[1] = up ? -mm[0] : mm[1];
}

/* The shift of one piece, from the tags whose ids occur once. */
static int shift_of(const Marker *marker, int piece, int count, const Found found[], double by[2])
{
    int pairs = 0;
    by[0] = by[1] = 0.0;
    for (int i = 0; i < marker->tag_count; i++) {
        const MarkerTag *tag = &marker->tag[i];
        bool here = tag->x_mm > marker->piece_mm[piece] && tag->x_mm < marker->piece_mm[piece + 1];
        for (int k = 0; here && !tag->carries_print && k < count; k++) {
            double corner[4][2], want[2];
            marker_tag_corners(tag, corner);
            if (found[k].id != tag->id)
                continue;
            for (int c = 0; c < 4; c++, pairs++) {
                on_page(marker, corner[c], want);
                for (int a = 0; a < 2; a++)
                    by[a] += found[k].mm[c][a] - want[a];
            }
        }
    }
    for (int a = 0; a < 2; a++)
        by[a] /= pairs > 0 ? pairs : 1;
    return pairs / 4;
}

/* Farthest corner of a tag from where it is to be; 1e9 when the tag is not there. */
static double farthest(const Marker *marker, const MarkerTag *tag, const double by[2], int count,
                       const Found found[])
{
    double corner[4][2], want[2], least = 1e9;
    marker_tag_corners(tag, corner);
    for (int k = 0; k < count; k++) {
        double worst = 0.0;
        for (int c = 0; c < 4; c++) {
            on_page(marker, corner[c], want);
            worst = fmax(worst, hypot(found[k].mm[c][0] - want[0] - by[0],
                                      found[k].mm[c][1] - want[1] - by[1]));
        }
        if (found[k].id == tag->id)
            least = fmin(least, worst);
    }
    return least;
}

static void check_tags(Arena *arena, const Page *page, MarkerKind kind)
{
    Found found[FOUND];
    Err err;
    Marker *marker = ARENA_NEW(arena, Marker, 1);
    bool made = marker != NULL && marker_make(kind, PRINT_ID, marker, &err);
    REQUIRE(made);
    int count = find(page, found);
    CHECK(count == marker->tag_count);
    for (int piece = 0; piece < marker->piece_count; piece++) {
        double by[2];
        CHECK(shift_of(marker, piece, count, found, by) >= 6);
        for (int i = 0; i < marker->tag_count; i++)
            if (marker->tag[i].x_mm > marker->piece_mm[piece] &&
                marker->tag[i].x_mm < marker->piece_mm[piece + 1])
                CHECK(farthest(marker, &marker->tag[i], by, count, found) < 0.1);
    }
}

/* ---- bars ---- */

/* Longest run of black along rows, or along columns, mm. */
static double longest_black(const Page *page, bool upright)
{
    int lines = upright ? page->width : page->height, along = upright ? page->height : page->width;
    int longest = 0;
    for (int line = 0; line < lines; line++)
        for (int i = 0, length = 0; i < along; i++) {
            uint8_t value = upright ? page->grey[(ptrdiff_t)i * page->width + line]
                                    : page->grey[(ptrdiff_t)line * page->width + i];
            length = value < 64 ? length + 1 : 0;
            longest = length > longest ? length : longest;
        }
    return longest * 25.4 / page->dpi;
}

TEST(marker_pages_have_every_tag_within_a_tenth_of_a_millimetre_and_bars_of_100)
{
    static const struct {
        ReportPaper paper;
        MarkerKind kind;
        int dpi;
    } row[] = {{REPORT_A4, MARKER_CLOSE, 300},     {REPORT_A4, MARKER_HEAD, 300},
               {REPORT_A4, MARKER_STRIP, 300},     {REPORT_LETTER, MARKER_STRIP, 600},
               {REPORT_LETTER, MARKER_CLOSE, 300}, {REPORT_LETTER, MARKER_HEAD, 300}};
    Arena arena;
    Err err;
    CHECK(arena_open(&arena, (size_t)ARENA_MB << 20, &err));
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        Page page;
        size_t mark = arena_mark(&arena);
        if (!render(&arena, row[i].paper, row[i].kind, row[i].dpi, &page))
            break;
        double wide = row[i].paper == REPORT_A4 ? 210.0 : 215.9;
        double tall = row[i].paper == REPORT_A4 ? 297.0 : 279.4;
        CHECK_NEAR(page.width * 25.4 / page.dpi, wide, 0.1);
        CHECK_NEAR(page.height * 25.4 / page.dpi, tall, 0.1);
        check_tags(&arena, &page, row[i].kind);
        /* the run goes over the outer halves of the two end lines, 0.1 mm each */
        double pixel = 25.4 / page.dpi;
        CHECK_NEAR(longest_black(&page, false) - 0.2, 100.0, 0.05 + pixel);
        CHECK_NEAR(longest_black(&page, true) - 0.2, 100.0, 0.05 + pixel);
        arena_rewind(&arena, mark);
    }
    arena_close(&arena);
}

/* ---- colours ---- */

TEST(marker_page_sends_the_designed_colours_to_the_printer)
{
    /* greys of the close card, in the middle of their patches, against the designed lightness */
    Arena arena;
    Err err;
    Page page;
    Found found[FOUND];
    double by[2];
    CHECK(arena_open(&arena, (size_t)ARENA_MB << 20, &err));
    Marker *marker = ARENA_NEW(&arena, Marker, 1);
    CHECK(marker_make(MARKER_CLOSE, PRINT_ID, marker, &err));
    if (render(&arena, REPORT_A4, MARKER_CLOSE, 300, &page)) {
        int count = find(&page, found);
        CHECK(shift_of(marker, 0, count, found, by) == 6);
        for (int i = 0; i < marker->patch_count; i++) {
            const MarkerPatch *patch = &marker->patch[i];
            int x = (int)((patch->x_mm + 0.5 * patch->width_mm + by[0]) / 25.4 * 300.0);
            int y = (int)((patch->y_mm + 0.5 * patch->height_mm + by[1]) / 25.4 * 300.0);
            uint8_t code[3];
            color_to_srgb8(color_from_lab(patch->design), code);
            if (patch->grey)
                CHECK_NEAR(page.grey[(ptrdiff_t)y * page.width + x], code[1], 1.0);
        }
    }
    arena_close(&arena);
}

/* ---- the document ---- */

TEST(marker_pdf_is_the_same_each_time_and_refuses_what_there_is_not)
{
    Arena arena;
    Err err;
    size_t size[2];
    uint8_t *bytes[2];
    CHECK(arena_open(&arena, (size_t)ARENA_MB << 20, &err));
    for (int i = 0; i < 2; i++)
        CHECK(report_marker_pdf(&arena, REPORT_A4, 7, 1, &size[i], &bytes[i], &err));
    CHECK(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0);
    CHECK(!report_marker_pdf(&arena, REPORT_A4, 0, 1, &size[0], &bytes[0], &err));
    CHECK(!report_marker_pdf(&arena, REPORT_A4, 8, 1, &size[0], &bytes[0], &err));
    CHECK(!report_marker_pdf(&arena, REPORT_A4, 7, -1, &size[0], &bytes[0], &err));
    arena_close(&arena);
    for (size_t limit = 4096; limit < (size_t)700 << 10; limit += 64 << 10) {
        CHECK(arena_open(&arena, limit, &err));
        if (!report_marker_pdf(&arena, REPORT_A4, 7, 1, &size[0], &bytes[0], &err))
            CHECK(err.code == ERR_LIMIT);
        arena_close(&arena);
    }
}
