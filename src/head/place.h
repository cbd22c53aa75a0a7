/* place.h - from a scan of any unit and any axis to the canvas: landmarks, scale, pose, rays. */
#ifndef HEAD_PLACE_H
#define HEAD_PLACE_H

#include "head/head.h"
#include "mesh/mesh.h"

typedef struct PlaceLandmarks {
    bool known[HEAD_LANDMARKS];
    Vec3 position[HEAD_LANDMARKS]; /* in the frame and unit of the scan */
} PlaceLandmarks;

/* What fixes the scale; 0 means not given. The tape wins over length and breadth (their mean),
 * these over the unit (unit_mm: millimetres per unit of the file); who is more than 3 % off is
 * warned of. With none of them, glabella and both tragions must be given, and the unit that the
 * file itself states (glTF: metre) is taken with a warning; else the scan is refused, for exporters
 * write that unit whether it is true or not. A head that would be more than 20 % beyond 521..614 mm
 * around (p1 of women .. p99 of men, ANSUR II) is refused whatever its scale came from. */
typedef struct PlaceScale {
    double unit_mm, circumference_mm, length_mm, breadth_mm;
} PlaceScale;

/* p_head = scale * rotation (p_scan - origin) */
typedef struct Placement {
    double mm_per_unit;
    Vec3 axis[3];             /* head x, y, z in the frame of the scan */
    Vec3 origin;              /* of the head frame, in the scan */
    PlaceLandmarks landmarks; /* given ones kept, the others proposed from the shape; but the
                                 canthi, known only when given */
    bool proposed[HEAD_LANDMARKS];
    double fit_mm; /* RMS of the cranium fit behind the proposal: large means "no head here" */
} Placement;

enum { PLACE_WARNING_LIMIT = 12, PLACE_WARNING_TEXT = 240 };
typedef struct PlaceWarnings {
    int count;
    char text[PLACE_WARNING_LIMIT][PLACE_WARNING_TEXT];
} PlaceWarnings;

/* Finds the head in the scan, however it is turned: the pose, the landmarks, the scale. given may
 * be all unknown; given tragions with one more landmark replace the search. Refuses (ERR_INPUT) a
 * mesh that is no head (neither an ear nor a brow above a nose on something round), and a scan
 * without any scale: the message says how to measure one. About 60 ms. Landmarks: tragion, the
 * notch above the tragus; glabella, the most forward point of the midline above the notch of the
 * nose; vertex, its highest point; inion, the midline behind, 10 mm above the Frankfurt plane on a
 * mean head (as in vault.h). Pitch: mean head and cranium fitted together. */
MUST_CHECK bool place_find(Arena *scratch, const Mesh *scan, const MeshRays *rays,
                           const PlaceLandmarks *given, PlaceScale scale, Placement *placement,
                           PlaceWarnings *warnings, Err *err);
Vec3 place_to_head(const Placement *placement, Vec3 scan_position);
Vec3 place_to_scan(const Placement *placement, Vec3 head_position_mm);
Vec3 place_direction_to_scan(const Placement *placement, Vec3 head_direction);

/* Casts one ray per vertex from outside, drops what cannot be skin of this head, fills what was
 * missed with the least bent surface, replaces ears and what folds (cosine of radius and normal
 * below 0.7), calms vertex noise (smooth skin moves by less than 0.05 mm); sets landmarks and
 * sources; warns of holes and folds on the scalp by their place. The same for any threads. */
MUST_CHECK bool place_import(Arena *arena, Arena *scratch, const Mesh *scan, const MeshRays *rays,
                             const Placement *placement, const HeadTopology *topology, int threads,
                             Head *head, PlaceWarnings *warnings, Err *err);
/* Compares with head-size percentiles (ANSUR II) and adds a warning beyond p1..p99. */
void place_check_size(const HeadMeasures *measures, PlaceWarnings *warnings);

/* The scan's colour on the chart: a square picture of [-1.45, 1.45]^2, v up (row 0 is v = 1.45),
 * grey where the scan has nothing; and per vertex, linear, the mean over the vertex's share. */
MUST_CHECK bool place_bake(Arena *arena, const Mesh *scan, const MeshRays *rays,
                           const Placement *placement, const Head *head, int side_px, int threads,
                           Image *chart, Err *err);
/* How far log luminance falls below its median over each vertex's share (rms): what light and shine
 * do not change, and shaved hair does; 0 where nothing was seen. */
MUST_CHECK bool place_vertex_roughness(Arena *arena, const Head *head, const Image *chart,
                                       double **roughness, Err *err);
MUST_CHECK bool place_vertex_color(Arena *arena, const Head *head, const Image *chart, Rgb **color,
                                   Err *err);

#endif
