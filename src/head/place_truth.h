/* place_truth.h - a head that is known, as a scan: cranium, face, ears, neck, shoulders. For
 * place_test.c and place_bench.c only. */
#ifndef HEAD_PLACE_TRUTH_H
#define HEAD_PLACE_TRUTH_H

#include "head/place_internal.h"

#include <stdlib.h>

enum { EAR_ROWS = 24, EAR_COLUMNS = 36, TUBE_ROWS = 12 };

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

/* Ears: flat shells whose front edge is 2 mm before the tragion. They sit a little further back
 * than proportion would have them, so that they must be seen. */
static const double ear_back_mm = 6.0;
static const Vec3 ear_centre_mm = {78.0, -1.0, -22.0}, ear_half_mm = {11.0, 30.0, 17.5};

static Truth truth_make(VaultShape shape)
{
    Truth truth = {.vault = vault_make(&shape), .shape = shape};
    vault_landmarks_mm(&shape, truth.landmark_mm);
    truth.landmark_mm[HEAD_TRAGION_LEFT].z -= ear_back_mm;
    truth.landmark_mm[HEAD_TRAGION_RIGHT].z -= ear_back_mm;
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

/* The whole scan; rows x columns squares for the head. */
static Mesh truth_scan(Arena *arena, const Truth *truth, int rows, int columns)
{
    int vertices = (rows + 1) * (columns + 1) + 4 * (EAR_ROWS + 1) * (EAR_COLUMNS + 1);
    Build build = build_new(arena, vertices, 2 * vertices);
    add_patch(&build, rows, columns, skin, truth);
    add_patch(&build, EAR_ROWS, EAR_COLUMNS, left_ear, NULL);
    add_patch(&build, EAR_ROWS, EAR_COLUMNS, right_ear, NULL);
    add_patch(&build, TUBE_ROWS, EAR_COLUMNS, neck, NULL);
    return build.mesh;
}

#endif
