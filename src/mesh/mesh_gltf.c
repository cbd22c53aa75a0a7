/* glTF 2.0 (Khronos, ISO/IEC 12113:2022): the geometry and base colour of the default scene. */
#include "mesh/mesh_gltf_internal.h"

#include <string.h>

enum { MAX_PARTS = 1 << 16, POINTS = 0, TRIANGLES = 4, STRIP = 5, FAN = 6 };

/* Rows of a 3 x 4 affine matrix. */
typedef struct Affine {
    double m[3][4];
} Affine;

/* u' = m[0][0] u + m[0][1] v + m[0][2], v' likewise. */
typedef struct UvMap {
    double m[2][3];
} UvMap;
static const UvMap uv_identity = {{{1, 0, 0}, {0, 1, 0}}};

/* Where the base colour of a material comes from. */
typedef struct Paint {
    int texture; /* -1 for none */
    int uv_set;
    UvMap uv; /* applied to the texture coordinate */
    double factor[4];
} Paint;

/* A primitive under a node. */
typedef struct Part {
    Affine place;
    int node, mode, paint;          /* paint -1: no material */
    int position, uv, color, index; /* accessors, -1 for none */
    int first_vertex, vertex_count;
    bool shares_vertices; /* with the part before it */
    int first_triangle, triangle_count;
    int material; /* of the mesh */
} Part;

typedef struct Scene {
    Gltf gltf;
    int node_count, paint_count, part_count;
    Affine *place; /* [node_count] */
    bool *reached; /* [node_count] */
    int *queue;    /* [node_count] nodes in the order in which they are reached */
    Paint *paint;  /* [paint_count] */
    int *image;    /* per texture of the document: index into mesh->image, -1 not decoded */
    Part *part;    /* [part_count] */
    int part_room;
    bool any_uv, any_color;
} Scene;

/* ---- the document ---- */

/* Extensions that do not change geometry or base colour, or that are followed here. */
static bool is_known_extension(const char *name)
{
    static const char *const known[] = {
        "KHR_mesh_quantization", "KHR_texture_transform", "KHR_materials_pbrSpecularGlossiness",
        "KHR_lights_punctual",   "KHR_xmp_json_ld",       "KHR_xmp"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i]) == 0)
            return true;
    return strncmp(name, "KHR_materials_", 14) == 0 && strcmp(name, "KHR_materials_variants") != 0;
}

static bool check_extensions(const Gltf *gltf)
{
    const json_t *required = json_object_get(gltf->root, "extensionsRequired");
    size_t i;
    json_t *entry;
    json_array_foreach(required, i, entry)
    {
        const char *name = json_string_value(entry);
        if (name == NULL || !is_known_extension(name))
            return err_set(gltf->reader.err, ERR_INPUT,
                           "the file requires the extension %.100s, which is not supported: export "
                           "it without compression or extras",
                           name != NULL ? name : "(not a name)");
    }
    return true;
}

static bool check_version(const Gltf *gltf)
{
    const json_t *asset = json_object_get(gltf->root, "asset");
    const char *version = json_string_value(json_object_get(asset, "version"));
    if (version == NULL || strncmp(version, "2.", 2) != 0)
        return err_set(gltf->reader.err, ERR_INPUT, "glTF version %.20s is not 2.x",
                       version != NULL ? version : "(none)");
    return true;
}

/* ---- nodes ---- */

static Affine multiply(const Affine *a, const Affine *b)
{
    Affine c;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++)
            c.m[i][j] = a->m[i][0] * b->m[0][j] + a->m[i][1] * b->m[1][j] +
                        a->m[i][2] * b->m[2][j] + (j == 3 ? a->m[i][3] : 0.0);
    return c;
}

