/* skin.h - how a pigment dot and a cut hair look in this skin: fresh, healed, years later.
 *
 * A mark is pigment of some strength at some depth; what it takes from the picture is its
 * *equivalent black area* a (mm2) per colour channel: n marks per mm2 turn the skin's reflectance R
 * into R exp(-n a). A picture deposits the same a as optical depth spread over the mark's
 * footprint, so near and far views agree. Values here come from a table of simulated dots
 * (docs/models.md); they are predictions and carry bands.
 */
#ifndef SKIN_SKIN_H
#define SKIN_SKIN_H

#include "base/err.h"
#include "color/color.h"

typedef struct SkinTone {
    Rgb reflectance; /* linear */
    Lab lab;
    double ita_deg;
    double melanin; /* melanosome volume fraction of the epidermis, from ITA */
} SkinTone;

/* A deposit of pigment: a plug of 0.2 mm height centred at depth_mm. */
typedef struct SkinMark {
    double diameter_mm;
    double depth_mm;
    double absorption_per_mm; /* at 550 nm, falls as 1/wavelength */
} SkinMark;

/* What a mark does to the picture. Footprint: a disc of core_mm diameter blurred by a Gaussian of
 * core_sigma_mm that carries core_share of the area per channel; the rest is a Gaussian halo. */
typedef struct SkinLook {
    float area_mm2[3]; /* equivalent black area per linear R, G, B */
    float core_mm, core_sigma_mm;
    float core_share[3];
    float halo_sigma_mm;
} SkinLook;

/* How pigment changes with time; all with a band (low, high) beside the expected value. */
typedef struct SkinBand {
    double low, expected, high;
} SkinBand;
typedef struct SkinAgeing {
    SkinBand healed_mass;     /* of the fresh pigment that is left at 30 days */
    SkinBand half_life_years; /* of the healed pigment */
    SkinBand healed_diameter; /* relative to fresh, at 30 days */
    SkinBand growth_per_year; /* of the healed diameter, relative */
} SkinAgeing;

typedef struct SkinPigment {
    const char *name;
    double carbon_mg_per_ml; /* undiluted */
    double uptake;           /* share of the concentration that the skin holds after healing */
} SkinPigment;

SkinTone skin_tone(Rgb reflectance);
SkinAgeing skin_ageing_default(void);
/* The mark a healed mark becomes after `years` (0 = healed), at the expected values or at one end
 * of the band: which -1 (fades fast, spreads fast), 0, +1 (holds). */
SkinMark skin_mark_aged(SkinMark healed, const SkinAgeing *ageing, double years, int which);
/* The fresh mark that heals to `healed`. */
SkinMark skin_mark_fresh(SkinMark healed, const SkinAgeing *ageing);
SkinLook skin_mark_look(SkinTone tone, SkinMark mark);
/* Diameter (mm) a healed dot has after years, at the wide end of the band: the "helmet" limit. */
double skin_grown_diameter_mm(double healed_diameter_mm, const SkinAgeing *ageing, double years);

/* A hair cut flush: diameter and depth of colour (1 black ... 0 white) -> its look in this skin. */
SkinLook skin_stubble_look(SkinTone tone, double hair_diameter_mm, double hair_darkness);

/* Pigment concentration and dilution (parts water : 1 part pigment) for a healed absorption, and
 * back. */
double skin_dilution(const SkinPigment *pigment, double healed_absorption_per_mm);
double skin_absorption_per_mm(const SkinPigment *pigment, double dilution);
/* The healed mark (diameter and depth given) whose mean green darkening per dot is `match` times
 * that of one stubble hair; clamped to what the table covers; *error_de00 is the colour difference
 * of the far view at the given densities. */
SkinMark skin_match_stubble(SkinTone tone, double diameter_mm, double depth_mm, SkinLook hair,
                            double match);

#endif
