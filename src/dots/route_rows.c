#include "dots/route_internal.h"

/* A way through a stop by rows to and fro: along its longer or its shorter side (1), from one end
 * or the other (2), from the first row or the last (4). */
enum { WAYS = 8 };

/* Rows of this height, relative to the mean distance (1 / root density), make the shortest strip
 * through points without order: root 3, Supowit, Reingold, Plaisted, SIAM J. Comput. 12 (1983) 144.
 */
static const double row_square = 3.0;

static int row_count(const RouteField *field, int side)
{
    double width = field->size_mm[side], height = field->size_mm[1 - side];
    if (!(width > 0.0))
        return field->count;
    double rows = sqrt(field->count * height / (row_square * width));
    return rows < 1.5 ? 1 : rows < field->count ? (int)(rows + 0.5) : field->count;
}

/* The dots of the field in the order of way w. */
static bool lay(const RouteJob *job, const RouteField *field, int w, DotsKey key[], Err *err)
{
    int side = w & 1, rows = row_count(field, side);
    double length = fmax(field->size_mm[side], 1e-9), height = fmax(field->size_mm[1 - side], 1e-9);
    for (int k = 0; k < field->count; k++) {
        int dot = job->way[field->first + k];
        Vec3 off = vec_sub(job->position_mm[dot], field->centre_mm);
        double at[2] = {vec_dot(off, field->along), vec_dot(off, field->across)};
        double along = (at[side] - field->low_mm[side]) / length;
        int row = (int)((at[1 - side] - field->low_mm[1 - side]) / height * rows);
        row = row < 0 ? 0 : row < rows ? row : rows - 1;
        row = w & 4 ? rows - 1 - row : row;
        along = ((w & 2) != 0) != (row % 2 != 0) ? 1.0 - along : along;
        key[k] = (DotsKey){4.0 * row + along, dot};
    }
    return dots_sort(job->scratch, field->count, key, err);
}

/* What the stops before cost, ending with this way. */
typedef struct Try {
    int first, last, before;
    double length_mm, sum_mm;
} Try;

static bool try_ways(const RouteJob *job, const RouteField *field, DotsKey key[], Try try[WAYS],
                     Err *err)
{
    for (int w = 0; w < WAYS; w++) {
        if (!lay(job, field, w, key, err))
            return false;
        try[w] = (Try){.first = key[0].item, .last = key[field->count - 1].item, .before = -1};
        for (int k = 1; k < field->count; k++)
            try[w].length_mm += route_move_mm(job, key[k - 1].item, key[k].item);
        try[w].sum_mm = try[w].length_mm;
    }
    return true;
}

static void join(const RouteJob *job, const Try before[WAYS], Try try[WAYS])
{
    for (int w = 0; w < WAYS; w++) {
        double least = (double)INFINITY;
        for (int b = 0; b < WAYS; b++) {
            double sum = before[b].sum_mm + route_move_mm(job, before[b].last, try[w].first);
            if (sum < least) {
                least = sum;
                try[w].before = b;
            }
        }
        try[w].sum_mm = least + try[w].length_mm;
    }
}

bool route_lay_rows(RouteJob *job, Err *err)
{
    size_t mark = arena_mark(job->scratch);
    DotsKey *key = ARENA_NEW(job->scratch, DotsKey, (size_t)job->count);
    Try(*try)[WAYS] = arena_alloc(job->scratch, (size_t)job->field_count, sizeof *try);
    if (key == NULL || try == NULL)
        return err_set(err, ERR_LIMIT, "no room for rows through %d dots", job->count);
    for (int f = 0; f < job->field_count; f++) {
        if (!try_ways(job, &job->field[f], key, try[f], err))
            return false;
        if (f > 0)
            join(job, try[f - 1], try[f]);
    }
    int best = 0;
    for (int w = 1; w < WAYS && job->field_count > 0; w++)
        if (try[job->field_count - 1][w].sum_mm < try[job->field_count - 1][best].sum_mm)
            best = w;
    for (int f = job->field_count - 1; f >= 0; f--) {
        const RouteField *field = &job->field[f];
        if (!lay(job, field, best, key, err))
            return false;
        for (int k = 0; k < field->count; k++)
            job->way[field->first + k] = key[k].item;
        best = try[f][best].before;
    }
    arena_rewind(job->scratch, mark);
    return true;
}
