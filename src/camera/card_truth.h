/* card_truth.h - cards as invented cameras see them, with the truth: for the tests and the bench.
 *
 * From spectra: a patch is paper under three dyes that give it its Lab under D65; light,
 * reflectance and the sensor's three Gaussian sensitivities make raw values, which go through white
 * balance, a 3 x 3 matrix, an S-shaped tone curve, a gain of saturation, noise and 8-bit sRGB
 * codes. The photograph is what is decoded from those codes as if they were plain sRGB.
 */
#ifndef CAMERA_CARD_TRUTH_H
#define CAMERA_CARD_TRUTH_H

#include "base/rng.h"
#include "camera/card_color.h"
#include "color/spectrum.h"

#include <math.h>
#include <string.h>

/* ---- lights ---- */

typedef struct TruthLight {
    const char *name;
    Spectrum power;
    double cast[3]; /* what white balance left of its colour, per channel */
} TruthLight;

enum { TRUTH_LIGHTS = 3, TRUTH_CAMERAS = 3, TRUTH_SKINS = 6 };

/* CIE D65 every 10 nm (spectra/cie_1931.csv). */
static const double truth_d65[SPECTRUM_BANDS] = {
    82.75,  91.49,  93.43,  86.68,  104.86, 117.01, 117.81, 114.86, 115.92, 108.81, 109.35,
    107.80, 104.79, 107.69, 104.41, 104.05, 100.00, 96.33,  95.79,  88.69,  90.01,  89.60,
    87.70,  83.29,  83.70,  80.03,  80.21,  82.28,  78.28,  69.72,  71.61};

static inline double truth_bump(double nm, double middle_nm, double width_nm)
{
    return exp(-0.5 * pow((nm - middle_nm) / width_nm, 2.0));
}

/* 0 daylight; 1 a white LED of about 4000 K: a blue pump and its phosphor; 2 a tungsten lamp, CIE
 * A, Planck's law at 2856 K. Phones leave some of the warmth: [assumption] 4 % LED, 12 % tungsten.
 */
static inline TruthLight truth_light(int which)
{
    static const char *const name[TRUTH_LIGHTS] = {"daylight", "LED", "tungsten"};
    static const double cast[TRUTH_LIGHTS][3] = {{1, 1, 1}, {1.04, 1, 0.96}, {1.12, 1, 0.84}};
    TruthLight light = {.name = name[which]};
    memcpy(light.cast, cast[which], sizeof light.cast);
    for (int i = 0; i < SPECTRUM_BANDS; i++) {
        double nm = spectrum_wavelength_nm(i);
        double planck = pow(560.0 / nm, 5.0) * expm1(1.435e7 / (2848.0 * 560.0)) /
                        expm1(1.435e7 / (2848.0 * nm));
        light.power.band[i] =
            which == 0   ? truth_d65[i]
            : which == 1 ? 75.0 * truth_bump(nm, 452.0, 10.0) + 100.0 * truth_bump(nm, 585.0, 58.0)
                         : 100.0 * planck;
    }
    return light;
}

/* ---- what is seen ---- */

/* Paper under black (the same at all wavelengths) and densities of cyan, magenta and yellow dye;
 * [assumption] the dyes' bands, with the side absorptions that real ones have. */
typedef struct TruthInk {
    double black, dye[3];
} TruthInk;

static inline Spectrum truth_ink(TruthInk ink)
{
    Spectrum spectrum;
    for (int i = 0; i < SPECTRUM_BANDS; i++) {
        double nm = spectrum_wavelength_nm(i);
        double dye[3] = {truth_bump(nm, 650.0, 55.0) + 0.10 * truth_bump(nm, 430.0, 60.0),
                         truth_bump(nm, 545.0, 38.0) + 0.15 * truth_bump(nm, 430.0, 50.0),
                         truth_bump(nm, 435.0, 42.0)};
        double sum = ink.black;
        for (int k = 0; k < 3; k++)
            sum += ink.dye[k] * dye[k];
        spectrum.band[i] = 0.95 * pow(10.0, -sum);
    }
    return spectrum;
}

