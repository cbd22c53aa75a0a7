#include "skin/ageing.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

/* The parameters and what is known about them; the tables of docs/models/skin.md are these. */

/* A tenth left after 6, 9 and 12 months, ln(2) / ln(10) of that. */
static const SkinBand absorbable_half_life = {0.15, 0.226, 0.30};
static const char absorbable_source[] =
    "gone (a tenth left) in 6-12 months: studio page on temporary pigment; other pages say 12-18 "
    "months and 2-3 years; what 'gone' means is assumed";

static const struct {
    size_t offset;
    SkinRate rate;
} rates[SKIN_RATES] = {
    {offsetof(SkinAgeing, healed_mass),
     {"healed_mass_ratio",
      "1",
      "0.60-0.70 (trade model of optical density), 0.6-0.8 (optical model); no measured curve",
      {0.60, 0.65, 0.80},
      0.01,
      1.0,
      true}},
    {offsetof(SkinAgeing, half_life_years),
     {"half_life_years",
      "years",
      "touch-ups are sold at 1-8 years, 3-5 the usual; trade model 5-8, optical model 2-8; nobody "
      "has published a fading curve of scalp dots",
      {2.0, 5.0, 8.0},
      0.001,
      100.0,
      true}},
    {offsetof(SkinAgeing, healed_diameter),
     {"healed_diameter_ratio",
      "1",
      "studio pages: up to 0.25 mm fresh, 0.10-0.15 mm after the scabs; holes shrink by about half",
      {0.6, 0.7, 0.8},
      0.1,
      3.0,
      false}},
    {offsetof(SkinAgeing, growth_per_year),
     {"growth_ratio_per_year",
      "1/year",
      "trade model 3-5 %; a practitioner's post: slight widening over 6-12 months; ink spreads "
      "like "
      "heat between cells (model of Eames 2011), its rate was not measured",
      {0.03, 0.04, 0.05},
      0.0,
      1.0,
      true}},
    {offsetof(SkinAgeing, drift_mm_per_year),
     {"drift_mm_per_year",
      "mm/year",
      "folk claim that old ink sinks; in mice it stays in place, recaptured by the next "
      "macrophages (Baranska et al., J. Exp. Med. 215, 2018)",
      {0.0, 0.005, 0.02},
      0.0,
      1.0,
      true}},
    {offsetof(SkinAgeing, depth_exponent),
     {"depth_exponent",
      "1",
      "studio pages name depth among what decides how long dots last, none gives a number",
      {0.0, 0.5, 1.0},
      0.0,
      3.0,
      true}},
    {offsetof(SkinAgeing, redness),
     {"redness_ratio",
      "1",
      "erythema, 1.5-3 times the blood; the figure is an optical model's, not a measurement after "
      "a session",
      {1.5, 2.0, 3.0},
      1.0,
      20.0,
      true}},
    {offsetof(SkinAgeing, redness_days),
     {"redness_days",
      "days",
      "two studio pages: red and tight for 0-24 h, gone for most by day 2-4",
      {2.0, 3.0, 6.0},
      0.1,
      30.0,
      false}},
    {offsetof(SkinAgeing, swelling),
     {"swelling_ratio",
      "1",
      "studio pages and the parameter study of Dhurat et al. 2017 report transient swelling, none "
      "gives a number",
      {1.0, 1.05, 1.15},
      1.0,
      2.0,
      true}},
    {offsetof(SkinAgeing, scab),
     {"scab_ratio",
      "1",
      "two studio pages: scabs look larger and darker than the dots under them; no number",
      {1.0, 1.5, 2.5},
      0.1,
      10.0,
      true}},
    {offsetof(SkinAgeing, shed_share),
     {"shed_share_ratio",
      "1",
      "a needle's track to 0.4 mm has a quarter of its length in the epidermis, which would be 0.7 "
      "of "
      "the loss; what bleeds out or drains from the dermis has not been measured",
      {0.3, 0.5, 0.8},
      0.0,
      1.0,
      true}},
    {offsetof(SkinAgeing, scab_share),
     {"scab_share_ratio",
      "1",
      "studio pages: scabs take pigment along on days 4-10, sudden lightening; no number",
      {0.5, 0.7, 0.9},
      0.0,
      1.0,
      true}},
    {offsetof(SkinAgeing, veil),
     {"veil_ratio",
      "1",
      "'phantom fade' of two studio pages: lighter and patchy on days 4-10, back as the surface "
      "renews (day 28); no number",
      {0.4, 0.6, 0.85},
      0.01,
      1.0,
      true}},
};

