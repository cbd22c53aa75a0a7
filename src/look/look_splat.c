#include "look_internal.h"

#include "base/parallel.h"
#include "skin/line.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* A mark takes the contrast c(x) = core + halo from the light; its integral over the skin is the
 * equivalent black area, at any size of pixel. Marks multiply: tau = -sum ln(1 - c), so randomly
 * placed marks of n per mm2 darken to exp(-n a) exactly, resolved or not.
 *
 * The core is a disc blurred by skin, projection and pixel: drawn per pixel and normalised to its
 * area there (without that, 11 % are lost at 0.7 px/mm: field notes on the canvas, 3.1). The halo
 * and the flush are wide and smooth: drawn on a coarser grid and interpolated. */

enum {
    BAND_ROWS = 32,
    PROFILES = 17,
    PROFILE_STEPS = 256,
    PROFILE_STRIDE = PROFILE_STEPS + 2, /* two more, so that interpolation never leaves */
    STEP_STEPS = 512,                   /* of the edge of a line, behind the profiles */
    MAX_COARSE = 8,
};
static const float REACH2 = 12.96F; /* squared radius where a profile ends, in sigma^2 */
/* No skin is darker than black: what a core would take beyond this goes to its halo, and a halo
 * that would be darker is wider. */
static const float MAX_CORE = 0.65F, MAX_HALO = 0.3F;
/* A pixel's box, and the blur of lens and demosaicing: 0.8 to 1.0 px in phone photographs (field
 * notes, canvas 3.1), 0.6 in a studio picture. Without it dots look pasted on. */
static const double PIXEL_VARIANCE = 1.0 / 12 + 0.6 * 0.6;
static const double PI = 3.14159265358979323846;

/* A mark shows where the surface of the picture is its own: fully within NEAR_MM, not beyond
 * FAR_MM. Plans live on a smoothed head that lies up to some mm off the scan. */
static const float NEAR_MM = 4, FAR_MM = 8;
static const double GRAZING_COS = 0.03, CLEAR_COS = 0.10; /* marks fade in between */

/* A line whose half length is below this share of the standard deviation of its blur is a dot. */
static const double SHORTEST = 0.02;

/* Erythema of a session spreads beyond its marks: by how far is chosen by eye. */
static const double FLUSH_SIGMA_MM = 2.5;
static const float FLUSH_HALF_PER_MM2 = 0.4F; /* marks per mm2 that redden to 63 % */

/* ---- profiles: unit covariance, share of the variance that is a disc's
 * ---------------------------- */

/* A disc of variance `disc` per axis, blurred by a Gaussian of variance 1 - disc, at radius rho. */
static double blurred_disc(double disc, double rho)
{
    if (disc < 1e-9)
        return exp(-0.5 * rho * rho) / (2 * PI);
    return skin_blurred_disc(4 * sqrt(disc), sqrt(1 - disc), rho);
}

bool look_make_profiles(Arena *arena, float **disc, Err *err)
{
    *disc = ARENA_NEW(arena, float, PROFILES *PROFILE_STRIDE + STEP_STEPS + 2);
    if (*disc == NULL)
        return err_set(err, ERR_LIMIT, "no room for the profiles of dots");
    for (int p = 0; p < PROFILES; p++) {
        double share = fmin((double)p / (PROFILES - 1), 0.985);
        for (int i = 0; i < PROFILE_STEPS; i++)
            (*disc)[p * PROFILE_STRIDE + i] =
                (float)blurred_disc(share, sqrt((double)REACH2 * i / PROFILE_STEPS));
    }
    double reach = sqrt((double)REACH2), all = erf(reach / sqrt(2));
    for (int i = 0; i <= STEP_STEPS; i++)
        (*disc)[PROFILES * PROFILE_STRIDE + i] =
            (float)(0.5 + 0.5 * erf(reach * (2.0 * i / STEP_STEPS - 1) / sqrt(2)) / all);
    (*disc)[PROFILES * PROFILE_STRIDE + STEP_STEPS + 1] = 1;
    return true;
}

