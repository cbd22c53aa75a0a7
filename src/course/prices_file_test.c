#include "course/prices.h"

#include "base/embed.h"
#include "base/io.h"
#include "base/test.h"

#include <string.h>

static Arena arena;

static bool fresh_arena(void)
{
    Err err = {0};
    if (arena.base == NULL && !CHECK(arena_open(&arena, 1 << 22, &err)))
        return false;
    arena_rewind(&arena, 0);
    return true;
}

static bool read_text(const char *text, PriceList *list, Err *err)
{
    return prices_from_json(&arena, strlen(text), text, list, err);
}

/* Everything that a list by parts can say. */
static const char whole[] =
    "{\"schema\": \"follicle/prices\", \"version\": 1, \"id\": \"all\", \"prices_version\": 7,\n"
    " \"title\": \"All of it\", \"source\": \"made up\", \"currency\": \"EUR\", \"minor_digits\": "
    "2,\n"
    " \"basis\": \"parts\",\n"
    " \"parts\": {\"base_minor\": 100, \"per_cm2_minor\": 200, \"per_1000_dots_minor\": 300,\n"
    "  \"per_hour_minor\": 400, \"density_tiers\": [{\"from_dots_per_cm2\": 120, "
    "\"per_cm2_minor\": "
    "250}]},\n"
    " \"factors_permille\": {\"scar\": 1500, \"burn\": 0},\n"
    " \"volume\": [{\"above_minor\": 1000, \"off_permille\": 100},\n"
    "  {\"above_minor\": 2000, \"off_permille\": 200}],\n"
    " \"least_minor\": 500, \"discount\": {\"permille\": 50, \"text\": \"for friends\"},\n"
    " \"tax\": {\"permille\": 190, \"included\": true},\n"
    " \"deposit\": {\"permille\": 100, \"minor\": 900, \"refundable\": true, \"refund_days\": "
    "14},\n"
    " \"payments_permille\": [600, 400],\n"
    " \"touch_up\": {\"included\": true, \"months\": 12, \"minor\": 800}, \"valid_days\": 30}\n";

/* The document with one piece of it exchanged. */
static const char *with(const char *from, const char *to)
{
    static char text[sizeof whole + 600];
    const char *at = strstr(whole, from);
    if (!CHECK(at != NULL))
        return whole;
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, to, at + strlen(from));
    return text;
}

TEST(a_list_is_read_as_it_is_written)
{
    PriceList list;
    Err err = {0};
    REQUIRE(fresh_arena());
    if (!CHECK(read_text(whole, &list, &err)))
        printf("# %s\n", err.text);
    CHECK(strcmp(list.id, "all") == 0 && list.version == 7);
    CHECK(strcmp(list.title, "All of it") == 0 && strcmp(list.source, "made up") == 0);
    CHECK(strcmp(list.currency, "EUR") == 0 && list.minor_digits == 2);
    CHECK(list.basis == PRICE_PARTS && list.base == 100 && list.per_cm2 == 200);
    CHECK(list.per_1000_dots == 300 && list.per_hour == 400);
    CHECK(list.tier_count == 1 && list.tier[0].dots_per_cm2 == 120 && list.tier[0].per_cm2 == 250);
    CHECK(list.factor_count == 2 && strcmp(list.factor[0].zone, "scar") == 0);
    CHECK(list.factor[0].permille == 1500 && list.factor[1].permille == 0);
    CHECK(list.step_count == 2 && list.step[1].above == 2000 && list.step[1].off_permille == 200);
    CHECK(list.least == 500 && list.discount_permille == 50);
    CHECK(strcmp(list.discount_text, "for friends") == 0);
    CHECK(list.tax_permille == 190 && list.tax_included);
    CHECK(list.deposit_permille == 100 && list.deposit == 900 && list.deposit_refundable);
    CHECK(list.deposit_refund_days == 14 && list.payment_count == 2);
    CHECK(list.payment_permille[0] == 600 && list.payment_permille[1] == 400);
    CHECK(list.touch_up_included && list.touch_up_months == 12 && list.touch_up == 800);
    CHECK(list.valid_days == 30);
    CHECK(list.size == strlen(whole) && memcmp(list.bytes, whole, list.size) == 0);
    CHECK(list.bytes != whole);
}

