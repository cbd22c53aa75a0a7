/* photo_testing.h - what the tests of photographs share: a desk with memory, files made by hand. */
#ifndef IMAGE_PHOTO_TESTING_H
#define IMAGE_PHOTO_TESTING_H

#include "image/photo_internal.h"

#include "base/test.h"

#include <spng.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

typedef struct Desk {
    Arena arena, scratch;
    Err err;
} Desk;

typedef struct Bytes {
    size_t size;
    uint8_t *data;
} Bytes;

static inline bool desk_open(Desk *desk)
{
    *desk = (Desk){0};
    return arena_open(&desk->arena, (size_t)1 << 29, &desk->err) &&
           arena_open(&desk->scratch, (size_t)1 << 28, &desk->err);
}

static inline void desk_close(Desk *desk)
{
    arena_close(&desk->scratch);
    arena_close(&desk->arena);
}

/* Says why when it fails. */
static inline bool fine(bool ok, const Desk *desk)
{
    if (!ok)
        printf("# %s\n", desk->err.text);
    return ok;
}

static inline bool encode(Desk *desk, const ImageF *light, const PhotoExport *export, Bytes *file)
{
    return fine(photo_encode(&desk->arena, &desk->scratch, light, export, &file->size, &file->data,
                             &desk->err),
                desk);
}

static inline bool decode(Desk *desk, Bytes file, Photo *photo)
{
    return photo_decode(&desk->arena, photo_limits_default(), file.size, file.data, photo,
                        &desk->err);
}

static inline bool refused(Desk *desk, Bytes file, const char *word)
{
    Photo photo;
    bool ok = !decode(desk, file, &photo) && strstr(desk->err.text, word) != NULL;
    if (!ok)
        printf("# not refused with '%s': %s\n", word, desk->err.text);
    return ok;
}

static inline float *at(const ImageF *light, int x, int y)
{
    return light->rgb + 3 * ((size_t)y * (size_t)light->width_px + (size_t)x);
}

/* Smooth, so that a JPEG keeps it. */
static inline bool paint(Desk *desk, int width_px, int height_px, ImageF *light)
{
    if (!image_new_f(&desk->arena, width_px, height_px, light, &desk->err))
        return false;
    for (int y = 0; y < height_px; y++)
        for (int x = 0; x < width_px; x++) {
            float u = (float)x / (float)width_px, v = (float)y / (float)height_px;
            at(light, x, y)[0] = 0.2f + 0.5f * u;
            at(light, x, y)[1] = 0.2f + 0.4f * v;
            at(light, x, y)[2] = 0.3f + 0.2f * u * v;
        }
    return true;
}

/* The JPEG with one more segment behind its first marker. */
static inline Bytes with_segment(Desk *desk, Bytes jpeg, int marker, size_t size, const void *data)
{
    Bytes out = {jpeg.size + size + 4, ARENA_NEW(&desk->arena, uint8_t, jpeg.size + size + 4)};
    if (out.data == NULL || size > 65533)
        abort();
    memcpy(out.data, jpeg.data, 2);
    uint8_t head[4] = {0xff, (uint8_t)marker, (uint8_t)((size + 2) >> 8), (uint8_t)(size + 2)};
    memcpy(out.data + 2, head, 4);
    memcpy(out.data + 6, data, size);
    memcpy(out.data + 6 + size, jpeg.data + 2, jpeg.size - 2);
    return out;
}

static inline Bytes with_exif(Desk *desk, Bytes jpeg, size_t size, const uint8_t tiff[])
{
    uint8_t *data = ARENA_NEW(&desk->scratch, uint8_t, size + 6);
    if (data == NULL)
        abort();
    memcpy(data, "Exif\0", 6);
    memcpy(data + 6, tiff, size);
    return with_segment(desk, jpeg, 0xe1, size + 6, data);
}

/* Part index of count (1..) of a profile. */
static inline Bytes with_icc_part(Desk *desk, Bytes jpeg, int index, int count, size_t size,
                                  const uint8_t icc[])
{
    uint8_t *data = ARENA_NEW(&desk->scratch, uint8_t, size + 14);
    if (data == NULL)
        abort();
    memcpy(data, "ICC_PROFILE", 12);
    data[12] = (uint8_t)index;
    data[13] = (uint8_t)count;
    memcpy(data + 14, icc, size);
    return with_segment(desk, jpeg, 0xe2, size + 14, data);
}

static inline Bytes tj_file(Desk *desk, int width_px, int height_px, const uint8_t pixels[],
                            int format, int subsampling, int quality, int flags)
{
    tjhandle codec = tjInitCompress();
    unsigned char *made = NULL;
    unsigned long size = 0;
    if (codec == NULL || tjCompress2(codec, pixels, width_px, 0, height_px, format, &made, &size,
                                     subsampling, quality, flags) != 0)
        abort();
    Bytes out = {size, ARENA_NEW(&desk->arena, uint8_t, size)};
    if (out.data == NULL)
        abort();
    memcpy(out.data, made, size);
    tjFree(made);
    tjDestroy(codec);
    return out;
}

/* pixels: as the colour type stores them, 16 bits in the machine's order. icc: of size 0 for none.
 */
static inline Bytes png_file(Desk *desk, int width_px, int height_px, int color_type, int bits,
                             size_t size, const void *pixels, Bytes icc)
{
    struct spng_ihdr head = {.width = (uint32_t)width_px,
                             .height = (uint32_t)height_px,
                             .bit_depth = (uint8_t)bits,
                             .color_type = (uint8_t)color_type};
    struct spng_iccp profile = {"of a test", icc.size, (char *)icc.data};
    int code = 0;
    spng_ctx *codec = spng_ctx_new(SPNG_CTX_ENCODER);
    if (codec == NULL || spng_set_option(codec, SPNG_ENCODE_TO_BUFFER, 1) != 0 ||
        spng_set_ihdr(codec, &head) != 0 || (icc.size > 0 && spng_set_iccp(codec, &profile) != 0) ||
        spng_encode_image(codec, pixels, size, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE) != 0)
        abort();
    Bytes out = {0};
    void *made = spng_get_png_buffer(codec, &out.size, &code);
    out.data = ARENA_NEW(&desk->arena, uint8_t, out.size);
    if (made == NULL || out.data == NULL)
        abort();
    memcpy(out.data, made, out.size);
    free(made);
    spng_ctx_free(codec);
    return out;
}

#endif
