/* design_internal.h - coordinates, hairline and regions that the density field is made of. */
#ifndef DESIGN_DESIGN_INTERNAL_H
#define DESIGN_DESIGN_INTERNAL_H

#include "design/design.h"

enum { DESIGN_LEFT, DESIGN_RIGHT, DESIGN_SIDES };

/* Tape coordinates: what a practitioner measures on a head. Arrays are [vertex_count]. */
typedef struct DesignTape {
    double scale;       /* of the head, 1 = the mean man: regions grow with it */
    double *along_mm;   /* sagittal: tape from the glabella along the midline to this pitch */
    double *lateral_mm; /* tape to the midline, positive to the subject's left */
    double *whorl_mm;   /* tape to the average crown whorl */
    double *margin_mm;  /* inside the hair-bearing region (hair_scalp_margin) */
    double *front_mm;   /* behind the hairline, negative in front of it */
    double temple_mm;   /* lateral_mm of the fronto-temporal point, mean of both sides */
    double hairline_mm; /* along_mm of the mid-frontal point */
} DesignTape;

/* The points of the eight-centimetre construction, on the surface. */
typedef struct DesignFrame {
    Vec3 glabella, middle;                                                /* A, B */
    Vec3 canthus[DESIGN_SIDES], temple[DESIGN_SIDES], peak[DESIGN_SIDES]; /* E, C, D */
} DesignFrame;

static inline double design_smoothstep(double t)
{
    double x = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    return x * x * (3.0 - 2.0 * x);
}

/* Everything but front_mm, temple_mm and hairline_mm. */
MUST_CHECK bool design_tape_new(Arena *arena, Arena *scratch, const Head *head, DesignTape *tape,
                                Err *err);
/* The midline point tape_mm above the glabella along the skin. */
MUST_CHECK bool design_midline(const Head *head, double tape_mm, Vec3 *point, Err *err);
/* point on the surface in the direction of `position_mm`; fails below the canvas. */
MUST_CHECK bool design_on_surface(const Head *head, Vec3 position_mm, Vec3 *point, Err *err);

MUST_CHECK bool design_frame(Arena *scratch, const Head *head, double height_mm, DesignFrame *frame,
                             Err *err);
/* Fills controls, curve and length of the hairline; waver_mm 0 draws the plain line. */
MUST_CHECK bool design_hairline_draw(Arena *scratch, const Head *head, const DesignFrame *frame,
                                     double waver_mm, uint64_t seed, Design *design, Err *err);
/* Signed distance to the hairline, which is continued down the sideburns. */
MUST_CHECK bool design_hairline_distance(Arena *scratch, const Head *head, int count,
                                         const Vec3 curve[], double front_mm[], Err *err);

/* Inside (positive mm) of the area that is bald at a Norwood stage, or thin at a Ludwig stage, at
 * vertex v of a head without a picture. Not bounded by the hairline itself. */
double design_norwood_mm(const DesignTape *tape, int stage, int v);
double design_ludwig_mm(const DesignTape *tape, int stage, int v);
DesignZone design_zone_at(const DesignTape *tape, double transition_mm, int v);

MUST_CHECK bool design_outline_check(const Head *head, const double margin_mm[], int number,
                                     const DesignOutline *outline, Err *err);
/* Inside (positive mm) of a patch, or of a scar's band. */
MUST_CHECK bool design_outline_distance(Arena *scratch, const Head *head,
                                        const DesignOutline *outline, double inside_mm[], Err *err);
/* Whether the chart point lies in the closed polygon. */
bool design_chart_inside(int count, double polygon[][2], const double uv[2]);

MUST_CHECK bool design_fill_field(Arena *scratch, const Head *head, const HairSurvey *survey,
                                  const DesignTape *tape, Design *design, Err *err);
void design_warn(Design *design, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
