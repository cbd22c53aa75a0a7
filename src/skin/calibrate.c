/* Uptake and depth from healed swatches: Gauss-Newton over (ln uptake, depth), started from the
 * best of a coarse grid, with Huber weights so that one wrong swatch does not decide. */
#include "skin/pigment.h"

#include <math.h>
#include <stdio.h>

enum { CHANNELS = 3, MOST_TERMS = SKIN_MAX_SWATCHES * CHANNELS, GRID_UPTAKE = 14, GRID_DEPTH = 8 };
static const double least_uptake = 1e-4, most_uptake = 1.0;
static const double least_depth_mm = 0.1, most_depth_mm = 1.0; /* of the table of marks */
/* Below this the skin is black in a channel, or outside the colours of sRGB. */
static const double darkest_channel = 0.004;
/* Errors that the spread of pixels does not tell: the law exp(-n a) is about 2 % off the
 * contrast of usual lattices, and no photograph is better than a few tenths of a per cent. */
static const double law_error = 0.02, floor_error = 0.002;
static const double huber_limit = 1.345;
static const double outlier_limit = 4.0, most_outliers = 0.25;
static const double sigma_80 = 1.2816; /* of a normal distribution, half width of the 80 % band */

typedef struct Trial { /* what is searched */
    double log_uptake, depth_mm;
} Trial;

typedef struct Fit {
    const SkinMarks *marks;
    const SkinPigment *line;
    int count;
    const SkinSwatch *swatch;
    Rgb bare;
    int channel_count, channel[CHANNELS];
    double log_ratio[MOST_TERMS]; /* [count][channel_count], as are all terms */
    double sigma[MOST_TERMS];
} Fit;

static double channel_of(Rgb color, int channel)
{
    return (double)(channel == 0 ? color.r : channel == 1 ? color.g : color.b);
}

/* ---- what the swatches say ---- */

static bool check_swatch(const SkinSwatch *swatch, int number, Err *err)
{
    for (int c = 0; c < CHANNELS; c++) {
        double ratio = channel_of(swatch->ratio, c);
        if (!(ratio > 0.0 && ratio <= 1.5))
            return err_set(err, ERR_INPUT,
                           "swatch %d: ratio %g of channel %c is not above 0 and at "
                           "most 1.5",
                           number, ratio, "RGB"[c]);
    }
    if (!(swatch->dilution >= 0.0 && swatch->dilution <= 1000.0))
        return err_set(err, ERR_INPUT, "swatch %d: dilution %g is not within 0..1000", number,
                       swatch->dilution);
    if (!(swatch->dots_per_cm2 > 0.0 && swatch->dots_per_cm2 <= 1000.0))
        return err_set(err, ERR_INPUT,
                       "swatch %d: %g dots per cm2 are not above 0 and at most 1000", number,
                       swatch->dots_per_cm2);
    if (!(swatch->diameter_mm >= 0.05 && swatch->diameter_mm <= 1.0))
        return err_set(err, ERR_INPUT, "swatch %d: diameter %g mm is not within 0.05..1", number,
                       swatch->diameter_mm);
    if (!(swatch->sd >= 0.0 && swatch->sd <= 0.5))
        return err_set(err, ERR_INPUT, "swatch %d: sd %g of the ratio is not within 0..0.5", number,
                       swatch->sd);
    return true;
}

static bool check_swatches(int count, const SkinSwatch swatch[], Err *err)
{
    bool two_dilutions = false, contrast = false;
    if (count < 3 || count > SKIN_MAX_SWATCHES)
        return err_set(err, ERR_INPUT, "%d swatches are not within 3..%d", count,
                       SKIN_MAX_SWATCHES);
    for (int i = 0; i < count; i++) {
        if (!check_swatch(&swatch[i], i + 1, err))
            return false;
        two_dilutions = two_dilutions || swatch[i].dilution != swatch[0].dilution;
        for (int c = 0; c < CHANNELS; c++) {
            double darkening = -log(channel_of(swatch[i].ratio, c));
            contrast = contrast || darkening > fmax(3.0 * swatch[i].sd, 0.01);
        }
    }
    if (!two_dilutions)
        return err_set(err, ERR_INPUT,
                       "all swatches have the dilution %g; two dilutions or more are needed",
                       swatch[0].dilution);
    return contrast || err_set(err, ERR_INPUT,
                               "no swatch is darker than the bare skin beside it by more than its "
                               "spread; photograph denser or darker ones");
}

