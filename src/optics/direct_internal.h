/* direct_internal.h - one photon, for the tests that look where it comes out. */
#ifndef OPTICS_DIRECT_INTERNAL_H
#define OPTICS_DIRECT_INTERNAL_H

#include "optics/direct.h"

#include "base/rng.h"
#include "base/vec.h"

typedef struct DirectCylinder {
    double radius_mm, top_mm, bottom_mm, absorption_per_mm;
    double slope;    /* of the axis: x per depth; it goes through the origin */
    Vec3 axis;       /* unit */
    double reach_mm; /* half its width along x at one depth */
} DirectCylinder;

/* A scene as the photons see it. Depth is +z. */
typedef struct DirectWorld {
    const OpticsStack *stack;
    double border_mm[OPTICS_MAX_LAYERS + 1]; /* depths between which each layer lies */
    DirectCylinder cylinder[2];
    int cylinders;
    double pitch_mm;
} DirectWorld;

DirectWorld direct_world(const DirectScene *scene);

/* Where a photon left the surface, and what share of the beam came out there: without the
 * cylinders and with them. Both 0 for one that never did. */
typedef struct DirectExit {
    double x_mm, y_mm, skin, marked;
} DirectExit;

/* direction_air: unit, z > 0. What is mirrored at the surface is missing from the exit. */
DirectExit direct_follow(const DirectWorld *world, double x_mm, double y_mm, Vec3 direction_air,
                         Rng *rng);

#endif
