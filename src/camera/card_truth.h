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
typedef enum TruthDot { TRUTH_BARE = -1, TRUTH_ORDINARY, TRUTH_STRONG, TRUTH_DOTS } TruthDot;

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
        x[j] = truth_det((const double(*)[3])n) / det;
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
 * middle of a dot leaves (skin_mark_center, carbon): the ordinary dot of field/optics, 0.3 mm at a
 * depth of 0.3 mm, 10 /mm, and a fresh strong one, 0.5 mm at 0.25 mm, 30 /mm. Figures, because this
 * room stands below that one. */
typedef struct TruthSkin {
    double ita_deg;
    double skin[SPECTRUM_BANDS], dot[TRUTH_DOTS][SPECTRUM_BANDS];
} TruthSkin;

/* clang-format off */
static const TruthSkin truth_skin[TRUTH_SKINS] = {
    {60, /* Lab 71.8 7.8 12.6 */
     {0.2489, 0.2528, 0.2588, 0.2653, 0.2747, 0.3137, 0.3634, 0.3888, 0.4075, 0.4173, 0.4234,
      0.4246, 0.4164, 0.3943, 0.3800, 0.3864, 0.3980, 0.3953, 0.3980, 0.4625, 0.5342, 0.5682,
      0.5912, 0.6059, 0.6163, 0.6245, 0.6320, 0.6385, 0.6445, 0.6500, 0.6543},
     {{0.8922, 0.8925, 0.8902, 0.8871, 0.8810, 0.8495, 0.8138, 0.7990, 0.7895, 0.7858, 0.7842,
      0.7852, 0.7914, 0.8057, 0.8156, 0.8125, 0.8062, 0.8085, 0.8076, 0.7744, 0.7446, 0.7332,
      0.7266, 0.7230, 0.7208, 0.7194, 0.7183, 0.7174, 0.7168, 0.7162, 0.7161},
      {0.6901, 0.6891, 0.6833, 0.6761, 0.6638, 0.6084, 0.5514, 0.5279, 0.5126, 0.5057, 0.5017,
      0.5015, 0.5089, 0.5284, 0.5419, 0.5358, 0.5249, 0.5270, 0.5243, 0.4739, 0.4307, 0.4136,
      0.4030, 0.3966, 0.3921, 0.3886, 0.3855, 0.3827, 0.3803, 0.3780, 0.3762}}},
    {45, /* Lab 65.5 9.5 15.5 */
     {0.1676, 0.1726, 0.1790, 0.1856, 0.1943, 0.2255, 0.2672, 0.2901, 0.3078, 0.3181, 0.3252,
      0.3282, 0.3233, 0.3068, 0.2965, 0.3032, 0.3145, 0.3142, 0.3183, 0.3764, 0.4445, 0.4795,
      0.5047, 0.5217, 0.5344, 0.5451, 0.5550, 0.5639, 0.5722, 0.5800, 0.5865},
     {{0.9009, 0.9014, 0.8990, 0.8959, 0.8897, 0.8556, 0.8153, 0.7987, 0.7882, 0.7843, 0.7828,
      0.7842, 0.7912, 0.8069, 0.8176, 0.8143, 0.8075, 0.8095, 0.8080, 0.7716, 0.7378, 0.7245,
      0.7164, 0.7120, 0.7093, 0.7074, 0.7059, 0.7046, 0.7036, 0.7028, 0.7023},
      {0.7134, 0.7123, 0.7060, 0.6984, 0.6852, 0.6238, 0.5581, 0.5315, 0.5143, 0.5067, 0.5026,
      0.5027, 0.5110, 0.5326, 0.5475, 0.5409, 0.5289, 0.5304, 0.5267, 0.4709, 0.4220, 0.4021,
      0.3897, 0.3821, 0.3767, 0.3725, 0.3687, 0.3654, 0.3623, 0.3595, 0.3572}}},
    {33, /* Lab 62.2 10.9 18.8 */
     {0.1223, 0.1277, 0.1343, 0.1415, 0.1510, 0.1789, 0.2137, 0.2351, 0.2528, 0.2643, 0.2737,
      0.2792, 0.2768, 0.2627, 0.2549, 0.2641, 0.2775, 0.2767, 0.2807, 0.3405, 0.4083, 0.4431,
      0.4681, 0.4860, 0.4999, 0.5117, 0.5228, 0.5328, 0.5423, 0.5513, 0.5590},
     {{0.8918, 0.8939, 0.8927, 0.8902, 0.8834, 0.8473, 0.8088, 0.7926, 0.7825, 0.7793, 0.7781,
      0.7802, 0.7890, 0.8082, 0.8212, 0.8174, 0.8102, 0.8154, 0.8161, 0.7752, 0.7393, 0.7264,
      0.7192, 0.7156, 0.7137, 0.7126, 0.7118, 0.7114, 0.7112, 0.7111, 0.7114},
      {0.7009, 0.7025, 0.6981, 0.6915, 0.6772, 0.6132, 0.5508, 0.5248, 0.5082, 0.5015, 0.4979,
      0.4989, 0.5098, 0.5365, 0.5549, 0.5475, 0.5347, 0.5411, 0.5408, 0.4775, 0.4254, 0.4062,
      0.3948, 0.3882, 0.3839, 0.3808, 0.3781, 0.3758, 0.3738, 0.3721, 0.3709}}},
    {18, /* Lab 56.8 11.9 20.8 */
     {0.0832, 0.0882, 0.0941, 0.1004, 0.1084, 0.1296, 0.1565, 0.1742, 0.1893, 0.2000, 0.2091,
      0.2153, 0.2153, 0.2060, 0.2014, 0.2102, 0.2223, 0.2233, 0.2281, 0.2789, 0.3378, 0.3698,
      0.3938, 0.4117, 0.4262, 0.4389, 0.4510, 0.4623, 0.4730, 0.4833, 0.4924},
     {{0.9017, 0.9033, 0.9015, 0.8986, 0.8915, 0.8540, 0.8130, 0.7956, 0.7847, 0.7810, 0.7797,
      0.7818, 0.7908, 0.8105, 0.8238, 0.8199, 0.8122, 0.8171, 0.8176, 0.7747, 0.7366, 0.7226,
      0.7146, 0.7105, 0.7082, 0.7068, 0.7058, 0.7051, 0.7046, 0.7043, 0.7044},
      {0.7279, 0.7279, 0.7220, 0.7142, 0.6986, 0.6311, 0.5636, 0.5352, 0.5169, 0.5092, 0.5050,
      0.5056, 0.5166, 0.5441, 0.5630, 0.5549, 0.5411, 0.5471, 0.5461, 0.4794, 0.4240, 0.4030,
      0.3905, 0.3830, 0.3781, 0.3745, 0.3712, 0.3685, 0.3660, 0.3639, 0.3623}}},
    {-10, /* Lab 46.1 13.0 22.3 */
     {0.0405, 0.0440, 0.0479, 0.0520, 0.0568, 0.0674, 0.0819, 0.0926, 0.1024, 0.1101, 0.1170,
      0.1225, 0.1247, 0.1220, 0.1215, 0.1280, 0.1366, 0.1397, 0.1447, 0.1774, 0.2180, 0.2428,
      0.2631, 0.2792, 0.2930, 0.3057, 0.3181, 0.3300, 0.3416, 0.3530, 0.3635},
     {{0.9508, 0.9499, 0.9468, 0.9430, 0.9364, 0.9027, 0.8586, 0.8381, 0.8243, 0.8187, 0.8159,
      0.8168, 0.8250, 0.8438, 0.8561, 0.8514, 0.8426, 0.8453, 0.8437, 0.7974, 0.7528, 0.7343,
      0.7230, 0.7164, 0.7122, 0.7092, 0.7065, 0.7044, 0.7025, 0.7009, 0.6998},
      {0.8483, 0.8426, 0.8325, 0.8211, 0.8040, 0.7350, 0.6555, 0.6188, 0.5938, 0.5815, 0.5738,
      0.5719, 0.5814, 0.6087, 0.6266, 0.6163, 0.5993, 0.6016, 0.5969, 0.5211, 0.4537, 0.4258,
      0.4079, 0.3967, 0.3888, 0.3825, 0.3767, 0.3717, 0.3671, 0.3629, 0.3594}}},
    {-45, /* Lab 29.4 13.5 20.6 */
     {0.0136, 0.0148, 0.0160, 0.0174, 0.0190, 0.0213, 0.0245, 0.0275, 0.0307, 0.0339, 0.0370,
      0.0400, 0.0424, 0.0434, 0.0449, 0.0485, 0.0528, 0.0553, 0.0586, 0.0721, 0.0899, 0.1024,
      0.1137, 0.1238, 0.1331, 0.1422, 0.1515, 0.1607, 0.1700, 0.1793, 0.1883},
     {{0.9951, 0.9940, 0.9923, 0.9901, 0.9868, 0.9724, 0.9477, 0.9300, 0.9147, 0.9047, 0.8968,
      0.8925, 0.8953, 0.9084, 0.9159, 0.9086, 0.8975, 0.8982, 0.8949, 0.8438, 0.7899, 0.7651,
      0.7486, 0.7379, 0.7303, 0.7242, 0.7188, 0.7141, 0.7099, 0.7061, 0.7031},
      {0.9821, 0.9775, 0.9712, 0.9635, 0.9525, 0.9166, 0.8633, 0.8258, 0.7931, 0.7699, 0.7507,
      0.7376, 0.7371, 0.7557, 0.7655, 0.7478, 0.7235, 0.7212, 0.7117, 0.6193, 0.5319, 0.4917,
      0.4642, 0.4454, 0.4311, 0.4193, 0.4085, 0.3989, 0.3900, 0.3819, 0.3750}}},
};
/* clang-format on */

