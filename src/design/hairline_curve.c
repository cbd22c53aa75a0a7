#include "design/hairline_internal.h"

#include "base/rng.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* ---- the plain line ---- */

/* One span of a centripetal Catmull-Rom spline (Barry, Goldman, SIGGRAPH 1988; Yuksel et al., CAD
 * 43 (2011) 747: no loops, no cusps), as a cubic from p[1] to p[2] with their slopes. In this form
 * the ends are the controls to the last bit, whatever the controls beyond are. */
typedef struct Span {
    double from[2], to[2], from_slope[2], to_slope[2];
} Span;

static Span span_make(double p[4][2])
{
    Span span;
    double d[3]; /* square roots of the distances */
    for (int i = 0; i < 3; i++)
        d[i] = sqrt(hypot(p[i + 1][0] - p[i][0], p[i + 1][1] - p[i][1])) + 1e-9;
    for (int k = 0; k < 2; k++) {
        double step[3];
        for (int i = 0; i < 3; i++)
            step[i] = p[i + 1][k] - p[i][k];
        span.from[k] = p[1][k];
        span.to[k] = p[2][k];
        span.from_slope[k] =
            d[1] * (step[0] / d[0] - (step[0] + step[1]) / (d[0] + d[1]) + step[1] / d[1]);
        span.to_slope[k] =
            d[1] * (step[1] / d[1] - (step[1] + step[2]) / (d[1] + d[2]) + step[2] / d[2]);
    }
    return span;
}

static void span_at(const Span *span, double t, double at[2], double slope[2])
{
    double u = 1.0 - t;
    for (int k = 0; k < 2; k++) {
        double a = span->from[k], b = span->to[k];
        double m = span->from_slope[k], n = span->to_slope[k];
        at[k] = u * u * (1.0 + 2.0 * t) * a + t * t * (3.0 - 2.0 * t) * b + t * u * (u * m - t * n);
        slope[k] = 6.0 * t * u * (b - a) + u * (u - 2.0 * t) * m + t * (t - 2.0 * u) * n;
    }
}

/* Span i between its controls; beyond the ends the line goes straight on. */
static Span span_of(int control_count, const DesignPlace control[], int i)
{
    double p[4][2];
    int last = control_count - 1;
    for (int k = 0; k < 4; k++) {
        int at = i - 1 + k, inner = at < 0 ? 0 : at > last ? last : at;
        DesignPlace end = control[inner], before = control[at < 0 ? 1 : at > last ? last - 1 : at];
        p[k][0] = at == inner ? end.u : 2.0 * end.u - before.u;
        p[k][1] = at == inner ? end.v : 2.0 * end.v - before.v;
    }
    return span_make(p);
}

void hairline_span_at(int control_count, const DesignPlace control[], int span, double t,
                      double uv[2], double slope[2])
{
    Span of = span_of(control_count, control, span);
    span_at(&of, t, uv, slope);
}

/* ---- irregularity ---- */

/* Random fields that belong to the place on the head and not to the line: where the line is not
 * edited it wavers as before. Sums of cosines with random phases: exact variance and correlation
 * over the seeds, nearly Gaussian with this many. Lengths are mm on a sphere of 100 mm. */
enum { MICRO_WAVES = 24, MACRO_WAVES = 6, UNEVEN_WAVES = 6 };
enum { MICRO_STREAM = 0x4d49, MACRO_STREAM = 0x4d41, UNEVEN_STREAM = 0x554e };
static const double sphere_mm = 100.0;
/* How much the mounds differ in pitch, and over what length the sides differ [assumption]. */
static const double macro_band = 0.15, uneven_mm = 30.0;
/* Over this much of the midline both sides join without a bend or a step. */
static const double join_mm = 6.0;
static const double calm_mm = 12.0; /* the temporal peaks stay where they were constructed */

typedef struct Waver {
    Vec3 micro[MICRO_WAVES];
    double micro_phase[MICRO_WAVES];
    double macro[MACRO_WAVES], macro_phase[MACRO_WAVES];
    double uneven[UNEVEN_WAVES], uneven_phase[UNEVEN_WAVES];
    double micro_mm, macro_mm, asymmetry_mm;
} Waver;

