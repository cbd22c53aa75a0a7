#include "export/flat_internal.h"

#include <stdlib.h>

static const double pi = 3.14159265358979323846;
/* Rounds of fitting rotations and solving for places; it has settled where no place moves more. */
enum { ROUNDS = 60 };
static const double settled_mm = 2e-4;

typedef struct Unfold {
    int vertex_count, triangle_count;
    const Vec3 *head_mm;
    const int (*triangle)[3];
    double (*at_mm)[2];
    double (*local)[3][2];  /* [triangle_count] each laid flat by itself */
    double (*cot)[3];       /* [triangle_count] at corner k, of the edge (k + 1, k + 2) */
    double (*turn)[2];      /* [triangle_count] from local to the sheet: cosine and sine */
    int *ring_start, *ring; /* neighbours by edges */
    int *order, *rank;      /* Cuthill-McKee: neighbours are near in the matrix */
    int *first;             /* [rank] first column of a row */
    size_t *start;          /* [rank] where the row is kept */
    double *row, *rhs[2], *angle;
    Vec3 *along, *beside; /* a frame of the tangent plane at each vertex */
} Unfold;

static bool take_room(Arena *scratch, Unfold *u, Err *err)
{
    size_t vertices = (size_t)u->vertex_count, triangles = (size_t)u->triangle_count;
    u->local = arena_alloc(scratch, triangles, sizeof *u->local);
    u->cot = arena_alloc(scratch, triangles, sizeof *u->cot);
    u->turn = arena_alloc(scratch, triangles, sizeof *u->turn);
    u->ring_start = ARENA_NEW(scratch, int, vertices + 1);
    u->ring = ARENA_NEW(scratch, int, 6 * triangles);
    u->order = ARENA_NEW(scratch, int, vertices);
    u->rank = ARENA_NEW(scratch, int, vertices);
    u->first = ARENA_NEW(scratch, int, vertices);
    u->start = ARENA_NEW(scratch, size_t, vertices + 1);
    u->rhs[0] = ARENA_NEW(scratch, double, vertices);
    u->rhs[1] = ARENA_NEW(scratch, double, vertices);
    u->angle = ARENA_NEW(scratch, double, vertices);
    u->along = ARENA_NEW(scratch, Vec3, vertices);
    u->beside = ARENA_NEW(scratch, Vec3, vertices);
    if (u->local == NULL || u->cot == NULL || u->turn == NULL || u->ring_start == NULL ||
        u->ring == NULL || u->order == NULL || u->rank == NULL || u->first == NULL ||
        u->start == NULL || u->rhs[0] == NULL || u->rhs[1] == NULL || u->angle == NULL ||
        u->along == NULL || u->beside == NULL)
        return err_set(err, ERR_LIMIT, "no room to unfold a piece of %d triangles",
                       u->triangle_count);
    return true;
}

static void lay_triangles(Unfold *u)
{
    for (int t = 0; t < u->triangle_count; t++) {
        const int *v = u->triangle[t];
        Vec3 a = vec_sub(u->head_mm[v[1]], u->head_mm[v[0]]);
        Vec3 b = vec_sub(u->head_mm[v[2]], u->head_mm[v[0]]);
        double base = vec_length(a), along = vec_dot(a, b) / base;
        double area = vec_length(vec_cross(a, b)); /* twice */
        u->local[t][1][0] = base;
        u->local[t][2][0] = along;
        u->local[t][2][1] = area / base;
        for (int k = 0; k < 3; k++) {
            Vec3 at = u->head_mm[v[k]];
            u->cot[t][k] = vec_dot(vec_sub(u->head_mm[v[(k + 1) % 3]], at),
                                   vec_sub(u->head_mm[v[(k + 2) % 3]], at)) /
                           area;
        }
    }
}

/* Each edge of each triangle both ways: inner edges come twice, which does no harm. */
static void list_rings(Unfold *u)
{
    int *start = u->ring_start;
    for (int i = 0; i < 3 * u->triangle_count; i++)
        start[u->triangle[i / 3][i % 3]] += 2;
    for (int v = 0, sum = 0; v <= u->vertex_count; v++) {
        int count = v < u->vertex_count ? start[v] : 0;
        start[v] = sum;
        sum += count;
    }
    for (int i = 0; i < 3 * u->triangle_count; i++) {
        const int *v = u->triangle[i / 3];
        int a = v[i % 3];
        u->ring[start[a]++] = v[(i % 3 + 1) % 3];
        u->ring[start[a]++] = v[(i % 3 + 2) % 3];
    }
    for (int v = u->vertex_count; v > 0; v--)
        start[v] = start[v - 1];
    start[0] = 0;
}

