#include "image/image.h"

#include "image/image_internal.h"

#include <string.h>

/* Checks the size and returns the number of pixels, 0 with *err set when there is no such picture.
 */
static size_t pixel_count(int width_px, int height_px, Err *err)
{
    if (width_px < 1 || height_px < 1 || width_px > IMAGE_MAX_SIDE_PX ||
        height_px > IMAGE_MAX_SIDE_PX || (int64_t)width_px * height_px > IMAGE_MAX_PX) {
        err_set(err, ERR_INPUT,
                "a picture of %d x %d px is not within 1..%d px a side and %d Mpx: make it smaller",
                width_px, height_px, IMAGE_MAX_SIDE_PX, IMAGE_MAX_PX >> 20);
        return 0;
    }
    return (size_t)width_px * (size_t)height_px;
}

bool image_new(Arena *arena, int width_px, int height_px, Image *image, Err *err)
{
    size_t count = pixel_count(width_px, height_px, err);
    if (count == 0)
        return false;
    *image = (Image){width_px, height_px, ARENA_NEW(arena, uint8_t, 3 * count)};
    if (image->rgb == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for a picture of %d x %d px within the memory limit", width_px,
                       height_px);
    return true;
}

bool image_new_f(Arena *arena, int width_px, int height_px, ImageF *image, Err *err)
{
    size_t count = pixel_count(width_px, height_px, err);
    if (count == 0)
        return false;
    *image = (ImageF){width_px, height_px, ARENA_NEW(arena, float, 3 * count)};
    if (image->rgb == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for a picture of %d x %d px within the memory limit", width_px,
                       height_px);
    return true;
}

bool image_decode(Arena *arena, Arena *scratch, size_t size, const uint8_t bytes[], Image *image,
                  Err *err)
{
    static const uint8_t png[] = {0x89, 'P', 'N', 'G'}, jpeg[] = {0xff, 0xd8, 0xff};
    size_t mark = arena_mark(arena);
    bool ok;
    if (size >= sizeof png && memcmp(bytes, png, sizeof png) == 0)
        ok = image_decode_png(arena, size, bytes, image, err);
    else if (size >= sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg) == 0)
        ok = image_decode_jpeg(arena, scratch, size, bytes, image, err);
    else
        return err_set(err, ERR_INPUT, "the picture is neither PNG nor JPEG (%zu bytes)", size);
    if (!ok)
        arena_rewind(arena, mark);
    return ok;
}
