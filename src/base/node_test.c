#include "base/node.h"

#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Arena arena;
static Err err;

static bool open_root(const char *keys, Node *root)
{
    char text[512];
    int version;
    snprintf(text, sizeof text, "{\"schema\": \"follicle/thing\", \"version\": 1%s}", keys);
    err = (Err){0};
    return node_open("thing", 1, strlen(text), text, root, &version, &err);
}

static bool says(const char *text)
{
    return strstr(err.text, text) != NULL;
}

TEST(a_whole_number_is_read_between_its_bounds_and_refused_beyond_them_by_its_key)
{
    static const struct {
        const char *value;
        bool fits;
    } table[] = {{"-3", true},     {"7", true},
                 {"0", true},      {"-4", false},
                 {"8", false},     {"7.0", false},
                 {"\"7\"", false}, {"true", false},
                 {"null", false},  {"9223372036854775807", false}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        Node root;
        char keys[64];
        int value = 99;
        snprintf(keys, sizeof keys, ", \"days\": %s", table[i].value);
        REQUIRE(open_root(keys, &root));
        CHECK(node_int(&root, "days", -3, 7, &value) == table[i].fits);
        if (table[i].fits)
            CHECK(value == atoi(table[i].value));
        else
            CHECK(says("thing: days is not a whole number within -3..7") && value == 99);
        node_close(&root);
    }
}

TEST(money_is_read_to_the_last_unit_and_no_further_than_other_programs_can)
{
    Node root;
    int64_t value;
    REQUIRE(open_root(", \"most\": 9007199254740991, \"more\": 9007199254740992", &root));
    CHECK(node_int64(&root, "most", 0, NODE_INT64_LIMIT, &value) &&
          value == INT64_C(9007199254740991));
    CHECK(!node_int64(&root, "more", 0, NODE_INT64_LIMIT, &value) && says("thing: more is not"));
    CHECK(!node_int64(&root, "none", 0, 1, &value) && says("thing: none is missing"));
    node_close(&root);
}

TEST(a_flag_is_true_or_false_and_nothing_that_could_mean_it)
{
    static const char *const wrong[] = {"1", "0", "\"true\"", "null", "[]"};
    Node root;
    bool flag = false;
    REQUIRE(open_root(", \"yes\": true, \"no\": false", &root));
    CHECK(node_flag(&root, "yes", &flag) && flag);
    CHECK(node_flag(&root, "no", &flag) && !flag);
    node_close(&root);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char keys[64];
        snprintf(keys, sizeof keys, ", \"on\": %s", wrong[i]);
        REQUIRE(open_root(keys, &root));
        CHECK(!node_flag(&root, "on", &flag) && says("thing: on is neither true nor false"));
        node_close(&root);
    }
}

TEST(a_line_can_stand_on_paper_and_stays_when_the_document_is_closed)
{
    static const struct {
        const char *value, *says;
    } table[] = {{"\"\"", "line has 0 bytes, not 1..7"},
                 {"\"eight by\"", "line has 8 bytes, not 1..7"},
                 {"\"a\\nb\"", "line has a control character (code 10)"},
                 {"\"a\\u007fb\"", "line has a control character (code 127)"},
                 {"7", "line is no text"}};
    Node root;
    const char *line = NULL;
    REQUIRE(arena_open(&arena, 1 << 16, &err));
    REQUIRE(open_root(", \"line\": \"se\\u00f1or\"", &root));
    CHECK(node_line(&arena, &root, "line", 8, &line));
    node_close(&root);
    CHECK(line != NULL && strcmp(line, "se\xc3\xb1or") == 0);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char keys[64];
        snprintf(keys, sizeof keys, ", \"line\": %s", table[i].value);
        REQUIRE(open_root(keys, &root));
        CHECK(!node_line(&arena, &root, "line", 8, &line) && says(table[i].says));
        node_close(&root);
    }
    arena_close(&arena);
}

TEST(an_object_is_entered_only_by_the_keys_that_it_may_have)
{
    static const char *const known[] = {"a", "b", NULL};
    Node root, inner, list;
    int count;
    REQUIRE(open_root(", \"in\": {\"a\": 1, \"c\": 2}, \"flat\": [3], \"ok\": {\"b\": 4},"
                      " \"list\": [{\"a\": 1}, {\"x\": 1}]",
                      &root));
    CHECK(node_enter_child(&root, "ok", known, &inner));
    CHECK(!node_enter_child(&root, "in", known, &inner) &&
          says("thing: in has the key 'c', which is not known"));
    CHECK(!node_enter_child(&root, "flat", known, &inner) && says("thing: flat is no object"));
    CHECK(!node_enter_child(&root, "gone", known, &inner) && says("thing: gone is missing"));
    REQUIRE(node_list(&root, "list", 2, &list, &count));
    CHECK(node_enter_item(&list, 0, known, &inner));
    CHECK(!node_enter_item(&list, 1, known, &inner) && says("thing: list[1] has the key 'x'"));
    node_close(&root);
}
