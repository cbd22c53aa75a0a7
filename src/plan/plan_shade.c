#include "plan/plan_internal.h"

#include "course/budget.h"
#include "skin/line.h"

#include <math.h>

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* How dark the dots are to be against the stubble that the model predicts for such hair: as dark as
 * the client's own was seen, within what a survey can tell. */
static double wanted_match(const PlanJob *job, const SkinHair *hair)
{
    const HairSurvey *survey = &job->survey;
    if (!survey->has_stubble)
        return 1.0;
    Spectrum area = skin_hair_area(job->marks, *hair);
    float rgb_mm2[3];
    skin_area_rgb(job->marks, &area, rgb_mm2);
    double predicted = survey->hair_per_cm2.expected / 100.0 * (double)rgb_mm2[1];
    double seen = -log(1.0 - clamp(survey->contrast, 0.01, 0.9));
    return clamp(seen / fmax(predicted, 1e-6), 0.5, 2.0);
}

/* How many dots a mark of the design is worth: lines take more light, and fewer of them fit. */
static double as_dots(const PlanJob *job)
{
    const DesignMarks *marks = &job->layout.design.marks;
    if (marks->kind == DESIGN_DOT)
        return 1.0;
    SkinAgeing ageing = skin_ageing_default(); /* the pigment is not chosen yet */
    double apart_mm = BUDGET_CROWDED * skin_grown_diameter_mm(marks->diameter_mm, &ageing,
                                                              job->request->growth_years);
    double ratio = skin_line_ratio(marks->diameter_mm, marks->line_mm);
    double room = 1.0 + marks->line_share * marks->line_mm / apart_mm;
    double most_per_cm2 = 100.0 * dots_most_per_mm2(apart_mm) / room;
    double fit = fmin(1.0, most_per_cm2 / job->layout.design.density.full_per_cm2);
    return fit * (1.0 + marks->line_share * (ratio - 1.0));
}

static ShadeRequest shade_request(const PlanJob *job)
{
    const PlanRequest *request = job->request;
    const HairSurvey *survey = &job->survey;
    ShadeRequest shade = shade_default();
    shade.marks = job->marks;
    shade.hair_count = 1;
    shade.hair[0] = skin_hair_of_darkness(survey->darkness, survey->hair_diameter_mm);
    shade.hair[0].stub_mm = HAIR_STUB_MM;
    shade.hair_share[0] = 1.0;
    shade.hair_per_cm2 = survey->hair_per_cm2.expected;
    shade.dots_per_cm2 = fmin(job->layout.design.density.full_per_cm2 * as_dots(job), 500.0);
    shade.diameter_mm = job->layout.design.marks.diameter_mm;
    shade.depth_mm = request->dot_depth_mm;
    shade.session_count = job->protocol.session_count;
    for (int s = 0; s < shade.session_count; s++) {
        shade.session_share[s] = job->protocol.share[s];
        shade.session_strength[s] = job->protocol.strength[s];
    }
    shade.match = wanted_match(job, &shade.hair[0]);
    shade.pigment_count = 1;
    shade.pigment = &job->pigment;
    shade.fixed_pigment = 0;
    shade.fixed_dilution = request->dilution > 0.0 ? request->dilution : -1.0;
    return shade;
}

bool plan_choose_shade(PlanJob *job, Err *err)
{
    if (!skin_table_load(&job->skin, err) ||
        !skin_marks_new(&job->arena, &job->skin, &job->survey.tone, &job->marks, err) ||
        !skin_pigment_builtin(job->protocol.absorbable ? 1 : 0, &job->pigment, err))
        return false;
    if (job->request->pigment != NULL)
        job->pigment = *job->request->pigment;
    if ((job->pigment.kind == SKIN_ABSORBABLE) != job->protocol.absorbable)
        plan_warn(job,
                  "the pigment '%s' is %s, the protocol '%s' is for %s: its touch-up years "
                  "do not fit",
                  job->pigment.name, skin_kind_name(job->pigment.kind), job->protocol.id,
                  skin_kind_name(job->protocol.absorbable ? SKIN_ABSORBABLE : SKIN_PERMANENT));
    job->shade_request = shade_request(job);
    if (!shade_check(&job->shade_request, err))
        return false;
    shade_choose(&job->shade_request, &job->shade);
    job->plan.pigment = &job->pigment;
    job->plan.ageing = job->shade.ageing;
    job->plan.healed = job->shade.healed;
    for (int s = 0; s < job->protocol.session_count; s++)
        job->plan.dilution[s] = job->shade.session[s].dilution;
    for (int i = 0; i < job->shade.warning_count; i++)
        plan_warn(job, "%s", job->shade.warning[i].text);
    return true;
}
