#include "base/rng.h"
#include "base/test.h"
#include "course/diary.h"

#include <stdlib.h>
#include <string.h>

static Arena arena;
static Clinic clinic;
static Diary diary;
static Err err;

static bool begin(const char *zone)
{
    clinic_default(&clinic);
    snprintf(clinic.time_zone, sizeof clinic.time_zone, "%s", zone);
    return arena_open(&arena, 64 << 20, &err);
}

static void end(void)
{
    arena_close(&arena);
}

static CourseDate day(int year, int month, int of_month)
{
    return (CourseDate){year, month, of_month};
}

static void open_hours(int weekday, int from_minute, int to_minute)
{
    ClinicHours *hours = &clinic.weekday[weekday];
    hours->count = 1;
    hours->open[0].from_minute = from_minute;
    hours->open[0].to_minute = to_minute;
}

static bool take(CourseDate date, int from_minute, int to_minute, DiaryKind kind)
{
    DiaryTaken taken = {course_zone_moment(&diary.zone, date, from_minute),
                        course_zone_moment(&diary.zone, date, to_minute), kind, "something"};
    return diary_add(&diary, taken, &err);
}

TEST(a_default_clinic_is_free_at_midnight_of_every_day)
{
    DiarySlot slot;
    REQUIRE(begin("UTC") &&
            diary_open(&arena, &clinic, day(2028, 2, 1), day(2028, 3, 31), &diary, &err));
    for (int i = 0; i < 60; i++) {
        CourseDate date = course_date_add(day(2028, 2, 1), i);
        CHECK(diary_free_on(&diary, date, 1440, &slot, NULL));
        CHECK(slot.from_minute == 0 && slot.to_minute == 1440 && slot.date.day == date.day);
    }
    CHECK(!diary_free_on(&diary, day(2028, 4, 1), 60, &slot, NULL));
    end();
}

/* ---- against a look at every minute ---- */

typedef struct Look {
    CourseDate date;
    int stretch[1600]; /* of each minute after midnight: which opening, -1 none */
    bool taken[1600];
    int length;
    int64_t midnight;
} Look;

static void look_at(CourseDate date, Look *look)
{
    look->date = date;
    look->midnight = course_zone_moment(&diary.zone, date, 0);
    look->length =
        (int)(course_zone_moment(&diary.zone, course_date_add(date, 1), 0) - look->midnight);
    const ClinicHours *hours = &clinic.weekday[course_date_weekday(date)];
    bool closed = false;
    for (int i = 0; i < clinic.closed_count; i++)
        closed = closed || (course_date_between(clinic.closed[i].from, date) >= 0 &&
                            course_date_between(date, clinic.closed[i].to) >= 0);
    for (int m = 0; m < look->length; m++) {
        CourseDate local;
        int minute;
        course_zone_local(&diary.zone, look->midnight + m, &local, &minute);
        look->stretch[m] = -1;
        for (int i = 0; !closed && i < hours->count; i++)
            if (minute >= hours->open[i].from_minute && minute < hours->open[i].to_minute)
                look->stretch[m] = i;
        look->taken[m] = false;
        for (int i = 0; i < diary.taken_count; i++) {
            const DiaryTaken *t = &diary.taken[i];
            bool ours = t->kind == DIARY_PRACTITIONER || t->kind == DIARY_ROOM;
            int buffer = ours ? clinic.buffer_minutes : 0;
            int64_t moment = look->midnight + m;
            look->taken[m] |= moment >= t->from - buffer && moment < t->to + buffer;
        }
    }
}

/* Minutes after midnight of the first free stretch, or -1. */
static int first_free(const Look *look, int minutes)
{
    for (int from = 0; from + minutes <= look->length; from++) {
        CourseDate local, end_day;
        int minute, end_minute;
        course_zone_local(&diary.zone, look->midnight + from, &local, &minute);
        course_zone_local(&diary.zone, look->midnight + from + minutes, &end_day, &end_minute);
        bool opens = from == 0 || look->stretch[from] != look->stretch[from - 1];
        bool ok = look->stretch[from] >= 0 && (opens || minute % 5 == 0);
        /* written in local minutes it must mean the same */
        ok = ok && course_zone_moment(&diary.zone, local, minute) == look->midnight + from;
        ok = ok && course_zone_moment(&diary.zone, end_day, end_minute) ==
                       look->midnight + from + minutes;
        for (int m = from; ok && m < from + minutes; m++)
            ok = look->stretch[m] == look->stretch[from] && !look->taken[m];
        if (ok)
            return from;
    }
    return -1;
}

