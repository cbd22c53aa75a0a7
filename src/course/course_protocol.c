#include "base/embed.h"
#include "course/course.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PROTOCOL_FORMAT = 1, PROTOCOL_SIZE_LIMIT = 256 * 1024, WHERE = 64 };
#define PROTOCOL_SCHEMA "follicle/protocol"

/* An object of the document and its path in it ("sessions[1].after_days."), for the messages. */
typedef struct Place {
    json_t *object;
    char path[WHERE];
    Err *err;
} Place;

static bool refuse(const Place *place, const char *key, const char *fmt, ...) PRINTF_LIKE(3, 4);
static bool refuse(const Place *place, const char *key, const char *fmt, ...)
{
    char what[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return err_set(place->err, ERR_INPUT, "protocol: %s%.40s %s", place->path, key, what);
}

/* The first characters of a value as it stands in the file. */
static const char *shown(const json_t *value, char text[48])
{
    size_t size =
        json_dumpb(value, text, 44, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));
    if (size > 44)
        memcpy(text + 41, "...", 4);
    else
        text[size] = '\0';
    return text;
}

static json_t *get(const Place *place, const char *key)
{
    json_t *value = json_object_get(place->object, key);
    if (value == NULL)
        refuse(place, key, "is missing");
    return value;
}

/* Refuses keys that are not in the list, so that a misspelt one is not silently ignored. */
static bool only_keys(const Place *place, int count, const char *const known[])
{
    const char *key;
    json_t *value;
    json_object_foreach(place->object, key, value)
    {
        bool found = false;
        for (int i = 0; i < count; i++)
            found = found || strcmp(key, known[i]) == 0;
        if (!found)
            return refuse(place, key, "is not a key of format version %d", PROTOCOL_FORMAT);
    }
    return true;
}
#define ONLY_KEYS(place, ...)                                                                      \
    only_keys((place), (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)),         \
              (const char *const[]){__VA_ARGS__})

static bool get_number(const Place *place, const char *key, double low, double high, double *value)
{
    char text[48];
    json_t *item = get(place, key);
    if (item == NULL)
        return false;
    if (!json_is_number(item))
        return refuse(place, key, "is %s, not a number", shown(item, text));
    *value = json_number_value(item);
    if (!(*value >= low && *value <= high))
        return refuse(place, key, "is %s, not within %g..%g", shown(item, text), low, high);
    return true;
}

static bool get_whole(const Place *place, const char *key, int64_t low, int64_t high,
                      int64_t *value)
{
    char text[48];
    json_t *item = get(place, key);
    if (item == NULL)
        return false;
    if (!json_is_integer(item))
        return refuse(place, key, "is %s, not a whole number", shown(item, text));
    *value = json_integer_value(item);
    if (*value < low || *value > high)
        return refuse(place, key, "is %s, not within %lld..%lld", shown(item, text), (long long)low,
                      (long long)high);
    return true;
}

static bool get_int(const Place *place, const char *key, int low, int high, int *value)
{
    int64_t wide;
    if (!get_whole(place, key, low, high, &wide))
        return false;
    *value = (int)wide;
    return true;
}

/* A line of text that fits: it will stand on paper, so no line breaks or control characters. */
static bool get_text(const Place *place, const char *key, size_t capacity, char text[capacity])
{
    char seen[48];
    json_t *item = get(place, key);
    if (item == NULL)
        return false;
    if (!json_is_string(item))
        return refuse(place, key, "is %s, not a text", shown(item, seen));
    size_t length = json_string_length(item);
    if (length == 0 || length >= capacity)
        return refuse(place, key, "has %zu bytes, not 1..%zu", length, capacity - 1);
    const char *from = json_string_value(item);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)from[i] < 0x20 || from[i] == 0x7f)
            return refuse(place, key, "has a control character (code %d)", from[i]);
    memcpy(text, from, length + 1);
    return true;
}

/* The source is checked to be there; only what the course prints is kept. */
static bool check_source(const Place *place)
{
    char text[1024];
    return get_text(place, "source", sizeof text, text);
}

static bool step_into(const Place *place, const char *key, Place *inner)
{
    char text[48];
    json_t *item = get(place, key);
    if (item == NULL)
        return false;
    if (!json_is_object(item))
        return refuse(place, key, "is %s, not an object", shown(item, text));
    *inner = (Place){.object = item, .err = place->err};
    snprintf(inner->path, WHERE, "%.20s%.40s.", place->path, key);
    return true;
}

