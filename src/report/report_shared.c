/* What several documents say, in the sheet's language. */
#include "report/report_internal.h"

#include <math.h>
#include <string.h>

const char *report_client_name(const Sheet *sheet, const Case *plan)
{
    if (sheet->style.client != NULL)
        return sheet->style.client;
    /* What the planner writes when there is no code is a word, not a code. */
    return strcmp(plan->code, "unnamed") == 0 ? words_say(&sheet->voice, "unnamed") : plan->code;
}

const CaseState *report_state(const Case *plan, const char *name)
{
    for (int i = 0; i < plan->state_count; i++)
        if (strcmp(plan->state[i].name, name) == 0)
            return &plan->state[i];
    return NULL;
}

const char *report_hours(Sheet *sheet, const double hours[3])
{
    return words_fill(&sheet->voice, "{hours} h ({low} to {high})", "hours",
                      sheet_number(sheet, hours[1], 1), "low", sheet_number(sheet, hours[0], 1),
                      "high", sheet_number(sheet, hours[2], 1));
}

const char *report_when(Sheet *sheet, const CourseSession *session)
{
    Voice *voice = &sheet->voice;
    if (session->has_date)
        return sheet_date(sheet, session->date);
    return session->day == 0
               ? words_say(voice, "First day")
               : words_fill(voice, "Day {number}", "number", words_count(voice, session->day));
}

const char *report_times(Sheet *sheet, const CourseSitting *sitting)
{
    Voice *voice = &sheet->voice;
    if (sitting->from_minute < 0)
        return "";
    return words_range(voice, words_time(voice, sitting->from_minute),
                       words_time(voice, sitting->to_minute));
}

const char *report_window(Sheet *sheet, const Course *course, int s)
{
    Voice *voice = &sheet->voice;
    const CourseSession *session = &course->session[s];
    const CourseGap *gap = &course->protocol.gap[s];
    if (s == 0)
        return "\u2013";
    if (session->has_date)
        return words_range(voice, sheet_day(sheet, session->earliest),
                           sheet_day(sheet, session->latest));
    return words_fill(voice, "{low} to {high} days after session {number}", "low",
                      words_count(voice, gap->min_days), "high", words_count(voice, gap->max_days),
                      "number", words_count(voice, s));
}

const char *report_rule_days(Sheet *sheet, const ProtocolRule *rule)
{
    Voice *voice = &sheet->voice;
    if (rule->to_day < 0 && rule->from_day == rule->to_day)
        return words_plural(voice, -rule->from_day, "{n} day before", "{n} days before");
    if (rule->to_day < 0)
        return words_fill(voice, "{high} to {low} days before", "high",
                          words_count(voice, -rule->from_day), "low",
                          words_count(voice, -rule->to_day));
    if (rule->to_day >= PROTOCOL_FOR_GOOD)
        return words_fill(voice, "From day {number} on", "number",
                          words_count(voice, rule->from_day));
    return report_day_range(sheet, rule->from_day, rule->to_day);
}

const char *report_day_range(Sheet *sheet, int from, int to)
{
    Voice *voice = &sheet->voice;
    if (from == to)
        return words_fill(voice, "Day {number}", "number", words_count(voice, from));
    return words_fill(voice, "Days {low} to {high}", "low", words_count(voice, from), "high",
                      words_count(voice, to));
}

const char *report_metres(Sheet *sheet, double distance_m)
{
    return sheet_number(sheet, fmax(distance_m, 0.1), 1);
}