static inline double truth_det(const double m[3][3])
{
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
           m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

/* x of m x = b, by Cramer's rule. */
static inline void truth_solve(const double m[3][3], const double b[3], double x[3])
{
    double det = truth_det(m);
    for (int j = 0; j < 3; j++) {
        double n[3][3];
        memcpy(n, m, sizeof n);
        for (int i = 0; i < 3; i++)
            n[i][j] = b[i];
        x[j] = truth_det(n) / det;
    }
}

static inline void truth_lab_error(TruthInk ink, Lab lab, double error[3])
{
    Spectrum spectrum = truth_ink(ink);
    Lab got = spectrum_lab(&spectrum, SPECTRUM_D65);
    error[0] = lab.L - got.L, error[1] = lab.a - got.a, error[2] = lab.b - got.b;
}

/* A smooth reflectance of that colour under D65: printers make most of a dull colour's darkness
 * with black, Newton finds the dyes. Outside their gamut the nearest that Newton came to:
 * spectrum_lab of it is the truth, not lab. */
static inline Spectrum truth_spectrum(Lab lab)
{
    double darkness = -log10(fmax(color_luminance(color_from_lab((Lab){lab.L, 0, 0})), 0.005));
    double dull = fmax(1.0 - hypot(lab.a, lab.b) / 50.0, 0.0);
    TruthInk ink = {0.8 * dull * darkness, {0.3, 0.3, 0.3}};
    double error[3];
    for (int step = 0; step < 60; step++) {
        truth_lab_error(ink, lab, error);
        double jacobian[3][3], move[3];
        for (int k = 0; k < 3; k++) {
            TruthInk near = ink;
            double other[3];
            near.dye[k] += 1e-4;
            truth_lab_error(near, lab, other);
            for (int i = 0; i < 3; i++)
                jacobian[i][k] = (error[i] - other[i]) / 1e-4;
        }
        truth_solve((const double(*)[3])jacobian, error, move);
        for (int k = 0; k < 3; k++)
            ink.dye[k] = fmin(fmax(ink.dye[k] + fmin(fmax(move[k], -0.2), 0.2), -0.1), 3.5);
    }
    return truth_ink(ink);
}

/* Skins of src/skin (skin_tone_of_lab of skin_lab_of_ita) and the share of their light that the
 * middle of a fresh, strong dot leaves (skin_mark_center of 0.5 mm diameter, depth 0.25 mm, 30
 * /mm): figures, because this room stands below that one. */
typedef struct TruthSkin {
    double ita_deg;
    double skin[SPECTRUM_BANDS], dot[SPECTRUM_BANDS];
} TruthSkin;

/* clang-format off */
static const TruthSkin truth_skin[TRUTH_SKINS] = {
    {60, /* Lab 71.8 7.8 12.6, dot 53.4 1.5 3.9 */
     {0.2489, 0.2528, 0.2588, 0.2653, 0.2747, 0.3137, 0.3634, 0.3888, 0.4075, 0.4173,
      0.4234, 0.4246, 0.4164, 0.3943, 0.3800, 0.3864, 0.3980, 0.3953, 0.3980, 0.4625,
      0.5342, 0.5682, 0.5912, 0.6059, 0.6163, 0.6245, 0.6320, 0.6385, 0.6445, 0.6500,
      0.6543, },
     {0.6901, 0.6891, 0.6833, 0.6761, 0.6638, 0.6084, 0.5514, 0.5279, 0.5126, 0.5057,
      0.5017, 0.5015, 0.5089, 0.5284, 0.5419, 0.5358, 0.5249, 0.5270, 0.5243, 0.4739,
      0.4307, 0.4136, 0.4030, 0.3966, 0.3921, 0.3886, 0.3855, 0.3827, 0.3803, 0.3780,
      0.3762, }},
    {45, /* Lab 65.5 9.5 15.5, dot 48.3 1.9 6.1 */
     {0.1676, 0.1726, 0.1790, 0.1856, 0.1943, 0.2255, 0.2672, 0.2901, 0.3078, 0.3181,
      0.3252, 0.3282, 0.3233, 0.3068, 0.2965, 0.3032, 0.3145, 0.3142, 0.3183, 0.3764,
      0.4445, 0.4795, 0.5047, 0.5217, 0.5344, 0.5451, 0.5550, 0.5639, 0.5722, 0.5800,
      0.5865, },
     {0.7134, 0.7123, 0.7060, 0.6984, 0.6852, 0.6238, 0.5581, 0.5315, 0.5143, 0.5067,
      0.5026, 0.5027, 0.5110, 0.5326, 0.5475, 0.5409, 0.5289, 0.5304, 0.5267, 0.4709,
      0.4220, 0.4021, 0.3897, 0.3821, 0.3767, 0.3725, 0.3687, 0.3654, 0.3623, 0.3595,
      0.3572, }},
    {33, /* Lab 62.2 10.9 18.8, dot 45.8 2.9 9.8 */
     {0.1223, 0.1277, 0.1343, 0.1415, 0.1510, 0.1789, 0.2137, 0.2351, 0.2528, 0.2643,
      0.2737, 0.2792, 0.2768, 0.2627, 0.2549, 0.2641, 0.2775, 0.2767, 0.2807, 0.3405,
      0.4083, 0.4431, 0.4681, 0.4860, 0.4999, 0.5117, 0.5228, 0.5328, 0.5423, 0.5513,
      0.5590, },
     {0.7009, 0.7025, 0.6981, 0.6915, 0.6772, 0.6132, 0.5508, 0.5248, 0.5082, 0.5015,
      0.4979, 0.4989, 0.5098, 0.5365, 0.5549, 0.5475, 0.5347, 0.5411, 0.5408, 0.4775,
      0.4254, 0.4062, 0.3948, 0.3882, 0.3839, 0.3808, 0.3781, 0.3758, 0.3738, 0.3721,
      0.3709, }},
    {18, /* Lab 56.8 11.9 20.8, dot 41.6 3.3 11.4 */
     {0.0832, 0.0882, 0.0941, 0.1004, 0.1084, 0.1296, 0.1565, 0.1742, 0.1893, 0.2000,
      0.2091, 0.2153, 0.2153, 0.2060, 0.2014, 0.2102, 0.2223, 0.2233, 0.2281, 0.2789,
      0.3378, 0.3698, 0.3938, 0.4117, 0.4262, 0.4389, 0.4510, 0.4623, 0.4730, 0.4833,
      0.4924, },
     {0.7279, 0.7279, 0.7220, 0.7142, 0.6986, 0.6311, 0.5636, 0.5352, 0.5169, 0.5092,
      0.5050, 0.5056, 0.5166, 0.5441, 0.5630, 0.5549, 0.5411, 0.5471, 0.5461, 0.4794,
      0.4240, 0.4030, 0.3905, 0.3830, 0.3781, 0.3745, 0.3712, 0.3685, 0.3660, 0.3639,
      0.3623, }},
    {-10, /* Lab 46.1 13.0 22.3, dot 34.6 3.5 12.6 */
     {0.0405, 0.0440, 0.0479, 0.0520, 0.0568, 0.0674, 0.0819, 0.0926, 0.1024, 0.1101,
      0.1170, 0.1225, 0.1247, 0.1220, 0.1215, 0.1280, 0.1366, 0.1397, 0.1447, 0.1774,
      0.2180, 0.2428, 0.2631, 0.2792, 0.2930, 0.3057, 0.3181, 0.3300, 0.3416, 0.3530,
      0.3635, },
     {0.8483, 0.8426, 0.8325, 0.8211, 0.8040, 0.7350, 0.6555, 0.6188, 0.5938, 0.5815,
      0.5738, 0.5719, 0.5814, 0.6087, 0.6266, 0.6163, 0.5993, 0.6016, 0.5969, 0.5211,
      0.4537, 0.4258, 0.4079, 0.3967, 0.3888, 0.3825, 0.3767, 0.3717, 0.3671, 0.3629,
      0.3594, }},
    {-45, /* Lab 29.4 13.5 20.6, dot 23.1 4.1 12.6 */
     {0.0136, 0.0148, 0.0160, 0.0174, 0.0190, 0.0213, 0.0245, 0.0275, 0.0307, 0.0339,
      0.0370, 0.0400, 0.0424, 0.0434, 0.0449, 0.0485, 0.0528, 0.0553, 0.0586, 0.0721,
      0.0899, 0.1024, 0.1137, 0.1238, 0.1331, 0.1422, 0.1515, 0.1607, 0.1700, 0.1793,
      0.1883, },
     {0.9821, 0.9775, 0.9712, 0.9635, 0.9525, 0.9166, 0.8633, 0.8258, 0.7931, 0.7699,
      0.7507, 0.7376, 0.7371, 0.7557, 0.7655, 0.7478, 0.7235, 0.7212, 0.7117, 0.6193,
      0.5319, 0.4917, 0.4642, 0.4454, 0.4311, 0.4193, 0.4085, 0.3989, 0.3900, 0.3819,
      0.3750, }},
};
/* clang-format on */

/* The skin with share of a dot's optical depth over it: 0 bare, 1 the strong dot. */
static inline Spectrum truth_dotted(int skin, double share)
{
    Spectrum spectrum;
    for (int i = 0; i < SPECTRUM_BANDS; i++)
        spectrum.band[i] = truth_skin[skin].skin[i] * pow(truth_skin[skin].dot[i], share);
    return spectrum;
}

/* ---- cameras ---- */

typedef struct TruthCamera {
    const char *name;
    double middle_nm[3], width_nm[3]; /* sensitivities of red, green, blue */
    double matrix[3][3];              /* from balanced raw to sRGB; rows sum to 1 */
    double exposure;                  /* linear value of a perfect white before the tone curve */
    double s_curve;                   /* slope 1 + s in the middle tones, 1 - s at the ends */
    double saturation;                /* gain of chroma */
    bool late;                        /* saturated after the tone curve, in codes; else in light */
} TruthCamera;

static inline void truth_raw(const TruthCamera *camera, const TruthLight *light,
                             const Spectrum *reflectance, double raw[3])
{
    for (int c = 0; c < 3; c++) {
        double sum = 0.0, white = 0.0;
        for (int i = 0; i < SPECTRUM_BANDS; i++) {
            double weight =
                light->power.band[i] *
                truth_bump(spectrum_wavelength_nm(i), camera->middle_nm[c], camera->width_nm[c]);
            sum += weight * reflectance->band[i];
            white += weight;
        }
        raw[c] = light->cast[c] * sum / white;
    }
}

/* The maker's matrix: least squares under D65 over dull colours, neutrals kept (each row sums to 1,
 * so two unknowns a row). */
static inline void truth_make_matrix(TruthCamera *camera)
{
    TruthLight light = truth_light(0);
    double aa[3][3] = {0}, rhs[3][3] = {0};
    for (int k = 0; k < 27; k++) {
        Lab lab = {35.0 + 20.0 * (k / 9), 16.0 * (k / 3 % 3 - 1), 16.0 * (k % 3 - 1)};
        Spectrum spectrum = truth_spectrum(lab);
        Rgb rgb = spectrum_rgb(&spectrum);
        double raw[3], want[3] = {(double)rgb.r, (double)rgb.g, (double)rgb.b};
        truth_raw(camera, &light, &spectrum, raw);
        double row[2] = {raw[0] - raw[1], raw[2] - raw[1]};
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 2; j++)
                aa[i][j] += row[i] * row[j];
            for (int c = 0; c < 3; c++)
                rhs[c][i] += row[i] * (want[c] - raw[1]);
        }
    }
    aa[2][2] = 1.0;
    for (int c = 0; c < 3; c++) {
        double x[3];
        truth_solve((const double(*)[3])aa, rhs[c], x);
        camera->matrix[c][0] = x[0], camera->matrix[c][2] = x[1];
        camera->matrix[c][1] = 1.0 - x[0] - x[1];
    }
}

