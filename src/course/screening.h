/* screening.h - questions that a clinic asks before the first session, and what it wants to be
 * shown when the answer is yes: data of the clinic, never a verdict of the program.
 *
 * screening/NAME.json, docs/schemas/screening.schema.json; answers:
 * docs/schemas/answers.schema.json.
 */
#ifndef COURSE_SCREENING_H
#define COURSE_SCREENING_H

#include "base/arena.h"
#include "course/date.h"

#include <stddef.h>

enum { SCREENING_MAX = 60 };

typedef enum ScreeningThen {
    SCREENING_REFUSE, /* the clinic does not work then */
    SCREENING_LETTER, /* the clinic asks for a letter of a doctor */
    SCREENING_WAIT,   /* until some time has passed, or until it is over */
    SCREENING_TALK    /* to be talked about before the first session */
} ScreeningThen;
const char *screening_then_name(ScreeningThen then);

typedef struct ScreeningQuestion {
    const char *id, *group, *ask, *text, *source; /* text: what the clinic says; msgids */
    ScreeningThen then;
    int wait_days;    /* after the answer's date; 0: until it is over */
    bool on_the_day;  /* asked again before each session */
    bool yes_is_fine; /* "are you 18 or older": no is what counts */
} ScreeningQuestion;

typedef struct Screening {
    size_t size;
    const char *bytes, *id, *title, *source;
    int version, valid_days; /* of answers */
    int count;
    ScreeningQuestion question[SCREENING_MAX];
} Screening;

MUST_CHECK bool screening_from_json(Arena *arena, size_t size, const char *bytes, Screening *list,
                                    Err *err);
MUST_CHECK bool screening_builtin(Arena *arena, const char *id, Screening *list, Err *err);

typedef struct ScreeningAnswer {
    const char *id;
    bool yes;
    bool has_since;
    CourseDate since; /* when it happened or ended */
    const char *remark;
} ScreeningAnswer;
typedef struct ScreeningAnswers {
    const char *list_id;
    int list_version;
    CourseDate given_on;
    int count;
    ScreeningAnswer answer[SCREENING_MAX];
} ScreeningAnswers;
MUST_CHECK bool screening_answers_from_json(Arena *arena, size_t size, const char *bytes,
                                            ScreeningAnswers *answers, Err *err);

typedef struct ScreeningFinding {
    const ScreeningQuestion *question;
    const ScreeningAnswer *answer; /* NULL: not answered */
    bool has_until;
    CourseDate until; /* wait until */
} ScreeningFinding;
/* Older than valid_days on that day, or from after it: to be asked again. */
bool screening_is_stale(const Screening *list, const ScreeningAnswers *answers, CourseDate on);
/* What the clinic's rules want to be shown on a day: the open questions first. answers NULL:
 * none yet. finding [count of questions]. ERR_INPUT for an answer to no question, or to another
 * version of the list. */
MUST_CHECK bool screening_findings(const Screening *list, const ScreeningAnswers *answers,
                                   CourseDate on, int *count, ScreeningFinding finding[], Err *err);

#endif
