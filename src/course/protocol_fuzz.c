#include "course/protocol.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Any bytes: refused, or a protocol that keeps what its header promises, settles on every case and
 * can be compared with itself. */
static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_variant(const ProtocolVariant *variant)
{
    double sum = 0.0;
    require(variant->session_count >= 1 && variant->session_count <= COURSE_MAX_SESSIONS);
    for (int i = 0; i < variant->session_count; i++) {
        const ProtocolSession *session = &variant->session[i];
        sum += session->share;
        require(i == 0 || session->gap.min_days >= 1);
        require(session->gap.min_days <= session->gap.target_days &&
                session->gap.target_days <= session->gap.max_days);
        require(session->hours_low <= session->hours_high && session->source != NULL);
    }
    require(fabs(sum - 1.0) < 1e-9);
}

static void check_rules(int count, const ProtocolRule rule[])
{
    require(count <= PROTOCOL_MAX_RULES);
    for (int i = 0; i < count; i++)
        require(rule[i].from_day <= rule[i].to_day && rule[i].topic[0] != '\0' &&
                rule[i].text[0] != '\0' && rule[i].source[0] != '\0');
}

static void check_settling(Protocol *protocol)
{
    Err err;
    for (int area_cm2 = 0; area_cm2 <= 600; area_cm2 += 50)
        for (int scars = 0; scars <= 1; scars++) {
            ProtocolSituation situation = {area_cm2, scars, 0};
            require(protocol_settle(protocol, situation, &err));
            require(protocol->settled >= 0 && protocol->settled < protocol->variant_count);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Arena arena;
    static Protocol protocol;
    Err err;
    const char *text;
    if (arena.base == NULL)
        require(arena_open(&arena, (size_t)4 << 20, &err));
    arena_rewind(&arena, 0);
    if (!protocol_from_json(&arena, size, (const char *)data, &protocol, &err))
        return 0;
    require(protocol.size == size && memcmp(protocol.bytes, data, size) == 0);
    for (int i = 0; i < protocol.variant_count; i++)
        check_variant(&protocol.variant[i]);
    check_rules(protocol.expect_count, protocol.expect);
    check_rules(protocol.aftercare_count, protocol.aftercare);
    check_rules(protocol.call_count, protocol.call);
    check_settling(&protocol);
    require(protocol_compare_text(&arena, 1, (const Protocol *const[]){&protocol}, &text, &err) ||
            err.code == ERR_LIMIT);
    return 0;
}
