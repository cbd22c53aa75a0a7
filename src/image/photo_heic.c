#include "image/photo_internal.h"

#include <dlfcn.h>
#include <string.h>

/* The few declarations of libheif 1.x that are needed, after its public header (LGPL-3, Struktur
 * AG); enums are ints in its interface. The library is loaded when a HEIC comes, never linked. */
typedef struct HeifError {
    int code, subcode;
    const char *message;
} HeifError;

typedef struct HeifNclx {
    uint8_t version;
    int primaries, transfer, matrix;
} HeifNclx; /* as it begins; read only */

typedef struct HeifContext HeifContext;
typedef struct HeifHandle HeifHandle;
typedef struct HeifImage HeifImage;

enum { COLORSPACE_RGB = 1, INTERLEAVED_RGB = 10, INTERLEAVED_RGB16_LE = 14, CHANNEL_ALL = 10 };
enum { P3_PRIMARIES = 12, BT2020_PRIMARIES = 9, LINEAR = 8, PQ = 16, HLG = 18 }; /* ITU-T H.273 */

typedef struct Heif {
    void *library;
    HeifContext *(*context_alloc)(void);
    void (*context_free)(HeifContext *);
    HeifError (*read)(HeifContext *, const void *, size_t, const void *);
    void (*set_threads)(HeifContext *, int);
    HeifError (*primary)(HeifContext *, HeifHandle **);
    void (*handle_release)(const HeifHandle *);
    int (*width)(const HeifHandle *);
    int (*height)(const HeifHandle *);
    int (*bits)(const HeifHandle *);
    int (*profile_type)(const HeifHandle *);
    size_t (*profile_size)(const HeifHandle *);
    HeifError (*profile)(const HeifHandle *, void *);
    HeifError (*nclx)(const HeifHandle *, HeifNclx **);
    void (*nclx_free)(HeifNclx *);
    int (*metadata_list)(const HeifHandle *, const char *, uint32_t *, int);
    size_t (*metadata_size)(const HeifHandle *, uint32_t);
    HeifError (*metadata)(const HeifHandle *, uint32_t, void *);
    HeifError (*decode)(const HeifHandle *, HeifImage **, int, int, const void *);
    int (*image_width)(const HeifImage *, int);
    int (*image_height)(const HeifImage *, int);
    const uint8_t *(*plane)(const HeifImage *, int, int *);
    void (*image_release)(const HeifImage *);
} Heif;

static const char missing[] =
    "a HEIC photograph needs libheif 1.x, which is not on this system: save it as JPEG (in the "
    "phone's camera settings choose 'Most Compatible')";

/* ISO 14496-12: a size, "ftyp" and the brand; the brands of HEIF with HEVC, ISO 23008-12. */
bool photo_is_heic(size_t size, const uint8_t bytes[])
{
    static const char brands[][5] = {"heic", "heix", "heim", "heis",
                                     "hevc", "hevx", "mif1", "msf1"};
    if (size < 12 || memcmp(bytes + 4, "ftyp", 4) != 0)
        return false;
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
        if (memcmp(bytes + 8, brands[i], 4) == 0)
            return true;
    return false;
}

