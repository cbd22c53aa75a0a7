/* look_internal.h - what the files of this folder share. */
#ifndef LOOK_LOOK_INTERNAL_H
#define LOOK_LOOK_INTERNAL_H

#include "look/look.h"

#include <stdint.h>

/* A pinhole: pixel = centre + focal * (right, -up) / depth, depth along forward. */
typedef struct Camera {
    Vec3 eye, right, up, forward;
    double focal_px, centre_x_px, centre_y_px;
    double fade_y_mm; /* what lies deeper dissolves into the backdrop over FADE_MM */
} Camera;
enum { FADE_MM = 40 };

/* Light per pixel in 16 bits: code = linear * LIGHT_SCALE, so that white is half the range. */
enum { LIGHT_SCALE = 32767, LIGHT_CODES = 65536 };

typedef struct View {
    Camera camera;
    double px_per_mm;
    uint16_t (*base)[3];    /* [px] gloss and backdrop: what marks do not touch */
    uint16_t (*diffuse)[3]; /* [px] what comes back out of the skin */
    float *depth_mm;        /* [px] of the nearest surface; INFINITY for the backdrop */
} View;

struct LookStage {
    int width_px, height_px;
    View view[LOOK_VIEWS];
    float *code; /* [LIGHT_CODES] 8-bit code value of a light, not rounded */
    float *disc; /* the disc-to-Gaussian profiles, see look_splat.c */
    float grain_codes;
};

static inline Vec3 camera_coordinates(const Camera *camera, Vec3 p)
{
    Vec3 v = vec_sub(p, camera->eye);
    return vec3(vec_dot(v, camera->right), vec_dot(v, camera->up), vec_dot(v, camera->forward));
}

/* look_light.c: light that depends on the place but not on the viewer, per vertex. */
enum { LIGHT_LOBES = 4 }; /* the sky, then three soft boxes */
typedef struct VertexLight {
    float normal[3], soft_normal[3]; /* as scanned, and averaged over some mm */
    float seen[LIGHT_LOBES];         /* share of each lobe that reaches the vertex */
} VertexLight;

MUST_CHECK bool look_bake_light(Arena *arena, Arena *scratch, const Mesh *scan,
                                const MeshRays *rays, int threads, VertexLight **light, Err *err);

typedef struct SkinPoint {  /* what shading needs to know of a place on the skin */
    Vec3 position_mm, view; /* view: unit, towards the camera */
    VertexLight light;      /* interpolated, not normalised */
    Rgb albedo;
    bool plain;          /* albedo is the one plain skin: give it some life */
    float px_mm;         /* size of a pixel on the skin: finer detail is left out */
    const int8_t *grain; /* look_make_grain */
} SkinPoint;

typedef struct SkinLight {
    float diffuse[3], gloss;
} SkinLight;

enum { GRAIN_SIDE = 64 };
/* A tile of smooth noise, [GRAIN_SIDE^3][4], that repeats; NULL when the arena is full. */
int8_t *look_make_grain(Arena *arena);
SkinLight look_shade(const SkinPoint *point);

/* look_view.c: camera and frame of each view. */
MUST_CHECK bool look_frame_view(const Mesh *scan, LookView view, int width_px, int height_px,
                                Camera *camera, Err *err);

/* look_splat.c: optical depth of marks over a view. tau: [height][width][3], zeroed. */
MUST_CHECK bool look_make_profiles(Arena *arena, float **disc, Err *err);
MUST_CHECK bool look_splat(Arena *scratch, const LookStage *stage, LookView view,
                           const LookState *state, int threads, float (*tau)[3], Err *err);

#endif
