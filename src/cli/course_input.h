/* course_input.h - what the command line says of a course: how a clinic works, what it asks, when
 * it is open, and how its papers look. Shared by plan, course and report. */
#ifndef CLI_COURSE_INPUT_H
#define CLI_COURSE_INPUT_H

#include "cli/cli.h"
#include "plan/papers.h"

/* clang-format off */
#define COURSE_INPUT_OPTIONS                                                                       \
    {"protocol", CLI_TEXT, "NAME|FILE",                                                            \
     "sessions, gaps, pace, aftercare: a built-in name or a JSON file (default: the case's, or "   \
     "standard)",                                                                                  \
     0, 0, CLI_PLAIN},                                                                             \
    {"sessions", CLI_INTEGER, "N",                                                                 \
     "so many, of the numbers that the protocol knows (default: by the area and scars)", 1, 4,     \
     CLI_PLAIN},                                                                                   \
    {"prices", CLI_TEXT, "NAME|FILE",                                                              \
     "price list: a built-in example or a JSON file; none: no quotation (default: those of a "       \
     "protocol file of format 1, the case's, or by_dots)",                                         \
     0, 0, CLI_PLAIN},                                                                             \
    {"discount-percent", CLI_NUMBER, "%", "off the sum, instead of the list's", 0, 100,            \
     CLI_PLAIN},                                                                                   \
    {"quote-date", CLI_TEXT, "YYYY-MM-DD",                                                         \
     "day of the quotation; without it the quotation has no validity", 0, 0, CLI_PLAIN},           \
    {"start", CLI_TEXT, "YYYY-MM-DD",                                                              \
     "day of the first session, or with opening hours as soon after it as can be; without it the " \
     "course has gaps but no dates",                                                               \
     0, 0, CLI_PLAIN},                                                                             \
    {"clinic", CLI_TEXT, "FILE",                                                                   \
     "clinic.json: name, opening hours, time zone, language and paper of its documents", 0, 0,     \
     CLI_PLAIN},                                                                                   \
    {"holidays", CLI_TEXT, "ICS", "days on which the clinic is closed", 0, 0, CLI_REPEATS},        \
    {"practitioner-busy", CLI_TEXT, "ICS", "what the practitioner has already", 0, 0, CLI_REPEATS},\
    {"room-busy", CLI_TEXT, "ICS", "what the room is taken for", 0, 0, CLI_REPEATS},               \
    {"client-busy", CLI_TEXT, "ICS", "when the client cannot", 0, 0, CLI_REPEATS},                 \
    {"pace", CLI_TEXT, "CSV",                                                                      \
     "the practitioner's own sessions, date,dots,minutes[,difficulty]: hours are taken from them", \
     0, 0, CLI_PLAIN}

#define PAPERS_INPUT_OPTIONS                                                                       \
    {"language", CLI_TEXT, "CODE|PO",                                                              \
     "of what the client reads: en, de, ar, or a translation file (default: the clinic's, en)", 0, \
     0, CLI_PLAIN},                                                                                \
    {"paper", CLI_TEXT, "a4|letter", "of the documents (default: the clinic's, a4)", 0, 0,         \
     CLI_PLAIN},                                                                                   \
    {"detailed-calendar", CLI_FLAG, NULL,                                                          \
     "let entries of the calendar say what they are about", 0, 0, CLI_PLAIN},                      \
    {"client-name", CLI_TEXT, "NAME",                                                              \
     "printed on the documents instead of the code; not kept in the case", 0, 0, CLI_INCIDENTAL},  \
    {"screening", CLI_TEXT, "NAME|FILE",                                                           \
     "the questions that the clinic asks before the first session (default standard)", 0, 0,       \
     CLI_PLAIN},                                                                                   \
    {"answers", CLI_TEXT, "FILE", "answers.json: printed on the consent; not kept in the case", 0, \
     0, CLI_INCIDENTAL}
/* clang-format on */

typedef struct CourseTerms { /* large: allocate it */
    Protocol protocol;
    bool has_prices;
    PriceList prices;
    bool has_clinic;
    Clinic clinic;
    bool has_diary; /* there are opening hours or busy times */
    Diary diary;
    bool has_pace;
    Pace pace;
    int wanted_sessions;   /* 0: by the case */
    int discount_permille; /* < 0: the list's */
    bool has_start, has_quote_date;
    CourseDate start, quote_date;
} CourseTerms;

/* kept: the protocol, prices and clinic of a case, where the command line names none (may be NULL).
 * Everything stands in the arena. CLI_DONE; CLI_USAGE: the mistake was said; CLI_FAILED: *err. */
int course_input(Arena *arena, Arena *scratch, const CliArgs *args, const CaseWhole *kept,
                 CourseTerms *terms, Err *err);
/* Fills what the terms say into an input that has its zones. */
void course_input_fill(const CourseTerms *terms, CourseInput *input);

/* Language, paper, letterhead, questionnaire. clinic: NULL without one. language, paper: the
 * case's, or NULL. */
int papers_input(Arena *arena, Arena *scratch, const CliArgs *args, const Clinic *clinic,
                 const char *language, const char *paper, PapersRequest *request, Err *err);

#endif