/* A pointer to a function in a pointer to data: what POSIX promises and C does not. */
static bool find(const Heif *heif, const char *name, void *function)
{
    void *symbol = dlsym(heif->library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static bool bind_library(Heif *heif)
{
    heif->library = dlopen("libheif.so.1", RTLD_NOW | RTLD_LOCAL);
    return heif->library != NULL && find(heif, "heif_context_alloc", &heif->context_alloc) &&
           find(heif, "heif_context_free", &heif->context_free) &&
           find(heif, "heif_context_read_from_memory_without_copy", &heif->read) &&
           find(heif, "heif_context_set_max_decoding_threads", &heif->set_threads) &&
           find(heif, "heif_context_get_primary_image_handle", &heif->primary) &&
           find(heif, "heif_image_handle_release", &heif->handle_release) &&
           find(heif, "heif_image_handle_get_width", &heif->width) &&
           find(heif, "heif_image_handle_get_height", &heif->height) &&
           find(heif, "heif_image_handle_get_luma_bits_per_pixel", &heif->bits) &&
           find(heif, "heif_image_handle_get_color_profile_type", &heif->profile_type) &&
           find(heif, "heif_image_handle_get_raw_color_profile_size", &heif->profile_size) &&
           find(heif, "heif_image_handle_get_raw_color_profile", &heif->profile) &&
           find(heif, "heif_image_handle_get_nclx_color_profile", &heif->nclx) &&
           find(heif, "heif_nclx_color_profile_free", &heif->nclx_free) &&
           find(heif, "heif_image_handle_get_list_of_metadata_block_IDs", &heif->metadata_list) &&
           find(heif, "heif_image_handle_get_metadata_size", &heif->metadata_size) &&
           find(heif, "heif_image_handle_get_metadata", &heif->metadata) &&
           find(heif, "heif_decode_image", &heif->decode) &&
           find(heif, "heif_image_get_width", &heif->image_width) &&
           find(heif, "heif_image_get_height", &heif->image_height) &&
           find(heif, "heif_image_get_plane_readonly", &heif->plane) &&
           find(heif, "heif_image_release", &heif->image_release);
}

bool photo_load_heic(Err *err)
{
    /* Since 1.13 decoders may be files of their own, which this call loads. */
    HeifError (*init)(const void *);
    Heif heif = {0};
    if (!bind_library(&heif))
        return err_set(err, ERR_INPUT, "%s", missing);
    if (find(&heif, "heif_init", &init))
        init(NULL);
    return true;
}

static bool heif_error(HeifError why, Err *err)
{
    return err_set(err, ERR_INPUT, "the HEIC is damaged or not supported: %.200s",
                   why.message != NULL ? why.message : "no reason given");
}

static void read_exif(const Heif *heif, const HeifHandle *handle, PhotoExif *exif, PhotoRaw *raw)
{
    uint32_t id, skip;
    if (heif->metadata_list(handle, "Exif", &id, 1) < 1)
        return;
    /* raw->icc is free at this moment, and larger than any directory we want. */
    uint8_t *words = raw->icc;
    size_t size = heif->metadata_size(handle, id);
    if (size < 8 || size > PHOTO_MAX_ICC || heif->metadata(handle, id, words).code != 0)
        return;
    skip = (uint32_t)words[0] << 24 | (uint32_t)words[1] << 16 | (uint32_t)words[2] << 8 | words[3];
    if (skip <= size - 4) /* ISO 23008-12, A.2.1: the offset of the TIFF header */
        photo_exif_read(size - 4 - skip, words + 4 + skip, &raw->facts, exif);
    memset(words, 0, size);
}

static bool read_nclx(const Heif *heif, const HeifHandle *handle, PhotoRaw *raw, Err *err)
{
    HeifNclx *nclx = NULL;
    if (heif->nclx(handle, &nclx).code != 0 || nclx == NULL)
        return true;
    int primaries = nclx->primaries, transfer = nclx->transfer;
    heif->nclx_free(nclx);
    if (transfer == PQ || transfer == HLG || transfer == LINEAR || primaries == BT2020_PRIMARIES)
        return err_set(err, ERR_INPUT,
                       "a high dynamic range HEIC (primaries %d, transfer %d) is not supported: "
                       "save it as JPEG",
                       primaries, transfer);
    if (primaries == P3_PRIMARIES)
        raw->origin = PHOTO_ORIGIN_P3;
    return true; /* the video curves mean the same screen as sRGB's [assumption] */
}

static bool read_profile(const Heif *heif, const HeifHandle *handle, PhotoRaw *raw, Err *err)
{
    static const int nclx = 'n' << 24 | 'c' << 16 | 'l' << 8 | 'x';
    int type = heif->profile_type(handle);
    if (type == 0)
        return true;
    if (type == nclx)
        return read_nclx(heif, handle, raw, err);
    size_t size = heif->profile_size(handle);
    if (size > PHOTO_MAX_ICC)
        return err_set(err, ERR_INPUT,
                       "the HEIC's colour profile of %zu bytes is larger than %d MB: save it as "
                       "sRGB",
                       size, PHOTO_MAX_ICC >> 20);
    HeifError why = heif->profile(handle, raw->icc);
    raw->icc_size = size;
    return why.code == 0 || heif_error(why, err);
}

static bool take_pixels(const Heif *heif, const HeifImage *image, PhotoRaw *raw, Err *err)
{
    int stride = 0;
    const uint8_t *plane = heif->plane(image, CHANNEL_ALL, &stride);
    if (plane == NULL || heif->image_width(image, CHANNEL_ALL) != raw->width_px ||
        heif->image_height(image, CHANNEL_ALL) != raw->height_px)
        return err_set(err, ERR_INPUT, "the HEIC is not of the %d x %d px it claims", raw->width_px,
                       raw->height_px);
    size_t width = (size_t)raw->width_px;
    uint8_t *pixels = photo_pixels(raw);
    int shift = 16 - raw->facts.bits;
    for (size_t y = 0; y < (size_t)raw->height_px; y++) {
        const uint8_t *row = plane + (ptrdiff_t)y * stride;
        if (raw->kind == PHOTO_KIND_8) {
            memcpy(pixels + y * width * 3, row, width * 3);
            continue;
        }
        uint16_t *to = (uint16_t *)(void *)pixels + y * width * 4;
        for (size_t i = 0; i < 3 * width; i++) { /* 10 bits become 16: full scale to full scale */
            uint32_t code = (uint32_t)row[2 * i] | (uint32_t)row[2 * i + 1] << 8;
            uint32_t wide = code << shift | code >> (raw->facts.bits - shift);
            to[i / 3 * 4 + i % 3] = (uint16_t)(wide < 65535 ? wide : 65535);
        }
    }
    return true;
}

static bool decode(const Heif *heif, const HeifHandle *handle, PhotoRaw *raw, Err *err)
{
    HeifImage *image = NULL;
    HeifError why =
        heif->decode(handle, &image, COLORSPACE_RGB,
                     raw->kind == PHOTO_KIND_8 ? INTERLEAVED_RGB : INTERLEAVED_RGB16_LE, NULL);
    if (why.code != 0 || image == NULL)
        return heif_error(why, err);
    bool ok = take_pixels(heif, image, raw, err);
    heif->image_release(image);
    return ok;
}

static bool read_handle(const Heif *heif, const HeifHandle *handle, const PhotoJob *job,
                        PhotoExif *exif, PhotoRaw *raw, Err *err)
{
    raw->width_px = heif->width(handle);
    raw->height_px = heif->height(handle);
    raw->facts.format = PHOTO_HEIC;
    raw->facts.bits = heif->bits(handle);
    if (!photo_check_size(raw->width_px, raw->height_px, job->max_px, err))
        return false;
    if (raw->facts.bits < 8 || raw->facts.bits > 16)
        return err_set(err, ERR_INPUT, "a HEIC of %d bits is not supported: save it as JPEG",
                       raw->facts.bits);
    raw->kind = raw->facts.bits == 8 ? PHOTO_KIND_8 : PHOTO_KIND_16;
    read_exif(heif, handle, exif, raw);
    raw->facts.orientation = 1; /* the file's own turn counts, and the library has applied it */
    return read_profile(heif, handle, raw, err) && (!job->pixels || decode(heif, handle, raw, err));
}

bool photo_read_heic(const PhotoJob *job, PhotoExif *exif, PhotoRaw *raw, Err *err)
{
    Heif heif = {0};
    HeifHandle *handle = NULL;
    if (!bind_library(&heif))
        return err_set(err, ERR_INPUT, "%s", missing);
    HeifContext *context = heif.context_alloc();
    if (context == NULL)
        return err_set(err, ERR_LIMIT, "no room for the HEIC decoder");
    heif.set_threads(context, 0);
    HeifError why = heif.read(context, job->bytes, job->size, NULL);
    if (why.code == 0)
        why = heif.primary(context, &handle);
    bool ok =
        why.code == 0 ? read_handle(&heif, handle, job, exif, raw, err) : heif_error(why, err);
    if (handle != NULL)
        heif.handle_release(handle);
    heif.context_free(context);
    return ok;
}
