#include "mesh/mesh.h"

#include "base/io.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "base/test.h"
#include "mesh/mesh_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double pi = 3.14159265358979323846;

typedef struct Room {
    Arena arena, scratch;
    Err err;
} Room;

static bool open_room(Room *room)
{
    *room = (Room){0};
    return arena_open(&room->arena, (size_t)256 << 20, &room->err) &&
           arena_open(&room->scratch, (size_t)256 << 20, &room->err);
}

static void close_room(Room *room)
{
    arena_close(&room->arena);
    arena_close(&room->scratch);
}

/* ---- files in memory ---- */

typedef struct Beside {
    const char *name;
    size_t size;
    const uint8_t *bytes;
} Beside;

/* Knows one file; everything else is missing. */
static bool open_beside(void *ctx, Arena *arena, const char *name, size_t *size, uint8_t **bytes,
                        Err *err)
{
    const Beside *file = ctx;
    for (; file->name != NULL; file++) {
        if (strcmp(name, file->name) != 0)
            continue;
        *size = file->size;
        *bytes = ARENA_NEW(arena, uint8_t, file->size + 1);
        if (*bytes == NULL)
            return err_set(err, ERR_LIMIT, "no room");
        memcpy(*bytes, file->bytes, file->size);
        return true;
    }
    return err_set(err, ERR_IO, "cannot open '%s'", name);
}

static bool read_with(Room *room, MeshFormat format, size_t size, const void *bytes, Beside *beside,
                      Mesh *mesh)
{
    MeshFiles files = {beside != NULL ? open_beside : NULL, beside};
    size_t mark = arena_mark(&room->scratch);
    uint8_t *copy = malloc(size + 1); /* a block of its own, so that an overrun is seen */
    if (copy == NULL)
        return false;
    memcpy(copy, bytes, size);
    bool ok =
        mesh_from_bytes(&room->arena, &room->scratch, format, size, copy, files, mesh, &room->err);
    free(copy);
    CHECK(arena_mark(&room->scratch) == mark);
    return ok;
}

static bool read_text(Room *room, MeshFormat format, const char *text, Mesh *mesh)
{
    return read_with(room, format, strlen(text), text, NULL, mesh);
}

static bool refuses(Room *room, MeshFormat format, const char *text, const char *because)
{
    Mesh mesh;
    bool ok = !read_text(room, format, text, &mesh) && room->err.code == ERR_INPUT &&
              strstr(room->err.text, because) != NULL;
    if (!ok)
        printf("# '%s' where '%s' was awaited\n", room->err.text, because);
    return ok;
}

static uint8_t *put_u32(uint8_t *at, size_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
    return at + 4;
}

/* A GLB of this JSON, in which ' stands for ". */
static uint8_t *glb(Room *room, const char *json, size_t bin_size, const void *bin, size_t *size)
{
    size_t length = (strlen(json) + 3) / 4 * 4, padded = (bin_size + 3) / 4 * 4;
    *size = 12 + 8 + length + 8 + padded;
    uint8_t *bytes = ARENA_NEW(&room->arena, uint8_t, *size), *at = bytes;
    memcpy(at, "glTF", 4);
    at = put_u32(put_u32(at + 4, 2), *size);
    at = put_u32(put_u32(at, length), 0x4e4f534a);
    memset(at, ' ', length);
    for (size_t i = 0; json[i] != '\0'; i++)
        at[i] = (uint8_t)(json[i] == '\'' ? '"' : json[i]);
    at = put_u32(put_u32(at + length, padded), 0x004e4942);
    memcpy(at, bin, bin_size);
    return bytes;
}

static bool read_glb(Room *room, const char *json, size_t bin_size, const void *bin, Mesh *mesh)
{
    size_t size;
    uint8_t *bytes = glb(room, json, bin_size, bin, &size);
    return read_with(room, MESH_GLB, size, bytes, NULL, mesh);
}

static bool glb_refuses(Room *room, const char *json, size_t bin_size, const void *bin,
                        const char *because)
{
    Mesh mesh;
    bool ok = !read_glb(room, json, bin_size, bin, &mesh) && room->err.code == ERR_INPUT &&
              strstr(room->err.text, because) != NULL;
    if (!ok)
        printf("# '%s' where '%s' was awaited\n", room->err.text, because);
    return ok;
}

static bool is_triangle(const Mesh *mesh, int t, int a, int b, int c)
{
    const int *v = mesh->triangle[t];
    return v[0] == a && v[1] == b && v[2] == c;
}

static bool is_at(Vec3 p, double x, double y, double z)
{
    return vec_distance(p, vec3(x, y, z)) < 1e-6;
}

/* ---- glTF ---- */

static const float square[4][3] = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}};

#define HEAD "{'asset':{'version':'2.0'},'scenes':[{'nodes':[0]}],'nodes':[{'mesh':0}],"
#define ONE_BUFFER(size)                                                                           \
    "'buffers':[{'byteLength':" #size "}],'bufferViews':[{'buffer':0,'byteLength':" #size "}],"
#define SQUARE_POINTS "{'bufferView':0,'componentType':5126,'count':4,'type':'VEC3'}"

TEST(glb_of_one_strip_reads_with_every_mode_and_index_type)
{
    static const struct {
        const char *primitive, *index;
        int triangles, last[3];
    } cases[] = {
        {"'indices':1",
         ",{'bufferView':0,'byteOffset':48,'componentType':5121,'count':6,"
         "'type':'SCALAR'}",
         2,
         {0, 2, 3}},
        {"'indices':1",
         ",{'bufferView':0,'byteOffset':56,'componentType':5123,'count':6,"
         "'type':'SCALAR'}",
         2,
         {0, 2, 3}},
        {"'indices':1",
         ",{'bufferView':0,'byteOffset':68,'componentType':5125,'count':6,"
         "'type':'SCALAR'}",
         2,
         {0, 2, 3}},
        {"'mode':4", "", 1, {0, 1, 2}},
        {"'mode':5", "", 2, {1, 3, 2}},
        {"'mode':6", "", 2, {0, 2, 3}},
    };
    Room room;
    REQUIRE(open_room(&room));
    uint8_t bin[92];
    memcpy(bin, square, 48);
    memcpy(bin + 48, (uint8_t[]){0, 1, 2, 0, 2, 3}, 6);
    memcpy(bin + 56, (uint16_t[]){0, 1, 2, 0, 2, 3}, 12);
    memcpy(bin + 68, (uint32_t[]){0, 1, 2, 0, 2, 3}, 24);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[1024];
        Mesh mesh;
        snprintf(json, sizeof json,
                 HEAD ONE_BUFFER(92) "'accessors':[" SQUARE_POINTS "%s],'meshes':[{'primitives':["
                                     "{'attributes':{'POSITION':0},%s}]}]}",
                 cases[i].index, cases[i].primitive);
        REQUIRE(read_glb(&room, json, sizeof bin, bin, &mesh));
        CHECK(mesh.vertex_count == 4 && mesh.triangle_count == cases[i].triangles);
        const int *last = cases[i].last;
        CHECK(is_triangle(&mesh, mesh.triangle_count - 1, last[0], last[1], last[2]));
        CHECK(is_at(mesh.position[2], 1, 1, 0) && mesh.unit_mm > 999.0);
        CHECK(mesh.material_count == 1 && mesh.image_count == 0 && !mesh_has_color(&mesh));
    }
    close_room(&room);
}

#define SQUARE_MESH                                                                                \
    ONE_BUFFER(48)                                                                                 \
    "'accessors':[" SQUARE_POINTS "],'meshes':[{'primitives':["                                    \
    "{'attributes':{'POSITION':0},'mode':6}]}]"

TEST(gltf_nodes_place_their_meshes)
{
    static const struct {
        const char *nodes;
        Vec3 third; /* where (1, 1, 0) goes */
        bool turned;
    } cases[] = {
        {"{'mesh':0,'translation':[10,20,30]}", {11, 21, 30}, false},
        {"{'mesh':0,'scale':[2,3,4]}", {2, 3, 0}, false},
        {"{'mesh':0,'scale':[-2,3,4]}", {-2, 3, 0}, true},
        /* A quarter turn about z takes (1, 1) to (-1, 1). */
        {"{'mesh':0,'rotation':[0,0,0.70710678118,0.70710678118]}", {-1, 1, 0}, false},
        {"{'mesh':0,'matrix':[0,1,0,0,-1,0,0,0,0,0,1,0,5,6,7,1]}", {4, 7, 7}, false},
        {"{'children':[1],'translation':[1,0,0]},{'children':[2],'scale':[2,2,2]},"
         "{'mesh':0,'translation':[0,0,5]}",
         {3, 2, 10},
         false},
        {"{'children':[1],'scale':[1,-1,1]},{'mesh':0,'scale':[-1,1,1]}", {-1, -1, 0}, false},
    };
    Room room;
    REQUIRE(open_room(&room));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[1024];
        Mesh mesh;
        snprintf(json, sizeof json,
                 "{'asset':{'version':'2.0'},'scenes':[{'nodes':[0]}],'nodes':[%s]," SQUARE_MESH
                 "}",
                 cases[i].nodes);
        REQUIRE(read_glb(&room, json, sizeof square, square, &mesh));
        CHECK_NEAR(vec_distance(mesh.position[2], cases[i].third), 0.0, 1e-6);
        CHECK(is_triangle(&mesh, 0, 0, cases[i].turned ? 2 : 1, cases[i].turned ? 1 : 2));
    }
    close_room(&room);
}

