#include "skin/mark_skin.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- contrast by distance ---- */

static void profile_in_band(const SkinMarks *marks, const MarkPlace *place, const SkinMark *mark,
                            int band, double contrast[SKIN_RINGS])
{
    double scale = place->scale, sum[SKIN_RINGS] = {0};
    AxisPlace strength = mark_strength(marks, mark, band, &scale);
    for (int i = 0; i < 64; i++) {
        int depth = place->depth.first + i / 16, diameter = place->diameter.first + i / 4 % 4;
        int at = (depth * PLUG_DIAMETERS + diameter) * PLUG_STRENGTHS + strength.first + i % 4;
        double weight = place->depth.weight[i / 16] * place->diameter.weight[i / 4 % 4] *
                        strength.weight[i % 4];
        for (int r = 0; r < SKIN_RINGS; r++)
            sum[r] += weight * (double)marks->contrast[band][at][r];
    }
    for (int r = 0; r < SKIN_RINGS; r++)
        contrast[r] = fmin(scale * exp(sum[r]), 1.0);
}

SkinProfile skin_mark_profile(const SkinMarks *marks, SkinMark mark)
{
    SkinProfile profile = {0};
    plug_rings(mark.diameter_mm, profile.ring_mm);
    if (mark.absorption_per_mm <= 0.0)
        return profile;
    MarkPlace place = mark_place(marks, mark);
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        profile_in_band(marks, &place, &mark, b, profile.contrast[b]);
    return profile;
}

/* What is taken within a radius, over pi, as a monotone cubic in r2 through the borders of the
 * rings (Fritsch, Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300): its slope is the contrast at
 * r. Keeps the mean of every ring, which a line between the middles of rings would not. */
typedef struct Taken {
    double r2[SKIN_RINGS + 1], sum[SKIN_RINGS + 1], slope[SKIN_RINGS + 1];
} Taken;

static double end_slope(double h0, double h1, double c0, double c1)
{
    double slope = ((2.0 * h0 + h1) * c0 - h0 * c1) / (h0 + h1);
    return fmin(fmax(slope, 0.0), 3.0 * c0);
}

static Taken sum_up(const double ring_mm[], const double contrast[SKIN_RINGS])
{
    Taken taken = {0};
    double h[SKIN_RINGS];
    for (int r = 0; r < SKIN_RINGS; r++) {
        taken.r2[r + 1] = ring_mm[r + 1] * ring_mm[r + 1];
        h[r] = taken.r2[r + 1] - taken.r2[r];
        taken.sum[r + 1] = taken.sum[r] + contrast[r] * h[r];
    }
    for (int r = 1; r < SKIN_RINGS; r++) {
        double a = contrast[r - 1], b = contrast[r],
               t = (h[r - 1] + 2.0 * h[r]) / (h[r - 1] + h[r]);
        double under = t / 3.0 * b + (1.0 - t / 3.0) * a;
        taken.slope[r] = under > 0.0 ? a * b / under : 0.0;
    }
    taken.slope[0] = end_slope(h[0], h[1], contrast[0], contrast[1]);
    return taken;
}

/* Of the cubic at r2: its value, and its slope. */
static double taken_within(const Taken *taken, double r2, double *slope)
{
    int i = 0;
    while (i < SKIN_RINGS - 1 && r2 > taken->r2[i + 1])
        i++;
    double h = taken->r2[i + 1] - taken->r2[i], t = fmin((r2 - taken->r2[i]) / h, 1.0);
    double step = taken->sum[i + 1] - taken->sum[i];
    double d0 = h * taken->slope[i], d1 = h * taken->slope[i + 1];
    double b = 3.0 * step - 2.0 * d0 - d1, c = d0 + d1 - 2.0 * step;
    *slope = fmax(d0 + t * (2.0 * b + t * 3.0 * c), 0.0) / h;
    return taken->sum[i] + t * (d0 + t * (b + t * c));
}

