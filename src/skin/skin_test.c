#include "skin/skin.h"

#include "base/test.h"
#include "skin/skin_measured.h"

#include <string.h>

static const double typical[SKIN_PARAMS] = {0.02, 0.02, 0.6, 6.0, 0.2};

static Lab lab_of(const Spectrum *spectrum)
{
    return spectrum_lab(spectrum, SPECTRUM_D65);
}

static bool is_sane(const SkinTone *tone)
{
    Err err;
    SkinTone checked = *tone; /* an asked colour may lie outside sRGB */
    checked.reflectance = (Rgb){0.5f, 0.5f, 0.5f};
    return skin_tone_check(&checked, &err) && isfinite(tone->residual_de2000);
}

/* Layers of the skins that the peers were compared on (field study; melanosomes 2, 10, 30 %, blood
 * 1 %, saturation 0.75): absorption per mm at 400, 550 and 700 nm. */
TEST(coefficients_are_those_of_the_published_formulas)
{
    static const double melanin[3] = {0.02, 0.10, 0.30};
    static const double epidermis[3][3] = {
        {3.08301, 1.03394, 0.469095}, {14.4873, 4.98599, 2.23894}, {42.998, 14.8661, 6.66355}};
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++) {
            const double value[SKIN_PARAMS] = {melanin[i], 0.01, 0.75, 4.6, 1.421};
            SkinOptics got = skin_optics(value, 400.0 + 150.0 * k);
            CHECK_NEAR(got.epidermis_absorption, epidermis[i][k], 1e-4 * epidermis[i][k]);
        }
    }
    const double value[SKIN_PARAMS] = {0.02, 0.01, 0.75, 4.6, 1.421};
    CHECK_NEAR(skin_optics(value, 500.0).reduced_scattering, 4.6, 1e-12);
    CHECK_NEAR(skin_optics(value, 700.0).reduced_scattering, 2.8517, 1e-4);
    CHECK_NEAR(skin_optics(value, 600.0).anisotropy, 0.794, 1e-12);
}

/* The same skins' dermis, where blood fills no vessels; a vessel of 20 um lets (1 - exp(-x)) / x of
 * it count, x = 0.02 mm of whole blood (table of Prahl, 150 g/l: 28.51 and 24.95 per mm at 540). */
TEST(blood_in_vessels_shades_itself)
{
    const double value[SKIN_PARAMS] = {0.02, 0.01, 0.75, 4.6, 1.421};
    double bare = 0.0244 + 8.53 * exp(-(540.0 - 154.0) / 66.2);
    double blood = 0.75 * 28.51 + 0.25 * 24.95, x = 0.02 * blood;
    double want = 0.01 * blood * (1.0 - exp(-x)) / x + 0.99 * bare;
    CHECK_NEAR(skin_optics(value, 540.0).dermis_absorption, want, 1e-4 * want);
    CHECK_NEAR(skin_optics(value, 700.0).dermis_absorption, 0.0299785, 1e-4); /* hardly any shade */
    CHECK(skin_optics(value, 420.0).dermis_absorption < 0.35 * (0.01 * 257.0));
}

TEST(spectrum_is_the_stack_without_its_gloss)
{
    Spectrum spectrum = skin_spectrum(typical);
    for (int i = 0; i < SPECTRUM_BANDS; i++) {
        OpticsStack stack = skin_stack(skin_optics(typical, spectrum_wavelength_nm(i)));
        OpticsResult result = optics_reflect(&stack, OPTICS_DIRECTIONS);
        CHECK_NEAR(spectrum.band[i], result.beam_reflected - SKIN_GLOSS, 1e-6);
    }
}

TEST(every_number_moves_the_spectrum_as_it_should)
{
    Spectrum before = skin_spectrum(typical);
    double up[SKIN_PARAMS][SPECTRUM_BANDS];
    for (int p = 0; p < SKIN_PARAMS; p++) {
        double value[SKIN_PARAMS];
        memcpy(value, typical, sizeof value);
        value[p] *= 1.2;
        Spectrum after = skin_spectrum(value);
        for (int i = 0; i < SPECTRUM_BANDS; i++)
            up[p][i] = after.band[i] - before.band[i];
    }
    for (int i = 0; i < SPECTRUM_BANDS; i++) {
        CHECK(up[SKIN_MELANIN][i] < 0.0);
        CHECK(up[SKIN_BLOOD][i] < 0.0);
        CHECK(up[SKIN_SCATTER][i] > 0.0);
        CHECK((up[SKIN_SCATTER_SLOPE][i] > 0.0) == (i < 10) || i == 10);
    }
    CHECK(up[SKIN_SATURATION][25] > 0.0);                 /* 650 nm: oxygenated blood is red */
    CHECK(up[SKIN_BLOOD][15] < 1.5 * up[SKIN_BLOOD][25]); /* more of green than of red */
}

