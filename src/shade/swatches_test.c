#include "shade/swatches.h"

#include "base/test.h"

#include <string.h>

enum { SIDE = 96 };

typedef struct Photo {
    Arena arena;
    Image picture;
    Swatches swatches;
    SkinSwatch out[SKIN_MAX_SWATCHES];
} Photo;

static void paint(Image *picture, SwatchRect rect, Rgb light)
{
    uint8_t code[3];
    color_to_srgb8(light, code);
    for (int y = rect.y_px; y < rect.y_px + rect.height_px; y++)
        for (int x = rect.x_px; x < rect.x_px + rect.width_px; x++)
            memcpy(picture->rgb + 3 * (y * picture->width_px + x), code, 3);
}

/* Two bare patches and a swatch beside the second; one lamp is twice as bright as the other. */
static bool photo_open(Photo *photo)
{
    Err err = {0};
    *photo = (Photo){0};
    if (!arena_open(&photo->arena, 1 << 20, &err) ||
        !image_new(&photo->arena, SIDE, SIDE, &photo->picture, &err))
        return false;
    photo->swatches = (Swatches){.bare_count = 2,
                                 .bare = {{0, 0, 30, 30}, {0, 60, 30, 30}},
                                 .swatch_count = 1,
                                 .swatch = {{{40, 60, 30, 30}, 10.0, 150.0, 0.3}}};
    paint(&photo->picture, photo->swatches.bare[0], (Rgb){0.8f, 0.6f, 0.5f});
    paint(&photo->picture, photo->swatches.bare[1], (Rgb){0.4f, 0.3f, 0.25f});
    paint(&photo->picture, photo->swatches.swatch[0].rect, (Rgb){0.3f, 0.24f, 0.21f});
    return true;
}

static const Rgb photo_skin = {0.4f, 0.3f, 0.25f};

TEST(a_swatch_is_measured_against_the_nearest_bare_skin)
{
    Photo photo;
    Err err = {0};
    REQUIRE(photo_open(&photo));
    REQUIRE(swatches_measure(&photo.picture, &photo.swatches, photo_skin, photo.out, &err));
    CHECK_NEAR(photo.out[0].ratio.r, 0.75, 0.01);
    CHECK_NEAR(photo.out[0].ratio.g, 0.80, 0.01);
    CHECK_NEAR(photo.out[0].ratio.b, 0.84, 0.01);
    CHECK_NEAR(photo.out[0].dilution, 10.0, 0.0);
    CHECK_NEAR(photo.out[0].sd, 0.005, 1e-12);
    arena_close(&photo.arena);
}

/* (0.75 x 0.4 + s) / (0.4 + s) with shine in both must come back as 0.75. */
TEST(shine_is_taken_off_both_patches)
{
    Photo photo;
    Err err = {0};
    const float s = (float)SKIN_GLOSS;
    REQUIRE(photo_open(&photo));
    paint(&photo.picture, photo.swatches.bare[1], (Rgb){0.4f + s, 0.3f + s, 0.25f + s});
    paint(&photo.picture, photo.swatches.swatch[0].rect, (Rgb){0.3f + s, 0.24f + s, 0.21f + s});
    photo.swatches.gloss_included = true;
    REQUIRE(swatches_measure(&photo.picture, &photo.swatches, photo_skin, photo.out, &err));
    CHECK_NEAR(photo.out[0].ratio.r, 0.75, 0.01);
    CHECK_NEAR(photo.out[0].ratio.b, 0.84, 0.01);
    arena_close(&photo.arena);
}

/* Halves of 0.28 and 0.20 in green: 16 blocks, standard deviation 0.04, standard error
 * 0.04 / sqrt(15), of the ratio to 0.3. */
TEST(the_spread_within_a_swatch_becomes_its_error)
{
    Photo photo;
    Err err = {0};
    REQUIRE(photo_open(&photo));
    SwatchRect half = {40, 60, 30, 15};
    photo.swatches.swatch[0].rect.height_px = 30;
    paint(&photo.picture, half, (Rgb){0.35f, 0.28f, 0.24f});
    half.y_px = 75;
    paint(&photo.picture, half, (Rgb){0.25f, 0.20f, 0.17f});
    REQUIRE(swatches_measure(&photo.picture, &photo.swatches, photo_skin, photo.out, &err));
    CHECK_NEAR(photo.out[0].ratio.g, 0.80, 0.01);
    CHECK_NEAR(photo.out[0].sd, 0.04 / sqrt(15.0) / 0.3, 0.003);
    arena_close(&photo.arena);
}

TEST(rectangles_that_cannot_be_measured_are_named_with_the_reason)
{
    const struct {
        SwatchRect rect;
        Rgb light;
        const char *word;
    } bad[] = {{{80, 60, 30, 30}, {0.3f, 0.24f, 0.21f}, "leaves the picture"},
               {{40, 60, 30, 10}, {0.3f, 0.24f, 0.21f}, "at least 24"},
               {{40, 60, 30, 30}, {1.0f, 1.0f, 1.0f}, "overexposed"},
               {{40, 60, 30, 30}, {0.001f, 0.001f, 0.001f}, "too dark"},
               {{40, 60, 30, 30}, {0.5f, 0.4f, 0.3f}, "lighter than bare[1]"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Photo photo;
        Err err = {0};
        REQUIRE(photo_open(&photo));
        if (i > 1)
            paint(&photo.picture, bad[i].rect, bad[i].light);
        photo.swatches.swatch[0].rect = bad[i].rect;
        CHECK(!swatches_measure(&photo.picture, &photo.swatches, photo_skin, photo.out, &err));
        CHECK(strstr(err.text, bad[i].word) != NULL && strstr(err.text, "swatches[0]") != NULL);
        arena_close(&photo.arena);
    }
}

TEST(a_patch_with_shine_is_refused)
{
    Photo photo;
    Err err = {0};
    REQUIRE(photo_open(&photo));
    paint(&photo.picture, (SwatchRect){45, 65, 6, 6}, (Rgb){1.0f, 1.0f, 1.0f});
    CHECK(!swatches_measure(&photo.picture, &photo.swatches, photo_skin, photo.out, &err));
    CHECK(strstr(err.text, "shines") != NULL);
    arena_close(&photo.arena);
}
