#include "hair/hair.h"

#include "base/rng.h"
#include "base/test.h"
#include "head/place.h"
#include "head/vault.h"

#include <string.h>

static Arena arena, scratch;
static HeadTopology topology;
static Head head;
static double *margin_mm, *truth;
static Rgb *color;

static bool setup(void)
{
    Err err;
    if (arena.base != NULL)
        return true;
    if (!arena_open(&arena, (size_t)512 << 20, &err) ||
        !arena_open(&scratch, (size_t)512 << 20, &err) ||
        !head_topology_new(&arena, HEAD_LEVEL, &topology, &err))
        return false;
    size_t n = (size_t)topology.vertex_count;
    double *radius_mm = ARENA_NEW(&arena, double, n);
    VaultShape shape = vault_mean();
    for (size_t v = 0; v < n; v++)
        radius_mm[v] = vault_radius_mm(&shape, topology.direction[v]);
    if (!head_new(&arena, &topology, radius_mm, &head, &err))
        return false;
    vault_landmarks_mm(&shape, head.landmark_mm);
    margin_mm = ARENA_NEW(&arena, double, n);
    truth = ARENA_NEW(&arena, double, n);
    color = ARENA_NEW(&arena, Rgb, n);
    hair_scalp_margin(&head, margin_mm);
    return true;
}

typedef struct Paint {
    Lab skin;
    double darker;   /* of full stubble: 1 - Y_stubble / Y_skin */
    double shade[3]; /* light: exp(dot(shade, direction)) */
    double noise;    /* relative, per vertex */
    double mottle;   /* relative, smooth blotches of some 25 mm */
    double edge_mm;  /* over which the fringe fades out */
    bool everywhere; /* stubble on the whole scalp instead of a fringe */
    bool patch;      /* with a bare disc of 20 mm radius at the crown */
} Paint;

/* A horseshoe of stubble under a bald top: below a level that falls towards the temples. */
static double fringe(const Paint *paint, int v)
{
    Vec3 p = head.position_mm[v];
    if (margin_mm[v] <= 0.0 || paint->darker <= 0.0)
        return 0.0;
    double below_mm = paint->everywhere ? 50.0 : 75.0 - 0.25 * p.z - p.y;
    double bare_mm = 20.0 - vec_distance(p, vec3(0.0, 118.0, -45.0));
    if (paint->patch && bare_mm > -30.0)
        below_mm = fmin(below_mm, -bare_mm);
    double t = below_mm / fmax(paint->edge_mm, 0.1) + 0.5;
    return fmin(fmax(t, 0.0), 1.0);
}

static void paint_head(const Paint *paint)
{
    Rgb skin = color_from_lab(paint->skin);
    Rng rng = rng_make(7, 0);
    for (int v = 0; v < topology.vertex_count; v++) {
        Vec3 d = topology.direction[v];
        truth[v] = fringe(paint, v);
        double light = exp(paint->shade[0] * d.x + paint->shade[1] * d.y + paint->shade[2] * d.z);
        light *= 1.0 + paint->noise * rng_normal(&rng);
        light *= 1.0 + paint->mottle * sin(23.0 * d.x) * sin(19.0 * d.y + 1.0) * sin(21.0 * d.z);
        /* stubble is a little greyer than skin: red is darkened more than blue */
        double y = pow(1.0 - paint->darker, truth[v]) * fmax(light, 0.05);
        color[v] =
            (Rgb){skin.r * (float)(y * (1.0 - 0.05 * paint->darker * truth[v])), skin.g * (float)y,
                  skin.b * (float)(y * (1.0 + 0.05 * paint->darker * truth[v]))};
    }
}

/* Share of the scalp's area (6 mm off its rim) where cover and truth agree. */
static double agreement(const HairSurvey *survey)
{
    double same = 0.0, all = 0.0;
    for (int v = 0; v < topology.vertex_count; v++) {
        if (margin_mm[v] < 6.0)
            continue;
        all += head.area_mm2[v];
        same += (survey->cover[v] > 0.5) == (truth[v] > 0.5) ? head.area_mm2[v] : 0.0;
    }
    return same / all;
}

static bool survey_of(const Paint *paint, HairSurvey *survey)
{
    Err err;
    paint_head(paint);
    bool ok = hair_survey(&arena, &scratch, &head, color, NULL, survey, &err);
    return CHECK(ok);
}

static const Lab light_skin = {68.0, 11.0, 16.0}, dark_skin = {33.0, 10.0, 13.0};