/* Share of a Gaussian of variance 1, cut at its reach, below x. */
static inline float step_at(const float step[STEP_STEPS + 2], float x)
{
    const float reach = 3.6F; /* REACH2 */
    float at = fminf(fmaxf((x + reach) * ((float)STEP_STEPS / (2 * reach)), 0), (float)STEP_STEPS);
    int i = (int)at;
    return step[i] + (at - (float)i) * (step[i + 1] - step[i]);
}

static inline float profile_at(const float profile[PROFILE_STRIDE], float q)
{
    if (!(q < REACH2))
        return 0;
    float at = q * (PROFILE_STEPS / REACH2);
    int i = (int)at;
    float f = at - (float)i;
    return profile[i] + f * (profile[i + 1] - profile[i]);
}

/* ---- one mark in one view
 * ------------------------------------------------------------------------- */

/* A symmetric 2x2 matrix. */
typedef struct Cov {
    double xx, xy, yy;
} Cov;

static double cov_det(Cov c)
{
    return c.xx * c.yy - c.xy * c.xy;
}

typedef struct Place {     /* where and how large a mm is */
    double x, y;           /* px */
    Cov px2_per_mm2;       /* covariance in the picture of a unit round spot on the skin */
    double area;           /* px2 per mm2 */
    double half_x, half_y; /* px, half of a line; 0 for a dot */
    double depth_mm, depth_dx, depth_dy;
    double fade;
} Place;

/* An elliptic spot on a grid of pixels. */
typedef struct Spot {
    float x, y;           /* px of this grid */
    float ixx, ixy, iyy;  /* inverse covariance */
    float half_x, half_y; /* px, of the box it fills */
    float depth, gx, gy;  /* mm, mm per px of this grid: the plane of the skin there */
    float amount[3];      /* contrast = amount * profile */
    float ease;           /* what interpolation will leave of the mean square; 1 for a core */
    const float *profile;
    const float *step; /* the edge of a line; NULL: round */
    float ux, uy;      /* of a line: along it, in standard deviations of the round spot */
    float half;        /* and its half length in them */
} Spot;

/* False when the mark does not face the camera. */
static bool place_mark(const Camera *camera, const LookMark *mark, Place *place)
{
    Vec3 c = camera_coordinates(camera, mark->position_mm);
    Vec3 n = vec_normalize(mark->normal);
    double cosine = vec_dot(n, vec_normalize(vec_sub(camera->eye, mark->position_mm)));
    if (c.z < 10 || cosine < GRAZING_COS)
        return false;
    Vec3 side = fabs(n.x) < 0.6 ? vec3(1, 0, 0) : vec3(0, 1, 0);
    Vec3 s = vec_normalize(vec_cross(n, side)), t = vec_cross(n, s);
    Vec3 along = vec_madd(mark->along, -vec_dot(mark->along, n), n);
    double scale = camera->focal_px / c.z, jx[2], jy[2], jz[2];
    /* an even strip of this half length has the second moment of the line */
    double half_mm = mark->length_mm > 0 ? sqrt(3) * skin_line_spread_mm((double)mark->look.core_mm,
                                                                         mark->length_mm)
                                         : 0;
    for (int k = 0; k < 2; k++) {
        Vec3 d = k == 0 ? s : t;
        jz[k] = vec_dot(d, camera->forward);
        jx[k] = scale * (vec_dot(d, camera->right) - c.x / c.z * jz[k]);
        jy[k] = -scale * (vec_dot(d, camera->up) - c.y / c.z * jz[k]);
    }
    double det = jx[0] * jy[1] - jx[1] * jy[0];
    *place = (Place){
        .x = camera->centre_x_px + scale * c.x,
        .y = camera->centre_y_px - scale * c.y,
        .px2_per_mm2 = {jx[0] * jx[0] + jx[1] * jx[1], jx[0] * jy[0] + jx[1] * jy[1],
                        jy[0] * jy[0] + jy[1] * jy[1]},
        .area = fabs(det),
        .depth_mm = c.z,
        .depth_dx = (jz[0] * jy[1] - jz[1] * jy[0]) / det,
        .depth_dy = (jx[0] * jz[1] - jx[1] * jz[0]) / det,
        .fade = fmin(1, (cosine - GRAZING_COS) / (CLEAR_COS - GRAZING_COS)),
    };
    if (half_mm > 0 && vec_length(along) > 1e-6) {
        along = vec_scale(along, half_mm / vec_length(along));
        double on_s = vec_dot(along, s), on_t = vec_dot(along, t);
        place->half_x = on_s * jx[0] + on_t * jx[1];
        place->half_y = on_s * jy[0] + on_t * jy[1];
    }
    return fabs(det) > 1e-9;
}

