/* Rules on density, size of marks and what can be seen of them. */
#include "rules/rules_internal.h"

/* What stands at the fullest place: density, and the diameter of its marks. */
typedef struct Fullest {
    double per_mm2, diameter_mm;
} Fullest;

static bool fullest_place(const RulesJudge *judge, Fullest *place)
{
    const RulesInput *input = judge->input;
    if (judge->densest < 0)
        return false;
    place->per_mm2 =
        input->has_dots ? input->densest_per_mm2 : input->layout->target_per_mm2[judge->densest];
    place->diameter_mm = input->healed_diameter_mm * (double)input->layout->size[judge->densest];
    return place->per_mm2 > 0.0 && place->diameter_mm > 0.0;
}

/* A plan is cut down to the density that just lasts its years; a day less is rounding. */
#define YEARS_SLACK (1.0 / 365.25)

/* Years until the dots of the fullest place crowd; false without dots. */
static bool crowded_years(const RulesJudge *judge, Fullest *place, double *years)
{
    if (!fullest_place(judge, place))
        return false;
    *years = budget_years_until(place->per_mm2, BUDGET_CROWDED, place->diameter_mm, &judge->ageing);
    return true;
}

void rules_too_dense_now(RulesJudge *judge, const Rule *rule)
{
    Fullest place;
    double years;
    if (!crowded_years(judge, &place, &years) || !(years <= rule->limit))
        return;
    Finding *finding = rules_say(
        judge, rule,
        "%.0f dots per cm2 of %.2f mm run together %s: they are less than %g diameters apart",
        100.0 * place.per_mm2, place.diameter_mm,
        years > 0.0 ? "almost as soon as they have healed" : "as soon as they have healed",
        BUDGET_CROWDED);
    rules_value(finding, years, rule->limit);
    rules_where_vertex(judge, finding, judge->densest);
}

static void say_crowded(RulesJudge *judge, const Rule *rule, const Fullest *place, double years)
{
    Finding *finding = rules_say(judge, rule,
                                 "%.0f dots per cm2 of %.2f mm would run together %.1f years after "
                                 "healing; sooner than %g years is too dense",
                                 100.0 * place->per_mm2, place->diameter_mm, years, rule->limit);
    rules_value(finding, years, rule->limit);
    rules_where_vertex(judge, finding, judge->densest);
}

void rules_too_dense(RulesJudge *judge, const Rule *rule)
{
    Fullest place;
    double years;
    if (!crowded_years(judge, &place, &years) || !(years < rule->limit - YEARS_SLACK) ||
        rules_found(judge, "too_dense_now"))
        return;
    say_crowded(judge, rule, &place, years);
}

void rules_helmet(RulesJudge *judge, const Rule *rule)
{
    Fullest place;
    double years;
    if (!crowded_years(judge, &place, &years) || !(years < rule->limit - YEARS_SLACK) ||
        rules_found(judge, "too_dense_now") || rules_found(judge, "too_dense"))
        return;
    say_crowded(judge, rule, &place, years);
}

/* ---- beside hair ---- */

/* How far a step in density is looked for: hair and dots blend over a centimetre or more
 * [assumption]. Below so much hair there is none to stand beside [assumption]. */
#define STEP_MM      5.0
#define HAIR_PER_MM2 0.2

/* Rings of the mesh within STEP_MM: of triangles that are nearly equilateral. */
static int step_rings(const Head *head)
{
    double area_mm2 = head_area_mm2(head, NULL) / head->topology->triangle_count;
    int rings = (int)(STEP_MM / sqrt(area_mm2 * 4.0 / sqrt(3.0)));
    return rings > 1 ? rings : 1;
}

/* Hair that grows at a vertex: none in a scar, whatever the survey says. */
static double hair_at(const DesignLayout *layout, int v)
{
    DesignZone zone = (DesignZone)layout->zone[v];
    bool scar = zone != DESIGN_DIFFUSE && !design_zone_counts_hair(zone);
    return scar ? 0.0 : layout->existing_per_mm2[v];
}

