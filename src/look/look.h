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
#include "skin/skin.h"

typedef enum LookView {
    LOOK_FRONT,
    LOOK_LEFT45,
    LOOK_RIGHT45,
    LOOK_TOP,
    LOOK_CROWN,
    LOOK_SIDE,
    LOOK_VIEWS
} LookView;
const char *look_view_name(LookView view); /* "front", "left45", ... */

typedef struct LookStageParams {
    int width_px, height_px; /* of every picture */
    Rgb plain_skin;          /* where the scan has no colour */
    int threads;
} LookStageParams;
LookStageParams look_stage_default(void);

typedef struct LookStage LookStage; /* built in the arena that look_stage_new was given */

/* scan: the mesh in the head frame (mm), with rays over it. */
MUST_CHECK bool look_stage_new(Arena *arena, Arena *scratch, const Mesh *scan, const MeshRays *rays,
                               const LookStageParams *params, const Progress *progress,
                               LookStage **stage, Err *err);
double look_px_per_mm(const LookStage *stage, LookView view);

typedef struct LookMark { /* one dot as the pictures see it */
    Vec3 position_mm, normal;
    SkinLook look;
} LookMark;

/* The state of the head in a picture. flush: redness of freshly treated skin, 0..1, around marks
 * flagged fresh. */
typedef struct LookState {
    int mark_count;
    const LookMark *mark;
} LookState;

MUST_CHECK bool look_picture(Arena *arena, Arena *scratch, const LookStage *stage, LookView view,
                             const LookState *state, int threads, Image *picture, Err *err);

/* A sheet of rows (states) x columns (views), each picture shrunk, with captions. */
MUST_CHECK bool look_contact_sheet(Arena *arena, Arena *scratch, int rows, int columns,
                                   const Image *const picture[], const char *const row_name[],
                                   const char *const column_name[], const char *title, Image *sheet,
                                   Err *err);

#endif
