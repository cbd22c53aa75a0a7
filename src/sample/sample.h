/* sample.h - a synthetic client with known truth: bust, skin, fringe, stage, scars.
 *
 * The statistical cranium blended into a procedural face, ears and neck; every follicle is known.
 * Nobody real is shown. Deterministic by seed.
 */
#ifndef SAMPLE_SAMPLE_H
#define SAMPLE_SAMPLE_H

#include "head/head.h"
#include "mesh/mesh.h"
#include "skin/mark.h"

typedef enum SampleTone {
    SAMPLE_VERY_LIGHT,
    SAMPLE_LIGHT,
    SAMPLE_INTERMEDIATE,
    SAMPLE_TAN,
    SAMPLE_BROWN,
    SAMPLE_DARK,
    SAMPLE_TONES
} SampleTone;

typedef struct SampleParams {
    uint64_t seed;
    SampleTone tone;
    int norwood; /* 1..7 */
    bool scar, patch;
    int ludwig;        /* 1..3: the top thinned besides; 0 not */
    bool total_loss;   /* no hair on the scalp, whatever the stage */
    int texture_px;    /* side of the colour texture, 256..4096 */
    double cell_mm;    /* of the mesh on the scalp, 1.5..8; finer on the face, coarser below */
    double stubble_mm; /* length of the shaved hair above the skin, 0..3 */
    int threads;
} SampleParams;
SampleParams sample_default(void);

typedef struct SampleFollicle { /* a follicular unit */
    Vec3 position_mm;
    double hair_diameter_mm;
    double heading_rad; /* of growth, in the chart: 0 to the subject's left, pi/2 forward */
    double lift_rad;    /* between the hair and the skin */
    Vec3 along;         /* the heading as a unit tangent of the skin */
    int hairs;
} SampleFollicle;

typedef struct Sample {
    SampleParams params;
    Mesh bust; /* head frame, mm, one texture */
    Vec3 *normal;
    Vec3 landmark_mm[HEAD_LANDMARKS];
    double length_mm, breadth_mm, circumference_mm; /* the truth a tape would read */
    SkinTone tone;
    double hair_darkness; /* as skin_hair_of_darkness takes it */
    int follicle_count;
    SampleFollicle *follicle;
    double follicles_per_cm2, hairs_per_cm2; /* where the fringe is full */
    double *cover;                           /* [vertex] of a level-6 canvas: 0 bare .. 1 full */
    double scalp_mm2;                        /* inside the natural outline */
    double bald_mm2;    /* what the stage took of it; scar and patch are not in it */
    double stubble_mm2; /* integral of cover */
    int scar_point_count;
    Vec3 scar_mm[16]; /* middle line */
    double scar_width_mm;
    int patch_point_count;
    Vec3 patch_mm[32]; /* closed outline */
    double patch_mm2;
} Sample;

/* ERR_INPUT: a parameter out of its range. Landmarks, tape and caliper are taken from the shape
 * itself, not from the mesh. About 2 s and 130 MB at 2048 px. */
MUST_CHECK bool sample_make(Arena *arena, Arena *scratch, const SampleParams *params,
                            Sample *sample, Err *err);
/* scan.glb (metres), truth.json, follicles.csv into an existing folder. */
MUST_CHECK bool sample_write(Arena *arena, Arena *scratch, const Sample *sample, const char *folder,
                             Err *err);

#endif
