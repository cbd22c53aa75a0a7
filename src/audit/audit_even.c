#include "audit/audit_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What field/sampling section 6 asks of a session prefix that holds the share f of all dots: just
 * outside the worst of its measured runs, for three and four equal sessions; between those shares
 * on the straight line. A lattice of the whole set bounds a prefix (4.3): halves are the worst. */
typedef struct Limits {
    double share, alpha, p1, f50, f200;
} Limits;
static const Limits even_limits[] = {
    {0.25, 0.840, 0.70, 0.050, 0.030},  {0.33, 0.840, 0.70, 0.050, 0.030},
    {0.50, 0.785, 0.685, 0.056, 0.032}, {0.67, 0.810, 0.695, 0.062, 0.042},
    {0.75, 0.815, 0.695, 0.082, 0.076}, {1.00, 0.815, 0.66, 0.083, 0.076}};
enum { LIMITS = sizeof even_limits / sizeof even_limits[0] };
static const double psi6_most = 0.51, hex_most = 0.05;
/* With irregularity: alpha and p1 relative to the even ones, F50 relative to it, from the table of
 * field/sampling 4.4 by spacing variation of the last prefix; F200 0.06 by section 6. The table is
 * of one run each, and section 6 asks nothing of alpha and p1 then: they may be lower still. */
static const struct {
    double nn_cv, alpha, p1, f50;
} natural[] = {{0.090, 1.000, 1.000, 1.00}, {0.104, 0.990, 0.957, 1.46},
               {0.120, 0.981, 0.894, 2.04}, {0.143, 0.967, 0.832, 2.93},
               {0.195, 0.933, 0.711, 8.10}, {0.260, 0.890, 0.560, 16.0}};
enum { NATURAL = sizeof natural / sizeof natural[0] };
static const double alpha_loose = 0.96, p1_loose = 0.8;
/* The spacing variation of a natural plan may be this far from what was aimed at. */
static const double nn_cv_slack = 0.015;
/* Figures of fewer dots than this say nothing about a zone. */
enum { ENOUGH = 300 };
/* Away from borders: farther than this many spacings from where the density falls or rises. */
static const double border_spacings = 1.5;
/* Fixed points bend the pattern around them: dots count where they are less than this share. */
static const double fixed_share = 0.05;

static double along(double t, double a, double b)
{
    return a + (b - a) * fmin(fmax(t, 0.0), 1.0);
}

static Limits limits_at(double share)
{
    int k = 0;
    while (k < LIMITS - 2 && share > even_limits[k + 1].share)
        k++;
    const Limits *a = &even_limits[k], *b = a + 1;
    double t = (share - a->share) / (b->share - a->share);
    return (Limits){share, along(t, a->alpha, b->alpha), along(t, a->p1, b->p1),
                    along(t, a->f50, b->f50), along(t, a->f200, b->f200)};
}

/* The spacing variation that a natural plan is held to; 0 for an even one. */
static double aimed_nn_cv(const CaseRecord *record)
{
    return record->irregularity > 0.0 ? fmax(record->nn_cv, natural[0].nn_cv) : 0.0;
}

static void loosen(double nn_cv, Limits *limits)
{
    int k = 0;
    while (k < NATURAL - 2 && nn_cv > natural[k + 1].nn_cv)
        k++;
    double t = (nn_cv - natural[k].nn_cv) / (natural[k + 1].nn_cv - natural[k].nn_cv);
    limits->alpha *= alpha_loose * along(t, natural[k].alpha, natural[k + 1].alpha);
    limits->p1 *= p1_loose * along(t, natural[k].p1, natural[k + 1].p1);
    limits->f50 *= along(t, natural[k].f50, natural[k + 1].f50);
    limits->f200 = fmax(limits->f200, 0.06);
}

/* Three standard errors of each figure for n dots: spread of nearest distances 0.08, of psi6 0.2;
 * the first percentile by the density of a normal distribution there; variances by n / 50 and n /
 * 200 discs that do not overlap. */
typedef struct Slack {
    double alpha, p1, psi6, hex, f50, f200, nn_cv;
} Slack;

/* The limits are those of domains without feathers and islands; zones have little else. */
static const double zone_alpha = 0.015;

