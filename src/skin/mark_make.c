#include "skin/mark_internal.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* How the table is made. A walk through white skin enters at the origin; marks are put at random
 * around it, one in every ring, and each takes exp(-absorption * length within it). Skins differ
 * only in weights. By reciprocity the walk's way in and out are those of the light that a camera
 * above the origin sees. */

const double rod_ring_mm[ROD_RINGS + 1] = {0.0, 0.1, 0.2, 0.35, 0.6, 1.0, 1.8, 3.2, 6.0};
const double table_scatter[TABLE_SCATTERS] = {2.0, 2.7, 3.6, 4.85, 6.55, 8.8, 11.9, 16.0};
const double table_epidermis[TABLE_EPIDERMES] = {0.04, 1.5, 5.0, 10.0, 19.0, 40.0};
const double table_dermis[TABLE_DERMES] = {0.02, 0.12, 0.5, 1.6, 7.0};
const double plug_depth_mm[PLUG_DEPTHS] = {0.1,  0.12, 0.14, 0.16, 0.18, 0.2,
                                           0.24, 0.3,  0.4,  0.53, 0.73, 1.0};
const double plug_diameter_mm[PLUG_DIAMETERS] = {0.1, 0.15, 0.23, 0.35, 0.53, 0.8};
const double plug_strength[PLUG_STRENGTHS] = {0.15, 0.39, 1.02, 2.65, 6.9, 17.9, 46.5};
const double rod_tilt_rad[ROD_TILTS] = {0.0, 0.6, 1.1};
const double rod_diameter_mm[ROD_DIAMETERS] = {0.03, 0.06, 0.1, 0.16};
const double rod_strength[ROD_STRENGTHS] = {0.3, 1.5, 7.0, 35.0, 170.0};

void plug_rings(double diameter_mm, double ring_mm[SKIN_RINGS + 1])
{
    enum { INSIDE = 3 };
    static const double share[INSIDE] = {0.0, 0.4, 0.75}; /* of the radius */
    static const double beyond_mm[SKIN_RINGS - INSIDE] = {0.0,  0.03, 0.07, 0.12, 0.2, 0.3,
                                                          0.45, 0.7,  1.1,  1.8,  2.8, 4.2};
    for (int r = 0; r < SKIN_RINGS; r++)
        ring_mm[r] =
            r < INSIDE ? 0.5 * diameter_mm * share[r] : 0.5 * diameter_mm + beyond_mm[r - INSIDE];
    ring_mm[SKIN_RINGS] = 0.5 * diameter_mm + 6.0;
}

WalkMedium table_medium(int scatter)
{
    double full = table_scatter[scatter] / (1.0 - TABLE_ANISOTROPY);
    return (WalkMedium){.scattering_per_mm = {full, SKIN_SUBCUTIS_SCATTERING * full},
                        .anisotropy = TABLE_ANISOTROPY,
                        .index = SKIN_INDEX,
                        .border_mm = SKIN_EPIDERMIS_MM + SKIN_DERMIS_MM,
                        .bottom_mm = SKIN_EPIDERMIS_MM + SKIN_DERMIS_MM + SKIN_SUBCUTIS_MM,
                        .thin_mm = SKIN_EPIDERMIS_MM,
                        .absorption_per_mm = 0.008};
}

/* Weight of a walk in every skin. The absorption at whose rate walks are ended is already in. */
static void weigh(const WalkMedium *medium, const Walk *walk, float weight[TABLE_SKINS])
{
    double out = medium->absorption_per_mm;
    for (int e = 0; e < TABLE_EPIDERMES; e++) {
        double thin = (table_epidermis[e] - out) * walk->thin_mm;
        for (int d = 0; d < TABLE_DERMES; d++) {
            double upper = (table_dermis[d] - out) * walk->upper_mm;
            double lower = (SKIN_SUBCUTIS_ABSORPTION * table_dermis[d] - out) * walk->lower_mm;
            weight[e * TABLE_DERMES + d] = (float)walk_exp(-(thin + upper + lower));
        }
    }
}

/* As fmin and fmax, but inline: no NaN comes here. */
static inline double lesser(double a, double b)
{
    return a < b ? a : b;
}

static inline double greater(double a, double b)
{
    return a > b ? a : b;
}

