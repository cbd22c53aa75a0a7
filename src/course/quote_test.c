/* Quotations by hand, what is refused, and what happens to one that was made. */
#include "course/prices.h"

#include "base/test.h"

#include <string.h>

static Quote quote, less; /* larger than a test's frame should hold twice */

static bool make(const PriceList *list, const PriceInput *input, Quote *made)
{
    Err err = {0};
    bool ok = prices_quote(list, input, made, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

/* ---- by hand ---- */

static PriceList by_parts(int64_t per_cm2, int64_t per_1000_dots, int64_t per_hour)
{
    return (PriceList){.id = "hand",
                       .version = 2,
                       .currency = "EUR",
                       .minor_digits = 2,
                       .basis = PRICE_PARTS,
                       .per_cm2 = per_cm2,
                       .per_1000_dots = per_1000_dots,
                       .per_hour = per_hour,
                       .factor_count = 1,
                       .factor = {{"scar", 1500}},
                       .valid_days = 30};
}

static PriceInput one_head(void)
{
    return (PriceInput){.zone_count = 3,
                        .zone = {{"crown", 40.126, 6019}, {"scar", 3.005, 333}, {"", 0.0, 48}},
                        .session_count = 2,
                        .hours = {2.504, 1.25},
                        .discount_permille = -1,
                        .has_date = true,
                        .date = {2028, 2, 29}};
}

TEST(each_line_can_be_checked_by_hand)
{
    static const struct {
        PriceLineKind kind;
        const char *zone;
        int session;
        int64_t quantity, unit;
        int factor;
        int64_t amount;
    } want[] = {
        {PRICE_LINE_AREA, "crown", -1, 40130, 1999, 1000, 80220}, /* 40.13 x 19.99 = 802.1987 */
        {PRICE_LINE_AREA, "scar", -1, 3010, 1999, 1500, 9025}, /* 3.01 x 19.99 x 1.5 = 90.25485 */
        {PRICE_LINE_DOTS, "crown", -1, 6019, 15000, 1000, 90285}, /* 6.019 x 150 = 902.85 */
        {PRICE_LINE_DOTS, "scar", -1, 333, 15000, 1500, 7493},    /* .333 x 150 x 1.5 = 74.925 */
        {PRICE_LINE_DOTS, "", -1, 48, 15000, 1000, 720},          /* .048 x 150 = 7.20 */
        {PRICE_LINE_HOURS, "", 0, 2500, 9999, 1000, 24998},       /* 2.50 x 99.99 = 249.975 */
        {PRICE_LINE_HOURS, "", 1, 1250, 9999, 1000, 12499},       /* 1.25 x 99.99 = 124.9875 */
    };
    PriceList list = by_parts(1999, 15000, 9999);
    PriceInput input = one_head();
    input.zone[1].area_cm2 = 3.0051; /* 3.005 itself lies below in binary */
    REQUIRE(make(&list, &input, &quote));
    REQUIRE(quote.line_count == (int)(sizeof want / sizeof want[0]));
    for (int i = 0; i < quote.line_count; i++) {
        const PriceLine *line = &quote.line[i];
        CHECK(line->kind == want[i].kind && strcmp(line->zone, want[i].zone) == 0);
        CHECK(line->session == want[i].session && line->factor_permille == want[i].factor);
        CHECK(line->quantity_milli == want[i].quantity && line->unit_price == want[i].unit);
        CHECK(line->amount == want[i].amount);
    }
    CHECK(quote.net == 225240 && quote.tax == 0 && quote.total == 225240);
    CHECK(quote.deposit == 0 && quote.due[0] == 150160 && quote.due[1] == 75080); /* 2.50 : 1.25 */
    CHECK(strcmp(quote.list_id, "hand") == 0 && quote.list_version == 2);
}

TEST(denser_zones_cost_what_their_tier_says)
{
    PriceList list = by_parts(1000, 0, 0);
    list.tier_count = 2;
    list.tier[0].dots_per_cm2 = 120;
    list.tier[0].per_cm2 = 2000;
    list.tier[1].dots_per_cm2 = 180;
    list.tier[1].per_cm2 = 2400;
    static const struct {
        int dots;
        int64_t unit;
    } table[] = {{0, 1000}, {1199, 1000}, {1200, 2000}, {1799, 2000}, {1800, 2400}, {9000, 2400}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        PriceInput input = {.zone_count = 1,
                            .zone = {{"crown", 10.0, table[i].dots}},
                            .session_count = 1,
                            .discount_permille = -1};
        REQUIRE(make(&list, &input, &quote) && quote.line_count == 1);
        CHECK(quote.line[0].unit_price == table[i].unit && quote.total == 10 * table[i].unit);
    }
}

TEST(a_volume_step_takes_off_only_what_is_above_it)
{
    PriceList list = {.basis = PRICE_PACKAGE, .currency = "AUD", .valid_days = 30, .step_count = 2};
    list.step[0].above = 100000;
    list.step[0].off_permille = 200;
    list.step[1].above = 300000;
    list.step[1].off_permille = 500;
    static const struct {
        int64_t package, total;
    } table[] = {{99999, 99999},   {100000, 100000}, {200000, 180000},
                 {300000, 260000}, {500000, 360000}, {0, 0}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        PriceInput input = {.session_count = 3, .discount_permille = -1};
        list.package = table[i].package;
        REQUIRE(make(&list, &input, &quote));
        CHECK(quote.total == table[i].total);
    }
    CHECK(quote.due[0] == 0 && quote.line_count == 1);
}

TEST(discounts_go_from_nothing_to_everything_and_the_clients_own_holds)
{
    PriceList list = by_parts(0, 15000, 0);
    PriceInput input = one_head();
    list.discount_permille = 100;
    list.discount_text = "opening month";
    REQUIRE(make(&list, &input, &quote));
    const PriceLine *last = &quote.line[quote.line_count - 1];
    CHECK(last->kind == PRICE_LINE_DISCOUNT && last->unit_price == -98498);
    CHECK(last->amount == -9850 && quote.total == 88648); /* 98.498 away from zero: 98.50 */
    CHECK(strcmp(quote.discount_text, "opening month") == 0);
    CHECK(quote_own_discount_permille(&quote) == -1);
    input.discount_permille = 0;
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.total == 98498 && quote.line[quote.line_count - 1].kind == PRICE_LINE_DOTS);
    CHECK(quote.discount_text[0] == '\0');
    input.discount_permille = 1000;
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote_own_discount_permille(&quote) == 1000);
    CHECK(quote.total == 0 && quote.due[0] == 0 && quote.due[1] == 0 && quote.line_count == 4);
}

