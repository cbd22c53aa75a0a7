#include "image/image.h"

#include "base/rng.h"
#include "base/test.h"

#include <spng.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

typedef struct Room {
    Arena arena, scratch;
    Err err;
} Room;

static bool open_room(Room *room)
{
    *room = (Room){0};
    return arena_open(&room->arena, (size_t)64 << 20, &room->err) &&
           arena_open(&room->scratch, (size_t)8 << 20, &room->err);
}

static void close_room(Room *room)
{
    arena_close(&room->arena);
    arena_close(&room->scratch);
}

static bool decode(Room *room, size_t size, const uint8_t bytes[], Image *image)
{
    return image_decode(&room->arena, &room->scratch, size, bytes, image, &room->err);
}

/* A picture with a gradient and some noise, so that every filter and code path has work. */
static Image make_image(Room *room, int width_px, int height_px)
{
    Image image = {0};
    if (!image_new(&room->arena, width_px, height_px, &image, &room->err))
        return image;
    Rng rng = rng_make(7, 0);
    for (int i = 0; i < width_px * height_px; i++) {
        image.rgb[3 * i] = (uint8_t)(i % width_px);
        image.rgb[3 * i + 1] = (uint8_t)(i / width_px * 3);
        image.rgb[3 * i + 2] = (uint8_t)(100 + rng_below(&rng, 20));
    }
    return image;
}

static bool same(const Image *a, const Image *b)
{
    return a->width_px == b->width_px && a->height_px == b->height_px &&
           memcmp(a->rgb, b->rgb, 3 * (size_t)a->width_px * (size_t)a->height_px) == 0;
}

TEST(png_gives_back_the_same_pixels_at_every_level)
{
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 61, 47), back;
    for (int level = 1; level <= 9; level++) {
        size_t size, again_size;
        uint8_t *bytes, *again;
        REQUIRE(image_encode_png(&room.arena, &image, level, &size, &bytes, &room.err));
        REQUIRE(image_encode_png(&room.arena, &image, level, &again_size, &again, &room.err));
        CHECK(size == again_size && memcmp(bytes, again, size) == 0);
        CHECK(memcmp(bytes + 37, "sRGB", 4) == 0); /* right behind IHDR */
        REQUIRE(decode(&room, size, bytes, &back));
        CHECK(same(&image, &back));
    }
    close_room(&room);
}

/* Encodes raw samples with any colour type; the caller frees. */
static uint8_t *raw_png(struct spng_ihdr head, size_t raw_size, const uint8_t raw[], size_t *size)
{
    int code = 0;
    spng_ctx *codec = spng_ctx_new(SPNG_CTX_ENCODER);
    struct spng_plte palette = {.n_entries = 2, .entries = {{10, 20, 30, 0}, {200, 150, 100, 0}}};
    spng_set_option(codec, SPNG_ENCODE_TO_BUFFER, 1);
    spng_set_ihdr(codec, &head);
    if (head.color_type == SPNG_COLOR_TYPE_INDEXED)
        spng_set_plte(codec, &palette);
    code = spng_encode_image(codec, raw, raw_size, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
    uint8_t *bytes = code == 0 ? spng_get_png_buffer(codec, size, &code) : NULL;
    spng_ctx_free(codec);
    return bytes;
}

TEST(png_of_every_kind_becomes_eight_bit_rgb)
{
    /* Two pixels each; samples as they stand in the file (16 bits in this machine's order). */
    static const struct {
        uint8_t type, depth;
        uint8_t raw[16];
        size_t raw_size;
        uint8_t rgb[6];
    } cases[] = {
        {SPNG_COLOR_TYPE_GRAYSCALE, 1, {0x40}, 1, {0, 0, 0, 255, 255, 255}},
        {SPNG_COLOR_TYPE_GRAYSCALE, 2, {0x60}, 1, {85, 85, 85, 170, 170, 170}},
        {SPNG_COLOR_TYPE_GRAYSCALE, 4, {0x3f}, 1, {51, 51, 51, 255, 255, 255}},
        {SPNG_COLOR_TYPE_GRAYSCALE, 8, {7, 250}, 2, {7, 7, 7, 250, 250, 250}},
        {SPNG_COLOR_TYPE_GRAYSCALE, 16, {0, 7, 0, 250}, 4, {7, 7, 7, 250, 250, 250}},
        {SPNG_COLOR_TYPE_INDEXED, 8, {1, 0}, 2, {200, 150, 100, 10, 20, 30}},
        {SPNG_COLOR_TYPE_INDEXED, 1, {0x40}, 1, {10, 20, 30, 200, 150, 100}},
        {SPNG_COLOR_TYPE_GRAYSCALE_ALPHA, 8, {9, 0, 90, 255}, 4, {9, 9, 9, 90, 90, 90}},
        {SPNG_COLOR_TYPE_TRUECOLOR, 8, {1, 2, 3, 4, 5, 6}, 6, {1, 2, 3, 4, 5, 6}},
        {SPNG_COLOR_TYPE_TRUECOLOR_ALPHA, 8, {1, 2, 3, 0, 4, 5, 6, 9}, 8, {1, 2, 3, 4, 5, 6}},
        {SPNG_COLOR_TYPE_TRUECOLOR,
         16,
         {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6},
         12,
         {1, 2, 3, 4, 5, 6}},
    };
    Room room;
    REQUIRE(open_room(&room));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = 0;
        struct spng_ihdr head = {2, 1, cases[i].depth, cases[i].type, 0, 0, 0};
        uint8_t *bytes = raw_png(head, cases[i].raw_size, cases[i].raw, &size);
        REQUIRE(bytes != NULL);
        Image image = {0};
        CHECK(decode(&room, size, bytes, &image));
        CHECK(image.width_px == 2 && image.height_px == 1);
        CHECK(memcmp(image.rgb, cases[i].rgb, 6) == 0);
        free(bytes);
    }
    close_room(&room);
}