TEST(a_horseshoe_of_stubble_is_found_where_it_grows)
{
    REQUIRE(setup());
    HairSurvey survey;
    Paint paint = {.skin = light_skin, .darker = 0.3, .noise = 0.08, .edge_mm = 8.0};
    REQUIRE(survey_of(&paint, &survey));
    CHECK(survey.has_stubble && survey.has_color);
    CHECK(agreement(&survey) > 0.97);
    CHECK_NEAR(survey.contrast, 0.3, 0.03);
    CHECK(color_delta_e2000(survey.tone.lab, light_skin) < 1.5);
    CHECK_NEAR(survey.stubble_mm2, head_area_mm2(&head, truth), 0.06 * survey.stubble_mm2);
    printf("# separation %.1f, agreement %.3f, contrast %.3f, darkness %.2f\n", survey.separation,
           agreement(&survey), survey.contrast, survey.darkness);
}

TEST(shading_baked_into_the_scan_is_not_taken_for_hair)
{
    REQUIRE(setup());
    const double shades[][3] = {
        {0.0, 0.4, 0.1}, {0.35, 0.0, 0.2}, {0.0, -0.3, 0.3}, {-0.3, 0.3, 0}};
    for (int i = 0; i < 4; i++) {
        HairSurvey survey;
        Paint paint = {.skin = light_skin, .darker = 0.25, .noise = 0.06, .edge_mm = 8.0};
        memcpy(paint.shade, shades[i], sizeof paint.shade);
        REQUIRE(survey_of(&paint, &survey));
        printf("# shade %d: separation %.1f agreement %.3f contrast %.3f\n", i, survey.separation,
               agreement(&survey), survey.contrast);
        CHECK(survey.has_stubble);
        CHECK(agreement(&survey) > 0.95);
        CHECK_NEAR(survey.contrast, 0.25, 0.06);
        paint.darker = 0.0;
        REQUIRE(survey_of(&paint, &survey));
        CHECK(!survey.has_stubble);
        CHECK_NEAR(survey.stubble_mm2, 0.0, 0.0);
    }
}

TEST(even_and_blotchy_skin_have_no_stubble)
{
    REQUIRE(setup());
    const Paint paints[] = {{.skin = light_skin},
                            {.skin = light_skin, .noise = 0.02},
                            {.skin = light_skin, .noise = 0.2},
                            {.skin = light_skin, .noise = 0.03, .mottle = 0.06},
                            {.skin = light_skin, .mottle = 0.15},
                            {.skin = dark_skin, .noise = 0.1, .mottle = 0.05}};
    for (size_t i = 0; i < sizeof paints / sizeof paints[0]; i++) {
        HairSurvey survey;
        REQUIRE(survey_of(&paints[i], &survey));
        CHECK(!survey.has_stubble);
        if (survey.has_stubble)
            printf("# skin %zu: separation %.2f contrast %.3f\n", i, survey.separation,
                   survey.contrast);
    }
}

TEST(dark_skin_is_split_while_there_is_contrast_and_says_so_when_not)
{
    REQUIRE(setup());
    HairSurvey survey;
    Paint paint = {.skin = dark_skin, .darker = 0.15, .noise = 0.06, .edge_mm = 8.0};
    REQUIRE(survey_of(&paint, &survey));
    CHECK(survey.has_stubble);
    CHECK(agreement(&survey) > 0.95);
    paint.darker = 0.03;
    paint.noise = 0.1;
    REQUIRE(survey_of(&paint, &survey));
    CHECK(!survey.has_stubble);
    CHECK(survey.has_color);
    CHECK(color_delta_e2000(survey.tone.lab, dark_skin) < 1.5);
}

TEST(a_full_head_of_stubble_is_told_from_the_bare_forehead_and_shows_its_patch)
{
    REQUIRE(setup());
    HairSurvey survey;
    Paint paint = {.skin = light_skin,
                   .darker = 0.3,
                   .noise = 0.06,
                   .edge_mm = 4.0,
                   .everywhere = true,
                   .patch = true};
    REQUIRE(survey_of(&paint, &survey));
    CHECK(survey.has_stubble);
    CHECK(agreement(&survey) > 0.97);
}

/* ---- photographs ---- */

/* Roughness of skin and of stubble, each place a little different, as pores and hairs are. */
static void roughen(double roughness[], double skin, double stubble)
{
    Rng rng = rng_make(11, 0);
    for (int v = 0; v < topology.vertex_count; v++)
        roughness[v] = (skin + (stubble - skin) * sqrt(truth[v])) * exp(0.15 * rng_normal(&rng));
}

