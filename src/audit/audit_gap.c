#include "audit/audit_internal.h"

#include <math.h>

enum { CLIMB_LIMIT = 64 }; /* steps: over a disc of 10 mm and down to 0.02 mm */
/* Largest empty disc, radius in spacings (field/sampling 6): 0.98 for even plans, 1.10 among fixed
 * hairs, "1.1" for natural ones, taken to the decimal that it has. */
static const double gap_even = 0.98, gap_fixed = 1.10, gap_natural = 1.15;

/* The disc around a place that holds neither a dot nor anything fixed: radius in spacings of both
 * together; 0 where nothing is wanted. */
static double empty_disc(const AuditJob *job, const AuditPrefix *prefix, Vec3 p, double *radius_mm)
{
    HeadPoint point = head_nearest(&job->read->head, p);
    double per_mm2 = prefix->share * job->units_per_dot * audit_field_at(&job->field, point);
    double to_fixed_mm;
    *radius_mm = 0.0;
    if (!(per_mm2 > 0.0))
        return 0.0;
    if (job->fixed.count > 0)
        per_mm2 += head_interpolate(&job->read->head, point, job->read->field.beside_per_mm2);
    double spacing_mm = 1.0 / sqrt(per_mm2);
    int near = -1;
    for (double reach = 1.2 * spacing_mm; near < 0 && reach < 600.0; reach *= 3.0)
        near = audit_grid_nearest(&prefix->grid, p, reach, -1, radius_mm);
    audit_grid_nearest(&job->fixed, p, *radius_mm, -1, &to_fixed_mm);
    *radius_mm = fmin(*radius_mm, to_fixed_mm);
    return *radius_mm / spacing_mm;
}

/* Whether a triangle's corners lie where the density is level. */
static bool is_level(const AuditJob *job, int triangle, const uint8_t flat[])
{
    const int *corner = job->read->topology.triangle[triangle];
    return flat[corner[0]] && flat[corner[1]] && flat[corner[2]];
}

/* Climbs to where the disc is widest, in steps that shrink, over the surface where it is level. */
static double climb(const AuditJob *job, const AuditPrefix *prefix, const uint8_t flat[], Vec3 *p,
                    double *radius_mm)
{
    const Head *head = &job->read->head;
    double best = empty_disc(job, prefix, *p, radius_mm), step_mm = 0.4;
    for (int tries = 0; tries < CLIMB_LIMIT && step_mm > 0.02; tries++) {
        Vec3 from = *p, normal = head_normal(head, head_nearest(head, *p));
        Vec3 aside = fabs(normal.x) < 0.6 ? vec3(1, 0, 0) : vec3(0, 1, 0);
        Vec3 u = vec_normalize(vec_cross(aside, normal)), v = vec_cross(normal, u);
        bool better = false;
        for (int k = 0; k < 8; k++) {
            double angle = 0.785398163397448 * k, radius;
            Vec3 to = vec_madd(vec_madd(from, step_mm * cos(angle), u), step_mm * sin(angle), v);
            HeadPoint point = head_nearest(head, to);
            if (point.triangle < 0 || !is_level(job, point.triangle, flat))
                continue;
            to = head_position_mm(head, point);
            double wide = empty_disc(job, prefix, to, &radius);
            if (wide > best + 1e-9) {
                best = wide;
                *p = to;
                *radius_mm = radius;
                better = true;
            }
        }
        if (!better)
            step_mm *= 0.5;
    }
    return best;
}

static double gap_limit(const AuditJob *job)
{
    const CaseRecord *record = &job->read->record;
    if (record->irregularity > 0.0 || job->units_per_dot < 1.0)
        return gap_natural;
    return job->fixed.count > 0 ? gap_fixed : gap_even;
}

static void say_gap(AuditJob *job, const AuditPart *part)
{
    char place[AUDIT_PLACE], when[AUDIT_PLACE];
    AuditFinding *finding = audit_add(job->audit, AUDIT_GAP, true, part->session, part->zone);
    if (finding == NULL)
        return;
    finding->value = part->gap;
    finding->limit = gap_limit(job);
    finding->has_place = true;
    finding->place_mm = part->gap_at_mm;
    audit_when(job, part->session, when);
    audit_place(part->zone, part->gap_at_mm, place);
    audit_say(finding,
              "%s there is a gap of %.1f mm %s, %.0f %% wider than the widest that an even spread "
              "leaves: a light spot",
              when, part->gap_mm, place, 100.0 * (part->gap / finding->limit - 1.0));
}

static void widen(AuditPart *part, double gap, double radius_mm, Vec3 at)
{
    if (part == NULL || gap <= part->gap)
        return;
    part->gap = gap;
    part->gap_mm = 2.0 * radius_mm;
    part->gap_at_mm = at;
}

/* A triangle of the canvas is about a spacing wide: discs are looked for from its middle and its
 * corners' halves, and what is promising is climbed. */
static void search_triangle(AuditJob *job, const AuditPrefix *prefix, const uint8_t flat[],
                            int session, int triangle)
{
    static const double start[4][3] = {
        {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0}, {0.6, 0.2, 0.2}, {0.2, 0.6, 0.2}, {0.2, 0.2, 0.6}};
    const double promising = 0.62; /* of the limit: a start lies within half a spacing of the top */
    HeadPoint middle = {triangle, {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0}};
    int zone = audit_zone_at(&job->field, middle);
    AuditPart *part = audit_part(job, session, zone), *all = audit_part(job, session, DESIGN_NONE);
    double top = 0.0, radius_mm;
    Vec3 at = {0};
    for (int k = 0; k < 4; k++) {
        HeadPoint point = {triangle, {start[k][0], start[k][1], start[k][2]}};
        Vec3 p = head_position_mm(&job->read->head, point);
        double gap = empty_disc(job, prefix, p, &radius_mm);
        if (gap > top) {
            top = gap;
            at = p;
        }
    }
    if (top < promising || top < promising * (part != NULL ? part->gap : 0.0))
        return;
    top = climb(job, prefix, flat, &at, &radius_mm);
    widen(part, top, radius_mm, at);
    widen(all, top, radius_mm, at);
}

bool audit_gaps(AuditJob *job, int session, Err *err)
{
    const HeadTopology *topology = &job->read->topology;
    size_t mark = arena_mark(job->scratch);
    uint8_t *flat = ARENA_NEW(job->scratch, uint8_t, (size_t)topology->vertex_count);
    AuditPrefix prefix;
    if (flat == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", topology->vertex_count);
    if (!audit_prefix_new(job, session, &prefix, err))
        return false;
    if (prefix.count == 0) { /* all of it is a gap, which the counts tell */
        arena_rewind(job->scratch, mark);
        return true;
    }
    for (int v = 0; v < topology->vertex_count; v++) {
        double per_mm2 = prefix.share * job->field.open_per_mm2[v];
        flat[v] = per_mm2 > 0.0 &&
                  audit_is_flat(&job->field, job->read->head.position_mm[v], 1.5 / sqrt(per_mm2));
    }
    for (int t = 0; t < topology->triangle_count; t++)
        if (is_level(job, t, flat))
            search_triangle(job, &prefix, flat, session, t);
    for (int p = 0; p < job->audit->part_count; p++) {
        const AuditPart *part = &job->audit->part[p];
        if (part->session == session && part->zone != DESIGN_NONE && part->gap > gap_limit(job))
            say_gap(job, part);
    }
    arena_rewind(job->scratch, mark);
    return true;
}
