#include "head/head_internal.h"

#include <assert.h>

/* A vertex in the plane counts as above it, so every triangle is crossed through two edges or
 * none, also where the plane is a mirror plane of the canvas and full of vertices. */
static double height(const SectionWalk *walk, int corner, int triangle)
{
    const Head *head = walk->head;
    Vec3 p = head->position_mm[head->topology->triangle[triangle][corner]];
    return vec_dot(vec_sub(p, walk->plane.point_mm), walk->plane.normal);
}

static bool crosses(const SectionWalk *walk, int triangle, int edge, Vec3 *at_mm)
{
    double a = height(walk, edge, triangle), b = height(walk, (edge + 1) % 3, triangle);
    if ((a >= 0.0) == (b >= 0.0))
        return false;
    const int *v = walk->head->topology->triangle[triangle];
    const Vec3 *p = walk->head->position_mm;
    /* always from the lower vertex number: both triangles at the edge find the same point */
    int i = v[edge], j = v[(edge + 1) % 3];
    *at_mm = i < j ? vec_lerp(p[i], p[j], a / (a - b)) : vec_lerp(p[j], p[i], b / (b - a));
    return true;
}

/* The edge through which the plane leaves a triangle upwards (side 0) or downwards (side 1), as
 * seen going round counter-clockwise; -1 if the triangle is not cut. */
static int leaving_edge(const SectionWalk *walk, int triangle, int side)
{
    for (int k = 0; k < 3; k++) {
        bool from_above = height(walk, k, triangle) >= 0.0;
        bool to_above = height(walk, (k + 1) % 3, triangle) >= 0.0;
        if (from_above != to_above && to_above == (side == 0))
            return k;
    }
    return -1;
}

static bool step_out(SectionWalk *walk, int triangle, int edge)
{
    bool crossed = crosses(walk, triangle, edge, &walk->at_mm);
    assert(crossed);
    walk->triangle = walk->head->topology->across[triangle][edge];
    for (int k = 0; k < 3 && walk->triangle >= 0; k++)
        if (walk->head->topology->across[walk->triangle][k] == triangle)
            walk->edge = k;
    return crossed;
}

bool section_start(const Head *head, Plane plane, Vec3 from_mm, int side, SectionWalk *walk)
{
    *walk = (SectionWalk){.head = head, .plane = plane, .triangle = -1, .first = -1};
    int triangle = head_nearest(head, from_mm).triangle;
    if (triangle < 0)
        return false;
    const HeadTopology *topology = head->topology;
    double least = HUGE_VAL;
    for (int k = 0; k < 3; k++) {
        int v = topology->triangle[triangle][k];
        for (int i = topology->neighbor_start[v]; i < topology->neighbor_start[v + 1]; i++) {
            Vec3 at;
            for (int e = 0; e < 3 && topology->around[i] >= 0; e++)
                if (crosses(walk, topology->around[i], e, &at) &&
                    vec_distance(at, from_mm) < least) {
                    least = vec_distance(at, from_mm);
                    walk->first = topology->around[i];
                }
        }
    }
    if (leaving_edge(walk, triangle, side) >= 0)
        walk->first = triangle;
    return walk->first >= 0 && step_out(walk, walk->first, leaving_edge(walk, walk->first, side));
}

bool section_next(SectionWalk *walk)
{
    if (walk->triangle < 0 || walk->triangle == walk->first)
        return false;
    Vec3 unused;
    for (int step = 1; step < 3; step++) {
        int edge = (walk->edge + step) % 3;
        if (crosses(walk, walk->triangle, edge, &unused))
            return step_out(walk, walk->triangle, edge);
    }
    return false; /* not reached: whoever entered a triangle leaves it */
}

/* ---- from one point to another --------------------------------------------------------------- */

static Vec3 nearest_on(Vec3 p, Vec3 a, Vec3 b)
{
    Vec3 along = vec_sub(b, a);
    double length2 = vec_dot(along, along);
    double t = length2 > 0.0 ? vec_dot(vec_sub(p, a), along) / length2 : 0.0;
    return vec_lerp(a, b, t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t);
}

