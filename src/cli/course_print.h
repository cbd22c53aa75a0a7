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
} CoursePrint;

/* JSON: course.json with "touch_up", "less" and "care_by_session" beside. */
MUST_CHECK bool course_print(Arena *arena, const CoursePrint *print, Err *err);
/* One column for each course. */
MUST_CHECK bool course_print_comparison(Arena *arena, int count, const Course course[], bool json,
                                        Err *err);

#endif
