#include "head/place.h"
#include "head/place_internal.h"

#include "base/rng.h"
#include "base/test.h"
#include "head/vault.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- A head that is known: cranium, face, ears, neck, shoulders. ---- */

enum { TRUTH_ROWS = 150, TRUTH_COLUMNS = 240, EAR_ROWS = 24, EAR_COLUMNS = 36, TUBE_ROWS = 12 };

typedef struct Truth {
    Vault vault;
    VaultShape shape;
    Vec3 landmark_mm[HEAD_LANDMARKS];
} Truth;

static double bump(double x, double width)
{
    return exp(-0.5 * x * x / (width * width));
}

/* Face, nape and neck of the mean head, smoothed over its grid, with a nose, brows and a notch
 * between, all a little other than the mean. */
static double face_radius_mm(double up, double around)
{
    double sum = 0.0;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) {
            double y = fmax(up + 5.0 * j, -49.9) / 57.29578, x = (around + 5.0 * i) / 57.29578;
            sum += place_mean_radius_mm(vec3(cos(y) * sin(x), sin(y), cos(y) * cos(x)));
        }
    double r = sum / 9.0 * (1.0 + 0.015 * sin(around / 25.0 + up / 15.0));
    return r + 14.0 * bump(around, 6.0) * bump(up + 9.0, 9.0);
}

/* Radius about HEAD_CENTRE_MM: above the brows and the ears the vault itself. */
static double truth_radius_mm(const Truth *truth, Vec3 d)
{
    double up = asin(fmin(fmax(d.y, -1.0), 1.0)) * 57.29578, around = atan2(d.x, d.z) * 57.29578;
    double r = vault_ray_mm(&truth->vault, d);
    r += 2.5 * bump(around, 14.0) * bump(up - 25.0, 3.0); /* brows */
    r -= 3.0 * bump(around, 14.0) * bump(up - 14.0, 3.5); /* notch of the nose, eyes */
    double level = 6.0 + 12.0 * cos(around / 57.29578);
    double t = fmin(fmax((level + 8.0 - up) / 16.0, 0.0), 1.0);
    t = t * t * (3.0 - 2.0 * t);
    return t > 0.0 ? (1.0 - t) * r + t * face_radius_mm(up, around) : r;
}

static Vec3 truth_point(const Truth *truth, Vec3 d)
{
    return vec_madd(HEAD_CENTRE_MM, truth_radius_mm(truth, d), d);
}

/* The point of the surface at height y on the midline, in front or behind. */
static Vec3 truth_midline(const Truth *truth, double y_mm, double forward)
{
    double low = -0.6, high = 1.2;
    Vec3 p = {0};
    for (int i = 0; i < 50; i++) {
        double angle = 0.5 * (low + high);
        p = truth_point(truth, vec3(0.0, sin(angle), forward * cos(angle)));
        *(p.y < y_mm ? &low : &high) = angle;
    }
    return p;
}

/* Ears: flat shells whose front edge is 2 mm before the tragion. */
static const Vec3 ear_centre_mm = {78.0, -1.0, -16.0}, ear_half_mm = {11.0, 30.0, 17.5};

static Truth truth_make(VaultShape shape)
{
    Truth truth = {.vault = vault_make(&shape), .shape = shape};
    vault_landmarks_mm(&shape, truth.landmark_mm);
    Vec3 glabella = {0};
    for (double y = 38.0; y < 62.0; y += 0.1) {
        Vec3 p = truth_midline(&truth, y, 1.0);
        glabella = p.z > glabella.z ? p : glabella;
    }
    truth.landmark_mm[HEAD_GLABELLA] = glabella;
    truth.landmark_mm[HEAD_INION] = truth_midline(&truth, truth.landmark_mm[HEAD_INION].y, -1.0);
    return truth;
}

typedef struct Build {
    Mesh mesh;
    int vertex_limit, triangle_limit;
} Build;

static int add_vertex(Build *build, Vec3 p)
{
    if (build->mesh.vertex_count == build->vertex_limit)
        abort();
    build->mesh.position[build->mesh.vertex_count] = p;
    return build->mesh.vertex_count++;
}

static void add_triangle(Build *build, int a, int b, int c)
{
    if (build->mesh.triangle_count == build->triangle_limit)
        abort();
    int *t = build->mesh.triangle[build->mesh.triangle_count++];
    t[0] = a, t[1] = b, t[2] = c;
}

typedef Vec3 PatchFn(const void *ctx, double s, double t);

/* A rows x columns patch of a surface over the unit square, counter-clockwise in (s, t). */
static void add_patch(Build *build, int rows, int columns, PatchFn *fn, const void *ctx)
{
    int first = build->mesh.vertex_count;
    for (int r = 0; r <= rows; r++)
        for (int c = 0; c <= columns; c++)
            add_vertex(build, fn(ctx, (double)c / columns, (double)r / rows));
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            int a = first + r * (columns + 1) + c, b = a + columns + 1;
            add_triangle(build, a, a + 1, b + 1);
            add_triangle(build, a, b + 1, b);
        }
}

