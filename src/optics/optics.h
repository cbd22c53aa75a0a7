/* optics.h - how much light a stack of turbid layers gives back: adding-doubling.
 *
 * Plane layers of one refractive index with air above and below (Fresnel at both),
 * Henyey-Greenstein scattering, unpolarised light. Exact but for the quadrature; van de Hulst,
 * "Multiple Light Scattering" (1980); Prahl, van Gemert, Welch, Appl. Opt. 32 (1993) 559. Lengths
 * in mm.
 */
#ifndef OPTICS_OPTICS_H
#define OPTICS_OPTICS_H

#include "base/err.h"

typedef struct OpticsLayer {
    double absorption_per_mm, scattering_per_mm; /* scattering: full, not reduced */
    double anisotropy;                           /* mean cosine, within -0.8..0.999 */
    double thickness_mm;                         /* INFINITY for a bottomless last layer */
} OpticsLayer;

enum { OPTICS_MAX_LAYERS = 8 };
typedef struct OpticsStack {
    int count;
    OpticsLayer layer[OPTICS_MAX_LAYERS]; /* from the surface down */
    double index;                         /* of every layer; air is 1 */
    double cos_incidence;                 /* of the beam, in air; 1 is normal incidence */
} OpticsStack;

/* Shares of the incident light, specular included: of the beam, and of diffuse light. */
typedef struct OpticsResult {
    double specular; /* of the beam, first surface alone */
    double beam_reflected, beam_transmitted;
    double diffuse_reflected, diffuse_transmitted;
} OpticsResult;

/* Number of directions per hemisphere, the beam's among them (even). Worst error of beam_reflected
 * on skin from very light to very dark, gloss in it / left out, and time of 31 bands
 * (optics_bench): 6: 0.3 / 0.8 %, 0.2 ms   8: 0.2 / 1.4 %, 0.3 ms   12: 0.05 / 0.18 %, 0.8 ms 16:
 * 0.015 / 0.05 %, 1.5 ms   24: 0.002 / 0.01 %, 4 ms */
enum { OPTICS_MIN_DIRECTIONS = 6, OPTICS_DIRECTIONS = 16, OPTICS_MAX_DIRECTIONS = 24 };

/* For the edges: refuses what is not finite, negative, or absurd, and names the layer. */
MUST_CHECK bool optics_check(const OpticsStack *stack, Err *err);
/* stack as optics_check accepts it; directions even, within the bounds above.
 * Pure; about 60 kB of stack. */
OpticsResult optics_reflect(const OpticsStack *stack, int directions);

#endif
