#include "skin/ageing.h"

#include <assert.h>
#include <math.h>

/* Days of the trade's timeline: dots darkest on day 0, crusts from day 1, scabs fall on days 4-10,
 * skin renewed by day 28-30. The worst day of the phantom fade is the last but one of the scabs'.
 */
static const double crust_day = 1.0, scab_falls_day = 4.0, scab_gone_day = 10.0, veil_day = 9.0;
/* The surface is closed and the inflammation over: the dermis has lost what it loses. Assumed. */
static const double drained_day = 14.0;
/* Pigment left in the epidermis and the upper end of the needle's track: a plug from the surface to
 * 0.2 mm, the shallowest mark that the table of marks holds. Assumed. */
static const double epidermal_depth_mm = 0.1;
static const double reference_depth_mm = 0.3;
/* Half-lives are not extrapolated beyond depths at which anybody works; nothing sinks through the
 * dermis. */
static const double shallow_mm = 0.1, deep_mm = 1.0;
static const double floor_mm = SKIN_EPIDERMIS_MM + SKIN_DERMIS_MM;

static double in_band(SkinBand band, int which)
{
    return which < 0 ? band.low : which > 0 ? band.high : band.expected;
}

/* 0 before `from`, 1 after `to`, without a kink. */
static double smooth_step(double from, double to, double x)
{
    double t = fmin(fmax((x - from) / (to - from), 0.0), 1.0);
    return t * t * (3.0 - 2.0 * t);
}

/* absorption x diameter^2 x height of the plug, which the surface cuts off: what mass is here. */
static double mass_of(SkinMark mark)
{
    double height_mm = SKIN_PLUG_MM / 2.0 + fmin(mark.depth_mm, SKIN_PLUG_MM / 2.0);
    return mark.absorption_per_mm * mark.diameter_mm * mark.diameter_mm * height_mm;
}

static SkinMark with_mass(SkinMark mark, double mass)
{
    mark.absorption_per_mm = 1.0;
    mark.absorption_per_mm = mass / mass_of(mark);
    return mark;
}

/* Exponential down to a tenth after redness_days; what would be left at day 30 is taken off, so
 * that it ends there. */
static double inflammation(const SkinAgeing *ageing, double days, int which)
{
    double rate = 1.0 / in_band(ageing->redness_days, which);
    double end = pow(10.0, -SKIN_HEALED_DAY * rate);
    return (pow(10.0, -days * rate) - end) / (1.0 - end);
}

/* Of the pigment that the epidermis got: a part falls with the scabs, the rest leaves as it renews.
 */
static double epidermal_left(const SkinAgeing *ageing, double days, int which)
{
    double with_scabs = in_band(ageing->scab_share, -which);
    double fallen = smooth_step(scab_falls_day, scab_gone_day, days);
    double renewed = smooth_step(scab_falls_day, SKIN_HEALED_DAY, days);
    return 1.0 - with_scabs * fallen - (1.0 - with_scabs) * renewed;
}

static double scab_factor(const SkinAgeing *ageing, double days, int which)
{
    double there =
        smooth_step(0.0, crust_day, days) - smooth_step(scab_falls_day, scab_gone_day, days);
    return 1.0 + (in_band(ageing->scab, which) - 1.0) * there;
}

static double veil(const SkinAgeing *ageing, double days, int which)
{
    double worst = in_band(ageing->veil, which);
    double down = smooth_step(scab_falls_day, veil_day, days);
    double up = smooth_step(veil_day, SKIN_HEALED_DAY, days);
    return 1.0 - (1.0 - worst) * (down - up);
}

static SkinMoment while_healing(SkinMark healed, const SkinAgeing *ageing, double days, int which)
{
    double fresh_mass = mass_of(healed) / ageing->healed_mass.expected;
    double kept = in_band(ageing->healed_mass, which);
    double inflamed = inflammation(ageing, days, which);
    SkinMark dermal = healed, epidermal = healed;
    dermal.diameter_mm *= 1.0 + (in_band(ageing->swelling, which) - 1.0) * inflamed;
    epidermal.diameter_mm /= in_band(ageing->healed_diameter, -which); /* strong: a wide stain */
    epidermal.depth_mm = fmin(healed.depth_mm, epidermal_depth_mm);
    double shed = (1.0 - kept) * in_band(ageing->shed_share, which);
    double drained = (1.0 - kept - shed) * smooth_step(0.0, drained_day, days);
    double held = fresh_mass * shed * epidermal_left(ageing, days, which);
    return (SkinMoment){.dermal = with_mass(dermal, fresh_mass * (1.0 - shed - drained)),
                        .epidermal = with_mass(epidermal, held * scab_factor(ageing, days, which)),
                        .blood_factor = 1.0 + (in_band(ageing->redness, which) - 1.0) * inflamed,
                        .veil = veil(ageing, days, which)};
}

/* The exponent that shortens the half-life at the weak end: the large one for what is shallow. */
static double half_life_years(const SkinAgeing *ageing, double depth_mm, int which)
{
    double depth = fmin(fmax(depth_mm, shallow_mm), deep_mm) / reference_depth_mm;
    double exponent = in_band(ageing->depth_exponent, depth < 1.0 ? -which : which);
    return in_band(ageing->half_life_years, which) * pow(depth, exponent);
}

static SkinMoment after_healing(SkinMark healed, const SkinAgeing *ageing, double years, int which)
{
    double mass =
        mass_of(healed) * in_band(ageing->healed_mass, which) / ageing->healed_mass.expected;
    double left = exp2(-years / half_life_years(ageing, healed.depth_mm, which));
    SkinMark dermal = healed;
    dermal.diameter_mm *= 1.0 + years * in_band(ageing->growth_per_year, -which);
    dermal.depth_mm = fmin(healed.depth_mm + years * in_band(ageing->drift_mm_per_year, -which),
                           fmax(healed.depth_mm, floor_mm));
    SkinMark none = {healed.diameter_mm, fmin(healed.depth_mm, epidermal_depth_mm), 0.0,
                     healed.slope};
    return (SkinMoment){with_mass(dermal, mass * left), none, 1.0, 1.0};
}

SkinMoment skin_mark_at(SkinMark healed, const SkinAgeing *ageing, double days, int which)
{
    assert(days >= 0.0 && days <= SKIN_LAST_DAY && which >= -1 && which <= 1);
    assert(healed.diameter_mm > 0.0 && healed.depth_mm >= 0.0);
    if (days < SKIN_HEALED_DAY)
        return while_healing(healed, ageing, days, which);
    double years = (days - SKIN_HEALED_DAY) / SKIN_DAYS_PER_YEAR;
    return after_healing(healed, ageing, years, which);
}

double skin_grown_diameter_mm(double healed_diameter_mm, const SkinAgeing *ageing, double years)
{
    return healed_diameter_mm * (1.0 + years * ageing->growth_per_year.high);
}

SkinBand skin_years_until(const SkinAgeing *ageing, double share)
{
    assert(share > 0.0 && share <= 1.0);
    double halvings = -log2(share) + 0.0; /* no -0 */
    return (SkinBand){halvings * ageing->half_life_years.low,
                      halvings * ageing->half_life_years.expected,
                      halvings * ageing->half_life_years.high};
}
