#include "course/ics_internal.h"

#include <stdlib.h>
#include <string.h>

/* Any bytes, without the jail: refused with a sentence, or entries within the diary. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static IcsResult result;
    static CourseZoneTime home, zone[ICS_ZONES];
    Err err = {0};
    char *copy = malloc(size + 1);
    if (copy == NULL)
        return 0;
    memcpy(copy, data, size);
    copy[size] = '\0';
    if (home.name[0] == '\0' && !course_zone_open("Europe/Berlin", &home, &err))
        abort();
    IcsJob job = {.name = "fuzz.ics",
                  .size = size,
                  .bytes = copy,
                  .first = 29980740, /* 2027 */
                  .last = 30506340,
                  .home = &home,
                  .zone = zone};
    ics_prepare();
    ics_scan(&job);
    bool ok = ics_read(&job, &result, &err);
    free(copy);
    if (!ok && (err.code == ERR_NONE || err.text[0] == '\0'))
        abort();
    for (int i = 0; ok && i < result.count; i++)
        if (result.entry[i].from >= result.entry[i].to || result.entry[i].from >= job.last ||
            result.entry[i].to <= job.first || memchr(result.entry[i].what, 0, ICS_WHAT) == NULL)
            abort();
    return 0;
}
