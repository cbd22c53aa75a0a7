#include "export/solid_internal.h"

bool export_glb(Arena *arena, Arena *scratch, const Case *plan, const ExportTexture *texture,
                ExportBytes *file, Err *err)
{
    Image picture;
    Mesh mesh;
    if (!export_texture(arena, scratch, plan, texture, &picture, err) ||
        !export_canvas_mesh(arena, plan->head, &picture, &mesh, err))
        return false;
    return mesh_to_glb(arena, scratch, &mesh, plan->head->normal, 1e-3, 0, NULL, &file->size,
                       &file->bytes, err);
}