TEST(gltf_cameras_lamps_and_other_scenes_are_passed_over)
{
    Room room;
    Mesh mesh;
    REQUIRE(open_room(&room));
    REQUIRE(read_glb(&room,
                     "{'asset':{'version':'2.0'},'scene':1,'scenes':[{'nodes':[3]},"
                     "{'nodes':[0,1,2]}],'cameras':[{'type':'perspective'}],"
                     "'extensionsUsed':['KHR_lights_punctual'],"
                     "'nodes':[{'camera':0},{'extensions':{'KHR_lights_punctual':{'light':0}}},"
                     "{'mesh':0},{'mesh':0}]," SQUARE_MESH "}",
                     sizeof square, square, &mesh));
    CHECK(mesh.vertex_count == 4 && mesh.triangle_count == 2);
    close_room(&room);
}

TEST(gltf_node_graphs_that_are_no_trees_are_refused)
{
    static const char *const nodes[] = {
        "{'children':[0]}",
        "{'children':[1]},{'children':[2]},{'children':[1],'mesh':0}",
        "{'children':[1,2]},{'children':[3]},{'children':[3]},{'mesh':0}",
        "{'children':[1,1]},{'mesh':0}",
    };
    Room room;
    REQUIRE(open_room(&room));
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        char json[1024];
        snprintf(json, sizeof json,
                 "{'asset':{'version':'2.0'},'scenes':[{'nodes':[0]}],'nodes':[%s]," SQUARE_MESH
                 "}",
                 nodes[i]);
        CHECK(glb_refuses(&room, json, sizeof square, square, "ancestor"));
    }
    close_room(&room);
}

TEST(gltf_chains_of_nodes_may_be_long)
{
    enum { NODES = 20000 };
    Room room;
    Mesh mesh;
    REQUIRE(open_room(&room));
    char *json = ARENA_NEW(&room.arena, char, 64 * NODES);
    size_t at = (size_t)snprintf(json, 256,
                                 "{'asset':{'version':'2.0'},'scenes':[{'nodes':[0]}],"
                                 "'nodes':[");
    for (int i = 0; i + 1 < NODES; i++)
        at += (size_t)snprintf(json + at, 64, "{'children':[%d],'translation':[1,0,0]},", i + 1);
    snprintf(json + at, 512, "{'mesh':0}]," SQUARE_MESH "}");
    REQUIRE(read_glb(&room, json, sizeof square, square, &mesh));
    CHECK_NEAR(mesh.position[0].x, NODES - 1, 1e-9);
    close_room(&room);
}

TEST(gltf_normalised_integers_and_strides_are_followed)
{
    /* Per vertex 20 bytes: i16 x 3 position, pad, u16 x 2 uv, u8 x 4 colour, 4 unused. */
    static const struct {
        int16_t p[4];
        uint16_t uv[2];
        uint8_t rgba[4], unused[4];
    } v[3] = {{{32767, 0, -32767, 0}, {0, 65535}, {255, 0, 51, 255}, {0}},
              {{0, 16384, 0, 0}, {65535, 0}, {0, 255, 0, 255}, {0}},
              {{0, 0, -32768, 0}, {13107, 0}, {0, 0, 255, 255}, {0}}};
    Room room;
    Mesh mesh;
    REQUIRE(open_room(&room));
    REQUIRE(read_glb(
        &room,
        "{'asset':{'version':'2.0'},'extensionsRequired':['KHR_mesh_quantization'],"
        "'scenes':[{'nodes':[0]}],'nodes':[{'mesh':0,'scale':[2,2,2]}],"
        "'buffers':[{'byteLength':60}],"
        "'bufferViews':[{'buffer':0,'byteLength':60,'byteStride':20}],'accessors':["
        "{'bufferView':0,'componentType':5122,'normalized':true,'count':3,'type':'VEC3'},"
        "{'bufferView':0,'byteOffset':8,'componentType':5123,'normalized':true,'count':3,"
        "'type':'VEC2'},"
        "{'bufferView':0,'byteOffset':12,'componentType':5121,'normalized':true,'count':3,"
        "'type':'VEC4'}],"
        "'meshes':[{'primitives':[{'attributes':{'POSITION':0,'TEXCOORD_0':1,'COLOR_0':2}}]}]}",
        sizeof v, v, &mesh));
    CHECK(is_at(mesh.position[0], 2, 0, -2));
    CHECK_NEAR(mesh.position[1].y, 2.0 * 16384 / 32767, 1e-6);
    CHECK_NEAR(mesh.position[2].z, -2.0, 1e-6); /* -32768 is clamped to -1 */
    CHECK_NEAR(mesh.uv[0][1], 1.0, 0.0);
    CHECK_NEAR(mesh.uv[2][0], 0.2, 1e-6);
    CHECK_NEAR(mesh.color[0].b, 0.2, 1e-6); /* linear as it stands */
    CHECK(mesh_has_color(&mesh));
    close_room(&room);
}

TEST(gltf_sparse_accessors_are_laid_over)
{
    uint8_t bin[48 + 4 + 12];
    memcpy(bin, square, 48);
    memcpy(bin + 48, (uint8_t[]){2, 0, 0, 0}, 4);
    memcpy(bin + 52, (float[]){7, 8, 9}, 12);
    static const char *const json =
        HEAD "'buffers':[{'byteLength':64}],'bufferViews':[{'buffer':0,'byteLength':48},"
             "{'buffer':0,'byteOffset':48,'byteLength':1},"
             "{'buffer':0,'byteOffset':52,'byteLength':12}],'accessors':[{%s'componentType':5126,"
             "'count':4,'type':'VEC3','sparse':{'count':1,'indices':{'bufferView':1,"
             "'componentType':5121},'values':{'bufferView':2}}}],"
             "'meshes':[{'primitives':[{'attributes':{'POSITION':0}}]}]}";
    Room room;
    REQUIRE(open_room(&room));
    for (int with_view = 0; with_view < 2; with_view++) {
        char text[1024];
        Mesh mesh;
        const char *view = with_view ? "'bufferView':0," : "";
        snprintf(text, sizeof text, "%.*s%s%s", (int)(strstr(json, "%s") - json), json, view,
                 strstr(json, "%s") + 2);
        REQUIRE(read_glb(&room, text, sizeof bin, bin, &mesh));
        CHECK(is_at(mesh.position[2], 7, 8, 9));
        CHECK(is_at(mesh.position[1], with_view ? 1 : 0, 0, 0));
        bin[48] = 4;
        CHECK(glb_refuses(&room, text, sizeof bin, bin, "sparse index 4"));
        bin[48] = 2;
    }
    close_room(&room);
}

/* A PNG of 2 x 2 px: red, green above blue, white. */
static uint8_t *small_png(Room *room, size_t *size)
{
    static const uint8_t rgb[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
    Image image;
    uint8_t *bytes;
    if (!image_new(&room->arena, 2, 2, &image, &room->err))
        return NULL;
    memcpy(image.rgb, rgb, sizeof rgb);
    return image_encode_png(&room->arena, &image, 6, size, &bytes, &room->err) ? bytes : NULL;
}

static char *base64(Room *room, size_t size, const uint8_t bytes[])
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = ARENA_NEW(&room->arena, char, size / 3 * 4 + 8), *at = text;
    for (size_t i = 0; i < size; i += 3) {
        unsigned bits = (unsigned)bytes[i] << 16 | (i + 1 < size ? bytes[i + 1] : 0u) << 8 |
                        (i + 2 < size ? bytes[i + 2] : 0u);
        for (int k = 0; k < 4; k++)
            *at++ = i + (size_t)k > size ? '=' : digit[bits >> (18 - 6 * k) & 63];
    }
    return text;
}

static char *quoted(Room *room, const char *text)
{
    char *copy = ARENA_NEW(&room->arena, char, strlen(text) + 1);
    for (size_t i = 0; text[i] != '\0'; i++)
        copy[i] = (char)(text[i] == '\'' ? '"' : text[i]);
    return copy;
}

/* The square with texture coordinates as its x and y, mapped by a material. */
static const char textured[] =
    "{'asset':{'version':'2.0'},'scenes':[{'nodes':[0]}],'nodes':[{'mesh':0}],"
    "'buffers':[{'byteLength':80,'uri':'%s'}],'bufferViews':[{'buffer':0,'byteLength':48},"
    "{'buffer':0,'byteOffset':48,'byteLength':32}],'accessors':[" SQUARE_POINTS
    ",{'bufferView':1,'componentType':5126,'count':4,'type':'VEC2'}],"
    "'images':[{'uri':'%s'}],'textures':[{'source':0}],"
    "'materials':[{'pbrMetallicRoughness':{'baseColorFactor':[0.5,1,1,1],"
    "'baseColorTexture':{'index':0%s}}}],'meshes':[{'primitives':[{'mode':6,'material':0,"
    "'attributes':{'POSITION':0,'%s':1}}]}]}";

static void fill_textured(uint8_t bin[80])
{
    memcpy(bin, square, 48);
    memcpy(bin + 48, (float[]){0, 0, 1, 0, 1, 1, 0, 1}, 32);
}

/* Colour where the square has the texture coordinate (u, v), both its first triangle's. */
static Rgb color_at(const Mesh *mesh, double x, double y)
{
    double weight[3] = {1 - x, x - y, y}; /* of (0,0), (1,0), (1,1) */
    return mesh_color(mesh, 0, weight, 0.0);
}

static bool is_color(Rgb c, double r, double g, double b)
{
    return fabs((double)c.r - r) < 1e-5 && fabs((double)c.g - g) < 1e-5 &&
           fabs((double)c.b - b) < 1e-5;
}

