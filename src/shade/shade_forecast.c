#include "shade/shade_internal.h"

#include <math.h>

/* How much more or less than expected the skin takes up, at an end of the pigment's band. */
static double uptake_factor(const SkinPigment *pigment, int which)
{
    double end = which < 0   ? pigment->uptake_band.low
                 : which > 0 ? pigment->uptake_band.high
                             : pigment->uptake;
    return end > 0.0 && pigment->uptake > 0.0 ? end / pigment->uptake : 1.0;
}

SkinMoment shade_moment_of(const ShadeRequest *request, const ShadeChoice *choice, int session,
                           double days, ShadeEnd end)
{
    SkinMark mark = choice->healed;
    bool last = session == request->session_count - 1;
    mark.absorption_per_mm = choice->session[session].absorption_per_mm *
                             uptake_factor(&request->pigment[choice->pigment], end.which);
    mark.depth_mm = fmax(mark.depth_mm + end.deeper_mm, 0.05);
    return skin_mark_at(mark, &choice->ageing, last ? days : fmax(days, SHADE_HEALED_DAYS),
                        end.which);
}

SkinMoment shade_moment(const ShadeRequest *request, const ShadeChoice *choice, int session,
                        double days, int which)
{
    ShadeEnd end = {which, -which * request->depth_sd_mm};
    return shade_moment_of(request, choice, session, days, end);
}

/* Light that the middle of a mark takes, green, in the dermis and, while it lasts, above it. */
static double contrast_of(const SkinMarks *marks, SkinMoment moment)
{
    double skin = skin_marks_tone(marks)->spectrum.band[SHADE_BAND_GREEN];
    double left = skin_mark_center(marks, moment.dermal).band[SHADE_BAND_GREEN] / skin;
    if (moment.epidermal.absorption_per_mm > 0.0)
        left *= skin_mark_center(marks, moment.epidermal).band[SHADE_BAND_GREEN] / skin;
    return moment.veil * (1.0 - left);
}

static double width_of(const SkinMarks *marks, SkinMoment moment)
{
    double width_mm = skin_mark_width_mm(marks, moment.dermal);
    if (moment.epidermal.absorption_per_mm > 0.0)
        width_mm = fmax(width_mm, skin_mark_width_mm(marks, moment.epidermal));
    return width_mm;
}

static double mass_of(SkinMark mark)
{
    return mark.absorption_per_mm * mark.diameter_mm * mark.diameter_mm;
}

/* Redness lies over the whole area, as an optical depth per channel. */
static Lab redden(const SkinMarks *marks, const Spectrum *depth, double blood_factor)
{
    float flush[3];
    Spectrum seen = skin_far_view(skin_marks_tone(marks), depth, 1.0);
    if (fabs(blood_factor - 1.0) < 1e-6)
        return spectrum_lab(&seen, SPECTRUM_D65);
    Rgb rgb = spectrum_rgb(&seen);
    skin_flush_depth(skin_marks_tone(marks), blood_factor, flush);
    rgb.r *= expf(-flush[0]);
    rgb.g *= expf(-flush[1]);
    rgb.b *= expf(-flush[2]);
    return color_to_lab(rgb);
}

ShadeState shade_state(const ShadeRequest *request, const ShadeChoice *choice, double days,
                       ShadeEnd end)
{
    Spectrum depth = {{0}};
    SkinMoment moment = {0};
    for (int s = 0; s < request->session_count; s++) {
        moment = shade_moment_of(request, choice, s, days, end);
        Spectrum area = skin_moment_area(request->marks, moment);
        shade_add(&depth, &area, shade_session_per_mm2(request, s));
    }
    SkinMoment healed =
        shade_moment_of(request, choice, request->session_count - 1, SHADE_HEALED_DAYS, end);
    return (ShadeState){.lab = redden(request->marks, &depth, moment.blood_factor),
                        .blue_ratio = skin_blue_ratio(&depth),
                        .contrast = contrast_of(request->marks, moment),
                        .width_mm = width_of(request->marks, moment),
                        .pigment_left = mass_of(moment.dermal) / mass_of(healed.dermal)};
}

static void widen(SkinBand *band, double value)
{
    band->low = fmin(band->low, value);
    band->high = fmax(band->high, value);
}

static SkinBand band_at(double value)
{
    return (SkinBand){value, value, value};
}

static void take(ShadeForecast *forecast, const ShadeState *state, const ShadeChoice *choice)
{
    widen(&forecast->delta_e2000, color_delta_e2000(state->lab, choice->stubble));
    widen(&forecast->blue_match, state->blue_ratio / choice->stubble_blue_ratio);
    widen(&forecast->contrast, state->contrast);
    widen(&forecast->width_mm, state->width_mm);
    widen(&forecast->lightness_change, state->lab.L - choice->bare.L);
    widen(&forecast->pigment_left, state->pigment_left);
}

static ShadeForecast start_with(const ShadeState *state, const ShadeChoice *choice)
{
    return (ShadeForecast){.treated = state->lab,
                           .weak = state->lab,
                           .strong = state->lab,
                           .delta_e2000 = band_at(color_delta_e2000(state->lab, choice->stubble)),
                           .blue_match = band_at(state->blue_ratio / choice->stubble_blue_ratio),
                           .contrast = band_at(state->contrast),
                           .width_mm = band_at(state->width_mm),
                           .lightness_change = band_at(state->lab.L - choice->bare.L),
                           .pigment_left = band_at(state->pigment_left)};
}

/* Expected, and both ends of ageing and uptake with both ends of depth. */
static ShadeForecast forecast_of(const ShadeRequest *request, const ShadeChoice *choice,
                                 double days)
{
    ShadeState state = shade_state(request, choice, days, (ShadeEnd){0, 0.0});
    ShadeForecast forecast = start_with(&state, choice);
    for (int which = -1; which <= 1; which += 2)
        for (int deeper = -1; deeper <= 1; deeper += 2) {
            state = shade_state(request, choice, days,
                                (ShadeEnd){which, deeper * request->depth_sd_mm});
            take(&forecast, &state, choice);
            if (state.lab.L > forecast.weak.L)
                forecast.weak = state.lab;
            if (state.lab.L < forecast.strong.L)
                forecast.strong = state.lab;
        }
    return forecast;
}

void shade_forecast(const ShadeRequest *request, ShadeChoice *choice)
{
    for (int i = 0; i < SHADE_MOMENTS; i++)
        choice->forecast[i] = forecast_of(request, choice, shade_moment_days[i]);
}
