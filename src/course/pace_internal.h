/* pace_internal.h - what a session of a log can be, for pace.c and pace_log.c. */
#ifndef COURSE_PACE_INTERNAL_H
#define COURSE_PACE_INTERNAL_H

#include "course/pace.h"

/* Published are 28 to 117 dots a minute over whole sessions. Below 2 it is not needle time; 300 are
 * five a second for a whole session, 2.5 times the fastest that was published [assumption]. */
#define PACE_LEAST_RATE    2.0
#define PACE_MOST_RATE     300.0
#define PACE_LEAST_MINUTES 1.0
#define PACE_MOST_MINUTES  1440.0
/* As in a protocol. */
#define PACE_LEAST_DIFFICULTY 0.1
#define PACE_MOST_DIFFICULTY  10.0
enum { PACE_MOST_DOTS = 200000 };

typedef enum PaceColumn {
    PACE_DATE,
    PACE_DOTS,
    PACE_MINUTES,
    PACE_DIFFICULTY,
    PACE_COLUMNS
} PaceColumn;
const char *pace_column_name(PaceColumn column);

/* line: of the file, for the message; 0: the session is named by its day. */
bool pace_check_entry(const PaceEntry *entry, int line, Err *err);
/* The 90th percentile of Student's t; freedom >= 1. */
double pace_student_90(double freedom);

#endif
