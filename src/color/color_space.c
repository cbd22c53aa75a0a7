#include "color/spectrum.h"

#include <assert.h>
#include <math.h>

/* Linear sRGB to CIE XYZ: primaries (0.64, 0.33), (0.30, 0.60), (0.15, 0.06) and white
 * (0.3127, 0.3290) of ITU-R BT.709, solved in rational arithmetic; the rows sum to the white. */
static const double xyz_of_srgb[3][3] = {
    {0.4123907992659595, 0.35758433938387796, 0.1804807884018343},
    {0.21263900587151036, 0.7151686787677559, 0.07219231536073371},
    {0.01933081871559185, 0.11919477979462599, 0.9505321522496606},
};
static const double srgb_of_xyz[3][3] = {
    {3.2409699419045213, -1.5373831775700935, -0.4986107602930033},
    {-0.9692436362808798, 1.8759675015077206, 0.04155505740717561},
    {0.05563007969699361, -0.20397695888897657, 1.0569715142428786},
};
static const Xyz srgb_white = {0.9504559270516717, 1.0, 1.0890577507598784};

/* The same of Display P3: primaries (0.680, 0.320), (0.265, 0.690), (0.150, 0.060) of
 * SMPTE EG 432-1, the white of sRGB. */
static const double xyz_of_p3[3][3] = {
    {0.48657094864821626, 0.26566769316909294, 0.1982172852343625},
    {0.22897456406974884, 0.6917385218365062, 0.079286914093745},
    {0.0, 0.045113381858902575, 1.0439443689009757},
};
static const double p3_of_xyz[3][3] = {
    {2.4934969119414245, -0.9313836179191236, -0.40271078445071684},
    {-0.829488969561575, 1.7626640603183468, 0.02362468584194359},
    {0.035845830243784335, -0.07617238926804171, 0.9568845240076873},
};

/* Sharpened cone responses of the Bradford transform (ICC.1:2022, annex E), and the inverse in
 * rational arithmetic: rounded inverses are a known way to lose the white. */
static const double cone_of_xyz[3][3] = {
    {0.8951, 0.2664, -0.1614},
    {-0.7502, 1.7135, 0.0367},
    {0.0389, -0.0685, 1.0296},
};
static const double xyz_of_cone[3][3] = {
    {0.9869929054667121, -0.1470542564209901, 0.15996265166373125},
    {0.4323052697233945, 0.5183602715367776, 0.049291228212855615},
    {-0.008528664575177331, 0.04004282165408486, 0.96848669578755},
};

static void multiply(const double m[3][3], const double in[3], double out[3])
{
    for (int row = 0; row < 3; row++)
        out[row] = m[row][0] * in[0] + m[row][1] * in[1] + m[row][2] * in[2];
}

static Rgb rgb_of(const double m[3][3], Xyz xyz)
{
    double rgb[3];
    multiply(m, (double[3]){xyz.x, xyz.y, xyz.z}, rgb);
    return (Rgb){(float)rgb[0], (float)rgb[1], (float)rgb[2]};
}

static Xyz xyz_of(const double m[3][3], Rgb linear)
{
    double xyz[3];
    multiply(m, (double[3]){(double)linear.r, (double)linear.g, (double)linear.b}, xyz);
    return (Xyz){xyz[0], xyz[1], xyz[2]};
}

Rgb color_of_xyz(Xyz xyz)
{
    return rgb_of(srgb_of_xyz, xyz);
}

Xyz color_xyz(Rgb linear)
{
    return xyz_of(xyz_of_srgb, linear);
}

Rgb color_p3_of_xyz(Xyz xyz)
{
    return rgb_of(p3_of_xyz, xyz);
}

Xyz color_xyz_of_p3(Rgb linear_p3)
{
    return xyz_of(xyz_of_p3, linear_p3);
}

double color_luminance(Rgb linear)
{
    const double *row = xyz_of_srgb[1];
    return row[0] * (double)linear.r + row[1] * (double)linear.g + row[2] * (double)linear.b;
}

/* CIE 15:2004: cube root, straight below (6/29)^3. */
static double lab_curve(double t)
{
    return t > 216.0 / 24389.0 ? cbrt(t) : t * (841.0 / 108.0) + 4.0 / 29.0;
}

static double lab_curve_inverse(double f)
{
    return f > 6.0 / 29.0 ? f * f * f : (f - 4.0 / 29.0) * (108.0 / 841.0);
}

Lab color_lab_of_xyz(Xyz xyz, Xyz white)
{
    assert(white.x > 0.0 && white.y > 0.0 && white.z > 0.0);
    double fx = lab_curve(xyz.x / white.x);
    double fy = lab_curve(xyz.y / white.y);
    double fz = lab_curve(xyz.z / white.z);
    return (Lab){116.0 * fy - 16.0, 500.0 * (fx - fy), 200.0 * (fy - fz)};
}

Xyz color_xyz_of_lab(Lab lab, Xyz white)
{
    double fy = (lab.L + 16.0) / 116.0;
    return (Xyz){white.x * lab_curve_inverse(fy + lab.a / 500.0), white.y * lab_curve_inverse(fy),
                 white.z * lab_curve_inverse(fy - lab.b / 200.0)};
}

Lab color_to_lab(Rgb linear)
{
    return color_lab_of_xyz(color_xyz(linear), srgb_white);
}

Rgb color_from_lab(Lab lab)
{
    return color_of_xyz(color_xyz_of_lab(lab, srgb_white));
}

Xyz color_adapt(Xyz xyz, Xyz from_white, Xyz to_white)
{
    double cone[3], from[3], to[3], out[3];
    multiply(cone_of_xyz, (double[3]){xyz.x, xyz.y, xyz.z}, cone);
    multiply(cone_of_xyz, (double[3]){from_white.x, from_white.y, from_white.z}, from);
    multiply(cone_of_xyz, (double[3]){to_white.x, to_white.y, to_white.z}, to);
    for (int i = 0; i < 3; i++) {
        assert(from[i] > 0.0);
        cone[i] *= to[i] / from[i];
    }
    multiply(xyz_of_cone, cone, out);
    return (Xyz){out[0], out[1], out[2]};
}
