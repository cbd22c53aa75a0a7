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

/* A word centred on a place of the page. */
static void word_at(Sheet *sheet, double x_mm, double y_mm, double points, bool bold,
                    const char *word)
{
    double width = sheet_width(sheet, points, bold, word);
    double height = sheet_height(sheet, width + 5.0, points, bold, word);
    sheet_put(sheet, x_mm - 0.5 * width, y_mm - 0.5 * height, width + 5.0, points, bold, word);
}

/* ---- a piece ---- */

typedef struct Spot {
    Sheet *sheet;
    const FlatPiece *piece;
    double x_mm, y_mm; /* of the box's lower left corner on the page */
} Spot;

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

static void draw_lines(const Spot *spot)
{
    for (int l = 0; l < spot->piece->line_count; l++) {
        const FlatLine *line = &spot->piece->line[l];
        for (int i = 0; i < line->count; i++)
            to(spot, line->at_mm[i]);
        if (line->closed)
            cairo_close_path(spot->sheet->cr);
        take_pencil(spot->sheet, pencil_of(line->kind));
        stroke(spot->sheet);
    }
}

/* Ticks that meet those of the neighbour, its number, and the word for a seam on the midline. */
static void draw_seams(const Spot *spot)
{
    Sheet *sheet = spot->sheet;
    for (int s = 0; s < spot->piece->seam_count; s++) {
        const FlatSeam *seam = &spot->piece->seam[s];
        int ticks = (int)floor(seam->length_mm / between_mm) + 1;
        double at[2], in[2];
        for (int i = 1; i < 2 * ticks; i += 2) {
            flat_seam_at(spot->piece, seam, 0.5 * i / ticks, at, in);
            to(spot, at);
            to(spot, (double[]){at[0] + tick_mm * in[0], at[1] + tick_mm * in[1]});
            take_pencil(sheet, CUT);
            stroke(sheet);
        }
        int numbers = seam->length_mm > 120.0 ? 2 : 1;
        for (int i = 0; i < numbers; i++) {
            flat_seam_at(spot->piece, seam, (i + 0.5) / numbers + 0.07 / ticks, at, in);
            sheet_ink(sheet, SHEET_GREY);
            word_at(sheet, spot->x_mm + at[0] + 4.0 * in[0], spot->y_mm - at[1] - 4.0 * in[1], 7.5,
                    false, sheet_format(sheet, "%d", seam->across + 1));
        }
        if (seam->middle && seam->length_mm > 40.0) {
            flat_seam_at(spot->piece, seam, 0.25, at, in);
            cairo_save(sheet->cr);
            cairo_translate(sheet->cr, spot->x_mm + at[0] + 3.0 * in[0],
                            spot->y_mm - at[1] - 3.0 * in[1]);
            cairo_rotate(sheet->cr, atan2(-in[0], -in[1]) + (in[0] > 0.0 ? pi : 0.0));
            word_at(sheet, 0.0, 0.0, 6.5, false, "middle of the head");
            cairo_restore(sheet->cr);
        }
    }
}

/* The words of zones, each where most of its dots on this piece are near. */
static void draw_zones(const Spot *spot, const Case *plan)
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
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++) {
        int best = -1;
        double least = 1e9;
        for (int i = 0; i < piece->dot_count && count[zone] * 20 > piece->dot_count; i++) {
            const double *at = piece->dot[i].at_mm;
            double off =
                hypot(at[0] - sum[zone][0] / count[zone], at[1] - sum[zone][1] / count[zone]);
            /* not over the number of the piece */
            bool clear =
                fabs(at[0] - piece->label_mm[0]) > 12.0 || fabs(at[1] - piece->label_mm[1]) > 9.0;
            if (plan->dots->dot[piece->dot[i].dot].zone == zone && clear && off < least) {
                least = off;
                best = i;
            }
        }
        if (best < 0)
            continue;
        sheet_ink(spot->sheet, SHEET_ACCENT);
        word_at(spot->sheet, spot->x_mm + piece->dot[best].at_mm[0],
                spot->y_mm - piece->dot[best].at_mm[1], 6.5, false,
                report_zone_word((DesignZone)zone));
    }
}

static void draw_marks(const Spot *spot)
{
    static const char *const name[HEAD_LANDMARKS] = {
        "glabella", "tragion", "tragion", "top of head", "inion", "eye", "eye"};
    cairo_t *cr = spot->sheet->cr;
    for (int m = 0; m < spot->piece->mark_count; m++) {
        double x = spot->x_mm + spot->piece->mark[m].at_mm[0];
        double y = spot->y_mm - spot->piece->mark[m].at_mm[1];
        cairo_move_to(cr, x - 3.0, y);
        cairo_line_to(cr, x + 3.0, y);
        cairo_move_to(cr, x, y - 3.0);
        cairo_line_to(cr, x, y + 3.0);
        cairo_new_sub_path(cr);
        cairo_arc(cr, x, y, 1.6, 0.0, 2.0 * pi);
        cairo_set_source_rgb(cr, 0.0, 0.0, 0.0);
        cairo_set_line_width(cr, 0.25);
        cairo_stroke(cr);
        sheet_ink(spot->sheet, SHEET_GREY);
        bool left = spot->piece->mark[m].at_mm[0] > 0.5 * spot->piece->width_mm;
        word_at(spot->sheet, x + (left ? -11.0 : 11.0), y + 3.5, 6.0, false,
                name[spot->piece->mark[m].landmark]);
    }
}

/* The number, which way the back is, and what the piece is worth. */
static void draw_number(const Spot *spot, int number)
{
    Sheet *sheet = spot->sheet;
    cairo_t *cr = sheet->cr;
    double x = spot->x_mm + spot->piece->label_mm[0], y = spot->y_mm - spot->piece->label_mm[1];
    sheet_ink(sheet, SHEET_BLACK);
    word_at(sheet, x, y, 17.0, true, sheet_format(sheet, "%d", number + 1));
    cairo_move_to(cr, x + 6.0, y + 3.0);
    cairo_line_to(cr, x + 6.0, y - 3.0);
    cairo_move_to(cr, x + 5.0, y - 1.6);
    cairo_line_to(cr, x + 6.0, y - 3.2);
    cairo_line_to(cr, x + 7.0, y - 1.6);
    cairo_set_line_width(cr, 0.3);
    cairo_stroke(cr);
    sheet_ink(sheet, SHEET_GREY);
    word_at(sheet, x + 6.0, y - 4.8, 5.5, false, "back");
    word_at(sheet, x, y + 5.2, 5.5, false,
            sheet_format(sheet, "\u00b1%.1f %%", 100.0 * spot->piece->worst_error));
}

void template_piece(Sheet *sheet, const Case *plan, const Flat *flat, int number, double x_mm,
                    double y_mm)
{
    Spot spot = {.sheet = sheet, .piece = &flat->piece[number], .x_mm = x_mm, .y_mm = y_mm};
    draw_lines(&spot);
    draw_outline(&spot);
    draw_seams(&spot);
    draw_zones(&spot, plan);
    draw_marks(&spot);
    draw_number(&spot, number);
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
    const double reach = 1.1; /* of the chart: a little below the ears */
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
        word_at(sheet, page[0], page[1], 9.0, true, sheet_format(sheet, "%d", p + 1));
    }
}
