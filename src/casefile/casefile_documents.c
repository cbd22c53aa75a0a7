#include "casefile/casefile_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *source_name(HeadSource source)
{
    switch (source) {
    case HEAD_MEASURED:
        return "measured";
    case HEAD_FILLED:
        return "filled";
    case HEAD_FOLDED:
        return "folded";
    }
    return "unknown";
}

json_t *case_lab(Lab lab)
{
    return json_pack("{s:o,s:o,s:o}", "L", doc_number(lab.L, 2), "a", doc_number(lab.a, 2), "b",
                     doc_number(lab.b, 2));
}

static json_t *skin_json(Doc *doc, const SkinTone *tone)
{
    json_t *skin = json_object();
    doc_put(doc, skin, "lab", case_lab(tone->lab));
    doc_put(doc, skin, "ita_deg", doc_number(tone->ita_deg, 1));
    doc_put(doc, skin, "class", doc_text(color_ita_class(tone->ita_deg)));
    return skin;
}

/* --- assessment.json --- */

/* Of the design's own stage shapes. */
static void put_stage(Doc *doc, const Design *design)
{
    for (int i = 0; i < design->shape_count; i++) {
        const DesignShape *shape = &design->shape[i];
        if (shape->kind != DESIGN_NORWOOD_STAGE && shape->kind != DESIGN_LUDWIG_STAGE)
            continue;
        json_t *stage = doc_object(doc, doc->root, "stage");
        doc_put(doc, stage, "scale", json_string(design_shape_name(shape->kind)));
        doc_put(doc, stage, "stage", json_integer(shape->stage));
        doc_put(doc, stage, "origin", json_string("given"));
        return;
    }
}

/* Where an edit or a check of the design measures from. */
static void put_landmarks(Doc *doc, const Head *head)
{
    const Vec3 *at = head->landmark_mm;
    json_t *list = doc_object(doc, doc->root, "landmarks_mm");
    for (int i = 0; i < HEAD_LANDMARKS; i++)
        if (vec_length(at[i]) > 0.0)
            doc_put(doc, list, case_landmark_name((HeadLandmark)i), doc_point(at[i], 4));
}

/* Into assessment.json and case.json; 0 means that it was not measured. */
static void put_measures(Doc *doc, const HeadMeasures *measures)
{
    const struct {
        const char *key;
        double value;
    } row[] = {{"length_mm", measures->length_mm},
               {"breadth_mm", measures->breadth_mm},
               {"circumference_mm", measures->circumference_mm},
               {"tragion_vertex_mm", measures->tragion_vertex_mm},
               {"coronal_arc_mm", measures->coronal_arc_mm},
               {"sagittal_arc_mm", measures->sagittal_arc_mm},
               {"scalp_cm2", measures->scalp_mm2 / 100.0}};
    json_t *head = doc_object(doc, doc->root, "head");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (!(row[i].value <= 0.0))
            doc_put(doc, head, row[i].key, doc_number(row[i].value, 1));
}

static void put_hair(Doc *doc, const HairSurvey *survey)
{
    json_t *hair = doc_object(doc, doc->root, "hair");
    HairInterval density = survey->hair_per_cm2;
    doc_put(doc, hair, "full_density_per_cm2",
            doc_band(density.low, density.expected, density.high, 1));
    doc_put(doc, hair, "full_density_origin", json_string("published prior, not counted"));
    doc_put(doc, hair, "hair_diameter_mm", doc_number(survey->hair_diameter_mm, 3));
    if (!survey->has_stubble)
        return;
    doc_put(doc, hair, "stubble_area_cm2", doc_number(survey->stubble_mm2 / 100.0, 1));
    doc_put(doc, hair, "stubble_lab", case_lab(survey->stubble_lab));
    doc_put(doc, hair, "darkness", doc_number(survey->darkness, 3));
    doc_put(doc, hair, "contrast", doc_number(survey->contrast, 3));
}

