#include "design/layout_internal.h"

#include <math.h>
#include <string.h>

/* ---- room ---- */

static bool new_fields(Arena *arena, DesignLayout *layout, Err *err)
{
    size_t n = (size_t)layout->head->topology->vertex_count;
    DesignLayers *layers = layout->layers = ARENA_NEW(arena, DesignLayers, 1);
    if (layers == NULL)
        return err_set(err, ERR_LIMIT, "no room for a layout");
    layout->target_per_mm2 = ARENA_NEW(arena, double, n);
    layout->existing_per_mm2 = ARENA_NEW(arena, double, n);
    layout->zone = ARENA_NEW(arena, uint8_t, n);
    layout->size = ARENA_NEW(arena, float, n);
    layout->behind_mm = ARENA_NEW(arena, float, n);
    layers->amount = ARENA_NEW(arena, float, n);
    layers->highlight = ARENA_NEW(arena, float, n);
    layers->raw_per_mm2 = ARENA_NEW(arena, double, n);
    layers->raw_zone = ARENA_NEW(arena, uint8_t, n);
    layers->dirty = ARENA_NEW(arena, uint8_t, n);
    layers->part = ARENA_NEW(arena, int, n);
    layers->stack = ARENA_NEW(arena, int, n);
    layers->chart = arena_alloc(arena, n, sizeof *layers->chart);
    layers->line = ARENA_NEW(arena, Vec3, DESIGN_LONG_CURVE);
    layers->line_before = ARENA_NEW(arena, Vec3, DESIGN_LONG_CURVE);
    layers->shape_point = ARENA_NEW(arena, Vec3, LAYOUT_SHAPE_POINTS);
    bool ok = layout->target_per_mm2 && layout->existing_per_mm2 && layout->zone && layout->size &&
              layout->behind_mm && layers->amount && layers->highlight && layers->raw_per_mm2 &&
              layers->raw_zone && layers->dirty && layers->part && layers->stack && layers->chart &&
              layers->line && layers->line_before && layers->shape_point;
    for (int i = 0; i < DESIGN_SHAPES && ok; i++)
        ok = (layers->shape_mm[i] = ARENA_NEW(arena, float, n)) != NULL;
    for (int i = 0; i < LAYOUT_FRAMES && ok; i++)
        ok = (layers->frame[i].front_mm = ARENA_NEW(arena, double, n)) != NULL;
    if (ok && layout->survey->has_stubble)
        ok = (layers->bare_mm = ARENA_NEW(arena, double, n)) != NULL;
    return ok || err_set(err, ERR_LIMIT, "no room for the density field");
}

/* How far the form stands out of its surroundings: the radius against its mean over some 12 mm.
 * Bosses of the forehead and ridges of the crown catch the light [assumption: full at 0.6 mm]. */
static bool find_highlights(Arena *scratch, DesignLayout *layout, Err *err)
{
    enum { ROUNDS = 64 };
    const double full_mm = 0.6;
    const HeadTopology *topology = layout->head->topology;
    size_t mark = arena_mark(scratch), n = (size_t)topology->vertex_count;
    double *mean = ARENA_NEW(scratch, double, n), *next = ARENA_NEW(scratch, double, n);
    if (mean == NULL || next == NULL)
        return err_set(err, ERR_LIMIT, "no room for the form of the head");
    memcpy(mean, layout->head->radius_mm, n * sizeof *mean);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t v = 0; v < n; v++) {
            double sum = mean[v];
            int first = topology->neighbor_start[v], end = topology->neighbor_start[v + 1];
            for (int k = first; k < end; k++)
                sum += mean[topology->neighbor[k]];
            next[v] = sum / (1 + end - first);
        }
        double *swap = mean;
        mean = next;
        next = swap;
    }
    for (size_t v = 0; v < n; v++)
        layout->layers->highlight[v] =
            (float)design_smoothstep((layout->head->radius_mm[v] - mean[v]) / full_mm);
    arena_rewind(scratch, mark);
    return true;
}

/* ---- what the stages are measured from ---- */

