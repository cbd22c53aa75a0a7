/* assessment.json and case.json, read back into a Case. */
#include "casefile/casefile_internal.h"

#include <stdio.h>
#include <string.h>

/* A text of any length, in the arena. */
static const char *keep_text(Arena *arena, const Node *node, const char *key)
{
    const char *from = json_string_value(json_object_get(node->value, key));
    if (from == NULL)
        return "";
    size_t size = strlen(from) + 1;
    char *to = ARENA_NEW(arena, char, size);
    if (to == NULL)
        return "";
    memcpy(to, from, size);
    return to;
}

/* ---- assessment.json ---- */

static bool read_lab(const Node *parent, const char *key, Lab *lab)
{
    Node node;
    return node_child(parent, key, &node) && node_number(&node, "L", 0.0, 100.0, &lab->L) &&
           node_number(&node, "a", -200.0, 200.0, &lab->a) &&
           node_number(&node, "b", -200.0, 200.0, &lab->b);
}

static bool read_measures(const Node *root, HeadMeasures *measures)
{
    const struct {
        const char *key;
        double *value;
    } row[] = {{"length_mm", &measures->length_mm},
               {"breadth_mm", &measures->breadth_mm},
               {"circumference_mm", &measures->circumference_mm},
               {"tragion_vertex_mm", &measures->tragion_vertex_mm},
               {"coronal_arc_mm", &measures->coronal_arc_mm},
               {"sagittal_arc_mm", &measures->sagittal_arc_mm},
               {"scalp_cm2", &measures->scalp_mm2}};
    Node head;
    if (!node_has(root, "head"))
        return true;
    if (!node_child(root, "head", &head))
        return false;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (node_has(&head, row[i].key) &&
            !node_number(&head, row[i].key, 0.0, 10000.0, row[i].value))
            return false;
    measures->scalp_mm2 *= 100.0;
    return true;
}

static bool read_hair(const Node *root, HairSurvey *survey)
{
    Node hair, quality;
    if (!node_child(root, "hair", &hair) || !node_child(root, "quality", &quality) ||
        !node_number(&hair, "hair_diameter_mm", 0.0, 1.0, &survey->hair_diameter_mm))
        return false;
    survey->has_stubble = node_has(&hair, "stubble_area_cm2");
    survey->has_color = json_is_true(json_object_get(quality.value, "colour_measured"));
    if (!survey->has_stubble)
        return true;
    if (!node_number(&hair, "stubble_area_cm2", 0.0, 10000.0, &survey->stubble_mm2) ||
        !read_lab(&hair, "stubble_lab", &survey->stubble_lab) ||
        !node_number(&hair, "darkness", -10.0, 10.0, &survey->darkness) ||
        !node_number(&hair, "contrast", -10.0, 10.0, &survey->contrast))
        return false;
    survey->stubble_mm2 *= 100.0;
    return !node_has(&quality, "stubble_separation_sd") ||
           node_number(&quality, "stubble_separation_sd", 0.0, 1e6, &survey->separation);
}

static bool read_skin(const Node *root, const char *key, HairSurvey *survey)
{
    Node skin;
    Lab lab;
    if (!node_has(root, key))
        return true;
    if (!node_child(root, key, &skin) || !read_lab(&skin, "lab", &lab))
        return false;
    survey->tone = skin_tone_of_lab(lab);
    return true;
}

bool case_read_assessment(const Node *root, CaseWhole *whole)
{
    return read_measures(root, &whole->plan.measures) && read_hair(root, &whole->canvas.survey) &&
           read_skin(root, "skin", &whole->canvas.survey);
}

/* ---- case.json ---- */