/* Shares of the canvas by what its vertices rest on, landmarks by who set them. */
static void put_quality(Doc *doc, const Case *plan)
{
    double area_mm2[3] = {0.0}, sum_mm2 = 0.0;
    json_t *quality = doc_object(doc, doc->root, "quality");
    json_t *share = doc_object(doc, quality, "surface_share");
    for (int i = 0; i < plan->head->topology->vertex_count; i++) {
        int source = plan->head->source[i];
        area_mm2[source <= HEAD_FOLDED ? source : HEAD_FILLED] += plan->head->area_mm2[i];
        sum_mm2 += plan->head->area_mm2[i];
    }
    for (int source = 0; source < 3; source++)
        doc_put(doc, share, source_name((HeadSource)source),
                doc_number(area_mm2[source] / sum_mm2, 4));
    json_t *landmarks = doc_object(doc, quality, "landmarks");
    for (int i = 0; i < HEAD_LANDMARKS; i++)
        if (head_knows(plan->head, (HeadLandmark)i))
            doc_put(doc, landmarks, case_landmark_name((HeadLandmark)i),
                    json_string(plan->landmark_proposed[i] ? "proposed" : "given"));
    doc_put(doc, quality, "colour_measured", json_boolean(plan->survey->has_color));
    if (plan->survey->has_stubble)
        doc_put(doc, quality, "stubble_separation_sd", doc_number(plan->survey->separation, 2));
}

void case_assessment(Doc *doc, const Case *plan)
{
    put_stage(doc, &plan->layout->design);
    if (plan->fit == NULL || !plan->fit->is_patch)
        put_measures(doc, &plan->measures);
    doc_put(doc, doc->root, "design_area_cm2", doc_number(plan->layout->area_mm2 / 100.0, 1));
    put_hair(doc, plan->survey);
    if (plan->survey->has_color)
        doc_put(doc, doc->root, "skin", skin_json(doc, &plan->survey->tone));
    put_landmarks(doc, plan->head);
    put_quality(doc, plan);
}

/* --- layout.json --- */

json_t *case_points(Doc *doc, int count, const Vec3 point_mm[])
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        doc_add(doc, list, "points_mm", doc_point(point_mm[i], 3));
    return list;
}

static json_t *seed_json(uint64_t seed)
{
    char text[24]; /* a text: 64 bits do not fit the numbers of every reader */
    snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
    return json_string(text);
}

static void put_hairline(Doc *doc, const Case *plan)
{
    const DesignLayout *layout = plan->layout;
    json_t *hairline = doc_object(doc, doc->root, "hairline");
    doc_put(doc, hairline, "length_mm", doc_number(layout->hairline_length_mm, 1));
    doc_put(doc, hairline, "height_mm", doc_number(layout->hairline_height_mm, 1));
    doc_put(doc, hairline, "controls_mm",
            case_points(doc, layout->control_count, layout->control_mm));
    doc_put(doc, hairline, "curve_mm",
            case_points(doc, layout->hairline_count, layout->hairline_mm));
}

/* What would be seen if the loss went on, with the dots in place. */
static void put_losses(Doc *doc, const Case *plan)
{
    if (plan->loss_count == 0)
        return;
    json_t *list = doc_list(doc, doc->root, "if_the_loss_goes_on");
    for (int i = 0; i < plan->loss_count; i++) {
        const DesignLoss *loss = &plan->loss[i];
        json_t *entry = doc_entry(doc, list, "if_the_loss_goes_on");
        doc_put(doc, entry, "scale", json_string(loss->ludwig ? "ludwig" : "norwood"));
        doc_put(doc, entry, "stage", json_integer(loss->pattern_stage));
        doc_put(doc, entry, "lost_cm2", doc_number(loss->lost_mm2 / 100.0, 1));
        doc_put(doc, entry, "bare_cm2", doc_number(loss->bare_mm2 / 100.0, 1));
        doc_put(doc, entry, "free_edge_mm", doc_number(loss->edge_mm, 0));
        doc_put(doc, entry, "extra_dots", json_integer(llround(loss->extra_dots)));
        if (!(loss->widest_mm > 0.0))
            continue;
        doc_put(doc, entry, "widest_gap_mm", doc_number(loss->widest_mm, 1));
        doc_put(doc, entry, "widest_gap_at_mm", doc_point(loss->widest_at_mm, 1));
    }
}

