#include "audit/audit_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Positions are written to 0.001 mm and the canvas to 1e-5 mm: what is farther off was moved. */
static const double off_skin_mm = 0.02;
/* Normals are written to 0.0001; the dot's own normal is interpolated, as is the canvas's here. */
static const double least_cosine = 0.99;
/* The wanted density beside a dot may differ from its row by this much: the row has two decimals of
 * dots per cm2, the field four, and a place rounded to 1 um moves along its gradient. */
static const double target_slack_per_mm2 = 5e-4, target_slack_share = 0.002;
/* A dot may stand this far beyond a keep-out's line, or the design's border: the line is written to
 * 0.001 mm and laid on a canvas of flat triangles. */
static const double edge_slack_mm = 0.05;

/* ---- the rows themselves ---- */

static int by_number(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? -1 : x > y;
}

static bool find_twins(AuditJob *job, Err *err)
{
    const CaseDots *dots = &job->read->dots;
    size_t mark = arena_mark(job->scratch);
    int *id = ARENA_NEW(job->scratch, int, (size_t)dots->count), twins = 0, first = -1;
    if (id == NULL)
        return err_set(err, ERR_LIMIT, "no room for the ids of %d dots", dots->count);
    for (int i = 0; i < dots->count; i++)
        id[i] = dots->dot[i].site;
    qsort(id, (size_t)dots->count, sizeof id[0], by_number);
    for (int i = 1; i < dots->count; i++)
        if (id[i] == id[i - 1]) {
            first = twins++ == 0 ? id[i] : first;
        }
    arena_rewind(job->scratch, mark);
    AuditFinding *finding =
        twins > 0 ? audit_add(job->audit, AUDIT_ROWS, true, 0, DESIGN_NONE) : NULL;
    if (finding != NULL) {
        finding->count = twins;
        finding->dot[0] = first;
        audit_say(finding,
                  "%d id%s twice in dots.csv, the first is %d: a row was copied, and a follow-up "
                  "could not tell the two apart",
                  twins, twins == 1 ? " stands" : "s stand", first);
    }
    return true;
}

static void find_disorder(AuditJob *job)
{
    const CaseDots *dots = &job->read->dots;
    int breaks = 0, first = 0;
    for (int i = 1; i < dots->count; i++)
        if (dots->dot[i].session < dots->dot[i - 1].session) {
            first = breaks++ == 0 ? i : first;
        }
    AuditFinding *finding =
        breaks > 0 ? audit_add(job->audit, AUDIT_ROWS, true, 0, DESIGN_NONE) : NULL;
    if (finding == NULL)
        return;
    finding->count = breaks;
    finding->dot[0] = dots->dot[first].site;
    audit_say(finding,
              "dots.csv is not in the order of work: dot %d of session %d follows one of session "
              "%d",
              dots->dot[first].site, dots->dot[first].session + 1,
              dots->dot[first - 1].session + 1);
}

static void find_wrong_normals(AuditJob *job)
{
    int wrong = 0, first = 0;
    for (int i = 0; i < job->read->dots.count; i++) {
        HeadPoint point = job->dot[i].point;
        if (point.triangle < 0)
            continue;
        Vec3 normal = head_normal(&job->read->head, point), row = job->read->dots.dot[i].normal;
        if (vec_dot(normal, row) > least_cosine && vec_length(row) < 1.0 / least_cosine)
            continue;
        first = wrong++ == 0 ? i : first;
    }
    AuditFinding *finding =
        wrong > 0 ? audit_add(job->audit, AUDIT_ROWS, true, 0, DESIGN_NONE) : NULL;
    if (finding == NULL)
        return;
    char place[AUDIT_PLACE];
    finding->count = wrong;
    finding->dot[0] = job->read->dots.dot[first].site;
    finding->has_place = true;
    finding->place_mm = job->position_mm[first];
    audit_place((int)job->read->dots.dot[first].zone, job->position_mm[first], place);
    audit_say(finding,
              "the normals of %d dots do not stand on the skin, the first is dot %d %s: a needle "
              "held by them would go in askew",
              wrong, finding->dot[0], place);
}

bool audit_rows(AuditJob *job, Err *err)
{
    find_disorder(job);
    find_wrong_normals(job);
    return find_twins(job, err);
}

/* ---- counts ---- */

static const char *zone_words(int zone)
{
    return zone == DESIGN_NONE ? "the whole plan" : design_zone_name((DesignZone)zone);
}

/* Whether the table has the dots that case.json says were placed. */
static void compare_found(AuditJob *job, const AuditPart *part, int found, int placed)
{
    if (found == placed)
        return;
    AuditFinding *finding = audit_add(job->audit, AUDIT_COUNTS, true, part->session, part->zone);
    if (finding == NULL)
        return;
    finding->count = abs(found - placed);
    finding->value = found;
    finding->limit = placed;
    audit_say(finding, "session %d in %s: dots.csv has %d dots, %d were placed: %d are %s",
              part->session, zone_words(part->zone), found, placed, abs(found - placed),
              found < placed ? "missing" : "too many");
}

