/* marker.h - the printed markers: what is where on them, in mm.
 *
 * Three: a card with a 30 x 30 mm window for close-ups, a card of 100 mm for photographs of the
 * head, and a strip to be worn as a band under the treated area. Frame of a marker: x right, y down
 * as read, mm, origin at its middle (of the strip: at the middle of its front mark, x along it to
 * the wearer's left). What is printed and what is looked for come from the same shapes.
 */
#ifndef CAMERA_MARKER_H
#define CAMERA_MARKER_H

#include "base/arena.h"
#include "base/err.h"
#include "color/color.h"

#include <stdint.h>

typedef enum MarkerKind { MARKER_CLOSE, MARKER_HEAD, MARKER_STRIP, MARKER_KINDS } MarkerKind;
const char *marker_kind_name(MarkerKind kind); /* "close", "head", "strip" */

enum {
    MARKER_VERSION = 1,
    MARKER_MAX_TAGS = 64,
    MARKER_MAX_PATCHES = 24,
    MARKER_MAX_SHAPES = 640,
    MARKER_PRINT_IDS = 65536 /* 0 .. 65535 */
};

/* A tag36h11. Ids: the kind has a range of its own; two tags of the range 331..586 carry the print
 * id, 8 bits each (high, low), on the cards; on the strip every eighth pair does. */
typedef struct MarkerTag {
    int id;
    double x_mm, y_mm, side_mm; /* middle; of the black square */
    bool carries_print;
} MarkerTag;

typedef struct MarkerPatch {
    char name[24];                          /* "white", "grey3", "skin2", "red" ... */
    double x_mm, y_mm, width_mm, height_mm; /* upper left corner */
    Lab design;                             /* what is sent to the printer, D65 */
    double weight;                          /* in the colour fit: skin-like 3, greys 1, others 1 */
    bool grey, skin;
} MarkerPatch;

typedef enum MarkerShapeKind { MARKER_BOX, MARKER_QUAD, MARKER_TEXT } MarkerShapeKind;
typedef struct MarkerShape { /* in drawing order, later ones on top; paper is white */
    MarkerShapeKind kind;
    double x_mm[4], y_mm[4]; /* box: two opposite corners; quad: four; text: its lower left */
    Rgb color;               /* linear; of text too */
    char text[48];
    double text_mm; /* height of capitals */
    bool turned;    /* text that reads upwards */
} MarkerShape;

typedef struct Marker {
    MarkerKind kind;
    int version, print_id;
    double left_mm, top_mm, right_mm, bottom_mm; /* of the paper that is cut out */
    bool has_window;
    double window_mm[4]; /* left, top, right, bottom: cut out */
    int tag_count;
    MarkerTag tag[MARKER_MAX_TAGS];
    int patch_count;
    MarkerPatch patch[MARKER_MAX_PATCHES];
    double
        rim_mm[4]; /* the white rim inside which the flat field is read: left, top, right, bottom */
    double edge_mm[4]; /* a slanted edge of black on white: from x, y to x, y, black on its left */
    double bar_x_mm, bar_y_mm; /* length of the check bars: what the user measures */
    int shape_count;
    MarkerShape shape[MARKER_MAX_SHAPES];
} Marker;

/* print_id within 0 .. MARKER_PRINT_IDS - 1. About 100 kB: not by value on a stack of frames. */
MUST_CHECK bool marker_make(MarkerKind kind, int print_id, Marker *marker, Err *err);
/* The marker's surface at a place, averaged over a box of side_mm (0: a point), texts left out;
 * false outside the paper and in the window. What renderers of tests and samples use. */
bool marker_color_at(const Marker *marker, double x_mm, double y_mm, double side_mm, Rgb *color);
/* Of a point of the strip, how it lies when worn: see head/fit.h. */

/* ---- prints: what one clinic's printer made of it ---- */

typedef struct MarkerPrint {
    int print_id;
    double factor_x, factor_y; /* printed / designed length, from the measured bars */
    int patch_count;           /* 0: colours not measured */
    char patch_name[MARKER_MAX_PATCHES][24];
    Lab patch[MARKER_MAX_PATCHES]; /* measured on this print, D65 */
    char date[12];                 /* of the measurement, YYYY-MM-DD */
} MarkerPrint;

/* From the lengths that the user read; ERR_INPUT when x and y differ by more than 1 %, or one is
 * more than 8 % off (the page was scaled to fit: print at 100 %). */
MUST_CHECK bool marker_print_measure(const Marker *marker, double bar_x_mm, double bar_y_mm,
                                     MarkerPrint *print, Err *err);
/* Stretches a marker to its print. */
void marker_apply_print(Marker *marker, const MarkerPrint *print);

enum { MARKER_MAX_PRINTS = 256 };
typedef struct MarkerPrints {
    int count;
    MarkerPrint *print;
} MarkerPrints;
/* The document follicle/prints (docs/formats.md), one entry per print id. */
MUST_CHECK bool marker_prints_from_json(Arena *arena, size_t size, const char *bytes,
                                        MarkerPrints *prints, Err *err);
MUST_CHECK bool marker_prints_to_json(Arena *arena, const MarkerPrints *prints, size_t *size,
                                      char **bytes, Err *err);
const MarkerPrint *marker_prints_find(const MarkerPrints *prints, int print_id);

#endif
