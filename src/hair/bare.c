#include "hair/bare.h"

#include "base/parallel.h"
#include "hair/hair_internal.h"

#include <math.h>
#include <string.h>

/* Light and shade are kept as they are over more than this many edges of the canvas, about 4 mm;
 * what is finer is taken to be stubble. */
enum { MEAN_ROUNDS = 10 };
/* Of the finer texture, the part that is the skin's own: pores and creases stay where all hair is
 * gone [assumption, by eye]. */
static const double own_texture = 0.15;
/* Single hairs stand this far (edges of the canvas, about 8 mm) beyond what a survey calls hair;
 * where it sees this much within that, the finer texture is stubble's. */
enum { STRAY_ROUNDS = 5, STRAY_SMOOTH = 3 };
static const double stray_cover = 0.3;
/* How far about a border (edges of the canvas: 8 mm) it is asked what hair does there, how far that
 * holds (15 mm), against which weight of what is common, and at most how many times that
 * [assumptions, by eye on scans]. */
enum { LOCAL_ROUNDS = 40, SPREAD_ROUNDS = 150 };
static const double common_weight = 0.03, most_local = 1.5;
/* The darkest that hair may leave skin: keeps quotients finite. */
static const double least_light = 0.05;
/* Off the canvas by more than this a surface is no scalp (ears, collars); fades over as much. */
static const double off_canvas_mm = 8.0;
/* Pictures average over some texels: beyond the border of its patch a texture goes on this far. */
enum { PAD_PX = 8, ROWS = 128 };
/* Larger triangles may lose hair in their middle though none of their corners does. */
static const double small_triangle_mm = 5.0;
/* Coordinates that repeat a picture more often than this are no texture of a head. */
static const double most_repeats = 4.0;

typedef struct Bare {
    const Mesh *scan;
    const Head *head;
    const double *cover, *left;
    double *near;       /* [vertex_count] 0..1: the finer texture is stubble's */
    double *mean[3];    /* [vertex_count] the scan's colour, without what is finer than some mm */
    double *darkens[3]; /* [vertex_count] share of the skin's light that full stubble takes */
    int threads;
    uint8_t *touched; /* [triangle_count] loses hair */
    Rgb *color;       /* of the copy */
    int image;        /* that is worked on */
    uint8_t *claimed; /* [texels] belongs to a triangle */
    Image own;        /* of the copy */
} Bare;

static double field_at(const Head *head, HeadPoint at, const double field[])
{
    return head_interpolate(head, at, field);
}

/* Share of the stubble there that goes; at: where on the canvas. */
static double goes_at(const Bare *bare, Vec3 position, HeadPoint *at)
{
    *at = head_nearest(bare->head, position);
    if (at->triangle < 0)
        return 0.0;
    double goes = 1.0 - field_at(bare->head, *at, bare->left);
    if (!(field_at(bare->head, *at, bare->near) > 0.0) || !(goes > 0.0))
        return 0.0;
    double off_mm = vec_distance(position, head_position_mm(bare->head, *at));
    return goes * fmin(fmax(2.0 - off_mm / off_canvas_mm, 0.0), 1.0);
}

/* Mean light: the hair's share of darkness goes in proportion. Texture about it: the stubble's part
 * goes in proportion too. */
static Rgb without_hair(const Bare *bare, Vec3 position, Rgb color, Rgb base)
{
    HeadPoint at;
    double goes = goes_at(bare, position, &at);
    if (!(goes > 0.0))
        return color;
    double cover = field_at(bare->head, at, bare->cover);
    double flat = 1.0 - field_at(bare->head, at, bare->near) * goes * (1.0 - own_texture);
    float out[3], in[3] = {color.r, color.g, color.b}, scale[3] = {base.r, base.g, base.b};
    for (int k = 0; k < 3; k++) {
        double mean = field_at(bare->head, at, bare->mean[k]) / fmax((double)scale[k], 1e-3);
        double darkens = field_at(bare->head, at, bare->darkens[k]);
        double before = 1.0 - cover * darkens;
        double after = 1.0 - cover * (1.0 - goes) * darkens;
        out[k] = (float)((mean + ((double)in[k] - mean) * flat) * after / before);
    }
    return (Rgb){out[0], out[1], out[2]};
}

