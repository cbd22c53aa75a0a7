#include "color/spectrum.h"

#include "base/rng.h"
#include "base/test.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 471, FIRST_NM = 360 };

static const SpectrumLight lights[] = {SPECTRUM_D65, SPECTRUM_D50, SPECTRUM_A};

/* spectra/cie_1931.csv: wavelength_nm, x, y, z, D65, D50, A. */
typedef struct CieRow {
    double nm, function[3], power[3];
} CieRow;

static bool read_cie(CieRow row[ROWS])
{
    FILE *file = fopen("spectra/cie_1931.csv", "r");
    if (file == NULL)
        return false;
    char line[512];
    int count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        CieRow r;
        if (sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf", &r.nm, &r.function[0], &r.function[1],
                   &r.function[2], &r.power[0], &r.power[1], &r.power[2]) != 7)
            continue;
        if (count < ROWS)
            row[count] = r;
        count++;
    }
    fclose(file);
    return count == ROWS;
}

static Spectrum constant(double reflectance)
{
    Spectrum spectrum;
    for (int i = 0; i < SPECTRUM_BANDS; i++)
        spectrum.band[i] = reflectance;
    return spectrum;
}

/* Smooth and red like skin, or of any other colour: two humps in random places. */
static Spectrum random_spectrum(uint64_t seed)
{
    Rng rng = rng_make(seed, 0);
    double level = 0.05 + 0.4 * rng_f64(&rng);
    double height[2], middle[2], width[2];
    for (int k = 0; k < 2; k++) {
        height[k] = 0.5 * rng_f64(&rng);
        middle[k] = 30.0 * rng_f64(&rng);
        width[k] = 3.0 + 5.0 * rng_f64(&rng);
    }
    Spectrum spectrum;
    for (int i = 0; i < SPECTRUM_BANDS; i++) {
        spectrum.band[i] = level;
        for (int k = 0; k < 2; k++)
            spectrum.band[i] += height[k] * exp(-pow((i - middle[k]) / width[k], 2));
    }
    return spectrum;
}

static double at_nm(const Spectrum *spectrum, double nm)
{
    double place = fmin(fmax((nm - 400.0) / 10.0, 0.0), 30.0);
    int left = place < 30.0 ? (int)place : 29;
    return spectrum->band[left] * (1.0 - (place - left)) +
           spectrum->band[left + 1] * (place - left);
}

/* The definition, row by row. */
static void integrate(const CieRow row[ROWS], const Spectrum *spectrum, int light, double xyz[3])
{
    double sum[3] = {0}, perfect = 0.0;
    for (int i = 0; i < ROWS; i++) {
        perfect += row[i].function[1] * row[i].power[light];
        for (int c = 0; c < 3; c++)
            sum[c] += row[i].function[c] * row[i].power[light] * at_nm(spectrum, row[i].nm);
    }
    for (int c = 0; c < 3; c++)
        xyz[c] = sum[c] / perfect;
}

static void check_xyz(Xyz got, Xyz want, double tolerance)
{
    CHECK_NEAR(got.x, want.x, tolerance);
    CHECK_NEAR(got.y, want.y, tolerance);
    CHECK_NEAR(got.z, want.z, tolerance);
}

static void check_rgb(Rgb got, Rgb want, double tolerance)
{
    CHECK_NEAR(got.r, want.r, tolerance);
    CHECK_NEAR(got.g, want.g, tolerance);
    CHECK_NEAR(got.b, want.b, tolerance);
}

static void check_lab(Lab got, Lab want, double tolerance)
{
    CHECK_NEAR(got.L, want.L, tolerance);
    CHECK_NEAR(got.a, want.a, tolerance);
    CHECK_NEAR(got.b, want.b, tolerance);
}

TEST(bands_are_400_to_700_nm)
{
    CHECK_NEAR(spectrum_wavelength_nm(0), 400.0, 0.0);
    CHECK_NEAR(spectrum_wavelength_nm(16), 560.0, 0.0);
    CHECK_NEAR(spectrum_wavelength_nm(SPECTRUM_BANDS - 1), 700.0, 0.0);
}

/* The equal-energy sums are those of ISO/CIE 11664-1; y is the photometric V, 1 at 555 nm; every
 * light is 100 at 560 nm. */
TEST(cie_table_has_every_nm_and_the_published_sums)
{
    CieRow row[ROWS];
    REQUIRE(read_cie(row));
    double sum[3] = {0};
    for (int i = 0; i < ROWS; i++) {
        CHECK_NEAR(row[i].nm, FIRST_NM + i, 0.0);
        for (int c = 0; c < 3; c++)
            sum[c] += row[i].function[c];
    }
    CHECK_NEAR(sum[0], 106.865469, 1e-6);
    CHECK_NEAR(sum[1], 106.856917, 1e-6);
    CHECK_NEAR(sum[2], 106.892251, 1e-6);
    CHECK_NEAR(row[555 - FIRST_NM].function[1], 1.0, 0.0);
    for (int light = 0; light < 3; light++)
        CHECK_NEAR(row[560 - FIRST_NM].power[light], 100.0, 1e-12);
}

