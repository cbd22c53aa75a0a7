#include "report/report_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;
static const double tick_mm = 10.0, label_mm = 20.0;

static void bar(Sheet *sheet, double x, double y, bool upright)
{
    cairo_t *cr = sheet->cr;
    cairo_save(cr);
    cairo_translate(cr, x, y);
    if (upright)
        cairo_rotate(cr, -pi / 2.0);
    cairo_set_source_rgb(cr, 0.0, 0.0, 0.0);
    cairo_set_line_width(cr, 0.25);
    for (int mm = 0; mm <= 100; mm++) {
        cairo_move_to(cr, mm, 0.0);
        cairo_line_to(cr, mm, mm % 10 == 0 ? -4.0 : mm % 5 == 0 ? -3.0 : -1.8);
    }
    cairo_move_to(cr, 0.0, 0.0);
    cairo_line_to(cr, 100.0, 0.0);
    cairo_stroke(cr);
    for (int mm = 0; mm <= 100; mm += 50)
        sheet_put(sheet, mm + 0.7, -7.0, 20.0, 6.5, false,
                  mm == 100 ? "100 mm" : sheet_format(sheet, "%d", mm));
    cairo_restore(cr);
}

/* Where a piece is put: its chord level, moved by (x, y). */
typedef struct Piece {
    const ExportStrip *strip;
    int number;
    double from_mm, to_mm;
    double turn_rad, low[2], high[2]; /* its box after turning, y up */
    double left_mm, top_mm;           /* of the box on the page */
} Piece;

static void turned(const Piece *piece, const double xy[2], double out[2])
{
    double c = cos(piece->turn_rad), s = sin(piece->turn_rad);
    out[0] = c * xy[0] - s * xy[1];
    out[1] = s * xy[0] + c * xy[1];
}

static void on_page(const Piece *piece, const double xy[2], double page[2])
{
    double at[2];
    turned(piece, xy, at);
    page[0] = piece->left_mm + at[0] - piece->low[0];
    page[1] = piece->top_mm + piece->high[1] - at[1];
}

/* side -1: the edge towards the face, 0: the hairline, 1: the edge towards the hair. */
static void outline_at(const ExportStrip *strip, int side, double s_mm, double xy[2])
{
    if (side == 0)
        export_strip_line(strip, s_mm, xy);
    else
        export_strip_at(strip, s_mm, side * export_strip_half(strip, side > 0, s_mm), xy);
}

static Piece measure(const ExportStrip *strip, int number)
{
    Piece piece = {.strip = strip,
                   .number = number,
                   .from_mm = strip->cut_mm[number],
                   .to_mm = strip->cut_mm[number + 1],
                   .low = {1e9, 1e9},
                   .high = {-1e9, -1e9}};
    double a[2], b[2];
    export_strip_at(strip, piece.from_mm, 0.0, a);
    export_strip_at(strip, piece.to_mm, 0.0, b);
    piece.turn_rad = -atan2(b[1] - a[1], b[0] - a[0]);
    for (double s = piece.from_mm; s < piece.to_mm + 0.5; s += 0.5)
        for (int side = -1; side <= 1; side++) {
            outline_at(strip, side, fmin(s, piece.to_mm), a);
            turned(&piece, a, b);
            for (int k = 0; k < 2; k++) {
                piece.low[k] = fmin(piece.low[k], b[k]);
                piece.high[k] = fmax(piece.high[k], b[k]);
            }
        }
    return piece;
}

static void stroke_side(Sheet *sheet, const Piece *piece, int side, double width_mm)
{
    double xy[2], page[2];
    for (double s = piece->from_mm; s < piece->to_mm + 0.25; s += 0.25) {
        outline_at(piece->strip, side, fmin(s, piece->to_mm), xy);
        on_page(piece, xy, page);
        cairo_line_to(sheet->cr, page[0], page[1]);
    }
    cairo_set_line_width(sheet->cr, width_mm);
    cairo_stroke(sheet->cr);
}

