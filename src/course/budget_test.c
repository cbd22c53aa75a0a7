#include "course/budget.h"

#include "base/test.h"

static const SkinAgeing ageing = {.growth_per_year = {0.03, 0.04, 0.05}};

/* Distance of the nearest pairs at a density: it goes with the root of the area of a dot. */
static double nearest_mm(double per_mm2)
{
    return sqrt(dots_most_per_mm2(1.0) / per_mm2);
}

TEST(the_nearest_pairs_stand_within_the_hexagonal_distance)
{
    const double hexagonal = 1.0745699318235418; /* sqrt(2 / sqrt 3) */
    CHECK(nearest_mm(1.0) < hexagonal && nearest_mm(1.0) > 0.6 * hexagonal);
    CHECK_NEAR(dots_most_per_mm2(nearest_mm(1.7)), 1.7, 1e-12);
}

TEST(the_year_is_the_one_in_which_the_grown_diameter_fills_the_distance)
{
    for (double density = 0.2; density < 3.0; density += 0.13)
        for (double diameter = 0.1; diameter < 0.5; diameter += 0.09)
            for (double diameters = 1.0; diameters < 2.0; diameters += 0.5) {
                /* linear growth: d (1 + 0.05 t) diameters = distance */
                double want = (nearest_mm(density) / (diameters * diameter) - 1.0) / 0.05;
                double got = budget_years_until(density, diameters, diameter, &ageing);
                if (want <= 0.0)
                    CHECK_NEAR(got, 0.0, 1e-9);
                else if (want >= BUDGET_YEARS)
                    CHECK(isinf(got));
                else
                    CHECK_NEAR(got, want, 1e-6);
            }
}

TEST(what_does_not_grow_or_is_not_there_never_merges)
{
    SkinAgeing still = {.growth_per_year = {0.0, 0.0, 0.0}};
    CHECK(isinf(budget_years_until(1.5, BUDGET_CROWDED, 0.3, &still)));
    CHECK(isinf(budget_years_until(0.0, BUDGET_CROWDED, 0.3, &ageing)));
    CHECK_NEAR(budget_years_until(20.0, BUDGET_CROWDED, 0.3, &still), 0.0, 1e-9);
}

TEST(dots_touch_later_than_they_crowd_and_denser_ones_sooner)
{
    double last = HUGE_VAL;
    for (double density = 0.5; density < 4.0; density += 0.25) {
        double crowded = budget_years_until(density, BUDGET_CROWDED, 0.3, &ageing);
        double touching = budget_years_until(density, BUDGET_TOUCHING, 0.3, &ageing);
        CHECK(touching >= crowded && crowded <= last);
        last = crowded;
    }
}

/* Two zones of four vertices; the second is denser at one of them. */
static BudgetInput two_zones(void)
{
    static const double area_mm2[] = {2, 2, 2, 2, 5, 5, 5, 5};
    static const double wanted[] = {1, 1, 1, 1, 0.5, 1.4, 0.5, 0};
    static const double hair[] = {0, 0, 0.4, 0.4, 2, 2, 2, 9};
    static const uint8_t zone[] = {3, 3, 3, 3, 4, 4, 4, 4};
    BudgetInput input = {.vertex_count = 8,
                         .area_mm2 = area_mm2,
                         .wanted_per_mm2 = wanted,
                         .hair_per_mm2 = hair,
                         .zone = zone,
                         .touch_up_share = 0.2,
                         .healed_diameter_mm = 0.3,
                         .ageing = ageing};
    input.spacing_mm[3] = input.spacing_mm[4] = 0.5625;
    return input;
}

TEST(means_go_with_the_area_and_the_densest_place_limits)
{
    BudgetZone zone[DOTS_ZONES];
    BudgetInput input = two_zones();
    static const double fixed[] = {0, 0, 0, 0, 2, 0.4, 0.8, 9};
    input.fixed_per_mm2 = fixed;
    input.earlier_share = 0.25;
    budget_make(&input, zone);
    double most = dots_most_per_mm2(1.0) / (0.5625 * 0.5625);
    CHECK_NEAR(zone[3].area_mm2, 8.0, 1e-12);
    CHECK_NEAR(zone[3].planned_per_mm2, 1.0, 1e-12);
    CHECK_NEAR(zone[3].hair_per_mm2, 0.2, 1e-12);
    CHECK_NEAR(zone[3].most_per_mm2, most, 1e-9);
    CHECK_NEAR(zone[3].left_per_mm2, most - 1.0, 1e-9);
    CHECK_NEAR(zone[3].left_share, 1.0 - 1.0 / most, 1e-9);
    CHECK(zone[3].touch_ups == (int)((most - 1.0) / 0.2));
    CHECK_NEAR(zone[4].area_mm2, 15.0, 1e-12); /* the vertex where nothing is wanted is not in it */
    CHECK_NEAR(zone[4].planned_per_mm2, 0.8, 1e-12);
    CHECK_NEAR(zone[4].earlier_per_mm2, 0.8 / 3.0, 1e-12);
    CHECK_NEAR(zone[4].densest_per_mm2, 1.5, 1e-12); /* 1.4 and a quarter of 0.4 */
    CHECK_NEAR(zone[4].touch_up_per_mm2, 0.28, 1e-12);
    CHECK_NEAR(zone[4].crowded_years, budget_years_until(1.5, 1.5, 0.3, &ageing), 1e-12);
    CHECK(zone[5].area_mm2 <= 0.0 && zone[0].area_mm2 <= 0.0);
}

TEST(a_plan_beyond_the_spacing_has_nothing_left)
{
    BudgetZone zone[DOTS_ZONES];
    BudgetInput input = two_zones();
    input.spacing_mm[3] = 1.0; /* most 0.7 per mm2, 1 is wanted */
    budget_make(&input, zone);
    CHECK(zone[3].left_per_mm2 < 0.0 && zone[3].left_share < 0.0 && zone[3].touch_ups == 0);
    input.spacing_mm[3] = 0.0;
    budget_make(&input, zone);
    CHECK(isinf(zone[3].most_per_mm2) && zone[3].touch_ups == 99);
}

TEST(at_the_greatest_density_of_a_spacing_dots_are_crowded_when_the_spacing_says)
{
    for (double years = 1.0; years < 20.0; years += 1.5) {
        double spacing_mm = BUDGET_CROWDED * skin_grown_diameter_mm(0.3, &ageing, years);
        double density = dots_most_per_mm2(spacing_mm);
        CHECK_NEAR(budget_years_until(density, BUDGET_CROWDED, 0.3, &ageing), years, 1e-6);
    }
}

TEST(a_touch_up_is_as_large_as_the_last_session)
{
    CHECK_NEAR(budget_touch_up_share(3, (double[]){0.45, 0.35, 0.2}), 0.2, 1e-15);
    CHECK_NEAR(budget_touch_up_share(1, (double[]){1.0}), BUDGET_TOUCH_UP_SHARE, 1e-15);
}
