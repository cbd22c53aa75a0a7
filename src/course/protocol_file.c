#include "course/protocol_internal.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { PROTOCOL_FORMAT = 2, PROTOCOL_SIZE_LIMIT = 256 * 1024, LONGEST_DAYS = PROTOCOL_FOR_GOOD };
enum { TITLE_BYTES = 160, TEXT_BYTES = 320 };

/* ---- sessions ---- */

static bool read_gap(Arena *arena, const Node *session, CourseGap *gap, const char **as_in)
{
    static const char *const known[] = {"min", "target", "max", "as_in", NULL};
    Node node;
    if (!node_enter_child(session, "after_days", known, &node) ||
        !node_int(&node, "min", 1, LONGEST_DAYS, &gap->min_days) ||
        !node_int(&node, "target", 1, LONGEST_DAYS, &gap->target_days) ||
        !node_int(&node, "max", 1, LONGEST_DAYS, &gap->max_days) ||
        !protocol_as_in(arena, &node, as_in))
        return false;
    return (gap->min_days <= gap->target_days && gap->target_days <= gap->max_days) ||
           node_refuse(&node, "has min %d, target %d, max %d: they must not fall", gap->min_days,
                       gap->target_days, gap->max_days);
}

static bool read_hours(const Node *session, double *low, double *high)
{
    static const char *const known[] = {"low", "high", NULL};
    Node node;
    return !node_has(session, "hours") || (node_enter_child(session, "hours", known, &node) &&
                                           protocol_ends(&node, 24.0, low, high));
}

static bool read_session(Arena *arena, const Node *node, bool first, ProtocolSession *session)
{
    static const char *const known[] = {"share", "strength", "after_days", "hours", "source", NULL};
    if (!node_enter(node, known))
        return false;
    if (first && node_has(node, "after_days"))
        return node_refuse(node, "has the key 'after_days', but no session stands before it");
    return node_number(node, "share", 0.01, 1.0, &session->share) &&
           node_number(node, "strength", 0.1, 3.0, &session->strength) &&
           (first || read_gap(arena, node, &session->gap, &session->gap_as_in)) &&
           read_hours(node, &session->hours_low, &session->hours_high) &&
           protocol_source(arena, node, &session->source);
}

static bool read_sessions(Arena *arena, const Node *node, ProtocolVariant *variant)
{
    Node list, item;
    if (!node_list(node, "sessions", COURSE_MAX_SESSIONS, &list, &variant->session_count))
        return false;
    if (variant->session_count == 0)
        return node_refuse(&list, "has no entry");
    double sum = 0.0;
    for (int i = 0; i < variant->session_count; i++) {
        if (!node_item(&list, i, &item) ||
            !read_session(arena, &item, i == 0, &variant->session[i]))
            return false;
        sum += variant->session[i].share;
    }
    /* Shares are written with a few digits (three thirds); what is left is spread evenly. */
    if (fabs(sum - 1.0) > 1e-3)
        return node_refuse(&list, "has shares that sum to %g, not to 1", sum);
    for (int i = 0; i < variant->session_count; i++)
        variant->session[i].share /= sum;
    return true;
}

static bool read_condition(const Node *node, const char *key, double most, bool first,
                           double *value)
{
    *value = 0.0;
    if (!node_has(node, key))
        return true;
    if (first)
        return node_refuse(node, "has the condition '%s', but the first variant is the usual one",
                           key);
    return node_number(node, key, 0.001, most, value);
}

static bool read_variant(Arena *arena, const Node *node, bool first, ProtocolVariant *variant)
{
    static const char *const known[] = {
        "when",     "least_area_cm2", "most_area_cm2", "least_scar_share",
        "sessions", "source",         "as_in",         NULL};
    if (!node_enter(node, known) || !node_line(arena, node, "when", TEXT_BYTES, &variant->when) ||
        !read_condition(node, "least_area_cm2", 2000.0, first, &variant->least_area_cm2) ||
        !read_condition(node, "most_area_cm2", 2000.0, first, &variant->most_area_cm2) ||
        !read_condition(node, "least_scar_share", 1.0, first, &variant->least_scar_share) ||
        !read_sessions(arena, node, variant) || !protocol_source(arena, node, &variant->source) ||
        !protocol_as_in(arena, node, &variant->as_in))
        return false;
    return variant->most_area_cm2 <= 0.0 || variant->least_area_cm2 <= variant->most_area_cm2 ||
           node_refuse(node, "has least_area_cm2 %g above most_area_cm2 %g",
                       variant->least_area_cm2, variant->most_area_cm2);
}

