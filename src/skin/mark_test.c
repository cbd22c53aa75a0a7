#include "skin/mark_skin.h"

#include "base/embed.h"
#include "base/test.h"
#include "optics/direct.h"
#include "skin/mark_reference.h"

#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;
static const int blue = 6, green = 14, red = 24; /* 460, 540, 640 nm */

typedef struct World {
    Arena arena;
    Err err;
    SkinTable table;
} World;

static bool world_open(World *world)
{
    return arena_open(&world->arena, (size_t)64 << 20, &world->err) &&
           skin_table_load(&world->table, &world->err);
}

static SkinMarks *marks_of_lab(World *world, Lab lab)
{
    SkinTone tone = skin_tone_of_lab(lab);
    SkinMarks *marks = NULL;
    return skin_marks_new(&world->arena, &world->table, &tone, &marks, &world->err) ? marks : NULL;
}

/* One skin per ITA class, very light to dark. */
static const double class_ita[6] = {60.0, 48.0, 34.0, 19.0, -10.0, -45.0};

static SkinMarks *marks_of_class(World *world, int i)
{
    return marks_of_lab(world, skin_lab_of_ita(class_ita[i]));
}

/* A skin whose coefficients are given, the same in every band. */
static SkinMarks *marks_of_optics(World *world, SkinOptics optics)
{
    SkinMarks *marks = ARENA_NEW(&world->arena, SkinMarks, 1);
    SkinOptics all[SPECTRUM_BANDS];
    SkinTone tone = skin_tone_of_lab((Lab){62, 9, 15});
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        all[b] = optics;
    if (marks != NULL)
        mark_fill(&world->table, &tone, all, marks);
    return marks;
}

/* ---- against photons that were followed one by one ---- */

static double ring_mean(const SkinProfile *profile, int band, double from_mm, double to_mm)
{
    enum { PLACES = 64 };
    double sum = 0.0;
    for (int i = 0; i < PLACES; i++)
        sum += skin_profile_at(
            profile, band,
            sqrt(from_mm * from_mm + (i + 0.5) / PLACES * (to_mm * to_mm - from_mm * from_mm)));
    return sum / PLACES;
}

TEST(dots_of_the_whole_reach_have_the_contrast_of_direct_simulation)
{
    World world;
    REQUIRE(world_open(&world));
    double worst = 0.0;
    for (size_t i = 0; i < sizeof direct_dots / sizeof direct_dots[0]; i++) {
        const DirectDot *dot = &direct_dots[i];
        size_t mark = arena_mark(&world.arena);
        SkinMarks *marks = marks_of_optics(&world, dot->optics);
        REQUIRE(marks != NULL);
        SkinProfile profile = skin_mark_profile(marks, dot->mark);
        double error = ring_mean(&profile, 15, dot->from_mm, dot->to_mm) - dot->contrast;
        double excess = fabs(error) - 2.0 * dot->sd;
        if (!CHECK(excess <= 0.01))
            printf("# dot %zu: %+.4f off %.4f (sd %.4f)\n", i, error, dot->contrast, dot->sd);
        worst = fmax(worst, fabs(error));
        arena_rewind(&world.arena, mark);
    }
    printf("# worst of %zu dots: %.4f\n", sizeof direct_dots / sizeof direct_dots[0], worst);
    arena_close(&world.arena);
}

TEST(dots_have_the_contrast_of_the_published_simulations)
{
    World world;
    REQUIRE(world_open(&world));
    for (size_t i = 0; i < sizeof published_dots / sizeof published_dots[0]; i++) {
        const DirectDot *dot = &published_dots[i];
        size_t mark = arena_mark(&world.arena);
        SkinMarks *marks = marks_of_optics(&world, dot->optics);
        REQUIRE(marks != NULL);
        SkinProfile profile = skin_mark_profile(marks, dot->mark);
        double got = ring_mean(&profile, 15, dot->from_mm, dot->to_mm);
        if (!CHECK(fabs(got - dot->contrast) <= 0.01 + 2.0 * dot->sd))
            printf("# dot %zu: %.4f, published %.4f\n", i, got, dot->contrast);
        arena_rewind(&world.arena, mark);
    }
    arena_close(&world.arena);
}

