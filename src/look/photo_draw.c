#include "photo_internal.h"

#include "base/parallel.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

/* out = I - D (1 - T) open, D = I - S what comes from within the skin: multiplication keeps the
 * shading, the shine stays on top and hair in front.
 *
 * It also scales the grain by t = out / I, where light of t I would have more: of a variance a + b
 * I what is missing is a (1 - t^2) + b I t (1 - t), and is added, coloured as the photograph's. */

enum { GRAIN_STRIDE = GRAIN_TILE + TILE_WIDTH };
static const double MOST_GRAIN_PX = 8; /* of the blur of a tile of noise */
static const float LEAST_LIGHT = 1e-6F;

/* ---- grain
 * ------------------------------------------------------------------------------------------- */

/* White noise blurred around its borders by a Gaussian, variance 1. */
static void make_noise(uint64_t seed, uint64_t stream, double sigma_px, float *line, float *noise)
{
    enum { PIXELS = GRAIN_TILE * GRAIN_TILE };
    Rng rng = rng_make(seed, stream);
    double sigma = fmin(sigma_px, MOST_GRAIN_PX), sum = 0, squares = 0;
    int reach = sigma > 0.2 ? (int)(3 * sigma) + 1 : 0;
    for (int i = 0; i < PIXELS; i++)
        noise[i] = (float)rng_normal(&rng);
    for (int pass = 0; pass < 2 && reach > 0; pass++) { /* along, then turned */
        for (int y = 0; y < GRAIN_TILE; y++)
            for (int x = 0; x < GRAIN_TILE; x++) {
                double value = 0;
                for (int d = -reach; d <= reach; d++)
                    value += exp(-0.5 * d * d / (sigma * sigma)) *
                             (double)noise[y * GRAIN_TILE + ((x + d) & (GRAIN_TILE - 1))];
                line[x * GRAIN_TILE + y] = (float)value;
            }
        memcpy(noise, line, PIXELS * sizeof *noise);
    }
    for (int i = 0; i < PIXELS; i++)
        sum += (double)noise[i];
    for (int i = 0; i < PIXELS; i++)
        squares += ((double)noise[i] - sum / PIXELS) * ((double)noise[i] - sum / PIXELS);
    for (int i = 0; i < PIXELS; i++)
        noise[i] = (float)(((double)noise[i] - sum / PIXELS) / sqrt(squares / PIXELS));
}

bool look_photo_grain(Arena *arena, Arena *scratch, double sigma_px, double shared,
                      LookPhoto *photo, Err *err)
{
    enum { PIXELS = GRAIN_TILE * GRAIN_TILE };
    size_t mark = arena_mark(scratch);
    float *noise = ARENA_NEW(scratch, float, 5 * (size_t)PIXELS), *line = noise + 4 * PIXELS;
    photo->grain = ARENA_NEW(arena, float, 3 * (size_t)GRAIN_TILE * GRAIN_STRIDE);
    if (noise == NULL || photo->grain == NULL)
        return err_set(err, ERR_LIMIT, "no room for grain");
    for (int k = 0; k < 4; k++)
        make_noise(photo->seed, (uint64_t)k, sigma_px, line, noise + k * PIXELS);
    float common = (float)sqrt(shared), own = (float)sqrt(1 - shared);
    for (int k = 0; k < 3; k++)
        for (int y = 0; y < GRAIN_TILE; y++)
            for (int x = 0; x < GRAIN_STRIDE; x++) {
                int at = y * GRAIN_TILE + x % GRAIN_TILE;
                photo->grain[(k * GRAIN_TILE + y) * GRAIN_STRIDE + x] =
                    common * noise[3 * PIXELS + at] + own * noise[k * PIXELS + at];
            }
    arena_rewind(scratch, mark);
    return true;
}

