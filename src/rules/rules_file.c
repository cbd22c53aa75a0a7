#include "base/embed.h"
#include "base/node.h"
#include "rules/rules_internal.h"

#include <assert.h>
#include <string.h>

enum { RULES_FORMAT = 1 };

/* A line that will stand on paper: something in it, nothing that moves the pen. */
static bool read_line(const Node *node, const char *key, size_t capacity, char text[capacity])
{
    Node inner;
    if (!node_text(node, key, capacity, text) || !node_child(node, key, &inner))
        return false;
    if (text[0] == '\0')
        return node_refuse(&inner, "is empty");
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return node_refuse(&inner, "has a control character (code %d)", *at);
    return true;
}

static bool read_severity(const Node *node, const RuleCode *code, RuleSeverity *severity)
{
    char text[16];
    Node inner;
    if (!node_text(node, "severity", sizeof text, text) || !node_child(node, "severity", &inner))
        return false;
    int found = -1;
    for (int s = RULE_WARN; s <= RULE_REFUSE; s++)
        if (strcmp(text, rule_severity_name((RuleSeverity)s)) == 0)
            found = s;
    if (found < 0)
        return node_refuse(&inner, "is '%s', not 'warn', 'confirm' or 'refuse'", text);
    *severity = (RuleSeverity)found;
    if (*severity < code->mildest)
        return node_refuse(&inner, "is '%s': '%s' may be softened to '%s', not further", text,
                           code->id, rule_severity_name(code->mildest));
    return true;
}

/* Codes of field/practice, one or two: "P", "P/B". */
static bool is_trust(const char *text)
{
    static const char *const known[] = {"P", "B", "PT", "C", "F", "A", "D", "K"};
    for (;;) {
        size_t length = strcspn(text, "/");
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            found = found || (strlen(known[i]) == length && memcmp(known[i], text, length) == 0);
        if (!found)
            return false;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

static bool read_trust(const Node *node, char trust[4])
{
    Node inner;
    if (!node_text(node, "trust", 4, trust) || !node_child(node, "trust", &inner))
        return false;
    return is_trust(trust) ||
           node_refuse(&inner, "is '%s', not one or two of P B PT C F A D K", trust);
}

static bool read_limit(const Node *node, const RuleCode *code, Rule *rule)
{
    static const char *const plain[] = {"value", "unit", NULL};
    static const char *const aged[] = {"value", "unit", "per_decade", "from_years", NULL};
    Node limit, unit;
    if (code->unit[0] == '\0')
        return !node_has(node, "limit") ||
               node_refuse(node, "has a limit, but '%s' is an answer and has none", code->id);
    if (!node_child(node, "limit", &limit) || !node_only(&limit, code->aged ? aged : plain) ||
        !node_number(&limit, "value", code->least, code->most, &rule->limit) ||
        !node_text(&limit, "unit", sizeof rule->unit, rule->unit) ||
        !node_child(&limit, "unit", &unit))
        return false;
    if (strcmp(rule->unit, code->unit) != 0)
        return node_refuse(&unit, "is '%s': '%s' is measured in '%s'", rule->unit, code->id,
                           code->unit);
    return !code->aged || (node_number(&limit, "per_decade", 0.0, 50.0, &rule->slope) &&
                           node_number(&limit, "from_years", 0.0, 100.0, &rule->from_years));
}

static bool read_rule(const Node *node, RuleSet *set)
{
    static const char *const known[] = {"id",     "severity", "title", "limit",
                                        "advice", "source",   "trust", NULL};
    char id[RULE_ID];
    if (!node_only(node, known) || !node_text(node, "id", sizeof id, id))
        return false;
    int index = rules_code_find(id);
    if (index < 0)
        return node_refuse(node, "is the rule '%s', which this program cannot measure", id);
    Rule *rule = &set->rule[index];
    if (rule->id[0] != '\0')
        return node_refuse(node, "is the rule '%s' once more", id);
    memcpy(rule->id, id, strlen(id) + 1);
    set->count++;
    const RuleCode *code = &rules_code[index];
    return read_severity(node, code, &rule->severity) &&
           read_line(node, "title", sizeof rule->title, rule->title) &&
           read_limit(node, code, rule) &&
           read_line(node, "advice", sizeof rule->advice, rule->advice) &&
           read_line(node, "source", sizeof rule->source, rule->source) &&
           read_trust(node, rule->trust);
}

/* Of two rules on the same number the strict one bites later. */
static bool check_order(const Node *root, const RuleSet *set)
{
    static const struct {
        const char *lower, *higher;
    } pair[] = {{"hairline_far_too_low", "hairline_too_low"},
                {"too_dense_now", "too_dense"},
                {"too_dense", "helmet"},
                {"scar_too_young", "scar_young"}};
    for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
        double low = rules_named(set, pair[i].lower)->limit;
        double high = rules_named(set, pair[i].higher)->limit;
        if (!(low <= high))
            return node_refuse(root, "the limit of '%s', %g, is above that of '%s', %g",
                               pair[i].lower, low, pair[i].higher, high);
    }
    return true;
}

static bool read_rules(const Node *root, RuleSet *set)
{
    static const char *const known[] = {"schema", "version", "rules_version", "rules", NULL};
    Node list, item;
    int count;
    if (!node_only(root, known) ||
        !read_line(root, "rules_version", sizeof set->version, set->version) ||
        !node_list(root, "rules", RULES_LIMIT, &list, &count))
        return false;
    for (int i = 0; i < count; i++)
        if (!node_item(&list, i, &item) || !read_rule(&item, set))
            return false;
    for (int i = 0; i < rules_code_count(); i++)
        if (set->rule[i].id[0] == '\0')
            return node_refuse(&list, "leaves out the rule '%s'", rules_code[i].id);
    return check_order(root, set);
}

bool rules_from_json(size_t size, const char *text, RuleSet *set, Err *err)
{
    Node root;
    int version;
    *set = (RuleSet){0};
    if (!node_open("rules", RULES_FORMAT, size, text, &root, &version, err))
        return false;
    bool ok = read_rules(&root, set);
    node_close(&root);
    return ok;
}

bool rules_builtin(RuleSet *set, Err *err)
{
    const EmbedFile *file = rules_files;
    assert(file->name != NULL);
    return rules_from_json(file->size, (const char *)file->bytes, set, err);
}
