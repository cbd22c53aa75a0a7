#include "look_internal.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

enum {
    SUBPIXELS = 2, /* per side */
    BAND_PX = 16,  /* rows per block */
    NEAREST_MM = 100,
    FARTHEST_MM = 5000,
};
static const float STEP_MM = 3; /* a depth step inside a pixel that makes it an edge */

/* A turned grid: four levels for edges along rows and along columns alike. */
static const double sample_offset[SUBPIXELS * SUBPIXELS][2] = {
    {0.375, 0.125}, {0.875, 0.375}, {0.125, 0.625}, {0.625, 0.875}};

/* ---- backdrop: grey paper, lit a little brighter behind the head
 * --------------------------------- */

static void backdrop(int x, int y, int width_px, int height_px, float rgb[3])
{
    float dx = ((float)x + 0.5F) / (float)width_px - 0.5F;
    float dy = ((float)y + 0.5F) / (float)height_px - 0.45F;
    float light = 0.30F + 0.22F * expf(-(dx * dx + dy * dy) / 0.28F);
    rgb[0] = light * 0.985F;
    rgb[1] = light;
    rgb[2] = light * 1.02F;
}

/* ---- which triangle stands in which subpixel
 * ----------------------------------------------------- */

typedef struct Corner { /* a projected vertex; inv_depth 0 when it is too near the camera */
    double x, y, inv_depth;
} Corner;

typedef struct Trace {
    const Mesh *scan;
    const LookStageParams *params;
    const VertexLight *light;
    const int8_t *grain;
    bool has_color;
    Corner *corner;     /* [vertex] in pixels */
    float *nearness;    /* [subrow][subcolumn] 1 / depth */
    int *triangle;      /* [subrow][subcolumn] or -1 */
    int *band_start;    /* [bands + 1] into band_triangle */
    int *band_triangle; /* triangles that touch the band, in index order */
    View *view;
} Trace;

static void project_corners(void *ctx, int block, int begin, int end)
{
    (void)block;
    Trace *trace = ctx;
    const Camera *camera = &trace->view->camera;
    const Lens *lens = &camera->lens;
    for (int i = begin; i < end; i++) {
        Vec3 c = camera_coordinates(camera, trace->scan->position[i]);
        if (c.z < NEAREST_MM) {
            trace->corner[i] = (Corner){0};
            continue;
        }
        trace->corner[i] = (Corner){lens->centre_x_px + lens->focal_px * c.x / c.z,
                                    lens->centre_y_px + lens->focal_px * c.y / c.z, 1 / c.z};
    }
}

/* Rows of pixels that triangle t touches, clipped; false when it is not in the picture. */
static bool touched_rows(const Trace *trace, int t, int *first, int *last)
{
    const int *v = trace->scan->triangle[t];
    const Corner *a = &trace->corner[v[0]], *b = &trace->corner[v[1]], *c = &trace->corner[v[2]];
    if (!(a->inv_depth > 0 && b->inv_depth > 0 && c->inv_depth > 0))
        return false;
    double width = trace->params->width_px, height = trace->params->height_px;
    double low = fmin(a->y, fmin(b->y, c->y)), high = fmax(a->y, fmax(b->y, c->y));
    if (high < 0 || low >= height || fmax(a->x, fmax(b->x, c->x)) < 0 ||
        fmin(a->x, fmin(b->x, c->x)) >= width)
        return false;
    *first = (int)fmax(low, 0);
    *last = (int)fmin(high, height - 1);
    return true;
}

/* Fills band_start; returns the length band_triangle needs. */
static int64_t count_bands(const Trace *trace, int bands, int64_t count[])
{
    int64_t total = 0;
    memset(count, 0, (size_t)bands * sizeof *count);
    for (int t = 0; t < trace->scan->triangle_count; t++) {
        int first, last;
        if (!touched_rows(trace, t, &first, &last))
            continue;
        for (int b = first / BAND_PX; b <= last / BAND_PX; b++, total++)
            count[b]++;
    }
    return total;
}

