#include "casefile/casefile_internal.h"
#include "mesh/mesh.h"

const char *case_landmark_name(HeadLandmark landmark)
{
    switch (landmark) {
    case HEAD_GLABELLA:
        return "glabella";
    case HEAD_TRAGION_LEFT:
        return "tragion_left";
    case HEAD_TRAGION_RIGHT:
        return "tragion_right";
    case HEAD_VERTEX:
        return "vertex";
    case HEAD_INION:
        return "inion";
    case HEAD_CANTHUS_LEFT:
        return "canthus_left";
    case HEAD_CANTHUS_RIGHT:
        return "canthus_right";
    case HEAD_LANDMARKS:
        break;
    }
    return "unknown";
}

/* The chart picture covers [-1.45, 1.45]^2 with v up; glTF counts from the upper left corner. */
static void texture_place(Vec3 direction, float uv[2])
{
    const double half = 1.45;
    double chart[2];
    head_chart(direction, chart);
    uv[0] = (float)((chart[0] + half) / (2.0 * half));
    uv[1] = (float)((half - chart[1]) / (2.0 * half));
}

bool case_head_glb(Arena *arena, Arena *scratch, const Head *head, const Image *chart, size_t *size,
                   uint8_t **bytes, Err *err)
{
    const HeadTopology *topology = head->topology;
    bool textured = chart != NULL && chart->rgb != NULL;
    Image picture = textured ? *chart : (Image){0};
    MeshMaterial material = {.base_color = {0.5F, 0.5F, 0.5F}, .image = -1};
    if (textured)
        material = (MeshMaterial){.base_color = {1.0F, 1.0F, 1.0F}, .image = 0};
    float(*uv)[2] = arena_alloc(arena, (size_t)topology->vertex_count, sizeof *uv);
    if (uv == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d texture places", topology->vertex_count);
    for (int i = 0; i < topology->vertex_count; i++)
        texture_place(topology->direction[i], uv[i]);
    Mesh mesh = {.vertex_count = topology->vertex_count,
                 .position = head->position_mm,
                 .uv = textured ? uv : NULL,
                 .triangle_count = topology->triangle_count,
                 .triangle = topology->triangle,
                 .material_count = 1,
                 .material_list = &material,
                 .image_count = textured,
                 .image = textured ? &picture : NULL,
                 .unit_mm = 1.0};
    MeshNode node[HEAD_LANDMARKS];
    int nodes = 0;
    for (int i = 0; i < HEAD_LANDMARKS; i++)
        if (head_knows(head, (HeadLandmark)i))
            node[nodes++] = (MeshNode){case_landmark_name((HeadLandmark)i), head->landmark_mm[i]};
    return mesh_to_glb(arena, scratch, &mesh, head->normal, 1e-3, nodes, node, size, bytes, err);
}
