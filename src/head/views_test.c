#include "base/rng.h"
#include "base/test.h"
#include "head/place.h"
#include "head/vault.h"
#include "head/views_truth.h"

#include <string.h>

static Arena arena, scratch;
static HeadTopology level6;
static Head vault;

static bool make_head(const double radius_mm[], Head *head)
{
    Err err;
    VaultShape mean = vault_mean();
    if (!head_new(&arena, &level6, radius_mm, head, &err))
        return false;
    vault_landmarks_mm(&mean, head->landmark_mm);
    return true;
}

static double *vault_radii(void)
{
    double *r = ARENA_NEW(&arena, double, (size_t)level6.vertex_count);
    VaultShape mean = vault_mean();
    if (r != NULL)
        vault_radii_mm(&mean, &level6, r);
    return r;
}

static bool setup(void)
{
    Err err;
    if (arena.base != NULL)
        return true;
    if (!arena_open(&arena, (size_t)1 << 30, &err) ||
        !arena_open(&scratch, (size_t)1 << 30, &err) ||
        !head_topology_new(&arena, HEAD_LEVEL, &level6, &err)) {
        printf("# %s\n", err.text);
        return false;
    }
    double *r = vault_radii();
    return r != NULL && make_head(r, &vault);
}

/* ---- photographs of a painted head ------------------------------------------------------------
 */

typedef struct Photographs {
    int count;
    Camera camera[5];
    ImageF light[5];
    double gain[5][3];
} Photographs;

static const double even[3] = {1.0, 1.0, 1.0};

static bool take_around(Photographs *photos)
{
    static const Vec3 from[5] = {
        {0.0, 0.3, 1.0}, {1.0, 0.4, 0.1}, {-1.0, 0.3, 0.2}, {0.0, 1.0, 0.05}, {0.1, 0.4, -1.0}};
    static const double gain[5][3] = {
        {1.0, 1.0, 1.0}, {1.3, 1.2, 1.1}, {0.7, 0.75, 0.8}, {1.1, 0.9, 0.8}, {0.5, 0.55, 0.6}};
    photos->count = 5;
    for (int i = 0; i < 5; i++) {
        memcpy(photos->gain[i], gain[i], sizeof gain[i]);
        photos->camera[i] = truth_camera(from[i], 700.0, 640, 1700.0);
        if (!truth_take(&arena, &vault, &photos->camera[i], truth_skin, gain[i], &photos->light[i]))
            return false;
    }
    return true;
}

static bool bake(const Head *head, const Photographs *photos, int side_px, int threads,
                 ViewBake *sums, Image *chart, double *covered)
{
    Err err;
    bool ok = view_bake_new(&arena, side_px, sums, &err);
    for (int i = 0; ok && i < photos->count; i++)
        ok = view_bake_add(&scratch, sums, head, &photos->camera[i], &photos->light[i], NULL,
                           threads, &err);
    ok = ok && view_bake_finish(&arena, sums, chart, covered, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

static bool is_black(const Image *chart, int x, int y)
{
    const uint8_t *rgb = &chart->rgb[3 * ((size_t)y * chart->width_px + x)];
    return (rgb[0] | rgb[1] | rgb[2]) == 0;
}

TEST(five_photographs_of_unlike_exposure_give_back_the_painted_head)
{
    REQUIRE(setup());
    static Photographs photos;
    static ViewBake sums;
    Image chart;
    double covered, sum = 0.0, worst = 0.0;
    REQUIRE(take_around(&photos));
    enum { SIDE = 1024 };
    REQUIRE(bake(&vault, &photos, SIDE, 2, &sums, &chart, &covered));
    CHECK(covered > 0.96);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 3; k++)
            CHECK_NEAR(sums.gain[i][k] * photos.gain[i][k], 1.0, 0.01);
    long long seen = 0, below = 0;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            Vec3 d = truth_direction(SIDE, x, y);
            below += !is_black(&chart, x, y) && d.y < HEAD_CUT - 0.03;
            if (is_black(&chart, x, y) ||
                d.y < HEAD_CUT + 0.05) /* where this head ends in the air */
                continue;
            seen++;
            Rgb want = truth_skin(d), got = image_sample(&chart, x + 0.5, y + 0.5);
            double off = fabs((double)got.g / (double)want.g - 1.0);
            sum += off;
            worst = fmax(worst, off);
        }
    printf("# covered %.4f, mean error %.4f, worst %.4f\n", covered, sum / (double)seen, worst);
    CHECK_NEAR(below, 0, 0);
    CHECK(seen > 500000);
    CHECK(sum / (double)seen < 0.006);
    CHECK(worst < 0.02);
}

