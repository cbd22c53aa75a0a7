#include "course/ics_reader_internal.h"

#include <stdio.h>
#include <string.h>

icalproperty *ics_first(icalcomponent *part, icalproperty_kind kind)
{
    return icalcomponent_get_first_property(part, kind);
}

const char *ics_text(icalcomponent *part, icalproperty_kind kind)
{
    icalproperty *property = ics_first(part, kind);
    icalvalue *value = property != NULL ? icalproperty_get_value(property) : NULL;
    const char *text =
        value != NULL && icalvalue_isa(value) == ICAL_TEXT_VALUE ? icalvalue_get_text(value) : NULL;
    return text != NULL ? text : "";
}

const char *ics_name(icalcomponent *part)
{
    const char *summary = ics_text(part, ICAL_SUMMARY_PROPERTY);
    return summary[0] != '\0' ? summary : ics_text(part, ICAL_UID_PROPERTY);
}

/* libical takes away a property that it cannot read and leaves a complaint in its place. */
bool ics_check_complaints(Reader *reader, icalcomponent *part)
{
    static const char *const matters[] = {"DTSTART", "DTEND",  "DURATION",      "RRULE",
                                          "RDATE",   "EXDATE", "RECURRENCE-ID", "EXRULE",
                                          "STATUS",  "TRANSP", "FREEBUSY"};
    for (icalproperty *p = ics_first(part, ICAL_XLICERROR_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(part, ICAL_XLICERROR_PROPERTY)) {
        const char *text = icalproperty_get_xlicerror(p);
        for (size_t i = 0; text != NULL && i < sizeof matters / sizeof *matters; i++) {
            char about[40];
            snprintf(about, sizeof about, "%s property", matters[i]);
            if (strstr(text, about) != NULL)
                return ics_refuse(reader, "its %s cannot be read", matters[i]);
        }
    }
    return true;
}

static bool is_cancelled(icalcomponent *part)
{
    icalproperty *status = ics_first(part, ICAL_STATUS_PROPERTY);
    return status != NULL && icalproperty_get_status(status) == ICAL_STATUS_CANCELLED;
}

static bool is_free(icalcomponent *part)
{
    icalproperty *transp = ics_first(part, ICAL_TRANSP_PROPERTY);
    if (transp == NULL)
        return false;
    icalproperty_transp how = icalproperty_get_transp(transp);
    return how == ICAL_TRANSP_TRANSPARENT || how == ICAL_TRANSP_TRANSPARENTNOCONFLICT;
}

bool ics_counts(const Reader *reader, icalcomponent *part)
{
    return !is_cancelled(part) && (reader->job->free_counts || !is_free(part));
}

/* How long: to DTEND exactly, for a DURATION; else a day for a date and nothing for a time. */
static bool read_span(Reader *reader, icalcomponent *part, const When *start, Span *span)
{
    When end;
    icalproperty *dtend = ics_first(part, ICAL_DTEND_PROPERTY);
    icalproperty *duration = ics_first(part, ICAL_DURATION_PROPERTY);
    *span = (Span){.days = start->is_date ? 1 : 0};
    if (dtend == NULL && duration == NULL)
        return true;
    if (dtend == NULL)
        return ics_read_duration(reader, icalproperty_get_duration(duration), span);
    if (!ics_read_when(reader, dtend, "DTEND", &end))
        return false;
    if (end.is_date != start->is_date)
        return ics_refuse(reader, "one of DTSTART and DTEND is a date, the other a time");
    *span = end.is_date ? (Span){.days = (end.local_s - start->local_s) / DAY_S}
                        : (Span){.seconds = ics_when_s(&end) - ics_when_s(start)};
    if (span->seconds < 0 && end.zone == start->zone && end.local_s >= start->local_s)
        span->seconds = end.local_s - start->local_s; /* it begins in the hour that is skipped */
    if (span->days < 0 || span->seconds < 0)
        return ics_refuse(reader, "it ends before it begins");
    if (span->days > MAX_DAYS || span->seconds > (int64_t)MAX_DAYS * DAY_S)
        return ics_refuse(reader, "it lasts longer than %d years", ICS_MAX_YEARS);
    if (end.is_date && span->days == 0)
        span->days = 1; /* some write the last day itself */
    return true;
}

bool ics_read_start(Reader *reader, icalcomponent *part, When *start, Span *span)
{
    icalproperty *dtstart = ics_first(part, ICAL_DTSTART_PROPERTY);
    if (dtstart == NULL)
        return ics_refuse(reader, "it has no DTSTART");
    return ics_read_when(reader, dtstart, "DTSTART", start) && read_span(reader, part, start, span);
}

/* ---- what is taken ---- */

static bool add_entry(Reader *reader, int64_t from_s, int64_t to_s, const char *what)
{
    IcsResult *result = reader->result;
    int64_t from = ics_floor_div(from_s, 60), to = ics_floor_div(to_s + 59, 60);
    if (to_s <= from_s || from >= reader->job->last || to <= reader->job->first)
        return true;
    if (result->count == ICS_MAX_ENTRIES)
        return err_set(reader->err, ERR_LIMIT,
                       "the calendar '%.60s' has more than %d entries within the diary",
                       reader->job->name, ICS_MAX_ENTRIES);
    IcsEntry *entry = &result->entry[result->count++];
    *entry = (IcsEntry){.from = from, .to = to};
    snprintf(entry->what, sizeof entry->what, "%s", what);
    return true;
}

bool ics_add_occurrence(Reader *reader, const When *start, const Span *span)
{
    When end = *start;
    end.local_s += span->days * DAY_S;
    return add_entry(reader, ics_when_s(start), ics_when_s(&end) + span->seconds, reader->event);
}
