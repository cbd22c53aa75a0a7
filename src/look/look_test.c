#include "look_internal.h"

#include "base/rng.h"
#include "base/test.h"
#include "skin/line.h"

#include <string.h>

static const double PI = 3.14159265358979323846;
enum { ARENA_BYTES = 256 << 20 };

/* ---- a flat piece of skin before one camera
 * ------------------------------------------------------ */

typedef struct Flat {
    Arena arena, scratch;
    Err err;
    LookPlate plate;
    int side_px;
    Vec3 normal; /* of the plane through (0, 0, 0) */
    Vec3 middle; /* of the disc that is counted */
    size_t pixels;
    float (*tau)[3];
} Flat;

/* A camera 1200 mm in front of a plane through the origin, tilted about the picture's x axis. */
static bool flat_open(Flat *flat, int side_px, double px_per_mm, double tilt_deg)
{
    *flat = (Flat){.pixels = (size_t)side_px * (size_t)side_px};
    if (!arena_open(&flat->arena, ARENA_BYTES, &flat->err) ||
        !arena_open(&flat->scratch, ARENA_BYTES, &flat->err))
        return false;
    double tilt = tilt_deg * PI / 180;
    flat->normal = vec3(0, sin(tilt), cos(tilt));
    flat->side_px = side_px;
    flat->plate.blur_px = 0.6;
    flat->plate.camera = (Camera){
        .lens = {.width_px = side_px,
                 .height_px = side_px,
                 .focal_px = 1200 * px_per_mm,
                 .centre_x_px = 0.5 * side_px,
                 .centre_y_px = 0.5 * side_px},
        .pose = {
            .right = {1, 0, 0}, .down = {0, -1, 0}, .forward = {0, 0, -1}, .eye_mm = {0, 0, 1200}}};
    float *depth_mm = ARENA_NEW(&flat->arena, float, flat->pixels);
    flat->tau = arena_alloc(&flat->arena, flat->pixels, sizeof *flat->tau);
    if (depth_mm == NULL || flat->tau == NULL)
        return false;
    const Lens *lens = &flat->plate.camera.lens;
    for (int y = 0; y < side_px; y++)
        for (int x = 0; x < side_px; x++) {
            double dy = -(y + 0.5 - lens->centre_y_px) / lens->focal_px;
            /* eye + s (dx, dy, -1) on the plane: s is the depth */
            depth_mm[y * side_px + x] =
                (float)(1200 * flat->normal.z / (flat->normal.z - dy * flat->normal.y));
        }
    flat->plate.depth_mm = depth_mm;
    return true;
}

static void flat_close(Flat *flat)
{
    arena_close(&flat->arena);
    arena_close(&flat->scratch);
}

static bool flat_splat(Flat *flat, int count, const LookMark mark[])
{
    LookState state = {.mark_count = count, .mark = mark};
    memset(flat->tau, 0, flat->pixels * sizeof *flat->tau);
    return look_plate_splat(&flat->scratch, &flat->plate, &state, 2, flat->tau, &flat->err);
}

static double taken_px2(const Flat *flat, int channel)
{
    double sum = 0;
    for (size_t i = 0; i < flat->pixels; i++)
        sum += 1 - exp(-(double)flat->tau[i][channel]);
    return sum;
}

static const SkinLook dot_look = {.area_mm2 = {0.25F, 0.11F, 0.10F},
                                  .core_mm = 0.3F,
                                  .core_sigma_mm = 0.08F,
                                  .core_share = {0.2F, 0.35F, 0.4F},
                                  .halo_sigma_mm = 0.6F};

TEST(one_mark_takes_its_area_at_any_scale_tilt_blur_and_place_between_pixels)
{
    const double scale[] = {0.5, 0.7, 1, 2, 4.4, 10, 30}, tilt[] = {0, 45, 70, 80};
    const double blur[] = {0, 0.6, 1, 3};
    Rng rng = rng_make(12, 0);
    double worst = 0;
    for (int i = 0; i < 7; i++)
        for (int t = 0; t < 4; t++)
            for (int b = 0; b < 4; b++) {
                Flat flat;
                REQUIRE(flat_open(&flat, 64 + (int)(8 * scale[i]), scale[i], tilt[t]));
                flat.plate.blur_px = blur[b];
                /* off the pixel grid, and off the axis of perspective by nothing that matters */
                Vec3 p = vec3((rng_f64(&rng) - 0.5) / scale[i], 0, 0);
                LookMark mark = {.position_mm = p, .normal = flat.normal, .look = dot_look};
                CHECK(flat_splat(&flat, 1, &mark));
                for (int c = 0; c < 3; c++) {
                    double want = (double)dot_look.area_mm2[c] * scale[i] * scale[i] *
                                  cos(tilt[t] * PI / 180);
                    double got = taken_px2(&flat, c) / want;
                    worst = fmax(worst, fabs(got - 1));
                    if (!CHECK_NEAR(got, 1, 0.002))
                        printf("# at %g px/mm, %g degrees, blur %g px, channel %d\n", scale[i],
                               tilt[t], blur[b], c);
                }
                flat_close(&flat);
            }
    printf("# worst area of a dot: %.4f off\n", worst);
}

