#include "course/pace.h"

#include "course/pace_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* A band is the middle 80 %: from the 10th to the 90th of a hundred. */
#define UPPER_SHARE 0.9

/* Spread of one practitioner's sessions, as the standard deviation of the rate's logarithm. One
 * studio's 14,000 dots in 2-4 h are ln(2)/2.56 = 0.27, physicians' 20-25 h for a whole head
 * ln(1.25)/2.56 = 0.09 (pages of theirs); 0.2 lies between [assumption]. It counts as much as
 * PRIOR_SHAPE * 2 = 6 sessions would: the true spread is taken to lie within 0.15..0.33 (80 %). */
#define PRIOR_SPREAD 0.2
#define PRIOR_SHAPE  3.0
/* The protocol's rates count as at most one session, however narrow their band: what was measured
 * of one's own hand says more [assumption]. */
#define PRIOR_MOST_SESSIONS 1.0
/* A protocol that names one rate instead of a band is taken as +-2 %, what a log in whole minutes
 * can tell [assumption]. */
#define LEAST_HALF_BAND 0.02
/* A year halves the weight of a session: hands get faster, needles change [assumption]. */
#define HALF_LIFE_DAYS 365.0

/* ---- Student's t ---- */

/* Density of t / sqrt(freedom) without its constant: (1 + t^2/freedom)^-(freedom + 1)/2. */
static double density(double t, double freedom)
{
    return exp(-0.5 * (freedom + 1.0) * log1p(t * t / freedom));
}

static double normal_constant(double freedom)
{
    int sign;
    return exp(lgamma_r(0.5 * (freedom + 1.0), &sign) - lgamma_r(0.5 * freedom, &sign)) /
           sqrt(freedom * 3.14159265358979323846);
}

/* The t below which 90 % of Student's distribution lie: Newton's steps on the integral of the
 * density from 0, which Simpson's rule has to 9 digits here (smooth, 0 < t < 4). */
double pace_student_90(double freedom)
{
    enum { PANELS = 128, STEPS = 8 };
    double constant = normal_constant(freedom);
    double t = 1.2815515655446004 * (1.0 + 0.5 / freedom); /* the normal's, and a little more */
    for (int step = 0; step < STEPS; step++) {
        double sum = density(0.0, freedom) + density(t, freedom), width = t / PANELS;
        for (int i = 1; i < PANELS; i++)
            sum += (i % 2 == 1 ? 4.0 : 2.0) * density(i * width, freedom);
        t -=
            (sum * width / 3.0 * constant - (UPPER_SHARE - 0.5)) / (density(t, freedom) * constant);
    }
    return t;
}

/* ---- normal-inverse-gamma ---- */

/* The practitioner's mean log rate is normal around `mean` with variance s2 / sessions, and 1 / s2
 * is gamma with `shape` and `scale`: all of it before and, changed, after the log. */
typedef struct Belief {
    double mean, sessions, shape, scale;
} Belief;

/* Such that the 80 % band of a next session is slow..fast: its half width is
 * t * spread * sqrt(1 + 1 / sessions) in logarithms. A band too narrow for PRIOR_MOST_SESSIONS
 * says that sessions differ less than assumed. */
static Belief belief_of_protocol(const Protocol *protocol)
{
    const double *rate = protocol->dots_per_minute;
    double half = fmax(LEAST_HALF_BAND, 0.5 * log(rate[2] / rate[0]));
    double of_one = pace_student_90(2.0 * PRIOR_SHAPE) * PRIOR_SPREAD;
    double rest = half / of_one * (half / of_one) - 1.0; /* 1 / sessions */
    double spread = PRIOR_SPREAD;
    if (rest < 1.0 / PRIOR_MOST_SESSIONS) {
        rest = 1.0 / PRIOR_MOST_SESSIONS;
        spread *= half / (of_one * sqrt(1.0 + rest));
    }
    return (Belief){.mean = 0.5 * log(rate[0] * rate[2]),
                    .sessions = 1.0 / rest,
                    .shape = PRIOR_SHAPE,
                    .scale = PRIOR_SHAPE * spread * spread};
}

/* weight, mean and weighted squares about it: of what the log adds. */
static Belief belief_update(Belief prior, double weight, double mean, double squares)
{
    double sessions = prior.sessions + weight, off = mean - prior.mean;
    return (Belief){.mean = (prior.sessions * prior.mean + weight * mean) / sessions,
                    .sessions = sessions,
                    .shape = prior.shape + 0.5 * weight,
                    .scale = prior.scale + 0.5 * squares +
                             0.5 * prior.sessions * weight * off * off / sessions};
}

static void fill_pace(Belief belief, Pace *pace)
{
    double t = pace_student_90(2.0 * belief.shape), variance = belief.scale / belief.shape;
    double next = t * sqrt(variance * (1.0 + 1.0 / belief.sessions));
    double own = t * sqrt(variance / belief.sessions);
    pace->dots_per_minute[0] = exp(belief.mean - next);
    pace->dots_per_minute[1] = exp(belief.mean);
    pace->dots_per_minute[2] = exp(belief.mean + next);
    pace->own_band[0] = exp(belief.mean - own);
    pace->own_band[1] = exp(belief.mean + own);
}

