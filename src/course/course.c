#include "course/course.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COURSE_MAX_DOTS = 10000000 }; /* of one session; a whole scalp at 300 per cm2 is 0.2 M */

const char *course_event_name(CourseEventKind kind)
{
    static const char *const name[] = {
        [COURSE_DONE] = "done", [COURSE_MOVED] = "moved", [COURSE_MISSED] = "missed"};
    return name[kind];
}

/* ---- hours ---- */

static double zone_difficulty(const Protocol *protocol, const CourseZone *zone)
{
    return zone->difficulty > 0.0 ? zone->difficulty : protocol_difficulty(protocol, zone->name);
}

/* Dots of a session, each counted as many times as it takes longer than one on plain skin. */
static double plain_dots(const Protocol *protocol, const CourseInput *input, int session)
{
    double sum = input->other_dots[session];
    for (int i = 0; i < input->zone_count; i++)
        sum += input->zone[i].dots[session] * zone_difficulty(protocol, &input->zone[i]);
    return sum;
}

/* Minutes of one sitting with so much work: set-up and numbing first, a break after every stretch
 * but the last. */
static double sitting_minutes(const Protocol *protocol, double work_minutes)
{
    double stretches = ceil(work_minutes / protocol->break_every_minutes);
    double numbing = protocol->practice.numbing_required ? protocol->practice.numbing_minutes : 0.0;
    return protocol->setup_minutes + numbing + work_minutes +
           fmax(0.0, stretches - 1.0) * protocol->break_minutes;
}

/* The fewest sittings, at the expected pace, of which none is longer than the limit of a day. */
static int count_sittings(const Protocol *protocol, double work_minutes)
{
    double limit_minutes = 60.0 * protocol->max_hours_per_day;
    int sittings = 1;
    while (sittings <= COURSE_MAX_SITTINGS &&
           sitting_minutes(protocol, work_minutes / sittings) > limit_minutes + 1e-9)
        sittings++;
    return sittings;
}

static bool fill_session(const CourseInput *input, Course *course, int index, Err *err)
{
    const Protocol *protocol = &course->protocol;
    CourseSession *session = &course->session[index];
    const double *pace = course->pace.dots_per_minute;
    double dots = plain_dots(protocol, input, index);
    session->dots = input->other_dots[index];
    for (int i = 0; i < input->zone_count; i++)
        session->dots += input->zone[i].dots[index];
    session->sittings = count_sittings(protocol, dots / pace[1]);
    if (session->sittings > COURSE_MAX_SITTINGS)
        return err_set(
            err, ERR_INPUT, "session %d has %d dots: more than %d days of %g hours at %g dots/min",
            index + 1, session->dots, COURSE_MAX_SITTINGS, protocol->max_hours_per_day, pace[1]);
    for (int i = 0; i < 3; i++) { /* fast, expected, slow */
        double work_minutes = dots / pace[2 - i];
        session->hours[i] =
            session->sittings * sitting_minutes(protocol, work_minutes / session->sittings) / 60.0;
        course->hours[i] += session->hours[i];
    }
    return true;
}

/* ---- price ---- */

static int sum_dots(int sessions, const int dots[])
{
    int sum = 0;
    for (int s = 0; s < sessions; s++)
        sum += dots[s];
    return sum;
}

static bool fill_quote(const CourseInput *input, Course *course, Err *err)
{
    PriceInput price = {.session_count = course->session_count,
                        .has_stage = input->has_stage,
                        .ludwig = input->ludwig,
                        .stage = input->stage,
                        .discount_permille = input->discount_permille,
                        .has_date = input->has_quote_date,
                        .date = input->quote_date};
    if (input->accepted != NULL) {
        course->quote = *input->accepted;
        return true;
    }
    if (input->prices == NULL)
        return true;
    for (int i = 0; i < input->zone_count; i++) {
        int dots = sum_dots(course->session_count, input->zone[i].dots);
        if (dots > 0)
            price.zone[price.zone_count++] =
                (PriceZone){input->zone[i].name, input->zone[i].area_cm2, dots};
    }
    int other = sum_dots(course->session_count, input->other_dots);
    if (other > 0)
        price.zone[price.zone_count++] = (PriceZone){"", 0.0, other};
    for (int s = 0; s < course->session_count; s++)
        price.hours[s] = course->session[s].hours[1];
    return prices_quote(input->prices, &price, &course->quote, err);
}

/* ---- all of it ---- */