static double determinant(const Affine *a)
{
    const double(*m)[4] = a->m;
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
           m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

static Vec3 transform(const Affine *a, const float p[3])
{
    double x = (double)p[0], y = (double)p[1], z = (double)p[2], out[3];
    for (int i = 0; i < 3; i++)
        out[i] = a->m[i][0] * x + a->m[i][1] * y + a->m[i][2] * z + a->m[i][3];
    return vec3(out[0], out[1], out[2]);
}

/* Translation * rotation * scale; the quaternion is (x, y, z, w), brought to unit length. */
static Affine from_trs(const double t[3], const double q[4], const double s[3])
{
    double norm = sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
    double k = norm > 0.0 ? 1.0 / norm : 0.0;
    double x = q[0] * k, y = q[1] * k, z = q[2] * k, w = q[3] * k;
    double r[3][3] = {
        {1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
        {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
        {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)},
    };
    Affine a;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            a.m[i][j] = r[i][j] * s[j];
        a.m[i][3] = t[i];
    }
    return a;
}

static bool local_place(const Gltf *gltf, const json_t *node, Affine *local)
{
    double t[3] = {0}, q[4] = {0, 0, 0, 1}, s[3] = {1, 1, 1};
    double m[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    if (!gltf_numbers(gltf, node, "translation", 3, t) ||
        !gltf_numbers(gltf, node, "rotation", 4, q) || !gltf_numbers(gltf, node, "scale", 3, s) ||
        !gltf_numbers(gltf, node, "matrix", 16, m))
        return false;
    *local = from_trs(t, q, s);
    if (json_object_get(node, "matrix") != NULL)
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 4; j++)
                local->m[i][j] = m[4 * j + i]; /* columns in the file */
    return true;
}

/* Puts the nodes of a list behind those reached so far. A node that is reached twice has two
 * parents or stands above itself; both are against the standard. */
static bool reach(Scene *scene, const json_t *list, const Affine *parent, int *reached_count)
{
    size_t i;
    json_t *entry;
    json_array_foreach(list, i, entry)
    {
        int64_t index = json_is_integer(entry) ? json_integer_value(entry) : -1;
        if (index < 0 || index >= scene->node_count)
            return err_set(scene->gltf.reader.err, ERR_INPUT, "node %lld is not within 0..%d",
                           (long long)index, scene->node_count - 1);
        if (scene->reached[index])
            return err_set(scene->gltf.reader.err, ERR_INPUT,
                           "node %lld is its own ancestor or has two parents", (long long)index);
        scene->reached[index] = true;
        Affine local;
        const json_t *node = gltf_entry(&scene->gltf, "nodes", (int)index);
        if (node == NULL || !local_place(&scene->gltf, node, &local))
            return false;
        scene->place[index] = multiply(parent, &local);
        scene->queue[(*reached_count)++] = (int)index;
    }
    return true;
}

/* Nodes of the default scene in breadth-first order. */
static bool walk_nodes(Scene *scene, int *reached_count)
{
    static const Affine identity = {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}};
    const Gltf *gltf = &scene->gltf;
    int64_t chosen;
    if (!gltf_int(gltf, gltf->root, "scene", 0, 0, INT32_MAX, &chosen))
        return false;
    const json_t *entry = gltf_entry(gltf, "scenes", (int)chosen);
    *reached_count = 0;
    if (entry == NULL || !reach(scene, json_object_get(entry, "nodes"), &identity, reached_count))
        return false;
    for (int i = 0; i < *reached_count; i++) {
        int index = scene->queue[i];
        const json_t *node = gltf_entry(gltf, "nodes", index);
        if (!reach(scene, json_object_get(node, "children"), &scene->place[index], reached_count))
            return false;
    }
    return true;
}

/* ---- materials ---- */

