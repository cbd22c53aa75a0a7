#include "photo_internal.h"
#include "photo_truth.h"

#include "base/test.h"

#include <string.h>

static const double PI = 3.14159265358979323846;
enum { ARENA_BYTES = 256 << 20, LEVEL = 5, DENSE = 6000 };

typedef struct Shoot {
    Arena arena, scratch;
    Err err;
    Scene scene;
    Truth truth;
    LookPhotoParams params;
    LookPhoto *photo;
    ImageF out;
} Shoot;

static const SkinLook dot_look = {.area_mm2 = {0.20F, 0.11F, 0.10F},
                                  .core_mm = 0.3F,
                                  .core_sigma_mm = 0.15F,
                                  .core_share = {0.3F, 0.5F, 0.5F},
                                  .halo_sigma_mm = 0.6F};

static size_t light_bytes(const ImageF *image)
{
    return 3 * sizeof(float) * (size_t)image->width_px * (size_t)image->height_px;
}

/* The scene and its photograph; the params may be changed before shoot_open. */
static bool shoot_set(Shoot *shoot, const Scene *scene)
{
    *shoot = (Shoot){.scene = *scene, .params = look_photo_default()};
    shoot->params.quality = &shoot->truth.quality;
    return arena_open(&shoot->arena, ARENA_BYTES, &shoot->err) &&
           arena_open(&shoot->scratch, ARENA_BYTES, &shoot->err) &&
           truth_new(&shoot->arena, scene, LEVEL, &shoot->truth, &shoot->err) &&
           image_new_f(&shoot->arena, scene->width_px, scene->height_px, &shoot->out, &shoot->err);
}

static bool shoot_open(Shoot *shoot)
{
    memcpy(shoot->out.rgb, shoot->truth.light.rgb, light_bytes(&shoot->out));
    return look_photo_new(&shoot->arena, &shoot->scratch, &shoot->truth.light, &shoot->truth.camera,
                          &shoot->truth.head, &shoot->params, &shoot->photo, &shoot->err);
}

static bool shoot_draw(Shoot *shoot, int count, const LookMark mark[])
{
    LookState state = {.mark_count = count, .mark = mark};
    return look_photo_draw(&shoot->scratch, shoot->photo, &state, &shoot->out, &shoot->err);
}

static void shoot_close(Shoot *shoot)
{
    arena_close(&shoot->arena);
    arena_close(&shoot->scratch);
}

static const float *pixel(const ImageF *image, int x, int y)
{
    return &image->rgb[3 * ((ptrdiff_t)y * image->width_px + x)];
}

/* Marks anywhere within reach_mm of the vertex; returns how many there are per mm2. */
static double scatter(double reach_mm, const SkinLook *look, LookMark mark[DENSE])
{
    Rng rng = rng_make(3, 0);
    for (int i = 0; i < DENSE; i++) {
        double r = reach_mm * sqrt((i + rng_f64(&rng)) / DENSE), turn = 2 * PI * rng_f64(&rng);
        mark[i] = ball_mark(r * cos(turn), r * sin(turn), look);
    }
    return DENSE / (PI * reach_mm * reach_mm);
}

/* Mean over a square around the middle, of one channel. */
static double mean_light(const ImageF *image, int half, int channel)
{
    double sum = 0;
    int x = image->width_px / 2, y = image->height_px / 2;
    for (int dy = -half; dy < half; dy++)
        for (int dx = -half; dx < half; dx++)
            sum += (double)pixel(image, x + dx, y + dy)[channel];
    return sum / (4.0 * half * half);
}