static const double parts_height_mm = 80.0; /* the construction's own; names the parts */

static bool add_frame(Arena *scratch, DesignLayout *layout, double height_mm, Err *err)
{
    DesignLayers *layers = layout->layers;
    DesignStageFrame frame;
    size_t mark = arena_mark(scratch);
    for (int i = 0; i < layers->frame_count; i++)
        if (layout_same_height(layers->frame[i].height_mm, height_mm))
            return true;
    if (layers->frame_count == LAYOUT_FRAMES)
        return err_set(err, ERR_LIMIT, "stages with more than %d different lines behind them",
                       LAYOUT_FRAMES - 1);
    if (!design_stage_frame(scratch, scratch, layout->head, &layers->tape, height_mm, &frame, err))
        return false;
    DesignStageFrame *kept = &layers->frame[layers->frame_count++];
    memcpy(kept->front_mm, frame.front_mm,
           (size_t)layout->head->topology->vertex_count * sizeof *kept->front_mm);
    kept->height_mm = frame.height_mm;
    kept->temple_mm = frame.temple_mm;
    arena_rewind(scratch, mark);
    return true;
}

static bool needs_frame(const DesignShape *shape)
{
    return shape->kind != DESIGN_OUTLINE && shape->kind != DESIGN_BAND &&
           shape->kind != DESIGN_DISCS;
}

/* Also drops frames that no shape needs any more, so that an edit ends where a layout would. */
static bool make_frames(Arena *scratch, DesignLayout *layout, Err *err)
{
    DesignLayers *layers = layout->layers;
    for (int i = 1; i < layers->frame_count; i++) {
        bool used = false;
        for (int s = 0; s < layout->design.shape_count; s++)
            used = used || (needs_frame(&layout->design.shape[s]) &&
                            layout_same_height(layout->design.shape[s].height_mm,
                                               layers->frame[i].height_mm));
        if (used)
            continue;
        DesignStageFrame gone = layers->frame[i];
        layers->frame[i--] = layers->frame[--layers->frame_count];
        layers->frame[layers->frame_count] = gone;
    }
    if (!add_frame(scratch, layout, parts_height_mm, err))
        return false;
    for (int s = 0; s < layout->design.shape_count; s++)
        if (needs_frame(&layout->design.shape[s]) &&
            !add_frame(scratch, layout, layout->design.shape[s].height_mm, err))
            return false;
    return true;
}

/* ---- the hairline ---- */

/* Distances need no more than every second point: half a millimetre apart, the chords of the
 * curve's sharpest bends (some 3 mm) are off by 0.01 mm. The controls stay. */
static void thin_line(DesignLayers *layers)
{
    const int from = DESIGN_SIDEBURN_POINTS, end = layers->line_count - DESIGN_SIDEBURN_POINTS;
    int count = from;
    for (int i = from; i < end; i += 2)
        layers->line[count++] = layers->line[i];
    for (int i = end; i < layers->line_count; i++)
        layers->line[count++] = layers->line[i];
    layers->line_count = count;
}

/* moved: the controls that are not where the line in the layout has them; all of them at first. */
static bool draw_line(DesignLayout *layout, const bool moved[DESIGN_CONTROLS], Err *err)
{
    const DesignHairline *hairline = &layout->design.hairline;
    DesignLayers *layers = layout->layers;
    layout->has_hairline = hairline->drawn;
    layout->control_count = layout->hairline_count = layers->line_count = 0;
    layout->hairline_length_mm = layout->hairline_height_mm = 0.0;
    if (!hairline->drawn)
        return true;
    if (!hairline_curve_again(layout->head, hairline, false, moved, &layout->hairline_count,
                              layout->hairline_mm, err) ||
        !hairline_with_sideburns(layout->head, hairline, layout->hairline_count,
                                 layout->hairline_mm, &layers->line_count, layers->line, err))
        return false;
    thin_line(layers);
    layout->control_count = hairline->control_count;
    for (int i = 0; i < hairline->control_count; i++)
        if (!design_place_point(layout->head, hairline->control[i], &layout->control_mm[i], err))
            return false;
    for (int i = 1; i < layout->hairline_count; i++)
        layout->hairline_length_mm +=
            vec_distance(layout->hairline_mm[i - 1], layout->hairline_mm[i]);
    Vec3 middle = layout->control_mm[hairline->control_count / 2];
    layout->hairline_height_mm =
        head_interpolate(layout->head, head_nearest(layout->head, middle), layers->tape.along_mm);
    return true;
}