/* Terms of the fit: ln ratio with its error, for the channels in which the skin is not black. */
static bool begin(Fit *fit, Err *err)
{
    fit->bare = spectrum_rgb(&skin_marks_tone(fit->marks)->spectrum);
    for (int c = 0; c < CHANNELS; c++)
        if (channel_of(fit->bare, c) > darkest_channel)
            fit->channel[fit->channel_count++] = c;
    if (fit->channel_count < 2)
        return err_set(err, ERR_INPUT, "skin of ITA %.0f is too dark to calibrate a pigment on",
                       skin_marks_tone(fit->marks)->ita_deg);
    for (int i = 0; i < fit->count; i++)
        for (int k = 0; k < fit->channel_count; k++) {
            double ratio = channel_of(fit->swatch[i].ratio, fit->channel[k]);
            int term = i * fit->channel_count + k;
            fit->log_ratio[term] = log(ratio);
            fit->sigma[term] = sqrt(pow(fit->swatch[i].sd / ratio, 2.0) +
                                    pow(law_error * log(ratio), 2.0) + floor_error * floor_error);
        }
    return true;
}

/* ---- the model against them ---- */

/* (measured - predicted ln ratio) / error of every term. */
static void deviations(const Fit *fit, Trial trial, double deviation[MOST_TERMS])
{
    SkinPigment line = *fit->line;
    line.uptake = exp(trial.log_uptake);
    for (int i = 0; i < fit->count; i++) {
        const SkinSwatch *swatch = &fit->swatch[i];
        SkinMark mark = {swatch->diameter_mm, trial.depth_mm,
                         skin_absorption_per_mm(&line, swatch->dilution), line.slope};
        Spectrum area = skin_mark_area(fit->marks, mark);
        Spectrum seen =
            skin_far_view(skin_marks_tone(fit->marks), &area, swatch->dots_per_cm2 / 100.0);
        Rgb color = spectrum_rgb(&seen);
        for (int k = 0; k < fit->channel_count; k++) {
            int c = fit->channel[k], term = i * fit->channel_count + k;
            double ratio = fmax(channel_of(color, c), 1e-6) / channel_of(fit->bare, c);
            deviation[term] = (fit->log_ratio[term] - log(ratio)) / fit->sigma[term];
        }
    }
}

static double huber_cost(int n, const double deviation[])
{
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
        double size = fabs(deviation[i]);
        sum += size <= huber_limit ? 0.5 * size * size : huber_limit * (size - 0.5 * huber_limit);
    }
    return sum;
}

static double cost_of(const Fit *fit, Trial trial)
{
    double deviation[MOST_TERMS];
    deviations(fit, trial, deviation);
    return huber_cost(fit->count * fit->channel_count, deviation);
}

static Trial clamped(Trial trial)
{
    return (Trial){fmin(fmax(trial.log_uptake, log(least_uptake)), log(most_uptake)),
                   fmin(fmax(trial.depth_mm, least_depth_mm), most_depth_mm)};
}

static Trial best_of_grid(const Fit *fit)
{
    Trial best = {0};
    double least = HUGE_VAL;
    for (int i = 0; i < GRID_UPTAKE; i++)
        for (int k = 0; k < GRID_DEPTH; k++) {
            double u = (i + 0.5) / GRID_UPTAKE, z = (k + 0.5) / GRID_DEPTH;
            Trial trial = {log(least_uptake) + u * log(most_uptake / least_uptake),
                           least_depth_mm + z * z * (most_depth_mm - least_depth_mm)};
            double cost = cost_of(fit, trial);
            best = cost < least ? trial : best;
            least = fmin(cost, least);
        }
    return best;
}

