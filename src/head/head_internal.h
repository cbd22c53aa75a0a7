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

#endif
