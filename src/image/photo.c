#include "image/photo.h"

#include "base/jail.h"
#include "image/photo_internal.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { PIXELS_AT = (sizeof(PhotoRaw) + 63) / 64 * 64, MAX_BYTES_PER_PX = 12 };

PhotoLimits photo_limits_default(void)
{
    /* The slowest honest picture, progressive at 64 Mpx, takes about 4 s here. */
    return (PhotoLimits){.max_px = PHOTO_MAX_PX, .seconds = 15.0, .threads = 2};
}

void *photo_pixels(PhotoRaw *raw)
{
    return (uint8_t *)raw + PIXELS_AT;
}

size_t photo_room(int max_px)
{
    return PIXELS_AT + (size_t)max_px * MAX_BYTES_PER_PX;
}

bool photo_check_size(int64_t width_px, int64_t height_px, int max_px, Err *err)
{
    if (width_px >= 1 && height_px >= 1 && width_px <= IMAGE_MAX_SIDE_PX &&
        height_px <= IMAGE_MAX_SIDE_PX && width_px * height_px <= max_px)
        return true;
    return err_set(
        err, ERR_INPUT,
        "a photograph of %lld x %lld px is not within 1..%d px a side and %.3g Mpx: make "
        "it smaller",
        (long long)width_px, (long long)height_px, IMAGE_MAX_SIDE_PX, 1e-6 * max_px);
}

bool photo_read(const PhotoJob *job, PhotoRaw *raw, Err *err)
{
    PhotoExif exif = {0};
    bool ok;
    raw->facts.orientation = 1;
    if (photo_is_jpeg(job->size, job->bytes))
        ok = photo_read_jpeg(job, &exif, raw, err);
    else if (photo_is_png(job->size, job->bytes))
        ok = photo_read_png(job, &exif, raw, err);
    else if (photo_is_heic(job->size, job->bytes))
        ok = photo_read_heic(job, &exif, raw, err);
    else
        return err_set(err, ERR_INPUT, "the file of %zu bytes is no JPEG, PNG or HEIC photograph",
                       job->size);
    raw->facts.stored_width_px = raw->width_px;
    raw->facts.stored_height_px = raw->height_px;
    return ok && photo_color_read(&exif, job->pixels, raw, err);
}

/* ---- the child ---- */

static bool prepare_heic(void *ctx, size_t shared_size, void *shared, Err *err)
{
    (void)ctx, (void)shared_size, (void)shared;
    return photo_load_heic(err);
}

static bool work(void *ctx, size_t shared_size, void *shared, Err *err)
{
    const PhotoJob *job = ctx;
    assert(shared_size >= photo_room(job->pixels ? job->max_px : 0));
    return photo_read(job, shared, err);
}

/* Decoders need room beside the pixels: a progressive JPEG keeps 6 bytes a pixel of coefficients, a
 * HEIC its planes and tiles. */
static JailLimits jail_limits(const PhotoJob *job, double seconds)
{
    enum { BASE_BYTES = 128 << 20, BYTES_PER_PX = 16 };
    bool heic = photo_is_heic(job->size, job->bytes);
    size_t pixels = (size_t)job->max_px * BYTES_PER_PX;
    return (JailLimits){.memory_bytes = BASE_BYTES + pixels, .seconds = seconds, .threads = heic};
}

static bool text_is_plain(size_t size, const char text[])
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\0')
            return true;
        if (text[i] < ' ' || text[i] > '~')
            return false;
    }
    return false;
}

static bool facts_are_sane(const PhotoFacts *f)
{
    return (f->format == PHOTO_JPEG || f->format == PHOTO_PNG || f->format == PHOTO_HEIC) &&
           f->orientation >= 1 && f->orientation <= 8 && isfinite(f->focal_mm) &&
           isfinite(f->focal_35mm) && isfinite(f->digital_zoom) &&
           text_is_plain(sizeof f->camera, f->camera) && text_is_plain(sizeof f->lens, f->lens) &&
           text_is_plain(sizeof f->software, f->software) &&
           text_is_plain(sizeof f->taken, f->taken) && text_is_plain(sizeof f->profile, f->profile);
}

static bool color_is_finite(const PhotoColor *color, int codes)
{
    float sum = 0.0f; /* 0 * x is 0 for finite x alone */
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            sum += 0.0f * color->matrix[i][j];
        for (int code = 0; code < codes; code++)
            sum += 0.0f * color->curve[i][code];
    }
    return sum == 0.0f;
}

/* A decoder that was taken over could leave anything: believe nothing that is used as a size, an
 * index or a string. */
