#include "color/color.h"

#include <math.h>
#include <stddef.h>

static const double pi = 3.14159265358979323846;

double color_ita_deg(Lab lab)
{
    double above = lab.L - 50.0;
    if (isnan(above) || isnan(lab.b))
        return above + lab.b; /* NaN */
    /* Bluish skin (b < 0) would flip the sign of the quotient; the limit b -> 0 is kept instead. */
    if (lab.b <= 0.0)
        return above > 0.0 ? 90.0 : above < 0.0 ? -90.0 : 0.0;
    return atan(above / lab.b) * 180.0 / pi;
}

const char *color_ita_class(double ita_deg)
{
    static const struct {
        double above_deg;
        const char *name;
    } classes[] = {{55.0, "very light"}, {41.0, "light"},  {28.0, "intermediate"},
                   {10.0, "tan"},        {-30.0, "brown"}, {-HUGE_VAL, "dark"}};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (ita_deg > classes[i].above_deg)
            return classes[i].name;
    }
    return "unknown";
}

static double pow7(double x)
{
    double cube = x * x * x;
    return cube * cube * x;
}

/* sqrt(C^7 / (C^7 + 25^7)) */
static double chroma_weight(double chroma)
{
    return sqrt(pow7(chroma) / (pow7(chroma) + pow7(25.0)));
}

static double cos_deg(double angle_deg)
{
    return cos(angle_deg * pi / 180.0);
}

/* Hue within [0, 360); 0 for a grey. */
static double hue_deg(double a, double b)
{
    if (fabs(a) + fabs(b) <= 0.0)
        return 0.0;
    double hue = atan2(b, a) * 180.0 / pi;
    return hue < 0.0 ? hue + 360.0 : hue;
}

/* The same colours in any order and rounding must give the same mean hue, so "180 apart" has a
 * tolerance: exactly opposite hues (pair 14 of Sharma's table) miss 180 by rounding. */
static const double opposite_deg = 180.0 + 1e-9;

static double hue_difference_deg(double first, double second)
{
    double difference = second - first;
    if (fabs(difference) <= opposite_deg)
        return difference;
    return difference > 0.0 ? difference - 360.0 : difference + 360.0;
}

static double hue_mean_deg(double first, double second)
{
    double sum = first + second;
    if (fabs(first - second) <= opposite_deg)
        return sum / 2.0;
    return sum < 360.0 ? (sum + 360.0) / 2.0 : (sum - 360.0) / 2.0;
}

double color_delta_e2000(Lab first, Lab second)
{
    double c_ab = (hypot(first.a, first.b) + hypot(second.a, second.b)) / 2.0;
    double stretch = 1.0 + 0.5 * (1.0 - chroma_weight(c_ab));
    double a1 = stretch * first.a, a2 = stretch * second.a;
    double c1 = hypot(a1, first.b), c2 = hypot(a2, second.b);
    double h1 = hue_deg(a1, first.b), h2 = hue_deg(a2, second.b);
    double grey = c1 * c2;
    double dh = grey > 0.0 ? hue_difference_deg(h1, h2) : 0.0;
    double h = grey > 0.0 ? hue_mean_deg(h1, h2) : h1 + h2;
    double l = (first.L + second.L) / 2.0, c = (c1 + c2) / 2.0;

    double t = 1.0 - 0.17 * cos_deg(h - 30.0) + 0.24 * cos_deg(2.0 * h) +
               0.32 * cos_deg(3.0 * h + 6.0) - 0.20 * cos_deg(4.0 * h - 63.0);
    double l50 = (l - 50.0) * (l - 50.0);
    double sl = 1.0 + 0.015 * l50 / sqrt(20.0 + l50);
    double sc = 1.0 + 0.045 * c;
    double sh = 1.0 + 0.015 * c * t;
    double turn = 30.0 * exp(-((h - 275.0) / 25.0) * ((h - 275.0) / 25.0));
    double rt = -2.0 * chroma_weight(c) * sin(2.0 * turn * pi / 180.0);

    double dl = (second.L - first.L) / sl;
    double dc = (c2 - c1) / sc;
    double dhue = 2.0 * sqrt(grey) * sin(dh / 2.0 * pi / 180.0) / sh;
    double square = dl * dl + dc * dc + dhue * dhue + rt * dc * dhue;
    return square < 0.0 ? 0.0 : sqrt(square); /* not fmax: it would call NaN a perfect match */
}
