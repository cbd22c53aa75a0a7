/* What a course and its forecast are made from, and how a course is kept in a case folder. */
#include "casefile/whole.h"

#include "base/io.h"
#include "base/node.h"
#include "casefile/casefile_internal.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum { CASE_RECORD_LIMIT = 256 << 20 };

void casefile_course_input(const Case *plan, CourseInput *input)
{
    int64_t dots[DESIGN_ZONES] = {0};
    memset(input, 0, sizeof *input);
    input->discount_permille = -1;
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        for (int s = 0; s < plan->dots->session_count; s++)
            dots[zone] += plan->dots->in_zone[zone][s];
    memcpy(input->other_dots, plan->dots->in_zone[DESIGN_NONE], sizeof input->other_dots);
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++) {
        if (dots[zone] == 0)
            continue;
        CourseZone *to = &input->zone[input->zone_count++];
        to->name = design_zone_name((DesignZone)zone);
        to->area_cm2 = plan->layout->sum[zone].area_mm2 / 100.0;
        memcpy(to->dots, plan->dots->in_zone[zone], sizeof to->dots); /* difficulty: protocol's */
    }
    for (int i = 0; i < plan->layout->design.shape_count && !input->has_stage; i++) {
        const DesignShape *shape = &plan->layout->design.shape[i];
        input->has_stage =
            shape->kind == DESIGN_NORWOOD_STAGE || shape->kind == DESIGN_LUDWIG_STAGE;
        input->ludwig = shape->kind == DESIGN_LUDWIG_STAGE;
        input->stage = shape->stage;
    }
}

/* More water than the mixtures of 18 and 20 : 1 that are taught (field/practice.md 1.4); where
 * "light" begins nobody says [assumption]. */
static bool is_light(const Case *plan)
{
    const double taught = 20.0;
    return plan->dilution[plan->dots->session_count - 1] > taught;
}

bool casefile_touch_up(const Case *plan, CareTouchUp *forecast, Err *err)
{
    CareClient client = {.habits = plan->habits,
                         .tone = plan->survey->has_color ? &plan->survey->tone : NULL,
                         .scar_share = design_scar_share(plan->layout),
                         .light_shade = is_light(plan),
                         .sweats = plan->sweats};
    return care_touch_up(plan->course, &plan->ageing, &client, forecast, err);
}

/* Replaces a document's digest in case.json's list, or adds it. */
static void put_digest(Doc *doc, json_t *list, const CaseFile *file)
{
    size_t index;
    json_t *entry;
    json_t *now = json_pack("{s:s,s:I,s:s}", "name", file->name, "size_bytes",
                            (json_int_t)file->size, "sha256", file->sha256);
    json_array_foreach(list, index, entry)
    {
        const char *name = json_string_value(json_object_get(entry, "name"));
        if (name != NULL && strcmp(name, file->name) == 0) {
            if (now == NULL || json_array_set_new(list, index, now) != 0)
                doc->failed_key = "documents";
            return;
        }
    }
    doc_add(doc, list, "documents", now);
}

static bool is_among(const char *name, int count, const CaseFile file[])
{
    for (int i = 0; i < count; i++)
        if (strcmp(file[i].name, name) == 0)
            return true;
    return false;
}

/* What an earlier course had and this one has not: prices, a clinic. */
static bool drop_old(json_t *list, int count, const CaseFile file[], const char *folder, Err *err)
{
    static const char *const optional[] = {"prices.json", "clinic.json"};
    char path[IO_PATH_LIMIT];
    for (size_t k = 0; k < sizeof optional / sizeof optional[0]; k++) {
        if (is_among(optional[k], count, file))
            continue;
        for (size_t i = json_array_size(list); i-- > 0;) {
            json_t *name = json_object_get(json_array_get(list, i), "name");
            if (name != NULL && strcmp(json_string_value(name), optional[k]) == 0)
                json_array_remove(list, i);
        }
        if (!io_join(path, folder, optional[k], err))
            return false;
        if (unlink(path) != 0 && errno != ENOENT)
            return err_set(err, ERR_IO, "cannot remove '%s'", path);
    }
    return true;
}

/* Nothing is said of an average client. */
static void put_habits(Doc *doc, json_t *parameters, const Case *plan)
{
    const SkinHabits *habits = &plan->habits;
    bool average = !(fabs(habits->sun) + fabs(habits->oiliness) + fabs(habits->immunity) > 0.0);
    json_object_del(parameters, "habits");
    if (average && !plan->sweats)
        return;
    json_t *json = doc_object(doc, parameters, "habits");
    doc_put(doc, json, "sun", doc_number(habits->sun, 4));
    doc_put(doc, json, "oiliness", doc_number(habits->oiliness, 4));
    doc_put(doc, json, "immunity", doc_number(habits->immunity, 4));
    doc_put(doc, json, "sweats", json_boolean(plan->sweats));
}

void case_put_course_parameters(Doc *doc, json_t *parameters, const Case *plan)
{
    const Protocol *protocol = &plan->course->protocol;
    doc_put(doc, parameters, "protocol",
            json_pack("{s:s,s:i}", "id", protocol->id, "protocol_version", protocol->version));
    if (plan->language[0] != '\0')
        doc_put(doc, parameters, "language", doc_text(plan->language));
    if (plan->paper[0] != '\0')
        doc_put(doc, parameters, "paper", doc_text(plan->paper));
    put_habits(doc, parameters, plan);
}

/* What of case.json a course and its papers change. */
static bool write_record(Arena *scratch, const Case *plan, int count, const CaseFile file[],
                         const char *folder, Err *err)
{
    char path[IO_PATH_LIMIT];
    size_t size;
    uint8_t *bytes;
    char *text;
    int version;
    Node root;
    if (!io_join(path, folder, "case.json", err) ||
        !io_read_file(scratch, path, CASE_RECORD_LIMIT, &size, &bytes, err) ||
        !node_open("case", casefile_version("case"), size, (const char *)bytes, &root, &version,
                   err))
        return false;
    Doc doc = {.root = json_incref(root.value)};
    json_t *list = json_object_get(doc.root, "documents");
    json_t *parameters = json_object_get(doc.root, "parameters");
    for (int i = 0; i < count; i++)
        put_digest(&doc, list, &file[i]);
    if (!drop_old(list, count, file, folder, err)) {
        json_decref(doc.root);
        node_close(&root);
        return false;
    }
    case_put_course_parameters(&doc, parameters, plan);
    node_close(&root);
    return doc_render(scratch, &doc, "case.json", &size, &text, err) &&
           io_write_file(path, size, text, err);
}

bool casefile_put_course(Arena *scratch, const Case *plan, const char *folder, Err *err)
{
    CaseFile file[CASE_COURSE_FILES];
    int count = 0;
    size_t mark = arena_mark(scratch);
    bool ok = case_write_course(scratch, plan, folder, file, &count, err) &&
              write_record(scratch, plan, count, file, folder, err);
    arena_rewind(scratch, mark);
    return ok;
}
