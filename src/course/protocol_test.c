#include "course/protocol.h"

#include "base/embed.h"
#include "base/test.h"

#include <ctype.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOCUMENT_BYTES = 64 * 1024, BUILTINS = 8 };

static Arena arena;
static Protocol protocol, builtin[BUILTINS];

static bool setup(void)
{
    Err err;
    if (arena.base != NULL)
        return true;
    if (!CHECK(arena_open(&arena, (size_t)64 << 20, &err)) ||
        !CHECK(protocol_builtin_count() == BUILTINS))
        return false;
    for (int i = 0; i < BUILTINS; i++)
        if (!CHECK(protocol_builtin(&arena, protocol_builtin_id(i), &builtin[i], &err))) {
            printf("# %s: %s\n", protocol_builtin_id(i), err.text);
            return false;
        }
    return true;
}

/* One that says nothing, after a note, where there is none of that name. */
static const Protocol *named(const char *id)
{
    static const Protocol nothing;
    const Protocol *found = &nothing;
    for (int i = 0; i < BUILTINS; i++)
        if (strcmp(builtin[i].id, id) == 0)
            found = &builtin[i];
    CHECK(found != &nothing);
    return found;
}

/* Reads into what the next reading may overwrite. */
static bool reads(size_t size, const char *text, Protocol *into, Err *err)
{
    size_t mark = arena_mark(&arena);
    bool ok = protocol_from_json(&arena, size, text, into, err);
    arena_rewind(&arena, mark);
    return ok;
}

/* ---- those shipped ---- */

TEST(the_names_in_the_program_are_those_of_the_files)
{
    REQUIRE(setup());
    int count = 0;
    for (const EmbedFile *file = protocols_files; file->name != NULL; file++, count++) {
        char want[64];
        snprintf(want, sizeof want, "%s.json", protocol_builtin_id(count));
        CHECK(strcmp(file->name, want) == 0);
        CHECK(strcmp(builtin[count].id, protocol_builtin_id(count)) == 0);
    }
    CHECK(count == protocol_builtin_count());
}

/* Issue 7, point 1, in its own words; 0 and NULL: the practice says nothing. */
typedef struct Fact {
    const char *id;
    int least_sessions, most_sessions;
    double hours_low, hours_high;
    int gap_2, gap_3;
    double touch_up_low, touch_up_high;
    int redness_to_day; /* -1: says nothing */
    bool numbing_said, numbing_required;
    double dot_low_mm, dot_high_mm;
    bool absorbable;
} Fact;

static const Fact facts[] = {
    {"ten_days_four_weeks", 3, 4, 2, 5, 10, 28, 2, 3, 2, false, false, 0, 0, false},
    {"temporary", 3, 4, 2, 5, 10, 28, 0.5, 1, 2, false, false, 0, 0, true},
    {"short_sessions", 3, 4, 2, 3, 0, 0, 4, 6, 1, false, false, 0, 0, false},
    {"numbing_optional", 0, 0, 2, 5, 0, 0, 2, 4, -1, true, false, 0, 0, false},
    {"two_or_three", 2, 3, 0, 0, 0, 0, 0, 0, -1, false, false, 0, 0, false},
    {"numbing_first", 0, 0, 2, 4, 0, 0, 0, 0, -1, true, true, 0.25, 1.75, false},
};

static void check_sessions(const Protocol *p, const Fact *fact)
{
    int least = 9, most = 0;
    for (int v = 0; v < p->variant_count; v++) {
        const ProtocolVariant *variant = &p->variant[v];
        CHECK((variant->as_in == NULL) == (fact->most_sessions > 0));
        least = variant->session_count < least ? variant->session_count : least;
        most = variant->session_count > most ? variant->session_count : most;
        for (int i = 0; i < variant->session_count; i++) {
            const ProtocolSession *session = &variant->session[i];
            CHECK(session->hours_low == fact->hours_low);
            CHECK(session->hours_high == fact->hours_high);
            if (i > 0)
                CHECK((session->gap_as_in == NULL) == (fact->gap_2 > 0));
            if (i > 0 && fact->gap_2 > 0)
                CHECK(session->gap.target_days == (i == 1 ? fact->gap_2 : fact->gap_3));
        }
    }
    CHECK(fact->most_sessions == 0 ||
          (least == fact->least_sessions && most == fact->most_sessions));
}

