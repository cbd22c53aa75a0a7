#include "camera/sight_internal.h"

#include "base/test.h"
#include "camera/sight_truth.h"

#include <string.h>

enum { ARENA_BYTES = 256 << 20, PRINT_ID = 4711 };
static const double DEG = 57.29577951308232;
static const Rgb light_skin = {0.60F, 0.42F, 0.33F}, dark_skin = {0.06F, 0.035F, 0.025F};

typedef struct Bench {
    Arena arena, scratch;
    Err err;
    Marker *marker;
    Truth truth;
    uint8_t *grey;
    Image image;
    MarkerSights sights;
} Bench;

static bool bench_open(Bench *bench, MarkerKind kind, double px_per_mm, double tilt_deg,
                       double azimuth_deg, double roll_deg)
{
    memset(bench, 0, sizeof *bench);
    if (!arena_open(&bench->arena, ARENA_BYTES, &bench->err) ||
        !arena_open(&bench->scratch, ARENA_BYTES, &bench->err))
        return false;
    bench->marker = ARENA_NEW(&bench->arena, Marker, 1);
    if (bench->marker == NULL || !marker_make(kind, PRINT_ID, bench->marker, &bench->err))
        return false;
    Camera camera = truth_camera(bench->marker, px_per_mm, tilt_deg, azimuth_deg, roll_deg);
    bench->truth = truth_default(bench->marker, camera);
    return true;
}

static void bench_close(Bench *bench)
{
    arena_close(&bench->arena);
    arena_close(&bench->scratch);
}

static bool look(Bench *bench, const MarkerPrints *prints)
{
    return sight_find(&bench->arena, &bench->scratch, &bench->truth.camera.lens, bench->grey,
                      prints, &bench->sights, &bench->err);
}

static bool photograph(Bench *bench)
{
    return truth_grey(&bench->arena, &bench->truth, 2, &bench->grey, &bench->image, &bench->err);
}

/* What the issue asks of a card: corners to 0.05 px, scale to 0.05 %, tilt to 0.2 degrees. */
static bool is_good(const Bench *bench, double px_per_mm, double tilt_deg)
{
    const MarkerSight *sight = bench->sights.sight;
    bool good = CHECK(bench->sights.count == 1) && CHECK(sight->print_id == PRINT_ID) &&
                CHECK(sight->tag_count == bench->marker->tag_count) &&
                CHECK(truth_corner_rms(&bench->truth, sight) < 0.05) &&
                CHECK_NEAR(sight->px_per_mm / px_per_mm, 1, 5e-4) &&
                CHECK_NEAR(sight->tilt_rad * DEG, tilt_deg, 0.2) &&
                CHECK(!(sight->faults &
                        (SIGHT_BENT | SIGHT_MIRRORED | SIGHT_TAGS_MISSING | SIGHT_AMBIGUOUS)));
    return good;
}

/* ---- how exact ---- */

TEST(sight_of_a_card_is_exact_whatever_the_photograph_is_like)
{
    static const struct {
        MarkerKind kind;
        double px_per_mm, tilt, azimuth, roll, blur, noise;
        int jpeg;
        bool dark;
    } row[] = {
        {MARKER_CLOSE, 8, 0, 0, 0, 0.8, 2, 70, false},
        {MARKER_CLOSE, 8, 20, 30, 130, 0.0, 0, 0, true}, /* ideal sharp edges */
        {MARKER_CLOSE, 8, 40, 250, -80, 0.8, 2, 70, true},
        {MARKER_CLOSE, 8, 30, 120, 45, 1.6, 2, 70, false},
        {MARKER_CLOSE, 12, 10, 60, 5, 1.2, 4, 90, true},
        {MARKER_HEAD, 4, 5, 60, 5, 0.8, 2, 70, false},
        {MARKER_HEAD, 3, 35, 160, 190, 0.6, 2, 90, true},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        Bench bench;
        REQUIRE(bench_open(&bench, row[i].kind, row[i].px_per_mm, row[i].tilt, row[i].azimuth,
                           row[i].roll));
        bench.truth.blur_px = row[i].blur;
        bench.truth.noise_codes = row[i].noise;
        bench.truth.jpeg_quality = row[i].jpeg;
        bench.truth.skin = row[i].dark ? dark_skin : light_skin;
        bench.truth.seed = i;
        REQUIRE(CHECK(photograph(&bench) && look(&bench, NULL)));
        if (!is_good(&bench, truth_scale(&bench.truth), row[i].tilt))
            printf("# condition %zu\n", i);
        bench_close(&bench);
    }
}

