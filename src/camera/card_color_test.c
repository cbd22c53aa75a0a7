#include "base/test.h"
#include "camera/card_internal.h"
#include "camera/card_truth.h"

#include <stdlib.h>

enum { SIDE = 560 };

/* 6.5 px/mm, turned by 8 degrees and tilted. */
static const double homography[9] = {6.4, -0.9, 280, 0.9, 6.4, 280, 0.0006, -0.0009, 1};
static const double middle_px[2] = {280, 280};

typedef struct Bench {
    Arena arena;
    MarkerSight *sight;
    TruthLight light;
    TruthCamera camera;
    TruthScene scene;
    TruthInks inks;
    ImageF photo;
    CardColor color;
    Err err;
} Bench;

static bool bench_open(Bench *bench, int light, int camera)
{
    memset(bench, 0, sizeof *bench);
    if (!arena_open(&bench->arena, (size_t)256 << 20, &bench->err))
        return false;
    bench->sight = ARENA_NEW(&bench->arena, MarkerSight, 1);
    if (bench->sight == NULL || !marker_make(MARKER_CLOSE, 7, &bench->sight->marker, &bench->err) ||
        !image_new_f(&bench->arena, SIDE, SIDE, &bench->photo, &bench->err))
        return false;
    memcpy(bench->sight->homography, homography, sizeof homography);
    bench->sight->camera.lens = (Lens){SIDE, SIDE, 700, 0.5 * SIDE, 0.5 * SIDE, 0};
    bench->sight->print_id = 7;
    bench->light = truth_light(light);
    bench->camera = truth_camera(camera);
    bench->scene = (TruthScene){.sight = bench->sight,
                                .camera = &bench->camera,
                                .light = &bench->light,
                                .skin = 2,
                                .lit = {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}},
                                .noise_b = 2e-4,
                                .seed = 3};
    return true;
}

static bool photograph_and_fit(Bench *bench, const MarkerPrints *prints)
{
    truth_inks(&bench->scene, &bench->inks);
    truth_render(&bench->scene, &bench->inks, &bench->photo);
    return card_color_fit(&bench->arena, &bench->photo, bench->sight, prints, &bench->color,
                          &bench->err);
}

static double mean_dot_error(const Bench *bench)
{
    double sum = 0.0;
    for (int skin = 0; skin < TRUTH_SKINS; skin++)
        sum += truth_dot_error(&bench->color, &bench->scene, skin, TRUTH_ORDINARY, middle_px, SIDE);
    return sum / TRUTH_SKINS;
}

/* The targets of the issue: patches 2, dots 1. What is left of the dots under LED and tungsten is
 * that print and skin of one colour part under such light. */
TEST(patches_and_dots_come_back_under_three_lights_through_three_cameras)
{
    double dots = 0.0;
    for (int i = 0; i < TRUTH_LIGHTS * TRUTH_CAMERAS; i++) {
        Bench bench;
        REQUIRE(bench_open(&bench, i / TRUTH_CAMERAS, i % TRUTH_CAMERAS));
        REQUIRE(photograph_and_fit(&bench, NULL));
        CHECK(bench.color.trust == CARD_DESIGNED);
        CHECK(bench.color.patch_count == bench.sight->marker.patch_count);
        CHECK(bench.color.mean_delta_e < 1.2);
        CHECK(bench.color.max_delta_e < 6.0);
        double mean = mean_dot_error(&bench);
        CHECK(mean < (i < TRUTH_CAMERAS ? 0.5 : 1.2)); /* daylight; the others */
        dots += mean / (TRUTH_LIGHTS * TRUTH_CAMERAS);
        arena_close(&bench.arena);
    }
    CHECK(dots < 0.8);
}

/* What the correction is for: the same patches as the photograph has them are far off. */
TEST(without_the_correction_patches_are_off_by_more_than_5)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 2, 1));
    REQUIRE(photograph_and_fit(&bench, NULL));
    double sum = 0.0;
    for (int i = 0; i < bench.color.patch_count; i++) {
        const MarkerPatch *patch = &bench.sight->marker.patch[i];
        double px[2];
        camera_plane_to_px(homography, patch->x_mm + 0.5 * patch->width_mm,
                           patch->y_mm + 0.5 * patch->height_mm, px);
        const float *rgb = bench.photo.rgb + 3 * ((int)px[1] * SIDE + (int)px[0]);
        Lab seen = color_to_lab((Rgb){rgb[0], rgb[1], rgb[2]});
        sum += color_delta_e2000(seen, bench.color.patch_target[i]) / bench.color.patch_count;
    }
    CHECK(sum > 5.0);
    arena_close(&bench.arena);
}

