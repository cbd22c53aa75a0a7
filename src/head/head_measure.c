#include "head/head_internal.h"

#include <stdlib.h>

/* The helix ends about 30 mm above the tragion (ears are 63 +- 4 mm long, the tragion a little
 * above the middle): callipers and tape pass above this. */
static const double ear_top_mm = MEASURE_EAR_TOP_MM;
/* Half the width of the strip beside the midline where the back of the head is looked for. */
static const double midline_mm = 10.0;
/* The hair-bearing scalp of field/canvas 1.4. */
static const double hairline_mm = 65.0, side_mm = 125.0;

static Vec3 on_surface(const Head *head, Vec3 landmark_mm)
{
    HeadPoint point = head_nearest(head, landmark_mm);
    return point.triangle >= 0 ? head_position_mm(head, point) : landmark_mm;
}

static Vec3 back_of_head(const Head *head, Vec3 glabella)
{
    Vec3 best = glabella;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        Vec3 p = head->position_mm[v];
        if (fabs(p.x - glabella.x) < midline_mm && p.y > 0.0 &&
            vec_distance(p, glabella) > vec_distance(best, glabella))
            best = p;
    }
    return best;
}

/* ---- the tape round the head ----------------------------------------------------------------- */

static int compare_flat(const void *a, const void *b)
{
    const Flat *p = a, *q = b;
    int by_u = (p->u > q->u) - (p->u < q->u);
    return by_u != 0 ? by_u : (p->v > q->v) - (p->v < q->v);
}

static double turn(Flat a, Flat b, Flat c)
{
    return (b.u - a.u) * (c.v - a.v) - (b.v - a.v) * (c.u - a.u);
}

/* A. Andrew, Inform. Proc. Lett. 9 (1979) 216. */
double measure_hull_mm(int count, Flat point[], Flat hull[])
{
    qsort(point, (size_t)count, sizeof point[0], compare_flat);
    double length = 0.0;
    for (int half = 0; half < 2; half++) {
        int used = 0;
        for (int i = 0; i < count; i++) {
            Flat p = point[half == 0 ? i : count - 1 - i];
            while (used >= 2 && turn(hull[used - 2], hull[used - 1], p) <= 0.0)
                used--;
            hull[used++] = p;
        }
        for (int i = 1; i < used; i++)
            length += hypot(hull[i].u - hull[i - 1].u, hull[i].v - hull[i - 1].v);
    }
    return length;
}

/* A tape lies in a plane and bridges hollows. The plane holds the back of the head and the
 * left-right axis, and meets the forehead at the glabella, or as far above it as the ears need. */
Plane measure_tape_plane(Vec3 glabella, Vec3 back)
{
    Vec3 along = vec_sub(glabella, back);
    double at_ears_mm = back.y - back.z / along.z * along.y; /* height over the tragions, z = 0 */
    if (at_ears_mm < ear_top_mm && back.z < 0.0)
        along.y = (ear_top_mm - back.y) * along.z / -back.z;
    return (Plane){back, vec_normalize(vec_cross(along, vec3(1.0, 0.0, 0.0)))};
}

static bool tape(Arena *scratch, const Head *head, Plane plane, double *length_mm, Err *err)
{
    size_t capacity = (size_t)head->topology->triangle_count, mark = arena_mark(scratch);
    Flat *point = ARENA_NEW(scratch, Flat, capacity), *hull = ARENA_NEW(scratch, Flat, capacity);
    if (point == NULL || hull == NULL)
        return err_set(err, ERR_LIMIT, "no room to lay a tape over %zu triangles", capacity);
    Vec3 v_axis = vec_cross(plane.normal, vec3(1.0, 0.0, 0.0));
    SectionWalk walk;
    int count = 0;
    for (bool on = section_start(head, plane, plane.point_mm, 0, &walk); on;
         on = section_next(&walk))
        point[count++] = (Flat){walk.at_mm.x, vec_dot(walk.at_mm, v_axis)};
    bool ok = count > 2 && walk.triangle >= 0;
    if (ok) {
        *length_mm = measure_hull_mm(count, point, hull);
    } else {
        ok = err_set(err, ERR_INPUT,
                     "the tape from the glabella round the back leaves the canvas: check the "
                     "landmarks");
    }
    arena_rewind(scratch, mark);
    return ok;
}

/* ---- the hair-bearing scalp ------------------------------------------------------------------ */

/* The point a tape reaches after length_mm along a section. */
static Vec3 along_section(int count, const Vec3 point[], double length_mm)
{
    for (int i = 1; i < count; i++) {
        double step = vec_distance(point[i - 1], point[i]);
        if (length_mm <= step)
            return vec_lerp(point[i - 1], point[i], step > 0.0 ? length_mm / step : 0.0);
        length_mm -= step;
    }
    return point[count - 1];
}

/* Part of a triangle where all three linear functions of its corners are positive: each is cut off
 * in turn (Sutherland, Hodgman, CACM 17 (1974) 32). value[limit][corner]. */
enum { LIMITS = 3, CLIP_CORNERS = 3 + LIMITS };

typedef struct ClipCorner {
    Vec3 at;
    double value[LIMITS];
} ClipCorner;

static ClipCorner clip_between(const ClipCorner *a, const ClipCorner *b, double t)
{
    ClipCorner c = {.at = vec_lerp(a->at, b->at, t)};
    for (int l = 0; l < LIMITS; l++)
        c.value[l] = a->value[l] + t * (b->value[l] - a->value[l]);
    return c;
}

