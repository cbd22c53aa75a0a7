#include "head/place.h"
#include "head/place_internal.h"

#include "base/parallel.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void place_warn(PlaceWarnings *warnings, const char *fmt, ...)
{
    if (warnings->count == PLACE_WARNING_LIMIT) {
        snprintf(warnings->text[PLACE_WARNING_LIMIT - 1], PLACE_WARNING_TEXT,
                 "more was found than these %d lines hold", PLACE_WARNING_LIMIT - 1);
        return;
    }
    va_list args;
    va_start(args, fmt);
    vsnprintf(warnings->text[warnings->count++], PLACE_WARNING_TEXT, fmt, args);
    va_end(args);
}

Vec3 place_to_head(const Placement *placement, Vec3 scan_position)
{
    Vec3 d = vec_scale(vec_sub(scan_position, placement->origin), placement->mm_per_unit);
    return vec3(vec_dot(placement->axis[0], d), vec_dot(placement->axis[1], d),
                vec_dot(placement->axis[2], d));
}

Vec3 place_direction_to_scan(const Placement *placement, Vec3 d)
{
    Vec3 v = vec_scale(placement->axis[0], d.x);
    return vec_madd(vec_madd(v, d.y, placement->axis[1]), d.z, placement->axis[2]);
}

Vec3 place_to_scan(const Placement *placement, Vec3 head_position_mm)
{
    return vec_madd(placement->origin, 1.0 / placement->mm_per_unit,
                    place_direction_to_scan(placement, head_position_mm));
}

PlaceHit place_hit(const Mesh *scan, const MeshRays *rays, const Placement *placement,
                   Vec3 origin_mm, Vec3 direction, double reach_mm)
{
    Vec3 from = place_to_scan(placement, origin_mm);
    Vec3 along = place_direction_to_scan(placement, direction);
    MeshHit hit = mesh_rays_hit(rays, from, along, reach_mm / placement->mm_per_unit);
    PlaceHit out = {.found = hit.triangle >= 0, .triangle = hit.triangle};
    if (!out.found)
        return out;
    memcpy(out.weight, hit.weight, sizeof out.weight);
    out.position_mm = vec_madd(origin_mm, hit.distance * placement->mm_per_unit, direction);
    const int *k = scan->triangle[hit.triangle];
    Vec3 a = scan->position[k[0]], b = scan->position[k[1]], c = scan->position[k[2]];
    Vec3 n = vec_normalize(vec_cross(vec_sub(b, a), vec_sub(c, a)));
    n = vec3(vec_dot(placement->axis[0], n), vec_dot(placement->axis[1], n),
             vec_dot(placement->axis[2], n));
    out.normal = vec_dot(n, direction) > 0.0 ? vec_scale(n, -1.0) : n;
    return out;
}

/* ---- Size. ---- */

typedef struct SizeRange {
    const char *what;
    double low_mm, high_mm;
} SizeRange;

static void check_range(SizeRange range, double value_mm, PlaceWarnings *warnings)
{
    if (value_mm < range.low_mm || value_mm > range.high_mm)
        place_warn(warnings,
                   "%s %.0f mm is outside %.0f to %.0f mm, where 98 of 100 adults lie: check the "
                   "tape and the unit",
                   range.what, value_mm, range.low_mm, range.high_mm);
}

void place_check_size(const HeadMeasures *measures, PlaceWarnings *warnings)
{
    /* ANSUR II: p1 of 1,986 women to p99 of 4,082 men (field/canvas 1.1). */
    check_range((SizeRange){"head length", 172, 215}, measures->length_mm, warnings);
    check_range((SizeRange){"head breadth", 136, 168}, measures->breadth_mm, warnings);
    check_range(
        (SizeRange){"head circumference", PLACE_CIRCUMFERENCE_P1_MM, PLACE_CIRCUMFERENCE_P99_MM},
        measures->circumference_mm, warnings);
    check_range((SizeRange){"height of the head above the ears", 110, 145},
                measures->tragion_vertex_mm, warnings);
}

/* ---- Colour. ---- */

/* Half the side of the chart picture; the canvas ends at 1.44. */
static const double chart_reach = 1.45;
enum { BAKE_BLOCK_ROWS = 16, BAKE_DILATE_PX = 6, BAKE_STEP_PX = 8 };
/* Where the scan has nothing: neutral grey, sRGB 128. */
enum { BAKE_GREY = 128 };
/* How far the scan may stand off the canvas and still be what is painted on it: at measured places
 * they agree to 0.3 mm, at folds and fillings the nearest skin is better than grey. */
