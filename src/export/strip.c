#include "export/strip.h"

#include <math.h>

static const double pi = 3.14159265358979323846;
/* field/canvas 2.5: 15 mm to each side stretch by at most (15 / R)^2 / 2, 1.4 % on a head. */
static const double strip_mm = EXPORT_STRIP_MM;
/* The waver of a hairline has wavelengths of 10 to 20 mm; its corners are larger. */
static const double smooth_sd_mm = 9.0, smooth_reach_sd = 3.0, step_mm = 0.5;
/* On the inner side of a bend the strip is narrower than the bend's radius, or it would fold. */
static const double share_of_radius = 0.6, narrowing = 0.25, bend_over_mm = 8.0;
/* A piece ends at a corner of 40 degrees or more within 40 mm, as at the fronto-temporal points,
 * but not beside another end or the middle; none is longer than the page is wide, and one that
 * would be is cut in the middle. */
static const double corner_rad = 0.70, corner_reach_mm = 20.0, corner_apart_mm = 40.0,
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

static void unroll(const Head *head, int count, const Vec3 point_mm[], ExportStrip *strip)
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
    strip->length_mm = strip->s_mm[count - 1];
}

void export_strip_line(const ExportStrip *strip, double s_mm, double xy[2])
{
    int low = 0, high = strip->count - 1;
    double length = strip->length_mm;
    const double *end = s_mm < 0.0      ? strip->line_mm[0]
                        : s_mm > length ? strip->line_mm[high]
                                        : NULL;
    double s = s_mm < 0.0 ? -s_mm : s_mm > length ? 2.0 * length - s_mm : s_mm;
    s = fmin(fmax(s, 0.0), length);
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

static double spacing(const ExportStrip *strip)
{
    return strip->length_mm / (strip->steps - 1);
}

/* Weighted mean over the neighbourhood; the mirror image beyond the ends keeps them in place. */
static void smooth(ExportStrip *strip)
{
    for (int i = 0; i < strip->steps; i++) {
        double sum[2] = {0}, weights = 0.0, xy[2];
        for (double d = -smooth_reach_sd * smooth_sd_mm; d <= smooth_reach_sd * smooth_sd_mm;
             d += 1.0) {
            double weight = exp(-0.5 * d * d / (smooth_sd_mm * smooth_sd_mm));
            export_strip_line(strip, i * spacing(strip) + d, xy);
            weights += weight;
            sum[0] += weight * xy[0];
            sum[1] += weight * xy[1];
        }
        strip->axis_mm[i][0] = sum[0] / weights;
        strip->axis_mm[i][1] = sum[1] / weights;
    }
    for (int i = 0; i < strip->steps; i++) {
        const double *a = strip->axis_mm[i > 0 ? i - 1 : 0];
        const double *b = strip->axis_mm[i + 1 < strip->steps ? i + 1 : i];
        double heading = atan2(b[1] - a[1], b[0] - a[0]);
        double before = i > 0 ? strip->heading_rad[i - 1] : heading; /* without jumps of a turn */
        strip->heading_rad[i] = before + remainder(heading - before, 2.0 * pi);
    }
}

static int index_at(const ExportStrip *strip, double s_mm)
{
    int i = (int)lround(s_mm / spacing(strip));
    return i < 0 ? 0 : i < strip->steps ? i : strip->steps - 1;
}

/* How far the strip may reach: less than the radius where it bends that way, changing slowly. */
static void reach(ExportStrip *strip)
{
    double slope = narrowing * spacing(strip);
    for (int i = 0; i < strip->steps; i++) {
        int a = index_at(strip, i * spacing(strip) - 0.5 * bend_over_mm);
        int b = index_at(strip, i * spacing(strip) + 0.5 * bend_over_mm);
        double bend = strip->heading_rad[b] - strip->heading_rad[a];
        double length = 0.0;
        for (int k = a; k < b; k++)
            length += hypot(strip->axis_mm[k + 1][0] - strip->axis_mm[k][0],
                            strip->axis_mm[k + 1][1] - strip->axis_mm[k][1]);
        strip->half_mm[0][i] = strip->half_mm[1][i] = strip_mm;
        if (fabs(bend) * strip_mm > share_of_radius * length)
            strip->half_mm[bend > 0.0][i] = share_of_radius * length / fabs(bend);
    }
    for (int side = 0; side < 2; side++) {
        double *half = strip->half_mm[side];
        for (int i = 1; i < strip->steps; i++)
            half[i] = fmin(half[i], half[i - 1] + slope);
        for (int i = strip->steps - 2; i >= 0; i--)
            half[i] = fmin(half[i], half[i + 1] + slope);
    }
}

static double turned_at(const ExportStrip *strip, double s_mm, double reach_mm)
{
    return fabs(strip->heading_rad[index_at(strip, s_mm + reach_mm)] -
                strip->heading_rad[index_at(strip, s_mm - reach_mm)]);
}

/* The corner with the largest turn between two cuts, where it bends most; < 0: there is none. */
static double sharpest(const ExportStrip *strip, double from_mm, double to_mm)
{
    double best = corner_rad, corner = -1.0, at = -1.0, most = -1.0;
    for (double s = from_mm + corner_apart_mm; s <= to_mm - corner_apart_mm; s += 1.0) {
        double angle = turned_at(strip, s, corner_reach_mm);
        if (angle <= best || fabs(s - strip->middle_mm) < corner_apart_mm)
            continue;
        best = angle;
        corner = s;
    }
    for (double s = corner - corner_reach_mm; corner >= 0.0 && s <= corner + corner_reach_mm;
         s += 0.5)
        if (turned_at(strip, s, 0.5 * bend_over_mm) > most) {
            most = turned_at(strip, s, 0.5 * bend_over_mm);
            at = s;
        }
    return at;
}

static void insert_cut(ExportStrip *strip, int at, double s_mm)
{
    for (int i = strip->cut_count; i > at; i--)
        strip->cut_mm[i] = strip->cut_mm[i - 1];
    strip->cut_mm[at] = s_mm;
    strip->cut_count++;
}

static void cut(ExportStrip *strip)
{
    strip->cut_count = 2;
    strip->cut_mm[1] = strip->length_mm;
    for (int i = 0; i + 1 < strip->cut_count && strip->cut_count < EXPORT_CUTS;) {
        double from = strip->cut_mm[i], to = strip->cut_mm[i + 1];
        double at = sharpest(strip, from, to);
        if (at < 0.0 && to - from > piece_mm)
            at =
                from + corner_apart_mm < strip->middle_mm && strip->middle_mm < to - corner_apart_mm
                    ? strip->middle_mm
                    : from + (to - from) / ceil((to - from) / piece_mm);
        if (at < 0.0)
            i++;
        else
            insert_cut(strip, i + 1, at);
    }
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

static bool new_strip(Arena *arena, int count, double length_mm, ExportStrip *strip)
{
    size_t points = (size_t)count, steps = (size_t)ceil(length_mm / step_mm) + 2;
    *strip = (ExportStrip){
        .count = count,
        .s_mm = ARENA_NEW(arena, double, points),
        .line_mm = arena_alloc(arena, points, sizeof *strip->line_mm),
        .middle_mm = -1.0,
        .steps = (int)steps,
        .axis_mm = arena_alloc(arena, steps, sizeof *strip->axis_mm),
        .heading_rad = ARENA_NEW(arena, double, steps),
        .half_mm = {ARENA_NEW(arena, double, steps), ARENA_NEW(arena, double, steps)}};
    return strip->s_mm != NULL && strip->line_mm != NULL && strip->axis_mm != NULL &&
           strip->heading_rad != NULL && strip->half_mm[0] != NULL && strip->half_mm[1] != NULL;
}

static double middle_of(const ExportStrip *strip, const Vec3 point_mm[])
{
    for (int i = 0; i + 1 < strip->count; i++)
        if (point_mm[i].x <= 0.0 && point_mm[i + 1].x > 0.0)
            return strip->s_mm[i] + (strip->s_mm[i + 1] - strip->s_mm[i]) * -point_mm[i].x /
                                        (point_mm[i + 1].x - point_mm[i].x);
    return -1.0;
}

bool export_strip_make(Arena *arena, const Head *head, int count, const Vec3 curve_mm[],
                       ExportStrip *strip, Err *err)
{
    const double longest_mm = 1000.0; /* no head is larger around */
    if (count < 3)
        return err_set(err, ERR_INPUT, "the design has no hairline to print: %d points", count);
    for (int i = 0; i < count; i++)
        if (!vec_is_finite(curve_mm[i]))
            return err_set(err, ERR_INPUT, "point %d of the hairline is not a number", i);
    Vec3 *point_mm = ARENA_NEW(arena, Vec3, (size_t)count);
    if (point_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for the %d points of the hairline", count);
    int kept = distinct(count, curve_mm, point_mm);
    double length = 0.0;
    for (int i = 0; i + 1 < kept; i++)
        length += vec_distance(point_mm[i], point_mm[i + 1]);
    if (kept < 3 || !(length >= 1.0 && length <= longest_mm))
        return err_set(err, ERR_INPUT,
                       "a hairline of %d distinct points and %g mm cannot be printed (1 to %g mm)",
                       kept, length, longest_mm);
    if (!new_strip(arena, kept, length, strip))
        return err_set(err, ERR_LIMIT, "no room for the %d points of the hairline", count);
    unroll(head, kept, point_mm, strip);
    strip->middle_mm = middle_of(strip, point_mm);
    smooth(strip);
    reach(strip);
    cut(strip);
    strip->point_mm = point_mm;
    size_t mark = arena_mark(arena);
    bool ok = export_strip_measure(arena, head, strip, err);
    arena_rewind(arena, mark);
    return ok;
}

/* The step before s and how far s lies behind it. */
static int locate(const ExportStrip *strip, double s_mm, double *t)
{
    double at = fmin(fmax(s_mm / spacing(strip), 0.0), strip->steps - 1.0);
    int i = at < strip->steps - 1.0 ? (int)at : strip->steps - 2;
    *t = at - i;
    return i;
}

void export_strip_at(const ExportStrip *strip, double s_mm, double across_mm, double xy[2])
{
    double t;
    int i = locate(strip, s_mm, &t);
    double heading = (1.0 - t) * strip->heading_rad[i] + t * strip->heading_rad[i + 1];
    xy[0] = (1.0 - t) * strip->axis_mm[i][0] + t * strip->axis_mm[i + 1][0];
    xy[1] = (1.0 - t) * strip->axis_mm[i][1] + t * strip->axis_mm[i + 1][1];
    xy[0] -= across_mm * sin(heading);
    xy[1] += across_mm * cos(heading);
}

double export_strip_half(const ExportStrip *strip, int side, double s_mm)
{
    double t;
    int i = locate(strip, s_mm, &t);
    return (1.0 - t) * strip->half_mm[side][i] + t * strip->half_mm[side][i + 1];
}

void export_strip_side(const ExportStrip *strip, int side, double s_mm, double xy[2])
{
    if (side == 0)
        export_strip_line(strip, s_mm, xy);
    else
        export_strip_at(strip, s_mm, side * export_strip_half(strip, side > 0, s_mm), xy);
}

void export_strip_on_piece(const ExportStripPiece *piece, const double xy[2], double at_mm[2])
{
    double c = cos(piece->turn_rad), s = sin(piece->turn_rad);
    at_mm[0] = c * xy[0] - s * xy[1] - piece->low[0];
    at_mm[1] = s * xy[0] + c * xy[1] - piece->low[1];
}

ExportStripPiece export_strip_piece(const ExportStrip *strip, int number)
{
    ExportStripPiece piece = {.strip = strip,
                              .number = number,
                              .from_mm = strip->cut_mm[number],
                              .to_mm = strip->cut_mm[number + 1]};
    double a[2], b[2], low[2] = {1e9, 1e9}, high[2] = {-1e9, -1e9};
    export_strip_at(strip, piece.from_mm, 0.0, a);
    export_strip_at(strip, piece.to_mm, 0.0, b);
    piece.turn_rad = -atan2(b[1] - a[1], b[0] - a[0]);
    for (double s = piece.from_mm; s < piece.to_mm + 0.5; s += 0.5)
        for (int side = -1; side <= 1; side++) {
            export_strip_side(strip, side, fmin(s, piece.to_mm), a);
            export_strip_on_piece(&piece, a, b);
            for (int k = 0; k < 2; k++) {
                low[k] = fmin(low[k], b[k]);
                high[k] = fmax(high[k], b[k]);
            }
        }
    for (int k = 0; k < 2; k++)
        piece.low[k] = low[k];
    piece.width_mm = high[0] - low[0];
    piece.height_mm = high[1] - low[1];
    return piece;
}
