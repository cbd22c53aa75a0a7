#include "design/design_internal.h"

#include <math.h>
#include <string.h>

/* Mean radius of curvature of a vault (field/canvas 2.5): an arc is longer than its chord by
 * chord^3 / (24 R^2), 0.14 mm at 30 mm; up to there vaults from p1 to p99 in size err by less than
 * 0.15 mm, long narrow ones by 0.19 mm (region_test). */
static const double curvature_mm = 90.0;
/* Balls are larger than their runs by far more than rounding, so that none that holds the nearest
 * segment is passed over: the nearest is then the same whatever run was looked at first. */
static const double ball_slack_mm = 1e-9;

double design_arc_mm(double chord_mm)
{
    return chord_mm + chord_mm * chord_mm * chord_mm / (24.0 * curvature_mm * curvature_mm);
}

/* The ball around the box of points first..last (counted round the line). */
static double ball_around(const DesignLine *line, int first, int last, Vec3 *middle)
{
    Vec3 low = line->point_mm[first], high = low;
    for (int i = first; i <= last; i++) {
        Vec3 p = line->point_mm[i % line->count];
        low = vec3(fmin(low.x, p.x), fmin(low.y, p.y), fmin(low.z, p.z));
        high = vec3(fmax(high.x, p.x), fmax(high.y, p.y), fmax(high.z, p.z));
    }
    *middle = vec_lerp(low, high, 0.5);
    return 0.5 * vec_distance(low, high) + ball_slack_mm;
}

static double segment_square(Vec3 p, Vec3 a, Vec3 b)
{
    Vec3 along = vec_sub(b, a), off = vec_sub(p, a);
    double length2 = vec_dot(along, along), t = vec_dot(off, along);
    t = t <= 0.0 || length2 <= 0.0 ? 0.0 : t >= length2 ? 1.0 : t / length2;
    Vec3 rest = vec_madd(off, -t, along);
    return vec_dot(rest, rest);
}

static int segments_of(const DesignLine *line)
{
    return line->closed ? line->count : line->count - 1;
}

/* Points of a run, first..last, counted round the line. */
static void run_ends(const DesignLine *line, int run, int *first, int *last)
{
    int segments = segments_of(line);
    *first = run * DESIGN_RUN;
    *last = *first + DESIGN_RUN < segments ? *first + DESIGN_RUN : segments;
}

static Vec3 point_of(const DesignLine *line, int index)
{
    return line->point_mm[index >= line->count ? index - line->count : index];
}

/* Distance to a straight is convex: no point of the run is farther off than its corners. */
static double strays_mm(const DesignLine *line, int first, int last)
{
    double square = 0.0;
    Vec3 a = point_of(line, first), b = point_of(line, last);
    for (int i = first + 1; i < last; i++)
        square = fmax(square, segment_square(point_of(line, i), a, b));
    return sqrt(square) + ball_slack_mm;
}

bool design_line_make(int count, const Vec3 point_mm[], bool closed, DesignLine *line, Err *err)
{
    int segments = closed ? count : count - 1;
    *line = (DesignLine){.count = count, .closed = closed, .point_mm = point_mm};
    line->run_count = (segments + DESIGN_RUN - 1) / DESIGN_RUN;
    if (count < 1 || line->run_count > DESIGN_RUNS)
        return err_set(err, ERR_LIMIT, "a line of %d points is not within 1..%d", count,
                       DESIGN_RUN * DESIGN_RUNS);
    if (line->run_count == 0)
        line->run_count = 1;
    for (int r = 0; r < line->run_count; r++) {
        int first, last;
        run_ends(line, r, &first, &last);
        line->radius_mm[r] = ball_around(line, first, last, &line->middle[r]);
        line->off_mm[r] = strays_mm(line, first, last);
    }
    for (int s = 0; s * DESIGN_STRETCH < line->run_count; s++) {
        int first, last, none, end = (s + 1) * DESIGN_STRETCH;
        run_ends(line, s * DESIGN_STRETCH, &first, &none);
        run_ends(line, (end < line->run_count ? end : line->run_count) - 1, &none, &last);
        line->stretch_mm[s] = ball_around(line, first, last, &line->stretch_middle[s]);
    }
    line->whole_mm = ball_around(line, 0, count - 1, &line->whole_middle);
    return true;
}

