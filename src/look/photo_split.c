#include "photo_internal.h"

#include "base/parallel.h"

#include <math.h>

/* Each pixel's light parted in what came from within the skin and what shines on top, and how much
 * of the skin is seen there at all. */

enum { BAND_PX = 32, TAPS = 5 };
static const float TAP[TAPS] = {0.0625F, 0.25F, 0.375F, 0.25F, 0.0625F};
/* Shine is told from noise by standard deviations; where it is a small share of the light it is not
 * told from the skin's own blotches, nor from the blocks of 16 px in which JPEG keeps colours. */
static const float SHINE_SD = 0.8F, SHINE_LEAST = 0.02F, SHINE_SURE = 0.12F;
/* No shine where the light is not above the skin's own: shares of its level. */
static const float SHINE_FROM = 0.95F, SHINE_FULL = 1.25F;
/* A pixel as dark as this, against the skin around it, is hair; from the other on it is skin. */
static const float HAIR_DARK = 0.22F, HAIR_NONE = 0.45F;

typedef struct Count {
    int64_t canvas, skin, hair, shine, pairs;
    double corner[6]; /* sums over pixels of products of what neighbours do not explain */
} Count;

typedef struct Split {
    LookPhoto *photo;
    const LookPhotoParams *params;
    const Surface *surface;
    const SkinMap *map;
    float (*raw)[2]; /* [height][width] m and s, smoothed along the rows */
    float *row;      /* [bands][width][2] */
    Count *count;    /* [bands] */
} Split;

static float ramp(float x, float low, float high)
{
    float t = (x - low) / (high - low);
    return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t);
}

static int clamp(int value, int high)
{
    return value < 0 ? 0 : value > high ? high : value;
}

static const float *light_row(const Split *split, int y)
{
    const LookPhoto *photo = split->photo;
    return &photo->light->rgb[3 * ((ptrdiff_t)(y + photo->part.top) * photo->light->width_px +
                                   photo->part.left)];
}

static void part_row(const Split *split, int y, float (*line)[2], float (*raw)[2])
{
    int width = split->photo->part.width, side = split->map->side_px;
    const SkinCell *cells = &split->map->cell[(ptrdiff_t)(y / side) * split->map->width];
    const float *rgb = light_row(split, y);
    for (int x = 0; x < width; x++, rgb += 3) {
        const SkinCell *c = &cells[x / side];
        line[x][0] = c->diffuse[0] * rgb[0] + c->diffuse[1] * rgb[1] + c->diffuse[2] * rgb[2];
        line[x][1] = c->shine[0] * rgb[0] + c->shine[1] * rgb[1] + c->shine[2] * rgb[2];
    }
    for (int x = 0; x < width; x++) {
        float sum[2] = {0, 0};
        for (int t = 0; t < TAPS; t++) {
            int from = clamp(x + t - TAPS / 2, width - 1);
            sum[0] += TAP[t] * line[from][0];
            sum[1] += TAP[t] * line[from][1];
        }
        raw[x][0] = sum[0], raw[x][1] = sum[1];
    }
}

static void part_band(void *ctx, int block, int begin, int end)
{
    const Split *split = ctx;
    int width = split->photo->part.width;
    float(*line)[2] = (float(*)[2]) & split->row[(ptrdiff_t)block * 2 * width];
    for (int y = begin; y < end; y++)
        part_row(split, y, line, &split->raw[(ptrdiff_t)y * width]);
}

/* Of the cells around, bilinear between their middles. */
static float foreign_at(const SkinMap *map, int x, int y)
{
    float cx = ((float)x + 0.5F) / (float)map->side_px - 0.5F;
    float cy = ((float)y + 0.5F) / (float)map->side_px - 0.5F;
    int x0 = (int)floorf(cx), y0 = (int)floorf(cy);
    float fx = cx - (float)x0, fy = cy - (float)y0;
    int left = clamp(x0, map->width - 1), right = clamp(x0 + 1, map->width - 1);
    const SkinCell *top = &map->cell[(ptrdiff_t)clamp(y0, map->height - 1) * map->width];
    const SkinCell *low = &map->cell[(ptrdiff_t)clamp(y0 + 1, map->height - 1) * map->width];
    float a = top[left].foreign + fx * (top[right].foreign - top[left].foreign);
    float b = low[left].foreign + fx * (low[right].foreign - low[left].foreign);
    return a + fy * (b - a);
}

/* Standard deviation of s, which noise makes. */
static float shine_noise(const Split *split, const SkinCell *cell, const float rgb[3])
{
    float sum = 0;
    for (int k = 0; k < 3; k++) {
        float variance = (float)split->photo->noise_a[k] + (float)split->photo->noise_b[k] * rgb[k];
        sum += cell->shine[k] * cell->shine[k] * variance;
    }
    return sqrtf(fmaxf(sum, 0));
}

static void count_grain(const float *rgb, Count *count)
{
    float rest[3];
    for (int k = 0; k < 3; k++)
        rest[k] = rgb[k] - 0.5F * (rgb[k - 3] + rgb[k + 3]);
    for (int k = 0, n = 0; k < 3; k++)
        for (int j = k; j < 3; j++, n++)
            count->corner[n] += (double)(rest[k] * rest[j]);
    count->pairs++;
}