/* In the plane of the flat piece of skin. */
static Vec3 on_skin(const Flat *flat, double angle_rad)
{
    Vec3 across = vec3(1, 0, 0), up = vec_cross(flat->normal, across);
    return vec_madd(vec_scale(across, cos(angle_rad)), sin(angle_rad), up);
}

/* Within 1 %: where core and halo of a line lie on each other is reckoned with Gaussians. */
TEST(one_line_takes_its_area_at_any_scale_tilt_and_direction)
{
    const double scale[] = {0.5, 1, 2, 4.4, 10, 30}, tilt[] = {0, 45, 75};
    const double length[] = {0.02, 0.4, 1.5, 3};
    double worst = 0;
    for (int i = 0; i < 6; i++)
        for (int t = 0; t < 3; t++)
            for (int k = 0; k < 4; k++) {
                Flat flat;
                REQUIRE(flat_open(&flat, 64 + (int)(11 * scale[i]), scale[i], tilt[t]));
                LookMark mark = {.position_mm = {0.037, 0, 0},
                                 .normal = flat.normal,
                                 .look = dot_look,
                                 .length_mm = length[k],
                                 .along = on_skin(&flat, 0.4 + 1.1 * k)};
                for (int c = 0; c < 3; c++) /* about as strong per mm as the dot */
                    mark.look.area_mm2[c] *= (float)(1 + 2 * length[k]);
                CHECK(flat_splat(&flat, 1, &mark));
                for (int c = 0; c < 3; c++) {
                    double want = (double)mark.look.area_mm2[c] * scale[i] * scale[i] *
                                  cos(tilt[t] * PI / 180);
                    double got = taken_px2(&flat, c) / want;
                    worst = fmax(worst, fabs(got - 1));
                    if (!CHECK_NEAR(got, 1, 0.01))
                        printf("# at %g px/mm, %g degrees, %g mm, channel %d\n", scale[i], tilt[t],
                               length[k], c);
                }
                flat_close(&flat);
            }
    printf("# worst area of a line: %.4f off\n", worst);
}

/* Weak marks add up: a line is what many of its dots, each with a part of the area, leave along it.
 */
TEST(a_line_is_a_dot_drawn_along)
{
    enum { DOTS = 81 };
    const double tilt[] = {0, 50}, length[] = {0.5, 2};
    for (int t = 0; t < 2; t++)
        for (int k = 0; k < 2; k++) {
            Flat flat;
            REQUIRE(flat_open(&flat, 160, 20, tilt[t]));
            static LookMark mark[DOTS];
            static float line[160 * 160];
            Vec3 along = on_skin(&flat, 0.7 + k);
            LookMark one = {.normal = flat.normal, .look = dot_look};
            for (int c = 0; c < 3; c++)
                one.look.area_mm2[c] = 1e-3F;
            one.look.core_share[1] = 0.7F;
            one.look.halo_sigma_mm = 0.4F;
            double half_mm = sqrt(3) * skin_line_spread_mm(0.3, length[k]);
            for (int i = 0; i < DOTS; i++) {
                mark[i] = one;
                mark[i].position_mm = vec_scale(along, half_mm * (2.0 * (i + 0.5) / DOTS - 1));
                for (int c = 0; c < 3; c++)
                    mark[i].look.area_mm2[c] /= DOTS;
            }
            one.length_mm = length[k];
            one.along = along;
            REQUIRE(flat_splat(&flat, 1, &one));
            for (size_t i = 0; i < flat.pixels; i++)
                line[i] = flat.tau[i][1];
            REQUIRE(flat_splat(&flat, DOTS, mark));
            float peak = 0, off = 0;
            for (size_t i = 0; i < flat.pixels; i++) {
                peak = fmaxf(peak, flat.tau[i][1]);
                off = fmaxf(off, fabsf(line[i] - flat.tau[i][1]));
            }
            printf("# %g mm at %g degrees: largest difference %.3f of the peak\n", length[k],
                   tilt[t], (double)(off / peak));
            CHECK(off < 0.06F * peak);
            flat_close(&flat);
        }
}

TEST(a_line_of_no_length_is_the_dot_byte_for_byte)
{
    Flat flat;
    REQUIRE(flat_open(&flat, 64, 10, 30));
    static float dot[64 * 64][3];
    LookMark mark = {.normal = flat.normal, .look = dot_look};
    REQUIRE(flat_splat(&flat, 1, &mark));
    memcpy(dot, flat.tau, sizeof dot);
    mark.along = on_skin(&flat, 1.0);
    REQUIRE(flat_splat(&flat, 1, &mark));
    CHECK(memcmp(dot, flat.tau, sizeof dot) == 0);
    flat_close(&flat);
}

/* Sum over pixels of a black share of a disc on the plane, by brute force: sub x sub rays a pixel.
 * The lens is undone by fixed point. */
