#include "report/report_patch.h"

#include "base/rng.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;
static const double core_reach = 4.0;    /* in deviations beyond the disc */
static const double halo_cell_mm = 0.25; /* halos are smooth: a coarse grid is enough */
static const double darkest = 0.97;      /* of the light, by one mark at one place */
enum { TRIES = 24, RINGS = 10, SPOKES = 24, STEPS = 128 };

/* ---- places ---- */

static double wrapped(double difference, double period)
{
    return difference - period * round(difference / period);
}

/* Mitchell's best candidate on a torus: any first part of the list is spread well, as sessions are.
 * Computer Graphics 25 (1991) 157. */
static void spread(int count, double width_mm, double height_mm, uint64_t seed,
                   double place_mm[][2])
{
    for (int i = 0; i < count; i++) {
        Rng rng = rng_make(seed, (uint64_t)i);
        double best2 = -1.0;
        for (int t = 0; t < TRIES; t++) {
            double x = rng_f64(&rng) * width_mm, y = rng_f64(&rng) * height_mm, near2 = 1e300;
            for (int k = 0; k < i && near2 > best2; k++) {
                double dx = wrapped(x - place_mm[k][0], width_mm);
                double dy = wrapped(y - place_mm[k][1], height_mm);
                near2 = fmin(near2, dx * dx + dy * dy);
            }
            if (near2 <= best2)
                continue;
            best2 = near2;
            place_mm[i][0] = x;
            place_mm[i][1] = y;
        }
    }
}

/* ---- footprints ---- */

typedef struct Core { /* by squared radius: the share of a mark's core per mm2 */
    double reach_mm;
    float share_per_mm2[STEPS + 1];
} Core;

/* A disc blurred by a Gaussian: the mean of the Gaussian over points of the disc. */
static double blurred_disc(double radius_mm, double variance_mm2, double r_mm)
{
    double sum = 0.0;
    for (int ring = 0; ring < RINGS; ring++) {
        double rho = radius_mm * sqrt((ring + 0.5) / RINGS);
        for (int spoke = 0; spoke < SPOKES; spoke++) {
            double angle = 2.0 * pi * (spoke + 0.5 * (ring & 1)) / SPOKES;
            double dx = r_mm - rho * cos(angle), dy = rho * sin(angle);
            sum += exp(-0.5 * (dx * dx + dy * dy) / variance_mm2);
        }
    }
    return sum / (RINGS * SPOKES) / (2.0 * pi * variance_mm2);
}

/* A pixel shows the mean over its square, which adds a twelfth of its side squared. */
static Core make_core(SkinLook look, double px_per_mm)
{
    Core core;
    double blur = (double)look.core_sigma_mm, radius_mm = 0.5 * (double)look.core_mm;
    double variance_mm2 = blur * blur + 1.0 / (12.0 * px_per_mm * px_per_mm);
    core.reach_mm = radius_mm + core_reach * sqrt(variance_mm2);
    for (int i = 0; i <= STEPS; i++)
        core.share_per_mm2[i] =
            (float)blurred_disc(radius_mm, variance_mm2, core.reach_mm * sqrt((double)i / STEPS));
    core.share_per_mm2[STEPS] = 0.0f;
    return core;
}

static int around(int index, int period)
{
    int rest = index % period;
    return rest < 0 ? rest + period : rest;
}

typedef struct Field { /* optical depth on a grid that repeats */
    int width, height;
    double cell_mm[2];
    float *depth; /* [height][width][3] */
} Field;

static void add_core(const Field *field, const Core *core, SkinLook look, const double place_mm[2])
{
    int x0 = (int)floor((place_mm[0] - core->reach_mm) / field->cell_mm[0]);
    int x1 = (int)ceil((place_mm[0] + core->reach_mm) / field->cell_mm[0]);
    int y0 = (int)floor((place_mm[1] - core->reach_mm) / field->cell_mm[1]);
    int y1 = (int)ceil((place_mm[1] + core->reach_mm) / field->cell_mm[1]);
    double per_step = STEPS / (core->reach_mm * core->reach_mm);
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            double dx = (x + 0.5) * field->cell_mm[0] - place_mm[0];
            double dy = (y + 0.5) * field->cell_mm[1] - place_mm[1];
            double at = (dx * dx + dy * dy) * per_step;
            if (at >= STEPS)
                continue;
            double t = at - floor(at);
            double share = (1.0 - t) * (double)core->share_per_mm2[(int)at] +
                           t * (double)core->share_per_mm2[(int)at + 1];
            float *depth = field->depth + 3 * ((ptrdiff_t)around(y, field->height) * field->width +
                                               around(x, field->width));
            for (int c = 0; c < 3; c++) {
                double taken = share * (double)look.core_share[c] * (double)look.area_mm2[c];
                depth[c] -= (float)log1p(-fmin(taken, darkest));
            }
        }
}

static void add_halo(const Field *field, SkinLook look, const double place_mm[2])
{
    double sigma_mm = fmax((double)look.halo_sigma_mm, field->cell_mm[0]);
    int reach = (int)ceil(3.5 * sigma_mm / field->cell_mm[0]);
    int cx = (int)floor(place_mm[0] / field->cell_mm[0]);
    int cy = (int)floor(place_mm[1] / field->cell_mm[1]);
    for (int y = cy - reach; y <= cy + reach; y++)
        for (int x = cx - reach; x <= cx + reach; x++) {
            double dx = (x + 0.5) * field->cell_mm[0] - place_mm[0];
            double dy = (y + 0.5) * field->cell_mm[1] - place_mm[1];
            double share = exp(-0.5 * (dx * dx + dy * dy) / (sigma_mm * sigma_mm)) /
                           (2.0 * pi * sigma_mm * sigma_mm);
            float *depth = field->depth + 3 * ((ptrdiff_t)around(y, field->height) * field->width +
                                               around(x, field->width));
            for (int c = 0; c < 3; c++)
                depth[c] +=
                    (float)(share * (1.0 - (double)look.core_share[c]) * (double)look.area_mm2[c]);
        }
}

