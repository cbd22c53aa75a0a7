/* date.h - civil days (proleptic Gregorian), and the clock of a place.
 *
 * A time of day is minutes since local midnight; a moment is minutes since 1970-01-01T00:00Z.
 */
#ifndef COURSE_DATE_H
#define COURSE_DATE_H

#include "base/err.h"

#include <stddef.h>
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

/* The clock of a place: what it is ahead of UTC, and when that changes. A value without pointers:
 * any thread may read it, nothing is to be closed. {0} is UTC.
 * Within 1970-01-01..2200-12-31; before that the clock is the one of 1970, after it that of 2200.
 */
enum { COURSE_ZONE_CHANGES = 640, COURSE_ZONE_FILE_BYTES = 1 << 16 };
typedef struct CourseZoneTime {
    char name[64]; /* "Europe/Berlin" */
    int first_offset, change_count;
    int32_t change[COURSE_ZONE_CHANGES]; /* moments, rising */
    int16_t offset[COURSE_ZONE_CHANGES]; /* minutes ahead of UTC from then on */
} CourseZoneTime;

/* A zone of the system's tz database, e.g. "Europe/Berlin". "UTC" needs no files. ERR_INPUT names a
 * zone that there is not. */
MUST_CHECK bool course_zone_open(const char *name, CourseZoneTime *zone, Err *err);
/* Whether it has the shape of such a name; nothing else is opened. */
bool course_zone_is_name(const char *name);
/* The same from a TZif file (RFC 8536). */
MUST_CHECK bool course_zone_from_tzif(const char *name, size_t size, const uint8_t *bytes,
                                      CourseZoneTime *zone, Err *err);
/* minute: of the day; 1440 is the end of it, and any other counts on from midnight's date. A local
 * time that the clock skips in spring is taken as much later; one that it has twice in autumn is
 * the first. */
int64_t course_zone_moment(const CourseZoneTime *zone, CourseDate date, int minute);
void course_zone_local(const CourseZoneTime *zone, int64_t moment, CourseDate *date, int *minute);
/* How far the clock is ahead of UTC at a moment, in minutes. */
int course_zone_offset(const CourseZoneTime *zone, int64_t moment);

#endif
