#include "report/report_internal.h"

#include <cairo-pdf.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double point_mm = 25.4 / 72.0;
enum { PDF_LIMIT_BYTES = 24 << 20, LINE_BYTES = 1024 };

/* What cairo writes goes into one block of the arena. */
static cairo_status_t take(void *ctx, const unsigned char *data, unsigned length)
{
    Sheet *sheet = ctx;
    if (length > sheet->capacity - sheet->size) {
        sheet->full = true;
        return CAIRO_STATUS_WRITE_ERROR;
    }
    memcpy(sheet->bytes + sheet->size, data, length);
    sheet->size += length;
    return CAIRO_STATUS_SUCCESS;
}

static void ink(Sheet *sheet, double grey)
{
    cairo_set_source_rgb(sheet->cr, grey, grey, grey);
}

static void rule(Sheet *sheet, double y_mm, double grey)
{
    ink(sheet, grey);
    cairo_set_line_width(sheet->cr, 0.2);
    cairo_move_to(sheet->cr, SHEET_MARGIN_MM, y_mm);
    cairo_line_to(sheet->cr, SHEET_WIDTH_MM - SHEET_MARGIN_MM, y_mm);
    cairo_stroke(sheet->cr);
}

static void begin_page(Sheet *sheet)
{
    char number[32];
    sheet->page++;
    sheet->y_mm = SHEET_MARGIN_MM;
    rule(sheet, SHEET_BOTTOM_MM + 2.0, 0.8);
    ink(sheet, 0.45);
    sheet_put(sheet, SHEET_MARGIN_MM, SHEET_BOTTOM_MM + 3.0, SHEET_TEXT_MM - 16.0, 7.0, false,
              sheet->foot);
    snprintf(number, sizeof number, "%d", sheet->page);
    sheet_put(sheet, SHEET_WIDTH_MM - SHEET_MARGIN_MM - 6.0, SHEET_BOTTOM_MM + 3.0, 8.0, 7.0, false,
              number);
    ink(sheet, 0.12);
}

/* No clock in a document: the same case shall give the same bytes. */
static void describe(Sheet *sheet, const char *title)
{
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_CREATOR,
                                   "Follicle " FOLLICLE_VERSION);
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                   "2000-01-01T00:00:00Z");
}

bool sheet_open(Sheet *sheet, Arena *arena, const char *title, const char *foot, Err *err)
{
    *sheet = (Sheet){.arena = arena, .title = title, .foot = foot};
    sheet->capacity = PDF_LIMIT_BYTES;
    sheet->bytes = ARENA_NEW(arena, uint8_t, sheet->capacity);
    if (sheet->bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for the document '%s' within the memory limit",
                       title);
    sheet->surface = cairo_pdf_surface_create_for_stream(take, sheet, SHEET_WIDTH_MM / point_mm,
                                                         SHEET_HEIGHT_MM / point_mm);
    describe(sheet, title);
    sheet->cr = cairo_create(sheet->surface);
    cairo_scale(sheet->cr, 1.0 / point_mm, 1.0 / point_mm);
    sheet->layout = pango_cairo_create_layout(sheet->cr);
    cairo_tag_begin(sheet->cr, "Document", NULL);
    begin_page(sheet);
    return true;
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
    if (sheet->full)
        return err_set(err, ERR_LIMIT, "the document '%s' is larger than %zu bytes", sheet->title,
                       sheet->capacity);
    if (status != CAIRO_STATUS_SUCCESS)
        return err_set(err, ERR_NUMERIC, "cannot write the document '%s': %s", sheet->title,
                       cairo_status_to_string(status));
    *size = sheet->size;
    *bytes = sheet->bytes;
    return true;
}

void sheet_new_page(Sheet *sheet)
{
    cairo_show_page(sheet->cr);
    begin_page(sheet);
}

void sheet_need(Sheet *sheet, double height_mm)
{
    if (sheet->y_mm + height_mm > SHEET_BOTTOM_MM && sheet->y_mm > SHEET_MARGIN_MM)
        sheet_new_page(sheet);
}

void sheet_space(Sheet *sheet, double height_mm)
{
    sheet->y_mm += height_mm;
}

