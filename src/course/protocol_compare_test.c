#include "course/protocol.h"

#include "base/test.h"

#include <stdio.h>
#include <string.h>

enum { SHIPPED = 8 };

static Arena arena;
static Protocol protocol, builtin[SHIPPED];

static bool setup(void)
{
    Err err;
    if (arena.base != NULL)
        return true;
    bool ok = CHECK(arena_open(&arena, (size_t)64 << 20, &err)) &&
              CHECK(protocol_builtin_count() == SHIPPED);
    for (int i = 0; ok && i < SHIPPED; i++)
        ok = CHECK(protocol_builtin(&arena, protocol_builtin_id(i), &builtin[i], &err));
    return ok;
}

static const Protocol *named(const char *id)
{
    static const Protocol nothing;
    const Protocol *found = &nothing;
    for (int i = 0; i < SHIPPED; i++)
        if (strcmp(builtin[i].id, id) == 0)
            found = &builtin[i];
    CHECK(found != &nothing);
    return found;
}

static const ProtocolRule *lists_of(const Protocol *p, int list, int *count)
{
    *count = list == 0 ? p->expect_count : list == 1 ? p->aftercare_count : p->call_count;
    return list == 0 ? p->expect : list == 1 ? p->aftercare : p->call;
}

static const Protocol *const *six(void)
{
    static const Protocol *list[6];
    list[0] = named("standard");
    list[1] = named("ten_days_four_weeks");
    list[2] = named("short_sessions");
    list[3] = named("numbing_optional");
    list[4] = named("two_or_three");
    list[5] = named("numbing_first");
    return list;
}

static const ProtocolTopic *topic_named(int count, const ProtocolTopic topic[], const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(topic[i].topic, name) == 0)
            return &topic[i];
    return NULL;
}

TEST(the_published_conflicts_are_found_and_nothing_borrowed_is_one)
{
    static const char *const conflicts[] = {
        "sessions",        "hours of a session",  "numbing",
        "touch-up, years", "expect: redness",     "aftercare: water",
        "aftercare: sun",  "aftercare: exercise", "aftercare: shampoo",
    };
    int count, differ = 0;
    ProtocolTopic *topic;
    Err err;
    REQUIRE(setup());
    REQUIRE(protocol_compare(&arena, 6, six(), &count, &topic, &err));
    for (size_t i = 0; i < sizeof conflicts / sizeof conflicts[0]; i++) {
        const ProtocolTopic *found = topic_named(count, topic, conflicts[i]);
        if (!CHECK(found != NULL && found->differs))
            printf("#   %s\n", conflicts[i]);
    }
    for (int i = 0; i < count; i++)
        differ += topic[i].differs;
    CHECK(differ == (int)(sizeof conflicts / sizeof conflicts[0]));
}

TEST(a_comparison_says_what_each_says_and_what_it_borrows)
{
    static const struct {
        const char *topic, *says[6], *uses[6];
    } table[] = {
        {"sessions",
         {"2-4", "3-4", "3-4", NULL, "2-3", NULL},
         {"2-4", "3-4", "3-4", "2-4", "2-3", "2-4"}},
        {"days before session 2",
         {"10 (7-30)", "10 (7-30)", NULL, NULL, NULL, NULL},
         {"10 (7-30)", "10 (7-30)", "10 (7-30)", "10 (7-30)", "10 (7-30)", "10 (7-30)"}},
        {"hours of a session",
         {"2-5", "2-5", "2-3", "2-5", NULL, "2-4"},
         {"2-5", "2-5", "2-3", "2-5", NULL, "2-4"}},
        {"numbing",
         {"on request", NULL, NULL, "on request", NULL, "always, first"},
         {"on request", "on request", "on request", "on request", "on request", "always, first"}},
        {"dots, mm", {0, 0, 0, 0, 0, "0.25-1.75"}, {0, 0, 0, 0, 0, "0.25-1.75"}},
        {"touch-up, years",
         {"2-6", "2-3", "4-6", "2-4", NULL, NULL},
         {"2-6", "2-3", "4-6", "2-4", "2-6", "2-6"}},
        {"expect: redness",
         {"0 to 4", "0 to 2", "0 to 1", NULL, NULL, NULL},
         {"0 to 4", "0 to 2", "0 to 1", "0 to 4", "0 to 4", "0 to 4"}},
        {"aftercare: exercise",
         {"no: 0 to 10", NULL, "no: 0 to 4; do: 5 to 9, 10", "no: 0 to 3", NULL, NULL},
         {"no: 0 to 10", "no: 0 to 10", "no: 0 to 4; do: 5 to 9, 10", "no: 0 to 3", "no: 0 to 10",
          "no: 0 to 10"}},
        {"aftercare: pool",
         {"no: 0 to 30", NULL, NULL, NULL, NULL, NULL},
         {"no: 0 to 30", "no: 0 to 30", "no: 0 to 30", "no: 0 to 30", "no: 0 to 30",
          "no: 0 to 30"}},
        {"aftercare: sun",
         {"no: 0 to 30; do: from 31", NULL, NULL, "no: 0 to 3", NULL, "no: 0 to 3"},
         {"no: 0 to 30; do: from 31", "no: 0 to 30; do: from 31", "no: 0 to 30; do: from 31",
          "no: 0 to 3, 4 to 30; do: from 31", "no: 0 to 30; do: from 31",
          "no: 0 to 3, 4 to 30; do: from 31"}},
        {"aftercare: work", {0, 0, "do: 0", 0, 0, 0}, {0, 0, "do: 0", 0, 0, 0}},
    };
    int count;
    ProtocolTopic *topic;
    Err err;
    REQUIRE(setup());
    REQUIRE(protocol_compare(&arena, 6, six(), &count, &topic, &err));
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const ProtocolTopic *found = topic_named(count, topic, table[i].topic);
        REQUIRE(found != NULL);
        for (int k = 0; k < 6; k++) {
            const char *pair[2][2] = {{found->says[k], table[i].says[k]},
                                      {found->uses[k], table[i].uses[k]}};
            for (int u = 0; u < 2; u++)
                if (!CHECK((pair[u][0] == NULL) == (pair[u][1] == NULL) &&
                           (pair[u][0] == NULL || strcmp(pair[u][0], pair[u][1]) == 0)))
                    printf("#   %s, %d: %s\n", found->topic, k, pair[u][0]);
        }
    }
}

