/* course.json, read back. */
#include "casefile/casefile_internal.h"
#include "casefile/whole.h"
#include "course/date_doc.h"

#include <stdio.h>
#include <string.h>

static bool read_money(const Node *node, const char *key, int64_t *amount)
{
    return node_int64(node, key, -NODE_INT64_LIMIT, NODE_INT64_LIMIT, amount);
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
           node_int(&node, "logged_sessions", 0, PACE_MAX_LOG, &pace->logged);
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
        if (!node_item(&list, i, &item) || !course_date_read(&item, "date", &sitting->date))
            return false;
        if (node_has(&item, "from") && (!course_minute_read(&item, "from", &sitting->from_minute) ||
                                        !course_minute_read(&item, "to", &sitting->to_minute)))
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
        if (strcmp(case_state_word((CourseState)i), word) == 0) {
            *state = (CourseState)i;
            return true;
        }
    return node_refuse(entry, "has the state '%s', which is not known", word);
}

static bool read_session(const Node *entry, CourseSession *session)
{
    if (!read_state(entry, &session->state) ||
        !node_int(entry, "dots", 0, 10000000, &session->dots) ||
        !node_int(entry, "day", -100000, 100000, &session->day) ||
        !node_int(entry, "sittings", 1, COURSE_MAX_SITTINGS, &session->sittings) ||
        !read_hours(entry, session->hours))
        return false;
    session->has_date = node_has(entry, "date");
    return !session->has_date || (course_date_read(entry, "date", &session->date) &&
                                  course_date_read(entry, "earliest_date", &session->earliest) &&
                                  course_date_read(entry, "latest_date", &session->latest) &&
                                  read_sittings(entry, session));
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
        !node_int(entry, "session", 1, session_count, &session) ||
        !course_date_read(entry, "date", &event->date) ||
        (node_has(entry, "time") && !course_minute_read(entry, "time", &event->minute)))
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
        !node_int(entry, "stage", 1, 7, &line->stage))
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
        (node_has(entry, "session") && !node_int(entry, "session", 1, session_count, &session)) ||
        !node_int64(entry, "quantity_milli", 0, NODE_INT64_LIMIT, &line->quantity_milli) ||
        !node_int(entry, "factor_permille", 0, 1000000, &line->factor_permille) ||
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
        if (!node_item(&list, s, &item) ||
            !node_is_int64(&item, -NODE_INT64_LIMIT, NODE_INT64_LIMIT, &quote->due[s]))
            return false;
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
        !node_int(&node, "list_version", 1, 1000000, &quote->list_version) ||
        !node_text(&node, "currency", sizeof quote->currency, quote->currency) ||
        !node_int(&node, "minor_digits", 0, 3, &quote->minor_digits) ||
        !read_lines(&node, session_count, quote) ||
        (node_has(&node, "discount_for") &&
         !node_text(&node, "discount_for", sizeof quote->discount_text, quote->discount_text)) ||
        !read_money(&node, "net_minor", &quote->net) ||
        !node_int(&node, "tax_permille", 0, 1000, &quote->tax_permille) ||
        !node_flag(&node, "tax_included", &quote->tax_included) ||
        !read_money(&node, "tax_minor", &quote->tax) ||
        !read_money(&node, "total_minor", &quote->total) ||
        !read_money(&node, "deposit_minor", &quote->deposit) ||
        !node_flag(&node, "deposit_refundable", &quote->deposit_refundable) ||
        !node_int(&node, "deposit_refund_days", 0, 1000, &quote->deposit_refund_days) ||
        !read_due(&node, session_count, quote) ||
        !node_flag(&node, "touch_up_included", &quote->touch_up_included) ||
        !node_int(&node, "touch_up_months", 0, 1200, &quote->touch_up_months) ||
        !read_money(&node, "touch_up_minor", &quote->touch_up))
        return false;
    quote->has_date = node_has(&node, "issued_on");
    quote->accepted = node_has(&node, "accepted_on");
    return (!quote->has_date || (course_date_read(&node, "issued_on", &quote->issued) &&
                                 course_date_read(&node, "valid_until", &quote->valid_until))) &&
           (!quote->accepted || course_date_read(&node, "accepted_on", &quote->accepted_on));
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
             !node_int(&entry, "session", 1, COURSE_MAX_SESSIONS, &session)))
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
        !node_int(&node, "variant", 1, PROTOCOL_MAX_VARIANTS, &variant))
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
           (!course->has_start || course_date_read(root, "start", &course->start)) &&
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