static bool read_inputs(const Node *root, Case *plan)
{
    Node list, entry;
    if (!node_list(root, "inputs", CASE_INPUT_LIMIT, &list, &plan->input_count))
        return false;
    for (int i = 0; i < plan->input_count; i++) {
        CaseInputFile *input = &plan->input[i];
        double size;
        if (!node_item(&list, i, &entry) ||
            !node_text(&entry, "name", sizeof input->name, input->name) ||
            !node_text(&entry, "sha256", sizeof input->sha256, input->sha256) ||
            !node_number(&entry, "size_bytes", 0.0, 1e12, &size))
            return false;
        input->size = (size_t)size;
    }
    return true;
}

static bool read_seed(const Node *root, uint64_t *seed)
{
    char text[24];
    unsigned long long value;
    int used = 0;
    if (!node_text(root, "seed", sizeof text, text))
        return false;
    if (sscanf(text, "%20llu%n", &value, &used) != 1 || text[used] != '\0')
        return node_refuse(root, "has the seed '%s', which is no number", text);
    *seed = value;
    return true;
}

static bool read_bottle(const Node *parameters, SkinPigment *pigment)
{
    Node node;
    char kind[16] = "";
    if (!skin_pigment_default(pigment, parameters->err) ||
        !node_child(parameters, "pigment", &node) ||
        !node_text(&node, "name", sizeof pigment->name, pigment->name))
        return false;
    if (node_has(&node, "kind") && !node_text(&node, "kind", sizeof kind, kind))
        return false;
    if (strcmp(kind, skin_kind_name(SKIN_ABSORBABLE)) == 0)
        pigment->kind = SKIN_ABSORBABLE;
    if ((node_has(&node, "absorber") &&
         !node_text(&node, "absorber", sizeof pigment->absorber, pigment->absorber)) ||
        (node_has(&node, "lot") && !node_text(&node, "lot", sizeof pigment->lot, pigment->lot)) ||
        (node_has(&node, "expires") &&
         !node_text(&node, "expires", sizeof pigment->expires, pigment->expires)))
        return false;
    return (!node_has(&node, "absorber_mg_per_ml") ||
            node_number(&node, "absorber_mg_per_ml", 0.0, 1e4, &pigment->absorber_mg_per_ml)) &&
           (!node_has(&node, "mass_absorption_m2_per_g") ||
            node_number(&node, "mass_absorption_m2_per_g", 0.0, 1e4,
                        &pigment->mass_absorption_m2_per_g)) &&
           (!node_has(&node, "uptake_ratio") ||
            node_number(&node, "uptake_ratio", 0.0, 10.0, &pigment->uptake));
}

static bool read_dilutions(const Node *parameters, Case *plan)
{
    Node list, item;
    int count;
    if (!node_list(parameters, "dilution_water_per_pigment", DOTS_MAX_SESSIONS, &list, &count))
        return false;
    for (int s = 0; s < count; s++)
        if (!node_item(&list, s, &item) || !node_is_number(&item, 0.0, 1e5, &plan->dilution[s]))
            return false;
    return true;
}

static bool read_habits(const Node *parameters, Case *plan)
{
    Node node;
    return !node_has(parameters, "habits") ||
           (node_child(parameters, "habits", &node) &&
            node_number(&node, "sun", 0.0, 1.0, &plan->habits.sun) &&
            node_number(&node, "oiliness", -1.0, 1.0, &plan->habits.oiliness) &&
            node_number(&node, "immunity", -1.0, 1.0, &plan->habits.immunity) &&
            node_flag(&node, "sweats", &plan->sweats));
}

