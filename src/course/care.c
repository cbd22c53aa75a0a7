#include "course/care.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the calendar ---- */

enum { MOST_BORDERS = 4 * PROTOCOL_MAX_RULES + 2 };

static bool is_for_good(const ProtocolRule *rule)
{
    return rule->to_day >= PROTOCOL_FOR_GOOD;
}

static CourseDate last_date(const CourseSession *session)
{
    return session->sittings > 1 ? session->sitting[session->sittings - 1].date : session->date;
}

/* Days from the last sitting of a session to the first of the next. */
static int days_to_next(const Course *course, int session)
{
    const CourseSession *own = &course->session[session], *next = own + 1;
    if (own->has_date && next->has_date)
        return course_date_between(last_date(own), next->date);
    return next->day - (own->day + own->sittings - 1);
}

/* The last day that belongs to a session. */
static int last_day(const Course *course, int session)
{
    return session + 1 < course->session_count ? days_to_next(course, session) - 1
                                               : PROTOCOL_FOR_GOOD;
}

static int by_day(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;
    return (left > right) - (left < right);
}

static int add_borders(int rule_count, const ProtocolRule rule[], int count, int border[])
{
    for (int i = 0; i < rule_count; i++) {
        border[count++] = rule[i].from_day;
        if (!is_for_good(&rule[i]))
            border[count++] = rule[i].to_day + 1;
    }
    return count;
}

/* First days of the stretches, ascending, each once; the session itself is always a border. */
static int find_borders(const Protocol *protocol, int border[MOST_BORDERS])
{
    int count = 0, kept = 0;
    border[count++] = 0;
    count = add_borders(protocol->expect_count, protocol->expect, count, border);
    count = add_borders(protocol->aftercare_count, protocol->aftercare, count, border);
    qsort(border, (size_t)count, sizeof border[0], by_day);
    for (int i = 0; i < count; i++)
        if (kept == 0 || border[i] != border[kept - 1])
            border[kept++] = border[i];
    return kept;
}

static bool holds_on(const ProtocolRule *rule, int day)
{
    return rule->from_day <= day && day <= rule->to_day;
}

/* A rule that takes over from one with the same words goes on. */
static bool begins(const Protocol *protocol, int index)
{
    const ProtocolRule *rule = &protocol->aftercare[index];
    for (int i = 0; i < protocol->aftercare_count; i++)
        if (strcmp(protocol->aftercare[i].text, rule->text) == 0 &&
            holds_on(&protocol->aftercare[i], rule->from_day - 1))
            return false;
    return true;
}

static void fill_rules(const Protocol *protocol, CareSpan *span)
{
    for (int i = 0; i < protocol->expect_count; i++)
        if (holds_on(&protocol->expect[i], span->from_day))
            span->expect[span->expect_count++] = i;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < protocol->aftercare_count; i++) {
            const ProtocolRule *rule = &protocol->aftercare[i];
            if (!holds_on(rule, span->from_day) || is_for_good(rule) != (pass == 1))
                continue;
            span->begins[span->rule_count] =
                rule->from_day == span->from_day && begins(protocol, i);
            span->rule[span->rule_count++] = i;
        }
}

static void fill_dates(const CourseSession *session, CareSpan *span)
{
    span->has_date = session->has_date;
    if (!session->has_date)
        return;
    CourseDate last = last_date(session);
    span->from = course_date_add(span->from_day <= 0 ? session->date : last, span->from_day);
    if (!span->for_good)
        span->to = course_date_add(span->to_day < 0 ? session->date : last, span->to_day);
}

bool care_spans(Arena *arena, const Course *course, int session, int *count, CareSpan **span,
                Err *err)
{
    assert(session >= 0 && session < course->session_count);
    int border[MOST_BORDERS], last = last_day(course, session), spans = 0;
    int borders = find_borders(&course->protocol, border);
    CareSpan *list = ARENA_NEW(arena, CareSpan, (size_t)borders);
    if (list == NULL)
        return err_set(err, ERR_LIMIT, "no room for the calendar of a session");
    for (int i = 0; i < borders && border[i] <= last; i++) {
        CareSpan next = {.from_day = border[i], .to_day = last};
        if (i + 1 < borders && border[i + 1] <= last)
            next.to_day = border[i + 1] - 1;
        next.for_good = next.to_day >= PROTOCOL_FOR_GOOD;
        fill_rules(&course->protocol, &next);
        fill_dates(&course->session[session], &next);
        if (next.expect_count + next.rule_count > 0)
            list[spans++] = next;
    }
    *count = spans;
    *span = list;
    return true;
}

/* ---- the years ---- */

/* How much of a habit's sun reaches the pigment of this skin, as skin_ageing has it: the ratio of
 * the two effects on the half-life. */
