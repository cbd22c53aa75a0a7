/* course.h - what happens when, for how long, at what price: a protocol applied to a plan.
 *
 * A protocol is data (protocols/NAME.json, docs/schemas/protocol.schema.json) with an id, a version
 * and its source; a course keeps both. Money is whole minor units (cents) in 64 bits. Days are
 * civil days (proleptic Gregorian).
 */
#ifndef COURSE_COURSE_H
#define COURSE_COURSE_H

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

enum {
    COURSE_MAX_SESSIONS = 4,
    COURSE_MAX_RULES = 20,
    COURSE_MAX_LINES = 24,
    COURSE_MAX_SITTINGS = 14, /* of one session */
    COURSE_TEXT = 160,
    COURSE_MAX_ZONES = 16
};

typedef struct CourseGap {
    int min_days, target_days, max_days;
} CourseGap;
typedef struct CourseRule { /* one line of aftercare or of "what to expect" */
    int from_day, to_day;   /* after each session, inclusive; negative: before it */
    char text[COURSE_TEXT];
    char source[112]; /* who says so, and how far the sources disagree */
} CourseRule;

typedef struct Protocol {
    char id[64], title[COURSE_TEXT], source[256];
    int version;
    int session_count;
    double share[COURSE_MAX_SESSIONS];    /* of the dots; sums to 1 */
    double strength[COURSE_MAX_SESSIONS]; /* of the pigment relative to the matched shade */
    CourseGap gap[COURSE_MAX_SESSIONS];   /* before session i; [0] unused */
    double dots_per_minute[3];            /* slow, expected, fast */
    double setup_minutes, break_every_minutes, break_minutes, max_hours_per_session;
    int difficulty_count; /* of zones whose work is not plain */
    struct {
        char zone[16];
        double factor; /* on the time per dot, 0.1..10 */
    } difficulty[COURSE_MAX_ZONES];
    int64_t price_per_hour, price_per_dot_milli, price_base; /* minor units; milli: per 1000 dots */
    int tax_permille, deposit_permille;
    char currency[4];
    int minor_digits; /* of the currency: 2 for cents */
    double touch_up_years[3];
    int review_days;
    int expect_count, aftercare_count;
    CourseRule expect[COURSE_MAX_RULES], aftercare[COURSE_MAX_RULES];
} Protocol;

/* Parses and validates; every refusal names the key. size bytes of JSON. */
MUST_CHECK bool course_protocol_from_json(size_t size, const char *bytes, Protocol *protocol,
                                          Err *err);
/* One of the protocols shipped in the program; "standard" is the default. */
MUST_CHECK bool course_protocol_builtin(const char *id, Protocol *protocol, Err *err);
/* How much longer a dot takes in a zone than on plain skin; 1 where the protocol says nothing. */
double course_difficulty(const Protocol *protocol, const char *zone);

typedef struct CourseDate {
    int year, month, day;
} CourseDate;
CourseDate course_date_add(CourseDate date, int days);
MUST_CHECK bool course_date_parse(const char *text, CourseDate *date, Err *err); /* YYYY-MM-DD */
/* YYYY-MM-DD; the year within 0..9999. */
void course_date_text(CourseDate date, char text[11]);

typedef struct CourseInput {
    int dots_in_session[COURSE_MAX_SESSIONS];
    int zone_count;
    struct {
        const char *name;
        double area_cm2;
        int dots;
        double difficulty; /* of the work, 1 = plain; 0: as the protocol says for this name */
    } zone[COURSE_MAX_ZONES];
    bool has_start;
    CourseDate start;
} CourseInput;

typedef struct CourseSession {
    int dots, day; /* days after the first session */
    bool has_date;
    CourseDate date, earliest,
        latest;      /* the window holds while the session before keeps its date */
    double hours[3]; /* fast, expected, slow; with set-up and breaks */
    int sittings;    /* on days in a row; more than 1 where the daily limit is exceeded */
} CourseSession;

/* A line can be checked by hand: amount = price times the printed quantity, half a minor unit
 * rounded away from zero. */
typedef struct CourseLine {
    char text[COURSE_TEXT];
    double quantity; /* of the unit: "h" to 0.01, "1000 dots" to 0.001, "fixed" */
    char unit[16];
    int64_t amount; /* minor units, before tax */
} CourseLine;

typedef struct Course {
    Protocol protocol;
    int session_count;
    CourseSession session[COURSE_MAX_SESSIONS];
    double hours[3];
    int line_count;
    CourseLine line[COURSE_MAX_LINES];
    int64_t net, tax, total, deposit; /* tax and deposit rounded once, half away from zero */
    double touch_up_years[3];
} Course;

/* Hours from dots, pace and difficulty; days from the gaps; lines from the prices. ERR_INPUT when
 * there is no dot, a count is negative, or a session would need more than 14 sittings. */
MUST_CHECK bool course_make(const Protocol *protocol, const CourseInput *input, Course *course,
                            Err *err);
/* "1234.50 EUR" */
void course_money(const Protocol *protocol, int64_t amount, char text[48]);

#endif
