#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

const CliCommand *const cli_commands[] = {&cli_plan,   &cli_design, &cli_shade,  &cli_dots,
                                          &cli_course, &cli_report, &cli_marker, &cli_sample,
                                          &cli_serve,  NULL};

static const CliCommand *find_command(const char *name)
{
    for (int i = 0; cli_commands[i] != NULL; i++)
        if (strcmp(cli_commands[i]->name, name) == 0)
            return cli_commands[i];
    return NULL;
}

/* What was written to stdout must have arrived: a full disk behind a pipe is a failure too. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "follicle: cannot write to standard output\n");
    return CLI_FAILED;
}

static int help(int argc, char **argv)
{
    const CliCommand *command = argc > 2 ? find_command(argv[2]) : NULL;
    if (command != NULL)
        cli_print_help(command);
    else
        cli_print_overview();
    return CLI_DONE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "follicle: a command is missing\nTry 'follicle --help'.\n");
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return finish(help(argc, argv));
    if (strcmp(argv[1], "--version") == 0) {
        printf("follicle %s\n", FOLLICLE_VERSION);
        return finish(CLI_DONE);
    }
    if (strcmp(argv[1], "man") == 0) {
        cli_print_man();
        return finish(CLI_DONE);
    }
    const CliCommand *command = find_command(argv[1]);
    if (command == NULL) {
        fprintf(stderr, "follicle: there is no command '%s'\nTry 'follicle --help'.\n", argv[1]);
        return CLI_USAGE;
    }
    CliArgs args;
    if (!cli_parse(command, argc - 2, argv + 2, &args))
        return CLI_USAGE;
    if (cli_has(&args, "help")) {
        cli_print_help(command);
        return finish(CLI_DONE);
    }
    return finish(command->run(&args));
}
