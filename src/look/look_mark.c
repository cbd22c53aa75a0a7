#include "look_internal.h"

#include "base/parallel.h"
#include "skin/line.h"

#include <assert.h>
#include <math.h>

/* A mark takes the contrast c(x) = core + halo from the light; its integral over the skin is the
 * equivalent black area, at any size of pixel. Marks multiply, so randomly placed marks of n per
 * mm2 darken to exp(-n a) exactly, resolved or not.
 *
 * The core is a disc blurred by skin, projection, lens and pixel: drawn per pixel and normalised to
 * its area there (without that, 11 % are lost at 0.7 px/mm: field notes on the canvas, 3.1). The
 * halo and the flush are wide and smooth: drawn on coarser cells and interpolated. */

enum { MARKS_PER_BLOCK = 1024, MAX_HALO_COARSE = 8, MAX_FLUSH_COARSE = 32 };
/* No skin is darker than black: what a core would take beyond this goes to its halo, and a halo
 * that would be darker is wider. */
static const double MAX_CORE = 0.65, MAX_HALO = 0.3;
static const double MAX_CONTRAST = 0.97; /* at one pixel, when a wide halo lies under the core */
static const double BOX_PX2 = 1.0 / 12;  /* variance of a pixel's box */

/* A line whose half length is below this share of the standard deviation of its blur is a dot. */
static const double SHORTEST = 0.02;

/* Erythema of a session spreads beyond its marks: by how far is chosen by eye. */
static const double FLUSH_SIGMA_MM = 2.5;

/* Of the peak: how far a polynomial may lie off a profile. Below a quarter of a code value. */
static const double SMOOTH_ENOUGH = 2e-3;

static const double PI = 3.14159265358979323846;

/* ---- profiles: unit covariance, share of the variance that is a disc's
 * ---------------------------- */

/* A disc of variance `disc` per axis, blurred by a Gaussian of variance 1 - disc, at radius rho. */
static double blurred_disc(double disc, double rho)
{
    if (disc < 1e-9)
        return exp(-0.5 * rho * rho) / (2 * PI);
    return skin_blurred_disc(4 * sqrt(disc), sqrt(1 - disc), rho);
}

/* Lowered to 0 at its reach: a step there would make the area depend on where the pixels fall. */
static void make_disc(double share, float disc[PROFILE_STRIDE])
{
    double reach = (double)LOOK_REACH, rim = blurred_disc(share, reach);
    for (int i = 0; i < PROFILE_STEPS; i++)
        disc[i] = (float)(blurred_disc(share, reach * sqrt((double)i / PROFILE_STEPS)) - rim);
    disc[PROFILE_STEPS] = disc[PROFILE_STEPS + 1] = 0;
}

/* The polynomial through the Chebyshev points of s = 2 q / reach - 1, by powers of s. */
static void fit_disc(const float disc[PROFILE_STRIDE], float poly[PROFILE_TERMS])
{
    double value[PROFILE_TERMS], cheb[PROFILE_TERMS], power[PROFILE_TERMS] = {0};
    double last[PROFILE_TERMS] = {0}, now[PROFILE_TERMS] = {0}, next[PROFILE_TERMS];
    for (int i = 0; i < PROFILE_TERMS; i++) {
        double s = cos(PI * (i + 0.5) / PROFILE_TERMS);
        value[i] = (double)look_profile(disc, (float)(0.5 * (s + 1)) * LOOK_REACH2);
    }
    for (int k = 0; k < PROFILE_TERMS; k++) {
        cheb[k] = 0;
        for (int i = 0; i < PROFILE_TERMS; i++)
            cheb[k] += value[i] * cos(PI * k * (i + 0.5) / PROFILE_TERMS);
        cheb[k] *= (k == 0 ? 1.0 : 2.0) / PROFILE_TERMS;
    }
    now[0] = 1; /* T_0; T_-1 = T_1 makes the recurrence start, here with half of its factor */
    for (int k = 0; k < PROFILE_TERMS; k++) {
        for (int i = 0; i < PROFILE_TERMS; i++)
            power[i] += cheb[k] * now[i];
        for (int i = 0; i < PROFILE_TERMS; i++)
            next[i] = (i == 0 ? 0 : (k == 0 ? 1 : 2) * now[i - 1]) - last[i];
        for (int i = 0; i < PROFILE_TERMS; i++)
            last[i] = now[i], now[i] = next[i];
    }
    for (int i = 0; i < PROFILE_TERMS; i++)
        poly[i] = (float)power[PROFILE_TERMS - 1 - i];
}