TEST(one_mark_takes_its_area_from_the_photograph)
{
    const double scale[] = {1.5, 4, 12}, place_mm[][2] = {{0.1, 0.2}, {9, -7}};
    for (int i = 0; i < 3; i++)
        for (int p = 0; p < 2; p++) {
            Shoot *shoot = &(Shoot){0};
            Scene scene = scene_default();
            scene.px_per_mm = scale[i];
            REQUIRE(shoot_set(shoot, &scene) && shoot_open(shoot));
            LookMark mark = ball_mark(place_mm[p][0], place_mm[p][1], &dot_look);
            REQUIRE(shoot_draw(shoot, 1, &mark));
            double taken[3] = {0};
            for (int y = 0; y < scene.height_px; y++)
                for (int x = 0; x < scene.width_px; x++)
                    for (int k = 0; k < 3; k++)
                        taken[k] += 1 - (double)(pixel(&shoot->out, x, y)[k] /
                                                 pixel(&shoot->truth.light, x, y)[k]);
            Vec3 sight = vec_sub(shoot->truth.camera.pose.eye_mm, mark.position_mm);
            double depth = vec_dot(sight, vec3(0, 1, 0)),
                   u = scene.px_per_mm * (scene.distance_mm - BALL_MM) / depth;
            double area = u * u * vec_dot(mark.normal, sight) / depth;
            for (int k = 0; k < 3; k++)
                if (!CHECK_NEAR(taken[k] / area / (double)dot_look.area_mm2[k], 1, 0.005))
                    printf("# at %g px/mm, place %d, channel %d\n", scale[i], p, k);
            shoot_close(shoot);
        }
}

TEST(marks_take_the_same_share_of_every_skin)
{
    /* Lab 75 to 24, and by daylight, a warm lamp and a cold sky */
    const Rgb skin[] = {{0.64F, 0.46F, 0.35F},    {0.513F, 0.314F, 0.215F}, {0.33F, 0.18F, 0.11F},
                        {0.16F, 0.085F, 0.052F},  {0.065F, 0.035F, 0.023F}, {0.62F, 0.25F, 0.09F},
                        {0.062F, 0.038F, 0.036F}, {0.3F, 0.2F, 0.2F}};
    static LookMark mark[DENSE];
    double per_mm2 = scatter(35, &dot_look, mark);
    for (int i = 0; i < 8; i++) {
        Shoot *shoot = &(Shoot){0};
        Scene scene = scene_default();
        scene.skin = skin[i];
        scene.noise_b = 1e-4F;
        REQUIRE(shoot_set(shoot, &scene) && shoot_open(shoot));
        LookPhotoFacts facts = look_photo_facts(shoot->photo);
        CHECK(facts.skin_share > 0.99 && facts.hair_share < 0.01 && facts.shine_share < 0.03);
        REQUIRE(shoot_draw(shoot, DENSE, mark));
        for (int k = 0; k < 3; k++) {
            double got = mean_light(&shoot->out, 60, k) / mean_light(&shoot->truth.light, 60, k);
            double want = exp(-per_mm2 * (double)dot_look.area_mm2[k]);
            if (!CHECK_NEAR(got, want, 0.03 * (1 - want)))
                printf("# skin %d, channel %d\n", i, k);
        }
        shoot_close(shoot);
    }
}

TEST(where_no_mark_reaches_the_photograph_stays_bit_for_bit)
{
    static LookMark mark[DENSE];
    scatter(25, &dot_look, mark);
    Shoot *shoot = &(Shoot){0};
    Scene scene = scene_default();
    scene.noise_b = 1e-4F, scene.shine = 0.4F, scene.hairs = 3;
    REQUIRE(shoot_set(shoot, &scene) && shoot_open(shoot));
    REQUIRE(shoot_draw(shoot, DENSE, mark));
    int changed = 0;
    for (int y = 0; y < scene.height_px; y++)
        for (int x = 0; x < scene.width_px; x++) {
            bool same = memcmp(pixel(&shoot->out, x, y), pixel(&shoot->truth.light, x, y),
                               3 * sizeof(float)) == 0;
            changed += !same;
            if (hypot(x - 239.5, y - 199.5) > (25 + 3.6 * 0.6 + 1) * scene.px_per_mm + 16)
                CHECK(same);
        }
    CHECK(changed > 25000);
    /* a later state forgets this one */
    REQUIRE(shoot_draw(shoot, 0, NULL));
    CHECK(memcmp(shoot->out.rgb, shoot->truth.light.rgb, light_bytes(&shoot->out)) == 0);
    shoot_close(shoot);
}

