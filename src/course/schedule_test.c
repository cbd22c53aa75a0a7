#include "base/rng.h"
#include "base/test.h"
#include "course/course.h"

#include <stdlib.h>
#include <string.h>

enum { DAYS = 300, SITTING_MINUTES = 240 };

static Arena arena;
static Clinic clinic;
static Diary diary;
static Course course;
static Err err;
static bool possible[DAYS]; /* what the tests know of the diary's days */
static CourseDate first_day;

static CourseDate day(int year, int month, int of_month)
{
    return (CourseDate){year, month, of_month};
}

static bool same(CourseDate a, CourseDate b)
{
    return course_date_between(a, b) == 0;
}

static bool begin(void)
{
    clinic_default(&clinic);
    return arena_open(&arena, 64 << 20, &err);
}

static void end(void)
{
    arena_close(&arena);
}

/* A course that waits for its dates. */
static void make_course(int sessions, const CourseGap gap[], const int sittings[])
{
    memset(&course, 0, sizeof course);
    course.session_count = sessions;
    for (int s = 0; s < sessions; s++) {
        course.protocol.gap[s] = gap[s];
        course.session[s].sittings = sittings[s];
        course.session[s].hours[1] = sittings[s] * (double)SITTING_MINUTES / 60.0;
    }
}

static const CourseGap usual[] = {{0, 0, 0}, {7, 10, 14}, {21, 28, 42}};

static bool has_remark(int session, const char *word)
{
    for (int i = 0; i < course.remark_count; i++)
        if (course.remark[i].session == session && strstr(course.remark[i].text, word) != NULL)
            return true;
    return false;
}

/* ---- without a diary ---- */

TEST(without_a_diary_sessions_stand_on_their_targets)
{
    for (int k = 0; k < 400; k++) { /* over leap days and year ends */
        CourseInput input = {.has_start = true, .start = course_date_add(day(2027, 11, 1), k)};
        make_course(3, usual, (int[]){1, 3, 1});
        REQUIRE(course_schedule(&input, &course, &err));
        CHECK(course.session[0].day == 0 && course.session[1].day == 10);
        CHECK(course.session[2].day == 12 + 28); /* after the third day of the second */
        CHECK(same(course.session[2].date, course_date_add(input.start, 40)));
        CHECK(same(course.session[1].sitting[2].date, course_date_add(input.start, 12)));
        CHECK(same(course.session[2].earliest, course_date_add(input.start, 33)));
        CHECK(same(course.session[2].latest, course_date_add(input.start, 54)));
        CHECK(course.session[1].sitting[0].from_minute == -1 && course.remark_count == 0);
    }
}

TEST(without_a_start_there_are_days_and_no_dates)
{
    CourseInput input = {0};
    make_course(3, usual, (int[]){1, 3, 1});
    REQUIRE(course_schedule(&input, &course, &err));
    CHECK(course.session[2].day == 40 && !course.session[2].has_date);
    CourseEvent event = {COURSE_DONE, 0, day(2028, 1, 1), -1};
    input.event_count = 1;
    input.event = &event;
    CHECK(!course_schedule(&input, &course, &err) && strstr(err.text, "start") != NULL);
}

/* ---- against a scheduler that scores every day ---- */