static double sun_strength(const CareClient *client)
{
    SkinHabits sun = {.sun = 1.0};
    SkinAgeing without = skin_ageing(SKIN_PERMANENT, NULL, NULL);
    SkinAgeing plain = skin_ageing(SKIN_PERMANENT, NULL, &sun);
    SkinAgeing toned = skin_ageing(SKIN_PERMANENT, client->tone, &sun);
    double through = log(without.half_life_years.expected / toned.half_life_years.expected) /
                     log(without.half_life_years.expected / plain.half_life_years.expected);
    return client->habits.sun * through;
}

/* -1..1; 0: the cause is not there, negative: its opposite. */
static double strength_of(ProtocolCause cause, const CareClient *client)
{
    switch (cause) {
    case PROTOCOL_SUN:
        return client->habits.sun > 0.0 ? sun_strength(client) : 0.0;
    case PROTOCOL_OILY_SKIN:
        return client->habits.oiliness;
    case PROTOCOL_IMMUNE_RESPONSE:
        return client->habits.immunity;
    case PROTOCOL_SCAR:
        return client->habits.scar ? 1.0 : client->scar_share;
    case PROTOCOL_LIGHT_SHADE:
        return client->light_shade ? 1.0 : 0.0;
    case PROTOCOL_SWEAT:
        return client->sweats ? 1.0 : 0.0;
    case PROTOCOL_CAUSES:
        break;
    }
    return 0.0;
}

/* factor^strength; below 0 its ends change places. */
static CareReason reason_of(const ProtocolFactor *factor, double strength)
{
    double ends[2] = {pow(factor->low, strength), pow(factor->high, strength)};
    return (CareReason){.cause = protocol_cause_name(factor->cause),
                        .text = strength < 0.0 ? factor->text_opposite : factor->text,
                        .source = factor->source,
                        .factor = {fmin(ends[0], ends[1]), pow(factor->expected, strength),
                                   fmax(ends[0], ends[1])}};
}

/* Independent bands: their distances from the expected value add in quadrature of logarithms. */
static void times(double years[3], const double factor[3])
{
    double expected = years[1] * factor[1];
    double down = hypot(log(years[1] / years[0]), log(factor[1] / factor[0]));
    double up = hypot(log(years[2] / years[1]), log(factor[2] / factor[1]));
    years[0] = expected * exp(-down);
    years[1] = expected;
    years[2] = expected * exp(up);
}

static bool check_client(const CareClient *client, Err *err)
{
    return skin_habits_check(&client->habits, err) &&
           ((client->scar_share >= 0.0 && client->scar_share <= 1.0) ||
            err_set(err, ERR_INPUT, "a share of scars of %g is not within 0..1",
                    client->scar_share));
}

static CourseDate years_after(CourseDate date, double years)
{
    return course_date_add(date, (int)lround(years * SKIN_DAYS_PER_YEAR));
}

static void fill_years(const Course *course, CareTouchUp *forecast)
{
    const CourseSession *last = &course->session[course->session_count - 1];
    forecast->has_dates = last->has_date;
    if (!last->has_date)
        return;
    CourseDate end = last_date(last);
    forecast->from = years_after(end, forecast->years[0]);
    forecast->expected = years_after(end, forecast->years[1]);
    forecast->until = years_after(end, forecast->years[2]);
}

bool care_touch_up(const Course *course, const SkinAgeing *ageing, const CareClient *client,
                   CareTouchUp *forecast, Err *err)
{
    const Protocol *protocol = &course->protocol;
    assert(course->session_count > 0);
    if (!check_client(client, err))
        return false;
    bool absorbable = ageing->kind == SKIN_ABSORBABLE;
    *forecast = (CareTouchUp){.pigment_fits = absorbable == protocol->absorbable};
    for (int i = 0; i < 3; i++)
        forecast->published_years[i] = forecast->years[i] = protocol->touch_up_years[i];
    for (int i = 0; i < protocol->factor_count; i++) {
        double strength = strength_of(protocol->factor[i].cause, client);
        if (strength == 0.0) /* not computed: 0 where nobody said anything */
            continue;
        CareReason reason = reason_of(&protocol->factor[i], strength);
        forecast->reason[forecast->reason_count++] = reason;
        times(forecast->years, reason.factor);
    }
    forecast->left_share = absorbable ? SKIN_GONE_SHARE : CARE_LEFT_SHARE;
    SkinBand faded = skin_years_until(ageing, forecast->left_share);
    forecast->faded_years[0] = faded.low;
    forecast->faded_years[1] = faded.expected;
    forecast->faded_years[2] = faded.high;
    fill_years(course, forecast);
    return true;
}