static void check_rest(const Protocol *p, const Fact *fact)
{
    CHECK((p->touch_up_as_in == NULL) == (fact->touch_up_high > 0));
    if (fact->touch_up_high > 0) {
        CHECK_NEAR(p->touch_up_years[0], fact->touch_up_low, 1e-12);
        CHECK_NEAR(p->touch_up_years[2], fact->touch_up_high, 1e-12);
    }
    CHECK((p->practice.numbing_as_in == NULL) == fact->numbing_said);
    CHECK(p->practice.numbing_offered && p->practice.numbing_required == fact->numbing_required);
    CHECK(p->practice.dot_low_mm == fact->dot_low_mm);
    CHECK(p->practice.dot_high_mm == fact->dot_high_mm);
    CHECK(p->absorbable == fact->absorbable);
    for (int i = 0; i < p->expect_count; i++)
        if (strcmp(p->expect[i].topic, "redness") == 0) {
            CHECK((p->expect[i].as_in == NULL) == (fact->redness_to_day >= 0));
            if (fact->redness_to_day >= 0)
                CHECK(p->expect[i].to_day == fact->redness_to_day);
        }
}

TEST(the_published_practices_have_the_numbers_that_they_publish)
{
    REQUIRE(setup());
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const Protocol *p = named(facts[i].id);
        check_sessions(p, &facts[i]);
        check_rest(p, &facts[i]);
    }
}

/* The days on which a protocol says a kind of thing about a topic of its own: from the first to the
 * last; false when it says none. */
static bool own_days(const Protocol *p, const char *topic, ProtocolRuleKind kind, int *from,
                     int *to)
{
    bool found = false;
    for (int i = 0; i < p->aftercare_count; i++) {
        const ProtocolRule *rule = &p->aftercare[i];
        if (strcmp(rule->topic, topic) != 0 || rule->kind != kind || rule->as_in != NULL)
            continue;
        *from = !found || rule->from_day < *from ? rule->from_day : *from;
        *to = !found || rule->to_day > *to ? rule->to_day : *to;
        found = true;
    }
    return found;
}

TEST(the_published_practices_have_the_days_that_they_publish)
{
    static const struct {
        const char *id, *topic;
        ProtocolRuleKind kind;
        int from, to;
    } table[] = {
        {"short_sessions", "work", PROTOCOL_DO, 0, 0},
        {"short_sessions", "exercise", PROTOCOL_DONT, 0, 4},
        {"short_sessions", "exercise", PROTOCOL_DO, 5, 10}, /* light 5-9, normal at 10 */
        {"numbing_optional", "water", PROTOCOL_DONT, 0, 3},
        {"numbing_optional", "sun", PROTOCOL_DONT, 0, 3},
        {"numbing_optional", "exercise", PROTOCOL_DONT, 0, 3},
        {"numbing_first", "sun", PROTOCOL_DONT, 0, 3},
        {"numbing_first", "shampoo", PROTOCOL_DONT, 0, 3},
    };
    REQUIRE(setup());
    size_t rows = sizeof table / sizeof table[0];
    for (size_t i = 0; i < rows; i++) {
        int from = -99, to = -99;
        CHECK(own_days(named(table[i].id), table[i].topic, table[i].kind, &from, &to));
        if (!CHECK(from == table[i].from && to == table[i].to))
            printf("#   %s, %s: %d..%d\n", table[i].id, table[i].topic, from, to);
    }
    /* and of their own they say nothing else */
    for (size_t f = 0; f < sizeof facts / sizeof facts[0]; f++) {
        const Protocol *p = named(facts[f].id);
        for (int i = 0; i < p->aftercare_count; i++) {
            bool listed = p->aftercare[i].as_in != NULL;
            for (size_t k = 0; k < rows && !listed; k++)
                listed = strcmp(table[k].id, p->id) == 0 &&
                         strcmp(table[k].topic, p->aftercare[i].topic) == 0;
            CHECK(listed);
        }
    }
}

static const ProtocolRule *lists_of(const Protocol *p, int list, int *count)
{
    *count = list == 0 ? p->expect_count : list == 1 ? p->aftercare_count : p->call_count;
    return list == 0 ? p->expect : list == 1 ? p->aftercare : p->call;
}

