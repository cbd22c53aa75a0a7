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

/* Some cameras leave a few bytes between the picture and its end marker. In a file of one
 * sequential scan every row is decoded by then; in any other the rest of a scan could be meant. */
static bool is_padding(tjhandle codec, size_t size, const uint8_t bytes[])
{
    enum { PADDING = 16, SOF0 = 0xc0, SOF1 = 0xc1, SOS = 0xda };
    static const char before[] = "Corrupt JPEG data: ",
                      after[] = " extraneous bytes before marker 0xd9";
    const char *text = tjGetErrorStr2(codec);
    char *end;
    if (tjGetErrorCode(codec) != TJERR_WARNING || strncmp(text, before, sizeof before - 1) != 0)
        return false;
    long count = strtol(text + sizeof before - 1, &end, 10);
    int scans = 0;
    bool sequential = false;
    for (size_t i = 0; i + 1 < size; i++) {
        scans += bytes[i] == 0xff && bytes[i + 1] == SOS;
        sequential |= bytes[i] == 0xff && (bytes[i + 1] == SOF0 || bytes[i + 1] == SOF1);
    }
    return count <= PADDING && strcmp(end, after) == 0 && sequential && scans == 1;
}

bool image_jpeg_pixels(size_t size, const uint8_t bytes[], const JpegHead *head, uint8_t rgb[],
                       Err *err)
{
    /* Warnings are how the library reports cut-off and damaged data; the scan limit stops
     * progressive files that cost minutes. */
    enum { FLAGS = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS };
    bool ok = true;
    tjhandle codec = tjInitDecompress();
    if (codec == NULL)
        return err_set(err, ERR_LIMIT, "no room for the JPEG decoder");
    if (tjDecompress2(codec, bytes, (unsigned long)size, rgb, head->width_px, 3 * head->width_px,
                      head->height_px, TJPF_RGB, FLAGS) != 0 &&
        !is_padding(codec, size, bytes))
        ok = err_set(err, ERR_INPUT, "the JPEG of %d x %d px is damaged or cut off: %s",
                     head->width_px, head->height_px, tjGetErrorStr2(codec));
    tjDestroy(codec);
    return ok;
}

bool image_decode_jpeg(Arena *arena, size_t size, const uint8_t bytes[], Image *image, Err *err)
{
    JpegHead head;
    return image_jpeg_head(size, bytes, &head, err) &&
           image_new(arena, head.width_px, head.height_px, image, err) &&
           image_jpeg_pixels(size, bytes, &head, image->rgb, err);
}
