#include "cli/cli.h"
#include "cli/prints_file.h"

#include "base/text.h"
#include "course/date.h"
#include "report/marker_sheet.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const CliOption options[] = {
    {"output", CLI_TEXT, "FILE.pdf", "the pages to print (also -o FILE.pdf; - is standard output)",
     0, 0, CLI_INCIDENTAL},
    {"force", CLI_FLAG, NULL, "replace FILE.pdf if it exists", 0, 0, CLI_INCIDENTAL},
    {"kind", CLI_TEXT, "close|head|strip|all",
     "the card for close-ups, the card for photographs of the head, the strip to wear (default "
     "all)",
     0, 0, CLI_PLAIN},
    {"paper", CLI_TEXT, "a4|letter", "(default a4)", 0, 0, CLI_PLAIN},
    {"print-id", CLI_INTEGER, "N",
     "number of this print: another one for each printer and paper (default 1)", 0,
     MARKER_PRINT_IDS - 1, CLI_PLAIN},
    {"measured", CLI_TEXT, "X,Y",
     "what the two check bars of that print measure, mm: kept for all photographs with it", 0, 0,
     CLI_PLAIN},
    {"colours", CLI_TEXT, "FILE.csv",
     "with --measured: the colours of that print as an instrument reads them, lines name,L,a,b "
     "(D65, 2 degrees), one for each patch",
     0, 0, CLI_PLAIN},
    {"date", CLI_TEXT, "YYYY-MM-DD", "of the measurement (default today)", 0, 0, CLI_PLAIN},
    {"prints", CLI_TEXT, "FILE.json",
     "the measured prints (default $XDG_DATA_HOME/follicle/prints.json, or "
     "~/.local/share/follicle/prints.json)",
     0, 0, CLI_INCIDENTAL},
    {"list", CLI_FLAG, NULL, "show the measured prints", 0, 0, CLI_INCIDENTAL},
    {0},
};

enum { ARENA_BYTES = 64 << 20, COLOURS_LIMIT = 1 << 16 };

/* ---- what is said ---- */

static void print_row(const MarkerPrint *print)
{
    printf("print %05d  %s  x %+.2f %%, y %+.2f %%%s\n", print->print_id, print->date,
           100.0 * (print->factor_x - 1.0), 100.0 * (print->factor_y - 1.0),
           print->patch_count > 0 ? ", colours measured" : "");
}

static int print_list(Arena *arena, const MarkerPrints *prints, bool json)
{
    Err err = {0};
    size_t size;
    char *text;
    if (json) {
        if (!marker_prints_to_json(arena, prints, &size, &text, &err))
            return cli_fail(&err);
        fwrite(text, 1, size, stdout);
        return CLI_DONE;
    }
    for (int i = 0; i < prints->count; i++)
        print_row(&prints->print[i]);
    if (prints->count == 0)
        printf("no print is measured yet: follicle marker --measured=X,Y --print-id=N\n");
    return CLI_DONE;
}

/* ---- --measured ---- */

static bool read_lengths(const char *text, double *x_mm, double *y_mm)
{
    const char *comma = strchr(text, ',');
    return comma != NULL && text_to_double((TextSpan){text, (size_t)(comma - text)}, x_mm) &&
           text_to_double(text_span(comma + 1), y_mm);
}

/* The one place where the clock is read: on which day somebody measured. */
static void today(char date[12])
{
    time_t now = time(NULL);
    struct tm local = {0};
    if (localtime_r(&now, &local) == NULL || strftime(date, 12, "%Y-%m-%d", &local) == 0)
        snprintf(date, 12, "1970-01-01");
}

static bool read_colours(Arena *arena, const char *path, const Marker *marker, MarkerPrint *print,
                         Err *err)
{
    size_t size;
    uint8_t *bytes;
    Err cause = {0};
    if (!io_read_file(arena, path, COLOURS_LIMIT, &size, &bytes, err))
        return false;
    return marker_print_colours(marker, size, (const char *)bytes, print, &cause) ||
           err_set(err, cause.code, "%.200s: %.280s", path, cause.text);
}

/* In the order of their ids; a print that is measured again keeps its colours unless new ones come
 * with it. */
