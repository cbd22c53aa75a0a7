#include "photo_internal.h"

#include "base/parallel.h"

#include <math.h>

enum { BAND_PX = 32 };
static const double FADE_OUT_MM = 2;  /* at the end of the reach of a patch */
static const double LEAST_COS = 0.02; /* beyond, a triangle is seen from its edge */
static const double RIM_COS = 0.35;   /* where an error of the canvas moves its outline */
static const double NEAREST_MM = 10;

/* A vertex in the photograph. nearness 0: behind the camera. */
typedef struct Corner {
    double x, y; /* px of the part once that is known */
    float nearness, cosine, keep;
} Corner;

typedef struct Raster {
    const Camera *camera;
    const Head *head;
    const LookPhotoParams *params;
    Corner *corner;
    bool rim; /* only what the canvas leaves free */
    Part part;
    Surface *surface;
    int *band_start, *band_triangle;
} Raster;

/* Above 1: well within the reach of the patch; below 0: beyond. */
static double kept(const LookPhotoParams *params, Vec3 p)
{
    if (!(params->patch_reach_mm > 0))
        return 1;
    return (params->patch_reach_mm - vec_distance(p, params->patch_middle_mm)) / FADE_OUT_MM;
}

static Corner corner_of(const Raster *raster, int i)
{
    const Head *head = raster->head;
    const Lens *lens = &raster->camera->lens;
    Vec3 p = head->position_mm[i], n = head->normal[i];
    if (raster->rim)
        p = vec_madd(p, raster->params->sd_mm[i], n);
    Vec3 c = camera_coordinates(raster->camera, p);
    if (c.z < NEAREST_MM)
        return (Corner){0};
    double u = c.x / c.z, v = c.y / c.z, straight = 1 + lens->k1 * (u * u + v * v);
    Vec3 sight = vec_normalize(vec_sub(raster->camera->pose.eye_mm, p));
    return (Corner){.x = lens->centre_x_px + lens->focal_px * straight * u - raster->part.left,
                    .y = lens->centre_y_px + lens->focal_px * straight * v - raster->part.top,
                    .nearness = (float)(1 / c.z),
                    .cosine = (float)vec_dot(n, sight),
                    .keep = (float)kept(raster->params, p)};
}

static void make_corners(void *ctx, int block, int begin, int end)
{
    (void)block;
    Raster *raster = ctx;
    for (int i = begin; i < end; i++)
        raster->corner[i] = corner_of(raster, i);
}

/* Whole pixels around the canvas in sight; nothing within the reach of a patch is cut off. */
static bool find_part(const Raster *raster, Part *part, double *px_per_mm)
{
    const Lens *lens = &raster->camera->lens;
    double low_x = HUGE_VAL, low_y = HUGE_VAL, high_x = -HUGE_VAL, high_y = -HUGE_VAL, sum = 0;
    int count = 0, edge_px = 8; /* a triangle around the outermost vertex in sight */
    for (int i = 0; i < raster->head->topology->vertex_count; i++) {
        const Corner *c = &raster->corner[i];
        if (!(c->nearness > 0) || (double)c->cosine < LEAST_COS || !(c->keep > 0))
            continue;
        low_x = fmin(low_x, c->x), high_x = fmax(high_x, c->x);
        low_y = fmin(low_y, c->y), high_y = fmax(high_y, c->y);
        if (c->x >= 0 && c->y >= 0 && c->x < lens->width_px && c->y < lens->height_px) {
            sum += lens->focal_px * (double)c->nearness;
            count++;
        }
    }
    if (count == 0)
        return false;
    *px_per_mm = sum / count;
    edge_px += (int)(2 * *px_per_mm);
    part->left = (int)fmax(low_x - edge_px, 0);
    part->top = (int)fmax(low_y - edge_px, 0);
    part->width = (int)fmin(high_x + edge_px, lens->width_px) - part->left;
    part->height = (int)fmin(high_y + edge_px, lens->height_px) - part->top;
    return part->width > 0 && part->height > 0;
}

static const Corner *corner_at(const Raster *raster, int t, int k)
{
    return &raster->corner[raster->head->topology->triangle[t][k]];
}

/* Rows that triangle t touches; false when it is not to be drawn. */
static bool touched_rows(const Raster *raster, int t, int *first, int *last)
{
    const Corner *a = corner_at(raster, t, 0), *b = corner_at(raster, t, 1),
                 *c = corner_at(raster, t, 2);
    if (!(a->nearness > 0 && b->nearness > 0 && c->nearness > 0))
        return false;
    double cosine = (double)(a->cosine + b->cosine + c->cosine) / 3;
    if (cosine < LEAST_COS || (raster->rim && cosine > RIM_COS))
        return false;
    double low = fmin(a->y, fmin(b->y, c->y)), high = fmax(a->y, fmax(b->y, c->y));
    if (!(high > 0 && low < raster->part.height && fmax(a->x, fmax(b->x, c->x)) > 0 &&
          fmin(a->x, fmin(b->x, c->x)) < raster->part.width))
        return false;
    *first = (int)fmax(low, 0);
    *last = (int)fmin(high, raster->part.height - 1);
    return true;
}

static bool sort_bands(Arena *scratch, Raster *raster, Err *err)
{
    int bands = parallel_block_count(raster->part.height, BAND_PX), first, last;
    int triangles = raster->head->topology->triangle_count;
    int *start = ARENA_NEW(scratch, int, (size_t)bands + 2);
    if (start == NULL)
        return err_set(err, ERR_LIMIT, "no room to sort %d triangles", triangles);
    for (int t = 0; t < triangles; t++)
        if (touched_rows(raster, t, &first, &last))
            for (int b = first / BAND_PX; b <= last / BAND_PX; b++)
                start[b + 2]++;
    for (int b = 0; b < bands; b++)
        start[b + 2] += start[b + 1];
    raster->band_triangle = ARENA_NEW(scratch, int, (size_t)start[bands + 1]);
    if (raster->band_triangle == NULL)
        return err_set(err, ERR_LIMIT, "no room to sort %d triangles", triangles);
    for (int t = 0; t < triangles; t++)
        if (touched_rows(raster, t, &first, &last))
            for (int b = first / BAND_PX; b <= last / BAND_PX; b++)
                raster->band_triangle[start[b + 1]++] = t;
    raster->band_start = start;
    return true;
}

