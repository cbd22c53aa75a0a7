#include "design/design_internal.h"

#include "base/rng.h"

#include <math.h>
#include <string.h>

/* Eight-centimetre construction, Garg, J. Cutan. Aesthet. Surg. (431 men): all on the skin. */
static const double reach_mm = 80.0;
static const double peak_mm = 50.0; /* D from C towards E */
/* The lateral canthus lies about this far below the glabella [assumption: eye line 20 mm below the
 * brow ridge; no landmark of the canvas tells]. */
static const double canthus_below_mm = 20.0;
/* How far the line bows out of its straight chords (mm): forward between B and C, back into the
 * temple between C and D [drawn by eye after Shapiro's natural lines]. */
static const double front_bow_mm = 4.0, temple_bow_mm = 3.0;

bool design_on_surface(const Head *head, Vec3 position_mm, Vec3 *point, Err *err)
{
    HeadPoint at = head_nearest(head, position_mm);
    if (at.triangle < 0)
        return err_set(err, ERR_INPUT, "the point (%.1f, %.1f, %.1f) mm lies below the canvas",
                       position_mm.x, position_mm.y, position_mm.z);
    *point = head_position_mm(head, at);
    return true;
}

/* A point where two fields take given values at once, within one triangle of linear fields. */
static bool meet_in_triangle(const int corner[3], const double f[], double f0, const double g[],
                             double g0, double weight[3])
{
    double fa = f[corner[0]], ga = g[corner[0]];
    double fb = f[corner[1]] - fa, fc = f[corner[2]] - fa;
    double gb = g[corner[1]] - ga, gc = g[corner[2]] - ga;
    double determinant = fb * gc - fc * gb;
    if (fabs(determinant) < 1e-12)
        return false;
    weight[1] = ((f0 - fa) * gc - fc * (g0 - ga)) / determinant;
    weight[2] = (fb * (g0 - ga) - (f0 - fa) * gb) / determinant;
    weight[0] = 1.0 - weight[1] - weight[2];
    const double slack = -1e-9;
    return weight[0] >= slack && weight[1] >= slack && weight[2] >= slack;
}

/* Of all places on one side (sign of x) where f = f0 and g = g0, the one farthest from `away`. */
static bool meet(const Head *head, double side, const double f[], double f0, const double g[],
                 double g0, Vec3 away, Vec3 *found)
{
    double best = -1.0;
    for (int t = 0; t < head->topology->triangle_count; t++) {
        double weight[3];
        if (!meet_in_triangle(head->topology->triangle[t], f, f0, g, g0, weight))
            continue;
        Vec3 at = head_position_mm(head, (HeadPoint){t, {weight[0], weight[1], weight[2]}});
        if (at.x * side <= 0.0 || vec_distance(at, away) <= best)
            continue;
        best = vec_distance(at, away);
        *found = at;
    }
    return best >= 0.0;
}

static bool distance_from(Arena *scratch, const Head *head, Vec3 from, double distance_mm[],
                          Err *err)
{
    HeadPoint source = head_nearest(head, from);
    if (source.triangle < 0)
        return err_set(err, ERR_INPUT, "a point of the hairline lies below the canvas");
    return head_distance(scratch, head, 1, &source, distance_mm, err);
}

/* The place `length_mm` from `from` on the way to `to`, both on the surface. */
static bool walk(const Head *head, Vec3 from, Vec3 to, double length_mm, Vec3 *reached, Err *err)
{
    enum { STEPS = 400 };
    Vec3 last = from;
    double walked = 0.0;
    for (int i = 1; i <= STEPS; i++) {
        Vec3 next;
        if (!design_on_surface(head, vec_lerp(from, to, (double)i / STEPS), &next, err))
            return false;
        double step = vec_distance(last, next);
        if (walked + step >= length_mm)
            return design_on_surface(head, vec_lerp(last, next, (length_mm - walked) / step),
                                     reached, err);
        walked += step;
        last = next;
    }
    *reached = to;
    return true;
}