/* Whether the recorded wish is that of density and shares: whole numbers by largest remainders are
 * within one of it for the plan and again for the zone; triangles that belong to two zones are
 * divided to a tenth of a millimetre or so. */
static void compare_wanted(AuditJob *job, const AuditPart *part)
{
    const double whole = 2.0, integration = part->zone == DESIGN_NONE ? 0.001 : 0.01;
    double slack = whole + integration * part->expected;
    if (fabs(part->wanted - part->expected) <= slack)
        return;
    char when[AUDIT_PLACE];
    AuditFinding *finding = audit_add(job->audit, AUDIT_COUNTS, true, part->session, part->zone);
    if (finding == NULL)
        return;
    audit_when(job, part->session, when);
    finding->count = (int)fabs(round(part->wanted - part->expected));
    finding->value = part->wanted;
    finding->limit = part->expected;
    audit_say(finding, "%s, %s: case.json wants %d dots, the density and the shares ask for %.0f",
              when, zone_words(part->zone), part->wanted, part->expected);
}

static int sum_counts(const int count[DOTS_ZONES][DOTS_MAX_SESSIONS])
{
    int sum = 0;
    for (int z = 0; z < DOTS_ZONES; z++)
        for (int s = 0; s < DOTS_MAX_SESSIONS; s++)
            sum += count[z][s];
    return sum;
}

/* What case.json says must agree with itself. */
static void compare_sums(AuditJob *job)
{
    const CaseRecord *record = &job->read->record;
    int wanted = sum_counts(record->wanted), placed = sum_counts(record->placed);
    if (placed == record->count && wanted - placed == record->dropped + record->short_of)
        return;
    AuditFinding *finding = audit_add(job->audit, AUDIT_COUNTS, true, 0, DESIGN_NONE);
    if (finding == NULL)
        return;
    finding->value = placed;
    finding->limit = record->count;
    audit_say(
        finding,
        "case.json contradicts itself: %d dots and %d left out in all, %d and %d in the zones",
        record->count, record->dropped + record->short_of, placed, wanted - placed);
}

void audit_counts(AuditJob *job)
{
    int found[DOTS_ZONES][DOTS_MAX_SESSIONS] = {{0}};
    for (int i = 0; i < job->read->dots.count; i++)
        found[job->read->dots.dot[i].zone][job->read->dots.dot[i].session]++;
    compare_sums(job);
    for (int p = 0; p < job->audit->part_count; p++) {
        const AuditPart *part = &job->audit->part[p];
        int s = part->session - 1;
        compare_wanted(job, part);
        if (part->zone != DESIGN_NONE)
            compare_found(job, part, found[part->zone][s], job->read->record.placed[part->zone][s]);
    }
    for (int s = 0; s < DOTS_MAX_SESSIONS; s++) { /* rows of no zone that case.json knows */
        AuditPart part = {.session = s + 1, .zone = DESIGN_NONE};
        int unknown = 0;
        for (int z = 0; z < DESIGN_ZONES; z++)
            if (s >= job->read->record.session_count || audit_part(job, s + 1, z) == NULL ||
                z == DESIGN_NONE)
                unknown += found[z][s];
        compare_found(job, &part, unknown, 0);
    }
}

/* ---- places ---- */

/* One finding for all dots of a zone that are misplaced in the same way. */
typedef struct Stray {
    int count, worst;
    double most;
} Stray;

static void note(Stray *stray, int dot, double how_far)
{
    if (stray->count++ == 0 || how_far > stray->most) {
        stray->worst = dot;
        stray->most = how_far;
    }
}

static AuditFinding *stray_finding(AuditJob *job, AuditKind kind, int zone, const Stray *stray,
                                   char place[AUDIT_PLACE])
{
    if (stray->count == 0)
        return NULL;
    AuditFinding *finding = audit_add(job->audit, kind, true, 0, zone);
    if (finding == NULL)
        return NULL;
    finding->count = stray->count;
    finding->value = stray->most;
    finding->dot[0] = job->read->dots.dot[stray->worst].site;
    finding->has_place = true;
    finding->place_mm = job->position_mm[stray->worst];
    audit_place(zone, finding->place_mm, place);
    return finding;
}

/* "dot 17 stands" or "4 dots stand". */
static const char *who(const AuditFinding *finding, char text[48])
{
    if (finding->count == 1)
        snprintf(text, 48, "dot %d stands", finding->dot[0]);
    else
        snprintf(text, 48, "%d dots stand", finding->count);
    return text;
}