static bool get_list(const Place *place, const char *key, size_t most, json_t **list)
{
    char text[48];
    *list = get(place, key);
    if (*list == NULL)
        return false;
    if (!json_is_array(*list))
        return refuse(place, key, "is %s, not a list", shown(*list, text));
    if (json_array_size(*list) > most)
        return refuse(place, key, "has %zu entries, at most %zu are allowed",
                      json_array_size(*list), most);
    return true;
}

static bool step_into_item(const Place *place, const char *key, json_t *list, size_t index,
                           Place *inner)
{
    char text[48];
    json_t *item = json_array_get(list, index);
    *inner = (Place){.object = item, .err = place->err};
    snprintf(inner->path, WHERE, "%.20s%.30s[%zu].", place->path, key, index);
    if (!json_is_object(item))
        return err_set(place->err, ERR_INPUT, "protocol: %s[%zu] is %s, not an object", key, index,
                       shown(item, text));
    return true;
}

static bool ascending(const Place *place, const char *names, const double value[3])
{
    if (value[0] <= value[1] && value[1] <= value[2])
        return true;
    return refuse(place, names, "are %g, %g, %g: they must not fall", value[0], value[1], value[2]);
}

static bool read_gap(const Place *session, CourseGap *gap)
{
    Place place;
    if (!step_into(session, "after_days", &place) || !ONLY_KEYS(&place, "min", "target", "max") ||
        !get_int(&place, "min", 1, 3650, &gap->min_days) ||
        !get_int(&place, "target", 1, 3650, &gap->target_days) ||
        !get_int(&place, "max", 1, 3650, &gap->max_days))
        return false;
    return ascending(&place, "min, target, max",
                     (double[]){gap->min_days, gap->target_days, gap->max_days});
}

static bool read_session(const Place *place, int index, Protocol *protocol)
{
    bool first = index == 0;
    if (first && json_object_get(place->object, "after_days") != NULL)
        return refuse(place, "after_days", "stands before the first session");
    return ONLY_KEYS(place, "share", "strength", "after_days", "source") &&
           get_number(place, "share", 0.01, 1.0, &protocol->share[index]) &&
           get_number(place, "strength", 0.1, 3.0, &protocol->strength[index]) &&
           (first || read_gap(place, &protocol->gap[index])) && check_source(place);
}

static bool read_sessions(const Place *root, Protocol *protocol)
{
    json_t *list;
    if (!get_list(root, "sessions", COURSE_MAX_SESSIONS, &list))
        return false;
    protocol->session_count = (int)json_array_size(list);
    if (protocol->session_count == 0)
        return refuse(root, "sessions", "has no entry");
    double sum = 0.0;
    for (int i = 0; i < protocol->session_count; i++) {
        Place place;
        if (!step_into_item(root, "sessions", list, (size_t)i, &place) ||
            !read_session(&place, i, protocol))
            return false;
        sum += protocol->share[i];
    }
    /* Shares are written with a few digits (three thirds); what is left is spread evenly. */
    if (fabs(sum - 1.0) > 1e-3)
        return refuse(root, "sessions[].share", "sums to %g, not to 1", sum);
    for (int i = 0; i < protocol->session_count; i++)
        protocol->share[i] /= sum;
    return true;
}

/* The zones a design knows (design_zone_name). */
static bool is_zone(const char *name)
{
    static const char *const known[] = {"hairline", "frontal", "midscalp", "crown",
                                        "temple",   "patch",   "scar",     "diffuse",
                                        "punch",    "burn",    "fringe"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i]) == 0)
            return true;
    return false;
}

static bool read_difficulty(const Place *work, Protocol *protocol)
{
    Place place;
    if (!step_into(work, "difficulty", &place))
        return false;
    const char *key;
    json_t *value;
    json_object_foreach(place.object, key, value)
    {
        int index = protocol->difficulty_count;
        if (!is_zone(key))
            return refuse(&place, key, "is not a zone of a design (scar, crown, ...)");
        if (index == COURSE_MAX_ZONES)
            return refuse(&place, key, "is one zone too many");
        if (!get_number(&place, key, 0.1, 10.0, &protocol->difficulty[index].factor))
            return false;
        snprintf(protocol->difficulty[index].zone, sizeof protocol->difficulty[index].zone, "%.15s",
                 key);
        protocol->difficulty_count++;
    }
    return true;
}

