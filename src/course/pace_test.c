#include "course/pace.h"

#include "course/pace_internal.h"

#include "base/rng.h"
#include "base/test.h"

#include <string.h>

static const Protocol published = {.dots_per_minute = {28.0, 70.0, 117.0}};
static const CourseDate today = {2028, 2, 29};

/* ---- the prior, written out a second time ---- */

#define T6 1.4397557 /* the 90th percentile of Student's t with 6 degrees, from tables */

typedef struct Prior {
    double mean, sessions, spread;
} Prior;

static Prior prior_of(const Protocol *protocol)
{
    double half = log(protocol->dots_per_minute[2] / protocol->dots_per_minute[0]) / 2.0;
    double ratio = half / (T6 * 0.2);
    return (Prior){log(sqrt(protocol->dots_per_minute[0] * protocol->dots_per_minute[2])),
                   1.0 / (ratio * ratio - 1.0), 0.2};
}

typedef struct Hand { /* a practitioner: mean of the log rate, and how sessions differ */
    double mean, spread;
} Hand;

/* 1 / spread^2 is gamma with shape 3: the sum of three exponentials. */
static Hand draw_hand(Prior prior, Rng *rng)
{
    double gamma = 0.0;
    for (int i = 0; i < 3; i++)
        gamma -= log(1.0 - rng_f64(rng));
    double spread = prior.spread * sqrt(3.0 / gamma);
    return (Hand){prior.mean + spread / sqrt(prior.sessions) * rng_normal(rng), spread};
}

static PaceEntry session_of(Hand hand, CourseDate date, Rng *rng)
{
    double rate = exp(hand.mean + hand.spread * rng_normal(rng));
    double minutes = 600.0; /* long, so that whole dots say the rate to 1 part in 10^4 */
    return (PaceEntry){date, (int)lround(fmin(rate, 1e6) * minutes), minutes, 1.0};
}

static double rate_of(PaceEntry entry)
{
    return entry.dots * entry.difficulty / entry.minutes;
}

