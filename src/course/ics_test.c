#include "base/io.h"
#include "base/rng.h"
#include "base/test.h"
#include "course/diary.h"
#include "course/ics_internal.h"

#include <libical/ical.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static Arena arena, scratch;
static Clinic clinic;
static Diary diary;
static Err err;
static char text[1 << 16];
static size_t text_size;

/* The year 2027 in Berlin. */
static bool begin(void)
{
    clinic_default(&clinic);
    snprintf(clinic.time_zone, sizeof clinic.time_zone, "Europe/Berlin");
    err = (Err){0};
    return arena_open(&arena, 64 << 20, &err) && arena_open(&scratch, 64 << 20, &err) &&
           diary_open(&arena, &clinic, (CourseDate){2027, 1, 1}, (CourseDate){2027, 12, 31}, &diary,
                      &err);
}

static void end(void)
{
    arena_close(&scratch);
    arena_close(&arena);
}

static void say(const char *line)
{
    text_size += (size_t)snprintf(text + text_size, sizeof text - text_size, "%s\r\n", line);
}

#define EVENT(...) event_of((const char *const[]){__VA_ARGS__, NULL})

/* A calendar with one event of these lines. */
static void event_of(const char *const line[])
{
    text_size = 0;
    say("BEGIN:VCALENDAR");
    say("VERSION:2.0");
    say("PRODID:-//tests");
    say("BEGIN:VEVENT");
    say("UID:one");
    say("SUMMARY:the event");
    for (int i = 0; line[i] != NULL; i++)
        say(line[i]);
    say("END:VEVENT");
    say("END:VCALENDAR");
}

static bool add(DiaryKind kind)
{
    return diary_add_ics(&arena, &scratch, &diary, kind, "test.ics", text_size, text, &err);
}

static bool add_file(const char *name, DiaryKind kind)
{
    char path[256];
    size_t size;
    uint8_t *bytes;
    snprintf(path, sizeof path, "tests/data/%s", name);
    return io_read_file(&arena, path, 1 << 20, &size, &bytes, &err) &&
           diary_add_ics(&arena, &scratch, &diary, kind, name, size, (const char *)bytes, &err);
}

static int64_t moment(int month, int day, int minute)
{
    return course_zone_moment(&diary.zone, (CourseDate){2027, month, day}, minute);
}

static bool is_entry(int i, int64_t from, int64_t to, const char *what)
{
    const DiaryTaken *taken = &diary.taken[i];
    if (i < diary.taken_count && taken->from == from && taken->to == to &&
        strcmp(taken->what, what) == 0)
        return true;
    if (i < diary.taken_count)
        printf("# entry %d: %lld..%lld %s\n", i, (long long)taken->from, (long long)taken->to,
               taken->what);
    return false;
}

/* ---- files ---- */

TEST(an_hour_is_the_same_hour_in_every_zone_that_names_it)
{
    REQUIRE(begin());
    REQUIRE(add_file("two_zones_one_hour.ics", DIARY_PRACTITIONER));
    CHECK(diary.taken_count == 6 && diary.note_count == 0);
    for (int i = 0; i < diary.taken_count; i++) /* 16:00 in Berlin; New York turned a day before */
        CHECK(diary.taken[i].from == moment(3, 15, 960) &&
              diary.taken[i].to == moment(3, 15, 1020));
    end();
}

TEST(a_series_with_exceptions_counts_each_time_once)
{
    static const struct {
        int month, day, from, to;
        const char *what;
    } known[] = {{1, 1, 0, 1440, "for ever"},        {3, 2, 540, 690, "every Tuesday"},
                 {3, 9, 540, 690, "every Tuesday"},  {3, 10, 540, 660, "busy"},
                 {3, 11, 540, 600, "busy"},          {3, 23, 840, 900, "in the afternoon once"},
                 {3, 30, 540, 690, "every Tuesday"}, {4, 13, 540, 690, "every Tuesday"},
                 {4, 20, 540, 690, "every Tuesday"}, {4, 27, 540, 690, "every Tuesday"},
                 {5, 5, 540, 690, "every Tuesday"}};
    REQUIRE(begin());
    REQUIRE(add_file("recurring_busy.ics", DIARY_PRACTITIONER));
    CHECK(diary.taken_count == (int)(sizeof known / sizeof *known));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        CHECK(is_entry((int)i, moment(known[i].month, known[i].day, known[i].from),
                       moment(known[i].month, known[i].day, known[i].to), known[i].what));
    end();
}