static Vec3 skin(const void *ctx, double s, double t)
{
    double around = 2.0 * 3.14159265358979 * s, up = -1.0 + t * (1.0 + 1.5707963);
    return truth_point(ctx, vec3(cos(up) * sin(around), sin(up), cos(up) * cos(around)));
}

static Vec3 ball(const Vec3 centre, const Vec3 half, double s, double t)
{
    double around = 2.0 * 3.14159265358979 * s, up = 3.14159265358979 * (t - 0.5);
    return vec3(centre.x + half.x * cos(up) * sin(around), centre.y + half.y * sin(up),
                centre.z + half.z * cos(up) * cos(around));
}

static Vec3 left_ear(const void *ctx, double s, double t)
{
    (void)ctx;
    return ball(ear_centre_mm, ear_half_mm, s, t);
}

static Vec3 right_ear(const void *ctx, double s, double t)
{
    (void)ctx;
    return ball(vec3(-ear_centre_mm.x, ear_centre_mm.y, ear_centre_mm.z), ear_half_mm, s, t);
}

/* Neck, then shoulders: ellipses that widen downwards. */
static Vec3 neck(const void *ctx, double s, double t)
{
    (void)ctx;
    double around = 2.0 * 3.14159265358979 * s, down = -50.0 - 160.0 * (1.0 - t);
    double wide = 1.0 / (1.0 + exp((down + 150.0) / 7.0));
    return vec3((58.0 + 150.0 * wide) * sin(around), down,
                -18.0 + (58.0 + 30.0 * wide) * cos(around));
}

static Build build_new(Arena *arena, int vertices, int triangles)
{
    Build build = {.vertex_limit = vertices, .triangle_limit = triangles};
    build.mesh.position = ARENA_NEW(arena, Vec3, (size_t)vertices);
    build.mesh.triangle = arena_alloc(arena, (size_t)triangles, sizeof(int[3]));
    build.mesh.material_count = 1;
    build.mesh.material_list = ARENA_NEW(arena, MeshMaterial, 1);
    if (build.mesh.material_list == NULL)
        abort();
    build.mesh.material_list[0] = (MeshMaterial){{1.0F, 1.0F, 1.0F}, -1};
    return build;
}

static Mesh truth_scan(Arena *arena, const Truth *truth)
{
    Build build = build_new(arena, 60000, 120000);
    add_patch(&build, TRUTH_ROWS, TRUTH_COLUMNS, skin, truth);
    add_patch(&build, EAR_ROWS, EAR_COLUMNS, left_ear, NULL);
    add_patch(&build, EAR_ROWS, EAR_COLUMNS, right_ear, NULL);
    add_patch(&build, TUBE_ROWS, EAR_COLUMNS, neck, NULL);
    return build.mesh;
}

/* ---- The case: one arena pair, one scan in one frame. ---- */

typedef struct Case {
    Arena arena, scratch;
    Truth truth;
    Mesh scan;
    MeshRays rays;
    Vec3 axis[3]; /* head x, y, z in the scan */
    Vec3 origin;
    double unit_mm;
    PlaceLandmarks given;
    PlaceScale scale;
    Placement placement;
    PlaceWarnings warnings;
    Err err;
} Case;

static bool case_open(Case *c)
{
    memset(c, 0, sizeof *c);
    c->unit_mm = 1.0;
    c->axis[0] = vec3(1, 0, 0), c->axis[1] = vec3(0, 1, 0), c->axis[2] = vec3(0, 0, 1);
    return arena_open(&c->arena, (size_t)512 << 20, &c->err) &&
           arena_open(&c->scratch, (size_t)512 << 20, &c->err);
}

static bool case_open_head(Case *c)
{
    if (!case_open(c))
        return false;
    VaultShape shape = vault_mean();
    shape.length_scale = 0.98, shape.breadth_scale = 1.03, shape.height_scale = 1.01;
    shape.mode_sd[1] = 0.8, shape.mode_sd[3] = -0.6;
    c->truth = truth_make(shape);
    c->scan = truth_scan(&c->arena, &c->truth);
    return true;
}

static void case_close(Case *c)
{
    arena_close(&c->arena);
    arena_close(&c->scratch);
}

static Vec3 into_scan(const Case *c, Vec3 p_mm)
{
    Vec3 q = vec_madd(vec_scale(c->axis[0], p_mm.x), p_mm.y, c->axis[1]);
    return vec_madd(c->origin, 1.0 / c->unit_mm, vec_madd(q, p_mm.z, c->axis[2]));
}