static double phase(Rng *rng)
{
    return 2.0 * pi * rng_f64(rng);
}

static Waver waver_make(const DesignHairline *h)
{
    Waver w = {.micro_mm = h->micro_mm * sqrt(2.0 / MICRO_WAVES),
               .macro_mm = h->macro_mm * sqrt(2.0 / MACRO_WAVES),
               .asymmetry_mm = h->asymmetry_mm * sqrt(2.0 / UNEVEN_WAVES)};
    Rng micro = rng_make(h->seed, MICRO_STREAM), macro = rng_make(h->seed, MACRO_STREAM),
        uneven = rng_make(h->seed, UNEVEN_STREAM);
    /* correlation exp(-(r / length)^2): normal frequencies of standard deviation sqrt(2)/length */
    double spread = sqrt(2.0) / fmax(h->micro_correlation_mm, 0.5);
    for (int i = 0; i < MICRO_WAVES; i++) {
        double x = rng_normal(&micro), y = rng_normal(&micro), z = rng_normal(&micro);
        w.micro[i] = vec_scale(vec3(x, y, z), spread * sphere_mm);
        w.micro_phase[i] = phase(&micro);
    }
    for (int i = 0; i < MACRO_WAVES; i++) {
        double turn = 2.0 * pi / fmax(h->macro_pitch_mm, 5.0);
        w.macro[i] = turn * (1.0 + macro_band * rng_normal(&macro));
        w.macro_phase[i] = phase(&macro);
    }
    for (int i = 0; i < UNEVEN_WAVES; i++) {
        w.uneven[i] = sqrt(2.0) / uneven_mm * rng_normal(&uneven);
        w.uneven_phase[i] = phase(&uneven);
    }
    return w;
}

/* Forwards at a direction from the centre, mm: the same on both sides but for the micro part, which
 * knows no sides, and the uneven one, which has the other sign on the other side. */
static double waver_at(const Waver *w, Vec3 direction)
{
    double micro = 0.0, macro = 0.0, uneven = 0.0;
    double side = sphere_mm * asin(fmin(fmax(direction.x, -1.0), 1.0));
    double from_middle = hypot(side, join_mm);
    for (int i = 0; i < MICRO_WAVES && w->micro_mm > 0.0; i++)
        micro += cos(vec_dot(w->micro[i], direction) + w->micro_phase[i]);
    for (int i = 0; i < MACRO_WAVES && w->macro_mm > 0.0; i++)
        macro += cos(w->macro[i] * from_middle + w->macro_phase[i]);
    for (int i = 0; i < UNEVEN_WAVES && w->asymmetry_mm > 0.0; i++)
        uneven += cos(w->uneven[i] * from_middle + w->uneven_phase[i]);
    return w->micro_mm * micro + w->macro_mm * macro +
           w->asymmetry_mm * uneven * side / from_middle;
}

/* 0 on a temporal peak, 1 from calm_mm on. Only on the two spans next to it, so that nothing beyond
 * them hangs on where the peak is. */
static double calm_at(int last, Vec3 end[2][2], int index, Vec3 at)
{
    double calm = 1.0;
    for (int k = 0; k < 2; k++) {
        int from_end = k == 0 ? index : last * DESIGN_SPAN_POINTS - index;
        double reach = fmin(calm_mm, vec_distance(end[k][0], end[k][1]));
        if (from_end < 2 * DESIGN_SPAN_POINTS && reach > 0.0)
            calm *= design_smoothstep(vec_distance(at, end[k][0]) / reach);
    }
    return calm;
}

/* ---- the curve ---- */

/* Forward and in the surface's sphere: across the line's run from left to right. */
static Vec3 forward_of(const double uv[2], const double slope[2], Vec3 direction)
{
    const double little = 1e-4;
    double length = hypot(slope[0], slope[1]) + 1e-300;
    double ahead[2] = {uv[0] + little * slope[0] / length, uv[1] + little * slope[1] / length};
    Vec3 run = vec_sub(head_chart_direction(ahead), direction);
    return vec_normalize(vec_cross(direction, run));
}

