#include "base/rng.h"
#include "base/test.h"
#include "head/head.h"
#include "head/vault.h"
#include "head/vault_table.h"

static Arena arena;
static HeadTopology level6;

static bool setup(void)
{
    Err err;
    if (arena.base == NULL)
        if (!arena_open(&arena, (size_t)1 << 30, &err) ||
            !head_topology_new(&arena, HEAD_LEVEL, &level6, &err)) {
            printf("# %s\n", err.text);
            return false;
        }
    return true;
}

TEST(level_six_has_the_counts_of_the_field_report)
{
    REQUIRE(setup());
    CHECK_NEAR(level6.vertex_count, 27697, 0);
    CHECK_NEAR(level6.triangle_count, 55048, 0);
}

static const double pi = 3.14159265358979323846;

static bool sphere_head(const HeadTopology *topology, double radius, Head *head)
{
    Err err;
    double *r = ARENA_NEW(&arena, double, (size_t)topology->vertex_count);
    for (int v = 0; r != NULL && v < topology->vertex_count; v++)
        r[v] = radius;
    return r != NULL && head_new(&arena, topology, r, head, &err);
}

static bool vault_head(const HeadTopology *topology, const VaultShape *shape, Head *head)
{
    Err err;
    double *r = ARENA_NEW(&arena, double, (size_t)topology->vertex_count);
    if (r == NULL)
        return false;
    vault_radii_mm(shape, topology, r);
    if (!head_new(&arena, topology, r, head, &err))
        return false;
    vault_landmarks_mm(shape, head->landmark_mm);
    return true;
}

static Vec3 random_direction(Rng *rng)
{
    double x = rng_normal(rng), y = rng_normal(rng), z = rng_normal(rng); /* in this order */
    return vec_normalize(vec3(x, y, z));
}

TEST(topology_is_a_disc_whose_links_agree)
{
    REQUIRE(setup());
    const HeadTopology *t = &level6;
    int rim = 0, wrong = 0;
    for (int i = 0; i < t->triangle_count; i++)
        for (int k = 0; k < 3; k++) {
            int other = t->across[i][k];
            rim += other < 0;
            bool back = other < 0;
            for (int j = 0; j < 3 && other >= 0; j++)
                back = back || (t->across[other][j] == i &&
                                t->triangle[other][j] == t->triangle[i][(k + 1) % 3] &&
                                t->triangle[other][(j + 1) % 3] == t->triangle[i][k]);
            wrong += !back;
        }
    CHECK_NEAR(wrong, 0, 0);
    int edges = (3 * t->triangle_count + rim) / 2;
    CHECK_NEAR(t->vertex_count - edges + t->triangle_count, 1, 0); /* Euler: a disc */
    CHECK_NEAR(t->neighbor_start[t->vertex_count], 2 * edges, 0);
    for (int v = 0; v < t->vertex_count; v++)
        for (int i = t->neighbor_start[v]; i < t->neighbor_start[v + 1]; i++) {
            if (t->around[i] < 0)
                continue;
            int next = i + 1 < t->neighbor_start[v + 1] ? i + 1 : t->neighbor_start[v];
            const int *c = t->triangle[t->around[i]];
            int k = c[0] == v ? 0 : c[1] == v ? 1 : 2;
            wrong += c[k] != v || c[(k + 1) % 3] != t->neighbor[i] ||
                     c[(k + 2) % 3] != t->neighbor[next];
        }
    CHECK_NEAR(wrong, 0, 0);
}

TEST(canvas_is_its_own_mirror_image_bit_for_bit)
{
    REQUIRE(setup());
    Head head;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    int wrong = 0;
    for (int v = 0; v < level6.vertex_count; v++) {
        Vec3 d = level6.direction[v];
        d.x = -d.x;
        HeadPoint p = head_locate(&head, d);
        bool same = false;
        for (int k = 0; k < 3 && p.triangle >= 0; k++) {
            Vec3 e = level6.direction[level6.triangle[p.triangle][k]];
            same = same || (e.x == d.x && e.y == d.y && e.z == d.z);
        }
        wrong += !same;
    }
    CHECK_NEAR(wrong, 0, 0);
}

TEST(locate_finds_the_point_of_the_surface_in_every_direction)
{
    REQUIRE(setup());
    Head head;
    VaultShape shape = vault_mean();
    REQUIRE(vault_head(&level6, &shape, &head));
    Rng rng = rng_make(1, 1);
    int missed = 0, false_hits = 0;
    double worst = 0.0;
    for (int i = 0; i < 200000; i++) {
        Vec3 d = random_direction(&rng);
        HeadPoint p = head_locate(&head, d);
        if (p.triangle < 0) {
            missed += d.y > HEAD_CUT + 0.02;
            continue;
        }
        false_hits += d.y < HEAD_CUT - 0.001;
        Vec3 q = vec_normalize(vec_sub(head_position_mm(&head, p), head.centre_mm));
        worst = fmax(worst, vec_distance(q, d));
    }
    CHECK_NEAR(missed, 0, 0);
    CHECK_NEAR(false_hits, 0, 0);
    CHECK_NEAR(worst, 0, 1e-12);
}