static Vec3 from_scan(const Case *c, Vec3 p)
{
    Vec3 d = vec_scale(vec_sub(p, c->origin), c->unit_mm);
    return vec3(vec_dot(c->axis[0], d), vec_dot(c->axis[1], d), vec_dot(c->axis[2], d));
}

static void turn_scan(Case *c, const Vec3 *home)
{
    for (int i = 0; i < c->scan.vertex_count; i++)
        c->scan.position[i] = into_scan(c, home[i]);
}

static Vec3 *copy_positions(Case *c)
{
    Vec3 *home = ARENA_NEW(&c->arena, Vec3, (size_t)c->scan.vertex_count);
    if (home == NULL)
        abort();
    memcpy(home, c->scan.position, sizeof(Vec3) * (size_t)c->scan.vertex_count);
    return home;
}

static bool find(Case *c)
{
    if (!mesh_rays_open(&c->scan, &c->rays, &c->err))
        return false;
    c->warnings = (PlaceWarnings){0};
    bool ok = place_find(&c->scratch, &c->scan, &c->rays, &c->given, c->scale, &c->placement,
                         &c->warnings, &c->err);
    if (!ok)
        mesh_rays_close(&c->rays);
    return ok;
}

/* Largest distance of a proposed landmark from the truth, mm. */
static double worst_landmark_mm(const Case *c)
{
    double worst = 0.0;
    for (int i = 0; i < HEAD_LANDMARKS; i++) {
        Vec3 p = from_scan(c, c->placement.landmarks.position[i]), q = c->truth.landmark_mm[i];
        double off = vec_distance(p, q);
        if (i == HEAD_TRAGION_LEFT || i == HEAD_TRAGION_RIGHT)
            off = hypot(p.y - q.y, p.z - q.z); /* the vault has its tragions inside the head */
        worst = fmax(worst, off);
    }
    return worst;
}

/* RMS distance of the measured canvas from the true surface, where that is smooth. */
static double canvas_rms_mm(const Case *c, const Head *head)
{
    double sum = 0.0;
    int count = 0;
    for (int i = 0; i < head->topology->vertex_count; i++) {
        if (head->source[i] != HEAD_MEASURED)
            continue;
        Vec3 p = from_scan(c, place_to_scan(&c->placement, head->position_mm[i]));
        p = vec_sub(p, HEAD_CENTRE_MM);
        double r = vec_length(p), off = r - truth_radius_mm(&c->truth, vec_scale(p, 1.0 / r));
        off *= vec_dot(head->normal[i], head->topology->direction[i]);
        sum += off * off;
        count++;
    }
    return count > 0 ? sqrt(sum / count) : 1e9;
}

static bool import(Case *c, int level, int threads, HeadTopology *topology, Head *head)
{
    return head_topology_new(&c->arena, level, topology, &c->err) &&
           place_import(&c->arena, &c->scratch, &c->scan, &c->rays, &c->placement, topology,
                        threads, head, &c->warnings, &c->err);
}

static bool said(const PlaceWarnings *warnings, const char *what)
{
    for (int i = 0; i < warnings->count; i++)
        if (strstr(warnings->text[i], what) != NULL)
            return true;
    return false;
}

static Vec3 signed_axis(int k)
{
    double s = k % 2 == 0 ? 1.0 : -1.0;
    return vec3(k / 2 == 0 ? s : 0.0, k / 2 == 1 ? s : 0.0, k / 2 == 2 ? s : 0.0);
}

static void axis_turn(Case *c, int turn)
{
    int up = turn / 4, forward = (up / 2 * 2 + 2 + turn % 4) % 6;
    c->axis[1] = signed_axis(up), c->axis[2] = signed_axis(forward);
    c->axis[0] = vec_cross(c->axis[1], c->axis[2]);
}

static void random_turn(Case *c, uint64_t seed)
{
    Rng rng = rng_make(seed, 0);
    Vec3 a = vec3(rng_normal(&rng), rng_normal(&rng), rng_normal(&rng));
    Vec3 b = vec3(rng_normal(&rng), rng_normal(&rng), rng_normal(&rng));
    c->axis[0] = vec_normalize(a);
    c->axis[1] = vec_normalize(vec_madd(b, -vec_dot(b, c->axis[0]), c->axis[0]));
    c->axis[2] = vec_cross(c->axis[0], c->axis[1]);
}

/* ---- Landmarks. ---- */

TEST(landmarks_are_found_within_5_mm_in_all_24_axis_frames)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    const Vec3 *home = copy_positions(&c);
    for (int turn = 0; turn < 24; turn++) {
        axis_turn(&c, turn);
        turn_scan(&c, home);
        c.scale = (PlaceScale){.unit_mm = 1.0};
        if (!CHECK(find(&c))) {
            printf("# turn %d: %s\n", turn, c.err.text);
            continue;
        }
        CHECK(worst_landmark_mm(&c) < 5.0);
        mesh_rays_close(&c.rays);
    }
    case_close(&c);
}

