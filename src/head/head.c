#include "head/head.h"

#include <assert.h>
#include <string.h>

/* ---- the triangles ---------------------------------------------------------------------------
 * The icosahedron (0, +-1, +-g) in cyclic order has the three coordinate planes as mirrors, and
 * midpoints keep them to the last bit: the canvas is exactly symmetric about x = 0. */

enum { ICOSAHEDRON_VERTICES = 12, ICOSAHEDRON_TRIANGLES = 20, LEVEL_LIMIT = 9, RING_LIMIT = 8 };

static const double golden = 1.6180339887498948482;

static const int icosahedron[ICOSAHEDRON_TRIANGLES][3] = {
    {0, 1, 4},   {0, 1, 6},   {0, 4, 8}, {0, 6, 9},  {0, 8, 9}, {1, 4, 10}, {1, 6, 11},
    {1, 10, 11}, {2, 3, 5},   {2, 3, 7}, {2, 5, 8},  {2, 7, 9}, {2, 8, 9},  {3, 5, 10},
    {3, 7, 11},  {3, 10, 11}, {4, 5, 8}, {4, 5, 10}, {6, 7, 9}, {6, 7, 11},
};

/* The whole sphere while it is being subdivided. midpoint is a hash table of edges: key is
 * lower * 2^32 + upper + 1 (0 is free), value the vertex on its middle. */
typedef struct Sphere {
    int vertex_count, triangle_count;
    Vec3 *direction;
    int (*triangle)[3], (*finer)[3];
    size_t slot_count; /* a power of two */
    uint64_t *key;
    int *midpoint;
} Sphere;

static void icosahedron_start(Sphere *sphere)
{
    for (int i = 0; i < 4; i++) {
        double a = (i & 1) == 0 ? 1.0 : -1.0, b = (i & 2) == 0 ? golden : -golden;
        sphere->direction[i] = vec_normalize(vec3(a, b, 0.0));
        sphere->direction[4 + i] = vec_normalize(vec3(0.0, a, b));
        sphere->direction[8 + i] = vec_normalize(vec3(b, 0.0, a));
    }
    sphere->vertex_count = ICOSAHEDRON_VERTICES;
    sphere->triangle_count = ICOSAHEDRON_TRIANGLES;
    for (int t = 0; t < ICOSAHEDRON_TRIANGLES; t++) {
        int a = icosahedron[t][0], b = icosahedron[t][1], c = icosahedron[t][2];
        const Vec3 *d = sphere->direction;
        bool outward = vec_dot(d[a], vec_cross(d[b], d[c])) > 0.0;
        sphere->triangle[t][0] = a;
        sphere->triangle[t][1] = outward ? b : c;
        sphere->triangle[t][2] = outward ? c : b;
    }
}

static size_t edge_slot(const Sphere *sphere, int a, int b, uint64_t *key)
{
    uint64_t lower = (uint64_t)(a < b ? a : b), upper = (uint64_t)(a < b ? b : a);
    *key = (lower << 32 | upper) + 1;
    size_t slot = (size_t)(*key * 0x9E3779B97F4A7C15u >> 20) & (sphere->slot_count - 1);
    while (sphere->key[slot] != 0 && sphere->key[slot] != *key)
        slot = (slot + 1) & (sphere->slot_count - 1);
    return slot;
}

static int edge_midpoint(Sphere *sphere, int a, int b)
{
    uint64_t key;
    size_t slot = edge_slot(sphere, a, b, &key);
    if (sphere->key[slot] == 0) {
        sphere->key[slot] = key;
        sphere->midpoint[slot] = sphere->vertex_count;
        sphere->direction[sphere->vertex_count++] =
            vec_normalize(vec_add(sphere->direction[a], sphere->direction[b]));
    }
    return sphere->midpoint[slot];
}