static bool make_diary(Rng *rng)
{
    int closed_in_10 = 1 + (int)rng_below(rng, 10);
    static const char *const zone[] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"};
    snprintf(clinic.time_zone, sizeof clinic.time_zone, "%s", zone[rng_below(rng, 3)]);
    first_day = course_date_add(day(2027, 10, 1), (int)rng_below(rng, 300));
    if (!diary_open(&arena, &clinic, first_day, course_date_add(first_day, DAYS - 1), &diary, &err))
        return false;
    bool weekend_off = rng_below(rng, 2) == 0;
    for (int weekday = 0; weekday < 7; weekday++) {
        clinic.weekday[weekday].count = weekend_off && weekday > 4 ? 0 : 1;
        clinic.weekday[weekday].open[0].from_minute = 540;
        clinic.weekday[weekday].open[0].to_minute = 1020;
    }
    int shut = rng_below(rng, 6) == 0 ? (int)rng_below(rng, 80) : DAYS; /* from then on */
    for (int d = 0; d < DAYS; d++) {
        CourseDate date = course_date_add(first_day, d);
        if (d >= shut) {
            possible[d] = false;
            DiaryTaken whole = {course_zone_moment(&diary.zone, date, 0),
                                course_zone_moment(&diary.zone, date, 1440), DIARY_ROOM, "shut"};
            if (!diary_add(&diary, whole, &err))
                return false;
            continue;
        }
        possible[d] = clinic.weekday[course_date_weekday(date)].count > 0;
        if ((int)rng_below(rng, 10) >= closed_in_10)
            continue;
        int from = 540 + (int)rng_below(rng, 500) - 250, to = from + 1 + (int)rng_below(rng, 500);
        DiaryTaken taken = {course_zone_moment(&diary.zone, date, from),
                            course_zone_moment(&diary.zone, date, to), (DiaryKind)rng_below(rng, 4),
                            "taken"};
        bool before = to >= 540 ? from - 540 >= SITTING_MINUTES : true;
        bool after = from <= 1020 ? 1020 - (to + 4) / 5 * 5 >= SITTING_MINUTES : true;
        if (!diary_add(&diary, taken, &err))
            return false;
        possible[d] = possible[d] && (before || after || to <= 540 || from >= 1020);
    }
    return true;
}

/* Days of the sittings from day d on; false when there are not enough. */
static bool in_a_row(int d, int sittings, int at[])
{
    for (int k = 0; k < sittings; k++) {
        int next = d;
        while (k > 0 && next <= at[k - 1])
            next++;
        while (next < DAYS && !possible[next] && (k == 0 || next - at[k - 1] < 3))
            next++;
        if (k == 0 && next != d)
            return false;
        if (next >= DAYS || !possible[next] || (k > 0 && next - at[k - 1] > 3))
            return false;
        at[k] = next;
        d = next + 1;
    }
    return true;
}

typedef struct Wish {
    int first, target, last, before; /* before: 9999 none */
    int sittings;
} Wish;

/* Lower is better: days that leave the next session its place, then those within the window nearest
 * to the target, of two the later; then the first one after it. */
static long score(const Wish *wish, int d, int last, bool is_first)
{
    int off = abs(d - wish->target) * 2 + (d < wish->target);
    if (d < wish->first)
        return -1;
    if (d <= wish->last && wish->before < 9999 && last <= wish->before)
        return off;
    if (d <= wish->last && !is_first)
        return 100000 + off;
    return 200000 + d;
}

static int best_day(const Wish *wish, bool is_first, int at[])
{
    int best = -1, chosen[COURSE_MAX_SITTINGS];
    long least = 0;
    for (int d = 0; d < DAYS; d++) {
        if (!in_a_row(d, wish->sittings, chosen))
            continue;
        long value = score(wish, d, chosen[wish->sittings - 1], is_first);
        if (value >= 0 && (best < 0 || value < least)) {
            best = d;
            least = value;
        }
    }
    if (best >= 0)
        in_a_row(best, wish->sittings, at);
    return best;
}

typedef struct Story { /* events that fit together, and what they say of each session */
    int count;
    CourseEvent event[COURSE_EVENTS];
    int held[3], moved[3], missed[3]; /* days; -1 none */
} Story;

static void add_event(Story *story, CourseEventKind kind, int session, int d)
{
    story->event[story->count++] = (CourseEvent){kind, session, course_date_add(first_day, d), -1};
}

/* Some sessions done, of the others some moved or missed, the later word being the one that
 * holds.*/