TEST(light_that_falls_off_to_half_across_the_card_is_undone)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 0, 1));
    REQUIRE(photograph_and_fit(&bench, NULL));
    double even = bench.color.mean_delta_e;
    for (int c = 0; c < 3; c++) {
        const double slope[3] = {1.3, -0.7, 0.05};
        memcpy(bench.scene.lit[c], slope, sizeof slope);
    }
    REQUIRE(photograph_and_fit(&bench, NULL));
    CHECK(bench.color.mean_delta_e < even + 0.15);
    CHECK(mean_dot_error(&bench) < 0.5);
    /* 0.7 / 0.97 of the light at the middle, over the width of the turned card */
    double wide = bench.color.field_box[2] - bench.color.field_box[0];
    CHECK_NEAR(bench.color.field_share / wide, 0.7 / 0.97, 0.06);
    CHECK(bench.color.two_lights < 0.02);
    arena_close(&bench.arena);
}

TEST(a_shadow_across_the_card_is_refused)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 0, 0));
    bench.scene.shadow = 0.4, bench.scene.shadow_x = 0.35;
    CHECK(!photograph_and_fit(&bench, NULL));
    CHECK(bench.err.code == ERR_INPUT && strstr(bench.err.text, "uneven") != NULL);
    arena_close(&bench.arena);
}

TEST(a_window_on_one_side_and_a_lamp_on_the_other_are_refused)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 0, 0));
    double lit[3][3] = {{0.85, 0.25, 0}, {1, 0, 0}, {1.1, -0.25, 0}};
    memcpy(bench.scene.lit, lit, sizeof lit);
    CHECK(!photograph_and_fit(&bench, NULL));
    CHECK(bench.err.code == ERR_INPUT && strstr(bench.err.text, "two different lights") != NULL);
    arena_close(&bench.arena);
}

TEST(overexposed_white_is_refused)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 0, 0));
    bench.camera.exposure = 1.2;
    CHECK(!photograph_and_fit(&bench, NULL));
    CHECK(bench.err.code == ERR_INPUT && strstr(bench.err.text, "overexposed") != NULL);
    arena_close(&bench.arena);
}

/* A printer out of red ink: other colours than the card was designed with. */
static void misprint(const Marker *marker, Lab printed[MARKER_MAX_PATCHES])
{
    for (int i = 0; i < marker->patch_count; i++) {
        Lab lab = marker->patch[i].design;
        printed[i] = (Lab){6.0 + 0.92 * lab.L, 0.7 * lab.a + 2.0, 0.8 * lab.b + 3.0};
        if (strcmp(marker->patch[i].name, "white") == 0)
            printed[i] = lab;
    }
}

TEST(a_measured_print_gives_true_colours_where_a_designed_one_does_not)
{
    Bench bench;
    Lab printed[MARKER_MAX_PATCHES];
    REQUIRE(bench_open(&bench, 0, 0));
    const Marker *marker = &bench.sight->marker;
    misprint(marker, printed);
    bench.scene.printed = printed;
    MarkerPrint print = {.print_id = 7, .factor_x = 1, .factor_y = 1};
    print.patch_count = marker->patch_count;
    for (int i = 0; i < marker->patch_count; i++) {
        memcpy(print.patch_name[i], marker->patch[i].name, sizeof print.patch_name[i]);
        print.patch[i] = printed[i];
    }
    MarkerPrints prints = {1, &print};
    Spectrum bare = truth_dotted(3, TRUTH_BARE);
    double off[2];
    for (int k = 0; k < 2; k++) {
        REQUIRE(photograph_and_fit(&bench, k == 0 ? &prints : NULL));
        CHECK(bench.color.trust == (k == 0 ? CARD_MEASURED : CARD_DESIGNED));
        Rgb seen = truth_seen(&bench.camera, &bench.light, &bare, (double[3]){1, 1, 1});
        Rgb got = card_color_at(&bench.color, seen, 280, 280, SIDE);
        off[k] = color_delta_e2000(color_to_lab(got), spectrum_lab(&bare, SPECTRUM_D65));
    }
    CHECK(off[0] < 0.6);
    CHECK(off[1] > 2.0);
    arena_close(&bench.arena);
}