TEST(locate_finds_every_triangle_from_inside_it_at_every_level)
{
    REQUIRE(setup()); /* the jagged rim is the hard part */
    Err err;
    for (int level = 1; level <= 7; level++) {
        size_t mark = arena_mark(&arena);
        HeadTopology topology;
        Head head;
        REQUIRE(head_topology_new(&arena, level, &topology, &err));
        REQUIRE(sphere_head(&topology, 90.0, &head));
        int wrong = 0;
        for (int t = 0; t < topology.triangle_count; t++)
            for (int k = 0; k < 3; k++) {
                HeadPoint p = {t, {0.02, 0.02, 0.02}};
                p.weight[k] = 0.96;
                wrong += head_nearest(&head, head_position_mm(&head, p)).triangle != t;
            }
        CHECK_NEAR(wrong, 0, 0);
        arena_rewind(&arena, mark);
    }
}

TEST(locate_gives_up_quickly_just_below_the_rim)
{
    REQUIRE(setup());
    Head head;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    Rng rng = rng_make(8, 8);
    int hits = 0; /* a walk that went on for ever would take minutes here */
    for (int i = 0; i < 300000; i++) {
        double y = HEAD_CUT - 0.019 * rng_f64(&rng), angle = 2.0 * pi * rng_f64(&rng);
        double flat = sqrt(1.0 - y * y);
        hits += head_locate(&head, vec3(flat * sin(angle), y, flat * cos(angle))).triangle >= 0;
    }
    CHECK(hits < 300);
}

TEST(locate_refuses_no_direction_at_all)
{
    REQUIRE(setup());
    Head head;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    CHECK(head_locate(&head, vec3(0, 0, 0)).triangle == -1);
    CHECK(head_locate(&head, vec3((double)NAN, 1, 0)).triangle == -1);
    CHECK(head_locate(&head, vec3(0, -1, 0)).triangle == -1);
    CHECK(head_locate(&head, vec3(0, 1e300, 1e300)).triangle == -1); /* overflows */
    CHECK(head_locate(&head, vec3(0, 1e-100, 0)).triangle >= 0);
}

TEST(head_new_refuses_absurd_radii)
{
    REQUIRE(setup());
    Err err;
    Head head;
    double *r = ARENA_NEW(&arena, double, (size_t)level6.vertex_count);
    REQUIRE(r != NULL);
    const double bad[] = {(double)NAN, -1.0, 0.09, 9000.0, HUGE_VAL};
    for (int i = 0; i < 5; i++) {
        for (int v = 0; v < level6.vertex_count; v++)
            r[v] = v == 77 ? bad[i] : 90.0;
        CHECK(!head_new(&arena, &level6, r, &head, &err) && err.code == ERR_INPUT);
    }
}

TEST(every_budget_too_small_is_a_limit_error)
{
    Err err = {0};
    HeadTopology topology;
    int refused = 0, built = 0;
    for (size_t bytes = 4096; bytes < (1u << 20); bytes += 8192) {
        Arena small;
        REQUIRE(arena_open(&small, bytes, &err));
        if (head_topology_new(&small, 3, &topology, &err))
            built++;
        else
            refused += err.code == ERR_LIMIT;
        arena_close(&small);
    }
    CHECK(refused > 3 && built > 3 && refused + built == 128);
    CHECK(!head_topology_new(&arena, 0, &topology, &err) && err.code == ERR_INPUT);
    CHECK(!head_topology_new(&arena, 12, &topology, &err) && err.code == ERR_INPUT);
}

TEST(chart_is_conformal_and_inverts)
{
    Rng rng = rng_make(2, 1);
    for (int i = 0; i < 1000; i++) {
        double uv[2] = {rng_f64(&rng) * 2.8 - 1.4, rng_f64(&rng) * 2.8 - 1.4}, back[2];
        Vec3 d = head_chart_direction(uv);
        head_chart(d, back);
        CHECK_NEAR(vec_length(d), 1.0, 1e-15);
        CHECK_NEAR(hypot(back[0] - uv[0], back[1] - uv[1]), 0.0, 1e-14);
        double h = 1e-5, u1[2] = {uv[0] + h, uv[1]}, v1[2] = {uv[0], uv[1] + h};
        Vec3 du = vec_scale(vec_sub(head_chart_direction(u1), d), 1.0 / h);
        Vec3 dv = vec_scale(vec_sub(head_chart_direction(v1), d), 1.0 / h);
        CHECK_NEAR(vec_length(du) / vec_length(dv), 1.0, 1e-4);
        CHECK_NEAR(vec_dot(du, dv), 0.0, 1e-4);
    }
    double uv[2];
    head_chart(vec3(sqrt(1.0 - HEAD_CUT * HEAD_CUT), HEAD_CUT, 0.0), uv);
    CHECK_NEAR(uv[0], 1.44, 0.005);
}