static float poly_at(const float poly[PROFILE_TERMS], float s)
{
    float p = poly[0];
    for (int k = 1; k < PROFILE_TERMS; k++)
        p = p * s + poly[k];
    return fmaxf(p, 0);
}

static void make_profile(Profiles *profiles, int index)
{
    enum { POINTS = 4096 };
    const float *disc = profiles->disc[index];
    double reach2 = (double)LOOK_REACH2, off = 0, table = 0, fitted = 0, strip = 0, second = 0;
    make_disc(fmin((double)index / (PROFILES - 1), 0.985), profiles->disc[index]);
    fit_disc(disc, profiles->poly[index]);
    for (int i = 0; i < POINTS; i++) {
        double share = (i + 0.5) / POINTS;
        double want = (double)look_profile(disc, (float)(share * reach2));
        double got = (double)poly_at(profiles->poly[index], (float)(2 * share - 1));
        off = fmax(off, fabs(got - want));
        table += want, fitted += got;
        second += want * share * reach2 / 2;
        strip += (double)look_profile(disc, (float)(share * share * reach2));
    }
    profiles->smooth[index] = off < SMOOTH_ENOUGH * (double)disc[0];
    profiles->stretch[index] = table / second;
    /* 2 pi rho d rho = pi dq */
    profiles->mass[index] = PI * reach2 / POINTS * (profiles->smooth[index] ? fitted : table);
    profiles->strip[index] = 2 * sqrt(reach2) / POINTS * strip;
}

bool look_make_profiles(Arena *arena, const Profiles **profiles, Err *err)
{
    Profiles *made = ARENA_NEW(arena, Profiles, 1);
    if (made == NULL)
        return err_set(err, ERR_LIMIT, "no room for the profiles of dots");
    for (int p = 0; p < PROFILES; p++)
        make_profile(made, p);
    double reach = (double)LOOK_REACH, all = erf(reach / sqrt(2));
    for (int i = 0; i <= STEP_STEPS; i++)
        made->step[i] =
            (float)(0.5 + 0.5 * erf(reach * (2.0 * i / STEP_STEPS - 1) / sqrt(2)) / all);
    made->step[STEP_STEPS + 1] = 1;
    *profiles = made;
    return true;
}

/* ---- spots
 * ------------------------------------------------------------------------------------------- */

static Cov cov_scaled(Cov c, double s)
{
    return (Cov){c.xx * s, c.xy * s, c.yy * s};
}

/* Adds round blur until the smaller variance reaches `least`. */
static Cov cov_at_least(Cov c, double least)
{
    double small = cov_least(c), more = small < least ? least - small : 0;
    return (Cov){c.xx + more, c.xy, c.yy + more};
}

/* A line is the round spot drawn along: in the metric in which that has variance 1 its profile goes
 * across, and along it stand two edges blurred as the spot is. */
static void lengthen(Spot *spot, double hx, double hy)
{
    double ux = (double)spot->ixx * hx + (double)spot->ixy * hy;
    double uy = (double)spot->ixy * hx + (double)spot->iyy * hy;
    double half = sqrt(fmax(ux * hx + uy * hy, 0));
    if (half < SHORTEST)
        return;
    spot->half = (float)half;
    spot->ux = (float)(ux / half);
    spot->uy = (float)(uy / half);
}

/* floor within the range of int; the library's is a call on machines without SSE 4. */
static int floor_int(double x)
{
    x = x > -1e6 ? x < 1e6 ? x : 1e6 : -1e6;
    int i = (int)x;
    return i - (x < i);
}

/* The cells whose middles lie within half of at. */
static int low_index(double at, double half)
{
    return -floor_int(half + 0.5 - at);
}

static int high_index(double at, double half)
{
    return floor_int(at + half - 0.5);
}

