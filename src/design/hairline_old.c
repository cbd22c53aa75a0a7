#include "design/hairline_internal.h"

#include <math.h>

/* The old line as it was clicked: a smooth line through the points in the chart, cut at the midline
 * and at its fronto-temporal corners, and measured out into controls. */

enum { FINE = 48, FINE_POINTS = FINE * (DESIGN_OLD_LINE_POINTS - 1) + 1 };
enum { FRONT_SPANS = 5, TEMPLE_SPANS = 3, SIDE_CONTROLS = FRONT_SPANS + TEMPLE_SPANS };
static const double farthest_off_mm = 25.0; /* of a click from the skin: wrong unit or frame */
/* A line that ends this far from the brow's side ends at its corner: Garg's corner is 80 mm from
 * there, his temporal peak 30 mm. */
static const double open_end_mm = 55.0;
static const double corner_mm = 4.0; /* less behind the straight line from middle to end is none */

static bool check_point(const Head *head, int number, Vec3 p, Vec3 *on, Err *err)
{
    if (!vec_is_finite(p))
        return err_set(err, ERR_INPUT, "point %d of the old line is not a number", number);
    HeadPoint at = head_nearest(head, p);
    if (at.triangle < 0)
        return err_set(err, ERR_INPUT,
                       "point %d of the old line (%.0f, %.0f, %.0f mm) lies below the scalp",
                       number, p.x, p.y, p.z);
    *on = head_position_mm(head, at);
    double off = vec_distance(p, *on);
    if (off > farthest_off_mm)
        return err_set(err, ERR_INPUT,
                       "point %d of the old line is %.0f mm off the surface: are the points in "
                       "millimetres of the head frame?",
                       number, off);
    return true;
}

/* Turn about an axis that leaves the head behind the crown, 0 in front, growing to the left: seen
 * from there even deep recesses lie between the middle and the temples, so a hairline falls in it
 * all along. */
static double around_rad(DesignPlace place)
{
    const Vec3 forward = {0.0, 0.8660254037844386,
                          0.5}; /* the axis: 60 degrees behind the vertex */
    double uv[2] = {place.u, place.v};
    Vec3 d = head_chart_direction(uv);
    return atan2(d.x, vec_dot(d, forward));
}

static bool check_order(int count, const DesignPlace place[], Err *err)
{
    for (int i = 1; i < count; i++)
        if (!(around_rad(place[i]) < around_rad(place[i - 1])))
            return err_set(err, ERR_INPUT,
                           "point %d of the old line does not lie to the right of point %d: give "
                           "the points in order, from the subject's left to the right",
                           i + 1, i);
    if (place[0].u > 0.0 && place[count - 1].u < 0.0)
        return true;
    return err_set(err, ERR_INPUT,
                   "the old line does not cross the midline: it needs points on both sides");
}

static bool read_points(const Head *head, const DesignRequest *request, DesignPlace place[],
                        Err *err)
{
    int count = request->old_line_count;
    if (count < 3 || count > DESIGN_OLD_LINE_POINTS)
        return err_set(err, ERR_INPUT, "an old line of %d points is not within 3..%d", count,
                       DESIGN_OLD_LINE_POINTS);
    for (int i = 0; i < count; i++) {
        Vec3 on;
        if (!check_point(head, i + 1, request->old_line_mm[i], &on, err))
            return false;
        place[i] = design_place_of(head, on);
    }
    return check_order(count, place, err);
}

/* A part of the line from the midline outwards. */
typedef struct Arm {
    int count, corner;
    Vec3 point[FINE_POINTS + 1];
    double at_mm[FINE_POINTS + 1];
} Arm;

static void arm_add(Arm *arm, Vec3 point)
{
    int i = arm->count++;
    arm->point[i] = point;
    arm->at_mm[i] = i == 0 ? 0.0 : arm->at_mm[i - 1] + vec_distance(arm->point[i - 1], point);
}

/* Arms of the fine line, left and right of where it crosses the midline. */
static bool cut_line(const Head *head, int count, const DesignPlace place[], Arm arm[DESIGN_SIDES],
                     Err *err)
{
    int fine = (count - 1) * FINE + 1, cross = 0;
    double uv[2], slope[2], u[FINE_POINTS];
    DesignPlace at[FINE_POINTS];
    for (int i = 0; i < fine; i++) {
        int span = i / FINE < count - 1 ? i / FINE : count - 2;
        hairline_span_at(count, place, span, (double)(i - span * FINE) / FINE, uv, slope);
        at[i] = (DesignPlace){uv[0], uv[1]};
        u[i] = uv[0];
        cross = u[i] > 0.0 ? i : cross;
    }
    double t = u[cross] / (u[cross] - u[cross + 1]);
    DesignPlace middle = {0.0, at[cross].v + t * (at[cross + 1].v - at[cross].v)};
    for (int side = 0; side < DESIGN_SIDES; side++) {
        int step = side == DESIGN_LEFT ? -1 : 1;
        Vec3 point;
        arm[side].count = 0;
        if (!design_place_point(head, middle, &point, err))
            return false;
        arm_add(&arm[side], point);
        for (int i = side == DESIGN_LEFT ? cross : cross + 1; i >= 0 && i < fine; i += step) {
            if (!design_place_point(head, at[i], &point, err))
                return false;
            arm_add(&arm[side], point);
        }
    }
    return true;
}