/* KHR_texture_transform: offset + rotation * scale. */
static bool texture_transform(const Gltf *gltf, const json_t *info, Paint *paint)
{
    const json_t *extension =
        json_object_get(json_object_get(info, "extensions"), "KHR_texture_transform");
    double offset[2] = {0}, scale[2] = {1, 1};
    int64_t set;
    if (!gltf_int(gltf, info, "texCoord", 0, 0, 63, &set) ||
        !gltf_int(gltf, extension, "texCoord", set, 0, 63, &set) ||
        !gltf_numbers(gltf, extension, "offset", 2, offset) ||
        !gltf_numbers(gltf, extension, "scale", 2, scale))
        return false;
    paint->uv_set = (int)set;
    if (extension == NULL)
        return true;
    double angle_rad = json_number_value(json_object_get(extension, "rotation"));
    double c = cos(angle_rad), s = sin(angle_rad);
    paint->uv = (UvMap){
        {{c * scale[0], s * scale[1], offset[0]}, {-s * scale[0], c * scale[1], offset[1]}}};
    return true;
}

static bool read_paint(const Gltf *gltf, int index, Paint *paint)
{
    const json_t *entry = gltf_entry(gltf, "materials", index);
    if (entry == NULL)
        return false;
    const json_t *gloss = json_object_get(json_object_get(entry, "extensions"),
                                          "KHR_materials_pbrSpecularGlossiness");
    const json_t *pbr = gloss != NULL ? gloss : json_object_get(entry, "pbrMetallicRoughness");
    const json_t *info =
        json_object_get(pbr, gloss != NULL ? "diffuseTexture" : "baseColorTexture");
    int64_t texture;
    *paint = (Paint){.texture = -1, .uv = uv_identity, .factor = {1, 1, 1, 1}};
    if (!gltf_numbers(gltf, pbr, gloss != NULL ? "diffuseFactor" : "baseColorFactor", 4,
                      paint->factor))
        return false;
    if (info == NULL)
        return true;
    if (!gltf_int(gltf, info, "index", -1, 0, INT32_MAX, &texture))
        return false;
    paint->texture = (int)texture;
    return texture_transform(gltf, info, paint);
}

static bool read_paints(Scene *scene)
{
    const Gltf *gltf = &scene->gltf;
    scene->paint_count = gltf_list_size(gltf, "materials");
    int textures = gltf_list_size(gltf, "textures");
    scene->paint = ARENA_NEW(gltf->reader.scratch, Paint, (size_t)scene->paint_count);
    scene->image = ARENA_NEW(gltf->reader.scratch, int, (size_t)gltf_list_size(gltf, "images"));
    if (scene->paint == NULL || scene->image == NULL)
        return err_set(gltf->reader.err, ERR_LIMIT, "no room for %d materials and %d textures",
                       scene->paint_count, textures);
    for (int i = 0; i < gltf_list_size(gltf, "images"); i++)
        scene->image[i] = -1;
    for (int i = 0; i < scene->paint_count; i++)
        if (!read_paint(gltf, i, &scene->paint[i]))
            return false;
    return true;
}

static bool open_image(const Gltf *gltf, int index, Image *image)
{
    const json_t *entry = gltf_entry(gltf, "images", index);
    if (entry == NULL)
        return false;
    const char *uri = json_string_value(json_object_get(entry, "uri"));
    GltfBytes bytes;
    size_t stride;
    int64_t view;
    if (!gltf_int(gltf, entry, "bufferView", -1, 0, INT32_MAX, &view))
        return false;
    if (uri != NULL ? !gltf_open_uri(gltf, uri, &bytes)
                    : !gltf_view(gltf, (int)view, &bytes, &stride))
        return false;
    Err *err = gltf->reader.err;
    if (image_decode(gltf->reader.arena, gltf->reader.scratch, bytes.size, bytes.at, image, err))
        return true;
    Err cause = *err;
    return err_set(err, cause.code, "image %d: %.400s", index, cause.text);
}