TEST(a_card_of_other_colours_is_refused)
{
    Bench bench;
    Lab printed[MARKER_MAX_PATCHES];
    REQUIRE(bench_open(&bench, 0, 0));
    const Marker *marker = &bench.sight->marker;
    int last = marker->patch_count - 1;
    for (int i = 0, j = last; i <= last; i++) { /* the colours in reverse order */
        while (marker->patch[j].grey && j > 0)
            j--;
        printed[i] = marker->patch[marker->patch[i].grey ? i : j].design;
        j -= !marker->patch[i].grey;
    }
    bench.scene.printed = printed;
    CHECK(!photograph_and_fit(&bench, NULL));
    CHECK(bench.err.code == ERR_INPUT && strstr(bench.err.text, "off by") != NULL);
    arena_close(&bench.arena);
}

TEST(a_card_half_out_of_the_photograph_is_refused)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 0, 0));
    double moved[9];
    memcpy(moved, homography, sizeof moved);
    moved[2] = -100, moved[5] = 0;
    memcpy(bench.sight->homography, moved, sizeof moved);
    CHECK(!photograph_and_fit(&bench, NULL));
    CHECK(bench.err.code == ERR_INPUT && strstr(bench.err.text, "show all") != NULL);
    arena_close(&bench.arena);
}

TEST(specks_on_a_patch_do_not_change_its_colour)
{
    Bench bench;
    static float buffer[CARD_SAMPLE_FLOATS];
    REQUIRE(bench_open(&bench, 0, 0));
    for (int i = 0; i < SIDE * SIDE; i++)
        for (int c = 0; c < 3; c++)
            bench.photo.rgb[3 * i + c] = i % 13 == 0 ? 0.0f : 0.5f;
    CardSample sample;
    CardBox box = {-10, -10, 8, 8};
    REQUIRE(card_sample(&bench.photo, (CardPlane){NULL, homography}, box, buffer, &sample));
    for (int c = 0; c < 3; c++)
        CHECK_NEAR(sample.mean[c], 0.5, 1e-6);
    arena_close(&bench.arena);
}

/* A lens that bends the corners of the picture by 11 px, a third of a patch. */
TEST(a_lens_that_bends_does_not_matter)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 0, 1));
    REQUIRE(photograph_and_fit(&bench, NULL));
    double straight = bench.color.mean_delta_e;
    bench.sight->camera.lens.k1 = -0.3;
    double bent[2], plain[2];
    REQUIRE(sight_to_px(bench.sight, 33, 33, bent));
    camera_plane_to_px(homography, 33, 33, plain);
    CHECK(hypot(bent[0] - plain[0], bent[1] - plain[1]) > 10.0);
    REQUIRE(photograph_and_fit(&bench, NULL));
    CHECK(bench.color.patch_count == bench.sight->marker.patch_count);
    CHECK_NEAR(bench.color.mean_delta_e, straight, 0.1);
    arena_close(&bench.arena);
}

/* As in a photograph of a head: 1.5 and 4 px/mm, the card in a corner of the picture. */
TEST(the_head_card_works_from_far)
{
    static const double scale[2] = {1.5, 4.0};
    for (int i = 0; i < 2; i++) {
        Bench bench;
        REQUIRE(bench_open(&bench, 1, 0));
        REQUIRE(marker_make(MARKER_HEAD, 7, &bench.sight->marker, &bench.err));
        double h[9] = {scale[i], -0.1, 230, 0.1, scale[i], 300, 0, 0.0005, 1};
        memcpy(bench.sight->homography, h, sizeof h);
        REQUIRE(photograph_and_fit(&bench, NULL));
        CHECK(bench.color.patch_count == bench.sight->marker.patch_count);
        CHECK(bench.color.mean_delta_e < 1.2);
        CHECK(mean_dot_error(&bench) < 1.2);
        arena_close(&bench.arena);
    }
}

