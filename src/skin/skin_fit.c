#include "skin/skin_internal.h"

#include <math.h>
#include <string.h>

/* Between these bounds there is such a tissue; by logarithm where a share of it counts. */
typedef struct Bounds {
    double least, most;
    bool log;
} Bounds;
static const Bounds bounds[SKIN_PARAMS] = {[SKIN_MELANIN] = {5e-4, 0.9, true},
                                           [SKIN_BLOOD] = {0.002, 0.15, true},
                                           [SKIN_SATURATION] = {0.05, 0.98, false},
                                           [SKIN_SCATTER] = {2.0, 20.0, true},
                                           [SKIN_SCATTER_SLOPE] = {-1.5, 4.0, false}};

void skin_bounds(SkinParam param, double *least, double *most)
{
    *least = bounds[param].least;
    *most = bounds[param].most;
}

void skin_values(const double at[SKIN_PARAMS], double value[SKIN_PARAMS])
{
    for (int p = 0; p < SKIN_PARAMS; p++) {
        Bounds b = bounds[p];
        double share = 1.0 / (1.0 + exp(-at[p]));
        value[p] =
            b.log ? b.least * pow(b.most / b.least, share) : b.least + (b.most - b.least) * share;
    }
}

void skin_coordinates(const double value[SKIN_PARAMS], double at[SKIN_PARAMS])
{
    const double edge = 1e-3;
    for (int p = 0; p < SKIN_PARAMS; p++) {
        Bounds b = bounds[p];
        double share = b.log ? log(value[p] / b.least) / log(b.most / b.least)
                             : (value[p] - b.least) / (b.most - b.least);
        share = fmin(fmax(share, edge), 1.0 - edge);
        at[p] = log(share / (1.0 - share));
    }
}

/* Sum of squared residuals, half its gradient, and J^T J; and the spectrum they were taken at. */
typedef struct Normal {
    double cost, gradient[SKIN_PARAMS], square[SKIN_PARAMS][SKIN_PARAMS];
    Spectrum spectrum;
} Normal;

/* One residual, in units of its sd, and its derivative. */
static void add_row(double residual, const double by[SKIN_PARAMS], Normal *normal)
{
    normal->cost += residual * residual;
    for (int p = 0; p < SKIN_PARAMS; p++) {
        normal->gradient[p] += residual * by[p];
        for (int q = 0; q < SKIN_PARAMS; q++)
            normal->square[p][q] += by[p] * by[q];
    }
}

/* What measured skins are like: mean as a value, sd in coordinates. From the fits to 67 forearms
 * (docs/models/skin.md) but for melanin, of which those were mostly light: any is likely. */
static const double prior_mean[SKIN_PARAMS] = {0.02, 0.02, 0.59, 6.1, 0.15};
static const double prior_sd[SKIN_PARAMS] = {1.5, 0.60, 0.55, 0.53, 0.35};

static void add_prior(const double at[SKIN_PARAMS], Normal *normal)
{
    double mean[SKIN_PARAMS];
    skin_coordinates(prior_mean, mean);
    for (int p = 0; p < SKIN_PARAMS; p++) {
        double by[SKIN_PARAMS] = {0};
        by[p] = 1.0 / prior_sd[p];
        add_row((at[p] - mean[p]) / prior_sd[p], by, normal);
    }
}

static const double darkest = 0.005; /* reflectance below which an error counts absolutely */

static void add_bands(const SkinSlopes *slopes, const SkinTarget *target, Normal *normal)
{
    for (int i = 0; i < SPECTRUM_BANDS; i++) {
        double by[SKIN_PARAMS], wanted = target->spectrum.band[i];
        double sd = target->band_sd * fmax(wanted, darkest);
        for (int p = 0; p < SKIN_PARAMS; p++)
            by[p] = slopes->by[p].band[i] / sd;
        add_row((slopes->spectrum.band[i] - wanted) / sd, by, normal);
    }
}

/* Lab is smooth; its derivative along a change of the spectrum by differences. */
static void add_color(const SkinSlopes *slopes, const SkinTarget *target, Normal *normal)
{
    enum { CHANNELS = 3 };
    const double step = 1e-4;
    Lab middle = spectrum_lab(&slopes->spectrum, SPECTRUM_D65);
    double by[CHANNELS][SKIN_PARAMS];
    for (int p = 0; p < SKIN_PARAMS; p++) {
        Spectrum moved = slopes->spectrum;
        for (int i = 0; i < SPECTRUM_BANDS; i++)
            moved.band[i] += step * slopes->by[p].band[i];
        Lab lab = spectrum_lab(&moved, SPECTRUM_D65);
        by[0][p] = (lab.L - middle.L) / (step * target->lab_sd);
        by[1][p] = (lab.a - middle.a) / (step * target->lab_sd);
        by[2][p] = (lab.b - middle.b) / (step * target->lab_sd);
    }
    add_row((middle.L - target->lab.L) / target->lab_sd, by[0], normal);
    add_row((middle.a - target->lab.a) / target->lab_sd, by[1], normal);
    add_row((middle.b - target->lab.b) / target->lab_sd, by[2], normal);
}

