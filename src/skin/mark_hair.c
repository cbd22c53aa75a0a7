#include "skin/mark_skin.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* Absorption of shafts at 550 nm: melanin of hair (about 2, 1.2, 0.6 and 0.15 % of its mass from
 * black to blond; red: 0.5 %, mostly pheomelanin) at 1.3 g/ml times the extinction of Sarna and
 * Swartz (2006), 1.33 /mm per mg/ml of eumelanin and 0.70 of pheomelanin; its slopes over 450-700
 * nm, 3.3 and 5.1. The contents are round numbers of the literature on extracted melanin: assumed.
 * Reflectance of the shaft in air: assumed from L* 16 (black, measured without gloss) upwards. */
static const struct {
    const char *name;
    double absorption_per_mm, slope, reflectance;
} colors[SKIN_HAIR_COLORS] = {
    [SKIN_HAIR_BLACK] = {"black", 35.0, 3.3, 0.02},
    [SKIN_HAIR_DARK_BROWN] = {"dark-brown", 20.0, 3.3, 0.03},
    [SKIN_HAIR_BROWN] = {"brown", 10.0, 3.3, 0.05},
    [SKIN_HAIR_BLOND] = {"blond", 2.5, 3.5, 0.20},
    [SKIN_HAIR_RED] = {"red", 4.5, 4.7, 0.10},
    [SKIN_HAIR_GREY] = {"grey", 6.5, 3.3, 0.20},
    [SKIN_HAIR_WHITE] = {"white", 0.1, 3.3, 0.45},
};

const char *skin_hair_name(SkinHairColor color)
{
    assert(color >= 0 && color < SKIN_HAIR_COLORS);
    return colors[color].name;
}

SkinHair skin_hair_make(SkinHairColor color, double diameter_mm)
{
    assert(color >= 0 && color < SKIN_HAIR_COLORS);
    return (SkinHair){.diameter_mm = diameter_mm,
                      .absorption_per_mm = colors[color].absorption_per_mm,
                      .slope = colors[color].slope,
                      .reflectance = colors[color].reflectance,
                      .tilt_rad = SKIN_HAIR_TILT_RAD};
}

/* Light that crosses a shaft goes the mean chord of its disc, pi / 4 of the diameter. */
static double crossing_share(double absorption_per_mm, double diameter_mm)
{
    return 1.0 - exp(-absorption_per_mm * diameter_mm * pi / 4.0);
}

SkinHair skin_hair_of_darkness(double darkness, double diameter_mm)
{
    const double reference_mm = 0.07, blackest_per_mm = 60.0, white = 0.45;
    assert(darkness >= 0.0 && darkness <= 1.0);
    double taken = fmin(darkness, crossing_share(blackest_per_mm, reference_mm));
    return (SkinHair){.diameter_mm = diameter_mm,
                      .absorption_per_mm = -log(1.0 - taken) / (reference_mm * pi / 4.0),
                      .slope = 3.3,
                      .reflectance = white * (1.0 - taken) * (1.0 - taken) + 0.02,
                      .tilt_rad = SKIN_HAIR_TILT_RAD};
}

bool skin_hair_check(const SkinHair *hair, Err *err)
{
    if (!(hair->diameter_mm >= 0.005 && hair->diameter_mm <= 0.3))
        return err_set(err, ERR_INPUT, "hair diameter %g mm is not within 0.005..0.3",
                       hair->diameter_mm);
    if (!(hair->absorption_per_mm >= 0.0 && hair->absorption_per_mm <= 1e4))
        return err_set(err, ERR_INPUT, "hair absorption %g /mm is not within 0..10000",
                       hair->absorption_per_mm);
    if (!(hair->slope >= 0.0 && hair->slope <= 10.0))
        return err_set(err, ERR_INPUT, "spectral slope %g of the hair is not within 0..10",
                       hair->slope);
    if (!(hair->reflectance >= 0.0 && hair->reflectance <= 1.0))
        return err_set(err, ERR_INPUT, "hair reflectance %g is not within 0..1", hair->reflectance);
    if (!(hair->tilt_rad >= 0.0 && hair->tilt_rad <= 1.2))
        return err_set(err, ERR_INPUT, "hair tilt %g rad is not within 0..1.2", hair->tilt_rad);
    if (!(hair->stub_mm >= 0.0 && hair->stub_mm <= 1.0))
        return err_set(err, ERR_INPUT, "stubble length %g mm is not within 0..1", hair->stub_mm);
    return true;
}

/* Where a shaft lies on the axes of the table. */
typedef struct RodPlace {
    double tilt[ROD_TILTS]; /* weights */
    AxisPlace diameter, strength;
    double scale;
} RodPlace;

