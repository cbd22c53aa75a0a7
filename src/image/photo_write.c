#include "image/photo_internal.h"

#include "base/jail.h"
#include "base/parallel.h"

#include <assert.h>
#include <math.h>
#include <spng.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

enum { TILE = 32, BAND_ROWS = 32, RUN_PX = 256, ROOTS = 4096 };

PhotoExport photo_export_default(void)
{
    return (PhotoExport){.quality = 95, .orientation = 1, .threads = 2};
}

/* ---- from light to codes ---- */

/* Where the search for a code begins: start[i] halves lie below ((i - SLACK) / ROOTS)^2, so the
 * rounding of a root never makes it begin too high. */
typedef struct Codes {
    PhotoInverse inverse;
    float half[3][256]; /* the last is never reached */
    uint8_t start[3][ROOTS + 1];
    const ImageF *light;
    PhotoTurn turn; /* the stored picture's pixels within the upright one */
    uint8_t *rgb;
} Codes;

static void fill_starts(Codes *codes)
{
    const float slack = 0.01f; /* a root is right to 1e-3 of a step */
    for (int channel = 0; channel < 3; channel++) {
        int code = 0;
        memcpy(codes->half[channel], codes->inverse.half[channel], 255 * sizeof(float));
        codes->half[channel][255] = INFINITY;
        for (int i = 0; i <= ROOTS; i++) {
            float root = i > 0 ? ((float)i - slack) / ROOTS : 0.0f;
            while (code < 255 && root * root > codes->half[channel][code])
                code++;
            codes->start[channel][i] = (uint8_t)code;
        }
    }
}

/* n values of one channel, n <= RUN_PX, within [0, 1] (what is no number becomes 0), and the places
 * in `start` where they begin. */
static void roots_run(int n, ptrdiff_t right, const float *light, const float row[3],
                      float value[restrict RUN_PX], int root[restrict RUN_PX])
{
    for (int i = 0; i < n; i++) {
        const float *c = light + 3 * right * i;
        float v = row[0] * c[0] + row[1] * c[1] + row[2] * c[2];
        v = v > 0.0f ? v : 0.0f;
        v = v < 1.0f ? v : 1.0f;
        value[i] = v;
        root[i] = (int)(ROOTS * sqrtf(v));
    }
}

/* The nearest codes. */
static void code_run(const Codes *codes, int n, ptrdiff_t right, const float *light, uint8_t rgb[])
{
    float value[RUN_PX];
    int root[RUN_PX];
    for (int k = 0; k < 3; k++) {
        const float *half = codes->half[k];
        const uint8_t *start = codes->start[k];
        roots_run(n, right, light, codes->inverse.matrix[k], value, root);
        for (int i = 0; i < n; i++) {
            int code = start[root[i]];
            while (value[i] >= half[code])
                code++;
            rgb[3 * i + k] = (uint8_t)code;
        }
    }
}

static void code_rows(void *ctx, int block, int begin, int end)
{
    const Codes *codes = ctx;
    const PhotoTurn *turn = &codes->turn;
    int width = turn->width_px;
    int tile = turn->right == 1 || turn->right == -1 ? RUN_PX : TILE;
    (void)block;
    for (int x = 0; x < width; x += tile) /* columns of the light stay in the cache */
        for (int y = begin; y < end; y++)
            code_run(codes, x + tile < width ? tile : width - x, turn->right,
                     codes->light->rgb + 3 * (turn->start + x * turn->right + y * turn->down),
                     codes->rgb + 3 * ((size_t)y * (size_t)width + (size_t)x));
}

/* The profile may come from a file that somebody sent: it is read in a child. */
typedef struct Profile {
    size_t size;
    const uint8_t *icc;
} Profile;

typedef struct Answer {
    PhotoInverse inverse;
    PhotoColor color;
} Answer;

static bool read_profile(void *ctx, size_t shared_size, void *shared, Err *err)
{
    const Profile *profile = ctx;
    Answer *answer = shared;
    (void)shared_size;
    return photo_color_inverse(profile->size, profile->icc, &answer->color, &answer->inverse, err);
}

static bool inverse_of_profile(const PhotoExport *export, PhotoInverse *inverse, Err *err)
{
    enum { MEMORY_BYTES = 64 << 20 };
    Profile profile = {export->icc_size, export->icc};
    void *shared = NULL;
    if (!jail_block_open(sizeof(Answer), &shared, err))
        return false;
    bool ok = jail_run("the colour profile", (JailLimits){MEMORY_BYTES, 2.0, false}, NULL,
                       read_profile, &profile, sizeof(Answer), shared, err);
    if (ok)
        *inverse = ((const Answer *)shared)->inverse;
    jail_block_close(sizeof(Answer), shared);
    return ok;
}

