/* The quotation: every line so that it can be checked by hand. */
#include "report/terms_internal.h"

#include <math.h>
#include <string.h>

enum { LINE_COLUMNS = 5, SUM_COLUMNS = 2, LESS_COLUMNS = 6 };

/* ---- lines ---- */

static const char *zone_text(Sheet *sheet, const char *zone)
{
    for (int i = 0; i < DESIGN_ZONES; i++)
        if (strcmp(zone, design_zone_name((DesignZone)i)) == 0)
            return words_say(&sheet->voice, report_zone_word((DesignZone)i));
    return zone[0] == '\0' ? words_say(&sheet->voice, report_zone_word(DESIGN_NONE)) : zone;
}

static const char *what(Sheet *sheet, const PriceLine *line)
{
    Voice *voice = &sheet->voice;
    const char *number = words_count(voice, line->session + 1);
    switch (line->kind) {
    case PRICE_LINE_BASE:
        return words_say(voice, "Basic price");
    case PRICE_LINE_AREA:
        return words_fill(voice, "{zone}: area", "zone", zone_text(sheet, line->zone));
    case PRICE_LINE_DOTS:
        return words_fill(voice, "{zone}: dots", "zone", zone_text(sheet, line->zone));
    case PRICE_LINE_HOURS:
        return words_fill(voice, "Session {number}: time", "number", number);
    case PRICE_LINE_SESSION:
        return words_fill(voice, "Session {number}", "number", number);
    case PRICE_LINE_PACKAGE:
        return words_say(voice, "Package of sessions");
    case PRICE_LINE_STAGE:
        return words_fill(voice, "Price by stage ({scale} {number})", "scale",
                          line->ludwig ? "Ludwig" : "Norwood", "number",
                          words_count(voice, line->stage));
    case PRICE_LINE_VOLUME:
        return words_say(voice, "Volume discount, on this part of the sum");
    case PRICE_LINE_LEAST:
        return words_say(voice, "Up to the smallest price");
    case PRICE_LINE_DISCOUNT:
        return words_say(voice, "Discount");
    }
    return "";
}

static const char *quantity(Sheet *sheet, const PriceLine *line)
{
    Voice *voice = &sheet->voice;
    const char *number =
        sheet_number(sheet, (double)line->quantity_milli / 1000.0, price_line_decimals(line->kind));
    switch (line->kind) {
    case PRICE_LINE_AREA:
        return words_fill(voice, "{number} cm\u00b2", "number", number);
    case PRICE_LINE_DOTS:
        return words_fill(voice, "{number} thousand", "number", number);
    case PRICE_LINE_HOURS:
        return words_fill(voice, "{number} h", "number", number);
    case PRICE_LINE_BASE:
    case PRICE_LINE_SESSION:
    case PRICE_LINE_PACKAGE:
    case PRICE_LINE_STAGE:
    case PRICE_LINE_VOLUME:
    case PRICE_LINE_LEAST:
    case PRICE_LINE_DISCOUNT:
        return number;
    }
    return number;
}

static const char *permille(Sheet *sheet, int permille)
{
    return words_percent(&sheet->voice, permille / 10.0, permille % 10 == 0 ? 0 : 1);
}

static int line_cells(Sheet *sheet, const Quote *quote, const char *cell[])
{
    for (int i = 0; i < quote->line_count; i++) {
        const PriceLine *line = &quote->line[i];
        const char **row = cell + LINE_COLUMNS * i;
        row[0] = what(sheet, line);
        if (line->kind == PRICE_LINE_DISCOUNT && quote->discount_text[0] != '\0')
            row[0] = words_fill(&sheet->voice, "Discount: {reason}", "reason",
                                words_say(&sheet->voice, quote->discount_text));
        row[1] = quantity(sheet, line);
        row[2] = sheet_money(sheet, quote, line->unit_price);
        row[3] = line->factor_permille == 1000 ? "" : permille(sheet, line->factor_permille);
        row[4] = sheet_money(sheet, quote, line->amount);
    }
    return quote->line_count;
}

static void lines(Sheet *sheet, const Quote *quote)
{
    static const double share[] = {0.37, 0.15, 0.18, 0.1, 0.2};
    const Voice *voice = &sheet->voice;
    const char *head[] = {words_say(voice, "What"), words_say(voice, "Quantity"),
                          words_say(voice, "Price of one"), words_say(voice, "Factor"),
                          words_say(voice, "Amount")};
    const char *cell[PRICES_MAX_LINES * LINE_COLUMNS];
    sheet_heading(sheet, 24.0, words_say(voice, "Line by line"));
    sheet_table(
        sheet,
        &(SheetTable){.columns = LINE_COLUMNS, .share = share, .align = "lrrrr", .head = head},
        line_cells(sheet, quote, cell), cell);
    sheet_say_small(sheet, words_say(voice, "Amount = quantity \u00d7 price of one \u00d7 factor, "
                                            "rounded to the smallest coin. No factor: 100 %."));
}

