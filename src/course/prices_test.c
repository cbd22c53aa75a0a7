#include "course/prices.h"

#include "base/rng.h"
#include "base/test.h"

#include <string.h>

enum { LISTS = 20000 };

/* ---- random lists and clients ---- */

/* Small numbers, usual ones, and some of many digits: 0..10^digits. */
static int64_t some_money(Rng *rng, int most_digits)
{
    int digits = rng_below(rng, most_digits + 1);
    int64_t value = 0;
    for (int i = 0; i < digits; i++)
        value = 10 * value + rng_below(rng, 10);
    return value;
}

static const char *const zone_name[] = {"hairline", "crown", "scar", "burn", "temple", ""};

static void fill_parts(Rng *rng, PriceList *list)
{
    list->base = some_money(rng, 6);
    list->per_cm2 = some_money(rng, 5);
    list->per_1000_dots = some_money(rng, 7);
    list->per_hour = some_money(rng, 6);
    list->tier_count = rng_below(rng, 4);
    for (int i = 0; i < list->tier_count; i++) {
        list->tier[i].dots_per_cm2 =
            1 + rng_below(rng, 100) + (i > 0 ? list->tier[i - 1].dots_per_cm2 : 0);
        list->tier[i].per_cm2 =
            some_money(rng, 4) + (i > 0 ? list->tier[i - 1].per_cm2 : list->per_cm2);
    }
    list->factor_count = rng_below(rng, 5);
    for (int i = 0; i < list->factor_count; i++) {
        list->factor[i].zone = zone_name[i];
        list->factor[i].permille = rng_below(rng, 10001);
    }
}

static PriceList some_list(Rng *rng)
{
    PriceList list = {.id = "random", .version = 3, .currency = "EUR", .valid_days = 30};
    list.minor_digits = rng_below(rng, 4);
    list.basis = (PriceBasis)rng_below(rng, 4);
    fill_parts(rng, &list);
    for (int i = 0; i < COURSE_MAX_SESSIONS; i++)
        list.session[i] = some_money(rng, 8);
    list.package = some_money(rng, 8);
    list.package_sessions = rng_below(rng, COURSE_MAX_SESSIONS + 1);
    list.stage_count = 2;
    list.stage[0].stage = 3;
    list.stage[0].price = some_money(rng, 8);
    list.stage[1].stage = 2;
    list.stage[1].ludwig = true;
    list.stage[1].price = some_money(rng, 8);
    list.step_count = rng_below(rng, 4);
    for (int i = 0; i < list.step_count; i++) {
        list.step[i].above = 1 + some_money(rng, 6) + (i > 0 ? list.step[i - 1].above : 0);
        list.step[i].off_permille = rng_below(rng, 1001);
    }
    list.least = rng_below(rng, 3) == 0 ? some_money(rng, 6) : 0;
    list.discount_permille = rng_below(rng, 2) * rng_below(rng, 1001);
    list.tax_permille = rng_below(rng, 4) == 0 ? 0 : rng_below(rng, 1001);
    list.tax_included = rng_below(rng, 2) == 1;
    list.deposit_permille = rng_below(rng, 2) * rng_below(rng, 1001);
    list.deposit = rng_below(rng, 2) * some_money(rng, 6);
    list.payment_count = rng_below(rng, COURSE_MAX_SESSIONS + 1);
    for (int i = 0; i < list.payment_count; i++)
        list.payment_permille[i] = rng_below(rng, 1001);
    return list;
}

static PriceInput some_client(Rng *rng)
{
    PriceInput input = {.zone_count = rng_below(rng, 6),
                        .session_count = 1 + rng_below(rng, COURSE_MAX_SESSIONS),
                        .has_stage = true,
                        .stage = 3,
                        .discount_permille = rng_below(rng, 3) == 0 ? rng_below(rng, 1001) : -1,
                        .has_date = true,
                        .date = {2028, 2, 29}};
    for (int i = 0; i < input.zone_count; i++)
        input.zone[i] =
            (PriceZone){zone_name[i], 200.0 * rng_f64(rng) * rng_f64(rng), rng_below(rng, 30000)};
    for (int i = 0; i < input.session_count; i++)
        input.hours[i] = rng_below(rng, 5) == 0 ? 0.0 : 8.0 * rng_f64(rng);
    if (rng_below(rng, 2) == 1) {
        input.ludwig = true;
        input.stage = 2;
    }
    return input;
}

