#include "optics/optics.h"

#include "base/test.h"
#include "optics/optics_reference.h"

#include <string.h>

/* Numbers that are given to five or six digits are met to half of their last one besides. */
static const double promised = 1e-3;
static const OpticsStack skin_like = {.count = 2,
                                      .layer = {{1.0, 20.0, 0.8, 0.1}, {0.2, 20.0, 0.8, 2.0}},
                                      .index = 1.4,
                                      .cos_incidence = 1.0};

TEST(slabs_are_within_a_thousandth_of_the_published_table)
{
    for (int i = 0; i < REFERENCE_SLABS; i++) {
        OpticsStack stack = reference_slab_stack(i);
        OpticsResult got = optics_reflect(&stack, OPTICS_DIRECTIONS);
        double want[4] = {reference_slab[i].beam_reflected, reference_slab[i].beam_transmitted,
                          reference_slab[i].diffuse_reflected,
                          reference_slab[i].diffuse_transmitted};
        CHECK_NEAR(got.beam_reflected, want[0], promised * want[0]);
        CHECK_NEAR(got.beam_transmitted, want[1], promised * want[1] + 1e-9);
        CHECK_NEAR(got.diffuse_reflected, want[2], promised * want[2]);
        CHECK_NEAR(got.diffuse_transmitted, want[3], promised * want[3] + 1e-9);
    }
}

TEST(skins_from_light_to_dark_are_within_a_thousandth_of_64_directions)
{
    for (int i = 0; i < REFERENCE_SKINS; i++) {
        OpticsStack stack = reference_skin_stack(i);
        OpticsResult got = optics_reflect(&stack, OPTICS_DIRECTIONS);
        double want = reference_skin[i].beam_reflected;
        CHECK_NEAR(got.beam_reflected, want, 0.25 * promised * want);
        want -= got.specular; /* the light from inside is met as well */
        CHECK_NEAR(got.beam_reflected - got.specular, want, promised * want + 5e-7);
        want = reference_skin[i].diffuse_reflected;
        CHECK_NEAR(got.diffuse_reflected, want, promised * want);
        want = reference_skin[i].beam_transmitted;
        CHECK_NEAR(got.beam_transmitted, want, promised * want + 5e-7);
    }
}

TEST(without_absorption_all_light_comes_out)
{
    for (int i = 0; i < 24; i++) {
        OpticsStack stack = {.count = 2,
                             .layer = {{0.0, 1.0 + i, 0.07 * i - 0.75, 0.3}, {0.0, 7.0, 0.5, 1.0}},
                             .index = 1.0 + 0.05 * i,
                             .cos_incidence = 1.0 - 0.04 * i};
        OpticsResult got = optics_reflect(&stack, OPTICS_DIRECTIONS);
        CHECK_NEAR(got.beam_reflected + got.beam_transmitted, 1.0, 1e-9);
        CHECK_NEAR(got.diffuse_reflected + got.diffuse_transmitted, 1.0, 1e-9);
    }
}

/* Closed form of a pane: sum over the reflections between its two faces. */
TEST(a_clear_pane_reflects_and_absorbs_as_in_the_textbook)
{
    OpticsStack stack = {.count = 1, .layer = {{0.7, 0.0, 0.5, 1.0}}, .index = 1.5};
    for (int i = 1; i <= 4; i++) {
        stack.cos_incidence = 0.25 * i;
        OpticsResult got = optics_reflect(&stack, OPTICS_DIRECTIONS);
        double cosine = sqrt(1.0 - (1.0 - 0.0625 * i * i) / 2.25);
        double once = exp(-0.7 / cosine), r = got.specular, rest = (1.0 - r) * (1.0 - r) * once;
        CHECK_NEAR(got.beam_transmitted, rest / (1.0 - r * r * once * once), 3e-6);
        CHECK_NEAR(got.beam_reflected, r + r * rest * once / (1.0 - r * r * once * once), 3e-6);
    }
    CHECK_NEAR(optics_reflect(&stack, OPTICS_DIRECTIONS).specular, 0.04, 1e-15);
}

TEST(no_layer_at_all_is_a_thin_pane)
{
    OpticsStack stack = {.count = 0, .index = 1.4, .cos_incidence = 1.0};
    OpticsResult got = optics_reflect(&stack, OPTICS_DIRECTIONS);
    CHECK_NEAR(got.specular, 0.4 * 0.4 / (2.4 * 2.4), 1e-15);
    CHECK_NEAR(got.beam_reflected, 2.0 * got.specular / (1.0 + got.specular), 1e-12);
    stack.index = 1.0;
    CHECK_NEAR(optics_reflect(&stack, OPTICS_DIRECTIONS).diffuse_transmitted, 1.0, 1e-12);
}

/* Specular loss of diffuse light, from outside 7.68 % at 1.4 (shown by an opaque black body). */
TEST(a_black_body_shows_its_gloss_only)
{
    OpticsStack stack = {
        .count = 1, .layer = {{1e4, 0.0, 0.0, 1.0}}, .index = 1.4, .cos_incidence = 1.0};
    OpticsResult got = optics_reflect(&stack, OPTICS_DIRECTIONS);
    CHECK_NEAR(got.beam_reflected, got.specular, 1e-12);
    CHECK_NEAR(got.diffuse_reflected, 0.0768, 5e-5);
    CHECK_NEAR(got.diffuse_transmitted, 0.0, 1e-12);
}

