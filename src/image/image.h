/* image.h - pictures: rectangles of sRGB bytes (files, textures) or of linear floats (light).
 *
 * Row 0 is the top. Pixel (x, y) covers [x, x+1) x [y, y+1); its centre is at (x + 0.5, y + 0.5).
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "base/arena.h"
#include "base/err.h"
#include "color/color.h"

#include <stdint.h>

typedef struct Image { /* sRGB, 8 bits, interleaved */
    int width_px, height_px;
    uint8_t *rgb; /* [height][width][3] */
} Image;

typedef struct ImageF { /* linear light, interleaved */
    int width_px, height_px;
    float *rgb; /* [height][width][3] */
} ImageF;

enum { IMAGE_MAX_SIDE_PX = 16384, IMAGE_MAX_PX = 64 << 20 };

MUST_CHECK bool image_new(Arena *arena, int width_px, int height_px, Image *image, Err *err);
MUST_CHECK bool image_new_f(Arena *arena, int width_px, int height_px, ImageF *image, Err *err);

/* PNG (any depth and colour type; alpha is dropped) or JPEG (grey or YCbCr), told by their first
 * bytes. The size in the header is checked against IMAGE_MAX_* and the arena before a pixel is
 * decoded; CMYK, truncated and malformed files are ERR_INPUT. */
MUST_CHECK bool image_decode(Arena *arena, Arena *scratch, size_t size, const uint8_t bytes[],
                             Image *image, Err *err);
/* JPEG (JFIF, full colour resolution from quality 90 on), quality 1..100; the same bytes for the
 * same pixels. */
MUST_CHECK bool image_encode_jpeg(Arena *arena, const Image *image, int quality, size_t *size,
                                  uint8_t **bytes, Err *err);
/* PNG with an sRGB chunk; the same bytes for the same pixels. level 1 (fast) to 9 (small). */
MUST_CHECK bool image_encode_png(Arena *arena, const Image *image, int level, size_t *size,
                                 uint8_t **bytes, Err *err);
/* The same of one grey byte per pixel, sRGB: grey [height][width]. */
MUST_CHECK bool image_encode_png_grey(Arena *arena, int width_px, int height_px,
                                      const uint8_t grey[], int level, size_t *size,
                                      uint8_t **bytes, Err *err);

/* Linear colour at (x, y) in pixels, bilinear between pixel centres, clamped at the border. */
Rgb image_sample(const Image *image, double x_px, double y_px);
/* Mean linear colour over an axis-parallel box (clamped): for minification. */
Rgb image_sample_box(const Image *image, double x_px, double y_px, double side_px);
/* Linear float to sRGB bytes. */
void image_from_linear(const ImageF *linear, Image *image);
/* Box-filtered copy at a smaller size, averaged in linear light. */
MUST_CHECK bool image_shrink(Arena *arena, const Image *image, int width_px, int height_px,
                             Image *small, Err *err);

#endif
