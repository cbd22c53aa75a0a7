#include "report/report_template.h"

#include <math.h>
#include <stdlib.h>

static const double tick_mm = 10.0, label_mm = 20.0;

typedef struct Placed { /* where a piece lies on the page */
    ExportStripPiece piece;
    double left_mm, top_mm;
} Placed;

static void on_page(const Placed *placed, const double xy[2], double page[2])
{
    export_strip_on_piece(&placed->piece, xy, page);
    page[0] += placed->left_mm;
    page[1] = placed->top_mm + placed->piece.height_mm - page[1];
}

static void stroke_side(Sheet *sheet, const Placed *piece, int side, double width_mm)
{
    double xy[2], page[2];
    for (double s = piece->piece.from_mm; s < piece->piece.to_mm + 0.25; s += 0.25) {
        export_strip_side(piece->piece.strip, side, fmin(s, piece->piece.to_mm), xy);
        on_page(piece, xy, page);
        cairo_line_to(sheet->cr, page[0], page[1]);
    }
    cairo_set_line_width(sheet->cr, width_mm);
    cairo_stroke(sheet->cr);
}

static void stroke_across(Sheet *sheet, const Placed *piece, double s_mm, double from, double to)
{
    double xy[2], page[2];
    export_strip_at(piece->piece.strip, s_mm, from, xy);
    on_page(piece, xy, page);
    cairo_move_to(sheet->cr, page[0], page[1]);
    export_strip_at(piece->piece.strip, s_mm, to, xy);
    on_page(piece, xy, page);
    cairo_line_to(sheet->cr, page[0], page[1]);
    cairo_stroke(sheet->cr);
}

/* A word centred on a point of the strip. */
static void word_at(Sheet *sheet, const Placed *piece, double s_mm, double across_mm, double points,
                    const char *word)
{
    double xy[2], page[2];
    PangoRectangle box;
    export_strip_at(piece->piece.strip, s_mm, across_mm, xy);
    on_page(piece, xy, page);
    sheet_height(sheet, 60.0, points, points > 8.0, word);
    pango_layout_get_extents(sheet->layout, NULL, &box);
    sheet_put(sheet, page[0] - 0.5 * box.width / PANGO_SCALE,
              page[1] - 0.5 * box.height / PANGO_SCALE, 60.0, points, points > 8.0, word);
}

/* A tick each 10 mm of hairline from the middle, numbered each 20 mm. */
static void ticks(Sheet *sheet, const Placed *piece)
{
    const ExportStrip *strip = piece->piece.strip;
    double origin = fmax(strip->middle_mm, 0.0);
    int first = (int)ceil((piece->piece.from_mm + 1.0 - origin) / tick_mm);
    int last = (int)floor((piece->piece.to_mm - 1.0 - origin) / tick_mm);
    for (int k = first; k <= last; k++) {
        double s = origin + k * tick_mm;
        cairo_set_line_width(sheet->cr, 0.15);
        cairo_set_source_rgb(sheet->cr, 0.0, 0.0, 0.0);
        for (int side = -1; side <= 1; side += 2) {
            double half = export_strip_half(strip, side > 0, s);
            stroke_across(sheet, piece, s, side * half, side * (half - 2.0));
        }
        bool room = s - piece->piece.from_mm > 4.0 && piece->piece.to_mm - s > 4.0;
        if (fmod(fabs(k * tick_mm), label_mm) < 0.5 && k != 0 && room) {
            sheet_ink(sheet, SHEET_GREY);
            word_at(sheet, piece, s, -export_strip_half(strip, 0, s) + 3.6, 5.5,
                    sheet_format(sheet, "%d", abs(k) * (int)tick_mm));
        }
    }
}

static void cut_end(Sheet *sheet, const Placed *piece, double s_mm, bool start, const char *letter)
{
    const ExportStrip *strip = piece->piece.strip;
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

static void draw_middle(Sheet *sheet, const Placed *piece)
{
    double s = piece->piece.strip->middle_mm;
    if (s < piece->piece.from_mm + 0.5 || s > piece->piece.to_mm - 0.5) /* or the cut shows it */
        return;
    cairo_set_source_rgb(sheet->cr, 0.0, 0.0, 0.0);
    cairo_set_line_width(sheet->cr, 0.25);
    cairo_set_dash(sheet->cr, (double[]){2.0, 1.5}, 2, 0.0);
    stroke_across(sheet, piece, s, -export_strip_half(piece->piece.strip, 0, s),
                  export_strip_half(piece->piece.strip, 1, s));
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

static void draw_piece(Sheet *sheet, const Placed *piece)
{
    const ExportStrip *strip = piece->piece.strip;
    int n = piece->piece.number;
    double origin = fmax(strip->middle_mm, 0.0);
    /* between two numbers, and off the dashed line */
    double centre =
        origin +
        label_mm * floor((0.5 * (piece->piece.from_mm + piece->piece.to_mm) - origin) / label_mm) +
        0.5 * label_mm;
    ticks(sheet, piece);
    cairo_set_source_rgb(sheet->cr, 0.0, 0.0, 0.0);
    stroke_side(sheet, piece, -1, 0.15);
    stroke_side(sheet, piece, 1, 0.15);
    stroke_side(sheet, piece, 0, 0.5);
    cut_end(sheet, piece, piece->piece.from_mm, true, letter_of(sheet, strip, n));
    cut_end(sheet, piece, piece->piece.to_mm, false, letter_of(sheet, strip, n + 1));
    draw_middle(sheet, piece);
    sheet_ink(sheet, SHEET_GREY);
    word_at(sheet, piece, centre, 0.68 * export_strip_half(strip, 1, centre), 6.5, "hair");
    word_at(sheet, piece, centre, -0.52 * export_strip_half(strip, 0, centre), 6.5, "face");
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

void template_strips(Sheet *sheet, const Case *plan, const ExportStrip *strip)
{
    for (int i = 0; i + 1 < strip->cut_count; i++) {
        Placed placed = {.piece = export_strip_piece(strip, i)};
        sheet_need(sheet, placed.piece.height_mm + 8.0);
        sheet_drawing(sheet, sheet_format(sheet, "Hairline strip %d of %d, 1:1", i + 1,
                                          strip->cut_count - 1));
        sheet_ink(sheet, SHEET_BLACK);
        sheet_put(sheet, SHEET_MARGIN_MM, sheet->y_mm, 120.0, 7.5, true,
                  sheet_format(sheet, "H%d: %s to %s", i + 1, name_of(sheet, strip, i),
                               name_of(sheet, strip, i + 1)));
        placed.left_mm = SHEET_MARGIN_MM + 1.0;
        placed.top_mm = sheet->y_mm + 4.5;
        draw_piece(sheet, &placed);
        sheet_drawing_end(sheet);
        sheet->y_mm = placed.top_mm + placed.piece.height_mm + 2.5;
    }
    places(sheet, plan, strip);
}
