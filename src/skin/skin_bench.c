/* Milliseconds per spectrum, inversion and fit, and how well measured skins are met, by ITA class.
 * A peer (adding-doubling and a simplex) took 570 ms per fit. */
#include "skin/skin.h"

#include "skin/skin_measured.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const double peer_fit_ms = 570.0;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static double median(int count, double value[MEASURED_LIMIT])
{
    for (int i = 1; i < count; i++) {
        for (int k = i; k > 0 && value[k] < value[k - 1]; k--) {
            double swap = value[k];
            value[k] = value[k - 1];
            value[k - 1] = swap;
        }
    }
    return count > 0 ? value[count / 2] : (double)NAN;
}

static double rms(const Spectrum *got, const Spectrum *want)
{
    double sum = 0.0;
    for (int i = 0; i < SPECTRUM_BANDS; i++)
        sum += pow(got->band[i] / want->band[i] - 1.0, 2.0);
    return sqrt(sum / SPECTRUM_BANDS);
}

typedef struct Row {
    double fit_de, fit_rms, color_de, color_rms, melanin, blood, saturation, scatter, slope;
    const char *class;
} Row;

static bool belongs(const Row *row, const char *class)
{
    return strcmp(class, "all") == 0 || strcmp(class, row->class) == 0;
}

/* Median over a class of the number at `offset` of a Row. */
static double middle(const char *class, int count, const Row row[], size_t offset)
{
    double value[MEASURED_LIMIT];
    int n = 0;
    for (int i = 0; i < count; i++) {
        if (belongs(&row[i], class))
            memcpy(&value[n++], (const char *)&row[i] + offset, sizeof value[0]);
    }
    return median(n, value);
}

static void print_class(const char *class, int count, const Row row[])
{
    double worst_fit = 0.0, worst_color = 0.0, value[9];
    static const size_t column[9] = {
        offsetof(Row, fit_de),     offsetof(Row, fit_rms), offsetof(Row, color_de),
        offsetof(Row, color_rms),  offsetof(Row, melanin), offsetof(Row, blood),
        offsetof(Row, saturation), offsetof(Row, scatter), offsetof(Row, slope)};
    int n = 0;
    for (int i = 0; i < count; i++) {
        if (!belongs(&row[i], class))
            continue;
        worst_fit = fmax(worst_fit, row[i].fit_de);
        worst_color = fmax(worst_color, row[i].color_de);
        n++;
    }
    for (int c = 0; c < 9; c++)
        value[c] = middle(class, count, row, column[c]);
    printf("%-12s %3d  %4.2f /%5.2f %6.3f  %4.2f /%5.2f %6.3f  ", class, n, value[0], worst_fit,
           value[1], value[2], worst_color, value[3]);
    printf("%7.4f %5.3f %10.2f %7.1f %5.2f\n", value[4], value[5], value[6], value[7], value[8]);
}

/* Nobody as dark was measured: ever more melanin, with little and much blood and scattering, stands
 * in, to ITA -76. */
static int add_dark(int count, Spectrum skin[MEASURED_LIMIT])
{
    for (double melanin = 0.12; melanin < 0.45 && count < MEASURED_LIMIT; melanin *= 1.3) {
        const double value[SKIN_PARAMS] = {melanin, count % 2 == 0 ? 0.01 : 0.04, 0.6,
                                           count % 2 == 0 ? 8.0 : 4.5, 0.5};
        skin[count++] = skin_spectrum(value);
    }
    return count;
}

int main(void)
{
    static Spectrum skin[MEASURED_LIMIT];
    static Row row[MEASURED_LIMIT];
    const char *path = MEASURED_MANY;
    int count = measured_read(path, skin);
    if (count == 0)
        count = measured_read(path = MEASURED_FEW, skin);
    int measured = count;
    count = add_dark(count, skin);
    double fit_ms = 0.0, color_ms = 0.0, slowest_ms = 0.0, from = now_ms();
    for (int i = 0; i < count; i++) {
        double start = now_ms();
        SkinTone fit = skin_tone_of_spectrum(&skin[i]);
        double middle = now_ms();
        SkinTone color = skin_tone_of_lab(fit.lab);
        double end = now_ms();
        fit_ms += (middle - start) / count;
        color_ms += (end - middle) / count;
        slowest_ms = fmax(slowest_ms, end - middle);
        row[i] = (Row){fit.residual_de2000,
                       rms(&fit.spectrum, &skin[i]),
                       color.residual_de2000,
                       rms(&color.spectrum, &skin[i]),
                       fit.value[SKIN_MELANIN],
                       fit.value[SKIN_BLOOD],
                       fit.value[SKIN_SATURATION],
                       fit.value[SKIN_SCATTER],
                       fit.value[SKIN_SCATTER_SLOPE],
                       i < measured ? color_ita_class(fit.ita_deg) : "dark, made"};
    }
    const double typical[SKIN_PARAMS] = {0.02, 0.02, 0.6, 6.0, 0.2};
    double spectrum_ms = now_ms(), sum = 0.0;
    for (int i = 0; i < 100; i++)
        sum += skin_spectrum(typical).band[i % SPECTRUM_BANDS];
    spectrum_ms = (now_ms() - spectrum_ms) / 100.0;
    printf("%s: %d skins and some made, %.0f ms in all (%g)\n", path, measured, now_ms() - from,
           sum);
    printf(
        "spectrum %.2f ms; colour to skin %.1f ms (slowest %.1f); spectrum to skin %.1f ms, %.0f "
        "times a peer\n",
        spectrum_ms, color_ms, slowest_ms, fit_ms, peer_fit_ms / fit_ms);
    printf("class          n  dE00/worst   bands  dE00/worst   bands  melanin blood saturation "
           "scatter slope\n");
    static const char *const class[] = {"very light", "light",      "intermediate", "tan",
                                        "brown",      "dark, made", "all"};
    for (int i = 0; i < 7; i++)
        print_class(class[i], count, row);
    return 0;
}
