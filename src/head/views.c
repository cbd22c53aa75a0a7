#include "head/views.h"
#include "base/parallel.h"

#include <assert.h>
#include <string.h>

/* Half the side of the chart's picture, as in place_bake. */
static const double chart_reach = 1.45;
enum { BAKE_BLOCK_ROWS = 16, BAKE_MIN_SIDE = 64, BAKE_MAX_SIDE = 8192, BAKE_TAPS = 64 };

/* What a photograph tells of a place: the area of the picture it takes, and how squarely it is
 * seen; shine, hair and a canvas that is a little off spoil oblique places first. Power and limit
 * (75 degrees) [assumption]. */
static const double least_cosine = 0.25;
/* Room for a canvas that stands off the skin, before a place counts as hidden by another. */
static const double clear_mm = 2.0;
/* Over so many nodes (2 mm apart at the middle of the chart) a photograph fades out at its rim. */
enum { FADE_NODES = 6, FADE_STEP = 5, FADE_SLANTED = 7 };
/* Darkest code of a place that was seen: hair_survey passes over linear light below 0.002. */
enum { DARKEST_SEEN = 7 };

/* ---- nodes -----------------------------------------------------------------------------------
 * Where a place of the chart falls in the photograph, and what it is worth there, is known at nodes
 * and bilinear between them: at 2 mm the sphere leaves its chord by 0.006 mm. A cell whose corners
 * are not all in sight is left alone. */

typedef struct Adding {
    const Head *head;
    const MeshRays *rays;
    const Camera *camera;
    const ImageF *light;
    const uint8_t *shut;
    ViewBake *bake;
    float (*mean)[3]; /* of this photograph: [cells][cells] */
    int nodes;
    double (*px)[2]; /* [nodes][nodes] */
    float *weight;   /* [nodes][nodes], 0: not in sight */
} Adding;

static bool shut_at(const Adding *adding, double x_px, double y_px)
{
    if (adding->shut == NULL)
        return false;
    int x = (int)x_px, y = (int)y_px;
    return adding->shut[(ptrdiff_t)y * adding->light->width_px + x] != 0;
}

/* Worth of a place, 0 when it is not in sight. */
static double node_weight(const Adding *adding, Vec3 position_mm, Vec3 normal, double px[2])
{
    const Camera *camera = adding->camera;
    Vec3 to_eye = vec_sub(camera->pose.eye_mm, position_mm);
    double distance = vec_length(to_eye), depth_mm;
    double cosine = vec_dot(normal, to_eye) / distance;
    if (!(cosine > least_cosine) ||
        !camera_project(camera, position_mm, &px[0], &px[1], &depth_mm) || !(px[0] >= 1.0) ||
        !(px[1] >= 1.0) || !(px[0] <= adding->light->width_px - 1.0) ||
        !(px[1] <= adding->light->height_px - 1.0) || shut_at(adding, px[0], px[1]))
        return 0.0;
    Vec3 from = vec_madd(position_mm, clear_mm, normal);
    Vec3 way = vec_sub(camera->pose.eye_mm, from);
    if (mesh_rays_blocked(adding->rays, from, way, 1.0))
        return 0.0;
    double px_per_mm = camera_px_per_mm(camera, position_mm);
    double square = (cosine - least_cosine) / (1.0 - least_cosine);
    return px_per_mm * px_per_mm * square * square * square;
}

static bool in_reach(const Adding *adding, Vec3 position_mm)
{
    const ViewBake *bake = adding->bake;
    Vec3 p = vec_sub(position_mm, adding->head->centre_mm);
    Vec3 q = vec_sub(bake->middle_mm, adding->head->centre_mm);
    double angle = atan2(vec_length(vec_cross(p, q)), vec_dot(p, q));
    return bake->reach_mm <= 0.0 || angle * vec_length(q) <= bake->reach_mm;
}

