/* Photographs in and out: geometry, colour and precision. */
#include "image/photo_testing.h"

#include "base/rng.h"

#include <lcms2.h>
#include <time.h>

TEST(a_marked_corner_stays_where_it_is_in_every_orientation_and_format)
{
    Desk desk;
    ImageF light;
    REQUIRE(desk_open(&desk) && paint(&desk, 48, 32, &light));
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++) {
            memcpy(at(&light, x, y), (float[3]){0.8f, 0.05f, 0.05f}, 12);      /* upper left */
            memcpy(at(&light, x, 24 + y), (float[3]){0.05f, 0.05f, 0.8f}, 12); /* lower left */
        }
    for (int i = 0; i < 16; i++) {
        PhotoExport export = photo_export_default();
        Bytes file;
        Photo photo;
        export.png = i >= 8;
        export.orientation = i % 8 + 1;
        REQUIRE(encode(&desk, &light, &export, &file) && fine(decode(&desk, file, &photo), &desk));
        CHECK(photo.light.width_px == 48 && photo.light.height_px == 32);
        CHECK(photo.facts.orientation == export.orientation);
        CHECK(photo.facts.stored_width_px == (export.orientation < 5 ? 48 : 32));
        CHECK_NEAR(at(&photo.light, 3, 3)[0], 0.8, 0.05);
        CHECK_NEAR(at(&photo.light, 3, 3)[2], 0.05, 0.03);
        CHECK_NEAR(at(&photo.light, 3, 28)[0], 0.05, 0.03);
        CHECK_NEAR(at(&photo.light, 3, 28)[2], 0.8, 0.05);
        CHECK(photo.grey[3 * 48 + 3] > photo.grey[28 * 48 + 3]); /* red is lighter than blue */
    }
    desk_close(&desk);
}

/* Where the file's row and column 0 stand when it is shown, by the words of Exif 2.32, 4.6.4.A. */
TEST(the_stored_corners_are_where_exif_says)
{
    static const struct {
        int right, down; /* upright place of the stored (0, 0), as a share of the last pixel */
        bool rows_stand; /* the stored row is an upright column */
    } want[9] = {[1] = {0, 0, false}, [2] = {1, 0, false}, [3] = {1, 1, false}, [4] = {0, 1, false},
                 [5] = {0, 0, true},  [6] = {1, 0, true},  [7] = {1, 1, true},  [8] = {0, 1, true}};
    for (int o = 1; o <= 8; o++) {
        PhotoTurn turn = photo_turn(o, 5, 3);
        int x = want[o].right * (turn.width_px - 1), y = want[o].down * (turn.height_px - 1);
        CHECK(turn.start + x * turn.right + y * turn.down == 0);
        ptrdiff_t step = want[o].rows_stand ? turn.down : turn.right;
        CHECK(step == 1 || step == -1);
        CHECK(turn.width_px == (want[o].rows_stand ? 3 : 5));
    }
}

static bool profile_of(Desk *desk, PhotoSpace space, PhotoExport *export)
{
    uint8_t *icc = NULL;
    bool ok = photo_profile(&desk->arena, space, &export->icc_size, &icc, &desk->err);
    export->icc = icc;
    return ok;
}

/* Each channel alone, and all together. */
static void fill_ramps(uint8_t pixels[256 * 12])
{
    for (int i = 0; i < 256; i++)
        for (int k = 0; k < 12; k++)
            pixels[12 * i + k] = (uint8_t)(k / 3 == k % 3 || k >= 9 ? i : 40 * (k % 5));
}