static bool draw_all(DesignLayout *layout, Err *err)
{
    bool moved[DESIGN_CONTROLS];
    for (int i = 0; i < DESIGN_CONTROLS; i++)
        moved[i] = true;
    return draw_line(layout, moved, err);
}

/* Points of the old and new line between which a segment is not in the other: what moved. */
static bool moved_part(int count, const Vec3 line[], int other_count, const Vec3 other[],
                       int *first, int *last)
{
    int head = 0, tail = 0, least = count < other_count ? count : other_count;
    while (head < least && memcmp(&line[head], &other[head], sizeof(Vec3)) == 0)
        head++;
    while (tail < least - head &&
           memcmp(&line[count - 1 - tail], &other[other_count - 1 - tail], sizeof(Vec3)) == 0)
        tail++;
    *first = head > 0 ? head - 1 : 0;
    *last = count - tail < count ? count - tail : count - 1;
    return head < count || head < other_count;
}

/* What of a line differs from what it was: the segments around the points first..last. */
typedef struct Moved {
    int first[2], last[2]; /* now, before */
    DesignLine line[2];
    bool most;        /* of the line: then asking what is near costs more than it saves */
    double low, high; /* chart v within which these segments bound what lies behind the line */
} Moved;

/* The rows of the chart that the moved segments cross; all of them when an end moved, for the line
 * is closed from its ends (design_polygon_behind). */
static void find_rows(const DesignLayout *layout, const int count[2], const Vec3 *const point[2],
                      Moved *moved)
{
    moved->low = (double)INFINITY, moved->high = -(double)INFINITY;
    for (int k = 0; k < 2; k++) {
        if (moved->first[k] == 0 || moved->last[k] == count[k] - 1) {
            moved->low = -(double)INFINITY, moved->high = (double)INFINITY;
            return;
        }
        for (int i = moved->first[k]; i <= moved->last[k]; i++) {
            DesignPlace at = design_place_of(layout->head, point[k][i]);
            moved->low = fmin(moved->low, at.v), moved->high = fmax(moved->high, at.v);
        }
    }
}

/* any: whether anything moved at all. */
static bool find_moved(const DesignLayout *layout, int before_count, Moved *moved, bool *any,
                       Err *err)
{
    const DesignLayers *layers = layout->layers;
    const int count[2] = {layers->line_count, before_count};
    const Vec3 *const point[2] = {layers->line, layers->line_before};
    *any = moved_part(count[0], point[0], count[1], point[1], &moved->first[0], &moved->last[0]) &&
           moved_part(count[1], point[1], count[0], point[0], &moved->first[1], &moved->last[1]);
    for (int k = 0; k < 2 && *any; k++)
        if (!design_line_make(moved->last[k] - moved->first[k] + 1, point[k] + moved->first[k],
                              false, &moved->line[k], err))
            return false;
    if (*any)
        find_rows(layout, count, point, moved);
    moved->most = 2 * (moved->last[0] - moved->first[0]) > count[0];
    return true;
}

/* Distance to a line of which a part moved. Where the nearest segment is none of those that are
 * gone, it is only asked whether one of the new is nearer: all others are where they were, to the
 * bit. */
static float away_again(const DesignLine *line, const Moved *moved, Vec3 p, float before_mm,
                        int hint[3])
{
    double reach = (double)before_mm; /* rounded; a little more holds what it was rounded from */
    double wide = fmin(reach * (1.0 + 1e-6) + 1e-9, DESIGN_REACH_MM);
    if (design_line_within(&moved->line[1], p, wide, &hint[1]))
        return (float)design_line_distance_mm(line, p, DESIGN_REACH_MM, &hint[2]);
    return (float)design_line_distance_mm(&moved->line[0], p, reach, &hint[0]);
}

