#include "export/solid_internal.h"

#include <math.h>

/* What is inside is cut out of a regular grid over the chart, triangle by triangle; the border is
 * found by halving on the sides that it crosses, not from values at their ends, so that it lies
 * where the function says however coarse the grid. Every point of the border lies within one side
 * of the grid and touches two triangles: no two walls meet in a point, and the solid between the
 * two copies of the cut piece is closed by construction. */

enum { MOST_NODES = 8 << 20, HALVINGS = 24 };
/* The border keeps this share of a side away from its ends: no two vertices in one place. */
static const double CLEAR_SHARE = 0.02;

typedef enum Side { ACROSS, DOWN, DIAGONAL, SIDES } Side;

typedef struct Place { /* on the chart, in steps of the grid */
    double x, y;
} Place;

typedef struct Cut {
    const Head *head;
    const ExportPart *part;
    int columns, rows; /* of nodes */
    double *value;     /* [rows][columns] */
    int *node;         /* [rows][columns] its vertex, -1: none yet */
    int *side[SIDES];  /* [rows][columns] the vertex on the side that starts at the node */
    int vertex_count, triangle_count, border_count;
    Place *vertex;
    int (*triangle)[3]; /* outward */
    int (*border)[2];   /* as it runs around its triangle */
} Cut;

static Vec3 direction_at(const Cut *cut, Place at)
{
    const ExportPart *part = cut->part;
    return head_chart_direction(
        (double[]){part->low[0] + at.x * part->step, part->low[1] + at.y * part->step});
}

static double value_at(const Cut *cut, Place at)
{
    Vec3 direction = direction_at(cut, at);
    HeadPoint point = head_locate(cut->head, direction);
    if (point.triangle < 0)
        return -1.0;
    return cut->part->inside(cut->part->ctx, direction, head_position_mm(cut->head, point));
}

static Place between(Place a, Place b, double share)
{
    return (Place){a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)};
}

/* From a, which is inside, towards b, which is not. */
static Place find_border(const Cut *cut, Place a, Place b)
{
    double in = 0.0, out = 1.0;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = 0.5 * (in + out);
        *(value_at(cut, between(a, b, middle)) > 0.0 ? &in : &out) = middle;
    }
    return between(a, b, fmin(fmax(in, CLEAR_SHARE), 1.0 - CLEAR_SHARE));
}

/* ---- one triangle of the grid ---- */

typedef struct Corner {
    int x, y;
} Corner;

static int node_at(const Cut *cut, Corner c)
{
    return c.y * cut->columns + c.x;
}

static int add_vertex(Cut *cut, int *slot, Place at)
{
    if (*slot < 0) {
        *slot = cut->vertex_count;
        cut->vertex[cut->vertex_count++] = at;
    }
    return *slot;
}

static int corner_vertex(Cut *cut, Corner c)
{
    return add_vertex(cut, &cut->node[node_at(cut, c)], (Place){c.x, c.y});
}

/* Diagonals alternate, so each belongs to one cell, and starts at the node to its upper left. */
static int border_vertex(Cut *cut, Corner in, Corner out)
{
    bool level = in.y == out.y, upright = in.x == out.x;
    Corner first = {in.x < out.x ? in.x : out.x, in.y < out.y ? in.y : out.y};
    int *slot = &cut->side[level ? ACROSS : upright ? DOWN : DIAGONAL][node_at(cut, first)];
    if (*slot >= 0)
        return *slot;
    return add_vertex(cut, slot, find_border(cut, (Place){in.x, in.y}, (Place){out.x, out.y}));
}

static void add_triangle(Cut *cut, int a, int b, int c)
{
    int *to = cut->triangle[cut->triangle_count++];
    to[0] = a, to[1] = b, to[2] = c;
}

static void add_border(Cut *cut, int from, int to)
{
    cut->border[cut->border_count][0] = from;
    cut->border[cut->border_count++][1] = to;
}

