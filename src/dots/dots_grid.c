#include "dots/dots_internal.h"

#include <limits.h>

enum { COLUMN_LIMIT = 1 << 22, CELL_Y_LIMIT = 1 << 20 };

static int cell_of(double value_mm, double low_mm, double cell_mm, int cells)
{
    double cell = floor((value_mm - low_mm) / cell_mm);
    return cell < 0.0 ? 0 : cell >= cells ? cells - 1 : (int)cell;
}

static void bounds(int count, const Vec3 position_mm[], Vec3 *low, Vec3 *high)
{
    *low = *high = count > 0 ? position_mm[0] : vec3(0.0, 0.0, 0.0);
    for (int i = 1; i < count; i++) {
        Vec3 p = position_mm[i];
        *low = vec3(fmin(low->x, p.x), fmin(low->y, p.y), fmin(low->z, p.z));
        *high = vec3(fmax(high->x, p.x), fmax(high->y, p.y), fmax(high->z, p.z));
    }
}

/* Stable counting sort: item_out takes item_in (NULL: 0, 1, ...) in ascending order of bucket;
 * start[b] is where bucket b begins. */
static void counting_sort(int count, const int bucket[], int bucket_count, const int item_in[],
                          int start[], int item_out[])
{
    for (int b = 0; b <= bucket_count; b++)
        start[b] = 0;
    for (int i = 0; i < count; i++)
        start[bucket[i] + 1]++;
    for (int b = 0; b < bucket_count; b++)
        start[b + 1] += start[b];
    for (int i = 0; i < count; i++) {
        int item = item_in == NULL ? i : item_in[i];
        item_out[start[bucket[item]]++] = item;
    }
    for (int b = bucket_count; b > 0; b--)
        start[b] = start[b - 1];
    start[0] = 0;
}

bool dots_grid_new(Arena *arena, int count, const Vec3 position_mm[], double cell_mm,
                   DotsGrid *grid, Err *err)
{
    Vec3 low, high;
    bounds(count, position_mm, &low, &high);
    Vec3 size = vec_sub(high, low);
    cell_mm = fmax(cell_mm, sqrt(size.x * size.z / COLUMN_LIMIT) * 1.01);
    cell_mm = fmax(cell_mm, fmax(size.x, fmax(size.y, size.z)) / CELL_Y_LIMIT);
    if (!(cell_mm > 0.0))
        cell_mm = 1.0;
    grid->low_mm = low;
    grid->cell_mm = cell_mm;
    grid->columns_x = (int)(size.x / cell_mm) + 1;
    grid->columns_z = (int)(size.z / cell_mm) + 1;
    int cells_y = (int)(size.y / cell_mm) + 1;
    int columns = grid->columns_x * grid->columns_z;
    size_t items = (size_t)count;
    grid->start = ARENA_NEW(arena, int, (size_t)columns + 1);
    grid->item = ARENA_NEW(arena, int, items);
    grid->cell_y = ARENA_NEW(arena, int, items);
    size_t mark = arena_mark(arena);
    int *column = ARENA_NEW(arena, int, items), *y = ARENA_NEW(arena, int, items);
    int *by_y = ARENA_NEW(arena, int, items), *start_y = ARENA_NEW(arena, int, (size_t)cells_y + 1);
    if (grid->start == NULL || grid->item == NULL || grid->cell_y == NULL || column == NULL ||
        y == NULL || by_y == NULL || start_y == NULL)
        return err_set(err, ERR_LIMIT, "no room for a grid over %d points", count);
    for (int i = 0; i < count; i++) {
        Vec3 p = position_mm[i];
        column[i] = cell_of(p.z, low.z, cell_mm, grid->columns_z) * grid->columns_x +
                    cell_of(p.x, low.x, cell_mm, grid->columns_x);
        y[i] = cell_of(p.y, low.y, cell_mm, cells_y);
    }
    counting_sort(count, y, cells_y, NULL, start_y, by_y);
    counting_sort(count, column, columns, by_y, grid->start, grid->item);
    for (int k = 0; k < count; k++)
        grid->cell_y[k] = y[grid->item[k]];
    arena_rewind(arena, mark);
    return true;
}

