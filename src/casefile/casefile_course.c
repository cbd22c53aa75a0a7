/* course.json, written. */
#include "casefile/casefile_internal.h"
#include "casefile/whole.h"
#include "course/date_doc.h"

const char *case_state_word(CourseState state)
{
    static const char *const word[] = {
        [COURSE_PLANNED] = "planned", [COURSE_FIXED] = "fixed", [COURSE_HELD] = "held"};
    return word[state];
}

static json_t *protocol_json(const Protocol *protocol)
{
    return json_pack("{s:s,s:i,s:s,s:s,s:i}", "id", protocol->id, "protocol_version",
                     protocol->version, "title", protocol->title, "source", protocol->source,
                     "variant", protocol->settled + 1);
}

static json_t *hours_json(const double hours[3])
{
    return json_pack("{s:o,s:o,s:o}", "fast", doc_number(hours[0], 2), "expected",
                     doc_number(hours[1], 2), "slow", doc_number(hours[2], 2));
}

static void put_pace(Doc *doc, const Pace *pace)
{
    json_t *json = doc_object(doc, doc->root, "pace");
    doc_put(doc, json, "dots_per_minute",
            json_pack("{s:o,s:o,s:o}", "slow", doc_number(pace->dots_per_minute[0], 2), "expected",
                      doc_number(pace->dots_per_minute[1], 2), "fast",
                      doc_number(pace->dots_per_minute[2], 2)));
    doc_put(doc, json, "own_low_per_minute", doc_number(pace->own_band[0], 2));
    doc_put(doc, json, "own_high_per_minute", doc_number(pace->own_band[1], 2));
    doc_put(doc, json, "logged_sessions", json_integer(pace->logged));
}

static void put_sitting(Doc *doc, json_t *list, const CourseSitting *sitting)
{
    json_t *entry = doc_entry(doc, list, "appointments");
    doc_put(doc, entry, "date", course_date_json(sitting->date));
    if (sitting->from_minute < 0)
        return;
    doc_put(doc, entry, "from", course_minute_json(sitting->from_minute));
    doc_put(doc, entry, "to", course_minute_json(sitting->to_minute));
}

static void put_session(Doc *doc, json_t *list, const Course *course, int index)
{
    const CourseSession *session = &course->session[index];
    json_t *entry = doc_entry(doc, list, "sessions");
    doc_put(doc, entry, "session", json_integer(index + 1));
    doc_put(doc, entry, "state", json_string(case_state_word(session->state)));
    doc_put(doc, entry, "dots", json_integer(session->dots));
    doc_put(doc, entry, "strength", doc_number(course->protocol.strength[index], 3));
    doc_put(doc, entry, "day", json_integer(session->day));
    doc_put(doc, entry, "sittings", json_integer(session->sittings));
    doc_put(doc, entry, "hours", hours_json(session->hours));
    if (!session->has_date)
        return;
    doc_put(doc, entry, "date", course_date_json(session->date));
    doc_put(doc, entry, "earliest_date", course_date_json(session->earliest));
    doc_put(doc, entry, "latest_date", course_date_json(session->latest));
    json_t *sittings = doc_list(doc, entry, "appointments");
    for (int i = 0; i < session->sittings; i++)
        put_sitting(doc, sittings, &session->sitting[i]);
}

static void put_events(Doc *doc, const Course *course)
{
    if (course->event_count == 0)
        return;
    json_t *list = doc_list(doc, doc->root, "events");
    for (int i = 0; i < course->event_count; i++) {
        const CourseEvent *event = &course->event[i];
        json_t *entry = doc_entry(doc, list, "events");
        doc_put(doc, entry, "event", json_string(course_event_name(event->kind)));
        doc_put(doc, entry, "session", json_integer(event->session + 1));
        doc_put(doc, entry, "date", course_date_json(event->date));
        if (event->minute >= 0)
            doc_put(doc, entry, "time", course_minute_json(event->minute));
    }
}

static void put_line(Doc *doc, json_t *list, const PriceLine *line)
{
    json_t *entry = doc_entry(doc, list, "lines");
    doc_put(doc, entry, "for", json_string(price_line_name(line->kind)));
    if (line->kind == PRICE_LINE_AREA || line->kind == PRICE_LINE_DOTS)
        doc_put(doc, entry, "zone", doc_text(line->zone));
    if (line->session >= 0)
        doc_put(doc, entry, "session", json_integer(line->session + 1));
    if (line->kind == PRICE_LINE_STAGE) {
        doc_put(doc, entry, "scale", json_string(line->ludwig ? "ludwig" : "norwood"));
        doc_put(doc, entry, "stage", json_integer(line->stage));
    }
    doc_put(doc, entry, "quantity_milli", json_integer(line->quantity_milli));
    doc_put(doc, entry, "factor_permille", json_integer(line->factor_permille));
    doc_put(doc, entry, "unit_price_minor", json_integer(line->unit_price));
    doc_put(doc, entry, "amount_minor", json_integer(line->amount));
}

