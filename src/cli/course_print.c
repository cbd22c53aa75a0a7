#include "cli/course_print.h"

#include "base/doc.h"
#include "course/date_doc.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- for machines ---- */

static void put_touch_up(Doc *doc, const CareTouchUp *forecast)
{
    json_t *json = doc_object(doc, doc->root, "touch_up");
    const double *years = forecast->years, *said = forecast->published_years;
    const double *faded = forecast->faded_years;
    doc_put(doc, json, "years", doc_band(years[0], years[1], years[2], 2));
    doc_put(doc, json, "protocol_years", doc_band(said[0], said[1], said[2], 2));
    doc_put(doc, json, "model_years", doc_band(faded[0], faded[1], faded[2], 2));
    json_t *list = doc_list(doc, json, "reasons");
    for (int i = 0; i < forecast->reason_count; i++) {
        const CareReason *reason = &forecast->reason[i];
        json_t *entry = doc_entry(doc, list, "reasons");
        doc_put(doc, entry, "cause", doc_text(reason->cause));
        doc_put(doc, entry, "factor",
                doc_band(reason->factor[0], reason->factor[1], reason->factor[2], 3));
        doc_put(doc, entry, "text", doc_text(reason->text));
        doc_put(doc, entry, "source", doc_text(reason->source));
    }
    if (!forecast->has_dates)
        return;
    doc_put(doc, json, "from_date", course_date_json(forecast->from));
    doc_put(doc, json, "expected_date", course_date_json(forecast->expected));
    doc_put(doc, json, "until_date", course_date_json(forecast->until));
}

static void put_less(Doc *doc, const CoursePrint *print)
{
    json_t *list = doc_list(doc, doc->root, "less");
    for (int i = 0; i < print->less_count; i++) {
        const ReportLess *less = &print->less[i];
        json_t *entry = doc_entry(doc, list, "less");
        doc_put(doc, entry, "title", doc_text(less->title));
        doc_put(doc, entry, "area_cm2", doc_number(less->area_cm2, 2));
        doc_put(doc, entry, "dots", json_integer(less->dots));
        doc_put(doc, entry, "hours", doc_number(less->hours, 2));
        if (less->quote.line_count > 0)
            doc_put(doc, entry, "total_minor", json_integer(less->quote.total));
    }
}

static void put_span(Doc *doc, json_t *list, const Protocol *protocol, const CareSpan *span)
{
    json_t *entry = doc_entry(doc, list, "spans");
    doc_put(doc, entry, "from_day", json_integer(span->from_day));
    doc_put(doc, entry, "to_day", json_integer(span->to_day));
    if (span->has_date) {
        doc_put(doc, entry, "from_date", course_date_json(span->from));
        doc_put(doc, entry, "to_date", course_date_json(span->to));
    }
    json_t *expect = doc_list(doc, entry, "expect");
    for (int i = 0; i < span->expect_count; i++)
        doc_add(doc, expect, "expect", doc_text(protocol->expect[span->expect[i]].text));
    json_t *rules = doc_list(doc, entry, "rules");
    for (int i = 0; i < span->rule_count; i++)
        doc_add(doc, rules, "rules", doc_text(protocol->aftercare[span->rule[i]].text));
}

static bool put_care(Arena *arena, Doc *doc, const Course *course, Err *err)
{
    json_t *list = doc_list(doc, doc->root, "care_by_session");
    for (int s = 0; s < course->session_count; s++) {
        CareSpan *span;
        int count;
        if (!care_spans(arena, course, s, &count, &span, err))
            return false;
        json_t *entry = doc_entry(doc, list, "care_by_session");
        doc_put(doc, entry, "session", json_integer(s + 1));
        json_t *spans = doc_list(doc, entry, "spans");
        for (int i = 0; i < count; i++)
            put_span(doc, spans, &course->protocol, &span[i]);
    }
    return true;
}

static void put_screening(Doc *doc, const CoursePrint *print)
{
    json_t *json = doc_object(doc, doc->root, "screening");
    doc_put(doc, json, "answers_are_old", json_boolean(print->answers_are_old));
    json_t *list = doc_list(doc, json, "to_be_shown");
    for (int i = 0; i < print->finding_count; i++) {
        const ScreeningFinding *finding = &print->finding[i];
        json_t *entry = doc_entry(doc, list, "to_be_shown");
        doc_put(doc, entry, "question", doc_text(finding->question->id));
        doc_put(doc, entry, "answered", json_boolean(finding->answer != NULL));
        doc_put(doc, entry, "then", json_string(screening_then_name(finding->question->then)));
        doc_put(doc, entry, "text", doc_text(finding->question->text));
        if (finding->has_until)
            doc_put(doc, entry, "until_date", course_date_json(finding->until));
    }
}

