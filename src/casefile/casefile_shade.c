/* shade.json, as the command and the plan write it. */
#include "casefile/casefile_internal.h"
#include "casefile/shade_doc.h"

#include <math.h>

static json_t *band_json(SkinBand band, int decimals)
{
    return doc_band(band.low, band.expected, band.high, decimals);
}

static const char *severity_name(ShadeSeverity severity)
{
    switch (severity) {
    case SHADE_NOTE:
        return "note";
    case SHADE_WARN:
        return "warning";
    case SHADE_REFUSE:
        return "refusal";
    }
    return "note";
}

static void put_fit(Doc *doc, json_t *fit, const SkinTone *tone)
{
    static const char *const key[SKIN_PARAMS] = {[SKIN_MELANIN] = "melanin",
                                                 [SKIN_BLOOD] = "blood",
                                                 [SKIN_SATURATION] = "saturation",
                                                 [SKIN_SCATTER] = "scatter_per_mm",
                                                 [SKIN_SCATTER_SLOPE] = "scatter_slope"};
    for (int p = 0; p < SKIN_PARAMS; p++) {
        json_t *param = doc_object(doc, fit, key[p]);
        doc_put(doc, param, "value", doc_number(tone->value[p], 5));
        doc_put(doc, param, "sd", doc_number(tone->sd[p], 5));
    }
}

static void put_skin(Doc *doc, const SkinTone *tone, const ShadeOrigin *origin)
{
    json_t *skin = doc_object(doc, doc->root, "skin");
    doc_put(doc, skin, "given", doc_text(origin->skin));
    if (origin->remark != NULL)
        doc_put(doc, skin, "remark", doc_text(origin->remark));
    doc_put(doc, skin, "shine_taken_off", json_boolean(origin->gloss_included));
    doc_put(doc, skin, "lab", case_lab(tone->lab));
    doc_put(doc, skin, "ita_deg", doc_number(tone->ita_deg, 1));
    doc_put(doc, skin, "class", doc_text(color_ita_class(tone->ita_deg)));
    doc_put(doc, skin, "monk_tone", json_integer(color_monk_tone(tone->lab)));
    doc_put(doc, skin, "residual_delta_e2000", doc_number(tone->residual_de2000, 3));
    if (origin->fitted)
        doc_put(doc, skin, "spectrum_rms", doc_number(origin->fit_rms, 5));
    doc_put(doc, skin, "extrapolated", json_boolean(tone->extrapolated));
    put_fit(doc, doc_object(doc, skin, "fit"), tone);
}

static void put_stubble(Doc *doc, const ShadeRequest *request, const ShadeChoice *choice,
                        const ShadeOrigin *origin)
{
    json_t *stubble = doc_object(doc, doc->root, "stubble");
    doc_put(doc, stubble, "given", doc_text(origin->hair));
    doc_put(doc, stubble, "per_cm2", doc_number(request->hair_per_cm2, 1));
    doc_put(doc, stubble, "grey_share", doc_number(request->grey_share, 3));
    json_t *list = doc_list(doc, stubble, "hairs");
    for (int i = 0; i < request->hair_count; i++) {
        const SkinHair *hair = &request->hair[i];
        json_t *entry = doc_entry(doc, list, "hairs");
        doc_put(doc, entry, "share", doc_number(request->hair_share[i], 4));
        doc_put(doc, entry, "diameter_mm", doc_number(hair->diameter_mm, 4));
        doc_put(doc, entry, "absorption_per_mm", doc_number(hair->absorption_per_mm, 3));
        doc_put(doc, entry, "stub_mm", doc_number(hair->stub_mm, 3));
    }
    doc_put(doc, stubble, "lab", case_lab(choice->stubble));
    doc_put(doc, stubble, "red_to_blue", doc_number(choice->stubble_blue_ratio, 3));
    doc_put(doc, stubble, "optical_depth_540nm", doc_number(choice->stubble_area_per_mm2, 4));
}

static void put_dots(Doc *doc, const ShadeRequest *request)
{
    json_t *dots = doc_object(doc, doc->root, "dots");
    doc_put(doc, dots, "per_cm2", doc_number(request->dots_per_cm2, 2));
    doc_put(doc, dots, "diameter_mm", doc_number(request->diameter_mm, 3));
    doc_put(doc, dots, "depth_mm", doc_number(request->depth_mm, 3));
    doc_put(doc, dots, "depth_sd_mm", doc_number(request->depth_sd_mm, 3));
    doc_put(doc, dots, "match", doc_number(request->match, 3));
    json_t *habits = doc_object(doc, doc->root, "habits");
    doc_put(doc, habits, "sun", doc_number(request->habits.sun, 2));
    doc_put(doc, habits, "oiliness", doc_number(request->habits.oiliness, 2));
    doc_put(doc, habits, "immunity", doc_number(request->habits.immunity, 2));
    doc_put(doc, habits, "scar", json_boolean(request->habits.scar));
    if (request->habits.age_years > 0.0)
        doc_put(doc, habits, "age_years", doc_number(request->habits.age_years, 1));
}

