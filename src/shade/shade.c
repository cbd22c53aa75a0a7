#include "shade/shade_internal.h"

#include <math.h>

const double shade_moment_days[SHADE_MOMENTS] = {1.0, 30.0, 365.25, 1095.75, 1826.25, 3652.5};

const char *shade_moment_name(int moment)
{
    static const char *const names[SHADE_MOMENTS] = {"day1",  "day30", "year1",
                                                     "year3", "year5", "year10"};
    return names[moment];
}

const char *shade_rule_name(ShadeRule rule)
{
    static const char *const names[SHADE_RULES] = {
        [SHADE_BLUE] = "blue-risk",
        [SHADE_TOO_BROWN] = "too-brown",
        [SHADE_DARK_START] = "dark-start",
        [SHADE_CANNOT_SHOW] = "dot-too-pale",
        [SHADE_UNDILUTED] = "undiluted-too-weak",
        [SHADE_STRONG_ON_DARK] = "strong-on-dark-skin",
        [SHADE_GREYING] = "greying",
        [SHADE_TOO_WEAK] = "effect-too-weak",
        [SHADE_LIGHT_HAIR] = "light-hair",
        [SHADE_EXTRAPOLATED] = "extrapolated",
        [SHADE_NOT_SKIN] = "not-skin",
    };
    return names[rule];
}

/* Shares and strengths are those of protocols/standard.json; the other figures are in
 * docs/models/skin.md. */
ShadeRequest shade_default(void)
{
    return (ShadeRequest){.hair_count = 1,
                          .hair = {skin_hair_make(SKIN_HAIR_BLACK, 0.07)},
                          .hair_share = {1.0},
                          .hair_per_cm2 = 150.0,
                          .dots_per_cm2 = 150.0,
                          .diameter_mm = 0.30,
                          .depth_mm = 0.25,
                          .depth_sd_mm = 0.05,
                          .session_count = 3,
                          .session_share = {0.45, 0.35, 0.20},
                          .session_strength = {0.9, 1.0, 1.1},
                          .match = 1.0,
                          .fixed_pigment = -1,
                          .fixed_dilution = -1.0};
}

/* ---- checks ---- */

static bool within(double value, double low, double high, const char *what, Err *err)
{
    return (value >= low && value <= high) ||
           err_set(err, ERR_INPUT, "%s of %g is not within %g to %g", what, value, low, high);
}

static bool sums_to_one(int count, const double share[], const char *what, Err *err)
{
    double sum = 0.0;
    for (int i = 0; i < count; i++) {
        if (!within(share[i], 0.0, 1.0, what, err))
            return false;
        sum += share[i];
    }
    return fabs(sum - 1.0) < 1e-6 ||
           err_set(err, ERR_INPUT, "%s: the shares sum to %g, not to 1", what, sum);
}

static bool check_hair(const ShadeRequest *request, Err *err)
{
    if (request->hair_count < 1 || request->hair_count > 4)
        return err_set(err, ERR_INPUT, "%d kinds of hair: 1 to 4 can be mixed",
                       request->hair_count);
    for (int i = 0; i < request->hair_count; i++)
        if (!skin_hair_check(&request->hair[i], err))
            return false;
    return sums_to_one(request->hair_count, request->hair_share, "share of a hair", err) &&
           within(request->hair_per_cm2, 1.0, 500.0, "hair density per cm2", err) &&
           within(request->grey_share, 0.0, 1.0, "grey share", err);
}

static bool check_sessions(const ShadeRequest *request, Err *err)
{
    if (request->session_count < 1 || request->session_count > SHADE_MAX_SESSIONS)
        return err_set(err, ERR_INPUT, "%d sessions: 1 to %d can be planned",
                       request->session_count, SHADE_MAX_SESSIONS);
    for (int s = 0; s < request->session_count; s++)
        if (!within(request->session_strength[s], 0.1, 10.0, "strength of a session", err))
            return false;
    return sums_to_one(request->session_count, request->session_share, "share of a session", err);
}

static bool check_dots(const ShadeRequest *request, Err *err)
{
    SkinMark mark = {request->diameter_mm, request->depth_mm, 1.0, SKIN_CARBON_SLOPE};
    return skin_mark_check(&mark, err) &&
           within(request->dots_per_cm2, 1.0, 500.0, "dots per cm2", err) &&
           within(request->depth_sd_mm, 0.0, 0.3, "depth deviation in mm", err) &&
           within(request->match, 0.1, 2.0, "match", err);
}

static bool check_pigments(const ShadeRequest *request, Err *err)
{
    if (request->pigment_count < 1 || request->pigment_count > SHADE_MAX_PIGMENTS)
        return err_set(err, ERR_INPUT, "%d pigments: 1 to %d can be compared",
                       request->pigment_count, SHADE_MAX_PIGMENTS);
    if (request->fixed_pigment >= request->pigment_count)
        return err_set(err, ERR_INPUT, "there is no pigment %d among %d", request->fixed_pigment,
                       request->pigment_count);
    return isnan(request->fixed_dilution)
               ? err_set(err, ERR_INPUT, "the dilution is not a number")
               : within(request->fixed_dilution, -1e9, 1000.0, "dilution", err);
}

bool shade_check(const ShadeRequest *request, Err *err)
{
    if (request->marks == NULL || request->pigment == NULL)
        return err_set(err, ERR_INPUT, "a shade needs a skin and a pigment");
    return check_hair(request, err) && check_dots(request, err) && check_sessions(request, err) &&
           skin_habits_check(&request->habits, err) && check_pigments(request, err);
}

/* ---- what marks do to the skin ---- */

void shade_add(Spectrum *depth, const Spectrum *area_mm2, double marks_per_mm2)
{
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        depth->band[b] += marks_per_mm2 * area_mm2->band[b];
}

Lab shade_lab(const SkinMarks *marks, const Spectrum *depth)
{
    Spectrum seen = skin_far_view(skin_marks_tone(marks), depth, 1.0);
    return spectrum_lab(&seen, SPECTRUM_D65);
}

Spectrum shade_hair_area(const ShadeRequest *request)
{
    Spectrum mean = {{0}};
    for (int i = 0; i < request->hair_count; i++) {
        Spectrum area = skin_hair_area(request->marks, request->hair[i]);
        shade_add(&mean, &area, request->hair_share[i]);
    }
    return mean;
}

/* One minute of arc, what a good eye resolves, is 0.15 mm at half a metre; as the full width of a
 * Gaussian at half its height its deviation is 0.15 / 2.355. A disc's variance per axis is D^2/16.
 */
double shade_seen_contrast(SkinLook look)
{
    static const double pi = 3.14159265358979323846;
    const double eye = 0.15 / 2.355, core = (double)look.core_mm, blur = (double)look.core_sigma_mm;
    const double halo = (double)look.halo_sigma_mm, share = (double)look.core_share[1];
    double core_mm2 = 2.0 * pi * (core * core / 16.0 + blur * blur + eye * eye);
    double halo_mm2 = 2.0 * pi * (halo * halo + eye * eye);
    return (double)look.area_mm2[1] * (share / core_mm2 + (1.0 - share) / halo_mm2);
}

double shade_session_per_mm2(const ShadeRequest *request, int session)
{
    return request->dots_per_cm2 / 100.0 * request->session_share[session];
}

SkinMark shade_mark(const ShadeRequest *request, int pigment, double absorption_per_mm)
{
    return (SkinMark){.diameter_mm = request->diameter_mm,
                      .depth_mm = request->depth_mm,
                      .absorption_per_mm = absorption_per_mm,
                      .slope = request->pigment[pigment].slope};
}