/* coarse: px per side of a cell of the grid. */
static Spot make_spot(const Profiles *profiles, const Place *place, Cov c, int profile,
                      double coarse)
{
    c = cov_scaled(c, profiles->stretch[profile]);
    double det = cov_det(c), cell2 = coarse * coarse, cell = 1 / coarse;
    double x = place->x * cell, y = place->y * cell;
    Spot spot = {.x = (float)x,
                 .y = (float)y,
                 .ixx = (float)(c.yy / det * cell2),
                 .ixy = (float)(-c.xy / det * cell2),
                 .iyy = (float)(c.xx / det * cell2),
                 .depth = (float)place->depth_mm,
                 .gx = (float)(place->nearness_dx * coarse),
                 .gy = (float)(place->nearness_dy * coarse),
                 .profile = profile};
    double half_x = sqrt((double)LOOK_REACH2 * c.xx) * cell,
           half_y = sqrt((double)LOOK_REACH2 * c.yy) * cell;
    if (place->half_x != 0 || place->half_y != 0)
        lengthen(&spot, place->half_x * cell, place->half_y * cell);
    if (spot.half > 0) {
        half_x += fabs(place->half_x) * cell;
        half_y += fabs(place->half_y) * cell;
    }
    spot.x0 = low_index(x, half_x), spot.x1 = high_index(x, half_x);
    spot.y0 = low_index(y, half_y), spot.y1 = high_index(y, half_y);
    return spot;
}

/* Sum of the weights of a on its grid, and with b not NULL, on the same grid, of a times b. */
static double sum_of_weights(const Profiles *profiles, const Spot *a, const Spot *b)
{
    double sum = 0;
    for (int y = a->y0; y <= a->y1; y++)
        for (int x = a->x0; x <= a->x1; x++) {
            float px = (float)x + 0.5F, py = (float)y + 0.5F;
            float weight = look_weight(profiles, a, px - a->x, py - a->y);
            if (b != NULL)
                weight *= look_weight(profiles, b, px - b->x, py - b->y);
            sum += (double)weight;
        }
    return sum;
}

/* Its weights' integral over the grid; c as the spot was made with. */
static double mass_of(const Profiles *profiles, const Spot *spot, Cov c, double coarse)
{
    double unit = sqrt(cov_det(c)) * profiles->stretch[spot->profile] / (coarse * coarse);
    return unit * (spot->half > 0 ? profiles->strip[spot->profile] * sqrt(2 * PI)
                                  : profiles->mass[spot->profile]);
}

static double peak_of(const Profiles *profiles, const Spot *spot)
{
    return (double)look_weight(profiles, spot, 0, 0);
}

/* A wide spot of the given areas (px2) per channel; *seen: its covariance in the picture. blur_px2:
 * of the lens and the pixel. */
static Spot make_halo(const MarkPlan *plan, const Place *place, double sigma_mm, int coarse,
                      const double area_px2[3], Cov *seen)
{
    double cell2 = (double)coarse * coarse, soften = (cell2 - 1) / 6; /* by interpolation */
    Cov c = cov_scaled(place->px2_per_mm2, sigma_mm * sigma_mm);
    c.xx += plan->blur_px2 - soften;
    c.yy += plan->blur_px2 - soften;
    c = cov_at_least(c, 0.5 * cell2);
    double most = fmax(area_px2[0], fmax(area_px2[1], area_px2[2]));
    Spot spot = make_spot(plan->profiles, place, c, 0, coarse);
    double peak =
        most * peak_of(plan->profiles, &spot) / (mass_of(plan->profiles, &spot, c, coarse) * cell2);
    if (peak > MAX_HALO) {
        c = cov_scaled(c, peak / MAX_HALO);
        spot = make_spot(plan->profiles, place, c, 0, coarse);
    }
    *seen = (Cov){c.xx + soften, c.xy, c.yy + soften};
    double mass_px2 = mass_of(plan->profiles, &spot, c, coarse) * cell2;
    for (int k = 0; k < 3; k++)
        spot.amount[k] = (float)(area_px2[k] / mass_px2);
    return spot;
}

/* Variance, px2, from which a grid of pixels sums a blurred spot to its integral within 1e-4: the
 * first alias of a Gaussian is exp(-2 pi^2 variance). */
static const double SMOOTH_PX2 = 0.5, WIDE_PX2 = 1.0;

/* Mean of a halo of unit area under its core, both taken for Gaussians; that the halo is one cut
 * off shows at its peak. */
static double mean_halo(const Profiles *profiles, const Place *place, Cov core, Cov halo)
{
    double peak =
        2 * PI * (double)profiles->disc[0][0] / (profiles->mass[0] * profiles->stretch[0]);
    double twice =
        2.0 / 3; /* variance of both strips along the line, over the half length squared */
    Cov both = {core.xx + halo.xx + twice * place->half_x * place->half_x,
                core.xy + halo.xy + twice * place->half_x * place->half_y,
                core.yy + halo.yy + twice * place->half_y * place->half_y};
    return peak / (2 * PI * sqrt(cov_det(both)));
}

