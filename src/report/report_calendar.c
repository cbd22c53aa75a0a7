#include "report/report_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CALENDAR_BYTES = 256 << 10, FOLD_OCTETS = 74, VALUE_BYTES = 600 };

typedef struct Calendar {
    char *bytes;
    size_t used;
    bool full;
} Calendar;

/* One content line, folded at 75 octets without splitting a UTF-8 sequence (RFC 5545 3.1). */
static void put_line(Calendar *calendar, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void put_line(Calendar *calendar, const char *fmt, ...)
{
    char line[VALUE_BYTES + 80];
    va_list list;
    va_start(list, fmt);
    int length = vsnprintf(line, sizeof line, fmt, list);
    va_end(list);
    if (length < 0 || (size_t)length >= sizeof line ||
        calendar->used + (size_t)length * 2 + 8 > CALENDAR_BYTES) {
        calendar->full = true;
        return;
    }
    int column = 0;
    for (int i = 0; i < length; i++) {
        bool starts = ((unsigned char)line[i] & 0xC0) != 0x80;
        if (column >= FOLD_OCTETS - 3 && starts) {
            memcpy(calendar->bytes + calendar->used, "\r\n ", 3);
            calendar->used += 3;
            column = 1;
        }
        calendar->bytes[calendar->used++] = line[i];
        column++;
    }
    memcpy(calendar->bytes + calendar->used, "\r\n", 2);
    calendar->used += 2;
}

/* TEXT values escape backslash, semicolon, comma and line ends (RFC 5545 3.3.11). */
static const char *escaped(const char *text, char out[VALUE_BYTES])
{
    size_t used = 0;
    for (; *text != '\0' && used + 3 < VALUE_BYTES; text++) {
        if (strchr("\\;,", *text) != NULL || *text == '\n')
            out[used++] = '\\';
        out[used++] = *text == '\n' ? 'n' : *text;
    }
    out[used] = '\0';
    return out;
}

static void put_event(Calendar *calendar, const Case *plan, const char *uid, CourseDate from,
                      CourseDate until, const char *summary, const char *description)
{
    char text[VALUE_BYTES];
    CourseDate start = plan->course->session[0].date;
    put_line(calendar, "BEGIN:VEVENT");
    put_line(calendar, "UID:%s-%.12s@follicle", uid,
             plan->input_count > 0 ? plan->input[0].sha256 : "none");
    put_line(calendar, "DTSTAMP:%04d%02d%02dT000000Z", start.year, start.month, start.day);
    put_line(calendar, "DTSTART;VALUE=DATE:%04d%02d%02d", from.year, from.month, from.day);
    put_line(calendar, "DTEND;VALUE=DATE:%04d%02d%02d", until.year, until.month, until.day);
    put_line(calendar, "SUMMARY:%s", escaped(summary, text));
    if (description[0] != '\0')
        put_line(calendar, "DESCRIPTION:%s", escaped(description, text));
    put_line(calendar, "TRANSP:TRANSPARENT");
    put_line(calendar, "END:VEVENT");
}

static void put_session(Calendar *calendar, Arena *arena, const Case *plan, int s)
{
    const CourseSession *session = &plan->course->session[s];
    const Protocol *protocol = &plan->course->protocol;
    put_event(
        calendar, plan, report_format(arena, "session%d", s + 1), session->date,
        course_date_add(session->date, session->sittings > 1 ? session->sittings : 1),
        report_format(arena, "Session %d of %d", s + 1, plan->course->session_count),
        report_format(arena,
                      "About %.1f hours, with breaks. Ask your practitioner for the time of day.",
                      session->hours[1]));
    for (int i = 0; i < protocol->aftercare_count; i++) {
        const CourseRule *rule = &protocol->aftercare[i];
        put_event(calendar, plan, report_format(arena, "session%d-rule%d", s + 1, i + 1),
                  course_date_add(session->date, rule->from_day),
                  course_date_add(session->date, rule->to_day + 1), rule->text, "");
    }
}

bool report_calendar(Arena *arena, const Case *plan, size_t *size, uint8_t **bytes, Err *err)
{
    const Course *course = plan->course;
    Calendar calendar = {.bytes = ARENA_NEW(arena, char, CALENDAR_BYTES)};
    if (calendar.bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for the calendar within the memory limit");
    if (course->session_count == 0 || !course->session[0].has_date)
        return err_set(err, ERR_INPUT, "the course has no dates: give --start");
    put_line(&calendar, "BEGIN:VCALENDAR");
    put_line(&calendar, "VERSION:2.0");
    put_line(&calendar, "PRODID:-//Follicle//%s//EN", FOLLICLE_VERSION);
    put_line(&calendar, "METHOD:PUBLISH");
    for (int s = 0; s < course->session_count; s++)
        put_session(&calendar, arena, plan, s);
    CourseDate review = course_date_add(course->session[course->session_count - 1].date,
                                        course->protocol.review_days);
    put_event(&calendar, plan, "review", review, course_date_add(review, 1),
              "Review of the healed result", "");
    put_line(&calendar, "END:VCALENDAR");
    if (calendar.full)
        return err_set(err, ERR_LIMIT, "the calendar is larger than %d bytes", CALENDAR_BYTES);
    *size = calendar.used;
    *bytes = (uint8_t *)calendar.bytes;
    return true;
}
