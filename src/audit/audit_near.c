#include "audit/audit_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Places are rounded to 0.001 mm, so a distance is known to this. */
static const double rounding_mm = 0.002;
/* Nearest fixed point in hexagonal spacings of dots and fixed points together (field/sampling 6):
 * the closest, and its first percentile where enough dots have one near. */
static const double fixed_least = 0.62, fixed_first_percentile = 0.75;
enum { ENOUGH = 100 };
/* "Near" a fixed point: within this many spacings. */
static const double near_spacings = 3.0;
/* Where a design fades out below this share of its zone's density, no spacing is meant. */
static const double faded_share = 0.1;
bool audit_prefix_new(AuditJob *job, int session, AuditPrefix *prefix, Err *err)
{
    const CaseDots *dots = &job->read->dots;
    const double cell_mm = 1.5;
    *prefix = (AuditPrefix){.row = ARENA_NEW(job->scratch, int, (size_t)dots->count),
                            .at = ARENA_NEW(job->scratch, Vec3, (size_t)dots->count),
                            .share = job->until[session - 1]};
    if (prefix->row == NULL || prefix->at == NULL)
        return err_set(err, ERR_LIMIT, "no room for the %d dots of a session", dots->count);
    for (int i = 0; i < dots->count; i++)
        if (dots->dot[i].session < session && job->dot[i].point.triangle >= 0) {
            prefix->row[prefix->count] = i;
            prefix->at[prefix->count++] = job->position_mm[i];
        }
    return audit_grid_new(job->scratch, prefix->count, prefix->at, cell_mm, &prefix->grid, err);
}

/* ---- two dots ---- */

/* The closest pair of a zone among those that are too close, and how many there are. */
typedef struct Closest {
    int count, row, other;
    double distance_mm, least_mm;
} Closest;

static void say_close(AuditJob *job, int zone, const Closest *pair)
{
    char place[AUDIT_PLACE], more[48] = "";
    AuditFinding *finding = audit_add(job->audit, AUDIT_CLOSE, true, 0, zone);
    if (finding == NULL)
        return;
    double grown_mm =
        skin_grown_diameter_mm(job->read->record.healed_diameter_mm, &job->read->record.ageing,
                               job->read->record.growth_years);
    const char *look =
        pair->distance_mm < 0.05       ? "they stand on each other: the needle would go in twice"
        : pair->distance_mm < grown_mm ? "grown they touch: they would read as one dark spot"
                                       : "grown they would read as one";
    finding->count = pair->count;
    finding->value = pair->distance_mm;
    finding->limit = pair->least_mm;
    finding->dot[0] = job->read->dots.dot[pair->row].site;
    finding->dot[1] = job->read->dots.dot[pair->other].site;
    finding->has_place = true;
    finding->place_mm = job->position_mm[pair->row];
    audit_place(zone, finding->place_mm, place);
    if (pair->count > 1)
        snprintf(more, sizeof more, " (and %d more like them)", pair->count - 1);
    audit_say(finding, "two dots %s are %.2f mm apart, %.2f are needed: %s%s", place,
              pair->distance_mm, pair->least_mm, look, more);
}

/* Pairs are told once, for the whole plan: a session's pairs are among them. */
static void find_close(AuditJob *job, const AuditPrefix *prefix)
{
    const CaseDot *dot = job->read->dots.dot;
    Closest closest[DESIGN_ZONES] = {{0}};
    for (int k = 0; k < prefix->count; k++) {
        double distance_mm, reach_mm = 0.0;
        int i = prefix->row[k];
        for (int z = 0; z < DESIGN_ZONES; z++)
            reach_mm = fmax(reach_mm, audit_spacing_mm(job, (int)dot[i].zone, z));
        int near = audit_grid_nearest(&prefix->grid, prefix->at[k], reach_mm, k, &distance_mm);
        if (near < 0)
            continue;
        int other = prefix->row[near];
        double least_mm = audit_spacing_mm(job, (int)dot[i].zone, (int)dot[other].zone);
        if (distance_mm >= least_mm - rounding_mm)
            continue;
        Closest *worst = &closest[dot[i].zone];
        worst->count += i < other || dot[i].zone != dot[other].zone;
        if (worst->distance_mm <= 0.0 || distance_mm < worst->distance_mm)
            *worst = (Closest){worst->count, i, other, fmax(distance_mm, 1e-9), least_mm};
    }
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        if (closest[zone].distance_mm > 0.0) {
            closest[zone].count = closest[zone].count > 0 ? closest[zone].count : 1;
            say_close(job, zone, &closest[zone]);
        }
}

