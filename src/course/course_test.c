#include "course/course.h"

#include "base/rng.h"
#include "base/test.h"

#include <math.h>
#include <string.h>

static Course course; /* with its protocol larger than a test's frame should be */
static Protocol protocol;
static Arena arena;

/* Round numbers, so that hours can be checked by hand. */
static void set_plain(void)
{
    memset(&protocol, 0, sizeof protocol);
    protocol.id = "plain";
    protocol.title = "plain";
    protocol.version = 1;
    protocol.variant_count = 1;
    protocol.session_count = protocol.variant[0].session_count = 3;
    static const double share[3] = {0.45, 0.35, 0.2}, strength[3] = {0.9, 1.0, 1.1};
    static const CourseGap gap[3] = {{0, 0, 0}, {7, 10, 30}, {21, 28, 42}};
    memcpy(protocol.share, share, sizeof share);
    memcpy(protocol.strength, strength, sizeof strength);
    memcpy(protocol.gap, gap, sizeof gap);
    protocol.dots_per_minute[0] = 30.0;
    protocol.dots_per_minute[1] = 60.0;
    protocol.dots_per_minute[2] = 120.0;
    protocol.setup_minutes = 30.0;
    protocol.break_every_minutes = 60.0;
    protocol.break_minutes = 10.0;
    protocol.max_hours_per_day = 6.0;
    protocol.difficulty_count = 1;
    protocol.difficulty[0].zone = "scar";
    protocol.difficulty[0].factor = 1.5;
    protocol.review_days = 42;
}

static CourseInput sessions_of(int first, int second, int third)
{
    return (CourseInput){.discount_permille = -1, .other_dots = {first, second, third}};
}

TEST(hours_are_set_up_plus_work_plus_breaks)
{
    CourseInput input = sessions_of(7200, 3600, 60);
    Err err = {0};
    set_plain();
    REQUIRE(course_make(&protocol, &input, &course, &err));
    /* 7200 dots at 120, 60, 30 a minute: 60, 120, 240 min in stretches of 60: 0, 1, 3 breaks */
    CHECK_NEAR(course.session[0].hours[0], (30 + 60 + 0) / 60.0, 1e-12);
    CHECK_NEAR(course.session[0].hours[1], (30 + 120 + 10) / 60.0, 1e-12);
    CHECK_NEAR(course.session[0].hours[2], (30 + 240 + 30) / 60.0, 1e-12);
    CHECK_NEAR(course.session[1].hours[1], (30 + 60) / 60.0, 1e-12);
    CHECK_NEAR(course.session[2].hours[1], 31 / 60.0, 1e-12);
    CHECK_NEAR(course.hours[1], (160 + 90 + 31) / 60.0, 1e-12);
}

TEST(numbing_takes_time_in_every_sitting_where_it_is_required)
{
    CourseInput input = sessions_of(3600, 3600, 3600);
    Err err = {0};
    set_plain();
    protocol.practice.numbing_minutes = 45.0;
    protocol.practice.numbing_offered = true;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    double without = course.hours[1];
    protocol.practice.numbing_required = true;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK_NEAR(course.hours[1] - without, 3 * 45 / 60.0, 1e-12);
}

TEST(a_zone_lengthens_the_sessions_it_is_worked_in_and_no_other)
{
    CourseInput input = sessions_of(1800, 3600, 3600);
    Err err = {0};
    set_plain();
    input.zone_count = 1;
    input.zone[0] = (CourseZone){.name = "scar", .area_cm2 = 10.0, .dots = {1800, 0, 0}};
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK_NEAR(course.session[0].hours[1], (30 + 75 + 10) / 60.0, 1e-12);
    CHECK_NEAR(course.session[1].hours[1], (30 + 60) / 60.0, 1e-12);
    input.zone[0].difficulty = 2.0; /* goes before the protocol's */
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK_NEAR(course.session[0].hours[1], (30 + 90 + 10) / 60.0, 1e-12);
}