/* Deviation of the colour under daylight and under tungsten, and relative, by band. */
typedef struct Deviation {
    double daylight, tungsten, rms;
} Deviation;

static Deviation deviate(const Spectrum *got, const Spectrum *want)
{
    double sum = 0.0;
    for (int i = 0; i < SPECTRUM_BANDS; i++)
        sum += pow(got->band[i] / want->band[i] - 1.0, 2.0);
    return (Deviation){
        color_delta_e2000(lab_of(got), lab_of(want)),
        color_delta_e2000(spectrum_lab(got, SPECTRUM_A), spectrum_lab(want, SPECTRUM_A)),
        sqrt(sum / SPECTRUM_BANDS)};
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
    return value[count / 2];
}

static void check_fits(int count, const Spectrum skin[])
{
    double daylight[MEASURED_LIMIT], worst = 0.0;
    for (int i = 0; i < count; i++) {
        SkinTone tone = skin_tone_of_spectrum(&skin[i]);
        Deviation off = deviate(&tone.spectrum, &skin[i]);
        CHECK(is_sane(&tone));
        CHECK(off.tungsten < 1.0 && off.rms < 0.05);
        CHECK_NEAR(off.daylight, tone.residual_de2000, 1e-9);
        daylight[i] = off.daylight;
        worst = fmax(worst, off.daylight);
    }
    double middle = median(count, daylight);
    printf("# %d skins: median deltaE00 %.3f, worst %.3f\n", count, middle, worst);
    CHECK(middle <= 0.25);
    CHECK(worst <= 0.6);
}

static void check_colors(int count, const Spectrum skin[])
{
    double rms[MEASURED_LIMIT];
    for (int i = 0; i < count; i++) {
        SkinTone tone = skin_tone_of_lab(lab_of(&skin[i]));
        Deviation off = deviate(&tone.spectrum, &skin[i]);
        CHECK(is_sane(&tone) && !tone.extrapolated);
        CHECK(tone.residual_de2000 < 0.2);
        CHECK(off.daylight < 0.2 && off.tungsten < 1.0);
        CHECK(off.rms < 0.08);
        rms[i] = off.rms;
    }
    double middle = median(count, rms);
    printf("# %d colours: median relative error of the spectrum behind them %.3f\n", count, middle);
    CHECK(middle < 0.045);
}

TEST(fifteen_measured_skins_are_fitted)
{
    static Spectrum skin[MEASURED_LIMIT];
    int count = measured_read(MEASURED_FEW, skin);
    REQUIRE(count == 15);
    check_fits(count, skin);
}

TEST(their_colour_alone_tells_their_spectrum)
{
    static Spectrum skin[MEASURED_LIMIT];
    int count = measured_read(MEASURED_FEW, skin);
    REQUIRE(count == 15);
    check_colors(count, skin);
}

TEST(all_67_measured_skins_are_fitted_and_recovered)
{
    static Spectrum skin[MEASURED_LIMIT];
    int count = measured_read(MEASURED_MANY, skin);
    if (count == 0) {
        printf("# SKIP: %s is not here\n", MEASURED_MANY);
        return;
    }
    CHECK(count == 67);
    check_fits(count, skin);
    check_colors(count, skin);
}

/* Nobody was measured there: melanin is all that is known to differ. */
TEST(the_darkest_and_the_lightest_skins_are_recovered)
{
    double ita = 90.0;
    for (double melanin = 0.002; melanin < 0.45; melanin *= 1.4) {
        double value[SKIN_PARAMS];
        memcpy(value, typical, sizeof value);
        value[SKIN_MELANIN] = melanin;
        Spectrum spectrum = skin_spectrum(value);
        SkinTone tone = skin_tone_of_lab(lab_of(&spectrum));
        CHECK(tone.ita_deg < ita);
        CHECK(tone.residual_de2000 < 0.02);
        CHECK_NEAR(tone.value[SKIN_MELANIN], melanin, 0.15 * melanin + 0.002);
        CHECK(deviate(&tone.spectrum, &spectrum).rms < 0.02);
        CHECK(tone.extrapolated == (tone.ita_deg < -30.0 || tone.ita_deg > 65.0));
        ita = tone.ita_deg;
    }
    CHECK(ita < -75.0);
}

