/* PLY (Turk, "The PLY polygon file format", Stanford 1994): ascii and both binary orders; colour
 * and texture coordinates per vertex, texture coordinates per face corner, faces and strips. */
#include "mesh/mesh_internal.h"

#include <string.h>

enum { MAX_ELEMENTS = 16, MAX_PROPERTIES = 64, MAX_CORNERS = 1 << 16 };

typedef enum PlyType { PLY_NONE, I8, U8, I16, U16, I32, U32, F32, F64 } PlyType;
typedef enum PlyOrder { ASCII, LITTLE, BIG } PlyOrder;

typedef enum PlyMeaning {
    OTHER,
    X,
    Y,
    Z,
    RED,
    GREEN,
    BLUE,
    S,
    T,
    CORNERS,
    CORNER_UV,
    MEANING_COUNT
} PlyMeaning;

typedef struct PlyProperty {
    PlyType type, count_type; /* count_type: PLY_NONE unless a list */
    PlyMeaning meaning;
} PlyProperty;

typedef struct PlyElement {
    TextSpan name;
    int64_t count;
    int property_count;
    PlyProperty property[MAX_PROPERTIES];
} PlyElement;

typedef struct Ply {
    MeshReader reader;
    PlyOrder order;
    int element_count;
    PlyElement element[MAX_ELEMENTS];
    TextSpan picture;
    const uint8_t *start, *at, *end;
    int vertex_count;
    Vec3 *position; /* [vertex_count] */
    Rgb *color;     /* [vertex_count] or NULL */
    float (*uv)[2]; /* [vertex_count] or NULL */
    bool has_color, has_uv, has_corner_uv;
    MeshSplit split;
    double *corner, *corner_uv; /* [MAX_CORNERS] and twice that: the lists of one face */
    int corner_count, corner_uv_count;
    int triangle_count, triangle_room;
    int (*triangle)[3]; /* in vertices of the mesh */
} Ply;

/* ---- the header ---- */

static PlyType type_of(TextSpan word)
{
    static const struct {
        const char *name;
        PlyType type;
    } names[] = {{"char", I8},   {"int8", I8},     {"uchar", U8},   {"uint8", U8},
                 {"short", I16}, {"int16", I16},   {"ushort", U16}, {"uint16", U16},
                 {"int", I32},   {"int32", I32},   {"uint", U32},   {"uint32", U32},
                 {"float", F32}, {"float32", F32}, {"double", F64}, {"float64", F64}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equals(word, names[i].name))
            return names[i].type;
    return PLY_NONE;
}

static int type_size(PlyType type)
{
    static const int size[] = {0, 1, 1, 2, 2, 4, 4, 4, 8};
    return size[type];
}

static PlyMeaning meaning_of(TextSpan word, bool is_list)
{
    static const struct {
        const char *name;
        PlyMeaning meaning;
    } names[] = {{"x", X},
                 {"y", Y},
                 {"z", Z},
                 {"red", RED},
                 {"green", GREEN},
                 {"blue", BLUE},
                 {"diffuse_red", RED},
                 {"diffuse_green", GREEN},
                 {"diffuse_blue", BLUE},
                 {"s", S},
                 {"t", T},
                 {"u", S},
                 {"v", T},
                 {"texture_u", S},
                 {"texture_v", T},
                 {"vertex_indices", CORNERS},
                 {"vertex_index", CORNERS},
                 {"texcoord", CORNER_UV}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equals(word, names[i].name))
            return is_list == (names[i].meaning >= CORNERS) ? names[i].meaning : OTHER;
    return OTHER;
}

static bool is_vertex(const PlyElement *element)
{
    return text_equals(element->name, "vertex");
}

static bool is_face(const PlyElement *element)
{
    return text_equals(element->name, "face");
}

static bool is_strip(const PlyElement *element)
{
    return text_equals(element->name, "tristrips");
}

static bool header_error(const Ply *ply, const TextCursor *cursor, const char *what)
{
    return err_set(ply->reader.err, ERR_INPUT, "PLY header, line %d: %s", cursor->line, what);
}

