/* report_internal.h - a page that is filled from top to bottom: headings, text, tables, pictures.
 *
 * Lengths are millimetres of the page as it is printed; colours sRGB. Text is shaped by pango, so
 * any script works. What is put on a sheet goes into its frame: the text's width, or one of two
 * columns.
 *
 * A sheet is read from its *start*: the left edge, or the right one in a right-to-left language.
 * Every x_mm counts from there, so columns, tables and pictures are mirrored without their callers'
 * doing; sheet_x gives the page's own x to those who draw with cairo. A drawing (sheet_drawing) is
 * not mirrored: a head has its left where it has it. A sheet that runs out of memory goes on
 * harmlessly and says so when it is closed.
 */
#ifndef REPORT_REPORT_INTERNAL_H
#define REPORT_REPORT_INTERNAL_H

#include "export/strip.h"
#include "report/marker_sheet.h"
#include "report/report.h"

#include <cairo.h>
#include <pango/pangocairo.h>
#include <stdarg.h>

#define SHEET_MARGIN_MM 16.0 /* at the left, the right and the top */
#define SHEET_GAP_MM    6.0  /* between columns */

typedef struct SheetChunk SheetChunk;
typedef struct SheetAlt SheetAlt;

enum { SHEET_MISSING = 8 }; /* letters that are named */

/* A text that has been set, with what it was set for. */
typedef struct SheetSetting {
    PangoLayout *layout; /* NULL: none yet */
    bool leftward, bold;
    double points, width_mm;
} SheetSetting;
/* What is measured is put a little later, often after the rest of its row: settings are kept until
 * so many others have come. Shaping is most of what a page of text costs (report_bench). */
enum { SHEET_SETTINGS = 48 };

typedef struct Sheet {
    Arena *arena;
    ReportStyle style;
    Voice voice; /* of the style's words; its texts live in the arena */
    bool mirrored;
    cairo_surface_t *surface;
    cairo_t *cr;              /* user space in mm */
    PangoLayout *layout;      /* of the last text: one of the settings */
    PangoContext *context[2]; /* of text that runs to the right, and to the left */
    PangoFontDescription *font;
    SheetSetting setting[SHEET_SETTINGS];
    int next_setting; /* the oldest, which goes next */
    double page_width_mm, page_height_mm;
    double text_mm;           /* the page's width without its margins */
    double left_mm, width_mm; /* the frame, from the start */
    double y_mm, bottom_mm;   /* where the next thing goes, where the page ends */
    int page;
    char title[160], foot[320];
    bool in_drawing;
    SheetAlt *first_alt, *last_alt; /* of the figures so far */
    SheetChunk *first, *last;       /* of the bytes written so far */
    size_t size;
    int missing_count; /* letters that no font has */
    uint32_t missing[SHEET_MISSING];
    bool full;
} Sheet;

typedef enum SheetInk { SHEET_BLACK, SHEET_GREY, SHEET_PALE, SHEET_ACCENT } SheetInk;

/* style: NULL is {0}. title: of the document, for readers and tabs. foot: on every page. */
MUST_CHECK bool sheet_open(Sheet *sheet, Arena *arena, const ReportStyle *style, const char *title,
                           const char *foot, Err *err);
/* For drawings of a fixed size: the lengths are those of an A4 page on any paper. */
MUST_CHECK bool sheet_open_on(Sheet *sheet, Arena *arena, ReportPaper paper, const char *title,
                              const char *foot, Err *err);
/* Ends the document; the bytes belong to the arena. */
MUST_CHECK bool sheet_close(Sheet *sheet, size_t *size, uint8_t **bytes, Err *err);
/* A white picture to draw on instead of pages; it ends where sheet->y_mm stands when it is closed,
 * at most height_mm. The frame is as wide as that of an A4 page and leaves a margin of edge_mm. */