/* Bilinear, from a coarse grid that repeats onto a fine one. */
static void add_coarse(const Field *coarse, const Field *fine)
{
    for (int y = 0; y < fine->height; y++)
        for (int x = 0; x < fine->width; x++) {
            double u = (x + 0.5) * fine->cell_mm[0] / coarse->cell_mm[0] - 0.5;
            double v = (y + 0.5) * fine->cell_mm[1] / coarse->cell_mm[1] - 0.5;
            int x0 = (int)floor(u), y0 = (int)floor(v);
            double fu = u - x0, fv = v - y0;
            float *depth = fine->depth + 3 * ((ptrdiff_t)y * fine->width + x);
            for (int k = 0; k < 4; k++) {
                double weight = (k & 1 ? fu : 1.0 - fu) * (k & 2 ? fv : 1.0 - fv);
                int at = around(y0 + (k >> 1), coarse->height) * coarse->width +
                         around(x0 + (k & 1), coarse->width);
                for (int c = 0; c < 3; c++)
                    depth[c] += (float)weight * coarse->depth[3 * (ptrdiff_t)at + c];
            }
        }
}

/* ---- light ---- */

/* The factor on all depths of a channel at which the mean light is `share` of the skin's: Newton
 * from above, where the mean is convex and falls. */
static double depth_factor(size_t count, const float depth[], int channel, double share)
{
    double factor = 0.0;
    for (int turn = 0; turn < 40; turn++) {
        double sum = 0.0, slope = 0.0;
        for (size_t i = 0; i < count; i++) {
            double d = (double)depth[3 * i + (size_t)channel], light = exp(-factor * d);
            sum += light;
            slope += light * d;
        }
        double excess = sum / (double)count - share;
        if (slope <= 0.0 || fabs(excess) < 1e-5)
            break;
        factor += excess * (double)count / slope;
    }
    return factor;
}

static void expose(const ReportPatch *patch, size_t count, const float depth[], float light[])
{
    const float skin[3] = {patch->skin.r, patch->skin.g, patch->skin.b};
    const float mean[3] = {patch->far_view.r, patch->far_view.g, patch->far_view.b};
    for (int c = 0; c < 3; c++) {
        double bright = fmax((double)skin[c], 0.0);
        double share = bright > 0.0 ? fmin((double)mean[c] / bright, 1.0) : 1.0;
        double factor = depth_factor(count, depth, c, fmax(share, 1e-3));
        for (size_t i = 0; i < count; i++)
            light[3 * i + (size_t)c] =
                (float)(bright * exp(-factor * (double)depth[3 * i + (size_t)c]));
    }
}

static bool field_new(Arena *arena, int width, int height, const double size_mm[2], Field *field,
                      Err *err)
{
    *field = (Field){.width = width,
                     .height = height,
                     .cell_mm = {size_mm[0] / width, size_mm[1] / height},
                     .depth = ARENA_NEW(arena, float, 3 * (size_t)width * (size_t)height)};
    return field->depth != NULL ||
           err_set(err, ERR_LIMIT, "no room for a swatch of %d x %d px", width, height);
}

static void draw_kinds(const ReportPatch *patch, int total, const double place_mm[][2],
                       const int until[], const Field *fine, const Field *coarse)
{
    int i = 0;
    for (int k = 0; k < patch->kind_count; k++) {
        Core core = make_core(patch->look[k], patch->px_per_mm);
        for (; i < until[k] && i < total; i++) {
            add_core(fine, &core, patch->look[k], place_mm[i]);
            add_halo(coarse, patch->look[k], place_mm[i]);
        }
    }
    add_coarse(coarse, fine);
}

bool report_patch_draw(Arena *arena, Arena *scratch, const ReportPatch *patch, ImageF *light,
                       Err *err)
{
    size_t pixels = (size_t)patch->width_px * (size_t)patch->height_px;
    double size_mm[2] = {patch->width_px / patch->px_per_mm, patch->height_px / patch->px_per_mm};
    double wanted = 0.0;
    int until[REPORT_PATCH_KINDS] = {0};
    Field fine, coarse;
    for (int k = 0; k < patch->kind_count; k++) {
        wanted += patch->per_mm2[k] * size_mm[0] * size_mm[1];
        until[k] = (int)lround(wanted);
    }
    int total = (int)lround(wanted);
    if (!image_new_f(arena, patch->width_px, patch->height_px, light, err))
        return false;
    size_t mark = arena_mark(scratch); /* which may be the same arena */
    double(*place_mm)[2] = arena_alloc(scratch, (size_t)total + 1, sizeof *place_mm);
    if (place_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots of a swatch", total);
    if (!field_new(scratch, patch->width_px, patch->height_px, size_mm, &fine, err) ||
        !field_new(scratch, (int)ceil(size_mm[0] / halo_cell_mm),
                   (int)ceil(size_mm[1] / halo_cell_mm), size_mm, &coarse, err))
        return false;
    spread(total, size_mm[0], size_mm[1], patch->seed, place_mm);
    draw_kinds(patch, total, (const double(*)[2])place_mm, until, &fine, &coarse);
    expose(patch, pixels, fine.depth, light->rgb);
    arena_rewind(scratch, mark);
    return true;
}
