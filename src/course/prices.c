#include "course/prices.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What no client has: a head's skin is about 700 cm2, a whole scalp at 300 dots per cm2 is 0.2 M,
 * and a session of four sittings a hundred hours. They keep every product below far from 64 bits.
 */
#define MOST_AREA_CM2 1e5
#define MOST_HOURS    1e3
enum { MOST_DOTS = 10000000, MOST_FACTOR_PERMILLE = 10000, WHOLE_PERMILLE = 1000 };

/* ---- exact arithmetic ---- */

/* value * times / divisor = *quotient + *remainder / divisor, for values up to PRICES_MOST_SUM,
 * by doubling, bit by bit of `times`: no product has to fit. False when the quotient is above
 * PRICES_MOST_SUM. */
static bool multiply_divide(uint64_t value, uint64_t times, uint64_t divisor, uint64_t *quotient,
                            uint64_t *remainder)
{
    assert(divisor > 0 && divisor <= UINT64_MAX / 4);
    *quotient = *remainder = 0;
    for (int bit = 63; bit >= 0; bit--) {
        bool set = (times >> bit & 1) != 0;
        *quotient = 2 * *quotient + (set ? value / divisor : 0);
        *remainder = 2 * *remainder + (set ? value % divisor : 0);
        *quotient += *remainder / divisor;
        *remainder %= divisor;
        if (*quotient > (uint64_t)PRICES_MOST_SUM)
            return false;
    }
    return true;
}

/* value * times / divisor, half rounded away from zero. */
static bool scale(int64_t value, int64_t times, int64_t divisor, int64_t *result)
{
    uint64_t quotient, remainder;
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    if (!multiply_divide(size, (uint64_t)times, (uint64_t)divisor, &quotient, &remainder))
        return false;
    quotient += 2 * remainder >= (uint64_t)divisor;
    *result = value < 0 ? -(int64_t)quotient : (int64_t)quotient;
    return quotient <= (uint64_t)PRICES_MOST_SUM;
}

/* A share of a sum that is not larger than the sum: always fits. */
static int64_t share_of(int64_t sum, int64_t part, int64_t whole)
{
    int64_t result = 0;
    bool fits = scale(sum, part, whole, &result);
    assert(fits);
    (void)fits;
    return result;
}

/* ---- lines ---- */

static const char *const line_name[PRICE_LINE_KINDS] = {
    "base", "area", "dots", "hours", "session", "package", "stage", "volume", "least", "discount"};

const char *price_line_name(PriceLineKind kind)
{
    return line_name[kind];
}

int price_line_decimals(PriceLineKind kind)
{
    switch (kind) {
    case PRICE_LINE_AREA: /* a square millimetre, half a minute: finer than either is known */
    case PRICE_LINE_HOURS:
        return 2;
    case PRICE_LINE_DOTS:
        return 3;
    case PRICE_LINE_BASE:
    case PRICE_LINE_SESSION:
    case PRICE_LINE_PACKAGE:
    case PRICE_LINE_STAGE:
    case PRICE_LINE_VOLUME:
    case PRICE_LINE_LEAST:
    case PRICE_LINE_DISCOUNT:
        return 0;
    }
    return 0;
}

/* "line 3 (dots of the zone 'scar')" */
static void name_line(const Quote *quote, const PriceLine *line, char text[80])
{
    int used = snprintf(text, 80, "line %d (%s", quote->line_count + 1, line_name[line->kind]);
    char *end = text + used;
    size_t left = 80 - (size_t)used;
    if (line->session >= 0)
        snprintf(end, left, " of session %d)", line->session + 1);
    else if (line->zone[0] != '\0')
        snprintf(end, left, " of the zone '%s')", line->zone);
    else
        snprintf(end, left, ")");
}