TEST(every_code_of_every_space_survives_the_way_to_light_and_back)
{
    Desk desk;
    uint8_t pixels[256 * 12];
    REQUIRE(desk_open(&desk));
    PhotoColor *color = ARENA_NEW(&desk.arena, PhotoColor, 1);
    fill_ramps(pixels);
    for (int space = PHOTO_SRGB; space <= PHOTO_ADOBE_RGB; space++) {
        Photo photo;
        Image back;
        Bytes file;
        PhotoExport export = photo_export_default();
        export.png = true;
        REQUIRE(profile_of(&desk, space, &export));
        Bytes icc = {export.icc_size, (uint8_t *)(uintptr_t) export.icc};
        file = png_file(&desk, 4, 256, SPNG_COLOR_TYPE_TRUECOLOR, 8, sizeof pixels, pixels, icc);
        REQUIRE(fine(decode(&desk, file, &photo), &desk));
        CHECK(photo.icc_size == icc.size && memcmp(photo.icc, icc.data, icc.size) == 0);
        photo_color_space(space, 256, color);
        double off = 0.0;
        for (int i = 0; i < 4 * 256; i++)
            for (int row = 0; row < 3; row++) {
                double want = 0.0;
                for (int k = 0; k < 3; k++)
                    want +=
                        (double)color->matrix[row][k] * (double)color->curve[k][pixels[3 * i + k]];
                off = fmax(off, fabs((double)photo.light.rgb[3 * i + row] - want));
            }
        CHECK_NEAR(off, 0.0, 4e-5); /* a profile rounds to 1/65536 */
        REQUIRE(encode(&desk, &photo.light, &export, &file));
        REQUIRE(image_decode(&desk.arena, &desk.scratch, file.size, file.data, &back, &desk.err));
        CHECK(memcmp(back.rgb, pixels, sizeof pixels) == 0);
    }
    desk_close(&desk);
}

/* Primaries in linear sRGB, from the chromaticities in exact arithmetic: Display P3 as in
 * color_test.c; Adobe RGB shares red and blue with sRGB. */
TEST(primaries_of_wide_spaces_come_out_beyond_srgb)
{
    static const struct {
        PhotoSpace space;
        int channel;
        double light[3];
    } cases[] = {{PHOTO_DISPLAY_P3, 0, {1.2249, -0.0420, -0.0197}},
                 {PHOTO_DISPLAY_P3, 1, {-0.2249, 1.0420, -0.0786}},
                 {PHOTO_DISPLAY_P3, 2, {0.0, 0.0, 1.0983}},
                 {PHOTO_ADOBE_RGB, 0, {1.3984, 0.0, 0.0}},
                 {PHOTO_ADOBE_RGB, 1, {-0.3984, 1.0, -0.0429}},
                 {PHOTO_ADOBE_RGB, 2, {0.0, 0.0, 1.0429}}};
    Desk desk;
    REQUIRE(desk_open(&desk));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t pixels[3 * 64] = {0};
        PhotoExport export;
        Photo photo;
        for (int p = 0; p < 64; p++)
            pixels[3 * p + cases[i].channel] = 255;
        Bytes jpeg = tj_file(&desk, 8, 8, pixels, TJPF_RGB, TJSAMP_444, 100, 0);
        REQUIRE(profile_of(&desk, cases[i].space, &export));
        jpeg = with_icc_part(&desk, jpeg, 1, 1, export.icc_size, export.icc);
        REQUIRE(fine(decode(&desk, jpeg, &photo), &desk));
        for (int k = 0; k < 3; k++) /* a JPEG's 255 may come out as 254 */
            CHECK_NEAR(at(&photo.light, 3, 3)[k], cases[i].light[k], 0.014);
        PhotoColor *color = ARENA_NEW(&desk.arena, PhotoColor, 1);
        photo_color_space(cases[i].space, 2, color);
        for (int k = 0; k < 3; k++)
            CHECK_NEAR(color->matrix[k][cases[i].channel], cases[i].light[k], 1e-4);
    }
    desk_close(&desk);
}

