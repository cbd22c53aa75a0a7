#include "course/ics_internal.h"

#include <libical/ical.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400, MINUTE_S = 60, MAX_DAYS = 366 * ICS_MAX_YEARS, ARENA_BYTES = 64 << 20 };

static const CourseDate epoch = {1970, 1, 1};

/* A time as it is written: on whose clock, and what that shows, in seconds since 1970 on it. */
typedef struct When {
    bool is_date;
    const CourseZoneTime *zone;
    int64_t local_s;
} When;

/* Nominal days, then exact seconds (RFC 5545 3.3.6). */
typedef struct Span {
    int64_t days, seconds;
} Span;

/* An event that stands for one occurrence of another, or for all from it on. */
typedef struct Override {
    const char *uid;
    When instead;
    bool and_later, counts;
    When start;
    Span span;
} Override;

typedef struct Reader {
    const IcsJob *job;
    IcsResult *result;
    Err *err;
    Arena arena;
    long long steps;
    const char *event; /* of the message: its summary or identifier */
    int zone_count, override_count;
    char (*zone_name)[ICS_ZONE_NAME]; /* of the file's own zones */
    CourseZoneTime *zone;
    Override *override;
    CourseZoneTime utc;
} Reader;

static bool refuse(Reader *reader, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool refuse(Reader *reader, const char *fmt, ...)
{
    char what[200];
    va_list list;
    va_start(list, fmt);
    vsnprintf(what, sizeof what, fmt, list);
    va_end(list);
    return err_set(reader->err, ERR_INPUT, "the calendar '%.60s', event '%.60s': %s",
                   reader->job->name, reader->event, what);
}

/* Every loop over what a file can make long counts here. */
static bool step(Reader *reader, long long count)
{
    reader->steps += count;
    return reader->steps <= ICS_MAX_STEPS ||
           err_set(reader->err, ERR_LIMIT,
                   "the calendar '%.60s', event '%.60s': repeats too often to be followed (%d "
                   "steps)",
                   reader->job->name, reader->event, ICS_MAX_STEPS);
}

static int64_t floor_div(int64_t numerator, int64_t denominator)
{
    int64_t quotient = numerator / denominator;
    return quotient - (numerator % denominator < 0);
}

/* ---- times ---- */

static bool is_time(const struct icaltimetype *time)
{
    return time->year >= 1600 && time->year <= 9999 && time->month >= 1 && time->month <= 12 &&
           time->day >= 1 && time->day <= icaltime_days_in_month(time->month, time->year) &&
           (time->is_date || (time->hour >= 0 && time->hour <= 23 && time->minute >= 0 &&
                              time->minute <= 59 && time->second >= 0 && time->second <= 60));
}

static int64_t local_seconds(const struct icaltimetype *time)
{
    CourseDate date = {time->year, time->month, time->day};
    int64_t days = course_date_between(epoch, date);
    int64_t of_day =
        3600 * time->hour + 60 * time->minute + (time->second < 60 ? time->second : 59);
    return days * DAY_S + (time->is_date ? 0 : of_day);
}

static struct icaltimetype ical_time(int64_t local_s, bool is_date)
{
    int64_t days = floor_div(local_s, DAY_S);
    int of_day = (int)(local_s - days * DAY_S);
    CourseDate date = course_date_add(epoch, (int)days);
    struct icaltimetype time = icaltime_null_time();
    time.year = date.year;
    time.month = date.month;
    time.day = date.day;
    time.hour = of_day / 3600;
    time.minute = of_day / 60 % 60;
    time.second = of_day % 60;
    time.is_date = is_date;
    return time;
}

static int64_t moment_s(const CourseZoneTime *zone, int64_t local_s)
{
    int64_t days = floor_div(local_s, DAY_S), of_day = local_s - days * DAY_S;
    CourseDate date = course_date_add(epoch, (int)days);
    return course_zone_moment(zone, date, (int)(of_day / 60)) * 60 + of_day % 60;
}

static int64_t local_of(const CourseZoneTime *zone, int64_t s)
{
    return s + 60 * course_zone_offset(zone, floor_div(s, 60));
}

static int64_t when_s(const When *when)
{
    return moment_s(when->zone, when->local_s);
}

static const CourseZoneTime *find_zone(Reader *reader, const char *name)
{
    const IcsJob *job = reader->job;
    for (int i = 0; i < job->zone_count; i++)
        if (strcmp(job->alias[i], name) == 0)
            return &job->zone[i];
    for (int i = 0; i < reader->zone_count; i++)
        if (strncmp(reader->zone_name[i], name, ICS_ZONE_NAME - 1) == 0)
            return &reader->zone[i];
    snprintf(reader->result->note, ICS_NOTE,
             "the time zone '%.60s' is not known: its times are taken as the clinic's", name);
    return job->home;
}

static When when_of(Reader *reader, icalproperty *property, struct icaltimetype time)
{
    When when = {.is_date = time.is_date != 0, .zone = reader->job->home};
    icalparameter *tzid = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
    if (icaltime_is_utc(time))
        when.zone = &reader->utc;
    else if (!when.is_date && tzid != NULL && icalparameter_get_tzid(tzid) != NULL)
        when.zone = find_zone(reader, icalparameter_get_tzid(tzid));
    when.local_s = local_seconds(&time);
    return when;
}

/* DTSTART and its like: a date, or a date with a time. */
static bool read_when(Reader *reader, icalproperty *property, const char *name, When *when)
{
    icalvalue *value = icalproperty_get_value(property);
    icalvalue_kind kind = value != NULL ? icalvalue_isa(value) : ICAL_NO_VALUE;
    struct icaltimetype time = icaltime_null_time();
    if (kind == ICAL_DATE_VALUE)
        time = icalvalue_get_date(value);
    else if (kind == ICAL_DATETIME_VALUE || kind == ICAL_DATETIMEDATE_VALUE)
        time = icalvalue_get_datetime(value);
    else if (kind == ICAL_DATETIMEPERIOD_VALUE)
        time = icalvalue_get_datetimeperiod(value).time;
    if (!is_time(&time))
        return refuse(reader, "%s is no date or time within the years 1600..9999", name);
    *when = when_of(reader, property, time);
    return true;
}

static bool read_duration(Reader *reader, struct icaldurationtype duration, Span *span)
{
    *span = (Span){.days = 7 * (int64_t)duration.weeks + duration.days,
                   .seconds = 3600 * (int64_t)duration.hours + 60 * (int64_t)duration.minutes +
                              duration.seconds};
    if (duration.is_neg || icaldurationtype_is_bad_duration(duration) || span->days > MAX_DAYS ||
        span->seconds > (int64_t)MAX_DAYS * DAY_S)
        return refuse(reader, "its duration is not within 0..%d years", ICS_MAX_YEARS);
    return true;
}

/* ---- an event ---- */

static icalproperty *first(icalcomponent *part, icalproperty_kind kind)
{
    return icalcomponent_get_first_property(part, kind);
}

static const char *text_of(icalcomponent *part, icalproperty_kind kind)
{
    icalproperty *property = first(part, kind);
    icalvalue *value = property != NULL ? icalproperty_get_value(property) : NULL;
    const char *text =
        value != NULL && icalvalue_isa(value) == ICAL_TEXT_VALUE ? icalvalue_get_text(value) : NULL;
    return text != NULL ? text : "";
}

static const char *name_of(icalcomponent *part)
{
    const char *summary = text_of(part, ICAL_SUMMARY_PROPERTY);
    return summary[0] != '\0' ? summary : text_of(part, ICAL_UID_PROPERTY);
}

/* libical takes away a property that it cannot read and leaves a complaint in its place. */
static bool check_complaints(Reader *reader, icalcomponent *part)
{
    static const char *const matters[] = {"DTSTART", "DTEND",  "DURATION",      "RRULE",
                                          "RDATE",   "EXDATE", "RECURRENCE-ID", "EXRULE",
                                          "STATUS",  "TRANSP", "FREEBUSY"};
    for (icalproperty *p = first(part, ICAL_XLICERROR_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(part, ICAL_XLICERROR_PROPERTY)) {
        const char *text = icalproperty_get_xlicerror(p);
        for (size_t i = 0; text != NULL && i < sizeof matters / sizeof *matters; i++) {
            char about[40];
            snprintf(about, sizeof about, "%s property", matters[i]);
            if (strstr(text, about) != NULL)
                return refuse(reader, "its %s cannot be read", matters[i]);
        }
    }
    return true;
}

static bool is_cancelled(icalcomponent *part)
{
    icalproperty *status = first(part, ICAL_STATUS_PROPERTY);
    return status != NULL && icalproperty_get_status(status) == ICAL_STATUS_CANCELLED;
}

static bool is_free(icalcomponent *part)
{
    icalproperty *transp = first(part, ICAL_TRANSP_PROPERTY);
    if (transp == NULL)
        return false;
    icalproperty_transp how = icalproperty_get_transp(transp);
    return how == ICAL_TRANSP_TRANSPARENT || how == ICAL_TRANSP_TRANSPARENTNOCONFLICT;
}

static bool counts(const Reader *reader, icalcomponent *part)
{
    return !is_cancelled(part) && (reader->job->free_counts || !is_free(part));
}

/* How long: to DTEND exactly, for a DURATION; else a day for a date and nothing for a time. */
static bool read_span(Reader *reader, icalcomponent *part, const When *start, Span *span)
{
    When end;
    icalproperty *dtend = first(part, ICAL_DTEND_PROPERTY);
    icalproperty *duration = first(part, ICAL_DURATION_PROPERTY);
    *span = (Span){.days = start->is_date ? 1 : 0};
    if (dtend == NULL && duration == NULL)
        return true;
    if (dtend == NULL)
        return read_duration(reader, icalproperty_get_duration(duration), span);
    if (!read_when(reader, dtend, "DTEND", &end))
        return false;
    if (end.is_date != start->is_date)
        return refuse(reader, "one of DTSTART and DTEND is a date, the other a time");
    *span = end.is_date ? (Span){.days = (end.local_s - start->local_s) / DAY_S}
                        : (Span){.seconds = when_s(&end) - when_s(start)};
    if (span->days < 0 || span->seconds < 0)
        return refuse(reader, "it ends before it begins");
    if (span->days > MAX_DAYS || span->seconds > (int64_t)MAX_DAYS * DAY_S)
        return refuse(reader, "it lasts longer than %d years", ICS_MAX_YEARS);
    if (end.is_date && span->days == 0)
        span->days = 1; /* some write the last day itself */
    return true;
}

static bool read_start(Reader *reader, icalcomponent *part, When *start, Span *span)
{
    icalproperty *dtstart = first(part, ICAL_DTSTART_PROPERTY);
    if (dtstart == NULL)
        return refuse(reader, "it has no DTSTART");
    return read_when(reader, dtstart, "DTSTART", start) && read_span(reader, part, start, span);
}

/* ---- what is taken ---- */

static bool add_entry(Reader *reader, int64_t from_s, int64_t to_s, const char *what)
{
    IcsResult *result = reader->result;
    int64_t from = floor_div(from_s, 60), to = floor_div(to_s + 59, 60);
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

static bool add_occurrence(Reader *reader, const When *start, const Span *span)
{
    When end = *start;
    end.local_s += span->days * DAY_S;
    return add_entry(reader, when_s(start), when_s(&end) + span->seconds, reader->event);
}

/* ---- repetition ---- */

/* What is said about one occurrence: by its moment, or by its day. */
static bool is_about(const When *mark, const When *start)
{
    if (mark->is_date || start->is_date)
        return floor_div(mark->local_s, DAY_S) == floor_div(start->local_s, DAY_S);
    return when_s(mark) == when_s(start);
}

typedef struct Series {
    icalcomponent *part;
    const char *uid;
    When start;
    Span span;
    bool counts, has_overrides;
    int except_count;
    When *except;
} Series;

typedef bool OnOccurrence(Reader *reader, Series *series, const When *start, const Span *span);

/* UNTIL as the series' own clock shows it: libical compares it with local times. */
static struct icaltimetype until_of(const Reader *reader, const Series *series,
                                    struct icaltimetype until)
{
    const When *start = &series->start;
    int64_t local_s = local_seconds(&until);
    if (icaltime_is_utc(until) && !until.is_date) {
        const CourseZoneTime *zone = start->is_date ? reader->job->home : start->zone;
        local_s = local_of(zone, local_s);
    }
    if (until.is_date && !start->is_date)
        local_s += DAY_S - 1; /* the whole of its last day */
    if (start->is_date)
        local_s = floor_div(local_s, DAY_S) * DAY_S;
    return ical_time(local_s, start->is_date);
}

static bool check_rule(Reader *reader, const struct icalrecurrencetype *rule)
{
    if (rule->freq == ICAL_SECONDLY_RECURRENCE || rule->freq == ICAL_MINUTELY_RECURRENCE)
        return refuse(reader, "it repeats every %s: no appointment does",
                      rule->freq == ICAL_SECONDLY_RECURRENCE ? "second" : "minute");
    if (rule->freq == ICAL_NO_RECURRENCE)
        return refuse(reader, "its RRULE cannot be read");
    if (rule->rscale != NULL)
        return refuse(reader, "it repeats by another calendar (RSCALE)");
    if (!icaltime_is_null_time(rule->until) && !is_time(&rule->until))
        return refuse(reader, "the UNTIL of its RRULE is no date");
    return true;
}

/* All occurrences of one rule that begin before the end of the diary. */
static bool follow_rule(Reader *reader, Series *series, struct icalrecurrencetype rule,
                        OnOccurrence *on)
{
    const When *start = &series->start;
    bool ok = true;
    if (!check_rule(reader, &rule))
        return false;
    if (!icaltime_is_null_time(rule.until))
        rule.until = until_of(reader, series, rule.until);
    icalrecur_iterator *iterator =
        icalrecur_iterator_new(rule, ical_time(start->local_s, start->is_date));
    if (iterator == NULL)
        return refuse(reader, "its RRULE makes no sense");
    for (;;) {
        struct icaltimetype time = icalrecur_iterator_next(iterator);
        if (!ok || icaltime_is_null_time(time))
            break;
        When next = {start->is_date, start->zone, local_seconds(&time)};
        if (floor_div(when_s(&next), 60) >= reader->job->last)
            break;
        ok = step(reader, 1) && on(reader, series, &next, &series->span);
    }
    icalrecur_iterator_free(iterator);
    return ok;
}

static bool follow_rules(Reader *reader, Series *series, icalproperty_kind kind, OnOccurrence *on)
{
    for (icalproperty *p = first(series->part, kind); p != NULL;
         p = icalcomponent_get_next_property(series->part, kind)) {
        struct icalrecurrencetype rule =
            kind == ICAL_RRULE_PROPERTY ? icalproperty_get_rrule(p) : icalproperty_get_exrule(p);
        if (!follow_rule(reader, series, rule, on))
            return false;
    }
    return true;
}

static bool follow_dates(Reader *reader, Series *series, OnOccurrence *on)
{
    for (icalproperty *p = first(series->part, ICAL_RDATE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(series->part, ICAL_RDATE_PROPERTY)) {
        icalvalue *value = icalproperty_get_value(p);
        Span span = series->span;
        struct icalperiodtype period = icalperiodtype_null_period();
        When when;
        if (value != NULL && icalvalue_isa(value) == ICAL_DATETIMEPERIOD_VALUE)
            period = icalvalue_get_datetimeperiod(value).period;
        else if (value != NULL && icalvalue_isa(value) == ICAL_PERIOD_VALUE)
            period = icalvalue_get_period(value);
        if (icalperiodtype_is_null_period(period)) {
            if (!read_when(reader, p, "RDATE", &when))
                return false;
        } else {
            if (!is_time(&period.start))
                return refuse(reader, "RDATE is no date or time within the years 1600..9999");
            when = when_of(reader, p, period.start);
            if (icaltime_is_null_time(period.end)) {
                if (!read_duration(reader, period.duration, &span))
                    return false;
            } else {
                if (!is_time(&period.end))
                    return refuse(reader, "the end of an RDATE is no time");
                When end = when_of(reader, p, period.end);
                span = (Span){.seconds = when_s(&end) - when_s(&when)};
            }
        }
        if (!step(reader, 1) || !on(reader, series, &when, &span))
            return false;
    }
    return true;
}

/* ---- exceptions ---- */

enum { MAX_EXCEPTIONS = 20000 };

static bool add_exception(Reader *reader, Series *series, const When *start, const Span *span)
{
    (void)span;
    if (series->except_count == MAX_EXCEPTIONS)
        return refuse(reader, "it has more than %d exceptions", MAX_EXCEPTIONS);
    series->except[series->except_count++] = *start;
    return true;
}

static bool read_exceptions(Reader *reader, Series *series)
{
    series->except = ARENA_NEW(&reader->arena, When, MAX_EXCEPTIONS);
    if (series->except == NULL)
        return err_set(reader->err, ERR_LIMIT, "no room for the exceptions of an event");
    for (icalproperty *p = first(series->part, ICAL_EXDATE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(series->part, ICAL_EXDATE_PROPERTY)) {
        When when;
        if (!read_when(reader, p, "EXDATE", &when) ||
            !add_exception(reader, series, &when, &series->span))
            return false;
    }
    return follow_rules(reader, series, ICAL_EXRULE_PROPERTY, add_exception);
}

/* The override that holds for an occurrence; later: the last of those that also hold for what comes
 * after them. */
static const Override *find_override(const Reader *reader, const Series *series, const When *start)
{
    const Override *later = NULL;
    for (int i = 0; i < reader->override_count; i++) {
        const Override *o = &reader->override[i];
        if (strcmp(o->uid, series->uid) != 0)
            continue;
        if (is_about(&o->instead, start))
            return o;
        if (o->and_later && when_s(&o->instead) < when_s(start) &&
            (later == NULL || when_s(&o->instead) > when_s(&later->instead)))
            later = o;
    }
    return later;
}

static bool on_occurrence(Reader *reader, Series *series, const When *start, const Span *span)
{
    if (!step(reader, series->except_count))
        return false;
    for (int i = 0; i < series->except_count; i++)
        if (is_about(&series->except[i], start))
            return true;
    if (!series->has_overrides)
        return !series->counts || add_occurrence(reader, start, span);
    if (!step(reader, reader->override_count))
        return false;
    const Override *override = find_override(reader, series, start);
    if (override == NULL)
        return !series->counts || add_occurrence(reader, start, span);
    if (is_about(&override->instead, start) || !override->counts)
        return true;     /* it adds itself */
    When moved = *start; /* as much as the first of them, on the clock */
    int64_t from_s = local_of(moved.zone, when_s(&override->instead));
    moved.local_s += local_of(moved.zone, when_s(&override->start)) - from_s;
    return add_occurrence(reader, &moved, &override->span);
}

static bool read_series(Reader *reader, icalcomponent *part)
{
    Series series = {.part = part, .uid = text_of(part, ICAL_UID_PROPERTY)};
    reader->event = name_of(part);
    series.counts = counts(reader, part);
    if (!check_complaints(reader, part) || !read_start(reader, part, &series.start, &series.span))
        return false;
    if (!step(reader, 1 + reader->override_count))
        return false;
    for (int i = 0; i < reader->override_count; i++)
        series.has_overrides =
            series.has_overrides || strcmp(reader->override[i].uid, series.uid) == 0;
    size_t mark = arena_mark(&reader->arena);
    bool repeats =
        first(part, ICAL_RRULE_PROPERTY) != NULL || first(part, ICAL_RDATE_PROPERTY) != NULL;
    if (!repeats)
        return on_occurrence(reader, &series, &series.start, &series.span);
    bool ok = read_exceptions(reader, &series) &&
              on_occurrence(reader, &series, &series.start, &series.span) &&
              add_exception(reader, &series, &series.start, &series.span) && /* only once */
              follow_rules(reader, &series, ICAL_RRULE_PROPERTY, on_occurrence) &&
              follow_dates(reader, &series, on_occurrence);
    arena_rewind(&reader->arena, mark);
    return ok;
}

static bool read_override(Reader *reader, icalcomponent *part)
{
    icalproperty *instead = first(part, ICAL_RECURRENCEID_PROPERTY);
    Override *override = &reader->override[reader->override_count];
    icalparameter *range = icalproperty_get_first_parameter(instead, ICAL_RANGE_PARAMETER);
    reader->event = name_of(part);
    *override = (Override){.uid = text_of(part, ICAL_UID_PROPERTY), .counts = counts(reader, part)};
    override->and_later =
        range != NULL && icalparameter_get_range(range) == ICAL_RANGE_THISANDFUTURE;
    if (!check_complaints(reader, part) ||
        !read_when(reader, instead, "RECURRENCE-ID", &override->instead))
        return false;
    override->start = override->instead;
    if (override->counts || first(part, ICAL_DTSTART_PROPERTY) != NULL)
        if (!read_start(reader, part, &override->start, &override->span))
            return false;
    reader->override_count++;
    return !override->counts || add_occurrence(reader, &override->start, &override->span);
}

/* ---- a file's own time zones ---- */

enum { MAX_ONSETS = 4000 };

typedef struct Onset {
    int64_t at_s;
    int before_s, after_s; /* ahead of UTC */
} Onset;

typedef struct Observance {
    icalcomponent *part;
    int before_s, after_s;
    int count;
    Onset *onset; /* [MAX_ONSETS] */
} Observance;

static bool add_onset(Reader *reader, Observance *o, int64_t local_s)
{
    if (o->count == MAX_ONSETS)
        return refuse(reader, "the clock changes more than %d times", MAX_ONSETS);
    o->onset[o->count++] = (Onset){local_s - o->before_s, o->before_s, o->after_s};
    return step(reader, 1);
}

/* Whole years only, as all clocks do; UNTIL is in UTC here. */
static bool follow_onsets(Reader *reader, Observance *o, struct icalrecurrencetype rule,
                          int64_t start_s)
{
    int64_t enough_s = 60 * reader->job->last + 366 * DAY_S;
    if (!check_rule(reader, &rule))
        return false;
    if (rule.freq != ICAL_YEARLY_RECURRENCE)
        return refuse(reader, "the clock does not change once a year");
    if (!icaltime_is_null_time(rule.until))
        rule.until = ical_time(
            local_seconds(&rule.until) + (icaltime_is_utc(rule.until) ? o->before_s : 0), false);
    icalrecur_iterator *iterator = icalrecur_iterator_new(rule, ical_time(start_s, false));
    bool ok = iterator != NULL || refuse(reader, "its RRULE makes no sense");
    while (ok) {
        struct icaltimetype time = icalrecur_iterator_next(iterator);
        int64_t local_s = icaltime_is_null_time(time) ? enough_s : local_seconds(&time);
        if (local_s >= enough_s)
            break;
        ok = local_s == start_s || add_onset(reader, o, local_s);
    }
    if (iterator != NULL)
        icalrecur_iterator_free(iterator);
    return ok;
}

static bool read_offset(Reader *reader, icalcomponent *part, icalproperty_kind kind, int *seconds)
{
    icalproperty *property = first(part, kind);
    bool from = kind == ICAL_TZOFFSETFROM_PROPERTY;
    if (property == NULL)
        return refuse(reader, "the time zone lacks %s", from ? "TZOFFSETFROM" : "TZOFFSETTO");
    *seconds =
        from ? icalproperty_get_tzoffsetfrom(property) : icalproperty_get_tzoffsetto(property);
    return (*seconds > -DAY_S && *seconds < DAY_S) ||
           refuse(reader, "%s is a day or more", from ? "TZOFFSETFROM" : "TZOFFSETTO");
}

static bool read_observance(Reader *reader, icalcomponent *part, Observance *o)
{
    When start, date;
    icalproperty *dtstart = first(part, ICAL_DTSTART_PROPERTY);
    if (dtstart == NULL)
        return refuse(reader, "the time zone lacks a DTSTART");
    if (!check_complaints(reader, part) || !read_when(reader, dtstart, "DTSTART", &start) ||
        !read_offset(reader, part, ICAL_TZOFFSETFROM_PROPERTY, &o->before_s) ||
        !read_offset(reader, part, ICAL_TZOFFSETTO_PROPERTY, &o->after_s) ||
        !add_onset(reader, o, start.local_s))
        return false;
    for (icalproperty *p = first(part, ICAL_RRULE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(part, ICAL_RRULE_PROPERTY))
        if (!follow_onsets(reader, o, icalproperty_get_rrule(p), start.local_s))
            return false;
    for (icalproperty *p = first(part, ICAL_RDATE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(part, ICAL_RDATE_PROPERTY))
        if (!read_when(reader, p, "RDATE", &date) || !add_onset(reader, o, date.local_s))
            return false;
    return true;
}

static int by_moment(const void *a, const void *b)
{
    const Onset *left = a, *right = b;
    return (left->at_s > right->at_s) - (left->at_s < right->at_s);
}

/* What lies more than a year before the diary only says how the clock stands then. */
static bool make_clock(Reader *reader, int count, Onset onset[], CourseZoneTime *zone)
{
    int64_t early_s = 60 * reader->job->first - 366 * DAY_S;
    int64_t late_s = 60 * reader->job->last + 366 * DAY_S;
    early_s = early_s > 0 ? early_s : 0;
    qsort(onset, (size_t)count, sizeof *onset, by_moment);
    memset(zone, 0, sizeof *zone);
    zone->first_offset = (int)floor_div(onset[0].before_s, 60);
    for (int i = 0; i < count; i++) {
        int offset = (int)floor_div(onset[i].after_s, 60), last = zone->change_count - 1;
        int64_t at = floor_div(onset[i].at_s, 60);
        if (onset[i].at_s <= early_s) {
            zone->first_offset = offset;
            continue;
        }
        if (onset[i].at_s >= late_s)
            break;
        bool same = last >= 0 && zone->change[last] == at;
        if (!same && zone->change_count == COURSE_ZONE_CHANGES)
            return refuse(reader, "the clock changes more than %d times", COURSE_ZONE_CHANGES);
        last = same ? last : zone->change_count++;
        zone->change[last] = (int32_t)at;
        zone->offset[last] = (int16_t)offset;
    }
    return true;
}

/* A zone that the tz database does not have; of those it has, the database knows better than a file
 * that carries an old or a mistaken copy. */
static bool read_zone(Reader *reader, icalcomponent *part)
{
    Observance o = {.part = part};
    const char *name = text_of(part, ICAL_TZID_PROPERTY);
    reader->event = name;
    for (int i = 0; i < reader->job->zone_count; i++)
        if (strcmp(reader->job->alias[i], name) == 0)
            return true;
    if (reader->zone_count == ICS_OWN_ZONES)
        return refuse(reader, "there are more than %d time zones", ICS_OWN_ZONES);
    size_t mark = arena_mark(&reader->arena);
    o.onset = ARENA_NEW(&reader->arena, Onset, MAX_ONSETS);
    if (o.onset == NULL)
        return err_set(reader->err, ERR_LIMIT, "no room for a time zone");
    icalcompiter iterator = icalcomponent_begin_component(part, ICAL_ANY_COMPONENT);
    for (icalcomponent *inner = icalcompiter_deref(&iterator); inner != NULL;
         inner = icalcompiter_next(&iterator))
        if ((icalcomponent_isa(inner) == ICAL_XSTANDARD_COMPONENT ||
             icalcomponent_isa(inner) == ICAL_XDAYLIGHT_COMPONENT) &&
            !read_observance(reader, inner, &o))
            return false;
    if (o.count == 0)
        return refuse(reader, "the time zone says nothing about its clock");
    if (!make_clock(reader, o.count, o.onset, &reader->zone[reader->zone_count]))
        return false;
    snprintf(reader->zone_name[reader->zone_count++], ICS_ZONE_NAME, "%s", name);
    arena_rewind(&reader->arena, mark);
    return true;
}

/* ---- the file ---- */

static bool read_busy(Reader *reader, icalcomponent *part)
{
    reader->event = name_of(part);
    if (!check_complaints(reader, part))
        return false;
    for (icalproperty *p = first(part, ICAL_FREEBUSY_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(part, ICAL_FREEBUSY_PROPERTY)) {
        icalparameter *kind = icalproperty_get_first_parameter(p, ICAL_FBTYPE_PARAMETER);
        struct icalperiodtype period = icalproperty_get_freebusy(p);
        Span span = {0};
        if (kind != NULL && icalparameter_get_fbtype(kind) == ICAL_FBTYPE_FREE)
            continue;
        if (!is_time(&period.start))
            return refuse(reader, "a FREEBUSY is no period of time");
        When start = when_of(reader, p, period.start);
        if (icaltime_is_null_time(period.end)) {
            if (!read_duration(reader, period.duration, &span))
                return false;
        } else {
            if (!is_time(&period.end))
                return refuse(reader, "a FREEBUSY is no period of time");
            When end = when_of(reader, p, period.end);
            span.seconds = when_s(&end) - when_s(&start);
        }
        if (!step(reader, 1) || !add_occurrence(reader, &start, &span))
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
    return first(part, ICAL_RECURRENCEID_PROPERTY) == NULL || read_override(reader, part);
}

static bool take_series(Reader *reader, icalcomponent *part)
{
    return first(part, ICAL_RECURRENCEID_PROPERTY) != NULL || read_series(reader, part);
}

static bool read_calendar(Reader *reader, icalcomponent *calendar)
{
    icalproperty *method = first(calendar, ICAL_METHOD_PROPERTY);
    int events = icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT);
    size_t mark = arena_mark(&reader->arena);
    if (method != NULL && icalproperty_get_method(method) == ICAL_METHOD_CANCEL)
        return true; /* it takes back what it names */
    reader->zone_count = reader->override_count = 0;
    reader->override = ARENA_NEW(&reader->arena, Override, (size_t)events + 1);
    if (reader->override == NULL)
        return err_set(reader->err, ERR_LIMIT, "the calendar '%.60s' is too large",
                       reader->job->name);
    bool ok = each(reader, calendar, ICAL_VTIMEZONE_COMPONENT, read_zone) &&
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
    icalrecur_iterator *iterator = icalrecur_iterator_new(rule, ical_time(0, false));
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