/* Each triangle into four, which stay together in the order. */
static void sphere_subdivide(Sphere *sphere)
{
    memset(sphere->key, 0, sphere->slot_count * sizeof sphere->key[0]);
    for (int t = 0; t < sphere->triangle_count; t++) {
        const int *v = sphere->triangle[t];
        int m[3];
        for (int k = 0; k < 3; k++)
            m[k] = edge_midpoint(sphere, v[k], v[(k + 1) % 3]);
        int(*out)[3] = &sphere->finer[4 * t];
        for (int k = 0; k < 3; k++) {
            out[k][0] = v[k];
            out[k][1] = m[k];
            out[k][2] = m[(k + 2) % 3];
        }
        memcpy(out[3], m, sizeof m);
    }
    int(*swap)[3] = sphere->triangle;
    sphere->triangle = sphere->finer;
    sphere->finer = swap;
    sphere->triangle_count *= 4;
}

/* Keeps what is above the cut; vertices are numbered as the triangles meet them. */
static void cut_sphere(const Sphere *sphere, int number[], HeadTopology *topology)
{
    topology->vertex_count = topology->triangle_count = 0;
    for (int v = 0; v < sphere->vertex_count; v++)
        number[v] = -1;
    for (int t = 0; t < sphere->triangle_count; t++) {
        const int *v = sphere->triangle[t];
        bool above = true;
        for (int k = 0; k < 3; k++)
            above = above && sphere->direction[v[k]].y > HEAD_CUT;
        if (!above)
            continue;
        for (int k = 0; k < 3; k++) {
            if (number[v[k]] < 0) {
                number[v[k]] = topology->vertex_count;
                topology->direction[topology->vertex_count++] = sphere->direction[v[k]];
            }
            topology->triangle[topology->triangle_count][k] = number[v[k]];
        }
        topology->triangle_count++;
    }
}

/* ---- who borders whom ---------------------------------------------------------------------- */

typedef struct Corners { /* of a vertex: triangle * 3 + k */
    int count, corner[RING_LIMIT];
} Corners;

static void link_triangles(HeadTopology *topology, Corners corners[])
{
    for (int t = 0; t < topology->triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            Corners *c = &corners[topology->triangle[t][k]];
            assert(c->count < RING_LIMIT);
            c->corner[c->count++] = 3 * t + k;
        }
    for (int t = 0; t < topology->triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            int a = topology->triangle[t][k], b = topology->triangle[t][(k + 1) % 3];
            topology->across[t][k] = -1;
            for (int i = 0; i < corners[b].count; i++) {
                int other = corners[b].corner[i] / 3, from = corners[b].corner[i] % 3;
                if (topology->triangle[other][(from + 1) % 3] == a)
                    topology->across[t][k] = other;
            }
        }
}

static int corner_of(const HeadTopology *topology, int triangle, int vertex)
{
    const int *v = topology->triangle[triangle];
    return v[0] == vertex ? 0 : v[1] == vertex ? 1 : 2;
}

/* The neighbours of a vertex counter-clockwise; at the rim from one side of the gap to the other.
 */
static int list_ring(const HeadTopology *topology, int vertex, int start_corner, int neighbor[],
                     int around[])
{
    int start = start_corner / 3, t = start, count = 0;
    for (;;) { /* clockwise as far as it goes */
        int before = topology->across[t][corner_of(topology, t, vertex)];
        if (before < 0 || before == start)
            break;
        t = before;
    }
    int first = t;
    do {
        int k = corner_of(topology, t, vertex);
        neighbor[count] = topology->triangle[t][(k + 1) % 3];
        around[count++] = t;
        int next = topology->across[t][(k + 2) % 3];
        if (next < 0) {
            neighbor[count] = topology->triangle[t][(k + 2) % 3];
            around[count++] = -1;
        }
        t = next;
    } while (t >= 0 && t != first);
    return count;
}

static void list_rings(HeadTopology *topology, const Corners corners[])
{
    int used = 0;
    for (int v = 0; v < topology->vertex_count; v++) {
        topology->neighbor_start[v] = used;
        used += list_ring(topology, v, corners[v].corner[0], topology->neighbor + used,
                          topology->around + used);
    }
    topology->neighbor_start[topology->vertex_count] = used;
}