static void put_zones(Doc *doc, const Case *plan)
{
    int placed[DESIGN_ZONES] = {0};
    for (int i = 0; i < plan->dots->count; i++)
        placed[plan->dots->dot[i].zone]++;
    json_t *list = doc_list(doc, doc->root, "zones");
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++) {
        DesignZoneSum sum = plan->layout->sum[zone];
        if (!(sum.area_mm2 > 0.0) && placed[zone] == 0)
            continue;
        json_t *entry = doc_entry(doc, list, "zones");
        doc_put(doc, entry, "zone", json_string(design_zone_name((DesignZone)zone)));
        doc_put(doc, entry, "area_cm2", doc_number(sum.area_mm2 / 100.0, 2));
        doc_put(doc, entry, "dots_wanted", json_integer(llround(sum.dots)));
        doc_put(doc, entry, "dots_placed", json_integer(placed[zone]));
    }
}

static void put_shade(Doc *doc, const Case *plan)
{
    json_t *shade = doc_object(doc, doc->root, "shade");
    doc_put(doc, shade, "pigment", doc_text(plan->pigment->name));
    json_t *list = doc_list(doc, shade, "dilution_water_per_pigment");
    for (int i = 0; i < plan->dots->session_count; i++)
        doc_add(doc, list, "dilution_water_per_pigment", doc_number(plan->dilution[i], 2));
}

void case_layout(Doc *doc, const Case *plan)
{
    if (plan->layout->has_hairline)
        put_hairline(doc, plan);
    doc_put(doc, doc->root, "area_cm2", doc_number(plan->layout->area_mm2 / 100.0, 2));
    put_zones(doc, plan);
    case_put_edges(doc, plan->dots_plan.wanted);
    put_shade(doc, plan);
    put_losses(doc, plan);
    json_t *warnings = doc_list(doc, doc->root, "warnings");
    for (int i = 0; i < plan->layout->warning_count; i++)
        doc_add(doc, warnings, "warnings", doc_text(plan->layout->warning[i]));
}

/* --- visibility.json --- */

/* What decides the distance from which the work cannot be told from the client's own stubble. */
static const char *cause(const CaseState *state)
{
    if (state->step_distance_m > state->fusing_distance_m)
        return "the step in shade between the area and the client's own stubble";
    if (state->fusing_distance_m > 0.0)
        return "single dots can be told apart";
    return "nothing to be seen";
}

static void put_state(Doc *doc, json_t *list, const Case *plan, const CaseState *state)
{
    json_t *entry = doc_entry(doc, list, "states");
    doc_put(doc, entry, "state", doc_text(state->name));
    doc_put(doc, entry, "caption", doc_text(state->caption));
    if (state->years >= 0.0)
        doc_put(doc, entry, "years_after_healing", doc_number(state->years, 2));
    doc_put(doc, entry, "luminance_cd_m2", doc_number(plan->luminance_cd_m2, 2));
    doc_put(doc, entry, "mean_darkening", doc_number(state->mean_darkening, 4));
    doc_put(doc, entry, "fusing_distance_m", doc_number(state->fusing_distance_m, 2));
    doc_put(doc, entry, "fusing_band_m",
            json_pack("{s:o,s:o}", "low", doc_number(state->fusing_band_m[0], 2), "high",
                      doc_number(state->fusing_band_m[1], 2)));
    doc_put(doc, entry, "step_distance_m", doc_number(state->step_distance_m, 2));
    doc_put(doc, entry, "cause", json_string(cause(state)));
}

void case_visibility(Doc *doc, const Case *plan)
{
    doc_put(doc, doc->root, "method",
            json_string("contrast sensitivity of castleCSF; a prediction that no study with people "
                        "has confirmed"));
    json_t *list = doc_list(doc, doc->root, "states");
    for (int i = 0; i < plan->state_count; i++)
        put_state(doc, list, plan, &plan->state[i]);
}

/* --- case.json --- */

static void put_inputs(Doc *doc, const Case *plan)
{
    json_t *list = doc_list(doc, doc->root, "inputs");
    for (int i = 0; i < plan->input_count; i++) {
        const CaseInputFile *input = &plan->input[i];
        json_t *entry = doc_entry(doc, list, "inputs");
        doc_put(doc, entry, "name", doc_text(input->name));
        doc_put(doc, entry, "size_bytes", json_integer((json_int_t)input->size));
        doc_put(doc, entry, "sha256", json_string(input->sha256));
    }
}

