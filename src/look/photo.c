#include "look/photo.h"

#include "photo_internal.h"

#include <math.h>

LookPhotoParams look_photo_default(void)
{
    return (LookPhotoParams){.threads = 1};
}

/* No lens and sensor draw sharper: below, a phone has sharpened what was softer, and dots that were
 * not there when it did would stand out [assumption: half of a sharp lens with its sensor, 0.8 to
 * 1.0 px, field notes on the canvas 3.1]. */
static const double SHARPEST_PX = 0.5;

static bool check_input(const ImageF *light, const Camera *camera, const LookPhotoParams *params,
                        Err *err)
{
    if (light->width_px != camera->lens.width_px || light->height_px != camera->lens.height_px)
        return err_set(err, ERR_INPUT, "a photograph of %d x %d px through a lens for %d x %d",
                       light->width_px, light->height_px, camera->lens.width_px,
                       camera->lens.height_px);
    const PhotoQuality *q = params->quality;
    if (q == NULL)
        return err_set(err, ERR_INPUT, "how sharp and noisy the photograph is was not measured");
    if (!(q->blur_px >= 0 && q->blur_px <= 30 && q->noise_sigma_px >= 0 && q->noise_sigma_px <= 30))
        return err_set(err, ERR_INPUT, "a blur of %g px, grain of %g px: not within 0..30",
                       q->blur_px, q->noise_sigma_px);
    for (int k = 0; k < 3; k++)
        if (!isfinite(q->noise_a[k]) || !isfinite(q->noise_b[k]))
            return err_set(err, ERR_INPUT, "the noise of the photograph is not a number");
    return true;
}

static bool new_photo(Arena *arena, const ImageF *light, const LookPhotoParams *params,
                      LookPhoto **photo, Err *err)
{
    *photo = ARENA_NEW(arena, LookPhoto, 1);
    if (*photo == NULL)
        return err_set(err, ERR_LIMIT, "no room for a photograph");
    **photo = (LookPhoto){.light = light, .seed = params->grain_seed, .threads = params->threads};
    for (int k = 0; k < 3; k++) {
        (*photo)->noise_a[k] = fmax(params->quality->noise_a[k], 0);
        (*photo)->noise_b[k] = fmax(params->quality->noise_b[k], 0);
    }
    return look_make_profiles(arena, &(*photo)->profiles, err);
}

static bool new_pixels(Arena *arena, const Camera *camera, const LookPhotoParams *params,
                       const Surface *surface, LookPhoto *photo, Err *err)
{
    Part part = photo->part;
    size_t pixels = (size_t)part.width * (size_t)part.height;
    photo->open = ARENA_NEW(arena, uint8_t, pixels);
    photo->shine = ARENA_NEW(arena, uint16_t, pixels);
    if (photo->open == NULL || photo->shine == NULL)
        return err_set(err, ERR_LIMIT, "no room for a photograph of %zu pixels", pixels);
    photo->plate = (LookPlate){.camera = *camera,
                               .depth_mm = surface->depth_mm,
                               .blur_px = fmax(params->quality->blur_px, SHARPEST_PX)};
    Lens *lens = &photo->plate.camera.lens;
    lens->width_px = part.width, lens->height_px = part.height;
    lens->centre_x_px -= part.left, lens->centre_y_px -= part.top;
    return true;
}

bool look_photo_new(Arena *arena, Arena *scratch, const ImageF *light, const Camera *camera,
                    const Head *head, const LookPhotoParams *params, LookPhoto **photo, Err *err)
{
    Surface surface;
    SkinMap map;
    double shared;
    size_t mark = arena_mark(scratch);
    if (!check_input(light, camera, params, err) || !new_photo(arena, light, params, photo, err) ||
        !look_photo_surface(arena, scratch, camera, head, params, &(*photo)->part, &surface, err) ||
        !new_pixels(arena, camera, params, &surface, *photo, err))
        return false;
    if (!look_photo_skin(scratch, scratch, light, (*photo)->part, &surface, &map, err))
        return false;
    (*photo)->illuminant = map.illuminant;
    if (!look_photo_split(scratch, params, &surface, &map, *photo, &shared, err) ||
        !look_photo_grain(arena, scratch, params->quality->noise_sigma_px, shared, *photo, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}

LookPhotoFacts look_photo_facts(const LookPhoto *photo)
{
    return photo->facts;
}