/* Days of a borrowed rule may begin later, to follow what the practice says of its own. */
TEST(what_is_borrowed_is_what_the_other_protocol_says)
{
    REQUIRE(setup());
    for (int b = 0; b < BUILTINS; b++)
        for (int list = 0; list < 3; list++) {
            int count, others;
            const ProtocolRule *rule = lists_of(&builtin[b], list, &count);
            for (int i = 0; i < count; i++) {
                if (rule[i].as_in == NULL)
                    continue;
                const ProtocolRule *from = lists_of(named(rule[i].as_in), list, &others);
                bool found = false;
                for (int k = 0; k < others; k++)
                    found =
                        found || (strcmp(from[k].text, rule[i].text) == 0 &&
                                  strcmp(from[k].topic, rule[i].topic) == 0 &&
                                  from[k].kind == rule[i].kind && from[k].to_day == rule[i].to_day);
                CHECK(found);
                CHECK(strstr(rule[i].source, rule[i].as_in) != NULL);
            }
        }
}

TEST(borrowed_numbers_are_those_of_the_standard)
{
    REQUIRE(setup());
    const Protocol *standard = named("standard");
    for (int b = 0; b < BUILTINS; b++) {
        const Protocol *p = &builtin[b];
        for (int i = 0; i < 3; i++) {
            CHECK(p->work_as_in == NULL || p->dots_per_minute[i] == standard->dots_per_minute[i]);
            CHECK(p->touch_up_as_in == NULL || p->touch_up_years[i] == standard->touch_up_years[i]);
        }
        CHECK(p->work_as_in == NULL || p->max_hours_per_day == standard->max_hours_per_day);
        CHECK(p->practice.numbing_as_in == NULL ||
              p->practice.numbing_required == standard->practice.numbing_required);
        CHECK(p->practice.patch_test_hours_before == standard->practice.patch_test_hours_before);
        CHECK(p->factor_count == PROTOCOL_CAUSES);
        for (int i = 0; i < p->factor_count; i++)
            CHECK(p->factor[i].expected == standard->factor[i].expected);
    }
}

TEST(every_shipped_protocol_says_all_that_a_client_needs)
{
    static const char *const expected[] = {"redness", "tightness", "scabs", "phantom_fade"};
    REQUIRE(setup());
    for (int b = 0; b < BUILTINS; b++) {
        const Protocol *p = &builtin[b];
        for (size_t t = 0; t < sizeof expected / sizeof expected[0]; t++) {
            bool found = false;
            for (int i = 0; i < p->expect_count; i++)
                found = found || strcmp(p->expect[i].topic, expected[t]) == 0;
            CHECK(found);
        }
        CHECK(p->call_count >= 5 && p->note_count >= 5 && p->view_count >= 6);
        CHECK(p->check_count > 0 && p->follow_up_count > 0 && p->review_days >= 28);
        CHECK(p->practice.reflection_hours > 0 && p->practice.patch_test_required);
        for (int v = 0; v < p->variant_count; v++)
            for (int i = 1; i < p->variant[v].session_count; i++) /* never darker at first */
                CHECK(p->variant[v].session[i].strength >= p->variant[v].session[i - 1].strength);
    }
}

static const char *forbidden_in(const char *text)
{
    static const char *const words[] = {"patient",      "treat",       "therap",
                                        "diagnos",      "suitable",    "contraindicat",
                                        "\xe2\x80\x93", "\xe2\x80\x94"};
    char low[1024];
    size_t length = strlen(text);
    for (size_t i = 0; i <= length && i < sizeof low; i++)
        low[i] = (char)tolower((unsigned char)text[i]);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(low, words[i]) != NULL)
            return words[i];
    return NULL;
}

/* Rules end like sentences, and are in plain words for a client. */
TEST(texts_are_whole_sentences_in_a_clients_words)
{
    REQUIRE(setup());
    for (int b = 0; b < BUILTINS; b++)
        for (int list = 0; list < 4; list++) {
            int count = builtin[b].note_count;
            const ProtocolRule *rule = list < 3 ? lists_of(&builtin[b], list, &count) : NULL;
            for (int i = 0; i < count; i++) {
                const char *text = list < 3 ? rule[i].text : builtin[b].note[i].text;
                CHECK(isupper((unsigned char)text[0]) && text[strlen(text) - 1] == '.');
                if (!CHECK(forbidden_in(text) == NULL))
                    printf("#   %s: %s\n", forbidden_in(text), text);
            }
        }
}

