#include "image/photo_internal.h"

#include "color/spectrum.h"

#include <math.h>
#include <string.h>

/* The white of ICC's connection space, ICC.1:2022, 7.2.16. */
const double photo_d50[3] = {0.9642, 1.0, 0.8249};

static const double d65[2] = {0.3127, 0.3290};
/* Adobe RGB (1998), version 2005-05: primaries, and the exponent 563/256. */
static const double adobe_primary[3][2] = {{0.64, 0.33}, {0.21, 0.71}, {0.15, 0.06}};
static const double adobe_gamma = 563.0 / 256.0;

static Xyz xyz_of_chromaticity(const double xy[2])
{
    return (Xyz){xy[0] / xy[1], 1.0, (1.0 - xy[0] - xy[1]) / xy[1]};
}

void photo_color_column(PhotoColor *color, int channel, const double xyz[3], const double white[3])
{
    Xyz d65_white = color_xyz((Rgb){1.0f, 1.0f, 1.0f});
    Xyz adapted =
        color_adapt((Xyz){xyz[0], xyz[1], xyz[2]}, (Xyz){white[0], white[1], white[2]}, d65_white);
    Rgb rgb = color_of_xyz(adapted);
    color->matrix[0][channel] = rgb.r;
    color->matrix[1][channel] = rgb.g;
    color->matrix[2][channel] = rgb.b;
}

static void fill_curve(double gamma, int codes, float curve[])
{
    for (int i = 0; i < codes; i++) {
        double code = (double)i / (codes - 1);
        curve[i] = gamma > 0.0 ? (float)pow(code, gamma) : color_srgb_decode((float)code);
    }
}

static double determinant(const double m[3][3])
{
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
           m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

/* The share of primary `channel` in white, by Cramer's rule. */
static double share(const double m[3][3], const double white[3], int channel)
{
    double with[3][3];
    memcpy(with, m, sizeof with);
    for (int row = 0; row < 3; row++)
        with[row][channel] = white[row];
    return determinant((const double(*)[3])with) / determinant(m);
}

bool photo_color_primaries(const double white[2], const double primary[3][2], double gamma,
                           int codes, PhotoColor *color)
{
    enum { LEAST = 1 }; /* percent: y of a chromaticity, and the gamut's determinant */
    double m[3][3];
    if (white[1] * 100 < LEAST)
        return false;
    Xyz w = xyz_of_chromaticity(white);
    double whole[3] = {w.x, w.y, w.z};
    for (int channel = 0; channel < 3; channel++) {
        if (primary[channel][1] * 100 < LEAST)
            return false;
        Xyz xyz = xyz_of_chromaticity(primary[channel]);
        m[0][channel] = xyz.x;
        m[1][channel] = xyz.y;
        m[2][channel] = xyz.z;
    }
    if (fabs(determinant((const double(*)[3])m)) * 100 < LEAST)
        return false;
    for (int channel = 0; channel < 3; channel++) {
        double s = share((const double(*)[3])m, whole, channel);
        double xyz[3] = {s * m[0][channel], s * m[1][channel], s * m[2][channel]};
        photo_color_column(color, channel, xyz, whole);
        fill_curve(gamma, codes, color->curve[channel]);
    }
    return true;
}

void photo_color_space(PhotoSpace space, int codes, PhotoColor *color)
{
    double xyz_white[3] = {0};
    Xyz white = color_xyz((Rgb){1.0f, 1.0f, 1.0f});
    switch (space) {
    case PHOTO_ADOBE_RGB:
        if (photo_color_primaries(d65, adobe_primary, adobe_gamma, codes, color))
            return;
        break; /* cannot be: they span a gamut */
    case PHOTO_SRGB:
        memset(color->matrix, 0, sizeof color->matrix);
        for (int i = 0; i < 3; i++)
            color->matrix[i][i] = 1.0f;
        break;
    case PHOTO_DISPLAY_P3:
        xyz_white[0] = white.x;
        xyz_white[1] = white.y;
        xyz_white[2] = white.z;
        for (int i = 0; i < 3; i++) {
            Xyz xyz = color_xyz_of_p3((Rgb){i == 0, i == 1, i == 2});
            photo_color_column(color, i, (double[3]){xyz.x, xyz.y, xyz.z}, xyz_white);
        }
        break;
    }
    for (int channel = 0; channel < 3; channel++)
        fill_curve(0.0, codes, color->curve[channel]);
}