static void put_photo(Doc *doc, json_t *entry, const CasePhoto *photo)
{
    const double deg = 180.0 / 3.14159265358979323846;
    doc_put(doc, entry, "name", doc_text(photo->name));
    doc_put(doc, entry, "view", doc_text(photo->view));
    const Camera *camera = &photo->camera;
    json_t *seen = doc_object(doc, entry, "camera");
    doc_put(doc, seen, "width_px", json_integer(camera->lens.width_px));
    doc_put(doc, seen, "height_px", json_integer(camera->lens.height_px));
    doc_put(doc, seen, "focal_px", doc_number(camera->lens.focal_px, 2));
    doc_put(doc, seen, "centre_x_px", doc_number(camera->lens.centre_x_px, 2));
    doc_put(doc, seen, "centre_y_px", doc_number(camera->lens.centre_y_px, 2));
    doc_put(doc, seen, "k1", doc_number(camera->lens.k1, 5));
    doc_put(doc, seen, "eye_mm", doc_point(camera->pose.eye_mm, 3));
    doc_put(doc, seen, "right", doc_point(camera->pose.right, 6));
    doc_put(doc, seen, "down", doc_point(camera->pose.down, 6));
    doc_put(doc, seen, "forward", doc_point(camera->pose.forward, 6));
    doc_put(doc, entry, "px_per_mm", doc_number(photo->px_per_mm, 2));
    doc_put(doc, entry, "blur_px", doc_number(photo->blur_px, 2));
    doc_put(doc, entry, "marker_tags", json_integer(photo->tags));
    if (photo->rms_px >= 0.0)
        doc_put(doc, entry, "fit_rms_px", doc_number(photo->rms_px, 2));
    if (photo->tilt_rad >= 0.0) {
        doc_put(doc, entry, "card_tilt_deg", doc_number(deg * photo->tilt_rad, 1));
        doc_put(doc, entry, "card_scale_error", doc_number(photo->scale_error, 5));
    }
    doc_put(doc, entry, "colours", json_string(photo->color_trust));
    if (strcmp(photo->color_trust, "none") != 0)
        doc_put(doc, entry, "card_delta_e", doc_number(photo->color_delta_e, 2));
}

/* How the canvas came from photographs, and how far it can be trusted. */
static void put_fit(Doc *doc, const CaseFit *fit)
{
    json_t *list = doc_list(doc, doc->root, "photographs");
    for (int i = 0; i < fit->photo_count; i++)
        put_photo(doc, doc_entry(doc, list, "photographs"), &fit->photo[i]);
    json_t *json = doc_object(doc, doc->root, fit->is_patch ? "patch" : "fitted_head");
    if (!fit->is_patch) {
        doc_put(doc, json, "modes", json_integer(fit->modes));
        doc_put(doc, json, "scalp_sd_median_mm", doc_number(fit->sd_median_mm, 2));
        doc_put(doc, json, "scalp_sd_95_mm", doc_number(fit->sd_worst_mm, 2));
        doc_put(doc, json, "seen_share", doc_number(fit->seen_share, 3));
        return;
    }
    doc_put(doc, json, "place", json_string(fit->place));
    doc_put(doc, json, "middle_mm", doc_point(fit->middle_mm, 2));
    doc_put(doc, json, "reach_mm", doc_number(fit->reach_mm, 1));
    doc_put(doc, json, "radius_mm",
            doc_band(fit->radius_low_mm, fit->radius_mm, fit->radius_high_mm, 1));
    doc_put(doc, json, "length_error", doc_number(fit->length_error, 4));
    doc_put(doc, json, "area_error", doc_number(fit->area_error, 4));
}

static void put_ageing(Doc *doc, json_t *parent, const SkinAgeing *ageing)
{
    json_t *json = doc_object(doc, parent, "ageing");
    doc_put(doc, json, "kind", json_string(skin_kind_name(ageing->kind)));
    for (int i = 0; i < SKIN_RATES; i++) {
        SkinRate rate = skin_ageing_rate(ageing, i);
        doc_put(doc, json, rate.name,
                doc_band(rate.band.low, rate.band.expected, rate.band.high, 4));
    }
}