/* The same sentence is translated once: texts that differ differ in more than how they are put. */
TEST(no_two_texts_differ_only_in_spelling)
{
    static const char *seen[1000];
    int count = 0;
    REQUIRE(setup());
    for (int b = 0; b < BUILTINS; b++)
        for (int list = 0; list < 3; list++) {
            int rules;
            const ProtocolRule *rule = lists_of(&builtin[b], list, &rules);
            for (int i = 0; i < rules && count < 1000; i++) {
                bool again = false;
                for (int k = 0; k < count; k++) {
                    again = again || strcmp(seen[k], rule[i].text) == 0;
                    CHECK(strcmp(seen[k], rule[i].text) == 0 ||
                          strncmp(seen[k], rule[i].text, strlen(seen[k]) - 1) != 0);
                }
                if (!again)
                    seen[count++] = rule[i].text;
            }
        }
    CHECK(count < 60); /* of 300 */
}

TEST(an_unknown_builtin_protocol_is_refused_with_the_known_names)
{
    Err err = {0};
    REQUIRE(setup());
    CHECK(!protocol_builtin(&arena, "nonsense", &protocol, &err));
    CHECK(strstr(err.text, "nonsense") != NULL);
    for (int i = 0; i < BUILTINS; i++)
        CHECK(strstr(err.text, protocol_builtin_id(i)) != NULL);
    CHECK(!protocol_builtin(&arena, "", &protocol, &err));
    CHECK(!protocol_builtin(&arena, "standard.json", &protocol, &err));
}

/* ---- refusals ---- */

static const char *document(void)
{
    return (const char *)protocols_files[0].bytes;
}

/* The standard protocol with one piece of text replaced. */
static char *edited(const char *whole, const char *from, const char *to, size_t *size)
{
    static char text[DOCUMENT_BYTES];
    const char *at = strstr(whole, from);
    if (at == NULL)
        printf("# the protocol does not hold '%s'\n", from);
    if (at == NULL || strlen(whole) + strlen(to) > sizeof text)
        return NULL;
    int wrote =
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, to, at + strlen(from));
    *size = (size_t)wrote;
    return text;
}

