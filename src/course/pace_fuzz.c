#include "course/pace.h"

#include <math.h>
#include <stdlib.h>

/* Any bytes: refused with the line, or a log from which a pace can be learned. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const Protocol protocol = {.dots_per_minute = {28.0, 70.0, 117.0}};
    static Arena arena;
    Err err = {0};
    int count;
    PaceEntry *entry;
    Pace pace;
    if (arena.base == NULL && !arena_open(&arena, 1 << 20, &err))
        abort();
    arena_rewind(&arena, 0);
    if (!pace_log_from_csv(&arena, size, (const char *)data, &count, &entry, &err))
        return err.code == ERR_NONE ? abort(), 0 : 0;
    if (!pace_learn(&protocol, count, entry, &pace, &err)) /* the reader let nothing through */
        abort();
    const double *rate = pace.dots_per_minute;
    if (!(rate[0] > 0.0 && rate[0] < rate[1] && rate[1] < rate[2] && isfinite(rate[2])) ||
        !(pace.own_band[0] < pace.own_band[1]) || pace.logged != count)
        abort();
    return 0;
}
