#include "image/image_internal.h"
#include "image/photo_internal.h"

#include <math.h>
#include <spng.h>
#include <stdio.h>
#include <string.h>

bool photo_is_png(size_t size, const uint8_t bytes[])
{
    static const uint8_t signature[4] = {0x89, 'P', 'N', 'G'};
    return size >= sizeof signature && memcmp(bytes, signature, sizeof signature) == 0;
}

static bool png_error(int code, Err *err)
{
    return err_set(err, code == SPNG_EMEM ? ERR_LIMIT : ERR_INPUT, "the PNG is damaged: %s",
                   spng_strerror(code));
}

static bool read_profile(spng_ctx *codec, PhotoRaw *raw, Err *err)
{
    struct spng_iccp icc;
    if (spng_get_iccp(codec, &icc) != 0)
        return true;
    if (icc.profile_len > PHOTO_MAX_ICC)
        return err_set(
            err, ERR_INPUT,
            "the PNG's colour profile of %zu bytes is larger than %d MB: save it as sRGB",
            icc.profile_len, PHOTO_MAX_ICC >> 20);
    memcpy(raw->icc, icc.profile, icc.profile_len);
    raw->icc_size = icc.profile_len;
    return true;
}

/* gAMA and cHRM, from the time before profiles. A power of 1 / 2.2 stands for sRGB (PNG, second
 * edition, 11.3.3.2 and 11.3.3.5). */
static void read_numbers(spng_ctx *codec, PhotoRaw *raw)
{
    static const struct spng_chrm srgb = {0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
    struct spng_chrm c;
    double power = 0.0;
    uint8_t intent;
    bool primaries = spng_get_chrm(codec, &c) == 0;
    if (spng_get_srgb(codec, &intent) == 0 || spng_get_gama(codec, &power) != 0 || !(power > 0.0))
        return;
    if (!primaries)
        c = srgb;
    double white[2] = {c.white_point_x, c.white_point_y};
    double primary[3][2] = {{c.red_x, c.red_y}, {c.green_x, c.green_y}, {c.blue_x, c.blue_y}};
    double gamma = fabs(power - 1.0 / 2.2) < 0.005 ? 0.0 : 1.0 / power;
    if (gamma > 10.0 || (gamma == 0.0 && !primaries) ||
        !photo_color_primaries(white, (const double(*)[2])primary, gamma,
                               raw->kind == PHOTO_KIND_8 ? 256 : PHOTO_CODES, &raw->color))
        return;
    raw->origin = PHOTO_ORIGIN_OTHER;
    snprintf(raw->facts.profile, sizeof raw->facts.profile, "PNG gamma %.4g%s", power,
             primaries ? " and primaries" : "");
}

static bool read_png(spng_ctx *codec, const PhotoJob *job, PhotoExif *exif, PhotoRaw *raw, Err *err)
{
    struct spng_ihdr head;
    struct spng_exif words;
    int code = spng_get_ihdr(codec, &head);
    if (code != 0)
        return png_error(code, err);
    if (!photo_check_size(head.width, head.height, job->max_px, err))
        return false;
    if (!image_png_is_possible(head.width, head.height, head.color_type, head.bit_depth, job->size))
        return err_set(err, ERR_INPUT, "the PNG claims %u x %u px but has only %zu bytes",
                       head.width, head.height, job->size);
    bool deep = head.bit_depth == 16;
    raw->facts.format = PHOTO_PNG;
    raw->facts.bits = deep ? 16 : 8;
    raw->kind = deep ? PHOTO_KIND_16 : PHOTO_KIND_8;
    raw->width_px = (int)head.width;
    raw->height_px = (int)head.height;
    if (!read_profile(codec, raw, err))
        return false;
    read_numbers(codec, raw);
    if (spng_get_exif(codec, &words) == 0)
        photo_exif_read(words.length, (const uint8_t *)words.data, &raw->facts, exif);
    size_t room = (size_t)head.width * head.height * (deep ? 8 : 3);
    if (job->pixels)
        code = spng_decode_image(codec, photo_pixels(raw), room,
                                 deep ? SPNG_FMT_RGBA16 : SPNG_FMT_RGB8, 0);
    return code == 0 || png_error(code, err);
}

bool photo_read_png(const PhotoJob *job, PhotoExif *exif, PhotoRaw *raw, Err *err)
{
    if (!image_png_is_whole(job->size, job->bytes))
        return err_set(err, ERR_INPUT, "the PNG of %zu bytes is cut off", job->size);
    spng_ctx *codec = spng_ctx_new(0);
    if (codec == NULL)
        return err_set(err, ERR_LIMIT, "no room for the PNG decoder");
    spng_set_chunk_limits(codec, IMAGE_PNG_MAX_CHUNK, IMAGE_PNG_MAX_CHUNK);
    int code = spng_set_png_buffer(codec, job->bytes, job->size);
    bool ok = code == 0 ? read_png(codec, job, exif, raw, err) : png_error(code, err);
    spng_ctx_free(codec);
    return ok;
}