TEST(area_of_a_sphere_cap_is_two_pi_r_h_and_normals_are_radial)
{
    REQUIRE(setup());
    Head head;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    double *cap = ARENA_NEW(&arena, double, (size_t)level6.vertex_count), worst = 0.0;
    REQUIRE(cap != NULL);
    for (int v = 0; v < level6.vertex_count; v++) {
        cap[v] = level6.direction[v].y > 0.5 ? 1.0 : 0.0;
        if (level6.direction[v].y > HEAD_CUT + 0.03) /* not at the rim, where half is missing */
            worst = fmax(worst, vec_distance(head.normal[v], level6.direction[v]));
    }
    CHECK_NEAR(head_area_mm2(&head, cap) / (2.0 * pi * 90.0 * 45.0), 1.0, 0.002);
    /* the rim is jagged by half an edge: compare a little loosely */
    CHECK_NEAR(head_area_mm2(&head, NULL) / (2.0 * pi * 8100.0 * 1.35), 1.0, 0.01);
    CHECK_NEAR(worst, 0.0, 1e-9);
}

/* ---- distances ------------------------------------------------------------------------------- */

typedef struct Misfit {
    double rms, max;
} Misfit;

/* Where want is finite. */
static Misfit compare(int count, const double got[], const double want[])
{
    Misfit fit = {0};
    int n = 0;
    for (int v = 0; v < count; v++) {
        if (!isfinite(want[v]))
            continue;
        double off = fabs(got[v] - want[v]);
        fit.rms += off * off;
        fit.max = off <= fit.max ? fit.max : off; /* keeps a NaN */
        n++;
    }
    fit.rms = sqrt(fit.rms / n);
    return fit;
}

TEST(distances_on_a_sphere_are_great_circles_to_a_fiftieth_of_a_millimetre)
{
    REQUIRE(setup());
    Err err;
    Head head;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    size_t mark = arena_mark(&arena), n = (size_t)level6.vertex_count;
    double *got = ARENA_NEW(&arena, double, n), *want = ARENA_NEW(&arena, double, n);
    REQUIRE(want != NULL);
    Rng rng = rng_make(3, 3);
    for (int i = 0; i < 6; i++) {
        Vec3 from = random_direction(&rng);
        from.y = fabs(from.y) + 0.1;
        from = i == 0 ? vec3(0, 1, 0) : vec_normalize(from);
        HeadPoint source = head_locate(&head, from);
        REQUIRE(head_distance(&arena, &head, 1, &source, got, &err));
        for (size_t v = 0; v < n; v++) { /* low points may be reached only below the rim */
            want[v] = 90.0 * acos(fmin(1.0, vec_dot(level6.direction[v], from)));
            want[v] = i > 0 && level6.direction[v].y < 0.0 ? HUGE_VAL : want[v];
        }
        Misfit fit = compare(level6.vertex_count, got, want);
        CHECK(fit.rms < 0.01);
        CHECK(fit.max < 0.02);
    }
    arena_rewind(&arena, mark);
}

TEST(distances_on_a_spheroid_are_meridian_arcs)
{
    REQUIRE(setup());
    Err err;
    Head head;
    const double a = 78.0, b = 112.0; /* much longer than wide: radial edges are oblique */
    size_t mark = arena_mark(&arena), n = (size_t)level6.vertex_count;
    double *r = ARENA_NEW(&arena, double, n), *got = ARENA_NEW(&arena, double, n);
    double *want = ARENA_NEW(&arena, double, n);
    REQUIRE(want != NULL);
    for (size_t v = 0; v < n; v++) {
        Vec3 d = level6.direction[v];
        r[v] = 1.0 / sqrt((d.x * d.x + d.z * d.z) / (a * a) + d.y * d.y / (b * b));
        double end = acos(fmin(1.0, d.y * r[v] / b)), sum = 0.0;
        enum { STEPS = 64 };
        for (int i = 0; i <= STEPS; i++) { /* Simpson's rule over the eccentric angle */
            double t = end * i / STEPS, speed = hypot(a * cos(t), b * sin(t));
            sum += speed * (i == 0 || i == STEPS ? 1.0 : i % 2 == 1 ? 4.0 : 2.0);
        }
        want[v] = sum * end / STEPS / 3.0;
    }
    REQUIRE(head_new(&arena, &level6, r, &head, &err));
    HeadPoint source = head_locate(&head, vec3(0, 1, 0));
    REQUIRE(head_distance(&arena, &head, 1, &source, got, &err));
    Misfit fit = compare(level6.vertex_count, got, want);
    CHECK(fit.rms < 0.02);
    CHECK(fit.max < 0.05);
    arena_rewind(&arena, mark);
}

/* A straight line on the surface: the exact geodesic of the polyhedron, shortest while nothing is
 * behind a hollow. Ends on the rim if it must. */
typedef struct Ray {
    int triangle, entered; /* edge of triangle; -1 at the start */
    Vec3 at, along;
} Ray;

static Vec3 triangle_normal(const Head *head, int t)
{
    const int *v = head->topology->triangle[t];
    const Vec3 *p = head->position_mm;
    return vec_normalize(vec_cross(vec_sub(p[v[1]], p[v[0]]), vec_sub(p[v[2]], p[v[0]])));
}

