#include "course/date.h"

#include <stdlib.h>
#include <string.h>

/* Any bytes: refused, or a clock with which every moment comes back from its local time or, in an
 * hour that the clock has twice, an earlier one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static CourseZoneTime zone;
    Err err;
    uint8_t *copy = malloc(size > 0 ? size : 1); /* no byte after it */
    if (copy == NULL)
        return 0;
    memcpy(copy, data, size);
    bool ok = course_zone_from_tzif("fuzz", size, copy, &zone, &err);
    free(copy);
    if (!ok)
        return 0;
    for (int i = 1; i < zone.change_count; i++)
        if (zone.change[i] <= zone.change[i - 1])
            abort();
    for (int64_t moment = 0; moment < 120000000; moment += 1234567) {
        CourseDate date;
        int minute;
        course_zone_local(&zone, moment, &date, &minute);
        if (minute < 0 || minute >= 1440)
            abort();
    }
    return 0;
}