static void put_pigment(Doc *doc, const SkinPigment *pigment, bool given)
{
    json_t *json = doc_object(doc, doc->root, "pigment");
    doc_put(doc, json, "name", doc_text(pigment->name));
    doc_put(doc, json, "kind",
            json_string(pigment->kind == SKIN_ABSORBABLE ? "absorbable" : "permanent"));
    doc_put(doc, json, "uptake", band_json(pigment->uptake_band, 5));
    doc_put(doc, json, "calibrated", json_boolean(pigment->calibrated[0] != '\0'));
    if (pigment->lot[0] != '\0')
        doc_put(doc, json, "lot", doc_text(pigment->lot));
    if (pigment->expires[0] != '\0')
        doc_put(doc, json, "expires", doc_text(pigment->expires));
    doc_put(doc, json, "dilution_origin", json_string(given ? "given" : "chosen"));
}

static void put_sessions(Doc *doc, const ShadeRequest *request, const ShadeChoice *choice)
{
    json_t *list = doc_list(doc, doc->root, "sessions");
    for (int s = 0; s < request->session_count; s++) {
        const ShadeSession *session = &choice->session[s];
        json_t *entry = doc_entry(doc, list, "sessions");
        doc_put(doc, entry, "session", json_integer(s + 1));
        doc_put(doc, entry, "dilution_water_per_pigment", doc_number(session->dilution, 2));
        doc_put(doc, entry, "healed_absorption_per_mm", doc_number(session->absorption_per_mm, 4));
        doc_put(doc, entry, "dots_per_cm2", doc_number(session->dots_per_cm2, 2));
        doc_put(doc, entry, "healed_so_far", case_lab(session->healed));
        doc_put(doc, entry, "lightness_change", doc_number(session->lightness_change, 2));
    }
}

static void put_forecast(Doc *doc, const ShadeChoice *choice)
{
    json_t *list = doc_list(doc, doc->root, "forecast");
    for (int i = 0; i < SHADE_MOMENTS; i++) {
        const ShadeForecast *forecast = &choice->forecast[i];
        json_t *entry = doc_entry(doc, list, "forecast");
        doc_put(doc, entry, "moment", json_string(shade_moment_name(i)));
        doc_put(doc, entry, "days", doc_number(shade_moment_days[i], 2));
        doc_put(doc, entry, "treated", case_lab(forecast->treated));
        doc_put(doc, entry, "weak_end", case_lab(forecast->weak));
        doc_put(doc, entry, "strong_end", case_lab(forecast->strong));
        doc_put(doc, entry, "delta_e2000_to_stubble", band_json(forecast->delta_e2000, 2));
        doc_put(doc, entry, "blue_match", band_json(forecast->blue_match, 3));
        doc_put(doc, entry, "dot_contrast", band_json(forecast->contrast, 3));
        doc_put(doc, entry, "dot_width_mm", band_json(forecast->width_mm, 3));
        doc_put(doc, entry, "lightness_change", band_json(forecast->lightness_change, 2));
        doc_put(doc, entry, "pigment_left", band_json(forecast->pigment_left, 3));
    }
}

static void put_ageing(Doc *doc, const SkinAgeing *ageing)
{
    json_t *list = doc_list(doc, doc->root, "ageing");
    for (int i = 0; i < SKIN_RATES; i++) {
        SkinRate rate = skin_ageing_rate(ageing, i);
        json_t *entry = doc_entry(doc, list, "ageing");
        doc_put(doc, entry, "rate", doc_text(rate.name));
        doc_put(doc, entry, "unit", doc_text(rate.unit));
        doc_put(doc, entry, "band", band_json(rate.band, 4));
        doc_put(doc, entry, "assumed", json_boolean(rate.assumed));
        doc_put(doc, entry, "source", doc_text(rate.source));
    }
}

static void put_warnings(Doc *doc, const ShadeChoice *choice)
{
    json_t *list = doc_list(doc, doc->root, "warnings");
    for (int i = 0; i < choice->warning_count; i++) {
        const ShadeWarning *warning = &choice->warning[i];
        json_t *entry = doc_entry(doc, list, "warnings");
        doc_put(doc, entry, "rule", json_string(shade_rule_name(warning->rule)));
        doc_put(doc, entry, "severity", json_string(severity_name(warning->severity)));
        doc_put(doc, entry, "value", doc_number(warning->value, 3));
        doc_put(doc, entry, "limit", doc_number(warning->limit, 3));
        doc_put(doc, entry, "unit", doc_text(warning->unit));
        doc_put(doc, entry, "text", doc_text(warning->text));
    }
    doc_put(doc, doc->root, "refused", json_boolean(choice->refused));
    doc_put(doc, doc->root, "note",
            json_string("a prediction, not a promise: no healed scalp dot has been measured by "
                        "anybody, as far as is known"));
}

bool casefile_shade_to_json(Arena *arena, const ShadeRequest *request, const ShadeChoice *choice,
                            const ShadeOrigin *origin, size_t *size, char **text, Err *err)
{
    Doc doc;
    if (!doc_start(&doc, "shade", 1, err))
        return false;
    put_skin(&doc, skin_marks_tone(request->marks), origin);
    put_stubble(&doc, request, choice, origin);
    put_dots(&doc, request);
    put_pigment(&doc, &request->pigment[choice->pigment], request->fixed_dilution >= 0.0);
    put_sessions(&doc, request, choice);
    put_forecast(&doc, choice);
    put_ageing(&doc, &choice->ageing);
    put_warnings(&doc, choice);
    return doc_render(arena, &doc, "shade.json", size, text, err);
}
