/* progress.h - how long work says where it stands and learns that it shall stop. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include "base/err.h"

#include <stdatomic.h>

typedef void ProgressFn(void *ctx, const char *what, double fraction);

typedef struct Progress {
    ProgressFn *report; /* may be NULL */
    void *ctx;
    atomic_bool *cancel; /* may be NULL; set by another thread or a signal handler */
    double from, to;     /* the part of the whole that the present step covers */
} Progress;

/* Reports that `fraction` (0..1) of the present step is done; fails with ERR_CANCELLED when the
 * work shall stop. progress may be NULL. */
MUST_CHECK bool progress_at(const Progress *progress, const char *what, double fraction, Err *err);
/* The part [from, to] of a step as a step of its own. */
Progress progress_part(const Progress *progress, double from, double to);

#endif
