#include "course/care.h"

#include "base/test.h"

#include <math.h>
#include <string.h>

enum { FIRST_DAY = -60, WALKED_TO = PROTOCOL_FOR_GOOD + 5 };

static Arena arena;
static Course course; /* with its protocol larger than a test's frame should be */

/* A course of one of the shipped protocols: sessions as far apart as it aims at. */
static bool start(const char *id, bool dated)
{
    Err err;
    if (arena.base == NULL && !CHECK(arena_open(&arena, (size_t)64 << 20, &err)))
        return false;
    course = (Course){0};
    if (!CHECK(protocol_builtin(&arena, id, &course.protocol, &err)))
        return false;
    CourseDate date = {2028, 2, 20};
    course.session_count = course.protocol.session_count;
    for (int i = 0; i < course.session_count; i++) {
        CourseSession *session = &course.session[i];
        session->day = i > 0 ? session[-1].day + course.protocol.gap[i].target_days : 0;
        session->sittings = 1;
        session->has_date = dated;
        session->date = dated ? course_date_add(date, session->day) : (CourseDate){0};
        session->sitting[0] = (CourseSitting){session->date, -1, -1};
    }
    return true;
}

static bool holds(const ProtocolRule *rule, int day)
{
    return day >= rule->from_day && (day <= rule->to_day || rule->to_day >= PROTOCOL_FOR_GOOD);
}

static bool contains(int count, const int list[], int what)
{
    int times = 0;
    for (int i = 0; i < count; i++)
        times += list[i] == what;
    return times == 1;
}

/* ---- the calendar ---- */

/* What a day's span says is what the protocol's rules say, asked one by one. */
static bool day_agrees(int day, int last, int count, const CareSpan span[])
{
    const Protocol *protocol = &course.protocol;
    const CareSpan *found = NULL, none = {0};
    int covered = 0, expected = 0, rules = 0;
    for (int i = 0; i < count; i++)
        if (day >= span[i].from_day && (day <= span[i].to_day || span[i].for_good)) {
            found = &span[i];
            covered++;
        }
    bool ok = covered <= 1;
    if (found == NULL)
        found = &none;
    for (int i = 0; i < protocol->expect_count; i++)
        if (day <= last && holds(&protocol->expect[i], day)) {
            expected++;
            ok = ok && contains(found->expect_count, found->expect, i);
        }
    for (int i = 0; i < protocol->aftercare_count; i++)
        if (day <= last && holds(&protocol->aftercare[i], day)) {
            rules++;
            ok = ok && contains(found->rule_count, found->rule, i);
        }
    ok = ok && expected == found->expect_count && rules == found->rule_count;
    return ok && (covered == 1) == (expected + rules > 0);
}

TEST(every_day_is_covered_once_by_just_the_rules_that_hold_on_it)
{
    for (int b = 0; b < protocol_builtin_count(); b++) {
        REQUIRE(start(protocol_builtin_id(b), false));
        for (int s = 0; s < course.session_count; s++) {
            int count, wrong = 0;
            CareSpan *span;
            Err err;
            bool is_last = s + 1 == course.session_count;
            int last = is_last ? WALKED_TO : course.session[s + 1].day - course.session[s].day - 1;
            REQUIRE(care_spans(&arena, &course, s, &count, &span, &err));
            for (int day = FIRST_DAY; day <= WALKED_TO; day++)
                wrong += !day_agrees(day, last, count, span);
            CHECK(wrong == 0);
        }
    }
}

TEST(a_span_ends_only_where_something_changes)
{
    REQUIRE(start("standard", false));
    int count;
    CareSpan *span;
    Err err;
    REQUIRE(care_spans(&arena, &course, 2, &count, &span, &err));
    for (int i = 1; i < count; i++) {
        CHECK(span[i - 1].to_day < span[i].from_day);
        bool same = span[i].expect_count == span[i - 1].expect_count &&
                    span[i].rule_count == span[i - 1].rule_count &&
                    memcmp(span[i].expect, span[i - 1].expect, sizeof span[i].expect) == 0 &&
                    memcmp(span[i].rule, span[i - 1].rule, sizeof span[i].rule) == 0;
        CHECK(!same || span[i].from_day == 0);
    }
}

static bool said_on(int day, const char *text)
{
    bool said = false;
    for (int i = 0; i < course.protocol.aftercare_count; i++)
        said = said || (holds(&course.protocol.aftercare[i], day) &&
                        strcmp(course.protocol.aftercare[i].text, text) == 0);
    return said;
}

