#include "look_internal.h"

#include <string.h>

/* The loop in which the time of a splat goes, on eight pixels at once: compiled once for every
 * machine and once for AVX2, which look_bench shows to be faster. Lanes do not depend on each other
 * and nothing is contracted, so that both give the same bits (look_test compares them). */

#if defined(__x86_64__)
#define AVX2     __attribute__((target("avx2")))
#define HAS_AVX2 __builtin_cpu_supports("avx2")
#else
#define AVX2
#define HAS_AVX2 0
#endif
#define INLINED static inline __attribute__((always_inline))

typedef float Lanes __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t Mask __attribute__((vector_size(LANES * sizeof(int32_t)))); /* all bits or none */

/* A mark shows where the surface of the picture is its own: fully within NEAR_MM, not beyond
 * FAR_MM. Plans live on a smoothed head that lies up to some mm off the scan. */
static const float NEAR_MM = 4, FAR_MM = 8;

/* weight: of the profile from dx on, a polynomial of s within -1..1, nothing beyond. */
INLINED void weigh(const Spot *spot, const float poly[PROFILE_TERMS], float dx, float dy,
                   Lanes *weight)
{
    const float scale = 2 / LOOK_REACH2;
    float a = spot->ixx * scale, b = 2 * spot->ixy * dy * scale;
    float c = spot->iyy * dy * dy * scale - 1;
    Lanes x = dx + (Lanes){0, 1, 2, 3, 4, 5, 6, 7}, s = (a * x + b) * x + c, p = poly[0] * s;
    for (int k = 1; k < PROFILE_TERMS - 1; k++)
        p = (p + poly[k]) * s;
    p += poly[PROFILE_TERMS - 1];
    *weight = (Lanes)((Mask)p & (p > 0) & (s < 1));
}

INLINED void hide(const Spot *spot, float dx, float dy, const float depth_mm[LANES], Lanes *weight)
{
    float near = (1 + spot->gy * dy + spot->gx * dx) / spot->depth, more = spot->gx / spot->depth;
    const Mask no_sign = {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX,
                          INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX};
    Lanes depth;
    memcpy(&depth, depth_mm, sizeof depth);
    Lanes off = depth * (near + more * (Lanes){0, 1, 2, 3, 4, 5, 6, 7}) - 1;
    off = (Lanes)((Mask)off & no_sign) * spot->depth;
    Lanes share = (FAR_MM - off) * (1 / (FAR_MM - NEAR_MM));
    Mask full = share >= 1;
    share = (Lanes)((Mask)share & (share > 0)) * *weight;
    *weight = (Lanes)(((Mask)share & ~full) | ((Mask)*weight & full));
}

INLINED void take(float amount, const Lanes *weight, float through[LANES])
{
    Lanes t;
    memcpy(&t, through, sizeof t);
    t *= 1 - amount * *weight;
    memcpy(through, &t, sizeof t);
}

INLINED void add(float amount, const Lanes *weight, float sum[LANES])
{
    Lanes t;
    memcpy(&t, sum, sizeof t);
    t += amount * *weight;
    memcpy(sum, &t, sizeof t);
}

INLINED void draw_lanes(const Profiles *profiles, const Spot *spot, const Cells *cells, int x,
                        int y)
{
    float dx = (float)(x + cells->x) + 0.5F - spot->x;
    float dy = (float)(y + cells->y) + 0.5F - spot->y, table[LANES];
    ptrdiff_t at = (ptrdiff_t)y * cells->stride + x;
    Lanes weight;
    if (spot->half > 0 || !profiles->smooth[spot->profile]) {
        for (int i = 0; i < LANES; i++)
            table[i] = look_weight(profiles, spot, dx + (float)i, dy);
        memcpy(&weight, table, sizeof weight);
    } else {
        weigh(spot, profiles->poly[spot->profile], dx, dy, &weight);
    }
    if (cells->depth_mm != NULL)
        hide(spot, dx, dy, cells->depth_mm + (ptrdiff_t)y * cells->depth_stride + x, &weight);
    if (cells->sums)
        add(spot->amount[0], &weight, cells->at[0] + at);
    else
        for (int k = 0; k < 3; k++)
            take(spot->amount[k], &weight, cells->at[k] + at);
}

INLINED void draw_rows(const Profiles *profiles, const Spot *spot, const Cells *cells)
{
    int x0 = spot->x0 > cells->x ? spot->x0 - cells->x : 0;
    int x1 = spot->x1 - cells->x < cells->width ? spot->x1 - cells->x : cells->width - 1;
    int y0 = spot->y0 > cells->y ? spot->y0 - cells->y : 0;
    int y1 = spot->y1 - cells->y < cells->height ? spot->y1 - cells->y : cells->height - 1;
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x += LANES)
            draw_lanes(profiles, spot, cells, x, y);
}

void look_draw_plain(const Profiles *profiles, const Spot *spot, const Cells *cells)
{
    draw_rows(profiles, spot, cells);
}

AVX2 static void draw_avx2(const Profiles *profiles, const Spot *spot, const Cells *cells)
{
    draw_rows(profiles, spot, cells);
}

LookDraw *look_draw_best(void)
{
    return HAS_AVX2 ? draw_avx2 : look_draw_plain;
}
