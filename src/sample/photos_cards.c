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
            if (bust_hit(bust, from, to, true, &with) && bust_hit(bust, from, to, false, &without) &&
                with.x > without.x + 3.0)
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

/* Knots 1 mm apart along the closed outline, from `first` mm (negative: to the wearer's right). */
static void lay_knots(const Plane2 *plane, int count, double (*point)[2], Strip *strip)
{
    double length = 0.0;
    for (int i = 0; i < count; i++) {
        const double *p = point[i], *q = point[(i + 1) % count];
        length += hypot(q[0] - p[0], q[1] - p[1]);
    }
    double half = fmin(0.5 * length - 0.5, fmin(strip->marker->right_mm, -strip->marker->left_mm));
    strip->count = (int)fmin(2.0 * floor(half) + 1.0, STRIP_LIMIT);
    strip->first_mm = -floor(half);
    int at = 0;
    double begin = 0.0;
    for (int k = 0; k < strip->count; k++) {
        /* from the front on to the left; what lies to the right comes last in the outline */
        int knot = (k + (strip->count - 1) / 2) % strip->count;
        double want = strip->first_mm + knot;
        want += want < 0.0 ? length : 0.0;
        for (;; at++) {
            const double *p = point[at % count], *q = point[(at + 1) % count];
            double piece = hypot(q[0] - p[0], q[1] - p[1]);
            if (begin + piece >= want || at > 2 * count) {
                double t = (want - begin) / piece;
                double m[2] = {p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])};
                strip->knot[knot] = lift(plane, m);
                break;
            }
            begin += piece;
        }
    }
    for (int k = 0; k < strip->count; k++) {
        Vec3 before = strip->knot[k > 0 ? k - 1 : 0];
        Vec3 after = strip->knot[k + 1 < strip->count ? k + 1 : k];
        strip->normal[k] = vec_normalize(vec_cross(strip->down, vec_sub(after, before)));
        if (vec_dot(strip->normal[k], vec_sub(strip->knot[k], plane->origin)) < 0.0)
            strip->normal[k] = vec_scale(strip->normal[k], -1.0);
    }
    for (int k = 0; k < strip->count; k++)
        strip->knot[k] = vec_madd(strip->knot[k], paper_gap_mm, strip->normal[k]);
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
        mesh->position[2 * k] =
            vec_madd(strip->knot[k], strip->marker->top_mm, strip->down);
        mesh->position[2 * k + 1] =
            vec_madd(strip->knot[k], strip->marker->bottom_mm, strip->down);
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
                     .normal = ARENA_NEW(arena, Vec3, STRIP_LIMIT)};
    double(*point)[2] = arena_alloc(scratch, SECTION_POINTS, sizeof *point);
    if (strip->knot == NULL || strip->normal == NULL || point == NULL)
        return err_set(err, ERR_LIMIT, "no room for the strip within the memory limit");
    Vec3 front = above_glabella(bust, sample->landmark_mm[HEAD_GLABELLA], front_mm);
    double ear_mm = ear_top_mm(bust) + marker->bottom_mm + clear_mm;
    double slope = fmax(0.0, (front.y - ear_mm) / (front.z - ear_z_mm));
    Plane2 plane = {.forward = vec_normalize(vec3(0.0, slope, 1.0)), .left = vec3(1.0, 0.0, 0.0)};
    plane.origin = vec_madd(front, -front.z / plane.forward.z, plane.forward);
    strip->down = vec_cross(plane.forward, plane.left);
    if (strip->down.y > 0.0)
        strip->down = vec_scale(strip->down, -1.0);
    int count = taut_section(bust, &plane, point);
    lay_knots(&plane, count, point, strip);
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
    *point = vec_madd(middle, down_mm, strip->down);
    *normal = vec_normalize(vec_lerp(strip->normal[k], strip->normal[k + 1], at - k));
}

bool strip_hit(const Strip *strip, Vec3 origin, Vec3 direction, double *distance, double mm[2])
{
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
    sheet.x = vec_cross(sheet.normal, sheet.y);
    sheet.x = vec_scale(sheet.x, -1.0); /* x, y, and into the paper are right-handed */
    return sheet;
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
