#include "sample/photos_internal.h"

#include "base/parallel.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

/* Three phones that nobody makes. Colours, curve, sharpening and noise are of the size that phones
 * have [assumption]: what matters is that they differ and are known. */
static const Phone phones[SAMPLE_PHONES] = {
    {.camera = "Halm One",
     .lens = "Halm One back camera 6.9mm f/1.8",
     .focal_share = 1.012,
     .adapt = 0.93,
     .matrix = {{1.10F, -0.08F, -0.02F}, {-0.03F, 1.07F, -0.04F}, {0.00F, -0.09F, 1.09F}},
     .contrast = 0.22,
     .sharpen = 0.45,
     .blur_px = 0.62,
     .smear_px = 0.45,
     .noise_a = 1.2e-6,
     .noise_b = 1.1e-4,
     .vignette = 0.10,
     .white = 0.74},
    {.camera = "Orlo 5",
     .lens = "Orlo 5 tele 2x",
     .focal_share = 0.985,
     .adapt = 0.98,
     .matrix = {{1.24F, -0.20F, -0.04F}, {-0.09F, 1.18F, -0.09F}, {0.01F, -0.19F, 1.18F}},
     .contrast = 0.40,
     .sharpen = 0.75,
     .blur_px = 0.75,
     .smear_px = 0.60,
     .noise_a = 2.5e-6,
     .noise_b = 2.2e-4,
     .vignette = 0.14,
     .white = 0.80},
    {.camera = "Tavi Note",
     .lens = "Tavi Note main",
     .focal_share = 1.004,
     .adapt = 0.86,
     .matrix = {{0.94F, 0.05F, 0.01F}, {0.02F, 0.95F, 0.03F}, {-0.01F, 0.04F, 0.97F}},
     .contrast = 0.12,
     .sharpen = 0.25,
     .blur_px = 0.85,
     .smear_px = 0.50,
     .noise_a = 5.0e-6,
     .noise_b = 3.6e-4,
     .vignette = 0.07,
     .white = 0.66},
};

const Phone *phone_make(int phone)
{
    return &phones[phone];
}

static double luminance(Rgb light)
{
    return color_luminance(light);
}

Exposure phone_expose(const Phone *phone, const Room *room, const SamplePhotosParams *params,
                      Vec3 facing)
{
    const float open[ROOM_LOBES] = {1, 1, 1, 1};
    Rgb white = room_irradiance(room, open, facing);
    double level = luminance(white);
    Exposure exposure = {.gain = phone->white / level,
                         .contrast = phone->contrast,
                         .sharpen = phone->sharpen,
                         .blur_px = phone->blur_px,
                         .smear_px = phone->smear_px,
                         .noise_a = phone->noise_a,
                         .noise_b = phone->noise_b,
                         .vignette = phone->vignette};
    exposure.balance = (Rgb){(float)pow(level / (double)white.r, phone->adapt),
                             (float)pow(level / (double)white.g, phone->adapt),
                             (float)pow(level / (double)white.b, phone->adapt)};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                exposure.matrix[i][j] += phone->matrix[i][k] * room->matrix[k][j];
    if (params->blur_px >= 0.0) {
        exposure.smear_px = fmin(exposure.smear_px, params->blur_px);
        exposure.blur_px =
            sqrt(params->blur_px * params->blur_px - exposure.smear_px * exposure.smear_px);
    }
    if (params->noise >= 0.0) {
        exposure.noise_b = params->noise * params->noise;
        exposure.noise_a = 0.01 * exposure.noise_b;
    }
    return exposure;
}

/* ---- Gaussian ---- */

enum { TAPS = 6, ROWS = 16, LEVELS = 3072 }; /* taps to each side */

