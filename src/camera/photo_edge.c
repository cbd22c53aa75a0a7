#include "camera/photo_internal.h"

#include "camera/camera_internal.h"

#include <math.h>
#include <string.h>

/* ---- one straight edge ---- */

enum { UNKNOWNS = 5, MOST_PIXELS = 40000, STEPS = 40 };

typedef struct Pixels { /* along: -0.5 .. 0.5 of the edge; across: px, light side positive */
    int count;
    float *along, *across, *light;
} Pixels;

/* dark, light, where the edge lies and how it turns (px), blur with the pixel's square (px) */
typedef struct EdgeModel {
    double dark, light, place, turn, blur;
} EdgeModel;

static const double used_share = 0.8; /* of the edge's length: its ends meet other edges */
static const double farthest_px = 24.0;

static void collect(const ImageF *light, const PhotoEdge *edge, Pixels *pixels)
{
    const double *a = edge->from_px, *b = edge->to_px;
    double length = hypot(b[0] - a[0], b[1] - a[1]);
    double ux = (b[0] - a[0]) / length, uy = (b[1] - a[1]) / length;
    double reach = fmax(fmin(edge->dark_px, farthest_px), fmin(edge->light_px, farthest_px));
    int x0 = (int)fmax(fmin(a[0], b[0]) - reach, 0.0), y0 = (int)fmax(fmin(a[1], b[1]) - reach, 0);
    int x1 = (int)fmin(fmax(a[0], b[0]) + reach, light->width_px - 1.0);
    int y1 = (int)fmin(fmax(a[1], b[1]) + reach, light->height_px - 1.0);
    for (int y = y0; y <= y1; y++) {
        for (int x = x0; x <= x1 && pixels->count < MOST_PIXELS; x++) {
            double dx = x + 0.5 - a[0], dy = y + 0.5 - a[1];
            double along = (dx * ux + dy * uy) / length - 0.5;
            double across = dy * ux - dx * uy; /* y down: the right hand is positive */
            if (fabs(along) > 0.5 * used_share || across < -fmin(edge->dark_px, farthest_px) ||
                across > fmin(edge->light_px, farthest_px))
                continue;
            int i = pixels->count++;
            pixels->along[i] = (float)along, pixels->across[i] = (float)across;
            pixels->light[i] = photo_luma(light->rgb + 3 * ((ptrdiff_t)y * light->width_px + x));
        }
    }
}

/* Value of the model and its slopes by the five unknowns. */
static double edge_at(const EdgeModel *model, double along, double across, double slope[UNKNOWNS])
{
    double z = (across - model->place - model->turn * along) / model->blur;
    double share = 0.5 * erfc(-z * sqrt(0.5));
    double density = exp(-0.5 * z * z) / sqrt(2.0 * 3.14159265358979323846);
    double step = model->light - model->dark;
    slope[0] = 1.0 - share, slope[1] = share;
    slope[2] = -step * density / model->blur;
    slope[3] = slope[2] * along;
    slope[4] = -step * density * z / model->blur;
    return model->dark + step * share;
}

/* Sum of squares over the pixels within reach of the edge, and the normal equations. */
static double sum_up(const Pixels *pixels, const EdgeModel *model, double reach, double a[],
                     double b[])
{
    double sum = 0.0;
    memset(a, 0, UNKNOWNS * UNKNOWNS * sizeof *a);
    memset(b, 0, UNKNOWNS * sizeof *b);
    for (int i = 0; i < pixels->count; i++) {
        double along = (double)pixels->along[i], across = (double)pixels->across[i];
        if (fabs(across - model->place - model->turn * along) > reach)
            continue;
        double slope[UNKNOWNS];
        double off = (double)pixels->light[i] - edge_at(model, along, across, slope);
        sum += off * off;
        for (int j = 0; j < UNKNOWNS; j++) {
            for (int k = 0; k <= j; k++)
                a[UNKNOWNS * j + k] += slope[j] * slope[k];
            b[j] += slope[j] * off;
        }
    }
    return sum;
}