static void fill_bands(const Trace *trace, int bands, const int64_t count[], int next[])
{
    trace->band_start[0] = 0;
    for (int b = 0; b < bands; b++) {
        next[b] = trace->band_start[b];
        trace->band_start[b + 1] = trace->band_start[b] + (int)count[b];
    }
    for (int t = 0; t < trace->scan->triangle_count; t++) {
        int first, last;
        if (!touched_rows(trace, t, &first, &last))
            continue;
        for (int b = first / BAND_PX; b <= last / BAND_PX; b++)
            trace->band_triangle[next[b]++] = t;
    }
}

/* weight[k] (barycentric, in the plane of the picture) = at[k] + dx[k] x + dy[k] y */
typedef struct Plane {
    double at[3], dx[3], dy[3];
} Plane;

static bool plane_of(const Trace *trace, int t, Plane *plane)
{
    const int *v = trace->scan->triangle[t];
    const Corner *c[3] = {&trace->corner[v[0]], &trace->corner[v[1]], &trace->corner[v[2]]};
    double area =
        (c[1]->x - c[0]->x) * (c[2]->y - c[0]->y) - (c[1]->y - c[0]->y) * (c[2]->x - c[0]->x);
    if (!(fabs(area) > 1e-12))
        return false;
    for (int k = 0; k < 3; k++) {
        const Corner *a = c[(k + 1) % 3], *b = c[(k + 2) % 3];
        plane->dx[k] = (a->y - b->y) / area;
        plane->dy[k] = (b->x - a->x) / area;
        plane->at[k] = (a->x * b->y - a->y * b->x) / area;
    }
    return true;
}

/* Narrows the subcolumns from..to to the pixels that can hold samples of the triangle in the subrow
 * around y, which lie up to 1/8 px off it. */
static void clip_row(const Plane *plane, double y, double *from, double *to)
{
    double low = *from, high = *to;
    for (int k = 0; k < 3; k++) {
        double most = plane->at[k] + plane->dy[k] * y + fabs(plane->dy[k]) * 0.13;
        double x = -most / plane->dx[k]; /* dx 0: infinite or not a number, and then no limit */
        if (plane->dx[k] > 0)
            *from = fmax(*from, SUBPIXELS * floor(x));
        if (plane->dx[k] < 0)
            *to = fmin(*to, SUBPIXELS * floor(x) + SUBPIXELS - 1);
    }
    *from = fmin(*from, high + 1); /* within the range of int */
    *to = fmax(*to, low - 1);
}

static void draw_triangle(const Trace *trace, int t, int first_row, int last_row)
{
    Plane plane;
    if (!plane_of(trace, t, &plane))
        return;
    const int *v = trace->scan->triangle[t];
    const Corner *a = &trace->corner[v[0]], *b = &trace->corner[v[1]], *c = &trace->corner[v[2]];
    int columns = trace->params->width_px * SUBPIXELS;
    double low_x = fmin(a->x, fmin(b->x, c->x)), high_x = fmax(a->x, fmax(b->x, c->x));
    double low_y = fmin(a->y, fmin(b->y, c->y)), high_y = fmax(a->y, fmax(b->y, c->y));
    int x0 = (int)fmax(0, SUBPIXELS * floor(low_x));
    int x1 = (int)fmin(columns - 1, SUBPIXELS * floor(high_x) + 1);
    int y0 = (int)fmax(first_row * SUBPIXELS, SUBPIXELS * floor(low_y));
    int y1 = (int)fmin(last_row * SUBPIXELS + SUBPIXELS - 1, SUBPIXELS * floor(high_y) + 1);
    for (int y = y0; y <= y1; y++) {
        double from = x0, to = x1;
        clip_row(&plane, (y + 0.5) / SUBPIXELS, &from, &to);
        for (int x = (int)from; x <= (int)to; x++) {
            const double *offset = sample_offset[y % SUBPIXELS * SUBPIXELS + x % SUBPIXELS];
            double px = x / SUBPIXELS + offset[0], py = y / SUBPIXELS + offset[1];
            double w0 = plane.at[0] + plane.dx[0] * px + plane.dy[0] * py;
            double w1 = plane.at[1] + plane.dx[1] * px + plane.dy[1] * py;
            double w2 = plane.at[2] + plane.dx[2] * px + plane.dy[2] * py;
            if (!(w0 >= 0 && w1 >= 0 && w2 >= 0))
                continue;
            float nearness = (float)(w0 * a->inv_depth + w1 * b->inv_depth + w2 * c->inv_depth);
            ptrdiff_t at = (ptrdiff_t)y * columns + x;
            if (nearness > trace->nearness[at]) {
                trace->nearness[at] = nearness;
                trace->triangle[at] = t;
            }
        }
    }
}