TEST(every_refusal_names_the_key_and_the_value)
{
    static const struct {
        const char *from, *to, *key, *value;
    } table[] = {
        {"\"follicle/protocol\"", "\"follicle/design\"", "schema", "follicle/design"},
        {"\"version\": 2", "\"version\": 3", "version", "3"},
        {"\"version\": 2", "\"version\": 0", "version", "1"},
        {"\"id\": \"standard\"", "\"id\": \"../etc\"", "protocol: id", "../etc"},
        {"\"title\"", "\"titel\"", "titel", "not known"},
        {"\"protocol_version\": 2,", "", "protocol_version", "missing"},
        {"\"permanent\"", "\"eternal\"", "pigment", "eternal"},
        {"\"share\": 0.45", "\"share\": 0.5", "variants[0].sessions", "1.05"},
        {"\"share\": 0.45", "\"share\": \"half\"", "variants[0].sessions[0].share", "number"},
        {"\"share\": 0.35", "\"share\": -0.35", "variants[0].sessions[1].share", "0.01..1"},
        {"\"share\": 0.45,", "\"share\": 0.45, \"share\": 0.45,", "line", "duplicate"},
        {"\"target\": 10", "\"target\": 5", "variants[0].sessions[1].after_days", "target 5"},
        {"\"target\": 10", "\"target\": 10.5", "sessions[1].after_days.target", "whole"},
        {"\"strength\": 0.9,", "\"strength\": 0.9, \"after_days\": {},", "sessions[0]",
         "no session stands before"},
        {"\"low\": 2, \"high\": 5", "\"low\": 6, \"high\": 5", "sessions[0].hours", "low 6"},
        {"\"when\": \"The usual case\",", "\"when\": \"The usual case\", \"most_area_cm2\": 9,",
         "variants[0]", "most_area_cm2"},
        {"\"least_area_cm2\": 350,", "\"least_area_cm2\": 350, \"most_area_cm2\": 300,",
         "variants[2]", "most_area_cm2 300"},
        {"\"slow\": 28", "\"slow\": 280", "work.dots_per_minute", "280"},
        {"\"slow\": 28", "\"slow\": 0", "work.dots_per_minute.slow", "1..1000"},
        {"\"scar\": 1.5", "\"scra\": 1.5", "work.difficulty", "scra"},
        {"\"setup_minutes\": 30", "\"setup_minutes\": null", "work.setup_minutes", "number"},
        {"\"max_hours_per_day\": 6", "\"max_hours_per_day\": 1e9", "work.max_hours_per_day", "14"},
        {"\"max_hours_per_day\": 6", "\"max_hours_per_day\": 1, \"as_in\": \"a b\"", "work.as_in",
         "a b"},
        {"\"setup_minutes\": 30", "\"setup_minutes\": 31, \"max_hours_per_day\": 1",
         "max_hours_per_day", "duplicate"},
        {"\"setup_minutes\": 30", "\"setup_minutes\": 240", NULL, NULL}, /* 6 h leave enough */
        {"\"offered\": true", "\"offered\": 1", "practice.numbing.offered", "true nor false"},
        {"\"offered\": true,\n      \"required\": false", "\"offered\": false, \"required\": true",
         "practice.numbing", "offered"},
        {"\"years\": {\"low\": 2", "\"years\": {\"low\": 5", "touch_up.years", "low 5"},
        {"\"cause\": \"sun\"", "\"cause\": \"moon\"", "touch_up.factors[0].cause", "moon"},
        {"\"cause\": \"sun\"", "\"cause\": \"scar\"", "touch_up.factors[3]", "once more"},
        {"\"text_opposite\": \"Dry", "\"text_opposites\": \"Dry", "touch_up.factors[1]",
         "text_opposites"},
        {"[3, 10]", "[10, 3]", "visits.healing_check_days[1]", "3"},
        {"[3, 10]", "[3, 3]", "visits.healing_check_days[1]", "not after 3"},
        {"\"max\": 30", "\"max\": 9", "variants[0].sessions[1].after_days", "max 9"},
        {"\"expected\": 4, \"high\": 6", "\"expected\": 7, \"high\": 6", "touch_up.years",
         "expected 7"},
        {"Keep the scalp dry.", "Keep \\u007f dry.", "text", "code 127"},
        {"[3, 10]", "[3, 0]", "visits.healing_check_days[1]", "1..3650"},
        {"\"left45\"", "\"left 45\"", "visits.photo_views[1]", "left 45"},
        {"\"from_day\": 2, \"to_day\": 4", "\"from_day\": 2, \"to_day\": 1", "expect[3]",
         "to_day 1"},
        {"\"kind\": \"dont\"", "\"kind\": \"never\"", "aftercare[1].kind", "never"},
        {"Keep the scalp dry.", "Keep the\\nscalp dry.", "text", "code 10"},
        {"Keep the scalp dry.", "", "text", "0 bytes"},
        {"\"topic\": \"water\"", "\"topic\": \"Water\"", "topic", "Water"},
    };
    REQUIRE(setup());
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        Err err = {0};
        size_t size = 0;
        char *text = edited(document(), table[i].from, table[i].to, &size);
        REQUIRE(text != NULL);
        bool ok = reads(size, text, &protocol, &err);
        if (table[i].key == NULL) {
            CHECK(ok);
            continue;
        }
        CHECK(!ok && err.code == ERR_INPUT);
        if (!CHECK(strstr(err.text, table[i].key) && strstr(err.text, table[i].value)))
            printf("#   '%s' instead of '%s': %s\n", table[i].to, table[i].from, err.text);
    }
}

TEST(set_up_and_required_numbing_leave_half_an_hour_of_a_day)
{
    static const char from[] = "\"setup_minutes\": 30,\n    \"break_every_minutes\": 75,\n    "
                               "\"break_minutes\": 10,\n    \"max_hours_per_day\": 6";
    static const struct {
        int file; /* the standard; numbing first, which takes 30 min */
        const char *setup, *hours;
        bool fits;
    } table[] = {
        {0, "60", "1.5", true},  {0, "61", "1.5", false}, {7, "30", "1.5", true},
        {7, "31", "1.5", false}, {0, "31", "1", false},
    };
    REQUIRE(setup());
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char to[160];
        size_t size = 0;
        Err err = {0};
        snprintf(to, sizeof to,
                 "\"setup_minutes\": %s, \"break_every_minutes\": 75, \"break_minutes\": 10, "
                 "\"max_hours_per_day\": %s",
                 table[i].setup, table[i].hours);
        char *text = edited((const char *)protocols_files[table[i].file].bytes, from, to, &size);
        REQUIRE(text != NULL);
        CHECK(reads(size, text, &protocol, &err) == table[i].fits);
        CHECK(table[i].fits || (strstr(err.text, "work.setup_minutes") != NULL &&
                                strstr(err.text, table[i].hours) != NULL));
    }
}

