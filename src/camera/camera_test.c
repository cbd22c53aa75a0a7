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

/* ---- planes ---- */

enum { CORNERS = 16 };
typedef const double (*Points)[2]; /* C17 adds no const to pointers to arrays by itself */

/* Four squares in the corners of a card of 60 mm, as markers have them. */
static void card(double mm[CORNERS][2])
{
    for (int i = 0; i < CORNERS; i++) {
        int tag = i / 4, corner = i % 4;
        mm[i][0] = (tag % 2 ? 25 : -25) + (corner == 1 || corner == 2 ? 5 : -5) + 7;
        mm[i][1] = (tag / 2 ? 25 : -25) + (corner >= 2 ? 5 : -5) - 3;
    }
}

/* A camera before the paper (z into it), tilt_deg off the normal through (7, -3). */
static Camera before_card(Rng *rng, double k1, double distance_mm, double tilt_deg)
{
    double tilt = tilt_deg * PI / 180, turn = 2 * PI * rng_f64(rng);
    Vec3 target = vec3(7, -3, 0);
    Vec3 off = vec3(sin(tilt) * cos(turn), sin(tilt) * sin(turn), -cos(tilt));
    Vec3 aim = vec_add(target, vec3(8 * rng_f64(rng), 8 * rng_f64(rng), 0));
    return camera_look_at(phone(k1), vec_madd(target, distance_mm, off), aim,
                          vec3(rng_normal(rng), rng_normal(rng), 0.1));
}

static bool photograph(const Camera *camera, const double mm[CORNERS][2], double noise_px, Rng *rng,
                       double px[CORNERS][2])
{
    for (int i = 0; i < CORNERS; i++) {
        double depth;
        if (!camera_project(camera, vec3(mm[i][0], mm[i][1], 0), &px[i][0], &px[i][1], &depth))
            return false;
        px[i][0] += noise_px * rng_normal(rng), px[i][1] += noise_px * rng_normal(rng);
    }
    return true;
}

static double angle_deg(Vec3 a, Vec3 b)
{
    return atan2(vec_length(vec_cross(a, b)), vec_dot(a, b)) * 180 / PI;
}

TEST(camera_homography_is_exact_for_a_plane)
{
    Rng rng = rng_make(5, 0);
    double mm[CORNERS][2], px[CORNERS][2], h[9], at[2], back[2];
    Err err;
    card(mm);
    for (int i = 0; i < 100; i++) {
        Camera camera = before_card(&rng, 0, 150 + 300 * rng_f64(&rng), 60 * rng_f64(&rng));
        REQUIRE(photograph(&camera, (Points)mm, 0, &rng, px));
        int count = i % 2 ? CORNERS : 4; /* of the first tag alone */
        REQUIRE(camera_homography(count, (Points)mm, (Points)px, h, &err));
        for (int k = 0; k < CORNERS; k++) {
            camera_plane_to_px(h, mm[k][0], mm[k][1], at);
            CHECK_NEAR(at[0], px[k][0], 1e-6);
            CHECK_NEAR(at[1], px[k][1], 1e-6);
            REQUIRE(camera_px_to_plane(h, at[0], at[1], back));
            CHECK_NEAR(back[0], mm[k][0], 1e-8);
            CHECK_NEAR(back[1], mm[k][1], 1e-8);
        }
    }
}

/* Sum of squares in the picture, as the reference for "least". */
static double misfit(const double h[9], const double mm[CORNERS][2], const double px[CORNERS][2])
{
    double sum = 0;
    for (int k = 0; k < CORNERS; k++) {
        double at[2];
        camera_plane_to_px(h, mm[k][0], mm[k][1], at);
        sum += (at[0] - px[k][0]) * (at[0] - px[k][0]) + (at[1] - px[k][1]) * (at[1] - px[k][1]);
    }
    return sum;
}

TEST(camera_homography_is_the_least_squares_in_the_picture)
{
    Rng rng = rng_make(6, 0);
    double mm[CORNERS][2], px[CORNERS][2], h[9];
    Err err;
    card(mm);
    for (int i = 0; i < 20; i++) {
        Camera camera = before_card(&rng, 0, 120, 50);
        REQUIRE(photograph(&camera, (Points)mm, 3.0, &rng, px));
        REQUIRE(camera_homography(CORNERS, (Points)mm, (Points)px, h, &err));
        double least = misfit(h, (Points)mm, (Points)px);
        for (int k = 0; k < 16; k++) { /* any step away is worse */
            double other[9];
            for (int j = 0; j < 9; j++)
                other[j] = h[j] * (j == k / 2 ? 1 + (k % 2 ? 1e-5 : -1e-5) : 1);
            CHECK(misfit(other, (Points)mm, (Points)px) > least);
        }
    }
}

