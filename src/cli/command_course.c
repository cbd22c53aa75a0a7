#include "cli/course_input.h"

#include "base/doc.h"
#include "base/io.h"
#include "cli/course_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const CliOption options[] = {
    COURSE_INPUT_OPTIONS,
    PAPERS_INPUT_OPTIONS,
    {"done", CLI_TEXT, "N=DATE", "session N was held on that day: it keeps it", 0, 0, CLI_REPEATS},
    {"move", CLI_TEXT, "N=DATE[THH:MM]",
     "session N shall be on that day; those after it are planned again", 0, 0, CLI_REPEATS},
    {"missed", CLI_TEXT, "N=DATE", "session N was not held on that day: it is planned again", 0, 0,
     CLI_REPEATS},
    {"forget-events", CLI_FLAG, NULL, "drop what was done, moved and missed before", 0, 0,
     CLI_PLAIN},
    {"why", CLI_TEXT, "N=DATE", "say why session N can or cannot be on that day", 0, 0, CLI_PLAIN},
    {"accept", CLI_TEXT, "DATE", "the client accepted the quotation: it is frozen", 0, 0,
     CLI_PLAIN},
    {"new-quote", CLI_FLAG, NULL, "quote again, although a quotation was accepted", 0, 0,
     CLI_PLAIN},
    {"sun", CLI_NUMBER, "0..1", "for the touch-up: 0 protected ... 1 daily without protection", 0,
     1, CLI_PLAIN},
    {"oiliness", CLI_NUMBER, "-1..1", "for the touch-up: -1 dry ... 1 oily skin", -1, 1, CLI_PLAIN},
    {"immunity", CLI_NUMBER, "-1..1",
     "for the touch-up: how fast this skin takes pigment away, as far as is known", -1, 1,
     CLI_PLAIN},
    {"sweats", CLI_FLAG, NULL, "for the touch-up: much sport", 0, 0, CLI_PLAIN},
    {"compare", CLI_FLAG, NULL, "all built-in protocols on this head, side by side", 0, 0,
     CLI_PLAIN},
    {"keep", CLI_FLAG, NULL, "keep the course in the case and make its papers again", 0, 0,
     CLI_PLAIN},
    {"memory-mb", CLI_NUMBER, "MB", "most memory to use (default 1024)", 64, 65536, CLI_INCIDENTAL},
    {0},
};

typedef struct CourseWork { /* large */
    const CliArgs *args;
    const char *case_folder;
    Arena arena, scratch;
    CaseWhole whole;
    CourseTerms terms;
    PapersRequest papers;
    CourseInput input;
    int old_event_count, event_count; /* kept in the case; with those of the command line */
    CourseEvent event[COURSE_EVENTS];
    Quote accepted;
    Course agreed, course;
    bool shares_differ; /* the dots of the case are shared out in another way */
} CourseWork;

/* ---- what happened ---- */

/* "2=2027-01-11" or "2=2027-01-11T09:30". */
static bool read_when(const char *option, const char *text, bool with_time, CourseEvent *event)
{
    char date[11] = "";
    char *end;
    long session = strtol(text, &end, 10);
    int hour = 0, minute = 0, used = 0;
    Err err = {0};
    event->minute = -1;
    event->session = (int)session - 1;
    bool ok = end != text && *end == '=' && session >= 1 && session <= COURSE_MAX_SESSIONS &&
              strlen(end + 1) >= 10;
    if (ok)
        memcpy(date, end + 1, 10);
    const char *rest = ok ? end + 11 : "";
    if (ok && *rest != '\0') {
        ok = with_time && sscanf(rest, "T%2d:%2d%n", &hour, &minute, &used) == 2 &&
             rest[used] == '\0' && hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
        event->minute = 60 * hour + minute;
    }
    if (!ok)
        err_set(&err, ERR_INPUT, "'%.40s' is not SESSION=YYYY-MM-DD%s", text,
                with_time ? "[THH:MM]" : "");
    if (ok && course_date_parse(date, &event->date, &err))
        return true;
    fprintf(stderr, "follicle: --%s: %s\n", option, err.text);
    return false;
}