/* On to the edge the line leaves through, at most left_mm; returns what it went, < 0 at the rim. */
static double ray_step(const Head *head, Ray *ray, double left_mm)
{
    const int *v = head->topology->triangle[ray->triangle];
    Vec3 normal = triangle_normal(head, ray->triangle);
    double step = left_mm;
    int out = -1;
    for (int k = 0; k < 3; k++) {
        Vec3 a = head->position_mm[v[k]], b = head->position_mm[v[(k + 1) % 3]];
        Vec3 inward = vec_cross(normal, vec_sub(b, a));
        double speed = vec_dot(ray->along, inward);
        double gap = vec_dot(vec_sub(ray->at, a), inward);
        if (k != ray->entered && speed < 0.0 && -gap / speed < step) {
            step = fmax(-gap / speed, 0.0);
            out = k;
        }
    }
    ray->at = vec_madd(ray->at, step, ray->along);
    if (out < 0)
        return step;
    int next = head->topology->across[ray->triangle][out];
    if (next < 0)
        return -1.0;
    Vec3 edge = vec_sub(head->position_mm[v[(out + 1) % 3]], head->position_mm[v[out]]);
    edge = vec_normalize(edge);
    Vec3 outward = vec_cross(edge, normal);
    Vec3 onward = vec_cross(edge, triangle_normal(head, next));
    ray->along =
        vec_madd(vec_scale(edge, vec_dot(ray->along, edge)), vec_dot(ray->along, outward), onward);
    for (int k = 0; k < 3; k++)
        if (head->topology->across[next][k] == ray->triangle)
            ray->entered = k;
    ray->triangle = next;
    return step;
}

/* Rays of 10..150 mm from one point over a head: RMS and greatest difference from the distance
 * field read between the vertices. */
static bool compare_with_rays(const Head *head, Vec3 from, const double distance_mm[], Misfit *fit,
                              int *count)
{
    HeadPoint source = head_locate(head, from);
    Rng rng = rng_make(9, 9);
    *fit = (Misfit){0};
    *count = 0;
    for (int i = 0; i < 2000; i++) {
        Ray ray = {source.triangle, -1, head_position_mm(head, source), {0.0, 0.0, 0.0}};
        Vec3 normal = triangle_normal(head, source.triangle), d = random_direction(&rng);
        ray.along = vec_normalize(vec_madd(d, -vec_dot(d, normal), normal));
        double length = 10.0 + 140.0 * rng_f64(&rng), left = length, step = 0.0;
        for (int k = 0; k < 2000 && left > 1e-9 && step >= 0.0; k++) {
            step = ray_step(head, &ray, left);
            left -= step;
        }
        HeadPoint end = head_nearest(head, ray.at);
        if (step < 0.0 || end.triangle < 0)
            continue;
        double off = fabs(head_interpolate(head, end, distance_mm) - length);
        fit->rms += off * off;
        fit->max = off <= fit->max ? fit->max : off;
        ++*count;
    }
    fit->rms = sqrt(fit->rms / *count);
    return *count > 1000;
}

TEST(distances_agree_with_exact_geodesics_of_the_polyhedron)
{
    REQUIRE(setup());
    Err err;
    Head head;
    size_t mark = arena_mark(&arena);
    double *distance_mm = ARENA_NEW(&arena, double, (size_t)level6.vertex_count);
    const Vec3 from[] = {{0, 1, 0}, {0.3, 0.8, -0.5}, {-0.5, 0.6, 0.6}, {0.1, 0.3, 0.9}};
    for (int i = 0; i < 4; i++) {
        VaultShape shape = vault_mean();
        shape.mode_sd[i] = 1.5;
        REQUIRE(vault_head(&level6, &shape, &head) && distance_mm != NULL);
        HeadPoint source = head_locate(&head, from[i]);
        REQUIRE(head_distance(&arena, &head, 1, &source, distance_mm, &err));
        Misfit fit;
        int count;
        REQUIRE(compare_with_rays(&head, from[i], distance_mm, &fit, &count));
        printf("# %d exact geodesics of 10..150 mm: rms %.4f max %.4f mm\n", count, fit.rms,
               fit.max);
        CHECK(fit.rms < 0.03);
        CHECK(fit.max < 0.2);
    }
    arena_rewind(&arena, mark);
}

TEST(a_source_beside_a_vertex_or_on_an_edge_is_as_good_as_any)
{
    REQUIRE(setup());
    Err err;
    Head head;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    size_t mark = arena_mark(&arena), n = (size_t)level6.vertex_count;
    double *got = ARENA_NEW(&arena, double, n), *want = ARENA_NEW(&arena, double, n);
    REQUIRE(want != NULL);
    const double weight[][3] = {
        {1, 0, 0}, {0.96, 0.03, 0.01}, {0.5, 0.5, 0}, {0.45, 0.45, 0.1}, {1. / 3, 1. / 3, 1. / 3}};
    for (int i = 0; i < 5; i++) {
        HeadPoint source = {head_locate(&head, vec3(0.2, 0.9, 0.1)).triangle,
                            {weight[i][0], weight[i][1], weight[i][2]}};
        Vec3 from = vec_normalize(vec_sub(head_position_mm(&head, source), head.centre_mm));
        REQUIRE(head_distance(&arena, &head, 1, &source, got, &err));
        for (size_t v = 0; v < n; v++)
            want[v] = 90.0 * acos(fmin(1.0, vec_dot(level6.direction[v], from)));
        Misfit fit = compare(level6.vertex_count, got, want);
        CHECK(fit.rms < 0.01);
        CHECK(fit.max < 0.03);
    }
    arena_rewind(&arena, mark);
}