TEST(a_strip_has_no_colours)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 0, 0));
    REQUIRE(marker_make(MARKER_STRIP, 1, &bench.sight->marker, &bench.err));
    CHECK(!card_color_fit(&bench.arena, &bench.photo, bench.sight, NULL, &bench.color, &bench.err));
    CHECK(bench.err.code == ERR_INPUT);
    arena_close(&bench.arena);
}

/* ---- the mathematics alone ---- */

/* A reading of the close-up card as a camera that does nothing has it. */
static void ideal_reading(const Marker *marker, CardReading *reading)
{
    memset(reading, 0, sizeof *reading);
    reading->width_px = 1000;
    reading->box[2] = reading->box[3] = 1.0;
    for (int i = 0; i < marker->patch_count; i++) {
        const MarkerPatch *patch = &marker->patch[i];
        Rgb light = color_from_lab(patch->design);
        double seen[3] = {(double)light.r, (double)light.g, (double)light.b};
        memcpy(reading->seen[i], seen, sizeof seen);
        reading->target[i] = patch->design;
        reading->weight[i] = patch->weight, reading->grey[i] = patch->grey;
        reading->x[i] = 0.5 + patch->x_mm / 100.0, reading->y[i] = 0.5 + patch->y_mm / 100.0;
        reading->count++;
    }
    for (int i = 0; i < 40; i++) {
        double turn = 0.05 * 3.14159265358979 * i;
        reading->rim_x[i] = 0.5 + 0.45 * cos(turn), reading->rim_y[i] = 0.5 + 0.45 * sin(turn);
        for (int c = 0; c < 3; c++)
            reading->rim[i][c] = 1.0;
        reading->rim_count++;
    }
}

TEST(a_camera_that_does_nothing_needs_no_correction)
{
    Bench bench;
    static CardReading reading;
    REQUIRE(bench_open(&bench, 0, 0));
    ideal_reading(&bench.sight->marker, &reading);
    REQUIRE(card_solve(&reading, &bench.color, &bench.err));
    CHECK(bench.color.max_delta_e < 1e-3);
    for (int i = 0; i <= 10; i++) {
        float light = 0.11f * (float)i; /* beyond white, too */
        Rgb got = card_color_at(&bench.color, (Rgb){light, 0.5f * light, 0.2f}, 100, 900, 1000);
        CHECK_NEAR(got.r, light, 2e-5);
        CHECK_NEAR(got.g, 0.5f * light, 2e-5);
        CHECK_NEAR(got.b, 0.2, 2e-5);
    }
    arena_close(&bench.arena);
}

/* light' = D^-1(gain D(light)^gamma) M^-1 ... here: a gamma, gains and a matrix known to the digit.
 */
TEST(a_known_gamma_gain_slope_and_matrix_are_found_again)
{
    static const double m[9] = {0.85, 0.10, 0.05, 0.08, 0.84, 0.08, 0.02, 0.12, 0.86};
    static const double gain[3] = {0.8, 0.7, 0.6};
    Bench bench;
    static CardReading reading;
    REQUIRE(bench_open(&bench, 0, 0));
    ideal_reading(&bench.sight->marker, &reading);
    for (int i = 0; i < reading.count + reading.rim_count; i++) {
        bool rim = i >= reading.count;
        double *seen = rim ? reading.rim[i - reading.count] : reading.seen[i], in[3];
        double x = rim ? reading.rim_x[i - reading.count] : reading.x[i];
        memcpy(in, seen, sizeof in);
        for (int c = 0; c < 3; c++) {
            double mixed = m[3 * c] * in[0] + m[3 * c + 1] * in[1] + m[3 * c + 2] * in[2];
            double lit = gain[c] * (0.8 + 0.4 * x) * mixed;
            seen[c] = card_decode(pow(card_encode(lit), 1.15));
        }
    }
    REQUIRE(card_solve(&reading, &bench.color, &bench.err));
    CHECK(bench.color.mean_delta_e < 0.15);
    CHECK(bench.color.max_delta_e < 0.6);
    CHECK_NEAR(bench.color.field_share, 0.4, 0.01);
    CHECK(bench.color.two_lights < 0.005);
    CHECK(bench.color.rim_tint < 0.01);
    arena_close(&bench.arena);
}

