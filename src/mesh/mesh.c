#include "mesh/mesh.h"

#include "base/io.h"
#include "mesh/mesh_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MAX_FILE_BYTES = 1 << 30 };

/* ---- files ---- */

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);
    return length >= tail && strcasecmp(name + length - tail, ending) == 0;
}

MeshFormat mesh_format(size_t size, const uint8_t bytes[], const char *name)
{
    if (size >= 4 && memcmp(bytes, "glTF", 4) == 0)
        return MESH_GLB;
    if (size >= 4 && memcmp(bytes, "ply", 3) == 0 && (bytes[3] == '\n' || bytes[3] == '\r'))
        return MESH_PLY;
    static const struct {
        const char *ending;
        MeshFormat format;
    } endings[] = {
        {".glb", MESH_GLB}, {".gltf", MESH_GLTF}, {".obj", MESH_OBJ}, {".ply", MESH_PLY}};
    for (size_t i = 0; name != NULL && i < sizeof endings / sizeof *endings; i++)
        if (ends_with(name, endings[i].ending))
            return endings[i].format;
    return MESH_UNKNOWN;
}

/* Whether the name can only mean a file in or below the folder of the mesh. */
static bool stays_beside(const char *name)
{
    if (name[0] == '\0' || name[0] == '/' || strchr(name, ':') != NULL)
        return false;
    for (const char *at = name; *at != '\0';) {
        size_t length = strcspn(at, "/");
        if (length == 2 && memcmp(at, "..", 2) == 0)
            return false;
        at += length + (at[length] == '/');
    }
    return true;
}

typedef struct Folder {
    char path[IO_PATH_LIMIT];
} Folder;

static bool open_in_folder(void *ctx, Arena *arena, const char *name, size_t *size, uint8_t **bytes,
                           Err *err)
{
    const Folder *folder = ctx;
    char path[IO_PATH_LIMIT];
    if (!stays_beside(name))
        return err_set(err, ERR_INPUT, "the mesh names '%.200s', which is not a file beside it",
                       name);
    return io_join(path, folder->path, name, err) &&
           io_read_file(arena, path, MAX_FILE_BYTES, size, bytes, err);
}

static bool read_file(Arena *arena, Arena *scratch, const char *path, Mesh *mesh, Err *err)
{
    size_t size;
    uint8_t *bytes;
    if (!io_read_file(scratch, path, MAX_FILE_BYTES, &size, &bytes, err))
        return false;
    MeshFormat format = mesh_format(size, bytes, path);
    if (format == MESH_UNKNOWN)
        return err_set(err, ERR_INPUT, "'%.200s' is none of GLB, glTF, OBJ and PLY", path);
    Folder folder = {"."};
    const char *slash = strrchr(path, '/');
    if (slash != NULL)
        snprintf(folder.path, sizeof folder.path, "%.*s", (int)(slash - path + 1), path);
    return mesh_from_bytes(arena, scratch, format, size, bytes,
                           (MeshFiles){open_in_folder, &folder}, mesh, err);
}

bool mesh_read_file(Arena *arena, Arena *scratch, const char *path, Mesh *mesh, Err *err)
{
    size_t mark = arena_mark(scratch);
    bool ok = read_file(arena, scratch, path, mesh, err);
    arena_rewind(scratch, mark);
    return ok;
}

bool mesh_open_beside(MeshReader reader, const char *name, size_t *size, uint8_t **bytes)
{
    if (reader.files.open == NULL)
        return err_set(reader.err, ERR_IO, "the mesh needs the file '%.200s' beside it", name);
    return reader.files.open(reader.files.ctx, reader.scratch, name, size, bytes, reader.err);
}

bool mesh_open_image(MeshReader reader, const char *name, Image *image)
{
    size_t size, mark = arena_mark(reader.scratch);
    uint8_t *bytes;
    if (!mesh_open_beside(reader, name, &size, &bytes))
        return false;
    bool ok = image_decode(reader.arena, reader.scratch, size, bytes, image, reader.err);
    arena_rewind(reader.scratch, mark);
    if (ok)
        return true;
    Err cause = *reader.err;
    return err_set(reader.err, cause.code, "texture '%.200s': %.250s", name, cause.text);
}

char *mesh_copy_name(MeshReader reader, const char *start, size_t length)
{
    char *copy = ARENA_NEW(reader.scratch, char, length + 1);
    if (copy == NULL)
        err_set(reader.err, ERR_LIMIT, "no room for a name of %zu bytes", length);
    else
        memcpy(copy, start, length);
    return copy;
}

/* ---- what every reader must deliver ---- */

/* Refuses what no later step can work with; indices are the readers' duty. */
static bool check(const Mesh *mesh, Err *err)
{
    if (mesh->triangle_count == 0)
        return err_set(err, ERR_INPUT,
                       "the file has %d vertices but no triangle: export the scan as a surface",
                       mesh->vertex_count);
    for (int i = 0; i < mesh->vertex_count; i++) {
        if (!vec_is_finite(mesh->position[i]))
            return err_set(err, ERR_INPUT, "the position of vertex %d is not a finite number",
                           i + 1);
        if (mesh->uv != NULL && !(isfinite(mesh->uv[i][0]) && isfinite(mesh->uv[i][1])))
            return err_set(err, ERR_INPUT,
                           "the texture coordinate of vertex %d is not a finite number", i + 1);
        const Rgb *c = mesh->color != NULL ? &mesh->color[i] : NULL;
        if (c != NULL && !(isfinite(c->r) && isfinite(c->g) && isfinite(c->b)))
            return err_set(err, ERR_INPUT, "the colour of vertex %d is not a finite number", i + 1);
    }
    return true;
}

