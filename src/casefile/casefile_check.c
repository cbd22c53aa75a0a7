#include "casefile/casefile_internal.h"

#include <stdio.h>
#include <string.h>

static const char *const known_names[] = {"case",   "assessment", "design",
                                          "course", "visibility", "protocol",
                                          "audit",  "shade",      "swatches"};

static bool check_schema(const char *name, const json_t *root, Err *err)
{
    char want[48];
    snprintf(want, sizeof want, "follicle/%s", name);
    const char *schema = json_string_value(json_object_get(root, "schema"));
    if (schema == NULL)
        return err_set(err, ERR_INPUT, "%s: the document names no 'schema'", name);
    if (strcmp(schema, want) != 0)
        return err_set(err, ERR_INPUT, "%s: 'schema' is '%.60s', not '%s'", name, schema, want);
    return true;
}

static bool check_version(const char *name, const json_t *root, Err *err)
{
    const json_t *version = json_object_get(root, "version");
    if (!json_is_integer(version) || json_integer_value(version) < 1)
        return err_set(err, ERR_INPUT, "%s: 'version' is no whole number from 1", name);
    if (json_integer_value(version) > DOC_FORMAT)
        return err_set(err, ERR_INPUT,
                       "%s: the document has version %lld, this program reads up to %d: use a "
                       "newer program",
                       name, (long long)json_integer_value(version), DOC_FORMAT);
    return true;
}

bool casefile_check(const char *name, size_t size, const char *bytes, Err *err)
{
    enum { SIZE_LIMIT = 64 << 20 };
    bool known = false;
    for (size_t i = 0; i < sizeof known_names / sizeof known_names[0]; i++)
        known = known || strcmp(name, known_names[i]) == 0;
    if (!known)
        return err_set(err, ERR_INPUT, "there is no document of the kind '%.40s'", name);
    if (size > SIZE_LIMIT)
        return err_set(err, ERR_LIMIT, "%s: %zu bytes are more than the limit of %d", name, size,
                       SIZE_LIMIT);
    json_error_t at;
    json_t *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &at);
    if (root == NULL)
        return err_set(err, ERR_INPUT, "%s: line %d: %s", name, at.line, at.text);
    bool ok =
        json_is_object(root) || err_set(err, ERR_INPUT, "%s: the document is not an object", name);
    ok = ok && check_schema(name, root, err) && check_version(name, root, err);
    json_decref(root);
    return ok;
}