TEST(gltf_opens_what_stands_beside_it_and_data_uris)
{
    Room room;
    Mesh mesh;
    char json[4096];
    uint8_t bin[80];
    size_t png_size;
    REQUIRE(open_room(&room));
    uint8_t *png = small_png(&room, &png_size);
    fill_textured(bin);
    Beside beside[] = {{"my points.bin", 80, bin}, {"tex/skin.png", png_size, png}, {0}};
    snprintf(json, sizeof json, textured, "my%20points.bin", "tex/skin.png", "", "TEXCOORD_0");
    char *text = quoted(&room, json);
    REQUIRE(read_with(&room, MESH_GLTF, strlen(text), text, beside, &mesh));
    CHECK(mesh.image_count == 1 && mesh.image[0].width_px == 2 && mesh_has_color(&mesh));
    CHECK(is_color(color_at(&mesh, 0.75, 0.25), 0, 1, 0)); /* upper right */
    CHECK(is_color(color_at(&mesh, 1.0, 1.0), 0.5, 1, 1)); /* lower right, times the factor */
    CHECK(!read_with(&room, MESH_GLTF, strlen(text), text, NULL, &mesh));
    beside[1].name = "other";
    CHECK(!read_with(&room, MESH_GLTF, strlen(text), text, beside, &mesh));
    CHECK(room.err.code == ERR_IO && strstr(room.err.text, "tex/skin.png") != NULL);

    char bin_uri[256], png_uri[512];
    snprintf(bin_uri, sizeof bin_uri, "data:application/octet-stream;base64,%s",
             base64(&room, 80, bin));
    snprintf(png_uri, sizeof png_uri, "data:image/png;base64,%s", base64(&room, png_size, png));
    snprintf(json, sizeof json, textured, bin_uri, png_uri, "", "TEXCOORD_0");
    REQUIRE(read_text(&room, MESH_GLTF, quoted(&room, json), &mesh));
    CHECK(is_color(color_at(&mesh, 0.75, 0.25), 0, 1, 0));
    snprintf(json, sizeof json, textured, "data:application/octet-stream;base64,!", png_uri, "",
             "TEXCOORD_0");
    CHECK(refuses(&room, MESH_GLTF, quoted(&room, json), "base64"));
    close_room(&room);
}

TEST(gltf_texture_transforms_and_sets_are_followed)
{
    Room room;
    Mesh mesh;
    char json[4096];
    uint8_t bin[80];
    size_t png_size;
    REQUIRE(open_room(&room));
    uint8_t *png = small_png(&room, &png_size);
    fill_textured(bin);
    Beside beside[] = {{"b", 80, bin}, {"p", png_size, png}, {0}};
    /* The extension's own example: only the lower left quadrant, rotated by a quarter. */
    snprintf(json, sizeof json, textured, "b", "p",
             ",'extensions':{'KHR_texture_transform':{'offset':[0,1],'rotation':1.57079632679,"
             "'scale':[0.5,0.5]}}",
             "TEXCOORD_0");
    char *text = quoted(&room, json);
    REQUIRE(read_with(&room, MESH_GLTF, strlen(text), text, beside, &mesh));
    for (int i = 0; i < 4; i++) {
        CHECK(mesh.uv[i][0] > -1e-6f && mesh.uv[i][0] < 0.500001f);
        CHECK(mesh.uv[i][1] > 0.499999f && mesh.uv[i][1] < 1.000001f);
    }
    CHECK_NEAR(mesh.uv[1][1], 0.5, 1e-6); /* (1, 0) */
    snprintf(json, sizeof json, textured, "b", "p", ",'texCoord':3", "TEXCOORD_3");
    text = quoted(&room, json);
    REQUIRE(read_with(&room, MESH_GLTF, strlen(text), text, beside, &mesh));
    CHECK(mesh_has_color(&mesh));
    CHECK_NEAR(mesh.uv[2][0], 1.0, 0.0);
    /* Without the set that the texture wants there is no picture, but still a mesh. */
    snprintf(json, sizeof json, textured, "b", "p", ",'texCoord':12", "TEXCOORD_3");
    text = quoted(&room, json);
    REQUIRE(read_with(&room, MESH_GLTF, strlen(text), text, beside, &mesh));
    CHECK(!mesh_has_color(&mesh));
    close_room(&room);
}

TEST(gltf_primitives_are_joined_with_their_materials)
{
    static const char *const json = HEAD ONE_BUFFER(
        48) "'accessors':[" SQUARE_POINTS
            "],'materials':[{'pbrMetallicRoughness':{'baseColorFactor':[1,0,0,1]}},"
            "{'extensions':{'KHR_materials_pbrSpecularGlossiness':{'diffuseFactor':[0,1,0,1]}}}],"
            "'meshes':[{'primitives':["
            "{'attributes':{'POSITION':0},'mode':6,'material':1},"
            "{'attributes':{'POSITION':0},'mode':1},{'attributes':{'POSITION':0},'mode':0},"
            "{'attributes':{'POSITION':0},'mode':4,'material':0},"
            "{'attributes':{'POSITION':0},'mode':5}]}]}";
    Room room;
    Mesh mesh;
    REQUIRE(open_room(&room));
    REQUIRE(read_glb(&room, json, sizeof square, square, &mesh));
    CHECK(mesh.triangle_count == 5 && mesh.vertex_count == 4); /* shared accessors, once */
    CHECK(mesh.material_count == 3);
    static const double third[3] = {1.0 / 3, 1.0 / 3, 1.0 / 3};
    CHECK(is_color(mesh_color(&mesh, 0, third, 0), 0, 0.5, 0));
    CHECK(is_color(mesh_color(&mesh, 2, third, 0), 0.5, 0, 0));
    CHECK(is_color(mesh_color(&mesh, 4, third, 0), 0.5, 0.5, 0.5));
    close_room(&room);
}

TEST(gltf_extensions_that_change_the_data_are_refused_by_name)
{
    static const char *const names[] = {"KHR_draco_mesh_compression", "EXT_meshopt_compression",
                                        "KHR_texture_basisu", "EXT_texture_webp",
                                        "VENDOR_unheard_of"};
    Room room;
    REQUIRE(open_room(&room));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char json[1024];
        snprintf(json, sizeof json, HEAD "'extensionsRequired':['%s']," SQUARE_MESH "}", names[i]);
        CHECK(glb_refuses(&room, json, sizeof square, square, names[i]));
    }
    CHECK(glb_refuses(&room,
                      HEAD "'accessors':[{'componentType':5126,'count':4,'type':'VEC3'}],"
                           "'meshes':[{'primitives':[{'attributes':{'POSITION':0},'extensions':"
                           "{'KHR_draco_mesh_compression':{'bufferView':0}}}]}]}",
                      sizeof square, square, "KHR_draco_mesh_compression"));
    close_room(&room);
}

TEST(gltf_errors_say_what_is_wrong)
{
    static const struct {
        const char *json, *because;
    } cases[] = {
        {"{'asset':{'version':'1.0'}}", "version 1.0"},
        {"{}", "version"},
        {"{'asset':{'version':'2.0'},'asset':{}}", "duplicate"},
        {"[", "JSON"},
        {"{'asset':{'version':'2.0'}}", "scenes has no entry 0"},
        {"{'asset':{'version':'2.0'},'scenes':[{'nodes':[4]}],'nodes':[{}]}", "node 4"},
        {"{'asset':{'version':'2.0'},'scenes':[{'nodes':[0]}],'nodes':[{'matrix':[1]}]}", "matrix"},
        {"{'asset':{'version':'2.0'},'scenes':[{'nodes':[0]}],'nodes':[{'mesh':0,'skin':0}]}",
         "skinned"},
        {HEAD "'meshes':[]}", "meshes has no entry 0"},
        {HEAD "'meshes':[{'primitives':[]}]}", "no triangle"},
        {HEAD "'meshes':[{'primitives':[{'attributes':{}}]}]}", "POSITION"},
        {HEAD "'meshes':[{'primitives':[{'attributes':{'POSITION':0}}]}]}", "accessors"},
        {HEAD "'accessors':[{'componentType':5126,'count':4,'type':'VEC3'}],"
              "'meshes':[{'primitives':[{'attributes':{'POSITION':0}}]}]}",
         "no data"},
        {HEAD "'accessors':[{'componentType':5126,'count':-4,'type':'VEC3'}],"
              "'meshes':[{'primitives':[{'attributes':{'POSITION':0}}]}]}",
         "count"},
        {HEAD "'buffers':[{'byteLength':48}],'bufferViews':[{'buffer':0,'byteOffset':4,"
              "'byteLength':48}],'accessors':[" SQUARE_POINTS
              "],'meshes':[{'primitives':[{'attributes':{'POSITION':0}}]}]}",
         "buffer view 0"},
        {HEAD ONE_BUFFER(49) "'accessors':[" SQUARE_POINTS
                             "],'meshes':[{'primitives':[{'attributes':{'POSITION':0}}]}]}",
         "cut off"},
        {HEAD ONE_BUFFER(
             48) "'accessors':[{'bufferView':0,'componentType':5126,'count':5,"
                 "'type':'VEC3'}],'meshes':[{'primitives':[{'attributes':{'POSITION':0}}]}]}",
         "accessor 0"},
        {HEAD ONE_BUFFER(
             48) "'accessors':[{'bufferView':0,'componentType':5126,'count':4,"
                 "'type':'VEC2'}],'meshes':[{'primitives':[{'attributes':{'POSITION':0}}]}]}",
         "a position"},
        {HEAD ONE_BUFFER(48) "'accessors':[" SQUARE_POINTS
                             ",{'bufferView':0,'byteOffset':12,'componentType':5123,'count':6,'"
                             "type':'SCALAR'}],"
                             "'meshes':"
                             "[{'primitives':[{'attributes':{'POSITION':0},'indices':1}]}]}",
         "accessor 1: index"},
        {HEAD ONE_BUFFER(48) "'accessors':[" SQUARE_POINTS "],'meshes':[{'primitives':["
                             "{'attributes':{'POSITION':0},'material':0}]}]}",
         "material"},
    };
    Room room;
    REQUIRE(open_room(&room));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK(glb_refuses(&room, cases[i].json, sizeof square, square, cases[i].because));
    float broken[4][3];
    memcpy(broken, square, sizeof broken);
    broken[2][1] = NAN;
    CHECK(glb_refuses(&room, HEAD SQUARE_MESH "}", sizeof broken, broken, "vertex 3"));
    close_room(&room);
}

