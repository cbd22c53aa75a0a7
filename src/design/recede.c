#include "design/recede.h"

#include "design/layout_internal.h"

#include <math.h>
#include <string.h>

enum { NORWOOD_LAST = 7, LUDWIG_LAST = 3 };

/* Hair thins out towards a receding border over at least this: it miniaturises before it goes
 * [assumption: no published profile]. */
static const double least_blend_mm = 16.0;
/* Clients are not the average of their stage: the shapes grow or shrink by the mean distance of the
 * border that the survey sees from today's, at most by this [assumption]. */
static const double most_shift_mm = 12.0;
/* Hair rises from nothing to full behind the line, and towards ears and nape, where nobody saw it
 * [assumption]. */
static const double line_rise_mm = 3.0, rim_rise_mm = 4.0;
/* Where the line stands when no part of the design says: the construction's own height. */
static const double usual_height_mm = 80.0;
/* A place this deep inside the scalp says whether it is bare or not, one nearer to its border may
 * be forehead or ear. */
static const double sure_margin_mm = 10.0;

/* ---- the shapes of a stage on this head ---- */

typedef struct Shapes {
    const DesignLayout *layout;
    const DesignTape *tape;
    DesignStageFrame frame;
    bool ludwig;
    double blend_mm;
    double shift_mm; /* of this client's loss beyond the average of his stage */
} Shapes;

static bool is_stage(const DesignShape *shape)
{
    return shape->kind == DESIGN_NORWOOD_STAGE || shape->kind == DESIGN_LUDWIG_STAGE;
}

/* The line that the loss leaves behind: of the design's stages, else of its other shapes that
 * begin at a line, else the design's own, drawn or not. */
static double line_height_mm(const DesignLayout *layout)
{
    const Design *design = &layout->design;
    for (int i = 0; i < design->shape_count; i++)
        if (is_stage(&design->shape[i]))
            return design->shape[i].height_mm;
    for (int i = 0; i < design->shape_count; i++)
        if (design->shape[i].kind == DESIGN_BARE || design->shape[i].kind == DESIGN_SCALP)
            return design->shape[i].height_mm;
    Vec3 middle;
    Err none = {0};
    const DesignHairline *line = &design->hairline;
    if (line->control_count < 1 ||
        !design_place_point(layout->head, line->control[line->control_count / 2], &middle, &none))
        return usual_height_mm;
    return head_interpolate(layout->head, head_nearest(layout->head, middle),
                            layout->layers->tape.along_mm);
}

/* Hair in front of the line (the client's may stand lower than the design's) goes or stays with
 * what grows right behind it: there the front is 0. */
