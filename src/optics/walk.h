/* walk.h - photons that walk through skin that absorbs nothing, with the way they went.
 *
 * "White" Monte Carlo: because absorption does not bend a path, one walk serves every absorption,
 * as a weight exp(-sum of absorption times length). z points down into the skin, lengths in mm.
 * Uses no function of the mathematical library but sqrt, so that the same seed gives the same walk,
 * bit for bit, on every machine.
 */
#ifndef OPTICS_WALK_H
#define OPTICS_WALK_H

#include "base/rng.h"

#include <stdbool.h>

/* Two scattering layers of one refractive index on air; Henyey-Greenstein. */
typedef struct WalkMedium {
    double scattering_per_mm[2]; /* upper layer, lower layer */
    double anisotropy, index;
    double border_mm, bottom_mm; /* depth of the border between the layers, and of the far side */
    double thin_mm;              /* lengths above this depth are counted by themselves */
    double absorption_per_mm;    /* the least that any use of the walks will have: long walks are
                                    ended at this rate and the rest carries on for them */
} WalkMedium;

/* A straight piece of a walk; direction has length 1. */
typedef struct WalkStep {
    float x, y, z, ux, uy, uz, length;
} WalkStep;

enum { WALK_MAX_STEPS = 1 << 15 };
typedef struct Walk {
    int count; /* steps above keep_mm, in order; at most WALK_MAX_STEPS, later ones are not kept */
    WalkStep step[WALK_MAX_STEPS];
    double thin_mm, upper_mm,
        lower_mm; /* lengths: above thin_mm, the rest of the upper layer, lower */
} Walk;

/* A photon that enters at the origin, straight down (what the surface mirrors is not part of it).
 * True when it leaves through the surface; the walk is then complete. Steps that start below
 * keep_mm are not kept. */
bool walk_trace(const WalkMedium *medium, double keep_mm, Rng *rng, Walk *walk);

/* exp(x) for x <= 0, relative error 1e-13; below -700: 0. */
double walk_exp(double x);
/* ln(x) for x in (0, 1], relative error 1e-13. */
double walk_log(double x);

#endif
