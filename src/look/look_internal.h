/* look_internal.h - what the files of this folder share. */
#ifndef LOOK_LOOK_INTERNAL_H
#define LOOK_LOOK_INTERNAL_H

#include "camera/camera.h"
#include "look/photo.h"

#include <stdint.h>

enum { FADE_MM = 40 };

/* Light per pixel in 16 bits: code = linear * LIGHT_SCALE, so that white is half the range. */
enum { LIGHT_SCALE = 32767, LIGHT_CODES = 65536 };

typedef struct View {
    Camera camera;    /* k1 = 0 */
    double fade_y_mm; /* what lies deeper dissolves into the backdrop over FADE_MM */
    double px_per_mm;
    uint16_t (*base)[3];    /* [px] gloss and backdrop: what marks do not touch */
    uint16_t (*diffuse)[3]; /* [px] what comes back out of the skin */
    float *depth_mm;        /* [px] of the nearest surface; INFINITY for the backdrop */
} View;

typedef struct Profiles Profiles;

struct LookStage {
    int width_px, height_px;
    View view[LOOK_VIEWS];
    float *code; /* [LIGHT_CODES] 8-bit code value of a light, not rounded */
    const Profiles *profiles;
    float grain_codes;
};

/* Right, down, forward of the camera. */
static inline Vec3 camera_coordinates(const Camera *camera, Vec3 p)
{
    Vec3 v = vec_sub(p, camera->pose.eye_mm);
    return vec3(vec_dot(v, camera->pose.right), vec_dot(v, camera->pose.down),
                vec_dot(v, camera->pose.forward));
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
                                View *framed, Err *err);

/* ---- look_place.c: where a mark falls on a plate ---- */

typedef struct Cov { /* a symmetric 2x2 matrix */
    double xx, xy, yy;
} Cov;

static inline double cov_det(Cov c)
{
    return c.xx * c.yy - c.xy * c.xy;
}

static inline double cov_least(Cov c) /* the smaller of its variances */
{
    double mean = 0.5 * (c.xx + c.yy), half = 0.5 * (c.xx - c.yy);
    return mean - sqrt(half * half + c.xy * c.xy);
}

typedef struct Place {     /* where a mark falls and how large a mm is there */
    double x, y;           /* px */
    Cov px2_per_mm2;       /* covariance in the picture of a unit round spot on the skin */
    double area;           /* px2 per mm2; 0: out of sight */
    double half_x, half_y; /* px, half of a line; 0 for a dot */
    double depth_mm, nearness_dx, nearness_dy; /* nearness: depth_mm over the depth there */
    double px_per_mm;                          /* of something there that faces the camera */
    double fade;
} Place;
Place look_place_on_photo(const Camera *camera, const LookMark *mark);
Place look_place_on_chart(const LookChart *chart, const LookMark *mark);

/* ---- look_mark.c: what one mark is on one plate ---- */

enum {
    PROFILES = 17,
    PROFILE_STEPS = 256,
    PROFILE_STRIDE = PROFILE_STEPS + 2, /* two more, so that interpolation never leaves */
    STEP_STEPS = 512,
    PROFILE_TERMS = 9,
};
#define LOOK_REACH  3.2F /* radius where a profile ends, in sigma */
#define LOOK_REACH2 (LOOK_REACH * LOOK_REACH)

struct Profiles {
    float disc[PROFILES][PROFILE_STRIDE]; /* of unit covariance; share of it that is a disc's */
    bool smooth[PROFILES];                /* this polynomial will do as well: of 2 q / reach - 1, */
    float poly[PROFILES][PROFILE_TERMS];  /* highest power first */
    float step[STEP_STEPS + 2];           /* the edge of a line */
    double stretch[PROFILES];             /* of the variance, for what is cut off to be made up */
    double mass[PROFILES];                /* integral over the plane of what is drawn, */
    double strip[PROFILES];               /* and of the table along a line through the middle */
};
MUST_CHECK bool look_make_profiles(Arena *arena, const Profiles **profiles, Err *err);

/* An elliptic spot on a grid of cells of coarse x coarse pixels; transmittance 1 - amount profile.
 */
typedef struct Spot {
    float x, y;          /* in cells */
    float ixx, ixy, iyy; /* inverse covariance */
    int x0, y0, x1, y1;  /* the box it fills, last ones included; x1 < x0: nothing */
    float depth, gx, gy; /* mm of its middle; the plane of the skin: depth / (1 + gx dx + gy dy) */
    float amount[3];     /* contrast = amount * profile */
    float ux, uy;        /* of a line: along it, in standard deviations of the round spot */
    float half;          /* and its half length in them; 0: round */
    int profile;
} Spot;

