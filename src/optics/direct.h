/* direct.h - photons followed one by one through skin with dots in it: the check on everything.
 *
 * Slow and simple: absorption on the way, real dots and hairs, periodic lattices. Shares no code
 * with the tables that it checks, and no estimator: weights are lost where the light is absorbed.
 * By reciprocity a beam sent in at a point measures what a camera above sees there under diffuse
 * light. Gloss is not part of any result.
 */
#ifndef OPTICS_DIRECT_H
#define OPTICS_DIRECT_H

#include "optics/optics.h"

#include <stdint.h>

/* An upright cylinder of pigment that adds absorption between two depths, in whatever layer. */
typedef struct DirectPlug {
    double diameter_mm, top_mm, bottom_mm, absorption_per_mm;
} DirectPlug;

/* A rod of hair that enters at the origin and runs down to bottom_mm, tilted from the normal
 * towards +x by less than a right angle. Cut flush; the skin's scattering goes on inside. */
typedef struct DirectRod {
    double diameter_mm, tilt_rad, bottom_mm, absorption_per_mm;
} DirectRod;

typedef struct DirectScene {
    OpticsStack stack; /* absorbs in its last layer if that is bottomless; beams come from
                          cos_incidence in air and travel towards +x */
    DirectPlug plug;   /* diameter 0: none */
    DirectRod rod;     /* diameter 0: none; absorption adds where both are */
    double pitch_mm;   /* square lattice of plug and rod; 0: a single one at the origin */
} DirectScene;

typedef struct DirectMean {
    double value, sd; /* of the mean */
} DirectMean;

/* Diffuse reflectance (share of the incident beam, the specular part neither in it nor taken off
 * the incident light) of beams spread evenly over from_mm <= r < to_mm around the origin; over the
 * whole cell of a lattice when pitch_mm > 0. Photons at least 2. Any number of threads, same
 * bytes. */
DirectMean direct_reflect(const DirectScene *scene, double from_mm, double to_mm, int photons,
                          uint64_t seed, int threads);

/* The same beams through the same paths without and with plug and rod: the noise that both share
 * cancels out of the contrast 1 - marked / skin. `marked` is direct_reflect to the last bit. */
typedef struct DirectContrast {
    DirectMean skin, marked, contrast;
} DirectContrast;
DirectContrast direct_contrast(const DirectScene *scene, double from_mm, double to_mm, int photons,
                               uint64_t seed, int threads);

#endif
