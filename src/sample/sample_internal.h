/* sample_internal.h - the shape of the synthetic client and the picture of its skin. */
#ifndef SAMPLE_SAMPLE_INTERNAL_H
#define SAMPLE_SAMPLE_INTERNAL_H

#include "head/vault.h"
#include "sample/sample.h"

enum { BUST_AZIMUTHS = 256, BUST_POLARS = 129 };

/* The bust as a signed distance (mm, negative inside): exact enough near the surface to walk to it.
 * The cranium's radius is kept in a table because it is asked for millions of times. */
typedef struct Bust {
    VaultShape shape;
    double wide, deep, tall; /* of the face, relative to the mean */
    double brow_mm, ear_mm;  /* how far forward the brow and how far aside the ears stand */
    float radius_mm[BUST_POLARS][BUST_AZIMUTHS];
} Bust;

/* Into the frame in which the features of the face are laid out, and are the same for everybody. */
Vec3 bust_to_face(const Bust *bust, Vec3 p);
void bust_make(uint64_t seed, Bust *bust);
double bust_distance_mm(const Bust *bust, Vec3 p);
/* Without the ears: what a tape rests on. */
double bust_bare_distance_mm(const Bust *bust, Vec3 p);
Vec3 bust_normal(const Bust *bust, Vec3 p);
/* First point from outside along a ray towards `toward`; false when nothing is hit. */
bool bust_hit(const Bust *bust, Vec3 from, Vec3 toward, bool ears, Vec3 *hit);
/* The surface as triangles of about cell_mm, with normals and texture coordinates. */
MUST_CHECK bool bust_mesh(Arena *arena, Arena *scratch, const Bust *bust, double cell_mm,
                          int threads, Mesh *mesh, Vec3 **normal, Err *err);
/* Equal-area chart of directions about HEAD_CENTRE_MM, [0, 1]^2, the vertex in the middle. */
void bust_uv(Vec3 p, double uv[2]);

/* Value noise within [-1, 1], smooth over scale_mm. */
double sample_noise(uint64_t seed, Vec3 p, double scale_mm);

/* How much hair grows at each vertex, 0..1: the natural outline of the scalp less what the stage,
 * the scar and the patch took; and the follicles by it. */
MUST_CHECK bool sample_grow(Arena *arena, Arena *scratch, const Bust *bust, const Head *head,
                            Sample *sample, Err *err);
/* To the middle line of the scar; 1e9 where it is farther than its width. */
double sample_scar_distance_mm(const Sample *sample, Vec3 p);
/* How hairs look, by diameter: the root in the skin, and what stands above it. */
typedef struct Stubble {
    SkinRamp root, whole;
} Stubble;
Stubble stubble_looks(const Sample *sample, const SkinMarks *marks);
enum { SAMPLE_MAX_HAIRS = 5 }; /* of a unit */
/* Where the hairs of a unit leave the skin (within its roughness). */
void sample_hair_roots(const Sample *sample, int follicle, Vec3 root[SAMPLE_MAX_HAIRS]);
/* Bare skin at a place of the bust, linear; and the optical depth of brows and lashes there. */
Rgb sample_skin_color(const Sample *sample, const Bust *bust, Vec3 p, double *face_hair_depth);
/* The colour picture: skin, its marks, brows, lips, scar, and every shaved hair. */
MUST_CHECK bool sample_paint(Arena *arena, Arena *scratch, const Bust *bust, Sample *sample,
                             Err *err);

#endif