/* ---- what a pixel shows
 * -------------------------------------------------------------------------- */

static Vec3 view_of(const Camera *camera, Vec3 p)
{
    return vec_normalize(vec_sub(camera->pose.eye_mm, p));
}

/* Side of a pixel in texels of the triangle's picture; 0 without one. */
static double texels_per_px(const Mesh *scan, int t, double px_area_mm2)
{
    int material = scan->material != NULL ? scan->material[t] : 0;
    int image = scan->uv != NULL ? scan->material_list[material].image : -1;
    if (image < 0)
        return 0;
    const int *v = scan->triangle[t];
    double du1 = (double)(scan->uv[v[1]][0] - scan->uv[v[0]][0]);
    double dv1 = (double)(scan->uv[v[1]][1] - scan->uv[v[0]][1]);
    double du2 = (double)(scan->uv[v[2]][0] - scan->uv[v[0]][0]);
    double dv2 = (double)(scan->uv[v[2]][1] - scan->uv[v[0]][1]);
    double texels =
        fabs(du1 * dv2 - dv1 * du2) * scan->image[image].width_px * scan->image[image].height_px;
    Vec3 ab = vec_sub(scan->position[v[1]], scan->position[v[0]]);
    Vec3 ac = vec_sub(scan->position[v[2]], scan->position[v[0]]);
    double area_mm2 = vec_length(vec_cross(ab, ac));
    return area_mm2 > 0 ? fmin(64, sqrt(texels / area_mm2 * px_area_mm2)) : 0;
}

static void add_corner(VertexLight *sum, const VertexLight *light, float w)
{
    for (int k = 0; k < 3; k++) {
        sum->normal[k] += w * light->normal[k];
        sum->soft_normal[k] += w * light->soft_normal[k];
    }
    for (int l = 0; l < LIGHT_LOBES; l++)
        sum->seen[l] += w * light->seen[l];
}

/* Light, depth and share of presence of triangle t at (x, y) px, which may lie a little outside. */
static SkinLight shade_at(const Trace *trace, int t, double x, double y, double *depth_mm,
                          float *present)
{
    const Mesh *scan = trace->scan;
    const int *v = scan->triangle[t];
    Plane plane;
    double weight[3] = {1, 0, 0}, sum = 0;
    if (plane_of(trace, t, &plane)) /* always: it was drawn */
        for (int k = 0; k < 3; k++) {
            double w = plane.at[k] + plane.dx[k] * x + plane.dy[k] * y;
            weight[k] = fmax(w, 0) * trace->corner[v[k]].inv_depth;
        }
    for (int k = 0; k < 3; k++)
        sum += weight[k];
    SkinPoint point = {.grain = trace->grain};
    for (int k = 0; k < 3; k++) {
        weight[k] /= sum;
        point.position_mm = vec_madd(point.position_mm, weight[k], scan->position[v[k]]);
        add_corner(&point.light, &trace->light[v[k]], (float)weight[k]);
    }
    const Camera *camera = &trace->view->camera;
    *depth_mm = camera_coordinates(camera, point.position_mm).z;
    double above = 1 + (point.position_mm.y - trace->view->fade_y_mm) / FADE_MM;
    *present = (float)(above < 0 ? 0 : above > 1 ? 1 : above * above * (3 - 2 * above));
    double px_mm = *depth_mm / camera->lens.focal_px;
    point.view = view_of(camera, point.position_mm);
    point.px_mm = (float)px_mm;
    point.plain = !trace->has_color;
    point.albedo = point.plain ? trace->params->plain_skin
                               : mesh_color(scan, t, weight, texels_per_px(scan, t, px_mm * px_mm));
    return look_shade(&point);
}

