#include "dots/dots_internal.h"

#include <assert.h>
#include <string.h>

/* The wanted density: a value per vertex, cut by lines. A line is only asked near itself; which
 * side a vertex farther off lies on is handed on from vertex to vertex, once. */
enum { GROUP = 8, QUADRATURE = 12 };
#define RAMP_LIMIT_MM 100.0

/* Segments in groups of GROUP with a ball around each. */
struct DotsLine {
    int point_count;
    Vec3 *point_mm; /* [point_count], the first again at the end when closed */
    Vec3 *normal;   /* [point_count] of the surface at the segment that begins here */
    int group_count;
    Vec3 *middle_mm;   /* [group_count] */
    double *radius_mm; /* [group_count] */
    double ramp_mm;
};

enum { SIDE_UNKNOWN, SIDE_KEPT = 1, SIDE_CLOSED = 2, SIDE_ASK = 4 };
/* Bits of DotsField.near. Nothing is wanted in a triangle with a corner that is shut: the corner is
 * farther beyond the line than the triangle is wide. */
enum { NEAR_ASK = 1, NEAR_SHUT = 2 };

static bool check_edge(int index, const DotsEdge *edge, Err *err)
{
    if (edge->point_count < (edge->closed ? 3 : 2))
        return err_set(err, ERR_INPUT, "edge %d has only %d points", index, edge->point_count);
    if (!(edge->ramp_mm >= 0.0 && edge->ramp_mm <= RAMP_LIMIT_MM))
        return err_set(err, ERR_INPUT, "ramp %g mm of edge %d is not within 0..%g", edge->ramp_mm,
                       index, RAMP_LIMIT_MM);
    double length = 0.0;
    for (int i = 0; i < edge->point_count; i++) {
        if (!vec_is_finite(edge->point_mm[i]))
            return err_set(err, ERR_INPUT, "point %d of edge %d is not finite", i, index);
        length += vec_distance(edge->point_mm[i], edge->point_mm[i > 0 ? i - 1 : 0]);
    }
    if (!(length > 0.0))
        return err_set(err, ERR_INPUT, "edge %d has no length", index);
    return true;
}