TEST(a_zone_of_the_database_is_not_what_a_file_says_it_is)
{
    REQUIRE(begin());
    REQUIRE(add_file("lying_zone.ics", DIARY_PRACTITIONER));
    CHECK(diary.taken_count == 1);
    CHECK(is_entry(0, moment(7, 5, 540), moment(7, 5, 600), "an hour in summer"));
    end();
}

TEST(holidays_count_although_lists_of_them_say_transparent)
{
    DiarySlot slot;
    DiaryReasons reasons;
    REQUIRE(begin());
    REQUIRE(add_file("holidays.ics", DIARY_PRACTITIONER));
    CHECK(diary.taken_count == 1); /* somebody's calendar: nobody's time is taken */
    REQUIRE(add_file("holidays.ics", DIARY_HOLIDAY));
    CHECK(diary.taken_count == 4);
    CHECK(!diary_free_on(&diary, (CourseDate){2027, 3, 29}, 30, &slot, &reasons));
    CHECK(strstr(reasons.reason[0].text, "Easter Monday") != NULL);
    CHECK(diary_free_on(&diary, (CourseDate){2027, 3, 30}, 30, &slot, &reasons));
    end();
}

/* ---- rules ---- */

TEST(a_weekly_rule_keeps_its_hour_when_the_clock_is_turned)
{
    REQUIRE(begin());
    EVENT("DTSTART;TZID=Europe/Berlin:20270104T083000", "DURATION:PT45M", "RRULE:FREQ=WEEKLY");
    REQUIRE(add(DIARY_ROOM));
    CHECK(diary.taken_count == 52);
    for (int i = 0; i < diary.taken_count; i++) {
        CourseDate date;
        int minute;
        course_zone_local(&diary.zone, diary.taken[i].from, &date, &minute);
        CHECK(minute == 510 && course_date_weekday(date) == 0);
        CHECK(diary.taken[i].to - diary.taken[i].from == 45);
    }
    end();
}

TEST(a_series_ends_at_a_moment_although_it_is_followed_in_local_time)
{
    static const struct {
        const char *until;
        int count;
    } known[] = {{"RRULE:FREQ=WEEKLY;UNTIL=20270504T070000Z", 10}, /* 09:00 in Berlin */
                 {"RRULE:FREQ=WEEKLY;UNTIL=20270504T065959Z", 9},
                 {"RRULE:FREQ=WEEKLY;UNTIL=20270504T090000", 10},
                 {"RRULE:FREQ=WEEKLY;UNTIL=20270504T085959", 9},
                 {"RRULE:FREQ=WEEKLY;UNTIL=20270504", 10},
                 {"RRULE:FREQ=WEEKLY;UNTIL=20270503", 9}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        REQUIRE(begin());
        EVENT("DTSTART;TZID=Europe/Berlin:20270302T090000", "DURATION:PT1H", known[i].until);
        REQUIRE(add(DIARY_ROOM));
        CHECK(diary.taken_count == known[i].count);
        end();
    }
}

TEST(the_29th_of_february_and_the_31st_are_only_where_they_are)
{
    REQUIRE(begin());
    EVENT("DTSTART;VALUE=DATE:20200229", "RRULE:FREQ=YEARLY");
    REQUIRE(add(DIARY_ROOM) && diary.taken_count == 0);
    EVENT("DTSTART;VALUE=DATE:20270131", "RRULE:FREQ=MONTHLY");
    REQUIRE(add(DIARY_ROOM) && diary.taken_count == 7);
    EVENT("DTSTART;VALUE=DATE:20270131", "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3");
    REQUIRE(add(DIARY_CLIENT) && diary.taken_count == 10);
    int february = 0;
    for (int i = 0; i < diary.taken_count; i++)
        february += diary.taken[i].from == moment(2, 28, 0);
    CHECK(february == 1);
    end();
}