static void sum_row(const char *cell[], int *rows, const char *text, const char *amount)
{
    cell[SUM_COLUMNS * *rows] = text;
    cell[SUM_COLUMNS * *rows + 1] = amount;
    ++*rows;
}

static const char *tax_text(Sheet *sheet, const Quote *quote)
{
    return words_fill(&sheet->voice, "Tax, {percent}", "percent",
                      permille(sheet, quote->tax_permille));
}

/* From the lines to the total; with the tax in the prices it is only named. */
static void sums(Sheet *sheet, const Quote *quote)
{
    static const double share[] = {0.8, 0.2};
    const Voice *voice = &sheet->voice;
    const char *cell[4 * SUM_COLUMNS];
    int rows = 0;
    if (quote->tax_permille > 0 && !quote->tax_included) {
        sum_row(cell, &rows, words_say(voice, "Sum of the lines"),
                sheet_money(sheet, quote, quote->net));
        sum_row(cell, &rows, tax_text(sheet, quote), sheet_money(sheet, quote, quote->tax));
    }
    sum_row(cell, &rows, words_say(voice, "Total"), sheet_money(sheet, quote, quote->total));
    sheet_table(sheet,
                &(SheetTable){.columns = SUM_COLUMNS, .share = share, .align = "rr", .total = true},
                rows, cell);
    if (quote->tax_permille > 0 && quote->tax_included)
        sheet_say(sheet, words_fill(&sheet->voice,
                                    "The prices hold {percent} tax: {tax} of the total; {net} "
                                    "without it.",
                                    "percent", permille(sheet, quote->tax_permille), "tax",
                                    sheet_money(sheet, quote, quote->tax), "net",
                                    sheet_money(sheet, quote, quote->net)));
    else if (quote->tax_permille == 0)
        sheet_say(sheet, words_say(voice, "No tax is stated."));
}

/* ---- when it is paid ---- */

static void payments(Sheet *sheet, const Course *course)
{
    static const double share[] = {0.26, 0.42, 0.32};
    enum { COLUMNS = 3 };
    Voice *voice = &sheet->voice;
    const Quote *quote = &course->quote;
    const char *head[] = {words_say(voice, "Payment"), words_say(voice, "Day"),
                          words_say(voice, "Amount")};
    const char *cell[(COURSE_MAX_SESSIONS + 2) * COLUMNS];
    int rows = 0;
    if (quote->deposit > 0) {
        cell[0] = words_say(voice, "Deposit");
        cell[1] = words_say(voice, "when you book");
        cell[2] = sheet_money(sheet, quote, quote->deposit);
        rows++;
    }
    for (int s = 0; s < quote->session_count; s++, rows++) {
        const char **row = cell + COLUMNS * rows;
        row[0] = words_fill(voice, "Session {number}", "number", words_count(voice, s + 1));
        row[1] = s < course->session_count ? report_when(sheet, &course->session[s]) : "";
        row[2] = sheet_money(sheet, quote, quote->due[s]);
    }
    cell[COLUMNS * rows] = words_say(voice, "Total");
    cell[COLUMNS * rows + 1] = "";
    cell[COLUMNS * rows + 2] = sheet_money(sheet, quote, quote->total);
    sheet_heading(sheet, 0.0, words_say(voice, "When it is paid"));
    sheet_table(
        sheet,
        &(SheetTable){
            .columns = COLUMNS, .share = share, .align = "llr", .head = head, .total = true},
        rows + 1, cell);
}

/* ---- terms ---- */

static int included(Sheet *sheet, const Case *plan, const char *item[])
{
    Voice *voice = &sheet->voice;
    const Course *course = plan->course;
    int count = 0;
    item[count++] =
        words_plural(voice, course->session_count,
                     "The work in {n} session: about {dots} dots on {area} cm\u00b2.",
                     "The work in {n} sessions: about {dots} dots on {area} cm\u00b2.", "dots",
                     sheet_count(sheet, lround(plan->dots->count / 100.0) * 100), "area",
                     sheet_number(sheet, plan->layout->area_mm2 / 100.0, 0));
    item[count++] = words_fill(voice,
                               "A look at the settled result {days} days after the last "
                               "session.",
                               "days", words_count(voice, course->protocol.review_days));
    if (course->quote.touch_up_included)
        item[count++] = terms_touch_up(sheet, &course->quote);
    return count;
}

