/* server_internal.h - the table of what is served, and the page that shows it. */
#ifndef SERVER_SERVER_INTERNAL_H
#define SERVER_SERVER_INTERNAL_H

#include "server/server.h"

#include "base/io.h"

enum { SERVER_MAX_FILES = 256, SERVER_URL = 128 };

typedef struct ServerFile {
    char url[SERVER_URL];     /* "/preview/healed-top.png" */
    const char *type;         /* content type */
    char path[IO_PATH_LIMIT]; /* empty: bytes in memory */
    size_t size;
    const char *bytes;
} ServerFile;

typedef struct ServerTable {
    int count;
    ServerFile *file; /* [SERVER_MAX_FILES] */
} ServerTable;

/* Lists the documents and previews of a case and adds the page and its style sheet. */
MUST_CHECK bool server_table_make(Arena *arena, const char *folder, ServerTable *table, Err *err);
const ServerFile *server_table_find(const ServerTable *table, const char *url);
/* Does a Host header name this machine? port is part of it. NULL is refused. */
bool server_host_is_local(const char *host, int port);

#endif