static void put_notes(Doc *doc, const Diary *diary)
{
    if (diary == NULL || diary->note_count == 0)
        return;
    json_t *list = doc_list(doc, doc->root, "calendar_notes");
    for (int i = 0; i < diary->note_count; i++)
        doc_add(doc, list, "calendar_notes", doc_text(diary->note[i]));
}

static bool print_json(Arena *arena, const CoursePrint *print, Err *err)
{
    Doc doc;
    size_t size;
    char *text;
    if (!casefile_course_doc(&doc, &print->whole->plan, err))
        return false;
    if (print->shares_differ)
        doc_put(&doc, doc.root, "shared_out_again", json_true());
    put_touch_up(&doc, &print->touch_up);
    put_less(&doc, print);
    if (print->asked)
        put_screening(&doc, print);
    put_notes(&doc, print->diary);
    if (!put_care(arena, &doc, print->course, err)) {
        json_decref(doc.root);
        return false;
    }
    if (!doc_render(arena, &doc, "course", &size, &text, err))
        return false;
    fwrite(text, 1, size, stdout);
    return true;
}

/* ---- for people ---- */

static const char *money(const Quote *quote, int64_t amount, char text[48])
{
    quote_money(quote->currency, quote->minor_digits, amount, text);
    return text;
}

static void print_session(const Course *course, int s)
{
    const CourseSession *session = &course->session[s];
    char date[11] = "", earliest[11], latest[11];
    printf("session %d: %d dots, %.1f h (%.1f to %.1f)", s + 1, session->dots, session->hours[1],
           session->hours[0], session->hours[2]);
    if (!session->has_date) {
        printf(", day %d\n", session->day);
        return;
    }
    for (int i = 0; i < session->sittings; i++) {
        const CourseSitting *sitting = &session->sitting[i];
        course_date_text(sitting->date, date);
        printf(", %s", date);
        if (sitting->from_minute >= 0)
            printf(" %02d:%02d-%02d:%02d", sitting->from_minute / 60, sitting->from_minute % 60,
                   sitting->to_minute / 60, sitting->to_minute % 60);
    }
    if (session->state == COURSE_HELD)
        printf(", held");
    else if (s > 0) {
        course_date_text(session->earliest, earliest);
        course_date_text(session->latest, latest);
        printf(" (%s to %s)", earliest, latest);
    }
    printf("\n");
}

static void print_quote(const Quote *quote)
{
    char text[48];
    if (quote->line_count == 0)
        return;
    printf("price: %s", money(quote, quote->total, text));
    if (quote->tax != 0)
        printf(", of it tax %s", money(quote, quote->tax, text));
    if (quote->deposit != 0)
        printf(", deposit %s", money(quote, quote->deposit, text));
    printf("%s\n", quote->accepted ? ", accepted" : "");
}

/* The clinic's own words, for the clinic to decide. */
static void print_screening(const CoursePrint *print)
{
    char until[11];
    if (print->answers_are_old)
        printf("answers: older than the clinic takes them, ask again\n");
    for (int i = 0; i < print->finding_count; i++) {
        const ScreeningFinding *finding = &print->finding[i];
        printf("answers: %s: %s%s", finding->question->id,
               finding->answer == NULL ? "not answered. " : "", finding->question->text);
        if (finding->has_until) {
            course_date_text(finding->until, until);
            printf(" (until %s)", until);
        }
        printf("\n");
    }
}

bool course_print(Arena *arena, const CoursePrint *print, Err *err)
{
    const Course *course = print->course;
    const double *years = print->touch_up.years;
    char text[48];
    if (print->json)
        return print_json(arena, print, err);
    printf("%s, version %d: %d sessions, about %.1f hours (%.1f to %.1f)\n", course->protocol.title,
           course->protocol.version, course->session_count, course->hours[1], course->hours[0],
           course->hours[2]);
    if (print->shares_differ)
        printf("the dots of the case, shared out again by this protocol\n");
    for (int s = 0; s < course->session_count; s++)
        print_session(course, s);
    print_quote(&course->quote);
    for (int i = 0; i < print->less_count; i++) {
        const ReportLess *less = &print->less[i];
        printf("less: %s: %d dots on %.0f cm2, %.1f h", less->title, less->dots, less->area_cm2,
               less->hours);
        printf(less->quote.line_count > 0 ? ", %s\n" : "\n",
               money(&less->quote, less->quote.total, text));
    }
    printf("touch-up: after about %.1f years (%.1f to %.1f)\n", years[1], years[0], years[2]);
    print_screening(print);
    for (int i = 0; i < course->remark_count; i++)
        printf("remark: %s\n", course->remark[i].text);
    return true;
}

/* ---- side by side ---- */

static const char *cell_sessions(Arena *arena, const Course *course)
{
    char *text = ARENA_NEW(arena, char, 96);
    int used = 0;
    if (text == NULL)
        return "";
    used = snprintf(text, 96, "%d:", course->session_count);
    for (int s = 0; s < course->session_count && used < 80; s++)
        used += snprintf(text + used, 96 - (size_t)used, " %d", course->session[s].dots);
    return text;
}