static int not_included(Sheet *sheet, const Quote *quote, const char *item[])
{
    const Voice *voice = &sheet->voice;
    int count = 0;
    if (!quote->touch_up_included)
        item[count++] = terms_touch_up(sheet, quote);
    else if (quote->touch_up > 0)
        item[count++] = words_fill(&sheet->voice,
                                   "A later touch-up costs {price} at today's "
                                   "prices.",
                                   "price", sheet_money(sheet, quote, quote->touch_up));
    item[count++] = words_say(voice, "More dots that are wanted later because hair gets thinner.");
    item[count++] = words_say(voice, "Removal by laser, and letters of a doctor.");
    return count;
}

static const char *refund_text(Sheet *sheet, const Course *course)
{
    CourseDate day;
    return terms_refund(sheet, &course->quote,
                        terms_refund_day(course, &day) ? sheet_date(sheet, day) : NULL);
}

static void terms(Sheet *sheet, const Course *course)
{
    Voice *voice = &sheet->voice;
    const Quote *quote = &course->quote;
    const char *item[5];
    int count = 0;
    if (quote->accepted)
        item[count++] = words_fill(voice,
                                   "Accepted on {date}: this price stays as it is, even if the "
                                   "clinic's prices change.",
                                   "date", sheet_date(sheet, quote->accepted_on));
    else {
        item[count++] = words_say(voice, "This paper binds you to nothing.");
        item[count++] =
            quote->has_date
                ? words_fill(voice,
                             "If you accept by {date}, this price stays as it is, even if the "
                             "clinic's prices change.",
                             "date", sheet_date(sheet, quote->valid_until))
                : words_say(voice, "It has no date yet: the clinic dates it before it can be "
                                   "accepted.");
    }
    if (quote->deposit > 0)
        item[count++] = refund_text(sheet, course);
    item[count++] = words_say(voice, "The price is for the plan as it is. If you and the clinic "
                                     "change the plan, there is a new quotation first.");
    sheet_heading(sheet, 0.0, words_say(voice, "Terms"));
    sheet_list(sheet, "\u2022", count, item);
}

/* Two parts side by side; what they need is kept on one page. */
static void payments_and_terms(Sheet *sheet, const Course *course)
{
    sheet_need(sheet, 62.0);
    double top = sheet->y_mm;
    sheet_column(sheet, 0, 2);
    payments(sheet, course);
    double bottom = sheet->y_mm;
    sheet->y_mm = top;
    sheet_column(sheet, 1, 2);
    terms(sheet, course);
    sheet_column(sheet, 0, 1);
    sheet->y_mm = fmax(bottom, sheet->y_mm);
}

static void scope(Sheet *sheet, const Case *plan)
{
    const Voice *voice = &sheet->voice;
    const char *item[4];
    sheet_need(sheet, 30.0);
    double top = sheet->y_mm;
    sheet_column(sheet, 0, 2);
    sheet_heading(sheet, 0.0, words_say(voice, "Included"));
    sheet_list(sheet, "\u2022", included(sheet, plan, item), item);
    double bottom = sheet->y_mm;
    sheet->y_mm = top;
    sheet_column(sheet, 1, 2);
    sheet_heading(sheet, 0.0, words_say(voice, "Not included"));
    sheet_list(sheet, "\u2022", not_included(sheet, &plan->course->quote, item), item);
    sheet_column(sheet, 0, 1);
    sheet->y_mm = fmax(bottom, sheet->y_mm);
}

/* ---- doing less ---- */

static void less_row(Sheet *sheet, const ReportLess *less, const char *row[])
{
    Voice *voice = &sheet->voice;
    row[0] = less->title;
    row[1] =
        words_fill(voice, "{number} cm\u00b2", "number", sheet_number(sheet, less->area_cm2, 0));
    row[2] = sheet_count(sheet, less->dots);
    row[3] = words_count(voice, less->sessions);
    row[4] = words_fill(voice, "{number} h", "number", sheet_number(sheet, less->hours, 1));
    row[5] = less->quote.line_count == 0 ? "\u2013"
                                         : sheet_money(sheet, &less->quote, less->quote.total);
}

