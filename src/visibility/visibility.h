/* visibility.h - from which distance an eye can tell single dots, and the edge of the treated area.
 *
 * Two questions, both answered by contrast sensitivity (castleCSF, achromatic, static, foveal):
 * is the dot pattern resolved, and is the step in mean lightness between the treated skin and the
 * client's own stubble seen. The answers are predictions of a model; no study has tested on people
 * from where micropigmentation can be told from stubble.
 */
#ifndef VISIBILITY_VISIBILITY_H
#define VISIBILITY_VISIBILITY_H

/* Sensitivity, 1 / threshold contrast. frequency_cpd within 0.0625..64 cycles per degree and
 * luminance within 1e-3..1e4 cd/m2 (both clamped), area in square degrees. castleCSF (2024). */
double visibility_sensitivity(double frequency_cpd, double luminance_cd_m2, double area_deg2);

typedef struct VisibilityTexture {
    double density_per_mm2;
    double core_area_mm2; /* equivalent black area of the sharp part of one dot, green light */
    double halo_area_mm2; /* of its wide halo: darkens, but shows no dot */
    double core_mm;       /* diameter of the sharp part */
} VisibilityTexture;

/* Mean darkening 1 - exp(-n a) of a field of dots. */
double visibility_darkening(VisibilityTexture texture);
/* Largest distance (m, within 0..20) at which the fundamental of an even pattern of these dots
 * reaches the threshold; 0 if it never does. Uneven placement stays visible from farther away. */
double visibility_fusing_distance_m(VisibilityTexture texture, double luminance_cd_m2);
/* Largest distance (m, within 0..20) at which the step between two areas darkened by these
 * fractions, blended over blend_mm, reaches the threshold; 0 if it never does. */
double visibility_step_distance_m(double darkening_first, double darkening_second, double blend_mm,
                                  double luminance_cd_m2);
/* The darkening that is just seen beside bare skin from 1 m, at the distance of a conversation. */
double visibility_least_darkening(double blend_mm, double luminance_cd_m2);
/* Luminance of a diffuse surface: illuminance * reflectance / pi. */
double visibility_luminance_cd_m2(double illuminance_lx, double reflectance);

#endif
