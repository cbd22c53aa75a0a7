#include "report/report_marker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double pi = 3.14159265358979323846;
static const double capitals_em = 0.729; /* height of DejaVu Sans capitals */
static const double cut_mm = 0.15;       /* of a line to cut along; it lies outside */
static const double tab_mm = 12.0;       /* that is glued under the next piece of the strip */

/* ---- a marker, at its true size ---- */

static void set_color(cairo_t *cr, Rgb linear)
{
    const float light[3] = {linear.r, linear.g, linear.b};
    double code[3];
    for (int k = 0; k < 3; k++)
        code[k] = (double)color_srgb_encode(fminf(fmaxf(light[k], 0.0f), 1.0f));
    cairo_set_source_rgb(cr, code[0], code[1], code[2]);
}

/* One path for all cells: a reader that smooths edges draws no seams within one. */
static void draw_tag(cairo_t *cr, const MarkerTag *tag)
{
    double cell_x = tag->side_mm / 8.0, cell_y = tag->tall_mm / 8.0;
    double left = tag->x_mm - 4.0 * cell_x, top = tag->y_mm - 4.0 * cell_y;
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++) {
            int start = x;
            while (x < 8 && (tag->black >> (8 * y + x) & 1))
                x++;
            if (x > start)
                cairo_rectangle(cr, left + start * cell_x, top + y * cell_y, (x - start) * cell_x,
                                cell_y);
        }
    set_color(cr, (Rgb){0.0f, 0.0f, 0.0f});
    cairo_fill(cr);
}

/* (x, y): on the base line, at the share `anchor` of the text's length. */
static void draw_text(Sheet *sheet, const MarkerShape *shape)
{
    cairo_t *cr = sheet->cr;
    double points = shape->text_mm / capitals_em * 72.0 / 25.4;
    PangoRectangle box;
    cairo_save(cr);
    cairo_translate(cr, shape->x_mm[0], shape->y_mm[0]);
    if (shape->turned)
        cairo_rotate(cr, -0.5 * pi);
    sheet_height(sheet, 300.0, points, false, shape->text);
    pango_layout_get_extents(sheet->layout, NULL, &box);
    double base = pango_layout_get_baseline(sheet->layout) / (double)PANGO_SCALE;
    set_color(cr, shape->color);
    sheet_put(sheet, -shape->text_anchor * box.width / PANGO_SCALE, -base, 300.0, points, false,
              shape->text);
    cairo_restore(cr);
}

static void draw_shape(Sheet *sheet, const MarkerShape *shape)
{
    cairo_t *cr = sheet->cr;
    switch (shape->kind) {
    case MARKER_BOX:
        cairo_rectangle(cr, shape->x_mm[0], shape->y_mm[0], shape->x_mm[1] - shape->x_mm[0],
                        shape->y_mm[1] - shape->y_mm[0]);
        break;
    case MARKER_QUAD:
        for (int i = 0; i < 4; i++)
            cairo_line_to(cr, shape->x_mm[i], shape->y_mm[i]);
        cairo_close_path(cr);
        break;
    case MARKER_TEXT:
        draw_text(sheet, shape);
        return;
    }
    set_color(cr, shape->color);
    cairo_fill(cr);
}

/* Everything whose x lies within from..to, clipped there: a card, or a piece of the strip. */
static void draw_marker(Sheet *sheet, const Marker *marker, double from_mm, double to_mm)
{
    cairo_t *cr = sheet->cr;
    cairo_save(cr);
    cairo_rectangle(cr, from_mm, marker->top_mm, to_mm - from_mm,
                    marker->bottom_mm - marker->top_mm);
    cairo_clip(cr);
    for (int i = 0; i < marker->shape_count; i++) {
        const MarkerShape *shape = &marker->shape[i];
        if (shape->x_mm[0] > from_mm - 2.0 && shape->x_mm[0] < to_mm + 2.0)
            draw_shape(sheet, shape);
    }
    for (int i = 0; i < marker->tag_count; i++)
        if (marker->tag[i].x_mm > from_mm && marker->tag[i].x_mm < to_mm)
            draw_tag(cr, &marker->tag[i]);
    cairo_restore(cr);
}

/* ---- lines to cut along ---- */

