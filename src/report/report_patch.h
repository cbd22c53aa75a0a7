/* report_patch.h - a piece of skin with marks on it, true to size, as light.
 *
 * Marks are drawn from their footprints and multiply, like everywhere in the program. The piece
 * repeats at its borders, so that its mean is that of an endless one; what the footprints leave of
 * a difference to the far view (a per cent or so) is taken up by all marks alike.
 */
#ifndef REPORT_REPORT_PATCH_H
#define REPORT_REPORT_PATCH_H

#include "image/image.h"
#include "skin/mark.h"

enum { REPORT_PATCH_KINDS = 8 };

typedef struct ReportPatch {
    int width_px, height_px;
    double px_per_mm;
    Rgb skin;       /* linear light of the bare skin, redness included */
    Rgb far_view;   /* the mean that the piece must have; at most the skin's */
    int kind_count; /* marks of kind k follow those of the kinds before it, all well spread */
    SkinLook look[REPORT_PATCH_KINDS];
    double per_mm2[REPORT_PATCH_KINDS];
    uint64_t seed; /* of the places */
} ReportPatch;

/* light: width_px x height_px, in arena, which may be scratch too. ERR_LIMIT: no room. */
MUST_CHECK bool report_patch_draw(Arena *arena, Arena *scratch, const ReportPatch *patch,
                                  ImageF *light, Err *err);

#endif