typedef struct Way {
    double to_miss_mm, via_miss_mm, length_mm;
} Way;

/* Goes one way round from `from`: the length up to where it comes closest to `to`, and how close
 * it came to `via` before. */
static Way survey(const Head *head, Plane plane, const Vec3 end[3], int side)
{
    Way way = {.to_miss_mm = HUGE_VAL, .via_miss_mm = HUGE_VAL};
    SectionWalk walk;
    double length_mm = 0.0, via_miss_mm = HUGE_VAL;
    Vec3 before = end[0];
    for (bool on = section_start(head, plane, end[0], side, &walk); on; on = section_next(&walk)) {
        Vec3 to = nearest_on(end[1], before, walk.at_mm);
        Vec3 via = nearest_on(end[2], before, walk.at_mm);
        via_miss_mm = fmin(via_miss_mm, vec_distance(via, end[2]));
        if (vec_distance(to, end[1]) < way.to_miss_mm)
            way =
                (Way){vec_distance(to, end[1]), via_miss_mm, length_mm + vec_distance(before, to)};
        length_mm += vec_distance(before, walk.at_mm);
        before = walk.at_mm;
    }
    return way;
}

static int list_points(const Head *head, Plane plane, const Vec3 end[3], int side, double length_mm,
                       int capacity, Vec3 point[])
{
    int count = 0;
    SectionWalk walk;
    double gone_mm = 0.0;
    Vec3 before = end[0];
    if (count < capacity)
        point[count++] = end[0];
    for (bool on = section_start(head, plane, end[0], side, &walk); on; on = section_next(&walk)) {
        gone_mm += vec_distance(before, walk.at_mm);
        if (gone_mm >= length_mm)
            break;
        if (count < capacity)
            point[count++] = walk.at_mm;
        before = walk.at_mm;
    }
    if (count < capacity)
        point[count++] = end[1];
    return count;
}

bool head_section(const Head *head, Vec3 from_mm, Vec3 to_mm, Vec3 via_mm, int capacity,
                  Vec3 point[], int *count, double *length_mm, Err *err)
{
    static const char *const name[3] = {"start", "end", "middle"};
    Vec3 end[3] = {from_mm, to_mm, via_mm};
    for (int i = 0; i < 3; i++) {
        HeadPoint on = head_nearest(head, end[i]);
        if (on.triangle < 0)
            return err_set(err, ERR_INPUT,
                           "the %s of the section (%g, %g, %g) mm is not over the canvas", name[i],
                           end[i].x, end[i].y, end[i].z);
        end[i] = head_position_mm(head, on);
    }
    if (vec_distance(end[0], end[1]) < 1e-6)
        return err_set(err, ERR_INPUT, "a section needs two ends, both are (%g, %g, %g) mm",
                       from_mm.x, from_mm.y, from_mm.z);
    Vec3 across = vec_cross(vec_sub(end[1], end[0]), vec_sub(end[2], end[0]));
    if (vec_length(across) < 1e-3 * vec_distance(end[0], end[1])) /* in line: upright instead */
        across = vec_cross(vec_sub(end[1], end[0]), vec_sub(head->centre_mm, end[0]));
    Plane plane = {end[0], vec_normalize(across)};
    Way way[2] = {survey(head, plane, end, 0), survey(head, plane, end, 1)};
    const double reach_mm = 1.0; /* the three points lie in the plane and on the surface */
    bool reaches[2] = {way[0].to_miss_mm < reach_mm, way[1].to_miss_mm < reach_mm};
    if (!reaches[0] && !reaches[1])
        return err_set(err, ERR_INPUT,
                       "the cut from (%g, %g, %g) to (%g, %g, %g) mm leaves the canvas", end[0].x,
                       end[0].y, end[0].z, end[1].x, end[1].y, end[1].z);
    int side = !reaches[0] || (reaches[1] && way[1].via_miss_mm < way[0].via_miss_mm) ? 1 : 0;
    *length_mm = way[side].length_mm;
    if (point != NULL)
        *count = list_points(head, plane, end, side, way[side].length_mm, capacity, point);
    return true;
}