/* A Gaussian's share in each pixel; the pixel box itself is in the picture already. */
static int taps_of(double sigma_px, float tap[TAPS + 1])
{
    double sum = 0.0, w[TAPS + 1];
    int reach = (int)fmin(ceil(3.2 * sigma_px), TAPS);
    for (int i = 0; i <= reach; i++) {
        w[i] = sigma_px > 0.0 ? exp(-0.5 * i * i / (sigma_px * sigma_px)) : 1.0;
        sum += i > 0 ? 2.0 * w[i] : w[i];
    }
    for (int i = 0; i <= reach; i++)
        tap[i] = (float)(w[i] / sum);
    return reach;
}

typedef struct Develop {
    const Exposure *exposure;
    uint64_t seed;
    int width, height;
    float (*from)[3], (*to)[3];
    int reach;
    float tap[TAPS + 1];
    float code[LEVELS + 2], linear[LEVELS + 2]; /* tone curve; its file code back to light */
} Develop;

static int within(int i, int count)
{
    return i < 0 ? 0 : i < count ? i : count - 1;
}

static void blur_down(const Develop *d, int y, float (*out)[3])
{
    size_t width = (size_t)d->width;
    const float *middle = d->from[(size_t)y * width];
    float *to = out[0];
    for (size_t i = 0; i < 3 * width; i++)
        to[i] = d->tap[0] * middle[i];
    for (int k = 1; k <= d->reach; k++) {
        const float *a = d->from[(size_t)within(y - k, d->height) * width];
        const float *b = d->from[(size_t)within(y + k, d->height) * width];
        for (size_t i = 0; i < 3 * width; i++)
            to[i] += d->tap[k] * (a[i] + b[i]);
    }
}

/* In place; what is overwritten is kept in a ring. */
static void blur_along(const Develop *d, float (*row)[3])
{
    float kept[TAPS + 1][3];
    for (int x = 0; x < d->width; x++) {
        float sum[3];
        memcpy(kept[x % (TAPS + 1)], row[x], sizeof kept[0]);
        for (int c = 0; c < 3; c++)
            sum[c] = d->tap[0] * row[x][c];
        for (int k = 1; k <= d->reach; k++) {
            const float *a = x - k < 0 ? kept[0] : kept[(x - k) % (TAPS + 1)];
            const float *b = row[within(x + k, d->width)];
            for (int c = 0; c < 3; c++)
                sum[c] += d->tap[k] * (a[c] + b[c]);
        }
        memcpy(row[x], sum, sizeof sum);
    }
}

/* About normal: the sum of four bytes. */
static float noise_of(uint32_t word)
{
    int sum = (int)(word & 255) + (int)(word >> 8 & 255) + (int)(word >> 16 & 255) +
              (int)(word >> 24 & 255);
    return ((float)sum - 510.0F) * (1.0F / 147.8F);
}

/* What the sensor reads: exposed, balanced, darker in the corners, noisy. */
static void read_row(const Develop *d, int y, float (*row)[3])
{
    const Exposure *e = d->exposure;
    const float gain[3] = {e->balance.r, e->balance.g, e->balance.b};
    Rng rng = rng_make(d->seed, 0x6e000000u + (uint64_t)y);
    double half = 0.25 * ((double)d->width * d->width + (double)d->height * d->height);
    for (int x = 0; x < d->width; x++) {
        double dx = x + 0.5 - 0.5 * d->width, dy = y + 0.5 - 0.5 * d->height;
        double corner = (dx * dx + dy * dy) / half;
        float exposed = (float)(e->gain * (1.0 - e->vignette * corner));
        for (int c = 0; c < 3; c++) {
            float raw = fminf(row[x][c] * exposed, 4.0F);
            raw += sqrtf((float)e->noise_a + (float)e->noise_b * fmaxf(raw, 0.0F)) *
                   noise_of(rng_u32(&rng));
            row[x][c] = raw * gain[c];
        }
    }
}

