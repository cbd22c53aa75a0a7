/* ics_internal.h - what is taken according to an iCalendar file (RFC 5545).
 *
 * ics_scan runs in the caller and only looks for names of time zones. ics_read runs in the jail:
 * libical parses and expands, the clocks are ours. Its results are bytes that nobody trusts.
 */
#ifndef COURSE_ICS_INTERNAL_H
#define COURSE_ICS_INTERNAL_H

#include "base/arena.h"
#include "course/date.h"

enum {
    ICS_MAX_BYTES = 16 << 20, /* 20,000 events are 4 MB */
    ICS_MAX_LINE = 1 << 20,   /* unfolded pictures stand on one line */
    ICS_MAX_DEPTH = 8,        /* an alarm in an event in a calendar is 3 */
    ICS_MAX_EVENTS = 20000,
    ICS_MAX_ENTRIES = 20000,  /* occurrences within the diary's days */
    ICS_MAX_STEPS = 10000000, /* of expanding, over the whole file */
    ICS_MAX_YEARS = 10,       /* of one event */
    ICS_ZONES = 12,           /* of the tz database in one file */
    ICS_OWN_ZONES = 24,       /* that a file defines */
    ICS_ZONE_NAME = 64,
    ICS_WHAT = 96,
    ICS_NOTE = 160
};

typedef struct IcsJob {
    const char *name; /* of the file */
    size_t size;
    const char *bytes;          /* [size + 1], the last one 0 */
    int64_t first, last;        /* moments; what is not between them does not matter */
    bool free_counts;           /* transparent events are taken too */
    const CourseZoneTime *home; /* of floating times and whole days */
    int zone_count;
    char alias[ICS_ZONES][ICS_ZONE_NAME]; /* the TZID in the file */
    CourseZoneTime *zone;                 /* [ICS_ZONES] */
} IcsJob;

typedef struct IcsEntry {
    int64_t from, to; /* moments */
    char what[ICS_WHAT];
} IcsEntry;

typedef struct IcsResult {
    int count;
    char note[ICS_NOTE]; /* a zone that nobody knows */
    IcsEntry entry[ICS_MAX_ENTRIES];
} IcsResult;

/* Finds the TZIDs that name a zone of the tz database, also behind a prefix as in
 * "/example.org/20050126_1/Europe/Berlin". */
void ics_scan(IcsJob *job);
/* Sizes, line lengths, nesting, and that no end is missing; allocates nothing. */
MUST_CHECK bool ics_check(const IcsJob *job, Err *err);
/* libical's tables, which need files. */
void ics_prepare(void);
MUST_CHECK bool ics_read(const IcsJob *job, IcsResult *result, Err *err);

#endif
