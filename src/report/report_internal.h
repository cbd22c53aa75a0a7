/* report_internal.h - a page that is filled from top to bottom: headings, text, tables, pictures.
 *
 * Lengths are millimetres; colours sRGB. Text is shaped by pango, so any script works.
 */
#ifndef REPORT_REPORT_INTERNAL_H
#define REPORT_REPORT_INTERNAL_H

#include "report/report.h"

#include <cairo.h>
#include <pango/pangocairo.h>

#define SHEET_WIDTH_MM  210.0
#define SHEET_HEIGHT_MM 297.0
#define SHEET_MARGIN_MM 16.0
#define SHEET_BOTTOM_MM 279.0 /* above the foot line; also fits US Letter */
#define SHEET_TEXT_MM   (SHEET_WIDTH_MM - 2.0 * SHEET_MARGIN_MM)

typedef struct Sheet {
    Arena *arena;
    cairo_surface_t *surface;
    cairo_t *cr; /* user space in mm */
    PangoLayout *layout;
    double y_mm;
    int page;
    const char *title, *foot;
    size_t size; /* of the bytes written so far */
    uint8_t *bytes;
    size_t capacity;
    bool full;
} Sheet;

MUST_CHECK bool sheet_open(Sheet *sheet, Arena *arena, const char *title, const char *foot,
                           Err *err);
/* Ends the document; the bytes belong to the arena. */
MUST_CHECK bool sheet_close(Sheet *sheet, size_t *size, uint8_t **bytes, Err *err);
/* Starts a new page unless height_mm more fits on this one. */
void sheet_need(Sheet *sheet, double height_mm);
void sheet_new_page(Sheet *sheet);
void sheet_title(Sheet *sheet, const char *text, const char *under);
void sheet_heading(Sheet *sheet, const char *text);
void sheet_text(Sheet *sheet, const char *fmt, ...) PRINTF_LIKE(2, 3);
void sheet_small(Sheet *sheet, const char *fmt, ...) PRINTF_LIKE(2, 3);
void sheet_space(Sheet *sheet, double height_mm);
/* One row; widths sum to at most SHEET_TEXT_MM. A cell that starts with '>' is flush right, with
 * '*' bold. The row's height follows its tallest cell. */
void sheet_row(Sheet *sheet, int columns, const double width_mm[], const char *const cell[],
               bool ruled);
/* Pictures side by side over the text's width, all of one height, with captions; NULLs are left
 * out. */
void sheet_pictures(Sheet *sheet, int count, const Image *const picture[],
                    const char *const caption[], double highest_mm);
/* Places text with its upper left corner at (x, y); returns its height. bold and size in points. */
double sheet_put(Sheet *sheet, double x_mm, double y_mm, double width_mm, double points, bool bold,
                 const char *text);

/* Short texts that live in the arena. */
const char *report_money(Arena *arena, int64_t minor, const Protocol *protocol);
const char *report_date(Arena *arena, CourseDate date); /* "Mon 11 January 2027" */
const char *report_format(Arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