static void cut_triangle(Cut *cut, Corner corner[3])
{
    bool in[3];
    int inside = 0, first = 0;
    for (int k = 0; k < 3; k++)
        inside += in[k] = cut->value[node_at(cut, corner[k])] > 0.0;
    if (inside == 0)
        return;
    /* first: the one that is alone in being inside, or in being outside */
    for (int k = 0; k < 3 && inside < 3; k++)
        if (in[k] == (inside == 1))
            first = k;
    Corner a = corner[first], b = corner[(first + 1) % 3], c = corner[(first + 2) % 3];
    if (inside == 3) {
        add_triangle(cut, corner_vertex(cut, a), corner_vertex(cut, b), corner_vertex(cut, c));
    } else if (inside == 1) {
        int ab = border_vertex(cut, a, b), ac = border_vertex(cut, a, c);
        add_triangle(cut, corner_vertex(cut, a), ab, ac);
        add_border(cut, ab, ac);
    } else {
        int vb = corner_vertex(cut, b), vc = corner_vertex(cut, c);
        int ba = border_vertex(cut, b, a), ca = border_vertex(cut, c, a);
        add_triangle(cut, ba, vb, vc);
        add_triangle(cut, ba, vc, ca);
        add_border(cut, ca, ba);
    }
}

/* The chart is a mirror image: what runs from u to v there runs clockwise seen from outside. */
static void cut_cell(Cut *cut, int x, int y)
{
    Corner p[4] = {{x, y}, {x, y + 1}, {x + 1, y + 1}, {x + 1, y}};
    int turn = (x + y) & 1;
    cut_triangle(cut, (Corner[]){p[turn], p[turn + 1], p[turn + 2]});
    cut_triangle(cut, (Corner[]){p[turn], p[turn + 2], p[(turn + 3) % 4]});
}

/* ---- the whole grid ---- */

static bool new_cut(Arena *scratch, const Head *head, const ExportPart *part, Cut *cut, Err *err)
{
    double columns = ceil((part->high[0] - part->low[0]) / part->step) + 1.0;
    double rows = ceil((part->high[1] - part->low[1]) / part->step) + 1.0;
    if (!(columns >= 3.0 && rows >= 3.0 && columns * rows <= MOST_NODES))
        return err_set(err, ERR_LIMIT, "a grid of %.0f x %.0f places is not one of 9 to %d",
                       columns, rows, MOST_NODES);
    *cut = (Cut){.head = head, .part = part, .columns = (int)columns, .rows = (int)rows};
    size_t nodes = (size_t)cut->columns * (size_t)cut->rows;
    cut->value = ARENA_NEW(scratch, double, nodes);
    cut->node = ARENA_NEW(scratch, int, (1 + SIDES) * nodes);
    if (cut->value == NULL || cut->node == NULL)
        return err_set(err, ERR_LIMIT, "no room for a grid of %zu places", nodes);
    for (size_t i = 0; i < (1 + SIDES) * nodes; i++)
        cut->node[i] = -1;
    for (int s = 0; s < SIDES; s++)
        cut->side[s] = cut->node + (size_t)(1 + s) * nodes;
    return true;
}

/* Nothing is inside at the border of the grid. Returns how many cells hold something. */
static size_t fill_values(Cut *cut)
{
    for (int y = 0; y < cut->rows; y++)
        for (int x = 0; x < cut->columns; x++) {
            bool rim = x == 0 || y == 0 || x == cut->columns - 1 || y == cut->rows - 1;
            cut->value[y * cut->columns + x] = rim ? -1.0 : value_at(cut, (Place){x, y});
        }
    size_t cells = 0;
    for (int y = 0; y + 1 < cut->rows; y++)
        for (int x = 0; x + 1 < cut->columns; x++) {
            const double *v = &cut->value[y * cut->columns + x];
            cells += v[0] > 0.0 || v[1] > 0.0 || v[cut->columns] > 0.0 || v[cut->columns + 1] > 0.0;
        }
    return cells;
}

static bool cut_out(Arena *scratch, Cut *cut, Err *err)
{
    size_t cells = fill_values(cut);
    if (cells == 0)
        return err_set(err, ERR_INPUT, "the part of the canvas to cover is empty");
    cut->vertex = ARENA_NEW(scratch, Place, 9 * cells);
    cut->triangle = arena_alloc(scratch, 4 * cells, sizeof *cut->triangle);
    cut->border = arena_alloc(scratch, 2 * cells, sizeof *cut->border);
    if (cut->vertex == NULL || cut->triangle == NULL || cut->border == NULL)
        return err_set(err, ERR_LIMIT, "no room for a surface of %zu cells", cells);
    for (int y = 0; y + 1 < cut->rows; y++)
        for (int x = 0; x + 1 < cut->columns; x++)
            cut_cell(cut, x, y);
    return true;
}

