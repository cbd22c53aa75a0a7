/* What the dots rest on, in case.json and layout.json: counts, spacing, room, edges. */
#include "casefile/casefile_internal.h"

#include <math.h>
#include <string.h>

/* ---- edges, in layout.json ---- */

/* Whether a closed line runs clockwise seen from outside: then u, v run round it the other way,
 * because x, z do when seen from +y. */
static bool is_clockwise(const DotsEdge *edge)
{
    const Vec3 centre_mm = HEAD_CENTRE_MM;
    double sum = 0.0, last[2], uv[2];
    head_chart(vec_normalize(vec_sub(edge->point_mm[edge->point_count - 1], centre_mm)), last);
    for (int i = 0; i < edge->point_count; i++) {
        head_chart(vec_normalize(vec_sub(edge->point_mm[i], centre_mm)), uv);
        sum += last[0] * uv[1] - last[1] * uv[0];
        memcpy(last, uv, sizeof last);
    }
    return sum > 0.0;
}

static const char *edge_kind(const DotsEdge *edge)
{
    if (!edge->closed)
        return "line";
    return is_clockwise(edge) ? "keep_out" : "outline";
}

void case_put_edges(Doc *doc, const DotsWanted *wanted)
{
    if (wanted->edge_count == 0)
        return;
    json_t *list = doc_list(doc, doc->root, "edges");
    for (int i = 0; i < wanted->edge_count; i++) {
        const DotsEdge *edge = &wanted->edge[i];
        json_t *entry = doc_entry(doc, list, "edges");
        doc_put(doc, entry, "kind", json_string(edge_kind(edge)));
        doc_put(doc, entry, "ramp_mm", doc_number(edge->ramp_mm, 3));
        doc_put(doc, entry, "points_mm", case_points(doc, edge->point_count, edge->point_mm));
    }
}

/* ---- counts and room, in case.json ---- */

static json_t *counts_json(Doc *doc, int session_count, const int count[])
{
    json_t *list = json_array();
    for (int s = 0; s < session_count; s++)
        doc_add(doc, list, "dots", json_integer(count[s]));
    return list;
}

/* Years beyond a hundred are absent, as what is not known. */
static void put_years(Doc *doc, json_t *json, const char *key, double years)
{
    if (isfinite(years))
        doc_put(doc, json, key, doc_number(years, 1));
}

static void put_budget(Doc *doc, json_t *parent, const BudgetZone *budget)
{
    json_t *json = doc_object(doc, parent, "budget");
    doc_put(doc, json, "area_cm2", doc_number(budget->area_mm2 / 100.0, 2));
    doc_put(doc, json, "hair_per_cm2", doc_number(100.0 * budget->hair_per_mm2, 1));
    doc_put(doc, json, "earlier_per_cm2", doc_number(100.0 * budget->earlier_per_mm2, 1));
    doc_put(doc, json, "planned_per_cm2", doc_number(100.0 * budget->planned_per_mm2, 1));
    doc_put(doc, json, "densest_per_cm2", doc_number(100.0 * budget->densest_per_mm2, 1));
    doc_put(doc, json, "touch_up_per_cm2", doc_number(100.0 * budget->touch_up_per_mm2, 1));
    if (isfinite(budget->most_per_mm2)) {
        doc_put(doc, json, "most_per_cm2", doc_number(100.0 * budget->most_per_mm2, 1));
        doc_put(doc, json, "left_per_cm2", doc_number(100.0 * budget->left_per_mm2, 1));
        doc_put(doc, json, "left_share", doc_number(budget->left_share, 3));
        doc_put(doc, json, "touch_ups_that_fit", json_integer(budget->touch_ups));
    }
    put_years(doc, json, "crowded_after_years", budget->crowded_years);
    put_years(doc, json, "touching_after_years", budget->touching_years);
}

static bool is_used(const Case *plan, const BudgetZone *budget, int zone)
{
    bool any = budget->area_mm2 > 0.0;
    for (int s = 0; s < DOTS_MAX_SESSIONS; s++)
        any = any || plan->dots->wanted[zone][s] > 0 || plan->dots->in_zone[zone][s] > 0;
    return any;
}

static void put_zones(Doc *doc, json_t *parent, const Case *plan)
{
    const CaseDotsPlan *dots = &plan->dots_plan;
    BudgetZone budget[DOTS_ZONES];
    case_budget(plan, budget);
    json_t *list = doc_list(doc, parent, "zones");
    for (int zone = 0; zone < DESIGN_ZONES; zone++) {
        if (!is_used(plan, &budget[zone], zone))
            continue;
        json_t *entry = doc_entry(doc, list, "zones");
        doc_put(doc, entry, "zone", json_string(design_zone_name((DesignZone)zone)));
        doc_put(doc, entry, "spacing_mm", doc_number(dots->params->spacing_mm[zone], 4));
        doc_put(doc, entry, "wanted",
                counts_json(doc, plan->dots->session_count, plan->dots->wanted[zone]));
        doc_put(doc, entry, "placed",
                counts_json(doc, plan->dots->session_count, plan->dots->in_zone[zone]));
        if (budget[zone].area_mm2 > 0.0)
            put_budget(doc, entry, &budget[zone]);
    }
}

static void put_irregularity(Doc *doc, json_t *parent, const CaseDotsPlan *dots)
{
    json_t *json = doc_object(doc, parent, "irregularity");
    doc_put(doc, json, "value", doc_number(dots->params->irregularity, 4));
    doc_put(doc, json, "source", json_string(dots->irregularity_source));
    if (dots->nn_cv > 0.0)
        doc_put(doc, json, "spacing_variation", doc_number(dots->nn_cv, 4));
}

static void put_fixed(Doc *doc, json_t *parent, const DotsSequence *sequence)
{
    int count[3] = {0};
    if (sequence->fixed_count == 0)
        return;
    for (int i = 0; i < sequence->fixed_count; i++)
        count[sequence->fixed[i].kind]++;
    json_t *json = doc_object(doc, parent, "fixed");
    doc_put(doc, json, "follicles", json_integer(count[DOTS_FOLLICLE]));
    doc_put(doc, json, "grafts", json_integer(count[DOTS_GRAFT]));
    doc_put(doc, json, "earlier_dots", json_integer(count[DOTS_EARLIER]));
}

void case_put_dots(Doc *doc, const Case *plan)
{
    const Dots *dots = plan->dots;
    const DotsParams *params = plan->dots_plan.params;
    json_t *json = doc_object(doc, doc->root, "dots");
    doc_put(doc, json, "count", json_integer(dots->count));
    doc_put(doc, json, "dropped", json_integer(dots->dropped));
    if (dots->short_of != 0)
        doc_put(doc, json, "short_of", json_integer(dots->short_of));
    if (dots->count > 1) /* with one dot there is no nearest */
        doc_put(doc, json, "nearest_mm", doc_number(dots->nearest_mm, 3));
    json_t *share = doc_list(doc, json, "shares");
    for (int s = 0; s < params->session_count; s++)
        doc_add(doc, share, "shares", doc_number(params->share[s], 6));
    put_irregularity(doc, json, &plan->dots_plan);
    doc_put(doc, json, "rows", doc_number(plan->dots_plan.params->rows, 4));
    if (params->unit_share[1] > 0.0 || params->unit_share[2] > 0.0) {
        json_t *units = doc_list(doc, json, "unit_shares");
        for (int i = 0; i < DOTS_UNIT_SIZES; i++)
            doc_add(doc, units, "unit_shares", doc_number(params->unit_share[i], 4));
    }
    put_fixed(doc, json, plan->dots_plan.sequence);
    put_zones(doc, json, plan);
}