/* The picture of a texture, decoded when it is used the first time. */
static bool texture_image(Scene *scene, int texture, Mesh *mesh, int *image)
{
    const Gltf *gltf = &scene->gltf;
    const json_t *entry = gltf_entry(gltf, "textures", texture);
    int64_t source;
    if (entry == NULL || !gltf_int(gltf, entry, "source", -1, 0, INT32_MAX, &source))
        return false;
    if (source < 0) {
        const json_t *extensions = json_object_get(entry, "extensions");
        const char *name =
            json_object_iter_key(json_object_iter(json_object_get(entry, "extensions")));
        return err_set(gltf->reader.err, ERR_INPUT,
                       "texture %d has no PNG or JPEG picture (extension %.100s)", texture,
                       extensions != NULL && name != NULL ? name : "none");
    }
    if (source >= gltf_list_size(gltf, "images"))
        return gltf_entry(gltf, "images", (int)source) != NULL;
    if (scene->image[source] < 0) {
        size_t mark = arena_mark(gltf->reader.scratch);
        bool is_uri = json_object_get(gltf_entry(gltf, "images", (int)source), "uri") != NULL;
        if (!open_image(gltf, (int)source, &mesh->image[mesh->image_count]))
            return false;
        if (is_uri) /* the encoded bytes; buffers stay open */
            arena_rewind(gltf->reader.scratch, mark);
        scene->image[source] = mesh->image_count++;
    }
    *image = scene->image[source];
    return true;
}

/* ---- parts ---- */

static int attribute(const json_t *primitive, const char *name)
{
    const json_t *index = json_object_get(json_object_get(primitive, "attributes"), name);
    int64_t value = json_is_integer(index) ? json_integer_value(index) : -1;
    return value >= 0 && value < INT32_MAX ? (int)value : -1;
}

static int triangles_of(int mode, int corners)
{
    return mode == TRIANGLES ? corners / 3 : corners >= 3 ? corners - 2 : 0;
}

/* Which accessors of the primitive are wanted. */
static bool read_part(Scene *scene, const json_t *primitive, int node, Part *part)
{
    const Gltf *gltf = &scene->gltf;
    int64_t mode, material, index;
    if (!gltf_int(gltf, primitive, "mode", TRIANGLES, 0, FAN, &mode) ||
        !gltf_int(gltf, primitive, "material", -1, 0, scene->paint_count - 1, &material) ||
        !gltf_int(gltf, primitive, "indices", -1, 0, INT32_MAX, &index))
        return false;
    *part = (Part){.place = scene->place[node],
                   .node = node,
                   .mode = (int)mode,
                   .paint = (int)material,
                   .index = (int)index,
                   .position = attribute(primitive, "POSITION"),
                   .color = attribute(primitive, "COLOR_0")};
    char name[] = "TEXCOORD_00";
    int set =
        material >= 0 && scene->paint[material].texture >= 0 ? scene->paint[material].uv_set : 0;
    if (set >= 10)
        name[9] = (char)('0' + set / 10);
    name[set >= 10 ? 10 : 9] = (char)('0' + set % 10);
    name[set >= 10 ? 11 : 10] = '\0';
    part->uv = attribute(primitive, name);
    return true;
}

static UvMap uv_map(const Scene *scene, const Part *part)
{
    return part->paint >= 0 ? scene->paint[part->paint].uv : uv_identity;
}

static bool same_uv(const Scene *scene, const Part *a, const Part *b)
{
    UvMap map_a = uv_map(scene, a), map_b = uv_map(scene, b);
    return a->uv == b->uv && (a->uv < 0 || memcmp(&map_a, &map_b, sizeof map_a) == 0);
}