static bool read_format(Ply *ply, TextCursor *cursor)
{
    TextSpan order = text_word(cursor), version = text_word(cursor);
    if (text_equals(order, "ascii"))
        ply->order = ASCII;
    else if (text_equals(order, "binary_little_endian"))
        ply->order = LITTLE;
    else if (text_equals(order, "binary_big_endian"))
        ply->order = BIG;
    else
        return header_error(ply, cursor, "unknown format");
    return text_equals(version, "1.0") || header_error(ply, cursor, "the version is not 1.0");
}

static bool read_element(Ply *ply, TextCursor *cursor)
{
    if (ply->element_count == MAX_ELEMENTS)
        return header_error(ply, cursor, "more than 16 elements");
    PlyElement *element = &ply->element[ply->element_count++];
    *element = (PlyElement){.name = text_word(cursor)};
    long count;
    if (!text_to_long(text_word(cursor), &count) || count < 0)
        return header_error(ply, cursor, "an element without a count");
    element->count = count;
    return true;
}

static bool read_property(Ply *ply, TextCursor *cursor)
{
    if (ply->element_count == 0)
        return header_error(ply, cursor, "a property before the first element");
    PlyElement *element = &ply->element[ply->element_count - 1];
    if (element->property_count == MAX_PROPERTIES)
        return header_error(ply, cursor, "more than 64 properties");
    PlyProperty *property = &element->property[element->property_count++];
    *property = (PlyProperty){0};
    TextSpan word = text_word(cursor);
    bool is_list = text_equals(word, "list");
    if (is_list) {
        property->count_type = type_of(text_word(cursor));
        if (property->count_type == PLY_NONE || property->count_type >= F32)
            return header_error(ply, cursor, "a list whose count is not a whole number");
        word = text_word(cursor);
    }
    property->type = type_of(word);
    property->meaning = meaning_of(text_word(cursor), is_list);
    return property->type != PLY_NONE || header_error(ply, cursor, "unknown type of a property");
}

static bool read_header(Ply *ply, size_t size, const uint8_t bytes[])
{
    TextCursor cursor = text_cursor(size, bytes);
    bool formatted = false;
    text_skip_line(&cursor); /* "ply" */
    while (!text_at_end(&cursor)) {
        TextSpan word = text_word(&cursor);
        bool ok = true;
        if (text_equals(word, "end_header")) {
            /* A header without any newline behind it is cut off. */
            if (!formatted || memchr(cursor.at, '\n', (size_t)(cursor.end - cursor.at)) == NULL)
                break;
            text_skip_line(&cursor);
            ply->start = bytes;
            ply->at = (const uint8_t *)cursor.at;
            ply->end = bytes + size;
            return true;
        }
        if (text_equals(word, "format"))
            ok = formatted = read_format(ply, &cursor);
        else if (text_equals(word, "element"))
            ok = read_element(ply, &cursor);
        else if (text_equals(word, "property"))
            ok = read_property(ply, &cursor);
        else if (text_equals(word, "comment") && text_equals(text_word(&cursor), "TextureFile")) {
            ply->picture = text_rest_of_line(&cursor);
            continue;
        }
        if (!ok)
            return false;
        text_skip_line(&cursor);
    }
    return err_set(ply->reader.err, ERR_INPUT, "the PLY header does not end");
}

/* ---- values ---- */

static bool cut_off(const Ply *ply, const PlyElement *element, int64_t i)
{
    return err_set(ply->reader.err, ERR_INPUT,
                   "%.*s %lld of %lld: the PLY is cut off or not a number at byte %zu",
                   (int)(element->name.length < 40 ? element->name.length : 40),
                   element->name.start, (long long)i + 1, (long long)element->count,
                   (size_t)(ply->at - ply->start));
}

static uint64_t load(const uint8_t *at, int size, bool big)
{
    uint64_t bits = 0;
    for (int i = 0; i < size; i++)
        bits |= (uint64_t)at[i] << 8 * (big ? size - 1 - i : i);
    return bits;
}

