/* skin_report - what the model of the skin is worth, as CSV: skin_report WHAT [FILE] */
#include "skin/skin_report.h"

#include "optics/optics_reference.h"
#include "skin/skin_measured.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: skin_report WHAT [FILE]\n"
    "  doubling         adding-doubling against the tables of others, by number of directions\n"
    "  measured FILE    skins of a file (spectra/skin_reflectance.csv): fit, and inversion of Lab\n"
    "  spectra FILE     a few of them in full\n"
    "  direct FILE      the table of marks against rows of skin_direct\n"
    "  published FILE   the same against simulated contrasts of others\n"
    "  classes          a standard dot and hairs, by class of ITA\n"
    "  depths           a dot by depth\n"
    "  densities        dots and hairs by density\n"
    "  times            a dot through time\n";

/* ---- adding-doubling ---- */

static double off(double got, double want)
{
    return fabs(got / want - 1.0);
}

/* What is printed with five decimals is known to half of the last. */
static double slab_error(double got, double want)
{
    const double digit = 5e-6;
    return want > 0.0 ? fmax(fabs(got - want) - digit, 0.0) / want : 0.0;
}

static double worst_slab(int directions)
{
    double worst = 0.0;
    for (int i = 0; i < REFERENCE_SLABS; i++) {
        OpticsStack stack = reference_slab_stack(i);
        OpticsResult got = optics_reflect(&stack, directions);
        worst = fmax(worst, slab_error(got.beam_reflected, reference_slab[i].beam_reflected));
        worst = fmax(worst, slab_error(got.beam_transmitted, reference_slab[i].beam_transmitted));
        worst = fmax(worst, slab_error(got.diffuse_reflected, reference_slab[i].diffuse_reflected));
        worst =
            fmax(worst, slab_error(got.diffuse_transmitted, reference_slab[i].diffuse_transmitted));
    }
    return worst;
}

void report_doubling(void)
{
    puts("directions,slab_worst,skin_beam_worst,skin_without_gloss_worst,skin_diffuse_worst");
    for (int n = OPTICS_MIN_DIRECTIONS; n <= OPTICS_MAX_DIRECTIONS; n += 2) {
        double beam = 0.0, inner = 0.0, diffuse = 0.0;
        for (int i = 0; i < REFERENCE_SKINS; i++) {
            OpticsStack stack = reference_skin_stack(i);
            OpticsResult got = optics_reflect(&stack, n);
            double want = reference_skin[i].beam_reflected;
            beam = fmax(beam, off(got.beam_reflected, want));
            inner = fmax(inner, off(got.beam_reflected - got.specular, want - got.specular));
            diffuse =
                fmax(diffuse, off(got.diffuse_reflected, reference_skin[i].diffuse_reflected));
        }
        printf("%d,%.3g,%.3g,%.3g,%.3g\n", n, worst_slab(n), beam, inner, diffuse);
    }
}

/* ---- measured skins ---- */

typedef struct Skins {
    int count, measured; /* of all, the first so many */
    Spectrum skin[MEASURED_LIMIT];
} Skins;

/* Nobody as dark was measured: ever more melanin, with little and much blood and scattering, stands
 * in, to ITA -76. What it shows is that the way back is found, not that such skin looks so. */
static void add_made(Skins *skins)
{
    for (double melanin = 0.12; melanin < 0.45 && skins->count < MEASURED_LIMIT; melanin *= 1.3) {
        bool odd = skins->count % 2 == 1;
        const double value[SKIN_PARAMS] = {melanin, odd ? 0.04 : 0.01, 0.6, odd ? 4.5 : 8.0, 0.5};
        skins->skin[skins->count++] = skin_spectrum(value);
    }
}

static bool read_skins(const char *path, Skins *skins, Err *err)
{
    skins->count = skins->measured = measured_read(path, skins->skin);
    return skins->count > 0 || err_set(err, ERR_INPUT, "cannot read skins from '%s'", path);
}

static double band_rms(const Spectrum *got, const Spectrum *want)
{
    double sum = 0.0;
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        sum += pow(got->band[b] / want->band[b] - 1.0, 2.0);
    return sqrt(sum / SPECTRUM_BANDS);
}