static bool size_part(Scene *scene, Part *part, Mesh *mesh)
{
    const Gltf *gltf = &scene->gltf;
    GltfAccessor position, index;
    if (part->position < 0)
        return err_set(gltf->reader.err, ERR_INPUT, "a primitive of node %d has no POSITION",
                       part->node);
    if (!gltf_accessor(gltf, part->position, &position) ||
        (part->index >= 0 && !gltf_accessor(gltf, part->index, &index)))
        return false;
    const Part *before = part > scene->part ? part - 1 : NULL;
    part->vertex_count = position.count;
    part->shares_vertices = before != NULL && before->node == part->node &&
                            before->position == part->position && before->color == part->color &&
                            same_uv(scene, before, part);
    part->first_vertex = part->shares_vertices ? before->first_vertex : mesh->vertex_count;
    part->first_triangle = mesh->triangle_count;
    part->triangle_count =
        triangles_of(part->mode, part->index >= 0 ? index.count : position.count);
    int64_t vertices =
        (int64_t)mesh->vertex_count + (part->shares_vertices ? 0 : part->vertex_count);
    int64_t triangles = (int64_t)mesh->triangle_count + part->triangle_count;
    if (vertices > MESH_MAX_VERTICES || triangles > MESH_MAX_TRIANGLES)
        return err_set(gltf->reader.err, ERR_INPUT,
                       "the scene has more than %d vertices or %d triangles: reduce the scan",
                       MESH_MAX_VERTICES, MESH_MAX_TRIANGLES);
    mesh->vertex_count = (int)vertices;
    mesh->triangle_count = (int)triangles;
    scene->any_uv = scene->any_uv || part->uv >= 0;
    scene->any_color = scene->any_color || part->color >= 0;
    return true;
}

static bool add_mesh(Scene *scene, int node_index, Mesh *mesh)
{
    const Gltf *gltf = &scene->gltf;
    const json_t *node = gltf_entry(gltf, "nodes", node_index);
    int64_t index;
    if (!gltf_int(gltf, node, "mesh", -1, 0, INT32_MAX, &index))
        return false;
    if (index < 0)
        return true;
    if (json_object_get(node, "skin") != NULL)
        return err_set(gltf->reader.err, ERR_INPUT,
                       "node %d is a skinned mesh: export it posed, without its skeleton",
                       node_index);
    const json_t *entry = gltf_entry(gltf, "meshes", (int)index);
    if (entry == NULL)
        return false;
    size_t i;
    json_t *primitive;
    json_array_foreach(json_object_get(entry, "primitives"), i, primitive)
    {
        if (scene->part_count >= scene->part_room)
            return err_set(gltf->reader.err, ERR_LIMIT, "the scene has more than %d parts",
                           scene->part_room);
        Part *part = &scene->part[scene->part_count];
        if (!read_part(scene, primitive, node_index, part))
            return false;
        if (part->mode < TRIANGLES) /* points and lines */
            continue;
        const json_t *extensions = json_object_get(primitive, "extensions");
        if (json_object_get(extensions, "KHR_draco_mesh_compression") != NULL &&
            json_object_get(gltf_entry(gltf, "accessors", part->position), "bufferView") == NULL)
            return err_set(gltf->reader.err, ERR_INPUT,
                           "the mesh is compressed with KHR_draco_mesh_compression: export it "
                           "without compression");
        if (!size_part(scene, part, mesh))
            return false;
        scene->part_count++;
    }
    return true;
}

/* ---- filling the mesh ---- */

/* Reads an attribute of a part as rows of 4 floats into scratch; NULL with *err set. */
static float (*read_rows(const Gltf *gltf, int accessor, int count, int low, int high,
                         const char *what))[4]
{
    GltfAccessor a;
    if (!gltf_accessor(gltf, accessor, &a))
        return NULL;
    if (a.count != count || a.components < low || a.components > high) {
        err_set(gltf->reader.err, ERR_INPUT,
                "accessor %d holds %d elements of %d numbers, but %s needs %d of %d", accessor,
                a.count, a.components, what, count, low);
        return NULL;
    }
    float(*rows)[4] = arena_alloc(gltf->reader.scratch, (size_t)count, sizeof *rows);
    if (rows == NULL)
        err_set(gltf->reader.err, ERR_LIMIT, "no room for %d vertices within the memory limit",
                count);
    else
        gltf_read_floats(&a, 4, &rows[0][0]);
    return rows;
}