static const double bake_above_mm = 12.0, bake_below_mm = 30.0, bake_ear_mm = 45.0;

typedef struct Bake {
    const Mesh *scan;
    const MeshRays *rays;
    const Placement *placement;
    const Head *head;
    Image *chart;
    uint8_t *hit; /* [side][side] */
    int coarse;   /* [coarse][coarse] radii of the canvas, every BAKE_STEP_PX; 0 below it */
    float *radius_mm;
} Bake;

static Vec3 bake_direction(const Bake *bake, double x_px, double y_px, double uv[2])
{
    double texel = 2.0 * chart_reach / bake->chart->width_px;
    uv[0] = x_px * texel - chart_reach, uv[1] = chart_reach - y_px * texel;
    return head_chart_direction(uv);
}

/* Where to look for skin: the canvas itself is needed to a few mm only. */
static void bake_radii(void *ctx, int block, int begin, int end)
{
    (void)block;
    Bake *bake = ctx;
    for (int j = begin; j < end; j++)
        for (int i = 0; i < bake->coarse; i++) {
            double uv[2];
            Vec3 d = bake_direction(bake, i * BAKE_STEP_PX, j * BAKE_STEP_PX, uv);
            HeadPoint point = head_locate(bake->head, d);
            bake->radius_mm[(size_t)j * bake->coarse + i] =
                point.triangle < 0 ? 0.0F
                                   : (float)vec_distance(head_position_mm(bake->head, point),
                                                         bake->head->centre_mm);
        }
}

/* Bilinear; beside the rim what there is; 0 outside. */
static double bake_radius(const Bake *bake, int x, int y)
{
    double u = (x + 0.5) / BAKE_STEP_PX, v = (y + 0.5) / BAKE_STEP_PX;
    int i = (int)u, j = (int)v;
    u -= i, v -= j;
    const float *low = &bake->radius_mm[(size_t)j * bake->coarse + i], *high = low + bake->coarse;
    double r[4] = {(double)low[0], (double)low[1], (double)high[0], (double)high[1]};
    double w[4] = {(1.0 - u) * (1.0 - v), u * (1.0 - v), (1.0 - u) * v, u * v}, sum = 0.0,
           all = 0.0;
    for (int k = 0; k < 4; k++)
        if (r[k] > 0.0)
            sum += w[k] * r[k], all += w[k];
    return all > 0.0 ? sum / all : 0.0;
}

/* Side (pixels of the scan's texture) of what one chart texel of texel_mm covers, so that a fine
 * texture is averaged and not picked from. */
static double footprint_px(const Bake *bake, int triangle, double texel_mm)
{
    const Mesh *scan = bake->scan;
    int material = scan->material != NULL ? scan->material[triangle] : 0;
    int image = scan->material_list[material].image;
    if (scan->uv == NULL || image < 0)
        return 0.0;
    const int *k = scan->triangle[triangle];
    const float *a = scan->uv[k[0]], *b = scan->uv[k[1]], *c = scan->uv[k[2]];
    double abx = (double)b[0] - (double)a[0], aby = (double)b[1] - (double)a[1];
    double acx = (double)c[0] - (double)a[0], acy = (double)c[1] - (double)a[1];
    double texture =
        fabs(abx * acy - aby * acx) * scan->image[image].width_px * scan->image[image].height_px;
    Vec3 p = scan->position[k[0]], q = scan->position[k[1]], r = scan->position[k[2]];
    double area = vec_length(vec_cross(vec_sub(q, p), vec_sub(r, p)));
    double mm = bake->placement->mm_per_unit;
    double side = area > 0.0 ? sqrt(texture / area) / mm * texel_mm : 0.0;
    return isfinite(side) ? fmin(side, 64.0) : 0.0;
}