/* bias: full model by model with few directions, per band. */
static Normal evaluate(const double at[SKIN_PARAMS], const SkinTarget *target, const Spectrum *bias)
{
    SkinSlopes slopes;
    Normal normal = {0};
    skin_slopes(at, &slopes);
    normal.spectrum = slopes.spectrum;
    for (int i = 0; i < SPECTRUM_BANDS; i++) {
        slopes.spectrum.band[i] *= bias->band[i];
        for (int p = 0; p < SKIN_PARAMS; p++)
            slopes.by[p].band[i] *= bias->band[i];
    }
    add_prior(at, &normal);
    if (isfinite(target->band_sd))
        add_bands(&slopes, target, &normal);
    if (isfinite(target->lab_sd))
        add_color(&slopes, target, &normal);
    return normal;
}

/* x = (square + damping diag)^-1 y, by Cholesky: the prior makes it positive definite. */
static void solve(const Normal *normal, double damping, const double y[SKIN_PARAMS],
                  double x[SKIN_PARAMS])
{
    double l[SKIN_PARAMS][SKIN_PARAMS];
    for (int i = 0; i < SKIN_PARAMS; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = normal->square[i][j] * (i == j ? 1.0 + damping : 1.0);
            for (int k = 0; k < j; k++)
                sum -= l[i][k] * l[j][k];
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
    }
    for (int i = 0; i < SKIN_PARAMS; i++) {
        x[i] = y[i];
        for (int k = 0; k < i; k++)
            x[i] -= l[i][k] * x[k];
        x[i] /= l[i][i];
    }
    for (int i = SKIN_PARAMS - 1; i >= 0; i--) {
        for (int k = i + 1; k < SKIN_PARAMS; k++)
            x[i] -= l[k][i] * x[k];
        x[i] /= l[i][i];
    }
}

/* Levenberg and Marquardt: at most `rounds` looks at the model. */
static Normal search(const SkinTarget *target, const Spectrum *bias, int rounds,
                     double at[SKIN_PARAMS])
{
    const double settled = 1e-3; /* gain in cost, in units of a squared sd */
    double damping = 1e-3;
    Normal here = evaluate(at, target, bias);
    for (int round = 1; round < rounds; round++) {
        double step[SKIN_PARAMS], next[SKIN_PARAMS];
        solve(&here, damping, here.gradient, step);
        for (int p = 0; p < SKIN_PARAMS; p++)
            next[p] = at[p] - fmin(fmax(step[p], -1.5), 1.5);
        Normal there = evaluate(next, target, bias);
        if (!(there.cost < here.cost)) {
            damping *= 10.0;
            continue;
        }
        bool done = here.cost - there.cost < settled;
        damping *= 0.2;
        here = there;
        memcpy(at, next, sizeof next);
        if (done)
            break;
    }
    return here;
}

/* Of the posterior, with the target known `loosen` times less well than it was matched. */
static void set_sd(const Normal *normal, double loosen, double sd[SKIN_PARAMS])
{
    Normal weaker = {0};
    for (int p = 0; p < SKIN_PARAMS; p++) {
        double prior = 1.0 / (prior_sd[p] * prior_sd[p]);
        for (int q = 0; q < SKIN_PARAMS; q++)
            weaker.square[p][q] = normal->square[p][q] / (loosen * loosen);
        weaker.square[p][p] += prior * (1.0 - 1.0 / (loosen * loosen));
    }
    for (int p = 0; p < SKIN_PARAMS; p++) {
        double unit[SKIN_PARAMS] = {0}, column[SKIN_PARAMS];
        unit[p] = 1.0;
        solve(&weaker, 0.0, unit, column);
        sd[p] = sqrt(column[p]);
    }
}

/* Melanin explains most of the lightness: a straight line in two pieces through the model's own
 * skins saves the first steps. */
static double guess_melanin(double lightness)
{
    double slope = lightness < 48.5 ? -0.054 : -0.115;
    return exp(-3.0 + slope * (lightness - 48.5));
}

SkinFit skin_fit(const SkinTarget *target)
{
    enum { ROUNDS = 7, POLISH = 3 };
    SkinFit fit;
    Spectrum bias;
    Normal normal = {0};
    double value[SKIN_PARAMS];
    memcpy(value, prior_mean, sizeof value);
    value[SKIN_MELANIN] = guess_melanin(target->lab.L);
    skin_coordinates(value, fit.at);
    for (int i = 0; i < SPECTRUM_BANDS; i++)
        bias.band[i] = 1.0;
    for (int stage = 0; stage < 2; stage++) {
        normal = search(target, &bias, stage == 0 ? ROUNDS : POLISH, fit.at);
        skin_values(fit.at, value);
        fit.spectrum = skin_spectrum(value);
        for (int i = 0; i < SPECTRUM_BANDS; i++)
            bias.band[i] = fit.spectrum.band[i] / normal.spectrum.band[i];
    }
    set_sd(&normal, target->loosen, fit.sd);
    return fit;
}