static double supersampled_disc_px2(const Flat *flat, double radius_mm, double contrast, int sub)
{
    const Lens *lens = &flat->plate.camera.lens;
    int hits = 0, side = flat->side_px;
    for (int y = 0; y < side * sub; y++)
        for (int x = 0; x < side * sub; x++) {
            double bent_x = ((x + 0.5) / sub - lens->centre_x_px) / lens->focal_px;
            double bent_y = ((y + 0.5) / sub - lens->centre_y_px) / lens->focal_px;
            double dx = bent_x, dy = bent_y;
            for (int i = 0; i < 8 && lens->k1 != 0; i++) {
                double straight = 1 + lens->k1 * (dx * dx + dy * dy);
                dx = bent_x / straight, dy = bent_y / straight;
            }
            double s = 1200 * flat->normal.z / (flat->normal.z + dy * flat->normal.y);
            Vec3 p = vec3(s * dx, -s * dy, 1200 - s);
            p = vec_sub(p, flat->middle);
            hits += vec_dot(p, p) < radius_mm * radius_mm;
        }
    return contrast * hits / ((double)sub * sub);
}

static LookMark black_disc(const Flat *flat)
{
    return (LookMark){.position_mm = flat->middle,
                      .normal = flat->normal,
                      .look = {.area_mm2 = {0.2F, 0.2F, 0.2F},
                               .core_mm = 0.8F,
                               .core_share = {1, 1, 1},
                               .halo_sigma_mm = 0.5F}};
}

TEST(a_disc_takes_what_supersampling_counts)
{
    const double scale[] = {4.4, 10, 30}, tilt[] = {0, 60, 80};
    for (int i = 0; i < 3; i++)
        for (int t = 0; t < 3; t++) {
            Flat flat;
            REQUIRE(flat_open(&flat, 16 + (int)(2 * scale[i]), scale[i], tilt[t]));
            LookMark mark = black_disc(&flat);
            CHECK(flat_splat(&flat, 1, &mark));
            int sub = flat.side_px < 50 ? 96 : 16; /* small discs need finer counting */
            double want = supersampled_disc_px2(&flat, 0.4, 0.2 / (PI * 0.16), sub);
            if (!CHECK_NEAR(taken_px2(&flat, 1) / want, 1, 0.002))
                printf("# at %g px/mm, %g degrees\n", scale[i], tilt[t]);
            flat_close(&flat);
        }
}

/* A wide lens that bends by 4 %, seen near a corner of the picture: the disc falls where it should,
 * as large as it should, drawn out as it should be. */
TEST(the_bend_of_a_lens_moves_and_stretches_a_mark)
{
    const double k1[] = {-0.12, 0.08}, tilt[] = {0, 60};
    for (int i = 0; i < 2; i++)
        for (int t = 0; t < 2; t++) {
            Flat flat;
            REQUIRE(flat_open(&flat, 128, 30, tilt[t]));
            Lens *lens = &flat.plate.camera.lens;
            lens->k1 = k1[i];
            /* 0.45 focal lengths off the axis: 0.9 of a phone's half width */
            flat.plate.depth_mm = NULL;
            flat.middle = vec3(500, vec_dot(flat.normal, vec3(0, 0, 1)) * 200,
                               -vec_dot(flat.normal, vec3(0, 1, 0)) * 200);
            LookMark mark = black_disc(&flat);
            double u = flat.middle.x / (1200 - flat.middle.z);
            double v = -flat.middle.y / (1200 - flat.middle.z);
            double straight = 1 + k1[i] * (u * u + v * v);
            lens->centre_x_px = 64.3 - lens->focal_px * straight * u;
            lens->centre_y_px = 63.6 - lens->focal_px * straight * v;
            REQUIRE(flat_splat(&flat, 1, &mark));
            double want = supersampled_disc_px2(&flat, 0.4, 0.2 / (PI * 0.16), 16);
            CHECK_NEAR(taken_px2(&flat, 1) / want, 1, 0.003); /* a disc is not flat in the lens */
            double sum = 0, mean[2] = {0}, xx = 0, xy = 0, yy = 0;
            for (int y = 0; y < 128; y++)
                for (int x = 0; x < 128; x++) {
                    double w = 1 - exp(-(double)flat.tau[y * 128 + x][1]);
                    sum += w, mean[0] += w * (x + 0.5), mean[1] += w * (y + 0.5);
                    xx += w * (x - 63.8) * (x - 63.8), yy += w * (y - 63.1) * (y - 63.1);
                    xy += w * (x - 63.8) * (y - 63.1);
                }
            CHECK_NEAR(mean[0] / sum, 64.3, 0.1);
            CHECK_NEAR(mean[1] / sum, 63.6, 0.1);
            /* second moments against differences of the projection itself */
            double j[2][2];
            Vec3 side[2] = {vec3(1, 0, 0), vec_cross(flat.normal, vec3(1, 0, 0))};
            for (int d = 0; d < 2; d++) {
                Vec3 q = vec_madd(flat.middle, 1e-4, side[d]);
                double qu = q.x / (1200 - q.z), qv = -q.y / (1200 - q.z);
                double bend = 1 + k1[i] * (qu * qu + qv * qv);
                j[0][d] = lens->focal_px * (bend * qu - straight * u) * 1e4;
                j[1][d] = lens->focal_px * (bend * qv - straight * v) * 1e4;
            }
            double blur = 0.36 + 1.0 / 12, unit = 0.16 / 4; /* of a disc: radius squared over 4 */
            CHECK_NEAR(xx / sum / (unit * (j[0][0] * j[0][0] + j[0][1] * j[0][1]) + blur), 1, 0.03);
            CHECK_NEAR(yy / sum / (unit * (j[1][0] * j[1][0] + j[1][1] * j[1][1]) + blur), 1, 0.03);
            CHECK_NEAR(xy / sum, unit * (j[0][0] * j[1][0] + j[0][1] * j[1][1]),
                       0.03 * (xx + yy) / sum);
            flat_close(&flat);
        }
}

