/* A case folder read back as a Case. */
#include "casefile/whole.h"

#include "base/io.h"
#include "base/node.h"
#include "casefile/casefile_internal.h"
#include "mesh/mesh.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { WHOLE_FILE_LIMIT = 256 << 20 };

/* What stays the same through all the steps. */
typedef struct Reading {
    Arena *arena, *scratch;
    const char *folder;
    CaseWhole *whole;
    Err *err;
} Reading;

static bool read_file(const Reading *read, Arena *arena, const char *name, size_t *size,
                      uint8_t **bytes)
{
    char path[IO_PATH_LIMIT];
    return io_join(path, read->folder, name, read->err) &&
           io_read_file(arena, path, WHOLE_FILE_LIMIT, size, bytes, read->err);
}

static bool is_there(const Reading *read, const char *name)
{
    char path[IO_PATH_LIMIT];
    struct stat info;
    Err none = {0};
    return io_join(path, read->folder, name, &none) && stat(path, &info) == 0;
}

static bool open_document(const Reading *read, const char *name, Node *root)
{
    char file[64];
    size_t size;
    uint8_t *bytes;
    int version;
    snprintf(file, sizeof file, "%s.json", name);
    if (!read_file(read, read->scratch, file, &size, &bytes) ||
        !node_open(name, casefile_version(name), size, (const char *)bytes, root, &version,
                   read->err))
        return false;
    snprintf(root->path, sizeof root->path, "%s:", file);
    return true;
}

