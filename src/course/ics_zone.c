#include "course/ics_reader_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        return ics_refuse(reader, "the clock changes more than %d times", MAX_ONSETS);
    o->onset[o->count++] = (Onset){local_s - o->before_s, o->before_s, o->after_s};
    return ics_step(reader, 1);
}

/* Whole years only, as all clocks do; UNTIL is in UTC here. */
static bool follow_onsets(Reader *reader, Observance *o, struct icalrecurrencetype rule,
                          int64_t start_s)
{
    int64_t enough_s = 60 * reader->job->last + 366 * DAY_S;
    if (!ics_check_rule(reader, &rule))
        return false;
    if (rule.freq != ICAL_YEARLY_RECURRENCE)
        return ics_refuse(reader, "the clock does not change once a year");
    if (!icaltime_is_null_time(rule.until))
        rule.until = ics_ical_time(ics_local_seconds(&rule.until) +
                                       (icaltime_is_utc(rule.until) ? o->before_s : 0),
                                   false);
    icalrecur_iterator *iterator = icalrecur_iterator_new(rule, ics_ical_time(start_s, false));
    bool ok = iterator != NULL || ics_refuse(reader, "no day fits its RRULE");
    while (ok) {
        struct icaltimetype time = icalrecur_iterator_next(iterator);
        int64_t local_s = icaltime_is_null_time(time) ? enough_s : ics_local_seconds(&time);
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
    icalproperty *property = ics_first(part, kind);
    bool from = kind == ICAL_TZOFFSETFROM_PROPERTY;
    if (property == NULL)
        return ics_refuse(reader, "the time zone lacks %s", from ? "TZOFFSETFROM" : "TZOFFSETTO");
    *seconds =
        from ? icalproperty_get_tzoffsetfrom(property) : icalproperty_get_tzoffsetto(property);
    return (*seconds > -DAY_S && *seconds < DAY_S) ||
           ics_refuse(reader, "%s is a day or more", from ? "TZOFFSETFROM" : "TZOFFSETTO");
}

static bool read_observance(Reader *reader, icalcomponent *part, Observance *o)
{
    When start, date;
    icalproperty *dtstart = ics_first(part, ICAL_DTSTART_PROPERTY);
    if (dtstart == NULL)
        return ics_refuse(reader, "the time zone lacks a DTSTART");
    if (!ics_check_complaints(reader, part) || !ics_read_when(reader, dtstart, "DTSTART", &start) ||
        !read_offset(reader, part, ICAL_TZOFFSETFROM_PROPERTY, &o->before_s) ||
        !read_offset(reader, part, ICAL_TZOFFSETTO_PROPERTY, &o->after_s) ||
        !add_onset(reader, o, start.local_s))
        return false;
    for (icalproperty *p = ics_first(part, ICAL_RRULE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(part, ICAL_RRULE_PROPERTY))
        if (!follow_onsets(reader, o, icalproperty_get_rrule(p), start.local_s))
            return false;
    for (icalproperty *p = ics_first(part, ICAL_RDATE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(part, ICAL_RDATE_PROPERTY))
        if (!ics_read_when(reader, p, "RDATE", &date) || !add_onset(reader, o, date.local_s))
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
    zone->first_offset = (int)ics_floor_div(onset[0].before_s, 60);
    for (int i = 0; i < count; i++) {
        int offset = (int)ics_floor_div(onset[i].after_s, 60), last = zone->change_count - 1;
        int64_t at = ics_floor_div(onset[i].at_s, 60);
        if (onset[i].at_s <= early_s) {
            zone->first_offset = offset;
            continue;
        }
        if (onset[i].at_s >= late_s)
            break;
        bool same = last >= 0 && zone->change[last] == at;
        if (!same && zone->change_count == COURSE_ZONE_CHANGES)
            return ics_refuse(reader, "the clock changes more than %d times", COURSE_ZONE_CHANGES);
        last = same ? last : zone->change_count++;
        zone->change[last] = (int32_t)at;
        zone->offset[last] = (int16_t)offset;
    }
    return true;
}

/* A zone that the tz database does not have; of those it has, the database knows better than a file
 * that carries an old or a mistaken copy. */
bool ics_read_zone(Reader *reader, icalcomponent *part)
{
    Observance o = {.part = part};
    const char *name = ics_text(part, ICAL_TZID_PROPERTY);
    reader->event = name;
    for (int i = 0; i < reader->job->zone_count; i++)
        if (strcmp(reader->job->alias[i], name) == 0)
            return true;
    if (reader->zone_count == ICS_OWN_ZONES)
        return ics_refuse(reader, "there are more than %d time zones", ICS_OWN_ZONES);
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
        return ics_refuse(reader, "the time zone says nothing about its clock");
    if (!make_clock(reader, o.count, o.onset, &reader->zone[reader->zone_count]))
        return false;
    snprintf(reader->zone_name[reader->zone_count++], ICS_ZONE_NAME, "%s", name);
    arena_rewind(&reader->arena, mark);
    return true;
}