TEST(a_chart_has_the_same_bytes_for_any_threads)
{
    REQUIRE(setup());
    static Photographs photos;
    photos.count = 1;
    photos.camera[0] = truth_camera(vec3(0.5, 0.7, 0.5), 600.0, 200, 450.0);
    REQUIRE(truth_take(&arena, &vault, &photos.camera[0], truth_skin, even, &photos.light[0]));
    static ViewBake sums;
    Image one, other;
    double covered;
    REQUIRE(bake(&vault, &photos, 300, 1, &sums, &one, &covered));
    for (int threads = 2; threads <= 9; threads++) {
        REQUIRE(bake(&vault, &photos, 300, threads, &sums, &other, &covered));
        CHECK(memcmp(one.rgb, other.rgb, (size_t)3 * 300 * 300) == 0);
    }
}

/* ---- what must not be painted ------------------------------------------------------------------
 */

static const Vec3 horn = {0.0, 0.8, 0.6};

static Rgb horn_paint(Vec3 d)
{
    bool on_horn = vec_dot(d, horn) > 0.985;
    return on_horn ? (Rgb){0.8F, 0.05F, 0.05F} : (Rgb){0.3F, 0.3F, 0.3F};
}

/* A place is hidden from one camera by a horn, and the far half by the head itself. */
TEST(what_another_part_of_the_head_hides_stays_black)
{
    REQUIRE(setup());
    double *r = vault_radii();
    REQUIRE(r != NULL);
    for (int i = 0; i < level6.vertex_count; i++)
        r[i] += vec_dot(level6.direction[i], horn) > 0.985 ? 40.0 : 0.0;
    Head horned;
    static Photographs photos;
    static ViewBake sums;
    Image chart;
    double covered;
    REQUIRE(make_head(r, &horned));
    photos.count = 1;
    photos.camera[0] = truth_camera(vec3(0.0, 0.55, 1.0), 900.0, 500, 1500.0);
    REQUIRE(truth_take(&arena, &horned, &photos.camera[0], horn_paint, even, &photos.light[0]));
    enum { SIDE = 512 };
    REQUIRE(bake(&horned, &photos, SIDE, 2, &sums, &chart, &covered));
    int red = 0, black_behind = 0, grey = 0;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            Vec3 d = truth_direction(SIDE, x, y);
            Rgb got = image_sample(&chart, x + 0.5, y + 0.5);
            bool near_horn = vec_dot(d, horn) > 0.975;
            grey += !is_black(&chart, x, y) && !near_horn;
            red += !near_horn && got.r > 1.5F * got.g;
            black_behind += d.z < 0.4 && fabs(d.x) < 0.05 && d.z > 0.1 && is_black(&chart, x, y);
            CHECK(d.z > -0.4 || d.y < HEAD_CUT || is_black(&chart, x, y));
        }
    CHECK(grey > SIDE * SIDE / 10);
    CHECK_NEAR(red, 0, 0);
    CHECK(black_behind > 50);
    CHECK(covered > 0.25 && covered < 0.55);
}

TEST(what_is_shut_is_not_painted_and_the_backdrop_never_is)
{
    REQUIRE(setup());
    static Photographs photos;
    enum { PX = 400, SIDE = 512 };
    static uint8_t shut[PX * PX];
    photos.camera[0] = truth_camera(vec3(0.0, 1.0, 0.0), 700.0, PX, 900.0);
    REQUIRE(truth_take(&arena, &vault, &photos.camera[0], truth_skin, even, &photos.light[0]));
    for (int y = 0; y < PX; y++)
        for (int x = 0; x < PX; x++) {
            shut[y * PX + x] = x > 180 && x < 230 && y > 150 && y < 200;
            float *rgb = &photos.light[0].rgb[3 * (y * PX + x)];
            for (int k = 0; k < 3 && shut[y * PX + x] != 0; k++)
                rgb[k] = k == 1 ? 1.0F : 0.0F;
        }
    Err err;
    ViewBake sums;
    Image chart;
    double covered, x_px, y_px, depth_mm;
    REQUIRE(view_bake_new(&arena, SIDE, &sums, &err));
    REQUIRE(
        view_bake_add(&scratch, &sums, &vault, &photos.camera[0], &photos.light[0], shut, 2, &err));
    REQUIRE(view_bake_finish(&arena, &sums, &chart, &covered, &err));
    int wrong = 0, inside = 0, seen = 0;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            HeadPoint point = head_locate(&vault, truth_direction(SIDE, x, y));
            if (point.triangle < 0 ||
                !camera_project(&photos.camera[0], head_position_mm(&vault, point), &x_px, &y_px,
                                &depth_mm))
                continue;
            bool middle = x_px > 183 && x_px < 228 && y_px > 153 && y_px < 198;
            inside += middle;
            Rgb got = image_sample(&chart, x + 0.5, y + 0.5);
            wrong += middle && !is_black(&chart, x, y);
            wrong += got.g > got.r;
            seen += !is_black(&chart, x, y);
        }
    CHECK(inside > 400);
    CHECK(seen > 15000);
    CHECK_NEAR(wrong, 0, 0);
}