static bool no_line(DesignLayout *layout)
{
    size_t n = (size_t)layout->head->topology->vertex_count;
    for (size_t v = 0; v < n; v++)
        layout->behind_mm[v] = (float)-DESIGN_REACH_MM;
    memset(layout->layers->dirty, 1, n);
    return true;
}

/* behind_mm of every vertex; before_count 0: nothing is known of any. */
static bool measure_line(Arena *scratch, DesignLayout *layout, int before_count, Err *err)
{
    DesignLayers *layers = layout->layers;
    size_t mark = arena_mark(scratch);
    int n = layout->head->topology->vertex_count, hint[3] = {-1, -1, -1};
    bool all = before_count == 0, any = false;
    if (layers->line_count == 0)
        return no_line(layout);
    DesignLine line;
    DesignPolygon behind;
    Moved *moved = ARENA_NEW(scratch, Moved, 1);
    if (moved == NULL)
        return err_set(err, ERR_LIMIT, "no room for a hairline");
    if (!all && !find_moved(layout, before_count, moved, &any, err))
        return false;
    if (!design_line_make(layers->line_count, layers->line, false, &line, err) ||
        !design_polygon_behind(scratch, layout->head, layers->line_count, layers->line, &behind,
                               err))
        return false;
    for (int v = 0; v < n && (all || any); v++) {
        Vec3 p = layout->head->position_mm[v];
        const double *uv = layers->chart[v];
        float before = layout->behind_mm[v];
        float away = all || moved->most
                         ? (float)design_line_distance_mm(&line, p, DESIGN_REACH_MM, &hint[2])
                         : away_again(&line, moved, p, fabsf(before), hint);
        bool inside = all || (uv[1] >= moved->low && uv[1] <= moved->high)
                          ? design_polygon_inside(&behind, uv)
                          : !signbit(before);
        float now = inside ? away : -away;
        if (memcmp(&now, &before, sizeof now) != 0 || all) {
            layout->behind_mm[v] = now;
            layers->dirty[v] = 1;
        }
    }
    arena_rewind(scratch, mark);
    return true;
}

/* ---- strokes ---- */

typedef struct Brush {
    Vec3 point[LAYOUT_SHAPE_POINTS];
    DesignLine line;
    double half_mm, amount;
} Brush;

static bool ready_brush(const DesignLayout *layout, const Design *design, int index, Brush *brush,
                        Err *err)
{
    const DesignStroke *stroke = &design->stroke[index];
    int count;
    if (!layout_walk(layout->head, "stroke", index + 1, stroke->point_count,
                     &design->point[stroke->first_point], false, &count, brush->point, err))
        return false;
    brush->half_mm = 0.5 * stroke->width_mm;
    brush->amount = stroke->amount;
    return design_line_make(count, brush->point, false, &brush->line, err);
}

/* Vertices under a stroke that is not the same in both designs. */
static bool mark_strokes(Arena *scratch, DesignLayout *layout, const Design *mine,
                         const Design *other, Err *err)
{
    size_t mark = arena_mark(scratch);
    Brush *brush = ARENA_NEW(scratch, Brush, 1);
    if (brush == NULL)
        return err_set(err, ERR_LIMIT, "no room for a brush stroke");
    for (int i = 0; i < mine->stroke_count; i++) {
        const DesignStroke *a = &mine->stroke[i], *b = &other->stroke[i];
        bool same = i < other->stroke_count && a->point_count == b->point_count &&
                    memcmp(&a->width_mm, &b->width_mm, sizeof a->width_mm) == 0 &&
                    memcmp(&a->amount, &b->amount, sizeof a->amount) == 0 &&
                    memcmp(&mine->point[a->first_point], &other->point[b->first_point],
                           (size_t)a->point_count * sizeof(DesignPlace)) == 0;
        int hint = -1;
        if (same)
            continue;
        if (!ready_brush(layout, mine, i, brush, err))
            return false;
        for (int v = 0; v < layout->head->topology->vertex_count; v++)
            if (design_line_distance_mm(&brush->line, layout->head->position_mm[v], brush->half_mm,
                                        &hint) < brush->half_mm)
                layout->layers->dirty[v] |= 2;
    }
    arena_rewind(scratch, mark);
    return true;
}

