#include "design/file_table.h"

#include "design/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- tables ---- */

static const char *zone_word(int index)
{
    return design_zone_name((DesignZone)index);
}
static const char *shape_word(int index)
{
    return design_shape_name((DesignShapeKind)index);
}
static const char *join_word(int index)
{
    return design_join_name((DesignJoin)index);
}
static const char *mark_word(int index)
{
    return index == DESIGN_LINE ? "line" : "dot";
}

#define NUMBER(type, member, decimals, low, high)                                                  \
    {                                                                                              \
#member, offsetof(type, member), decimals, low, high, false                                \
    }
#define KNOWN(type, member, decimals, low, high)                                                   \
    {                                                                                              \
#member, offsetof(type, member), decimals, low, high, true                                 \
    }
#define WORD(type, member, count, name)                                                            \
    {                                                                                              \
#member, offsetof(type, member), count, name                                               \
    }
#define END_NUMBER                                                                                 \
    {                                                                                              \
        NULL, 0, 0, 0.0, 0.0, false                                                                \
    }
#define END_WORD                                                                                   \
    {                                                                                              \
        NULL, 0, 0, NULL                                                                           \
    }

static const FileWord no_word[] = {END_WORD};

/* Ranges: as design.h and propose.h state them. Decimals: as file.h states them. */

static const FileNumber hairline_number[] = {
    NUMBER(DesignHairline, transition_mm, 3, 0.0, 30.0),
    NUMBER(DesignHairline, front_share, 4, 0.0, 1.0),
    NUMBER(DesignHairline, macro_mm, 3, 0.0, 8.0),
    NUMBER(DesignHairline, macro_pitch_mm, 3, 20.0, 80.0),
    NUMBER(DesignHairline, micro_mm, 3, 0.0, 4.0),
    NUMBER(DesignHairline, micro_correlation_mm, 3, 2.0, 20.0),
    NUMBER(DesignHairline, asymmetry_mm, 3, 0.0, 3.0),
    NUMBER(DesignHairline, single_mm, 3, 0.0, 20.0),
    END_NUMBER};
static const FileWord hairline_word[] = {
    WORD(DesignHairline, form, DESIGN_FORMS, design_form_word),
    WORD(DesignHairline, front, DESIGN_STRAIGHT + 1, design_front_word),
    WORD(DesignHairline, sideburn, DESIGN_SQUARE + 1, design_sideburn_word), END_WORD};
const FileTable file_hairline = {hairline_number, hairline_word};

static const FileNumber density_number[] = {
    NUMBER(DesignDensity, full_per_cm2, 2, FILE_DENSITY_LOW, FILE_DENSITY_HIGH),
    NUMBER(DesignDensity, fringe_blend_mm, 3, 0.0, 40.0),
    NUMBER(DesignDensity, crown_softer, 4, 0.0, 0.5),
    NUMBER(DesignDensity, highlight_softer, 4, 0.0, 0.5), END_NUMBER};
const FileTable file_density = {density_number, no_word};

static const FileNumber region_number[] = {
    KNOWN(DesignRegion, density_per_cm2, 2, FILE_DENSITY_LOW, FILE_DENSITY_HIGH),
    NUMBER(DesignRegion, share, 4, 0.0, 1.0),
    NUMBER(DesignRegion, blend_mm, 3, 0.0, 40.0),
    NUMBER(DesignRegion, uptake, 4, 0.2, 1.0),
    KNOWN(DesignRegion, healed_months, 3, 0.1, 1200.0),
    END_NUMBER};
static const FileWord region_word[] = {WORD(DesignRegion, zone, DESIGN_ZONES, zone_word), END_WORD};
const FileTable file_region = {region_number, region_word};

static const FileNumber shape_number[] = {NUMBER(DesignShape, grow_mm, 3, -20.0, 20.0), END_NUMBER};
static const FileWord shape_words[] = {WORD(DesignShape, kind, DESIGN_SHAPE_KINDS, shape_word),
                                       WORD(DesignShape, join, DESIGN_WITHIN + 1, join_word),
                                       END_WORD};
static const FileNumber height_number[] = {NUMBER(DesignShape, height_mm, 3, 50.0, 110.0),
                                           END_NUMBER};