/* A line is the round spot drawn along: in the metric in which that has variance 1 its profile goes
 * across, and along it stand two edges blurred as the spot is. */
static void lengthen(Spot *spot, const Place *place, const float *disc, double coarse)
{
    double hx = place->half_x / coarse, hy = place->half_y / coarse;
    double ux = (double)spot->ixx * hx + (double)spot->ixy * hy;
    double uy = (double)spot->ixy * hx + (double)spot->iyy * hy;
    double half = sqrt(fmax(ux * hx + uy * hy, 0));
    if (half < SHORTEST)
        return;
    spot->step = disc + PROFILES * PROFILE_STRIDE;
    spot->half = (float)half;
    spot->ux = (float)(ux / half);
    spot->uy = (float)(uy / half);
    spot->half_x += (float)fabs(hx);
    spot->half_y += (float)fabs(hy);
}

/* Of a line at u along it, over what a Gaussian spot has there on its middle: integral sqrt(2 pi).
 */
static inline float along_at(const Spot *spot, float u)
{
    const float root = 2.50662827F;
    return root * (step_at(spot->step, u + spot->half) - step_at(spot->step, u - spot->half)) /
           (2 * spot->half);
}

static inline float weight_at(const Spot *spot, float dx, float dy)
{
    float q = spot->ixx * dx * dx + 2 * spot->ixy * dx * dy + spot->iyy * dy * dy;
    if (spot->step == NULL)
        return profile_at(spot->profile, q);
    float u = spot->ux * dx + spot->uy * dy;
    return profile_at(spot->profile, fmaxf(q - u * u, 0)) * along_at(spot, u);
}

/* coarse: px per side of a cell of the grid. */
static Spot make_spot(const Place *place, Cov c, double reach2, const float *disc, double coarse)
{
    double det = cov_det(c), cell2 = coarse * coarse;
    Spot spot = {.x = (float)(place->x / coarse),
                 .y = (float)(place->y / coarse),
                 .ixx = (float)(c.yy / det * cell2),
                 .ixy = (float)(-c.xy / det * cell2),
                 .iyy = (float)(c.xx / det * cell2),
                 .half_x = (float)(sqrt(reach2 * c.xx) / coarse),
                 .half_y = (float)(sqrt(reach2 * c.yy) / coarse),
                 .depth = (float)place->depth_mm,
                 .gx = (float)(place->depth_dx * coarse),
                 .gy = (float)(place->depth_dy * coarse)};
    lengthen(&spot, place, disc, coarse);
    return spot;
}

static Cov cov_scaled(Cov c, double s)
{
    return (Cov){c.xx * s, c.xy * s, c.yy * s};
}

/* Adds round blur until the smaller variance reaches `least`. */
static Cov cov_at_least(Cov c, double least)
{
    double mean = 0.5 * (c.xx + c.yy), half = 0.5 * (c.xx - c.yy);
    double small = mean - sqrt(half * half + c.xy * c.xy);
    double more = fmax(0, least - small);
    return (Cov){c.xx + more, c.xy, c.yy + more};
}

