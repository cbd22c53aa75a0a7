#include "course/course.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    /* Sittings of one session: from one to the next, so that a weekend fits between [assumption].
     */
    SITTING_APART_DAYS = 3,
    APPOINTMENT_STEP_MINUTES = 15, /* appointments last so many quarters of an hour [assumption] */
    DAY_MINUTES = 1440
};

/* What the events say about one session. */
typedef struct Fate {
    int held_count;
    CourseSitting held[COURSE_MAX_SITTINGS];
    bool is_fixed;
    CourseSitting fixed; /* the first sitting that is not held */
    bool was_missed;
    CourseDate missed;
} Fate;

static void add_remark(Course *course, int session, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void add_remark(Course *course, int session, const char *fmt, ...)
{
    va_list list;
    if (course->remark_count == COURSE_REMARKS)
        return;
    CourseRemark *remark = &course->remark[course->remark_count++];
    remark->session = session;
    va_start(list, fmt);
    vsnprintf(remark->text, sizeof remark->text, fmt, list);
    va_end(list);
}

static bool is_before(CourseDate a, CourseDate b)
{
    return course_date_between(a, b) > 0;
}

static CourseDate later_of(CourseDate a, CourseDate b)
{
    return is_before(a, b) ? b : a;
}

/* Minutes that a sitting takes in the diary, at the expected pace. */
static int sitting_minutes(const CourseSession *session)
{
    int steps =
        (int)ceil(60.0 * session->hours[1] / session->sittings / APPOINTMENT_STEP_MINUTES - 1e-9);
    return APPOINTMENT_STEP_MINUTES * (steps > 0 ? steps : 1);
}

/* ---- events ---- */

static bool refuse_event(const CourseEvent *event, Err *err, const char *why, CourseDate than)
{
    char date[11], other[11];
    course_date_text(event->date, date);
    course_date_text(than, other);
    return err_set(err, ERR_INPUT, "session %d cannot be %s on %s: %s %s", event->session + 1,
                   course_event_name(event->kind), date, why, other);
}

static CourseSitting event_sitting(const Course *course, const CourseEvent *event)
{
    int minutes = sitting_minutes(&course->session[event->session]);
    int end = event->minute + minutes;
    if (event->minute < 0)
        return (CourseSitting){event->date, -1, -1};
    return (CourseSitting){event->date, event->minute, end < DAY_MINUTES ? end : DAY_MINUTES};
}

static bool add_done(const Course *course, const CourseEvent *event, Fate fate[], Err *err)
{
    Fate *own = &fate[event->session];
    if (event->session > 0 && fate[event->session - 1].held_count == 0)
        return refuse_event(event, err, "the session before it was not done before", event->date);
    const Fate *before = own->held_count > 0 ? own : own - (event->session > 0);
    if (before->held_count > 0) {
        CourseDate last = before->held[before->held_count - 1].date;
        if (!is_before(last, event->date))
            return refuse_event(event, err, "the work before it was done on", last);
    }
    if (own->held_count == COURSE_MAX_SITTINGS)
        return refuse_event(event, err, "it has no more days after", event->date);
    own->held[own->held_count++] = event_sitting(course, event);
    own->is_fixed = own->was_missed = false;
    return true;
}

static bool add_event(const CourseInput *input, const Course *course, const CourseEvent *event,
                      Fate fate[], Err *err)
{
    if (event->session < 0 || event->session >= course->session_count)
        return err_set(err, ERR_INPUT, "there is no session %d to be %s: the course has %d",
                       event->session + 1, course_event_name(event->kind), course->session_count);
    if (event->minute < -1 || event->minute >= DAY_MINUTES)
        return err_set(err, ERR_INPUT, "minute %d of a day is not within 0..1439", event->minute);
    if (is_before(event->date, input->start))
        return refuse_event(event, err, "that is before the start of the course on", input->start);
    Fate *own = &fate[event->session];
    if (event->kind == COURSE_DONE)
        return add_done(course, event, fate, err);
    for (int s = event->session + 1; s < course->session_count; s++)
        if (fate[s].held_count > 0)
            return refuse_event(event, err, "the session after it was done on",
                                fate[s].held[0].date);
    if (own->held_count >= course->session[event->session].sittings)
        return refuse_event(event, err, "it was done on", own->held[own->held_count - 1].date);
    for (int s = event->session; s >= 0; s--)
        if (fate[s].held_count > 0 &&
            !is_before(fate[s].held[fate[s].held_count - 1].date, event->date))
            return refuse_event(event, err, "there was work before it that was done on",
                                fate[s].held[fate[s].held_count - 1].date);
    own->is_fixed = event->kind == COURSE_MOVED;
    own->was_missed = event->kind == COURSE_MISSED;
    own->missed = event->date;
    own->fixed = event_sitting(course, event);
    return true;
}

/* ---- one session's days ---- */

/* Why days are impossible, each counted once, by the first that stands against it. */
typedef struct Tally {
    int days, outside, closed, too_long, taken[4], not_in_a_row;
} Tally;

static void count_reason(const DiaryReasons *reasons, Tally *tally)
{
    const DiaryReason *first = &reasons->reason[0];
    tally->days++;
    switch (first->why) {
    case DIARY_OUTSIDE:
        tally->outside++;
        break;
    case DIARY_CLOSED:
        tally->closed++;
        break;
    case DIARY_TOO_LONG:
    case DIARY_OUT_OF_HOURS:
        tally->too_long++;
        break;
    case DIARY_TAKEN:
        tally->taken[first->kind]++;
        break;
    case DIARY_GAP: /* no diary says that */
        break;
    }
}

static void tally_text(const Tally *tally, size_t size, char text[size])
{
    const struct {
        const char *what;
        int days;
    } part[] = {{"closed", tally->closed + tally->taken[DIARY_HOLIDAY]},
                {"practitioner taken", tally->taken[DIARY_PRACTITIONER]},
                {"room taken", tally->taken[DIARY_ROOM]},
                {"client taken", tally->taken[DIARY_CLIENT]},
                {"open too shortly", tally->too_long},
                {"not enough days in a row", tally->not_in_a_row},
                {"not in the diary", tally->outside}};
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        if (part[i].days > 0 && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s %d", used > 0 ? ", " : "",
                                     part[i].what, part[i].days);
}

typedef struct Search {
    const Diary *diary; /* NULL: every day */
    int sittings, minutes;
} Search;

static bool is_possible(const Search *search, CourseDate date, CourseSitting *sitting,
                        DiaryReasons *reasons)
{
    DiarySlot slot;
    *sitting = (CourseSitting){date, -1, -1};
    if (search->diary == NULL)
        return true;
    if (!diary_free_on(search->diary, date, search->minutes, &slot, reasons))
        return false;
    *sitting = (CourseSitting){date, slot.from_minute, slot.to_minute};
    return true;
}

/* Sittings after the first, each on the first possible day: whoever waits longer has no more days
 * to choose from. in_row: how many there are. */
static bool place_others(const Search *search, CourseSitting sitting[], int *in_row)
{
    for (*in_row = 1; *in_row < search->sittings; ++*in_row) {
        DiaryReasons reasons;
        bool found = false;
        for (int days = 1; days <= SITTING_APART_DAYS && !found; days++)
            found = is_possible(search, course_date_add(sitting[*in_row - 1].date, days),
                                &sitting[*in_row], &reasons);
        if (!found)
            return false;
    }
    return true;
}

static bool place_on(const Search *search, CourseDate date, CourseSitting sitting[], Tally *tally)
{
    DiaryReasons reasons;
    int in_row;
    if (!is_possible(search, date, &sitting[0], &reasons)) {
        count_reason(&reasons, tally);
        return false;
    }
    if (place_others(search, sitting, &in_row))
        return true;
    tally->days++;
    tally->not_in_a_row++;
    return false;
}

/* A stretch of days and the one that is wanted. last_sitting: none may be later; far in the future
 * when nothing follows. */
typedef struct Window {
    CourseDate first, target, last, before; /* before: what follows at the latest */
    bool has_before;
} Window;

static bool try_day(const Search *search, const Window *window, CourseDate date,
                    CourseSitting sitting[], Tally *tally)
{
    if (is_before(date, window->first) || is_before(window->last, date))
        return false;
    return place_on(search, date, sitting, tally) &&
           (!window->has_before || !is_before(window->before, sitting[search->sittings - 1].date));
}

/* The day nearest to the target; of two as near the later one, for skin only heals further. */
static bool place_near(const Search *search, const Window *window, CourseSitting sitting[],
                       Tally *tally)
{
    int back = course_date_between(window->first, window->target);
    int ahead = course_date_between(window->target, window->last);
    int most = back > ahead ? back : ahead;
    for (int off = 0; off <= most; off++) {
        if (try_day(search, window, course_date_add(window->target, off), sitting, tally))
            return true;
        if (off > 0 &&
            try_day(search, window, course_date_add(window->target, -off), sitting, tally))
            return true;
    }
    return false;
}

/* The first possible day from `first` on, to the end of the diary. */
static bool place_after(const Search *search, CourseDate first, CourseSitting sitting[],
                        Tally *tally)
{
    for (CourseDate date = first;; date = course_date_add(date, 1)) {
        if (place_on(search, date, sitting, tally))
            return true;
        if (search->diary == NULL || !is_before(date, search->diary->last))
            return false;
    }
}

/* ---- a session ---- */

typedef struct Plan {
    const CourseInput *input;
    Course *course;
    Fate fate[COURSE_MAX_SESSIONS];
    bool has_last;
    CourseDate last; /* day of work so far */
} Plan;

static bool is_free_at(const Diary *diary, const CourseSitting *sitting, int minutes,
                       CourseSitting *placed, DiaryReasons *reasons)
{
    DiarySlot slot = {sitting->date, sitting->from_minute, sitting->to_minute};
    if (sitting->from_minute >= 0)
        return diary_is_free(diary, slot, reasons);
    if (!diary_free_on(diary, sitting->date, minutes, &slot, reasons))
        return false;
    *placed = (CourseSitting){slot.date, slot.from_minute, slot.to_minute};
    return true;
}

/* A day that somebody chose stands; what does not hold is said. */
static void place_fixed(Plan *plan, int s, const Search *search, const CourseSitting *fixed,
                        CourseSitting sitting[])
{
    char date[11];
    DiaryReasons reasons;
    int in_row;
    course_date_text(fixed->date, date);
    sitting[0] = *fixed;
    if (search->diary != NULL &&
        !is_free_at(search->diary, fixed, search->minutes, &sitting[0], &reasons))
        add_remark(plan->course, s, "session %d was put on %s by hand, although %.140s", s + 1,
                   date, reasons.reason[0].text);
    if (place_others(search, sitting, &in_row))
        return;
    add_remark(plan->course, s, "after %s there are not enough possible days for session %d", date,
               s + 1);
    for (; in_row < search->sittings; in_row++)
        sitting[in_row] = (CourseSitting){course_date_add(sitting[in_row - 1].date, 1), -1, -1};
}

/* The days that the protocol allows, from the last day of the session before. */
static Window window_of(const Plan *plan, int s)
{
    CourseGap gap = plan->course->protocol.gap[s];
    Window window = {.first = plan->input->start, .target = plan->input->start};
    window.last = plan->input->start;
    if (s > 0) {
        window.first = course_date_add(plan->last, gap.min_days);
        window.target = course_date_add(plan->last, gap.target_days);
        window.last = course_date_add(plan->last, gap.max_days);
    }
    return window;
}

/* The next session, when somebody fixed its day: what comes before it should leave it its gap. */
static void leave_room(const Plan *plan, int s, Window *window)
{
    if (s + 1 >= plan->course->session_count || !plan->fate[s + 1].is_fixed)
        return;
    window->has_before = true;
    window->before =
        course_date_add(plan->fate[s + 1].fixed.date, -plan->course->protocol.gap[s + 1].min_days);
}

static bool place_planned(Plan *plan, int s, const Search *search, Window window,
                          CourseSitting sitting[], Err *err)
{
    Tally tally = {0};
    char why[160], first[11], last[11];
    Window roomy = window;
    leave_room(plan, s, &roomy);
    if (roomy.has_before && place_near(search, &roomy, sitting, &tally))
        return true;
    tally = (Tally){0};
    if (s > 0 && place_near(search, &window, sitting, &tally))
        return true;
    tally_text(&tally, sizeof why, why);
    int within = tally.days;
    CourseDate from =
        s > 0 ? later_of(window.first, course_date_add(window.last, 1)) : window.first;
    if (place_after(search, from, sitting, &tally)) {
        if (within > 0)
            add_remark(plan->course, s, "session %d has no day within its gap: of %d days %s",
                       s + 1, within, why);
        return true;
    }
    tally_text(&tally, sizeof why, why);
    course_date_text(window.first, first);
    course_date_text(course_date_add(window.first, tally.days - 1), last);
    return err_set(err, ERR_INPUT,
                   "session %d (%d min) has no possible day from %s to %s: of %d days %s", s + 1,
                   search->minutes, first, last, tally.days, why);
}

static void remark_gap(Plan *plan, int s, CourseDate first)
{
    CourseGap gap = plan->course->protocol.gap[s];
    int days = s > 0 ? course_date_between(plan->last, first) : 0;
    if (s > 0 && days < gap.min_days)
        add_remark(plan->course, s, "session %d is %d days after the one before, not at least %d",
                   s + 1, days, gap.min_days);
    if (s > 0 && days > gap.max_days)
        add_remark(plan->course, s, "session %d is %d days after the one before, not at most %d",
                   s + 1, days, gap.max_days);
}

/* Days of work that are still to be planned: none once the next session has begun. */
static int sittings_left(const Plan *plan, int s)
{
    bool over = s + 1 < plan->course->session_count && plan->fate[s + 1].held_count > 0;
    int left = plan->course->session[s].sittings - plan->fate[s].held_count;
    return over || left < 0 ? 0 : left;
}

/* A day that was fixed before keeps the time that was found for it then. */
static void take_agreed_time(const Plan *plan, int s, CourseSitting *fixed)
{
    const Course *agreed = plan->input->agreed;
    if (agreed == NULL || fixed->from_minute >= 0 || s >= agreed->session_count ||
        !agreed->session[s].has_date ||
        course_date_between(agreed->session[s].date, fixed->date) != 0)
        return;
    *fixed = agreed->session[s].sitting[0];
}

static bool place_left(Plan *plan, int s, int left, CourseSitting sitting[], Err *err)
{
    const Fate *fate = &plan->fate[s];
    CourseSession *session = &plan->course->session[s];
    Search search = {plan->input->diary, left, sitting_minutes(session)};
    Window window = window_of(plan, s);
    if (fate->held_count > 0) /* the rest of a session that has begun: at once */
        window.first = window.target = course_date_add(fate->held[fate->held_count - 1].date, 1);
    if (fate->held_count > 0)
        window.last = course_date_add(window.first, SITTING_APART_DAYS - 1);
    if (fate->is_fixed && (!plan->has_last || is_before(plan->last, fate->fixed.date))) {
        CourseSitting fixed = fate->fixed;
        take_agreed_time(plan, s, &fixed);
        place_fixed(plan, s, &search, &fixed, sitting);
        session->state = COURSE_FIXED;
        return true;
    }
    if (fate->is_fixed)
        add_remark(plan->course, s, "session %d was put before the one before it: planned anew",
                   s + 1);
    if (fate->was_missed) {
        window.first = later_of(window.first, course_date_add(fate->missed, 1));
        window.target = later_of(window.first, window.target);
        window.last = later_of(window.last, course_date_add(window.first, -1));
    }
    return place_planned(plan, s, &search, window, sitting, err);
}

/* As it was agreed; the window is still told from the session before. */
static void keep_agreed(Plan *plan, int s)
{
    const CourseSession *agreed = &plan->input->agreed->session[s];
    CourseSession *session = &plan->course->session[s];
    Window window = window_of(plan, s);
    session->sittings = agreed->sittings;
    memcpy(session->sitting, agreed->sitting, sizeof session->sitting);
    session->state = agreed->state;
    session->has_date = true;
    session->date = agreed->date;
    session->earliest = window.first;
    session->latest = window.last;
    session->day = course_date_between(plan->course->session[0].date, session->date);
    remark_gap(plan, s, session->date);
    plan->has_last = true;
    plan->last = session->sitting[session->sittings - 1].date;
}

static bool is_agreed(const CourseInput *input, int s)
{
    return input->agreed != NULL && s < input->agreed_count && s < input->agreed->session_count &&
           input->agreed->session[s].has_date && input->agreed->session[s].sittings > 0;
}

static bool schedule_session(Plan *plan, int s, Err *err)
{
    const Fate *fate = &plan->fate[s];
    CourseSession *session = &plan->course->session[s];
    Window window = window_of(plan, s);
    int left = sittings_left(plan, s), held = fate->held_count;
    memcpy(session->sitting, fate->held, (size_t)held * sizeof *fate->held);
    session->earliest = window.first;
    session->latest = window.last;
    session->state = held > 0 && left == 0 ? COURSE_HELD : COURSE_PLANNED;
    if (left > 0 && !place_left(plan, s, left, session->sitting + held, err))
        return false;
    if (held > 0 && left == 0 && held != session->sittings)
        add_remark(plan->course, s, "session %d took %d days, planned were %d", s + 1, held,
                   session->sittings);
    session->sittings = held + left;
    session->has_date = true;
    session->date = session->sitting[0].date;
    session->day = course_date_between(plan->course->session[0].date, session->date);
    remark_gap(plan, s, session->date);
    plan->has_last = true;
    plan->last = session->sitting[session->sittings - 1].date;
    return true;
}

/* Without a start there are days, and no dates. */
static void count_days(Course *course)
{
    int last = 0;
    for (int s = 0; s < course->session_count; s++) {
        CourseSession *session = &course->session[s];
        session->day = s > 0 ? last + course->protocol.gap[s].target_days : 0;
        last = session->day + session->sittings - 1;
    }
}

bool course_schedule(const CourseInput *input, Course *course, Err *err)
{
    Plan plan = {.input = input, .course = course};
    if (!input->has_start && input->event_count > 0)
        return err_set(err, ERR_INPUT, "the course has events but no start: give its date");
    if (!input->has_start) {
        count_days(course);
        return true;
    }
    for (int i = 0; i < input->event_count; i++)
        if (!add_event(input, course, &input->event[i], plan.fate, err))
            return false;
    for (int s = 0; s < course->session_count; s++)
        if (is_agreed(input, s))
            keep_agreed(&plan, s);
        else if (!schedule_session(&plan, s, err))
            return false;
    return true;
}

/* ---- why not then ---- */

/* "1 day after session 1 (2027-01-11) is too early: the protocol says 7 to 30 days". */
static void add_gap(int days, const char *side, int number, CourseDate date, CourseGap gap,
                    DiaryReasons *reasons)
{
    bool short_gap = days < gap.min_days || days < 1;
    bool early = short_gap == (strcmp(side, "after") == 0);
    char text[11];
    if (!short_gap && days <= gap.max_days)
        return;
    course_date_text(date, text);
    diary_reason(reasons, (DiaryReason){.why = DIARY_GAP, .what = ""},
                 "%d day%s %s session %d (%s) is too %s: the protocol says %d to %d days", days,
                 days == 1 ? "" : "s", side, number, text, early ? "early" : "late", gap.min_days,
                 gap.max_days);
}

static void check_before(const Course *course, int s, CourseDate date, DiaryReasons *reasons)
{
    const CourseSession *before = &course->session[s - 1];
    CourseDate last = before->sitting[before->sittings - 1].date;
    add_gap(course_date_between(last, date), "after", s, last, course->protocol.gap[s], reasons);
}

static void check_after(const Course *course, int s, CourseDate last, DiaryReasons *reasons)
{
    CourseDate next = course->session[s + 1].date;
    add_gap(course_date_between(last, next), "before", s + 2, next, course->protocol.gap[s + 1],
            reasons);
}

static bool has_begun(const Course *course, int session)
{
    bool begun = false;
    for (int i = 0; i < course->event_count; i++)
        begun =
            begun || (course->event[i].session == session && course->event[i].kind == COURSE_DONE);
    return begun;
}

bool course_why_not(const Course *course, const CourseInput *input, int session, CourseDate date,
                    DiaryReasons *reasons)
{
    CourseSitting sitting[COURSE_MAX_SITTINGS];
    DiaryReason gap = {.why = DIARY_GAP, .what = ""};
    const CourseSession *own = &course->session[session];
    Search search = {input->diary, own->sittings, sitting_minutes(own)};
    DiaryReasons diary = {0};
    int in_row;
    reasons->count = 0;
    if (!own->has_date) {
        diary_reason(reasons, gap, "the course has no dates: give its start");
        return false;
    }
    if (has_begun(course, session))
        diary_reason(reasons, gap, "session %d was done or has begun", session + 1);
    if (session > 0)
        check_before(course, session, date, reasons);
    else if (is_before(date, input->start))
        diary_reason(reasons, gap, "before the start of the course");
    if (!is_possible(&search, date, &sitting[0], &diary)) {
        for (int i = 0; i < diary.count; i++)
            diary_reason(reasons, diary.reason[i], "%s", diary.reason[i].text);
        return false;
    }
    if (!place_others(&search, sitting, &in_row))
        diary_reason(reasons, gap, "%d days of work in a row are needed, %d are possible",
                     own->sittings, in_row);
    else if (session + 1 < course->session_count)
        check_after(course, session, sitting[own->sittings - 1].date, reasons);
    return reasons->count == 0;
}