static void stroke_across(Sheet *sheet, const Piece *piece, double s_mm, double from, double to)
{
    double xy[2], page[2];
    export_strip_at(piece->strip, s_mm, from, xy);
    on_page(piece, xy, page);
    cairo_move_to(sheet->cr, page[0], page[1]);
    export_strip_at(piece->strip, s_mm, to, xy);
    on_page(piece, xy, page);
    cairo_line_to(sheet->cr, page[0], page[1]);
    cairo_stroke(sheet->cr);
}

/* A word centred on a point of the strip. */
static void word_at(Sheet *sheet, const Piece *piece, double s_mm, double across_mm, double points,
                    const char *word)
{
    double xy[2], page[2];
    PangoRectangle box;
    export_strip_at(piece->strip, s_mm, across_mm, xy);
    on_page(piece, xy, page);
    sheet_height(sheet, 60.0, points, points > 8.0, word);
    pango_layout_get_extents(sheet->layout, NULL, &box);
    sheet_put(sheet, page[0] - 0.5 * box.width / PANGO_SCALE,
              page[1] - 0.5 * box.height / PANGO_SCALE, 60.0, points, points > 8.0, word);
}

/* A tick each 10 mm of hairline from the middle, numbered each 20 mm. */
static void ticks(Sheet *sheet, const Piece *piece)
{
    const ExportStrip *strip = piece->strip;
    double origin = fmax(strip->middle_mm, 0.0);
    int first = (int)ceil((piece->from_mm + 1.0 - origin) / tick_mm);
    int last = (int)floor((piece->to_mm - 1.0 - origin) / tick_mm);
    for (int k = first; k <= last; k++) {
        double s = origin + k * tick_mm;
        cairo_set_line_width(sheet->cr, 0.15);
        cairo_set_source_rgb(sheet->cr, 0.0, 0.0, 0.0);
        for (int side = -1; side <= 1; side += 2) {
            double half = export_strip_half(strip, side > 0, s);
            stroke_across(sheet, piece, s, side * half, side * (half - 2.0));
        }
        bool room = s - piece->from_mm > 4.0 && piece->to_mm - s > 4.0;
        if (fmod(fabs(k * tick_mm), label_mm) < 0.5 && k != 0 && room) {
            sheet_ink(sheet, SHEET_GREY);
            word_at(sheet, piece, s, -export_strip_half(strip, 0, s) + 3.6, 5.5,
                    sheet_format(sheet, "%d", abs(k) * (int)tick_mm));
        }
    }
}

static void cut_end(Sheet *sheet, const Piece *piece, double s_mm, bool start, const char *letter)
{
    const ExportStrip *strip = piece->strip;
    cairo_set_source_rgb(sheet->cr, 0.0, 0.0, 0.0);
    cairo_set_line_width(sheet->cr, 0.3);
    if (fabs(s_mm - strip->middle_mm) < 0.5)
        cairo_set_dash(sheet->cr, (double[]){2.0, 1.5}, 2, 0.0);
    stroke_across(sheet, piece, s_mm, -export_strip_half(strip, 0, s_mm),
                  export_strip_half(strip, 1, s_mm));
    cairo_set_dash(sheet->cr, NULL, 0, 0.0);
    if (letter[0] != '\0') {
        double inside = start ? s_mm + 4.0 : s_mm - 4.0;
        bool wider = export_strip_half(strip, 1, s_mm) >= export_strip_half(strip, 0, s_mm);
        word_at(sheet, piece, inside, wider ? 9.5 : -9.5, 10.0, letter);
    }
}

static void draw_middle(Sheet *sheet, const Piece *piece)
{
    double s = piece->strip->middle_mm;
    if (s < piece->from_mm + 0.5 || s > piece->to_mm - 0.5) /* or the cut shows it */
        return;
    cairo_set_source_rgb(sheet->cr, 0.0, 0.0, 0.0);
    cairo_set_line_width(sheet->cr, 0.25);
    cairo_set_dash(sheet->cr, (double[]){2.0, 1.5}, 2, 0.0);
    stroke_across(sheet, piece, s, -export_strip_half(piece->strip, 0, s),
                  export_strip_half(piece->strip, 1, s));
    cairo_set_dash(sheet->cr, NULL, 0, 0.0);
}

