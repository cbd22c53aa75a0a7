/* ics_reader_internal.h - between the files that read an iCalendar file in the jail. */
#ifndef COURSE_ICS_READER_INTERNAL_H
#define COURSE_ICS_READER_INTERNAL_H

#include "course/ics_internal.h"

#include <libical/ical.h>

enum { DAY_S = 86400, MAX_DAYS = 366 * ICS_MAX_YEARS };

/* A time as it is written: on whose clock, and what that shows, in seconds since 1970 on it. */
typedef struct When {
    bool is_date;
    const CourseZoneTime *zone;
    int64_t local_s;
} When;

/* Nominal days, then exact seconds (RFC 5545 3.3.6). */
typedef struct Span {
    int64_t days, seconds;
} Span;

/* An event that stands for one occurrence of another, or for all from it on. */
typedef struct Override {
    const char *uid;
    When instead;
    bool and_later, counts;
    When start;
    Span span;
} Override;

typedef struct Reader { /* of one file */
    const IcsJob *job;
    IcsResult *result;
    Err *err;
    Arena arena;
    long long steps;
    const char *event; /* of the message: its summary or identifier */
    int zone_count, override_count;
    char (*zone_name)[ICS_ZONE_NAME]; /* of the file's own zones */
    CourseZoneTime *zone;
    Override *override;
    CourseZoneTime utc;
} Reader;

bool ics_refuse(Reader *reader, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Every loop over what a file can make long counts here. */
bool ics_step(Reader *reader, long long count);

/* ics_time.c */
int64_t ics_floor_div(int64_t numerator, int64_t denominator);
bool ics_is_time(const struct icaltimetype *time);
int64_t ics_local_seconds(const struct icaltimetype *time);
struct icaltimetype ics_ical_time(int64_t local_s, bool is_date);
int64_t ics_local_of(const CourseZoneTime *zone, int64_t s); /* what its clock shows */
int64_t ics_when_s(const When *when);                        /* seconds since 1970, UTC */
When ics_when_of(Reader *reader, icalproperty *property, struct icaltimetype time);
/* DTSTART and its like: a date, or a date with a time. */
bool ics_read_when(Reader *reader, icalproperty *property, const char *name, When *when);
bool ics_read_duration(Reader *reader, struct icaldurationtype duration, Span *span);
/* A PERIOD, from its start to its end or for its duration. */
bool ics_read_period(Reader *reader, icalproperty *property, struct icalperiodtype period,
                     When *start, Span *span);

/* ics_event.c */
icalproperty *ics_first(icalcomponent *part, icalproperty_kind kind);
const char *ics_text(icalcomponent *part, icalproperty_kind kind); /* "" without it */
const char *ics_name(icalcomponent *part);
bool ics_check_complaints(Reader *reader, icalcomponent *part);
bool ics_counts(const Reader *reader, icalcomponent *part);
bool ics_read_start(Reader *reader, icalcomponent *part, When *start, Span *span);
bool ics_add_occurrence(Reader *reader, const When *start, const Span *span);

/* ics_series.c */
bool ics_check_rule(Reader *reader, const struct icalrecurrencetype *rule);
bool ics_read_series(Reader *reader, icalcomponent *part);
bool ics_read_override(Reader *reader, icalcomponent *part);

/* ics_zone.c */
bool ics_read_zone(Reader *reader, icalcomponent *part);

#endif