static bool read_events(CourseWork *work)
{
    static const struct {
        const char *option;
        CourseEventKind kind;
    } list[] = {{"done", COURSE_DONE}, {"missed", COURSE_MISSED}, {"move", COURSE_MOVED}};
    const Course *kept = &work->whole.course;
    const char *text;
    if (work->whole.has_course && !cli_has(work->args, "forget-events")) {
        work->event_count = kept->event_count;
        memcpy(work->event, kept->event, (size_t)kept->event_count * sizeof work->event[0]);
    }
    work->old_event_count = work->event_count;
    for (size_t k = 0; k < sizeof list / sizeof list[0]; k++)
        for (int i = 0; (text = cli_repeated(work->args, list[k].option, i)) != NULL; i++) {
            if (work->event_count == COURSE_EVENTS) {
                cli_misuse("course", "more than %d events: --forget-events drops the old ones",
                           COURSE_EVENTS);
                return false;
            }
            CourseEvent *event = &work->event[work->event_count++];
            event->kind = list[k].kind;
            if (!read_when(list[k].option, text, list[k].kind == COURSE_MOVED, event))
                return false;
        }
    return true;
}

/* ---- the course ---- */

static bool same_shares(const Protocol *protocol, const CaseRecord *record)
{
    const double exact = 1e-4;
    if (protocol->session_count != record->session_count)
        return false;
    for (int s = 0; s < protocol->session_count; s++)
        if (!(protocol->share[s] - record->share[s] < exact &&
              record->share[s] - protocol->share[s] < exact))
            return false;
    return true;
}

static bool settle(const CourseWork *work, Protocol *protocol, Err *err)
{
    const DesignLayout *layout = &work->whole.layout;
    ProtocolSituation situation = {.area_cm2 = layout->area_mm2 / 100.0,
                                   .scar_share = design_scar_share(layout),
                                   .session_count = work->terms.wanted_sessions};
    return protocol_settle(protocol, situation, err);
}

/* The accepted quotation stands, unless another is asked for. */
static void keep_accepted(CourseWork *work)
{
    if (!work->whole.has_course || !work->whole.course.quote.accepted ||
        cli_has(work->args, "new-quote"))
        return;
    work->accepted = work->whole.course.quote;
    work->input.accepted = &work->accepted;
}

/* Agreed days stay until something is asked that moves them: other terms move all, an event its
 * session and those after it. */
static int agreed_sessions(const CourseWork *work)
{
    static const char *const moves_all[] = {
        "protocol",          "sessions",  "start",       "clinic", "holidays",
        "practitioner-busy", "room-busy", "client-busy", "pace",   "forget-events"};
    int count = work->whole.has_course ? work->whole.course.session_count : 0;
    for (size_t i = 0; i < sizeof moves_all / sizeof moves_all[0]; i++)
        if (cli_has(work->args, moves_all[i]))
            count = 0;
    for (int i = work->old_event_count; i < work->event_count; i++)
        if (work->event[i].session < count)
            count = work->event[i].session;
    return count;
}

static bool make_course(CourseWork *work, Err *err)
{
    casefile_course_input(&work->whole.plan, &work->input);
    course_input_fill(&work->terms, &work->input);
    work->input.event_count = work->event_count;
    work->input.event = work->event;
    work->input.agreed = work->whole.has_course ? &work->agreed : NULL;
    work->agreed = work->whole.course;
    work->input.agreed_count = agreed_sessions(work);
    keep_accepted(work);
    bool own = cli_text(work->args, "protocol", NULL) == NULL && !cli_has(work->args, "sessions") &&
               work->whole.has_course;
    if (!own && !settle(work, &work->terms.protocol, err))
        return false;
    work->shares_differ = !same_shares(&work->terms.protocol, &work->whole.record);
    if (work->shares_differ)
        course_share_dots(&work->terms.protocol, &work->input);
    if (work->whole.has_course && work->input.pace == NULL && own)
        work->input.pace = &work->whole.course.pace;
    return course_make(&work->terms.protocol, &work->input, &work->course, err);
}

