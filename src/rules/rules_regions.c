/* Rules on drawn regions: scars, borders, places to keep out of. */
#include "rules/rules_internal.h"

static bool is_scar(const DesignRegion *region)
{
    return region->zone == DESIGN_SCAR || region->zone == DESIGN_PUNCH ||
           region->zone == DESIGN_BURN;
}

/* For each scar whose age lies below the limit and not below `from`. */
static void say_young(RulesJudge *judge, const Rule *rule, double from_months)
{
    const Design *design = &judge->input->layout->design;
    for (int r = 0; r < design->region_count; r++) {
        const DesignRegion *region = &design->region[r];
        double months = region->healed_months;
        if (!is_scar(region) || !(months > 0.0) || months < from_months || !(months < rule->limit))
            continue;
        Finding *finding = rules_say(judge, rule,
                                     "'%s' has healed for %.1f months; before %g months a scar "
                                     "still changes",
                                     rules_region_words(region), months, rule->limit);
        rules_value(finding, months, rule->limit);
        rules_where_region(judge, finding, region);
    }
}

void rules_scar_too_young(RulesJudge *judge, const Rule *rule)
{
    say_young(judge, rule, 0.0);
}

void rules_scar_young(RulesJudge *judge, const Rule *rule)
{
    say_young(judge, rule, rules_named(judge->set, "scar_too_young")->limit);
}

void rules_scar_age_unknown(RulesJudge *judge, const Rule *rule)
{
    const Design *design = &judge->input->layout->design;
    for (int r = 0; r < design->region_count; r++) {
        const DesignRegion *region = &design->region[r];
        if (!is_scar(region) || region->healed_months > 0.0)
            continue;
        Finding *finding = rules_say(judge, rule, "how long '%s' has healed is not known",
                                     rules_region_words(region));
        rules_where_region(judge, finding, region);
    }
}

/* Stages, bare area and whole scalp fade with the fringe; dotted scars are too small to fade. */
static bool has_own_border(const Design *design, const DesignRegion *region)
{
    if (region->zone == DESIGN_KEEP_OUT || region->zone == DESIGN_FRINGE ||
        region->zone == DESIGN_PUNCH)
        return false;
    for (int i = 0; i < region->shape_count; i++) {
        DesignShapeKind kind = design->shape[region->first_shape + i].kind;
        if (kind == DESIGN_OUTLINE || kind == DESIGN_BAND)
            return true;
    }
    return false;
}

void rules_hard_border(RulesJudge *judge, const Rule *rule)
{
    const Design *design = &judge->input->layout->design;
    const DesignRegion *hardest = NULL;
    int count = 0;
    for (int r = 0; r < design->region_count; r++) {
        const DesignRegion *region = &design->region[r];
        if (!has_own_border(design, region) || !(region->blend_mm < rule->limit))
            continue;
        count++;
        if (hardest == NULL || region->blend_mm < hardest->blend_mm)
            hardest = region;
    }
    if (hardest == NULL)
        return;
    Finding *finding = rules_say(judge, rule,
                                 "'%s' ends within %.1f mm (%d region%s in all); below %g mm the "
                                 "border shows",
                                 rules_region_words(hardest), hardest->blend_mm, count,
                                 count == 1 ? "" : "s", rule->limit);
    rules_value(finding, hardest->blend_mm, rule->limit);
    rules_where_region(judge, finding, hardest);
}

/* The plan cuts keep-outs out exactly as they are drawn; a mole then needs skin around it, because
 * no hand is exact and dots spread. */
void rules_keep_out_narrow(RulesJudge *judge, const Rule *rule)
{
    const Design *design = &judge->input->layout->design;
    const DesignRegion *narrowest = NULL;
    double width_mm = rule->limit;
    for (int r = 0; r < design->region_count; r++)
        for (int i = 0; i < design->region[r].shape_count; i++) {
            const DesignShape *shape = &design->shape[design->region[r].first_shape + i];
            bool sized = shape->kind == DESIGN_BAND || shape->kind == DESIGN_DISCS;
            if (design->region[r].zone != DESIGN_KEEP_OUT || shape->join != DESIGN_ADD || !sized ||
                !(shape->width_mm + 2.0 * shape->grow_mm < width_mm))
                continue;
            width_mm = shape->width_mm + 2.0 * shape->grow_mm;
            narrowest = &design->region[r];
        }
    if (narrowest == NULL)
        return;
    Finding *finding =
        rules_say(judge, rule, "'%s' is %.1f mm across; below %g mm no skin around it stays free",
                  rules_region_words(narrowest), width_mm, rule->limit);
    rules_value(finding, width_mm, rule->limit);
    rules_where_region(judge, finding, narrowest);
}