TEST(sight_is_not_misled_by_the_cells_behind_the_border_of_small_tags)
{
    Bench bench;
    REQUIRE(bench_open(&bench, MARKER_HEAD, 1.5, 15, 30, 12)); /* cells of 3 px */
    REQUIRE(photograph(&bench) && look(&bench, NULL) && bench.sights.count == 1);
    CHECK(truth_corner_rms(&bench.truth, bench.sights.sight) < 0.04); /* else 0.06 */
    bench_close(&bench);
}

TEST(sight_goes_through_the_lens)
{
    Bench bench;
    REQUIRE(bench_open(&bench, MARKER_HEAD, 3, 15, 40, 20));
    bench.truth.camera.lens.k1 = -0.15; /* and the card far from the picture's middle */
    bench.truth.camera.lens.centre_x_px += 1200;
    Pose *pose = &bench.truth.camera.pose;
    *pose = camera_turn(*pose, vec_scale(pose->down, atan(1200 / 3000.0)));
    REQUIRE(photograph(&bench) && look(&bench, NULL) && bench.sights.count == 1);
    const MarkerSight *sight = bench.sights.sight;
    CHECK(truth_corner_rms(&bench.truth, sight) < 0.05);
    CHECK(sight->residual_px < 0.05);
    CHECK_NEAR(sight->tilt_rad * DEG, 15, 0.2);
    double want[2], px[2], mm[2];
    REQUIRE(truth_project(&bench.truth, -20, 33, want) && sight_to_px(sight, -20, 33, px));
    CHECK(hypot(px[0] - want[0], px[1] - want[1]) < 0.05);
    REQUIRE(sight_to_mm(sight, px[0], px[1], mm));
    CHECK(hypot(mm[0] + 20, mm[1] - 33) < 1e-6);
    /* the same picture as if it were straight: the card seems out of shape */
    bench.truth.camera.lens.k1 = 0;
    CHECK(!look(&bench, NULL) || bench.sights.sight->residual_px > 0.1);
    bench_close(&bench);
}

TEST(sight_scale_and_pose_are_of_the_truth_everywhere_on_the_card)
{
    Bench bench;
    REQUIRE(bench_open(&bench, MARKER_HEAD, 3, 35, 70, 10));
    REQUIRE(photograph(&bench) && look(&bench, NULL) && bench.sights.count == 1);
    const MarkerSight *sight = bench.sights.sight;
    const Camera *camera = &bench.truth.camera;
    CHECK(vec_distance(sight->camera.pose.eye_mm, camera->pose.eye_mm) <
          0.003 * vec_length(camera->pose.eye_mm));
    for (int i = -1; i <= 1; i++) {
        double a[2], b[2], c[2], x = 40 * i, y = 25 * i;
        REQUIRE(truth_project(&bench.truth, x, y, a) &&
                truth_project(&bench.truth, x + 1e-3, y, b));
        REQUIRE(truth_project(&bench.truth, x, y + 1e-3, c));
        double area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        CHECK_NEAR(sight_px_per_mm(sight, x, y) / (sqrt(fabs(area)) / 1e-3), 1, 1e-3);
    }
    bench_close(&bench);
}

TEST(sight_refines_a_dim_photograph)
{
    Bench bench;
    REQUIRE(bench_open(&bench, MARKER_HEAD, 4, 10, 0, 0));
    bench.truth.exposure = 0.04; /* five stops */
    bench.truth.noise_codes = 0.5;
    REQUIRE(photograph(&bench) && look(&bench, NULL));
    (void)is_good(&bench, truth_scale(&bench.truth), 10);
    bench_close(&bench);
}

/* ---- prints ---- */