TEST(cutting_a_layer_in_two_changes_nothing)
{
    OpticsStack cut = skin_like;
    cut.count = 3;
    cut.layer[2] = cut.layer[1];
    cut.layer[1].thickness_mm = 0.37;
    cut.layer[2].thickness_mm -= 0.37;
    OpticsResult whole = optics_reflect(&skin_like, OPTICS_DIRECTIONS);
    OpticsResult parts = optics_reflect(&cut, OPTICS_DIRECTIONS);
    CHECK_NEAR(parts.beam_reflected, whole.beam_reflected, 1e-6);
    CHECK_NEAR(parts.beam_transmitted, whole.beam_transmitted, 1e-6);
    CHECK_NEAR(parts.diffuse_reflected, whole.diffuse_reflected, 1e-6);
}

TEST(a_bottomless_layer_is_a_very_thick_one)
{
    OpticsStack thick = skin_like, deep = skin_like;
    thick.layer[1].thickness_mm = 60.0;
    deep.layer[1].thickness_mm = (double)INFINITY;
    OpticsResult a = optics_reflect(&thick, OPTICS_DIRECTIONS);
    OpticsResult b = optics_reflect(&deep, OPTICS_DIRECTIONS);
    CHECK_NEAR(a.beam_reflected, b.beam_reflected, 1e-12);
    CHECK_NEAR(b.diffuse_transmitted, 0.0, 1e-12);
}

/* Diffuse light is beams from all sides: integral of 2 c R(c), by Simpson's rule. */
TEST(diffuse_light_is_the_mean_of_the_beams)
{
    enum { STEPS = 64 };
    OpticsStack stack = skin_like;
    double reflected = 0.0, transmitted = 0.0;
    for (int i = 1; i <= STEPS; i++) {
        stack.cos_incidence = (double)i / STEPS;
        double weight = (i == STEPS ? 1.0 : i % 2 == 1 ? 4.0 : 2.0) / (3.0 * STEPS);
        OpticsResult beam = optics_reflect(&stack, OPTICS_DIRECTIONS);
        reflected += 2.0 * stack.cos_incidence * weight * beam.beam_reflected;
        transmitted += 2.0 * stack.cos_incidence * weight * beam.beam_transmitted;
    }
    OpticsResult got = optics_reflect(&skin_like, OPTICS_DIRECTIONS);
    CHECK_NEAR(got.diffuse_reflected, reflected, 3e-5);
    CHECK_NEAR(got.diffuse_transmitted, transmitted, 3e-5);
}

TEST(more_directions_agree_on_forward_scattering_and_oblique_beams)
{
    for (int i = 0; i < 12; i++) {
        OpticsStack stack = skin_like;
        stack.layer[0].anisotropy = stack.layer[1].anisotropy = 0.4 + 0.05 * i;
        stack.cos_incidence = 1.0 - 0.08 * i;
        OpticsResult few = optics_reflect(&stack, OPTICS_DIRECTIONS);
        OpticsResult many = optics_reflect(&stack, OPTICS_MAX_DIRECTIONS);
        CHECK_NEAR(few.beam_reflected, many.beam_reflected, promised * many.beam_reflected);
        CHECK_NEAR(few.diffuse_reflected, many.diffuse_reflected,
                   promised * many.diffuse_reflected);
    }
}

TEST(extreme_stacks_stay_within_0_and_1)
{
    static const double extreme[] = {0.0, 1e-12, 1e-3, 1.0, 1e6};
    for (int i = 0; i < 625; i++) {
        double thickness = extreme[i / 125];
        OpticsStack stack = {.count = 2,
                             .layer = {{extreme[i % 5], extreme[i / 5 % 5], 0.999, thickness},
                                       {1e-3, extreme[i / 25 % 5], -0.8, (double)INFINITY}},
                             .index = i % 2 == 0 ? 1.0 : 3.0,
                             .cos_incidence = i % 3 == 0 ? 0.01 : 1.0};
        Err err;
        REQUIRE(optics_check(&stack, &err));
        for (int directions = OPTICS_MIN_DIRECTIONS; directions <= OPTICS_MAX_DIRECTIONS;
             directions += 18) {
            OpticsResult got = optics_reflect(&stack, directions);
            bool sane = got.beam_reflected > -1e-4 && got.beam_reflected < 1.0 + 1e-4 &&
                        got.diffuse_reflected > -1e-4 && got.diffuse_reflected < 1.0 + 1e-4 &&
                        fabs(got.beam_transmitted) < 1e-6;
            if (!CHECK(sane))
                printf("# case %d: %g %g %g\n", i, got.beam_reflected, got.diffuse_reflected,
                       got.beam_transmitted);
        }
    }
}

static bool refused(OpticsStack stack, const char *why)
{
    Err err;
    return !optics_check(&stack, &err) && err.code == ERR_INPUT && strstr(err.text, why) != NULL;
}

TEST(check_names_the_layer_and_the_value)
{
    Err err;
    CHECK(optics_check(&skin_like, &err));
    OpticsStack bad = skin_like;
    bad.layer[1].scattering_per_mm = -1.0;
    CHECK(refused(bad, "layer 2: scattering -1 /mm"));
    bad = skin_like;
    bad.layer[0].absorption_per_mm = (double)NAN;
    CHECK(refused(bad, "layer 1: absorption nan"));
    bad = skin_like;
    bad.layer[0].thickness_mm = (double)INFINITY;
    CHECK(refused(bad, "layer 1: thickness inf"));
    bad = skin_like;
    bad.layer[1].anisotropy = 1.0;
    CHECK(refused(bad, "layer 2: anisotropy 1"));
    bad.layer[1].anisotropy = -0.9;
    CHECK(refused(bad, "layer 2: anisotropy -0.9"));
    bad = skin_like;
    bad.index = 0.9;
    CHECK(refused(bad, "refractive index 0.9"));
    bad = skin_like;
    bad.cos_incidence = 0.0;
    CHECK(refused(bad, "cosine of incidence 0"));
    bad.count = OPTICS_MAX_LAYERS + 1;
    CHECK(refused(bad, "9 layers"));
}