TEST(distances_on_a_head_hardly_change_on_a_four_times_finer_canvas)
{
    REQUIRE(setup());
    Err err;
    size_t mark = arena_mark(&arena), n = (size_t)level6.vertex_count;
    HeadTopology fine;
    Head head, fine_head;
    VaultShape shape = vault_mean();
    REQUIRE(head_topology_new(&arena, 7, &fine, &err));
    REQUIRE(vault_head(&level6, &shape, &head) && vault_head(&fine, &shape, &fine_head));
    double *got = ARENA_NEW(&arena, double, n), *want = ARENA_NEW(&arena, double, n);
    double *field = ARENA_NEW(&arena, double, (size_t)fine.vertex_count);
    REQUIRE(field != NULL);
    const Vec3 from = {0.3, 0.8, -0.5};
    HeadPoint source = head_locate(&head, from), fine_source = head_locate(&fine_head, from);
    REQUIRE(head_distance(&arena, &head, 1, &source, got, &err));
    REQUIRE(head_distance(&arena, &fine_head, 1, &fine_source, field, &err));
    for (size_t v = 0; v < n; v++) {
        HeadPoint p = head_locate(&fine_head, level6.direction[v]);
        want[v] = p.triangle >= 0 && head.position_mm[v].y > 10.0
                      ? head_interpolate(&fine_head, p, field)
                      : HUGE_VAL;
    }
    Misfit fit = compare(level6.vertex_count, got, want);
    CHECK(fit.rms < 0.03);
    CHECK(fit.max < 0.15);
    arena_rewind(&arena, mark);
}

TEST(distance_to_many_sources_is_the_least_of_the_distances_to_each)
{
    REQUIRE(setup());
    Err err;
    size_t mark = arena_mark(&arena), n = (size_t)level6.vertex_count;
    Head head;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    double *got = ARENA_NEW(&arena, double, n), *want = ARENA_NEW(&arena, double, n);
    REQUIRE(want != NULL);
    Vec3 from[7];
    HeadPoint source[7];
    Rng rng = rng_make(4, 4);
    for (int i = 0; i < 7; i++) {
        from[i] = random_direction(&rng);
        from[i].y = fabs(from[i].y) + 0.2;
        from[i] = vec_normalize(from[i]);
        source[i] = head_locate(&head, from[i]);
    }
    REQUIRE(head_distance(&arena, &head, 7, source, got, &err));
    for (size_t v = 0; v < n; v++) {
        want[v] = HUGE_VAL;
        for (int i = 0; i < 7 && level6.direction[v].y > -0.2; i++)
            want[v] = fmin(want[v], 90.0 * acos(fmin(1.0, vec_dot(level6.direction[v], from[i]))));
    }
    Misfit fit = compare(level6.vertex_count, got, want);
    CHECK(fit.rms < 0.02);
    CHECK(fit.max < 0.35); /* beside the ridges between two sources */
    arena_rewind(&arena, mark);
}

TEST(distance_to_a_circle_of_latitude_is_a_difference_of_latitudes)
{
    REQUIRE(setup());
    Err err;
    size_t mark = arena_mark(&arena), n = (size_t)level6.vertex_count;
    Head head;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    double *got = ARENA_NEW(&arena, double, n), *want = ARENA_NEW(&arena, double, n);
    REQUIRE(want != NULL);
    enum { POINTS = 360 };
    Vec3 curve[POINTS];
    for (int i = 0; i < POINTS; i++) {
        double angle = 2.0 * pi * i / POINTS;
        Vec3 d = vec3(0.8 * sin(angle), 0.6, 0.8 * cos(angle));
        curve[i] = vec_madd(head.centre_mm, 90.0, d);
    }
    REQUIRE(head_distance_to_curve(&arena, &head, POINTS, curve, true, got, &err));
    for (size_t v = 0; v < n; v++)
        want[v] = 90.0 * fabs(asin(level6.direction[v].y) - asin(0.6));
    Misfit fit = compare(level6.vertex_count, got, want);
    CHECK(fit.rms < 0.01);
    CHECK(fit.max < 0.1); /* the pole, where all fronts meet */
    /* a short open piece along the midline, which holds vertices and edges of the mesh */
    for (int i = 0; i < POINTS; i++) {
        double angle = 0.5 * pi * (0.5 + 0.5 * i / (POINTS - 1.0));
        curve[i] = vec_madd(head.centre_mm, 90.0, vec3(0, sin(angle), cos(angle)));
    }
    REQUIRE(head_distance_to_curve(&arena, &head, POINTS, curve, false, got, &err));
    for (size_t v = 0; v < n; v++) {
        Vec3 d = level6.direction[v];
        double along = atan2(d.y, d.z), cos_end = d.y * sin(0.25 * pi) + d.z * cos(0.25 * pi);
        want[v] = along >= 0.25 * pi && along <= 0.5 * pi
                      ? 90.0 * asin(fabs(d.x))
                      : 90.0 * acos(fmin(1.0, fmax(d.y, cos_end)));
        want[v] = d.y < 0.0 ? HUGE_VAL : want[v];
    }
    fit = compare(level6.vertex_count, got, want);
    CHECK(fit.rms < 0.01);
    CHECK(fit.max < 0.1);
    arena_rewind(&arena, mark);
}