/* Breadth first from `from`; returns the last that was reached. */
static int spread(Unfold *u, int from)
{
    int count = 0;
    for (int v = 0; v < u->vertex_count; v++)
        u->rank[v] = -1;
    u->rank[from] = count;
    u->order[count++] = from;
    for (int i = 0; i < count; i++)
        for (int j = u->ring_start[u->order[i]]; j < u->ring_start[u->order[i] + 1]; j++)
            if (u->rank[u->ring[j]] < 0) {
                u->rank[u->ring[j]] = count;
                u->order[count++] = u->ring[j];
            }
    return count == u->vertex_count ? u->order[count - 1] : -1;
}

static void measure_rows(Unfold *u)
{
    for (int i = 0; i < u->vertex_count; i++) {
        int v = u->order[i];
        u->first[i] = i;
        for (int j = u->ring_start[v]; j < u->ring_start[v + 1]; j++)
            if (u->rank[u->ring[j]] < u->first[i])
                u->first[i] = u->rank[u->ring[j]];
        u->start[i + 1] = u->start[i] + (size_t)(i - u->first[i] + 1);
    }
}

static double *entry(const Unfold *u, int i, int j)
{
    return u->row + u->start[i] + (j - u->first[i]);
}

static void add_entry(Unfold *u, int a, int b, double value)
{
    int i = u->rank[a], j = u->rank[b];
    if (j <= i)
        *entry(u, i, j) += value;
}

/* The Laplacian, with the first place held: its own scale does not matter, since forces balance. */
static void fill_matrix(Unfold *u)
{
    for (int t = 0; t < u->triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            int a = u->triangle[t][(k + 1) % 3], b = u->triangle[t][(k + 2) % 3];
            double w = 0.5 * u->cot[t][k];
            add_entry(u, a, a, w);
            add_entry(u, b, b, w);
            add_entry(u, a, b, -w);
            add_entry(u, b, a, -w);
        }
    *entry(u, 0, 0) += 1.0;
}