double skin_profile_at(const SkinProfile *profile, int band, double radius_mm)
{
    double contrast;
    Taken taken = sum_up(profile->ring_mm, profile->contrast[band]);
    (void)taken_within(&taken, radius_mm * radius_mm, &contrast);
    return contrast;
}

Spectrum skin_mark_center(const SkinMarks *marks, SkinMark mark)
{
    const double disc_mm = 0.1;
    SkinProfile profile = skin_mark_profile(marks, mark);
    Spectrum seen;
    double slope;
    for (int b = 0; b < SPECTRUM_BANDS; b++) {
        Taken taken = sum_up(profile.ring_mm, profile.contrast[b]);
        double mean = taken_within(&taken, disc_mm * disc_mm, &slope) / (disc_mm * disc_mm);
        seen.band[b] = marks->tone.spectrum.band[b] * (1.0 - mean);
    }
    return seen;
}

double skin_mark_width_mm(const SkinMarks *marks, SkinMark mark)
{
    if (mark.absorption_per_mm <= 0.0)
        return 0.0;
    const int green = 14; /* 540 nm */
    double c[SKIN_RINGS], ring_mm[SKIN_RINGS + 1], at;
    MarkPlace place = mark_place(marks, mark);
    plug_rings(mark.diameter_mm, ring_mm);
    profile_in_band(marks, &place, &mark, green, c);
    Taken taken = sum_up(ring_mm, c);
    double low = 0.0, high = ring_mm[SKIN_RINGS], half = 0.5 * taken.slope[0];
    for (int i = 0; i < 40; i++) {
        double middle = 0.5 * (low + high);
        (void)taken_within(&taken, middle * middle, &at);
        low = at > half ? middle : low;
        high = at > half ? high : middle;
    }
    return 2.0 * low;
}

/* ---- a footprint that can be drawn ---- */

/* exp(-x) I0(x), x >= 0; Abramowitz, Stegun 9.8.1 and 9.8.2, relative error 2e-7. */
static double bessel_i0_scaled(double x)
{
    if (x < 3.75) {
        double t = x / 3.75 * (x / 3.75), sum = 0.0360768 + t * 0.0045813;
        sum = 3.0899424 + t * (1.2067492 + t * (0.2659732 + t * sum));
        return (1.0 + t * (3.5156229 + t * sum)) * exp(-x);
    }
    double t = 3.75 / x, sum = -0.01647633 + t * 0.00392377;
    sum = 0.00916281 + t * (-0.02057706 + t * (0.02635537 + t * sum));
    return (0.39894228 + t * (0.01328592 + t * (0.00225319 + t * (-0.00157565 + t * sum)))) /
           sqrt(x);
}

double skin_blurred_disc(double diameter_mm, double sigma_mm, double radius_mm)
{
    enum { LEAST = 8, MOST = 96 };
    double edge = 0.5 * diameter_mm, variance = sigma_mm * sigma_mm, sum = 0.0;
    int steps = (int)fmin(fmax(4.0 * edge / sigma_mm, LEAST), MOST);
    for (int i = 0; i < steps; i++) {
        double s = (i + 0.5) * edge / steps, away = radius_mm - s;
        sum += s * exp(-0.5 * away * away / variance) * bessel_i0_scaled(radius_mm * s / variance);
    }
    return sum * edge / steps / variance / (3.14159265358979323846 * edge * edge);
}

/* Mean density over each ring. */
static void core_rings(double diameter_mm, double sigma_mm, int rings, const double ring_mm[],
                       double density[])
{
    enum { STEPS = 4 };
    for (int r = 0; r < rings; r++) {
        density[r] = 0.0;
        for (int i = 0; i < STEPS; i++) { /* places that share the ring's area evenly */
            double inner2 = ring_mm[r] * ring_mm[r], outer2 = ring_mm[r + 1] * ring_mm[r + 1];
            double at = sqrt(inner2 + (i + 0.5) / STEPS * (outer2 - inner2));
            density[r] += skin_blurred_disc(diameter_mm, sigma_mm, at) / STEPS;
        }
    }
}

