#include "look_internal.h"

#include "base/parallel.h"

#include <math.h>

/* A texture is drawn tile by tile, as a photograph is: from its 8 bits to light and back. The halo
 * of a dot takes less light than a step of a code, and would be rounded away: codes are rounded up
 * or down by a threshold of the pixel's place, so that their mean is right. */

typedef struct Texture {
    const Ink *ink;
    Image *picture;
} Texture;

/* In [0, 1): the fractions of the plastic number, of which neighbours are far apart (Roberts, "The
 * unreasonable effectiveness of quasirandom sequences", 2018). */
static float threshold(int x, int y)
{
    uint32_t at = (uint32_t)x * 3242174889U + (uint32_t)y * 2447445414U;
    return (float)(at >> 8) * (1.0F / 16777216);
}

static uint8_t code_of(float light, float up)
{
    float code = 255 * color_srgb_encode(light) + up;
    return (uint8_t)(code < 0 ? 0 : code > 255 ? 255 : code);
}

static void draw_tile(const Texture *texture, int column, int row, const Through *through)
{
    Image *picture = texture->picture;
    int x0 = column * TILE_WIDTH, y0 = row * TILE_HEIGHT;
    for (int y = 0; y < TILE_HEIGHT && y0 + y < picture->height_px; y++)
        for (int x = 0; x < TILE_WIDTH && x0 + x < picture->width_px; x++) {
            uint8_t *rgb = &picture->rgb[3 * ((ptrdiff_t)(y0 + y) * picture->width_px + x0 + x)];
            const float t[3] = {through->at[0][y * TILE_STRIDE + x],
                                through->at[1][y * TILE_STRIDE + x],
                                through->at[2][y * TILE_STRIDE + x]};
            Rgb light = color_from_srgb8(rgb);
            float up = threshold(x0 + x, y0 + y), was[3] = {light.r, light.g, light.b};
            for (int k = 0; k < 3; k++)
                if (t[k] < 1 || t[k] > 1)
                    rgb[k] = code_of(was[k] * t[k], up);
        }
}

static void draw_row(void *ctx, int block, int begin, int end)
{
    (void)begin, (void)end;
    const Texture *texture = ctx;
    Through through;
    for (int column = 0; column < texture->ink->columns; column++)
        if (look_ink_tile(texture->ink, column, block, &through))
            draw_tile(texture, column, block, &through);
}

static bool check_chart(const LookChart *chart, const Image *texture, Err *err)
{
    if (texture->width_px != chart->side_px || texture->height_px != chart->side_px)
        return err_set(err, ERR_INPUT, "a texture of %d x %d px for a chart of %d",
                       texture->width_px, texture->height_px, chart->side_px);
    if (chart->side_px < 1 || chart->side_px > IMAGE_MAX_SIDE_PX)
        return err_set(err, ERR_INPUT, "a chart of %d px: its side must be 1 to %d", chart->side_px,
                       IMAGE_MAX_SIDE_PX);
    if (!(chart->half > 0.01 && chart->half < 100))
        return err_set(err, ERR_INPUT, "a chart that reaches to %g: not within 0.01..100",
                       chart->half);
    return true;
}

bool look_chart_draw(Arena *scratch, const LookChart *chart, const LookState *state, int threads,
                     Image *texture, Err *err)
{
    size_t mark = arena_mark(scratch);
    const Profiles *profiles;
    Ink ink;
    if (!check_chart(chart, texture, err) || !look_make_profiles(scratch, &profiles, err) ||
        !look_ink_on_chart(scratch, chart, profiles, state, threads, &ink, err))
        return false;
    Texture all = {&ink, texture};
    parallel_for(threads, ink.rows, 1, draw_row, &all);
    arena_rewind(scratch, mark);
    return true;
}
