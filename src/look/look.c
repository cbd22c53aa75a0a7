#include "look/look.h"

#include "base/parallel.h"
#include "look_internal.h"

#include <math.h>

double look_px_per_mm(const LookStage *stage, LookView view)
{
    return stage->view[view].px_per_mm;
}

bool look_project(const LookStage *stage, LookView view, Vec3 position_mm, double *x_px,
                  double *y_px)
{
    const Camera *camera = &stage->view[view].camera;
    Vec3 c = camera_coordinates(camera, position_mm);
    if (!(c.z > 1))
        return false;
    *x_px = camera->lens.centre_x_px + camera->lens.focal_px * c.x / c.z;
    *y_px = camera->lens.centre_y_px + camera->lens.focal_px * c.y / c.z;
    return true;
}

/* The blur of lens and demosaicing: 0.8 to 1.0 px in phone photographs (field notes, canvas 3.1),
 * 0.6 in a studio picture. Without it dots look pasted on. */
static const double STUDIO_BLUR_PX = 0.6;

/* ---- light to bytes
 * ------------------------------------------------------------------------------ */

typedef struct Develop {
    const LookStage *stage;
    const View *view;
    const Ink *ink;
    uint8_t *rgb;
} Develop;

/* Uniform noise of rms 1 that depends on the place only: the same in every state of a view. */
static float grain_of(uint32_t x, uint32_t y)
{
    uint32_t h = x * 0x9E3779B1U ^ (y * 0x85EBCA77U + 0xC2B2AE3DU);
    h = (h ^ (h >> 15)) * 0x2C1B3C6DU;
    h = (h ^ (h >> 12)) * 0x297A2D39U;
    h ^= h >> 15;
    return ((float)(h >> 8) * 0x1p-24F - 0.5F) * 3.4641016F;
}

/* The whole of the dots: gloss + diffuse * transmittance, as a light code. */
static int developed(uint16_t base, uint16_t diffuse, float through)
{
    float light = (float)base + (float)diffuse * through + 0.5F;
    return light < LIGHT_CODES ? (int)light : LIGHT_CODES - 1;
}

/* through: NULL where there are no marks */
static void develop_tile(const Develop *develop, int column, int row, const Through *through)
{
    const LookStage *stage = develop->stage;
    int x1 = (column + 1) * TILE_WIDTH, y1 = (row + 1) * TILE_HEIGHT;
    for (int y = row * TILE_HEIGHT; y < y1 && y < stage->height_px; y++)
        for (int x = column * TILE_WIDTH; x < x1 && x < stage->width_px; x++) {
            ptrdiff_t px = (ptrdiff_t)y * stage->width_px + x;
            float noise = stage->grain_codes > 0
                              ? stage->grain_codes * grain_of((uint32_t)x, (uint32_t)y)
                              : 0;
            int at = y % TILE_HEIGHT * TILE_STRIDE + x % TILE_WIDTH;
            for (int c = 0; c < 3; c++) {
                int light = developed(develop->view->base[px][c], develop->view->diffuse[px][c],
                                      through != NULL ? through->at[c][at] : 1);
                float code = stage->code[light] + noise + 0.5F;
                develop->rgb[3 * px + c] = (uint8_t)(code > 0 ? fminf(code, 255) : 0);
            }
        }
}

static void develop_tiles(void *ctx, int block, int begin, int end)
{
    (void)begin, (void)end;
    const Develop *develop = ctx;
    Through through;
    for (int column = 0; column < develop->ink->columns; column++) {
        bool marked = look_ink_tile(develop->ink, column, block, &through);
        develop_tile(develop, column, block, marked ? &through : NULL);
    }
}

bool look_picture(Arena *arena, Arena *scratch, const LookStage *stage, LookView view,
                  const LookState *state, int threads, Image *picture, Err *err)
{
    if (stage->view[view].base == NULL)
        return err_set(err, ERR_INPUT, "the view '%s' was not made", look_view_name(view));
    if (!image_new(arena, stage->width_px, stage->height_px, picture, err))
        return false;
    size_t mark = arena_mark(scratch);
    const View *seen = &stage->view[view];
    LookPlate plate = {
        .camera = seen->camera, .depth_mm = seen->depth_mm, .blur_px = STUDIO_BLUR_PX};
    Ink ink;
    if (!look_ink_new(scratch, &plate, stage->profiles, state, threads, &ink, err))
        return false;
    Develop develop = {.stage = stage, .view = seen, .ink = &ink, .rgb = picture->rgb};
    parallel_for(threads, ink.rows, 1, develop_tiles, &develop);
    arena_rewind(scratch, mark);
    return true;
}