/* Every place of a document, one after the other, is bent and read again. */
typedef struct Bending {
    json_t *root;
    int tried;
} Bending;

static bool refused_naming(const Bending *bending, const char *key, const char *how)
{
    Err err = {0};
    char *text = json_dumps(bending->root, JSON_COMPACT);
    bool ok = text != NULL && !reads(strlen(text), text, &protocol, &err) &&
              err.code == ERR_INPUT && strstr(err.text, key) != NULL;
    if (!ok)
        printf("#   %s %s: '%s'\n", key, how, err.text);
    free(text);
    return CHECK(ok);
}

static bool is_optional(const char *key)
{
    static const char *const optional[] = {"as_in",          "hours",         "dots_mm",
                                           "least_area_cm2", "most_area_cm2", "least_scar_share"};
    for (size_t i = 0; i < sizeof optional / sizeof optional[0]; i++)
        if (strcmp(key, optional[i]) == 0)
            return true;
    return false;
}

static void bend(Bending *bending, json_t *node);

static void bend_member(Bending *bending, json_t *object, const char *key, bool in_zones)
{
    json_t *value = json_incref(json_object_get(object, key));
    char wrong[64];
    snprintf(wrong, sizeof wrong, "%.40sx", key);
    json_object_set_new(object, key, json_is_object(value) ? json_integer(5) : json_object());
    refused_naming(bending, key, "of another type");
    json_object_set_new(object, key, json_null());
    refused_naming(bending, key, "null");
    json_object_del(object, key);
    if (!is_optional(key) && !in_zones)
        refused_naming(bending, key, "left out");
    json_object_set(object, wrong, value);
    refused_naming(bending, is_optional(key) || in_zones ? wrong : key, "misspelt");
    json_object_del(object, wrong);
    json_object_set(object, key, value);
    bending->tried += 4;
    bend(bending, value);
    json_decref(value);
}

static void bend(Bending *bending, json_t *node)
{
    char names[24][40];
    const char *key;
    json_t *value;
    size_t index;
    int count = 0;
    bool in_zones = json_object_get(node, "scar") != NULL;
    json_object_foreach(node, key, value) if (count < 24)
        snprintf(names[count++], sizeof names[0], "%s", key);
    for (int i = 0; i < count; i++)
        bend_member(bending, node, names[i], in_zones);
    json_array_foreach(node, index, value) bend(bending, value);
}

TEST(a_bent_key_of_every_kind_is_refused_by_name)
{
    Bending bending = {0};
    json_error_t at;
    REQUIRE(setup());
    /* the one that has every optional key */
    const EmbedFile *file = &protocols_files[BUILTINS - 1];
    bending.root = json_loadb((const char *)file->bytes, file->size, 0, &at);
    REQUIRE(bending.root != NULL);
    bend(&bending, bending.root);
    CHECK(bending.tried > 1500);
    char *text = json_dumps(bending.root, JSON_COMPACT);
    Err err;
    CHECK(text != NULL && reads(strlen(text), text, &protocol, &err)); /* unbent again */
    free(text);
    json_decref(bending.root);
}

TEST(a_truncated_protocol_is_refused_at_every_length)
{
    size_t length = protocols_files[0].size;
    REQUIRE(setup());
    while (length > 0 && document()[length - 1] == '\n')
        length--;
    for (size_t size = 0; size < length; size += 7) {
        Err err = {0};
        CHECK(!reads(size, document(), &protocol, &err) && err.code == ERR_INPUT);
    }
}

TEST(a_huge_protocol_is_refused_unread)
{
    Err err = {0};
    CHECK(!protocol_from_json(&arena, (size_t)1 << 40, "", &protocol, &err) &&
          err.code == ERR_LIMIT);
}

