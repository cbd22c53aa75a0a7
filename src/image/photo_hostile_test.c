/* Files that are cut off, damaged, or made to do harm. */
#include "image/photo_testing.h"

#include "base/rng.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Decodes in this process, where a sanitizer sees what it does; the block is made once. */
typedef struct Cell {
    PhotoRaw *raw;
    size_t room;
    int max_px;
} Cell;

static bool cell_open(Desk *desk, int max_px, Cell *cell)
{
    cell->max_px = max_px;
    cell->room = photo_room(max_px);
    cell->raw = (PhotoRaw *)(void *)ARENA_NEW(&desk->arena, uint8_t, cell->room);
    return cell->raw != NULL;
}

static bool try_read(Cell *cell, size_t size, const uint8_t bytes[], Err *err)
{
    PhotoJob job = {.size = size, .bytes = bytes, .max_px = cell->max_px, .pixels = true};
    *err = (Err){0};
    cell->raw->icc_size = 0;
    cell->raw->origin = PHOTO_ORIGIN_NONE;
    cell->raw->facts = (PhotoFacts){0};
    return photo_read(&job, cell->raw, err);
}

static bool is_sentence(const Err *err)
{
    size_t length = strnlen(err->text, sizeof err->text);
    return err->code != ERR_NONE && length > 10 && length < sizeof err->text - 1 &&
           strchr(err->text, '\n') == NULL;
}

enum { SIDE_PX = 40 };

/* One file of each kind, all with EXIF and a profile where they can. */
static int kinds(Desk *desk, Bytes file[5])
{
    ImageF light;
    uint8_t rgb[3 * SIDE_PX * SIDE_PX], *icc;
    uint16_t deep[3 * SIDE_PX * SIDE_PX];
    Rng rng = rng_make(7, 0);
    PhotoFacts facts = {.focal_mm = 5.0, .camera = "a camera"};
    PhotoExport export = photo_export_default();
    export.facts = &facts;
    for (int i = 0; i < 3 * SIDE_PX * SIDE_PX; i++) {
        rgb[i] = (uint8_t)(100 + i % 50 + rng_below(&rng, 9));
        deep[i] = (uint16_t)(rgb[i] << 8 | rng_below(&rng, 256));
    }
    if (!paint(desk, SIDE_PX, SIDE_PX, &light) ||
        !photo_profile(&desk->arena, PHOTO_ADOBE_RGB, &export.icc_size, &icc, &desk->err))
        abort();
    export.icc = icc;
    bool ok = encode(desk, &light, &export, &file[0]);
    export.png = true;
    if (!ok || !encode(desk, &light, &export, &file[1]))
        abort();
    file[2] = tj_file(desk, SIDE_PX, SIDE_PX, rgb, TJPF_RGB, TJSAMP_420, 80, TJFLAG_PROGRESSIVE);
    file[3] = png_file(desk, SIDE_PX, SIDE_PX, SPNG_COLOR_TYPE_TRUECOLOR, 16, sizeof deep, deep,
                       (Bytes){export.icc_size, icc});
    file[4] = tj_file(desk, SIDE_PX, SIDE_PX, rgb, TJPF_RGB, TJSAMP_GRAY, 50, 0);
    return 5;
}

TEST(every_truncation_is_refused_with_a_sentence)
{
    Desk desk;
    Cell cell = {0};
    Bytes file[5];
    Photo photo;
    REQUIRE(desk_open(&desk) && cell_open(&desk, SIDE_PX * SIDE_PX, &cell));
    int count = kinds(&desk, file);
    for (int f = 0; f < count; f++) {
        CHECK(try_read(&cell, file[f].size, file[f].data, &desk.err));
        for (size_t size = 0; size < file[f].size; size++) {
            uint8_t *exact = malloc(size + 1);
            REQUIRE(exact != NULL);
            memcpy(exact, file[f].data, size);
            bool ok = try_read(&cell, size, exact, &desk.err);
            if (!CHECK(!ok && is_sentence(&desk.err)))
                printf("# file %d cut at %zu of %zu: %s\n", f, size, file[f].size, desk.err.text);
            free(exact);
        }
        for (size_t cut = 1; cut < file[f].size; cut += 1 + file[f].size / 7) /* in the child */
            CHECK(!decode(&desk, (Bytes){file[f].size - cut, file[f].data}, &photo) &&
                  is_sentence(&desk.err));
    }
    desk_close(&desk);
}

