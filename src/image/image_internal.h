/* image_internal.h - the two codecs behind image_decode. */
#ifndef IMAGE_IMAGE_INTERNAL_H
#define IMAGE_IMAGE_INTERNAL_H

#include "image/image.h"

bool image_decode_png(Arena *arena, size_t size, const uint8_t bytes[], Image *image, Err *err);
bool image_decode_jpeg(Arena *arena, size_t size, const uint8_t bytes[], Image *image, Err *err);

#endif