/* The amount of the line, and the sum with it, have to fit. */
static bool add_line(Quote *quote, PriceLine line, int64_t *sum, Err *err)
{
    char name[80];
    name_line(quote, &line, name);
    if (quote->line_count == PRICES_MAX_LINES)
        return err_set(err, ERR_LIMIT, "%s is one more than the %d that a quotation has", name,
                       PRICES_MAX_LINES);
    int64_t weight = line.quantity_milli * line.factor_permille;
    if (line.unit_price > PRICES_MOST_SUM || line.unit_price < -PRICES_MOST_SUM ||
        !scale(line.unit_price, weight, INT64_C(1000000), &line.amount) ||
        line.amount > PRICES_MOST_SUM - *sum)
        return err_set(err, ERR_INPUT,
                       "%s: %lld x %.3f x %.3f brings the sum above %lld minor units: check the "
                       "price list",
                       name, (long long)line.unit_price, (double)line.quantity_milli / 1000.0,
                       (double)line.factor_permille / 1000.0, (long long)PRICES_MOST_SUM);
    quote->line[quote->line_count++] = line;
    *sum += line.amount;
    return true;
}

static PriceLine plain_line(PriceLineKind kind, int64_t unit_price)
{
    return (PriceLine){.kind = kind,
                       .session = -1,
                       .quantity_milli = 1000,
                       .factor_permille = WHOLE_PERMILLE,
                       .unit_price = unit_price};
}

/* In thousandths, with no more digits than are printed. */
static int64_t printed_quantity(PriceLineKind kind, double quantity)
{
    return price_line_decimals(kind) == 2 ? 10 * (int64_t)llround(100.0 * quantity)
                                          : (int64_t)llround(1000.0 * quantity);
}

static int zone_factor(const PriceList *list, const char *zone)
{
    for (int i = 0; i < list->factor_count; i++)
        if (strcmp(list->factor[i].zone, zone) == 0)
            return list->factor[i].permille;
    return WHOLE_PERMILLE;
}

static PriceLine zone_line(PriceLineKind kind, const PriceList *list, const PriceZone *zone)
{
    PriceLine line = plain_line(kind, 0);
    snprintf(line.zone, sizeof line.zone, "%s", zone->name);
    line.factor_permille = zone_factor(list, zone->name);
    return line;
}

/* The price per cm2 of a zone by the density that can be read off its printed numbers. */
static int64_t area_price(const PriceList *list, int64_t area_milli, int dots)
{
    int64_t price = list->per_cm2;
    for (int i = 0; i < list->tier_count; i++)
        if (INT64_C(1000) * dots >= list->tier[i].dots_per_cm2 * area_milli)
            price = list->tier[i].per_cm2;
    return price;
}

static bool add_areas(const PriceList *list, const PriceInput *input, Quote *quote, int64_t *sum,
                      Err *err)
{
    for (int i = 0; i < input->zone_count; i++) {
        PriceLine line = zone_line(PRICE_LINE_AREA, list, &input->zone[i]);
        line.quantity_milli = printed_quantity(line.kind, input->zone[i].area_cm2);
        line.unit_price = area_price(list, line.quantity_milli, input->zone[i].dots);
        if (line.quantity_milli > 0 && line.unit_price > 0 && !add_line(quote, line, sum, err))
            return false;
    }
    return true;
}

static bool add_dots(const PriceList *list, const PriceInput *input, Quote *quote, int64_t *sum,
                     Err *err)
{
    for (int i = 0; i < input->zone_count && list->per_1000_dots > 0; i++) {
        PriceLine line = zone_line(PRICE_LINE_DOTS, list, &input->zone[i]);
        line.quantity_milli = input->zone[i].dots;
        line.unit_price = list->per_1000_dots;
        if (line.quantity_milli > 0 && !add_line(quote, line, sum, err))
            return false;
    }
    return true;
}

static bool add_hours(const PriceList *list, const PriceInput *input, Quote *quote, int64_t *sum,
                      Err *err)
{
    for (int i = 0; i < input->session_count && list->per_hour > 0; i++) {
        PriceLine line = plain_line(PRICE_LINE_HOURS, list->per_hour);
        line.session = i;
        line.quantity_milli = printed_quantity(line.kind, input->hours[i]);
        if (line.quantity_milli > 0 && !add_line(quote, line, sum, err))
            return false;
    }
    return true;
}

