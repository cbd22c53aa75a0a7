/* err.h - the one way a function reports that the outside world let it down. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#define MUST_CHECK           __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, va) __attribute__((format(printf, fmt, va)))

typedef enum ErrCode {
    ERR_NONE,
    ERR_INPUT,     /* the caller's data is malformed or out of range */
    ERR_IO,        /* the operating system refused */
    ERR_LIMIT,     /* a memory, size or time budget is used up */
    ERR_NUMERIC,   /* no convergence, singular matrix, not a number */
    ERR_CANCELLED, /* the user stopped it */
} ErrCode;

typedef struct Err {
    ErrCode code;
    char text[504];
} Err;

/* Fills *err and returns false, so that failing is one statement:
 *     return err_set(err, ERR_INPUT, "width %d is not positive", width_px); */
bool err_set(Err *err, ErrCode code, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