TEST(every_smaller_budget_of_memory_is_refused)
{
    Err err = {0};
    REQUIRE(setup());
    size_t mark = arena_mark(&arena), limit = arena.limit;
    REQUIRE(protocol_builtin(&arena, "standard", &protocol, &err));
    size_t need = arena_mark(&arena) - mark;
    arena_rewind(&arena, mark);
    for (size_t room = 0; room < need; room += 64) {
        err = (Err){0};
        arena.limit = mark + room;
        CHECK(!protocol_builtin(&arena, "standard", &protocol, &err) && err.code == ERR_LIMIT);
        arena_rewind(&arena, mark);
    }
    arena.limit = limit;
    CHECK(need < 128 * 1024);
}

TEST(shares_written_with_few_digits_are_scaled_to_one)
{
    Err err = {0};
    size_t size = 0;
    REQUIRE(setup());
    char *text = edited(document(), "\"share\": 0.45", "\"share\": 0.4504", &size);
    REQUIRE(text != NULL && reads(size, text, &protocol, &err));
    CHECK_NEAR(protocol.share[0] + protocol.share[1] + protocol.share[2], 1.0, 1e-15);
    CHECK(protocol.share[0] > 0.45);
}

TEST(a_protocol_keeps_the_bytes_that_it_was_read_from)
{
    REQUIRE(setup());
    const Protocol *standard = named("standard");
    CHECK(standard->size == protocols_files[0].size);
    CHECK(memcmp(standard->bytes, protocols_files[0].bytes, standard->size) == 0);
    CHECK(standard->bytes != (const char *)protocols_files[0].bytes);
}

/* ---- format 1 ---- */

static char *read_format_1(size_t *size)
{
    static char text[DOCUMENT_BYTES];
    FILE *file = fopen("tests/data/format1/protocol.json", "rb");
    if (file == NULL)
        return NULL;
    *size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[*size] = '\0';
    return text;
}

TEST(a_document_of_format_1_is_read_as_what_it_said)
{
    Err err = {0};
    size_t size = 0;
    REQUIRE(setup());
    char *text = read_format_1(&size);
    REQUIRE(text != NULL);
    if (!CHECK(protocol_from_json(&arena, size, text, &protocol, &err)))
        printf("# %s\n", err.text);
    CHECK(strcmp(protocol.id, "old_standard") == 0 && protocol.version == 1);
    CHECK(protocol.variant_count == 1 && protocol.session_count == 3 && !protocol.absorbable);
    CHECK_NEAR(protocol.share[0], 0.45, 1e-12);
    CHECK(protocol.gap[1].min_days == 7 && protocol.gap[1].target_days == 10);
    CHECK(protocol.gap[2].target_days == 28 && protocol.gap[2].max_days == 42);
    CHECK(protocol.dots_per_minute[1] == 70 && protocol.setup_minutes == 30);
    CHECK(protocol_difficulty(&protocol, "scar") == 1.5);
    CHECK(protocol.touch_up_years[1] == 4 && protocol.review_days == 42);
    CHECK(protocol.expect_count == 7 && protocol.aftercare_count == 12);
    CHECK(protocol.aftercare[1].kind == PROTOCOL_DO);   /* "Keep the scalp dry." */
    CHECK(protocol.aftercare[2].kind == PROTOCOL_DONT); /* "Do not touch ..." */
    CHECK(protocol.aftercare[3].kind == PROTOCOL_DONT); /* "No sport ..." */
    CHECK(!protocol.practice.numbing_offered && protocol.call_count == 0);
    CHECK(protocol.size == size && memcmp(protocol.bytes, text, size) == 0);
}

TEST(a_bent_document_of_format_1_is_refused_by_name)
{
    static const struct {
        const char *from, *to, *key;
    } table[] = {
        {"\"sessions\"", "\"session\"", "sessions"},
        {"\"price\"", "\"prices\"", "price"},
        {"\"price\": {", "\"price\": [], \"was\": {", "price is no object"},
        {"\"review_days\": 42,", "", "touch_up.review_days"},
        {"\"review_days\": 42", "\"review_days\": \"soon\"", "review_days"},
        {"\"touch_up\": {", "\"touch_up\": {\"factors\": [],", "factors"},
        {"\"title\"", "\"notes\": [], \"title\"", "notes"},
        {"\"title\"", "\"other\": [], \"title\"", "other"},
        {"\"from_day\": 0, \"to_day\": 1,", "\"from_day\": 0, \"to_day\": 1, \"topic\": \"sun\",",
         "topic"},
        {"\"to_day\": 1,", "\"to_day\": -1,", "expect[0]"},
        {"\"share\": 0.45", "\"share\": 4.5", "share"},
        {"{\"from_day\": 0, \"to_day\": 1,", "7, {\"from_day\": 0, \"to_day\": 1,", "expect[0]"},
    };
    size_t size = 0;
    REQUIRE(setup());
    const char *whole = read_format_1(&size);
    REQUIRE(whole != NULL);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        Err err = {0};
        char *text = edited(whole, table[i].from, table[i].to, &size);
        REQUIRE(text != NULL);
        CHECK(!reads(size, text, &protocol, &err) && err.code == ERR_INPUT);
        if (!CHECK(strstr(err.text, table[i].key) != NULL))
            printf("#   %s: %s\n", table[i].from, err.text);
    }
}

