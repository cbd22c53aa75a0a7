/* patch_internal.h - what the files of `patch` share; nothing outside the folder includes it. */
#ifndef HEAD_PATCH_INTERNAL_H
#define HEAD_PATCH_INTERNAL_H

#include "head/views.h"

/* Where on a head a patch lies, and how round an adult's head is there. */
typedef struct PatchGround {
    Vec3 direction; /* from HEAD_CENTRE_MM, unit */
    Vec3 up;        /* what the upper edge of the picture points to; unit, across direction */
    /* Of the sphere that bends as the mean head does on average there; and what it may be along one
     * direction on one head: 95 of 100. */
    double radius_mm, low_mm, high_mm;
} PatchGround;
PatchGround patch_ground(PatchPlace place);

#endif