TEST(the_least_sum_is_charged_before_a_discount)
{
    PriceList list = by_parts(0, 15000, 0);
    PriceInput input = one_head();
    list.least = 100000;
    list.discount_permille = 500;
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.line[3].kind == PRICE_LINE_LEAST && quote.line[3].amount == 100000 - 98498);
    CHECK(quote.total == 50000);
}

TEST(tax_included_and_on_top_come_to_the_same_for_round_sums)
{
    PriceList list = {.basis = PRICE_PACKAGE, .currency = "EUR", .valid_days = 30};
    PriceInput input = {.session_count = 1, .discount_permille = -1};
    static const int permille[] = {0, 19, 50, 81, 190, 200, 250, 1000};
    for (size_t i = 0; i < sizeof permille / sizeof permille[0]; i++) {
        list.tax_permille = permille[i];
        list.tax_included = false;
        list.package = 1000 * 357;
        REQUIRE(make(&list, &input, &quote));
        list.tax_included = true;
        list.package = quote.total;
        REQUIRE(make(&list, &input, &less));
        CHECK(less.net == quote.net && less.tax == quote.tax && less.total == quote.total);
    }
    list.package = 11900; /* the textbook's 19 % */
    list.tax_permille = 190;
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.net == 10000 && quote.tax == 1900 && quote.total == 11900);
}

TEST(a_deposit_is_never_more_than_the_total)
{
    PriceList list = {.basis = PRICE_SESSION, .currency = "USD", .valid_days = 30};
    PriceInput input = {.session_count = 3, .discount_permille = -1};
    list.session[0] = list.session[1] = list.session[2] = 10000;
    list.deposit = 37500;
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.deposit == 30000 && quote.due[0] + quote.due[1] + quote.due[2] == 0);
    list.session[0] = 50000;
    list.deposit_permille = 100;
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.deposit == 37500 + 7000);
    CHECK(quote.due[0] == 18214 && quote.due[1] == 3643 && quote.due[2] == 3643); /* 25500, 5:1:1 */
}

TEST(a_package_holds_its_sessions_and_charges_for_more)
{
    PriceList list = {.basis = PRICE_PACKAGE, .package = 300000, .package_sessions = 3};
    list.session[3] = 80000;
    PriceInput input = {.session_count = 3, .discount_permille = -1};
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.total == 300000 && quote.line_count == 1);
    input.session_count = 4;
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.total == 380000 && quote.line[1].session == 3);
    list.package_sessions = 0;
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.total == 300000 && quote.line_count == 1);
}

