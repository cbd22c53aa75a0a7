#include "base/doc.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool doc_put(Doc *doc, json_t *object, const char *key, json_t *value)
{
    bool ok = value != NULL && json_object_set_new(object, key, value) == 0;
    if (!ok && doc->failed_key == NULL)
        doc->failed_key = key;
    return ok;
}

bool doc_add(Doc *doc, json_t *list, const char *key, json_t *value)
{
    bool ok = value != NULL && json_array_append_new(list, value) == 0;
    if (!ok && doc->failed_key == NULL)
        doc->failed_key = key;
    return ok;
}

json_t *doc_entry(Doc *doc, json_t *list, const char *key)
{
    json_t *object = json_object();
    return doc_add(doc, list, key, object) ? object : NULL;
}

json_t *doc_object(Doc *doc, json_t *parent, const char *key)
{
    json_t *object = json_object();
    return doc_put(doc, parent, key, object) ? object : NULL;
}

json_t *doc_list(Doc *doc, json_t *parent, const char *key)
{
    json_t *list = json_array();
    return doc_put(doc, parent, key, list) ? list : NULL;
}

json_t *doc_number(double value, int decimals)
{
    static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    if (!isfinite(value))
        return NULL;
    double rounded = round(value * power[decimals]) / power[decimals];
    return json_real(isfinite(rounded) ? rounded + 0.0 : value); /* + 0.0: no -0 */
}

json_t *doc_text(const char *text)
{
    json_t *string = json_string(text);
    if (string != NULL)
        return string;
    char plain[1024];
    size_t length = strnlen(text, sizeof plain - 1);
    for (size_t i = 0; i < length; i++)
        plain[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
    return json_stringn(plain, length);
}

json_t *doc_point(Vec3 point, int decimals)
{
    json_t *x = doc_number(point.x, decimals), *y = doc_number(point.y, decimals);
    json_t *z = doc_number(point.z, decimals);
    return json_pack("[o,o,o]", x, y, z); /* NULL, with all released, when one is NULL */
}

json_t *doc_band(double low, double expected, double high, int decimals)
{
    json_t *first = doc_number(low, decimals), *middle = doc_number(expected, decimals);
    json_t *last = doc_number(high, decimals);
    return json_pack("{s:o,s:o,s:o}", "low", first, "expected", middle, "high", last);
}

bool doc_start(Doc *doc, const char *name, int version, Err *err)
{
    char schema[48];
    *doc = (Doc){.root = json_object()};
    if (doc->root == NULL)
        return err_set(err, ERR_LIMIT, "no memory for the document '%s'", name);
    snprintf(schema, sizeof schema, "follicle/%s", name);
    doc_put(doc, doc->root, "schema", json_string(schema));
    doc_put(doc, doc->root, "version", json_integer(version));
    return true;
}

/* The end of a list that holds numbers only, or NULL. at: behind its bracket. */
static const char *end_of_numbers(const char *at, const char *end)
{
    while (at < end && strchr("\n 0123456789+-.eE,", *at) != NULL && *at != '\0')
        at++;
    return at < end && *at == ']' ? at : NULL;
}

/* Puts lists of numbers on one line, in place; returns the new size. */
static size_t join_numbers(size_t size, char text[size])
{
    char *to = text;
    const char *from = text, *end = text + size;
    bool quoted = false;
    while (from < end) {
        char c = *from++;
        *to++ = c;
        if (c == '\\' && quoted && from < end)
            *to++ = *from++;
        quoted = quoted != (c == '"');
        const char *close = c == '[' && !quoted ? end_of_numbers(from, end) : NULL;
        for (; close != NULL && from < close; from++) {
            bool blank = *from == '\n' || *from == ' ';
            if (!blank)
                *to++ = *from;
            if (*from == ',')
                *to++ = ' ';
        }
    }
    return (size_t)(to - text);
}

static bool dump(Arena *scratch, const Doc *doc, size_t *size, char **text, Err *err)
{
    /* 15 digits show a rounded decimal as it was meant: 0.45, not 0.45000000000000001 */
    const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(15);
    size_t need = json_dumpb(doc->root, NULL, 0, flags);
    *text = need > 0 ? ARENA_NEW(scratch, char, need + 1) : NULL;
    if (*text == NULL)
        return err_set(err, ERR_LIMIT, "no room for a document of %zu bytes", need);
    json_dumpb(doc->root, *text, need, flags);
    *size = join_numbers(need, *text);
    (*text)[(*size)++] = '\n';
    return true;
}

bool doc_render(Arena *arena, Doc *doc, const char *file, size_t *size, char **text, Err *err)
{
    bool ok = doc->failed_key == NULL ||
              err_set(err, ERR_INPUT, "%s: '%s' is not a finite number, or there is no memory",
                      file, doc->failed_key);
    ok = ok && dump(arena, doc, size, text, err);
    json_decref(doc->root);
    doc->root = NULL;
    return ok;
}
