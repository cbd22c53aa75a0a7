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
    MARKER_MAX_SHAPES = 1024,
    MARKER_MAX_PIECES = 3,
    MARKER_PRINT_IDS = 65536,     /* 0 .. 65535 */
    MARKER_FIRST_PRINT_TAG = 331, /* .. 586: carry 8 bits of the print id each */
    MARKER_BINS = 1200,
    MARKER_BIN_ITEMS = 3600
};

/* A tag36h11 (Olson, ICRA 2011). Ids: each kind has a range of its own (marker_kind_of_tag); a pair
 * of the range 331..586 carries the print id, its high byte on the tag that comes first in the
 * list. Cards have one such pair. The strip repeats it (the same two ids), so of those tags only
 * the neighbours tell the place; all other ids occur once. White of one cell at least is around
 * each. */
typedef struct MarkerTag {
    int id;
    double x_mm, y_mm, side_mm; /* middle; width of the black square */
    double tall_mm;             /* its height: side_mm, until a print stretches the two apart */
    bool carries_print;
    uint64_t black; /* bit 8 * row + column: that cell of the 8 x 8 inside the border's edge */
} MarkerTag;

typedef struct MarkerPatch {
    char name[24];                          /* "white", "grey3", "skin2", "red" ... */
    double x_mm, y_mm, width_mm, height_mm; /* upper left corner */
    Lab design;                             /* what is sent to the printer, D65 */
    double weight;                          /* in the colour fit: skin-like 3, greys 1, others 1 */
    bool grey, skin;                        /* "white" is a grey: bare paper */
} MarkerPatch;

typedef enum MarkerShapeKind { MARKER_BOX, MARKER_QUAD, MARKER_TEXT } MarkerShapeKind;
typedef struct MarkerShape { /* on white paper; none overlaps another or a tag, texts apart */
    MarkerShapeKind kind;
    double x_mm[4], y_mm[4]; /* box: upper left, lower right; quad: four, convex; text: its base */
    Rgb color;               /* linear; of text too */
    char text[48];
    double text_mm;     /* height of capitals */
    double text_anchor; /* share of the text's length that lies before x, y: 0 left, 0.5 middle */
    bool turned;        /* text that reads upwards */
} MarkerShape;

/* About 190 kB: in an arena, not on a stack. */
typedef struct Marker {
    MarkerKind kind;
    int version, print_id;
    double left_mm, top_mm, right_mm, bottom_mm; /* of the paper that is cut out */
    bool has_window;
    double window_mm[4]; /* left, top, right, bottom: cut out */
    int piece_count; /* of the strip: glued from pieces piece_mm[i] .. piece_mm[i + 1]; else 1 */
    double piece_mm[MARKER_MAX_PIECES + 1]; /* x */
    int tag_count;
    MarkerTag tag[MARKER_MAX_TAGS];
    int patch_count; /* the strip has none */
    MarkerPatch patch[MARKER_MAX_PATCHES];
    /* left, top, right, bottom: from here to the edge of the paper is the white rim from which the
     * flat field is read; only inside is anything printed. Of the strip: no rim. */
    double rim_mm[4];
    /* Slanted edges of black on white, from x, y to x, y, black to the left hand as one walks along
     * with the paper before one: upright (5 degrees off it) and level. Of the strip: none, 0. */
    double edge_mm[4], level_edge_mm[4];
    double bar_x_mm, bar_y_mm; /* length of the check bars beside it: what the user measures */
    int shape_count;
    MarkerShape shape[MARKER_MAX_SHAPES];
    /* What lies in which square of the paper: shapes, and MARKER_MAX_SHAPES + tags. */
    double bin_mm[2];
    int bin_columns, bin_rows;
    uint16_t bin_start[MARKER_BINS + 1], bin_item[MARKER_BIN_ITEMS];
} Marker;

/* print_id within 0 .. MARKER_PRINT_IDS - 1. */
MUST_CHECK bool marker_make(MarkerKind kind, int print_id, Marker *marker, Err *err);
/* Of a tag that is no print id: its kind and its place in marker.tag; false for all others. */
bool marker_kind_of_tag(int id, MarkerKind *kind, int *tag);
/* Corners of the black square: upper left, upper right, lower right, lower left as read. */
void marker_tag_corners(const MarkerTag *tag, double corner_mm[4][2]);
/* The marker's surface at a place, averaged over a box of side_mm (0: a point), texts left out;
 * false outside the paper and in the window (by the box's middle; a box that crosses the edge finds
 * white beyond it). Exact for boxes and tags. What renderers of tests and samples use. */
bool marker_color_at(const Marker *marker, double x_mm, double y_mm, double side_mm, Rgb *color);

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
/* The colours of this print as an instrument read them: lines "name,L,a,b" (D65, 2 degrees), one
 * for each patch of the marker; a line of headings may come first. ERR_INPUT names the line. */
MUST_CHECK bool marker_print_colours(const Marker *marker, size_t size, const char *bytes,
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
/* NULL: there is none; prints may be NULL. */
const MarkerPrint *marker_prints_find(const MarkerPrints *prints, int print_id);

#endif