static bool frame_side(Arena *scratch, const Head *head, int side, double *field[4],
                       DesignFrame *frame, Err *err)
{
    double sign = side == DESIGN_LEFT ? 1.0 : -1.0;
    double *from_a = field[0], *from_b = field[1], *from_e = field[2], *height = field[3];
    if (!meet(head, sign, from_a, reach_mm, height, frame->glabella.y - canthus_below_mm,
              frame->glabella, &frame->canthus[side]))
        return err_set(err, ERR_INPUT,
                       "no point 80 mm beside the glabella at the level of the eyes: check the "
                       "glabella and the scale");
    if (!distance_from(scratch, head, frame->canthus[side], from_e, err))
        return false;
    /* A is 80 mm from both as well when B is: the other crossing is the temple */
    if (!meet(head, sign, from_b, reach_mm, from_e, reach_mm, frame->glabella,
              &frame->temple[side]))
        return err_set(err, ERR_INPUT,
                       "no fronto-temporal point 80 mm from the middle and from the temple: check "
                       "the landmarks and the hairline height");
    return walk(head, frame->temple[side], frame->canthus[side], peak_mm, &frame->peak[side], err);
}

bool design_frame(Arena *scratch, const Head *head, double height_mm, DesignFrame *frame, Err *err)
{
    size_t mark = arena_mark(scratch), n = (size_t)head->topology->vertex_count;
    double *field[4];
    for (int k = 0; k < 4; k++) {
        field[k] = ARENA_NEW(scratch, double, n);
        if (field[k] == NULL)
            return err_set(err, ERR_LIMIT, "no room to construct the hairline");
    }
    if (!design_on_surface(head, head->landmark_mm[HEAD_GLABELLA], &frame->glabella, err) ||
        !design_midline(head, height_mm, &frame->middle, err) ||
        !distance_from(scratch, head, frame->glabella, field[0], err) ||
        !distance_from(scratch, head, frame->middle, field[1], err))
        return false;
    for (size_t v = 0; v < n; v++)
        field[3][v] = head->position_mm[v].y;
    for (int side = 0; side < DESIGN_SIDES; side++) {
        if (!frame_side(scratch, head, side, field, frame, err))
            return false;
    }
    arena_rewind(scratch, mark);
    return true;
}

/* The middle of a and b on the surface, moved by bow_mm away from `inside`. */
static bool bowed_middle(const Head *head, Vec3 a, Vec3 b, Vec3 inside, double bow_mm, Vec3 *middle,
                         Err *err)
{
    Vec3 centre = vec_lerp(a, b, 0.5);
    Vec3 along = vec_normalize(vec_sub(b, a));
    Vec3 up = vec_normalize(vec_sub(centre, head->centre_mm));
    Vec3 across = vec_normalize(vec_cross(along, up));
    double sign = vec_dot(across, vec_sub(centre, inside)) < 0.0 ? -1.0 : 1.0;
    return design_on_surface(head, vec_madd(centre, sign * bow_mm, across), middle, err);
}

static bool place_controls(const Head *head, const DesignFrame *f, Vec3 control[], Err *err)
{
    Vec3 crown = vec3(0.0, head->centre_mm.y + 100.0, head->centre_mm.z - 40.0);
    const int last = DESIGN_HAIRLINE_CONTROLS - 1;
    for (int side = 0; side < DESIGN_SIDES; side++) {
        int at[4];
        for (int k = 0; k < 4; k++)
            at[k] = side == DESIGN_LEFT ? k : last - k;
        control[at[0]] = f->peak[side];
        control[at[2]] = f->temple[side];
        /* forward is away from the crown; into the temple is away from the brow */
        if (!bowed_middle(head, f->peak[side], f->temple[side], f->glabella, temple_bow_mm,
                          &control[at[1]], err) ||
            !bowed_middle(head, f->temple[side], f->middle, crown, front_bow_mm, &control[at[3]],
                          err))
            return false;
    }
    control[last / 2] = f->middle;
    return true;
}

