#include "look/look.h"

#include "base/parallel.h"
#include "look_internal.h"

#include <math.h>

enum { BLOCK_ROWS = 16 };

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
    *x_px = camera->centre_x_px + camera->focal_px * c.x / c.z;
    *y_px = camera->centre_y_px - camera->focal_px * c.y / c.z;
    return true;
}

/* ---- optical depth to bytes
 * ---------------------------------------------------------------------- */

typedef struct Develop {
    const LookStage *stage;
    const View *view;
    float (*tau)[3];
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

/* The whole of the dots, [develop]'s inner step: gloss + diffuse exp(-tau), as a light code. */
static int developed(uint16_t base, uint16_t diffuse, float tau)
{
    float light = (float)base + (float)diffuse * (tau > 0 ? expf(-tau) : 1) + 0.5F;
    return light < LIGHT_CODES ? (int)light : LIGHT_CODES - 1;
}

static void develop_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    Develop *develop = ctx;
    const LookStage *stage = develop->stage;
    for (int y = begin; y < end; y++)
        for (int x = 0; x < stage->width_px; x++) {
            ptrdiff_t px = (ptrdiff_t)y * stage->width_px + x;
            float noise = stage->grain_codes > 0
                              ? stage->grain_codes * grain_of((uint32_t)x, (uint32_t)y)
                              : 0;
            for (int c = 0; c < 3; c++) {
                int light = developed(develop->view->base[px][c], develop->view->diffuse[px][c],
                                      develop->tau[px][c]);
                float code = stage->code[light] + noise + 0.5F;
                develop->rgb[3 * px + c] = (uint8_t)(code > 0 ? fminf(code, 255) : 0);
            }
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
    size_t pixels = (size_t)stage->width_px * (size_t)stage->height_px;
    Develop develop = {.stage = stage, .view = &stage->view[view], .rgb = picture->rgb};
    develop.tau = arena_alloc(scratch, pixels, sizeof *develop.tau);
    if (develop.tau == NULL)
        return err_set(err, ERR_LIMIT, "no room to put dots on %zu pixels", pixels);
    if (!look_splat(scratch, stage, view, state, threads, develop.tau, err))
        return false;
    parallel_for(threads, stage->height_px, BLOCK_ROWS, develop_rows, &develop);
    arena_rewind(scratch, mark);
    return true;
}
