/* photo.h - photographs as phones write them: to upright linear light, and back to a file.
 *
 * JPEG, PNG and, where the system has libheif, HEIC. Decoding runs in a child process without files
 * or network (base/jail.h). Of the metadata only what Follicle needs is kept: places, serial
 * numbers and thumbnails are never read into a Photo.
 */
#ifndef IMAGE_PHOTO_H
#define IMAGE_PHOTO_H

#include "image/image.h"

typedef enum PhotoFormat { PHOTO_JPEG, PHOTO_PNG, PHOTO_HEIC } PhotoFormat;

typedef struct PhotoFacts {
    PhotoFormat format;
    int stored_width_px, stored_height_px; /* before it was turned upright */
    int orientation;                       /* EXIF, 1..8; 1 when not said */
    int bits;                              /* per channel, 8 or 16 */
    int jpeg_quality;                      /* as the quantisation tables say; 0: no JPEG */
    double focal_mm, focal_35mm;           /* true and 35 mm equivalent; 0: not said */
    double digital_zoom;                   /* 0: not said */
    char camera[64], lens[64], software[64];
    char taken[20];   /* "2026-03-01T09:30:00", local time; "" when not said */
    char profile[64]; /* the ICC profile's own name, or "sRGB (assumed)" */
} PhotoFacts;

typedef struct Photo {
    PhotoFacts facts;
    ImageF light;  /* upright; linear, sRGB primaries: wider gamuts leave [0, 1] */
    uint8_t *grey; /* [height][width] luma in code values, for markers */
    size_t icc_size;
    uint8_t *icc; /* the RGB profile of the file, for photo_encode (where metadata names the space,
                     one of ours); NULL: sRGB, or nothing that can be written */
} Photo;

enum { PHOTO_MAX_PX = 64 << 20 };
typedef struct PhotoLimits {
    int max_px;     /* refused beyond, before a pixel is decoded */
    double seconds; /* of the child, processor time */
    int threads;    /* of the caller, to turn codes into light; the result is the same */
} PhotoLimits;
PhotoLimits photo_limits_default(void);

/* ERR_INPUT, with one sentence that says what to do: CMYK, HEIC without libheif, no picture, cut
 * off, damaged, too many pixels, a profile that is not RGB. 12 Mpx take about 0.2 s. */
MUST_CHECK bool photo_decode(Arena *arena, PhotoLimits limits, size_t size, const uint8_t bytes[],
                             Photo *photo, Err *err);
/* Format, size and metadata alone, in the same child. */
MUST_CHECK bool photo_facts(size_t size, const uint8_t bytes[], PhotoFacts *facts, Err *err);

/* What is written beside the pixels: never a place, a serial number or a thumbnail. */
typedef struct PhotoExport {
    bool png;                /* else JPEG */
    int quality;             /* JPEG 1..100; from 90 on colour is kept at full resolution */
    const PhotoFacts *facts; /* focal length, camera, lens, time; NULL: nothing */
    int orientation; /* 1: stored upright; else the pixels are stored turned, to be undone */
    size_t icc_size; /* the profile the pixels are written in; 0: sRGB */
    const uint8_t *icc;
    int threads; /* the bytes are the same */
} PhotoExport;
PhotoExport photo_export_default(void); /* JPEG, quality 95, upright, sRGB, two threads */

/* The inverse of photo_decode: light (upright, linear sRGB primaries) through the profile's own
 * curves, clamped to its gamut. The same light gives the same bytes. scratch may be the arena
 * itself: then what is needed in between, 3 bytes a pixel, stays in it. */
MUST_CHECK bool photo_encode(Arena *arena, Arena *scratch, const ImageF *light,
                             const PhotoExport *export, size_t *size, uint8_t **bytes, Err *err);

typedef enum PhotoSpace { PHOTO_SRGB, PHOTO_DISPLAY_P3, PHOTO_ADOBE_RGB } PhotoSpace;
/* A small ICC profile of our own making, version 4 (2 for wide support), for what we write. */
MUST_CHECK bool photo_profile(Arena *arena, PhotoSpace space, size_t *size, uint8_t **icc,
                              Err *err);

#endif