TEST(hairs_take_what_they_take_in_direct_simulation)
{
    World world;
    REQUIRE(world_open(&world));
    for (size_t i = 0; i < sizeof direct_hairs / sizeof direct_hairs[0]; i++) {
        const DirectHair *hair = &direct_hairs[i];
        size_t mark = arena_mark(&world.arena);
        SkinMarks *marks = marks_of_optics(&world, hair->optics);
        REQUIRE(marks != NULL);
        double got = skin_hair_area(marks, hair->hair).band[15];
        if (!CHECK(fabs(got - hair->area_mm2) <= 0.06 * hair->area_mm2 + 2.5 * hair->sd_mm2))
            printf("# hair %zu: %.5f, direct %.5f (sd %.5f)\n", i, got, hair->area_mm2,
                   hair->sd_mm2);
        arena_rewind(&world.arena, mark);
    }
    arena_close(&world.arena);
}

/* Square lattices of dots 0.3 mm wide and deep, 10 /mm, in light skin at 540 nm; field study, and
 * the same by direct.c. Beyond 156 per cm2 neighbours shade each other: 12 % are conceded. */
TEST(many_dots_multiply_as_whole_lattices_do)
{
    static const double pitch_mm[4] = {1.4, 1.0, 0.8, 0.6};
    static const double contrast[4] = {0.057, 0.108, 0.161, 0.258};
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_optics(&world, (SkinOptics){0.7454, 0.3014, 4.124, 0.7766});
    REQUIRE(marks != NULL);
    double area = skin_mark_area(marks, (SkinMark){0.3, 0.3, 10.0 * 550.0 / 540.0, 0.0}).band[15];
    for (int i = 0; i < 4; i++)
        CHECK_NEAR(1.0 - exp(-area / (pitch_mm[i] * pitch_mm[i])), contrast[i],
                   (i < 3 ? 0.05 : 0.12) * contrast[i]);
    arena_close(&world.arena);
}

/* ---- properties ---- */

TEST(the_area_of_a_dot_is_the_integral_of_its_contrast)
{
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_class(&world, 1);
    for (int i = 0; i < 27; i++) {
        SkinMark mark = {0.12 + 0.2 * (i % 3), 0.15 + 0.25 * (i / 3 % 3), pow(6.0, i / 9), 1.03};
        SkinProfile profile = skin_mark_profile(marks, mark);
        Spectrum area = skin_mark_area(marks, mark);
        for (int b = 0; b < SPECTRUM_BANDS; b += 5) {
            double sum = 0.0;
            for (int r = 0; r < SKIN_RINGS; r++)
                sum += profile.contrast[b][r] * ring_area_mm2(&profile.ring_mm[r]);
            CHECK_NEAR(area.band[b] / sum, 1.0, 0.035); /* both are interpolated */
        }
    }
    arena_close(&world.arena);
}

TEST(a_small_dot_is_darkest_in_its_middle_and_keeps_the_mean_of_every_ring)
{
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_class(&world, 1);
    SkinProfile profile = skin_mark_profile(marks, (SkinMark){0.2, 0.2, 6.0, 1.03});
    CHECK(skin_profile_at(&profile, green, 0.0) > 1.005 * profile.contrast[green][0]);
    for (int r = 0; r < SKIN_RINGS; r++) {
        double mean = ring_mean(&profile, green, profile.ring_mm[r], profile.ring_mm[r + 1]);
        CHECK_NEAR(mean / profile.contrast[green][r], 1.0, 2e-3);
    }
    arena_close(&world.arena);
}

TEST(in_every_skin_stronger_wider_and_shallower_dots_take_more)
{
    World world;
    REQUIRE(world_open(&world));
    for (int k = 0; k < 6; k++) {
        size_t kept = arena_mark(&world.arena);
        SkinMarks *marks = marks_of_class(&world, k);
        for (int i = 0; i < 40; i++) {
            double t = i / 40.0, u = (i + 1) / 40.0;
            SkinMark weak = {0.3, 0.3, 0.2 * pow(150.0, t), 1.03}, strong = weak;
            SkinMark thin = {0.1 + 0.7 * t, 0.3, 4.0, 1.03}, wide = thin;
            SkinMark high = {0.3, 0.1 + 0.9 * t, 4.0, 1.03}, low = high;
            strong.absorption_per_mm = 0.2 * pow(150.0, u);
            wide.diameter_mm = 0.1 + 0.7 * u;
            low.depth_mm = 0.1 + 0.9 * u;
            for (int c = 0; c < 3; c++) {
                int b = c == 0 ? blue : c == 1 ? green : red;
                CHECK(skin_mark_area(marks, strong).band[b] > skin_mark_area(marks, weak).band[b]);
                CHECK(skin_mark_area(marks, wide).band[b] > skin_mark_area(marks, thin).band[b]);
                CHECK(skin_mark_area(marks, low).band[b] < skin_mark_area(marks, high).band[b]);
            }
        }
        arena_rewind(&world.arena, kept);
    }
    arena_close(&world.arena);
}