static void set_pixel(const Raster *raster, ptrdiff_t at, float nearness, float cosine, float keep)
{
    Surface *surface = raster->surface;
    float depth = 1 / nearness;
    bool free = isinf(surface->depth_mm[at]) != 0;
    if (raster->rim ? !free : !(depth < surface->depth_mm[at]))
        return;
    surface->depth_mm[at] = depth;
    surface->cosine[at] = (uint8_t)(1 + 254 * fminf(fmaxf(cosine, 0), 1));
    surface->keep[at] = keep > 0 ? fminf(keep, 1) : 0;
}

static void draw_triangle(const Raster *raster, int t, int first_row, int last_row)
{
    const Corner *c[3] = {corner_at(raster, t, 0), corner_at(raster, t, 1),
                          corner_at(raster, t, 2)};
    double area =
        (c[1]->x - c[0]->x) * (c[2]->y - c[0]->y) - (c[1]->y - c[0]->y) * (c[2]->x - c[0]->x);
    if (!(fabs(area) > 1e-9))
        return;
    double dx[3], dy[3], at[3];
    for (int k = 0; k < 3; k++) {
        const Corner *a = c[(k + 1) % 3], *b = c[(k + 2) % 3];
        dx[k] = (a->y - b->y) / area;
        dy[k] = (b->x - a->x) / area;
        at[k] = (a->x * b->y - a->y * b->x) / area;
    }
    int y0 = (int)fmax(first_row, floor(fmin(c[0]->y, fmin(c[1]->y, c[2]->y)) - 0.5));
    int y1 = (int)fmin(last_row, ceil(fmax(c[0]->y, fmax(c[1]->y, c[2]->y)) - 0.5));
    int x0 = (int)fmax(0, floor(fmin(c[0]->x, fmin(c[1]->x, c[2]->x)) - 0.5));
    int x1 = (int)fmin(raster->part.width - 1, ceil(fmax(c[0]->x, fmax(c[1]->x, c[2]->x)) - 0.5));
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            double w[3];
            for (int k = 0; k < 3; k++)
                w[k] = at[k] + dx[k] * (x + 0.5) + dy[k] * (y + 0.5);
            if (!(w[0] >= 0 && w[1] >= 0 && w[2] >= 0))
                continue;
            float f[3] = {(float)w[0], (float)w[1], (float)w[2]};
            set_pixel(raster, (ptrdiff_t)y * raster->part.width + x,
                      f[0] * c[0]->nearness + f[1] * c[1]->nearness + f[2] * c[2]->nearness,
                      f[0] * c[0]->cosine + f[1] * c[1]->cosine + f[2] * c[2]->cosine,
                      f[0] * c[0]->keep + f[1] * c[1]->keep + f[2] * c[2]->keep);
        }
}

static void draw_band(void *ctx, int block, int begin, int end)
{
    const Raster *raster = ctx;
    for (int i = raster->band_start[block]; i < raster->band_start[block + 1]; i++)
        draw_triangle(raster, raster->band_triangle[i], begin, end - 1);
}

static bool draw_canvas(Arena *scratch, Raster *raster, Err *err)
{
    size_t mark = arena_mark(scratch);
    int threads = raster->params->threads, vertices = raster->head->topology->vertex_count;
    parallel_for(threads, vertices, 2048, make_corners, raster);
    if (!sort_bands(scratch, raster, err))
        return false;
    parallel_for(threads, raster->part.height, BAND_PX, draw_band, raster);
    arena_rewind(scratch, mark);
    return true;
}

static bool new_surface(Arena *arena, Arena *scratch, Part part, Surface *surface, Err *err)
{
    size_t pixels = (size_t)part.width * (size_t)part.height;
    surface->depth_mm = ARENA_NEW(arena, float, pixels);
    surface->cosine = ARENA_NEW(scratch, uint8_t, pixels);
    surface->keep = ARENA_NEW(scratch, float, pixels);
    if (surface->depth_mm == NULL || surface->cosine == NULL || surface->keep == NULL)
        return err_set(err, ERR_LIMIT, "no room to lay the head on %zu pixels", pixels);
    for (size_t i = 0; i < pixels; i++)
        surface->depth_mm[i] = INFINITY;
    return true;
}

bool look_photo_surface(Arena *arena, Arena *scratch, const Camera *camera, const Head *head,
                        const LookPhotoParams *params, Part *part, Surface *surface, Err *err)
{
    int vertices = head->topology->vertex_count;
    Raster raster = {.camera = camera, .head = head, .params = params, .surface = surface};
    raster.corner = ARENA_NEW(scratch, Corner, (size_t)vertices);
    if (raster.corner == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", vertices);
    parallel_for(params->threads, vertices, 2048, make_corners, &raster);
    if (!find_part(&raster, part, &surface->px_per_mm))
        return err_set(err, ERR_INPUT,
                       "the head is not in the photograph: check its pose, or leave it out");
    raster.part = *part;
    if (!new_surface(arena, scratch, *part, surface, err) || !draw_canvas(scratch, &raster, err))
        return false;
    raster.rim = true;
    return params->sd_mm == NULL || draw_canvas(scratch, &raster, err);
}
