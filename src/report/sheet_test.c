/* What a sheet does with paper, languages and sides, as other programs read it. */
#include "report/report_internal.h"

#include "base/test.h"
#include "report/report_reader.h"

#include <math.h>

static const double point_mm = 25.4 / 72.0;

typedef struct Desk {
    Arena arena, scratch;
    Words arabic;
    Sheet sheet;
    size_t size;
    uint8_t *bytes;
    ReaderText text;
} Desk;

static Desk desk;

static bool begin(void)
{
    Err err = {0};
    memset(&desk, 0, sizeof desk);
    return arena_open(&desk.arena, 256 << 20, &err) && arena_open(&desk.scratch, 64 << 20, &err) &&
           words_open(&desk.arena, "ar", &desk.arabic, &err);
}

static void end(void)
{
    arena_close(&desk.arena);
    arena_close(&desk.scratch);
}

static bool open_sheet(const Words *words, ReportPaper paper)
{
    Err err = {0};
    ReportStyle style = {.paper = paper, .words = words};
    return sheet_open(&desk.sheet, &desk.arena, &style, "Title", "Foot", &err);
}

static bool close_sheet(void)
{
    Err err = {0};
    bool ok = sheet_close(&desk.sheet, &desk.size, &desk.bytes, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

/* Closes and lets pdftotext read the words; false where it is not installed. */
static bool read_back(void)
{
    if (!close_sheet() || !reader_installed("pdftotext"))
        return false;
    return CHECK(reader_words(&desk.arena, desk.size, desk.bytes, &desk.text));
}

static bool holds(const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= desk.size; i++)
        if (memcmp(desk.bytes + i, word, length) == 0)
            return true;
    return false;
}

/* ---- paper ---- */

TEST(a_page_has_the_size_of_its_paper_and_text_fills_it_between_equal_margins)
{
    static const double size_mm[REPORT_PAPERS][2] = {{210.0, 297.0}, {215.9, 279.4}};
    for (int paper = 0; paper < REPORT_PAPERS; paper++) {
        double left = 1e9, right = 0.0, bottom = 0.0;
        REQUIRE(begin() && open_sheet(NULL, (ReportPaper)paper));
        for (int i = 0; i < 400; i++)
            sheet_text(&desk.sheet,
                       "word%d and so on and so on and so on and so on and so on and "
                       "so on and so on and so on and so on and so on",
                       i);
        if (!read_back()) {
            end();
            return;
        }
        CHECK_NEAR(desk.text.page[0].width, size_mm[paper][0] / point_mm, 0.01);
        CHECK_NEAR(desk.text.page[0].height, size_mm[paper][1] / point_mm, 0.01);
        for (int i = 0; i < desk.text.word_count; i++) {
            left = fmin(left, desk.text.word[i].left);
            right = fmax(right, desk.text.word[i].right);
            bottom = fmax(bottom, desk.text.word[i].bottom);
        }
        CHECK_NEAR(left * point_mm, SHEET_MARGIN_MM, 0.5);
        CHECK_NEAR(right * point_mm, size_mm[paper][0] - SHEET_MARGIN_MM, 3.0);
        CHECK(bottom * point_mm < size_mm[paper][1] - 10.0);
        CHECK(bottom * point_mm > size_mm[paper][1] - 25.0);
        end();
    }
}

TEST(papers_are_known_by_name)
{
    Err err = {0};
    ReportPaper paper = REPORT_A4;
    for (int i = 0; i < REPORT_PAPERS; i++)
        CHECK(report_paper_named(report_paper_name((ReportPaper)i), &paper, &err) &&
              paper == (ReportPaper)i);
    CHECK(!report_paper_named("a5", &paper, &err) && err.code == ERR_INPUT);
}

/* ---- sides ---- */

static void put_things(Sheet *sheet)
{
    static const double share[] = {0.3, 0.4, 0.3};
    const char *cell[] = {"first", "second", "1,200.00"};
    sheet_table(sheet, &(SheetTable){.columns = 3, .share = share, .align = "llr"}, 1, cell);
    sheet_column(sheet, 0, 2);
    double y = sheet->y_mm;
    sheet_say(sheet, "columnone");
    sheet->y_mm = y;
    sheet_column(sheet, 1, 2);
    sheet_say(sheet, "columntwo");
    sheet_column(sheet, 0, 1);
    sheet_blank(sheet, 0.0, 0.5, "blankone");
    sheet_blank(sheet, 0.5, 1.0, "blanktwo");
    sheet_space(sheet, 8.0);
    sheet_list(sheet, "\u2022", 1, (const char *const[]){"listed"});
    sheet_figures(sheet, 2, (const char *const[]){"11.1", "22.2"},
                  (const char *const[]){"figureone", "figuretwo"});
}

/* All that is set on a sheet lies as far from the right edge in Arabic as from the left in English:
 * first columns come first for whoever reads from the right. */
TEST(a_right_to_left_sheet_is_the_mirror_image_of_its_places)
{
    static const char *const word[] = {"first",     "second",   "1,200.00",  "columnone",
                                       "columntwo", "blankone", "blanktwo",  "listed",
                                       "11.1",      "22.2",     "figureone", "figuretwo"};
    enum { WORDS = sizeof word / sizeof word[0] };
    double from_start[2][WORDS];
    for (int side = 0; side < 2; side++) {
        REQUIRE(begin() && open_sheet(side == 0 ? NULL : &desk.arabic, REPORT_LETTER));
        put_things(&desk.sheet);
        if (!read_back()) {
            end();
            return;
        }
        for (int i = 0; i < WORDS; i++) {
            const ReaderWord *found = reader_find(&desk.text, word[i]);
            if (!CHECK(found != NULL))
                break;
            from_start[side][i] =
                side == 0 ? found->left : desk.text.page[found->page].width - found->right;
        }
        end();
    }
    for (int i = 0; i < WORDS; i++)
        CHECK_NEAR(from_start[0][i], from_start[1][i], 0.7);
    CHECK(from_start[0][0] < from_start[0][1] && from_start[0][1] < from_start[0][2]);
}

TEST(drawings_keep_their_left_in_a_right_to_left_sheet)
{
    REQUIRE(begin() && open_sheet(&desk.arabic, REPORT_A4));
    sheet_drawing(&desk.sheet, "a head");
    sheet_put(&desk.sheet, 30.0, 50.0, 40.0, 8.0, false, "leftear");
    sheet_drawing_end(&desk.sheet);
    sheet_put(&desk.sheet, 30.0, 60.0, 40.0, 8.0, false, "mirrored");
    if (read_back()) {
        const ReaderWord *left = reader_find(&desk.text, "leftear");
        const ReaderWord *right = reader_find(&desk.text, "mirrored");
        REQUIRE(left != NULL && right != NULL);
        CHECK_NEAR(left->left * point_mm, 30.0, 0.3);
        CHECK_NEAR(right->right * point_mm, 210.0 - 30.0, 0.3);
    }
    end();
}

/* ---- scripts ---- */

/* Without a ligature: readers name those in their own ways. */
static const char muhammad[] = "\u0645\u062d\u0645\u062f";

TEST(names_in_latin_cyrillic_and_arabic_are_found_again_in_either_direction)
{
    const char *name[] = {"K\u00e4the", "\u0418\u0432\u0430\u043d", muhammad};
    for (int side = 0; side < 2; side++) {
        REQUIRE(begin() && open_sheet(side == 0 ? NULL : &desk.arabic, REPORT_A4));
        for (int i = 0; i < 3; i++)
            sheet_say(&desk.sheet, name[i]);
        sheet_text(&desk.sheet, "with %s and %s and %s", name[0], name[1], name[2]);
        REQUIRE(close_sheet());
        if (reader_installed("pdftotext")) {
            const char *text = reader_run(&desk.arena, "pdftotext", desk.size, desk.bytes);
            for (int i = 0; i < 3; i++) {
                const char *once = text == NULL ? NULL : strstr(text, name[i]);
                if (!CHECK(once != NULL && strstr(once + 1, name[i]) != NULL))
                    printf("# %s\n", name[i]);
            }
        }
        end();
    }
}

/* From where to where text stands on a line, mm from the left. */
static void extents(double y_mm, double *left, double *right)
{
    *left = 1e9;
    *right = 0.0;
    for (int i = 0; i < desk.text.word_count; i++) {
        const ReaderWord *word = &desk.text.word[i];
        double middle_mm = 0.5 * (word->top + word->bottom) * point_mm;
        if (middle_mm < y_mm || middle_mm > y_mm + 4.0)
            continue;
        *left = fmin(*left, word->left * point_mm);
        *right = fmax(*right, word->right * point_mm);
    }
}

TEST(a_text_starts_where_its_document_starts_whatever_its_letters)
{
    const char *text[] = {muhammad, "Latin", "12345"};
    for (int side = 0; side < 2; side++) {
        double y_mm[3], left, right;
        REQUIRE(begin() && open_sheet(side == 0 ? NULL : &desk.arabic, REPORT_A4));
        for (int i = 0; i < 3; i++) {
            y_mm[i] = desk.sheet.y_mm;
            sheet_say(&desk.sheet, text[i]);
        }
        if (!read_back()) {
            end();
            return;
        }
        for (int i = 0; i < 3; i++) {
            extents(y_mm[i], &left, &right);
            CHECK_NEAR(side == 0 ? left : 210.0 - right, SHEET_MARGIN_MM, 0.5);
        }
        end();
    }
}

/* A Latin name at the head of an Arabic sentence does not turn it: it is isolated. */
TEST(an_isolated_value_does_not_turn_a_sentence)
{
    REQUIRE(begin() && open_sheet(&desk.arabic, REPORT_A4));
    sheet_say(&desk.sheet, "\u2068Konstantinopel\u2069 \u0628\u064a\u062a.");
    if (read_back()) {
        const ReaderWord *name = reader_find(&desk.text, "Konstantinopel");
        const ReaderWord *house = reader_find(&desk.text, "\u0628");
        REQUIRE(name != NULL && house != NULL);
        CHECK(name->left > house->right - 0.1); /* it comes first: at the right */
    }
    end();
}

TEST(letters_that_no_font_has_are_named_and_not_passed_over)
{
    char missing[REPORT_MISSING];
    CHECK(report_has_letters("K\u00e4the \u0418\u0432\u0430\u043d \u0645\u062d\u0645\u062f",
                             missing));
    CHECK(missing[0] == '\0');
    CHECK(!report_has_letters("a \U000F1234 b \uE123", missing)); /* private use */
    CHECK(strcmp(missing, "U+F1234 U+E123") == 0);
    REQUIRE(begin() && open_sheet(NULL, REPORT_A4));
    sheet_say(&desk.sheet, "Name: \U000F1234");
    if (read_back()) {
        CHECK(reader_find(&desk.text, "U+F1234") != NULL);
        CHECK(reader_find(&desk.text, "fonts-noto-core,") != NULL);
    }
    end();
    REQUIRE(begin() && open_sheet(NULL, REPORT_A4));
    sheet_say(&desk.sheet, "Name: K\u00e4the");
    if (read_back())
        CHECK(reader_find(&desk.text, "boxes") == NULL);
    end();
}

TEST(bytes_that_are_no_text_are_printed_as_marks)
{
    REQUIRE(begin() && open_sheet(NULL, REPORT_A4));
    sheet_say(&desk.sheet, "before\xC3 after\xFF\xFE");
    if (read_back())
        CHECK(reader_find(&desk.text, "after") != NULL);
    end();
}

/* ---- for readers for the blind ---- */

TEST(figures_carry_their_words_and_the_document_its_language)
{
    Image picture;
    Err err = {0};
    REQUIRE(begin() && open_sheet(&desk.arabic, REPORT_A4));
    REQUIRE(image_new(&desk.arena, 8, 8, &picture, &err));
    const Image *row[] = {&picture, NULL, &picture};
    sheet_pictures(&desk.sheet, 3, row, (const char *const[]){"A\u00e9\u0416", "no", "B\U0001F600"},
                   20.0, 0);
    sheet_drawing(&desk.sheet, "(C)");
    sheet_drawing_end(&desk.sheet);
    sheet_drawing(&desk.sheet, "D");
    cairo_rectangle(desk.sheet.cr, 20.0, 20.0, 5.0, 5.0);
    cairo_fill(desk.sheet.cr);
    sheet_drawing_end(&desk.sheet);
    REQUIRE(close_sheet());
    CHECK(holds("/Alt <FEFF004100E90416>") && holds("/Alt <FEFF0042D83DDE00>"));
    CHECK(holds("/Alt <FEFF0044>"));
    CHECK(holds("/Lang (ar)") && holds("/Direction /R2L") && holds("/DisplayDocTitle true"));
    if (reader_installed("pdfinfo")) {
        const char *info = reader_run(&desk.arena, "pdfinfo -struct", desk.size, desk.bytes);
        CHECK(info != NULL && strstr(info, "rror") == NULL && strstr(info, "Figure") != NULL);
    }
    end();
}

TEST(the_structure_has_headings_lists_tables_and_captions)
{
    static const char *const tag[] = {"Document", "H1",    "H2",    "H3", "P",  "L", "LI",
                                      "Lbl",      "LBody", "Table", "TR", "TH", "TD"};
    static const double share[] = {0.5, 0.5};
    const char *cell[] = {"a", "b"};
    REQUIRE(begin() && open_sheet(NULL, REPORT_A4));
    sheet_title(&desk.sheet, "t", "u");
    sheet_heading(&desk.sheet, 0.0, "h");
    sheet_subheading(&desk.sheet, 0.0, "s");
    sheet_list(&desk.sheet, NULL, 1, cell);
    sheet_table(&desk.sheet,
                &(SheetTable){.columns = 2, .share = share, .align = "ll", .head = cell}, 1, cell);
    REQUIRE(close_sheet());
    if (reader_installed("pdfinfo")) {
        const char *info = reader_run(&desk.arena, "pdfinfo -struct", desk.size, desk.bytes);
        const char *facts = reader_run(&desk.arena, "pdfinfo", desk.size, desk.bytes);
        REQUIRE(info != NULL && facts != NULL);
        CHECK(strstr(facts, "Tagged:          yes") != NULL);
        for (size_t i = 0; i < sizeof tag / sizeof tag[0]; i++)
            if (!CHECK(strstr(info, tag[i]) != NULL))
                printf("# no %s\n", tag[i]);
    }
    end();
}

/* ---- breaks between pages ---- */

TEST(no_row_is_cut_by_the_end_of_a_page)
{
    enum { ROWS = 90 };
    static const double share[] = {0.2, 0.8};
    const char *head[] = {"headone", "headtwo"};
    const char *cell[2 * ROWS];
    REQUIRE(begin() && open_sheet(NULL, REPORT_LETTER));
    for (int i = 0; i < ROWS; i++) {
        cell[2 * i] = sheet_format(&desk.sheet, "from%03d", i);
        cell[2 * i + 1] =
            sheet_format(&desk.sheet,
                         "%0*d and words and words and words and words and words and words and "
                         "words and words and words and words and words and words to%03d",
                         1 + i % 7 * 30, i, i);
    }
    sheet_table(&desk.sheet,
                &(SheetTable){.columns = 2, .share = share, .align = "ll", .head = head}, ROWS,
                cell);
    if (read_back()) {
        int heads = 0;
        for (int i = 0; i < ROWS; i++) {
            char from[16], to[16];
            snprintf(from, sizeof from, "from%03d", i);
            snprintf(to, sizeof to, "to%03d", i);
            const ReaderWord *first = reader_find(&desk.text, from);
            const ReaderWord *last = reader_find(&desk.text, to);
            CHECK(first != NULL && last != NULL && first->page == last->page);
        }
        for (int i = 0; i < desk.text.word_count; i++)
            heads += strcmp(desk.text.word[i].text, "headone") == 0;
        CHECK(desk.text.page_count > 2 && heads == desk.text.page_count);
    }
    end();
}

static int page_of(const char *word)
{
    const ReaderWord *found = reader_find(&desk.text, word);
    return CHECK(found != NULL) ? found->page : -1;
}

TEST(neither_a_first_nor_a_last_row_nor_a_heading_stands_alone)
{
    static const double share[] = {0.5, 0.5};
    const char *cell[] = {"row0", "x", "row1", "x", "heading", NULL,
                          "row2", "x", "row3", "x", "row4",    "x"};
    bool broken = false;
    for (int step = 0; step < 14; step++) {
        REQUIRE(begin() && open_sheet(NULL, REPORT_A4));
        sheet_space(&desk.sheet, 226.0 + 2.5 * step);
        sheet_table(&desk.sheet, &(SheetTable){.columns = 2, .share = share, .align = "ll"}, 6,
                    cell);
        if (!read_back()) {
            end();
            return;
        }
        CHECK(page_of("row0") == page_of("row1") && page_of("row3") == page_of("row4"));
        CHECK(page_of("heading") == page_of("row2"));
        broken |= page_of("row0") != page_of("row4");
        end();
    }
    CHECK(broken);
}

TEST(a_text_that_found_no_room_fails_the_document)
{
    Err err = {0};
    REQUIRE(begin() && open_sheet(NULL, REPORT_A4));
    desk.sheet.voice.full = true;
    CHECK(!sheet_close(&desk.sheet, &desk.size, &desk.bytes, &err) && err.code == ERR_LIMIT);
    end();
}

TEST(a_list_leaves_no_item_alone_on_a_page)
{
    REQUIRE(begin());
    for (int lines = 50; lines < 66; lines++) {
        Arena *arena = &desk.scratch;
        Err err = {0};
        Sheet sheet;
        const char *item[] = {"a", "b", "c"};
        size_t mark = arena_mark(arena);
        REQUIRE(sheet_open(&sheet, arena, NULL, "t", "f", &err));
        sheet_space(&sheet, lines * 4.0);
        int before = sheet.page;
        double y = sheet.y_mm;
        sheet_list(&sheet, "-", 3, item);
        bool all_here = sheet.page == before, all_there = sheet.y_mm < y && sheet.y_mm > 27.0;
        CHECK(all_here || all_there);
        REQUIRE(sheet_close(&sheet, &desk.size, &desk.bytes, &err));
        arena_rewind(arena, mark);
    }
    end();
}

/* Each of several settings has its own measure, however often and in whatever order they are asked
 * for, and also when more have come than are kept. */
TEST(a_text_is_measured_by_its_own_size_weight_and_width)
{
    static const char text[] = "some words that run over more than one line";
    if (!CHECK(begin()) || !CHECK(open_sheet(NULL, REPORT_A4)))
        return;
    double fresh = sheet_height(&desk.sheet, 40.0, 8.0, false, text);
    CHECK(sheet_height(&desk.sheet, 15.0, 8.0, false, text) > 1.9 * fresh);
    CHECK(sheet_height(&desk.sheet, 40.0, 16.0, false, text) > 1.9 * fresh);
    CHECK(sheet_width(&desk.sheet, 8.0, true, text) >
          1.02 * sheet_width(&desk.sheet, 8.0, false, text));
    for (int i = 0; i < 3 * SHEET_SETTINGS; i++) {
        CHECK(sheet_height(&desk.sheet, 300.0 + i, 8.0, i % 2, text) < fresh);
        if (i % 50 == 0)
            CHECK_NEAR(sheet_height(&desk.sheet, 40.0, 8.0, false, text), fresh, 0.0);
    }
    CHECK(close_sheet());
    end();
}
