/* course.json: what was agreed, written and read back. */
#include "base/node.h"
#include "casefile/casefile_internal.h"
#include "casefile/whole.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *state_word(CourseState state)
{
    static const char *const word[] = {
        [COURSE_PLANNED] = "planned", [COURSE_FIXED] = "fixed", [COURSE_HELD] = "held"};
    return word[state];
}

/* ---- out ---- */

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

static json_t *date_json(CourseDate date)
{
    char text[11];
    course_date_text(date, text);
    return json_string(text);
}

static json_t *time_json(int minute)
{
    char text[32];
    snprintf(text, sizeof text, "%02d:%02d", minute / 60, minute % 60);
    return json_string(text);
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
    doc_put(doc, entry, "date", date_json(sitting->date));
    if (sitting->from_minute < 0)
        return;
    doc_put(doc, entry, "from", time_json(sitting->from_minute));
    doc_put(doc, entry, "to", time_json(sitting->to_minute));
}

static void put_session(Doc *doc, json_t *list, const Course *course, int index)
{
    const CourseSession *session = &course->session[index];
    json_t *entry = doc_entry(doc, list, "sessions");
    doc_put(doc, entry, "session", json_integer(index + 1));
    doc_put(doc, entry, "state", json_string(state_word(session->state)));
    doc_put(doc, entry, "dots", json_integer(session->dots));
    doc_put(doc, entry, "strength", doc_number(course->protocol.strength[index], 3));
    doc_put(doc, entry, "day", json_integer(session->day));
    doc_put(doc, entry, "sittings", json_integer(session->sittings));
    doc_put(doc, entry, "hours", hours_json(session->hours));
    if (!session->has_date)
        return;
    doc_put(doc, entry, "date", date_json(session->date));
    doc_put(doc, entry, "earliest_date", date_json(session->earliest));
    doc_put(doc, entry, "latest_date", date_json(session->latest));
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
        doc_put(doc, entry, "date", date_json(event->date));
        if (event->minute >= 0)
            doc_put(doc, entry, "time", time_json(event->minute));
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
        doc_put(doc, json, "issued_on", date_json(quote->issued));
        doc_put(doc, json, "valid_until", date_json(quote->valid_until));
    }
    if (quote->accepted)
        doc_put(doc, json, "accepted_on", date_json(quote->accepted_on));
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
        doc_put(doc, doc->root, "start", date_json(course->start));
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

/* ---- in ---- */

static bool read_date(const Node *node, const char *key, CourseDate *date)
{
    char text[16];
    Node inner;
    Err cause = {0};
    if (!node_text(node, key, sizeof text, text))
        return false;
    return course_date_parse(text, date, &cause) ||
           (node_child(node, key, &inner), node_refuse(node, "%s: %s", key, cause.text));
}

static bool read_time(const Node *node, const char *key, int *minute)
{
    char text[16];
    int hour, rest, used = 0;
    if (!node_text(node, key, sizeof text, text))
        return false;
    if (sscanf(text, "%2d:%2d%n", &hour, &rest, &used) != 2 || text[used] != '\0' || hour < 0 ||
        hour > 24 || rest < 0 || rest > 59)
        return node_refuse(node, "has the time '%s' in %s, which is not HH:MM", text, key);
    *minute = 60 * hour + rest;
    return true;
}

static bool read_whole(const Node *node, const char *key, int low, int high, int *value)
{
    double number;
    if (!node_number(node, key, low, high, &number))
        return false;
    *value = (int)number;
    return floor(number) >= number ||
           node_refuse(node, "has %s %g, not a whole number", key, number);
}

/* Amounts beyond 2^53 are not read: JSON numbers of other programs would have lost them. */
static bool read_money(const Node *node, const char *key, int64_t *amount)
{
    json_t *value = json_object_get(node->value, key);
    if (!json_is_integer(value))
        return node_refuse(node, "has no whole number of minor units in %s", key);
    *amount = json_integer_value(value);
    return (*amount >= -9007199254740991 && *amount <= 9007199254740991) ||
           node_refuse(node, "has %s out of all measure", key);
}