TEST(landmarks_are_found_within_5_mm_in_tilted_frames_and_other_units)
{
    static Case c;
    static const double unit_mm[3] = {10.0, 25.4, 1000.0};
    REQUIRE(case_open_head(&c));
    const Vec3 *home = copy_positions(&c);
    for (int i = 0; i < 9; i++) {
        random_turn(&c, (uint64_t)i);
        c.unit_mm = unit_mm[i % 3];
        c.origin = vec3(3.0 * i, -2.0, 7.0);
        turn_scan(&c, home);
        c.scale = (PlaceScale){.unit_mm = c.unit_mm};
        if (!CHECK(find(&c))) {
            printf("# tilt %d: %s\n", i, c.err.text);
            continue;
        }
        CHECK(worst_landmark_mm(&c) < 5.0);
        CHECK_NEAR(c.placement.mm_per_unit, c.unit_mm, 1e-9 * c.unit_mm);
        mesh_rays_close(&c.rays);
    }
    case_close(&c);
}

TEST(given_landmarks_are_kept_and_set_the_frame)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    const Vec3 *home = copy_positions(&c);
    random_turn(&c, 77);
    turn_scan(&c, home);
    static const HeadLandmark marks[3] = {HEAD_GLABELLA, HEAD_TRAGION_LEFT, HEAD_TRAGION_RIGHT};
    for (int i = 0; i < 3; i++) {
        c.given.known[marks[i]] = true;
        c.given.position[marks[i]] = into_scan(&c, c.truth.landmark_mm[marks[i]]);
    }
    c.scale.unit_mm = 1.0;
    REQUIRE(find(&c));
    mesh_rays_close(&c.rays);
    for (int i = 0; i < HEAD_LANDMARKS; i++) {
        CHECK(c.placement.proposed[i] == !c.given.known[i]);
        CHECK(c.placement.landmarks.known[i]);
    }
    Vec3 left = place_to_head(&c.placement, c.given.position[HEAD_TRAGION_LEFT]);
    Vec3 right = place_to_head(&c.placement, c.given.position[HEAD_TRAGION_RIGHT]);
    CHECK(vec_length(vec_add(left, right)) < 1e-9);
    CHECK(hypot(left.y, left.z) < 1e-9);
    CHECK(worst_landmark_mm(&c) < 5.0);

    Vec3 swap = c.given.position[HEAD_TRAGION_LEFT];
    c.given.position[HEAD_TRAGION_LEFT] = c.given.position[HEAD_TRAGION_RIGHT];
    c.given.position[HEAD_TRAGION_RIGHT] = swap;
    CHECK(!find(&c));
    CHECK(c.err.code == ERR_INPUT);
    case_close(&c);
}

/* ---- Scale. ---- */

TEST(a_scan_without_scale_is_refused_and_told_how_to_measure)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    CHECK(!find(&c));
    CHECK(c.err.code == ERR_INPUT);
    CHECK(strstr(c.err.text, "tape") != NULL);
    c.scan.unit_mm = 1000.0; /* a file that says metres about millimetres */
    CHECK(!find(&c));
    CHECK(strstr(c.err.text, "mm around") != NULL);
    c.scan.unit_mm = 1.0;
    REQUIRE(find(&c));
    CHECK(said(&c.warnings, "the file's own"));
    mesh_rays_close(&c.rays);
    case_close(&c);
}

TEST(the_canvas_gives_the_tape_back)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    c.scale = (PlaceScale){.circumference_mm = 560.0};
    REQUIRE(find(&c));
    HeadTopology topology;
    Head head;
    HeadMeasures measures;
    bool ok = import(&c, HEAD_LEVEL, 2, &topology, &head) &&
              head_measure(&c.scratch, &head, &measures, &c.err);
    mesh_rays_close(&c.rays);
    REQUIRE(ok);
    CHECK_NEAR(measures.circumference_mm, 560.0, 0.002 * 560.0);

    c.scale = (PlaceScale){.length_mm = measures.length_mm, .breadth_mm = measures.breadth_mm};
    double before = c.placement.mm_per_unit;
    REQUIRE(find(&c));
    mesh_rays_close(&c.rays);
    CHECK_NEAR(c.placement.mm_per_unit / before, 1.0, 0.003);
    CHECK(!said(&c.warnings, "measure again"));

    c.scale.circumference_mm = 590.0;
    REQUIRE(find(&c));
    mesh_rays_close(&c.rays);
    CHECK(said(&c.warnings, "measure again"));
    case_close(&c);
}

TEST(a_size_no_human_has_is_refused)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    c.scale = (PlaceScale){.unit_mm = 10.0};
    CHECK(!find(&c));
    CHECK(c.err.code == ERR_INPUT && strstr(c.err.text, "around") != NULL);
    c.scale = (PlaceScale){.circumference_mm = (double)NAN};
    CHECK(!find(&c));
    c.scale = (PlaceScale){.unit_mm = -1.0};
    CHECK(!find(&c));
    case_close(&c);
}

