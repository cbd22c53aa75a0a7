#include "design/design_internal.h"

#include <math.h>

/* Mean radius of the canvas above direction.y = 0.2 of the mean cranium (circumference 574 mm). */
static const double mean_radius_mm = 105.279;

enum { PITCH_STEPS = 720, SIDE_STEPS = 720 };
static const double pitch_step_rad = 0.00436332312998582; /* a quarter of a degree */

bool design_on_surface(const Head *head, Vec3 position_mm, Vec3 *point, Err *err)
{
    HeadPoint at = head_nearest(head, position_mm);
    if (at.triangle < 0)
        return err_set(err, ERR_INPUT, "the point (%.1f, %.1f, %.1f) mm lies below the canvas",
                       position_mm.x, position_mm.y, position_mm.z);
    *point = head_position_mm(head, at);
    return true;
}

DesignPlace design_place_of(const Head *head, Vec3 position_mm)
{
    double uv[2];
    head_chart(vec_normalize(vec_sub(position_mm, head->centre_mm)), uv);
    return (DesignPlace){uv[0], uv[1]};
}

bool design_place_point(const Head *head, DesignPlace place, Vec3 *point, Err *err)
{
    double uv[2] = {place.u, place.v};
    return design_on_surface(head, vec_add(head->centre_mm, head_chart_direction(uv)), point, err);
}

static Vec3 midline_direction(double pitch_rad)
{
    return vec3(0.0, sin(pitch_rad), cos(pitch_rad));
}

static double glabella_pitch(const Head *head)
{
    Vec3 arm = vec_sub(head->landmark_mm[HEAD_GLABELLA], head->centre_mm);
    return atan2(arm.y, arm.z);
}

bool design_midline(const Head *head, double tape_mm, Vec3 *point, Err *err)
{
    double pitch = glabella_pitch(head), walked = 0.0;
    HeadPoint at = head_locate(head, midline_direction(pitch));
    if (at.triangle < 0)
        return err_set(err, ERR_INPUT, "the glabella lies below the canvas: check the landmarks");
    Vec3 last = head_position_mm(head, at);
    for (int i = 0; i < PITCH_STEPS; i++) {
        pitch += pitch_step_rad;
        at = head_locate(head, midline_direction(pitch));
        if (at.triangle < 0)
            break;
        Vec3 next = head_position_mm(head, at);
        double step = vec_distance(last, next);
        if (walked + step >= tape_mm)
            return design_on_surface(head, vec_lerp(last, next, (tape_mm - walked) / step), point,
                                     err);
        walked += step;
        last = next;
    }
    return err_set(err, ERR_INPUT, "the midline is only %.0f mm long, %.0f mm were wanted", walked,
                   tape_mm);
}

/* Tape along the midline at each quarter degree of pitch from the glabella backwards. */
static int midline_table(const Head *head, double along_mm[], Vec3 point[])
{
    double pitch = glabella_pitch(head);
    int count = 0;
    for (int i = 0; i < PITCH_STEPS; i++) {
        HeadPoint at = head_locate(head, midline_direction(pitch + i * pitch_step_rad));
        if (at.triangle < 0)
            break;
        point[count] = head_position_mm(head, at);
        along_mm[count] =
            count == 0 ? 0.0 : along_mm[count - 1] + vec_distance(point[count - 1], point[count]);
        count++;
    }
    return count;
}

static double along_at(int count, const double along_mm[], double steps)
{
    if (steps <= 0.0)
        return steps * (along_mm[1] - along_mm[0]); /* below the glabella */
    int i = (int)steps;
    if (i >= count - 1)
        return along_mm[count - 1];
    return along_mm[i] + (steps - i) * (along_mm[i + 1] - along_mm[i]);
}

static double head_scale(const Head *head)
{
    double sum = 0.0;
    int count = 0;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        if (head->topology->direction[v].y > 0.2) {
            sum += head->radius_mm[v];
            count++;
        }
    }
    return sum / count / mean_radius_mm;
}