static bool read_flag(const Node *node, const char *key, bool *flag)
{
    json_t *value = json_object_get(node->value, key);
    *flag = json_is_true(value);
    return json_is_boolean(value) || node_refuse(node, "has no true or false in %s", key);
}

static bool read_hours(const Node *node, double hours[3])
{
    static const char *const key[3] = {"fast", "expected", "slow"};
    Node inner;
    if (!node_child(node, "hours", &inner))
        return false;
    for (int i = 0; i < 3; i++)
        if (!node_number(&inner, key[i], 0.0, 1e4, &hours[i]))
            return false;
    return true;
}

static bool read_pace(const Node *root, Pace *pace)
{
    static const char *const key[3] = {"slow", "expected", "fast"};
    Node node, rate;
    if (!node_child(root, "pace", &node) || !node_child(&node, "dots_per_minute", &rate))
        return false;
    for (int i = 0; i < 3; i++)
        if (!node_number(&rate, key[i], 0.1, 1e4, &pace->dots_per_minute[i]))
            return false;
    return node_number(&node, "own_low_per_minute", 0.1, 1e4, &pace->own_band[0]) &&
           node_number(&node, "own_high_per_minute", 0.1, 1e4, &pace->own_band[1]) &&
           read_whole(&node, "logged_sessions", 0, PACE_MAX_LOG, &pace->logged);
}

static bool read_sittings(const Node *entry, CourseSession *session)
{
    Node list, item;
    int count;
    if (!node_list(entry, "appointments", COURSE_MAX_SITTINGS, &list, &count))
        return false;
    if (count != session->sittings)
        return node_refuse(&list, "are %d, the sittings %d", count, session->sittings);
    for (int i = 0; i < count; i++) {
        CourseSitting *sitting = &session->sitting[i];
        *sitting = (CourseSitting){.from_minute = -1, .to_minute = -1};
        if (!node_item(&list, i, &item) || !read_date(&item, "date", &sitting->date))
            return false;
        if (node_has(&item, "from") && (!read_time(&item, "from", &sitting->from_minute) ||
                                        !read_time(&item, "to", &sitting->to_minute)))
            return false;
    }
    return true;
}

static bool read_state(const Node *entry, CourseState *state)
{
    char word[16];
    if (!node_text(entry, "state", sizeof word, word))
        return false;
    for (int i = COURSE_PLANNED; i <= COURSE_HELD; i++)
        if (strcmp(state_word((CourseState)i), word) == 0) {
            *state = (CourseState)i;
            return true;
        }
    return node_refuse(entry, "has the state '%s', which is not known", word);
}

static bool read_session(const Node *entry, CourseSession *session)
{
    if (!read_state(entry, &session->state) ||
        !read_whole(entry, "dots", 0, 10000000, &session->dots) ||
        !read_whole(entry, "day", -100000, 100000, &session->day) ||
        !read_whole(entry, "sittings", 1, COURSE_MAX_SITTINGS, &session->sittings) ||
        !read_hours(entry, session->hours))
        return false;
    session->has_date = node_has(entry, "date");
    return !session->has_date ||
           (read_date(entry, "date", &session->date) &&
            read_date(entry, "earliest_date", &session->earliest) &&
            read_date(entry, "latest_date", &session->latest) && read_sittings(entry, session));
}

static bool read_sessions(const Node *root, Course *course)
{
    Node list, entry;
    if (!node_list(root, "sessions", COURSE_MAX_SESSIONS, &list, &course->session_count))
        return false;
    if (course->session_count != course->protocol.session_count)
        return node_refuse(&list, "are %d, the protocol has %d", course->session_count,
                           course->protocol.session_count);
    for (int i = 0; i < course->session_count; i++)
        if (!node_item(&list, i, &entry) || !read_session(&entry, &course->session[i]))
            return false;
    return read_hours(root, course->hours);
}