Pace pace_of_protocol(const Protocol *protocol)
{
    Pace pace = {.logged = 0};
    fill_pace(belief_of_protocol(protocol), &pace);
    for (int i = 0; i < 3; i++)
        pace.dots_per_minute[i] = protocol->dots_per_minute[i];
    return pace;
}

/* ---- the log ---- */

static const char *const column_name[PACE_COLUMNS] = {"date", "dots", "minutes", "difficulty"};

const char *pace_column_name(PaceColumn column)
{
    return column_name[column];
}

static bool refuse(const PaceEntry *entry, int line, PaceColumn column, Err *err, const char *fmt,
                   ...) PRINTF_LIKE(5, 6);
static bool refuse(const PaceEntry *entry, int line, PaceColumn column, Err *err, const char *fmt,
                   ...)
{
    char day[11], what[200];
    va_list list;
    va_start(list, fmt);
    vsnprintf(what, sizeof what, fmt, list);
    va_end(list);
    course_date_text(entry->date, day);
    if (line > 0)
        return err_set(err, ERR_INPUT, "pace log: line %d, column %d (%s): %s", line, column + 1,
                       column_name[column], what);
    return err_set(err, ERR_INPUT, "pace log: %s of the session of %s: %s", column_name[column],
                   day, what);
}

bool pace_check_entry(const PaceEntry *entry, int line, Err *err)
{
    if (entry->dots < 1 || entry->dots > PACE_MOST_DOTS)
        return refuse(entry, line, PACE_DOTS, err, "%d is not within 1..%d", entry->dots,
                      PACE_MOST_DOTS);
    if (!(entry->minutes >= PACE_LEAST_MINUTES && entry->minutes <= PACE_MOST_MINUTES))
        return refuse(entry, line, PACE_MINUTES, err, "%g min of needle time are not within %g..%g",
                      entry->minutes, PACE_LEAST_MINUTES, PACE_MOST_MINUTES);
    if (!(entry->difficulty >= PACE_LEAST_DIFFICULTY && entry->difficulty <= PACE_MOST_DIFFICULTY))
        return refuse(entry, line, PACE_DIFFICULTY, err, "%g is not within %g..%g",
                      entry->difficulty, PACE_LEAST_DIFFICULTY, PACE_MOST_DIFFICULTY);
    /* as it was, and as it would be on plain skin: an unlikely difficulty shows as well */
    double rate = entry->dots / entry->minutes, plain = rate * entry->difficulty;
    if (!(rate <= PACE_MOST_RATE && plain >= PACE_LEAST_RATE && plain <= PACE_MOST_RATE))
        return refuse(entry, line, PACE_MINUTES, err,
                      "%d dots in %g min are %.3g a minute, %.3g on plain skin, and no hand keeps "
                      "to less than %g or more than %g: log needle time only",
                      entry->dots, entry->minutes, rate, plain, PACE_LEAST_RATE, PACE_MOST_RATE);
    return true;
}

static double log_rate(const PaceEntry *entry) /* as it would be on plain skin */
{
    return log(entry->dots * entry->difficulty / entry->minutes);
}

static CourseDate last_day(int count, const PaceEntry entry[])
{
    CourseDate last = entry[0].date;
    for (int i = 1; i < count; i++)
        if (course_date_between(last, entry[i].date) > 0)
            last = entry[i].date;
    return last;
}

static double weight_of(const PaceEntry *entry, CourseDate last)
{
    return exp2(-course_date_between(entry->date, last) / HALF_LIFE_DAYS);
}

static bool check_log(int count, const PaceEntry entry[], Err *err)
{
    if (count < 0 || count > PACE_MAX_LOG)
        return err_set(err, ERR_INPUT, "pace log: %d sessions are not within 0..%d", count,
                       PACE_MAX_LOG);
    for (int i = 0; i < count; i++)
        if (!pace_check_entry(&entry[i], 0, err))
            return false;
    return true;
}

bool pace_learn(const Protocol *protocol, int count, const PaceEntry entry[], Pace *pace, Err *err)
{
    if (!check_log(count, entry, err))
        return false;
    *pace = pace_of_protocol(protocol);
    if (count == 0)
        return true;
    CourseDate last = last_day(count, entry);
    double weight = 0.0, mean = 0.0, squares = 0.0;
    for (int i = 0; i < count; i++) { /* West (1979): mean and squares about it in one pass */
        double w = weight_of(&entry[i], last), off = log_rate(&entry[i]) - mean;
        weight += w;
        mean += w / weight * off;
        squares += w * off * (log_rate(&entry[i]) - mean);
    }
    fill_pace(belief_update(belief_of_protocol(protocol), weight, mean, squares), pace);
    pace->logged = count;
    return true;
}