TEST(a_mark_darker_than_black_skin_can_be_still_takes_its_area)
{
    Flat flat;
    REQUIRE(flat_open(&flat, 200, 20, 0));
    SkinLook look = {.area_mm2 = {1, 0.5F, 0.2F},
                     .core_mm = 0.3F,
                     .core_share = {1, 1, 1},
                     .halo_sigma_mm = 0.1F};
    LookMark mark = {.normal = flat.normal, .look = look};
    CHECK(flat_splat(&flat, 1, &mark));
    for (int c = 0; c < 3; c++)
        CHECK_NEAR(taken_px2(&flat, c) / (400 * (double)look.area_mm2[c]), 1, 0.01);
    flat_close(&flat);
}

TEST(random_marks_darken_to_exp_of_minus_their_density_times_area)
{
    enum { COUNT = 24000 };
    const double scale[] = {1, 2.5, 6}, side_mm = 120;
    for (int i = 0; i < 3; i++) {
        Flat flat;
        REQUIRE(flat_open(&flat, (int)(100 * scale[i]), scale[i], 0));
        LookMark *mark = ARENA_NEW(&flat.arena, LookMark, COUNT);
        REQUIRE(mark != NULL);
        Rng rng = rng_make(4, 0);
        for (int k = 0; k < COUNT; k++) { /* one random mark in each cell of a fine strip: few
                                             gaps in the count, free positions across */
            double x = ((k + rng_f64(&rng)) / COUNT - 0.5) * side_mm;
            double y = (rng_f64(&rng) - 0.5) * side_mm;
            mark[k] = (LookMark){.position_mm = {x, y, 0}, .normal = {0, 0, 1}, .look = dot_look};
        }
        CHECK(flat_splat(&flat, COUNT, mark));
        for (int c = 0; c < 3; c++) {
            double n_a = COUNT / (side_mm * side_mm) * (double)dot_look.area_mm2[c];
            double darkening = taken_px2(&flat, c) / (double)flat.pixels;
            if (!CHECK_NEAR(darkening / (1 - exp(-n_a)), 1, 0.01))
                printf("# at %g px/mm, channel %d\n", scale[i], c);
        }
        flat_close(&flat);
    }
}

TEST(the_loop_for_this_machine_gives_the_bits_of_the_plain_one)
{
    enum { COUNT = 400 };
    static LookMark mark[COUNT];
    static Through best, plain;
    Flat flat;
    REQUIRE(flat_open(&flat, 200, 8, 35));
    Rng rng = rng_make(6, 0);
    for (int i = 0; i < COUNT; i++) {
        mark[i] = (LookMark){.position_mm = vec_scale(on_skin(&flat, 6.28 * rng_f64(&rng)),
                                                      12 * sqrt(rng_f64(&rng))),
                             .normal = flat.normal,
                             .look = dot_look,
                             .fresh = true,
                             .along = on_skin(&flat, 6.28 * rng_f64(&rng)),
                             .length_mm = i % 3 == 0 ? 1 : 0};
        mark[i].look.core_sigma_mm = (float)(0.3 * rng_f64(&rng));
    }
    LookState state = {.mark_count = COUNT, .mark = mark, .flush_depth = {0.1F, 0.2F, 0.3F}};
    const Profiles *profiles;
    Ink ink;
    REQUIRE(look_make_profiles(&flat.arena, &profiles, &flat.err) &&
            look_ink_new(&flat.scratch, &flat.plate, profiles, &state, 1, &ink, &flat.err));
    for (int row = 0; row < ink.rows; row++)
        for (int column = 0; column < ink.columns; column++) {
            ink.draw = look_draw_best();
            REQUIRE(look_ink_tile(&ink, column, row, &best));
            ink.draw = look_draw_plain;
            REQUIRE(look_ink_tile(&ink, column, row, &plain));
            CHECK(memcmp(&best, &plain, sizeof best) == 0);
        }
    flat_close(&flat);
}

TEST(a_mark_behind_a_surface_leaves_no_trace)
{
    Flat flat;
    REQUIRE(flat_open(&flat, 64, 4, 0));
    LookMark mark = {.position_mm = {0, 0, -12}, .normal = {0, 0, 1}, .look = dot_look};
    CHECK(flat_splat(&flat, 1, &mark));
    CHECK(!(taken_px2(&flat, 0) > 0));
    mark.position_mm.z = -1.5; /* the plan's smooth head may lie a little below the scan */
    CHECK(flat_splat(&flat, 1, &mark));
    CHECK_NEAR(taken_px2(&flat, 0) / (16 * 0.25), 1, 0.01);
    flat_close(&flat);
}

