#include "report/report_internal.h"

#include <cairo-pdf.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double point_mm = 25.4 / 72.0;
static const double body_pt = 8.5, small_pt = 7.0, table_pt = 8.0;
enum { CHUNK_BYTES = 64 << 10 };

struct SheetChunk {
    SheetChunk *next;
    size_t used;
    uint8_t bytes[CHUNK_BYTES];
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

static const char *last_of(const char *text, size_t size, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = size; i >= length; i--)
        if (memcmp(text + i - length, word, length) == 0)
            return text + i - length;
    return NULL;
}

enum { UPDATE_BYTES = 2048 };

/* Cairo 1.16 cannot say in which language a document is written, which a reader for the blind needs
 * (PDF 32000-1, 14.9.2). It is added as an incremental update (7.5.6): the catalog once more, with
 * the language and the wish to show the title. Returns the bytes to append, 0 if the end of the
 * document is not what cairo 1.16 writes. */
static int language_update(size_t size, const char *text, char update[UPDATE_BYTES])
{
    static const char type[] = "<< /Type /Catalog";
    const char *trailer = last_of(text, size, "trailer");
    unsigned long objects, root, info, xref;
    char tail[256], object[32];
    if (trailer == NULL)
        return 0;
    snprintf(tail, sizeof tail, "%.*s", (int)(size - (size_t)(trailer - text)), trailer);
    if (sscanf(tail, "trailer << /Size %lu /Root %lu 0 R /Info %lu 0 R >> startxref %lu", &objects,
               &root, &info, &xref) != 4)
        return 0;
    snprintf(object, sizeof object, "\n%lu 0 obj\n%s", root, type);
    const char *catalog = last_of(text, (size_t)(trailer - text), object);
    if (catalog == NULL)
        return 0;
    catalog += strlen(object);
    const char *end = strstr(catalog, "endobj");
    if (end == NULL || end - catalog > UPDATE_BYTES / 2)
        return 0;
    int head = snprintf(update, UPDATE_BYTES,
                        "%lu 0 obj\n%s\n   /Lang (en)\n   /ViewerPreferences << /DisplayDocTitle "
                        "true >>%.*sendobj\n",
                        root, type, (int)(end - catalog), catalog);
    return head + snprintf(update + head, (size_t)(UPDATE_BYTES - head),
                           "xref\n%lu 1\n%010zu 00000 n \ntrailer\n<< /Size %lu\n   /Root %lu 0 R\n"
                           "   /Info %lu 0 R\n   /Prev %lu\n>>\nstartxref\n%zu\n%%%%EOF\n",
                           root, size, objects, root, info, xref, size + (size_t)head);
}

static bool join(Sheet *sheet, size_t *size, uint8_t **bytes)
{
    char update[UPDATE_BYTES];
    char *all = ARENA_NEW(sheet->arena, char, sheet->size + UPDATE_BYTES);
    size_t used = 0;
    if (all == NULL)
        return false;
    for (const SheetChunk *chunk = sheet->first; chunk != NULL; chunk = chunk->next) {
        memcpy(all + used, chunk->bytes, chunk->used);
        used += chunk->used;
    }
    int more = language_update(used, all, update); /* the arena's zeros end the text */
    memcpy(all + used, update, (size_t)more);
    *size = used + (size_t)more;
    *bytes = (uint8_t *)all;
    return true;
}

/* --- pages --- */

static double line_width(Sheet *sheet, double points, const char *text);

void sheet_ink(Sheet *sheet, SheetInk ink)
{
    static const double rgb[][3] = {[SHEET_BLACK] = {0.10, 0.11, 0.12},
                                    [SHEET_GREY] = {0.38, 0.40, 0.42},
                                    [SHEET_PALE] = {0.84, 0.86, 0.87},
                                    [SHEET_ACCENT] = {0.08, 0.33, 0.40}};
    cairo_set_source_rgb(sheet->cr, rgb[ink][0], rgb[ink][1], rgb[ink][2]);
}