/* The point farthest behind the straight way from the middle to the end; where there is no corner,
 * the one nearest to the vertical through the canthus. */
static int find_corner(const Head *head, const Arm *arm, double canthus_x)
{
    Vec3 c = head->centre_mm, crown = vec3(0.0, 1.0, -0.4);
    Vec3 across =
        vec_normalize(vec_cross(vec_sub(arm->point[0], c), vec_sub(arm->point[arm->count - 1], c)));
    double sign = vec_dot(across, crown) < 0.0 ? -1.0 : 1.0, best = 0.0, nearest = 1e9;
    int corner = arm->count / 2, upright = arm->count / 2;
    for (int i = 1; i < arm->count - 1; i++) {
        double behind = sign * vec_dot(across, vec_sub(arm->point[i], c));
        double off = fabs(arm->point[i].x - canthus_x);
        if (behind > best) {
            best = behind;
            corner = i;
        }
        if (off < nearest) {
            nearest = off;
            upright = i;
        }
    }
    return best > corner_mm ? corner : upright;
}

static Vec3 arm_point(const Arm *arm, double at_mm)
{
    int i = 0;
    while (i < arm->count - 2 && arm->at_mm[i + 1] < at_mm)
        i++;
    double step = arm->at_mm[i + 1] - arm->at_mm[i];
    double t = step > 0.0 ? (at_mm - arm->at_mm[i]) / step : 0.0;
    return vec_lerp(arm->point[i], arm->point[i + 1], fmin(fmax(t, 0.0), 1.0));
}

/* The controls of one arm; one that ends at its corner goes on to a constructed peak. */
static bool side_controls(const Head *head, const DesignFrame *frame, const Arm *arm,
                          double canthus_x, int which, HairlineSide *side, Err *err)
{
    const double bow_mm = 3.0; /* as the linear form's */
    Vec3 end = arm->point[arm->count - 1], brow = frame->canthus[which];
    bool open = vec_distance(end, brow) > open_end_mm;
    double last = arm->at_mm[arm->count - 1];
    double temple = open ? last : arm->at_mm[find_corner(head, arm, canthus_x)];
    *side = (HairlineSide){.count = SIDE_CONTROLS, .temple = TEMPLE_SPANS};
    for (int i = 0; i <= FRONT_SPANS - 1; i++)
        side->point[TEMPLE_SPANS + i] = arm_point(arm, temple * (FRONT_SPANS - i) / FRONT_SPANS);
    for (int i = 0; i < TEMPLE_SPANS; i++)
        side->point[i] = arm_point(arm, last - (last - temple) * i / TEMPLE_SPANS);
    if (!open)
        return true;
    /* a parabola: at a quarter of the way three quarters of the bow, half of it by the chord */
    if (!hairline_peak(head, end, brow, 0.0, &side->point[0], err) ||
        !hairline_bowed_middle(head, side->point[0], end, frame->glabella, bow_mm, &side->point[1],
                               err))
        return false;
    return hairline_bowed_middle(head, side->point[1], end, frame->glabella, 0.25 * bow_mm,
                                 &side->point[2], err);
}

bool hairline_from_old_line(Arena *scratch, const Head *head, const DesignRequest *request,
                            DesignHairline *hairline, Err *err)
{
    size_t mark = arena_mark(scratch);
    DesignPlace place[DESIGN_OLD_LINE_POINTS];
    Vec3 canthus[DESIGN_SIDES];
    DesignFrame frame;
    HairlineSide side[DESIGN_SIDES];
    Arm *arm = ARENA_NEW(scratch, Arm, DESIGN_SIDES);
    if (arm == NULL)
        return err_set(err, ERR_LIMIT, "no room for the old line");
    if (!read_points(head, request, place, err) ||
        !cut_line(head, request->old_line_count, place, arm, err) ||
        !hairline_frame_brow(scratch, head, &frame, err))
        return false;
    hairline_canthi(head, canthus);
    for (int s = 0; s < DESIGN_SIDES; s++)
        if (!side_controls(head, &frame, &arm[s], canthus[s].x, s, &side[s], err))
            return false;
    hairline_put_controls(head, side, arm[0].point[0], hairline);
    arena_rewind(scratch, mark);
    return true;
}