/* Depth is what makes pigment blue: the same in every skin, by dermoscopy's rule. */
TEST(deeper_dots_are_bluer_and_wider_to_the_eye)
{
    World world;
    REQUIRE(world_open(&world));
    for (int k = 0; k < 6; k++) {
        size_t kept = arena_mark(&world.arena);
        SkinMarks *marks = marks_of_class(&world, k);
        double ratio = 0.0, width_mm = 0.0;
        for (int i = 0; i < 6; i++) {
            SkinMark mark = {0.3, 0.15 + 0.1 * i, 6.0, 1.03};
            Spectrum area = skin_mark_area(marks, mark);
            CHECK(skin_blue_ratio(&area) > ratio);
            CHECK(skin_mark_width_mm(marks, mark) > width_mm);
            ratio = skin_blue_ratio(&area);
            width_mm = skin_mark_width_mm(marks, mark);
        }
        arena_rewind(&world.arena, kept);
    }
    arena_close(&world.arena);
}

/* Full width at half height of 0.3 mm dots in light skin, 540 nm; field study, section 3.1. */
TEST(dots_have_the_published_widths)
{
    static const double depth_mm[] = {0.2, 0.3, 0.4, 0.5, 0.7, 1.0};
    static const double width_mm[] = {0.33, 0.39, 0.49, 0.63, 0.85, 1.2};
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_optics(&world, (SkinOptics){0.7454, 0.3014, 4.124, 0.7766});
    for (int i = 0; i < 6; i++)
        CHECK_NEAR(skin_mark_width_mm(marks, (SkinMark){0.3, depth_mm[i], 10.2, 0.0}), width_mm[i],
                   0.12 * width_mm[i]);
    arena_close(&world.arena);
}

TEST(weak_pigment_takes_in_proportion_to_its_strength)
{
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_class(&world, 2);
    Spectrum one = skin_mark_area(marks, (SkinMark){0.2, 0.4, 0.02, 1.03});
    Spectrum two = skin_mark_area(marks, (SkinMark){0.2, 0.4, 0.04, 1.03});
    Spectrum edge = skin_mark_area(marks, (SkinMark){0.2, 0.4, 0.2, 1.03});
    for (int b = 0; b < SPECTRUM_BANDS; b++) {
        CHECK_NEAR(two.band[b] / one.band[b], 2.0, 1e-6);
        CHECK_NEAR(edge.band[b] / one.band[b], 10.0, 0.6); /* saturation begins */
    }
    Spectrum hair_thin = skin_mark_area(marks, (SkinMark){0.02, 0.4, 1.0, 1.03});
    Spectrum twice = skin_mark_area(marks, (SkinMark){0.04, 0.4, 1.0, 1.03});
    CHECK_NEAR(twice.band[green] / hair_thin.band[green], 4.0, 1e-6); /* as its section */
    Spectrum none = skin_mark_area(marks, (SkinMark){0.2, 0.4, 0.0, 1.03});
    CHECK_NEAR(none.band[green], 0.0, 0.0);
    arena_close(&world.arena);
}

/* The halves of a fading: the first is nearly free, a dot that lost nine tenths is almost gone. */
TEST(fading_of_pigment_is_not_fading_of_colour)
{
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_class(&world, 1);
    double full = skin_mark_area(marks, (SkinMark){0.3, 0.3, 20.0, 1.03}).band[green];
    double half = skin_mark_area(marks, (SkinMark){0.3, 0.3, 10.0, 1.03}).band[green];
    double tenth = skin_mark_area(marks, (SkinMark){0.3, 0.3, 2.0, 1.03}).band[green];
    CHECK(half / full > 0.75);
    CHECK(tenth / full < 0.4);
    arena_close(&world.arena);
}

