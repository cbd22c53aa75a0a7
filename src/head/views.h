/* views.h - photographs as views of the canvas: their colours on it, and a canvas from one alone.
 */
#ifndef HEAD_VIEWS_H
#define HEAD_VIEWS_H

#include "camera/sight.h"
#include "head/head.h"
#include "mesh/mesh.h"

/* The colours of one photograph laid on the chart of place_bake, [-1.45, 1.45]^2, v up. Several are
 * added one after the other, so that only one need be in memory: each place takes what was seen
 * squarest and largest, with soft seams; gains are matched where photographs overlap. */
typedef struct ViewBake {
    int side_px;
    float *sum; /* [side][side][4]: weighted linear colour and weight */
    int count;
} ViewBake;
MUST_CHECK bool view_bake_new(Arena *arena, int side_px, ViewBake *bake, Err *err);
/* shut: [height][width] of the photograph, nonzero where something stands before the skin (a
 * marker, a hand, glasses); NULL: nowhere. */
MUST_CHECK bool view_bake_add(Arena *scratch, ViewBake *bake, const Head *head,
                              const Camera *camera, const ImageF *light, const uint8_t shut[],
                              int threads, Err *err);
/* Black where nobody looked. covered: share of the canvas that was seen. */
MUST_CHECK bool view_bake_finish(Arena *arena, const ViewBake *bake, Image *chart, double *covered,
                                 Err *err);

/* The canvas as a mesh in mm, head frame, with the chart as its texture: what pictures of the head
 * itself are drawn from. The chart's pixels are shared. */
MUST_CHECK bool view_mesh(Arena *arena, const Head *head, const Image *chart, Mesh *mesh, Err *err);

/* ---- one photograph only ---- */

typedef enum PatchPlace {
    PATCH_TOP,
    PATCH_CROWN,
    PATCH_FRONT,
    PATCH_LEFT,
    PATCH_RIGHT,
    PATCH_BACK,
    PATCH_PLACES
} PatchPlace;
const char *patch_place_name(PatchPlace place); /* "top", ... */

typedef struct PatchScale { /* how millimetres were told */
    bool by_marker;
    double px[2][2], distance_mm; /* two points on the skin, else */
    double radius_mm;             /* of the head there; 0: by place (field/canvas 1.5) */
    int rim_count; /* points of the head's outline, to know how it is turned; 0 or >= 3 */
    double rim_px[16][2];
} PatchScale;

typedef struct Patch {
    Head head; /* a sphere: only what lies within reach_mm of the middle is meant */
    Camera camera;
    Vec3 middle_mm;                                  /* on the head */
    double reach_mm;                                 /* places farther along the skin are refused */
    double radius_mm, radius_low_mm, radius_high_mm; /* plausible */
    double length_error,
        area_error; /* shares at the rim of the reach, from radius, scale and tilt */
    double tilt_rad;
} Patch;

/* Reach: 15 mm beyond the frame of a close-up card (field/assess), with two points their distance,
 * at most 60 mm. sight: of a card, or NULL for two points. ERR_INPUT: points closer than 30 px or
 * out of the picture, a distance that would make the head smaller than 0.5 or larger than 60 px/mm,
 * a tilt beyond 40 degrees. */
MUST_CHECK bool patch_make(Arena *arena, const Lens *lens, const PatchScale *scale,
                           const MarkerSight *sight, PatchPlace place, const HeadTopology *topology,
                           Patch *patch, Err *err);
/* The place on the canvas seen at a pixel; ERR_INPUT beyond the reach, with the distance. */
MUST_CHECK bool patch_point(const Patch *patch, double x_px, double y_px, Vec3 *point_mm, Err *err);
bool patch_holds(const Patch *patch, Vec3 point_mm);

#endif
