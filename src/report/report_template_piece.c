#include "report/report_template.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;
/* A tick each so far along a seam; those of both pieces meet. */
static const double between_mm = 25.0, tick_mm = 2.5;

/* ---- kinds of lines ---- */

typedef struct Pencil {
    double width_mm, rgb[3], dash[4];
    int dashes;
    const char *name;
} Pencil;

enum { CUT, HAIRLINE, ZONE, KEEP_OUT, MIDLINE, CORONAL, PENCILS };

static const Pencil pencils[PENCILS] = {
    [CUT] = {0.2, {0.0, 0.0, 0.0}, {0}, 0, "cut here"},
    [HAIRLINE] = {0.6, {0.0, 0.0, 0.0}, {0}, 0, "hairline"},
    [ZONE] = {0.25, {0.08, 0.33, 0.40}, {1.2, 1.0}, 2, "border of a zone"},
    [KEEP_OUT] = {0.4, {0.75, 0.20, 0.05}, {0.3, 0.9}, 2, "keep out"},
    [MIDLINE] = {0.25, {0.0, 0.0, 0.0}, {4.0, 1.2, 0.6, 1.2}, 4, "middle of the head"},
    [CORONAL] = {0.2, {0.45, 0.45, 0.45}, {4.0, 2.0}, 2, "from ear to ear"},
};