static void bake_texel(const Bake *bake, int x, int y)
{
    const Placement *placement = bake->placement;
    double uv[2], r = bake_radius(bake, x, y);
    if (r <= 0.0)
        return;
    Vec3 d = bake_direction(bake, x + 0.5, y + 0.5, uv);
    if (d.y < HEAD_CUT)
        return;
    Vec3 inward = place_direction_to_scan(placement, vec_scale(d, -1.0));
    MeshHit hit = {.triangle = -1};
    for (int round = 0; round < 2 && hit.triangle < 0; round++) { /* then from beyond the ears */
        double above = round == 0 ? bake_above_mm : bake_ear_mm;
        Vec3 from = place_to_scan(placement, vec_madd(bake->head->centre_mm, r + above, d));
        hit = mesh_rays_hit(bake->rays, from, inward,
                            (above + bake_below_mm) / placement->mm_per_unit);
    }
    if (hit.triangle < 0)
        return;
    size_t at = (size_t)y * bake->chart->width_px + x;
    double texel_mm =
        2.0 * chart_reach / bake->chart->width_px * r * 2.0 / (1.0 + uv[0] * uv[0] + uv[1] * uv[1]);
    Rgb color = mesh_color(bake->scan, hit.triangle, hit.weight,
                           footprint_px(bake, hit.triangle, texel_mm));
    color_to_srgb8(color, &bake->chart->rgb[3 * at]);
    bake->hit[at] = 1;
}

static void bake_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Bake *bake = ctx;
    for (int y = begin; y < end; y++)
        for (int x = 0; x < bake->chart->width_px; x++)
            bake_texel(bake, x, y);
}

/* Gives each empty texel beside a full one the mean of its full neighbours. Marks it with `round`
 * + 2 so that it counts from the next round on. */
static void dilate(int side, int round, uint8_t *rgb, uint8_t *hit)
{
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            size_t at = (size_t)y * side + x;
            if (hit[at] != 0)
                continue;
            int sum[3] = {0}, count = 0;
            for (int j = y > 0 ? y - 1 : 0; j <= y + 1 && j < side; j++)
                for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < side; i++) {
                    size_t from = (size_t)j * side + i;
                    if (hit[from] == 0 || hit[from] == round + 2)
                        continue;
                    for (int k = 0; k < 3; k++)
                        sum[k] += rgb[3 * from + k];
                    count++;
                }
            if (count == 0)
                continue;
            for (int k = 0; k < 3; k++)
                rgb[3 * at + k] = (uint8_t)((sum[k] + count / 2) / count);
            hit[at] = (uint8_t)(round + 2);
        }
}

