#include "look_internal.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

/* The picture is drawn tile by tile, each in memory of its own: a tile that no mark reaches costs
 * nothing, and the transmittance of a whole photograph never exists at once. Marks multiply into a
 * tile in the order of their index, so any number of threads gives the same bytes. */

static const float FLUSH_HALF_PER_MM2 = 0.4F; /* marks per mm2 that redden to 63 % */

/* Marks of a tile lie anywhere in memory: they are sent for some marks ahead. */
#define FETCH(address) __builtin_prefetch(address)

enum {
    AHEAD = 4,
    LINE_FLOATS = 16,                             /* of a cache line */
    MAX_CELL_STRIDE = TILE_WIDTH / 2 + 2 + LANES, /* on grids coarser than the pixels' */
    MAX_CELL_ROWS = TILE_HEIGHT / 2 + 2,
};

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* The depth at the middle of each cell; cells beyond the picture see its border. */
static void fill_depths(const Ink *ink, const Cells *cells, float *depth_mm)
{
    int c = cells->coarse;
    for (int y = 0; y < cells->height; y++) {
        int py = clamp((cells->y + y) * c + c / 2, 0, ink->height_px - 1);
        const float *row = &ink->depth_mm[(ptrdiff_t)py * ink->width_px];
        for (int x = 0; x < cells->stride; x++)
            depth_mm[y * cells->stride + x] =
                row[clamp((cells->x + x) * c + c / 2, 0, ink->width_px - 1)];
    }
}

/* ---- coarse cells to pixels
 * ----------------------------------------------------------------------- */

/* A row of cells stretched to the pixels of a tile, linear between their middles. A tile holds
 * whole cells. */
static void stretch(const Cells *cells, const float cell[], int x_px, float out[TILE_WIDTH])
{
    int coarse = cells->coarse, first = x_px / coarse - cells->x, last = cells->width - 1;
    float step = 1.0F / (float)coarse;
    for (int m = 0; m < TILE_WIDTH / coarse; m++) {
        float here = cell[clamp(first + m, 0, last)];
        float left = (here - cell[clamp(first + m - 1, 0, last)]) * step;
        float right = (cell[clamp(first + m + 1, 0, last)] - here) * step;
        for (int j = 0; j < coarse; j++) {
            float from_middle = (float)j + 0.5F - 0.5F * (float)coarse;
            out[m * coarse + j] = here + from_middle * (from_middle < 0 ? left : right);
        }
    }
}

static void lay(float share, const float a[restrict TILE_WIDTH], const float b[restrict TILE_WIDTH],
                float through[restrict TILE_WIDTH])
{
    for (int x = 0; x < TILE_WIDTH; x++)
        through[x] *= a[x] + share * (b[x] - a[x]);
}

/* Multiplies a tile by cells, bilinear between their middles: sums are kept. Cells beyond the ones
 * that exist are as those at the border. */
