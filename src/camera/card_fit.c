#include "camera/card_internal.h"

#include "camera/camera_internal.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- the tone curve ---- */

/* IEC 61966-2-1, in double precision, odd about 0: what is interpolated between are codes, because
 * the greys stand evenly in them and a phone's curve is smooth there. */
double card_encode(double light)
{
    double size = fabs(light);
    double code = size <= 0.0031308 ? 12.92 * size : 1.055 * pow(size, 1.0 / 2.4) - 0.055;
    return light < 0.0 ? -code : code;
}

double card_decode(double code)
{
    double size = fabs(code);
    double light = size <= 0.04045 ? size / 12.92 : pow((size + 0.055) / 1.055, 2.4);
    return code < 0.0 ? -light : light;
}

/* Cubic between the knots, straight beyond the last. Above white nothing holds the curve;
 * the shoulders of phones are not flatter than half. [assumption] */
static const double steepest_end = 2.0;

static double tone_code(const CardColor *color, int channel, double code)
{
    const double *in = color->tone_in[channel], *out = color->tone_out[channel];
    const double *slope = color->tone_slope[channel];
    int last = color->knot_count - 1, left = 0;
    if (code >= in[last])
        return out[last] + fmin(slope[last], steepest_end) * (code - in[last]);
    while (code >= in[left + 1])
        left++;
    double wide = in[left + 1] - in[left], t = (code - in[left]) / wide;
    double rest = 1.0 - t;
    return out[left] * rest * rest * (1.0 + 2.0 * t) + out[left + 1] * t * t * (3.0 - 2.0 * t) +
           wide * t * rest * (slope[left] * rest - slope[left + 1] * t);
}

static double tone_inside(const CardColor *color, int channel, double light)
{
    return card_decode(tone_code(color, channel, card_encode(light)));
}

/* Outside [0, 1] of the photograph (wide gamuts) straight on in light, as from the last cells of
 * the table of card_apply.c. */
double card_tone(const CardColor *color, int channel, double light)
{
    const double cell = 1.0 / CARD_TONE_CELLS;
    if (light < 0.0)
        return tone_inside(color, channel, cell) * light / cell;
    if (!(light > 1.0))
        return tone_inside(color, channel, light);
    double top = tone_inside(color, channel, 1.0);
    return top + (light - 1.0) * (top - tone_inside(color, channel, 1.0 - cell)) / cell;
}

/* Slopes that keep the cubic rising and without waves: Fritsch, Butland, SIAM J. Sci. Stat. Comput.
 * 5 (1984) 300, with the weights of Brodlie; at the ends the parabola through three knots, kept
 * within three times the chord. */
static double end_slope(double wide0, double wide1, double chord0, double chord1)
{
    double slope = ((2.0 * wide0 + wide1) * chord0 - wide0 * chord1) / (wide0 + wide1);
    return fmin(fmax(slope, 0.0), 3.0 * chord0);
}

static void set_slopes(int count, const double in[], const double out[], double slope[])
{
    double wide[CARD_TONE_KNOTS], chord[CARD_TONE_KNOTS];
    for (int k = 0; k + 1 < count; k++) {
        wide[k] = in[k + 1] - in[k];
        chord[k] = (out[k + 1] - out[k]) / wide[k];
    }
    for (int k = 1; k + 1 < count; k++) {
        double w0 = 2.0 * wide[k] + wide[k - 1], w1 = wide[k] + 2.0 * wide[k - 1];
        bool flat = !(chord[k - 1] > 0.0) || !(chord[k] > 0.0);
        slope[k] = flat ? 0.0 : (w0 + w1) / (w0 / chord[k - 1] + w1 / chord[k]);
    }
    slope[0] = end_slope(wide[0], wide[1], chord[0], chord[1]);
    slope[count - 1] =
        end_slope(wide[count - 2], wide[count - 3], chord[count - 2], chord[count - 3]);
}

/* Greys in rising order of what was seen of them (the mean of the channels). */
static int sort_greys(const CardReading *reading, int grey[CARD_TONE_KNOTS])
{
    int count = 0;
    for (int i = 0; i < reading->count && count + 1 < CARD_TONE_KNOTS; i++) {
        if (!reading->grey[i])
            continue;
        int at = count++;
        for (; at > 0 && reading->target[grey[at - 1]].L > reading->target[i].L; at--)
            grey[at] = grey[at - 1];
        grey[at] = i;
    }
    return count;
}