static void doing_less(Sheet *sheet, const Case *plan, int count, const ReportLess less[])
{
    static const double share[] = {0.36, 0.12, 0.12, 0.1, 0.1, 0.2};
    const Voice *voice = &sheet->voice;
    const char *head[] = {words_say(voice, "Plan"),  words_say(voice, "Area"),
                          words_say(voice, "Dots"),  words_say(voice, "Sessions"),
                          words_say(voice, "Hours"), words_say(voice, "Total")};
    const char **cell = ARENA_NEW(sheet->arena, const char *, (size_t)(count + 1) * LESS_COLUMNS);
    if (count == 0)
        return;
    if (cell == NULL) {
        sheet->full = true;
        return;
    }
    const ReportLess all = {.title = words_say(voice, "All of it, as planned"),
                            .area_cm2 = plan->layout->area_mm2 / 100.0,
                            .hours = plan->course->hours[1],
                            .dots = plan->dots->count,
                            .sessions = plan->course->session_count,
                            .quote = plan->course->quote};
    less_row(sheet, &all, cell);
    for (int i = 0; i < count; i++) {
        less_row(sheet, &less[i], cell + LESS_COLUMNS * (i + 1));
        cell[LESS_COLUMNS * (i + 1)] = words_say(voice, less[i].title);
    }
    sheet_heading(sheet, 24.0, words_say(voice, "If you would rather do less"));
    sheet_table(
        sheet,
        &(SheetTable){.columns = LESS_COLUMNS, .share = share, .align = "lrrrrr", .head = head},
        count + 1, cell);
}

/* ---- the paper ---- */

static void top(Sheet *sheet, const Case *plan)
{
    Voice *voice = &sheet->voice;
    const Quote *quote = &plan->course->quote;
    const char *issued = quote->has_date ? sheet_date(sheet, quote->issued) : "\u2013";
    const char *until = quote->has_date ? sheet_date(sheet, quote->valid_until) : "\u2013";
    const char *figure[] = {sheet_money(sheet, quote, quote->total),
                            sheet_money(sheet, quote, quote->deposit), issued,
                            quote->accepted ? sheet_date(sheet, quote->accepted_on) : until};
    const char *word[] = {
        words_say(voice, "Total"), words_say(voice, "Deposit, of it"), words_say(voice, "Date"),
        quote->accepted ? words_say(voice, "Accepted on") : words_say(voice, "Valid until")};
    sheet_title(sheet,
                quote->accepted ? words_say(voice, "Quotation, accepted")
                                : words_say(voice, "Quotation, no obligation"),
                words_fill(voice,
                           "For {client} \u00b7 number {number} \u00b7 scalp "
                           "micropigmentation",
                           "client", report_client_name(sheet, plan), "number",
                           terms_number(sheet, plan)));
    sheet_figures(sheet, 4, figure, word);
}

static void signatures(Sheet *sheet)
{
    const Voice *voice = &sheet->voice;
    const char *who[] = {words_say(voice, "Client"), words_say(voice, "For the clinic")};
    sheet_heading(sheet, 34.0, words_say(voice, "Acceptance"));
    sheet_say(sheet, words_say(voice, "I accept this quotation."));
    for (int i = 0; i < 2; i++) {
        sheet_space(sheet, 6.0);
        sheet_blank(sheet, 0.0, 0.38, who[i]);
        sheet_blank(sheet, 0.38, 0.78, words_say(voice, "Signature"));
        sheet_blank(sheet, 0.78, 1.0, words_say(voice, "Date"));
        sheet_space(sheet, 6.0);
    }
}

bool report_quote_pdf(Arena *arena, const Case *plan, const ReportStyle *style, int less_count,
                      const ReportLess less[], size_t *size, uint8_t **bytes, Err *err)
{
    Sheet sheet;
    const Course *course = plan->course;
    Voice voice = {.words = style == NULL ? NULL : style->words, .arena = arena};
    if (course->quote.line_count == 0)
        return err_set(err, ERR_INPUT, "the course has no quotation: give it a price list");
    if (!sheet_open(&sheet, arena, style, words_say(&voice, "Quotation"),
                    words_say(&voice, "Sums are exact to the smallest coin. Areas, dots and hours "
                                      "come from the plan of this case."),
                    err))
        return false;
    top(&sheet, plan);
    lines(&sheet, &course->quote);
    sums(&sheet, &course->quote);
    payments_and_terms(&sheet, course);
    scope(&sheet, plan);
    if (!course->quote.accepted) /* decided */
        doing_less(&sheet, plan, less_count, less);
    signatures(&sheet);
    return sheet_close(&sheet, size, bytes, err);
}