static bool check_controls(const DesignHairline *hairline, Err *err)
{
    int n = hairline->control_count;
    if (n < 3 || n > DESIGN_CONTROLS || n % 2 == 0)
        return err_set(err, ERR_INPUT, "a hairline of %d controls is not an odd 3..%d", n,
                       DESIGN_CONTROLS);
    for (int i = 0; i < n; i++)
        if (!isfinite(hairline->control[i].u) || !isfinite(hairline->control[i].v))
            return err_set(err, ERR_INPUT, "control %d of the hairline is not a number", i + 1);
    return true;
}

typedef struct Drawing { /* of a curve */
    const Head *head;
    const DesignHairline *hairline;
    bool even;
    Waver waver;
    Vec3 end[2][2]; /* of each side: the peak, and the second control after it */
} Drawing;

static bool draw_span(Drawing *drawing, int s, Vec3 point[DESIGN_CURVE_POINTS], Err *err)
{
    int last = drawing->hairline->control_count - 1;
    Span span = span_of(drawing->hairline->control_count, drawing->hairline->control, s);
    int steps = s == last - 1 ? DESIGN_SPAN_POINTS + 1 : DESIGN_SPAN_POINTS;
    for (int i = 0; i < steps; i++) {
        int index = s * DESIGN_SPAN_POINTS + i;
        double uv[2], slope[2];
        span_at(&span, (double)i / DESIGN_SPAN_POINTS, uv, slope);
        if (!design_place_point(drawing->head, (DesignPlace){uv[0], uv[1]}, &point[index], err))
            return false;
        if (drawing->even)
            continue;
        Vec3 direction = head_chart_direction(uv);
        double move =
            waver_at(&drawing->waver, direction) * calm_at(last, drawing->end, index, point[index]);
        Vec3 to = vec_madd(point[index], move, forward_of(uv, slope, direction));
        if (!design_on_surface(drawing->head, to, &point[index], err))
            return false;
    }
    return true;
}

bool hairline_curve_again(const Head *head, const DesignHairline *hairline, bool plain,
                          const bool moved[DESIGN_CONTROLS], int *count,
                          Vec3 point[DESIGN_CURVE_POINTS], Err *err)
{
    if (!check_controls(hairline, err))
        return false;
    int last = hairline->control_count - 1;
    Drawing drawing = {.head = head,
                       .hairline = hairline,
                       .even = plain || (hairline->micro_mm == 0.0 && hairline->macro_mm == 0.0 &&
                                         hairline->asymmetry_mm == 0.0),
                       .waver = waver_make(hairline)};
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < 2; i++)
            if (!design_place_point(head, hairline->control[k == 0 ? 2 * i : last - 2 * i],
                                    &drawing.end[k][i], err))
                return false;
    *count = last * DESIGN_SPAN_POINTS + 1;
    for (int s = 0; s < last; s++) {
        bool again = false; /* what span_of takes */
        for (int i = s - 1; i <= s + 2; i++)
            again = again || (i >= 0 && i <= last && moved[i]);
        if (again && !draw_span(&drawing, s, point, err))
            return false;
    }
    return true;
}

bool hairline_curve(const Head *head, const DesignHairline *hairline, bool plain, int *count,
                    Vec3 point[DESIGN_CURVE_POINTS], Err *err)
{
    bool moved[DESIGN_CONTROLS];
    for (int i = 0; i < DESIGN_CONTROLS; i++)
        moved[i] = true;
    return hairline_curve_again(head, hairline, plain, moved, count, point, err);
}

/* ---- sideburns ---- */

/* Seen from the side, mm in front of and above the tragion: the front edge of a sideburn, the foot
 * of its line, and that of one shaved thin towards the ear [drawn by eye]. */
static const double edge_front_mm = 22.0, foot_front_mm = 14.0, foot_up_mm = 4.0,
                    taper_front_mm = 5.0;
/* Depth of the bare recess below the temporal peak, of its way back to the sideburn [by eye]. */
static const double recess_share = 0.35;

/* The surface where a side view shows (y, z). */
static bool from_side(const Head *head, double side, double y, double z, Vec3 *point, Err *err)
{
    double x = side * 70.0;
    for (int i = 0; i < 40; i++) {
        Vec3 want = vec3(x, y, z);
        if (!design_on_surface(head, want, point, err))
            return false;
        Vec3 arm = vec_sub(want, head->centre_mm);
        double short_mm = vec_distance(*point, head->centre_mm) - vec_length(arm);
        if (fabs(short_mm) < 1e-6)
            break;
        /* along the arm's own share in x, at most the whole way */
        double share = fmax(fabs(arm.x) / vec_length(arm), 0.3);
        x += side * short_mm / share;
    }
    return true;
}

