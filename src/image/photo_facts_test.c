/* What is kept of a photograph's metadata, what is not, and what others read in ours. */
#include "image/photo_testing.h"

#include "base/io.h"
#include "base/jail.h"
#include "base/rng.h"

#include <stdio.h>
#include <unistd.h>

/* ---- a TIFF directory by hand, in either byte order ---- */

typedef struct Tiff {
    bool little;
    size_t used;
    uint8_t bytes[2048];
} Tiff;

static void put(Tiff *t, size_t where, uint32_t value, int width)
{
    for (int i = 0; i < width; i++)
        t->bytes[where + (size_t)i] = (uint8_t)(value >> 8 * (t->little ? i : width - 1 - i));
}

static size_t begin(Tiff *t, bool little)
{
    *t = (Tiff){.little = little, .used = 8};
    memcpy(t->bytes, little ? "II*" : "MM\0*", 4);
    put(t, 4, 8, 4);
    return 8;
}

/* A directory of `count` entries at the end, all empty; returns where its entries begin. */
static size_t directory(Tiff *t, int count)
{
    put(t, t->used, (uint32_t)count, 2);
    size_t entries = t->used + 2;
    t->used = entries + 12 * (size_t)count + 4;
    return entries;
}

static void entry(Tiff *t, size_t where, int tag, int type, uint32_t count)
{
    put(t, where, (uint32_t)tag, 2);
    put(t, where + 2, (uint32_t)type, 2);
    put(t, where + 4, count, 4);
}

static void text(Tiff *t, size_t where, int tag, const char *value)
{
    size_t size = strlen(value) + 1;
    entry(t, where, tag, 2, (uint32_t)size);
    put(t, where + 8, (uint32_t)t->used, 4);
    memcpy(t->bytes + t->used, value, size);
    t->used += size;
}

static void number(Tiff *t, size_t where, int tag, int type, uint32_t value)
{
    entry(t, where, tag, type, 1);
    put(t, where + 8, value, type == 3 ? 2 : 4);
}

static void ratio(Tiff *t, size_t where, int tag, uint32_t above, uint32_t below)
{
    entry(t, where, tag, 5, 1);
    put(t, where + 8, (uint32_t)t->used, 4);
    put(t, t->used, above, 4);
    put(t, t->used + 4, below, 4);
    t->used += 8;
}

/* As a phone writes it: with a place, serial numbers, an owner and a thumbnail of a face. */
static void phone(Tiff *t, bool little)
{
    begin(t, little);
    size_t main = directory(t, 7);
    text(t, main, 0x010f, "Acme");
    text(t, main + 12, 0x0110, "Phone 7 Pro");
    number(t, main + 24, 0x0112, 3, 6);
    text(t, main + 36, 0x0131, "17.4.1");
    text(t, main + 48, 0x013b, "SECRET-artist");
    number(t, main + 60, 0x8769, 4, (uint32_t)t->used);
    size_t exif = directory(t, 9);
    text(t, exif, 0x9003, "2026:03:01 09:30:00");
    ratio(t, exif + 12, 0x920a, 57, 10);
    number(t, exif + 24, 0xa405, 3, 26);
    ratio(t, exif + 36, 0xa404, 3, 2);
    text(t, exif + 48, 0xa434, "Acme back camera 5.7mm f/1.5");
    text(t, exif + 60, 0xa431, "SECRET-body-serial");
    text(t, exif + 72, 0xa435, "SECRET-lens-serial");
    text(t, exif + 84, 0xa430, "SECRET-owner");
    text(t, exif + 96, 0x927c, "SECRET-makers-note");
    number(t, main + 72, 0x8825, 4, (uint32_t)t->used);
    size_t gps = directory(t, 1);
    text(t, gps, 0x001d, "SECRET-place");
    put(t, main + 84, (uint32_t)t->used, 4); /* the next directory: the thumbnail's */
    size_t thumbnail = directory(t, 1);
    text(t, thumbnail, 0x010e, "SECRET-thumbnail");
}

static bool contains(size_t size, const void *bytes, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp((const char *)bytes + i, word, length) == 0)
            return true;
    return false;
}