static void rule(Sheet *sheet, double x_mm, double width_mm, double y_mm, SheetInk ink)
{
    sheet_ink(sheet, ink);
    cairo_set_line_width(sheet->cr, 0.2);
    cairo_move_to(sheet->cr, x_mm, y_mm);
    cairo_line_to(sheet->cr, x_mm + width_mm, y_mm);
    cairo_stroke(sheet->cr);
}

static void begin_page(Sheet *sheet)
{
    char number[32];
    sheet->page++;
    sheet->y_mm = SHEET_MARGIN_MM;
    rule(sheet, SHEET_MARGIN_MM, SHEET_TEXT_MM, SHEET_BOTTOM_MM + 2.0, SHEET_PALE);
    sheet_ink(sheet, SHEET_GREY);
    sheet_put(sheet, SHEET_MARGIN_MM, SHEET_BOTTOM_MM + 3.0, SHEET_TEXT_MM - 10.0, 6.5, false,
              sheet->foot);
    snprintf(number, sizeof number, "%d", sheet->page);
    double width = line_width(sheet, 6.5, number);
    sheet_put(sheet, SHEET_WIDTH_MM - SHEET_MARGIN_MM - width, SHEET_BOTTOM_MM + 3.0, 9.0, 6.5,
              false, number);
}

/* No clock in a document: the same case shall give the same bytes. */
static void describe(Sheet *sheet)
{
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_TITLE, sheet->title);
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_CREATOR,
                                   "Follicle " FOLLICLE_VERSION);
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                   "2000-01-01T00:00:00Z");
}

/* Paper has no pixels to hint for: glyphs keep their true widths and places. */
void sheet_true_metrics(PangoLayout *layout)
{
    cairo_font_options_t *options = cairo_font_options_create();
    PangoContext *context = pango_layout_get_context(layout);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_layout_context_changed(layout);
    cairo_font_options_destroy(options);
}

