#include "sample/photos_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

enum { SECTION_POINTS = 720 };
static const double paper_gap_mm = 0.2;

/* ---- the strip ---- */

/* The point above the glabella at which the tape from it reads front_mm. */
static Vec3 above_glabella(const Bust *bust, Vec3 glabella, double front_mm)
{
    const double step_mm = 0.25;
    Vec3 last = glabella;
    double tape = 0.0;
    for (double y = glabella.y + step_mm; y < 130.0; y += step_mm) {
        Vec3 hit = last;
        if (!bust_hit(bust, vec3(0.0, y, 400.0), vec3(0.0, y, 0.0), false, &hit))
            break;
        double piece = vec_distance(hit, last);
        if (tape + piece >= front_mm)
            return vec_lerp(last, hit, (front_mm - tape) / piece);
        tape += piece;
        last = hit;
    }
    return last;
}

/* The top of the ears: where the bust with ears is wider than without. */
static double ear_top_mm(const Bust *bust)
{
    for (double y = 60.0; y > 0.0; y -= 0.5)
        for (double z = -40.0; z <= 10.0; z += 2.0) {
            Vec3 with = {0}, without = {0};
            Vec3 from = vec3(300.0, y, z), to = vec3(0.0, y, z);
            if (bust_hit(bust, from, to, true, &with) &&
                bust_hit(bust, from, to, false, &without) && with.x > without.x + 3.0)
                return y;
        }
    return 30.0;
}

typedef struct Plane2 { /* of the section: forward and left in it */
    Vec3 origin, forward, left;
} Plane2;