TEST(sizes_beyond_the_percentiles_are_warned_of)
{
    HeadMeasures usual = {
        .length_mm = 195, .breadth_mm = 152, .circumference_mm = 568, .tragion_vertex_mm = 130};
    PlaceWarnings warnings = {0};
    place_check_size(&usual, &warnings);
    CHECK(warnings.count == 0);
    usual.circumference_mm = 640;
    place_check_size(&usual, &warnings);
    CHECK(warnings.count == 1 && said(&warnings, "circumference 640"));
}

/* ---- Dirt. ---- */

static void flip_some(Mesh *scan)
{
    Rng rng = rng_make(5, 0);
    for (int t = 0; t < scan->triangle_count; t++)
        if (rng_below(&rng, 2) == 1) {
            int swap = scan->triangle[t][0];
            scan->triangle[t][0] = scan->triangle[t][1], scan->triangle[t][1] = swap;
        }
}

static void shake(Mesh *scan, double noise_mm)
{
    Rng rng = rng_make(6, 0);
    for (int i = 0; i < scan->vertex_count; i++) {
        Vec3 d = vec_normalize(vec_sub(scan->position[i], HEAD_CENTRE_MM));
        scan->position[i] = vec_madd(scan->position[i], noise_mm * rng_normal(&rng), d);
    }
}

/* Cuts a hole around a direction. */
static void cut(Mesh *scan, const Truth *truth, Vec3 d, double radius_mm)
{
    int kept = 0;
    Vec3 middle = truth_point(truth, vec_normalize(d));
    for (int t = 0; t < scan->triangle_count; t++)
        if (vec_distance(scan->position[scan->triangle[t][0]], middle) > radius_mm)
            memcpy(scan->triangle[kept++], scan->triangle[t], sizeof scan->triangle[0]);
    scan->triangle_count = kept;
}

/* Every triangle twice with its own vertices, a few empty ones, a few bits floating about. */
static Mesh soil(Arena *arena, const Mesh *scan)
{
    Build build =
        build_new(arena, 6 * scan->triangle_count + 4000, 2 * scan->triangle_count + 4000);
    for (int t = 0; t < scan->triangle_count; t++)
        for (int twice = 0; twice < 2; twice++) {
            int v[3];
            for (int k = 0; k < 3; k++)
                v[k] = add_vertex(&build, scan->position[scan->triangle[t][k]]);
            add_triangle(&build, v[0], v[1 + twice], v[2 - twice]);
        }
    for (int i = 0; i < 20; i++)
        add_triangle(&build, i, i, i + 1);
    Rng rng = rng_make(8, 0);
    for (int bit = 0; bit < 60; bit++) {
        Vec3 d = vec_normalize(vec3(rng_normal(&rng), fabs(rng_normal(&rng)), rng_normal(&rng)));
        Vec3 p = vec_madd(HEAD_CENTRE_MM, 125.0 + 40.0 * rng_f64(&rng), d);
        int v[3];
        for (int k = 0; k < 3; k++)
            v[k] =
                add_vertex(&build, vec_add(p, vec3(4.0 * rng_normal(&rng), 4.0 * rng_normal(&rng),
                                                   4.0 * rng_normal(&rng))));
        add_triangle(&build, v[0], v[1], v[2]);
    }
    return build.mesh;
}

TEST(the_canvas_follows_a_clean_scan_within_a_tenth_of_a_millimetre)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    const Vec3 *home = copy_positions(&c);
    random_turn(&c, 3);
    turn_scan(&c, home);
    c.scale.unit_mm = 1.0;
    REQUIRE(find(&c));
    HeadTopology topology;
    Head head;
    REQUIRE(import(&c, HEAD_LEVEL, 2, &topology, &head));
    mesh_rays_close(&c.rays);
    CHECK(canvas_rms_mm(&c, &head) < 0.1);
    for (int i = 0; i < topology.vertex_count; i++)
        if (topology.direction[i].y > 0.6 && !CHECK(head.source[i] == HEAD_MEASURED))
            break;
    case_close(&c);
}

