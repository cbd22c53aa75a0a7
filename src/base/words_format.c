#include "base/words_internal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* How values are written. The patterns below are texts like others, in the context "format": a
 * language puts the parts in its own order and chooses the signs between them. */

static const char no_value[] = "\u2013";
/* U+2212, as wide as the digits; a hyphen is lost before them. */
static const char minus[] = "\u2212";

enum { PLAIN_BYTES = 48, WRITTEN_BYTES = 96 }; /* 20 digits; with 7 bytes between each three */

/* A pattern of the catalogue with its places filled: one text that keeps together. */
static const char *pattern(Voice *voice, const char *english, const char *const values[])
{
    return words_compose(voice, words_in(voice, "format", english), values, WORDS_WHOLE);
}

static const char *whole(Voice *voice, const char *text)
{
    return words_compose(voice, text, (const char *const[]){NULL}, WORDS_WHOLE);
}

/* --- numbers --- */

/* "1234.50" with the language's signs. */
static void write_number(const Words *words, bool negative, const char *plain,
                         char out[WRITTEN_BYTES])
{
    bool own = words != NULL && words->point[0] != '\0';
    const char *group = own ? words->group : ",", *point = own ? words->point : ".";
    int left = (int)strcspn(plain, ".");
    size_t used = 0;
    used += (size_t)snprintf(out, WRITTEN_BYTES, "%s", negative ? minus : "");
    for (; *plain != '\0' && *plain != '.'; plain++, left--)
        used += (size_t)snprintf(out + used, WRITTEN_BYTES - used, "%c%s", *plain,
                                 left > 1 && left % 3 == 1 ? group : "");
    if (*plain == '.')
        snprintf(out + used, WRITTEN_BYTES - used, "%s%s", point, plain + 1);
}

