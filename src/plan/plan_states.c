#include "plan/plan_internal.h"

#include "visibility/visibility.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double years_shown[] = {1.0, 3.0, 5.0, 10.0};
enum { YEARS_SHOWN = sizeof years_shown / sizeof years_shown[0] };

/* Luminance of the skin at a bathroom mirror, where clients look hardest (field/perception 1.1). */
static const double mirror_lx = 1000.0;
/* A hand varies: relative standard deviation of the diameters of one practitioner's dots, and how
 * far from the mean one is let. An assumption until follow-ups measure it. */
static const double diameter_sd = 0.08, diameter_reach = 2.0;

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* The wanted darkening of the treated skin: that of the client's own stubble where it was seen,
 * else what the usual density of such hair would give. */
static double wanted_area_per_mm2(const PlanJob *job, const SkinLook *hair)
{
    const HairSurvey *survey = &job->survey;
    double predicted = survey->hair_per_cm2.expected / 100.0 * (double)hair->area_mm2[1];
    if (!survey->has_stubble)
        return predicted;
    double seen = -log(1.0 - clamp(survey->contrast, 0.01, 0.9));
    return clamp(seen, 0.5 * predicted, 2.0 * predicted);
}

bool plan_choose_shade(PlanJob *job, Err *err)
{
    const PlanRequest *request = job->request;
    if (!skin_table_load(&job->arena, &job->skin, err) || !skin_pigment_default(&job->pigment, err))
        return false;
    job->plan.pigment = &job->pigment;
    job->plan.ageing = skin_ageing_default();
    SkinLook hair = skin_stubble_look(&job->skin, job->survey.tone, job->survey.hair_diameter_mm,
                                      job->survey.darkness);
    double density = job->design.request.density_per_cm2 / 100.0;
    double match =
        wanted_area_per_mm2(job, &hair) / (density * fmax((double)hair.area_mm2[1], 1e-6));
    job->plan.healed = skin_match_stubble(&job->skin, job->survey.tone, request->dot_diameter_mm,
                                          request->dot_depth_mm, hair, match);
    if (request->dilution > 0.0)
        job->plan.healed.absorption_per_mm =
            skin_absorption_per_mm(&job->pigment, request->dilution);
    for (int s = 0; s < job->protocol.session_count; s++)
        job->plan.dilution[s] = skin_dilution(&job->pigment, job->plan.healed.absorption_per_mm *
                                                                 job->protocol.strength[s]);
    return true;
}

static bool draw_diameters(PlanJob *job, Err *err)
{
    size_t count = (size_t)job->dots.count;
    job->plan.dot_diameter_mm = ARENA_NEW(&job->arena, double, count);
    job->healed_mark = ARENA_NEW(&job->arena, SkinMark, count);
    if (job->plan.dot_diameter_mm == NULL || job->healed_mark == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots within the memory limit",
                       job->dots.count);
    for (int i = 0; i < job->dots.count; i++) {
        const Dot *dot = &job->dots.dot[i];
        SkinMark mark = job->plan.healed;
        mark.diameter_mm *= 1.0 + diameter_sd * clamp(dot->size, -diameter_reach, diameter_reach);
        mark.absorption_per_mm *= job->protocol.strength[dot->session];
        job->healed_mark[i] = mark;
        job->plan.dot_diameter_mm[i] = mark.diameter_mm;
    }
    return true;
}

/* How the dots of a session look in a state. */
typedef enum Phase { ABSENT, FRESH, HEALED } Phase;

typedef struct State {
    const char *name, *caption;
    Phase phase[DOTS_MAX_SESSIONS];
    double years, flush;
} State;

static bool add_marks(PlanJob *job, int index, const State *state, Err *err)
{
    LookMark *mark = ARENA_NEW(&job->arena, LookMark, (size_t)job->dots.count);
    if (mark == NULL)
        return err_set(err, ERR_LIMIT, "no room for the dots of '%s' within the memory limit",
                       state->name);
    int count = 0;
    for (int i = 0; i < job->dots.count; i++) {
        const Dot *dot = &job->dots.dot[i];
        SkinMark look = job->healed_mark[i];
        if (state->phase[dot->session] == ABSENT)
            continue;
        look = state->phase[dot->session] == FRESH
                   ? skin_mark_fresh(look, &job->plan.ageing)
                   : skin_mark_aged(look, &job->plan.ageing, fmax(state->years, 0.0), 0);
        mark[count++] = (LookMark){.position_mm = dot->position_mm,
                                   .normal = dot->normal,
                                   .fresh = state->phase[dot->session] == FRESH,
                                   .look = skin_mark_look(&job->skin, job->survey.tone, look)};
    }
    job->mark[index] = mark;
    job->mark_count[index] = count;
    job->flush[index] = state->flush;
    return true;
}