static void take_pencil(Sheet *sheet, int which)
{
    const Pencil *pencil = &pencils[which];
    cairo_set_source_rgb(sheet->cr, pencil->rgb[0], pencil->rgb[1], pencil->rgb[2]);
    cairo_set_line_width(sheet->cr, pencil->width_mm);
    cairo_set_dash(sheet->cr, pencil->dash, pencil->dashes, 0.0);
    cairo_set_line_cap(sheet->cr, which == KEEP_OUT ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
}

static void stroke(Sheet *sheet)
{
    cairo_stroke(sheet->cr);
    cairo_set_dash(sheet->cr, NULL, 0, 0.0);
    cairo_set_line_cap(sheet->cr, CAIRO_LINE_CAP_BUTT);
}

static int pencil_of(FlatLineKind kind)
{
    switch (kind) {
    case FLAT_HAIRLINE:
        return HAIRLINE;
    case FLAT_ZONE:
        return ZONE;
    case FLAT_KEEP_OUT:
        return KEEP_OUT;
    case FLAT_MIDLINE:
        return MIDLINE;
    case FLAT_CORONAL:
        return CORONAL;
    }
    return ZONE;
}

double template_key(Sheet *sheet, double x_mm, double y_mm)
{
    const double row_mm = 4.4;
    for (int i = 0; i < PENCILS; i++) {
        double y = y_mm + i * row_mm;
        cairo_move_to(sheet->cr, x_mm, y + 1.7);
        cairo_line_to(sheet->cr, x_mm + 14.0, y + 1.7);
        take_pencil(sheet, i);
        stroke(sheet);
        sheet_ink(sheet, SHEET_BLACK);
        sheet_put(sheet, x_mm + 16.0, y, 50.0, 7.0, false, pencils[i].name);
    }
    return PENCILS * row_mm;
}

/* A word centred on a place of the page, on white: a line that passes there is broken. */
static void word_at(Sheet *sheet, double x_mm, double y_mm, double points, bool bold, SheetInk ink,
                    const char *word)
{
    double width = sheet_width(sheet, points, bold, word);
    double height = sheet_height(sheet, width + 5.0, points, bold, word);
    cairo_set_source_rgb(sheet->cr, 1.0, 1.0, 1.0);
    cairo_rectangle(sheet->cr, x_mm - 0.5 * width - 0.3, y_mm - 0.4 * height, width + 0.6,
                    0.8 * height);
    cairo_fill(sheet->cr);
    sheet_ink(sheet, ink);
    sheet_put(sheet, x_mm - 0.5 * width, y_mm - 0.5 * height, width + 5.0, points, bold, word);
}

/* ---- a piece ---- */

enum { BOXES = 64 };

typedef struct Spot {
    Sheet *sheet;
    const FlatPiece *piece;
    double x_mm, y_mm; /* of the box's lower left corner on the page */
    int box_count;     /* what is written already: middles and half sizes on the sheet */
    double box[BOXES][4];
} Spot;

static bool is_free(const Spot *spot, double x_mm, double y_mm, double half_x, double half_y)
{
    for (int i = 0; i < spot->box_count; i++) {
        const double *box = spot->box[i];
        if (fabs(x_mm - box[0]) < half_x + box[2] && fabs(y_mm - box[1]) < half_y + box[3])
            return false;
    }
    return true;
}

static void take_box(Spot *spot, double x_mm, double y_mm, double half_x, double half_y)
{
    const double box[4] = {x_mm, y_mm, half_x, half_y};
    if (spot->box_count < BOXES)
        memcpy(spot->box[spot->box_count++], box, sizeof box);
}

/* A word on the sheet, and its box. */
static void write_at(Spot *spot, double x_mm, double y_mm, double points, SheetInk ink,
                     const char *word)
{
    double width = sheet_width(spot->sheet, points, false, word);
    word_at(spot->sheet, spot->x_mm + x_mm, spot->y_mm - y_mm, points, false, ink, word);
    take_box(spot, x_mm, y_mm, 0.5 * width + 0.5, 0.25 * points);
}

static void to(const Spot *spot, const double at[2])
{
    cairo_line_to(spot->sheet->cr, spot->x_mm + at[0], spot->y_mm - at[1]);
}

static void draw_outline(const Spot *spot)
{
    for (int l = 0; l < spot->piece->loop_count; l++) {
        const FlatLoop *loop = &spot->piece->loop[l];
        for (int i = 0; i < loop->count; i++)
            to(spot, spot->piece->at_mm[loop->vertex[i]]);
        cairo_close_path(spot->sheet->cr);
    }
    take_pencil(spot->sheet, CUT);
    stroke(spot->sheet);
}

/* The hairline, or all but it: it is drawn last, so that no word breaks it. */
static void draw_lines(const Spot *spot, bool hairline)
{
    for (int l = 0; l < spot->piece->line_count; l++) {
        const FlatLine *line = &spot->piece->line[l];
        if ((line->kind == FLAT_HAIRLINE) != hairline)
            continue;
        for (int i = 0; i < line->count; i++)
            to(spot, line->at_mm[i]);
        if (line->closed)
            cairo_close_path(spot->sheet->cr);
        take_pencil(spot->sheet, pencil_of(line->kind));
        stroke(spot->sheet);
    }
}

/* Ticks that meet those of the neighbour. */
static void draw_ticks(const Spot *spot, const FlatSeam *seam)
{
    int ticks = (int)floor(seam->length_mm / between_mm) + 1;
    for (int i = 1; i < 2 * ticks; i += 2) {
        double at[2], in[2];
        flat_seam_at(spot->piece, seam, 0.5 * i / ticks, at, in);
        to(spot, at);
        to(spot, (double[]){at[0] + tick_mm * in[0], at[1] + tick_mm * in[1]});
        take_pencil(spot->sheet, CUT);
        stroke(spot->sheet);
    }
}

/* A word beside a seam, as near to a share of it as there is room; along: it follows the seam. */
static void write_beside(Spot *spot, const FlatSeam *seam, double share, bool along,
                         const char *word)
{
    const double off_mm = along ? 2.6 : 3.6, points = along ? 6.5 : 7.5;
    double width = sheet_width(spot->sheet, points, false, word);
    for (int i = 0; i < 40; i++) {
        double at[2], in[2], way = (i % 2 == 0 ? 1 : -1) * 0.0125 * i;
        if (share + way < 0.02 || share + way > 0.98)
            continue;
        flat_seam_at(spot->piece, seam, share + way, at, in);
        double x = at[0] + off_mm * in[0], y = at[1] + off_mm * in[1];
        double half_x = along ? 0.5 * width * fabs(in[1]) + 1.2 : 0.5 * width + 0.5;
        double half_y = along ? 0.5 * width * fabs(in[0]) + 1.2 : 0.25 * points;
        if (!is_free(spot, x, y, half_x, half_y))
            continue;
        take_box(spot, x, y, half_x, half_y);
        cairo_save(spot->sheet->cr);
        cairo_translate(spot->sheet->cr, spot->x_mm + x, spot->y_mm - y);
        if (along)
            cairo_rotate(spot->sheet->cr, remainder(atan2(-in[0], -in[1]), pi));
        word_at(spot->sheet, 0.0, 0.0, points, false, SHEET_GREY, word);
        cairo_restore(spot->sheet->cr);
        return;
    }
}

/* The number of the piece beyond, and the word for a seam on the midline. */
static void draw_seams(Spot *spot)
{
    for (int s = 0; s < spot->piece->seam_count; s++) {
        const FlatSeam *seam = &spot->piece->seam[s];
        int numbers = seam->length_mm > 120.0 ? 2 : 1;
        draw_ticks(spot, seam);
        for (int i = 0; i < numbers; i++)
            write_beside(spot, seam, (i + 0.5) / numbers, false,
                         sheet_format(spot->sheet, "%d", seam->across + 1));
        if (seam->middle && seam->length_mm > 40.0)
            write_beside(spot, seam, 0.5, true, "middle of the head");
    }
}

/* The word of a zone on the dot that is nearest to the middle of its dots and has room. */
static void draw_zone(Spot *spot, const Case *plan, int zone, const double middle[2])
{
    const FlatPiece *piece = spot->piece;
    const char *word = report_zone_word((DesignZone)zone);
    double half = 0.5 * sheet_width(spot->sheet, 6.5, false, word) + 0.5, least = 1e9;
    int best = -1;
    for (int i = 0; i < piece->dot_count; i++) {
        const double *at = piece->dot[i].at_mm;
        double off = hypot(at[0] - middle[0], at[1] - middle[1]);
        if (off < least && plan->dots->dot[piece->dot[i].dot].zone == zone &&
            is_free(spot, at[0], at[1], half, 1.6)) {
            least = off;
            best = i;
        }
    }
    if (best >= 0)
        write_at(spot, piece->dot[best].at_mm[0], piece->dot[best].at_mm[1], 6.5, SHEET_ACCENT,
                 word);
}

/* The words of the zones that have more than a twentieth of the piece's dots. */
static void draw_zones(Spot *spot, const Case *plan)
{
    const FlatPiece *piece = spot->piece;
    double sum[DESIGN_ZONES][2];
    int count[DESIGN_ZONES];
    memset(sum, 0, sizeof sum);
    memset(count, 0, sizeof count);
    for (int i = 0; i < piece->dot_count; i++) {
        int zone = plan->dots->dot[piece->dot[i].dot].zone;
        count[zone]++;
        for (int d = 0; d < 2; d++)
            sum[zone][d] += piece->dot[i].at_mm[d];
    }
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++)
        if (count[zone] * 20 > piece->dot_count)
            draw_zone(spot, plan, zone,
                      (double[]){sum[zone][0] / count[zone], sum[zone][1] / count[zone]});
}