TEST(in_a_photographs_hard_light_roughness_tells_the_stubble)
{
    REQUIRE(setup());
    Err err;
    HairSurvey survey;
    size_t mark = arena_mark(&arena);
    double *roughness = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    const double shades[][3] = {{0.0, 1.0, 0.3}, {0.9, 0.4, 0.2}, {-0.5, -0.8, 0.4}};
    for (int i = 0; i < 3; i++) {
        Paint paint = {.skin = light_skin, .darker = 0.12, .noise = 0.05, .edge_mm = 6.0};
        memcpy(paint.shade, shades[i], sizeof paint.shade);
        paint_head(&paint);
        roughen(roughness, 0.03, 0.10);
        HairPhotos photos = {.roughness = roughness};
        REQUIRE(hair_survey(&arena, &scratch, &head, color, &photos, &survey, &err));
        printf("# light %d: agreement %.3f\n", i, agreement(&survey));
        CHECK(survey.has_stubble && agreement(&survey) > 0.95);
        roughen(roughness, 0.03, 0.03);
        REQUIRE(hair_survey(&arena, &scratch, &head, color, &photos, &survey, &err));
        CHECK(!survey.has_stubble);
    }
    arena_rewind(&arena, mark);
}

TEST(what_no_photograph_shows_grows_as_its_surroundings)
{
    REQUIRE(setup());
    Err err;
    HairSurvey survey;
    size_t mark = arena_mark(&arena);
    double *roughness = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    Paint paint = {.skin = light_skin, .darker = 0.12, .noise = 0.05, .edge_mm = 6.0};
    paint_head(&paint);
    roughen(roughness, 0.03, 0.10);
    double same = 0.0, hidden = 0.0;
    for (int v = 0; v < topology.vertex_count; v++) /* a band as a worn strip covers it */
        if (fabs(head.position_mm[v].y - 60.0) < 15.0)
            color[v] = (Rgb){0.0F, 0.0F, 0.0F};
    HairPhotos photos = {.roughness = roughness};
    REQUIRE(hair_survey(&arena, &scratch, &head, color, &photos, &survey, &err));
    for (int v = 0; v < topology.vertex_count; v++)
        if (fabs(head.position_mm[v].y - 60.0) < 15.0 && margin_mm[v] > 6.0) {
            hidden += head.area_mm2[v];
            same += (survey.cover[v] > 0.5) == (truth[v] > 0.5) ? head.area_mm2[v] : 0.0;
        }
    CHECK(hidden > 1000.0 && same > 0.9 * hidden);
    CHECK(color_delta_e2000(survey.stubble_lab, (Lab){0.0, 0.0, 0.0}) > 20.0);
    arena_rewind(&arena, mark);
}

TEST(the_tone_is_the_cards_or_only_the_angle)
{
    REQUIRE(setup());
    Err err;
    HairSurvey survey;
    size_t mark = arena_mark(&arena);
    double *roughness = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    Rgb *true_color = ARENA_NEW(&arena, Rgb, (size_t)topology.vertex_count);
    Paint paint = {.skin = light_skin, .darker = 0.12, .noise = 0.05, .edge_mm = 6.0};
    paint_head(&paint);
    roughen(roughness, 0.03, 0.10);
    for (int v = 0; v < topology.vertex_count; v++) {
        if (head.normal[v].z > 0.8 && truth[v] < 0.05)
            true_color[v] = color_from_lab(dark_skin);
        color[v].r *= 1.6F; /* a lamp */
    }
    HairPhotos photos = {.roughness = roughness, .true_color = true_color};
    REQUIRE(hair_survey(&arena, &scratch, &head, color, &photos, &survey, &err));
    CHECK(color_delta_e2000(survey.tone.lab, dark_skin) < 1.0);
    photos.true_color = NULL;
    REQUIRE(hair_survey(&arena, &scratch, &head, color, &photos, &survey, &err));
    Lab natural = skin_lab_of_ita(survey.tone.ita_deg);
    CHECK(survey.has_color && color_delta_e2000(survey.tone.lab, natural) < 1.0);
    arena_rewind(&arena, mark);
}

