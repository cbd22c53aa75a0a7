/* color.h - what a colour is here, and the ways between its forms.
 *
 * Inside, a colour is linear light in the sRGB primaries (ITU-R BT.709, white D65), 1 = a perfect
 * white diffuser under the light at hand. Lab is CIE 1976 for D65 and the 2-degree observer.
 */
#ifndef COLOR_COLOR_H
#define COLOR_COLOR_H

#include <stdint.h>

typedef struct Rgb {
    float r, g, b;
} Rgb;

typedef struct Lab {
    double L, a, b;
} Lab;

/* sRGB transfer curve, IEC 61966-2-1: code value within [0, 1] to linear light and back. */
float color_srgb_decode(float code);
float color_srgb_encode(float linear);
Rgb color_from_srgb8(const uint8_t code[3]);
void color_to_srgb8(Rgb linear, uint8_t code[3]); /* clamps, rounds to nearest; NaN: 0 */

/* CIE Y of a linear colour, 1 = white. */
double color_luminance(Rgb linear);
Lab color_to_lab(Rgb linear);
/* May leave [0, 1] where Lab lies outside the sRGB gamut. */
Rgb color_from_lab(Lab lab);

/* Individual typology angle, atan((L - 50) / b), degrees; Chardon et al., Int. J. Cosmet. Sci. 13
 * (1991) 191. b <= 0 (no yellow) gives +-90; NaN gives NaN. */
double color_ita_deg(Lab lab);
/* "very light", "light", "intermediate", "tan", "brown", "dark": bounds 55, 41, 28, 10, -30
 * degrees (a bound belongs to the darker class), Del Bino et al., Pigment Cell Res. 19 (2006) 606.
 * NaN gives "unknown". */
const char *color_ita_class(double ita_deg);

/* CIEDE2000 with unit weights; Sharma, Wu, Dalal, Color Res. Appl. 30 (2005) 21. NaN gives NaN. */
double color_delta_e2000(Lab first, Lab second);

#endif
