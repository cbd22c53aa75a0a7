/* strip.h - a curve on the surface, unrolled into the plane.
 *
 * Lengths along the curve and its turning within the skin are kept, hence near it everything is
 * true to second order (field/canvas 2.5). Printed face up it lies on the skin as drawn: x grows to
 * the client's left, which is the viewer's right, and y towards the hair. The strip reaches 15 mm
 * to each side, less on the inner side of a bend whose radius is smaller: it would fold.
 */
#ifndef EXPORT_STRIP_H
#define EXPORT_STRIP_H

#include "head/head.h"

#define EXPORT_STRIP_MM 15.0

enum { EXPORT_CUTS = 16 };

typedef struct ExportStrip {
    int count;
    double *s_mm;                /* [count] along the curve, from the client's right */
    const Vec3 *point_mm;        /* [count] the curve on the head */
    double (*line_mm)[2];        /* [count] the curve in the plane */
    double length_mm, middle_mm; /* s where the curve crosses the midplane x = 0; < 0: nowhere */
    int steps;                   /* what follows is given each length_mm / (steps - 1) */
    double (*axis_mm)[2];        /* [steps] the curve without its waver: the strip's middle */
    double *heading_rad;         /* [steps] of the axis */
    double *half_mm[2];          /* [steps] the strip's reach towards the face, towards the hair */
    int cut_count;               /* pieces are cut there, the two ends included */
    double cut_mm[EXPORT_CUTS];
    /* Share by which lengths along the strip differ from those on the head, over 10 mm: the
     * largest, and what 95 % of the strip's area stays below. */
    double worst_error, error_95;
} ExportStrip;

/* ERR_INPUT for fewer than three distinct points or one that is not finite. */
MUST_CHECK bool export_strip_make(Arena *arena, const Head *head, int count, const Vec3 curve_mm[],
                                  ExportStrip *strip, Err *err);
/* The curve in the plane at s; beyond an end it goes on as its mirror image through that end. */
void export_strip_line(const ExportStrip *strip, double s_mm, double xy[2]);
/* The point of the strip at s, across_mm from its axis towards the hair. */
void export_strip_at(const ExportStrip *strip, double s_mm, double across_mm, double xy[2]);
/* How far the strip reaches from its axis at s; side 0 towards the face, 1 towards the hair. */
double export_strip_half(const ExportStrip *strip, int side, double s_mm);

/* strip_error.c: measures the errors by walking straight out from the curve on the head. */
MUST_CHECK bool export_strip_measure(Arena *scratch, const Head *head, ExportStrip *strip,
                                     Err *err);

/* A part between two cuts, turned so that its ends lie level, in a box that begins at (0, 0). */
typedef struct ExportStripPiece {
    const ExportStrip *strip;
    int number; /* from 0: between cuts `number` and the next */
    double from_mm, to_mm, width_mm, height_mm;
    double turn_rad, low[2]; /* from the strip's plane to the box */
} ExportStripPiece;
ExportStripPiece export_strip_piece(const ExportStrip *strip, int number);
void export_strip_on_piece(const ExportStripPiece *piece, const double xy[2], double at_mm[2]);
/* side -1: the edge towards the face, 0: the hairline, 1: the edge towards the hair. */
void export_strip_side(const ExportStrip *strip, int side, double s_mm, double xy[2]);

#endif