static const char *letter_of(Sheet *sheet, const ExportStrip *strip, int cut)
{
    return cut == 0 || cut == strip->cut_count - 1 ? "" : sheet_format(sheet, "%c", 'A' + cut - 1);
}

static const char *name_of(Sheet *sheet, const ExportStrip *strip, int cut)
{
    if (cut > 0 && fabs(strip->cut_mm[cut] - strip->middle_mm) < 0.5)
        return sheet_format(sheet, "%s (middle)", letter_of(sheet, strip, cut));
    return cut == 0                      ? "client's right"
           : cut == strip->cut_count - 1 ? "client's left"
                                         : letter_of(sheet, strip, cut);
}

static void draw_piece(Sheet *sheet, const Piece *piece)
{
    const ExportStrip *strip = piece->strip;
    int n = piece->number;
    double origin = fmax(strip->middle_mm, 0.0);
    /* between two numbers, and off the dashed line */
    double centre = origin +
                    label_mm * floor((0.5 * (piece->from_mm + piece->to_mm) - origin) / label_mm) +
                    0.5 * label_mm;
    cairo_tag_begin(sheet->cr, "Figure", NULL);
    ticks(sheet, piece);
    cairo_set_source_rgb(sheet->cr, 0.0, 0.0, 0.0);
    stroke_side(sheet, piece, -1, 0.15);
    stroke_side(sheet, piece, 1, 0.15);
    stroke_side(sheet, piece, 0, 0.5);
    cut_end(sheet, piece, piece->from_mm, true, letter_of(sheet, strip, n));
    cut_end(sheet, piece, piece->to_mm, false, letter_of(sheet, strip, n + 1));
    draw_middle(sheet, piece);
    sheet_ink(sheet, SHEET_GREY);
    word_at(sheet, piece, centre, 0.68 * export_strip_half(strip, 1, centre), 6.5, "hair");
    word_at(sheet, piece, centre, -0.52 * export_strip_half(strip, 0, centre), 6.5, "face");
    cairo_tag_end(sheet->cr, "Figure");
}

static bool is_cut(const ExportStrip *strip, double s_mm)
{
    for (int i = 0; i < strip->cut_count; i++)
        if (fabs(strip->cut_mm[i] - s_mm) < 0.5)
            return true;
    return false;
}

/* Straight distances from three landmarks to a point: with a caliper each piece finds its place. */
static void places(Sheet *sheet, const Case *plan, const ExportStrip *strip)
{
    static const double share[] = {0.34, 0.22, 0.22, 0.22};
    const char *head[] = {"Straight, by caliper, mm", "Glabella", "Right tragion", "Left tragion"};
    static const HeadLandmark from[] = {HEAD_GLABELLA, HEAD_TRAGION_RIGHT, HEAD_TRAGION_LEFT};
    const char *cell[(EXPORT_CUTS + 1) * 4];
    const DesignLayout *layout = plan->layout;
    bool backwards = layout->hairline_mm[0].x > layout->hairline_mm[layout->hairline_count - 1].x;
    int rows = 0;
    for (int c = 0; c <= strip->cut_count; c++) {
        bool middle = c == strip->cut_count;
        double s = middle ? strip->middle_mm : strip->cut_mm[c], length = 0.0;
        if (s < 0.0 || (middle && is_cut(strip, s)))
            continue;
        int i = 0;
        Vec3 at = layout->hairline_mm[backwards ? layout->hairline_count - 1 : 0], next = at;
        while (++i < layout->hairline_count) {
            next = layout->hairline_mm[backwards ? layout->hairline_count - 1 - i : i];
            double step = vec_distance(at, next);
            if (length + step >= s || i + 1 == layout->hairline_count) {
                at = step > 0.0 ? vec_lerp(at, next, fmin((s - length) / step, 1.0)) : at;
                break;
            }
            length += step;
            at = next;
        }
        cell[4 * rows] = middle ? "Middle" : sheet_sentence(sheet, name_of(sheet, strip, c));
        for (int k = 0; k < 3; k++)
            cell[4 * rows + 1 + k] =
                sheet_format(sheet, "%.0f", vec_distance(plan->head->landmark_mm[from[k]], at));
        rows++;
    }
    sheet_heading(sheet, 20.0, "Where the ends lie");
    sheet_table(sheet, &(SheetTable){.columns = 4, .share = share, .align = "lrrr", .head = head},
                rows, cell);
}