static bool read_variants(Arena *arena, const Node *root, Protocol *protocol)
{
    Node list, item;
    if (!node_list(root, "variants", PROTOCOL_MAX_VARIANTS, &list, &protocol->variant_count))
        return false;
    if (protocol->variant_count == 0)
        return node_refuse(&list, "has no entry");
    for (int i = 0; i < protocol->variant_count; i++)
        if (!node_item(&list, i, &item) ||
            !read_variant(arena, &item, i == 0, &protocol->variant[i]))
            return false;
    return true;
}

/* ---- the work ---- */

/* The zones a design knows (design_zone_name). */
static const char *zone_named(const char *name)
{
    static const char *const known[] = {"hairline", "frontal", "midscalp", "crown",
                                        "temple",   "patch",   "scar",     "diffuse",
                                        "punch",    "burn",    "fringe"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i]) == 0)
            return known[i];
    return NULL;
}

static bool read_difficulty(const Node *work, Protocol *protocol)
{
    Node node;
    const char *key;
    json_t *value;
    if (!node_child(work, "difficulty", &node))
        return false;
    if (!json_is_object(node.value))
        return node_refuse(&node, "is no object");
    json_object_foreach(node.value, key, value)
    {
        const char *zone = zone_named(key);
        if (zone == NULL)
            return node_refuse(&node,
                               "has '%.40s', which is no zone of a design (scar, crown, ...)", key);
        int index = protocol->difficulty_count++; /* fewer zones are known than there is room */
        protocol->difficulty[index].zone = zone;
        if (!node_number(&node, zone, 0.1, 10.0, &protocol->difficulty[index].factor))
            return false;
    }
    return true;
}

static bool read_work(Arena *arena, const Node *root, Protocol *protocol)
{
    static const char *const known[] = {"dots_per_minute",
                                        "setup_minutes",
                                        "break_every_minutes",
                                        "break_minutes",
                                        "max_hours_per_day",
                                        "difficulty",
                                        "source",
                                        "as_in",
                                        NULL};
    static const char *const paces[] = {"slow", "expected", "fast"};
    Node work;
    return node_enter_child(root, "work", known, &work) &&
           protocol_band(&work, "dots_per_minute", paces, 1.0, 1000.0, protocol->dots_per_minute) &&
           node_number(&work, "setup_minutes", 0.0, 240.0, &protocol->setup_minutes) &&
           node_number(&work, "break_every_minutes", 10.0, 480.0, &protocol->break_every_minutes) &&
           node_number(&work, "break_minutes", 0.0, 120.0, &protocol->break_minutes) &&
           node_number(&work, "max_hours_per_day", 1.0, 14.0, &protocol->max_hours_per_day) &&
           read_difficulty(&work, protocol) &&
           protocol_source(arena, &work, &protocol->work_source) &&
           protocol_as_in(arena, &work, &protocol->work_as_in);
}

/* ---- the day, beside the dots ---- */

static bool read_numbing(Arena *arena, const Node *node, ProtocolPractice *practice)
{
    static const char *const known[] = {"offered", "required", "minutes", "source", "as_in", NULL};
    Node numbing;
    if (!node_enter_child(node, "numbing", known, &numbing) ||
        !node_flag(&numbing, "offered", &practice->numbing_offered) ||
        !node_flag(&numbing, "required", &practice->numbing_required) ||
        !node_number(&numbing, "minutes", 0.0, 120.0, &practice->numbing_minutes) ||
        !protocol_source(arena, &numbing, &practice->numbing_source) ||
        !protocol_as_in(arena, &numbing, &practice->numbing_as_in))
        return false;
    return practice->numbing_offered || !practice->numbing_required ||
           node_refuse(&numbing, "is required, but 'offered' is false");
}

static bool read_patch_test(Arena *arena, const Node *node, ProtocolPractice *practice)
{
    static const char *const known[] = {"required", "hours_before", "valid_days",
                                        "source",   "as_in",        NULL};
    Node test;
    return node_enter_child(node, "patch_test", known, &test) &&
           node_flag(&test, "required", &practice->patch_test_required) &&
           node_number(&test, "hours_before", 0.0, 2160.0, &practice->patch_test_hours_before) &&
           node_int(&test, "valid_days", 0, LONGEST_DAYS, &practice->patch_test_valid_days) &&
           protocol_source(arena, &test, &practice->patch_test_source) &&
           protocol_as_in(arena, &test, &practice->patch_test_as_in);
}