/* ---- a ball for a head
 * ---------------------------------------------------------------------------- */

enum { RINGS = 48, SECTORS = 64, BALL_WIDTH = 144, BALL_HEIGHT = 160 };
static const double BALL_MM = 95, BALL_UP_MM = 40;

typedef struct Ball {
    Arena arena, scratch;
    Err err;
    Mesh mesh;
    MeshRays rays;
    MeshMaterial material;
    LookStage *stage;
} Ball;

static Vec3 ball_point(Vec3 direction)
{
    Vec3 p = vec_scale(vec_normalize(direction), BALL_MM);
    p.y += BALL_UP_MM;
    return p;
}

static bool ball_mesh(Ball *ball)
{
    Mesh *mesh = &ball->mesh;
    ball->material = (MeshMaterial){.base_color = {1, 1, 1}, .image = -1};
    *mesh = (Mesh){.vertex_count = (RINGS + 1) * SECTORS,
                   .triangle_count = 2 * RINGS * SECTORS,
                   .material_count = 1,
                   .material_list = &ball->material};
    mesh->position = ARENA_NEW(&ball->arena, Vec3, (size_t)mesh->vertex_count);
    mesh->triangle =
        arena_alloc(&ball->arena, (size_t)mesh->triangle_count, sizeof *mesh->triangle);
    if (mesh->position == NULL || mesh->triangle == NULL)
        return false;
    for (int r = 0; r <= RINGS; r++)
        for (int s = 0; s < SECTORS; s++) {
            double polar = PI * r / RINGS, around = 2 * PI * s / SECTORS;
            mesh->position[r * SECTORS + s] =
                ball_point(vec3(sin(polar) * sin(around), cos(polar), sin(polar) * cos(around)));
        }
    int count = 0;
    for (int r = 0; r < RINGS; r++)
        for (int s = 0; s < SECTORS; s++) {
            int a = r * SECTORS + s, b = r * SECTORS + (s + 1) % SECTORS;
            const int corner[2][3] = {{a, a + SECTORS, b}, {b, a + SECTORS, b + SECTORS}};
            memcpy(mesh->triangle[count++], corner[0], sizeof corner[0]);
            memcpy(mesh->triangle[count++], corner[1], sizeof corner[1]);
        }
    return true;
}

static LookStageParams ball_params(int threads)
{
    LookStageParams params = look_stage_default();
    params.width_px = BALL_WIDTH;
    params.height_px = BALL_HEIGHT;
    params.threads = threads;
    return params;
}

static bool ball_open(Ball *ball, const LookStageParams *params)
{
    *ball = (Ball){0};
    return arena_open(&ball->arena, ARENA_BYTES, &ball->err) &&
           arena_open(&ball->scratch, ARENA_BYTES, &ball->err) && ball_mesh(ball) &&
           mesh_rays_open(&ball->mesh, &ball->rays, &ball->err) &&
           look_stage_new(&ball->arena, &ball->scratch, &ball->mesh, &ball->rays, params, NULL,
                          &ball->stage, &ball->err);
}

static void ball_close(Ball *ball)
{
    mesh_rays_close(&ball->rays);
    arena_close(&ball->arena);
    arena_close(&ball->scratch);
}

static LookMark ball_mark(Vec3 direction)
{
    return (LookMark){.position_mm = ball_point(direction),
                      .normal = vec_normalize(direction),
                      .look = dot_look,
                      .fresh = true};
}

static bool ball_picture(Ball *ball, LookView view, int count, const LookMark mark[], float flush,
                         int threads, Image *picture)
{
    LookState state = {.mark_count = count,
                       .mark = mark,
                       .flush_depth = {0.02F * flush, 0.22F * flush, 0.145F * flush}};
    return look_picture(&ball->arena, &ball->scratch, ball->stage, view, &state, threads, picture,
                        &ball->err);
}

static bool same_picture(const Image *a, const Image *b)
{
    return a->width_px == b->width_px && a->height_px == b->height_px &&
           memcmp(a->rgb, b->rgb, 3 * (size_t)a->width_px * (size_t)a->height_px) == 0;
}

/* A bunch of strong marks around a direction. */
enum { BUNCH = 60 };
static void bunch(Vec3 direction, LookMark mark[BUNCH])
{
    Rng rng = rng_make(9, 0);
    for (int i = 0; i < BUNCH; i++) {
        Vec3 d = vec_normalize(direction);
        d = vec_add(
            d, vec3(rng_normal(&rng) * 0.03, rng_normal(&rng) * 0.03, rng_normal(&rng) * 0.03));
        mark[i] = ball_mark(d);
    }
}

