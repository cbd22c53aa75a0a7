#include "base/embed.h"
#include "skin/skin.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { PIGMENT_FORMAT = 1, PIGMENT_SIZE_LIMIT = 64 * 1024 };
#define PIGMENT_SCHEMA "follicle/pigment"

/* Refuses keys that are not known, so that a misspelt one is not silently ignored. */
static bool check_keys(json_t *root, Err *err)
{
    static const char *const known[] = {"schema",           "version", "name",
                                        "carbon_mg_per_ml", "uptake",  "sources"};
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            found = found || strcmp(key, known[i]) == 0;
        if (!found)
            return err_set(err, ERR_INPUT, "pigment: unknown key '%.40s'", key);
    }
    return true;
}

static bool check_schema(const json_t *root, Err *err)
{
    const json_t *schema = json_object_get(root, "schema");
    const json_t *version = json_object_get(root, "version");
    if (!json_is_string(schema) || strcmp(json_string_value(schema), PIGMENT_SCHEMA) != 0)
        return err_set(err, ERR_INPUT, "pigment: schema is not '" PIGMENT_SCHEMA "'");
    if (!json_is_integer(version) || json_integer_value(version) != PIGMENT_FORMAT)
        return err_set(err, ERR_INPUT, "pigment: version is not %d", PIGMENT_FORMAT);
    return true;
}

static bool get_number(const json_t *root, const char *key, double above, double most,
                       double *value, Err *err)
{
    const json_t *number = json_object_get(root, key);
    if (!json_is_number(number))
        return err_set(err, ERR_INPUT, "pigment: %s is missing or not a number", key);
    *value = json_number_value(number);
    if (!(*value > above && *value <= most))
        return err_set(err, ERR_INPUT, "pigment: %s %g is not above %g and at most %g", key, *value,
                       above, most);
    return true;
}

static bool get_name(const json_t *root, SkinPigment *pigment, Err *err)
{
    const json_t *name = json_object_get(root, "name");
    size_t length = json_string_length(name);
    if (length == 0 || length >= sizeof pigment->name)
        return err_set(err, ERR_INPUT, "pigment: name is missing or not 1..%d bytes long",
                       (int)sizeof pigment->name - 1);
    memcpy(pigment->name, json_string_value(name), length + 1);
    return true;
}

static bool get_pigment(json_t *root, SkinPigment *pigment, Err *err)
{
    return check_keys(root, err) && check_schema(root, err) && get_name(root, pigment, err) &&
           get_number(root, "carbon_mg_per_ml", 0.0, 2000.0, &pigment->carbon_mg_per_ml, err) &&
           get_number(root, "uptake", 0.0, 1.0, &pigment->uptake, err);
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

bool skin_pigment_default(SkinPigment *pigment, Err *err)
{
    for (const EmbedFile *file = pigments_files; file->name != NULL; file++) {
        if (strcmp(file->name, "carbon.json") == 0)
            return skin_pigment_parse(file->size, file->bytes, pigment, err);
    }
    return err_set(err, ERR_INPUT, "this build contains no pigments/carbon.json");
}
