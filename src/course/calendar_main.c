/* calendar_entries ZONE FIRST LAST holiday|practitioner FILE: what an iCalendar file takes from a
 * diary, one line each: from, to (minutes since 1970 UTC), summary. For
 * tests/calendars_end_to_end.py, which compares with another expander. */
#include "base/io.h"
#include "course/diary.h"

#include <stdio.h>
#include <string.h>

static bool run(char *argument[], Arena *arena, Arena *scratch, Err *err)
{
    Clinic clinic;
    Diary diary;
    CourseDate first, last;
    size_t size;
    uint8_t *bytes;
    DiaryKind kind = strcmp(argument[4], "holiday") == 0 ? DIARY_HOLIDAY : DIARY_PRACTITIONER;
    clinic_default(&clinic);
    snprintf(clinic.time_zone, sizeof clinic.time_zone, "%s", argument[1]);
    if (!course_date_parse(argument[2], &first, err) ||
        !course_date_parse(argument[3], &last, err) ||
        !diary_open(arena, &clinic, first, last, &diary, err) ||
        !io_read_file(arena, argument[5], 64 << 20, &size, &bytes, err) ||
        !diary_add_ics(arena, scratch, &diary, kind, argument[5], size, (const char *)bytes, err))
        return false;
    for (int i = 0; i < diary.taken_count; i++)
        printf("%lld %lld %s\n", (long long)diary.taken[i].from, (long long)diary.taken[i].to,
               diary.taken[i].what);
    for (int i = 0; i < diary.note_count; i++)
        fprintf(stderr, "note: %s\n", diary.note[i]);
    return true;
}

int main(int count, char *argument[])
{
    Arena arena = {0}, scratch = {0};
    Err err = {0};
    if (count != 6) {
        fprintf(stderr, "usage: calendar_entries ZONE FIRST LAST holiday|practitioner FILE\n");
        return 2;
    }
    bool ok = arena_open(&arena, 256 << 20, &err) && arena_open(&scratch, 128 << 20, &err) &&
              run(argument, &arena, &scratch, &err);
    if (!ok)
        fprintf(stderr, "calendar_entries: %s\n", err.text);
    arena_close(&scratch);
    arena_close(&arena);
    return ok ? 0 : 1;
}
