/* line.h - a short line of pigment: what a needle leaves that is drawn a little way along the
 * growth of the hair, instead of set down once.
 *
 * A line is the strip that the plug of a dot (mark.h) sweeps over length_mm, from the middle of one
 * round end to that of the other; with length 0 it is the dot. Its pigment grows by the ratio of
 * the two cross-sections. So does its equivalent black area as long as pigment is weak; strong
 * pigment shades itself, and the area lies between that of a disc with as much pigment and that of
 * as many dots far apart (docs/models/skin.md).
 */
#ifndef SKIN_LINE_H
#define SKIN_LINE_H

#include "skin/mark.h"

#define SKIN_LINE_MM 5.0 /* no line is longer */

/* Cross-section, and so pigment, over that of the dot: 1 + 4 L / (pi d). */
double skin_line_ratio(double diameter_mm, double length_mm);
/* Standard deviation (mm) that the pigment has along the line beyond that of a dot: a picture of
 * the dot spread by it has the extent of the line. */
double skin_line_spread_mm(double diameter_mm, double length_mm);

MUST_CHECK bool skin_line_check(const SkinMark *mark, double length_mm, Err *err);
/* Equivalent black area; mark and length as the check accepts them. 6 us. */
Spectrum skin_line_area(const SkinMarks *marks, SkinMark mark, double length_mm);
/* The look of the whole line from that of the dot (skin_mark_look, or a ramp): the same footprint,
 * which is to be spread along the line, and the area of the line. */
SkinLook skin_line_look(const SkinMarks *marks, SkinMark mark, double length_mm, SkinLook dot);

/* The area of a line: ratio times that of its dot when weak, and how near it comes to that of the
 * disc of the same pigment when strong. */
double skin_line_between(double ratio, double dot_mm2, double disc_mm2);

#endif