static bool accept(CourseWork *work, Err *err)
{
    const char *text = cli_text(work->args, "accept", NULL);
    CourseDate on;
    return text == NULL ||
           (course_date_parse(text, &on, err) && quote_accept(&work->course.quote, on, err));
}

/* ---- keeping it ---- */

/* The dots' shade was chosen for one kind of pigment; a protocol for the other would promise its
 * years to the client. */
static bool fits_pigment(const CourseWork *work, Err *err)
{
    const Protocol *protocol = &work->course.protocol;
    SkinKind has = work->whole.pigment.kind;
    SkinKind wants = protocol->absorbable ? SKIN_ABSORBABLE : SKIN_PERMANENT;
    return cli_text(work->args, "protocol", NULL) == NULL || has == wants ||
           err_set(
               err, ERR_INPUT,
               "the shade of the case was chosen for a pigment that is %s, '%s' is for one that "
               "is %s: plan it again with 'follicle plan HEAD --design=CASE/design.json "
               "--protocol=%s'",
               skin_kind_name(has), protocol->id, skin_kind_name(wants), protocol->id);
}

static bool keep(CourseWork *work, Err *err)
{
    Case *plan = &work->whole.plan;
    IoFolder folder = {.lock = -1};
    if (!fits_pigment(work, err))
        return false;
    if (work->shares_differ)
        return err_set(err, ERR_INPUT,
                       "the dots of the case were shared out to other sessions than those of '%s': "
                       "plan it again with 'follicle plan HEAD --design=CASE/design.json "
                       "--protocol=%s'",
                       work->course.protocol.id, work->course.protocol.id);
    work->whole.course = work->course;
    work->whole.has_course = true;
    plan->course = &work->whole.course;
    plan->prices = work->terms.has_prices ? &work->terms.prices : NULL;
    plan->clinic = work->terms.has_clinic ? &work->terms.clinic : NULL;
    snprintf(plan->language, sizeof plan->language, "%s", words_language(work->papers.style.words));
    snprintf(plan->paper, sizeof plan->paper, "%s", report_paper_name(work->papers.style.paper));
    bool ok = io_folder_open(&folder, work->case_folder, true, err) &&
              io_folder_clone(&folder, err) &&
              casefile_put_course(&work->scratch, plan, folder.partial, err) &&
              papers_write(&work->arena, &work->scratch, &work->whole, work->case_folder,
                           folder.partial, &work->papers, err) &&
              io_folder_commit(&folder, err);
    io_folder_abandon(&folder);
    return ok;
}

/* ---- */

/* On the day of the first session, or without dates on the day of the answers. */
static bool screen(const CourseWork *work, CoursePrint *print, Err *err)
{
    const PapersRequest *papers = &work->papers;
    const CourseSession *first = &work->course.session[0];
    if (papers->answers == NULL || papers->screening == NULL)
        return true;
    CourseDate on = first->has_date ? first->date : papers->answers->given_on;
    print->asked = true;
    print->answers_are_old = screening_is_stale(papers->screening, papers->answers, on);
    return screening_findings(papers->screening, papers->answers, on, &print->finding_count,
                              print->finding, err);
}

static bool print_course(CourseWork *work, Err *err)
{
    CoursePrint print = {.whole = &work->whole,
                         .course = &work->course,
                         .shares_differ = work->shares_differ,
                         .json = cli_has(work->args, "json"),
                         .diary = work->terms.has_diary ? &work->terms.diary : NULL};
    work->whole.plan.course = &work->course;
    work->whole.plan.prices = work->terms.has_prices ? &work->terms.prices : NULL;
    return screen(work, &print, err) &&
           casefile_touch_up(&work->whole.plan, &print.touch_up, err) &&
           papers_less(&work->scratch, &work->whole.plan, &print.less_count, print.less, err) &&
           course_print(&work->arena, &print, err);
}

