/* pattern.h - what a set of dots looks like to an expert: how even, how clumped, how regular.
 *
 * Lengths are in units of the local spacing: u = d (rho_i rho_j)^(1/4), so that the hexagonal
 * lattice has nearest distance 1.0746 everywhere, and even, graded and curved sets share one scale
 * (field/sampling 1.1, where each figure is defined).
 */
#ifndef DOTS_PATTERN_H
#define DOTS_PATTERN_H

#include "dots/dots.h"

#define PATTERN_REACH 4.0
enum { PATTERN_BINS = 80 }; /* of pair correlation, 0.05 wide */

typedef struct PatternInput {
    int count;
    const Vec3 *position_mm;
    const Vec3 *normal;    /* [count] unit */
    const double *per_mm2; /* [count] expected density at the point, > 0 */
    const uint8_t *inner;  /* [count] 0: near a border, counts as a neighbour only; NULL: all 1 */
    /* For gaps and blotches, which need the places without dots; NULL: they stay NAN. Pair
     * correlation takes its borders from it, too. */
    const DotsSurface *surface;
    const double *vertex_per_mm2; /* [surface->vertex_count] expected density; 0 outside */
    uint64_t seed;                /* of the discs for f50 and f200 */
} PatternInput;

typedef struct Pattern {
    int count, inner;         /* points (units); those that the figures rest on */
    double least, p1, alpha;  /* nearest distance / 1.0746: smallest, 1st percentile, mean */
    double nn_cv;             /* standard deviation / mean of the nearest distance */
    double psi6, hex_share;   /* bond order; share with 6 neighbours and order > 0.9 */
    double cvt;               /* second moment of the Voronoi cell x density^2 */
    double cap_cv;            /* sd / mean of Voronoi cell area x density */
    double gap, gap_p999;     /* largest empty disc, radius in spacings, at most 10.4; p99.9 */
    double f50, f200;         /* variance / mean of counts in discs for 50 and 200 */
    double g[PATTERN_BINS];   /* pair correlation */
    double g_peak, g_peak_at; /* first peak, 0.1-wide smoothing, u within 0.5..1.6 */
} Pattern;

/* ERR_INPUT for fewer than 10 points, values that are not finite, or points that stand many times
 * closer than their density says. A figure that cannot be formed is NAN: so is g without a surface
 * when no inner point has 4 spacings to the nearest that is not inner. O(n): 30,000 points on a
 * surface take 0.3 s. */
MUST_CHECK bool pattern_measure(Arena *scratch, const PatternInput *input, Pattern *pattern,
                                Err *err);
/* Mean |g_a - g_b| over u within 0..4: 0.05 or less is alike (field/sampling 6). */
double pattern_g_distance(const Pattern *a, const Pattern *b);

/* The client's own hair (mm, a plane, convex patch of the donor area without bald spots): hairs
 * that are closer than merge_mm to another of it are one unit. *per_mm2: units, in the patch's
 * interior. Figures rest on the units more than 1.5 spacings inside. ERR_INPUT for fewer than 300
 * units or more than 20,000 hairs. */
MUST_CHECK bool pattern_of_units(Arena *scratch, int count, const double xy_mm[][2],
                                 double merge_mm, Pattern *pattern, double *per_mm2, Err *err);

/* The irregularity of DotsParams whose plan in these sessions has this nn_cv, within 0.001, in its
 * last prefix: sought on a plane patch without a spacing rule. Beyond the reach of the plan (about
 * 0.07 to 0.24) it is 0 or 0.5. About 0.5 s. */
MUST_CHECK bool pattern_irregularity(Arena *arena, Arena *scratch, double nn_cv, int session_count,
                                     const double share[], double *irregularity, Err *err);
/* The stated prior where nobody measured the client: what marked hair roots of 413 people have
 * (docs/models.md, Dots: 0.175-0.219 as marked, 0.19-0.235 with the bias of small frames removed).
 */
#define PATTERN_PRIOR_NN_CV 0.19

#endif