static void say_off_skin(AuditJob *job, int zone, const Stray *stray)
{
    char place[AUDIT_PLACE], text[48];
    AuditFinding *finding = stray_finding(job, AUDIT_OFF_SKIN, zone, stray, place);
    if (finding == NULL)
        return;
    finding->limit = off_skin_mm;
    if (stray->most > 100.0) {
        finding->value = (double)NAN;
        audit_say(finding, "%s below the canvas %s: there is no scalp", who(finding, text), place);
    } else {
        audit_say(finding, "%s off the skin, up to %.2f mm %s: a template would show %s elsewhere",
                  who(finding, text), stray->most, place, finding->count == 1 ? "it" : "them");
    }
}

static void say_unwanted(AuditJob *job, int zone, const Stray *stray)
{
    char place[AUDIT_PLACE], text[48];
    AuditFinding *finding = stray_finding(job, AUDIT_UNWANTED, zone, stray, place);
    if (finding == NULL)
        return;
    finding->value = (double)NAN;
    audit_say(finding,
              "%s where the design wants none, %s: lone dots outside the line are seen "
              "first",
              who(finding, text), place);
}

static void say_target(AuditJob *job, int zone, const Stray *stray)
{
    char place[AUDIT_PLACE], text[48];
    AuditFinding *finding = stray_finding(job, AUDIT_UNWANTED, zone, stray, place);
    if (finding == NULL)
        return;
    const CaseDot *row = &job->read->dots.dot[stray->worst];
    finding->value = 100.0 * row->target_per_mm2;
    finding->limit = 100.0 * job->dot[stray->worst].wanted_per_mm2;
    audit_say(finding,
              "%s at another density than the row says, %s: %.1f per cm2 in the row, %.1f in the "
              "design",
              who(finding, text), place, finding->value, finding->limit);
}

static void say_keep_out(AuditJob *job, int zone, const Stray *stray)
{
    char place[AUDIT_PLACE], text[48];
    AuditFinding *finding = stray_finding(job, AUDIT_KEEP_OUT, zone, stray, place);
    if (finding == NULL)
        return;
    finding->limit = 0.0;
    audit_say(finding, "%s in an area to be kept free, up to %.1f mm deep, %s", who(finding, text),
              stray->most, place);
}

/* How deep (mm) a dot lies in a closed edge that keeps its inside free. */
static double in_keep_out_mm(const AuditJob *job, Vec3 p)
{
    double deepest = 0.0;
    for (int e = 0; e < job->read->record.edge_count; e++) {
        const DotsEdge *edge = &job->read->record.edge[e];
        if (edge->closed)
            deepest = fmax(deepest, -audit_edge_mm(job->read, edge, p));
    }
    return deepest;
}

/* A dot on the border may see no density at its rounded place: look a little around. */
static bool is_unwanted(const AuditJob *job, int i)
{
    Vec3 p = job->position_mm[i];
    for (int k = 0; k < 6; k++) {
        double step = k % 2 == 0 ? edge_slack_mm : -edge_slack_mm;
        Vec3 near = vec_add(p, k < 2   ? vec3(step, 0, 0)
                               : k < 4 ? vec3(0, step, 0)
                                       : vec3(0, 0, step));
        if (audit_field_at(&job->field, head_nearest(&job->read->head, near)) > 0.0)
            return false;
    }
    return true;
}

static bool has_other_target(const AuditJob *job, int i)
{
    double row = job->read->dots.dot[i].target_per_mm2, here = job->dot[i].wanted_per_mm2;
    return fabs(row - here) > target_slack_per_mm2 + target_slack_share * fmax(row, here);
}

typedef struct Strays {
    Stray off_skin, unwanted, target, keep_out;
} Strays;

static void look_at(AuditJob *job, int i, Strays *strays)
{
    AuditDot *dot = &job->dot[i];
    dot->is_sound = false;
    if (dot->point.triangle < 0) {
        note(&strays->off_skin, i, 1e3);
        return;
    }
    if (fabs(dot->off_mm) > off_skin_mm) {
        note(&strays->off_skin, i, fabs(dot->off_mm));
        return;
    }
    double deep_mm = in_keep_out_mm(job, job->position_mm[i]);
    if (deep_mm > edge_slack_mm)
        note(&strays->keep_out, i, deep_mm);
    else if (!(dot->wanted_per_mm2 > 0.0) && is_unwanted(job, i))
        note(&strays->unwanted, i, 0.0);
    else if (has_other_target(job, i))
        note(&strays->target, i, fabs(dot->wanted_per_mm2 - job->read->dots.dot[i].target_per_mm2));
    dot->is_sound = dot->wanted_per_mm2 > 0.0;
}

void audit_places(AuditJob *job)
{
    Strays strays[DESIGN_ZONES];
    memset(strays, 0, sizeof strays);
    for (int i = 0; i < job->read->dots.count; i++)
        look_at(job, i, &strays[job->read->dots.dot[i].zone]);
    for (int zone = 0; zone < DESIGN_ZONES; zone++) {
        say_off_skin(job, zone, &strays[zone].off_skin);
        say_keep_out(job, zone, &strays[zone].keep_out);
        say_unwanted(job, zone, &strays[zone].unwanted);
        say_target(job, zone, &strays[zone].target);
    }
}