static inline TruthCamera truth_camera(int which)
{
    static const TruthCamera cameras[TRUTH_CAMERAS] = {{.name = "A",
                                                        .middle_nm = {605, 538, 458},
                                                        .width_nm = {36, 40, 30},
                                                        .exposure = 0.72,
                                                        .s_curve = 0.15,
                                                        .saturation = 1.08,
                                                        .late = false},
                                                       {.name = "B",
                                                        .middle_nm = {600, 532, 463},
                                                        .width_nm = {33, 43, 28},
                                                        .exposure = 0.60,
                                                        .s_curve = 0.30,
                                                        .saturation = 1.12,
                                                        .late = true},
                                                       {.name = "C",
                                                        .middle_nm = {615, 546, 450},
                                                        .width_nm = {44, 48, 35},
                                                        .exposure = 0.80,
                                                        .s_curve = 0.40,
                                                        .saturation = 1.05,
                                                        .late = false}};
    TruthCamera camera = cameras[which];
    truth_make_matrix(&camera);
    return camera;
}

/* Balanced, matrixed and saturated light of a reflectance, 1 = a perfect white: what lighting and
 * noise multiply and join before the tone curve. */
static inline void truth_scene(const TruthCamera *camera, const TruthLight *light,
                               const Spectrum *reflectance, double scene[3])
{
    double raw[3];
    truth_raw(camera, light, reflectance, raw);
    for (int c = 0; c < 3; c++)
        scene[c] = camera->matrix[c][0] * raw[0] + camera->matrix[c][1] * raw[1] +
                   camera->matrix[c][2] * raw[2];
    double luma = 0.2126 * scene[0] + 0.7152 * scene[1] + 0.0722 * scene[2];
    for (int c = 0; c < 3 && !camera->late; c++)
        scene[c] = luma + camera->saturation * (scene[c] - luma);
}

