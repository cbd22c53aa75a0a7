#include "optics/optics_internal.h"

#include <assert.h>
#include <math.h>

static const double pi = 3.14159265358979323846;
/* Weight of the beam's direction: it feels the light and leaves no trace in it. */
static const double beam_weight = 1e-14;

/* Nodes and weights of Gauss and Legendre on (from, to), by Newton's method. */
static void gauss(int count, double from, double to, double node[], double weight[])
{
    for (int i = 0; i < count; i++) {
        double x = cos(pi * (i + 0.75) / (count + 0.5)), slope = 1.0;
        for (int round = 0; round < 6; round++) {
            double now = x, before = 1.0;
            for (int l = 2; l <= count; l++) {
                double next = ((2 * l - 1) * x * now - (l - 1) * before) / l;
                before = now;
                now = next;
            }
            slope = count * (before - x * now) / (1.0 - x * x);
            x -= now / slope;
        }
        node[i] = 0.5 * (from + to) - 0.5 * (to - from) * x;
        weight[i] = (to - from) / ((1.0 - x * x) * slope * slope);
    }
}

/* Unpolarised reflectance of the surface for a cosine outside, `inside` its refracted partner. */
static double fresnel(double outside, double inside, double index)
{
    double across = (outside - index * inside) / (outside + index * inside);
    double along = (index * outside - inside) / (index * outside + inside);
    return 0.5 * (across * across + along * along);
}

static double refracted(double outside, double index)
{
    return sqrt(1.0 - (1.0 - outside * outside) / (index * index));
}

/* Light that can leave is sampled by its cosine outside, in which Fresnel's formula is smooth; the
 * totally reflected rest by its cosine inside. */
static void place(double index, double weight[], OpticsDirections *to)
{
    int open = index > 1.0 ? to->count / 2 : to->count - 1, total = to->count - 1 - open;
    double outside[OPTICS_MAX_DIRECTIONS], part[OPTICS_MAX_DIRECTIONS];
    gauss(total, 0.0, sqrt(1.0 - 1.0 / (index * index)), to->cosine, weight);
    for (int i = 0; i < total; i++)
        to->reflected[i] = 1.0;
    gauss(open, 0.0, 1.0, outside, part);
    for (int i = 0; i < open; i++) {
        double inside = refracted(outside[i], index);
        to->cosine[total + i] = inside;
        weight[total + i] = outside[i] * part[i] / (index * index * inside);
        to->reflected[total + i] = fresnel(outside[i], inside, index);
        to->diffuse_specular += 2.0 * outside[i] * part[i] * to->reflected[total + i];
    }
}

static double dot(int count, const double a[], const double b[])
{
    double sum = 0.0;
    for (int i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static void fill_legendre(const double weight[], OpticsDirections *to)
{
    for (int i = 0; i < to->count; i++) {
        double mu = to->cosine[i], now = 1.0, after = mu;
        for (int l = 0; l < to->orders; l++) {
            to->legendre[l][i] = sqrt((2 * l + 1) * weight[i]) * now;
            double next = ((2 * l + 3) * mu * after - (l + 1) * now) / (l + 2);
            now = after;
            after = next;
        }
    }
    for (int l = 0; l < to->orders; l++) {
        double *row = to->legendre[l], *first = to->legendre[l % 2];
        double along = l < 2 ? sqrt(dot(to->count, row, row)) : dot(to->count, row, first);
        for (int i = 0; i < to->count; i++)
            row[i] = l < 2 ? row[i] / along : row[i] - along * first[i];
    }
}

void optics_directions_make(double index, double cos_incidence, int count,
                            OpticsDirections *directions)
{
    double weight[OPTICS_MAX_DIRECTIONS];
    *directions = (OpticsDirections){.count = count, .orders = (3 * count / 2 - 2) / 2 * 2};
    directions->largest_start = index > 1.0 ? 0.5 : 0.25;
    place(index, weight, directions);
    int beam = count - 1;
    directions->cosine[beam] = refracted(cos_incidence, index);
    directions->beam_specular = fresnel(cos_incidence, directions->cosine[beam], index);
    directions->reflected[beam] = directions->beam_specular;
    weight[beam] = beam_weight;
    for (int i = 0; i < count; i++)
        directions->flux[i] = sqrt(2.0 * directions->cosine[i] * weight[i]);
    fill_legendre(weight, directions);
}
