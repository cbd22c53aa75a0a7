#include "cli/cli.h"

#include "audit/audit.h"

#include <stdio.h>

static const CliOption options[] = {
    {"check", CLI_FLAG, NULL, "measure the case again and say what a practitioner would see", 0, 0,
     CLI_PLAIN},
    {"memory-mb", CLI_NUMBER, "MB", "most memory to use (default 1024)", 64, 65536, CLI_INCIDENTAL},
    {0},
};

/* Prints the audit; *defects is what it found. */
static bool check(const char *folder, bool json, size_t limit_bytes, const Progress *progress,
                  int *defects, Err *err)
{
    Arena arena = {0}, scratch = {0};
    size_t size = 0;
    char *text = NULL;
    bool ok =
        arena_open(&arena, limit_bytes / 2, err) && arena_open(&scratch, limit_bytes / 4, err);
    CaseRead *read = ok ? ARENA_NEW(&arena, CaseRead, 1) : NULL;
    Audit *audit = ok ? ARENA_NEW(&arena, Audit, 1) : NULL;
    if (ok && (read == NULL || audit == NULL))
        ok = err_set(err, ERR_LIMIT, "no room for the audit within the memory limit");
    ok = ok && casefile_read(&arena, &scratch, folder, read, err) &&
         audit_case(&arena, &scratch, read, progress, audit, err) &&
         (json ? audit_to_json : audit_to_text)(&arena, read, audit, &size, &text, err);
    if (ok) {
        fwrite(text, 1, size, stdout);
        *defects = audit->defect_count;
    }
    arena_close(&scratch);
    arena_close(&arena);
    return ok;
}

static int run(const CliArgs *args)
{
    CliMeter meter;
    Err err = {0};
    int defects = 0;
    if (!cli_has(args, "check"))
        return cli_misuse("dots", "--check is missing: the dots themselves are placed by "
                                  "'follicle plan'");
    double memory_mb = cli_number(args, "memory-mb", 1024.0);
    cli_limit_memory(memory_mb, 1);
    Progress progress = cli_progress(&meter, cli_has(args, "quiet"));
    bool ok = check(args->operand[0], cli_has(args, "json"), (size_t)(memory_mb * 1048576.0),
                    &progress, &defects, &err);
    cli_progress_end(&meter);
    if (!ok)
        return cli_fail(&err);
    return defects == 0 ? CLI_DONE : CLI_FAILED;
}

const CliCommand cli_dots = {
    .name = "dots",
    .operands = "CASE",
    .least = 1,
    .most = 1,
    .summary = "check the dots of a case",
    .description =
        "Measures the dots of a case folder again, from its files alone: counts by session and "
        "zone against the density and the shares; distances between dots, and from dots to hairs, "
        "grafts and earlier dots; places against the skin, the design and areas to be kept free; "
        "gaps, clumps, lattices and blotches of every session; and the room that is left. Says in "
        "words what would be seen, and where: left and right are the client's.\n\n"
        "A defect makes the exit status 1. A remark does not: a file that somebody edited, a "
        "density that will run together in some years.",
    .examples = "  follicle dots --check case\n  follicle dots --check --json case > audit.json\n",
    .option = options,
    .run = run,
};
