#include "plan/plan_internal.h"

#include "base/rng.h"
#include "casefile/states.h"
#include "skin/line.h"
#include "visibility/visibility.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double years_shown[] = {1.0, 3.0, 5.0, 10.0};
enum { YEARS_SHOWN = sizeof years_shown / sizeof years_shown[0] };

/* Luminance of the skin at a bathroom mirror, where clients look hardest (field/perception 1.1). */
static const double mirror_lx = 1000.0;
/* A hand varies by DesignMarks.spread; how far from the mean a dot is let, in standard deviations.
 * An assumption until follow-ups measure it. */
static const double diameter_reach = 2.0;

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* Finer at the hairline, and as the design says by zone. */
static double size_at(const PlanJob *job, HeadPoint point)
{
    const int *corner = job->topology.triangle[point.triangle];
    double size = 0.0;
    for (int k = 0; k < 3; k++)
        size += point.weight[k] * (double)job->layout.size[corner[k]];
    return size;
}

static bool draw_diameters(PlanJob *job, Err *err)
{
    size_t count = (size_t)job->dots.count;
    job->plan.dot_diameter_mm = ARENA_NEW(&job->arena, double, count);
    if (job->plan.dot_diameter_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots within the memory limit",
                       job->dots.count);
    for (int i = 0; i < job->dots.count; i++) {
        const Dot *dot = &job->dots.dot[i];
        double size = clamp(dot->size, -diameter_reach, diameter_reach);
        job->plan.dot_diameter_mm[i] = job->plan.healed.diameter_mm * size_at(job, dot->point) *
                                       (1.0 + job->layout.design.marks.spread * size);
    }
    return true;
}

enum { LINE_STREAM = 0x4c494e45 };

/* Which marks are lines, and which way hair grows at every one. */
static bool draw_kinds(PlanJob *job, Err *err)
{
    const DesignMarks *marks = &job->layout.design.marks;
    size_t count = (size_t)job->dots.count;
    float *heading = ARENA_NEW(&job->arena, float, count);
    float *length = ARENA_NEW(&job->arena, float, count);
    if (heading == NULL || length == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots within the memory limit",
                       job->dots.count);
    for (int i = 0; i < job->dots.count; i++) {
        const Dot *dot = &job->dots.dot[i];
        Rng rng = rng_make(job->layout.design.seed ^ LINE_STREAM, (uint64_t)dot->site);
        bool line = marks->kind == DESIGN_LINE && rng_f64(&rng) < marks->line_share;
        heading[i] = (float)growth_heading_rad(&job->head, &job->layout.growth, dot->point);
        length[i] = line ? (float)marks->line_mm : 0.0F;
    }
    job->plan.dot_heading_rad = heading;
    job->plan.dot_length_mm = length;
    return true;
}

typedef struct State {
    const char *name, *caption;
    CasePhase phase[DOTS_MAX_SESSIONS];
    double years;
} State;

static CaseMarks marks_of(const PlanJob *job, const State *state)
{
    CaseMarks marks = {.plan = &job->plan,
                       .skin = job->marks,
                       .session_count = job->protocol.session_count,
                       .years = state->years};
    for (int s = 0; s < marks.session_count; s++) {
        marks.absorption_per_mm[s] = job->shade.session[s].absorption_per_mm;
        marks.phase[s] = state->phase[s];
    }
    return marks;
}

static bool add_marks(PlanJob *job, int index, const State *state, Err *err)
{
    CaseMarks marks = marks_of(job, state);
    LookState look;
    if (!case_look_state(&job->arena, &marks, &look, err))
        return false;
    job->mark[index] = look.mark;
    job->mark_count[index] = look.mark_count;
    memcpy(job->flush_depth[index], look.flush_depth, sizeof look.flush_depth);
    return true;
}

