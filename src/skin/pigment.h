/* pigment.h - a line of pigment: what is in the bottle, and what the skin keeps of it.
 *
 * Files of pigments/ (schema follicle/pigment, docs/schemas/pigment.schema.json); a clinic adds its
 * own. Dilution is ml water : ml pigment, the field's unit. Absorption adds linearly in
 * concentration. Every figure carries its source, or the word "assumed".
 */
#ifndef SKIN_PIGMENT_H
#define SKIN_PIGMENT_H

#include "skin/ageing.h"

typedef enum SkinFigure { /* what a line has to give a source for */
                          SKIN_ABSORBER_MASS,
                          SKIN_MASS_ABSORPTION,
                          SKIN_SLOPE,
                          SKIN_UPTAKE,
                          SKIN_FIGURES
} SkinFigure;
enum { SKIN_SOURCE_TEXT = 400 };

typedef struct SkinPigment {
    char name[64], carrier[64], absorber[64]; /* "carbon black", ... */
    SkinKind kind;
    double absorber_mg_per_ml;       /* undiluted */
    double mass_absorption_m2_per_g; /* of the absorber at 550 nm, as the bottle disperses it */
    double slope;                    /* absorption falls as (wavelength / 550)^-slope */
    double uptake;                   /* share of the concentration that healed skin holds */
    SkinBand uptake_band;            /* expected: uptake */
    char lot[32], expires[16];       /* as on the bottle; "" when not given. expires: YYYY-MM-DD */
    char calibrated[16];             /* date of the swatches behind uptake; "" for a prior */
    int calibration_swatches;        /* 0 for a prior */
    char source[SKIN_FIGURES][SKIN_SOURCE_TEXT];
} SkinPigment;

/* A file of version 2, or of version 1 (carbon only), which is brought to the present form. Unknown
 * keys and values out of range are ERR_INPUT that names the key. */
MUST_CHECK bool skin_pigment_parse(size_t size, const void *bytes, SkinPigment *pigment, Err *err);
/* For lines that did not come from a file: ranges, texts, dates; names the key. */
MUST_CHECK bool skin_pigment_check(const SkinPigment *pigment, Err *err);
/* The lines built in: pigments/carbon.json (permanent) first, pigments/absorbable.json. */
int skin_pigment_count(void);
MUST_CHECK bool skin_pigment_builtin(int index, SkinPigment *pigment, Err *err);
MUST_CHECK bool skin_pigment_default(SkinPigment *pigment, Err *err); /* carbon.json */
/* As a document again, with every field, numbers to 15 digits; the text lives in arena.
 * ERR_INPUT: what skin_pigment_check refuses. */
MUST_CHECK bool skin_pigment_write(Arena *arena, const SkinPigment *pigment, const char **text,
                                   Err *err);

/* Healed absorption at 550 nm of a dilution (parts water to 1 part pigment), and the dilution for
 * an absorption: 0 also where undiluted pigment is too weak (compare), at most 1000. */
double skin_absorption_per_mm(const SkinPigment *pigment, double dilution);
double skin_dilution(const SkinPigment *pigment, double healed_absorption_per_mm);

/* Healed swatches of one line on one skin, as a photograph shows them: linear light of a patch of
 * dots relative to the bare skin beside it, so that the camera's colour nearly cancels. */
typedef struct SkinSwatch {
    double dilution, dots_per_cm2, diameter_mm; /* diameter: healed */
    Rgb ratio;
    double sd; /* of the ratio, from the spread between patches of pixels */
} SkinSwatch;
enum { SKIN_MAX_SWATCHES = 64 };

typedef struct SkinCalibration {
    SkinPigment pigment; /* date of calibration "": the caller knows it */
    double depth_mm, depth_sd_mm;
    double residual; /* rms of ln ratio, over what was not left out */
    int left_out;    /* swatches that disagree with the others */
} SkinCalibration;
/* The line with the uptake (and its band) that explains the swatches, and the depth at which they
 * healed, by robust least squares over both in all three channels (those in which the skin is not
 * black). 3 swatches or more, of 2 dilutions or more. ERR_INPUT: not enough, out of range, no
 * contrast, or swatches that no single pigment explains (the worst is named). 0.3 s or less. */
MUST_CHECK bool skin_calibrate(const SkinMarks *marks, const SkinPigment *line, int count,
                               const SkinSwatch swatch[], SkinCalibration *result, Err *err);

#endif
