#include "mesh/mesh.h"

#include <float.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { ARRAY_BUFFER = 34962, ELEMENT_ARRAY_BUFFER = 34963, UINT = 5125, FLOAT = 5126 };

/* What is written where; sections of the binary chunk begin on multiples of 4. */
typedef struct Writer {
    const Mesh *mesh;
    const Vec3 *normal;
    double metre_per_unit;
    int node_count;
    const MeshNode *node;
    Arena *scratch;
    Err *err;
    size_t bin_size;
    uint8_t *bin;
    size_t position, normals, uv, color; /* offsets */
    size_t *index;                       /* [material_count] offsets */
    int *corner_count;                   /* [material_count] */
    size_t *png_at, *png_size;           /* [image_count] */
    uint8_t **png;                       /* [image_count] */
    json_t *views, *accessors;
} Writer;

static size_t place(Writer *w, size_t size)
{
    size_t at = w->bin_size;
    w->bin_size += (size + 3) / 4 * 4;
    return at;
}

static int material_of(const Mesh *mesh, int triangle)
{
    return mesh->material != NULL ? mesh->material[triangle] : 0;
}

/* Encodes the pictures and decides where everything stands. */
static bool lay_out(Writer *w)
{
    const Mesh *mesh = w->mesh;
    size_t vertices = (size_t)mesh->vertex_count;
    size_t materials = (size_t)mesh->material_count, images = (size_t)mesh->image_count;
    w->index = ARENA_NEW(w->scratch, size_t, materials);
    w->corner_count = ARENA_NEW(w->scratch, int, materials);
    w->png_at = ARENA_NEW(w->scratch, size_t, images);
    w->png_size = ARENA_NEW(w->scratch, size_t, images);
    w->png = ARENA_NEW(w->scratch, uint8_t *, images);
    if (w->index == NULL || w->corner_count == NULL || w->png_at == NULL || w->png_size == NULL ||
        w->png == NULL)
        return err_set(w->err, ERR_LIMIT, "no room to write %zu materials", materials);
    w->position = place(w, 12 * vertices);
    w->normals = w->normal != NULL ? place(w, 12 * vertices) : 0;
    w->uv = mesh->uv != NULL ? place(w, 8 * vertices) : 0;
    w->color = mesh->color != NULL ? place(w, 12 * vertices) : 0;
    for (int t = 0; t < mesh->triangle_count; t++)
        w->corner_count[material_of(mesh, t)] += 3;
    for (size_t i = 0; i < materials; i++)
        w->index[i] = place(w, 4 * (size_t)w->corner_count[i]);
    for (size_t i = 0; i < images; i++) {
        if (!image_encode_png(w->scratch, &mesh->image[i], 6, &w->png_size[i], &w->png[i], w->err))
            return false;
        w->png_at[i] = place(w, w->png_size[i]);
    }
    return true;
}

/* ---- the binary chunk ---- */

/* Little-endian, like every machine this is built for (the tests read it back byte by byte). */
static void put_float(uint8_t *at, float value)
{
    memcpy(at, &value, sizeof value);
}

static void put_vector(uint8_t *at, Vec3 v, double scale)
{
    put_float(at, (float)(v.x * scale));
    put_float(at + 4, (float)(v.y * scale));
    put_float(at + 8, (float)(v.z * scale));
}

