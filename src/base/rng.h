/* rng.h - random numbers that depend on (seed, stream, position) and on nothing else.
 *
 * Philox4x32-10, Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 * Give every independent item (dot, sample, tile) its own stream: the result then does not
 * depend on the number of threads or on the order in which they run.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

typedef struct Rng {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    int left; /* unused words in block */
} Rng;

Rng rng_make(uint64_t seed, uint64_t stream);
uint32_t rng_u32(Rng *rng);
float rng_f32(Rng *rng);        /* uniform in [0, 1) */
double rng_f64(Rng *rng);       /* uniform in [0, 1), 53 bits */
double rng_normal(Rng *rng);    /* mean 0, variance 1 */
int rng_below(Rng *rng, int n); /* uniform in 0..n-1 */

#endif