static bool read_reflection(Arena *arena, const Node *node, ProtocolPractice *practice)
{
    static const char *const known[] = {"hours", "source", NULL};
    Node reflection;
    return node_enter_child(node, "reflection", known, &reflection) &&
           node_number(&reflection, "hours", 0.0, 2160.0, &practice->reflection_hours) &&
           protocol_source(arena, &reflection, &practice->reflection_source);
}

static bool read_dots(Arena *arena, const Node *node, ProtocolPractice *practice)
{
    static const char *const known[] = {"low", "high", "source", NULL};
    Node dots;
    return !node_has(node, "dots_mm") ||
           (node_enter_child(node, "dots_mm", known, &dots) &&
            protocol_ends(&dots, 5.0, &practice->dot_low_mm, &practice->dot_high_mm) &&
            protocol_source(arena, &dots, &practice->dot_source));
}

static bool read_practice(Arena *arena, const Node *root, ProtocolPractice *practice)
{
    static const char *const known[] = {"numbing", "patch_test", "reflection", "dots_mm", NULL};
    Node node;
    return node_enter_child(root, "practice", known, &node) &&
           read_numbing(arena, &node, practice) && read_patch_test(arena, &node, practice) &&
           read_reflection(arena, &node, practice) && read_dots(arena, &node, practice);
}

/* Of a day at work something has to be left for the work. */
static bool check_day(const Node *root, const Protocol *protocol)
{
    double limit_minutes = 60.0 * protocol->max_hours_per_day;
    double before = protocol->setup_minutes +
                    (protocol->practice.numbing_required ? protocol->practice.numbing_minutes : 0);
    return limit_minutes - before >= 30.0 ||
           node_refuse(root,
                       "work.setup_minutes and practice.numbing.minutes take %g min: of %g hours a "
                       "day they leave less than 30 min",
                       before, protocol->max_hours_per_day);
}

/* ---- years ---- */

static bool read_cause(const Node *node, ProtocolCause *cause)
{
    char text[PROTOCOL_ID_BYTES];
    Node inner;
    if (!node_text(node, "cause", sizeof text, text) || !node_child(node, "cause", &inner))
        return false;
    for (int i = 0; i < PROTOCOL_CAUSES; i++)
        if (strcmp(text, protocol_cause_name((ProtocolCause)i)) == 0) {
            *cause = (ProtocolCause)i;
            return true;
        }
    return node_refuse(&inner,
                       "is '%s', not sun, oily_skin, immune_response, scar, light_shade or "
                       "sweat",
                       text);
}

/* Skin may be oily or dry, its response strong or slow: the other causes are there or not. */
static bool read_opposite(Arena *arena, const Node *node, ProtocolFactor *factor)
{
    if (factor->cause == PROTOCOL_OILY_SKIN || factor->cause == PROTOCOL_IMMUNE_RESPONSE)
        return node_line(arena, node, "text_opposite", TEXT_BYTES, &factor->text_opposite);
    return !node_has(node, "text_opposite") ||
           node_refuse(node, "has the key 'text_opposite', but '%s' has no opposite",
                       protocol_cause_name(factor->cause));
}

static bool read_factor(Arena *arena, const Node *node, ProtocolFactor *factor)
{
    static const char *const known[] = {"cause",         "years_times", "text",
                                        "text_opposite", "source",      NULL};
    static const char *const ends[] = {"low", "expected", "high"};
    double band[3];
    if (!node_enter(node, known) || !read_cause(node, &factor->cause) ||
        !protocol_band(node, "years_times", ends, 0.1, 10.0, band))
        return false;
    factor->low = band[0];
    factor->expected = band[1];
    factor->high = band[2];
    return node_line(arena, node, "text", TEXT_BYTES, &factor->text) &&
           read_opposite(arena, node, factor) && protocol_source(arena, node, &factor->source);
}

