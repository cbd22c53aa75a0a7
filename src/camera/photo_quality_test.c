#include "base/test.h"
#include "camera/photo_truth.h"

TEST(blur_of_a_slanted_edge_is_found_within_5_percent)
{
    TruthBench bench;
    REQUIRE(truth_bench_open(&bench, TILE, TILE));
    REQUIRE(marker_make(MARKER_CLOSE, 5, &bench.sight->marker, &bench.err));
    static const double sigma[] = {0.5, 0.8, 1.3, 2.0, 3.0};
    for (int i = 0; i < 5; i++) {
        truth_draw_edge(&bench, 0.1 * i - 0.12, (double[2]){sigma[i], sigma[i]}, 0.005);
        REQUIRE(photo_quality(&bench.arena, &bench.photo, bench.sight, NULL, &bench.quality,
                              &bench.err));
        CHECK(bench.quality.from_edge);
        CHECK_NEAR(bench.quality.blur_px / sigma[i], 1.0, 0.05);
        CHECK(bench.quality.blur_anisotropy < 1.05);
    }
    arena_close(&bench.arena);
}

TEST(motion_shows_as_anisotropy)
{
    TruthBench bench;
    REQUIRE(truth_bench_open(&bench, TILE, TILE));
    REQUIRE(marker_make(MARKER_CLOSE, 5, &bench.sight->marker, &bench.err));
    truth_draw_edge(&bench, 0.0, (double[2]){2.4, 1.0}, 0.005);
    REQUIRE(
        photo_quality(&bench.arena, &bench.photo, bench.sight, NULL, &bench.quality, &bench.err));
    CHECK_NEAR(bench.quality.blur_anisotropy, 2.4, 0.1);
    CHECK_NEAR(bench.quality.blur_px, sqrt(0.5 * (2.4 * 2.4 + 1.0)), 0.1);
    arena_close(&bench.arena);
}

/* As a selfie camera shows it: the picture and the homography turned about. */
TEST(a_mirrored_marker_gives_the_same_blur)
{
    TruthBench bench;
    REQUIRE(truth_bench_open(&bench, TILE, TILE));
    REQUIRE(marker_make(MARKER_CLOSE, 5, &bench.sight->marker, &bench.err));
    truth_draw_edge(&bench, 0.05, (double[2]){1.2, 1.2}, 0.005);
    float *rgb = bench.photo.light.rgb;
    for (int y = 0; y < TILE; y++)
        for (int x = 0; x < TILE / 2; x++)
            for (int c = 0; c < 3; c++) {
                float *a = &rgb[3 * (y * TILE + x) + c],
                      *b = &rgb[3 * (y * TILE + TILE - 1 - x) + c];
                float swap = *a;
                *a = *b, *b = swap;
            }
    for (int k = 0; k < 3; k++)
        bench.sight->homography[k] =
            TILE * bench.sight->homography[6 + k] - bench.sight->homography[k];
    bench.sight->faults = SIGHT_MIRRORED;
    REQUIRE(
        photo_quality(&bench.arena, &bench.photo, bench.sight, NULL, &bench.quality, &bench.err));
    CHECK(bench.quality.from_edge);
    CHECK_NEAR(bench.quality.blur_px, 1.2, 0.06);
    arena_close(&bench.arena);
}

/* ---- without a marker ---- */

TEST(noise_is_found_within_15_percent_beside_discs_and_hairs)
{
    static const TruthPicture scene[] = {
        {1.0, {0, 0, 0}, {1e-5, 1e-5, 1e-5}, 0.0, true, false, true}, /* as much as the rounding */
        {1.0, {2e-6, 1e-6, 4e-6}, {3e-4, 2e-4, 5e-4}, 0.0, true, true, true},
        {1.0, {1e-6, 1e-6, 2e-6}, {1e-4, 8e-5, 2e-4}, 0.7, true, true, true},
        {1.5, {1e-5, 1e-5, 1e-5}, {4e-4, 4e-4, 4e-4}, 1.2, true, false, true},
        {1.0, {0, 0, 0}, {2e-4, 2e-4, 2e-4}, 0.5, false, false, false}};
    TruthBench bench;
    REQUIRE(truth_bench_open(&bench, WIDE, TALL));
    for (int i = 0; i < 5; i++) {
        truth_draw_scene(&scene[i], &bench.photo.light);
        bench.photo.facts.bits = scene[i].rounded ? 8 : 16;
        PhotoQuality *quality = &bench.quality;
        memset(quality, 0, sizeof *quality);
        bool ok = photo_quality(&bench.arena, &bench.photo, NULL, NULL, quality, &bench.err);
        CHECK(bench.quality.blur_assumed == !scene[i].discs); /* no edge, no blur */
        for (int c = 0; c < 3 && ok; c++) {
            for (int step = 1; step <= 5; step++) {
                double light = 0.1 * step;
                double want = sqrt(scene[i].a[c] + scene[i].b[c] * light);
                double got = sqrt(quality->noise_a[c] + quality->noise_b[c] * light);
                CHECK_NEAR(got / want, 1.0, 0.15);
            }
        }
        if (ok)
            CHECK_NEAR(quality->noise_sigma_px, scene[i].grain, 0.15);
    }
    arena_close(&bench.arena);
}