/* Normal equations of the weighted problem: m the matrix, g the right-hand side. */
typedef struct Normal {
    double m[3], g[2]; /* m: uu, uz, zz */
} Normal;

static Normal normal_at(const Fit *fit, Trial trial, const double deviation[])
{
    const double step_u = 1e-3, step_z = 1e-3;
    double up[MOST_TERMS], down[MOST_TERMS];
    Normal normal = {0};
    bool at_end = trial.depth_mm + step_z > most_depth_mm;
    Trial more = {trial.log_uptake + step_u, trial.depth_mm};
    Trial deeper = {trial.log_uptake, trial.depth_mm + (at_end ? -step_z : step_z)};
    deviations(fit, more, up);
    deviations(fit, deeper, down);
    for (int i = 0; i < fit->count * fit->channel_count; i++) {
        double weight = fmin(1.0, huber_limit / fmax(fabs(deviation[i]), 1e-12));
        double by_u = (up[i] - deviation[i]) / step_u;
        double by_z = (down[i] - deviation[i]) / (deeper.depth_mm - trial.depth_mm);
        normal.m[0] += weight * by_u * by_u;
        normal.m[1] += weight * by_u * by_z;
        normal.m[2] += weight * by_z * by_z;
        normal.g[0] -= weight * by_u * deviation[i];
        normal.g[1] -= weight * by_z * deviation[i];
    }
    return normal;
}

/* Levenberg's damping keeps the step short where the two trade off. */
static Trial stepped(const Normal *normal, Trial from, double damping)
{
    double uu = normal->m[0] * (1.0 + damping) + 1e-12, uz = normal->m[1];
    double zz = normal->m[2] * (1.0 + damping) + 1e-12, det = uu * zz - uz * uz;
    return clamped((Trial){from.log_uptake + (zz * normal->g[0] - uz * normal->g[1]) / det,
                           from.depth_mm + (uu * normal->g[1] - uz * normal->g[0]) / det});
}

static Trial refine(const Fit *fit, Trial trial)
{
    double deviation[MOST_TERMS], damping = 1e-3;
    double cost = cost_of(fit, trial);
    for (int i = 0; i < 60 && damping < 1e9; i++) {
        deviations(fit, trial, deviation);
        Normal normal = normal_at(fit, trial, deviation);
        Trial next = stepped(&normal, trial, damping);
        double lower = cost_of(fit, next);
        damping *= lower < cost ? 0.2 : 10.0;
        if (lower < cost) {
            trial = next;
            bool settled = cost - lower < 1e-12 * (1.0 + cost);
            cost = lower;
            if (settled)
                break;
        }
    }
    return trial;
}

/* ---- what came out ---- */

/* How far a swatch is from the model: rms over its channels, in its errors. */
static double swatch_deviation(const Fit *fit, const double deviation[], int swatch)
{
    double sum = 0.0;
    for (int k = 0; k < fit->channel_count; k++)
        sum += pow(deviation[swatch * fit->channel_count + k], 2.0);
    return sqrt(sum / fit->channel_count);
}

static bool refuse_misfit(const Fit *fit, const double deviation[], int outliers, Err *err)
{
    int worst = 0;
    for (int i = 1; i < fit->count; i++)
        if (swatch_deviation(fit, deviation, i) > swatch_deviation(fit, deviation, worst))
            worst = i;
    const SkinSwatch *swatch = &fit->swatch[worst];
    return err_set(err, ERR_INPUT,
                   "no single pigment explains the swatches: %d of %d disagree, most of all number "
                   "%d (dilution %g, %g dots per cm2), by %.1f times its error; check it",
                   outliers, fit->count, worst + 1, swatch->dilution, swatch->dots_per_cm2,
                   swatch_deviation(fit, deviation, worst));
}