/* ---- the naive version: long products, one rounding ---- */

__extension__ typedef __int128 Wide;

static int64_t rounded(Wide numerator, Wide denominator)
{
    Wide size = numerator < 0 ? -numerator : numerator;
    Wide quotient = size / denominator;
    if (2 * (size % denominator) >= denominator)
        quotient++;
    return (int64_t)(numerator < 0 ? -quotient : quotient);
}

static int64_t naive_zone(const PriceList *list, const PriceZone *zone)
{
    int64_t area = 10 * (int64_t)floor(zone->area_cm2 * 100.0 + 0.5), unit = list->per_cm2;
    Wide factor = 1000;
    for (int i = 0; i < list->factor_count; i++)
        if (strcmp(list->factor[i].zone, zone->name) == 0)
            factor = list->factor[i].permille;
    for (int i = 0; i < list->tier_count && area > 0; i++)
        if (zone->dots * 1000.0 / (double)area >= list->tier[i].dots_per_cm2)
            unit = list->tier[i].per_cm2;
    return rounded(factor * unit * area, 1000000) +
           rounded(factor * list->per_1000_dots * zone->dots, 1000000);
}

static int64_t naive_charges(const PriceList *list, const PriceInput *input)
{
    int64_t sum = 0;
    int first = list->basis == PRICE_SESSION ? 0 : list->package_sessions;
    if (list->basis == PRICE_STAGE)
        return list->stage[input->ludwig].price;
    if (list->basis == PRICE_PARTS) {
        sum = list->base;
        for (int i = 0; i < input->zone_count; i++)
            sum += naive_zone(list, &input->zone[i]);
        for (int i = 0; i < input->session_count; i++)
            sum += rounded((Wide)list->per_hour * (Wide)floor(input->hours[i] * 100.0 + 0.5), 100);
        return sum;
    }
    if (list->basis == PRICE_PACKAGE && list->package_sessions == 0)
        return list->package;
    for (int i = first; i < input->session_count; i++)
        sum += list->session[i];
    return sum + (list->basis == PRICE_PACKAGE ? list->package : 0);
}

static int64_t naive_total(const PriceList *list, const PriceInput *input)
{
    int64_t charges = naive_charges(list, input), sum = charges;
    for (int i = 0; i < list->step_count; i++) {
        int64_t top = i + 1 < list->step_count ? list->step[i + 1].above : INT64_MAX;
        int64_t part = (charges < top ? charges : top) - list->step[i].above;
        if (part > 0)
            sum -= rounded((Wide)part * list->step[i].off_permille, 1000);
    }
    sum = sum < list->least ? list->least : sum;
    int off = input->discount_permille < 0 ? list->discount_permille : input->discount_permille;
    sum -= rounded((Wide)sum * off, 1000);
    return list->tax_included ? sum : sum + rounded((Wide)sum * list->tax_permille, 1000);
}

/* ---- what every quotation keeps ---- */

static bool lines_add_up(const Quote *quote)
{
    int64_t sum = 0;
    for (int i = 0; i < quote->line_count; i++) {
        const PriceLine *line = &quote->line[i];
        Wide product = (Wide)line->unit_price * line->quantity_milli * line->factor_permille;
        int steps = price_line_decimals(line->kind) == 3   ? 1
                    : price_line_decimals(line->kind) == 2 ? 10
                                                           : 1000;
        if (line->amount != rounded(product, 1000000) || line->quantity_milli % steps != 0)
            return false;
        sum += line->amount;
    }
    return sum == (quote->tax_included ? quote->total : quote->net);
}

