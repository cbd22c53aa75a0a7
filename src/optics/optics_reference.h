/* optics_reference.h - numbers of others, for the test and the benchmark. */
#ifndef OPTICS_OPTICS_REFERENCE_H
#define OPTICS_OPTICS_REFERENCE_H

#include "optics/optics.h"

#include <math.h>

/* One slab: refractive index, albedo, optical thickness, anisotropy, angle of incidence; shares of
 * the beam and of diffuse light. Adding-doubling with 32 directions (scottprahl/iad 4.0.0); the
 * first two are the classic checks of Monte Carlo codes, the third and fourth are in van de Hulst,
 * "Multiple Light Scattering" (1980), pp 256-257 and 424. */
static const struct {
    double index, albedo, depth, anisotropy, angle_deg;
    double beam_reflected, beam_transmitted, diffuse_reflected, diffuse_transmitted;
} reference_slab[] = {
    {1.0, 0.90, 2.0, 0.75, 0, 0.09739, 0.66096, 0.19109, 0.50182},
    {1.5, 0.90, (double)INFINITY, 0.0, 0, 0.25994, 0.0, 0.30783, 0.0},
    {1.0, 0.99, 1.0, 0.0, 60, 0.48652, 0.49163, 0.43596, 0.54435},
    {1.0, 0.99, 4.0, 0.5, 60, 0.61996, 0.30605, 0.57026, 0.35485},
    {1.0, 0.80, 1.0, 0.5, 0, 0.09636, 0.67004, 0.17368, 0.52010},
    {1.4, 0.99, 10.0, 0.8, 0, 0.35554, 0.34776, 0.40456, 0.31156},
    {1.4, 0.999, 50.0, 0.9, 0, 0.57821, 0.24789, 0.61278, 0.22558},
    {1.4, 0.95, 5.0, 0.8, 0, 0.16473, 0.35095, 0.22107, 0.28972},
};
enum { REFERENCE_SLABS = sizeof reference_slab / sizeof reference_slab[0] };

/* Skin of index 1.4: epidermis 0.1 mm, dermis 2 mm, subcutis 5 mm with 0.6 of the scattering; very
 * light (melanosomes 2 %), mid (10 %) and dark (30 %), each at 400, 450 ... 700 nm. Absorption of
 * the layers, scattering (1/mm), anisotropy; adding-doubling with 64 directions (iad 4.0.0). */
static const struct {
    double absorption[3], scattering, anisotropy;
    double beam_reflected, diffuse_reflected, beam_transmitted;
} reference_skin[] = {
    {{3.08301, 1.59802, 0.800171}, 23.9256, 0.736, 0.117426, 0.169296, 0.000000},
    {{2.04868, 0.511326, 0.256273}, 21.4145, 0.7505, 0.177715, 0.225299, 0.000000},
    {{1.42714, 0.181537, 0.0911196}, 19.5745, 0.765, 0.260356, 0.301803, 0.000227},
    {{1.03394, 0.289777, 0.145118}, 18.2192, 0.7795, 0.249639, 0.295394, 0.000065},
    {{0.773994, 0.0666775, 0.0335114}, 17.2335, 0.794, 0.386335, 0.420983, 0.008391},
    {{0.595557, 0.0353615, 0.0178265}, 16.5453, 0.8085, 0.460805, 0.490788, 0.027599},
    {{0.469095, 0.0299346, 0.0151005}, 16.1115, 0.823, 0.493758, 0.523000, 0.040422},
    {{14.4873, 1.59802, 0.800171}, 23.9256, 0.736, 0.042907, 0.093294, 0.000000},
    {{9.7557, 0.511326, 0.256273}, 21.4145, 0.7505, 0.055293, 0.104341, 0.000000},
    {{6.85483, 0.181537, 0.0911196}, 19.5745, 0.765, 0.081732, 0.127406, 0.000101},
    {{4.98599, 0.289777, 0.145118}, 18.2192, 0.7795, 0.098643, 0.143956, 0.000035},
    {{3.7319, 0.0666775, 0.0335114}, 17.2335, 0.794, 0.160441, 0.198559, 0.004807},
    {{2.86117, 0.0353615, 0.0178265}, 16.5453, 0.8085, 0.214898, 0.248415, 0.016999},
    {{2.23894, 0.0299346, 0.0151005}, 16.1115, 0.823, 0.258746, 0.290013, 0.026746},
    {{42.998, 1.59802, 0.800171}, 23.9256, 0.736, 0.031639, 0.081247, 0.000000},
    {{29.0233, 0.511326, 0.256273}, 21.4145, 0.7505, 0.032808, 0.082526, 0.000000},
    {{20.424, 0.181537, 0.0911196}, 19.5745, 0.765, 0.035205, 0.084719, 0.000022},
    {{14.8661, 0.289777, 0.145118}, 18.2192, 0.7795, 0.039494, 0.088487, 0.000011},
    {{11.1267, 0.0666775, 0.0335114}, 17.2335, 0.794, 0.053057, 0.099538, 0.001951},
    {{8.5252, 0.0353615, 0.0178265}, 16.5453, 0.8085, 0.073747, 0.116966, 0.008132},
    {{6.66355, 0.0299346, 0.0151005}, 16.1115, 0.823, 0.098875, 0.138940, 0.014442},
};
enum { REFERENCE_SKINS = sizeof reference_skin / sizeof reference_skin[0] };

static inline OpticsStack reference_slab_stack(int row)
{
    double albedo = reference_slab[row].albedo;
    return (OpticsStack){.count = 1,
                         .layer = {{1.0 - albedo, albedo, reference_slab[row].anisotropy,
                                    reference_slab[row].depth}},
                         .index = reference_slab[row].index,
                         .cos_incidence =
                             cos(reference_slab[row].angle_deg * 0.017453292519943295)};
}

static inline OpticsStack reference_skin_stack(int row)
{
    const double *absorption = reference_skin[row].absorption;
    double scattering = reference_skin[row].scattering, g = reference_skin[row].anisotropy;
    return (OpticsStack){.count = 3,
                         .layer = {{absorption[0], scattering, g, 0.1},
                                   {absorption[1], scattering, g, 2.0},
                                   {absorption[2], 0.6 * scattering, g, 5.0}},
                         .index = 1.4,
                         .cos_incidence = 1.0};
}

#endif
