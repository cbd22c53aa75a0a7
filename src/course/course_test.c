#include "course/course.h"

#include "base/embed.h"
#include "base/test.h"

#include <stdlib.h>
#include <string.h>

/* A protocol with round numbers, so that hours and money can be checked by hand. */
static Protocol plain_protocol(void)
{
    return (Protocol){.id = "plain",
                      .version = 1,
                      .session_count = 3,
                      .share = {0.45, 0.35, 0.2},
                      .strength = {0.9, 1.0, 1.1},
                      .gap = {{0}, {7, 10, 30}, {21, 28, 42}},
                      .dots_per_minute = {30.0, 60.0, 120.0},
                      .setup_minutes = 30.0,
                      .break_every_minutes = 60.0,
                      .break_minutes = 10.0,
                      .max_hours_per_session = 6.0,
                      .difficulty_count = 1,
                      .difficulty = {{"scar", 1.5}},
                      .currency = "EUR",
                      .minor_digits = 2,
                      .touch_up_years = {2.0, 4.0, 6.0},
                      .review_days = 42};
}

static CourseInput three_sessions(int first, int second, int third)
{
    return (CourseInput){.dots_in_session = {first, second, third}};
}

static Course course; /* with its protocol larger than a test's frame should be */
static Protocol parsed;

/* --- dates --- */

static int month_days(int year, int month)
{
    static const int days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month] + (month == 2 && leap);
}

TEST(date_add_agrees_with_counting_day_by_day_over_four_centuries)
{
    CourseDate walk = {1896, 1, 1}, start = walk;
    bool same = true;
    for (int days = 0; days < 2 * 146097; days++) {
        CourseDate got = course_date_add(start, days);
        same = same && got.year == walk.year && got.month == walk.month && got.day == walk.day;
        if (++walk.day > month_days(walk.year, walk.month)) {
            walk.day = 1;
            if (++walk.month > 12)
                walk = (CourseDate){walk.year + 1, 1, 1};
        }
    }
    CHECK(same);
}

TEST(date_add_goes_back_as_far_as_it_went)
{
    CourseDate start = {2028, 2, 29};
    for (int days = -200000; days <= 200000; days += 997) {
        CourseDate back = course_date_add(course_date_add(start, days), -days);
        CHECK(back.year == 2028 && back.month == 2 && back.day == 29);
    }
}

