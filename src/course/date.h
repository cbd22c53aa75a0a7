/* date.h - civil days (proleptic Gregorian), and the clock of a place.
 *
 * A time of day is minutes since local midnight; a moment is minutes since 1970-01-01T00:00Z.
 */
#ifndef COURSE_DATE_H
#define COURSE_DATE_H

#include "base/err.h"

#include <stdint.h>

typedef struct CourseDate {
    int year, month, day;
} CourseDate;

CourseDate course_date_add(CourseDate date, int days);
int course_date_between(CourseDate from, CourseDate to); /* days; negative when to is before */
int course_date_weekday(CourseDate date);                /* 0 Monday .. 6 Sunday */
MUST_CHECK bool course_date_parse(const char *text, CourseDate *date, Err *err); /* YYYY-MM-DD */
/* YYYY-MM-DD; the year within 0..9999. */
void course_date_text(CourseDate date, char text[11]);

/* A time zone of the tz database, e.g. "Europe/Berlin"; "UTC" needs no files. */
typedef struct CourseZoneTime {
    char name[64];
    void *zone; /* of the library; NULL: UTC */
} CourseZoneTime;
MUST_CHECK bool course_zone_open(const char *name, CourseZoneTime *zone, Err *err);
/* A local time that the clock skips in spring is taken as much later; one that it has twice in
 * autumn is the first. */
int64_t course_zone_moment(const CourseZoneTime *zone, CourseDate date, int minute);
void course_zone_local(const CourseZoneTime *zone, int64_t moment, CourseDate *date, int *minute);

#endif