static void split_pixel(const Split *split, int x, int y, const float *rgb, float m, float s,
                        Count *count)
{
    const SkinMap *map = split->map;
    LookPhoto *photo = split->photo;
    ptrdiff_t at = (ptrdiff_t)y * photo->part.width + x;
    if (split->surface->cosine[at] == 0)
        return;
    const SkinCell *cell =
        &map->cell[(ptrdiff_t)(y / map->side_px) * map->width + x / map->side_px];
    float total = fmaxf(m + s, 1e-6F), bright = total / cell->level;
    s -= SHINE_SD * shine_noise(split, cell, rgb);
    s *= ramp(s / total, SHINE_LEAST, SHINE_SURE) * ramp(bright, SHINE_FROM, SHINE_FULL);
    s = s > 0 ? fminf(s, total) : 0;
    photo->shine[at] = (uint16_t)fminf(s * SHINE_SCALE + 0.5F, UINT16_MAX);
    /* a hair is hardly wider than a pixel: told by the pixel alone */
    float own = 0;
    for (int k = 0; k < 3; k++)
        own += (cell->diffuse[k] + cell->shine[k]) * rgb[k];
    float hair = 1 - ramp(own / cell->hair_level, HAIR_DARK, HAIR_NONE);
    float foreign = foreign_at(map, x, y);
    float seen = (1 - hair) * (1 - foreign), open = seen * split->surface->keep[at];
    const uint8_t *shut = split->params->shut;
    if (shut != NULL &&
        shut[(ptrdiff_t)(y + photo->part.top) * photo->light->width_px + x + photo->part.left] != 0)
        open = 0;
    photo->open[at] = (uint8_t)(255 * open + 0.5F);
    count->canvas++;
    count->skin += seen > 0.5F;
    count->hair += hair > 0.5F;
    count->shine += s > 0.1F * total;
    if (seen > 0.9F && x > 0 && x + 1 < photo->part.width)
        count_grain(rgb, count);
}

static void split_band(void *ctx, int block, int begin, int end)
{
    const Split *split = ctx;
    Part part = split->photo->part;
    for (int y = begin; y < end; y++) {
        const float *rgb = light_row(split, y);
        const float(*from[TAPS])[2];
        for (int t = 0; t < TAPS; t++)
            from[t] = (const float(*)[2]) &
                      split->raw[(ptrdiff_t)clamp(y + t - TAPS / 2, part.height - 1) * part.width];
        for (int x = 0; x < part.width; x++) {
            float m = 0, s = 0;
            for (int t = 0; t < TAPS; t++) {
                m += TAP[t] * from[t][x][0];
                s += TAP[t] * from[t][x][1];
            }
            split_pixel(split, x, y, &rgb[3 * x], m, s, &split->count[block]);
        }
    }
}

/* How much of the grain all channels have in common. */
static double shared_grain(const Count *count)
{
    double rr = count->corner[0], gg = count->corner[3], bb = count->corner[5];
    if (!(count->pairs > 0 && rr > 0 && gg > 0 && bb > 0))
        return 0;
    double mean = (count->corner[1] / sqrt(rr * gg) + count->corner[2] / sqrt(rr * bb) +
                   count->corner[4] / sqrt(gg * bb)) /
                  3;
    return fmin(fmax(mean, 0), 1);
}

static void sum_facts(const Split *split, int bands, double *shared)
{
    Count all = {0};
    for (int b = 0; b < bands; b++) {
        const Count *c = &split->count[b];
        all.canvas += c->canvas, all.skin += c->skin, all.hair += c->hair, all.shine += c->shine;
        all.pairs += c->pairs;
        for (int k = 0; k < 6; k++)
            all.corner[k] += c->corner[k];
    }
    double canvas = all.canvas > 0 ? (double)all.canvas : 1;
    Rgb e = split->map->illuminant;
    split->photo->facts = (LookPhotoFacts){.skin_share = (double)all.skin / canvas,
                                           .hair_share = (double)all.hair / canvas,
                                           .shine_share = (double)all.shine / canvas,
                                           .px_per_mm = split->surface->px_per_mm,
                                           .illuminant = {e.r / e.g, 1, e.b / e.g}};
    *shared = shared_grain(&all);
}

bool look_photo_split(Arena *scratch, const LookPhotoParams *params, const Surface *surface,
                      const SkinMap *map, LookPhoto *photo, double *shared, Err *err)
{
    size_t mark = arena_mark(scratch), width = (size_t)photo->part.width;
    size_t pixels = width * (size_t)photo->part.height;
    int bands = parallel_block_count(photo->part.height, BAND_PX);
    Split split = {.photo = photo, .params = params, .surface = surface, .map = map};
    split.raw = arena_alloc(scratch, pixels, sizeof *split.raw);
    split.row = ARENA_NEW(scratch, float, 2 * width * (size_t)bands);
    split.count = ARENA_NEW(scratch, Count, (size_t)bands);
    if (split.raw == NULL || split.row == NULL || split.count == NULL)
        return err_set(err, ERR_LIMIT, "no room to part the light of %zu pixels", pixels);
    parallel_for(photo->threads, photo->part.height, BAND_PX, part_band, &split);
    parallel_for(photo->threads, photo->part.height, BAND_PX, split_band, &split);
    sum_facts(&split, bands, shared);
    arena_rewind(scratch, mark);
    return true;
}
