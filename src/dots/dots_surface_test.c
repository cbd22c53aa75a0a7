#include "dots/dots_testing.h"

#include "base/test.h"

#include <stdlib.h>

/* A plane of 60 x 40 mm and a sphere of 80 mm, in triangles of about 3 mm. */
enum { CELLS_X = 24, CELLS_Y = 16, SPHERE_SPLITS = 5 };
#define SIDE_X 60.0
#define SIDE_Y 40.0
#define RADIUS 80.0

static Arena arena, scratch;
static DotsSurface plane, sphere;
static DotsFacet *plane_facet, *sphere_facet;

static bool setup(void)
{
    Err err = {0};
    if (plane.vertex_count > 0)
        return true;
    bool ok = testing_arenas(&arena, &scratch) &&
              dots_surface_plane(&arena, SIDE_X, SIDE_Y, CELLS_X, CELLS_Y, &plane, &err) &&
              testing_ellipsoid(&arena, &scratch, SPHERE_SPLITS, vec3(RADIUS, RADIUS, RADIUS),
                                &sphere, &err) &&
              dots_facets_new(&arena, &plane, &plane_facet, &err) &&
              dots_facets_new(&arena, &sphere, &sphere_facet, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

/* The plane with its inner vertices moved: no two triangles alike, some of them obtuse. */
static bool jittered_plane(DotsSurface *surface)
{
    Vec3 *p = ARENA_NEW(&arena, Vec3, (size_t)plane.vertex_count);
    Rng rng = rng_make(5, 0);
    if (p == NULL)
        return false;
    for (int v = 0; v < plane.vertex_count; v++) {
        Vec3 at = plane.position_mm[v];
        bool inner = at.x > 0.1 && at.x < SIDE_X - 0.1 && at.y > 0.1 && at.y < SIDE_Y - 0.1;
        double x = 1.6 * (rng_f64(&rng) - 0.5), y = 1.6 * (rng_f64(&rng) - 0.5);
        p[v] = inner ? vec3(at.x + x, at.y + y, 0.0) : at;
    }
    *surface = plane;
    surface->position_mm = p;
    return true;
}

static bool is_in_triangle(HeadPoint p, const DotsSurface *surface)
{
    double sum = p.weight[0] + p.weight[1] + p.weight[2];
    return p.triangle >= 0 && p.triangle < surface->triangle_count && p.weight[0] >= 0.0 &&
           p.weight[1] >= 0.0 && p.weight[2] >= 0.0 && fabs(sum - 1.0) < 1e-12;
}

/* ---- who is beside whom */

TEST(every_edge_of_a_closed_surface_has_a_triangle_on_either_side)
{
    REQUIRE(setup());
    bool mutual = true, same_edge = true;
    for (int t = 0; t < sphere.triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            int other = sphere.across[t][k], back = 0;
            REQUIRE(other >= 0);
            while (back < 3 && sphere.across[other][back] != t)
                back++;
            mutual &= back < 3;
            const int *c = sphere.triangle[t], *d = sphere.triangle[other];
            same_edge &= c[k] == d[(back + 1) % 3] && c[(k + 1) % 3] == d[back % 3];
        }
    CHECK(mutual && same_edge);
    CHECK(sphere.vertex_count - sphere.triangle_count / 2 == 2); /* Euler: V - E + F = 2 */
}

TEST(across_finds_the_rim_of_an_open_surface)
{
    static int across[2 * CELLS_X * CELLS_Y][3];
    Err err;
    int rim = 0;
    REQUIRE(setup());
    REQUIRE(dots_across(&scratch, plane.vertex_count, plane.triangle_count, plane.triangle, across,
                        &err));
    CHECK(memcmp(across, plane.across, sizeof across) == 0); /* made by hand, not by search */
    for (int t = 0; t < plane.triangle_count; t++)
        for (int k = 0; k < 3; k++)
            rim += across[t][k] < 0;
    CHECK(rim == 2 * (CELLS_X + CELLS_Y));
}

TEST(triangles_look_outwards_and_cover_the_surface)
{
    REQUIRE(setup());
    double plane_mm2 = 0.0, sphere_mm2 = 0.0;
    bool outwards = true;
    for (int t = 0; t < plane.triangle_count; t++) {
        plane_mm2 += plane_facet[t].area_mm2;
        outwards &= plane_facet[t].normal.z > 1.0 - 1e-12;
    }
    for (int t = 0; t < sphere.triangle_count; t++) {
        sphere_mm2 += sphere_facet[t].area_mm2;
        outwards &= vec_dot(sphere_facet[t].normal, vec_normalize(sphere_facet[t].corner_mm)) > 0.9;
    }
    CHECK(outwards);
    CHECK_NEAR(plane_mm2, SIDE_X * SIDE_Y, 1e-8);
    CHECK_NEAR(sphere_mm2 / (4.0 * DOTS_PI * RADIUS * RADIUS), 1.0, 1e-3);
}

TEST(a_facet_tells_the_weights_of_a_place)
{
    REQUIRE(setup());
    Rng rng = rng_make(1, 0);
    double off = 0.0;
    for (int n = 0; n < 2000; n++) {
        HeadPoint p = testing_random_point(&sphere, 30.0, &rng);
        const DotsFacet *facet = &sphere_facet[p.triangle];
        Vec3 from = vec_sub(dots_position_mm(&sphere, p), facet->corner_mm);
        off = fmax(off, fabs(vec_dot(facet->gradient[0], from) - p.weight[1]));
        off = fmax(off, fabs(vec_dot(facet->gradient[1], from) - p.weight[2]));
    }
    CHECK(off < 1e-12);
}

/* ---- steps along the surface */

TEST(a_step_on_the_plane_lands_where_it_points)
{
    REQUIRE(setup());
    Rng rng = rng_make(2, 0);
    double off = 0.0;
    bool valid = true;
    for (int n = 0; n < 5000; n++) {
        HeadPoint from = testing_random_point(&plane, 10.0, &rng);
        double x = SIDE_X * rng_f64(&rng), y = SIDE_Y * rng_f64(&rng);
        if (hypot(x - dots_position_mm(&plane, from).x, y - dots_position_mm(&plane, from).y) >
            30.0)
            continue; /* longer than dots ever go at once */
        HeadPoint to = dots_slide(&plane, plane_facet, from, vec3(x, y, 3.0));
        valid &= is_in_triangle(to, &plane);
        off = fmax(off, vec_distance(dots_position_mm(&plane, to), vec3(x, y, 0.0)));
    }
    CHECK(valid);
    CHECK(off < 1e-9);
}

TEST(a_step_of_nothing_stays)
{
    REQUIRE(setup());
    Rng rng = rng_make(3, 0);
    for (int n = 0; n < 500; n++) {
        HeadPoint from = testing_random_point(&sphere, 30.0, &rng);
        Vec3 at = dots_position_mm(&sphere, from);
        HeadPoint to = dots_slide(&sphere, sphere_facet, from, at);
        CHECK(vec_distance(dots_position_mm(&sphere, to), at) < 1e-9);
    }
}

/* Beyond the rim by d: on the rim, and no farther from its foot than the way beyond it. */
TEST(a_step_beyond_the_rim_ends_on_it)
{
    REQUIRE(setup());
    Rng rng = rng_make(4, 0);
    bool ends = true;
    for (int n = 0; n < 2000; n++) {
        double beyond = 2.0 * rng_f64(&rng) + 1e-3, at = 3.0 + (SIDE_X - 6.0) * rng_f64(&rng);
        HeadPoint from = {0};
        do
            from = testing_random_point(&plane, 10.0, &rng);
        while (vec_distance(dots_position_mm(&plane, from), vec3(at, 0.0, 0.0)) > 8.0);
        HeadPoint to = dots_slide(&plane, plane_facet, from, vec3(at, -beyond, 0.0));
        Vec3 p = dots_position_mm(&plane, to);
        ends &= is_in_triangle(to, &plane) && p.y < 1e-9 && fabs(p.x - at) <= beyond + 1e-9;
    }
    CHECK(ends);
}

/* However far it is sent, and from where: a place on the surface, in bounded time. */
TEST(a_step_out_of_the_world_ends_on_the_surface)
{
    REQUIRE(setup());
    Rng rng = rng_make(6, 0);
    for (int n = 0; n < 3000; n++) {
        const DotsSurface *surface = n % 2 == 0 ? &plane : &sphere;
        HeadPoint from = testing_random_point(surface, 30.0, &rng);
        double far = pow(10.0, 6.0 * rng_f64(&rng));
        Vec3 to_mm = vec3(far * rng_normal(&rng), far * rng_normal(&rng), far * rng_normal(&rng));
        HeadPoint to = dots_slide(surface, n % 2 == 0 ? plane_facet : sphere_facet, from, to_mm);
        CHECK(is_in_triangle(to, surface));
    }
}

/* The way over the chord surface and the way over the sphere differ by the sagitta of an edge. */
TEST(a_step_on_the_sphere_lands_below_its_target)
{
    REQUIRE(setup());
    Rng rng = rng_make(7, 0);
    double off = 0.0, lift = 0.0;
    for (int n = 0; n < 3000; n++) {
        HeadPoint from = testing_random_point(&sphere, 30.0, &rng);
        Vec3 p = dots_position_mm(&sphere, from),
             any = vec3(rng_normal(&rng), rng_normal(&rng), 1.0);
        Vec3 along = vec_normalize(vec_cross(p, any));
        Vec3 target = vec_madd(p, 2.0, along);
        Vec3 q = dots_position_mm(&sphere, dots_slide(&sphere, sphere_facet, from, target));
        off = fmax(off, vec_distance(vec_normalize(q), vec_normalize(target)) * RADIUS);
        lift = fmax(lift, fabs(vec_length(q) - RADIUS));
    }
    printf("# %.4f mm beside, %.4f mm below\n", off, lift);
    CHECK(off < 0.01);
    CHECK(lift < 0.05); /* sagitta of the longest edge: 5.2^2 / (8 * 80) = 0.042 */
}

TEST(steps_around_the_sphere_come_back)
{
    REQUIRE(setup());
    HeadPoint point = {.triangle = 1000, .weight = {0.3, 0.3, 0.4}};
    Vec3 start = dots_position_mm(&sphere, point), away = vec3(0.31, 0.62, -0.2);
    Vec3 axis = vec_normalize(vec_cross(start, away));
    enum { STEPS = 251 };
    double step_mm = 2.0 * DOTS_PI * RADIUS / STEPS, off = 0.0;
    for (int n = 0; n < STEPS; n++) {
        Vec3 p = dots_position_mm(&sphere, point);
        Vec3 along = vec_normalize(vec_cross(axis, p));
        point = dots_slide(&sphere, sphere_facet, point, vec_madd(p, step_mm, along));
        off = fmax(off, fabs(vec_dot(dots_position_mm(&sphere, point), axis)));
    }
    double missed = vec_distance(dots_position_mm(&sphere, point), start);
    printf("# %.3f mm off the great circle, %.2f mm from the start\n", off, missed);
    CHECK(off < 0.5);
    CHECK(missed < 1.0);
}

/* ---- the Laplacian */

static double apply_web(const DotsWeb *web, const double f[], int v)
{
    double sum = 0.0;
    for (int k = web->start[v]; k < web->start[v + 1]; k++)
        sum += web->weight[k] * (f[v] - f[web->neighbor[k]]);
    return sum;
}

/* f = 3 + 0.7 x - 1.1 y over the uneven plane; energy = area * |gradient|^2 is exact. */
TEST(the_laplacian_of_a_linear_field_is_nothing_inside)
{
    static double f[(CELLS_X + 1) * (CELLS_Y + 1)];
    DotsSurface surface;
    DotsWeb web;
    Err err;
    REQUIRE(setup() && jittered_plane(&surface));
    REQUIRE(dots_web_new(&arena, &surface, NULL, &web, &err));
    double inside = 0.0, energy = 0.0, flat = 0.0;
    for (int v = 0; v < surface.vertex_count; v++)
        f[v] = 3.0 + 0.7 * surface.position_mm[v].x - 1.1 * surface.position_mm[v].y;
    for (int v = 0; v < surface.vertex_count; v++) {
        Vec3 p = surface.position_mm[v];
        double image = apply_web(&web, f, v);
        energy += f[v] * image;
        if (p.x > 0.1 && p.x < SIDE_X - 0.1 && p.y > 0.1 && p.y < SIDE_Y - 0.1)
            inside = fmax(inside, fabs(image));
    }
    for (int v = 0; v < surface.vertex_count; v++)
        f[v] = 42.0;
    for (int v = 0; v < surface.vertex_count; v++)
        flat = fmax(flat, fabs(apply_web(&web, f, v)));
    CHECK(inside < 1e-12);
    CHECK_NEAR(energy, SIDE_X * SIDE_Y * (0.49 + 1.21), 1e-8);
    CHECK(flat < 1e-12);
}

/* On the even plane: - the integral of the second derivative over the vertex's share. */
TEST(the_laplacian_of_a_square_is_twice_the_area_around)
{
    static double f[(CELLS_X + 1) * (CELLS_Y + 1)];
    DotsWeb web;
    Err err;
    REQUIRE(setup());
    REQUIRE(dots_web_new(&arena, &plane, NULL, &web, &err));
    double cell = SIDE_X / CELLS_X * SIDE_Y / CELLS_Y;
    for (int v = 0; v < plane.vertex_count; v++)
        f[v] = plane.position_mm[v].x * plane.position_mm[v].x;
    for (int y = 1; y < CELLS_Y; y++)
        for (int x = 1; x < CELLS_X; x++)
            CHECK_NEAR(apply_web(&web, f, y * (CELLS_X + 1) + x), -2.0 * cell, 1e-9);
}

TEST(conductance_scales_each_triangle)
{
    static double f[(CELLS_X + 1) * (CELLS_Y + 1)], conductance[2 * CELLS_X * CELLS_Y];
    DotsSurface surface;
    DotsWeb web;
    Err err;
    REQUIRE(setup() && jittered_plane(&surface));
    Rng rng = rng_make(8, 0);
    double wanted = 0.0, energy = 0.0, lopsided = 0.0;
    for (int t = 0; t < surface.triangle_count; t++) {
        conductance[t] = t % 3 == 0 ? 0.0 : rng_f64(&rng);
        wanted += conductance[t] * testing_triangle_mm2(&surface, t) * (0.49 + 1.21);
    }
    REQUIRE(dots_web_new(&arena, &surface, conductance, &web, &err));
    for (int v = 0; v < surface.vertex_count; v++)
        f[v] = 0.7 * surface.position_mm[v].x - 1.1 * surface.position_mm[v].y;
    for (int v = 0; v < surface.vertex_count; v++) {
        energy += f[v] * apply_web(&web, f, v);
        for (int k = web.start[v]; k < web.start[v + 1]; k++) {
            int other = web.neighbor[k], back = web.start[other];
            while (back < web.start[other + 1] && web.neighbor[back] != v)
                back++;
            REQUIRE(back < web.start[other + 1]);
            lopsided = fmax(lopsided, fabs(web.weight[back] - web.weight[k]));
        }
    }
    CHECK_NEAR(energy / wanted, 1.0, 1e-12);
    CHECK(lopsided < 1e-12); /* the same weight both ways */
}

/* The first eigenvalue of the sphere is 2 / R^2, with x, y and z as functions. */
TEST(the_laplacian_knows_the_curvature_of_a_sphere)
{
    DotsWeb web;
    Err err;
    REQUIRE(setup());
    REQUIRE(dots_web_new(&arena, &sphere, NULL, &web, &err));
    double *f = ARENA_NEW(&arena, double, (size_t)sphere.vertex_count), energy = 0.0;
    double *square = ARENA_NEW(&arena, double, (size_t)sphere.vertex_count);
    REQUIRE(f != NULL && square != NULL);
    for (int v = 0; v < sphere.vertex_count; v++) {
        f[v] = sphere.position_mm[v].y;
        square[v] = f[v] * f[v];
    }
    for (int v = 0; v < sphere.vertex_count; v++)
        energy += f[v] * apply_web(&web, f, v);
    double mass = testing_integral(&sphere, square);
    CHECK_NEAR(energy / mass * RADIUS * RADIUS / 2.0, 1.0, 2e-3);
}

/* ---- the grid and the sort */

static Vec3 cloud_point(Rng *rng, int shape)
{
    Vec3 p = vec3(rng_normal(rng), rng_normal(rng), rng_normal(rng));
    switch (shape) {
    case 0:
        return vec_scale(p, 20.0);
    case 1:
        return vec3(20.0 * p.x, 0.0, 0.0); /* a line */
    case 2:
        return vec3(3.0, 4.0, 5.0); /* one spot */
    case 3:
        return vec3(0.0, 300.0 * p.y, 0.0); /* upright */
    default:
        return vec3(1e5 * p.x, 1e-3 * p.y, 1e5 * p.z); /* far beyond any head */
    }
}

TEST(a_walk_meets_every_point_of_the_ball)
{
    enum { COUNT = 700, SHAPES = 5 };
    static Vec3 p[COUNT];
    static int met[COUNT];
    REQUIRE(setup());
    Rng rng = rng_make(9, 0);
    Err err;
    for (int shape = 0; shape < SHAPES; shape++)
        for (int n = 0; n < 40; n++) {
            size_t mark = arena_mark(&scratch);
            int count = n == 0 ? 0 : n == 1 ? 1 : COUNT, j;
            for (int i = 0; i < count; i++)
                p[i] = cloud_point(&rng, shape);
            DotsGrid grid;
            REQUIRE(dots_grid_new(&scratch, count, p, 0.1 + 6.0 * rng_f64(&rng), &grid, &err));
            Vec3 centre = n % 3 == 0 && count > 0 ? p[0] : cloud_point(&rng, shape);
            double radius = 15.0 * rng_f64(&rng);
            memset(met, 0, sizeof met);
            for (DotsWalk walk = dots_walk(&grid, centre, radius); dots_walk_next(&walk, &j);)
                met[j]++;
            bool all = true, once = true;
            for (int i = 0; i < count; i++) {
                all &= met[i] > 0 || vec_distance(p[i], centre) > radius;
                once &= met[i] < 2;
            }
            CHECK(all && once);
            arena_rewind(&scratch, mark);
        }
}

static int compare_keys(const void *a, const void *b)
{
    const DotsKey *left = a, *right = b;
    if (left->key < right->key || right->key < left->key)
        return left->key < right->key ? -1 : 1;
    return left->item < right->item ? -1 : left->item > right->item;
}

TEST(sorting_is_by_key_then_item)
{
    enum { COUNT = 3001 };
    static DotsKey key[COUNT], want[COUNT];
    REQUIRE(setup());
    Rng rng = rng_make(10, 0);
    Err err;
    for (int n = 0; n < 30; n++) {
        int count = n < 6 ? n : rng_below(&rng, COUNT);
        for (int i = 0; i < count; i++)
            key[i] = (DotsKey){n % 2 == 0 ? rng_f64(&rng) : rng_below(&rng, 20) - 10.0, i};
        memcpy(want, key, sizeof want);
        qsort(want, (size_t)count, sizeof want[0], compare_keys);
        REQUIRE(dots_sort(&scratch, count, key, &err));
        for (int i = 0; i < count; i++)
            CHECK(key[i].item == want[i].item);
    }
}