TEST(tone_curves_rise_whatever_the_greys_say)
{
    Bench bench;
    static CardReading reading;
    REQUIRE(bench_open(&bench, 0, 0));
    for (uint64_t seed = 0; seed < 50; seed++) {
        Rng rng = rng_make(seed, 9);
        ideal_reading(&bench.sight->marker, &reading);
        for (int i = 0; i < reading.count; i++)
            for (int c = 0; c < 3 && reading.grey[i]; c++)
                reading.seen[i][c] *= 0.5 + rng_f64(&rng);
        bool ok = card_solve(&reading, &bench.color, &bench.err);
        CHECK(ok || bench.err.code == ERR_INPUT);
        for (int c = 0; c < 3 && bench.color.knot_count > 0; c++) {
            double before = card_tone(&bench.color, c, -0.01);
            for (int i = 0; i <= 130; i++) {
                double tone = card_tone(&bench.color, c, 0.01 * i);
                CHECK(tone >= before && tone < 20.0);
                before = tone;
            }
            CHECK_NEAR(card_tone(&bench.color, c, 0.0), 0.0, 1e-12);
        }
    }
    arena_close(&bench.arena);
}

/* ---- over a whole photograph ---- */

TEST(apply_is_at_for_each_pixel_and_the_same_for_any_threads)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 1, 2));
    for (int c = 0; c < 3; c++)
        bench.scene.lit[c][1] = 0.3, bench.scene.lit[c][0] = 0.8;
    REQUIRE(photograph_and_fit(&bench, NULL));
    float *rgb = bench.photo.rgb;
    rgb[0] = rgb[1] = rgb[2] = NAN;
    rgb[3] = -0.002f, rgb[4] = 1.3f, rgb[5] = -0.001f;
    ImageF copy[9];
    size_t bytes = (size_t)SIDE * SIDE * 3 * sizeof *rgb;
    for (int threads = 1; threads <= 9; threads++) {
        REQUIRE(image_new_f(&bench.arena, SIDE, SIDE, &copy[threads - 1], &bench.err));
        memcpy(copy[threads - 1].rgb, rgb, bytes);
        card_color_apply(&bench.color, &copy[threads - 1], threads);
        CHECK(memcmp(copy[threads - 1].rgb, copy[0].rgb, bytes) == 0);
    }
    double worst = 0.0;
    for (int i = 1; i < SIDE * SIDE; i++) {
        Rgb at = card_color_at(&bench.color, (Rgb){rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]},
                               i % SIDE + 0.5, i / SIDE + 0.5, SIDE);
        const float *got = copy[0].rgb + 3 * i;
        worst = fmax(worst, fabs((double)(at.r - got[0])));
        worst = fmax(worst, fabs((double)(at.g - got[1])));
        worst = fmax(worst, fabs((double)(at.b - got[2])));
    }
    CHECK(bench.color.field_share > 0.1);
    CHECK(worst < 6e-5);
    for (int c = 0; c < 3; c++)
        CHECK(isfinite(copy[0].rgb[c]));
    arena_close(&bench.arena);
}

/* Far from the card nobody has seen the light: it stays what it is at the nearest place of it. */
TEST(the_field_does_not_run_away_beyond_the_card)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 0, 0));
    for (int c = 0; c < 3; c++)
        bench.scene.lit[c][0] = 0.7, bench.scene.lit[c][1] = 0.5;
    REQUIRE(photograph_and_fit(&bench, NULL));
    Rgb grey = {0.3f, 0.3f, 0.3f};
    Rgb edge = card_color_at(&bench.color, grey, bench.color.field_box[0] * SIDE, 280, SIDE);
    Rgb far = card_color_at(&bench.color, grey, -20.0 * SIDE, 280, SIDE);
    CHECK_NEAR(edge.r, far.r, 1e-6);
    CHECK_NEAR(edge.b, far.b, 1e-6);
    arena_close(&bench.arena);
}

/* ---- the ColorChecker ---- */

