#include "course/ics_reader_internal.h"

#include <string.h>

/* What is said about one occurrence: by its moment, or by its day. */
static bool is_about(const When *mark, const When *start)
{
    if (mark->is_date || start->is_date)
        return ics_floor_div(mark->local_s, DAY_S) == ics_floor_div(start->local_s, DAY_S);
    return ics_when_s(mark) == ics_when_s(start);
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
    int64_t local_s = ics_local_seconds(&until);
    if (icaltime_is_utc(until) && !until.is_date) {
        const CourseZoneTime *zone = start->is_date ? reader->job->home : start->zone;
        local_s = ics_local_of(zone, local_s);
    }
    if (until.is_date && !start->is_date)
        local_s += DAY_S - 1; /* the whole of its last day */
    if (start->is_date)
        local_s = ics_floor_div(local_s, DAY_S) * DAY_S;
    return ics_ical_time(local_s, start->is_date);
}

bool ics_check_rule(Reader *reader, const struct icalrecurrencetype *rule)
{
    if (rule->freq == ICAL_SECONDLY_RECURRENCE || rule->freq == ICAL_MINUTELY_RECURRENCE)
        return ics_refuse(reader, "it repeats every %s: no appointment does",
                          rule->freq == ICAL_SECONDLY_RECURRENCE ? "second" : "minute");
    if (rule->freq == ICAL_NO_RECURRENCE)
        return ics_refuse(reader, "its RRULE cannot be read");
    if (rule->rscale != NULL)
        return ics_refuse(reader, "it repeats by another calendar (RSCALE)");
    for (int i = 0; i < ICAL_BY_WEEKNO_SIZE && rule->by_week_no[i] != ICAL_RECURRENCE_ARRAY_MAX;
         i++)
        if (rule->by_week_no[i] < 0) /* libical 3.0.16 leaves out some of these */
            return ics_refuse(reader, "it repeats by weeks counted from the end of the year");
    if (!icaltime_is_null_time(rule->until) && !ics_is_time(&rule->until))
        return ics_refuse(reader, "the UNTIL of its RRULE is no date");
    return true;
}

/* Of every second (third ...) week, libical 3.0.16 takes the wrong ones unless weeks begin with
 * Sunday. So the whole rule is followed that many days earlier that they do. */
static bool turn_week(Reader *reader, struct icalrecurrencetype *rule, int *earlier_days)
{
    *earlier_days = 0;
    if (rule->freq != ICAL_WEEKLY_RECURRENCE || rule->interval < 2 ||
        rule->week_start <= ICAL_SUNDAY_WEEKDAY)
        return true;
    if (rule->by_month[0] != ICAL_RECURRENCE_ARRAY_MAX)
        return ics_refuse(reader, "it repeats by weeks and by months at once");
    *earlier_days = rule->week_start - ICAL_SUNDAY_WEEKDAY;
    for (int i = 0; i < ICAL_BY_DAY_SIZE && rule->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
        if (rule->by_day[i] < ICAL_SUNDAY_WEEKDAY || rule->by_day[i] > ICAL_SATURDAY_WEEKDAY)
            return ics_refuse(reader, "it repeats by weeks on a numbered weekday");
        rule->by_day[i] = (short)((rule->by_day[i] - 1 + 7 - *earlier_days) % 7 + 1);
    }
    if (!icaltime_is_null_time(rule->until))
        rule->until =
            ics_ical_time(ics_local_seconds(&rule->until) - (int64_t)*earlier_days * DAY_S,
                          rule->until.is_date != 0);
    rule->week_start = ICAL_SUNDAY_WEEKDAY;
    return true;
}

/* All occurrences of one rule that begin before the end of the diary. */
static bool follow_rule(Reader *reader, Series *series, struct icalrecurrencetype rule,
                        OnOccurrence *on)
{
    const When *start = &series->start;
    bool ok = true;
    int earlier_days;
    if (!ics_check_rule(reader, &rule))
        return false;
    if (!icaltime_is_null_time(rule.until))
        rule.until = until_of(reader, series, rule.until);
    if (!turn_week(reader, &rule, &earlier_days))
        return false;
    icalrecur_iterator *iterator = icalrecur_iterator_new(
        rule, ics_ical_time(start->local_s - (int64_t)earlier_days * DAY_S, start->is_date));
    if (iterator == NULL)
        return ics_refuse(reader, "no day fits its RRULE");
    for (;;) {
        struct icaltimetype time = icalrecur_iterator_next(iterator);
        if (!ok || icaltime_is_null_time(time))
            break;
        When next = {start->is_date, start->zone,
                     ics_local_seconds(&time) + (int64_t)earlier_days * DAY_S};
        if (ics_floor_div(ics_when_s(&next), 60) >= reader->job->last)
            break;
        ok = ics_step(reader, 1) && on(reader, series, &next, &series->span);
    }
    icalrecur_iterator_free(iterator);
    return ok;
}

