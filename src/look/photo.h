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
        *depth_mm; /* [height][width] along forward of the nearest surface; NULL: no hiding */
    double
        blur_px; /* standard deviation of the picture's own blur, pixel box not included; 0..30 */
} LookPlate;

/* Optical depth [height][width][3] of marks and of the flush around fresh ones; adds to tau. Each
 * mark takes its exact area: the ratio is 1 +- 0.002 from 0.5 to 30 px/mm and to 80 degrees of
 * tilt, lines 1 +- 0.01; the bend of the lens is taken as linear over one mark. Marks more than 8
 * mm off the surface of their pixels are hidden. 1.5 million dots a second at 7 px/mm. ERR_INPUT as
 * for look_picture. */
MUST_CHECK bool look_plate_splat(Arena *scratch, const LookPlate *plate, const LookState *state,
                                 int threads, float (*tau)[3], Err *err);

/* ---- marks on the chart of a canvas: a texture ---- */

typedef struct LookChart { /* [-half, half]^2 of head_chart, v up */
    const Head *head;
    double half;
    int side_px;
} LookChart;
void look_chart_px(const LookChart *chart, Vec3 direction, double px[2]);

/* Multiplies the light of a texture of that size by what marks, and the flush around fresh ones,
 * let through. On the surface that wears it each mark takes its exact area, as above. Marks beyond
 * the rim leave no trace. ERR_INPUT as for look_picture. 30,000 dots at 4096 px: about 1 s. */
MUST_CHECK bool look_chart_draw(Arena *scratch, const LookChart *chart, const LookState *state,
                                int threads, Image *texture, Err *err);

/* ---- a photograph ---- */

typedef struct LookPhotoParams {
    const PhotoQuality *quality; /* read by look_photo_new only */
    const double *sd_mm; /* [vertex] of the canvas; NULL: exact. By so much its outline is wider:
                          * what is skin there, the colours tell */
    const uint8_t
        *shut; /* [height][width] nonzero: a marker, a hand, glasses: untouched; or NULL */
    Vec3 patch_middle_mm;  /* with patch_reach_mm > 0: nothing is drawn farther away than that, */
    double patch_reach_mm; /* in a straight line, fading over the last 2 mm */
    uint64_t grain_seed;
    int threads;
} LookPhotoParams;
LookPhotoParams look_photo_default(void);

typedef struct LookPhoto LookPhoto; /* built in the arena that look_photo_new was given */

/* What no edit changes: which place of the canvas stands in which pixel, the specular part, what is
 * skin and how much hair stands before it. light must live as long as the result. Takes 7 bytes per
 * pixel of the canvas; 0.1 s for 1 Mpx of it. ERR_INPUT: no quality, a lens of another size, a head
 * that is not in the photograph. */
MUST_CHECK bool look_photo_new(Arena *arena, Arena *scratch, const ImageF *light,
                               const Camera *camera, const Head *head,
                               const LookPhotoParams *params, LookPhoto **photo, Err *err);
typedef struct LookPhotoFacts { /* shares of the pixels that show the canvas */
    double skin_share;          /* where marks are seen, if none of the limits above forbids */
    double hair_share;          /* so dark that hair stands before the skin */
    double shine_share;         /* where more than a tenth of the light is specular */
    double px_per_mm;           /* mean over the canvas in sight, face on */
    Rgb illuminant;             /* of the highlights, linear, g = 1 */
} LookPhotoFacts;
LookPhotoFacts look_photo_facts(const LookPhoto *photo);

/* The photograph with marks. out: the photograph, or what an earlier state made of it. Tiles that
 * marks touch are computed, others that they could touch become the photograph's again, bit for
 * bit; the rest is not read or written, so one copy serves all states. 27,000 dots on 12 Mpx: about
 * 20 ms. */
MUST_CHECK bool look_photo_draw(Arena *scratch, const LookPhoto *photo, const LookState *state,
                                ImageF *out, Err *err);

#endif