static uint64_t hash(uint64_t x)
{
    x ^= x >> 30, x *= 0xBF58476D1CE4E5B9U; /* splitmix64: Steele et al., OOPSLA 2014 */
    x ^= x >> 27, x *= 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

/* ---- one row of a tile
 * ------------------------------------------------------------------------------- */

typedef struct RowPart { /* planes of one row */
    float light[3][TILE_WIDTH], out[3][TILE_WIDTH], open[TILE_WIDTH], shine[TILE_WIDTH];
} RowPart;

typedef struct Tone { /* of one channel */
    float illuminant, noise_a, noise_b;
} Tone;

static void compose(Tone tone, const float light[restrict TILE_WIDTH],
                    const float shine[restrict TILE_WIDTH], const float open[restrict TILE_WIDTH],
                    const float through[restrict TILE_WIDTH],
                    const float grain[restrict TILE_WIDTH], float out[restrict TILE_WIDTH])
{
    for (int x = 0; x < TILE_WIDTH; x++) {
        float within = light[x] - tone.illuminant * shine[x];
        within = within > 0 ? within : 0;
        float loss = within * (1 - through[x]) * open[x], left = light[x] - loss;
        float base = light[x] > LEAST_LIGHT ? light[x] : LEAST_LIGHT, share = loss / base;
        float missing = share * (tone.noise_b * left + tone.noise_a * (2 - share));
        missing = missing > 0 ? missing : 0;
        out[x] = left + grain[x] * sqrtf(missing);
    }
}

static void load_row(const LookPhoto *photo, int x0, int y, int n, RowPart *row)
{
    const float shine = 1.0F / SHINE_SCALE, open = 1.0F / 255;
    ptrdiff_t at = (ptrdiff_t)y * photo->part.width + x0;
    const float *rgb =
        &photo->light->rgb[3 * ((ptrdiff_t)(y + photo->part.top) * photo->light->width_px + x0 +
                                photo->part.left)];
    for (int x = 0; x < n; x++) {
        row->open[x] = open * (float)photo->open[at + x];
        row->shine[x] = shine * (float)photo->shine[at + x];
        for (int k = 0; k < 3; k++)
            row->light[k][x] = rgb[3 * x + k];
    }
}

/* ---- tiles
 * ---------------------------------------------------------------------------------------- */

typedef struct Draw {
    const LookPhoto *photo;
    const Ink *ink;
    ImageF *out;
} Draw;

static float *out_at(const Draw *draw, int x, int y)
{
    const Part *part = &draw->photo->part;
    return &draw->out->rgb[3 * ((ptrdiff_t)(y + part->top) * draw->out->width_px + x + part->left)];
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static bool is_open(const LookPhoto *photo, int x0, int y0, int width, int height)
{
    for (int y = y0; y < y0 + height; y++) {
        const uint8_t *row = &photo->open[(ptrdiff_t)y * photo->part.width + x0];
        for (int x = 0; x < width; x++)
            if (row[x] != 0)
                return true;
    }
    return false;
}

static void copy_tile(const Draw *draw, int x0, int y0, int width, int height)
{
    const LookPhoto *photo = draw->photo;
    for (int y = y0; y < y0 + height; y++) {
        ptrdiff_t px =
            (ptrdiff_t)(y + photo->part.top) * photo->light->width_px + x0 + photo->part.left;
        memcpy(out_at(draw, x0, y), &photo->light->rgb[3 * px], 3 * sizeof(float) * (size_t)width);
    }
}

static void compose_tile(const Draw *draw, int x0, int y0, int width, int height,
                         const Through *through)
{
    const LookPhoto *photo = draw->photo;
    const Tone tone[3] = {
        {photo->illuminant.r, (float)photo->noise_a[0], (float)photo->noise_b[0]},
        {photo->illuminant.g, (float)photo->noise_a[1], (float)photo->noise_b[1]},
        {photo->illuminant.b, (float)photo->noise_a[2], (float)photo->noise_b[2]}};
    uint64_t place = (uint64_t)(y0 / TILE_HEIGHT) << 32 | (uint64_t)(x0 / TILE_WIDTH);
    uint64_t turn = hash(photo->seed ^ hash(place + 0x9E3779B97F4A7C15U));
    RowPart row = {.open = {0}};
    for (int y = 0; y < height; y++) {
        load_row(photo, x0, y0 + y, width, &row);
        int grain_y = (int)((turn + (uint64_t)y) % GRAIN_TILE);
        for (int k = 0; k < 3; k++)
            compose(tone[k], row.light[k], row.shine, row.open, &through->at[k][y * TILE_STRIDE],
                    &photo->grain[(k * GRAIN_TILE + grain_y) * GRAIN_STRIDE +
                                  (int)((turn >> 32) % GRAIN_TILE)],
                    row.out[k]);
        float *out = out_at(draw, x0, y0 + y);
        for (int x = 0; x < width; x++)
            for (int k = 0; k < 3; k++)
                out[3 * x + k] = row.out[k][x];
    }
}

static void draw_tiles(void *ctx, int block, int begin, int end)
{
    (void)begin, (void)end;
    const Draw *draw = ctx;
    const LookPhoto *photo = draw->photo;
    int y0 = block * TILE_HEIGHT, height = least(TILE_HEIGHT, photo->part.height - y0);
    Through through;
    for (int column = 0; column < draw->ink->columns; column++) {
        int x0 = column * TILE_WIDTH, width = least(TILE_WIDTH, photo->part.width - x0);
        if (!is_open(photo, x0, y0, width, height))
            continue;
        if (look_ink_tile(draw->ink, column, block, &through))
            compose_tile(draw, x0, y0, width, height, &through);
        else
            copy_tile(draw, x0, y0, width, height);
    }
}

bool look_photo_draw(Arena *scratch, const LookPhoto *photo, const LookState *state, ImageF *out,
                     Err *err)
{
    if (out->width_px != photo->light->width_px || out->height_px != photo->light->height_px)
        return err_set(err, ERR_INPUT, "a picture of %d x %d px for a photograph of %d x %d",
                       out->width_px, out->height_px, photo->light->width_px,
                       photo->light->height_px);
    size_t mark = arena_mark(scratch);
    Ink ink;
    if (!look_ink_new(scratch, &photo->plate, photo->profiles, state, photo->threads, &ink, err))
        return false;
    Draw draw = {photo, &ink, out};
    parallel_for(photo->threads, ink.rows, 1, draw_tiles, &draw);
    arena_rewind(scratch, mark);
    return true;
}
