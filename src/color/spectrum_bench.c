/* spectrum_bench: colours of spectra, beside the sum over the 471 rows of the CIE; of Monk tones.
 */
#include "color/spectrum.h"

#include <stdio.h>
#include <time.h>

enum { SPECTRA = 1000, ROUNDS = 400, ROWS = 471 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fill(Spectrum spectra[SPECTRA])
{
    for (int s = 0; s < SPECTRA; s++) {
        for (int i = 0; i < SPECTRUM_BANDS; i++)
            spectra[s].band[i] = 0.1 + 0.0005 * s + 0.01 * i;
    }
}

/* As much work as the definition: three products per nm, the reflectance between its samples. */
static double row_by_row(const Spectrum *spectrum)
{
    double sum[3] = {0};
    for (int row = 0; row < ROWS; row++) {
        double place = (row - 40) / 10.0;
        place = place < 0.0 ? 0.0 : place > 30.0 ? 30.0 : place;
        int left = place < 30.0 ? (int)place : 29;
        double t = place - left;
        double reflectance = spectrum->band[left] * (1.0 - t) + spectrum->band[left + 1] * t;
        for (int c = 0; c < 3; c++)
            sum[c] += (1.0 + c) * reflectance;
    }
    return sum[0] + sum[1] + sum[2];
}

static double xyz(const Spectrum *spectrum)
{
    return spectrum_xyz(spectrum, SPECTRUM_D65).y;
}

static double lab(const Spectrum *spectrum)
{
    return spectrum_lab(spectrum, SPECTRUM_D65).L;
}

static double rgb(const Spectrum *spectrum)
{
    return (double)spectrum_rgb(spectrum).r;
}

static double tone(const Spectrum *spectrum)
{
    return color_monk_tone((Lab){100.0 * spectrum->band[0], 5, 15});
}

static double per_call_us(double (*work)(const Spectrum *), const Spectrum spectra[SPECTRA])
{
    double begin = now_s(), sum = 0.0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int s = 0; s < SPECTRA; s++)
            sum += work(&spectra[s]);
    }
    double took = now_s() - begin;
    if (sum < 0.0)
        printf("unlikely\n"); /* keeps the sums alive */
    return took / (ROUNDS * SPECTRA) * 1e6;
}

int main(void)
{
    static Spectrum spectra[SPECTRA];
    fill(spectra);
    double naive_us = per_call_us(row_by_row, spectra), xyz_us = per_call_us(xyz, spectra);
    printf("XYZ of a spectrum      %6.3f us   %5.1f Mspectra/s   %.0fx the sum over %d rows\n",
           xyz_us, 1.0 / xyz_us, naive_us / xyz_us, ROWS);
    printf("Lab of a spectrum      %6.3f us\n", per_call_us(lab, spectra));
    printf("sRGB of a spectrum     %6.3f us\n", per_call_us(rgb, spectra));
    printf("Monk tone of a colour  %6.3f us\n", per_call_us(tone, spectra));
    return 0;
}