/* The nearest that do not fall, in the sense of least squares: neighbours that do are pooled. */
static void make_rising(int count, double value[])
{
    double mean[CARD_TONE_KNOTS];
    int size[CARD_TONE_KNOTS], pools = 0;
    for (int i = 0; i < count; i++) {
        mean[pools] = value[i], size[pools++] = 1;
        for (; pools > 1 && mean[pools - 2] > mean[pools - 1]; pools--) {
            int both = size[pools - 2] + size[pools - 1];
            mean[pools - 2] =
                (mean[pools - 2] * size[pools - 2] + mean[pools - 1] * size[pools - 1]) / both;
            size[pools - 2] = both;
        }
    }
    for (int p = 0, i = 0; p < pools; p++)
        for (int k = 0; k < size[p]; k++)
            value[i++] = mean[p];
}

/* Knots nearer than this in codes are joined by pushing the upper one up: 1/255, below which 8 bits
 * cannot tell them apart. */
static const double least_gap = 1.0 / 255.0;

/* One channel's knots: black, then the greys as lit where they lie. */
static void set_tone(const CardReading *reading, int count, const int grey[], int channel,
                     CardColor *color)
{
    double *in = color->tone_in[channel], *out = color->tone_out[channel];
    in[0] = out[0] = 0.0;
    for (int k = 0; k < count; k++) {
        int i = grey[k];
        Rgb target = color_from_lab(reading->target[i]);
        double want = (double)(channel == 0 ? target.r : channel == 1 ? target.g : target.b);
        double lit = card_field(color, channel, reading->x[i], reading->y[i]);
        in[k + 1] = card_encode(reading->seen[i][channel]);
        out[k + 1] = card_encode(want * lit);
    }
    make_rising(count + 1, in);
    make_rising(count + 1, out);
    for (int k = 1; k <= count; k++) {
        in[k] = fmax(in[k], in[k - 1] + least_gap);
        out[k] = fmax(out[k], out[k - 1] + 1e-6);
    }
    color->knot_count = count + 1;
    set_slopes(count + 1, in, out, color->tone_slope[channel]);
}

/* ---- the field ---- */

double card_field(const CardColor *color, int channel, double x, double y)
{
    const double *f = color->field[channel];
    x = fmin(fmax(x, color->field_box[0]), color->field_box[2]);
    y = fmin(fmax(y, color->field_box[1]), color->field_box[3]);
    return f[0] + f[1] * x + f[2] * y;
}

/* Least-squares plane through value at (x, y). Returns the rms about it; NaN when the places are
 * in line. */
static double fit_plane(int count, const double x[], const double y[], const double value[],
                        double plane[3])
{
    double a[9] = {0}, b[3] = {0};
    for (int i = 0; i < count; i++) {
        double row[3] = {1.0, x[i], y[i]};
        for (int j = 0; j < 3; j++) {
            for (int k = 0; k <= j; k++)
                a[3 * j + k] += row[j] * row[k];
            b[j] += row[j] * value[i];
        }
    }
    if (!camera_solve(3, a, b))
        return (double)NAN;
    memcpy(plane, b, sizeof b);
    double sum = 0.0;
    for (int i = 0; i < count; i++) {
        double off = value[i] - (b[0] + b[1] * x[i] + b[2] * y[i]);
        sum += off * off;
    }
    return sqrt(sum / count);
}

/* Moves each channel's field towards the plane of its light on the rim, 1 at the middle of the
 * card; share 1 goes all the way. */
static bool move_field(const CardReading *reading, double share, double uneven[3], CardColor *color)
{
    double value[CARD_RIM], plane[3];
    double x = 0.5 * (reading->box[0] + reading->box[2]);
    double y = 0.5 * (reading->box[1] + reading->box[3]);
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < reading->rim_count; i++)
            value[i] = card_tone(color, c, reading->rim[i][c]);
        double rms = fit_plane(reading->rim_count, reading->rim_x, reading->rim_y, value, plane);
        double middle = plane[0] + plane[1] * x + plane[2] * y;
        if (!(rms >= 0.0) || !(middle > 1e-3))
            return false;
        uneven[c] = rms / middle;
        for (int k = 0; k < 3; k++)
            color->field[c][k] += share * (plane[k] / middle - color->field[c][k]);
        for (int corner = 0; corner < 4; corner++) {
            double lit = card_field(color, c, reading->box[corner % 2 * 2],
                                    reading->box[corner / 2 * 2 + 1]);
            if (!(lit > 0.05)) /* a plane that goes dark on the card is no light's */
                return false;
        }
    }
    return true;
}