TEST(light_outside_a_gamut_is_clamped_and_what_is_no_number_is_black)
{
    Desk desk;
    ImageF light;
    Bytes file;
    Image back;
    REQUIRE(desk_open(&desk) && image_new_f(&desk.arena, 4, 1, &light, &desk.err));
    static const float row[12] = {2.0f, -1.0f, 0.2f,  0.5f,  NAN,    0.5f,
                                  0.0f, 1.0f,  1e-9f, 1e30f, -1e30f, 0.9999f};
    static const uint8_t want[12] = {255, 0, 124, 0, 0, 0, 0, 255, 0, 255, 0, 255};
    memcpy(light.rgb, row, sizeof row);
    PhotoExport export = photo_export_default();
    export.png = true;
    REQUIRE(encode(&desk, &light, &export, &file));
    REQUIRE(image_decode(&desk.arena, &desk.scratch, file.size, file.data, &back, &desk.err));
    CHECK(memcmp(back.rgb, want, sizeof want) == 0);
    desk_close(&desk);
}

TEST(written_codes_are_the_nearest_as_the_formula_says)
{
    enum { W = 301, H = 97 };
    Desk desk;
    ImageF light;
    Bytes file;
    Image back;
    PhotoExport export = photo_export_default();
    Rng rng = rng_make(3, 0);
    int wrong = 0;
    REQUIRE(desk_open(&desk) && image_new_f(&desk.arena, W, H, &light, &desk.err));
    for (int i = 0; i < 3 * W * H; i++) { /* both sides of every half, and all of the scale */
        float side = i < 255 ? 1.0f - 1e-6f : 1.0f + 1e-6f;
        light.rgb[i] = i < 510 ? side * color_srgb_decode(((float)(i % 255) + 0.5f) / 255.0f)
                               : powf(rng_f32(&rng), (float)(1 + i % 4));
    }
    export.png = true;
    REQUIRE(encode(&desk, &light, &export, &file));
    REQUIRE(image_decode(&desk.arena, &desk.scratch, file.size, file.data, &back, &desk.err));
    for (int i = 0; i < W * H; i++) {
        uint8_t want[3];
        const float *c = light.rgb + 3 * i;
        color_to_srgb8((Rgb){c[0], c[1], c[2]}, want);
        wrong += memcmp(want, back.rgb + 3 * i, 3) != 0;
    }
    CHECK(wrong == 0);
    desk_close(&desk);
}

TEST(a_png_of_16_bits_keeps_all_of_them)
{
    enum { N = 65536 };
    Desk desk;
    Photo photo;
    REQUIRE(desk_open(&desk));
    uint16_t *pixels = ARENA_NEW(&desk.arena, uint16_t, 3 * N);
    REQUIRE(pixels != NULL);
    for (int i = 0; i < N; i++) {
        pixels[3 * i] = (uint16_t)i;
        pixels[3 * i + 1] = (uint16_t)(N - 1 - i);
        pixels[3 * i + 2] = 32768;
    }
    Bytes png = png_file(&desk, 256, 256, SPNG_COLOR_TYPE_TRUECOLOR, 16, 6 * N, pixels, (Bytes){0});
    REQUIRE(fine(decode(&desk, png, &photo), &desk));
    CHECK(photo.facts.bits == 16 && strcmp(photo.facts.profile, "sRGB (assumed)") == 0);
    double off = 0.0;
    bool grey_near = true;
    for (int i = 0; i < N; i++) {
        double luma = 0.0;
        static const double weight[3] = {0.299, 0.587, 0.114};
        for (int k = 0; k < 3; k++) {
            float code = (float)pixels[3 * i + k] / 65535.0f;
            off = fmax(off, fabs((double)(photo.light.rgb[3 * i + k] - color_srgb_decode(code))));
            luma += weight[k] * 255.0 * (double)code;
        }
        grey_near &= fabs(luma - photo.grey[i]) <= 0.51;
    }
    CHECK_NEAR(off, 0.0, 2e-7);
    CHECK(grey_near);
    desk_close(&desk);
}