static Bytes small_jpeg(Desk *desk)
{
    ImageF light;
    Bytes file = {0};
    PhotoExport export = photo_export_default();
    if (!paint(desk, 24, 16, &light) || !encode(desk, &light, &export, &file))
        abort();
    return file;
}

TEST(a_phones_words_are_read_in_both_byte_orders)
{
    Desk desk;
    REQUIRE(desk_open(&desk));
    for (int little = 0; little < 2; little++) {
        static Tiff tiff;
        phone(&tiff, little);
        Photo photo;
        Bytes file = with_exif(&desk, small_jpeg(&desk), tiff.used, tiff.bytes);
        REQUIRE(fine(decode(&desk, file, &photo), &desk));
        const PhotoFacts *f = &photo.facts;
        CHECK(f->format == PHOTO_JPEG && f->bits == 8);
        CHECK(strcmp(f->camera, "Acme Phone 7 Pro") == 0);
        CHECK(strcmp(f->lens, "Acme back camera 5.7mm f/1.5") == 0);
        CHECK(strcmp(f->software, "17.4.1") == 0);
        CHECK(strcmp(f->taken, "2026-03-01T09:30:00") == 0);
        CHECK(f->orientation == 6);
        CHECK(f->stored_width_px == 24 && f->stored_height_px == 16);
        CHECK(photo.light.width_px == 16 && photo.light.height_px == 24);
        CHECK_NEAR(f->focal_mm, 5.7, 1e-12);
        CHECK_NEAR(f->focal_35mm, 26.0, 0.0);
        CHECK_NEAR(f->digital_zoom, 1.5, 0.0);
    }
    desk_close(&desk);
}