TEST(json_that_is_deep_or_has_too_many_values_is_refused)
{
    enum { SIZE = 2 << 20 };
    Room room;
    REQUIRE(open_room(&room));
    char *text = ARENA_NEW(&room.arena, char, SIZE + 1);
    memset(text, '[', SIZE);
    CHECK(refuses(&room, MESH_GLTF, text, "nested"));
    text[0] = '[';
    for (int i = 1; i + 2 < SIZE; i += 2)
        memcpy(text + i, "1,", 2);
    memcpy(text + SIZE - 3, "11]", 3);
    CHECK(refuses(&room, MESH_GLTF, text, "values"));
    close_room(&room);
}

TEST(every_prefix_of_a_glb_is_refused)
{
    Room room;
    Mesh mesh;
    size_t size;
    REQUIRE(open_room(&room));
    uint8_t *bytes = glb(&room, HEAD SQUARE_MESH "}", sizeof square, square, &size);
    REQUIRE(read_with(&room, MESH_GLB, size, bytes, NULL, &mesh));
    for (size_t cut = 0; cut < size; cut++)
        CHECK(!read_with(&room, MESH_GLB, cut, bytes, NULL, &mesh) && room.err.code == ERR_INPUT);
    close_room(&room);
}

TEST(texture_bombs_in_a_glb_are_refused)
{
    Room room;
    Mesh mesh;
    char json[4096];
    uint8_t bin[80];
    size_t png_size;
    REQUIRE(open_room(&room));
    uint8_t *png = small_png(&room, &png_size);
    fill_textured(bin);
    REQUIRE(png != NULL);
    memset(png + 16, 0, 8);
    png[18] = png[22] = 0x40; /* 16384 x 16384 px */
    Beside beside[] = {{"b", 80, bin}, {"p", png_size, png}, {0}};
    snprintf(json, sizeof json, textured, "b", "p", "", "TEXCOORD_0");
    char *text = quoted(&room, json);
    CHECK(!read_with(&room, MESH_GLTF, strlen(text), text, beside, &mesh));
    CHECK(room.err.code == ERR_INPUT && strstr(room.err.text, "image 0") != NULL);
    close_room(&room);
}

/* ---- OBJ ---- */

TEST(obj_polygons_become_fans_and_indices_may_count_backwards)
{
    Room room;
    Mesh mesh;
    REQUIRE(open_room(&room));
    REQUIRE(read_text(&room, MESH_OBJ,
                      "# a comment\r\no head\r\ng all\r\ns off\r\nv 0 0 0\r\nv 1 0 0\r\n"
                      "v 1 1 0\r\nv 0 1 0\r\nv 0 0 1\r\nvn 0 0 1\r\nl 1 2\r\n"
                      "f 1 2 \\\r\n 3 4\r\nf -3//1 -2//1 -1//1\r\n",
                      &mesh));
    CHECK(mesh.vertex_count == 5 && mesh.triangle_count == 3 && mesh.uv == NULL);
    CHECK(is_triangle(&mesh, 0, 0, 1, 2) && is_triangle(&mesh, 1, 0, 2, 3));
    CHECK(is_triangle(&mesh, 2, 2, 3, 4));
    CHECK(mesh.unit_mm < 0.5);
    close_room(&room);
}

TEST(obj_vertices_keep_their_numbers_and_seams_get_copies)
{
    Room room;
    Mesh mesh;
    REQUIRE(open_room(&room));
    REQUIRE(read_text(&room, MESH_OBJ,
                      "v 9 9 9\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"
                      "vt 0 0\nvt 1 0.25\nvt 1 1\nvt 0.5 0.5\n"
                      "f 2/1 3/2 4/3\nf 2/4 4/3 5/1\nf 2/1 4/3 5/2\n",
                      &mesh));
    CHECK(mesh.vertex_count == 7); /* 2/4 and 5/2 are new */
    CHECK(is_at(mesh.position[0], 9, 9, 9) && is_at(mesh.position[4], 0, 1, 0));
    CHECK(is_triangle(&mesh, 0, 1, 2, 3) && is_triangle(&mesh, 1, 5, 3, 4));
    CHECK(is_triangle(&mesh, 2, 1, 3, 6));
    CHECK(is_at(mesh.position[5], 0, 0, 0) && is_at(mesh.position[6], 0, 1, 0));
    CHECK_NEAR(mesh.uv[2][1], 0.75, 0.0); /* v counts from below in the file */
    CHECK_NEAR(mesh.uv[5][0], 0.5, 0.0);
    close_room(&room);
}

TEST(obj_seams_may_be_many)
{
    enum { COPIES = 30000 };
    Room room;
    Mesh mesh;
    REQUIRE(open_room(&room));
    char *text = ARENA_NEW(&room.arena, char, 64 * COPIES);
    size_t at = (size_t)snprintf(text, 64, "v 0 0 0\nv 1 0 0\nv 0 1 0\n");
    for (int i = 0; i < COPIES; i++)
        at += (size_t)snprintf(text + at, 64, "vt %d 0\nf 1/-1 2/-1 3/1\n", i);
    REQUIRE(read_text(&room, MESH_OBJ, text, &mesh));
    CHECK(mesh.vertex_count == 3 + 2 * (COPIES - 1));
    for (int t = 0; t < COPIES; t++) {
        const int *v = mesh.triangle[t];
        CHECK(mesh.uv[v[0]][0] == (float)t && mesh.uv[v[1]][0] == (float)t && v[2] == 2);
        CHECK_NEAR(mesh.position[v[1]].x, 1.0, 0.0);
    }
    close_room(&room);
}

TEST(obj_vertex_colours_are_srgb_in_either_range)
{
    static const char *const files[] = {
        "v 0 0 0 1 0 0\nv 1 0 0 0 0.2 1\nv 0 1 0\nf 1 2 3\n",
        "v 0 0 0 255 0 0\nv 1 0 0 0 51 255\nv 0 1 0\nf 1 2 3\n",
    };
    Room room;
    Mesh mesh;
    REQUIRE(open_room(&room));
    for (int i = 0; i < 2; i++) {
        REQUIRE(read_text(&room, MESH_OBJ, files[i], &mesh));
        CHECK(is_color(mesh.color[0], 1, 0, 0));
        CHECK(is_color(mesh.color[1], 0, (double)color_srgb_decode(0.2f), 1));
        CHECK(is_color(mesh.color[2], 0.5, 0.5, 0.5)); /* has none */
    }
    close_room(&room);
}

TEST(obj_materials_come_from_their_library)
{
    static const char mtl[] = "newmtl skin\nKd 0 0 0\nmap_Kd -s 1 1 1 -clamp on tex\\skin.png\n"
                              "newmtl cloth\nKd 0.25 0.5 1\nmap_bump b.tga\nnewmtl unused\n"
                              "map_Kd missing.png\n";
    static const char obj[] = "mtllib head scan.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\n"
                              "vt 0.25 0.25\nusemtl skin\nf 1/1 2/1 3/1\nusemtl cloth\nf 1 2 3\n";
    Room room;
    Mesh mesh;
    size_t png_size;
    REQUIRE(open_room(&room));
    uint8_t *png = small_png(&room, &png_size);
    Beside beside[] = {{"head scan.mtl", sizeof mtl - 1, (const uint8_t *)mtl},
                       {"tex/skin.png", png_size, png},
                       {0}};
    REQUIRE(read_with(&room, MESH_OBJ, sizeof obj - 1, obj, beside, &mesh));
    static const double first[3] = {1, 0, 0};
    CHECK(is_color(mesh_color(&mesh, 0, first, 0), 0, 0, 1)); /* lower left, Kd 0 beside a map */
    CHECK(is_color(mesh_color(&mesh, 1, first, 0), 0.125, 0.25, 0.5));
    beside[1].name = "elsewhere";
    CHECK(!read_with(&room, MESH_OBJ, sizeof obj - 1, obj, beside, &mesh));
    CHECK(strstr(room.err.text, "tex/skin.png") != NULL);
    /* A lost library costs the colours, not the shape. */
    beside[0].name = "elsewhere";
    REQUIRE(read_with(&room, MESH_OBJ, sizeof obj - 1, obj, beside, &mesh));
    CHECK(mesh.triangle_count == 2 && !mesh_has_color(&mesh));
    CHECK(mesh.material[0] != mesh.material[1]);
    close_room(&room);
}

