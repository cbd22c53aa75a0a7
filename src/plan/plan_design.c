#include "plan/plan_internal.h"

#include "course/budget.h"
#include "visibility/visibility.h"

#include <math.h>
#include <string.h>

static bool without_stubble(PlanJob *job, HairSurvey *survey, Err *err)
{
    int vertices = job->topology.vertex_count;
    survey->has_stubble = false;
    survey->cover = ARENA_NEW(&job->arena, double, (size_t)vertices);
    if (survey->cover == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices within the memory limit", vertices);
    return true;
}

static bool check_wanted(const DesignRequest *request, Err *err)
{
    if (request->pattern != DESIGN_PATTERN_NONE || request->drawn_count > 0 ||
        request->whole_scalp || request->seen_bare)
        return true;
    return err_set(err, ERR_INPUT,
                   "say what to cover: --preset, --design, --norwood=1..7, --ludwig=1..3, "
                   "--patch or --scar, or an outline in photos.json");
}

/* Clicked points arrive in the frame of the scan. */
static bool propose(PlanJob *job, Design *design, Err *err)
{
    size_t mark = arena_mark(&job->scratch);
    DesignRequest *request = ARENA_NEW(&job->scratch, DesignRequest, 1);
    if (request == NULL)
        return err_set(err, ERR_LIMIT, "no room for a design within the memory limit");
    *request = job->request->design;
    request->seed = job->request->seed;
    for (int i = 0; i < request->drawn_count; i++)
        for (int k = 0; k < request->drawn[i].point_count && !request->drawn[i].tape; k++)
            request->drawn[i].point_mm[k] =
                place_to_head(&job->placement, request->drawn[i].point_mm[k]);
    for (int k = 0; k < request->old_line_count; k++)
        request->old_line_mm[k] = place_to_head(&job->placement, request->old_line_mm[k]);
    bool ok = plan_outlined(job, request, err) && check_wanted(request, err) &&
              design_propose(&job->scratch, &job->head, request, design, err);
    arena_rewind(&job->scratch, mark);
    return ok;
}

bool plan_make_design(PlanJob *job, Err *err)
{
    Design *design = ARENA_NEW(&job->arena, Design, 1);
    HairSurvey *grows = ARENA_NEW(&job->arena, HairSurvey, 1);
    if (design == NULL || grows == NULL)
        return err_set(err, ERR_LIMIT, "no room for a design within the memory limit");
    *grows = job->survey;
    if (job->request->ignore_stubble && !without_stubble(job, grows, err))
        return false;
    if (job->request->document != NULL)
        *design = *job->request->document;
    else if (!propose(job, design, err))
        return false;
    if (!design_layout(&job->arena, &job->scratch, &job->head, grows, design, &job->layout, err) ||
        !design_recede_next(&job->arena, &job->scratch, &job->layout, PLAN_LOSSES, job->loss,
                            &job->loss_count, err))
        return false;
    job->plan.loss_count = job->loss_count;
    job->plan.loss = job->loss;
    for (int i = 0; i < job->layout.warning_count; i++)
        plan_warn(job, "%s", job->layout.warning[i]);
    job->plan.layout = &job->layout;
    return true;
}

static double densest_per_mm2(const PlanJob *job)
{
    double most = 0.0;
    for (int v = 0; v < job->topology.vertex_count; v++)
        most = fmax(most, job->wanted_per_mm2[v]);
    return most;
}

bool plan_check_rules(PlanJob *job, Err *err)
{
    const CaseState *healed = NULL;
    for (int i = 0; i < job->plan.state_count; i++)
        if (strcmp(job->plan.state[i].name, "healed") == 0)
            healed = &job->plan.state[i];
    if (job->request->rules != NULL)
        job->rules = *job->request->rules;
    else if (!rules_builtin(&job->rules, err))
        return false;
    RulesInput input = {
        .layout = &job->layout,
        .loss_count = job->loss_count,
        .loss = job->loss,
        .ageing = &job->plan.ageing,
        .healed_diameter_mm = job->plan.healed.diameter_mm,
        .treated_darkening = healed != NULL ? healed->mean_darkening : -1.0,
        .visible_darkening = visibility_least_darkening(job->layout.design.density.fringe_blend_mm,
                                                        job->plan.luminance_cd_m2),
        .step_distance_m = healed != NULL ? healed->step_distance_m : 0.0,
        .touch_up_share = budget_touch_up_share(job->protocol.session_count, job->protocol.share),
        .has_dots = true,
        .densest_per_mm2 = densest_per_mm2(job)};
    if (!rules_check(&job->scratch, &job->rules, &input, &job->findings, err))
        return false;
    job->plan.rules = &job->rules;
    job->plan.findings = &job->findings;
    return true;
}