static bool read_factors(Arena *arena, const Node *touch_up, Protocol *protocol)
{
    Node list, item;
    if (!node_list(touch_up, "factors", PROTOCOL_MAX_FACTORS, &list, &protocol->factor_count))
        return false;
    for (int i = 0; i < protocol->factor_count; i++) {
        ProtocolFactor *factor = &protocol->factor[i];
        if (!node_item(&list, i, &item) || !read_factor(arena, &item, factor))
            return false;
        for (int k = 0; k < i; k++)
            if (protocol->factor[k].cause == factor->cause)
                return node_refuse(&item, "has the cause '%s' once more",
                                   protocol_cause_name(factor->cause));
    }
    return true;
}

static bool read_touch_up(Arena *arena, const Node *root, Protocol *protocol)
{
    static const char *const known[] = {"years", "factors", "source", "as_in", NULL};
    static const char *const ends[] = {"low", "expected", "high"};
    Node node;
    return node_enter_child(root, "touch_up", known, &node) &&
           protocol_band(&node, "years", ends, 0.1, 30.0, protocol->touch_up_years) &&
           read_factors(arena, &node, protocol) &&
           protocol_source(arena, &node, &protocol->touch_up_source) &&
           protocol_as_in(arena, &node, &protocol->touch_up_as_in);
}

/* ---- visits and photographs ---- */

static bool read_days(const Node *node, const char *key, int *count, int day[PROTOCOL_MAX_DAYS])
{
    Node list, item;
    if (!node_list(node, key, PROTOCOL_MAX_DAYS, &list, count))
        return false;
    for (int i = 0; i < *count; i++) {
        if (!node_item(&list, i, &item) || !node_is_int(&item, 1, LONGEST_DAYS, &day[i]))
            return false;
        if (i > 0 && day[i] <= day[i - 1])
            return node_refuse(&item, "is %d, not after %d", day[i], day[i - 1]);
    }
    return true;
}

static bool read_views(Arena *arena, const Node *node, Protocol *protocol)
{
    Node list, item;
    if (!node_list(node, "photo_views", PROTOCOL_MAX_DAYS, &list, &protocol->view_count))
        return false;
    for (int i = 0; i < protocol->view_count; i++)
        if (!node_item(&list, i, &item) || !protocol_is_id(arena, &item, &protocol->view[i]))
            return false;
    return true;
}

static bool read_visits(Arena *arena, const Node *root, Protocol *protocol)
{
    static const char *const known[] = {"healing_check_days", "review_days", "follow_up_days",
                                        "photo_views",        "source",      NULL};
    Node node;
    return node_enter_child(root, "visits", known, &node) &&
           read_days(&node, "healing_check_days", &protocol->check_count, protocol->check_day) &&
           node_int(&node, "review_days", 1, LONGEST_DAYS, &protocol->review_days) &&
           read_days(&node, "follow_up_days", &protocol->follow_up_count,
                     protocol->follow_up_day) &&
           read_views(arena, &node, protocol) &&
           protocol_source(arena, &node, &protocol->visits_source);
}

/* ---- rules by day ---- */

static bool read_kind(const Node *node, ProtocolRuleKind *kind)
{
    char text[8];
    Node inner;
    if (!node_text(node, "kind", sizeof text, text) || !node_child(node, "kind", &inner))
        return false;
    *kind = strcmp(text, "dont") == 0 ? PROTOCOL_DONT : PROTOCOL_DO;
    return strcmp(text, "do") == 0 || strcmp(text, "dont") == 0 ||
           node_refuse(&inner, "is '%s', not 'do' or 'dont'", text);
}

static bool read_rule(Arena *arena, const Node *node, bool has_kind, ProtocolRule *rule)
{
    static const char *const kept[] = {"from_day", "to_day", "kind",  "topic",
                                       "text",     "source", "as_in", NULL};
    static const char *const seen[] = {"from_day", "to_day", "topic", "text",
                                       "source",   "as_in",  NULL};
    if (!node_enter(node, has_kind ? kept : seen) ||
        !node_int(node, "from_day", -60, LONGEST_DAYS, &rule->from_day) ||
        !node_int(node, "to_day", -60, LONGEST_DAYS, &rule->to_day) ||
        (has_kind && !read_kind(node, &rule->kind)) ||
        !protocol_id(arena, node, "topic", &rule->topic) ||
        !node_line(arena, node, "text", TEXT_BYTES, &rule->text) ||
        !protocol_source(arena, node, &rule->source) || !protocol_as_in(arena, node, &rule->as_in))
        return false;
    return rule->from_day <= rule->to_day ||
           node_refuse(node, "has to_day %d before from_day %d", rule->to_day, rule->from_day);
}

