/* shade_internal.h - what the treated skin looks like, as the choice and the forecast both see it.
 */
#ifndef SHADE_SHADE_INTERNAL_H
#define SHADE_SHADE_INTERNAL_H

#include "shade/shade.h"

enum { SHADE_BAND_GREEN = 14 }; /* 540 nm */
#define SHADE_HEALED_DAYS 30.0

/* What n marks per mm2 do to the skin is an optical depth by wavelength, n a: it adds up. */
void shade_add(Spectrum *depth, const Spectrum *area_mm2, double marks_per_mm2);
Lab shade_lab(const SkinMarks *marks, const Spectrum *depth);
/* Mean area of one hair of the request's stubble. */
Spectrum shade_hair_area(const ShadeRequest *request);
/* Contrast of a mark's middle, green, to an eye at half a metre. */
double shade_seen_contrast(SkinLook look);

double shade_session_per_mm2(const ShadeRequest *request, int session);
SkinMark shade_mark(const ShadeRequest *request, int pigment, double absorption_per_mm);

/* One state of the treated skin. */
typedef struct ShadeState {
    Lab lab;
    double blue_ratio, contrast, width_mm, pigment_left;
} ShadeState;

/* What is assumed of the client and of the practitioner's hand; all 0: expected. */
typedef struct ShadeEnd {
    int which; /* of the ageing and the uptake, -1, 0, 1 */
    double deeper_mm;
} ShadeEnd;

SkinMoment shade_moment_of(const ShadeRequest *request, const ShadeChoice *choice, int session,
                           double days, ShadeEnd end);
ShadeState shade_state(const ShadeRequest *request, const ShadeChoice *choice, double days,
                       ShadeEnd end);
void shade_forecast(const ShadeRequest *request, ShadeChoice *choice);
void shade_warn(const ShadeRequest *request, ShadeChoice *choice);

#endif
