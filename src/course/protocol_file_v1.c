#include "course/protocol_internal.h"

#include <string.h>

/* Format 1 had one row of sessions ("sessions"), the day of the review under "touch_up", no topics
 * and no kinds of rules, and a "price", which prices.h reads. It said nothing of what format 2 asks
 * for beside that: the practice of the day, visits, when to call, notes. */

#define NOT_STATED "not stated: a document of format 1"

static bool no_room(const Node *root)
{
    return err_set(root->err, ERR_LIMIT, "protocol: no room to bring format 1 to format 2");
}

/* Takes the value of a key out of an object; NULL when it is not there. */
static json_t *take(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    json_incref(value);
    json_object_del(object, key);
    return value;
}

/* A key of format 2 in a document that says it is of format 1. */
static bool refuse_newer_keys(const Node *root)
{
    static const char *const newer[] = {"pigment", "variants", "practice",
                                        "visits",  "call",     "notes"};
    for (size_t i = 0; i < sizeof newer / sizeof newer[0]; i++)
        if (node_has(root, newer[i]))
            return node_refuse(root, "has the key '%s', which is not known in format 1", newer[i]);
    return true;
}

static bool migrate_sessions(const Node *root)
{
    Node sessions;
    if (!node_child(root, "sessions", &sessions))
        return false;
    json_t *variants = json_pack("[{s:s, s:s, s:o}]", "when", "Every case", "source", NOT_STATED,
                                 "sessions", take(root->value, "sessions"));
    return json_object_set_new(root->value, "variants", variants) == 0 || no_room(root);
}

static bool drop_price(const Node *root)
{
    Node price;
    if (!node_child(root, "price", &price))
        return false;
    if (!json_is_object(price.value))
        return node_refuse(&price, "is no object");
    json_object_del(root->value, "price");
    return true;
}

static bool migrate_review(const Node *root)
{
    Node touch_up, review;
    if (!node_child(root, "touch_up", &touch_up) || !node_child(&touch_up, "review_days", &review))
        return false;
    if (node_has(&touch_up, "factors"))
        return node_refuse(&touch_up, "has the key 'factors', which is not known in format 1");
    json_t *visits = json_pack("{s:[], s:o, s:[], s:[], s:s}", "healing_check_days", "review_days",
                               take(touch_up.value, "review_days"), "follow_up_days", "photo_views",
                               "source", NOT_STATED);
    return (json_object_set_new(touch_up.value, "factors", json_array()) == 0 &&
            json_object_set_new(root->value, "visits", visits) == 0) ||
           no_room(root);
}

/* Format 1 was written in English: what begins like a ban is one. */
static const char *kind_of(const json_t *rule)
{
    const char *text = json_string_value(json_object_get(rule, "text"));
    bool ban = text != NULL && (strncmp(text, "No ", 3) == 0 || strncmp(text, "Do not ", 7) == 0);
    return ban ? "dont" : "do";
}

static bool migrate_rules(const Node *root, const char *key, bool has_kind)
{
    static const char *const known[] = {"from_day", "to_day", "text", "source", NULL};
    Node list, rule;
    int count;
    if (!node_list(root, key, PROTOCOL_MAX_RULES, &list, &count))
        return false;
    for (int i = 0; i < count; i++) {
        if (!node_item(&list, i, &rule))
            return false;
        if (!json_is_object(rule.value))
            return node_refuse(&rule, "is no object");
        if (!node_only(&rule, known))
            return false;
        if (json_object_set_new(rule.value, "topic", json_string("other")) != 0 ||
            (has_kind &&
             json_object_set_new(rule.value, "kind", json_string(kind_of(rule.value))) != 0))
            return no_room(root);
    }
    return true;
}

static bool add_what_was_not_asked(const Node *root)
{
    json_t *practice =
        json_pack("{s:{s:b,s:b,s:i,s:s}, s:{s:b,s:i,s:i,s:s}, s:{s:i,s:s}}", "numbing", "offered",
                  0, "required", 0, "minutes", 0, "source", NOT_STATED, "patch_test", "required", 0,
                  "hours_before", 0, "valid_days", 0, "source", NOT_STATED, "reflection", "hours",
                  0, "source", NOT_STATED);
    return (json_object_set_new(root->value, "practice", practice) == 0 &&
            json_object_set_new(root->value, "pigment", json_string("permanent")) == 0 &&
            json_object_set_new(root->value, "call", json_array()) == 0 &&
            json_object_set_new(root->value, "notes", json_array()) == 0) ||
           no_room(root);
}

bool protocol_migrate_v1(const Node *root)
{
    return refuse_newer_keys(root) && migrate_sessions(root) && drop_price(root) &&
           migrate_review(root) && migrate_rules(root, "expect", false) &&
           migrate_rules(root, "aftercare", true) && add_what_was_not_asked(root);
}