/* Formula of ISO/CIE 11664-2; 5e-6 is the rounding of the table to six digits. */
TEST(cie_table_has_light_a_of_its_formula)
{
    CieRow row[ROWS];
    REQUIRE(read_cie(row));
    const double second_nm = 1.435e7 / 2848.0;
    for (int i = 0; i < ROWS; i++) {
        double want = 100.0 * pow(560.0 / row[i].nm, 5) * expm1(second_nm / 560.0) /
                      expm1(second_nm / row[i].nm);
        CHECK_NEAR(row[i].power[SPECTRUM_A] / want, 1.0, 5e-6);
    }
}

/* The CIE defines them every 10 nm and as linear between; 1e-3 is their rounding. */
TEST(cie_table_has_daylight_linear_between_tens_of_nm)
{
    CieRow row[ROWS];
    REQUIRE(read_cie(row));
    for (int i = 0; i < ROWS; i++) {
        int left = i / 10 * 10, right = left + 10 < ROWS ? left + 10 : left;
        double t = (i - left) / 10.0;
        for (int light = SPECTRUM_D65; light <= SPECTRUM_D50; light++)
            CHECK_NEAR(row[i].power[light],
                       (1.0 - t) * row[left].power[light] + t * row[right].power[light], 1e-3);
    }
}

/* Also fails when spectrum_weights.h is older than the table: tools/make_cie_weights.py. */
TEST(weights_of_each_band_are_those_of_the_1_nm_sum)
{
    CieRow row[ROWS];
    REQUIRE(read_cie(row));
    for (int band = 0; band < SPECTRUM_BANDS; band++) {
        Spectrum unit = constant(0.0);
        unit.band[band] = 1.0;
        for (int light = 0; light < 3; light++) {
            double want[3];
            integrate(row, &unit, light, want);
            check_xyz(spectrum_xyz(&unit, lights[light]), (Xyz){want[0], want[1], want[2]}, 1e-15);
        }
    }
}

TEST(xyz_of_any_spectrum_is_the_1_nm_sum)
{
    CieRow row[ROWS];
    REQUIRE(read_cie(row));
    for (uint64_t seed = 0; seed < 100; seed++) {
        Spectrum spectrum = random_spectrum(seed);
        for (int light = 0; light < 3; light++) {
            double want[3];
            integrate(row, &spectrum, light, want);
            check_xyz(spectrum_xyz(&spectrum, lights[light]), (Xyz){want[0], want[1], want[2]},
                      1e-14);
        }
    }
}

/* ASTM E308, 2 degrees; the last digits differ with the steps and the range of the sum. */
TEST(whites_are_the_published_ones)
{
    check_xyz(spectrum_white(SPECTRUM_D65), (Xyz){0.95047, 1.0, 1.08883}, 1e-5);
    check_xyz(spectrum_white(SPECTRUM_D50), (Xyz){0.96422, 1.0, 0.82521}, 1e-4);
    check_xyz(spectrum_white(SPECTRUM_A), (Xyz){1.09850, 1.0, 0.35585}, 1e-5);
}

TEST(perfect_diffuser_is_white_under_every_light)
{
    Spectrum perfect = constant(1.0);
    for (int light = 0; light < 3; light++) {
        check_lab(spectrum_lab(&perfect, lights[light]), (Lab){100.0, 0.0, 0.0}, 1e-12);
        CHECK_NEAR(spectrum_white(lights[light]).y, 1.0, 1e-14);
    }
    check_rgb(spectrum_rgb(&perfect), (Rgb){1, 1, 1}, 1e-12);
}

/* L of 18 % grey: 116 * 0.18^(1/3) - 16. */
TEST(even_reflectance_is_grey_under_every_light)
{
    Spectrum grey = constant(0.18);
    for (int light = 0; light < 3; light++)
        check_lab(spectrum_lab(&grey, lights[light]), (Lab){49.4961, 0.0, 0.0}, 5e-5);
    check_rgb(spectrum_rgb(&grey), (Rgb){0.18f, 0.18f, 0.18f}, 1e-7);
}

/* Two ways, through the white of the spectrum and through that of sRGB. */
TEST(lab_of_a_spectrum_is_that_of_its_srgb)
{
    for (uint64_t seed = 0; seed < 1000; seed++) {
        Spectrum spectrum = random_spectrum(seed);
        Lab direct = spectrum_lab(&spectrum, SPECTRUM_D65);
        CHECK(color_delta_e2000(direct, color_to_lab(spectrum_rgb(&spectrum))) < 0.01);
    }
}