static int low_index(float at, float half)
{
    return (int)ceilf(at - half - 0.5F);
}

static int high_index(float at, float half)
{
    return (int)floorf(at + half - 0.5F);
}

static float sum_of_weights(const Spot *spot)
{
    double sum = 0;
    for (int y = low_index(spot->y, spot->half_y); y <= high_index(spot->y, spot->half_y); y++)
        for (int x = low_index(spot->x, spot->half_x); x <= high_index(spot->x, spot->half_x);
             x++) {
            float dx = (float)x + 0.5F - spot->x, dy = (float)y + 0.5F - spot->y;
            sum += (double)weight_at(spot, dx, dy);
        }
    return (float)sum;
}

/* A wide spot of the given areas (px2) per channel; *seen: its covariance in the picture. */
static Spot make_halo(const float *gauss, const Place *place, double sigma_mm, double coarse,
                      const double area_px2[3], Cov *seen)
{
    Cov c = cov_scaled(place->px2_per_mm2, sigma_mm * sigma_mm);
    double blur = (coarse * coarse - 1) / 6; /* what interpolation between cells will add */
    c.xx -= blur;
    c.yy -= blur;
    c = cov_at_least(c, 0.5 * coarse * coarse);
    double most = fmax(area_px2[0], fmax(area_px2[1], area_px2[2]));
    Spot spot = make_spot(place, c, (double)REACH2, gauss, coarse);
    bool line = spot.step != NULL;
    /* of the Gaussian within its reach; of a line only across, its edges are cut whole */
    double mass = line ? erf(sqrt(0.5 * (double)REACH2)) : 1 - exp(-0.5 * (double)REACH2);
    double peak = most / (2 * PI * sqrt(cov_det(c)) * mass);
    peak *= line ? (double)along_at(&spot, 0) : 1;
    if (peak > (double)MAX_HALO) {
        c = cov_scaled(c, peak / (double)MAX_HALO);
        spot = make_spot(place, c, (double)REACH2, gauss, coarse);
    }
    spot.profile = gauss;
    *seen = (Cov){c.xx + blur, c.xy, c.yy + blur};
    spot.ease = (float)sqrt(cov_det(c) / cov_det(*seen));
    for (int k = 0; k < 3; k++)
        spot.amount[k] = (float)(area_px2[k] / (sqrt(cov_det(c)) * mass));
    return spot;
}

/* The core and the halo of one mark; an amount of 0 in all channels draws nothing. */
static void make_mark(const float *disc, const Place *place, const SkinLook *look, double coarse,
                      Spot *core, Spot *halo)
{
    double disc_mm2 = (double)look->core_mm * (double)look->core_mm / 16;
    double round_mm2 = disc_mm2 + (double)look->core_sigma_mm * (double)look->core_sigma_mm;
    Cov c = cov_scaled(place->px2_per_mm2, round_mm2);
    c.xx += PIXEL_VARIANCE;
    c.yy += PIXEL_VARIANCE;
    Cov d = cov_scaled(place->px2_per_mm2, disc_mm2);
    int profile = (int)((d.xx + d.yy) / (c.xx + c.yy) * (PROFILES - 1) + 0.5);
    *core = make_spot(place, c, (double)REACH2, disc, 1);
    core->ease = 1;
    core->profile = &disc[profile * PROFILE_STRIDE];
    float sum = sum_of_weights(core);
    assert(sum > 0); /* the pixel's own blur reaches over at least one centre */
    double peak_share = (double)core->profile[0] / sqrt(cov_det(c)), halo_px2[3], core_px2[3];
    if (core->step != NULL)
        peak_share = (double)(core->profile[0] * along_at(core, 0) / sum);
    for (int k = 0; k < 3; k++) {
        double area = (double)look->area_mm2[k] * place->area * place->fade;
        core_px2[k] = area * (double)look->core_share[k];
        if (core_px2[k] * peak_share > (double)MAX_CORE)
            core_px2[k] = (double)MAX_CORE / peak_share;
        halo_px2[k] = area - core_px2[k];
    }
    Cov h;
    *halo = make_halo(disc, place, (double)look->halo_sigma_mm, coarse, halo_px2, &h);
    double twice =
        2.0 / 3; /* variance of both strips along the line, over the half length squared */
    Cov both = {c.xx + h.xx + twice * place->half_x * place->half_x,
                c.xy + h.xy + twice * place->half_x * place->half_y,
                c.yy + h.yy + twice * place->half_y * place->half_y};
    double overlap = 1 / (2 * PI * sqrt(cov_det(both)));
    /* (1 - halo)(1 - core / (1 - halo)) = 1 - halo - core: with the mean halo under the core, the
     * two together take the whole area */
    for (int k = 0; k < 3; k++)
        core->amount[k] = (float)(core_px2[k] / (1 - halo_px2[k] * overlap)) / sum;
}