MUST_CHECK bool sheet_open_picture(Sheet *sheet, Arena *arena, const Words *words, double height_mm,
                                   double edge_mm, double px_per_mm, Err *err);
MUST_CHECK bool sheet_close_picture(Sheet *sheet, double px_per_mm, Image *picture, Err *err);
/* Starts a new page unless height_mm more fits on this one. */
void sheet_need(Sheet *sheet, double height_mm);
void sheet_new_page(Sheet *sheet);
/* Puts what follows into a column of the text's width; column 0 of 1 is all of it. */
void sheet_column(Sheet *sheet, int column, int columns);
/* A thin line. */
void sheet_rule(Sheet *sheet, double x_mm, double width_mm, double y_mm, SheetInk ink);
/* The page's x of the left edge of what is width_mm wide and begins x_mm from the start. */
double sheet_x(const Sheet *sheet, double x_mm, double width_mm);

/* ---- Text. Client-facing text is made by words_say, words_fill, ... of sheet->voice. */

void sheet_title(Sheet *sheet, const char *text, const char *under); /* under: NULL, nothing */
/* keep_mm: what must follow on the same page. */
void sheet_heading(Sheet *sheet, double keep_mm, const char *text);
void sheet_subheading(Sheet *sheet, double keep_mm, const char *text);
void sheet_say(Sheet *sheet, const char *text); /* a paragraph */
void sheet_say_small(Sheet *sheet, const char *text);
void sheet_text(Sheet *sheet, const char *fmt, ...) PRINTF_LIKE(2, 3); /* in English */
void sheet_small(Sheet *sheet, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Items of a list, each with a mark before it ("\u2022"; NULL: a box to tick). */
void sheet_list(Sheet *sheet, const char *mark, int count, const char *const text[]);
void sheet_space(Sheet *sheet, double height_mm);
void sheet_ink(Sheet *sheet, SheetInk ink);
/* Text with its upper edge at y, outside the flow, in a box of that width; returns its height. */
double sheet_put(Sheet *sheet, double x_mm, double y_mm, double width_mm, double points, bool bold,
                 const char *text);
/* The same with its end at the end of the box. */
double sheet_put_end(Sheet *sheet, double x_mm, double y_mm, double width_mm, double points,
                     bool bold, const char *text);
double sheet_height(Sheet *sheet, double width_mm, double points, bool bold, const char *text);
double sheet_width(Sheet *sheet, double points, bool bold, const char *text); /* on one line */
/* Glyphs keep their true widths and places: paper has no pixels to hint for. */
void sheet_true_metrics(PangoContext *context);
/* The tools that text is set with on sheet->cr; and their end, and that of sheet->cr. */
void sheet_begin(Sheet *sheet);
void sheet_end(Sheet *sheet);

/* ---- Tables and forms. */

typedef struct SheetTable {
    int columns;
    const double *share;     /* [columns] of the frame's width, sum 1 */
    const char *align;       /* 'l' (at the start) or 'r' (at the end) for each column */
    const char *const *head; /* [columns], repeated on each page; may be NULL */
    bool total;              /* the last row is one: bold */
} SheetTable;

/* cell[rows * columns]; a row whose second cell is NULL is a heading over the rows below it. Rows
 * are not split; neither the first nor the last stands alone on a page, nor a heading. */
void sheet_table(Sheet *sheet, const SheetTable *table, int rows, const char *const cell[]);

enum { SHEET_FIGURES = 6 };
/* Large figures with a word under each, on a tinted band. */
void sheet_figures(Sheet *sheet, int count, const char *const figure[], const char *const word[]);
/* "Name ______" over the frame's share from `from` to `to`; does not move on. */
void sheet_blank(Sheet *sheet, double from, double to, const char *name);
/* An empty box to tick, side_mm wide. */
void sheet_box(Sheet *sheet, double x_mm, double y_mm, double side_mm);

/* ---- Pictures and drawings. alt: what a reader for the blind says. */

/* Pictures side by side over the frame's width, of one height, with captions; NULLs are left out.
 * The caption is the alternative text too. calculated: bits of those that are illustrations. */
void sheet_pictures(Sheet *sheet, int count, const Image *const picture[],
                    const char *const caption[], double highest_mm, unsigned calculated);
/* "Illustration" across the foot of a picture that was calculated, on which nobody is to be
 * mistaken; (x, y): its lower corner at the start. */
void sheet_stamp(Sheet *sheet, double x_mm, double y_mm, double width_mm);
/* One picture outside the flow, as a JPEG of at most 220 dots per inch: more does not print. */
void sheet_picture(Sheet *sheet, const Image *picture, double x_mm, double y_mm, double width_mm,
                   const char *alt);
/* The same with every pixel as it is. Within a drawing alt is NULL: it is a part of it. */
void sheet_picture_whole(Sheet *sheet, const Image *picture, double x_mm, double y_mm,
                         double width_mm, const char *alt);
void sheet_caption(Sheet *sheet, double x_mm, double y_mm, double width_mm, const char *text);
/* From here x is the page's own, and all is one figure. Drawings are not nested. */
void sheet_drawing(Sheet *sheet, const char *alt);
void sheet_drawing_end(Sheet *sheet);

/* ---- Texts that live in the sheet's arena; values are written as its language does. */

const char *sheet_format(Sheet *sheet, const char *fmt, ...) PRINTF_LIKE(2, 3);
const char *sheet_format_list(Sheet *sheet, const char *fmt, va_list list) PRINTF_LIKE(2, 0);
const char *sheet_money(Sheet *sheet, const Quote *quote, int64_t minor);
const char *sheet_count(Sheet *sheet, long count); /* 22787 is "22,787" */
const char *sheet_number(Sheet *sheet, double value, int decimals);
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
/* Where a place of the head lies on the page; left_mm is the page's own, as in a drawing. */
void report_map_place(const Case *plan, const ReportMap *map, Vec3 position_mm, double left_mm,
                      double top_mm, double side_mm, double at_mm[2]);
/* A square of the zone's colour. */
void report_map_key(Sheet *sheet, DesignZone zone, double x_mm, double y_mm);
/* What is in an area: "Front", "Middle", ... for people who do not know the trade's words; a
 * msgid. */
const char *report_zone_word(DesignZone zone);

/* ---- report_shared.c: in the sheet's language */

const char *report_client_name(const Sheet *sheet, const Case *plan); /* or the case's code */
const CaseState *report_state(const Case *plan, const char *name);    /* NULL: there is none */
const char *report_hours(Sheet *sheet, const double hours[3]);        /* "4.1 h (2.9 to 5.4)" */
const char *report_when(Sheet *sheet, const CourseSession *session);  /* a date, or "Day 10" */
const char *report_times(Sheet *sheet, const CourseSitting *sitting); /* "" without a time */
const char *report_window(Sheet *sheet, const Course *course, int session);
const char *report_day_range(Sheet *sheet, int from, int to); /* "Days 2 to 4" */
const char *report_rule_days(Sheet *sheet, const ProtocolRule *rule);
const char *report_metres(Sheet *sheet, double distance_m);

/* ---- report_care.c: a page for the days around each session. days: NULL, no pictures. */
MUST_CHECK bool report_care_pages(Sheet *sheet, const Course *course, const ReportDays *days,
                                  Err *err);

/* ---- for the practitioner: report_cards.c, report_measured.c */
void report_card(Sheet *sheet, const Case *plan, const ReportPictures *pictures,
                 const ReportMap *map, int session);
void report_measured(Sheet *sheet, const Case *plan);

/* ---- report_design.c */

/* Guard-rails for the practitioner; the next stages of a loss. */
void report_findings(Sheet *sheet, const Case *plan);
void report_loss(Sheet *sheet, const Case *plan, const ReportPictures *pictures);

#endif