static bool make_frame(Arena *scratch, const DesignLayout *layout, double height_mm,
                       DesignStageFrame *frame, Err *err)
{
    size_t n = (size_t)layout->head->topology->vertex_count;
    const DesignStageFrame *known = layout_frame(layout, height_mm);
    *frame = *known;
    frame->front_mm = ARENA_NEW(scratch, double, n);
    if (frame->front_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for the line of a stage");
    if (fabs(known->height_mm - height_mm) < 1e-9)
        memcpy(frame->front_mm, known->front_mm, n * sizeof *frame->front_mm);
    else if (!design_stage_frame(scratch, scratch, layout->head, &layout->layers->tape, height_mm,
                                 frame, err))
        return false;
    for (size_t v = 0; v < n; v++)
        frame->front_mm[v] = fmax(frame->front_mm[v], 0.0);
    return true;
}

static bool make_shapes(Arena *scratch, const DesignLayout *layout, bool ludwig, Shapes *shapes,
                        Err *err)
{
    double fringe_mm = layout->design.density.fringe_blend_mm;
    *shapes = (Shapes){.layout = layout,
                       .tape = &layout->layers->tape,
                       .ludwig = ludwig,
                       .blend_mm = fmax(fringe_mm, least_blend_mm)};
    if (ludwig) /* thinning has no border: as design_propose lays it, three times as wide */
        shapes->blend_mm = fmin(3.0 * fmax(fringe_mm, 1.0), DESIGN_REACH_MM);
    return make_frame(scratch, layout, line_height_mm(layout), &shapes->frame, err);
}

/* 1 over the top, 0 beside the temporal peaks. */
static double off_flank(const Shapes *shapes, int v)
{
    double beyond_mm = fabs(shapes->tape->lateral_mm[v]) - shapes->frame.temple_mm;
    return 1.0 - design_smoothstep(beyond_mm / (25.0 * shapes->tape->scale));
}

/* Inside the shapes of the stages up to this one: the tables' shapes are not nested everywhere, but
 * hair that is gone does not come back. */
static double norwood_mm(const Shapes *shapes, int stage, int v)
{
    double inside = design_norwood_mm(shapes->tape, &shapes->frame, 1, v);
    for (int i = 2; i <= stage; i++)
        inside = fmax(inside, design_norwood_mm(shapes->tape, &shapes->frame, i, v));
    return inside + shapes->shift_mm * off_flank(shapes, v);
}

/* Share of the hair of a full head that is gone at a stage. */
static double gone(const Shapes *shapes, int stage, int v)
{
    double share = 0.0;
    if (stage < 1)
        return 0.0;
    if (!shapes->ludwig)
        return design_smoothstep(norwood_mm(shapes, stage, v) / shapes->blend_mm + 0.5);
    for (int i = 1; i <= stage; i++) {
        double inside = design_ludwig_mm(shapes->tape, &shapes->frame, i, v);
        share =
            fmax(share, design_ludwig_missing(i) * design_smoothstep(inside / shapes->blend_mm));
    }
    return share;
}

/* ---- today ---- */

/* How far what the survey sees is from a stage: mean difference of the cover. */
static double mismatch(const Shapes *shapes, int stage, int v)
{
    return fabs(shapes->layout->survey->cover[v] - (1.0 - gone(shapes, stage, v)));
}

static int nearest_stage(const Shapes *shapes)
{
    const Head *head = shapes->layout->head;
    double sum[NORWOOD_LAST + 1] = {0};
    int last = shapes->ludwig ? LUDWIG_LAST : NORWOOD_LAST, best = 0;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        if (shapes->tape->margin_mm[v] < sure_margin_mm || !(shapes->frame.front_mm[v] > 0.0))
            continue;
        for (int stage = 0; stage <= last; stage++)
            sum[stage] += head->area_mm2[v] * mismatch(shapes, stage, v);
    }
    for (int stage = 1; stage <= last; stage++)
        best = sum[stage] < sum[best] ? stage : best;
    return best;
}

bool design_stage_today(Arena *scratch, const DesignLayout *layout, int *stage, bool *ludwig,
                        Err *err)
{
    const Design *design = &layout->design;
    *stage = 0;
    *ludwig = false;
    for (int i = 0; i < design->shape_count; i++) {
        const DesignShape *shape = &design->shape[i];
        if (!is_stage(shape) || shape->join != DESIGN_ADD || shape->stage <= *stage)
            continue;
        *stage = shape->stage;
        *ludwig = shape->kind == DESIGN_LUDWIG_STAGE;
    }
    if (*stage > 0 || !layout->survey->has_stubble)
        return true;
    size_t mark = arena_mark(scratch);
    Shapes shapes;
    *ludwig = design->client.sex == DESIGN_FEMALE;
    if (!make_shapes(scratch, layout, *ludwig, &shapes, err))
        return false;
    *stage = nearest_stage(&shapes);
    arena_rewind(scratch, mark);
    return true;
}

/* Mean distance of the border that is seen from the one of today's stage. */
static double client_shift_mm(const Shapes *shapes, int today)
{
    /* a vertex beside the border; no border of this stage; the line itself, that nothing moved */
    const double near_mm = 3.0, far_mm = 20.0, line_mm = 6.0;
    const DesignLayout *layout = shapes->layout;
    const double *bare_mm = layout->layers->bare_mm;
    double sum_mm = 0.0, weight = 0.0;
    if (shapes->ludwig || bare_mm == NULL || today < 1)
        return 0.0;
    for (int v = 0; v < layout->head->topology->vertex_count; v++) {
        double inside = norwood_mm(shapes, today, v), share = off_flank(shapes, v);
        if (fabs(bare_mm[v]) > near_mm || fabs(inside) > far_mm ||
            shapes->tape->margin_mm[v] < sure_margin_mm || shapes->frame.front_mm[v] < line_mm)
            continue;
        sum_mm += share * (bare_mm[v] - inside);
        weight += share;
    }
    return weight > 0.0 ? fmin(fmax(sum_mm / weight, -most_shift_mm), most_shift_mm) : 0.0;
}