TEST(obj_errors_name_the_line)
{
    static const struct {
        const char *text, *because;
    } cases[] = {
        {"", "no triangle"},
        {"v 0 0 0\nv 1 0 0\nv 0 1 0\n", "no triangle"},
        {"v 0 0 0\n\nv 1 0\n", "line 3"},
        {"v 0 0 x\n", "line 1"},
        {"v 0 0 0\nv 1 nan 0\nv 0 1 0\nf 1 2 3\n", "line 2: the position of vertex 2"},
        {"v 1e999 0 0\n", "vertex 1"},
        {"v 0 0 0\nf 1 1 2\n", "line 2: '2' names no vertex"},
        {"v 0 0 0\nf 1 1 0\n", "'0'"},
        {"v 0 0 0\nf 1 1 -2\n", "'-2'"},
        {"v 0 0 0\nf 1 1 \\\n 1 \\\n 1\nf 1 1 9999999999999999999\n", "line 5"},
        {"v 0 0 0\nf 1/1 1/1 1/1\n", "texture coordinate"},
        {"v 0 0 0\nf 1 1\n", "line 2: a face has 2 corners"},
        {"v 0 0 0\nf 1a 1 1\n", "'1a'"},
        {"v 0 0 0\nvt inf 0\nf 1/1 1/1 1/1\n", "texture coordinate of vertex 1"},
    };
    Room room;
    REQUIRE(open_room(&room));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK(refuses(&room, MESH_OBJ, cases[i].text, cases[i].because));
    close_room(&room);
}

TEST(numbers_are_read_to_the_nearest_double)
{
    Rng rng = rng_make(11, 0);
    for (int i = 0; i < 20000; i++) {
        char text[64];
        double value = (rng_f64(&rng) - 0.5) * pow(10.0, rng_below(&rng, 12) - 6), got;
        int length = i % 2 == 0 ? snprintf(text, sizeof text, "%.*f ", rng_below(&rng, 9), value)
                                : snprintf(text, sizeof text, "%.*e ", rng_below(&rng, 9), value);
        const char *at = text;
        CHECK(mesh_text_number(&at, text + length, &got) && at == text + length - 1);
        CHECK_NEAR(got, strtod(text, NULL), 0.0);
    }
    static const char *const no_numbers[] = {"",   "-",   ".",     "e5",  "1e",
                                             "1x", "--1", "1.2.3", "0x10"};
    for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++) {
        double got;
        const char *at = no_numbers[i];
        CHECK(!mesh_text_number(&at, at + strlen(at), &got));
    }
}

/* ---- PLY ---- */

static const char ply_body[] = "element vertex 4\nproperty float x\nproperty double y\n"
                               "property short z\nproperty uchar red\nproperty uchar green\n"
                               "property uchar blue\nproperty float s\nproperty float t\n"
                               "property list uchar int extra\n"
                               "element camera 1\nproperty float view\n"
                               "element face 2\nproperty uchar flags\n"
                               "property list uchar uint vertex_indices\nend_header\n";

typedef struct PlyOut {
    uint8_t bytes[1024];
    size_t size;
    bool big;
} PlyOut;

static void put(PlyOut *out, const void *value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out->bytes[out->size++] = ((const uint8_t *)value)[out->big ? size - 1 - i : i];
}

/* The square in binary, with colours, texture coordinates and things to pass over. */
static PlyOut binary_ply(bool big)
{
    PlyOut out = {.big = big};
    out.size = (size_t)snprintf((char *)out.bytes, sizeof out.bytes,
                                "ply\nformat binary_%s_endian 1.0\ncomment nothing\n%s",
                                big ? "big" : "little", ply_body);
    for (int i = 0; i < 4; i++) {
        double y = (double)square[i][1];
        int16_t z = (int16_t)-i;
        uint8_t rgb[3] = {255, (uint8_t)(51 * i), 0}, count = (uint8_t)i;
        float st[2] = {square[i][0], square[i][1]};
        put(&out, &square[i][0], 4);
        put(&out, &y, 8);
        put(&out, &z, 2);
        for (int k = 0; k < 3; k++)
            put(&out, &rgb[k], 1);
        put(&out, &st[0], 4);
        put(&out, &st[1], 4);
        put(&out, &count, 1);
        for (int32_t k = 0; k < i; k++)
            put(&out, &k, 4);
    }
    put(&out, &(float){1.5f}, 4);
    static const uint32_t corner[2][3] = {{0, 1, 2}, {0, 2, 3}};
    for (int f = 0; f < 2; f++) {
        put(&out, &(uint8_t){7}, 1);
        put(&out, &(uint8_t){3}, 1);
        for (int k = 0; k < 3; k++)
            put(&out, &corner[f][k], 4);
    }
    return out;
}

static void check_square_ply(const Mesh *mesh)
{
    CHECK(mesh->vertex_count == 4 && mesh->triangle_count == 2);
    CHECK(is_triangle(mesh, 0, 0, 1, 2) && is_triangle(mesh, 1, 0, 2, 3));
    for (int i = 0; i < 4; i++) {
        CHECK(is_at(mesh->position[i], (double)square[i][0], (double)square[i][1], -i));
        CHECK(is_color(mesh->color[i], 1, (double)color_srgb_decode(0.2f * (float)i), 0));
        CHECK_NEAR(mesh->uv[i][0], square[i][0], 0.0);
        CHECK_NEAR(mesh->uv[i][1], 1.0f - square[i][1], 0.0);
    }
}

TEST(ply_reads_the_same_in_all_three_formats)
{
    Room room;
    Mesh mesh;
    char text[2048];
    REQUIRE(open_room(&room));
    snprintf(text, sizeof text, "ply\r\nformat ascii 1.0\r\n%s%s", ply_body,
             "0 0 0 255 0 0 0 0 0\n1 0 -1 255 51 0 1 0 1 0\n1 1 -2 255 102 0 1 1 2 0 1\n"
             "0 1 -3 255 153 0 0 1 3 0 1 2\n1.5\n7 3 0 1 2\n7 3 0 2 3");
    REQUIRE(read_text(&room, MESH_PLY, text, &mesh));
    check_square_ply(&mesh);
    for (int big = 0; big < 2; big++) {
        PlyOut out = binary_ply(big);
        REQUIRE(read_with(&room, MESH_PLY, out.size, out.bytes, NULL, &mesh));
        check_square_ply(&mesh);
    }
    close_room(&room);
}

TEST(every_prefix_of_a_binary_ply_is_refused)
{
    Room room;
    Mesh mesh;
    REQUIRE(open_room(&room));
    PlyOut out = binary_ply(false);
    for (size_t cut = 0; cut < out.size; cut++)
        CHECK(!read_with(&room, MESH_PLY, cut, out.bytes, NULL, &mesh) &&
              room.err.code == ERR_INPUT);
    close_room(&room);
}

TEST(ply_corners_may_have_their_own_texture_coordinates)
{
    static const char ply[] =
        "ply\nformat ascii 1.0\ncomment TextureFile skin.png\nelement vertex 4\n"
        "property float x\nproperty float y\nproperty float z\nelement face 2\n"
        "property list uchar int vertex_indices\nproperty list uchar float texcoord\nend_header\n"
        "0 0 0\n1 0 0\n1 1 0\n0 1 0\n3 0 1 2 6 0 0 1 0 1 1\n3 0 2 3 6 0.5 0.5 1 1 0 1\n";
    Room room;
    Mesh mesh;
    size_t png_size;
    REQUIRE(open_room(&room));
    uint8_t *png = small_png(&room, &png_size);
    Beside beside[] = {{"skin.png", png_size, png}, {0}};
    REQUIRE(read_with(&room, MESH_PLY, sizeof ply - 1, ply, beside, &mesh));
    CHECK(mesh.vertex_count == 5 && is_triangle(&mesh, 1, 4, 2, 3));
    CHECK_NEAR(mesh.uv[4][1], 0.5, 0.0);
    CHECK_NEAR(mesh.uv[0][1], 1.0, 0.0);
    CHECK(mesh_has_color(&mesh));
    CHECK(is_color(mesh_color(&mesh, 0, (double[]){0, 0, 1}, 0), 0, 1, 0)); /* upper right */
    close_room(&room);
}

TEST(ply_strips_turn_every_second_triangle)
{
    Room room;
    Mesh mesh;
    REQUIRE(open_room(&room));
    REQUIRE(read_text(&room, MESH_PLY,
                      "ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\n"
                      "property float y\nproperty float z\nelement tristrips 1\n"
                      "property list int int vertex_indices\nend_header\n"
                      "0 0 0\n1 0 0\n0 1 0\n1 1 0\n8 0 1 2 3 -1 0 1 3\n",
                      &mesh));
    CHECK(mesh.triangle_count == 3);
    CHECK(is_triangle(&mesh, 0, 0, 1, 2) && is_triangle(&mesh, 1, 2, 1, 3));
    CHECK(is_triangle(&mesh, 2, 0, 1, 3));
    close_room(&room);
}

#define PLY_HEAD(count)                                                                            \
    "ply\nformat ascii 1.0\nelement vertex " count                                                 \
    "\nproperty float x\nproperty float y\nproperty float z\n"
#define PLY_FACES(count)                                                                           \
    "element face " count "\nproperty list uchar int vertex_indices\nend_header\n"