/* ---- which triangle is in that direction ------------------------------------------------------
 * locator[0] = side; then side * side triangles, one near the centre of each cell of the chart. */

static const double locator_reach = 1.45; /* the rim lies at 1.44 */
/* Great circles between two vertices above the cut hang below it, by 0.018 at level 1. */
static const double lowest_direction = HEAD_CUT - 0.02;
/* Slack of the side-of-edge test: far above rounding (1e-16), far below an edge (1e-3). */
static const double edge_slack = 1e-13;

/* Side of direction seen from each edge plane, > 0 inside. weight[k] belongs to vertex k. */
static void edge_sides(const HeadTopology *topology, int triangle, Vec3 direction, double weight[3])
{
    const int *v = topology->triangle[triangle];
    const Vec3 *d = topology->direction;
    for (int k = 0; k < 3; k++)
        weight[k] = vec_dot(direction, vec_cross(d[v[(k + 1) % 3]], d[v[(k + 2) % 3]]));
}

static int lowest(const double weight[3])
{
    int k = weight[1] < weight[0] ? 1 : 0;
    return weight[2] < weight[k] ? 2 : k;
}

/* The rim is jagged: a walk may fall into a gap one or two triangles before its goal. */
static int search_near(const HeadTopology *topology, int triangle, Vec3 direction, double weight[3])
{
    const int *v = topology->triangle[triangle];
    for (int k = 0; k < 3; k++)
        for (int i = topology->neighbor_start[v[k]]; i < topology->neighbor_start[v[k] + 1]; i++) {
            int n = topology->neighbor[i];
            for (int j = topology->neighbor_start[n]; j < topology->neighbor_start[n + 1]; j++) {
                int t = topology->around[j];
                if (t < 0)
                    continue;
                edge_sides(topology, t, direction, weight);
                if (weight[lowest(weight)] >= -edge_slack)
                    return t;
            }
        }
    return -1;
}

/* Walks towards direction; *last is the triangle where the walk ended, also when it fell off. */
static int walk(const HeadTopology *topology, int start, Vec3 direction, double weight[3],
                int *last)
{
    int t = start;
    for (int step = 0, slides = 0; step <= topology->triangle_count && slides < 32; step++) {
        edge_sides(topology, t, direction, weight);
        *last = t;
        int k = lowest(weight);
        if (weight[k] >= -edge_slack)
            return t;
        for (int i = 0; i < 3 && topology->across[t][(k + 1) % 3] < 0; i++) { /* along the rim */
            weight[k] = HUGE_VAL;
            k = lowest(weight);
            slides++;
        }
        if (weight[k] >= -edge_slack)
            break;
        t = topology->across[t][(k + 1) % 3];
    }
    return search_near(topology, t, direction, weight);
}

static int locator_cell(double coordinate, int side)
{
    int cell = (int)floor((coordinate + locator_reach) / (2.0 * locator_reach) * side);
    return cell < 0 ? 0 : cell >= side ? side - 1 : cell;
}

static void fill_locator(HeadTopology *topology, int side)
{
    topology->locator[0] = side;
    int near = 0;
    for (int row = 0; row < side; row++)
        for (int i = 0; i < side; i++) {
            int column = row % 2 == 0 ? i : side - 1 - i;
            double uv[2] = {(column + 0.5) / side * 2.0 * locator_reach - locator_reach,
                            (row + 0.5) / side * 2.0 * locator_reach - locator_reach};
            double weight[3];
            int t = walk(topology, near, head_chart_direction(uv), weight, &near);
            topology->locator[1 + row * side + column] = t >= 0 ? t : near;
        }
}

