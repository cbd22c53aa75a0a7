#include "casefile/states.h"

#include "head/growth.h"
#include "skin/line.h"

#include <math.h>

CaseMarks case_marks_after(const Case *plan, const SkinMarks *skin, double years)
{
    CaseMarks marks = {
        .plan = plan, .skin = skin, .session_count = plan->dots->session_count, .years = years};
    for (int s = 0; s < marks.session_count; s++) {
        marks.absorption_per_mm[s] = skin_absorption_per_mm(plan->pigment, plan->dilution[s]);
        marks.phase[s] = CASE_HEALED;
    }
    return marks;
}

SkinMoment case_moment(const CaseMarks *marks, int session, int which)
{
    SkinMark mark = marks->plan->healed;
    mark.absorption_per_mm = marks->absorption_per_mm[session];
    double days = marks->phase[session] == CASE_FRESH
                      ? 0.0
                      : SKIN_HEALED_DAY + SKIN_DAYS_PER_YEAR * fmax(marks->years, 0.0);
    return skin_mark_at(mark, &marks->plan->ageing, days, which);
}

/* Looks by the healed diameter of a dot, or of lines of the design's length. */
static SkinRamp looks_of(const CaseMarks *marks, int session, bool lines)
{
    const Case *plan = marks->plan;
    double mean_mm = plan->healed.diameter_mm;
    SkinRamp ramp = {.from_mm = mean_mm, .to_mm = mean_mm * 1.001};
    for (int i = 0; i < plan->dots->count; i++) {
        ramp.from_mm = fmin(ramp.from_mm, plan->dot_diameter_mm[i]);
        ramp.to_mm = fmax(ramp.to_mm, plan->dot_diameter_mm[i]);
    }
    for (int i = 0; i < SKIN_RAMP; i++) {
        SkinMoment moment = case_moment(marks, session, 0);
        double scale = skin_ramp_mm(&ramp, i) / mean_mm;
        moment.dermal.diameter_mm *= scale;
        moment.epidermal.diameter_mm *= scale;
        ramp.look[i] = skin_moment_look(marks->skin, moment);
        if (lines)
            ramp.look[i] = skin_line_look(marks->skin, moment.dermal,
                                          plan->layout->design.marks.line_mm, ramp.look[i]);
    }
    return ramp;
}

/* Share of the pigment that the skin of each zone keeps: scars and burns get more dots for it. */
static void find_uptake(const Design *design, float uptake[DESIGN_ZONES])
{
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        uptake[zone] = 1.0F;
    for (int r = 0; r < design->region_count; r++)
        uptake[design->region[r].zone] =
            fminf(uptake[design->region[r].zone], (float)design->region[r].uptake);
}

typedef struct Looks {
    SkinRamp dot[DOTS_MAX_SESSIONS], line[DOTS_MAX_SESSIONS];
    float uptake[DESIGN_ZONES];
} Looks;

static bool has_lines(const Case *plan)
{
    return plan->dot_length_mm != NULL && plan->layout->design.marks.kind == DESIGN_LINE;
}

static LookMark mark_of(const CaseMarks *marks, const Looks *looks, int index)
{
    const Case *plan = marks->plan;
    const Dot *dot = &plan->dots->dot[index];
    CasePhase phase = marks->phase[dot->session];
    double length_mm = has_lines(plan) ? (double)plan->dot_length_mm[index] : 0.0;
    const SkinRamp *ramp = length_mm > 0.0 ? looks->line : looks->dot;
    LookMark mark = {.position_mm = dot->position_mm,
                     .normal = dot->normal,
                     .fresh = phase == CASE_FRESH,
                     .look = skin_ramp_at(&ramp[dot->session], plan->dot_diameter_mm[index]),
                     .length_mm = length_mm};
    for (int k = 0; k < 3 && phase == CASE_HEALED; k++)
        mark.look.area_mm2[k] *= looks->uptake[dot->zone];
    if (length_mm > 0.0)
        mark.along =
            growth_heading_to_surface(plan->head, (double)plan->dot_heading_rad[index], dot->point);
    return mark;
}

static void set_flush(const CaseMarks *marks, float flush_depth[3])
{
    for (int s = 0; s < marks->session_count; s++)
        if (marks->phase[s] == CASE_FRESH)
            skin_flush_depth(skin_marks_tone(marks->skin), case_moment(marks, s, 0).blood_factor,
                             flush_depth);
}

bool case_look_state(Arena *arena, const CaseMarks *marks, LookState *state, Err *err)
{
    const Case *plan = marks->plan;
    LookMark *mark = ARENA_NEW(arena, LookMark, (size_t)plan->dots->count);
    Looks *looks = ARENA_NEW(arena, Looks, 1);
    if (mark == NULL || looks == NULL)
        return err_set(err, ERR_LIMIT, "no room for the looks of %d dots within the memory limit",
                       plan->dots->count);
    for (int s = 0; s < marks->session_count; s++) {
        if (marks->phase[s] == CASE_ABSENT)
            continue;
        looks->dot[s] = looks_of(marks, s, false);
        if (has_lines(plan))
            looks->line[s] = looks_of(marks, s, true);
    }
    find_uptake(&plan->layout->design, looks->uptake);
    *state = (LookState){.mark = mark};
    for (int i = 0; i < plan->dots->count; i++)
        if (marks->phase[plan->dots->dot[i].session] != CASE_ABSENT)
            mark[state->mark_count++] = mark_of(marks, looks, i);
    set_flush(marks, state->flush_depth);
    return true;
}