TEST(shine_stays_on_top)
{
    static LookMark mark[DENSE];
    double per_mm2 = scatter(40, &dot_look, mark);
    const Rgb skin[] = {
        {0.513F, 0.314F, 0.215F}, {0.16F, 0.085F, 0.052F}, {0.065F, 0.035F, 0.023F}};
    for (int i = 0; i < 3; i++) {
        Shoot *shoot = &(Shoot){0};
        Scene scene = scene_default();
        scene.skin = skin[i];
        scene.noise_b = 2e-5F, scene.shine = 0.4F;
        REQUIRE(shoot_set(shoot, &scene) && shoot_open(shoot));
        REQUIRE(shoot_draw(shoot, DENSE, mark));
        double took = 0, all = 0, skin_light = 0;
        double share = 1 - exp(-per_mm2 * (double)dot_look.area_mm2[1]);
        for (int y = 140; y < 260; y++)
            for (int x = 180; x < 300; x++) {
                ptrdiff_t at = (ptrdiff_t)y * scene.width_px + x;
                if (shoot->truth.within[at] > 0.5F) /* the heart of the highlight */
                    continue;
                double light = (double)pixel(&shoot->truth.light, x, y)[1];
                took += light - (double)pixel(&shoot->out, x, y)[1];
                /* the share of the luminance is about that of green */
                all += light;
                skin_light += (double)scene.skin.g;
            }
        if (all > 0) {
            /* of the skin's light, less than a quarter too much or too little; multiplied whole it
             * would be more than twice as much */
            printf("# skin %d: %.2f of what the skin under the shine gives\n", i,
                   took / (skin_light * share));
            CHECK(took < 1.3 * skin_light * share && took > 0.5 * skin_light * share);
        }
        CHECK(i == 0 || all > 0);
        shoot_close(shoot);
    }
}

TEST(a_pixel_that_is_all_shine_does_not_change)
{
    static LookMark mark[DENSE];
    scatter(30, &dot_look, mark);
    Shoot *shoot = &(Shoot){0};
    Scene scene = scene_default();
    REQUIRE(shoot_set(shoot, &scene));
    for (int y = 190; y < 210; y++)
        for (int x = 230; x < 250; x++)
            for (int k = 0; k < 3; k++)
                shoot->truth.light.rgb[3 * (y * scene.width_px + x) + k] = 0.95F;
    REQUIRE(shoot_open(shoot) && shoot_draw(shoot, DENSE, mark));
    double worst = 0;
    for (int y = 193; y < 207; y++)
        for (int x = 233; x < 247; x++)
            for (int k = 0; k < 3; k++)
                worst = fmax(worst, fabs((double)pixel(&shoot->out, x, y)[k] - 0.95));
    printf("# %.3f of 0.95\n", worst);
    CHECK(worst < 0.04); /* of the 0.3 that a mark would take */
    CHECK(pixel(&shoot->out, 200, 200)[1] < 0.9F * pixel(&shoot->truth.light, 200, 200)[1]);
    shoot_close(shoot);
}

TEST(hair_in_front_stays_in_front)
{
    static LookMark mark[DENSE];
    scatter(35, &dot_look, mark);
    const Rgb skin[] = {{0.513F, 0.314F, 0.215F}, {0.16F, 0.085F, 0.052F}};
    for (int i = 0; i < 2; i++) {
        Shoot *shoot = &(Shoot){0};
        Scene scene = scene_default();
        scene.skin = skin[i];
        scene.px_per_mm = 12, scene.hairs = 6;
        REQUIRE(shoot_set(shoot, &scene) && shoot_open(shoot));
        REQUIRE(shoot_draw(shoot, DENSE, mark));
        double hair = 0, bare = 0;
        int hairs = 0, bares = 0;
        for (int p = 0; p < scene.width_px * scene.height_px; p++) {
            double less = (double)(shoot->truth.light.rgb[3 * p + 1] - shoot->out.rgb[3 * p + 1]);
            bool is_hair = shoot->truth.hair[p] != 0;
            hair += is_hair ? less : 0, hairs += is_hair;
            bare += is_hair ? 0 : less, bares += !is_hair;
        }
        REQUIRE(hairs > 500);
        printf("# skin %d: hair loses %.4f, skin %.4f\n", i, hair / hairs, bare / bares);
        CHECK(hair / hairs < 0.06 * bare / bares || hair / hairs < 0.002);
        shoot_close(shoot);
    }
}

