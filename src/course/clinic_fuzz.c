#include "course/diary.h"

#include <stdlib.h>

/* Any bytes: refused, or a clinic whose hours are in order. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Clinic clinic;
    static Arena arena;
    Err err;
    if (arena.base == NULL && !arena_open(&arena, 16 << 20, &err))
        abort();
    arena_rewind(&arena, 0);
    if (!clinic_from_json(&arena, size, (const char *)data, &clinic, &err))
        return 0;
    for (int day = 0; day < 7; day++) {
        int minute = -1;
        for (int i = 0; i < clinic.weekday[day].count; i++) {
            if (clinic.weekday[day].open[i].from_minute <= minute ||
                clinic.weekday[day].open[i].to_minute <= clinic.weekday[day].open[i].from_minute)
                abort();
            minute = clinic.weekday[day].open[i].to_minute;
        }
        if (minute > 1440)
            abort();
    }
    return 0;
}