TEST(random_damage_gives_a_picture_or_a_sentence)
{
    Desk desk;
    Cell cell = {0};
    Bytes file[5];
    int read = 0, not_read = 0;
    REQUIRE(desk_open(&desk) && cell_open(&desk, SIDE_PX * SIDE_PX, &cell));
    int count = kinds(&desk, file);
    for (int round = 0; round < 5000; round++) {
        Rng rng = rng_make(11, (uint64_t)round);
        Bytes from = file[round % count];
        uint8_t *bytes = malloc(from.size);
        REQUIRE(bytes != NULL);
        memcpy(bytes, from.data, from.size);
        for (int hits = 1 + rng_below(&rng, 4); hits > 0; hits--) {
            int where = rng_below(&rng, rng_below(&rng, 2) ? (int)from.size : 700);
            bytes[where % (int)from.size] = (uint8_t)rng_below(&rng, 256);
        }
        bool ok = try_read(&cell, from.size, bytes, &desk.err);
        CHECK(ok || is_sentence(&desk.err));
        read += ok;
        not_read += !ok;
        free(bytes);
    }
    CHECK(read > 100 && not_read > 100); /* both happen, or nothing was tried */
    desk_close(&desk);
}

TEST(random_bytes_are_no_photograph)
{
    static const char *const begins[] = {"", "\xff\xd8\xff", "\x89PNG\r\n\x1a\n"};
    Desk desk;
    REQUIRE(desk_open(&desk));
    for (int round = 0; round < 60; round++) {
        Rng rng = rng_make(13, (uint64_t)round);
        uint8_t bytes[500];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)rng_below(&rng, 256);
        const char *begin = begins[round % 3];
        memcpy(bytes, begin, strlen(begin));
        Photo photo;
        Bytes file = {(size_t)rng_below(&rng, (int)sizeof bytes + 1), bytes};
        CHECK(!decode(&desk, file, &photo));
        CHECK(desk.err.code == ERR_INPUT && is_sentence(&desk.err));
    }
    desk_close(&desk);
}

static void put32(uint8_t at[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * (3 - i));
}

static uint32_t crc(size_t size, const uint8_t bytes[])
{
    uint32_t c = 0xffffffffu;
    for (size_t i = 0; i < size; i++) {
        c ^= bytes[i];
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0u);
    }
    return ~c;
}

/* Sets the size in the header of a PNG, with its checksum. */
static void claim_png(Bytes png, uint32_t width_px, uint32_t height_px)
{
    put32(png.data + 16, width_px);
    put32(png.data + 20, height_px);
    put32(png.data + 29, crc(17, png.data + 12));
}

static void claim_jpeg(Bytes jpeg, int width_px, int height_px)
{
    for (size_t i = 2; i + 9 < jpeg.size; i++)
        if (jpeg.data[i] == 0xff && (jpeg.data[i + 1] == 0xc0 || jpeg.data[i + 1] == 0xc2)) {
            jpeg.data[i + 5] = (uint8_t)(height_px >> 8);
            jpeg.data[i + 6] = (uint8_t)height_px;
            jpeg.data[i + 7] = (uint8_t)(width_px >> 8);
            jpeg.data[i + 8] = (uint8_t)width_px;
            return;
        }
}

/* Peak memory of the largest child so far. */
static long peak_kB(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return usage.ru_maxrss;
}

