#include "head/head.h"

#include <assert.h>

/* Fast marching that carries the direction of travel with every distance.
 *
 * A vertex is settled in the order of distance. When the second vertex of a triangle settles, the
 * third is reached through the edge between them, unfolded into the plane:
 *   near a point source both distances place one virtual source, and the third distance is measured
 *   from there, exact while the triangles between are the same (Novotni, Klein, "Computing geodesic
 *   distances on triangular meshes", WSCG 2002; Trettner, Bommes, Kobbelt, "Geodesic distance
 *   computation via virtual source propagation", SGP 2021);
 *   further out, and for curves, whose fronts are not circles about one point, the distance along
 *   the edge is the cubic through both distances and both slopes, and the third distance is the
 *   least of d(t) + |e(t) c|.
 * Where neither path crosses the edge, the edges themselves are an upper bound. */

typedef struct Front { /* a vertex that waits in the heap */
    double distance_mm;
    int vertex;
} Front;

typedef struct March {
    const Head *head;
    double *distance_mm;
    Vec3
        *travel; /* waiting: where the way here comes from; settled: unit, the way the front goes */
    Front *heap; /* least distance first */
    int *place;  /* in the heap; UNSEEN or SETTLED */
    int heap_count;
    bool *touched;  /* corners of the triangles that hold a source */
    double near_mm; /* virtual sources up to here */
} March;

enum { UNSEEN = -1, SETTLED = -2 };

/* Where the virtual source is better than the cubic: the front bends within an edge. */
static const double near_source_mm = 12.0;

static void heap_put(March *march, int at, Front front)
{
    march->heap[at] = front;
    march->place[front.vertex] = at;
}

static void heap_up(March *march, int at, Front front)
{
    while (at > 0) {
        int parent = (at - 1) / 2;
        if (march->heap[parent].distance_mm <= front.distance_mm)
            break;
        heap_put(march, at, march->heap[parent]);
        at = parent;
    }
    heap_put(march, at, front);
}

static int heap_pop(March *march)
{
    int top = march->heap[0].vertex, count = --march->heap_count, at = 0;
    Front front = march->heap[count];
    for (int child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count &&
            march->heap[child + 1].distance_mm < march->heap[child].distance_mm)
            child++;
        if (march->heap[child].distance_mm >= front.distance_mm)
            break;
        heap_put(march, at, march->heap[child]);
        at = child;
    }
    if (count > 0)
        heap_put(march, at, front);
    march->place[top] = SETTLED;
    return top;
}

/* A shorter way to vertex, the last piece of it straight from `from`. */
static void offer(March *march, int vertex, double distance_mm, Vec3 from)
{
    if (distance_mm >= march->distance_mm[vertex])
        return;
    march->distance_mm[vertex] = distance_mm;
    march->travel[vertex] = from;
    int at = march->place[vertex];
    heap_up(march, at == UNSEEN ? march->heap_count++ : at, (Front){distance_mm, vertex});
}

/* An edge from (0, 0) to (length, 0) with distances at its ends, and a point (x, y), y > 0. */
typedef struct Crossing {
    double length, distance[2], slope[2]; /* slope: change of distance per mm along the edge */
    double x, y;
} Crossing;

/* Where along the edge (0..1) the straight line from the virtual source passes; false if it does
 * not. */
static bool cross_virtual(const Crossing *c, double *at, double *distance_mm)
{
    double a = c->distance[0], b = c->distance[1];
    double sx = (a * a - b * b + c->length * c->length) / (2.0 * c->length);
    double sy2 = a * a - sx * sx;
    if (sy2 < -1e-9 * c->length * c->length)
        return false; /* two sources that do not agree */
    double sy = sy2 > 0.0 ? sqrt(sy2) : 0.0;
    double x = sx + (c->x - sx) * sy / (sy + c->y);
    *at = x / c->length;
    *distance_mm = sqrt((c->x - sx) * (c->x - sx) + (c->y + sy) * (c->y + sy));
    return x >= 0.0 && x <= c->length;
}

/* The same with the cubic along the edge. The crossing of the plane front is close and the sum is
 * flat around its least, so one step of Newton's method leaves 0.0003 mm. */
