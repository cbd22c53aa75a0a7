/* vault.h - the statistical cranium: mean and 15 modes of r(direction), rescaled to tape sizes.
 *
 * Spherical harmonics of degree 8 about HEAD_CENTRE_MM, derived from ICT-FaceKit (MIT); the mean is
 * rescaled to the ANSUR II means (field/canvas 1.1, 1.6). Valid above the ears; below, it is only a
 * smooth continuation.
 */
#ifndef HEAD_VAULT_H
#define HEAD_VAULT_H

#include "base/vec.h"

enum { VAULT_MODES = 15 };

typedef struct VaultShape {
    double length_scale, breadth_scale, height_scale; /* 1 = mean of ANSUR II men */
    double mode_sd[VAULT_MODES];
} VaultShape;

/* Radius (mm) of the cranium in a direction of the head frame. */
double vault_radius_mm(const VaultShape *shape, Vec3 direction);
VaultShape vault_mean(void);

#endif
