#include "shade/shade_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* Limits; where each comes from is in docs/models/skin.md, "When it warns". */
static const double hue_limit = 1.0, hue_refusal = 4.0; /* a*b*, at the stubble's lightness */
static const double start_limit = 0.85;                 /* of what is asked of a dot */
static const double contrast_limit = 0.05;              /* of one dot at its middle */
static const double reach_limit = 0.95;                 /* of the wanted darkening */
static const double strong_dilution = 2.0, dark_ita = 10.0;
static const double grey_limit = 0.10, grey_age_years = 40.0;
static const double weak_limit = 0.86, weak_refusal = 0.12;   /* L* */
static const double light_limit = 0.35, light_refusal = 0.15; /* of black hair's light */
static const double skin_limit = 1.0, skin_refusal = 6.0;     /* deltaE00 */
static const double validated_ita[2] = {-30.0, 65.0};

typedef struct Note {
    ShadeRule rule;
    ShadeSeverity severity;
    double value, limit;
    const char *unit;
} Note;

static void say(ShadeChoice *choice, Note note, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void say(ShadeChoice *choice, Note note, const char *fmt, ...)
{
    if (choice->warning_count == SHADE_MAX_WARNINGS)
        return;
    ShadeWarning *warning = &choice->warning[choice->warning_count++];
    *warning = (ShadeWarning){.rule = note.rule,
                              .severity = note.severity,
                              .value = note.value,
                              .limit = note.limit,
                              .unit = note.unit};
    va_list list;
    va_start(list, fmt);
    vsnprintf(warning->text, sizeof warning->text, fmt, list);
    va_end(list);
    choice->refused = choice->refused || note.severity == SHADE_REFUSE;
}

static const ShadeForecast *healed_forecast(const ShadeChoice *choice)
{
    return &choice->forecast[1];
}

/* The depth at which the healed dots have the stubble's own hue; NAN when none within reach has. */
static double matching_depth_mm(const ShadeRequest *request, const ShadeChoice *choice)
{
    double low = 0.1, high = 0.7;
    for (int i = 0; i < 20; i++) {
        SkinMark mark = choice->healed;
        mark.depth_mm = 0.5 * (low + high);
        Spectrum area = skin_mark_area(request->marks, mark);
        *(skin_blue_ratio(&area) < choice->stubble_blue_ratio ? &low : &high) = mark.depth_mm;
    }
    return low < 0.105 || high > 0.695 ? (double)NAN : low;
}

/* How far the dots' hue lies from the stubble's once both are equally dark: what dilution cannot
 * mend. Distance in a*b*. */
static double hue_difference(const ShadeRequest *request, const ShadeChoice *choice)
{
    double low = log(1e-3), high = log(1e3);
    Spectrum dots = {{0}};
    Lab lab = choice->bare;
    for (int s = 0; s < request->session_count; s++) {
        SkinMark mark = choice->healed;
        mark.absorption_per_mm = choice->session[s].absorption_per_mm;
        Spectrum area = skin_mark_area(request->marks, mark);
        shade_add(&dots, &area, shade_session_per_mm2(request, s));
    }
    for (int i = 0; i < 30; i++) {
        Spectrum depth = {{0}};
        shade_add(&depth, &dots, exp(0.5 * (low + high)));
        lab = shade_lab(request->marks, &depth);
        *(lab.L > choice->stubble.L ? &low : &high) = 0.5 * (low + high);
    }
    return hypot(lab.a - choice->stubble.a, lab.b - choice->stubble.b);
}

static void warn_hue(const ShadeRequest *request, ShadeChoice *choice)
{
    double match = healed_forecast(choice)->blue_match.expected;
    double difference = hue_difference(request, choice);
    double depth_mm = matching_depth_mm(request, choice);
    bool blue = match > 1.0;
    char advice[96] = "no depth within reach has the stubble's hue";
    if (difference <= hue_limit)
        return;
    if (!isnan(depth_mm))
        snprintf(advice, sizeof advice, "%s: at about %.2f mm the hues meet",
                 blue ? "work shallower" : "a little deeper is greyer", depth_mm);
    say(choice,
        (Note){blue ? SHADE_BLUE : SHADE_TOO_BROWN,
               blue && difference > hue_refusal ? SHADE_REFUSE : SHADE_WARN, difference, hue_limit,
               "a*b*"},
        "At %.2f mm deep the dots read %s than the stubble: %.1f units of hue at the same "
        "lightness (limit %.0f; blueness %.2f times the stubble's); %s",
        request->depth_mm, blue ? "bluer" : "browner", difference, hue_limit, match, advice);
}

static double dot_area_mm2(const ShadeRequest *request, SkinMark mark)
{
    return skin_mark_area(request->marks, mark).band[SHADE_BAND_GREEN];
}

static void warn_start(const ShadeRequest *request, ShadeChoice *choice)
{
    double asked_mm2 =
        request->match * choice->stubble_area_per_mm2 / (request->dots_per_cm2 / 100.0);
    SkinMark first = choice->healed;
    first.absorption_per_mm = choice->session[0].absorption_per_mm;
    double share = dot_area_mm2(request, first) / asked_mm2;
    if (share <= start_limit + 0.005)
        return;
    if (request->session_count == 1)
        say(choice, (Note){SHADE_DARK_START, SHADE_WARN, share, start_limit, "ratio"},
            "One session puts in everything before any healed result is seen; plan two or three "
            "and start at %.0f %% of the final darkness or less",
            100.0 * start_limit);
    else
        say(choice, (Note){SHADE_DARK_START, SHADE_WARN, share, start_limit, "ratio"},
            "The first session's dots have %.0f %% of the darkness wanted in the end (limit "
            "%.0f %%); what is too dark cannot be taken back: add water and darken after healing",
            100.0 * share, 100.0 * start_limit);
}

static void warn_strength(const ShadeRequest *request, ShadeChoice *choice)
{
    const ShadeSession *last = &choice->session[request->session_count - 1];
    const SkinTone *tone = skin_marks_tone(request->marks);
    const char *name = request->pigment[choice->pigment].name;
    double reach = 0.0, wanted = request->match * choice->stubble_area_per_mm2;
    for (int s = 0; s < request->session_count; s++) {
        SkinMark mark = choice->healed;
        mark.absorption_per_mm = choice->session[s].absorption_per_mm;
        reach += shade_session_per_mm2(request, s) * dot_area_mm2(request, mark) / wanted;
    }
    if (last->dilution <= 0.0 && reach < reach_limit)
        say(choice, (Note){SHADE_UNDILUTED, SHADE_WARN, reach, reach_limit, "ratio"},
            "Even undiluted %s reaches only %.0f %% of the darkening wanted; larger or more dots "
            "do more here than stronger pigment, or accept a lighter shade",
            name, 100.0 * reach);
    else if (last->dilution < strong_dilution && tone->ita_deg < dark_ita)
        say(choice,
            (Note){SHADE_STRONG_ON_DARK, SHADE_WARN, last->dilution, strong_dilution, "ml/ml"},
            "Dark skin asks for nearly undiluted %s (%.1f ml water : 1 ml): every error of depth "
            "shows; make a test field first and keep to %.2f mm",
            name, last->dilution, request->depth_mm);
}

static void warn_visible(const ShadeRequest *request, ShadeChoice *choice)
{
    const ShadeForecast *healed = healed_forecast(choice);
    double contrast = healed->contrast.expected, change = healed->lightness_change.expected;
    if (contrast < contrast_limit)
        say(choice, (Note){SHADE_CANNOT_SHOW, SHADE_WARN, contrast, contrast_limit, "ratio"},
            "A healed dot this pale takes %.1f %% of the light at its middle: on this skin it "
            "shows as a tint, not as a dot (limit %.0f %%); use fewer and stronger dots",
            100.0 * contrast, 100.0 * contrast_limit);
    if (-change < weak_limit)
        say(choice,
            (Note){SHADE_TOO_WEAK, -change < weak_refusal ? SHADE_REFUSE : SHADE_WARN, -change,
                   weak_limit, "L*"},
            "The treated skin becomes %.1f L* darker (the own stubble makes %.1f); below %.2f L* "
            "most people accept it as no difference: with %g dots per cm2 it is hardly worth doing",
            fmax(-change, 0.0), fmax(choice->bare.L - choice->stubble.L, 0.0), weak_limit,
            request->dots_per_cm2);
}

/* The stubble's darkening relative to that of black hairs of the same sizes. */
static double hair_darkness(const ShadeRequest *request)
{
    ShadeRequest black = *request;
    for (int i = 0; i < black.hair_count; i++) {
        SkinHair hair = skin_hair_make(SKIN_HAIR_BLACK, request->hair[i].diameter_mm);
        hair.tilt_rad = request->hair[i].tilt_rad;
        hair.stub_mm = request->hair[i].stub_mm;
        black.hair[i] = hair;
    }
    return shade_hair_area(request).band[SHADE_BAND_GREEN] /
           shade_hair_area(&black).band[SHADE_BAND_GREEN];
}

/* False when nothing can be matched. */
static bool warn_hair(const ShadeRequest *request, ShadeChoice *choice)
{
    double darkness = hair_darkness(request);
    if (darkness < light_refusal)
        say(choice, (Note){SHADE_LIGHT_HAIR, SHADE_REFUSE, darkness, light_refusal, "ratio"},
            "This hair takes %.0f %% of the light that black hair takes. Pigment can only darken: "
            "no dilution looks like hair this light, and dots would show as dirt",
            100.0 * fmax(darkness, 0.0));
    else if (darkness < light_limit)
        say(choice, (Note){SHADE_LIGHT_HAIR, SHADE_WARN, darkness, light_limit, "ratio"},
            "This hair takes only %.0f %% of the light that black hair takes: the dots must be "
            "very pale, and a little too much shows at once; make a test field first",
            100.0 * darkness);
    return darkness >= light_refusal;
}

/* deltaE00 of the healed choice to the stubble once half of what is dark now has turned white. */
static double grey_difference(const ShadeRequest *request, const ShadeChoice *choice, double left)
{
    Spectrum depth = {{0}}, hair = shade_hair_area(request);
    shade_add(&depth, &hair, left * request->hair_per_cm2 / 100.0);
    return color_delta_e2000(healed_forecast(choice)->treated, shade_lab(request->marks, &depth));
}

static void warn_grey(const ShadeRequest *request, ShadeChoice *choice)
{
    double grey = request->grey_share, age = request->habits.age_years;
    if (grey < grey_limit && age < grey_age_years)
        return;
    double left = grey < 0.5 ? 0.5 / (1.0 - grey) : 0.5;
    double between = request->match * 0.5 * (1.0 + left);
    double difference = grey_difference(request, choice, left);
    bool by_age = grey < grey_limit;
    say(choice,
        (Note){SHADE_GREYING, SHADE_NOTE, by_age ? age : grey, by_age ? grey_age_years : grey_limit,
               by_age ? "years" : "ratio"},
        "%s: once %s is white this shade will be %.1f deltaE00 too dark. The shade in between is "
        "%.0f %% of the stubble's darkening (--match=%.2f); soften with age rather than darken",
        by_age ? "Hair turns grey from about this age" : "The hair is turning grey",
        grey < 0.5 ? "half of it" : "half of the rest", difference, 100.0 * between, between);
}

static void warn_skin(const ShadeRequest *request, ShadeChoice *choice)
{
    const SkinTone *tone = skin_marks_tone(request->marks);
    if (tone->residual_de2000 > skin_limit)
        say(choice,
            (Note){SHADE_NOT_SKIN, tone->residual_de2000 > skin_refusal ? SHADE_REFUSE : SHADE_WARN,
                   tone->residual_de2000, skin_limit, "deltaE00"},
            "No skin has this colour (Lab %.0f, %.0f, %.0f): the nearest one is %.1f deltaE00 away "
            "(limit %.1f). Measure again, with a colour chart and without shine",
            tone->lab.L, tone->lab.a, tone->lab.b, tone->residual_de2000, skin_limit);
    bool dark = tone->ita_deg<validated_ita[0], light = tone->ita_deg> validated_ita[1];
    if (dark || light || tone->extrapolated)
        say(choice,
            (Note){SHADE_EXTRAPOLATED, SHADE_WARN, tone->ita_deg, validated_ita[light], "degrees"},
            "Nobody whose skin is %s (ITA %.0f) was among those whom the model was checked on: "
            "make a test field and look at it healed before going on",
            light ? "this light" : "this dark", tone->ita_deg);
}

/* The reach of the simulated marks (skin/mark.h). */
static void warn_table(const ShadeRequest *request, ShadeChoice *choice)
{
    const double reach_per_mm[2] = {0.2, 30.0};
    double weakest = (double)INFINITY, strongest = 0.0;
    for (int s = 0; s < request->session_count; s++) {
        weakest = fmin(weakest, choice->session[s].absorption_per_mm);
        strongest = fmax(strongest, choice->session[s].absorption_per_mm);
    }
    bool weak = weakest < reach_per_mm[0];
    if (!weak && strongest <= reach_per_mm[1])
        return;
    say(choice,
        (Note){SHADE_EXTRAPOLATED, SHADE_NOTE, weak ? weakest : strongest, reach_per_mm[!weak],
               "1/mm"},
        "Healed pigment of %.2g /mm is %s than any that was simulated: the figures are continued "
        "from there",
        weak ? weakest : strongest, weak ? "weaker" : "stronger");
}

/* The gravest first; the order of the rules within. */
static void sort_by_severity(ShadeChoice *choice)
{
    for (int i = 1; i < choice->warning_count; i++) {
        ShadeWarning moving = choice->warning[i];
        int k = i;
        for (; k > 0 && choice->warning[k - 1].severity < moving.severity; k--)
            choice->warning[k] = choice->warning[k - 1];
        choice->warning[k] = moving;
    }
}

void shade_warn(const ShadeRequest *request, ShadeChoice *choice)
{
    warn_skin(request, choice);
    if (warn_hair(request, choice)) { /* of dots that are nearly none there is no more to say */
        warn_hue(request, choice);
        warn_start(request, choice);
        warn_strength(request, choice);
        warn_visible(request, choice);
        warn_grey(request, choice);
        warn_table(request, choice);
    }
    sort_by_severity(choice);
}