static void print_reasons(CourseDate date, int session, bool possible, const DiaryReasons *reasons,
                          bool json)
{
    char day[11];
    course_date_text(date, day);
    if (json) {
        printf("{\"session\": %d, \"date\": \"%s\", \"possible\": %s, \"reasons\": [", session + 1,
               day, possible ? "true" : "false");
        for (int i = 0; i < reasons->count; i++) {
            printf(i > 0 ? ", " : "");
            cli_print_json_text(reasons->reason[i].text);
        }
        printf("]}\n");
        return;
    }
    printf("session %d on %s: %s\n", session + 1, day, possible ? "possible" : "not possible");
    for (int i = 0; i < reasons->count; i++)
        printf("  %s\n", reasons->reason[i].text);
}

static int print_why(CourseWork *work, const char *text)
{
    CourseEvent when;
    DiaryReasons reasons = {0};
    if (!read_when("why", text, false, &when))
        return CLI_USAGE;
    if (!work->input.has_start)
        return cli_misuse("course", "--why needs a course with dates: give --start");
    if (when.session >= work->course.session_count)
        return cli_misuse("course", "--why=%s: the course has %d sessions", text,
                          work->course.session_count);
    bool possible = course_why_not(&work->course, &work->input, when.session, when.date, &reasons);
    print_reasons(when.date, when.session, possible, &reasons, cli_has(work->args, "json"));
    return CLI_DONE;
}

/* Without the course that was agreed nothing is said of it: not by a default in its place. One of
 * an older program is made again when its protocol is named. */
static bool may_go_on(const CourseWork *work)
{
    return work->whole.has_course ||
           (work->whole.is_old_course &&
            (cli_has(work->args, "protocol") || cli_has(work->args, "compare")));
}