static bool read_rules(Arena *arena, const Node *root, const char *key, int *count,
                       ProtocolRule rule[PROTOCOL_MAX_RULES])
{
    Node list, item;
    bool has_kind = strcmp(key, "aftercare") == 0;
    if (!node_list(root, key, PROTOCOL_MAX_RULES, &list, count))
        return false;
    for (int i = 0; i < *count; i++)
        if (!node_item(&list, i, &item) || !read_rule(arena, &item, has_kind, &rule[i]))
            return false;
    return true;
}

static bool read_notes(Arena *arena, const Node *root, Protocol *protocol)
{
    static const char *const known[] = {"topic", "text", "source", NULL};
    Node list, item;
    if (!node_list(root, "notes", PROTOCOL_MAX_NOTES, &list, &protocol->note_count))
        return false;
    for (int i = 0; i < protocol->note_count; i++) {
        ProtocolNote *note = &protocol->note[i];
        if (!node_item(&list, i, &item) || !node_enter(&item, known) ||
            !protocol_id(arena, &item, "topic", &note->topic) ||
            !node_line(arena, &item, "text", TEXT_BYTES, &note->text) ||
            !protocol_source(arena, &item, &note->source))
            return false;
    }
    return true;
}

/* ---- the document ---- */

static bool read_pigment(const Node *root, bool *absorbable)
{
    char text[16];
    Node inner;
    if (!node_text(root, "pigment", sizeof text, text) || !node_child(root, "pigment", &inner))
        return false;
    *absorbable = strcmp(text, "absorbable") == 0;
    return *absorbable || strcmp(text, "permanent") == 0 ||
           node_refuse(&inner, "is '%s', not 'permanent' or 'absorbable'", text);
}

static bool read_head(Arena *arena, const Node *root, Protocol *protocol)
{
    static const char *const known[] = {
        "schema",   "version", "id",       "protocol_version", "title",    "source", "pigment",
        "variants", "work",    "practice", "visits",           "touch_up", "expect", "aftercare",
        "call",     "notes",   NULL};
    return node_enter(root, known) && protocol_id(arena, root, "id", &protocol->id) &&
           node_int(root, "protocol_version", 1, 1000000, &protocol->version) &&
           node_line(arena, root, "title", TITLE_BYTES, &protocol->title) &&
           protocol_source(arena, root, &protocol->source) &&
           read_pigment(root, &protocol->absorbable);
}

static bool read_protocol(Arena *arena, const Node *root, Protocol *protocol)
{
    return read_head(arena, root, protocol) && read_variants(arena, root, protocol) &&
           read_work(arena, root, protocol) && read_practice(arena, root, &protocol->practice) &&
           check_day(root, protocol) && read_touch_up(arena, root, protocol) &&
           read_visits(arena, root, protocol) &&
           read_rules(arena, root, "expect", &protocol->expect_count, protocol->expect) &&
           read_rules(arena, root, "aftercare", &protocol->aftercare_count, protocol->aftercare) &&
           read_rules(arena, root, "call", &protocol->call_count, protocol->call) &&
           read_notes(arena, root, protocol);
}

static bool keep_bytes(Arena *arena, size_t size, const char *bytes, Protocol *protocol, Err *err)
{
    char *copy = ARENA_NEW(arena, char, size + 1);
    if (copy == NULL)
        return err_set(err, ERR_LIMIT, "no room for the %zu bytes of a protocol", size);
    memcpy(copy, bytes, size);
    protocol->bytes = copy;
    protocol->size = size;
    return true;
}

bool protocol_from_json(Arena *arena, size_t size, const char *bytes, Protocol *protocol, Err *err)
{
    Node root;
    int version;
    *protocol = (Protocol){0};
    if (size > PROTOCOL_SIZE_LIMIT)
        return err_set(err, ERR_LIMIT, "protocol: %zu bytes are more than the limit of %d", size,
                       PROTOCOL_SIZE_LIMIT);
    if (!node_open("protocol", PROTOCOL_FORMAT, size, bytes, &root, &version, err))
        return false;
    protocol->format = version;
    bool ok = keep_bytes(arena, size, bytes, protocol, err) &&
              (version > 1 || protocol_migrate_v1(&root)) && read_protocol(arena, &root, protocol);
    node_close(&root);
    if (ok)
        protocol_settle_on(protocol, 0);
    return ok;
}
