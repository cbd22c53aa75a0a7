/* case.json and design.json, read back as far as the dots rest on them. */
#include "casefile/casefile_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A value of the document and how to say where it stands ("case.json: dots.zones[2].wanted"). */
typedef struct Node {
    json_t *value;
    char path[96];
    Err *err;
} Node;

static bool refuse(const Node *node, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool refuse(const Node *node, const char *fmt, ...)
{
    char what[200];
    va_list list;
    va_start(list, fmt);
    vsnprintf(what, sizeof what, fmt, list);
    va_end(list);
    return err_set(node->err, ERR_INPUT, "%s %s", node->path, what);
}

static bool has(const Node *node, const char *key)
{
    return json_object_get(node->value, key) != NULL;
}

static bool child(const Node *node, const char *key, Node *inner)
{
    *inner = (Node){.value = json_object_get(node->value, key), .err = node->err};
    size_t length = strlen(node->path);
    bool top = length > 0 && node->path[length - 1] == ':';
    snprintf(inner->path, sizeof inner->path, "%.60s%s%.30s", node->path, top ? " " : ".", key);
    return inner->value != NULL || refuse(inner, "is missing");
}

static bool item(const Node *list, int index, Node *inner)
{
    *inner = (Node){.value = json_array_get(list->value, (size_t)index), .err = list->err};
    snprintf(inner->path, sizeof inner->path, "%.80s[%d]", list->path, index);
    return inner->value != NULL || refuse(inner, "is missing");
}

static bool list_of(const Node *node, const char *key, int most, Node *list, int *count)
{
    *count = 0;
    if (!child(node, key, list))
        return false;
    size_t size = json_array_size(list->value);
    if (!json_is_array(list->value) || size > (size_t)most)
        return refuse(list, "is no list of at most %d", most);
    *count = (int)size;
    return true;
}

static bool number_of(const Node *node, double low, double high, double *number)
{
    *number = json_number_value(node->value);
    if (!json_is_number(node->value) || !(*number >= low && *number <= high))
        return refuse(node, "is not a number within %g..%g", low, high);
    return true;
}

static bool get_number(const Node *node, const char *key, double low, double high, double *number)
{
    Node inner;
    return child(node, key, &inner) && number_of(&inner, low, high, number);
}

static bool whole_of(const Node *node, int *whole)
{
    json_int_t value = json_integer_value(node->value);
    if (!json_is_integer(node->value) || value < 0 || value > CASE_ROW_LIMIT)
        return refuse(node, "is not a whole number within 0..%d", CASE_ROW_LIMIT);
    *whole = (int)value;
    return true;
}

static bool get_whole(const Node *node, const char *key, int *whole)
{
    Node inner;
    *whole = 0;
    return child(node, key, &inner) && whole_of(&inner, whole);
}

static bool get_text(const Node *node, const char *key, size_t capacity, char text[capacity])
{
    Node inner;
    if (!child(node, key, &inner))
        return false;
    const char *from = json_string_value(inner.value);
    if (from == NULL || strlen(from) >= capacity)
        return refuse(&inner, "is no text below %zu bytes", capacity);
    memcpy(text, from, strlen(from) + 1);
    return true;
}

/* ---- case.json ---- */

static bool read_documents(const Node *root, CaseRecord *record)
{
    Node list, entry;
    if (!list_of(root, "documents", CASE_DOCUMENTS, &list, &record->document_count))
        return false;
    for (int i = 0; i < record->document_count; i++)
        if (!item(&list, i, &entry) ||
            !get_text(&entry, "name", sizeof record->document[i].name, record->document[i].name) ||
            !get_text(&entry, "sha256", sizeof record->document[i].sha256,
                      record->document[i].sha256))
            return false;
    return true;
}

static bool read_band(const Node *node, const char *key, double high, SkinBand *band)
{
    Node inner;
    return child(node, key, &inner) && get_number(&inner, "low", 0.0, high, &band->low) &&
           get_number(&inner, "expected", 0.0, high, &band->expected) &&
           get_number(&inner, "high", 0.0, high, &band->high);
}

static bool read_parameters(const Node *root, CaseRecord *record)
{
    Node node, dot, ageing;
    return child(root, "parameters", &node) && child(&node, "healed_dot", &dot) &&
           get_number(&dot, "diameter_mm", 0.01, 5.0, &record->healed_diameter_mm) &&
           get_number(&node, "growth_years", 0.0, 100.0, &record->growth_years) &&
           child(&node, "ageing", &ageing) &&
           read_band(&ageing, "healed_mass_ratio", 1.0, &record->ageing.healed_mass) &&
           read_band(&ageing, "half_life_years", 100.0, &record->ageing.half_life_years) &&
           read_band(&ageing, "healed_diameter_ratio", 3.0, &record->ageing.healed_diameter) &&
           read_band(&ageing, "growth_ratio_per_year", 1.0, &record->ageing.growth_per_year);
}

static bool read_shares(const Node *dots, CaseRecord *record)
{
    Node list, entry;
    double sum = 0.0;
    if (!list_of(dots, "shares", DOTS_MAX_SESSIONS, &list, &record->session_count))
        return false;
    for (int s = 0; s < record->session_count; s++) {
        if (!item(&list, s, &entry) || !number_of(&entry, 0.0, 1.0, &record->share[s]))
            return false;
        sum += record->share[s];
    }
    return fabs(sum - 1.0) < 1e-4 || refuse(&list, "sum to %g, not to 1", sum);
}

static bool read_counts(const Node *zone, const char *key, int session_count, int count[])
{
    Node list, entry;
    int sessions;
    if (!list_of(zone, key, DOTS_MAX_SESSIONS, &list, &sessions))
        return false;
    if (sessions != session_count)
        return refuse(&list, "has %d sessions, the shares have %d", sessions, session_count);
    for (int s = 0; s < sessions; s++)
        if (!item(&list, s, &entry) || !whole_of(&entry, &count[s]))
            return false;
    return true;
}

static bool read_zone(const Node *entry, CaseRecord *record)
{
    char name[32];
    int zone = 0;
    if (!get_text(entry, "zone", sizeof name, name))
        return false;
    while (case_zone_word(zone) != NULL && strcmp(case_zone_word(zone), name) != 0)
        zone++;
    if (case_zone_word(zone) == NULL)
        return refuse(entry, "names the zone '%s', which is not known", name);
    return get_number(entry, "spacing_mm", 0.0, 20.0, &record->spacing_mm[zone]) &&
           read_counts(entry, "wanted", record->session_count, record->wanted[zone]) &&
           read_counts(entry, "placed", record->session_count, record->placed[zone]);
}

static bool read_zones(const Node *dots, CaseRecord *record)
{
    Node list, entry;
    int count;
    if (!list_of(dots, "zones", DOTS_ZONES, &list, &count))
        return false;
    for (int i = 0; i < count; i++)
        if (!item(&list, i, &entry) || !read_zone(&entry, record))
            return false;
    return true;
}

static bool read_units(const Node *dots, CaseRecord *record)
{
    Node list, entry;
    int count;
    if (!has(dots, "unit_shares"))
        return true;
    if (!list_of(dots, "unit_shares", DOTS_UNIT_SIZES, &list, &count))
        return false;
    for (int i = 0; i < count; i++)
        if (!item(&list, i, &entry) || !number_of(&entry, 0.0, 1.0, &record->unit_share[i]))
            return false;
    return true;
}

static bool read_fixed(const Node *dots, CaseRecord *record)
{
    static const char *const key[] = {"follicles", "grafts", "earlier_dots"};
    Node node;
    if (!has(dots, "fixed"))
        return true;
    if (!child(dots, "fixed", &node))
        return false;
    for (int i = 0; i < 3; i++) {
        int count;
        if (!get_whole(&node, key[i], &count))
            return false;
        record->fixed_count += count;
    }
    return true;
}

static bool read_dots(const Node *root, CaseRecord *record)
{
    Node dots, irregularity;
    if (!child(root, "dots", &dots))
        return false;
    if (!has(&dots, "shares"))
        return refuse(&dots, "says nothing of shares and zones: the case is of an older program, "
                             "plan it again");
    return get_whole(&dots, "count", &record->count) &&
           get_whole(&dots, "dropped", &record->dropped) &&
           (!has(&dots, "short_of") || get_whole(&dots, "short_of", &record->short_of)) &&
           read_shares(&dots, record) && child(&dots, "irregularity", &irregularity) &&
           get_number(&irregularity, "value", 0.0, 1.0, &record->irregularity) &&
           (!has(&irregularity, "spacing_variation") ||
            get_number(&irregularity, "spacing_variation", 0.0, 1.0, &record->nn_cv)) &&
           read_units(&dots, record) && read_fixed(&dots, record) && read_zones(&dots, record);
}

/* ---- design.json ---- */

static bool read_points(Arena *arena, const Node *list, int count, DotsEdge *edge)
{
    Node point, number;
    Vec3 *to = ARENA_NEW(arena, Vec3, (size_t)count);
    if (to == NULL)
        return err_set(list->err, ERR_LIMIT, "no room for the %d points of an edge", count);
    for (int i = 0; i < count; i++) {
        double value[3];
        if (!item(list, i, &point) || json_array_size(point.value) != 3)
            return refuse(&point, "is no point [x, y, z]");
        for (int k = 0; k < 3; k++)
            if (!item(&point, k, &number) || !number_of(&number, -1000.0, 1000.0, &value[k]))
                return false;
        to[i] = vec3(value[0], value[1], value[2]);
    }
    edge->point_mm = to;
    edge->point_count = count;
    return true;
}

static bool read_edge(Arena *arena, const Node *entry, DotsEdge *edge)
{
    enum { POINT_LIMIT = 4096 };
    char kind[16];
    Node list;
    int count;
    if (!get_text(entry, "kind", sizeof kind, kind) ||
        !get_number(entry, "ramp_mm", 0.0, 100.0, &edge->ramp_mm) ||
        !list_of(entry, "points_mm", POINT_LIMIT, &list, &count))
        return false;
    edge->closed = strcmp(kind, "line") != 0;
    if (edge->closed && strcmp(kind, "keep_out") != 0 && strcmp(kind, "outline") != 0)
        return refuse(entry, "is of the kind '%s', which is not known", kind);
    if (count < (edge->closed ? 3 : 2))
        return refuse(&list, "are too few");
    return read_points(arena, &list, count, edge);
}

static bool read_edges(Arena *arena, const Node *root, CaseRecord *record)
{
    enum { EDGE_LIMIT = 64 };
    Node list, entry;
    if (!has(root, "edges"))
        return true;
    if (!list_of(root, "edges", EDGE_LIMIT, &list, &record->edge_count))
        return false;
    record->edge = ARENA_NEW(arena, DotsEdge, (size_t)record->edge_count);
    if (record->edge == NULL)
        return err_set(root->err, ERR_LIMIT, "no room for %d edges", record->edge_count);
    for (int i = 0; i < record->edge_count; i++)
        if (!item(&list, i, &entry) || !read_edge(arena, &entry, &record->edge[i]))
            return false;
    return true;
}

/* ---- both ---- */

static bool read_case(const Node *root, CaseRecord *record)
{
    return get_text(root, "code", sizeof record->code, record->code) &&
           read_documents(root, record) && read_parameters(root, record) && read_dots(root, record);
}

bool casefile_record_from_json(Arena *arena, size_t case_size, const char *case_json,
                               size_t design_size, const char *design_json, CaseRecord *record,
                               Err *err)
{
    *record = (CaseRecord){0};
    if (!casefile_check("case", case_size, case_json, err) ||
        !casefile_check("design", design_size, design_json, err))
        return false;
    Node plan = {json_loadb(case_json, case_size, JSON_REJECT_DUPLICATES, NULL), "case.json:", err};
    Node design = {json_loadb(design_json, design_size, JSON_REJECT_DUPLICATES, NULL),
                   "design.json:", err};
    bool ok = plan.value != NULL && design.value != NULL;
    ok = ok ? read_case(&plan, record) && read_edges(arena, &design, record)
            : err_set(err, ERR_LIMIT, "no memory for case.json or design.json");
    json_decref(plan.value);
    json_decref(design.value);
    return ok;
}