/* On top: net * rate. Included: tax is to net as the rate is to one, to half a unit. */
static bool tax_is_right(const Quote *quote)
{
    if (quote->net + quote->tax != quote->total || quote->net < 0 || quote->tax < 0)
        return false;
    if (!quote->tax_included)
        return quote->tax == rounded((Wide)quote->net * quote->tax_permille, 1000);
    Wide off =
        (Wide)quote->tax * (1000 + quote->tax_permille) - (Wide)quote->total * quote->tax_permille;
    return 2 * (off < 0 ? -off : off) <= 1000 + quote->tax_permille;
}

static bool deposit_is_right(const PriceList *list, const Quote *quote)
{
    Wide wanted = rounded((Wide)quote->total * list->deposit_permille, 1000) + (Wide)list->deposit;
    return quote->deposit == (wanted < quote->total ? (int64_t)wanted : quote->total);
}

/* Largest remainders: exact sum, none off by as much as one, and whoever was rounded up had at
 * least the remainder of those that were not. */
static bool dues_are_right(const PriceList *list, const PriceInput *input, const Quote *quote)
{
    Wide weight[COURSE_MAX_SESSIONS], whole = 0, down = -1, up = -1;
    int64_t paid = quote->deposit, rest = quote->total - quote->deposit;
    for (int i = 0; i < input->session_count; i++) {
        weight[i] = list->basis == PRICE_SESSION ? list->session[i]
                                                 : (Wide)floor(input->hours[i] * 100.0 + 0.5);
        if (list->payment_count > 0)
            weight[i] = i < list->payment_count ? list->payment_permille[i] : 0;
        whole += weight[i];
        paid += quote->due[i];
    }
    for (int i = 0; i < input->session_count; i++) {
        Wide share = rest * (whole > 0 ? weight[i] : 1),
             of = whole > 0 ? whole : input->session_count;
        Wide floor_due = share / of, remainder = share % of;
        if (quote->due[i] == (int64_t)floor_due)
            down = remainder > down ? remainder : down;
        else if (quote->due[i] == (int64_t)floor_due + 1)
            up = up < 0 || remainder < up ? remainder : up;
        else
            return false;
    }
    return paid == quote->total && (up < 0 || down <= up);
}

static Quote quote, less; /* larger than a test's frame should hold twice */

