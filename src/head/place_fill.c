#include "head/place_internal.h"

#include <assert.h>
#include <string.h>

/* How far (mm) a filling trusts its border before it falls back to the cranium. */
static const double reach_mm = 20.0;
enum { FILL_ROUNDS = 500 };

typedef struct Rows {
    const HeadTopology *topology;
    int row_count, unknown_count;
    int *row, *unknown;
} Rows;

/* out = value - mean of the neighbours, for the listed rows. */
static void bend(const Rows *rows, const double value[], double out[])
{
    for (int r = 0; r < rows->row_count; r++) {
        int i = rows->row[r];
        int begin = rows->topology->neighbor_start[i], end = rows->topology->neighbor_start[i + 1];
        double sum = 0.0;
        for (int k = begin; k < end; k++)
            sum += value[rows->topology->neighbor[k]];
        out[i] = value[i] - sum / (end - begin);
    }
}

/* out = transpose of bend; all other entries 0. */
static void bend_back(const Rows *rows, const double in[], double out[])
{
    memset(out, 0, sizeof(double) * rows->topology->vertex_count);
    for (int r = 0; r < rows->row_count; r++) {
        int i = rows->row[r];
        int begin = rows->topology->neighbor_start[i], end = rows->topology->neighbor_start[i + 1];
        double share = in[i] / (end - begin);
        out[i] += in[i];
        for (int k = begin; k < end; k++)
            out[rows->topology->neighbor[k]] -= share;
    }
}

static double dot_unknown(const Rows *rows, const double a[], const double b[])
{
    double sum = 0.0;
    for (int u = 0; u < rows->unknown_count; u++)
        sum += a[rows->unknown[u]] * b[rows->unknown[u]];
    return sum;
}

/* Rows whose stencil touches an unknown. At the rim the stencil is one-sided: a filling meets the
 * rim level, which keeps it from running away there. */
static void list_rows(const HeadTopology *topology, const bool unknown[], bool touched[],
                      Rows *rows)
{
    for (int i = 0; i < topology->vertex_count; i++)
        if (unknown[i]) {
            rows->unknown[rows->unknown_count++] = i;
            touched[i] = true;
            for (int k = topology->neighbor_start[i]; k < topology->neighbor_start[i + 1]; k++)
                touched[topology->neighbor[k]] = true;
        }
    for (int i = 0; i < topology->vertex_count; i++)
        if (touched[i])
            rows->row[rows->row_count++] = i;
}

/* First guess, ring by ring from the border inwards, fading towards 0. */
static void guess(const Rows *rows, bool unknown[], double value[])
{
    const HeadTopology *topology = rows->topology;
    int left = rows->unknown_count;
    for (int u = 0; u < rows->unknown_count; u++)
        value[rows->unknown[u]] = 0.0;
    int *list = rows->unknown;
    while (left > 0) {
        int next = 0, done = 0;
        for (int u = 0; u < left; u++) {
            int i = list[u], known = 0;
            double sum = 0.0;
            for (int k = topology->neighbor_start[i]; k < topology->neighbor_start[i + 1]; k++)
                if (!unknown[topology->neighbor[k]])
                    sum += value[topology->neighbor[k]], known++;
            if (known > 0) {
                value[i] = 0.95 * sum / known;
                int swap = list[done]; /* settled ones gather in front */
                list[done] = i, list[u] = swap;
                done++;
            }
        }
        for (int u = 0; u < done; u++)
            unknown[list[u]] = false;
        if (done == 0)
            break;
        list += done;
        next = left - done;
        left = next;
    }
    for (int u = 0; u < rows->unknown_count; u++)
        unknown[rows->unknown[u]] = true;
}

/* Conjugate gradients on (B^T B + rest^2) x = -B^T B known: the smoothest continuation, screened.
 */
bool place_fill(Arena *scratch, const HeadTopology *topology, double edge_mm, bool unknown[],
                double value[], Err *err)
{
    size_t n = (size_t)topology->vertex_count, mark = arena_mark(scratch);
    Rows rows = {topology, 0, 0, ARENA_NEW(scratch, int, n), ARENA_NEW(scratch, int, n)};
    bool *touched = ARENA_NEW(scratch, bool, n);
    double *bent = ARENA_NEW(scratch, double, n), *residual = ARENA_NEW(scratch, double, n);
    double *way = ARENA_NEW(scratch, double, n), *image = ARENA_NEW(scratch, double, n);
    if (rows.row == NULL || rows.unknown == NULL || touched == NULL || bent == NULL ||
        residual == NULL || way == NULL || image == NULL)
        return err_set(err, ERR_LIMIT, "no room to fill %zu vertices", n);
    list_rows(topology, unknown, touched, &rows);
    guess(&rows, unknown, value);

    double rest = 0.25 * edge_mm * edge_mm / (reach_mm * reach_mm), rest2 = rest * rest;
    bend(&rows, value, bent);
    bend_back(&rows, bent, residual);
    for (int u = 0; u < rows.unknown_count; u++) {
        int i = rows.unknown[u];
        residual[i] = -residual[i] - rest2 * value[i];
        way[i] = residual[i];
    }
    double rr = dot_unknown(&rows, residual, residual), enough = 1e-8 * rr;
    for (int round = 0; round < FILL_ROUNDS && rr > enough && rr > 1e-18; round++) {
        bend(&rows, way, bent);
        bend_back(&rows, bent, image);
        for (int u = 0; u < rows.unknown_count; u++)
            image[rows.unknown[u]] += rest2 * way[rows.unknown[u]];
        double curvature = dot_unknown(&rows, way, image);
        if (!(curvature > 0.0))
            break;
        double stride = rr / curvature, before = rr;
        for (int u = 0; u < rows.unknown_count; u++) {
            int i = rows.unknown[u];
            value[i] += stride * way[i];
            residual[i] -= stride * image[i];
        }
        rr = dot_unknown(&rows, residual, residual);
        for (int u = 0; u < rows.unknown_count; u++) {
            int i = rows.unknown[u];
            way[i] = residual[i] + rr / before * way[i];
        }
    }
    arena_rewind(scratch, mark);
    return true;
}
