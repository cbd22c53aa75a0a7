#include "report/report_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* RFC 5545 3.1: a line has at most 75 octets. A fold comes before the octet that a letter of up to
 * four octets could carry over that. */
enum { CALENDAR_BYTES = 256 << 10, LINE_OCTETS = 75, LETTER_OCTETS = 4, VALUE_BYTES = 600 };
/* A rule of up to two weeks is a bar in the calendar; a longer one is a reminder on its first day,
 * or the bars would hide the client's own appointments. */
enum { BAR_DAYS = 15, FOR_GOOD_DAYS = 365 };

typedef struct Calendar {
    Arena *arena;
    char *bytes;
    size_t used;
    bool full;
} Calendar;

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
        if (column > LINE_OCTETS - LETTER_OCTETS && starts) {
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

/* TEXT values escape backslash, semicolon, comma and line ends (RFC 5545 3.3.11) and have no other
 * control character; what is no UTF-8 becomes the mark for it. */
static const char *escaped(const char *text, char out[VALUE_BYTES])
{
    char *valid = g_utf8_make_valid(text, -1);
    const char *at = valid;
    size_t used = 0;
    while (*at != '\0') {
        size_t octets = 1;
        while (((unsigned char)at[octets] & 0xC0) == 0x80)
            octets++;
        unsigned char first = (unsigned char)*at;
        if (used + octets + 2 > VALUE_BYTES)
            break;
        if (first == '\n' || strchr("\\;,", first) != NULL)
            out[used++] = '\\';
        if (first == '\n')
            out[used++] = 'n';
        else if (first >= 0x20 && first != 0x7F) {
            memcpy(out + used, at, octets);
            used += octets;
        }
        at += octets;
    }
    out[used] = '\0';
    g_free(valid);
    return out;
}

static const char *format(Calendar *calendar, const char *fmt, ...) PRINTF_LIKE(2, 3);
static const char *format(Calendar *calendar, const char *fmt, ...)
{
    char *text = ARENA_NEW(calendar->arena, char, VALUE_BYTES);
    va_list list;
    if (text == NULL) {
        calendar->full = true;
        return "";
    }
    va_start(list, fmt);
    vsnprintf(text, VALUE_BYTES, fmt, list);
    va_end(list);
    return text;
}

/* Whole days from `from` to the day before `until`. The identifier holds across new plans from the
 * same scan, so that a calendar that is imported again moves its entries. */
static void put_event(Calendar *calendar, const Case *plan, const char *uid, CourseDate from,
                      CourseDate until, bool alarm, const char *summary, const char *description)
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
    if (alarm) {
        put_line(calendar, "BEGIN:VALARM");
        put_line(calendar, "ACTION:DISPLAY");
        put_line(calendar, "TRIGGER:-PT12H"); /* noon of the day before */
        put_line(calendar, "DESCRIPTION:%s", escaped(summary, text));
        put_line(calendar, "END:VALARM");
    }
    put_line(calendar, "END:VEVENT");
}

static void put_rule(Calendar *calendar, const Case *plan, int s, int i)
{
    const Course *course = plan->course;
    const CourseRule *rule = &course->protocol.aftercare[i];
    CourseDate day = course->session[s].date, from = course_date_add(day, rule->from_day);
    const char *uid = format(calendar, "session%d-rule%d", s + 1, i + 1);
    int days = rule->to_day - rule->from_day + 1;
    char last[11];
    if (rule->to_day < 0) {
        put_event(calendar, plan, uid, from, course_date_add(from, 1), true,
                  format(calendar, "Before session %d: %s", s + 1, rule->text), "");
    } else if (days > FOR_GOOD_DAYS) {
        if (s == course->session_count - 1) /* once, when nothing more follows */
            put_event(calendar, plan, uid, from, course_date_add(from, 1), false,
                      format(calendar, "From today on: %s", rule->text), "");
    } else if (days > BAR_DAYS) {
        course_date_text(course_date_add(day, rule->to_day), last);
        put_event(calendar, plan, uid, from, course_date_add(from, 1), false,
                  format(calendar, "Until %s: %s", last, rule->text), "");
    } else
        put_event(calendar, plan, uid, from, course_date_add(day, rule->to_day + 1), false,
                  rule->text, "");
}

static void put_session(Calendar *calendar, const Case *plan, int s)
{
    const CourseSession *session = &plan->course->session[s];
    put_event(calendar, plan, format(calendar, "session%d", s + 1), session->date,
              course_date_add(session->date, session->sittings > 1 ? session->sittings : 1), true,
              format(calendar, "Session %d of %d", s + 1, plan->course->session_count),
              format(calendar,
                     "About %.1f hours, with breaks. Ask your practitioner for the time of day.",
                     session->hours[1]));
    for (int i = 0; i < plan->course->protocol.aftercare_count; i++)
        put_rule(calendar, plan, s, i);
}

bool report_calendar(Arena *arena, const Case *plan, size_t *size, uint8_t **bytes, Err *err)
{
    const Course *course = plan->course;
    Calendar calendar = {.arena = arena, .bytes = ARENA_NEW(arena, char, CALENDAR_BYTES)};
    if (calendar.bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for the calendar within the memory limit");
    if (course->session_count == 0 || !course->session[0].has_date)
        return err_set(err, ERR_INPUT, "the course has no dates: give --start");
    put_line(&calendar, "BEGIN:VCALENDAR");
    put_line(&calendar, "VERSION:2.0");
    put_line(&calendar, "PRODID:-//Follicle//%s//EN", FOLLICLE_VERSION);
    put_line(&calendar, "METHOD:PUBLISH");
    for (int s = 0; s < course->session_count; s++)
        put_session(&calendar, plan, s);
    CourseDate review = course_date_add(course->session[course->session_count - 1].date,
                                        course->protocol.review_days);
    put_event(&calendar, plan, "review", review, course_date_add(review, 1), true,
              "Look at the healed result together", "");
    put_line(&calendar, "END:VCALENDAR");
    if (calendar.full)
        return err_set(err, ERR_LIMIT, "no room for the calendar within the memory limit");
    *size = calendar.used;
    *bytes = (uint8_t *)calendar.bytes;
    return true;
}