TEST(dark_skins_that_are_not_typical_are_recovered_as_well)
{
    static const double blood[3] = {0.007, 0.02, 0.06}, scatter[3] = {3.5, 6.0, 10.0};
    for (int i = 0; i < 27; i++) {
        const double value[SKIN_PARAMS] = {0.08 * pow(2.2, i / 9), blood[i % 3], 0.6,
                                           scatter[i / 3 % 3], 0.5};
        Spectrum spectrum = skin_spectrum(value);
        SkinTone tone = skin_tone_of_lab(lab_of(&spectrum));
        SkinTone known = skin_tone_of_spectrum(&spectrum);
        CHECK(tone.residual_de2000 < 0.2 && known.residual_de2000 < 0.2);
        CHECK_NEAR(tone.value[SKIN_MELANIN], value[SKIN_MELANIN], 0.3 * value[SKIN_MELANIN]);
        CHECK(deviate(&tone.spectrum, &spectrum).rms < 0.08);
        CHECK(deviate(&known.spectrum, &spectrum).rms < 0.02);
    }
}

TEST(what_a_colour_leaves_open_covers_the_truth)
{
    for (int p = 0; p < SKIN_PARAMS; p++) {
        double value[SKIN_PARAMS];
        memcpy(value, typical, sizeof value);
        value[p] *= 1.3;
        Spectrum spectrum = skin_spectrum(value);
        SkinTone color = skin_tone_of_lab(lab_of(&spectrum));
        SkinTone known = skin_tone_of_spectrum(&spectrum);
        for (int q = 0; q < SKIN_PARAMS; q++) {
            CHECK_NEAR(color.value[q], value[q], 2.0 * color.sd[q]);
            CHECK_NEAR(known.value[q], value[q], 2.0 * known.sd[q]);
            CHECK(known.sd[q] < color.sd[q]);
        }
    }
}

TEST(the_median_skin_of_an_ita_has_that_ita_and_is_a_skin)
{
    double lightness = 0.0;
    for (double ita = -85.0; ita <= 85.0; ita += 2.5) {
        Lab lab = skin_lab_of_ita(ita);
        CHECK_NEAR(color_ita_deg(lab), ita, 1e-9);
        CHECK(lab.L > lightness - 0.5);
        lightness = lab.L;
        SkinTone tone = skin_tone_of_lab(lab);
        CHECK(is_sane(&tone));
        CHECK(fabs(ita) > 75.0 || tone.residual_de2000 < 0.5);
        if (!CHECK(tone.extrapolated == (ita < -30.0 || ita > 65.0)))
            printf("# at %g\n", ita);
    }
    CHECK(skin_lab_of_ita(-1e9).L > 0.0 && skin_lab_of_ita(1e9).L < 100.0);
}

TEST(measured_skins_lie_near_the_median_of_their_ita)
{
    static Spectrum skin[MEASURED_LIMIT];
    int count = measured_read(MEASURED_FEW, skin);
    double off[MEASURED_LIMIT];
    REQUIRE(count == 15);
    for (int i = 0; i < count; i++) {
        Lab lab = lab_of(&skin[i]);
        off[i] = color_delta_e2000(lab, skin_lab_of_ita(color_ita_deg(lab)));
        CHECK(off[i] < 3.5);
    }
    CHECK(median(count, off) < 1.5);
}

TEST(what_is_no_skin_gets_the_nearest_one_and_says_so)
{
    static const Rgb odd[] = {{0.0f, 1.0f, 0.0f}, {0.0f, 0.0f, 1.0f}, {1.0f, 1.0f, 1.0f},
                              {0.0f, 0.0f, 0.0f}, {1.0f, 0.0f, 0.0f}, {0.2f, 0.2f, 0.2f}};
    for (int i = 0; i < 6; i++) {
        SkinTone tone = skin_tone(odd[i]);
        if (!CHECK(is_sane(&tone)) || !CHECK(tone.residual_de2000 > 1.0))
            printf("# colour %d: residual %g\n", i, tone.residual_de2000);
    }
    SkinTone lost = skin_tone((Rgb){(float)NAN, 0.2f, 0.2f});
    Err err;
    CHECK(!skin_tone_check(&lost, &err));
}

