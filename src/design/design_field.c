#include "design/design_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* Density at the very front relative to the defined zone: ramp 20 -> 100 % (field/practice 1.6);
 * the hairs of natural lines start at 51/cm2 (Keene, field/perception 5). */
static const double front_share = 0.2;
/* Within this of the line the field rises from 0: an edge of the mesh, so that no dot stands in
 * front of the line by more than that. */
static const double front_rise_mm = 1.5;
/* The crown is seen from above in hard light and looks smaller than its skin (field/practice
 * 1.7): a little softer around the whorl [assumption]. */
static const double crown_softer = 0.12, crown_radius_mm = 60.0;
/* A picture shows where the hair ends, so the stage's average shape only needs to say which
 * region is meant: it may grow by this much to meet the fringe. */
static const double meet_fringe_mm = 20.0;
/* Smaller gaps in the hair are not planned: about a thumb's print [assumption]. */
static const double island_mm2 = 400.0;
/* Share of the hair that is missing by Ludwig's grade; no counts are published, the steps follow
 * the visual scales (25/50/75 %) [assumption]. */
static const double ludwig_missing[4] = {0.0, 0.25, 0.5, 0.75};
/* Rim of a patch inside which the density rises; dots beyond a scar's edges, against the "barcode"
 * edge (field/practice 1.7). */
static const double patch_feather_mm = 3.0, scar_beyond_mm = 1.5, scar_feather_mm = 1.5;
/* Scar tissue loses pigment, but more dots than this merge (field/practice 1.3: about 220/cm2 at
 * 0.6 mm). */
static const double scar_most = 1.5;
static const double scalp_rim_mm = 4.0; /* towards ears and face */

void design_warn(Design *design, const char *fmt, ...)
{
    if (design->warning_count >= DESIGN_WARNING_LIMIT)
        return;
    char *text = design->warning[design->warning_count++];
    va_list arguments;
    va_start(arguments, fmt);
    vsnprintf(text, sizeof design->warning[0], fmt, arguments);
    va_end(arguments);
}

/* 0 in front of the hairline, 20 % on it, 1 behind the transition zone. */
static double front_ramp(const DesignRequest *request, double behind_mm)
{
    if (behind_mm <= 0.0)
        return 0.0;
    double rise = fmin(behind_mm / front_rise_mm, 1.0);
    if (request->transition_mm <= 0.0)
        return rise;
    return rise * (front_share +
                   (1.0 - front_share) * design_smoothstep(behind_mm / request->transition_mm));
}

static double crown_factor(const DesignTape *tape, int v)
{
    double t = tape->whorl_mm[v] / (crown_radius_mm * tape->scale);
    return 1.0 - crown_softer * (1.0 - design_smoothstep(t));
}

static double rim(const DesignTape *tape, int v)
{
    return fmin(fmax(tape->margin_mm[v] / scalp_rim_mm, 0.0), 1.0);
}

/* 1 over the top, 0 beside the temporal peaks: bare skin at the sideburns is no fringe to meet. */
static double off_flank(const DesignTape *tape, int v)
{
    double beyond_mm = fabs(tape->lateral_mm[v]) - tape->temple_mm;
    return 1.0 - design_smoothstep(beyond_mm / (25.0 * tape->scale));
}

/* Share of the density that the pattern asks for at a vertex, hair or no hair. */
static double pattern_share(const DesignRequest *request, const DesignTape *tape, bool has_stubble,
                            int v)
{
    double inside_mm = 0.0, blend_mm = fmax(request->fringe_blend_mm, 1.0);
    switch (request->pattern) {
    case DESIGN_PATTERN_NONE:
        return 0.0;
    case DESIGN_NORWOOD:
        inside_mm = design_norwood_mm(tape, request->stage, v);
        if (has_stubble)
            inside_mm += meet_fringe_mm * off_flank(tape, v);
        return front_ramp(request, tape->front_mm[v]) * crown_factor(tape, v) * rim(tape, v) *
               design_smoothstep(inside_mm / blend_mm + 0.5);
    case DESIGN_LUDWIG:
        /* thinning has no border: it fades over three times the fringe's width */
        inside_mm = design_ludwig_mm(tape, request->stage, v);
        return ludwig_missing[request->stage] * rim(tape, v) *
               design_smoothstep(inside_mm / (3.0 * blend_mm));
    }
    return 0.0;
}

