/* direct_testing.h - the skin of the published simulations, for the tests of this room and for
 * skin_direct. Not part of the program, and on purpose not the skin of skin/: a check that shares
 * its coefficients would not see an error in them. */
#ifndef OPTICS_DIRECT_TESTING_H
#define OPTICS_DIRECT_TESTING_H

#include "optics/direct.h"

#include <assert.h>
#include <math.h>

/* Absorption of whole blood with 150 g/L of haemoglobin at 400, 410 .. 700 nm (1/mm): with oxygen,
 * without. From Prahl's compilation (Oregon Medical Laser Center, 1999) of molar extinction eps as
 * 2.303 eps 150 g/L / 64500 g/mol. */
static const double testing_blood_per_mm[31][2] = {
    {142.6, 119.6}, {250.0, 162.8}, {257.2, 218.2}, {131.8, 283.1}, {54.9, 221.3},  {33.64, 55.31},
    {23.82, 12.52}, {17.78, 8.65},  {14.26, 7.79},  {12.68, 8.93},  {11.21, 11.17}, {10.73, 13.80},
    {12.96, 16.92}, {21.40, 20.90}, {28.51, 24.95}, {23.03, 28.60}, {17.46, 28.80}, {23.83, 24.14},
    {26.83, 19.82}, {7.71, 15.17},  {1.714, 7.859}, {0.806, 5.057}, {0.504, 3.486}, {0.327, 2.757},
    {0.237, 2.327}, {0.197, 2.008}, {0.171, 1.728}, {0.157, 1.497}, {0.149, 1.289}, {0.148, 1.099},
    {0.155, 0.961},
};

typedef struct TestingSkin {
    double melanin, blood, saturation, scatter_per_mm, slope;
} TestingSkin;

/* As in the published runs, but for the melanin. */
static inline TestingSkin testing_skin(double melanin)
{
    return (TestingSkin){melanin, 0.01, 0.75, 4.60, 1.421};
}

/* Epidermis 0.1 mm, dermis 2 mm, subcutis 5 mm, index 1.4, normal incidence. Melanosomes 6.6e10
 * L^-3.33 /mm and bloodless tissue 0.0244 + 8.53 exp(-(L - 154) / 66.2) /mm (both Jacques, Oregon
 * Medical Laser Center, 1998, for L in nm); reduced scattering as Jacques, Phys. Med. Biol. 58
 * (2013) R37; anisotropy 0.62 + 0.00029 L (van Gemert et al., IEEE Trans. Biomed. Eng. 36 (1989)
 * 1146). wavelength_nm: 400, 410 .. 700. */
static inline OpticsStack testing_stack(TestingSkin skin, int wavelength_nm)
{
    assert(wavelength_nm >= 400 && wavelength_nm <= 700 && wavelength_nm % 10 == 0);
    const double *blood = testing_blood_per_mm[(wavelength_nm - 400) / 10];
    double mixed = skin.saturation * blood[0] + (1.0 - skin.saturation) * blood[1];
    double melanosome = 6.6e10 * pow(wavelength_nm, -3.33);
    double tissue = 0.0244 + 8.53 * exp(-(wavelength_nm - 154.0) / 66.2);
    double g = 0.62 + 0.00029 * wavelength_nm;
    double scatter = skin.scatter_per_mm * pow(wavelength_nm / 500.0, -skin.slope) / (1.0 - g);
    double epidermis = skin.melanin * melanosome + (1.0 - skin.melanin) * tissue;
    double dermis = skin.blood * mixed + (1.0 - skin.blood) * tissue;
    double subcutis = 0.5 * (skin.blood * mixed + tissue);
    return (OpticsStack){
        .count = 3,
        .layer = {{epidermis, scatter, g, 0.1},
                  {dermis, scatter, g, 2.0},
                  {subcutis, 0.6 * scatter, g, 5.0}},
        .index = 1.4,
        .cos_incidence = 1.0,
    };
}

#endif