TEST(no_place_no_serial_no_name_and_no_thumbnail_comes_out)
{
    Desk desk;
    static Tiff tiff;
    Photo photo;
    Bytes out;
    REQUIRE(desk_open(&desk));
    phone(&tiff, true);
    Bytes file = with_exif(&desk, small_jpeg(&desk), tiff.used, tiff.bytes);
    file = with_segment(&desk, file, 0xe1, 60,
                        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta SECRET-xmp ........");
    file = with_segment(&desk, file, 0xfe, 15, "SECRET-comment");
    REQUIRE(contains(file.size, file.data, "SECRET"));
    Desk fresh; /* so that the arena holds nothing but the photograph */
    REQUIRE(desk_open(&fresh));
    REQUIRE(fine(decode(&fresh, file, &photo), &fresh));
    CHECK(!contains(fresh.arena.used, fresh.arena.base, "SECRET"));
    CHECK(!contains(sizeof photo.facts, &photo.facts, "SECRET"));
    for (int png = 0; png < 2; png++) {
        PhotoExport export = photo_export_default();
        export.png = png;
        export.facts = &photo.facts;
        export.icc = photo.icc;
        export.icc_size = photo.icc_size;
        REQUIRE(encode(&desk, &photo.light, &export, &out));
        CHECK(!contains(out.size, out.data, "SECRET"));
        CHECK(contains(out.size, out.data, "Acme Phone 7 Pro"));
    }
    desk_close(&fresh);
    desk_close(&desk);
}

TEST(what_is_written_is_read_again)
{
    Desk desk;
    ImageF light;
    REQUIRE(desk_open(&desk) && paint(&desk, 24, 16, &light));
    PhotoFacts facts = {.focal_mm = 6.765,
                        .focal_35mm = 24.0,
                        .digital_zoom = 1.25,
                        .camera = "Follicle synthetic phone",
                        .lens = "pinhole with k1",
                        .software = "follicle 0.1",
                        .taken = "2026-11-21T20:15:00"};
    for (int i = 0; i < 4; i++) {
        PhotoExport export = photo_export_default();
        Bytes file;
        Photo photo;
        PhotoFacts alone;
        PhotoFacts none = {0};
        bool empty = i >= 2; /* nothing known: nothing said */
        export.png = i % 2;
        export.orientation = 3;
        export.facts = empty ? &none : &facts;
        REQUIRE(encode(&desk, &light, &export, &file) && fine(decode(&desk, file, &photo), &desk));
        const PhotoFacts *want = export.facts, *got = &photo.facts;
        CHECK_NEAR(got->focal_mm, want->focal_mm, 1e-9);
        CHECK_NEAR(got->focal_35mm, want->focal_35mm, 0.0);
        CHECK_NEAR(got->digital_zoom, want->digital_zoom, 1e-9);
        CHECK(strcmp(got->camera, want->camera) == 0 && strcmp(got->lens, want->lens) == 0);
        CHECK(strcmp(got->software, want->software) == 0);
        CHECK(strcmp(got->taken, want->taken) == 0);
        CHECK(got->orientation == 3);
        CHECK(fine(photo_facts(file.size, file.data, &alone, &desk.err), &desk));
        CHECK(memcmp(&alone, got, sizeof alone) == 0);
    }
    desk_close(&desk);
}

TEST(metadata_of_every_shape_ends_and_harms_nothing)
{
    static Tiff tiff;
    PhotoFacts facts = {0};
    PhotoExif exif = {0};
    /* directories that point at themselves and at each other */
    begin(&tiff, true);
    size_t main = directory(&tiff, 2);
    number(&tiff, main, 0x8769, 4, 8);
    number(&tiff, main + 12, 0xa005, 4, 8);
    photo_exif_read(tiff.used, tiff.bytes, &facts, &exif);
    /* more entries than there are bytes, texts longer than the file, values far outside it */
    put(&tiff, 8, 65535, 2);
    photo_exif_read(tiff.used, tiff.bytes, &facts, &exif);
    phone(&tiff, false);
    for (size_t i = 8; i < tiff.used; i++) {
        Tiff broken = tiff;
        for (int k = 0; k < 3; k++) {
            broken.bytes[i] = (uint8_t)(k == 0 ? 0xff : k == 1 ? 0 : broken.bytes[i] ^ 0x80);
            photo_exif_read(tiff.used, broken.bytes, &facts, &exif);
        }
    }
    for (size_t size = 0; size <= tiff.used; size++) {
        uint8_t *exact = malloc(size + 1); /* so that a sanitizer sees one byte too far */
        REQUIRE(exact != NULL);
        memcpy(exact, tiff.bytes, size);
        photo_exif_read(size, exact, &facts, &exif);
        free(exact);
    }
    CHECK(memchr(facts.camera, '\0', sizeof facts.camera) != NULL);
}

TEST(unknown_times_and_strange_letters_are_left_out)
{
    static Tiff tiff;
    PhotoFacts facts = {0};
    PhotoExif exif = {0};
    begin(&tiff, false);
    size_t main = directory(&tiff, 3);
    text(&tiff, main, 0x010f, "Canon");
    text(&tiff, main + 12, 0x0110, "Canon \x1b[31mEOS\xff R6  ");
    number(&tiff, main + 24, 0x8769, 4, (uint32_t)tiff.used);
    size_t sub = directory(&tiff, 1);
    text(&tiff, sub, 0x9003, "    :  :     :  :  ");
    photo_exif_read(tiff.used, tiff.bytes, &facts, &exif);
    CHECK(strcmp(facts.camera, "Canon [31mEOS R6") == 0);
    CHECK(facts.taken[0] == '\0');
}

TEST(adobe_rgb_said_by_exif_counts_where_there_is_no_profile)
{
    Desk desk;
    static Tiff tiff;
    Photo photo;
    uint8_t rgb[192] = {0};
    PhotoExport srgb = photo_export_default();
    REQUIRE(desk_open(&desk));
    for (int i = 0; i < 64; i++)
        rgb[3 * i + 1] = 255;
    begin(&tiff, false);
    size_t main = directory(&tiff, 1);
    number(&tiff, main, 0x8769, 4, (uint32_t)tiff.used);
    size_t sub = directory(&tiff, 1);
    number(&tiff, sub, 0xa005, 4, (uint32_t)tiff.used);
    size_t interop = directory(&tiff, 1);
    entry(&tiff, interop, 0x0001, 2, 4);
    memcpy(tiff.bytes + interop + 8, "R03", 4);
    Bytes jpeg = tj_file(&desk, 8, 8, rgb, TJPF_RGB, TJSAMP_444, 100, 0);
    Bytes file = with_exif(&desk, jpeg, tiff.used, tiff.bytes);
    REQUIRE(fine(decode(&desk, file, &photo), &desk));
    CHECK_NEAR(photo.light.rgb[0], -0.3984, 0.01);
    CHECK(strcmp(photo.facts.profile, "Adobe RGB (EXIF)") == 0);
    CHECK(photo.icc_size > 0); /* ours, so that what is written keeps the space */
    REQUIRE(photo_profile(&desk.arena, PHOTO_SRGB, &srgb.icc_size, &photo.icc, &desk.err));
    REQUIRE(fine(decode(&desk, with_icc_part(&desk, file, 1, 1, srgb.icc_size, photo.icc), &photo),
                 &desk));
    CHECK_NEAR(photo.light.rgb[0], 0.0, 0.01);
    desk_close(&desk);
}

/* ---- other programs ---- */

static bool have(const char *program)
{
    char path[4096];
    const char *paths = getenv("PATH");
    for (const char *p = paths; p != NULL && *p != '\0';) {
        size_t length = strcspn(p, ":");
        snprintf(path, sizeof path, "%.*s/%s", (int)length, p, program);
        if (access(path, X_OK) == 0)
            return true;
        p += length + (p[length] == ':');
    }
    printf("# skipped: %s is not installed\n", program);
    return false;
}

static bool write_temporary(Bytes file, const char *suffix, char path[64])
{
    snprintf(path, 64, "/tmp/follicle_photo_%ld%s", (long)getpid(), suffix);
    FILE *out = fopen(path, "wbe");
    bool ok = out != NULL && fwrite(file.data, 1, file.size, out) == file.size;
    return out != NULL && fclose(out) == 0 && ok;
}

/* The first bytes that a command prints. */
static void output_of(const char *command, size_t room, char got[])
{
    FILE *pipe = popen(command, "re");
    size_t used = pipe != NULL ? fread(got, 1, room - 1, pipe) : 0;
    got[used] = '\0';
    if (pipe != NULL)
        pclose(pipe);
}

TEST(exiftool_reads_what_we_write)
{
    Desk desk;
    ImageF light;
    PhotoFacts facts = {.focal_mm = 6.765,
                        .focal_35mm = 24.0,
                        .digital_zoom = 1.25,
                        .camera = "Synthetic",
                        .lens = "pinhole",
                        .software = "follicle",
                        .taken = "2026-11-21T20:15:00"};
    if (!have("exiftool"))
        return;
    REQUIRE(desk_open(&desk) && paint(&desk, 24, 16, &light));
    for (int png = 0; png < 2; png++) {
        PhotoExport export = photo_export_default();
        Bytes file;
        uint8_t *icc;
        char path[64], command[400], got[1000];
        export.png = png;
        export.orientation = 6;
        export.facts = &facts;
        REQUIRE(photo_profile(&desk.arena, PHOTO_DISPLAY_P3, &export.icc_size, &icc, &desk.err));
        export.icc = icc;
        REQUIRE(encode(&desk, &light, &export, &file));
        REQUIRE(write_temporary(file, png ? ".png" : ".jpg", path));
        snprintf(command, sizeof command,
                 "exiftool -n -s3 -Warning -Error -Validate -Model -LensModel -Software "
                 "-DateTimeOriginal -FocalLength -FocalLengthIn35mmFormat -DigitalZoomRatio "
                 "-Orientation -ImageSize -ProfileDescription %s 2>&1",
                 path);
        output_of(command, sizeof got, got);
        remove(path);
        const char *want = "0 0 0\nSynthetic\npinhole\nfollicle\n2026:11:21 20:15:00\n6.765\n24\n"
                           "1.25\n6\n16 24\nDisplay P3\n";
        if (!CHECK(strcmp(got, want) == 0))
            printf("# exiftool: %s\n", got);
    }
    desk_close(&desk);
}

static bool load_heic_too_late(void *ctx, size_t shared_size, void *shared, Err *err)
{
    (void)ctx, (void)shared_size, (void)shared;
    return photo_load_heic(err);
}

TEST(a_heic_without_its_library_says_what_to_do_on_the_phone)
{
    Desk desk;
    static uint8_t header[64] = {0, 0, 0, 24, 'f', 't', 'y', 'p', 'h', 'e', 'i', 'c'};
    Bytes file = {sizeof header, header};
    Photo photo;
    REQUIRE(desk_open(&desk));
    CHECK(photo_is_heic(sizeof header, header) && !photo_is_heic(11, header));
    CHECK(!decode(&desk, file, &photo)); /* no picture in it, or no library */
    CHECK(desk.err.code == ERR_INPUT && strstr(desk.err.text, "HEIC") != NULL);
    /* Behind closed doors no library can be loaded, as if there were none. */
    CHECK(!jail_run("the test", (JailLimits){(size_t)64 << 20, 5.0, true}, NULL, load_heic_too_late,
                    NULL, 0, NULL, &desk.err));
    CHECK(strstr(desk.err.text, "libheif") != NULL);
    CHECK(strstr(desk.err.text, "'Most Compatible'") != NULL);
    desk_close(&desk);
}

/* The picture as HEIC, by heif-enc; size 0 when that failed. */
static Bytes heic_of(Desk *desk, Bytes jpeg)
{
    Bytes made = {0};
    char from[64], to[64], command[200], said[400];
    if (!write_temporary(jpeg, ".jpg", from))
        abort();
    snprintf(to, sizeof to, "/tmp/follicle_photo_%ld.heic", (long)getpid());
    snprintf(command, sizeof command, "heif-enc -q 95 -p chroma=444 -o %s %s 2>&1", to, from);
    output_of(command, sizeof said, said);
    if (!io_read_file(&desk->arena, to, (size_t)1 << 20, &made.size, &made.data, &desk->err))
        printf("# heif-enc: %s\n", said);
    remove(from);
    remove(to);
    return made;
}

static uint32_t big(const uint8_t at[4])
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Adds to the four bytes at `at`. */
static void grow(uint8_t at[4], uint32_t by)
{
    uint32_t value = big(at) + by;
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * (3 - i));
}