static void spread(const Cells *cells, int x_px, int y_px, Through *through)
{
    float step = 1.0F / (float)cells->coarse, row[2][TILE_WIDTH];
    for (int k = 0; k < 3; k++) {
        int have = INT32_MIN; /* row[0] is this row of cells, row[1] the next */
        for (int y = 0; y < TILE_HEIGHT; y++) {
            float at = ((float)(y_px + y) + 0.5F) * step + 0.5F;
            int top = (int)at - 1 - cells->y;
            for (int r = 0; r < 2 && have != top; r++) {
                int from = clamp(top + r, 0, cells->height - 1);
                stretch(cells, cells->at[k] + (ptrdiff_t)from * cells->stride, x_px, row[r]);
            }
            have = top;
            lay(at - (float)(int)at, row[0], row[1], &through->at[k][y * TILE_STRIDE]);
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
    cells.stride = cells.depth_stride = cells.width + LANES;
    for (int k = 0; k < 3; k++)
        cells.at[k] = memory + k * cells.stride * cells.height;
    return cells;
}

/* A tile that lies wholly within the picture reads its depth where it stands. */
static void set_fine_depth(const Ink *ink, int column, int row, float *memory, Cells *fine)
{
    if (ink->depth_mm == NULL)
        return;
    fine->depth_mm = memory;
    for (int y = 0; y < fine->height && fine->y + y < ink->height_px; y++)
        for (int x = 0; x < fine->width && fine->x + x < ink->width_px; x += LINE_FLOATS)
            FETCH(&ink->depth_mm[(ptrdiff_t)(fine->y + y) * ink->width_px + fine->x + x]);
    if ((column + 1) * TILE_WIDTH + LANES <= ink->width_px &&
        (row + 1) * TILE_HEIGHT <= ink->height_px) {
        fine->depth_mm = &ink->depth_mm[(ptrdiff_t)fine->y * ink->width_px + fine->x];
        fine->depth_stride = ink->width_px;
    } else {
        fill_depths(ink, fine, memory);
    }
}

static void draw_halos(const Ink *ink, int column, int row, int begin, int end, Through *through)
{
    const MarkPlan *plan = &ink->plan;
    float memory[3 * MAX_CELL_ROWS * MAX_CELL_STRIDE], depth_mm[MAX_CELL_ROWS * MAX_CELL_STRIDE];
    Cells wide = tile_cells(column, row, plan->coarse, memory);
    fill_ones(3 * (size_t)wide.stride * (size_t)wide.height, memory);
    if (ink->depth_mm != NULL) {
        fill_depths(ink, &wide, depth_mm);
        wide.depth_mm = depth_mm;
    }
    for (int i = begin; i < end; i++) {
        if (i + AHEAD < end)
            FETCH(&plan->halo[ink->tile_mark[i + AHEAD]]);
        ink->draw(plan->profiles, &plan->halo[ink->tile_mark[i]], &wide);
    }
    spread(&wide, column * TILE_WIDTH, row * TILE_HEIGHT, through);
}

bool look_ink_tile(const Ink *ink, int column, int row, Through *through)
{
    ptrdiff_t tile = (ptrdiff_t)row * ink->columns + column;
    int begin = ink->tile_start[tile], end = ink->tile_start[tile + 1];
    bool red = ink->tile_red != NULL && ink->tile_red[tile];
    if (begin == end && !red)
        return false;
    const MarkPlan *plan = &ink->plan;
    float depth_mm[TILE_STRIDE * TILE_HEIGHT];
    Cells fine = tile_cells(column, row, 1, through->at[0]);
    set_fine_depth(ink, column, row, depth_mm, &fine);
    fill_ones(3 * (size_t)TILE_STRIDE * TILE_HEIGHT, through->at[0]);
    for (int i = begin; i < end; i++) {
        if (i + AHEAD < end)
            FETCH(&plan->core[ink->tile_mark[i + AHEAD]]);
        ink->draw(plan->profiles, &plan->core[ink->tile_mark[i]], &fine);
        if (plan->coarse == 1)
            ink->draw(plan->profiles, &plan->halo[ink->tile_mark[i]], &fine);
    }
    if (plan->coarse > 1 && begin < end)
        draw_halos(ink, column, row, begin, end, through);
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

static bool new_flush(Arena *scratch, Ink *ink, Err *err)
{
    const MarkPlan *plan = &ink->plan;
    Cells *flush = &ink->flush;
    *flush = (Cells){.coarse = plan->flush_coarse,
                     .width = parallel_block_count(ink->width_px, plan->flush_coarse),
                     .height = parallel_block_count(ink->height_px, plan->flush_coarse)};
    flush->stride = flush->depth_stride = flush->width + LANES;
    size_t cells = (size_t)flush->stride * (size_t)flush->height;
    float *memory = ARENA_NEW(scratch, float, 4 * cells);
    ink->tile_red = ARENA_NEW(scratch, bool, (size_t)ink->columns *(size_t)ink->rows);
    if (memory == NULL || ink->tile_red == NULL)
        return err_set(err, ERR_LIMIT, "no room for the flush of %zu cells", cells);
    for (int k = 0; k < 3; k++)
        flush->at[k] = memory + (size_t)k * cells;
    if (ink->depth_mm != NULL) {
        fill_depths(ink, flush, memory + 3 * cells);
        flush->depth_mm = memory + 3 * cells;
    }
    flush->sums = true;
    for (int i = 0; i < plan->state->mark_count; i++) {
        ink->draw(plan->profiles, &plan->flush[i], flush);
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

static bool fill_ink(Arena *scratch, const LookState *state, const Profiles *profiles, int threads,
                     Ink *ink, Err *err)
{
    ink->plan.state = state;
    ink->plan.profiles = profiles;
    ink->columns = parallel_block_count(ink->width_px, TILE_WIDTH);
    ink->rows = parallel_block_count(ink->height_px, TILE_HEIGHT);
    ink->draw = look_draw_best();
    if (!look_plan_marks(scratch, &ink->plan, threads, err) || !sort_marks(scratch, ink, err))
        return false;
    return ink->plan.flush == NULL || new_flush(scratch, ink, err);
}

bool look_ink_new(Arena *scratch, const LookPlate *plate, const Profiles *profiles,
                  const LookState *state, int threads, Ink *ink, Err *err)
{
    *ink = (Ink){.plan = {.camera = &plate->camera, .blur_px2 = plate->blur_px * plate->blur_px},
                 .depth_mm = plate->depth_mm,
                 .width_px = plate->camera.lens.width_px,
                 .height_px = plate->camera.lens.height_px};
    return fill_ink(scratch, state, profiles, threads, ink, err);
}

bool look_ink_on_chart(Arena *scratch, const LookChart *chart, const Profiles *profiles,
                       const LookState *state, int threads, Ink *ink, Err *err)
{
    *ink = (Ink){.plan = {.chart = chart}, .width_px = chart->side_px, .height_px = chart->side_px};
    return fill_ink(scratch, state, profiles, threads, ink, err);
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
                float t = through->at[k][y * TILE_STRIDE + x];
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
