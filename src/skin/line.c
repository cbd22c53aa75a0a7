#include "skin/line.h"

#include <assert.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

/* How far a line lies from dots far apart (0) towards the disc of its pigment (1), in the logarithm
 * of the area: a little elongated it is that disc, and the longer it is the less its ends shade
 * each other. Fitted to lines followed photon by photon (docs/models/skin.md). */
#define LENGTHENED 0.28

double skin_line_ratio(double diameter_mm, double length_mm)
{
    return 1.0 + 4.0 * length_mm / (pi * diameter_mm);
}

/* Of the strip and its two half discs, the second moment along it, less that of the dot. */
double skin_line_spread_mm(double diameter_mm, double length_mm)
{
    double r = 0.5 * diameter_mm, half = 0.5 * length_mm;
    double strip_mm2 = length_mm * diameter_mm, ends_mm2 = pi * r * r;
    double strip = length_mm * length_mm / 12.0;
    double ends = half * half + length_mm * 4.0 * r / (3.0 * pi) + 0.25 * r * r;
    double moment = (strip_mm2 * strip + ends_mm2 * ends) / (strip_mm2 + ends_mm2);
    return sqrt(fmax(moment - 0.25 * r * r, 0.0));
}

bool skin_line_check(const SkinMark *mark, double length_mm, Err *err)
{
    if (!skin_mark_check(mark, err))
        return false;
    if (!(length_mm >= 0.0 && length_mm <= SKIN_LINE_MM))
        return err_set(err, ERR_INPUT, "line of %g mm is not within 0..%g", length_mm,
                       SKIN_LINE_MM);
    return true;
}

double skin_line_between(double ratio, double dot_mm2, double disc_mm2)
{
    double apart_mm2 = ratio * dot_mm2;
    if (!(apart_mm2 > 0.0 && disc_mm2 > 0.0))
        return apart_mm2;
    double towards = 1.0 / (1.0 + LENGTHENED * log(ratio));
    return apart_mm2 * pow(fmin(disc_mm2 / apart_mm2, 1.0), towards);
}

Spectrum skin_line_area(const SkinMarks *marks, SkinMark mark, double length_mm)
{
    double ratio = skin_line_ratio(mark.diameter_mm, length_mm);
    SkinMark disc = mark;
    disc.diameter_mm *= sqrt(ratio);
    Spectrum area = skin_mark_area(marks, mark), wide = skin_mark_area(marks, disc);
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        area.band[b] = skin_line_between(ratio, area.band[b], wide.band[b]);
    return area;
}

SkinLook skin_line_look(const SkinMarks *marks, SkinMark mark, double length_mm, SkinLook dot)
{
    assert(length_mm >= 0.0);
    if (!(length_mm > 0.0))
        return dot;
    Spectrum area = skin_mark_area(marks, mark), line = skin_line_area(marks, mark, length_mm);
    float of_dot[3], of_line[3];
    skin_area_rgb(marks, &area, of_dot);
    skin_area_rgb(marks, &line, of_line);
    for (int c = 0; c < 3; c++) /* of the look's own area, which a ramp interpolates */
        dot.area_mm2[c] *= of_dot[c] > 0.0F ? of_line[c] / of_dot[c] : 1.0F;
    return dot;
}