/* The smallest distance in each part. */
static void measure_nearest(AuditJob *job, int session, const AuditPrefix *prefix)
{
    AuditPart *all = audit_part(job, session, DESIGN_NONE);
    for (int k = 0; k < prefix->count; k++) {
        double distance_mm = HUGE_VAL;
        int near = -1;
        for (double reach = 2.0; near < 0 && reach < 600.0; reach *= 4.0)
            near = audit_grid_nearest(&prefix->grid, prefix->at[k], reach, k, &distance_mm);
        if (near < 0)
            continue;
        AuditPart *part = audit_part(job, session, (int)job->read->dots.dot[prefix->row[k]].zone);
        distance_mm = fmax(distance_mm, 1e-9); /* 0 says that there are not two */
        if (part != NULL && (part->nearest_mm <= 0.0 || distance_mm < part->nearest_mm))
            part->nearest_mm = distance_mm;
        if (all->nearest_mm <= 0.0 || distance_mm < all->nearest_mm)
            all->nearest_mm = distance_mm;
    }
}

/* ---- a dot and what is fixed ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Dots of the prefix and fixed points together. */
static double union_per_mm2(const AuditJob *job, HeadPoint point, double share)
{
    if (point.triangle < 0)
        return 0.0;
    return share * audit_field_at(&job->field, point) +
           head_interpolate(&job->read->head, point, job->read->field.beside_per_mm2);
}

/* Distance to the nearest fixed point in hexagonal spacings of the union, or HUGE_VAL. As between
 * two dots, the spacing is that of the geometric mean of the densities at both ends. */
static double fixed_ratio(const AuditJob *job, int row, double share, int *fixed,
                          double *distance_mm)
{
    const double far_mm = 12.0;
    double here = union_per_mm2(job, job->dot[row].point, share);
    int zone = (int)job->read->dots.dot[row].zone;
    if (job->dot[row].wanted_per_mm2 < faded_share * job->field.highest_per_mm2[zone])
        return HUGE_VAL;
    *fixed = audit_grid_nearest(&job->fixed, job->position_mm[row], far_mm, -1, distance_mm);
    if (*fixed < 0 || !(here > 0.0))
        return HUGE_VAL;
    HeadPoint there = head_nearest(&job->read->head, job->fixed_mm[*fixed]);
    double both = sqrt(here * union_per_mm2(job, there, share));
    double ratio = *distance_mm * sqrt(both) / AUDIT_HEX;
    return both > 0.0 && ratio < near_spacings ? ratio : HUGE_VAL;
}

static const char *fixed_words(DotsFixedKind kind)
{
    switch (kind) {
    case DOTS_FOLLICLE:
        return "hair";
    case DOTS_GRAFT:
        return "graft";
    case DOTS_EARLIER:
        return "earlier dot";
    }
    return "hair";
}

typedef struct NearFixed {
    int count, row, fixed;
    double ratio, distance_mm;
} NearFixed;

static void say_hair(AuditJob *job, int session, int zone, const NearFixed *worst)
{
    char place[AUDIT_PLACE], when[AUDIT_PLACE];
    AuditFinding *finding = audit_add(job->audit, AUDIT_HAIR, true, session, zone);
    if (finding == NULL)
        return;
    const DotsFixed *fixed = &job->read->fixed[worst->fixed];
    finding->count = worst->count;
    finding->value = worst->distance_mm;
    finding->limit = worst->distance_mm / worst->ratio * fixed_least;
    finding->dot[0] = job->read->dots.dot[worst->row].site;
    finding->has_place = true;
    finding->place_mm = job->position_mm[worst->row];
    audit_place(zone, finding->place_mm, place);
    audit_when(job, session, when);
    const char *look = fixed->kind == DOTS_EARLIER ? "the two would be seen as a pair"
                                                   : "the hair would look thick and blurred";
    audit_say(finding, "%s a dot %s is %.2f mm from %s %s, %.2f are needed: %s", when, place,
              worst->distance_mm, fixed->kind == DOTS_EARLIER ? "an" : "a",
              fixed_words(fixed->kind), finding->limit, look);
}

