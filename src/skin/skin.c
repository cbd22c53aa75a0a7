#include "skin/skin.h"

#include <assert.h>
#include <math.h>

/* Individual typology angle to melanosome fraction: median fits of a three-layer model to NIST
 * skins per ITA class, at the class's median ITA (docs/models.md). Beyond 57 and below 2 degrees
 * nobody was measured: extrapolated, below -30 with the model's own melanin. */
static const struct {
    double ita_deg, melanin;
} melanin_nodes[] = {{67.0, 0.002}, {56.7, 0.005}, {49.9, 0.009}, {36.0, 0.019}, {19.0, 0.035},
                     {2.1, 0.048},  {-30.0, 0.10}, {-54.0, 0.20}, {-75.0, 0.35}};
enum { MELANIN_NODES = sizeof melanin_nodes / sizeof melanin_nodes[0] };

/* ln melanin is piecewise linear in ITA; the ends are kept. */
static double melanin_from_ita(double ita_deg)
{
    int i = 1;
    while (i < MELANIN_NODES - 1 && ita_deg < melanin_nodes[i].ita_deg)
        i++;
    double from = melanin_nodes[i - 1].ita_deg, to = melanin_nodes[i].ita_deg;
    double t = fmin(fmax((ita_deg - from) / (to - from), 0.0), 1.0);
    return exp((1.0 - t) * log(melanin_nodes[i - 1].melanin) + t * log(melanin_nodes[i].melanin));
}

SkinTone skin_tone(Rgb reflectance)
{
    Lab lab = color_to_lab(reflectance);
    double ita = color_ita_deg(lab);
    return (SkinTone){reflectance, lab, ita, isnan(ita) ? ita : melanin_from_ita(ita)};
}

bool skin_tone_check(const SkinTone *tone, Err *err)
{
    const float channel[3] = {tone->reflectance.r, tone->reflectance.g, tone->reflectance.b};
    for (int c = 0; c < 3; c++) {
        if (!(channel[c] >= 0.0f && channel[c] <= 1.0f))
            return err_set(err, ERR_INPUT, "skin reflectance %g of channel %c is not within 0..1",
                           (double)channel[c], "RGB"[c]);
    }
    if (!(tone->melanin > 0.0 && tone->melanin < 1.0))
        return err_set(err, ERR_INPUT, "melanin fraction %g is not within 0..1", tone->melanin);
    return true;
}

bool skin_mark_check(const SkinMark *mark, Err *err)
{
    if (!(mark->diameter_mm > 0.0 && mark->diameter_mm <= 5.0))
        return err_set(err, ERR_INPUT, "dot diameter %g mm is not within 0..5", mark->diameter_mm);
    if (!(mark->depth_mm >= 0.0 && mark->depth_mm <= 5.0))
        return err_set(err, ERR_INPUT, "dot depth %g mm is not within 0..5", mark->depth_mm);
    if (!(mark->absorption_per_mm >= 0.0 && mark->absorption_per_mm <= 1e5))
        return err_set(err, ERR_INPUT, "pigment absorption %g /mm is not within 0..100000",
                       mark->absorption_per_mm);
    return true;
}

Rgb skin_far_view(SkinTone tone, const SkinLook *look, double marks_per_mm2)
{
    return (Rgb){
        (float)((double)tone.reflectance.r * exp(-marks_per_mm2 * (double)look->area_mm2[0])),
        (float)((double)tone.reflectance.g * exp(-marks_per_mm2 * (double)look->area_mm2[1])),
        (float)((double)tone.reflectance.b * exp(-marks_per_mm2 * (double)look->area_mm2[2]))};
}

/* Mass absorption of dispersed carbon black at 550 nm, 7.5 m2/g = 7.5 /mm per mg/ml; Bond and
 * Bergstrom, Aerosol Sci. Technol. 40 (2006) 27. */
static const double carbon_per_mm = 7.5;
static const double thinnest_dilution = 1000.0;

double skin_absorption_per_mm(const SkinPigment *pigment, double dilution)
{
    assert(dilution >= 0.0);
    return carbon_per_mm * pigment->carbon_mg_per_ml * pigment->uptake / (1.0 + dilution);
}

double skin_dilution(const SkinPigment *pigment, double healed_absorption_per_mm)
{
    assert(healed_absorption_per_mm >= 0.0);
    double undiluted = skin_absorption_per_mm(pigment, 0.0);
    if (healed_absorption_per_mm * (1.0 + thinnest_dilution) <= undiluted)
        return thinnest_dilution;
    return fmax(undiluted / healed_absorption_per_mm - 1.0, 0.0);
}

/* Priors, not measurements: nobody has published a fading curve of scalp dots (docs/models.md).
 * Mass 0.60-0.70 at day 30 (trade model) or 0.6-0.8 (optical model); half-life 5-8 years, 2-8 to
 * cover touch-up intervals of 1-8 years; diameter 0.6-0.8 of fresh, then 3-5 % a year. */
SkinAgeing skin_ageing_default(void)
{
    return (SkinAgeing){.healed_mass = {0.60, 0.65, 0.80},
                        .half_life_years = {2.0, 5.0, 8.0},
                        .healed_diameter = {0.6, 0.7, 0.8},
                        .growth_per_year = {0.03, 0.04, 0.05}};
}

static double in_band(SkinBand band, int which)
{
    return which < 0 ? band.low : which > 0 ? band.high : band.expected;
}

SkinMark skin_mark_aged(SkinMark healed, const SkinAgeing *ageing, double years, int which)
{
    assert(years >= 0.0 && which >= -1 && which <= 1);
    double mass = exp2(-years / in_band(ageing->half_life_years, which));
    double growth = 1.0 + years * in_band(ageing->growth_per_year, -which);
    return (SkinMark){healed.diameter_mm * growth, healed.depth_mm,
                      healed.absorption_per_mm * mass / (growth * growth)};
}

SkinMark skin_mark_fresh(SkinMark healed, const SkinAgeing *ageing)
{
    double shrink = ageing->healed_diameter.expected;
    return (SkinMark){healed.diameter_mm / shrink, healed.depth_mm,
                      healed.absorption_per_mm * shrink * shrink / ageing->healed_mass.expected};
}

double skin_grown_diameter_mm(double healed_diameter_mm, const SkinAgeing *ageing, double years)
{
    return healed_diameter_mm * (1.0 + years * ageing->growth_per_year.high);
}