/* A text of any length, in the arena. */
static const char *keep_text(const Reading *read, const Node *node, const char *key)
{
    const char *from = json_string_value(json_object_get(node->value, key));
    if (from == NULL)
        return "";
    size_t size = strlen(from) + 1;
    char *to = ARENA_NEW(read->arena, char, size);
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

static bool read_assessment(const Reading *read)
{
    CaseWhole *whole = read->whole;
    Node root;
    if (!open_document(read, "assessment", &root))
        return false;
    bool ok = read_measures(&root, &whole->plan.measures) &&
              read_hair(&root, &whole->canvas.survey) &&
              read_skin(&root, "skin", &whole->canvas.survey);
    node_close(&root);
    return ok;
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

static bool read_bottle(const Node *parameters, SkinPigment *pigment, Err *err)
{
    Node node;
    char kind[16] = "";
    if (!skin_pigment_default(pigment, err) || !node_child(parameters, "pigment", &node) ||
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

static bool read_parameters(const Reading *read, const Node *root)
{
    Case *plan = &read->whole->plan;
    Node node, dot;
    return node_child(root, "parameters", &node) && node_child(&node, "healed_dot", &dot) &&
           node_number(&node, "mm_per_unit", 0.0, 1e9, &plan->mm_per_unit) &&
           node_number(&dot, "diameter_mm", 0.01, 5.0, &plan->healed.diameter_mm) &&
           node_number(&dot, "depth_mm", 0.0, 10.0, &plan->healed.depth_mm) &&
           node_number(&dot, "absorption_per_mm", 0.0, 1e6, &plan->healed.absorption_per_mm) &&
           read_bottle(&node, &read->whole->pigment, read->err) && read_dilutions(&node, plan) &&
           node_number(&node, "growth_years", 0.0, 100.0, &plan->growth_years) &&
           node_number(&node, "grown_diameter_mm", 0.0, 10.0, &plan->grown_diameter_mm) &&
           node_number(&node, "spacing_mm", 0.0, 20.0, &plan->spacing_mm) &&
           node_number(&node, "luminance_cd_m2", 0.0, 1e6, &plan->luminance_cd_m2) &&
           (!node_has(&node, "language") ||
            node_text(&node, "language", sizeof plan->language, plan->language)) &&
           (!node_has(&node, "paper") ||
            node_text(&node, "paper", sizeof plan->paper, plan->paper)) &&
           read_habits(&node, plan) &&
           read_skin(&node, "assumed_skin", &read->whole->canvas.survey);
}

/* What documents say of the photographs: how far the surface can be trusted. */
static bool read_fit(const Reading *read, const Node *root)
{
    CaseFit *fit = &read->whole->fit;
    Node node, list, radius;
    if (!node_has(root, "photographs"))
        return true;
    read->whole->plan.fit = fit;
    if (!node_list(root, "photographs", CASE_INPUT_LIMIT, &list, &fit->photo_count))
        return false;
    fit->is_patch = node_has(root, "patch");
    if (!fit->is_patch)
        return node_child(root, "fitted_head", &node) && node_whole(&node, "modes", &fit->modes) &&
               node_number(&node, "scalp_sd_median_mm", 0.0, 1e3, &fit->sd_median_mm) &&
               node_number(&node, "scalp_sd_95_mm", 0.0, 1e3, &fit->sd_worst_mm) &&
               node_number(&node, "seen_share", 0.0, 1.0, &fit->seen_share);
    fit->place = node_child(root, "patch", &node) ? keep_text(read, &node, "place") : "";
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

static bool read_case(const Reading *read)
{
    Case *plan = &read->whole->plan;
    Node root, dots;
    if (!open_document(read, "case", &root))
        return false;
    plan->arguments = node_has(&root, "arguments") ? keep_text(read, &root, "arguments") : NULL;
    bool ok = node_text(&root, "code", sizeof plan->code, plan->code) &&
              read_seed(&root, &plan->seed) && read_inputs(&root, plan) &&
              read_parameters(read, &root) && read_fit(read, &root) && read_warnings(&root, plan) &&
              node_child(&root, "dots", &dots) &&
              (!node_has(&dots, "nearest_mm") ||
               node_number(&dots, "nearest_mm", 0.0, 1e3, &read->whole->dots.nearest_mm));
    node_close(&root);
    return ok;
}

static bool read_record(const Reading *read)
{
    size_t case_size, layout_size;
    uint8_t *plan, *layout;
    return read_file(read, read->scratch, "case.json", &case_size, &plan) &&
           read_file(read, read->scratch, "layout.json", &layout_size, &layout) &&
           casefile_record_from_json(read->arena, case_size, (const char *)plan, layout_size,
                                     (const char *)layout, &read->whole->record, read->err);
}

/* ---- dots.csv ---- */

static void take_dots(const CaseDots *rows, CaseWhole *whole, float heading[], float length[])
{
    Dots *dots = &whole->dots;
    for (int i = 0; i < rows->count; i++) {
        const CaseDot *row = &rows->dot[i];
        dots->dot[i] = (Dot){.site = row->site,
                             .session = row->session,
                             .zone = (int)row->zone,
                             .unit = row->unit,
                             .point = head_nearest(&whole->canvas.head, row->position_mm),
                             .position_mm = row->position_mm,
                             .normal = row->normal,
                             .rank = row->rank,
                             .target_per_mm2 = row->target_per_mm2,
                             .beside_per_mm2 = row->beside_per_mm2};
        whole->plan.dot_diameter_mm[i] = row->diameter_mm;
        heading[i] = (float)row->heading_rad;
        length[i] = (float)row->length_mm;
        dots->in_session[row->session]++;
        dots->in_zone[row->zone][row->session]++;
    }
}

static bool read_dots(const Reading *read)
{
    CaseWhole *whole = read->whole;
    size_t size, mark = arena_mark(read->scratch);
    uint8_t *bytes;
    CaseDots *rows = ARENA_NEW(read->scratch, CaseDots, 1);
    if (rows == NULL)
        return err_set(read->err, ERR_LIMIT, "no room for the table of dots");
    if (!read_file(read, read->scratch, "dots.csv", &size, &bytes) ||
        !casefile_dots_from_csv(read->scratch, size, (const char *)bytes, rows, read->err))
        return false;
    float *heading = ARENA_NEW(read->arena, float, (size_t)rows->count);
    float *length = ARENA_NEW(read->arena, float, (size_t)rows->count);
    whole->dots.dot = ARENA_NEW(read->arena, Dot, (size_t)rows->count);
    whole->plan.dot_diameter_mm = ARENA_NEW(read->arena, double, (size_t)rows->count);
    if (heading == NULL || length == NULL || whole->dots.dot == NULL ||
        whole->plan.dot_diameter_mm == NULL)
        return err_set(read->err, ERR_LIMIT, "no room for %d dots within the memory limit",
                       rows->count);
    whole->dots.count = rows->count;
    whole->dots.session_count = whole->record.session_count;
    whole->dots.dropped = whole->record.dropped;
    whole->dots.short_of = whole->record.short_of;
    memcpy(whole->dots.wanted, whole->record.wanted, sizeof whole->dots.wanted);
    for (int i = 0; i < rows->count; i++)
        if (rows->dot[i].session >= whole->dots.session_count)
            return err_set(read->err, ERR_INPUT,
                           "dots.csv: row %d is in session %d, case.json has %d sessions", i + 2,
                           rows->dot[i].session + 1, whole->dots.session_count);
    take_dots(rows, whole, heading, length);
    whole->plan.dot_heading_rad = heading;
    whole->plan.dot_length_mm = length;
    arena_rewind(read->scratch, mark);
    return true;
}

/* ---- head.glb: the picture on it ---- */

static bool read_chart(const Reading *read)
{
    Mesh mesh;
    size_t size, mark = arena_mark(read->scratch);
    uint8_t *bytes;
    if (!read_file(read, read->scratch, "head.glb", &size, &bytes) ||
        !mesh_from_bytes(read->scratch, read->arena, MESH_GLB, size, bytes, (MeshFiles){0}, &mesh,
                         read->err))
        return false;
    if (mesh.image_count > 0) {
        const Image *from = &mesh.image[0];
        Image *to = &read->whole->chart;
        if (!image_new(read->arena, from->width_px, from->height_px, to, read->err))
            return false;
        memcpy(to->rgb, from->rgb, 3 * (size_t)from->width_px * (size_t)from->height_px);
    }
    arena_rewind(read->scratch, mark);
    return true;
}

/* ---- layout.json: the loss, findings.json, visibility.json ---- */

static bool read_loss(const Node *entry, DesignLoss *loss)
{
    char scale[16];
    double cm2[2], extra, edge;
    if (!node_text(entry, "scale", sizeof scale, scale) ||
        !node_whole(entry, "stage", &loss->pattern_stage) ||
        !node_number(entry, "lost_cm2", 0.0, 1e4, &cm2[0]) ||
        !node_number(entry, "bare_cm2", 0.0, 1e4, &cm2[1]) ||
        !node_number(entry, "free_edge_mm", 0.0, 1e5, &edge) ||
        !node_number(entry, "extra_dots", 0.0, 1e7, &extra))
        return false;
    loss->ludwig = strcmp(scale, "ludwig") == 0;
    loss->lost_mm2 = 100.0 * cm2[0];
    loss->bare_mm2 = 100.0 * cm2[1];
    loss->edge_mm = edge;
    loss->extra_dots = extra;
    return !node_has(entry, "widest_gap_mm") ||
           node_number(entry, "widest_gap_mm", 0.0, 1e4, &loss->widest_mm);
}

static bool read_losses(const Reading *read)
{
    Case *plan = &read->whole->plan;
    Node root, list, entry;
    if (!open_document(read, "layout", &root))
        return false;
    bool ok = true;
    if (node_has(&root, "if_the_loss_goes_on"))
        ok = node_list(&root, "if_the_loss_goes_on", CASE_LOSSES, &list, &plan->loss_count);
    for (int i = 0; i < plan->loss_count && ok; i++)
        ok = node_item(&list, i, &entry) && read_loss(&entry, &read->whole->loss[i]);
    plan->loss = read->whole->loss;
    node_close(&root);
    return ok;
}

static bool read_severity(const Node *entry, RuleSeverity *severity)
{
    char word[16];
    if (!node_text(entry, "severity", sizeof word, word))
        return false;
    for (int i = RULE_WARN; i <= RULE_REFUSE; i++)
        if (strcmp(rule_severity_name((RuleSeverity)i), word) == 0) {
            *severity = (RuleSeverity)i;
            return true;
        }
    return node_refuse(entry, "has the severity '%s', which is not known", word);
}

static bool read_finding(const Node *entry, Rule *rule, Finding *finding)
{
    finding->rule = rule;
    finding->confirmed = json_is_true(json_object_get(entry->value, "confirmed"));
    finding->has_value = node_has(entry, "value");
    return node_text(entry, "rule", sizeof rule->id, rule->id) &&
           read_severity(entry, &finding->severity) &&
           node_text(entry, "title", sizeof rule->title, rule->title) &&
           node_text(entry, "text", sizeof finding->text, finding->text) &&
           node_text(entry, "advice", sizeof rule->advice, rule->advice) &&
           (!finding->has_value || (node_number(entry, "value", -1e9, 1e9, &finding->value) &&
                                    node_number(entry, "limit", -1e9, 1e9, &finding->limit)));
}

static bool read_findings(const Reading *read)
{
    Findings *findings = &read->whole->findings;
    Node root, list, entry;
    if (!is_there(read, "findings.json"))
        return true;
    if (!open_document(read, "findings", &root))
        return false;
    read->whole->plan.findings = findings;
    bool ok = node_whole(&root, "refused", &findings->refused) &&
              node_whole(&root, "open", &findings->open) &&
              node_list(&root, "findings", RULE_FINDINGS, &list, &findings->count);
    Rule *rule = ok ? ARENA_NEW(read->arena, Rule, (size_t)findings->count + 1) : NULL;
    if (ok && rule == NULL)
        ok = err_set(read->err, ERR_LIMIT, "no room for %d findings", findings->count);
    for (int i = 0; ok && i < findings->count; i++)
        ok = node_item(&list, i, &entry) && read_finding(&entry, &rule[i], &findings->finding[i]);
    node_close(&root);
    return ok;
}

static bool read_state(const Node *entry, CaseState *state)
{
    Node band;
    state->years = -1.0;
    return node_text(entry, "state", sizeof state->name, state->name) &&
           node_text(entry, "caption", sizeof state->caption, state->caption) &&
           (!node_has(entry, "years_after_healing") ||
            node_number(entry, "years_after_healing", 0.0, 200.0, &state->years)) &&
           node_number(entry, "mean_darkening", -1.0, 1.0, &state->mean_darkening) &&
           node_number(entry, "fusing_distance_m", 0.0, 1e5, &state->fusing_distance_m) &&
           node_child(entry, "fusing_band_m", &band) &&
           node_number(&band, "low", 0.0, 1e5, &state->fusing_band_m[0]) &&
           node_number(&band, "high", 0.0, 1e5, &state->fusing_band_m[1]) &&
           node_number(entry, "step_distance_m", 0.0, 1e5, &state->step_distance_m);
}

static bool read_visibility(const Reading *read)
{
    Case *plan = &read->whole->plan;
    Node root, list, entry;
    if (!open_document(read, "visibility", &root))
        return false;
    bool ok = node_list(&root, "states", CASE_STATE_LIMIT, &list, &plan->state_count);
    for (int i = 0; ok && i < plan->state_count; i++)
        ok = node_item(&list, i, &entry) && read_state(&entry, &plan->state[i]);
    node_close(&root);
    return ok;
}

/* ---- the course ---- */

/* The refusal of a document's contents names its file. */
static bool in_document(const char *name, bool ok, Err *err)
{
    Err cause = *err;
    return ok || strstr(cause.text, name) != NULL ||
           err_set(err, cause.code, "%s: %.400s", name, cause.text);
}

static bool read_terms(const Reading *read, CaseWhole *whole)
{
    Arena *arena = read->arena;
    size_t size;
    uint8_t *bytes;
    if (!read_file(read, arena, "protocol.json", &size, &bytes) ||
        !in_document(
            "protocol.json",
            protocol_from_json(arena, size, (const char *)bytes, &whole->protocol, read->err),
            read->err))
        return false;
    if (is_there(read, "prices.json") &&
        (!read_file(read, arena, "prices.json", &size, &bytes) ||
         !in_document("prices.json",
                      prices_from_json(arena, size, (const char *)bytes, &whole->prices, read->err),
                      read->err)))
        return false;
    return !is_there(read, "clinic.json") ||
           (read_file(read, arena, "clinic.json", &size, &bytes) &&
            in_document(
                "clinic.json",
                clinic_from_json(arena, size, (const char *)bytes, &whole->clinic, read->err),
                read->err));
}

/* Whether course.json is of a program that kept no protocol beside it. */
static bool is_old_course(const Reading *read, size_t size, const char *bytes)
{
    Node root;
    int version;
    Err none = {0};
    if (!node_open("course", casefile_version("course"), size, bytes, &root, &version, &none))
        return false;
    node_close(&root);
    return version == 1 && !is_there(read, "protocol.json");
}

static bool read_course(const Reading *read, Err *course_error)
{
    CaseWhole *whole = read->whole;
    Reading kept = *read;
    size_t size;
    uint8_t *bytes;
    kept.err = course_error;
    if (!read_file(&kept, read->scratch, "course.json", &size, &bytes))
        return false;
    whole->is_old_course = is_old_course(&kept, size, (const char *)bytes);
    if (whole->is_old_course)
        return err_set(course_error, ERR_INPUT,
                       "course.json was made by an older program, which kept no protocol: make the "
                       "course again with 'follicle course CASE --protocol=NAME --keep'");
    if (!read_terms(&kept, whole) ||
        !in_document("course.json",
                     casefile_course_from_json(&whole->protocol, size, (const char *)bytes,
                                               &whole->course, course_error),
                     course_error))
        return false;
    whole->protocol = whole->course.protocol;
    whole->plan.course = &whole->course;
    whole->plan.prices = whole->prices.bytes != NULL ? &whole->prices : NULL;
    whole->plan.clinic = whole->clinic.bytes != NULL ? &whole->clinic : NULL;
    return true;
}

/* ---- all ---- */

static bool lay_out(const Reading *read)
{
    CaseWhole *whole = read->whole;
    if (!design_layout(read->arena, read->scratch, &whole->canvas.head, &whole->canvas.survey,
                       &whole->canvas.design, &whole->layout, read->err))
        return false;
    whole->plan.layout = &whole->layout;
    return true;
}

bool casefile_whole_read(Arena *arena, Arena *scratch, const char *folder, CaseWhole *whole,
                         Err *course_error, Err *err)
{
    Reading read = {arena, scratch, folder, whole, err};
    size_t mark = arena_mark(scratch);
    memset(whole, 0, sizeof *whole);
    bool ok = casefile_canvas_read(arena, scratch, folder, &whole->canvas, err) && lay_out(&read);
    arena_rewind(scratch, mark);
    ok = ok && read_assessment(&read) && read_case(&read) && read_record(&read) &&
         read_losses(&read) && read_findings(&read) && read_visibility(&read) && read_dots(&read) &&
         read_chart(&read);
    arena_rewind(scratch, mark);
    if (!ok)
        return false;
    Case *plan = &whole->plan;
    plan->head = &whole->canvas.head;
    plan->survey = &whole->canvas.survey;
    plan->dots = &whole->dots;
    plan->pigment = &whole->pigment;
    plan->ageing = whole->record.ageing;
    whole->has_course = read_course(&read, course_error);
    arena_rewind(scratch, mark);
    return true;
}
