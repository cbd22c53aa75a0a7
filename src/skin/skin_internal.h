/* skin_internal.h - the skin's numbers in the coordinates in which they are searched. */
#ifndef SKIN_SKIN_INTERNAL_H
#define SKIN_SKIN_INTERNAL_H

#include "skin/skin.h"

/* Coordinates: where the value, or its logarithm, lies between its bounds, as a logit. Every point
 * in them is a possible skin. */
void skin_bounds(SkinParam param, double *least, double *most);
void skin_values(const double at[SKIN_PARAMS], double value[SKIN_PARAMS]);
void skin_coordinates(const double value[SKIN_PARAMS], double at[SKIN_PARAMS]);

/* Directions for searching; what they are wrong by hardly changes from skin to skin. */
enum { SKIN_FEW_DIRECTIONS = 6 };

/* The spectrum at `at` with few directions, and its derivative by each coordinate. */
typedef struct SkinSlopes {
    Spectrum spectrum, by[SKIN_PARAMS];
} SkinSlopes;
void skin_slopes(const double at[SKIN_PARAMS], SkinSlopes *slopes);

/* What is to be matched. A sd of INFINITY leaves a part out. */
typedef struct SkinTarget {
    Lab lab;
    double lab_sd; /* of L, a and b */
    Spectrum spectrum;
    double band_sd; /* relative */
    double loosen;  /* how many times worse than these sd the target is known */
} SkinTarget;

typedef struct SkinFit {
    double at[SKIN_PARAMS], sd[SKIN_PARAMS]; /* coordinates and the sd that the target leaves */
    Spectrum spectrum;                       /* of the full model */
} SkinFit;
SkinFit skin_fit(const SkinTarget *target);

#endif