TEST(a_size_that_cannot_be_is_refused_before_memory_is_taken)
{
    enum { LESS_THAN_A_PICTURE_kB = 40000 }; /* 8000 x 8000 px take 192 MB */
    Desk desk;
    Bytes file[5];
    REQUIRE(desk_open(&desk));
    int count = kinds(&desk, file);
    long before_kB = peak_kB();
    for (int f = 0; f < count; f++) {
        bool png = photo_is_png(file[f].size, file[f].data);
        png ? claim_png(file[f], 60000, 60000) : claim_jpeg(file[f], 65500, 65500);
        CHECK(refused(&desk, file[f], png ? "60000 x 60000 px" : "65500 x 65500 px"));
        png ? claim_png(file[f], 8000, 8000) : claim_jpeg(file[f], 8000, 8000);
        CHECK(refused(&desk, file[f], "claims 8000 x 8000 px"));
    }
    CHECK(peak_kB() - before_kB < LESS_THAN_A_PICTURE_kB);
    desk_close(&desk);
}

TEST(more_pixels_than_the_caller_wants_are_refused)
{
    Desk desk;
    Bytes file[5];
    Photo photo;
    REQUIRE(desk_open(&desk));
    int count = kinds(&desk, file);
    PhotoLimits limits = photo_limits_default();
    for (int f = 0; f < count; f++) {
        limits.max_px = SIDE_PX * SIDE_PX;
        CHECK(photo_decode(&desk.arena, limits, file[f].size, file[f].data, &photo, &desk.err));
        limits.max_px--;
        CHECK(!photo_decode(&desk.arena, limits, file[f].size, file[f].data, &photo, &desk.err));
        CHECK(strstr(desk.err.text, "make it smaller") != NULL);
    }
    desk_close(&desk);
}

TEST(a_profile_that_swells_when_unpacked_is_refused)
{
    enum { SWOLLEN = 100 << 20 };
    Desk desk;
    uint8_t rgb[192] = {0};
    REQUIRE(desk_open(&desk));
    Bytes zeros = {SWOLLEN, ARENA_NEW(&desk.arena, uint8_t, SWOLLEN)};
    Bytes png = png_file(&desk, 8, 8, SPNG_COLOR_TYPE_TRUECOLOR, 8, sizeof rgb, rgb, zeros);
    CHECK(png.size < SWOLLEN / 500);
    Photo photo;
    CHECK(!decode(&desk, png, &photo) && is_sentence(&desk.err));
    Bytes large = {5 << 20, zeros.data}; /* within the codec's own limits, beyond ours */
    png = png_file(&desk, 8, 8, SPNG_COLOR_TYPE_TRUECOLOR, 8, sizeof rgb, rgb, large);
    CHECK(refused(&desk, png, "larger than 4 MB"));
    desk_close(&desk);
}

TEST(a_progressive_file_of_a_thousand_scans_is_refused_in_time)
{
    Desk desk;
    Photo photo;
    REQUIRE(desk_open(&desk));
    enum { W = 512 };
    uint8_t *rgb = ARENA_NEW(&desk.arena, uint8_t, 3 * W * W);
    Bytes jpeg = tj_file(&desk, W, W, rgb, TJPF_RGB, TJSAMP_444, 90, TJFLAG_PROGRESSIVE);
    size_t scan = jpeg.size - 2;
    while (!(jpeg.data[scan] == 0xff && jpeg.data[scan + 1] == 0xda))
        scan--;
    enum { SCANS = 1000 };
    size_t length = jpeg.size - 2 - scan;
    Bytes bomb = {0, ARENA_NEW(&desk.arena, uint8_t, jpeg.size + SCANS * length)};
    memcpy(bomb.data, jpeg.data, scan);
    bomb.size = scan;
    for (int i = 0; i < SCANS; i++, bomb.size += length)
        memcpy(bomb.data + bomb.size, jpeg.data + scan, length);
    memcpy(bomb.data + bomb.size, "\xff\xd9", 2);
    bomb.size += 2;
    CHECK(!decode(&desk, bomb, &photo) && is_sentence(&desk.err));
    desk_close(&desk);
}

TEST(a_picture_that_takes_too_long_is_stopped)
{
    Desk desk;
    Photo photo;
    ImageF light;
    Bytes file;
    PhotoExport export = photo_export_default();
    PhotoLimits limits = photo_limits_default();
    limits.seconds = 0.01;
    REQUIRE(desk_open(&desk) && paint(&desk, 3000, 2000, &light));
    REQUIRE(encode(&desk, &light, &export, &file));
    size_t mark = arena_mark(&desk.arena);
    CHECK(!photo_decode(&desk.arena, limits, file.size, file.data, &photo, &desk.err));
    CHECK(desk.err.code == ERR_LIMIT && strstr(desk.err.text, "the photograph took") != NULL);
    CHECK(arena_mark(&desk.arena) == mark);
    desk_close(&desk);
}