bool place_bake(Arena *arena, const Mesh *scan, const MeshRays *rays, const Placement *placement,
                const Head *head, int side_px, int threads, Image *chart, Err *err)
{
    if (side_px < 16 || side_px > IMAGE_MAX_SIDE_PX / 2)
        return err_set(err, ERR_INPUT, "a chart of %d pixels is not within 16..%d", side_px,
                       IMAGE_MAX_SIDE_PX / 2);
    if (!image_new(arena, side_px, side_px, chart, err))
        return false;
    size_t mark = arena_mark(arena), texels = (size_t)side_px * side_px;
    int coarse = side_px / BAKE_STEP_PX + 2;
    Bake bake = {.scan = scan,
                 .rays = rays,
                 .placement = placement,
                 .head = head,
                 .chart = chart,
                 .hit = ARENA_NEW(arena, uint8_t, texels),
                 .coarse = coarse,
                 .radius_mm = ARENA_NEW(arena, float, (size_t)coarse *coarse)};
    if (bake.hit == NULL || bake.radius_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for a chart of %d pixels", side_px);
    memset(chart->rgb, BAKE_GREY, 3 * texels);
    parallel_for(threads, coarse, BAKE_BLOCK_ROWS, bake_radii, &bake);
    parallel_for(threads, side_px, BAKE_BLOCK_ROWS, bake_rows, &bake);
    for (int round = 0; round < BAKE_DILATE_PX; round++)
        dilate(side_px, round, chart->rgb, bake.hit);
    arena_rewind(arena, mark);
    return true;
}

/* Photographs leave black what nobody looked at (view_bake_finish): such texels do not darken their
 * neighbours; black where most are. */
static Rgb chart_mean(const Image *chart, double x_px, double y_px, double side_px)
{
    int left = (int)floor(x_px - 0.5 * side_px), right = (int)floor(x_px + 0.5 * side_px);
    int top = (int)floor(y_px - 0.5 * side_px), bottom = (int)floor(y_px + 0.5 * side_px);
    int black = 0, lit = 0;
    Rgb sum = {0.0F, 0.0F, 0.0F};
    for (int y = top; y <= bottom; y++)
        for (int x = left; x <= right; x++) {
            if (x < 0 || y < 0 || x >= chart->width_px || y >= chart->height_px)
                continue;
            const uint8_t *rgb = &chart->rgb[3 * ((ptrdiff_t)y * chart->width_px + x)];
            if ((rgb[0] | rgb[1] | rgb[2]) == 0) {
                black++;
                continue;
            }
            Rgb light = image_sample(chart, x + 0.5, y + 0.5);
            sum.r += light.r, sum.g += light.g, sum.b += light.b;
            lit++;
        }
    if (black == 0) /* a scan's chart */
        return image_sample_box(chart, x_px, y_px, side_px);
    if (lit <= black)
        return (Rgb){0.0F, 0.0F, 0.0F};
    return (Rgb){sum.r / (float)lit, sum.g / (float)lit, sum.b / (float)lit};
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* How far log luminance falls below its median over a box (rms, as a standard deviation): shading
 * is even there, and glints are bright; hairs and pores are dark. */
static double chart_roughness(const Image *chart, double x_px, double y_px, double side_px)
{
    enum { LEAST = 9, MOST = 1024 };
    const double dark = 0.004; /* noise of the darkest codes would count for much */
    float value[MOST];
    int left = (int)floor(x_px - 0.5 * side_px), right = (int)floor(x_px + 0.5 * side_px);
    int top = (int)floor(y_px - 0.5 * side_px), bottom = (int)floor(y_px + 0.5 * side_px);
    int count = 0;
    for (int y = top > 0 ? top : 0; y <= bottom && y < chart->height_px; y++)
        for (int x = left > 0 ? left : 0; x <= right && x < chart->width_px && count < MOST; x++) {
            const uint8_t *rgb = &chart->rgb[3 * ((ptrdiff_t)y * chart->width_px + x)];
            if ((rgb[0] | rgb[1] | rgb[2]) != 0)
                value[count++] = (float)log(color_luminance(color_from_srgb8(rgb)) + dark);
        }
    if (count < LEAST)
        return 0.0;
    qsort(value, (size_t)count, sizeof *value, compare_floats);
    double squares = 0.0, median = (double)value[count / 2];
    for (int i = 0; i < count / 2; i++)
        squares += (median - (double)value[i]) * (median - (double)value[i]);
    return sqrt(squares / (count / 2));
}

/* Mean distance of a vertex from its neighbours on the chart, px: the side of its share. */
static double share_px(const HeadTopology *topology, int vertex, double px)
{
    double uv[2], other[2], apart = 0.0;
    int begin = topology->neighbor_start[vertex], end = topology->neighbor_start[vertex + 1];
    head_chart(topology->direction[vertex], uv);
    for (int k = begin; k < end; k++) {
        head_chart(topology->direction[topology->neighbor[k]], other);
        apart += hypot(other[0] - uv[0], other[1] - uv[1]);
    }
    return end > begin ? px * apart / (end - begin) : 1.0;
}

bool place_vertex_roughness(Arena *arena, const Head *head, const Image *chart, double **roughness,
                            Err *err)
{
    const HeadTopology *topology = head->topology;
    *roughness = ARENA_NEW(arena, double, (size_t)topology->vertex_count);
    if (*roughness == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d places", topology->vertex_count);
    double px = 0.5 * chart->width_px / chart_reach, uv[2];
    for (int i = 0; i < topology->vertex_count; i++) {
        head_chart(topology->direction[i], uv);
        (*roughness)[i] = chart_roughness(chart, (uv[0] + chart_reach) * px,
                                          (chart_reach - uv[1]) * px, share_px(topology, i, px));
    }
    return true;
}

bool place_vertex_color(Arena *arena, const Head *head, const Image *chart, Rgb **color, Err *err)
{
    const HeadTopology *topology = head->topology;
    *color = ARENA_NEW(arena, Rgb, (size_t)topology->vertex_count);
    if (*color == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d colours", topology->vertex_count);
    double px = 0.5 * chart->width_px / chart_reach;
    for (int i = 0; i < topology->vertex_count; i++) {
        double uv[2];
        head_chart(topology->direction[i], uv);
        (*color)[i] = chart_mean(chart, (uv[0] + chart_reach) * px, (chart_reach - uv[1]) * px,
                                 share_px(topology, i, px));
    }
    return true;
}
