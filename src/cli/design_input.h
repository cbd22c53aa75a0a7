/* design_input.h - what the command line says of a design: recipes, documents, the client. */
#ifndef CLI_DESIGN_INPUT_H
#define CLI_DESIGN_INPUT_H

#include "base/text.h"
#include "cli/cli.h"
#include "design/file.h"
#include "rules/rules.h"

/* Options of every command that makes a design from a recipe. */
#define DESIGN_INPUT_OPTIONS                                                                         \
    {"preset",    CLI_TEXT,                                                                          \
     "NAME|FILE", "start from a recipe ('follicle design --list'); other options change it",         \
     0,           0,                                                                                 \
     CLI_PLAIN},                                                                                     \
        {"bare", CLI_FLAG, NULL,     "cover what the scan shows bare behind the hairline",           \
         0,      0,        CLI_PLAIN},                                                               \
        {"norwood", CLI_INTEGER, "1..7",   "cover what this stage of male pattern hair loss lacks",  \
         1,         7,           CLI_PLAIN},                                                         \
        {"ludwig", CLI_INTEGER,                                                                      \
         "1..3",   "thicken what this stage of female pattern hair loss lacks",                      \
         1,        3,                                                                                \
         CLI_PLAIN},                                                                                 \
        {"patch",                                                                                    \
         CLI_TEXT,                                                                                   \
         "POINTS",                                                                                   \
         "cover the inside of an outline: at least three points X,Y,Z on the scan, in its own "      \
         "unit and frame, separated by blanks",                                                      \
         0,                                                                                          \
         0,                                                                                          \
         CLI_REPEATS},                                                                               \
        {"scar", CLI_TEXT, "POINTS",   "cover a scar along two or more points X,Y,Z",                \
         0,      0,        CLI_REPEATS},                                                             \
        {"scar-width-mm", CLI_NUMBER, "MM", "width of the scars (default 4)", 0.5, 40, CLI_PLAIN},   \
        {"punch", CLI_TEXT, "POINTS",   "cover dotted scars of single grafts at points X,Y,Z",       \
         0,       0,        CLI_REPEATS},                                                            \
        {"punch-width-mm", CLI_NUMBER, "MM", "width of each (default 1.5)", 0.5, 40, CLI_PLAIN},     \
        {"burn", CLI_TEXT, "POINTS", "cover a burn inside an outline", 0, 0, CLI_REPEATS},           \
        {"scar-age-months", CLI_NUMBER, "MONTHS", "since scars and burns have healed", 0.1, 1200,    \
         CLI_PLAIN},                                                                                 \
        {"diffuse", CLI_TEXT, "POINTS", "thicken thin hair inside an outline", 0, 0, CLI_REPEATS},   \
        {"part-line", CLI_TEXT, "POINTS", "thicken long hair along its parting", 0, 0, CLI_REPEATS}, \
        {"part-width-mm",                                                                            \
         CLI_NUMBER,                                                                                 \
         "MM",                                                                                       \
         "width of the band under the parting (default 25)",                                         \
         2,                                                                                          \
         60,                                                                                         \
         CLI_PLAIN},                                                                                 \
        {"missing-share",                                                                            \
         CLI_NUMBER,                                                                                 \
         "SHARE",                                                                                    \
         "of the hair, in --diffuse and --part-line (default 0.5)",                                  \
         0.05,                                                                                       \
         1,                                                                                          \
         CLI_PLAIN},                                                                                 \
        {"keep-out", CLI_TEXT,                                                                       \
         "POINTS",   "leave an area free: three or more points X,Y,Z around it, such as a mole",     \
         0,          0,                                                                              \
         CLI_REPEATS},                                                                               \
        {"density-per-cm2",                                                                          \
         CLI_NUMBER,                                                                                 \
         "N",                                                                                        \
         "dots per cm2 where nothing grows, after the last session (default 150)",                   \
         20,                                                                                         \
         300,                                                                                        \
         CLI_PLAIN},                                                                                 \
        {"construction",                                                                             \
         CLI_TEXT,                                                                                   \
         "NAME",                                                                                     \
         "of the hairline: eight_cm (default), height, thirds, by_age or old_line",                  \
         0,                                                                                          \
         0,                                                                                          \
         CLI_PLAIN},                                                                                 \
        {"hairline-height-mm",                                                                       \
         CLI_NUMBER,                                                                                 \
         "MM",                                                                                       \
         "glabella to the middle of the hairline along the skin (default 80)",                       \
         50,                                                                                         \
         110,                                                                                        \
         CLI_PLAIN},                                                                                 \
        {"old-line",                                                                                 \
         CLI_TEXT,                                                                                   \
         "POINTS",                                                                                   \
         "the line that there was, left to right, at points X,Y,Z: vellus hair, an old "             \
         "photograph",                                                                               \
         0,                                                                                          \
         0,                                                                                          \
         CLI_PLAIN},                                                                                 \
        {"form",   CLI_TEXT,                                                                         \
         "NAME",   "of the hairline: linear (default), m, round, triangular or widows_peak",         \
         0,        0,                                                                                \
         CLI_PLAIN},                                                                                 \
        {"front",  CLI_TEXT,                                                                         \
         "NAME",   "natural (default), soft, defined or straight; straight is to be confirmed",      \
         0,        0,                                                                                \
         CLI_PLAIN},                                                                                 \
        {"sideburn", CLI_TEXT, "NAME", "kept (default), tapered or square", 0, 0, CLI_PLAIN},        \
        {"transition-mm", CLI_NUMBER, "MM", "depth of the feathered front (default 10)", 0, 30,      \
         CLI_PLAIN},                                                                                 \
        {"irregularity-mm",                                                                          \
         CLI_NUMBER,                                                                                 \
         "MM",                                                                                       \
         "waver of single hairs along the line, standard deviation (default 1.3)",                   \
         0,                                                                                          \
         4,                                                                                          \
         CLI_PLAIN},                                                                                 \
        {"asymmetry-mm",                                                                             \
         CLI_NUMBER,                                                                                 \
         "MM",                                                                                       \
         "by which left and right differ, standard deviation (default 0.6)",                         \
         0,                                                                                          \
         3,                                                                                          \
         CLI_PLAIN},                                                                                 \
        {"marks",                                                                                    \
         CLI_TEXT,                                                                                   \
         "dots|lines",                                                                               \
         "dots (default), or short lines along the growth for a grown-out look",                     \
         0,                                                                                          \
         0,                                                                                          \
         CLI_PLAIN},                                                                                 \
        {"line-mm", CLI_NUMBER, "MM", "length of the lines (default 1)", 0.3, 3, CLI_PLAIN},         \
        {"rows", CLI_NUMBER, "R", "faint rows along the growth (default 0)", 0, 0.3, CLI_PLAIN},     \
        {"dot-diameter-mm", CLI_NUMBER, "MM", "of a healed dot (default 0.30)", 0.1, 0.8,            \
         CLI_PLAIN},                                                                                 \
        {"counter-clockwise", CLI_FLAG, NULL, "the crown turns the other way", 0, 0, CLI_PLAIN},     \
        {"sex", CLI_TEXT, "male|female", "for the guard-rails, as all below", 0, 0, CLI_PLAIN},      \
        {"age", CLI_NUMBER, "YEARS", "of the client", 10, 110, CLI_PLAIN},                           \
        {"brow-crease-mm",                                                                           \
         CLI_NUMBER,                                                                                 \
         "MM",                                                                                       \
         "glabella to the upper edge of the forehead that moves",                                    \
         20,                                                                                         \
         110,                                                                                        \
         CLI_PLAIN},                                                                                 \
        {"active-loss", CLI_TEXT, "yes|no", "hair is being lost now", 0, 0, CLI_PLAIN},              \
        {"patch-test-passed",                                                                        \
         CLI_TEXT,                                                                                   \
         "yes|no",                                                                                   \
         "without a reaction; absent: not made",                                                     \
         0,                                                                                          \
         0,                                                                                          \
         CLI_PLAIN},                                                                                 \
        {"keloid", CLI_TEXT, "yes|no", "scars that grow, in the client or the family",               \
         0,        0,        CLI_PLAIN},                                                             \
        {"skin-disease", CLI_TEXT, "yes|no", "of the scalp", 0, 0, CLI_PLAIN},                       \
        {"straight-wanted", CLI_TEXT, "yes|no", "the client asks for a straight edge", 0, 0,         \
         CLI_PLAIN},                                                                                 \
        {"long-hair", CLI_FLAG, NULL, "worn long, not shaved", 0, 0, CLI_PLAIN},                     \
        {"confirm",  CLI_TEXT,                                                                       \
         "RULE",     "a guard-rail that client and practitioner have agreed to pass",                \
         0,          0,                                                                              \
         CLI_REPEATS},                                                                               \
    {                                                                                                \
        "rules", CLI_TEXT, "FILE", "the clinic's own guard-rails", 0, 0, CLI_PLAIN                   \
    }