TEST(a_session_beyond_the_daily_limit_is_split_into_days_that_keep_it)
{
    Err err = {0};
    set_plain();
    for (int dots = 1000; dots < 120000; dots += 1777) {
        CourseInput input = sessions_of(dots, 100, 100);
        REQUIRE(course_make(&protocol, &input, &course, &err));
        int sittings = course.session[0].sittings;
        CHECK(course.session[0].hours[1] / sittings <= 6.0 + 1e-9);
        double work = dots / 60.0, fewer = sittings - 1; /* one fewer would not do */
        if (sittings > 1) {
            double each = work / fewer, breaks = fmax(0.0, ceil(each / 60.0) - 1.0);
            CHECK(30.0 + each + 10.0 * breaks > 360.0);
        }
    }
}

TEST(a_faster_hand_is_done_sooner_and_a_slower_one_later)
{
    CourseInput input = sessions_of(9000, 7000, 4000);
    Pace pace = {.dots_per_minute = {50.0, 90.0, 110.0}, .own_band = {80.0, 100.0}, .logged = 5};
    Err err = {0};
    set_plain();
    REQUIRE(course_make(&protocol, &input, &course, &err));
    double usual = course.hours[1];
    input.pace = &pace;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK(course.hours[1] < usual && course.pace.logged == 5);
    CHECK(course.hours[0] < course.hours[1] && course.hours[1] < course.hours[2]);
}

TEST(dates_follow_the_gaps_and_stay_within_their_windows)
{
    static const char *const want[3][3] = {{"2028-02-20", "2028-02-20", "2028-02-20"},
                                           {"2028-02-27", "2028-03-01", "2028-03-21"},
                                           {"2028-03-22", "2028-03-29", "2028-04-12"}};
    CourseInput input = sessions_of(4000, 3000, 2000);
    Err err = {0};
    set_plain();
    input.has_start = true;
    input.start = (CourseDate){2028, 2, 20};
    REQUIRE(course_make(&protocol, &input, &course, &err));
    for (int i = 0; i < 3; i++) {
        char text[3][11];
        course_date_text(course.session[i].earliest, text[0]);
        course_date_text(course.session[i].date, text[1]);
        course_date_text(course.session[i].latest, text[2]);
        for (int k = 0; k < 3; k++)
            CHECK(strcmp(text[k], want[i][k]) == 0);
        CHECK(course.session[i].sitting[0].from_minute < 0);
    }
    input.has_start = false;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK(!course.session[1].has_date && course.session[1].day == 10);
}

TEST(absurd_courses_are_refused_with_the_value)
{
    Err err = {0};
    CourseInput none = sessions_of(0, 0, 0), negative = sessions_of(10, -3, 0);
    CourseInput fourth = sessions_of(10, 10, 10), endless = sessions_of(10000000, 0, 0);
    CourseInput nan_area = sessions_of(10, 0, 0), events = sessions_of(10, 0, 0);
    set_plain();
    fourth.other_dots[3] = 5;
    nan_area.zone_count = 1;
    nan_area.zone[0] = (CourseZone){.name = "crown", .area_cm2 = (double)NAN};
    events.event_count = COURSE_EVENTS + 1;
    CHECK(!course_make(&protocol, &none, &course, &err));
    CHECK(!course_make(&protocol, &negative, &course, &err) && strstr(err.text, "-3") != NULL);
    CHECK(!course_make(&protocol, &fourth, &course, &err) && strstr(err.text, "session 4"));
    CHECK(!course_make(&protocol, &endless, &course, &err) && strstr(err.text, "10000000"));
    CHECK(!course_make(&protocol, &nan_area, &course, &err) && strstr(err.text, "nan"));
    CHECK(!course_make(&protocol, &events, &course, &err) && strstr(err.text, "33"));
}

TEST(dots_shared_out_again_add_up_and_are_off_by_less_than_one)
{
    Err err = {0};
    REQUIRE(arena_open(&arena, 8 << 20, &err));
    for (int p = 0; p < protocol_builtin_count(); p++) {
        REQUIRE(protocol_builtin(&arena, protocol_builtin_id(p), &protocol, &err));
        for (uint64_t seed = 0; seed < 200; seed++) {
            Rng rng = rng_make(seed, (uint64_t)p);
            int before[COURSE_MAX_SESSIONS], sum = 0, after = 0;
            CourseInput input = {.zone_count = 1, .zone = {{.name = "crown"}}};
            for (int s = 0; s < COURSE_MAX_SESSIONS; s++) {
                before[s] = (int)(rng_f64(&rng) * 3000.0);
                input.zone[0].dots[s] = before[s];
                sum += before[s];
            }
            course_share_dots(&protocol, &input);
            for (int s = 0; s < COURSE_MAX_SESSIONS; s++) {
                double share = s < protocol.session_count ? protocol.share[s] : 0.0;
                after += input.zone[0].dots[s];
                CHECK(fabs(input.zone[0].dots[s] - sum * share) < 1.0);
            }
            CHECK(after == sum);
        }
    }
    arena_close(&arena);
}

