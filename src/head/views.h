/* views.h - photographs as views of the canvas: their colours on it, and a canvas from one alone.
 */
#ifndef HEAD_VIEWS_H
#define HEAD_VIEWS_H

#include "camera/sight.h"
#include "head/head.h"
#include "mesh/mesh.h"

/* The colours of photographs laid on the chart of place_bake, [-1.45, 1.45]^2, v up. They are added
 * one after the other, so that only one need be in memory: each place takes what was seen squarest
 * and largest, with soft seams; where photographs overlap their gains are matched per channel, with
 * the first as reference, once all are known. */
enum { VIEW_MAX_PHOTOS = 16 };
typedef struct ViewBake {
    int side_px, step_px, cells; /* cells of step_px x step_px texels */
    Arena *arena; /* of view_bake_new: a layer is taken from it for each photograph */
    float *sum;   /* [side][side][4]: weighted linear colour and weight */
    int count;
    const Head *head;                  /* of the last photograph; the same for all */
    float (*mean[VIEW_MAX_PHOTOS])[3]; /* [cells][cells] colour; negative: not seen */
    float *weight[VIEW_MAX_PHOTOS];    /* [cells + 1][cells + 1] at their corners */
    double gain[VIEW_MAX_PHOTOS][3];   /* after view_bake_finish */
    /* Set after view_bake_new for a patch: nothing farther from the middle is taken. 0: all. */
    Vec3 middle_mm;
    double reach_mm;
} ViewBake;
/* side 64..8192: 16 bytes a texel, and 1 MB for each photograph. */
MUST_CHECK bool view_bake_new(Arena *arena, int side_px, ViewBake *bake, Err *err);
/* Places that another part of the head hides, or seen at more than 75 degrees, get nothing. shut:
 * [height][width] of the photograph, nonzero where something stands before the skin (a marker, a
 * hand, glasses); NULL: nowhere. The same bytes for any threads. */
MUST_CHECK bool view_bake_add(Arena *scratch, ViewBake *bake, const Head *head,
                              const Camera *camera, const ImageF *light, const uint8_t shut[],
                              int threads, Err *err);
/* Black (0, 0, 0) where nobody looked, and only there. covered: share of the canvas that was seen.
 */
MUST_CHECK bool view_bake_finish(Arena *arena, ViewBake *bake, Image *chart, double *covered,
                                 Err *err);
/* The canvas as a mesh in mm, open below, with the chart (NULL: none) as its texture; positions,
 * triangles and pixels are those of head and chart, not copies. */
MUST_CHECK bool view_mesh(Arena *arena, const Head *head, const Image *chart, Mesh *mesh, Err *err);

/* ---- one photograph only ---- */

enum { PATCH_MAX_RIM = 64 };
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
    /* Two points on the skin, else: their distance by a tape laid on the skin. Without rim points
     * the skin between them is taken to face the camera. */
    double px[2][2], distance_mm;
    double radius_mm; /* of the head there; 0: by place (field/canvas 1.5) */
    int rim_count;    /* points of the head's outline, to know how it is turned; 0 or >= 3 */
    double rim_px[PATCH_MAX_RIM][2];
    double focal_sd_share; /* of the lens (camera_lens); 0: 0.12, a phone that does not say */
    /* How far the head is turned in the picture, counter-clockwise. 0: the upper edge of the
     * picture points to the back of the head (PATCH_TOP: the face towards the lower edge, as
     * LOOK_TOP) or up the head, to its vertex (all others). */
    double turn_rad;
} PatchScale;

typedef struct Patch {
    Head head; /* a sphere: only what lies within reach_mm of the middle is meant. Landmarks: those
                  of the mean head, on the midline moved to the sphere; all of it HEAD_FILLED */
    Camera camera;
    Vec3 middle_mm;                                  /* on the head */
    double reach_mm;                                 /* places farther along the skin are refused */
    double radius_mm, radius_low_mm, radius_high_mm; /* plausible: 95 of 100 heads, along the skin
                                                        in any direction */
    /* 95 %, as a share: of the distance from the middle to the rim of the reach, in the worst
     * direction, and of the area within the reach. From the radius, the scale, the tilt, the focal
     * length and the clicks. */
    double length_error, area_error;
    double tilt_rad;  /* between the skin's normal at the middle and the line of sight */
    double px_per_mm; /* at the middle */
} Patch;

/* Reach: 15 mm beyond the frame of a card (field/assess), with two points their distance, at most
 * 60 mm, and nowhere the skin is seen at more than 70 degrees. sight: of a card, or NULL for two
 * points. A card with a window rests on the skin with the window's edge, one without touches it
 * at its middle. ERR_INPUT, with the value and what to do: points closer than 30 px or out of the
 * picture, a distance that would make the head smaller than 0.5 or larger than 60 px/mm or goes too
 * far round it, a tilt beyond 40 degrees, a strip, a mirrored picture, an outline that is none. */
MUST_CHECK bool patch_make(Arena *arena, const Lens *lens, const PatchScale *scale,
                           const MarkerSight *sight, PatchPlace place, const HeadTopology *topology,
                           Patch *patch, Err *err);
/* The place on the canvas seen at a pixel; ERR_INPUT beyond the reach, with the distance. */
MUST_CHECK bool patch_point(const Patch *patch, double x_px, double y_px, Vec3 *point_mm, Err *err);
bool patch_holds(const Patch *patch, Vec3 point_mm);
/* "Within 60 mm of the middle; lengths may be 4 %, areas 9 % off (...)": for whoever shows it. */
void patch_label(const Patch *patch, size_t size, char text[]);

#endif