static void make_story(Rng *rng, Story *story)
{
    int done = (int)rng_below(rng, 4), at = 0;
    memset(story, 0, sizeof *story);
    for (int s = 0; s < 3; s++) {
        story->held[s] = story->moved[s] = story->missed[s] = -1;
        if (s < done) {
            at += 1 + (int)rng_below(rng, 30);
            if (rng_below(rng, 3) == 0)
                add_event(story, COURSE_MISSED, s, at);
            at += (int)rng_below(rng, 4);
            add_event(story, COURSE_DONE, s, at);
            story->held[s] = at;
            continue;
        }
        int words = (int)rng_below(rng, 3), d = at + 1 + 20 * (s - done) + (int)rng_below(rng, 40);
        for (int k = 0; k < words; k++, d += (int)rng_below(rng, 9)) {
            bool moved = rng_below(rng, 2) == 0;
            add_event(story, moved ? COURSE_MOVED : COURSE_MISSED, s, d);
            story->moved[s] = moved ? d : -1;
            story->missed[s] = moved ? -1 : d;
        }
    }
}

/* Days of all sessions; -1 in a session's first where there is none. */
static int expect(const Story *story, const CourseGap gap[], const int sittings[],
                  int at[3][COURSE_MAX_SITTINGS])
{
    int last = 0;
    for (int s = 0; s < 3; s++) {
        Wish wish = {last + gap[s].min_days, last + gap[s].target_days, last + gap[s].max_days,
                     9999, sittings[s]};
        if (s + 1 < 3 && story->moved[s + 1] >= 0)
            wish.before = story->moved[s + 1] - gap[s + 1].min_days;
        if (story->held[s] >= 0) {
            at[s][0] = last = story->held[s];
            continue;
        }
        if (story->moved[s] >= 0 && (s == 0 || story->moved[s] > last)) {
            at[s][0] = last = story->moved[s];
            continue;
        }
        if (story->missed[s] >= 0 && story->missed[s] + 1 > wish.first) {
            wish.first = story->missed[s] + 1;
            wish.target = wish.target > wish.first ? wish.target : wish.first;
        }
        if (best_day(&wish, s == 0, at[s]) < 0)
            return s;
        last = at[s][sittings[s] - 1];
    }
    return 3;
}

TEST(a_schedule_is_what_scoring_every_day_finds)
{
    int made = 0, refused = 0;
    for (int round = 0; round < 1500; round++) {
        Rng rng = rng_make(21, (uint64_t)round);
        CourseGap gap[3] = {{0, 0, 0}};
        int at[3][COURSE_MAX_SITTINGS], sittings[3];
        Story story;
        REQUIRE(begin() && make_diary(&rng));
        for (int s = 0; s < 3; s++) {
            sittings[s] = 1;
            if (s == 0)
                continue;
            gap[s].min_days = 1 + (int)rng_below(&rng, 20);
            gap[s].target_days = gap[s].min_days + (int)rng_below(&rng, 15);
            gap[s].max_days = gap[s].target_days + (int)rng_below(&rng, 15);
        }
        make_story(&rng, &story);
        for (int s = 0; s < 3; s++) /* events of several days are told apart below */
            if (story.held[s] < 0 && story.moved[s] < 0)
                sittings[s] = 1 + (int)rng_below(&rng, 4);
        make_course(3, gap, sittings);
        CourseInput input = {.has_start = true,
                             .start = first_day,
                             .diary = &diary,
                             .event_count = story.count,
                             .event = story.event};
        int want = expect(&story, gap, sittings, at);
        bool got = course_schedule(&input, &course, &err);
        if (!CHECK(got == (want == 3)))
            printf("# round %d: %s\n", round, got ? "made" : err.text);
        refused += !got;
        made += got;
        for (int s = 0; got && s < 3; s++)
            for (int k = 0; k < sittings[s]; k++)
                if (!CHECK(same(course.session[s].sitting[k].date,
                                course_date_add(first_day, at[s][k]))))
                    printf("# round %d, session %d, sitting %d\n", round, s + 1, k + 1);
        end();
    }
    CHECK(made > 1000 && refused > 20);
    printf("# %d schedules, %d refused\n", made, refused);
}