static bool check_uptake(const Fit *fit, double uptake, Err *err)
{
    if (uptake > 0.999 * most_uptake)
        return err_set(err, ERR_INPUT,
                       "the swatches are darker than all of the pigment could make them; check "
                       "absorber_mg_per_ml %g and the dilutions",
                       fit->line->absorber_mg_per_ml);
    return uptake > 1.001 * least_uptake ||
           err_set(err, ERR_INPUT,
                   "the swatches are so light that less than %g of the pigment would be there; "
                   "check absorber_mg_per_ml %g and the dilutions",
                   least_uptake, fit->line->absorber_mg_per_ml);
}

static void describe(const Fit *fit, Trial trial, const Normal *normal, const double deviation[],
                     SkinCalibration *result)
{
    int terms = fit->count * fit->channel_count;
    double squares = 0.0, logs = 0.0;
    for (int i = 0; i < terms; i++) {
        squares += pow(deviation[i], 2.0);
        logs += pow(deviation[i] * fit->sigma[i], 2.0);
    }
    double scale = sqrt(fmax(squares / (terms - 2), 1.0)); /* a lucky fit is not a precise one */
    double det = fmax(normal->m[0] * normal->m[2] - normal->m[1] * normal->m[1], 1e-12);
    double sd_u = scale * sqrt(normal->m[2] / det), sd_z = scale * sqrt(normal->m[0] / det);
    double uptake = exp(trial.log_uptake), spread = exp(sigma_80 * fmin(sd_u, 5.0));
    *result = (SkinCalibration){.pigment = *fit->line,
                                .depth_mm = trial.depth_mm,
                                .depth_sd_mm = sd_z,
                                .residual = sqrt(logs / terms)};
    SkinPigment *line = &result->pigment;
    line->uptake = uptake;
    line->uptake_band = (SkinBand){uptake / spread, uptake, fmin(uptake * spread, most_uptake)};
    line->calibrated[0] = '\0';
    line->calibration_swatches = fit->count;
    snprintf(line->source[SKIN_UPTAKE], SKIN_SOURCE_TEXT,
             "calibrated on %d healed swatches, skin of ITA %.0f, found at %.2f mm (sd %.2f)",
             fit->count, skin_marks_tone(fit->marks)->ita_deg, trial.depth_mm, sd_z);
}

/* The swatches within the limit, in order; the number of them. */
static int keep_good(const Fit *fit, const double deviation[], SkinSwatch kept[SKIN_MAX_SWATCHES])
{
    int count = 0;
    for (int i = 0; i < fit->count; i++)
        if (swatch_deviation(fit, deviation, i) <= outlier_limit)
            kept[count++] = fit->swatch[i];
    return count;
}

bool skin_calibrate(const SkinMarks *marks, const SkinPigment *line, int count,
                    const SkinSwatch swatch[], SkinCalibration *result, Err *err)
{
    double deviation[MOST_TERMS];
    SkinSwatch kept[SKIN_MAX_SWATCHES];
    Fit all = {.marks = marks, .line = line, .count = count, .swatch = swatch};
    if (!check_swatches(count, swatch, err) || !begin(&all, err))
        return false;
    Trial trial = refine(&all, best_of_grid(&all));
    deviations(&all, trial, deviation);
    Fit good = {.marks = marks, .line = line, .swatch = kept};
    good.count = keep_good(&all, deviation, kept);
    if (count - good.count > most_outliers * count)
        return refuse_misfit(&all, deviation, count - good.count, err);
    if (!check_swatches(good.count, kept, err) || !begin(&good, err))
        return false;
    trial = refine(&good, trial);
    deviations(&good, trial, deviation);
    if (!check_uptake(&good, exp(trial.log_uptake), err))
        return false;
    Normal normal = normal_at(&good, trial, deviation);
    describe(&good, trial, &normal, deviation, result);
    result->left_out = count - good.count;
    return true;
}