static bool cross_cubic(const Crossing *c, double *at, double *distance_mm)
{
    double rise = c->distance[1] - c->distance[0], tilt = rise / c->length;
    if (!(tilt * tilt < 0.999))
        return false;
    /* d(t) = d0 + t (m0 + t (k2 + t k3)) */
    double m0 = c->slope[0] * c->length, m1 = c->slope[1] * c->length;
    double k2 = 3.0 * rise - 2.0 * m0 - m1, k3 = m0 + m1 - 2.0 * rise;
    double t = (c->x - c->y * tilt / sqrt(1.0 - tilt * tilt)) / c->length;
    t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    double dx = c->x - t * c->length, across2 = dx * dx + c->y * c->y, across = sqrt(across2);
    double first = m0 + t * (2.0 * k2 + 3.0 * t * k3) - c->length * dx / across;
    double bend = c->length * c->y; /* second derivative of |e(t) c|: bend^2 / across^3 */
    double second = 2.0 * k2 + 6.0 * t * k3 + bend * bend / (across * across2);
    if (!(second > 0.0))
        return false;
    t -= first / second;
    if (!(t >= 0.0 && t <= 1.0))
        return false;
    dx = c->x - t * c->length;
    *at = t;
    *distance_mm = c->distance[0] + t * (m0 + t * (k2 + t * k3)) + sqrt(dx * dx + c->y * c->y);
    return true;
}

/* a has just settled, b before it; c is reached through the edge between them. */
static void reach_through(March *march, int a, int b, int c)
{
    const Vec3 *position = march->head->position_mm;
    Vec3 edge = vec_sub(position[b], position[a]), to = vec_sub(position[c], position[a]);
    double length = vec_length(edge);
    if (!(length > 0.0))
        return;
    Vec3 along = vec_scale(edge, 1.0 / length);
    double x = vec_dot(to, along), y2 = vec_dot(to, to) - x * x;
    if (!(y2 > 0.0))
        return;
    Crossing crossing = {
        .length = length,
        .x = x,
        .y = sqrt(y2),
        .distance = {march->distance_mm[a], march->distance_mm[b]},
        .slope = {vec_dot(march->travel[a], along), vec_dot(march->travel[b], along)}};
    double at, distance_mm;
    bool crossed = march->distance_mm[a] < march->near_mm
                       ? cross_virtual(&crossing, &at, &distance_mm)
                       : cross_cubic(&crossing, &at, &distance_mm);
    if (crossed)
        offer(march, c, distance_mm, vec_madd(position[a], at, edge));
}

/* The edge itself; most often it is longer than what is known, which needs no root to see. */
static void reach_along(March *march, int a, int b)
{
    const Vec3 *position = march->head->position_mm;
    Vec3 edge = vec_sub(position[b], position[a]);
    double gain = march->distance_mm[b] - march->distance_mm[a], length2 = vec_dot(edge, edge);
    if (gain * gain > length2)
        offer(march, b, march->distance_mm[a] + sqrt(length2), position[a]);
}

static void settle(March *march, int vertex)
{
    const HeadTopology *topology = march->head->topology;
    march->travel[vertex] =
        vec_normalize(vec_sub(march->head->position_mm[vertex], march->travel[vertex]));
    int first = topology->neighbor_start[vertex], end = topology->neighbor_start[vertex + 1];
    for (int i = first; i < end; i++) {
        int b = topology->neighbor[i], c = topology->neighbor[i + 1 < end ? i + 1 : first];
        bool b_settled = march->place[b] == SETTLED, c_settled = march->place[c] == SETTLED;
        if (!b_settled)
            reach_along(march, vertex, b);
        if (topology->around[i] < 0 || b_settled == c_settled)
            continue;
        int known = b_settled ? b : c, wanted = b_settled ? c : b;
        if (!march->touched[vertex] && !march->touched[known])
            reach_through(march, vertex, known, wanted);
    }
}

static bool march_new(Arena *scratch, const Head *head, double distance_mm[], double near_mm,
                      March *march, Err *err)
{
    size_t n = (size_t)head->topology->vertex_count;
    *march = (March){
        .head = head,
        .distance_mm = distance_mm,
        .near_mm = near_mm,
        .travel = ARENA_NEW(scratch, Vec3, n),
        .heap = ARENA_NEW(scratch, Front, n),
        .place = ARENA_NEW(scratch, int, n),
        .touched = ARENA_NEW(scratch, bool, n),
    };
    if (march->travel == NULL || march->heap == NULL || march->place == NULL ||
        march->touched == NULL)
        return err_set(err, ERR_LIMIT, "no room to measure distances on %zu vertices", n);
    for (size_t v = 0; v < n; v++) {
        distance_mm[v] = HUGE_VAL;
        march->place[v] = UNSEEN;
    }
    return true;
}

static void march_on(March *march)
{
    while (march->heap_count > 0)
        settle(march, heap_pop(march));
}

