#include "design/layout_internal.h"

#include <math.h>
#include <string.h>

/* A picture shows where the hair ends, so the stage's average shape only needs to say which region
 * is meant: it may grow by this much to meet the fringe. */
static const double meet_fringe_mm = 20.0;

const DesignStageFrame *layout_frame(const DesignLayout *layout, double height_mm)
{
    const DesignLayers *layers = layout->layers;
    for (int i = 0; i < layers->frame_count; i++)
        if (layout_same_height(layers->frame[i].height_mm, height_mm))
            return &layers->frame[i];
    return &layers->frame[0];
}

/* 1 over the top, 0 beside the temporal peaks: bare skin at the sideburns is no fringe to meet. */
static double off_flank(const DesignTape *tape, const DesignStageFrame *frame, int v)
{
    double beyond_mm = fabs(tape->lateral_mm[v]) - frame->temple_mm;
    return 1.0 - design_smoothstep(beyond_mm / (25.0 * tape->scale));
}

static void fill_stage(DesignLayout *layout, const DesignShape *shape, float inside_mm[])
{
    const DesignTape *tape = &layout->layers->tape;
    const DesignStageFrame *frame = layout_frame(layout, shape->height_mm);
    bool norwood = shape->kind == DESIGN_NORWOOD_STAGE;
    for (int v = 0; v < layout->head->topology->vertex_count; v++) {
        double inside = norwood ? design_norwood_mm(tape, frame, shape->stage, v)
                                : design_ludwig_mm(tape, frame, shape->stage, v);
        if (norwood && layout->survey->has_stubble)
            inside += meet_fringe_mm * off_flank(tape, frame, v);
        if (norwood && !layout->design.hairline.drawn)
            inside = fmin(inside, frame->front_mm[v]); /* the front stays as it grows */
        inside_mm[v] = (float)inside;
    }
}

static void fill_wide(DesignLayout *layout, const DesignShape *shape, float inside_mm[])
{
    const DesignLayers *layers = layout->layers;
    const DesignStageFrame *frame = layout_frame(layout, shape->height_mm);
    for (int v = 0; v < layout->head->topology->vertex_count; v++) {
        double inside = layers->tape.margin_mm[v];
        if (shape->kind == DESIGN_BARE)
            inside = layers->bare_mm != NULL ? fmin(inside, layers->bare_mm[v]) : -DESIGN_REACH_MM;
        if (!layout->design.hairline.drawn)
            inside = fmin(inside, frame->front_mm[v]);
        inside_mm[v] = (float)inside;
    }
}

bool design_shape_points(const DesignLayout *layout, int index, int capacity, Vec3 point_mm[],
                         int *count, Err *err)
{
    const DesignShape *shape = &layout->design.shape[index];
    if (shape->point_count > capacity)
        return err_set(err, ERR_LIMIT, "shape %d has %d points, there is room for %d", index + 1,
                       shape->point_count, capacity);
    *count = shape->point_count;
    for (int i = 0; i < shape->point_count; i++)
        if (!design_place_point(layout->head, layout->design.point[shape->first_point + i],
                                &point_mm[i], err))
            return false;
    return true;
}

bool layout_walk(const Head *head, const char *what, int number, int place_count,
                 const DesignPlace place[], bool closed, int *count,
                 Vec3 point[LAYOUT_SHAPE_POINTS], Err *err)
{
    const double step_mm = 2.0;
    int edges = closed ? place_count : place_count - 1;
    *count = 0;
    if (edges == 0) {
        *count = 1;
        return design_place_point(head, place[0], &point[0], err);
    }
    for (int i = 0; i < edges; i++) {
        Vec3 a, b;
        if (!design_place_point(head, place[i], &a, err) ||
            !design_place_point(head, place[(i + 1) % place_count], &b, err))
            return false;
        int steps = (int)(vec_distance(a, b) / step_mm) + 1;
        for (int k = 0; k < steps + (!closed && i == edges - 1); k++) {
            if (*count == LAYOUT_SHAPE_POINTS)
                return err_set(err, ERR_LIMIT, "%s %d is longer than %.0f mm", what, number,
                               LAYOUT_SHAPE_POINTS * step_mm);
            if (!design_on_surface(head, vec_lerp(a, b, (double)k / steps), &point[(*count)++],
                                   err))
                return false;
        }
    }
    return true;
}

