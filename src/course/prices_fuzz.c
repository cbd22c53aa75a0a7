#include "course/prices.h"

#include <stdlib.h>

static Arena arena;

static void check(const Quote *quote)
{
    int64_t sum = 0, paid = quote->deposit;
    for (int i = 0; i < quote->line_count; i++)
        sum += quote->line[i].amount;
    for (int i = 0; i < quote->session_count; i++) {
        paid += quote->due[i];
        if (quote->due[i] < 0)
            abort();
    }
    if (sum != (quote->tax_included ? quote->total : quote->net) || paid != quote->total ||
        quote->net + quote->tax != quote->total || quote->net < 0 || quote->tax < 0 ||
        quote->deposit < 0 || quote->total > PRICES_MOST_SUM)
        abort();
}

static void try_list(const PriceList *list)
{
    static Quote quote;
    PriceInput input = {.zone_count = 3,
                        .zone = {{"crown", 61.28, 9876}, {"scar", 3.1, 333}, {"", 0.0, 12}},
                        .session_count = 4,
                        .hours = {3.21, 2.5, 0.0, 1.0},
                        .has_stage = true,
                        .stage = 4,
                        .discount_permille = -1,
                        .has_date = true,
                        .date = {2028, 2, 29}};
    Err err = {0};
    for (input.ludwig = false;; input.ludwig = true) {
        if (prices_quote(list, &input, &quote, &err))
            check(&quote);
        else if (err.code != ERR_INPUT)
            abort();
        if (input.ludwig)
            break;
    }
}

/* Any bytes: refused, or a list whose quotations add up. What was read from an old protocol reads
 * again as it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static PriceList list, again;
    Err err = {0};
    if (arena.base == NULL && !arena_open(&arena, 1 << 22, &err))
        abort();
    arena_rewind(&arena, 0);
    if (prices_from_json(&arena, size, (const char *)data, &list, &err))
        try_list(&list);
    else if (err.code == ERR_NONE)
        abort();
    if (!prices_from_protocol_v1(&arena, size, (const char *)data, &list, &err))
        return 0;
    try_list(&list);
    if (!prices_from_json(&arena, list.size, list.bytes, &again, &err))
        abort();
    return 0;
}