/* Unlike cell_of this may lie outside the grid. */
static int cell_near(double value_mm, double low_mm, double cell_mm)
{
    double cell = floor((value_mm - low_mm) / cell_mm);
    return cell < -1.0 ? -1 : cell > INT_MAX / 2 ? INT_MAX / 2 : (int)cell;
}

DotsWalk dots_walk(const DotsGrid *grid, Vec3 centre_mm, double radius_mm)
{
    double cell = grid->cell_mm;
    Vec3 low = grid->low_mm;
    int x_first = cell_near(centre_mm.x - radius_mm, low.x, cell);
    int x_last = cell_near(centre_mm.x + radius_mm, low.x, cell);
    int z_first = cell_near(centre_mm.z - radius_mm, low.z, cell);
    int z_last = cell_near(centre_mm.z + radius_mm, low.z, cell);
    DotsWalk walk = {.grid = grid,
                     .x = x_first < 0 ? 0 : x_first,
                     .x_last = x_last < grid->columns_x ? x_last : grid->columns_x - 1,
                     .z_first = z_first < 0 ? 0 : z_first,
                     .z_last = z_last < grid->columns_z ? z_last : grid->columns_z - 1,
                     .y_first = cell_near(centre_mm.y - radius_mm, low.y, cell),
                     .y_last = cell_near(centre_mm.y + radius_mm, low.y, cell)};
    walk.z = walk.z_first;
    return walk;
}

bool dots_walk_column(DotsWalk *walk)
{
    const DotsGrid *grid = walk->grid;
    while (walk->x <= walk->x_last && walk->z_first <= walk->z_last) {
        int column = walk->z * grid->columns_x + walk->x;
        if (++walk->z > walk->z_last) {
            walk->z = walk->z_first;
            walk->x++;
        }
        int low = grid->start[column], high = grid->start[column + 1];
        walk->end = high;
        while (low < high) { /* the first in the column that is not below the ball */
            int middle = low + (high - low) / 2;
            if (grid->cell_y[middle] < walk->y_first)
                low = middle + 1;
            else
                high = middle;
        }
        walk->at = low;
        if (low < walk->end && grid->cell_y[low] <= walk->y_last)
            return true;
    }
    walk->at = walk->end = 0;
    return false;
}

static bool comes_first(DotsKey a, DotsKey b)
{
    return a.key < b.key || (!(b.key < a.key) && a.item < b.item);
}

static void merge(int left_count, const DotsKey left[], int right_count, const DotsKey right[],
                  DotsKey out[])
{
    int l = 0, r = 0;
    for (int k = 0; k < left_count + right_count; k++)
        out[k] = r == right_count || (l < left_count && !comes_first(right[r], left[l]))
                     ? left[l++]
                     : right[r++];
}

bool dots_sort(Arena *scratch, int count, DotsKey key[], Err *err)
{
    size_t mark = arena_mark(scratch);
    DotsKey *from = key, *to = ARENA_NEW(scratch, DotsKey, (size_t)count);
    if (to == NULL)
        return err_set(err, ERR_LIMIT, "no room to sort %d dots", count);
    for (long width = 1; width < count; width *= 2) {
        for (long begin = 0; begin < count; begin += 2 * width) {
            long middle = begin + width < count ? begin + width : count;
            long end = begin + 2 * width < count ? begin + 2 * width : count;
            merge((int)(middle - begin), from + begin, (int)(end - middle), from + middle,
                  to + begin);
        }
        DotsKey *swap = from;
        from = to;
        to = swap;
    }
    if (from != key)
        for (int i = 0; i < count; i++)
            key[i] = from[i];
    arena_rewind(scratch, mark);
    return true;
}