TEST(hours_are_those_of_the_shortest_and_the_longest_session)
{
    const Protocol *one[] = {&protocol};
    int count;
    ProtocolTopic *topic;
    Err err;
    REQUIRE(setup());
    protocol = *named("standard");
    for (int i = 0; i < 3; i++) {
        protocol.variant[0].session[i].hours_low = 3 - (i == 1);
        protocol.variant[0].session[i].hours_high = 4 + 2 * (i == 1);
    }
    REQUIRE(protocol_compare(&arena, 1, one, &count, &topic, &err));
    const ProtocolTopic *hours = topic_named(count, topic, "hours of a session");
    REQUIRE(hours != NULL && hours->says[0] != NULL);
    CHECK(strcmp(hours->says[0], "2-6") == 0);
}

TEST(a_protocol_never_differs_from_itself)
{
    int count;
    ProtocolTopic *topic;
    Err err;
    REQUIRE(setup());
    for (int b = 0; b < SHIPPED; b++) {
        const Protocol *twice[2] = {&builtin[b], &builtin[b]};
        REQUIRE(protocol_compare(&arena, 2, twice, &count, &topic, &err));
        for (int i = 0; i < count; i++)
            CHECK(!topic[i].differs);
    }
}

TEST(every_topic_of_every_rule_has_one_line)
{
    int count;
    ProtocolTopic *topic;
    Err err;
    static const char *const prefix[] = {"expect", "aftercare", "call"};
    REQUIRE(setup());
    REQUIRE(protocol_compare(&arena, 6, six(), &count, &topic, &err));
    for (int p = 0; p < 6; p++)
        for (int list = 0; list < 3; list++) {
            int rules;
            const ProtocolRule *rule = lists_of(six()[p], list, &rules);
            for (int i = 0; i < rules; i++) {
                char name[64];
                snprintf(name, sizeof name, "%s: %s", prefix[list], rule[i].topic);
                const ProtocolTopic *found = topic_named(count, topic, name);
                CHECK(found != NULL && found->uses[p] != NULL);
                CHECK(found != NULL && (rule[i].as_in != NULL || found->says[p] != NULL));
            }
        }
    for (int i = 0; i < count; i++)
        for (int k = 0; k < i; k++)
            CHECK(strcmp(topic[i].topic, topic[k].topic) != 0);
}

TEST(the_table_has_a_cell_for_each)
{
    const char *text;
    Err err;
    int count, lines = 0;
    ProtocolTopic *topic;
    REQUIRE(setup());
    REQUIRE(protocol_compare(&arena, 6, six(), &count, &topic, &err));
    REQUIRE(protocol_compare_text(&arena, 6, six(), &text, &err));
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1, lines++) {
        int bars = 0;
        for (const char *at = line; *at != '\n'; at++)
            bars += *at == '|';
        CHECK(bars == 2 + 6 + 1);
    }
    CHECK(lines == count + 2);
    CHECK(strstr(text, "| touch-up, years | yes | 2-6 | 2-3 | 4-6 | 2-4 | (2-6) | (2-6) |"));
}

/* tools/protocol_table.py writes it there from the documents, by rules of its own. */
TEST(the_table_is_the_one_in_the_docs)
{
    static char page[256 * 1024];
    const char *text;
    Err err;
    FILE *file = fopen("docs/protocols.md", "rb");
    REQUIRE(setup() && file != NULL);
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    fclose(file);
    REQUIRE(protocol_compare_text(&arena, 6, six(), &text, &err));
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        char want[2048];
        snprintf(want, sizeof want, "%.*s", (int)(strchr(line, '\n') + 1 - line), line);
        if (!CHECK(strstr(page, want) != NULL))
            printf("#   not there: %s", want);
    }
    CHECK(strstr(page, text) != NULL);
}

TEST(every_smaller_budget_of_a_comparison_is_refused)
{
    Err err = {0};
    const char *text;
    REQUIRE(setup());
    size_t mark = arena_mark(&arena), limit = arena.limit;
    REQUIRE(protocol_compare_text(&arena, 6, six(), &text, &err));
    size_t need = arena_mark(&arena) - mark;
    arena_rewind(&arena, mark);
    for (size_t room = 0; room < need; room += 64) {
        err = (Err){0};
        arena.limit = mark + room;
        CHECK(!protocol_compare_text(&arena, 6, six(), &text, &err) && err.code == ERR_LIMIT);
        arena_rewind(&arena, mark);
    }
    arena.limit = limit;
}