static const char *cell_days(Arena *arena, const Course *course)
{
    char *text = ARENA_NEW(arena, char, 96);
    int used = 0;
    if (text == NULL)
        return "";
    for (int s = 0; s < course->session_count && used < 80; s++)
        used += snprintf(text + used, 96 - (size_t)used, "%s%d", s > 0 ? ", " : "",
                         course->session[s].day);
    return text;
}

static void print_row(const char *name, int count, const char *const cell[])
{
    printf("%-24s", name);
    for (int i = 0; i < count; i++)
        printf("| %-30s", cell[i]);
    printf("\n");
}

static bool put_comparison(Arena *arena, int count, const Course course[], Err *err)
{
    Doc doc;
    size_t size;
    char *text;
    if (!doc_start(&doc, "comparison", 1, err))
        return false;
    json_t *list = doc_list(&doc, doc.root, "courses");
    for (int i = 0; i < count; i++) {
        const Course *from = &course[i];
        const double *years = from->touch_up_years;
        json_t *entry = doc_entry(&doc, list, "courses");
        doc_put(&doc, entry, "protocol", doc_text(from->protocol.id));
        doc_put(&doc, entry, "protocol_version", json_integer(from->protocol.version));
        doc_put(&doc, entry, "title", doc_text(from->protocol.title));
        json_t *sessions = doc_list(&doc, entry, "sessions");
        for (int s = 0; s < from->session_count; s++) {
            const CourseSession *session = &from->session[s];
            json_t *row = doc_entry(&doc, sessions, "sessions");
            doc_put(&doc, row, "dots", json_integer(session->dots));
            doc_put(&doc, row, "day", json_integer(session->day));
            doc_put(&doc, row, "hours", doc_number(session->hours[1], 2));
            doc_put(
                &doc, row, "published_low_hours",
                doc_number(from->protocol.variant[from->protocol.settled].session[s].hours_low, 2));
            doc_put(&doc, row, "published_high_hours",
                    doc_number(from->protocol.variant[from->protocol.settled].session[s].hours_high,
                               2));
        }
        doc_put(&doc, entry, "hours", doc_band(from->hours[0], from->hours[1], from->hours[2], 2));
        doc_put(&doc, entry, "touch_up_years", doc_band(years[0], years[1], years[2], 2));
        if (from->quote.line_count > 0)
            doc_put(&doc, entry, "total_minor", json_integer(from->quote.total));
    }
    if (!doc_render(arena, &doc, "comparison", &size, &text, err))
        return false;
    fwrite(text, 1, size, stdout);
    return true;
}

/* "9.6 h (6.1 to 22.0)" */
static const char *band_cell(Arena *arena, const char *unit, const double band[3])
{
    char *text = ARENA_NEW(arena, char, 96);
    if (text == NULL)
        return "";
    snprintf(text, 96, "%.1f %s (%.1f to %.1f)", band[1], unit, band[0], band[2]);
    return text;
}

bool course_print_comparison(Arena *arena, int count, const Course course[], bool json, Err *err)
{
    enum { ROWS = 6 };
    static const char *const name[ROWS] = {"protocol", "sessions: dots", "days",
                                           "hours",    "price",          "touch-up"};
    const Protocol **protocol = ARENA_NEW(arena, const Protocol *, (size_t)count);
    const char **cell = ARENA_NEW(arena, const char *, (size_t)count *ROWS);
    ProtocolTopic *topic;
    int topics;
    if (json)
        return put_comparison(arena, count, course, err);
    if (protocol == NULL || cell == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d protocols", count);
    for (int i = 0; i < count; i++) {
        const Course *from = &course[i];
        char *price = ARENA_NEW(arena, char, 48);
        protocol[i] = &from->protocol;
        if (price != NULL && from->quote.line_count > 0)
            money(&from->quote, from->quote.total, price);
        cell[0 * count + i] = from->protocol.id;
        cell[1 * count + i] = cell_sessions(arena, from);
        cell[2 * count + i] = cell_days(arena, from);
        cell[3 * count + i] = band_cell(arena, "h", from->hours);
        cell[4 * count + i] = price != NULL ? price : "";
        cell[5 * count + i] = band_cell(arena, "years", from->touch_up_years);
    }
    for (int row = 0; row < ROWS; row++)
        print_row(name[row], count, &cell[row * count]);
    if (!protocol_compare(arena, count, protocol, &topics, &topic, err))
        return false;
    printf("\nwhat they say; * where they differ\n");
    for (int i = 0; i < topics; i++) {
        char label[64];
        snprintf(label, sizeof label, "%s %s", topic[i].differs ? "*" : " ", topic[i].topic);
        for (int k = 0; k < count; k++)
            cell[k] = topic[i].says[k] != NULL ? topic[i].says[k] : "-";
        print_row(label, count, cell);
    }
    return true;
}