/* Range over the card of the plane through the log of a ratio of channels on the rim. */
static double ratio_range(const CardReading *reading, const CardColor *color, int over, int under)
{
    double value[CARD_RIM], plane[3];
    for (int i = 0; i < reading->rim_count; i++) {
        double top = card_tone(color, over, reading->rim[i][over]);
        double bottom = card_tone(color, under, reading->rim[i][under]);
        value[i] = log(fmax(top, 1e-4) / fmax(bottom, 1e-4));
    }
    if (!(fit_plane(reading->rim_count, reading->rim_x, reading->rim_y, value, plane) >= 0.0))
        return 0.0;
    return fabs(plane[1]) * (reading->box[2] - reading->box[0]) +
           fabs(plane[2]) * (reading->box[3] - reading->box[1]);
}

static void measure_field(const CardReading *reading, CardColor *color)
{
    double least = 1.0, most = 1.0;
    for (int c = 0; c < 3; c++) {
        for (int corner = 0; corner < 4; corner++) {
            double lit = card_field(color, c, reading->box[corner % 2 * 2],
                                    reading->box[corner / 2 * 2 + 1]);
            least = fmin(least, lit), most = fmax(most, lit);
        }
    }
    color->field_share = most - least;
    color->rim_tint = reading->rim_count > 0 ? fmax(ratio_range(reading, color, 0, 2),
                                                    ratio_range(reading, color, 0, 1))
                                             : 0.0;
}

/* The tone needs the light on each grey, the field needs the tone of the rim: in turns. A field too
 * steep by one part makes the tone steeper between the bright greys, and that the next field
 * flatter by up to 1.5 parts: hence less than half of the way each time, which leaves a third at
 * most. */
enum { TURNS = 16 };
static const double way = 0.4;

static void set_tones(const CardReading *reading, CardColor *color)
{
    int grey[CARD_TONE_KNOTS];
    int count = sort_greys(reading, grey);
    for (int c = 0; c < 3; c++)
        set_tone(reading, count, grey, c, color);
}

/* No tone and even light. */
static void set_plain(const CardReading *reading, CardColor *color)
{
    memcpy(color->field_box, reading->box, sizeof color->field_box);
    color->two_lights = 0.0;
    color->knot_count = 2;
    for (int c = 0; c < 3; c++) {
        color->field[c][0] = 1.0, color->field[c][1] = color->field[c][2] = 0.0;
        for (int k = 0; k < 2; k++)
            color->tone_in[c][k] = color->tone_out[c][k] = k, color->tone_slope[c][k] = 1.0;
    }
}

/* The field comes first: through steep shading the greys out of order would make the tone flat, and
 * a flat tone hides the shading. */
static bool set_tone_and_field(const CardReading *reading, CardColor *color)
{
    double first[3] = {0}, uneven[3] = {0};
    set_plain(reading, color);
    for (int turn = 0; turn < TURNS; turn++) {
        double *now = turn == 0 ? first : uneven;
        if (reading->rim_count > 0 && !move_field(reading, turn == 0 ? 1.0 : way, now, color))
            return false;
        set_tones(reading, color);
    }
    /* The tone of greys that lie half in a shadow hides part of it: as it was before, too. */
    for (int c = 0; c < 3; c++)
        color->two_lights = fmax(color->two_lights, fmax(first[c], uneven[c]));
    measure_field(reading, color);
    return true;
}

/* ---- the matrix ---- */

/* Lab differences in steps that CIEDE2000 counts as one, about a target: its S_L, S_C, S_H and the
 * stretch of a near grey, without the turn in the blues (Sharma, Wu, Dalal 2005, eq. 15-20). */
typedef struct Metric {
    double row[3][3];
} Metric;

static Metric metric_of(Lab target)
{
    double chroma = hypot(target.a, target.b), chroma7 = pow(chroma, 7.0);
    double stretch = 1.0 + 0.5 * (1.0 - sqrt(chroma7 / (chroma7 + pow(25.0, 7.0))));
    double a = stretch * target.a, size = hypot(a, target.b);
    double cosine = size > 1e-9 ? a / size : 1.0, sine = size > 1e-9 ? target.b / size : 0.0;
    double off = (target.L - 50.0) * (target.L - 50.0);
    double sl = 1.0 + 0.015 * off / sqrt(20.0 + off);
    double sc = 1.0 + 0.045 * size, sh = 1.0 + 0.015 * size;
    return (Metric){{{1.0 / sl, 0.0, 0.0},
                     {0.0, stretch * cosine / sc, sine / sc},
                     {0.0, -stretch * sine / sh, cosine / sh}}};
}

