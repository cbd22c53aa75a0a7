#include "optics/optics.h"

#include "optics/optics_internal.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

static bool check_layer(const OpticsLayer *layer, int number, bool last, Err *err)
{
    if (!(layer->absorption_per_mm >= 0.0 && layer->absorption_per_mm <= 1e6))
        return err_set(err, ERR_INPUT, "layer %d: absorption %g /mm is not within 0..1e6", number,
                       layer->absorption_per_mm);
    if (!(layer->scattering_per_mm >= 0.0 && layer->scattering_per_mm <= 1e6))
        return err_set(err, ERR_INPUT, "layer %d: scattering %g /mm is not within 0..1e6", number,
                       layer->scattering_per_mm);
    if (!(layer->anisotropy >= -0.8 && layer->anisotropy <= 0.999))
        return err_set(err, ERR_INPUT, "layer %d: anisotropy %g is not within -0.8..0.999", number,
                       layer->anisotropy);
    bool bottomless = last && layer->thickness_mm > 0.0 && isinf(layer->thickness_mm);
    if (!bottomless && !(layer->thickness_mm >= 0.0 && layer->thickness_mm <= 1e6))
        return err_set(err, ERR_INPUT,
                       "layer %d: thickness %g mm is not within 0..1e6 (only the last may be "
                       "infinite)",
                       number, layer->thickness_mm);
    return true;
}

bool optics_check(const OpticsStack *stack, Err *err)
{
    if (!(stack->count >= 0 && stack->count <= OPTICS_MAX_LAYERS))
        return err_set(err, ERR_INPUT, "%d layers are not within 0..%d", stack->count,
                       OPTICS_MAX_LAYERS);
    if (!(stack->index >= 1.0 && stack->index <= 3.0))
        return err_set(err, ERR_INPUT, "refractive index %g is not within 1..3", stack->index);
    if (!(stack->cos_incidence >= 0.01 && stack->cos_incidence <= 1.0))
        return err_set(err, ERR_INPUT, "cosine of incidence %g is not within 0.01..1",
                       stack->cos_incidence);
    for (int i = 0; i < stack->count; i++) {
        if (!check_layer(&stack->layer[i], i + 1, i == stack->count - 1, err))
            return false;
    }
    return true;
}

/* Admittance of a surface seen from inside: d = share s for the light that it sends back. */
static double open_share(const OpticsDirections *to, int i)
{
    return (1.0 - to->reflected[i]) / (1.0 + to->reflected[i]);
}

/* Columns: light sent in from above, and what of s leaves upward or reaches the other side. */
enum { BEAM, DIFFUSE, UPWARD, DOWNWARD };

/* Light u sent down through the surface makes s = (surface + admittance)^-1 2 u / (1 + r), and goes
 * up again as (s - u) / (1 + r); excess is the u that the upward column counts too much. */
static void fill_columns(const OpticsDirections *to, double index, const double through[],
                         OpticsMatrix *column, double excess[2])
{
    for (int i = 0; i < to->count; i++) {
        bool beam = i == to->count - 1;
        double open = 1.0 - to->reflected[i], upward = to->flux[i] * open_share(to, i);
        double sent[2] = {beam ? open / to->flux[i] : 0.0,
                          beam ? 0.0 : index * index * to->flux[i] * open};
        for (int light = BEAM; light <= DIFFUSE; light++) {
            column->row[i][light] = 2.0 * sent[light] / (1.0 + to->reflected[i]);
            excess[light] += upward * sent[light];
        }
        column->row[i][UPWARD] = upward;
        column->row[i][DOWNWARD] = through[i];
    }
}

OpticsResult optics_reflect(const OpticsStack *stack, int directions)
{
    assert(directions >= OPTICS_MIN_DIRECTIONS && directions <= OPTICS_MAX_DIRECTIONS);
    assert(directions % 2 == 0);
    OpticsDirections to;
    OpticsMatrix admittance = {{{0}}}, column = {{{0}}}, form = {{{0}}};
    double through[OPTICS_MAX_DIRECTIONS] = {0}, excess[2] = {0};
    optics_directions_make(stack->index, stack->cos_incidence, directions, &to);
    for (int i = 0; i < directions; i++) {
        admittance.row[i][i] = open_share(&to, i);
        through[i] = to.flux[i] * open_share(&to, i);
    }
    for (int i = stack->count - 1; i >= 0; i--)
        optics_layer_add(&to, &stack->layer[i], &admittance, through);
    fill_columns(&to, stack->index, through, &column, excess);
    for (int i = 0; i < directions; i++)
        admittance.row[i][i] += open_share(&to, i);
    optics_schur(directions, &admittance, &column, &form, NULL);
    const double *up = form.row[UPWARD], *down = form.row[DOWNWARD]; /* less than 0: see schur */
    return (OpticsResult){.specular = to.beam_specular,
                          .beam_reflected = to.beam_specular - up[BEAM] - excess[BEAM],
                          .beam_transmitted = -down[BEAM],
                          .diffuse_reflected = to.diffuse_specular - up[DIFFUSE] - excess[DIFFUSE],
                          .diffuse_transmitted = -down[DIFFUSE]};
}
