#include "base/rng.h"

#include <math.h>

static void philox_round(uint32_t c[4], const uint32_t k[2])
{
    uint64_t p0 = (uint64_t)0xD2511F53u * c[0];
    uint64_t p1 = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t c1 = c[1], c3 = c[3];
    c[0] = (uint32_t)(p1 >> 32) ^ c1 ^ k[0];
    c[1] = (uint32_t)p1;
    c[2] = (uint32_t)(p0 >> 32) ^ c3 ^ k[1];
    c[3] = (uint32_t)p0;
}

static void refill(Rng *rng)
{
    uint32_t k[2] = {rng->key[0], rng->key[1]};
    for (int i = 0; i < 4; i++)
        rng->block[i] = rng->counter[i];
    for (int round = 0; round < 10; round++) {
        philox_round(rng->block, k);
        k[0] += 0x9E3779B9u;
        k[1] += 0xBB67AE85u;
    }
    if (++rng->counter[0] == 0)
        ++rng->counter[1];
    rng->left = 4;
}

Rng rng_make(uint64_t seed, uint64_t stream)
{
    return (Rng){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, 0, (uint32_t)stream, (uint32_t)(stream >> 32)},
    };
}

uint32_t rng_u32(Rng *rng)
{
    if (rng->left == 0)
        refill(rng);
    return rng->block[4 - rng->left--];
}

float rng_f32(Rng *rng)
{
    return (float)(rng_u32(rng) >> 8) * 0x1.0p-24f;
}

double rng_f64(Rng *rng)
{
    uint64_t high = rng_u32(rng) >> 5, low = rng_u32(rng) >> 6;
    return (double)(high << 26 | low) * 0x1.0p-53;
}

/* Box and Muller, Ann. Math. Stat. 29 (1958) 610; one of the pair is thrown away so that a stream
 * has no hidden state. */
double rng_normal(Rng *rng)
{
    double u = 1.0 - rng_f64(rng), v = rng_f64(rng);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

int rng_below(Rng *rng, int n)
{
    return (int)(((uint64_t)rng_u32(rng) * (uint64_t)n) >> 32);
}
