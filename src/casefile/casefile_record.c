/* case.json and layout.json, read back as far as the dots rest on them. */
#include "base/node.h"
#include "casefile/casefile_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- case.json ---- */

static bool read_documents(const Node *root, CaseRecord *record)
{
    Node list, entry;
    if (!node_list(root, "documents", CASE_DOCUMENTS, &list, &record->document_count))
        return false;
    for (int i = 0; i < record->document_count; i++)
        if (!node_item(&list, i, &entry) ||
            !node_text(&entry, "name", sizeof record->document[i].name, record->document[i].name) ||
            !node_text(&entry, "sha256", sizeof record->document[i].sha256,
                       record->document[i].sha256))
            return false;
    return true;
}

static bool read_band(const Node *node, SkinRate rate, SkinBand *band)
{
    Node inner;
    if (!node_child(node, rate.name, &inner) ||
        !node_number(&inner, "low", rate.least, rate.most, &band->low) ||
        !node_number(&inner, "expected", rate.least, rate.most, &band->expected) ||
        !node_number(&inner, "high", rate.least, rate.most, &band->high))
        return false;
    return (band->low <= band->expected && band->expected <= band->high) ||
           node_refuse(&inner, "has low %g, expected %g, high %g, which are not in order",
                       band->low, band->expected, band->high);
}

static bool read_kind(const Node *node, SkinKind *kind)
{
    char word[16];
    Node inner;
    *kind = SKIN_PERMANENT;
    if (!node_has(node, "kind"))
        return true;
    if (!node_child(node, "kind", &inner) || !node_text(node, "kind", sizeof word, word))
        return false;
    if (strcmp(word, skin_kind_name(SKIN_ABSORBABLE)) == 0)
        *kind = SKIN_ABSORBABLE;
    return strcmp(word, skin_kind_name(*kind)) == 0 ||
           node_refuse(&inner, "is not 'permanent' or 'absorbable'");
}

/* The first cases had four bands and one kind; what they do not say is the average. */
static bool read_ageing(const Node *parameters, SkinAgeing *ageing)
{
    enum { FIRST_BANDS = 4 };
    Node node;
    SkinKind kind;
    if (!node_child(parameters, "ageing", &node) || !read_kind(&node, &kind))
        return false;
    *ageing = skin_ageing(kind, NULL, NULL);
    for (int i = 0; i < SKIN_RATES; i++) {
        SkinRate rate = skin_ageing_rate(ageing, i);
        if ((i < FIRST_BANDS || node_has(&node, rate.name)) &&
            !read_band(&node, rate, skin_ageing_band(ageing, i)))
            return false;
    }
    return true;
}

static bool read_parameters(const Node *root, CaseRecord *record)
{
    Node node, dot;
    return node_child(root, "parameters", &node) && node_child(&node, "healed_dot", &dot) &&
           node_number(&dot, "diameter_mm", 0.01, 5.0, &record->healed_diameter_mm) &&
           node_number(&node, "growth_years", 0.0, 100.0, &record->growth_years) &&
           read_ageing(&node, &record->ageing);
}

static bool read_shares(const Node *dots, CaseRecord *record)
{
    Node list, entry;
    double sum = 0.0;
    if (!node_list(dots, "shares", DOTS_MAX_SESSIONS, &list, &record->session_count))
        return false;
    for (int s = 0; s < record->session_count; s++) {
        if (!node_item(&list, s, &entry) || !node_is_number(&entry, 0.0, 1.0, &record->share[s]))
            return false;
        sum += record->share[s];
    }
    return fabs(sum - 1.0) < 1e-4 || node_refuse(&list, "sum to %g, not to 1", sum);
}

static bool read_counts(const Node *zone, const char *key, int session_count, int count[])
{
    Node list, entry;
    int sessions;
    if (!node_list(zone, key, DOTS_MAX_SESSIONS, &list, &sessions))
        return false;
    if (sessions != session_count)
        return node_refuse(&list, "has %d sessions, the shares have %d", sessions, session_count);
    for (int s = 0; s < sessions; s++)
        if (!node_item(&list, s, &entry) || !node_is_whole(&entry, &count[s]))
            return false;
    return true;
}

static bool read_zone(const Node *entry, CaseRecord *record)
{
    char name[32];
    int zone = 0;
    if (!node_text(entry, "zone", sizeof name, name))
        return false;
    while (case_zone_word(zone) != NULL && strcmp(case_zone_word(zone), name) != 0)
        zone++;
    if (case_zone_word(zone) == NULL)
        return node_refuse(entry, "names the zone '%s', which is not known", name);
    return node_number(entry, "spacing_mm", 0.0, 20.0, &record->spacing_mm[zone]) &&
           read_counts(entry, "wanted", record->session_count, record->wanted[zone]) &&
           read_counts(entry, "placed", record->session_count, record->placed[zone]);
}

static bool read_zones(const Node *dots, CaseRecord *record)
{
    Node list, entry;
    int count;
    if (!node_list(dots, "zones", DOTS_ZONES, &list, &count))
        return false;
    for (int i = 0; i < count; i++)
        if (!node_item(&list, i, &entry) || !read_zone(&entry, record))
            return false;
    return true;
}