TEST(nan_in_a_spectrum_is_nan_in_its_colour)
{
    Spectrum spectrum = constant(0.5);
    spectrum.band[7] = nan("");
    CHECK(isnan(spectrum_xyz(&spectrum, SPECTRUM_A).x));
    CHECK(isnan(spectrum_lab(&spectrum, SPECTRUM_D65).L));
    CHECK(isnan(spectrum_rgb(&spectrum).g));
}

/* Floats, doubled, back to the float they came from: the matrices are inverse to 1e-12 and better,
 * also beyond the gamut. */
TEST(srgb_and_p3_survive_the_way_over_xyz)
{
    for (int i = 0; i < 13 * 13 * 13; i++) {
        Rgb in = {(float)(i % 13) / 10.0f - 0.1f, (float)(i / 13 % 13) / 10.0f - 0.1f,
                  (float)(i / 169) / 10.0f - 0.1f};
        check_rgb(color_of_xyz(color_xyz(in)), in, 1e-12);
        check_rgb(color_p3_of_xyz(color_xyz_of_p3(in)), in, 1e-12);
    }
}

/* W3C CSS Color Module Level 4, section 18, display-p3 to XYZ. */
TEST(p3_primaries_have_their_published_xyz)
{
    check_xyz(color_xyz_of_p3((Rgb){1, 0, 0}), (Xyz){0.4865709, 0.2289746, 0.0}, 5e-8);
    check_xyz(color_xyz_of_p3((Rgb){0, 1, 0}), (Xyz){0.2656677, 0.6917385, 0.0451134}, 5e-8);
    check_xyz(color_xyz_of_p3((Rgb){0, 0, 1}), (Xyz){0.1982173, 0.0792869, 1.0439444}, 5e-8);
}

TEST(p3_and_srgb_share_white_and_greys)
{
    for (int i = 0; i <= 10; i++) {
        float level = (float)i / 10.0f;
        check_rgb(color_p3_of_xyz(color_xyz((Rgb){level, level, level})),
                  (Rgb){level, level, level}, 1e-7);
    }
}

/* The pure red of sRGB is color(display-p3 0.91749 0.20029 0.13856) in the code values of CSS. */
TEST(red_of_srgb_has_its_published_p3_codes)
{
    Rgb p3 = color_p3_of_xyz(color_xyz((Rgb){1, 0, 0}));
    CHECK_NEAR(color_srgb_encode(p3.r), 0.91749, 5e-6);
    CHECK_NEAR(color_srgb_encode(p3.g), 0.20029, 5e-6);
    CHECK_NEAR(color_srgb_encode(p3.b), 0.13856, 5e-6);
}

TEST(xyz_survives_the_way_over_lab)
{
    for (int light = 0; light < 3; light++) {
        Xyz white = spectrum_white(lights[light]);
        for (int i = 0; i < 11 * 11 * 11; i++) {
            Xyz in = {0.001 * (i % 11) * (i % 11), 0.01 * (i / 11 % 11), 0.0005 * (i / 121)};
            check_xyz(color_xyz_of_lab(color_lab_of_xyz(in, white), white), in, 1e-12);
        }
    }
}

/* Both sides of the joint of the Lab curve, (6/29)^3 = 216/24389, where L is 8. */
TEST(lab_curve_joins_at_lightness_8)
{
    Xyz white = {1.0, 1.0, 1.0};
    double joint = 216.0 / 24389.0;
    CHECK_NEAR(color_lab_of_xyz((Xyz){joint, joint, joint}, white).L, 8.0, 1e-12);
    double below = joint * (1.0 - 1e-9), above = joint * (1.0 + 1e-9);
    CHECK_NEAR(color_lab_of_xyz((Xyz){below, below, below}, white).L, 8.0, 1e-7);
    CHECK_NEAR(color_lab_of_xyz((Xyz){above, above, above}, white).L, 8.0, 1e-7);
}

TEST(adaptation_takes_each_white_to_the_other_exactly)
{
    for (int from = 0; from < 3; from++) {
        for (int to = 0; to < 3; to++) {
            Xyz a = spectrum_white(lights[from]), b = spectrum_white(lights[to]);
            check_xyz(color_adapt(a, a, b), b, 1e-15);
            Xyz xyz = {0.3, 0.2, 0.1};
            check_xyz(color_adapt(color_adapt(xyz, a, b), b, a), xyz, 1e-15);
        }
    }
}

