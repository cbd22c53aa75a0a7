/* photo_internal.h - between the child that decodes a photograph and the caller that turns what it
 * left into light. */
#ifndef IMAGE_PHOTO_INTERNAL_H
#define IMAGE_PHOTO_INTERNAL_H

#include "image/photo.h"

enum {
    PHOTO_MAX_ICC =
        4 << 20, /* a printer's table takes 2 MB; a camera's profile 0.5 kB [assumption] */
    PHOTO_CODES = 65536,
};

typedef enum PhotoKind {
    PHOTO_KIND_8,    /* uint8_t [3] a pixel */
    PHOTO_KIND_16,   /* uint16_t [4] a pixel, the last unused */
    PHOTO_KIND_LIGHT /* float [3] a pixel, linear sRGB: the profile was no curves and matrix */
} PhotoKind;

typedef enum PhotoOrigin { /* where the colour space stood */
                           PHOTO_ORIGIN_NONE,
                           PHOTO_ORIGIN_ICC,
                           PHOTO_ORIGIN_P3,    /* said in words (HEIF's nclx), not by a profile */
                           PHOTO_ORIGIN_ADOBE, /* said by EXIF */
                           PHOTO_ORIGIN_OTHER  /* given in numbers: what is written later is sRGB */
} PhotoOrigin;

/* Code values to linear sRGB: matrix times curve[channel][code]. */
typedef struct PhotoColor {
    float matrix[3][3];
    float curve[3][PHOTO_CODES]; /* of 256 codes for PHOTO_KIND_8 */
} PhotoColor;

/* What the child leaves, at the start of the shared block; the pixels follow on a 64-byte boundary.
 * Pages are committed where they are written, so the room costs nothing. */
typedef struct PhotoRaw {
    PhotoFacts facts;
    int width_px, height_px; /* as stored */
    int kind, origin;
    size_t icc_size;
    uint8_t icc[PHOTO_MAX_ICC];
    PhotoColor color;
} PhotoRaw;

void *photo_pixels(PhotoRaw *raw);

/* What the metadata says beside PhotoFacts. */
typedef struct PhotoExif {
    bool adobe_rgb;
} PhotoExif;

/* What a codec is asked. */
typedef struct PhotoJob {
    size_t size;
    const uint8_t *bytes;
    int max_px;
    bool pixels; /* false: facts alone */
} PhotoJob;

/* Bytes of the block that raw begins, for at most max_px pixels. */
size_t photo_room(int max_px);
/* The whole of decoding, in this process and without a limit of time: for the child, and for the
 * fuzzer. raw is zeroed and has photo_room(job->max_px) bytes. */
bool photo_read(const PhotoJob *job, PhotoRaw *raw, Err *err);

bool photo_is_jpeg(size_t size, const uint8_t bytes[]);
bool photo_is_png(size_t size, const uint8_t bytes[]);
bool photo_is_heic(size_t size, const uint8_t bytes[]);
bool photo_read_jpeg(const PhotoJob *job, PhotoExif *exif, PhotoRaw *raw, Err *err);
bool photo_read_png(const PhotoJob *job, PhotoExif *exif, PhotoRaw *raw, Err *err);
bool photo_read_heic(const PhotoJob *job, PhotoExif *exif, PhotoRaw *raw, Err *err);
/* Loads libheif; ERR_INPUT with what to do where the system has none. */
bool photo_load_heic(Err *err);

/* Whether width x height is a picture within max_px. */
bool photo_check_size(int64_t width_px, int64_t height_px, int max_px, Err *err);

/* Reads a TIFF directory (the bytes after "Exif\0\0"); what is malformed or unknown is passed over.
 */
void photo_exif_read(size_t size, const uint8_t tiff[], PhotoFacts *facts, PhotoExif *exif);
/* The same written: at most PHOTO_EXIF_MAX bytes. */
enum { PHOTO_EXIF_MAX = 1024 };
size_t photo_exif_write(const PhotoFacts *facts, int orientation, bool srgb, int width_px,
                        int height_px, uint8_t tiff[PHOTO_EXIF_MAX]);

/* raw->color (and for a profile with tables the pixels themselves) from raw->icc, the words of the
 * metadata or nothing. */
bool photo_color_read(const PhotoExif *exif, bool pixels, PhotoRaw *raw, Err *err);
/* Curves and matrix from a named space; codes of 8 or 16 bits. */
void photo_color_space(PhotoSpace space, int codes, PhotoColor *color);
/* From primaries and white as chromaticities and a power law (0: the sRGB curve); false when they
 * span no gamut. */
bool photo_color_primaries(const double white[2], const double primary[3][2], double gamma,
                           int codes, PhotoColor *color);

/* White of ICC's connection space, and a column of the matrix from its XYZ under that white. */
extern const double photo_d50[3];
void photo_color_column(PhotoColor *color, int channel, const double xyz[3], const double white[3]);

/* How to write linear sRGB in a profile: clamp(matrix * light), then the largest code whose half
 * does not exceed it. */
typedef struct PhotoInverse {
    float matrix[3][3];
    float half[3][255]; /* the light of code + 1/2, ascending */
} PhotoInverse;
/* color: room to work in. */
bool photo_color_inverse(size_t icc_size, const uint8_t icc[], PhotoColor *color,
                         PhotoInverse *inverse, Err *err);

/* Upright pixel (x, y) is stored at start + x * right + y * down, in pixels. */
typedef struct PhotoTurn {
    int width_px, height_px; /* upright */
    ptrdiff_t start, right, down;
} PhotoTurn;
PhotoTurn photo_turn(int orientation, int stored_width_px, int stored_height_px);

/* The pixels that the child left, upright: light and luma. */
void photo_light(int threads, PhotoRaw *raw, Photo *photo);

#endif