static inline Spectrum truth_dotted(int skin, TruthDot dot)
{
    Spectrum spectrum;
    for (int i = 0; i < SPECTRUM_BANDS; i++)
        spectrum.band[i] =
            truth_skin[skin].skin[i] * (dot == TRUTH_BARE ? 1.0 : truth_skin[skin].dot[dot][i]);
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
                                                        .exposure = 0.74,
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

/* ---- a photograph of a card ---- */

typedef struct TruthScene {
    const MarkerSight *sight; /* the marker, its homography and the lens */
    const Lab *printed;       /* what the printer made of the patches; NULL: what was sent to it */
    const TruthCamera *camera;
    const TruthLight *light;
    int skin;         /* in the window and around the card */
    double lit[3][3]; /* light at px / width: a + b x + c y per channel */
    double shadow;    /* share of the light left of shadow_x that is taken away */
    double shadow_x;  /* px / width */
    double noise_b;   /* variance of light at the sensor = 1e-6 + noise_b light */
    uint64_t seed;
} TruthScene;

typedef struct TruthInks {
    double patch[MARKER_MAX_PATCHES][3], white[3], black[3], skin[3];
    Lab lab[MARKER_MAX_PATCHES]; /* what the patches truly are, D65 */
} TruthInks;

static inline void truth_inks(const TruthScene *scene, TruthInks *inks)
{
    for (int i = 0; i < scene->sight->marker.patch_count; i++) {
        Lab made =
            scene->printed != NULL ? scene->printed[i] : scene->sight->marker.patch[i].design;
        Spectrum ink = truth_spectrum(made);
        inks->lab[i] = spectrum_lab(&ink, SPECTRUM_D65);
        truth_scene(scene->camera, scene->light, &ink, inks->patch[i]);
    }
    Spectrum white = truth_spectrum((Lab){100, 0, 0}), black = truth_spectrum((Lab){12, 0, 0});
    Spectrum skin = truth_dotted(scene->skin, TRUTH_BARE);
    truth_scene(scene->camera, scene->light, &white, inks->white);
    truth_scene(scene->camera, scene->light, &black, inks->black);
    truth_scene(scene->camera, scene->light, &skin, inks->skin);
}

/* Light of what lies at a place of the card. */
static inline void truth_surface(const TruthScene *scene, const TruthInks *inks, double x_mm,
                                 double y_mm, double side_mm, double out[3])
{
    Rgb design;
    bool paper = marker_color_at(&scene->sight->marker, x_mm, y_mm, side_mm, &design);
    for (int c = 0; c < 3; c++)
        out[c] = paper ? inks->black[c] + (double)design.g * (inks->white[c] - inks->black[c])
                       : inks->skin[c];
    for (int i = 0; paper && i < scene->sight->marker.patch_count; i++) {
        const MarkerPatch *patch = &scene->sight->marker.patch[i];
        if (x_mm >= patch->x_mm && x_mm < patch->x_mm + patch->width_mm && y_mm >= patch->y_mm &&
            y_mm < patch->y_mm + patch->height_mm)
            memcpy(out, inks->patch[i], sizeof inks->patch[i]);
    }
}

static inline void truth_lit(const TruthScene *scene, double x, double y, double lit[3])
{
    for (int c = 0; c < 3; c++) {
        lit[c] = scene->lit[c][0] + scene->lit[c][1] * x + scene->lit[c][2] * y;
        lit[c] *= x < scene->shadow_x ? 1.0 - scene->shadow : 1.0;
    }
}

/* photo: made by the caller; 8-bit codes decoded as sRGB. */
static inline void truth_render(const TruthScene *scene, const TruthInks *inks, ImageF *photo)
{
    double inverse = 1.0 / photo->width_px, mm[2], near[2];
    for (int y = 0; y < photo->height_px; y++) {
        Rng rng = rng_make(scene->seed, (uint64_t)y);
        for (int x = 0; x < photo->width_px; x++) {
            double surface[3] = {0}, lit[3], code[3];
            if (!sight_to_mm(scene->sight, x + 0.5, y + 0.5, mm) ||
                !sight_to_mm(scene->sight, x + 1.0, y + 1.0, near))
                continue;
            double side = sqrt(2.0) * hypot(near[0] - mm[0], near[1] - mm[1]);
            truth_surface(scene, inks, mm[0], mm[1], side, surface);
            truth_lit(scene, (x + 0.5) * inverse, (y + 0.5) * inverse, lit);
            for (int c = 0; c < 3; c++) {
                double at = scene->camera->exposure * lit[c] * surface[c];
                double noise = sqrt(1e-6 + scene->noise_b * fmax(at, 0.0)) * rng_normal(&rng);
                surface[c] += noise / (scene->camera->exposure * lit[c]);
            }
            truth_develop(scene->camera, surface, lit, code);
            for (int c = 0; c < 3; c++)
                photo->rgb[3 * ((ptrdiff_t)y * photo->width_px + x) + c] =
                    color_srgb_decode((float)(floor(255.0 * code[c] + 0.5) / 255.0));
        }
    }
}

/* CIEDE2000 that a correction makes of the ratio of a dot to its skin: the true colour of the dot
 * against the true skin times the ratio dot / skin, per linear channel, that the corrected
 * photograph shows (both at one place, so that the light there leaves the ratio). */
static inline double truth_dot_error(const CardColor *color, const TruthScene *scene, int skin,
                                     TruthDot dot, const double px[2], int width_px)
{
    double lit[3];
    truth_lit(scene, px[0] / width_px, px[1] / width_px, lit);
    Spectrum bare = truth_dotted(skin, TRUTH_BARE), dotted = truth_dotted(skin, dot);
    Rgb true_skin = spectrum_rgb(&bare), true_dot = spectrum_rgb(&dotted);
    Rgb got_skin = card_color_at(color, truth_seen(scene->camera, scene->light, &bare, lit), px[0],
                                 px[1], width_px);
    Rgb got_dot = card_color_at(color, truth_seen(scene->camera, scene->light, &dotted, lit), px[0],
                                px[1], width_px);
    Rgb by_ratio = {true_skin.r * got_dot.r / got_skin.r, true_skin.g * got_dot.g / got_skin.g,
                    true_skin.b * got_dot.b / got_skin.b};
    return color_delta_e2000(color_to_lab(true_dot), color_to_lab(by_ratio));
}

#endif