/* Centripetal Catmull-Rom between p[1] and p[2] at t within [0, 1]; Barry, Goldman, SIGGRAPH
 * 1988; Yuksel et al., CAD 43 (2011) 747: no loops, no cusps. */
static void catmull_rom(double p[4][2], double t, double result[2])
{
    double knot[4] = {0.0};
    for (int i = 1; i < 4; i++)
        knot[i] = knot[i - 1] + sqrt(hypot(p[i][0] - p[i - 1][0], p[i][1] - p[i - 1][1]) + 1e-12);
    double at = knot[1] + t * (knot[2] - knot[1]);
    for (int d = 0; d < 2; d++) {
        double level[4] = {p[0][d], p[1][d], p[2][d], p[3][d]};
        for (int width = 1; width <= 3; width++) {
            for (int i = 0; i + width < 4; i++) {
                /* the middle round interpolates over one knot more, the last over [1, 2] */
                int from = width == 3 ? 1 : i, to = width == 3 ? 2 : i + width;
                double s = (at - knot[from]) / (knot[to] - knot[from]);
                level[i] += s * (level[i + 1] - level[i]);
            }
        }
        result[d] = level[0];
    }
}

enum { PER_SPAN = 96, DENSE = PER_SPAN * (DESIGN_HAIRLINE_CONTROLS - 1) + 1 };

static bool dense_curve(const Head *head, const Vec3 control[], Vec3 dense[], Err *err)
{
    double uv[DESIGN_HAIRLINE_CONTROLS + 2][2];
    const int n = DESIGN_HAIRLINE_CONTROLS;
    for (int i = 0; i < n; i++)
        head_chart(vec_normalize(vec_sub(control[i], head->centre_mm)), uv[i + 1]);
    for (int d = 0; d < 2; d++) {
        uv[0][d] = 2.0 * uv[1][d] - uv[2][d];
        uv[n + 1][d] = 2.0 * uv[n][d] - uv[n - 1][d];
    }
    for (int i = 0; i < DENSE; i++) {
        int span = i / PER_SPAN < n - 1 ? i / PER_SPAN : n - 2;
        double at[2];
        catmull_rom(&uv[span], (double)(i - span * PER_SPAN) / PER_SPAN, at);
        Vec3 direction = head_chart_direction(at);
        if (!design_on_surface(head, vec_add(head->centre_mm, direction), &dense[i], err))
            return false;
    }
    return true;
}

static double polyline_mm(int count, const Vec3 point[], double length_mm[])
{
    length_mm[0] = 0.0;
    for (int i = 1; i < count; i++)
        length_mm[i] = length_mm[i - 1] + vec_distance(point[i - 1], point[i]);
    return length_mm[count - 1];
}

/* count points of equal spacing on a polyline. */
static void resample(int from_count, const Vec3 from[], const double length_mm[], int count,
                     Vec3 to[])
{
    int at = 0;
    for (int i = 0; i < count; i++) {
        double want = length_mm[from_count - 1] * i / (count - 1);
        while (at < from_count - 2 && length_mm[at + 1] < want)
            at++;
        double step = length_mm[at + 1] - length_mm[at];
        double t = step > 0.0 ? fmin(fmax((want - length_mm[at]) / step, 0.0), 1.0) : 0.0;
        to[i] = vec_lerp(from[at], from[at + 1], t);
    }
}

enum { WAVER_STREAM = 0x4841, MOUND_STREAM = 0x4d4f };

static void gauss_blur(int count, double sigma, const double in[], double out[])
{
    int reach = (int)(3.0 * sigma) + 1;
    for (int i = 0; i < count; i++) {
        double sum = 0.0, weight = 0.0;
        for (int k = -reach; k <= reach; k++) {
            if (i + k < 0 || i + k >= count)
                continue;
            double w = exp(-0.5 * k * k / (sigma * sigma));
            sum += w * in[i + k];
            weight += w;
        }
        out[i] = sum / weight;
    }
}