static bool make(const PriceList *list, const PriceInput *input, Quote *made)
{
    Err err = {0};
    bool ok = prices_quote(list, input, made, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

TEST(quotations_of_random_lists_add_up_and_agree_with_long_arithmetic)
{
    int wrong_total = 0, wrong_lines = 0, wrong_tax = 0, wrong_deposit = 0, wrong_dues = 0;
    for (uint64_t seed = 0; seed < LISTS; seed++) {
        Rng rng = rng_make(41, seed);
        PriceList list = some_list(&rng);
        PriceInput input = some_client(&rng);
        REQUIRE(make(&list, &input, &quote));
        wrong_total += quote.total != naive_total(&list, &input);
        wrong_lines += !lines_add_up(&quote);
        wrong_tax += !tax_is_right(&quote);
        wrong_deposit += !deposit_is_right(&list, &quote);
        wrong_dues += !dues_are_right(&list, &input, &quote);
    }
    CHECK(wrong_total == 0 && wrong_lines == 0 && wrong_tax == 0);
    CHECK(wrong_deposit == 0 && wrong_dues == 0);
}

/* ---- more never costs less ---- */

static int64_t total_of(const PriceList *list, const PriceInput *input)
{
    return make(list, input, &less) ? less.total : -1;
}

static PriceInput without_zone(const PriceInput *input, int zone)
{
    PriceInput left = *input;
    memmove(&left.zone[zone], &left.zone[zone + 1],
            (size_t)(left.zone_count - zone - 1) * sizeof left.zone[0]);
    left.zone_count--;
    return left;
}

TEST(fewer_zones_dots_hours_or_sessions_never_cost_more)
{
    int dearer[5] = {0};
    for (uint64_t seed = 0; seed < LISTS; seed++) {
        Rng rng = rng_make(42, seed);
        PriceList list = some_list(&rng);
        PriceInput input = some_client(&rng), other = input;
        int64_t whole = total_of(&list, &input);
        for (int i = 0; i < input.zone_count; i++) {
            other = without_zone(&input, i);
            dearer[0] += total_of(&list, &other) > whole;
            other = input;
            other.zone[i].dots = rng_below(&rng, input.zone[i].dots + 1);
            dearer[1] += total_of(&list, &other) > whole;
            other = input; /* half of it, as dense */
            input.zone[i].area_cm2 = floor(50.0 * input.zone[i].area_cm2) / 50.0;
            input.zone[i].dots -= input.zone[i].dots % 2;
            whole = total_of(&list, &input);
            other.zone[i].area_cm2 = input.zone[i].area_cm2 / 2.0;
            other.zone[i].dots = input.zone[i].dots / 2;
            dearer[2] += total_of(&list, &other) > whole;
        }
        other = input;
        int session = rng_below(&rng, input.session_count);
        other.hours[session] *= rng_f64(&rng);
        dearer[3] += total_of(&list, &other) > whole;
        other = input;
        if (--other.session_count > 0)
            dearer[4] += total_of(&list, &other) > whole;
    }
    for (int i = 0; i < 5; i++)
        CHECK(dearer[i] == 0);
}

/* A cent more of anything is where roundings could cross. */
TEST(volume_steps_and_discounts_never_make_the_dearer_thing_cheaper)
{
    Rng rng = rng_make(43, 0);
    PriceInput input = {.session_count = 1, .discount_permille = -1};
    int cheaper = 0;
    for (int n = 0; n < 300; n++) {
        PriceList list = some_list(&rng);
        list.basis = PRICE_PACKAGE;
        list.package_sessions = 0;
        list.step_count = 2;
        list.step[0].above = rng_below(&rng, 200);
        list.step[1].above = list.step[0].above + 1 + rng_below(&rng, 100);
        int64_t before = 0;
        for (list.package = 0; list.package < 500; list.package++) {
            int64_t total = total_of(&list, &input);
            cheaper += total < before;
            before = total;
        }
    }
    CHECK(cheaper == 0);
}

/* ---- at the edges ---- */

TEST(the_largest_sum_still_adds_up)
{
    PriceList list = {.basis = PRICE_PACKAGE,
                      .package = PRICES_MOST_SUM,
                      .currency = "IDR",
                      .tax_permille = 111,
                      .tax_included = true,
                      .deposit_permille = 333,
                      .payment_count = 3,
                      .payment_permille = {333, 333, 334}};
    PriceInput input = {.session_count = 4, .discount_permille = 77};
    list.step_count = 1;
    list.step[0].off_permille = 999;
    list.step[0].above = PRICES_MOST_SUM - 7;
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.total == naive_total(&list, &input) && lines_add_up(&quote));
    CHECK(tax_is_right(&quote) && deposit_is_right(&list, &quote));
    CHECK(dues_are_right(&list, &input, &quote));
}

TEST(every_zone_and_session_has_room_for_its_lines)
{
    PriceList list = {.basis = PRICE_PARTS, .per_cm2 = 100, .per_1000_dots = 100, .per_hour = 100};
    list.base = list.step[0].above = 1;
    list.least = 100000000;
    list.discount_permille = 100;
    list.step_count = PRICES_MAX_STEPS;
    for (int i = 0; i < PRICES_MAX_STEPS; i++) {
        list.step[i].above = i + 1;
        list.step[i].off_permille = 1000 - i;
    }
    PriceInput input = {.zone_count = COURSE_MAX_ZONES + 1,
                        .session_count = COURSE_MAX_SESSIONS,
                        .discount_permille = -1};
    for (int i = 0; i < input.zone_count; i++)
        input.zone[i] = (PriceZone){"crown", 10.0, 1000};
    for (int i = 0; i < input.session_count; i++)
        input.hours[i] = 1.0;
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.line_count ==
          1 + 2 * (COURSE_MAX_ZONES + 1) + COURSE_MAX_SESSIONS + PRICES_MAX_STEPS + 2);
    CHECK(quote.line_count <= PRICES_MAX_LINES && lines_add_up(&quote));
}