static double run_square(const DesignLine *line, int run, Vec3 p, double best)
{
    int first, last;
    run_ends(line, run, &first, &last);
    if (segments_of(line) == 0) {
        Vec3 off = vec_sub(p, line->point_mm[0]);
        return fmin(best, vec_dot(off, off));
    }
    for (int i = first; i < last; i++) {
        double square = segment_square(p, line->point_mm[i], point_of(line, i + 1));
        best = square < best ? square : best;
    }
    return best;
}

static bool beyond(Vec3 p, Vec3 middle, double far_mm)
{
    Vec3 off = vec_sub(p, middle);
    return vec_dot(off, off) >= far_mm * far_mm;
}

/* No segment of the run can be nearer than reach_mm. */
static bool passes_by(const DesignLine *line, int run, Vec3 p, double reach_mm)
{
    if (beyond(p, line->middle[run], reach_mm + line->radius_mm[run]))
        return true;
    int first, last;
    double far = reach_mm + line->off_mm[run];
    run_ends(line, run, &first, &last);
    return segment_square(p, line->point_mm[first], point_of(line, last)) >= far * far;
}

/* The first run from `run` on whose stretch is not beyond reach_mm; run_count when there is none.
 */
static int next_run(const DesignLine *line, int run, Vec3 p, double reach_mm)
{
    while (run < line->run_count && run % DESIGN_STRETCH == 0) {
        int s = run / DESIGN_STRETCH;
        if (!beyond(p, line->stretch_middle[s], reach_mm + line->stretch_mm[s]))
            break;
        run += DESIGN_STRETCH;
    }
    return run < line->run_count ? run : line->run_count;
}

double design_line_distance_mm(const DesignLine *line, Vec3 position_mm, double reach_mm, int *hint)
{
    double best = reach_mm * reach_mm, reach = reach_mm;
    int begun = *hint;
    if (beyond(position_mm, line->whole_middle, reach + line->whole_mm))
        return reach_mm;
    if (begun >= 0 && begun < line->run_count &&
        !beyond(position_mm, line->middle[begun], reach + line->radius_mm[begun])) {
        best = run_square(line, begun, position_mm, best);
        reach = sqrt(best);
    } else {
        begun = -1;
    }
    for (int r = 0; (r = next_run(line, r, position_mm, reach)) < line->run_count; r++) {
        if (r == begun || passes_by(line, r, position_mm, reach))
            continue;
        double square = run_square(line, r, position_mm, best);
        if (square < best) {
            best = square;
            reach = sqrt(best);
            *hint = r;
        }
    }
    return fmin(design_arc_mm(sqrt(best)), reach_mm);
}

static bool run_within(const DesignLine *line, int run, Vec3 p, double reach_mm)
{
    double most = reach_mm * reach_mm;
    if (passes_by(line, run, p, reach_mm))
        return false;
    double square = run_square(line, run, p, most);
    return square < most && design_arc_mm(sqrt(square)) < reach_mm;
}

bool design_line_within(const DesignLine *line, Vec3 position_mm, double reach_mm, int *hint)
{
    if (beyond(position_mm, line->whole_middle, reach_mm + line->whole_mm))
        return false;
    if (*hint >= 0 && *hint < line->run_count && run_within(line, *hint, position_mm, reach_mm))
        return true;
    for (int r = 0; (r = next_run(line, r, position_mm, reach_mm)) < line->run_count; r++)
        if (r != *hint && run_within(line, r, position_mm, reach_mm)) {
            *hint = r;
            return true;
        }
    return false;
}

/* ---- polygons in the chart ---- */

static int row_of(const DesignPolygon *polygon, double v)
{
    double row = (v - polygon->low) / polygon->step;
    return row < 0.0 ? 0 : row >= DESIGN_ROWS ? DESIGN_ROWS - 1 : (int)row;
}

