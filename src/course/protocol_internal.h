/* protocol_internal.h - between the files that read protocols. */
#ifndef COURSE_PROTOCOL_INTERNAL_H
#define COURSE_PROTOCOL_INTERNAL_H

#include "base/node.h"
#include "course/protocol.h"

enum { PROTOCOL_ID_BYTES = 40 };

/* Turns a document of format 1 into one of format 2, in place. */
MUST_CHECK bool protocol_migrate_v1(const Node *root);

/* protocol_value.c: values of a document as base/node.h reads them; texts go to the arena. */

/* Ids, topics and names of views become parts of messages, file names and addresses. */
bool protocol_is_id(Arena *arena, const Node *node, const char **id);
bool protocol_id(Arena *arena, const Node *node, const char *key, const char **id);
bool protocol_source(Arena *arena, const Node *node, const char **source);
bool protocol_as_in(Arena *arena, const Node *node, const char **as_in); /* NULL: not there */
/* Three numbers that do not fall, under the names given. */
bool protocol_band(const Node *node, const char *key, const char *const name[3], double least,
                   double most, double band[3]);
/* "low" and "high" of an object; from 0.01. */
bool protocol_ends(const Node *node, double most, double *low, double *high);

#endif
