/* look.h - pictures of a head with its dots, by an own renderer on the processor.
 *
 * A LookStage holds the scan in the head frame and everything that no plan changes: per view, which
 * point of the surface stands in which pixel, its light and its skin. A picture adds marks as
 * optical depth with their exact area, in linear light: out = gloss + diffuse exp(-tau).
 */
#ifndef LOOK_LOOK_H
#define LOOK_LOOK_H

#include "base/progress.h"
#include "mesh/mesh.h"
#include "skin/mark.h"

typedef enum LookView {
    LOOK_FRONT,   /* the onlooker's view: the subject's left is on the right of the picture */
    LOOK_LEFT45,  /* from the subject's left front: shows the left ear */
    LOOK_RIGHT45, /* from the subject's right front */
    LOOK_TOP,     /* straight down, the face towards the lower edge */
    LOOK_CROWN,   /* from behind and above */
    LOOK_SIDE,    /* from the subject's left */
    LOOK_VIEWS
} LookView;
const char *look_view_name(LookView view);    /* "front", "left45", ... */
const char *look_view_caption(LookView view); /* "Front", "45° from the left", ... */

enum { LOOK_MIN_SIDE_PX = 32, LOOK_MAX_SIDE_PX = 4096 };

typedef struct LookStageParams {
    int width_px, height_px; /* of every picture */
    Rgb plain_skin;          /* where the scan has no colour */
    float grain_codes;       /* rms of a fixed film grain in 8-bit code values; 0 for none */
    unsigned views;          /* bit 1 << LookView: the only ones that are made; 0: all */
    int threads;
} LookStageParams;
LookStageParams look_stage_default(void);

typedef struct LookStage LookStage; /* built in the arena that look_stage_new was given */

/* scan: the mesh in the head frame (mm), with rays over it; not needed any more afterwards. The
 * stage takes 20 bytes per pixel and view. ERR_INPUT: a size out of range, a mesh that has no
 * surface where a head's is. */
MUST_CHECK bool look_stage_new(Arena *arena, Arena *scratch, const Mesh *scan, const MeshRays *rays,
                               const LookStageParams *params, const Progress *progress,
                               LookStage **stage, Err *err);
/* Pixels per mm on the skin nearest to the middle of the view, seen face on. */
double look_px_per_mm(const LookStage *stage, LookView view);
/* Where a point of the head frame falls in the picture; false when it is behind the camera. */
bool look_project(const LookStage *stage, LookView view, Vec3 position_mm, double *x_px,
                  double *y_px);

typedef struct LookMark { /* one dot, or short line, as the pictures see it */
    Vec3 position_mm, normal;
    SkinLook look;
    bool fresh;       /* placed hours ago: the skin around it is red */
    double length_mm; /* 0: a dot. A line: its look (skin_line_look) spread evenly, */
    Vec3 along;       /* in this direction (unit, as far as it lies in the skin) */
} LookMark;

/* The state of the head in a picture. flush_depth: optical depth of the redness per channel where
 * the marks flagged fresh are dense (skin_flush_depth); 0 for none. */
typedef struct LookState {
    int mark_count;
    const LookMark *mark;
    float flush_depth[3];
} LookState;

/* One mark alone takes its area_mm2 from the picture, whatever its pixel size, tilt and length;
 * marks that overlap multiply. Marks that another part of the head hides leave no trace. ERR_INPUT
 * names a mark that is not finite or absurdly large, or a view that was not made. */
MUST_CHECK bool look_picture(Arena *arena, Arena *scratch, const LookStage *stage, LookView view,
                             const LookState *state, int threads, Image *picture, Err *err);

/* A sheet of rows (states) x columns (views), picture[row * columns + column] shrunk, with
 * captions, title and the line "simulation, not a promise". NULL pictures leave an empty cell. */
MUST_CHECK bool look_contact_sheet(Arena *arena, Arena *scratch, int rows, int columns,
                                   const Image *const picture[], const char *const row_name[],
                                   const char *const column_name[], const char *title, Image *sheet,
                                   Err *err);

#endif