static RodPlace place_rod(const SkinMarks *marks, const SkinHair *hair, int band)
{
    RodPlace place = {.scale = 1.0};
    double x = fmin(fmax(hair->tilt_rad, 0.0), rod_tilt_rad[ROD_TILTS - 1]);
    for (int i = 0; i < ROD_TILTS; i++) { /* the parabola through the three */
        place.tilt[i] = 1.0;
        for (int k = 0; k < ROD_TILTS; k++)
            if (k != i)
                place.tilt[i] *= (x - rod_tilt_rad[k]) / (rod_tilt_rad[i] - rod_tilt_rad[k]);
    }
    place.diameter = axis_place(ROD_DIAMETERS, marks->ln_rod_diameter, log(hair->diameter_mm));
    double ln_strength =
        log(fmax(hair->absorption_per_mm, 1e-12)) - hair->slope * marks->ln_wavelength[band];
    place.strength = axis_place(ROD_STRENGTHS, marks->ln_rod_strength, ln_strength);
    /* Below the ends: weak shafts go with their absorption, thin ones with their section when they
     * are weak too, else with their width; between these, by how much of the light they take. */
    double beyond = fmin(ln_strength - marks->ln_rod_strength[0], 0.0);
    double thin = fmin(hair->diameter_mm / rod_diameter_mm[0], 1.0);
    double thick = fmax(hair->diameter_mm / rod_diameter_mm[ROD_DIAMETERS - 1], 1.0);
    double weak = exp(-exp(ln_strength) * rod_diameter_mm[0]);
    place.scale = exp(beyond) * pow(thin, 1.0 + weak) * thick;
    return place;
}

static double blend_rod(const RodPlace *place, int stride, const float *row)
{
    double sum = 0.0;
    for (int i = 0; i < ROD_TILTS * 16; i++) {
        int tilt = i / 16, diameter = place->diameter.first + i / 4 % 4;
        int at = (tilt * ROD_DIAMETERS + diameter) * ROD_STRENGTHS + place->strength.first + i % 4;
        sum += place->tilt[tilt] * place->diameter.weight[i / 4 % 4] *
               place->strength.weight[i % 4] * (double)row[at * stride];
    }
    return sum;
}

/* Length of the shaft that would lie in its own shadow: at the height h a cylinder takes d / 2h of
 * the light from straight below it, and the camera does not see there. */
static double hidden_mm(const SkinHair *hair)
{
    double low_mm = 0.5 * hair->diameter_mm / cos(hair->tilt_rad); /* up to where it touches */
    if (hair->stub_mm <= low_mm)
        return hair->stub_mm;
    return low_mm * (1.0 + log(hair->stub_mm / low_mm));
}

/* What a shaft does above the surface, to a camera straight above under an even sky. It covers
 * skin as wide as its projection, and what shows there is skin through the shaft and the shaft's
 * own light, lit from the sky and from the skin. It shades: of all light on its way down a cylinder
 * meets pi / 2 times diameter times length, however it leans (the mean of |sin| over directions is
 * pi / 4), and keeps what it absorbs. Below zero for a light hair on dark skin. */
static double stub_area(const SkinHair *hair, double wavelength_nm, double skin_reflectance)
{
    double absorption = hair->absorption_per_mm * pow(wavelength_nm / 550.0, -hair->slope);
    double kept = crossing_share(absorption, hair->diameter_mm) * (1.0 - hair->reflectance);
    double own = hair->reflectance * 0.5 * (1.0 + skin_reflectance) / fmax(skin_reflectance, 0.01);
    double through = 1.0 - hair->reflectance - kept;
    double width_mm = hair->diameter_mm * sin(hair->tilt_rad); /* of the projection */
    double covered_mm2 = width_mm * hair->stub_mm * (1.0 - through - own);
    double shaded_mm2 = pi / 2.0 * hair->diameter_mm * hair->stub_mm - width_mm * hidden_mm(hair);
    return covered_mm2 + kept * shaded_mm2;
}

Spectrum skin_hair_area(const SkinMarks *marks, SkinHair hair)
{
    Spectrum area;
    for (int b = 0; b < SPECTRUM_BANDS; b++) {
        RodPlace place = place_rod(marks, &hair, b);
        area.band[b] = place.scale * exp(blend_rod(&place, 1, marks->rod_area[b])) +
                       stub_area(&hair, spectrum_wavelength_nm(b), marks->tone.spectrum.band[b]);
    }
    return area;
}

SkinLook skin_hair_look(const SkinMarks *marks, SkinHair hair)
{
    Spectrum area = skin_hair_area(marks, hair);
    SkinLook look = {.core_mm = (float)hair.diameter_mm, .clamped = marks->tone.extrapolated};
    double contrast[3][SKIN_RINGS], band[SPECTRUM_BANDS];
    for (int r = 0; r < ROD_RINGS; r++) {
        for (int b = 0; b < SPECTRUM_BANDS; b++) {
            RodPlace place = place_rod(marks, &hair, b);
            band[b] =
                place.scale * exp(blend_rod(&place, ROD_RINGS, &marks->rod_contrast[b][0][r]));
        }
        for (int c = 0; c < 3; c++)
            contrast[c][r] = mark_channel(marks, c, band);
    }
    skin_area_rgb(marks, &area, look.area_mm2);
    mark_footprint(ROD_RINGS, rod_ring_mm, contrast, &look);
    return look;
}