TEST(distances_refuse_what_is_not_on_the_canvas)
{
    REQUIRE(setup());
    Err err;
    Head head;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    double *got = ARENA_NEW(&arena, double, (size_t)level6.vertex_count);
    REQUIRE(got != NULL);
    HeadPoint off = {.triangle = -1};
    CHECK(!head_distance(&arena, &head, 1, &off, got, &err) && err.code == ERR_INPUT);
    CHECK(!head_distance(&arena, &head, 0, &off, got, &err) && err.code == ERR_INPUT);
    const Vec3 bad[] = {{(double)NAN, 0, 0}, {0, 1e9, 0}, {0, -80, 0}};
    for (int i = 0; i < 3; i++)
        CHECK(!head_distance_to_curve(&arena, &head, 1, &bad[i], false, got, &err) &&
              err.code == ERR_INPUT);
    HeadPoint top = head_locate(&head, vec3(0, 1, 0));
    for (size_t bytes = 4096; bytes < (size_t)1 << 20; bytes *= 4) {
        Arena small;
        REQUIRE(arena_open(&small, bytes, &err));
        CHECK(!head_distance(&small, &head, 1, &top, got, &err) && err.code == ERR_LIMIT);
        CHECK(arena_mark(&small) == 0); /* all given back */
        arena_close(&small);
    }
}

/* ---- sections and measures ------------------------------------------------------------------- */

TEST(section_of_a_sphere_is_an_arc_that_passes_its_middle_point)
{
    REQUIRE(setup());
    Err err;
    Head head;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    Vec3 c = head.centre_mm, point[1000];
    Vec3 from = vec_madd(c, 90.0, vec3(0, 0, 1)), to = vec_madd(c, 90.0, vec3(0, 0.6, -0.8));
    int count = 0;
    double length = 0.0;
    /* the midline plane is full of vertices of the mesh */
    REQUIRE(head_section(&head, from, to, vec_madd(c, 90.0, vec3(0, 1, 0)), 1000, point, &count,
                         &length, &err));
    CHECK_NEAR(length, 90.0 * (pi - asin(0.6)), 0.02);
    double sum = 0.0, off = 0.0;
    for (int i = 0; i < count; i++) {
        sum += i > 0 ? vec_distance(point[i], point[i - 1]) : 0.0;
        off = fmax(off, fabs(point[i].x));
    }
    CHECK_NEAR(sum, length, 1e-9);
    CHECK_NEAR(off, 0.0, 1e-12);
    /* round the equator: one quarter or three, as the middle point says */
    to = vec_madd(c, 90.0, vec3(1, 0, 0));
    for (int side = 0; side < 2; side++) {
        Vec3 via = vec_madd(c, 90.0, vec_normalize(vec3(side == 0 ? 1 : -1, 0, side == 0 ? 1 : 0)));
        REQUIRE(head_section(&head, from, to, via, 0, NULL, NULL, &length, &err));
        CHECK_NEAR(length, 90.0 * (side == 0 ? 0.5 : 1.5) * pi, 0.03);
    }
    /* a small circle, 2 pi r sin(angle): half of the circle of latitude 0.6 */
    from = vec_madd(c, 90.0, vec3(0.8, 0.6, 0));
    to = vec_madd(c, 90.0, vec3(-0.8, 0.6, 0));
    REQUIRE(head_section(&head, from, to, vec_madd(c, 90.0, vec3(0, 0.6, 0.8)), 3, point, &count,
                         &length, &err));
    CHECK_NEAR(length, 90.0 * 0.8 * pi, 0.03);
    CHECK_NEAR(count, 3, 0); /* capacity */
    CHECK(!head_section(&head, from, from, to, 0, NULL, NULL, &length, &err));
    CHECK(!head_section(&head, vec3((double)NAN, 0, 0), to, from, 0, NULL, NULL, &length, &err));
    CHECK(!head_section(&head, vec3(0, -90, 0), to, from, 0, NULL, NULL, &length, &err));
}

TEST(section_that_would_leave_the_canvas_is_refused)
{
    REQUIRE(setup());
    Err err;
    Head head;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    /* nearly upright plane beside the head: front to back only below the rim */
    Vec3 c = head.centre_mm, d = vec_normalize(vec3(0.93, -0.3, 0.25));
    Vec3 e = vec3(d.x, d.y, -d.z), via = vec_normalize(vec3(0.93, -0.36, 0.0));
    double length;
    bool ok = head_section(&head, vec_madd(c, 90.0, d), vec_madd(c, 90.0, e),
                           vec_madd(c, 90.0, via), 0, NULL, NULL, &length, &err);
    CHECK(!ok && err.code == ERR_INPUT);
}

