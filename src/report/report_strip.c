#include "report/report_internal.h"

#include <math.h>
#include <string.h>

/* field/canvas 2.5: 15 mm to each side stretch by at most (15 / R)^2 / 2, 1.4 % on a head. */
static const double strip_mm = 15.0;
/* The waver of a hairline has wavelengths of 10 to 20 mm; its corners are larger. */
static const double smooth_sd_mm = 8.0, smooth_reach_sd = 3.0;
/* On the inner side of a bend the strip is narrower than the bend's radius, or it would fold. */
static const double share_of_radius = 0.6, narrowing = 0.4;
/* A piece ends where the strip turns by 35 degrees or more within 30 mm; none is longer than the
 * page is wide. */
static const double corner_rad = 0.61, corner_reach_mm = 15.0, corner_from_end_mm = 25.0,
                    piece_mm = 140.0;

/* Signed turn from `in` to `out` about the normal, within the tangent plane: geodesic curvature
 * times length. */
static double turn(Vec3 normal, Vec3 in, Vec3 out)
{
    Vec3 a = vec_madd(in, -vec_dot(in, normal), normal);
    Vec3 b = vec_madd(out, -vec_dot(out, normal), normal);
    return atan2(vec_dot(normal, vec_cross(a, b)), vec_dot(a, b));
}

static Vec3 normal_at(const Head *head, Vec3 point_mm)
{
    HeadPoint point = head_nearest(head, point_mm);
    return point.triangle < 0 ? vec_normalize(vec_sub(point_mm, head->centre_mm))
                              : head_normal(head, point);
}

static void unroll(const Head *head, int count, const Vec3 point_mm[], ReportStrip *strip)
{
    double heading = 0.0;
    for (int i = 1; i < count; i++) {
        Vec3 in = vec_sub(point_mm[i], point_mm[i - 1]);
        double step = vec_length(in);
        strip->s_mm[i] = strip->s_mm[i - 1] + step;
        strip->line_mm[i][0] = strip->line_mm[i - 1][0] + step * cos(heading);
        strip->line_mm[i][1] = strip->line_mm[i - 1][1] + step * sin(heading);
        if (i + 1 < count)
            heading +=
                turn(normal_at(head, point_mm[i]), in, vec_sub(point_mm[i + 1], point_mm[i]));
    }
}

/* The line at any s; beyond an end it goes on as the mirror image through that end, so that
 * smoothing leaves the ends where they are. */
static void line_at(const ReportStrip *strip, double s, double xy[2])
{
    int last = strip->count - 1;
    double length = strip->s_mm[last];
    const double *end = NULL;
    if (s < 0.0) {
        end = strip->line_mm[0];
        s = -s;
    } else if (s > length) {
        end = strip->line_mm[last];
        s = 2.0 * length - s;
    }
    s = fmin(fmax(s, 0.0), length);
    int low = 0, high = last;
    while (high - low > 1) {
        int mid = (low + high) / 2;
        *(strip->s_mm[mid] <= s ? &low : &high) = mid;
    }
    double t = (s - strip->s_mm[low]) / (strip->s_mm[high] - strip->s_mm[low]);
    for (int k = 0; k < 2; k++) {
        xy[k] = strip->line_mm[low][k] + t * (strip->line_mm[high][k] - strip->line_mm[low][k]);
        if (end != NULL)
            xy[k] = 2.0 * end[k] - xy[k];
    }
}

static void smooth(ReportStrip *strip)
{
    for (int i = 0; i < strip->count; i++) {
        double sum[2] = {0}, weights = 0.0, xy[2];
        for (double d = -smooth_reach_sd * smooth_sd_mm; d <= smooth_reach_sd * smooth_sd_mm;
             d += 1.0) {
            double weight = exp(-0.5 * d * d / (smooth_sd_mm * smooth_sd_mm));
            line_at(strip, strip->s_mm[i] + d, xy);
            weights += weight;
            sum[0] += weight * xy[0];
            sum[1] += weight * xy[1];
        }
        strip->axis_mm[i][0] = sum[0] / weights;
        strip->axis_mm[i][1] = sum[1] / weights;
    }
}

static double heading_at(const ReportStrip *strip, int i)
{
    int before = i > 0 ? i - 1 : 0, after = i + 1 < strip->count ? i + 1 : i;
    return atan2(strip->axis_mm[after][1] - strip->axis_mm[before][1],
                 strip->axis_mm[after][0] - strip->axis_mm[before][0]);
}

static double turned(double from_rad, double to_rad)
{
    return remainder(to_rad - from_rad, 2.0 * 3.14159265358979323846);
}

/* How far the strip may reach: less than the radius where it bends that way, changing slowly. */
static void reach(ReportStrip *strip)
{
    for (int i = 0; i < strip->count; i++) {
        double heading = heading_at(strip, i);
        strip->across[i][0] = -sin(heading);
        strip->across[i][1] = cos(heading);
        strip->half_mm[0][i] = strip->half_mm[1][i] = strip_mm;
        if (i == 0 || i + 1 == strip->count)
            continue;
        double bend = turned(heading_at(strip, i - 1), heading_at(strip, i + 1));
        double length = hypot(strip->axis_mm[i + 1][0] - strip->axis_mm[i - 1][0],
                              strip->axis_mm[i + 1][1] - strip->axis_mm[i - 1][1]);
        if (fabs(bend) * strip_mm > share_of_radius * length)
            strip->half_mm[bend > 0.0][i] = share_of_radius * length / fabs(bend);
    }
    for (int side = 0; side < 2; side++) {
        double *half = strip->half_mm[side];
        for (int i = 1; i < strip->count; i++)
            half[i] =
                fmin(half[i], half[i - 1] + narrowing * (strip->s_mm[i] - strip->s_mm[i - 1]));
        for (int i = strip->count - 2; i >= 0; i--)
            half[i] =
                fmin(half[i], half[i + 1] + narrowing * (strip->s_mm[i + 1] - strip->s_mm[i]));
    }
}