TEST(views_show_the_side_that_they_are_named_after)
{
    LookStageParams params = ball_params(2);
    Ball ball;
    REQUIRE(ball_open(&ball, &params));
    const Vec3 left = {1, -0.2, 0}, right = {-1, -0.2, 0}, brow = {0, 0.2, 1}, nape = {0, 0.2, -1},
               vertex = {0, 1, 0};
    const struct {
        LookView view;
        Vec3 shown, hidden;
    } row[] = {{LOOK_FRONT, brow, nape},    {LOOK_LEFT45, left, right},
               {LOOK_RIGHT45, right, left}, {LOOK_TOP, vertex, {0, -1, 0}},
               {LOOK_CROWN, nape, brow},    {LOOK_SIDE, left, right}};
    for (int i = 0; i < LOOK_VIEWS; i++) {
        LookMark mark[BUNCH];
        Image plain, picture;
        REQUIRE(ball_picture(&ball, row[i].view, 0, NULL, 0, 2, &plain));
        bunch(row[i].shown, mark);
        REQUIRE(ball_picture(&ball, row[i].view, BUNCH, mark, 0, 2, &picture));
        CHECK(!same_picture(&plain, &picture));
        bunch(row[i].hidden, mark);
        REQUIRE(ball_picture(&ball, row[i].view, BUNCH, mark, 1, 2, &picture));
        if (!CHECK(same_picture(&plain, &picture)))
            printf("# in the %s view\n", look_view_name(row[i].view));
    }
    double left_x, left_y, right_x, right_y;
    CHECK(look_project(ball.stage, LOOK_FRONT, ball_point(left), &left_x, &left_y));
    CHECK(look_project(ball.stage, LOOK_FRONT, ball_point(right), &right_x, &right_y));
    CHECK(left_x > right_x + 100); /* the onlooker's view */
    CHECK(look_project(ball.stage, LOOK_TOP, ball_point(brow), &left_x, &left_y));
    CHECK(look_project(ball.stage, LOOK_TOP, ball_point(nape), &right_x, &right_y));
    CHECK(left_y > right_y + 100); /* the face towards the lower edge */
    ball_close(&ball);
}

TEST(the_framed_head_fills_the_picture_and_the_scale_is_told)
{
    LookStageParams params = ball_params(2);
    Ball ball;
    REQUIRE(ball_open(&ball, &params));
    for (LookView v = 0; v < LOOK_VIEWS; v++) {
        const View *view = &ball.stage->view[v];
        int covered = 0;
        for (int i = 0; i < BALL_WIDTH * BALL_HEIGHT; i++)
            covered += isfinite(view->depth_mm[i]) != 0;
        CHECK(covered > BALL_WIDTH * BALL_HEIGHT * 45 / 100);
        CHECK(covered < BALL_WIDTH * BALL_HEIGHT * 85 / 100);
        /* two points 10 mm apart, seen face on at the middle of the ball */
        Vec3 towards = vec_normalize(vec_sub(view->camera.pose.eye_mm, vec3(0, BALL_UP_MM, 0)));
        Vec3 p = ball_point(towards), q = vec_madd(p, 10, view->camera.pose.right);
        double px, py, qx = 0, qy = 0;
        CHECK(look_project(ball.stage, v, p, &px, &py) && look_project(ball.stage, v, q, &qx, &qy));
        CHECK_NEAR(hypot(qx - px, qy - py) / 10 / look_px_per_mm(ball.stage, v), 1, 0.02);
    }
    ball_close(&ball);
}

TEST(plain_skin_is_about_as_bright_as_its_reflectance)
{
    LookStageParams params = ball_params(2);
    Ball ball;
    REQUIRE(ball_open(&ball, &params));
    for (LookView v = 0; v < LOOK_VIEWS; v++) {
        const View *view = &ball.stage->view[v];
        double sum = 0;
        int count = 0;
        for (int i = 0; i < BALL_WIDTH * BALL_HEIGHT; i++)
            if (isfinite(view->depth_mm[i])) {
                sum += (double)view->diffuse[i][1] / LIGHT_SCALE;
                count++;
            }
        CHECK(sum / count > 0.55 * (double)params.plain_skin.g);
        CHECK(sum / count < 1.1 * (double)params.plain_skin.g);
    }
    ball_close(&ball);
}

TEST(no_marks_give_the_plain_picture_byte_for_byte)
{
    LookStageParams params = ball_params(1);
    params.grain_codes = 1;
    Ball ball;
    REQUIRE(ball_open(&ball, &params));
    Image plain, empty, faint;
    LookMark mark = ball_mark(vec3(0, 0.5, 1));
    memset(mark.look.area_mm2, 0, sizeof mark.look.area_mm2);
    CHECK(ball_picture(&ball, LOOK_FRONT, 0, NULL, 0, 1, &plain));
    CHECK(ball_picture(&ball, LOOK_FRONT, 0, NULL, 1, 2, &empty));
    CHECK(ball_picture(&ball, LOOK_FRONT, 1, &mark, 0, 2, &faint));
    CHECK(same_picture(&plain, &empty));
    CHECK(same_picture(&plain, &faint));
    ball_close(&ball);
}

TEST(any_number_of_threads_gives_the_same_bytes)
{
    enum { COUNT = 4000 };
    const int threads[] = {1, 2, 8};
    Image first[LOOK_VIEWS];
    Ball ball[3];
    for (int i = 0; i < 3; i++) {
        LookStageParams params = ball_params(threads[i]);
        REQUIRE(ball_open(&ball[i], &params));
        LookMark *mark = ARENA_NEW(&ball[i].arena, LookMark, COUNT);
        REQUIRE(mark != NULL);
        Rng rng = rng_make(2, 0);
        for (int k = 0; k < COUNT; k++)
            mark[k] = ball_mark(vec3(rng_normal(&rng), fabs(rng_normal(&rng)), rng_normal(&rng)));
        for (LookView v = 0; v < LOOK_VIEWS; v++) {
            Image picture;
            REQUIRE(ball_picture(&ball[i], v, COUNT, mark, 0.7F, threads[i], &picture));
            if (i == 0)
                first[v] = picture;
            CHECK(same_picture(&first[v], &picture));
        }
    }
    for (int i = 0; i < 3; i++)
        ball_close(&ball[i]);
}