static void cut_line(cairo_t *cr, double left, double top, double right, double bottom)
{
    cairo_set_source_rgb(cr, 0.45, 0.45, 0.45);
    cairo_set_line_width(cr, cut_mm);
    cairo_rectangle(cr, left, top, right - left, bottom - top);
    cairo_stroke(cr);
}

static void draw_window(Sheet *sheet, const Marker *marker)
{
    const double *window = marker->window_mm;
    double inside = 0.5 * cut_mm;
    cut_line(sheet->cr, window[0] + inside, window[1] + inside, window[2] - inside,
             window[3] - inside);
    cairo_set_source_rgb(sheet->cr, 0.8, 0.8, 0.8);
    cairo_set_line_width(sheet->cr, cut_mm);
    for (int i = 0; i < 4; i++) {
        cairo_move_to(sheet->cr, window[i < 2 ? 0 : 2], window[1 + i % 2 * 2]);
        cairo_line_to(sheet->cr, i < 2 ? -6.5 : 6.5, i % 2 == 0 ? -6.5 : 6.5);
    }
    cairo_stroke(sheet->cr);
    sheet_ink(sheet, SHEET_GREY);
    sheet_put(sheet, -6.6, -3.4, 20.0, 7.5, false, "  cut this\nwindow out");
}

/* (x, y): upper left corner on the page. */
static void draw_card(Sheet *sheet, const Marker *marker, double x_mm, double y_mm)
{
    cairo_t *cr = sheet->cr;
    double outside = 0.5 * cut_mm;
    sheet_drawing(sheet, "The card, true to size");
    cairo_save(cr);
    cairo_translate(cr, x_mm - marker->left_mm, y_mm - marker->top_mm);
    cut_line(cr, marker->left_mm - outside, marker->top_mm - outside, marker->right_mm + outside,
             marker->bottom_mm + outside);
    draw_marker(sheet, marker, marker->left_mm, marker->right_mm);
    if (marker->has_window)
        draw_window(sheet, marker);
    cairo_restore(cr);
    sheet_drawing_end(sheet);
}

static void draw_tab(Sheet *sheet, const Marker *marker, double start_mm, char letter)
{
    cairo_t *cr = sheet->cr;
    double top = marker->top_mm, tall = marker->bottom_mm - top;
    cairo_save(cr);
    cairo_rectangle(cr, start_mm, top, tab_mm, tall);
    cairo_clip(cr);
    cairo_set_source_rgb(cr, 0.82, 0.82, 0.82);
    cairo_set_line_width(cr, 0.3);
    for (double s = -tall; s < tab_mm; s += 2.0) {
        cairo_move_to(cr, start_mm + s, top + tall);
        cairo_line_to(cr, start_mm + s + tall, top);
    }
    cairo_stroke(cr);
    cairo_restore(cr);
    cut_line(cr, start_mm, top - 0.5 * cut_mm, start_mm + tab_mm, top + tall + 0.5 * cut_mm);
    sheet_ink(sheet, SHEET_GREY);
    sheet_put(sheet, start_mm + 3.6, -3.6, 12.0, 8.0, true,
              sheet_format(sheet, "%c\nglue", letter));
}

/* A piece with its x upwards on the page; (x, y) is the lower left corner of the paper. */
static void draw_piece(Sheet *sheet, const Marker *marker, int piece, double x_mm, double y_mm)
{
    cairo_t *cr = sheet->cr;
    double from = marker->piece_mm[piece], to = marker->piece_mm[piece + 1];
    sheet_drawing(sheet, "A piece of the strip, true to size");
    cairo_save(cr);
    cairo_translate(cr, x_mm, y_mm);
    cairo_rotate(cr, -0.5 * pi);
    cairo_translate(cr, -from, -marker->top_mm);
    cut_line(cr, from - 0.5 * cut_mm, marker->top_mm - 0.5 * cut_mm, to + 0.5 * cut_mm,
             marker->bottom_mm + 0.5 * cut_mm);
    draw_marker(sheet, marker, from, to);
    if (piece + 1 < marker->piece_count)
        draw_tab(sheet, marker, to, (char)('A' + piece));
    cairo_restore(cr);
    sheet_drawing_end(sheet);
}

/* ---- the check bars, in the lower right of each page ---- */

static const double corner_x_mm = 194.0, corner_y_mm = 268.0; /* where the two meet */