static void halo_rings(double sigma_mm, int rings, const double ring_mm[], double density[])
{
    double scale = 0.5 / (sigma_mm * sigma_mm);
    for (int r = 0; r < rings; r++)
        density[r] = (exp(-scale * ring_mm[r] * ring_mm[r]) -
                      exp(-scale * ring_mm[r + 1] * ring_mm[r + 1])) /
                     ring_area_mm2(&ring_mm[r]);
}

typedef struct Fit {
    int rings;
    const double *ring_mm;
    double weight[3];             /* of a channel: what it loses; on dark skin blue loses nothing */
    double target[3][SKIN_RINGS]; /* contrast per mm2 of area, by channel */
    double core[SKIN_RINGS], halo[SKIN_RINGS];
} Fit;

/* How much a ring counts: by its area, inside more, where the eye looks. */
static double ring_weight(const Fit *fit, int r)
{
    return ring_area_mm2(&fit->ring_mm[r]) / (0.02 + fit->ring_mm[r + 1] * fit->ring_mm[r + 1]);
}

/* The share of the core that fits a channel best, and what is left. */
static double fit_share(const Fit *fit, int channel, double *misfit)
{
    double over = 0.0, under = 0.0;
    for (int r = 0; r < fit->rings; r++) {
        double step = fit->core[r] - fit->halo[r], w = ring_weight(fit, r);
        over += w * step * (fit->target[channel][r] - fit->halo[r]);
        under += w * step * step;
    }
    double share = under > 0.0 ? fmin(fmax(over / under, 0.0), 1.0) : 0.0;
    *misfit = 0.0;
    for (int r = 0; r < fit->rings; r++) {
        double left = share * fit->core[r] + (1.0 - share) * fit->halo[r] - fit->target[channel][r];
        *misfit += ring_weight(fit, r) * left * left;
    }
    return share;
}

static double misfit_of(const Fit *fit)
{
    double sum = 0.0, one;
    for (int c = 0; c < 3; c++) {
        fit_share(fit, c, &one);
        sum += fit->weight[c] * one;
    }
    return sum;
}

/* One of the two widths, by trying a geometric row of them around the last; the other is kept. */
static void improve(Fit *fit, const SkinLook *look, bool is_core, double ratio, double *sigma_mm)
{
    double best = (double)INFINITY, at = *sigma_mm, *rings = is_core ? fit->core : fit->halo;
    for (int i = -3; i <= 3; i++) {
        double sigma = at * pow(ratio, i);
        if (is_core)
            core_rings((double)look->core_mm, sigma, fit->rings, fit->ring_mm, rings);
        else
            halo_rings(sigma, fit->rings, fit->ring_mm, rings);
        double misfit = misfit_of(fit);
        if (misfit < best) {
            best = misfit;
            *sigma_mm = sigma;
        }
    }
    if (is_core)
        core_rings((double)look->core_mm, *sigma_mm, fit->rings, fit->ring_mm, rings);
    else
        halo_rings(*sigma_mm, fit->rings, fit->ring_mm, rings);
}

void mark_footprint(int rings, const double ring_mm[], double contrast[3][SKIN_RINGS],
                    SkinLook *look)
{
    double core_mm = 0.08, halo_mm = 0.6, misfit;
    Fit fit = {.rings = rings, .ring_mm = ring_mm};
    double area[3] = {0.0, 0.0, 0.0}, most = 1e-12;
    for (int c = 0; c < 3; c++) {
        for (int r = 0; r < rings; r++)
            area[c] += contrast[c][r] * ring_area_mm2(&ring_mm[r]);
        most = fmax(most, area[c]);
    }
    for (int c = 0; c < 3; c++) {
        double share = fmax(area[c], 0.0) / most;
        fit.weight[c] = share * share;
        for (int r = 0; r < rings; r++)
            fit.target[c][r] = share > 0.0 ? contrast[c][r] / area[c] : 0.0;
    }
    core_rings((double)look->core_mm, core_mm, rings, ring_mm, fit.core);
    halo_rings(halo_mm, rings, ring_mm, fit.halo);
    static const double ratio[] = {1.6, 1.25, 1.08};
    for (int i = 0; i < 3; i++) {
        improve(&fit, look, true, ratio[i], &core_mm);
        improve(&fit, look, false, ratio[i], &halo_mm);
    }
    for (int c = 0; c < 3; c++)
        look->core_share[c] = (float)fit_share(&fit, c, &misfit);
    look->core_sigma_mm = (float)core_mm;
    look->halo_sigma_mm = (float)fmax(halo_mm, 1.2 * core_mm);
}

