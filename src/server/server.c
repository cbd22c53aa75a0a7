#include "server/server_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 32, MAX_PER_ADDRESS = 32, TIMEOUT_S = 15, CONNECTION_BYTES = 16 << 10 };

typedef struct Server {
    ServerTable table;
    atomic_int port; /* set once the socket is bound, while requests may already come */
} Server;

static void secure(struct MHD_Response *response)
{
    static const struct {
        const char *name, *value;
    } headers[] = {
        {"Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'self'; "
                                    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cache-Control", "no-store"},
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        MHD_add_response_header(response, headers[i].name, headers[i].value);
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *text)
{
    static const char type[] = "text/plain; charset=utf-8";
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    secure(response);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static struct MHD_Response *open_file(const ServerFile *file)
{
    if (file->bytes != NULL)
        return MHD_create_response_from_buffer(file->size, (void *)(uintptr_t)file->bytes,
                                               MHD_RESPMEM_PERSISTENT);
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    return MHD_create_response_from_fd64((uint64_t)info.st_size, fd); /* owns fd */
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    (void)version, (void)upload, (void)state;
    const Server *server = ctx;
    const char *host =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are answered\n");
    if (*upload_size != 0)
        return answer(connection, MHD_HTTP_CONTENT_TOO_LARGE, "a request has no body here\n");
    if (!server_host_is_local(host, atomic_load(&server->port)))
        return answer(connection, MHD_HTTP_MISDIRECTED_REQUEST, "this server is 127.0.0.1\n");
    const ServerFile *file = server_table_find(&server->table, url);
    if (file == NULL)
        return answer(connection, MHD_HTTP_NOT_FOUND, "there is no such page\n");
    struct MHD_Response *response = open_file(file);
    if (response == NULL)
        return answer(connection, MHD_HTTP_GONE, "the case has changed: start the server again\n");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, file->type);
    secure(response);
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

bool server_run(Arena *arena, const ServerParams *params, ServerReadyFn *ready, void *ctx,
                atomic_bool *stop, Err *err)
{
    Server server = {0};
    if (!server_table_make(arena, params->folder, &server.table, err))
        return false;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)params->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, handle, &server,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)MAX_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)MAX_PER_ADDRESS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_BYTES, MHD_OPTION_END);
    if (daemon == NULL)
        return err_set(err, ERR_IO, "cannot listen on 127.0.0.1:%d: %s", params->port,
                       strerror(errno));
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    atomic_store(&server.port, info != NULL ? info->port : params->port);
    ready(ctx, atomic_load(&server.port));
    while (!atomic_load(stop))
        nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
    MHD_stop_daemon(daemon);
    return true;
}
