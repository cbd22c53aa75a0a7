/* vault.h - the statistical cranium: mean and 15 modes of r(direction), rescaled to tape sizes.
 *
 * Spherical harmonics of degree 8, derived from ICT-FaceKit (MIT); the mean is made symmetric and
 * rescaled to the ANSUR II means (field/canvas 1.1, 1.6). It is data above the ears (y > 30 mm) and
 * down to the inion behind; below, and on the face, it is only a smooth continuation. Lengths scale
 * about the origin of the head frame, so the tragions stay at y = z = 0.
 */
#ifndef HEAD_VAULT_H
#define HEAD_VAULT_H

#include "head/head.h"

enum { VAULT_MODES = 15 };

typedef struct VaultShape {
    double length_scale, breadth_scale, height_scale; /* 1 = mean of ANSUR II men */
    double mode_sd[VAULT_MODES];
} VaultShape;

/* A shape made ready for many rays. */
typedef struct Vault {
    Vec3 scale; /* head mm per table mm, axes of the head frame */
    double coefficient[81];
} Vault;

VaultShape vault_mean(void);
Vault vault_make(const VaultShape *shape);
/* Distance (mm) from HEAD_CENTRE_MM to the cranium along a unit direction of the head frame; about
 * 1 us. Any direction gives a positive number. */
double vault_ray_mm(const Vault *vault, Vec3 direction);
/* The same for a single ray; prepares the vault each time. */
double vault_radius_mm(const VaultShape *shape, Vec3 direction);
/* All radii of a canvas. */
void vault_radii_mm(const VaultShape *shape, const HeadTopology *topology, double radius_mm[]);
/* What the modes leave of real heads, 0.3 to 0.7 mm: harmonics of degree 2 to 6, in SD of what is
 * expected of each. Added to a vault they are one more small change of its shape. */
enum { VAULT_RIPPLES = 45 };
void vault_add_ripples(Vault *vault, const double ripple_sd[VAULT_RIPPLES]);
/* How far a point is outside the cranium (mm, to first order; negative inside), the outward normal
 * of the surface there, and how that distance changes with the logarithms of the three scales and
 * with the modes, in the order of VaultShape; then with the ripples. One point costs about 1 us. */
enum { VAULT_SLOPES = 3 + VAULT_MODES + VAULT_RIPPLES };
typedef struct VaultTouch {
    double outside_mm;
    Vec3 normal;
    double slope[VAULT_SLOPES];
} VaultTouch;
typedef struct VaultBasis { /* the modes, ready to be summed: 10 kB */
    double coefficient[81][VAULT_MODES], ripple[VAULT_RIPPLES];
} VaultBasis;
void vault_basis_make(VaultBasis *basis);
/* basis NULL: no slopes. */
VaultTouch vault_touch(const Vault *vault, const VaultBasis *basis, Vec3 point_mm);
/* The sign and the zeros of outside_mm, a tenth of the cost; in mm of the table. */
double vault_outside(const Vault *vault, Vec3 point_mm);
/* Where the landmarks of a vault are: on its midline, and the tragions, which lie inside it. It has
 * no eyes: the canthi are not known. */
void vault_landmarks_mm(const VaultShape *shape, Vec3 landmark_mm[HEAD_LANDMARKS]);

#endif