static void draw_marks(Spot *spot)
{
    static const char *const name[HEAD_LANDMARKS] = {[HEAD_GLABELLA] = "glabella",
                                                     [HEAD_TRAGION_LEFT] = "left tragion",
                                                     [HEAD_TRAGION_RIGHT] = "right tragion",
                                                     [HEAD_VERTEX] = "top of head",
                                                     [HEAD_INION] = "inion",
                                                     [HEAD_CANTHUS_LEFT] = "left eye",
                                                     [HEAD_CANTHUS_RIGHT] = "right eye"};
    cairo_t *cr = spot->sheet->cr;
    for (int m = 0; m < spot->piece->mark_count; m++) {
        const FlatMark *mark = &spot->piece->mark[m];
        double x = spot->x_mm + mark->at_mm[0], y = spot->y_mm - mark->at_mm[1];
        cairo_move_to(cr, x - 3.0, y);
        cairo_line_to(cr, x + 3.0, y);
        cairo_move_to(cr, x, y - 3.0);
        cairo_line_to(cr, x, y + 3.0);
        cairo_new_sub_path(cr);
        cairo_arc(cr, x, y, 1.6, 0.0, 2.0 * pi);
        cairo_set_source_rgb(cr, 0.0, 0.0, 0.0);
        cairo_set_line_width(cr, 0.25);
        cairo_stroke(cr);
        take_box(spot, mark->at_mm[0], mark->at_mm[1], 3.0, 3.0);
        bool left = mark->at_mm[0] > 0.5 * spot->piece->width_mm;
        write_at(spot, mark->at_mm[0] + (left ? -11.0 : 11.0), mark->at_mm[1] - 2.8, 6.0,
                 SHEET_GREY, name[mark->landmark]);
    }
}

/* The number, which way the back is, and what the piece is worth. */
static void draw_number(Spot *spot, int number)
{
    cairo_t *cr = spot->sheet->cr;
    const double *at = spot->piece->label_mm;
    double x = spot->x_mm + at[0], y = spot->y_mm - at[1];
    word_at(spot->sheet, x, y, 17.0, true, SHEET_BLACK,
            sheet_format(spot->sheet, "%d", number + 1));
    cairo_move_to(cr, x + 6.0, y + 3.0);
    cairo_line_to(cr, x + 6.0, y - 3.0);
    cairo_move_to(cr, x + 5.0, y - 1.6);
    cairo_line_to(cr, x + 6.0, y - 3.2);
    cairo_line_to(cr, x + 7.0, y - 1.6);
    cairo_set_line_width(cr, 0.3);
    cairo_stroke(cr);
    word_at(spot->sheet, x + 6.0, y - 4.8, 5.5, false, SHEET_GREY, "back");
    word_at(spot->sheet, x, y + 5.2, 5.5, false, SHEET_GREY,
            sheet_format(spot->sheet, "\u00b1%.1f %%", 100.0 * spot->piece->worst_error));
    take_box(spot, at[0] + 2.0, at[1], 8.0, 7.0);
}

