#include "export/strip.h"

#include <stdlib.h>

/* Stations along the curve, and between them a length is compared; lanes beside it. */
static const double station_mm = 2.0, over_mm = 10.0, walk_mm = 1.0, direction_mm = 3.0;
enum { LANES = 4 };

typedef struct Worth {
    double error, area;
} Worth;

typedef struct Station { /* where the lanes of both sides pass */
    Vec3 head_mm[2][LANES];
    double flat_mm[2][LANES][2];
} Station;

static Vec3 on_head(const Head *head, const ExportStrip *strip, double s_mm)
{
    int low = 0, high = strip->count - 1;
    while (high - low > 1) {
        int mid = (low + high) / 2;
        *(strip->s_mm[mid] <= s_mm ? &low : &high) = mid;
    }
    double t = (s_mm - strip->s_mm[low]) / (strip->s_mm[high] - strip->s_mm[low]);
    Vec3 at = vec_lerp(strip->point_mm[low], strip->point_mm[high], fmin(fmax(t, 0.0), 1.0));
    HeadPoint point = head_nearest(head, at);
    return point.triangle < 0 ? at : head_position_mm(head, point);
}

static Vec3 tangent_of(Vec3 way, Vec3 normal)
{
    return vec_normalize(vec_madd(way, -vec_dot(way, normal), normal));
}

static Vec3 normal_at(const Head *head, Vec3 at)
{
    HeadPoint point = head_nearest(head, at);
    return point.triangle < 0 ? vec_normalize(vec_sub(at, head->centre_mm))
                              : head_normal(head, point);
}

/* Straight on over the surface; *way is carried along. */
static Vec3 walk(const Head *head, Vec3 at, Vec3 *way, double length_mm)
{
    int steps = (int)ceil(length_mm / walk_mm);
    for (int i = 0; i < steps; i++) {
        *way = tangent_of(*way, normal_at(head, at));
        Vec3 next = vec_madd(at, length_mm / steps, *way);
        HeadPoint point = head_nearest(head, next);
        at = point.triangle < 0 ? next : head_position_mm(head, point);
    }
    return at;
}

/* From the curve to the lanes: on the head in the direction that leads there on the sheet. */
static void place_station(const Head *head, const ExportStrip *strip, double s_mm, Station *station)
{
    double line[2], before[2], after[2];
    export_strip_line(strip, s_mm, line);
    double from = fmax(s_mm - direction_mm, 0.0),
           till = fmin(s_mm + direction_mm, strip->length_mm);
    export_strip_line(strip, from, before);
    export_strip_line(strip, till, after);
    Vec3 start = on_head(head, strip, s_mm), normal = normal_at(head, start);
    Vec3 along =
        tangent_of(vec_sub(on_head(head, strip, till), on_head(head, strip, from)), normal);
    Vec3 left = vec_cross(normal, along);
    double heading = atan2(after[1] - before[1], after[0] - before[0]);
    for (int side = 0; side < 2; side++)
        for (int lane = 0; lane < LANES; lane++) {
            double *flat = station->flat_mm[side][lane];
            double across = (lane + 1.0) / LANES * export_strip_half(strip, side, s_mm);
            export_strip_at(strip, s_mm, side == 0 ? -across : across, flat);
            double x = flat[0] - line[0], y = flat[1] - line[1];
            double turn = atan2(y, x) - heading;
            Vec3 way = vec_madd(vec_scale(along, cos(turn)), sin(turn), left);
            station->head_mm[side][lane] = walk(head, start, &way, hypot(x, y));
        }
}

static int by_error(const void *a, const void *b)
{
    double x = ((const Worth *)a)->error, y = ((const Worth *)b)->error;
    return x < y ? -1 : x > y;
}

/* Lengths of a lane between two stations, piece by piece, on the head and on the sheet. */
static double lane_error(const Station station[], int from, int till, int side, int lane)
{
    double head = 0.0, flat = 0.0;
    for (int i = from; i < till; i++) {
        const double *a = station[i].flat_mm[side][lane], *b = station[i + 1].flat_mm[side][lane];
        head += vec_distance(station[i].head_mm[side][lane], station[i + 1].head_mm[side][lane]);
        flat += hypot(b[0] - a[0], b[1] - a[1]);
    }
    return head > 0.0 ? fabs(flat / head - 1.0) : 0.0;
}

bool export_strip_measure(Arena *scratch, const Head *head, ExportStrip *strip, Err *err)
{
    int count = (int)floor(strip->length_mm / station_mm) + 1, over = (int)(over_mm / station_mm);
    Station *station = ARENA_NEW(scratch, Station, (size_t)count);
    Worth *worth = ARENA_NEW(scratch, Worth, 2 * LANES * (size_t)count);
    double area = 0.0, sum = 0.0;
    int found = 0;
    if (station == NULL || worth == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d stations of a hairline", count);
    strip->worst_error = strip->error_95 = 0.0;
    for (int i = 0; i < count; i++)
        place_station(head, strip, i * station_mm, &station[i]);
    over = over < count ? over : count - 1;
    for (int i = 0; i + over < count; i++)
        for (int side = 0; side < 2; side++)
            for (int lane = 0; lane < LANES && over > 0; lane++) {
                double half = export_strip_half(strip, side, (i + 0.5 * over) * station_mm);
                worth[found++] =
                    (Worth){lane_error(station, i, i + over, side, lane), half / LANES};
                area += half / LANES;
            }
    qsort(worth, (size_t)found, sizeof *worth, by_error);
    for (int i = 0; i < found; i++) {
        strip->worst_error = worth[i].error;
        if (sum <= 0.95 * area)
            strip->error_95 = worth[i].error;
        sum += worth[i].area;
    }
    return true;
}