/* The part of a straight step within an infinite cylinder around an axis along z. */
static bool cross_cylinder(double x, double y, double ux, double uy, double length, double radius,
                           double *from, double *to)
{
    double a = ux * ux + uy * uy, c = x * x + y * y - radius * radius;
    if (a < 1e-14) {
        *from = 0.0;
        *to = length;
        return c < 0.0;
    }
    double b = x * ux + y * uy, discriminant = b * b - a * c;
    if (discriminant <= 0.0)
        return false;
    double root = sqrt(discriminant);
    *from = greater((-b - root) / a, 0.0);
    *to = lesser((-b + root) / a, length);
    return *to > *from;
}

/* The part of a step between two depths. */
static bool cross_slab(double z, double uz, double length, double top, double bottom, double *from,
                       double *to)
{
    *from = 0.0;
    *to = length;
    if (fabs(uz) < 1e-12)
        return z > top && z < bottom;
    double a = (top - z) / uz, b = (bottom - z) / uz;
    *from = greater(lesser(a, b), 0.0);
    *to = lesser(greater(a, b), length);
    return *to > *from;
}

static void add_plug_step(const WalkStep *step, double x, double y, double radius,
                          double length_mm[PLUG_DEPTHS])
{
    double from, to, top, bottom;
    if (!cross_cylinder(x, y, (double)step->ux, (double)step->uy, (double)step->length, radius,
                        &from, &to))
        return;
    for (int k = 0; k < PLUG_DEPTHS; k++) {
        double roof = greater(plug_depth_mm[k] - 0.5 * SKIN_PLUG_MM, 0.0);
        if (cross_slab((double)step->z, (double)step->uz, (double)step->length, roof,
                       plug_depth_mm[k] + 0.5 * SKIN_PLUG_MM, &top, &bottom))
            length_mm[k] += greater(lesser(to, bottom) - greater(from, top), 0.0);
    }
}

/* Lengths of a walk within plugs of every depth around one axis. */
static bool plug_lengths(const Walk *walk, const float axis[2], double diameter_mm,
                         double length_mm[PLUG_DEPTHS])
{
    const float deepest = (float)(plug_depth_mm[PLUG_DEPTHS - 1] + 0.5 * SKIN_PLUG_MM);
    const float radius = (float)(0.5 * diameter_mm);
    bool hit = false;
    memset(length_mm, 0, PLUG_DEPTHS * sizeof length_mm[0]);
    for (int i = 0; i < walk->count; i++) {
        const WalkStep *step = &walk->step[i];
        float x = step->x - axis[0], y = step->y - axis[1], reach = radius + step->length;
        if (x * x + y * y > reach * reach || step->z - step->length > deepest)
            continue;
        hit = true;
        add_plug_step(step, (double)x, (double)y, 0.5 * diameter_mm, length_mm);
    }
    return hit;
}

/* Share that a mark takes of a walk's light, by skin: sum += weight * (1 - exp(-strength length)).
 */
static void take(int strengths, const double strength[], double length_mm,
                 const float weight[TABLE_SKINS], float sum[][TABLE_SKINS])
{
    for (int m = 0; m < strengths; m++) {
        float taken = (float)(1.0 - walk_exp(-strength[m] * length_mm));
        for (int s = 0; s < TABLE_SKINS; s++)
            sum[m][s] += taken * weight[s];
    }
}

/* A random place in a ring, evenly by area. */
static void place_in_ring(Rng *rng, const double ring_mm[2], double *x, double *y)
{
    double inner2 = ring_mm[0] * ring_mm[0], outer2 = ring_mm[1] * ring_mm[1];
    double radius = sqrt(inner2 + (outer2 - inner2) * rng_f64(rng)), a, b, r2;
    do {
        a = 2.0 * rng_f64(rng) - 1.0;
        b = 2.0 * rng_f64(rng) - 1.0;
        r2 = a * a + b * b;
    } while (r2 > 1.0 || r2 < 1e-12);
    *x = radius * (a * a - b * b) / r2;
    *y = radius * 2.0 * a * b / r2;
}

static void add_plug(const Walk *walk, Rng *rng, int ring, int diameter,
                     const float weight[TABLE_SKINS], TableSum *sum)
{
    double length_mm[PLUG_DEPTHS], ring_mm[SKIN_RINGS + 1], x, y;
    plug_rings(plug_diameter_mm[diameter], ring_mm);
    place_in_ring(rng, &ring_mm[ring], &x, &y);
    const float axis[2] = {(float)x, (float)y};
    if (!plug_lengths(walk, axis, plug_diameter_mm[diameter], length_mm))
        return;
    for (int k = 0; k < PLUG_DEPTHS; k++)
        if (length_mm[k] > 0.0)
            take(PLUG_STRENGTHS, plug_strength, length_mm[k], weight,
                 &sum->plug[ring][(k * PLUG_DIAMETERS + diameter) * PLUG_STRENGTHS]);
}

