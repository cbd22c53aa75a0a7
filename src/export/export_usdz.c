#include "export/solid_internal.h"

#include <math.h>
#include <string.h>

/* The root layer is text (.usda). The specification of USDZ allows .usda, .usdc and .usd alike; the
 * binary form is smaller, but its layout is given by its implementation alone. Apple's viewer shows
 * text layers: three.js' USDZExporter writes nothing else ("model.usda", first in the archive), and
 * model-viewer hands its files to AR Quick Look on every iPhone. The limits of that viewer are
 * kept: one material of UsdPreviewSurface, a texture in PNG, coordinates in metres with
 * metersPerUnit 1 (readers that ignore the key are right all the same), +y up. */

static const char head_text[] = "#usda 1.0\n"
                                "(\n"
                                "    defaultPrim = \"Head\"\n"
                                "    metersPerUnit = 1\n"
                                "    upAxis = \"Y\"\n"
                                ")\n\n"
                                "def Xform \"Head\" (\n"
                                "    kind = \"component\"\n"
                                ")\n"
                                "{\n"
                                "    def Mesh \"Canvas\" (\n"
                                "        prepend apiSchemas = [\"MaterialBindingAPI\"]\n"
                                "    )\n"
                                "    {\n"
                                /* The canvas ends below the ears: its inside is seen from there. */
                                "        uniform bool doubleSided = 1\n";

static const char material_text[] =
    "        uniform token orientation = \"rightHanded\"\n"
    "        uniform token subdivisionScheme = \"none\"\n"
    "        rel material:binding = </Head/Materials/Skin>\n"
    "    }\n\n"
    "    def Scope \"Materials\"\n"
    "    {\n"
    "        def Material \"Skin\"\n"
    "        {\n"
    "            token outputs:surface.connect = </Head/Materials/Skin/Surface.outputs:surface>\n\n"
    "            def Shader \"Surface\"\n"
    "            {\n"
    "                uniform token info:id = \"UsdPreviewSurface\"\n"
    "                color3f inputs:diffuseColor.connect = "
    "</Head/Materials/Skin/Texture.outputs:rgb>\n"
    "                float inputs:metallic = 0\n"
    "                float inputs:roughness = 1\n"
    "                token outputs:surface\n"
    "            }\n\n"
    "            def Shader \"Place\"\n"
    "            {\n"
    "                uniform token info:id = \"UsdPrimvarReader_float2\"\n"
    "                string inputs:varname = \"st\"\n"
    "                float2 outputs:result\n"
    "            }\n\n"
    "            def Shader \"Texture\"\n"
    "            {\n"
    "                uniform token info:id = \"UsdUVTexture\"\n"
    "                asset inputs:file = @textures/skin.png@\n"
    "                token inputs:sourceColorSpace = \"sRGB\"\n"
    "                float2 inputs:st.connect = </Head/Materials/Skin/Place.outputs:result>\n"
    "                token inputs:wrapS = \"clamp\"\n"
    "                token inputs:wrapT = \"clamp\"\n"
    "                float3 outputs:rgb\n"
    "            }\n"
    "        }\n"
    "    }\n"
    "}\n";

/* ---- text: numbers without the library's formatting, which follows the locale ---- */

enum { DECIMALS = 7, NUMBER = 24 }; /* a tenth of a micrometre in metres */

static char *put_text(char *to, const char *text)
{
    size_t length = strlen(text);
    memcpy(to, text, length);
    return to + length;
}