/* The core and the halo of one mark. */
static void make_mark(const MarkPlan *plan, const Place *place, const SkinLook *look, Spot *core,
                      Spot *halo)
{
    const Profiles *profiles = plan->profiles;
    double disc_mm2 = (double)look->core_mm * (double)look->core_mm / 16;
    double soft_mm2 = (double)look->core_sigma_mm * (double)look->core_sigma_mm;
    Cov round = place->px2_per_mm2, c = cov_scaled(round, disc_mm2 + soft_mm2);
    c.xx += plan->blur_px2;
    c.yy += plan->blur_px2;
    int profile = (int)(disc_mm2 * (round.xx + round.yy) / (c.xx + c.yy) * (PROFILES - 1) + 0.5);
    *core = make_spot(profiles, place, c, profile, 1);
    double least = cov_least(round);
    bool smooth = plan->blur_px2 + soft_mm2 * least > SMOOTH_PX2 &&
                  plan->blur_px2 + (soft_mm2 + disc_mm2) * least > WIDE_PX2;
    double mass = smooth ? mass_of(profiles, core, c, 1) : sum_of_weights(profiles, core, NULL);
    assert(mass > 0); /* the pixel's own blur reaches over at least one centre */
    double peak = peak_of(profiles, core), halo_px2[3], core_px2[3];
    for (int k = 0; k < 3; k++) {
        double area = (double)look->area_mm2[k] * place->area * place->fade;
        double all = area * (double)look->core_share[k], most = MAX_CORE * mass / peak;
        core_px2[k] = all < most ? all : most;
        halo_px2[k] = area - core_px2[k];
    }
    Cov h;
    *halo = make_halo(plan, place, (double)look->halo_sigma_mm, plan->coarse, halo_px2, &h);
    /* (1 - halo)(1 - core / (1 - halo)) = 1 - halo - core: with the mean halo under the core, the
     * two together take the whole area */
    double under = smooth || plan->coarse > 1 ? mean_halo(profiles, place, c, h)
                                              : sum_of_weights(profiles, core, halo) / mass /
                                                    mass_of(profiles, halo, h, 1);
    for (int k = 0; k < 3; k++) {
        double amount = core_px2[k] / (1 - halo_px2[k] * under) / mass;
        double most = MAX_CONTRAST / peak;
        core->amount[k] = (float)(amount < most ? amount : most);
    }
}

/* ---- all marks
 * ------------------------------------------------------------------------------------- */

static bool within(float value, float high)
{
    return value >= 0 && value <= high; /* false for NaN */
}

static bool check_line(const LookMark *mark, int i, Err *err)
{
    if (!(mark->length_mm >= 0 && mark->length_mm <= SKIN_LINE_MM))
        return err_set(err, ERR_INPUT, "mark %d is a line of %g mm, not within 0..%g", i,
                       mark->length_mm, SKIN_LINE_MM);
    double along = vec_length(mark->along);
    if (mark->length_mm > 0 && !(along > 0.5 && along < 2 && mark->look.core_mm > 0))
        return err_set(err, ERR_INPUT, "mark %d is a line without a direction or a width", i);
    return true;
}

static bool check_mark(const LookMark *mark, int i, Err *err)
{
    const SkinLook *look = &mark->look;
    if (!check_line(mark, i, err))
        return false;
    if (!(vec_length(mark->position_mm) < 5000))
        return err_set(err, ERR_INPUT, "mark %d is not within 5 m of the head", i);
    double length = vec_length(mark->normal);
    if (!(length > 0.5 && length < 2))
        return err_set(err, ERR_INPUT, "mark %d has a normal of length %g, not 1", i, length);
    for (int k = 0; k < 3; k++)
        if (!within(look->area_mm2[k], 20) || !within(look->core_share[k], 1.001F))
            return err_set(
                err, ERR_INPUT,
                "mark %d takes %g mm2 of light with a core share of %g: not within 0..20 "
                "and 0..1",
                i, (double)look->area_mm2[k], (double)look->core_share[k]);
    if (!within(look->core_mm, 5) || !within(look->core_sigma_mm, 5) ||
        !within(look->halo_sigma_mm, 20))
        return err_set(
            err, ERR_INPUT,
            "mark %d has a core of %g mm, blur of %g mm, halo of %g mm: not within 5, 5, "
            "20",
            i, (double)look->core_mm, (double)look->core_sigma_mm, (double)look->halo_sigma_mm);
    return true;
}