static void fill_bin(const Writer *w, size_t next[])
{
    const Mesh *mesh = w->mesh;
    uint8_t *bin = w->bin;
    for (int i = 0; i < mesh->vertex_count; i++) {
        size_t row = (size_t)i;
        put_vector(bin + w->position + 12 * row, mesh->position[i], w->metre_per_unit);
        if (w->normal != NULL)
            put_vector(bin + w->normals + 12 * row, w->normal[i], 1.0);
        if (mesh->uv != NULL)
            memcpy(bin + w->uv + 8 * row, mesh->uv[i], 8);
        if (mesh->color != NULL) {
            put_float(bin + w->color + 12 * row, mesh->color[i].r);
            put_float(bin + w->color + 12 * row + 4, mesh->color[i].g);
            put_float(bin + w->color + 12 * row + 8, mesh->color[i].b);
        }
    }
    for (int i = 0; i < mesh->material_count; i++)
        next[i] = w->index[i];
    for (int t = 0; t < mesh->triangle_count; t++) {
        size_t *at = &next[material_of(mesh, t)];
        for (int k = 0; k < 3; k++, *at += 4) {
            uint32_t corner = (uint32_t)mesh->triangle[t][k];
            memcpy(bin + *at, &corner, sizeof corner);
        }
    }
    for (int i = 0; i < mesh->image_count; i++)
        memcpy(bin + w->png_at[i], w->png[i], w->png_size[i]);
}

/* ---- the JSON chunk ---- */

/* jansson passes NULL through and json_object_set_new reports it, so that one check of the result
 * at the end is enough: `ok` only ever goes down. */
static void set(json_t *object, const char *key, json_t *value, bool *ok)
{
    *ok = json_object_set_new(object, key, value) == 0 && *ok;
}

static void append(json_t *array, json_t *value, bool *ok)
{
    *ok = json_array_append_new(array, value) == 0 && *ok;
}

static json_t *vector(const double v[3])
{
    return json_pack("[f,f,f]", v[0], v[1], v[2]);
}

static int add_view(Writer *w, size_t offset, size_t size, int target, bool *ok)
{
    json_t *view = json_pack("{s:i,s:I,s:I}", "buffer", 0, "byteOffset", (json_int_t)offset,
                             "byteLength", (json_int_t)size);
    if (target != 0)
        set(view, "target", json_integer(target), ok);
    append(w->views, view, ok);
    return (int)json_array_size(w->views) - 1;
}

static json_t *add_accessor(Writer *w, size_t offset, int count, const char *type, bool *ok)
{
    size_t element = strcmp(type, "SCALAR") == 0 ? 4 : strcmp(type, "VEC2") == 0 ? 8 : 12;
    bool indices = element == 4;
    int view = add_view(w, offset, element * (size_t)count,
                        indices ? ELEMENT_ARRAY_BUFFER : ARRAY_BUFFER, ok);
    json_t *accessor = json_pack("{s:i,s:i,s:i,s:s}", "bufferView", view, "componentType",
                                 indices ? UINT : FLOAT, "count", count, "type", type);
    append(w->accessors, accessor, ok);
    return accessor;
}

static json_t *last_index(const json_t *array)
{
    return json_integer((json_int_t)json_array_size(array) - 1);
}

/* Bounds of the positions as they stand in the chunk: the standard wants them exact. */
static void bounds(int count, const uint8_t *positions, double low[3], double high[3])
{
    float row[3];
    for (int i = 0; i < count; i++) {
        memcpy(row, positions + 12 * (size_t)i, sizeof row);
        for (int k = 0; k < 3; k++) {
            low[k] = i == 0 ? (double)row[k] : fmin(low[k], (double)row[k]);
            high[k] = i == 0 ? (double)row[k] : fmax(high[k], (double)row[k]);
        }
    }
}

static json_t *make_attributes(Writer *w, bool *ok)
{
    json_t *attributes = json_object();
    int count = w->mesh->vertex_count;
    double low[3] = {0}, high[3] = {0};
    bounds(count, w->bin + w->position, low, high);
    json_t *position = add_accessor(w, w->position, count, "VEC3", ok);
    set(position, "min", vector(low), ok);
    set(position, "max", vector(high), ok);
    set(attributes, "POSITION", last_index(w->accessors), ok);
    if (w->normal != NULL) {
        add_accessor(w, w->normals, count, "VEC3", ok);
        set(attributes, "NORMAL", last_index(w->accessors), ok);
    }
    if (w->mesh->uv != NULL) {
        add_accessor(w, w->uv, count, "VEC2", ok);
        set(attributes, "TEXCOORD_0", last_index(w->accessors), ok);
    }
    if (w->mesh->color != NULL) {
        add_accessor(w, w->color, count, "VEC3", ok);
        set(attributes, "COLOR_0", last_index(w->accessors), ok);
    }
    return attributes;
}