static bool fill_positions(const Scene *scene, const Part *part, Mesh *mesh)
{
    float(*row)[4] =
        read_rows(&scene->gltf, part->position, part->vertex_count, 3, 3, "a position");
    if (row == NULL)
        return false;
    for (int i = 0; i < part->vertex_count; i++)
        mesh->position[part->first_vertex + i] = transform(&part->place, row[i]);
    return true;
}

static bool fill_uv(const Scene *scene, const Part *part, Mesh *mesh)
{
    if (part->uv < 0)
        return true;
    float(*row)[4] =
        read_rows(&scene->gltf, part->uv, part->vertex_count, 2, 2, "a texture coordinate");
    if (row == NULL)
        return false;
    UvMap map = uv_map(scene, part);
    for (int i = 0; i < part->vertex_count; i++)
        for (int k = 0; k < 2; k++)
            mesh->uv[part->first_vertex + i][k] =
                (float)(map.m[k][0] * (double)row[i][0] + map.m[k][1] * (double)row[i][1] +
                        map.m[k][2]);
    return true;
}

static bool fill_colors(const Scene *scene, const Part *part, Mesh *mesh)
{
    Rgb *color = mesh->color + part->first_vertex;
    if (part->color < 0) {
        for (int i = 0; i < part->vertex_count; i++)
            color[i] = (Rgb){0.5f, 0.5f, 0.5f}; /* as mesh_color shows what has no colour */
        return true;
    }
    float(*row)[4] = read_rows(&scene->gltf, part->color, part->vertex_count, 3, 4, "a colour");
    if (row == NULL)
        return false;
    for (int i = 0; i < part->vertex_count; i++)
        color[i] = (Rgb){row[i][0], row[i][1], row[i][2]};
    return true;
}

/* The corners in the order in which the file names them; NULL with *err set. */
static const uint32_t *read_corners(const Gltf *gltf, const Part *part, int *count)
{
    GltfAccessor a = {.count = part->vertex_count};
    if (part->index >= 0) {
        if (!gltf_accessor(gltf, part->index, &a))
            return NULL;
        if (a.components != 1 ||
            (a.type != GLTF_UBYTE && a.type != GLTF_USHORT && a.type != GLTF_UINT)) {
            err_set(gltf->reader.err, ERR_INPUT, "accessor %d does not hold indices", part->index);
            return NULL;
        }
    }
    uint32_t *corner = ARENA_NEW(gltf->reader.scratch, uint32_t, (size_t)a.count);
    if (corner == NULL) {
        err_set(gltf->reader.err, ERR_LIMIT, "no room for %d indices within the memory limit",
                a.count);
        return NULL;
    }
    *count = a.count;
    if (part->index >= 0)
        gltf_read_indices(&a, corner);
    else
        for (int i = 0; i < a.count; i++)
            corner[i] = (uint32_t)i;
    for (int i = 0; i < a.count; i++)
        if (corner[i] >= (uint32_t)part->vertex_count) {
            err_set(gltf->reader.err, ERR_INPUT,
                    "accessor %d: index %u at place %d is not within the %d vertices", part->index,
                    corner[i], i, part->vertex_count);
            return NULL;
        }
    return corner;
}

static bool fill_triangles(const Scene *scene, const Part *part, Mesh *mesh)
{
    int count;
    const uint32_t *corner = read_corners(&scene->gltf, part, &count);
    if (corner == NULL)
        return false;
    bool mirrored = determinant(&part->place) < 0.0;
    for (int t = 0; t < part->triangle_count; t++) {
        int a = part->mode == TRIANGLES ? 3 * t : part->mode == STRIP ? t : 0;
        int b = part->mode == TRIANGLES ? 3 * t + 1 : t + 1;
        bool swap = mirrored != (part->mode == STRIP && t % 2 == 1);
        int *triangle = mesh->triangle[part->first_triangle + t];
        triangle[0] = part->first_vertex + (int)corner[a];
        triangle[1] = part->first_vertex + (int)corner[swap ? b + 1 : b];
        triangle[2] = part->first_vertex + (int)corner[swap ? b : b + 1];
        mesh->material[part->first_triangle + t] = part->material;
    }
    return true;
}