static bool check_raw(const PhotoRaw *raw, const PhotoJob *job, Err *err)
{
    int codes = raw->kind == PHOTO_KIND_8 ? 256 : raw->kind == PHOTO_KIND_16 ? PHOTO_CODES : 0;
    bool sane = raw->kind >= PHOTO_KIND_8 && raw->kind <= PHOTO_KIND_LIGHT &&
                raw->origin >= PHOTO_ORIGIN_NONE && raw->origin <= PHOTO_ORIGIN_OTHER &&
                raw->icc_size <= PHOTO_MAX_ICC && facts_are_sane(&raw->facts);
    if (!photo_check_size(raw->width_px, raw->height_px, job->max_px, err))
        return false;
    if (!sane || (job->pixels && !color_is_finite(&raw->color, codes)))
        return err_set(err, ERR_INPUT,
                       "the photograph's colour profile or metadata make no sense: "
                       "save it as sRGB without them");
    return true;
}

static bool decode_in_jail(const PhotoJob *job, double seconds, size_t room, PhotoRaw *raw,
                           Err *err)
{
    bool heic = photo_is_heic(job->size, job->bytes);
    PhotoJob copy = *job;
    return jail_run("the photograph", jail_limits(job, seconds), heic ? prepare_heic : NULL, work,
                    &copy, room, raw, err) &&
           check_raw(raw, job, err);
}

/* ---- the caller ---- */

static bool copy_icc(Arena *arena, const PhotoRaw *raw, Photo *photo, Err *err)
{
    if (raw->origin == PHOTO_ORIGIN_P3 || raw->origin == PHOTO_ORIGIN_ADOBE)
        return photo_profile(arena,
                             raw->origin == PHOTO_ORIGIN_P3 ? PHOTO_DISPLAY_P3 : PHOTO_ADOBE_RGB,
                             &photo->icc_size, &photo->icc, err);
    if (raw->origin != PHOTO_ORIGIN_ICC || raw->kind == PHOTO_KIND_LIGHT)
        return true; /* tables can often be read only */
    photo->icc = ARENA_NEW(arena, uint8_t, raw->icc_size);
    if (photo->icc == NULL)
        return err_set(err, ERR_LIMIT, "no room for a colour profile of %zu bytes", raw->icc_size);
    memcpy(photo->icc, raw->icc, raw->icc_size);
    photo->icc_size = raw->icc_size;
    return true;
}

/* 12 Mpx of light are 36,000 small pages, whose first touch costs as much as a third of decoding.
 * Where the system gives large ones on demand, ask for them; the bytes are the same. */
static void ask_for_large_pages(const Arena *arena, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    enum { LARGE = 2 << 20 };
    size_t left = arena->limit - arena->used;
    uintptr_t begin = (uintptr_t)arena->base + arena->used;
    uintptr_t end = (begin + (bytes < left ? bytes : left)) / LARGE * LARGE;
    begin = (begin + LARGE - 1) / LARGE * LARGE;
    if (begin < end)
        madvise(arena->base + (begin - (uintptr_t)arena->base), end - begin, MADV_HUGEPAGE);
#else
    (void)arena, (void)bytes;
#endif
}

static bool take(Arena *arena, int threads, PhotoRaw *raw, Photo *photo, Err *err)
{
    PhotoTurn turn = photo_turn(raw->facts.orientation, raw->width_px, raw->height_px);
    size_t count = (size_t)turn.width_px * (size_t)turn.height_px;
    *photo = (Photo){.facts = raw->facts};
    ask_for_large_pages(arena, count * (3 * sizeof(float) + 1));
    if (!image_new_f(arena, turn.width_px, turn.height_px, &photo->light, err))
        return false;
    photo->grey = ARENA_NEW(arena, uint8_t, count);
    if (photo->grey == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for a grey picture of %d x %d px within the memory "
                       "limit",
                       turn.width_px, turn.height_px);
    if (!copy_icc(arena, raw, photo, err))
        return false;
    photo_light(threads, raw, photo);
    return true;
}

bool photo_decode(Arena *arena, PhotoLimits limits, size_t size, const uint8_t bytes[],
                  Photo *photo, Err *err)
{
    assert(limits.max_px >= 1 && limits.max_px <= PHOTO_MAX_PX && limits.threads >= 1);
    PhotoJob job = {.size = size, .bytes = bytes, .max_px = limits.max_px, .pixels = true};
    size_t mark = arena_mark(arena), room = photo_room(limits.max_px);
    void *raw = NULL;
    if (!jail_block_open(room, &raw, err))
        return false;
    bool ok = decode_in_jail(&job, limits.seconds, room, raw, err) &&
              take(arena, limits.threads, raw, photo, err);
    if (!ok)
        arena_rewind(arena, mark);
    jail_block_close(room, raw);
    return ok;
}

bool photo_facts(size_t size, const uint8_t bytes[], PhotoFacts *facts, Err *err)
{
    PhotoLimits limits = photo_limits_default();
    PhotoJob job = {.size = size, .bytes = bytes, .max_px = limits.max_px, .pixels = false};
    void *block = NULL;
    if (!jail_block_open(photo_room(0), &block, err))
        return false;
    const PhotoRaw *raw = block;
    bool ok = decode_in_jail(&job, limits.seconds, photo_room(0), block, err);
    if (ok)
        *facts = raw->facts;
    jail_block_close(photo_room(0), block);
    return ok;
}