/* ---- which case gets how many ---- */

TEST(area_and_scars_choose_how_many_sessions)
{
    static const struct {
        double area_cm2, scar_share;
        int wanted, sessions;
    } table[] = {
        {150, 0, 0, 3}, {20, 0, 0, 2},    {20.001, 0, 0, 3}, {349.9, 0, 0, 3},
        {350, 0, 0, 4}, {150, 0.3, 0, 4}, {150, 0.29, 0, 3}, {15, 1.0, 0, 4},
        {15, 0, 3, 3},  {150, 0, 4, 4},   {400, 1.0, 2, 2},
    };
    Err err;
    REQUIRE(setup());
    protocol = *named("standard");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        ProtocolSituation situation = {table[i].area_cm2, table[i].scar_share, table[i].wanted};
        CHECK(protocol_settle(&protocol, situation, &err));
        if (!CHECK(protocol.session_count == table[i].sessions))
            printf("#   %g cm2, scars %g, wanted %d: %d sessions\n", table[i].area_cm2,
                   table[i].scar_share, table[i].wanted, protocol.session_count);
        double sum = 0;
        for (int s = 0; s < protocol.session_count; s++) {
            sum += protocol.share[s];
            CHECK(protocol.gap[s].target_days ==
                  protocol.variant[protocol.settled].session[s].gap.target_days);
        }
        CHECK_NEAR(sum, 1.0, 1e-12);
    }
}

TEST(of_variants_with_the_wanted_count_the_one_for_the_case_is_taken)
{
    Err err;
    REQUIRE(setup());
    protocol = *named("standard"); /* 3; 4 for scars; 4 for large areas; 2 */
    CHECK(protocol_settle(&protocol, (ProtocolSituation){400, 0, 4}, &err));
    CHECK(protocol.settled == 2);
    CHECK(protocol_settle(&protocol, (ProtocolSituation){100, 1, 4}, &err));
    CHECK(protocol.settled == 1);
    CHECK(protocol_settle(&protocol, (ProtocolSituation){100, 0, 4}, &err)); /* dry skin */
    CHECK(protocol.settled == 1);
}

TEST(of_two_with_the_wanted_count_the_one_without_conditions_is_taken_when_none_holds)
{
    Err err;
    REQUIRE(setup());
    protocol = *named("standard");
    protocol.variant[2].least_area_cm2 = 0; /* four sessions, the practitioner's to choose */
    CHECK(protocol_settle(&protocol, (ProtocolSituation){100, 0, 4}, &err));
    CHECK(protocol.settled == 2);
    CHECK(protocol_settle(&protocol, (ProtocolSituation){100, 1, 4}, &err));
    CHECK(protocol.settled == 1);
    CHECK(protocol_settle(&protocol, (ProtocolSituation){400, 0, 0}, &err)); /* not by itself */
    CHECK(protocol.settled == 0);
}

TEST(a_count_that_a_protocol_does_not_have_is_refused_with_those_it_has)
{
    Err err = {0};
    REQUIRE(setup());
    protocol = *named("two_or_three");
    CHECK(!protocol_settle(&protocol, (ProtocolSituation){100, 0, 4}, &err));
    CHECK(strstr(err.text, "4 sessions") != NULL && strstr(err.text, "2 or 3") != NULL);
    CHECK(!protocol_settle(&protocol, (ProtocolSituation){(double)NAN, 0, 0}, &err));
    CHECK(!protocol_settle(&protocol, (ProtocolSituation){-1, 0, 0}, &err));
    CHECK(!protocol_settle(&protocol, (ProtocolSituation){1, 1.5, 0}, &err));
    CHECK(err.code == ERR_INPUT);
}