static void scale_to_sd(int count, double value[], double sd)
{
    double sum = 0.0, square = 0.0;
    for (int i = 0; i < count; i++) {
        sum += value[i];
        square += value[i] * value[i];
    }
    double mean = sum / count, have = sqrt(fmax(square / count - mean * mean, 1e-30));
    for (int i = 0; i < count; i++)
        value[i] = (value[i] - mean) * sd / have;
}

/* Single hairs left and right of the line: white noise of 3..8 mm correlation less its own mean
 * over 20 mm, so that it wavers but does not lean (field/perception 5: sigma 1..3 mm). */
static void micro_waver(int count, double step_mm, Rng *rng, double sd_mm, double offset[],
                        double work[])
{
    double correlation_mm = 3.0 + 5.0 * rng_f64(rng);
    double noise[DESIGN_CURVE_POINTS];
    for (int i = 0; i < count; i++)
        noise[i] = rng_normal(rng);
    /* a Gaussian kernel of sigma s gives a correlation that falls to 1/e at 2 s */
    gauss_blur(count, 0.5 * correlation_mm / step_mm, noise, work);
    for (int round = 0; round < 3; round++) {
        gauss_blur(count, 20.0 / 3.5 / step_mm, work, noise);
        for (int i = 0; i < count; i++)
            work[i] -= noise[i];
    }
    scale_to_sd(count, work, sd_mm);
    for (int i = 0; i < count; i++)
        offset[i] += work[i];
}

/* Mounds of about 4 cm pitch: one in the middle and one or two on each side (field/perception 5,
 * after 225 and 103 natural hairlines), the same on both sides but for what a surgeon would call
 * symmetric: less than 2 mm between the sides (field/canvas 1.2). */
static void macro_waver(int count, double step_mm, Rng *rng, double sd_mm, double offset[])
{
    double pitch_mm = 38.0 + 6.0 * rng_f64(rng), phase = 0.6 * (rng_f64(rng) - 0.5);
    double lean_mm = fmin(fmax(0.3 * sd_mm * rng_normal(rng), -0.6), 0.6);
    double lean_pitch_mm = 90.0 + 30.0 * rng_f64(rng);
    const double pi = 3.14159265358979323846;
    for (int i = 0; i < count; i++) {
        double s = (i - 0.5 * (count - 1)) * step_mm;
        offset[i] += sqrt(2.0) * sd_mm * cos(2.0 * pi * fabs(s) / pitch_mm + phase) +
                     lean_mm * sin(2.0 * pi * s / lean_pitch_mm);
    }
}

static bool waver(const Head *head, uint64_t seed, double sd_mm, int count, Vec3 line[],
                  double step_mm, Vec3 out[], Err *err)
{
    double offset[DESIGN_CURVE_POINTS] = {0}, work[DESIGN_CURVE_POINTS];
    Rng rng = rng_make(seed, WAVER_STREAM);
    Rng mounds = rng_make(seed, MOUND_STREAM);
    /* a quarter of the variance in the mounds */
    macro_waver(count, step_mm, &mounds, 0.5 * sd_mm, offset);
    micro_waver(count, step_mm, &rng, sqrt(0.75) * sd_mm, offset, work);
    const double calm_mm = 12.0; /* the temporal peaks stay where they were constructed */
    for (int i = 0; i < count; i++) {
        int before = i > 4 ? i - 4 : 0, after = i + 4 < count ? i + 4 : count - 1;
        Vec3 tangent = vec_normalize(vec_sub(line[after], line[before]));
        Vec3 up = vec_normalize(vec_sub(line[i], head->centre_mm));
        Vec3 forward = vec_normalize(vec_cross(up, tangent));
        double end_mm = fmin(i, count - 1 - i) * step_mm;
        double move = offset[i] * design_smoothstep(end_mm / calm_mm);
        if (!design_on_surface(head, vec_madd(line[i], move, forward), &out[i], err))
            return false;
    }
    return true;
}