/* The built-in protocols on this head, each with its own number of sessions. */
static bool compare(CourseWork *work, Err *err)
{
    int count = protocol_builtin_count();
    Protocol **list = ARENA_NEW(&work->arena, Protocol *, (size_t)count);
    Course *course = ARENA_NEW(&work->arena, Course, (size_t)count);
    if (list == NULL || course == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d protocols", count);
    for (int i = 0; i < count; i++) {
        list[i] = ARENA_NEW(&work->arena, Protocol, 1);
        if (list[i] == NULL)
            return err_set(err, ERR_LIMIT, "no room for %d protocols", count);
        if (!protocol_builtin(&work->arena, protocol_builtin_id(i), list[i], err) ||
            !settle(work, list[i], err))
            return false;
        CourseInput input;
        casefile_course_input(&work->whole.plan, &input);
        course_input_fill(&work->terms, &input);
        input.pace = NULL;
        if (!same_shares(list[i], &work->whole.record))
            course_share_dots(list[i], &input);
        if (!course_make(list[i], &input, &course[i], err))
            return false;
    }
    return course_print_comparison(&work->arena, count, course, cli_has(work->args, "json"), err);
}

/* What had to be assumed about the calendars; programs find it in the JSON. */
static void warn_of_calendars(const CourseWork *work)
{
    const Diary *diary = &work->terms.diary;
    if (!work->terms.has_diary || cli_has(work->args, "quiet") || cli_has(work->args, "json"))
        return;
    for (int i = 0; i < diary->note_count; i++)
        fprintf(stderr, "warning: %s\n", diary->note[i]);
}

/* What is known of the client already stands where the command line says nothing. */
static void read_habits(const CliArgs *args, Case *plan)
{
    SkinHabits *habits = &plan->habits;
    habits->sun = cli_number(args, "sun", habits->sun);
    habits->oiliness = cli_number(args, "oiliness", habits->oiliness);
    habits->immunity = cli_number(args, "immunity", habits->immunity);
    plan->sweats = plan->sweats || cli_has(args, "sweats");
}

static int act(CourseWork *work, Err *err)
{
    const CliArgs *args = work->args;
    const char *why = cli_text(args, "why", NULL);
    Err course_error = {0};
    if (!casefile_whole_read(&work->arena, &work->scratch, work->case_folder, &work->whole,
                             &course_error, err))
        return CLI_FAILED;
    if (!may_go_on(work)) {
        *err = course_error;
        return CLI_FAILED;
    }
    Case *plan = &work->whole.plan;
    int status = course_input(&work->arena, &work->scratch, args, &work->whole, &work->terms, err);
    if (status == CLI_DONE)
        status = papers_input(&work->arena, &work->scratch, args,
                              work->terms.has_clinic ? &work->terms.clinic : NULL,
                              plan->language[0] != '\0' ? plan->language : NULL,
                              plan->paper[0] != '\0' ? plan->paper : NULL, &work->papers, err);
    if (status != CLI_DONE)
        return status;
    warn_of_calendars(work);
    read_habits(args, plan);
    if (cli_has(args, "compare"))
        return compare(work, err) ? CLI_DONE : CLI_FAILED;
    if (!read_events(work))
        return CLI_USAGE;
    if (!make_course(work, err) || !accept(work, err))
        return CLI_FAILED;
    if (why != NULL)
        return print_why(work, why);
    bool ok = print_course(work, err) && (!cli_has(args, "keep") || keep(work, err));
    return ok ? CLI_DONE : CLI_FAILED;
}

static int run(const CliArgs *args)
{
    Arena own = {0};
    Err err = {0};
    double memory_mb = cli_number(args, "memory-mb", 1024.0);
    size_t limit = (size_t)(memory_mb * 1048576.0);
    cli_limit_memory(memory_mb, 1);
    if (!arena_open(&own, sizeof(CourseWork) + 4096, &err))
        return cli_fail(&err);
    CourseWork *work = ARENA_NEW(&own, CourseWork, 1);
    work->args = args;
    work->case_folder = args->operand[0];
    int status =
        arena_open(&work->arena, limit / 2, &err) && arena_open(&work->scratch, limit / 4, &err)
            ? act(work, &err)
            : CLI_FAILED;
    arena_close(&work->scratch);
    arena_close(&work->arena);
    arena_close(&own);
    return status == CLI_FAILED ? cli_fail(&err) : status;
}

const CliCommand cli_course = {
    .name = "course",
    .operands = "CASE",
    .least = 1,
    .most = 1,
    .summary = "sessions, hours, dates, price and aftercare of a case",
    .description =
        "Applies a protocol, a price list and a clinic's days to the dots of a case: how many "
        "hours, when, at what price, what the client does on which day, when a touch-up is to be "
        "expected. Without options it says what the case has agreed; with them, what would be. "
        "With --keep the course goes into the case and its papers are made again.\n\n"
        "What was done, moved or missed re-plans the sessions after it within the protocol's gaps. "
        "Days that were agreed stay until new terms (a start, opening hours, busy times, a pace, a "
        "protocol) are given. Busy times are read from iCalendar files and are not kept: give them "
        "again when sessions are to be planned again. A quotation that was accepted stays as it "
        "is.\n\n"
        "A protocol with other sessions than those that the dots were shared out to can be looked "
        "at here; to carry it out, plan again.",
    .examples = "  follicle course case --protocol=standard --start=2027-01-11 --json\n"
                "  follicle course case --compare\n"
                "  follicle course case --clinic=clinic.json --practitioner-busy=busy.ics \\\n"
                "      --start=2027-01-11 --keep\n"
                "  follicle course case --missed=2=2027-01-25 --keep\n"
                "  follicle course case --why=2=2027-01-31\n",
    .option = options,
    .run = run,
};