bool head_topology_new(Arena *arena, int level, HeadTopology *topology, Err *err)
{
    if (level < 1 || level > LEVEL_LIMIT)
        return err_set(err, ERR_INPUT, "subdivision level %d is not within 1..%d", level,
                       LEVEL_LIMIT);
    size_t triangles = (size_t)ICOSAHEDRON_TRIANGLES << 2 * level, vertices = triangles / 2 + 2;
    int side = 2 << level;
    size_t slots = 1;
    while (slots < 2 * vertices)
        slots *= 2;
    *topology = (HeadTopology){
        .direction = ARENA_NEW(arena, Vec3, vertices),
        .triangle = arena_alloc(arena, triangles, sizeof topology->triangle[0]),
        .across = arena_alloc(arena, triangles, sizeof topology->across[0]),
        .neighbor_start = ARENA_NEW(arena, int, vertices + 1),
        .neighbor = ARENA_NEW(arena, int, 3 * triangles),
        .around = ARENA_NEW(arena, int, 3 * triangles),
        .locator = ARENA_NEW(arena, int, 1 + (size_t)side * (size_t)side),
    };
    size_t mark = arena_mark(arena);
    Sphere sphere = {
        .direction = ARENA_NEW(arena, Vec3, vertices),
        .triangle = arena_alloc(arena, triangles, sizeof sphere.triangle[0]),
        .finer = arena_alloc(arena, triangles, sizeof sphere.finer[0]),
        .slot_count = slots,
        .key = ARENA_NEW(arena, uint64_t, slots),
        .midpoint = ARENA_NEW(arena, int, slots),
    };
    int *number = ARENA_NEW(arena, int, vertices);
    Corners *corners = ARENA_NEW(arena, Corners, vertices);
    if (corners == NULL || number == NULL || sphere.midpoint == NULL || sphere.key == NULL ||
        sphere.finer == NULL || sphere.triangle == NULL || sphere.direction == NULL ||
        topology->locator == NULL || topology->around == NULL || topology->neighbor == NULL ||
        topology->neighbor_start == NULL || topology->across == NULL ||
        topology->triangle == NULL || topology->direction == NULL) {
        arena_rewind(arena, mark);
        return err_set(err, ERR_LIMIT, "no room for a canvas of level %d", level);
    }
    icosahedron_start(&sphere);
    for (int l = 0; l < level; l++)
        sphere_subdivide(&sphere);
    cut_sphere(&sphere, number, topology);
    link_triangles(topology, corners);
    list_rings(topology, corners);
    fill_locator(topology, side);
    arena_rewind(arena, mark);
    return true;
}

/* ---- the surface ----------------------------------------------------------------------------- */

/* Normals with the weights that are exact on a sphere: N. Max, J. Graphics Tools 4 (1999) 1. */
static void add_triangle(Head *head, int t)
{
    const int *v = head->topology->triangle[t];
    for (int k = 0; k < 3; k++) {
        Vec3 at = head->position_mm[v[k]];
        Vec3 b = vec_sub(head->position_mm[v[(k + 1) % 3]], at);
        Vec3 c = vec_sub(head->position_mm[v[(k + 2) % 3]], at);
        Vec3 cross = vec_cross(b, c);
        double weight = 1.0 / (vec_dot(b, b) * vec_dot(c, c));
        head->normal[v[k]] = vec_madd(head->normal[v[k]], weight, cross);
        head->area_mm2[v[k]] += vec_length(cross) / 6.0;
    }
}

/* Radii of a human head lie within 40..250 mm; this leaves room for phantoms, not for units. */
static const double radius_low_mm = 5.0, radius_high_mm = 1000.0;