typedef struct SidePlace {
    double y, z;
} SidePlace;

/* Corners of the way from the peak down, in the side view. */
static int sideburn_corners(DesignSideburn style, SidePlace peak, SidePlace ear,
                            SidePlace corner[16])
{
    int count = 0;
    corner[count++] = peak;
    SidePlace foot = {ear.y + foot_up_mm, ear.z + foot_front_mm};
    SidePlace edge = {peak.y - 0.55 * (peak.y - foot.y), fmin(ear.z + edge_front_mm, peak.z)};
    switch (style) {
    case DESIGN_KEPT: /* a bow back under the peak, then down */
        for (int i = 1; i <= 12; i++) {
            double t = i / 12.0, bow = recess_share * 4.0 * t * (1.0 - t) * (1.0 - 0.5 * t);
            corner[count++] =
                (SidePlace){peak.y + t * (foot.y - peak.y),
                            peak.z + t * (foot.z - peak.z) - bow * fmax(peak.z - foot.z, 0.0)};
        }
        return count;
    case DESIGN_TAPERED:
        corner[count++] = (SidePlace){foot.y, ear.z + taper_front_mm};
        return count;
    case DESIGN_SQUARE: /* back at a right angle, down at another */
        corner[count++] = (SidePlace){peak.y, edge.z};
        corner[count++] = (SidePlace){foot.y, edge.z};
        return count;
    }
    return count;
}

static bool sideburn(const Head *head, DesignSideburn style, int side, Vec3 peak, Vec3 point[],
                     Err *err)
{
    Vec3 tragion = head->landmark_mm[side == DESIGN_LEFT ? HEAD_TRAGION_LEFT : HEAD_TRAGION_RIGHT];
    SidePlace corner[16];
    double length[16] = {0.0};
    int count = sideburn_corners(style, (SidePlace){peak.y, peak.z},
                                 (SidePlace){tragion.y, tragion.z}, corner);
    for (int i = 1; i < count; i++)
        length[i] =
            length[i - 1] + hypot(corner[i].y - corner[i - 1].y, corner[i].z - corner[i - 1].z);
    int at = 0;
    for (int i = 0; i < DESIGN_SIDEBURN_POINTS; i++) {
        double want = length[count - 1] * (i + 1.0) / DESIGN_SIDEBURN_POINTS;
        while (at < count - 2 && length[at + 1] < want)
            at++;
        double t = (want - length[at]) / fmax(length[at + 1] - length[at], 1e-12);
        if (!from_side(head, side == DESIGN_LEFT ? 1.0 : -1.0,
                       corner[at].y + t * (corner[at + 1].y - corner[at].y),
                       corner[at].z + t * (corner[at + 1].z - corner[at].z), &point[i], err))
            return false;
    }
    return true;
}

bool hairline_with_sideburns(const Head *head, const DesignHairline *hairline, int count,
                             const Vec3 curve[], int *long_count, Vec3 point[DESIGN_LONG_CURVE],
                             Err *err)
{
    Vec3 left[DESIGN_SIDEBURN_POINTS];
    if (count < 2 || count > DESIGN_CURVE_POINTS)
        return err_set(err, ERR_INPUT, "a hairline of %d points is not within 2..%d", count,
                       DESIGN_CURVE_POINTS);
    if (!sideburn(head, hairline->sideburn, DESIGN_LEFT, curve[0], left, err) ||
        !sideburn(head, hairline->sideburn, DESIGN_RIGHT, curve[count - 1],
                  point + DESIGN_SIDEBURN_POINTS + count, err))
        return false;
    for (int i = 0; i < DESIGN_SIDEBURN_POINTS; i++)
        point[i] = left[DESIGN_SIDEBURN_POINTS - 1 - i];
    memcpy(point + DESIGN_SIDEBURN_POINTS, curve, (size_t)count * sizeof *curve);
    *long_count = count + 2 * DESIGN_SIDEBURN_POINTS;
    return true;
}