void template_piece(Sheet *sheet, const Case *plan, const Flat *flat, int number, double x_mm,
                    double y_mm)
{
    Spot spot = {.sheet = sheet, .piece = &flat->piece[number], .x_mm = x_mm, .y_mm = y_mm};
    draw_lines(&spot, false);
    draw_number(&spot, number); /* the most needed first: the others find room beside it */
    draw_marks(&spot);
    draw_seams(&spot);
    draw_zones(&spot, plan);
    draw_lines(&spot, true);
    draw_outline(&spot);
}

/* ---- the head ---- */

typedef struct Above {
    Sheet *sheet;
    Vec3 centre_mm;
    double x_mm, y_mm, scale; /* of the middle; mm per unit of the chart */
} Above;

static void above(const Above *map, Vec3 head_mm, double page[2])
{
    double uv[2];
    head_chart(vec_normalize(vec_sub(head_mm, map->centre_mm)), uv);
    page[0] = map->x_mm + map->scale * uv[0];
    page[1] = map->y_mm + map->scale * uv[1];
}

static void line_above(const Above *map, Vec3 head_mm)
{
    double page[2];
    above(map, head_mm, page);
    cairo_line_to(map->sheet->cr, page[0], page[1]);
}

/* A round head with a nose, so that nobody turns it. */
static void draw_round(const Above *map, double radius)
{
    cairo_t *cr = map->sheet->cr;
    cairo_arc(cr, map->x_mm, map->y_mm, radius, 0.0, 2.0 * pi);
    cairo_set_source_rgb(cr, 0.965, 0.965, 0.96);
    cairo_fill_preserve(cr);
    sheet_ink(map->sheet, SHEET_PALE);
    cairo_set_line_width(cr, 0.25);
    cairo_stroke(cr);
    cairo_move_to(cr, map->x_mm - 3.0, map->y_mm + radius - 0.2);
    cairo_line_to(cr, map->x_mm, map->y_mm + radius + 3.0);
    cairo_line_to(cr, map->x_mm + 3.0, map->y_mm + radius - 0.2);
    sheet_ink(map->sheet, SHEET_GREY);
    cairo_stroke(cr);
    for (int side = -1; side <= 1; side += 2) {
        cairo_arc(cr, map->x_mm + side * radius, map->y_mm, 2.2, 0.0, 2.0 * pi);
        cairo_stroke(cr);
    }
}

void template_overview(Sheet *sheet, const Case *plan, const Flat *flat, double x_mm, double y_mm,
                       double side_mm)
{
    double reach = 0.55; /* of the chart: as far as the pieces go, and some more */
    for (int p = 0; p < flat->piece_count; p++)
        for (int v = 0; v < flat->piece[p].vertex_count; v++) {
            double uv[2];
            head_chart(vec_normalize(vec_sub(flat->piece[p].head_mm[v], plan->head->centre_mm)),
                       uv);
            reach = fmax(reach, 1.12 * hypot(uv[0], uv[1]));
        }
    Above map = {.sheet = sheet,
                 .centre_mm = plan->head->centre_mm,
                 .x_mm = x_mm + 0.5 * side_mm,
                 .y_mm = y_mm + 0.5 * side_mm,
                 .scale = 0.5 * (side_mm - 8.0) / reach};
    draw_round(&map, map.scale * reach);
    for (int p = 0; p < flat->piece_count; p++) {
        const FlatPiece *piece = &flat->piece[p];
        for (int l = 0; l < piece->loop_count; l++) {
            for (int i = 0; i < piece->loop[l].count; i++)
                line_above(&map, piece->head_mm[piece->loop[l].vertex[i]]);
            cairo_close_path(sheet->cr);
        }
        cairo_set_source_rgb(sheet->cr, 0.90, 0.94, 0.95);
        cairo_fill_preserve(sheet->cr);
        sheet_ink(sheet, SHEET_BLACK);
        cairo_set_line_width(sheet->cr, 0.2);
        cairo_stroke(sheet->cr);
    }
    for (int i = 0; plan->layout->has_hairline && i < plan->layout->hairline_count; i++)
        line_above(&map, plan->layout->hairline_mm[i]);
    cairo_set_line_width(sheet->cr, 0.5);
    cairo_stroke(sheet->cr);
    for (int p = 0; p < flat->piece_count; p++) {
        double page[2];
        above(&map, flat->piece[p].label_head_mm, page);
        cairo_set_source_rgb(sheet->cr, 0.0, 0.0, 0.0);
        const char *number = sheet_format(sheet, "%d", p + 1);
        double width = sheet_width(sheet, 9.0, true, number);
        sheet_put(sheet, page[0] - 0.5 * width, page[1] - 2.0, width + 5.0, 9.0, true, number);
    }
}