TEST(ply_errors_say_what_is_wrong)
{
    static const struct {
        const char *text, *because;
    } cases[] = {
        {"ply\n", "does not end"},
        {"ply\nformat ascii 2.0\n", "version"},
        {"ply\nformat mixed 1.0\n", "format"},
        {"ply\nproperty float x\n", "before the first element"},
        {PLY_HEAD("-1"), "count"},
        {PLY_HEAD("4000000") PLY_FACES("1") "0 0 0\n", "4000000"},
        {PLY_HEAD("400000000000") PLY_FACES("1") "0 0 0\n", "400000000000"},
        {PLY_HEAD("3") PLY_FACES("1000000") "0 0 0\n0 0 0\n0 0 0\n3 0 1 2\n", "1000000"},
        {PLY_HEAD("1") PLY_FACES("1") "0 0 0\n3 0 0 1\n", "vertex 1"},
        {PLY_HEAD("1") PLY_FACES("1") "0 0 0\n3 0 0 -1\n", "vertex -1"},
        {PLY_HEAD("2") PLY_FACES("1") "0 0 0\n0 nan 0\n3 0 0 1\n", "vertex 2"},
        {PLY_HEAD("1") PLY_FACES("1") "0 0 0\n300 0 0 0\n", "cut off"},
        {PLY_HEAD("1") PLY_FACES("0") "0 0 0\n", "no triangle"},
        {PLY_HEAD("1") "end_header\n0 0 0\n", "no triangle"},
        {"ply\nformat ascii 1.0\n" PLY_FACES("1") "3 0 0 0\n", "before its vertices"},
        {"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\n" PLY_FACES("1") "0\n",
         "lack"},
        {"ply\nformat ascii 1.0\nelement face 1\nproperty list float int vertex_indices\n",
         "whole number"},
    };
    Room room;
    REQUIRE(open_room(&room));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK(refuses(&room, MESH_PLY, cases[i].text, cases[i].because));
    close_room(&room);
}

/* ---- all formats ---- */

TEST(format_is_told_by_bytes_before_names)
{
    CHECK(mesh_format(4, (const uint8_t *)"glTF", "x.obj") == MESH_GLB);
    CHECK(mesh_format(4, (const uint8_t *)"ply\n", "x.obj") == MESH_PLY);
    CHECK(mesh_format(2, (const uint8_t *)"v ", "x.OBJ") == MESH_OBJ);
    CHECK(mesh_format(2, (const uint8_t *)"{ ", "x.gltf") == MESH_GLTF);
    CHECK(mesh_format(4, (const uint8_t *)"????", "x.stl") == MESH_UNKNOWN);
    CHECK(mesh_format(0, (const uint8_t *)"", "") == MESH_UNKNOWN);
}

TEST(reading_survives_any_memory_limit)
{
    Room room;
    Mesh mesh;
    REQUIRE(open_room(&room));
    PlyOut ply = binary_ply(false);
    size_t glb_size;
    uint8_t *glb_bytes = glb(&room, HEAD SQUARE_MESH "}", sizeof square, square, &glb_size);
    static const char obj[] = "v 0 0 0 1 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 1\nf 1/1 2/1 3/1\n"
                              "f 1/2 2/1 3/2\n";
    struct {
        MeshFormat format;
        size_t size;
        const uint8_t *bytes;
    } files[] = {{MESH_PLY, ply.size, ply.bytes},
                 {MESH_GLB, glb_size, glb_bytes},
                 {MESH_OBJ, sizeof obj - 1, (const uint8_t *)obj}};
    for (int f = 0; f < 3; f++)
        for (int tight = 0; tight < 2; tight++) {
            bool ok = false;
            for (size_t limit = 64; !ok; limit += limit < 4096 ? 64 : limit / 2) {
                Arena small;
                REQUIRE(arena_open(&small, limit, &room.err));
                Arena *arena = tight ? &small : &room.arena;
                Arena *scratch = tight ? &room.scratch : &small;
                ok = mesh_from_bytes(arena, scratch, files[f].format, files[f].size, files[f].bytes,
                                     (MeshFiles){0}, &mesh, &room.err);
                CHECK(ok || room.err.code == ERR_LIMIT);
                arena_close(&small);
            }
        }
    close_room(&room);
}

TEST(files_beside_the_mesh_must_stand_beside_it)
{
    static const char *const names[] = {"/etc/passwd",        "../secret.bin",
                                        "a/../../secret.bin", "http://example.com/x.bin",
                                        "C:/x.bin",           ".."};
    Room room;
    Mesh mesh;
    char folder[] = "/tmp/mesh_test_XXXXXX", path[IO_PATH_LIMIT], json[1024];
    REQUIRE(open_room(&room));
    REQUIRE(mkdtemp(folder) != NULL);
    REQUIRE(io_join(path, folder, "scan.gltf", &room.err));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(json, sizeof json,
                 HEAD "'buffers':[{'byteLength':48,'uri':'%s'}],'bufferViews':[{'buffer':0,"
                      "'byteLength':48}],'accessors':[" SQUARE_POINTS "],'meshes':[{'primitives':["
                      "{'attributes':{'POSITION':0},'mode':6}]}]}",
                 names[i]);
        char *text = quoted(&room, json);
        REQUIRE(io_write_file(path, strlen(text), text, &room.err));
        CHECK(!mesh_read_file(&room.arena, &room.scratch, path, &mesh, &room.err));
        CHECK(room.err.code == ERR_INPUT && strstr(room.err.text, names[i]) != NULL);
    }
    char beside[IO_PATH_LIMIT];
    snprintf(json, sizeof json,
             HEAD "'buffers':[{'byteLength':48,'uri':'x.bin'}],'bufferViews':[{'buffer':0,"
                  "'byteLength':48}],'accessors':[" SQUARE_POINTS "],'meshes':[{'primitives':["
                  "{'attributes':{'POSITION':0},'mode':6}]}]}");
    char *text = quoted(&room, json);
    REQUIRE(io_write_file(path, strlen(text), text, &room.err));
    CHECK(!mesh_read_file(&room.arena, &room.scratch, path, &mesh, &room.err));
    CHECK(room.err.code == ERR_IO && strstr(room.err.text, "x.bin") != NULL);
    REQUIRE(io_join(beside, folder, "x.bin", &room.err));
    REQUIRE(io_write_file(beside, sizeof square, square, &room.err));
    CHECK(mesh_read_file(&room.arena, &room.scratch, path, &mesh, &room.err));
    CHECK(!mesh_read_file(&room.arena, &room.scratch, folder, &mesh, &room.err));
    CHECK(!mesh_read_file(&room.arena, &room.scratch, beside, &mesh, &room.err));
    CHECK(strstr(room.err.text, "none of") != NULL);
    unlink(beside);
    unlink(path);
    rmdir(folder);
    close_room(&room);
}

/* ---- surfaces ---- */

/* A sphere of rows x columns, uv over it, vertices doubled along the seam as scanners do. */
static Mesh make_sphere(Room *room, int rows, int columns, double radius, Vec3 centre)
{
    int count = (rows + 1) * (columns + 1);
    Mesh mesh = {.vertex_count = count,
                 .position = ARENA_NEW(&room->arena, Vec3, (size_t)count),
                 .uv = arena_alloc(&room->arena, (size_t)count, sizeof *mesh.uv),
                 .triangle_count = 2 * rows * columns,
                 .triangle =
                     arena_alloc(&room->arena, 2 * (size_t)(rows * columns), sizeof *mesh.triangle),
                 .material_count = 1,
                 .material_list = ARENA_NEW(&room->arena, MeshMaterial, 1)};
    mesh.material_list[0] = (MeshMaterial){{1, 1, 1}, -1};
    for (int i = 0; i < count; i++) {
        double u = (double)(i % (columns + 1)) / columns, v = (double)(i / (columns + 1)) / rows;
        Vec3 d = vec3(sin(pi * v) * sin(2 * pi * u), cos(pi * v), sin(pi * v) * cos(2 * pi * u));
        mesh.position[i] = vec_madd(centre, radius, d);
        mesh.uv[i][0] = (float)u;
        mesh.uv[i][1] = (float)v;
    }
    for (int i = 0; i < rows * columns; i++) {
        int a = i / columns * (columns + 1) + i % columns, below = a + columns + 1;
        memcpy(mesh.triangle[2 * i], (int[]){a, below, below + 1}, sizeof *mesh.triangle);
        memcpy(mesh.triangle[2 * i + 1], (int[]){a, below + 1, a + 1}, sizeof *mesh.triangle);
    }
    return mesh;
}

static Vec3 random_direction(Rng *rng)
{
    return vec_normalize(vec3(rng_normal(rng), rng_normal(rng), rng_normal(rng)));
}

TEST(normals_of_a_sphere_point_away_from_its_centre)
{
    Room room;
    REQUIRE(open_room(&room));
    Vec3 centre = vec3(3, -2, 5);
    Mesh mesh = make_sphere(&room, 40, 80, 2.0, centre);
    mesh.vertex_count++; /* one that no triangle uses (the arena rounds up, so there is room) */
    Vec3 *normal = ARENA_NEW(&room.arena, Vec3, (size_t)mesh.vertex_count);
    mesh_normals(&mesh, normal);
    mesh.vertex_count--;
    CHECK(vec_length(normal[mesh.vertex_count]) == 0.0);
    for (int i = 2 * 81; i < mesh.vertex_count - 2 * 81; i++) {
        if (i % 81 == 0 || i % 81 == 80) /* half of the fan is missing at the seam */
            continue;
        Vec3 want = vec_normalize(vec_sub(mesh.position[i], centre));
        CHECK_NEAR(vec_dot(normal[i], want), 1.0, 1e-3);
    }
    close_room(&room);
}