TEST(mean_vault_has_the_sizes_of_the_ansur_men)
{
    REQUIRE(setup());
    Err err;
    Head head;
    VaultShape shape = vault_mean();
    HeadMeasures m;
    REQUIRE(vault_head(&level6, &shape, &head));
    REQUIRE(head_measure(&arena, &head, &m, &err));
    CHECK_NEAR(m.length_mm, 199.5, 0.2);
    CHECK_NEAR(m.breadth_mm, 154.3, 0.2);
    CHECK_NEAR(m.tragion_vertex_mm, 131.1, 0.2);
    /* C = 44.0 + 1.711 L + 1.225 B, SD 6.2, of which about 12 mm is hair under the tape
     * (canvas 1.1) */
    double bare = 44.0 + 1.711 * m.length_mm + 1.225 * m.breadth_mm - 12.0;
    CHECK_NEAR(m.circumference_mm, bare, 6.2);
    CHECK(m.coronal_arc_mm > 330.0 && m.coronal_arc_mm < 380.0);
    CHECK(m.sagittal_arc_mm > 310.0 && m.sagittal_arc_mm < 360.0);
}

TEST(vault_scales_scale_the_measures_they_name)
{
    REQUIRE(setup());
    Err err;
    Head head;
    HeadMeasures m;
    VaultShape shape = {.length_scale = 1.06, .breadth_scale = 0.95, .height_scale = 1.03};
    size_t mark = arena_mark(&arena);
    REQUIRE(vault_head(&level6, &shape, &head) && head_measure(&arena, &head, &m, &err));
    CHECK_NEAR(m.length_mm, 199.5 * 1.06, 0.6); /* not all of it runs along z */
    CHECK_NEAR(m.breadth_mm, 154.3 * 0.95, 0.6);
    CHECK_NEAR(m.tragion_vertex_mm, 131.1 * 1.03, 0.2);
    arena_rewind(&arena, mark);
}

TEST(scalp_area_at_circumference_574_is_in_the_range_of_real_heads)
{
    REQUIRE(setup());
    Err err;
    Head head;
    HeadMeasures m;
    size_t mark = arena_mark(&arena);
    double scale = 574.0 / 560.4; /* the bare mean vault has 560.4 */
    VaultShape shape = {.length_scale = scale, .breadth_scale = scale, .height_scale = scale};
    REQUIRE(vault_head(&level6, &shape, &head) && head_measure(&arena, &head, &m, &err));
    CHECK_NEAR(m.circumference_mm, 574.0, 0.3);
    CHECK(m.scalp_mm2 > 52200.0 && m.scalp_mm2 < 54800.0);
    arena_rewind(&arena, mark);
}

TEST(tape_and_area_hardly_change_on_a_four_times_finer_canvas)
{
    REQUIRE(setup());
    Err err;
    size_t mark = arena_mark(&arena);
    HeadTopology fine;
    Head head, fine_head;
    HeadMeasures m, f;
    VaultShape shape = vault_mean();
    shape.mode_sd[1] = 1.5;
    shape.mode_sd[3] = -1.0;
    REQUIRE(head_topology_new(&arena, 7, &fine, &err));
    REQUIRE(vault_head(&level6, &shape, &head) && vault_head(&fine, &shape, &fine_head));
    REQUIRE(head_measure(&arena, &head, &m, &err) && head_measure(&arena, &fine_head, &f, &err));
    CHECK_NEAR(m.length_mm / f.length_mm, 1.0, 0.0005);
    CHECK_NEAR(m.breadth_mm / f.breadth_mm, 1.0, 0.001);
    CHECK_NEAR(m.circumference_mm / f.circumference_mm, 1.0, 0.0005);
    CHECK_NEAR(m.coronal_arc_mm / f.coronal_arc_mm, 1.0, 0.0005);
    CHECK_NEAR(m.sagittal_arc_mm / f.sagittal_arc_mm, 1.0, 0.0005);
    CHECK_NEAR(m.scalp_mm2 / f.scalp_mm2, 1.0, 0.001);
    arena_rewind(&arena, mark);
}

TEST(tape_bridges_a_hollow_and_follows_a_bump)
{
    REQUIRE(setup());
    Err err;
    Head head, dented;
    HeadMeasures m, d;
    VaultShape shape = vault_mean();
    size_t mark = arena_mark(&arena);
    REQUIRE(vault_head(&level6, &shape, &head) && head_measure(&arena, &head, &m, &err));
    double *r = ARENA_NEW(&arena, double, (size_t)level6.vertex_count);
    REQUIRE(r != NULL);
    for (int sign = -1; sign <= 1; sign += 2) { /* 4 mm, at the temple, on the tape */
        for (int v = 0; v < level6.vertex_count; v++) {
            Vec3 from = vec_sub(head.position_mm[v], vec3(72.0, 36.0, 20.0));
            r[v] = head.radius_mm[v] + sign * 4.0 * exp(-vec_dot(from, from) / 200.0);
        }
        REQUIRE(head_new(&arena, &level6, r, &dented, &err));
        for (int i = 0; i < HEAD_LANDMARKS; i++)
            dented.landmark_mm[i] = head.landmark_mm[i];
        REQUIRE(head_measure(&arena, &dented, &d, &err));
        double change = d.circumference_mm - m.circumference_mm;
        CHECK(sign < 0 ? change < 0.0 && change > -0.6 : change > 0.7);
    }
    arena_rewind(&arena, mark);
}