TEST(appointments_are_free_in_the_diary_and_have_their_length)
{
    for (int round = 0; round < 500; round++) {
        Rng rng = rng_make(22, (uint64_t)round);
        REQUIRE(begin() && make_diary(&rng));
        make_course(3, usual, (int[]){1, 2, 1});
        CourseInput input = {.has_start = true, .start = first_day, .diary = &diary};
        if (course_schedule(&input, &course, &err))
            for (int s = 0; s < 3; s++)
                for (int k = 0; k < course.session[s].sittings; k++) {
                    const CourseSitting *sitting = &course.session[s].sitting[k];
                    CHECK(sitting->to_minute - sitting->from_minute == SITTING_MINUTES);
                    CHECK(diary_is_free(
                        &diary,
                        (DiarySlot){sitting->date, sitting->from_minute, sitting->to_minute},
                        NULL));
                }
        end();
    }
}

/* ---- examples ---- */

static bool open_weekdays(CourseDate first, int days)
{
    snprintf(clinic.time_zone, sizeof clinic.time_zone, "Europe/Berlin");
    for (int weekday = 0; weekday < 7; weekday++) {
        clinic.weekday[weekday].count = weekday < 5;
        clinic.weekday[weekday].open[0].from_minute = 540;
        clinic.weekday[weekday].open[0].to_minute = 1020;
    }
    return diary_open(&arena, &clinic, first, course_date_add(first, days), &diary, &err);
}

TEST(a_window_without_a_day_takes_the_first_later_one_and_counts_why)
{
    CourseInput input = {.has_start = true, .start = day(2027, 3, 1), .diary = &diary};
    REQUIRE(begin() && open_weekdays(input.start, 200));
    clinic.closed_count = 1; /* 8..15 March are the window of the second session */
    clinic.closed[0].from = day(2027, 3, 8);
    clinic.closed[0].to = day(2027, 3, 10);
    clinic.closed[0].why = "works";
    for (int d = 11; d <= 12; d++)
        REQUIRE(diary_add(&diary,
                          (DiaryTaken){course_zone_moment(&diary.zone, day(2027, 3, d), 600),
                                       course_zone_moment(&diary.zone, day(2027, 3, d), 960),
                                       DIARY_PRACTITIONER, "course"},
                          &err));
    REQUIRE(diary_add(&diary,
                      (DiaryTaken){course_zone_moment(&diary.zone, day(2027, 3, 15), 600),
                                   course_zone_moment(&diary.zone, day(2027, 3, 15), 960),
                                   DIARY_ROOM, "painters"},
                      &err));
    make_course(3, usual, (int[]){1, 1, 1});
    REQUIRE(course_schedule(&input, &course, &err));
    CHECK(same(course.session[1].date, day(2027, 3, 16)));
    CHECK(has_remark(1, "of 8 days closed 5, practitioner taken 2, room taken 1"));
    CHECK(has_remark(1, "15 days after the one before, not at most 14"));
    end();
}

TEST(nothing_in_the_whole_diary_is_an_error_that_says_why)
{
    CourseInput input = {.has_start = true, .start = day(2027, 3, 1), .diary = &diary};
    REQUIRE(begin() && open_weekdays(input.start, 13));
    make_course(3, usual, (int[]){1, 1, 1});
    CHECK(!course_schedule(&input, &course, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "session 3") != NULL && strstr(err.text, "not in the diary") != NULL);
    make_course(3, usual, (int[]){1, 1, 1});
    course.session[0].hours[1] = 9.0; /* open for eight */
    CHECK(!course_schedule(&input, &course, &err));
    CHECK(strstr(err.text, "session 1") != NULL && strstr(err.text, "open too shortly 10") != NULL);
    CHECK(strstr(err.text, "closed 4") != NULL);
    end();
}

