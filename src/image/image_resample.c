#include "image/image.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static Rgb pixel(const Image *image, int x, int y)
{
    return color_from_srgb8(image->rgb + 3 * ((ptrdiff_t)y * image->width_px + x));
}

static int clamp(int value, int last)
{
    return value < 0 ? 0 : value > last ? last : value;
}

/* Limits to [0, top]; not a number becomes 0. */
static double clamp_real(double value, double top)
{
    return value > 0.0 ? (value < top ? value : top) : 0.0;
}

static Rgb mix(Rgb a, Rgb b, float t)
{
    return (Rgb){a.r + t * (b.r - a.r), a.g + t * (b.g - a.g), a.b + t * (b.b - a.b)};
}

Rgb image_sample(const Image *image, double x_px, double y_px)
{
    int last_x = image->width_px - 1, last_y = image->height_px - 1;
    double x = clamp_real(x_px - 0.5, last_x), y = clamp_real(y_px - 0.5, last_y);
    int x0 = (int)x, y0 = (int)y;
    int x1 = clamp(x0 + 1, last_x), y1 = clamp(y0 + 1, last_y);
    float tx = (float)(x - x0), ty = (float)(y - y0);
    return mix(mix(pixel(image, x0, y0), pixel(image, x1, y0), tx),
               mix(pixel(image, x0, y1), pixel(image, x1, y1), tx), ty);
}

/* Length of [from, to] that lies in the pixel [i, i + 1]. */
static double overlap(int i, double from, double to)
{
    return fmin(to, i + 1.0) - fmax(from, i);
}

Rgb image_sample_box(const Image *image, double x_px, double y_px, double side_px)
{
    double half = 0.5 * side_px;
    double x0 = clamp_real(x_px - half, image->width_px);
    double x1 = clamp_real(x_px + half, image->width_px);
    double y0 = clamp_real(y_px - half, image->height_px);
    double y1 = clamp_real(y_px + half, image->height_px);
    if (!(side_px > 1.0) || x1 - x0 < 1.0 || y1 - y0 < 1.0)
        return image_sample(image, x_px, y_px);
    double sum[3] = {0}, area = 0.0;
    for (int y = (int)y0; y < y1; y++)
        for (int x = (int)x0; x < x1; x++) {
            double weight = overlap(x, x0, x1) * overlap(y, y0, y1);
            Rgb c = pixel(image, x, y);
            sum[0] += weight * (double)c.r;
            sum[1] += weight * (double)c.g;
            sum[2] += weight * (double)c.b;
            area += weight;
        }
    return (Rgb){(float)(sum[0] / area), (float)(sum[1] / area), (float)(sum[2] / area)};
}

void image_from_linear(const ImageF *linear, Image *image)
{
    assert(linear->width_px == image->width_px && linear->height_px == image->height_px);
    size_t count = (size_t)image->width_px * (size_t)image->height_px;
    for (size_t i = 0; i < count; i++) {
        const float *c = linear->rgb + 3 * i;
        color_to_srgb8((Rgb){c[0], c[1], c[2]}, image->rgb + 3 * i);
    }
}

static void fill_linear(float linear[256])
{
    for (int code = 0; code < 256; code++) {
        uint8_t grey[3] = {(uint8_t)code, (uint8_t)code, (uint8_t)code};
        linear[code] = color_from_srgb8(grey).r;
    }
}

/* sum[i] += weight * linear light of code[i] */
static void add_row(size_t count, const uint8_t code[], float weight, const float linear[256],
                    float sum[])
{
    for (size_t i = 0; i < count; i++)
        sum[i] += weight * linear[code[i]];
}

/* Which pixels of a row one of the small row is the mean of, and with which weights. */
typedef struct Reach {
    int first, count;
    const double *weight; /* [count] */
    double area;
} Reach;

/* Of every pixel of a small row; all rows have the same. weight[from + 2 * to] is room for them. */
static void find_reaches(int from, int to, double weight[], Reach reach[])
{
    double step = (double)from / to;
    for (int i = 0; i < to; i++) {
        double left = i * step, right = fmin((i + 1) * step, from);
        reach[i] = (Reach){.first = (int)left, .weight = weight, .area = right - left};
        for (int x = (int)left; x < right; x++) {
            bool whole = x >= left && x + 1.0 <= right; /* all but the first and the last */
            *weight++ = whole ? 1.0 : overlap(x, left, right);
            reach[i].count++;
        }
    }
}

/* Averages a row down. */
static void shrink_row(const float row[], int to, const Reach reach[], uint8_t small[])
{
    for (int i = 0; i < to; i++) {
        const float *c = row + 3 * (ptrdiff_t)reach[i].first;
        const double *weight = reach[i].weight, area = reach[i].area;
        double red = 0.0, green = 0.0, blue = 0.0;
        for (int k = 0; k < reach[i].count; k++, c += 3) {
            red += weight[k] * (double)c[0];
            green += weight[k] * (double)c[1];
            blue += weight[k] * (double)c[2];
        }
        color_to_srgb8((Rgb){(float)(red / area), (float)(green / area), (float)(blue / area)},
                       small + 3 * (ptrdiff_t)i);
    }
}

bool image_shrink(Arena *arena, const Image *image, int width_px, int height_px, Image *small,
                  Err *err)
{
    if (width_px > image->width_px || height_px > image->height_px)
        return err_set(err, ERR_INPUT, "cannot shrink a picture of %d x %d px to %d x %d px",
                       image->width_px, image->height_px, width_px, height_px);
    if (!image_new(arena, width_px, height_px, small, err))
        return false;
    size_t mark = arena_mark(arena), row_length = 3 * (size_t)image->width_px;
    float *row = ARENA_NEW(arena, float, row_length);
    double *weight = ARENA_NEW(arena, double, (size_t)image->width_px + 2 * (size_t)width_px);
    Reach *reach = ARENA_NEW(arena, Reach, (size_t)width_px);
    if (row == NULL || weight == NULL || reach == NULL)
        return err_set(err, ERR_LIMIT, "no room for a row of %d px", image->width_px);
    double step = (double)image->height_px / height_px;
    float linear[256];
    fill_linear(linear);
    find_reaches(image->width_px, width_px, weight, reach);
    for (int i = 0; i < height_px; i++) {
        double top = i * step, bottom = fmin((i + 1) * step, image->height_px);
        memset(row, 0, row_length * sizeof *row);
        for (int y = (int)top; y < bottom; y++)
            add_row(row_length, image->rgb + (size_t)y * row_length,
                    (float)(overlap(y, top, bottom) / (bottom - top)), linear, row);
        shrink_row(row, width_px, reach, small->rgb + 3 * (ptrdiff_t)i * small->width_px);
    }
    arena_rewind(arena, mark);
    return true;
}