static Vec3 nearest_on_segment(Vec3 p, Vec3 a, Vec3 b)
{
    Vec3 along = vec_sub(b, a);
    double length2 = vec_dot(along, along);
    double t = length2 > 0.0 ? vec_dot(vec_sub(p, a), along) / length2 : 0.0;
    return vec_lerp(a, b, fmin(fmax(t, 0.0), 1.0));
}

static void seed(March *march, int vertex, Vec3 a, Vec3 b)
{
    Vec3 from = nearest_on_segment(march->head->position_mm[vertex], a, b);
    offer(march, vertex, vec_distance(from, march->head->position_mm[vertex]), from);
}

/* Straight distances from a piece of a source to the vertices within two edges of the triangle it
 * ends in: there the chord is the geodesic to 0.001 mm (field/canvas 2.3). The triangle's corners
 * then need not and must not hand on distances: across the source the distance has a crease that no
 * cubic follows, and round a source beside a vertex the order of settling is not that of sight. */
static void seed_around(March *march, HeadPoint end, Vec3 a, Vec3 b)
{
    const HeadTopology *topology = march->head->topology;
    const int *corner = topology->triangle[end.triangle], *start = topology->neighbor_start;
    for (int k = 0; k < 3; k++) {
        march->touched[corner[k]] = true;
        for (int i = start[corner[k]]; i < start[corner[k] + 1]; i++)
            for (int j = start[topology->neighbor[i]]; j < start[topology->neighbor[i] + 1]; j++)
                seed(march, topology->neighbor[j], a, b);
    }
}

bool head_distance(Arena *scratch, const Head *head, int source_count, const HeadPoint source[],
                   double distance_mm[], Err *err)
{
    if (source_count < 1)
        return err_set(err, ERR_INPUT, "distances need at least one source, got %d", source_count);
    for (int s = 0; s < source_count; s++)
        if (source[s].triangle < 0 || source[s].triangle >= head->topology->triangle_count)
            return err_set(err, ERR_INPUT, "source %d is not on the canvas", s);
    size_t mark = arena_mark(scratch);
    March march;
    bool ok = march_new(scratch, head, distance_mm, near_source_mm, &march, err);
    for (int s = 0; ok && s < source_count; s++) {
        Vec3 at = head_position_mm(head, source[s]);
        seed_around(&march, source[s], at, at);
    }
    if (ok)
        march_on(&march);
    arena_rewind(scratch, mark);
    return ok;
}

/* ---- curves ---------------------------------------------------------------------------------- */

static const double curve_step_mm = 0.5; /* a third of an edge of level 6 */

static bool seed_piece(March *march, Vec3 from, Vec3 to)
{
    bool seeded = false;
    int steps = (int)ceil(vec_distance(from, to) / curve_step_mm);
    steps = steps < 1 ? 1 : steps;
    HeadPoint before = head_nearest(march->head, from);
    Vec3 a = before.triangle >= 0 ? head_position_mm(march->head, before) : from;
    for (int i = 1; i <= steps; i++) {
        HeadPoint now = head_nearest(march->head, vec_lerp(from, to, (double)i / steps));
        if (now.triangle < 0) {
            before = now;
            continue;
        }
        Vec3 b = head_position_mm(march->head, now);
        if (before.triangle < 0)
            a = b;
        else if (before.triangle != now.triangle)
            seed_around(march, before, a, b);
        seed_around(march, now, a, b);
        seeded = true;
        before = now;
        a = b;
    }
    return seeded;
}

bool head_distance_to_curve(Arena *scratch, const Head *head, int point_count,
                            const Vec3 point_mm[], bool closed, double distance_mm[], Err *err)
{
    if (point_count < 1)
        return err_set(err, ERR_INPUT, "a curve needs at least one point, got %d", point_count);
    for (int i = 0; i < point_count; i++)
        if (!vec_is_finite(point_mm[i]) || vec_distance(point_mm[i], head->centre_mm) > 1000.0)
            return err_set(err, ERR_INPUT, "curve point %d (%g, %g, %g) mm is not near the head", i,
                           point_mm[i].x, point_mm[i].y, point_mm[i].z);
    size_t mark = arena_mark(scratch);
    March march;
    bool ok = march_new(scratch, head, distance_mm, 0.0, &march, err), seeded = false;
    int pieces = closed || point_count == 1 ? point_count : point_count - 1;
    for (int i = 0; ok && i < pieces; i++)
        seeded = seed_piece(&march, point_mm[i], point_mm[(i + 1) % point_count]) || seeded;
    if (ok && !seeded)
        ok = err_set(err, ERR_INPUT, "no part of the curve of %d points lies on the canvas",
                     point_count);
    if (ok)
        march_on(&march);
    arena_rewind(scratch, mark);
    return ok;
}
