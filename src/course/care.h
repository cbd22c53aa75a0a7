/* care.h - the days after a session, and the years after the course.
 *
 * A calendar by day: what it looks like, what is normal, what to do and what not. A forecast of the
 * touch-up with its band and its reasons. Predictions, not promises.
 */
#ifndef COURSE_CARE_H
#define COURSE_CARE_H

#include "course/course.h"
#include "skin/ageing.h"

enum { CARE_MAX_DAYS = 40, CARE_MAX_RULES = PROTOCOL_MAX_RULES, CARE_REASONS = 12 };

/* A stretch of days in which the same rules hold. */
typedef struct CareSpan {
    int from_day, to_day; /* after the session; negative: before it */
    bool has_date;
    CourseDate from, to;
    int expect_count, rule_count;
    int expect[CARE_MAX_RULES], rule[CARE_MAX_RULES]; /* of the protocol's expect and aftercare */
    bool begins[CARE_MAX_RULES];                      /* rule[i] begins with this span */
} CareSpan;

/* Spans of one session, until the next one or the protocol's last day (rules for good come last).*/
MUST_CHECK bool care_spans(Arena *arena, const Course *course, int session, int *count,
                           CareSpan **span, Err *err);

/* The same by day: every day from the first to the last of a session that has a rule or change. */

typedef struct CareReason {
    const char *cause, *text, *source; /* text: a msgid */
    double factor[3];                  /* on the years: low, expected, high */
} CareReason;

typedef struct CareTouchUp {
    double years[3];           /* low, expected, high; after the course */
    double published_years[3]; /* of the protocol, before the reasons */
    double
        faded_years[3]; /* when the model of the pigment has lost what a touch-up is wanted for */
    int reason_count;
    CareReason reason[CARE_REASONS];
    bool has_dates;
    CourseDate from, expected, until;
} CareTouchUp;

typedef struct CareClient { /* what tells on the years; 0 is average or none */
    SkinHabits habits;
    const SkinTone *tone; /* NULL: not known */
    double scar_share;
    bool light_shade; /* a subtle style fades sooner */
    bool sweats;      /* much sport */
} CareClient;

MUST_CHECK bool care_touch_up(const Course *course, const SkinAgeing *ageing,
                              const CareClient *client, CareTouchUp *forecast, Err *err);

#endif
