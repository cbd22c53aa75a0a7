/* course_print.h - a course for people and for machines, on stdout. */
#ifndef CLI_COURSE_PRINT_H
#define CLI_COURSE_PRINT_H

#include "plan/papers.h"

typedef struct CoursePrint {
    const CaseWhole *whole;
    const Course *course;
    CareTouchUp touch_up;
    int less_count;
    ReportLess less[PAPERS_LESS];
    bool shares_differ, json;
    const Diary *diary; /* with what had to be assumed about the calendars; NULL: none was read */
    /* What the clinic asked to be shown on the day of the first session; without answers nothing.
     */
    bool asked, answers_are_old;
    int finding_count;
    ScreeningFinding finding[SCREENING_MAX];
} CoursePrint;

/* JSON: course.json with "touch_up", "less", "care_by_session", with answers "screening" and, where
 * calendars were doubtful, "calendar_notes" beside.
 */
MUST_CHECK bool course_print(Arena *arena, const CoursePrint *print, Err *err);
/* One column for each course. */
MUST_CHECK bool course_print_comparison(Arena *arena, int count, const Course course[], bool json,
                                        Err *err);

#endif