static uint8_t *make_jpeg(const Image *image, int format, int subsampling, int flags,
                          unsigned long *size)
{
    tjhandle codec = tjInitCompress();
    unsigned char *bytes = NULL;
    *size = 0;
    /* The CMYK case reads 4 bytes for each pixel: give it fewer pixels. */
    int height_px = format == TJPF_CMYK ? image->height_px / 2 : image->height_px;
    if (tjCompress2(codec, image->rgb, image->width_px, 0, height_px, format, &bytes, size,
                    subsampling, 100, flags) != 0)
        bytes = NULL;
    tjDestroy(codec);
    return bytes;
}

static int worst_difference(const Image *a, const Image *b)
{
    int worst = 0;
    for (int i = 0; i < 3 * a->width_px * a->height_px; i++) {
        int d = abs(a->rgb[i] - b->rgb[i]);
        worst = d > worst ? d : worst;
    }
    return worst;
}

TEST(jpeg_at_full_quality_is_near_the_original)
{
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 61, 47), back;
    int flags[] = {0, TJFLAG_PROGRESSIVE};
    for (int i = 0; i < 2; i++) {
        unsigned long size;
        uint8_t *bytes = make_jpeg(&image, TJPF_RGB, TJSAMP_444, flags[i], &size);
        REQUIRE(bytes != NULL);
        CHECK(decode(&room, size, bytes, &back));
        CHECK(worst_difference(&image, &back) <= 4); /* YCbCr and back is rounded twice */
        tjFree(bytes);
    }
    close_room(&room);
}

TEST(grey_jpeg_is_grey)
{
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 32, 16), back;
    unsigned long size;
    uint8_t *bytes = make_jpeg(&image, TJPF_RGB, TJSAMP_GRAY, 0, &size);
    REQUIRE(bytes != NULL && decode(&room, size, bytes, &back));
    for (int i = 0; i < 32 * 16; i++)
        CHECK(back.rgb[3 * i] == back.rgb[3 * i + 1] && back.rgb[3 * i] == back.rgb[3 * i + 2]);
    tjFree(bytes);
    close_room(&room);
}

TEST(cmyk_jpeg_is_refused_by_name)
{
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 32, 32), back;
    unsigned long size;
    uint8_t *bytes = make_jpeg(&image, TJPF_CMYK, TJSAMP_444, 0, &size);
    REQUIRE(bytes != NULL);
    CHECK(!decode(&room, size, bytes, &back));
    CHECK(room.err.code == ERR_INPUT && strstr(room.err.text, "CMYK") != NULL);
    tjFree(bytes);
    close_room(&room);
}

static void check_prefixes(Room *room, size_t size, const uint8_t bytes[])
{
    Image image;
    size_t mark = arena_mark(&room->arena);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut + 1); /* its own block, so that an overrun is seen */
        REQUIRE(copy != NULL);
        memcpy(copy, bytes, cut);
        bool ok = decode(room, cut, copy, &image);
        free(copy);
        CHECK(!ok && room->err.code == ERR_INPUT);
        CHECK(arena_mark(&room->arena) == mark);
        if (ok)
            return;
    }
}

TEST(every_prefix_of_a_png_is_refused)
{
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 13, 11);
    size_t size;
    uint8_t *bytes;
    REQUIRE(image_encode_png(&room.arena, &image, 6, &size, &bytes, &room.err));
    check_prefixes(&room, size, bytes);
    close_room(&room);
}