static Rgb multiply(const double m[9], const double p[3])
{
    return (Rgb){(float)(m[0] * p[0] + m[1] * p[1] + m[2] * p[2]),
                 (float)(m[3] * p[0] + m[4] * p[1] + m[5] * p[2]),
                 (float)(m[6] * p[0] + m[7] * p[1] + m[8] * p[2])};
}

static void residual_of(const Metric *metric, Lab target, const double m[9], const double p[3],
                        double residual[3])
{
    Lab lab = color_to_lab(multiply(m, p));
    double d[3] = {lab.L - target.L, lab.a - target.a, lab.b - target.b};
    for (int i = 0; i < 3; i++)
        residual[i] =
            metric->row[i][0] * d[0] + metric->row[i][1] * d[1] + metric->row[i][2] * d[2];
}

/* What a unit of matrix costs, in squared CIEDE2000 of one patch of weight 1: turning a coefficient
 * by 0.1 must save 0.05 in all. [assumption] chosen on the bench: 0.5 to 20 differ by less than
 * 0.05 in any mean there, and less makes unseen colours worse when only few patches are in sight.
 */
static const double ridge = 5.0;
enum { MATRIX_STEPS = 12 };

static double identity(int k)
{
    return k % 4 == 0 ? 1.0 : 0.0;
}

/* Adds one patch, whose light after field and tone is p, to the normal equations. */
static void add_patch(Lab target, double weight, const double p[3], const double m[9], double a[81],
                      double b[9])
{
    Metric metric = metric_of(target);
    double at[3], jacobian[3][9];
    residual_of(&metric, target, m, p, at);
    for (int k = 0; k < 9; k++) {
        const double move = 1e-3; /* well above the rounding of float colours */
        double moved[9], other[3];
        memcpy(moved, m, sizeof moved);
        moved[k] += move;
        residual_of(&metric, target, moved, p, other);
        for (int j = 0; j < 3; j++)
            jacobian[j][k] = (other[j] - at[j]) / move;
    }
    for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 9; k++) {
            for (int l = 0; l <= k; l++)
                a[9 * k + l] += weight * jacobian[j][k] * jacobian[j][l];
            b[k] -= weight * jacobian[j][k] * at[j];
        }
    }
}

/* One Gauss-Newton step over all patches. */
static bool step_matrix(const CardReading *reading, const double p[][3], double m[9])
{
    double a[81] = {0}, b[9];
    for (int k = 0; k < 9; k++) {
        a[9 * k + k] = ridge;
        b[k] = ridge * (identity(k) - m[k]);
    }
    for (int i = 0; i < reading->count; i++)
        add_patch(reading->target[i], reading->weight[i], p[i], m, a, b);
    if (!camera_solve(9, a, b))
        return false;
    for (int k = 0; k < 9; k++)
        m[k] += fmin(fmax(b[k], -0.3), 0.3);
    return true;
}

static bool set_matrix(const CardReading *reading, CardColor *color)
{
    double p[CARD_PATCHES][3], m[9];
    for (int i = 0; i < reading->count; i++)
        for (int c = 0; c < 3; c++)
            p[i][c] = card_tone(color, c, reading->seen[i][c]) /
                      card_field(color, c, reading->x[i], reading->y[i]);
    for (int k = 0; k < 9; k++)
        m[k] = identity(k);
    for (int step = 0; step < MATRIX_STEPS; step++)
        if (!step_matrix(reading, (const double(*)[3])p, m))
            return false;
    memcpy(color->matrix, m, sizeof m);
    return true;
}

/* ---- a chart without a white rim ---- */

/* Its light falls off along a plane common to the channels, found from how much lighter or darker
 * than their targets all patches come out; tone and matrix are made anew in between, since the row
 * of greys alone cannot tell shading from tone. */
static bool update_even_field(const CardReading *reading, CardColor *color)
{
    double value[CARD_PATCHES], x[CARD_PATCHES], y[CARD_PATCHES], plane[3], m[9];
    int count = 0;
    memcpy(m, color->matrix, sizeof m);
    for (int i = 0; i < reading->count; i++) {
        double p[3];
        for (int c = 0; c < 3; c++)
            p[c] = card_tone(color, c, reading->seen[i][c]) /
                   card_field(color, c, reading->x[i], reading->y[i]);
        double seen = color_luminance(multiply(m, p));
        double want = color_luminance(color_from_lab(reading->target[i]));
        if (want < 0.05 || seen < 0.01) /* a little stray light is a lot to the dark ones */
            continue;
        value[count] = log(seen / want);
        x[count] = reading->x[i], y[count++] = reading->y[i];
    }
    if (!(fit_plane(count, x, y, value, plane) >= 0.0))
        return false;
    double middle_x = 0.5 * (reading->box[0] + reading->box[2]);
    double middle_y = 0.5 * (reading->box[1] + reading->box[3]);
    for (int c = 0; c < 3; c++) {
        double *f = color->field[c];
        f[1] += fmin(fmax(plane[1], -0.5), 0.5), f[2] += fmin(fmax(plane[2], -0.5), 0.5);
        f[0] = 1.0 - f[1] * middle_x - f[2] * middle_y;
    }
    return true;
}