bool head_new(Arena *arena, const HeadTopology *topology, const double radius_mm[], Head *head,
              Err *err)
{
    size_t n = (size_t)topology->vertex_count;
    for (size_t v = 0; v < n; v++)
        if (!(radius_mm[v] >= radius_low_mm && radius_mm[v] <= radius_high_mm))
            return err_set(err, ERR_INPUT,
                           "radius %g mm of canvas vertex %zu is not within %g..%g mm: check the "
                           "scale of the scan",
                           radius_mm[v], v, radius_low_mm, radius_high_mm);
    *head = (Head){
        .topology = topology,
        .centre_mm = HEAD_CENTRE_MM,
        .radius_mm = ARENA_NEW(arena, double, n),
        .position_mm = ARENA_NEW(arena, Vec3, n),
        .normal = ARENA_NEW(arena, Vec3, n),
        .area_mm2 = ARENA_NEW(arena, double, n),
        .source = ARENA_NEW(arena, uint8_t, n),
    };
    if (head->radius_mm == NULL || head->position_mm == NULL || head->normal == NULL ||
        head->area_mm2 == NULL || head->source == NULL)
        return err_set(err, ERR_LIMIT, "no room for a head of %zu vertices", n);
    for (size_t v = 0; v < n; v++) {
        head->radius_mm[v] = radius_mm[v];
        head->position_mm[v] = vec_madd(head->centre_mm, radius_mm[v], topology->direction[v]);
    }
    for (int t = 0; t < topology->triangle_count; t++)
        add_triangle(head, t);
    for (size_t v = 0; v < n; v++)
        head->normal[v] = vec_normalize(head->normal[v]);
    return true;
}

HeadPoint head_locate(const Head *head, Vec3 direction)
{
    const HeadTopology *topology = head->topology;
    HeadPoint point = {.triangle = -1};
    double length = vec_length(direction);
    if (!(length > 0.0) || !isfinite(length))
        return point;
    direction = vec_scale(direction, 1.0 / length);
    if (direction.y < lowest_direction)
        return point;
    double uv[2], weight[3];
    head_chart(direction, uv);
    int side = topology->locator[0], last = 0;
    int cell = locator_cell(uv[1], side) * side + locator_cell(uv[0], side);
    point.triangle = walk(topology, topology->locator[1 + cell], direction, weight, &last);
    if (point.triangle < 0)
        return point;
    double sum = 0.0;
    for (int k = 0; k < 3; k++) { /* on the flat triangle, not on the sphere */
        double w = fmax(weight[k], 0.0) / head->radius_mm[topology->triangle[point.triangle][k]];
        point.weight[k] = w;
        sum += w;
    }
    for (int k = 0; k < 3; k++)
        point.weight[k] /= sum;
    return point;
}

HeadPoint head_nearest(const Head *head, Vec3 position_mm)
{
    return head_locate(head, vec_sub(position_mm, head->centre_mm));
}

static Vec3 blend(const Head *head, HeadPoint point, const Vec3 field[])
{
    assert(point.triangle >= 0 && point.triangle < head->topology->triangle_count);
    const int *v = head->topology->triangle[point.triangle];
    Vec3 sum = vec_scale(field[v[0]], point.weight[0]);
    sum = vec_madd(sum, point.weight[1], field[v[1]]);
    return vec_madd(sum, point.weight[2], field[v[2]]);
}

Vec3 head_position_mm(const Head *head, HeadPoint point)
{
    return blend(head, point, head->position_mm);
}

Vec3 head_normal(const Head *head, HeadPoint point)
{
    return vec_normalize(blend(head, point, head->normal));
}

double head_interpolate(const Head *head, HeadPoint point, const double field[])
{
    assert(point.triangle >= 0 && point.triangle < head->topology->triangle_count);
    const int *v = head->topology->triangle[point.triangle];
    return point.weight[0] * field[v[0]] + point.weight[1] * field[v[1]] +
           point.weight[2] * field[v[2]];
}

void head_chart(Vec3 direction, double uv[2])
{
    uv[0] = direction.x / (1.0 + direction.y);
    uv[1] = direction.z / (1.0 + direction.y);
}

Vec3 head_chart_direction(const double uv[2])
{
    double s = uv[0] * uv[0] + uv[1] * uv[1];
    return vec3(2.0 * uv[0] / (1.0 + s), (1.0 - s) / (1.0 + s), 2.0 * uv[1] / (1.0 + s));
}

double head_area_mm2(const Head *head, const double weight[])
{
    double sum = 0.0;
    for (int v = 0; v < head->topology->vertex_count; v++)
        sum += (weight != NULL ? weight[v] : 1.0) * head->area_mm2[v];
    return sum;
}