static double turn(const double a[2], const double b[2], const double c[2])
{
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/* Section of the bare head, in the plane, counter-clockwise seen from above, from the front to the
 * wearer's left; what is hollow is bridged, as taut paper does. Returns the number of points. */
static int taut_section(const Bust *bust, const Plane2 *plane, double (*point)[2])
{
    int used = 0;
    for (int i = 0; i < SECTION_POINTS; i++) {
        double a = 2.0 * PI * i / SECTION_POINTS;
        Vec3 out = vec_madd(vec_scale(plane->forward, cos(a)), sin(a), plane->left);
        Vec3 hit = plane->origin;
        (void)bust_hit(bust, vec_madd(plane->origin, 300.0, out), plane->origin, false, &hit);
        double p[2] = {vec_dot(vec_sub(hit, plane->origin), plane->forward),
                       vec_dot(vec_sub(hit, plane->origin), plane->left)};
        while (used >= 2 && turn(point[used - 2], point[used - 1], p) <= 0.0)
            used--;
        memcpy(point[used++], p, sizeof p);
    }
    return used;
}

static Vec3 lift(const Plane2 *plane, const double p[2])
{
    return vec_madd(vec_madd(plane->origin, p[0], plane->forward), p[1], plane->left);
}

/* Of a closed outline, the point at a distance from its first. */
static void along_outline(int count, double (*point)[2], double want_mm, double at[2])
{
    double begin = 0.0;
    for (int i = 0;; i++) {
        const double *p = point[i % count], *q = point[(i + 1) % count];
        double piece = hypot(q[0] - p[0], q[1] - p[1]);
        if (begin + piece >= want_mm || i > 2 * count) {
            double t = (want_mm - begin) / piece;
            at[0] = p[0] + t * (q[0] - p[0]);
            at[1] = p[1] + t * (q[1] - p[1]);
            return;
        }
        begin += piece;
    }
}

/* The skin's normal about a place, over the breadth of the paper: its hollows do not bend it. */
static Vec3 broad_normal(const Bust *bust, Vec3 p, Vec3 along, Vec3 axis)
{
    const double reach_mm = 8.0, step_mm = 0.2;
    Vec3 sum = {0};
    for (int i = -1; i <= 1; i++)
        for (int k = -1; k <= 1; k++) {
            Vec3 q = vec_madd(vec_madd(p, i * reach_mm, along), k * reach_mm, axis);
            double here = bust_bare_distance_mm(bust, q);
            sum.x += bust_bare_distance_mm(bust, vec3(q.x + step_mm, q.y, q.z)) - here;
            sum.y += bust_bare_distance_mm(bust, vec3(q.x, q.y + step_mm, q.z)) - here;
            sum.z += bust_bare_distance_mm(bust, vec3(q.x, q.y, q.z + step_mm)) - here;
        }
    return vec_normalize(sum);
}

/* Knots 1 mm apart along the outline, from behind the head round its right side and front to behind
 * again; the wearer's left end lies over the right one. */
static void lay_knots(const Bust *bust, const Plane2 *plane, int count, double (*point)[2],
                      Strip *strip)
{
    const double overlap_mm = 14.0;
    double length = 0.0;
    for (int i = 0; i < count; i++)
        length +=
            hypot(point[(i + 1) % count][0] - point[i][0], point[(i + 1) % count][1] - point[i][1]);
    double half = fmin(floor(0.5 * length), -strip->marker->left_mm - 1.0);
    strip->first_mm = -half;
    strip->over_mm = length - half;
    strip->count =
        (int)fmin(half + fmin(strip->over_mm + overlap_mm, half + overlap_mm), STRIP_LIMIT);
    for (int k = 0; k < strip->count; k++) {
        double at[2], next[2], s = strip->first_mm + k;
        along_outline(count, point, s < 0.0 ? s + length : s, at);
        along_outline(count, point, s < -0.5 ? s + length + 0.5 : s + 0.5, next);
        Vec3 p = lift(plane, at), along = vec_normalize(vec_sub(lift(plane, next), p));
        Vec3 lean = vec_cross(along, broad_normal(bust, p, along, strip->axis));
        if (vec_dot(lean, strip->axis) < 0.0)
            lean = vec_scale(lean, -1.0);
        strip->lean[k] = vec_normalize(vec_madd(lean, -vec_dot(lean, along), along));
        strip->normal[k] = vec_normalize(vec_cross(strip->lean[k], along));
        if (vec_dot(strip->normal[k], vec_sub(p, plane->origin)) < 0.0)
            strip->normal[k] = vec_scale(strip->normal[k], -1.0);
        double gap = s > strip->over_mm - 2.0 ? 2.0 * paper_gap_mm : paper_gap_mm;
        strip->knot[k] = vec_madd(p, gap, strip->normal[k]);
    }
}

static bool strip_mesh(Arena *arena, Strip *strip, Err *err)
{
    Mesh *mesh = &strip->mesh;
    *mesh = (Mesh){.vertex_count = 2 * strip->count, .unit_mm = 1.0, .material_count = 1};
    mesh->position = ARENA_NEW(arena, Vec3, (size_t)mesh->vertex_count);
    mesh->triangle = arena_alloc(arena, (size_t)strip->count * 2, sizeof *mesh->triangle);
    mesh->material_list = ARENA_NEW(arena, MeshMaterial, 1);
    if (mesh->position == NULL || mesh->triangle == NULL || mesh->material_list == NULL)
        return err_set(err, ERR_LIMIT, "no room for the strip within the memory limit");
    mesh->material_list[0].image = -1;
    for (int k = 0; k < strip->count; k++) {
        mesh->position[2 * k] = vec_madd(strip->knot[k], strip->marker->top_mm, strip->lean[k]);
        mesh->position[2 * k + 1] =
            vec_madd(strip->knot[k], strip->marker->bottom_mm, strip->lean[k]);
        if (k + 1 == strip->count)
            break;
        int(*t)[3] = mesh->triangle + mesh->triangle_count;
        memcpy(t[0], (int[]){2 * k, 2 * k + 1, 2 * k + 2}, sizeof t[0]);
        memcpy(t[1], (int[]){2 * k + 2, 2 * k + 1, 2 * k + 3}, sizeof t[1]);
        mesh->triangle_count += 2;
    }
    return mesh_rays_open(mesh, &strip->rays, err);
}

bool strip_wear(Arena *arena, Arena *scratch, const Marker *marker, const Sample *sample,
                const Bust *bust, double front_mm, Strip *strip, Err *err)
{
    const double clear_mm = 1.0, ear_z_mm = -13.0;
    size_t mark = arena_mark(scratch);
    *strip = (Strip){.marker = marker,
                     .knot = ARENA_NEW(arena, Vec3, STRIP_LIMIT),
                     .normal = ARENA_NEW(arena, Vec3, STRIP_LIMIT),
                     .lean = ARENA_NEW(arena, Vec3, STRIP_LIMIT)};
    double(*point)[2] = arena_alloc(scratch, SECTION_POINTS, sizeof *point);
    if (strip->knot == NULL || strip->normal == NULL || strip->lean == NULL || point == NULL)
        return err_set(err, ERR_LIMIT, "no room for the strip within the memory limit");
    Vec3 front = above_glabella(bust, sample->landmark_mm[HEAD_GLABELLA], front_mm);
    double ear_mm = ear_top_mm(bust) + marker->bottom_mm + clear_mm;
    double slope = fmax(0.0, (front.y - ear_mm) / (front.z - ear_z_mm));
    Plane2 plane = {.forward = vec_normalize(vec3(0.0, slope, 1.0)), .left = vec3(1.0, 0.0, 0.0)};
    plane.origin = vec_madd(front, -front.z / plane.forward.z, plane.forward);
    strip->axis = vec_cross(plane.forward, plane.left);
    if (strip->axis.y > 0.0)
        strip->axis = vec_scale(strip->axis, -1.0);
    int count = taut_section(bust, &plane, point);
    lay_knots(bust, &plane, count, point, strip);
    Vec3 normal;
    strip_point(strip, 0.0, 0.0, &strip->front, &normal);
    arena_rewind(scratch, mark);
    return strip_mesh(arena, strip, err);
}

void strip_close(Strip *strip)
{
    mesh_rays_close(&strip->rays);
}

void strip_point(const Strip *strip, double along_mm, double down_mm, Vec3 *point, Vec3 *normal)
{
    double at = fmin(fmax(along_mm - strip->first_mm, 0.0), strip->count - 1.0);
    int k = (int)fmin(floor(at), strip->count - 2.0);
    Vec3 middle = vec_lerp(strip->knot[k], strip->knot[k + 1], at - k);
    Vec3 lean = vec_lerp(strip->lean[k], strip->lean[k + 1], at - k);
    *point = vec_madd(middle, down_mm, lean);
    *normal = vec_normalize(vec_lerp(strip->normal[k], strip->normal[k + 1], at - k));
}

/* Most rays pass far from the paper: it lies between two planes, about the middle of the head. */
static bool strip_near(const Strip *strip, Vec3 origin, Vec3 direction)
{
    const double half_mm = 20.0, around_mm = 130.0;
    double height = vec_dot(vec_sub(origin, strip->front), strip->axis);
    double fall = vec_dot(direction, strip->axis), low = 0.0, high = 1e9;
    if (fabs(fall) > 1e-9) {
        double a = (-half_mm - height) / fall, b = (half_mm - height) / fall;
        low = fmin(a, b);
        high = fmax(a, b);
    } else if (fabs(height) > half_mm)
        return false;
    Vec3 middle = vec3(0.0, strip->front.y - 15.0, -5.0);
    double t = vec_dot(vec_sub(middle, origin), direction);
    t = fmin(fmax(t, low), high);
    return vec_distance(vec_madd(origin, t, direction), middle) < around_mm;
}

bool strip_hit(const Strip *strip, Vec3 origin, Vec3 direction, double *distance, double mm[2])
{
    if (!strip_near(strip, origin, direction))
        return false;
    MeshHit hit = mesh_rays_hit(&strip->rays, origin, direction, 2000.0);
    if (hit.triangle < 0)
        return false;
    *distance = hit.distance;
    mm[0] = mm[1] = 0.0;
    for (int c = 0; c < 3; c++) {
        int v = strip->mesh.triangle[hit.triangle][c];
        mm[0] += hit.weight[c] * (strip->first_mm + v / 2);
        mm[1] += hit.weight[c] * (v % 2 == 0 ? strip->marker->top_mm : strip->marker->bottom_mm);
    }
    return true;
}

/* ---- cards ---- */

Sheet sheet_make(const Marker *marker, Vec3 middle, Vec3 normal, Vec3 up)
{
    Sheet sheet = {.marker = marker, .middle = middle, .normal = vec_normalize(normal)};
    sheet.y = vec_normalize(vec_madd(vec_scale(up, -1.0), vec_dot(up, sheet.normal), sheet.normal));
    sheet.x = vec_cross(sheet.normal, sheet.y); /* x, y and into the paper are right-handed */
    return sheet;
}

void sheet_rest(const Bust *bust, double half_mm, double gap_mm, Sheet *sheet)
{
    enum { STEPS = 9 };
    const double reach_mm = 120.0;
    double height = -1e9;
    for (int i = 0; i < STEPS * STEPS; i++) {
        double x = half_mm * (2.0 * (i % STEPS) / (STEPS - 1) - 1.0);
        double y = half_mm * (2.0 * (i / STEPS) / (STEPS - 1) - 1.0);
        bool inside = fabs(x) < half_mm - 1e-9 && fabs(y) < half_mm - 1e-9;
        if (sheet->marker->has_window && inside)
            continue; /* only the rim of the window rests on anything */
        Vec3 p = sheet_point(sheet, x, y), hit;
        if (bust_hit(bust, vec_madd(p, reach_mm, sheet->normal),
                     vec_madd(p, -reach_mm, sheet->normal), true, &hit))
            height = fmax(height, vec_dot(vec_sub(hit, sheet->middle), sheet->normal));
    }
    if (height > -1e8)
        sheet->middle = vec_madd(sheet->middle, height + gap_mm, sheet->normal);
}

Vec3 sheet_point(const Sheet *sheet, double x_mm, double y_mm)
{
    return vec_madd(vec_madd(sheet->middle, x_mm, sheet->x), y_mm, sheet->y);
}

bool sheet_hit(const Sheet *sheet, Vec3 origin, Vec3 direction, double *distance, double mm[2])
{
    double towards = vec_dot(direction, sheet->normal);
    double height = vec_dot(vec_sub(origin, sheet->middle), sheet->normal);
    if (fabs(towards) < 1e-9 || height / towards > 0.0)
        return false;
    *distance = -height / towards;
    Vec3 p = vec_sub(vec_madd(origin, *distance, direction), sheet->middle);
    mm[0] = vec_dot(p, sheet->x);
    mm[1] = vec_dot(p, sheet->y);
    const Marker *m = sheet->marker;
    if (mm[0] < m->left_mm || mm[0] > m->right_mm || mm[1] < m->top_mm || mm[1] > m->bottom_mm)
        return false;
    return !(m->has_window && mm[0] > m->window_mm[0] && mm[0] < m->window_mm[2] &&
             mm[1] > m->window_mm[1] && mm[1] < m->window_mm[3]);
}