static void draw_bar(Sheet *sheet, double x, double y, bool upright, double length_mm)
{
    cairo_t *cr = sheet->cr;
    cairo_save(cr);
    cairo_translate(cr, x, y);
    if (upright)
        cairo_rotate(cr, -0.5 * pi);
    cairo_set_source_rgb(cr, 0.0, 0.0, 0.0);
    cairo_set_line_width(cr, 0.2);
    for (int mm = 0; mm <= (int)length_mm; mm++) {
        bool end = mm == 0 || mm == (int)length_mm;
        cairo_move_to(cr, mm, 0.0);
        cairo_line_to(cr, mm, end ? -7.0 : mm % 10 == 0 ? -3.0 : mm % 5 == 0 ? -2.2 : -1.4);
    }
    cairo_move_to(cr, 0.0, 0.0);
    cairo_line_to(cr, length_mm, 0.0);
    cairo_stroke(cr);
    sheet_ink(sheet, SHEET_BLACK);
    sheet_put(sheet, 0.25 * length_mm + 1.0, -7.2, 60.0, 8.0, true,
              upright ? "Y: 100 mm, line to line" : "X: 100 mm, line to line");
    cairo_restore(cr);
}

static void draw_bars(Sheet *sheet, const Marker *marker)
{
    sheet_drawing(sheet, "Two check bars of 100 mm");
    draw_bar(sheet, corner_x_mm - marker->bar_x_mm, corner_y_mm, false, marker->bar_x_mm);
    draw_bar(sheet, corner_x_mm, corner_y_mm, true, marker->bar_y_mm);
    sheet_drawing_end(sheet);
}

/* What is done with the bars, inside the corner they make. */
static void bar_words(Sheet *sheet, const Marker *marker, double left_mm, double top_mm)
{
    double right = corner_x_mm - 9.0;
    sheet->left_mm = left_mm;
    sheet->width_mm = right - left_mm;
    sheet->y_mm = top_mm;
    sheet_heading(sheet, 0.0, "Measure what came out of the printer");
    sheet_text(sheet,
               "Let the ink dry. Lay a steel ruler along both bars and read each as finely as you "
               "can, to a quarter of a millimetre.");
    sheet_space(sheet, 2.5);
    sheet_blank(sheet, 0.0, 0.5, "X, mm");
    sheet_blank(sheet, 0.5, 1.0, "Y, mm");
    sheet_space(sheet, 6.0);
    sheet_blank(sheet, 0.0, 0.5, "printer");
    sheet_blank(sheet, 0.5, 1.0, "date");
    sheet_space(sheet, 6.5);
    sheet_text(sheet, "Type them in, once for all that this printer prints on this paper:");
    sheet_ink(sheet, SHEET_BLACK);
    sheet->y_mm += 1.6 + sheet_put(sheet, left_mm, sheet->y_mm, sheet->width_mm, 8.5, true,
                                   sheet_format(sheet,
                                                "follicle marker --print-id=%d "
                                                "--measured=X,Y",
                                                marker->print_id));
    sheet_small(sheet,
                "If they differ by more than 1 %%, or are 8 %% off, the print is refused: the page "
                "was fitted to the paper. Another printer or paper needs a print with another "
                "number: follicle marker --print-id=%d.",
                marker->print_id + 1 < MARKER_PRINT_IDS ? marker->print_id + 1 : 0);
}

/* ---- pages ---- */

/* Numbered sentences down a column. */
static void steps(Sheet *sheet, int count, const char *const step[])
{
    double left = sheet->left_mm, width = sheet->width_mm;
    for (int i = 0; i < count; i++) {
        sheet_ink(sheet, SHEET_ACCENT);
        sheet_put(sheet, left, sheet->y_mm, 6.0, 8.5, true, sheet_format(sheet, "%d", i + 1));
        sheet->left_mm = left + 5.0;
        sheet->width_mm = width - 5.0;
        sheet_text(sheet, "%s", step[i]);
    }
    sheet->left_mm = left;
    sheet->width_mm = width;
}

static void put_column(Sheet *sheet, double left, double right, double top)
{
    sheet->left_mm = left;
    sheet->width_mm = right - left;
    sheet->y_mm = top;
}

static void whole_width(Sheet *sheet)
{
    put_column(sheet, SHEET_MARGIN_MM, SHEET_MARGIN_MM + sheet->text_mm, sheet->y_mm);
}

