/* mesh.h - triangle meshes as scanners write them: read, write, hit with rays.
 *
 * A Mesh is what stands in the file, with node transforms applied, several primitives joined, and
 * nothing repaired: it may have holes, doubled vertices, inside-out faces and any unit. Texture
 * coordinates follow glTF: (0, 0) is the upper left corner of the picture.
 */
#ifndef MESH_MESH_H
#define MESH_MESH_H

#include "base/vec.h"
#include "image/image.h"

typedef struct MeshMaterial {
    Rgb base_color; /* linear; multiplies the texture or the vertex colour */
    int image;      /* into Mesh.image, -1 for none */
} MeshMaterial;

typedef struct Mesh {
    int vertex_count;
    Vec3 *position; /* [vertex_count] in the file's unit */
    float (*uv)[2]; /* [vertex_count] or NULL */
    Rgb *color;     /* [vertex_count] linear, or NULL */
    int triangle_count;
    int (*triangle)[3]; /* indices within 0..vertex_count-1 (checked) */
    int *material;      /* [triangle_count] into material_list, or NULL for all 0 */
    int material_count; /* at least 1 */
    MeshMaterial *material_list;
    int image_count;
    Image *image;
    double unit_mm; /* mm per unit as the file states it (glTF: 1000); 0 where it says nothing */
} Mesh;

typedef enum MeshFormat { MESH_UNKNOWN, MESH_GLB, MESH_GLTF, MESH_OBJ, MESH_PLY } MeshFormat;

enum { MESH_MAX_VERTICES = 8 << 20, MESH_MAX_TRIANGLES = 16 << 20 };

/* Resolves a file that the mesh names (buffer, texture, material library), relative to the mesh
 * file. Names that are absolute, climb with "..", or carry a scheme are refused by the caller. */
typedef bool MeshOpenFn(void *ctx, Arena *arena, const char *name, size_t *size, uint8_t **bytes,
                        Err *err);
typedef struct MeshFiles {
    MeshOpenFn *open; /* NULL: nothing beside the mesh can be opened */
    void *ctx;
} MeshFiles;

/* Reads a mesh file of any supported format with what stands beside it. */
MUST_CHECK bool mesh_read_file(Arena *arena, Arena *scratch, const char *path, Mesh *mesh,
                               Err *err);

/* By the first bytes, then by the name's ending. */
MeshFormat mesh_format(size_t size, const uint8_t bytes[], const char *name);
/* The readers as functions of bytes; ERR_INPUT names the line, accessor or extension at fault.
 * glTF 2.0: unknown entries in extensionsRequired (Draco, meshopt, ...) are refused by name; only
 * the default scene is read. OBJ and PLY: vertex i of the file is vertex i of the mesh; copies for
 * further texture coordinates follow behind the last one. Their colours are taken as sRGB, those of
 * glTF as linear. An OBJ library that cannot be opened is passed over, a missing picture is not.
 * What is read beside the mesh is opened in scratch. The two arenas must differ. */
MUST_CHECK bool mesh_from_bytes(Arena *arena, Arena *scratch, MeshFormat format, size_t size,
                                const uint8_t bytes[], MeshFiles files, Mesh *mesh, Err *err);

typedef struct MeshNode { /* a named point in a written file */
    const char *name;
    Vec3 position;
} MeshNode;

/* Writes a binary glTF 2.0: one primitive per material, normals if given, the images as embedded
 * PNG, nodes for the named points. Positions are multiplied by metre_per_unit (1e-3 for mm) and
 * become float; the rest reads back bit for bit, with triangles sorted by material. */
MUST_CHECK bool mesh_to_glb(Arena *arena, Arena *scratch, const Mesh *mesh, const Vec3 *normal,
                            double metre_per_unit, int node_count, const MeshNode node[],
                            size_t *size, uint8_t **bytes, Err *err);

/* Area-weighted vertex normals (unit; zero where a vertex has no area). */
void mesh_normals(const Mesh *mesh, Vec3 normal[]);

/* Ray queries; wraps Embree, the only file that knows it. The mesh must outlive the rays. Not
 * changed by queries: any number of threads may share one. Embree finds the triangle in float;
 * weights and distance are then computed in double. */
typedef struct MeshRays {
    const Mesh *mesh;
    void *device, *scene;
    Vec3 centre; /* of the bounding box; the scene stands around it */
} MeshRays;

typedef struct MeshHit {
    int triangle;     /* -1 for a miss */
    double weight[3]; /* barycentric */
    double distance;  /* in units of the direction's length */
    bool from_behind; /* the face is turned away from the ray's origin */
} MeshHit;

MUST_CHECK bool mesh_rays_open(const Mesh *mesh, MeshRays *rays, Err *err);
void mesh_rays_close(MeshRays *rays);
MeshHit mesh_rays_hit(const MeshRays *rays, Vec3 origin, Vec3 direction, double reach);
bool mesh_rays_blocked(const MeshRays *rays, Vec3 origin, Vec3 direction, double reach);

Vec3 mesh_point(const Mesh *mesh, int triangle, const double weight[3]);
/* Linear colour of the surface: texture, else vertex colour, else 0.5 grey, times the material.
 * footprint_px: side of the texture box to average (0 or 1: bilinear). */
Rgb mesh_color(const Mesh *mesh, int triangle, const double weight[3], double footprint_px);
bool mesh_has_color(const Mesh *mesh);

#endif
