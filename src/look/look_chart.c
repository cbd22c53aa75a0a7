#include "look_internal.h"

#include "base/parallel.h"

#include <math.h>

/* A texture is drawn tile by tile, as a photograph is: from its 8 bits to light and back. */

typedef struct Texture {
    const Ink *ink;
    Image *picture;
} Texture;

static void draw_tile(const Texture *texture, int column, int row, const Through *through)
{
    Image *picture = texture->picture;
    int x0 = column * TILE_WIDTH, y0 = row * TILE_HEIGHT;
    for (int y = 0; y < TILE_HEIGHT && y0 + y < picture->height_px; y++)
        for (int x = 0; x < TILE_WIDTH && x0 + x < picture->width_px; x++) {
            uint8_t *rgb = &picture->rgb[3 * ((ptrdiff_t)(y0 + y) * picture->width_px + x0 + x)];
            int at = y * TILE_STRIDE + x;
            Rgb t = {through->at[0][at], through->at[1][at], through->at[2][at]};
            Rgb light = color_from_srgb8(rgb);
            color_to_srgb8((Rgb){light.r * t.r, light.g * t.g, light.b * t.b}, rgb);
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
