/* photo.h - the plan on the client's own photograph: out = specular + (I - specular) T, in linear
 * light, with the photograph's own blur and grain, behind its hair and under its shine.
 */
#ifndef LOOK_PHOTO_H
#define LOOK_PHOTO_H

#include "camera/card_color.h"
#include "head/head.h"
#include "look/look.h"

/* ---- marks over any picture: also for renderers of synthetic photographs ---- */

typedef struct LookPlate {
    Camera camera;
    const float
        *depth_mm;  /* [height][width] along forward of the nearest surface; NULL: no hiding */
    double blur_px; /* standard deviation of the picture's own blur, pixel box not included */
} LookPlate;

/* Optical depth [height][width][3] of marks; adds to tau. Each mark takes its exact area: the ratio
 * is 1 +- 0.002 from 0.5 to 30 px/mm and to 80 degrees of tilt. */
MUST_CHECK bool look_plate_splat(Arena *scratch, const LookPlate *plate, const LookState *state,
                                 int threads, float (*tau)[3], Err *err);

/* ---- a photograph ---- */

typedef struct LookPhotoParams {
    const PhotoQuality *quality;
    const double
        *sd_mm; /* [vertex] of the canvas; NULL: exact. Where it is large hiding is lenient */
    const uint8_t
        *shut; /* [height][width] nonzero: a marker, a hand, glasses: untouched; or NULL */
    Vec3 patch_middle_mm; /* with patch_reach_mm > 0: nothing is drawn farther away */
    double patch_reach_mm;
    uint64_t grain_seed;
    int threads;
} LookPhotoParams;
LookPhotoParams look_photo_default(void);

typedef struct LookPhoto LookPhoto; /* built in the arena that look_photo_new was given */

/* What no edit changes: which place of the canvas stands in which pixel, the specular part, what is
 * skin and how much hair stands before it. light must live as long as the result. */
MUST_CHECK bool look_photo_new(Arena *arena, Arena *scratch, const ImageF *light,
                               const Camera *camera, const Head *head,
                               const LookPhotoParams *params, LookPhoto **photo, Err *err);
typedef struct LookPhotoFacts {
    double skin_share;  /* of the pixels that show the canvas */
    double hair_share;  /* where hair stands before the skin */
    double shine_share; /* where more than a tenth of the light is specular */
    double px_per_mm;   /* median over the canvas in sight */
    Rgb illuminant;     /* linear, g = 1 */
} LookPhotoFacts;
LookPhotoFacts look_photo_facts(const LookPhoto *photo);

/* The photograph with marks. Only tiles that marks touch are computed; the rest is the photograph,
 * bit for bit. out: a picture of the same size, allocated by the caller. */
MUST_CHECK bool look_photo_draw(Arena *scratch, const LookPhoto *photo, const LookState *state,
                                ImageF *out, Err *err);

#endif