/* The tone curve over sRGB codes. */
static inline double truth_curve(const TruthCamera *camera, double light)
{
    double code = (double)color_srgb_encode((float)fmin(fmax(light, 0.0), 1.0));
    return code - camera->s_curve * sin(2.0 * 3.14159265358979 * code) / (2.0 * 3.14159265358979);
}

/* The codes (0..1) of light that reaches the sensor as scene * lit, lit per channel. */
static inline void truth_develop(const TruthCamera *camera, const double scene[3],
                                 const double lit[3], double code[3])
{
    for (int c = 0; c < 3; c++)
        code[c] = truth_curve(camera, camera->exposure * lit[c] * scene[c]);
    double luma = 0.2126 * code[0] + 0.7152 * code[1] + 0.0722 * code[2];
    for (int c = 0; c < 3; c++) {
        if (camera->late)
            code[c] = luma + camera->saturation * (code[c] - luma);
        code[c] = fmin(fmax(code[c], 0.0), 1.0);
    }
}

/* What the photograph says of a reflectance, as linear light: no noise, no rounding. */
static inline Rgb truth_seen(const TruthCamera *camera, const TruthLight *light,
                             const Spectrum *reflectance, const double lit[3])
{
    double scene[3], code[3];
    truth_scene(camera, light, reflectance, scene);
    truth_develop(camera, scene, lit, code);
    return (Rgb){color_srgb_decode((float)code[0]), color_srgb_decode((float)code[1]),
                 color_srgb_decode((float)code[2])};
}

#endif