bool mark_is_covered(const SkinMarks *marks, SkinMark mark)
{
    const double strongest_per_mm = 30.0;
    return !marks->tone.extrapolated && axis_covers(PLUG_DEPTHS, plug_depth_mm, mark.depth_mm) &&
           axis_covers(PLUG_DIAMETERS, plug_diameter_mm, mark.diameter_mm) &&
           mark.absorption_per_mm <= strongest_per_mm;
}

SkinLook mark_look(const SkinMarks *marks, double core_mm, const SkinProfile *profile,
                   const Spectrum *area_mm2)
{
    SkinLook look = {.core_mm = (float)core_mm};
    double contrast[3][SKIN_RINGS], band[SPECTRUM_BANDS];
    for (int r = 0; r < SKIN_RINGS; r++) {
        for (int b = 0; b < SPECTRUM_BANDS; b++)
            band[b] = profile->contrast[b][r];
        for (int c = 0; c < 3; c++)
            contrast[c][r] = mark_channel(marks, c, band);
    }
    skin_area_rgb(marks, area_mm2, look.area_mm2);
    mark_footprint(SKIN_RINGS, profile->ring_mm, contrast, &look);
    return look;
}

SkinLook skin_mark_look(const SkinMarks *marks, SkinMark mark)
{
    SkinLook look = {
        .core_mm = (float)mark.diameter_mm, .core_sigma_mm = 0.1f, .halo_sigma_mm = 0.6f};
    if (mark.absorption_per_mm > 0.0) {
        SkinProfile profile = skin_mark_profile(marks, mark);
        Spectrum area = skin_mark_area(marks, mark);
        look = mark_look(marks, mark.diameter_mm, &profile, &area);
    }
    look.clamped = !mark_is_covered(marks, mark);
    return look;
}

/* ---- many looks ---- */

double skin_ramp_mm(const SkinRamp *ramp, int i)
{
    return ramp->from_mm + (ramp->to_mm - ramp->from_mm) * i / (SKIN_RAMP - 1);
}

static float between(float a, float b, double t)
{
    return (float)((1.0 - t) * (double)a + t * (double)b);
}

SkinLook skin_ramp_at(const SkinRamp *ramp, double length_mm)
{
    double span = ramp->to_mm - ramp->from_mm;
    double at = span > 0.0 ? (length_mm - ramp->from_mm) / span * (SKIN_RAMP - 1) : 0.0;
    at = fmin(fmax(at, 0.0), SKIN_RAMP - 1);
    int i = at >= SKIN_RAMP - 1 ? SKIN_RAMP - 2 : (int)at;
    const SkinLook *a = &ramp->look[i], *b = &ramp->look[i + 1];
    double t = at - i;
    SkinLook look = {.core_mm = between(a->core_mm, b->core_mm, t),
                     .core_sigma_mm = between(a->core_sigma_mm, b->core_sigma_mm, t),
                     .halo_sigma_mm = between(a->halo_sigma_mm, b->halo_sigma_mm, t),
                     .clamped = a->clamped || b->clamped};
    for (int c = 0; c < 3; c++) {
        look.area_mm2[c] = between(a->area_mm2[c], b->area_mm2[c], t);
        look.core_share[c] = between(a->core_share[c], b->core_share[c], t);
    }
    return look;
}
