/* plane.h - all that lies in the plane, shape by shape, for the formats that draw it.
 *
 * One large sheet: the pieces of flat.h side by side, below them the hairline strips and a bar to
 * check the scale both ways. Millimetres, y upwards, from (0, 0) to the size.
 */
#ifndef EXPORT_PLANE_H
#define EXPORT_PLANE_H

#include "export/flat.h"
#include "export/strip.h"

typedef enum PlaneLayer {
    PLANE_CUT,      /* outlines of the pieces */
    PLANE_LABEL,    /* numbers, and ticks that meet across seams */
    PLANE_GUIDE,    /* midline, ear to ear, landmarks */
    PLANE_ZONES,    /* borders of the zones */
    PLANE_KEEP_OUT, /* around what must stay free */
    PLANE_HAIRLINE,
    PLANE_DOTS_1,
    PLANE_DOTS_2,
    PLANE_DOTS_3,
    PLANE_DOTS_4,
    PLANE_STRIP_CUT,
    PLANE_STRIP_HAIRLINE,
    PLANE_STRIP_LABEL,
    PLANE_CHECK, /* bars of 100 mm */
    PLANE_LAYERS
} PlaneLayer;
const char *plane_layer_name(PlaneLayer layer); /* "CUT", ..., "DOTS_1", ... */

/* What draws: each function is given its own `to`. */
typedef struct PlanePen {
    void *to;
    void (*layer)(void *to, PlaneLayer layer); /* before the shapes of each that has some */
    /* piece: from 0, -1: none; line: of a piece, or NULL */
    void (*path)(void *to, int piece, const FlatLine *line, bool closed, int count,
                 const double at_mm[][2]);
    void (*dot)(void *to, int piece, const FlatDot *dot, const double at_mm[2]);
    /* centred on the place */
    void (*text)(void *to, const double at_mm[2], double height_mm, const char *text);
} PlanePen;

typedef struct Plane {
    const Case *plan;
    Flat flat;
    FlatSpot *spot;
    bool has_strip;
    ExportStrip strip;
    double strip_top_mm[EXPORT_CUTS]; /* of the strips' pieces, from the top of the sheet */
    double bar_top_mm, width_mm, height_mm;
    int most; /* points of the longest path */
} Plane;

/* params NULL: flat_default. A case without a hairline has no strips. */
MUST_CHECK bool plane_make(Arena *arena, Arena *scratch, const Case *plan, const FlatParams *params,
                           Plane *plane, Err *err);
/* room: [plane->most] */
void plane_draw(const Plane *plane, double room[][2], const PlanePen *pen);

#endif