TEST(camera_homography_refuses_points_in_a_line)
{
    Err err;
    double h[9], line[5][2], px[5][2] = {{0, 0}, {10, 0}, {10, 10}, {0, 10}, {5, 5}};
    for (int i = 0; i < 5; i++)
        line[i][0] = 3 * i + 1, line[i][1] = -2 * i;
    CHECK(!camera_homography(5, (Points)line, (Points)px, h, &err) && err.code == ERR_NUMERIC);
    CHECK(!camera_homography(4, (Points)px, (Points)line, h, &err) && err.code == ERR_NUMERIC);
    CHECK(!camera_homography(3, (Points)px, (Points)px, h, &err) && err.code == ERR_INPUT);
    double same[5][2] = {{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
    CHECK(!camera_homography(5, (Points)same, (Points)px, h, &err) && err.code == ERR_NUMERIC);
    px[2][0] = (double)NAN;
    CHECK(!camera_homography(5, (Points)px, (Points)px, h, &err) && err.code == ERR_NUMERIC);
}

TEST(camera_plane_has_no_place_beyond_its_horizon)
{
    /* a plane seen at a slant: rows above the horizon are sky */
    Camera camera = camera_look_at(phone(0), vec3(0, 100, -60), vec3(0, 0, 0), vec3(0, 0, -1));
    double mm[4][2] = {{-20, -20}, {20, -20}, {20, 20}, {-20, 20}}, px[4][2], h[9], at[2];
    Err err;
    for (int i = 0; i < 4; i++) {
        double depth;
        REQUIRE(camera_project(&camera, vec3(mm[i][0], mm[i][1], 0), &px[i][0], &px[i][1], &depth));
    }
    REQUIRE(camera_homography(4, (Points)mm, (Points)px, h, &err));
    double slope = 60.0 / 100.0, horizon_y = 1491 - 3100 * slope;
    CHECK(camera_px_to_plane(h, 2013, horizon_y + 30, at) && at[1] < -1000);
    CHECK(!camera_px_to_plane(h, 2013, horizon_y - 30, at));
}

TEST(camera_plane_pose_is_exact_for_any_lens_and_tilt)
{
    Rng rng = rng_make(7, 0);
    double mm[CORNERS][2], px[CORNERS][2], rms[2];
    Pose pose[2];
    Err err;
    card(mm);
    static const double k1s[] = {0, 0.08, -0.05};
    for (int i = 0; i < 300; i++) {
        double tilt = i % 10 == 0 ? 0 : 65 * rng_f64(&rng);
        Camera camera = before_card(&rng, k1s[i % 3], 120 + 500 * rng_f64(&rng), tilt);
        REQUIRE(photograph(&camera, (Points)mm, 0, &rng, px));
        REQUIRE(camera_plane_poses(&camera.lens, CORNERS, (Points)mm, (Points)px, pose, rms, &err));
        CHECK(rms[0] < 1e-6 && rms[0] <= rms[1]);
        CHECK(vec_distance(pose[0].eye_mm, camera.pose.eye_mm) < 1e-4);
        CHECK(vec_distance(pose[0].right, camera.pose.right) < 1e-6);
        CHECK(askew(&pose[0]) < 1e-12);
    }
}

TEST(camera_plane_poses_hold_the_truth_and_its_mirror_image_under_noise)
{
    Rng rng = rng_make(8, 0);
    double mm[CORNERS][2], px[CORNERS][2], rms[2];
    Pose pose[2];
    Err err;
    card(mm);
    int apart = 0;
    for (int i = 0; i < 100; i++) {
        double tilt = 10 + 30 * rng_f64(&rng);
        Camera camera = before_card(&rng, 0, 2000, tilt); /* far: nearly no perspective */
        REQUIRE(photograph(&camera, (Points)mm, 0.05, &rng, px));
        REQUIRE(camera_plane_poses(&camera.lens, CORNERS, (Points)mm, (Points)px, pose, rms, &err));
        Vec3 want = vec_scale(vec_normalize(camera.pose.eye_mm), -1);
        double off[2];
        for (int k = 0; k < 2; k++)
            off[k] = angle_deg(vec_scale(vec_normalize(pose[k].eye_mm), -1), want);
        CHECK(fmin(off[0], off[1]) < 3);
        /* the other leans as far to the opposite side */
        double between = angle_deg(pose[0].eye_mm, pose[1].eye_mm);
        apart += fabs(between - 2 * tilt) < 6;
    }
    CHECK(apart > 90);
}

static double pose_misfit(const Lens *lens, Pose pose, const double mm[CORNERS][2],
                          const double px[CORNERS][2])
{
    Camera camera = {.lens = *lens, .pose = pose};
    double sum = 0;
    for (int i = 0; i < CORNERS; i++) {
        double x, y, depth;
        if (!camera_project(&camera, vec3(mm[i][0], mm[i][1], 0), &x, &y, &depth))
            return (double)INFINITY;
        sum += (x - px[i][0]) * (x - px[i][0]) + (y - px[i][1]) * (y - px[i][1]);
    }
    return sum;
}

TEST(camera_plane_pose_is_the_least_squares_in_the_picture)
{
    Rng rng = rng_make(9, 0);
    double mm[CORNERS][2], px[CORNERS][2], rms[2];
    Pose pose[2];
    Err err;
    card(mm);
    for (int i = 0; i < 20; i++) {
        Camera camera = before_card(&rng, 0.3, 150, 35);
        REQUIRE(photograph(&camera, (Points)mm, 2.0, &rng, px));
        REQUIRE(camera_plane_poses(&camera.lens, CORNERS, (Points)mm, (Points)px, pose, rms, &err));
        double least = pose_misfit(&camera.lens, pose[0], (Points)mm, (Points)px);
        CHECK_NEAR(sqrt(least / CORNERS), rms[0], 1e-9);
        for (int k = 0; k < 12; k++) { /* any step away is worse */
            double step = k % 2 ? 1 : -1;
            Vec3 axis = vec3(k / 2 % 3 == 0, k / 2 % 3 == 1, k / 2 % 3 == 2);
            Pose other = pose[0];
            if (k < 6)
                other = camera_turn(other, vec_scale(axis, 1e-6 * step));
            else
                other.eye_mm = vec_madd(other.eye_mm, 1e-4 * step, axis);
            CHECK(pose_misfit(&camera.lens, other, (Points)mm, (Points)px) > least);
        }
    }
}