/* low[v]: the thinnest hair within the rings; HUGE_VAL without any. */
static void spread_thinnest(const RulesJudge *judge)
{
    const DesignLayout *layout = judge->input->layout;
    const HeadTopology *mesh = layout->head->topology;
    double *low = judge->low_per_mm2, *next = judge->sweep_per_mm2;
    for (int v = 0; v < mesh->vertex_count; v++) {
        double hair = hair_at(layout, v), dots = layout->target_per_mm2[v];
        low[v] = hair >= HAIR_PER_MM2 && hair > dots ? hair + dots : HUGE_VAL;
    }
    for (int ring = step_rings(layout->head); ring > 0; ring--) {
        for (int v = 0; v < mesh->vertex_count; v++) {
            next[v] = low[v];
            for (int k = mesh->neighbor_start[v]; k < mesh->neighbor_start[v + 1]; k++)
                if (low[mesh->neighbor[k]] < next[v])
                    next[v] = low[mesh->neighbor[k]];
        }
        for (int v = 0; v < mesh->vertex_count; v++)
            low[v] = next[v];
    }
}

void rules_too_dense_next_to_hair(RulesJudge *judge, const Rule *rule)
{
    const DesignLayout *layout = judge->input->layout;
    int worst = -1;
    double most = 0.0;
    spread_thinnest(judge);
    for (int v = 0; v < layout->head->topology->vertex_count; v++) {
        double hair = hair_at(layout, v), dots = layout->target_per_mm2[v];
        double times = dots > hair ? (dots + hair) / judge->low_per_mm2[v] : 0.0;
        if (times > most) {
            most = times;
            worst = v;
        }
    }
    if (worst < 0 || !(most > rule->limit))
        return;
    Finding *finding =
        rules_say(judge, rule,
                  "within %g mm the density rises %.1f-fold, from %.0f hairs per cm2 "
                  "to %.0f with the dots; more than %g-fold shows as a step",
                  STEP_MM, most, 100.0 * judge->low_per_mm2[worst],
                  100.0 * most * judge->low_per_mm2[worst], rule->limit);
    rules_value(finding, most, rule->limit);
    rules_where_vertex(judge, finding, worst);
}

/* ---- room for later ---- */

static int densest_in(const DesignLayout *layout, int zone)
{
    int densest = -1;
    for (int v = 0; v < layout->head->topology->vertex_count; v++)
        if (layout->zone[v] == zone &&
            (densest < 0 || layout->target_per_mm2[v] > layout->target_per_mm2[densest]))
            densest = v;
    return densest;
}

/* Dots keep the distance that they need when they are as old as too_dense asks. */
void rules_space_budget(RulesJudge *judge, const Rule *rule)
{
    const RulesInput *input = judge->input;
    const DesignLayout *layout = input->layout;
    if (!(input->touch_up_share > 0.0) || judge->densest < 0 ||
        rules_found(judge, "too_dense_now") || rules_found(judge, "too_dense"))
        return;
    double years = rules_named(judge->set, "too_dense")->limit;
    BudgetInput budget = {.vertex_count = layout->head->topology->vertex_count,
                          .area_mm2 = layout->head->area_mm2,
                          .wanted_per_mm2 = layout->target_per_mm2,
                          .hair_per_mm2 = layout->existing_per_mm2,
                          .zone = layout->zone,
                          .touch_up_share = input->touch_up_share,
                          .healed_diameter_mm = input->healed_diameter_mm,
                          .ageing = judge->ageing};
    for (int z = 0; z < DOTS_ZONES; z++)
        budget.spacing_mm[z] = BUDGET_CROWDED * skin_grown_diameter_mm(input->healed_diameter_mm,
                                                                       &judge->ageing, years);
    BudgetZone zone[DOTS_ZONES];
    budget_make(&budget, zone);
    int least = -1;
    for (int z = 0; z < DOTS_ZONES; z++)
        if (zone[z].area_mm2 > 0.0 && (least < 0 || zone[z].left_share < zone[least].left_share))
            least = z;
    if (least < 0 || !(zone[least].touch_ups < rule->limit))
        return;
    Finding *finding =
        rules_say(judge, rule,
                  "beside %.0f dots per cm2 there is room for %d touch-ups before dots run "
                  "together within %g years; fewer than %g leave nothing for later",
                  100.0 * zone[least].densest_per_mm2, zone[least].touch_ups, years, rule->limit);
    rules_value(finding, zone[least].touch_ups, rule->limit);
    rules_where_vertex(judge, finding, densest_in(layout, least));
}

