/* Any bytes are a picture or an error; what decodes must survive a PNG round trip. */
#include "image/image.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = {0}, scratch = {0};
    Err err;
    Image image, back;
    size_t png_size;
    uint8_t *png;
    if (!arena_open(&arena, (size_t)16 << 20, &err) || !arena_open(&scratch, (size_t)1 << 20, &err))
        abort();
    if (image_decode(&arena, &scratch, size, data, &image, &err) &&
        image.width_px * image.height_px < 10000) {
        if (!image_encode_png(&arena, &image, 1, &png_size, &png, &err) ||
            !image_decode(&arena, &scratch, png_size, png, &back, &err) ||
            memcmp(image.rgb, back.rgb, 3 * (size_t)(image.width_px * image.height_px)) != 0)
            abort();
    }
    arena_close(&scratch);
    arena_close(&arena);
    return 0;
}