static bool follow_rules(Reader *reader, Series *series, icalproperty_kind kind, OnOccurrence *on)
{
    for (icalproperty *p = ics_first(series->part, kind); p != NULL;
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
    for (icalproperty *p = ics_first(series->part, ICAL_RDATE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(series->part, ICAL_RDATE_PROPERTY)) {
        icalvalue *value = icalproperty_get_value(p);
        Span span = series->span;
        struct icalperiodtype period = icalperiodtype_null_period();
        When when;
        if (value != NULL && icalvalue_isa(value) == ICAL_DATETIMEPERIOD_VALUE)
            period = icalvalue_get_datetimeperiod(value).period;
        else if (value != NULL && icalvalue_isa(value) == ICAL_PERIOD_VALUE)
            period = icalvalue_get_period(value);
        bool ok = icalperiodtype_is_null_period(period)
                      ? ics_read_when(reader, p, "RDATE", &when)
                      : ics_read_period(reader, p, period, &when, &span);
        if (!ok || !ics_step(reader, 1) || !on(reader, series, &when, &span))
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
        return ics_refuse(reader, "it has more than %d exceptions", MAX_EXCEPTIONS);
    series->except[series->except_count++] = *start;
    return true;
}

static bool read_exceptions(Reader *reader, Series *series)
{
    series->except = ARENA_NEW(&reader->arena, When, MAX_EXCEPTIONS);
    if (series->except == NULL)
        return err_set(reader->err, ERR_LIMIT, "no room for the exceptions of an event");
    for (icalproperty *p = ics_first(series->part, ICAL_EXDATE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(series->part, ICAL_EXDATE_PROPERTY)) {
        When when;
        if (!ics_read_when(reader, p, "EXDATE", &when) ||
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
        if (o->and_later && ics_when_s(&o->instead) < ics_when_s(start) &&
            (later == NULL || ics_when_s(&o->instead) > ics_when_s(&later->instead)))
            later = o;
    }
    return later;
}

static bool on_occurrence(Reader *reader, Series *series, const When *start, const Span *span)
{
    if (!ics_step(reader, series->except_count))
        return false;
    for (int i = 0; i < series->except_count; i++)
        if (is_about(&series->except[i], start))
            return true;
    if (!series->has_overrides)
        return !series->counts || ics_add_occurrence(reader, start, span);
    if (!ics_step(reader, reader->override_count))
        return false;
    const Override *override = find_override(reader, series, start);
    if (override == NULL)
        return !series->counts || ics_add_occurrence(reader, start, span);
    if (is_about(&override->instead, start) || !override->counts)
        return true;     /* it adds itself */
    When moved = *start; /* as much as the first of them, on the clock */
    int64_t from_s = ics_local_of(moved.zone, ics_when_s(&override->instead));
    moved.local_s += ics_local_of(moved.zone, ics_when_s(&override->start)) - from_s;
    return ics_add_occurrence(reader, &moved, &override->span);
}

bool ics_read_series(Reader *reader, icalcomponent *part)
{
    Series series = {.part = part, .uid = ics_text(part, ICAL_UID_PROPERTY)};
    reader->event = ics_name(part);
    series.counts = ics_counts(reader, part);
    if (!ics_check_complaints(reader, part) ||
        !ics_read_start(reader, part, &series.start, &series.span))
        return false;
    if (!ics_step(reader, 1 + reader->override_count))
        return false;
    for (int i = 0; i < reader->override_count; i++)
        series.has_overrides =
            series.has_overrides || strcmp(reader->override[i].uid, series.uid) == 0;
    size_t mark = arena_mark(&reader->arena);
    bool repeats = ics_first(part, ICAL_RRULE_PROPERTY) != NULL ||
                   ics_first(part, ICAL_RDATE_PROPERTY) != NULL;
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

bool ics_read_override(Reader *reader, icalcomponent *part)
{
    icalproperty *instead = ics_first(part, ICAL_RECURRENCEID_PROPERTY);
    Override *override = &reader->override[reader->override_count];
    icalparameter *range = icalproperty_get_first_parameter(instead, ICAL_RANGE_PARAMETER);
    reader->event = ics_name(part);
    *override =
        (Override){.uid = ics_text(part, ICAL_UID_PROPERTY), .counts = ics_counts(reader, part)};
    override->and_later =
        range != NULL && icalparameter_get_range(range) == ICAL_RANGE_THISANDFUTURE;
    if (!ics_check_complaints(reader, part) ||
        !ics_read_when(reader, instead, "RECURRENCE-ID", &override->instead))
        return false;
    override->start = override->instead;
    if (override->counts || ics_first(part, ICAL_DTSTART_PROPERTY) != NULL)
        if (!ics_read_start(reader, part, &override->start, &override->span))
            return false;
    reader->override_count++;
    return !override->counts || ics_add_occurrence(reader, &override->start, &override->span);
}