/* ---- what a loss comes to ---- */

enum { CALM_ROUNDS = 2 }; /* about an edge of the mesh: a field of 0 and 1 has steps for a border */

static void calm(const HeadTopology *topology, double value[], double work[])
{
    size_t n = (size_t)topology->vertex_count;
    for (int round = 0; round < CALM_ROUNDS; round++) {
        for (size_t v = 0; v < n; v++) {
            int first = topology->neighbor_start[v], end = topology->neighbor_start[v + 1];
            double sum = value[v];
            for (int k = first; k < end; k++)
                sum += value[topology->neighbor[k]];
            work[v] = sum / (1 + end - first);
        }
        memcpy(value, work, n * sizeof *value);
    }
}

typedef struct Cover { /* calmed, 0..1 */
    double *dots, *hair, *before, *after, *away_mm;
} Cover;

static bool new_cover(Arena *scratch, size_t n, Cover *cover, Err *err)
{
    double **field[] = {&cover->dots, &cover->hair, &cover->before, &cover->after, &cover->away_mm};
    for (int k = 0; k < 5; k++) {
        *field[k] = ARENA_NEW(scratch, double, n);
        if (*field[k] == NULL)
            return err_set(err, ERR_LIMIT, "no room to measure a loss");
    }
    return true;
}

static void fill_cover(const Head *head, const DesignLossFields *fields, Cover *cover)
{
    int n = head->topology->vertex_count;
    for (int v = 0; v < n; v++) {
        double full = fields->full_per_mm2[v];
        cover->dots[v] = full > 0.0 ? fmin(fields->target_per_mm2[v] / full, 1.0)
                                    : (fields->target_per_mm2[v] > 0.0 ? 1.0 : 0.0);
        cover->before[v] = fields->today[v];
        cover->hair[v] = fields->today[v] * fields->left[v];
    }
    calm(head->topology, cover->dots, cover->away_mm);
    calm(head->topology, cover->before, cover->away_mm);
    calm(head->topology, cover->hair, cover->away_mm);
    for (int v = 0; v < n; v++) {
        cover->before[v] = fmin(cover->before[v] + cover->dots[v], 1.0);
        cover->after[v] = fmin(cover->hair[v] + cover->dots[v], 1.0);
    }
}

static const double half = 0.5;

/* Where a field passes a half on the edges of a triangle: 0 or 2 points. */
static int crossings(const Head *head, int triangle, const double field[], HeadPoint point[2])
{
    const int *corner = head->topology->triangle[triangle];
    int count = 0;
    for (int k = 0; k < 3; k++) {
        int next = (k + 1) % 3;
        double a = field[corner[k]], b = field[corner[next]];
        if ((a >= half) == (b >= half))
            continue;
        HeadPoint at = {.triangle = triangle};
        at.weight[next] = (half - a) / (b - a);
        at.weight[k] = 1.0 - at.weight[next];
        point[count++] = at;
    }
    return count;
}

/* Distance of every place to the hair that is left; false in *any when there is none. */
static bool measure_gap(Arena *scratch, const Head *head, Cover *cover, bool *any, Err *err)
{
    int triangles = head->topology->triangle_count, count = 0;
    size_t mark = arena_mark(scratch);
    HeadPoint pair[2];
    for (int t = 0; t < triangles; t++)
        count += crossings(head, t, cover->hair, pair);
    *any = count > 0;
    if (count == 0)
        return true;
    HeadPoint *source = ARENA_NEW(scratch, HeadPoint, (size_t)count);
    if (source == NULL)
        return err_set(err, ERR_LIMIT, "no room for the border of the hair");
    count = 0;
    for (int t = 0; t < triangles; t++)
        count += crossings(head, t, cover->hair, source + count);
    bool ok = head_distance(scratch, head, count, source, cover->away_mm, err);
    arena_rewind(scratch, mark);
    return ok;
}

/* Whether the loss bared this triangle's open side: a quarter of the cover at least, so that
 * neither the designed line nor an edge that stands free today counts. */
