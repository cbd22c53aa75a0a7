/* Total, deposit, refund, touch-up: the same words on every paper. */
#include "report/terms_internal.h"

#include "base/sha256.h"

#include <string.h>

const char *terms_total(Sheet *sheet, const Quote *quote)
{
    return words_fill(&sheet->voice, "In all {total}.", "total",
                      sheet_money(sheet, quote, quote->total));
}

const char *terms_deposit(Sheet *sheet, const Quote *quote)
{
    return words_fill(&sheet->voice,
                      "{deposit} of it is paid when you book, the rest in parts on the "
                      "days of the sessions.",
                      "deposit", sheet_money(sheet, quote, quote->deposit));
}

bool terms_refund_day(const Course *course, CourseDate *day)
{
    const Quote *quote = &course->quote;
    if (!quote->deposit_refundable || !course->session[0].has_date)
        return false;
    *day = course_date_add(course->session[0].date, -quote->deposit_refund_days);
    return true;
}

const char *terms_refund(Sheet *sheet, const Quote *quote, const char *day)
{
    Voice *voice = &sheet->voice;
    if (!quote->deposit_refundable)
        return words_say(voice, "If you cancel, the deposit is not paid back.");
    if (day != NULL)
        return words_fill(voice,
                          "If you cancel on or before {date}, the deposit is paid back; after "
                          "that it is not.",
                          "date", day);
    if (quote->deposit_refund_days == 0)
        return words_say(voice, "If you cancel up to the day of the first session, the deposit is "
                                "paid back.");
    return words_plural(voice, quote->deposit_refund_days,
                        "If you cancel at least {n} day before the first session, the deposit is "
                        "paid back; after that it is not.",
                        "If you cancel at least {n} days before the first session, the deposit is "
                        "paid back; after that it is not.");
}

const char *terms_touch_up(Sheet *sheet, const Quote *quote)
{
    Voice *voice = &sheet->voice;
    if (quote->touch_up_included)
        return words_plural(voice, quote->touch_up_months,
                            "A touch-up within {n} month is included.",
                            "A touch-up within {n} months is included.");
    if (quote->touch_up > 0)
        return words_fill(voice, "A later touch-up costs {price} at today's prices.", "price",
                          sheet_money(sheet, quote, quote->touch_up));
    return words_say(voice, "Later touch-ups are not included.");
}

const char *terms_number(Sheet *sheet, const Case *plan)
{
    const Quote *quote = &plan->course->quote;
    char hex[65], issued[11] = "";
    if (quote->has_date)
        course_date_text(quote->issued, issued);
    const char *key = sheet_format(sheet, "%s\n%s\n%d\n%s\n%s\n%lld\n%lld\n", plan->code,
                                   quote->list_id, quote->list_version, quote->currency, issued,
                                   (long long)quote->total, (long long)quote->deposit);
    for (int i = 0; i < quote->line_count; i++)
        key = sheet_format(sheet, "%s%s %s %lld\n", key, price_line_name(quote->line[i].kind),
                           quote->line[i].zone, (long long)quote->line[i].amount);
    sha256_hex(strlen(key), (const uint8_t *)key, hex);
    for (int i = 0; i < 8; i++)
        if (hex[i] >= 'a')
            hex[i] = (char)(hex[i] - 'a' + 'A');
    return sheet_format(sheet, "Q-%.8s", hex);
}