static bool set_even_field(const CardReading *reading, CardColor *color)
{
    for (int turn = 0; turn < 2 * TURNS; turn++) {
        if (!update_even_field(reading, color))
            return false;
        for (int corner = 0; corner < 4; corner++)
            if (!(card_field(color, 0, reading->box[corner % 2 * 2],
                             reading->box[corner / 2 * 2 + 1]) > 0.05))
                return false;
        set_tones(reading, color);
        if (!set_matrix(reading, color))
            return false;
    }
    measure_field(reading, color);
    return true;
}

/* ---- all ---- */

static void measure_patches(const CardReading *reading, CardColor *color)
{
    color->patch_count = reading->count;
    color->mean_delta_e = color->max_delta_e = 0.0;
    for (int i = 0; i < reading->count; i++) {
        const double *seen = reading->seen[i];
        Rgb light = {(float)seen[0], (float)seen[1], (float)seen[2]};
        Rgb right = card_color_at(color, light, reading->x[i] * reading->width_px,
                                  reading->y[i] * reading->width_px, reading->width_px);
        memcpy(color->patch_name[i], reading->name[i], sizeof color->patch_name[i]);
        color->patch_target[i] = reading->target[i];
        color->patch_seen[i] = color_to_lab(right);
        double off = color_delta_e2000(reading->target[i], color->patch_seen[i]);
        color->delta_e[i] = off;
        color->mean_delta_e += off / reading->count;
        color->max_delta_e = fmax(color->max_delta_e, off);
    }
}

static int count_greys(const CardReading *reading)
{
    int count = 0;
    for (int i = 0; i < reading->count; i++)
        count += reading->grey[i];
    return count;
}

/* Fewer leave a curve or nine coefficients to chance. [assumption] */
enum { LEAST_GREYS = 4, LEAST_PATCHES = 8 };
/* Two lights: the rim's rms about its plane as a share (field/assess b), and how far its tint may
 * run across the card: [assumption] a card beside skin or a wall picks up a few per cent of their
 * colour, a lamp beside a window runs over 15 %. */
static const double most_unevenness = 0.08, most_tint = 0.12, most_delta_e = 4.0;

static bool check_light(const CardColor *color, Err *err)
{
    if (color->two_lights > most_unevenness)
        return err_set(err, ERR_INPUT,
                       "the light on the card is uneven by %.0f %% (at most 8): a shadow or a "
                       "second light falls on it; turn so that one light reaches all of it",
                       100.0 * color->two_lights);
    if (color->rim_tint > most_tint)
        return err_set(err, ERR_INPUT,
                       "the colour of the light changes by %.0f %% across the card (at most 12): "
                       "two different lights fall on it; switch one off or close the curtain",
                       100.0 * color->rim_tint);
    return true;
}

bool card_solve(const CardReading *reading, CardColor *color, Err *err)
{
    assert(reading->count <= CARD_PATCHES && reading->rim_count <= CARD_RIM);
    int greys = count_greys(reading);
    if (greys < LEAST_GREYS || reading->count < LEAST_PATCHES)
        return err_set(err, ERR_INPUT,
                       "only %d patches of the card, %d of them grey, can be read (at least %d and "
                       "%d): show all of the card, without glare on it",
                       reading->count, greys, LEAST_PATCHES, LEAST_GREYS);
    if (!set_tone_and_field(reading, color))
        return err_set(err, ERR_INPUT,
                       "the white of the card does not fit any light: show it whole, flat and "
                       "without a hand on it");
    if (!check_light(color, err))
        return false;
    if (!set_matrix(reading, color) || (reading->rim_count == 0 && !set_even_field(reading, color)))
        return err_set(err, ERR_INPUT,
                       "the colours of the card make no sense: check that the card is the right "
                       "one and its corners are right");
    measure_patches(reading, color);
    if (!(color->mean_delta_e <= most_delta_e))
        return err_set(err, ERR_INPUT,
                       "the card's colours are off by %.1f on average after correction (at most "
                       "4): check that the card is the right one, clean and lit by one light",
                       color->mean_delta_e);
    return true;
}
