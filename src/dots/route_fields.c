#include "dots/route_internal.h"

#include <string.h>

/* A field whose dots spread this much more (variance) in one direction than across has a direction
 * of its own; others are cut along the head's axes, which gives neat bands. */
static const double has_direction = 4.0;

static Vec3 tangent(Vec3 normal, Vec3 direction)
{
    return vec_normalize(vec_madd(direction, -vec_dot(normal, direction), normal));
}

/* From ear to ear where the field faces up, forward or back; front to back on the sides. */
static void head_axes(Vec3 normal, Vec3 *along, Vec3 *across)
{
    *along = tangent(normal, fabs(normal.x) < 0.8 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 0.0, 1.0));
    *across = vec_cross(normal, *along);
}

/* Turns the axes to the direction of the greatest spread, if there is one. */
static void turn_axes(const RouteJob *job, RouteField *field)
{
    double aa = 0.0, ac = 0.0, cc = 0.0;
    for (int k = 0; k < field->count; k++) {
        Vec3 off = vec_sub(job->position_mm[job->way[field->first + k]], field->centre_mm);
        double a = vec_dot(off, field->along), c = vec_dot(off, field->across);
        aa += a * a;
        ac += a * c;
        cc += c * c;
    }
    double half = 0.5 * (aa - cc), root = sqrt(half * half + ac * ac), mean = 0.5 * (aa + cc);
    if (mean + root < has_direction * (mean - root))
        return;
    double angle = 0.5 * atan2(ac, half);
    Vec3 along = field->along;
    field->along = vec_add(vec_scale(along, cos(angle)), vec_scale(field->across, sin(angle)));
    field->across = vec_cross(field->normal, field->along);
}

static void measure_sides(const RouteJob *job, RouteField *field)
{
    double low[2] = {1e300, 1e300}, high[2] = {-1e300, -1e300};
    for (int k = 0; k < field->count; k++) {
        Vec3 off = vec_sub(job->position_mm[job->way[field->first + k]], field->centre_mm);
        double at[2] = {vec_dot(off, field->along), vec_dot(off, field->across)};
        for (int side = 0; side < 2; side++) {
            low[side] = fmin(low[side], at[side]);
            high[side] = fmax(high[side], at[side]);
        }
    }
    for (int side = 0; side < 2; side++) {
        field->low_mm[side] = low[side];
        field->size_mm[side] = high[side] - low[side];
    }
}

static void measure(const RouteJob *job, RouteField *field)
{
    Vec3 sum = vec3(0.0, 0.0, 0.0), normal = sum;
    for (int k = 0; k < field->count; k++) {
        int dot = job->way[field->first + k];
        sum = vec_add(sum, job->position_mm[dot]);
        normal = vec_add(normal, job->normal[dot]);
    }
    field->centre_mm = vec_scale(sum, 1.0 / field->count);
    field->normal = vec_normalize(normal);
    if (!(vec_length(field->normal) > 0.5)) /* both sides of a thin part */
        field->normal = vec3(0.0, 1.0, 0.0);
    head_axes(field->normal, &field->along, &field->across);
    turn_axes(job, field);
    measure_sides(job, field);
    if (field->size_mm[1] > field->size_mm[0]) {
        Vec3 along = field->along;
        double low_mm = field->low_mm[0], size_mm = field->size_mm[0];
        field->along = field->across;
        field->across = vec_scale(along, -1.0);
        field->low_mm[0] = field->low_mm[1];
        field->size_mm[0] = field->size_mm[1];
        field->low_mm[1] = -low_mm - size_mm;
        field->size_mm[1] = size_mm;
    }
}

/* Moves the dots of the first part to the front; both parts stay in order. Returns their number. */
static int cut(RouteJob *job, const RouteField *field, double at_mm, int aside[])
{
    int *way = job->way + field->first, near = 0, far = 0;
    for (int k = 0; k < field->count; k++) {
        Vec3 off = vec_sub(job->position_mm[way[k]], field->centre_mm);
        if (vec_dot(off, field->along) - field->low_mm[0] < at_mm)
            way[near++] = way[k];
        else
            aside[far++] = way[k];
    }
    memcpy(way + near, aside, (size_t)far * sizeof way[0]);
    return near;
}

/* As many equal parts as the longer side needs, half of them on each side of the cut, until no side
 * is longer than field_mm. Fields still to be cut lie behind those that are done. */
static void split_zone(RouteJob *job, RouteField whole, int aside[])
{
    int done = job->field_count, open = job->count; /* open fields are stacked from the end */
    job->field[--open] = whole;
    while (open < job->count) {
        RouteField field = job->field[open++];
        measure(job, &field);
        int parts = (int)ceil(field.size_mm[0] / job->field_mm);
        int near =
            parts > 1 ? cut(job, &field, field.size_mm[0] * (double)(parts / 2) / parts, aside) : 0;
        if (near == 0 || near == field.count) {
            job->field[done++] = field;
            continue;
        }
        RouteField far = field;
        far.first += near;
        far.count -= near;
        field.count = near;
        job->field[--open] = far;
        job->field[--open] = field;
    }
    job->field_count = done;
}

bool route_split(RouteJob *job, Err *err)
{
    size_t mark = arena_mark(job->scratch);
    int *aside = ARENA_NEW(job->scratch, int, (size_t)job->count);
    if (aside == NULL)
        return err_set(err, ERR_LIMIT, "no room to lay out the work on %d dots", job->count);
    for (int i = 0; i < job->count; i++)
        job->way[i] = i;
    job->field_count = 0;
    for (int first = 0, end; first < job->count; first = end) {
        for (end = first + 1; end < job->count && job->zone[end] == job->zone[first];)
            end++;
        RouteField whole = {.first = first, .count = end - first, .zone = job->zone[first]};
        split_zone(job, whole, aside);
    }
    arena_rewind(job->scratch, mark);
    return true;
}