TEST(a_list_by_stage_wants_a_stage_that_it_has)
{
    PriceList list = {.id = "stages", .basis = PRICE_STAGE, .stage_count = 2};
    list.stage[0].stage = 3;
    list.stage[0].price = 125000;
    list.stage[1].ludwig = true;
    list.stage[1].stage = 1;
    list.stage[1].price = 65000;
    PriceInput input = {.session_count = 3, .discount_permille = -1};
    Err err = {0};
    CHECK(!prices_quote(&list, &input, &quote, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "none is given: Norwood 3, Ludwig 1") != NULL);
    input.has_stage = true;
    input.stage = 1;
    CHECK(!prices_quote(&list, &input, &quote, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "no Norwood stage 1, only Norwood 3, Ludwig 1") != NULL);
    input.ludwig = true;
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.total == 65000 && quote.line[0].stage == 1 && quote.line[0].ludwig);
}

TEST(a_list_without_prices_makes_no_line)
{
    PriceList list = by_parts(0, 0, 0);
    PriceInput input = one_head();
    REQUIRE(make(&list, &input, &quote));
    CHECK(quote.line_count == 0 && quote.total == 0 && quote.deposit == 0);
}

/* ---- what does not fit ---- */

TEST(a_sum_that_does_not_fit_is_refused_with_its_line)
{
    PriceInput input = one_head();
    Err err = {0};
    PriceList list = by_parts(0, PRICES_MOST_UNIT, 0);
    input.zone[0].dots = input.zone[1].dots = 700000;
    list.factor_count = 0; /* each of the two would fit alone */
    CHECK(!prices_quote(&list, &input, &quote, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "line 2 (dots of the zone 'scar')") != NULL);
    list = by_parts(0, 0, INT64_MAX); /* by hand: no file holds that */
    CHECK(!prices_quote(&list, &input, &quote, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "line 1 (hours of session 1)") != NULL);
    list = by_parts(PRICES_MOST_SUM, 0, 0);
    CHECK(!prices_quote(&list, &input, &quote, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "line 1 (area of the zone 'crown')") != NULL);
    list = (PriceList){.basis = PRICE_PACKAGE, .package = PRICES_MOST_SUM, .tax_permille = 1};
    CHECK(!prices_quote(&list, &input, &quote, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "tax") != NULL);
}

TEST(quantities_that_nobody_has_are_refused_by_name)
{
    PriceList list = by_parts(100, 100, 100);
    for (int fault = 0; fault < 14; fault++) {
        static const char *const says[] = {
            "crown", "crown", "crown",    "crown",    "crown",     "zone 1",    "zone 1",
            "zones", "zones", "sessions", "sessions", "session 2", "session 2", "discount"};
        PriceInput input = one_head();
        switch (fault) {
        case 0:
            input.zone[0].area_cm2 = -1.0;
            break;
        case 1:
            input.zone[0].area_cm2 = (double)NAN;
            break;
        case 2:
            input.zone[0].area_cm2 = 1e6;
            break;
        case 3:
            input.zone[0].dots = -1;
            break;
        case 4:
            input.zone[0].dots = INT32_MAX;
            break;
        case 5:
            input.zone[0].name = NULL;
            break;
        case 6:
            input.zone[0].name = "a name of more than thirty-one bytes";
            break;
        case 7:
            input.zone_count = -1;
            break;
        case 8:
            input.zone_count = COURSE_MAX_ZONES + 2;
            break;
        case 9:
            input.session_count = 0;
            break;
        case 10:
            input.session_count = COURSE_MAX_SESSIONS + 1;
            break;
        case 11:
            input.hours[1] = -0.5;
            break;
        case 12:
            input.hours[1] = (double)INFINITY;
            break;
        case 13:
            input.discount_permille = 1001;
            break;
        }
        Err err = {0};
        CHECK(!prices_quote(&list, &input, &quote, &err) && err.code == ERR_INPUT);
        if (!CHECK(strstr(err.text, says[fault]) != NULL))
            printf("# %d: %s\n", fault, err.text);
    }
}

/* ---- accepting ---- */

static bool same_line(const PriceLine *one, const PriceLine *other)
{
    return one->kind == other->kind && strcmp(one->zone, other->zone) == 0 &&
           one->session == other->session && one->stage == other->stage &&
           one->quantity_milli == other->quantity_milli &&
           one->factor_permille == other->factor_permille && one->unit_price == other->unit_price &&
           one->amount == other->amount;
}