static uint64_t size_of(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static void write_value(const Words *words, double value, int decimals, char out[WRITTEN_BYTES])
{
    char plain[PLAIN_BYTES];
    assert(decimals >= 0 && decimals <= WORDS_DECIMALS);
    if (!(fabs(value) < 1e15)) {
        snprintf(out, WRITTEN_BYTES, "%s", no_value);
        return;
    }
    snprintf(plain, sizeof plain, "%.*f", decimals, fabs(value));
    bool is_zero = strspn(plain, "0.") == strlen(plain); /* rounded: no sign */
    write_number(words, value < 0.0 && !is_zero, plain, out);
}

const char *words_number(Voice *voice, double value, int decimals)
{
    char written[WRITTEN_BYTES];
    write_value(voice->words, value, decimals, written);
    return whole(voice, written);
}

const char *words_count(Voice *voice, int64_t count)
{
    char plain[PLAIN_BYTES], written[WRITTEN_BYTES];
    snprintf(plain, sizeof plain, "%llu", (unsigned long long)size_of(count));
    write_number(voice->words, count < 0, plain, written);
    return whole(voice, written);
}

const char *words_percent(Voice *voice, double percent, int decimals)
{
    char written[WRITTEN_BYTES];
    write_value(voice->words, percent, decimals, written);
    return pattern(voice, NC_("format", "{number}\u00a0%"),
                   (const char *const[]){"number", written, NULL});
}

const char *words_money(Voice *voice, int64_t minor, int minor_digits, const char *currency)
{
    static const uint64_t power[] = {1, 10, 100, 1000, 10000};
    char plain[PLAIN_BYTES], written[WRITTEN_BYTES];
    assert(minor_digits >= 0 && minor_digits <= 4);
    uint64_t size = size_of(minor), unit = power[minor_digits];
    if (minor_digits == 0)
        snprintf(plain, sizeof plain, "%llu", (unsigned long long)size);
    else
        snprintf(plain, sizeof plain, "%llu.%0*llu", (unsigned long long)(size / unit),
                 minor_digits, (unsigned long long)(size % unit));
    write_number(voice->words, minor < 0, plain, written);
    return pattern(voice, NC_("format", "{amount}\u00a0{currency}"),
                   (const char *const[]){"amount", written, "currency", currency, NULL});
}

/* --- dates --- */

/* In a date; many languages have another form for the month alone. */
static const char *const month_in_date[12] = {
    NC_("month", "January"), NC_("month", "February"), NC_("month", "March"),
    NC_("month", "April"),   NC_("month", "May"),      NC_("month", "June"),
    NC_("month", "July"),    NC_("month", "August"),   NC_("month", "September"),
    NC_("month", "October"), NC_("month", "November"), NC_("month", "December")};
static const char *const month_alone[12] = {
    NC_("month alone", "January"), NC_("month alone", "February"), NC_("month alone", "March"),
    NC_("month alone", "April"),   NC_("month alone", "May"),      NC_("month alone", "June"),
    NC_("month alone", "July"),    NC_("month alone", "August"),   NC_("month alone", "September"),
    NC_("month alone", "October"), NC_("month alone", "November"), NC_("month alone", "December")};
static const char *const month_short[12] = {
    NC_("month short", "Jan"), NC_("month short", "Feb"), NC_("month short", "Mar"),
    NC_("month short", "Apr"), NC_("month short", "May"), NC_("month short", "Jun"),
    NC_("month short", "Jul"), NC_("month short", "Aug"), NC_("month short", "Sep"),
    NC_("month short", "Oct"), NC_("month short", "Nov"), NC_("month short", "Dec")};
static const char *const weekday_short[7] = {
    NC_("weekday short", "Sun"), NC_("weekday short", "Mon"), NC_("weekday short", "Tue"),
    NC_("weekday short", "Wed"), NC_("weekday short", "Thu"), NC_("weekday short", "Fri"),
    NC_("weekday short", "Sat")};

const char *words_weekday(Voice *voice, int weekday)
{
    assert(weekday >= 0 && weekday < 7);
    return words_in(voice, "weekday short", weekday_short[weekday]);
}

/* 0 is Sunday: Sakamoto's rule. */
static int weekday_of(int year, int month, int day)
{
    static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    year -= month < 3;
    return (year + year / 4 - year / 100 + year / 400 + shift[month - 1] + day) % 7;
}

static const char *date_pattern(WordsDate form)
{
    switch (form) {
    case WORDS_DATE_LONG:
        return NC_("format", "{weekday} {day} {month} {year}");
    case WORDS_DATE_DAY:
        return NC_("format", "{weekday} {day} {month}");
    case WORDS_DATE_SHORT:
        return NC_("format", "{day} {month}");
    case WORDS_DATE_MONTH:
        return NC_("format", "{month} {year}");
    case WORDS_DATE_NUMERIC:
        break;
    }
    return "";
}

static const char *month_word(Voice *voice, int month, WordsDate form)
{
    if (form == WORDS_DATE_LONG)
        return words_in(voice, "month", month_in_date[month - 1]);
    if (form == WORDS_DATE_MONTH)
        return words_in(voice, "month alone", month_alone[month - 1]);
    return words_in(voice, "month short", month_short[month - 1]);
}

const char *words_date(Voice *voice, int year, int month, int day, WordsDate form)
{
    char years[PLAIN_BYTES], days[PLAIN_BYTES];
    assert(year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31);
    if (form == WORDS_DATE_NUMERIC) {
        snprintf(years, sizeof years, "%04d-%02d-%02d", year, month, day);
        return whole(voice, years);
    }
    snprintf(years, sizeof years, "%d", year);
    snprintf(days, sizeof days, "%d", day);
    const char *weekday = words_weekday(voice, weekday_of(year, month, day));
    return pattern(voice, date_pattern(form),
                   (const char *const[]){"weekday", weekday, "day", days, "month",
                                         month_word(voice, month, form), "year", years, NULL});
}

const char *words_time(Voice *voice, int minute_of_day)
{
    char hours[PLAIN_BYTES], minutes[PLAIN_BYTES];
    assert(minute_of_day >= 0 && minute_of_day <= 24 * 60);
    snprintf(hours, sizeof hours, "%02d", minute_of_day / 60);
    snprintf(minutes, sizeof minutes, "%02d", minute_of_day % 60);
    return pattern(voice, NC_("format", "{hour}:{minute}"),
                   (const char *const[]){"hour", hours, "minute", minutes, NULL});
}

/* --- several values --- */

const char *words_range(Voice *voice, const char *low, const char *high)
{
    return words_compose(voice, words_in(voice, "format", NC_("format", "{low} to {high}")),
                         (const char *const[]){"low", low, "high", high, NULL}, WORDS_EACH);
}

/* The items are isolated, the list so far is not: it would take its direction from nothing but the
 * signs between the items, and run the wrong way. */
const char *words_list(Voice *voice, int count, const char *const item[])
{
    const char *list = "";
    for (int i = 0; i < count; i++) {
        const char *one[] = {"item", item[i], NULL};
        one[1] = words_compose(voice, "{item}", one, WORDS_EACH);
        const char *const both[] = {"list", list, "item", one[1], NULL};
        const char *between =
            i < count - 1 ? NC_("format", "{list}, {item}") : NC_("format", "{list} and {item}");
        list = i == 0 ? one[1]
                      : words_compose(voice, words_in(voice, "format", between), both, WORDS_NONE);
    }
    return list;
}