TEST(measuring_without_landmarks_is_refused)
{
    REQUIRE(setup());
    Err err;
    Head head;
    HeadMeasures m;
    REQUIRE(sphere_head(&level6, 90.0, &head));
    CHECK(!head_measure(&arena, &head, &m, &err) && err.code == ERR_INPUT);
    VaultShape shape = vault_mean();
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++) {
        vault_landmarks_mm(&shape, head.landmark_mm);
        head.landmark_mm[i] = vec3((double)NAN, 0, 0);
        CHECK(!head_measure(&arena, &head, &m, &err) && err.code == ERR_INPUT);
        head.landmark_mm[i] = vec3(0, -100, 0);
        CHECK(!head_measure(&arena, &head, &m, &err) && err.code == ERR_INPUT);
    }
}

/* ---- the statistical cranium ----------------------------------------------------------------- */

/* Y_l^m written out: (-1)^m N P_l^m, P_l^m by the sum for the m-th derivative of P_l. */
static double naive_harmonic(int l, int m, double s)
{
    double sum = 0.0;
    for (int k = 0; 2 * k <= l - m; k++) { /* P_l = 2^-l sum (-1)^k (2l-2k)! / ... s^(l-2k) */
        double term = (k % 2 == 0 ? 1.0 : -1.0) * tgamma(2 * l - 2 * k + 1) /
                      (tgamma(k + 1) * tgamma(l - k + 1) * tgamma(l - 2 * k - m + 1));
        sum += term * pow(s, l - 2 * k - m);
    }
    double norm = sqrt((2 * l + 1) / (4.0 * pi) * tgamma(l - m + 1) / tgamma(l + m + 1));
    return (m % 2 == 0 ? 1.0 : -1.0) * norm * pow(1.0 - s * s, 0.5 * m) * sum / pow(2.0, l);
}

TEST(vault_is_the_sum_of_its_harmonics)
{
    VaultShape shape = vault_mean();
    for (int k = 0; k < VAULT_MODES; k++)
        shape.mode_sd[k] = 0.3 * (k % 5 - 2);
    Vault vault = vault_make(&shape);
    Rng rng = rng_make(5, 5);
    for (int i = 0; i < 200; i++) {
        Vec3 d = random_direction(&rng);
        d.y = fabs(d.y) + 0.4;
        d = vec_normalize(d);
        Vec3 p = vec_madd(HEAD_CENTRE_MM, vault_ray_mm(&vault, d), d);
        /* to the table: x left, y forward, z up, from its centre (0, -5, 5) */
        Vec3 q = vec3(p.x / vault.scale.x, p.z / vault.scale.z - 2.0 + 5.0,
                      p.y / vault.scale.y - 42.0 - 5.0);
        double length = vec_length(q), s = q.z / length, azimuth = atan2(q.x, q.y), sum = 0.0;
        int term = 0;
        for (int l = 0; l <= 8; l++)
            for (int m = 0; m <= l; m++)
                for (int part = 0; part <= (m > 0); part++, term++) {
                    double c = part == 0 ? vault_table[term][0] : 0.0;
                    for (int k = 0; k < VAULT_MODES; k++)
                        c += shape.mode_sd[k] * vault_table[term][1 + k];
                    sum += c * naive_harmonic(l, m, s) *
                           (part == 0 ? cos(m * azimuth) : sin(m * azimuth));
                }
        if (s > -0.1)
            CHECK_NEAR(length, sum, 1e-6);
    }
}

TEST(vault_is_mirror_symmetric_and_positive_and_smooth_in_every_direction)
{
    VaultShape shape = vault_mean();
    Rng rng = rng_make(6, 6);
    for (int i = 0; i < 20000; i++) {
        if (i == 10000)
            for (int k = 0; k < VAULT_MODES; k++)
                shape.mode_sd[k] = k % 2 == 0 ? 2.0 : -2.0;
        Vec3 d = random_direction(&rng);
        if (i % 4 == 0)
            d = vec_normalize(vec_madd(vec3(0, -1, 0), 0.01, d)); /* straight down */
        double r = vault_radius_mm(&shape, d);
        double near = vault_radius_mm(&shape, vec_madd(d, 1e-4, random_direction(&rng)));
        CHECK(r > 20.0 && r < 200.0);
        CHECK_NEAR(near, r, 0.05);
        if (i < 10000)
            CHECK_NEAR(vault_radius_mm(&shape, vec3(-d.x, d.y, d.z)), r, 1e-6);
    }
}