static bool check_state(const LookState *state, Err *err)
{
    if (state->mark_count < 0)
        return err_set(err, ERR_INPUT, "%d marks: not 0 or more", state->mark_count);
    for (int k = 0; k < 3; k++)
        if (!within(fabsf(state->flush_depth[k]), 5))
            return err_set(err, ERR_INPUT, "a flush of optical depth %g is not within -5..5",
                           (double)state->flush_depth[k]);
    for (int i = 0; i < state->mark_count; i++)
        if (!check_mark(&state->mark[i], i, err))
            return false;
    return true;
}

static bool is_flushed(const LookState *state)
{
    const float *depth = state->flush_depth;
    return depth[0] != 0 || depth[1] != 0 || depth[2] != 0;
}

static void place_marks(void *ctx, int block, int begin, int end)
{
    (void)block;
    MarkPlan *plan = ctx;
    for (int i = begin; i < end; i++)
        plan->place[i] = plan->chart != NULL
                             ? look_place_on_chart(plan->chart, &plan->state->mark[i])
                             : look_place_on_photo(plan->camera, &plan->state->mark[i]);
}

static void make_marks(void *ctx, int block, int begin, int end)
{
    (void)block;
    MarkPlan *plan = ctx;
    const Spot nothing = {.x1 = -1};
    for (int i = begin; i < end; i++) {
        const LookMark *mark = &plan->state->mark[i];
        const Place *place = &plan->place[i];
        plan->core[i] = plan->halo[i] = nothing;
        if (plan->flush != NULL)
            plan->flush[i] = nothing;
        if (!(place->area > 0))
            continue;
        make_mark(plan, place, &mark->look, &plan->core[i], &plan->halo[i]);
        double one_mm2[3] = {place->area, place->area, place->area};
        Cov seen;
        if (mark->fresh && plan->flush != NULL)
            plan->flush[i] =
                make_halo(plan, place, FLUSH_SIGMA_MM, plan->flush_coarse, one_mm2, &seen);
    }
}

/* The coarsest grid on which a spot of that mean sigma still has 0.85 cells. */
static int coarse_for(double sigma_px, int most)
{
    int coarse = 1;
    while (coarse < most && sigma_px >= 1.7 * coarse)
        coarse *= 2;
    return coarse;
}

static void choose_grids(MarkPlan *plan)
{
    double halo_px = 0, flush_px = 0;
    int count = 0;
    for (int i = 0; i < plan->state->mark_count; i++) {
        const Place *place = &plan->place[i];
        if (!(place->area > 0))
            continue;
        halo_px += (double)plan->state->mark[i].look.halo_sigma_mm * place->px_per_mm;
        flush_px += FLUSH_SIGMA_MM * place->px_per_mm;
        count++;
    }
    plan->coarse = coarse_for(halo_px / fmax(count, 1), MAX_HALO_COARSE);
    plan->flush_coarse = coarse_for(flush_px / fmax(count, 1), MAX_FLUSH_COARSE);
}

bool look_plan_marks(Arena *scratch, MarkPlan *plan, int threads, Err *err)
{
    if (!check_state(plan->state, err))
        return false;
    size_t count = (size_t)plan->state->mark_count;
    plan->blur_px2 += BOX_PX2;
    plan->core = ARENA_NEW(scratch, Spot, count);
    plan->halo = ARENA_NEW(scratch, Spot, count);
    plan->flush = is_flushed(plan->state) ? ARENA_NEW(scratch, Spot, count) : NULL;
    plan->place = ARENA_NEW(scratch, Place, count);
    if (plan->core == NULL || plan->halo == NULL || plan->place == NULL ||
        (plan->flush == NULL && is_flushed(plan->state)))
        return err_set(err, ERR_LIMIT, "no room for %d marks", plan->state->mark_count);
    parallel_for(threads, (int)count, MARKS_PER_BLOCK, place_marks, plan);
    choose_grids(plan);
    parallel_for(threads, (int)count, MARKS_PER_BLOCK, make_marks, plan);
    return true;
}
