#include "export/flat_internal.h"

/* Borders run through the middles of the canvas's edges: rounds of a running mean take the steps of
 * its triangles out of them. */
enum { SMOOTHING = 8 };

/* A graph: a node on each edge between two zones and one in the middle of each triangle where three
 * meet; links run within triangles. */
typedef struct Graph {
    const Head *head;
    const uint8_t *zone;
    int triangle_count;
    int (*link)[3]; /* [4 * triangle_count] the nodes beside, -1: none */
    bool *done;     /* [3 * links] */
} Graph;

/* Edge k of a triangle, the same number from both sides; in the middle: k = 3. */
static int node_of(const Graph *graph, int t, int k)
{
    if (k == 3)
        return 3 * graph->triangle_count + t;
    int beyond = graph->head->topology->across[t][k];
    if (beyond < 0 || beyond > t)
        return 3 * t + k;
    for (int j = 0; j < 3; j++)
        if (graph->head->topology->across[beyond][j] == t)
            return 3 * beyond + j;
    return 3 * t + k;
}

static Vec3 point_of(const Graph *graph, int node)
{
    const Vec3 *at = graph->head->position_mm;
    if (node >= 3 * graph->triangle_count) {
        const int *v = graph->head->topology->triangle[node - 3 * graph->triangle_count];
        return vec_scale(vec_add(vec_add(at[v[0]], at[v[1]]), at[v[2]]), 1.0 / 3.0);
    }
    const int *v = graph->head->topology->triangle[node / 3];
    return vec_lerp(at[v[node % 3]], at[v[(node % 3 + 1) % 3]], 0.5);
}

static int degree(const Graph *graph, int node)
{
    int count = 0;
    for (int i = 0; i < 3; i++)
        count += graph->link[node][i] >= 0;
    return count;
}

static void join(Graph *graph, int a, int b)
{
    int i = degree(graph, a), j = degree(graph, b);
    if (i < 3 && j < 3) {
        graph->link[a][i] = b;
        graph->link[b][j] = a;
    }
}

static void link_nodes(Graph *graph)
{
    for (int i = 0; i < 4 * graph->triangle_count; i++)
        for (int k = 0; k < 3; k++)
            graph->link[i][k] = -1;
    for (int t = 0; t < graph->triangle_count; t++) {
        const int *v = graph->head->topology->triangle[t];
        int crossed[3], count = 0;
        for (int k = 0; k < 3; k++)
            if (graph->zone[v[k]] != graph->zone[v[(k + 1) % 3]])
                crossed[count++] = k;
        if (count == 2)
            join(graph, node_of(graph, t, crossed[0]), node_of(graph, t, crossed[1]));
        for (int i = 0; count == 3 && i < 3; i++)
            join(graph, node_of(graph, t, crossed[i]), node_of(graph, t, 3));
    }
}

/* Marks the way between two nodes as walked, both ways; false: it was. */
static bool take_link(Graph *graph, int a, int which)
{
    int b = graph->link[a][which];
    if (b < 0 || graph->done[3 * a + which])
        return false;
    graph->done[3 * a + which] = true;
    for (int i = 0; i < 3; i++)
        if (graph->link[b][i] == a)
            graph->done[3 * b + i] = true;
    return true;
}

/* Walks from a node along a link to the next end or crossing, or around. */
static int walk(Graph *graph, int from, int which, int node[])
{
    int count = 0;
    node[count++] = from;
    while (take_link(graph, node[count - 1], which)) {
        int next = graph->link[node[count - 1]][which];
        node[count++] = next;
        if (degree(graph, next) != 2 || next == from)
            break;
        which = graph->done[3 * next] ? 1 : 0;
    }
    return count;
}

static void smooth(int count, bool closed, Vec3 point[], Vec3 other[])
{
    for (int round = 0; round < SMOOTHING; round++) {
        for (int i = 0; i < count; i++) {
            bool end = !closed && (i == 0 || i == count - 1);
            Vec3 sides = vec_add(point[(i + count - 1) % count], point[(i + 1) % count]);
            other[i] = end ? point[i] : vec_madd(vec_scale(point[i], 0.5), 0.25, sides);
        }
        for (int i = 0; i < count; i++)
            point[i] = other[i];
    }
}

static bool add_curve(Arena *arena, const Graph *graph, int nodes, const int node[], Vec3 room[],
                      FlatCurve *curve, Err *err)
{
    bool closed = nodes > 3 && node[0] == node[nodes - 1];
    int count = closed ? nodes - 1 : nodes;
    int on_edge = node[0] < 3 * graph->triangle_count ? node[0] : node[1];
    const int *v = graph->head->topology->triangle[on_edge / 3];
    int a = graph->zone[v[on_edge % 3]], b = graph->zone[v[(on_edge % 3 + 1) % 3]];
    bool out = a == DESIGN_KEEP_OUT || b == DESIGN_KEEP_OUT;
    Vec3 *point_mm = ARENA_NEW(arena, Vec3, (size_t)count);
    if (point_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d points of a border", count);
    for (int i = 0; i < count; i++)
        point_mm[i] = point_of(graph, node[i]);
    smooth(count, closed, point_mm, room);
    *curve = (FlatCurve){.kind = out ? FLAT_KEEP_OUT : FLAT_ZONE,
                         .zone = {(DesignZone)(a < b ? a : b), (DesignZone)(a < b ? b : a)},
                         .closed = closed,
                         .count = count,
                         .point_mm = point_mm};
    return true;
}

bool flat_borders(Arena *arena, Arena *scratch, const Head *head, const uint8_t zone[], int *count,
                  FlatCurve **curve, Err *err)
{
    int triangles = head->topology->triangle_count, nodes = 4 * triangles;
    Graph graph = {.head = head,
                   .zone = zone,
                   .triangle_count = triangles,
                   .link = arena_alloc(scratch, (size_t)nodes, sizeof *graph.link),
                   .done = ARENA_NEW(scratch, bool, 3 * (size_t)nodes)};
    int *node = ARENA_NEW(scratch, int, (size_t)nodes + 1), limit = 0;
    Vec3 *room = ARENA_NEW(scratch, Vec3, (size_t)nodes + 1);
    if (graph.link == NULL || graph.done == NULL || node == NULL || room == NULL)
        return err_set(err, ERR_LIMIT, "no room for the borders of the zones");
    link_nodes(&graph);
    for (int i = 0; i < nodes; i++) /* each curve has two ends, or a first node */
        limit += degree(&graph, i);
    *count = 0;
    *curve = ARENA_NEW(arena, FlatCurve, (size_t)limit);
    if (*curve == NULL)
        return err_set(err, ERR_LIMIT, "no room for the borders of the zones");
    for (int loops = 0; loops < 2; loops++) /* from ends and crossings first: the rest are loops */
        for (int i = 0; i < nodes; i++)
            for (int k = 0; k < 3; k++) {
                if (graph.link[i][k] < 0 || graph.done[3 * i + k] ||
                    (loops == 0 && degree(&graph, i) == 2))
                    continue;
                int length = walk(&graph, i, k, node);
                if (length >= 2 &&
                    !add_curve(arena, &graph, length, node, room, &(*curve)[(*count)++], err))
                    return false;
            }
    return true;
}