static const FileNumber width_number[] = {NUMBER(DesignShape, width_mm, 3, 0.5, 60.0), END_NUMBER};
const FileTable file_shape = {shape_number, shape_words};
const FileTable file_shape_height = {height_number, no_word};
const FileTable file_shape_width = {width_number, no_word};

static const FileNumber stroke_number[] = {
    NUMBER(DesignStroke, width_mm, 3, FILE_BRUSH_LOW_MM, FILE_BRUSH_HIGH_MM),
    NUMBER(DesignStroke, amount, 4, -1.0, 1.0), END_NUMBER};
const FileTable file_stroke = {stroke_number, no_word};

static const FileNumber marks_number[] = {NUMBER(DesignMarks, line_mm, 3, 0.3, 3.0),
                                          NUMBER(DesignMarks, line_share, 4, 0.0, 1.0),
                                          NUMBER(DesignMarks, diameter_mm, 3, 0.1, 0.8),
                                          NUMBER(DesignMarks, spread, 4, 0.0, 0.3),
                                          NUMBER(DesignMarks, hairline_finer, 4, 0.0, 0.5),
                                          NUMBER(DesignMarks, rows, 4, 0.0, 0.3),
                                          END_NUMBER};
static const FileWord marks_word[] = {WORD(DesignMarks, kind, DESIGN_LINE + 1, mark_word),
                                      END_WORD};
const FileTable file_marks = {marks_number, marks_word};
#define ZONE_SIZE_LOW  0.5
#define ZONE_SIZE_HIGH 1.5

static const FileNumber client_number[] = {KNOWN(DesignClient, age_years, 2, 1.0, 120.0),
                                           KNOWN(DesignClient, brow_crease_mm, 3, 10.0, 120.0),
                                           END_NUMBER};
const FileTable file_client = {client_number, no_word};

/* 0 and absent: as design_propose chooses for the zone. */
static const FileNumber drawn_number[] = {
    KNOWN(DesignDrawn, density_per_cm2, 2, FILE_DENSITY_LOW, FILE_DENSITY_HIGH),
    KNOWN(DesignDrawn, share, 4, 0.01, 1.0),
    KNOWN(DesignDrawn, blend_mm, 3, 0.1, 40.0),
    KNOWN(DesignDrawn, uptake, 4, 0.2, 1.0),
    KNOWN(DesignDrawn, healed_months, 3, 0.1, 1200.0),
    KNOWN(DesignDrawn, width_mm, 3, 0.5, 60.0),
    END_NUMBER};
static const FileWord drawn_word[] = {WORD(DesignDrawn, zone, DESIGN_ZONES, zone_word),
                                      WORD(DesignDrawn, kind, DESIGN_DISCS + 1, shape_word),
                                      END_WORD};
const FileTable file_drawn = {drawn_number, drawn_word};

static const FileWord request_word[] = {
    WORD(DesignRequest, construction, DESIGN_CONSTRUCTIONS, design_construction_word), END_WORD};
static const FileNumber request_number[] = {
    {"height_mm", offsetof(DesignRequest, hairline_height_mm), 3, 50.0, 110.0, true}, END_NUMBER};
const FileTable file_request = {request_number, request_word};

/* ---- what is done with them ---- */

static double get_number(const void *base, const FileNumber *row)
{
    double value;
    memcpy(&value, (const char *)base + row->at, sizeof value);
    return value;
}

static void set_number(void *base, const FileNumber *row, double value)
{
    memcpy((char *)base + row->at, &value, sizeof value);
}

static int get_word(const void *base, const FileWord *row)
{
    int value; /* an enum without negative constants is as wide as an int */
    memcpy(&value, (const char *)base + row->at, sizeof value);
    return value;
}

double file_round(double value, int decimals)
{
    static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    double rounded = round(value * power[decimals]) / power[decimals];
    return isfinite(rounded) ? rounded + 0.0 : value; /* + 0.0: no -0 */
}

DesignPlace file_round_place(DesignPlace place)
{
    return (DesignPlace){file_round(place.u, 6), file_round(place.v, 6)};
}

bool file_put(Doc *doc, json_t *object, const void *base, const FileTable *table)
{
    bool ok = true;
    for (const FileWord *row = table->word; row->key != NULL; row++)
        ok = doc_put(doc, object, row->key, json_string(row->name(get_word(base, row)))) && ok;
    for (const FileNumber *row = table->number; row->key != NULL; row++) {
        double value = get_number(base, row);
        if (!row->unknown_is_0 || value < 0.0 || value > 0.0)
            ok = doc_put(doc, object, row->key, doc_number(value, row->decimals)) && ok;
    }
    return ok;
}

