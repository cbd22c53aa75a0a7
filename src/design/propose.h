/* propose.h - a design to start from: a stage, a construction of the hairline, outlines, a preset.
 *
 * A DesignRequest is a recipe in millimetres that fits any head; design_propose carries it out on
 * one and gives the document that is then drawn on.
 */
#ifndef DESIGN_PROPOSE_H
#define DESIGN_PROPOSE_H

#include "design/design.h"

typedef enum DesignPattern { DESIGN_PATTERN_NONE, DESIGN_NORWOOD, DESIGN_LUDWIG } DesignPattern;

/* Where the mid-frontal point lies. */
typedef enum DesignConstruction {
    DESIGN_EIGHT_CM, /* Garg: fronto-temporal point 8 cm from the middle and from the temple */
    DESIGN_HEIGHT,   /* hairline_height_mm; fronto-temporal points above the lateral canthi */
    DESIGN_THIRDS,   /* as high as glabella to subnasale is long; a guide only */
    DESIGN_BY_AGE,   /* height by sex and age */
    DESIGN_OLD_LINE, /* through old_line_mm: vellus hair, an old photograph */
    DESIGN_CONSTRUCTIONS
} DesignConstruction;
const char *design_construction_name(DesignConstruction c); /* "eight_cm", "height", ... */

enum { DESIGN_OUTLINE_LIMIT = 16, DESIGN_OUTLINE_POINTS = 64, DESIGN_OLD_LINE_POINTS = 24 };

/* A region by hand. */
typedef struct DesignDrawn {
    DesignZone zone;      /* patch, scar, punch, burn, diffuse, fringe, crown, keep_out, ... */
    DesignShapeKind kind; /* outline, band or discs */
    bool tape;            /* points are (lateral_mm to the left, mm from the glabella along the
                             midline, 0): a preset's example place. Else head frame, mm */
    double width_mm, share, blend_mm, uptake, healed_months; /* as in DesignRegion */
    double density_per_cm2;
    int point_count;
    Vec3 point_mm[DESIGN_OUTLINE_POINTS];
} DesignDrawn;

typedef struct DesignRequest {
    char preset[DESIGN_NAME];
    DesignPattern pattern;
    int stage;          /* Norwood 1..7, Ludwig 1..3 */
    bool whole_scalp;   /* total loss: all that can bear hair */
    bool seen_bare;     /* what the assessment sees bare behind the line */
    bool draw_hairline; /* false: the front stays as it grows */
    DesignConstruction construction;
    double
        hairline_height_mm; /* glabella to the middle along the skin, 50..110; 0: by construction */
    int old_line_count;
    Vec3 old_line_mm[DESIGN_OLD_LINE_POINTS]; /* left to right, head frame */
    DesignHairline hairline;                  /* all but its controls */
    DesignDensity density;
    int drawn_count;
    DesignDrawn drawn[DESIGN_OUTLINE_LIMIT];
    DesignMarks marks;
    DesignClient client;
    bool counter_clockwise; /* whorl */
    int confirmed_count;
    char confirmed[DESIGN_CONFIRMED][DESIGN_NAME];
    uint64_t seed;
} DesignRequest;

/* Into *request: it is too large to travel by value. */
void design_request_default(DesignRequest *request);
/* What a style of front is made of: transition, irregularity, front share. */
void design_front_style(DesignFront front, DesignHairline *hairline);
MUST_CHECK bool design_propose(Arena *scratch, const Head *head, const DesignRequest *request,
                               Design *design, Err *err);

/* One more region by hand, at the end. */
MUST_CHECK bool design_add_drawn(const Head *head, const DesignDrawn *drawn, Design *design,
                                 Err *err);

/* ---- the hairline alone ---- */

/* The line of the request instead of the design's, which keeps its seed. */
MUST_CHECK bool hairline_propose(Arena *scratch, const Head *head, const DesignRequest *request,
                                 Design *design, Err *err);

/* Places, tapes and angles are those of the plain line through the controls, as it is marked on the
 * skin; mirror_mm and waver_mm are the drawn line's, with its irregularity. */
typedef struct HairlineMeasures {
    double length_mm, height_mm; /* of the line; glabella to where it crosses the midline */
    Vec3 middle_mm, temple_mm[2], canthus_mm[2]; /* left, right */
    double temple_tape_mm[2];   /* fronto-temporal point to the midline, the shortest way */
    double temple_off_mm[2];    /* seen from the front, from the vertical through the lateral
                                   canthus, + lateral */
    double temple_angle_rad[2]; /* between the points 25 mm along the line on either side */
    double recess_mm[2];        /* fronto-temporal point behind the level of the middle, straight
                                   back along the skin; the level: same pitch about the axis x */
    double uneven_mm;           /* fronto-temporal points from mirrored */
    double mirror_mm;           /* rms of left against mirrored right, whole curve */
    double waver_mm;      /* rms of the distance from the plain line about its own 40 mm mean */
    bool canthus_assumed; /* nobody clicked it */
} HairlineMeasures;
/* For a design whose line is not drawn as well. About 12 ms. */
MUST_CHECK bool hairline_measure(Arena *scratch, const DesignLayout *layout,
                                 HairlineMeasures *measures, Err *err);
/* One side becomes the mirror image of the other (side 0: the left is kept), the line's own
 * asymmetry becomes asymmetry_mm; regions and strokes stay. */
void hairline_mirror(Design *design, int keep_side, double asymmetry_mm);
/* Moves the line so far along the skin of the midline (up the head > 0), keeping its form: every
 * control stays as far from the midplane, in front as far behind the level of the middle, at the
 * temples as far from the fronto-temporal point. */
MUST_CHECK bool hairline_raise(const Head *head, Design *design, double by_mm, Err *err);

#endif
