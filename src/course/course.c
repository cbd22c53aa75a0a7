#include "course/course.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COURSE_MAX_DOTS = 10000000 }; /* of one session; a whole scalp at 300 per cm2 is 0.2 M */

/* numerator / denominator, half rounded away from zero; both not negative. */
static int64_t divide_half_up(int64_t numerator, int64_t denominator)
{
    return (numerator + denominator / 2) / denominator;
}

static double zone_factor(const Protocol *protocol, const CourseInput *input, int zone)
{
    double given = input->zone[zone].difficulty;
    return given > 0.0 ? given : course_difficulty(protocol, input->zone[zone].name);
}

/* Time per dot relative to plain skin, over all dots: those in no zone count as plain. */
static double mean_difficulty(const Protocol *protocol, const CourseInput *input, int64_t dots)
{
    double sum = (double)dots;
    for (int i = 0; i < input->zone_count; i++)
        sum += input->zone[i].dots * (zone_factor(protocol, input, i) - 1.0);
    return sum / (double)dots;
}

/* Minutes of one sitting with so much work: set-up first, a break after every stretch but the
 * last. */
static double sitting_minutes(const Protocol *protocol, double work_minutes)
{
    double stretches = ceil(work_minutes / protocol->break_every_minutes);
    return protocol->setup_minutes + work_minutes +
           fmax(0.0, stretches - 1.0) * protocol->break_minutes;
}

/* The fewest sittings, at the expected pace, of which none is longer than the limit of a day. */
static int count_sittings(const Protocol *protocol, double work_minutes)
{
    double limit_minutes = 60.0 * protocol->max_hours_per_session;
    int sittings = 1;
    while (sittings <= COURSE_MAX_SITTINGS &&
           sitting_minutes(protocol, work_minutes / sittings) > limit_minutes + 1e-9)
        sittings++;
    return sittings;
}

static bool fill_hours(const Protocol *protocol, double difficulty, int index,
                       CourseSession *session, Err *err)
{
    double plain_minutes = session->dots * difficulty; /* at one dot per minute */
    session->sittings = count_sittings(protocol, plain_minutes / protocol->dots_per_minute[1]);
    if (session->sittings > COURSE_MAX_SITTINGS)
        return err_set(err, ERR_INPUT,
                       "session %d has %d dots: more than %d days of %g hours at %g dots/min",
                       index + 1, session->dots, COURSE_MAX_SITTINGS,
                       protocol->max_hours_per_session, protocol->dots_per_minute[1]);
    for (int pace = 0; pace < 3; pace++) { /* fast, expected, slow */
        double work_minutes = plain_minutes / protocol->dots_per_minute[2 - pace];
        session->hours[pace] =
            session->sittings * sitting_minutes(protocol, work_minutes / session->sittings) / 60.0;
    }
    return true;
}

/* Day and window of each session. Gaps count from the last day of the session before. */
static void fill_days(const CourseInput *input, Course *course)
{
    int last_day = 0; /* of the session before */
    for (int i = 0; i < course->session_count; i++) {
        CourseSession *session = &course->session[i];
        CourseGap gap = i > 0 ? course->protocol.gap[i] : (CourseGap){0};
        session->day = last_day + gap.target_days;
        session->has_date = input->has_start;
        if (session->has_date) {
            session->date = course_date_add(input->start, session->day);
            session->earliest = course_date_add(input->start, last_day + gap.min_days);
            session->latest = course_date_add(input->start, last_day + gap.max_days);
        }
        last_day = session->day + session->sittings - 1;
    }
}

static CourseLine *add_line(Course *course, double quantity, const char *unit, int64_t amount)
{
    CourseLine *line = &course->line[course->line_count++];
    *line = (CourseLine){.quantity = quantity, .amount = amount};
    snprintf(line->unit, sizeof line->unit, "%s", unit);
    course->net += amount;
    return line;
}

/* hard_dots: dots times their difficulty. */
static CourseLine *add_dots(Course *course, double hard_dots)
{
    int64_t dots = llround(hard_dots);
    int64_t amount = divide_half_up(course->protocol.price_per_dot_milli * dots, 1000);
    return add_line(course, (double)dots / 1000.0, "1000 dots", amount);
}

static void price_zones(const CourseInput *input, int64_t all_dots, Course *course)
{
    int64_t left = all_dots;
    for (int i = 0; i < input->zone_count; i++) {
        int dots = input->zone[i].dots;
        double factor = zone_factor(&course->protocol, input, i);
        left -= dots;
        if (dots == 0)
            continue;
        CourseLine *line = add_dots(course, dots * factor);
        int used = snprintf(line->text, sizeof line->text, "%.40s: %d dots on %.1f cm2",
                            input->zone[i].name, dots, input->zone[i].area_cm2);
        if (factor < 1.0 || factor > 1.0)
            snprintf(line->text + used, sizeof line->text - (size_t)used, ", difficulty %.2f",
                     factor);
    }
    if (left > 0)
        snprintf(add_dots(course, (double)left)->text, COURSE_TEXT, "outside the zones: %lld dots",
                 (long long)left);
}

