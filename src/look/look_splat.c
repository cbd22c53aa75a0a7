#include "look_internal.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

/* The picture is drawn tile by tile, each in memory of its own: a tile that no mark reaches costs
 * nothing, and the transmittance of a whole photograph never exists at once. Marks multiply into a
 * tile in the order of their index, so any number of threads gives the same bytes. */

/* A mark shows where the surface of the picture is its own: fully within NEAR_MM, not beyond
 * FAR_MM. Plans live on a smoothed head that lies up to some mm off the scan. */
static const float NEAR_MM = 4, FAR_MM = 8;

static const float FLUSH_HALF_PER_MM2 = 0.4F; /* marks per mm2 that redden to 63 % */

enum { MAX_CELLS = (TILE_WIDTH / 2 + 2) * (TILE_HEIGHT / 2 + 2) };

/* ---- one spot on a piece of a grid
 * ---------------------------------------------------------------- */

/* weight[i] of the dot at dx + i, dy cells from its middle. */
static void weigh_dot(int n, const Spot *spot, const float disc[PROFILE_STRIDE], float dx, float dy,
                      float weight[])
{
    const float scale = PROFILE_STEPS / LOOK_REACH2, last = PROFILE_STEPS;
    float a = spot->ixx * scale, b = 2 * spot->ixy * dy * scale, c = spot->iyy * dy * dy * scale;
    for (int i = 0; i < n; i++) {
        float x = dx + (float)i, at = (a * x + b) * x + c;
        at = at > 0 ? at : 0; /* the sum of squares, rounded */
        at = at < last ? at : last;
        int k = (int)at;
        weight[i] = disc[k] + (at - (float)k) * (disc[k + 1] - disc[k]);
    }
}

/* Where another surface stands before the skin of the mark, its weight goes. */
static void hide(int n, const Spot *spot, float dx, float dy, const float depth_mm[],
                 float weight[])
{
    float near = (1 + spot->gy * dy + spot->gx * dx) / spot->depth, more = spot->gx / spot->depth;
    for (int i = 0; i < n; i++) {
        float off = spot->depth * fabsf(depth_mm[i] * (near + more * (float)i) - 1);
        float share = (FAR_MM - off) * (1 / (FAR_MM - NEAR_MM));
        share = share > 0 ? share : 0;
        weight[i] *= share < 1 ? share : 1;
    }
}

