#include "cli/cli.h"

#include "server/server.h"

#include <stdio.h>

static const CliOption options[] = {
    {"port", CLI_INTEGER, "PORT", "to listen on, 0 for any free one (default 8420)", 0, 65535,
     CLI_PLAIN},
    {0},
};

static void ready(void *ctx, int port)
{
    (void)ctx;
    printf("http://127.0.0.1:%d\n", port);
    fflush(stdout);
}

static int run(const CliArgs *args)
{
    Arena arena = {0};
    CliMeter meter;
    Err err = {0};
    Progress progress = cli_progress(&meter, true);
    ServerParams params = {.folder = args->operand[0],
                           .port = (int)cli_number(args, "port", 8420.0)};
    bool ok = arena_open(&arena, (size_t)4 << 20, &err) &&
              server_run(&arena, &params, ready, NULL, progress.cancel, &err);
    arena_close(&arena);
    return ok ? CLI_DONE : cli_fail(&err);
}

const CliCommand cli_serve = {
    .name = "serve",
    .operands = "CASE",
    .least = 1,
    .most = 1,
    .summary = "show a case on http://127.0.0.1:PORT",
    .description = "Shows the pictures and documents of a case folder as a page. Listens on this "
                   "machine only, changes nothing, ends with Ctrl-C.",
    .examples = "  follicle serve case\n  follicle serve --port=9000 case\n",
    .option = options,
    .run = run,
};
