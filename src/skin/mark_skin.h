/* mark_skin.h - the table seen through one skin; private to this room. */
#ifndef SKIN_MARK_SKIN_H
#define SKIN_MARK_SKIN_H

#include "skin/axis.h"
#include "skin/mark_internal.h"

/* Logarithms, so that what lies between the nodes is smooth. */
struct SkinMarks {
    SkinTone tone;
    double ln_strength[PLUG_STRENGTHS], ln_diameter[PLUG_DIAMETERS];
    double ln_rod_strength[ROD_STRENGTHS], ln_rod_diameter[ROD_DIAMETERS];
    double ln_wavelength[SPECTRUM_BANDS]; /* of wavelength / 550 nm */
    float contrast[SPECTRUM_BANDS][PLUG_MARKS][SKIN_RINGS];
    float area[SPECTRUM_BANDS][PLUG_MARKS];
    float rod_contrast[SPECTRUM_BANDS][ROD_MARKS][ROD_RINGS];
    float rod_area[SPECTRUM_BANDS][ROD_MARKS];
    double channel[3][SPECTRUM_BANDS]; /* share of a band in linear R, G, B of this skin */
};

/* For a skin whose coefficients are given, band by band (checks against other programs). */
void mark_fill(const SkinTable *table, const SkinTone *tone,
               const SkinOptics optics[SPECTRUM_BANDS], SkinMarks *marks);

/* Where a mark lies on the axes of one skin; scale: what lies beyond the ends. */
typedef struct MarkPlace {
    AxisPlace depth, diameter;
    double scale;
} MarkPlace;
MarkPlace mark_place(const SkinMarks *marks, SkinMark mark);
/* Strength in one band; *scale is multiplied by what lies below the weakest node. */
AxisPlace mark_strength(const SkinMarks *marks, const SkinMark *mark, int band, double *scale);

double ring_area_mm2(const double ring_mm[2]);
/* A quantity per band as linear R, G, B of this skin see it. */
double mark_channel(const SkinMarks *marks, int channel, const double band[SPECTRUM_BANDS]);
bool mark_is_covered(const SkinMarks *marks, SkinMark mark);
/* What takes these contrasts and areas, as it can be drawn; `clamped` is left to the caller. */
SkinLook mark_look(const SkinMarks *marks, double core_mm, const SkinProfile *profile,
                   const Spectrum *area_mm2);
/* The footprint that fits contrasts by ring and channel; area_mm2 per channel is kept. */
void mark_footprint(int rings, const double ring_mm[], double contrast[3][SKIN_RINGS],
                    SkinLook *look);

#endif
