/* Rates of the stage (Mpx/s over six views) and of putting marks on a picture, on a ball of 95 mm
 * with 30,000 marks on its upper half, 960 x 1080 px, two threads. */
#include "look_internal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const double PI = 3.14159265358979323846, BALL_MM = 95, BALL_UP_MM = 40;
enum { RINGS = 100, SECTORS = 180, MARKS = 30000, THREADS = 2, NAIVE_MARKS = 300 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool ball_mesh(Arena *arena, MeshMaterial *material, Mesh *mesh)
{
    *material = (MeshMaterial){.base_color = {1, 1, 1}, .image = -1};
    *mesh = (Mesh){.vertex_count = (RINGS + 1) * SECTORS,
                   .triangle_count = 2 * RINGS * SECTORS,
                   .material_count = 1,
                   .material_list = material};
    mesh->position = ARENA_NEW(arena, Vec3, (size_t)mesh->vertex_count);
    mesh->triangle = arena_alloc(arena, (size_t)mesh->triangle_count, sizeof *mesh->triangle);
    if (mesh->position == NULL || mesh->triangle == NULL)
        return false;
    int count = 0;
    for (int r = 0; r <= RINGS; r++)
        for (int s = 0; s < SECTORS; s++) {
            double polar = PI * r / RINGS, around = 2 * PI * s / SECTORS;
            mesh->position[r * SECTORS + s] =
                vec3(BALL_MM * sin(polar) * sin(around), BALL_MM * cos(polar) + BALL_UP_MM,
                     BALL_MM * sin(polar) * cos(around));
        }
    for (int r = 0; r < RINGS; r++)
        for (int s = 0; s < SECTORS; s++) {
            int a = r * SECTORS + s, b = r * SECTORS + (s + 1) % SECTORS;
            const int corner[2][3] = {{a, a + SECTORS, b}, {b, a + SECTORS, b + SECTORS}};
            memcpy(mesh->triangle[count++], corner[0], sizeof corner[0]);
            memcpy(mesh->triangle[count++], corner[1], sizeof corner[1]);
        }
    return true;
}

/* A spiral over the upper half: 53 marks per cm2. */
static LookMark spiral_mark(int i)
{
    double y = 1 - (i + 0.5) / MARKS, around = i * 2.39996322972865332;
    double r = sqrt(1 - y * y);
    Vec3 n = vec3(r * sin(around), y, r * cos(around));
    SkinLook look = {.area_mm2 = {0.21F, 0.105F, 0.05F},
                     .core_mm = 0.28F,
                     .core_sigma_mm = 0.15F,
                     .core_share = {0.25F, 0.37F, 0.45F},
                     .halo_sigma_mm = 0.5F};
    Vec3 p = vec_add(vec_scale(n, BALL_MM), vec3(0, BALL_UP_MM, 0));
    return (LookMark){.position_mm = p, .normal = n, .look = look, .fresh = true};
}

/* The same footprint by 16 x 16 rays per pixel, without normalisation: what a plain program does.
 */
static void naive_mark(const LookStage *stage, const Camera *camera, const LookMark *mark,
                       float (*tau)[3])
{
    Vec3 c = camera_coordinates(camera, mark->position_mm);
    const Lens *lens = &camera->lens;
    const Pose *pose = &camera->pose;
    double scale = lens->focal_px / c.z, reach = 3.6 * (double)mark->look.halo_sigma_mm * scale;
    double x = lens->centre_x_px + scale * c.x, y = lens->centre_y_px + scale * c.y;
    double height = vec_dot(mark->normal, vec_sub(mark->position_mm, pose->eye_mm));
    double sigma2 = (double)mark->look.halo_sigma_mm * (double)mark->look.halo_sigma_mm;
    double radius = (double)mark->look.core_mm / 2;
    for (int py = (int)(y - reach); py <= (int)(y + reach); py++)
        for (int px = (int)(x - reach); px <= (int)(x + reach); px++) {
            if (px < 0 || py < 0 || px >= stage->width_px || py >= stage->height_px)
                continue;
            double core = 0, halo = 0;
            for (int s = 0; s < 256; s++) {
                double u = (px + (s % 16 + 0.5) / 16 - lens->centre_x_px) / lens->focal_px;
                double v = (py + (s / 16 + 0.5) / 16 - lens->centre_y_px) / lens->focal_px;
                Vec3 ray = vec_madd(vec_madd(pose->forward, u, pose->right), v, pose->down);
                Vec3 hit = vec_madd(pose->eye_mm, height / vec_dot(ray, mark->normal), ray);
                Vec3 off = vec_sub(hit, mark->position_mm);
                double r2 = vec_dot(off, off);
                core += r2 < radius * radius;
                halo += exp(-0.5 * r2 / sigma2);
            }
            for (int k = 0; k < 3; k++) {
                double area = (double)mark->look.area_mm2[k],
                       share = (double)mark->look.core_share[k];
                double contrast = area *
                                  (share * core / (PI * radius * radius) +
                                   (1 - share) * halo / (2 * PI * sigma2)) /
                                  256;
                tau[(ptrdiff_t)py * stage->width_px + px][k] -=
                    (float)log(1 - fmin(contrast, 0.97));
            }
        }
}

static bool bench_pictures(Arena *arena, Arena *scratch, const LookStage *stage,
                           const LookMark *mark, Err *err)
{
    size_t pixels = (size_t)stage->width_px * (size_t)stage->height_px;
    LookMark *line = ARENA_NEW(arena, LookMark, MARKS);
    if (line == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    for (int i = 0; i < MARKS; i++) {
        line[i] = mark[i];
        line[i].length_mm = 1.0;
        line[i].along = vec_normalize(vec_cross(mark[i].normal, vec3(0.3, 0.5, 0.8)));
    }
    const LookState none = {0}, all = {MARKS, mark, {0}}, lines = {MARKS, line, {0}},
                    flushed = {MARKS, mark, {0.02F, 0.22F, 0.145F}};
    const struct {
        const char *name;
        const LookState *state;
    } row[] = {{"no marks", &none},
               {"30,000 marks", &all},
               {"30,000 marks, flush", &flushed},
               {"30,000 lines of 1 mm", &lines}};
    Image picture;
    double seconds = 0;
    for (int i = 0; i < 4; i++) {
        double start = now_s();
        for (LookView v = 0; v < LOOK_VIEWS; v++)
            if (!look_picture(arena, scratch, stage, v, row[i].state, THREADS, &picture, err))
                return false;
        seconds = (now_s() - start) / LOOK_VIEWS;
        printf("picture, %-20s %6.1f ms per view, %6.1f Mpx/s\n", row[i].name, 1e3 * seconds,
               (double)pixels * 1e-6 / seconds);
    }
    float(*tau)[3] = arena_alloc(scratch, pixels, sizeof *tau);
    if (tau == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    double start = now_s();
    LookPlate plate = {.camera = stage->view[LOOK_TOP].camera,
                       .depth_mm = stage->view[LOOK_TOP].depth_mm,
                       .blur_px = 0.6};
    if (!look_plate_splat(scratch, &plate, &all, 1, tau, err))
        return false;
    double ours = MARKS / (now_s() - start);
    start = now_s();
    for (int i = 0; i < NAIVE_MARKS; i++)
        naive_mark(stage, &stage->view[LOOK_TOP].camera, &mark[i], tau);
    double naive = NAIVE_MARKS / (now_s() - start);
    printf("splat, one thread, %.1f px/mm: %.0f marks/s; 16x16 supersampled %.0f marks/s; ratio "
           "%.0f\n",
           look_px_per_mm(stage, LOOK_TOP), ours, naive, ours / naive);
    return true;
}

static bool bench(Arena *arena, Arena *scratch, Err *err)
{
    Mesh mesh;
    MeshMaterial material;
    MeshRays rays;
    LookMark *mark = ARENA_NEW(arena, LookMark, MARKS);
    if (mark == NULL || !ball_mesh(arena, &material, &mesh) || !mesh_rays_open(&mesh, &rays, err))
        return false;
    for (int i = 0; i < MARKS; i++)
        mark[i] = spiral_mark(i);
    LookStageParams params = look_stage_default();
    params.threads = THREADS;
    LookStage *stage;
    size_t used = arena->used;
    double start = now_s();
    if (!look_stage_new(arena, scratch, &mesh, &rays, &params, NULL, &stage, err))
        return false;
    double seconds = now_s() - start;
    printf("stage, 6 views of %d x %d px, %d triangles: %.2f s, %.1f Mpx/s, %.0f MB\n",
           params.width_px, params.height_px, mesh.triangle_count, seconds,
           6e-6 * params.width_px * params.height_px / seconds,
           (double)(arena->used - used) * 1e-6);
    bool ok = bench_pictures(arena, scratch, stage, mark, err);
    mesh_rays_close(&rays);
    return ok;
}

int main(void)
{
    Arena arena, scratch;
    Err err = {0};
    if (!arena_open(&arena, (size_t)1 << 30, &err) ||
        !arena_open(&scratch, (size_t)1 << 30, &err) || !bench(&arena, &scratch, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    arena_close(&arena);
    arena_close(&scratch);
    return 0;
}