TEST(glb_written_and_read_back_is_the_same_mesh)
{
    Room room;
    REQUIRE(open_room(&room));
    Mesh mesh = make_sphere(&room, 6, 8, 2.0, vec3(0, 0, 0)), back;
    Vec3 *normal = ARENA_NEW(&room.arena, Vec3, (size_t)mesh.vertex_count);
    MeshMaterial materials[3] = {{{0.1f, 0.2f, 0.3f}, 1}, {{1, 1, 1}, -1}, {{0.7f, 0.9f, 1}, 0}};
    Image images[2];
    Rng rng = rng_make(5, 0);
    mesh.color = ARENA_NEW(&room.arena, Rgb, (size_t)mesh.vertex_count);
    mesh.material = ARENA_NEW(&room.arena, int, (size_t)mesh.triangle_count);
    mesh.material_list = materials;
    mesh.material_count = 3;
    mesh.image = images;
    mesh.image_count = 2;
    for (int i = 0; i < mesh.vertex_count; i++) {
        Vec3 p = mesh.position[i];
        /* volatile: gcc 12.2 drops double -> float -> double when it takes two at a time */
        volatile float x = (float)p.x, y = (float)p.y, z = (float)p.z;
        mesh.position[i] = vec3((double)x, (double)y, (double)z);
        mesh.color[i] = (Rgb){rng_f32(&rng), rng_f32(&rng), rng_f32(&rng)};
    }
    for (int t = 0; t < mesh.triangle_count; t++)
        mesh.material[t] = 3 * t / mesh.triangle_count;
    for (int i = 0; i < 2; i++) {
        REQUIRE(image_new(&room.arena, 5 + i, 3, &images[i], &room.err));
        memset(images[i].rgb, 40 + i, 45);
    }
    mesh_normals(&mesh, normal);
    MeshNode nodes[] = {{"vertex \"top\"", {1, 2, 3}}, {"inion \xc3\xa9", {0, 0, 0}}};
    size_t size, again_size;
    uint8_t *bytes, *again;
    REQUIRE(mesh_to_glb(&room.arena, &room.scratch, &mesh, normal, 1.0, 2, nodes, &size, &bytes,
                        &room.err));
    REQUIRE(mesh_to_glb(&room.arena, &room.scratch, &mesh, normal, 1.0, 2, nodes, &again_size,
                        &again, &room.err));
    CHECK(size == again_size && memcmp(bytes, again, size) == 0);
    CHECK(size % 4 == 0 && strstr((char *)bytes + 20, "vertex \\\"top\\\"") != NULL);
    REQUIRE(read_with(&room, MESH_GLB, size, bytes, NULL, &back));
    size_t n = (size_t)mesh.vertex_count, m = (size_t)mesh.triangle_count;
    REQUIRE(back.vertex_count == mesh.vertex_count && back.triangle_count == mesh.triangle_count);
    REQUIRE(back.material_count == 3 && back.image_count == 2);
    for (int i = 0; i < mesh.vertex_count; i++) /* -0 may become 0 */
        CHECK_NEAR(vec_distance(back.position[i], mesh.position[i]), 0.0, 0.0);
    CHECK(memcmp(back.uv, mesh.uv, n * sizeof *mesh.uv) == 0);
    CHECK(memcmp(back.color, mesh.color, n * sizeof *mesh.color) == 0);
    CHECK(memcmp(back.triangle, mesh.triangle, m * sizeof *mesh.triangle) == 0);
    CHECK(memcmp(back.material, mesh.material, m * sizeof *mesh.material) == 0);
    for (int i = 0; i < 3; i++) {
        CHECK(back.material_list[i].base_color.g == materials[i].base_color.g);
        if (materials[i].image < 0) {
            CHECK(back.material_list[i].image < 0);
            continue;
        }
        const Image *a = &images[materials[i].image], *b = &back.image[back.material_list[i].image];
        CHECK(a->width_px == b->width_px && memcmp(a->rgb, b->rgb, 45) == 0);
    }
    for (size_t cut = 0; cut < size; cut += 7)
        CHECK(!read_with(&room, MESH_GLB, cut, bytes, NULL, &back));
    nodes[0].name = "\xff";
    CHECK(!mesh_to_glb(&room.arena, &room.scratch, &mesh, NULL, 1.0, 1, nodes, &size, &bytes,
                       &room.err));
    mesh.position[3].y = (double)NAN;
    CHECK(!mesh_to_glb(&room.arena, &room.scratch, &mesh, NULL, 1.0, 0, NULL, &size, &bytes,
                       &room.err));
    CHECK(room.err.code == ERR_INPUT && strstr(room.err.text, "vertex 4") != NULL);
    close_room(&room);
}

TEST(colour_repeats_the_picture_outside_the_unit_square)
{
    uint8_t rgb[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
    Image image = {2, 2, rgb};
    MeshMaterial material = {{1, 1, 1}, 0};
    Vec3 position[3] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}};
    int triangle[1][3] = {{0, 1, 2}};
    float uv[3][2];
    Mesh mesh = {3, position, uv, NULL, 1, triangle, NULL, 1, &material, 1, &image, 0};
    static const struct {
        float u, v;
        double r, g, b;
    } cases[] = {{0.25f, 0.25f, 1, 0, 0}, {1.25f, 0.25f, 1, 0, 0}, {-0.25f, 0.25f, 0, 1, 0},
                 {0.25f, 7.75f, 0, 0, 1}, {1, 1, 1, 1, 1},         {1e30f, -1e30f, 1, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int k = 0; k < 3; k++) {
            uv[k][0] = cases[i].u;
            uv[k][1] = cases[i].v;
        }
        static const double weight[3] = {0.25, 0.25, 0.5};
        CHECK(is_color(mesh_color(&mesh, 0, weight, 1), cases[i].r, cases[i].g, cases[i].b));
    }
    CHECK(is_color(mesh_color(&mesh, 0, (double[]){1, 0, 0}, 50), 0.5, 0.5, 0.5)); /* all four */
    mesh.uv = NULL;
    CHECK(is_color(mesh_color(&mesh, 0, (double[]){1, 0, 0}, 0), 0.5, 0.5, 0.5));
    CHECK(!mesh_has_color(&mesh));
}

/* ---- rays ---- */

/* The cube [-1, 1]^3 with faces outwards. */
static Mesh make_cube(void)
{
    static Vec3 position[8] = {{-1, -1, -1}, {1, -1, -1}, {-1, 1, -1}, {1, 1, -1},
                               {-1, -1, 1},  {1, -1, 1},  {-1, 1, 1},  {1, 1, 1}};
    static int triangle[12][3] = {{0, 2, 3}, {0, 3, 1}, {4, 5, 7}, {4, 7, 6}, {0, 1, 5}, {0, 5, 4},
                                  {2, 6, 7}, {2, 7, 3}, {0, 4, 6}, {0, 6, 2}, {1, 3, 7}, {1, 7, 5}};
    static MeshMaterial white = {{1, 1, 1}, -1};
    return (Mesh){.vertex_count = 8,
                  .position = position,
                  .triangle_count = 12,
                  .triangle = triangle,
                  .material_count = 1,
                  .material_list = &white};
}

TEST(rays_hit_a_cube_where_the_formula_says)
{
    Err err;
    MeshRays rays;
    Mesh mesh = make_cube();
    REQUIRE(mesh_rays_open(&mesh, &rays, &err));
    Rng rng = rng_make(1, 0);
    for (int i = 0; i < 2000; i++) {
        double x = 1.9 * rng_f64(&rng) - 0.95, y = 1.9 * rng_f64(&rng) - 0.95;
        MeshHit hit = mesh_rays_hit(&rays, vec3(x, y, 5), vec3(0, 0, -2), HUGE_VAL);
        REQUIRE(hit.triangle >= 0);
        CHECK_NEAR(hit.distance, 2.0, 1e-12); /* 4 units at 2 per unit of distance */
        CHECK(!hit.from_behind);
        Vec3 p = mesh_point(&mesh, hit.triangle, hit.weight);
        CHECK(vec_distance(p, vec3(x, y, 1)) < 1e-12);
        hit = mesh_rays_hit(&rays, vec3(x, y, 0), vec3(0, 0, -1), HUGE_VAL);
        CHECK_NEAR(hit.distance, 1.0, 1e-12);
        CHECK(hit.from_behind); /* from inside */
        CHECK(mesh_rays_hit(&rays, vec3(x, y, 5), vec3(0, 0, -1), 3.9).triangle == -1);
        CHECK(mesh_rays_hit(&rays, vec3(x, y, 5), vec3(0, 0, 1), HUGE_VAL).triangle == -1);
        CHECK(mesh_rays_blocked(&rays, vec3(x, y, 5), vec3(0, 0, -1), 4.1));
        CHECK(!mesh_rays_blocked(&rays, vec3(x, y, 5), vec3(0, 0, -1), 3.9));
    }
    static const Vec3 bad[] = {{(double)NAN, 0, 0}, {0, HUGE_VAL, 0}, {0, 0, 0}};
    for (int i = 0; i < 3; i++) {
        CHECK(mesh_rays_hit(&rays, vec3(0, 0, 5), bad[i], HUGE_VAL).triangle == -1);
        CHECK(!mesh_rays_blocked(&rays, vec3(0, 0, 5), bad[i], HUGE_VAL));
    }
    CHECK(mesh_rays_hit(&rays, vec3(0, (double)NAN, 5), vec3(0, 0, -1), HUGE_VAL).triangle == -1);
    CHECK(mesh_rays_hit(&rays, vec3(0, 0, 5), vec3(0, 0, -1), (double)NAN).triangle == -1);
    mesh_rays_close(&rays);
}