static void place_nodes(void *ctx, int block, int begin, int end)
{
    (void)block;
    Adding *adding = ctx;
    double node = 2.0 * chart_reach / adding->bake->side_px * adding->bake->step_px;
    for (int j = begin; j < end; j++)
        for (int i = 0; i < adding->nodes; i++) {
            size_t at = (size_t)j * adding->nodes + i;
            const double uv[2] = {i * node - chart_reach, chart_reach - j * node};
            HeadPoint point = head_locate(adding->head, head_chart_direction(uv));
            if (point.triangle < 0)
                continue;
            Vec3 position_mm = head_position_mm(adding->head, point);
            if (in_reach(adding, position_mm))
                adding->weight[at] = (float)node_weight(
                    adding, position_mm, head_normal(adding->head, point), adding->px[at]);
        }
}

/* Towards what is not in sight the worth falls to nothing, or seams would be steps. Steps of 5, 7
 * and 5 / 7 of a node: the chamfer of Borgefors, Comput. Vis. Graph. Image Proc. 34 (1986) 344. */
static void fade(int nodes, const float weight[], uint8_t away[])
{
    const int most = FADE_STEP * FADE_NODES;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < nodes * nodes; k++) {
            int at = pass == 0 ? k : nodes * nodes - 1 - k, x = at % nodes, y = at / nodes;
            int side = pass == 0 ? -1 : 1, best = pass == 0 ? most : away[at];
            if (!(weight[at] > 0.0F) || x == 0 || y == 0 || x == nodes - 1 || y == nodes - 1) {
                away[at] = 0;
                continue;
            }
            const int near[4][2] = {
                {-1, FADE_SLANTED}, {0, FADE_STEP}, {1, FADE_SLANTED}, {side, FADE_STEP}};
            for (int n = 0; n < 4; n++) {
                int row = n < 3 ? y + side : y;
                int length = away[row * nodes + x + near[n][0]] + near[n][1];
                best = length < best ? length : best;
            }
            away[at] = (uint8_t)best;
        }
}

static void fade_weights(int nodes, const uint8_t away[], float weight[])
{
    for (int at = 0; at < nodes * nodes; at++) {
        int inside = away[at] - FADE_STEP; /* the outermost nodes may already see past an edge */
        float t = inside > 0 ? (float)inside / (FADE_STEP * (FADE_NODES - 1.0F)) : 0.0F;
        weight[at] *= t * t * (3.0F - 2.0F * t);
    }
}

/* ---- texels ------------------------------------------------------------------------------------
 */

/* Linear, between the middles of pixels; false on what is shut. */
static bool sample(const Adding *adding, double x_px, double y_px, float rgb[3])
{
    const ImageF *light = adding->light;
    if (shut_at(adding, x_px, y_px))
        return false;
    double x = x_px - 0.5, y = y_px - 0.5; /* at least 0.5: see node_weight */
    int i = (int)x, j = (int)y;
    i = i > light->width_px - 2 ? light->width_px - 2 : i;
    j = j > light->height_px - 2 ? light->height_px - 2 : j;
    float u = (float)(x - i), v = (float)(y - j);
    const float *p = &light->rgb[3 * ((ptrdiff_t)j * light->width_px + i)];
    const float *q = p + 3 * (ptrdiff_t)light->width_px;
    for (int k = 0; k < 3; k++)
        rgb[k] = (1.0F - v) * ((1.0F - u) * p[k] + u * p[3 + k]) +
                 v * ((1.0F - u) * q[k] + u * q[3 + k]);
    return true;
}

/* The four corners of a cell, and what changes from texel to texel. */
typedef struct Cell {
    double px[4][2]; /* upper left, upper right, lower left, lower right */
    double weight[4];
    int taps[2]; /* along the rows and down the columns of the chart */
} Cell;

static int taps_for(double dx, double dy)
{
    int taps = (int)ceil(hypot(dx, dy));
    return taps < 1 ? 1 : taps > BAKE_TAPS ? BAKE_TAPS : taps;
}

static bool cell_at(const Adding *adding, int i, int j, Cell *cell)
{
    for (int k = 0; k < 4; k++) {
        size_t at = (size_t)(j + k / 2) * adding->nodes + (i + k % 2);
        if (!(adding->weight[at] > 0.0F))
            return false;
        cell->px[k][0] = adding->px[at][0], cell->px[k][1] = adding->px[at][1];
        cell->weight[k] = (double)adding->weight[at];
    }
    double step = adding->bake->step_px;
    cell->taps[0] = taps_for((cell->px[1][0] - cell->px[0][0]) / step,
                             (cell->px[1][1] - cell->px[0][1]) / step);
    cell->taps[1] = taps_for((cell->px[2][0] - cell->px[0][0]) / step,
                             (cell->px[2][1] - cell->px[0][1]) / step);
    return true;
}