TEST(the_sky_behind_a_canvas_too_large_stays_as_it_is)
{
    static LookMark mark[DENSE];
    scatter(60, &dot_look, mark);
    Shoot *shoot = &(Shoot){0};
    Scene scene = scene_default();
    scene.px_per_mm = 2.6, scene.ball_mm = 60; /* the canvas has 90 */
    scene.noise_b = 1e-4F;
    REQUIRE(shoot_set(shoot, &scene) && shoot_open(shoot) && shoot_draw(shoot, DENSE, mark));
    int checked = 0;
    double worst = 0;
    for (int y = 0; y < scene.height_px; y++)
        for (int x = 0; x < scene.width_px; x++) {
            Vec3 p;
            double away = hypot(x + 0.5 - 240, y + 0.5 - 200);
            if (scene_hit(&scene, &shoot->truth.camera.lens, x + 0.5, y + 0.5, &p) || away > 190)
                continue;
            /* the outline itself is a pixel or two soft */
            if (scene_hit(&scene, &shoot->truth.camera.lens, 240 + (x + 0.5 - 240) * 0.96,
                          200 + (y + 0.5 - 200) * 0.96, &p))
                continue;
            checked++;
            for (int k = 0; k < 3; k++)
                worst = fmax(worst, fabs((double)(pixel(&shoot->out, x, y)[k] -
                                                  pixel(&shoot->truth.light, x, y)[k])));
        }
    CHECK(worst < 0.01);
    CHECK(checked > 5000);
    shoot_close(shoot);
}

TEST(what_is_not_skin_stays_as_it_is)
{
    static LookMark mark[DENSE];
    scatter(30, &dot_look, mark);
    /* on light skin: blue and green cloth, grey hair, black plastic; and skin in the shade */
    const float color[][3] = {{0.05F, 0.08F, 0.16F},
                              {0.08F, 0.2F, 0.07F},
                              {0.16F, 0.155F, 0.15F},
                              {0.012F, 0.012F, 0.012F},
                              {0.154F, 0.094F, 0.065F}};
    for (int i = 0; i < 5; i++) {
        Shoot *shoot = &(Shoot){0};
        Scene scene = scene_default();
        REQUIRE(shoot_set(shoot, &scene));
        for (int y = 176; y < 224; y++) /* 12 x 12 mm */
            for (int x = 216; x < 264; x++)
                memcpy(&shoot->truth.light.rgb[3 * (y * scene.width_px + x)], color[i],
                       sizeof color[i]);
        REQUIRE(shoot_open(shoot) && shoot_draw(shoot, DENSE, mark));
        double left = mean_light(&shoot->out, 16, 1) / (double)color[i][1];
        if (!CHECK(i < 4 ? left > 0.98 : left < 0.85))
            printf("# color %d: %.3f of the light is left\n", i, left);
        shoot_close(shoot);
    }
}

/* The same state on the photograph without and with noise: the difference is the grain that is left
 * and added. Marks alone would leave t^2 of the variance, light of t has t of it. */