static double clipped_area(ClipCorner corner[CLIP_CORNERS])
{
    int count = 3;
    for (int l = 0; l < LIMITS; l++) {
        ClipCorner kept[CLIP_CORNERS];
        int used = 0;
        for (int i = 0; i < count; i++) {
            const ClipCorner *a = &corner[i], *b = &corner[(i + 1) % count];
            if (a->value[l] >= 0.0)
                kept[used++] = *a;
            if ((a->value[l] >= 0.0) != (b->value[l] >= 0.0))
                kept[used++] = clip_between(a, b, a->value[l] / (a->value[l] - b->value[l]));
        }
        for (int i = 0; i < used; i++)
            corner[i] = kept[i];
        count = used;
    }
    Vec3 sum = {0};
    for (int i = 2; i < count; i++)
        sum = vec_add(sum, vec_cross(vec_sub(corner[i - 1].at, corner[0].at),
                                     vec_sub(corner[i].at, corner[0].at)));
    return 0.5 * vec_length(sum);
}

/* What the three limits of head.h say of a vertex, positive inside. */
static ClipCorner scalp_corner(const Head *head, int vertex, Vec3 behind, double from_midline_mm)
{
    Vec3 p = head->position_mm[vertex];
    double above_nape = p.y - head->landmark_mm[HEAD_INION].y;
    return (ClipCorner){p, {vec_dot(p, behind), side_mm - from_midline_mm, above_nape}};
}

static double scalp_area_mm2(const Head *head, const double from_midline_mm[], Vec3 hairline)
{
    Vec3 behind = vec_normalize(vec3(0.0, hairline.z, -hairline.y)); /* of the ear-to-ear plane */
    double sum = 0.0;
    for (int t = 0; t < head->topology->triangle_count; t++) {
        const int *v = head->topology->triangle[t];
        ClipCorner corner[CLIP_CORNERS];
        for (int k = 0; k < 3; k++)
            corner[k] = scalp_corner(head, v[k], behind, from_midline_mm[v[k]]);
        sum += clipped_area(corner);
    }
    return sum;
}

static bool scalp(Arena *scratch, const Head *head, Vec3 glabella, HeadMeasures *measures, Err *err)
{
    enum { MIDLINE_POINTS = 4096 };
    size_t mark = arena_mark(scratch);
    double *distance_mm = ARENA_NEW(scratch, double, (size_t)head->topology->vertex_count);
    Vec3 *point = ARENA_NEW(scratch, Vec3, MIDLINE_POINTS);
    if (distance_mm == NULL || point == NULL)
        return err_set(err, ERR_LIMIT, "no room to measure the scalp");
    int count = 0;
    bool ok =
        head_section(head, glabella, head->landmark_mm[HEAD_INION], head->landmark_mm[HEAD_VERTEX],
                     MIDLINE_POINTS, point, &count, &measures->sagittal_arc_mm, err) &&
        head_distance_to_curve(scratch, head, count, point, false, distance_mm, err);
    if (ok)
        measures->scalp_mm2 =
            scalp_area_mm2(head, distance_mm, along_section(count, point, hairline_mm));
    arena_rewind(scratch, mark);
    return ok;
}

static bool landmarks_make_sense(const Head *head, Err *err)
{
    static const char *const name[HEAD_POSE_LANDMARKS] = {"glabella", "left tragion",
                                                          "right tragion", "vertex", "inion"};
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++) {
        Vec3 p = head->landmark_mm[i];
        if (!vec_is_finite(p) || head_nearest(head, p).triangle < 0)
            return err_set(err, ERR_INPUT, "the %s (%g, %g, %g) mm is not on the canvas", name[i],
                           p.x, p.y, p.z);
    }
    const Vec3 *p = head->landmark_mm;
    if (p[HEAD_GLABELLA].z < 30.0 || p[HEAD_INION].z > -30.0 || p[HEAD_VERTEX].y < 30.0 ||
        p[HEAD_TRAGION_LEFT].x < 30.0 || p[HEAD_TRAGION_RIGHT].x > -30.0)
        return err_set(err, ERR_INPUT,
                       "the landmarks are not where a head has them: glabella z %g, inion z %g, "
                       "vertex y %g, tragions x %g and %g mm",
                       p[HEAD_GLABELLA].z, p[HEAD_INION].z, p[HEAD_VERTEX].y,
                       p[HEAD_TRAGION_LEFT].x, p[HEAD_TRAGION_RIGHT].x);
    return true;
}

bool head_measure(Arena *scratch, const Head *head, HeadMeasures *measures, Err *err)
{
    if (!landmarks_make_sense(head, err))
        return false;
    Vec3 glabella = on_surface(head, head->landmark_mm[HEAD_GLABELLA]);
    Vec3 back = back_of_head(head, glabella);
    double top = 0.0, left = 0.0, right = 0.0;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        Vec3 p = head->position_mm[v];
        top = fmax(top, p.y);
        left = p.y > ear_top_mm ? fmax(left, p.x) : left;
        right = p.y > ear_top_mm ? fmin(right, p.x) : right;
    }
    const Vec3 *tragion = &head->landmark_mm[HEAD_TRAGION_LEFT];
    *measures = (HeadMeasures){
        .length_mm = vec_distance(glabella, back),
        .breadth_mm = left - right,
        .tragion_vertex_mm = top - 0.5 * (tragion[0].y + tragion[1].y),
    };
    return tape(scratch, head, measure_tape_plane(glabella, back), &measures->circumference_mm,
                err) &&
           head_section(head, tragion[0], tragion[1], head->landmark_mm[HEAD_VERTEX], 0, NULL, NULL,
                        &measures->coronal_arc_mm, err) &&
           scalp(scratch, head, glabella, measures, err);
}