static uint8_t *box(Bytes file, const char *type)
{
    for (size_t i = 4; i + 4 < file.size; i++)
        if (memcmp(file.data + i, type, 4) == 0)
            return file.data + i - 4;
    abort();
}

static Bytes inserted(Desk *desk, Bytes file, const uint8_t *before, size_t size, const void *data)
{
    size_t at = (size_t)(before - file.data);
    Bytes out = {file.size + size, ARENA_NEW(&desk->arena, uint8_t, file.size + size)};
    memcpy(out.data, file.data, at);
    memcpy(out.data + at, data, size);
    memcpy(out.data + at + size, before, file.size - at);
    return out;
}

/* A HEIC of heif-enc with the property `irot` (ISO 23008-12, 6.5.10: quarters counterclockwise) for
 * its first item, as a phone held upright writes it. */
static Bytes turned_heic(Desk *desk, Bytes file, int quarters)
{
    enum { IROT = 9 };
    uint8_t irot[IROT] = {0, 0, 0, IROT, 'i', 'r', 'o', 't', (uint8_t)quarters}, count = 0;
    const uint8_t *ipco = box(file, "ipco");
    for (const uint8_t *p = ipco + 8; p < ipco + big(ipco); p += big(p))
        count++;
    uint8_t link = (uint8_t)(0x80 | (count + 1)); /* essential */
    file = inserted(desk, file, ipco + big(ipco), IROT, irot);
    uint8_t *ipma = box(file, "ipma");
    file = inserted(desk, file, ipma + 19 + ipma[18], 1, &link);
    box(file, "ipma")[18]++;
    grow(box(file, "ipma"), 1);
    grow(box(file, "ipco"), IROT);
    grow(box(file, "iprp"), IROT + 1);
    grow(box(file, "meta"), IROT + 1);
    uint8_t *iloc = box(file, "iloc"); /* version 0, four bytes each, one extent an item */
    for (int i = 0; i < iloc[15]; i++)
        grow(iloc + 16 + 18 * i + 4, IROT + 1);
    return file;
}

