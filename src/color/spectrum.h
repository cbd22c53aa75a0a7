/* spectrum.h - reflectance by wavelength, and the colour it has under a light.
 *
 * A Spectrum is 31 samples from 400 to 700 nm, every 10 nm, taken as linear between them and
 * constant beyond: what the skin model computes and what a hand-held spectrophotometer reports.
 * Colours are CIE 1931, 2 degrees; XYZ is relative, Y = 1 for the perfect diffuser.
 */
#ifndef COLOR_SPECTRUM_H
#define COLOR_SPECTRUM_H

#include "color/color.h"

enum { SPECTRUM_BANDS = 31 };

typedef struct Spectrum {
    double band[SPECTRUM_BANDS];
} Spectrum;

typedef struct Xyz {
    double x, y, z;
} Xyz;

typedef enum SpectrumLight { SPECTRUM_D65, SPECTRUM_D50, SPECTRUM_A } SpectrumLight;

double spectrum_wavelength_nm(int band); /* 400 + 10 band */

/* Sum over the 1 nm tables of the CIE, 360..830 nm (spectra/cie_1931.csv), folded beforehand into
 * one weight per band (tools/make_cie_weights.py). NaN in, NaN out, here and below. */
Xyz spectrum_xyz(const Spectrum *reflectance, SpectrumLight light);
Xyz spectrum_white(SpectrumLight light); /* of the perfect diffuser; y = 1 */

Lab spectrum_lab(const Spectrum *reflectance, SpectrumLight light); /* white: that light's own */
/* Linear sRGB under D65; the perfect diffuser is exactly (1, 1, 1): the white of sRGB has D65's
 * chromaticity in four digits, so the colour is adapted over the last 2e-4. */
Rgb spectrum_rgb(const Spectrum *reflectance);

/* CIE 1976, any white with all parts > 0. */
Lab color_lab_of_xyz(Xyz xyz, Xyz white);
Xyz color_xyz_of_lab(Lab lab, Xyz white);
/* XYZ here is relative to the D65 of sRGB, color_xyz((Rgb){1, 1, 1}). Display P3 has the primaries
 * of SMPTE EG 432-1, the same white, and the transfer curve of sRGB. */
Rgb color_of_xyz(Xyz xyz); /* linear sRGB; may leave [0, 1] */
Xyz color_xyz(Rgb linear);
Rgb color_p3_of_xyz(Xyz xyz); /* linear Display P3; may leave [0, 1] */
Xyz color_xyz_of_p3(Rgb linear_p3);
/* Chromatic adaptation from one white to another, Bradford cone responses (ICC.1:2022, annex E);
 * a white becomes the other exactly. Whites as of lights: every cone response > 0. */
Xyz color_adapt(Xyz xyz, Xyz from_white, Xyz to_white);

/* The nearest of the ten Monk skin tones (CIEDE2000, D65), 1 lightest ... 10, and their colours.
 * A naming scale: its light tones are lighter than skin measures. NaN gives 0. */
int color_monk_tone(Lab lab);
Lab color_of_monk(int tone); /* tone within 1..10 */

#endif