static const MeshMaterial *material_of(const Mesh *scan, int triangle)
{
    return &scan->material_list[scan->material != NULL ? scan->material[triangle] : 0];
}

static int image_of(const Mesh *scan, int triangle)
{
    return scan->uv != NULL ? material_of(scan, triangle)->image : -1;
}

/* ---- which triangles lose hair */

static void touch_triangles(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Bare *bare = ctx;
    for (int t = begin; t < end; t++) {
        const int *v = bare->scan->triangle[t];
        bool loses = false;
        for (int k = 0; k < 3; k++) {
            HeadPoint at;
            Vec3 a = bare->scan->position[v[k]], b = bare->scan->position[v[(k + 1) % 3]];
            loses = loses || goes_at(bare, a, &at) > 0.0 || vec_distance(a, b) > small_triangle_mm;
        }
        bare->touched[t] = loses;
    }
}

/* ---- texels */

typedef struct Footprint { /* of a triangle, in texels; weight = at + dx x + dy y */
    double at[3], dx[3], dy[3];
    double least[3]; /* weights that are still within the pad */
    int x0, x1, y0, y1;
} Footprint;

static bool footprint_of(const Bare *bare, int triangle, int pad_px, Footprint *print)
{
    const int *v = bare->scan->triangle[triangle];
    int width = bare->own.width_px, height = bare->own.height_px;
    double x[3], y[3];
    for (int k = 0; k < 3; k++) {
        x[k] = (double)bare->scan->uv[v[k]][0] * width - 0.5; /* centres at whole numbers */
        y[k] = (double)bare->scan->uv[v[k]][1] * height - 0.5;
        if (!(fabs(x[k]) < most_repeats * width) || !(fabs(y[k]) < most_repeats * height))
            return false;
    }
    double area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]);
    if (fabs(area) < 1e-9)
        return false;
    for (int k = 0; k < 3; k++) {
        int a = (k + 1) % 3, b = (k + 2) % 3;
        print->dx[k] = (y[a] - y[b]) / area;
        print->dy[k] = (x[b] - x[a]) / area;
        print->at[k] = (x[a] * y[b] - x[b] * y[a]) / area;
        print->least[k] = -1e-9 - pad_px * hypot(print->dx[k], print->dy[k]);
    }
    print->x0 = (int)ceil(fmin(x[0], fmin(x[1], x[2])) - pad_px);
    print->x1 = (int)floor(fmax(x[0], fmax(x[1], x[2])) + pad_px);
    print->y0 = (int)ceil(fmin(y[0], fmin(y[1], y[2])) - pad_px);
    print->y1 = (int)floor(fmax(y[0], fmax(y[1], y[2])) + pad_px);
    return true;
}

/* Weights of the triangle's point nearest (about) to a texel; false if it is farther than pad. */
static bool weights_at(const Footprint *print, int x, int y, double weight[3])
{
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        double w = print->at[k] + print->dx[k] * x + print->dy[k] * y;
        if (w < print->least[k])
            return false;
        weight[k] = fmax(w, 0.0);
        sum += weight[k];
    }
    for (int k = 0; k < 3; k++)
        weight[k] /= sum;
    return true;
}

static int wrapped(int i, int count)
{
    int rest = i % count;
    return rest < 0 ? rest + count : rest;
}

static void bare_texel(const Bare *bare, int triangle, const double weight[3], ptrdiff_t texel)
{
    uint8_t *code = bare->own.rgb + 3 * texel;
    Vec3 p = mesh_point(bare->scan, triangle, weight);
    Rgb before = color_from_srgb8(code);
    Rgb after = without_hair(bare, p, before, material_of(bare->scan, triangle)->base_color);
    if (memcmp(&before, &after, sizeof before) != 0)
        color_to_srgb8(after, code);
}

