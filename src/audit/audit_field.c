#include "audit/audit_internal.h"

#include <math.h>

enum { EIGHT = 8, PARTS = 6 }; /* a triangle of the canvas is cut into PARTS^2 where it matters */

/* ---- edges ---- */

/* Left or right of the nearest stretch of the line, seen from outside. */
static double open_edge_mm(const CaseRead *read, const DotsEdge *edge, Vec3 p)
{
    double least = HUGE_VAL, side = 0.0;
    int stretches = edge->point_count - (edge->closed ? 0 : 1);
    for (int i = 0; i < stretches; i++) {
        Vec3 a = edge->point_mm[i], b = edge->point_mm[(i + 1) % edge->point_count];
        Vec3 along = vec_sub(b, a), off = vec_sub(p, a);
        double square = vec_dot(along, along);
        double t = square > 0.0 ? vec_dot(off, along) / square : 0.0;
        Vec3 foot = vec_madd(a, fmin(fmax(t, 0.0), 1.0), along);
        double distance = vec_distance(p, foot);
        Vec3 up = vec_normalize(vec_sub(foot, read->head.centre_mm));
        double across = vec_dot(vec_cross(up, along), off) / fmax(sqrt(square), 1e-9);
        /* at a corner two stretches are equally near: the one p is farther off sideways decides */
        if (distance < least - 1e-9 || (distance < least + 1e-9 && fabs(across) > fabs(side)))
            side = across;
        least = fmin(least, distance);
    }
    return side < 0.0 ? -least : least;
}

/* Whether p lies within the closed line, by crossings in the chart; *turn: twice its signed area
 * there, negative counter-clockwise seen from outside. */
static bool is_within(const CaseRead *read, const DotsEdge *edge, Vec3 p, double *turn)
{
    double here[2], a[2], b[2];
    bool inside = false;
    head_chart(vec_normalize(vec_sub(p, read->head.centre_mm)), here);
    head_chart(vec_normalize(vec_sub(edge->point_mm[edge->point_count - 1], read->head.centre_mm)),
               a);
    *turn = 0.0;
    for (int i = 0; i < edge->point_count; i++) {
        head_chart(vec_normalize(vec_sub(edge->point_mm[i], read->head.centre_mm)), b);
        *turn += a[0] * b[1] - a[1] * b[0];
        if ((a[1] > here[1]) != (b[1] > here[1]) &&
            here[0] < a[0] + (b[0] - a[0]) * (here[1] - a[1]) / (b[1] - a[1]))
            inside = !inside;
        a[0] = b[0];
        a[1] = b[1];
    }
    return inside;
}

double audit_edge_mm(const CaseRead *read, const DotsEdge *edge, Vec3 position_mm)
{
    /* so near, the stretch's own side is exact; farther off the chart's, which bends it a little */
    const double near_mm = 2.0;
    double distance = open_edge_mm(read, edge, position_mm), turn;
    if (!edge->closed || fabs(distance) < near_mm)
        return distance;
    bool inside = is_within(read, edge, position_mm, &turn);
    bool kept = inside == (turn < 0.0); /* counter-clockwise keeps the inside */
    return kept ? fabs(distance) : -fabs(distance);
}

/* The share of the density that the edges leave, and the distance to the nearest of them. */
static double edge_share(const CaseRead *read, Vec3 p, double *nearest_mm)
{
    double share = 1.0;
    *nearest_mm = HUGE_VAL;
    for (int e = 0; e < read->record.edge_count; e++) {
        const DotsEdge *edge = &read->record.edge[e];
        double distance = audit_edge_mm(read, edge, p);
        *nearest_mm = fmin(*nearest_mm, fmax(fabs(distance) - edge->ramp_mm, 0.0));
        if (distance < 0.0)
            share = 0.0;
        else if (distance < edge->ramp_mm)
            share *= distance / edge->ramp_mm;
    }
    return share;
}

/* ---- the field ---- */

static double vertex_mean(const CaseRead *read, HeadPoint point, const double field[])
{
    return head_interpolate(&read->head, point, field);
}

double audit_field_at(const AuditField *field, HeadPoint point)
{
    const CaseRead *read = field->read;
    if (point.triangle < 0)
        return 0.0;
    const int *corner = read->topology.triangle[point.triangle];
    double nearest_mm;
    if (!field->is_near_edge[corner[0]] && !field->is_near_edge[corner[1]] &&
        !field->is_near_edge[corner[2]])
        return vertex_mean(read, point, field->open_per_mm2);
    return vertex_mean(read, point, read->field.wanted_per_mm2) *
           edge_share(read, head_position_mm(&read->head, point), &nearest_mm);
}