TEST(the_canvas_follows_a_dirty_scan_within_0_3_mm_and_tells_the_holes)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    shake(&c.scan, 0.2);
    cut(&c.scan, &c.truth, vec3(0.0, 0.9, -0.4), 18.0);
    cut(&c.scan, &c.truth, vec3(-0.3, 0.3, -0.9), 14.0);
    c.scan = soil(&c.arena, &c.scan);
    flip_some(&c.scan);
    c.scale.unit_mm = 1.0;
    REQUIRE(find(&c));
    CHECK(worst_landmark_mm(&c) < 5.0);
    HeadTopology topology;
    Head head;
    REQUIRE(import(&c, HEAD_LEVEL, 2, &topology, &head));
    mesh_rays_close(&c.rays);
    CHECK(canvas_rms_mm(&c, &head) < 0.3);
    CHECK(said(&c.warnings, "no surface on the top of the head") ||
          said(&c.warnings, "no surface on the crown"));
    CHECK(said(&c.warnings, "on the back of the head"));
    double worst = 0.0;
    for (int i = 0; i < topology.vertex_count; i++)
        if (head.source[i] == HEAD_FILLED && topology.direction[i].y > 0.2) {
            Vec3 p = from_scan(&c, place_to_scan(&c.placement, head.position_mm[i]));
            p = vec_sub(p, HEAD_CENTRE_MM);
            double r = vec_length(p);
            worst = fmax(worst, fabs(r - truth_radius_mm(&c.truth, vec_scale(p, 1.0 / r))));
        }
    CHECK(worst > 0.0 && worst < 1.0);
    case_close(&c);
}

TEST(ears_are_smoothed_away)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    c.scale.unit_mm = 1.0;
    REQUIRE(find(&c));
    HeadTopology topology;
    Head head;
    REQUIRE(import(&c, HEAD_LEVEL, 1, &topology, &head));
    mesh_rays_close(&c.rays);
    int folded = 0;
    double widest = 0.0;
    for (int i = 0; i < topology.vertex_count; i++) {
        folded += head.source[i] == HEAD_FOLDED;
        if (fabs(head.position_mm[i].x) > widest)
            widest = fabs(head.position_mm[i].x);
    }
    CHECK(folded > 500);
    CHECK(widest < 83.0); /* the ears reach 89 mm */
    case_close(&c);
}

TEST(a_fold_on_the_scalp_is_warned_of_by_place)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    for (int i = 0; i < c.scan.vertex_count; i++) { /* a tuft: a steep cone 11 mm high */
        Vec3 p = vec_sub(c.scan.position[i], HEAD_CENTRE_MM), d = vec_normalize(p);
        double off = acos(vec_dot(d, vec_normalize(vec3(0.0, 0.75, -0.66))));
        if (vec_length(p) > 60.0 && off < 0.09)
            c.scan.position[i] = vec_madd(c.scan.position[i], 11.0 * (1.0 - off / 0.09), d);
    }
    c.scale.unit_mm = 1.0;
    REQUIRE(find(&c));
    HeadTopology topology;
    Head head;
    REQUIRE(import(&c, HEAD_LEVEL, 1, &topology, &head));
    mesh_rays_close(&c.rays);
    CHECK(said(&c.warnings, "folds over itself on the crown"));
    case_close(&c);
}

TEST(the_canvas_is_the_same_for_any_number_of_threads)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    c.scale.unit_mm = 1.0;
    REQUIRE(find(&c));
    HeadTopology topology;
    Head one, many;
    REQUIRE(import(&c, 5, 1, &topology, &one));
    REQUIRE(place_import(&c.arena, &c.scratch, &c.scan, &c.rays, &c.placement, &topology, 7, &many,
                         &c.warnings, &c.err));
    mesh_rays_close(&c.rays);
    CHECK(memcmp(one.radius_mm, many.radius_mm, sizeof(double) * (size_t)topology.vertex_count) ==
          0);
    case_close(&c);
}

/* ---- What is no head. ---- */

static Vec3 blob(const void *ctx, double s, double t)
{
    const Vec3 *part = ctx;
    return ball(part[0], part[1], s, t);
}

static void check_refused(Case *c, const char *what)
{
    c->scale.circumference_mm = 570.0;
    bool found = find(c);
    if (!CHECK(!found)) {
        printf("# taken for a head: %s\n", what);
        mesh_rays_close(&c->rays);
        return;
    }
    CHECK(c->err.code == ERR_INPUT && strlen(c->err.text) > 20);
}

