#include "course/screening.h"

#include <string.h>

static const ScreeningAnswer *answer_to(const ScreeningAnswers *answers, const char *id)
{
    for (int i = 0; answers != NULL && i < answers->count; i++)
        if (strcmp(answers->answer[i].id, id) == 0)
            return &answers->answer[i];
    return NULL;
}

static bool is_asked(const Screening *list, const char *id)
{
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->question[i].id, id) == 0)
            return true;
    return false;
}

static bool fits(const Screening *list, const ScreeningAnswers *answers, Err *err)
{
    if (strcmp(answers->list_id, list->id) != 0 || answers->list_version != list->version)
        return err_set(err, ERR_INPUT,
                       "the answers are to '%.60s', version %d; the clinic asks '%.60s', version "
                       "%d: ask again",
                       answers->list_id, answers->list_version, list->id, list->version);
    for (int i = 0; i < answers->count; i++)
        if (!is_asked(list, answers->answer[i].id))
            return err_set(err, ERR_INPUT, "there is an answer to '%.60s', which nobody asks",
                           answers->answer[i].id);
    return true;
}

/* The waiting counts from when it happened; without a day, from the day of the answer. */
static CourseDate waited_until(const ScreeningQuestion *question, const ScreeningAnswers *answers,
                               const ScreeningAnswer *answer)
{
    return course_date_add(answer->has_since ? answer->since : answers->given_on,
                           question->wait_days);
}

/* Whether the clinic wants to be shown it on that day. */
static bool counts(const ScreeningQuestion *question, const ScreeningAnswers *answers,
                   CourseDate on, ScreeningFinding *finding)
{
    const ScreeningAnswer *answer = answer_to(answers, question->id);
    *finding = (ScreeningFinding){.question = question, .answer = answer};
    if (answer == NULL)
        return true;
    if (answer->yes == question->yes_is_fine)
        return false;
    if (question->then != SCREENING_WAIT || question->wait_days == 0)
        return true;
    finding->has_until = true;
    finding->until = waited_until(question, answers, answer);
    return course_date_between(on, finding->until) > 0;
}

bool screening_is_stale(const Screening *list, const ScreeningAnswers *answers, CourseDate on)
{
    int age_days = course_date_between(answers->given_on, on);
    return age_days < 0 || age_days > list->valid_days;
}

bool screening_findings(const Screening *list, const ScreeningAnswers *answers, CourseDate on,
                        int *count, ScreeningFinding finding[], Err *err)
{
    ScreeningFinding one;
    *count = 0;
    if (answers != NULL && !fits(list, answers, err))
        return false;
    for (int open = 1; open >= 0; open--)
        for (int i = 0; i < list->count; i++)
            if (counts(&list->question[i], answers, on, &one) &&
                (one.answer == NULL) == (open == 1))
                finding[(*count)++] = one;
    return true;
}
