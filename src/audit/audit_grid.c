#include "audit/audit_internal.h"

#include <math.h>
#include <stdlib.h>

/* Of its own, not the one the dots are placed with: an audit that shares its eyes with what it
 * audits sees the same things. */

/* A cell is about a spacing wide: more points than this in one are no plan, and would take hours.
 */
enum { SIDE_LIMIT = 1 << 20, CROWD = 2000 };

static uint64_t cell_of(double value, double low, double cell_mm, uint64_t side)
{
    double cell = floor((value - low) / cell_mm);
    return cell < 0.0 ? 0 : cell >= (double)side ? side - 1 : (uint64_t)cell;
}

static int by_key(const void *a, const void *b)
{
    const AuditCell *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

static uint64_t key_of(const AuditGrid *grid, uint64_t x, uint64_t y, uint64_t z)
{
    return (x * grid->side[1] + y) * grid->side[2] + z;
}

bool audit_grid_new(Arena *arena, int count, const Vec3 at[], double cell_mm, AuditGrid *grid,
                    Err *err)
{
    Vec3 low = count > 0 ? at[0] : vec3(0, 0, 0), high = low;
    for (int i = 1; i < count; i++) {
        low = vec3(fmin(low.x, at[i].x), fmin(low.y, at[i].y), fmin(low.z, at[i].z));
        high = vec3(fmax(high.x, at[i].x), fmax(high.y, at[i].y), fmax(high.z, at[i].z));
    }
    double size = fmax(high.x - low.x, fmax(high.y - low.y, high.z - low.z));
    *grid = (AuditGrid){.count = count,
                        .at = at,
                        .low = low,
                        .cell_mm = fmax(cell_mm, fmax(size / (SIDE_LIMIT - 1), 1e-6))};
    grid->side[0] = (uint64_t)((high.x - low.x) / grid->cell_mm) + 1;
    grid->side[1] = (uint64_t)((high.y - low.y) / grid->cell_mm) + 1;
    grid->side[2] = (uint64_t)((high.z - low.z) / grid->cell_mm) + 1;
    grid->cell = ARENA_NEW(arena, AuditCell, (size_t)count);
    if (grid->cell == NULL)
        return err_set(err, ERR_LIMIT, "no room for a grid over %d points", count);
    for (int i = 0; i < count; i++)
        grid->cell[i] =
            (AuditCell){key_of(grid, cell_of(at[i].x, low.x, grid->cell_mm, grid->side[0]),
                               cell_of(at[i].y, low.y, grid->cell_mm, grid->side[1]),
                               cell_of(at[i].z, low.z, grid->cell_mm, grid->side[2])),
                        i};
    qsort(grid->cell, (size_t)count, sizeof grid->cell[0], by_key);
    for (int i = CROWD; i < count; i++)
        if (grid->cell[i].key == grid->cell[i - CROWD].key)
            return err_set(err, ERR_INPUT,
                           "more than %d points stand within %.1f mm: these are no dots for a skin",
                           CROWD, grid->cell_mm);
    return true;
}

/* The first cell whose key is not below. */
static int lower_bound(const AuditGrid *grid, uint64_t key)
{
    int low = 0, high = grid->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (grid->cell[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Cells first..last along one axis that a ball touches; false when it misses the grid. */
static bool range_of(double value, double reach, double low, double cell_mm, uint64_t side,
                     uint64_t range[2])
{
    double first = floor((value - reach - low) / cell_mm);
    double last = floor((value + reach - low) / cell_mm);
    if (last < 0.0 || first >= (double)side)
        return false;
    range[0] = first < 0.0 ? 0 : (uint64_t)first;
    range[1] = last >= (double)side ? side - 1 : (uint64_t)last;
    return true;
}

int audit_grid_nearest(const AuditGrid *grid, Vec3 from, double reach_mm, int except,
                       double *distance_mm)
{
    uint64_t x[2], y[2], z[2];
    int best = -1;
    *distance_mm = reach_mm;
    if (grid->count == 0 ||
        !range_of(from.x, reach_mm, grid->low.x, grid->cell_mm, grid->side[0], x) ||
        !range_of(from.y, reach_mm, grid->low.y, grid->cell_mm, grid->side[1], y) ||
        !range_of(from.z, reach_mm, grid->low.z, grid->cell_mm, grid->side[2], z))
        return -1;
    for (uint64_t column = x[0]; column <= x[1]; column++)
        for (uint64_t row = y[0]; row <= y[1]; row++) {
            uint64_t last = key_of(grid, column, row, z[1]);
            for (int k = lower_bound(grid, key_of(grid, column, row, z[0]));
                 k < grid->count && grid->cell[k].key <= last; k++) {
                int item = grid->cell[k].item;
                double distance = vec_distance(grid->at[item], from);
                if (item == except || !(distance < *distance_mm))
                    continue;
                *distance_mm = distance;
                best = item;
            }
        }
    return best;
}
