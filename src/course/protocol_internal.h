/* protocol_internal.h - between the files that read protocols. */
#ifndef COURSE_PROTOCOL_INTERNAL_H
#define COURSE_PROTOCOL_INTERNAL_H

#include "base/node.h"
#include "course/protocol.h"

/* Turns a document of format 1 into one of format 2, in place. */
MUST_CHECK bool protocol_migrate_v1(const Node *root);

#endif