static void make_clinic(Rng *rng)
{
    for (int weekday = 0; weekday < 7; weekday++) {
        ClinicHours *hours = &clinic.weekday[weekday];
        int at = 300 + (int)rng_below(rng, 300);
        hours->count = (int)rng_below(rng, 4);
        for (int i = 0; i < hours->count; i++) {
            hours->open[i].from_minute = at;
            at += 30 + (int)rng_below(rng, 240);
            hours->open[i].to_minute = at < 1440 ? at : 1440;
            at += 10 + (int)rng_below(rng, 60);
        }
        if (rng_below(rng, 5) == 0)
            open_hours(weekday, 0, 1440); /* through the night in which the clock is turned */
    }
    clinic.buffer_minutes = (int)rng_below(rng, 4) * 7;
    clinic.closed_count = (int)rng_below(rng, 3);
    for (int i = 0; i < clinic.closed_count; i++) {
        clinic.closed[i].from = course_date_add(diary.first, (int)rng_below(rng, 8));
        clinic.closed[i].to = course_date_add(clinic.closed[i].from, (int)rng_below(rng, 3));
        clinic.closed[i].why = "a reason";
    }
}

/* Eight days around a change of the clock, a leap day or the end of a year. */
TEST(what_is_free_is_what_a_look_at_every_minute_finds)
{
    static const struct {
        const char *zone;
        CourseDate first;
    } around[] = {{"Europe/Berlin", {2027, 3, 25}},      {"Europe/Berlin", {2027, 10, 27}},
                  {"America/New_York", {2028, 3, 8}},    {"America/New_York", {2028, 11, 1}},
                  {"Australia/Lord_Howe", {2027, 4, 1}}, {"Australia/Lord_Howe", {2027, 10, 1}},
                  {"Asia/Kathmandu", {2028, 2, 26}},     {"America/St_Johns", {2027, 12, 28}}};
    static Look look;
    int free_days = 0, days = 0;
    for (int round = 0; round < 160; round++) {
        Rng rng = rng_make(11, (uint64_t)round);
        REQUIRE(begin(around[round % 8].zone));
        CourseDate first = around[round % 8].first;
        REQUIRE(diary_open(&arena, &clinic, first, course_date_add(first, 7), &diary, &err));
        make_clinic(&rng);
        int taken = (int)rng_below(&rng, 40);
        for (int i = 0; i < taken; i++) {
            int from = (int)rng_below(&rng, 1440), minutes = 1 + (int)rng_below(&rng, 240);
            DiaryKind kind = (DiaryKind)rng_below(&rng, 4);
            REQUIRE(
                take(course_date_add(first, (int)rng_below(&rng, 8)), from, from + minutes, kind) ||
                err.code == ERR_INPUT); /* within the hour that is skipped nothing is left */
        }
        for (int d = 0; d < 8; d++, days++) {
            CourseDate date = course_date_add(first, d);
            int minutes = 15 + 15 * (int)rng_below(&rng, 20);
            DiarySlot slot = {0};
            DiaryReasons reasons;
            look_at(date, &look);
            int want = first_free(&look, minutes);
            bool got = diary_free_on(&diary, date, minutes, &slot, &reasons);
            CHECK(got == (want >= 0));
            CHECK(got || reasons.count > 0);
            if (!got)
                continue;
            free_days++;
            int64_t from = course_zone_moment(&diary.zone, date, slot.from_minute);
            CHECK(from == look.midnight + want);
            CHECK(course_zone_moment(&diary.zone, date, slot.to_minute) == from + minutes);
            CHECK(diary_is_free(&diary, slot, NULL));
            look.taken[want] = true;
            REQUIRE(diary_add(&diary, (DiaryTaken){from, from + 1, DIARY_CLIENT, ""}, &err));
            CHECK(!diary_is_free(&diary, slot, &reasons) && reasons.count > 0);
        }
        end();
    }
    CHECK(free_days > days / 4 && free_days < days * 3 / 4);
}