TEST(doing_less_takes_fewer_hours_and_never_costs_more)
{
    Err err = {0};
    static const char *const crown[] = {"crown"};
    set_plain();
    REQUIRE(arena_open(&arena, 8 << 20, &err));
    for (int i = 0; i < prices_builtin_count(); i++) {
        PriceList list;
        CourseInput input = sessions_of(0, 0, 0);
        REQUIRE(prices_builtin(&arena, prices_builtin_id(i), &list, &err));
        input.prices = &list;
        input.has_stage = true;
        input.stage = 5;
        input.zone_count = 2;
        input.zone[0] =
            (CourseZone){.name = "frontal", .area_cm2 = 60.0, .dots = {4000, 3000, 2000}};
        input.zone[1] = (CourseZone){.name = "crown", .area_cm2 = 40.0, .dots = {2500, 2000, 1100}};
        REQUIRE(course_make(&protocol, &input, &course, &err));
        double hours = course.hours[1];
        int64_t total = course.quote.total;
        course_keep_zones(&input, 1, crown);
        REQUIRE(course_make(&protocol, &input, &course, &err));
        CHECK(course.session[0].dots == 2500 && course.session[2].dots == 1100);
        CHECK(course.hours[1] < hours && course.quote.total <= total && total > 0);
    }
    arena_close(&arena);
}

TEST(an_accepted_quotation_stands_whatever_the_list_says_later)
{
    Err err = {0};
    PriceList list;
    Quote accepted;
    CourseInput input = sessions_of(4000, 3000, 2000);
    set_plain();
    REQUIRE(arena_open(&arena, 8 << 20, &err));
    REQUIRE(prices_builtin(&arena, "by_dots", &list, &err));
    input.prices = &list;
    input.has_quote_date = true;
    input.quote_date = (CourseDate){2027, 1, 4};
    REQUIRE(course_make(&protocol, &input, &course, &err));
    REQUIRE(quote_accept(&course.quote, (CourseDate){2027, 1, 9}, &err));
    accepted = course.quote;
    list.per_1000_dots *= 2;
    input.other_dots[0] *= 2;
    input.accepted = &accepted;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK(course.quote.total == accepted.total && course.quote.accepted);
    input.accepted = NULL;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK(course.quote.total > accepted.total && !course.quote.accepted);
    arena_close(&arena);
}

/* The diary of today may not know what the one of then did: agreed days do not move by themselves.
 */
TEST(agreed_sessions_keep_their_days_and_times)
{
    static Course agreed;
    CourseEvent missed = {COURSE_MISSED, 1, {2027, 1, 21}, -1};
    CourseInput input = sessions_of(4000, 3000, 2000);
    Err err = {0};
    set_plain();
    input.has_start = true;
    input.start = (CourseDate){2027, 1, 11};
    REQUIRE(course_make(&protocol, &input, &agreed, &err));
    agreed.session[0].date = agreed.session[0].sitting[0].date = (CourseDate){2027, 1, 13};
    agreed.session[0].sitting[0].from_minute = 540;
    agreed.session[0].sitting[0].to_minute = 700;
    input.agreed = &agreed;
    input.agreed_count = 3;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK(course.session[0].date.day == 13 && course.session[0].sitting[0].from_minute == 540);
    CHECK(course.session[1].date.day == agreed.session[1].date.day && course.session[1].day == 8);
    input.agreed_count = 1; /* what was missed and what comes after it is planned again */
    input.event_count = 1;
    input.event = &missed;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK(course.session[0].sitting[0].to_minute == 700);
    CHECK(course_date_between(missed.date, course.session[1].date) > 0);
    CHECK(course_date_between(course.session[1].date, course.session[2].date) == 28);
}
