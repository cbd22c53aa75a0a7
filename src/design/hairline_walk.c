#include "design/design_internal.h"

#include <math.h>

static const double step_rad = 0.00436332312998582; /* a quarter of a degree: half a millimetre */

double hairline_pitch_rad(const Head *head, Vec3 position_mm)
{
    return atan2(position_mm.y - head->centre_mm.y, position_mm.z - head->centre_mm.z);
}

/* Place on the surface at a latitude from the midplane (left > 0) and a pitch about the axis x. */
static bool at_angles(const Head *head, double latitude_rad, double pitch_rad, Vec3 *point)
{
    double c = cos(latitude_rad);
    HeadPoint at =
        head_locate(head, vec3(sin(latitude_rad), c * sin(pitch_rad), c * cos(pitch_rad)));
    if (at.triangle < 0)
        return false;
    *point = head_position_mm(head, at);
    return true;
}

bool hairline_at_x(const Head *head, double pitch_rad, double x_mm, Vec3 *point)
{
    enum { ROUNDS = 60 };
    const double widest_rad = 1.5, close_mm = 1e-9, least_slope = 1e-3;
    double last = 0.0, last_off = -x_mm;
    if (!at_angles(head, 0.0, pitch_rad, point))
        return false;
    double guess = asin(fmin(fmax(x_mm / vec_distance(*point, head->centre_mm), -0.95), 0.95));
    for (int i = 0; i < ROUNDS; i++) { /* secants: x grows with the latitude up to the widest */
        if (!at_angles(head, guess, pitch_rad, point))
            return false;
        double off = point->x - x_mm;
        if (fabs(off) < close_mm)
            return true;
        double slope = guess != last ? (off - last_off) / (guess - last) : 0.0;
        if (!(slope > least_slope))
            break;
        last = guess;
        last_off = off;
        guess = fmin(fmax(guess - off / slope, -widest_rad), widest_rad);
    }
    return fabs(point->x - x_mm) < 1e-6; /* the surface has edges: secants may stall short of it */
}

bool hairline_walk_back(const Head *head, Vec3 from_mm, double by_mm, Vec3 *point, Err *err)
{
    enum { STEPS = 720 };
    double pitch = hairline_pitch_rad(head, from_mm), walked = 0.0;
    Vec3 last = from_mm;
    *point = from_mm;
    for (int i = 1; i <= STEPS; i++) {
        Vec3 next;
        if (!hairline_at_x(head, pitch + (by_mm < 0.0 ? -i : i) * step_rad, from_mm.x, &next))
            break;
        double step = vec_distance(last, next), left = fabs(by_mm) - walked;
        if (step >= left)
            return design_on_surface(head, vec_lerp(last, next, left / step), point, err);
        walked += step;
        last = next;
    }
    return err_set(err, ERR_INPUT,
                   "the point (%.0f, %.0f, %.0f) mm of the hairline, moved by %.1f mm along the "
                   "skin, leaves the scalp",
                   from_mm.x, from_mm.y, from_mm.z, by_mm);
}

/* Length of the level through `pitch` from the midline to a latitude. */
static bool level_length(const Head *head, double pitch_rad, double latitude_rad, double *length_mm)
{
    int steps = (int)(fabs(latitude_rad) / step_rad) + 1;
    Vec3 last = {0}, next;
    *length_mm = 0.0;
    for (int i = 0; i <= steps; i++) {
        if (!at_angles(head, latitude_rad * i / steps, pitch_rad, &next))
            return false;
        *length_mm += i == 0 ? 0.0 : vec_distance(last, next);
        last = next;
    }
    return true;
}

bool hairline_beside_mm(const Head *head, Vec3 middle_mm, Vec3 point_mm, double *lateral_mm,
                        double *behind_mm, Err *err)
{
    double level = hairline_pitch_rad(head, middle_mm), pitch = hairline_pitch_rad(head, point_mm);
    Vec3 foot, last, next;
    bool ok = hairline_at_x(head, level, point_mm.x, &foot);
    int steps = (int)(fabs(pitch - level) / step_rad) + 1;
    last = foot;
    *behind_mm = 0.0;
    for (int i = 1; i <= steps && ok; i++) {
        ok = hairline_at_x(head, level + (pitch - level) * i / steps, point_mm.x, &next);
        *behind_mm += ok ? vec_distance(last, next) : 0.0;
        last = next;
    }
    Vec3 arm = vec_sub(foot, head->centre_mm);
    double latitude = atan2(arm.x, hypot(arm.y, arm.z));
    if (!ok || !level_length(head, level, latitude, lateral_mm))
        return err_set(err, ERR_INPUT,
                       "the point (%.0f, %.0f, %.0f) mm of the hairline has no place beside its "
                       "middle: the head is not as wide there",
                       point_mm.x, point_mm.y, point_mm.z);
    *behind_mm = pitch < level ? -*behind_mm : *behind_mm;
    *lateral_mm = latitude < 0.0 ? -*lateral_mm : *lateral_mm;
    return true;
}