TEST(whole_days_are_as_long_as_the_clock_makes_them)
{
    REQUIRE(begin());
    EVENT("DTSTART;VALUE=DATE:20270328", "DTEND;VALUE=DATE:20270329");
    REQUIRE(add(DIARY_ROOM));
    EVENT("DTSTART;VALUE=DATE:20271031");
    REQUIRE(add(DIARY_ROOM));
    EVENT("DTSTART;TZID=Europe/Berlin:20270327T120000", "DURATION:P1D"); /* nominal */
    REQUIRE(add(DIARY_ROOM));
    EVENT("DTSTART;TZID=Europe/Berlin:20270327T120000", "DURATION:PT24H"); /* exact */
    REQUIRE(add(DIARY_ROOM));
    CHECK(diary.taken_count == 4);
    CHECK(is_entry(0, moment(3, 27, 720), moment(3, 28, 720), "the event"));
    CHECK(is_entry(1, moment(3, 27, 720), moment(3, 28, 780), "the event"));
    CHECK(diary.taken[2].to - diary.taken[2].from == 1380);
    CHECK(diary.taken[3].to - diary.taken[3].from == 1500);
    end();
}

TEST(an_event_in_the_hour_that_is_skipped_keeps_its_length)
{
    REQUIRE(begin());
    EVENT("DTSTART;TZID=Europe/Berlin:20270328T024000", "DTEND;TZID=Europe/Berlin:20270328T030000");
    REQUIRE(add(DIARY_ROOM));
    CHECK(is_entry(0, moment(3, 28, 220), moment(3, 28, 240), "the event")); /* from 03:40 */
    end();
}

