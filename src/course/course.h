/* course.h - what happens when, for how long, at what price: a protocol applied to a plan.
 *
 * Hours from dots, zones and pace; days from the gaps and the diary; a quotation from the price
 * list. What was done, moved or missed re-plans the rest.
 */
#ifndef COURSE_COURSE_H
#define COURSE_COURSE_H

#include "course/diary.h"
#include "course/pace.h"
#include "course/prices.h"
#include "course/protocol.h"

enum { COURSE_MAX_SITTINGS = 14 /* of one session */, COURSE_EVENTS = 32, COURSE_REMARKS = 16 };

typedef struct CourseZone {
    const char *name;
    double area_cm2;
    int dots[COURSE_MAX_SESSIONS];
    double difficulty; /* of the work, 1 = plain; 0: as the protocol says for this name */
} CourseZone;

typedef enum CourseEventKind { COURSE_DONE, COURSE_MOVED, COURSE_MISSED } CourseEventKind;
const char *course_event_name(CourseEventKind kind); /* "done", "moved", "missed" */
typedef struct CourseEvent { /* in the order they happened; later ones hold */
    CourseEventKind kind;
    int session;     /* from 0 */
    CourseDate date; /* done on, moved to; missed on */
    int minute;      /* of the day; -1: no time given */
} CourseEvent;

typedef struct CourseInput {
    int zone_count;
    CourseZone zone[COURSE_MAX_ZONES];
    int other_dots[COURSE_MAX_SESSIONS]; /* in no zone: plain */
    const Pace *pace;                    /* NULL: the protocol's */
    const PriceList *prices;             /* NULL: no quotation */
    bool has_stage, ludwig;
    int stage;
    int discount_permille; /* < 0: the list's */
    bool has_start;
    CourseDate start; /* the first session on that day or, with a diary, as soon after as can be */
    const Diary *diary; /* NULL: every day, without times */
    int event_count;
    const CourseEvent *event;
    /* What was agreed before: its first sessions keep their days and times, whatever the diary of
     * today says. They have as many dots and hours as then. NULL: everything is planned. */
    const struct Course *agreed;
    int agreed_count;
    bool has_quote_date;
    CourseDate quote_date; /* of the quotation */
    const Quote *accepted; /* a frozen quotation: kept as it is */
} CourseInput;

typedef struct CourseSitting {
    CourseDate date;
    int from_minute, to_minute; /* -1: no times */
} CourseSitting;

typedef enum CourseState {
    COURSE_PLANNED,
    COURSE_FIXED /* moved by hand */,
    COURSE_HELD
} CourseState;

typedef struct CourseSession {
    int dots, day; /* days after the first session */
    CourseState state;
    bool has_date;
    CourseDate date, earliest,
        latest;      /* the window holds while the session before keeps its date */
    double hours[3]; /* fast, expected, slow; with set-up, numbing and breaks */
    int sittings;    /* on days in a row; more than 1 where the daily limit is exceeded */
    CourseSitting sitting[COURSE_MAX_SITTINGS]; /* with has_date */
} CourseSession;

typedef struct CourseRemark { /* a gap too long, a day that was not possible and why */
    int session;              /* from 0; -1: of none */
    char text[200];
} CourseRemark;

typedef struct Course {
    Protocol protocol; /* settled */
    Pace pace;
    bool has_start;
    CourseDate start;   /* as it was asked for */
    char time_zone[64]; /* of the sittings' times; "": none has any */
    int session_count;
    CourseSession session[COURSE_MAX_SESSIONS];
    double hours[3];
    Quote quote;
    double touch_up_years[3]; /* of the protocol; care.h makes the client's own of it */
    int event_count;
    CourseEvent event[COURSE_EVENTS];
    int remark_count;
    CourseRemark remark[COURSE_REMARKS];
} Course;

/* ERR_INPUT when there is no dot, a count is negative, a session would need more than 14 sittings,
 * an event does not fit (a session done before the one before it, two on one day), or no day is
 * possible within the diary: the text says why. */
MUST_CHECK bool course_make(const Protocol *protocol, const CourseInput *input, Course *course,
                            Err *err);

/* The same dots, shared out to the sessions of another protocol: for comparison. Counts are exact
 * by largest remainders. */
void course_share_dots(const Protocol *protocol, CourseInput *input);
/* Leaves only these zones: what doing less would take. */
void course_keep_zones(CourseInput *input, int count, const char *const zone[]);

/* course_schedule.c: fills dates, windows and sittings from hours, gaps, events and the diary.
 * docs/schedule.md has the rules. */
MUST_CHECK bool course_schedule(const CourseInput *input, Course *course, Err *err);
/* Whether a session of a scheduled course could begin on a date, the others as they are; if not,
 * why: its window, its neighbours, the diary. */
bool course_why_not(const Course *course, const CourseInput *input, int session, CourseDate date,
                    DiaryReasons *reasons);

#endif