TEST(a_stage_of_some_views_makes_those_as_a_whole_one_does)
{
    LookStageParams params = ball_params(2);
    Ball whole, some;
    REQUIRE(ball_open(&whole, &params));
    params.views = 1U << LOOK_TOP | 1U << LOOK_CROWN;
    REQUIRE(ball_open(&some, &params));
    CHECK(some.arena.used < whole.arena.used);
    for (LookView v = 0; v < LOOK_VIEWS; v++) {
        Image want, is;
        REQUIRE(ball_picture(&whole, v, 0, NULL, 0, 2, &want));
        bool made = ball_picture(&some, v, 0, NULL, 0, 2, &is);
        CHECK(made == (v == LOOK_TOP || v == LOOK_CROWN));
        CHECK(made ? same_picture(&want, &is) : some.err.code == ERR_INPUT);
    }
    ball_close(&whole);
    ball_close(&some);
}

/* Mean colour of the plain centre of a picture, from its bytes. */
static Lab middle_lab(const Image *picture)
{
    double sum[3] = {0};
    int count = 0;
    for (int y = picture->height_px / 2 - 8; y < picture->height_px / 2 + 8; y++)
        for (int x = picture->width_px / 2 - 8; x < picture->width_px / 2 + 8; x++, count++) {
            Rgb linear = color_from_srgb8(&picture->rgb[3 * (y * picture->width_px + x)]);
            sum[0] += (double)linear.r, sum[1] += (double)linear.g, sum[2] += (double)linear.b;
        }
    return color_to_lab(
        (Rgb){(float)(sum[0] / count), (float)(sum[1] / count), (float)(sum[2] / count)});
}

TEST(fresh_marks_redden_the_skin_around_them_and_healed_ones_do_not)
{
    enum { COUNT = 20000 };
    LookStageParams params = ball_params(2);
    Ball ball;
    REQUIRE(ball_open(&ball, &params));
    LookMark *mark = ARENA_NEW(&ball.arena, LookMark, COUNT);
    REQUIRE(mark != NULL);
    Rng rng = rng_make(3, 0);
    for (int k = 0; k < COUNT; k++)
        mark[k] = ball_mark(vec3(rng_normal(&rng), rng_normal(&rng), fabs(rng_normal(&rng))));
    Image healed, fresh, old;
    CHECK(ball_picture(&ball, LOOK_FRONT, COUNT, mark, 0, 2, &healed));
    CHECK(ball_picture(&ball, LOOK_FRONT, COUNT, mark, 1, 2, &fresh));
    Lab before = middle_lab(&healed), after = middle_lab(&fresh);
    CHECK(after.a > before.a + 3 && after.a < before.a + 9);
    CHECK(after.L < before.L - 1 && after.L > before.L - 8);
    for (int k = 0; k < COUNT; k++)
        mark[k].fresh = false;
    CHECK(ball_picture(&ball, LOOK_FRONT, COUNT, mark, 1, 2, &old));
    CHECK(same_picture(&old, &healed));
    ball_close(&ball);
}

TEST(absurd_marks_are_refused)
{
    LookStageParams params = ball_params(1);
    Ball ball;
    REQUIRE(ball_open(&ball, &params));
    const LookMark good = ball_mark(vec3(0, 0.5, 1));
    LookMark bad[12];
    for (int i = 0; i < 12; i++)
        bad[i] = good;
    bad[0].position_mm.x = (double)NAN;
    bad[1].normal = vec3(0, 0, 0);
    bad[2].normal.y = HUGE_VAL;
    bad[3].look.area_mm2[1] = NAN;
    bad[4].look.area_mm2[2] = -0.1F;
    bad[5].look.core_mm = 1e9F;
    bad[6].look.core_share[0] = 1.5F;
    bad[7].look.halo_sigma_mm = NAN;
    for (int i = 8; i < 12; i++) {
        bad[i].length_mm = i == 8 ? -0.1 : i == 9 ? (double)NAN : 1.0;
        bad[i].along = i == 10 ? vec3(0, 0, 0) : vec3(1, 0, 0);
    }
    bad[11].look.core_mm = 0;
    Image picture;
    for (int i = 0; i < 12; i++) {
        ball.err = (Err){0};
        const LookMark pair[2] = {good, bad[i]};
        CHECK(!ball_picture(&ball, LOOK_FRONT, 2, pair, 0, 1, &picture));
        CHECK(ball.err.code == ERR_INPUT && strstr(ball.err.text, "mark 1") != NULL);
    }
    CHECK(!ball_picture(&ball, LOOK_FRONT, 1, &good, NAN, 1, &picture));
    CHECK(!ball_picture(&ball, LOOK_FRONT, -1, &good, 0, 1, &picture));
    ball_close(&ball);
}

