#include "image/image_internal.h"
#include "image/photo_internal.h"

#include <stdlib.h>
#include <string.h>

/* ITU-T T.81, annex K.1: the luminance table that most encoders scale. */
static const uint8_t standard_table[64] = {
    16, 11, 12,  14,  12,  10, 16, 14,  13,  14,  18,  17,  16, 19,  24,  40, /* in zigzag order */
    26, 24, 22,  22,  24,  49, 35, 37,  29,  40,  58,  51,  61, 60,  57,  51,
    56, 55, 64,  72,  92,  78, 64, 68,  87,  69,  55,  56,  80, 109, 81,  87,
    95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
};

bool photo_is_jpeg(size_t size, const uint8_t bytes[])
{
    return size >= 3 && bytes[0] == 0xff && bytes[1] == JPEG_SOI && bytes[2] == 0xff;
}

/* libjpeg's scale of `quality`, jcparam.c. */
static int scaled(int standard, int quality)
{
    int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    int value = (standard * percent + 50) / 100;
    return value < 1 ? 1 : value > 255 ? 255 : value;
}

/* The quality whose table is nearest; makers' own tables lie between. */
static int nearest_quality(const int table[64])
{
    int best = 0;
    long best_off = 0;
    for (int quality = 1; quality <= 100; quality++) {
        long off = 0;
        for (int i = 0; i < 64; i++)
            off += labs((long)table[i] - scaled(standard_table[i], quality));
        if (best == 0 || off < best_off) {
            best = quality;
            best_off = off;
        }
    }
    return best;
}

static void read_tables(size_t size, const uint8_t data[], int *quality)
{
    for (size_t at = 0; at < size;) {
        int wide = data[at] >> 4, id = data[at] & 15, table[64];
        size_t bytes = wide ? 128 : 64;
        if (size - at - 1 < bytes)
            return;
        for (size_t i = 0; i < 64; i++)
            table[i] = wide ? data[at + 1 + 2 * i] << 8 | data[at + 2 + 2 * i] : data[at + 1 + i];
        if (id == 0) /* luminance, by custom */
            *quality = nearest_quality(table);
        at += 1 + bytes;
    }
}

/* A profile comes in numbered parts of at most 64 kB, ICC.1:2022, B.4; they may be out of order. */
typedef struct IccParts {
    const uint8_t *part[256];
    size_t size[256];
    int count; /* 0: none yet; -1: nonsense */
} IccParts;

static void take_icc(size_t size, const uint8_t data[], IccParts *parts)
{
    static const char name[12] = "ICC_PROFILE";
    if (size < 14 || memcmp(data, name, 12) != 0)
        return;
    int index = data[12], count = data[13];
    if (index < 1 || index > count || (parts->count != 0 && parts->count != count) ||
        parts->part[index] != NULL) {
        parts->count = -1;
        return;
    }
    parts->count = count;
    parts->part[index] = data + 14;
    parts->size[index] = size - 14;
}

static bool join_icc(const IccParts *parts, PhotoRaw *raw, Err *err)
{
    for (int i = 1; i <= parts->count; i++) {
        if (parts->part[i] == NULL || parts->size[i] > PHOTO_MAX_ICC - raw->icc_size)
            return err_set(err, ERR_INPUT,
                           "the JPEG's colour profile is incomplete or larger than %d MB: save it "
                           "as sRGB",
                           PHOTO_MAX_ICC >> 20);
        memcpy(raw->icc + raw->icc_size, parts->part[i], parts->size[i]);
        raw->icc_size += parts->size[i];
    }
    if (parts->count < 0)
        return err_set(err, ERR_INPUT,
                       "the JPEG's colour profile is in parts that do not fit: "
                       "save it as sRGB");
    return true;
}

/* The segments up to the first scan. */
static bool read_segments(size_t size, const uint8_t bytes[], PhotoExif *exif, PhotoRaw *raw,
                          Err *err)
{
    IccParts parts = {0};
    JpegSegment segment;
    bool exif_seen = false;
    for (size_t at = 2; image_jpeg_segment(size, bytes, &at, &segment);) {
        const uint8_t *data = bytes + segment.at;
        if (segment.marker == JPEG_APP1 && !exif_seen && segment.size > 6 &&
            memcmp(data, "Exif\0", 6) == 0) {
            photo_exif_read(segment.size - 6, data + 6, &raw->facts, exif);
            exif_seen = true;
        } else if (segment.marker == JPEG_APP2) {
            take_icc(segment.size, data, &parts);
        } else if (segment.marker == JPEG_DQT) {
            read_tables(segment.size, data, &raw->facts.jpeg_quality);
        }
    }
    return join_icc(&parts, raw, err);
}

bool photo_read_jpeg(const PhotoJob *job, PhotoExif *exif, PhotoRaw *raw, Err *err)
{
    JpegHead head;
    if (!image_jpeg_head(job->size, job->bytes, &head, err) ||
        !photo_check_size(head.width_px, head.height_px, job->max_px, err) ||
        !read_segments(job->size, job->bytes, exif, raw, err))
        return false;
    raw->facts.format = PHOTO_JPEG;
    raw->facts.bits = 8;
    raw->kind = PHOTO_KIND_8;
    raw->width_px = head.width_px;
    raw->height_px = head.height_px;
    if (!job->pixels)
        return true;
    /* Behind the pixels is room, for other kinds take more. */
    size_t taken = 3 * (size_t)head.width_px * (size_t)head.height_px;
    size_t room = photo_room(job->max_px) - photo_room(0) - taken;
    uint8_t *pixels = photo_pixels(raw), *spare = job->size <= room ? pixels + taken : NULL;
    return image_jpeg_pixels(job->size, job->bytes, &head, spare, pixels, err);
}