bool sheet_open_on(Sheet *sheet, Arena *arena, ReportPaper paper, const char *title,
                   const char *foot, Err *err)
{
    static const double size_mm[][2] = {
        [REPORT_A4] = {SHEET_WIDTH_MM, SHEET_HEIGHT_MM}, [REPORT_LETTER] = {215.9, 279.4}};
    /* What lies on a page is the same on both: on Letter in its middle, a little higher. */
    static const double shift_mm[][2] = {[REPORT_A4] = {0.0, 0.0}, [REPORT_LETTER] = {2.95, -4.0}};
    *sheet = (Sheet){.arena = arena,
                     .left_mm = SHEET_MARGIN_MM,
                     .width_mm = SHEET_TEXT_MM,
                     .bottom_mm = SHEET_BOTTOM_MM};
    snprintf(sheet->title, sizeof sheet->title, "%s", title);
    snprintf(sheet->foot, sizeof sheet->foot, "%s", foot);
    sheet->surface = cairo_pdf_surface_create_for_stream(take, sheet, size_mm[paper][0] / point_mm,
                                                         size_mm[paper][1] / point_mm);
    if (cairo_surface_status(sheet->surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(sheet->surface);
        return err_set(err, ERR_LIMIT, "no room for the document '%s' within the memory limit",
                       title);
    }
    describe(sheet);
    sheet->cr = cairo_create(sheet->surface);
    cairo_scale(sheet->cr, 1.0 / point_mm, 1.0 / point_mm);
    cairo_translate(sheet->cr, shift_mm[paper][0], shift_mm[paper][1]);
    sheet->layout = pango_cairo_create_layout(sheet->cr);
    sheet_true_metrics(sheet->layout);
    cairo_tag_begin(sheet->cr, "Document", NULL);
    begin_page(sheet);
    return true;
}

bool sheet_open(Sheet *sheet, Arena *arena, const char *title, const char *foot, Err *err)
{
    return sheet_open_on(sheet, arena, REPORT_A4, title, foot, err);
}

bool sheet_close(Sheet *sheet, size_t *size, uint8_t **bytes, Err *err)
{
    cairo_tag_end(sheet->cr, "Document");
    cairo_show_page(sheet->cr);
    cairo_status_t status = cairo_status(sheet->cr);
    g_object_unref(sheet->layout);
    cairo_destroy(sheet->cr);
    cairo_surface_finish(sheet->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(sheet->surface);
    cairo_surface_destroy(sheet->surface);
    if (!sheet->full && status != CAIRO_STATUS_SUCCESS)
        return err_set(err, ERR_NUMERIC, "cannot write the document '%s': %s", sheet->title,
                       cairo_status_to_string(status));
    if (sheet->full || !join(sheet, size, bytes))
        return err_set(err, ERR_LIMIT, "no room for the document '%s' within the memory limit",
                       sheet->title);
    return true;
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
    sheet->width_mm = (SHEET_TEXT_MM - SHEET_GAP_MM * (columns - 1)) / columns;
    sheet->left_mm = SHEET_MARGIN_MM + column * (sheet->width_mm + SHEET_GAP_MM);
}

void sheet_space(Sheet *sheet, double height_mm)
{
    sheet->y_mm += height_mm;
}

/* --- text --- */

/* Bytes that are no UTF-8 (a code cut off in the middle of a letter) become a mark for it. Pango
 * measures in its own units of a 1024th of user space, which is a millimetre here. */
static void set_text(Sheet *sheet, double width_mm, double points, bool bold, const char *text)
{
    PangoFontDescription *font = pango_font_description_from_string("DejaVu Sans Condensed");
    char *valid = g_utf8_make_valid(text, -1);
    pango_font_description_set_absolute_size(font, points * point_mm * PANGO_SCALE);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(sheet->layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(sheet->layout, (int)(width_mm * PANGO_SCALE));
    pango_layout_set_wrap(sheet->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(sheet->layout, PANGO_ALIGN_LEFT);
    pango_layout_set_line_spacing(sheet->layout, 1.12f);
    pango_layout_set_text(sheet->layout, valid, -1);
    g_free(valid);
}

static double text_height(Sheet *sheet)
{
    PangoRectangle box;
    pango_layout_get_extents(sheet->layout, NULL, &box);
    return box.height / (double)PANGO_SCALE;
}

double sheet_height(Sheet *sheet, double width_mm, double points, bool bold, const char *text)
{
    set_text(sheet, width_mm, points, bold, text);
    return text_height(sheet);
}

static double line_width(Sheet *sheet, double points, const char *text)
{
    PangoRectangle box;
    sheet_height(sheet, SHEET_WIDTH_MM, points, false, text);
    pango_layout_get_extents(sheet->layout, NULL, &box);
    return box.width / (double)PANGO_SCALE;
}

double sheet_put(Sheet *sheet, double x_mm, double y_mm, double width_mm, double points, bool bold,
                 const char *text)
{
    set_text(sheet, width_mm, points, bold, text);
    cairo_move_to(sheet->cr, x_mm, y_mm);
    pango_cairo_show_layout(sheet->cr, sheet->layout);
    cairo_new_path(sheet->cr); /* or the next curve starts here */
    return text_height(sheet);
}

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
    put_block(sheet, &(Block){"P", 8.5, false, SHEET_GREY, 0.0, 3.0, 0.0}, under);
}

void sheet_heading(Sheet *sheet, double keep_mm, const char *text)
{
    put_block(sheet, &(Block){"H2", 10.5, true, SHEET_ACCENT, 4.0, 1.0, keep_mm}, text);
}

static const char *format_list(Sheet *sheet, const char *fmt, va_list list) PRINTF_LIKE(2, 0);
static const char *format_list(Sheet *sheet, const char *fmt, va_list list)
{
    va_list again;
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, fmt, list);
    char *text = length < 0 ? NULL : ARENA_NEW(sheet->arena, char, (size_t)length + 1);
    if (text == NULL)
        sheet->full = true;
    else
        vsnprintf(text, (size_t)length + 1, fmt, again);
    va_end(again);
    return text == NULL ? "" : text;
}

const char *sheet_format(Sheet *sheet, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    const char *text = format_list(sheet, fmt, list);
    va_end(list);
    return text;
}

void sheet_text(Sheet *sheet, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    put_block(sheet, &(Block){"P", body_pt, false, SHEET_BLACK, 0.4, 1.4, 0.0},
              format_list(sheet, fmt, list));
    va_end(list);
}

void sheet_small(Sheet *sheet, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    put_block(sheet, &(Block){"P", small_pt, false, SHEET_GREY, 0.6, 1.2, 0.0},
              format_list(sheet, fmt, list));
    va_end(list);
}

/* --- tables --- */

static double cell_width(const Sheet *sheet, const SheetTable *table, int column)
{
    return table->share[column] * sheet->width_mm - 2.0;
}

static double row_height(Sheet *sheet, const SheetTable *table, const char *const cell[], bool bold)
{
    double height = 0.0;
    if (cell[1] == NULL)
        return sheet_height(sheet, sheet->width_mm - 2.0, table_pt, true, cell[0]) + 2.6;
    for (int i = 0; i < table->columns; i++)
        height =
            fmax(height, sheet_height(sheet, cell_width(sheet, table, i), table_pt, bold, cell[i]));
    return height + 1.7;
}

static void put_row(Sheet *sheet, const SheetTable *table, const char *const cell[], bool head,
                    bool bold)
{
    double x = sheet->left_mm, height = row_height(sheet, table, cell, head || bold);
    const char *tag = head || cell[1] == NULL ? "TH" : "TD";
    cairo_tag_begin(sheet->cr, "TR", NULL);
    for (int i = 0; i < table->columns && cell[i] != NULL; i++) {
        bool title = cell[1] == NULL;
        cairo_tag_begin(sheet->cr, tag, NULL);
        set_text(sheet, title ? sheet->width_mm - 2.0 : cell_width(sheet, table, i), table_pt,
                 head || bold || title, cell[i]);
        if (table->align[i] == 'r' && !title)
            pango_layout_set_alignment(sheet->layout, PANGO_ALIGN_RIGHT);
        sheet_ink(sheet, head ? SHEET_GREY : title ? SHEET_ACCENT : SHEET_BLACK);
        cairo_move_to(sheet->cr, x + 1.0, sheet->y_mm + (title ? 1.8 : 0.7));
        pango_cairo_show_layout(sheet->cr, sheet->layout);
        cairo_new_path(sheet->cr);
        cairo_tag_end(sheet->cr, tag);
        x += table->share[i] * sheet->width_mm;
    }
    cairo_tag_end(sheet->cr, "TR");
    sheet->y_mm += height;
    rule(sheet, sheet->left_mm, sheet->width_mm, sheet->y_mm, head ? SHEET_GREY : SHEET_PALE);
}

/* The height that has to stay together from row r on: a heading and the first row with the one
 * after, the last but one with the last. */
static double kept_height(Sheet *sheet, const SheetTable *table, int rows, const char *const cell[],
                          int r)
{
    bool with_next = r == 0 || r == rows - 2 || cell[r * table->columns + 1] == NULL;
    double height = row_height(sheet, table, cell + r * table->columns, false);
    if (r + 1 < rows && with_next)
        height += row_height(sheet, table, cell + (r + 1) * table->columns, table->total);
    return height;
}

void sheet_table(Sheet *sheet, const SheetTable *table, int rows, const char *const cell[])
{
    cairo_tag_begin(sheet->cr, "Table", NULL);
    for (int r = 0, page = 0; r < rows; r++) {
        double head = table->head == NULL ? 0.0 : row_height(sheet, table, table->head, true);
        sheet_need(sheet,
                   kept_height(sheet, table, rows, cell, r) + (page == sheet->page ? 0.0 : head));
        if (page != sheet->page && table->head != NULL)
            put_row(sheet, table, table->head, true, false);
        page = sheet->page;
        put_row(sheet, table, cell + r * table->columns, false, table->total && r == rows - 1);
    }
    cairo_tag_end(sheet->cr, "Table");
    sheet->y_mm += 1.2;
}

void sheet_figures(Sheet *sheet, int count, const char *const figure[], const char *const word[])
{
    const double high_mm = 13.5;
    double wide = sheet->width_mm / count;
    sheet_need(sheet, high_mm + 3.0);
    cairo_set_source_rgb(sheet->cr, 0.925, 0.948, 0.952);
    cairo_rectangle(sheet->cr, sheet->left_mm, sheet->y_mm, sheet->width_mm, high_mm);
    cairo_fill(sheet->cr);
    for (int i = 0; i < count; i++) {
        double x = sheet->left_mm + i * wide + 2.5;
        double points = 13.0;
        while (points > 7.0 && sheet_height(sheet, wide - 3.0, points, true, figure[i]) >
                                   sheet_height(sheet, 1000.0, points, true, figure[i]) + 0.1)
            points -= 0.5; /* a long price still stands on one line */
        cairo_tag_begin(sheet->cr, "P", NULL);
        sheet_ink(sheet, SHEET_ACCENT);
        sheet_put(sheet, x, sheet->y_mm + 1.8 + (13.0 - points) * 0.3, wide - 3.0, points, true,
                  figure[i]);
        sheet_ink(sheet, SHEET_GREY);
        sheet_put(sheet, x, sheet->y_mm + 8.6, wide - 3.0, small_pt, false, word[i]);
        cairo_tag_end(sheet->cr, "P");
    }
    sheet->y_mm += high_mm + 2.0;
}

void sheet_blank(Sheet *sheet, double from, double to, const char *name)
{
    double x = sheet->left_mm + from * sheet->width_mm, end = sheet->left_mm + to * sheet->width_mm;
    PangoRectangle box;
    cairo_tag_begin(sheet->cr, "P", NULL);
    sheet_ink(sheet, SHEET_GREY);
    sheet_put(sheet, x, sheet->y_mm, end - x, small_pt, false, name);
    cairo_tag_end(sheet->cr, "P");
    pango_layout_get_extents(sheet->layout, NULL, &box);
    double start = x + box.width / (double)PANGO_SCALE + 1.5;
    rule(sheet, start, fmax(end - start - 2.0, 0.0), sheet->y_mm + 3.1, SHEET_GREY);
}

/* --- words --- */

const char *sheet_money(Sheet *sheet, int64_t minor, const Protocol *protocol)
{
    char text[48];
    course_money(protocol, minor, text);
    return sheet_format(sheet, "%s", text);
}

const char *sheet_count(Sheet *sheet, long count)
{
    if (count < 0 || count >= 1000000000L)
        return sheet_format(sheet, "%ld", count);
    if (count >= 1000000)
        return sheet_format(sheet, "%ld,%03ld,%03ld", count / 1000000, count / 1000 % 1000,
                            count % 1000);
    if (count >= 1000)
        return sheet_format(sheet, "%ld,%03ld", count / 1000, count % 1000);
    return sheet_format(sheet, "%ld", count);
}

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

const char *sheet_date(Sheet *sheet, CourseDate date)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    /* Day of the week by Sakamoto's rule. */
    static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    int year = date.year - (date.month < 3);
    int day = (year + year / 4 - year / 100 + year / 400 + shift[date.month - 1] + date.day) % 7;
    return sheet_format(sheet, "%s %d %s %d", days[day], date.day, months[date.month - 1],
                        date.year);
}

const char *sheet_day(Sheet *sheet, CourseDate date)
{
    return sheet_format(sheet, "%d %.3s", date.day, months[date.month - 1]);
}

const char *sheet_sentence(Sheet *sheet, const char *text)
{
    size_t length = strlen(text), used = 0;
    char *out = ARENA_NEW(sheet->arena, char, 2 * length + 1);
    if (out == NULL) {
        sheet->full = true;
        return "";
    }
    for (size_t i = 0; i < length; i++) {
        bool square = text[i] == '2' && i >= 2 && memcmp(text + i - 2, "cm", 2) == 0;
        if (square) {
            out[used++] = '\xC2'; /* U+00B2 */
            out[used++] = '\xB2';
        } else
            out[used++] = text[i];
    }
    if (out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 'a' + 'A');
    return out;
}