static double within(const double at[4], double u, double v)
{
    return (1.0 - v) * ((1.0 - u) * at[0] + u * at[1]) + v * ((1.0 - u) * at[2] + u * at[3]);
}

/* Mean over the texel's share of the photograph, (u, v) its upper left corner within the cell. */
static bool texel(const Adding *adding, const Cell *cell, double u, double v, double rgbw[4])
{
    double step = 1.0 / adding->bake->step_px, sum[3] = {0.0};
    int seen = 0, count = cell->taps[0] * cell->taps[1];
    for (int b = 0; b < cell->taps[1]; b++)
        for (int a = 0; a < cell->taps[0]; a++) {
            double s = u + (a + 0.5) / cell->taps[0] * step;
            double t = v + (b + 0.5) / cell->taps[1] * step;
            const double x[4] = {cell->px[0][0], cell->px[1][0], cell->px[2][0], cell->px[3][0]};
            const double y[4] = {cell->px[0][1], cell->px[1][1], cell->px[2][1], cell->px[3][1]};
            float rgb[3];
            if (!sample(adding, within(x, s, t), within(y, s, t), rgb))
                continue;
            for (int k = 0; k < 3; k++)
                sum[k] += (double)rgb[k];
            seen++;
        }
    if (2 * seen < count || seen == 0)
        return false;
    for (int k = 0; k < 3; k++)
        rgbw[k] = sum[k] / seen;
    rgbw[3] = within(cell->weight, u + 0.5 * step, v + 0.5 * step);
    return rgbw[3] > 0.0;
}

static void add_cell(const Adding *adding, int i, int j)
{
    ViewBake *bake = adding->bake;
    Cell cell;
    for (int k = 0; k < 3; k++)
        adding->mean[(size_t)j * bake->cells + i][k] = -1.0F;
    if (!cell_at(adding, i, j, &cell))
        return;
    int step = bake->step_px, side = bake->side_px;
    double all[4] = {0.0};
    for (int y = 0; y < step && j * step + y < side; y++)
        for (int x = 0; x < step && i * step + x < side; x++) {
            double rgbw[4];
            if (!texel(adding, &cell, (double)x / step, (double)y / step, rgbw))
                continue;
            float *out = &bake->sum[4 * ((size_t)(j * step + y) * side + (i * step + x))];
            for (int k = 0; k < 3; k++) {
                out[k] += (float)(rgbw[3] * rgbw[k]);
                all[k] += rgbw[3] * rgbw[k];
            }
            out[3] += (float)rgbw[3];
            all[3] += rgbw[3];
        }
    float *mean = adding->mean[(size_t)j * bake->cells + i];
    for (int k = 0; k < 3 && all[3] > 0.0; k++)
        mean[k] = (float)fmax(0.0, all[k] / all[3]); /* wide gamuts go below */
}

static void add_cells(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Adding *adding = ctx;
    for (int j = begin; j < end; j++)
        for (int i = 0; i < adding->bake->cells; i++)
            add_cell(adding, i, j);
}

/* ---- photographs, one after the other -----------------------------------------------------------
 */

bool view_bake_new(Arena *arena, int side_px, ViewBake *bake, Err *err)
{
    if (side_px < BAKE_MIN_SIDE || side_px > BAKE_MAX_SIDE)
        return err_set(err, ERR_INPUT, "a chart of %d pixels is not within %d..%d", side_px,
                       BAKE_MIN_SIDE, BAKE_MAX_SIDE);
    int step = side_px / 256 > 1 ? side_px / 256 : 1;
    *bake = (ViewBake){.side_px = side_px,
                       .step_px = step,
                       .cells = (side_px + step - 1) / step,
                       .arena = arena,
                       .sum = ARENA_NEW(arena, float, (size_t)side_px *side_px * 4)};
    return bake->sum != NULL ||
           err_set(err, ERR_LIMIT, "no room for a chart of %d pixels", side_px);
}