TEST(words_begin_on_the_day_before_which_nobody_said_them)
{
    int flags = 0;
    for (int b = 0; b < protocol_builtin_count(); b++) {
        REQUIRE(start(protocol_builtin_id(b), false));
        for (int s = 0; s < course.session_count; s++) {
            int count;
            CareSpan *span;
            Err err;
            REQUIRE(care_spans(&arena, &course, s, &count, &span, &err));
            for (int i = 0; i < count; i++)
                for (int k = 0; k < span[i].rule_count; k++) {
                    const char *text = course.protocol.aftercare[span[i].rule[k]].text;
                    CHECK(span[i].begins[k] == !said_on(span[i].from_day - 1, text));
                    flags += span[i].begins[k];
                }
        }
    }
    CHECK(flags > 100);
}

TEST(rules_for_good_come_last_and_only_after_the_last_session)
{
    REQUIRE(start("standard", false));
    for (int s = 0; s < 3; s++) {
        int count;
        CareSpan *span;
        Err err;
        REQUIRE(care_spans(&arena, &course, s, &count, &span, &err));
        for (int i = 0; i < count; i++) {
            CHECK(span[i].for_good == (s == 2 && i == count - 1));
            for (int k = 1; k < span[i].rule_count; k++) {
                const ProtocolRule *rule = course.protocol.aftercare;
                CHECK(rule[span[i].rule[k]].to_day >= PROTOCOL_FOR_GOOD ||
                      rule[span[i].rule[k - 1]].to_day < PROTOCOL_FOR_GOOD);
            }
        }
    }
}

/* Put before a rule that ends, in a document, one for good still comes after it. */
TEST(the_order_of_the_document_does_not_bring_a_rule_for_good_to_the_front)
{
    REQUIRE(start("standard", false));
    ProtocolRule *rule = course.protocol.aftercare;
    ProtocolRule good = rule[course.protocol.aftercare_count - 1];
    CHECK(good.to_day == PROTOCOL_FOR_GOOD);
    good.from_day = 0;
    memmove(rule + 1, rule, (size_t)(course.protocol.aftercare_count - 1) * sizeof *rule);
    rule[0] = good;
    int count;
    CareSpan *span;
    Err err;
    REQUIRE(care_spans(&arena, &course, 2, &count, &span, &err));
    for (int i = 0; i < count; i++)
        for (int k = 0; k + 1 < span[i].rule_count; k++)
            CHECK(span[i].rule[k] != 0);
}

TEST(a_calendar_is_cut_the_day_before_the_next_session)
{
    REQUIRE(start("standard", true));
    int count;
    CareSpan *span;
    Err err;
    REQUIRE(care_spans(&arena, &course, 0, &count, &span, &err));
    CHECK(span[count - 1].to_day == 9 && !span[count - 1].for_good);
    CHECK(course_date_between(span[count - 1].to, course.session[1].date) == 1);
    /* moved by a week: the dates count, not the days that were planned */
    course.session[1].date = course_date_add(course.session[1].date, 7);
    course.session[1].sitting[0].date = course.session[1].date;
    REQUIRE(care_spans(&arena, &course, 0, &count, &span, &err));
    CHECK(span[count - 1].to_day == 16);
}

TEST(dates_are_the_days_after_the_last_sitting_and_before_the_first)
{
    REQUIRE(start("standard", true));
    CourseSession *session = &course.session[2];
    int count;
    CareSpan *span;
    Err err;
    session->sittings = 3; /* with a weekend between the second and the third */
    session->sitting[1].date = course_date_add(session->date, 1);
    session->sitting[2].date = course_date_add(session->date, 4);
    CourseDate last = session->sitting[2].date;
    REQUIRE(care_spans(&arena, &course, 2, &count, &span, &err));
    for (int i = 0; i < count; i++) {
        CourseDate from_is = span[i].from_day > 0 ? last : session->date;
        CHECK(span[i].has_date);
        CHECK(course_date_between(from_is, span[i].from) == span[i].from_day);
        if (!span[i].for_good)
            CHECK(course_date_between(span[i].to_day >= 0 ? last : session->date, span[i].to) ==
                  span[i].to_day);
        if (i > 0) /* no day between is lost */
            CHECK(course_date_between(span[i - 1].to, span[i].from) == 1);
    }
    /* and the one before is cut before the first sitting */
    REQUIRE(care_spans(&arena, &course, 1, &count, &span, &err));
    CHECK(course_date_between(span[count - 1].to, session->date) == 1);
    REQUIRE(start("standard", false));
    REQUIRE(care_spans(&arena, &course, 2, &count, &span, &err));
    CHECK(!span[0].has_date);
    course.session[0].sittings = 2;
    course.session[1].day += 1;
    REQUIRE(care_spans(&arena, &course, 0, &count, &span, &err));
    CHECK(span[count - 1].to_day == 9); /* days count from the second sitting */
}