static bool learn(int count, const PaceEntry entry[], Pace *pace)
{
    Err err = {0};
    bool ok = pace_learn(&published, count, entry, pace, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

static bool within(double value, double low, double high)
{
    return low <= value && value <= high;
}

/* ---- the formula ---- */

TEST(students_t_is_that_of_the_tables)
{
    /* Abramowitz and Stegun, table 26.10, and the normal's 1.2816 */
    static const struct {
        double freedom, t;
    } table[] = {{1, 3.078},  {2, 1.886},  {3, 1.638},  {6, 1.440},   {8, 1.397},
                 {10, 1.372}, {30, 1.310}, {60, 1.296}, {120, 1.289}, {1e6, 1.2816}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        CHECK_NEAR(pace_student_90(table[i].freedom), table[i].t, 5e-4);
    CHECK_NEAR(pace_student_90(1.0), tan(0.4 * 3.14159265358979323846), 1e-8); /* Cauchy */
    CHECK_NEAR(pace_student_90(2.0), 0.8 * sqrt(2.0 / (1.0 - 0.64)), 1e-8);    /* closed form */
}

TEST(without_a_log_the_rates_are_the_protocols)
{
    Pace pace = pace_of_protocol(&published), learned;
    REQUIRE(learn(0, NULL, &learned));
    for (int i = 0; i < 3; i++) {
        CHECK_NEAR(pace.dots_per_minute[i], published.dots_per_minute[i], 0.0);
        CHECK_NEAR(learned.dots_per_minute[i], published.dots_per_minute[i], 0.0);
    }
    CHECK(pace.logged == 0 && learned.logged == 0);
    CHECK(pace.own_band[0] > 28.0 && pace.own_band[1] < 117.0); /* a mean varies less */
}

/* Bayes by brute force: prior times likelihood on a grid of means and spreads, and of the
 * predictive distribution the share below `rate`; of the mean's own, the share below it. */
static void naive_shares(int count, const PaceEntry entry[], double rate, double *next, double *own)
{
    enum { MEANS = 500, SPREADS = 400 };
    Prior prior = prior_of(&published);
    double all = 0.0, below_next = 0.0, below_own = 0.0;
    for (int s = 0; s < SPREADS; s++) {
        double spread = 0.02 * pow(100.0, (s + 0.5) / SPREADS); /* 0.02..2, even in logarithms */
        double precision = 1.0 / (spread * spread);
        double weight_s = pow(precision, 3.0) * exp(-3.0 * prior.spread * prior.spread * precision);
        for (int i = 0; i < MEANS; i++) {
            double mean = log(5.0) + log(80.0) * (i + 0.5) / MEANS; /* 5..400 */
            double off = (mean - prior.mean) / spread;
            double weight = weight_s / spread * exp(-0.5 * prior.sessions * off * off);
            for (int k = 0; k < count; k++) {
                double z = (log(rate_of(entry[k])) - mean) / spread;
                weight *= exp(-0.5 * z * z) / spread;
            }
            all += weight;
            below_next += weight * 0.5 * erfc(-(log(rate) - mean) / spread / sqrt(2.0));
            below_own += weight * (mean < log(rate));
        }
    }
    *next = below_next / all;
    *own = below_own / all;
}

TEST(bands_agree_with_bayes_by_brute_force)
{
    static const PaceEntry entry[] = {{{2028, 2, 29}, 4100, 60.0, 1.0},
                                      {{2028, 2, 29}, 5600, 70.0, 1.0},
                                      {{2028, 2, 29}, 3000, 50.0, 1.0}};
    for (int count = 1; count <= 3; count++) {
        Pace pace;
        double next, own, unused;
        REQUIRE(learn(count, entry, &pace));
        for (int side = 0; side < 2; side++) {
            naive_shares(count, entry, pace.dots_per_minute[2 * side], &next, &unused);
            naive_shares(count, entry, pace.own_band[side], &unused, &own);
            CHECK_NEAR(next, side == 0 ? 0.1 : 0.9, 2e-3);
            CHECK_NEAR(own, side == 0 ? 0.1 : 0.9, 1e-2); /* steps of the grid */
        }
        naive_shares(count, entry, pace.dots_per_minute[1], &next, &unused);
        CHECK_NEAR(next, 0.5, 2e-3);
    }
}

/* Written out by hand for docs/prices.md: three sessions at 60, 80 and 75 dots a minute. */
TEST(the_example_of_the_page_is_what_the_program_says)
{
    static const PaceEntry entry[] = {{{2028, 2, 29}, 3600, 60.0, 1.0},
                                      {{2028, 2, 29}, 7200, 90.0, 1.0},
                                      {{2028, 2, 29}, 6000, 120.0, 1.5}};
    Pace pace;
    REQUIRE(learn(3, entry, &pace));
    double k = prior_of(&published).sessions, y[3] = {log(60.0), log(80.0), log(75.0)};
    double mean = (y[0] + y[1] + y[2]) / 3.0, squares = 0.0;
    for (int i = 0; i < 3; i++)
        squares += (y[i] - mean) * (y[i] - mean);
    double off = mean - log(sqrt(28.0 * 117.0));
    double centre = (k * log(sqrt(28.0 * 117.0)) + 3.0 * mean) / (k + 3.0);
    double variance = (3.0 * 0.04 + squares / 2.0 + k * 3.0 * off * off / (2.0 * (k + 3.0))) / 4.5;
    double t9 = 1.3830287; /* tables */
    CHECK_NEAR(pace.dots_per_minute[1], exp(centre), 1e-5);
    CHECK_NEAR(log(pace.dots_per_minute[2]), centre + t9 * sqrt(variance * (1 + 1 / (k + 3))),
               1e-6);
    CHECK_NEAR(log(pace.own_band[0]), centre - t9 * sqrt(variance / (k + 3)), 1e-6);
    CHECK(pace.logged == 3);
    printf("# page: %.1f %.1f %.1f, own %.1f..%.1f\n", pace.dots_per_minute[0],
           pace.dots_per_minute[1], pace.dots_per_minute[2], pace.own_band[0], pace.own_band[1]);
}

TEST(difficulty_is_taken_out)
{
    static const PaceEntry plain[] = {{{2028, 2, 29}, 3600, 60.0, 1.0},
                                      {{2028, 2, 28}, 4000, 60.0, 1.0}};
    static const PaceEntry hard[] = {{{2028, 2, 29}, 2400, 60.0, 1.5},
                                     {{2028, 2, 28}, 2000, 60.0, 2.0}};
    Pace one, other;
    REQUIRE(learn(2, plain, &one) && learn(2, hard, &other));
    for (int i = 0; i < 3; i++)
        CHECK_NEAR(one.dots_per_minute[i], other.dots_per_minute[i], 1e-9);
}

TEST(a_session_a_year_older_counts_half)
{
    PaceEntry entry[] = {{{2028, 2, 29}, 4800, 60.0, 1.0}, {{2027, 3, 1}, 2400, 60.0, 1.0}};
    Pace pace;
    double k = prior_of(&published).sessions;
    REQUIRE(learn(2, entry, &pace));
    CHECK(course_date_between(entry[1].date, entry[0].date) == 365);
    CHECK_NEAR(log(pace.dots_per_minute[1]),
               (k * log(sqrt(28.0 * 117.0)) + log(80.0) + 0.5 * log(40.0)) / (k + 1.5), 1e-6);
}

TEST(the_order_of_the_log_does_not_matter)
{
    Rng rng = rng_make(7, 0);
    PaceEntry entry[40], turned[40];
    for (int i = 0; i < 40; i++) {
        entry[i] = session_of((Hand){log(60.0), 0.2}, course_date_add(today, -17 * i), &rng);
        turned[39 - i] = entry[i];
    }
    Pace one, other;
    REQUIRE(learn(40, entry, &one) && learn(40, turned, &other));
    for (int i = 0; i < 3; i++)
        CHECK_NEAR(one.dots_per_minute[i], other.dots_per_minute[i], 1e-9);
}

/* ---- what the bands promise ---- */

enum { HANDS = 4000, LENGTHS = 5 };
static const int length[LENGTHS] = {0, 1, 3, 10, 30};

typedef struct Trial {
    int hands[LENGTHS], next_held[LENGTHS], own_held[LENGTHS];
    double width[LENGTHS], own_width[LENGTHS];
} Trial;

static bool is_possible(PaceEntry entry)
{
    return within(rate_of(entry), PACE_LEAST_RATE, PACE_MOST_RATE) && entry.dots <= PACE_MOST_DOTS;
}

/* Sessions three days apart, so that the oldest of thirty still counts 0.85. Hands that are faster
 * than the log takes, one in a hundred, leave when their first such session is logged. */
static void try_hand(Prior prior, uint64_t seed, Trial *trial)
{
    Rng rng = rng_make(2028, seed);
    PaceEntry entry[31];
    Hand hand = draw_hand(prior, &rng);
    int possible = 0;
    for (int i = 0; i < 31; i++) {
        entry[i] = session_of(hand, course_date_add(today, 3 * i), &rng);
        possible += possible == i && is_possible(entry[i]);
    }
    for (int n = 0; n < LENGTHS && length[n] <= possible; n++) {
        Pace pace;
        if (!CHECK(learn(length[n], entry, &pace)))
            return;
        const double *rate = pace.dots_per_minute;
        trial->hands[n]++;
        trial->next_held[n] += within(rate_of(entry[length[n]]), rate[0], rate[2]);
        trial->own_held[n] += within(exp(hand.mean), pace.own_band[0], pace.own_band[1]);
        trial->width[n] += log(rate[2] / rate[0]);
        trial->own_width[n] += log(pace.own_band[1] / pace.own_band[0]);
    }
}

TEST(bands_hold_four_of_five_and_never_widen_on_average)
{
    Trial trial = {.hands = {0}};
    Prior prior = prior_of(&published);
    double width_before = 1e9, own_before = 1e9;
    for (uint64_t i = 0; i < HANDS; i++)
        try_hand(prior, i, &trial);
    for (int n = 0; n < LENGTHS; n++) {
        double hands = trial.hands[n];
        double next = trial.next_held[n] / hands, own = trial.own_held[n] / hands;
        double width = trial.width[n] / hands, own_width = trial.own_width[n] / hands;
        printf("# %2d sessions: next held %.1f %%, own mean %.1f %%, band +%.0f %%, own +%.0f %%\n",
               length[n], 100.0 * next, 100.0 * own, 100.0 * (exp(width / 2.0) - 1.0),
               100.0 * (exp(own_width / 2.0) - 1.0));
        CHECK(hands > 0.95 * HANDS);
        CHECK_NEAR(next, 0.80, 0.03);
        CHECK_NEAR(own, 0.80, 0.03);
        CHECK(width < width_before && own_width < own_before);
        width_before = width;
        own_before = own_width;
    }
}

TEST(a_hand_far_off_the_published_rates_is_found_in_three_sessions)
{
    static const double rate[] = {12.0, 200.0, 60.0};
    for (size_t i = 0; i < sizeof rate / sizeof rate[0]; i++) {
        int found = 0, held = 0;
        for (uint64_t seed = 0; seed < 200; seed++) {
            Rng rng = rng_make(11 + i, seed);
            PaceEntry entry[3];
            Pace pace;
            for (int k = 0; k < 3; k++)
                entry[k] = session_of((Hand){log(rate[i]), 0.1}, today, &rng);
            REQUIRE(learn(3, entry, &pace));
            found += within(pace.dots_per_minute[1], rate[i] / 1.25, rate[i] * 1.25);
            held += within(rate[i], pace.own_band[0], pace.own_band[1]);
        }
        CHECK(found >= 190);
        CHECK(held >= 160);
    }
}

TEST(a_protocol_that_names_one_rate_does_not_blind_the_log)
{
    static const Protocol certain = {.dots_per_minute = {60.0, 60.0, 60.0}};
    PaceEntry entry[12];
    Pace pace;
    Err err = {0};
    for (int i = 0; i < 12; i++)
        entry[i] = (PaceEntry){today, 120 * 60, 60.0, 1.0};
    pace = pace_of_protocol(&certain);
    CHECK(pace.own_band[0] > 58.0 && pace.own_band[1] < 62.0);
    for (int count = 1; count <= 12; count++) {
        REQUIRE(pace_learn(&certain, count, entry, &pace, &err));
        CHECK(count < 2 || within(120.0, pace.dots_per_minute[0], pace.dots_per_minute[2]));
    }
    CHECK_NEAR(pace.dots_per_minute[1], 120.0, 7.0); /* at most one session's worth of 60 */
}

TEST(a_hand_that_became_faster_is_followed)
{
    PaceEntry entry[25];
    Pace pace;
    for (int i = 0; i < 25; i++)
        entry[i] = (PaceEntry){i < 20 ? (CourseDate){2025, 2, 28} : today, i < 20 ? 2400 : 4800,
                               60.0, 1.0};
    REQUIRE(learn(25, entry, &pace));
    CHECK(pace.dots_per_minute[1] > 60.0); /* all alike would be 46 */
    CHECK(within(80.0, pace.dots_per_minute[0], pace.dots_per_minute[2]));
}

TEST(learning_refuses_rates_that_no_hand_has)
{
    static const struct {
        PaceEntry entry;
        const char *says;
    } table[] = {
        {{{2028, 2, 29}, 0, 60.0, 1.0}, "dots of the session of 2028-02-29: 0 is not"},
        {{{2028, 2, 29}, 6000, 10.0, 1.0}, "600 a minute"},
        {{{2028, 2, 29}, 60, 60.0, 1.0}, "1 a minute"},
        {{{2028, 2, 29}, 9000, 60.0, 3.0}, "450 on plain skin"},
        {{{2028, 2, 29}, 6000, 0.0, 1.0}, "0 min"},
        {{{2028, 2, 29}, 6000, (double)NAN, 1.0}, "nan min"},
        {{{2028, 2, 29}, 6000, (double)INFINITY, 1.0}, "inf min"},
        {{{2028, 2, 29}, 6000, 60.0, 0.0}, "difficulty"},
        {{{2028, 2, 29}, 6000, 60.0, (double)NAN}, "difficulty"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        Pace pace;
        Err err = {0};
        CHECK(!pace_learn(&published, 1, &table[i].entry, &pace, &err) && err.code == ERR_INPUT);
        if (!CHECK(strstr(err.text, table[i].says) != NULL))
            printf("# %s\n", err.text);
    }
    Pace pace;
    Err err = {0};
    CHECK(!pace_learn(&published, PACE_MAX_LOG + 1, NULL, &pace, &err) && err.code == ERR_INPUT);
}

/* ---- the log as a file ---- */

static bool read_csv(const char *text, int *count, PaceEntry **entry, Err *err)
{
    static Arena arena;
    Err open = {0};
    if (arena.base == NULL && !CHECK(arena_open(&arena, 1 << 20, &open)))
        return false;
    arena_rewind(&arena, 0);
    return pace_log_from_csv(&arena, strlen(text), text, count, entry, err);
}

TEST(one_log_reads_the_same_however_it_was_saved)
{
    static const char *const same[] = {
        "date,dots,minutes,difficulty\n2028-02-29,3600,60,1\n2028-03-10,2400,45.5,1.25\n",
        "date,dots,minutes,difficulty\r\n2028-02-29,3600,60,1\r\n2028-03-10,2400,45.5,1.25\r\n",
        "\xef\xbb\xbf"
        "date,dots,minutes,difficulty\r\n2028-02-29,3600,60,1\r\n2028-03-10,2400,45.5,1.25",
        "\"date\",\"dots\",\"minutes\",\"difficulty\"\n\"2028-02-29\",\"3600\",60.0,1.00\n2028-03-"
        "10,\"2400\",45.50,1.250",
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        int count;
        PaceEntry *entry;
        Err err = {0};
        if (!CHECK(read_csv(same[i], &count, &entry, &err)))
            printf("# %s\n", err.text);
        REQUIRE(err.code == ERR_NONE && count == 2);
        CHECK(course_date_between(entry[0].date, (CourseDate){2028, 2, 29}) == 0);
        CHECK(entry[0].dots == 3600 && entry[1].dots == 2400);
        CHECK_NEAR(entry[0].minutes, 60.0, 0.0);
        CHECK_NEAR(entry[1].minutes, 45.5, 0.0);
        CHECK_NEAR(entry[1].difficulty, 1.25, 0.0);
    }
}

TEST(a_log_without_difficulties_is_of_plain_skin_and_may_be_empty)
{
    int count;
    PaceEntry *entry;
    Err err = {0};
    REQUIRE(read_csv("date,dots,minutes\n2028-02-29,3600,60\n", &count, &entry, &err));
    CHECK(count == 1);
    CHECK_NEAR(entry[0].difficulty, 1.0, 0.0);
    REQUIRE(read_csv("date,dots,minutes\r\n", &count, &entry, &err));
    CHECK(count == 0);
}

TEST(every_refusal_names_line_and_column)
{
#define HEAD "date,dots,minutes\n2028-02-29,3600,60\n"
    static const struct {
        const char *text, *says;
    } table[] = {
        {"", "line 1, column 1 (date): the heading is ''"},
        {"day,dots,minutes\n", "line 1, column 1 (date): the heading is 'day'"},
        {"dots,date,minutes\n", "line 1, column 1 (date)"},
        {"date,dots\n", "line 1, column 3 (minutes): the heading is missing"},
        {"date,dots,minutes,difficulty,x\n", "line 1, column 5 (one too many)"},
        {"date;dots;minutes\n", "save it as CSV with commas"},
        {"date,dots,minutes\n\n", "line 2, column 2 (dots): the line has 1 cells"},
        {HEAD "2028-03-01,3600\n", "line 3, column 3 (minutes): the line has 2 cells"},
        {HEAD "2028-03-01,3600,60,1\n", "line 3, column 4 (difficulty): the line has 4 cells"},
        {HEAD "2028-02-30,3600,60\n", "line 3, column 1 (date): day of"},
        {HEAD "01.03.2028,3600,60\n", "line 3, column 1 (date): date '01.03.2028'"},
        {HEAD "2028-03-01,3600.5,60\n", "line 3, column 2 (dots): '3600.5' is no whole number"},
        {HEAD "2028-03-01,-3600,60\n", "line 3, column 2 (dots): '-3600'"},
        {HEAD "2028-03-01,,60\n", "line 3, column 2 (dots): ''"},
        {HEAD "2028-03-01,99999999999999999999,60\n", "line 3, column 2 (dots)"},
        {HEAD "2028-03-01,3600,\"60,5\"\n",
         "line 3, column 3 (minutes): '60,5' is no number (a point"},
        {HEAD "2028-03-01,3600,1e2\n", "line 3, column 3 (minutes): '1e2'"},
        {HEAD "2028-03-01,3600,nan\n", "line 3, column 3 (minutes): 'nan'"},
        {HEAD "2028-03-01,3600,1.2.3\n", "line 3, column 3 (minutes): '1.2.3'"},
        {HEAD "2028-03-01,3600,0\n", "line 3, column 3 (minutes): 0 min"},
        {HEAD "2028-03-01,3600,6\n", "line 3, column 3 (minutes): 3600 dots in 6 min are 600"},
        {HEAD "2028-03-01,0,6\n", "line 3, column 2 (dots): 0 is not within"},
        {HEAD "2028-03-01, 3600,60\n", "line 3, column 2 (dots): ' 3600'"},
        {HEAD "2028-03-01,\"3600,60\n", "line 3, column 2 (dots)"},
        {HEAD "2028-03-01,\"3600\"x,60\n", "line 3, column 2 (dots): text behind"},
        {HEAD "2028-03-01,36\"00,60\n", "line 3, column 2 (dots): a quote inside"},
        {HEAD "2028-03-01,3600,60\n\n2028-03-02,1,1\n", "line 4, column 2"},
        {HEAD "2028-03-01,3600\t,60\n", "line 3, column 2 (dots): a character (code 9)"},
        {HEAD "2028-03-01,3600,60\r", "line 3, column 3 (minutes): a character (code 13)"},
        {HEAD "2028-03-01,00000000000000000000000000000000000000000000000003600,60\n",
         "more than 47"},
        {"date,dots,minutes,difficulty\n2028-02-29,3600,60,11\n",
         "line 2, column 4 (difficulty): 11"},
        {"date,dots,minutes,difficulty\n2028-02-29,3600,60,\n",
         "line 2, column 4 (difficulty): ''"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int count;
        PaceEntry *entry;
        Err err = {0};
        CHECK(!read_csv(table[i].text, &count, &entry, &err) && err.code == ERR_INPUT);
        if (!CHECK(strstr(err.text, table[i].says) != NULL))
            printf("# entry %zu: %s\n", i, err.text);
    }
}

TEST(any_cut_and_any_changed_byte_is_read_or_refused)
{
    static const char good[] = "\xef\xbb\xbf"
                               "date,dots,minutes,difficulty\r\n2028-02-29,\"3600\",60,1\r\n";
    char text[sizeof good];
    int count;
    PaceEntry *entry;
    for (size_t at = 0; at + 1 < sizeof good; at++)
        for (int byte = 0; byte < 256; byte++) {
            Err err = {0};
            memcpy(text, good, sizeof good);
            text[at] = (char)byte;
            bool ok = read_csv(text, &count, &entry, &err); /* a zero byte cuts it */
            CHECK(ok ? count <= 1 && err.code == ERR_NONE : err.code == ERR_INPUT);
        }
}

TEST(a_log_has_room_or_says_so)
{
    static char text[64 + 24 * (PACE_MAX_LOG + 1)];
    int used = snprintf(text, sizeof text, "date,dots,minutes\n"), full = 0;
    for (int i = 0; i <= PACE_MAX_LOG; i++) {
        full = i == PACE_MAX_LOG ? used : full;
        used += snprintf(text + used, sizeof text - (size_t)used, "2028-02-29,3600,60\n");
    }
    int count;
    PaceEntry *entry;
    Err err = {0};
    CHECK(!read_csv(text, &count, &entry, &err) && err.code == ERR_LIMIT);
    CHECK(strstr(err.text, "line 2002") != NULL);
    text[full] = '\0';
    err = (Err){0};
    REQUIRE(read_csv(text, &count, &entry, &err));
    CHECK(count == PACE_MAX_LOG);
    Arena small;
    REQUIRE(arena_open(&small, 4096, &err));
    CHECK(!pace_log_from_csv(&small, strlen(text), text, &count, &entry, &err));
    CHECK(err.code == ERR_LIMIT);
    arena_close(&small);
}
