#include "export/plane.h"

#include <stdio.h>

/* Two A4 pages beside each other: what most cutters take. */
static const double sheet_mm = 370.0, gap_mm = 8.0, edge_mm = 5.0, bar_mm = 100.0;
static const double step_mm = 0.5;     /* along strips */
static const double between_mm = 25.0; /* ticks on seams */
static const double tick_mm = 2.5, number_mm = 7.0, small_mm = 3.0;

const char *plane_layer_name(PlaneLayer layer)
{
    static const char *const name[PLANE_LAYERS] = {
        "CUT",    "LABELS", "GUIDES", "ZONES",     "KEEP_OUT",       "HAIRLINE",     "DOTS_1",
        "DOTS_2", "DOTS_3", "DOTS_4", "STRIP_CUT", "STRIP_HAIRLINE", "STRIP_LABELS", "CHECK"};
    return name[layer];
}

static void measure_strips(Plane *plane, double *width, double *top)
{
    for (int i = 0; plane->has_strip && i + 1 < plane->strip.cut_count; i++) {
        ExportStripPiece piece = export_strip_piece(&plane->strip, i);
        plane->strip_top_mm[i] = *top;
        *top += piece.height_mm + gap_mm;
        *width = fmax(*width, piece.width_mm);
        int points = 2 * (int)((piece.to_mm - piece.from_mm) / step_mm) + 8;
        plane->most = points > plane->most ? points : plane->most;
    }
}