/* One primitive per material that has triangles; all share the vertices. */
static json_t *make_primitives(Writer *w, bool *ok)
{
    json_t *primitives = json_array(), *attributes = make_attributes(w, ok);
    for (int i = 0; i < w->mesh->material_count; i++) {
        if (w->corner_count[i] == 0)
            continue;
        add_accessor(w, w->index[i], w->corner_count[i], "SCALAR", ok);
        json_t *primitive = json_pack("{s:O,s:o,s:i}", "attributes", attributes, "indices",
                                      last_index(w->accessors), "material", i);
        append(primitives, primitive, ok);
    }
    json_decref(attributes);
    return primitives;
}

static json_t *make_materials(const Mesh *mesh, bool *ok)
{
    json_t *materials = json_array();
    for (int i = 0; i < mesh->material_count; i++) {
        const MeshMaterial *m = &mesh->material_list[i];
        json_t *pbr = json_pack("{s:[f,f,f,f],s:i,s:i}", "baseColorFactor", (double)m->base_color.r,
                                (double)m->base_color.g, (double)m->base_color.b, 1.0,
                                "metallicFactor", 0, "roughnessFactor", 1);
        if (m->image >= 0)
            set(pbr, "baseColorTexture", json_pack("{s:i}", "index", m->image), ok);
        append(materials, json_pack("{s:o}", "pbrMetallicRoughness", pbr), ok);
    }
    return materials;
}

static void add_images(Writer *w, json_t *root, bool *ok)
{
    if (w->mesh->image_count == 0)
        return;
    json_t *images = json_array(), *textures = json_array();
    for (int i = 0; i < w->mesh->image_count; i++) {
        int view = add_view(w, w->png_at[i], w->png_size[i], 0, ok);
        append(images, json_pack("{s:i,s:s}", "bufferView", view, "mimeType", "image/png"), ok);
        append(textures, json_pack("{s:i}", "source", i), ok);
    }
    set(root, "images", images, ok);
    set(root, "textures", textures, ok);
}

static json_t *make_nodes(const Writer *w, json_t *roots, bool *ok)
{
    json_t *nodes = json_array();
    append(nodes, json_pack("{s:i}", "mesh", 0), ok);
    append(roots, json_integer(0), ok);
    for (int i = 0; i < w->node_count; i++) {
        Vec3 p = vec_scale(w->node[i].position, w->metre_per_unit);
        json_t *node = json_pack("{s:s,s:o}", "name", w->node[i].name, "translation",
                                 vector((double[]){p.x, p.y, p.z}));
        append(nodes, node, ok);
        append(roots, json_integer(i + 1), ok);
    }
    return nodes;
}

static json_t *make_document(Writer *w, bool *ok)
{
    json_t *root = json_object(), *roots = json_array();
    w->views = json_array();
    w->accessors = json_array();
    set(root, "asset", json_pack("{s:s,s:s}", "version", "2.0", "generator", "follicle"), ok);
    set(root, "scene", json_integer(0), ok);
    json_t *nodes = make_nodes(w, roots, ok);
    set(root, "scenes", json_pack("[{s:o}]", "nodes", roots), ok);
    set(root, "nodes", nodes, ok);
    set(root, "meshes", json_pack("[{s:o}]", "primitives", make_primitives(w, ok)), ok);
    set(root, "materials", make_materials(w->mesh, ok), ok);
    add_images(w, root, ok);
    set(root, "accessors", w->accessors, ok);
    set(root, "bufferViews", w->views, ok);
    set(root, "buffers", json_pack("[{s:I}]", "byteLength", (json_int_t)w->bin_size), ok);
    return root;
}