bool file_read_word(const Node *node, const char *key, int count, const char *(*name)(int index),
                    int *index)
{
    Node inner;
    if (!node_child(node, key, &inner))
        return false;
    const char *text = json_string_value(inner.value);
    char known[160] = "";
    for (int i = 0, used = 0; i < count; i++) {
        if (text != NULL && strcmp(text, name(i)) == 0) {
            *index = i;
            return true;
        }
        int wrote =
            snprintf(known + used, sizeof known - (size_t)used, "%s%s", i > 0 ? ", " : "", name(i));
        used = used + wrote < (int)sizeof known ? used + wrote : used;
    }
    return node_refuse(&inner, "is none of %s", known);
}

bool file_read(const Node *node, void *base, const FileTable *table, bool partial)
{
    for (const FileWord *row = table->word; row->key != NULL; row++) {
        int index;
        if (partial && !node_has(node, row->key))
            continue;
        if (!file_read_word(node, row->key, row->count, row->name, &index))
            return false;
        memcpy((char *)base + row->at, &index, sizeof index);
    }
    for (const FileNumber *row = table->number; row->key != NULL; row++) {
        double value;
        if ((partial || row->unknown_is_0) && !node_has(node, row->key))
            continue;
        if (!node_number(node, row->key, row->low, row->high, &value))
            return false;
        set_number(base, row, value);
    }
    return true;
}

bool file_only(const Node *node, const FileTable *const table[], const char *const more[])
{
    enum { MOST = 48 };
    const char *known[MOST + 1] = {NULL};
    int count = 0;
    if (!json_is_object(node->value))
        return node_refuse(node, "is no object");
    for (; *table != NULL; table++) {
        for (const FileWord *row = (*table)->word; row->key != NULL && count < MOST; row++)
            known[count++] = row->key;
        for (const FileNumber *row = (*table)->number; row->key != NULL && count < MOST; row++)
            known[count++] = row->key;
    }
    for (; *more != NULL && count < MOST; more++)
        known[count++] = *more;
    return node_only(node, known);
}

bool file_check(const char *part, const void *base, const FileTable *table, Err *err)
{
    for (const FileWord *row = table->word; row->key != NULL; row++) {
        int index = get_word(base, row);
        if (index < 0 || index >= row->count)
            return err_set(err, ERR_INPUT, "%s.%s of %d is not within 0..%d", part, row->key, index,
                           row->count - 1);
    }
    for (const FileNumber *row = table->number; row->key != NULL; row++) {
        double value = get_number(base, row);
        bool unknown = row->unknown_is_0 && value >= 0.0 && value <= 0.0;
        if (!unknown && !(value >= row->low && value <= row->high))
            return err_set(err, ERR_INPUT, "%s.%s of %g is not within %g..%g%s", part, row->key,
                           value, row->low, row->high, row->unknown_is_0 ? ", nor 0" : "");
    }
    return true;
}

void file_settle(void *base, const FileTable *table)
{
    for (const FileNumber *row = table->number; row->key != NULL; row++)
        set_number(base, row, file_round(get_number(base, row), row->decimals));
}

bool file_same(const void *a, const void *b, const FileTable *table)
{
    bool same = true;
    for (const FileWord *row = table->word; row->key != NULL; row++)
        same = same && get_word(a, row) == get_word(b, row);
    for (const FileNumber *row = table->number; row->key != NULL; row++)
        same = same && file_round(get_number(a, row), row->decimals) ==
                           file_round(get_number(b, row), row->decimals);
    return same;
}

/* ---- text ---- */

/* Bytes of the character of UTF-8 at `at`, 0 if it is none: RFC 3629, no overlong forms, no
 * surrogates, nothing beyond U+10FFFF; the terminator ends any. */
