#include "base/embed.h"
#include "skin/pigment.h"

#include <jansson.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { PIGMENT_FORMAT = 2, PIGMENT_SIZE_LIMIT = 64 * 1024, MOST_SWATCHES = 10000 };
#define PIGMENT_SCHEMA "follicle/pigment"
#define COUNT(list)    ((int)(sizeof(list) / sizeof((list)[0])))

/* The numbers of a line: key, member, range; which of them need a source. */
typedef struct Figure {
    const char *key;
    size_t offset;
    double above, most;
} Figure;
static const Figure figures[] = {
    {"absorber_mg_per_ml", offsetof(SkinPigment, absorber_mg_per_ml), 0.0, 2000.0},
    {"mass_absorption_m2_per_g", offsetof(SkinPigment, mass_absorption_m2_per_g), 0.0, 100.0},
    {"slope", offsetof(SkinPigment, slope), -2.0, 8.0}};
/* The same keys name the sources. */
static const char *const source_key[SKIN_FIGURES] = {[SKIN_ABSORBER_MASS] = "absorber_mg_per_ml",
                                                     [SKIN_MASS_ABSORPTION] =
                                                         "mass_absorption_m2_per_g",
                                                     [SKIN_SLOPE] = "slope",
                                                     [SKIN_UPTAKE] = "uptake"};

/* What an old file, which knew carbon only, did not say. */
static const double carbon_m2_per_g = 7.5;
static const double prior_factor = 3.0; /* of an uptake that nobody measured, up and down */

