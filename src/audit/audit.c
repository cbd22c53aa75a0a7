#include "audit/audit_internal.h"

#include <math.h>
#include <string.h>

AuditPart *audit_part(const AuditJob *job, int session, int zone)
{
    for (int p = 0; p < job->audit->part_count; p++)
        if (job->audit->part[p].session == session && job->audit->part[p].zone == zone)
            return &job->audit->part[p];
    return NULL;
}

/* Each zone's rule is for two dots of its own; between zones the mean holds. */
double audit_spacing_mm(const AuditJob *job, int zone_a, int zone_b)
{
    const double *spacing_mm = job->read->record.spacing_mm;
    return 0.5 * (spacing_mm[zone_a] + spacing_mm[zone_b]);
}

/* Where dots come in units, the units are what is spread evenly. */
double audit_units_per_dot(const CaseRecord *record)
{
    double units = 0.0, dots = 0.0;
    for (int i = 0; i < DOTS_UNIT_SIZES; i++) {
        units += record->unit_share[i];
        dots += (i + 1) * record->unit_share[i];
    }
    return dots > 0.0 ? units / dots : 1.0;
}

static bool is_used(const AuditJob *job, int zone)
{
    bool used = job->field.integral[zone] > 0.0;
    for (int s = 0; s < DOTS_MAX_SESSIONS; s++)
        used = used || job->read->record.wanted[zone][s] > 0;
    return used;
}

static void add_part(AuditJob *job, int session, int zone)
{
    const CaseRecord *record = &job->read->record;
    AuditPart *part = &job->audit->part[job->audit->part_count++];
    *part = (AuditPart){
        .session = session, .zone = zone, .fixed_least = (double)NAN, .fixed_p1 = (double)NAN};
    for (int z = 0; z < DESIGN_ZONES; z++) {
        if (zone != DESIGN_NONE && z != zone)
            continue;
        part->expected += job->until[session - 1] * job->field.integral[z];
        if (is_used(job, z) &&
            (part->spacing_mm <= 0.0 || record->spacing_mm[z] < part->spacing_mm))
            part->spacing_mm = record->spacing_mm[z];
        for (int s = 0; s < session; s++) {
            part->wanted += record->wanted[z][s];
            part->placed += record->placed[z][s];
        }
    }
    for (int i = 0; i < job->read->dots.count; i++) {
        const CaseDot *dot = &job->read->dots.dot[i];
        part->found += dot->session < session && (zone == DESIGN_NONE || (int)dot->zone == zone);
    }
}

static bool make_parts(AuditJob *job, Err *err)
{
    int sessions = job->read->record.session_count;
    job->audit->part = ARENA_NEW(job->arena, AuditPart, (size_t)(sessions * DESIGN_ZONES));
    if (job->audit->part == NULL)
        return err_set(err, ERR_LIMIT, "no room for the parts of %d sessions", sessions);
    for (int session = 1; session <= sessions; session++) {
        add_part(job, session, DESIGN_NONE);
        for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++)
            if (is_used(job, zone))
                add_part(job, session, zone);
    }
    return true;
}