/* The texels of a triangle within rows [begin, end), if no other triangle has them. */
static void bare_footprint(const Bare *bare, int triangle, int pad_px, int begin, int end)
{
    Footprint print;
    double weight[3];
    if (!footprint_of(bare, triangle, pad_px, &print))
        return;
    for (int y = print.y0; y <= print.y1; y++) {
        int row = wrapped(y, bare->own.height_px);
        if (row < begin || row >= end)
            continue;
        for (int x = print.x0; x <= print.x1; x++) {
            ptrdiff_t texel = (ptrdiff_t)row * bare->own.width_px + wrapped(x, bare->own.width_px);
            if (bare->claimed[texel] != 0 || !weights_at(&print, x, y, weight))
                continue;
            bare->claimed[texel] = 1;
            if (bare->touched[triangle])
                bare_texel(bare, triangle, weight, texel);
        }
    }
}

/* First every triangle takes its own texels, then those that lose hair go on into the gaps. */
static void bare_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Bare *bare = ctx;
    for (int t = 0; t < bare->scan->triangle_count; t++)
        if (image_of(bare->scan, t) == bare->image)
            bare_footprint(bare, t, 0, begin, end);
    for (int t = 0; t < bare->scan->triangle_count; t++)
        if (bare->touched[t] && image_of(bare->scan, t) == bare->image)
            bare_footprint(bare, t, PAD_PX, begin, end);
}

static bool is_touched(const Bare *bare, int image)
{
    for (int t = 0; t < bare->scan->triangle_count; t++)
        if (bare->touched[t] && image_of(bare->scan, t) == image)
            return true;
    return false;
}

static bool bare_image(Arena *arena, Arena *scratch, Bare *bare, Image *image, Err *err)
{
    size_t mark = arena_mark(scratch);
    size_t texels = (size_t)image->width_px * (size_t)image->height_px;
    bare->claimed = ARENA_NEW(scratch, uint8_t, texels);
    if (bare->claimed == NULL)
        return err_set(err, ERR_LIMIT, "no room to take the hair out of a texture of %d x %d px",
                       image->width_px, image->height_px);
    if (!image_new(arena, image->width_px, image->height_px, &bare->own, err))
        return false;
    memcpy(bare->own.rgb, image->rgb, 3 * texels);
    parallel_for(bare->threads, image->height_px, ROWS, bare_rows, bare);
    *image = bare->own;
    arena_rewind(scratch, mark);
    return true;
}

