#include "shade/shade_internal.h"

#include <math.h>
#include <stddef.h>

/* Weights of the objective, in units of deltaE00 (docs/models/skin.md): a hue off by a factor of e,
 * and a dot whose contrast is 1 away from a hair's. Both are small enough that the mean colour
 * decides and large enough to choose between pigments that reach it alike. */
static const double hue_weight = 1.0, contrast_weight = 1.0;

/* A dot of the first session takes this share of the light that is asked of a dot. */
static const double start_low = 0.70, start_high = 0.85;

typedef struct Search {
    const ShadeRequest *request;
    int pigment;
    Lab wanted;
    double asked_mm2; /* of one dot, green, so that all of them darken as wanted */
    double blue_ratio, contrast;
    double undiluted_per_mm;
} Search;

static double dot_area_mm2(const Search *search, double absorption_per_mm)
{
    SkinMark mark = shade_mark(search->request, search->pigment, absorption_per_mm);
    return skin_mark_area(search->request->marks, mark).band[SHADE_BAND_GREEN];
}

/* The first session's absorption: its dots take from start_low to start_high of the light that a
 * dot of the level takes, and of what is asked of one. */
static double first_absorption(const Search *search, double level_per_mm, double strength)
{
    double whole_mm2 = fmin(dot_area_mm2(search, level_per_mm), search->asked_mm2);
    double given_mm2 = dot_area_mm2(search, strength * level_per_mm);
    double area_mm2 = fmin(fmax(given_mm2, start_low * whole_mm2), start_high * whole_mm2);
    double low = log(1e-3 * level_per_mm), high = log(level_per_mm);
    for (int i = 0; i < 16; i++) {
        double middle = 0.5 * (low + high);
        *(dot_area_mm2(search, exp(middle)) < area_mm2 ? &low : &high) = middle;
    }
    return exp(0.5 * (low + high));
}

/* Healed absorption by session at a level; none exceeds what the bottle gives. A single session has
 * nothing to wait for: it is the start and the end. A given dilution is predicted as it is. */
static void set_sessions(const Search *search, double level_per_mm, double absorption_per_mm[])
{
    const ShadeRequest *request = search->request;
    bool starts = request->session_count > 1 && request->fixed_dilution < 0.0;
    for (int s = 0; s < request->session_count; s++) {
        double strength = request->session_strength[s];
        double value = s == 0 && starts ? first_absorption(search, level_per_mm, strength)
                                        : strength * level_per_mm;
        absorption_per_mm[s] = fmin(value, search->undiluted_per_mm);
    }
}

static Spectrum treated_depth(const Search *search, const double absorption_per_mm[],
                              double deeper_mm)
{
    const ShadeRequest *request = search->request;
    Spectrum depth = {{0}};
    for (int s = 0; s < request->session_count; s++) {
        SkinMark mark = shade_mark(request, search->pigment, absorption_per_mm[s]);
        mark.depth_mm = fmax(mark.depth_mm + deeper_mm, 0.05);
        Spectrum area = skin_mark_area(request->marks, mark);
        shade_add(&depth, &area, shade_session_per_mm2(request, s));
    }
    return depth;
}

/* The objective. Depths scatter: the mean over a normal deviation by Gauss and Hermite's three
 * points. */
static double cost_of(const Search *search, double level_per_mm)
{
    static const double node[3] = {-1.7320508075688772, 0.0, 1.7320508075688772};
    static const double weight[3] = {1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0};
    const ShadeRequest *request = search->request;
    double absorption_per_mm[SHADE_MAX_SESSIONS], cost = 0.0, blue_ratio = 1.0;
    set_sessions(search, level_per_mm, absorption_per_mm);
    for (int i = 0; i < 3; i++) {
        Spectrum depth = treated_depth(search, absorption_per_mm, node[i] * request->depth_sd_mm);
        cost += weight[i] * color_delta_e2000(shade_lab(request->marks, &depth), search->wanted);
        if (i == 1)
            blue_ratio = skin_blue_ratio(&depth);
    }
    SkinMark dot =
        shade_mark(request, search->pigment, fmin(level_per_mm, search->undiluted_per_mm));
    double contrast = shade_seen_contrast(skin_mark_look(request->marks, dot));
    return cost + hue_weight * fabs(log(blue_ratio / search->blue_ratio)) +
           contrast_weight * fabs(contrast - search->contrast);
}

static double total_green(const Search *search, double level_per_mm)
{
    double absorption_per_mm[SHADE_MAX_SESSIONS];
    set_sessions(search, level_per_mm, absorption_per_mm);
    return treated_depth(search, absorption_per_mm, 0.0).band[SHADE_BAND_GREEN];
}

/* The level at which all dots together take the share of the wanted light, or the highest there is.
 */
static double level_of_share(const Search *search, double share)
{
    double wanted = share * search->asked_mm2 * search->request->dots_per_cm2 / 100.0;
    double low = log(1e-3), high = log(10.0 * search->undiluted_per_mm);
    for (int i = 0; i < 24; i++) {
        double middle = 0.5 * (low + high);
        *(total_green(search, exp(middle)) < wanted ? &low : &high) = middle;
    }
    return exp(low);
}

