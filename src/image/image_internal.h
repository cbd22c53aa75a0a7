/* image_internal.h - the two codecs behind image_decode and photo_decode. */
#ifndef IMAGE_IMAGE_INTERNAL_H
#define IMAGE_IMAGE_INTERNAL_H

#include "image/image.h"

bool image_decode_png(Arena *arena, size_t size, const uint8_t bytes[], Image *image, Err *err);
bool image_decode_jpeg(Arena *arena, size_t size, const uint8_t bytes[], Image *image, Err *err);

/* What a JPEG says before its pixels. CMYK and a size that so few bytes cannot hold are refused. */
typedef struct JpegHead {
    int width_px, height_px;
} JpegHead;
bool image_jpeg_head(size_t size, const uint8_t bytes[], JpegHead *head, Err *err);
/* Into rgb[height][width][3]; cut-off and damaged files are refused. */
bool image_jpeg_pixels(size_t size, const uint8_t bytes[], const JpegHead *head, uint8_t rgb[],
                       Err *err);

/* Whether a PNG's chunks reach up to a whole IEND. */
bool image_png_is_whole(size_t size, const uint8_t bytes[]);
/* Whether so few bytes can hold such a picture. */
bool image_png_is_possible(uint32_t width_px, uint32_t height_px, int color_type, int bits,
                           size_t size);
enum { IMAGE_PNG_MAX_CHUNK = 16 << 20 };

#endif