TEST(a_heic_is_read_like_the_jpeg_it_was_made_from_and_turned_once)
{
    Desk desk;
    ImageF light;
    static Tiff tiff;
    Photo jpeg, heic, turned;
    PhotoExport export = photo_export_default();
    uint8_t *icc;
    if (!have("heif-enc"))
        return;
    REQUIRE(desk_open(&desk) && paint(&desk, 96, 64, &light));
    for (int i = 0; i < 256; i++) /* upper left */
        memcpy(at(&light, i % 16, i / 16), (float[3]){0.8f, 0.05f, 0.05f}, 12);
    REQUIRE(photo_profile(&desk.arena, PHOTO_DISPLAY_P3, &export.icc_size, &icc, &desk.err));
    export.icc = icc;
    Bytes file;
    REQUIRE(encode(&desk, &light, &export, &file) && fine(decode(&desk, file, &jpeg), &desk));
    phone(&tiff, false); /* its orientation 6 does not count in a HEIF, which says it by `irot` */
    Bytes made = heic_of(&desk, with_exif(&desk, file, tiff.used, tiff.bytes));
    REQUIRE(made.size > 0 && fine(decode(&desk, made, &heic), &desk));
    CHECK(heic.facts.format == PHOTO_HEIC && heic.facts.orientation == 1);
    CHECK(heic.light.width_px == 96 && heic.light.height_px == 64);
    CHECK(strcmp(heic.facts.camera, "Acme Phone 7 Pro") == 0);
    CHECK(strcmp(heic.facts.profile, "Display P3") == 0);
    double off = 0.0, mirror = 0.0;
    for (int i = 0; i < 3 * 64 * 96; i++)
        off += fabs((double)heic.light.rgb[i] - (double)jpeg.light.rgb[i]) / (3.0 * 64 * 96);
    CHECK_NEAR(off, 0.0, 0.01);
    CHECK(!contains(sizeof heic.facts, &heic.facts, "SECRET"));
    REQUIRE(fine(decode(&desk, turned_heic(&desk, made, 3), &turned), &desk));
    CHECK(turned.facts.orientation == 1);
    CHECK(turned.light.width_px == 64 && turned.light.height_px == 96);
    for (int y = 0; y < 96; y++) /* clockwise: the upper left has become the upper right */
        for (int x = 0; x < 64; x++)
            mirror += fabs((double)(at(&turned.light, x, y)[0] - at(&heic.light, y, 63 - x)[0]));
    CHECK_NEAR(mirror, 0.0, 0.0);
    for (size_t size = 0; size < made.size; size += 97)
        CHECK(!decode(&desk, (Bytes){size, made.data}, &heic));
    desk_close(&desk);
}