/* The best level between a half and all of the wanted light: a coarse look, then golden section. */
static double best_level(const Search *search, double *cost)
{
    enum { STEPS = 12, TURNS = 14 };
    const double golden = 0.6180339887498949;
    double low = log(level_of_share(search, 0.5)), high = log(level_of_share(search, 1.0));
    double step = (high - low) / STEPS, best = high;
    *cost = cost_of(search, exp(high));
    for (int i = STEPS - 1; i >= 0; i--) {
        double here = cost_of(search, exp(low + i * step));
        if (here < *cost) {
            *cost = here;
            best = low + i * step;
        }
    }
    double left = fmax(best - step, low), right = fmin(best + step, high);
    for (int i = 0; i < TURNS; i++) {
        double a = right - golden * (right - left), b = left + golden * (right - left);
        if (cost_of(search, exp(a)) < cost_of(search, exp(b)))
            right = b;
        else
            left = a;
    }
    double middle = exp(0.5 * (left + right)), refined = cost_of(search, middle);
    if (refined >= *cost)
        return exp(best);
    *cost = refined;
    return middle;
}

/* A fixed dilution is that of the last session; the others keep their strengths relative to it. */
static double fixed_level(const Search *search, double *cost)
{
    const ShadeRequest *request = search->request;
    double level =
        skin_absorption_per_mm(&request->pigment[search->pigment], request->fixed_dilution) /
        request->session_strength[request->session_count - 1];
    *cost = cost_of(search, level);
    return level;
}

static void describe_target(Search *search, ShadeChoice *choice)
{
    const ShadeRequest *request = search->request;
    Spectrum hair = shade_hair_area(request), depth = {{0}};
    double hair_per_mm2 = request->hair_per_cm2 / 100.0;
    choice->bare = shade_lab(request->marks, &depth);
    shade_add(&depth, &hair, hair_per_mm2);
    choice->stubble = shade_lab(request->marks, &depth);
    choice->stubble_blue_ratio = skin_blue_ratio(&depth);
    choice->stubble_area_per_mm2 = depth.band[SHADE_BAND_GREEN];
    search->blue_ratio = choice->stubble_blue_ratio;
    search->asked_mm2 =
        request->match * choice->stubble_area_per_mm2 / (request->dots_per_cm2 / 100.0);
    for (int i = 0; i < request->hair_count; i++)
        search->contrast += request->hair_share[i] *
                            shade_seen_contrast(skin_hair_look(request->marks, request->hair[i]));
    Spectrum wanted = {{0}};
    shade_add(&wanted, &hair, hair_per_mm2 * request->match);
    search->wanted = shade_lab(request->marks, &wanted);
}

static void set_pigment(Search *search, int pigment)
{
    search->pigment = pigment;
    search->undiluted_per_mm = skin_absorption_per_mm(&search->request->pigment[pigment], 0.0);
}

static void fill_sessions(const Search *search, double level_per_mm, ShadeChoice *choice)
{
    const ShadeRequest *request = search->request;
    const SkinPigment *pigment = &request->pigment[search->pigment];
    double absorption_per_mm[SHADE_MAX_SESSIONS];
    Spectrum depth = {{0}};
    set_sessions(search, level_per_mm, absorption_per_mm);
    for (int s = 0; s < request->session_count; s++) {
        ShadeSession *session = &choice->session[s];
        choice->healed = shade_mark(request, search->pigment, absorption_per_mm[s]);
        Spectrum area = skin_mark_area(request->marks, choice->healed);
        shade_add(&depth, &area, shade_session_per_mm2(request, s));
        session->absorption_per_mm = absorption_per_mm[s];
        session->dilution = skin_dilution(pigment, absorption_per_mm[s]);
        session->dots_per_cm2 = request->dots_per_cm2 * request->session_share[s];
        session->healed = shade_lab(request->marks, &depth);
        session->lightness_change = session->healed.L - choice->bare.L;
    }
}

void shade_choose(const ShadeRequest *request, ShadeChoice *choice)
{
    Search search = {.request = request}, chosen = {0};
    double best_cost = (double)INFINITY, level_per_mm = 0.0;
    *choice = (ShadeChoice){0};
    describe_target(&search, choice);
    for (int p = 0; p < request->pigment_count; p++) {
        if (request->fixed_pigment >= 0 && p != request->fixed_pigment)
            continue;
        double cost, level;
        set_pigment(&search, p);
        level = request->fixed_dilution >= 0.0 ? fixed_level(&search, &cost)
                                               : best_level(&search, &cost);
        if (!(cost < best_cost) && chosen.request != NULL)
            continue;
        best_cost = cost;
        level_per_mm = level;
        chosen = search;
    }
    choice->pigment = chosen.pigment;
    choice->ageing = skin_ageing(request->pigment[chosen.pigment].kind,
                                 skin_marks_tone(request->marks), &request->habits);
    fill_sessions(&chosen, level_per_mm, choice);
    shade_forecast(request, choice);
    shade_warn(request, choice);
}