static void fill_pattern(const HairSurvey *survey, const DesignTape *tape, Design *design,
                         int vertex_count)
{
    const DesignRequest *request = &design->request;
    double full = request->density_per_cm2 / 100.0;
    for (int v = 0; v < vertex_count; v++) {
        double wanted = full * pattern_share(request, tape, survey->has_stubble, v);
        /* the missing share of thin hair already counts what grows there */
        double grows = request->pattern == DESIGN_LUDWIG ? 0.0 : design->existing_per_mm2[v];
        double target = fmax(wanted - grows, 0.0);
        design->target_per_mm2[v] = target;
        if (target > 0.0)
            design->zone[v] = request->pattern == DESIGN_LUDWIG
                                  ? DESIGN_DIFFUSE
                                  : (uint8_t)design_zone_at(tape, request->transition_mm, v);
    }
}

/* Grows one connected part of the target from `seed` and returns its area; member marks it. */
static double part_of(const Head *head, const Design *design, int seed, int part, int member[],
                      int stack[])
{
    const HeadTopology *topology = head->topology;
    int depth = 0;
    double area_mm2 = 0.0;
    stack[depth++] = seed;
    member[seed] = part;
    while (depth > 0) {
        int v = stack[--depth];
        area_mm2 += head->area_mm2[v];
        for (int k = topology->neighbor_start[v]; k < topology->neighbor_start[v + 1]; k++) {
            int next = topology->neighbor[k];
            if (member[next] == 0 && design->target_per_mm2[next] > 0.0) {
                member[next] = part;
                stack[depth++] = next;
            }
        }
    }
    return area_mm2;
}

/* Gaps of a few cm2 in the hair that a survey sees are its own noise: nobody treats them alone. */
static bool drop_islands(Arena *scratch, const Head *head, Design *design, Err *err)
{
    int n = head->topology->vertex_count, parts = 0;
    size_t mark = arena_mark(scratch);
    int *member = ARENA_NEW(scratch, int, (size_t)n), *stack = ARENA_NEW(scratch, int, (size_t)n);
    if (member == NULL || stack == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices within the memory limit", n);
    for (int v = 0; v < n; v++) {
        if (member[v] != 0 || !(design->target_per_mm2[v] > 0.0))
            continue;
        if (part_of(head, design, v, ++parts, member, stack) >= island_mm2)
            continue;
        for (int w = v; w < n; w++)
            if (member[w] == parts) {
                design->target_per_mm2[w] = 0.0;
                design->zone[w] = DESIGN_NONE;
            }
    }
    arena_rewind(scratch, mark);
    return true;
}

/* A stage that the scan contradicts: most of what it calls bald bears hair. */
static void warn_hair_inside(const Head *head, const HairSurvey *survey, const DesignTape *tape,
                             Design *design)
{
    double stage_mm2 = 0.0, hair_mm2 = 0.0;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        double share = pattern_share(&design->request, tape, false, v);
        stage_mm2 += head->area_mm2[v] * share;
        hair_mm2 += head->area_mm2[v] * share * survey->cover[v];
    }
    if (hair_mm2 > 0.5 * stage_mm2)
        design_warn(
            design,
            "shaved hair seems to grow on %.0f %% of what stage %d calls bald: only the gaps "
            "are planned; check the stage, or plan without regard to the stubble",
            100.0 * hair_mm2 / stage_mm2, design->request.stage);
}

static double outline_share(const DesignOutline *outline, double uptake, double inside_mm)
{
    if (!outline->scar)
        return design_smoothstep(inside_mm / patch_feather_mm);
    double more = fmin(1.0 / uptake, scar_most);
    return more *
           design_smoothstep((inside_mm + scar_beyond_mm) / (scar_beyond_mm + scar_feather_mm));
}

