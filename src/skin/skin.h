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

#include "base/arena.h"
#include "base/err.h"
#include "color/color.h"

#include <stddef.h>

/* The bald skin. Everything here means light from inside the skin: a picture that contains gloss
 * adds it on top (2.8 % of the light, Fresnel at n = 1.4), after the marks. */
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
    bool clamped; /* skin or mark lay outside the table: the value of its edge, or extrapolated */
} SkinLook;

/* How pigment changes with time; all with a band (low, high) beside the expected value. */
typedef struct SkinBand {
    double low, expected, high;
} SkinBand;
typedef struct SkinAgeing {
    SkinBand healed_mass;     /* of the fresh pigment that is left at 30 days */
    SkinBand half_life_years; /* of the healed pigment */
    SkinBand healed_diameter; /* relative to fresh, at 30 days */
    SkinBand growth_per_year; /* of the healed diameter, relative to it, every year the same */
} SkinAgeing;

typedef struct SkinPigment {
    char name[64];
    double carbon_mg_per_ml; /* undiluted */
    double uptake;           /* share of the concentration that the skin holds after healing */
} SkinPigment;

/* The table of looks; spectra/dot_area.csv is built in. Const after loading: any number of threads
 * may share it. The members are private to this room. */
enum { SKIN_AXIS_LIMIT = 16 };
typedef struct SkinAxis {
    int count;
    double value[SKIN_AXIS_LIMIT];
} SkinAxis;
typedef struct SkinTable {
    SkinAxis melanin, diameter_mm, depth_mm, absorption_per_mm;
    const struct SkinCell *cell; /* in axis order, absorption fastest */
    SkinAxis hair_melanin;
    double hair_diameter_mm;
    double hair_log_area[SKIN_AXIS_LIMIT][3]; /* of a black hair */
} SkinTable;

MUST_CHECK bool skin_table_load(Arena *arena, SkinTable *table, Err *err);
MUST_CHECK bool skin_table_parse(Arena *arena, size_t size, const void *bytes, SkinTable *table,
                                 Err *err);
/* pigments/carbon.json, built in; or a clinic's own file of the same form. */
MUST_CHECK bool skin_pigment_default(SkinPigment *pigment, Err *err);
MUST_CHECK bool skin_pigment_parse(size_t size, const void *bytes, SkinPigment *pigment, Err *err);

/* For the edges, where values come from files or people: refuses what is not finite or absurd. The
 * functions below assert what these two have checked. */
MUST_CHECK bool skin_tone_check(const SkinTone *tone, Err *err);
MUST_CHECK bool skin_mark_check(const SkinMark *mark, Err *err);

SkinTone skin_tone(Rgb reflectance);
SkinLook skin_mark_look(const SkinTable *table, SkinTone tone, SkinMark mark);
/* A hair cut flush: diameter and depth of colour -> its look in this skin. Darkness is the share of
 * green light that a shaft of 0.07 mm takes: 1 black, 0.5 brown, 0 white. */
SkinLook skin_stubble_look(const SkinTable *table, SkinTone tone, double hair_diameter_mm,
                           double hair_darkness);
/* The skin under a density of marks, seen from far: R exp(-n a) per channel. */
Rgb skin_far_view(SkinTone tone, const SkinLook *look, double marks_per_mm2);

/* The healed mark (diameter and depth given) whose green area is `match` times that of one stubble
 * hair. The strongest pigment of the table is returned where even that is too weak: compare the
 * areas. Hue is not matched; what is left shows in color_delta_e2000 of the far views. */
SkinMark skin_match_stubble(const SkinTable *table, SkinTone tone, double diameter_mm,
                            double depth_mm, SkinLook hair, double match);
/* Pigment concentration and dilution (parts water : 1 part pigment) for a healed absorption, and
 * back. 0 also where undiluted pigment is too weak; at most 1000. */
double skin_dilution(const SkinPigment *pigment, double healed_absorption_per_mm);
double skin_absorption_per_mm(const SkinPigment *pigment, double dilution);

SkinAgeing skin_ageing_default(void);
/* The mark a healed mark becomes after `years` (0 = healed), at the expected values or at one end
 * of the band: which -1 (fades fast, spreads fast), 0, +1 (holds). Mass ~ absorption diameter^2 is
 * lost only to the half-life, not to spreading. */
SkinMark skin_mark_aged(SkinMark healed, const SkinAgeing *ageing, double years, int which);
/* The fresh mark that heals to `healed`, at the expected values. Its depth is the healed one: the
 * pigment that sits in the epidermis for the first weeks is not modelled. */
SkinMark skin_mark_fresh(SkinMark healed, const SkinAgeing *ageing);
/* Diameter (mm) a healed dot has after years, at the wide end of the band: the "helmet" limit. */
double skin_grown_diameter_mm(double healed_diameter_mm, const SkinAgeing *ageing, double years);

#endif
