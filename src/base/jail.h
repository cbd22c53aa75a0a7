/* jail.h - work on untrusted bytes in a child process that can do nothing else.
 *
 * The child sees a copy of the caller's memory and one shared block; it has no file, no network, no
 * new process, little memory and little time. Whatever happens to it, the caller gets one sentence.
 * Any thread may call it. Where the kernel has no seccomp, closed files and resource limits remain.
 */
#ifndef BASE_JAIL_H
#define BASE_JAIL_H

#include "base/err.h"

#include <stddef.h>

typedef struct JailLimits {
    size_t memory_bytes; /* address space beyond what the process already has, the shared block
                            included in the latter; not under a sanitizer, which needs terabytes */
    double seconds;      /* of processor time, and three times that on the wall clock */
    bool threads;        /* whether work may start threads: some libraries cannot do without */
} JailLimits;

/* Runs in the child. Results go into shared[shared_size] only; other writes are lost. */
typedef bool JailFn(void *ctx, size_t shared_size, void *shared, Err *err);

/* A block of zeroed memory that a child can write and the caller reads; pages are committed on
 * first use. */
MUST_CHECK bool jail_block_open(size_t size, void **block, Err *err);
void jail_block_close(size_t size, void *block);

/* Returns what work returned, with its Err; a child that was stopped is ERR_LIMIT (time, memory) or
 * ERR_INPUT (it crashed or tried what is forbidden), and the text says which. prepare (may be NULL)
 * runs in the child before the doors close: to load a library. what: "the photograph", for the
 * texts. What stands in shared afterwards comes from bytes that nobody trusts: check it. */
MUST_CHECK bool jail_run(const char *what, JailLimits limits, JailFn *prepare, JailFn *work,
                         void *ctx, size_t shared_size, void *shared, Err *err);

#endif
