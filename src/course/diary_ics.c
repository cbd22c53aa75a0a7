#include "base/jail.h"
#include "course/diary.h"
#include "course/ics_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 20,000 events in 4.2 MB take 1 s. */
enum { MEMORY_BYTES = 512 << 20, CPU_SECONDS = 8 };

static bool prepare(void *ctx, size_t shared_size, void *shared, Err *err)
{
    (void)ctx, (void)shared_size, (void)shared, (void)err;
    ics_prepare();
    return true;
}

static bool work(void *ctx, size_t shared_size, void *shared, Err *err)
{
    (void)shared_size;
    return ics_read(ctx, shared, err);
}

/* Letters of UTF-8 from 2 bytes on that are whole, no surrogates, and not longer than need be. */
static size_t letter_length(const unsigned char *at, size_t left)
{
    static const unsigned least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = *at < 0x80 ? 1 : *at < 0xC2 ? 0 : *at < 0xE0 ? 2 : *at < 0xF0 ? 3 : 4;
    unsigned code = length > 1 ? *at & (0x7Fu >> length) : *at;
    if (length > left || *at > 0xF4)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3Fu);
    }
    bool surrogate = code >= 0xD800 && code < 0xE000;
    return code < least[length] || surrogate || code > 0x10FFFF ? 0 : length;
}

/* A line that can be shown: what is no letter becomes '?', what moves the cursor a blank. */
static void clean(size_t size, const char from[size], char to[size])
{
    size_t used = 0, at = 0;
    while (at + 1 < size && from[at] != '\0') {
        size_t length = letter_length((const unsigned char *)from + at, size - 1 - at);
        if (length == 0 && at + 4 >= size - 1 && (from[at] & 0x80))
            break; /* cut off */
        unsigned char c = (unsigned char)from[at];
        if (length > 1)
            memcpy(to + used, from + at, length);
        else
            to[used] = length == 0 ? '?' : c < 0x20 || c == 0x7F ? ' ' : from[at];
        used += length > 1 ? length : 1;
        at += length > 1 ? length : 1;
    }
    to[used] = '\0';
}

/* Believe nothing that the child left: sizes, times and texts are checked. */
static bool check_result(const IcsJob *job, const IcsResult *result, Err *err)
{
    bool sane = result->count >= 0 && result->count <= ICS_MAX_ENTRIES;
    for (int i = 0; sane && i < result->count; i++) {
        const IcsEntry *entry = &result->entry[i];
        int64_t most = (int64_t)ICS_MAX_YEARS * 2 * 366 * 1440;
        sane = entry->from < entry->to && entry->from < job->last && entry->to > job->first &&
               entry->from > job->first - most && entry->to < job->last + most;
    }
    return sane ||
           err_set(err, ERR_INPUT, "the calendar '%.60s' has events that make no sense", job->name);
}

static int by_from(const void *a, const void *b)
{
    const DiaryTaken *left = a, *right = b;
    int order = (left->from > right->from) - (left->from < right->from);
    if (order == 0)
        order = (left->to > right->to) - (left->to < right->to);
    if (order == 0)
        order = (int)left->kind - (int)right->kind;
    return order != 0 ? order : strcmp(left->what, right->what);
}

static bool take(Arena *arena, const IcsJob *job, const IcsResult *result, DiaryKind kind,
                 Diary *diary, Err *err)
{
    int count = result->count;
    if (count > DIARY_MAX_TAKEN - diary->taken_count)
        return err_set(err, ERR_LIMIT,
                       "with the calendar '%.60s' the diary has more than %d entries", job->name,
                       DIARY_MAX_TAKEN);
    char(*what)[ICS_WHAT] = arena_alloc(arena, (size_t)count, ICS_WHAT);
    if (what == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d entries of a diary", count);
    for (int i = 0; i < count; i++) {
        const IcsEntry *entry = &result->entry[i];
        clean(ICS_WHAT, entry->what, what[i]);
        diary->taken[diary->taken_count++] = (DiaryTaken){entry->from, entry->to, kind, what[i]};
    }
    qsort(diary->taken, (size_t)diary->taken_count, sizeof *diary->taken, by_from);
    if (result->note[0] != '\0' && diary->note_count < DIARY_NOTES) {
        char note[ICS_NOTE];
        clean(ICS_NOTE, result->note, note);
        snprintf(diary->note[diary->note_count], sizeof *diary->note, "%.39s: %s", job->name, note);
        diary->note_count++;
    }
    return true;
}

static bool set_up(Arena *scratch, const char *name, size_t size, const char *bytes, IcsJob *job,
                   Err *err)
{
    char *copy = size <= ICS_MAX_BYTES ? ARENA_NEW(scratch, char, size + 1) : NULL;
    *job = (IcsJob){.name = name, .size = size, .bytes = bytes};
    if (size > ICS_MAX_BYTES)
        return ics_check(job, err);
    job->zone = ARENA_NEW(scratch, CourseZoneTime, ICS_ZONES);
    if (copy == NULL || job->zone == NULL)
        return err_set(err, ERR_LIMIT, "no room for the calendar '%.60s' of %zu bytes", name, size);
    memcpy(copy, bytes, size);
    job->bytes = copy;
    return ics_check(job, err);
}

bool diary_add_ics(Arena *arena, Arena *scratch, Diary *diary, DiaryKind kind, const char *name,
                   size_t size, const char *bytes, Err *err)
{
    char what[96];
    void *block = NULL;
    IcsJob job;
    size_t mark = arena_mark(scratch);
    bool ok = set_up(scratch, name, size, bytes, &job, err);
    if (ok) {
        job.first = course_zone_moment(&diary->zone, diary->first, 0);
        job.last = course_zone_moment(&diary->zone, diary->last, 1440);
        job.free_counts = kind == DIARY_HOLIDAY;
        job.home = &diary->zone;
        ics_scan(&job);
        snprintf(what, sizeof what, "the calendar '%.60s'", name);
    }
    ok = ok && jail_block_open(sizeof(IcsResult), &block, err);
    if (ok) {
        JailLimits limits = {.memory_bytes = MEMORY_BYTES, .seconds = CPU_SECONDS};
        ok = jail_run(what, limits, prepare, work, &job, sizeof(IcsResult), block, err) &&
             check_result(&job, block, err) && take(arena, &job, block, kind, diary, err);
        jail_block_close(sizeof(IcsResult), block);
    }
    arena_rewind(scratch, mark);
    return ok;
}