/* ---- the largest piece ---- */

static int root_of(int parent[], int i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* new_index [vertex_count]: -1 in smaller pieces. Returns how many are kept. */
static int keep_largest(const Cut *cut, int parent[], int size[], int new_index[])
{
    for (int i = 0; i < cut->vertex_count; i++)
        parent[i] = i;
    for (int t = 0; t < cut->triangle_count; t++)
        for (int k = 1; k < 3; k++)
            parent[root_of(parent, cut->triangle[t][k])] = root_of(parent, cut->triangle[t][0]);
    int best = 0, kept = 0;
    for (int i = 0; i < cut->vertex_count; i++) {
        int root = root_of(parent, i);
        size[root]++;
        if (size[root] > size[best])
            best = root;
    }
    for (int i = 0; i < cut->vertex_count; i++)
        new_index[i] = root_of(parent, i) == best ? kept++ : -1;
    return kept;
}

/* ---- the solid ---- */

static bool room_for(Arena *arena, const Cut *cut, int kept, Mesh *mesh, Err *err)
{
    size_t triangles = 2 * (size_t)cut->triangle_count + 2 * (size_t)cut->border_count;
    *mesh = (Mesh){.vertex_count = 2 * kept,
                   .position = ARENA_NEW(arena, Vec3, 2 * (size_t)kept),
                   .triangle = arena_alloc(arena, triangles, sizeof *mesh->triangle),
                   .material_count = 1,
                   .material_list = ARENA_NEW(arena, MeshMaterial, 1),
                   .unit_mm = 1.0};
    if (mesh->position == NULL || mesh->triangle == NULL || mesh->material_list == NULL)
        return err_set(err, ERR_LIMIT, "no room for a solid of %zu triangles", triangles);
    mesh->material_list[0] = (MeshMaterial){.base_color = {0.5F, 0.5F, 0.5F}, .image = -1};
    return true;
}

static void put_triangle(Mesh *mesh, int a, int b, int c)
{
    int *to = mesh->triangle[mesh->triangle_count++];
    to[0] = a, to[1] = b, to[2] = c;
}

/* Vertex i lies inside, kept + i outside. */
static void build(const Cut *cut, int kept, const int new_index[], Mesh *mesh)
{
    for (int i = 0; i < cut->vertex_count; i++) {
        if (new_index[i] < 0)
            continue;
        HeadPoint point = head_locate(cut->head, direction_at(cut, cut->vertex[i]));
        Vec3 skin = head_position_mm(cut->head, point), normal = head_normal(cut->head, point);
        mesh->position[new_index[i]] = vec_madd(skin, cut->part->inner_mm, normal);
        mesh->position[kept + new_index[i]] = vec_madd(skin, cut->part->outer_mm, normal);
    }
    for (int t = 0; t < cut->triangle_count; t++) {
        int a = new_index[cut->triangle[t][0]], b = new_index[cut->triangle[t][1]],
            c = new_index[cut->triangle[t][2]];
        if (a < 0)
            continue;
        put_triangle(mesh, kept + a, kept + b, kept + c);
        put_triangle(mesh, a, c, b);
    }
    for (int i = 0; i < cut->border_count; i++) {
        int a = new_index[cut->border[i][0]], b = new_index[cut->border[i][1]];
        if (a < 0)
            continue;
        put_triangle(mesh, kept + b, kept + a, a);
        put_triangle(mesh, kept + b, a, b);
    }
}

bool export_shell(Arena *arena, Arena *scratch, const Head *head, const ExportPart *part,
                  Mesh *mesh, Err *err)
{
    size_t mark = arena_mark(scratch);
    Cut cut;
    if (!new_cut(scratch, head, part, &cut, err) || !cut_out(scratch, &cut, err))
        return false;
    size_t vertices = (size_t)cut.vertex_count;
    int *work = ARENA_NEW(scratch, int, 3 * vertices);
    if (work == NULL)
        return err_set(err, ERR_LIMIT, "no room for a surface of %zu vertices", vertices);
    int *new_index = work + 2 * vertices;
    int kept = keep_largest(&cut, work, work + vertices, new_index);
    if (!room_for(arena, &cut, kept, mesh, err))
        return false;
    build(&cut, kept, new_index, mesh);
    arena_rewind(scratch, mark);
    return true;
}