TEST(without_a_marker_the_sharp_half_of_a_picture_tells_its_blur)
{
    static const double blur[] = {0.7, 1.0, 1.6, 2.5};
    TruthBench bench;
    REQUIRE(truth_bench_open(&bench, WIDE, TALL));
    bench.photo.facts.bits = 8;
    for (int i = 0; i < 4; i++) {
        TruthPicture scene = {blur[i], {1e-6, 1e-6, 1e-6}, {1e-4, 1e-4, 1e-4}, 0.5, true, true,
                              true};
        truth_draw_scene(&scene, &bench.photo.light);
        REQUIRE(photo_quality(&bench.arena, &bench.photo, NULL, NULL, &bench.quality, &bench.err));
        CHECK(!bench.quality.from_edge);
        CHECK_NEAR(bench.quality.blur_px / blur[i], 1.0, 0.15);
    }
    arena_close(&bench.arena);
}

TEST(clipped_pixels_are_counted_in_the_region_alone)
{
    TruthBench bench;
    REQUIRE(truth_bench_open(&bench, WIDE, TALL));
    bench.photo.facts.bits = 8;
    TruthPicture scene = {1.0, {1e-6, 1e-6, 1e-6}, {1e-4, 1e-4, 1e-4}, 0.5, true, false, true};
    truth_draw_scene(&scene, &bench.photo.light);
    uint8_t *region = ARENA_NEW(&bench.arena, uint8_t, WIDE * TALL);
    REQUIRE(region != NULL);
    for (int i = 0; i < WIDE * TALL; i++) {
        region[i] = i / WIDE < TALL / 2;
        if (i % WIDE < WIDE / 10)
            bench.photo.light.rgb[3 * i] = 1.0f; /* one channel will do */
        if (i / WIDE >= TALL / 2)
            bench.photo.light.rgb[3 * i] = 1.0f;
    }
    REQUIRE(photo_quality(&bench.arena, &bench.photo, NULL, region, &bench.quality, &bench.err));
    CHECK_NEAR(bench.quality.clipped_share, 0.1, 1e-6);
    REQUIRE(photo_quality(&bench.arena, &bench.photo, NULL, NULL, &bench.quality, &bench.err));
    CHECK_NEAR(bench.quality.clipped_share, 0.55, 1e-6);
    arena_close(&bench.arena);
}

TEST(a_plain_wall_has_no_blur_to_tell_and_gets_the_usual_one)
{
    TruthBench bench;
    REQUIRE(truth_bench_open(&bench, 200, 200));
    for (int i = 0; i < 3 * 200 * 200; i++)
        bench.photo.light.rgb[i] = 0.4f;
    REQUIRE(photo_quality(&bench.arena, &bench.photo, NULL, NULL, &bench.quality, &bench.err));
    CHECK(bench.quality.blur_assumed && !bench.quality.noise_assumed);
    CHECK_NEAR(bench.quality.blur_px, 0.9, 1e-12);
    CHECK_NEAR(bench.quality.noise_a[1] + bench.quality.noise_b[1], 0.0, 1e-9);
    for (int i = 0; i < 3 * 200 * 200; i++)
        bench.photo.light.rgb[i] = 1.0f; /* all clipped */
    REQUIRE(photo_quality(&bench.arena, &bench.photo, NULL, NULL, &bench.quality, &bench.err));
    CHECK(bench.quality.noise_assumed);
    arena_close(&bench.arena);
}

TEST(quality_with_any_smaller_arena_is_a_clean_limit)
{
    TruthBench bench;
    REQUIRE(truth_bench_open(&bench, WIDE, TALL));
    TruthPicture scene = {1.0, {1e-6, 1e-6, 1e-6}, {1e-4, 1e-4, 1e-4}, 0.5, true, false, true};
    truth_draw_scene(&scene, &bench.photo.light);
    int limits = 0;
    for (size_t room = 1 << 10; room < 4 << 20; room *= 2) {
        Arena small = bench.arena;
        small.limit = bench.arena.used + room;
        bool ok = photo_quality(&small, &bench.photo, NULL, NULL, &bench.quality, &bench.err);
        CHECK(ok || bench.err.code == ERR_LIMIT);
        limits += !ok;
    }
    CHECK(limits > 0 && limits < 12);
    arena_close(&bench.arena);
}