TEST(check_refuses_what_is_absurd)
{
    Err err;
    SkinTone good = skin_tone_of_lab((Lab){60.0, 10.0, 16.0}), bad = good;
    CHECK(skin_tone_check(&good, &err));
    bad.reflectance.g = 1.5f;
    CHECK(!skin_tone_check(&bad, &err) && strstr(err.text, "1.5 of channel G") != NULL);
    bad = good;
    bad.value[SKIN_BLOOD] = 0.9;
    CHECK(!skin_tone_check(&bad, &err) && strstr(err.text, "skin blood 0.9") != NULL);
    bad = good;
    bad.sd[SKIN_SCATTER] = -1.0;
    CHECK(!skin_tone_check(&bad, &err) && strstr(err.text, "sd -1 of skin scatter") != NULL);
    bad = good;
    bad.spectrum.band[3] = (double)NAN;
    CHECK(!skin_tone_check(&bad, &err) && strstr(err.text, "at 430 nm") != NULL);
    bad = good;
    bad.lab.b = (double)INFINITY;
    CHECK(!skin_tone_check(&bad, &err) && strstr(err.text, "not finite") != NULL);
}

/* ---- spectra as instruments export them ---- */

static bool parse(const char *text, Spectrum *to, Err *err)
{
    return skin_spectrum_parse(strlen(text), text, to, err);
}

/* 380 to 720 nm in steps, rising evenly from 0.1 to 0.44 times scale. */
static const char *ramp(double step_nm, double scale, const char *header)
{
    static char text[16384];
    size_t at = (size_t)snprintf(text, sizeof text, "%s", header);
    for (double nm = 380.0; nm <= 720.0; nm += step_nm)
        at += (size_t)snprintf(text + at, sizeof text - at, "%g,%.6f\n", nm,
                               scale * (0.1 + (nm - 380.0) * 1e-3));
    return text;
}

TEST(spectra_of_any_spacing_give_the_same_bands)
{
    static const double step_nm[] = {1.0, 2.0, 3.3, 5.0, 10.0, 17.0, 20.0};
    for (int i = 0; i < 7; i++) {
        Spectrum got = {{0}};
        Err err = {0};
        if (!CHECK(parse(ramp(step_nm[i], 1.0, "wavelength_nm,reflectance\n"), &got, &err)))
            printf("# %s\n", err.text);
        for (int k = 0; k < SPECTRUM_BANDS; k++)
            CHECK_NEAR(got.band[k], 0.12 + 0.01 * k, 2e-6);
    }
}

TEST(percentages_are_told_by_the_header_or_by_their_size)
{
    Spectrum got = {{0}};
    Err err;
    CHECK(parse(ramp(10.0, 100.0, "# made today\r\n\nnm;R%\n"), &got, &err));
    CHECK_NEAR(got.band[10], 0.22, 1e-6);
    CHECK(parse(ramp(10.0, 100.0, ""), &got, &err));
    CHECK_NEAR(got.band[10], 0.22, 1e-6);
    CHECK(parse(ramp(10.0, 2.0, "wavelength, reflectance in percent\n"), &got, &err));
    CHECK_NEAR(got.band[10], 0.0044, 1e-6);
}

TEST(semicolons_tabs_and_spaces_separate_too)
{
    Spectrum got = {{0}};
    Err err;
    char text[2048];
    size_t at = 0;
    for (int i = 0; i < 16; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, " %d %s 0.3\r\n", 400 + 20 * i,
                               i % 2 == 0 ? ";" : "\t");
    CHECK(parse(text, &got, &err));
    CHECK_NEAR(got.band[17], 0.3, 1e-12);
}

TEST(what_is_no_spectrum_is_refused_by_its_line)
{
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"", "no row"},
        {"wavelength,reflectance\n", "no row"},
        {"400,0.1\n410,0.1\n", "ends at 410 nm"},
        {"410,0.1\n", "line 1: starts at 410 nm"},
        {"390,0.1\n430,0.1\n", "line 2: wavelength 430 nm does not follow 390 nm"},
        {"390,0.1\n380,0.1\n", "line 2: wavelength 380 nm does not follow 390 nm"},
        {"390,0.1\nabc,0.1\n", "line 2: not a wavelength"},
        {"390,0.1\n400\n", "line 2: not a wavelength"},
        {"390,-0.1\n", "line 1: reflectance -0.1"},
        {"390,nan\n", "line 1: reflectance nan"},
        {"390,101\n", "line 1: reflectance 101"},
        {"nan,0.1\n", "line 1: wavelength nan"},
    };
    for (int i = 0; i < (int)(sizeof bad / sizeof bad[0]); i++) {
        Spectrum got;
        Err err = {0};
        bool ok = parse(bad[i].text, &got, &err);
        if (!CHECK(!ok && err.code == ERR_INPUT && strstr(err.text, bad[i].why) != NULL))
            printf("# case %d: %s\n", i, err.text);
    }
    Spectrum got;
    Err err = {0};
    CHECK(!parse(ramp(10.0, 3.0, ""), &got, &err) || got.band[30] < 0.02);
}
