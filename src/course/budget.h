/* budget.h - how much room the skin has for dots: what stands there, what still fits, and from
 * which year on too many would run together.
 *
 * Dots spread as they age. Two of them read as one once they are closer than a diameter and a half
 * (crowded) and merge when they touch. Hair does neither, so it is counted apart.
 */
#ifndef COURSE_BUDGET_H
#define COURSE_BUDGET_H

#include "dots/dots.h"
#include "skin/ageing.h"

/* Distance of two dots that still read as two, in diameters: the rule of every spacing here. */
#define BUDGET_CROWDED  1.5
#define BUDGET_TOUCHING 1.0
/* Dots of one touch-up relative to the plan where the protocol has one session only: as many as the
 * last session of the standard protocol. No source gives a number [assumption]. */
#define BUDGET_TOUCH_UP_SHARE 0.2
enum { BUDGET_YEARS = 100 }; /* later is never */

typedef struct BudgetInput {
    int vertex_count;
    const double *area_mm2, *wanted_per_mm2; /* [vertex_count] */
    const double *hair_per_mm2;              /* [vertex_count] or NULL: not known */
    const uint8_t *zone;                     /* [vertex_count] below DOTS_ZONES */
    const double *fixed_per_mm2;             /* [vertex_count] or NULL: nothing is fixed */
    double earlier_share;                    /* of the fixed that are dots of earlier treatments */
    double spacing_mm[DOTS_ZONES];
    double touch_up_share; /* of the planned dots, 0..1 */
    double healed_diameter_mm;
    SkinAgeing ageing;
} BudgetInput;

typedef struct BudgetZone {
    double area_mm2; /* where something is wanted; 0: the zone is not used */
    double hair_per_mm2, earlier_per_mm2, planned_per_mm2; /* means */
    double densest_per_mm2;  /* planned and earlier where the design is densest: what limits */
    double most_per_mm2;     /* that keep the spacing; INFINITY without one */
    double left_per_mm2;     /* most - densest, below 0 where the plan is too dense already */
    double left_share;       /* left / most */
    double touch_up_per_mm2; /* what one touch-up adds where the plan is densest */
    int touch_ups;           /* that fit, at most 99 */
    double crowded_years, touching_years; /* after healing; INFINITY: not in a hundred years */
} BudgetZone;

/* Pure sums; every number of the input finite. O(vertex_count). */
void budget_make(const BudgetInput *input, BudgetZone zone[DOTS_ZONES]);

/* Years until dots of this density, as evenly placed as they can be, are closer than `diameters` of
 * the diameter they have then at the wide end of the ageing band: 0 when they are already, INFINITY
 * when not within BUDGET_YEARS. The nearest pairs stand as far apart as dots_most_per_mm2 says. */
double budget_years_until(double per_mm2, double diameters, double healed_diameter_mm,
                          const SkinAgeing *ageing);
/* Share of the plan's dots that a touch-up adds: as much as the last session. */
double budget_touch_up_share(int session_count, const double share[]);

#endif