static bool read_event(const Node *entry, int session_count, CourseEvent *event)
{
    char word[16];
    int session;
    event->minute = -1;
    if (!node_text(entry, "event", sizeof word, word) ||
        !read_whole(entry, "session", 1, session_count, &session) ||
        !read_date(entry, "date", &event->date) ||
        (node_has(entry, "time") && !read_time(entry, "time", &event->minute)))
        return false;
    event->session = session - 1;
    for (int i = COURSE_DONE; i <= COURSE_MISSED; i++)
        if (strcmp(course_event_name((CourseEventKind)i), word) == 0) {
            event->kind = (CourseEventKind)i;
            return true;
        }
    return node_refuse(entry, "has the event '%s', which is not known", word);
}

static bool read_events(const Node *root, Course *course)
{
    Node list, entry;
    if (!node_has(root, "events"))
        return true;
    if (!node_list(root, "events", COURSE_EVENTS, &list, &course->event_count))
        return false;
    for (int i = 0; i < course->event_count; i++)
        if (!node_item(&list, i, &entry) ||
            !read_event(&entry, course->session_count, &course->event[i]))
            return false;
    return true;
}

static bool read_kind(const Node *entry, PriceLineKind *kind)
{
    char word[32];
    if (!node_text(entry, "for", sizeof word, word))
        return false;
    for (int i = PRICE_LINE_BASE; i < PRICE_LINE_KINDS; i++)
        if (strcmp(price_line_name((PriceLineKind)i), word) == 0) {
            *kind = (PriceLineKind)i;
            return true;
        }
    return node_refuse(entry, "is a line for '%s', which is not known", word);
}

static bool read_stage(const Node *entry, PriceLine *line)
{
    char scale[16];
    if (!node_text(entry, "scale", sizeof scale, scale) ||
        !read_whole(entry, "stage", 1, 7, &line->stage))
        return false;
    line->ludwig = strcmp(scale, "ludwig") == 0;
    return line->ludwig || strcmp(scale, "norwood") == 0 ||
           node_refuse(entry, "has the scale '%s', which is not known", scale);
}

static bool read_line(const Node *entry, int session_count, PriceLine *line)
{
    int session = 0;
    line->session = -1;
    if (!read_kind(entry, &line->kind) ||
        (node_has(entry, "zone") && !node_text(entry, "zone", sizeof line->zone, line->zone)) ||
        (node_has(entry, "session") && !read_whole(entry, "session", 1, session_count, &session)) ||
        !read_money(entry, "quantity_milli", &line->quantity_milli) ||
        !read_whole(entry, "factor_permille", 0, 1000000, &line->factor_permille) ||
        !read_money(entry, "unit_price_minor", &line->unit_price) ||
        !read_money(entry, "amount_minor", &line->amount))
        return false;
    if (session > 0)
        line->session = session - 1;
    return line->kind != PRICE_LINE_STAGE || read_stage(entry, line);
}

static bool read_lines(const Node *node, int session_count, Quote *quote)
{
    Node list, entry;
    if (!node_list(node, "lines", PRICES_MAX_LINES, &list, &quote->line_count))
        return false;
    for (int i = 0; i < quote->line_count; i++)
        if (!node_item(&list, i, &entry) || !read_line(&entry, session_count, &quote->line[i]))
            return false;
    return true;
}

static bool read_due(const Node *node, int session_count, Quote *quote)
{
    Node list, item;
    int count;
    if (!node_list(node, "due_by_session_minor", COURSE_MAX_SESSIONS, &list, &count))
        return false;
    if (count != session_count)
        return node_refuse(&list, "are %d sums for %d sessions", count, session_count);
    quote->session_count = count;
    for (int s = 0; s < count; s++) {
        if (!node_item(&list, s, &item))
            return false;
        if (!json_is_integer(item.value))
            return node_refuse(&item, "is no whole number");
        quote->due[s] = json_integer_value(item.value);
    }
    return true;
}

