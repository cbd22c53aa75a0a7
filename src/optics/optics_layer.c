#include "optics/optics_internal.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 4 }; /* columns at once; OPTICS_MAX_DIRECTIONS is a multiple */

/* row[j] -= sum over k < count of factor[k] * rows[k * stride + j], for from <= j < to; factors
 * lie stride apart, from and to are multiples of BLOCK. */
static inline void subtract_rows(int count, int stride, const double *factor, const double *rows,
                                 int from, int to, double *row)
{
    for (int j = from; j < to; j += BLOCK) {
        double sum[BLOCK] = {0};
        for (int k = 0; k < count; k++) {
            double f = factor[k * stride];
            for (int b = 0; b < BLOCK; b++)
                sum[b] += f * rows[k * stride + j + b];
        }
        for (int b = 0; b < BLOCK; b++)
            row[j + b] -= sum[b];
    }
}

/* Columns in use, up to a whole block. */
static int padded(int count)
{
    return (count + BLOCK - 1) / BLOCK * BLOCK;
}

/* Copies the upper triangle into the lower one. */
static void mirror(int count, OpticsMatrix *m)
{
    for (int i = 1; i < count; i++) {
        for (int j = 0; j < i; j++)
            m->row[i][j] = m->row[j][i];
    }
}

/* Of its diagonal; less is rounding. Light that neither leaves nor is absorbed has none. */
static const double least_pivot = 1e-14;

/* Gauss elimination of (s | p | v) by Cholesky's pivots turns p into w, w^T w = p^T s^-1 p. */
void optics_schur(int count, const OpticsMatrix *s, const OpticsMatrix *p, OpticsMatrix *out,
                  double v[OPTICS_MAX_DIRECTIONS])
{
    enum { STRIDE = 2 * OPTICS_MAX_DIRECTIONS + BLOCK };
    double work[OPTICS_MAX_DIRECTIONS][STRIDE];
    int width = padded(count), end = v == NULL ? 2 * width : 2 * width + BLOCK;
    for (int i = 0; i < count; i++) {
        double *row = work[i];
        int from = i / BLOCK * BLOCK;
        memcpy(row, s->row[i], (size_t)width * sizeof *row);
        memcpy(row + width, p->row[i], (size_t)width * sizeof *row);
        if (v != NULL)
            memcpy(row + 2 * width, (double[BLOCK]){v[i]}, BLOCK * sizeof *row);
        subtract_rows(i, STRIDE, &work[0][i], work[0], from, end, row);
        double scale = row[i] > least_pivot * s->row[i][i] ? 1.0 / sqrt(row[i]) : 0.0;
        for (int j = from; j < end; j++)
            row[j] *= scale;
    }
    for (int i = 0; i < count; i++)
        subtract_rows(count, STRIDE, &work[0][width + i], &work[0][width], i / BLOCK * BLOCK, width,
                      out->row[i]);
    mirror(count, out);
    for (int i = 0; v != NULL && i < count; i++) {
        v[i] = 0.0;
        for (int k = 0; k < count; k++)
            v[i] += work[k][width + i] * work[k][2 * width];
    }
}

/* out = a x + b y */
static void combine(int count, double a, const OpticsMatrix *x, double b, const OpticsMatrix *y,
                    OpticsMatrix *out)
{
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < padded(count); j++)
            out->row[i][j] = a * x->row[i][j] + b * y->row[i][j];
    }
}

/* Henyey-Greenstein by its moments g^l with the forward peak that the orders cannot show taken for
 * unscattered light: delta-M, Wiscombe, J. Atmos. Sci. 34 (1977) 1408. */
typedef struct Scatter {
    double extinction_per_mm, albedo, anisotropy, peak;
} Scatter;

static Scatter scatter_make(const OpticsLayer *layer, int orders)
{
    double peak = pow(layer->anisotropy, orders);
    double scattering = layer->scattering_per_mm * (1.0 - peak);
    double extinction = layer->absorption_per_mm + scattering;
    return (Scatter){extinction, extinction > 0.0 ? scattering / extinction : 0.0,
                     layer->anisotropy, peak};
}

/* b = thickness B and a = A^-1 / thickness, in optical depth: even orders of the phase function act
 * on s, odd ones on d. A is a unit matrix less a projection per order, so its inverse is known. */
