/* shade_doc.h - documents about shades: shade.json out, swatches.json and assessment.json in.
 */
#ifndef CASEFILE_SHADE_DOC_H
#define CASEFILE_SHADE_DOC_H

#include "base/arena.h"
#include "shade/shade.h"
#include "shade/swatches.h"

/* How skin and hair were told, as the user gave them; without folders. */
typedef struct ShadeOrigin {
    const char *skin, *hair;
    bool gloss_included; /* and was taken off */
    bool fitted;         /* to a measured spectrum ... */
    double fit_rms;      /* ... with this difference, of reflectance */
    const char *remark;  /* on how far the form can be trusted; NULL: none */
} ShadeOrigin;

/* shade.json of a choice; the same choice gives the same bytes. */
MUST_CHECK bool casefile_shade_to_json(Arena *arena, const ShadeRequest *request,
                                       const ShadeChoice *choice, const ShadeOrigin *origin,
                                       size_t *size, char **text, Err *err);

typedef struct CaseSwatches { /* swatches.json: where what is in a photograph of test swatches */
    Swatches swatches;
    Lab skin;          /* of the bare skin, D65, without shine */
    char pigment[256]; /* a built-in line's name, or a file beside the document */
    char date[16];     /* of the photograph, YYYY-MM-DD */
} CaseSwatches;
MUST_CHECK bool casefile_swatches_from_json(size_t size, const char *bytes, CaseSwatches *swatches,
                                            Err *err);

typedef struct CaseAssessment { /* what a shade needs of assessment.json */
    bool has_skin, has_stubble;
    Lab skin;
    double hair_per_cm2, hair_diameter_mm;
    double darkness; /* of the hair, with has_stubble */
} CaseAssessment;
MUST_CHECK bool casefile_assessment_from_json(size_t size, const char *bytes,
                                              CaseAssessment *assessment, Err *err);

#endif