TEST(nothing_jumps_where_the_table_ends)
{
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_class(&world, 3);
    static const SkinMark inside[] = {{0.1, 0.3, 4.0, 1.03}, {0.8, 0.3, 4.0, 1.03},
                                      {0.3, 0.1, 4.0, 1.03}, {0.3, 1.0, 4.0, 1.03},
                                      {0.3, 0.3, 46.5, 0.0}, {0.3, 0.3, 0.15, 0.0}};
    for (int i = 0; i < 6; i++) {
        SkinMark out = inside[i];
        double step = i % 2 == 0 ? 0.999 : 1.001;
        step = i == 4 ? 1.001 : i == 5 ? 0.999 : step;
        *(i < 2 ? &out.diameter_mm : i < 4 ? &out.depth_mm : &out.absorption_per_mm) *= step;
        CHECK_NEAR(skin_mark_area(marks, out).band[green] /
                       skin_mark_area(marks, inside[i]).band[green],
                   1.0, 0.004);
    }
    CHECK(!skin_mark_look(marks, (SkinMark){0.3, 0.3, 4.0, 1.03}).clamped);
    CHECK(skin_mark_look(marks, (SkinMark){0.9, 0.3, 4.0, 1.03}).clamped);
    CHECK(skin_mark_look(marks, (SkinMark){0.3, 1.1, 4.0, 1.03}).clamped);
    CHECK(skin_mark_look(marks, (SkinMark){0.3, 0.3, 60.0, 1.03}).clamped);
    SkinMarks *dark = marks_of_class(&world, 5);
    CHECK(skin_mark_look(dark, (SkinMark){0.3, 0.3, 4.0, 1.03}).clamped);
    arena_close(&world.arena);
}

/* ---- hair ---- */

/* In light and dark skin, stubble has the hue of dots at a usual depth: neither end of 0.2-0.6. */
TEST(stubble_is_as_blue_as_dots_at_a_depth_between)
{
    World world;
    REQUIRE(world_open(&world));
    for (int k = 0; k < 5; k++) {
        size_t kept = arena_mark(&world.arena);
        SkinMarks *marks = marks_of_class(&world, k);
        Spectrum hair = skin_hair_area(marks, skin_hair_make(SKIN_HAIR_BLACK, 0.07));
        Spectrum high = skin_mark_area(marks, (SkinMark){0.3, 0.2, 6.0, 1.03});
        Spectrum low = skin_mark_area(marks, (SkinMark){0.3, 0.6, 6.0, 1.03});
        CHECK(skin_blue_ratio(&hair) > skin_blue_ratio(&high));
        CHECK(skin_blue_ratio(&hair) < skin_blue_ratio(&low));
        arena_rewind(&world.arena, kept);
    }
    arena_close(&world.arena);
}

TEST(darker_and_thicker_hair_takes_more)
{
    static const SkinHairColor falling[] = {SKIN_HAIR_BLACK, SKIN_HAIR_DARK_BROWN, SKIN_HAIR_BROWN,
                                            SKIN_HAIR_RED,   SKIN_HAIR_BLOND,      SKIN_HAIR_WHITE};
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_class(&world, 1);
    double last = (double)INFINITY;
    for (int i = 0; i < 6; i++) {
        double area = skin_hair_area(marks, skin_hair_make(falling[i], 0.07)).band[green];
        CHECK(area > 0.0 && area < last);
        last = area;
    }
    for (int i = 0; i < 20; i++) {
        double thin = 0.02 + 0.006 * i, thick = thin + 0.006;
        CHECK(skin_hair_area(marks, skin_hair_make(SKIN_HAIR_BROWN, thick)).band[green] >
              skin_hair_area(marks, skin_hair_make(SKIN_HAIR_BROWN, thin)).band[green]);
    }
    Spectrum white = skin_hair_area(marks, skin_hair_make(SKIN_HAIR_WHITE, 0.07));
    Spectrum black = skin_hair_area(marks, skin_hair_make(SKIN_HAIR_BLACK, 0.07));
    CHECK(white.band[green] < 0.03 * black.band[green]);
    arena_close(&world.arena);
}

