/* optics_internal.h - directions, matrices and layers of the adding-doubling.
 *
 * Light in direction i is q_i = sqrt(2 mu_i w_i) I_i, mu_i the cosine inside, w_i the weight of the
 * quadrature: all matrices are symmetric and a product needs no weights. With s = q_down + q_up and
 * d = q_down - q_up, the transport equation is s' = -A d, d' = -B s, and a plane below which
 * everything is known is its admittance Y: d = Y s, symmetric and positive.
 */
#ifndef OPTICS_OPTICS_INTERNAL_H
#define OPTICS_OPTICS_INTERNAL_H

#include "optics/optics.h"

/* Orders of the phase function kept for a number of directions: measured best, even. */
enum { OPTICS_MAX_ORDERS = 3 * OPTICS_MAX_DIRECTIONS / 2 };

/* Row by row; entries beyond the number of directions are 0 and stay so. */
typedef struct OpticsMatrix {
    double row[OPTICS_MAX_DIRECTIONS][OPTICS_MAX_DIRECTIONS];
} OpticsMatrix;

/* The last direction is the beam's: a node of vanishing weight. */
typedef struct OpticsDirections {
    int count, orders;
    double largest_start; /* half the optical depth from which doubling may start */
    double beam_specular, diffuse_specular;  /* first surface, from outside */
    double cosine[OPTICS_MAX_DIRECTIONS];    /* mu, inside */
    double flux[OPTICS_MAX_DIRECTIONS];      /* sqrt(2 mu w) */
    double reflected[OPTICS_MAX_DIRECTIONS]; /* Fresnel, from inside; 1 where total */
    /* sqrt((2l + 1) w_i) P_l(mu_i), order 0 and 1 normalised and the others of their parity made
     * orthogonal to them: no light is lost or gained by the quadrature. */
    double legendre[OPTICS_MAX_ORDERS][OPTICS_MAX_DIRECTIONS];
} OpticsDirections;

void optics_directions_make(double index, double cos_incidence, int count,
                            OpticsDirections *directions);

/* out -= p^T s^-1 p and, unless v is NULL, v = p^T s^-1 v; s symmetric and positive definite. out
 * may be s or p. */
void optics_schur(int count, const OpticsMatrix *s, const OpticsMatrix *p, OpticsMatrix *out,
                  double v[OPTICS_MAX_DIRECTIONS]);

/* Puts a layer on what lies below: admittance and `through` (what of s at the plane gets out at the
 * bottom) are those of its lower face before and of its upper face after. */
void optics_layer_add(const OpticsDirections *directions, const OpticsLayer *layer,
                      OpticsMatrix *admittance, double through[OPTICS_MAX_DIRECTIONS]);

#endif
