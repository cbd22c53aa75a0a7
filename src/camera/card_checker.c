#include "camera/card_internal.h"

#include "color/spectrum.h"

#include <math.h>
#include <string.h>

/* X-Rite's reference values for the ColorChecker Classic made after November 2014 (published 2016):
 * CIELAB, ICC D50, 2 degrees; the figures as collected in colour-science/colour
 * (github.com/colour-science/colour, BSD-3-Clause, copyright the Colour Developers). ColorChecker
 * is a trademark of its maker. Rows of six from the upper left; weight 3 for the two skins. */
static const struct {
    char name[24];
    Lab d50;
    double weight;
} checker[CARD_PATCHES] = {
    {"dark skin", {37.54, 14.37, 14.92}, 3},     {"light skin", {64.66, 19.27, 17.5}, 3},
    {"blue sky", {49.32, -3.82, -22.54}, 1},     {"foliage", {43.46, -12.74, 22.72}, 1},
    {"blue flower", {54.94, 9.61, -24.79}, 1},   {"bluish green", {70.48, -32.26, -0.37}, 1},
    {"orange", {62.73, 35.83, 56.5}, 1},         {"purplish blue", {39.43, 10.75, -45.17}, 1},
    {"moderate red", {50.57, 48.64, 16.67}, 1},  {"purple", {30.1, 22.54, -20.87}, 1},
    {"yellow green", {71.77, -24.13, 58.19}, 1}, {"orange yellow", {71.51, 18.24, 67.37}, 1},
    {"blue", {28.37, 15.42, -49.8}, 1},          {"green", {54.38, -39.72, 32.27}, 1},
    {"red", {42.43, 51.05, 28.62}, 1},           {"yellow", {81.8, 2.67, 80.41}, 1},
    {"magenta", {50.63, 51.28, -14.12}, 1},      {"cyan", {49.57, -29.71, -28.32}, 1},
    {"white", {95.19, -1.03, 2.93}, 1},          {"neutral 8", {81.29, -0.57, 0.44}, 1},
    {"neutral 6.5", {66.89, -0.75, -0.06}, 1},   {"neutral 5", {50.76, -0.13, 0.14}, 1},
    {"neutral 3.5", {35.63, -0.46, -0.48}, 1},   {"black", {20.64, 0.07, -0.46}, 1},
};
enum { COLUMNS = 6, ROWS = 4, WHITE = 18 };

/* Through XYZ and Bradford (ICC.1:2022, annex E). */
Lab card_checker_lab(int patch)
{
    Lab d50 = checker[patch].d50;
    Xyz from = spectrum_white(SPECTRUM_D50), to = color_xyz((Rgb){1, 1, 1});
    return color_lab_of_xyz(color_adapt(color_xyz_of_lab(d50, from), from, to), to);
}

/* On a plane whose unit is a patch; the gaps are a tenth of one. Real charts have 0.1 to 0.16,
 * which moves no patch by more than 4 % of its side: the middle 60 % stay inside. */
static const double pitch = 1.1;

static bool read_checker(const ImageF *light, const double homography[9], float *buffer,
                         CardReading *reading, Err *err)
{
    for (int i = 0; i < CARD_PATCHES; i++) {
        CardBox box = {pitch * (i % COLUMNS), pitch * (i / COLUMNS), 1.0, 1.0};
        CardSample sample;
        if (!card_sample(light, (CardPlane){NULL, homography}, box, buffer, &sample))
            return err_set(err, ERR_INPUT,
                           "the patch '%s' of the ColorChecker lies outside the photograph: click "
                           "its four outer corners again",
                           checker[i].name);
        if (i == WHITE && sample.clipped_share > 0.02)
            return err_set(err, ERR_INPUT,
                           "the white of the ColorChecker is overexposed (%.0f %% of it has no "
                           "colour left): take the photograph again, darker",
                           100.0 * sample.clipped_share);
        if (sample.clipped_share > 0.02)
            continue;
        int at = reading->count++;
        memcpy(reading->name[at], checker[i].name, sizeof reading->name[at]);
        memcpy(reading->seen[at], sample.mean, sizeof sample.mean);
        reading->target[at] = card_checker_lab(i);
        reading->weight[at] = checker[i].weight;
        reading->grey[at] = i >= WHITE;
        reading->x[at] = sample.x, reading->y[at] = sample.y;
    }
    return true;
}

bool card_color_fit_checker(Arena *scratch, const ImageF *light, const double corner_px[4][2],
                            CardColor *color, Err *err)
{
    /* dark skin, bluish green, black, white */
    static const double corner[4][2] = {{0, 0},
                                        {(COLUMNS - 1) * 1.1 + 1, 0},
                                        {(COLUMNS - 1) * 1.1 + 1, (ROWS - 1) * 1.1 + 1},
                                        {0, (ROWS - 1) * 1.1 + 1}};
    double homography[9];
    if (!camera_homography(4, corner, corner_px, homography, err))
        return false;
    size_t mark = arena_mark(scratch);
    CardReading *reading = ARENA_NEW(scratch, CardReading, 1);
    float *buffer = ARENA_NEW(scratch, float, CARD_SAMPLE_FLOATS);
    if (reading == NULL || buffer == NULL)
        return err_set(err, ERR_LIMIT, "no room for the colours of a ColorChecker");
    memset(color, 0, sizeof *color);
    color->trust = CARD_CHECKER;
    reading->width_px = light->width_px;
    reading->box[0] = reading->box[1] = HUGE_VAL, reading->box[2] = reading->box[3] = -HUGE_VAL;
    for (int k = 0; k < 4; k++) {
        double x = corner_px[k][0] / light->width_px, y = corner_px[k][1] / light->width_px;
        reading->box[0] = fmin(reading->box[0], x), reading->box[1] = fmin(reading->box[1], y);
        reading->box[2] = fmax(reading->box[2], x), reading->box[3] = fmax(reading->box[3], y);
    }
    bool ok =
        read_checker(light, homography, buffer, reading, err) && card_solve(reading, color, err);
    arena_rewind(scratch, mark);
    return ok;
}
