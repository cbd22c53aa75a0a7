/* head.h - the canvas: the scalp as a radial surface over a fixed geodesic sphere.
 *
 * Head frame: millimetres, right-handed; origin midway between the tragions, +x to the subject's
 * left, +y up, +z forward, Frankfurt plane horizontal. A Head is r(direction) about centre_mm on an
 * icosphere cut at direction.y > -0.35; level 6 has about 27,700 vertices, 1.7 mm apart. The
 * topology is the same for every client, so a field is an array with one value per vertex.
 */
#ifndef HEAD_HEAD_H
#define HEAD_HEAD_H

#include "base/arena.h"
#include "base/vec.h"

#include <stdint.h>

enum { HEAD_LEVEL = 6 };
#define HEAD_CUT (-0.35)
/* Where radii are measured from: the centre of the statistical cranium. */
#define HEAD_CENTRE_MM ((Vec3){0.0, 5.0, -5.0})

typedef struct HeadTopology {
    int vertex_count, triangle_count;
    Vec3 *direction;     /* [vertex_count] unit */
    int (*triangle)[3];  /* counter-clockwise seen from outside */
    int (*across)[3];    /* the triangle across edge (k, k+1), -1 at the rim */
    int *neighbor_start; /* [vertex_count + 1] */
    int *neighbor;
    int *locator; /* private to head_locate */
} HeadTopology;

typedef enum HeadLandmark {
    HEAD_GLABELLA,
    HEAD_TRAGION_LEFT,
    HEAD_TRAGION_RIGHT,
    HEAD_VERTEX,
    HEAD_INION,
    HEAD_LANDMARKS
} HeadLandmark;

/* What a vertex rests on. */
typedef enum HeadSource { HEAD_MEASURED, HEAD_FILLED, HEAD_FOLDED } HeadSource;

typedef struct Head {
    const HeadTopology *topology;
    Vec3 centre_mm;
    double *radius_mm; /* [vertex_count], as are all below */
    Vec3 *position_mm;
    Vec3 *normal;     /* outward, unit */
    double *area_mm2; /* a third of the triangles around: sums to the surface */
    uint8_t *source;  /* HeadSource */
    Vec3 landmark_mm[HEAD_LANDMARKS];
} Head;

/* A place on the surface. weights sum to 1. */
typedef struct HeadPoint {
    int triangle;
    double weight[3];
} HeadPoint;

MUST_CHECK bool head_topology_new(Arena *arena, int level, HeadTopology *topology, Err *err);
/* Positions, normals and areas of r(direction); landmarks and sources are left to the caller. */
MUST_CHECK bool head_new(Arena *arena, const HeadTopology *topology, const double radius_mm[],
                         Head *head, Err *err);

/* The point in a direction from the centre; triangle -1 below the cut. */
HeadPoint head_locate(const Head *head, Vec3 direction);
HeadPoint head_nearest(const Head *head, Vec3 position_mm); /* along the radius */
Vec3 head_position_mm(const Head *head, HeadPoint point);
Vec3 head_normal(const Head *head, HeadPoint point);
double head_interpolate(const Head *head, HeadPoint point, const double field[]);

/* The one seamless chart: stereographic from the vertex direction (+y). u grows to the subject's
 * left, v forward; angles in the chart are angles on the sphere. The rim lies at radius 1.44. */
void head_chart(Vec3 direction, double uv[2]);
Vec3 head_chart_direction(const double uv[2]);

double head_area_mm2(const Head *head, const double weight[]); /* weight NULL: whole canvas */
/* Geodesic distance (mm) from the nearest source to every vertex by fast marching with virtual
 * sources, O(n log n); sources are points on the surface. offset_mm NULL means 0. */
MUST_CHECK bool head_distance(Arena *scratch, const Head *head, int source_count,
                              const HeadPoint source[], double distance_mm[], Err *err);
/* Distance to a polyline on the surface (sampled finer than the mesh). */
MUST_CHECK bool head_distance_to_curve(Arena *scratch, const Head *head, int point_count,
                                       const Vec3 point_mm[], bool closed, double distance_mm[],
                                       Err *err);
/* The cut of the surface with a plane from `from` to `to` along the side nearest `via`; returns
 * its length in mm and, if point is not NULL, up to capacity points along it. */
MUST_CHECK bool head_section(const Head *head, Vec3 from_mm, Vec3 to_mm, Vec3 via_mm, int capacity,
                             Vec3 point[], int *count, double *length_mm, Err *err);

typedef struct HeadMeasures { /* what a tape and a caliper read */
    double length_mm, breadth_mm, circumference_mm, tragion_vertex_mm;
    double coronal_arc_mm;  /* tragion to tragion over the vertex */
    double sagittal_arc_mm; /* glabella to inion over the vertex */
    double scalp_mm2;       /* hair-bearing area, field/canvas 1.4 */
} HeadMeasures;
MUST_CHECK bool head_measure(Arena *scratch, const Head *head, HeadMeasures *measures, Err *err);

#endif