/* Red hair holds little of what takes red light and much of what takes blue. */
TEST(red_hair_is_browner_than_brown_hair)
{
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_class(&world, 0);
    Spectrum brown = skin_hair_area(marks, skin_hair_make(SKIN_HAIR_BROWN, 0.07));
    Spectrum ginger = skin_hair_area(marks, skin_hair_make(SKIN_HAIR_RED, 0.07));
    CHECK(skin_blue_ratio(&ginger) < 0.9 * skin_blue_ratio(&brown));
    arena_close(&world.arena);
}

/* Light that a cylinder above the skin catches from an even sky, summed over directions. */
static double caught_mm2(double diameter_mm, double length_mm, double tilt_rad)
{
    enum { RINGS = 200, SECTORS = 200 };
    double sum = 0.0;
    for (int i = 0; i < RINGS; i++)
        for (int k = 0; k < SECTORS; k++) {
            double cosine = (i + 0.5) / RINGS, sine = sqrt(1.0 - cosine * cosine);
            double azimuth = 2.0 * pi * (k + 0.5) / SECTORS;
            double along = sine * cos(azimuth) * sin(tilt_rad) + cosine * cos(tilt_rad);
            sum += sqrt(fmax(1.0 - along * along, 0.0));
        }
    return diameter_mm * length_mm * sum * 2.0 / (RINGS * SECTORS); /* over pi, of 2 pi */
}

TEST(a_black_stub_shades_what_a_cylinder_catches_from_the_sky)
{
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_class(&world, 1);
    SkinHair hair = {0.02, 1e4, 0.0, 0.0, 0.0, 0.0};
    for (int i = 0; i < 3; i++) {
        hair.tilt_rad = 0.4 * i;
        hair.stub_mm = 0.0;
        double flush = skin_hair_area(marks, hair).band[green];
        hair.stub_mm = 0.8;
        double more = skin_hair_area(marks, hair).band[green] - flush;
        double shade = caught_mm2(0.02, 0.8, hair.tilt_rad);
        CHECK_NEAR(shade, pi / 2.0 * 0.02 * 0.8, 1e-3 * shade);
        double cover = 0.02 * 0.8 * sin(hair.tilt_rad);
        CHECK(more <= shade + cover + 1e-6);
        CHECK(more >= shade + 0.85 * cover - 1e-6);
    }
    arena_close(&world.arena);
}

/* A thick short stub hides a good part of its own shadow from the camera. */
TEST(a_stub_does_not_count_the_shadow_that_it_hides)
{
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_class(&world, 1);
    SkinHair hair = {0.1, 1e4, 0.0, 0.0, 1.0, 0.0};
    double flush = skin_hair_area(marks, hair).band[green];
    hair.stub_mm = 0.09; /* so short that it lies on the skin it shades */
    double more = skin_hair_area(marks, hair).band[green] - flush;
    CHECK_NEAR(more, pi / 2.0 * 0.1 * 0.09, 1e-6);
    arena_close(&world.arena);
}

TEST(a_white_stub_lightens_dark_skin)
{
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_class(&world, 4);
    SkinHair hair = skin_hair_make(SKIN_HAIR_WHITE, 0.07);
    hair.tilt_rad = 0.8;
    hair.stub_mm = 0.8;
    CHECK(skin_hair_area(marks, hair).band[green] < 0.0);
    SkinHair black = skin_hair_make(SKIN_HAIR_BLACK, 0.07);
    black.tilt_rad = 0.8;
    black.stub_mm = 0.8;
    CHECK(skin_hair_area(marks, black).band[green] > 0.0);
    arena_close(&world.arena);
}

/* ---- for drawing ---- */

