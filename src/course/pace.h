/* pace.h - how fast a practitioner works: published rates until their own sessions are logged.
 *
 * The rates of a practitioner's sessions are log-normal; the protocol's slow..fast band holds four
 * of five sessions of all practitioners. Each logged session moves the estimate and narrows its
 * bands by Bayes' rule (pace.c, docs/prices.md); one that is a year older counts half as much.
 */
#ifndef COURSE_PACE_H
#define COURSE_PACE_H

#include "course/date.h"
#include "course/protocol.h"

enum { PACE_MAX_LOG = 2000 };

typedef struct PaceEntry { /* needle time only: without set-up and breaks */
    CourseDate date;
    int dots;
    double minutes, difficulty; /* time per dot over that on plain skin, 0.1..10 */
} PaceEntry;

/* date,dots,minutes[,difficulty] as RFC 4180, with or without CR and a byte order mark; without a
 * difficulty 1. Every refusal names line and column, also of a rate that no hand has. */
MUST_CHECK bool pace_log_from_csv(Arena *arena, size_t size, const char *bytes, int *count,
                                  PaceEntry **entry, Err *err);

typedef struct Pace {
    double dots_per_minute[3]; /* slow, expected, fast: of the next session, on plain skin */
    double own_band[2];        /* 80 %, of the practitioner's mean rate on plain skin */
    int logged;                /* sessions that it rests on; 0: published rates */
} Pace;

Pace pace_of_protocol(const Protocol *protocol);
/* In any order. ERR_INPUT on a rate that no hand has (pace_internal.h says which). count 0: the
 * protocol's; else dots_per_minute is the 80 % band of the next session around its median. */
MUST_CHECK bool pace_learn(const Protocol *protocol, int count, const PaceEntry entry[], Pace *pace,
                           Err *err);

#endif