/* The texture that the treated area shows on average, for one end of the ageing band. */
static VisibilityTexture mean_texture(const PlanJob *job, const State *state, int which)
{
    CaseMarks marks = marks_of(job, state);
    double core = 0.0, halo = 0.0, size = 0.0;
    int count = 0;
    for (int s = 0; s < job->protocol.session_count; s++) {
        if (state->phase[s] == CASE_ABSENT || job->dots.in_session[s] == 0)
            continue;
        SkinMoment moment = case_moment(&marks, s, which);
        SkinLook look = skin_moment_look(job->marks, moment);
        const DesignMarks *design = &job->layout.design.marks;
        if (design->kind == DESIGN_LINE) { /* the mean of dots and lines */
            SkinLook line = skin_line_look(job->marks, moment.dermal, design->line_mm, look);
            look.area_mm2[1] += (float)design->line_share * (line.area_mm2[1] - look.area_mm2[1]);
        }
        int dots = job->dots.in_session[s];
        core += dots * (double)look.area_mm2[1] * (double)look.core_share[1];
        halo += dots * (double)look.area_mm2[1] * (1.0 - (double)look.core_share[1]);
        size += dots * (double)look.core_mm;
        count += dots;
    }
    if (count == 0)
        return (VisibilityTexture){0};
    return (VisibilityTexture){.density_per_mm2 = count / fmax(job->layout.area_mm2, 1.0),
                               .core_area_mm2 = core / count,
                               .halo_area_mm2 = halo / count,
                               .core_mm = size / count};
}

/* Darkening of the treated places together with the hair between the dots, where the dots meet the
 * client's own stubble: weighted by both. Without stubble the dots alone, everywhere. */
static double with_hair(const PlanJob *job, VisibilityTexture dots, double own)
{
    const DesignLayout *layout = &job->layout;
    double wanted = 0.0, hair = 0.0, pigment = 0.0, own_depth = -log(1.0 - clamp(own, 0.0, 0.95));
    for (int v = 0; v < job->topology.vertex_count; v++) {
        double here = job->wanted_per_mm2[v] * job->head.area_mm2[v];
        here *= layout->survey->has_stubble ? layout->survey->cover[v] : 1.0;
        if (layout->zone[v] != DESIGN_DIFFUSE &&
            !design_zone_counts_hair((DesignZone)layout->zone[v]))
            continue; /* a scar: no hair grows between its dots */
        wanted += here;
        hair += here * layout->survey->cover[v] * own_depth;
        pigment += here * job->wanted_per_mm2[v] * (dots.core_area_mm2 + dots.halo_area_mm2);
    }
    /* of the planned dots, those that this state has */
    double share = dots.density_per_mm2 * layout->area_mm2 / fmax(job->dots.count, 1.0);
    return wanted > 0.0 ? 1.0 - exp(-(hair + share * pigment) / wanted) : 0.0;
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
        with_hair(job, expected, own), own, job->layout.design.density.fringe_blend_mm, luminance);
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
    State state = {.name = name, .caption = caption, .years = -1.0};
    snprintf(name, 32, "session%d", session + 1);
    snprintf(caption, 64, "After session %d, same day", session + 1);
    for (int s = 0; s <= session; s++)
        state.phase[s] = s == session ? CASE_FRESH : CASE_HEALED;
    return state;
}

static State after_years(double years, int sessions, char name[32], char caption[64])
{
    State state = {.name = name, .caption = caption, .years = years};
    snprintf(name, 32, years > 0.0 ? "year%.0f" : "healed", years);
    snprintf(caption, 64, years > 0.0 ? "After %.0f year%s" : "Healed, 6 weeks after the last",
             years, years > 1.0 ? "s" : "");
    for (int s = 0; s < sessions; s++)
        state.phase[s] = CASE_HEALED;
    return state;
}

bool plan_make_states(PlanJob *job, Err *err)
{
    char name[32], caption[64];
    int sessions = job->protocol.session_count;
    job->plan.luminance_cd_m2 =
        visibility_luminance_cd_m2(mirror_lx, color_luminance(job->survey.tone.reflectance));
    if (!draw_diameters(job, err) || !draw_kinds(job, err))
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
