#include "color/spectrum.h"

#include "color/spectrum_weights.h"

double spectrum_wavelength_nm(int band)
{
    return 400.0 + 10.0 * band;
}

/* Three sums side by side: each alone would wait for its own last addition. */
static Xyz weigh(const double weight[3][SPECTRUM_BANDS], const double band[SPECTRUM_BANDS])
{
    Xyz sum = {0};
    for (int i = 0; i < SPECTRUM_BANDS; i++) {
        sum.x += weight[0][i] * band[i];
        sum.y += weight[1][i] * band[i];
        sum.z += weight[2][i] * band[i];
    }
    return sum;
}

Xyz spectrum_xyz(const Spectrum *reflectance, SpectrumLight light)
{
    return weigh(spectrum_weights[light], reflectance->band);
}

Xyz spectrum_white(SpectrumLight light)
{
    Spectrum perfect;
    for (int i = 0; i < SPECTRUM_BANDS; i++)
        perfect.band[i] = 1.0;
    return spectrum_xyz(&perfect, light);
}

Lab spectrum_lab(const Spectrum *reflectance, SpectrumLight light)
{
    return color_lab_of_xyz(spectrum_xyz(reflectance, light), spectrum_white(light));
}

Rgb spectrum_rgb(const Spectrum *reflectance)
{
    /* The white of sRGB is D65 rounded to four digits, 2e-4 from its spectrum's. */
    Xyz srgb_white = color_xyz((Rgb){1, 1, 1});
    return color_of_xyz(color_adapt(spectrum_xyz(reflectance, SPECTRUM_D65),
                                    spectrum_white(SPECTRUM_D65), srgb_white));
}