TEST(a_day_chosen_by_hand_stands_and_what_does_not_hold_is_said)
{
    CourseEvent event[] = {{COURSE_DONE, 0, day(2027, 3, 2), 540},
                           {COURSE_MOVED, 1, day(2027, 3, 6), 600}}; /* a Saturday */
    CourseInput input = {.has_start = true,
                         .start = day(2027, 3, 1),
                         .diary = &diary,
                         .event_count = 2,
                         .event = event};
    REQUIRE(begin() && open_weekdays(input.start, 200));
    make_course(3, usual, (int[]){1, 1, 1});
    REQUIRE(course_schedule(&input, &course, &err));
    CHECK(course.session[0].state == COURSE_HELD && course.session[1].state == COURSE_FIXED);
    CHECK(same(course.session[1].date, day(2027, 3, 6)));
    CHECK(course.session[1].sitting[0].from_minute == 600);
    CHECK(has_remark(1, "no hours on a Saturday"));
    CHECK(has_remark(1, "4 days after the one before, not at least 7"));
    CHECK(same(course.session[2].date, day(2027, 4, 2))); /* the 3rd is a Saturday */
    end();
}

TEST(a_session_of_several_days_is_held_day_by_day)
{
    CourseEvent event[] = {{COURSE_DONE, 0, day(2027, 3, 5), -1},
                           {COURSE_DONE, 0, day(2027, 3, 8), -1},
                           {COURSE_DONE, 1, day(2027, 3, 22), -1}};
    CourseInput input = {
        .has_start = true, .start = day(2027, 3, 1), .diary = &diary, .event = event};
    REQUIRE(begin() && open_weekdays(input.start, 200));
    input.event_count = 1;
    make_course(3, usual, (int[]){3, 1, 1});
    REQUIRE(course_schedule(&input, &course, &err));
    CHECK(course.session[0].state == COURSE_PLANNED && course.session[0].sittings == 3);
    CHECK(same(course.session[0].sitting[0].date, day(2027, 3, 5)));
    CHECK(same(course.session[0].sitting[1].date, day(2027, 3, 8))); /* after the weekend */
    CHECK(same(course.session[0].sitting[2].date, day(2027, 3, 9)));
    CHECK(same(course.session[1].date, day(2027, 3, 19)));
    input.event_count = 3; /* the third day was not needed */
    make_course(3, usual, (int[]){3, 1, 1});
    REQUIRE(course_schedule(&input, &course, &err));
    CHECK(course.session[0].state == COURSE_HELD && course.session[0].sittings == 2);
    CHECK(has_remark(0, "took 2 days, planned were 3"));
    CHECK(same(course.session[1].earliest, day(2027, 3, 15)));
    end();
}

