#include "shade/swatches.h"

#include <math.h>
#include <stdio.h>

enum { BLOCKS = 4, TOP_CODE = 250 };
static const double shine_share = 0.01, exposed_share = 0.2;
static const double dark_light = 0.01; /* linear; code 25 of 255: noise and rounding exceed 2 % */
static const double least_sd = 0.005;  /* of a ratio: what 8 bits and a lens leave */

typedef struct Patch {
    double mean[3], error[3]; /* linear light and its standard error */
} Patch;

static bool check_rect(const Image *picture, SwatchRect rect, const char *name, Err *err)
{
    if (rect.width_px < SWATCHES_LEAST_PX || rect.height_px < SWATCHES_LEAST_PX)
        return err_set(err, ERR_INPUT, "%s is %d x %d px: at least %d x %d are needed", name,
                       rect.width_px, rect.height_px, SWATCHES_LEAST_PX, SWATCHES_LEAST_PX);
    if (rect.x_px < 0 || rect.y_px < 0 || rect.width_px > picture->width_px - rect.x_px ||
        rect.height_px > picture->height_px - rect.y_px)
        return err_set(err, ERR_INPUT, "%s at (%d, %d) of %d x %d px leaves the picture of %d x %d",
                       name, rect.x_px, rect.y_px, rect.width_px, rect.height_px, picture->width_px,
                       picture->height_px);
    return true;
}

/* Sums of linear light over a part of the picture; returns how many pixels are at the top. */
static long sum_block(const Image *picture, int x0, int y0, int x1, int y1, double sum[3])
{
    long top = 0;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            const uint8_t *code =
                picture->rgb + 3 * ((size_t)y * (size_t)picture->width_px + (size_t)x);
            Rgb light = color_from_srgb8(code);
            sum[0] += (double)light.r;
            sum[1] += (double)light.g;
            sum[2] += (double)light.b;
            top += code[0] >= TOP_CODE || code[1] >= TOP_CODE || code[2] >= TOP_CODE;
        }
    return top;
}

/* Mean over the rectangle; the spread between its blocks tells how well it is known. */
static long measure_patch(const Image *picture, SwatchRect rect, Patch *patch)
{
    double square[3] = {0.0};
    long top = 0;
    *patch = (Patch){{0.0}, {0.0}};
    for (int k = 0; k < BLOCKS * BLOCKS; k++) {
        int column = k % BLOCKS, row = k / BLOCKS;
        int x0 = rect.x_px + rect.width_px * column / BLOCKS;
        int x1 = rect.x_px + rect.width_px * (column + 1) / BLOCKS;
        int y0 = rect.y_px + rect.height_px * row / BLOCKS;
        int y1 = rect.y_px + rect.height_px * (row + 1) / BLOCKS;
        double sum[3] = {0.0}, area = (double)(x1 - x0) * (y1 - y0);
        top += sum_block(picture, x0, y0, x1, y1, sum);
        for (int c = 0; c < 3; c++) {
            patch->mean[c] += sum[c] / area / (BLOCKS * BLOCKS);
            square[c] += sum[c] / area * (sum[c] / area) / (BLOCKS * BLOCKS);
        }
    }
    for (int c = 0; c < 3; c++)
        patch->error[c] =
            sqrt(fmax(square[c] - patch->mean[c] * patch->mean[c], 0.0) / (BLOCKS * BLOCKS - 1));
    return top;
}

static bool read_patch(const Image *picture, SwatchRect rect, const char *name, Patch *patch,
                       Err *err)
{
    if (!check_rect(picture, rect, name, err))
        return false;
    double top = (double)measure_patch(picture, rect, patch) / rect.width_px / rect.height_px;
    if (top > exposed_share)
        return err_set(err, ERR_INPUT,
                       "%s is overexposed: %.0f %% of its pixels are at the top of a channel; take "
                       "the picture darker",
                       name, 100.0 * top);
    if (top > shine_share)
        return err_set(err, ERR_INPUT,
                       "%s shines: %.1f %% of its pixels are at the top of a channel; move the "
                       "light, or use crossed polarisers",
                       name, 100.0 * top);
    for (int c = 0; c < 3; c++)
        if (patch->mean[c] < dark_light)
            return err_set(
                err, ERR_INPUT,
                "%s is too dark: %.1f %% of white in a channel; take the picture lighter", name,
                100.0 * patch->mean[c]);
    return true;
}

static double distance2(SwatchRect a, SwatchRect b)
{
    double dx = a.x_px + 0.5 * a.width_px - b.x_px - 0.5 * b.width_px;
    double dy = a.y_px + 0.5 * a.height_px - b.y_px - 0.5 * b.height_px;
    return dx * dx + dy * dy;
}

/* Shine adds the same light to both patches; the bare one, whose own light is known, tells how much
 * of the picture's scale that is. */
static void take_shine_off(Rgb skin, Patch *bare, Patch *dots)
{
    const double own[3] = {(double)skin.r, (double)skin.g, (double)skin.b};
    for (int c = 0; c < 3; c++) {
        double shine = bare->mean[c] * SKIN_GLOSS / (fmax(own[c], 0.0) + SKIN_GLOSS);
        bare->mean[c] -= shine;
        dots->mean[c] = fmax(dots->mean[c] - shine, 1e-3 * bare->mean[c]);
    }
}

static void fill_ratio(const Patch *bare, const Patch *dots, SkinSwatch *out)
{
    double ratio[3], error = 0.0;
    for (int c = 0; c < 3; c++) {
        ratio[c] = dots->mean[c] / bare->mean[c];
        error += ratio[c] * hypot(dots->error[c] / dots->mean[c], bare->error[c] / bare->mean[c]);
    }
    out->ratio = (Rgb){(float)ratio[0], (float)ratio[1], (float)ratio[2]};
    out->sd = fmax(error / 3.0, least_sd);
}

bool swatches_measure(const Image *picture, const Swatches *swatches, Rgb skin, SkinSwatch out[],
                      Err *err)
{
    Patch bare[SWATCHES_MAX_BARE], dots;
    char name[32];
    if (swatches->bare_count < 1)
        return err_set(err, ERR_INPUT, "no rectangle of bare skin is given");
    for (int i = 0; i < swatches->bare_count; i++) {
        snprintf(name, sizeof name, "bare[%d]", i);
        if (!read_patch(picture, swatches->bare[i], name, &bare[i], err))
            return false;
    }
    for (int i = 0; i < swatches->swatch_count; i++) {
        SwatchRect rect = swatches->swatch[i].rect;
        int nearest = 0;
        snprintf(name, sizeof name, "swatches[%d]", i);
        if (!read_patch(picture, rect, name, &dots, err))
            return false;
        for (int k = 1; k < swatches->bare_count; k++)
            if (distance2(rect, swatches->bare[k]) < distance2(rect, swatches->bare[nearest]))
                nearest = k;
        Patch beside = bare[nearest];
        if (swatches->gloss_included)
            take_shine_off(skin, &beside, &dots);
        out[i] = (SkinSwatch){.dilution = swatches->swatch[i].dilution,
                              .dots_per_cm2 = swatches->swatch[i].dots_per_cm2,
                              .diameter_mm = swatches->swatch[i].diameter_mm};
        fill_ratio(&beside, &dots, &out[i]);
        if ((double)out[i].ratio.g > 1.0 + 3.0 * out[i].sd)
            return err_set(err, ERR_INPUT,
                           "%s is lighter than bare[%d] beside it (%.2f times the green): even "
                           "light is needed, or the rectangles are exchanged",
                           name, nearest, (double)out[i].ratio.g);
    }
    return true;
}