TEST(sight_measures_by_the_print_that_the_card_says_it_is)
{
    Bench bench;
    REQUIRE(bench_open(&bench, MARKER_HEAD, 3, 0, 0, 0));
    MarkerPrint print[2] = {{.print_id = 12, .factor_x = 1.05, .factor_y = 1.05},
                            {.print_id = PRINT_ID, .factor_x = 0.97, .factor_y = 0.975}};
    MarkerPrints prints = {2, print};
    marker_apply_print(bench.marker, &print[1]);
    REQUIRE(photograph(&bench) && look(&bench, &prints));
    (void)is_good(&bench, truth_scale(&bench.truth), 0);
    CHECK(!(bench.sights.sight->faults & SIGHT_PRINT_UNKNOWN));
    CHECK(bench.sights.sight->scale_error < 0.002);
    REQUIRE(look(&bench, NULL)); /* as designed: wrong by what the printer did, and it is said */
    CHECK(bench.sights.sight->faults & SIGHT_PRINT_UNKNOWN);
    CHECK_NEAR(bench.sights.sight->px_per_mm / truth_scale(&bench.truth), sqrt(0.97 * 0.975), 1e-3);
    CHECK(bench.sights.sight->scale_error > 0.004);
    print[1].factor_x = 0.99;
    CHECK(!look(&bench, &prints) && bench.err.code == ERR_INPUT);
    bench_close(&bench);
}

/* ---- what is noticed ---- */

TEST(sight_notices_a_bent_card_and_refuses_one_that_measures_wrong)
{
    static const struct {
        double radius, tilt;
    } row[] = {{150, 0}, {-150, 0}, {150, 25}, {-150, 25}, {600, 10}, {-600, 10}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        Bench bench;
        REQUIRE(bench_open(&bench, MARKER_HEAD, 4, row[i].tilt, 30, 10));
        bench.truth.roll_mm = row[i].radius;
        REQUIRE(photograph(&bench));
        bool seen = look(&bench, NULL);
        if (!seen) { /* 8 mm over 100 mm */
            CHECK(bench.err.code == ERR_INPUT && (strstr(bench.err.text, "not flat") != NULL ||
                                                  strstr(bench.err.text, "bent by") != NULL));
            CHECK(fabs(row[i].radius) < 200);
        } else if (CHECK(bench.sights.count == 1 && (bench.sights.sight->faults & SIGHT_BENT))) {
            CHECK_NEAR(bench.sights.sight->bend_mm * 2 * row[i].radius / (50 * 50), 1, 0.25);
        }

        bench_close(&bench);
    }
}

TEST(sight_notices_a_mirrored_picture)
{
    Bench bench;
    REQUIRE(bench_open(&bench, MARKER_HEAD, 3, 20, 30, 10));
    bench.truth.mirrored = true;
    REQUIRE(photograph(&bench));
    Lens *lens = &bench.truth.camera.lens;
    double own_x = lens->centre_x_px;
    lens->centre_x_px = lens->width_px - own_x; /* of the picture as it is */
    bool ok = look(&bench, NULL);
    lens->centre_x_px = own_x;
    REQUIRE(ok && bench.sights.count == 1);
    const MarkerSight *sight = bench.sights.sight;
    CHECK(sight->faults & SIGHT_MIRRORED);
    CHECK(truth_corner_rms(&bench.truth, sight) < 0.05);
    CHECK_NEAR(sight->tilt_rad * DEG, 20, 0.2);
    double want[2], px[2];
    REQUIRE(truth_project(&bench.truth, 31, -12, want) && sight_to_px(sight, 31, -12, px));
    CHECK(hypot(px[0] - want[0], px[1] - want[1]) < 0.05);
    bench_close(&bench);
}

TEST(sight_notices_a_covered_tag)
{
    for (int tag = 0; tag < 4; tag++) {
        Bench bench;
        REQUIRE(bench_open(&bench, MARKER_HEAD, 3, 12, 200, 10));
        bench.truth.covered_tag = tag;
        REQUIRE(photograph(&bench) && look(&bench, NULL) && bench.sights.count == 1);
        const MarkerSight *sight = bench.sights.sight;
        CHECK(sight->faults & SIGHT_TAGS_MISSING);
        CHECK(sight->tag_count == bench.marker->tag_count - 1);
        bool carrier = bench.marker->tag[tag].carries_print;
        CHECK(sight->print_id == (carrier ? -1 : PRINT_ID));
        CHECK_NEAR(sight->px_per_mm / truth_scale(&bench.truth), 1, 5e-4);
        CHECK_NEAR(sight->tilt_rad * DEG, 12, 0.2);
        bench_close(&bench);
    }
}