/* Levenberg's damped steps; the set of pixels stays while it runs. */
static bool refine(const Pixels *pixels, double reach, EdgeModel *model)
{
    double a[UNKNOWNS * UNKNOWNS], b[UNKNOWNS], damping = 1e-3;
    double *unknown[UNKNOWNS] = {&model->dark, &model->light, &model->place, &model->turn,
                                 &model->blur};
    for (int step = 0; step < STEPS; step++) {
        sum_up(pixels, model, reach, a, b);
        for (int j = 0; j < UNKNOWNS; j++)
            a[(UNKNOWNS + 1) * j] *= 1.0 + damping;
        if (!camera_solve(UNKNOWNS, a, b))
            return false;
        double size = 0.0;
        for (int j = 0; j < UNKNOWNS; j++) {
            double most = j < 2 ? 0.3 : 0.5; /* light; px */
            double move = fmin(fmax(b[j], -most), most);
            *unknown[j] += move;
            size = fmax(size, fabs(move));
        }
        model->blur = fmax(model->blur, 0.15);
        if (size < 1e-6)
            break;
        damping *= 0.3;
    }
    return isfinite(model->blur);
}

static EdgeModel first_model(const Pixels *pixels)
{
    double dark = 0.0, light = 0.0;
    int darks = 0, lights = 0;
    for (int i = 0; i < pixels->count; i++) {
        if (pixels->across[i] < -2.0f)
            dark += (double)pixels->light[i], darks++;
        else if (pixels->across[i] > 2.0f)
            light += (double)pixels->light[i], lights++;
    }
    return (EdgeModel){dark / (darks > 0 ? darks : 1), light / (lights > 0 ? lights : 1), 0.0, 0.0,
                       1.0};
}

/* A pixel sees its square, whose variance across any direction is 1/12 px2. */
static const double pixel_variance = 1.0 / 12.0;

static bool fit_edge(const Pixels *pixels, double *blur_px)
{
    EdgeModel model = first_model(pixels);
    double contrast = model.light - model.dark;
    if (pixels->count < 60 || !(contrast > 0.05))
        return false;
    if (!refine(pixels, farthest_px, &model))
        return false;
    /* Far plains say nothing of the blur, but shading in them does harm. */
    if (!refine(pixels, 4.0 * model.blur + 2.0, &model))
        return false;
    if (!(model.light - model.dark > 0.5 * contrast) || fabs(model.place) > 4.0)
        return false;
    *blur_px = sqrt(fmax(model.blur * model.blur - pixel_variance, 0.0));
    return true;
}

bool photo_edge_blur(Arena *scratch, const ImageF *light, const PhotoEdge *edge, double *blur_px)
{
    double length = hypot(edge->to_px[0] - edge->from_px[0], edge->to_px[1] - edge->from_px[1]);
    if (!(length >= 8.0) || !(edge->dark_px >= 3.0) || !(edge->light_px >= 3.0))
        return false;
    size_t mark = arena_mark(scratch);
    Pixels pixels = {0, ARENA_NEW(scratch, float, MOST_PIXELS),
                     ARENA_NEW(scratch, float, MOST_PIXELS),
                     ARENA_NEW(scratch, float, MOST_PIXELS)};
    bool ok = pixels.along != NULL && pixels.across != NULL && pixels.light != NULL;
    if (ok)
        collect(light, edge, &pixels);
    ok = ok && fit_edge(&pixels, blur_px);
    arena_rewind(scratch, mark);
    return ok;
}

/* ---- the steps of a picture ---- */

/* A step blurred by s has, under Gaussian derivatives of two widths, peaks of
 * height / sqrt(2 pi (s^2 + width^2)): their ratio tells s; and the height that then follows must
 * be what the two sides differ by, which lines, dots and slopes do not pass. After Zhuo, Sim,
 * Pattern Recognit. 44 (2011) 1852, who blur again once. */
