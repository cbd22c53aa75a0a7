/* skin.h - the skin itself: what it is made of, its spectrum, and what a measured colour tells.
 *
 * Three layers (epidermis 0.1 mm, dermis 2 mm, subcutis 5 mm), refractive index 1.4. Five numbers
 * describe a client's: melanin, blood, its oxygen saturation, scattering level and slope. Colours
 * here mean light from inside the skin: gloss (2.8 % of the light, Fresnel at n = 1.4) is left out,
 * and a picture that contains it adds it on top.
 */
#ifndef SKIN_SKIN_H
#define SKIN_SKIN_H

#include "base/arena.h"
#include "base/err.h"
#include "color/spectrum.h"
#include "optics/optics.h"

#define SKIN_INDEX               1.4
#define SKIN_GLOSS               0.0277778 /* ((n - 1) / (n + 1))^2 */
#define SKIN_EPIDERMIS_MM        0.1
#define SKIN_DERMIS_MM           2.0
#define SKIN_SUBCUTIS_MM         5.0
#define SKIN_SUBCUTIS_ABSORPTION 0.5 /* of the dermis' */
#define SKIN_SUBCUTIS_SCATTERING 0.6

typedef enum SkinParam {
    SKIN_MELANIN,       /* volume fraction of melanosomes in the epidermis */
    SKIN_BLOOD,         /* volume fraction of blood in the dermis */
    SKIN_SATURATION,    /* of the haemoglobin with oxygen */
    SKIN_SCATTER,       /* reduced scattering at 500 nm, 1/mm */
    SKIN_SCATTER_SLOPE, /* it falls as (wavelength / 500 nm)^-slope */
    SKIN_PARAMS
} SkinParam;
const char *skin_param_name(SkinParam param); /* "melanin", ... as in files */

/* The client's bald skin. `value` is what fits; `sd` says how far the measurement leaves it open (a
 * colour that is known to 1 in L, a and b; a spectrum to 5 %): the parameters trade off, only the
 * spectrum is a fact. */
typedef struct SkinTone {
    Rgb reflectance; /* linear sRGB, of the colour that was asked for */
    Lab lab;         /* D65, of the same */
    double ita_deg;
    double value[SKIN_PARAMS], sd[SKIN_PARAMS];
    Spectrum spectrum;      /* of the model, gloss left out */
    double residual_de2000; /* model to the asked colour: above 1.0 it is not a skin colour */
    bool extrapolated;      /* ITA below -30 or above 65: nobody was measured there */
} SkinTone;

/* Coefficients of the layers at one wavelength (1/mm). */
typedef struct SkinOptics {
    double epidermis_absorption, dermis_absorption;
    double reduced_scattering, anisotropy; /* of epidermis and dermis */
} SkinOptics;

SkinOptics skin_optics(const double value[SKIN_PARAMS], double wavelength_nm);
OpticsStack skin_stack(SkinOptics optics);
/* Diffuse reflectance for a camera above the skin; 2 ms. */
Spectrum skin_spectrum(const double value[SKIN_PARAMS]);

/* The most probable skin of a colour, by Gauss-Newton with priors (docs/models/skin.md); 20 ms or
 * less. reflectance: linear sRGB, gloss left out. Never fails: a colour that is no skin's gets the
 * nearest and its residual. skin_tone_check refuses the absurd. */
SkinTone skin_tone(Rgb reflectance);
/* From Lab (D65, 2 degrees, gloss left out). */
SkinTone skin_tone_of_lab(Lab lab);
/* From a measured spectrum, gloss left out: the five numbers are fitted to all bands. */
SkinTone skin_tone_of_spectrum(const Spectrum *reflectance);
/* The median skin of an ITA (Lab of the surveyed skins at that ITA, docs/models/skin.md), gloss
 * left out; within -85..85 degrees the result has that ITA, beyond them the end's. */
Lab skin_lab_of_ita(double ita_deg);

/* For the edges, where values come from files or people: refuses what is not finite or absurd. */
MUST_CHECK bool skin_tone_check(const SkinTone *tone, Err *err);
/* `wavelength_nm,reflectance` rows as a spectrophotometer exports them, any spacing from 1 to 20
 * nm, covering 400..700 nm, reflectance as a share or in percent (header or values above 1.5 tell);
 * resampled to the bands. Comments start with #. ERR_INPUT names the line. */
MUST_CHECK bool skin_spectrum_parse(size_t size, const void *bytes, Spectrum *reflectance,
                                    Err *err);

#endif