static bool put_print(Arena *arena, MarkerPrints *prints, const MarkerPrint *print, Err *err)
{
    MarkerPrint *list = ARENA_NEW(arena, MarkerPrint, (size_t)prints->count + 1);
    int count = 0, i = 0;
    if (list == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d prints", prints->count + 1);
    while (i < prints->count && prints->print[i].print_id < print->print_id)
        list[count++] = prints->print[i++];
    list[count++] = *print;
    if (i < prints->count && prints->print[i].print_id == print->print_id) {
        MarkerPrint old = prints->print[i++];
        if (print->patch_count == 0) {
            old.factor_x = print->factor_x;
            old.factor_y = print->factor_y;
            memcpy(old.date, print->date, sizeof old.date);
            list[count - 1] = old;
        }
    }
    while (i < prints->count)
        list[count++] = prints->print[i++];
    if (count > MARKER_MAX_PRINTS)
        return err_set(err, ERR_LIMIT, "%d prints are measured, more are not kept: use an old id",
                       MARKER_MAX_PRINTS);
    *prints = (MarkerPrints){.count = count, .print = list};
    return true;
}

static int measure(Arena *arena, const CliArgs *args, Marker *marker)
{
    double x_mm, y_mm;
    Err err = {0};
    MarkerPrint *print = ARENA_NEW(arena, MarkerPrint, 1);
    MarkerPrints prints;
    CourseDate date;
    const char *path = cli_text(args, "prints", NULL);
    if (!read_lengths(cli_text(args, "measured", ""), &x_mm, &y_mm))
        return cli_misuse("marker", "--measured takes two lengths in mm, such as 99.6,99.8");
    if (!cli_has(args, "print-id"))
        return cli_misuse("marker", "--measured needs --print-id=N, as printed on the page");
    if (!marker_print_measure(marker, x_mm, y_mm, print, &err))
        return cli_fail(&err);
    today(print->date);
    if (cli_has(args, "date")) {
        if (!course_date_parse(cli_text(args, "date", ""), &date, &err))
            return cli_fail(&err);
        course_date_text(date, print->date);
    }
    if (cli_has(args, "colours") &&
        !read_colours(arena, cli_text(args, "colours", ""), marker, print, &err))
        return cli_fail(&err);
    if (!prints_file_read(arena, path, false, &prints, &err) ||
        !put_print(arena, &prints, print, &err) || !prints_file_write(arena, path, &prints, &err))
        return cli_fail(&err);
    const MarkerPrint *kept = marker_prints_find(&prints, print->print_id);
    if (kept != NULL)
        *print = *kept;
    if (cli_has(args, "json"))
        return print_list(arena, &(MarkerPrints){.count = 1, .print = print}, true);
    print_row(print);
    return CLI_DONE;
}

/* ---- the pages ---- */

static bool read_kinds(const char *name, unsigned *kinds)
{
    *kinds = strcmp(name, "all") == 0 ? (1u << MARKER_KINDS) - 1 : 0;
    for (int kind = 0; kind < MARKER_KINDS; kind++)
        if (strcmp(name, marker_kind_name((MarkerKind)kind)) == 0)
            *kinds = 1u << kind;
    return *kinds != 0;
}

static void warn_measured(Arena *arena, const CliArgs *args, int print_id)
{
    Err ignored;
    MarkerPrints prints;
    if (cli_has(args, "quiet") ||
        !prints_file_read(arena, cli_text(args, "prints", NULL), false, &prints, &ignored))
        return;
    const MarkerPrint *print = marker_prints_find(&prints, print_id);
    if (print != NULL)
        fprintf(stderr,
                "note: print %05d was measured on %s; on another printer or paper use another "
                "--print-id\n",
                print_id, print->date);
}

static bool write_pages(const CliArgs *args, const char *path, size_t size, const uint8_t *bytes,
                        Err *err)
{
    if (strcmp(path, "-") == 0)
        return fwrite(bytes, 1, size, stdout) == size ||
               err_set(err, ERR_IO, "cannot write to standard output");
    if (!cli_has(args, "force") && access(path, F_OK) == 0)
        return err_set(err, ERR_INPUT, "'%s' exists: choose another name or give --force", path);
    return io_write_file(path, size, bytes, err);
}

static int pages(Arena *arena, const CliArgs *args, int print_id)
{
    unsigned kinds;
    size_t size;
    uint8_t *bytes;
    Err err = {0};
    const char *path = cli_text(args, "output", NULL), *paper = cli_text(args, "paper", "a4");
    bool letter = strcmp(paper, "letter") == 0;
    if (path == NULL)
        return cli_misuse("marker", "say where the pages go: -o FILE.pdf");
    if (!letter && strcmp(paper, "a4") != 0)
        return cli_misuse("marker", "--paper is a4 or letter, not '%s'", paper);
    if (!read_kinds(cli_text(args, "kind", "all"), &kinds))
        return cli_misuse("marker", "--kind is close, head, strip or all, not '%s'",
                          cli_text(args, "kind", "all"));
    if (!report_marker_pdf(arena, letter ? REPORT_LETTER : REPORT_A4, kinds, print_id, &size,
                           &bytes, &err) ||
        !write_pages(args, path, size, bytes, &err))
        return cli_fail(&err);
    warn_measured(arena, args, print_id);
    if (strcmp(path, "-") == 0)
        return CLI_DONE;
    if (cli_has(args, "json")) {
        printf("{\"file\": ");
        cli_print_json_text(path);
        printf(", \"bytes\": %zu, \"print_id\": %d, \"bar_mm\": [100, 100]}\n", size, print_id);
    } else {
        printf("%s: print at 100 %%, measure both bars, then\n"
               "  follicle marker --print-id=%d --measured=X,Y\n",
               path, print_id);
    }
    return CLI_DONE;
}

/* ---- the command ---- */

static int list(Arena *arena, const CliArgs *args)
{
    Err err = {0};
    MarkerPrints prints;
    return prints_file_read(arena, cli_text(args, "prints", NULL), true, &prints, &err)
               ? print_list(arena, &prints, cli_has(args, "json"))
               : cli_fail(&err);
}

static int act(Arena *arena, const CliArgs *args)
{
    Err err = {0};
    int print_id = (int)cli_number(args, "print-id", 1.0);
    Marker *marker = ARENA_NEW(arena, Marker, 1);
    bool lists = cli_has(args, "list"), measures = cli_has(args, "measured");
    if (lists + measures + cli_has(args, "output") > 1)
        return cli_misuse("marker", "-o, --measured and --list are three different things: one at "
                                    "a time");
    if (!measures && (cli_has(args, "colours") || cli_has(args, "date")))
        return cli_misuse("marker", "--colours and --date go with --measured=X,Y");
    if (lists)
        return list(arena, args);
    if (!measures)
        return pages(arena, args, print_id);
    if (!marker_make(MARKER_CLOSE, print_id, marker, &err))
        return cli_fail(&err);
    return measure(arena, args, marker);
}

static int run(const CliArgs *args)
{
    Arena arena = {0};
    Err err = {0};
    int status = arena_open(&arena, ARENA_BYTES, &err) ? act(&arena, args) : cli_fail(&err);
    arena_close(&arena);
    return status;
}

const CliCommand cli_marker = {
    .name = "marker",
    .operands = "",
    .least = 0,
    .most = 0,
    .summary = "the printed cards and strip from which photographs get millimetres and colours",
    .description =
        "Writes the pages to print: a card with a 30 mm window for close-ups, a card of 100 mm for "
        "photographs of the head, a strip to wear under the treated area. Each page says how to "
        "make and use it.\n\n"
        "No printer is exact: measure the two check bars of a page and type their lengths in with "
        "--measured. The factor is kept with the number of the print, which stands in the marker, "
        "so that every photograph finds it. If x and y differ by more than 1 %, or one is 8 % off, "
        "the print is refused.\n\n"
        "Printed colours are used only against each other, unless --colours says what an "
        "instrument reads on this print, or a ColorChecker is in the photograph.",
    .examples = "  follicle marker -o marker.pdf\n"
                "  follicle marker --paper=letter --kind=strip --print-id=7 -o strip.pdf\n"
                "  follicle marker --print-id=7 --measured=99.6,99.8\n"
                "  follicle marker --print-id=7 --measured=99.6,99.8 --colours=print7.csv\n"
                "  follicle marker --list --json\n",
    .option = options,
    .run = run,
};