TEST(a_day_on_which_nothing_is_said_has_no_span)
{
    REQUIRE(start("standard", false));
    course.protocol.expect_count = 0;
    course.protocol.aftercare_count = 2;
    course.protocol.aftercare[0].from_day = course.protocol.aftercare[0].to_day = 2;
    course.protocol.aftercare[1].from_day = course.protocol.aftercare[1].to_day = 5;
    int count;
    CareSpan *span;
    Err err;
    REQUIRE(care_spans(&arena, &course, 2, &count, &span, &err));
    REQUIRE(count == 2);
    CHECK(span[0].from_day == 2 && span[0].to_day == 2);
    CHECK(span[1].from_day == 5 && span[1].to_day == 5);
    course.protocol.aftercare_count = 0;
    REQUIRE(care_spans(&arena, &course, 2, &count, &span, &err));
    CHECK(count == 0);
    course.protocol.expect_count = 1; /* something to expect is something */
    REQUIRE(care_spans(&arena, &course, 2, &count, &span, &err));
    CHECK(count == 1 && span[0].expect_count == 1 && span[0].rule_count == 0);
}

TEST(the_session_itself_is_a_border_though_no_rule_begins_with_it)
{
    REQUIRE(start("standard", true));
    CourseSession *session = &course.session[2];
    session->sittings = 2;
    session->sitting[1].date = course_date_add(session->date, 4);
    course.protocol.expect_count = 0;
    course.protocol.aftercare_count = 1;
    course.protocol.aftercare[0].from_day = -2;
    course.protocol.aftercare[0].to_day = 3;
    int count;
    CareSpan *span;
    Err err;
    REQUIRE(care_spans(&arena, &course, 2, &count, &span, &err));
    REQUIRE(count == 2);
    CHECK(span[0].from_day == -2 && span[0].to_day == -1 && span[0].begins[0]);
    CHECK(span[1].from_day == 0 && span[1].to_day == 3 && !span[1].begins[0]);
    CHECK(course_date_between(span[0].to, session->date) == 1);
    CHECK(course_date_between(session->date, span[1].to) == 4 + 3);
}

TEST(a_calendar_without_room_is_refused)
{
    Err err = {0};
    int count;
    CareSpan *span;
    REQUIRE(start("standard", false));
    size_t mark = arena_mark(&arena), limit = arena.limit;
    REQUIRE(care_spans(&arena, &course, 2, &count, &span, &err));
    size_t need = arena_mark(&arena) - mark;
    for (size_t room = 0; room < need; room += 4096) {
        arena_rewind(&arena, mark);
        arena.limit = mark + room;
        err = (Err){0};
        CHECK(!care_spans(&arena, &course, 2, &count, &span, &err) && err.code == ERR_LIMIT);
    }
    arena.limit = limit;
}

/* ---- the years ---- */