static bool add_parts(const PriceList *list, const PriceInput *input, Quote *quote, int64_t *sum,
                      Err *err)
{
    return (list->base == 0 ||
            add_line(quote, plain_line(PRICE_LINE_BASE, list->base), sum, err)) &&
           add_areas(list, input, quote, sum, err) && add_dots(list, input, quote, sum, err) &&
           add_hours(list, input, quote, sum, err);
}

/* The sessions from `first` on. */
static bool add_sessions(const PriceList *list, const PriceInput *input, int first, Quote *quote,
                         int64_t *sum, Err *err)
{
    for (int i = first; i < input->session_count; i++) {
        PriceLine line = plain_line(PRICE_LINE_SESSION, list->session[i]);
        line.session = i;
        if (!add_line(quote, line, sum, err))
            return false;
    }
    return true;
}

static bool add_package(const PriceList *list, const PriceInput *input, Quote *quote, int64_t *sum,
                        Err *err)
{
    int first = list->package_sessions > 0 ? list->package_sessions : input->session_count;
    return add_line(quote, plain_line(PRICE_LINE_PACKAGE, list->package), sum, err) &&
           add_sessions(list, input, first, quote, sum, err);
}

/* "Norwood 2, 3, 4; Ludwig 1": what there is to choose from. */
static void name_stages(const PriceList *list, size_t capacity, char text[capacity])
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < list->stage_count && used < capacity; i++) {
        int wrote = snprintf(text + used, capacity - used, "%s%s %d", i > 0 ? ", " : "",
                             list->stage[i].ludwig ? "Ludwig" : "Norwood", list->stage[i].stage);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

static bool add_stage(const PriceList *list, const PriceInput *input, Quote *quote, int64_t *sum,
                      Err *err)
{
    char known[320];
    name_stages(list, sizeof known, known);
    if (!input->has_stage)
        return err_set(err, ERR_INPUT, "the price list '%s' goes by stage, and none is given: %s",
                       list->id, known);
    for (int i = 0; i < list->stage_count; i++)
        if (list->stage[i].ludwig == input->ludwig && list->stage[i].stage == input->stage) {
            PriceLine line = plain_line(PRICE_LINE_STAGE, list->stage[i].price);
            line.stage = input->stage;
            line.ludwig = input->ludwig;
            return add_line(quote, line, sum, err);
        }
    return err_set(err, ERR_INPUT, "the price list '%s' has no %s stage %d, only %s", list->id,
                   input->ludwig ? "Ludwig" : "Norwood", input->stage, known);
}

static bool add_charges(const PriceList *list, const PriceInput *input, Quote *quote, int64_t *sum,
                        Err *err)
{
    switch (list->basis) {
    case PRICE_PARTS:
        return add_parts(list, input, quote, sum, err);
    case PRICE_SESSION:
        return add_sessions(list, input, 0, quote, sum, err);
    case PRICE_PACKAGE:
        return add_package(list, input, quote, sum, err);
    case PRICE_STAGE:
        return add_stage(list, input, quote, sum, err);
    }
    return false;
}

static bool take_off(Quote *quote, PriceLineKind kind, int64_t part, int permille, int64_t *sum,
                     Err *err)
{
    PriceLine line = plain_line(kind, -part);
    line.factor_permille = permille;
    return part == 0 || permille == 0 || add_line(quote, line, sum, err);
}

/* Each step takes its share of the part of the sum that lies within it, as tax brackets do, so that
 * more never costs less: when the sum rises by one cent one part does, and what is taken off it
 * rises by at most one. */
static bool add_volume(const PriceList *list, Quote *quote, int64_t *sum, Err *err)
{
    int64_t charges = *sum;
    for (int i = 0; i < list->step_count; i++) {
        int64_t top = i + 1 < list->step_count && list->step[i + 1].above < charges
                          ? list->step[i + 1].above
                          : charges;
        if (top > list->step[i].above &&
            !take_off(quote, PRICE_LINE_VOLUME, top - list->step[i].above,
                      list->step[i].off_permille, sum, err))
            return false;
    }
    return true;
}

static bool add_lines(const PriceList *list, const PriceInput *input, Quote *quote, int64_t *sum,
                      Err *err)
{
    int discount =
        input->discount_permille < 0 ? list->discount_permille : input->discount_permille;
    if (!add_charges(list, input, quote, sum, err) || !add_volume(list, quote, sum, err))
        return false;
    if (*sum < list->least &&
        !add_line(quote, plain_line(PRICE_LINE_LEAST, list->least - *sum), sum, err))
        return false;
    if (input->discount_permille < 0)
        snprintf(quote->discount_text, sizeof quote->discount_text, "%s",
                 list->discount_text != NULL ? list->discount_text : "");
    return take_off(quote, PRICE_LINE_DISCOUNT, *sum, discount, sum, err);
}

/* ---- tax, deposit, what is due when ---- */

static bool fill_tax(const PriceList *list, int64_t sum, Quote *quote, Err *err)
{
    quote->tax_permille = list->tax_permille;
    quote->tax_included = list->tax_included;
    quote->tax = share_of(sum, list->tax_permille,
                          WHOLE_PERMILLE + (list->tax_included ? list->tax_permille : 0));
    quote->net = list->tax_included ? sum - quote->tax : sum;
    if (quote->net > PRICES_MOST_SUM - quote->tax)
        return err_set(err, ERR_INPUT,
                       "the tax of %lld brings the total above %lld minor units: check the price "
                       "list",
                       (long long)quote->tax, (long long)PRICES_MOST_SUM);
    quote->total = quote->net + quote->tax;
    return true;
}

static void fill_deposit(const PriceList *list, Quote *quote)
{
    int64_t share = share_of(quote->total, list->deposit_permille, WHOLE_PERMILLE);
    int64_t left = quote->total - share;
    quote->deposit = share + (list->deposit < left ? list->deposit : left);
    quote->deposit_refundable = list->deposit_refundable;
    quote->deposit_refund_days = list->deposit_refund_days;
}

/* What the sessions weigh when the rest is split over them: the list's shares, else their prices,
 * else their hours, else all the same. */
static void weigh_sessions(const PriceList *list, const PriceInput *input,
                           int64_t weight[COURSE_MAX_SESSIONS])
{
    int64_t sum = 0;
    for (int i = 0; i < input->session_count; i++) {
        if (list->payment_count > 0)
            weight[i] = i < list->payment_count ? list->payment_permille[i] : 0;
        else if (list->basis == PRICE_SESSION)
            weight[i] = list->session[i];
        else
            weight[i] = printed_quantity(PRICE_LINE_HOURS, input->hours[i]);
        sum += weight[i];
    }
    for (int i = 0; i < input->session_count && sum == 0; i++)
        weight[i] = 1;
}

/* Largest remainders (Hamilton): each session gets its share rounded down, and the units that are
 * left go to the largest remainders, of equal ones to the earlier session. */
static void split(int64_t rest, int count, const int64_t weight[count], int64_t due[count])
{
    uint64_t remainder[COURSE_MAX_SESSIONS], whole = 0, quotient;
    int64_t left = rest;
    for (int i = 0; i < count; i++)
        whole += (uint64_t)weight[i];
    for (int i = 0; i < count; i++) {
        bool fits =
            multiply_divide((uint64_t)rest, (uint64_t)weight[i], whole, &quotient, &remainder[i]);
        assert(fits);
        (void)fits;
        due[i] = (int64_t)quotient;
        left -= due[i];
    }
    for (; left > 0; left--) {
        int largest = 0;
        for (int i = 1; i < count; i++)
            if (remainder[i] > remainder[largest])
                largest = i;
        due[largest]++;
        remainder[largest] = 0;
    }
}

static void fill_dues(const PriceList *list, const PriceInput *input, Quote *quote)
{
    int64_t weight[COURSE_MAX_SESSIONS];
    quote->session_count = input->session_count;
    weigh_sessions(list, input, weight);
    split(quote->total - quote->deposit, input->session_count, weight, quote->due);
}

static void fill_terms(const PriceList *list, const PriceInput *input, Quote *quote)
{
    snprintf(quote->list_id, sizeof quote->list_id, "%s", list->id != NULL ? list->id : "");
    memcpy(quote->currency, list->currency, sizeof quote->currency);
    quote->list_version = list->version;
    quote->minor_digits = list->minor_digits;
    quote->touch_up_included = list->touch_up_included;
    quote->touch_up_months = list->touch_up_months;
    quote->touch_up = list->touch_up;
    quote->has_date = input->has_date;
    if (input->has_date) {
        quote->issued = input->date;
        quote->valid_until = course_date_add(input->date, list->valid_days);
    }
}

/* ---- checks ---- */

static bool check_zone(const PriceZone *zone, int number, Err *err)
{
    if (zone->name == NULL || strlen(zone->name) >= sizeof((PriceLine){0}).zone)
        return err_set(err, ERR_INPUT, "zone %d has no name below %zu bytes", number,
                       sizeof((PriceLine){0}).zone);
    if (!(zone->area_cm2 >= 0.0 && zone->area_cm2 <= MOST_AREA_CM2))
        return err_set(err, ERR_INPUT, "zone '%s' has %g cm2, not within 0..%g", zone->name,
                       zone->area_cm2, MOST_AREA_CM2);
    if (zone->dots < 0 || zone->dots > MOST_DOTS)
        return err_set(err, ERR_INPUT, "zone '%s' has %d dots, not within 0..%d", zone->name,
                       zone->dots, MOST_DOTS);
    return true;
}

static bool check_input(const PriceInput *input, Err *err)
{
    if (input->zone_count < 0 || input->zone_count > COURSE_MAX_ZONES + 1)
        return err_set(err, ERR_INPUT, "%d zones are not within 0..%d", input->zone_count,
                       COURSE_MAX_ZONES + 1);
    for (int i = 0; i < input->zone_count; i++)
        if (!check_zone(&input->zone[i], i + 1, err))
            return false;
    if (input->session_count < 1 || input->session_count > COURSE_MAX_SESSIONS)
        return err_set(err, ERR_INPUT, "%d sessions are not within 1..%d", input->session_count,
                       COURSE_MAX_SESSIONS);
    for (int i = 0; i < input->session_count; i++)
        if (!(input->hours[i] >= 0.0 && input->hours[i] <= MOST_HOURS))
            return err_set(err, ERR_INPUT, "session %d has %g hours, not within 0..%g", i + 1,
                           input->hours[i], MOST_HOURS);
    if (input->discount_permille > WHOLE_PERMILLE)
        return err_set(err, ERR_INPUT, "a discount of %g %% is more than the price",
                       input->discount_permille / 10.0);
    return true;
}

/* What the reader of the file has made sure of; a list that was put together by hand as well. */
static void check_list(const PriceList *list)
{
    assert(list->tier_count <= PRICES_MAX_TIERS && list->step_count <= PRICES_MAX_STEPS);
    assert(list->factor_count <= PRICES_MAX_FACTORS && list->stage_count <= PRICES_MAX_STAGES);
    assert(list->tax_permille >= 0 && list->tax_permille <= WHOLE_PERMILLE);
    assert(list->deposit_permille >= 0 && list->deposit_permille <= WHOLE_PERMILLE);
    assert(list->discount_permille >= 0 && list->discount_permille <= WHOLE_PERMILLE);
    assert(list->deposit >= 0 && list->least >= 0 && list->minor_digits >= 0);
    for (int i = 0; i < list->factor_count; i++)
        assert(list->factor[i].permille >= 0 && list->factor[i].permille <= MOST_FACTOR_PERMILLE);
    (void)list;
}

bool prices_quote(const PriceList *list, const PriceInput *input, Quote *quote, Err *err)
{
    int64_t sum = 0;
    check_list(list);
    memset(quote, 0, sizeof *quote);
    if (!check_input(input, err) || !add_lines(list, input, quote, &sum, err) ||
        !fill_tax(list, sum, quote, err))
        return false;
    fill_deposit(list, quote);
    fill_dues(list, input, quote);
    fill_terms(list, input, quote);
    return true;
}
