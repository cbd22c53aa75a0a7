/* cli.h - the command line: one table of commands, from which parsing, --help and the man page
 * come. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/progress.h"

#include <stdbool.h>

enum { CLI_ITEMS = 128, CLI_OPERANDS = 16 };

typedef enum CliKind { CLI_FLAG, CLI_TEXT, CLI_NUMBER, CLI_INTEGER } CliKind;

typedef enum CliTrait {
    CLI_PLAIN,
    CLI_REPEATS,    /* may be given more than once */
    CLI_INCIDENTAL, /* changes no byte of the result: left out of the case's record */
} CliTrait;

typedef struct CliOption {
    const char *name; /* without the dashes; NULL ends a table */
    CliKind kind;
    const char *argument; /* its name in the help */
    const char *help;
    double low, high; /* of numbers */
    CliTrait trait;
} CliOption;

typedef struct CliArgs {
    int item_count;
    struct {
        const CliOption *option;
        const char *text;
        double number;
    } item[CLI_ITEMS];
    int operand_count;
    const char *operand[CLI_OPERANDS];
    char line[4096]; /* what decides the result, as given, for the case's record */
} CliArgs;

typedef struct CliCommand {
    const char *name, *operands; /* "HEAD" */
    int least, most;             /* number of operands */
    const char *summary;         /* one line */
    const char *description;     /* paragraphs, separated by an empty line */
    const char *examples;        /* lines */
    const CliOption *option;
    int (*run)(const CliArgs *args);
} CliCommand;

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

extern const CliCommand cli_course, cli_design, cli_dots, cli_marker, cli_plan, cli_report,
    cli_sample, cli_serve, cli_shade;
extern const CliCommand *const cli_commands[]; /* NULL ends it */

/* Options of every command. */
extern const CliOption cli_common_options[];

/* Reads argv[0..argc) after the command's name; on a mistake says what, on stderr, and is false. */
bool cli_parse(const CliCommand *command, int argc, char **argv, CliArgs *args);
bool cli_has(const CliArgs *args, const char *name);
const char *cli_text(const CliArgs *args, const char *name, const char *fallback);
double cli_number(const CliArgs *args, const char *name, double fallback);
/* The k-th value of a repeated option, NULL beyond the last. */
const char *cli_repeated(const CliArgs *args, const char *name, int k);
/* Says a usage mistake that only the command can see; returns CLI_USAGE. */
int cli_misuse(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Says why a command failed; returns CLI_FAILED. */
int cli_fail(const Err *err);

void cli_print_help(const CliCommand *command);
void cli_print_overview(void);
void cli_print_man(void);

/* A string as JSON, in its quotes, on stdout. */
void cli_print_json_text(const char *text);

/* A meter on stderr when that is a terminal; SIGINT and SIGTERM cancel. */
typedef struct CliMeter {
    atomic_flag busy; /* reports come from several threads: one draws, the others go on */
    bool shown, silent;
    double started_s, last_s;
} CliMeter;
Progress cli_progress(CliMeter *meter, bool quiet);
void cli_progress_end(CliMeter *meter);
/* Bounds what the process may allocate beside its arenas. */
void cli_limit_memory(double memory_mb, int threads);

#endif