typedef struct MarkPlan { /* all marks on one plate */
    const Camera *camera;
    const LookChart *chart; /* the plate; NULL: the camera's picture */
    const LookState *state;
    const Profiles *profiles;
    double blur_px2;           /* variance per axis: lens, and the box of a pixel */
    int coarse, flush_coarse;  /* px per cell of halos and of the flush */
    Place *place;              /* [mark_count] */
    Spot *core, *halo, *flush; /* [mark_count]; flush NULL: nobody is red */
} MarkPlan;
/* plan->camera, state, profiles and blur_px2 given; the rest in scratch, which is not rewound. */
MUST_CHECK bool look_plan_marks(Arena *scratch, MarkPlan *plan, int threads, Err *err);
static inline float look_profile(const float profile[PROFILE_STRIDE], float q)
{
    if (!(q < LOOK_REACH2))
        return 0;
    float at = q * (PROFILE_STEPS / LOOK_REACH2);
    int i = (int)at;
    float f = at - (float)i;
    return profile[i] + f * (profile[i + 1] - profile[i]);
}

/* Share of a Gaussian of variance 1, cut at its reach, below x. */
static inline float look_step(const float step[STEP_STEPS + 2], float x)
{
    const float reach = LOOK_REACH;
    float at = (x + reach) * ((float)STEP_STEPS / (2 * reach));
    at = at > 0 ? at : 0;
    at = at < (float)STEP_STEPS ? at : (float)STEP_STEPS;
    int i = (int)at;
    return step[i] + (at - (float)i) * (step[i + 1] - step[i]);
}

/* Of a line at u along it, over what a Gaussian spot has there on its middle: integral sqrt(2 pi).
 */
static inline float look_along(const Profiles *profiles, const Spot *spot, float u)
{
    const float root = 2.50662827F;
    return root *
           (look_step(profiles->step, u + spot->half) - look_step(profiles->step, u - spot->half)) /
           (2 * spot->half);
}

/* Weight of a spot at (dx, dy) cells from its middle, by the table. */
static inline float look_weight(const Profiles *profiles, const Spot *spot, float dx, float dy)
{
    const float *disc = profiles->disc[spot->profile];
    float q = spot->ixx * dx * dx + 2 * spot->ixy * dx * dy + spot->iyy * dy * dy;
    if (!(spot->half > 0))
        return look_profile(disc, q);
    float u = spot->ux * dx + spot->uy * dy;
    float across = q - u * u;
    return look_profile(disc, across > 0 ? across : 0) * look_along(profiles, spot, u);
}

/* ---- look_rows.c: one spot on a piece of a grid ---- */

enum { LANES = 8 };    /* pixels that are drawn at once */
typedef struct Cells { /* transmittance over a piece of a grid */
    int coarse;        /* px per cell, each way */
    int x, y;          /* the first cell */
    int width, height;
    int stride; /* from row to row: LANES more than the width */
    float *at[3];
    const float *depth_mm; /* of the surface in each cell; NULL: nothing hides */
    int depth_stride;
    bool sums; /* no transmittance: the sum of spots, in at[0] */
} Cells;

typedef void LookDraw(const Profiles *profiles, const Spot *spot, const Cells *cells);
LookDraw look_draw_plain;
LookDraw *look_draw_best(void); /* for this machine */

/* ---- look_splat.c: transmittance of marks over a plate, tile by tile ---- */

/* Behind each row of a tile lie LANES more, which take what runs over. */
enum { TILE_WIDTH = 64, TILE_HEIGHT = 32, TILE_STRIDE = TILE_WIDTH + LANES };
typedef struct Through { /* of one tile */
    float at[3][TILE_HEIGHT * TILE_STRIDE];
} Through;

typedef struct Ink { /* marks that lie ready to be drawn */
    MarkPlan plan;
    const float *depth_mm;                  /* [height][width] or NULL */
    int width_px, height_px, columns, rows; /* of tiles */
    int *tile_start, *tile_mark;            /* [columns * rows + 1]; marks in index order */
    LookDraw *draw;
    Cells flush;    /* of the whole picture */
    bool *tile_red; /* where it reaches; NULL: nobody is red */
} Ink;
/* plate must outlive ink, which lives in scratch (not rewound). */
MUST_CHECK bool look_ink_new(Arena *scratch, const LookPlate *plate, const Profiles *profiles,
                             const LookState *state, int threads, Ink *ink, Err *err);
MUST_CHECK bool look_ink_on_chart(Arena *scratch, const LookChart *chart, const Profiles *profiles,
                                  const LookState *state, int threads, Ink *ink, Err *err);
/* False, and nothing written, where no mark reaches. */
bool look_ink_tile(const Ink *ink, int column, int row, Through *through);

#endif
