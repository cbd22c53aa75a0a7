#include "report/report_internal.h"
#include "report/report_pdf.h"

#include <cairo-pdf.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double point_mm = 25.4 / 72.0;
static const double body_pt = 8.5, small_pt = 7.0, foot_pt = 6.5;
static const double foot_mm = 20.0; /* the foot line and its air */
/* The foot of an A4 page that is printed on Letter at 100 %. */
static const double either_bottom_mm = 270.0;
static const double paper_mm[REPORT_PAPERS][2] = {
    [REPORT_A4] = {210.0, 297.0}, [REPORT_LETTER] = {215.9, 279.4}};
static const char *const paper_name[REPORT_PAPERS] = {
    [REPORT_A4] = "a4", [REPORT_LETTER] = "letter"};
enum { CHUNK_BYTES = 64 << 10 };

const char *report_paper_name(ReportPaper paper)
{
    return paper_name[paper];
}

bool report_paper_named(const char *name, ReportPaper *paper, Err *err)
{
    for (int i = 0; i < REPORT_PAPERS; i++)
        if (strcmp(name, paper_name[i]) == 0) {
            *paper = (ReportPaper)i;
            return true;
        }
    return err_set(err, ERR_INPUT, "there is no paper '%s', but a4 and letter", name);
}

struct SheetChunk {
    SheetChunk *next;
    size_t used;
    uint8_t bytes[CHUNK_BYTES];
};

struct SheetAlt {
    SheetAlt *next;
    const char *text;
};

/* --- bytes --- */

/* What cairo writes goes into a chain of blocks in the arena. */
static cairo_status_t take(void *ctx, const unsigned char *data, unsigned length)
{
    Sheet *sheet = ctx;
    while (length > 0) {
        SheetChunk *chunk = sheet->last;
        if (chunk == NULL || chunk->used == CHUNK_BYTES) {
            SheetChunk *fresh = ARENA_NEW(sheet->arena, SheetChunk, 1);
            if (fresh == NULL) {
                sheet->full = true;
                return CAIRO_STATUS_WRITE_ERROR;
            }
            *(chunk == NULL ? &sheet->first : &chunk->next) = fresh;
            sheet->last = chunk = fresh;
        }
        size_t part = CHUNK_BYTES - chunk->used < length ? CHUNK_BYTES - chunk->used : length;
        memcpy(chunk->bytes + chunk->used, data, part);
        chunk->used += part;
        sheet->size += part;
        data += part;
        length -= (unsigned)part;
    }
    return CAIRO_STATUS_SUCCESS;
}

static bool list_alts(Sheet *sheet, PdfExtras *extras)
{
    for (const SheetAlt *alt = sheet->first_alt; alt != NULL; alt = alt->next)
        extras->alt_count++;
    const char **text = ARENA_NEW(sheet->arena, const char *, extras->alt_count + 1);
    int i = 0;
    if (text == NULL)
        return false;
    for (const SheetAlt *alt = sheet->first_alt; alt != NULL; alt = alt->next)
        text[i++] = alt->text;
    extras->alt = text;
    return true;
}

static bool join(Sheet *sheet, size_t *size, uint8_t **bytes)
{
    PdfExtras extras = {.language = words_language(sheet->style.words),
                        .right_to_left = sheet->mirrored};
    if (!list_alts(sheet, &extras))
        return false;
    char *all = ARENA_NEW(sheet->arena, char, sheet->size + pdf_extras_room(&extras));
    size_t used = 0;
    if (all == NULL)
        return false;
    for (const SheetChunk *chunk = sheet->first; chunk != NULL; chunk = chunk->next) {
        memcpy(all + used, chunk->bytes, chunk->used);
        used += chunk->used;
    }
    *size = pdf_add_extras(used, all, &extras); /* the arena's zeros end the text */
    *bytes = (uint8_t *)all;
    return true;
}

/* --- pages --- */

void sheet_ink(Sheet *sheet, SheetInk ink)
{
    static const double rgb[][3] = {[SHEET_BLACK] = {0.10, 0.11, 0.12},
                                    [SHEET_GREY] = {0.38, 0.40, 0.42},
                                    [SHEET_PALE] = {0.84, 0.86, 0.87},
                                    [SHEET_ACCENT] = {0.08, 0.33, 0.40}};
    cairo_set_source_rgb(sheet->cr, rgb[ink][0], rgb[ink][1], rgb[ink][2]);
}

double sheet_x(const Sheet *sheet, double x_mm, double width_mm)
{
    if (!sheet->mirrored || sheet->in_drawing)
        return x_mm;
    return sheet->page_width_mm - x_mm - width_mm;
}