#define STEPS(sheet, list) steps((sheet), (int)(sizeof(list) / sizeof *(list)), (list))

static void page_close(Sheet *sheet, const Marker *marker)
{
    static const char *const make[] = {
        "Print this page at 100 % (\"actual size\"), in colour, at the best quality, on heavy matt "
        "paper. Glossy paper and laminating film shine and spoil the colours.",
        "Measure the two bars below.",
        "Cut along the thin grey lines, the window too. The white rim stays on: from it the light "
        "is read.",
        "Glue it onto stiff card, flat. A bent card is noticed and refused."};
    static const char *const use[] = {
        "Lay it flat on the skin, the spot to count in the window, hair trimmed short.",
        "Hold the phone 15 to 20 cm straight above, main camera, no zoom. Tap on the skin in the "
        "window to focus. The whole card is in the picture.",
        "Daylight from a window or an even lamp; no flash, no shadow of the phone on the card, no "
        "portrait mode, no filter.",
        "Paper cannot be disinfected: a card that touched skin belongs to that client."};
    static const char *const spoils[] = {
        "Too far away: under 8 pixels for a millimetre of skin. 16 and more are good.",
        "A slanting view: over 25 degrees is warned of, over 40 refused.",
        "A bent card, a hand over a square, a mirrored selfie.",
        "Burnt-out white, or two lights of different colour on the card.",
        "A print nobody measured: sizes are then as wrong as the printer is."};
    sheet_title(sheet, "Card for close-ups",
                sheet_format(sheet, "30 mm window \u00b7 true to size \u00b7 print %05d",
                             marker->print_id));
    double top = sheet->y_mm + 2.0;
    draw_card(sheet, marker, SHEET_MARGIN_MM + 2.0, top);
    put_column(sheet, 98.0, 194.0, top - 5.0);
    sheet_heading(sheet, 0.0, "Make the card");
    STEPS(sheet, make);
    sheet_heading(sheet, 0.0, "Take the photograph");
    STEPS(sheet, use);
    report_marker_sketch(sheet, MARKER_CLOSE, SHEET_MARGIN_MM, top + 82.0, 72.0);
    put_column(sheet, SHEET_MARGIN_MM, 88.0, top + 136.0);
    sheet_heading(sheet, 0.0, "What spoils a photograph");
    STEPS(sheet, spoils);
    bar_words(sheet, marker, 98.0, 178.0);
    draw_bars(sheet, marker);
    whole_width(sheet);
}

static void page_head(Sheet *sheet, const Marker *marker)
{
    static const char *const make[] = {
        "Print at 100 % (\"actual size\"), in colour, best quality, heavy matt paper.",
        "Measure the two bars below.", "Cut along the thin grey line; leave the white rim on.",
        "Glue it onto stiff card. It must stay flat."};
    static const char *const use[] = {
        "Hold the card right beside the head, as far from the camera as the part you want to see, "
        "its face to the camera; or lay it on the crown for the picture from above.",
        "Stand 60 to 100 cm away, at 2x zoom if the phone has a second lens. Closer, the face "
        "swells and sizes are wrong.",
        "Head upright, looking straight ahead; plain wall behind; even light.",
        "Front, left, right, from above, back: the same light for all."};
    static const char *const spoils[] = {
        "A card that is nearer to the camera than the head: 2 cm in front make sizes 3 % wrong.",
        "A bent or slanting card, a mirrored selfie, portrait mode.",
        "Wet or uncombed hair, hats, glasses in the way."};
    sheet_title(
        sheet, "Card for photographs of the head",
        sheet_format(sheet, "100 mm \u00b7 true to size \u00b7 print %05d", marker->print_id));
    double top = sheet->y_mm + 2.0;
    draw_card(sheet, marker, SHEET_MARGIN_MM + 1.0, top);
    put_column(sheet, 125.0, 194.0, top - 5.0);
    sheet_heading(sheet, 0.0, "Make the card");
    STEPS(sheet, make);
    sheet_heading(sheet, 0.0, "Take the photographs");
    STEPS(sheet, use);
    report_marker_sketch(sheet, MARKER_HEAD, SHEET_MARGIN_MM, top + 108.0, 72.0);
    put_column(sheet, SHEET_MARGIN_MM, 88.0, top + 186.0);
    sheet_heading(sheet, 0.0, "What spoils a photograph");
    STEPS(sheet, spoils);
    bar_words(sheet, marker, 98.0, 178.0);
    draw_bars(sheet, marker);
    whole_width(sheet);
}