/* Edges and corners belong to both sides: nothing slips through a closed surface. */
TEST(no_ray_slips_through_edges)
{
    Err err;
    Room room;
    MeshRays rays;
    REQUIRE(open_room(&room));
    Mesh mesh = make_sphere(&room, 24, 48, 1.0, vec3(0, 0, 0));
    REQUIRE(mesh_rays_open(&mesh, &rays, &err));
    for (int t = 0; t < mesh.triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            Vec3 a = mesh.position[mesh.triangle[t][k]];
            Vec3 b = mesh.position[mesh.triangle[t][(k + 1) % 3]];
            Vec3 aim = vec_lerp(a, b, (k % 2) * 0.5); /* a corner or the middle of an edge */
            MeshHit hit = mesh_rays_hit(&rays, vec3(0, 0, 0), aim, HUGE_VAL);
            REQUIRE(hit.triangle >= 0);
            CHECK_NEAR(hit.distance, 1.0, 1e-6);
        }
    mesh_rays_close(&rays);
    close_room(&room);
}

TEST(rays_on_a_fine_sphere_meet_its_radius_wherever_it_stands)
{
    static const Vec3 centres[] = {{0, 0, 0}, {500000, 5400000, -300}};
    Err err;
    Room room;
    MeshRays rays;
    REQUIRE(open_room(&room));
    for (int c = 0; c < 2; c++) {
        Mesh mesh = make_sphere(&room, 200, 400, 100.0, centres[c]);
        REQUIRE(mesh_rays_open(&mesh, &rays, &err));
        Rng rng = rng_make(2, 0);
        for (int i = 0; i < 2000; i++) {
            Vec3 d = random_direction(&rng);
            MeshHit hit = mesh_rays_hit(&rays, vec_madd(centres[c], 300, d), vec_scale(d, -1), 1e9);
            REQUIRE(hit.triangle >= 0);
            /* The chord of 1.57 x 1.57 lies at most 2 * 1.57^2 / 8 / 100 below the sphere. */
            CHECK(hit.distance >= 200.0 - 1e-6 && hit.distance < 200.0062);
            CHECK(!hit.from_behind);
        }
        mesh_rays_close(&rays);
    }
    close_room(&room);
}

/* Nearest hit over all triangles, in double. */
static double naive_distance(const Mesh *mesh, Vec3 o, Vec3 d, int *triangle)
{
    double nearest = HUGE_VAL;
    *triangle = -1;
    for (int t = 0; t < mesh->triangle_count; t++) {
        const int *v = mesh->triangle[t];
        Vec3 a = mesh->position[v[0]], ab = vec_sub(mesh->position[v[1]], a);
        Vec3 ac = vec_sub(mesh->position[v[2]], a), p = vec_cross(d, ac), s = vec_sub(o, a);
        double det = vec_dot(ab, p);
        Vec3 q = vec_cross(s, ab);
        double u = vec_dot(s, p) / det, w = vec_dot(d, q) / det, at = vec_dot(ac, q) / det;
        if (u >= 0 && w >= 0 && u + w <= 1 && at >= 0 && at < nearest) {
            nearest = at;
            *triangle = t;
        }
    }
    return nearest;
}

static Mesh make_soup(Room *room, int count)
{
    Mesh mesh = make_cube();
    Rng rng = rng_make(4, 0);
    mesh.vertex_count = 3 * count;
    mesh.triangle_count = count;
    mesh.position = ARENA_NEW(&room->arena, Vec3, (size_t)mesh.vertex_count);
    mesh.triangle = arena_alloc(&room->arena, (size_t)count, sizeof *mesh.triangle);
    for (int i = 0; i < mesh.vertex_count; i++) {
        Vec3 base = i % 3 == 0 ? vec_scale(random_direction(&rng), 10) : mesh.position[i - i % 3];
        mesh.position[i] = vec_madd(base, 1.5, random_direction(&rng));
        mesh.triangle[i / 3][i % 3] = i;
    }
    return mesh;
}

TEST(rays_agree_with_a_loop_over_all_triangles)
{
    Err err;
    Room room;
    MeshRays rays;
    REQUIRE(open_room(&room));
    Mesh mesh = make_soup(&room, 500);
    REQUIRE(mesh_rays_open(&mesh, &rays, &err));
    Rng rng = rng_make(6, 0);
    int hits = 0;
    for (int i = 0; i < 4000; i++) {
        Vec3 o = vec_scale(random_direction(&rng), 15);
        Vec3 d = vec_sub(vec_scale(random_direction(&rng), 8), o);
        int want;
        double distance = naive_distance(&mesh, o, d, &want);
        MeshHit hit = mesh_rays_hit(&rays, o, d, HUGE_VAL);
        CHECK(hit.triangle == want); /* none of these rays grazes a rim */
        CHECK(mesh_rays_blocked(&rays, o, d, HUGE_VAL) == (want >= 0));
        if (want < 0 || hit.triangle != want)
            continue;
        hits++;
        CHECK_NEAR(hit.distance, distance, 1e-9);
        CHECK_NEAR(hit.weight[0] + hit.weight[1] + hit.weight[2], 1.0, 1e-12);
        CHECK(vec_distance(mesh_point(&mesh, want, hit.weight), vec_madd(o, distance, d)) < 1e-9);
    }
    CHECK(hits > 500);
    mesh_rays_close(&rays);
    close_room(&room);
}

enum { RAYS = 4000 };

typedef struct RayJob {
    const MeshRays *rays;
    MeshHit hit[RAYS];
} RayJob;

static void cast_rays(void *ctx, int block, int begin, int end)
{
    RayJob *job = ctx;
    (void)block;
    for (int i = begin; i < end; i++) {
        Rng rng = rng_make(8, (uint64_t)i);
        Vec3 o = vec_scale(random_direction(&rng), 15);
        Vec3 d = vec_sub(vec_scale(random_direction(&rng), 8), o);
        job->hit[i] = mesh_rays_hit(job->rays, o, d, HUGE_VAL);
    }
}

TEST(rays_do_not_depend_on_threads_nor_on_who_built_them)
{
    Err err;
    Room room;
    REQUIRE(open_room(&room));
    Mesh mesh = make_soup(&room, 3000);
    RayJob *first = ARENA_NEW(&room.arena, RayJob, 1), *job = ARENA_NEW(&room.arena, RayJob, 1);
    for (int threads = 1; threads <= 5; threads++) {
        MeshRays rays;
        REQUIRE(mesh_rays_open(&mesh, &rays, &err));
        RayJob *now = threads == 1 ? first : job;
        now->rays = &rays;
        parallel_for(threads, RAYS, 64, cast_rays, now);
        for (int i = 0; i < RAYS; i++) /* not memcmp: a hit has padding */
            CHECK(first->hit[i].triangle == now->hit[i].triangle &&
                  first->hit[i].distance == now->hit[i].distance &&
                  first->hit[i].weight[1] == now->hit[i].weight[1] &&
                  first->hit[i].from_behind == now->hit[i].from_behind);
        mesh_rays_close(&rays);
    }
    close_room(&room);
}

TEST(rays_leave_denormal_numbers_alone)
{
    Err err;
    MeshRays rays;
    Mesh mesh = make_cube();
    volatile float tiny = 1e-40f, half = 0.5f;
    REQUIRE(mesh_rays_open(&mesh, &rays, &err));
    CHECK(tiny * half > 0.0f);
    CHECK(mesh_rays_hit(&rays, vec3(0.1, 0.2, 5), vec3(0, 0, -1), 9).triangle >= 0);
    CHECK(tiny * half > 0.0f);
    mesh_rays_close(&rays);
    CHECK(tiny * half > 0.0f);
}

TEST(rays_refuse_what_is_too_far_out)
{
    Err err;
    MeshRays rays;
    Mesh mesh = make_cube();
    Vec3 position[8];
    memcpy(position, mesh.position, sizeof position);
    mesh.position = position;
    position[5].z = 1e30;
    CHECK(!mesh_rays_open(&mesh, &rays, &err) && err.code == ERR_INPUT);
    CHECK(rays.scene == NULL && rays.device == NULL);
}

/* ---- real scans ---- */

TEST(real_heads_read_as_their_documentation_says)
{
    static const struct {
        const char *path;
        int least_vertices, triangles;
        bool color;
    } heads[] = {{"../shared/data/heads/lee_perry_smith.glb", 9279, 17684, true},
                 {"../shared/data/heads/generic_neutral_mesh.obj", 26719, 0, false},
                 {"../shared/data/heads/identity000.obj", 26719, 0, false}};
    Room room;
    Mesh mesh;
    MeshRays rays;
    REQUIRE(open_room(&room));
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        if (access(heads[i].path, R_OK) != 0) {
            printf("# skipped: needs %s\n", heads[i].path);
            continue;
        }
        REQUIRE(mesh_read_file(&room.arena, &room.scratch, heads[i].path, &mesh, &room.err));
        CHECK(mesh.vertex_count >= heads[i].least_vertices);
        CHECK(heads[i].triangles == 0 || mesh.triangle_count == heads[i].triangles);
        CHECK(mesh_has_color(&mesh) == heads[i].color);
        REQUIRE(mesh_rays_open(&mesh, &rays, &room.err));
        Vec3 above = vec3(0, 1000, 0);
        MeshHit hit = mesh_rays_hit(&rays, above, vec3(0, -1, 0), HUGE_VAL);
        CHECK(hit.triangle >= 0 && !hit.from_behind);
        mesh_rays_close(&rays);
    }
    close_room(&room);
}