TEST(sight_leaves_out_a_tag_that_does_not_lie_in_the_plane)
{
    Bench bench;
    REQUIRE(bench_open(&bench, MARKER_HEAD, 4, 12, 200, 10));
    Marker *designed = ARENA_NEW(&bench.arena, Marker, 1);
    REQUIRE(designed != NULL);
    memcpy(designed, bench.marker, sizeof *designed);
    bench.marker->tag[2].x_mm += 0.4; /* 1.6 px: a corner that was cut off and glued on again */
    marker_apply_print(bench.marker, &(MarkerPrint){.factor_x = 1, .factor_y = 1});
    REQUIRE(photograph(&bench) && look(&bench, NULL) && bench.sights.count == 1);
    const MarkerSight *sight = bench.sights.sight;
    REQUIRE(sight->tag_count == 8);
    for (int i = 0; i < 8; i++)
        CHECK(sight->tag[i].used == (i != 2));
    CHECK_NEAR(sight->tag[2].residual_px, 1.6, 0.2);
    CHECK(sight->faults & SIGHT_TAGS_MISSING && !(sight->faults & SIGHT_BENT));
    CHECK_NEAR(sight->px_per_mm / truth_scale(&bench.truth), 1, 5e-4);
    bench_close(&bench);
}

TEST(sight_warns_of_tilt_and_refuses_more_than_40_degrees)
{
    static const struct {
        double tilt;
        bool warned, refused;
    } row[] = {{24, false, false}, {26, true, false}, {40, true, false}, {44, true, true}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        Bench bench;
        REQUIRE(bench_open(&bench, MARKER_HEAD, 3, row[i].tilt, 100, 0));
        REQUIRE(photograph(&bench));
        bool seen = look(&bench, NULL);
        CHECK(seen != row[i].refused);
        if (seen && CHECK(bench.sights.count == 1))
            CHECK(!(bench.sights.sight->faults & SIGHT_TILTED) != row[i].warned);
        else
            CHECK(bench.err.code == ERR_INPUT && strstr(bench.err.text, "44 degrees") != NULL);
        bench_close(&bench);
    }
}

TEST(sight_warns_when_the_card_is_far_away)
{
    Bench bench;
    REQUIRE(bench_open(&bench, MARKER_CLOSE, 6, 5, 0, 0));
    REQUIRE(photograph(&bench) && look(&bench, NULL) && bench.sights.count == 1);
    CHECK(bench.sights.sight->faults & SIGHT_COARSE);
    bench_close(&bench);
}

TEST(sight_faults_all_have_their_sentence)
{
    for (unsigned bit = SIGHT_TAGS_MISSING; bit <= SIGHT_AMBIGUOUS; bit <<= 1)
        CHECK(strlen(sight_fault_text((SightFault)bit)) > 20);
}

/* ---- one, two, none ---- */

/* Two photographs side by side, as if both markers lay in one. */
static bool side_by_side(Arena *arena, const Bench *a, const Bench *b, Lens *lens, uint8_t **grey)
{
    int wa = a->image.width_px, wb = b->image.width_px;
    int ha = a->image.height_px, hb = b->image.height_px, w = wa + wb, h = ha > hb ? ha : hb;
    *lens = a->truth.camera.lens;
    lens->width_px = w, lens->height_px = h;
    *grey = ARENA_NEW(arena, uint8_t, (size_t)w * (size_t)h);
    if (*grey == NULL)
        return false;
    memset(*grey, 140, (size_t)w * (size_t)h);
    for (int y = 0; y < ha; y++)
        memcpy(*grey + (ptrdiff_t)y * w, a->grey + (ptrdiff_t)y * wa, (size_t)wa);
    for (int y = 0; y < hb; y++)
        memcpy(*grey + (ptrdiff_t)y * w + wa, b->grey + (ptrdiff_t)y * wb, (size_t)wb);
    return true;
}

