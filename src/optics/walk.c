#include "optics/walk.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* 2^power, power within -1022..1023. */
static double power_of_two(int power)
{
    uint64_t bits = (uint64_t)(power + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double walk_exp(double x)
{
    assert(x <= 0.0);
    if (x < -700.0)
        return 0.0;
    const double ln2 = 0.69314718055994531;
    int power = (int)(x / ln2 - 0.5);
    double r = x - power * ln2, term = 1.0, sum = 1.0;
    for (int i = 1; i < 14; i++) {
        term *= r / i;
        sum += term;
    }
    return sum * power_of_two(power);
}

/* x = m 2^k with m near 1; ln m = 2 artanh((m - 1) / (m + 1)). */
double walk_log(double x)
{
    assert(x > 0.0 && x <= 1.0);
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int power = (int)(bits >> 52) - 1022;
    bits = (bits & 0x000fffffffffffffu) | (UINT64_C(1022) << 52);
    double m;
    memcpy(&m, &bits, sizeof m); /* within [0.5, 1) */
    if (m < 0.70710678118654752) {
        m *= 2.0;
        power--;
    }
    double f = (m - 1.0) / (m + 1.0), f2 = f * f, sum = 1.0 / 17.0;
    for (int i = 15; i >= 1; i -= 2)
        sum = sum * f2 + 1.0 / i;
    return 2.0 * f * sum + power * 0.69314718055994531;
}

typedef struct Photon {
    double x, y, z, ux, uy, uz;
} Photon;

/* Unpolarised Fresnel reflectance from inside, at the cosine of the angle to the normal. */
static double fresnel(double index, double cosine)
{
    double sine2 = index * index * (1.0 - cosine * cosine);
    if (sine2 >= 1.0)
        return 1.0;
    double out = sqrt(1.0 - sine2);
    double s = (index * cosine - out) / (index * cosine + out);
    double p = (cosine - index * out) / (cosine + index * out);
    return 0.5 * (s * s + p * p);
}

/* Cosine of the scattering angle; Henyey, Greenstein, Astrophys. J. 93 (1941) 70. */
static double scatter_cos(double g, double u)
{
    if (fabs(g) < 1e-6)
        return 2.0 * u - 1.0;
    double f = (1.0 - g * g) / (1.0 - g + 2.0 * g * u);
    double c = (1.0 + g * g - f * f) / (2.0 * g);
    return c > 1.0 ? 1.0 : c < -1.0 ? -1.0 : c;
}

/* A direction on the unit circle, without trigonometry: from a point within it. */
static void any_azimuth(Rng *rng, double *cosine, double *sine)
{
    double a, b, r2;
    do {
        a = 2.0 * rng_f64(rng) - 1.0;
        b = 2.0 * rng_f64(rng) - 1.0;
        r2 = a * a + b * b;
    } while (r2 > 1.0 || r2 < 1e-12);
    *cosine = (a * a - b * b) / r2; /* of twice the angle */
    *sine = 2.0 * a * b / r2;
}

static void scatter(Photon *p, double anisotropy, Rng *rng)
{
    double c = scatter_cos(anisotropy, rng_f64(rng)), s = sqrt(1.0 - c * c);
    double ca, sa;
    any_azimuth(rng, &ca, &sa);
    double across2 = p->ux * p->ux + p->uy * p->uy;
    if (across2 < 1e-12) {
        double sign = p->uz > 0.0 ? 1.0 : -1.0;
        *p = (Photon){p->x, p->y, p->z, s * ca, s * sa, c * sign};
        return;
    }
    double across = sqrt(across2);
    double ux = s * (p->ux * p->uz * ca - p->uy * sa) / across + p->ux * c;
    double uy = s * (p->uy * p->uz * ca + p->ux * sa) / across + p->uy * c;
    double uz = -s * ca * across + p->uz * c;
    double length = sqrt(ux * ux + uy * uy + uz * uz);
    p->ux = ux / length;
    p->uy = uy / length;
    p->uz = uz / length;
}

/* Length of a step that lies between two depths. */
static double length_between(double z, double uz, double length, double top, double bottom)
{
    double end = z + uz * length;
    double low = z < end ? z : end, high = z < end ? end : z;
    double inside = (high < bottom ? high : bottom) - (low > top ? low : top);
    if (high - low < 1e-12)
        return z >= top && z < bottom ? length : 0.0;
    return inside > 0.0 ? length * inside / (high - low) : 0.0;
}

static void keep(Walk *walk, const WalkMedium *medium, double keep_mm, const Photon *p,
                 double length)
{
    double thin = length_between(p->z, p->uz, length, 0.0, medium->thin_mm);
    walk->thin_mm += thin;
    bool is_upper = p->z + 0.5 * p->uz * length < medium->border_mm;
    if (is_upper)
        walk->upper_mm += length - thin;
    else
        walk->lower_mm += length;
    if (p->z > keep_mm || walk->count == WALK_MAX_STEPS)
        return;
    walk->step[walk->count++] = (WalkStep){(float)p->x,  (float)p->y,  (float)p->z,  (float)p->ux,
                                           (float)p->uy, (float)p->uz, (float)length};
}

/* Depth of the plane that a photon of this layer would reach, and how far it is. */
static double distance_to_plane(const WalkMedium *medium, const Photon *p, bool is_upper,
                                double *plane_mm)
{
    double top = is_upper ? 0.0 : medium->border_mm;
    double bottom = is_upper ? medium->border_mm : medium->bottom_mm;
    if (fabs(p->uz) < 1e-12)
        return (double)INFINITY;
    *plane_mm = p->uz < 0.0 ? top : bottom;
    double distance = (*plane_mm - p->z) / p->uz;
    return distance > 0.0 ? distance : 0.0;
}

typedef enum Fate { GOES_ON, LEFT_UP, LOST } Fate;

/* Moves by a free path, through the border between the layers and back from mirroring surfaces. */
static Fate advance(const WalkMedium *medium, double keep_mm, Rng *rng, Photon *p, Walk *walk)
{
    double depth = -walk_log(1.0 - rng_f64(rng)); /* in mean free paths */
    bool is_upper = p->z < medium->border_mm || (p->z == medium->border_mm && p->uz < 0.0);
    for (;;) {
        double scattering = medium->scattering_per_mm[is_upper ? 0 : 1];
        double plane = 0.0, free = depth / scattering;
        double distance = distance_to_plane(medium, p, is_upper, &plane);
        double length = free < distance ? free : distance;
        keep(walk, medium, keep_mm, p, length);
        p->x += p->ux * length;
        p->y += p->uy * length;
        p->z += p->uz * length;
        if (free <= distance)
            return GOES_ON;
        p->z = plane;
        depth -= length * scattering;
        if (plane == medium->border_mm) {
            is_upper = !is_upper;
            continue;
        }
        if (rng_f64(rng) >= fresnel(medium->index, fabs(p->uz)))
            return plane == 0.0 ? LEFT_UP : LOST;
        p->uz = -p->uz;
    }
}

bool walk_trace(const WalkMedium *medium, double keep_mm, Rng *rng, Walk *walk)
{
    Photon photon = {0.0, 0.0, 0.0, 0.0, 0.0, 1.0};
    walk->count = 0;
    walk->thin_mm = walk->upper_mm = walk->lower_mm = 0.0;
    /* Ending walks at the rate of an absorption, unweighted, is that absorption: the caller's
     * weights leave it out. Drawn once, as a length. */
    double most_mm = -walk_log(1.0 - rng_f64(rng)) / medium->absorption_per_mm;
    for (;;) {
        Fate fate = advance(medium, keep_mm, rng, &photon, walk);
        if (fate == LOST || walk->thin_mm + walk->upper_mm + walk->lower_mm > most_mm)
            return false;
        if (fate == LEFT_UP)
            return true;
        scatter(&photon, medium->anisotropy, rng);
    }
}
