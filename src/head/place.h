/* place.h - from a scan of any unit and any axis to the canvas: landmarks, scale, pose, rays. */
#ifndef HEAD_PLACE_H
#define HEAD_PLACE_H

#include "head/head.h"
#include "mesh/mesh.h"

typedef struct PlaceLandmarks {
    bool known[HEAD_LANDMARKS];
    Vec3 position[HEAD_LANDMARKS]; /* in the frame and unit of the scan */
} PlaceLandmarks;

/* What fixes the scale; 0 means not given. Where several are given they must agree (a warning tells
 * by how much they do not). unit_mm: millimetres per unit of the file. */
typedef struct PlaceScale {
    double unit_mm, circumference_mm, length_mm, breadth_mm;
} PlaceScale;

/* p_head = scale * rotation (p_scan - origin) */
typedef struct Placement {
    double mm_per_unit;
    Vec3 axis[3];             /* head x, y, z in the frame of the scan */
    Vec3 origin;              /* of the head frame, in the scan */
    PlaceLandmarks landmarks; /* given ones kept, the others proposed from the shape */
    bool proposed[HEAD_LANDMARKS];
    double fit_mm; /* RMS of the cranium fit behind the proposal: large means "no head here" */
} Placement;

enum { PLACE_WARNING_LIMIT = 12, PLACE_WARNING_TEXT = 240 };
typedef struct PlaceWarnings {
    int count;
    char text[PLACE_WARNING_LIMIT][PLACE_WARNING_TEXT];
} PlaceWarnings;

/* Finds the head in the scan: which way is up and forward, the landmarks, the scale. given may be
 * all unknown. Refuses (ERR_INPUT) a mesh that is no head, and a scan without any scale: the
 * message says how to measure one. */
MUST_CHECK bool place_find(Arena *scratch, const Mesh *scan, const MeshRays *rays,
                           const PlaceLandmarks *given, PlaceScale scale, Placement *placement,
                           PlaceWarnings *warnings, Err *err);
Vec3 place_to_head(const Placement *placement, Vec3 scan_position);
Vec3 place_to_scan(const Placement *placement, Vec3 head_position_mm);
Vec3 place_direction_to_scan(const Placement *placement, Vec3 head_direction);

/* Casts one ray per vertex from outside, fills what was missed smoothly, smooths where the surface
 * folds, sets landmarks, sources and warnings. */
MUST_CHECK bool place_import(Arena *arena, Arena *scratch, const Mesh *scan, const MeshRays *rays,
                             const Placement *placement, const HeadTopology *topology, int threads,
                             Head *head, PlaceWarnings *warnings, Err *err);
/* Compares with head-size percentiles (ANSUR II) and adds a warning beyond p1..p99. */
void place_check_size(const HeadMeasures *measures, PlaceWarnings *warnings);

/* The scan's colour on the chart: a square picture of [-1.45, 1.45]^2, v up; and per vertex. */
MUST_CHECK bool place_bake(Arena *arena, const Mesh *scan, const MeshRays *rays,
                           const Placement *placement, const Head *head, int side_px, int threads,
                           Image *chart, Err *err);
MUST_CHECK bool place_vertex_color(Arena *arena, const Head *head, const Image *chart, Rgb **color,
                                   Err *err);

#endif