static bool read_work(const Place *root, Protocol *protocol)
{
    Place work, rate;
    double *pace = protocol->dots_per_minute;
    if (!step_into(root, "work", &work) ||
        !ONLY_KEYS(&work, "dots_per_minute", "setup_minutes", "break_every_minutes",
                   "break_minutes", "max_hours_per_day", "difficulty", "source") ||
        !step_into(&work, "dots_per_minute", &rate) ||
        !ONLY_KEYS(&rate, "slow", "expected", "fast") ||
        !get_number(&rate, "slow", 1.0, 1000.0, &pace[0]) ||
        !get_number(&rate, "expected", 1.0, 1000.0, &pace[1]) ||
        !get_number(&rate, "fast", 1.0, 1000.0, &pace[2]) ||
        !ascending(&rate, "slow, expected, fast", pace) ||
        !get_number(&work, "setup_minutes", 0.0, 240.0, &protocol->setup_minutes) ||
        !get_number(&work, "break_every_minutes", 10.0, 480.0, &protocol->break_every_minutes) ||
        !get_number(&work, "break_minutes", 0.0, 120.0, &protocol->break_minutes) ||
        !get_number(&work, "max_hours_per_day", 1.0, 14.0, &protocol->max_hours_per_session) ||
        !read_difficulty(&work, protocol) || !check_source(&work))
        return false;
    double left_minutes = 60.0 * protocol->max_hours_per_session - protocol->setup_minutes;
    if (left_minutes < 30.0)
        return refuse(&work, "setup_minutes", "is %g: of %g hours a day it leaves less than 30 min",
                      protocol->setup_minutes, protocol->max_hours_per_session);
    return true;
}

static bool read_currency(const Place *place, char currency[4])
{
    char text[16];
    if (!get_text(place, "currency", sizeof text, text))
        return false;
    bool ok = strlen(text) == 3;
    for (int i = 0; ok && i < 3; i++)
        ok = text[i] >= 'A' && text[i] <= 'Z';
    if (!ok)
        return refuse(place, "currency", "is '%s', not a code of three capitals (ISO 4217)", text);
    memcpy(currency, text, 4);
    return true;
}

static bool read_price(const Place *root, Protocol *protocol)
{
    enum { MOST = 1000000000 }; /* keeps every product below within 64 bits */
    Place price;
    return step_into(root, "price", &price) &&
           ONLY_KEYS(&price, "currency", "minor_digits", "per_hour_minor", "per_1000_dots_minor",
                     "base_minor", "tax_permille", "deposit_permille", "source") &&
           read_currency(&price, protocol->currency) &&
           get_int(&price, "minor_digits", 0, 3, &protocol->minor_digits) &&
           get_whole(&price, "per_hour_minor", 0, MOST, &protocol->price_per_hour) &&
           get_whole(&price, "per_1000_dots_minor", 0, MOST, &protocol->price_per_dot_milli) &&
           get_whole(&price, "base_minor", 0, MOST, &protocol->price_base) &&
           get_int(&price, "tax_permille", 0, 1000, &protocol->tax_permille) &&
           get_int(&price, "deposit_permille", 0, 1000, &protocol->deposit_permille) &&
           check_source(&price);
}

static bool read_touch_up(const Place *root, Protocol *protocol)
{
    Place place, band;
    double *years = protocol->touch_up_years;
    return step_into(root, "touch_up", &place) &&
           ONLY_KEYS(&place, "years", "review_days", "source") &&
           step_into(&place, "years", &band) && ONLY_KEYS(&band, "low", "expected", "high") &&
           get_number(&band, "low", 0.1, 30.0, &years[0]) &&
           get_number(&band, "expected", 0.1, 30.0, &years[1]) &&
           get_number(&band, "high", 0.1, 30.0, &years[2]) &&
           ascending(&band, "low, expected, high", years) &&
           get_int(&place, "review_days", 1, 3650, &protocol->review_days) && check_source(&place);
}