TEST(moving_this_and_all_later_ones_moves_them)
{
    REQUIRE(begin());
    text_size = 0;
    static const char *const lines[] = {
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "UID:a",
        "SUMMARY:early",
        "DTSTART;TZID=Europe/Berlin:20270601T090000",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY;COUNT=10",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:a",
        "SUMMARY:late",
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270604T090000",
        "DTSTART;TZID=Europe/Berlin:20270604T150000",
        "DURATION:PT2H",
        "END:VEVENT",
        "END:VCALENDAR"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        say(lines[i]);
    REQUIRE(add(DIARY_ROOM));
    CHECK(diary.taken_count == 10);
    for (int i = 0; i < 10; i++)
        CHECK(diary.taken[i].from == moment(6, 1 + i, i < 3 ? 540 : 900) &&
              diary.taken[i].to - diary.taken[i].from == (i < 3 ? 60 : 120));
    end();
}

TEST(an_unknown_zone_is_taken_as_the_clinics_and_said)
{
    REQUIRE(begin());
    EVENT("DTSTART;TZID=Nowhere Standard Time:20270705T090000", "DURATION:PT1H");
    REQUIRE(add(DIARY_ROOM));
    CHECK(is_entry(0, moment(7, 5, 540), moment(7, 5, 600), "the event"));
    CHECK(diary.note_count == 1 && strstr(diary.note[0], "Nowhere Standard Time") != NULL &&
          strstr(diary.note[0], "test.ics") != NULL);
    end();
}

TEST(summaries_are_folded_text_of_any_script_and_nothing_else)
{
    REQUIRE(begin());
    EVENT("SUMMARY:\xd0\x9c\xd0\xb0\xd1\x80\xd0\xb8", " \xd1\x8f\\, \xc3\xa4\\n\\;",
          "DTSTART:20270705T070000Z", "DURATION:PT1H");
    REQUIRE(add(DIARY_ROOM));
    CHECK(strcmp(diary.taken[0].what, "the event") == 0); /* the first SUMMARY of two */
    text_size = 0;
    say("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:\xd0\x9c\xd0\xb0\xd1\x80\xd0\xb8\r\n "
        "\xd1\x8f\\, \xc3\xa4\\n\\;\xff\x1b\r\nDTSTART:20270706T070000Z\r\nDURATION:PT1H\r\n"
        "END:VEVENT\r\nEND:VCALENDAR");
    REQUIRE(add(DIARY_ROOM));
    CHECK(strncmp(diary.taken[1].what, "\xd0\x9c\xd0\xb0\xd1\x80\xd0\xb8\xd1\x8f, \xc3\xa4 ;",
                  16) == 0);
    for (const char *c = diary.taken[1].what; *c != '\0'; c++)
        CHECK((unsigned char)*c >= 0x20 && (unsigned char)*c != 0xff && *c != 0x7f);
    end();
}

/* ---- what is refused ---- */

TEST(what_cannot_be_read_names_the_file_and_the_event)
{
    static const struct {
        const char *line[3], *word;
    } bad[] = {
        {{"DTSTART:20271305T090000Z"}, "DTSTART"},
        {{"DTSTART:2027"}, "DTSTART"},
        {{"DTEND:20270305T090000Z"}, "DTSTART"},
        {{"DTSTART:20270305T090000Z", "DTEND:20270305T080000Z"}, "ends before"},
        {{"DTSTART:20270305T090000Z", "DTEND;VALUE=DATE:20270306"}, "one of DTSTART and DTEND"},
        {{"DTSTART:20270305T090000Z", "DURATION:-PT1H"}, "duration"},
        {{"DTSTART:20270305T090000Z", "DURATION:P9999999D"}, "duration"},
        {{"DTSTART:20270305T090000Z", "DTEND:29990305T080000Z"}, "longer than"},
        {{"DTSTART:20270305T090000Z", "RRULE:FREQ=SECONDLY"}, "every second"},
        {{"DTSTART:20270305T090000Z", "RRULE:FREQ=MINUTELY;COUNT=3"}, "every minute"},
        {{"DTSTART:20270305T090000Z", "RRULE:FREQ=SOMETIMES"}, "RRULE"},
        {{"DTSTART:20270305T090000Z", "RRULE:FREQ=DAILY;UNTIL=never"}, "RRULE"},
        {{"DTSTART:20270305T090000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"}, "no day fits"},
        {{"DTSTART:20270305T090000Z", "RRULE:FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO"}, "weeks"},
        {{"DTSTART:20270305T090000Z", "RRULE:RSCALE=HEBREW;FREQ=YEARLY"}, "RSCALE"},
        {{"DTSTART:20270305T090000Z", "EXDATE:often"}, "EXDATE"},
        {{"DTSTART:20270305T090000Z", "RDATE;VALUE=PERIOD:20270306T0900Z/PT1H"}, "RDATE"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        REQUIRE(begin());
        event_of(bad[i].line);
        bool ok = add(DIARY_ROOM);
        if (!CHECK(!ok && err.code == ERR_INPUT && strstr(err.text, bad[i].word) != NULL &&
                   strstr(err.text, "test.ics") != NULL && strstr(err.text, "the event") != NULL))
            printf("# %s: %s\n", bad[i].word, ok ? "accepted" : err.text);
        CHECK(diary.taken_count == 0);
        end();
    }
}

TEST(what_is_no_calendar_is_refused_with_its_name)
{
    static const struct {
        const char *bytes, *word;
    } bad[] = {{"", "empty"},
               {"\r\n\r\n", "empty"},
               {"hello", "line 1"},
               {"<html>", "no iCalendar"},
               {"\x89PNG\r\n\x1a\n", "no iCalendar"},
               {"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "not within a VCALENDAR"},
               {"BEGIN:VCALENDAR\r\n", "cut off"},
               {"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "ends nothing"},
               {"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nmore", "line 3"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        REQUIRE(begin());
        bool ok = diary_add_ics(&arena, &scratch, &diary, DIARY_ROOM, "test.ics",
                                strlen(bad[i].bytes), bad[i].bytes, &err);
        if (!CHECK(!ok && strstr(err.text, bad[i].word) != NULL &&
                   strstr(err.text, "test.ics") != NULL))
            printf("# %s: %s\n", bad[i].word, ok ? "accepted" : err.text);
        end();
    }
    REQUIRE(begin());
    CHECK(!diary_add_ics(&arena, &scratch, &diary, DIARY_ROOM, "test.ics", 6, "BEG\0IN", &err));
    CHECK(strstr(err.text, "not text") != NULL);
    end();
}

TEST(every_truncation_is_refused)
{
    REQUIRE(begin());
    size_t size;
    uint8_t *bytes;
    REQUIRE(io_read_file(&arena, "tests/data/recurring_busy.ics", 1 << 20, &size, &bytes, &err));
    for (size_t cut = 0; cut + 2 < size; cut++) { /* the last line end may be missing */
        IcsJob job = {.name = "test.ics", .size = cut, .bytes = (const char *)bytes};
        err = (Err){0};
        CHECK(!ics_check(&job, &err) && err.text[0] != '\0');
    }
    end();
}

/* A calendar in a larger buffer, filled by repetition. */
static char *large(size_t room, const char *head, const char *line, int times, const char *tail,
                   size_t *size)
{
    char *bytes = ARENA_NEW(&arena, char, room);
    size_t used = (size_t)snprintf(bytes, room, "%s", head), length = strlen(line);
    for (int i = 0; i < times && used + length < room; i++, used += length)
        memcpy(bytes + used, line, length);
    used += (size_t)snprintf(bytes + used, room - used, "%s", tail);
    *size = used;
    return bytes;
}

static bool refuses_large(const char *head, const char *line, int times, const char *tail,
                          const char *word)
{
    size_t size;
    if (!begin())
        return false;
    char *bytes = large(40 << 20, head, line, times, tail, &size);
    bool ok = diary_add_ics(&arena, &scratch, &diary, DIARY_ROOM, "test.ics", size, bytes, &err);
    bool said = !ok && strstr(err.text, word) != NULL && strstr(err.text, "test.ics") != NULL;
    if (!said)
        printf("# %s: %s\n", word, ok ? "accepted" : err.text);
    end();
    return said;
}

#define START                                                                                      \
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:it\r\nDTSTART:20200101T090000Z\r\n"
#define STOP "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

TEST(files_that_are_too_much_are_refused_in_time)
{
    CHECK(refuses_large(START "DESCRIPTION:", "0123456789abcdef", 655360, STOP, "line 6"));
    CHECK(refuses_large(START "DESCRIPTION:", "x\r\n ", 5000000, STOP, "bytes"));
    CHECK(refuses_large("BEGIN:VCALENDAR\r\n", "BEGIN:VEVENT\r\n", 100000, "", "deeper"));
    CHECK(refuses_large("BEGIN:VCALENDAR\r\n", "BEGIN:VEVENT\r\nEND:VEVENT\r\n", 20001,
                        "END:VCALENDAR\r\n", "20000 events"));
    CHECK(refuses_large(START "DURATION:PT1M\r\n",
                        "RRULE:FREQ=HOURLY;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11\r\n", 9,
                        "END:VEVENT\r\nEND:VCALENDAR\r\n", "entries"));
}

static char random_char(Rng *rng)
{
    static const char some[] = "0123456789:;,=TZ\r\n -PVDEBYRUL";
    return some[rng_below(rng, sizeof some - 1)];
}

/* Without the jail, where a sanitizer sees it. */
TEST(damaged_calendars_are_refused_or_stay_within_the_diary)
{
    static const char *const files[] = {"two_zones_one_hour.ics", "recurring_busy.ics",
                                        "lying_zone.ics"};
    static CourseZoneTime zone[ICS_ZONES];
    static IcsResult result;
    int read = 0;
    REQUIRE(begin());
    ics_prepare();
    for (int i = 0; i < 600; i++) {
        size_t size, mark = arena_mark(&arena);
        uint8_t *bytes;
        char path[128];
        Rng rng = rng_make(31, (uint64_t)i);
        snprintf(path, sizeof path, "tests/data/%s", files[i % 3]);
        REQUIRE(io_read_file(&arena, path, 1 << 16, &size, &bytes, &err));
        memcpy(text, bytes, size);
        text[size] = '\0';
        for (int k = 0; k < 1 + i % 7; k++)
            text[rng_below(&rng, (uint32_t)size)] = random_char(&rng);
        IcsJob job = {.name = "test.ics",
                      .size = size,
                      .bytes = text,
                      .first = moment(1, 1, 0),
                      .last = moment(12, 31, 1440),
                      .home = &diary.zone,
                      .zone = zone};
        ics_scan(&job);
        err = (Err){0};
        bool ok = ics_read(&job, &result, &err);
        CHECK(ok || (err.code != ERR_NONE && strstr(err.text, "test.ics") != NULL));
        for (int k = 0; ok && k < result.count; k++)
            CHECK(result.entry[k].from < result.entry[k].to && result.entry[k].from < job.last &&
                  result.entry[k].to > job.first);
        read += ok;
        arena_rewind(&arena, mark);
    }
    CHECK(read > 40 && read < 560);
    end();
    icaltimezone_free_builtin_timezones();
    icalmemory_free_ring();
}
