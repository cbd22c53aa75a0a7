#include "design/design_internal.h"

#include <math.h>
#include <stdlib.h>

/* Places are the plain line's, which the practitioner marks; how even it is, the drawn one's. */
typedef struct Line {
    const Head *head;
    const DesignHairline *hairline;
    int count, middle;
    Vec3 plain[DESIGN_CURVE_POINTS], drawn[DESIGN_CURVE_POINTS];
    double at_mm[DESIGN_CURVE_POINTS]; /* along the plain line */
    double sum[DESIGN_CURVE_POINTS];   /* working space */
    Vec3 mirrored[DESIGN_CURVE_POINTS];
} Line;

static bool line_make(const Head *head, const DesignHairline *hairline, Line *line, Err *err)
{
    line->head = head;
    line->hairline = hairline;
    if (!hairline_curve(head, hairline, true, &line->count, line->plain, err) ||
        !hairline_curve(head, hairline, !hairline->drawn, &line->count, line->drawn, err))
        return false;
    line->middle = hairline->control_count / 2 * DESIGN_SPAN_POINTS;
    line->at_mm[0] = 0.0;
    for (int i = 1; i < line->count; i++)
        line->at_mm[i] = line->at_mm[i - 1] + vec_distance(line->plain[i - 1], line->plain[i]);
    for (int side = 0; side < DESIGN_SIDES; side++)
        if (hairline->temple[side] < 0 || hairline->temple[side] >= hairline->control_count)
            return err_set(err, ERR_INPUT, "fronto-temporal control %d is not within 0..%d",
                           hairline->temple[side], hairline->control_count - 1);
    return true;
}

/* Where the plain line crosses the midline, next to its middle control. */
static Vec3 crossing(const Line *line)
{
    int best = -1;
    for (int i = 0; i + 1 < line->count; i++) {
        bool crosses = (line->plain[i].x > 0.0) != (line->plain[i + 1].x > 0.0);
        if (crosses && (best < 0 || abs(i - line->middle) < abs(best - line->middle)))
            best = i;
    }
    if (best < 0)
        return line->plain[line->middle];
    Vec3 a = line->plain[best], b = line->plain[best + 1];
    return vec_lerp(a, b, a.x / (a.x - b.x));
}

static Vec3 mirror_on(const Head *head, Vec3 point)
{
    Vec3 d = vec_sub(point, head->centre_mm);
    d.x = -d.x;
    HeadPoint at = head_locate(head, d);
    return at.triangle < 0 ? vec_add(head->centre_mm, d) : head_position_mm(head, at);
}

static double segment_distance(Vec3 p, Vec3 a, Vec3 b)
{
    Vec3 ab = vec_sub(b, a);
    double length2 = vec_dot(ab, ab);
    double t = length2 > 0.0 ? vec_dot(vec_sub(p, a), ab) / length2 : 0.0;
    return vec_distance(p, vec_madd(a, fmin(fmax(t, 0.0), 1.0), ab));
}

/* Root mean square distance of the left half from the mirror image of the right one. */
static double mirror_rms(Line *line)
{
    int right = line->count - line->middle;
    double sum = 0.0;
    for (int i = 0; i < right; i++)
        line->mirrored[i] = mirror_on(line->head, line->drawn[line->middle + i]);
    for (int i = 0; i <= line->middle; i++) {
        double nearest = HUGE_VAL;
        for (int k = 0; k + 1 < right; k++)
            nearest = fmin(nearest, segment_distance(line->drawn[i], line->mirrored[k],
                                                     line->mirrored[k + 1]));
        sum += nearest * nearest;
    }
    return sqrt(sum / (line->middle + 1));
}

/* How far the drawn line lies in front of the plain one at point i. */
static double offset_mm(const Line *line, int i)
{
    int before = i > 0 ? i - 1 : i, after = i + 1 < line->count ? i + 1 : i;
    Vec3 run = vec_sub(line->plain[after], line->plain[before]);
    Vec3 up = vec_sub(line->plain[i], line->head->centre_mm);
    Vec3 forward = vec_normalize(vec_cross(up, run));
    return vec_dot(vec_sub(line->drawn[i], line->plain[i]), forward);
}

/* Root mean square of the offset about its own mean over 40 mm of the line; what has no 20 mm on
 * either side is left out. */
