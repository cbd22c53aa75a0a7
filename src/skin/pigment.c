#include "skin/pigment.h"

#include <assert.h>
#include <math.h>

/* A dilution beyond this is water. */
static const double thinnest_dilution = 1000.0;

/* 1 m2/g is 1 /mm per mg/ml, so the units cancel. */
double skin_absorption_per_mm(const SkinPigment *pigment, double dilution)
{
    assert(dilution >= 0.0);
    return pigment->mass_absorption_m2_per_g * pigment->absorber_mg_per_ml * pigment->uptake /
           (1.0 + dilution);
}

double skin_dilution(const SkinPigment *pigment, double healed_absorption_per_mm)
{
    assert(healed_absorption_per_mm >= 0.0);
    double undiluted = skin_absorption_per_mm(pigment, 0.0);
    if (healed_absorption_per_mm * (1.0 + thinnest_dilution) <= undiluted)
        return thinnest_dilution;
    return fmax(undiluted / healed_absorption_per_mm - 1.0, 0.0);
}