static void page_strip(Sheet *sheet, const Marker *marker)
{
    static const char *const make[] = {
        "Print at 100 % (\"actual size\") on plain or heavy matt paper and measure the two bars "
        "below.",
        "Cut out the three pieces, each with its grey tab.",
        "Glue the front over tab A of the right piece, and the left piece over tab B: edge to the "
        "thin line, lower edges in one line. The millimetres go on across the joint.",
    };
    static const char *const wear[] = {
        "Printing outwards, the black arrow above the nose, level all round, below the skin that "
        "is to be treated, over the ears. Close it at the back with tape, snug and flat; what "
        "overlaps is cut off or lies under.",
        "Measure along the skin from the point between the brows (glabella) up to the middle of "
        "the strip's height and type it in with the photographs. 30 mm is usual.",
        "The numbers are millimetres from the front, growing to the wearer's left. Keep hair and "
        "fingers off the squares."};
    sheet_title(sheet, "Strip to wear around the head",
                sheet_format(sheet, "648 mm in three pieces \u00b7 true to size \u00b7 print %05d",
                             marker->print_id));
    double top = sheet->y_mm + 1.0, base = corner_y_mm;
    static const char *const name[] = {"right piece", "front piece", "left piece"};
    for (int i = 0; i < marker->piece_count; i++)
        draw_piece(sheet, marker, i, SHEET_MARGIN_MM - 6.0 + i * 27.5, base);
    for (int i = 0; i < marker->piece_count; i++) {
        sheet_ink(sheet, SHEET_GREY);
        sheet_put(sheet, SHEET_MARGIN_MM - 6.0 + i * 27.5, top, 26.0, 7.0, false, name[i]);
    }
    put_column(sheet, 101.0, 194.0, top - 5.0);
    sheet_heading(sheet, 0.0, "Make the strip");
    STEPS(sheet, make);
    sheet_heading(sheet, 0.0, "Put it on");
    STEPS(sheet, wear);
    report_marker_sketch(sheet, MARKER_STRIP, 103.0, sheet->y_mm + 4.0, 84.0);
    bar_words(sheet, marker, 101.0, 190.0);
    draw_bars(sheet, marker);
    whole_width(sheet);
}

static bool put_page(Sheet *sheet, MarkerKind kind, int print_id, Marker *marker, Err *err)
{
    static void (*const page[MARKER_KINDS])(Sheet *, const Marker *) = {page_close, page_head,
                                                                        page_strip};
    if (!marker_make(kind, print_id, marker, err))
        return false;
    page[kind](sheet, marker);
    return true;
}

bool report_marker_pdf(Arena *arena, ReportPaper paper, unsigned kinds, int print_id, size_t *size,
                       uint8_t **bytes, Err *err)
{
    Sheet sheet;
    char foot[160];
    Marker *marker = ARENA_NEW(arena, Marker, 1);
    if (marker == NULL)
        return err_set(err, ERR_LIMIT, "no room for a marker within the memory limit");
    if (kinds == 0 || kinds >> MARKER_KINDS != 0)
        return err_set(err, ERR_INPUT, "no kind of marker is chosen");
    if (!marker_make(MARKER_CLOSE, print_id, marker, err)) /* the print id, before a page is open */
        return false;
    snprintf(foot, sizeof foot,
             "Follicle %s \u00b7 markers v%d \u00b7 print %05d \u00b7 print at 100 %%, not fitted "
             "to the page",
             FOLLICLE_VERSION, MARKER_VERSION, print_id);
    if (!sheet_open_on(&sheet, arena, paper, "Follicle markers", foot, err))
        return false;
    bool ok = true, first = true;
    for (int kind = 0; ok && kind < MARKER_KINDS; kind++) {
        if (!(kinds >> kind & 1))
            continue;
        if (!first)
            sheet_new_page(&sheet);
        first = false;
        ok = put_page(&sheet, (MarkerKind)kind, print_id, marker, err);
    }
    Err ignored;
    bool closed = sheet_close(&sheet, size, bytes, ok ? err : &ignored);
    return ok && closed;
}
