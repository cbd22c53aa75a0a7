#include "base/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool node_refuse(const Node *node, const char *fmt, ...)
{
    char what[200];
    va_list list;
    va_start(list, fmt);
    vsnprintf(what, sizeof what, fmt, list);
    va_end(list);
    return err_set(node->err, ERR_INPUT, "%s %s", node->path, what);
}

bool node_has(const Node *node, const char *key)
{
    return json_object_get(node->value, key) != NULL;
}

bool node_child(const Node *node, const char *key, Node *inner)
{
    *inner = (Node){.value = json_object_get(node->value, key), .err = node->err};
    size_t length = strlen(node->path);
    bool top = length > 0 && node->path[length - 1] == ':';
    snprintf(inner->path, sizeof inner->path, "%.60s%s%.30s", node->path, top ? " " : ".", key);
    return inner->value != NULL || node_refuse(inner, "is missing");
}

bool node_item(const Node *list, int index, Node *inner)
{
    *inner = (Node){.value = json_array_get(list->value, (size_t)index), .err = list->err};
    snprintf(inner->path, sizeof inner->path, "%.80s[%d]", list->path, index);
    return inner->value != NULL || node_refuse(inner, "is missing");
}

bool node_list(const Node *node, const char *key, int most, Node *list, int *count)
{
    *count = 0;
    if (!node_child(node, key, list))
        return false;
    size_t size = json_array_size(list->value);
    if (!json_is_array(list->value) || size > (size_t)most)
        return node_refuse(list, "is no list of at most %d", most);
    *count = (int)size;
    return true;
}

bool node_is_number(const Node *node, double low, double high, double *number)
{
    *number = json_number_value(node->value);
    if (!json_is_number(node->value) || !(*number >= low && *number <= high))
        return node_refuse(node, "is not a number within %g..%g", low, high);
    return true;
}

bool node_number(const Node *node, const char *key, double low, double high, double *number)
{
    Node inner;
    return node_child(node, key, &inner) && node_is_number(&inner, low, high, number);
}

bool node_is_whole(const Node *node, int *whole)
{
    return node_is_int(node, 0, NODE_WHOLE_LIMIT, whole);
}

bool node_whole(const Node *node, const char *key, int *whole)
{
    Node inner;
    *whole = 0;
    return node_child(node, key, &inner) && node_is_whole(&inner, whole);
}

bool node_is_int64(const Node *node, int64_t low, int64_t high, int64_t *value)
{
    *value = json_integer_value(node->value);
    if (!json_is_integer(node->value) || *value < low || *value > high)
        return node_refuse(node, "is not a whole number within %lld..%lld", (long long)low,
                           (long long)high);
    return true;
}

bool node_int64(const Node *node, const char *key, int64_t low, int64_t high, int64_t *value)
{
    Node inner;
    return node_child(node, key, &inner) && node_is_int64(&inner, low, high, value);
}

bool node_is_int(const Node *node, int low, int high, int *value)
{
    int64_t wide;
    bool ok = node_is_int64(node, low, high, &wide);
    if (ok)
        *value = (int)wide;
    return ok;
}

bool node_int(const Node *node, const char *key, int low, int high, int *value)
{
    Node inner;
    return node_child(node, key, &inner) && node_is_int(&inner, low, high, value);
}

bool node_flag(const Node *node, const char *key, bool *flag)
{
    Node inner;
    if (!node_child(node, key, &inner))
        return false;
    *flag = json_is_true(inner.value);
    return json_is_boolean(inner.value) || node_refuse(&inner, "is neither true nor false");
}

bool node_text(const Node *node, const char *key, size_t capacity, char text[capacity])
{
    Node inner;
    if (!node_child(node, key, &inner))
        return false;
    const char *from = json_string_value(inner.value);
    if (from == NULL || strlen(from) >= capacity)
        return node_refuse(&inner, "is no text below %zu bytes", capacity);
    memcpy(text, from, strlen(from) + 1);
    return true;
}