bool plane_make(Arena *arena, Arena *scratch, const Case *plan, const FlatParams *params,
                Plane *plane, Err *err)
{
    FlatParams usual = flat_default();
    const DesignLayout *layout = plan->layout;
    double width = bar_mm + 4.0 * gap_mm, top = 0.0;
    *plane = (Plane){.plan = plan, .most = 8};
    params = params == NULL ? &usual : params;
    if (!flat_make(arena, scratch, plan, params, &plane->flat, err))
        return false;
    plane->spot = ARENA_NEW(arena, FlatSpot, (size_t)plane->flat.piece_count + 1);
    if (plane->spot == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d pieces", plane->flat.piece_count);
    double page[2] = {fmax(sheet_mm, params->page_mm[0]), 0.0};
    if (!flat_arrange(scratch, &plane->flat, page, gap_mm, plane->spot, err))
        return false;
    for (int p = 0; p < plane->flat.piece_count; p++) {
        const FlatPiece *piece = &plane->flat.piece[p];
        width = fmax(width, plane->spot[p].left_mm + piece->width_mm);
        top = fmax(top, plane->spot[p].top_mm + piece->height_mm + gap_mm);
        for (int l = 0; l < piece->loop_count; l++)
            plane->most = piece->loop[l].count > plane->most ? piece->loop[l].count : plane->most;
        for (int l = 0; l < piece->line_count; l++)
            plane->most = piece->line[l].count > plane->most ? piece->line[l].count : plane->most;
    }
    plane->has_strip = layout->has_hairline && layout->hairline_count >= 3;
    if (plane->has_strip && !export_strip_make(arena, plan->head, layout->hairline_count,
                                               layout->hairline_mm, &plane->strip, err))
        return false;
    measure_strips(plane, &width, &top);
    plane->bar_top_mm = top;
    plane->width_mm = ceil(width + 2.0 * edge_mm);
    plane->height_mm = ceil(top + bar_mm + gap_mm + 2.0 * edge_mm);
    return true;
}

/* ---- drawing ---- */

typedef struct Draw {
    const Plane *plane;
    const PlanePen *pen;
    double (*room)[2];
    PlaneLayer layer;
    bool begun;
} Draw;

static void begin(Draw *draw)
{
    if (!draw->begun)
        draw->pen->layer(draw->pen->to, draw->layer);
    draw->begun = true;
}

static void on_sheet(const Plane *plane, int piece, const double at[2], double to[2])
{
    const FlatSpot *spot = &plane->spot[piece];
    to[0] = edge_mm + spot->left_mm + at[0];
    to[1] = plane->height_mm - edge_mm - spot->top_mm - plane->flat.piece[piece].height_mm + at[1];
}

static void put_path(Draw *draw, int piece, const FlatLine *line, bool closed, int count)
{
    begin(draw);
    draw->pen->path(draw->pen->to, piece, line, closed, count, (const double(*)[2])draw->room);
}

static void put_text(Draw *draw, const double at[2], double height_mm, const char *text)
{
    begin(draw);
    draw->pen->text(draw->pen->to, at, height_mm, text);
}

static void draw_cuts(Draw *draw, int p)
{
    const FlatPiece *piece = &draw->plane->flat.piece[p];
    for (int l = 0; l < piece->loop_count; l++) {
        const FlatLoop *loop = &piece->loop[l];
        for (int i = 0; i < loop->count; i++)
            on_sheet(draw->plane, p, piece->at_mm[loop->vertex[i]], draw->room[i]);
        put_path(draw, p, NULL, true, loop->count);
    }
}

static void draw_seams(Draw *draw, int p)
{
    const FlatPiece *piece = &draw->plane->flat.piece[p];
    for (int s = 0; s < piece->seam_count; s++) {
        const FlatSeam *seam = &piece->seam[s];
        int ticks = (int)floor(seam->length_mm / between_mm) + 1;
        double at[2], inward[2], from[2], text[2];
        char number[24];
        for (int i = 1; i < 2 * ticks; i += 2) { /* odd: never at an end */
            flat_seam_at(piece, seam, 0.5 * i / ticks, at, inward);
            on_sheet(draw->plane, p, at, draw->room[0]);
            for (int d = 0; d < 2; d++)
                draw->room[1][d] = draw->room[0][d] + tick_mm * inward[d];
            put_path(draw, p, NULL, false, 2);
        }
        flat_seam_at(piece, seam, 0.5, at, inward);
        on_sheet(draw->plane, p, at, from);
        double off = ticks % 2 == 1 ? tick_mm + 1.2 * small_mm : 1.2 * small_mm;
        for (int d = 0; d < 2; d++)
            text[d] = from[d] + off * inward[d];
        snprintf(number, sizeof number, "%d", seam->across + 1);
        put_text(draw, text, small_mm, number);
    }
}

static void draw_labels(Draw *draw, int p)
{
    const FlatPiece *piece = &draw->plane->flat.piece[p];
    char number[24];
    double at[2];
    snprintf(number, sizeof number, "%d", p + 1);
    on_sheet(draw->plane, p, piece->label_mm, at);
    put_text(draw, at, number_mm, number);
    draw_seams(draw, p);
}

static PlaneLayer layer_of(const FlatLine *line)
{
    switch (line->kind) {
    case FLAT_HAIRLINE:
        return PLANE_HAIRLINE;
    case FLAT_ZONE:
        return PLANE_ZONES;
    case FLAT_KEEP_OUT:
        return PLANE_KEEP_OUT;
    case FLAT_MIDLINE:
    case FLAT_CORONAL:
        return PLANE_GUIDE;
    }
    return PLANE_GUIDE;
}

static void draw_lines(Draw *draw, int p)
{
    const FlatPiece *piece = &draw->plane->flat.piece[p];
    for (int l = 0; l < piece->line_count; l++) {
        const FlatLine *line = &piece->line[l];
        if (layer_of(line) != draw->layer)
            continue;
        for (int i = 0; i < line->count; i++)
            on_sheet(draw->plane, p, line->at_mm[i], draw->room[i]);
        put_path(draw, p, line, line->closed, line->count);
    }
    for (int m = 0; m < piece->mark_count && draw->layer == PLANE_GUIDE; m++)
        for (int way = 0; way < 2; way++) { /* a cross */
            for (int i = 0; i < 2; i++) {
                on_sheet(draw->plane, p, piece->mark[m].at_mm, draw->room[i]);
                draw->room[i][way] += i == 0 ? -3.0 : 3.0;
            }
            put_path(draw, p, NULL, false, 2);
        }
}

static void draw_dots(Draw *draw, int p)
{
    const FlatPiece *piece = &draw->plane->flat.piece[p];
    for (int i = 0; i < piece->dot_count; i++) {
        double at[2];
        int session = draw->plane->plan->dots->dot[piece->dot[i].dot].session;
        if (session != (int)draw->layer - (int)PLANE_DOTS_1)
            continue;
        begin(draw);
        on_sheet(draw->plane, p, piece->dot[i].at_mm, at);
        draw->pen->dot(draw->pen->to, p, &piece->dot[i], at);
    }
}

static void on_strip(const Plane *plane, const ExportStripPiece *piece, int side, double s_mm,
                     double to[2])
{
    double xy[2], at[2];
    export_strip_side(piece->strip, side, s_mm, xy);
    export_strip_on_piece(piece, xy, at);
    to[0] = edge_mm + at[0];
    to[1] =
        plane->height_mm - edge_mm - plane->strip_top_mm[piece->number] - piece->height_mm + at[1];
}

/* Points of a side, from one cut to the other or back; returns how many there are then. */
static int follow_side(Draw *draw, const ExportStripPiece *piece, int side, bool back, int count)
{
    int steps = (int)ceil((piece->to_mm - piece->from_mm) / step_mm);
    for (int i = 0; i <= steps; i++) {
        double s = piece->from_mm +
                   (piece->to_mm - piece->from_mm) * (back ? steps - i : i) / (double)steps;
        on_strip(draw->plane, piece, side, s, draw->room[count++]);
    }
    return count;
}

static void draw_strips(Draw *draw)
{
    for (int i = 0; draw->plane->has_strip && i + 1 < draw->plane->strip.cut_count; i++) {
        ExportStripPiece piece = export_strip_piece(&draw->plane->strip, i);
        double middle = draw->plane->strip.middle_mm;
        if (draw->layer == PLANE_STRIP_CUT) {
            int count = follow_side(draw, &piece, -1, false, 0);
            put_path(draw, -1, NULL, true, follow_side(draw, &piece, 1, true, count));
        } else if (draw->layer == PLANE_STRIP_HAIRLINE) {
            put_path(draw, -1, NULL, false, follow_side(draw, &piece, 0, false, 0));
        } else {
            double at[2];
            char name[24];
            snprintf(name, sizeof name, "H%d", i + 1);
            on_strip(draw->plane, &piece, 1, 0.5 * (piece.from_mm + piece.to_mm), at);
            at[1] -= 1.5 * small_mm;
            put_text(draw, at, small_mm, name);
            if (middle < piece.from_mm || middle > piece.to_mm)
                continue;
            on_strip(draw->plane, &piece, -1, middle, draw->room[0]);
            on_strip(draw->plane, &piece, 1, middle, draw->room[1]);
            put_path(draw, -1, NULL, false, 2);
        }
    }
}

static void draw_bars(Draw *draw)
{
    double x = edge_mm, y = draw->plane->height_mm - edge_mm - draw->plane->bar_top_mm;
    for (int way = 0; way < 2; way++) {
        draw->room[0][0] = draw->room[1][0] = x;
        draw->room[0][1] = draw->room[1][1] = y;
        draw->room[1][way] += way == 0 ? bar_mm : -bar_mm;
        put_path(draw, -1, NULL, false, 2);
        for (int end = 0; end < 2; end++) { /* a stroke across each end */
            double at = way == 0 ? end * bar_mm : -end * bar_mm;
            draw->room[0][way] = draw->room[1][way] = (way == 0 ? x : y) + at;
            draw->room[0][1 - way] = (way == 0 ? y : x);
            draw->room[1][1 - way] = draw->room[0][1 - way] + (way == 0 ? -3.0 : 3.0);
            put_path(draw, -1, NULL, false, 2);
        }
    }
    put_text(draw, (double[]){x + 0.5 * bar_mm, y - 5.0}, small_mm,
             "100 mm both ways, or the scale is not 1:1");
}

void plane_draw(const Plane *plane, double room[][2], const PlanePen *pen)
{
    for (int layer = 0; layer < PLANE_LAYERS; layer++) {
        Draw draw = {.plane = plane, .pen = pen, .room = room, .layer = (PlaneLayer)layer};
        for (int p = 0; p < plane->flat.piece_count; p++) {
            if (layer == PLANE_CUT)
                draw_cuts(&draw, p);
            else if (layer == PLANE_LABEL)
                draw_labels(&draw, p);
            else if (layer >= PLANE_DOTS_1 && layer <= PLANE_DOTS_4)
                draw_dots(&draw, p);
            else if (layer <= PLANE_HAIRLINE)
                draw_lines(&draw, p);
        }
        if (layer >= PLANE_STRIP_CUT && layer <= PLANE_STRIP_LABEL)
            draw_strips(&draw);
        if (layer == PLANE_CHECK)
            draw_bars(&draw);
    }
}