TEST(date_add_knows_leap_years)
{
    static const struct {
        CourseDate from;
        int days;
        const char *to;
    } table[] = {{{2027, 2, 28}, 1, "2027-03-01"},  {{2028, 2, 28}, 1, "2028-02-29"},
                 {{2100, 2, 28}, 1, "2100-03-01"},  {{2000, 2, 28}, 1, "2000-02-29"},
                 {{2026, 12, 31}, 1, "2027-01-01"}, {{2026, 11, 20}, 38, "2026-12-28"},
                 {{2028, 1, 31}, 366, "2029-01-31"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char text[11];
        course_date_text(course_date_add(table[i].from, table[i].days), text);
        CHECK(strcmp(text, table[i].to) == 0);
    }
}

TEST(date_parse_takes_iso_days_and_nothing_else)
{
    CourseDate date;
    Err err;
    REQUIRE(course_date_parse("2028-02-29", &date, &err));
    CHECK(date.year == 2028 && date.month == 2 && date.day == 29);
    static const char *const bad[] = {
        "",           "2027-02-29", "2026-13-01",  "2026-00-10",  "2026-04-31",
        "2026-4-3",   "26-04-03",   "2026/04/03",  "2026-04-03T", "2026-04-00",
        "1899-12-31", "2201-01-01", " 2026-04-03", "2026-04-0x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        err = (Err){0};
        CHECK(!course_date_parse(bad[i], &date, &err));
        CHECK(err.code == ERR_INPUT && strlen(err.text) > 10);
    }
}

/* --- hours and days --- */

TEST(hours_are_set_up_plus_work_plus_breaks)
{
    Protocol protocol = plain_protocol();
    CourseInput input = three_sessions(7200, 3600, 60);
    Err err;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    /* 7200 dots at 120, 60, 30 a minute: 60, 120, 240 min in stretches of 60: 0, 1, 3 breaks */
    CHECK_NEAR(course.session[0].hours[0], (30 + 60 + 0) / 60.0, 1e-12);
    CHECK_NEAR(course.session[0].hours[1], (30 + 120 + 10) / 60.0, 1e-12);
    CHECK_NEAR(course.session[0].hours[2], (30 + 240 + 30) / 60.0, 1e-12);
    CHECK_NEAR(course.session[1].hours[1], (30 + 60) / 60.0, 1e-12);
    CHECK_NEAR(course.session[2].hours[1], 31 / 60.0, 1e-12);
    CHECK_NEAR(course.hours[1], (160 + 90 + 31) / 60.0, 1e-12);
}

TEST(scar_dots_take_longer_and_a_given_difficulty_goes_before_the_protocol)
{
    Protocol protocol = plain_protocol();
    CourseInput input = three_sessions(3600, 0, 0);
    Err err;
    input.zone_count = 1;
    input.zone[0].name = "scar";
    input.zone[0].dots = 1800;
    REQUIRE(course_make(&protocol, &input, &course, &err)); /* half of the dots at 1.5 */
    CHECK_NEAR(course.session[0].hours[1], (30 + 75 + 10) / 60.0, 1e-12);
    input.zone[0].difficulty = 2.0;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK_NEAR(course.session[0].hours[1], (30 + 90 + 10) / 60.0, 1e-12);
    CHECK(course_difficulty(&protocol, "crown") == 1.0);
}

TEST(a_session_beyond_the_daily_limit_is_split_into_days_that_keep_it)
{
    Protocol protocol = plain_protocol();
    Err err;
    for (int dots = 1000; dots < 120000; dots += 1777) {
        CourseInput input = three_sessions(dots, 100, 100);
        REQUIRE(course_make(&protocol, &input, &course, &err));
        int sittings = course.session[0].sittings;
        CHECK(course.session[0].hours[1] / sittings <= 6.0 + 1e-9);
        /* one sitting fewer would not do: even without breaks, or with them */
        double work = dots / 60.0, fewer = sittings - 1;
        if (sittings > 1)
            CHECK(30 + work / fewer + 10 * (ceil(work / fewer / 60.0) - 1) > 360.0);
        CHECK(course.session[1].day == sittings - 1 + 10);
        CHECK(course.session[2].day == course.session[1].day + 28);
    }
}

TEST(dates_follow_the_gaps_and_stay_within_their_windows)
{
    Protocol protocol = plain_protocol();
    CourseInput input = three_sessions(4000, 3000, 2000);
    Err err;
    input.has_start = true;
    input.start = (CourseDate){2028, 2, 20};
    REQUIRE(course_make(&protocol, &input, &course, &err));
    static const char *const want[3][3] = {{"2028-02-20", "2028-02-20", "2028-02-20"},
                                           {"2028-02-27", "2028-03-01", "2028-03-21"},
                                           {"2028-03-22", "2028-03-29", "2028-04-12"}};
    for (int i = 0; i < 3; i++) {
        char text[3][11];
        course_date_text(course.session[i].earliest, text[0]);
        course_date_text(course.session[i].date, text[1]);
        course_date_text(course.session[i].latest, text[2]);
        for (int k = 0; k < 3; k++)
            CHECK(strcmp(text[k], want[i][k]) == 0);
    }
    input.has_start = false;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK(!course.session[1].has_date && course.session[1].day == 10);
}

TEST(absurd_courses_are_refused_with_the_value)
{
    Protocol protocol = plain_protocol();
    Err err = {0};
    CourseInput none = three_sessions(0, 0, 0), negative = three_sessions(10, -3, 0);
    CourseInput fourth = three_sessions(10, 10, 10), endless = three_sessions(10000000, 0, 0);
    CourseInput nan_area = three_sessions(10, 0, 0), too_many = three_sessions(10, 0, 0);
    fourth.dots_in_session[3] = 5;
    nan_area.zone_count = too_many.zone_count = 1;
    nan_area.zone[0].name = too_many.zone[0].name = "crown";
    nan_area.zone[0].area_cm2 = (double)NAN;
    too_many.zone[0].dots = 11;
    CHECK(!course_make(&protocol, &none, &course, &err));
    CHECK(!course_make(&protocol, &negative, &course, &err) && strstr(err.text, "-3") != NULL);
    CHECK(!course_make(&protocol, &fourth, &course, &err) && strstr(err.text, "session 4"));
    CHECK(!course_make(&protocol, &endless, &course, &err) && strstr(err.text, "10000000"));
    CHECK(!course_make(&protocol, &nan_area, &course, &err) && strstr(err.text, "nan"));
    CHECK(!course_make(&protocol, &too_many, &course, &err) && strstr(err.text, "11"));
}

/* --- money --- */

TEST(lines_by_zone_are_exact_in_minor_units)
{
    Protocol protocol = plain_protocol();
    CourseInput input = three_sessions(3000, 2000, 1003);
    Err err;
    protocol.price_base = 5000;
    protocol.price_per_dot_milli = 15001;
    protocol.tax_permille = 190;
    protocol.deposit_permille = 100;
    input.zone_count = 2;
    input.zone[0].name = "hairline";
    input.zone[0].dots = 4001;
    input.zone[1].name = "scar";
    input.zone[1].dots = 1001;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    REQUIRE(course.line_count == 4);
    CHECK(course.line[0].amount == 5000);
    CHECK(course.line[1].amount == 60019); /* 15001 * 4.001 = 60019.001 */
    CHECK_NEAR(course.line[1].quantity, 4.001, 1e-12);
    CHECK(course.line[2].amount == 22532); /* 1001 * 1.5 = 1501.5 -> 1502; 22531.502 */
    CHECK_NEAR(course.line[2].quantity, 1.502, 1e-12);
    CHECK(course.line[3].amount == 15016); /* 1001 dots in no zone: 15016.001 */
    CHECK(course.net == 102567);
    CHECK(course.tax == 19488); /* 19487.73 */
    CHECK(course.total == 122055);
    CHECK(course.deposit == 12206); /* 12205.5 */
}

TEST(lines_by_the_hour_bill_the_printed_hours)
{
    Protocol protocol = plain_protocol();
    CourseInput input = three_sessions(7200, 3600, 100);
    Err err;
    protocol.price_per_hour = 30001;
    REQUIRE(course_make(&protocol, &input, &course, &err));
    REQUIRE(course.line_count == 3);
    CHECK_NEAR(course.line[0].quantity, 2.67, 1e-12);
    CHECK(course.line[0].amount == 80103); /* 30001 * 2.67 = 80102.67 */
    CHECK(course.line[1].amount == 45002); /* 30001 * 1.50 = 45001.5 */
    CHECK_NEAR(course.line[2].quantity, 0.53, 1e-12);
    CHECK(course.line[2].amount == 15901); /* 30001 * 0.53 = 15900.53 */
    CHECK(course.net == 80103 + 45002 + 15901 && course.tax == 0 && course.total == course.net);
}

TEST(lines_always_sum_to_the_net_and_the_highest_prices_do_not_overflow)
{
    Protocol protocol = plain_protocol();
    CourseInput input = three_sessions(200000, 200000, 200000);
    Err err;
    protocol.session_count = 4;
    protocol.gap[3] = protocol.gap[2];
    protocol.price_base = protocol.price_per_hour = protocol.price_per_dot_milli = 1000000000;
    protocol.tax_permille = protocol.deposit_permille = 1000;
    input.dots_in_session[3] = 200000;
    input.zone_count = COURSE_MAX_ZONES;
    for (int i = 0; i < COURSE_MAX_ZONES; i++) {
        input.zone[i].name = "a zone with quite a long name, longer than the line has room for";
        input.zone[i].dots = 10000 + i;
    }
    REQUIRE(course_make(&protocol, &input, &course, &err));
    CHECK(course.line_count == 1 + 4 + COURSE_MAX_ZONES + 1);
    int64_t sum = 0;
    for (int i = 0; i < course.line_count; i++) {
        CHECK(course.line[i].amount > 0);
        sum += course.line[i].amount;
    }
    CHECK(sum == course.net && course.tax == sum && course.total == 2 * sum);
    CHECK(course.deposit == course.total);
}

TEST(money_is_written_with_the_digits_of_its_currency)
{
    Protocol protocol = plain_protocol();
    char text[48];
    course_money(&protocol, 123405, text);
    CHECK(strcmp(text, "1234.05 EUR") == 0);
    course_money(&protocol, -5, text);
    CHECK(strcmp(text, "-0.05 EUR") == 0);
    course_money(&protocol, INT64_MIN, text);
    CHECK(strcmp(text, "-92233720368547758.08 EUR") == 0);
    protocol.minor_digits = 0;
    memcpy(protocol.currency, "JPY", 4);
    course_money(&protocol, 123405, text);
    CHECK(strcmp(text, "123405 JPY") == 0);
    protocol.minor_digits = 3;
    course_money(&protocol, 1234050, text);
    CHECK(strcmp(text, "1234.050 JPY") == 0);
}

/* --- protocols --- */

TEST(the_standard_protocol_has_three_sessions_ten_days_and_four_weeks_apart)
{
    Err err = {0};
    REQUIRE(course_protocol_builtin("standard", &parsed, &err));
    CHECK(parsed.session_count == 3);
    CHECK_NEAR(parsed.share[0], 0.45, 1e-12);
    CHECK_NEAR(parsed.share[1], 0.35, 1e-12);
    CHECK_NEAR(parsed.share[2], 0.20, 1e-12);
    CHECK(parsed.gap[1].target_days == 10 && parsed.gap[2].target_days == 28);
    CHECK(parsed.strength[0] < parsed.strength[1]);
    CHECK(course_difficulty(&parsed, "scar") > 1.0);
    CHECK(parsed.expect_count > 5 && parsed.aftercare_count > 8);
}

TEST(every_builtin_protocol_is_valid_and_gives_a_course)
{
    for (const EmbedFile *file = protocols_files; file->name != NULL; file++) {
        char id[64];
        Err err = {0};
        snprintf(id, sizeof id, "%.*s", (int)strcspn(file->name, "."), file->name);
        CHECK(course_protocol_builtin(id, &parsed, &err));
        CHECK(strcmp(parsed.id, id) == 0);
        CourseInput input = {0};
        for (int i = 0; i < parsed.session_count; i++)
            input.dots_in_session[i] = (int)lround(22000 * parsed.share[i]);
        CHECK(course_make(&parsed, &input, &course, &err));
        CHECK(course.total > 0 && course.hours[0] < course.hours[1]);
        if (err.code != ERR_NONE)
            printf("# %s: %s\n", id, err.text);
    }
}

TEST(an_unknown_builtin_protocol_is_refused_with_the_known_names)
{
    Err err = {0};
    CHECK(!course_protocol_builtin("nonsense", &parsed, &err));
    CHECK(strstr(err.text, "nonsense") != NULL && strstr(err.text, "standard") != NULL);
    CHECK(!course_protocol_builtin("", &parsed, &err));
    CHECK(!course_protocol_builtin("standard.json", &parsed, &err));
}

/* The standard protocol with one piece of text replaced. */
static char *edited(const char *from, const char *to, size_t *size)
{
    static char text[64 * 1024];
    const char *whole = (const char *)protocols_files[0].bytes;
    const char *at = strstr(whole, from);
    if (at == NULL)
        printf("# the standard protocol does not hold '%s'\n", from);
    if (at == NULL || protocols_files[0].size + strlen(to) > sizeof text)
        return NULL;
    int wrote =
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, to, at + strlen(from));
    *size = (size_t)wrote;
    return text;
}