TEST(every_fault_is_refused_by_its_key)
{
    static const struct {
        const char *from, *to, *says;
    } table[] = {
        {"\"follicle/prices\"", "\"follicle/protocol\"", "'schema' is 'follicle/protocol'"},
        {"\"version\": 1", "\"version\": 2", "reads up to 1"},
        {"\"id\": \"all\", ", "", "prices: id is missing"},
        {"\"id\": \"all\"", "\"id\": \"All of\"", "has the id 'All of'"},
        {"\"id\": \"all\"", "\"id\": \"\"", "prices: id has 0 bytes, not 1.."},
        {"\"prices_version\": 7", "\"prices_version\": 0", "prices: prices_version"},
        {"\"All of it\"", "\"All\\nof it\"", "prices: title has a control character (code 10)"},
        {"\"All of it\"", "7", "prices: title is no text"},
        {"\"source\": \"made up\"", "\"sauce\": \"made up\"", "the key 'sauce'"},
        {"\"EUR\"", "\"eur\"", "currency is 'eur'"},
        {"\"EUR\"", "\"EURO\"", "currency is no text below 4 bytes"},
        {"\"EUR\"", "\"JPY\"", "minor_digits 2, but JPY has 0"},
        {"\"minor_digits\": 2", "\"minor_digits\": 3", "minor_digits 3, but EUR has 2"},
        {"\"minor_digits\": 2", "\"minor_digits\": 2.0", "minor_digits is not a whole number"},
        {"\"basis\": \"parts\"", "\"basis\": \"hour\"", "has the basis 'hour', none of parts"},
        {"\"basis\": \"parts\"", "\"basis\": \"stage\"", "has 'parts', which prices by stage do"},
        {"\"basis\": \"parts\"", "\"basis\": \"parts\", \"sessions_minor\": [1]",
         "has 'sessions_minor', which prices by parts do"},
        {"\"base_minor\": 100, ", "", "parts.base_minor is missing"},
        {"\"base_minor\": 100", "\"base_minor\": -1", "parts.base_minor is not a whole"},
        {"\"base_minor\": 100", "\"base_minor\": 1000000000001", "parts.base_minor is not a whole"},
        {"\"base_minor\": 100", "\"base_minor\": 1.5", "parts.base_minor is not a whole"},
        {"\"base_minor\": 100", "\"base_minor\": \"100\"", "parts.base_minor is not a whole"},
        {"\"base_minor\"", "\"bases_minor\"", "parts has the key 'bases_minor'"},
        {"\"from_dots_per_cm2\": 120", "\"from_dots_per_cm2\": 0",
         "density_tiers[0].from_dots_per_cm2"},
        {"\"per_cm2_minor\": 250", "\"per_cm2_minor\": 199", "denser is not cheaper"},
        {"\"scar\": 1500", "\"scarr\": 1500", "has 'scarr', no zone"},
        {"\"scar\": 1500", "\"scar\": 10001", "factors_permille.scar"},
        {"\"scar\": 1500", "\"scar\": 1.5", "factors_permille.scar"},
        {"{\"scar\": 1500, \"burn\": 0}", "[1500]", "factors_permille is no object"},
        {"\"above_minor\": 2000", "\"above_minor\": 1000", "volume[1] does not follow"},
        {"\"off_permille\": 200", "\"off_permille\": 1001", "volume[1].off_permille"},
        {"\"off_permille\": 200", "\"off_percent\": 20", "volume[1] has the key 'off_percent'"},
        {"\"least_minor\": 500", "\"least_minor\": null", "least_minor is not a whole"},
        {"\"permille\": 50", "\"permille\": 1001", "discount.permille"},
        {", \"text\": \"for friends\"", "", "discount.text is missing"},
        {"\"permille\": 190", "\"permille\": 19.0", "tax.permille"},
        {"\"included\": true}", "\"included\": 1}", "tax.included is neither"},
        {"\"permille\": 100, \"minor\"", "\"permille\": 1001, \"minor\"", "deposit.permille"},
        {"\"refundable\": true", "\"refundable\": false", "refund_days 14, but is not refundable"},
        {"[600, 400]", "[600, 300]", "payments_permille sums to 900"},
        {"[600, 400]", "[]", "payments_permille sums to 0"},
        {"[600, 400]", "[200, 200, 200, 200, 200]", "payments_permille is no list of at most 4"},
        {"[600, 400]", "[600, 0.4]", "payments_permille[1]"},
        {"\"months\": 12", "\"months\": 0", "touch_up has months 0"},
        {"\"valid_days\": 30", "\"valid_days\": 0", "valid_days"},
        {"\"valid_days\": 30", "\"valid_days\": 30, \"valid_days\": 30", "duplicate"},
        {"\"parts\": {", "\"parts\": {[", "line 4"},
        {"{\"schema\"", "[{\"schema\"", "prices: line"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        PriceList list;
        Err err = {0};
        REQUIRE(fresh_arena());
        CHECK(!read_text(with(table[i].from, table[i].to), &list, &err) && err.code == ERR_INPUT);
        if (!CHECK(strstr(err.text, table[i].says) != NULL))
            printf("# %zu: %s\n", i, err.text);
    }
}

static const char others[] = "{\"schema\": \"follicle/prices\", \"version\": 1, \"id\": \"b\", "
                             "\"prices_version\": 1, \"title\": \"t\", \"source\": \"s\", "
                             "\"currency\": \"%s\", \"minor_digits\": %d, %s, "
                             "\"tax\": {\"permille\": 0, \"included\": false}, \"deposit\": "
                             "{\"permille\": 0, \"minor\": 0, \"refundable\": false, "
                             "\"refund_days\": 0}, \"touch_up\": {\"included\": false, "
                             "\"months\": 0, \"minor\": 0}, \"valid_days\": 1}";

static bool read_other(const char *currency, int digits, const char *charge, PriceList *list,
                       Err *err)
{
    char text[1200];
    *err = (Err){0};
    if (!fresh_arena())
        return false;
    snprintf(text, sizeof text, others, currency, digits, charge);
    return read_text(text, list, err);
}

TEST(sessions_packages_and_stages_are_read)
{
    PriceList list;
    Err err;
    REQUIRE(
        read_other("USD", 2, "\"basis\": \"session\", \"sessions_minor\": [90, 70]", &list, &err));
    CHECK(list.session[0] == 90 && list.session[1] == 70 && list.session[2] == 70);
    CHECK(list.session[3] == 70 && list.discount_text[0] == '\0');
    REQUIRE(read_other("USD", 2,
                       "\"basis\": \"package\", \"package\": {\"minor\": 9, \"sessions\": 3, "
                       "\"further_minor\": 4}",
                       &list, &err));
    CHECK(list.package == 9 && list.package_sessions == 3 && list.session[3] == 4);
    REQUIRE(read_other("USD", 2,
                       "\"basis\": \"stage\", \"stages\": [{\"scale\": \"norwood\", \"stage\": 7, "
                       "\"minor\": 9}, {\"scale\": \"ludwig\", \"stage\": 3, \"minor\": 8}]",
                       &list, &err));
    CHECK(list.stage_count == 2 && list.stage[0].stage == 7 && !list.stage[0].ludwig);
    CHECK(list.stage[1].ludwig && list.stage[1].price == 8);
}

TEST(sessions_packages_and_stages_have_faults_of_their_own)
{
    static const struct {
        const char *charge, *says;
    } table[] = {
        {"\"basis\": \"session\"", "sessions_minor is missing"},
        {"\"basis\": \"session\", \"sessions_minor\": []", "sessions_minor has no price"},
        {"\"basis\": \"session\", \"sessions_minor\": [1, 2, 3, 4, 5]", "no list of at most 4"},
        {"\"basis\": \"session\", \"sessions_minor\": [1, -2]", "sessions_minor[1]"},
        {"\"basis\": \"session\", \"sessions_minor\": [1], \"factors_permille\": {}",
         "factors_permille changes"},
        {"\"basis\": \"package\", \"package\": {\"minor\": 9, \"sessions\": 3}",
         "package.further_minor is missing"},
        {"\"basis\": \"package\", \"package\": {\"minor\": 9, \"sessions\": 0, "
         "\"further_minor\": 4}",
         "package has further_minor, but"},
        {"\"basis\": \"package\", \"package\": 9", "package is no object"},
        {"\"basis\": \"stage\", \"stages\": []", "stages has no stage"},
        {"\"basis\": \"stage\", \"stages\": [7]", "stages[0] is no object"},
        {"\"basis\": \"stage\", \"stages\": [{\"scale\": \"norwood\", \"stage\": 8, \"minor\": 9}]",
         "stages[0].stage"},
        {"\"basis\": \"stage\", \"stages\": [{\"scale\": \"ludwig\", \"stage\": 4, \"minor\": 9}]",
         "stages[0].stage"},
        {"\"basis\": \"stage\", \"stages\": [{\"scale\": \"sinclair\", \"stage\": 4, \"minor\": "
         "9}]",
         "neither 'norwood' nor 'ludwig'"},
        {"\"basis\": \"stage\", \"stages\": [{\"scale\": \"ludwig\", \"stage\": 1, \"minor\": 9}, "
         "{\"scale\": \"ludwig\", \"stage\": 1, \"minor\": 9}]",
         "stages[1] names a stage for the second time"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        PriceList list;
        Err err;
        CHECK(!read_other("USD", 2, table[i].charge, &list, &err) && err.code == ERR_INPUT);
        if (!CHECK(strstr(err.text, table[i].says) != NULL))
            printf("# %zu: %s\n", i, err.text);
    }
}

TEST(currencies_have_the_digits_of_iso_4217_or_fewer)
{
    static const struct {
        const char *currency;
        int most;
    } table[] = {{"EUR", 2}, {"JPY", 0}, {"KRW", 0}, {"VND", 0},
                 {"KWD", 3}, {"TND", 3}, {"IDR", 2}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        for (int digits = 0; digits <= 3; digits++) {
            PriceList list;
            Err err;
            bool ok = read_other(table[i].currency, digits,
                                 "\"basis\": \"session\", \"sessions_minor\": [1]", &list, &err);
            CHECK(ok == (digits <= table[i].most));
        }
}

TEST(no_cut_of_a_list_is_a_list)
{
    for (size_t size = 0; size + 2 < strlen(whole); size++) { /* but for the last bracket */
        PriceList list;
        Err err = {0};
        REQUIRE(fresh_arena());
        CHECK(!prices_from_json(&arena, size, whole, &list, &err) && err.code == ERR_INPUT);
    }
}

TEST(a_small_arena_is_a_limit_and_no_crash)
{
    PriceList list;
    Err err = {0};
    int refused = 0;
    for (size_t room = 0; room < 4096; room += 64) {
        Arena small;
        REQUIRE(arena_open(&small, 8192, &err));
        REQUIRE(arena_alloc(&small, 1, 8192 - room) != NULL || room == 0);
        bool ok = prices_from_json(&small, strlen(whole), whole, &list, &err);
        CHECK(ok || err.code == ERR_LIMIT);
        refused += !ok;
        arena_close(&small);
    }
    CHECK(refused > 10 && refused < 64);
    static char large[70000];
    memset(large, ' ', sizeof large);
    REQUIRE(fresh_arena());
    CHECK(!prices_from_json(&arena, sizeof large, large, &list, &err) && err.code == ERR_LIMIT);
}

/* ---- the lists in the program ---- */

TEST(lists_in_the_program_are_examples_with_sources)
{
    CHECK(prices_builtin_count() == 6 && prices_files[6].name == NULL);
    for (int i = 0; i < prices_builtin_count(); i++) {
        PriceList list;
        Err err = {0};
        REQUIRE(fresh_arena());
        if (!CHECK(prices_builtin(&arena, prices_builtin_id(i), &list, &err)))
            printf("# %s\n", err.text);
        char file[80];
        snprintf(file, sizeof file, "%s.json", prices_builtin_id(i));
        CHECK(strcmp(list.id, prices_builtin_id(i)) == 0);
        CHECK(prices_files[i].name != NULL && strcmp(prices_files[i].name, file) == 0);
        CHECK(strncmp(list.source, "example, not a recommendation: ", 31) == 0);
        CHECK(list.valid_days == 30 && list.tax_permille == 0);
    }
    PriceList list;
    Err err = {0};
    CHECK(!prices_builtin(&arena, "by_moon", &list, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "by_dots, by_area, by_hour, per_session, package, by_stage") != NULL);
}

/* One Australian page's prices (practice.md 1.8) and the areas that stages are estimated to have
 * (1.3), at 150 dots per cm2. */
TEST(the_list_by_area_passes_through_the_published_ladder)
{
    static const struct {
        double area_cm2;
        int64_t low, high;
    } stage[] = {{27.5, 50000, 100000},   {52.5, 100000, 150000},  {105.0, 150000, 200000},
                 {147.5, 200000, 250000}, {192.5, 250000, 300000}, {245.0, 250000, 300000}};
    PriceList list;
    Quote quote;
    Err err = {0};
    REQUIRE(fresh_arena() && prices_builtin(&arena, "by_area", &list, &err));
    for (size_t i = 0; i < sizeof stage / sizeof stage[0]; i++) {
        PriceInput input = {
            .zone_count = 1,
            .zone = {{"midscalp", stage[i].area_cm2, (int)(150.0 * stage[i].area_cm2)}},
            .session_count = 3,
            .discount_permille = -1};
        REQUIRE(prices_quote(&list, &input, &quote, &err));
        CHECK(stage[i].low <= quote.total && quote.total <= stage[i].high);
    }
}

TEST(the_list_by_stage_is_the_middle_of_what_was_published)
{
    static const struct {
        bool ludwig;
        int stage;
        int64_t low, high;
    } page[] = {{false, 2, 50000, 100000},  {false, 3, 100000, 150000}, {false, 4, 150000, 200000},
                {false, 5, 200000, 250000}, {false, 6, 250000, 300000}, {false, 7, 250000, 300000},
                {true, 1, 50000, 80000}};
    PriceList list;
    Err err = {0};
    REQUIRE(fresh_arena() && prices_builtin(&arena, "by_stage", &list, &err));
    CHECK(list.stage_count == (int)(sizeof page / sizeof page[0]));
    for (int i = 0; i < list.stage_count; i++) {
        CHECK(list.stage[i].ludwig == page[i].ludwig && list.stage[i].stage == page[i].stage);
        CHECK(2 * list.stage[i].price == page[i].low + page[i].high);
    }
}

/* ---- the prices of old protocols ---- */

static const char old_protocol[] =
    "{\"schema\": \"follicle/protocol\", \"version\": 1, \"id\": \"standard\", "
    "\"protocol_version\": 4, \"title\": \"Three sessions\", \"source\": \"x\", \"sessions\": [], "
    "\"work\": {\"difficulty\": {\"scar\": 1.5, \"crown\": 1.1}}, "
    "\"price\": {\"currency\": \"USD\", \"minor_digits\": 2, \"base_minor\": 7, "
    "\"per_hour_minor\": 30000, \"per_1000_dots_minor\": 15000, \"tax_permille\": 81, "
    "\"deposit_permille\": 100, \"source\": \"example\"}, \"expect\": []}";

TEST(an_old_protocol_keeps_its_prices)
{
    PriceList list, again;
    Err err = {0};
    REQUIRE(fresh_arena());
    if (!CHECK(prices_from_protocol_v1(&arena, strlen(old_protocol), old_protocol, &list, &err)))
        printf("# %s\n", err.text);
    CHECK(strcmp(list.id, "standard") == 0 && list.version == 4);
    CHECK(strcmp(list.title, "Three sessions") == 0 && strcmp(list.source, "example") == 0);
    CHECK(list.basis == PRICE_PARTS && list.base == 7 && list.per_hour == 30000);
    CHECK(list.per_1000_dots == 15000 && list.per_cm2 == 0 && list.tax_permille == 81);
    CHECK(!list.tax_included && list.deposit_permille == 100 && list.deposit == 0);
    CHECK(list.factor_count == 2 && list.factor[0].permille == 1500);
    CHECK(list.factor[1].permille == 1100 && list.valid_days == 30);
    /* its bytes are a price document, for the case's record */
    REQUIRE(prices_from_json(&arena, list.size, list.bytes, &again, &err));
    CHECK(again.per_1000_dots == 15000 && again.factor[1].permille == 1100);
}

TEST(the_old_standard_protocol_costs_what_the_list_by_dots_does)
{
    PriceList old, now;
    size_t size;
    uint8_t *bytes;
    Err err = {0};
    REQUIRE(fresh_arena());
    REQUIRE(io_read_file(&arena, "tests/data/format1/protocol.json", 1 << 20, &size, &bytes, &err));
    if (!CHECK(prices_from_protocol_v1(&arena, size, (const char *)bytes, &old, &err)))
        printf("# %s\n", err.text);
    REQUIRE(prices_builtin(&arena, "by_dots", &now, &err));
    CHECK(strcmp(old.currency, now.currency) == 0 && old.minor_digits == now.minor_digits);
    CHECK(old.per_1000_dots == now.per_1000_dots && old.per_hour == 0 && old.base == 0);
    CHECK(old.tax_permille == now.tax_permille && old.deposit_permille == now.deposit_permille);
    CHECK(old.factor_count == now.factor_count);
    for (int i = 0; i < old.factor_count; i++)
        CHECK(strcmp(old.factor[i].zone, now.factor[i].zone) == 0 &&
              old.factor[i].permille == now.factor[i].permille);
}

TEST(an_old_protocol_is_as_strict_as_it_was)
{
    static const struct {
        const char *from, *to, *says;
    } table[] = {{"\"version\": 1", "\"version\": 2", "version 2 holds no prices"},
                 {"\"price\"", "\"prices\"", "protocol: price is missing"},
                 {"\"work\"", "\"works\"", "protocol: work is missing"},
                 {"\"scar\": 1.5", "\"scar\": 15", "protocol: work.difficulty.scar"},
                 {"\"base_minor\": 7", "\"base\": 7", "protocol: price has the key 'base'"},
                 {"\"base_minor\": 7", "\"base_minor\": 7.5", "protocol: price.base_minor"},
                 {"\"base_minor\": 7", "\"base_minor\": -7", "prices: parts.base_minor"},
                 {"\"protocol_version\": 4, ", "", "protocol: protocol_version is missing"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char text[sizeof old_protocol + 64];
        PriceList list;
        Err err = {0};
        const char *at = strstr(old_protocol, table[i].from);
        REQUIRE(fresh_arena() && at != NULL);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - old_protocol), old_protocol, table[i].to,
                 at + strlen(table[i].from));
        CHECK(!prices_from_protocol_v1(&arena, strlen(text), text, &list, &err));
        CHECK(err.code == ERR_INPUT);
        if (!CHECK(strstr(err.text, table[i].says) != NULL))
            printf("# %zu: %s\n", i, err.text);
    }
}
