#include "skin/skin_internal.h"

#include <math.h>
#include <string.h>

const char *skin_param_name(SkinParam param)
{
    switch (param) {
    case SKIN_MELANIN:
        return "melanin";
    case SKIN_BLOOD:
        return "blood";
    case SKIN_SATURATION:
        return "saturation";
    case SKIN_SCATTER:
        return "scatter";
    case SKIN_SCATTER_SLOPE:
        return "scatter-slope";
    case SKIN_PARAMS:
        break;
    }
    return "?";
}

/* ITA between which skins were measured; beyond them only the model speaks. */
static const double darkest_deg = -30.0, lightest_deg = 65.0;

/* The sd of a value from that of its coordinate: half of what one sd up and down moves it. */
static void set_values(const SkinFit *fit, SkinTone *tone)
{
    skin_values(fit->at, tone->value);
    for (int p = 0; p < SKIN_PARAMS; p++) {
        double near[SKIN_PARAMS], low[SKIN_PARAMS], high[SKIN_PARAMS];
        memcpy(near, fit->at, sizeof near);
        near[p] = fit->at[p] - fit->sd[p];
        skin_values(near, low);
        near[p] = fit->at[p] + fit->sd[p];
        skin_values(near, high);
        tone->sd[p] = 0.5 * (high[p] - low[p]);
    }
}

static SkinTone tone_of_target(const SkinTarget *target)
{
    SkinFit fit = skin_fit(target);
    double ita = color_ita_deg(target->lab);
    SkinTone tone = {.lab = target->lab,
                     .ita_deg = ita,
                     .spectrum = fit.spectrum,
                     .extrapolated = !(ita >= darkest_deg && ita <= lightest_deg)};
    tone.residual_de2000 =
        color_delta_e2000(spectrum_lab(&fit.spectrum, SPECTRUM_D65), target->lab);
    set_values(&fit, &tone);
    return tone;
}

/* What a colour is matched to, and known to, in L, a and b: a camera that is calibrated on a chart
 * is off by 1 or more. */
static const double color_aim = 0.2, color_known = 1.0;

SkinTone skin_tone(Rgb reflectance)
{
    SkinTarget target = {.lab = color_to_lab(reflectance),
                         .lab_sd = color_aim,
                         .band_sd = (double)INFINITY,
                         .loosen = color_known / color_aim};
    SkinTone tone = tone_of_target(&target);
    tone.reflectance = reflectance;
    return tone;
}

SkinTone skin_tone_of_lab(Lab lab)
{
    return skin_tone(color_from_lab(lab));
}

/* Bands to 2 %, what the model is worth there, but the colour closer: it is what will be looked at.
 * Neighbouring bands err together, so they say less than 31 numbers would. */
SkinTone skin_tone_of_spectrum(const Spectrum *reflectance)
{
    SkinTarget target = {.lab = spectrum_lab(reflectance, SPECTRUM_D65),
                         .lab_sd = color_aim,
                         .spectrum = *reflectance,
                         .band_sd = 0.02,
                         .loosen = 2.5};
    SkinTone tone = tone_of_target(&target);
    tone.reflectance = spectrum_rgb(reflectance);
    return tone;
}

/* Redness and yellowness by ITA, gloss left out. Above -30: medians of 67 measured forearms (NIST,
 * J. Res. NIST 122 (2017) 26), joined with ten groups and sites (Alaluf et al., Pigment Cell Res.
 * 15 (2002) 119) and four (Xiao et al., Skin Res. Technol. 23 (2017) 21), whose 2.8 % gloss was
 * taken out. Below -40 and above 60: the model, more or less melanin. */
static const struct {
    double ita_deg, a, b;
} median_skin[] = {
    {-85.0, 2.8, 3.6},   {-77.0, 7.4, 9.4},   {-67.0, 10.4, 14.8}, {-57.0, 12.2, 18.8},
    {-40.0, 14.0, 21.4}, {-27.0, 14.0, 22.0}, {-10.0, 13.0, 22.3}, {3.0, 12.3, 22.3},
    {20.0, 11.8, 20.6},  {36.0, 10.7, 18.4},  {41.0, 10.0, 16.6},  {47.0, 9.2, 15.0},
    {53.0, 8.6, 14.2},   {60.0, 7.8, 12.6},   {75.0, 5.0, 8.0},    {85.0, 2.5, 3.6}};
enum { MEDIAN_SKINS = sizeof median_skin / sizeof median_skin[0] };

Lab skin_lab_of_ita(double ita_deg)
{
    double ita = fmin(fmax(ita_deg, median_skin[0].ita_deg), median_skin[MEDIAN_SKINS - 1].ita_deg);
    int i = 1;
    while (i < MEDIAN_SKINS - 1 && ita > median_skin[i].ita_deg)
        i++;
    double from = median_skin[i - 1].ita_deg, t = (ita - from) / (median_skin[i].ita_deg - from);
    double a = (1.0 - t) * median_skin[i - 1].a + t * median_skin[i].a;
    double b = (1.0 - t) * median_skin[i - 1].b + t * median_skin[i].b;
    return (Lab){50.0 + b * tan(ita * 0.017453292519943295), a, b};
}

bool skin_tone_check(const SkinTone *tone, Err *err)
{
    const float channel[3] = {tone->reflectance.r, tone->reflectance.g, tone->reflectance.b};
    for (int c = 0; c < 3; c++) {
        if (!(channel[c] >= 0.0f && channel[c] <= 1.0f))
            return err_set(err, ERR_INPUT, "skin reflectance %g of channel %c is not within 0..1",
                           (double)channel[c], "RGB"[c]);
    }
    if (!isfinite(tone->lab.L) || !isfinite(tone->lab.a) || !isfinite(tone->lab.b))
        return err_set(err, ERR_INPUT, "skin colour Lab %g %g %g is not finite", tone->lab.L,
                       tone->lab.a, tone->lab.b);
    for (int p = 0; p < SKIN_PARAMS; p++) {
        double least = 0.0, most = 0.0;
        skin_bounds((SkinParam)p, &least, &most);
        if (!(tone->value[p] >= least && tone->value[p] <= most))
            return err_set(err, ERR_INPUT, "skin %s %g is not within %g..%g",
                           skin_param_name((SkinParam)p), tone->value[p], least, most);
        if (!(tone->sd[p] >= 0.0 && tone->sd[p] <= most - least))
            return err_set(err, ERR_INPUT, "sd %g of skin %s is not within 0..%g", tone->sd[p],
                           skin_param_name((SkinParam)p), most - least);
    }
    for (int i = 0; i < SPECTRUM_BANDS; i++) {
        if (!(tone->spectrum.band[i] >= 0.0 && tone->spectrum.band[i] <= 1.0))
            return err_set(err, ERR_INPUT, "skin reflectance %g at %g nm is not within 0..1",
                           tone->spectrum.band[i], spectrum_wavelength_nm(i));
    }
    return true;
}
