/* care.h - the days after a session, and the years after the course.
 *
 * A calendar by day: what is normal, what to do and what not. A forecast of the touch-up with its
 * band and its reasons. Predictions, not promises. What it looks like on a day is the model of the
 * skin's (skin_mark_at).
 */
#ifndef COURSE_CARE_H
#define COURSE_CARE_H

#include "course/course.h"
#include "skin/ageing.h"

enum { CARE_MAX_RULES = PROTOCOL_MAX_RULES, CARE_REASONS = PROTOCOL_CAUSES };

/* A stretch of days in which the same rules hold. Day 0 is the day of the session; where it takes
 * several sittings, day 0 begins with the first and days count from the last of them. */
typedef struct CareSpan {
    int from_day, to_day; /* negative: before the session */
    bool for_good;        /* no end: only in the last span of the last session */
    bool has_date;
    CourseDate from, to; /* to: of a span that is for good not set */
    int expect_count, rule_count;
    /* Of the protocol's expect and aftercare, in its order; rules for good come last. */
    int expect[CARE_MAX_RULES], rule[CARE_MAX_RULES];
    bool begins[CARE_MAX_RULES]; /* the words of rule[i] begin to hold with this span */
} CareSpan;

/* The spans of one session, from 0, in the order of the days and without overlap, until the day
 * before the next session or, of the last one, for as long as the protocol says anything. Days on
 * which nothing holds are in no span. */
MUST_CHECK bool care_spans(Arena *arena, const Course *course, int session, int *count,
                           CareSpan **span, Err *err);

/* Share of the healed pigment that is left when a touch-up is wanted; of absorbable pigment, which
 * is put in anew when it is gone, SKIN_GONE_SHARE. Assumed: the published intervals of 3-5 years
 * and the model's half-life of 5 years meet at 0.50-0.66. */
#define CARE_LEFT_SHARE 0.5

typedef struct CareReason {
    const char *cause, *text, *source; /* text: a msgid */
    double factor[3];                  /* on the years: low, expected, high */
} CareReason;

typedef struct CareTouchUp {
    double years[3];           /* low, expected, high; after the course */
    double published_years[3]; /* of the protocol, before the reasons */
    double faded_years[3];     /* when the model of the pigment is down to left_share */
    double left_share;
    bool pigment_fits; /* false: the protocol is for the other kind of pigment, its years are not
                        * this pigment's */
    int reason_count;
    CareReason reason[CARE_REASONS];
    bool has_dates; /* of `years` */
    CourseDate from, expected, until;
} CareTouchUp;

typedef struct CareClient { /* what tells on the years; 0 is average or none */
    SkinHabits habits;
    const SkinTone *tone; /* NULL: not known; the sun tells less on dark skin */
    double scar_share;    /* of the area */
    bool light_shade;     /* a subtle style fades sooner */
    bool sweats;          /* much sport */
} CareClient;

/* ageing: of this client (skin_ageing), for the model's own years. The bands of the causes and of
 * the published interval add in quadrature of logarithms, as in skin_ageing. ERR_INPUT: habits that
 * skin_habits_check refuses, a scar_share beyond 0..1. */
MUST_CHECK bool care_touch_up(const Course *course, const SkinAgeing *ageing,
                              const CareClient *client, CareTouchUp *forecast, Err *err);

#endif
