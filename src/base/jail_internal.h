/* jail_internal.h - the filter of system calls behind jail_run. */
#ifndef BASE_JAIL_INTERNAL_H
#define BASE_JAIL_INTERNAL_H

#include <stdbool.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define JAIL_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define JAIL_SANITIZED 1
#endif
#endif
#ifndef JAIL_SANITIZED
#define JAIL_SANITIZED 0
#endif

/* From now on this process can compute, take memory and end: looking for a file answers "permission
 * denied", all else kills it with SIGSYS. False where the kernel or the machine has no such filter.
 */
bool jail_filter(bool threads);

#endif
