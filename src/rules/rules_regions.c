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

/* ---- keep-out ---- */

/* The densest place so far on something that is to stay free. */
typedef struct Covered {
    double per_mm2;
    Vec3 at_mm;
} Covered;

static void look_at_vertices(const DesignLayout *layout, Covered *covered)
{
    for (int v = 0; v < layout->head->topology->vertex_count; v++)
        if (layout->zone[v] == DESIGN_KEEP_OUT && layout->target_per_mm2[v] > covered->per_mm2)
            *covered = (Covered){layout->target_per_mm2[v], layout->head->position_mm[v]};
}

/* A mole is smaller than the canvas' 1.7 mm edges: the field may run over it between them. */
static void look_at_points(const DesignLayout *layout, const DesignShape *shape, Covered *covered)
{
    bool inside = shape->kind == DESIGN_BAND || shape->kind == DESIGN_DISCS;
    for (int i = 0; i < shape->point_count && inside; i++) {
        const DesignPlace *place = &layout->design.point[shape->first_point + i];
        HeadPoint point =
            head_locate(layout->head, head_chart_direction((const double[2]){place->u, place->v}));
        if (point.triangle < 0)
            continue;
        double per_mm2 = head_interpolate(layout->head, point, layout->target_per_mm2);
        if (per_mm2 > covered->per_mm2)
            *covered = (Covered){per_mm2, head_position_mm(layout->head, point)};
    }
}

void rules_covers_keep_out(RulesJudge *judge, const Rule *rule)
{
    const DesignLayout *layout = judge->input->layout;
    const Design *design = &layout->design;
    Covered covered = {0};
    look_at_vertices(layout, &covered);
    for (int r = 0; r < design->region_count; r++)
        for (int i = 0; i < design->region[r].shape_count; i++) {
            const DesignShape *shape = &design->shape[design->region[r].first_shape + i];
            if (design->region[r].zone == DESIGN_KEEP_OUT && shape->join == DESIGN_ADD)
                look_at_points(layout, shape, &covered);
        }
    if (!(100.0 * covered.per_mm2 > rule->limit))
        return;
    Finding *finding =
        rules_say(judge, rule, "%.0f dots per cm2 on a place that is to stay free; %g are allowed",
                  100.0 * covered.per_mm2, rule->limit);
    rules_value(finding, 100.0 * covered.per_mm2, rule->limit);
    rules_where(judge, finding, covered.at_mm, "keep-out area");
}
