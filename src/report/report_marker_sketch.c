#include "report/report_marker.h"

#include <math.h>

static const double pi = 3.14159265358979323846;
static const double line_mm = 0.35, fine_mm = 0.2;

static void paint(Sheet *sheet, double grey)
{
    cairo_set_source_rgb(sheet->cr, grey, grey, grey);
    cairo_fill_preserve(sheet->cr);
    sheet_ink(sheet, SHEET_BLACK);
    cairo_set_line_width(sheet->cr, line_mm);
    cairo_stroke(sheet->cr);
}

static void dashed(Sheet *sheet, double x0, double y0, double x1, double y1)
{
    sheet_ink(sheet, SHEET_ACCENT);
    cairo_set_line_width(sheet->cr, fine_mm);
    cairo_set_dash(sheet->cr, (double[]){1.2, 0.9}, 2, 0.0);
    cairo_move_to(sheet->cr, x0, y0);
    cairo_line_to(sheet->cr, x1, y1);
    cairo_stroke(sheet->cr);
    cairo_set_dash(sheet->cr, NULL, 0, 0.0);
}

static void label(Sheet *sheet, double x, double y, double width_mm, const char *text)
{
    sheet_ink(sheet, SHEET_ACCENT);
    sheet_put(sheet, x, y, width_mm, 6.5, false, text);
}

/* A phone seen from its edge, its camera at (x, y) looking down (turn 0) or to the left (pi / 2).
 */
static void phone(Sheet *sheet, double x, double y, double turn_rad)
{
    cairo_t *cr = sheet->cr;
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, turn_rad);
    cairo_rectangle(cr, -13.0, -1.8, 16.0, 1.8);
    paint(sheet, 0.25);
    cairo_rectangle(cr, -1.2, 0.0, 2.4, 0.7);
    paint(sheet, 0.25);
    cairo_restore(cr);
}

/* Head and neck from the front, its middle at (x, y), 22 mm wide. */
static void face(Sheet *sheet, double x, double y)
{
    cairo_t *cr = sheet->cr;
    cairo_save(cr);
    cairo_translate(cr, x, y);
    for (int side = -1; side <= 1; side += 2) { /* ears */
        cairo_save(cr);
        cairo_translate(cr, side * 11.2, 2.0);
        cairo_scale(cr, 1.7, 3.6);
        cairo_arc(cr, 0.0, 0.0, 1.0, 0.0, 2.0 * pi);
        cairo_restore(cr);
        paint(sheet, 0.9);
    }
    cairo_move_to(cr, -5.0, 10.0);
    cairo_curve_to(cr, -5.0, 18.0, -6.0, 18.5, -15.0, 21.0);
    cairo_line_to(cr, 15.0, 21.0);
    cairo_curve_to(cr, 6.0, 18.5, 5.0, 18.0, 5.0, 10.0);
    paint(sheet, 0.94);
    cairo_move_to(cr, 0.0, -15.0);
    cairo_curve_to(cr, 8.0, -15.0, 11.2, -9.0, 11.2, -2.0);
    cairo_curve_to(cr, 11.2, 8.0, 6.0, 15.0, 0.0, 15.0);
    cairo_curve_to(cr, -6.0, 15.0, -11.2, 8.0, -11.2, -2.0);
    cairo_curve_to(cr, -11.2, -9.0, -8.0, -15.0, 0.0, -15.0);
    paint(sheet, 0.96);
    sheet_ink(sheet, SHEET_BLACK);
    cairo_set_line_width(cr, line_mm);
    for (int side = -1; side <= 1; side += 2) { /* brow, eye */
        cairo_move_to(cr, side * 2.2, -0.6);
        cairo_curve_to(cr, side * 4.0, -1.6, side * 6.0, -1.4, side * 7.4, -0.2);
        cairo_move_to(cr, side * 3.2, 1.6);
        cairo_line_to(cr, side * 6.2, 1.6);
    }
    cairo_move_to(cr, 0.0, 1.0);
    cairo_curve_to(cr, -0.6, 4.0, -2.4, 5.6, 0.4, 6.2);
    cairo_move_to(cr, -3.2, 9.8);
    cairo_line_to(cr, 3.2, 9.8);
    cairo_stroke(cr);
    cairo_restore(cr);
}