TEST(what_is_no_head_is_refused_in_a_sentence)
{
    static Case c;
    REQUIRE(case_open(&c));
    Build cube = build_new(&c.arena, 8, 12);
    for (int i = 0; i < 8; i++)
        add_vertex(&cube, vec3(i & 1 ? 90 : -90, i & 2 ? 90 : -90, i & 4 ? 90 : -90));
    static const int side[12][3] = {{0, 2, 3}, {0, 3, 1}, {4, 5, 7}, {4, 7, 6},
                                    {0, 1, 5}, {0, 5, 4}, {2, 6, 7}, {2, 7, 3},
                                    {0, 4, 6}, {0, 6, 2}, {1, 3, 7}, {1, 7, 5}};
    for (int i = 0; i < 12; i++)
        add_triangle(&cube, side[i][0], side[i][1], side[i][2]);
    c.scan = cube.mesh;
    check_refused(&c, "a cube");

    Build plane = build_new(&c.arena, 4, 2);
    for (int i = 0; i < 4; i++)
        add_vertex(&plane, vec3(i & 1 ? 300 : -300, i & 2 ? 300 : -300, 0));
    add_triangle(&plane, 0, 1, 3), add_triangle(&plane, 0, 3, 2);
    c.scan = plane.mesh;
    check_refused(&c, "a plane");

    Rng rng = rng_make(9, 0);
    Build soup = build_new(&c.arena, 30000, 10000);
    for (int i = 0; i < 10000; i++) {
        Vec3 p = vec3(200 * rng_f64(&rng), 200 * rng_f64(&rng), 200 * rng_f64(&rng));
        for (int k = 0; k < 3; k++)
            add_vertex(&soup, vec_add(p, vec3(6 * rng_normal(&rng), 6 * rng_normal(&rng),
                                              6 * rng_normal(&rng))));
        add_triangle(&soup, 3 * i, 3 * i + 1, 3 * i + 2);
    }
    c.scan = soup.mesh;
    check_refused(&c, "a soup of triangles");

    /* Body, head, ears, tail of a hare; a ball; an egg of head size. */
    static const Vec3 hare[5][2] = {{{0, 0, 0}, {70, 60, 110}},
                                    {{0, 70, 90}, {42, 45, 55}},
                                    {{20, 140, 70}, {10, 50, 16}},
                                    {{-20, 140, 70}, {10, 50, 16}},
                                    {{0, 10, -115}, {22, 22, 22}}};
    Build animal = build_new(&c.arena, 30000, 60000);
    for (int i = 0; i < 5; i++)
        add_patch(&animal, 40, 60, blob, hare[i]);
    c.scan = animal.mesh;
    check_refused(&c, "a hare");
    static const Vec3 round[2][2] = {{{0, 0, 0}, {90, 90, 90}}, {{0, 0, 0}, {77, 90, 99}}};
    for (int i = 0; i < 2; i++) {
        Build ball_only = build_new(&c.arena, 3000, 5000);
        add_patch(&ball_only, 40, 60, blob, round[i]);
        c.scan = ball_only.mesh;
        check_refused(&c, i == 0 ? "a ball" : "an egg");
    }
    case_close(&c);
}

TEST(broken_scans_are_refused)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    c.scale.unit_mm = 1.0;
    REQUIRE(mesh_rays_open(&c.scan, &c.rays, &c.err));
    Mesh broken = c.scan;
    Vec3 keep = broken.position[7];
    broken.position[7].y = (double)NAN;
    CHECK(!place_find(&c.scratch, &broken, &c.rays, &c.given, c.scale, &c.placement, &c.warnings,
                      &c.err));
    CHECK(c.err.code == ERR_INPUT && strstr(c.err.text, "vertex 8") != NULL);
    broken.position[7] = keep;
    broken.triangle_count = 0;
    CHECK(!place_find(&c.scratch, &broken, &c.rays, &c.given, c.scale, &c.placement, &c.warnings,
                      &c.err));
    mesh_rays_close(&c.rays);
    case_close(&c);
}

TEST(a_small_arena_is_a_limit_and_no_crash)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    c.scale.unit_mm = 1.0;
    REQUIRE(mesh_rays_open(&c.scan, &c.rays, &c.err));
    bool found = false;
    for (size_t limit = 1 << 12; !found && limit < ((size_t)256 << 20); limit *= 8) {
        Arena small;
        REQUIRE(arena_open(&small, limit, &c.err));
        found = place_find(&small, &c.scan, &c.rays, &c.given, c.scale, &c.placement, &c.warnings,
                           &c.err);
        CHECK(found || c.err.code == ERR_LIMIT);
        arena_close(&small);
    }
    CHECK(found);
    mesh_rays_close(&c.rays);
    case_close(&c);
}

/* ---- Colour. ---- */

TEST(the_chart_carries_the_colours_of_the_scan)
{
    static Case c;
    REQUIRE(case_open_head(&c));
    c.scan.color = ARENA_NEW(&c.arena, Rgb, (size_t)c.scan.vertex_count);
    REQUIRE(c.scan.color != NULL);
    for (int i = 0; i < c.scan.vertex_count; i++) /* red grows to the left, blue is the back */
        c.scan.color[i] = (Rgb){(float)(0.5 + c.scan.position[i].x / 200.0), 0.2F,
                                c.scan.position[i].z < 0.0 ? 0.8F : 0.1F};
    c.scale.unit_mm = 1.0;
    REQUIRE(find(&c));
    HeadTopology topology;
    Head head;
    Image chart;
    Rgb *color;
    REQUIRE(import(&c, 5, 2, &topology, &head));
    REQUIRE(place_bake(&c.arena, &c.scan, &c.rays, &c.placement, &head, 512, 2, &chart, &c.err));
    REQUIRE(place_vertex_color(&c.arena, &head, &chart, &color, &c.err));
    mesh_rays_close(&c.rays);
    double worst = 0.0;
    for (int i = 0; i < topology.vertex_count; i++) {
        Vec3 p = from_scan(&c, place_to_scan(&c.placement, head.position_mm[i]));
        if (head.source[i] != HEAD_MEASURED || fabs(p.z) < 12.0 || topology.direction[i].y < -0.2)
            continue;
        worst = fmax(worst, fabs((double)color[i].r - (0.5 + p.x / 200.0)));
        worst = fmax(worst, fabs((double)color[i].b - (p.z < 0.0 ? 0.8 : 0.1)));
    }
    CHECK(worst < 0.03);
    const uint8_t *back = &chart.rgb[3 * (480 * 512 + 256)],
                  *front = &chart.rgb[3 * (40 * 512 + 256)];
    CHECK(back[2] > front[2] + 50);                    /* v up: forward is the top of the picture */
    CHECK(chart.rgb[0] == 128 && chart.rgb[1] == 128); /* nothing in the corner */
    case_close(&c);
}

