#include "course/ics_reader_internal.h"

#include <stdio.h>
#include <string.h>

static const CourseDate epoch = {1970, 1, 1};

int64_t ics_floor_div(int64_t numerator, int64_t denominator)
{
    int64_t quotient = numerator / denominator;
    return quotient - (numerator % denominator < 0);
}

bool ics_is_time(const struct icaltimetype *time)
{
    return time->year >= 1600 && time->year <= 9999 && time->month >= 1 && time->month <= 12 &&
           time->day >= 1 && time->day <= icaltime_days_in_month(time->month, time->year) &&
           (time->is_date || (time->hour >= 0 && time->hour <= 23 && time->minute >= 0 &&
                              time->minute <= 59 && time->second >= 0 && time->second <= 60));
}

int64_t ics_local_seconds(const struct icaltimetype *time)
{
    CourseDate date = {time->year, time->month, time->day};
    int64_t days = course_date_between(epoch, date);
    int64_t of_day =
        3600 * time->hour + 60 * time->minute + (time->second < 60 ? time->second : 59);
    return days * DAY_S + (time->is_date ? 0 : of_day);
}

struct icaltimetype ics_ical_time(int64_t local_s, bool is_date)
{
    int64_t days = ics_floor_div(local_s, DAY_S);
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
    int64_t days = ics_floor_div(local_s, DAY_S), of_day = local_s - days * DAY_S;
    CourseDate date = course_date_add(epoch, (int)days);
    return course_zone_moment(zone, date, (int)(of_day / 60)) * 60 + of_day % 60;
}

int64_t ics_local_of(const CourseZoneTime *zone, int64_t s)
{
    return s + 60 * course_zone_offset(zone, ics_floor_div(s, 60));
}

int64_t ics_when_s(const When *when)
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

When ics_when_of(Reader *reader, icalproperty *property, struct icaltimetype time)
{
    When when = {.is_date = time.is_date != 0, .zone = reader->job->home};
    icalparameter *tzid = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
    if (icaltime_is_utc(time))
        when.zone = &reader->utc;
    else if (!when.is_date && tzid != NULL && icalparameter_get_tzid(tzid) != NULL)
        when.zone = find_zone(reader, icalparameter_get_tzid(tzid));
    when.local_s = ics_local_seconds(&time);
    return when;
}

/* DTSTART and its like: a date, or a date with a time. */
bool ics_read_when(Reader *reader, icalproperty *property, const char *name, When *when)
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
    if (!ics_is_time(&time))
        return ics_refuse(reader, "%s is no date or time within the years 1600..9999", name);
    *when = ics_when_of(reader, property, time);
    return true;
}

bool ics_read_duration(Reader *reader, struct icaldurationtype duration, Span *span)
{
    *span = (Span){.days = 7 * (int64_t)duration.weeks + duration.days,
                   .seconds = 3600 * (int64_t)duration.hours + 60 * (int64_t)duration.minutes +
                              duration.seconds};
    if (duration.is_neg || icaldurationtype_is_bad_duration(duration) || span->days > MAX_DAYS ||
        span->seconds > (int64_t)MAX_DAYS * DAY_S)
        return ics_refuse(reader, "its duration is not within 0..%d years", ICS_MAX_YEARS);
    return true;
}

bool ics_read_period(Reader *reader, icalproperty *property, struct icalperiodtype period,
                     When *start, Span *span)
{
    if (!ics_is_time(&period.start))
        return ics_refuse(reader, "a period of time begins with no time");
    *start = ics_when_of(reader, property, period.start);
    if (icaltime_is_null_time(period.end))
        return ics_read_duration(reader, period.duration, span);
    if (!ics_is_time(&period.end))
        return ics_refuse(reader, "a period of time ends with no time");
    When end = ics_when_of(reader, property, period.end);
    *span = (Span){.seconds = ics_when_s(&end) - ics_when_s(start)};
    return span->seconds <= (int64_t)MAX_DAYS * DAY_S ||
           ics_refuse(reader, "a period of time is longer than %d years", ICS_MAX_YEARS);
}
