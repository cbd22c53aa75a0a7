/* hair.h - what is there: skin tone, where shaved hair darkens the scalp, how dense it may be.
 *
 * From the colour of the canvas alone. Densities that nobody counted are priors and carry an
 * interval; a field that could not be measured is absent (has_... false), never 0.
 */
#ifndef HAIR_HAIR_H
#define HAIR_HAIR_H

#include "head/head.h"
#include "skin/mark.h"

/* What a shaved hair is taken to stand out by when its darkness is judged: some hours after the
 * razor (0.3-0.4 mm grow in a day). Longer stubble reads as darker hair. */
#define HAIR_STUB_MM 0.1

typedef struct HairInterval {
    double low, expected, high;
} HairInterval;

typedef struct HairSurvey {
    bool has_color;            /* the scan brought a colour; otherwise tone is the stated default */
    SkinTone tone;             /* of the bald skin (upper forehead, bare scalp) */
    bool has_stubble;          /* the scalp splits into bald and shaved-hair parts */
    double *cover;             /* [vertex_count] 0 bare ... 1 full stubble; all 0 without stubble */
    double stubble_mm2;        /* integral of cover over the scalp */
    HairInterval hair_per_cm2; /* full density: a published prior */
    Lab stubble_lab;           /* mean colour where cover > 0.8 */
    double darkness;           /* of the hair, for skin_hair_of_darkness: 1 black ... 0 white */
    double hair_diameter_mm;
    double contrast;   /* of stubble to skin at equal light, 1 - Y_stubble / Y_skin */
    double separation; /* of the two classes in standard deviations; quality of the split */
} HairSurvey;

/* What photographs say besides, [vertex_count] each. */
typedef struct HairPhotos {
    const double *roughness; /* place_vertex_roughness */
    const Rgb *true_color;   /* where the skin stood in the light of a card: its own colour; else
                                black. NULL: no card */
} HairPhotos;

/* vertex_color [vertex_count] linear, or NULL. photos: of photographs, whose light is their own:
 * roughness then tells stubble instead of the hue, which light drifts; NULL: a scan. Never fails
 * for want of contrast: it says so. ERR_INPUT for a colour that is not finite. About 0.2 s. */
MUST_CHECK bool hair_survey(Arena *arena, Arena *scratch, const Head *head,
                            const Rgb vertex_color[], const HairPhotos *photos, HairSurvey *survey,
                            Err *err);

/* About how far (mm) each vertex lies inside the widest region that can bear scalp hair: behind a
 * plane from 50 mm above the glabella to the sideburns, and off the ears. Negative on face and
 * ears. From the landmarks alone; margin_mm is [vertex_count]. */
void hair_scalp_margin(const Head *head, double margin_mm[]);

#endif