/* ---- drawing
 * -------------------------------------------------------------------------------------- */

typedef struct Grid { /* a buffer over the view, one cell per coarse x coarse pixels */
    int width, height, coarse;
    float (*tau)[3];
    bool *row_used;
} Grid;

typedef struct Draw {
    const LookStage *stage;
    const View *view;
    const LookState *state;
    double coarse;
    Spot *core, *halo, *flush; /* [mark_count]; half_x < 0: nothing to draw */
    const Spot *spot;          /* what is being drawn, */
    const Grid *grid;          /* where, */
    bool linear;               /* and how: sums of the profile, not of -ln(1 - c) */
    int *band_start, *band_spot;
} Draw;

static inline float own_surface(const Draw *draw, const Spot *spot, int x, int y, float dx,
                                float dy)
{
    int coarse = draw->grid->coarse;
    int px = x * coarse + coarse / 2, py = y * coarse + coarse / 2;
    px = px < draw->stage->width_px ? px : draw->stage->width_px - 1;
    py = py < draw->stage->height_px ? py : draw->stage->height_px - 1;
    float depth = draw->view->depth_mm[(ptrdiff_t)py * draw->stage->width_px + px];
    float off = fabsf(depth - (spot->depth + spot->gx * dx + spot->gy * dy));
    if (off < NEAR_MM)
        return 1;
    return off < FAR_MM ? (FAR_MM - off) / (FAR_MM - NEAR_MM) : 0;
}

/* -ln(1 - c), c within 0..0.97 */
static inline float depth_of(float c)
{
    if (c < 0.12F) /* the series' next term is below 2e-5 of c */
        return c * (1 + c * (0.5F + c * (1 / 3.0F + c * (0.25F + c * 0.2F))));
    return -logf(1 - fminf(c, 0.97F));
}

static void draw_spot(const Draw *draw, const Spot *spot, int first_row, int last_row)
{
    const Grid *grid = draw->grid;
    int y0 = low_index(spot->y, spot->half_y), y1 = high_index(spot->y, spot->half_y);
    int x0 = low_index(spot->x, spot->half_x), x1 = high_index(spot->x, spot->half_x);
    y0 = y0 > first_row ? y0 : first_row;
    y1 = y1 < last_row ? y1 : last_row;
    x0 = x0 > 0 ? x0 : 0;
    x1 = x1 < grid->width ? x1 : grid->width - 1;
    /* -ln(1 - r c) / r: its mean square, shrunk by r, makes up for its surplus over c */
    float ease = draw->linear ? 0 : spot->ease, more = draw->linear ? 0 : 1 / spot->ease;
    for (int y = y0; y <= y1; y++) {
        float dy = (float)y + 0.5F - spot->y;
        for (int x = x0; x <= x1; x++) {
            float dx = (float)x + 0.5F - spot->x;
            float weight = weight_at(spot, dx, dy);
            if (!(weight > 0))
                continue;
            weight *= own_surface(draw, spot, x, y, dx, dy);
            float *tau = grid->tau[(ptrdiff_t)y * grid->width + x];
            for (int k = 0; k < 3; k++) {
                float contrast = weight * spot->amount[k];
                tau[k] += ease > 0 ? more * depth_of(ease * contrast) : contrast;
            }
        }
        grid->row_used[y] = true;
    }
}

