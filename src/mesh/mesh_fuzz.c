/* Any bytes are a mesh or an error; the first byte picks the format and whether the same bytes
 * also stand beside the mesh as buffer, material library and picture. What reads must be safe to
 * hit with rays, to colour and to write. */
#include "mesh/mesh.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Input {
    size_t size;
    const uint8_t *bytes;
} Input;

static bool open_input(void *ctx, Arena *arena, const char *name, size_t *size, uint8_t **bytes,
                       Err *err)
{
    const Input *input = ctx;
    (void)name;
    *size = input->size;
    *bytes = ARENA_NEW(arena, uint8_t, input->size + 1);
    if (*bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    memcpy(*bytes, input->bytes, input->size);
    return true;
}

static void use(Arena *arena, Arena *scratch, const Mesh *mesh)
{
    static const double middle[3] = {0.25, 0.25, 0.5};
    Err err;
    MeshRays rays;
    size_t size;
    uint8_t *bytes;
    for (int t = 0; t < mesh->triangle_count; t++) {
        for (int k = 0; k < 3; k++)
            if (mesh->triangle[t][k] < 0 || mesh->triangle[t][k] >= mesh->vertex_count)
                abort();
        Rgb c = mesh_color(mesh, t, middle, 2.0);
        if (isnan(c.r))
            abort();
    }
    if (mesh_rays_open(mesh, &rays, &err)) {
        Vec3 aim = mesh_point(mesh, 0, middle), from = vec_add(aim, vec3(0.1, 0.2, 1));
        MeshHit hit = mesh_rays_hit(&rays, from, vec_sub(aim, from), 2.0);
        if (hit.triangle >= mesh->triangle_count)
            abort();
        mesh_rays_close(&rays);
    }
    if (mesh_to_glb(arena, scratch, mesh, NULL, 1e-3, 0, NULL, &size, &bytes, &err)) {
        Mesh back;
        if (!mesh_from_bytes(arena, scratch, MESH_GLB, size, bytes, (MeshFiles){0}, &back, &err) &&
            err.code != ERR_LIMIT)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const MeshFormat formats[] = {MESH_GLB, MESH_GLTF, MESH_OBJ, MESH_PLY};
    Arena arena = {0}, scratch = {0};
    Err err;
    Mesh mesh;
    if (size == 0)
        return 0;
    if (!arena_open(&arena, (size_t)8 << 20, &err) || !arena_open(&scratch, (size_t)16 << 20, &err))
        abort();
    Input input = {size - 1, data + 1};
    MeshFiles files = {data[0] & 4 ? open_input : NULL, &input};
    if (mesh_from_bytes(&arena, &scratch, formats[data[0] & 3], input.size, input.bytes, files,
                        &mesh, &err))
        use(&arena, &scratch, &mesh);
    arena_close(&scratch);
    arena_close(&arena);
    return 0;
}