static bool is_freed(const Head *head, int triangle, const Cover *cover)
{
    const double freed = 0.25;
    const int *corner = head->topology->triangle[triangle];
    for (int k = 0; k < 3; k++)
        if (cover->after[corner[k]] < half && cover->before[corner[k]] < half + freed)
            return false;
    return true;
}

static void measure_edge(const Head *head, const Cover *cover, bool any_hair, DesignLoss *loss)
{
    for (int t = 0; t < head->topology->triangle_count; t++) {
        HeadPoint end[2], middle = {.triangle = t};
        if (crossings(head, t, cover->after, end) < 2 || !is_freed(head, t, cover))
            continue;
        for (int k = 0; k < 3; k++)
            middle.weight[k] = 0.5 * (end[0].weight[k] + end[1].weight[k]);
        if (head_interpolate(head, middle, cover->dots) <=
            head_interpolate(head, middle, cover->hair))
            continue;
        loss->edge_mm +=
            vec_distance(head_position_mm(head, end[0]), head_position_mm(head, end[1]));
        double gap_mm = any_hair ? head_interpolate(head, middle, cover->away_mm) : 0.0;
        if (gap_mm > loss->widest_mm) {
            loss->widest_mm = gap_mm;
            loss->widest_at_mm = head_position_mm(head, middle);
        }
    }
}

/* Of the hair that is lost at a place, how much no dot makes good; adds to the sums. */
static void add_place(const DesignLossFields *fields, double area_mm2, int v, DesignLoss *loss)
{
    double now = fields->now_per_mm2[v], then = fields->then_per_mm2[v];
    double more = fmax(then - now, 0.0);
    double extra = fmax(then - fmax(now, fields->target_per_mm2[v]), 0.0);
    double lost_mm2 = area_mm2 * fields->today[v] * (1.0 - fields->left[v]);
    loss->extra_per_mm2[v] = extra;
    loss->extra_dots += area_mm2 * extra;
    loss->lost_mm2 += lost_mm2;
    loss->bare_mm2 += lost_mm2 * (more > 0.0                        ? extra / more
                                  : fields->target_per_mm2[v] > 0.0 ? 0.0
                                                                    : 1.0);
}

bool design_loss_sum(Arena *scratch, const Head *head, const DesignLossFields *fields,
                     DesignLoss *loss, Err *err)
{
    size_t mark = arena_mark(scratch), n = (size_t)head->topology->vertex_count;
    Cover cover;
    bool any_hair;
    loss->lost_mm2 = loss->bare_mm2 = loss->edge_mm = loss->widest_mm = loss->extra_dots = 0.0;
    loss->widest_at_mm = (Vec3){0.0, 0.0, 0.0};
    if (!new_cover(scratch, n, &cover, err))
        return false;
    for (size_t v = 0; v < n; v++)
        add_place(fields, head->area_mm2[v], (int)v, loss);
    fill_cover(head, fields, &cover);
    if (!measure_gap(scratch, head, &cover, &any_hair, err))
        return false;
    measure_edge(head, &cover, any_hair, loss);
    arena_rewind(scratch, mark);
    return true;
}

/* ---- a stage ---- */

typedef struct Fields {
    double *today, *full_per_mm2, *now_per_mm2, *then_per_mm2;
} Fields;

static bool new_fields(Arena *scratch, size_t n, Fields *fields, Err *err)
{
    double **field[] = {&fields->today, &fields->full_per_mm2, &fields->now_per_mm2,
                        &fields->then_per_mm2};
    for (int k = 0; k < 4; k++) {
        *field[k] = ARENA_NEW(scratch, double, n);
        if (*field[k] == NULL)
            return err_set(err, ERR_LIMIT, "no room for a loss");
    }
    return true;
}

/* Hair where nobody saw any: all of a scalp behind the line, less what is gone by today. */
static double assumed_hair(const Shapes *shapes, double gone_today, int v)
{
    double behind_mm = shapes->frame.front_mm[v];
    if (shapes->layout->design.hairline.drawn)
        behind_mm = fmin(behind_mm, (double)shapes->layout->behind_mm[v]);
    double behind = fmin(fmax(behind_mm / line_rise_mm, 0.0), 1.0);
    double rim = fmin(fmax(shapes->tape->margin_mm[v] / rim_rise_mm, 0.0), 1.0);
    return behind * rim * (1.0 - gone_today);
}