static void fill_along(const Head *head, int count, const double table_mm[], double along_mm[])
{
    const double pi = 3.14159265358979323846;
    double first = glabella_pitch(head);
    for (int v = 0; v < head->topology->vertex_count; v++) {
        Vec3 d = head->topology->direction[v];
        double pitch = atan2(d.y, d.z);
        if (pitch < -0.5 * pi)
            pitch += 2.0 * pi;
        along_mm[v] = along_at(count, table_mm, (pitch - first) / pitch_step_rad);
    }
}

bool design_tape_new(Arena *arena, Arena *scratch, const Head *head, DesignTape *tape, Err *err)
{
    size_t n = (size_t)head->topology->vertex_count;
    *tape = (DesignTape){.scale = head_scale(head)};
    double **field[] = {&tape->along_mm, &tape->lateral_mm, &tape->whorl_mm, &tape->margin_mm};
    for (int k = 0; k < 4; k++) {
        *field[k] = ARENA_NEW(arena, double, n);
        if (*field[k] == NULL)
            return err_set(err, ERR_LIMIT, "no room for tape coordinates");
    }
    size_t mark = arena_mark(scratch); /* the fields may live in scratch themselves */
    double *table_mm = ARENA_NEW(scratch, double, PITCH_STEPS);
    Vec3 *midline = ARENA_NEW(scratch, Vec3, PITCH_STEPS);
    if (table_mm == NULL || midline == NULL)
        return err_set(err, ERR_LIMIT, "no room for the midline");
    int count = midline_table(head, table_mm, midline);
    if (count < 2)
        return err_set(err, ERR_INPUT, "the glabella lies below the canvas: check the landmarks");
    fill_along(head, count, table_mm, tape->along_mm);
    if (!head_distance_to_curve(scratch, head, count, midline, false, tape->lateral_mm, err))
        return false;
    for (size_t v = 0; v < n; v++) {
        if (head->topology->direction[v].x < 0.0)
            tape->lateral_mm[v] = -tape->lateral_mm[v];
    }
    hair_scalp_margin(head, tape->margin_mm);
    arena_rewind(scratch, mark);
    return true;
}

bool design_tape_point(const Head *head, double lateral_mm, double along_mm, Vec3 *point, Err *err)
{
    Vec3 middle;
    if (!design_midline(head, along_mm, &middle, err))
        return false;
    Vec3 up = vec_normalize(vec_sub(middle, head->centre_mm));
    Vec3 side = vec3(lateral_mm < 0.0 ? -1.0 : 1.0, 0.0, 0.0), last = middle;
    double walked = 0.0, want = fabs(lateral_mm);
    *point = middle;
    for (int i = 1; i <= SIDE_STEPS && walked < want; i++) {
        double turn = i * pitch_step_rad;
        Vec3 way = vec_add(vec_scale(up, cos(turn)), vec_scale(side, sin(turn)));
        HeadPoint at = head_locate(head, way);
        if (at.triangle < 0)
            return err_set(err, ERR_INPUT,
                           "the place %.0f mm beside the midline, %.0f mm from the glabella, lies "
                           "below the canvas",
                           lateral_mm, along_mm);
        Vec3 next = head_position_mm(head, at);
        double step = vec_distance(last, next), rest = want - walked;
        *point = step > rest ? vec_lerp(last, next, rest / step) : next;
        walked += step;
        last = next;
    }
    return design_on_surface(head, *point, point, err);
}

/* To the nearest whorl of the growth; far from everything when there is none. */
bool design_tape_whorl(Arena *scratch, const Head *head, const Growth *growth, DesignTape *tape,
                       Err *err)
{
    const double far_mm = 1000.0;
    HeadPoint source[GROWTH_SINGULARITIES];
    int count = 0;
    for (int i = 0; i < growth->singularity_count; i++) {
        HeadPoint at = head_locate(head, head_chart_direction(growth->singularity[i].uv));
        if (growth->singularity[i].index == 1 && at.triangle >= 0)
            source[count++] = at;
    }
    if (count > 0)
        return head_distance(scratch, head, count, source, tape->whorl_mm, err);
    for (int v = 0; v < head->topology->vertex_count; v++)
        tape->whorl_mm[v] = far_mm;
    return true;
}