static int index_at(const ReportStrip *strip, double s_mm)
{
    int i = 0;
    while (i + 1 < strip->count && strip->s_mm[i] < s_mm)
        i++;
    return i;
}

static double corner_at(const ReportStrip *strip, double s_mm)
{
    return fabs(turned(heading_at(strip, index_at(strip, s_mm - corner_reach_mm)),
                       heading_at(strip, index_at(strip, s_mm + corner_reach_mm))));
}

/* The sharpest corner between two cuts; < 0 where there is none. */
static double sharpest(const ReportStrip *strip, double from_mm, double to_mm)
{
    double best = corner_rad, at = -1.0;
    for (double s = from_mm + corner_from_end_mm; s <= to_mm - corner_from_end_mm; s += 1.0) {
        double corner = corner_at(strip, s);
        if (corner > best) {
            best = corner;
            at = s;
        }
    }
    return at;
}

static void insert_cut(ReportStrip *strip, int at, double s_mm)
{
    for (int i = strip->cut_count; i > at; i--)
        strip->cut_mm[i] = strip->cut_mm[i - 1];
    strip->cut_mm[at] = s_mm;
    strip->cut_count++;
}

static void cut(ReportStrip *strip)
{
    int limit = (int)(sizeof strip->cut_mm / sizeof strip->cut_mm[0]);
    strip->cut_count = 2;
    strip->cut_mm[1] = strip->s_mm[strip->count - 1];
    for (int i = 0; i + 1 < strip->cut_count && strip->cut_count < limit;) {
        double from = strip->cut_mm[i], to = strip->cut_mm[i + 1];
        double at = sharpest(strip, from, to);
        if (at < 0.0 && to - from > piece_mm)
            at = from + (to - from) / ceil((to - from) / piece_mm);
        if (at < 0.0)
            i++;
        else
            insert_cut(strip, i + 1, at);
    }
}

static bool new_strip(Arena *arena, size_t count, ReportStrip *strip)
{
    *strip =
        (ReportStrip){.s_mm = ARENA_NEW(arena, double, count),
                      .line_mm = arena_alloc(arena, count, sizeof *strip->line_mm),
                      .axis_mm = arena_alloc(arena, count, sizeof *strip->axis_mm),
                      .across = arena_alloc(arena, count, sizeof *strip->across),
                      .half_mm = {ARENA_NEW(arena, double, count), ARENA_NEW(arena, double, count)},
                      .middle_mm = -1.0};
    return strip->s_mm != NULL && strip->line_mm != NULL && strip->axis_mm != NULL &&
           strip->across != NULL && strip->half_mm[0] != NULL && strip->half_mm[1] != NULL;
}

/* Copies the distinct points, from the client's right to the left. */
static int distinct(int count, const Vec3 curve_mm[], Vec3 point_mm[])
{
    bool backwards = curve_mm[0].x > curve_mm[count - 1].x;
    int kept = 0;
    for (int i = 0; i < count; i++) {
        Vec3 next = curve_mm[backwards ? count - 1 - i : i];
        if (kept == 0 || vec_distance(point_mm[kept - 1], next) > 1e-6)
            point_mm[kept++] = next;
    }
    return kept;
}

bool report_strip_make(Arena *arena, const Head *head, int count, const Vec3 curve_mm[],
                       ReportStrip *strip, Err *err)
{
    for (int i = 0; i < count; i++)
        if (!vec_is_finite(curve_mm[i]))
            return err_set(err, ERR_INPUT, "point %d of the hairline is not a number", i);
    if (count < 3)
        return err_set(err, ERR_INPUT, "the design has no hairline to print: %d points", count);
    Vec3 *point_mm = ARENA_NEW(arena, Vec3, (size_t)count);
    if (point_mm == NULL || !new_strip(arena, (size_t)count, strip))
        return err_set(err, ERR_LIMIT, "no room for the %d points of the hairline", count);
    strip->count = distinct(count, curve_mm, point_mm);
    if (strip->count < 3)
        return err_set(err, ERR_INPUT, "the hairline has only %d points apart from each other",
                       strip->count);
    unroll(head, strip->count, point_mm, strip);
    for (int i = 0; i + 1 < strip->count && strip->middle_mm < 0.0; i++)
        if (point_mm[i].x <= 0.0 && point_mm[i + 1].x > 0.0)
            strip->middle_mm = strip->s_mm[i] + (strip->s_mm[i + 1] - strip->s_mm[i]) *
                                                    -point_mm[i].x /
                                                    (point_mm[i + 1].x - point_mm[i].x);
    smooth(strip);
    reach(strip);
    cut(strip);
    return true;
}

void report_strip_at(const ReportStrip *strip, double s_mm, double across_mm, double xy[2])
{
    int high = index_at(strip, s_mm);
    high = high == 0 ? 1 : high;
    double span = strip->s_mm[high] - strip->s_mm[high - 1];
    double t = fmin(fmax((s_mm - strip->s_mm[high - 1]) / span, 0.0), 1.0);
    for (int k = 0; k < 2; k++)
        xy[k] = (1.0 - t) * (strip->axis_mm[high - 1][k] + across_mm * strip->across[high - 1][k]) +
                t * (strip->axis_mm[high][k] + across_mm * strip->across[high][k]);
}