static bool same_quote(const Quote *one, const Quote *other)
{
    bool same = one->line_count == other->line_count && one->net == other->net &&
                one->tax == other->tax && one->total == other->total &&
                one->deposit == other->deposit && one->touch_up == other->touch_up &&
                strcmp(one->list_id, other->list_id) == 0 &&
                strcmp(one->currency, other->currency) == 0 &&
                memcmp(one->due, other->due, sizeof one->due) == 0 &&
                course_date_between(one->issued, other->issued) == 0 &&
                course_date_between(one->valid_until, other->valid_until) == 0;
    for (int i = 0; i < one->line_count; i++)
        same = same && same_line(&one->line[i], &other->line[i]);
    return same;
}

TEST(a_quotation_is_accepted_within_its_days_only)
{
    static const struct {
        CourseDate on;
        const char *says; /* NULL: accepted */
    } table[] = {{{2028, 2, 28}, "was issued on 2028-02-29, after 2028-02-28"},
                 {{2028, 2, 29}, NULL},
                 {{2028, 3, 15}, NULL},
                 {{2028, 3, 30}, NULL},
                 {{2028, 3, 31}, "was valid until 2028-03-30, not on 2028-03-31"},
                 {{2029, 3, 1}, "was valid until"}};
    PriceList list = by_parts(0, 15000, 0);
    PriceInput input = one_head();
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        Err err = {0};
        REQUIRE(make(&list, &input, &quote));
        bool ok = quote_accept(&quote, table[i].on, &err);
        CHECK(ok == (table[i].says == NULL) && ok == quote.accepted);
        CHECK(ok || (err.code == ERR_INPUT && table[i].says != NULL &&
                     strstr(err.text, table[i].says) != NULL));
    }
}

TEST(an_accepted_quotation_stays_as_it_is)
{
    PriceList list = by_parts(0, 15000, 0);
    PriceInput input = one_head();
    Err err = {0};
    REQUIRE(make(&list, &input, &quote));
    less = quote;
    REQUIRE(quote_accept(&quote, (CourseDate){2028, 3, 1}, &err));
    CHECK(!quote_accept(&quote, (CourseDate){2028, 3, 2}, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "accepted on 2028-03-01") != NULL);
    CHECK(quote.accepted_on.day == 1);
    CHECK(same_quote(&quote, &less));
    list.per_1000_dots = 99; /* a new list, or another client, is another quotation */
    input.zone[0].dots = 1;
    CHECK(same_quote(&quote, &less));
    REQUIRE(make(&list, &input, &less));
    CHECK(!same_quote(&quote, &less) && !less.accepted);
}

TEST(what_has_no_date_or_no_price_cannot_be_accepted)
{
    PriceList list = by_parts(0, 15000, 0), free_of_charge = by_parts(0, 0, 0);
    PriceInput input = one_head();
    Err err = {0};
    REQUIRE(make(&free_of_charge, &input, &quote));
    CHECK(!quote_accept(&quote, (CourseDate){2028, 3, 1}, &err));
    CHECK(strstr(err.text, "no price") != NULL);
    input.has_date = false;
    REQUIRE(make(&list, &input, &quote));
    CHECK(!quote_accept(&quote, (CourseDate){2028, 3, 1}, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "no date") != NULL);
}

TEST(a_quotation_does_not_depend_on_what_stood_in_its_place)
{
    PriceList list = by_parts(1999, 15000, 9999);
    PriceInput input = one_head();
    memset(&less, 0xa5, sizeof less);
    REQUIRE(make(&list, &input, &quote) && make(&list, &input, &less));
    CHECK(same_quote(&quote, &less));
    CHECK(!less.accepted && less.due[2] == 0 && less.due[3] == 0 && less.discount_text[0] == '\0');
}

/* ---- words ---- */

TEST(money_has_the_digits_of_its_currency)
{
    static const struct {
        const char *currency;
        int digits;
        int64_t amount;
        const char *text;
    } table[] = {{"EUR", 2, 123450, "1234.50 EUR"},
                 {"JPY", 0, 123450, "123450 JPY"},
                 {"KWD", 3, 123450, "123.450 KWD"},
                 {"CHF", 1, 5, "0.5 CHF"},
                 {"EUR", 2, -5, "-0.05 EUR"},
                 {"EUR", 2, 0, "0.00 EUR"},
                 {"IDR", 2, PRICES_MOST_SUM, "10000000000000.00 IDR"},
                 {"USD", 2, INT64_MIN, "-92233720368547758.08 USD"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char text[48];
        quote_money(table[i].currency, table[i].digits, table[i].amount, text);
        CHECK(strcmp(text, table[i].text) == 0);
    }
}

TEST(kinds_of_lines_have_names_of_their_own)
{
    for (int i = 0; i < PRICE_LINE_KINDS; i++)
        for (int k = 0; k < i; k++)
            CHECK(strcmp(price_line_name((PriceLineKind)i), price_line_name((PriceLineKind)k)) !=
                  0);
}
