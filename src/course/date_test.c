#include "base/rng.h"
#include "base/test.h"
#include "course/date.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- days ---- */

static CourseDate day(int year, int month, int of_month)
{
    return (CourseDate){year, month, of_month};
}

static bool same(CourseDate a, CourseDate b)
{
    return a.year == b.year && a.month == b.month && a.day == b.day;
}

TEST(adding_days_one_by_one_goes_through_every_day_of_the_calendar)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    CourseDate walked = day(1896, 1, 1), begin = walked;
    for (int days = 0; walked.year < 2205; days++) {
        CHECK(same(course_date_add(begin, days), walked));
        CHECK(course_date_between(begin, walked) == days);
        CHECK(course_date_between(walked, begin) == -days);
        CHECK(course_date_weekday(walked) == (days + 2) % 7); /* a Wednesday */
        bool leap = walked.year % 4 == 0 && (walked.year % 100 != 0 || walked.year % 400 == 0);
        if (++walked.day <= length[walked.month - 1] + (leap && walked.month == 2))
            continue;
        walked = day(walked.year + (walked.month == 12), walked.month % 12 + 1, 1);
    }
}

TEST(weekdays_of_known_days)
{
    CHECK(course_date_weekday(day(1970, 1, 1)) == 3);
    CHECK(course_date_weekday(day(2000, 2, 29)) == 1);
    CHECK(course_date_weekday(day(2026, 11, 22)) == 6);
    CHECK(course_date_weekday(day(1900, 3, 1)) == 3);
}

/* ---- clocks ---- */

static const char *const zones[] = {"Europe/Berlin",
                                    "Europe/London",
                                    "Europe/Dublin",
                                    "Europe/Lisbon",
                                    "Europe/Istanbul",
                                    "Europe/Moscow",
                                    "America/New_York",
                                    "America/Los_Angeles",
                                    "America/St_Johns",
                                    "America/Sao_Paulo",
                                    "America/Santiago",
                                    "America/Havana",
                                    "America/Asuncion",
                                    "Asia/Kathmandu",
                                    "Asia/Kolkata",
                                    "Asia/Tehran",
                                    "Asia/Gaza",
                                    "Asia/Jerusalem",
                                    "Asia/Tokyo",
                                    "Australia/Lord_Howe",
                                    "Australia/Sydney",
                                    "Australia/Eucla",
                                    "Africa/Casablanca",
                                    "Africa/Cairo",
                                    "Pacific/Apia",
                                    "Pacific/Chatham",
                                    "Pacific/Kiritimati",
                                    "Pacific/Easter",
                                    "Antarctica/Troll",
                                    "America/Nuuk",
                                    "Atlantic/Azores",
                                    "Africa/El_Aaiun",
                                    "America/Phoenix",
                                    "Asia/Calcutta",
                                    "US/Eastern",
                                    "Etc/GMT+5",
                                    "CET",
                                    "Pacific/Norfolk",
                                    "Asia/Kabul",
                                    "Pacific/Marquesas"};
enum { ZONES = sizeof zones / sizeof *zones };

/* The C library reads the same database with its own code. */
static void set_library_zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

TEST(clocks_agree_with_those_of_the_c_library)
{
    static CourseZoneTime zone;
    Err err;
    for (int i = 0; i < ZONES; i++) {
        Rng rng = rng_make(7, (uint64_t)i);
        if (!CHECK(course_zone_open(zones[i], &zone, &err)))
            printf("# %s\n", err.text);
        set_library_zone(zones[i]);
        int wrong = 0;
        for (int k = 0; k < 4000; k++) { /* 1973..2099: later the library's table ends */
            int64_t moment = 1600000 + rng_below(&rng, 66800000), near = moment;
            if (k % 2 == 1 && zone.change_count > 0) { /* around changes, where it is hard */
                near = zone.change[rng_below(&rng, (uint32_t)zone.change_count)];
                near += (int64_t)rng_below(&rng, 200) - 100;
                moment = near > 1600000 && near < 68000000 ? near : moment;
            }
            time_t s = (time_t)(60 * moment);
            struct tm tm;
            CourseDate date;
            int minute;
            localtime_r(&s, &tm);
            course_zone_local(&zone, moment, &date, &minute);
            wrong += !same(date, day(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday)) ||
                     minute != 60 * tm.tm_hour + tm.tm_min;
        }
        if (!CHECK(wrong == 0))
            printf("# %s: %d of 4000\n", zones[i], wrong);
    }
    set_library_zone("UTC0");
}

/* Which moments show a local time, by looking at all of them near it. */
static int64_t looked_up(const CourseZoneTime *zone, CourseDate date, int minute)
{
    int64_t local = 1440 * (int64_t)course_date_between(day(1970, 1, 1), date) + minute;
    for (int64_t moment = local - 20 * 60; moment <= local + 20 * 60; moment++)
        if (moment + course_zone_offset(zone, moment) == local)
            return moment; /* the first */
    /* skipped: as much later as the clock jumped over it */
    for (int64_t moment = local - 20 * 60;; moment++)
        if (moment + course_zone_offset(zone, moment) > local)
            return moment + (local - (moment - 1 + course_zone_offset(zone, moment - 1)) - 1);
}