static void sensor_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Develop *d = ctx;
    for (int y = begin; y < end; y++) {
        float(*row)[3] = d->to + (size_t)y * (size_t)d->width;
        blur_down(d, y, row);
        blur_along(d, row);
        read_row(d, y, row);
    }
}

static float looked_up(const float table[LEVELS + 2], float x)
{
    float at = fminf(fmaxf(x, 0.0F), 1.0F) * LEVELS;
    int i = (int)at;
    return table[i] + (at - (float)i) * (table[i + 1] - table[i]);
}

/* Noise reduction, colours, tone: into code values of the file. */
static void colour_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Develop *d = ctx;
    for (int y = begin; y < end; y++) {
        float(*row)[3] = d->to + (size_t)y * (size_t)d->width;
        blur_down(d, y, row);
        blur_along(d, row);
        for (int x = 0; x < d->width; x++) {
            float in[3] = {row[x][0], row[x][1], row[x][2]};
            for (int c = 0; c < 3; c++) {
                const float *m = d->exposure->matrix[c];
                row[x][c] = looked_up(d->code, (m[0] * in[0] + m[1] * in[1] + m[2] * in[2]) / 2.0F);
            }
        }
    }
}

/* Unsharp mask over 3 x 3 pixels, in code values, as phones do; then the light it stands for. */
static void sharpen_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Develop *d = ctx;
    float amount = (float)d->exposure->sharpen;
    size_t width = (size_t)d->width;
    for (int y = begin; y < end; y++) {
        float(*up)[3] = d->from + (size_t)within(y - 1, d->height) * width;
        float(*row)[3] = d->from + (size_t)y * width;
        float(*low)[3] = d->from + (size_t)within(y + 1, d->height) * width;
        for (int x = 0; x < d->width; x++) {
            int a = within(x - 1, d->width), b = within(x + 1, d->width);
            for (int c = 0; c < 3; c++) {
                float cross = up[x][c] + low[x][c] + row[a][c] + row[b][c];
                float corner = up[a][c] + up[b][c] + low[a][c] + low[b][c];
                float soft = 0.25F * row[x][c] + 0.125F * cross + 0.0625F * corner;
                float code = row[x][c] + amount * (row[x][c] - soft);
                d->to[(size_t)y * width + (size_t)x][c] = looked_up(d->linear, code);
            }
        }
    }
}

/* Highlights roll off above 0.8 of the range; then an S in code values. Input: light / 2. */
static void make_tone(const Exposure *exposure, Develop *d)
{
    const double knee = 0.80;
    for (int i = 0; i <= LEVELS + 1; i++) {
        double x = 2.0 * i / LEVELS, room = 1.0 - knee;
        x = x < knee ? x : knee + room * (1.0 - exp(-(x - knee) / room));
        double v = (double)color_srgb_encode((float)x);
        d->code[i] = (float)(v + exposure->contrast * v * (1.0 - v) * (2.0 * v - 1.0));
        d->linear[i] = color_srgb_decode((float)fmin((double)i / LEVELS, 1.0));
    }
}

void phone_develop(const Exposure *exposure, uint64_t seed, int threads, ImageF *light,
                   float (*work)[3])
{
    float(*pixels)[3] = (float(*)[3])light->rgb;
    Develop d = {.exposure = exposure, .seed = seed, .width = light->width_px};
    d.height = light->height_px;
    make_tone(exposure, &d);
    d.from = pixels;
    d.to = work;
    d.reach = taps_of(exposure->blur_px, d.tap);
    parallel_for(threads, d.height, ROWS, sensor_rows, &d);
    d.from = work;
    d.to = pixels;
    d.reach = taps_of(exposure->smear_px, d.tap);
    parallel_for(threads, d.height, ROWS, colour_rows, &d);
    d.from = pixels;
    d.to = work;
    parallel_for(threads, d.height, ROWS, sharpen_rows, &d);
    memcpy(pixels, work, (size_t)d.width * (size_t)d.height * sizeof *work);
}
