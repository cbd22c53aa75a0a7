#include "image/image_internal.h"

#include <turbojpeg.h>

/* A block of 8 x 8 samples takes at least one bit, so a byte cannot hold more than 512 grey
 * pixels. A header that claims more than that is refused before memory is touched for it. */
enum { PX_PER_BYTE = 512 };

static bool read_header(tjhandle codec, size_t size, const uint8_t bytes[], int *width_px,
                        int *height_px, Err *err)
{
    int subsampling, space;
    if (tjDecompressHeader3(codec, bytes, (unsigned long)size, width_px, height_px, &subsampling,
                            &space) != 0)
        return err_set(err, ERR_INPUT, "the JPEG header is broken: %s", tjGetErrorStr2(codec));
    if (space == TJCS_CMYK || space == TJCS_YCCK)
        return err_set(err, ERR_INPUT, "a CMYK JPEG is not supported: save it as RGB");
    if ((uint64_t)*width_px * (uint64_t)*height_px > (uint64_t)size * PX_PER_BYTE)
        return err_set(err, ERR_INPUT, "the JPEG claims %d x %d px but has only %zu bytes",
                       *width_px, *height_px, size);
    return true;
}

bool image_decode_jpeg(Arena *arena, size_t size, const uint8_t bytes[], Image *image, Err *err)
{
    /* Warnings are how the library reports cut-off and damaged data; the scan limit stops
     * progressive files that cost minutes. */
    enum { FLAGS = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS };
    bool ok = false;
    int width_px, height_px;
    tjhandle codec = tjInitDecompress();
    if (codec == NULL)
        return err_set(err, ERR_LIMIT, "no room for the JPEG decoder");
    if (!read_header(codec, size, bytes, &width_px, &height_px, err) ||
        !image_new(arena, width_px, height_px, image, err))
        goto out;
    if (tjDecompress2(codec, bytes, (unsigned long)size, image->rgb, width_px, 3 * width_px,
                      height_px, TJPF_RGB, FLAGS) != 0) {
        err_set(err, ERR_INPUT, "the JPEG of %d x %d px is damaged: %s", width_px, height_px,
                tjGetErrorStr2(codec));
        goto out;
    }
    ok = true;
out:
    tjDestroy(codec);
    return ok;
}
