#include "course/diary.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DAY_MINUTES = 1440, STEP_MINUTES = 5 /* appointments begin at such minutes [assumption] */ };

const char *diary_kind_name(DiaryKind kind)
{
    static const char *const name[] = {[DIARY_HOLIDAY] = "holiday",
                                       [DIARY_PRACTITIONER] = "practitioner",
                                       [DIARY_ROOM] = "room",
                                       [DIARY_CLIENT] = "client"};
    return name[kind];
}

bool diary_open(Arena *arena, const Clinic *clinic, CourseDate first, CourseDate last, Diary *diary,
                Err *err)
{
    char from[11], to[11];
    course_date_text(first, from);
    course_date_text(last, to);
    int days = course_date_between(first, last) + 1;
    if (days < 1 || days > DIARY_MAX_DAYS)
        return err_set(err, ERR_INPUT, "a diary from %s to %s has %d days, not 1..%d", from, to,
                       days, DIARY_MAX_DAYS);
    memset(diary, 0, sizeof *diary);
    diary->clinic = clinic;
    diary->first = first;
    diary->last = last;
    diary->taken = ARENA_NEW(arena, DiaryTaken, DIARY_MAX_TAKEN);
    if (diary->taken == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d entries of a diary", DIARY_MAX_TAKEN);
    return course_zone_open(clinic->time_zone, &diary->zone, err);
}

bool diary_add(Diary *diary, DiaryTaken taken, Err *err)
{
    if (taken.from >= taken.to)
        return err_set(err, ERR_INPUT, "'%.60s' ends before it begins", taken.what);
    if (diary->taken_count == DIARY_MAX_TAKEN)
        return err_set(err, ERR_LIMIT, "a diary holds at most %d entries", DIARY_MAX_TAKEN);
    int at = diary->taken_count++;
    for (; at > 0 && diary->taken[at - 1].from > taken.from; at--)
        diary->taken[at] = diary->taken[at - 1];
    diary->taken[at] = taken;
    return true;
}

/* ---- reasons ---- */

void diary_reason(DiaryReasons *reasons, DiaryReason reason, const char *fmt, ...)
{
    va_list list;
    if (reasons == NULL || reasons->count == DIARY_REASONS)
        return;
    va_start(list, fmt);
    vsnprintf(reason.text, sizeof reason.text, fmt, list);
    va_end(list);
    reasons->reason[reasons->count++] = reason;
}

static const char *const weekday_name[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                            "Friday", "Saturday", "Sunday"};

/* Whether the clinic has hours on that day at all. */
static bool is_open_day(const Diary *diary, CourseDate date, DiaryReasons *reasons)
{
    const Clinic *clinic = diary->clinic;
    char day[11], first[11], last[11];
    course_date_text(date, day);
    if (course_date_between(diary->first, date) < 0 || course_date_between(date, diary->last) < 0) {
        course_date_text(diary->first, first);
        course_date_text(diary->last, last);
        diary_reason(reasons, (DiaryReason){.why = DIARY_OUTSIDE, .what = ""},
                     "the diary is known from %s to %s, not on %s", first, last, day);
        return false;
    }
    for (int i = 0; i < clinic->closed_count; i++)
        if (course_date_between(clinic->closed[i].from, date) >= 0 &&
            course_date_between(date, clinic->closed[i].to) >= 0) {
            diary_reason(reasons, (DiaryReason){.why = DIARY_CLOSED, .what = clinic->closed[i].why},
                         "the clinic is closed on %s: %.80s", day, clinic->closed[i].why);
            return false;
        }
    int weekday = course_date_weekday(date);
    if (clinic->weekday[weekday].count > 0)
        return true;
    diary_reason(reasons, (DiaryReason){.why = DIARY_CLOSED, .what = weekday_name[weekday]},
                 "the clinic is closed on %s: no hours on a %s", day, weekday_name[weekday]);
    return false;
}

static void time_text(const Diary *diary, CourseDate date, int64_t moment, char text[32])
{
    CourseDate day;
    int minute;
    char date_text[11];
    course_zone_local(&diary->zone, moment, &day, &minute);
    course_date_text(day, date_text);
    if (course_date_between(date, day) == 0)
        snprintf(text, 32, "%02d:%02d", minute / 60, minute % 60);
    else
        snprintf(text, 32, "%s %02d:%02d", date_text, minute / 60, minute % 60);
}

static void add_taken(const Diary *diary, CourseDate date, const DiaryTaken *taken,
                      DiaryReasons *reasons)
{
    static const char *const who[] = {[DIARY_HOLIDAY] = "the clinic is closed",
                                      [DIARY_PRACTITIONER] = "the practitioner is taken",
                                      [DIARY_ROOM] = "the room is taken",
                                      [DIARY_CLIENT] = "the client cannot come"};
    char from[32], to[32];
    time_text(diary, date, taken->from, from);
    time_text(diary, date, taken->to, to);
    diary_reason(reasons, (DiaryReason){DIARY_TAKEN, taken->kind, "", taken->what},
                 "%s from %s to %s%s%.60s", who[taken->kind], from, to,
                 taken->what[0] != '\0' ? ": " : "", taken->what);
}

/* ---- what is free ---- */

/* The buffer lies between appointments: a holiday, and what the client does elsewhere, is none. */
static int buffer_minutes(const Diary *diary, const DiaryTaken *taken)
{
    bool appointment = taken->kind == DIARY_PRACTITIONER || taken->kind == DIARY_ROOM;
    return appointment ? diary->clinic->buffer_minutes : 0;
}

/* The first entry that leaves no room for [from, to). */
static const DiaryTaken *first_clash(const Diary *diary, int64_t from, int64_t to)
{
    for (int i = 0; i < diary->taken_count; i++) {
        const DiaryTaken *taken = &diary->taken[i];
        int buffer = buffer_minutes(diary, taken);
        if (taken->from - diary->clinic->buffer_minutes >= to)
            return NULL; /* sorted: the others are later */
        if (from < taken->to + buffer && taken->from - buffer < to)
            return taken;
    }
    return NULL;
}

/* A slot is written in local minutes; where the clock repeats an hour, those of its second time
 * would mean the first. */
static bool can_be_written(const Diary *diary, CourseDate date, int64_t from, int64_t to,
                           DiarySlot *slot)
{
    CourseDate from_day, to_day;
    slot->date = date;
    course_zone_local(&diary->zone, from, &from_day, &slot->from_minute);
    course_zone_local(&diary->zone, to, &to_day, &slot->to_minute);
    slot->to_minute += DAY_MINUTES * course_date_between(date, to_day);
    return course_date_between(date, from_day) == 0 && slot->to_minute <= DAY_MINUTES &&
           course_zone_moment(&diary->zone, date, slot->from_minute) == from &&
           course_zone_moment(&diary->zone, date, slot->to_minute) == to;
}

static int64_t round_up(const Diary *diary, int64_t moment)
{
    int64_t local = moment + course_zone_offset(&diary->zone, moment);
    return moment + (STEP_MINUTES - local % STEP_MINUTES) % STEP_MINUTES;
}

/* The first so many free minutes in one stretch of opening, or what is in the way. */
static bool free_in_stretch(const Diary *diary, CourseDate date, int64_t opens, int64_t closes,
                            int minutes, DiarySlot *slot, DiaryReasons *reasons)
{
    int64_t from = opens;
    const DiaryTaken *last = NULL;
    while (from + minutes <= closes) {
        const DiaryTaken *clash = first_clash(diary, from, from + minutes);
        if (clash == NULL && can_be_written(diary, date, from, from + minutes, slot))
            return true;
        if (clash != NULL && clash != last)
            add_taken(diary, date, clash, reasons);
        last = clash;
        from = round_up(diary, clash != NULL ? clash->to + buffer_minutes(diary, clash) : from + 1);
    }
    return false;
}

static const ClinicHours *hours_of(const Diary *diary, CourseDate date)
{
    return &diary->clinic->weekday[course_date_weekday(date)];
}

bool diary_free_on(const Diary *diary, CourseDate date, int minutes, DiarySlot *slot,
                   DiaryReasons *reasons)
{
    int64_t longest = 0;
    if (reasons != NULL)
        reasons->count = 0;
    if (!is_open_day(diary, date, reasons))
        return false;
    const ClinicHours *hours = hours_of(diary, date);
    for (int i = 0; i < hours->count; i++) {
        int64_t opens = course_zone_moment(&diary->zone, date, hours->open[i].from_minute);
        int64_t closes = course_zone_moment(&diary->zone, date, hours->open[i].to_minute);
        longest = closes - opens > longest ? closes - opens : longest;
        if (free_in_stretch(diary, date, opens, closes, minutes, slot, reasons))
            return true;
    }
    if (longest < minutes)
        diary_reason(reasons, (DiaryReason){.why = DIARY_TOO_LONG, .what = ""},
                     "%d minutes are longer than the %d that the clinic is open in one stretch",
                     minutes, (int)longest);
    return false;
}

bool diary_is_free(const Diary *diary, DiarySlot slot, DiaryReasons *reasons)
{
    bool within = false;
    if (reasons != NULL)
        reasons->count = 0;
    if (!is_open_day(diary, slot.date, reasons))
        return false;
    const ClinicHours *hours = hours_of(diary, slot.date);
    for (int i = 0; i < hours->count; i++)
        within = within || (slot.from_minute >= hours->open[i].from_minute &&
                            slot.to_minute <= hours->open[i].to_minute);
    if (!within) {
        diary_reason(reasons, (DiaryReason){.why = DIARY_OUT_OF_HOURS, .what = ""},
                     "%02d:%02d to %02d:%02d is not within the opening hours",
                     slot.from_minute / 60, slot.from_minute % 60, slot.to_minute / 60,
                     slot.to_minute % 60);
        return false;
    }
    bool free = true;
    int64_t from = course_zone_moment(&diary->zone, slot.date, slot.from_minute);
    int64_t to = course_zone_moment(&diary->zone, slot.date, slot.to_minute);
    for (int i = 0; i < diary->taken_count; i++) {
        const DiaryTaken *taken = &diary->taken[i];
        int buffer = buffer_minutes(diary, taken);
        if (from < taken->to + buffer && taken->from - buffer < to) {
            add_taken(diary, slot.date, taken, reasons);
            free = false;
        }
    }
    return free;
}
