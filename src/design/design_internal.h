/* design_internal.h - coordinates, curves and distances that a layout is made of. */
#ifndef DESIGN_DESIGN_INTERNAL_H
#define DESIGN_DESIGN_INTERNAL_H

#include "design/propose.h"

enum { DESIGN_LEFT, DESIGN_RIGHT, DESIGN_SIDES };
enum { DESIGN_SPAN_POINTS = 64 }; /* of the curve between two controls */
#define DESIGN_REACH_MM 40.0      /* near distances are cut off here */

static inline double design_smoothstep(double t)
{
    double x = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    return x * x * (3.0 - 2.0 * x);
}

/* ---- tape coordinates (design_tape.c) */

/* What a practitioner measures on a head. Arrays are [vertex_count]. */
typedef struct DesignTape {
    double scale;       /* of the head, 1 = the mean man: regions grow with it */
    double *along_mm;   /* sagittal: tape from the glabella along the midline to this pitch */
    double *lateral_mm; /* tape to the midline, positive to the subject's left */
    double *whorl_mm;   /* tape to the whorl of the design */
    double *margin_mm;  /* inside the hair-bearing region (hair_scalp_margin) */
} DesignTape;
MUST_CHECK bool design_tape_new(Arena *arena, Arena *scratch, const Head *head, DesignTape *tape,
                                Err *err);
/* Fills whorl_mm. */
MUST_CHECK bool design_tape_whorl(Arena *scratch, const Head *head, const Growth *growth,
                                  DesignTape *tape, Err *err);
/* The midline point tape_mm above the glabella along the skin. */
MUST_CHECK bool design_midline(const Head *head, double tape_mm, Vec3 *point, Err *err);
/* The point at tape coordinates: lateral to the left, along from the glabella. */
MUST_CHECK bool design_tape_point(const Head *head, double lateral_mm, double along_mm, Vec3 *point,
                                  Err *err);
/* point on the surface in the direction of `position_mm`; fails below the canvas. */
MUST_CHECK bool design_on_surface(const Head *head, Vec3 position_mm, Vec3 *point, Err *err);
DesignPlace design_place_of(const Head *head, Vec3 position_mm);
MUST_CHECK bool design_place_point(const Head *head, DesignPlace place, Vec3 *point, Err *err);

/* ---- walks along the skin (hairline_walk.c) */

/* Angle about the axis x through the centre: 0 forward, pi/2 up. The level of a point is where this
 * angle is the same. */
double hairline_pitch_rad(const Head *head, Vec3 position_mm);
/* The point of a level at x_mm (head frame); false where the head is not as wide. */
bool hairline_at_x(const Head *head, double pitch_rad, double x_mm, Vec3 *point);
/* by_mm up and back along the skin (down when negative) at constant x. */
MUST_CHECK bool hairline_walk_back(const Head *head, Vec3 from_mm, double by_mm, Vec3 *point,
                                   Err *err);
/* How to walk from middle_mm to the point: so far sideways on the level (left > 0), as
 * design_tape_point does, and then so far back at constant x. */
MUST_CHECK bool hairline_beside_mm(const Head *head, Vec3 middle_mm, Vec3 point_mm,
                                   double *lateral_mm, double *behind_mm, Err *err);

/* ---- the hairline (hairline_construct.c, hairline_curve.c) */

/* The points of the eight-centimetre construction, on the surface. */
typedef struct DesignFrame {
    Vec3 glabella, middle;                                                /* A, B */
    Vec3 canthus[DESIGN_SIDES], temple[DESIGN_SIDES], peak[DESIGN_SIDES]; /* E, C, D */
} DesignFrame;
MUST_CHECK bool design_frame(Arena *scratch, const Head *head, double height_mm, DesignFrame *frame,
                             Err *err);
/* Where the lateral canthi are: the landmarks when known, else their average place. */
bool hairline_canthi(const Head *head, Vec3 canthus_mm[DESIGN_SIDES]); /* true: assumed */
/* Controls and temples of the request's construction, form and sideburn; everything else of
 * request->hairline is taken over. */
MUST_CHECK bool hairline_construct(Arena *scratch, const Head *head, const DesignRequest *request,
                                   DesignHairline *hairline, Err *err);
/* Chart spline through the controls, laid on the surface: control i is point i * SPAN_POINTS.
 * plain: without irregularity. Local: a moved control changes only the two spans on either side,
 * bit by bit, because the irregularity is a function of the place and not of the arc length. */
MUST_CHECK bool hairline_curve(const Head *head, const DesignHairline *hairline, bool plain,
                               int *count, Vec3 point[DESIGN_CURVE_POINTS], Err *err);
