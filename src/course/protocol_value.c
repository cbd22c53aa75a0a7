#include "course/protocol_internal.h"

#include <string.h>

enum { SOURCE_BYTES = 1024 };

bool protocol_is_id(Arena *arena, const Node *node, const char **id)
{
    return node_is_line(arena, node, PROTOCOL_ID_BYTES, id) &&
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
    return node_line(arena, node, "source", SOURCE_BYTES, source);
}

bool protocol_as_in(Arena *arena, const Node *node, const char **as_in)
{
    *as_in = NULL;
    return !node_has(node, "as_in") || protocol_id(arena, node, "as_in", as_in);
}

bool protocol_band(const Node *node, const char *key, const char *const name[3], double least,
                   double most, double band[3])
{
    const char *const known[] = {name[0], name[1], name[2], NULL};
    Node inner;
    if (!node_enter_child(node, key, known, &inner))
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
