#include "skin/ageing.h"
#include "skin/mark_skin.h"

#include <math.h>

/* Mean contrast between two radii, from places that share the ring evenly. */
static double mean_contrast(const SkinProfile *profile, int band, const double ring_mm[2])
{
    enum { PLACES = 3 };
    double inner2 = ring_mm[0] * ring_mm[0], outer2 = ring_mm[1] * ring_mm[1], sum = 0.0;
    for (int i = 0; i < PLACES; i++)
        sum +=
            skin_profile_at(profile, band, sqrt(inner2 + (i + 0.5) / PLACES * (outer2 - inner2)));
    return sum / PLACES;
}

/* Both contrasts on the rings of the dermal mark. */
typedef struct Stack {
    SkinProfile below;
    double above[SPECTRUM_BANDS][SKIN_RINGS];
} Stack;

static Stack stack_of(const SkinMarks *marks, const SkinMoment *moment)
{
    Stack stack = {.below = skin_mark_profile(marks, moment->dermal)};
    SkinProfile above = skin_mark_profile(marks, moment->epidermal);
    if (moment->epidermal.absorption_per_mm > 0.0)
        for (int b = 0; b < SPECTRUM_BANDS; b++)
            for (int r = 0; r < SKIN_RINGS; r++)
                stack.above[b][r] = mean_contrast(&above, b, &stack.below.ring_mm[r]);
    return stack;
}

/* Pigment over pigment: what one lets through the other takes its share of. */
static SkinProfile profile_of(const Stack *stack, double veil)
{
    SkinProfile both = stack->below;
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        for (int r = 0; r < SKIN_RINGS; r++)
            both.contrast[b][r] =
                veil * (1.0 - (1.0 - both.contrast[b][r]) * (1.0 - stack->above[b][r]));
    return both;
}

SkinProfile skin_moment_profile(const SkinMarks *marks, SkinMoment moment)
{
    Stack stack = stack_of(marks, &moment);
    return profile_of(&stack, moment.veil);
}

/* What a sum of areas counts twice: the integral of the product of the contrasts. */
static double shared_mm2(const Stack *stack, int band)
{
    double sum = 0.0;
    for (int r = 0; r < SKIN_RINGS; r++)
        sum += stack->below.contrast[band][r] * stack->above[band][r] *
               ring_area_mm2(&stack->below.ring_mm[r]);
    return sum;
}

static Spectrum area_of(const SkinMarks *marks, const SkinMoment *moment, const Stack *stack)
{
    Spectrum area = skin_mark_area(marks, moment->dermal);
    Spectrum upper = skin_mark_area(marks, moment->epidermal);
    for (int b = 0; b < SPECTRUM_BANDS; b++) {
        double shared = fmin(shared_mm2(stack, b), fmin(area.band[b], upper.band[b]));
        area.band[b] = moment->veil * (area.band[b] + upper.band[b] - shared);
    }
    return area;
}

Spectrum skin_moment_area(const SkinMarks *marks, SkinMoment moment)
{
    if (moment.epidermal.absorption_per_mm > 0.0) {
        Stack stack = stack_of(marks, &moment);
        return area_of(marks, &moment, &stack);
    }
    Spectrum area = skin_mark_area(marks, moment.dermal);
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        area.band[b] *= moment.veil;
    return area;
}

/* Diameter of the disc that is drawn: the two discs, weighted by what each takes of green light. */
static double stacked_core_mm(const SkinMarks *marks, const SkinMoment *moment)
{
    const int green = 15; /* 550 nm */
    double below = skin_mark_area(marks, moment->dermal).band[green];
    double above = skin_mark_area(marks, moment->epidermal).band[green];
    return (below * moment->dermal.diameter_mm + above * moment->epidermal.diameter_mm) /
           fmax(below + above, 1e-12);
}

static SkinLook stacked_look(const SkinMarks *marks, const SkinMoment *moment)
{
    Stack stack = stack_of(marks, moment);
    SkinProfile profile = profile_of(&stack, moment->veil);
    Spectrum area = area_of(marks, moment, &stack);
    SkinLook look = mark_look(marks, stacked_core_mm(marks, moment), &profile, &area);
    look.clamped =
        !mark_is_covered(marks, moment->dermal) || !mark_is_covered(marks, moment->epidermal);
    return look;
}

SkinLook skin_moment_look(const SkinMarks *marks, SkinMoment moment)
{
    if (moment.epidermal.absorption_per_mm > 0.0 && moment.dermal.absorption_per_mm > 0.0)
        return stacked_look(marks, &moment);
    SkinLook look = skin_mark_look(marks, moment.dermal);
    Spectrum area = skin_moment_area(marks, moment);
    skin_area_rgb(marks, &area, look.area_mm2);
    return look;
}