SkinRate skin_ageing_rate(const SkinAgeing *ageing, int rate)
{
    assert(rate >= 0 && rate < SKIN_RATES);
    SkinRate line = rates[rate].rate;
    line.band = *(const SkinBand *)((const char *)ageing + rates[rate].offset);
    if (ageing->kind == SKIN_ABSORBABLE &&
        rates[rate].offset == offsetof(SkinAgeing, half_life_years))
        line.source = absorbable_source;
    return line;
}

SkinBand *skin_ageing_band(SkinAgeing *ageing, int rate)
{
    assert(rate >= 0 && rate < SKIN_RATES);
    return (SkinBand *)((char *)ageing + rates[rate].offset);
}

/* What a modifier acts on: the fading rate is the inverse of the half-life. */
typedef enum ModifierIndex {
    SUN_FADING,
    DARK_SKIN_SUN,
    OILY_FADING,
    OILY_GROWTH,
    IMMUNE_FADING,
    SCAR_MASS,
    SCAR_FADING,
    SCAR_GROWTH,
    AGE_REDNESS
} ModifierIndex;

static const SkinRate modifiers[SKIN_MODIFIERS] = {
    [SUN_FADING] = {"sun: fading rate",
                    "1",
                    "factor 1.0-1.5 of an optical model; nearly all studio pages name the sun; "
                    "carbon itself does not bleach",
                    {1.0, 1.25, 1.5},
                    0.1,
                    10.0,
                    true},
    [DARK_SKIN_SUN] = {"dark skin: what the sun adds",
                       "1",
                       "a fifth of the ultraviolet of light skin reaches the upper dermis: "
                       "Kaidbey et al., J. Am. Acad. Dermatol. 1 (1979) 249; band assumed",
                       {0.1, 0.2, 0.4},
                       0.01,
                       1.0,
                       false},
    [OILY_FADING] = {"oily skin: fading rate",
                     "1",
                     "trade model: half-life x 0.6 for oily, sunny or immune-active skin, taken as "
                     "the three together",
                     {1.0, 1.2, 1.5},
                     0.1,
                     10.0,
                     true},
    [OILY_GROWTH] = {"oily skin: growth",
                     "1",
                     "trade: dots soften on oily skin; no number",
                     {1.0, 1.2, 1.5},
                     0.1,
                     10.0,
                     true},
    [IMMUNE_FADING] = {"strong immune response: fading rate",
                       "1",
                       "see oily skin; the pigment is held by cells of the immune system",
                       {1.0, 1.2, 1.5},
                       0.1,
                       10.0,
                       true},
    [SCAR_MASS] = {"scar: healed mass",
                   "1",
                   "trade model: first uptake x 0.7",
                   {0.55, 0.7, 0.85},
                   0.1,
                   10.0,
                   true},
    [SCAR_FADING] =
        {"scar: fading rate",
         "1",
         "visual density fell by 1.6 of 10 in scars, 0.9 beside (p = 0.03, 10 people, 6 "
         "months; J. Cosmet. Dermatol. 2025, doi 10.1111/jocd.70375); 1.5 by an "
         "optical model",
         {1.2, 1.5, 1.8},
         0.1,
         10.0,
         false},
    [SCAR_GROWTH] = {"scar: growth",
                     "1",
                     "softer in scars by trade texts; no number",
                     {1.0, 1.3, 1.7},
                     0.1,
                     10.0,
                     true},
    [AGE_REDNESS] = {"60 years and more: days of redness",
                     "1",
                     "the horny layer renews in 28 days at 60 years, in 20 at 35: Grove et al., J. "
                     "Soc. Cosmet. Chem. 32 (1981) 15; that redness follows it is assumed",
                     {1.0, 1.4, 1.8},
                     0.1,
                     10.0,
                     true},
};

SkinRate skin_ageing_modifier(int modifier)
{
    assert(modifier >= 0 && modifier < SKIN_MODIFIERS);
    return modifiers[modifier];
}

static SkinAgeing of_kind(SkinKind kind)
{
    SkinAgeing ageing = {.kind = kind};
    for (int i = 0; i < SKIN_RATES; i++)
        *skin_ageing_band(&ageing, i) = rates[i].rate.band;
    if (kind == SKIN_ABSORBABLE)
        ageing.half_life_years = absorbable_half_life;
    return ageing;
}