static char *put_whole(char *to, uint64_t value)
{
    char digit[NUMBER];
    int count = 0;
    do
        digit[count++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    while (count > 0)
        *to++ = digit[--count];
    return to;
}

/* |value| < 1e9; zeros at the end are left out. */
static char *put_number(char *to, double value)
{
    const int64_t one = 10000000; /* 10^DECIMALS */
    int64_t scaled = llround(value * (double)one), rest = scaled < 0 ? -scaled : scaled;
    if (scaled < 0)
        *to++ = '-';
    to = put_whole(to, (uint64_t)(rest / one));
    rest %= one;
    if (rest == 0)
        return to;
    *to++ = '.';
    for (int64_t place = one / 10; rest > 0; rest %= place, place /= 10)
        *to++ = (char)('0' + rest / place);
    return to;
}

static char *put_tuple(char *to, int count, const double value[])
{
    *to++ = '(';
    for (int k = 0; k < count; k++) {
        if (k > 0)
            to = put_text(to, ", ");
        to = put_number(to, value[k]);
    }
    *to++ = ')';
    return to;
}

static char *put_vectors(char *to, int count, const Vec3 vector[], double scale)
{
    *to++ = '[';
    for (int i = 0; i < count; i++) {
        if (i > 0)
            to = put_text(to, ", ");
        to = put_tuple(to, 3,
                       (double[]){scale * vector[i].x, scale * vector[i].y, scale * vector[i].z});
    }
    return put_text(to, "]");
}

/* ---- the layer ---- */

static char *put_faces(char *to, const HeadTopology *topology)
{
    to = put_text(to, "        int[] faceVertexCounts = [");
    for (int t = 0; t < topology->triangle_count; t++)
        to = put_text(to, t > 0 ? ", 3" : "3");
    to = put_text(to, "]\n        int[] faceVertexIndices = [");
    for (int t = 0; t < topology->triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            if (t + k > 0)
                to = put_text(to, ", ");
            to = put_whole(to, (uint64_t)topology->triangle[t][k]);
        }
    return put_text(to, "]\n");
}

static char *put_extent(char *to, const Head *head)
{
    Vec3 bound[2] = {head->position_mm[0], head->position_mm[0]};
    for (int i = 0; i < head->topology->vertex_count; i++) {
        Vec3 p = head->position_mm[i];
        bound[0] = vec3(fmin(bound[0].x, p.x), fmin(bound[0].y, p.y), fmin(bound[0].z, p.z));
        bound[1] = vec3(fmax(bound[1].x, p.x), fmax(bound[1].y, p.y), fmax(bound[1].z, p.z));
    }
    to = put_text(to, "        float3[] extent = ");
    to = put_vectors(to, 2, bound, 1e-3);
    return put_text(to, "\n");
}

/* st counts from the lower left corner. */
static char *put_places(char *to, const HeadTopology *topology)
{
    to = put_text(to, "        texCoord2f[] primvars:st = [");
    for (int i = 0; i < topology->vertex_count; i++) {
        double place[2];
        export_texture_place(topology->direction[i], place);
        if (i > 0)
            to = put_text(to, ", ");
        to = put_tuple(to, 2, (double[]){place[0], 1.0 - place[1]});
    }
    return put_text(to, "] (\n            interpolation = \"vertex\"\n        )\n");
}

static bool make_layer(Arena *arena, const Head *head, ExportEntry *layer, Err *err)
{
    const HeadTopology *topology = head->topology;
    size_t vertices = (size_t)topology->vertex_count, faces = (size_t)topology->triangle_count;
    size_t room = sizeof head_text + sizeof material_text + 1024 +
                  vertices * (3 * 16 + 3 * 14 + 2 * 14 + 24) + faces * (3 + 3 * 12);
    char *text = ARENA_NEW(arena, char, room), *to = text;
    if (text == NULL)
        return err_set(err, ERR_LIMIT, "no room for a scene of %zu vertices", vertices);
    to = put_text(to, head_text);
    to = put_extent(to, head);
    to = put_faces(to, topology);
    to = put_text(to, "        normal3f[] normals = ");
    to = put_vectors(to, topology->vertex_count, head->normal, 1.0);
    to = put_text(to, " (\n            interpolation = \"vertex\"\n        )\n");
    to = put_text(to, "        point3f[] points = ");
    to = put_vectors(to, topology->vertex_count, head->position_mm, 1e-3);
    to = put_text(to, "\n");
    to = put_places(to, topology);
    to = put_text(to, material_text);
    *layer = (ExportEntry){"head.usda", (size_t)(to - text), (const uint8_t *)text};
    return true;
}

bool export_usdz(Arena *arena, Arena *scratch, const Case *plan, const ExportTexture *texture,
                 ExportBytes *file, Err *err)
{
    size_t mark = arena_mark(scratch);
    Image picture;
    uint8_t *png;
    ExportEntry entry[2] = {{.name = "head.usda"}, {.name = "textures/skin.png"}};
    if (!export_texture(arena, scratch, plan, texture, &picture, err) ||
        !make_layer(scratch, plan->head, &entry[0], err) ||
        !image_encode_png(scratch, &picture, 6, &entry[1].size, &png, err))
        return false;
    entry[1].bytes = png;
    if (!export_package(arena, 2, entry, file, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