/* 60 px a patch, gaps of 0.14 patches, black card around it. slope: of light across the width. */
static void draw_checker(Bench *bench, double slope)
{
    for (int i = 0; i < SIDE * SIDE; i++) {
        double x = (i % SIDE + 0.5 - 60.0) / 68.0, y = (i / SIDE + 0.5 - 90.0) / 68.0;
        int column = (int)floor(x), row = (int)floor(y);
        bool inside = column >= 0 && column < 6 && row >= 0 && row < 4 && x - column < 1.0 / 1.14 &&
                      y - row < 1.0 / 1.14;
        double code[3], lit = 1.0 + slope * ((double)(i % SIDE) / SIDE - 0.5);
        static double surface[24][3];
        if (i == 0)
            for (int k = 0; k < 24; k++) {
                Spectrum ink = truth_spectrum(card_checker_lab(k));
                truth_scene(&bench->camera, &bench->light, &ink, surface[k]);
            }
        double black[3] = {0.03, 0.03, 0.03};
        truth_develop(&bench->camera, inside ? surface[6 * row + column] : black,
                      (double[3]){lit, lit, lit}, code);
        for (int c = 0; c < 3; c++)
            bench->photo.rgb[3 * i + c] =
                color_srgb_decode((float)(floor(255.0 * code[c] + 0.5) / 255.0));
    }
}

static const double checker_px[4][2] = {{60, 90},
                                        {60 + 68 * (5 + 1 / 1.14), 90},
                                        {60 + 68 * (5 + 1 / 1.14), 90 + 68 * (3 + 1 / 1.14)},
                                        {60, 90 + 68 * (3 + 1 / 1.14)}};

TEST(a_colorchecker_by_four_clicks_corrects_as_well_as_a_card)
{
    for (int light = 0; light < TRUTH_LIGHTS; light++) {
        Bench bench;
        REQUIRE(bench_open(&bench, light, light));
        for (int k = 0; k < 2; k++) { /* even light; 20 % across the photograph */
            draw_checker(&bench, 0.2 * k);
            REQUIRE(card_color_fit_checker(&bench.arena, &bench.photo, checker_px, &bench.color,
                                           &bench.err));
            CHECK(bench.color.trust == CARD_CHECKER);
            CHECK(bench.color.patch_count == 24);
            CHECK(bench.color.mean_delta_e < 2.0);
            CHECK_NEAR(bench.color.field[1][1], 0.2 * k, 0.05);
            CHECK(mean_dot_error(&bench) < 1.4);
        }
        arena_close(&bench.arena);
    }
}

TEST(a_colorchecker_clicked_the_wrong_way_round_is_refused)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 0, 0));
    draw_checker(&bench, 0.0);
    for (int turn = 1; turn < 4; turn++) {
        double turned[4][2];
        for (int k = 0; k < 4; k++)
            memcpy(turned[k], checker_px[(k + turn) % 4], sizeof turned[k]);
        CHECK(!card_color_fit_checker(&bench.arena, &bench.photo, (const double(*)[2])turned,
                                      &bench.color, &bench.err));
        CHECK(bench.err.code == ERR_INPUT);
    }
    arena_close(&bench.arena);
}

/* Another source: the chart's sRGB codes as its maker published them (2005, the older chart, which
 * differs from the newer by 1 to 3). */
TEST(the_table_of_the_colorchecker_agrees_with_its_published_srgb_codes)
{
    static const struct {
        int patch;
        uint8_t code[3];
    } known[] = {{0, {115, 82, 68}},   {1, {194, 150, 130}},  {2, {98, 122, 157}},
                 {3, {87, 108, 67}},   {6, {214, 126, 44}},   {8, {193, 90, 99}},
                 {12, {56, 61, 150}},  {13, {70, 148, 73}},   {14, {175, 54, 60}},
                 {15, {231, 199, 31}}, {18, {243, 243, 242}}, {21, {122, 122, 121}},
                 {23, {52, 52, 52}}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        Lab lab = card_checker_lab(known[i].patch);
        CHECK(color_delta_e2000(lab, color_to_lab(color_from_srgb8(known[i].code))) < 4.0);
    }
}

TEST(a_fit_with_any_smaller_arena_is_a_clean_limit)
{
    Bench bench;
    REQUIRE(bench_open(&bench, 0, 0));
    REQUIRE(photograph_and_fit(&bench, NULL));
    int limits = 0;
    for (size_t room = 0; room < 64 << 10; room += 4096) {
        Arena small = bench.arena;
        small.limit = bench.arena.used + room;
        bool ok = card_color_fit(&small, &bench.photo, bench.sight, NULL, &bench.color, &bench.err);
        CHECK(ok || bench.err.code == ERR_LIMIT);
        limits += !ok;
    }
    CHECK(limits > 0 && limits < 16);
    arena_close(&bench.arena);
}