static bool forecast_of(const CareClient *client, CareTouchUp *forecast)
{
    SkinKind kind = course.protocol.absorbable ? SKIN_ABSORBABLE : SKIN_PERMANENT;
    SkinAgeing ageing = skin_ageing(kind, client->tone, &client->habits);
    Err err = {0};
    bool ok = care_touch_up(&course, &ageing, client, forecast, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

TEST(without_a_cause_the_forecast_is_the_published_band)
{
    CareClient average = {0};
    CareTouchUp forecast;
    for (int b = 0; b < protocol_builtin_count(); b++) {
        REQUIRE(start(protocol_builtin_id(b), false));
        REQUIRE(forecast_of(&average, &forecast));
        CHECK(forecast.reason_count == 0 && !forecast.has_dates);
        for (int i = 0; i < 3; i++) {
            CHECK(forecast.years[i] == course.protocol.touch_up_years[i]);
            CHECK(forecast.published_years[i] == course.protocol.touch_up_years[i]);
        }
    }
}

/* A client with one cause at a strength of 0..1; -1: its opposite. */
static CareClient with_cause(ProtocolCause cause, double strength)
{
    CareClient client = {0};
    switch (cause) {
    case PROTOCOL_SUN:
        client.habits.sun = strength;
        break;
    case PROTOCOL_OILY_SKIN:
        client.habits.oiliness = strength;
        break;
    case PROTOCOL_IMMUNE_RESPONSE:
        client.habits.immunity = strength;
        break;
    case PROTOCOL_SCAR:
        client.scar_share = strength;
        break;
    case PROTOCOL_LIGHT_SHADE:
        client.light_shade = strength >= 1.0;
        break;
    case PROTOCOL_SWEAT:
        client.sweats = strength >= 1.0;
        break;
    case PROTOCOL_CAUSES:
        break;
    }
    return client;
}

TEST(each_cause_shortens_the_years_and_more_of_it_shortens_them_more)
{
    REQUIRE(start("standard", false));
    for (int cause = 0; cause < PROTOCOL_CAUSES; cause++) {
        double before[3] = {1e9, 1e9, 1e9};
        for (int step = 0; step <= 20; step++) {
            CareClient client = with_cause((ProtocolCause)cause, step / 20.0);
            CareTouchUp now;
            REQUIRE(forecast_of(&client, &now));
            for (int i = 0; i < 3; i++) {
                CHECK(now.years[i] <= before[i] + 1e-12);
                before[i] = now.years[i];
            }
            CHECK(now.years[0] <= now.years[1] && now.years[1] <= now.years[2]);
        }
        CHECK(before[1] < course.protocol.touch_up_years[1]);
    }
}

/* The rule of the header, written out for one cause. */
TEST(a_cause_at_full_strength_takes_its_factor_and_widens_the_band_in_quadrature)
{
    REQUIRE(start("standard", false));
    for (int f = 0; f < course.protocol.factor_count; f++) {
        const ProtocolFactor *factor = &course.protocol.factor[f];
        CareClient client = with_cause(factor->cause, 1.0);
        const double *years = course.protocol.touch_up_years;
        CareTouchUp got;
        REQUIRE(forecast_of(&client, &got));
        REQUIRE(got.reason_count == 1);
        CHECK(strcmp(got.reason[0].cause, protocol_cause_name(factor->cause)) == 0);
        CHECK(got.reason[0].text == factor->text && got.reason[0].source == factor->source);
        CHECK_NEAR(got.reason[0].factor[0], factor->low, 1e-12);
        CHECK_NEAR(got.reason[0].factor[1], factor->expected, 1e-12);
        CHECK_NEAR(got.reason[0].factor[2], factor->high, 1e-12);
        CHECK_NEAR(got.years[1], years[1] * factor->expected, 1e-12);
        double down =
            sqrt(pow(log(years[1] / years[0]), 2) + pow(log(factor->expected / factor->low), 2));
        CHECK_NEAR(log(got.years[1] / got.years[0]), down, 1e-12);
        double up =
            sqrt(pow(log(years[2] / years[1]), 2) + pow(log(factor->high / factor->expected), 2));
        CHECK_NEAR(log(got.years[2] / got.years[1]), up, 1e-12);
    }
}

TEST(causes_multiply_and_the_order_of_the_document_does_not_matter)
{
    REQUIRE(start("standard", false));
    CareClient client = {.habits = {.sun = 0.7, .oiliness = 0.5, .immunity = -0.3},
                         .scar_share = 0.4,
                         .light_shade = true,
                         .sweats = true};
    CareTouchUp one, two;
    REQUIRE(forecast_of(&client, &one));
    CHECK(one.reason_count == PROTOCOL_CAUSES);
    double product = course.protocol.touch_up_years[1];
    for (int i = 0; i < one.reason_count; i++)
        product *= one.reason[i].factor[1];
    CHECK_NEAR(one.years[1], product, 1e-12);
    for (int i = 0; i < course.protocol.factor_count / 2; i++) {
        ProtocolFactor *a = &course.protocol.factor[i];
        ProtocolFactor *b = &course.protocol.factor[course.protocol.factor_count - 1 - i];
        ProtocolFactor kept = *a;
        *a = *b;
        *b = kept;
    }
    REQUIRE(forecast_of(&client, &two));
    for (int i = 0; i < 3; i++)
        CHECK_NEAR(one.years[i], two.years[i], 1e-12);
}

TEST(the_opposite_of_a_cause_lengthens_the_years_in_its_own_words)
{
    static const ProtocolCause both[] = {PROTOCOL_OILY_SKIN, PROTOCOL_IMMUNE_RESPONSE};
    REQUIRE(start("standard", false));
    for (int i = 0; i < 2; i++) {
        CareClient client = with_cause(both[i], -1.0);
        CareTouchUp got;
        REQUIRE(forecast_of(&client, &got));
        REQUIRE(got.reason_count == 1);
        CHECK(got.years[1] > course.protocol.touch_up_years[1]);
        CHECK(got.reason[0].factor[0] <= got.reason[0].factor[1] &&
              got.reason[0].factor[1] <= got.reason[0].factor[2]);
        for (int f = 0; f < course.protocol.factor_count; f++)
            if (course.protocol.factor[f].cause == both[i])
                CHECK(got.reason[0].text == course.protocol.factor[f].text_opposite &&
                      got.reason[0].text != NULL);
    }
}

TEST(the_sun_tells_less_on_dark_skin)
{
    REQUIRE(start("standard", false));
    SkinTone light = skin_tone_of_lab(skin_lab_of_ita(50.0));
    SkinTone dark = skin_tone_of_lab(skin_lab_of_ita(-40.0));
    CareClient client = with_cause(PROTOCOL_SUN, 1.0);
    CareTouchUp unknown, on_light, on_dark;
    REQUIRE(forecast_of(&client, &unknown));
    client.tone = &light;
    REQUIRE(forecast_of(&client, &on_light));
    client.tone = &dark;
    REQUIRE(forecast_of(&client, &on_dark));
    CHECK_NEAR(on_light.years[1], unknown.years[1], 1e-9);
    /* a fifth of the ultraviolet comes through (skin/ageing_rates.c) */
    CHECK_NEAR(on_dark.years[1], 4.0 * pow(on_light.years[1] / 4.0, 0.2), 1e-6);
}

TEST(the_models_own_years_stand_beside_the_published_ones)
{
    CareClient average = {0}, sunny = with_cause(PROTOCOL_SUN, 1.0);
    CareTouchUp one, two;
    REQUIRE(start("standard", false));
    REQUIRE(forecast_of(&average, &one));
    SkinAgeing plain = skin_ageing_default();
    CHECK(one.left_share == 0.5); /* half is left after one half-life */
    CHECK_NEAR(one.faded_years[0], plain.half_life_years.low, 1e-12);
    CHECK_NEAR(one.faded_years[1], plain.half_life_years.expected, 1e-12);
    CHECK_NEAR(one.faded_years[2], plain.half_life_years.high, 1e-12);
    REQUIRE(forecast_of(&sunny, &two));
    CHECK(two.faded_years[1] < one.faded_years[1]);
    REQUIRE(start("temporary", false));
    REQUIRE(forecast_of(&average, &one));
    CHECK(one.left_share == SKIN_GONE_SHARE);
    CHECK_NEAR(one.faded_years[1], 0.75, 0.01); /* gone in 6, 9 and 12 months */
    CHECK_NEAR(one.faded_years[0], 0.5, 0.01);
    CHECK_NEAR(one.faded_years[2], 1.0, 0.01);
}

TEST(years_become_dates_after_the_last_sitting)
{
    CareClient average = {0};
    CareTouchUp got;
    REQUIRE(start("standard", true));
    CourseSession *last = &course.session[2];
    last->sittings = 2;
    last->sitting[1].date = course_date_add(last->date, 3);
    REQUIRE(forecast_of(&average, &got));
    CHECK(got.has_dates);
    CHECK(course_date_between(last->sitting[1].date, got.from) == 731); /* 2 * 365.25 = 730.5 */
    CHECK(course_date_between(last->sitting[1].date, got.expected) == 1461);
    CHECK(course_date_between(last->sitting[1].date, got.until) == 2192); /* 2191.5 */
}

TEST(another_kind_of_pigment_than_the_protocols_is_noticed)
{
    SkinAgeing permanent = skin_ageing_default(), absorbable = permanent;
    CareClient average = {0};
    CareTouchUp got;
    Err err;
    absorbable.kind = SKIN_ABSORBABLE;
    REQUIRE(start("temporary", false));
    CHECK(care_touch_up(&course, &permanent, &average, &got, &err) && !got.pigment_fits);
    CHECK(care_touch_up(&course, &absorbable, &average, &got, &err) && got.pigment_fits);
    REQUIRE(start("standard", false));
    CHECK(care_touch_up(&course, &permanent, &average, &got, &err) && got.pigment_fits);
    CHECK(care_touch_up(&course, &absorbable, &average, &got, &err) && !got.pigment_fits);
}

TEST(absurd_clients_are_refused)
{
    CareClient scars = {.scar_share = 1.2}, sun = {.habits = {.sun = 2.0}};
    CareClient none = {.scar_share = (double)NAN};
    SkinAgeing ageing = skin_ageing_default();
    CareTouchUp got;
    Err err = {0};
    REQUIRE(start("standard", false));
    CHECK(!care_touch_up(&course, &ageing, &scars, &got, &err) && strstr(err.text, "1.2"));
    CHECK(!care_touch_up(&course, &ageing, &none, &got, &err) && err.code == ERR_INPUT);
    CHECK(!care_touch_up(&course, &ageing, &sun, &got, &err) && strstr(err.text, "sun"));
}