TEST(damaged_heic_files_end_in_a_sentence_or_a_picture)
{
    Desk desk;
    ImageF light;
    Bytes file;
    PhotoExport export = photo_export_default();
    int refusals = 0;
    if (!have("heif-enc"))
        return;
    REQUIRE(desk_open(&desk) && paint(&desk, 64, 64, &light));
    REQUIRE(encode(&desk, &light, &export, &file));
    Bytes made = heic_of(&desk, file);
    REQUIRE(made.size > 0);
    size_t mark = arena_mark(&desk.arena);
    for (int round = 0; round < 60; round++) {
        Rng rng = rng_make(5, (uint64_t)round);
        uint8_t *bytes = ARENA_NEW(&desk.arena, uint8_t, made.size);
        Photo photo;
        memcpy(bytes, made.data, made.size);
        for (int hits = 0; hits < 3; hits++)
            bytes[rng_below(&rng, round % 2 ? 360 : (int)made.size)] =
                (uint8_t)rng_below(&rng, 256);
        bool ok = decode(&desk, (Bytes){made.size, bytes}, &photo);
        CHECK(ok || (strlen(desk.err.text) > 10 && strchr(desk.err.text, '\n') == NULL));
        refusals += !ok;
        arena_rewind(&desk.arena, mark);
    }
    CHECK(refusals > 10);
    desk_close(&desk);
}
