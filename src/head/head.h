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
    int *neighbor;       /* counter-clockwise; at the rim from one side of the gap to the other */
    int *around;  /* beside neighbor: triangle (vertex, this, next neighbor), -1 at the gap */
    int *locator; /* private to head_locate */
} HeadTopology;

typedef enum HeadLandmark {
    HEAD_GLABELLA,
    HEAD_TRAGION_LEFT,
    HEAD_TRAGION_RIGHT,
    HEAD_VERTEX,
    HEAD_INION,
    HEAD_POSE_LANDMARKS, /* those above say how the head stands; every Head has them */
    HEAD_CANTHUS_LEFT = HEAD_POSE_LANDMARKS, /* lateral, the outer corner of the eye: clicked, */
    HEAD_CANTHUS_RIGHT,                      /* else (0, 0, 0), which no skin can be */
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

/* The five of the pose are always known; the canthi where someone clicked them. */
static inline bool head_knows(const Head *head, HeadLandmark landmark)
{
    return landmark < HEAD_POSE_LANDMARKS || vec_length(head->landmark_mm[landmark]) > 0.0;
}

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
 * sources, O(n log n), about 7 ms at level 6; within 0.01 mm of a sphere. Sources are points on the
 * surface; one with triangle -1 is ERR_INPUT. */
MUST_CHECK bool head_distance(Arena *scratch, const Head *head, int source_count,
                              const HeadPoint source[], double distance_mm[], Err *err);
/* Distance to a polyline, laid on the surface along the radius and sampled finer than the mesh.
 * Parts beyond the rim are ignored; a curve wholly beyond it is ERR_INPUT. */
MUST_CHECK bool head_distance_to_curve(Arena *scratch, const Head *head, int point_count,
                                       const Vec3 point_mm[], bool closed, double distance_mm[],
                                       Err *err);
/* The cut of the surface with the plane through `from`, `to` and `via` (each moved to the surface
 * along the radius; upright if they are in line), from `from` to `to` by the way that passes nearer
 * `via`. Gives its length in mm and, if point is not NULL, the first *count <= capacity points; a
 * section of a level-6 head has fewer than 1000. */
MUST_CHECK bool head_section(const Head *head, Vec3 from_mm, Vec3 to_mm, Vec3 via_mm, int capacity,
                             Vec3 point[], int *count, double *length_mm, Err *err);

typedef struct HeadMeasures { /* what a tape and a caliper read */
    double length_mm;         /* glabella to the farthest point of the back, on the midline */
    double breadth_mm;        /* greatest, more than 35 mm above the tragions: clear of the ears */
    double circumference_mm;  /* a taut tape round glabella and back, raised clear of the ears */
    double tragion_vertex_mm; /* height of the top over the tragions */
    double coronal_arc_mm;    /* tragion to tragion over the vertex */
    double sagittal_arc_mm;   /* glabella to inion over the vertex */
    /* Hair-bearing scalp (field/canvas 1.4): behind the ear-to-ear plane through the point 65 mm
     * above the glabella along the midline; within 125 mm of the midline along the skin; above the
     * level of the inion. Hair on the neck below the inion, and what the rim cuts off, is not in
     * it. */
    double scalp_mm2;
} HeadMeasures;
/* Needs the five landmarks. */
MUST_CHECK bool head_measure(Arena *scratch, const Head *head, HeadMeasures *measures, Err *err);

#endif
