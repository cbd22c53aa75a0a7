/* sight_internal.h - the steps from a grey picture to markers: tags, their edges, their plane. */
#ifndef CAMERA_SIGHT_INTERNAL_H
#define CAMERA_SIGHT_INTERNAL_H

#include "camera/sight.h"

/* What is looked at: a picture, or a part of one (stride_px of the whole). */
typedef struct SightGrey {
    int width_px, height_px, stride_px;
    const uint8_t *grey;
} SightGrey;

typedef struct SightFound {
    int id;
    double corner_px[4][2]; /* upper left, upper right, lower right, lower left as read */
    bool taken;             /* by a marker */
} SightFound;

enum { SIGHT_MAX_FOUND = 512 };

/* Half the size, each pixel the mean of four: what libapriltag's own decimation (every second
 * pixel) leaves of noise is what takes its time. half: [height / 2][width / 2]. */
SightGrey sight_halve(SightGrey picture, uint8_t half[]);
/* How far apart black and white must be to be a tag's, in codes: a share of the picture's white. Of
 * skin, hair and noise below it no candidates are made. */
int sight_contrast(SightGrey picture);
/* Adds the tags in `part` to those found, by id and place; those that are there already are left
 * out. A place x in part is scale (x + left_px) in the picture. Corners as libapriltag gives them.
 * Returns the new count. */
typedef struct SightPart {
    SightGrey grey;
    double left_px, top_px, scale;
    int contrast;
} SightPart;
int sight_tags_find(const SightPart *part, int count, SightFound found[SIGHT_MAX_FOUND],
                    int *mirrored);

/* Moves the corners to where the edges of the black square cross, to about 0.01 px: four lines,
 * each fitted to the light of all pixels around it. An edge that cannot be fitted (covered, out of
 * the picture) stays where it was. black: the tag's cells as in MarkerTag; 0: not known. Corners in
 * px of the picture; the edges are straight in the straightened one. */
void sight_refine(const Lens *lens, SightGrey picture, uint64_t black, double corner_px[4][2]);

/* Fits the plane of a card to sight->tag: homography, residuals, used, camera, tilt, scale and
 * faults TAGS_MISSING, BENT, TILTED, COARSE, AMBIGUOUS. */
MUST_CHECK bool sight_fit_card(Arena *scratch, const Lens *lens, MarkerSight *sight, Err *err);

double sight_side_px(const double corner_px[4][2]); /* mean length of the four edges */

#endif