static int character_bytes(const unsigned char *at)
{
    unsigned char c = at[0];
    if (c < 0x80)
        return 1;
    int more = c >= 0xc2 && c <= 0xdf   ? 1
               : c >= 0xe0 && c <= 0xef ? 2
               : c >= 0xf0 && c <= 0xf4 ? 3
                                        : 0;
    for (int i = 1; i <= more; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    bool wrong = (c == 0xe0 && at[1] < 0xa0) || (c == 0xed && at[1] > 0x9f) ||
                 (c == 0xf0 && at[1] < 0x90) || (c == 0xf4 && at[1] > 0x8f);
    return more == 0 || wrong ? 0 : more + 1;
}

bool file_settle_text(size_t capacity, char text[capacity])
{
    bool was = memchr(text, '\0', capacity) != NULL;
    text[capacity - 1] = '\0';
    unsigned char *at = (unsigned char *)text;
    while (*at != '\0') {
        int bytes = character_bytes(at);
        bool plain = bytes > 0 && *at >= 0x20 && *at != 0x7f;
        if (!plain)
            *at = bytes == 1 ? ' ' : '?';
        at += plain ? bytes : 1;
        was = was && plain;
    }
    memset(at, 0, (size_t)(text + capacity - (char *)at));
    return was;
}

bool file_is_text(size_t capacity, const char text[capacity])
{
    char copy[DESIGN_NAME];
    if (capacity > sizeof copy)
        return false;
    memcpy(copy, text, capacity);
    return file_settle_text(capacity, copy);
}

/* ---- shared parts ---- */

bool file_put_seed(Doc *doc, json_t *object, uint64_t seed)
{
    char text[24]; /* a text: 64 bits do not fit the numbers of every reader */
    snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
    return doc_put(doc, object, "seed", json_string(text));
}

bool file_read_seed(const Node *node, const char *key, uint64_t *seed)
{
    Node inner;
    if (!node_child(node, key, &inner))
        return false;
    const char *text = json_string_value(inner.value);
    uint64_t value = 0;
    bool ok = text != NULL && text[0] != '\0';
    for (; ok && *text != '\0'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        ok = *text >= '0' && *text <= '9' && value <= (UINT64_MAX - digit) / 10;
        value = 10 * value + digit;
    }
    if (!ok)
        return node_refuse(&inner, "is no text of digits up to 18446744073709551615");
    *seed = value;
    return true;
}

bool file_read_flag(const Node *node, const char *key, bool *flag)
{
    Node inner;
    if (!node_child(node, key, &inner))
        return false;
    if (!json_is_boolean(inner.value))
        return node_refuse(&inner, "is neither true nor false");
    *flag = json_is_true(inner.value);
    return true;
}

/* Sizes by zone that are not 1. */
static bool put_zone_sizes(Doc *doc, json_t *parent, const DesignMarks *marks)
{
    json_t *sizes = doc_object(doc, parent, "zone_size");
    bool ok = sizes != NULL;
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++) {
        double size = file_round(marks->zone_size[zone], 4);
        if (size < 1.0 || size > 1.0)
            ok = doc_put(doc, sizes, zone_word(zone), doc_number(size, 4)) && ok;
    }
    return ok;
}

bool file_put_marks(Doc *doc, json_t *parent, const DesignMarks *marks)
{
    json_t *json = doc_object(doc, parent, "marks");
    return file_put(doc, json, marks, &file_marks) && put_zone_sizes(doc, json, marks);
}

static bool read_zone_sizes(const Node *node, DesignMarks *marks)
{
    Node sizes;
    const char *known[DESIGN_ZONES];
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++)
        known[zone - 1] = zone_word(zone);
    known[DESIGN_ZONES - 1] = NULL;
    if (!node_child(node, "zone_size", &sizes))
        return false;
    if (!json_is_object(sizes.value))
        return node_refuse(&sizes, "is no object");
    if (!node_only(&sizes, known))
        return false;
    for (int zone = DESIGN_NONE; zone < DESIGN_ZONES; zone++) {
        marks->zone_size[zone] = 1.0;
        if (zone > DESIGN_NONE && node_has(&sizes, zone_word(zone)) &&
            !node_number(&sizes, zone_word(zone), ZONE_SIZE_LOW, ZONE_SIZE_HIGH,
                         &marks->zone_size[zone]))
            return false;
    }
    return true;
}

bool file_read_marks(const Node *node, DesignMarks *marks, bool partial)
{
    static const FileTable *const table[] = {&file_marks, NULL};
    static const char *const more[] = {"zone_size", NULL};
    return file_only(node, table, more) && file_read(node, marks, &file_marks, partial) &&
           ((partial && !node_has(node, "zone_size")) || read_zone_sizes(node, marks));
}