static double waver_rms(Line *line)
{
    const double half_mm = 20.0;
    double sum = 0.0, weight = 0.0;
    int from = 0, to = 0;
    line->sum[0] = 0.0;
    for (int i = 1; i < line->count; i++)
        line->sum[i] = line->sum[i - 1] + 0.5 * (line->at_mm[i] - line->at_mm[i - 1]) *
                                              (offset_mm(line, i) + offset_mm(line, i - 1));
    for (int i = 1; i + 1 < line->count; i++) {
        double at = line->at_mm[i];
        if (at < half_mm || at > line->at_mm[line->count - 1] - half_mm)
            continue;
        while (line->at_mm[from] < at - half_mm)
            from++;
        while (to + 1 < line->count && line->at_mm[to + 1] <= at + half_mm)
            to++;
        double mean = (line->sum[to] - line->sum[from]) / (line->at_mm[to] - line->at_mm[from]);
        double off = offset_mm(line, i) - mean;
        double share = 0.5 * (line->at_mm[i + 1] - line->at_mm[i - 1]);
        sum += share * off * off;
        weight += share;
    }
    return weight > 0.0 ? sqrt(sum / weight) : 0.0;
}

/* The point of the plain line so far along it. */
static Vec3 point_along(const Line *line, double at_mm)
{
    int i = 0;
    while (i < line->count - 2 && line->at_mm[i + 1] < at_mm)
        i++;
    double step = line->at_mm[i + 1] - line->at_mm[i];
    double t = step > 0.0 ? (at_mm - line->at_mm[i]) / step : 0.0;
    return vec_lerp(line->plain[i], line->plain[i + 1], fmin(fmax(t, 0.0), 1.0));
}

/* Between the ways to the points 25 mm along the line on either side, seen from above the skin. */
static double corner_rad(const Line *line, int control)
{
    const double arm_mm = 25.0;
    int i = control * DESIGN_SPAN_POINTS;
    Vec3 at = line->plain[i], up = vec_normalize(vec_sub(at, line->head->centre_mm)), arm[2];
    for (int k = 0; k < 2; k++) {
        double way = k == 0 ? -arm_mm : arm_mm;
        Vec3 to = vec_sub(point_along(line, line->at_mm[i] + way), at);
        arm[k] = vec_normalize(vec_madd(to, -vec_dot(to, up), up));
    }
    return acos(fmin(fmax(vec_dot(arm[0], arm[1]), -1.0), 1.0));
}

/* Tape from the fronto-temporal points to the midline: the shortest way along the skin. */
static bool tape_to_midline(Arena *scratch, const Head *head, HairlineMeasures *m, Err *err)
{
    enum { STEPS = 400 };
    const double step_rad = 0.0087266462599716; /* half a degree */
    size_t mark = arena_mark(scratch);
    double *field = ARENA_NEW(scratch, double, (size_t)head->topology->vertex_count);
    Vec3 *midline = ARENA_NEW(scratch, Vec3, STEPS);
    if (field == NULL || midline == NULL)
        return err_set(err, ERR_LIMIT, "no room to measure the hairline");
    double pitch = hairline_pitch_rad(head, head->landmark_mm[HEAD_GLABELLA]);
    int count = 0;
    while (count < STEPS && hairline_at_x(head, pitch + count * step_rad, 0.0, &midline[count]))
        count++;
    if (!head_distance_to_curve(scratch, head, count, midline, false, field, err))
        return false;
    for (int side = 0; side < DESIGN_SIDES; side++)
        m->temple_tape_mm[side] =
            head_interpolate(head, head_nearest(head, m->temple_mm[side]), field);
    arena_rewind(scratch, mark);
    return true;
}