static Slack slack_of(int n)
{
    double root = sqrt((double)n);
    return (Slack){.alpha = zone_alpha + 3.0 * 0.066 / root,
                   .p1 = 3.0 * 0.246 / root,
                   .psi6 = 3.0 * 0.2 / root,
                   .hex = 3.0 * sqrt(hex_most * (1.0 - hex_most)) / root,
                   .f50 = 1.0 + 3.0 * sqrt(2.0 * 50.0) / root,
                   .f200 = 1.0 + 3.0 * sqrt(2.0 * 200.0) / root,
                   .nn_cv = 3.0 * 0.15 / (sqrt(2.0) * root)};
}

/* ---- the points of a prefix ---- */

typedef struct Points {
    int count;
    Vec3 *at, *normal;
    double *per_mm2;
    uint8_t *inner, *zone;
    double *vertex_per_mm2;
} Points;

static bool points_alloc(AuditJob *job, Points *points, Err *err)
{
    size_t count = (size_t)job->read->dots.count;
    *points = (Points){.at = ARENA_NEW(job->scratch, Vec3, count),
                       .normal = ARENA_NEW(job->scratch, Vec3, count),
                       .per_mm2 = ARENA_NEW(job->scratch, double, count),
                       .inner = ARENA_NEW(job->scratch, uint8_t, count),
                       .zone = ARENA_NEW(job->scratch, uint8_t, count),
                       .vertex_per_mm2 = ARENA_NEW(job->scratch, double,
                                                   (size_t)job->read->topology.vertex_count)};
    return (points->at != NULL && points->normal != NULL && points->per_mm2 != NULL &&
            points->inner != NULL && points->zone != NULL && points->vertex_per_mm2 != NULL) ||
           err_set(err, ERR_LIMIT, "no room for the pattern of %zu dots", count);
}