static void find_earlier(AuditJob *job, const AuditPrefix *prefix)
{
    Closest closest = {0};
    int at = -1;
    for (int k = 0; k < prefix->count; k++) {
        double distance_mm;
        int i = prefix->row[k], zone = (int)job->read->dots.dot[i].zone;
        double least_mm = audit_spacing_mm(job, zone, zone);
        int fixed = audit_grid_nearest(&job->fixed, prefix->at[k], least_mm - rounding_mm, -1,
                                       &distance_mm);
        if (fixed < 0 || job->read->fixed[fixed].kind != DOTS_EARLIER)
            continue;
        closest.count++;
        if (at < 0 || distance_mm < closest.distance_mm) {
            at = fixed;
            closest = (Closest){closest.count, i, -1, distance_mm, least_mm};
        }
    }
    AuditFinding *finding =
        at >= 0 ? audit_add(job->audit, AUDIT_HAIR, true, 0, DESIGN_NONE) : NULL;
    if (finding == NULL)
        return;
    char place[AUDIT_PLACE];
    finding->count = closest.count;
    finding->value = closest.distance_mm;
    finding->limit = closest.least_mm;
    finding->dot[0] = job->read->dots.dot[closest.row].site;
    finding->has_place = true;
    finding->place_mm = job->position_mm[closest.row];
    audit_place((int)job->read->dots.dot[closest.row].zone, finding->place_mm, place);
    audit_say(finding,
              "a dot %s is %.2f mm from an earlier dot, %.2f are needed: grown they would read as "
              "one",
              place, closest.distance_mm, closest.least_mm);
}

static bool measure_fixed(AuditJob *job, int session, const AuditPrefix *prefix, Err *err)
{
    double *ratio = ARENA_NEW(job->scratch, double, (size_t)prefix->count);
    if (ratio == NULL)
        return err_set(err, ERR_LIMIT, "no room for the distances of %d dots", prefix->count);
    for (int p = 0; p < job->audit->part_count; p++) {
        AuditPart *part = &job->audit->part[p];
        NearFixed worst = {.ratio = HUGE_VAL};
        if (part->session != session)
            continue;
        for (int k = 0; k < prefix->count; k++) {
            int i = prefix->row[k], fixed;
            double distance_mm;
            if (part->zone != DESIGN_NONE && (int)job->read->dots.dot[i].zone != part->zone)
                continue;
            double here = fixed_ratio(job, i, prefix->share, &fixed, &distance_mm);
            if (!isfinite(here))
                continue;
            ratio[part->near_fixed++] = here;
            worst.count += here < fixed_least;
            if (here < worst.ratio)
                worst = (NearFixed){worst.count, i, fixed, here, distance_mm};
        }
        if (part->near_fixed == 0)
            continue;
        qsort(ratio, (size_t)part->near_fixed, sizeof ratio[0], by_size);
        part->fixed_least = ratio[0];
        part->fixed_p1 = ratio[part->near_fixed / 100];
        if (part->zone != DESIGN_NONE && part->fixed_least < fixed_least - 0.005)
            say_hair(job, session, part->zone, &worst);
        else if (part->zone == DESIGN_NONE && part->near_fixed >= ENOUGH &&
                 !(job->read->record.irregularity > 0.0) && part->fixed_least >= fixed_least &&
                 part->fixed_p1 < fixed_first_percentile - 0.01)
            say_hair(job, session, part->zone, &worst);
    }
    return true;
}

bool audit_distances(AuditJob *job, int session, Err *err)
{
    size_t mark = arena_mark(job->scratch);
    AuditPrefix prefix;
    if (!audit_prefix_new(job, session, &prefix, err))
        return false;
    measure_nearest(job, session, &prefix);
    bool last = session == job->read->record.session_count;
    if (last)
        find_close(job, &prefix);
    if (last && job->fixed.count > 0)
        find_earlier(job, &prefix);
    if (job->fixed.count > 0 && !measure_fixed(job, session, &prefix, err))
        return false;
    arena_rewind(job->scratch, mark);
    return true;
}