TEST(sight_keeps_markers_apart)
{
    static const MarkerKind second[] = {MARKER_CLOSE, MARKER_HEAD};
    for (int i = 0; i < 2; i++) {
        Bench a, b;
        Lens lens;
        uint8_t *grey;
        MarkerSights sights;
        REQUIRE(bench_open(&a, MARKER_HEAD, 3, 0, 0, 20));
        REQUIRE(bench_open(&b, second[i], 3.5, 0, 0, -10));
        REQUIRE(marker_make(second[i], 999, b.marker, &b.err));
        REQUIRE(photograph(&a) && photograph(&b));
        REQUIRE(side_by_side(&a.arena, &a, &b, &lens, &grey));
        REQUIRE(sight_find(&a.arena, &a.scratch, &lens, grey, NULL, &sights, &a.err));
        REQUIRE(sights.count == 2);
        /* close cards first; of one kind, the larger */
        CHECK(sights.sight[0].marker.kind == second[i] && sights.sight[0].print_id == 999);
        CHECK(sights.sight[1].marker.kind == MARKER_HEAD && sights.sight[1].print_id == PRINT_ID);
        CHECK(sights.sight[0].tag_count == 8 && sights.sight[1].tag_count == 8);
        CHECK(truth_corner_rms(&a.truth, &sights.sight[1]) < 0.05);
        bench_close(&a);
        bench_close(&b);
    }
}

TEST(sight_of_nothing_is_none)
{
    Bench bench;
    REQUIRE(bench_open(&bench, MARKER_HEAD, 3, 0, 0, 0));
    Rng rng = rng_make(1, 0);
    static const int sizes[][2] = {{1, 1}, {31, 200}, {33, 33}, {300, 200}};
    uint8_t *grey = ARENA_NEW(&bench.arena, uint8_t, 300 * 200);
    REQUIRE(grey != NULL);
    for (int i = 0; i < 300 * 200; i++)
        grey[i] = (uint8_t)rng_below(&rng, 256);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        Lens lens = {.width_px = sizes[i][0], .height_px = sizes[i][1], .focal_px = 300};
        REQUIRE(
            sight_find(&bench.arena, &bench.scratch, &lens, grey, NULL, &bench.sights, &bench.err));
        CHECK(bench.sights.count == 0);
    }
    bench_close(&bench);
}

TEST(sight_of_a_worn_strip_gives_its_tags)
{
    Bench bench;
    REQUIRE(bench_open(&bench, MARKER_STRIP, 3, 0, 0, 0));
    Lens lens = {.width_px = 720,
                 .height_px = 200,
                 .focal_px = 1800,
                 .centre_x_px = 360,
                 .centre_y_px = 100};
    bench.truth.roll_mm = 90; /* a head, seen from in front of it and a little above */
    bench.truth.camera = camera_look_at(lens, vec3(60, -150, -550), vec3(0, 0, 20), vec3(0, -1, 0));
    bench.truth.jpeg_quality = 90;
    REQUIRE(photograph(&bench) && look(&bench, NULL) && bench.sights.count == 1);
    const MarkerSight *sight = bench.sights.sight;
    CHECK(sight->marker.kind == MARKER_STRIP && sight->print_id == PRINT_ID);
    CHECK(sight->tag_count >= 9); /* of 14 that face the camera within 80 degrees */
    /* edges along a band are arcs, of which lines miss 0.1 mm (a tag of 13 mm on a radius of 90) */
    CHECK(truth_corner_rms(&bench.truth, sight) < 0.3);
    for (int i = 1; i < sight->tag_count; i++)
        CHECK(sight->tag[i].tag > sight->tag[i - 1].tag);
    CHECK(sight->px_per_mm > 2.5 && sight->px_per_mm < 4);
    bench_close(&bench);
}

/* ---- limits ---- */

TEST(sight_says_when_memory_is_short)
{
    Bench bench;
    REQUIRE(bench_open(&bench, MARKER_HEAD, 2, 10, 0, 5));
    REQUIRE(photograph(&bench));
    Arena full = bench.arena, tight = bench.scratch;
    full.limit = full.used + 1000;
    CHECK(!sight_find(&full, &bench.scratch, &bench.truth.camera.lens, bench.grey, NULL,
                      &bench.sights, &bench.err));
    CHECK(bench.err.code == ERR_LIMIT);
    bool seen = false;
    for (tight.limit = 1000; !seen && tight.limit < ARENA_BYTES; tight.limit += 10000) {
        seen = sight_find(&bench.arena, &tight, &bench.truth.camera.lens, bench.grey, NULL,
                          &bench.sights, &bench.err);
        CHECK(seen || bench.err.code == ERR_LIMIT);
        CHECK(tight.used == 0);
    }
    CHECK(seen && bench.sights.count == 1);
    bench_close(&bench);
}
