/* route_truth.h - heads full of dots for the test and the bench of `route`. Not part of the
 * program.
 */
#ifndef DOTS_ROUTE_TRUTH_H
#define DOTS_ROUTE_TRUTH_H

#include "design/design.h"
#include "dots/dots_testing.h"
#include "dots/route_internal.h"

/* Zones of a bald head 78 x 85 x 98 mm from its middle: a band of 12 mm along the front, the front,
 * the middle, the crown, the temples, and a scar across the back. */
static inline int truth_zone(Vec3 p)
{
    double line_mm = 55.0 - 0.004 * p.x * p.x - p.y * 0.1; /* how far in front the hairline runs */
    if (p.z < -60.0 && fabs(p.y - 45.0) < 8.0)
        return DESIGN_SCAR;
    if (fabs(p.x) > 62.0)
        return DESIGN_TEMPLE;
    if (p.z > line_mm - 12.0)
        return DESIGN_HAIRLINE;
    return p.z > 15.0 ? DESIGN_FRONTAL : p.z > -30.0 ? DESIGN_MIDSCALP : DESIGN_CROWN;
}

/* Where there are dots at all. */
static inline bool truth_bald(Vec3 p)
{
    return p.y > 38.0 && p.z < 55.0 - 0.004 * p.x * p.x - p.y * 0.1;
}

/* About spacing_mm apart on an ellipsoid, by golden angles and some noise; sessions at random. */
static inline int truth_dots(double spacing_mm, int sessions, uint64_t seed, int room,
                             RouteDot dot[])
{
    const Vec3 axis = {78.0, 85.0, 98.0};
    Rng rng = rng_make(seed, 0);
    int count = 0, all = (int)(4.0 * DOTS_PI * 87.0 * 87.0 / (spacing_mm * spacing_mm));
    for (int i = 0; i < all && count < room; i++) {
        double up = 1.0 - (2.0 * i + 1.0) / all, turn = 2.399963229728653 * i;
        double flat = sqrt(1.0 - up * up), noise = 0.2 * spacing_mm / 87.0;
        Vec3 d = vec_normalize(vec3(flat * cos(turn) + noise * (rng_f64(&rng) - 0.5),
                                    up + noise * (rng_f64(&rng) - 0.5),
                                    flat * sin(turn) + noise * (rng_f64(&rng) - 0.5)));
        Vec3 p = vec3(d.x * axis.x, d.y * axis.y, d.z * axis.z);
        int session = rng_below(&rng, sessions);
        if (truth_bald(p))
            dot[count++] =
                (RouteDot){p, vec_normalize(vec3(d.x / axis.x, d.y / axis.y, d.z / axis.z)),
                           truth_zone(p), session};
    }
    return count;
}

#endif