bool node_is_line(Arena *arena, const Node *node, size_t capacity, const char **line)
{
    const char *from = json_string_value(node->value);
    size_t length = json_string_length(node->value);
    if (from == NULL)
        return node_refuse(node, "is no text");
    if (length == 0 || length >= capacity)
        return node_refuse(node, "has %zu bytes, not 1..%zu", length, capacity - 1);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)from[i] < 0x20 || from[i] == 0x7f)
            return node_refuse(node, "has a control character (code %d)", from[i]);
    char *copy = ARENA_NEW(arena, char, length + 1);
    if (copy == NULL)
        return err_set(node->err, ERR_LIMIT, "no room for the %zu bytes of %s", length, node->path);
    memcpy(copy, from, length + 1);
    *line = copy;
    return true;
}

bool node_line(Arena *arena, const Node *node, const char *key, size_t capacity, const char **line)
{
    Node inner;
    return node_child(node, key, &inner) && node_is_line(arena, &inner, capacity, line);
}

bool node_only(const Node *node, const char *const known[])
{
    const char *key;
    json_t *value;
    json_object_foreach(node->value, key, value)
    {
        bool found = false;
        for (int i = 0; known[i] != NULL; i++)
            found = found || strcmp(key, known[i]) == 0;
        if (!found)
            return node_refuse(node, "has the key '%.40s', which is not known", key);
    }
    return true;
}

bool node_enter(const Node *node, const char *const known[])
{
    if (!json_is_object(node->value))
        return node_refuse(node, "is no object");
    return node_only(node, known);
}

bool node_enter_child(const Node *node, const char *key, const char *const known[], Node *inner)
{
    return node_child(node, key, inner) && node_enter(inner, known);
}

bool node_enter_item(const Node *list, int index, const char *const known[], Node *inner)
{
    return node_item(list, index, inner) && node_enter(inner, known);
}

static bool check_header(const Node *root, const char *name, int newest, int *version)
{
    char want[48];
    snprintf(want, sizeof want, "follicle/%s", name);
    const char *schema = json_string_value(json_object_get(root->value, "schema"));
    if (schema == NULL)
        return err_set(root->err, ERR_INPUT, "%s: the document names no 'schema'", name);
    if (strcmp(schema, want) != 0)
        return err_set(root->err, ERR_INPUT, "%s: 'schema' is '%.60s', not '%s'", name, schema,
                       want);
    const json_t *number = json_object_get(root->value, "version");
    long long stated = json_integer_value(number);
    if (!json_is_integer(number) || stated < 1)
        return err_set(root->err, ERR_INPUT, "%s: 'version' is no whole number from 1", name);
    if (stated > newest)
        return err_set(root->err, ERR_INPUT,
                       "%s: the document has version %lld, this program reads up to %d: use a "
                       "newer program",
                       name, stated, newest);
    *version = (int)stated;
    return true;
}

bool node_open(const char *name, int newest, size_t size, const char *bytes, Node *root,
               int *version, Err *err)
{
    json_error_t at;
    *root = (Node){.err = err};
    snprintf(root->path, sizeof root->path, "%.60s:", name);
    if (size > NODE_SIZE_LIMIT)
        return err_set(err, ERR_LIMIT, "%s: %zu bytes are more than the limit of %d", name, size,
                       NODE_SIZE_LIMIT);
    root->value = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &at);
    if (root->value == NULL)
        return err_set(err, ERR_INPUT, "%s: line %d: %s", name, at.line, at.text);
    bool ok = json_is_object(root->value) ||
              err_set(err, ERR_INPUT, "%s: the document is not an object", name);
    ok = ok && check_header(root, name, newest, version);
    if (!ok)
        node_close(root);
    return ok;
}

void node_close(Node *root)
{
    json_decref(root->value);
    root->value = NULL;
}