static bool read_rules(const Place *root, const char *key, int *count, CourseRule rule[])
{
    json_t *list;
    if (!get_list(root, key, COURSE_MAX_RULES, &list))
        return false;
    *count = (int)json_array_size(list);
    for (int i = 0; i < *count; i++) {
        Place place;
        if (!step_into_item(root, key, list, (size_t)i, &place) ||
            !ONLY_KEYS(&place, "from_day", "to_day", "text", "source") ||
            !get_int(&place, "from_day", -60, 3650, &rule[i].from_day) ||
            !get_int(&place, "to_day", -60, 3650, &rule[i].to_day) ||
            !get_text(&place, "text", sizeof rule[i].text, rule[i].text) ||
            !get_text(&place, "source", sizeof rule[i].source, rule[i].source))
            return false;
        if (rule[i].to_day < rule[i].from_day)
            return refuse(&place, "to_day", "is %d, before from_day %d", rule[i].to_day,
                          rule[i].from_day);
    }
    return true;
}

static bool read_format(const Place *root)
{
    char schema[64];
    int64_t version;
    if (!get_text(root, "schema", sizeof schema, schema))
        return false;
    if (strcmp(schema, PROTOCOL_SCHEMA) != 0)
        return refuse(root, "schema", "is '%s', not '" PROTOCOL_SCHEMA "'", schema);
    if (!get_whole(root, "version", 1, INT32_MAX, &version))
        return false;
    if (version > PROTOCOL_FORMAT)
        return refuse(root, "version", "is %lld: this program knows formats up to %d",
                      (long long)version, PROTOCOL_FORMAT);
    return true;
}

/* An id becomes part of messages, file names and addresses. */
static bool read_id(const Place *root, Protocol *protocol)
{
    if (!get_text(root, "id", sizeof protocol->id, protocol->id))
        return false;
    if (protocol->id[strspn(protocol->id, "abcdefghijklmnopqrstuvwxyz0123456789_-")] != '\0')
        return refuse(root, "id", "is '%s': use a-z, 0-9, _ and -", protocol->id);
    return true;
}

static bool read_protocol(const Place *root, Protocol *protocol)
{
    return read_format(root) &&
           ONLY_KEYS(root, "schema", "version", "id", "protocol_version", "title", "source",
                     "sessions", "work", "price", "touch_up", "expect", "aftercare") &&
           read_id(root, protocol) &&
           get_int(root, "protocol_version", 1, 1000000, &protocol->version) &&
           get_text(root, "title", sizeof protocol->title, protocol->title) &&
           get_text(root, "source", sizeof protocol->source, protocol->source) &&
           read_sessions(root, protocol) && read_work(root, protocol) &&
           read_price(root, protocol) && read_touch_up(root, protocol) &&
           read_rules(root, "expect", &protocol->expect_count, protocol->expect) &&
           read_rules(root, "aftercare", &protocol->aftercare_count, protocol->aftercare);
}

bool course_protocol_from_json(size_t size, const char *bytes, Protocol *protocol, Err *err)
{
    json_error_t at;
    *protocol = (Protocol){0};
    if (size > PROTOCOL_SIZE_LIMIT)
        return err_set(err, ERR_LIMIT, "protocol: %zu bytes are more than the limit of %d", size,
                       PROTOCOL_SIZE_LIMIT);
    json_t *json = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &at);
    if (json == NULL)
        return err_set(err, ERR_INPUT, "protocol: line %d: %s", at.line, at.text);
    Place root = {.object = json, .err = err};
    bool ok =
        json_is_object(json) || err_set(err, ERR_INPUT, "protocol: the document is not an object");
    ok = ok && read_protocol(&root, protocol);
    json_decref(json);
    return ok;
}

bool course_protocol_builtin(const char *id, Protocol *protocol, Err *err)
{
    char known[256] = "";
    size_t used = 0;
    for (const EmbedFile *file = protocols_files; file->name != NULL; file++) {
        size_t stem = strcspn(file->name, ".");
        if (strlen(id) == stem && memcmp(file->name, id, stem) == 0)
            return course_protocol_from_json(file->size, (const char *)file->bytes, protocol, err);
        int wrote = snprintf(known + used, sizeof known - used, "%s%.*s", used > 0 ? ", " : "",
                             (int)stem, file->name);
        if (wrote > 0 && used + (size_t)wrote < sizeof known)
            used += (size_t)wrote;
    }
    return err_set(err, ERR_INPUT, "there is no protocol '%.60s' in the program, only %s", id,
                   known);
}

double course_difficulty(const Protocol *protocol, const char *zone)
{
    for (int i = 0; i < protocol->difficulty_count; i++)
        if (strcmp(protocol->difficulty[i].zone, zone) == 0)
            return protocol->difficulty[i].factor;
    return 1.0;
}
