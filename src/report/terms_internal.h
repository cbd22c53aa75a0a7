/* terms_internal.h - the money sentences that consent and quotation share, in the sheet's language.
 */
#ifndef REPORT_TERMS_INTERNAL_H
#define REPORT_TERMS_INTERNAL_H

#include "report/report_internal.h"

const char *terms_total(Sheet *sheet, const Quote *quote);
const char *terms_deposit(Sheet *sheet, const Quote *quote); /* there is one */
/* The last day on which the deposit is paid back; false: never, or the course has no dates. */
bool terms_refund_day(const Course *course, CourseDate *day);
/* Whether and until when the deposit is paid back. day: that day in words; NULL without one. */
const char *terms_refund(Sheet *sheet, const Quote *quote, const char *day);
const char *terms_touch_up(Sheet *sheet, const Quote *quote);
/* What makes two quotations of a case two: "Q-1A2B3C4D". It does not change when it is accepted. */
const char *terms_number(Sheet *sheet, const Case *plan);

#endif