/* hair_survey takes dark for hair: the edge of what was seen must not look like stubble. */
TEST(colours_of_vertices_do_not_darken_where_the_photograph_ends)
{
    REQUIRE(setup());
    static Photographs photos;
    static ViewBake sums;
    photos.count = 1;
    photos.camera[0] = truth_camera(vec3(0.3, 0.8, 0.6), 700.0, 500, 1200.0);
    REQUIRE(truth_take(&arena, &vault, &photos.camera[0], truth_skin, even, &photos.light[0]));
    Image chart;
    double covered;
    Err err;
    Rgb *color;
    REQUIRE(bake(&vault, &photos, 1024, 2, &sums, &chart, &covered));
    REQUIRE(place_vertex_color(&arena, &vault, &chart, &color, &err));
    int unseen = 0, dark = 0;
    double worst = 0.0;
    for (int i = 0; i < level6.vertex_count; i++) {
        double light = (double)color[i].g, want = (double)truth_skin(level6.direction[i]).g;
        unseen += light == 0.0;
        dark += light > 0.0 && light < 0.002;
        if (light > 0.0)
            worst = fmax(worst, fabs(light / want - 1.0));
    }
    printf("# worst vertex %.4f\n", worst);
    CHECK(unseen > 1000 && unseen < level6.vertex_count - 1000);
    CHECK_NEAR(dark, 0, 0);
    CHECK(worst < 0.05);
}

/* ---- how it is sampled
 * --------------------------------------------------------------------------- */

/* Stripes one pixel wide, far finer than a texel: only their mean is right. */
TEST(fine_detail_is_averaged_over_a_texel)
{
    REQUIRE(setup());
    static Photographs photos;
    static ViewBake sums;
    enum { PX = 2000, SIDE = 96 };
    photos.count = 1;
    photos.camera[0] = truth_camera(vec3(0.0, 1.0, 0.0), 700.0, PX, 5000.0);
    Err err;
    REQUIRE(image_new_f(&arena, PX, PX, &photos.light[0], &err));
    for (int i = 0; i < PX * PX * 3; i++)
        photos.light[0].rgb[i] = (i / 3 + i / 3 / PX) % 2 == 0 ? 0.6F : 0.2F;
    Image chart;
    double covered, worst = 0.0;
    REQUIRE(bake(&vault, &photos, SIDE, 2, &sums, &chart, &covered));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            if (!is_black(&chart, x, y))
                worst = fmax(worst, fabs((double)image_sample(&chart, x + 0.5, y + 0.5).r - 0.4));
    CHECK(worst < 0.015);
}

static Rgb dark_paint(Vec3 d)
{
    (void)d;
    return (Rgb){0.0F, 0.0005F, 0.0F};
}

TEST(the_darkest_hair_still_counts_as_seen)
{
    REQUIRE(setup());
    static Photographs photos;
    static ViewBake sums;
    photos.count = 1;
    photos.camera[0] = truth_camera(vec3(0.0, 1.0, 0.0), 700.0, 200, 450.0);
    REQUIRE(truth_take(&arena, &vault, &photos.camera[0], dark_paint, even, &photos.light[0]));
    Image chart;
    double covered;
    Rgb *color;
    Err err;
    REQUIRE(bake(&vault, &photos, 256, 1, &sums, &chart, &covered));
    REQUIRE(place_vertex_color(&arena, &vault, &chart, &color, &err));
    HeadPoint top = head_nearest(&vault, vec3(0.0, 200.0, -5.0));
    CHECK(color[level6.triangle[top.triangle][0]].g > 0.002F);
}