static bool line_new(Arena *arena, const DotsEdge *edge, DotsLine *line, Err *err)
{
    int count = edge->point_count + edge->closed, groups = (count - 1 + GROUP - 1) / GROUP;
    *line = (DotsLine){.point_count = 0,
                       .point_mm = ARENA_NEW(arena, Vec3, (size_t)count),
                       .normal = ARENA_NEW(arena, Vec3, (size_t)count),
                       .middle_mm = ARENA_NEW(arena, Vec3, (size_t)groups),
                       .radius_mm = ARENA_NEW(arena, double, (size_t)groups),
                       .ramp_mm = edge->ramp_mm};
    if (line->point_mm == NULL || line->normal == NULL || line->middle_mm == NULL ||
        line->radius_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for an edge of %d points", count);
    for (int i = 0; i < count; i++) { /* points on one spot count once */
        Vec3 p = edge->point_mm[i % edge->point_count];
        if (line->point_count > 0 &&
            !(vec_distance(p, line->point_mm[line->point_count - 1]) > 0.0))
            continue;
        line->point_mm[line->point_count++] = p;
    }
    line->group_count = (line->point_count - 1 + GROUP - 1) / GROUP;
    for (int g = 0; g < line->group_count; g++) {
        int begin = g * GROUP, end = begin + GROUP;
        end = end < line->point_count - 1 ? end : line->point_count - 1;
        Vec3 low = line->point_mm[begin], high = low;
        for (int i = begin; i <= end; i++) {
            Vec3 p = line->point_mm[i];
            low = vec3(fmin(low.x, p.x), fmin(low.y, p.y), fmin(low.z, p.z));
            high = vec3(fmax(high.x, p.x), fmax(high.y, p.y), fmax(high.z, p.z));
        }
        line->middle_mm[g] = vec_lerp(low, high, 0.5);
        line->radius_mm[g] = 0.5 * vec_distance(low, high);
    }
    return true;
}

static double square_to_segment(Vec3 p, Vec3 a, Vec3 b, Vec3 *foot)
{
    Vec3 along = vec_sub(b, a), off = vec_sub(p, a);
    double t = vec_dot(off, along) / vec_dot(along, along);
    *foot = vec_madd(a, t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t, along);
    Vec3 rest = vec_sub(p, *foot);
    return vec_dot(rest, rest);
}

/* Left of segment i: seen from outside, along the segment. */
static double side_of(const DotsLine *line, int i, Vec3 p)
{
    Vec3 along = vec_sub(line->point_mm[i + 1], line->point_mm[i]);
    return vec_dot(vec_cross(line->normal[i], along), vec_sub(p, line->point_mm[i])) /
           vec_length(along);
}

/* Distance (mm) from the line, negative to its right; beyond reach: reach or more, without a sign.
 * At a corner two segments are equally near: the one that p is farther off sideways decides. */
static double signed_distance_mm(const DotsLine *line, Vec3 p, double reach_mm, int *segment)
{
    double least = reach_mm * reach_mm, side = 0.0;
    *segment = -1;
    for (int g = 0; g < line->group_count; g++) {
        double bound = sqrt(least) + line->radius_mm[g];
        Vec3 off = vec_sub(p, line->middle_mm[g]);
        if (vec_dot(off, off) > bound * bound)
            continue;
        int end = (g + 1) * GROUP;
        end = end < line->point_count - 1 ? end : line->point_count - 1;
        for (int i = g * GROUP; i < end; i++) {
            Vec3 foot;
            double square = square_to_segment(p, line->point_mm[i], line->point_mm[i + 1], &foot);
            if (square > least * (1.0 + 1e-12))
                continue;
            double across = side_of(line, i, p);
            if (*segment < 0 || square < least * (1.0 - 1e-12) || fabs(across) > fabs(side)) {
                side = across;
                *segment = i;
            }
            least = fmin(least, square);
        }
    }
    return side < 0.0 ? -sqrt(least) : sqrt(least);
}

/* The normal of a segment is the mean of those of the vertices that it is nearest to; one too short
 * to have any takes that of the segment before it. */
static void take_normals(const DotsSurface *surface, DotsLine *line, double reach_mm,
                         uint8_t within[])
{
    int segment, last = line->point_count - 1;
    for (int v = 0; v < surface->vertex_count; v++) {
        double distance = signed_distance_mm(line, surface->position_mm[v], reach_mm, &segment);
        within[v] = segment >= 0 && fabs(distance) < reach_mm;
        if (within[v])
            line->normal[segment] = vec_add(line->normal[segment], surface->normal[v]);
    }
    int first = 0;
    while (first < last && !(vec_length(line->normal[first]) > 0.0))
        first++;
    Vec3 normal = line->normal[first];
    for (int i = 0; i <= last; i++) {
        if (vec_length(line->normal[i]) > 0.0)
            normal = line->normal[i];
        line->normal[i] = vec_normalize(normal);
    }
}

/* Hands known sides on from triangle to triangle. */
static bool spread_sides(Arena *scratch, const DotsSurface *surface, uint8_t side[], Err *err)
{
    int *queue = ARENA_NEW(scratch, int, 4 * (size_t)surface->triangle_count), head = 0, tail = 0;
    if (queue == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d triangles", surface->triangle_count);
    for (int t = 0; t < surface->triangle_count; t++)
        queue[tail++] = t;
    while (head < tail) {
        int t = queue[head++];
        const int *corner = surface->triangle[t];
        uint8_t known = side[corner[0]] | side[corner[1]] | side[corner[2]];
        bool changed = false;
        for (int k = 0; k < 3 && known != SIDE_UNKNOWN; k++)
            if (side[corner[k]] == SIDE_UNKNOWN) {
                side[corner[k]] = known & SIDE_KEPT ? SIDE_KEPT : SIDE_CLOSED;
                changed = true;
            }
        for (int k = 0; changed && k < 3; k++) /* a triangle changes once: 4 n is room enough */
            if (surface->across[t][k] >= 0)
                queue[tail++] = surface->across[t][k];
    }
    return true;
}

/* Marks the vertices where a line must be asked, and closes those that it cuts off. */
static bool apply_line(Arena *arena, DotsField *field, DotsLine *line, Err *err)
{
    const DotsSurface *surface = field->surface;
    size_t mark = arena_mark(arena);
    uint8_t *side = ARENA_NEW(arena, uint8_t, (size_t)surface->vertex_count);
    uint8_t *within = ARENA_NEW(arena, uint8_t, (size_t)surface->vertex_count);
    if (side == NULL || within == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", surface->vertex_count);
    double edge_mm = surface->longest_edge_mm, reach_mm = line->ramp_mm + 2.0 * edge_mm;
    int segment;
    take_normals(surface, line, reach_mm, within);
    for (int v = 0; v < surface->vertex_count; v++) {
        if (!within[v])
            continue;
        double distance = signed_distance_mm(line, surface->position_mm[v], reach_mm, &segment);
        side[v] = distance < 0.0 ? SIDE_CLOSED : SIDE_KEPT;
        if (distance > -edge_mm * 1.01 && distance < line->ramp_mm + edge_mm * 1.01)
            side[v] |= SIDE_ASK;
    }
    if (!spread_sides(arena, surface, side, err))
        return false;
    for (int v = 0; v < surface->vertex_count; v++) {
        if (side[v] & SIDE_ASK)
            field->near[v] |= NEAR_ASK;
        if (side[v] != SIDE_CLOSED)
            continue;
        field->near[v] |= NEAR_SHUT;
        field->open[v] = 0.0;
    }
    arena_rewind(arena, mark);
    return true;
}

static bool check_wanted(const DotsSurface *surface, const DotsWanted *wanted, Err *err)
{
    for (int v = 0; v < surface->vertex_count; v++) {
        if (!(wanted->per_mm2[v] >= 0.0 && isfinite(wanted->per_mm2[v])))
            return err_set(err, ERR_INPUT, "target %g per cm2 at vertex %d is not 0 or more",
                           wanted->per_mm2[v] * 100.0, v);
        if (wanted->zone != NULL && wanted->zone[v] >= DOTS_ZONES)
            return err_set(err, ERR_INPUT, "zone %d at vertex %d is not below %d", wanted->zone[v],
                           v, (int)DOTS_ZONES);
    }
    return true;
}

bool dots_field_new(Arena *arena, const DotsSurface *surface, const DotsWanted *wanted,
                    DotsField *field, Err *err)
{
    if (!check_wanted(surface, wanted, err))
        return false;
    size_t vertices = (size_t)surface->vertex_count;
    *field = (DotsField){.surface = surface,
                         .per_mm2 = wanted->per_mm2,
                         .zone = wanted->zone,
                         .line_count = wanted->edge_count,
                         .line = ARENA_NEW(arena, DotsLine, (size_t)wanted->edge_count),
                         .open = ARENA_NEW(arena, double, vertices)};
    if (field->line == NULL || field->open == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", surface->vertex_count);
    memcpy(field->open, wanted->per_mm2, vertices * sizeof(double));
    if (wanted->edge_count > 0) {
        field->near = ARENA_NEW(arena, uint8_t, vertices);
        if (field->near == NULL)
            return err_set(err, ERR_LIMIT, "no room for %d vertices", surface->vertex_count);
        for (int e = 0; e < wanted->edge_count; e++)
            if (!check_edge(e, &wanted->edge[e], err) ||
                !line_new(arena, &wanted->edge[e], &field->line[e], err) ||
                !apply_line(arena, field, &field->line[e], err))
                return false;
    }
    for (int v = 0; v < surface->vertex_count; v++)
        field->highest_per_mm2 = fmax(field->highest_per_mm2, field->open[v]);
    return true;
}

static int nearness(const DotsField *field, int triangle)
{
    const int *corner = field->surface->triangle[triangle];
    return field->near == NULL
               ? 0
               : field->near[corner[0]] | field->near[corner[1]] | field->near[corner[2]];
}

double dots_field_at(const DotsField *field, HeadPoint point)
{
    int near = nearness(field, point.triangle);
    if (near & NEAR_SHUT)
        return 0.0;
    if (near == 0)
        return dots_interpolate(field->surface, point, field->open);
    double density = dots_interpolate(field->surface, point, field->per_mm2);
    Vec3 p = dots_position_mm(field->surface, point);
    double reach_mm = 2.1 * field->surface->longest_edge_mm; /* no line that matters is farther */
    for (int e = 0; e < field->line_count && density > 0.0; e++) {
        const DotsLine *line = &field->line[e];
        int segment;
        double distance = signed_distance_mm(line, p, line->ramp_mm + reach_mm, &segment);
        if (distance < 0.0)
            return 0.0;
        if (distance < line->ramp_mm)
            density *= distance / line->ramp_mm;
    }
    return density;
}

int dots_zone_at(const DotsField *field, HeadPoint point)
{
    if (field->zone == NULL)
        return 0;
    const int *corner = field->surface->triangle[point.triangle];
    int best = -1;
    for (int k = 0; k < 3; k++)
        if (field->per_mm2[corner[k]] > 0.0 && (best < 0 || point.weight[k] > point.weight[best]))
            best = k;
    return field->zone[corner[best < 0 ? 0 : best]];
}

/* A triangle that no line is near and that lies in one zone. */
static void add_plain(DotsMass *mass, const DotsField *field, int t, double area_mm2)
{
    const int *corner = field->surface->triangle[t];
    const double *d = field->open;
    double sum = d[corner[0]] + d[corner[1]] + d[corner[2]];
    for (int k = 0; k < 3; k++)
        mass->vertex[corner[k]] += area_mm2 / 12.0 * (sum + d[corner[k]]);
    int zone = 0;
    for (int k = 0; k < 3; k++)
        if (field->zone != NULL && field->per_mm2[corner[k]] > 0.0)
            zone = field->zone[corner[k]];
    mass->zone[zone] += area_mm2 / 3.0 * sum;
    mass->triangle[t] = sum / 3.0;
}

/* Midpoint rule over QUADRATURE^2 equal parts. */
static void add_parts(DotsMass *mass, const DotsField *field, int t, double area_mm2)
{
    const int *corner = field->surface->triangle[t];
    double part = area_mm2 / (QUADRATURE * QUADRATURE), sum = 0.0;
    for (int i = 0; i < QUADRATURE; i++)
        for (int j = 0; j < 2 * (QUADRATURE - i) - 1; j++) {
            double third = j % 2 == 0 ? 1.0 / 3.0 : 2.0 / 3.0;
            double b = (i + third) / QUADRATURE, c = (j / 2 + third) / QUADRATURE;
            HeadPoint point = {.triangle = t, .weight = {1.0 - b - c, b, c}};
            double dots = part * dots_field_at(field, point);
            sum += dots;
            for (int k = 0; k < 3; k++)
                mass->vertex[corner[k]] += dots * point.weight[k];
            mass->zone[dots_zone_at(field, point)] += dots;
        }
    mass->triangle[t] = area_mm2 > 0.0 ? sum / area_mm2 : 0.0;
}

static bool is_one_zone(const DotsField *field, const int corner[3])
{
    int zone = -1;
    for (int k = 0; k < 3; k++) {
        if (field->zone == NULL || !(field->per_mm2[corner[k]] > 0.0))
            continue;
        if (zone >= 0 && field->zone[corner[k]] != zone)
            return false;
        zone = field->zone[corner[k]];
    }
    return true;
}

bool dots_mass_new(Arena *arena, const DotsField *field, const DotsFacet facet[], DotsMass *mass,
                   Err *err)
{
    const DotsSurface *surface = field->surface;
    *mass = (DotsMass){.vertex = ARENA_NEW(arena, double, (size_t)surface->vertex_count),
                       .triangle = ARENA_NEW(arena, double, (size_t)surface->triangle_count)};
    if (mass->vertex == NULL || mass->triangle == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d triangles", surface->triangle_count);
    for (int t = 0; t < surface->triangle_count; t++) {
        int near = nearness(field, t);
        if (near & NEAR_SHUT)
            continue;
        if (near != 0 || !is_one_zone(field, surface->triangle[t]))
            add_parts(mass, field, t, facet[t].area_mm2);
        else
            add_plain(mass, field, t, facet[t].area_mm2);
    }
    for (int z = 0; z < DOTS_ZONES; z++)
        mass->total += mass->zone[z];
    return true;
}

typedef struct BorderDraft {
    DotsBorder *border;
    double step_mm;
    bool write; /* false: only count */
} BorderDraft;

/* Pieces of a stretch, none longer than a step. */
static void add_stretch(BorderDraft *draft, Vec3 a, Vec3 b, Vec3 inward)
{
    double length = vec_distance(a, b);
    int pieces = (int)ceil(length / draft->step_mm);
    for (int i = 0; i < pieces; i++, draft->border->count++) {
        if (!draft->write)
            continue;
        draft->border->position_mm[draft->border->count] = vec_lerp(a, b, (i + 0.5) / pieces);
        draft->border->inward_mm[draft->border->count] = vec_scale(inward, length / pieces);
    }
}

static void add_lines(BorderDraft *draft, const DotsField *field)
{
    for (int e = 0; e < field->line_count; e++) {
        const DotsLine *line = &field->line[e];
        for (int i = 0; i + 1 < line->point_count && !(line->ramp_mm > 0.0); i++) {
            Vec3 a = line->point_mm[i], b = line->point_mm[i + 1];
            Vec3 inward = vec_cross(line->normal[i], vec_sub(b, a));
            add_stretch(draft, a, b, vec_normalize(inward));
        }
    }
}

static void add_rim(BorderDraft *draft, const DotsField *field, const DotsFacet facet[])
{
    const DotsSurface *surface = field->surface;
    for (int t = 0; t < surface->triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            const int *corner = surface->triangle[t];
            int a = corner[k], b = corner[(k + 1) % 3];
            if (surface->across[t][k] >= 0 || !(field->open[a] > 0.0 && field->open[b] > 0.0))
                continue;
            Vec3 from = surface->position_mm[a], to = surface->position_mm[b];
            Vec3 inward = vec_normalize(vec_cross(facet[t].normal, vec_sub(to, from)));
            add_stretch(draft, from, to, inward);
        }
}

bool dots_border_new(Arena *arena, const DotsField *field, const DotsFacet facet[], double step_mm,
                     DotsBorder *border, Err *err)
{
    assert(step_mm > 0.0);
    *border = (DotsBorder){0};
    BorderDraft draft = {.border = border, .step_mm = step_mm};
    add_lines(&draft, field);
    add_rim(&draft, field, facet);
    border->position_mm = ARENA_NEW(arena, Vec3, (size_t)border->count);
    border->inward_mm = ARENA_NEW(arena, Vec3, (size_t)border->count);
    if (border->position_mm == NULL || border->inward_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for a border of %d pieces", border->count);
    border->count = 0;
    draft.write = true;
    add_lines(&draft, field);
    add_rim(&draft, field, facet);
    return true;
}