bool design_hairline_draw(Arena *scratch, const Head *head, const DesignFrame *frame,
                          double waver_mm, uint64_t seed, Design *design, Err *err)
{
    size_t mark = arena_mark(scratch);
    Vec3 *dense = ARENA_NEW(scratch, Vec3, DENSE);
    Vec3 *line = ARENA_NEW(scratch, Vec3, DESIGN_CURVE_POINTS);
    double *length_mm = ARENA_NEW(scratch, double, DENSE);
    if (dense == NULL || line == NULL || length_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room to draw the hairline");
    if (!place_controls(head, frame, design->hairline_control_mm, err) ||
        !dense_curve(head, design->hairline_control_mm, dense, err))
        return false;
    design->hairline_length_mm = polyline_mm(DENSE, dense, length_mm);
    design->hairline_count = DESIGN_CURVE_POINTS;
    resample(DENSE, dense, length_mm, DESIGN_CURVE_POINTS, line);
    if (!waver(head, seed, waver_mm, DESIGN_CURVE_POINTS, line,
               design->hairline_length_mm / (DESIGN_CURVE_POINTS - 1), design->hairline_mm, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}

enum { SIDEBURN_POINTS = 40, LONG_CURVE = DESIGN_CURVE_POINTS + 2 * SIDEBURN_POINTS };

/* From a temporal peak down to the sideburn, 14 mm in front of the tragion. */
static bool sideburn(const Head *head, Vec3 peak, HeadLandmark ear, Vec3 point[], Err *err)
{
    Vec3 tragion = head->landmark_mm[ear];
    Vec3 foot = vec3(tragion.x, tragion.y + 4.0, tragion.z + 14.0), foot_on;
    if (!design_on_surface(head, foot, &foot_on, err))
        return false;
    for (int i = 0; i < SIDEBURN_POINTS; i++) {
        Vec3 at = vec_lerp(peak, foot_on, (i + 1.0) / SIDEBURN_POINTS);
        if (!design_on_surface(head, at, &point[i], err))
            return false;
    }
    return true;
}

bool design_hairline_distance(Arena *scratch, const Head *head, int count, const Vec3 curve[],
                              double front_mm[], Err *err)
{
    size_t mark = arena_mark(scratch);
    Vec3 *all = ARENA_NEW(scratch, Vec3, LONG_CURVE);
    double(*polygon)[2] = arena_alloc(scratch, LONG_CURVE + 4, sizeof *polygon);
    if (all == NULL || polygon == NULL)
        return err_set(err, ERR_LIMIT, "no room to measure from the hairline");
    Vec3 side[SIDEBURN_POINTS];
    if (!sideburn(head, curve[0], HEAD_TRAGION_LEFT, side, err))
        return false;
    for (int i = 0; i < SIDEBURN_POINTS; i++)
        all[i] = side[SIDEBURN_POINTS - 1 - i];
    memcpy(all + SIDEBURN_POINTS, curve, (size_t)count * sizeof *curve);
    int total = SIDEBURN_POINTS + count;
    if (!sideburn(head, curve[count - 1], HEAD_TRAGION_RIGHT, all + total, err))
        return false;
    total += SIDEBURN_POINTS;
    for (int i = 0; i < total; i++)
        head_chart(vec_normalize(vec_sub(all[i], head->centre_mm)), polygon[i]);
    /* closed outside the chart: straight out from the sideburns and around the back */
    const double far = 4.0;
    const double corner[4][2] = {{far * polygon[total - 1][0], far * polygon[total - 1][1]},
                                 {-far, -2.0 * far},
                                 {far, -2.0 * far},
                                 {far * polygon[0][0], far * polygon[0][1]}};
    memcpy(polygon + total, corner, sizeof corner);
    if (!head_distance_to_curve(scratch, head, total, all, false, front_mm, err))
        return false;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        double uv[2];
        head_chart(head->topology->direction[v], uv);
        if (!design_chart_inside(total + 4, polygon, uv))
            front_mm[v] = -front_mm[v];
    }
    arena_rewind(scratch, mark);
    return true;
}