static bool check_light(const ViewBake *bake, const ImageF *light, Err *err)
{
    if (bake->count >= VIEW_MAX_PHOTOS)
        return err_set(err, ERR_INPUT, "more than %d photographs: leave some out", VIEW_MAX_PHOTOS);
    if (light->width_px < 4 || light->height_px < 4)
        return err_set(err, ERR_INPUT, "a photograph of %d x %d pixels is too small",
                       light->width_px, light->height_px);
    return true;
}

bool view_bake_add(Arena *scratch, ViewBake *bake, const Head *head, const Camera *camera,
                   const ImageF *light, const uint8_t shut[], int threads, Err *err)
{
    if (!check_light(bake, light, err))
        return false;
    int nodes = bake->cells + 1;
    size_t cells = (size_t)bake->cells * bake->cells, corners = (size_t)nodes * nodes;
    Adding adding = {.head = head,
                     .camera = camera,
                     .light = light,
                     .shut = shut,
                     .bake = bake,
                     .mean = arena_alloc(bake->arena, cells, sizeof adding.mean[0]),
                     .nodes = nodes,
                     .weight = ARENA_NEW(bake->arena, float, corners)};
    size_t mark = arena_mark(scratch);
    uint8_t *away = ARENA_NEW(scratch, uint8_t, corners);
    adding.px = arena_alloc(scratch, corners, sizeof adding.px[0]);
    Mesh mesh;
    MeshRays rays;
    if (adding.mean == NULL || adding.px == NULL || adding.weight == NULL || away == NULL)
        return err_set(err, ERR_LIMIT, "no room for photograph %d of a chart", bake->count + 1);
    if (!view_mesh(scratch, head, NULL, &mesh, err) || !mesh_rays_open(&mesh, &rays, err))
        return false;
    adding.rays = &rays;
    parallel_for(threads, nodes, BAKE_BLOCK_ROWS, place_nodes, &adding);
    mesh_rays_close(&rays);
    fade(nodes, adding.weight, away);
    fade_weights(nodes, away, adding.weight);
    parallel_for(threads, bake->cells, BAKE_BLOCK_ROWS, add_cells, &adding);
    bake->head = head;
    bake->mean[bake->count] = adding.mean;
    bake->weight[bake->count++] = adding.weight;
    arena_rewind(scratch, mark);
    return true;
}

/* ---- gains
 * ---------------------------------------------------------------------------------------- Of the
 * overlap of two photographs counts the median of the logarithm of their ratio; gains are the least
 * squares of all pairs by the number of their cells. Photographs that touch no other, not even
 * through others, keep their own exposure (a ridge of one cell). */

enum { LEAST_CELLS = 12, HISTOGRAM = 512 };
static const double widest_log = 2.0; /* a factor of 7: no two photographs that belong together */

/* Cells where both tell something: neither burnt out nor black. */
static bool comparable(const float a[3], const float b[3], int channel)
{
    const float dark = 0.004F, bright = 0.85F;
    return a[channel] > dark && b[channel] > dark && a[channel] < bright && b[channel] < bright;
}

static int median_log_ratio(const ViewBake *bake, int first, int second, int channel, double *ratio)
{
    int count = 0, histogram[HISTOGRAM] = {0};
    for (size_t at = 0; at < (size_t)bake->cells * bake->cells; at++) {
        const float *a = bake->mean[first][at], *b = bake->mean[second][at];
        if (!comparable(a, b, channel))
            continue;
        double value = log((double)a[channel] / (double)b[channel]);
        if (fabs(value) >= widest_log)
            continue;
        histogram[(int)((value + widest_log) / (2.0 * widest_log) * HISTOGRAM)]++;
        count++;
    }
    int before = 0, bin = 0;
    while (bin < HISTOGRAM - 1 && 2 * (before + histogram[bin]) < count)
        before += histogram[bin++];
    double inside = histogram[bin] > 0 ? (0.5 * count - before) / histogram[bin] : 0.5;
    *ratio = (bin + inside) / HISTOGRAM * 2.0 * widest_log - widest_log;
    return count;
}