static bool refuse(Err *err, const char *key, const char *fmt, ...) PRINTF_LIKE(3, 4);
static bool refuse(Err *err, const char *key, const char *fmt, ...)
{
    char what[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return err_set(err, ERR_INPUT, "pigment: %.60s %s", key, what);
}

/* ---- what a line may say ---- */

static bool check_range(const char *key, double value, double above, double most, Err *err)
{
    return (value > above && value <= most) ||
           refuse(err, key, "%g is not above %g and at most %g", value, above, most);
}

static bool check_text(const char *key, size_t capacity, const char text[], bool needed, Err *err)
{
    size_t length = strnlen(text, capacity);
    if (length >= capacity || (needed && length == 0))
        return refuse(err, key, "is missing or not 1..%d bytes long", (int)capacity - 1);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return refuse(err, key, "contains a control character");
    return true;
}

static bool is_date(const char text[16])
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const char form[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof form; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    int year =
        (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0';
    int month = (text[5] - '0') * 10 + text[6] - '0', day = (text[8] - '0') * 10 + text[9] - '0';
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           (month != 2 || day <= 28 + leap);
}

static bool check_date(const char *key, const char text[16], Err *err)
{
    return text[0] == '\0' || is_date(text) ||
           refuse(err, key, "'%.15s' is not a date YYYY-MM-DD", text);
}

static bool check_uptake(const SkinPigment *pigment, Err *err)
{
    SkinBand band = pigment->uptake_band;
    if (!check_range("uptake", pigment->uptake, 0.0, 1.0, err))
        return false;
    return (band.low > 0.0 && band.low <= band.expected && band.expected <= band.high &&
            band.high <= 1.0 && band.expected == pigment->uptake) ||
           refuse(err, "uptake", "low %g, expected %g, high %g are not in order within 0..1",
                  band.low, band.expected, band.high);
}

static bool check_calibration(const SkinPigment *pigment, Err *err)
{
    bool dated = pigment->calibrated[0] != '\0';
    if (dated != (pigment->calibration_swatches > 0))
        return refuse(err, "calibration", "needs both its date and its number of swatches");
    return check_date("calibration.date", pigment->calibrated, err) &&
           (!dated || check_range("calibration.swatches", pigment->calibration_swatches, 0.0,
                                  MOST_SWATCHES, err));
}

static const double *figure_of(const SkinPigment *pigment, int i)
{
    return (const double *)(const void *)((const char *)pigment + figures[i].offset);
}

bool skin_pigment_check(const SkinPigment *pigment, Err *err)
{
    for (int i = 0; i < COUNT(figures); i++)
        if (!check_range(figures[i].key, *figure_of(pigment, i), figures[i].above, figures[i].most,
                         err))
            return false;
    for (int i = 0; i < SKIN_FIGURES; i++) {
        char key[64];
        snprintf(key, sizeof key, "sources.%s", source_key[i]);
        if (!check_text(key, SKIN_SOURCE_TEXT, pigment->source[i], true, err))
            return false;
    }
    return check_text("name", sizeof pigment->name, pigment->name, true, err) &&
           check_text("carrier", sizeof pigment->carrier, pigment->carrier, true, err) &&
           check_text("absorber", sizeof pigment->absorber, pigment->absorber, true, err) &&
           check_text("lot", sizeof pigment->lot, pigment->lot, false, err) &&
           check_date("expires", pigment->expires, err) && check_uptake(pigment, err) &&
           check_calibration(pigment, err);
}

/* ---- reading ---- */

static bool only_keys(json_t *object, const char *where, int count, const char *const known[],
                      Err *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        bool found = false;
        for (int i = 0; i < count; i++)
            found = found || strcmp(key, known[i]) == 0;
        if (!found)
            return err_set(err, ERR_INPUT, "pigment: unknown key '%s%.40s'", where, key);
    }
    return true;
}
#define ONLY_KEYS(object, where, err, ...)                                                         \
    only_keys((object), (where), COUNT(((const char *const[]){__VA_ARGS__})),                      \
              (const char *const[]){__VA_ARGS__}, (err))

static bool get_number(json_t *object, const char *key, double *value, Err *err)
{
    json_t *number = json_object_get(object, key);
    *value = json_number_value(number);
    return json_is_number(number) || refuse(err, key, "is missing or not a number");
}

/* A text that fits; an absent one that is not needed stays "". */
static bool get_text(json_t *object, const char *key, size_t capacity, char text[], bool needed,
                     Err *err)
{
    json_t *value = json_object_get(object, key);
    if (value == NULL && !needed)
        return true;
    size_t length = json_string_length(value);
    if (length == 0 || length >= capacity)
        return refuse(err, key, "is missing or not a text of 1..%d bytes", (int)capacity - 1);
    memcpy(text, json_string_value(value), length + 1);
    return true;
}

static bool get_object(json_t *object, const char *key, json_t **inner, Err *err)
{
    *inner = json_object_get(object, key);
    return json_is_object(*inner) || refuse(err, key, "is missing or not an object");
}

static bool get_kind(json_t *root, SkinPigment *pigment, Err *err)
{
    const char *word = json_string_value(json_object_get(root, "kind"));
    for (int kind = SKIN_PERMANENT; word != NULL && kind <= SKIN_ABSORBABLE; kind++) {
        pigment->kind = (SkinKind)kind;
        if (strcmp(word, skin_kind_name(pigment->kind)) == 0)
            return true;
    }
    return refuse(err, "kind", "is not 'permanent' or 'absorbable'");
}

static bool get_uptake(json_t *root, SkinPigment *pigment, Err *err)
{
    json_t *band;
    if (!get_object(root, "uptake", &band, err) ||
        !ONLY_KEYS(band, "uptake.", err, "low", "expected", "high") ||
        !get_number(band, "low", &pigment->uptake_band.low, err) ||
        !get_number(band, "expected", &pigment->uptake_band.expected, err) ||
        !get_number(band, "high", &pigment->uptake_band.high, err))
        return false;
    pigment->uptake = pigment->uptake_band.expected;
    return true;
}

static bool get_calibration(json_t *root, SkinPigment *pigment, Err *err)
{
    json_t *inner;
    if (json_object_get(root, "calibration") == NULL)
        return true;
    if (!get_object(root, "calibration", &inner, err) ||
        !ONLY_KEYS(inner, "calibration.", err, "date", "swatches") ||
        !get_text(inner, "date", sizeof pigment->calibrated, pigment->calibrated, true, err))
        return false;
    json_int_t swatches = json_integer_value(json_object_get(inner, "swatches"));
    if (swatches < 1 || swatches > MOST_SWATCHES)
        return refuse(err, "calibration.swatches", "is not a whole number within 1..%d",
                      MOST_SWATCHES);
    pigment->calibration_swatches = (int)swatches;
    return true;
}

static bool get_sources(json_t *root, SkinPigment *pigment, Err *err)
{
    json_t *inner;
    if (!get_object(root, "sources", &inner, err) ||
        !only_keys(inner, "sources.", SKIN_FIGURES, source_key, err))
        return false;
    for (int i = 0; i < SKIN_FIGURES; i++) {
        char key[64];
        snprintf(key, sizeof key, "sources.%s", source_key[i]);
        if (json_object_get(inner, source_key[i]) == NULL)
            return refuse(err, key, "is missing; write 'assumed' where there is no source");
        if (!get_text(inner, source_key[i], SKIN_SOURCE_TEXT, pigment->source[i], true, err))
            return false;
    }
    return true;
}

static bool get_present_form(json_t *root, SkinPigment *pigment, Err *err)
{
    if (!ONLY_KEYS(root, "", err, "schema", "version", "name", "kind", "carrier", "absorber",
                   "absorber_mg_per_ml", "mass_absorption_m2_per_g", "slope", "uptake", "lot",
                   "expires", "calibration", "sources"))
        return false;
    return get_text(root, "name", sizeof pigment->name, pigment->name, true, err) &&
           get_kind(root, pigment, err) &&
           get_text(root, "carrier", sizeof pigment->carrier, pigment->carrier, true, err) &&
           get_text(root, "absorber", sizeof pigment->absorber, pigment->absorber, true, err) &&
           get_number(root, "absorber_mg_per_ml", &pigment->absorber_mg_per_ml, err) &&
           get_number(root, "mass_absorption_m2_per_g", &pigment->mass_absorption_m2_per_g, err) &&
           get_number(root, "slope", &pigment->slope, err) && get_uptake(root, pigment, err) &&
           get_text(root, "lot", sizeof pigment->lot, pigment->lot, false, err) &&
           get_text(root, "expires", sizeof pigment->expires, pigment->expires, false, err) &&
           get_calibration(root, pigment, err) && get_sources(root, pigment, err);
}

/* Version 1 knew carbon only, one uptake without a band, and a list of sources without keys. */
static bool get_first_form(json_t *root, SkinPigment *pigment, Err *err)
{
    if (!ONLY_KEYS(root, "", err, "schema", "version", "name", "carbon_mg_per_ml", "uptake",
                   "sources") ||
        !get_text(root, "name", sizeof pigment->name, pigment->name, true, err) ||
        !get_number(root, "carbon_mg_per_ml", &pigment->absorber_mg_per_ml, err) ||
        !get_number(root, "uptake", &pigment->uptake, err) ||
        !check_range("carbon_mg_per_ml", pigment->absorber_mg_per_ml, 0.0, 2000.0, err) ||
        !check_range("uptake", pigment->uptake, 0.0, 1.0, err))
        return false;
    snprintf(pigment->carrier, sizeof pigment->carrier, "not stated");
    snprintf(pigment->absorber, sizeof pigment->absorber, "carbon black");
    pigment->mass_absorption_m2_per_g = carbon_m2_per_g;
    pigment->slope = SKIN_CARBON_SLOPE;
    double high = pigment->uptake * prior_factor;
    pigment->uptake_band =
        (SkinBand){pigment->uptake / prior_factor, pigment->uptake, high < 1.0 ? high : 1.0};
    for (int i = 0; i < SKIN_FIGURES; i++)
        snprintf(pigment->source[i], SKIN_SOURCE_TEXT, "assumed: from a file of version 1");
    return true;
}

static bool get_pigment(json_t *root, SkinPigment *pigment, Err *err)
{
    const char *schema = json_string_value(json_object_get(root, "schema"));
    json_t *version = json_object_get(root, "version");
    if (schema == NULL || strcmp(schema, PIGMENT_SCHEMA) != 0)
        return err_set(err, ERR_INPUT, "pigment: schema is not '" PIGMENT_SCHEMA "'");
    json_int_t number = json_integer_value(version);
    if (!json_is_integer(version) || number < 1 || number > PIGMENT_FORMAT)
        return err_set(err, ERR_INPUT, "pigment: version is not a whole number within 1..%d",
                       PIGMENT_FORMAT);
    bool read =
        number == 1 ? get_first_form(root, pigment, err) : get_present_form(root, pigment, err);
    return read && skin_pigment_check(pigment, err);
}

bool skin_pigment_parse(size_t size, const void *bytes, SkinPigment *pigment, Err *err)
{
    if (size > PIGMENT_SIZE_LIMIT)
        return err_set(err, ERR_LIMIT, "pigment: %zu bytes are more than %d", size,
                       PIGMENT_SIZE_LIMIT);
    json_error_t at;
    json_t *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &at);
    if (root == NULL)
        return err_set(err, ERR_INPUT, "pigment line %d: %.100s", at.line, at.text);
    *pigment = (SkinPigment){0};
    bool ok = json_is_object(root) ? get_pigment(root, pigment, err)
                                   : err_set(err, ERR_INPUT, "pigment: not an object");
    json_decref(root);
    return ok;
}