/* band^strength: no effect at 0, the inverse at -1, which turns its ends round. */
static SkinBand at_strength(SkinBand band, double strength)
{
    double ends[2] = {pow(band.low, strength), pow(band.high, strength)};
    return (SkinBand){fmin(ends[0], ends[1]), pow(band.expected, strength), fmax(ends[0], ends[1])};
}

/* Independent factors: their distances from the expected value add in quadrature of logarithms. */
static SkinBand times(SkinBand band, SkinBand factor)
{
    double expected = band.expected * factor.expected;
    double down = hypot(log(band.expected / band.low), log(factor.expected / factor.low));
    double up = hypot(log(band.high / band.expected), log(factor.high / factor.expected));
    return (SkinBand){expected * exp(-down), expected, expected * exp(up)};
}

static void modify(SkinBand *band, ModifierIndex modifier, double strength)
{
    *band = times(*band, at_strength(modifiers[modifier].band, strength));
}

/* Share of a habit's sun that reaches the pigment: all of it in light skin (ITA 41 degrees and
 * more), a fifth in dark skin (-30 and less), the logarithm linear between. */
static double sun_through(const SkinTone *tone)
{
    const double light_deg = 41.0, dark_deg = -30.0;
    if (tone == NULL)
        return 1.0;
    double darkness = fmin(fmax((light_deg - tone->ita_deg) / (light_deg - dark_deg), 0.0), 1.0);
    return pow(modifiers[DARK_SKIN_SUN].band.expected, darkness);
}

/* 0 up to 35 years or when not given, 1 from 60 on: the two ages that were measured. */
static double aged(double age_years)
{
    return fmin(fmax((age_years - 35.0) / (60.0 - 35.0), 0.0), 1.0);
}

SkinAgeing skin_ageing(SkinKind kind, const SkinTone *tone, const SkinHabits *habits)
{
    SkinAgeing ageing = of_kind(kind);
    if (habits == NULL)
        return ageing;
    modify(&ageing.half_life_years, SUN_FADING, -habits->sun * sun_through(tone));
    modify(&ageing.half_life_years, OILY_FADING, -habits->oiliness);
    modify(&ageing.half_life_years, IMMUNE_FADING, -habits->immunity);
    modify(&ageing.half_life_years, SCAR_FADING, habits->scar ? -1.0 : 0.0);
    modify(&ageing.growth_per_year, OILY_GROWTH, habits->oiliness);
    modify(&ageing.growth_per_year, SCAR_GROWTH, habits->scar ? 1.0 : 0.0);
    modify(&ageing.healed_mass, SCAR_MASS, habits->scar ? 1.0 : 0.0);
    modify(&ageing.redness_days, AGE_REDNESS, aged(habits->age_years));
    return ageing;
}

SkinAgeing skin_ageing_default(void)
{
    return of_kind(SKIN_PERMANENT);
}

static bool within(const char *name, double value, double low, double high, Err *err)
{
    return (value >= low && value <= high) ||
           err_set(err, ERR_INPUT, "%s %g is not within %g..%g", name, value, low, high);
}

bool skin_habits_check(const SkinHabits *habits, Err *err)
{
    return within("sun", habits->sun, 0.0, 1.0, err) &&
           within("oiliness", habits->oiliness, -1.0, 1.0, err) &&
           within("immunity", habits->immunity, -1.0, 1.0, err) &&
           within("age in years", habits->age_years, 0.0, 120.0, err);
}

bool skin_ageing_check(const SkinAgeing *ageing, Err *err)
{
    for (int i = 0; i < SKIN_RATES; i++) {
        SkinRate rate = skin_ageing_rate(ageing, i);
        SkinBand band = rate.band;
        if (!within(rate.name, band.low, rate.least, rate.most, err) ||
            !within(rate.name, band.high, rate.least, rate.most, err))
            return false;
        if (!(band.low <= band.expected && band.expected <= band.high))
            return err_set(err, ERR_INPUT, "%s: low %g, expected %g, high %g are not in order",
                           rate.name, band.low, band.expected, band.high);
    }
    return true;
}

const char *skin_kind_name(SkinKind kind)
{
    switch (kind) {
    case SKIN_PERMANENT:
        return "permanent";
    case SKIN_ABSORBABLE:
        return "absorbable";
    }
    return "unknown";
}
