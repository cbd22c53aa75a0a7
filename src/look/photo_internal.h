/* photo_internal.h - what the files of a photograph share. */
#ifndef LOOK_PHOTO_INTERNAL_H
#define LOOK_PHOTO_INTERNAL_H

#include "look_internal.h"

/* The part of the photograph in which the canvas stands: pixel (x, y) of it is (left + x, top + y)
 * of the photograph. */
typedef struct Part {
    int left, top, width, height;
} Part;

/* ---- photo_surface.c: which pixels show the canvas ---- */

typedef struct Surface {
    float *depth_mm; /* [height][width]; INFINITY: not the canvas, not even with its error */
    uint8_t *cosine; /* of the angle between sight and normal, 255: face on; 0: not the canvas */
    float *keep;     /* share of a mark that the reach of the patch leaves; 1 without a patch */
    double px_per_mm;
} Surface;
/* depth_mm in arena; the rest stays in scratch. ERR_INPUT: the canvas is not in the photograph. */
MUST_CHECK bool look_photo_surface(Arena *arena, Arena *scratch, const Camera *camera,
                                   const Head *head, const LookPhotoParams *params, Part *part,
                                   Surface *surface, Err *err);

/* ---- photo_skin.c: the skin's own light, place by place, on cells of about a millimetre ---- */

typedef struct SkinCell {
    float diffuse[3], shine[3]; /* light = m diffuse row + s shine row: rows that solve for m, s */
    float odd[3];               /* and for what neither explains: unit normal of both */
    float level;                /* m of the skin around, shine left out */
    float hair_level;           /* what a hair is dark against */
    float foreign;              /* 0: skin; 1: something else */
} SkinCell;
typedef struct SkinMap {
    int side_px, width, height; /* cells of the part */
    SkinCell *cell;
    Rgb illuminant; /* luminance 1 */
    bool grey;      /* a picture without colour: nothing is told by it */
} SkinMap;
MUST_CHECK bool look_photo_skin(Arena *arena, Arena *scratch, const ImageF *light, Part part,
                                const Surface *surface, SkinMap *map, Err *err);

/* ---- photo_split.c: shine and cover of each pixel ---- */

enum { SHINE_SCALE = 32767, GRAIN_TILE = 128 };
struct LookPhoto {
    const ImageF *light;
    Part part;
    LookPlate plate; /* of the part */
    uint8_t *open;   /* [height][width] how much of a mark is seen: 255 all */
    uint16_t *shine; /* [height][width] luminance of the specular part, SHINE_SCALE is 1 */
    Rgb illuminant;  /* luminance 1 */
    const Profiles *profiles;
    float *grain; /* [3][GRAIN_TILE][GRAIN_TILE + TILE_WIDTH], variance 1 */
    double noise_a[3], noise_b[3];
    uint64_t seed;
    int threads;
    LookPhotoFacts facts;
};
MUST_CHECK bool look_photo_split(Arena *scratch, const LookPhotoParams *params,
                                 const Surface *surface, const SkinMap *map, LookPhoto *photo,
                                 double *shared_grain, Err *err);

/* ---- photo_draw.c ---- */

/* Noise as the photograph's own: blurred, and shared by the channels as there. */
MUST_CHECK bool look_photo_grain(Arena *arena, Arena *scratch, double sigma_px, double shared,
                                 LookPhoto *photo, Err *err);

#endif
