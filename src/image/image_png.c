#include "image/image_internal.h"

#include <spng.h>
#include <stdlib.h>
#include <string.h>

enum { Z_RLE = 3 }; /* zlib.h: matches of distance one only */

/* Deflate expands at most 1032 to 1 (zlib, technical notes); what claims more is a bomb. */
enum { MAX_EXPANSION = 1032 };

bool image_png_is_possible(uint32_t width_px, uint32_t height_px, int color_type, int bits,
                           size_t size)
{
    static const int channels[7] = {1, 0, 3, 1, 2, 0, 4}; /* by colour type */
    uint64_t raw = (uint64_t)width_px * height_px * (unsigned)(channels[color_type % 7] * bits) / 8;
    return raw / MAX_EXPANSION <= size;
}

/* The library does not miss the checksum of IEND. */
bool image_png_is_whole(size_t size, const uint8_t bytes[])
{
    enum { SIGNATURE = 8, AROUND = 12 }; /* length, type and checksum of a chunk */
    for (size_t at = SIGNATURE; at + AROUND <= size;) {
        const uint8_t *c = bytes + at;
        size_t length = (size_t)c[0] << 24 | (size_t)c[1] << 16 | (size_t)c[2] << 8 | (size_t)c[3];
        if (length > size - at - AROUND)
            return false;
        if (memcmp(c + 4, "IEND", 4) == 0)
            return true;
        at += AROUND + length;
    }
    return false;
}

static bool png_error(int code, Err *err)
{
    return err_set(err, code == SPNG_EMEM ? ERR_LIMIT : ERR_INPUT, "the PNG is damaged: %s",
                   spng_strerror(code));
}

static bool decode(spng_ctx *codec, Arena *arena, size_t size, Image *image, Err *err)
{
    struct spng_ihdr head;
    int code = spng_get_ihdr(codec, &head);
    if (code != 0)
        return png_error(code, err);
    if (head.width > IMAGE_MAX_SIDE_PX || head.height > IMAGE_MAX_SIDE_PX)
        return err_set(err, ERR_INPUT, "a PNG of %u x %u px is larger than %d px a side",
                       head.width, head.height, IMAGE_MAX_SIDE_PX);
    if (!image_png_is_possible(head.width, head.height, head.color_type, head.bit_depth, size))
        return err_set(err, ERR_INPUT, "the PNG claims %u x %u px but has only %zu bytes",
                       head.width, head.height, size);
    if (!image_new(arena, (int)head.width, (int)head.height, image, err))
        return false;
    size_t room = 3 * (size_t)head.width * head.height;
    code = spng_decode_image(codec, image->rgb, room, SPNG_FMT_RGB8, 0);
    return code == 0 || png_error(code, err);
}

bool image_decode_png(Arena *arena, size_t size, const uint8_t bytes[], Image *image, Err *err)
{
    if (!image_png_is_whole(size, bytes))
        return err_set(err, ERR_INPUT, "the PNG of %zu bytes is cut off", size);
    spng_ctx *codec = spng_ctx_new(0);
    if (codec == NULL)
        return err_set(err, ERR_LIMIT, "no room for the PNG decoder");
    spng_set_chunk_limits(codec, IMAGE_PNG_MAX_CHUNK, IMAGE_PNG_MAX_CHUNK);
    int code = spng_set_png_buffer(codec, bytes, size);
    bool ok = code == 0 ? decode(codec, arena, size, image, err) : png_error(code, err);
    spng_ctx_free(codec);
    return ok;
}

/* channels: 1 or 3, of one byte each. */
typedef struct Raster {
    int width_px, height_px, channels;
    const uint8_t *bytes;
} Raster;

static int encode(spng_ctx *codec, const Raster *image, int level)
{
    struct spng_ihdr head = {.width = (uint32_t)image->width_px,
                             .height = (uint32_t)image->height_px,
                             .bit_depth = 8,
                             .color_type = image->channels == 3 ? SPNG_COLOR_TYPE_TRUECOLOR
                                                                : SPNG_COLOR_TYPE_GRAYSCALE};
    size_t room = (size_t)image->channels * (size_t)image->width_px * (size_t)image->height_px;
    int code = spng_set_option(codec, SPNG_ENCODE_TO_BUFFER, 1);
    if (code == 0)
        code = spng_set_option(codec, SPNG_IMG_COMPRESSION_LEVEL, level);
    /* Measured on a render and a skin texture: for levels 1 and 2 the row above with run lengths
     * is the fastest and no larger than the full search; above that the library's choice among
     * all five filters costs time and saves nothing over these two. */
    bool fast = level <= 2;
    if (code == 0)
        code = spng_set_option(codec, SPNG_FILTER_CHOICE,
                               fast ? SPNG_FILTER_CHOICE_UP
                                    : SPNG_FILTER_CHOICE_SUB | SPNG_FILTER_CHOICE_UP);
    if (code == 0 && fast)
        code = spng_set_option(codec, SPNG_IMG_COMPRESSION_STRATEGY, Z_RLE);
    if (code == 0)
        code = spng_set_ihdr(codec, &head);
    if (code == 0)
        code = spng_set_srgb(codec, 0); /* perceptual */
    if (code == 0)
        code = spng_encode_image(codec, image->bytes, room, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
    return code;
}

static bool write_png(Arena *arena, const Raster *image, int level, size_t *size, uint8_t **bytes,
                      Err *err)
{
    spng_ctx *codec = spng_ctx_new(SPNG_CTX_ENCODER);
    if (codec == NULL)
        return err_set(err, ERR_LIMIT, "no room for the PNG encoder");
    bool ok = false;
    void *made = NULL;
    int code = encode(codec, image, level);
    if (code == 0)
        made = spng_get_png_buffer(codec, size, &code);
    if (made == NULL) {
        err_set(err, code == SPNG_EMEM ? ERR_LIMIT : ERR_INPUT,
                "cannot write a PNG of %d x %d px at level %d: %s", image->width_px,
                image->height_px, level, spng_strerror(code));
        goto out;
    }
    *bytes = ARENA_NEW(arena, uint8_t, *size);
    if (*bytes == NULL) {
        err_set(err, ERR_LIMIT, "no room for a PNG of %zu bytes within the memory limit", *size);
        goto out;
    }
    memcpy(*bytes, made, *size);
    ok = true;
out:
    free(made);
    spng_ctx_free(codec);
    return ok;
}

bool image_encode_png(Arena *arena, const Image *image, int level, size_t *size, uint8_t **bytes,
                      Err *err)
{
    Raster raster = {image->width_px, image->height_px, 3, image->rgb};
    return write_png(arena, &raster, level, size, bytes, err);
}

bool image_encode_png_grey(Arena *arena, int width_px, int height_px, const uint8_t grey[],
                           int level, size_t *size, uint8_t **bytes, Err *err)
{
    Raster raster = {width_px, height_px, 1, grey};
    return write_png(arena, &raster, level, size, bytes, err);
}