TEST(a_look_darkens_the_far_view_as_the_spectrum_does)
{
    World world;
    REQUIRE(world_open(&world));
    for (int k = 0; k < 6; k++) {
        size_t kept = arena_mark(&world.arena);
        SkinMarks *marks = marks_of_class(&world, k);
        const SkinTone *tone = skin_marks_tone(marks);
        SkinMark mark = {0.25, 0.3, 5.0, 1.03};
        SkinLook look = skin_mark_look(marks, mark);
        Spectrum area = skin_mark_area(marks, mark);
        for (int i = 1; i <= 3; i++) {
            Spectrum far = skin_far_view(tone, &area, 0.7 * i);
            Rgb seen = spectrum_rgb(&far), bare = spectrum_rgb(&tone->spectrum);
            double left = exp(-0.7 * i * (double)look.area_mm2[1]);
            CHECK_NEAR((double)(seen.g / bare.g), left, 0.004);
            CHECK_NEAR((double)(seen.r / bare.r), exp(-0.7 * i * (double)look.area_mm2[0]), 0.006);
        }
        CHECK(look.core_share[1] > 0.05f && look.core_share[1] < 1.0f);
        CHECK(look.core_sigma_mm > 0.02f && look.core_sigma_mm < look.halo_sigma_mm);
        arena_rewind(&world.arena, kept);
    }
    arena_close(&world.arena);
}

/* A disc blurred by a Gaussian, at its middle. */
static double core_peak(const SkinLook *look)
{
    double radius = 0.5 * (double)look->core_mm, sigma = (double)look->core_sigma_mm;
    return (1.0 - exp(-0.5 * radius * radius / (sigma * sigma))) / (pi * radius * radius);
}

TEST(the_drawn_footprint_is_as_dark_in_the_middle_as_the_dot)
{
    World world;
    REQUIRE(world_open(&world));
    for (int i = 0; i < 24; i++) {
        size_t kept = arena_mark(&world.arena);
        SkinMarks *marks = marks_of_class(&world, i % 6);
        SkinMark mark = {0.3, 0.2 + 0.1 * (i / 6), 6.0, 1.03};
        SkinLook look = skin_mark_look(marks, mark);
        SkinProfile profile = skin_mark_profile(marks, mark);
        double share = (double)look.core_share[1], halo = (double)look.halo_sigma_mm;
        double peak = (double)look.area_mm2[1] *
                      (share * core_peak(&look) + (1.0 - share) / (2.0 * pi * halo * halo));
        double middle = skin_profile_at(&profile, 15, 0.0);
        CHECK_NEAR(peak, middle, 0.12 * middle + 0.012);
        CHECK(look.core_sigma_mm > 0.02f && look.halo_sigma_mm > 0.15f);
        arena_rewind(&world.arena, kept);
    }
    arena_close(&world.arena);
}

TEST(a_ramp_gives_what_each_diameter_would)
{
    World world;
    REQUIRE(world_open(&world));
    SkinMarks *marks = marks_of_class(&world, 1);
    SkinRamp ramp = {.from_mm = 0.25, .to_mm = 0.35};
    for (int i = 0; i < SKIN_RAMP; i++)
        ramp.look[i] = skin_mark_look(marks, (SkinMark){skin_ramp_mm(&ramp, i), 0.3, 6.0, 1.03});
    for (int i = 0; i < 20; i++) {
        double diameter = 0.25 + 0.1 * i / 19;
        SkinLook exact = skin_mark_look(marks, (SkinMark){diameter, 0.3, 6.0, 1.03});
        SkinLook fast = skin_ramp_at(&ramp, diameter);
        CHECK_NEAR(fast.area_mm2[1] / exact.area_mm2[1], 1.0, 2e-3);
        CHECK_NEAR(fast.core_mm, diameter, 1e-6);
    }
    CHECK_NEAR(skin_ramp_at(&ramp, 0.1).core_mm, 0.25, 1e-6);
    CHECK_NEAR(skin_ramp_at(&ramp, 9.0).core_mm, 0.35, 1e-6);
    arena_close(&world.arena);
}

/* Erythema turns skin red: green and blue light are lost more than red. */
TEST(flushed_skin_loses_green_before_red)
{
    for (int k = 0; k < 6; k++) {
        SkinTone tone = skin_tone_of_lab(skin_lab_of_ita(class_ita[k]));
        float depth[3], none[3];
        skin_flush_depth(&tone, 2.0, depth);
        skin_flush_depth(&tone, 1.0, none);
        CHECK(depth[1] > depth[0] && depth[1] > 0.01f);
        CHECK_NEAR(none[1], 0.0, 1e-6);
    }
}

/* ---- the table ---- */

static const EmbedFile *table_file(void)
{
    const EmbedFile *file = spectra_files;
    while (file->name != NULL && strcmp(file->name, "marks.bin") != 0)
        file++;
    return file;
}

