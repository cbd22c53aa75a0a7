#include "camera/camera.h"

#include "base/rng.h"
#include "base/test.h"

static const double PI = 3.14159265358979323846;

/* A phone of 12 Mpx, held upright or not, with a lens that bends as k1 says. */
static Lens phone(double k1)
{
    return (Lens){.width_px = 4000,
                  .height_px = 3000,
                  .focal_px = 3100,
                  .centre_x_px = 2013,
                  .centre_y_px = 1491,
                  .k1 = k1};
}

static Vec3 somewhere(Rng *rng, double size_mm)
{
    double x = rng_f64(rng) - 0.5, y = rng_f64(rng) - 0.5, z = rng_f64(rng) - 0.5;
    return vec_scale(vec3(x, y, z), size_mm);
}

static Camera camera_around(Rng *rng, double k1)
{
    Vec3 eye = vec_scale(vec_normalize(somewhere(rng, 2)), 400);
    return camera_look_at(phone(k1), eye, somewhere(rng, 40), somewhere(rng, 2));
}

static double askew(const Pose *pose)
{
    double worst = fabs(vec_dot(pose->right, pose->down));
    worst = fmax(worst, fabs(vec_dot(pose->right, pose->forward)));
    worst = fmax(worst, fabs(vec_length(pose->right) - 1));
    worst = fmax(worst, fabs(vec_length(pose->forward) - 1));
    return fmax(worst, vec_distance(vec_cross(pose->right, pose->down), pose->forward));
}

TEST(camera_looks_at_its_target_with_up_up)
{
    Camera camera = camera_look_at(phone(0), vec3(0, 0, 500), vec3(0, 0, 0), vec3(0, 1, 0));
    double x, y, depth;
    REQUIRE(camera_project(&camera, vec3(0, 0, 0), &x, &y, &depth));
    CHECK_NEAR(x, 2013, 1e-9);
    CHECK_NEAR(y, 1491, 1e-9);
    CHECK_NEAR(depth, 500, 1e-9);
    REQUIRE(camera_project(&camera, vec3(10, 20, 0), &x, &y, &depth));
    CHECK_NEAR(x, 2013 + 10 * 6.2, 1e-9);
    CHECK_NEAR(y, 1491 - 20 * 6.2, 1e-9); /* up is towards smaller y */
    Camera along = camera_look_at(phone(0), vec3(0, 9, 0), vec3(0, 0, 0), vec3(0, 1, 0));
    CHECK(askew(&along.pose) < 1e-12);
}

TEST(camera_ray_goes_through_what_is_projected_there)
{
    Rng rng = rng_make(1, 0);
    static const double k1s[] = {0, 0.08, -0.05, 0.3, -0.12};
    for (int i = 0; i < 500; i++) {
        Camera camera = camera_around(&rng, k1s[i % 5]);
        Vec3 point = somewhere(&rng, 200);
        double x, y, depth;
        if (!camera_project(&camera, point, &x, &y, &depth))
            continue;
        Vec3 d = vec_sub(point, camera.pose.eye_mm);
        Vec3 ray = camera_ray(&camera, x, y);
        CHECK_NEAR(vec_length(ray), 1, 1e-12);
        CHECK(vec_distance(vec_scale(ray, vec_length(d)), d) < 1e-9);
        CHECK_NEAR(depth, vec_dot(d, camera.pose.forward), 1e-9);
    }
}

TEST(camera_sees_every_pixel_by_a_ray_that_projects_back)
{
    Rng rng = rng_make(2, 0);
    static const double k1s[] = {0, 0.08, -0.05, 0.3, -0.12};
    for (int i = 0; i < 500; i++) {
        Camera camera = camera_around(&rng, k1s[i % 5]);
        double want_x = 4000 * rng_f64(&rng), want_y = 3000 * rng_f64(&rng), x, y, depth;
        Vec3 ray = camera_ray(&camera, want_x, want_y);
        REQUIRE(camera_project(&camera, vec_madd(camera.pose.eye_mm, 300, ray), &x, &y, &depth));
        CHECK_NEAR(x, want_x, 1e-8);
        CHECK_NEAR(y, want_y, 1e-8);
    }
}

TEST(camera_bend_undoes_straighten)
{
    Lens lens = phone(-0.1);
    double straight[2], back[2];
    camera_straighten(&lens, (const double[2]){3900, 60}, straight);
    camera_bend(&lens, straight, back);
    CHECK_NEAR(back[0], 3900, 1e-9);
    CHECK_NEAR(back[1], 60, 1e-9);
    /* a barrel (k1 < 0) drew it nearer to the middle than a straight lens would */
    CHECK(straight[0] > 3900 && straight[1] < 60);
    /* the definition, r' = r (1 + k1 r^2) in focal lengths */
    camera_bend(&lens, (const double[2]){2013 + 1550, 1491}, back);
    CHECK_NEAR(back[0], 2013 + 3100 * 0.5 * (1 - 0.1 * 0.25), 1e-9);
}

