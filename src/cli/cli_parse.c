#include "cli/cli.h"

#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const CliOption cli_common_options[] = {
    {"json", CLI_FLAG, NULL, "say the result as JSON on standard output", 0, 0, CLI_INCIDENTAL},
    {"quiet", CLI_FLAG, NULL, "no progress and no warnings on standard error", 0, 0,
     CLI_INCIDENTAL},
    {"help", CLI_FLAG, NULL, "show this help", 0, 0, CLI_INCIDENTAL},
    {0},
};

int cli_misuse(const char *command, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    fprintf(stderr, "follicle %s: ", command);
    vfprintf(stderr, fmt, list);
    fprintf(stderr, "\nTry 'follicle %s --help'.\n", command);
    va_end(list);
    return CLI_USAGE;
}

int cli_fail(const Err *err)
{
    fprintf(stderr, "follicle: %s\n", err->text);
    return CLI_FAILED;
}

static const CliOption *find_in(const CliOption *table, const char *name, size_t length)
{
    for (; table->name != NULL; table++)
        if (strlen(table->name) == length && memcmp(table->name, name, length) == 0)
            return table;
    return NULL;
}

static const CliOption *find(const CliCommand *command, const char *name, size_t length)
{
    const CliOption *option = find_in(command->option, name, length);
    return option != NULL ? option : find_in(cli_common_options, name, length);
}

static bool check_value(const CliCommand *command, const CliOption *option, const char *text,
                        double *number)
{
    long whole = 0;
    bool ok = true;
    switch (option->kind) {
    case CLI_FLAG:
    case CLI_TEXT:
        return true;
    case CLI_NUMBER:
        ok = text_to_double(text_span(text), number);
        break;
    case CLI_INTEGER:
        ok = text_to_long(text_span(text), &whole);
        *number = (double)whole;
        break;
    }
    if (!ok || isnan(*number)) {
        cli_misuse(command->name, "--%s takes a %s, not '%s'", option->name,
                   option->kind == CLI_INTEGER ? "whole number" : "number", text);
        return false;
    }
    if (*number < option->low || *number > option->high) {
        cli_misuse(command->name, "--%s=%s is not within %g to %g", option->name, text, option->low,
                   option->high);
        return false;
    }
    return true;
}

static bool add(const CliCommand *command, CliArgs *args, const CliOption *option, const char *text)
{
    double number = 0.0;
    if (!check_value(command, option, text, &number))
        return false;
    if (option->trait != CLI_REPEATS && cli_has(args, option->name)) {
        cli_misuse(command->name, "--%s is given twice", option->name);
        return false;
    }
    if (args->item_count == CLI_ITEMS) {
        cli_misuse(command->name, "more than %d options", CLI_ITEMS);
        return false;
    }
    args->item[args->item_count].option = option;
    args->item[args->item_count].number = number;
    args->item[args->item_count++].text = text;
    return true;
}

static bool add_option(const CliCommand *command, CliArgs *args, int argc, char **argv, int *i)
{
    const char *word = argv[*i] + (argv[*i][1] == '-' ? 2 : 1);
    if (strcmp(argv[*i], "-o") == 0)
        word = "output";
    const char *equals = strchr(word, '=');
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const CliOption *option = find(command, word, length);
    if (option == NULL) {
        cli_misuse(command->name, "there is no option '%s'", argv[*i]);
        return false;
    }
    if (option->kind == CLI_FLAG) {
        if (equals != NULL) {
            cli_misuse(command->name, "--%s takes no value", option->name);
            return false;
        }
        return add(command, args, option, "");
    }
    if (equals == NULL && *i + 1 >= argc) {
        cli_misuse(command->name, "--%s needs a %s", option->name, option->argument);
        return false;
    }
    return add(command, args, option, equals != NULL ? equals + 1 : argv[++*i]);
}

static const char *without_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* What decides the result as one line; of files their names, their folders tell nothing. */
static void keep_line(CliArgs *args, const CliCommand *command)
{
    size_t room = sizeof args->line;
    int used = snprintf(args->line, room, "%s", command->name);
    for (int i = 0; i < args->operand_count && (size_t)used < room; i++)
        used += snprintf(args->line + used, room - (size_t)used, " %s",
                         without_folder(args->operand[i]));
    for (int i = 0; i < args->item_count && (size_t)used < room; i++) {
        const CliOption *option = args->item[i].option;
        if (option->trait != CLI_INCIDENTAL)
            used +=
                snprintf(args->line + used, room - (size_t)used, " --%s%s%s", option->name,
                         option->kind == CLI_FLAG ? "" : "=", without_folder(args->item[i].text));
    }
}

bool cli_parse(const CliCommand *command, int argc, char **argv, CliArgs *args)
{
    *args = (CliArgs){0};
    bool options = true;
    for (int i = 0; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!add_option(command, args, argc, argv, &i))
                return false;
        } else if (args->operand_count == CLI_OPERANDS) {
            cli_misuse(command->name, "more than %d operands", CLI_OPERANDS);
            return false;
        } else {
            args->operand[args->operand_count++] = argv[i];
        }
    }
    keep_line(args, command);
    if (cli_has(args, "help"))
        return true;
    if (args->operand_count < command->least || args->operand_count > command->most) {
        cli_misuse(command->name,
                   args->operand_count < command->least ? "%s is missing" : "takes only %s",
                   command->operands[0] != '\0' ? command->operands : "options");
        return false;
    }
    return true;
}

bool cli_has(const CliArgs *args, const char *name)
{
    return cli_repeated(args, name, 0) != NULL;
}

const char *cli_repeated(const CliArgs *args, const char *name, int k)
{
    for (int i = 0; i < args->item_count; i++)
        if (strcmp(args->item[i].option->name, name) == 0 && k-- == 0)
            return args->item[i].text;
    return NULL;
}

const char *cli_text(const CliArgs *args, const char *name, const char *fallback)
{
    const char *text = cli_repeated(args, name, 0);
    return text != NULL ? text : fallback;
}

double cli_number(const CliArgs *args, const char *name, double fallback)
{
    for (int i = 0; i < args->item_count; i++)
        if (strcmp(args->item[i].option->name, name) == 0)
            return args->item[i].number;
    return fallback;
}

void cli_print_json_text(const char *text)
{
    putchar('"');
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            printf("\\%c", *c);
        else if (*c < 32)
            printf("\\u%04x", *c);
        else
            putchar(*c);
    }
    putchar('"');
}
