/* node.h - a value of a JSON document that knows where it stands, for the messages.
 *
 * Readers return false and say "case.json: dots.zones[2].wanted is not a number within 0..1".
 */
#ifndef BASE_NODE_H
#define BASE_NODE_H

#include "base/arena.h"
#include "base/err.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum { NODE_WHOLE_LIMIT = 600000, NODE_SIZE_LIMIT = 64 << 20 };
#define NODE_INT64_LIMIT INT64_C(9007199254740991) /* 2^53 - 1 */

typedef struct Node {
    json_t *value;
    char path[96]; /* of a document: its name and a colon */
    Err *err;
} Node;

/* A document "follicle/NAME" of version 1..newest: refuses what is no JSON object, names another
 * schema, or is newer than the program. node_close only after success. */
MUST_CHECK bool node_open(const char *name, int newest, size_t size, const char *bytes, Node *root,
                          int *version, Err *err);
void node_close(Node *root);

bool node_refuse(const Node *node, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool node_has(const Node *node, const char *key);
bool node_child(const Node *node, const char *key, Node *inner);
bool node_item(const Node *list, int index, Node *inner);
bool node_list(const Node *node, const char *key, int most, Node *list, int *count);
bool node_is_number(const Node *node, double low, double high, double *number);
bool node_number(const Node *node, const char *key, double low, double high, double *number);
bool node_is_whole(const Node *node, int *whole); /* 0..NODE_WHOLE_LIMIT */
bool node_whole(const Node *node, const char *key, int *whole);
bool node_is_int(const Node *node, int low, int high, int *value);
bool node_int(const Node *node, const char *key, int low, int high, int *value);
/* Money and what is counted beside it. No more than 2^53: other programs' numbers lose the rest. */
bool node_is_int64(const Node *node, int64_t low, int64_t high, int64_t *value);
bool node_int64(const Node *node, const char *key, int64_t low, int64_t high, int64_t *value);
bool node_flag(const Node *node, const char *key, bool *flag);
bool node_text(const Node *node, const char *key, size_t capacity, char text[capacity]);
/* A text of 1..capacity - 1 bytes without control characters, that can stand on paper; in the
 * arena. */
bool node_is_line(Arena *arena, const Node *node, size_t capacity, const char **line);
bool node_line(Arena *arena, const Node *node, const char *key, size_t capacity, const char **line);
/* Refuses keys that are not in the list (NULL ends it): a misspelt one is not silently ignored. */
bool node_only(const Node *node, const char *const known[]);
/* An object with these keys and no other. */
bool node_enter(const Node *node, const char *const known[]);
bool node_enter_child(const Node *node, const char *key, const char *const known[], Node *inner);
bool node_enter_item(const Node *list, int index, const char *const known[], Node *inner);

#endif