/* Head from the left, looking to the left; its middle at (x, y). */
static void profile(Sheet *sheet, double x, double y)
{
    cairo_t *cr = sheet->cr;
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_move_to(cr, -4.0, 21.0);
    cairo_curve_to(cr, -3.0, 17.0, -3.4, 15.6, -5.0, 15.2);
    cairo_curve_to(cr, -9.0, 15.4, -10.6, 14.4, -10.4, 12.0); /* chin */
    cairo_curve_to(cr, -10.6, 10.6, -11.4, 10.4, -11.2, 9.4);
    cairo_curve_to(cr, -11.0, 8.2, -11.2, 7.6, -11.2, 6.8);
    cairo_curve_to(cr, -12.4, 6.6, -14.0, 6.4, -13.4, 5.0); /* nose */
    cairo_curve_to(cr, -12.6, 3.6, -11.6, 2.0, -11.6, 0.4);
    cairo_curve_to(cr, -12.4, -0.6, -12.2, -2.0, -11.8, -3.6); /* brow, forehead */
    cairo_curve_to(cr, -11.0, -11.0, -5.0, -15.0, 2.0, -15.0);
    cairo_curve_to(cr, 10.0, -15.0, 14.4, -9.0, 14.4, -3.0);
    cairo_curve_to(cr, 14.4, 3.0, 11.6, 6.0, 10.4, 9.6);
    cairo_curve_to(cr, 9.6, 12.6, 9.8, 16.0, 12.0, 21.0);
    paint(sheet, 0.96);
    sheet_ink(sheet, SHEET_BLACK);
    cairo_set_line_width(cr, line_mm);
    cairo_move_to(cr, 2.4, 1.0); /* ear */
    cairo_curve_to(cr, 2.4, -3.0, 6.8, -2.6, 6.2, 1.2);
    cairo_curve_to(cr, 5.8, 3.8, 4.6, 5.6, 3.4, 5.6);
    cairo_curve_to(cr, 2.4, 5.4, 2.6, 3.6, 2.4, 1.0);
    cairo_move_to(cr, -10.0, 2.0); /* eye */
    cairo_line_to(cr, -8.0, 1.6);
    cairo_stroke(cr);
    cairo_restore(cr);
}

/* A band between two curves over a head, and the squares on it. */
static void band(Sheet *sheet, double x, double y, double left, double right, double sag, int tags)
{
    cairo_t *cr = sheet->cr;
    double third = (right - left) / 3.0;
    cairo_move_to(cr, x + left, y);
    cairo_curve_to(cr, x + left + third, y + sag, x + right - third, y + sag, x + right, y);
    cairo_line_to(cr, x + right, y - 3.4);
    cairo_curve_to(cr, x + right - third, y + sag - 3.4, x + left + third, y + sag - 3.4, x + left,
                   y - 3.4);
    cairo_close_path(cr);
    paint(sheet, 1.0);
    sheet_ink(sheet, SHEET_BLACK);
    for (int i = 0; i < tags; i++) {
        double t = (i + 0.5) / tags, lower = 3.0 * t * (1.0 - t) * sag;
        cairo_rectangle(cr, x + left + t * (right - left) - 0.8, y + lower - 2.8, 1.6, 1.6);
    }
    cairo_fill(cr);
}

/* A small picture of a card facing the reader. */
static void card(Sheet *sheet, double x, double y, double side, bool window)
{
    cairo_t *cr = sheet->cr;
    double tag = 0.17 * side;
    cairo_rectangle(cr, x - 0.5 * side, y - 0.5 * side, side, side);
    paint(sheet, 1.0);
    sheet_ink(sheet, SHEET_BLACK);
    for (int i = 0; i < 9; i++)
        if (i != 4)
            cairo_rectangle(cr, x + (i % 3 - 1) * 0.32 * side - 0.5 * tag,
                            y + (i / 3 - 1) * 0.32 * side - 0.5 * tag, tag, tag);
    cairo_fill(cr);
    if (window) {
        cairo_rectangle(cr, x - 0.21 * side, y - 0.21 * side, 0.42 * side, 0.42 * side);
        paint(sheet, 0.85);
    }
}