/* Grey, palette and alpha: the same picture in every colour type is the same light. */
TEST(every_kind_of_png_and_a_grey_jpeg_are_photographs)
{
    Desk desk;
    REQUIRE(desk_open(&desk));
    uint8_t grey[64], grey_alpha[128], rgba[256], rgb[192];
    uint16_t deep[64];
    for (int i = 0; i < 64; i++) {
        grey[i] = grey_alpha[2 * i] = rgba[4 * i] = rgba[4 * i + 1] = rgba[4 * i + 2] =
            (uint8_t)(100 + i / 8);
        memset(rgb + 3 * i, grey[i], 3);
        grey_alpha[2 * i + 1] = rgba[4 * i + 3] = (uint8_t)(4 * i);
        deep[i] = (uint16_t)(257 * grey[i]);
    }
    Bytes file[] = {
        png_file(&desk, 8, 8, SPNG_COLOR_TYPE_GRAYSCALE, 8, 64, grey, (Bytes){0}),
        png_file(&desk, 8, 8, SPNG_COLOR_TYPE_GRAYSCALE_ALPHA, 8, 128, grey_alpha, (Bytes){0}),
        png_file(&desk, 8, 8, SPNG_COLOR_TYPE_TRUECOLOR_ALPHA, 8, 256, rgba, (Bytes){0}),
        png_file(&desk, 8, 8, SPNG_COLOR_TYPE_GRAYSCALE, 16, 128, deep, (Bytes){0}),
        tj_file(&desk, 8, 8, rgb, TJPF_RGB, TJSAMP_GRAY, 100, 0),
        tj_file(&desk, 8, 8, rgb, TJPF_RGB, TJSAMP_420, 100, TJFLAG_PROGRESSIVE),
    };
    for (size_t f = 0; f < sizeof file / sizeof *file; f++) {
        Photo photo;
        REQUIRE(fine(decode(&desk, file[f], &photo), &desk));
        for (int i = 0; i < 64; i++) {
            Rgb want = color_from_srgb8(rgb + 3 * i);
            CHECK_NEAR(photo.light.rgb[3 * i + 1], want.g, f < 4 ? 1e-6 : 0.006);
            CHECK(abs(photo.grey[i] - grey[i]) <= (f < 4 ? 0 : 1));
        }
    }
    desk_close(&desk);
}

TEST(the_gamma_and_primaries_of_a_png_count_where_it_has_no_profile)
{
    /* gAMA 1.0: light as it is. cHRM of Display P3 beside it. By hand, between IHDR and IDAT. */
    static const uint8_t gama[16] = {0, 0, 0,    4,    'g',  'A',  'M',  'A',
                                     0, 1, 0x86, 0xa0, 0x31, 0xe8, 0x96, 0x5f};
    Desk desk;
    Photo photo;
    uint8_t rgb[192];
    memset(rgb, 51, sizeof rgb); /* 0.2 */
    REQUIRE(desk_open(&desk));
    Bytes png = png_file(&desk, 8, 8, SPNG_COLOR_TYPE_TRUECOLOR, 8, sizeof rgb, rgb, (Bytes){0});
    Bytes with = {png.size + 16, ARENA_NEW(&desk.arena, uint8_t, png.size + 16)};
    enum { IHDR_END = 33 };
    memcpy(with.data, png.data, IHDR_END);
    memcpy(with.data + IHDR_END, gama, 16);
    memcpy(with.data + IHDR_END + 16, png.data + IHDR_END, png.size - IHDR_END);
    REQUIRE(fine(decode(&desk, with, &photo), &desk));
    CHECK_NEAR(photo.light.rgb[0], 0.2, 1e-6);
    CHECK(strcmp(photo.facts.profile, "PNG gamma 1") == 0);
    CHECK(photo.icc == NULL);
    desk_close(&desk);
}

/* ---- profiles of others, made with lcms ---- */

