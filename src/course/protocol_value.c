#include "course/protocol_internal.h"

#include <string.h>

enum { SOURCE_BYTES = 1024 };

bool protocol_enter(const Node *node, const char *const known[])
{
    if (!json_is_object(node->value))
        return node_refuse(node, "is no object");
    return node_only(node, known);
}

bool protocol_enter_child(const Node *node, const char *key, const char *const known[], Node *inner)
{
    return node_child(node, key, inner) && protocol_enter(inner, known);
}

/* A line of text: it will stand on paper, so no line breaks or other control characters. */
static bool keep_text(Arena *arena, const Node *node, size_t capacity, const char **text)
{
    const char *from = json_string_value(node->value);
    if (from == NULL)
        return node_refuse(node, "is no text");
    size_t length = strlen(from);
    if (length == 0 || length >= capacity)
        return node_refuse(node, "has %zu bytes, not 1..%zu", length, capacity - 1);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)from[i] < 0x20 || from[i] == 0x7f)
            return node_refuse(node, "has a control character (code %d)", from[i]);
    char *copy = ARENA_NEW(arena, char, length + 1);
    if (copy == NULL)
        return err_set(node->err, ERR_LIMIT, "no room for the %zu bytes of %s", length, node->path);
    memcpy(copy, from, length + 1);
    *text = copy;
    return true;
}

bool protocol_text(Arena *arena, const Node *node, const char *key, size_t capacity,
                   const char **text)
{
    Node inner;
    return node_child(node, key, &inner) && keep_text(arena, &inner, capacity, text);
}

bool protocol_is_id(Arena *arena, const Node *node, const char **id)
{
    return keep_text(arena, node, PROTOCOL_ID_BYTES, id) &&
           ((*id)[strspn(*id, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0' ||
            node_refuse(node, "is '%s': use a-z, 0-9, _ and -", *id));
}

bool protocol_id(Arena *arena, const Node *node, const char *key, const char **id)
{
    Node inner;
    return node_child(node, key, &inner) && protocol_is_id(arena, &inner, id);
}

bool protocol_source(Arena *arena, const Node *node, const char **source)
{
    return protocol_text(arena, node, "source", SOURCE_BYTES, source);
}

bool protocol_as_in(Arena *arena, const Node *node, const char **as_in)
{
    *as_in = NULL;
    return !node_has(node, "as_in") || protocol_id(arena, node, "as_in", as_in);
}

bool protocol_is_whole(const Node *node, int low, int high, int *whole)
{
    json_int_t value = json_integer_value(node->value);
    if (!json_is_integer(node->value) || value < low || value > high)
        return node_refuse(node, "is not a whole number within %d..%d", low, high);
    *whole = (int)value;
    return true;
}

bool protocol_whole(const Node *node, const char *key, int low, int high, int *whole)
{
    Node inner;
    return node_child(node, key, &inner) && protocol_is_whole(&inner, low, high, whole);
}

bool protocol_bool(const Node *node, const char *key, bool *value)
{
    Node inner;
    if (!node_child(node, key, &inner))
        return false;
    *value = json_is_true(inner.value);
    return json_is_boolean(inner.value) || node_refuse(&inner, "is neither true nor false");
}

bool protocol_band(const Node *node, const char *key, const char *const name[3], double least,
                   double most, double band[3])
{
    const char *const known[] = {name[0], name[1], name[2], NULL};
    Node inner;
    if (!protocol_enter_child(node, key, known, &inner))
        return false;
    for (int i = 0; i < 3; i++)
        if (!node_number(&inner, name[i], least, most, &band[i]))
            return false;
    return (band[0] <= band[1] && band[1] <= band[2]) ||
           node_refuse(&inner, "has %s %g, %s %g, %s %g: they must not fall", name[0], band[0],
                       name[1], band[1], name[2], band[2]);
}

bool protocol_ends(const Node *node, double most, double *low, double *high)
{
    return node_number(node, "low", 0.01, most, low) &&
           node_number(node, "high", 0.01, most, high) &&
           (*low <= *high || node_refuse(node, "has low %g above high %g", *low, *high));
}