static void draw_band(void *ctx, int block, int begin, int end)
{
    const Draw *draw = ctx;
    for (int i = draw->band_start[block]; i < draw->band_start[block + 1]; i++)
        draw_spot(draw, &draw->spot[draw->band_spot[i]], begin, end - 1);
}

/* First and last band of rows; false when the spot is empty or outside. */
static bool spot_bands(const Grid *grid, const Spot *spot, int *first, int *last)
{
    if (spot->half_x < 0 || spot->x + spot->half_x < 0 || spot->y + spot->half_y < 0 ||
        spot->x - spot->half_x > (float)grid->width || spot->y - spot->half_y > (float)grid->height)
        return false;
    int y0 = low_index(spot->y, spot->half_y), y1 = high_index(spot->y, spot->half_y);
    y0 = y0 > 0 ? y0 : 0;
    y1 = y1 < grid->height ? y1 : grid->height - 1;
    *first = y0 / BAND_ROWS;
    *last = y1 / BAND_ROWS;
    return y0 <= y1;
}

/* Sorts the spots into bands, in index order, and draws: no band writes into another's rows. */
static bool draw_all(Arena *scratch, Draw *draw, const Spot *spot, const Grid *grid, bool linear,
                     int threads, Err *err)
{
    size_t mark = arena_mark(scratch);
    int bands = parallel_block_count(grid->height, BAND_ROWS), first, last;
    int *start = ARENA_NEW(scratch, int, (size_t)bands + 2);
    if (start == NULL)
        return err_set(err, ERR_LIMIT, "no room to sort %d marks", draw->state->mark_count);
    for (int i = 0; i < draw->state->mark_count; i++)
        if (spot_bands(grid, &spot[i], &first, &last))
            for (int b = first; b <= last; b++)
                start[b + 2]++;
    for (int b = 0; b < bands; b++)
        start[b + 2] += start[b + 1];
    draw->band_spot = ARENA_NEW(scratch, int, (size_t)start[bands + 1]);
    if (draw->band_spot == NULL)
        return err_set(err, ERR_LIMIT, "no room to sort %d marks", draw->state->mark_count);
    for (int i = 0; i < draw->state->mark_count; i++)
        if (spot_bands(grid, &spot[i], &first, &last))
            for (int b = first; b <= last; b++)
                draw->band_spot[start[b + 1]++] = i;
    draw->band_start = start;
    draw->spot = spot;
    draw->grid = grid;
    draw->linear = linear;
    parallel_for(threads, grid->height, BAND_ROWS, draw_band, draw);
    arena_rewind(scratch, mark);
    return true;
}

/* ---- coarse grids
 * ---------------------------------------------------------------------------------- */

static bool new_grid(Arena *scratch, const LookStage *stage, int coarse, Grid *grid, Err *err)
{
    grid->coarse = coarse;
    grid->width = parallel_block_count(stage->width_px, coarse);
    grid->height = parallel_block_count(stage->height_px, coarse);
    grid->tau = arena_alloc(scratch, (size_t)grid->width * (size_t)grid->height, sizeof *grid->tau);
    grid->row_used = ARENA_NEW(scratch, bool, (size_t)grid->height);
    if (grid->tau == NULL || grid->row_used == NULL)
        return err_set(err, ERR_LIMIT, "no room for the halo of dots");
    return true;
}

typedef struct Spread {
    const Grid *from;
    int width;
    float (*tau)[3];
} Spread;