static bool read_units(const Node *dots, CaseRecord *record)
{
    Node list, entry;
    int count;
    if (!node_has(dots, "unit_shares"))
        return true;
    if (!node_list(dots, "unit_shares", DOTS_UNIT_SIZES, &list, &count))
        return false;
    for (int i = 0; i < count; i++)
        if (!node_item(&list, i, &entry) ||
            !node_is_number(&entry, 0.0, 1.0, &record->unit_share[i]))
            return false;
    return true;
}

static bool read_fixed(const Node *dots, CaseRecord *record)
{
    static const char *const key[] = {"follicles", "grafts", "earlier_dots"};
    Node node;
    if (!node_has(dots, "fixed"))
        return true;
    if (!node_child(dots, "fixed", &node))
        return false;
    for (int i = 0; i < 3; i++) {
        int count;
        if (!node_whole(&node, key[i], &count))
            return false;
        record->fixed_count += count;
    }
    return true;
}

static bool read_dots(const Node *root, CaseRecord *record)
{
    Node dots, irregularity;
    if (!node_child(root, "dots", &dots))
        return false;
    if (!node_has(&dots, "shares"))
        return node_refuse(&dots,
                           "says nothing of shares and zones: the case is of an older program, "
                           "plan it again");
    return node_whole(&dots, "count", &record->count) &&
           node_whole(&dots, "dropped", &record->dropped) &&
           (!node_has(&dots, "short_of") || node_whole(&dots, "short_of", &record->short_of)) &&
           read_shares(&dots, record) && node_child(&dots, "irregularity", &irregularity) &&
           node_number(&irregularity, "value", 0.0, 1.0, &record->irregularity) &&
           (!node_has(&irregularity, "spacing_variation") ||
            node_number(&irregularity, "spacing_variation", 0.0, 1.0, &record->nn_cv)) &&
           read_units(&dots, record) && read_fixed(&dots, record) && read_zones(&dots, record);
}

/* ---- layout.json ---- */

static bool read_points(Arena *arena, const Node *list, int count, DotsEdge *edge)
{
    Node point, number;
    Vec3 *to = ARENA_NEW(arena, Vec3, (size_t)count);
    if (to == NULL)
        return err_set(list->err, ERR_LIMIT, "no room for the %d points of an edge", count);
    for (int i = 0; i < count; i++) {
        double value[3];
        if (!node_item(list, i, &point) || json_array_size(point.value) != 3)
            return node_refuse(&point, "is no point [x, y, z]");
        for (int k = 0; k < 3; k++)
            if (!node_item(&point, k, &number) ||
                !node_is_number(&number, -1000.0, 1000.0, &value[k]))
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
    if (!node_text(entry, "kind", sizeof kind, kind) ||
        !node_number(entry, "ramp_mm", 0.0, 100.0, &edge->ramp_mm) ||
        !node_list(entry, "points_mm", POINT_LIMIT, &list, &count))
        return false;
    edge->closed = strcmp(kind, "line") != 0;
    if (edge->closed && strcmp(kind, "keep_out") != 0 && strcmp(kind, "outline") != 0)
        return node_refuse(entry, "is of the kind '%s', which is not known", kind);
    if (count < (edge->closed ? 3 : 2))
        return node_refuse(&list, "are too few");
    return read_points(arena, &list, count, edge);
}

static bool read_edges(Arena *arena, const Node *root, CaseRecord *record)
{
    enum { EDGE_LIMIT = 64 };
    Node list, entry;
    if (!node_has(root, "edges"))
        return true;
    if (!node_list(root, "edges", EDGE_LIMIT, &list, &record->edge_count))
        return false;
    record->edge = ARENA_NEW(arena, DotsEdge, (size_t)record->edge_count);
    if (record->edge == NULL)
        return err_set(root->err, ERR_LIMIT, "no room for %d edges", record->edge_count);
    for (int i = 0; i < record->edge_count; i++)
        if (!node_item(&list, i, &entry) || !read_edge(arena, &entry, &record->edge[i]))
            return false;
    return true;
}

/* ---- both ---- */

static bool read_case(const Node *root, CaseRecord *record)
{
    return node_text(root, "code", sizeof record->code, record->code) &&
           read_documents(root, record) && read_parameters(root, record) && read_dots(root, record);
}

/* The first cases kept their edges in design.json. */
static bool open_layout(size_t size, const char *bytes, Node *root, Err *err)
{
    int version;
    Err cause = {0};
    if (node_open("design", 1, size, bytes, root, &version, &cause))
        return true;
    return node_open("layout", casefile_version("layout"), size, bytes, root, &version, err);
}

bool casefile_record_from_json(Arena *arena, size_t case_size, const char *case_json,
                               size_t layout_size, const char *layout_json, CaseRecord *record,
                               Err *err)
{
    Node plan, layout;
    int version;
    *record = (CaseRecord){0};
    if (!node_open("case", casefile_version("case"), case_size, case_json, &plan, &version, err))
        return false;
    if (!open_layout(layout_size, layout_json, &layout, err)) {
        node_close(&plan);
        return false;
    }
    snprintf(plan.path, sizeof plan.path, "case.json:");
    snprintf(layout.path, sizeof layout.path, "layout.json:");
    bool ok = read_case(&plan, record) && read_edges(arena, &layout, record);
    node_close(&plan);
    node_close(&layout);
    return ok;
}