TEST(a_local_time_is_the_first_moment_that_shows_it_or_as_much_after_the_gap)
{
    static CourseZoneTime zone;
    Err err;
    for (int i = 0; i < ZONES; i++) {
        Rng rng = rng_make(8, (uint64_t)i);
        int wrong = 0;
        REQUIRE(course_zone_open(zones[i], &zone, &err));
        for (int k = 0; k < 150; k++) {
            int64_t moment = 100000 + rng_below(&rng, 67000000);
            if (k % 4 != 0 && zone.change_count > 0)
                moment = zone.change[rng_below(&rng, (uint32_t)zone.change_count)];
            CourseDate date;
            int minute;
            course_zone_local(&zone, moment, &date, &minute);
            minute += (int)rng_below(&rng, 300) - 150;
            int64_t got = course_zone_moment(&zone, date, minute);
            /* Apia had no 30 December 2011 at all: a gap of a day */
            bool whole_day = strcmp(zones[i], "Pacific/Apia") == 0 && date.year == 2011;
            wrong += !whole_day && got != looked_up(&zone, date, minute);
        }
        if (!CHECK(wrong == 0))
            printf("# %s: %d of 150\n", zones[i], wrong);
    }
}

TEST(days_of_23_and_25_hours_and_of_half_an_hour_more)
{
    static const struct {
        const char *zone;
        CourseDate date;
        int minutes;
    } known[] = {
        {"Europe/Berlin", {2027, 3, 28}, 1380},      {"Europe/Berlin", {2027, 10, 31}, 1500},
        {"America/New_York", {2028, 3, 12}, 1380},   {"America/New_York", {2028, 11, 5}, 1500},
        {"Australia/Lord_Howe", {2027, 4, 4}, 1470}, {"Australia/Lord_Howe", {2027, 10, 3}, 1410},
        {"Asia/Kathmandu", {2027, 3, 28}, 1440},     {"UTC", {2028, 2, 29}, 1440}};
    static CourseZoneTime zone;
    Err err;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        REQUIRE(course_zone_open(known[i].zone, &zone, &err));
        int64_t from = course_zone_moment(&zone, known[i].date, 0);
        int64_t to = course_zone_moment(&zone, course_date_add(known[i].date, 1), 0);
        CHECK(to - from == known[i].minutes);
        CHECK(course_zone_moment(&zone, known[i].date, 1440) == to);
    }
    REQUIRE(course_zone_open("Europe/Berlin", &zone, &err));
    CHECK(course_zone_moment(&zone, day(2027, 3, 28), 150) ==
          course_zone_moment(&zone, day(2027, 3, 28), 210)); /* 02:30 is 03:30 */
    CHECK(course_zone_moment(&zone, day(2027, 10, 31), 150) ==
          course_zone_moment(&zone, day(2027, 10, 31), 60) + 90); /* the first 02:30 */
    REQUIRE(course_zone_open("Asia/Kathmandu", &zone, &err));
    CHECK(course_zone_offset(&zone, 30000000) == 345);
}

TEST(zones_that_are_none_are_refused_by_name)
{
    static CourseZoneTime zone;
    static const char *const bad[] = {
        "Europe/Atlantis",
        "",
        "../../etc/passwd",
        "Europe",
        "/usr/share/zoneinfo/UTC",
        "zone.tab",
        "Europe/Berlin/",
        "Europe/Ber lin",
        "a-name-that-is-much-too-long-for-any-time-zone-of-this-world-or-next"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Err err = {0};
        CHECK(!course_zone_open(bad[i], &zone, &err) && err.code == ERR_INPUT);
        CHECK(strlen(bad[i]) > 50 || strstr(err.text, bad[i]) != NULL);
    }
    Err err = {0};
    CHECK(course_zone_open("UTC", &zone, &err) && zone.change_count == 0);
}

/* ---- damaged files ---- */

enum { BYTES = 8192 };

static size_t read_zone_file(const char *path, uint8_t bytes[BYTES])
{
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(bytes, 1, BYTES, file) : 0;
    if (file != NULL)
        fclose(file);
    return size;
}

TEST(a_cut_or_damaged_zone_file_is_refused_or_keeps_its_order)
{
    static CourseZoneTime zone;
    static uint8_t bytes[BYTES], copy[BYTES];
    size_t size = read_zone_file("/usr/share/zoneinfo/America/New_York", bytes);
    Err err;
    if (size == 0) {
        printf("# skipped: no tz database in /usr/share/zoneinfo\n");
        return;
    }
    CHECK(course_zone_from_tzif("x", size, bytes, &zone, &err));
    for (size_t cut = 0; cut < size; cut++) {
        memcpy(copy, bytes, cut);
        CHECK(!course_zone_from_tzif("x", cut, copy, &zone, &err));
    }
    Rng rng = rng_make(9, 0);
    for (int k = 0; k < 20000; k++) {
        memcpy(copy, bytes, size);
        for (int i = 0; i < 1 + k % 3; i++)
            copy[rng_below(&rng, (uint32_t)size)] = (uint8_t)rng_below(&rng, 256);
        if (!course_zone_from_tzif("x", size, copy, &zone, &err))
            continue;
        for (int i = 1; i < zone.change_count; i++)
            CHECK(zone.change[i] > zone.change[i - 1]);
    }
}

TEST(rules_of_years_without_a_table_follow_posix)
{
    /* Berlin's rule in the footer holds from 2038 on: the last Sundays of March and October. */
    static CourseZoneTime zone;
    Err err;
    REQUIRE(course_zone_open("Europe/Berlin", &zone, &err));
    for (int year = 2027; year <= 2200; year++) {
        CourseDate march = day(year, 3, 31), october = day(year, 10, 31);
        march = course_date_add(march, -((course_date_weekday(march) + 1) % 7));
        october = course_date_add(october, -((course_date_weekday(october) + 1) % 7));
        CHECK(course_zone_moment(&zone, march, 1440) - course_zone_moment(&zone, march, 0) == 1380);
        CHECK(course_zone_moment(&zone, october, 1440) - course_zone_moment(&zone, october, 0) ==
              1500);
    }
}