static Bytes saved(Desk *desk, cmsHPROFILE profile)
{
    cmsUInt32Number size = 0;
    if (profile == NULL || !cmsSaveProfileToMem(profile, NULL, &size))
        abort();
    Bytes out = {size, ARENA_NEW(&desk->arena, uint8_t, size)};
    if (out.data == NULL || !cmsSaveProfileToMem(profile, out.data, &size))
        abort();
    cmsCloseProfile(profile);
    return out;
}

static cmsInt32Number sample(const cmsUInt16Number in[], cmsUInt16Number out[], void *transform)
{
    cmsDoTransform(transform, in, out, 1);
    return 1;
}

/* sRGB as a scanner's maker would say it: a table of n^3 colours to Lab. */
static Bytes table_profile(Desk *desk, unsigned n)
{
    cmsHPROFILE srgb = cmsCreate_sRGBProfile(), lab = cmsCreateLab4Profile(NULL);
    cmsHTRANSFORM transform = cmsCreateTransform(srgb, TYPE_RGB_16, lab, TYPE_Lab_16,
                                                 INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE);
    cmsHPROFILE profile = cmsCreateProfilePlaceholder(NULL);
    cmsPipeline *pipeline = cmsPipelineAlloc(NULL, 3, 3);
    cmsStage *table = cmsStageAllocCLut16bit(NULL, n, 3, 3, NULL);
    cmsSetProfileVersion(profile, 4.3);
    cmsSetDeviceClass(profile, cmsSigInputClass);
    cmsSetColorSpace(profile, cmsSigRgbData);
    cmsSetPCS(profile, cmsSigLabData);
    if (!cmsStageSampleCLut16bit(table, sample, transform, 0) ||
        !cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(NULL, 3, NULL)) ||
        !cmsPipelineInsertStage(pipeline, cmsAT_END, table) ||
        !cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(NULL, 3, NULL)) ||
        !cmsWriteTag(profile, cmsSigAToB0Tag, pipeline) ||
        !cmsWriteTag(profile, cmsSigMediaWhitePointTag, cmsD50_XYZ()))
        abort();
    cmsPipelineFree(pipeline);
    cmsDeleteTransform(transform);
    cmsCloseProfile(lab);
    cmsCloseProfile(srgb);
    return saved(desk, profile);
}

static Bytes ramp_jpeg(Desk *desk, int subsampling)
{
    uint8_t rgb[3 * 64 * 16];
    for (int i = 0; i < 64 * 16; i++) {
        rgb[3 * i] = (uint8_t)(40 + 3 * (i % 64));
        rgb[3 * i + 1] = (uint8_t)(90 + i % 64);
        rgb[3 * i + 2] = (uint8_t)(160 - i % 64);
    }
    return tj_file(desk, 64, 16, rgb, TJPF_RGB, subsampling, 98, 0);
}

TEST(a_profile_of_tables_gives_the_light_of_the_curves_it_was_made_from)
{
    Desk desk;
    Photo plain, table;
    REQUIRE(desk_open(&desk));
    Bytes jpeg = ramp_jpeg(&desk, TJSAMP_444), icc = table_profile(&desk, 33);
    REQUIRE(fine(decode(&desk, jpeg, &plain), &desk));
    /* Over 64 kB it comes in parts, here in the wrong order. */
    enum { PART = 60000 };
    int count = (int)((icc.size + PART - 1) / PART);
    REQUIRE(count > 2);
    Bytes file = jpeg;
    for (int i = 0; i < count; i++) {
        size_t begin = (size_t)i * PART, left = icc.size - begin;
        file =
            with_icc_part(&desk, file, i + 1, count, left < PART ? left : PART, icc.data + begin);
    }
    REQUIRE(fine(decode(&desk, file, &table), &desk));
    double off = 0.0;
    for (int i = 0; i < 3 * 64 * 16; i++)
        off = fmax(off, fabs((double)plain.light.rgb[i] - (double)table.light.rgb[i]));
    CHECK_NEAR(off, 0.0, 0.004); /* a table of 33^3 */
    CHECK(abs(table.grey[100] - plain.grey[100]) <= 3);
    CHECK(table.icc == NULL);
    Bytes missing = with_icc_part(&desk, jpeg, 1, 2, 1000, icc.data);
    CHECK(refused(&desk, missing, "incomplete"));
    desk_close(&desk);
}