/* ---- the lines built in ---- */

int skin_pigment_count(void)
{
    int count = 0;
    while (pigments_files[count].name != NULL)
        count++;
    return count;
}

bool skin_pigment_builtin(int index, SkinPigment *pigment, Err *err)
{
    if (index < 0 || index >= skin_pigment_count())
        return err_set(err, ERR_INPUT, "pigment %d is not within 0..%d", index,
                       skin_pigment_count() - 1);
    const EmbedFile *file = &pigments_files[index];
    return skin_pigment_parse(file->size, file->bytes, pigment, err);
}

bool skin_pigment_default(SkinPigment *pigment, Err *err)
{
    return skin_pigment_builtin(0, pigment, err);
}

/* ---- writing ---- */

/* Takes the reference of value; false also when there is none (out of memory, bytes that are no
 * UTF-8). */
static bool put(json_t *object, const char *key, json_t *value)
{
    return value != NULL && json_object_set_new(object, key, value) == 0;
}

static bool put_sources(json_t *root, const SkinPigment *pigment)
{
    json_t *sources = json_object();
    bool ok = put(root, "sources", sources);
    for (int i = 0; ok && i < SKIN_FIGURES; i++)
        ok = put(sources, source_key[i], json_string(pigment->source[i]));
    return ok;
}