static json_t *quote_json(Doc *doc, const Quote *quote)
{
    json_t *json = json_object();
    doc_put(doc, json, "list", json_string(quote->list_id));
    doc_put(doc, json, "list_version", json_integer(quote->list_version));
    doc_put(doc, json, "currency", json_string(quote->currency));
    doc_put(doc, json, "minor_digits", json_integer(quote->minor_digits));
    json_t *lines = doc_list(doc, json, "lines");
    for (int i = 0; i < quote->line_count; i++)
        put_line(doc, lines, &quote->line[i]);
    if (quote->discount_text[0] != '\0')
        doc_put(doc, json, "discount_for", doc_text(quote->discount_text));
    doc_put(doc, json, "net_minor", json_integer(quote->net));
    doc_put(doc, json, "tax_permille", json_integer(quote->tax_permille));
    doc_put(doc, json, "tax_included", json_boolean(quote->tax_included));
    doc_put(doc, json, "tax_minor", json_integer(quote->tax));
    doc_put(doc, json, "total_minor", json_integer(quote->total));
    doc_put(doc, json, "deposit_minor", json_integer(quote->deposit));
    doc_put(doc, json, "deposit_refundable", json_boolean(quote->deposit_refundable));
    doc_put(doc, json, "deposit_refund_days", json_integer(quote->deposit_refund_days));
    json_t *due = doc_list(doc, json, "due_by_session_minor");
    for (int s = 0; s < quote->session_count; s++)
        doc_add(doc, due, "due_by_session_minor", json_integer(quote->due[s]));
    doc_put(doc, json, "touch_up_included", json_boolean(quote->touch_up_included));
    doc_put(doc, json, "touch_up_months", json_integer(quote->touch_up_months));
    doc_put(doc, json, "touch_up_minor", json_integer(quote->touch_up));
    if (quote->has_date) {
        doc_put(doc, json, "issued_on", course_date_json(quote->issued));
        doc_put(doc, json, "valid_until", course_date_json(quote->valid_until));
    }
    if (quote->accepted)
        doc_put(doc, json, "accepted_on", course_date_json(quote->accepted_on));
    return json;
}

static void put_rules(Doc *doc, const char *key, int count, const ProtocolRule rule[])
{
    json_t *list = doc_list(doc, doc->root, key);
    for (int i = 0; i < count; i++) {
        json_t *entry = doc_entry(doc, list, key);
        doc_put(doc, entry, "from_day", json_integer(rule[i].from_day));
        doc_put(doc, entry, "to_day", json_integer(rule[i].to_day));
        doc_put(doc, entry, "text", doc_text(rule[i].text));
        doc_put(doc, entry, "source", doc_text(rule[i].source));
    }
}

void case_course(Doc *doc, const Case *plan)
{
    const Course *course = plan->course;
    const double *years = course->touch_up_years;
    doc_put(doc, doc->root, "protocol", protocol_json(&course->protocol));
    put_pace(doc, &course->pace);
    if (course->has_start)
        doc_put(doc, doc->root, "start", course_date_json(course->start));
    if (course->time_zone[0] != '\0')
        doc_put(doc, doc->root, "time_zone", doc_text(course->time_zone));
    json_t *list = doc_list(doc, doc->root, "sessions");
    for (int i = 0; i < course->session_count; i++)
        put_session(doc, list, course, i);
    doc_put(doc, doc->root, "hours", hours_json(course->hours));
    put_events(doc, course);
    if (course->quote.line_count > 0)
        doc_put(doc, doc->root, "quote", quote_json(doc, &course->quote));
    json_t *remarks = doc_list(doc, doc->root, "remarks");
    for (int i = 0; i < course->remark_count; i++) {
        json_t *entry = doc_entry(doc, remarks, "remarks");
        if (course->remark[i].session >= 0)
            doc_put(doc, entry, "session", json_integer(course->remark[i].session + 1));
        doc_put(doc, entry, "text", doc_text(course->remark[i].text));
    }
    doc_put(doc, doc->root, "review_days", json_integer(course->protocol.review_days));
    doc_put(doc, doc->root, "touch_up_years", doc_band(years[0], years[1], years[2], 2));
    put_rules(doc, "expect", course->protocol.expect_count, course->protocol.expect);
    put_rules(doc, "aftercare", course->protocol.aftercare_count, course->protocol.aftercare);
    put_rules(doc, "call", course->protocol.call_count, course->protocol.call);
}

bool casefile_course_doc(Doc *doc, const Case *plan, Err *err)
{
    if (!doc_start(doc, "course", casefile_version("course"), err))
        return false;
    case_course(doc, plan);
    return true;
}