static bool read_quote(const Node *root, int session_count, Quote *quote)
{
    Node node;
    if (!node_has(root, "quote"))
        return true;
    if (!node_child(root, "quote", &node) ||
        !node_text(&node, "list", sizeof quote->list_id, quote->list_id) ||
        !read_whole(&node, "list_version", 1, 1000000, &quote->list_version) ||
        !node_text(&node, "currency", sizeof quote->currency, quote->currency) ||
        !read_whole(&node, "minor_digits", 0, 3, &quote->minor_digits) ||
        !read_lines(&node, session_count, quote) ||
        (node_has(&node, "discount_for") &&
         !node_text(&node, "discount_for", sizeof quote->discount_text, quote->discount_text)) ||
        !read_money(&node, "net_minor", &quote->net) ||
        !read_whole(&node, "tax_permille", 0, 1000, &quote->tax_permille) ||
        !read_flag(&node, "tax_included", &quote->tax_included) ||
        !read_money(&node, "tax_minor", &quote->tax) ||
        !read_money(&node, "total_minor", &quote->total) ||
        !read_money(&node, "deposit_minor", &quote->deposit) ||
        !read_flag(&node, "deposit_refundable", &quote->deposit_refundable) ||
        !read_whole(&node, "deposit_refund_days", 0, 1000, &quote->deposit_refund_days) ||
        !read_due(&node, session_count, quote) ||
        !read_flag(&node, "touch_up_included", &quote->touch_up_included) ||
        !read_whole(&node, "touch_up_months", 0, 1200, &quote->touch_up_months) ||
        !read_money(&node, "touch_up_minor", &quote->touch_up))
        return false;
    quote->has_date = node_has(&node, "issued_on");
    quote->accepted = node_has(&node, "accepted_on");
    return (!quote->has_date || (read_date(&node, "issued_on", &quote->issued) &&
                                 read_date(&node, "valid_until", &quote->valid_until))) &&
           (!quote->accepted || read_date(&node, "accepted_on", &quote->accepted_on));
}

static bool read_remarks(const Node *root, Course *course)
{
    Node list, entry;
    if (!node_list(root, "remarks", COURSE_REMARKS, &list, &course->remark_count))
        return false;
    for (int i = 0; i < course->remark_count; i++) {
        CourseRemark *remark = &course->remark[i];
        int session = 0;
        if (!node_item(&list, i, &entry) ||
            !node_text(&entry, "text", sizeof remark->text, remark->text) ||
            (node_has(&entry, "session") &&
             !read_whole(&entry, "session", 1, COURSE_MAX_SESSIONS, &session)))
            return false;
        remark->session = session - 1;
    }
    return true;
}

/* The variant of the kept protocol that the course was made with. */
static bool settle(const Node *root, Protocol *protocol)
{
    Node node;
    char id[128];
    int variant;
    if (!node_child(root, "protocol", &node) || !node_text(&node, "id", sizeof id, id) ||
        !read_whole(&node, "variant", 1, PROTOCOL_MAX_VARIANTS, &variant))
        return false;
    if (strcmp(id, protocol->id) != 0 || variant > protocol->variant_count)
        return node_refuse(&node, "is '%s', variant %d, but protocol.json is '%s' with %d", id,
                           variant, protocol->id, protocol->variant_count);
    protocol_settle_on(protocol, variant - 1);
    return true;
}

static bool read_course(const Node *root, Course *course)
{
    course->has_start = node_has(root, "start");
    return settle(root, &course->protocol) && read_pace(root, &course->pace) &&
           (!course->has_start || read_date(root, "start", &course->start)) &&
           (!node_has(root, "time_zone") ||
            node_text(root, "time_zone", sizeof course->time_zone, course->time_zone)) &&
           read_sessions(root, course) && read_events(root, course) &&
           read_quote(root, course->session_count, &course->quote) && read_remarks(root, course);
}

bool casefile_course_from_json(const Protocol *protocol, size_t size, const char *bytes,
                               Course *course, Err *err)
{
    Node root;
    int version;
    if (!node_open("course", casefile_version("course"), size, bytes, &root, &version, err))
        return false;
    snprintf(root.path, sizeof root.path, "course.json:");
    memset(course, 0, sizeof *course);
    course->protocol = *protocol;
    bool ok = version >= 2 ? read_course(&root, course)
                           : node_refuse(&root, "was made by an older program: make the course "
                                                "again with 'follicle course CASE --keep'");
    memcpy(course->touch_up_years, course->protocol.touch_up_years, sizeof course->touch_up_years);
    node_close(&root);
    return ok;
}
