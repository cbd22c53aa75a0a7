/* The rules that the program can measure. Numbers and words are in rules/guard_rails.json. */
#include "rules/rules_internal.h"

#include <string.h>

const RuleCode rules_code[] = {
    {"hairline_far_too_low", "mm", 40.0, 70.0, false, RULE_CONFIRM, rules_hairline_far_too_low},
    {"hairline_too_low", "mm", 45.0, 90.0, false, RULE_WARN, rules_hairline_too_low},
    {"above_moving_forehead", "mm", 0.0, 30.0, false, RULE_CONFIRM, rules_above_moving_forehead},
    {"hairline_low_for_age", "mm", 50.0, 100.0, true, RULE_WARN, rules_hairline_low_for_age},
    {"hairline_low_for_women", "mm", 45.0, 90.0, false, RULE_WARN, rules_hairline_low_for_women},
    {"age_unknown", "", 0.0, 0.0, false, RULE_WARN, rules_age_unknown},
    {"temple_filled", "mm", -20.0, 20.0, false, RULE_CONFIRM, rules_temple_filled},
    {"temple_flattened", "deg", 90.0, 180.0, false, RULE_WARN, rules_temple_flattened},
    {"temple_off_canthus", "mm", 1.0, 30.0, false, RULE_WARN, rules_temple_off_canthus},
    {"too_symmetric", "mm", 0.0, 5.0, false, RULE_WARN, rules_too_symmetric},
    {"uneven", "mm", 1.0, 20.0, false, RULE_WARN, rules_uneven},
    {"straight_not_wanted", "", 0.0, 0.0, false, RULE_CONFIRM, rules_straight_not_wanted},
    {"straight_edge", "mm", 0.1, 5.0, false, RULE_CONFIRM, rules_straight_edge},
    {"thin_transition", "mm", 0.5, 30.0, false, RULE_WARN, rules_thin_transition},
    {"dark_front", "share", 0.1, 1.0, false, RULE_WARN, rules_dark_front},
    {"too_dense_now", "years", 0.0, 5.0, false, RULE_CONFIRM, rules_too_dense_now},
    {"too_dense", "years", 1.0, 30.0, false, RULE_WARN, rules_too_dense},
    {"helmet", "years", 1.0, 60.0, false, RULE_WARN, rules_helmet},
    {"too_dense_next_to_hair", "times", 1.0, 10.0, false, RULE_WARN, rules_too_dense_next_to_hair},
    {"space_budget", "touch-ups", 1.0, 20.0, false, RULE_WARN, rules_space_budget},
    {"dots_too_large", "mm", 0.1, 1.5, false, RULE_WARN, rules_dots_too_large},
    {"long_hair_with_full_density", "per_cm2", 20.0, 300.0, false, RULE_WARN,
     rules_long_hair_with_full_density},
    {"too_little_to_see", "times", 0.2, 10.0, false, RULE_WARN, rules_too_little_to_see},
    {"mild_thinning", "", 0.0, 0.0, false, RULE_WARN, rules_mild_thinning},
    {"stands_out", "m", 0.1, 20.0, false, RULE_WARN, rules_stands_out},
    {"keep_out_narrow", "mm", 0.5, 30.0, false, RULE_WARN, rules_keep_out_narrow},
    {"scar_too_young", "months", 1.0, 36.0, false, RULE_CONFIRM, rules_scar_too_young},
    {"scar_young", "months", 1.0, 60.0, false, RULE_WARN, rules_scar_young},
    {"scar_age_unknown", "", 0.0, 0.0, false, RULE_WARN, rules_scar_age_unknown},
    {"hard_border", "mm", 0.0, 20.0, false, RULE_WARN, rules_hard_border},
    {"active_loss_exposes_edge", "mm", 0.0, 500.0, false, RULE_CONFIRM,
     rules_active_loss_exposes_edge},
    {"active_loss", "", 0.0, 0.0, false, RULE_WARN, rules_active_loss},
    {"loss_next_stage", "cm2", 0.0, 300.0, true, RULE_WARN, rules_loss_next_stage},
    {"minor", "years", 14.0, 25.0, false, RULE_CONFIRM, rules_minor},
    {"patch_test_reacted", "", 0.0, 0.0, false, RULE_CONFIRM, rules_patch_test_reacted},
    {"patch_test_missing", "", 0.0, 0.0, false, RULE_WARN, rules_patch_test_missing},
    {"keloid", "", 0.0, 0.0, false, RULE_CONFIRM, rules_keloid},
    {"keloid_unknown", "", 0.0, 0.0, false, RULE_WARN, rules_keloid_unknown},
    {"skin_disease", "", 0.0, 0.0, false, RULE_CONFIRM, rules_skin_disease},
    {"skin_unknown", "", 0.0, 0.0, false, RULE_WARN, rules_skin_unknown},
};
enum { RULES_CODED = sizeof rules_code / sizeof rules_code[0] };
_Static_assert((int)RULES_CODED <= (int)RULES_LIMIT, "a set holds every rule");
/* One finding for each rule; three rules look at either temple, and of the three on the age of a
 * scar one speaks for each region. */
_Static_assert((int)RULES_CODED + (int)DESIGN_REGIONS <= (int)RULE_FINDINGS,
               "every finding has room");

int rules_code_count(void)
{
    return RULES_CODED;
}

int rules_code_find(const char *id)
{
    for (int i = 0; i < RULES_CODED; i++)
        if (strcmp(rules_code[i].id, id) == 0)
            return i;
    return -1;
}