static bool check_counts(const Protocol *protocol, const char *what, const int dots[], int64_t *sum,
                         Err *err)
{
    for (int s = 0; s < COURSE_MAX_SESSIONS; s++) {
        int most = s < protocol->session_count ? COURSE_MAX_DOTS : 0;
        if (dots[s] < 0 || dots[s] > most)
            return err_set(err, ERR_INPUT, "session %d has %d dots %s, not 0..%d", s + 1, dots[s],
                           what, most);
        *sum += dots[s];
    }
    return true;
}

static bool check_input(const Protocol *protocol, const CourseInput *input, Err *err)
{
    int64_t dots = 0;
    if (protocol->session_count < 1 || protocol->session_count > COURSE_MAX_SESSIONS)
        return err_set(err, ERR_INPUT, "the protocol has %d sessions, not 1..%d",
                       protocol->session_count, COURSE_MAX_SESSIONS);
    if (input->zone_count < 0 || input->zone_count > COURSE_MAX_ZONES)
        return err_set(err, ERR_INPUT, "%d zones are not within 0..%d", input->zone_count,
                       COURSE_MAX_ZONES);
    for (int i = 0; i < input->zone_count; i++) {
        const CourseZone *zone = &input->zone[i];
        if (!check_counts(protocol, zone->name, zone->dots, &dots, err))
            return false;
        if (!(zone->area_cm2 >= 0.0 && zone->area_cm2 <= 1e5) ||
            !(zone->difficulty >= 0.0 && zone->difficulty <= 100.0))
            return err_set(err, ERR_INPUT, "zone '%s' has %g cm2 and difficulty %g", zone->name,
                           zone->area_cm2, zone->difficulty);
    }
    if (!check_counts(protocol, "outside of the zones", input->other_dots, &dots, err))
        return false;
    if (input->event_count < 0 || input->event_count > COURSE_EVENTS)
        return err_set(err, ERR_INPUT, "%d events are not within 0..%d", input->event_count,
                       COURSE_EVENTS);
    return dots > 0 || err_set(err, ERR_INPUT, "there is no dot to place, so there is no course");
}

bool course_make(const Protocol *protocol, const CourseInput *input, Course *course, Err *err)
{
    if (!check_input(protocol, input, err))
        return false;
    memset(course, 0, sizeof *course);
    course->protocol = *protocol;
    course->session_count = protocol->session_count;
    course->pace = input->pace != NULL ? *input->pace : pace_of_protocol(protocol);
    course->has_start = input->has_start;
    course->start = input->start;
    if (input->diary != NULL)
        memcpy(course->time_zone, input->diary->clinic->time_zone, sizeof course->time_zone);
    course->event_count = input->event_count;
    if (input->event_count > 0)
        memcpy(course->event, input->event, (size_t)input->event_count * sizeof *input->event);
    for (int i = 0; i < course->session_count; i++)
        if (!fill_session(input, course, i, err))
            return false;
    memcpy(course->touch_up_years, protocol->touch_up_years, sizeof course->touch_up_years);
    return course_schedule(input, course, err) && fill_quote(input, course, err);
}

/* ---- another protocol, or less of it, for the same head ---- */

/* Largest remainders: the parts add up to the whole, and none is off by as much as one. */
static void share_out(int dots, int sessions, const double share[], int part[])
{
    double rest[COURSE_MAX_SESSIONS] = {0.0};
    int left = dots;
    for (int s = 0; s < COURSE_MAX_SESSIONS; s++)
        part[s] = 0;
    for (int s = 0; s < sessions; s++) {
        double exact = dots * share[s];
        part[s] = (int)floor(exact);
        rest[s] = exact - part[s];
        left -= part[s];
    }
    for (; left > 0; left--) {
        int most = 0;
        for (int s = 1; s < sessions; s++)
            if (rest[s] > rest[most])
                most = s;
        part[most]++;
        rest[most] = -1.0;
    }
}

void course_share_dots(const Protocol *protocol, CourseInput *input)
{
    for (int i = 0; i < input->zone_count; i++)
        share_out(sum_dots(COURSE_MAX_SESSIONS, input->zone[i].dots), protocol->session_count,
                  protocol->share, input->zone[i].dots);
    share_out(sum_dots(COURSE_MAX_SESSIONS, input->other_dots), protocol->session_count,
              protocol->share, input->other_dots);
}

void course_keep_zones(CourseInput *input, int count, const char *const zone[])
{
    int kept = 0;
    for (int i = 0; i < input->zone_count; i++) {
        bool wanted = false;
        for (int k = 0; k < count; k++)
            wanted = wanted || strcmp(input->zone[i].name, zone[k]) == 0;
        if (wanted)
            input->zone[kept++] = input->zone[i];
    }
    input->zone_count = kept;
    memset(input->other_dots, 0, sizeof input->other_dots);
}