TEST(grain_under_marks_is_that_of_light_so_bright)
{
    static LookMark mark[DENSE];
    SkinLook strong = dot_look;
    for (int k = 0; k < 3; k++)
        strong.area_mm2[k] = 0.5F;
    double per_mm2 = scatter(35, &strong, mark), t = exp(-0.5 * per_mm2);
    const double sigma_px[] = {0, 0.9};
    for (int i = 0; i < 2; i++) {
        Shoot *noisy = &(Shoot){0}, *clean = &(Shoot){0};
        Scene scene = scene_default();
        REQUIRE(shoot_set(clean, &scene));
        scene.noise_a = 4e-5F, scene.noise_b = 2e-4F;
        REQUIRE(shoot_set(noisy, &scene));
        noisy->truth.quality.noise_sigma_px = sigma_px[i];
        REQUIRE(shoot_open(clean) && shoot_open(noisy));
        REQUIRE(shoot_draw(clean, DENSE, mark) && shoot_draw(noisy, DENSE, mark));
        double sum[3] = {0}, beside[3] = {0}, want[3] = {0};
        for (int y = 130; y < 270; y++)
            for (int x = 170; x < 310; x++)
                for (int k = 0; k < 3; k++) {
                    double here =
                        (double)(pixel(&noisy->out, x, y)[k] - pixel(&clean->out, x, y)[k]);
                    double next =
                        (double)(pixel(&noisy->out, x + 1, y)[k] - pixel(&clean->out, x + 1, y)[k]);
                    sum[k] += here * here, beside[k] += here * next;
                    want[k] += 4e-5 + 2e-4 * (double)pixel(&clean->out, x, y)[k];
                }
        for (int k = 0; k < 3; k++) {
            CHECK_NEAR(sum[k] / want[k], 1, 0.06);
            CHECK(t < 0.5);
            /* white noise of the photograph, t of the variance; added, 1 - t, is coloured */
            double near = i == 0 ? 0 : (1 - t) * exp(-1 / (4 * 0.81));
            CHECK_NEAR(beside[k] / sum[k], near, 0.12);
        }
        shoot_close(noisy);
        shoot_close(clean);
    }
}

TEST(a_dot_is_as_blurred_as_the_photograph)
{
    const double blur[] = {0.6, 0.9, 2.2};
    for (int i = 0; i < 3; i++) {
        Shoot *shoot = &(Shoot){0};
        Scene scene = scene_default();
        REQUIRE(shoot_set(shoot, &scene));
        shoot->truth.quality.blur_px = blur[i];
        REQUIRE(shoot_open(shoot));
        SkinLook core = dot_look;
        core.core_share[1] = 1; /* no halo */
        LookMark mark = ball_mark(0.03, 0.05, &core);
        REQUIRE(shoot_draw(shoot, 1, &mark));
        double sum = 0, mean = 0, second = 0;
        for (int y = 180; y < 220; y++)
            for (int x = 220; x < 260; x++) {
                double w =
                    1 - (double)(pixel(&shoot->out, x, y)[1] / pixel(&shoot->truth.light, x, y)[1]);
                sum += w, mean += w * x, second += w * x * x;
            }
        double variance = second / sum - mean / sum * (mean / sum);
        double want = 16 * (0.15 * 0.15 + 0.3 * 0.3 / 16) + blur[i] * blur[i] + 1.0 / 12;
        CHECK_NEAR(variance / want, 1, 0.06);
        shoot_close(shoot);
    }
}

TEST(nothing_is_drawn_beyond_a_patch_or_on_shut_pixels)
{
    static LookMark mark[DENSE];
    scatter(38, &dot_look, mark);
    Shoot *shoot = &(Shoot){0};
    Scene scene = scene_default();
    scene.noise_b = 1e-4F;
    REQUIRE(shoot_set(shoot, &scene));
    uint8_t *shut = ARENA_NEW(&shoot->arena, uint8_t, 480 * 400);
    REQUIRE(shut != NULL);
    for (int y = 150; y < 180; y++)
        memset(&shut[y * 480 + 200], 1, 40);
    shoot->params.shut = shut;
    shoot->params.patch_middle_mm = ball_mark(0, 0, &dot_look).position_mm;
    shoot->params.patch_reach_mm = 25;
    REQUIRE(shoot_open(shoot) && shoot_draw(shoot, DENSE, mark));
    int inside = 0;
    for (int y = 0; y < 400; y++)
        for (int x = 0; x < 480; x++) {
            Vec3 p = {0};
            bool same = memcmp(pixel(&shoot->out, x, y), pixel(&shoot->truth.light, x, y),
                               3 * sizeof(float)) == 0;
            if (!scene_hit(&scene, &shoot->truth.camera.lens, x + 0.5, y + 0.5, &p)) {
                CHECK(same);
                continue;
            }
            double away = vec_distance(vec_add(p, HEAD_CENTRE_MM), shoot->params.patch_middle_mm);
            if (away > 25.1 || shut[y * 480 + x] != 0)
                CHECK(same);
            else if (away < 22)
                inside += !same;
        }
    CHECK(inside > 15000);
    shoot_close(shoot);
}