/* Says which recipe option was given beside a document, which already says what is wanted. */
bool design_input_excluded(const CliArgs *args);
bool design_input_point(TextSpan span, Vec3 *point); /* "X,Y,Z" */
/* "X,Y,Z X,Y,Z ..." */
bool design_input_points(const char *text, int capacity, Vec3 point[], int *count);
/* Regions by hand, at the end; of a preset's examples of the same kind, clicked places remain. */
bool design_input_regions(const CliArgs *args, DesignRequest *design);
/* Construction, form, front and figures of the hairline. */
bool design_input_hairline(const CliArgs *args, DesignRequest *design);
/* What the guard-rails need to know; what is not given stays as it is. */
bool design_input_client(const CliArgs *args, DesignClient *client);
bool design_input_marks(const CliArgs *args, DesignMarks *marks);
/* The options into a recipe that holds the defaults or a preset; false: the mistake was said. */
bool design_input(const CliArgs *args, DesignRequest *design);
/* Whether anything shall be covered; false: the mistake was said. */
bool design_input_covers(const DesignRequest *design);
/* A built-in name, or a file when it has a dot or a slash. */
MUST_CHECK bool design_input_preset(Arena *arena, const char *name, DesignPreset *preset, Err *err);
MUST_CHECK bool design_input_document(Arena *arena, const char *path, Design *design, Err *err);
/* path NULL: the built-in guard-rails. */
MUST_CHECK bool design_input_rules(Arena *arena, const char *path, RuleSet *rules, Err *err);
/* Adds what --confirm=RULE names. */
MUST_CHECK bool design_input_confirm(const CliArgs *args, const RuleSet *rules, int *count,
                                     char confirmed[DESIGN_CONFIRMED][DESIGN_NAME], Err *err);

#endif
