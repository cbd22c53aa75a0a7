#include "skin/skin.h"
#include "skin/skin_internal.h"

#include <assert.h>
#include <math.h>

/* A place on an axis: between value[low] and value[low + 1], t within [0, 1]. */
typedef struct Place {
    int low;
    double t;
} Place;

static double first_of(const SkinAxis *axis)
{
    return axis->value[0];
}

static double last_of(const SkinAxis *axis)
{
    return axis->value[axis->count - 1];
}

static bool is_within(const SkinAxis *axis, double value)
{
    const double rounding = 1e-9;
    return value >= first_of(axis) * (1.0 - rounding) && value <= last_of(axis) * (1.0 + rounding);
}

static Place find(const SkinAxis *axis, double value, bool logarithmic)
{
    value = fmin(fmax(value, first_of(axis)), last_of(axis));
    int low = 0;
    while (low < axis->count - 2 && value > axis->value[low + 1])
        low++;
    double from = axis->value[low], to = axis->value[low + 1];
    double t = logarithmic ? log(value / from) / log(to / from) : (value - from) / (to - from);
    return (Place){low, fmin(fmax(t, 0.0), 1.0)};
}

static void add_cell(SkinCell *sum, const SkinCell *cell, double weight)
{
    for (int c = 0; c < 3; c++) {
        sum->log_area[c] += weight * cell->log_area[c];
        sum->core_share[c] += weight * cell->core_share[c];
    }
    sum->core_sigma_mm += weight * cell->core_sigma_mm;
    sum->halo_sigma_mm += weight * cell->halo_sigma_mm;
}

/* ln a is linear in melanin (a filter), in depth (attenuation), and in ln diameter, ln strength. */
static SkinCell interpolate(const SkinTable *table, double melanin, SkinMark mark)
{
    const SkinAxis *axis[4] = {&table->melanin, &table->diameter_mm, &table->depth_mm,
                               &table->absorption_per_mm};
    const Place place[4] = {find(axis[0], melanin, false), find(axis[1], mark.diameter_mm, true),
                            find(axis[2], mark.depth_mm, false),
                            find(axis[3], mark.absorption_per_mm, true)};
    SkinCell sum = {0};
    for (int corner = 0; corner < 16; corner++) {
        double weight = 1.0;
        int index = 0;
        for (int k = 0; k < 4; k++) {
            int up = corner >> k & 1;
            weight *= up ? place[k].t : 1.0 - place[k].t;
            index = index * axis[k]->count + place[k].low + up;
        }
        if (weight > 0.0)
            add_cell(&sum, &table->cell[index], weight);
    }
    return sum;
}

/* How the area goes on beyond the table: in proportion to a weak pigment's strength (exact in the
 * limit); with the square of a small diameter (thin plug); with the slope between 0.3 and 0.5 mm
 * at 10 /mm for a large one. */
static double beyond(const SkinTable *table, SkinMark mark)
{
    const double large_slope = 1.55;
    double small = fmin(mark.diameter_mm / first_of(&table->diameter_mm), 1.0);
    double large = fmax(mark.diameter_mm / last_of(&table->diameter_mm), 1.0);
    double weak = fmin(mark.absorption_per_mm / first_of(&table->absorption_per_mm), 1.0);
    return small * small * pow(large, large_slope) * weak;
}

static bool is_covered(const SkinTable *table, double melanin, SkinMark mark)
{
    return is_within(&table->melanin, melanin) &&
           is_within(&table->diameter_mm, mark.diameter_mm) &&
           is_within(&table->depth_mm, mark.depth_mm) &&
           mark.absorption_per_mm <= last_of(&table->absorption_per_mm) * (1.0 + 1e-9);
}