/* No hair grows in a scar and a survey cannot resolve one, so nothing is subtracted there. */
static bool fill_outline(const DesignTape *tape, const DesignOutline *outline, int number,
                         const double inside_mm[], Design *design, const Head *head, Err *err)
{
    double full = design->request.density_per_cm2 / 100.0, reached_mm2 = 0.0;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        double share = outline_share(outline, design->request.scar_uptake, inside_mm[v]);
        share = tape->margin_mm[v] > 0.0 ? share : 0.0;
        if (share > 0.0)
            reached_mm2 += head->area_mm2[v];
        double grows = outline->scar ? 0.0 : design->existing_per_mm2[v];
        double target = fmax(full * share - grows, 0.0);
        if (target <= design->target_per_mm2[v])
            continue;
        design->target_per_mm2[v] = target;
        design->zone[v] = outline->scar ? DESIGN_SCAR : DESIGN_PATCH;
    }
    const double least_mm2 = 15.0; /* some five vertices of the canvas */
    if (reached_mm2 < least_mm2)
        return err_set(err, ERR_INPUT, "outline %d covers only %.0f mm2: nothing to plan there",
                       number, reached_mm2);
    return true;
}

static void sum_zones(const Head *head, Design *design)
{
    for (int v = 0; v < head->topology->vertex_count; v++) {
        if (!(design->target_per_mm2[v] > 0.0))
            continue;
        DesignZoneSum *sum = &design->sum[design->zone[v]];
        sum->area_mm2 += head->area_mm2[v];
        sum->dots += head->area_mm2[v] * design->target_per_mm2[v];
    }
    for (int zone = 0; zone < DESIGN_ZONES; zone++) {
        design->area_mm2 += design->sum[zone].area_mm2;
        design->dots += design->sum[zone].dots;
    }
}

/* Bare scalp behind the hairline that the chosen stage leaves alone. */
static void warn_left_bare(const Head *head, const HairSurvey *survey, const DesignTape *tape,
                           Design *design)
{
    double left_mm2 = 0.0;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        if (tape->front_mm[v] > 5.0 && tape->margin_mm[v] > 10.0 && survey->cover[v] < 0.2 &&
            !(design->target_per_mm2[v] > 0.0))
            left_mm2 += head->area_mm2[v];
    }
    if (left_mm2 > 1000.0)
        design_warn(design,
                    "%.0f cm2 of bare scalp behind the hairline lie outside stage %d and stay bare",
                    left_mm2 / 100.0, design->request.stage);
}

static void warn_surface(const Head *head, Design *design)
{
    double unseen_mm2 = 0.0;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        if (design->target_per_mm2[v] > 0.0 && head->source[v] != HEAD_MEASURED)
            unseen_mm2 += head->area_mm2[v];
    }
    if (unseen_mm2 > 0.05 * design->area_mm2)
        design_warn(design, "%.0f %% of the designed area was not seen by the scan but filled in",
                    100.0 * unseen_mm2 / design->area_mm2);
}

bool design_fill_field(Arena *scratch, const Head *head, const HairSurvey *survey,
                       const DesignTape *tape, Design *design, Err *err)
{
    size_t mark = arena_mark(scratch);
    int n = head->topology->vertex_count;
    double *inside_mm = ARENA_NEW(scratch, double, (size_t)n);
    if (inside_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for the density field");
    for (int v = 0; v < n; v++)
        design->existing_per_mm2[v] = survey->cover[v] * survey->hair_per_cm2.expected / 100.0;
    fill_pattern(survey, tape, design, n);
    if (survey->has_stubble && !drop_islands(scratch, head, design, err))
        return false;
    for (int i = 0; i < design->request.outline_count; i++) {
        const DesignOutline *outline = &design->request.outline[i];
        if (!design_outline_distance(scratch, head, outline, inside_mm, err) ||
            !fill_outline(tape, outline, i + 1, inside_mm, design, head, err))
            return false;
    }
    sum_zones(head, design);
    if (survey->has_stubble && design->request.pattern == DESIGN_NORWOOD) {
        warn_left_bare(head, survey, tape, design);
        warn_hair_inside(head, survey, tape, design);
    }
    if (head->source != NULL && design->area_mm2 > 0.0)
        warn_surface(head, design);
    arena_rewind(scratch, mark);
    return true;
}