TEST(every_refusal_names_the_key_and_the_value)
{
    static const struct {
        const char *from, *to, *key, *value;
    } table[] = {
        {"\"follicle/protocol\"", "\"follicle/design\"", "schema", "follicle/design"},
        {"\"version\": 1", "\"version\": 2", "version", "2"},
        {"\"version\": 1", "\"version\": 0", "version", "0"},
        {"\"id\": \"standard\"", "\"id\": \"../etc\"", "id", "../etc"},
        {"\"title\"", "\"titel\"", "titel", "not a key"},
        {"\"protocol_version\": 1,", "", "protocol_version", "missing"},
        {"\"share\": 0.45", "\"share\": 0.5", "share", "1.05"},
        {"\"share\": 0.45", "\"share\": \"half\"", "sessions[0].share", "half"},
        {"\"share\": 0.35", "\"share\": -0.35", "sessions[1].share", "-0.35"},
        {"\"share\": 0.45,", "\"share\": 0.45, \"share\": 0.45,", "line 10", "duplicate"},
        {"\"target\": 10", "\"target\": 5", "sessions[1].after_days.", "7, 5, 30"},
        {"\"target\": 10", "\"target\": 10.5", "sessions[1].after_days.target", "10.5"},
        {"\"strength\": 0.9,", "\"strength\": 0.9, \"after_days\": {},", "sessions[0].after_days",
         "first"},
        {"\"slow\": 28", "\"slow\": 280", "work.dots_per_minute.", "280"},
        {"\"slow\": 28", "\"slow\": 0", "work.dots_per_minute.slow", "0"},
        {"\"scar\": 1.5", "\"scra\": 1.5", "work.difficulty.scra", "zone"},
        {"\"setup_minutes\": 30", "\"setup_minutes\": null", "work.setup_minutes", "null"},
        {"\"max_hours_per_day\": 6", "\"max_hours_per_day\": 1e9", "work.max_hours_per_day", "100"},
        {"30,\n    \"break_every_minutes\": 75,\n    \"break_minutes\": 10,\n    "
         "\"max_hours_per_day\": 6",
         "31, \"break_every_minutes\": 75, \"break_minutes\": 10, \"max_hours_per_day\": 1",
         "work.setup_minutes", "31"},
        {"\"currency\": \"USD\"", "\"currency\": \"$\"", "price.currency", "$"},
        {"\"per_1000_dots_minor\": 15000", "\"per_1000_dots_minor\": 150.5",
         "price.per_1000_dots_minor", "150.5"},
        {"\"tax_permille\": 0", "\"tax_permille\": 1001", "price.tax_permille", "1001"},
        {"\"low\": 2", "\"low\": 5", "touch_up.years.", "5, 4, 6"},
        {"\"to_day\": 1,", "\"to_day\": -1,", "expect[0].to_day", "-1"},
        {"Keep the scalp dry.", "Keep the\\nscalp dry.", "aftercare[1].text", "10"},
        {"Keep the scalp dry.", "", "aftercare[1].text", "0 bytes"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        Err err = {0};
        size_t size = 0;
        char *text = edited(table[i].from, table[i].to, &size);
        REQUIRE(text != NULL);
        CHECK(!course_protocol_from_json(size, text, &parsed, &err));
        CHECK(err.code == ERR_INPUT);
        if (!CHECK(strstr(err.text, table[i].key) && strstr(err.text, table[i].value)))
            printf("#   '%s' instead of '%s': %s\n", table[i].to, table[i].from, err.text);
    }
}

TEST(a_truncated_protocol_is_refused_at_every_length)
{
    const char *whole = (const char *)protocols_files[0].bytes;
    size_t length = protocols_files[0].size;
    while (length > 0 && whole[length - 1] == '\n')
        length--;
    for (size_t size = 0; size < length; size += 7) {
        Err err = {0};
        CHECK(!course_protocol_from_json(size, whole, &parsed, &err) && err.code == ERR_INPUT);
    }
}

TEST(a_huge_protocol_is_refused_unread)
{
    Err err = {0};
    CHECK(!course_protocol_from_json((size_t)1 << 40, "", &parsed, &err) && err.code == ERR_LIMIT);
}

TEST(shares_written_with_few_digits_are_scaled_to_one)
{
    Err err = {0};
    size_t size = 0;
    char *text = edited("\"share\": 0.45", "\"share\": 0.4504", &size);
    REQUIRE(text != NULL && course_protocol_from_json(size, text, &parsed, &err));
    CHECK_NEAR(parsed.share[0] + parsed.share[1] + parsed.share[2], 1.0, 1e-15);
}