TEST(a_day_of_23_hours_is_open_an_hour_less)
{
    DiarySlot slot;
    DiaryReasons reasons;
    REQUIRE(begin("Europe/Berlin"));
    REQUIRE(diary_open(&arena, &clinic, day(2027, 3, 27), day(2027, 3, 29), &diary, &err));
    CHECK(diary_free_on(&diary, day(2027, 3, 27), 1440, &slot, &reasons));
    CHECK(!diary_free_on(&diary, day(2027, 3, 28), 1440, &slot, &reasons));
    CHECK(reasons.count == 1 && reasons.reason[0].why == DIARY_TOO_LONG);
    CHECK(diary_free_on(&diary, day(2027, 3, 28), 1380, &slot, &reasons));
    end();
}

TEST(each_reason_says_what_stands_against_a_day)
{
    DiarySlot slot;
    DiaryReasons reasons;
    REQUIRE(begin("Europe/Berlin"));
    clinic.weekday[6].count = 0;
    open_hours(0, 540, 1020);
    clinic.closed_count = 1;
    clinic.closed[0].from = clinic.closed[0].to = day(2027, 5, 1);
    clinic.closed[0].why = "Labour Day";
    REQUIRE(diary_open(&arena, &clinic, day(2027, 4, 1), day(2027, 5, 31), &diary, &err));
    CHECK(!diary_free_on(&diary, day(2027, 6, 1), 60, &slot, &reasons));
    CHECK(reasons.reason[0].why == DIARY_OUTSIDE && strstr(reasons.reason[0].text, "2027-05-31"));
    CHECK(!diary_free_on(&diary, day(2027, 5, 1), 60, &slot, &reasons));
    CHECK(reasons.reason[0].why == DIARY_CLOSED && strstr(reasons.reason[0].text, "Labour Day"));
    CHECK(!diary_free_on(&diary, day(2027, 4, 4), 60, &slot, &reasons));
    CHECK(reasons.reason[0].why == DIARY_CLOSED && strstr(reasons.reason[0].text, "Sunday"));
    CHECK(!diary_free_on(&diary, day(2027, 4, 5), 500, &slot, &reasons));
    CHECK(reasons.reason[0].why == DIARY_TOO_LONG && strstr(reasons.reason[0].text, "500"));
    REQUIRE(take(day(2027, 4, 5), 600, 960, DIARY_PRACTITIONER));
    CHECK(!diary_free_on(&diary, day(2027, 4, 5), 120, &slot, &reasons));
    CHECK(reasons.reason[0].why == DIARY_TAKEN && reasons.reason[0].kind == DIARY_PRACTITIONER);
    CHECK(strstr(reasons.reason[0].text, "10:00 to 16:00") != NULL);
    CHECK(diary_free_on(&diary, day(2027, 4, 5), 60, &slot, &reasons) && slot.from_minute == 540);
    clinic.buffer_minutes = 15; /* 09:00..10:00 ends too near */
    CHECK(!diary_free_on(&diary, day(2027, 4, 5), 60, &slot, &reasons));
    CHECK(diary_free_on(&diary, day(2027, 4, 5), 45, &slot, &reasons));
    CHECK(!diary_is_free(&diary, (DiarySlot){day(2027, 4, 5), 480, 600}, &reasons));
    CHECK(reasons.reason[0].why == DIARY_OUT_OF_HOURS);
    end();
}

TEST(a_diary_needs_its_days_in_order_and_a_zone_that_exists)
{
    REQUIRE(begin("Mars/Olympus"));
    CHECK(!diary_open(&arena, &clinic, day(2027, 1, 1), day(2027, 2, 1), &diary, &err));
    CHECK(strstr(err.text, "Mars/Olympus") != NULL);
    snprintf(clinic.time_zone, sizeof clinic.time_zone, "UTC");
    CHECK(!diary_open(&arena, &clinic, day(2027, 2, 1), day(2027, 1, 1), &diary, &err));
    CHECK(!diary_open(&arena, &clinic, day(2027, 2, 1), day(2127, 1, 1), &diary, &err));
    REQUIRE(diary_open(&arena, &clinic, day(2027, 2, 1), day(2027, 2, 1), &diary, &err));
    CHECK(!diary_add(&diary, (DiaryTaken){5, 5, DIARY_ROOM, "nothing"}, &err));
    end();
}

/* ---- clinic.json ---- */

#define HEAD   "{\"schema\":\"follicle/clinic\",\"version\":1,\"name\":\"A\",\"time_zone\":\"UTC\""
#define MONDAY ",\"hours\":{\"monday\":[[\"09:00\",\"12:00\"]]}"