static bool bare_images(Arena *arena, Arena *scratch, Bare *bare, Mesh *copy, Err *err)
{
    const Mesh *scan = bare->scan;
    if (scan->image_count == 0 || scan->uv == NULL)
        return true;
    copy->image = ARENA_NEW(arena, Image, (size_t)scan->image_count);
    if (copy->image == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d textures", scan->image_count);
    for (bare->image = 0; bare->image < scan->image_count; bare->image++) {
        copy->image[bare->image] = scan->image[bare->image];
        if (is_touched(bare, bare->image) &&
            !bare_image(arena, scratch, bare, &copy->image[bare->image], err))
            return false;
    }
    return true;
}

/* ---- colours of vertices */

static void bare_vertices(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Bare *bare = ctx;
    const Rgb white = {1.0F, 1.0F, 1.0F}; /* materials beside vertex colours hardly ever tint */
    for (int v = begin; v < end; v++)
        bare->color[v] = without_hair(bare, bare->scan->position[v], bare->scan->color[v], white);
}

/* ---- fields on the canvas */

typedef struct Smoothing { /* fields of one size, each smoothed on its own */
    const Head *head;
    int rounds;
    double **field, **work;
    const uint8_t *member;
} Smoothing;

static void smooth_fields(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Smoothing *s = ctx;
    for (int i = begin; i < end; i++)
        hair_smooth(s->head, s->member, s->rounds, s->field[i], s->work[i]);
}

enum { MOMENTS = 8, SUMS = 4 };

typedef struct Room {
    uint8_t *member;                         /* all of them */
    double *moment[MOMENTS], *work[MOMENTS]; /* c, c^2, then x and c x of each channel */
    double *sum[SUMS];                       /* weight, then weighted darkening per channel */
} Room;

static bool new_field(Arena *scratch, size_t n, double **field, Err *err)
{
    *field = ARENA_NEW(scratch, double, n);
    return *field != NULL || err_set(err, ERR_LIMIT, "no room for the hair of the scalp");
}

static bool new_room(Arena *scratch, size_t n, Room *room, Bare *bare, Err *err)
{
    for (int i = 0; i < MOMENTS; i++)
        if (!new_field(scratch, n, &room->moment[i], err) ||
            !new_field(scratch, n, &room->work[i], err))
            return false;
    for (int i = 0; i < SUMS; i++)
        if (!new_field(scratch, n, &room->sum[i], err))
            return false;
    for (int k = 0; k < 3; k++)
        if (!new_field(scratch, n, &bare->mean[k], err) ||
            !new_field(scratch, n, &bare->darkens[k], err))
            return false;
    room->member = ARENA_NEW(scratch, uint8_t, n);
    if (room->member == NULL)
        return err_set(err, ERR_LIMIT, "no room for the hair of the scalp");
    memset(room->member, 1, n);
    return new_field(scratch, n, &bare->near, err);
}

/* Where hair or a stray hair may stand. */
static void find_near(const Room *room, const Bare *bare)
{
    const HeadTopology *topology = bare->head->topology;
    size_t n = (size_t)topology->vertex_count;
    double *near = bare->near, *work = room->work[0];
    memcpy(near, bare->cover, n * sizeof *near);
    for (int round = 0; round < STRAY_ROUNDS; round++) {
        for (size_t v = 0; v < n; v++) {
            work[v] = near[v];
            for (int k = topology->neighbor_start[v]; k < topology->neighbor_start[v + 1]; k++)
                work[v] = fmax(work[v], near[topology->neighbor[k]]);
        }
        memcpy(near, work, n * sizeof *near);
    }
    for (size_t v = 0; v < n; v++)
        near[v] = fmin(near[v] / stray_cover, 1.0);
    hair_smooth(bare->head, room->member, STRAY_SMOOTH, near, work);
}

/* ---- what hair does to the light of this skin */

/* Over the whole scalp: the colours of stubble and bald skin were seen in different light, the
 * contrast was not. */
static void find_common(const HairSurvey *survey, double darkens[3])
{
    Rgb skin = survey->tone.reflectance, stubble = color_from_lab(survey->stubble_lab);
    const float bald[3] = {skin.r, skin.g, skin.b}, hair[3] = {stubble.r, stubble.g, stubble.b};
    double light =
        (1.0 - survey->contrast) * color_luminance(skin) / fmax(color_luminance(stubble), 1e-4);
    for (int k = 0; k < 3; k++) {
        double passes = light * (double)hair[k] / fmax((double)bald[k], 1e-4);
        darkens[k] = 1.0 - fmin(fmax(passes, least_light), 1.0);
    }
}

/* At a border of the hair: colour as a straight line of the cover, colour = skin (1 - darkens
 * cover), through what lies within some 8 mm. Its weight: how much the cover varies there. */
static void find_local(const Room *room, size_t n, const double common[3])
{
    double *const *m = room->moment;
    for (size_t v = 0; v < n; v++) {
        double spread = m[1][v] - m[0][v] * m[0][v];
        room->sum[0][v] = fmax(4.0 * spread, 0.0);
        for (int k = 0; k < 3; k++) {
            double mean = m[2 + 2 * k][v];
            double slope = (m[3 + 2 * k][v] - m[0][v] * mean) / fmax(spread, 1e-6);
            double skin = fmax(mean - slope * m[0][v], 1e-4);
            double darkens = fmin(fmax(-slope / skin, 0.0), most_local * common[k]);
            room->sum[1 + k][v] = room->sum[0][v] * darkens;
        }
    }
}

/* Near a border of the hair what that border shows, so that bared skin joins the skin beside it
 * even where a survey mistakes shade for hair; far from all borders what is common. */
static void find_darkening(const HairSurvey *survey, const Rgb color[], const Room *room,
                           const Bare *bare)
{
    size_t n = (size_t)bare->head->topology->vertex_count;
    double common[3];
    Smoothing smoothing = {.head = bare->head, .member = room->member};
    find_common(survey, common);
    for (size_t v = 0; v < n; v++) {
        double c = bare->cover[v];
        const double x[3] = {(double)color[v].r, (double)color[v].g, (double)color[v].b};
        room->moment[0][v] = c;
        room->moment[1][v] = c * c;
        for (int k = 0; k < 3; k++) {
            bare->mean[k][v] = x[k];
            room->moment[2 + 2 * k][v] = x[k];
            room->moment[3 + 2 * k][v] = c * x[k];
        }
    }
    double *mean[3] = {bare->mean[0], bare->mean[1], bare->mean[2]}, *moment[MOMENTS], *sum[SUMS],
           *work[MOMENTS];
    memcpy(moment, room->moment, sizeof moment);
    memcpy(sum, room->sum, sizeof sum);
    memcpy(work, room->work, sizeof work);
    smoothing.work = work;
    smoothing.field = mean;
    smoothing.rounds = MEAN_ROUNDS;
    parallel_for(bare->threads, 3, 1, smooth_fields, &smoothing);
    smoothing.field = moment;
    smoothing.rounds = LOCAL_ROUNDS;
    parallel_for(bare->threads, MOMENTS, 1, smooth_fields, &smoothing);
    find_local(room, n, common);
    smoothing.field = sum;
    smoothing.rounds = SPREAD_ROUNDS;
    parallel_for(bare->threads, SUMS, 1, smooth_fields, &smoothing);
    for (size_t v = 0; v < n; v++)
        for (int k = 0; k < 3; k++)
            bare->darkens[k][v] = (room->sum[1 + k][v] + common_weight * common[k]) /
                                  (room->sum[0][v] + common_weight);
}

bool hair_bare_scan(Arena *arena, Arena *scratch, const Mesh *scan, const Head *head,
                    const HairSurvey *survey, const Rgb vertex_color[], const double hair_left[],
                    int threads, Mesh *copy, Err *err)
{
    if (!survey->has_stubble)
        return err_set(err, ERR_INPUT, "no hair was seen that could be taken away");
    size_t mark = arena_mark(scratch);
    Bare bare = {.scan = scan,
                 .head = head,
                 .cover = survey->cover,
                 .left = hair_left,
                 .threads = threads,
                 .touched = ARENA_NEW(scratch, uint8_t, (size_t)scan->triangle_count)};
    if (bare.touched == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d triangles", scan->triangle_count);
    Room room;
    if (!new_room(scratch, (size_t)head->topology->vertex_count, &room, &bare, err))
        return false;
    find_near(&room, &bare);
    find_darkening(survey, vertex_color, &room, &bare);
    *copy = *scan;
    parallel_for(threads, scan->triangle_count, 4096, touch_triangles, &bare);
    if (scan->color != NULL) {
        copy->color = bare.color = ARENA_NEW(arena, Rgb, (size_t)scan->vertex_count);
        if (bare.color == NULL)
            return err_set(err, ERR_LIMIT, "no room for %d colours", scan->vertex_count);
        parallel_for(threads, scan->vertex_count, 4096, bare_vertices, &bare);
    }
    if (!bare_images(arena, scratch, &bare, copy, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