/* As some cameras write: a few bytes of filling before the end marker. */
TEST(filling_before_the_end_of_a_jpeg_is_no_damage)
{
    Desk desk;
    Bytes file[5];
    Photo photo, padded;
    REQUIRE(desk_open(&desk));
    kinds(&desk, file);
    for (int zeros = 1; zeros <= 32; zeros *= 2) {
        Bytes with = {file[0].size + (size_t)zeros, ARENA_NEW(&desk.arena, uint8_t, 20000)};
        REQUIRE(with.size < 20000);
        memcpy(with.data, file[0].data, file[0].size - 2);
        memcpy(with.data + with.size - 2, "\xff\xd9", 2);
        if (zeros > 16) {
            CHECK(refused(&desk, with, "damaged"));
            continue;
        }
        /* a thumbnail's own scan is no scan of the picture */
        with = with_exif(&desk, with, file[4].size, file[4].data);
        REQUIRE(decode(&desk, file[0], &photo) && fine(decode(&desk, with, &padded), &desk));
        CHECK(memcmp(photo.light.rgb, padded.light.rgb, 12 * SIDE_PX * SIDE_PX) == 0);
    }
    desk_close(&desk);
}

/* As some Samsung phones write: "progressive" words in a sequential scan. */
TEST(a_wrong_scan_header_is_mended_and_nothing_else_is)
{
    Desk desk;
    Bytes file[5];
    Photo photo, mended;
    Image image, other;
    REQUIRE(desk_open(&desk));
    kinds(&desk, file);
    Bytes jpeg = file[0];
    REQUIRE(decode(&desk, jpeg, &photo));
    REQUIRE(image_decode(&desk.arena, &desk.scratch, jpeg.size, jpeg.data, &image, &desk.err));
    size_t scan = jpeg.size;
    while (!(jpeg.data[scan - 2] == 0xff && jpeg.data[scan - 1] == 0xda))
        scan--;
    uint8_t *words = jpeg.data + scan + 2 + 1 + 6; /* length, count, three components */
    CHECK(memcmp(words, "\0\x3f", 3) == 0);
    memset(words, 0, 3);
    REQUIRE(fine(decode(&desk, jpeg, &mended), &desk));
    CHECK(memcmp(photo.light.rgb, mended.light.rgb, 12 * SIDE_PX * SIDE_PX) == 0);
    REQUIRE(image_decode(&desk.arena, &desk.scratch, jpeg.size, jpeg.data, &other, &desk.err));
    CHECK(memcmp(image.rgb, other.rgb, 3 * SIDE_PX * SIDE_PX) == 0);
    CHECK(refused(&desk, (Bytes){jpeg.size - 2, jpeg.data}, "cut off"));
    desk_close(&desk);
}

/* What a decoder that was taken over could leave is not believed. */
TEST(a_profile_of_nonsense_numbers_is_refused)
{
    Desk desk;
    uint8_t *icc;
    size_t size;
    uint8_t rgb[192] = {0};
    int refusals = 0;
    REQUIRE(desk_open(&desk));
    REQUIRE(photo_profile(&desk.arena, PHOTO_DISPLAY_P3, &size, &icc, &desk.err));
    Bytes jpeg = tj_file(&desk, 8, 8, rgb, TJPF_RGB, TJSAMP_444, 100, 0);
    for (size_t i = 0; i < size; i += 3) {
        uint8_t bad[1024];
        Photo photo;
        REQUIRE(size <= sizeof bad);
        memcpy(bad, icc, size);
        bad[i] ^= 0xff;
        bool ok = decode(&desk, with_icc_part(&desk, jpeg, 1, 1, size, bad), &photo);
        CHECK(ok ? isfinite(photo.light.rgb[0]) : is_sentence(&desk.err));
        refusals += !ok;
    }
    CHECK(refusals > 0);
    desk_close(&desk);
}