static void transport(const OpticsDirections *to, Scatter scatter, double depth, OpticsMatrix *b,
                      OpticsMatrix *a)
{
    double scaled[OPTICS_MAX_ORDERS][OPTICS_MAX_DIRECTIONS], power = 1.0;
    for (int l = 0; l < to->orders; l++, power *= scatter.anisotropy) {
        double moment = scatter.albedo * (power - scatter.peak) / (1.0 - scatter.peak);
        double factor = l % 2 == 0 ? moment : -moment / (1.0 - moment);
        for (int i = 0; i < to->count; i++)
            scaled[l][i] = factor * to->legendre[l][i];
    }
    int width = padded(to->count), pair = 2 * OPTICS_MAX_DIRECTIONS;
    for (int i = 0; i < to->count; i++) {
        memset(b->row[i], 0, (size_t)width * sizeof b->row[i][0]);
        memset(a->row[i], 0, (size_t)width * sizeof a->row[i][0]);
        b->row[i][i] = a->row[i][i] = 1.0;
        subtract_rows(to->orders / 2, pair, &scaled[0][i], to->legendre[0], 0, width, b->row[i]);
        subtract_rows(to->orders / 2, pair, &scaled[1][i], to->legendre[1], 0, width, a->row[i]);
        for (int j = 0; j < to->count; j++) {
            double root = sqrt(to->cosine[i] * to->cosine[j]);
            b->row[i][j] *= depth / root;
            a->row[i][j] *= root / depth;
        }
    }
}

/* Admittances of half of a thin layer, closed by a mirror (even: tanh) or by its opposite (odd:
 * coth), as x - x (3 / x + 6 x / 5)^-1 x and 1 / x + x / 3 - x (45 / x + 3 x)^-1 x: seventh order
 * in the optical depth, and their geometric mean is exact. even holds x = b, a is 1 / x; a is lost.
 */
static void start_thin(int count, OpticsMatrix *a, OpticsMatrix *even, OpticsMatrix *odd)
{
    OpticsMatrix pivot;
    combine(count, 45.0, a, 3.0, even, &pivot);
    combine(count, 1.0, a, 1.0 / 3.0, even, odd);
    optics_schur(count, &pivot, even, odd, NULL);
    combine(count, 3.0, a, 1.2, even, a);
    optics_schur(count, a, even, even, NULL);
}

/* Two equal layers on each other: odd' = (even + odd) / 2, even' their harmonic mean, which is
 * 2 even - 2 even (4 odd')^-1 2 even. True when the layer lets nothing through. */
static bool double_layer(int count, OpticsMatrix *even, OpticsMatrix *odd)
{
    OpticsMatrix pivot;
    double open = 0.0, all = 0.0;
    combine(count, 2.0, even, 2.0, odd, &pivot);
    combine(count, 0.5, even, 0.5, odd, odd);
    combine(count, 2.0, even, 0.0, even, even);
    optics_schur(count, &pivot, even, even, NULL);
    for (int i = 0; i < count; i++) {
        open += odd->row[i][i] - even->row[i][i];
        all += odd->row[i][i];
    }
    return open < 1e-14 * all;
}

enum { MOST_DOUBLINGS = 64 };
static const double thinnest = 1e-9; /* optical depth without an effect */

/* Doubles from a layer no deeper than 2 largest_start to the whole one. */
static void fill_layer(const OpticsDirections *to, Scatter scatter, double half, OpticsMatrix *even,
                       OpticsMatrix *odd)
{
    OpticsMatrix a;
    int doublings = 0;
    double largest = to->largest_start;
    half = fmin(half, ldexp(largest, MOST_DOUBLINGS));
    while (ldexp(largest, doublings) < half)
        doublings++;
    transport(to, scatter, ldexp(half, -doublings), even, &a);
    start_thin(to->count, &a, even, odd);
    bool opaque = false;
    for (int i = 0; i < doublings && !opaque; i++)
        opaque = double_layer(to->count, even, odd);
}

/* With m and n half the sum and difference of odd and even: d = m s - n s_below, and
 * n s - m s_below = Y_below s_below. So Y = m - n (m + Y_below)^-1 n. */
void optics_layer_add(const OpticsDirections *to, const OpticsLayer *layer,
                      OpticsMatrix *admittance, double through[OPTICS_MAX_DIRECTIONS])
{
    OpticsMatrix even, odd;
    Scatter scatter = scatter_make(layer, to->orders);
    double half = 0.5 * scatter.extinction_per_mm * layer->thickness_mm;
    if (!(half > thinnest))
        return;
    fill_layer(to, scatter, half, &even, &odd);
    combine(to->count, 0.5, &odd, -0.5, &even, &even);
    combine(to->count, 1.0, &odd, -1.0, &even, &odd);
    combine(to->count, 1.0, &odd, 1.0, admittance, admittance);
    optics_schur(to->count, admittance, &even, &odd, through);
    combine(to->count, 1.0, &odd, 0.0, &odd, admittance);
}