TEST(a_grey_profile_is_a_curve_and_a_cmyk_profile_is_refused_by_name)
{
    Desk desk;
    Photo photo;
    REQUIRE(desk_open(&desk));
    cmsToneCurve *curve = cmsBuildGamma(NULL, 1.8);
    Bytes grey = saved(&desk, cmsCreateGrayProfile(cmsD50_xyY(), curve));
    cmsToneCurve *four[4] = {curve, curve, curve, curve};
    Bytes cmyk = saved(&desk, cmsCreateLinearizationDeviceLink(cmsSigCmykData, four));
    cmsFreeToneCurve(curve);
    Bytes jpeg = ramp_jpeg(&desk, TJSAMP_GRAY);
    Bytes file = with_icc_part(&desk, jpeg, 1, 1, grey.size, grey.data);
    REQUIRE(fine(decode(&desk, file, &photo), &desk));
    for (int i = 0; i < 64; i++)
        CHECK_NEAR(photo.light.rgb[3 * i], pow(photo.grey[i] / 255.0, 1.8), 1e-4);
    CHECK(photo.icc == NULL);
    CHECK(refused(&desk, with_icc_part(&desk, jpeg, 1, 1, cmyk.size, cmyk.data), "CMYK"));
    CHECK(refused(&desk, with_icc_part(&desk, jpeg, 1, 1, 300, jpeg.data), "damaged"));
    desk_close(&desk);
}

TEST(a_cmyk_jpeg_is_refused_by_name)
{
    Desk desk;
    uint8_t cmyk[256];
    REQUIRE(desk_open(&desk));
    memset(cmyk, 90, sizeof cmyk);
    Bytes file = tj_file(&desk, 8, 8, cmyk, TJPF_CMYK, TJSAMP_444, 90, 0);
    CHECK(refused(&desk, file, "CMYK"));
    CHECK(desk.err.code == ERR_INPUT);
    desk_close(&desk);
}

TEST(a_profile_of_ours_does_not_depend_on_the_clock_and_says_its_name)
{
    static const char *const names[] = {"sRGB", "Display P3", "Adobe RGB compatible"};
    Desk desk;
    REQUIRE(desk_open(&desk));
    PhotoExport first[3], second;
    for (int space = 0; space < 3; space++)
        REQUIRE(profile_of(&desk, space, &first[space]));
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 100000000}, NULL);
    for (int space = 0; space < 3; space++) {
        REQUIRE(profile_of(&desk, space, &second));
        CHECK(second.icc_size == first[space].icc_size && second.icc_size < 1024);
        CHECK(memcmp(second.icc, first[space].icc, second.icc_size) == 0);
        Photo photo;
        Bytes file =
            with_icc_part(&desk, ramp_jpeg(&desk, TJSAMP_444), 1, 1, second.icc_size, second.icc);
        REQUIRE(fine(decode(&desk, file, &photo), &desk));
        CHECK(strcmp(photo.facts.profile, names[space]) == 0);
    }
    desk_close(&desk);
}

TEST(any_number_of_threads_reads_and_writes_the_same)
{
    Desk desk;
    ImageF light;
    REQUIRE(desk_open(&desk) && paint(&desk, 301, 203, &light));
    PhotoExport export = photo_export_default();
    REQUIRE(profile_of(&desk, PHOTO_DISPLAY_P3, &export));
    for (int orientation = 1; orientation <= 6; orientation += 5) {
        Bytes first = {0}, file;
        Photo one = {0}, photo;
        export.orientation = orientation;
        for (int threads = 1; threads <= 5; threads++) {
            PhotoLimits limits = photo_limits_default();
            limits.threads = export.threads = threads;
            REQUIRE(encode(&desk, &light, &export, &file));
            REQUIRE(photo_decode(&desk.arena, limits, file.size, file.data, &photo, &desk.err));
            if (threads == 1) {
                first = file;
                one = photo;
            }
            CHECK(first.size == file.size && memcmp(first.data, file.data, file.size) == 0);
            CHECK(memcmp(one.light.rgb, photo.light.rgb, sizeof(float) * 3 * 301 * 203) == 0);
            CHECK(memcmp(one.grey, photo.grey, 301 * 203) == 0);
        }
    }
    desk_close(&desk);
}