/* The texture that the treated area shows on average, for one end of the ageing band. */
static VisibilityTexture mean_texture(const PlanJob *job, const State *state, int which)
{
    double core = 0.0, halo = 0.0, size = 0.0;
    int count = 0;
    for (int s = 0; s < job->protocol.session_count; s++) {
        if (state->phase[s] == ABSENT || job->dots.in_session[s] == 0)
            continue;
        SkinMark mark = job->plan.healed;
        mark.absorption_per_mm *= job->protocol.strength[s];
        mark = state->phase[s] == FRESH
                   ? skin_mark_fresh(mark, &job->plan.ageing)
                   : skin_mark_aged(mark, &job->plan.ageing, fmax(state->years, 0.0), which);
        SkinLook look = skin_mark_look(&job->skin, job->survey.tone, mark);
        int dots = job->dots.in_session[s];
        core += dots * (double)look.area_mm2[1] * (double)look.core_share[1];
        halo += dots * (double)look.area_mm2[1] * (1.0 - (double)look.core_share[1]);
        size += dots * (double)look.core_mm;
        count += dots;
    }
    if (count == 0)
        return (VisibilityTexture){0};
    return (VisibilityTexture){.density_per_mm2 = count / fmax(job->design.area_mm2, 1.0),
                               .core_area_mm2 = core / count,
                               .halo_area_mm2 = halo / count,
                               .core_mm = size / count};
}

static void judge(PlanJob *job, CaseState *judged, const State *state)
{
    double luminance = job->plan.luminance_cd_m2, distance[3];
    for (int which = -1; which <= 1; which++)
        distance[which + 1] =
            visibility_fusing_distance_m(mean_texture(job, state, which), luminance);
    VisibilityTexture expected = mean_texture(job, state, 0);
    double own = job->survey.has_stubble ? job->survey.contrast : 0.0;
    judged->mean_darkening = visibility_darkening(expected);
    judged->fusing_distance_m = distance[1];
    judged->fusing_band_m[0] = fmin(distance[0], fmin(distance[1], distance[2]));
    judged->fusing_band_m[1] = fmax(distance[0], fmax(distance[1], distance[2]));
    judged->step_distance_m = visibility_step_distance_m(
        judged->mean_darkening, own, job->design.request.fringe_blend_mm, luminance);
}

static bool add_state(PlanJob *job, const State *state, Err *err)
{
    int index = job->plan.state_count++;
    CaseState *judged = &job->plan.state[index];
    snprintf(judged->name, sizeof judged->name, "%s", state->name);
    snprintf(judged->caption, sizeof judged->caption, "%s", state->caption);
    judged->years = state->years;
    judge(job, judged, state);
    return add_marks(job, index, state, err);
}

/* Redness of a few hours to two days is part of how a session looks when it ends. */
static State after_session(int session, char name[32], char caption[64])
{
    State state = {.name = name, .caption = caption, .years = -1.0, .flush = 1.0};
    snprintf(name, 32, "session%d", session + 1);
    snprintf(caption, 64, "After session %d, same day", session + 1);
    for (int s = 0; s <= session; s++)
        state.phase[s] = s == session ? FRESH : HEALED;
    return state;
}

static State after_years(double years, int sessions, char name[32], char caption[64])
{
    State state = {.name = name, .caption = caption, .years = years};
    snprintf(name, 32, years > 0.0 ? "year%.0f" : "healed", years);
    snprintf(caption, 64, years > 0.0 ? "After %.0f year%s" : "Healed, 6 weeks after the last",
             years, years > 1.0 ? "s" : "");
    for (int s = 0; s < sessions; s++)
        state.phase[s] = HEALED;
    return state;
}

bool plan_make_states(PlanJob *job, Err *err)
{
    char name[32], caption[64];
    int sessions = job->protocol.session_count;
    job->plan.luminance_cd_m2 =
        visibility_luminance_cd_m2(mirror_lx, color_luminance(job->survey.tone.reflectance));
    if (!draw_diameters(job, err))
        return false;
    State before = {.name = "before", .caption = "Before", .years = -1.0};
    if (!add_state(job, &before, err))
        return false;
    for (int s = 0; s < sessions; s++) {
        State state = after_session(s, name, caption);
        if (!add_state(job, &state, err))
            return false;
    }
    for (int y = -1; y < YEARS_SHOWN; y++) {
        State state = after_years(y < 0 ? 0.0 : years_shown[y], sessions, name, caption);
        if (!add_state(job, &state, err))
            return false;
    }
    return true;
}