static int by_key(const void *a, const void *b)
{
    const AuditCell *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

/* Rows in the order of their units, so that those of one stand together. */
static bool sort_units(AuditJob *job, int session, int *count, AuditCell **row, Err *err)
{
    const CaseDots *dots = &job->read->dots;
    *count = 0;
    *row = ARENA_NEW(job->scratch, AuditCell, (size_t)dots->count);
    if (*row == NULL)
        return err_set(err, ERR_LIMIT, "no room for the units of %d dots", dots->count);
    for (int i = 0; i < dots->count; i++)
        if (job->dot[i].is_sound && dots->dot[i].session < session)
            (*row)[(*count)++] = (AuditCell){(uint64_t)dots->dot[i].unit, i};
    if (audit_units_per_dot(&job->read->record) < 1.0)
        qsort(*row, (size_t)*count, sizeof **row, by_key);
    return true;
}

static void add_point(AuditJob *job, const AuditCell row[], int dots, Points *points)
{
    int first = row[0].item, k = points->count++;
    Vec3 sum = {0};
    for (int i = 0; i < dots; i++)
        sum = vec_add(sum, job->position_mm[row[i].item]);
    points->at[k] = vec_scale(sum, 1.0 / dots);
    points->normal[k] = head_normal(&job->read->head, job->dot[first].point);
    points->per_mm2[k] = job->dot[first].wanted_per_mm2;
    points->zone[k] = (uint8_t)job->read->dots.dot[first].zone;
}

/* Where dots come in units, the units are the points, and there are fewer of them. */
static bool gather(AuditJob *job, int session, Points *points, Err *err)
{
    int count;
    AuditCell *row;
    if (!points_alloc(job, points, err) || !sort_units(job, session, &count, &row, err))
        return false;
    bool units = audit_units_per_dot(&job->read->record) < 1.0;
    for (int i = 0, next; i < count; i = next) {
        next = i + 1;
        while (units && next < count && row[next].key == row[i].key)
            next++;
        add_point(job, &row[i], next - i, points);
    }
    double share = job->until[session - 1] * (count > 0 ? (double)points->count / count : 1.0);
    for (int k = 0; k < points->count; k++) {
        points->per_mm2[k] *= share;
        double beside = 0.0;
        if (job->fixed.count > 0)
            beside =
                head_interpolate(&job->read->head, head_nearest(&job->read->head, points->at[k]),
                                 job->read->field.beside_per_mm2);
        points->inner[k] =
            beside < fixed_share * points->per_mm2[k] &&
            audit_is_flat(&job->field, points->at[k], border_spacings / sqrt(points->per_mm2[k]));
    }
    for (int v = 0; v < job->read->topology.vertex_count; v++)
        points->vertex_per_mm2[v] = share * job->field.open_per_mm2[v];
    return true;
}

static bool measure(AuditJob *job, const Points *points, AuditPart *part, Err *err)
{
    size_t mark = arena_mark(job->scratch);
    PatternInput input = {.count = points->count,
                          .position_mm = points->at,
                          .normal = points->normal,
                          .per_mm2 = points->per_mm2,
                          .inner = points->inner,
                          .seed = 1};
    if (part->zone != DESIGN_NONE) {
        uint8_t *inner = ARENA_NEW(job->scratch, uint8_t, (size_t)points->count);
        if (inner == NULL)
            return err_set(err, ERR_LIMIT, "no room for the dots of a zone");
        for (int k = 0; k < points->count; k++)
            inner[k] = points->inner[k] && points->zone[k] == part->zone;
        input.inner = inner;
    } else {
        input.surface = &job->surface; /* blotches are looked for over all zones at once */
        input.vertex_per_mm2 = points->vertex_per_mm2;
    }
    int enough = 0;
    for (int k = 0; k < points->count; k++)
        enough += input.inner[k];
    Err refusal = {0};
    bool ok = enough >= ENOUGH && pattern_measure(job->scratch, &input, &part->pattern, &refusal);
    if (!ok)
        part->pattern = (Pattern){.count = points->count};
    arena_rewind(job->scratch, mark);
    if (!ok && (refusal.code == ERR_LIMIT || refusal.code == ERR_CANCELLED)) {
        *err = refusal;
        return false;
    }
    return true; /* a pattern that cannot be measured has other findings */
}

/* ---- judging ---- */

/* The middle of the zone's dots, for the words. */
static Vec3 middle_of(const Points *points, int zone)
{
    Vec3 sum = {0};
    int count = 0;
    for (int k = 0; k < points->count; k++)
        if (zone == DESIGN_NONE || points->zone[k] == zone) {
            sum = vec_add(sum, points->at[k]);
            count++;
        }
    return vec_scale(sum, 1.0 / (count > 0 ? count : 1));
}

typedef struct Judged {
    AuditJob *job;
    const AuditPart *part;
    Vec3 middle_mm;
    char when[AUDIT_PLACE], place[AUDIT_PLACE];
} Judged;

static AuditFinding *judge(const Judged *judged, AuditKind kind, bool defect, double value,
                           double limit)
{
    AuditFinding *finding =
        audit_add(judged->job->audit, kind, defect, judged->part->session, judged->part->zone);
    if (finding == NULL)
        return NULL;
    finding->value = value;
    finding->limit = limit;
    finding->has_place = judged->part->zone != DESIGN_NONE;
    finding->place_mm = judged->middle_mm;
    return finding;
}

static void judge_clumped(const Judged *judged, const Limits *limits, const Slack *slack)
{
    const Pattern *p = &judged->part->pattern;
    if (p->alpha < limits->alpha - slack->alpha) {
        AuditFinding *finding = judge(judged, AUDIT_CLUMPED, true, p->alpha, limits->alpha);
        if (finding != NULL)
            audit_say(finding,
                      "%s the dots %s stand unevenly (mean distance %.2f of an even spread, %.2f "
                      "asked): clumps and thin places would show",
                      judged->when, judged->place, p->alpha, limits->alpha);
    } else if (p->p1 < limits->p1 - slack->p1) {
        AuditFinding *finding = judge(judged, AUDIT_CLUMPED, true, p->p1, limits->p1);
        if (finding != NULL)
            audit_say(finding,
                      "%s one dot in a hundred %s is closer to its neighbour than %.2f of an even "
                      "spread (%.2f asked): pairs would read as dark spots",
                      judged->when, judged->place, p->p1, limits->p1);
    }
}

static void judge_even(const Judged *judged, const Slack *slack)
{
    const Pattern *p = &judged->part->pattern;
    if (!(p->psi6 > psi6_most + slack->psi6) && !(p->hex_share > hex_most + slack->hex))
        return;
    bool by_hex = p->hex_share > hex_most + slack->hex;
    AuditFinding *finding = judge(judged, AUDIT_LATTICE, true, by_hex ? p->hex_share : p->psi6,
                                  by_hex ? hex_most : psi6_most);
    if (finding != NULL)
        audit_say(finding,
                  "%s too even: lattice-like %s (%.0f %% of the dots in perfect sixfold order, "
                  "order %.2f): rows like these give the work away",
                  judged->when, judged->place, 100.0 * p->hex_share, p->psi6);
}

/* Whether the distance that grown dots keep cuts off the short distances that such a variation
 * needs: those of two standard deviations below the mean. */
static bool is_held_by_spacing(const AuditJob *job, const Points *points, int zone, double nn_cv)
{
    const double mean = 0.80, deviations = 2.0; /* alpha of natural plans (field/sampling 4.4) */
    double density = 0.0;
    int count = 0;
    if (audit_units_per_dot(&job->read->record) < 1.0)
        return true; /* the dots of two units keep it, which stand around their middles */
    for (int k = 0; k < points->count; k++)
        if (points->inner[k] && points->zone[k] == zone) {
            density += points->per_mm2[k];
            count++;
        }
    double even_mm = AUDIT_HEX / sqrt(density / (count > 0 ? count : 1));
    return audit_spacing_mm(job, zone, zone) / even_mm > mean * (1.0 - deviations * nn_cv);
}

/* The last prefix of a natural plan is held to the variation that was aimed at. More even than that
 * is no defect where the spacing rule leaves no choice, but the practitioner should know. */
static void judge_variation(const Judged *judged, const Points *points, const Slack *slack)
{
    const CaseRecord *record = &judged->job->read->record;
    const AuditPart *part = judged->part;
    double off = part->pattern.nn_cv - record->nn_cv;
    if (!(record->irregularity > 0.0) || !(record->nn_cv > 0.0) ||
        part->session != record->session_count || !(fabs(off) > nn_cv_slack + slack->nn_cv))
        return;
    bool held = off < 0.0 && is_held_by_spacing(judged->job, points, part->zone, record->nn_cv);
    AuditFinding *finding = judge(judged, off > 0.0 ? AUDIT_CLUMPED : AUDIT_LATTICE, !held,
                                  part->pattern.nn_cv, record->nn_cv);
    if (finding == NULL)
        return;
    if (held)
        audit_say(finding,
                  "%s the spacing %s varies by %.0f %%, %.0f %% were aimed at: the %.2f mm that "
                  "grown dots keep allow no more; smaller dots or fewer years would",
                  judged->when, judged->place, 100.0 * part->pattern.nn_cv, 100.0 * record->nn_cv,
                  audit_spacing_mm(judged->job, part->zone, part->zone));
    else
        audit_say(finding,
                  "%s the spacing %s varies by %.0f %%, %.0f %% were aimed at: %s than the hair "
                  "beside it",
                  judged->when, judged->place, 100.0 * part->pattern.nn_cv, 100.0 * record->nn_cv,
                  off > 0.0 ? "more restless" : "more even");
}

static void judge_blotches(const Judged *judged, const Limits *limits, const Slack *slack)
{
    const Pattern *p = &judged->part->pattern;
    bool large = p->f200 > limits->f200 * slack->f200;
    if (!large && !(p->f50 > limits->f50 * slack->f50))
        return;
    double value = large ? p->f200 : p->f50, dots = large ? 200.0 : 50.0;
    AuditFinding *finding =
        judge(judged, AUDIT_BLOTCHY, true, value, large ? limits->f200 : limits->f50);
    if (finding != NULL)
        audit_say(finding,
                  "%s the density is blotchy: places of %.0f dots differ by %.1f %% from the "
                  "design, %.1f %% are allowed",
                  judged->when, dots, 100.0 * sqrt(value / dots),
                  100.0 * sqrt(finding->limit / dots));
}

static void judge_part(AuditJob *job, const Points *points, const AuditPart *part)
{
    const CaseRecord *record = &job->read->record;
    Judged judged = {.job = job, .part = part, .middle_mm = middle_of(points, part->zone)};
    Limits limits = limits_at(job->until[part->session - 1]);
    Slack slack = slack_of(part->pattern.inner > 0 ? part->pattern.inner : 1);
    if (part->pattern.inner < ENOUGH)
        return;
    if (aimed_nn_cv(record) > 0.0)
        loosen(aimed_nn_cv(record), &limits);
    audit_when(job, part->session, judged.when);
    snprintf(judged.place, AUDIT_PLACE, "%s", audit_area(part->zone));
    if (part->zone == DESIGN_NONE)
        judge_blotches(&judged, &limits, &slack);
    else {
        judge_clumped(&judged, &limits, &slack);
        judge_even(&judged, &slack);
        judge_variation(&judged, points, &slack);
    }
}

bool audit_evenness(AuditJob *job, int session, Err *err)
{
    size_t mark = arena_mark(job->scratch);
    Points points;
    if (!gather(job, session, &points, err))
        return false;
    for (int p = 0; p < job->audit->part_count; p++) {
        AuditPart *part = &job->audit->part[p];
        if (part->session != session)
            continue;
        if (!measure(job, &points, part, err))
            return false;
        judge_part(job, &points, part);
    }
    arena_rewind(job->scratch, mark);
    return true;
}