/* The sum over the strokes, at the vertices marked for it. */
static bool sum_strokes(Arena *scratch, DesignLayout *layout, Err *err)
{
    DesignLayers *layers = layout->layers;
    const Design *design = &layout->design;
    size_t mark = arena_mark(scratch);
    Brush *brush = ARENA_NEW(scratch, Brush, 1);
    int n = layout->head->topology->vertex_count;
    if (brush == NULL)
        return err_set(err, ERR_LIMIT, "no room for a brush stroke");
    for (int v = 0; v < n; v++)
        if ((layers->dirty[v] & 2) != 0)
            layers->amount[v] = 0.0F;
    for (int i = 0; i < design->stroke_count; i++) {
        int hint = -1;
        if (!ready_brush(layout, design, i, brush, err))
            return false;
        for (int v = 0; v < n; v++) {
            if ((layers->dirty[v] & 2) == 0)
                continue;
            double away = design_line_distance_mm(&brush->line, layout->head->position_mm[v],
                                                  brush->half_mm, &hint);
            layers->amount[v] +=
                (float)(brush->amount * (1.0 - design_smoothstep(away / brush->half_mm)));
        }
    }
    arena_rewind(scratch, mark);
    return true;
}

/* ---- all of it, and what an edit changed ---- */

static void mark_all(DesignLayout *layout, uint8_t bits)
{
    for (int v = 0; v < layout->head->topology->vertex_count; v++)
        layout->layers->dirty[v] |= bits;
}

/* A region that was drawn by hand but covers next to nothing is a mistake. */
static bool check_regions(const DesignLayout *layout, Err *err)
{
    const double least_mm2 = 5.0; /* two vertices of the canvas */
    for (int r = 0; r < layout->design.region_count; r++) {
        const DesignRegion *region = &layout->design.region[r];
        double reached_mm2 = 0.0;
        if (region->zone == DESIGN_KEEP_OUT || design_zone_is_part(region->zone))
            continue;
        for (int v = 0; v < layout->head->topology->vertex_count; v++)
            if (layout_region_share(layout, region, v) > 0.0)
                reached_mm2 += layout->head->area_mm2[v];
        if (reached_mm2 < least_mm2)
            return err_set(
                err, ERR_INPUT,
                "region %d (%s) covers only %.0f mm2 of the scalp: nothing to plan there", r + 1,
                region->name[0] != '\0' ? region->name : design_zone_name(region->zone),
                reached_mm2);
    }
    return true;
}

static void mix_dirty(DesignLayout *layout)
{
    for (int v = 0; v < layout->head->topology->vertex_count; v++)
        if (layout->layers->dirty[v] != 0)
            layout_mix(layout, v);
    layout_drop_islands(layout);
    layout_sum(layout);
}

static bool check_places(const DesignLayout *layout, Err *err)
{
    for (int i = 0; i < layout->design.shape_count; i++)
        if (!layout_check_shape(layout, i, err))
            return false;
    return true;
}

