/* visibility.h - from which distance a person could tell the dots from stubble: a prediction.
 *
 * Thin for now and honest about it: the resolvability of single dots and of the step in mean
 * lightness between the treated skin and the client's own stubble, by the contrast sensitivity of
 * castleCSF. No study has validated "undetectable" on people (field/perception 0.7).
 */
#ifndef VISIBILITY_VISIBILITY_H
#define VISIBILITY_VISIBILITY_H

#include "base/err.h"

/* Contrast sensitivity of the achromatic channel (1 / threshold contrast); frequency within
 * 0.0625..64 cycles per degree, luminance within 1e-3..1e4 cd/m2, area in deg2. castleCSF (2024),
 * static foveal form. */
double visibility_sensitivity(double frequency_cpd, double luminance_cd_m2, double area_deg2);

typedef struct VisibilityTexture {
    double density_per_mm2;
    double dot_area_mm2; /* equivalent black area, green */
    double dot_fwhm_mm;
} VisibilityTexture;

/* Distance (m) beyond which single dots are not resolved; searched within 0.1..20 m. */
double visibility_fusing_distance_m(VisibilityTexture texture, double luminance_cd_m2);
/* Distance (m) beyond which the step from density*area of one texture to the other cannot be seen
 * across a border blended over blend_mm; 0 where never visible, 20 where always. */
double visibility_step_distance_m(double darkening_first, double darkening_second, double blend_mm,
                                  double luminance_cd_m2);

#endif
