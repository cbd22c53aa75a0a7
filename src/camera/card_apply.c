#include "camera/card_internal.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

Rgb card_color_at(const CardColor *color, Rgb light, double x_px, double y_px, int width_px)
{
    double x = x_px / width_px, y = y_px / width_px, p[3];
    double in[3] = {(double)light.r, (double)light.g, (double)light.b};
    for (int c = 0; c < 3; c++)
        p[c] = card_tone(color, c, in[c]) / card_field(color, c, x, y);
    double out[3];
    for (int c = 0; c < 3; c++)
        out[c] =
            color->matrix[c][0] * p[0] + color->matrix[c][1] * p[1] + color->matrix[c][2] * p[2];
    return (Rgb){(float)out[0], (float)out[1], (float)out[2]};
}

/* Table of the tone over [0, 1] of light, read in between as straight: off by less than 4e-5. */
enum { TABLE = CARD_TONE_CELLS, RUN = 256 };

typedef struct Apply {
    const CardColor *color;
    ImageF *light;
    float table[3][TABLE + 1];
} Apply;

/* Beyond the table its last cells go on; NaN becomes black. */
static void look_up(const float table[TABLE + 1], int n, const float rgb[], float out[])
{
    for (int i = 0; i < n; i++) {
        float at = rgb[3 * i] * (float)TABLE;
        float inside = at > 0.0f ? at : 0.0f;
        int cell = inside < (float)(TABLE - 1) ? (int)inside : TABLE - 1;
        float from = at >= 0.0f || at < 0.0f ? at : 0.0f;
        out[i] = table[cell] + (from - (float)cell) * (table[cell + 1] - table[cell]);
    }
}

/* lit = 1 / (a + b x) for n pixels from first on; x clamped to the card. */
static void unlight(int n, const float x[], float level, float slope, float value[])
{
    for (int i = 0; i < n; i++)
        value[i] = value[i] / (level + slope * x[i]);
}

static void mix(int n, const float m[9], const float p[3][RUN], float rgb[])
{
    for (int i = 0; i < n; i++) {
        float r = p[0][i], g = p[1][i], b = p[2][i];
        rgb[3 * i] = m[0] * r + m[1] * g + m[2] * b;
        rgb[3 * i + 1] = m[3] * r + m[4] * g + m[5] * b;
        rgb[3 * i + 2] = m[6] * r + m[7] * g + m[8] * b;
    }
}

static void apply_run(const Apply *apply, int y_px, int first, int n)
{
    const CardColor *color = apply->color;
    int width = apply->light->width_px;
    float *rgb = apply->light->rgb + 3 * ((ptrdiff_t)y_px * width + first);
    const double *box = color->field_box;
    double y = fmin(fmax((y_px + 0.5) / width, box[1]), box[3]);
    float x[RUN], p[3][RUN], m[9];
    for (int i = 0; i < n; i++) {
        float at = ((float)(first + i) + 0.5f) / (float)width;
        at = at > (float)box[0] ? at : (float)box[0];
        x[i] = at < (float)box[2] ? at : (float)box[2];
    }
    for (int c = 0; c < 3; c++) {
        const double *f = color->field[c];
        look_up(apply->table[c], n, rgb + c, p[c]);
        unlight(n, x, (float)(f[0] + f[2] * y), (float)f[1], p[c]);
    }
    for (int k = 0; k < 9; k++)
        m[k] = (float)color->matrix[k / 3][k % 3];
    mix(n, m, (const float(*)[RUN])p, rgb);
}

static void apply_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Apply *apply = ctx;
    for (int y = begin; y < end; y++) {
        int width = apply->light->width_px;
        for (int first = 0; first < width; first += RUN)
            apply_run(apply, y, first, width - first < RUN ? width - first : RUN);
    }
}

void card_color_apply(const CardColor *color, ImageF *light, int threads)
{
    Apply apply = {.color = color, .light = light};
    for (int c = 0; c < 3; c++)
        for (int i = 0; i <= TABLE; i++)
            apply.table[c][i] = (float)card_tone(color, c, (double)i / TABLE);
    enum { ROWS = 16 };
    parallel_for(threads, light->height_px, ROWS, apply_rows, &apply);
}