TEST(every_prefix_of_a_jpeg_is_refused)
{
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 13, 11);
    for (int flags = 0; flags <= TJFLAG_PROGRESSIVE; flags += TJFLAG_PROGRESSIVE) {
        unsigned long size;
        uint8_t *bytes = make_jpeg(&image, TJPF_RGB, TJSAMP_420, flags, &size);
        REQUIRE(bytes != NULL);
        check_prefixes(&room, size, bytes);
        tjFree(bytes);
    }
    close_room(&room);
}

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* CRC-32 of ISO 3309, as PNG uses it. */
static uint32_t crc32_of(size_t size, const uint8_t bytes[])
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

TEST(png_bombs_are_refused_before_memory_is_touched)
{
    static const uint32_t sides[][2] = {
        {16384, 4096}, {16384, 16384}, {100000, 1}, {1, 100000}, {0x7fffffff, 0x7fffffff}};
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 8, 8), back;
    size_t size;
    uint8_t *bytes;
    REQUIRE(image_encode_png(&room.arena, &image, 9, &size, &bytes, &room.err));
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        size_t mark = arena_mark(&room.arena);
        put_u32(bytes + 16, sides[i][0]);
        put_u32(bytes + 20, sides[i][1]);
        put_u32(bytes + 29, crc32_of(17, bytes + 12));
        CHECK(!decode(&room, size, bytes, &back));
        CHECK(room.err.code == ERR_INPUT);
        CHECK(arena_mark(&room.arena) == mark);
    }
    close_room(&room);
}

TEST(jpeg_bombs_are_refused_before_memory_is_touched)
{
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 8, 8), back;
    unsigned long size;
    uint8_t *bytes = make_jpeg(&image, TJPF_RGB, TJSAMP_444, 0, &size);
    REQUIRE(bytes != NULL);
    size_t at = 0;
    while (at + 9 < size && !(bytes[at] == 0xff && bytes[at + 1] == 0xc0))
        at++;
    memset(bytes + at + 5, 0x3f, 4); /* 16191 x 16191 */
    CHECK(!decode(&room, size, bytes, &back));
    CHECK(room.err.code == ERR_INPUT && strstr(room.err.text, "16191") != NULL);
    tjFree(bytes);
    close_room(&room);
}

TEST(damaged_pictures_give_errors_or_pictures_never_a_crash)
{
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 24, 17), back;
    size_t size;
    unsigned long jpeg_size;
    uint8_t *png, *jpeg = make_jpeg(&image, TJPF_RGB, TJSAMP_420, 0, &jpeg_size);
    REQUIRE(image_encode_png(&room.arena, &image, 6, &size, &png, &room.err) && jpeg != NULL);
    Rng rng = rng_make(3, 0);
    size_t mark = arena_mark(&room.arena);
    for (int i = 0; i < 3000; i++) {
        bool use_jpeg = i % 2 == 0;
        uint8_t *at =
            use_jpeg ? jpeg + rng_below(&rng, (int)jpeg_size) : png + rng_below(&rng, (int)size);
        uint8_t kept = *at;
        *at = (uint8_t)rng_u32(&rng);
        if (!decode(&room, use_jpeg ? jpeg_size : size, use_jpeg ? jpeg : png, &back))
            CHECK(room.err.code != ERR_NONE);
        *at = kept;
        arena_rewind(&room.arena, mark);
    }
    tjFree(jpeg);
    close_room(&room);
}

TEST(decoding_survives_any_memory_limit)
{
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 40, 30), back;
    size_t size;
    uint8_t *bytes;
    REQUIRE(image_encode_png(&room.arena, &image, 6, &size, &bytes, &room.err));
    for (size_t limit = 64; limit < 3 * 40 * 30; limit += 64) {
        Arena small;
        REQUIRE(arena_open(&small, limit, &room.err));
        CHECK(!image_decode(&small, &room.scratch, size, bytes, &back, &room.err));
        CHECK(room.err.code == ERR_LIMIT);
        arena_close(&small);
    }
    close_room(&room);
}

