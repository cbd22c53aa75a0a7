/* head_internal.h - the cut of the canvas with a plane, shared inside the folder. */
#ifndef HEAD_HEAD_INTERNAL_H
#define HEAD_HEAD_INTERNAL_H

#include "head/head.h"

typedef struct Plane {
    Vec3 point_mm, normal;
} Plane;

/* A walk along the cut, from triangle to triangle. */
typedef struct SectionWalk {
    const Head *head;
    Plane plane;
    int triangle; /* the one ahead; -1 when the walk fell off the rim */
    int first;    /* where it began */
    int edge;     /* of triangle, through which it is entered */
    Vec3 at_mm;
} SectionWalk;

/* Starts where the plane cuts the surface next to from_mm; side 0 or 1 chooses the way. at_mm is
 * the first crossing of an edge. False if the plane misses the surface there. */
bool section_start(const Head *head, Plane plane, Vec3 from_mm, int side, SectionWalk *walk);
/* On to the next crossing; false at the rim and after a full round. */
bool section_next(SectionWalk *walk);

/* How a tape is laid and a calliper set, for whoever reads them off another form of the head. */
typedef struct Flat {
    double u, v;
} Flat;
/* Length of the convex hull; sorts the points. hull has room for count + 1. */
double measure_hull_mm(int count, Flat point[], Flat hull[]);
Plane measure_tape_plane(Vec3 glabella, Vec3 back);
/* Callipers and tape pass above this. */
#define MEASURE_EAR_TOP_MM 35.0

#endif