TEST(one_arena_can_serve_for_the_file_and_the_work)
{
    Desk desk;
    ImageF light;
    Bytes file, same;
    REQUIRE(desk_open(&desk) && paint(&desk, 40, 30, &light));
    PhotoExport export = photo_export_default();
    REQUIRE(encode(&desk, &light, &export, &file));
    REQUIRE(
        photo_encode(&desk.arena, &desk.arena, &light, &export, &same.size, &same.data, &desk.err));
    CHECK(same.data + same.size <= (uint8_t *)desk.arena.base + desk.arena.used);
    CHECK(same.size == file.size && memcmp(same.data, file.data, file.size) == 0);
    desk_close(&desk);
}

static int subsampling_of(Bytes jpeg)
{
    int width_px, height_px, subsampling = -1, space;
    tjhandle codec = tjInitDecompress();
    if (codec == NULL || tjDecompressHeader3(codec, jpeg.data, (unsigned long)jpeg.size, &width_px,
                                             &height_px, &subsampling, &space) != 0)
        abort();
    tjDestroy(codec);
    return subsampling;
}

TEST(a_jpeg_says_its_quality_and_keeps_full_colour_from_90_on)
{
    Desk desk;
    ImageF light;
    REQUIRE(desk_open(&desk) && paint(&desk, 32, 32, &light));
    for (int quality = 10; quality <= 100; quality += 5) {
        PhotoExport export = photo_export_default();
        Bytes file;
        PhotoFacts facts;
        export.quality = quality;
        REQUIRE(encode(&desk, &light, &export, &file));
        REQUIRE(photo_facts(file.size, file.data, &facts, &desk.err));
        CHECK(facts.jpeg_quality == quality);
        CHECK(subsampling_of(file) == (quality >= 90 ? TJSAMP_444 : TJSAMP_420));
    }
    desk_close(&desk);
}

TEST(too_little_memory_for_a_photograph_is_a_limit_and_leaves_the_arena_as_it_was)
{
    Desk desk;
    ImageF light;
    Bytes file;
    Photo photo;
    REQUIRE(desk_open(&desk) && paint(&desk, 64, 64, &light));
    PhotoExport export = photo_export_default();
    REQUIRE(profile_of(&desk, PHOTO_DISPLAY_P3, &export) && encode(&desk, &light, &export, &file));
    size_t mark = arena_mark(&desk.arena), whole = desk.arena.limit;
    REQUIRE(decode(&desk, file, &photo));
    size_t need = arena_mark(&desk.arena) - mark;
    arena_rewind(&desk.arena, mark);
    for (size_t room = 0; room < need; room += need / 20) {
        desk.arena.limit = mark + room;
        CHECK(!decode(&desk, file, &photo));
        CHECK(desk.err.code == ERR_LIMIT);
        CHECK(arena_mark(&desk.arena) == mark);
    }
    desk.arena.limit = whole;
    whole = desk.scratch.limit;
    size_t used = arena_mark(&desk.scratch);
    for (size_t room = 0; room < 15000; room += 2500) {
        desk.scratch.limit = used + room;
        CHECK(!photo_encode(&desk.arena, &desk.scratch, &light, &export, &file.size, &file.data,
                            &desk.err));
        CHECK(desk.err.code == ERR_LIMIT && arena_mark(&desk.scratch) == used);
    }
    desk.scratch.limit = whole;
    desk_close(&desk);
}