TEST(scans_that_are_no_head_and_absurd_sizes_are_refused)
{
    LookStageParams params = ball_params(1), tiny = params, dark = params;
    Ball ball;
    REQUIRE(ball_open(&ball, &params));
    LookStage *stage;
    tiny.width_px = 3;
    dark.plain_skin.g = NAN;
    CHECK(!look_stage_new(&ball.arena, &ball.scratch, &ball.mesh, &ball.rays, &tiny, NULL, &stage,
                          &ball.err));
    CHECK(!look_stage_new(&ball.arena, &ball.scratch, &ball.mesh, &ball.rays, &dark, NULL, &stage,
                          &ball.err));
    for (int i = 0; i < ball.mesh.vertex_count; i++) /* metres instead of millimetres */
        ball.mesh.position[i] = vec_scale(ball.mesh.position[i], 1e-3);
    CHECK(!look_stage_new(&ball.arena, &ball.scratch, &ball.mesh, &ball.rays, &params, NULL, &stage,
                          &ball.err));
    CHECK(ball.err.code == ERR_INPUT && strstr(ball.err.text, "in mm") != NULL);
    ball.mesh.position[7].y = (double)NAN;
    CHECK(!look_stage_new(&ball.arena, &ball.scratch, &ball.mesh, &ball.rays, &params, NULL, &stage,
                          &ball.err));
    CHECK(ball.err.code == ERR_INPUT && strstr(ball.err.text, "vertex 7") != NULL);
    ball_close(&ball);
}

TEST(a_small_arena_is_an_error_and_not_a_crash)
{
    LookStageParams params = ball_params(1);
    Ball ball;
    REQUIRE(ball_open(&ball, &params));
    LookMark mark = ball_mark(vec3(0, 0.5, 1));
    LookState state = {.mark_count = 1, .mark = &mark};
    bool done = false;
    for (size_t bytes = 1 << 16; !done; bytes += bytes / 2) {
        Arena arena, scratch;
        Image picture;
        REQUIRE(bytes < ARENA_BYTES && arena_open(&arena, bytes, &ball.err) &&
                arena_open(&scratch, bytes, &ball.err));
        LookStage *stage;
        ball.err = (Err){0};
        done = look_stage_new(&arena, &scratch, &ball.mesh, &ball.rays, &params, NULL, &stage,
                              &ball.err) &&
               look_picture(&arena, &scratch, stage, LOOK_TOP, &state, 1, &picture, &ball.err);
        CHECK(done || ball.err.code == ERR_LIMIT);
        arena_close(&arena);
        arena_close(&scratch);
    }
    ball_close(&ball);
}

/* ---- sheet
 * ---------------------------------------------------------------------------------------- */

static bool grey_image(Arena *arena, uint8_t grey, Image *image, Err *err)
{
    if (!image_new(arena, 544, 612, image, err))
        return false;
    memset(image->rgb, grey, 3 * (size_t)544 * 612);
    return true;
}

TEST(a_contact_sheet_holds_every_picture_once_and_its_captions)
{
    Arena arena, scratch;
    Err err;
    Image image[3], sheet, again;
    REQUIRE(arena_open(&arena, ARENA_BYTES, &err) && arena_open(&scratch, ARENA_BYTES, &err));
    REQUIRE(grey_image(&arena, 11, &image[0], &err) && grey_image(&arena, 22, &image[1], &err) &&
            grey_image(&arena, 33, &image[2], &err));
    const Image *const picture[4] = {&image[0], &image[1], NULL, &image[2]};
    const char *const row[2] = {"before", "healed"}, *const column[2] = {"front", "top"};
    size_t used = arena_mark(&scratch);
    REQUIRE(
        look_contact_sheet(&arena, &scratch, 2, 2, picture, row, column, "Case 7", &sheet, &err));
    CHECK(arena_mark(&scratch) == used);
    int count[256] = {0}, dark_rows_of_text = 0;
    for (int y = 0; y < sheet.height_px; y++)
        for (int x = 0; x < sheet.width_px; x++)
            count[sheet.rgb[3 * (y * sheet.width_px + x)]]++;
    for (int g = 11; g <= 33; g += 11)
        CHECK(count[g] >= 272 * 306 - 300 && count[g] <= 272 * 306 + 300);
    for (int y = 0; y < 70; y++) /* the title stands above the pictures */
        for (int x = 0; x < 200; x++)
            dark_rows_of_text += sheet.rgb[3 * (y * sheet.width_px + x)] < 100;
    CHECK(dark_rows_of_text > 50);
    REQUIRE(
        look_contact_sheet(&arena, &scratch, 2, 2, picture, row, column, "Case 7", &again, &err));
    CHECK(same_picture(&sheet, &again));
    CHECK(!look_contact_sheet(&arena, &scratch, 0, 2, picture, row, column, "", &sheet, &err));
    const Image *const none[1] = {NULL};
    CHECK(!look_contact_sheet(&arena, &scratch, 1, 1, none, row, column, "", &sheet, &err));
    arena_close(&arena);
    arena_close(&scratch);
}