bool design_layout(Arena *arena, Arena *scratch, const Head *head, const HairSurvey *survey,
                   const Design *design, DesignLayout *layout, Err *err)
{
    int n = head->topology->vertex_count;
    if (!design_check(design, err))
        return false;
    memset(layout, 0, sizeof *layout); /* too large for a value on the stack */
    layout->design = *design;
    layout->head = head;
    layout->survey = survey;
    if (!new_fields(arena, layout, err))
        return false;
    DesignLayers *layers = layout->layers;
    for (int v = 0; v < n; v++)
        head_chart(head->topology->direction[v], layers->chart[v]);
    if (!design_tape_new(arena, scratch, head, &layers->tape, err) ||
        !design_tape_whorl(scratch, head, &design->growth, &layers->tape, err) ||
        !find_highlights(scratch, layout, err) || !make_frames(scratch, layout, err) ||
        (layers->bare_mm != NULL && !layout_bare(scratch, layout, err)) ||
        !check_places(layout, err) || !draw_all(layout, err) ||
        !measure_line(scratch, layout, 0, err))
        return false;
    for (int v = 0; v < n; v++)
        layout->existing_per_mm2[v] = survey->cover[v] * survey->hair_per_cm2.expected / 100.0;
    for (int i = 0; i < design->shape_count; i++)
        if (!layout_shape(scratch, layout, i, err))
            return false;
    mark_all(layout, 3);
    if (!sum_strokes(scratch, layout, err) || !check_regions(layout, err) ||
        !growth_solve(arena, scratch, head, &design->growth, &layout->growth, err))
        return false;
    mix_dirty(layout);
    layout_warn(layout);
    return true;
}

static bool same_points(const Design *a, int a_first, const Design *b, int b_first, int count)
{
    return count == 0 ||
           memcmp(&a->point[a_first], &b->point[b_first], (size_t)count * sizeof(DesignPlace)) == 0;
}

static bool same_shape(const Design *a, const Design *b, int index)
{
    const DesignShape *p = &a->shape[index], *q = &b->shape[index];
    return index < a->shape_count && index < b->shape_count && p->kind == q->kind &&
           p->stage == q->stage && p->point_count == q->point_count &&
           memcmp(&p->height_mm, &q->height_mm, sizeof p->height_mm) == 0 &&
           memcmp(&p->width_mm, &q->width_mm, sizeof p->width_mm) == 0 &&
           same_points(a, p->first_point, b, q->first_point, p->point_count);
}

/* Everything that the mix reads at every vertex. Comparing bytes may see a difference where there
 * is none (padding): then more is made again than needed, with the same result. */
static bool same_mix(const Design *a, const Design *b)
{
    const DesignHairline *p = &a->hairline, *q = &b->hairline;
    return p->drawn == q->drawn && memcmp(&a->density, &b->density, sizeof a->density) == 0 &&
           a->region_count == b->region_count && a->shape_count == b->shape_count &&
           memcmp(a->region, b->region, (size_t)a->region_count * sizeof a->region[0]) == 0 &&
           memcmp(&a->marks, &b->marks, sizeof a->marks) == 0 &&
           memcmp(&p->transition_mm, &q->transition_mm, sizeof p->transition_mm) == 0 &&
           memcmp(&p->front_share, &q->front_share, sizeof p->front_share) == 0;
}

static bool same_joins(const Design *a, const Design *b)
{
    for (int i = 0; i < a->shape_count; i++)
        if (a->shape[i].join != b->shape[i].join ||
            memcmp(&a->shape[i].grow_mm, &b->shape[i].grow_mm, sizeof(double)) != 0)
            return false;
    return true;
}

static bool same_whorls(const Growth *a, const Growth *b)
{
    int count = a->singularity_count;
    bool same = count == b->singularity_count;
    for (int i = 0; i < count && same; i++)
        same =
            memcmp(a->singularity[i].uv, b->singularity[i].uv, sizeof a->singularity[i].uv) == 0 &&
            a->singularity[i].index == b->singularity[i].index;
    return same;
}

/* Shapes that differ, or rest on something that does. */
static bool remake_shapes(Arena *scratch, const Design *before, bool whorl_moved,
                          DesignLayout *layout, Err *err)
{
    const Design *design = &layout->design;
    bool drawn_changed = before->hairline.drawn != design->hairline.drawn, changed = false;
    for (int i = 0; i < design->shape_count; i++) {
        bool wide = needs_frame(&design->shape[i]);
        if (same_shape(before, design, i) && !(wide && (whorl_moved || drawn_changed)))
            continue;
        changed = true;
        if (!layout_check_shape(layout, i, err) || !layout_shape(scratch, layout, i, err))
            return false;
    }
    if (changed || !same_mix(before, design) || !same_joins(before, design)) {
        mark_all(layout, 1);
        return check_regions(layout, err);
    }
    return true;
}