TEST(without_colour_the_survey_states_a_default_and_no_hair)
{
    REQUIRE(setup());
    Err err;
    HairSurvey survey;
    REQUIRE(hair_survey(&arena, &scratch, &head, NULL, NULL, &survey, &err));
    CHECK(!survey.has_color && !survey.has_stubble);
    CHECK_NEAR(head_area_mm2(&head, survey.cover), 0.0, 0.0);
    CHECK(survey.hair_per_cm2.low < survey.hair_per_cm2.expected);
    CHECK(survey.tone.ita_deg > 10.0 && survey.tone.ita_deg < 55.0);
}

TEST(a_colour_that_is_not_a_number_is_refused)
{
    REQUIRE(setup());
    Err err;
    HairSurvey survey;
    paint_head(&(Paint){.skin = light_skin});
    color[1234].g = (float)NAN;
    CHECK(!hair_survey(&arena, &scratch, &head, color, NULL, &survey, &err) &&
          err.code == ERR_INPUT);
}

TEST(a_survey_without_memory_is_a_limit_and_repeats_itself_with_it)
{
    REQUIRE(setup());
    HairSurvey first, second;
    Paint paint = {.skin = light_skin, .darker = 0.3, .noise = 0.1, .edge_mm = 8.0};
    REQUIRE(survey_of(&paint, &first));
    REQUIRE(survey_of(&paint, &second));
    CHECK(memcmp(first.cover, second.cover, (size_t)topology.vertex_count * sizeof(double)) == 0);
    for (size_t budget = 0; budget < 4; budget++) {
        Err err;
        Arena small = scratch;
        small.limit = small.used + budget * 500000;
        CHECK(!hair_survey(&arena, &small, &head, color, NULL, &second, &err));
        CHECK(err.code == ERR_LIMIT);
    }
}

TEST(the_scalp_leaves_out_face_and_ears)
{
    REQUIRE(setup());
    const struct {
        Vec3 at;
        bool scalp;
    } places[] = {{{0, 130, 0}, true},   {{0, 100, 60}, true},  {{0, 40, 95}, false},
                  {{0, 70, 85}, false},  {{70, 5, -12}, false}, {{-70, 5, -12}, false},
                  {{60, 10, 50}, false}, {{70, 60, 0}, true},   {{0, 20, -100}, true},
                  {{60, 10, -60}, true}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        HeadPoint at = head_nearest(&head, places[i].at);
        CHECK((head_interpolate(&head, at, margin_mm) > 0.0) == places[i].scalp);
    }
}

/* A scan of a man whose whole scalp is shaved hair (CC BY 3.0, not in the repository). */
TEST(on_a_real_scan_of_a_shaved_man_the_scalp_is_stubble_and_the_forehead_is_bare)
{
    const char *path = "../shared/data/heads/lee_perry_smith.glb";
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        printf("# skipped: needs %s\n", path);
        return;
    }
    fclose(file);
    REQUIRE(setup());
    Err err = {0};
    Mesh scan;
    MeshRays rays;
    REQUIRE(mesh_read_file(&arena, &scratch, path, &scan, &err) &&
            mesh_rays_open(&scan, &rays, &err));
    static PlaceWarnings warnings;
    PlaceLandmarks none = {0};
    Placement placement;
    Head man;
    Image chart;
    Rgb *seen;
    HairSurvey survey;
    bool ok = place_find(&scratch, &scan, &rays, &none, (PlaceScale){.circumference_mm = 575.0},
                         &placement, &warnings, &err) &&
              place_import(&arena, &scratch, &scan, &rays, &placement, &topology, 2, &man,
                           &warnings, &err) &&
              place_bake(&arena, &scan, &rays, &placement, &man, 1024, 2, &chart, &err) &&
              place_vertex_color(&arena, &man, &chart, &seen, &err) &&
              hair_survey(&arena, &scratch, &man, seen, NULL, &survey, &err);
    mesh_rays_close(&rays);
    REQUIRE(ok);
    printf("# separation %.1f, contrast %.2f, stubble %.0f cm2, ITA %.0f\n", survey.separation,
           survey.contrast, survey.stubble_mm2 / 100.0, survey.tone.ita_deg);
    CHECK(survey.has_stubble);
    CHECK(survey.stubble_mm2 > 30000.0);
    HeadPoint crown = head_nearest(&man, vec3(0, 110, -70)),
              brow = head_nearest(&man, vec3(0, 75, 85));
    CHECK(head_interpolate(&man, crown, survey.cover) > 0.7);
    CHECK_NEAR(head_interpolate(&man, brow, survey.cover), 0.0, 0.0);
}