static bool put_pigment(json_t *root, const SkinPigment *pigment)
{
    SkinBand uptake = pigment->uptake_band;
    bool ok = put(root, "schema", json_string(PIGMENT_SCHEMA)) &&
              put(root, "version", json_integer(PIGMENT_FORMAT)) &&
              put(root, "name", json_string(pigment->name)) &&
              put(root, "kind", json_string(skin_kind_name(pigment->kind))) &&
              put(root, "carrier", json_string(pigment->carrier)) &&
              put(root, "absorber", json_string(pigment->absorber));
    for (int i = 0; ok && i < COUNT(figures); i++)
        ok = put(root, figures[i].key, json_real(*figure_of(pigment, i)));
    ok = ok && put(root, "uptake",
                   json_pack("{s:f,s:f,s:f}", "low", uptake.low, "expected", uptake.expected,
                             "high", uptake.high));
    if (ok && pigment->lot[0] != '\0')
        ok = put(root, "lot", json_string(pigment->lot));
    if (ok && pigment->expires[0] != '\0')
        ok = put(root, "expires", json_string(pigment->expires));
    if (ok && pigment->calibrated[0] != '\0')
        ok = put(root, "calibration",
                 json_pack("{s:s,s:i}", "date", pigment->calibrated, "swatches",
                           pigment->calibration_swatches));
    return ok && put_sources(root, pigment);
}

static const size_t dump_flags = JSON_INDENT(2) | JSON_REAL_PRECISION(15);

static bool dump(Arena *arena, json_t *root, const char **text, Err *err)
{
    size_t size = json_dumpb(root, NULL, 0, dump_flags);
    char *bytes = ARENA_NEW(arena, char, size + 2);
    if (bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for a pigment of %zu bytes", size);
    if (size == 0 || json_dumpb(root, bytes, size, dump_flags) != size)
        return err_set(err, ERR_INPUT, "pigment: cannot be written as JSON");
    memcpy(bytes + size, "\n", 2);
    *text = bytes;
    return true;
}

bool skin_pigment_write(Arena *arena, const SkinPigment *pigment, const char **text, Err *err)
{
    if (!skin_pigment_check(pigment, err))
        return false;
    json_t *root = json_object();
    bool ok =
        root != NULL && put_pigment(root, pigment)
            ? dump(arena, root, text, err)
            : err_set(err, ERR_INPUT, "pigment '%.40s' has a text that is no UTF-8", pigment->name);
    json_decref(root);
    return ok;
}