/* ---- the container ---- */

static void put_u32(uint8_t *at, size_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static bool assemble(const Writer *w, Arena *arena, const char *json, size_t *size, uint8_t **bytes)
{
    size_t length = strlen(json), padded = (length + 3) / 4 * 4;
    *size = 12 + 8 + padded + 8 + w->bin_size;
    if (*size > UINT32_MAX || (*bytes = ARENA_NEW(arena, uint8_t, *size)) == NULL)
        return err_set(w->err, ERR_LIMIT, "no room for a GLB of %zu bytes", *size);
    uint8_t *out = *bytes;
    memcpy(out, "glTF", 4);
    put_u32(out + 4, 2);
    put_u32(out + 8, *size);
    put_u32(out + 12, padded);
    memcpy(out + 16, "JSON", 4);
    memset(out + 20, ' ', padded);
    memcpy(out + 20, json, length);
    out += 20 + padded;
    put_u32(out, w->bin_size);
    memcpy(out + 4, "BIN", 4);
    memcpy(out + 8, w->bin, w->bin_size);
    return true;
}

static bool check(const Mesh *mesh, double metre_per_unit, int node_count, const MeshNode node[],
                  Err *err)
{
    if (mesh->vertex_count == 0 || mesh->triangle_count == 0)
        return err_set(err, ERR_INPUT, "a mesh without triangles cannot be written");
    if (!(metre_per_unit > 0.0 && metre_per_unit <= DBL_MAX))
        return err_set(err, ERR_INPUT, "%g metres per unit is not a scale", metre_per_unit);
    for (int i = 0; i < mesh->vertex_count; i++) {
        Vec3 p = vec_scale(mesh->position[i], metre_per_unit);
        if (!(fabs(p.x) < (double)FLT_MAX && fabs(p.y) < (double)FLT_MAX &&
              fabs(p.z) < (double)FLT_MAX))
            return err_set(err, ERR_INPUT, "the position of vertex %d is not a finite float",
                           i + 1);
    }
    for (int i = 0; i < node_count; i++)
        if (!vec_is_finite(node[i].position))
            return err_set(err, ERR_INPUT, "the point '%.60s' is not finite", node[i].name);
    return true;
}

static bool write_glb(Writer *w, Arena *arena, size_t *size, uint8_t **bytes)
{
    if (!lay_out(w))
        return false;
    size_t *next = ARENA_NEW(w->scratch, size_t, (size_t)w->mesh->material_count);
    w->bin = ARENA_NEW(w->scratch, uint8_t, w->bin_size);
    if (next == NULL || w->bin == NULL)
        return err_set(w->err, ERR_LIMIT, "no room for a GLB of %zu bytes", w->bin_size);
    fill_bin(w, next);
    bool ok = true;
    json_t *root = make_document(w, &ok);
    char *json = ok ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    if (json == NULL)
        return err_set(w->err, ERR_LIMIT,
                       "cannot write the JSON of the GLB: no memory, or a name is not UTF-8");
    ok = assemble(w, arena, json, size, bytes);
    free(json);
    return ok;
}

bool mesh_to_glb(Arena *arena, Arena *scratch, const Mesh *mesh, const Vec3 *normal,
                 double metre_per_unit, int node_count, const MeshNode node[], size_t *size,
                 uint8_t **bytes, Err *err)
{
    if (!check(mesh, metre_per_unit, node_count, node, err))
        return false;
    size_t mark = arena_mark(scratch);
    Writer writer = {.mesh = mesh,
                     .normal = normal,
                     .metre_per_unit = metre_per_unit,
                     .node_count = node_count,
                     .node = node,
                     .scratch = scratch,
                     .err = err};
    bool ok = write_glb(&writer, arena, size, bytes);
    arena_rewind(scratch, mark);
    return ok;
}
