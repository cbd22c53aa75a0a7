/* server.h - a case folder as a page on this machine; reads only what was there when it started.
 *
 * The paths that can be asked for are a table made at the start; a request never becomes a path.
 * Listens on 127.0.0.1 and answers only to that name or localhost, so that a foreign page that
 * points its own name here gets nothing. The studio, where a plan is edited, is another issue.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/arena.h"
#include "base/err.h"

#include <stdatomic.h>

typedef struct ServerParams {
    const char *folder; /* a case */
    int port;           /* 0: any free one */
} ServerParams;

typedef void ServerReadyFn(void *ctx, int port);

/* Serves until *stop becomes true. ready is told the port once connections are accepted. */
MUST_CHECK bool server_run(Arena *arena, const ServerParams *params, ServerReadyFn *ready,
                           void *ctx, atomic_bool *stop, Err *err);

#endif
