/* place_internal.h - what the files of `place` share; nothing outside the folder includes it.
 *
 * The pose of a scan is found in three steps: spheres that may be heads (place_pose.c), the turn
 * in which a mean head fits the radii best (place_pose.c), the statistical cranium fitted with
 * scales and modes (place_cranium.c). Landmarks are then read off the surface (place_landmark.c).
 */
#ifndef HEAD_PLACE_INTERNAL_H
#define HEAD_PLACE_INTERNAL_H

#include "head/place.h"
#include "head/vault.h"

#include <math.h>

#define PLACE_PI 3.14159265358979323846
/* ANSUR II: p1 of 1,986 women, p99 of 4,082 men (field/canvas 1.1). */
#define PLACE_CIRCUMFERENCE_P1_MM  521.0
#define PLACE_CIRCUMFERENCE_P99_MM 614.0

/* Adds a line; the last slot says that there were more. */
void place_warn(PlaceWarnings *warnings, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Unit vector i of n, evenly spread over the sphere (Fibonacci lattice). */
static inline Vec3 place_spread(int i, int n)
{
    double y = 1.0 - (2.0 * i + 1.0) / n;
    double around = 2.0 * PLACE_PI * 0.61803398874989484820 * i; /* golden ratio - 1 */
    double r = sqrt(fmax(0.0, 1.0 - y * y));
    return vec3(r * cos(around), y, r * sin(around));
}

typedef struct PlaceHit {
    bool found;
    Vec3 position_mm; /* head frame */
    Vec3 normal;      /* head frame, of the triangle, towards the ray's origin */
    int triangle;
    double weight[3];
} PlaceHit;

/* First hit of a ray given in the head frame of the placement, within reach_mm. */
PlaceHit place_hit(const Mesh *scan, const MeshRays *rays, const Placement *placement,
                   Vec3 origin_mm, Vec3 direction, double reach_mm);

/* Radius (mm) of a mean head with face, neck and no ears about HEAD_CENTRE_MM; 0 below the neck.
 * Measured on three ICT-FaceKit heads (MIT), 10 degree grid. */
double place_mean_radius_mm(Vec3 direction);

/* Up to `capacity` poses in which the scan looks most like a head, best first. Landmarks that are
 * known only let agreeing poses through. */
enum { PLACE_POSES = 10 };
MUST_CHECK bool place_poses(Arena *scratch, const Mesh *scan, const MeshRays *rays,
                            const PlaceLandmarks *given, int capacity, Placement pose[], int *count,
                            Err *err);
/* How unlike a head with face and neck the scan is in this pose: 0 alike .. 1 nothing fits. */
double place_unlikeness(const Mesh *scan, const MeshRays *rays, const Placement *pose);

/* Directions in which the cranium model holds, its radii there and how they change. */
enum { CRANIUM_DIRECTIONS = 240, CRANIUM_PARAMETERS = 3 + VAULT_MODES, FACE_DIRECTIONS = 220 };
typedef struct Cranium {
    int count;
    Vec3 direction[CRANIUM_DIRECTIONS], normal[CRANIUM_DIRECTIONS];
    double radius_mm[CRANIUM_DIRECTIONS];                 /* of the mean */
    double slope[CRANIUM_DIRECTIONS][CRANIUM_PARAMETERS]; /* dr/d(scales, modes) */
    /* Below it, face, nape and neck of the mean head: coarse, but they fix the pitch, which the
     * nearly round cranium leaves open by some 15 degrees. */
    int face_count;
    Vec3 face_direction[FACE_DIRECTIONS], face_normal[FACE_DIRECTIONS];
    double face_mm[FACE_DIRECTIONS];
} Cranium;
/* The model holds above the brows, above the ears and down to the back of the head above the
 * muscles of the neck. */
bool cranium_holds(Vec3 direction);
typedef struct CraniumFit {
    VaultShape shape;
    double rms_mm;  /* of the hits that belong */
    double covered; /* share of the directions whose hit lies within 6 mm of the model */
} CraniumFit;
Cranium *cranium_new(Arena *arena); /* NULL when the arena is full */
/* Moves the placement (rotation, origin and, unless fixed, scale) and shapes the cranium until
 * they meet: trimmed Gauss-Newton, point to plane. */
typedef struct CraniumOptions {
    int rounds;
    bool modes, fixed_scale;
} CraniumOptions;
CraniumFit cranium_fit(const Cranium *cranium, const Mesh *scan, const MeshRays *rays,
                       CraniumOptions options, const CraniumFit *start, Placement *placement);

/* Tragions (left, right) off the surface, in the frame of `placement` (good to some 20 mm); false
 * only without memory. */
bool place_read_ears(Arena *scratch, const Mesh *scan, const MeshRays *rays,
                     const Placement *placement, Vec3 tragion_mm[2], bool found[2]);
/* Glabella, vertex and inion, in a frame whose origin and pitch are settled. */
void place_read_midline(const Mesh *scan, const MeshRays *rays, const Placement *placement,
                        Vec3 landmark_mm[HEAD_LANDMARKS], bool found[HEAD_LANDMARKS]);

/* Gives the vertices marked unknown the values that bend least (biharmonic), drawn softly to 0 far
 * from the known ones. edge_mm: distance of neighbours. */
MUST_CHECK bool place_fill(Arena *scratch, const HeadTopology *topology, double edge_mm,
                           bool unknown[], double value[], Err *err);

/* The radii of a canvas and what each rests on (HeadSource): what place_import is about. cranium
 * NULL: made here. */
MUST_CHECK bool place_radii(Arena *scratch, const Mesh *scan, const MeshRays *rays,
                            const Placement *placement, const Cranium *cranium,
                            const HeadTopology *topology, int threads, double radius_mm[],
                            uint8_t source[], Err *err);

#endif