void rules_dots_too_large(RulesJudge *judge, const Rule *rule)
{
    const DesignLayout *layout = judge->input->layout;
    int largest = -1;
    for (int v = 0; v < layout->head->topology->vertex_count; v++)
        if (layout->target_per_mm2[v] > 0.0 &&
            (largest < 0 || layout->size[v] > layout->size[largest]))
            largest = v;
    if (largest < 0)
        return;
    double diameter_mm = judge->input->healed_diameter_mm * (double)layout->size[largest];
    if (!(diameter_mm > rule->limit))
        return;
    Finding *finding = rules_say(
        judge, rule, "healed dots of %.2f mm; above %g mm they are seen as dots, not as hair",
        diameter_mm, rule->limit);
    rules_value(finding, diameter_mm, rule->limit);
    rules_where_vertex(judge, finding, largest);
}

/* ---- what is seen ---- */

void rules_long_hair_with_full_density(RulesJudge *judge, const Rule *rule)
{
    const DesignLayout *layout = judge->input->layout;
    int densest = -1;
    for (int v = 0; v < layout->head->topology->vertex_count; v++)
        if (densest < 0 || layout->target_per_mm2[v] > layout->target_per_mm2[densest])
            densest = v;
    if (!layout->design.client.long_hair || densest < 0)
        return;
    double per_cm2 = 100.0 * layout->target_per_mm2[densest];
    if (!(per_cm2 > rule->limit))
        return;
    Finding *finding = rules_say(judge, rule,
                                 "%.0f dots per cm2 under long hair; more than %g reads as painted "
                                 "scalp where the hair parts",
                                 per_cm2, rule->limit);
    rules_value(finding, per_cm2, rule->limit);
    rules_where_vertex(judge, finding, densest);
}

static bool darkening_is_predicted(const RulesInput *input)
{
    return input->treated_darkening >= 0.0 && input->visible_darkening > 0.0;
}

void rules_too_little_to_see(RulesJudge *judge, const Rule *rule)
{
    const RulesInput *input = judge->input;
    if (!darkening_is_predicted(input))
        return;
    double times = input->treated_darkening / input->visible_darkening;
    if (!(times < rule->limit))
        return;
    Finding *finding = rules_say(
        judge, rule,
        "healed, the skin is predicted to be %.1f %% darker, %.2f times "
        "the %.1f %% that a person sees; below %g times it is not worth it",
        100.0 * input->treated_darkening, times, 100.0 * input->visible_darkening, rule->limit);
    rules_value(finding, times, rule->limit);
    if (judge->densest >= 0)
        rules_where_vertex(judge, finding, judge->densest);
}

/* Where the darkening is predicted, the prediction speaks. */
void rules_mild_thinning(RulesJudge *judge, const Rule *rule)
{
    const Design *design = &judge->input->layout->design;
    for (int r = 0; r < design->region_count && !darkening_is_predicted(judge->input); r++)
        for (int i = 0; i < design->region[r].shape_count; i++) {
            const DesignShape *shape = &design->shape[design->region[r].first_shape + i];
            if (shape->kind != DESIGN_LUDWIG_STAGE || shape->stage != 1)
                continue;
            Finding *finding = rules_say(judge, rule,
                                         "the thinning is mild (Ludwig 1), where the least is seen "
                                         "of the work, and what will be seen is not predicted");
            rules_where_region(judge, finding, &design->region[r]);
            return;
        }
}

void rules_stands_out(RulesJudge *judge, const Rule *rule)
{
    double distance_m = judge->input->step_distance_m;
    if (!(distance_m > rule->limit))
        return;
    Finding *finding =
        rules_say(judge, rule,
                  "dots and the client's own stubble are predicted to be told apart "
                  "from %.1f m; more than %g m is more than the hair's own variation",
                  distance_m, rule->limit);
    rules_value(finding, distance_m, rule->limit);
}
