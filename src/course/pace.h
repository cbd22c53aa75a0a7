/* pace.h - how fast a practitioner works: published rates until their own sessions are logged.
 *
 * The rate of a session is log-normal around the practitioner's own, which is log-normal around the
 * protocol's; logged sessions move the estimate and narrow its band. A band is of the next session,
 * 80 %.
 */
#ifndef COURSE_PACE_H
#define COURSE_PACE_H

#include "course/date.h"
#include "course/protocol.h"

enum { PACE_MAX_LOG = 2000 };

typedef struct PaceEntry { /* needle time only: without set-up and breaks */
    CourseDate date;
    int dots;
    double minutes, difficulty; /* 1: plain skin */
} PaceEntry;

/* date,dots,minutes[,difficulty]; RFC 4180; refusals name line and column. */
MUST_CHECK bool pace_log_from_csv(Arena *arena, size_t size, const char *bytes, int *count,
                                  PaceEntry **entry, Err *err);

typedef struct Pace {
    double dots_per_minute[3]; /* slow, expected, fast: of the next session, on plain skin */
    double own_band[2];        /* of the practitioner's mean rate, 80 % */
    int logged;                /* sessions that it rests on; 0: published rates */
} Pace;

Pace pace_of_protocol(const Protocol *protocol);
/* ERR_INPUT on a rate that no hand has (pace.c says which). count 0: the protocol's. */
MUST_CHECK bool pace_learn(const Protocol *protocol, int count, const PaceEntry entry[], Pace *pace,
                           Err *err);

#endif
