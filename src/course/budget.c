#include "course/budget.h"

#include <assert.h>

enum { TOUCH_UPS_SHOWN = 99, HALVINGS = 60 };

/* Where pairs of this distance are closest at that density: the inverse of dots_most_per_mm2, which
 * goes with the square. */
static double nearest_mm(double per_mm2)
{
    return sqrt(dots_most_per_mm2(1.0) / per_mm2);
}

/* By halving, so that it inverts whatever law of growth skin_grown_diameter_mm follows, as long as
 * dots do not shrink. */
double budget_years_until(double per_mm2, double diameters, double healed_diameter_mm,
                          const SkinAgeing *ageing)
{
    assert(diameters > 0.0 && healed_diameter_mm > 0.0);
    if (!(per_mm2 > 0.0))
        return HUGE_VAL;
    double limit_mm = nearest_mm(per_mm2) / diameters;
    if (skin_grown_diameter_mm(healed_diameter_mm, ageing, BUDGET_YEARS) <= limit_mm)
        return HUGE_VAL;
    double low = 0.0, high = BUDGET_YEARS;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        if (skin_grown_diameter_mm(healed_diameter_mm, ageing, middle) <= limit_mm)
            low = middle;
        else
            high = middle;
    }
    return low;
}

double budget_touch_up_share(int session_count, const double share[])
{
    return session_count > 1 ? share[session_count - 1] : BUDGET_TOUCH_UP_SHARE;
}

static void sum_vertices(const BudgetInput *input, BudgetZone zone[DOTS_ZONES])
{
    for (int v = 0; v < input->vertex_count; v++) {
        double wanted = input->wanted_per_mm2[v], area = input->area_mm2[v];
        if (!(wanted > 0.0))
            continue;
        assert(input->zone[v] < DOTS_ZONES);
        BudgetZone *sum = &zone[input->zone[v]];
        double earlier =
            input->fixed_per_mm2 != NULL ? input->earlier_share * input->fixed_per_mm2[v] : 0.0;
        sum->area_mm2 += area;
        sum->planned_per_mm2 += wanted * area;
        if (input->hair_per_mm2 != NULL)
            sum->hair_per_mm2 += input->hair_per_mm2[v] * area;
        sum->earlier_per_mm2 += earlier * area;
        sum->densest_per_mm2 = fmax(sum->densest_per_mm2, wanted + earlier);
        sum->touch_up_per_mm2 = fmax(sum->touch_up_per_mm2, input->touch_up_share * wanted);
    }
}

static void judge(const BudgetInput *input, int number, BudgetZone *zone)
{
    double spacing_mm = input->spacing_mm[number];
    zone->planned_per_mm2 /= zone->area_mm2;
    zone->hair_per_mm2 /= zone->area_mm2;
    zone->earlier_per_mm2 /= zone->area_mm2;
    zone->most_per_mm2 = spacing_mm > 0.0 ? dots_most_per_mm2(spacing_mm) : HUGE_VAL;
    zone->left_per_mm2 = zone->most_per_mm2 - zone->densest_per_mm2;
    zone->left_share = spacing_mm > 0.0 ? zone->left_per_mm2 / zone->most_per_mm2 : 1.0;
    double fit = zone->left_per_mm2 / fmax(zone->touch_up_per_mm2, 1e-9);
    zone->touch_ups = fit < 0.0 ? 0 : fit > TOUCH_UPS_SHOWN ? TOUCH_UPS_SHOWN : (int)(fit + 1e-9);
    zone->crowded_years = budget_years_until(zone->densest_per_mm2, BUDGET_CROWDED,
                                             input->healed_diameter_mm, &input->ageing);
    zone->touching_years = budget_years_until(zone->densest_per_mm2, BUDGET_TOUCHING,
                                              input->healed_diameter_mm, &input->ageing);
}

void budget_make(const BudgetInput *input, BudgetZone zone[DOTS_ZONES])
{
    for (int z = 0; z < DOTS_ZONES; z++)
        zone[z] = (BudgetZone){0};
    sum_vertices(input, zone);
    for (int z = 0; z < DOTS_ZONES; z++)
        if (zone[z].area_mm2 > 0.0)
            judge(input, z, &zone[z]);
}