/* That of the corner with the most weight among those where something is wanted. */
int audit_zone_at(const AuditField *field, HeadPoint point)
{
    const CaseRead *read = field->read;
    int zone = DESIGN_NONE;
    double most = -1.0;
    for (int k = 0; point.triangle >= 0 && k < 3; k++) {
        int v = read->topology.triangle[point.triangle][k];
        if (read->field.wanted_per_mm2[v] > 0.0 && point.weight[k] > most) {
            most = point.weight[k];
            zone = read->field.zone[v];
        }
    }
    return zone;
}

static double triangle_area_mm2(const CaseRead *read, int triangle)
{
    const int *v = read->topology.triangle[triangle];
    const Vec3 *p = read->head.position_mm;
    return 0.5 * vec_length(vec_cross(vec_sub(p[v[1]], p[v[0]]), vec_sub(p[v[2]], p[v[0]])));
}

/* The small triangles' middles stand for them; those with the tip up and those with it down. */
static void integrate_parts(AuditField *field, int triangle, double area_mm2)
{
    for (int i = 0; i < PARTS; i++)
        for (int j = 0; j + i < PARTS; j++)
            for (int down = 0; down < 2 && i + j + down < PARTS; down++) {
                double third = down == 0 ? 1.0 / 3.0 : 2.0 / 3.0;
                HeadPoint point = {triangle, {(i + third) / PARTS, (j + third) / PARTS, 0.0}};
                point.weight[2] = 1.0 - point.weight[0] - point.weight[1];
                field->integral[audit_zone_at(field, point)] +=
                    audit_field_at(field, point) * area_mm2 / (PARTS * PARTS);
            }
}

static void integrate(AuditField *field)
{
    const CaseRead *read = field->read;
    for (int t = 0; t < read->topology.triangle_count; t++) {
        const int *v = read->topology.triangle[t];
        const double *wanted = read->field.wanted_per_mm2, *open = field->open_per_mm2;
        const uint8_t *zone = read->field.zone;
        double area_mm2 = triangle_area_mm2(read, t);
        bool plain = zone[v[0]] == zone[v[1]] && zone[v[1]] == zone[v[2]];
        for (int k = 0; k < 3; k++)
            plain = plain && !field->is_near_edge[v[k]] && wanted[v[k]] > 0.0;
        if (plain)
            field->integral[zone[v[0]]] += area_mm2 * (open[v[0]] + open[v[1]] + open[v[2]]) / 3.0;
        else if (wanted[v[0]] + wanted[v[1]] + wanted[v[2]] > 0.0)
            integrate_parts(field, t, area_mm2);
    }
}

static double longest_edge_mm(const CaseRead *read)
{
    double longest = 0.0;
    for (int t = 0; t < read->topology.triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            const int *v = read->topology.triangle[t];
            longest = fmax(longest, vec_distance(read->head.position_mm[v[k]],
                                                 read->head.position_mm[v[(k + 1) % 3]]));
        }
    return longest;
}

bool audit_field_new(Arena *arena, const CaseRead *read, AuditField *field, Err *err)
{
    double edge_mm = longest_edge_mm(read);
    int count = read->topology.vertex_count;
    *field = (AuditField){.read = read,
                          .open_per_mm2 = ARENA_NEW(arena, double, (size_t)count),
                          .is_near_edge = ARENA_NEW(arena, bool, (size_t)count)};
    if (field->open_per_mm2 == NULL || field->is_near_edge == NULL)
        return err_set(err, ERR_LIMIT, "no room for the field at %d vertices", count);
    for (int v = 0; v < count; v++) {
        double nearest_mm = HUGE_VAL;
        if (!(read->field.wanted_per_mm2[v] > 0.0))
            continue;
        field->open_per_mm2[v] = read->field.wanted_per_mm2[v] *
                                 edge_share(read, read->head.position_mm[v], &nearest_mm);
        double *highest = &field->highest_per_mm2[read->field.zone[v]];
        *highest = fmax(*highest, field->open_per_mm2[v]);
        field->is_near_edge[v] = nearest_mm <= edge_mm;
    }
    integrate(field);
    return true;
}

bool audit_is_flat(const AuditField *field, Vec3 position_mm, double reach_mm)
{
    const Head *head = &field->read->head;
    HeadPoint here = head_nearest(head, position_mm);
    double density = audit_field_at(field, here);
    if (!(density > 0.0))
        return false;
    Vec3 normal = head_normal(head, here);
    Vec3 aside = fabs(normal.x) < 0.6 ? vec3(1, 0, 0) : vec3(0, 1, 0);
    Vec3 u = vec_normalize(vec_cross(aside, normal)), v = vec_cross(normal, u);
    for (int k = 0; k < EIGHT; k++) {
        double angle = 2.0 * 3.141592653589793 * k / EIGHT;
        Vec3 there =
            vec_madd(vec_madd(position_mm, reach_mm * cos(angle), u), reach_mm * sin(angle), v);
        double other = audit_field_at(field, head_nearest(head, there));
        if (!(other * AUDIT_FLAT > density && other < density * AUDIT_FLAT))
            return false;
    }
    return true;
}
