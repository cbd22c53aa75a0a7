#include "camera/photo_internal.h"

#include "camera/camera_internal.h"
#include "camera/card_internal.h"

#include <math.h>
#include <string.h>

/* Squares of the picture, each less its plane; those of least variance at their brightness are flat
 * and show noise alone. */
enum { SIDE = 16, AREA = SIDE * SIDE, MOST_BLOCKS = 16384, BINS = 20, LEAST_BLOCKS = 6, TURNS = 6 };

typedef struct Block {
    float mean[3], variance[3];
    float lag[3]; /* mean product of neighbours, across and down */
} Block;

typedef struct Blocks {
    int count;
    Block *block;
    float *sorted, *lag; /* working space; lag for three channels */
} Blocks;

/* ---- one block ---- */

static bool is_usable(const ImageF *light, const uint8_t region[], int x0, int y0)
{
    int zeros = 0;
    for (int i = 0; i < AREA; i++) {
        ptrdiff_t at = (ptrdiff_t)(y0 + i / SIDE) * light->width_px + x0 + i % SIDE;
        const float *rgb = light->rgb + 3 * at;
        if (region != NULL && region[at] == 0)
            return false;
        if (!(rgb[0] < PHOTO_CLIPPED && rgb[1] < PHOTO_CLIPPED && rgb[2] < PHOTO_CLIPPED))
            return false;
        zeros += rgb[0] <= 0.0f || rgb[1] <= 0.0f || rgb[2] <= 0.0f;
    }
    return zeros < AREA / 50;
}

static void measure_channel(const ImageF *light, int x0, int y0, int c, Block *block)
{
    float value[AREA];
    double sum = 0.0, along = 0.0, down = 0.0, square = 0.0, lag = 0.0;
    const double middle = 0.5 * (SIDE - 1), spread = AREA * (SIDE * SIDE - 1) / 12.0;
    for (int i = 0; i < AREA; i++) {
        ptrdiff_t at = (ptrdiff_t)(y0 + i / SIDE) * light->width_px + x0 + i % SIDE;
        value[i] = light->rgb[3 * at + c];
        sum += (double)value[i];
        along += (i % SIDE - middle) * (double)value[i];
        down += (i / SIDE - middle) * (double)value[i];
    }
    for (int i = 0; i < AREA; i++) {
        double plane =
            sum / AREA + (i % SIDE - middle) * along / spread + (i / SIDE - middle) * down / spread;
        value[i] -= (float)plane;
        square += (double)(value[i] * value[i]);
    }
    for (int i = 0; i < AREA; i++) {
        if (i % SIDE + 1 < SIDE)
            lag += (double)(value[i] * value[i + 1]);
        if (i + SIDE < AREA)
            lag += (double)(value[i] * value[i + SIDE]);
    }
    block->mean[c] = (float)(sum / AREA);
    block->variance[c] = (float)(square / AREA);
    block->lag[c] = (float)(lag / (2 * SIDE * (SIDE - 1)));
}

static void measure_blocks(const ImageF *light, const uint8_t region[], Blocks *blocks)
{
    int columns = light->width_px / SIDE, rows = light->height_px / SIDE, step = 1;
    while ((columns / step + 1) * rows > MOST_BLOCKS)
        step++;
    for (int row = 0; row < rows; row++) {
        for (int column = row % step; column < columns; column += step) {
            if (!is_usable(light, region, column * SIDE, row * SIDE))
                continue;
            Block *block = &blocks->block[blocks->count++];
            for (int c = 0; c < 3; c++)
                measure_channel(light, column * SIDE, row * SIDE, c, block);
        }
    }
}

/* ---- grain ---- */

/* Correlation of neighbours in white noise blurred by a sampled Gaussian. */
static double lag_of_sigma(double sigma_px)
{
    double square = 0.0, lag = 0.0;
    for (int i = -12; i <= 12; i++) {
        double here = exp(-0.5 * i * i / (sigma_px * sigma_px));
        double next = exp(-0.5 * (i + 1) * (i + 1) / (sigma_px * sigma_px));
        square += here * here, lag += here * next;
    }
    return lag / square;
}