/* One white material, where the file has none. */
static bool default_material(Arena *arena, Mesh *mesh, Err *err)
{
    if (mesh->material_count > 0)
        return true;
    mesh->material_list = ARENA_NEW(arena, MeshMaterial, 1);
    if (mesh->material_list == NULL)
        return err_set(err, ERR_LIMIT, "no room for a material");
    mesh->material_list[0] = (MeshMaterial){{1.0f, 1.0f, 1.0f}, -1};
    mesh->material_count = 1;
    return true;
}

bool mesh_from_bytes(Arena *arena, Arena *scratch, MeshFormat format, size_t size,
                     const uint8_t bytes[], MeshFiles files, Mesh *mesh, Err *err)
{
    assert(arena != scratch);
    MeshReader reader = {arena, scratch, files, err};
    size_t kept = arena_mark(arena), mark = arena_mark(scratch);
    bool ok = false;
    *mesh = (Mesh){0};
    switch (format) {
    case MESH_UNKNOWN:
        err_set(err, ERR_INPUT, "the file is none of GLB, glTF, OBJ and PLY");
        break;
    case MESH_GLB:
    case MESH_GLTF:
        ok = mesh_read_gltf(reader, format, size, bytes, mesh);
        break;
    case MESH_OBJ:
        ok = mesh_read_obj(reader, size, bytes, mesh);
        break;
    case MESH_PLY:
        ok = mesh_read_ply(reader, size, bytes, mesh);
        break;
    }
    arena_rewind(scratch, mark);
    ok = ok && check(mesh, err) && default_material(arena, mesh, err);
    if (!ok) {
        arena_rewind(arena, kept);
        *mesh = (Mesh){0};
    }
    return ok;
}

/* ---- on the surface ---- */

void mesh_normals(const Mesh *mesh, Vec3 normal[])
{
    memset(normal, 0, (size_t)mesh->vertex_count * sizeof *normal);
    for (int t = 0; t < mesh->triangle_count; t++) {
        const int *v = mesh->triangle[t];
        Vec3 a = mesh->position[v[0]];
        Vec3 twice_area =
            vec_cross(vec_sub(mesh->position[v[1]], a), vec_sub(mesh->position[v[2]], a));
        for (int i = 0; i < 3; i++)
            normal[v[i]] = vec_add(normal[v[i]], twice_area);
    }
    for (int i = 0; i < mesh->vertex_count; i++)
        normal[i] = vec_normalize(normal[i]);
}

Vec3 mesh_point(const Mesh *mesh, int triangle, const double weight[3])
{
    const int *v = mesh->triangle[triangle];
    Vec3 point = vec_scale(mesh->position[v[0]], weight[0]);
    point = vec_madd(point, weight[1], mesh->position[v[1]]);
    return vec_madd(point, weight[2], mesh->position[v[2]]);
}

/* Coordinates outside [0, 1] repeat the picture, the default of glTF and OBJ; 1 itself stays, as
 * bilinear sampling would otherwise mix in the opposite border. */
static double wrap(double u)
{
    return u >= 0.0 && u <= 1.0 ? u : u - floor(u);
}

static Rgb texture_color(const Mesh *mesh, const Image *image, const int vertex[3],
                         const double weight[3], double footprint_px)
{
    double u = 0.0, v = 0.0;
    for (int i = 0; i < 3; i++) {
        u += weight[i] * (double)mesh->uv[vertex[i]][0];
        v += weight[i] * (double)mesh->uv[vertex[i]][1];
    }
    double x = wrap(u) * image->width_px, y = wrap(v) * image->height_px;
    return footprint_px > 1.0 ? image_sample_box(image, x, y, footprint_px)
                              : image_sample(image, x, y);
}

static Rgb vertex_color(const Mesh *mesh, const int vertex[3], const double weight[3])
{
    Rgb sum = {0};
    for (int i = 0; i < 3; i++) {
        float w = (float)weight[i];
        Rgb c = mesh->color[vertex[i]];
        sum = (Rgb){sum.r + w * c.r, sum.g + w * c.g, sum.b + w * c.b};
    }
    return sum;
}

Rgb mesh_color(const Mesh *mesh, int triangle, const double weight[3], double footprint_px)
{
    const int *v = mesh->triangle[triangle];
    const MeshMaterial *material =
        &mesh->material_list[mesh->material != NULL ? mesh->material[triangle] : 0];
    Rgb c = {0.5f, 0.5f, 0.5f}, base = material->base_color;
    if (material->image >= 0 && mesh->uv != NULL)
        c = texture_color(mesh, &mesh->image[material->image], v, weight, footprint_px);
    else if (mesh->color != NULL)
        c = vertex_color(mesh, v, weight);
    return (Rgb){c.r * base.r, c.g * base.g, c.b * base.b};
}

bool mesh_has_color(const Mesh *mesh)
{
    for (int i = 0; mesh->uv != NULL && i < mesh->material_count; i++)
        if (mesh->material_list[i].image >= 0)
            return true;
    return mesh->color != NULL;
}