TEST(sample_meets_the_pixels_at_their_centres_and_is_linear_between)
{
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 9, 7);
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 8; x++) {
            Rgb a = color_from_srgb8(image.rgb + 3 * (9 * y + x));
            Rgb b = color_from_srgb8(image.rgb + 3 * (9 * y + x + 1));
            CHECK_NEAR(image_sample(&image, x + 0.5, y + 0.5).b, a.b, 1e-7);
            CHECK_NEAR(image_sample(&image, x + 0.75, y + 0.5).b, 0.75f * a.b + 0.25f * b.b, 1e-6);
        }
    Rgb corner = color_from_srgb8(image.rgb);
    double outside[][2] = {{-5, -5}, {0, 0}, {-1e300, -HUGE_VAL}, {(double)NAN, (double)NAN}};
    for (int i = 0; i < 4; i++)
        CHECK_NEAR(image_sample(&image, outside[i][0], outside[i][1]).r, corner.r, 1e-7);
    close_room(&room);
}

static double mean_blue(const Image *image, int x0, int y0, int x1, int y1)
{
    double sum = 0.0;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            sum += (double)color_from_srgb8(image->rgb + 3 * (y * image->width_px + x)).b;
    return sum / ((x1 - x0) * (y1 - y0));
}

TEST(box_sample_is_the_mean_over_the_box)
{
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 9, 7);
    CHECK_NEAR(image_sample_box(&image, 4, 3, 4).b, mean_blue(&image, 2, 1, 6, 5), 1e-6);
    CHECK_NEAR(image_sample_box(&image, 4.5, 3.5, 100).b, mean_blue(&image, 0, 0, 9, 7), 1e-6);
    /* Half a pixel to the side: the outer columns count half. */
    double half = 0.25 * (0.5 * mean_blue(&image, 2, 1, 3, 5) + mean_blue(&image, 3, 1, 4, 5) +
                          mean_blue(&image, 4, 1, 5, 5) + mean_blue(&image, 5, 1, 6, 5) +
                          0.5 * mean_blue(&image, 6, 1, 7, 5));
    CHECK_NEAR(image_sample_box(&image, 4.5, 3, 4).b, half, 1e-6);
    Rgb far_off = image_sample_box(&image, -50, -50, 8), corner = color_from_srgb8(image.rgb);
    CHECK_NEAR(far_off.b, corner.b, 1e-7);
    close_room(&room);
}

TEST(shrinking_keeps_the_mean_light)
{
    static const int sides[][2] = {{30, 20}, {61, 47}, {7, 5}, {1, 1}, {20, 47}};
    Room room;
    REQUIRE(open_room(&room));
    Image image = make_image(&room, 61, 47), small;
    double want = mean_blue(&image, 0, 0, 61, 47);
    for (int i = 0; i < 5; i++) {
        REQUIRE(image_shrink(&room.arena, &image, sides[i][0], sides[i][1], &small, &room.err));
        CHECK_NEAR(mean_blue(&small, 0, 0, sides[i][0], sides[i][1]), want, 0.002); /* 8 bits */
    }
    REQUIRE(image_shrink(&room.arena, &image, 61, 47, &small, &room.err));
    CHECK(same(&image, &small));
    CHECK(!image_shrink(&room.arena, &image, 62, 47, &small, &room.err));
    CHECK(!image_shrink(&room.arena, &image, 0, 47, &small, &room.err));
    close_room(&room);
}

TEST(linear_light_of_every_code_becomes_that_code)
{
    Room room;
    ImageF linear;
    Image image;
    REQUIRE(open_room(&room));
    REQUIRE(image_new_f(&room.arena, 16, 16, &linear, &room.err));
    REQUIRE(image_new(&room.arena, 16, 16, &image, &room.err));
    for (int i = 0; i < 256; i++) {
        Rgb c = color_from_srgb8((uint8_t[]){(uint8_t)i, (uint8_t)i, (uint8_t)i});
        linear.rgb[3 * i] = c.r;
        linear.rgb[3 * i + 1] = i == 0 ? -1.0f : c.g;
        linear.rgb[3 * i + 2] = i == 255 ? 7.0f : c.b;
    }
    image_from_linear(&linear, &image);
    for (int i = 0; i < 3 * 256; i++)
        CHECK(image.rgb[i] == i / 3);
    close_room(&room);
}

TEST(absurd_sizes_are_refused)
{
    static const int sides[][2] = {{0, 5}, {5, 0}, {-1, 5}, {16385, 1}, {16384, 16384}};
    Room room;
    Image image;
    ImageF linear;
    REQUIRE(open_room(&room));
    for (int i = 0; i < 5; i++) {
        CHECK(!image_new(&room.arena, sides[i][0], sides[i][1], &image, &room.err));
        CHECK(room.err.code == ERR_INPUT);
        CHECK(!image_new_f(&room.arena, sides[i][0], sides[i][1], &linear, &room.err));
    }
    CHECK(!image_new_f(&room.arena, 8192, 8192, &linear, &room.err) && room.err.code == ERR_LIMIT);
    close_room(&room);
}