SkinLook skin_mark_look(const SkinTable *table, SkinTone tone, SkinMark mark)
{
    assert(isfinite(tone.melanin) && mark.diameter_mm > 0.0 && mark.depth_mm >= 0.0 &&
           mark.absorption_per_mm >= 0.0);
    SkinCell cell = interpolate(table, tone.melanin, mark);
    double scale = beyond(table, mark);
    SkinLook look = {.core_mm = (float)mark.diameter_mm,
                     .core_sigma_mm = (float)cell.core_sigma_mm,
                     .halo_sigma_mm = (float)cell.halo_sigma_mm,
                     .clamped = !is_covered(table, tone.melanin, mark)};
    for (int c = 0; c < 3; c++) {
        look.area_mm2[c] = (float)(scale * exp(cell.log_area[c]));
        look.core_share[c] = (float)cell.core_share[c];
    }
    return look;
}

/* Simulated black hairs of 0.07 and 0.10 mm: ln area against ln diameter has the slope 0.91 (640
 * nm), 1.01 (540), 1.01 (460). */
static const double hair_slope[3] = {0.91, 1.01, 1.01};
/* Wavelengths that stand for R, G, B where a hair's own absorption, ~ 1/wavelength, is meant: with
 * them a brown hair (10 /mm) has 0.45, 0.51, 0.57 of the black one's area; simulated 0.47, 0.50,
 * 0.56. */
static const double channel_nm[3] = {640.0, 540.0, 460.0};
/* Darkness is defined on a shaft of this diameter. */
static const double reference_shaft_mm = 0.07;

/* Share of the light that a shaft takes, mean chord = diameter; 1 for a black one. */
static double taken(double darkness, double diameter_mm, int channel)
{
    double depth = diameter_mm / reference_shaft_mm * channel_nm[1] / channel_nm[channel];
    return 1.0 - pow(1.0 - darkness, depth);
}

/* The depth above which half of a rod's green area lies: areas of plugs fall as exp(-z / 0.25 mm)
 * between 0.2 and 0.7 mm, so half of it is above 0.17 mm. The footprint of a hair is taken to be
 * that of a small mark there; no simulation of a hair's footprint exists. */
static const double hair_footprint_depth_mm = 0.17;

SkinLook skin_stubble_look(const SkinTable *table, SkinTone tone, double hair_diameter_mm,
                           double hair_darkness)
{
    assert(isfinite(tone.melanin) && hair_diameter_mm > 0.0);
    assert(hair_darkness >= 0.0 && hair_darkness <= 1.0);
    SkinMark like = {hair_diameter_mm, hair_footprint_depth_mm, last_of(&table->absorption_per_mm)};
    SkinLook look = skin_mark_look(table, tone, like);
    /* ln area goes on linearly below the lightest simulated skin (melanin is a filter). */
    Place place = find(&table->hair_melanin, tone.melanin, false);
    if (tone.melanin < first_of(&table->hair_melanin))
        place.t = (tone.melanin - table->hair_melanin.value[0]) /
                  (table->hair_melanin.value[1] - table->hair_melanin.value[0]);
    for (int c = 0; c < 3; c++) {
        double black = exp((1.0 - place.t) * table->hair_log_area[place.low][c] +
                           place.t * table->hair_log_area[place.low + 1][c]);
        double size = pow(hair_diameter_mm / table->hair_diameter_mm, hair_slope[c]);
        look.area_mm2[c] = (float)(black * size * taken(hair_darkness, hair_diameter_mm, c));
    }
    return look;
}

SkinMark skin_match_stubble(const SkinTable *table, SkinTone tone, double diameter_mm,
                            double depth_mm, SkinLook hair, double match)
{
    assert(isfinite(match) && match >= 0.0 && isfinite((double)hair.area_mm2[1]));
    double wanted = match * (double)hair.area_mm2[1];
    double low = 0.0, high = last_of(&table->absorption_per_mm);
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2.0;
        SkinLook look = skin_mark_look(table, tone, (SkinMark){diameter_mm, depth_mm, middle});
        bool is_weak = (double)look.area_mm2[1] < wanted;
        low = is_weak ? middle : low;
        high = is_weak ? high : middle;
    }
    return (SkinMark){diameter_mm, depth_mm, high};
}
