#include "report/report_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* RFC 5545 3.1: a line has at most 75 octets. A fold comes before the octet that a letter of up to
 * four octets could carry over that. */
enum { CALENDAR_BYTES = 256 << 10, LINE_OCTETS = 75, LETTER_OCTETS = 4, VALUE_BYTES = 1600 };
/* A rule of up to two weeks is a bar in the calendar; a longer one is a reminder on its first day,
 * or the bars would hide the client's own appointments. */
enum { BAR_DAYS = 15, FOR_GOOD_DAYS = 365, DAY_MINUTES = 1440 };

typedef struct Calendar {
    Arena *arena;
    const Case *plan;
    const ReportStyle *style;
    Voice voice;
    CourseZoneTime zone; /* of the sittings' times */
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

/* Whole days from `from` to the day before `until`; or moments, of an appointment. */
typedef struct Span {
    bool has_times;
    CourseDate from, until;
    int64_t begin, end;
} Span;

typedef enum Alarm { ALARM_NONE, ALARM_DAY_BEFORE } Alarm;

typedef struct Entry {
    const char *uid, *summary, *description; /* description: "" for none */
    Span span;
    Alarm alarm;
    bool is_appointment; /* with a place, and taking the client's time */
} Entry;

static void put_moment(Calendar *calendar, const char *name, int64_t moment)
{
    static const CourseZoneTime utc;
    CourseDate date;
    int minute;
    course_zone_local(&utc, moment, &date, &minute);
    put_line(calendar, "%s:%04d%02d%02dT%02d%02d00Z", name, date.year, date.month, date.day,
             minute / 60, minute % 60);
}

static void put_span(Calendar *calendar, const Span *span)
{
    CourseDate from = span->from, until = span->until;
    if (span->has_times) {
        put_moment(calendar, "DTSTART", span->begin);
        put_moment(calendar, "DTEND", span->end);
        return;
    }
    put_line(calendar, "DTSTART;VALUE=DATE:%04d%02d%02d", from.year, from.month, from.day);
    put_line(calendar, "DTEND;VALUE=DATE:%04d%02d%02d", until.year, until.month, until.day);
}

static void put_text(Calendar *calendar, const char *name, const char *value)
{
    char text[VALUE_BYTES];
    if (value[0] != '\0')
        put_line(calendar, "%s:%s", name, escaped(value, text));
}

/* The clinic's lines after one another. */
static const char *contact_of(Calendar *calendar, const char *between)
{
    const Clinic *clinic = calendar->style->clinic;
    const char *all = clinic->name;
    for (int i = 0; i < CLINIC_LINES; i++)
        if (clinic->contact[i] != NULL && clinic->contact[i][0] != '\0')
            all =
                format(calendar, "%s%s%s", all, all[0] != '\0' ? between : "", clinic->contact[i]);
    return all;
}

static void put_place(Calendar *calendar)
{
    const Clinic *clinic = calendar->style->clinic;
    if (clinic == NULL)
        return;
    const char *place = contact_of(calendar, ", ");
    if (clinic->room[0] != '\0')
        place = format(calendar, "%s%s%s", place, place[0] != '\0' ? ", " : "", clinic->room);
    put_text(calendar, "LOCATION", place);
    put_text(calendar, "CONTACT", contact_of(calendar, "; "));
}

/* The identifier holds across new plans from the same scan, and the sequence rises with every event
 * of the course, so that a calendar that is imported again moves its entries. No clock: the stamp
 * is the day that the course starts. */
static void put_entry(Calendar *calendar, const Entry *entry)
{
    const Case *plan = calendar->plan;
    const Course *course = plan->course;
    CourseDate start = course->has_start ? course->start : course->session[0].date;
    put_line(calendar, "BEGIN:VEVENT");
    put_line(calendar, "UID:%s-%.12s@follicle", entry->uid,
             plan->input_count > 0 ? plan->input[0].sha256 : "none");
    put_line(calendar, "DTSTAMP:%04d%02d%02dT000000Z", start.year, start.month, start.day);
    put_line(calendar, "SEQUENCE:%d", course->event_count);
    put_span(calendar, &entry->span);
    put_text(calendar, "SUMMARY", entry->summary);
    put_text(calendar, "DESCRIPTION", entry->description);
    if (entry->is_appointment)
        put_place(calendar);
    put_line(calendar, "TRANSP:%s",
             entry->is_appointment && entry->span.has_times ? "OPAQUE" : "TRANSPARENT");
    if (entry->alarm == ALARM_DAY_BEFORE) {
        put_line(calendar, "BEGIN:VALARM");
        put_line(calendar, "ACTION:DISPLAY");
        put_line(calendar, "TRIGGER:%s", entry->span.has_times ? "-P1D" : "-PT12H"); /* noon */
        put_text(calendar, "DESCRIPTION", entry->summary);
        put_line(calendar, "END:VALARM");
    }
    put_line(calendar, "END:VEVENT");
}

static Span days_of(CourseDate from, CourseDate last)
{
    return (Span){.from = from, .until = course_date_add(last, 1)};
}

static CourseDate last_date(const CourseSession *session)
{
    return session->sittings > 1 ? session->sitting[session->sittings - 1].date : session->date;
}

/* ---- what to do on the days around a session ---- */

/* Rules of the same days of one session are one entry where it only says "see your sheet". */
static bool is_said_already(const Protocol *protocol, int i)
{
    for (int before = 0; before < i; before++)
        if (protocol->aftercare[before].from_day == protocol->aftercare[i].from_day &&
            protocol->aftercare[before].to_day == protocol->aftercare[i].to_day)
            return true;
    return false;
}

/* A rule's days as care.h counts them: from the first sitting before the session and on its day,
 * from the last one after it. */
static void put_rule(Calendar *calendar, int s, int i)
{
    Voice *voice = &calendar->voice;
    const Course *course = calendar->plan->course;
    const CourseSession *session = &course->session[s];
    const ProtocolRule *rule = &course->protocol.aftercare[i];
    bool detailed = calendar->style->detailed;
    const char *text = detailed ? words_say(voice, rule->text) : words_say(voice, "see your sheet");
    CourseDate first = session->date, after = last_date(session);
    CourseDate from = course_date_add(rule->from_day > 0 ? after : first, rule->from_day);
    CourseDate to = course_date_add(rule->to_day < 0 ? first : after, rule->to_day);
    Entry entry = {.uid = format(calendar, "session%d-rule%d", s + 1, i + 1), .description = ""};
    if (!detailed && is_said_already(&course->protocol, i))
        return;
    entry.span = days_of(from, from);
    if (rule->to_day < 0) {
        entry.alarm = session->state == COURSE_HELD ? ALARM_NONE : ALARM_DAY_BEFORE;
        entry.summary = words_fill(voice, "Before appointment {number}: {rule}", "number",
                                   words_count(voice, s + 1), "rule", text);
    } else if (rule->to_day - rule->from_day >= FOR_GOOD_DAYS) {
        if (s < course->session_count - 1)
            return; /* once, when nothing more follows */
        entry.summary = words_fill(voice, "From today on: {rule}", "rule", text);
    } else if (course_date_between(from, to) >= BAR_DAYS) {
        const char *last = words_date(voice, to.year, to.month, to.day, WORDS_DATE_DAY);
        entry.summary = words_fill(voice, "Until {date}: {rule}", "date", last, "rule", text);
    } else {
        entry.span = days_of(from, to);
        entry.summary = detailed ? text : words_say(voice, "See your sheet");
    }
    put_entry(calendar, &entry);
}

/* ---- the sessions ---- */

static Span sitting_span(const Calendar *calendar, const CourseSitting *sitting)
{
    Span span = days_of(sitting->date, sitting->date);
    span.has_times = calendar->plan->course->time_zone[0] != '\0' && sitting->from_minute >= 0 &&
                     sitting->to_minute > sitting->from_minute;
    if (!span.has_times)
        return span;
    span.begin = course_zone_moment(&calendar->zone, sitting->date, sitting->from_minute);
    span.end = course_zone_moment(&calendar->zone, sitting->date, sitting->to_minute);
    return span;
}

static const char *appointment(Calendar *calendar, int s, int day)
{
    Voice *voice = &calendar->voice;
    const Course *course = calendar->plan->course;
    const CourseSession *session = &course->session[s];
    const char *number = words_count(voice, s + 1);
    const char *count = words_count(voice, course->session_count);
    const char *title =
        calendar->style->detailed
            ? words_fill(voice, "Scalp micropigmentation, session {number} of {count}", "number",
                         number, "count", count)
            : words_fill(voice, "Appointment {number} of {count}", "number", number, "count",
                         count);
    if (session->sittings == 1)
        return title;
    return words_fill(voice, "{title}, day {number} of {count}", "title", title, "number",
                      words_count(voice, day + 1), "count", words_count(voice, session->sittings));
}

static void put_sitting(Calendar *calendar, int s, int day)
{
    Voice *voice = &calendar->voice;
    const CourseSession *session = &calendar->plan->course->session[s];
    const char *hours = words_number(voice, session->hours[1] / session->sittings, 1);
    Entry entry = {.summary = appointment(calendar, s, day),
                   .span = sitting_span(calendar, &session->sitting[day]),
                   .alarm = session->state == COURSE_HELD ? ALARM_NONE : ALARM_DAY_BEFORE,
                   .is_appointment = true};
    entry.uid = day == 0 ? format(calendar, "session%d", s + 1)
                         : format(calendar, "session%d-day%d", s + 1, day + 1);
    entry.description =
        entry.span.has_times
            ? words_fill(voice, "About {hours} hours, with breaks.", "hours", hours)
            : words_fill(voice,
                         "About {hours} hours, with breaks. Ask your practitioner for the "
                         "time of day.",
                         "hours", hours);
    put_entry(calendar, &entry);
}

static void put_session(Calendar *calendar, int s)
{
    const Course *course = calendar->plan->course;
    for (int day = 0; day < course->session[s].sittings; day++)
        put_sitting(calendar, s, day);
    for (int i = 0; i < course->protocol.aftercare_count; i++)
        put_rule(calendar, s, i);
}

static void put_review(Calendar *calendar)
{
    const Course *course = calendar->plan->course;
    CourseDate day = course_date_add(last_date(&course->session[course->session_count - 1]),
                                     course->protocol.review_days);
    Entry entry = {.uid = "review", .description = "", .alarm = ALARM_DAY_BEFORE};
    entry.span = days_of(day, day);
    entry.summary = calendar->style->detailed
                        ? words_say(&calendar->voice, "Look at the healed result together")
                        : words_say(&calendar->voice, "Follow-up appointment");
    entry.is_appointment = true;
    put_entry(calendar, &entry);
}

/* "de" becomes "DE", as PRODID has it. No METHOD: a published one needs an ORGANIZER with a mail
 * address (RFC 5546), which a clinic need not have. */
static void put_head(Calendar *calendar)
{
    char language[16];
    snprintf(language, sizeof language, "%s", words_language(calendar->style->words));
    for (char *c = language; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    put_line(calendar, "BEGIN:VCALENDAR");
    put_line(calendar, "VERSION:2.0");
    put_line(calendar, "PRODID:-//Follicle//%s//%s", FOLLICLE_VERSION, language);
}

bool report_calendar(Arena *arena, const Case *plan, const ReportStyle *style, size_t *size,
                     uint8_t **bytes, Err *err)
{
    static const ReportStyle plain;
    const Course *course = plan->course;
    Calendar calendar = {.arena = arena, .plan = plan, .style = style != NULL ? style : &plain};
    calendar.voice = (Voice){.words = calendar.style->words, .arena = arena};
    calendar.bytes = ARENA_NEW(arena, char, CALENDAR_BYTES);
    if (calendar.bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for the calendar within the memory limit");
    if (course->session_count == 0 || !course->session[0].has_date)
        return err_set(err, ERR_INPUT, "the course has no dates: give --start");
    if (course->time_zone[0] != '\0' && !course_zone_open(course->time_zone, &calendar.zone, err))
        return false;
    put_head(&calendar);
    for (int s = 0; s < course->session_count; s++)
        put_session(&calendar, s);
    put_review(&calendar);
    put_line(&calendar, "END:VCALENDAR");
    if (calendar.full || calendar.voice.full)
        return err_set(err, ERR_LIMIT, "no room for the calendar within the memory limit");
    *size = calendar.used;
    *bytes = (uint8_t *)calendar.bytes;
    return true;
}