/* Bilinear between cell centres, clamped at the border: sums are kept. */
static void spread_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Spread *spread = ctx;
    const Grid *from = spread->from;
    float step = 1.0F / (float)from->coarse;
    for (int y = begin; y < end; y++) {
        float at_y = ((float)y + 0.5F) * step - 0.5F;
        int y0 = (int)floorf(at_y), y1 = y0 + 1;
        float fy = at_y - (float)y0;
        y0 = y0 > 0 ? y0 : 0;
        y1 = y1 < from->height ? y1 : from->height - 1;
        if (!from->row_used[y0] && !from->row_used[y1])
            continue;
        float(*top)[3] = &from->tau[(ptrdiff_t)y0 * from->width];
        float(*low)[3] = &from->tau[(ptrdiff_t)y1 * from->width];
        float(*out)[3] = &spread->tau[(ptrdiff_t)y * spread->width];
        for (int x = 0; x < spread->width; x++) {
            float at_x = ((float)x + 0.5F) * step - 0.5F;
            int x0 = (int)(at_x + 1) - 1, x1 = x0 + 1;
            float fx = at_x - (float)x0;
            x0 = x0 > 0 ? x0 : 0;
            x1 = x1 < from->width ? x1 : from->width - 1;
            for (int k = 0; k < 3; k++) {
                float a = top[x0][k] + fx * (top[x1][k] - top[x0][k]);
                float b = low[x0][k] + fx * (low[x1][k] - low[x0][k]);
                out[x][k] += a + fy * (b - a);
            }
        }
    }
}

static void spread_grid(const Grid *from, const LookStage *stage, int threads, float (*tau)[3])
{
    Spread spread = {from, stage->width_px, tau};
    parallel_for(threads, stage->height_px, BAND_ROWS, spread_rows, &spread);
}

/* Marks per mm2 to the optical depth of the blood they call. */
static void redden(Grid *grid, const float flush_depth[3])
{
    for (int y = 0; y < grid->height; y++)
        for (int x = 0; x < grid->width; x++) {
            float *tau = grid->tau[(ptrdiff_t)y * grid->width + x];
            float share = 1 - expf(-tau[0] / FLUSH_HALF_PER_MM2);
            for (int k = 0; k < 3; k++)
                tau[k] = flush_depth[k] * share;
        }
}

/* ---- all marks
 * ------------------------------------------------------------------------------------- */

static bool within(float value, float high)
{
    return value >= 0 && value <= high; /* false for NaN */
}

static bool check_mark(const LookMark *mark, int i, Err *err)
{
    const SkinLook *look = &mark->look;
    if (!(mark->length_mm >= 0 && mark->length_mm <= SKIN_LINE_MM))
        return err_set(err, ERR_INPUT, "mark %d is a line of %g mm, not within 0..%g", i,
                       mark->length_mm, SKIN_LINE_MM);
    if (mark->length_mm > 0 &&
        !(vec_length(mark->along) > 0.5 && vec_length(mark->along) < 2 && look->core_mm > 0))
        return err_set(err, ERR_INPUT, "mark %d is a line without a direction or a width", i);
    if (!(vec_length(mark->position_mm) < 5000))
        return err_set(err, ERR_INPUT, "mark %d is not within 5 m of the head", i);
    double length = vec_length(mark->normal);
    if (!(length > 0.5 && length < 2))
        return err_set(err, ERR_INPUT, "mark %d has a normal of length %g, not 1", i, length);
    for (int k = 0; k < 3; k++)
        if (!within(look->area_mm2[k], 20) || !within(look->core_share[k], 1.001F))
            return err_set(
                err, ERR_INPUT,
                "mark %d takes %g mm2 of light with a core share of %g: not within 0..20 "
                "and 0..1",
                i, (double)look->area_mm2[k], (double)look->core_share[k]);
    if (!within(look->core_mm, 5) || !within(look->core_sigma_mm, 5) ||
        !within(look->halo_sigma_mm, 20))
        return err_set(
            err, ERR_INPUT,
            "mark %d has a core of %g mm, blur of %g mm, halo of %g mm: not within 5, 5, "
            "20",
            i, (double)look->core_mm, (double)look->core_sigma_mm, (double)look->halo_sigma_mm);
    return true;
}