/* Counts (item NULL) or files the edges under the rows that they cross. */
static void file_edges(DesignPolygon *polygon, int next[DESIGN_ROWS])
{
    for (int i = 0, j = polygon->count - 1; i < polygon->count; j = i++) {
        double a = polygon->corner[i][1], b = polygon->corner[j][1];
        int first = row_of(polygon, fmin(a, b)), last = row_of(polygon, fmax(a, b));
        for (int r = first; r <= last; r++) {
            if (polygon->item != NULL)
                polygon->item[next[r]] = i;
            next[r]++;
        }
    }
}

bool design_polygon_new(Arena *arena, int count, const double corner[][2], DesignPolygon *polygon,
                        Err *err)
{
    const double chart_rim = 1.5;
    int next[DESIGN_ROWS] = {0};
    *polygon = (DesignPolygon){.count = count, .low = -chart_rim};
    polygon->step = 2.0 * chart_rim / DESIGN_ROWS;
    polygon->corner = arena_alloc(arena, (size_t)count, sizeof *polygon->corner);
    if (polygon->corner == NULL)
        return err_set(err, ERR_LIMIT, "no room for a polygon of %d corners", count);
    memcpy(polygon->corner, corner, (size_t)count * sizeof *corner);
    file_edges(polygon, next);
    for (int r = 0; r < DESIGN_ROWS; r++)
        polygon->start[r + 1] = polygon->start[r] + next[r];
    polygon->item = ARENA_NEW(arena, int, (size_t)polygon->start[DESIGN_ROWS]);
    if (polygon->item == NULL)
        return err_set(err, ERR_LIMIT, "no room for a polygon of %d corners", count);
    memcpy(next, polygon->start, sizeof next);
    file_edges(polygon, next);
    return true;
}

bool design_polygon_inside(const DesignPolygon *polygon, const double uv[2])
{
    bool inside = false;
    int row = row_of(polygon, uv[1]);
    for (int k = polygon->start[row]; k < polygon->start[row + 1]; k++) {
        int i = polygon->item[k], j = i > 0 ? i - 1 : polygon->count - 1;
        const double *a = polygon->corner[i], *b = polygon->corner[j];
        if ((a[1] > uv[1]) != (b[1] > uv[1]) &&
            uv[0] < a[0] + (uv[1] - a[1]) * (b[0] - a[0]) / (b[1] - a[1]))
            inside = !inside;
    }
    return inside;
}

static void chart_points(const Head *head, int count, const Vec3 point_mm[], double corner[][2])
{
    for (int i = 0; i < count; i++)
        head_chart(vec_normalize(vec_sub(point_mm[i], head->centre_mm)), corner[i]);
}

bool design_polygon_of_line(Arena *arena, const Head *head, int count, const Vec3 point_mm[],
                            DesignPolygon *polygon, Err *err)
{
    double(*corner)[2] = arena_alloc(arena, (size_t)count, sizeof *corner);
    if (corner == NULL)
        return err_set(err, ERR_LIMIT, "no room for an outline of %d points", count);
    chart_points(head, count, point_mm, corner);
    return design_polygon_new(arena, count, (const double(*)[2])corner, polygon, err);
}

bool design_polygon_behind(Arena *arena, const Head *head, int count, const Vec3 point_mm[],
                           DesignPolygon *polygon, Err *err)
{
    double(*corner)[2] = arena_alloc(arena, (size_t)count + 4, sizeof *corner);
    if (corner == NULL)
        return err_set(err, ERR_LIMIT, "no room for a hairline of %d points", count);
    chart_points(head, count, point_mm, corner);
    /* closed outside the chart: straight out from the sideburns and around the back */
    const double far = 4.0;
    const double around[4][2] = {{far * corner[count - 1][0], far * corner[count - 1][1]},
                                 {-far, -2.0 * far},
                                 {far, -2.0 * far},
                                 {far * corner[0][0], far * corner[0][1]}};
    memcpy(corner + count, around, sizeof around);
    return design_polygon_new(arena, count + 4, (const double(*)[2])corner, polygon, err);
}