enum { HALF = 7, CANDIDATES = 12000, HISTOGRAM = 1024, LEAST_STEPS = 40 };
static const double fine_px = 1.0, coarse_px = 2.0;

typedef struct Kernels {
    float smooth[2][2 * HALF + 1], slope[2][2 * HALF + 1];
} Kernels;

static Kernels make_kernels(void)
{
    Kernels kernels;
    for (int k = 0; k < 2; k++) {
        double width = k == 0 ? fine_px : coarse_px, sum = 0.0, moment = 0.0;
        for (int i = -HALF; i <= HALF; i++) {
            double value = exp(-0.5 * i * i / (width * width));
            sum += value, moment += i * i * value;
        }
        for (int i = -HALF; i <= HALF; i++) {
            double value = exp(-0.5 * i * i / (width * width));
            kernels.smooth[k][i + HALF] = (float)(value / sum);
            kernels.slope[k][i + HALF] = (float)(i * value / moment); /* of a ramp exactly 1 */
        }
    }
    return kernels;
}

static float luma_at(const ImageF *light, int x, int y)
{
    return photo_luma(light->rgb + 3 * ((ptrdiff_t)y * light->width_px + x));
}

static void gradient_at(const ImageF *light, const Kernels *kernels, int k, const int at[2],
                        double gradient[2])
{
    gradient[0] = gradient[1] = 0.0;
    for (int j = -HALF; j <= HALF; j++) {
        float sum = 0.0f, slope = 0.0f;
        for (int i = -HALF; i <= HALF; i++) {
            float value = luma_at(light, at[0] + i, at[1] + j);
            sum += value * kernels->smooth[k][i + HALF];
            slope += value * kernels->slope[k][i + HALF];
        }
        gradient[0] += (double)(slope * kernels->smooth[k][j + HALF]);
        gradient[1] += (double)(sum * kernels->slope[k][j + HALF]);
    }
}

/* Mean of 3 x 3 pixels at a distance along a direction. */
static double side_at(const ImageF *light, const int at[2], const double direction[2], double far)
{
    int x = (int)floor(at[0] + 0.5 + far * direction[0]);
    int y = (int)floor(at[1] + 0.5 + far * direction[1]);
    double sum = 0.0;
    for (int i = 0; i < 9; i++)
        sum += (double)luma_at(light, x + i % 3 - 1, y + i / 3 - 1);
    return sum / 9.0;
}

/* Blur of the step at a pixel; false when it is none. */
static bool step_blur(const ImageF *light, const Kernels *kernels, const int at[2], double *blur)
{
    double fine[2], coarse[2];
    gradient_at(light, kernels, 0, at, fine);
    gradient_at(light, kernels, 1, at, coarse);
    double size = hypot(fine[0], fine[1]), ratio = size / hypot(coarse[0], coarse[1]);
    double direction[2] = {fine[0] / size, fine[1] / size};
    if (!(ratio > 1.01) || !(ratio < coarse_px / fine_px))
        return false;
    double square =
        (coarse_px * coarse_px - ratio * ratio * fine_px * fine_px) / (ratio * ratio - 1.0);
    double wide = sqrt(square + fine_px * fine_px);
    double height = size * wide * sqrt(2.0 * 3.14159265358979323846);
    double far = fmin(2.2 * wide + 1.0, HALF + 4.0), farther = far + 2.0;
    double near_step = side_at(light, at, direction, far) - side_at(light, at, direction, -far);
    double far_step =
        side_at(light, at, direction, farther) - side_at(light, at, direction, -farther);
    if (fabs(near_step / height - 1.0) > 0.15 || fabs(far_step / height - 1.0) > 0.15)
        return false;
    *blur = sqrt(fmax(square - pixel_variance, 0.0));
    return true;
}