static double sigma_of_lag(double lag)
{
    double low = 0.05, high = 4.0;
    if (lag <= 0.03) /* less is no grain to be seen: a neighbour gets 1.5 % */
        return 0.0;
    for (int i = 0; i < 40; i++) {
        double middle = 0.5 * (low + high);
        if (lag_of_sigma(middle) < lag)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Share of such noise's variance that a block's plane takes away: three of AREA coefficients, each
 * with the power of noise at frequency 0, which is the sum of its correlations. */
static double lost_share(double sigma_px)
{
    double power = fmax(4.0 * 3.14159265358979323846 * sigma_px * sigma_px, 1.0);
    return fmin(3.0 * power / AREA, 0.5);
}

/* Relative scatter of a flat block's variance: 2 / AREA, times the sum of squared correlations. */
static double scatter(double sigma_px)
{
    double squares = fmax(2.0 * 3.14159265358979323846 * sigma_px * sigma_px, 1.0);
    return sqrt(2.0 * squares / (AREA - 3));
}

/* ---- the flat ones ---- */

static int bin_of(float mean)
{
    int bin = (int)(BINS * sqrt(fmax((double)mean, 0.0)));
    return bin < BINS ? bin : BINS - 1;
}

/* Up to which variance a block of this bin and channel counts as flat; 0: too few. From the lowest
 * tenth, which is 1.28 scatters below the middle, to three above it. */
static double flat_below(const Blocks *blocks, int bin, int c, double rough)
{
    int count = 0;
    for (int i = 0; i < blocks->count; i++)
        if (bin_of(blocks->block[i].mean[c]) == bin)
            blocks->sorted[count++] = blocks->block[i].variance[c];
    if (count < LEAST_BLOCKS)
        return 0.0;
    camera_sort(count, blocks->sorted);
    double middle = (double)blocks->sorted[count / 10] / fmax(1.0 - 1.28 * rough, 0.2);
    return middle * (1.0 + 3.0 * rough);
}

typedef struct Flat {
    int count;
    double light, variance;
} Flat;

typedef struct Line { /* variance as seen in blocks: a + b light */
    double a, b;
} Line;

typedef struct Gather {
    Flat flat[3][BINS];
    double lag; /* correlation of neighbours, median over all flat blocks */
} Gather;

/* Means over the flat blocks of each bin. line: of the turn before, which a bin without any flat
 * block (hair all over) may not leave; NULL: none yet. */
static void gather(const Blocks *blocks, double sigma_px, const Line *line, Gather *out)
{
    double rough = scatter(sigma_px);
    int lags = 0;
    memset(out, 0, sizeof *out);
    for (int c = 0; c < 3; c++) {
        double limit[BINS];
        for (int bin = 0; bin < BINS; bin++)
            limit[bin] = flat_below(blocks, bin, c, rough);
        for (int i = 0; i < blocks->count; i++) {
            double mean = (double)blocks->block[i].mean[c];
            double variance = (double)blocks->block[i].variance[c];
            int bin = bin_of(blocks->block[i].mean[c]);
            if (variance > limit[bin] ||
                (line != NULL && variance > (line[c].a + line[c].b * mean) * (1.0 + 3.0 * rough)))
                continue;
            Flat *flat = &out->flat[c][bin];
            flat->count++, flat->light += mean, flat->variance += variance;
            if (variance > 1e-12)
                blocks->lag[lags++] = (float)((double)blocks->block[i].lag[c] / variance);
        }
        for (int bin = 0; bin < BINS; bin++) {
            Flat *flat = &out->flat[c][bin];
            if (flat->count > 0)
                flat->light /= flat->count, flat->variance /= flat->count;
        }
    }
    camera_sort(lags, blocks->lag); /* the median: remains of shading are in the upper half */
    double lost = lost_share(sigma_px), seen = lags > 0 ? (double)blocks->lag[lags / 2] : 0.0;
    out->lag = seen * (1.0 - lost) + lost; /* the plane took what neighbours share most */
}

/* Variance of light that rounding to codes adds: a step of the curve, squared, / 12. */
static double rounding(double light, int bits)
{
    if (bits <= 0 || bits > 8) /* 16 bits add nothing that matters */
        return 0.0;
    double code = card_encode(light), half = 0.5 / 255.0;
    double step = card_decode(code + half) - card_decode(code - half);
    return step * step / 12.0;
}

/* a + b light through the bins, each less `rounding`'s share if bits are given, by weighted least
 * squares (a mean's scatter is a share of it), both not below 0. */
static Line fit_line(const Flat flat[BINS], double lost, int bits)
{
    double n[4] = {0}, rhs[2] = {0};
    for (int bin = 0; bin < BINS; bin++) {
        const Flat *f = &flat[bin];
        if (f->count == 0)
            continue;
        double variance = fmax(f->variance / (1.0 - lost) - rounding(f->light, bits), 0.0);
        double weight = f->count / fmax(f->variance * f->variance, 1e-16);
        n[0] += weight, n[2] += weight * f->light, n[3] += weight * f->light * f->light;
        rhs[0] += weight * variance, rhs[1] += weight * variance * f->light;
    }
    double m[4] = {n[0], 0, n[2], n[3]}, x[2] = {rhs[0], rhs[1]};
    if (!(n[0] > 0.0))
        return (Line){0.0, 0.0};
    if (!camera_solve(2, m, x) || x[1] < 0.0) /* one brightness only, or none that grows */
        return (Line){rhs[0] / n[0], 0.0};
    return x[0] < 0.0 ? (Line){0.0, rhs[1] / n[3]} : (Line){x[0], x[1]};
}

bool photo_noise(Arena *scratch, const ImageF *light, const uint8_t region[], int bits,
                 PhotoQuality *quality, Err *err)
{
    size_t mark = arena_mark(scratch);
    Blocks blocks = {0, ARENA_NEW(scratch, Block, MOST_BLOCKS),
                     ARENA_NEW(scratch, float, MOST_BLOCKS),
                     ARENA_NEW(scratch, float, 3 * MOST_BLOCKS)};
    if (blocks.block == NULL || blocks.sorted == NULL || blocks.lag == NULL)
        return err_set(err, ERR_LIMIT, "no room for the noise of a picture");
    measure_blocks(light, region, &blocks);
    Gather found;
    Line line[3];
    double sigma = 0.0;
    for (int turn = 0; turn < TURNS; turn++) {
        gather(&blocks, sigma, turn > 0 ? line : NULL, &found);
        sigma = sigma_of_lag(found.lag);
        for (int c = 0; c < 3; c++)
            line[c] = fit_line(found.flat[c], 0.0, 0);
    }
    for (int c = 0; c < 3; c++) {
        Line own = fit_line(found.flat[c], lost_share(sigma), bits);
        quality->noise_a[c] = own.a, quality->noise_b[c] = own.b;
    }
    quality->noise_sigma_px = sigma;
    quality->noise_assumed = blocks.count < LEAST_BLOCKS;
    arena_rewind(scratch, mark);
    return true;
}