static bool fill_part(const Scene *scene, const Part *part, Mesh *mesh)
{
    Arena *scratch = scene->gltf.reader.scratch;
    size_t mark = arena_mark(scratch);
    bool ok = part->shares_vertices || (fill_positions(scene, part, mesh) &&
                                        (mesh->uv == NULL || fill_uv(scene, part, mesh)) &&
                                        (mesh->color == NULL || fill_colors(scene, part, mesh)));
    ok = ok && fill_triangles(scene, part, mesh);
    arena_rewind(scratch, mark);
    return ok;
}

/* Gives a part its material of the mesh: one per paint, with and without its picture. */
static bool choose_material(Scene *scene, Part *part, int made[], Mesh *mesh)
{
    bool pictured = part->paint >= 0 && part->uv >= 0 && scene->paint[part->paint].texture >= 0;
    int *slot = &made[2 * (part->paint + 1) + pictured];
    if (*slot < 0) {
        const double white[4] = {1, 1, 1, 1};
        const double *f = part->paint >= 0 ? scene->paint[part->paint].factor : white;
        MeshMaterial *material = &mesh->material_list[mesh->material_count];
        *material = (MeshMaterial){{(float)f[0], (float)f[1], (float)f[2]}, -1};
        if (pictured &&
            !texture_image(scene, scene->paint[part->paint].texture, mesh, &material->image))
            return false;
        *slot = mesh->material_count++;
    }
    part->material = *slot;
    return true;
}

static bool choose_materials(Scene *scene, Mesh *mesh)
{
    MeshReader reader = scene->gltf.reader;
    size_t room = 2 * ((size_t)scene->paint_count + 1);
    int *made = ARENA_NEW(reader.scratch, int, room);
    mesh->material_list = ARENA_NEW(reader.arena, MeshMaterial, room);
    mesh->image = ARENA_NEW(reader.arena, Image, (size_t)gltf_list_size(&scene->gltf, "images"));
    if (made == NULL || mesh->material_list == NULL || mesh->image == NULL)
        return err_set(reader.err, ERR_LIMIT, "no room for %d materials", scene->paint_count);
    for (size_t i = 0; i < room; i++)
        made[i] = -1;
    for (int i = 0; i < scene->part_count; i++)
        if (!choose_material(scene, &scene->part[i], made, mesh))
            return false;
    return true;
}

static bool fill_mesh(Scene *scene, Mesh *mesh)
{
    Arena *arena = scene->gltf.reader.arena;
    size_t vertices = (size_t)mesh->vertex_count, triangles = (size_t)mesh->triangle_count;
    mesh->position = ARENA_NEW(arena, Vec3, vertices);
    mesh->triangle = arena_alloc(arena, triangles, sizeof *mesh->triangle);
    mesh->material = ARENA_NEW(arena, int, triangles);
    if (scene->any_uv)
        mesh->uv = arena_alloc(arena, vertices, sizeof *mesh->uv);
    if (scene->any_color)
        mesh->color = ARENA_NEW(arena, Rgb, vertices);
    if (mesh->position == NULL || mesh->triangle == NULL || mesh->material == NULL ||
        (scene->any_uv && mesh->uv == NULL) || (scene->any_color && mesh->color == NULL))
        return err_set(scene->gltf.reader.err, ERR_LIMIT,
                       "no room for %d vertices and %d triangles within the memory limit",
                       mesh->vertex_count, mesh->triangle_count);
    if (!choose_materials(scene, mesh))
        return false;
    for (int i = 0; i < scene->part_count; i++)
        if (!fill_part(scene, &scene->part[i], mesh))
            return false;
    mesh->unit_mm = 1000.0; /* glTF is in metres */
    return true;
}