TEST(the_outline_of_an_uncertain_canvas_is_wider)
{
    static double sd_mm[40962];
    int seen[2];
    for (int i = 0; i < 2; i++) {
        Shoot *shoot = &(Shoot){0};
        Scene scene = scene_default();
        scene.px_per_mm = 1.6; /* the whole ball in the picture */
        REQUIRE(shoot_set(shoot, &scene));
        REQUIRE(shoot->truth.topology.vertex_count < 40962);
        for (int v = 0; v < shoot->truth.topology.vertex_count; v++)
            sd_mm[v] = 3;
        shoot->params.sd_mm = i == 0 ? NULL : sd_mm;
        REQUIRE(shoot_open(shoot));
        seen[i] = 0;
        for (int p = 0; p < shoot->photo->part.width * shoot->photo->part.height; p++)
            seen[i] += isfinite(shoot->photo->plate.depth_mm[p]) != 0;
        shoot_close(shoot);
    }
    CHECK_NEAR(sqrt((double)seen[1] / seen[0]), 1 + 3 / BALL_MM, 0.01);
}

TEST(a_bent_lens_moves_the_marks_with_the_skin)
{
    const double k1[] = {-0.3, 0.25};
    for (int i = 0; i < 2; i++) {
        Shoot *shoot = &(Shoot){0};
        Scene scene = scene_default();
        scene.k1 = k1[i], scene.distance_mm = 200;
        REQUIRE(shoot_set(shoot, &scene) && shoot_open(shoot));
        LookMark mark = ball_mark(38, 0, &dot_look);
        REQUIRE(shoot_draw(shoot, 1, &mark));
        Vec3 from = vec_sub(mark.position_mm, shoot->truth.camera.pose.eye_mm);
        double u = from.x / -from.y, want = 240 + 440 * u * (1 + k1[i] * u * u), sum = 0, mean = 0;
        for (int y = 0; y < 400; y++)
            for (int x = 0; x < 480; x++) {
                double w =
                    (double)(pixel(&shoot->truth.light, x, y)[1] - pixel(&shoot->out, x, y)[1]);
                sum += w, mean += w * (x + 0.5);
            }
        CHECK(sum > 0);
        CHECK_NEAR(mean / sum, want, 0.3);
        CHECK(fabs(want - (240 + 440 * u)) > 2);
        shoot_close(shoot);
    }
}

TEST(threads_and_seeds)
{
    static LookMark mark[DENSE];
    scatter(35, &dot_look, mark);
    const int threads[] = {1, 2, 5, 1};
    ImageF first = {0};
    Shoot *shoot = (Shoot[4]){{.err = {0}}};
    Scene scene = scene_default();
    scene.noise_b = 1e-4F, scene.shine = 0.3F, scene.hairs = 4;
    for (int i = 0; i < 4; i++) {
        REQUIRE(shoot_set(&shoot[i], &scene));
        shoot[i].params.threads = threads[i];
        shoot[i].params.grain_seed = i == 3 ? 8 : 7;
        REQUIRE(shoot_open(&shoot[i]) && shoot_draw(&shoot[i], DENSE, mark));
        if (i == 0)
            first = shoot[i].out;
        CHECK((memcmp(first.rgb, shoot[i].out.rgb, light_bytes(&first)) == 0) == (i < 3));
    }
    for (int i = 0; i < 4; i++)
        shoot_close(&shoot[i]);
}

