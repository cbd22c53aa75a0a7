#include "course/ics_reader_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_BYTES = 64 << 20 };

bool ics_refuse(Reader *reader, const char *fmt, ...)
{
    char what[200];
    va_list list;
    va_start(list, fmt);
    vsnprintf(what, sizeof what, fmt, list);
    va_end(list);
    return err_set(reader->err, ERR_INPUT, "the calendar '%.60s', event '%.60s': %s",
                   reader->job->name, reader->event, what);
}

bool ics_step(Reader *reader, long long count)
{
    reader->steps += count;
    return reader->steps <= ICS_MAX_STEPS ||
           err_set(reader->err, ERR_LIMIT,
                   "the calendar '%.60s', event '%.60s': repeats too often to be followed (%d "
                   "steps)",
                   reader->job->name, reader->event, ICS_MAX_STEPS);
}

static bool read_busy(Reader *reader, icalcomponent *part)
{
    reader->event = ics_name(part);
    if (!ics_check_complaints(reader, part))
        return false;
    for (icalproperty *p = ics_first(part, ICAL_FREEBUSY_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(part, ICAL_FREEBUSY_PROPERTY)) {
        icalparameter *kind = icalproperty_get_first_parameter(p, ICAL_FBTYPE_PARAMETER);
        struct icalperiodtype period = icalproperty_get_freebusy(p);
        Span span = {0};
        When start;
        if (kind != NULL && icalparameter_get_fbtype(kind) == ICAL_FBTYPE_FREE)
            continue;
        if (!ics_read_period(reader, p, period, &start, &span) || !ics_step(reader, 1) ||
            !ics_add_occurrence(reader, &start, &span))
            return false;
    }
    return true;
}

typedef bool OnPart(Reader *reader, icalcomponent *part);

/* Parts of one kind, in the order of the file. */
static bool each(Reader *reader, icalcomponent *calendar, icalcomponent_kind kind, OnPart *on)
{
    icalcompiter iterator = icalcomponent_begin_component(calendar, kind);
    for (icalcomponent *part = icalcompiter_deref(&iterator); part != NULL;
         part = icalcompiter_next(&iterator))
        if (!on(reader, part))
            return false;
    return true;
}

static bool take_override(Reader *reader, icalcomponent *part)
{
    return ics_first(part, ICAL_RECURRENCEID_PROPERTY) == NULL || ics_read_override(reader, part);
}

static bool take_series(Reader *reader, icalcomponent *part)
{
    return ics_first(part, ICAL_RECURRENCEID_PROPERTY) != NULL || ics_read_series(reader, part);
}

static bool read_calendar(Reader *reader, icalcomponent *calendar)
{
    icalproperty *method = ics_first(calendar, ICAL_METHOD_PROPERTY);
    int events = icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT);
    size_t mark = arena_mark(&reader->arena);
    if (method != NULL && icalproperty_get_method(method) == ICAL_METHOD_CANCEL)
        return true; /* it takes back what it names */
    reader->zone_count = reader->override_count = 0;
    reader->override = ARENA_NEW(&reader->arena, Override, (size_t)events + 1);
    if (reader->override == NULL)
        return err_set(reader->err, ERR_LIMIT, "the calendar '%.60s' is too large",
                       reader->job->name);
    bool ok = each(reader, calendar, ICAL_VTIMEZONE_COMPONENT, ics_read_zone) &&
              each(reader, calendar, ICAL_VEVENT_COMPONENT, take_override) &&
              each(reader, calendar, ICAL_VEVENT_COMPONENT, take_series) &&
              each(reader, calendar, ICAL_VFREEBUSY_COMPONENT, read_busy);
    arena_rewind(&reader->arena, mark);
    return ok;
}

static bool read_all(Reader *reader, icalcomponent *root)
{
    if (icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT)
        return read_calendar(reader, root);
    return each(reader, root, ICAL_VCALENDAR_COMPONENT, read_calendar);
}

void ics_prepare(void)
{
    icalerror_set_errors_are_fatal(0);
    icaltimezone_get_utc_timezone();
    struct icalrecurrencetype rule = icalrecurrencetype_from_string("FREQ=DAILY;COUNT=1");
    icalrecur_iterator *iterator = icalrecur_iterator_new(rule, ics_ical_time(0, false));
    if (iterator != NULL)
        icalrecur_iterator_free(iterator);
}

bool ics_read(const IcsJob *job, IcsResult *result, Err *err)
{
    Reader reader = {.job = job, .result = result, .err = err, .event = ""};
    result->count = 0;
    result->note[0] = '\0';
    if (!ics_check(job, err) || !arena_open(&reader.arena, ARENA_BYTES, err))
        return false;
    reader.zone = ARENA_NEW(&reader.arena, CourseZoneTime, ICS_OWN_ZONES);
    reader.zone_name = arena_alloc(&reader.arena, ICS_OWN_ZONES, ICS_ZONE_NAME);
    icalerror_set_errors_are_fatal(0);
    icalcomponent *root = icalparser_parse_string(job->bytes);
    bool ok = root != NULL && reader.zone != NULL && reader.zone_name != NULL;
    if (!ok)
        err_set(err, ERR_INPUT, "the calendar '%.60s' cannot be read", job->name);
    ok = ok && read_all(&reader, root);
    if (root != NULL)
        icalcomponent_free(root);
    arena_close(&reader.arena);
    return ok;
}
