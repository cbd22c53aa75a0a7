/* views_truth.h - photographs of a painted head by a small ray caster, for tests and benches. */
#ifndef HEAD_VIEWS_TRUTH_H
#define HEAD_VIEWS_TRUTH_H

#include "base/parallel.h"
#include "head/views.h"

#include <stdio.h>

#define TRUTH_REACH 1.45 /* half the side of the chart */

typedef Rgb TruthPaint(Vec3 direction);

/* Skin with patches some 20 mm wide and a slow change of hue. */
static inline Rgb truth_skin(Vec3 d)
{
    double wave = sin(14.0 * d.x + 3.0 * d.z) * sin(11.0 * d.z - 2.0 * d.y) * sin(9.0 * d.y + 1.0);
    double level = 0.42 + 0.18 * wave, hue = 0.06 * d.x;
    return (Rgb){(float)(level * (1.0 + hue)), (float)(0.7 * level),
                 (float)(0.5 * level * (1.0 - hue))};
}

typedef struct TruthShot {
    const Head *head;
    const MeshRays *rays;
    Camera camera;
    TruthPaint *paint;
    double gain[3];
    Rgb backdrop;
    ImageF *light;
} TruthShot;

static inline Rgb truth_ray(const TruthShot *shot, double x, double y)
{
    Vec3 way = camera_ray(&shot->camera, x, y), eye = shot->camera.pose.eye_mm;
    MeshHit hit = mesh_rays_hit(shot->rays, eye, way, (double)INFINITY);
    if (hit.triangle < 0 || hit.from_behind)
        return shot->backdrop;
    Vec3 at = vec_madd(eye, hit.distance, way);
    return shot->paint(vec_normalize(vec_sub(at, shot->head->centre_mm)));
}

static inline void truth_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    const TruthShot *shot = ctx;
    for (int y = begin; y < end; y++)
        for (int x = 0; x < shot->light->width_px; x++) {
            double sum[3] = {0.0};
            for (int k = 0; k < 4; k++) {
                Rgb c = truth_ray(shot, x + 0.25 + 0.5 * (k % 2), y + 0.25 + 0.5 * (k / 2));
                sum[0] += (double)c.r, sum[1] += (double)c.g, sum[2] += (double)c.b;
            }
            float *out = &shot->light->rgb[3 * ((ptrdiff_t)y * shot->light->width_px + x)];
            for (int k = 0; k < 3; k++)
                out[k] = (float)(0.25 * shot->gain[k] * sum[k]);
        }
}

static inline Camera truth_camera(Vec3 toward, double distance_mm, int side_px, double focal_px)
{
    Lens lens = {.width_px = side_px,
                 .height_px = side_px,
                 .focal_px = focal_px,
                 .centre_x_px = 0.5 * side_px,
                 .centre_y_px = 0.5 * side_px};
    Vec3 target = vec3(0.0, 40.0, 0.0), up = fabs(toward.y) > 0.9 ? vec3(0, 0, -1) : vec3(0, 1, 0);
    return camera_look_at(lens, vec_madd(target, distance_mm, vec_normalize(toward)), target, up);
}

static inline bool truth_take(Arena *arena, const Head *head, const Camera *camera,
                              TruthPaint *paint, const double gain[3], ImageF *light)
{
    Err err;
    Mesh mesh;
    MeshRays rays;
    if (!image_new_f(arena, camera->lens.width_px, camera->lens.height_px, light, &err) ||
        !view_mesh(arena, head, NULL, &mesh, &err) || !mesh_rays_open(&mesh, &rays, &err)) {
        printf("# %s\n", err.text);
        return false;
    }
    TruthShot shot = {.head = head,
                      .rays = &rays,
                      .camera = *camera,
                      .paint = paint,
                      .gain = {gain[0], gain[1], gain[2]},
                      .backdrop = {0.0F, 0.9F, 0.0F},
                      .light = light};
    parallel_for(2, light->height_px, 16, truth_rows, &shot);
    mesh_rays_close(&rays);
    return true;
}

static inline Vec3 truth_direction(int side_px, int x, int y)
{
    const double uv[2] = {(x + 0.5) * 2.0 * TRUTH_REACH / side_px - TRUTH_REACH,
                          TRUTH_REACH - (y + 0.5) * 2.0 * TRUTH_REACH / side_px};
    return head_chart_direction(uv);
}

#endif
