#include "visibility/visibility.h"

#include <math.h>
#include <stdbool.h>

#define PI 3.14159265358979323846

enum { FARTHEST_CM = 2000, NEAREST_CM = 10 };

/* Peak sensitivity and peak frequency as functions of luminance; parameters of castleCSF's
 * achromatic channel (2024, MIT), as given in its published report. */
static double peak_sensitivity(double luminance)
{
    double saturated = 56.4947 * pow(1.0 + 7.54726 / luminance, -0.144532);
    return saturated * (1.0 - pow(1.0 + 5.58341e-7 / luminance, -9.66862e9));
}

static double peak_frequency(double luminance)
{
    return 1.78119 * pow(1.0 + 91.5718 / luminance, -0.256682);
}

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* S = Smax LP(f) f sqrt(Ac / (1 + Ac / A)), Ac = A0 / (1 + (f / f0)^2); LP is a parabola in log f,
 * 2^bw wide, that does not fall below 1 - a on its low side. */
double visibility_sensitivity(double frequency_cpd, double luminance_cd_m2, double area_deg2)
{
    const double bandwidth = 0.000213047, floor_drop = 0.100207, a0 = 157.103, f0 = 0.702338;
    double f = clamp(frequency_cpd, 0.0625, 64.0), luminance = clamp(luminance_cd_m2, 1e-3, 1e4);
    double peak = peak_frequency(luminance), octaves = log10(f) - log10(peak);
    double lowpass = pow(10.0, -octaves * octaves / pow(2.0, bandwidth));
    if (f < peak && lowpass < 1.0 - floor_drop)
        lowpass = 1.0 - floor_drop;
    double critical = a0 / (1.0 + (f / f0) * (f / f0));
    return peak_sensitivity(luminance) * lowpass * f *
           sqrt(critical / (1.0 + critical / area_deg2));
}

static double mm_per_degree(double distance_m)
{
    return 2000.0 * distance_m * tan(0.5 * PI / 180.0);
}

double visibility_darkening(VisibilityTexture texture)
{
    return 1.0 - exp(-texture.density_per_mm2 * (texture.core_area_mm2 + texture.halo_area_mm2));
}

/* Fourier transform of a disc of diameter d at f cycles per mm, 1 at f = 0. */
static double disc_transfer(double d_mm, double f_per_mm)
{
    double x = PI * d_mm * f_per_mm;
    return x < 1e-6 ? 1.0 : 2.0 * j1(x) / x;
}

/* A hexagonal pattern of n dots per mm2 has its first maximum at f = sqrt(2 n / sqrt 3); a dot
 * that takes the area a out of the light contributes 2 n a to its amplitude. */
double visibility_fusing_distance_m(VisibilityTexture texture, double luminance_cd_m2)
{
    double n = texture.density_per_mm2;
    if (!(n > 0.0) || !(texture.core_area_mm2 > 0.0))
        return 0.0;
    double f_per_mm = sqrt(2.0 * n / sqrt(3.0));
    double amplitude = 2.0 * n * texture.core_area_mm2 *
                       fabs(disc_transfer(texture.core_mm, f_per_mm)) /
                       (1.0 - fmin(visibility_darkening(texture), 0.95));
    for (int cm = FARTHEST_CM; cm >= NEAREST_CM; cm--) {
        double f_cpd = f_per_mm * mm_per_degree(cm / 100.0);
        if (f_cpd <= 64.0 && amplitude * visibility_sensitivity(f_cpd, luminance_cd_m2, 1.0) >= 1.0)
            return cm / 100.0;
    }
    return 0.0;
}

/* A ramp of width w has its energy near 1 / (2 w); the treated area itself (about 100 mm across)
 * limits how low the frequency can be. */
double visibility_step_distance_m(double darkening_first, double darkening_second, double blend_mm,
                                  double luminance_cd_m2)
{
    const double area_mm = 100.0;
    double mean = 1.0 - 0.5 * (darkening_first + darkening_second);
    double contrast = 0.5 * fabs(darkening_first - darkening_second) / mean;
    for (int cm = FARTHEST_CM; cm >= NEAREST_CM; cm--) {
        double scale = mm_per_degree(cm / 100.0), side_deg = area_mm / scale;
        double f_cpd = scale / (2.0 * clamp(blend_mm, 1.0, area_mm));
        if (f_cpd <= 64.0 &&
            contrast * visibility_sensitivity(f_cpd, luminance_cd_m2, side_deg * side_deg) >= 1.0)
            return cm / 100.0;
    }
    return 0.0;
}

double visibility_luminance_cd_m2(double illuminance_lx, double reflectance)
{
    return illuminance_lx * reflectance / PI;
}

double visibility_least_darkening(double blend_mm, double luminance_cd_m2)
{
    const double talk_m = 1.0;
    double low = 0.0, high = 1.0;
    for (int i = 0; i < 40; i++) {
        double middle = 0.5 * (low + high);
        bool seen =
            visibility_step_distance_m(middle, 0.0, fmax(blend_mm, 1.0), luminance_cd_m2) > talk_m;
        *(seen ? &high : &low) = middle;
    }
    return high;
}