static double decode_number(const uint8_t *at, PlyType type, bool big)
{
    uint64_t bits = load(at, type_size(type), big);
    uint32_t low = (uint32_t)bits;
    double value = 0.0;
    float single;
    switch (type) {
    case PLY_NONE:
        break;
    case I8:
        value = (int8_t)bits;
        break;
    case I16:
        value = (int16_t)bits;
        break;
    case I32:
        value = (int32_t)low;
        break;
    case U8:
    case U16:
    case U32:
        value = low;
        break;
    case F32:
        memcpy(&single, &low, sizeof single);
        value = (double)single;
        break;
    case F64:
        memcpy(&value, &bits, sizeof value);
        break;
    }
    return value;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next number of the file, whatever the format. */
static bool next_number(Ply *ply, PlyType type, double *value)
{
    if (ply->order != ASCII) {
        if (ply->end - ply->at < type_size(type))
            return false;
        *value = decode_number(ply->at, type, ply->order == BIG);
        ply->at += type_size(type);
        return true;
    }
    while (ply->at < ply->end && is_space(*ply->at))
        ply->at++;
    const char *at = (const char *)ply->at;
    bool ok = mesh_text_number(&at, (const char *)ply->end, value);
    ply->at = (const uint8_t *)at;
    return ok;
}

/* The length of a list; negative and absurd ones are false. */
static bool next_count(Ply *ply, const PlyProperty *property, int *count)
{
    double value;
    if (!next_number(ply, property->count_type, &value) || !(value >= 0.0 && value < 1e9))
        return false;
    *count = (int)value;
    return true;
}

/* Fewest bytes one element can take: what a count in the header must be paid with. */
static int64_t least_bytes(const Ply *ply, const PlyElement *element)
{
    int64_t bytes = 0;
    for (int i = 0; i < element->property_count; i++) {
        const PlyProperty *p = &element->property[i];
        bytes += ply->order == ASCII
                     ? 2
                     : type_size(p->count_type != PLY_NONE ? p->count_type : p->type);
    }
    return bytes;
}

static bool is_affordable(const Ply *ply, const PlyElement *element, int64_t limit)
{
    int64_t left = ply->end - ply->at + 1, least = least_bytes(ply, element);
    if (element->count > limit)
        return err_set(ply->reader.err, ERR_INPUT, "the PLY has %lld elements, more than %lld",
                       (long long)element->count, (long long)limit);
    if (least * element->count > left)
        return err_set(ply->reader.err, ERR_INPUT,
                       "the PLY states %lld elements but has only %lld bytes for them",
                       (long long)element->count, (long long)left);
    return true;
}

/* ---- vertices ---- */

static bool has(const PlyElement *element, PlyMeaning meaning)
{
    for (int i = 0; i < element->property_count; i++)
        if (element->property[i].meaning == meaning)
            return true;
    return false;
}

static PlyType type_in(const PlyElement *element, PlyMeaning meaning)
{
    for (int i = 0; i < element->property_count; i++)
        if (element->property[i].meaning == meaning)
            return element->property[i].type;
    return PLY_NONE;
}

/* Colours are sRGB code values: bytes, 16-bit words, or fractions. */
static float linear_code(double code, PlyType type)
{
    double scale = type == U8 || type == I8 ? 255.0 : type < F32 ? 65535.0 : 1.0;
    double fraction = code / scale;
    if (isnan(fraction))
        return NAN; /* found and named by the check of all readers */
    return color_srgb_decode((float)(fraction < 0.0 ? 0.0 : fraction > 1.0 ? 1.0 : fraction));
}

static bool skip_list(Ply *ply, const PlyProperty *property)
{
    int count;
    double value;
    if (!next_count(ply, property, &count))
        return false;
    for (int i = 0; i < count; i++)
        if (!next_number(ply, property->type, &value))
            return false;
    return true;
}

static bool read_vertex(Ply *ply, const PlyElement *element, double value[MEANING_COUNT])
{
    for (int p = 0; p < element->property_count; p++) {
        const PlyProperty *property = &element->property[p];
        bool ok = property->count_type != PLY_NONE
                      ? skip_list(ply, property)
                      : next_number(ply, property->type, &value[property->meaning]);
        if (!ok)
            return false;
    }
    return true;
}

static Rgb vertex_color(const double value[MEANING_COUNT], PlyType type)
{
    if (type == U8) {
        uint8_t code[3] = {(uint8_t)fmin(fmax(value[RED], 0.0), 255.0),
                           (uint8_t)fmin(fmax(value[GREEN], 0.0), 255.0),
                           (uint8_t)fmin(fmax(value[BLUE], 0.0), 255.0)};
        return color_from_srgb8(code);
    }
    return (Rgb){linear_code(value[RED], type), linear_code(value[GREEN], type),
                 linear_code(value[BLUE], type)};
}

static bool read_vertices(Ply *ply, const PlyElement *element)
{
    Err *err = ply->reader.err;
    if (!has(element, X) || !has(element, Y) || !has(element, Z))
        return err_set(err, ERR_INPUT, "the vertices of the PLY lack x, y or z");
    if (ply->position != NULL)
        return err_set(err, ERR_INPUT, "the PLY has two lists of vertices");
    if (!is_affordable(ply, element, MESH_MAX_VERTICES))
        return false;
    size_t count = (size_t)element->count;
    ply->vertex_count = (int)count;
    ply->has_color = has(element, RED) && has(element, GREEN) && has(element, BLUE);
    ply->has_uv = has(element, S) && has(element, T);
    ply->position = ARENA_NEW(ply->reader.scratch, Vec3, count);
    ply->color = ARENA_NEW(ply->reader.scratch, Rgb, ply->has_color ? count : 0);
    ply->uv = arena_alloc(ply->reader.scratch, ply->has_uv ? count : 0, sizeof *ply->uv);
    if (ply->position == NULL || ply->color == NULL || ply->uv == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu vertices within the memory limit", count);
    PlyType color_type = type_in(element, RED);
    for (size_t i = 0; i < count; i++) {
        double value[MEANING_COUNT];
        if (!read_vertex(ply, element, value))
            return cut_off(ply, element, (int64_t)i);
        ply->position[i] = vec3(value[X], value[Y], value[Z]);
        if (ply->has_color)
            ply->color[i] = vertex_color(value, color_type);
        if (ply->has_uv) {
            ply->uv[i][0] = (float)value[S];
            ply->uv[i][1] = (float)(1.0 - value[T]);
        }
    }
    return mesh_split_init(&ply->split, ply->reader.scratch, ply->vertex_count, err);
}

/* ---- faces ---- */

static bool read_list(Ply *ply, const PlyProperty *property, int room, double list[], int *count)
{
    if (!next_count(ply, property, count))
        return false;
    if (*count > room)
        return false;
    for (int i = 0; i < *count; i++)
        if (!next_number(ply, property->type, &list[i]))
            return false;
    return true;
}

static bool read_face(Ply *ply, const PlyElement *element)
{
    ply->corner_count = ply->corner_uv_count = 0;
    for (int p = 0; p < element->property_count; p++) {
        const PlyProperty *property = &element->property[p];
        double ignored;
        bool ok;
        if (property->meaning == CORNERS)
            ok = read_list(ply, property, MAX_CORNERS, ply->corner, &ply->corner_count);
        else if (property->meaning == CORNER_UV)
            ok = read_list(ply, property, 2 * MAX_CORNERS, ply->corner_uv, &ply->corner_uv_count);
        else if (property->count_type != PLY_NONE)
            ok = skip_list(ply, property);
        else
            ok = next_number(ply, property->type, &ignored);
        if (!ok)
            return false;
    }
    return true;
}

/* Two floats as one tag, so that equal coordinates share a vertex. */
static uint64_t uv_tag(const double uv[2])
{
    float pair[2] = {(float)uv[0], (float)(1.0 - uv[1])};
    uint64_t tag;
    memcpy(&tag, pair, sizeof tag);
    return tag;
}

/* The mesh vertex of corner i of the face at hand; -1 with an error. */
static int corner_vertex(Ply *ply, int i)
{
    double written = ply->corner[i];
    if (!(written >= 0.0 && written < ply->vertex_count)) {
        err_set(ply->reader.err, ERR_INPUT, "a face names vertex %g, which is not within 0..%d",
                written, ply->vertex_count - 1);
        return -1;
    }
    if (ply->corner_uv_count != 2 * ply->corner_count)
        return (int)written;
    ply->has_corner_uv = true;
    return mesh_split_vertex(&ply->split, (int)written, uv_tag(ply->corner_uv + 2 * i));
}

static bool add_triangle(Ply *ply, int a, int b, int c)
{
    if (ply->triangle_count == ply->triangle_room)
        return err_set(ply->reader.err, ERR_INPUT, "the PLY has more than %d triangles",
                       ply->triangle_room);
    int *t = ply->triangle[ply->triangle_count++];
    t[0] = a;
    t[1] = b;
    t[2] = c;
    return true;
}

static bool add_face(Ply *ply)
{
    int first = -1, previous = -1;
    for (int i = 0; i < ply->corner_count; i++) {
        int vertex = corner_vertex(ply, i);
        if (vertex < 0 || (i >= 2 && !add_triangle(ply, first, previous, vertex)))
            return false;
        first = i == 0 ? vertex : first;
        previous = vertex;
    }
    return true;
}

/* Room for the triangles that the bytes left can hold: fewer than they hold corners. */
static bool make_room(Ply *ply, const PlyElement *element)
{
    size_t each = ply->order == ASCII ? 2 : (size_t)type_size(type_in(element, CORNERS));
    size_t room = ((size_t)(ply->end - ply->at) + 1) / each;
    if (room > MESH_MAX_TRIANGLES)
        room = MESH_MAX_TRIANGLES;
    ply->triangle_room = (int)room;
    ply->triangle = arena_alloc(ply->reader.scratch, room, sizeof *ply->triangle);
    ply->corner = ARENA_NEW(ply->reader.scratch, double, MAX_CORNERS);
    ply->corner_uv = ARENA_NEW(ply->reader.scratch, double, (size_t)2 * MAX_CORNERS);
    if (ply->triangle == NULL || ply->corner == NULL || ply->corner_uv == NULL)
        return err_set(ply->reader.err, ERR_LIMIT,
                       "no room for %zu triangles within the memory limit", room);
    return true;
}

static bool before_faces(Ply *ply, const PlyElement *element, int64_t limit)
{
    if (ply->position == NULL)
        return err_set(ply->reader.err, ERR_INPUT, "the faces of the PLY come before its vertices");
    if (ply->triangle != NULL)
        return err_set(ply->reader.err, ERR_INPUT, "the PLY has two lists of faces");
    if (!has(element, CORNERS))
        return err_set(ply->reader.err, ERR_INPUT, "the faces of the PLY have no vertex_indices");
    return is_affordable(ply, element, limit) && make_room(ply, element);
}

static bool read_faces(Ply *ply, const PlyElement *element)
{
    if (!before_faces(ply, element, MESH_MAX_TRIANGLES))
        return false;
    for (int64_t i = 0; i < element->count; i++) {
        if (!read_face(ply, element))
            return cut_off(ply, element, i);
        if (!add_face(ply))
            return false;
    }
    return true;
}

/* Strips as the Stanford models have them: one list, -1 begins the next strip. Read number by
 * number, as one list holds the whole mesh. */
static bool read_strip_list(Ply *ply, const PlyElement *element, const PlyProperty *property,
                            int64_t i)
{
    int count, a = -1, b = -1, length = 0;
    if (!next_count(ply, property, &count))
        return cut_off(ply, element, i);
    for (int k = 0; k < count; k++) {
        if (!next_number(ply, property->type, &ply->corner[0]))
            return cut_off(ply, element, i);
        if (ply->corner[0] < 0.0) {
            length = 0;
            continue;
        }
        int c = corner_vertex(ply, 0);
        bool odd = length % 2 == 1;
        if (c < 0 || (length >= 2 && !add_triangle(ply, odd ? b : a, odd ? a : b, c)))
            return false;
        length++;
        a = b;
        b = c;
    }
    return true;
}

static bool read_strips(Ply *ply, const PlyElement *element)
{
    if (!before_faces(ply, element, MESH_MAX_TRIANGLES))
        return false;
    for (int64_t i = 0; i < element->count; i++)
        for (int p = 0; p < element->property_count; p++) {
            const PlyProperty *property = &element->property[p];
            double ignored;
            if (property->meaning == CORNERS) {
                if (!read_strip_list(ply, element, property, i))
                    return false;
            } else if (property->count_type != PLY_NONE
                           ? !skip_list(ply, property)
                           : !next_number(ply, property->type, &ignored)) {
                return cut_off(ply, element, i);
            }
        }
    return true;
}

static bool skip_element(Ply *ply, const PlyElement *element)
{
    if (!is_affordable(ply, element, INT32_MAX))
        return false;
    double value[MEANING_COUNT];
    for (int64_t i = 0; i < element->count && element->property_count > 0; i++)
        if (!read_vertex(ply, element, value))
            return cut_off(ply, element, i);
    return true;
}

/* ---- the mesh ---- */

static bool finish_vertices(Ply *ply, Mesh *mesh)
{
    Arena *arena = ply->reader.arena, *scratch = ply->reader.scratch;
    size_t count = (size_t)ply->split.count;
    bool has_uv = ply->has_uv || ply->has_corner_uv;
    int *vertex = ARENA_NEW(scratch, int, count);
    uint64_t *tag = ARENA_NEW(scratch, uint64_t, count);
    mesh->vertex_count = (int)count;
    mesh->position = ARENA_NEW(arena, Vec3, count);
    mesh->uv = has_uv ? arena_alloc(arena, count, sizeof *mesh->uv) : NULL;
    mesh->color = ply->has_color ? ARENA_NEW(arena, Rgb, count) : NULL;
    if (vertex == NULL || tag == NULL || mesh->position == NULL || (has_uv && mesh->uv == NULL) ||
        (ply->has_color && mesh->color == NULL))
        return err_set(ply->reader.err, ERR_LIMIT,
                       "no room for %zu vertices within the memory limit", count);
    mesh_split_list(&ply->split, 0, vertex, tag);
    for (size_t i = 0; i < count; i++) {
        mesh->position[i] = ply->position[vertex[i]];
        if (ply->has_color)
            mesh->color[i] = ply->color[vertex[i]];
        if (ply->has_corner_uv)
            memcpy(mesh->uv[i], &tag[i], sizeof mesh->uv[i]);
        else if (ply->has_uv)
            memcpy(mesh->uv[i], ply->uv[i], sizeof mesh->uv[i]);
    }
    return true;
}

static bool finish_triangles(Ply *ply, Mesh *mesh)
{
    size_t count = (size_t)ply->triangle_count;
    mesh->triangle_count = ply->triangle_count;
    mesh->triangle = arena_alloc(ply->reader.arena, count, sizeof *mesh->triangle);
    if (mesh->triangle == NULL)
        return err_set(ply->reader.err, ERR_LIMIT,
                       "no room for %zu triangles within the memory limit", count);
    if (count > 0)
        memcpy(mesh->triangle, ply->triangle, count * sizeof *mesh->triangle);
    return true;
}

static bool finish_picture(Ply *ply, Mesh *mesh)
{
    if (ply->picture.length == 0 || mesh->uv == NULL)
        return true;
    char *name = mesh_copy_name(ply->reader, ply->picture.start, ply->picture.length);
    mesh->image = ARENA_NEW(ply->reader.arena, Image, 1);
    mesh->material_list = ARENA_NEW(ply->reader.arena, MeshMaterial, 1);
    if (name == NULL || mesh->image == NULL || mesh->material_list == NULL)
        return err_set(ply->reader.err, ERR_LIMIT, "no room for a material");
    mesh->material_count = mesh->image_count = 1;
    mesh->material_list[0] = (MeshMaterial){{1.0f, 1.0f, 1.0f}, 0};
    return mesh_open_image(ply->reader, name, mesh->image);
}

bool mesh_read_ply(MeshReader reader, size_t size, const uint8_t bytes[], Mesh *mesh)
{
    Ply *ply = ARENA_NEW(reader.scratch, Ply, 1);
    if (ply == NULL)
        return err_set(reader.err, ERR_LIMIT, "no room for a PLY header");
    ply->reader = reader;
    if (!read_header(ply, size, bytes))
        return false;
    for (int i = 0; i < ply->element_count; i++) {
        const PlyElement *element = &ply->element[i];
        if (is_vertex(element)  ? !read_vertices(ply, element)
            : is_face(element)  ? !read_faces(ply, element)
            : is_strip(element) ? !read_strips(ply, element)
                                : !skip_element(ply, element))
            return false;
    }
    if (ply->position == NULL)
        return err_set(reader.err, ERR_INPUT, "the PLY has no vertices");
    return finish_vertices(ply, mesh) && finish_triangles(ply, mesh) && finish_picture(ply, mesh);
}