/* Gaussian elimination of a positive definite system, in place. */
static void solve(int n, double a[][VIEW_MAX_PHOTOS], double b[])
{
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            double share = a[j][i] / a[i][i];
            for (int k = i; k < n; k++)
                a[j][k] -= share * a[i][k];
            b[j] -= share * b[i];
        }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            b[i] -= a[i][k] * b[k];
        b[i] /= a[i][i];
    }
}

static void match_gains(const ViewBake *bake, int channel, double gain[])
{
    double a[VIEW_MAX_PHOTOS][VIEW_MAX_PHOTOS] = {{0.0}}, b[VIEW_MAX_PHOTOS] = {0.0};
    int n = bake->count;
    for (int i = 0; i < n; i++)
        a[i][i] = i == 0 ? 1e9 : 1.0; /* the first is the reference */
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            double ratio;
            int count = median_log_ratio(bake, i, j, channel, &ratio);
            if (count < LEAST_CELLS)
                continue;
            a[i][i] += count, a[j][j] += count;
            a[i][j] -= count, a[j][i] -= count;
            b[i] -= count * ratio, b[j] += count * ratio; /* log gain_j - log gain_i = ratio */
        }
    solve(n, a, b);
    for (int i = 0; i < n; i++)
        gain[i] = exp(fmax(-widest_log, fmin(widest_log, b[i])));
}

/* ---- the chart
 * -------------------------------------------------------------------------------------- */

/* Where a texel lies between the four nearest of a raster, shifted by `shift` of its steps. */
typedef struct Between {
    int column, row;
    double u, v;
} Between;

static Between between(const ViewBake *bake, int x, int y, double shift)
{
    double u = (x + 0.5) / bake->step_px - shift, v = (y + 0.5) / bake->step_px - shift;
    int column = (int)floor(u), row = (int)floor(v);
    return (Between){column, row, u - column, v - row};
}

static double share_of(Between at, int n)
{
    return (n % 2 == 0 ? 1.0 - at.u : at.u) * (n / 2 == 0 ? 1.0 - at.v : at.v);
}

/* As it was when the texel was added. */
static double weight_at(const ViewBake *bake, int photo, Between at)
{
    double sum = 0.0;
    for (int n = 0; n < 4; n++) {
        size_t node = (size_t)(at.row + n / 2) * (bake->cells + 1) + (at.column + n % 2);
        double weight = (double)bake->weight[photo][node];
        if (!(weight > 0.0))
            return 0.0;
        sum += share_of(at, n) * weight;
    }
    return sum;
}

/* Between the middles of cells, of those that the photograph shows. */
static bool mean_at(const ViewBake *bake, int photo, Between at, double mean[3])
{
    double sum[3] = {0.0}, all = 0.0;
    for (int n = 0; n < 4; n++) {
        int column = at.column + n % 2, row = at.row + n / 2;
        if (column < 0 || row < 0 || column >= bake->cells || row >= bake->cells)
            continue;
        const float *cell = bake->mean[photo][(size_t)row * bake->cells + column];
        if (cell[0] < 0.0F)
            continue;
        double share = share_of(at, n) + 1e-9;
        all += share;
        for (int k = 0; k < 3; k++)
            sum[k] += share * (double)cell[k];
    }
    for (int k = 0; k < 3 && all > 0.0; k++)
        mean[k] = sum[k] / all;
    return all > 0.0;
}

/* What matched gains make of the mixture in a texel; the photographs themselves are gone, but how
 * much of each is in it is known, and about how bright each was there. */
static void factor_at(const ViewBake *bake, int x, int y, double factor[3])
{
    Between node = between(bake, x, y, 0.0), cell = between(bake, x, y, 0.5);
    double plain[3] = {0.0}, matched[3] = {0.0}, mean[3];
    int last = 0, count = 0;
    for (int i = 0; i < bake->count; i++) {
        double weight = weight_at(bake, i, node);
        if (!(weight > 0.0) || !mean_at(bake, i, cell, mean))
            continue;
        last = i, count++;
        for (int k = 0; k < 3; k++) {
            plain[k] += weight * mean[k];
            matched[k] += weight * mean[k] * bake->gain[i][k];
        }
    }
    for (int k = 0; k < 3; k++)
        factor[k] = count > 1 && plain[k] > 0.0 ? matched[k] / plain[k] : bake->gain[last][k];
}