static bool check_state(const LookState *state, Err *err)
{
    if (state->mark_count < 0)
        return err_set(err, ERR_INPUT, "%d marks: not 0 or more", state->mark_count);
    for (int k = 0; k < 3; k++)
        if (!within(fabsf(state->flush_depth[k]), 5))
            return err_set(err, ERR_INPUT, "a flush of optical depth %g is not within -5..5",
                           (double)state->flush_depth[k]);
    for (int i = 0; i < state->mark_count; i++)
        if (!check_mark(&state->mark[i], i, err))
            return false;
    return true;
}

static bool is_flushed(const LookState *state)
{
    const float *depth = state->flush_depth;
    return depth[0] != 0 || depth[1] != 0 || depth[2] != 0;
}

static void make_marks(void *ctx, int block, int begin, int end)
{
    (void)block;
    Draw *draw = ctx;
    for (int i = begin; i < end; i++) {
        const LookMark *mark = &draw->state->mark[i];
        Place place;
        draw->core[i].half_x = draw->halo[i].half_x = draw->flush[i].half_x = -1;
        if (!place_mark(&draw->view->camera, mark, &place))
            continue;
        make_mark(draw->stage->disc, &place, &mark->look, draw->coarse, &draw->core[i],
                  &draw->halo[i]);
        double one_mm2[3] = {place.area, place.area, place.area};
        Cov seen;
        if (mark->fresh && is_flushed(draw->state))
            draw->flush[i] =
                make_halo(draw->stage->disc, &place, FLUSH_SIGMA_MM, MAX_COARSE, one_mm2, &seen);
    }
}

/* The coarsest grid on which every halo still has a sigma of 1.2 cells. */
static int coarse_for(const View *view, const LookState *state)
{
    float least_mm = INFINITY;
    for (int i = 0; i < state->mark_count; i++)
        least_mm = fminf(least_mm, state->mark[i].look.halo_sigma_mm);
    double sigma_px = (double)least_mm * view->px_per_mm;
    int coarse = 1;
    while (coarse < MAX_COARSE && sigma_px >= 2.4 * coarse)
        coarse *= 2;
    return coarse;
}

bool look_splat(Arena *scratch, const LookStage *stage, LookView view, const LookState *state,
                int threads, float (*tau)[3], Err *err)
{
    if (!check_state(state, err))
        return false;
    if (state->mark_count == 0)
        return true;
    size_t mark = arena_mark(scratch), count = (size_t)state->mark_count;
    int coarse = coarse_for(&stage->view[view], state);
    Draw draw = {.stage = stage, .view = &stage->view[view], .state = state, .coarse = coarse};
    draw.core = ARENA_NEW(scratch, Spot, count);
    draw.halo = ARENA_NEW(scratch, Spot, count);
    draw.flush = ARENA_NEW(scratch, Spot, count);
    Grid fine = {.width = stage->width_px, .height = stage->height_px, .coarse = 1, .tau = tau};
    fine.row_used = ARENA_NEW(scratch, bool, (size_t)stage->height_px);
    Grid halo, red;
    if (draw.core == NULL || draw.halo == NULL || draw.flush == NULL || fine.row_used == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d marks", state->mark_count);
    if (!new_grid(scratch, stage, coarse, &halo, err) ||
        !new_grid(scratch, stage, MAX_COARSE, &red, err))
        return false;
    parallel_for(threads, state->mark_count, 1024, make_marks, &draw);
    if (!draw_all(scratch, &draw, draw.core, &fine, false, threads, err) ||
        !draw_all(scratch, &draw, draw.halo, &halo, false, threads, err) ||
        !draw_all(scratch, &draw, draw.flush, &red, true, threads, err))
        return false;
    spread_grid(&halo, stage, threads, tau);
    if (is_flushed(state)) {
        redden(&red, state->flush_depth);
        spread_grid(&red, stage, threads, tau);
    }
    arena_rewind(scratch, mark);
    return true;
}