static bool read_parameters(const Node *root, CaseWhole *whole)
{
    Case *plan = &whole->plan;
    Node node, dot;
    return node_child(root, "parameters", &node) && node_child(&node, "healed_dot", &dot) &&
           node_number(&node, "mm_per_unit", 0.0, 1e9, &plan->mm_per_unit) &&
           node_number(&dot, "diameter_mm", 0.01, 5.0, &plan->healed.diameter_mm) &&
           node_number(&dot, "depth_mm", 0.0, 10.0, &plan->healed.depth_mm) &&
           node_number(&dot, "absorption_per_mm", 0.0, 1e6, &plan->healed.absorption_per_mm) &&
           read_bottle(&node, &whole->pigment) && read_dilutions(&node, plan) &&
           node_number(&node, "growth_years", 0.0, 100.0, &plan->growth_years) &&
           node_number(&node, "grown_diameter_mm", 0.0, 10.0, &plan->grown_diameter_mm) &&
           node_number(&node, "spacing_mm", 0.0, 20.0, &plan->spacing_mm) &&
           node_number(&node, "luminance_cd_m2", 0.0, 1e6, &plan->luminance_cd_m2) &&
           (!node_has(&node, "language") ||
            node_text(&node, "language", sizeof plan->language, plan->language)) &&
           (!node_has(&node, "paper") ||
            node_text(&node, "paper", sizeof plan->paper, plan->paper)) &&
           read_habits(&node, plan) && read_skin(&node, "assumed_skin", &whole->canvas.survey);
}

/* What documents say of the photographs: how far the surface can be trusted. */
static bool read_fit(Arena *arena, const Node *root, CaseWhole *whole)
{
    CaseFit *fit = &whole->fit;
    Node node, list, radius;
    if (!node_has(root, "photographs"))
        return true;
    whole->plan.fit = fit;
    if (!node_list(root, "photographs", CASE_INPUT_LIMIT, &list, &fit->photo_count))
        return false;
    fit->is_patch = node_has(root, "patch");
    if (!fit->is_patch)
        return node_child(root, "fitted_head", &node) && node_whole(&node, "modes", &fit->modes) &&
               node_number(&node, "scalp_sd_median_mm", 0.0, 1e3, &fit->sd_median_mm) &&
               node_number(&node, "scalp_sd_95_mm", 0.0, 1e3, &fit->sd_worst_mm) &&
               node_number(&node, "seen_share", 0.0, 1.0, &fit->seen_share);
    fit->place = node_child(root, "patch", &node) ? keep_text(arena, &node, "place") : "";
    return node_child(root, "patch", &node) && node_child(&node, "radius_mm", &radius) &&
           node_number(&node, "reach_mm", 0.0, 1e3, &fit->reach_mm) &&
           node_number(&radius, "low", 0.0, 1e5, &fit->radius_low_mm) &&
           node_number(&radius, "expected", 0.0, 1e5, &fit->radius_mm) &&
           node_number(&radius, "high", 0.0, 1e5, &fit->radius_high_mm) &&
           node_number(&node, "length_error", 0.0, 10.0, &fit->length_error) &&
           node_number(&node, "area_error", 0.0, 10.0, &fit->area_error);
}

static bool read_warnings(const Node *root, Case *plan)
{
    Node list, item;
    if (!node_list(root, "warnings", CASE_WARNING_LIMIT, &list, &plan->warning_count))
        return false;
    for (int i = 0; i < plan->warning_count; i++) {
        if (!node_item(&list, i, &item))
            return false;
        if (!json_is_string(item.value))
            return node_refuse(&item, "is no text");
        snprintf(plan->warning[i], sizeof plan->warning[i], "%s", json_string_value(item.value));
    }
    return true;
}

bool case_read_case(Arena *arena, const Node *root, CaseWhole *whole)
{
    Case *plan = &whole->plan;
    Node dots;
    plan->arguments = node_has(root, "arguments") ? keep_text(arena, root, "arguments") : NULL;
    return node_text(root, "code", sizeof plan->code, plan->code) && read_seed(root, &plan->seed) &&
           read_inputs(root, plan) && read_parameters(root, whole) &&
           read_fit(arena, root, whole) && read_warnings(root, plan) &&
           node_child(root, "dots", &dots) &&
           (!node_has(&dots, "nearest_mm") ||
            node_number(&dots, "nearest_mm", 0.0, 1e3, &whole->dots.nearest_mm));
}