static void write_texel(const ViewBake *bake, int x, int y, uint8_t out[3])
{
    const float *sum = &bake->sum[4 * ((size_t)y * bake->side_px + x)];
    if (!(sum[3] > 0.0F))
        return;
    double factor[3];
    factor_at(bake, x, y, factor);
    for (int k = 0; k < 3; k++)
        factor[k] *= (double)sum[k] / (double)sum[3];
    color_to_srgb8((Rgb){(float)factor[0], (float)factor[1], (float)factor[2]}, out);
    for (int k = 0; k < 3; k++)
        out[k] = out[k] < DARKEST_SEEN ? DARKEST_SEEN : out[k];
}

/* Share of the canvas's area whose vertices were seen. */
static double share_seen(const ViewBake *bake)
{
    const Head *head = bake->head;
    double seen = 0.0, all = 0.0, px = 0.5 * bake->side_px / chart_reach;
    for (int i = 0; i < head->topology->vertex_count; i++) {
        double uv[2];
        head_chart(head->topology->direction[i], uv);
        int x = (int)((uv[0] + chart_reach) * px), y = (int)((chart_reach - uv[1]) * px);
        all += head->area_mm2[i];
        if (bake->sum[4 * ((size_t)y * bake->side_px + x) + 3] > 0.0F)
            seen += head->area_mm2[i];
    }
    return all > 0.0 ? seen / all : 0.0;
}

bool view_bake_finish(Arena *arena, ViewBake *bake, Image *chart, double *covered, Err *err)
{
    if (bake->count == 0)
        return err_set(err, ERR_INPUT, "a chart of no photographs: add one");
    if (!image_new(arena, bake->side_px, bake->side_px, chart, err))
        return false;
    for (int k = 0; k < 3; k++) {
        double gain[VIEW_MAX_PHOTOS];
        match_gains(bake, k, gain);
        for (int i = 0; i < bake->count; i++)
            bake->gain[i][k] = gain[i];
    }
    for (int y = 0; y < bake->side_px; y++)
        for (int x = 0; x < bake->side_px; x++)
            write_texel(bake, x, y, &chart->rgb[3 * ((size_t)y * bake->side_px + x)]);
    *covered = share_seen(bake);
    return true;
}

/* ---- the canvas as a mesh
 * --------------------------------------------------------------------------- */

bool view_mesh(Arena *arena, const Head *head, const Image *chart, Mesh *mesh, Err *err)
{
    const HeadTopology *topology = head->topology;
    size_t n = (size_t)topology->vertex_count;
    *mesh = (Mesh){.vertex_count = topology->vertex_count,
                   .position = head->position_mm,
                   .uv = arena_alloc(arena, n, sizeof mesh->uv[0]),
                   .triangle_count = topology->triangle_count,
                   .triangle = topology->triangle,
                   .material_count = 1,
                   .material_list = ARENA_NEW(arena, MeshMaterial, 1),
                   .image_count = chart != NULL ? 1 : 0,
                   .image = ARENA_NEW(arena, Image, 1),
                   .unit_mm = 1.0};
    if (mesh->uv == NULL || mesh->material_list == NULL || mesh->image == NULL)
        return err_set(err, ERR_LIMIT, "no room for a mesh of %zu vertices", n);
    for (size_t i = 0; i < n; i++) {
        double uv[2];
        head_chart(topology->direction[i], uv);
        mesh->uv[i][0] = (float)((uv[0] + chart_reach) / (2.0 * chart_reach));
        mesh->uv[i][1] = (float)((chart_reach - uv[1]) / (2.0 * chart_reach));
    }
    mesh->material_list[0] =
        (MeshMaterial){.base_color = {1.0F, 1.0F, 1.0F}, .image = chart != NULL ? 0 : -1};
    if (chart != NULL)
        mesh->image[0] = *chart;
    return true;
}
