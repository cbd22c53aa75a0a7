#include "course/protocol.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CELL_BYTES = 640, PLAIN_TOPICS = 10 };
enum { TOPICS_LIMIT = PLAIN_TOPICS + 64 }; /* different topics of rules among all; more: refused */

/* A text that grows up to its room; what does not fit is left out. */
typedef struct Cell {
    size_t used;
    char text[CELL_BYTES];
} Cell;

static void cell_add(Cell *cell, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void cell_add(Cell *cell, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    int wrote = vsnprintf(cell->text + cell->used, sizeof cell->text - cell->used, fmt, list);
    va_end(list);
    if (wrote > 0)
        cell->used += (size_t)wrote;
    if (cell->used >= sizeof cell->text)
        cell->used = sizeof cell->text - 1;
}

static const char *keep(Arena *arena, const Cell *cell)
{
    char *copy = ARENA_NEW(arena, char, cell->used + 1);
    if (copy != NULL)
        memcpy(copy, cell->text, cell->used + 1);
    return copy;
}

/* "3" or "2-5" */
static void add_range(Cell *cell, double low, double high)
{
    if (low < high)
        cell_add(cell, "%g-%g", low, high);
    else
        cell_add(cell, "%g", low);
}

/* ---- what is said once ---- */

/* Writes what a protocol does about a topic; own: leaves out what is borrowed. */
typedef void (*Say)(const Protocol *protocol, bool own, Cell *cell);

static bool counts(const char *as_in, bool own)
{
    return !own || as_in == NULL;
}

static void say_pigment(const Protocol *protocol, bool own, Cell *cell)
{
    (void)own; /* nothing else could be meant */
    cell_add(cell, "%s", protocol->absorbable ? "absorbable" : "permanent");
}

static void say_sessions(const Protocol *protocol, bool own, Cell *cell)
{
    int least = COURSE_MAX_SESSIONS + 1, most = 0;
    for (int i = 0; i < protocol->variant_count; i++) {
        const ProtocolVariant *variant = &protocol->variant[i];
        if (!counts(variant->as_in, own))
            continue;
        least = variant->session_count < least ? variant->session_count : least;
        most = variant->session_count > most ? variant->session_count : most;
    }
    if (most > 0)
        add_range(cell, least, most);
}

/* Of the first variant that gets so far: the usual one, then those with more sessions. */
static void say_gap(const Protocol *protocol, int before, bool own, Cell *cell)
{
    for (int i = 0; i < protocol->variant_count; i++) {
        const ProtocolVariant *variant = &protocol->variant[i];
        if (variant->session_count <= before)
            continue;
        const ProtocolSession *session = &variant->session[before];
        if (counts(session->gap_as_in, own))
            cell_add(cell, "%d (%d-%d)", session->gap.target_days, session->gap.min_days,
                     session->gap.max_days);
        return;
    }
}

static void say_gap_2(const Protocol *protocol, bool own, Cell *cell)
{
    say_gap(protocol, 1, own, cell);
}

static void say_gap_3(const Protocol *protocol, bool own, Cell *cell)
{
    say_gap(protocol, 2, own, cell);
}

static void say_gap_4(const Protocol *protocol, bool own, Cell *cell)
{
    say_gap(protocol, 3, own, cell);
}

/* The usual variant's, over its sessions. Hours are there to be compared and never borrowed. */
static void say_hours(const Protocol *protocol, bool own, Cell *cell)
{
    const ProtocolVariant *usual = &protocol->variant[0];
    double low = 0.0, high = 0.0;
    (void)own;
    for (int i = 0; i < usual->session_count; i++) {
        const ProtocolSession *session = &usual->session[i];
        if (session->hours_high <= 0.0)
            continue;
        low = high > 0.0 && low < session->hours_low ? low : session->hours_low;
        high = session->hours_high > high ? session->hours_high : high;
    }
    if (high > 0.0)
        add_range(cell, low, high);
}

static void say_numbing(const Protocol *protocol, bool own, Cell *cell)
{
    const ProtocolPractice *practice = &protocol->practice;
    if (!counts(practice->numbing_as_in, own))
        return;
    cell_add(cell, "%s",
             practice->numbing_required  ? "always, first"
             : practice->numbing_offered ? "on request"
                                         : "none");
}

static void say_patch_test(const Protocol *protocol, bool own, Cell *cell)
{
    const ProtocolPractice *practice = &protocol->practice;
    if (!counts(practice->patch_test_as_in, own))
        return;
    if (practice->patch_test_required)
        cell_add(cell, "%g h before, valid for %d days", practice->patch_test_hours_before,
                 practice->patch_test_valid_days);
    else
        cell_add(cell, "not asked for");
}

static void say_dots(const Protocol *protocol, bool own, Cell *cell)
{
    (void)own; /* like hours */
    if (protocol->practice.dot_high_mm > 0.0)
        add_range(cell, protocol->practice.dot_low_mm, protocol->practice.dot_high_mm);
}

static void say_touch_up(const Protocol *protocol, bool own, Cell *cell)
{
    if (counts(protocol->touch_up_as_in, own))
        add_range(cell, protocol->touch_up_years[0], protocol->touch_up_years[2]);
}

static const struct {
    const char *topic;
    Say say;
} plain[PLAIN_TOPICS] = {
    {"pigment", say_pigment},
    {"sessions", say_sessions},
    {"days before session 2", say_gap_2},
    {"days before session 3", say_gap_3},
    {"days before session 4", say_gap_4},
    {"hours of a session", say_hours},
    {"numbing", say_numbing},
    {"patch test", say_patch_test},
    {"dots, mm", say_dots},
    {"touch-up, years", say_touch_up},
};

/* ---- rules by day ---- */

typedef enum RuleList { LIST_EXPECT, LIST_AFTERCARE, LIST_CALL, LIST_COUNT } RuleList;

static const ProtocolRule *rules_of(const Protocol *protocol, RuleList list, int *count)
{
    switch (list) {
    case LIST_EXPECT:
        *count = protocol->expect_count;
        return protocol->expect;
    case LIST_AFTERCARE:
        *count = protocol->aftercare_count;
        return protocol->aftercare;
    case LIST_CALL:
        *count = protocol->call_count;
        return protocol->call;
    case LIST_COUNT:
        break;
    }
    *count = 0;
    return NULL;
}

static void add_days(Cell *cell, int from_day, int to_day)
{
    if (to_day >= PROTOCOL_FOR_GOOD)
        cell_add(cell, "from %d", from_day);
    else if (from_day == to_day)
        cell_add(cell, "%d", from_day);
    else
        cell_add(cell, "%d to %d", from_day, to_day);
}

/* The next rule on a topic from an index on; NULL: none. */
static const ProtocolRule *next_rule(const Protocol *protocol, RuleList list, const char *topic,
                                     bool own, int *index)
{
    int count;
    const ProtocolRule *rule = rules_of(protocol, list, &count);
    for (; *index < count; ++*index)
        if (strcmp(rule[*index].topic, topic) == 0 && counts(rule[*index].as_in, own))
            return &rule[(*index)++];
    return NULL;
}

/* "no: 0 to 4; do: 5 to 9, 10" in the order of the protocol. What is to be expected is one thing
 * while its days go on; what to do changes with the rule. */
static void say_days(const Protocol *protocol, RuleList list, const char *topic, bool own,
                     Cell *cell)
{
    int index = 0, last_kind = -1;
    const ProtocolRule *rule = next_rule(protocol, list, topic, own, &index), *next;
    for (; rule != NULL; rule = next) {
        int to_day = rule->to_day;
        next = next_rule(protocol, list, topic, own, &index);
        while (list == LIST_EXPECT && next != NULL && next->from_day <= to_day + 1) {
            to_day = next->to_day > to_day ? next->to_day : to_day;
            next = next_rule(protocol, list, topic, own, &index);
        }
        bool same_kind = (int)rule->kind == last_kind;
        if (cell->used > 0)
            cell_add(cell, same_kind ? ", " : "; ");
        if (list == LIST_AFTERCARE && !same_kind)
            cell_add(cell, rule->kind == PROTOCOL_DONT ? "no: " : "do: ");
        add_days(cell, rule->from_day, to_day);
        last_kind = (int)rule->kind;
    }
}

/* ---- side by side ---- */

typedef struct Comparison {
    Arena *arena;
    int count;
    const Protocol *const *protocol;
    int topics;
    ProtocolTopic *topic;
} Comparison;

static bool no_room(Err *err)
{
    return err_set(err, ERR_LIMIT, "no room to compare protocols");
}

static bool disagree(int count, const char *const says[])
{
    const char *first = NULL;
    for (int i = 0; i < count; i++) {
        if (says[i] == NULL)
            continue;
        if (first != NULL && strcmp(first, says[i]) != 0)
            return true;
        first = says[i];
    }
    return false;
}

/* One protocol's cell; NULL in *kept where it says nothing. */
static bool fill_cell(Comparison *all, int which, Say say, RuleList list, bool own,
                      const char **kept)
{
    const Protocol *protocol = all->protocol[which];
    Cell cell = {.used = 0};
    if (say != NULL)
        say(protocol, own, &cell);
    else
        say_days(protocol, list, all->topic[all->topics].topic, own, &cell);
    *kept = cell.used > 0 ? keep(all->arena, &cell) : NULL;
    return cell.used == 0 || *kept != NULL;
}

/* Fills the next line. */
static bool add_topic(Comparison *all, const char *name, Say say, RuleList list, Err *err)
{
    if (all->topics == TOPICS_LIMIT)
        return err_set(err, ERR_LIMIT, "these protocols have more than %d topics", TOPICS_LIMIT);
    ProtocolTopic *topic = &all->topic[all->topics];
    const char **says = ARENA_NEW(all->arena, const char *, (size_t)all->count);
    const char **uses = ARENA_NEW(all->arena, const char *, (size_t)all->count);
    if (says == NULL || uses == NULL)
        return no_room(err);
    *topic = (ProtocolTopic){.topic = name, .says = says, .uses = uses};
    for (int i = 0; i < all->count; i++)
        if (!fill_cell(all, i, say, list, true, &says[i]) ||
            !fill_cell(all, i, say, list, false, &uses[i]))
            return no_room(err);
    topic->differs = disagree(all->count, says);
    all->topics++;
    return true;
}

static bool is_there(const Comparison *all, int from, const char *name)
{
    for (int i = from; i < all->topics; i++)
        if (strcmp(all->topic[i].topic, name) == 0)
            return true;
    return false;
}

/* "sun, days" reads well in the table; the lines are found by the protocol's own word. */
static bool name_topic(Comparison *all, ProtocolTopic *topic, RuleList list)
{
    static const char *const prefix[LIST_COUNT] = {"expect", "aftercare", "call"};
    Cell cell = {.used = 0};
    cell_add(&cell, "%s: %s", prefix[list], topic->topic);
    topic->topic = keep(all->arena, &cell);
    return topic->topic != NULL;
}

static bool add_rules(Comparison *all, RuleList list, Err *err)
{
    int from = all->topics;
    for (int p = 0; p < all->count; p++) {
        int count;
        const ProtocolRule *rule = rules_of(all->protocol[p], list, &count);
        for (int i = 0; i < count; i++)
            if (!is_there(all, from, rule[i].topic) &&
                !add_topic(all, rule[i].topic, NULL, list, err))
                return false;
    }
    for (int i = from; i < all->topics; i++)
        if (!name_topic(all, &all->topic[i], list))
            return no_room(err);
    return true;
}

bool protocol_compare(Arena *arena, int count, const Protocol *const protocol[], int *topic_count,
                      ProtocolTopic **topic, Err *err)
{
    Comparison all = {.arena = arena, .count = count, .protocol = protocol};
    all.topic = ARENA_NEW(arena, ProtocolTopic, TOPICS_LIMIT);
    if (all.topic == NULL)
        return no_room(err);
    for (int i = 0; i < PLAIN_TOPICS; i++)
        if (!add_topic(&all, plain[i].topic, plain[i].say, LIST_COUNT, err))
            return false;
    for (RuleList list = LIST_EXPECT; list < LIST_COUNT; list++)
        if (!add_rules(&all, list, err))
            return false;
    *topic_count = all.topics;
    *topic = all.topic;
    return true;
}

/* ---- as a table ---- */

/* Writes into text, or only counts where it is NULL. */
typedef struct Page {
    size_t used;
    char *text;
} Page;

static void put(Page *page, const char *text)
{
    size_t length = strlen(text);
    if (page->text != NULL)
        memcpy(page->text + page->used, text, length + 1);
    page->used += length;
}

static void put_cell(Page *page, const ProtocolTopic *topic, int which)
{
    const char *says = topic->says[which], *uses = topic->uses[which];
    put(page, " ");
    if (says != NULL)
        put(page, says);
    if (uses != NULL && (says == NULL || strcmp(says, uses) != 0)) {
        put(page, says != NULL ? " (" : "(");
        put(page, uses);
        put(page, ")");
    }
    put(page, " |");
}

static void put_table(Page *page, int count, const Protocol *const protocol[], int topics,
                      const ProtocolTopic topic[])
{
    put(page, "| | differ |");
    for (int i = 0; i < count; i++) {
        put(page, " ");
        put(page, protocol[i]->id);
        put(page, " |");
    }
    put(page, "\n|---|---|");
    for (int i = 0; i < count; i++)
        put(page, "---|");
    put(page, "\n");
    for (int i = 0; i < topics; i++) {
        put(page, "| ");
        put(page, topic[i].topic);
        put(page, topic[i].differs ? " | yes |" : " | |");
        for (int k = 0; k < count; k++)
            put_cell(page, &topic[i], k);
        put(page, "\n");
    }
}

bool protocol_compare_text(Arena *arena, int count, const Protocol *const protocol[],
                           const char **text, Err *err)
{
    int topics;
    ProtocolTopic *topic;
    if (!protocol_compare(arena, count, protocol, &topics, &topic, err))
        return false;
    Page page = {0};
    put_table(&page, count, protocol, topics, topic);
    page = (Page){.text = ARENA_NEW(arena, char, page.used + 1)};
    if (page.text == NULL)
        return no_room(err);
    put_table(&page, count, protocol, topics, topic);
    *text = page.text;
    return true;
}