static void take(int n, float amount, const float weight[], float through[])
{
    for (int i = 0; i < n; i++)
        through[i] *= 1 - amount * weight[i];
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* The depth at the middle of a cell, for a row of them; cells beyond the picture see its border. */
static void cell_depths(const Ink *ink, int coarse, int x, int y, int n, float depth_mm[])
{
    int py = clamp(y * coarse + coarse / 2, 0, ink->height_px - 1);
    const float *row = &ink->depth_mm[(ptrdiff_t)py * ink->width_px];
    for (int i = 0; i < n; i++)
        depth_mm[i] = row[clamp((x + i) * coarse + coarse / 2, 0, ink->width_px - 1)];
}

static void draw_spot(const Ink *ink, const Spot *spot, const Cells *cells)
{
    int x0 = spot->x0 > cells->x ? spot->x0 : cells->x;
    int x1 = spot->x1 < cells->x + cells->width ? spot->x1 : cells->x + cells->width - 1;
    int y0 = spot->y0 > cells->y ? spot->y0 : cells->y;
    int y1 = spot->y1 < cells->y + cells->height ? spot->y1 : cells->y + cells->height - 1;
    int n = x1 - x0 + 1;
    const Profiles *profiles = ink->plan.profiles;
    float weight[TILE_WIDTH + 2], depth_mm[TILE_WIDTH + 2];
    if (n <= 0)
        return;
    for (int y = y0; y <= y1; y++) {
        float dx = (float)x0 + 0.5F - spot->x, dy = (float)y + 0.5F - spot->y;
        if (spot->half > 0)
            for (int i = 0; i < n; i++)
                weight[i] = look_line_weight(profiles, spot, dx + (float)i, dy);
        else
            weigh_dot(n, spot, profiles->disc[spot->profile], dx, dy, weight);
        if (ink->depth_mm != NULL) {
            cell_depths(ink, cells->coarse, x0, y, n, depth_mm);
            hide(n, spot, dx, dy, depth_mm, weight);
        }
        int at = (y - cells->y) * cells->width + x0 - cells->x;
        for (int k = 0; k < 3; k++)
            take(n, spot->amount[k], weight, cells->at[k] + at);
    }
}

/* ---- coarse cells to pixels
 * ----------------------------------------------------------------------- */

/* Multiplies a tile by cells, bilinear between their middles: sums are kept. Cells beyond the ones
 * that exist are as those at the border. */
static void spread(const Cells *cells, int x_px, int y_px, Through *through)
{
    float step = 1.0F / (float)cells->coarse, line[TILE_WIDTH + 2];
    int first = (int)floorf(((float)x_px + 0.5F) * step - 0.5F);
    int last = (int)floorf(((float)(x_px + TILE_WIDTH) - 0.5F) * step - 0.5F) + 1;
    for (int y = 0; y < TILE_HEIGHT; y++) {
        float at_y = ((float)(y_px + y) + 0.5F) * step - 0.5F, low = floorf(at_y);
        int top = clamp((int)low - cells->y, 0, cells->height - 1);
        int next = clamp((int)low + 1 - cells->y, 0, cells->height - 1);
        for (int k = 0; k < 3; k++) {
            const float *a = cells->at[k] + (ptrdiff_t)top * cells->width;
            const float *b = cells->at[k] + (ptrdiff_t)next * cells->width;
            for (int i = first; i <= last; i++) {
                int x = clamp(i - cells->x, 0, cells->width - 1);
                line[i - first] = a[x] + (at_y - low) * (b[x] - a[x]);
            }
            float *out = &through->at[k][y * TILE_WIDTH];
            for (int x = 0; x < TILE_WIDTH; x++) {
                float at_x = ((float)(x_px + x) + 0.5F) * step - 0.5F - (float)first;
                int i = (int)at_x;
                out[x] *= line[i] + (at_x - (float)i) * (line[i + 1] - line[i]);
            }
        }
    }
}

/* ---- tiles
 * ---------------------------------------------------------------------------------------- */

static void fill_ones(size_t n, float value[])
{
    for (size_t i = 0; i < n; i++)
        value[i] = 1;
}

static Cells tile_cells(int column, int row, int coarse, float *memory)
{
    int rim = coarse > 1 ? 1 : 0; /* what interpolation reads beyond the tile */
    Cells cells = {.coarse = coarse,
                   .x = column * (TILE_WIDTH / coarse) - rim,
                   .y = row * (TILE_HEIGHT / coarse) - rim,
                   .width = TILE_WIDTH / coarse + 2 * rim,
                   .height = TILE_HEIGHT / coarse + 2 * rim};
    for (int k = 0; k < 3; k++)
        cells.at[k] = memory + k * cells.width * cells.height;
    return cells;
}

bool look_ink_tile(const Ink *ink, int column, int row, Through *through)
{
    ptrdiff_t tile = (ptrdiff_t)row * ink->columns + column;
    int begin = ink->tile_start[tile], end = ink->tile_start[tile + 1];
    bool red = ink->tile_red != NULL && ink->tile_red[tile];
    if (begin == end && !red)
        return false;
    const MarkPlan *plan = &ink->plan;
    float memory[3 * MAX_CELLS];
    Cells fine = tile_cells(column, row, 1, through->at[0]), wide = fine;
    fill_ones(3 * (size_t)TILE_WIDTH * TILE_HEIGHT, through->at[0]);
    if (plan->coarse > 1) {
        wide = tile_cells(column, row, plan->coarse, memory);
        fill_ones(3 * (size_t)wide.width * (size_t)wide.height, memory);
    }
    for (int i = begin; i < end; i++) {
        draw_spot(ink, &plan->core[ink->tile_mark[i]], &fine);
        draw_spot(ink, &plan->halo[ink->tile_mark[i]], &wide);
    }
    if (plan->coarse > 1 && begin < end)
        spread(&wide, column * TILE_WIDTH, row * TILE_HEIGHT, through);
    if (red)
        spread(&ink->flush, column * TILE_WIDTH, row * TILE_HEIGHT, through);
    return true;
}

typedef struct Box { /* of tiles, last ones included */
    int x0, y0, x1, y1;
} Box;

static int floor_div(int a, int b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* Tiles that a spot reaches, with the cells around that interpolation takes in. */
static Box spot_tiles(const Ink *ink, const Spot *spot, int coarse)
{
    if (spot->x1 < spot->x0 || spot->y1 < spot->y0)
        return (Box){.x1 = -1};
    int rim = coarse > 1 ? coarse : 0;
    return (Box){
        .x0 = clamp(floor_div(spot->x0 * coarse - rim, TILE_WIDTH), 0, ink->columns),
        .y0 = clamp(floor_div(spot->y0 * coarse - rim, TILE_HEIGHT), 0, ink->rows),
        .x1 = clamp(floor_div((spot->x1 + 1) * coarse - 1 + rim, TILE_WIDTH), -1, ink->columns - 1),
        .y1 = clamp(floor_div((spot->y1 + 1) * coarse - 1 + rim, TILE_HEIGHT), -1, ink->rows - 1)};
}

static bool is_empty(Box box)
{
    return box.x1 < box.x0 || box.y1 < box.y0;
}

static Box box_union(Box a, Box b)
{
    if (is_empty(a) || is_empty(b))
        return is_empty(a) ? b : a;
    return (Box){a.x0 < b.x0 ? a.x0 : b.x0, a.y0 < b.y0 ? a.y0 : b.y0, a.x1 > b.x1 ? a.x1 : b.x1,
                 a.y1 > b.y1 ? a.y1 : b.y1};
}

static Box mark_tiles(const Ink *ink, int i)
{
    return box_union(spot_tiles(ink, &ink->plan.core[i], 1),
                     spot_tiles(ink, &ink->plan.halo[i], ink->plan.coarse));
}

static bool sort_marks(Arena *scratch, Ink *ink, Err *err)
{
    size_t tiles = (size_t)ink->columns * (size_t)ink->rows;
    int count = ink->plan.state->mark_count, *start = ARENA_NEW(scratch, int, tiles + 2);
    if (start == NULL)
        return err_set(err, ERR_LIMIT, "no room to sort %d marks", count);
    int64_t total = 0;
    for (int i = 0; i < count; i++) {
        Box box = mark_tiles(ink, i);
        for (int y = box.y0; y <= box.y1; y++)
            for (int x = box.x0; x <= box.x1; x++, total++)
                start[y * ink->columns + x + 2] += total < INT32_MAX;
    }
    for (size_t t = 0; t < tiles; t++)
        start[t + 2] += start[t + 1];
    ink->tile_mark = total < INT32_MAX ? ARENA_NEW(scratch, int, (size_t)total) : NULL;
    if (ink->tile_mark == NULL)
        return err_set(err, ERR_LIMIT, "no room to sort %d marks", count);
    for (int i = 0; i < count; i++) {
        Box box = mark_tiles(ink, i);
        for (int y = box.y0; y <= box.y1; y++)
            for (int x = box.x0; x <= box.x1; x++)
                ink->tile_mark[start[y * ink->columns + x + 1]++] = i;
    }
    ink->tile_start = start;
    return true;
}

/* ---- the flush: a smooth field over the whole picture
 * --------------------------------------------- */

/* Adds the density of a mark, 1/mm2; like draw_spot otherwise. */
static void add_spot(const Ink *ink, const Spot *spot, float *density)
{
    const Cells *cells = &ink->flush;
    for (int y = clamp(spot->y0, 0, cells->height); y <= clamp(spot->y1, -1, cells->height - 1);
         y++)
        for (int x = clamp(spot->x0, 0, cells->width); x <= clamp(spot->x1, -1, cells->width - 1);
             x++) {
            float dx = (float)x + 0.5F - spot->x, dy = (float)y + 0.5F - spot->y, weight, depth_mm;
            weigh_dot(1, spot, ink->plan.profiles->disc[spot->profile], dx, dy, &weight);
            if (ink->depth_mm != NULL) {
                cell_depths(ink, cells->coarse, x, y, 1, &depth_mm);
                hide(1, spot, dx, dy, &depth_mm, &weight);
            }
            density[(ptrdiff_t)y * cells->width + x] += spot->amount[0] * weight;
        }
}

static bool new_flush(Arena *scratch, Ink *ink, Err *err)
{
    const MarkPlan *plan = &ink->plan;
    Cells *flush = &ink->flush;
    flush->coarse = plan->flush_coarse;
    flush->width = parallel_block_count(ink->width_px, flush->coarse);
    flush->height = parallel_block_count(ink->height_px, flush->coarse);
    size_t cells = (size_t)flush->width * (size_t)flush->height;
    float *memory = ARENA_NEW(scratch, float, 3 * cells);
    ink->tile_red = ARENA_NEW(scratch, bool, (size_t)ink->columns *(size_t)ink->rows);
    if (memory == NULL || ink->tile_red == NULL)
        return err_set(err, ERR_LIMIT, "no room for the flush of %zu cells", cells);
    for (int k = 0; k < 3; k++)
        flush->at[k] = memory + (size_t)k * cells;
    for (int i = 0; i < plan->state->mark_count; i++) {
        add_spot(ink, &plan->flush[i], memory);
        Box box = spot_tiles(ink, &plan->flush[i], flush->coarse);
        for (int y = box.y0; y <= box.y1; y++)
            for (int x = box.x0; x <= box.x1; x++)
                ink->tile_red[y * ink->columns + x] = true;
    }
    for (size_t i = 0; i < cells; i++) {
        float share = 1 - expf(-memory[i] / FLUSH_HALF_PER_MM2);
        for (int k = 0; k < 3; k++)
            flush->at[k][i] = expf(-plan->state->flush_depth[k] * share);
    }
    return true;
}

/* ---- all of it
 * ------------------------------------------------------------------------------------ */

bool look_ink_new(Arena *scratch, const LookPlate *plate, const Profiles *profiles,
                  const LookState *state, int threads, Ink *ink, Err *err)
{
    const Lens *lens = &plate->camera.lens;
    *ink = (Ink){.plan = {.camera = &plate->camera,
                          .state = state,
                          .profiles = profiles,
                          .blur_px2 = plate->blur_px * plate->blur_px},
                 .depth_mm = plate->depth_mm,
                 .width_px = lens->width_px,
                 .height_px = lens->height_px,
                 .columns = parallel_block_count(lens->width_px, TILE_WIDTH),
                 .rows = parallel_block_count(lens->height_px, TILE_HEIGHT)};
    if (!look_plan_marks(scratch, &ink->plan, threads, err) || !sort_marks(scratch, ink, err))
        return false;
    return ink->plan.flush == NULL || new_flush(scratch, ink, err);
}

typedef struct Plate {
    const Ink *ink;
    float (*tau)[3];
} Plate;

static void add_tile(const Ink *ink, int column, int row, const Through *through, float (*tau)[3])
{
    int x0 = column * TILE_WIDTH, y0 = row * TILE_HEIGHT;
    for (int y = 0; y < TILE_HEIGHT && y0 + y < ink->height_px; y++)
        for (int x = 0; x < TILE_WIDTH && x0 + x < ink->width_px; x++)
            for (int k = 0; k < 3; k++) {
                float t = through->at[k][y * TILE_WIDTH + x];
                if (t < 1 || t > 1)
                    tau[(ptrdiff_t)(y0 + y) * ink->width_px + x0 + x][k] -= logf(fmaxf(t, 1e-30F));
            }
}

static void add_rows(void *ctx, int block, int begin, int end)
{
    (void)begin, (void)end;
    const Plate *plate = ctx;
    Through through;
    for (int column = 0; column < plate->ink->columns; column++)
        if (look_ink_tile(plate->ink, column, block, &through))
            add_tile(plate->ink, column, block, &through, plate->tau);
}

static bool check_plate(const LookPlate *plate, Err *err)
{
    const Lens *lens = &plate->camera.lens;
    if (lens->width_px < 1 || lens->height_px < 1 || lens->width_px > IMAGE_MAX_SIDE_PX ||
        lens->height_px > IMAGE_MAX_SIDE_PX)
        return err_set(err, ERR_INPUT, "a picture of %d x %d px: each side must be 1 to %d",
                       lens->width_px, lens->height_px, IMAGE_MAX_SIDE_PX);
    if (!(plate->blur_px >= 0 && plate->blur_px <= 30))
        return err_set(err, ERR_INPUT, "a blur of %g px is not within 0..30", plate->blur_px);
    if (!(lens->focal_px > 0) || !isfinite(lens->k1))
        return err_set(err, ERR_INPUT, "a lens of %g px focal length and k1 %g sees nothing",
                       lens->focal_px, lens->k1);
    return true;
}

bool look_plate_splat(Arena *scratch, const LookPlate *plate, const LookState *state, int threads,
                      float (*tau)[3], Err *err)
{
    size_t mark = arena_mark(scratch);
    const Profiles *profiles;
    Ink ink;
    if (!check_plate(plate, err) || !look_make_profiles(scratch, &profiles, err) ||
        !look_ink_new(scratch, plate, profiles, state, threads, &ink, err))
        return false;
    Plate all = {&ink, tau};
    parallel_for(threads, ink.rows, 1, add_rows, &all);
    arena_rewind(scratch, mark);
    return true;
}