/* D65 to D50, Bradford, whites of ASTM E308; Lindbloom, "Chromatic adaptation", seven digits. */
TEST(adaptation_has_the_published_bradford_matrix)
{
    Xyz d65 = {0.95047, 1.0, 1.08883}, d50 = {0.96422, 1.0, 0.82521};
    check_xyz(color_adapt((Xyz){1, 0, 0}, d65, d50), (Xyz){1.0478112, 0.0295424, -0.0092345},
              5.1e-8);
    check_xyz(color_adapt((Xyz){0, 1, 0}, d65, d50), (Xyz){0.0228866, 0.9904844, 0.0150436},
              5.1e-8);
    check_xyz(color_adapt((Xyz){0, 0, 1}, d65, d50), (Xyz){-0.0501270, -0.0170491, 0.7521316},
              5.1e-8);
}

/* Pascale, "RGB coordinates of the Macbeth ColorChecker" (BabelColor, 2006), table 2: L*a*b* of
 * the maker for D50, and sRGB codes derived from them by Bradford's adaptation. */
static const struct {
    Lab d50;
    int code[3];
} checker[] = {
    {{37.986, 13.555, 14.059}, {116, 81, 67}},   {{65.711, 18.130, 17.810}, {199, 147, 129}},
    {{49.927, -4.880, -21.925}, {91, 122, 156}}, {{43.139, -13.095, 21.905}, {90, 108, 64}},
    {{55.112, 8.844, -25.399}, {130, 128, 176}}, {{70.719, -33.397, -0.199}, {92, 190, 172}},
    {{62.661, 36.067, 57.096}, {224, 124, 47}},  {{40.020, 10.410, -45.964}, {68, 91, 170}},
    {{51.124, 48.239, 16.248}, {198, 82, 97}},   {{30.325, 22.976, -21.587}, {94, 58, 106}},
    {{72.532, -23.709, 57.255}, {159, 189, 63}}, {{71.941, 19.363, 67.857}, {230, 162, 39}},
    {{28.778, 14.179, -50.297}, {35, 63, 147}},  {{55.261, -38.342, 31.370}, {67, 149, 74}},
    {{42.101, 53.378, 28.190}, {180, 49, 57}},   {{81.733, 4.039, 79.819}, {238, 198, 20}},
    {{51.935, 49.986, -14.574}, {193, 84, 151}}, {{51.038, -28.631, -28.638}, {0, 136, 170}},
    {{96.539, -0.425, 1.186}, {245, 245, 243}},  {{81.257, -0.638, -0.335}, {200, 202, 202}},
    {{66.766, -0.734, -0.504}, {161, 163, 163}}, {{50.867, -0.153, -0.270}, {121, 121, 122}},
    {{35.656, -0.421, -1.231}, {82, 84, 86}},    {{20.461, -0.079, -0.973}, {49, 49, 51}},
};

TEST(colorchecker_in_d50_lab_has_its_published_srgb_codes)
{
    Xyz d50 = {0.96422, 1.0, 0.82521}, d65 = color_xyz((Rgb){1, 1, 1});
    for (size_t i = 0; i < sizeof checker / sizeof checker[0]; i++) {
        Xyz xyz = color_adapt(color_xyz_of_lab(checker[i].d50, d50), d50, d65);
        uint8_t code[3];
        color_to_srgb8(color_of_xyz(xyz), code);
        for (int c = 0; c < 3; c++)
            CHECK_NEAR(code[c], checker[i].code[c], 0.0);
    }
}

/* Lab from the hex codes of skintone.google by an independent script, two digits. */
static const Lab monk[10] = {
    {94.21, 1.50, 5.43},  {92.27, 2.06, 7.29},  {93.09, 0.22, 14.21},  {87.57, 0.46, 17.75},
    {77.90, 3.47, 23.14}, {55.14, 7.79, 26.74}, {42.47, 12.33, 20.53}, {30.68, 11.67, 13.34},
    {21.07, 2.69, 5.97},  {14.61, 1.48, 3.53},
};

TEST(monk_tones_have_the_colours_of_their_codes)
{
    for (int tone = 1; tone <= 10; tone++)
        check_lab(color_of_monk(tone), monk[tone - 1], 0.01);
}

TEST(nearest_monk_tone_of_each_is_itself)
{
    for (int tone = 1; tone <= 10; tone++) {
        CHECK(color_monk_tone(color_of_monk(tone)) == tone);
        Lab near = color_of_monk(tone);
        near.L -= 0.5;
        CHECK(color_monk_tone(near) == tone);
    }
}

TEST(monk_tone_of_the_extremes_is_first_and_last_and_of_nan_none)
{
    CHECK(color_monk_tone((Lab){100, 0, 0}) == 1);
    CHECK(color_monk_tone((Lab){0, 0, 0}) == 10);
    CHECK(color_monk_tone((Lab){nan(""), 0, 0}) == 0);
}