TEST(the_table_that_ships_is_what_its_generator_makes)
{
    World world;
    REQUIRE(world_open(&world));
    SkinTableHead head;
    memcpy(&head, table_file()->bytes, sizeof head);
    Walk *walk = ARENA_NEW(&world.arena, Walk, 1);
    TableSum *sum = ARENA_NEW(&world.arena, TableSum, 1);
    REQUIRE(walk != NULL && sum != NULL);
    for (int node = 1; node < TABLE_SCATTERS; node += 4) {
        table_sum_block(node, head.seed, 0, TABLE_BLOCK_PHOTONS, walk, sum);
        CHECK(table_witness(sum) == head.witness[node]);
        /* and the first block is a fair sample of the whole node */
        int skin = 1 * TABLE_DERMES + 1, mark = (4 * PLUG_DIAMETERS + 3) * PLUG_STRENGTHS + 4;
        double base = 0.0;
        for (int t = 0; t < TABLE_TURNS; t++)
            base += sum->base[t][skin];
        double block = (double)sum->plug[0][mark][skin] / base;
        size_t at =
            ((size_t)node * TABLE_SKINS + (size_t)skin) * PLUG_CELLS + (size_t)mark * SKIN_RINGS;
        CHECK_NEAR(block, exp(table_log_contrast(world.table.plug[at])), 0.05);
    }
    CHECK(head.photons >= 1000000);
    CHECK(table_file()->size <= 4000000);
    arena_close(&world.arena);
}

TEST(a_damaged_table_is_refused)
{
    const EmbedFile *file = table_file();
    SkinTable table;
    Err err;
    uint16_t *copy = malloc(file->size);
    REQUIRE(copy != NULL);
    uint8_t *byte = (uint8_t *)copy;
    memcpy(copy, file->bytes, file->size);
    CHECK(skin_table_parse(file->size, copy, &table, &err));
    byte[file->size / 2] ^= 1;
    CHECK(!skin_table_parse(file->size, copy, &table, &err));
    CHECK(strstr(err.text, "damaged") != NULL);
    byte[file->size / 2] ^= 1;
    CHECK(!skin_table_parse(file->size - 2, copy, &table, &err));
    CHECK(!skin_table_parse(3, copy, &table, &err));
    byte[8] ^= 7;
    CHECK(!skin_table_parse(file->size, copy, &table, &err));
    CHECK(strstr(err.text, "version") != NULL);
    byte[0] = 'X';
    CHECK(!skin_table_parse(file->size, copy, &table, &err));
    free(copy);
}

TEST(a_skin_without_room_is_refused)
{
    World world;
    REQUIRE(world_open(&world));
    SkinTone tone = skin_tone_of_lab((Lab){62, 9, 15});
    SkinMarks *marks;
    Arena small;
    REQUIRE(arena_open(&small, 100000, &world.err));
    CHECK(!skin_marks_new(&small, &world.table, &tone, &marks, &world.err));
    CHECK(world.err.code == ERR_LIMIT);
    arena_close(&small);
    arena_close(&world.arena);
}

TEST(absurd_marks_and_hairs_are_refused_with_their_value)
{
    Err err;
    CHECK(skin_mark_check(&(SkinMark){0.3, 0.3, 4.0, 1.03}, &err));
    CHECK(!skin_mark_check(&(SkinMark){(double)NAN, 0.3, 4.0, 1.03}, &err));
    CHECK(!skin_mark_check(&(SkinMark){0.3, -1.0, 4.0, 1.03}, &err));
    CHECK(!skin_mark_check(&(SkinMark){0.3, 0.3, -4.0, 1.03}, &err));
    CHECK(!skin_mark_check(&(SkinMark){0.3, 0.3, 4.0, (double)NAN}, &err));
    SkinHair hair = skin_hair_make(SKIN_HAIR_BLACK, 0.07);
    CHECK(skin_hair_check(&hair, &err));
    hair.stub_mm = 2.0;
    CHECK(!skin_hair_check(&hair, &err) && strstr(err.text, "2") != NULL);
    hair = skin_hair_make(SKIN_HAIR_BLACK, (double)NAN);
    CHECK(!skin_hair_check(&hair, &err));
}