static void sketch_close(Sheet *sheet, double x, double y)
{
    cairo_t *cr = sheet->cr;
    profile(sheet, x + 20.0, y + 31.0);
    cairo_set_line_width(cr, 1.0); /* the card on the crown, from its edge */
    sheet_ink(sheet, SHEET_BLACK);
    cairo_move_to(cr, x + 15.0, y + 15.4);
    cairo_line_to(cr, x + 29.0, y + 15.4);
    cairo_stroke(cr);
    dashed(sheet, x + 22.0, y + 3.0, x + 15.0, y + 14.8);
    dashed(sheet, x + 22.0, y + 3.0, x + 29.0, y + 14.8);
    phone(sheet, x + 22.0, y + 2.2, 0.0);
    label(sheet, x + 29.0, y + 5.6, 24.0, "15 to 20 cm,\nstraight above");
    card(sheet, x + 57.0, y + 34.0, 28.0, true);
    label(sheet, x + 43.2, y + 49.0, 30.0, "the spot in the window");
}

/* What the camera sees, and the same from the side. */
static void sketch_head(Sheet *sheet, double x, double y)
{
    cairo_t *cr = sheet->cr;
    face(sheet, x + 16.0, y + 16.0);
    card(sheet, x + 38.0, y + 10.0, 15.0, false);
    label(sheet, x + 47.5, y + 7.0, 26.0, "beside the head,\nfacing the camera");
    label(sheet, x + 34.0, y + 30.0, 38.0,
          "what the camera sees: front; then left, right, from "
          "above, back");
    phone(sheet, x + 3.6, y + 56.0, -0.5 * pi);
    dashed(sheet, x + 5.0, y + 56.0, x + 58.0, y + 48.5);
    dashed(sheet, x + 5.0, y + 56.0, x + 58.0, y + 63.5);
    profile(sheet, x + 57.0, y + 57.0);
    sheet_ink(sheet, SHEET_BLACK);
    cairo_set_line_width(cr, 1.0);
    cairo_move_to(cr, x + 58.0, y + 48.5);
    cairo_line_to(cr, x + 58.0, y + 63.5);
    cairo_stroke(cr);
    label(sheet, x + 9.0, y + 65.0, 34.0, "60 to 100 cm,\nat the height of the head");
}

static void sketch_strip(Sheet *sheet, double x, double y)
{
    cairo_t *cr = sheet->cr;
    face(sheet, x + 16.0, y + 18.0);
    band(sheet, x + 16.0, y + 15.4, -10.9, 10.9, 1.6, 7);
    sheet_ink(sheet, SHEET_ACCENT);
    cairo_move_to(cr, x + 14.6, y + 8.6);
    cairo_line_to(cr, x + 17.4, y + 8.6);
    cairo_line_to(cr, x + 16.0, y + 12.0);
    cairo_fill(cr);
    profile(sheet, x + 52.0, y + 18.0);
    band(sheet, x + 52.0, y + 15.4, -11.9, 14.2, 1.0, 8);
    label(sheet, x + 2.0, y + 40.6, 30.0, "arrow over the nose");
    label(sheet, x + 38.0, y + 40.6, 34.0, "level, above the ears");
}

void report_marker_sketch(Sheet *sheet, MarkerKind kind, double x_mm, double y_mm, double width_mm)
{
    cairo_t *cr = sheet->cr;
    double scale = width_mm / 74.0; /* of the drawings below */
    sheet_drawing(sheet, "How the photograph is taken");
    cairo_save(cr);
    cairo_translate(cr, x_mm, y_mm);
    cairo_scale(cr, scale, scale);
    switch (kind) {
    case MARKER_CLOSE:
        sketch_close(sheet, 0.0, 0.0);
        break;
    case MARKER_HEAD:
        sketch_head(sheet, 0.0, 0.0);
        break;
    case MARKER_STRIP:
        sketch_strip(sheet, 0.0, 0.0);
        break;
    case MARKER_KINDS:
        break;
    }
    cairo_restore(cr);
    sheet_drawing_end(sheet);
}