bool hairline_measure(Arena *scratch, const DesignLayout *layout, HairlineMeasures *measures,
                      Err *err)
{
    const Head *head = layout->head;
    const DesignHairline *hairline = &layout->design.hairline;
    HairlineMeasures *m = measures;
    size_t mark = arena_mark(scratch);
    Line *line = ARENA_NEW(scratch, Line, 1);
    Vec3 glabella;
    double beside;
    *m = (HairlineMeasures){0};
    if (line == NULL)
        return err_set(err, ERR_LIMIT, "no room to measure the hairline");
    if (!line_make(head, hairline, line, err) ||
        !design_on_surface(head, head->landmark_mm[HEAD_GLABELLA], &glabella, err))
        return false;
    m->canthus_assumed = hairline_canthi(head, m->canthus_mm);
    m->middle_mm = crossing(line);
    m->length_mm = line->at_mm[line->count - 1];
    if (!hairline_beside_mm(head, glabella, m->middle_mm, &beside, &m->height_mm, err))
        return false;
    for (int side = 0; side < DESIGN_SIDES; side++) {
        Vec3 temple = line->plain[hairline->temple[side] * DESIGN_SPAN_POINTS];
        double sign = side == DESIGN_LEFT ? 1.0 : -1.0;
        m->temple_mm[side] = temple;
        m->temple_off_mm[side] = sign * (temple.x - m->canthus_mm[side].x);
        m->temple_angle_rad[side] = corner_rad(line, hairline->temple[side]);
        if (!hairline_beside_mm(head, m->middle_mm, temple, &beside, &m->recess_mm[side], err))
            return false;
    }
    if (!tape_to_midline(scratch, head, m, err))
        return false;
    m->uneven_mm =
        vec_distance(m->temple_mm[DESIGN_LEFT], mirror_on(head, m->temple_mm[DESIGN_RIGHT]));
    m->mirror_mm = mirror_rms(line);
    m->waver_mm = waver_rms(line);
    arena_rewind(scratch, mark);
    return true;
}

void hairline_mirror(Design *design, int keep_side, double asymmetry_mm)
{
    DesignHairline *h = &design->hairline;
    int last = h->control_count - 1, other = keep_side == DESIGN_LEFT ? DESIGN_RIGHT : DESIGN_LEFT;
    for (int i = 0; i < h->control_count / 2; i++) {
        int from = keep_side == DESIGN_LEFT ? i : last - i;
        h->control[last - from] = (DesignPlace){-h->control[from].u, h->control[from].v};
    }
    if (h->control_count > 0)
        h->control[h->control_count / 2].u = 0.0;
    h->temple[other] = last - h->temple[keep_side];
    h->asymmetry_mm = asymmetry_mm;
}

/* Moves one point to the same place beside the new level. *by_mm: how far it then moved. */
static bool move_with_level(const Head *head, Vec3 middle, double level_rad, Vec3 point,
                            Vec3 *moved, double *by_mm, Err *err)
{
    double lateral, behind;
    Vec3 foot;
    if (!hairline_beside_mm(head, middle, point, &lateral, &behind, err))
        return false;
    if (!hairline_at_x(head, level_rad, point.x, &foot))
        return err_set(err, ERR_INPUT,
                       "the point (%.0f, %.0f, %.0f) mm of the hairline would leave the scalp",
                       point.x, point.y, point.z);
    return hairline_walk_back(head, foot, behind, moved, err) &&
           hairline_beside_mm(head, point, *moved, &lateral, by_mm, err);
}

bool hairline_raise(const Head *head, Design *design, double by_mm, Err *err)
{
    DesignHairline *h = &design->hairline;
    int last = h->control_count - 1, middle = h->control_count / 2;
    Vec3 was[DESIGN_CONTROLS], now[DESIGN_CONTROLS];
    double temple_mm[DESIGN_SIDES], own_mm;
    if (last < 2 || last >= DESIGN_CONTROLS || h->temple[DESIGN_LEFT] < 0 ||
        h->temple[DESIGN_LEFT] > middle || h->temple[DESIGN_RIGHT] < middle ||
        h->temple[DESIGN_RIGHT] > last)
        return err_set(err, ERR_INPUT, "the hairline has no controls on both sides of its middle");
    for (int i = 0; i <= last; i++)
        if (!design_place_point(head, h->control[i], &was[i], err))
            return false;
    if (!hairline_walk_back(head, was[middle], by_mm, &now[middle], err))
        return false;
    double level = hairline_pitch_rad(head, now[middle]);
    for (int side = 0; side < DESIGN_SIDES; side++) {
        int t = h->temple[side];
        if (!move_with_level(head, was[middle], level, was[t], &now[t], &temple_mm[side], err))
            return false;
    }
    for (int i = 0; i <= last; i++) {
        bool left = i<h->temple[DESIGN_LEFT], right = i> h->temple[DESIGN_RIGHT];
        bool ok = left || right
                      ? hairline_walk_back(head, was[i], temple_mm[right ? 1 : 0], &now[i], err)
                      : i == middle || move_with_level(head, was[middle], level, was[i], &now[i],
                                                       &own_mm, err);
        if (!ok)
            return false;
    }
    for (int i = 0; i <= last; i++)
        h->control[i] = design_place_of(head, now[i]);
    return true;
}