TEST(a_clinic_is_read_as_it_is_written)
{
    static const char text[] =
        HEAD ",\"hours\":{\"monday\":[[\"09:00\",\"12:30\"],[\"13:30\",\"24:00\"]]},"
             "\"contact\":[\"one\",\"two\"],\"buffer_minutes\":20,\"language\":\"de-AT\","
             "\"paper\":\"letter\",\"room\":\"R\",\"closed\":[{\"from\":\"2028-02-29\"}]}";
    REQUIRE(begin("UTC"));
    REQUIRE(clinic_from_json(&arena, sizeof text - 1, text, &clinic, &err));
    CHECK(clinic.weekday[0].count == 2 && clinic.weekday[1].count == 0);
    CHECK(clinic.weekday[0].open[0].to_minute == 750 &&
          clinic.weekday[0].open[1].to_minute == 1440);
    CHECK(strcmp(clinic.contact[1], "two") == 0 && strcmp(clinic.contact[2], "") == 0);
    CHECK(clinic.closed_count == 1 && clinic.closed[0].to.day == 29 && clinic.buffer_minutes == 20);
    CHECK(strcmp(clinic.language, "de-AT") == 0 && strcmp(clinic.paper, "letter") == 0);
    CHECK(clinic.size == sizeof text - 1 && memcmp(clinic.bytes, text, clinic.size) == 0);
    end();
}

TEST(a_clinic_that_makes_no_sense_is_refused_with_its_key)
{
    static const struct {
        const char *text, *key;
    } bad[] = {
        {HEAD "}", "hours"},
        {HEAD ",\"hours\":{}}", "hours"},
        {HEAD ",\"hours\":{\"monday\":[]}}", "hours"},
        {HEAD ",\"hours\":{\"monady\":[[\"09:00\",\"12:00\"]]}}", "monady"},
        {HEAD ",\"hours\":{\"monday\":[[\"12:00\",\"09:00\"]]}}", "monday[0]"},
        {HEAD ",\"hours\":{\"monday\":[[\"09:00\",\"12:00\"],[\"12:00\",\"13:00\"]]}}",
         "monday[1]"},
        {HEAD ",\"hours\":{\"monday\":[[\"9:00\",\"12:00\"]]}}", "monday[0][0]"},
        {HEAD ",\"hours\":{\"monday\":[[\"09:00\",\"24:01\"]]}}", "monday[0][1]"},
        {HEAD ",\"hours\":{\"monday\":[[\"09:60\",\"12:00\"]]}}", "monday[0][0]"},
        {HEAD MONDAY ",\"closed\":[{\"from\":\"2027-02-29\"}]}", "closed[0].from"},
        {HEAD MONDAY ",\"closed\":[{\"from\":\"2027-02-02\",\"to\":\"2027-02-01\"}]}", "closed[0]"},
        {HEAD MONDAY ",\"closed\":[{\"from\":\"2027-02-02\",\"whi\":\"x\"}]}", "whi"},
        {HEAD MONDAY ",\"closed\":[7]}", "closed[0]"},
        {HEAD MONDAY ",\"buffer_minutes\":500}", "buffer_minutes"},
        {HEAD MONDAY ",\"buffer_minutes\":2.5}", "buffer_minutes"},
        {HEAD MONDAY ",\"paper\":\"a5\"}", "paper"},
        {HEAD MONDAY ",\"language\":\"D\"}", "language"},
        {HEAD MONDAY ",\"contact\":[\"1\",\"2\",\"3\",\"4\",\"5\"]}", "contact"},
        {HEAD MONDAY ",\"contact\":[\"a\\nb\"]}", "contact[0]"},
        {HEAD MONDAY ",\"phone\":\"1\"}", "phone"},
        {"{\"schema\":\"follicle/clinic\",\"version\":1,\"name\":\"A\",\"time_zone\":\"../"
         "etc\"" MONDAY "}",
         "time_zone"},
        {"{\"schema\":\"follicle/clinic\",\"version\":2}", "version"},
        {"[]", "object"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err = (Err){0};
        REQUIRE(begin("UTC"));
        bool ok = clinic_from_json(&arena, strlen(bad[i].text), bad[i].text, &clinic, &err);
        if (!CHECK(!ok && err.code == ERR_INPUT && strstr(err.text, bad[i].key) != NULL))
            printf("# %s: %s\n", bad[i].key, ok ? "accepted" : err.text);
        end();
    }
}