static bool walk_shape(const DesignLayout *layout, int index, int *count, Err *err)
{
    const DesignShape *shape = &layout->design.shape[index];
    return layout_walk(layout->head, design_shape_name(shape->kind), index + 1, shape->point_count,
                       &layout->design.point[shape->first_point], shape->kind == DESIGN_OUTLINE,
                       count, layout->layers->shape_point, err);
}

static double nearest_mm(int count, const Vec3 point[], Vec3 p, double reach_mm)
{
    double best = reach_mm * reach_mm;
    for (int i = 0; i < count; i++) {
        Vec3 off = vec_sub(p, point[i]);
        best = fmin(best, vec_dot(off, off));
    }
    return fmin(design_arc_mm(sqrt(best)), reach_mm);
}

static bool fill_drawn(Arena *scratch, DesignLayout *layout, int index, float inside_mm[], Err *err)
{
    const DesignShape *shape = &layout->design.shape[index];
    bool closed = shape->kind == DESIGN_OUTLINE;
    Vec3 *point = layout->layers->shape_point;
    DesignPolygon polygon = {0};
    DesignLine line;
    int count, hint = -1;
    if (shape->kind == DESIGN_DISCS
            ? !design_shape_points(layout, index, LAYOUT_SHAPE_POINTS, point, &count, err)
            : !walk_shape(layout, index, &count, err))
        return false;
    if (closed && !design_polygon_of_line(scratch, layout->head, count, point, &polygon, err))
        return false;
    if (!design_line_make(count, point, closed, &line, err))
        return false;
    double half_mm = closed ? 0.0 : 0.5 * shape->width_mm, reach_mm = half_mm + DESIGN_REACH_MM;
    for (int v = 0; v < layout->head->topology->vertex_count; v++) {
        Vec3 p = layout->head->position_mm[v];
        double away = shape->kind == DESIGN_DISCS
                          ? nearest_mm(count, point, p, reach_mm)
                          : design_line_distance_mm(&line, p, reach_mm, &hint);
        if (closed && !design_polygon_inside(&polygon, layout->layers->chart[v]))
            away = -away;
        inside_mm[v] = (float)(closed ? away : half_mm - away);
    }
    return true;
}

bool layout_shape(Arena *scratch, DesignLayout *layout, int index, Err *err)
{
    const DesignShape *shape = &layout->design.shape[index];
    float *inside_mm = layout->layers->shape_mm[index];
    size_t mark = arena_mark(scratch);
    bool ok = true;
    switch (shape->kind) {
    case DESIGN_OUTLINE:
    case DESIGN_BAND:
    case DESIGN_DISCS:
        ok = fill_drawn(scratch, layout, index, inside_mm, err);
        break;
    case DESIGN_NORWOOD_STAGE:
    case DESIGN_LUDWIG_STAGE:
        fill_stage(layout, shape, inside_mm);
        break;
    case DESIGN_BARE:
    case DESIGN_SCALP:
    case DESIGN_SHAPE_KINDS:
        fill_wide(layout, shape, inside_mm);
        break;
    }
    arena_rewind(scratch, mark);
    return ok;
}

static double distance_to(const double a[], const double b[], int v)
{
    return a[v] > b[v] ? a[v] : -b[v]; /* the one that is 0 is so but for rounding */
}

