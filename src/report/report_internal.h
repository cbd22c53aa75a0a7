/* report_internal.h - a page that is filled from top to bottom: headings, text, tables, pictures.
 *
 * Lengths are millimetres; colours sRGB. Text is shaped by pango, so any script works. What is put
 * on a sheet goes into its frame: the text's width, or one of two columns. A sheet that runs out of
 * memory goes on harmlessly and says so when it is closed.
 */
#ifndef REPORT_REPORT_INTERNAL_H
#define REPORT_REPORT_INTERNAL_H

#include "export/strip.h"
#include "report/marker_sheet.h"
#include "report/report.h"

#include <cairo.h>
#include <pango/pangocairo.h>

#define SHEET_WIDTH_MM  210.0
#define SHEET_HEIGHT_MM 297.0
#define SHEET_MARGIN_MM 16.0
#define SHEET_BOTTOM_MM 270.0 /* above the foot line; A4 printed at 100 % on US Letter keeps it */
#define SHEET_TEXT_MM   (SHEET_WIDTH_MM - 2.0 * SHEET_MARGIN_MM)
#define SHEET_GAP_MM    6.0 /* between columns */

typedef struct SheetChunk SheetChunk;

typedef struct Sheet {
    Arena *arena;
    cairo_surface_t *surface;
    cairo_t *cr; /* user space in mm */
    PangoLayout *layout;
    double left_mm, width_mm; /* the frame */
    double y_mm, bottom_mm;   /* where the next thing goes, where the page ends */
    int page;
    char title[96], foot[256];
    SheetChunk *first, *last; /* of the bytes written so far */
    size_t size;
    bool full;
} Sheet;

typedef enum SheetInk { SHEET_BLACK, SHEET_GREY, SHEET_PALE, SHEET_ACCENT } SheetInk;

MUST_CHECK bool sheet_open(Sheet *sheet, Arena *arena, const char *title, const char *foot,
                           Err *err);
/* The same on another paper; lengths are still those of an A4 page. */
MUST_CHECK bool sheet_open_on(Sheet *sheet, Arena *arena, ReportPaper paper, const char *title,
                              const char *foot, Err *err);
/* Ends the document; the bytes belong to the arena. */
MUST_CHECK bool sheet_close(Sheet *sheet, size_t *size, uint8_t **bytes, Err *err);
/* A white picture to draw on instead of pages; it ends where sheet->y_mm stands when it is closed,
 * at most height_mm. The frame leaves a margin of edge_mm. */
MUST_CHECK bool sheet_open_picture(Sheet *sheet, Arena *arena, double height_mm, double edge_mm,
                                   double px_per_mm, Err *err);
MUST_CHECK bool sheet_close_picture(Sheet *sheet, double px_per_mm, Image *picture, Err *err);
/* Glyphs keep their true widths and places: paper has no pixels to hint for. */
void sheet_true_metrics(PangoLayout *layout);
/* Starts a new page unless height_mm more fits on this one. */
void sheet_need(Sheet *sheet, double height_mm);
void sheet_new_page(Sheet *sheet);
/* Puts what follows into a column of the text's width; column 0 of 1 is all of it. */
void sheet_column(Sheet *sheet, int column, int columns);
void sheet_title(Sheet *sheet, const char *text, const char *under);
/* keep_mm: what must follow on the same page. */
void sheet_heading(Sheet *sheet, double keep_mm, const char *text);
void sheet_text(Sheet *sheet, const char *fmt, ...) PRINTF_LIKE(2, 3);
void sheet_small(Sheet *sheet, const char *fmt, ...) PRINTF_LIKE(2, 3);
void sheet_space(Sheet *sheet, double height_mm);
void sheet_ink(Sheet *sheet, SheetInk ink);
/* Text with its upper left corner at (x, y), outside the flow; returns its height. */
double sheet_put(Sheet *sheet, double x_mm, double y_mm, double width_mm, double points, bool bold,
                 const char *text);
double sheet_height(Sheet *sheet, double width_mm, double points, bool bold, const char *text);

typedef struct SheetTable {
    int columns;
    const double *share;     /* [columns] of the frame's width, sum 1 */
    const char *align;       /* 'l' or 'r' for each column */
    const char *const *head; /* [columns], repeated on each page; may be NULL */
    bool total;              /* the last row is one: bold */
} SheetTable;

/* cell[rows * columns]; a row whose second cell is NULL is a heading over the rows below it. Rows
 * are not split; neither the first nor the last stands alone on a page, nor a heading. */
void sheet_table(Sheet *sheet, const SheetTable *table, int rows, const char *const cell[]);

enum { SHEET_FIGURES = 6 };
/* Large figures with a word under each, on a tinted band. */
void sheet_figures(Sheet *sheet, int count, const char *const figure[], const char *const word[]);
/* Pictures side by side over the frame's width, of one height, with captions; NULLs are left out.*/
void sheet_pictures(Sheet *sheet, int count, const Image *const picture[],
                    const char *const caption[], double highest_mm);
/* One picture outside the flow, at most 220 dots per inch: more does not print. */
void sheet_picture(Sheet *sheet, const Image *picture, double x_mm, double y_mm, double width_mm);
/* The same with every pixel it has. */
void sheet_picture_whole(Sheet *sheet, const Image *picture, double x_mm, double y_mm,
                         double width_mm);
/* "Name ______" over the frame's share from `from` to `to`; does not move on. */
void sheet_blank(Sheet *sheet, double from, double to, const char *name);

/* Texts that live in the sheet's arena. */
const char *sheet_format(Sheet *sheet, const char *fmt, ...) PRINTF_LIKE(2, 3);
const char *sheet_money(Sheet *sheet, int64_t minor, const Protocol *protocol);
const char *sheet_count(Sheet *sheet, long count);          /* 22787 is "22,787" */
const char *sheet_date(Sheet *sheet, CourseDate date);      /* "Mon 11 January 2027" */
const char *sheet_day(Sheet *sheet, CourseDate date);       /* "11 Jan" */
const char *sheet_sentence(Sheet *sheet, const char *text); /* "a 3 cm2 b" is "A 3 cm² b" */

/* report_map.c: the scalp from above on the stereographic chart, the face towards the lower edge
 * like the pictures from the top. (x, y) is the upper left corner of a square. */
typedef struct ReportMap {
    double reach;                /* of the chart, from its centre */
    const uint8_t *zone_of_cell; /* [MAP_CELLS][MAP_CELLS] DesignZone */
    const uint8_t *zone_of_dot;  /* [dots] DesignZone */
} ReportMap;
bool report_map_make(Sheet *sheet, const Case *plan, ReportMap *map);
/* session < 0: the zones, else that session's dots. */
void report_map_draw(Sheet *sheet, const Case *plan, const ReportMap *map, int session, double x_mm,
                     double y_mm, double side_mm);
/* A square of the zone's colour. */
void report_map_key(Sheet *sheet, DesignZone zone, double x_mm, double y_mm);
/* What is in an area: "front", "middle", ... for people who do not know the trade's words. */
const char *report_zone_word(DesignZone zone);

/* ---- report_design.c */

/* Guard-rails for the practitioner; what the client confirms; the next stages of a loss. */
void report_findings(Sheet *sheet, const Case *plan);
void report_confirmations(Sheet *sheet, const Case *plan);
void report_loss(Sheet *sheet, const Case *plan, const ReportPictures *pictures);

#endif
