#include "export/flat_internal.h"

#include "hair/hair.h"

static const double pi = 3.14159265358979323846;
/* A gap in the middle of the work is left in the paper if it is larger. */
static const double gap_mm2 = 1000.0;
enum { SMOOTHING = 6 };

static bool mark_worked(Arena *scratch, const Case *plan, bool whole, bool worked[], Err *err)
{
    int count = plan->head->topology->vertex_count;
    for (int v = 0; v < count; v++) {
        uint8_t zone = plan->layout->zone[v];
        worked[v] = zone != DESIGN_NONE && zone != DESIGN_KEEP_OUT;
    }
    for (int i = 0; i < plan->dots->count; i++)
        for (int k = 0; k < 3; k++)
            worked[plan->head->topology->triangle[plan->dots->dot[i].point.triangle][k]] = true;
    if (!whole)
        return true;
    double *inside_mm = ARENA_NEW(scratch, double, (size_t)count);
    if (inside_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", count);
    hair_scalp_margin(plan->head, inside_mm);
    for (int v = 0; v < count; v++)
        worked[v] |= inside_mm[v] > 0.0;
    return true;
}

static bool at_rim(const HeadTopology *topology, int v)
{
    for (int i = topology->neighbor_start[v]; i < topology->neighbor_start[v + 1]; i++)
        if (topology->around[i] < 0)
            return true;
    return false;
}

/* A gap in the work that is no larger than a few fingers is not cut out. */
static void fill_gaps(const Head *head, double margin_mm, double outside_mm[], int queue[],
                      bool seen[])
{
    const HeadTopology *topology = head->topology;
    for (int v = 0; v < topology->vertex_count; v++) {
        int count = 0;
        double area = 0.0;
        bool open = false;
        if (seen[v] || outside_mm[v] <= margin_mm)
            continue;
        seen[queue[count++] = v] = true;
        for (int i = 0; i < count; i++) {
            int at = queue[i];
            area += head->area_mm2[at];
            open |= at_rim(topology, at);
            for (int j = topology->neighbor_start[at]; j < topology->neighbor_start[at + 1]; j++) {
                int next = topology->neighbor[j];
                if (!seen[next] && outside_mm[next] > margin_mm)
                    seen[queue[count++] = next] = true;
            }
        }
        for (int i = 0; i < count && !open && area < gap_mm2; i++)
            outside_mm[queue[i]] = 0.0;
    }
}

/* The work ends at vertices, so lines of equal distance from it are scalloped: running means beyond
 * it smooth them. */
static void smooth_outside(const Head *head, double outside_mm[], double other[])
{
    const HeadTopology *topology = head->topology;
    for (int round = 0; round < SMOOTHING; round++) {
        for (int v = 0; v < topology->vertex_count; v++) {
            double sum = 0.0;
            int first = topology->neighbor_start[v], end = topology->neighbor_start[v + 1];
            for (int i = first; i < end; i++)
                sum += outside_mm[topology->neighbor[i]];
            other[v] = outside_mm[v] > 0.0 && end > first
                           ? 0.5 * (outside_mm[v] + sum / (end - first))
                           : outside_mm[v];
        }
        for (int v = 0; v < topology->vertex_count; v++)
            outside_mm[v] = other[v];
    }
}

/* Distance from the work, 0 within. */
bool flat_outside(Arena *scratch, const Case *plan, const FlatParams *params, double outside_mm[],
                  int *worked_count, Err *err)
{
    const HeadTopology *topology = plan->head->topology;
    size_t count = (size_t)topology->vertex_count;
    bool *worked = ARENA_NEW(scratch, bool, count), *seen = ARENA_NEW(scratch, bool, count);
    int *queue = ARENA_NEW(scratch, int, count), sources = 0;
    double *other = ARENA_NEW(scratch, double, count);
    HeadPoint *source = ARENA_NEW(scratch, HeadPoint, count);
    if (worked == NULL || seen == NULL || queue == NULL || source == NULL || other == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu vertices", count);
    if (!mark_worked(scratch, plan, params->whole_scalp, worked, err))
        return false;
    for (int t = 0; t < topology->triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            int v = topology->triangle[t][k];
            if (worked[v] && !seen[v]) {
                source[sources] = (HeadPoint){.triangle = t};
                source[sources++].weight[k] = 1.0;
                seen[v] = true;
            }
        }
    *worked_count = sources;
    if (sources == 0)
        return true;
    if (!head_distance(scratch, plan->head, sources, source, outside_mm, err))
        return false;
    for (size_t v = 0; v < count; v++) {
        outside_mm[v] = worked[v] ? 0.0 : outside_mm[v];
        seen[v] = false;
    }
    smooth_outside(plan->head, outside_mm, other);
    fill_gaps(plan->head, params->margin_mm, outside_mm, queue, seen);
    return true;
}

/* Signed distance from the plane x = 0 (to the client's left), or from the upright plane through
 * the ears (to the back). */
bool flat_from_plane(Arena *scratch, const Head *head, bool coronal, double distance_mm[], Err *err)
{
    enum { POINTS = 721 };
    Vec3 *curve = ARENA_NEW(scratch, Vec3, POINTS);
    if (curve == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d points", POINTS);
    int count = 0;
    for (int i = 0; i < POINTS; i++) {
        double angle = (2.0 * i / (POINTS - 1) - 1.0) * 0.7 * pi;
        Vec3 way = coronal ? vec3(sin(angle), cos(angle), 0.0) : vec3(0.0, cos(angle), sin(angle));
        HeadPoint point = head_locate(head, way);
        if (point.triangle >= 0)
            curve[count++] = head_position_mm(head, point);
    }
    if (!head_distance_to_curve(scratch, head, count, curve, false, distance_mm, err))
        return false;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        Vec3 way = head->topology->direction[v];
        if (coronal ? way.z > 0.0 : way.x < 0.0)
            distance_mm[v] = -distance_mm[v];
    }
    return true;
}
