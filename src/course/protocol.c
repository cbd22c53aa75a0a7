#include "course/protocol.h"

#include "base/embed.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const char *protocol_cause_name(ProtocolCause cause)
{
    static const char *const name[PROTOCOL_CAUSES] = {
        [PROTOCOL_SUN] = "sun",
        [PROTOCOL_OILY_SKIN] = "oily_skin",
        [PROTOCOL_IMMUNE_RESPONSE] = "immune_response",
        [PROTOCOL_SCAR] = "scar",
        [PROTOCOL_LIGHT_SHADE] = "light_shade",
        [PROTOCOL_SWEAT] = "sweat",
    };
    assert(cause >= 0 && cause < PROTOCOL_CAUSES);
    return name[cause];
}

/* ---- those shipped ---- */

/* The names of the files without their ending, in their order (protocol_test.c compares). */
static const char *const builtin_id[] = {
    "standard",       "two_sessions",     "ten_days_four_weeks", "temporary",
    "short_sessions", "numbing_optional", "two_or_three",        "numbing_first",
};
enum { BUILTIN_COUNT = sizeof builtin_id / sizeof builtin_id[0] };

int protocol_builtin_count(void)
{
    return BUILTIN_COUNT;
}

const char *protocol_builtin_id(int index)
{
    assert(index >= 0 && index < BUILTIN_COUNT);
    return builtin_id[index];
}

static bool refuse_unknown(const char *id, Err *err)
{
    char known[320] = "";
    size_t used = 0;
    for (int i = 0; i < BUILTIN_COUNT && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", used > 0 ? ", " : "",
                                 builtin_id[i]);
    return err_set(err, ERR_INPUT, "there is no protocol '%.60s' in the program, only %s", id,
                   known);
}

bool protocol_builtin(Arena *arena, const char *id, Protocol *protocol, Err *err)
{
    for (int i = 0; i < BUILTIN_COUNT; i++)
        if (strcmp(id, builtin_id[i]) == 0)
            return protocol_from_json(arena, protocols_files[i].size,
                                      (const char *)protocols_files[i].bytes, protocol, err);
    return refuse_unknown(id, err);
}

/* ---- the variant for a case ---- */

void protocol_settle_on(Protocol *protocol, int variant)
{
    assert(variant >= 0 && variant < protocol->variant_count);
    const ProtocolVariant *chosen = &protocol->variant[variant];
    protocol->settled = variant;
    protocol->session_count = chosen->session_count;
    for (int i = 0; i < COURSE_MAX_SESSIONS; i++) {
        protocol->share[i] = chosen->session[i].share;
        protocol->strength[i] = chosen->session[i].strength;
        protocol->gap[i] = chosen->session[i].gap;
    }
}

static bool has_condition(const ProtocolVariant *variant)
{
    return variant->least_area_cm2 > 0.0 || variant->most_area_cm2 > 0.0 ||
           variant->least_scar_share > 0.0;
}

static bool holds(const ProtocolVariant *variant, const ProtocolSituation *situation)
{
    return situation->area_cm2 >= variant->least_area_cm2 &&
           (variant->most_area_cm2 <= 0.0 || situation->area_cm2 <= variant->most_area_cm2) &&
           situation->scar_share >= variant->least_scar_share;
}

/* 3: its conditions are this case; 2: it has none; 1: its conditions are not this case. */
static int fitness(const ProtocolVariant *variant, const ProtocolSituation *situation)
{
    if (!has_condition(variant))
        return 2;
    return holds(variant, situation) ? 3 : 1;
}

static int best_of_count(const Protocol *protocol, const ProtocolSituation *situation)
{
    int best = -1, best_fitness = 0;
    for (int i = 0; i < protocol->variant_count; i++) {
        const ProtocolVariant *variant = &protocol->variant[i];
        int now = fitness(variant, situation);
        if (variant->session_count == situation->session_count && now > best_fitness) {
            best = i;
            best_fitness = now;
        }
    }
    return best;
}

static int first_that_holds(const Protocol *protocol, const ProtocolSituation *situation)
{
    for (int i = 1; i < protocol->variant_count; i++)
        if (fitness(&protocol->variant[i], situation) == 3)
            return i;
    return 0;
}

static bool refuse_count(const Protocol *protocol, int wanted, Err *err)
{
    char known[64] = "";
    size_t used = 0;
    for (int count = 1; count <= COURSE_MAX_SESSIONS; count++)
        for (int i = 0; i < protocol->variant_count; i++)
            if (protocol->variant[i].session_count == count) {
                used += (size_t)snprintf(known + used, sizeof known - used, "%s%d",
                                         used > 0 ? " or " : "", count);
                break;
            }
    return err_set(err, ERR_INPUT,
                   "the protocol '%.60s' has no course of %d sessions, only of %s: choose one of "
                   "these, or another protocol",
                   protocol->id, wanted, known);
}

bool protocol_settle(Protocol *protocol, ProtocolSituation situation, Err *err)
{
    if (!(situation.area_cm2 >= 0.0 && situation.scar_share >= 0.0 && situation.scar_share <= 1.0))
        return err_set(err, ERR_INPUT, "an area of %g cm2 with %g of it scars is no area",
                       situation.area_cm2, situation.scar_share);
    int chosen = situation.session_count == 0 ? first_that_holds(protocol, &situation)
                                              : best_of_count(protocol, &situation);
    if (chosen < 0)
        return refuse_count(protocol, situation.session_count, err);
    protocol_settle_on(protocol, chosen);
    return true;
}

double protocol_difficulty(const Protocol *protocol, const char *zone)
{
    for (int i = 0; i < protocol->difficulty_count; i++)
        if (strcmp(protocol->difficulty[i].zone, zone) == 0)
            return protocol->difficulty[i].factor;
    return 1.0;
}