/* All that the drawn curve hangs on but where its controls are; unlike bytes of a like line only
 * cost time. */
static bool same_curve(const DesignHairline *a, const DesignHairline *b)
{
    DesignHairline like = *b;
    like.transition_mm = a->transition_mm;
    like.front_share = a->front_share;
    like.single_mm = a->single_mm;
    like.form = a->form;
    like.front = a->front;
    memcpy(like.control, a->control, sizeof like.control);
    return memcmp(a, &like, sizeof like) == 0;
}

static bool remake_line(Arena *scratch, const Design *before, DesignLayout *layout, Err *err)
{
    DesignLayers *layers = layout->layers;
    const DesignHairline *is = &layout->design.hairline, *was = &before->hairline;
    int before_count = layers->line_count;
    bool moved[DESIGN_CONTROLS], any = false, all = !same_curve(was, is);
    for (int i = 0; i < DESIGN_CONTROLS; i++) {
        moved[i] = all || memcmp(&is->control[i], &was->control[i], sizeof is->control[i]) != 0;
        any = any || moved[i];
    }
    if (!any)
        return true;
    memcpy(layers->line_before, layers->line, (size_t)before_count * sizeof(Vec3));
    return draw_line(layout, moved, err) && measure_line(scratch, layout, before_count, err);
}

bool design_relayout(Arena *scratch, const Design *design, DesignLayout *layout, int *changed_count,
                     int changed[], Err *err)
{
    DesignLayers *layers = layout->layers;
    size_t mark = arena_mark(scratch), n = (size_t)layout->head->topology->vertex_count;
    Design *before = ARENA_NEW(scratch, Design, 1);
    double *target = ARENA_NEW(scratch, double, n);
    uint8_t *zone = ARENA_NEW(scratch, uint8_t, n);
    float *size = ARENA_NEW(scratch, float, n);
    if (before == NULL || target == NULL || zone == NULL || size == NULL)
        return err_set(err, ERR_LIMIT, "no room for an edit");
    if (!design_check(design, err))
        return false;
    *before = layout->design;
    layout->design = *design;
    memcpy(target, layout->target_per_mm2, n * sizeof *target);
    memcpy(zone, layout->zone, n);
    memcpy(size, layout->size, n * sizeof *size);
    memset(layers->dirty, 0, n);
    bool whorl_moved = !same_whorls(&before->growth, &design->growth);
    if (whorl_moved) {
        mark_all(layout, 1);
        layers->judged.known = false;
    }
    if ((whorl_moved &&
         !design_tape_whorl(scratch, layout->head, &design->growth, &layers->tape, err)) ||
        !make_frames(scratch, layout, err) || !remake_line(scratch, before, layout, err) ||
        !mark_strokes(scratch, layout, before, design, err) ||
        !mark_strokes(scratch, layout, design, before, err) || !sum_strokes(scratch, layout, err) ||
        !remake_shapes(scratch, before, whorl_moved, layout, err))
        return false;
    if (memcmp(&before->growth, &design->growth, sizeof design->growth) != 0 &&
        !growth_solve_again(scratch, layout->head, &design->growth, &layout->growth, err))
        return false;
    mix_dirty(layout);
    layout_warn(layout);
    *changed_count = 0;
    for (size_t v = 0; v < n; v++)
        if (memcmp(&target[v], &layout->target_per_mm2[v], sizeof target[v]) != 0 ||
            zone[v] != layout->zone[v] || memcmp(&size[v], &layout->size[v], sizeof size[v]) != 0)
            changed[(*changed_count)++] = (int)v;
    arena_rewind(scratch, mark);
    return true;
}

double design_scar_share(const DesignLayout *layout)
{
    const DesignZoneSum *sum = layout->sum;
    double scar_mm2 =
        sum[DESIGN_SCAR].area_mm2 + sum[DESIGN_PUNCH].area_mm2 + sum[DESIGN_BURN].area_mm2;
    return layout->area_mm2 > 0.0 ? scar_mm2 / layout->area_mm2 : 0.0;
}