static bool read_document(Scene *scene, Mesh *mesh)
{
    Gltf *gltf = &scene->gltf;
    Arena *scratch = gltf->reader.scratch;
    scene->node_count = gltf_list_size(gltf, "nodes");
    size_t nodes = (size_t)scene->node_count;
    scene->place = ARENA_NEW(scratch, Affine, nodes);
    scene->reached = ARENA_NEW(scratch, bool, nodes);
    scene->queue = ARENA_NEW(scratch, int, nodes);
    gltf->buffer = ARENA_NEW(scratch, GltfBytes, (size_t)gltf_list_size(gltf, "buffers"));
    scene->part_room = MAX_PARTS;
    scene->part = ARENA_NEW(scratch, Part, MAX_PARTS);
    if (scene->place == NULL || scene->reached == NULL || scene->queue == NULL ||
        gltf->buffer == NULL || scene->part == NULL)
        return err_set(gltf->reader.err, ERR_LIMIT, "no room for a scene of %d nodes",
                       scene->node_count);
    int reached;
    if (!check_version(gltf) || !check_extensions(gltf) || !read_paints(scene) ||
        !walk_nodes(scene, &reached))
        return false;
    for (int i = 0; i < reached; i++)
        if (!add_mesh(scene, scene->queue[i], mesh))
            return false;
    return fill_mesh(scene, mesh);
}

/* ---- the container ---- */

static uint32_t little_u32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Finds the JSON and the binary chunk of a GLB (section 4.4 of the standard). */
static bool split_glb(size_t size, const uint8_t bytes[], GltfBytes *json, GltfBytes *bin, Err *err)
{
    enum { JSON = 0x4e4f534a, BIN = 0x004e4942, HEADER = 12, CHUNK_HEADER = 8 };
    if (size < HEADER + CHUNK_HEADER || memcmp(bytes, "glTF", 4) != 0)
        return err_set(err, ERR_INPUT, "%zu bytes are not a GLB", size);
    uint32_t version = little_u32(bytes + 4), length = little_u32(bytes + 8);
    if (version != 2)
        return err_set(err, ERR_INPUT, "GLB version %u is not 2", version);
    if (length > size)
        return err_set(err, ERR_INPUT, "the GLB states %u bytes but has %zu: it is cut off", length,
                       size);
    for (size_t at = HEADER; at + CHUNK_HEADER <= length;) {
        uint32_t chunk = little_u32(bytes + at), type = little_u32(bytes + at + 4);
        at += CHUNK_HEADER;
        if (chunk > length - at)
            return err_set(err, ERR_INPUT, "a chunk of %u bytes at %zu leaves the GLB", chunk, at);
        if (type == JSON && json->at == NULL)
            *json = (GltfBytes){chunk, bytes + at};
        else if (type == BIN && bin->at == NULL)
            *bin = (GltfBytes){chunk, bytes + at};
        at += chunk;
    }
    return json->at != NULL || err_set(err, ERR_INPUT, "the GLB has no JSON chunk");
}

bool mesh_read_gltf(MeshReader reader, MeshFormat format, size_t size, const uint8_t bytes[],
                    Mesh *mesh)
{
    Scene scene = {.gltf = {.reader = reader}};
    GltfBytes json = {size, bytes};
    if (format == MESH_GLB) {
        json = (GltfBytes){0};
        if (!split_glb(size, bytes, &json, &scene.gltf.bin, reader.err))
            return false;
    }
    scene.gltf.root = mesh_json_load(json.size, json.at, reader.err);
    if (scene.gltf.root == NULL)
        return false;
    bool ok = read_document(&scene, mesh);
    json_decref(scene.gltf.root);
    return ok;
}