/* What stands on every page is no part of what is read: no tags. */
static void begin_page(Sheet *sheet)
{
    const double foot = sheet->bottom_mm + 2.0;
    char number[32];
    sheet->page++;
    sheet->y_mm = SHEET_MARGIN_MM;
    sheet_rule(sheet, SHEET_MARGIN_MM, sheet->text_mm, foot, SHEET_PALE);
    sheet_ink(sheet, SHEET_GREY);
    sheet_put(sheet, SHEET_MARGIN_MM, foot + 1.0, sheet->text_mm - 10.0, foot_pt, false,
              sheet->foot);
    snprintf(number, sizeof number, "%d", sheet->page);
    sheet_put_end(sheet, SHEET_MARGIN_MM + sheet->text_mm - 9.0, foot + 1.0, 9.0, foot_pt, false,
                  number);
}

/* No clock in a document: the same case shall give the same bytes. */
static void describe(Sheet *sheet)
{
    const Clinic *clinic = sheet->style.clinic;
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_TITLE, sheet->title);
    if (clinic != NULL && clinic->name[0] != '\0')
        cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_AUTHOR, clinic->name);
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_CREATOR,
                                   "Follicle " FOLLICLE_VERSION);
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                   "2000-01-01T00:00:00Z");
}

/* The clinic's name and how to reach it, at the top of the first page. */
static void letterhead(Sheet *sheet)
{
    const Clinic *clinic = sheet->style.clinic;
    const char *line = "";
    if (clinic == NULL)
        return;
    for (int i = 0; i < CLINIC_LINES; i++)
        if (clinic->contact[i] != NULL && clinic->contact[i][0] != '\0')
            line = sheet_format(sheet, "%s%s%s", line, line[0] == '\0' ? "" : "  \u00b7  ",
                                clinic->contact[i]);
    if (clinic->name[0] == '\0' && line[0] == '\0')
        return;
    cairo_tag_begin(sheet->cr, "P", NULL);
    sheet_ink(sheet, SHEET_BLACK);
    double name = sheet_put(sheet, sheet->left_mm, sheet->y_mm, 0.4 * sheet->width_mm, small_pt,
                            true, clinic->name);
    sheet_ink(sheet, SHEET_GREY);
    double contact = sheet_put_end(sheet, sheet->left_mm + 0.4 * sheet->width_mm, sheet->y_mm,
                                   0.6 * sheet->width_mm, small_pt, false, line);
    cairo_tag_end(sheet->cr, "P");
    sheet->y_mm += fmax(name, contact) + 4.0;
}

void sheet_true_metrics(PangoContext *context)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    pango_context_set_round_glyph_positions(context, FALSE);
    cairo_font_options_destroy(options);
}

static void set_lengths(Sheet *sheet, ReportPaper paper)
{
    sheet->page_width_mm = paper_mm[paper][0];
    sheet->page_height_mm = paper_mm[paper][1];
    sheet->text_mm = sheet->page_width_mm - 2.0 * SHEET_MARGIN_MM;
    sheet->left_mm = SHEET_MARGIN_MM;
    sheet->width_mm = sheet->text_mm;
    sheet->bottom_mm = sheet->page_height_mm - foot_mm;
}

