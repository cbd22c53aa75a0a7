#include "course/ics_internal.h"

#include <stdio.h>
#include <string.h>

/* ---- the names of time zones ---- */

/* Skips what folding put between two letters: a line end and a blank. */
static size_t skip_fold(const IcsJob *job, size_t at)
{
    size_t after = at;
    if (after < job->size && job->bytes[after] == '\r')
        after++;
    if (after + 1 < job->size && job->bytes[after] == '\n' &&
        (job->bytes[after + 1] == ' ' || job->bytes[after + 1] == '\t'))
        return after + 2;
    return at;
}

/* The letters from `at` on, unfolded, up to the end of a parameter or a line. */
static void read_name(const IcsJob *job, size_t at, char name[ICS_ZONE_NAME])
{
    size_t used = 0;
    for (; used + 1 < ICS_ZONE_NAME; at++) {
        at = skip_fold(job, at);
        char c = at < job->size ? job->bytes[at] : '\0';
        if (c == '\0' || c == '\r' || c == '\n' || c == ':' || c == ';')
            break;
        if (c != '"')
            name[used++] = c;
    }
    name[used] = '\0';
}

static bool is_known(const IcsJob *job, const char *name)
{
    for (int i = 0; i < job->zone_count; i++)
        if (strcmp(job->alias[i], name) == 0)
            return true;
    return false;
}

/* The name, or what is behind one of its slashes: the longest that the database has. */
static bool open_zone(const char *name, CourseZoneTime *zone)
{
    Err err;
    for (const char *at = name; at != NULL; at = strchr(at, '/')) {
        at += *at == '/';
        if (*at != '\0' && course_zone_open(at, zone, &err))
            return true;
    }
    return false;
}

static bool matches(const IcsJob *job, size_t at, const char *word, size_t *after)
{
    for (; *word != '\0'; word++, at++) {
        at = skip_fold(job, at);
        if (at >= job->size || (job->bytes[at] & ~0x20) != *word)
            return false;
    }
    *after = skip_fold(job, at);
    return *after < job->size;
}

void ics_scan(IcsJob *job)
{
    enum { MAX_TRIES = 200 }; /* names that the database does not have cost a look at the disk */
    int tries = 0;
    char last[ICS_ZONE_NAME] = "";
    job->zone_count = 0;
    for (size_t at = 0; at < job->size && tries < MAX_TRIES && job->zone_count < ICS_ZONES; at++) {
        char name[ICS_ZONE_NAME];
        size_t after;
        if ((job->bytes[at] & ~0x20) != 'T' || !matches(job, at, "TZID", &after) ||
            (job->bytes[after] != '=' && job->bytes[after] != ':'))
            continue;
        read_name(job, after + 1, name);
        if (name[0] == '\0' || strcmp(name, last) == 0 || is_known(job, name))
            continue;
        tries++;
        memcpy(last, name, sizeof last);
        if (open_zone(name, &job->zone[job->zone_count]))
            memcpy(job->alias[job->zone_count++], name, sizeof name);
    }
}

/* ---- the frame ---- */

typedef struct Frame {
    int depth, events;
    struct {
        const char *at;
        size_t length;
    } open[ICS_MAX_DEPTH];
} Frame;

static bool same_word(const char *a, size_t length_a, const char *b, size_t length_b)
{
    if (length_a != length_b)
        return false;
    for (size_t i = 0; i < length_a; i++)
        if ((a[i] & ~0x20) != (b[i] & ~0x20))
            return false;
    return true;
}

static bool open_part(const IcsJob *job, int line, const char *word, size_t length, Frame *frame,
                      Err *err)
{
    if (frame->depth == 0 && !same_word(word, length, "VCALENDAR", 9))
        return err_set(err, ERR_INPUT,
                       "the calendar '%.60s', line %d: BEGIN:%.*s is not within a "
                       "VCALENDAR",
                       job->name, line, (int)(length < 40 ? length : 40), word);
    if (frame->depth == ICS_MAX_DEPTH)
        return err_set(err, ERR_INPUT,
                       "the calendar '%.60s', line %d: parts within parts, deeper "
                       "than %d",
                       job->name, line, ICS_MAX_DEPTH);
    frame->open[frame->depth].at = word;
    frame->open[frame->depth++].length = length;
    frame->events +=
        same_word(word, length, "VEVENT", 6) || same_word(word, length, "VFREEBUSY", 9);
    if (frame->events > ICS_MAX_EVENTS)
        return err_set(err, ERR_LIMIT, "the calendar '%.60s' has more than %d events", job->name,
                       ICS_MAX_EVENTS);
    return true;
}

static bool close_part(const IcsJob *job, int line, const char *word, size_t length, Frame *frame,
                       Err *err)
{
    int last = frame->depth - 1;
    if (last < 0 || !same_word(frame->open[last].at, frame->open[last].length, word, length))
        return err_set(err, ERR_INPUT, "the calendar '%.60s', line %d: END:%.*s ends nothing",
                       job->name, line, (int)(length < 40 ? length : 40), word);
    frame->depth--;
    return true;
}

static bool check_line(const IcsJob *job, int line, const char *at, size_t length, Frame *frame,
                       Err *err)
{
    while (length > 0 && (at[length - 1] == '\r' || at[length - 1] == ' '))
        length--;
    if (length > ICS_MAX_LINE)
        return err_set(err, ERR_INPUT,
                       "the calendar '%.60s', line %d has %zu bytes, not at most %d", job->name,
                       line, length, ICS_MAX_LINE);
    if (length > 6 && same_word(at, 5, "BEGIN", 5) && at[5] == ':')
        return open_part(job, line, at + 6, length - 6, frame, err);
    if (length > 4 && same_word(at, 3, "END", 3) && at[3] == ':')
        return close_part(job, line, at + 4, length - 4, frame, err);
    return frame->depth > 0 || length == 0 ||
           err_set(err, ERR_INPUT,
                   "the file '%.60s' is no iCalendar: line %d is not within "
                   "BEGIN:VCALENDAR",
                   job->name, line);
}

bool ics_check(const IcsJob *job, Err *err)
{
    Frame frame = {0};
    size_t at = job->size >= 3 && memcmp(job->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t parts = 0;
    if (job->size > ICS_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "the calendar '%.60s' has %zu bytes, not at most %d",
                       job->name, job->size, ICS_MAX_BYTES);
    if (memchr(job->bytes, '\0', job->size) != NULL)
        return err_set(err, ERR_INPUT, "the file '%.60s' is no iCalendar: it is not text",
                       job->name);
    for (int line = 1; at < job->size; line++) {
        const char *end = memchr(job->bytes + at, '\n', job->size - at);
        size_t stop = end != NULL ? (size_t)(end - job->bytes) : job->size;
        int before = frame.depth;
        if (!check_line(job, line, job->bytes + at, stop - at, &frame, err))
            return false;
        parts += frame.depth > before;
        at = stop + 1;
    }
    if (parts == 0)
        return err_set(err, ERR_INPUT, "the file '%.60s' is no iCalendar: it is empty", job->name);
    if (frame.depth > 0)
        return err_set(err, ERR_INPUT, "the calendar '%.60s' is cut off: END:%.*s is missing",
                       job->name, (int)(frame.open[0].length < 40 ? frame.open[0].length : 40),
                       frame.open[0].at);
    return true;
}