bool file_check_marks(const DesignMarks *marks, Err *err)
{
    if (!file_check("marks", marks, &file_marks, err))
        return false;
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++) {
        double size = marks->zone_size[zone];
        if (!(size >= ZONE_SIZE_LOW && size <= ZONE_SIZE_HIGH))
            return err_set(err, ERR_INPUT, "marks.zone_size.%s of %g is not within %g..%g",
                           zone_word(zone), size, ZONE_SIZE_LOW, ZONE_SIZE_HIGH);
    }
    return true;
}

static const struct {
    const char *key;
    size_t at;
} answers[] = {{"active_loss", offsetof(DesignClient, active_loss)},
               {"patch_test_passed", offsetof(DesignClient, patch_test_passed)},
               {"keloid", offsetof(DesignClient, keloid)},
               {"skin_disease", offsetof(DesignClient, skin_disease)},
               {"straight_wanted", offsetof(DesignClient, straight_wanted)}};
enum { ANSWERS = sizeof answers / sizeof answers[0] };

static DesignAnswer answer_of(const DesignClient *client, int index)
{
    DesignAnswer answer;
    memcpy(&answer, (const char *)client + answers[index].at, sizeof answer);
    return answer;
}

/* What is not known is absent. */
bool file_put_client(Doc *doc, json_t *parent, const DesignClient *client)
{
    json_t *json = doc_object(doc, parent, "client");
    bool ok = true;
    if (client->sex != DESIGN_SEX_UNKNOWN)
        ok = doc_put(doc, json, "sex", json_string(client->sex == DESIGN_MALE ? "male" : "female"));
    ok = file_put(doc, json, client, &file_client) && ok;
    for (int i = 0; i < ANSWERS; i++)
        if (answer_of(client, i) != DESIGN_UNKNOWN)
            ok = doc_put(doc, json, answers[i].key,
                         json_boolean(answer_of(client, i) == DESIGN_YES)) &&
                 ok;
    if (client->long_hair)
        ok = doc_put(doc, json, "long_hair", json_true()) && ok;
    return ok && json != NULL;
}

static const char *sex_word(int index)
{
    return index == 0 ? "male" : "female";
}

bool file_read_client(const Node *node, DesignClient *client)
{
    static const FileTable *const table[] = {&file_client, NULL};
    const char *more[ANSWERS + 3] = {"sex", "long_hair"};
    for (int i = 0; i < ANSWERS; i++)
        more[i + 2] = answers[i].key;
    int sex = 0;
    if (!file_only(node, table, more) || !file_read(node, client, &file_client, true))
        return false;
    if (node_has(node, "sex")) {
        if (!file_read_word(node, "sex", 2, sex_word, &sex))
            return false;
        client->sex = sex == 0 ? DESIGN_MALE : DESIGN_FEMALE;
    }
    for (int i = 0; i < ANSWERS; i++) {
        bool yes = false;
        if (!node_has(node, answers[i].key))
            continue;
        if (!file_read_flag(node, answers[i].key, &yes))
            return false;
        DesignAnswer answer = yes ? DESIGN_YES : DESIGN_NO;
        memcpy((char *)client + answers[i].at, &answer, sizeof answer);
    }
    return !node_has(node, "long_hair") || file_read_flag(node, "long_hair", &client->long_hair);
}

bool file_same_client(const DesignClient *a, const DesignClient *b)
{
    bool same = a->sex == b->sex && a->long_hair == b->long_hair && file_same(a, b, &file_client);
    for (int i = 0; i < ANSWERS; i++)
        same = same && answer_of(a, i) == answer_of(b, i);
    return same;
}

int file_least_points(DesignShapeKind kind)
{
    return kind == DESIGN_OUTLINE ? 3 : kind == DESIGN_BAND ? 2 : kind == DESIGN_DISCS ? 1 : 0;
}

bool file_has_width(DesignShapeKind kind)
{
    return kind == DESIGN_BAND || kind == DESIGN_DISCS;
}

bool file_is_stage(DesignShapeKind kind)
{
    return kind == DESIGN_NORWOOD_STAGE || kind == DESIGN_LUDWIG_STAGE;
}

bool file_has_height(DesignShapeKind kind)
{
    return file_is_stage(kind) || kind == DESIGN_BARE || kind == DESIGN_SCALP;
}