static void put_pigment(Doc *doc, json_t *parent, const SkinPigment *line)
{
    json_t *json = doc_object(doc, parent, "pigment");
    doc_put(doc, json, "name", doc_text(line->name));
    doc_put(doc, json, "kind", json_string(skin_kind_name(line->kind)));
    doc_put(doc, json, "absorber", doc_text(line->absorber));
    doc_put(doc, json, "absorber_mg_per_ml", doc_number(line->absorber_mg_per_ml, 4));
    doc_put(doc, json, "mass_absorption_m2_per_g", doc_number(line->mass_absorption_m2_per_g, 4));
    doc_put(doc, json, "uptake_ratio", doc_number(line->uptake, 4));
    if (line->lot[0] != '\0')
        doc_put(doc, json, "lot", doc_text(line->lot));
    if (line->expires[0] != '\0')
        doc_put(doc, json, "expires", doc_text(line->expires));
}

static void put_dot(Doc *doc, json_t *parent, const Case *plan)
{
    json_t *dot = doc_object(doc, parent, "healed_dot");
    doc_put(doc, dot, "diameter_mm", doc_number(plan->healed.diameter_mm, 4));
    doc_put(doc, dot, "depth_mm", doc_number(plan->healed.depth_mm, 4));
    doc_put(doc, dot, "absorption_per_mm", doc_number(plan->healed.absorption_per_mm, 4));
    put_pigment(doc, parent, plan->pigment);
    json_t *dilution = doc_list(doc, parent, "dilution_water_per_pigment");
    for (int i = 0; i < plan->dots->session_count; i++)
        doc_add(doc, dilution, "dilution_water_per_pigment", doc_number(plan->dilution[i], 2));
}

static void put_parameters(Doc *doc, const Case *plan)
{
    json_t *json = doc_object(doc, doc->root, "parameters");
    doc_put(doc, json, "mm_per_unit", doc_number(plan->mm_per_unit, 6));
    put_dot(doc, json, plan);
    put_ageing(doc, json, &plan->ageing);
    doc_put(doc, json, "growth_years", doc_number(plan->growth_years, 2));
    doc_put(doc, json, "grown_diameter_mm", doc_number(plan->grown_diameter_mm, 4));
    doc_put(doc, json, "spacing_mm", doc_number(plan->spacing_mm, 4));
    doc_put(doc, json, "luminance_cd_m2", doc_number(plan->luminance_cd_m2, 2));
    case_put_course_parameters(doc, json, plan);
    if (!plan->survey->has_color)
        doc_put(doc, json, "assumed_skin", skin_json(doc, &plan->survey->tone));
}

static void put_files(Doc *doc, int file_count, const CaseFile file[])
{
    json_t *list = doc_list(doc, doc->root, "documents");
    for (int i = 0; i < file_count; i++) {
        json_t *entry = doc_entry(doc, list, "documents");
        doc_put(doc, entry, "name", json_string(file[i].name));
        doc_put(doc, entry, "size_bytes", json_integer((json_int_t)file[i].size));
        doc_put(doc, entry, "sha256", json_string(file[i].sha256));
    }
}

void case_case(Doc *doc, const Case *plan, int file_count, const CaseFile file[])
{
    doc_put(doc, doc->root, "program",
            json_pack("{s:s,s:s}", "name", "follicle", "version", FOLLICLE_VERSION));
    doc_put(doc, doc->root, "code", doc_text(plan->code));
    doc_put(doc, doc->root, "seed", seed_json(plan->seed));
    if (plan->arguments != NULL)
        doc_put(doc, doc->root, "arguments", doc_text(plan->arguments));
    put_inputs(doc, plan);
    put_parameters(doc, plan);
    if (plan->fit != NULL)
        put_fit(doc, plan->fit);
    if (plan->fit == NULL || !plan->fit->is_patch) /* of a patch nobody measured a head */
        put_measures(doc, &plan->measures);
    case_put_dots(doc, plan);
    json_t *warnings = doc_list(doc, doc->root, "warnings");
    for (int i = 0; i < plan->warning_count; i++)
        doc_add(doc, warnings, "warnings", doc_text(plan->warning[i]));
    put_files(doc, file_count, file);
}