static uint16_t light_code(float light)
{
    float code = light * LIGHT_SCALE + 0.5F;
    return (uint16_t)(code > 0 ? fminf(code, LIGHT_CODES - 1) : 0);
}

/* Is the pixel covered by one piece of surface? */
static bool is_whole(const float nearness[4])
{
    float low = fminf(fminf(nearness[0], nearness[1]), fminf(nearness[2], nearness[3]));
    float high = fmaxf(fmaxf(nearness[0], nearness[1]), fmaxf(nearness[2], nearness[3]));
    return low > 0 && 1 / low - 1 / high < STEP_MM;
}

static void resolve_pixel(const Trace *trace, int x, int y)
{
    enum { SAMPLES = SUBPIXELS * SUBPIXELS };
    int width = trace->params->width_px, t[SAMPLES];
    float nearness[SAMPLES], gloss = 0, diffuse[3] = {0}, behind[3];
    for (int s = 0; s < SAMPLES; s++) {
        ptrdiff_t at = (ptrdiff_t)(y * SUBPIXELS + s / SUBPIXELS) * width * SUBPIXELS +
                       x * SUBPIXELS + s % SUBPIXELS;
        t[s] = trace->triangle[at];
        nearness[s] = trace->nearness[at];
    }
    ptrdiff_t px = (ptrdiff_t)y * width + x;
    double nearest_mm = HUGE_VAL, depth_mm;
    float covered = 0;
    bool whole = is_whole(nearness);
    for (int s = 0; s < (whole ? 1 : SAMPLES); s++) {
        if (t[s] < 0)
            continue;
        double sx = whole ? 0.5 : sample_offset[s][0], sy = whole ? 0.5 : sample_offset[s][1];
        float present;
        SkinLight light = shade_at(trace, t[s], x + sx, y + sy, &depth_mm, &present);
        float share = present * (whole ? 1 : 1.0F / SAMPLES);
        covered += share;
        gloss += share * light.gloss;
        for (int c = 0; c < 3; c++)
            diffuse[c] += share * light.diffuse[c];
        nearest_mm = fmin(nearest_mm, depth_mm);
    }
    backdrop(x, y, width, trace->params->height_px, behind);
    for (int c = 0; c < 3; c++) {
        trace->view->diffuse[px][c] = light_code(diffuse[c]);
        trace->view->base[px][c] = light_code(gloss + (1 - covered) * behind[c]);
    }
    trace->view->depth_mm[px] = (float)nearest_mm;
}

static void trace_bands(void *ctx, int block, int begin, int end)
{
    (void)begin, (void)end;
    const Trace *trace = ctx;
    int width = trace->params->width_px, height = trace->params->height_px;
    int first = block * BAND_PX, last = first + BAND_PX - 1;
    last = last < height ? last : height - 1;
    size_t from = (size_t)first * SUBPIXELS * SUBPIXELS * (size_t)width;
    size_t count = (size_t)(last - first + 1) * SUBPIXELS * SUBPIXELS * (size_t)width;
    memset(&trace->nearness[from], 0, count * sizeof *trace->nearness);
    memset(&trace->triangle[from], -1, count * sizeof *trace->triangle);
    for (int i = trace->band_start[block]; i < trace->band_start[block + 1]; i++)
        draw_triangle(trace, trace->band_triangle[i], first, last);
    for (int y = first; y <= last; y++)
        for (int x = 0; x < width; x++)
            resolve_pixel(trace, x, y);
}

