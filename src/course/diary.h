/* diary.h - when it is possible: opening hours, holidays, and who and what is taken.
 *
 * clinic.json (docs/schemas/clinic.schema.json) says when a clinic is open and how it writes;
 * iCalendar files say what is closed or taken. A diary answers for a span of days. Local times are
 * minutes since midnight on the clinic's clock.
 */
#ifndef COURSE_DIARY_H
#define COURSE_DIARY_H

#include "base/arena.h"
#include "course/date.h"

#include <stddef.h>

enum {
    CLINIC_OPENINGS = 3,
    CLINIC_CLOSED = 64,
    CLINIC_LINES = 4,
    DIARY_REASONS = 8,
    DIARY_NOTES = 4,
    DIARY_MAX_DAYS = 3660, /* ten years */
    DIARY_MAX_TAKEN = 20000
};

typedef struct ClinicHours {
    int count;
    struct {
        int from_minute, to_minute;
    } open[CLINIC_OPENINGS];
} ClinicHours;

typedef struct Clinic {
    size_t size; /* the document as it was read, for the case's record; 0: none */
    const char *bytes;
    const char *name, *contact[CLINIC_LINES]; /* printed on documents; "" where there is none */
    const char *practitioner, *room;
    char time_zone[64];
    ClinicHours weekday[7]; /* Monday first */
    int closed_count;
    struct {
        CourseDate from, to; /* inclusive */
        const char *why;
    } closed[CLINIC_CLOSED];
    int buffer_minutes;           /* kept free between appointments */
    const char *language, *paper; /* of its documents: "de", "a4" */
} Clinic;
MUST_CHECK bool clinic_from_json(Arena *arena, size_t size, const char *bytes, Clinic *clinic,
                                 Err *err);
/* Open at any time of day on every day, UTC, A4, English. */
void clinic_default(Clinic *clinic);

typedef enum DiaryKind { DIARY_HOLIDAY, DIARY_PRACTITIONER, DIARY_ROOM, DIARY_CLIENT } DiaryKind;
const char *diary_kind_name(DiaryKind kind); /* "holiday", "practitioner", "room", "client" */

typedef struct DiaryTaken {
    int64_t from, to; /* moments; to is not included */
    DiaryKind kind;
    const char *what; /* the event's summary */
} DiaryTaken;

typedef struct Diary {
    const Clinic *clinic;
    CourseZoneTime zone;
    CourseDate first, last; /* the days it knows */
    int taken_count;
    DiaryTaken *taken; /* [DIARY_MAX_TAKEN], sorted by from */
    int note_count;
    char note[DIARY_NOTES][224]; /* what had to be assumed about a file, in English */
} Diary;

MUST_CHECK bool diary_open(Arena *arena, const Clinic *clinic, CourseDate first, CourseDate last,
                           Diary *diary, Err *err);
/* One entry by hand. ERR_INPUT when it ends before it begins. */
MUST_CHECK bool diary_add(Diary *diary, DiaryTaken taken, Err *err);
/* Events of an iCalendar file (RFC 5545, with RRULE, EXDATE, RDATE, VTIMEZONE, whole days,
 * VFREEBUSY) between the diary's first and last day. Cancelled ones do not count, transparent ones
 * only as holidays (lists of holidays mark them so: nobody's time is taken). Read in a jail.
 * name: of the file, for messages. After a failure the diary is as it was. docs/schedule.md. */
MUST_CHECK bool diary_add_ics(Arena *arena, Arena *scratch, Diary *diary, DiaryKind kind,
                              const char *name, size_t size, const char *bytes, Err *err);

typedef struct DiarySlot {
    CourseDate date;
    int from_minute, to_minute;
} DiarySlot;

/* Why an appointment cannot be then: each with what stands against it. */
typedef enum DiaryWhy {
    DIARY_OUTSIDE,      /* the diary does not know that day */
    DIARY_CLOSED,       /* of the clinic: no hours on that weekday, or closed */
    DIARY_TOO_LONG,     /* longer than it is open in one stretch */
    DIARY_OUT_OF_HOURS, /* a slot that is not within one stretch */
    DIARY_TAKEN,
    DIARY_GAP /* of a course: done already, or too near to or too far from a neighbour */
} DiaryWhy;
typedef struct DiaryReason {
    DiaryWhy why;
    DiaryKind kind; /* of what is taken */
    char text[160]; /* a sentence in English for logs */
    const char *what;
} DiaryReason;
typedef struct DiaryReasons {
    int count;
    DiaryReason reason[DIARY_REASONS];
} DiaryReasons;
/* One more, while there is room for it; reasons may be NULL. */
void diary_reason(DiaryReasons *reasons, DiaryReason reason, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* The first free stretch of so many minutes on a day; false: none, and why. It begins when the
 * clinic opens or at a full five minutes. reasons may be NULL. */
bool diary_free_on(const Diary *diary, CourseDate date, int minutes, DiarySlot *slot,
                   DiaryReasons *reasons);
/* Whether just that slot is free. */
bool diary_is_free(const Diary *diary, DiarySlot slot, DiaryReasons *reasons);

#endif