static double plain_slope(const ImageF *light, int x, int y)
{
    float dx = luma_at(light, x + 1, y) - luma_at(light, x - 1, y);
    float dy = luma_at(light, x, y + 1) - luma_at(light, x, y - 1);
    return 0.5 * (double)sqrtf(dx * dx + dy * dy);
}

enum { BORDER = 2 * HALF + 2 }; /* side_at reaches HALF + 6 + 1 */

/* The slope that one pixel in fifty exceeds, at least 2 % of white per px. strong: how many pixels
 * that are, about. */
static double strong_slope(const ImageF *light, const uint8_t region[], int *strong)
{
    int histogram[HISTOGRAM] = {0}, count = 0, above = 0;
    for (int y = BORDER; y < light->height_px - BORDER; y += 3) {
        for (int x = BORDER; x < light->width_px - BORDER; x += 3) {
            if (region != NULL && region[(ptrdiff_t)y * light->width_px + x] == 0)
                continue;
            double bin = plain_slope(light, x, y) * HISTOGRAM;
            histogram[bin < HISTOGRAM - 1 ? (int)bin : HISTOGRAM - 1]++;
            count++;
        }
    }
    int bin = HISTOGRAM - 1;
    for (; bin > 0 && above + histogram[bin] < count / 50; bin--)
        above += histogram[bin];
    *strong = count * 9 / 50;
    return fmax((double)bin / HISTOGRAM, 0.02);
}

/* Steepest along its own direction, of its neighbours. */
static bool is_ridge(const ImageF *light, int x, int y, double slope)
{
    double dx = fabs((double)(luma_at(light, x + 1, y) - luma_at(light, x - 1, y)));
    double dy = fabs((double)(luma_at(light, x, y + 1) - luma_at(light, x, y - 1)));
    int across = dx >= dy, down = !across;
    return slope >= plain_slope(light, x - across, y - down) &&
           slope > plain_slope(light, x + across, y + down);
}

/* Row by row, as many rows left out as keep the number of candidates bounded. */
static int measure_steps(const ImageF *light, const uint8_t region[], float blur[])
{
    Kernels kernels = make_kernels();
    int count = 0, tried = 0, strong;
    double least = strong_slope(light, region, &strong);
    int step = 1 + strong / CANDIDATES;
    for (int y = BORDER; y < light->height_px - BORDER; y += step) {
        for (int x = BORDER; x < light->width_px - BORDER && tried < CANDIDATES; x++) {
            if (region != NULL && region[(ptrdiff_t)y * light->width_px + x] == 0)
                continue;
            double slope = plain_slope(light, x, y), found;
            if (slope < least || !is_ridge(light, x, y, slope))
                continue;
            tried++;
            if (step_blur(light, &kernels, (int[2]){x, y}, &found))
                blur[count++] = (float)found;
        }
    }
    return count;
}

/* Phones sharpen, which makes steps look as if blurred by less than a lens and a mosaic of colours
 * leave: half a pixel. [assumption] */
static const double least_blur_px = 0.5;

bool photo_picture_blur(Arena *scratch, const ImageF *light, const uint8_t region[],
                        double *blur_px, Err *err)
{
    *blur_px = 0.0;
    if (light->width_px <= 2 * BORDER || light->height_px <= 2 * BORDER)
        return true;
    size_t mark = arena_mark(scratch);
    float *blur = ARENA_NEW(scratch, float, CANDIDATES);
    if (blur == NULL)
        return err_set(err, ERR_LIMIT, "no room for the edges of a picture");
    int count = measure_steps(light, region, blur);
    camera_sort(count, blur);
    /* The sharpest half is in focus and not moving; its middle. [assumption] */
    if (count >= LEAST_STEPS)
        *blur_px = fmax((double)blur[count / 4], least_blur_px);
    arena_rewind(scratch, mark);
    return true;
}