static double dot(int count, const double a[], const double b[])
{
    double sum = 0.0;
    for (int i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Cholesky within the skyline. */
static bool factor(Unfold *u)
{
    for (int i = 0; i < u->vertex_count; i++) {
        double *row = u->row + u->start[i] - u->first[i]; /* row[j] is column j */
        for (int j = u->first[i]; j <= i; j++) {
            const double *other = u->row + u->start[j] - u->first[j];
            int from = u->first[i] > u->first[j] ? u->first[i] : u->first[j];
            double rest = row[j] - dot(j - from, row + from, other + from);
            if (j == i && !(rest > 0.0))
                return false;
            row[j] = j == i ? sqrt(rest) : rest / other[j];
        }
    }
    return true;
}

static void solve(const Unfold *u, double x[])
{
    for (int i = 0; i < u->vertex_count; i++) {
        const double *row = u->row + u->start[i] - u->first[i];
        x[i] = (x[i] - dot(i - u->first[i], row + u->first[i], x + u->first[i])) / row[i];
    }
    for (int i = u->vertex_count - 1; i >= 0; i--) {
        const double *row = u->row + u->start[i] - u->first[i];
        x[i] /= row[i];
        for (int j = u->first[i]; j < i; j++)
            x[j] -= row[j] * x[i];
    }
}

/* --- the first rotations: frames carried along edges, what does not close spread evenly --- */

static void make_frames(Unfold *u)
{
    for (int t = 0; t < u->triangle_count;
         t++) { /* `along` holds the normals until the frames are made */
        const int *v = u->triangle[t];
        Vec3 normal = vec_cross(vec_sub(u->head_mm[v[1]], u->head_mm[v[0]]),
                                vec_sub(u->head_mm[v[2]], u->head_mm[v[0]]));
        for (int k = 0; k < 3; k++)
            u->along[v[k]] = vec_add(u->along[v[k]], normal);
    }
    for (int v = 0; v < u->vertex_count; v++) {
        Vec3 normal = vec_normalize(u->along[v]);
        Vec3 axis = fabs(normal.x) < 0.6 ? vec3(1, 0, 0) : vec3(0, 1, 0);
        u->along[v] = vec_normalize(vec_madd(axis, -vec_dot(axis, normal), normal));
        u->beside[v] = vec_cross(normal, u->along[v]);
    }
}

static double angle_in(const Unfold *u, int v, Vec3 edge)
{
    return atan2(vec_dot(edge, u->beside[v]), vec_dot(edge, u->along[v]));
}

/* By how much the frame at b is to be turned less than that at a, for the edge to run the same way
 * in both. */
static double carried(const Unfold *u, int a, int b)
{
    Vec3 edge = vec_sub(u->head_mm[b], u->head_mm[a]);
    return angle_in(u, a, edge) - angle_in(u, b, edge);
}

static void set_turn(Unfold *u, int t, double along, double beside)
{
    double length = sqrt(along * along + beside * beside);
    u->turn[t][0] = length > 0.0 ? along / length : 1.0;
    u->turn[t][1] = length > 0.0 ? beside / length : 0.0;
}

static void first_angles(Unfold *u)
{
    for (int i = 1; i < u->vertex_count; i++) {
        int v = u->order[i], from = -1; /* the neighbour that came first */
        for (int j = u->ring_start[v]; j < u->ring_start[v + 1]; j++)
            if (from < 0 || u->rank[u->ring[j]] < u->rank[from])
                from = u->ring[j];
        u->angle[v] = u->angle[from] + carried(u, from, v);
    }
    double *rhs = u->rhs[0];
    for (int t = 0; t < u->triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            int a = u->triangle[t][(k + 1) % 3], b = u->triangle[t][(k + 2) % 3];
            double gap = remainder(u->angle[a] + carried(u, a, b) - u->angle[b], 2.0 * pi);
            rhs[u->rank[b]] += 0.5 * u->cot[t][k] * gap;
            rhs[u->rank[a]] -= 0.5 * u->cot[t][k] * gap;
        }
    solve(u, rhs);
    for (int v = 0; v < u->vertex_count; v++)
        u->angle[v] += rhs[u->rank[v]];
    for (int t = 0; t < u->triangle_count; t++) {
        const int *v = u->triangle[t];
        Vec3 base = vec_sub(u->head_mm[v[1]], u->head_mm[v[0]]);
        double x = 0.0, y = 0.0;
        for (int k = 0; k < 3; k++) {
            double way = u->angle[v[k]] + angle_in(u, v[k], base);
            x += cos(way);
            y += sin(way);
        }
        set_turn(u, t, x, y);
    }
}

/* --- rounds --- */

static void solve_places(Unfold *u)
{
    for (int v = 0; v < u->vertex_count; v++)
        u->rhs[0][v] = u->rhs[1][v] = 0.0;
    for (int t = 0; t < u->triangle_count; t++) {
        double c = u->turn[t][0], s = u->turn[t][1];
        for (int k = 0; k < 3; k++) {
            int p = (k + 1) % 3, q = (k + 2) % 3;
            double w = 0.5 * u->cot[t][k];
            double x = u->local[t][p][0] - u->local[t][q][0];
            double y = u->local[t][p][1] - u->local[t][q][1];
            double force[2] = {w * (c * x - s * y), w * (s * x + c * y)};
            for (int d = 0; d < 2; d++) {
                u->rhs[d][u->rank[u->triangle[t][p]]] += force[d];
                u->rhs[d][u->rank[u->triangle[t][q]]] -= force[d];
            }
        }
    }
    solve(u, u->rhs[0]);
    solve(u, u->rhs[1]);
}

static double take_places(Unfold *u)
{
    double most = 0.0;
    for (int v = 0; v < u->vertex_count; v++)
        for (int d = 0; d < 2; d++) {
            double to = u->rhs[d][u->rank[v]];
            most = fmax(most, fabs(to - u->at_mm[v][d]));
            u->at_mm[v][d] = to;
        }
    return most;
}

static void fit_turns(Unfold *u)
{
    for (int t = 0; t < u->triangle_count; t++) {
        double along = 0.0, beside = 0.0;
        for (int k = 0; k < 3; k++) {
            int p = (k + 1) % 3, q = (k + 2) % 3;
            const double *from = u->at_mm[u->triangle[t][q]], *to = u->at_mm[u->triangle[t][p]];
            double x = u->local[t][p][0] - u->local[t][q][0];
            double y = u->local[t][p][1] - u->local[t][q][1];
            double sx = to[0] - from[0], sy = to[1] - from[1];
            along += u->cot[t][k] * (x * sx + y * sy);
            beside += u->cot[t][k] * (x * sy - y * sx);
        }
        set_turn(u, t, along, beside);
    }
}

/* --- what it is worth --- */

typedef struct Worth {
    double error, area;
} Worth;

static int by_error(const void *a, const void *b)
{
    double x = ((const Worth *)a)->error, y = ((const Worth *)b)->error;
    return x < y ? -1 : x > y;
}

/* The linear map of a triangle: columns are where the local axes go. */
static void linear_map(const double local[3][2], const double (*at_mm)[2], const int v[3],
                       double map[2][2])
{
    for (int d = 0; d < 2; d++) {
        map[d][0] = (at_mm[v[1]][d] - at_mm[v[0]][d]) / local[1][0];
        map[d][1] = (at_mm[v[2]][d] - at_mm[v[0]][d] - map[d][0] * local[2][0]) / local[2][1];
    }
}

/* The largest share by which a length within a triangle is off: its stretches are the singular
 * values of the map. */
static double stretch_error(const double map[2][2])
{
    double mean = hypot(map[0][0] + map[1][1], map[1][0] - map[0][1]) * 0.5;
    double half = hypot(map[0][0] - map[1][1], map[1][0] + map[0][1]) * 0.5;
    return fmax(fabs(mean + half - 1.0), fabs(mean - half - 1.0));
}

static void weigh(const Unfold *u, Worth worth[], FlatPiece *piece)
{
    double sum = 0.0;
    piece->area_mm2 = 0.0;
    for (int t = 0; t < u->triangle_count; t++) {
        double map[2][2];
        linear_map((const double(*)[2])u->local[t], (const double(*)[2])u->at_mm, u->triangle[t],
                   map);
        worth[t] = (Worth){stretch_error((const double(*)[2])map),
                           0.5 * u->local[t][1][0] * u->local[t][2][1]};
        piece->area_mm2 += worth[t].area;
    }
    qsort(worth, (size_t)u->triangle_count, sizeof *worth, by_error);
    piece->worst_error = worth[u->triangle_count - 1].error;
    for (int t = 0; t < u->triangle_count && sum <= 0.95 * piece->area_mm2; t++) {
        sum += worth[t].area;
        piece->error_95 = worth[t].error;
    }
}

static bool unfold(Arena *scratch, Unfold *u, FlatPiece *piece, Err *err)
{
    Worth *worth = ARENA_NEW(scratch, Worth, (size_t)u->triangle_count);
    if (worth == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d triangles", u->triangle_count);
    if (!take_room(scratch, u, err))
        return false;
    lay_triangles(u);
    list_rings(u);
    int end = spread(u, 0);
    if (end < 0)
        return err_set(err, ERR_INPUT, "a piece of %d triangles does not hang together",
                       u->triangle_count);
    spread(u, end);
    measure_rows(u);
    u->row = ARENA_NEW(scratch, double, u->start[u->vertex_count]);
    if (u->row == NULL)
        return err_set(err, ERR_LIMIT, "no room to unfold a piece of %d triangles",
                       u->triangle_count);
    fill_matrix(u);
    if (!factor(u))
        return err_set(err, ERR_NUMERIC,
                       "a piece of %d triangles cannot be laid flat: some have no area",
                       u->triangle_count);
    make_frames(u);
    first_angles(u);
    solve_places(u);
    take_places(u);
    for (int round = 0; round < ROUNDS; round++) {
        fit_turns(u);
        solve_places(u);
        if (take_places(u) < settled_mm)
            break;
    }
    weigh(u, worth, piece);
    return true;
}

bool flat_unfold(Arena *scratch, FlatPiece *piece, Err *err)
{
    size_t mark = arena_mark(scratch);
    Unfold u = {.vertex_count = piece->vertex_count,
                .triangle_count = piece->triangle_count,
                .head_mm = piece->head_mm,
                .triangle = (const int(*)[3])piece->triangle,
                .at_mm = piece->at_mm};
    bool ok = unfold(scratch, &u, piece, err);
    arena_rewind(scratch, mark);
    return ok;
}

void flat_piece_tangent(const FlatPiece *piece, int triangle, Vec3 tangent, double out[2])
{
    const int *v = piece->triangle[triangle];
    Vec3 a = vec_sub(piece->head_mm[v[1]], piece->head_mm[v[0]]);
    Vec3 b = vec_sub(piece->head_mm[v[2]], piece->head_mm[v[0]]);
    Vec3 normal = vec_cross(a, b);
    double twice = vec_dot(normal, normal);
    double s = vec_dot(normal, vec_cross(tangent, b)) / twice; /* tangent = s a + r b */
    double r = vec_dot(normal, vec_cross(a, tangent)) / twice;
    for (int d = 0; d < 2; d++)
        out[d] = s * (piece->at_mm[v[1]][d] - piece->at_mm[v[0]][d]) +
                 r * (piece->at_mm[v[2]][d] - piece->at_mm[v[0]][d]);
}