/* Pixels per mm at the surface nearest to the middle of the picture that has any. */
static double scale_of(const View *view, int width_px, int height_px)
{
    int best = INT32_MAX;
    float depth_mm = INFINITY;
    for (int y = 0; y < height_px; y++)
        for (int x = 0; x < width_px; x++) {
            float here = view->depth_mm[(ptrdiff_t)y * width_px + x];
            int dx = x - width_px / 2, dy = y - height_px / 2;
            if (isfinite(here) && dx * dx + dy * dy < best) {
                best = dx * dx + dy * dy;
                depth_mm = here;
            }
        }
    return view->camera.lens.focal_px / (double)depth_mm;
}

static bool new_view(Arena *arena, size_t pixels, View *view, Err *err)
{
    view->base = arena_alloc(arena, pixels, sizeof *view->base);
    view->diffuse = arena_alloc(arena, pixels, sizeof *view->diffuse);
    view->depth_mm = ARENA_NEW(arena, float, pixels);
    if (view->base == NULL || view->diffuse == NULL || view->depth_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for a view of %zu pixels", pixels);
    return true;
}

static bool trace_view(Arena *scratch, Trace *trace, Err *err)
{
    int height = trace->params->height_px, threads = trace->params->threads;
    int bands = parallel_block_count(height, BAND_PX);
    size_t subpixels = (size_t)trace->params->width_px * (size_t)height * SUBPIXELS * SUBPIXELS;
    trace->corner = ARENA_NEW(scratch, Corner, (size_t)trace->scan->vertex_count);
    trace->nearness = ARENA_NEW(scratch, float, subpixels);
    trace->triangle = ARENA_NEW(scratch, int, subpixels);
    trace->band_start = ARENA_NEW(scratch, int, (size_t)bands + 1);
    int64_t *count = ARENA_NEW(scratch, int64_t, (size_t)bands);
    int *next = ARENA_NEW(scratch, int, (size_t)bands);
    if (trace->corner == NULL || trace->nearness == NULL || trace->triangle == NULL ||
        trace->band_start == NULL || count == NULL || next == NULL)
        return err_set(err, ERR_LIMIT, "no room to trace %zu subpixels", subpixels);
    parallel_for(threads, trace->scan->vertex_count, 4096, project_corners, trace);
    int64_t total = count_bands(trace, bands, count);
    trace->band_triangle = total < INT32_MAX ? ARENA_NEW(scratch, int, (size_t)total) : NULL;
    if (trace->band_triangle == NULL)
        return err_set(err, ERR_LIMIT, "no room to sort %lld triangles", (long long)total);
    fill_bands(trace, bands, count, next);
    parallel_for(threads, height, BAND_PX, trace_bands, trace);
    return true;
}

/* ---- the whole stage
 * ----------------------------------------------------------------------------- */

LookStageParams look_stage_default(void)
{
    /* plain skin: Lab 66, 13, 17, the middle of published light-skin surveys (NIST, Xiao 2017) */
    return (LookStageParams){.width_px = 960,
                             .height_px = 1080,
                             .plain_skin = {0.513F, 0.314F, 0.215F},
                             .grain_codes = 0,
                             .threads = 1};
}

static bool check_input(const Mesh *scan, const LookStageParams *params, Err *err)
{
    int width = params->width_px, height = params->height_px;
    if (width < LOOK_MIN_SIDE_PX || height < LOOK_MIN_SIDE_PX || width > LOOK_MAX_SIDE_PX ||
        height > LOOK_MAX_SIDE_PX)
        return err_set(err, ERR_INPUT, "pictures of %d x %d px: each side must be %d to %d", width,
                       height, LOOK_MIN_SIDE_PX, LOOK_MAX_SIDE_PX);
    Rgb skin = params->plain_skin;
    if (!(skin.r >= 0 && skin.r <= 1 && skin.g >= 0 && skin.g <= 1 && skin.b >= 0 && skin.b <= 1))
        return err_set(err, ERR_INPUT, "plain skin (%g, %g, %g) is not within 0..1", (double)skin.r,
                       (double)skin.g, (double)skin.b);
    if (!(params->grain_codes >= 0 && params->grain_codes <= 16))
        return err_set(err, ERR_INPUT, "grain of %g code values is not within 0..16",
                       (double)params->grain_codes);
    if (scan->vertex_count < 3 || scan->triangle_count < 1)
        return err_set(err, ERR_INPUT, "the scan has no surface: %d triangles",
                       scan->triangle_count);
    for (int i = 0; i < scan->vertex_count; i++)
        if (!(vec_length(scan->position[i]) < FARTHEST_MM))
            return err_set(err, ERR_INPUT,
                           "vertex %d of the scan is not within %d mm of the head's origin", i,
                           FARTHEST_MM);
    return true;
}

/* Highlights bend instead of clipping: straight to 0.8, then towards 1 with the same slope. */
static double shoulder(double light)
{
    return light < 0.8 ? light : 1 - 0.2 * exp(-(light - 0.8) / 0.2);
}

static bool make_codes(Arena *arena, float **code, Err *err)
{
    *code = ARENA_NEW(arena, float, LIGHT_CODES);
    if (*code == NULL)
        return err_set(err, ERR_LIMIT, "no room for the transfer curve");
    for (int i = 0; i < LIGHT_CODES; i++)
        (*code)[i] = 255 * color_srgb_encode((float)shoulder((double)i / LIGHT_SCALE));
    return true;
}

static bool trace_all(Arena *arena, Arena *scratch, Trace *trace, const Progress *progress,
                      LookStage *stage, Err *err)
{
    size_t pixels = (size_t)stage->width_px * (size_t)stage->height_px;
    for (LookView v = 0; v < LOOK_VIEWS; v++) {
        if (trace->params->views != 0 && (trace->params->views >> v & 1) == 0)
            continue;
        if (!progress_at(progress, "lighting the head", 0.2 + 0.8 * (int)v / LOOK_VIEWS, err))
            return false;
        View *view = &stage->view[v];
        size_t mark = arena_mark(scratch);
        trace->view = view;
        if (!look_frame_view(trace->scan, v, stage->width_px, stage->height_px, view, err) ||
            !new_view(arena, pixels, view, err) || !trace_view(scratch, trace, err))
            return false;
        view->px_per_mm = scale_of(view, stage->width_px, stage->height_px);
        arena_rewind(scratch, mark);
    }
    return progress_at(progress, "lighting the head", 1, err);
}

bool look_stage_new(Arena *arena, Arena *scratch, const Mesh *scan, const MeshRays *rays,
                    const LookStageParams *params, const Progress *progress, LookStage **stage,
                    Err *err)
{
    if (!check_input(scan, params, err) || !progress_at(progress, "lighting the head", 0, err))
        return false;
    LookStage *made = ARENA_NEW(arena, LookStage, 1);
    if (made == NULL)
        return err_set(err, ERR_LIMIT, "no room for the pictures");
    made->width_px = params->width_px;
    made->height_px = params->height_px;
    made->grain_codes = params->grain_codes;
    if (!make_codes(arena, &made->code, err) || !look_make_profiles(arena, &made->profiles, err))
        return false;
    size_t mark = arena_mark(scratch);
    VertexLight *light;
    int8_t *grain = look_make_grain(scratch);
    if (grain == NULL)
        return err_set(err, ERR_LIMIT, "no room for the relief of the skin");
    Trace trace = {
        .scan = scan, .params = params, .grain = grain, .has_color = mesh_has_color(scan)};
    /* the light outlives the baking's own scratch because it lies below it */
    light = NULL;
    if (!look_bake_light(scratch, scratch, scan, rays, params->threads, &light, err))
        return false;
    trace.light = light;
    if (!trace_all(arena, scratch, &trace, progress, made, err))
        return false;
    arena_rewind(scratch, mark);
    *stage = made;
    return true;
}
