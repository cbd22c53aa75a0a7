#include "image/photo.h"

#include "base/rng.h"
#include "base/test.h"

#include <stdlib.h>
#include <string.h>

typedef struct Desk {
    Arena arena, scratch;
    Err err;
} Desk;

static bool desk_open(Desk *desk)
{
    *desk = (Desk){0};
    return arena_open(&desk->arena, (size_t)1 << 30, &desk->err) &&
           arena_open(&desk->scratch, (size_t)1 << 28, &desk->err);
}

static void desk_close(Desk *desk)
{
    arena_close(&desk->scratch);
    arena_close(&desk->arena);
}

/* Smooth, so that a JPEG keeps it, with a red mark in the upper left corner and a blue one below
 * it. */
static bool paint(Desk *desk, int width_px, int height_px, ImageF *light)
{
    if (!image_new_f(&desk->arena, width_px, height_px, light, &desk->err))
        return false;
    for (int y = 0; y < height_px; y++)
        for (int x = 0; x < width_px; x++) {
            float *c = light->rgb + 3 * ((size_t)y * (size_t)width_px + (size_t)x);
            float u = (float)x / (float)width_px, v = (float)y / (float)height_px;
            bool red = x < 8 && y < 8, blue = x < 8 && y >= height_px - 8;
            c[0] = red ? 0.8f : blue ? 0.05f : 0.2f + 0.5f * u;
            c[1] = red || blue ? 0.05f : 0.2f + 0.4f * v;
            c[2] = blue ? 0.8f : red ? 0.05f : 0.3f + 0.2f * u * v;
        }
    return true;
}

TEST(a_marked_corner_stays_where_it_is_in_every_orientation_and_format)
{
    Desk desk;
    ImageF light;
    REQUIRE(desk_open(&desk) && paint(&desk, 48, 32, &light));
    for (int png = 0; png < 2; png++)
        for (int orientation = 1; orientation <= 8; orientation++) {
            PhotoExport export = photo_export_default();
            size_t size;
            uint8_t *bytes;
            Photo photo;
            export.png = png;
            export.orientation = orientation;
            bool ok = photo_encode(&desk.arena, &desk.scratch, &light, &export, &size, &bytes,
                                   &desk.err) &&
                      photo_decode(&desk.arena, photo_limits_default(), size, bytes, &photo,
                                   &desk.err);
            if (!CHECK(ok)) {
                printf("# %s\n", desk.err.text);
                break;
            }
            CHECK(photo.light.width_px == 48 && photo.light.height_px == 32);
            CHECK(photo.facts.orientation == orientation);
            CHECK(photo.facts.stored_width_px == (orientation < 5 ? 48 : 32));
            const float *red = photo.light.rgb + 3 * (3 * 48 + 3);
            const float *blue = photo.light.rgb + 3 * (28 * 48 + 3);
            CHECK_NEAR(red[0], 0.8, 0.05);
            CHECK_NEAR(red[2], 0.05, 0.03);
            CHECK_NEAR(blue[0], 0.05, 0.03);
            CHECK_NEAR(blue[2], 0.8, 0.05);
        }
    desk_close(&desk);
}