static bool place_dots(AuditJob *job, Err *err)
{
    const CaseRead *read = job->read;
    size_t count = (size_t)read->dots.count, fixed = (size_t)read->fixed_count;
    job->dot = ARENA_NEW(job->arena, AuditDot, count);
    job->position_mm = ARENA_NEW(job->arena, Vec3, count);
    job->fixed_mm = ARENA_NEW(job->arena, Vec3, fixed);
    if (job->dot == NULL || job->position_mm == NULL || job->fixed_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for the audit of %zu dots", count);
    for (size_t i = 0; i < count; i++) {
        Vec3 p = read->dots.dot[i].position_mm;
        HeadPoint point = head_nearest(&read->head, p);
        job->position_mm[i] = p;
        job->dot[i].point = point;
        if (point.triangle < 0)
            continue;
        job->dot[i].off_mm =
            vec_distance(p, read->head.centre_mm) -
            vec_distance(head_position_mm(&read->head, point), read->head.centre_mm);
        job->dot[i].wanted_per_mm2 = audit_field_at(&job->field, point);
    }
    for (size_t i = 0; i < fixed; i++)
        job->fixed_mm[i] = read->fixed[i].position_mm;
    return audit_grid_new(job->arena, read->fixed_count, job->fixed_mm, 1.5, &job->fixed, err);
}

static void note_edits(AuditJob *job)
{
    for (int i = 0; i < job->read->edited_count; i++) {
        AuditFinding *finding = audit_add(job->audit, AUDIT_EDITED, false, 0, DESIGN_NONE);
        if (finding != NULL)
            audit_say(finding, "%s is not as the plan wrote it: somebody edited it",
                      job->read->edited[i]);
    }
}

/* ---- room ---- */

static void make_budget(AuditJob *job)
{
    const CaseRead *read = job->read;
    BudgetInput input = {.vertex_count = read->topology.vertex_count,
                         .area_mm2 = read->head.area_mm2,
                         .wanted_per_mm2 = job->field.open_per_mm2,
                         .hair_per_mm2 = read->field.hair_per_mm2,
                         .fixed_per_mm2 = read->field.beside_per_mm2,
                         .earlier_share = casefile_earlier_share(read->fixed_count, read->fixed),
                         .zone = read->field.zone,
                         .touch_up_share =
                             budget_touch_up_share(read->record.session_count, read->record.share),
                         .healed_diameter_mm = read->record.healed_diameter_mm,
                         .ageing = read->record.ageing};
    memcpy(input.spacing_mm, read->record.spacing_mm, sizeof input.spacing_mm);
    budget_make(&input, job->audit->budget);
}

static void say_room(AuditJob *job, int zone)
{
    const BudgetZone *budget = &job->audit->budget[zone];
    AuditFinding *finding = audit_add(job->audit, AUDIT_ROOM, false, 0, zone);
    if (finding == NULL)
        return;
    finding->value = 100.0 * budget->densest_per_mm2;
    finding->limit = 100.0 * budget->most_per_mm2;
    if (budget->crowded_years < 0.5)
        audit_say(finding,
                  "%s is planned up to %.0f dots per cm2, %.0f keep the spacing: they would run "
                  "together at once, where none is left out",
                  design_zone_name((DesignZone)zone), finding->value, finding->limit);
    else
        audit_say(finding,
                  "%s is planned up to %.0f dots per cm2, %.0f keep the spacing: in year %.0f two "
                  "would read as one, where none is left out",
                  design_zone_name((DesignZone)zone), finding->value, finding->limit,
                  ceil(budget->crowded_years));
}

static void say_dropped(AuditJob *job)
{
    const CaseRecord *record = &job->read->record;
    int left_out = record->dropped + record->short_of;
    if (left_out * 50 <= record->count + left_out)
        return;
    AuditFinding *finding = audit_add(job->audit, AUDIT_ROOM, false, 0, DESIGN_NONE);
    if (finding == NULL)
        return;
    finding->count = left_out;
    audit_say(finding,
              "%d of %d wanted dots were left out for want of room: the head will look lighter "
              "than designed",
              left_out, record->count + left_out);
}

void audit_room(AuditJob *job)
{
    const double rounding = 1e-3; /* of the densities and of the spacing in the files */
    make_budget(job);
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        if (job->audit->budget[zone].area_mm2 > 0.0 &&
            job->audit->budget[zone].left_share < -rounding)
            say_room(job, zone);
    say_dropped(job);
}

/* ---- all ---- */

static bool audit_sessions(AuditJob *job, Err *err)
{
    int sessions = job->read->record.session_count;
    for (int session = 1; session <= sessions; session++) {
        double done = (session - 1.0) / sessions, step = 1.0 / sessions;
        if (!progress_at(job->progress, "measuring distances", done, err) ||
            !audit_distances(job, session, err) ||
            !progress_at(job->progress, "looking for gaps", done + 0.2 * step, err) ||
            !audit_gaps(job, session, err) ||
            !progress_at(job->progress, "measuring the pattern", done + 0.6 * step, err) ||
            !audit_evenness(job, session, err))
            return false;
    }
    return true;
}

bool audit_open(AuditJob *job, Arena *arena, Arena *scratch, const CaseRead *read, Audit *audit,
                Err *err)
{
    *job = (AuditJob){.arena = arena,
                      .scratch = scratch,
                      .read = read,
                      .audit = audit,
                      .surface = dots_surface(&read->head),
                      .units_per_dot = audit_units_per_dot(&read->record)};
    *audit = (Audit){0};
    double sum = 0.0;
    for (int s = 0; s < read->record.session_count; s++)
        job->until[s] = sum += read->record.share[s];
    return audit_field_new(arena, read, &job->field, err) && make_parts(job, err) &&
           place_dots(job, err);
}

bool audit_case(Arena *arena, Arena *scratch, const CaseRead *read, const Progress *progress,
                Audit *audit, Err *err)
{
    AuditJob job;
    if (!audit_open(&job, arena, scratch, read, audit, err))
        return false;
    job.progress = progress;
    note_edits(&job);
    if (!audit_rows(&job, err))
        return false;
    audit_counts(&job);
    audit_places(&job);
    if (!audit_sessions(&job, err))
        return false;
    audit_room(&job);
    return true;
}
