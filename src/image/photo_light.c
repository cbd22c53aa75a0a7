#include "image/photo_internal.h"

#include "base/parallel.h"

#include <string.h>

enum { TILE = 32, BAND_ROWS = 32 };

PhotoTurn photo_turn(int orientation, int stored_width_px, int stored_height_px)
{
    /* Exif 2.32, 4.6.4.A: where the stored row 0 and column 0 are in the upright picture. As steps:
     * which stored axis runs along the upright x, and in which direction each runs. */
    static const struct {
        bool swapped, left, up;
    } turns[9] = {[1] = {0, 0, 0}, [2] = {0, 1, 0}, [3] = {0, 1, 1}, [4] = {0, 0, 1},
                  [5] = {1, 0, 0}, [6] = {1, 1, 0}, [7] = {1, 1, 1}, [8] = {1, 0, 1}};
    bool swapped = turns[orientation].swapped;
    PhotoTurn turn = {.width_px = swapped ? stored_height_px : stored_width_px,
                      .height_px = swapped ? stored_width_px : stored_height_px,
                      .right = swapped ? stored_width_px : 1,
                      .down = swapped ? 1 : stored_width_px};
    if (turns[orientation].left) {
        turn.start += (turn.width_px - 1) * turn.right;
        turn.right = -turn.right;
    }
    if (turns[orientation].up) {
        turn.start += (turn.height_px - 1) * turn.down;
        turn.down = -turn.down;
    }
    return turn;
}

/* What each code adds to the three channels of light (the fourth is idle, for the vector unit). */
typedef struct Adds {
    float of[3][256][4];
} Adds;

typedef struct Job {
    const PhotoRaw *raw;
    const void *pixels;
    PhotoTurn turn;
    Photo *photo;
    Adds adds;
} Job;

/* n pixels of 8 bits at steps of `right` pixels. */
static void light_8(int n, ptrdiff_t right, const uint8_t *code, const Adds *adds, float light[],
                    uint8_t grey[])
{
    for (int i = 0; i < n; i++, code += 3 * right) {
        const float *r = adds->of[0][code[0]], *g = adds->of[1][code[1]], *b = adds->of[2][code[2]];
        float sum[4];
        for (int k = 0; k < 4; k++)
            sum[k] = r[k] + g[k] + b[k];
        for (int k = 0; k < 3; k++)
            light[3 * i + k] = sum[k];
        /* JFIF's luma in units of 1/65536. */
        grey[i] = (uint8_t)((19595u * code[0] + 38470u * code[1] + 7471u * code[2] + 32768u) >> 16);
    }
}

static void light_16(int n, ptrdiff_t right, const uint16_t *code, const PhotoColor *color,
                     float light[], uint8_t grey[])
{
    for (int i = 0; i < n; i++, code += 4 * right) {
        float r = color->curve[0][code[0]], g = color->curve[1][code[1]],
              b = color->curve[2][code[2]];
        for (int k = 0; k < 3; k++)
            light[3 * i + k] =
                color->matrix[k][0] * r + color->matrix[k][1] * g + color->matrix[k][2] * b;
        uint64_t luma = 19595ull * code[0] + 38470ull * code[1] + 7471ull * code[2];
        grey[i] = (uint8_t)((luma / 257 + 32768) >> 16); /* 65535 / 257 = 255 */
    }
}

/* Light as it is; what is no number becomes black, for it comes from an untrusted place. */
static void light_f(int n, ptrdiff_t right, const float *from, float light[], uint8_t grey[])
{
    for (int i = 0; i < n; i++, from += 3 * right) {
        uint8_t code[3];
        for (int k = 0; k < 3; k++)
            light[3 * i + k] = from[k] > -16.0f && from[k] < 16.0f ? from[k] : 0.0f;
        color_to_srgb8((Rgb){light[3 * i], light[3 * i + 1], light[3 * i + 2]}, code);
        grey[i] = (uint8_t)((19595u * code[0] + 38470u * code[1] + 7471u * code[2] + 32768u) >> 16);
    }
}

static void light_run(const Job *job, int x, int y, int n)
{
    const PhotoTurn *turn = &job->turn;
    ptrdiff_t from = turn->start + x * turn->right + y * turn->down;
    size_t to = (size_t)y * (size_t)turn->width_px + (size_t)x;
    float *light = job->photo->light.rgb + 3 * to;
    uint8_t *grey = job->photo->grey + to;
    if (job->raw->kind == PHOTO_KIND_8)
        light_8(n, turn->right, (const uint8_t *)job->pixels + 3 * from, &job->adds, light, grey);
    else if (job->raw->kind == PHOTO_KIND_16)
        light_16(n, turn->right, (const uint16_t *)job->pixels + 4 * from, &job->raw->color, light,
                 grey);
    else
        light_f(n, turn->right, (const float *)job->pixels + 3 * from, light, grey);
}

/* Whole rows when they are rows of the file too, else tiles, so that columns stay in the cache. */
static void light_rows(void *ctx, int block, int begin, int end)
{
    const Job *job = ctx;
    int width = job->turn.width_px;
    bool rows = job->turn.right == 1 || job->turn.right == -1;
    int tile = rows ? width : TILE;
    (void)block;
    for (int x = 0; x < width; x += tile)
        for (int y = begin; y < end; y++)
            light_run(job, x, y, x + tile < width ? tile : width - x);
}

static void fill_adds(const PhotoColor *color, Adds *adds)
{
    for (int channel = 0; channel < 3; channel++)
        for (int code = 0; code < 256; code++)
            for (int k = 0; k < 3; k++)
                adds->of[channel][code][k] =
                    color->matrix[k][channel] * color->curve[channel][code];
}

void photo_light(int threads, PhotoRaw *raw, Photo *photo)
{
    Job job = {.raw = raw,
               .pixels = photo_pixels(raw),
               .turn = photo_turn(raw->facts.orientation, raw->width_px, raw->height_px),
               .photo = photo};
    if (raw->kind == PHOTO_KIND_8)
        fill_adds(&raw->color, &job.adds);
    parallel_for(threads, job.turn.height_px, BAND_ROWS, light_rows, &job);
}
