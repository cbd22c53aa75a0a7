/* A quotation after it was made. */
#include "course/prices.h"

#include <stdio.h>

bool quote_accept(Quote *quote, CourseDate on, Err *err)
{
    char day[11], limit[11];
    course_date_text(on, day);
    course_date_text(quote->accepted ? quote->accepted_on : quote->valid_until, limit);
    if (quote->accepted)
        return err_set(err, ERR_INPUT, "the quotation was accepted on %s: make a new one", limit);
    if (quote->line_count == 0)
        return err_set(err, ERR_INPUT,
                       "the quotation sets no price, so there is nothing to accept");
    if (!quote->has_date)
        return err_set(err, ERR_INPUT, "the quotation has no date: issue it before it is accepted");
    if (course_date_between(quote->valid_until, on) > 0)
        return err_set(err, ERR_INPUT,
                       "the quotation was valid until %s, not on %s: make a new one", limit, day);
    course_date_text(quote->issued, limit);
    if (course_date_between(quote->issued, on) < 0)
        return err_set(err, ERR_INPUT, "the quotation was issued on %s, after %s", limit, day);
    quote->accepted = true;
    quote->accepted_on = on;
    return true;
}

void quote_money(const char *currency, int minor_digits, int64_t amount, char text[48])
{
    static const uint64_t power[4] = {1, 10, 100, 1000};
    uint64_t unit = power[minor_digits >= 0 && minor_digits <= 3 ? minor_digits : 0];
    uint64_t size = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
    const char *sign = amount < 0 ? "-" : "";
    if (unit == 1)
        snprintf(text, 48, "%s%llu %.3s", sign, (unsigned long long)size, currency);
    else
        snprintf(text, 48, "%s%llu.%0*llu %.3s", sign, (unsigned long long)(size / unit),
                 minor_digits, (unsigned long long)(size % unit), currency);
}

int quote_own_discount_permille(const Quote *quote)
{
    for (int i = 0; i < quote->line_count; i++)
        if (quote->line[i].kind == PRICE_LINE_DISCOUNT && quote->discount_text[0] == '\0')
            return quote->line[i].factor_permille;
    return -1;
}
