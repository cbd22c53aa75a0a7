/* image_internal.h - the two codecs behind image_decode and photo_decode. */
#ifndef IMAGE_IMAGE_INTERNAL_H
#define IMAGE_IMAGE_INTERNAL_H

#include "image/image.h"

bool image_decode_png(Arena *arena, size_t size, const uint8_t bytes[], Image *image, Err *err);
bool image_decode_jpeg(Arena *arena, Arena *scratch, size_t size, const uint8_t bytes[],
                       Image *image, Err *err);

/* What a JPEG says before its pixels. CMYK and a size that so few bytes cannot hold are refused. */
typedef struct JpegHead {
    int width_px, height_px;
} JpegHead;
bool image_jpeg_head(size_t size, const uint8_t bytes[], JpegHead *head, Err *err);
/* Into rgb[height][width][3]; cut-off and damaged files are refused. spare: where a file with a
 * scan header that some phones write wrong can be mended; of `size` bytes, or NULL for no room. */
bool image_jpeg_pixels(size_t size, const uint8_t bytes[], const JpegHead *head, uint8_t *spare,
                       uint8_t rgb[], Err *err);

/* ITU-T T.81, table B.1. */
enum {
    JPEG_SOF0 = 0xc0,
    JPEG_SOF1 = 0xc1,
    JPEG_SOI = 0xd8,
    JPEG_EOI = 0xd9,
    JPEG_SOS = 0xda,
    JPEG_DQT = 0xdb,
    JPEG_APP1 = 0xe1,
    JPEG_APP2 = 0xe2,
};
typedef struct JpegSegment {
    int marker;
    size_t at, size; /* of its content */
} JpegSegment;
/* The next segment from *at on (begin with 2), up to the first SOS; false at the end or in
 * nonsense.
 */
bool image_jpeg_segment(size_t size, const uint8_t bytes[], size_t *at, JpegSegment *segment);

/* Whether a PNG's chunks reach up to a whole IEND. */
bool image_png_is_whole(size_t size, const uint8_t bytes[]);
/* Whether so few bytes can hold such a picture. */
bool image_png_is_possible(uint32_t width_px, uint32_t height_px, int color_type, int bits,
                           size_t size);
enum { IMAGE_PNG_MAX_CHUNK = 16 << 20 };

#endif
