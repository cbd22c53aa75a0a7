#include "course/date.h"

#include <stdio.h>

/* Days since 1970-01-01 of a civil day and back, by eras of 400 years (146,097 days) that begin on
 * the 1st of March, so that the leap day comes last.
 * Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013), public domain. */
static int64_t days_from_civil(CourseDate date)
{
    int64_t year = (int64_t)date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static CourseDate civil_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
    int day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    int civil_month = (int)(month < 10 ? month + 3 : month - 9);
    return (CourseDate){(int)(year_of_era + era * 400 + (civil_month <= 2)), civil_month, day};
}

CourseDate course_date_add(CourseDate date, int days)
{
    return civil_from_days(days_from_civil(date) + days);
}

int course_date_between(CourseDate from, CourseDate to)
{
    return (int)(days_from_civil(to) - days_from_civil(from));
}

int course_date_weekday(CourseDate date)
{
    int64_t thursday = 3, days = days_from_civil(date); /* 1970-01-01 was a Thursday */
    return (int)(((days + thursday) % 7 + 7) % 7);
}

/* `digits` decimal digits at text, or -1. */
static int number(const char *text, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = 10 * value + (text[i] - '0');
    }
    return value;
}

static bool has_date_shape(const char *text)
{
    for (int i = 0; i < 10; i++) {
        bool dash = i == 4 || i == 7;
        if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    }
    return text[10] == '\0';
}

bool course_date_parse(const char *text, CourseDate *date, Err *err)
{
    if (!has_date_shape(text))
        return err_set(err, ERR_INPUT, "date '%.20s' is not of the form YYYY-MM-DD", text);
    *date = (CourseDate){number(text, 4), number(text + 5, 2), number(text + 8, 2)};
    /* 1900: nothing was pigmented before that; 2200: leaves room for years of touch-ups. */
    if (date->year < 1900 || date->year > 2200)
        return err_set(err, ERR_INPUT, "year of the date '%s' is not within 1900..2200", text);
    if (date->month < 1 || date->month > 12)
        return err_set(err, ERR_INPUT, "month of the date '%s' is not within 01..12", text);
    CourseDate back = civil_from_days(days_from_civil(*date));
    if (date->day < 1 || back.month != date->month || back.day != date->day)
        return err_set(err, ERR_INPUT, "day of the date '%s' is not in that month", text);
    return true;
}

void course_date_text(CourseDate date, char text[11])
{
    char all[48];
    snprintf(all, sizeof all, "%04d-%02d-%02d", date.year, date.month, date.day);
    snprintf(text, 11, "%.10s", all);
}
