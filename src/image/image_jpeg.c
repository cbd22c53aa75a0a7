#include "image/image_internal.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

/* A block of 8 x 8 samples takes at least one bit, so a byte cannot hold more than 512 grey
 * pixels. A header that claims more than that is refused before memory is touched for it. */
enum { PX_PER_BYTE = 512 };

static bool read_header(tjhandle codec, size_t size, const uint8_t bytes[], JpegHead *head,
                        Err *err)
{
    int subsampling, space, width_px, height_px;
    if (tjDecompressHeader3(codec, bytes, (unsigned long)size, &width_px, &height_px, &subsampling,
                            &space) != 0)
        return err_set(err, ERR_INPUT, "the JPEG header is broken: %s", tjGetErrorStr2(codec));
    if (space == TJCS_CMYK || space == TJCS_YCCK)
        return err_set(err, ERR_INPUT, "a CMYK JPEG is not supported: save it as RGB");
    if ((uint64_t)width_px * (uint64_t)height_px > (uint64_t)size * PX_PER_BYTE)
        return err_set(err, ERR_INPUT, "the JPEG claims %d x %d px but has only %zu bytes",
                       width_px, height_px, size);
    *head = (JpegHead){width_px, height_px};
    return true;
}

bool image_jpeg_head(size_t size, const uint8_t bytes[], JpegHead *head, Err *err)
{
    tjhandle codec = tjInitDecompress();
    if (codec == NULL)
        return err_set(err, ERR_LIMIT, "no room for the JPEG decoder");
    bool ok = read_header(codec, size, bytes, head, err);
    tjDestroy(codec);
    return ok;
}

bool image_jpeg_segment(size_t size, const uint8_t bytes[], size_t *at, JpegSegment *segment)
{
    while (*at + 4 <= size && bytes[*at] == 0xff) {
        int marker = bytes[*at + 1];
        if (marker == 0xff || marker == 0x01 || (marker >= 0xd0 && marker <= JPEG_SOI)) {
            *at += marker == 0xff ? 1 : 2; /* filling, or a marker without content */
            continue;
        }
        size_t length = (size_t)bytes[*at + 2] << 8 | bytes[*at + 3];
        if (marker == JPEG_EOI || length < 2 || length > size - *at - 2)
            return false;
        *segment = (JpegSegment){marker, *at + 4, length - 2};
        *at = marker == JPEG_SOS ? size : *at + 2 + length;
        return true;
    }
    return false;
}

/* The first scan header of a file without progression (at 0: none). */
static JpegSegment sequential_scan(size_t size, const uint8_t bytes[])
{
    JpegSegment segment;
    bool sequential = false;
    for (size_t at = 2; image_jpeg_segment(size, bytes, &at, &segment);) {
        sequential |= segment.marker == JPEG_SOF0 || segment.marker == JPEG_SOF1;
        if (segment.marker == JPEG_SOS && sequential)
            return segment;
    }
    return (JpegSegment){0};
}

/* Phones of one large maker write nonsense where a sequential scan says that it holds all
 * coefficients; libjpeg warns ("Invalid SOS parameters") and reads on. We stop at warnings, so the
 * three bytes are set right in a copy: a file that is damaged elsewhere is still refused. */
static const uint8_t *mended(size_t size, const uint8_t bytes[], uint8_t *spare)
{
    static const uint8_t whole[3] = {0, 63, 0};
    JpegSegment scan = sequential_scan(size, bytes);
    if (scan.size < 6 || scan.size != 4 + 2 * (size_t)bytes[scan.at] ||
        memcmp(bytes + scan.at + scan.size - 3, whole, 3) == 0 || spare == NULL)
        return bytes;
    memcpy(spare, bytes, size);
    memcpy(spare + scan.at + scan.size - 3, whole, 3);
    return spare;
}

/* Some cameras leave a few bytes between the picture and its end marker. In a file of one
 * sequential scan every row is decoded by then; in any other the rest of a scan could be meant. */
static bool is_padding(tjhandle codec, size_t size, const uint8_t bytes[])
{
    enum { PADDING = 16 }; /* more is lost picture [assumption] */
    static const char before[] = "Corrupt JPEG data: ";
    static const char after[] = " extraneous bytes before marker 0xd9";
    const char *text = tjGetErrorStr2(codec);
    char *end;
    if (tjGetErrorCode(codec) != TJERR_WARNING || strncmp(text, before, sizeof before - 1) != 0)
        return false;
    long count = strtol(text + sizeof before - 1, &end, 10);
    JpegSegment scan = sequential_scan(size, bytes);
    if (scan.at == 0 || count > PADDING || strcmp(end, after) != 0)
        return false;
    for (size_t i = scan.at; i + 1 < size; i++) /* in a scan 0xff stands before markers alone */
        if (bytes[i] == 0xff && (bytes[i + 1] == JPEG_SOS || bytes[i + 1] == JPEG_EOI))
            return bytes[i + 1] == JPEG_EOI;
    return false;
}

bool image_jpeg_pixels(size_t size, const uint8_t bytes[], const JpegHead *head, uint8_t *spare,
                       uint8_t rgb[], Err *err)
{
    /* Warnings are how the library reports cut-off and damaged data; the scan limit stops
     * progressive files that cost minutes. */
    enum { FLAGS = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS };
    bool ok = true;
    const uint8_t *sound = mended(size, bytes, spare);
    tjhandle codec = tjInitDecompress();
    if (codec == NULL)
        return err_set(err, ERR_LIMIT, "no room for the JPEG decoder");
    if (tjDecompress2(codec, sound, (unsigned long)size, rgb, head->width_px, 3 * head->width_px,
                      head->height_px, TJPF_RGB, FLAGS) != 0 &&
        !is_padding(codec, size, sound))
        ok = err_set(err, ERR_INPUT, "the JPEG of %d x %d px is damaged or cut off: %s",
                     head->width_px, head->height_px, tjGetErrorStr2(codec));
    tjDestroy(codec);
    return ok;
}

bool image_decode_jpeg(Arena *arena, Arena *scratch, size_t size, const uint8_t bytes[],
                       Image *image, Err *err)
{
    JpegHead head;
    size_t mark = arena_mark(scratch);
    bool ok =
        image_jpeg_head(size, bytes, &head, err) &&
        image_new(arena, head.width_px, head.height_px, image, err) &&
        image_jpeg_pixels(size, bytes, &head, ARENA_NEW(scratch, uint8_t, size), image->rgb, err);
    arena_rewind(scratch, mark);
    return ok;
}

bool image_encode_jpeg(Arena *arena, const Image *image, int quality, size_t *size, uint8_t **bytes,
                       Err *err)
{
    int sampling = quality >= 90 ? TJSAMP_444 : TJSAMP_420;
    unsigned long used = tjBufSize(image->width_px, image->height_px, sampling);
    uint8_t *made = used == (unsigned long)-1 ? NULL : ARENA_NEW(arena, uint8_t, (size_t)used);
    tjhandle codec = made == NULL ? NULL : tjInitCompress();
    if (codec == NULL)
        return err_set(err, ERR_LIMIT, "no room for a JPEG of %d x %d px", image->width_px,
                       image->height_px);
    bool ok = tjCompress2(codec, image->rgb, image->width_px, 0, image->height_px, TJPF_RGB, &made,
                          &used, sampling, quality, TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT) == 0 ||
              err_set(err, ERR_LIMIT, "cannot write a JPEG of %d x %d px: %s", image->width_px,
                      image->height_px, tjGetErrorStr2(codec));
    tjDestroy(codec);
    *size = (size_t)used;
    *bytes = made;
    return ok;
}