void sheet_begin(Sheet *sheet)
{
    sheet->font = pango_font_description_from_string("DejaVu Sans Condensed");
    for (int leftward = 0; leftward < 2; leftward++) {
        PangoContext *context = pango_cairo_create_context(sheet->cr);
        sheet_true_metrics(context);
        pango_context_set_base_dir(context, leftward ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
        sheet->context[leftward] = context;
    }
}

/* The sheet has its lengths, which may be those of another paper than it is printed on. */
static bool open_pages(Sheet *sheet, ReportPaper paper, Err *err)
{
    sheet->surface = cairo_pdf_surface_create_for_stream(take, sheet, paper_mm[paper][0] / point_mm,
                                                         paper_mm[paper][1] / point_mm);
    if (cairo_surface_status(sheet->surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(sheet->surface);
        return err_set(err, ERR_LIMIT, "no room for the document '%s' within the memory limit",
                       sheet->title);
    }
    describe(sheet);
    sheet->cr = cairo_create(sheet->surface);
    cairo_scale(sheet->cr, 1.0 / point_mm, 1.0 / point_mm);
    if (paper_mm[paper][0] > sheet->page_width_mm) /* in the middle, a little higher */
        cairo_translate(sheet->cr, 0.5 * (paper_mm[paper][0] - sheet->page_width_mm), -4.0);
    sheet_begin(sheet);
    cairo_tag_begin(sheet->cr, "Document", NULL);
    begin_page(sheet);
    return true;
}

static void name_document(Sheet *sheet, const char *title, const char *foot)
{
    snprintf(sheet->title, sizeof sheet->title, "%s", title);
    snprintf(sheet->foot, sizeof sheet->foot, "%s", foot);
}

bool sheet_open_on(Sheet *sheet, Arena *arena, ReportPaper paper, const char *title,
                   const char *foot, Err *err)
{
    *sheet = (Sheet){.arena = arena, .voice = {.arena = arena}};
    name_document(sheet, title, foot);
    set_lengths(sheet, REPORT_A4);
    sheet->bottom_mm = either_bottom_mm;
    return open_pages(sheet, paper, err);
}

bool sheet_open(Sheet *sheet, Arena *arena, const ReportStyle *style, const char *title,
                const char *foot, Err *err)
{
    *sheet = (Sheet){.arena = arena, .voice = {.arena = arena}};
    if (style != NULL) {
        sheet->style = *style;
        sheet->voice.words = style->words;
        sheet->mirrored = style->words != NULL && style->words->right_to_left;
    }
    name_document(sheet, title, foot);
    set_lengths(sheet, sheet->style.paper);
    if (!open_pages(sheet, sheet->style.paper, err))
        return false;
    letterhead(sheet);
    return true;
}

/* Letters that no font has stand in boxes with their numbers: nobody should have to guess why. */
static void say_missing(Sheet *sheet)
{
    const char *list = "";
    for (int i = 0; i < sheet->missing_count; i++)
        list =
            sheet_format(sheet, "%s%sU+%04X", list, i == 0 ? "" : " ", (unsigned)sheet->missing[i]);
    if (sheet->missing_count > 0)
        sheet_say_small(
            sheet, words_fill(&sheet->voice,
                              "Some letters above are boxes: no font on the computer that made "
                              "this paper has {letters}. Install a font for them (Debian: "
                              "fonts-noto-core, fonts-noto-cjk) and make it again.",
                              "letters", list));
}

bool sheet_close(Sheet *sheet, size_t *size, uint8_t **bytes, Err *err)
{
    say_missing(sheet);
    cairo_tag_end(sheet->cr, "Document");
    cairo_show_page(sheet->cr);
    cairo_status_t status = cairo_status(sheet->cr);
    sheet_end(sheet);
    cairo_surface_finish(sheet->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(sheet->surface);
    cairo_surface_destroy(sheet->surface);
    sheet->full |= sheet->voice.full;
    if (!sheet->full && status != CAIRO_STATUS_SUCCESS)
        return err_set(err, ERR_NUMERIC, "cannot write the document '%s': %s", sheet->title,
                       cairo_status_to_string(status));
    if (sheet->full || !join(sheet, size, bytes))
        return err_set(err, ERR_LIMIT, "no room for the document '%s' within the memory limit",
                       sheet->title);
    return true;
}

void sheet_end(Sheet *sheet)
{
    for (int i = 0; i < SHEET_SETTINGS; i++)
        if (sheet->setting[i].layout != NULL)
            g_object_unref(sheet->setting[i].layout);
    for (int leftward = 0; leftward < 2; leftward++)
        g_object_unref(sheet->context[leftward]);
    pango_font_description_free(sheet->font);
    cairo_destroy(sheet->cr);
}

void sheet_new_page(Sheet *sheet)
{
    cairo_show_page(sheet->cr);
    begin_page(sheet);
}

void sheet_need(Sheet *sheet, double height_mm)
{
    if (sheet->y_mm + height_mm > sheet->bottom_mm && sheet->y_mm > SHEET_MARGIN_MM)
        sheet_new_page(sheet);
}

void sheet_column(Sheet *sheet, int column, int columns)
{
    sheet->width_mm = (sheet->text_mm - SHEET_GAP_MM * (columns - 1)) / columns;
    sheet->left_mm = SHEET_MARGIN_MM + column * (sheet->width_mm + SHEET_GAP_MM);
}

void sheet_space(Sheet *sheet, double height_mm)
{
    sheet->y_mm += height_mm;
}

void sheet_drawing(Sheet *sheet, const char *alt)
{
    SheetAlt *figure = ARENA_NEW(sheet->arena, SheetAlt, 1);
    if (figure == NULL)
        sheet->full = true;
    else {
        *figure = (SheetAlt){NULL, alt};
        *(sheet->last_alt == NULL ? &sheet->first_alt : &sheet->last_alt->next) = figure;
        sheet->last_alt = figure;
    }
    cairo_tag_begin(sheet->cr, "Figure", NULL);
    sheet->in_drawing = true;
}

void sheet_drawing_end(Sheet *sheet)
{
    sheet->in_drawing = false;
    cairo_tag_end(sheet->cr, "Figure");
}

/* --- blocks of text --- */

typedef struct Block {
    const char *tag;
    double points;
    bool bold;
    SheetInk ink;
    double before_mm, after_mm, keep_mm;
} Block;

static void put_block(Sheet *sheet, const Block *block, const char *text)
{
    double height = sheet_height(sheet, sheet->width_mm, block->points, block->bold, text);
    sheet_need(sheet, block->before_mm + height + block->after_mm + block->keep_mm);
    if (sheet->y_mm > SHEET_MARGIN_MM)
        sheet->y_mm += block->before_mm;
    cairo_tag_begin(sheet->cr, block->tag, NULL);
    sheet_ink(sheet, block->ink);
    sheet_put(sheet, sheet->left_mm, sheet->y_mm, sheet->width_mm, block->points, block->bold,
              text);
    cairo_tag_end(sheet->cr, block->tag);
    sheet->y_mm += height + block->after_mm;
}

void sheet_title(Sheet *sheet, const char *text, const char *under)
{
    put_block(sheet, &(Block){"H1", 18.0, true, SHEET_ACCENT, 0.0, 0.4, 0.0}, text);
    if (under != NULL)
        put_block(sheet, &(Block){"P", 8.5, false, SHEET_GREY, 0.0, 3.0, 0.0}, under);
}

void sheet_heading(Sheet *sheet, double keep_mm, const char *text)
{
    put_block(sheet, &(Block){"H2", 10.5, true, SHEET_ACCENT, 4.0, 1.0, keep_mm}, text);
}

void sheet_subheading(Sheet *sheet, double keep_mm, const char *text)
{
    put_block(sheet, &(Block){"H3", 8.5, true, SHEET_BLACK, 2.0, 0.6, keep_mm}, text);
}

void sheet_say(Sheet *sheet, const char *text)
{
    put_block(sheet, &(Block){"P", body_pt, false, SHEET_BLACK, 0.4, 1.4, 0.0}, text);
}

void sheet_say_small(Sheet *sheet, const char *text)
{
    put_block(sheet, &(Block){"P", small_pt, false, SHEET_GREY, 0.6, 1.2, 0.0}, text);
}

void sheet_text(Sheet *sheet, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    sheet_say(sheet, sheet_format_list(sheet, fmt, list));
    va_end(list);
}

void sheet_small(Sheet *sheet, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    sheet_say_small(sheet, sheet_format_list(sheet, fmt, list));
    va_end(list);
}

typedef struct Item {
    const char *mark; /* NULL: a box to tick */
    double indent_mm, after_mm;
} Item;

static double item_height(Sheet *sheet, const Item *item, const char *text)
{
    return sheet_height(sheet, sheet->width_mm - item->indent_mm, body_pt, false, text) +
           item->after_mm;
}

static void put_item(Sheet *sheet, const Item *item, const char *text)
{
    double indent = item->indent_mm;
    cairo_tag_begin(sheet->cr, "LI", NULL);
    cairo_tag_begin(sheet->cr, "Lbl", NULL);
    sheet_ink(sheet, SHEET_BLACK);
    if (item->mark == NULL)
        sheet_box(sheet, sheet->left_mm, sheet->y_mm + 0.4, 2.6);
    else
        sheet_put(sheet, sheet->left_mm, sheet->y_mm, indent, body_pt, false, item->mark);
    cairo_tag_end(sheet->cr, "Lbl");
    cairo_tag_begin(sheet->cr, "LBody", NULL);
    sheet_ink(sheet, SHEET_BLACK);
    sheet_put(sheet, sheet->left_mm + indent, sheet->y_mm, sheet->width_mm - indent, body_pt, false,
              text);
    cairo_tag_end(sheet->cr, "LBody");
    cairo_tag_end(sheet->cr, "LI");
    sheet->y_mm += item_height(sheet, item, text);
}

/* Neither the first item nor the last stands alone on a page. */
void sheet_list(Sheet *sheet, const char *mark, int count, const char *const text[])
{
    Item item = {mark, mark == NULL ? 5.0 : 3.2, mark == NULL ? 1.4 : 0.8};
    if (count == 0)
        return;
    cairo_tag_begin(sheet->cr, "L", NULL);
    for (int i = 0; i < count; i++) {
        double keep = item_height(sheet, &item, text[i]);
        if (i + 1 < count && (i == 0 || i == count - 2))
            keep += item_height(sheet, &item, text[i + 1]);
        if (i == 0 && count == 3)
            keep += item_height(sheet, &item, text[2]);
        sheet_need(sheet, keep);
        put_item(sheet, &item, text[i]);
    }
    cairo_tag_end(sheet->cr, "L");
    sheet->y_mm += 0.6;
}