TEST(a_patch_takes_nothing_beyond_its_reach)
{
    REQUIRE(setup());
    static Photographs photos;
    Err err;
    ViewBake sums;
    Image chart;
    double covered;
    photos.camera[0] = truth_camera(vec3(0.0, 1.0, 0.0), 700.0, 200, 450.0);
    REQUIRE(truth_take(&arena, &vault, &photos.camera[0], truth_skin, even, &photos.light[0]));
    REQUIRE(view_bake_new(&arena, 256, &sums, &err));
    HeadPoint top = head_locate(&vault, vec3(0.0, 1.0, 0.0));
    sums.middle_mm = head_position_mm(&vault, top);
    sums.reach_mm = 40.0;
    REQUIRE(
        view_bake_add(&scratch, &sums, &vault, &photos.camera[0], &photos.light[0], NULL, 2, &err));
    REQUIRE(view_bake_finish(&arena, &sums, &chart, &covered, &err));
    double away = 40.0 / vec_distance(sums.middle_mm, vault.centre_mm);
    int beyond = 0, within = 0, missed = 0;
    for (int y = 0; y < 256; y++)
        for (int x = 0; x < 256; x++) {
            double angle = acos(truth_direction(256, x, y).y);
            beyond += angle > away + 0.03 && !is_black(&chart, x, y);
            missed += angle < away - 0.06 && is_black(&chart, x, y);
            within += !is_black(&chart, x, y);
        }
    CHECK_NEAR(beyond, 0, 0);
    CHECK_NEAR(missed, 0, 0);
    CHECK(within > 100);
}

TEST(the_canvas_as_a_mesh_wears_its_chart_the_right_way_round)
{
    REQUIRE(setup());
    static Photographs photos;
    static ViewBake sums;
    photos.count = 1;
    photos.camera[0] = truth_camera(vec3(0.4, 1.0, 0.3), 700.0, 640, 1700.0);
    REQUIRE(truth_take(&arena, &vault, &photos.camera[0], truth_skin, even, &photos.light[0]));
    Image chart;
    double covered, worst = 0.0;
    Mesh mesh;
    Err err;
    REQUIRE(bake(&vault, &photos, 1024, 2, &sums, &chart, &covered));
    REQUIRE(view_mesh(&arena, &vault, &chart, &mesh, &err));
    const double third[3] = {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0};
    for (int t = 0; t < mesh.triangle_count; t++) {
        Vec3 d = vec_normalize(vec_sub(mesh_point(&mesh, t, third), vault.centre_mm));
        Vec3 from = vec_normalize(vec3(0.4, 1.0, 0.3));
        if (vec_dot(d, from) < 0.85)
            continue;
        Rgb got = mesh_color(&mesh, t, third, 0.0);
        worst = fmax(worst, fabs((double)got.r / (double)truth_skin(d).r - 1.0));
    }
    CHECK(worst < 0.04);
}

TEST(a_chart_without_room_or_photographs_says_so)
{
    REQUIRE(setup());
    Err err;
    ViewBake sums;
    Image chart;
    double covered;
    CHECK(!view_bake_new(&arena, 20, &sums, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "20") != NULL);
    REQUIRE(view_bake_new(&arena, 256, &sums, &err));
    CHECK(!view_bake_finish(&arena, &sums, &chart, &covered, &err) && err.code == ERR_INPUT);
    static Photographs photos;
    photos.camera[0] = truth_camera(vec3(0.0, 1.0, 0.0), 700.0, 100, 250.0);
    REQUIRE(truth_take(&arena, &vault, &photos.camera[0], truth_skin, even, &photos.light[0]));
    bool done = false;
    int refused = 0;
    for (size_t limit = 1 << 16; !done && limit < (size_t)1 << 28; limit *= 4) {
        Arena small;
        REQUIRE(arena_open(&small, limit, &err));
        done = view_bake_new(&small, 256, &sums, &err) &&
               view_bake_add(&small, &sums, &vault, &photos.camera[0], &photos.light[0], NULL, 1,
                             &err) &&
               view_bake_finish(&small, &sums, &chart, &covered, &err);
        if (!done) {
            CHECK(err.code == ERR_LIMIT);
            refused++;
        }
        arena_close(&small);
    }
    CHECK(done && refused > 0);
}