static void inverse_of_srgb(PhotoInverse *inverse)
{
    *inverse = (PhotoInverse){.matrix = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (int channel = 0; channel < 3; channel++)
        for (int i = 0; i < 255; i++)
            inverse->half[channel][i] = color_srgb_decode(((float)i + 0.5f) / 255.0f);
}

/* ---- files ---- */

typedef struct Extras { /* what stands beside the pixels; sizes of 0: nothing */
    size_t exif_size, icc_size;
    uint8_t exif[PHOTO_EXIF_MAX];
    const uint8_t *icc;
} Extras;

static uint8_t *put_segment(uint8_t *at, int marker, size_t size)
{
    at[0] = 0xff;
    at[1] = (uint8_t)marker;
    at[2] = (uint8_t)((size + 2) >> 8);
    at[3] = (uint8_t)(size + 2);
    return at + 4;
}

enum { ICC_PART = 65519, ICC_HEAD = 14, EXIF_HEAD = 6, SEGMENT_HEAD = 4 };

static size_t segments_size(const Extras *extras)
{
    size_t parts = (extras->icc_size + ICC_PART - 1) / ICC_PART;
    return extras->icc_size + parts * (ICC_HEAD + SEGMENT_HEAD) +
           (extras->exif_size > 0 ? extras->exif_size + EXIF_HEAD + SEGMENT_HEAD : 0);
}

static uint8_t *put_segments(uint8_t *at, const Extras *extras)
{
    size_t parts = (extras->icc_size + ICC_PART - 1) / ICC_PART;
    if (extras->exif_size > 0) {
        at = put_segment(at, 0xe1, EXIF_HEAD + extras->exif_size);
        memcpy(at, "Exif\0", EXIF_HEAD);
        memcpy(at + EXIF_HEAD, extras->exif, extras->exif_size);
        at += EXIF_HEAD + extras->exif_size;
    }
    for (size_t i = 0; i < parts; i++) {
        size_t begin = i * ICC_PART, left = extras->icc_size - begin;
        size_t size = left < ICC_PART ? left : ICC_PART;
        at = put_segment(at, 0xe2, ICC_HEAD + size);
        memcpy(at, "ICC_PROFILE", 12);
        at[12] = (uint8_t)(i + 1);
        at[13] = (uint8_t)parts;
        memcpy(at + ICC_HEAD, extras->icc + begin, size);
        at += ICC_HEAD + size;
    }
    return at;
}

static bool no_room(size_t size, Err *err)
{
    return err_set(err, ERR_LIMIT, "no room for a photograph of %zu bytes within the memory limit",
                   size);
}

/* The library's file with our segments behind its first one (JFIF). */
static bool write_jpeg(Arena *arena, const Image *image, int quality, const Extras *extras,
                       size_t *size, uint8_t **bytes, Err *err)
{
    enum { JFIF_END = 20 }; /* SOI, and APP0 of 18 bytes */
    unsigned char *made = NULL;
    unsigned long made_size = 0;
    bool ok = false;
    tjhandle codec = tjInitCompress();
    if (codec == NULL)
        return err_set(err, ERR_LIMIT, "no room for the JPEG encoder");
    if (tjCompress2(codec, image->rgb, image->width_px, 0, image->height_px, TJPF_RGB, &made,
                    &made_size, quality >= 90 ? TJSAMP_444 : TJSAMP_420, quality, 0) != 0 ||
        made_size < JFIF_END) {
        err_set(err, ERR_LIMIT, "cannot write a JPEG of %d x %d px: %s", image->width_px,
                image->height_px, tjGetErrorStr2(codec));
        goto out;
    }
    *size = made_size + segments_size(extras);
    *bytes = ARENA_NEW(arena, uint8_t, *size);
    if (*bytes == NULL) {
        no_room(*size, err);
        goto out;
    }
    memcpy(*bytes, made, JFIF_END);
    uint8_t *at = put_segments(*bytes + JFIF_END, extras);
    memcpy(at, made + JFIF_END, made_size - JFIF_END);
    ok = true;
out:
    tjFree(made);
    tjDestroy(codec);
    return ok;
}

static int encode_png(spng_ctx *codec, const Image *image, const Extras *extras)
{
    struct spng_ihdr head = {.width = (uint32_t)image->width_px,
                             .height = (uint32_t)image->height_px,
                             .bit_depth = 8,
                             .color_type = SPNG_COLOR_TYPE_TRUECOLOR};
    char name[] = "ICC profile", *exif = (char *)(uintptr_t)extras->exif;
    struct spng_iccp icc = {.profile_len = extras->icc_size,
                            .profile = (char *)(uintptr_t)extras->icc};
    memcpy(icc.profile_name, name, sizeof name);
    /* Measured on 12 Mpx with the grain of a phone (photo_bench.c): the pixel before at level 1 is
     * faster and smaller than the run lengths that suit a render (image_png.c), 14 against 19 MB.
     */
    int code = spng_set_option(codec, SPNG_ENCODE_TO_BUFFER, 1);
    if (code == 0)
        code = spng_set_option(codec, SPNG_IMG_COMPRESSION_LEVEL, 1);
    if (code == 0)
        code = spng_set_option(codec, SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_SUB);
    if (code == 0)
        code = spng_set_ihdr(codec, &head);
    if (code == 0)
        code = extras->icc_size > 0 ? spng_set_iccp(codec, &icc) : spng_set_srgb(codec, 0);
    if (code == 0 && extras->exif_size > 0)
        code = spng_set_exif(codec, &(struct spng_exif){extras->exif_size, exif});
    return code != 0 ? code
                     : spng_encode_image(codec, image->rgb,
                                         3 * (size_t)image->width_px * (size_t)image->height_px,
                                         SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
}

static bool write_png(Arena *arena, const Image *image, const Extras *extras, size_t *size,
                      uint8_t **bytes, Err *err)
{
    spng_ctx *codec = spng_ctx_new(SPNG_CTX_ENCODER);
    if (codec == NULL)
        return err_set(err, ERR_LIMIT, "no room for the PNG encoder");
    bool ok = false;
    void *made = NULL;
    int code = encode_png(codec, image, extras);
    if (code == 0)
        made = spng_get_png_buffer(codec, size, &code);
    if (made == NULL) {
        err_set(err, ERR_LIMIT, "cannot write a PNG of %d x %d px: %s", image->width_px,
                image->height_px, spng_strerror(code));
        goto out;
    }
    *bytes = ARENA_NEW(arena, uint8_t, *size);
    if (*bytes == NULL) {
        no_room(*size, err);
        goto out;
    }
    memcpy(*bytes, made, *size);
    ok = true;
out:
    free(made);
    spng_ctx_free(codec);
    return ok;
}

/* A picture that is shown upright by turning it as `orientation` says is stored turned back. */
static int turned_back(int orientation)
{
    return orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
}

static bool fill_codes(Arena *scratch, const ImageF *light, const PhotoExport *export, Image *image,
                       Err *err)
{
    Codes *codes = ARENA_NEW(scratch, Codes, 1);
    if (codes == NULL)
        return no_room(sizeof *codes, err);
    codes->light = light;
    codes->turn = photo_turn(turned_back(export->orientation), light->width_px, light->height_px);
    if (!image_new(scratch, codes->turn.width_px, codes->turn.height_px, image, err))
        return false;
    codes->rgb = image->rgb;
    if (export->icc_size == 0)
        inverse_of_srgb(&codes->inverse);
    else if (!inverse_of_profile(export, &codes->inverse, err))
        return false;
    fill_starts(codes);
    parallel_for(export->threads, image->height_px, BAND_ROWS, code_rows, codes);
    return true;
}

bool photo_encode(Arena *arena, Arena *scratch, const ImageF *light, const PhotoExport *export,
                  size_t *size, uint8_t **bytes, Err *err)
{
    assert(export->quality >= 1 && export->quality <= 100 && export->threads >= 1 &&
           export->orientation >= 1 && export->orientation <= 8);
    size_t mark = arena_mark(scratch);
    Extras extras = {.icc_size = export->icc_size, .icc = export->icc};
    Image image;
    bool ok = export->icc_size <= PHOTO_MAX_ICC ||
              err_set(err, ERR_INPUT, "a colour profile of %zu bytes is larger than %d MB",
                      export->icc_size, PHOTO_MAX_ICC >> 20);
    ok = ok && fill_codes(scratch, light, export, &image, err);
    if (ok && (export->facts != NULL || export->orientation != 1))
        extras.exif_size =
            photo_exif_write(export->facts, export->orientation, export->icc_size == 0,
                             image.width_px, image.height_px, extras.exif);
    if (ok)
        ok = export->png ? write_png(arena, &image, &extras, size, bytes, err)
                         : write_jpeg(arena, &image, export->quality, &extras, size, bytes, err);
    if (scratch != arena)
        arena_rewind(scratch, mark);
    return ok;
}