/* Pango measures in its own units of a 1024th of user space, which is a millimetre here. */
static void set_text(Sheet *sheet, double width_mm, double points, bool bold, const char *text)
{
    PangoFontDescription *font = pango_font_description_from_string("DejaVu Sans");
    pango_font_description_set_absolute_size(font, points * point_mm * PANGO_SCALE);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(sheet->layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(sheet->layout, (int)(width_mm * PANGO_SCALE));
    pango_layout_set_wrap(sheet->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(sheet->layout, PANGO_ALIGN_LEFT);
    pango_layout_set_line_spacing(sheet->layout, 1.15f);
    pango_layout_set_text(sheet->layout, text, -1);
}

static double text_height(Sheet *sheet)
{
    PangoRectangle box;
    pango_layout_get_extents(sheet->layout, NULL, &box);
    return box.height / (double)PANGO_SCALE;
}

double sheet_put(Sheet *sheet, double x_mm, double y_mm, double width_mm, double points, bool bold,
                 const char *text)
{
    set_text(sheet, width_mm, points, bold, text);
    cairo_move_to(sheet->cr, x_mm, y_mm);
    pango_cairo_show_layout(sheet->cr, sheet->layout);
    return text_height(sheet);
}

static void block(Sheet *sheet, const char *tag, double points, bool bold, double grey,
                  double before_mm, double after_mm, const char *text)
{
    set_text(sheet, SHEET_TEXT_MM, points, bold, text);
    double height = text_height(sheet);
    sheet_need(sheet, before_mm + height + after_mm + (bold ? 18.0 : 0.0));
    if (sheet->y_mm > SHEET_MARGIN_MM)
        sheet->y_mm += before_mm;
    ink(sheet, grey);
    cairo_tag_begin(sheet->cr, tag, NULL);
    sheet_put(sheet, SHEET_MARGIN_MM, sheet->y_mm, SHEET_TEXT_MM, points, bold, text);
    cairo_tag_end(sheet->cr, tag);
    sheet->y_mm += height + after_mm;
}

void sheet_title(Sheet *sheet, const char *text, const char *under)
{
    block(sheet, "H1", 19.0, true, 0.1, 0.0, 0.8, text);
    block(sheet, "P", 9.5, false, 0.4, 0.0, 4.0, under);
}

void sheet_heading(Sheet *sheet, const char *text)
{
    block(sheet, "H2", 12.0, true, 0.1, 5.0, 1.8, text);
}

void sheet_text(Sheet *sheet, const char *fmt, ...)
{
    char line[LINE_BYTES];
    va_list list;
    va_start(list, fmt);
    vsnprintf(line, sizeof line, fmt, list);
    va_end(list);
    block(sheet, "P", 9.5, false, 0.12, 0.0, 2.0, line);
}

void sheet_small(Sheet *sheet, const char *fmt, ...)
{
    char line[LINE_BYTES];
    va_list list;
    va_start(list, fmt);
    vsnprintf(line, sizeof line, fmt, list);
    va_end(list);
    block(sheet, "P", 8.0, false, 0.4, 0.0, 1.6, line);
}

static void set_cell(Sheet *sheet, double width_mm, const char *cell)
{
    bool right = cell[0] == '>';
    cell += right;
    bool bold = cell[0] == '*';
    set_text(sheet, width_mm - 2.0, 9.0, bold, cell + bold);
    if (right)
        pango_layout_set_alignment(sheet->layout, PANGO_ALIGN_RIGHT);
}

void sheet_row(Sheet *sheet, int columns, const double width_mm[], const char *const cell[],
               bool ruled)
{
    double height = 0.0, x = SHEET_MARGIN_MM;
    for (int i = 0; i < columns; i++) {
        set_cell(sheet, width_mm[i], cell[i]);
        height = fmax(height, text_height(sheet));
    }
    sheet_need(sheet, height + 2.0);
    cairo_tag_begin(sheet->cr, "P", NULL);
    for (int i = 0; i < columns; i++) {
        set_cell(sheet, width_mm[i], cell[i]);
        ink(sheet, 0.12);
        cairo_move_to(sheet->cr, x + 1.0, sheet->y_mm + 0.8);
        pango_cairo_show_layout(sheet->cr, sheet->layout);
        x += width_mm[i];
    }
    cairo_tag_end(sheet->cr, "P");
    sheet->y_mm += height + 1.8;
    if (ruled)
        rule(sheet, sheet->y_mm, 0.85);
}

/* Cairo keeps the surface until the page is out, so its pixels live in the arena. */
static cairo_surface_t *surface_of(Sheet *sheet, const Image *picture)
{
    int stride = cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, picture->width_px);
    uint8_t *pixels = ARENA_NEW(sheet->arena, uint8_t, (size_t)stride * (size_t)picture->height_px);
    if (pixels == NULL) {
        sheet->full = true;
        return NULL;
    }
    for (int y = 0; y < picture->height_px; y++)
        for (int x = 0; x < picture->width_px; x++) {
            const uint8_t *rgb =
                picture->rgb + ((size_t)y * (size_t)picture->width_px + (size_t)x) * 3;
            uint32_t word = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
            memcpy(pixels + (size_t)y * (size_t)stride + (size_t)x * 4, &word, 4);
        }
    return cairo_image_surface_create_for_data(pixels, CAIRO_FORMAT_RGB24, picture->width_px,
                                               picture->height_px, stride);
}

static void draw_picture(Sheet *sheet, const Image *picture, double x_mm, double y_mm,
                         double width_mm)
{
    cairo_surface_t *surface = surface_of(sheet, picture);
    if (surface == NULL)
        return;
    double scale = width_mm / picture->width_px;
    cairo_save(sheet->cr);
    cairo_translate(sheet->cr, x_mm, y_mm);
    cairo_scale(sheet->cr, scale, scale);
    cairo_set_source_surface(sheet->cr, surface, 0.0, 0.0);
    cairo_paint(sheet->cr);
    cairo_restore(sheet->cr);
    cairo_surface_destroy(surface);
}

void sheet_pictures(Sheet *sheet, int count, const Image *const picture[],
                    const char *const caption[], double highest_mm)
{
    const double gap_mm = 3.0;
    double aspect = 0.0;
    int shown = 0;
    for (int i = 0; i < count; i++)
        if (picture[i] != NULL) {
            aspect += picture[i]->width_px / (double)picture[i]->height_px;
            shown++;
        }
    if (shown == 0)
        return;
    double height = fmin(highest_mm, (SHEET_TEXT_MM - gap_mm * (shown - 1)) / aspect);
    sheet_need(sheet, height + 8.0);
    double x = SHEET_MARGIN_MM;
    for (int i = 0; i < count; i++) {
        if (picture[i] == NULL)
            continue;
        double width = height * picture[i]->width_px / picture[i]->height_px;
        cairo_tag_begin(sheet->cr, "Figure", NULL);
        draw_picture(sheet, picture[i], x, sheet->y_mm, width);
        ink(sheet, 0.35);
        sheet_put(sheet, x, sheet->y_mm + height + 0.8, width, 8.0, false, caption[i]);
        cairo_tag_end(sheet->cr, "Figure");
        x += width + gap_mm;
    }
    sheet->y_mm += height + 7.0;
}

const char *report_format(Arena *arena, const char *fmt, ...)
{
    char *text = ARENA_NEW(arena, char, 256);
    if (text == NULL)
        return "";
    va_list list;
    va_start(list, fmt);
    vsnprintf(text, 256, fmt, list);
    va_end(list);
    return text;
}

const char *report_money(Arena *arena, int64_t minor, const Protocol *protocol)
{
    char text[48];
    course_money(protocol, minor, text);
    return report_format(arena, "%s", text);
}

const char *report_date(Arena *arena, CourseDate date)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    /* Day of the week by Sakamoto's rule. */
    static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    int year = date.year - (date.month < 3);
    int day = (year + year / 4 - year / 100 + year / 400 + shift[date.month - 1] + date.day) % 7;
    return report_format(arena, "%s %d %s %d", days[day], date.day, months[date.month - 1],
                         date.year);
}