static void print_skin(const Skins *skins, int i)
{
    const Spectrum *want = &skins->skin[i];
    SkinTone fit = skin_tone_of_spectrum(want), back = skin_tone_of_lab(fit.lab);
    printf("%s,%d,%.2f,%s,%.2f,%.2f,%.2f,", i < skins->measured ? "measured" : "made", i + 1,
           fit.ita_deg, color_ita_class(fit.ita_deg), fit.lab.L, fit.lab.a, fit.lab.b);
    printf("%.4f,%.5f,%.4f,%.5f", fit.residual_de2000, band_rms(&fit.spectrum, want),
           back.residual_de2000, band_rms(&back.spectrum, want));
    for (int p = 0; p < SKIN_PARAMS; p++)
        printf(",%.5g,%.5g,%.5g", fit.value[p], back.value[p], back.sd[p]);
    putchar('\n');
}

bool report_measured(const char *path, Err *err)
{
    static Skins skins;
    if (!read_skins(path, &skins, err))
        return false;
    add_made(&skins);
    printf("source,number,ita_deg,class,L,a,b,fit_de2000,fit_band_rms,color_de2000,color_band_rms");
    for (int p = 0; p < SKIN_PARAMS; p++) {
        const char *name = skin_param_name((SkinParam)p);
        printf(",%s,color_%s,color_sd_%s", name, name, name);
    }
    putchar('\n');
    for (int i = 0; i < skins.count; i++)
        print_skin(&skins, i);
    return true;
}

/* The skin whose ITA is nearest. */
static int nearest_skin(const Skins *skins, double ita_deg)
{
    int nearest = 0;
    double least = (double)INFINITY;
    for (int i = 0; i < skins->measured; i++) {
        double away = fabs(color_ita_deg(spectrum_lab(&skins->skin[i], SPECTRUM_D65)) - ita_deg);
        if (away < least) {
            least = away;
            nearest = i;
        }
    }
    return nearest;
}

bool report_spectra(const char *path, Err *err)
{
    static const double ita_deg[] = {62.0, 48.0, 34.0, 19.0, -20.0};
    static Skins skins;
    if (!read_skins(path, &skins, err))
        return false;
    puts("class,ita_deg,wavelength_nm,measured,fitted,of_color");
    for (size_t k = 0; k < sizeof ita_deg / sizeof ita_deg[0]; k++) {
        const Spectrum *want = &skins.skin[nearest_skin(&skins, ita_deg[k])];
        SkinTone fit = skin_tone_of_spectrum(want), back = skin_tone_of_lab(fit.lab);
        for (int b = 0; b < SPECTRUM_BANDS; b++)
            printf("%s,%.1f,%.0f,%.5f,%.5f,%.5f\n", color_ita_class(fit.ita_deg), fit.ita_deg,
                   spectrum_wavelength_nm(b), want->band[b], fit.spectrum.band[b],
                   back.spectrum.band[b]);
    }
    return true;
}

/* ---- the program ---- */

static bool report_on_table(const char *what, const char *path, Err *err)
{
    Arena arena;
    SkinTable table;
    if (!arena_open(&arena, (size_t)64 << 20, err))
        return false;
    bool ok = skin_table_load(&table, err);
    if (ok && strcmp(what, "direct") == 0)
        ok = report_direct(&arena, &table, path, err);
    else if (ok && strcmp(what, "published") == 0)
        ok = report_published(&arena, &table, path, err);
    else if (ok && strcmp(what, "classes") == 0)
        ok = report_classes(&arena, &table, err);
    else if (ok && strcmp(what, "depths") == 0)
        ok = report_depths(&arena, &table, err);
    else if (ok && strcmp(what, "densities") == 0)
        ok = report_densities(&arena, &table, err);
    else if (ok)
        ok = report_times(&arena, &table, err);
    arena_close(&arena);
    return ok;
}

int main(int count, char *word[])
{
    static const char *const alone[] = {"doubling", "classes", "depths", "densities", "times"};
    static const char *const of_file[] = {"measured", "spectra", "direct", "published"};
    const char *what = count > 1 ? word[1] : "";
    bool known = false;
    for (int i = 0; i < 5; i++)
        known = known || (count == 2 && strcmp(what, alone[i]) == 0) ||
                (count == 3 && i < 4 && strcmp(what, of_file[i]) == 0);
    if (!known) {
        fputs(usage, stderr);
        return 2;
    }
    Err err = {0};
    bool ok = true;
    if (strcmp(what, "doubling") == 0)
        report_doubling();
    else if (strcmp(what, "measured") == 0)
        ok = report_measured(word[2], &err);
    else if (strcmp(what, "spectra") == 0)
        ok = report_spectra(word[2], &err);
    else
        ok = report_on_table(what, count == 3 ? word[2] : "", &err);
    if (!ok)
        fprintf(stderr, "skin_report: %s\n", err.text);
    return ok ? 0 : 1;
}