/* The same bits in less time: point holds the curve as it was before these controls moved and
 * nothing else of the hairline changed. */
MUST_CHECK bool hairline_curve_again(const Head *head, const DesignHairline *hairline, bool plain,
                                     const bool moved[DESIGN_CONTROLS], int *count,
                                     Vec3 point[DESIGN_CURVE_POINTS], Err *err);
/* The curve continued down the sideburns, count + 2 * SIDEBURN points, for inside and outside. */
enum { DESIGN_SIDEBURN_POINTS = 40, DESIGN_LONG_CURVE = DESIGN_CURVE_POINTS + 80 };
MUST_CHECK bool hairline_with_sideburns(const Head *head, const DesignHairline *hairline, int count,
                                        const Vec3 curve[], int *long_count,
                                        Vec3 point[DESIGN_LONG_CURVE], Err *err);

/* ---- distances (design_distance.c) */

enum { DESIGN_RUN = 8, DESIGN_RUNS = 256, DESIGN_STRETCH = 8, DESIGN_ROWS = 1024 };

/* A polyline made ready for many distances: runs of segments in balls, stretches of runs in balls,
 * and one around all. */
typedef struct DesignLine {
    int count, run_count;
    bool closed;
    const Vec3 *point_mm;
    Vec3 middle[DESIGN_RUNS], whole_middle;
    double radius_mm[DESIGN_RUNS], whole_mm;
    double off_mm[DESIGN_RUNS]; /* how far a run strays from the straight between its ends */
    Vec3 stretch_middle[DESIGN_RUNS / DESIGN_STRETCH]; /* balls around DESIGN_STRETCH runs */
    double stretch_mm[DESIGN_RUNS / DESIGN_STRETCH];
} DesignLine;
/* point_mm stays the caller's. ERR_LIMIT beyond DESIGN_RUNS * DESIGN_RUN points. */
MUST_CHECK bool design_line_make(int count, const Vec3 point_mm[], bool closed, DesignLine *line,
                                 Err *err);
/* A chord lengthened to an arc of a head's size. */
double design_arc_mm(double chord_mm);
/* Along the skin from a point of the surface, by design_arc_mm; at most reach_mm. *hint: a run to
 * begin with, of the last call nearby; the result does not depend on it, bit by bit. */
double design_line_distance_mm(const DesignLine *line, Vec3 position_mm, double reach_mm,
                               int *hint);

/* Whether that is less than reach_mm. */
bool design_line_within(const DesignLine *line, Vec3 position_mm, double reach_mm, int *hint);

/* A closed polygon in the chart, by rows. */
typedef struct DesignPolygon {
    int count, *item; /* edges of row r: item[start[r] .. start[r + 1]) */
    double (*corner)[2], low, step;
    int start[DESIGN_ROWS + 1];
} DesignPolygon;
MUST_CHECK bool design_polygon_new(Arena *arena, int count, const double corner[][2],
                                   DesignPolygon *polygon, Err *err);
/* Of a line on the head. */
MUST_CHECK bool design_polygon_of_line(Arena *arena, const Head *head, int count,
                                       const Vec3 point_mm[], DesignPolygon *polygon, Err *err);
/* Of all that lies behind a hairline with its sideburns, left to right. */
MUST_CHECK bool design_polygon_behind(Arena *arena, const Head *head, int count,
                                      const Vec3 point_mm[], DesignPolygon *polygon, Err *err);
bool design_polygon_inside(const DesignPolygon *polygon, const double uv[2]);

/* ---- stages (design_stage.c) */

/* The line that a stage has left behind, on this head. */
typedef struct DesignStageFrame {
    double height_mm; /* along_mm of its mid-frontal point */
    double temple_mm; /* lateral_mm of its fronto-temporal point, mean of both sides */
    double *front_mm; /* [vertex_count] behind it, geodesic, negative in front */
} DesignStageFrame;
MUST_CHECK bool design_stage_frame(Arena *arena, Arena *scratch, const Head *head,
                                   const DesignTape *tape, double height_mm,
                                   DesignStageFrame *frame, Err *err);
/* Inside (positive mm) of the area that is bald at a Norwood stage, or thin at a Ludwig stage, at
 * vertex v of a head without a picture. */
double design_norwood_mm(const DesignTape *tape, const DesignStageFrame *frame, int stage, int v);
double design_ludwig_mm(const DesignTape *tape, const DesignStageFrame *frame, int stage, int v);
/* Share of hair that is missing at a Ludwig stage (25/50/75 %, after the visual scales). */
double design_ludwig_missing(int stage);

/* Parts of the head, which the hairline bounds; others are places of their own. */
bool design_zone_is_part(DesignZone zone);

void design_warn(DesignLayout *layout, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