static void head_of_page(Sheet *sheet, const Case *plan, const ExportStrip *strip)
{
    double length = strip->length_mm;
    double radius = plan->measures.circumference_mm / (2.0 * pi);
    sheet_title(sheet, "Hairline, 1 : 1",
                sheet_format(sheet,
                             "%s \u00b7 %.0f mm along the skin \u00b7 middle %.0f mm above "
                             "the glabella along the skin",
                             plan->code, length, plan->layout->hairline_height_mm));
    sheet_text(sheet,
               "Print at 100 %% and measure both bars: each must be 100 mm. Cut along the thin "
               "lines. Printed side up, lay the dashed line on the middle of the forehead; ends "
               "with the same letter meet. The heavy line is the hairline, hair is above it. The "
               "small numbers are mm from the middle along the hairline.");
    if (radius > 40.0)
        sheet_small(
            sheet,
            "A flat strip cannot follow a round head everywhere: on the heavy line lengths "
            "and bends are those of the skin; at the strip's edge, 15 mm away, lengths are "
            "off by up to %.1f %% (w\u00b2 / 2R\u00b2, R = %.0f mm). Move the strip by eye, "
            "then mark the skin.",
            100.0 * 15.0 * 15.0 / (2.0 * radius * radius), radius);
}

bool report_template_pdf(Arena *arena, const Case *plan, size_t *size, uint8_t **bytes, Err *err)
{
    Sheet sheet;
    ExportStrip strip;
    char foot[200];
    if (!export_strip_make(arena, plan->head, plan->layout->hairline_count,
                           plan->layout->hairline_mm, &strip, err))
        return false;
    snprintf(foot, sizeof foot,
             "Follicle %s \u00b7 %s \u00b7 print at 100 %%, not fitted to the "
             "page",
             FOLLICLE_VERSION, plan->code);
    if (!sheet_open(&sheet, arena, "Hairline 1:1", foot, err))
        return false;
    head_of_page(&sheet, plan, &strip);
    double top = sheet.y_mm + 8.0;
    cairo_tag_begin(sheet.cr, "Figure", NULL);
    bar(&sheet, SHEET_MARGIN_MM, top, false);
    bar(&sheet, SHEET_WIDTH_MM - SHEET_MARGIN_MM, top + 98.0, true);
    cairo_tag_end(sheet.cr, "Figure");
    sheet.y_mm = top + 2.0;
    for (int i = 0; i + 1 < strip.cut_count; i++) {
        Piece piece = measure(&strip, i);
        double high = piece.high[1] - piece.low[1];
        sheet_need(&sheet, high + 7.0);
        sheet_ink(&sheet, SHEET_BLACK);
        sheet_put(&sheet, SHEET_MARGIN_MM, sheet.y_mm, 120.0, 7.5, true,
                  sheet_format(&sheet, "%d of %d: %s to %s", i + 1, strip.cut_count - 1,
                               name_of(&sheet, &strip, i), name_of(&sheet, &strip, i + 1)));
        piece.left_mm = SHEET_MARGIN_MM + 1.0;
        piece.top_mm = sheet.y_mm + 4.5;
        draw_piece(&sheet, &piece);
        sheet.y_mm = piece.top_mm + high + 1.5;
    }
    places(&sheet, plan, &strip);
    return sheet_close(&sheet, size, bytes, err);
}