/* ---- Real heads, where they are at hand. ---- */

static bool read_case(Case *c, const char *path)
{
    if (access(path, R_OK) != 0) {
        printf("# skipped: needs %s\n", path);
        return false;
    }
    if (!case_open(c))
        return false;
    bool ok = mesh_read_file(&c->arena, &c->scratch, path, &c->scan, &c->err);
    if (!ok)
        printf("# %s\n", c->err.text);
    CHECK(ok);
    return ok;
}

typedef struct RealHead {
    const char *path;
    PlaceScale scale;
    /* Read off pictures of the landmarks, file units; 4 mm is what a person is sure of. */
    Vec3 glabella, tragion_left;
    double file_mm;
} RealHead;

static const RealHead real_head[4] = {
    {"../shared/data/heads/lee_perry_smith.glb",
     {.circumference_mm = 575},
     {-0.06, 2.19, 2.22},
     {1.36, 1.27, 0.38},
     49.1},
    {"../shared/data/heads/generic_neutral_mesh.obj",
     {.unit_mm = 10},
     {0.0, 5.8, 10.8},
     {7.45, 1.0, 1.0},
     10},
    {"../shared/data/heads/identity000.obj",
     {.unit_mm = 10},
     {0.0, 5.8, 10.6},
     {7.0, 1.05, 1.3},
     10},
    {"../shared/data/heads/identity001.obj",
     {.unit_mm = 10},
     {0.0, 5.9, 10.6},
     {7.5, 0.95, 1.1},
     10},
};

TEST(real_heads_are_placed_alike_in_all_24_axis_frames)
{
    static Case c;
    for (int h = 0; h < 4; h++) {
        if (!read_case(&c, real_head[h].path))
            continue;
        c.scale = real_head[h].scale;
        const Vec3 *home = copy_positions(&c);
        Vec3 first[HEAD_LANDMARKS] = {{0}};
        for (int turn = 0; turn < 24; turn += h == 0 ? 1 : 5) {
            axis_turn(&c, (turn + 8) % 24);
            turn_scan(&c, home);
            if (!CHECK(find(&c))) {
                printf("# %s turn %d: %s\n", real_head[h].path, turn, c.err.text);
                break;
            }
            mesh_rays_close(&c.rays);
            for (int i = 0; i < HEAD_LANDMARKS; i++) {
                Vec3 p = from_scan(&c, c.placement.landmarks.position[i]);
                if (turn == 0)
                    first[i] = p;
                CHECK(vec_distance(p, first[i]) * c.placement.mm_per_unit < 1.0);
            }
        }
        CHECK(vec_distance(first[HEAD_GLABELLA], real_head[h].glabella) * real_head[h].file_mm <
              6.0);
        CHECK(vec_distance(first[HEAD_TRAGION_LEFT], real_head[h].tragion_left) *
                  real_head[h].file_mm <
              5.0);
        case_close(&c);
    }
}

TEST(real_heads_give_the_tape_back_and_a_scalp_of_the_known_size)
{
    static Case c;
    for (int h = 0; h < 4; h++) {
        if (!read_case(&c, real_head[h].path))
            continue;
        c.scale = (PlaceScale){.circumference_mm = h == 0 ? 575 : 574};
        HeadTopology topology;
        Head head;
        HeadMeasures measures;
        REQUIRE(find(&c));
        bool ok = import(&c, HEAD_LEVEL, 2, &topology, &head) &&
                  head_measure(&c.scratch, &head, &measures, &c.err);
        mesh_rays_close(&c.rays);
        REQUIRE(ok);
        CHECK_NEAR(measures.circumference_mm, c.scale.circumference_mm,
                   0.005 * c.scale.circumference_mm);
        CHECK(measures.scalp_mm2 > 51500 && measures.scalp_mm2 < 55500); /* field/canvas 1.4 */
        case_close(&c);
    }
}
