/* growth.h - which way hair grows: a direction on every place of the scalp.
 *
 * The scalp is a disc and its chart conformal, so heading(x) = sum of index_k * (angle of x around
 * singularity k) + the turns of the whorls + s(x), with s a smooth function drawn by strokes.
 * Headings are angles in the chart (head_chart): 0 towards the subject's left (+u), pi/2 forward
 * (+v). Seen from outside the chart is a mirror image: a heading that grows turns clockwise.
 * Without singularities, and far from a cowlick alone, hair runs forward. Hair leaves the skin
 * towards its heading, lifted from it by an angle.
 */
#ifndef HEAD_GROWTH_H
#define HEAD_GROWTH_H

#include "head/head.h"

enum { GROWTH_SINGULARITIES = 12, GROWTH_STROKES = 24, GROWTH_STROKE_POINTS = 24 };

typedef struct GrowthSingularity {
    double uv[2];
    int index; /* 1: whorl, hair runs away from it all around; -1: saddle between two whorls */
    double turn_rad; /* of a whorl: by how much hair leaves its middle turned from straight away,
                        0..1.4, whatever the others make of it; falls to 0 over reach_mm */
    bool clockwise;  /* seen from outside, outward along the hair; of a whorl */
    double reach_mm; /* of a whorl: 1..200 */
} GrowthSingularity;

/* Hair is to run along these points, in their order. It is felt beside the stroke too, fading over
 * GROWTH_FADE_MM. It turns hair the short way from where the strokes before it left it: the order
 * counts. s is one smooth function, so no stroke makes or removes a whorl; one that runs around
 * nothing makes a tight curl where its ends meet. */
typedef struct GrowthStroke {
    int point_count; /* 2..; not all in one place */
    double uv[GROWTH_STROKE_POINTS][2];
    double width_mm; /* 1..200, across, within which it holds; at least about 10 mm on top of the
                        head and 3 mm at the rim, where the grid is finer */
    double strength; /* 0..1: 1 as near to the stroke as smoothness lets it, 0 not at all */
} GrowthStroke;

/* One stroke must not turn the whole head, as it does where only the gradient of s costs
 * (field/canvas 2.4): being off the whorls' own field costs as well, by the square of s over this
 * length: about a zone of the scalp [assumption]. */
#define GROWTH_FADE_MM 40.0

/* A value, part of a design. Two whorls need a saddle; growth_add_whorl adds it. */
typedef struct Growth {
    int singularity_count, stroke_count;
    GrowthSingularity singularity[GROWTH_SINGULARITIES];
    GrowthStroke stroke[GROWTH_STROKES];
} Growth;

/* One clockwise whorl at its average place: on the midline (sources disagree on the side), 62.5 mm
 * behind the vertical through the ears (15..110; 952 men, Park, Arch. Plast. Surg. 2014); clockwise
 * in most people (51..94 %, field/practice 4.4). */
Growth growth_default(const Head *head);
/* One more whorl, and the saddle half way to the nearest other, if there is one. False: no room, or
 * on another singularity. */
bool growth_add_whorl(Growth *growth, const double uv[2], bool clockwise);
/* A cowlick: a whorl and a saddle `apart_mm` from it towards heading_rad. False: no room, or the
 * saddle off the chart. Most natural where hair comes from there, as water parts before a spring in
 * a stream; elsewhere hair swings around within reach of the whorl. */
bool growth_add_cowlick(Growth *growth, const Head *head, const double uv[2], double heading_rad,
                        double apart_mm, bool clockwise);
/* Finite, inside the chart, indices 1 or -1, ranges as above, no two singularities in one place. */
MUST_CHECK bool growth_check(const Growth *growth, Err *err);

typedef struct GrowthSolver GrowthSolver;

typedef struct GrowthField {
    Growth growth;
    double *smooth_rad; /* [vertex_count] s */
    double *lift_rad; /* [vertex_count] between hair and skin: 10..20 degrees at the front, 3..10 at
                       * the temples, 30..60 over the top, 60 at whorls (field/practice 4.4) */
    GrowthSolver *solver; /* private: what a solution keeps beside */
} GrowthField;

/* Checks the growth first. */
MUST_CHECK bool growth_solve(Arena *arena, Arena *scratch, const Head *head, const Growth *growth,
                             GrowthField *field, Err *err);
/* The same field, on the head it was made for, as another growth has it: <= 10 ms. The same bits as
 * growth_solve gives. */
MUST_CHECK bool growth_solve_again(Arena *scratch, const Head *head, const Growth *growth,
                                   GrowthField *field, Err *err);

/* In (-pi, pi]; undefined within a micrometre of a singularity. */
double growth_heading_rad(const Head *head, const GrowthField *field, HeadPoint point);
/* The heading as a unit tangent of the surface. */
Vec3 growth_tangent(const Head *head, const GrowthField *field, HeadPoint point);
/* Tangent lifted off the skin: the way of the shaft, outwards. */
Vec3 growth_shaft(const Head *head, const GrowthField *field, HeadPoint point);
/* Turns of the heading around a triangle, in the sense in which it is walked: the sum of the
 * indices inside. Follows the heading along the edges as finely as it takes. */
int growth_winding(const Head *head, const GrowthField *field, int triangle);
/* And once around the rim. The index theorem: the sum over all triangles. */
int growth_rim_winding(const Head *head, const GrowthField *field);

/* A heading at a direction as a unit vector tangent to the sphere, and back, from a tangent of the
 * sphere or of the surface. */
Vec3 growth_heading_to_tangent(double heading_rad, Vec3 direction);
double growth_tangent_to_heading(Vec3 tangent, Vec3 direction);
/* A heading at a point as a unit tangent of the surface. */
Vec3 growth_heading_to_surface(const Head *head, double heading_rad, HeadPoint point);

#endif