/* Distance to the hair inside the bare parts, to the bare parts outside them. */
bool layout_bare(Arena *scratch, DesignLayout *layout, Err *err)
{
    const double half = 0.5;
    int n = layout->head->topology->vertex_count, count[2] = {0, 0};
    const double *cover = layout->survey->cover;
    double *bare = layout->layers->bare_mm, *away[2];
    size_t mark = arena_mark(scratch);
    HeadPoint *source[2];
    for (int k = 0; k < 2; k++) {
        source[k] = ARENA_NEW(scratch, HeadPoint, (size_t)n);
        away[k] = ARENA_NEW(scratch, double, (size_t)n);
        if (source[k] == NULL || away[k] == NULL)
            return err_set(err, ERR_LIMIT, "no room to see what is bare");
    }
    for (int v = 0; v < n; v++) {
        int k = cover[v] >= half;
        source[k][count[k]++] = head_locate(layout->head, layout->head->topology->direction[v]);
    }
    for (int k = 0; k < 2; k++) {
        if (count[k] == 0) /* all hair, or none */
            for (int v = 0; v < n; v++)
                away[k][v] = DESIGN_REACH_MM;
        else if (!head_distance(scratch, layout->head, count[k], source[k], away[k], err))
            return false;
    }
    for (int v = 0; v < n; v++)
        bare[v] = distance_to(away[1], away[0], v);
    arena_rewind(scratch, mark);
    return true;
}

double layout_region_mm(const DesignLayout *layout, const DesignRegion *region, int v)
{
    double inside = -1000.0;
    for (int i = region->first_shape; i < region->first_shape + region->shape_count; i++) {
        const DesignShape *shape = &layout->design.shape[i];
        double here = (double)layout->layers->shape_mm[i][v] + shape->grow_mm;
        switch (shape->join) {
        case DESIGN_ADD:
            inside = fmax(inside, here);
            break;
        case DESIGN_REMOVE:
            inside = fmin(inside, -here);
            break;
        case DESIGN_WITHIN:
            inside = fmin(inside, here);
            break;
        }
    }
    return inside;
}

/* Two great-circle arcs shorter than half a turn cross in their insides. */
static bool arcs_cross(Vec3 a, Vec3 b, Vec3 c, Vec3 d)
{
    Vec3 ab = vec_cross(a, b), cd = vec_cross(c, d);
    double c_side = vec_dot(ab, c), d_side = vec_dot(ab, d);
    double a_side = vec_dot(cd, a), b_side = vec_dot(cd, b);
    return c_side * d_side < 0.0 && a_side * b_side < 0.0 && c_side * b_side > 0.0;
}

static bool check_crossing(const DesignLayout *layout, int index, Err *err)
{
    const DesignShape *shape = &layout->design.shape[index];
    const DesignPlace *place = &layout->design.point[shape->first_point];
    int n = shape->point_count;
    Vec3 *way = layout->layers->shape_point;
    for (int i = 0; i < n; i++)
        way[i] = head_chart_direction((const double[2]){place[i].u, place[i].v});
    for (int i = 0; i < n; i++)
        for (int j = i + 2; j < n; j++)
            if (!(i == 0 && j == n - 1) && arcs_cross(way[i], way[i + 1], way[j], way[(j + 1) % n]))
                return err_set(err, ERR_INPUT,
                               "outline %d crosses itself between points %d and %d: give the "
                               "points in order around it",
                               index + 1, i + 1, j + 1);
    return true;
}

bool layout_check_shape(const DesignLayout *layout, int index, Err *err)
{
    const DesignShape *shape = &layout->design.shape[index];
    for (int i = 0; i < shape->point_count; i++) {
        DesignPlace place = layout->design.point[shape->first_point + i];
        HeadPoint at =
            head_locate(layout->head, head_chart_direction((const double[2]){place.u, place.v}));
        if (at.triangle < 0 ||
            head_interpolate(layout->head, at, layout->layers->tape.margin_mm) < 0.0)
            return err_set(err, ERR_INPUT,
                           "point %d of outline %d (chart %.3f, %.3f) lies on the face or an ear, "
                           "outside the scalp",
                           i + 1, index + 1, place.u, place.v);
    }
    return shape->kind != DESIGN_OUTLINE || check_crossing(layout, index, err);
}