TEST(events_that_do_not_fit_are_refused_with_a_sentence)
{
    static const struct {
        int count;
        CourseEvent event[2];
        const char *word;
    } bad[] = {
        {1, {{COURSE_DONE, 0, {2027, 2, 28}, -1}}, "before the start"},
        {1, {{COURSE_MOVED, 0, {2027, 2, 28}, -1}}, "before the start"},
        {1, {{COURSE_DONE, 1, {2027, 3, 9}, -1}}, "not done"},
        {1, {{COURSE_DONE, 3, {2027, 3, 9}, -1}}, "no session 4"},
        {1, {{COURSE_DONE, -1, {2027, 3, 9}, -1}}, "no session 0"},
        {1, {{COURSE_MOVED, 1, {2027, 3, 9}, 1440}}, "minute 1440"},
        {2, {{COURSE_DONE, 0, {2027, 3, 9}, -1}, {COURSE_DONE, 0, {2027, 3, 9}, -1}}, "2027-03-09"},
        {2, {{COURSE_DONE, 0, {2027, 3, 9}, -1}, {COURSE_DONE, 1, {2027, 3, 9}, -1}}, "session 2"},
        {2, {{COURSE_DONE, 0, {2027, 3, 9}, -1}, {COURSE_MOVED, 0, {2027, 3, 12}, -1}}, "was done"},
        {2,
         {{COURSE_DONE, 0, {2027, 3, 9}, -1}, {COURSE_MISSED, 0, {2027, 3, 12}, -1}},
         "was done"},
        {2,
         {{COURSE_DONE, 0, {2027, 3, 9}, -1}, {COURSE_MOVED, 1, {2027, 3, 8}, -1}},
         "2027-03-09"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CourseInput input = {.has_start = true,
                             .start = day(2027, 3, 1),
                             .event_count = bad[i].count,
                             .event = bad[i].event};
        make_course(3, usual, (int[]){1, 1, 1});
        bool ok = course_schedule(&input, &course, &err);
        if (!CHECK(!ok && err.code == ERR_INPUT && strstr(err.text, bad[i].word) != NULL))
            printf("# %zu: %s\n", i, ok ? "accepted" : err.text);
    }
}

TEST(why_not_names_gaps_neighbours_and_the_diary)
{
    CourseEvent done = {COURSE_DONE, 0, day(2027, 3, 1), -1};
    CourseInput input = {.has_start = true,
                         .start = day(2027, 3, 1),
                         .diary = &diary,
                         .event_count = 1,
                         .event = &done};
    DiaryReasons reasons;
    REQUIRE(begin() && open_weekdays(input.start, 200));
    make_course(3, usual, (int[]){1, 1, 1});
    course.event_count = 1;
    course.event[0] = done;
    REQUIRE(course_schedule(&input, &course, &err));
    CHECK(course_why_not(&course, &input, 1, course.session[1].date, &reasons));
    CHECK(!course_why_not(&course, &input, 1, day(2027, 3, 22), &reasons) && reasons.count == 2);
    CHECK(strstr(reasons.reason[0].text, "21 days after session 1") != NULL &&
          strstr(reasons.reason[0].text, "too late") != NULL);
    CHECK(strstr(reasons.reason[1].text, "17 days before session 3") != NULL &&
          strstr(reasons.reason[1].text, "too late") != NULL);
    CHECK(!course_why_not(&course, &input, 1, day(2027, 3, 13), &reasons) && reasons.count == 1);
    CHECK(strstr(reasons.reason[0].text, "Saturday") != NULL);
    CHECK(!course_why_not(&course, &input, 0, day(2027, 3, 2), &reasons));
    CHECK(strstr(reasons.reason[0].text, "done") != NULL);
    CHECK(!course_why_not(&course, &input, 1, day(2029, 3, 2), &reasons));
    CHECK(strstr(reasons.reason[reasons.count - 1].text, "diary") != NULL);
    end();
}

/* What why_not finds possible, and nothing else, can be chosen by hand without a remark. */
TEST(a_date_is_possible_when_choosing_it_gives_no_remark)
{
    for (int round = 0; round < 300; round++) {
        Rng rng = rng_make(23, (uint64_t)round);
        DiaryReasons reasons;
        static Course planned;
        REQUIRE(begin() && make_diary(&rng));
        make_course(2, usual, (int[]){1, 2});
        CourseInput input = {.has_start = true, .start = first_day, .diary = &diary};
        if (course_schedule(&input, &course, &err)) {
            planned = course;
            CourseDate date = course_date_add(course.session[0].date, 5 + (int)rng_below(&rng, 12));
            CourseEvent moved = {COURSE_MOVED, 1, date, -1};
            bool fits = course_why_not(&planned, &input, 1, date, &reasons);
            input.event_count = 1;
            input.event = &moved;
            make_course(2, usual, (int[]){1, 2});
            REQUIRE(course_schedule(&input, &course, &err));
            int remarks = 0;
            for (int i = 0; i < course.remark_count; i++)
                remarks += course.remark[i].session == 1;
            if (same(course.session[0].date, planned.session[0].date))
                CHECK(fits == (remarks == 0));
            CHECK(fits == (reasons.count == 0));
        }
        end();
    }
}