TEST(camera_refuses_what_is_behind_it_or_folded_over)
{
    Camera camera = camera_look_at(phone(-0.1), vec3(0, 0, 500), vec3(0, 0, 0), vec3(0, 1, 0));
    double x, y, depth;
    CHECK(!camera_project(&camera, vec3(0, 0, 600), &x, &y, &depth));
    CHECK(!camera_project(&camera, vec3(0, 0, 496), &x, &y, &depth));
    CHECK(!camera_project(&camera, vec3(0, 0, (double)NAN), &x, &y, &depth));
    /* r (1 - 0.1 r^2) turns back at r = 1.826 */
    CHECK(camera_project(&camera, vec3(180, 0, 400), &x, &y, &depth));
    CHECK(!camera_project(&camera, vec3(185, 0, 400), &x, &y, &depth));
    Vec3 ray = camera_ray(&camera, 1e6, 0); /* outside of everything: still a direction */
    CHECK_NEAR(vec_length(ray), 1, 1e-12);
}

TEST(camera_scale_is_that_of_a_small_disc_across_the_line_of_sight)
{
    Rng rng = rng_make(3, 0);
    for (int i = 0; i < 100; i++) {
        Camera camera = camera_around(&rng, 0.2 * rng_f64(&rng) - 0.1);
        Vec3 point = somewhere(&rng, 200), across[2];
        double x[3], y[3], depth;
        Camera facing = camera_look_at(camera.lens, camera.pose.eye_mm, point, camera.pose.forward);
        across[0] = facing.pose.right, across[1] = facing.pose.down;
        bool seen = camera_project(&camera, point, &x[0], &y[0], &depth);
        for (int k = 0; k < 2; k++)
            seen = seen && camera_project(&camera, vec_madd(point, 1e-4, across[k]), &x[k + 1],
                                          &y[k + 1], &depth);
        REQUIRE(seen);
        double area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]);
        CHECK_NEAR(camera_px_per_mm(&camera, point) / (sqrt(fabs(area)) / 1e-4), 1, 1e-5);
    }
}

TEST(camera_turn_keeps_the_eye_and_square_axes)
{
    Rng rng = rng_make(4, 0);
    Pose pose = camera_around(&rng, 0).pose, start = pose;
    for (int i = 0; i < 10000; i++)
        pose = camera_turn(pose, somewhere(&rng, 0.1));
    CHECK(askew(&pose) < 1e-12);
    CHECK(vec_distance(pose.eye_mm, start.eye_mm) == 0);
    /* a quarter about z takes x to y */
    Pose plain = {.right = {1, 0, 0}, .down = {0, 1, 0}, .forward = {0, 0, 1}};
    Pose quarter = camera_turn(plain, vec3(0, 0, PI / 2));
    CHECK(vec_distance(quarter.right, vec3(0, 1, 0)) < 1e-12);
    CHECK(vec_distance(quarter.forward, vec3(0, 0, 1)) < 1e-12);
    Pose same = camera_turn(start, vec3(0, 0, 0));
    CHECK(vec_distance(same.right, start.right) < 1e-15);
}

TEST(camera_lens_trusts_what_the_file_says)
{
    double sd;
    Lens lens = camera_lens(&(PhotoFacts){.focal_35mm = 52}, 4000, 3000, &sd);
    CHECK_NEAR(lens.focal_px, 52 / 43.27 * 5000, 1e-9);
    CHECK_NEAR(sd, 0.03, 0);
    CHECK_NEAR(lens.centre_x_px, 2000, 0);
    lens = camera_lens(&(PhotoFacts){.focal_35mm = 52, .digital_zoom = 2}, 4000, 3000, &sd);
    CHECK_NEAR(lens.focal_px, 52 / 43.27 * 5000, 1e-9); /* the zoom is in it already */
    lens = camera_lens(NULL, 3000, 4000, &sd);
    CHECK_NEAR(lens.focal_px, 26 / 43.27 * 5000, 1e-9);
    CHECK_NEAR(sd, 0.12, 0);
    /* a true focal length without the size of the sensor says nothing; a zoom does */
    lens = camera_lens(&(PhotoFacts){.focal_mm = 5.7, .digital_zoom = 2}, 4000, 3000, &sd);
    CHECK_NEAR(lens.focal_px, 52 / 43.27 * 5000, 1e-9);
    CHECK_NEAR(sd, 0.12, 0);
    lens = camera_lens(&(PhotoFacts){.focal_35mm = 1}, 4000, 3000, &sd); /* a mistake */
    CHECK_NEAR(sd, 0.12, 0);
}