TEST(a_flush_reddens_a_photograph)
{
    static LookMark mark[DENSE];
    scatter(35, &dot_look, mark);
    Shoot *shoot = &(Shoot){0};
    Scene scene = scene_default();
    REQUIRE(shoot_set(shoot, &scene) && shoot_open(shoot));
    REQUIRE(shoot_draw(shoot, DENSE, mark));
    double red = mean_light(&shoot->out, 60, 0), green = mean_light(&shoot->out, 60, 1);
    LookState state = {.mark_count = DENSE, .mark = mark, .flush_depth = {0.02F, 0.22F, 0.145F}};
    REQUIRE(look_photo_draw(&shoot->scratch, shoot->photo, &state, &shoot->out, &shoot->err));
    CHECK_NEAR(mean_light(&shoot->out, 60, 0) / red, exp(-0.02), 0.004);
    CHECK_NEAR(mean_light(&shoot->out, 60, 1) / green, exp(-0.22), 0.02);
    shoot_close(shoot);
}

TEST(a_photograph_without_colour_takes_marks_too)
{
    static LookMark mark[DENSE];
    double per_mm2 = scatter(35, &dot_look, mark);
    Shoot *shoot = &(Shoot){0};
    Scene scene = scene_default();
    scene.skin = (Rgb){0.3F, 0.3F, 0.3F};
    scene.noise_b = 1e-4F;
    REQUIRE(shoot_set(shoot, &scene) && shoot_open(shoot) && shoot_draw(shoot, DENSE, mark));
    double want = exp(-per_mm2 * (double)dot_look.area_mm2[1]);
    double got = mean_light(&shoot->out, 60, 1) / mean_light(&shoot->truth.light, 60, 1);
    CHECK_NEAR(got, want, 0.03 * (1 - want));
    shoot_close(shoot);
}

TEST(what_cannot_be_drawn_on_is_refused)
{
    Shoot *shoot = &(Shoot){0};
    Scene scene = scene_default();
    REQUIRE(shoot_set(shoot, &scene));
    shoot->truth.camera.lens.width_px++;
    CHECK(!shoot_open(shoot) && shoot->err.code == ERR_INPUT);
    shoot->truth.camera.lens.width_px--;
    shoot->truth.camera.pose.eye_mm.x += 900; /* looks past the head */
    CHECK(!shoot_open(shoot) && strstr(shoot->err.text, "not in the photograph") != NULL);
    shoot->truth.camera.pose.eye_mm.x -= 900;
    shoot->params.quality = NULL;
    CHECK(!shoot_open(shoot));
    shoot->params.quality = &shoot->truth.quality;
    shoot->truth.quality.blur_px = (double)NAN;
    CHECK(!shoot_open(shoot));
    shoot->truth.quality.blur_px = 1;
    REQUIRE(shoot_open(shoot));
    LookMark mark = ball_mark(0, 0, &dot_look);
    mark.normal.x = (double)NAN;
    CHECK(!shoot_draw(shoot, 1, &mark) && strstr(shoot->err.text, "mark 0") != NULL);
    shoot->out.width_px--;
    CHECK(!shoot_draw(shoot, 0, NULL));
    shoot_close(shoot);
}

TEST(a_small_arena_is_an_error_and_not_a_crash)
{
    Shoot *shoot = &(Shoot){0};
    Scene scene = scene_default();
    REQUIRE(shoot_set(shoot, &scene));
    LookMark mark = ball_mark(0, 0, &dot_look);
    LookState state = {.mark_count = 1, .mark = &mark};
    bool done = false;
    for (size_t bytes = 1 << 15; !done; bytes += bytes / 2) {
        Arena arena, scratch;
        LookPhoto *photo;
        REQUIRE(bytes < ARENA_BYTES && arena_open(&arena, bytes, &shoot->err) &&
                arena_open(&scratch, bytes, &shoot->err));
        shoot->err = (Err){0};
        done = look_photo_new(&arena, &scratch, &shoot->truth.light, &shoot->truth.camera,
                              &shoot->truth.head, &shoot->params, &photo, &shoot->err) &&
               look_photo_draw(&scratch, photo, &state, &shoot->out, &shoot->err);
        CHECK(done || shoot->err.code == ERR_LIMIT);
        arena_close(&arena);
        arena_close(&scratch);
    }
    shoot_close(shoot);
}