static void fill_vertex(const Shapes *shapes, int today, int stage, int v, const Fields *fields,
                        DesignLoss *loss)
{
    const DesignLayout *layout = shapes->layout;
    bool seen = layout->survey->has_stubble;
    double before = gone(shapes, today, v), after = gone(shapes, stage, v);
    double hair = seen ? layout->survey->cover[v] : assumed_hair(shapes, before, v), left;
    if (seen && !shapes->ludwig)
        left = 1.0 - after; /* bare is what is seen, not what is average today */
    else
        left = before < 1.0 ? (1.0 - after) / (1.0 - before) : 0.0;
    double full = layout->design.density.full_per_cm2 / 100.0 *
                  (shapes->ludwig ? layout_rim(layout, v) : layout_full_share(layout, v));
    if (layout->zone[v] == DESIGN_KEEP_OUT)
        full = 0.0;
    double grows = hair * layout->survey->hair_per_cm2.expected / 100.0;
    fields->today[v] = hair;
    fields->full_per_mm2[v] = full;
    fields->now_per_mm2[v] = shapes->ludwig ? full * before : fmax(full - grows, 0.0);
    fields->then_per_mm2[v] = shapes->ludwig ? full * after : fmax(full - grows * left, 0.0);
    loss->hair_left[v] = left;
}

static bool check_later(int today, bool today_ludwig, int stage, bool ludwig, Err *err)
{
    int last = ludwig ? LUDWIG_LAST : NORWOOD_LAST;
    const char *name = ludwig ? "Ludwig" : "Norwood";
    if (today > 0 && today_ludwig != ludwig)
        return err_set(err, ERR_INPUT, "today's stage is %s %d: no stage of %s comes after it",
                       today_ludwig ? "Ludwig" : "Norwood", today, name);
    if (stage >= 2 && stage > today && stage <= last)
        return true;
    if (today >= last)
        return err_set(err, ERR_INPUT, "%s %d is the last stage: none comes after it", name, last);
    return err_set(err, ERR_INPUT, "%s %d is not within %d..%d, the stages after today's", name,
                   stage, today > 1 ? today + 1 : 2, last);
}

bool design_recede(Arena *arena, Arena *scratch, const DesignLayout *layout, int stage, bool ludwig,
                   DesignLoss *loss, Err *err)
{
    size_t n = (size_t)layout->head->topology->vertex_count;
    *loss = (DesignLoss){.pattern_stage = stage, .ludwig = ludwig};
    loss->hair_left = ARENA_NEW(arena, double, n);
    loss->extra_per_mm2 = ARENA_NEW(arena, double, n);
    if (loss->hair_left == NULL || loss->extra_per_mm2 == NULL)
        return err_set(err, ERR_LIMIT, "no room for a loss");
    size_t mark = arena_mark(scratch);
    Shapes shapes;
    Fields fields;
    int today;
    bool today_ludwig;
    if (!design_stage_today(scratch, layout, &today, &today_ludwig, err) ||
        !check_later(today, today_ludwig, stage, ludwig, err) ||
        !make_shapes(scratch, layout, ludwig, &shapes, err) ||
        !new_fields(scratch, n, &fields, err))
        return false;
    shapes.shift_mm = client_shift_mm(&shapes, today);
    for (size_t v = 0; v < n; v++)
        fill_vertex(&shapes, today, stage, (int)v, &fields, loss);
    DesignLossFields input = {.today = fields.today,
                              .left = loss->hair_left,
                              .full_per_mm2 = fields.full_per_mm2,
                              .now_per_mm2 = fields.now_per_mm2,
                              .then_per_mm2 = fields.then_per_mm2,
                              .target_per_mm2 = layout->target_per_mm2};
    if (!design_loss_sum(scratch, layout->head, &input, loss, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}

bool design_recede_next(Arena *arena, Arena *scratch, const DesignLayout *layout, int capacity,
                        DesignLoss loss[], int *count, Err *err)
{
    int stage;
    bool ludwig;
    *count = 0;
    if (!design_stage_today(scratch, layout, &stage, &ludwig, err))
        return false;
    int last = ludwig ? 3 : 7;
    for (int next = stage + 1; stage > 0 && next <= last && *count < capacity; next++)
        if (!design_recede(arena, scratch, layout, next, ludwig, &loss[(*count)++], err))
            return false;
    return true;
}