static void add_plugs(const Walk *walk, Rng *rng, int turn, const float weight[TABLE_SKINS],
                      TableSum *sum)
{
    for (int ring = 0; ring < INNER_RINGS; ring++)
        for (int d = 0; d < PLUG_DIAMETERS; d++)
            add_plug(walk, rng, ring, d, weight, sum);
    for (int ring = INNER_RINGS; ring < SKIN_RINGS; ring++)
        add_plug(walk, rng, ring, (turn + ring) % PLUG_DIAMETERS, weight, sum);
}

/* A rod is upright in a frame of its own: x, z turned by the tilt. Its top is cut by the surface,
 * its end is flat at ROD_BOTTOM_MM. */
static void rod_lengths(const Walk *walk, const double axis[2], const double tilt[2],
                        double length_mm[ROD_DIAMETERS])
{
    const double widest = 0.5 * rod_diameter_mm[ROD_DIAMETERS - 1];
    double c = tilt[0], s = tilt[1];
    for (int d = 0; d < ROD_DIAMETERS; d++)
        length_mm[d] = 0.0;
    for (int i = 0; i < walk->count; i++) {
        const WalkStep *step = &walk->step[i];
        double x0 = (double)step->x - axis[0], z0 = (double)step->z, length = (double)step->length;
        double x = c * x0 - s * z0, y = (double)step->y - axis[1], reach = widest + length;
        if (x * x + y * y > reach * reach)
            continue;
        double ux = c * (double)step->ux - s * (double)step->uz, from, to, top, bottom;
        if (!cross_slab(z0, (double)step->uz, length, 0.0, ROD_BOTTOM_MM, &top, &bottom))
            continue;
        for (int d = ROD_DIAMETERS - 1; d >= 0; d--) {
            if (!cross_cylinder(x, y, ux, (double)step->uy, length, 0.5 * rod_diameter_mm[d], &from,
                                &to))
                break;
            length_mm[d] += greater(lesser(to, bottom) - greater(from, top), 0.0);
        }
    }
}

/* One ring per walk, in turn. The rod leans in a random direction seen from the walk: a random
 * place in the ring is that. */
static void add_rods(const Walk *walk, Rng *rng, int ring, const float weight[TABLE_SKINS],
                     TableSum *sum)
{
    /* Cosine and sine of rod_tilt_rad, written out so that no library decides their last bit. */
    static const double turn[ROD_TILTS][2] = {{1.0, 0.0},
                                              {0.82533561490967829, 0.56464247339503535},
                                              {0.45359612142557738, 0.89120736006143534}};
    double axis[2], length_mm[ROD_DIAMETERS];
    for (int t = 0; t < ROD_TILTS; t++) {
        place_in_ring(rng, &rod_ring_mm[ring], &axis[0], &axis[1]);
        rod_lengths(walk, axis, turn[t], length_mm);
        for (int d = 0; d < ROD_DIAMETERS; d++)
            if (length_mm[d] > 0.0)
                take(ROD_STRENGTHS, rod_strength, length_mm[d], weight,
                     &sum->rod[ring][(t * ROD_DIAMETERS + d) * ROD_STRENGTHS]);
    }
}

void table_sum_block(int scatter, uint64_t seed, int first, int count, Walk *walk, TableSum *sum)
{
    WalkMedium medium = table_medium(scatter);
    memset(sum, 0, sizeof *sum);
    for (int i = first; i < first + count; i++) {
        Rng rng = rng_make(seed + (uint64_t)scatter, (uint64_t)i);
        float weight[TABLE_SKINS];
        if (!walk_trace(&medium, ROD_BOTTOM_MM, &rng, walk))
            continue;
        weigh(&medium, walk, weight);
        for (int s = 0; s < TABLE_SKINS; s++)
            sum->base[i % TABLE_TURNS][s] += (double)weight[s];
        add_plugs(walk, &rng, i % TABLE_TURNS, weight, sum);
        add_rods(walk, &rng, i % ROD_RINGS, weight, sum);
    }
}

static uint64_t mix(uint64_t hash, size_t size, const void *bytes)
{
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * UINT64_C(1099511628211); /* FNV-1a */
    return hash;
}

uint64_t table_witness(const TableSum *sum)
{
    uint64_t hash = mix(UINT64_C(14695981039346656037), sizeof sum->base, sum->base);
    hash = mix(hash, sizeof sum->plug, sum->plug);
    return mix(hash, sizeof sum->rod, sum->rod);
}