static void price_hours(Course *course)
{
    for (int i = 0; i < course->session_count; i++) {
        int64_t hundredths = llround(100.0 * course->session[i].hours[1]);
        int64_t amount = divide_half_up(course->protocol.price_per_hour * hundredths, 100);
        CourseLine *line = add_line(course, (double)hundredths / 100.0, "h", amount);
        snprintf(line->text, sizeof line->text, "session %d, expected time", i + 1);
    }
}

static void fill_price(const CourseInput *input, int64_t all_dots, Course *course)
{
    const Protocol *protocol = &course->protocol;
    if (protocol->price_base > 0)
        snprintf(add_line(course, 1.0, "fixed", protocol->price_base)->text, COURSE_TEXT,
                 "base price");
    if (protocol->price_per_hour > 0)
        price_hours(course);
    if (protocol->price_per_dot_milli > 0)
        price_zones(input, all_dots, course);
    course->tax = divide_half_up(course->net * protocol->tax_permille, 1000);
    course->total = course->net + course->tax;
    course->deposit = divide_half_up(course->total * protocol->deposit_permille, 1000);
}

static bool check_zone(const CourseInput *input, int index, int64_t *dots, Err *err)
{
    const char *name = input->zone[index].name;
    double area_cm2 = input->zone[index].area_cm2, difficulty = input->zone[index].difficulty;
    if (name == NULL)
        return err_set(err, ERR_INPUT, "zone %d has no name", index + 1);
    if (input->zone[index].dots < 0 || input->zone[index].dots > COURSE_MAX_DOTS)
        return err_set(err, ERR_INPUT, "zone '%.40s' has %d dots, not 0..%d", name,
                       input->zone[index].dots, COURSE_MAX_DOTS);
    if (!(area_cm2 >= 0.0 && area_cm2 <= 1e5))
        return err_set(err, ERR_INPUT, "zone '%.40s' has an area of %g cm2, not 0..100000", name,
                       area_cm2);
    if (!(difficulty >= 0.0 && difficulty <= 10.0))
        return err_set(err, ERR_INPUT, "zone '%.40s' has difficulty %g, not 0..10", name,
                       difficulty);
    *dots += input->zone[index].dots;
    return true;
}

static bool check_input(const Protocol *protocol, const CourseInput *input, int64_t *dots, Err *err)
{
    int64_t zone_dots = 0;
    *dots = 0;
    if (protocol->session_count < 1 || protocol->session_count > COURSE_MAX_SESSIONS)
        return err_set(err, ERR_INPUT, "the protocol has %d sessions, not 1..%d",
                       protocol->session_count, COURSE_MAX_SESSIONS);
    for (int i = 0; i < COURSE_MAX_SESSIONS; i++) {
        int most = i < protocol->session_count ? COURSE_MAX_DOTS : 0;
        if (input->dots_in_session[i] < 0 || input->dots_in_session[i] > most)
            return err_set(err, ERR_INPUT, "session %d has %d dots, not 0..%d", i + 1,
                           input->dots_in_session[i], most);
        *dots += input->dots_in_session[i];
    }
    if (*dots == 0)
        return err_set(err, ERR_INPUT, "there is no dot to place, so there is no course");
    if (input->zone_count < 0 || input->zone_count > COURSE_MAX_ZONES)
        return err_set(err, ERR_INPUT, "%d zones are not within 0..%d", input->zone_count,
                       COURSE_MAX_ZONES);
    for (int i = 0; i < input->zone_count; i++)
        if (!check_zone(input, i, &zone_dots, err))
            return false;
    if (zone_dots > *dots)
        return err_set(err, ERR_INPUT, "the zones hold %lld dots, the sessions only %lld",
                       (long long)zone_dots, (long long)*dots);
    return true;
}

bool course_make(const Protocol *protocol, const CourseInput *input, Course *course, Err *err)
{
    int64_t dots;
    if (!check_input(protocol, input, &dots, err))
        return false;
    *course = (Course){.protocol = *protocol, .session_count = protocol->session_count};
    double difficulty = mean_difficulty(protocol, input, dots);
    for (int i = 0; i < course->session_count; i++) {
        course->session[i].dots = input->dots_in_session[i];
        if (!fill_hours(protocol, difficulty, i, &course->session[i], err))
            return false;
        for (int pace = 0; pace < 3; pace++)
            course->hours[pace] += course->session[i].hours[pace];
    }
    fill_days(input, course);
    fill_price(input, dots, course);
    memcpy(course->touch_up_years, protocol->touch_up_years, sizeof course->touch_up_years);
    return true;
}

void course_money(const Protocol *protocol, int64_t amount, char text[48])
{
    static const uint64_t power[4] = {1, 10, 100, 1000};
    int digits = protocol->minor_digits;
    uint64_t unit = power[digits >= 0 && digits <= 3 ? digits : 0];
    uint64_t size = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
    const char *sign = amount < 0 ? "-" : "";
    if (unit == 1)
        snprintf(text, 48, "%s%llu %.3s", sign, (unsigned long long)size, protocol->currency);
    else
        snprintf(text, 48, "%s%llu.%0*llu %.3s", sign, (unsigned long long)(size / unit), digits,
                 (unsigned long long)(size % unit), protocol->currency);
}
