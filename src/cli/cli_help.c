#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

enum { HELP_WIDTH = 92, HELP_COLUMN = 30 };

/* Prints text folded at HELP_WIDTH, every line after the first indented. */
static void fold(const char *text, int column, int indent)
{
    while (*text != '\0') {
        size_t word = strcspn(text, " \n");
        if (column > indent && column + (int)word > HELP_WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
        }
        printf("%.*s", (int)word, text);
        column += (int)word;
        text += word;
        if (*text == '\n') {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (*text == ' ') {
            putchar(' ');
            column++;
        }
        if (*text != '\0')
            text++;
    }
    putchar('\n');
}

static void help_options(const CliOption *option)
{
    for (; option->name != NULL; option++) {
        int used = printf("  --%s%s%s", option->name, option->kind == CLI_FLAG ? "" : "=",
                          option->kind == CLI_FLAG ? "" : option->argument);
        if (used >= HELP_COLUMN - 1)
            used = 0 * printf("\n");
        printf("%*s", HELP_COLUMN - used, "");
        fold(option->help, HELP_COLUMN, HELP_COLUMN);
    }
}

void cli_print_help(const CliCommand *command)
{
    printf("follicle %s %s%s[OPTION]...\n\n", command->name, command->operands,
           command->operands[0] != '\0' ? " " : "");
    fold(command->description, 0, 0);
    printf("\nOptions\n");
    help_options(command->option);
    help_options(cli_common_options);
    printf("\nExamples\n%s\nExit status: 0 done, 1 failed, 2 wrong usage.\n", command->examples);
}

void cli_print_overview(void)
{
    printf("Follicle plans, previews and follows up scalp micropigmentation.\n\n"
           "follicle COMMAND [OPTION]... [OPERAND]...\n\nCommands\n");
    for (int i = 0; cli_commands[i] != NULL; i++)
        printf("  %-10s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
    printf("\nfollicle COMMAND --help tells more; follicle --version says which one this is.\n"
           "It works offline and sends nothing anywhere.\n");
}

/* roff: a leading dot or quote and every hyphen and backslash need care. */
static void roff(const char *text)
{
    bool line_start = true;
    for (; *text != '\0'; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            printf("\\&");
        if (*text == '\\')
            printf("\\e");
        else if (*text == '-')
            printf("\\-");
        else if (text[0] == '\n' && text[1] == '\n')
            printf("\n.PP");
        else
            putchar(*text);
        line_start = *text == '\n';
    }
    putchar('\n');
}

static void man_options(const CliOption *option)
{
    for (; option->name != NULL; option++) {
        printf(".TP\n.B \\-\\-");
        for (const char *c = option->name; *c != '\0'; c++)
            printf(*c == '-' ? "\\-" : "%c", *c);
        if (option->kind != CLI_FLAG)
            printf("\\fR=\\fI%s\\fR", option->argument);
        putchar('\n');
        roff(option->help);
    }
}

static void man_command(const CliCommand *command)
{
    printf(".SH FOLLICLE ");
    for (const char *c = command->name; *c != '\0'; c++)
        putchar(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
    printf("\n.B follicle %s\n.I %s\n[OPTION]...\n.PP\n", command->name,
           command->operands[0] != '\0' ? command->operands : "\\&");
    roff(command->description);
    man_options(command->option);
    man_options(cli_common_options);
    printf(".PP\nExamples:\n.PP\n.nf\n");
    roff(command->examples);
    printf(".fi\n");
}

void cli_print_man(void)
{
    printf(".\\\" Made by 'follicle man' from the table that --help uses.\n"
           ".TH FOLLICLE 1 \"\" \"follicle %s\" \"User Commands\"\n"
           ".SH NAME\nfollicle \\- plan, preview and follow up scalp micropigmentation\n"
           ".SH SYNOPSIS\n.B follicle\n.I COMMAND\n[OPTION]... [OPERAND]...\n"
           ".SH DESCRIPTION\n"
           "From a 3D scan of a head to a plan that can be carried out: where every dot goes, in "
           "which session,\nhow diluted, what it will look like, for how long and at what price.\n"
           "It works offline and sends nothing anywhere.\n",
           FOLLICLE_VERSION);
    for (int i = 0; cli_commands[i] != NULL; i++)
        man_command(cli_commands[i]);
    printf(".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage.\n");
}
