/* Wavefront OBJ: v (with colours), vt, f, usemtl, mtllib; lines, points, curves and groups carry
 * nothing that a scan needs and are skipped. */
#include "mesh/mesh_internal.h"

#include <string.h>

typedef struct Obj {
    MeshReader reader;
    const char *text, *end; /* continued lines joined, otherwise as in the file */
    int v_count, vt_count;  /* in the whole file */
    int corner_count, triangle_count;
    int v_done, vt_done, triangles_done; /* so far */
    Vec3 *v;                             /* [v_count] */
    Rgb *color;                          /* [v_count] code values as written; NULL without */
    float (*vt)[2];                      /* [vt_count] */
    float color_max;
    MeshMtl mtl;
    int current; /* material, -1 before the first usemtl */
    int (*triangle)[3];
    int *material;
    MeshSplit split;
} Obj;

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

static const char *find_line_end(const char *at, const char *end)
{
    while (at < end && !is_line_end(*at))
        at++;
    return at;
}

/* Counting lines is left to the moment somebody asks. */
static int line_of(const Obj *obj, const char *at)
{
    int line = 1;
    for (const char *p = obj->text; p < at; p++)
        line += *p == '\n' || *p == '\f';
    return line;
}

/* Joins lines that end with a backslash. The newline becomes a form feed so that lines can still
 * be counted. */
static bool join_lines(Obj *obj, size_t size, const uint8_t bytes[])
{
    obj->text = (const char *)bytes;
    obj->end = obj->text + size;
    if (size == 0 || memchr(bytes, '\\', size) == NULL)
        return true;
    char *copy = ARENA_NEW(obj->reader.scratch, char, size);
    if (copy == NULL)
        return err_set(obj->reader.err, ERR_LIMIT, "no room for the %zu bytes of the OBJ", size);
    memcpy(copy, bytes, size);
    for (size_t i = 0; i + 1 < size; i++) {
        size_t newline = copy[i + 1] == '\r' && i + 2 < size ? i + 2 : i + 1;
        if (copy[i] != '\\' || copy[newline] != '\n')
            continue;
        memset(copy + i, ' ', newline - i);
        copy[newline] = '\f';
    }
    obj->text = copy;
    obj->end = copy + size;
    return true;
}

/* Blanks here include the form feed of a joined line. */
static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\f'))
        at++;
    return at;
}

static bool is_blank(const char *at, const char *end)
{
    return at < end && (*at == ' ' || *at == '\t' || *at == '\f');
}

static TextSpan rest_of_line(const char *at, const char *stop)
{
    at = skip_blanks(at, stop);
    while (stop > at && is_blank(stop - 1, stop))
        stop--;
    return (TextSpan){at, (size_t)(stop - at)};
}

static bool starts_with(const char *at, const char *stop, const char *word, size_t length)
{
    return (size_t)(stop - at) > length && memcmp(at, word, length) == 0 &&
           is_blank(at + length, stop);
}

static int count_words(const char *at, const char *stop)
{
    int count = 0;
    bool inside = false;
    for (; at < stop; at++) {
        bool blank = is_blank(at, stop);
        count += !blank && !inside;
        inside = !blank;
    }
    return count;
}

/* Libraries are named in one word, in several, or in one name with blanks. */
static bool read_library(Obj *obj, TextSpan names)
{
    MeshReader reader = obj->reader;
    int before = obj->mtl.count;
    char *name = mesh_copy_name(reader, names.start, names.length);
    if (name == NULL || !mesh_mtl_read(reader, name, &obj->mtl))
        return false;
    const char *at = names.start, *end = names.start + names.length;
    while (obj->mtl.count == before && memchr(names.start, ' ', names.length) != NULL &&
           (at = skip_blanks(at, end)) < end) {
        const char *stop = mesh_text_skip_word(at, end);
        name = mesh_copy_name(reader, at, (size_t)(stop - at));
        if (name == NULL || !mesh_mtl_read(reader, name, &obj->mtl))
            return false;
        at = stop;
    }
    return true;
}

/* First walk: how much there is, and the materials. */
static bool count_line(Obj *obj, const char *at, const char *stop)
{
    if (starts_with(at, stop, "v", 1)) {
        obj->v_count++;
    } else if (starts_with(at, stop, "vt", 2)) {
        obj->vt_count++;
    } else if (starts_with(at, stop, "f", 1)) {
        int words = count_words(at + 1, stop);
        if (words < 3)
            return err_set(obj->reader.err, ERR_INPUT, "line %d: a face has %d corners",
                           line_of(obj, at), words);
        obj->triangle_count += words - 2;
    } else if (starts_with(at, stop, "mtllib", 6)) {
        return read_library(obj, rest_of_line(at + 6, stop));
    }
    if (obj->v_count > MESH_MAX_VERTICES || obj->vt_count > MESH_MAX_VERTICES ||
        obj->triangle_count > MESH_MAX_TRIANGLES)
        return err_set(obj->reader.err, ERR_INPUT,
                       "the OBJ has more than %d vertices or %d triangles: reduce the scan",
                       MESH_MAX_VERTICES, MESH_MAX_TRIANGLES);
    return true;
}

static bool read_numbers(const char *at, const char *stop, int least, int most, double value[],
                         int *count)
{
    for (*count = 0; *count < most; (*count)++) {
        at = skip_blanks(at, stop);
        if (at == stop)
            break;
        if (!mesh_text_number(&at, stop, &value[*count]))
            return false;
    }
    return *count >= least;
}

static bool read_vertex(Obj *obj, const char *at, const char *stop)
{
    double n[6];
    int count;
    if (!read_numbers(at + 1, stop, 3, 6, n, &count))
        return err_set(obj->reader.err, ERR_INPUT, "line %d: '%.*s' is not a vertex",
                       line_of(obj, at), (int)(stop - at < 60 ? stop - at : 60), at);
    int i = obj->v_done++;
    obj->v[i] = vec3(n[0], n[1], n[2]);
    if (!vec_is_finite(obj->v[i]))
        return err_set(obj->reader.err, ERR_INPUT,
                       "line %d: the position of vertex %d is not a finite number",
                       line_of(obj, at), i + 1);
    if (count < 6)
        return true;
    if (obj->color == NULL) {
        obj->color = ARENA_NEW(obj->reader.scratch, Rgb, (size_t)obj->v_count);
        if (obj->color == NULL)
            return err_set(obj->reader.err, ERR_LIMIT, "no room for %d colours", obj->v_count);
        for (int before = 0; before < obj->v_count; before++)
            obj->color[before].r = -1.0f; /* none */
    }
    for (int c = 3; c < 6; c++) {
        n[c] = n[c] > 0.0 ? n[c] : 0.0;
        obj->color_max = n[c] > (double)obj->color_max ? (float)n[c] : obj->color_max;
    }
    obj->color[i] = (Rgb){(float)n[3], (float)n[4], (float)n[5]};
    return true;
}

static bool read_texture_point(Obj *obj, const char *at, const char *stop)
{
    double n[2] = {0};
    int count;
    if (!read_numbers(at + 2, stop, 1, 2, n, &count))
        return err_set(obj->reader.err, ERR_INPUT, "line %d: a texture coordinate is not a number",
                       line_of(obj, at));
    obj->vt[obj->vt_done][0] = (float)n[0];
    obj->vt[obj->vt_done][1] = (float)(1.0 - n[1]);
    obj->vt_done++;
    return true;
}

/* Turns an index as written (from 1, or negative from the last one read) into one from 0. */
static bool resolve(long written, int done, int count, int *index)
{
    long i = written > 0 ? written - 1 : done + written;
    if (written == 0 || i < 0 || i >= count)
        return false;
    *index = (int)i;
    return true;
}

static int bad_corner(const Obj *obj, const char *at, const char *what, int count)
{
    int length = (int)(mesh_text_skip_word(at, obj->end) - at);
    err_set(obj->reader.err, ERR_INPUT, "line %d: '%.*s' names no %s (the file has %d)",
            line_of(obj, at), length < 60 ? length : 60, at, what, count);
    return -1;
}

/* "v", "v/vt", "v//vn" or "v/vt/vn"; the mesh vertex, -1 with an error. */
static int read_corner(Obj *obj, const char **at, const char *stop)
{
    const char *start = *at, *p = start;
    long written;
    int v, vt = -1;
    if (!mesh_text_integer(&p, stop, &written) || !resolve(written, obj->v_done, obj->v_count, &v))
        return bad_corner(obj, start, "vertex", obj->v_count);
    if (p + 1 < stop && *p == '/' && p[1] != '/' && !is_blank(p + 1, stop)) {
        p++;
        if (!mesh_text_integer(&p, stop, &written) ||
            !resolve(written, obj->vt_done, obj->vt_count, &vt))
            return bad_corner(obj, start, "texture coordinate", obj->vt_count);
    }
    if (p < stop && *p != '/' && !is_blank(p, stop))
        return bad_corner(obj, start, "vertex", obj->v_count);
    while (p < stop && !is_blank(p, stop))
        p++; /* the normal */
    *at = p;
    return mesh_split_vertex(&obj->split, v, (uint64_t)(vt + 1));
}

static bool read_face(Obj *obj, const char *at, const char *stop)
{
    if (obj->current < 0 &&
        !mesh_mtl_find(obj->reader, &obj->mtl, (TextSpan){"", 0}, &obj->current))
        return false;
    obj->mtl.list[obj->current].used = true;
    int first = -1, previous = -1, corners = 0;
    for (at = skip_blanks(at + 1, stop); at < stop; at = skip_blanks(at, stop)) {
        int vertex = read_corner(obj, &at, stop);
        if (vertex < 0)
            return false;
        if (++corners == 1)
            first = vertex;
        if (corners >= 3) {
            int *t = obj->triangle[obj->triangles_done];
            t[0] = first;
            t[1] = previous;
            t[2] = vertex;
            obj->material[obj->triangles_done++] = obj->current;
        }
        previous = vertex;
    }
    return true;
}

static bool read_line(Obj *obj, const char *at, const char *stop)
{
    if (starts_with(at, stop, "v", 1))
        return read_vertex(obj, at, stop);
    if (starts_with(at, stop, "vt", 2))
        return read_texture_point(obj, at, stop);
    if (starts_with(at, stop, "f", 1))
        return read_face(obj, at, stop);
    if (starts_with(at, stop, "usemtl", 6))
        return mesh_mtl_find(obj->reader, &obj->mtl, rest_of_line(at + 6, stop), &obj->current);
    return true;
}

static bool each_line(Obj *obj, bool (*visit)(Obj *, const char *, const char *))
{
    for (const char *at = obj->text; at < obj->end;) {
        const char *stop = find_line_end(at, obj->end);
        at = skip_blanks(at, stop);
        if (at < stop && !visit(obj, at, stop))
            return false;
        at = stop + (stop < obj->end);
    }
    return true;
}

static bool no_room(const Obj *obj)
{
    return err_set(obj->reader.err, ERR_LIMIT,
                   "no room for an OBJ of %d vertices and %d triangles within the memory limit",
                   obj->v_count, obj->triangle_count);
}

static bool make_room(Obj *obj)
{
    Arena *scratch = obj->reader.scratch;
    obj->v = ARENA_NEW(scratch, Vec3, (size_t)obj->v_count);
    obj->vt = arena_alloc(scratch, (size_t)obj->vt_count, sizeof *obj->vt);
    obj->triangle =
        arena_alloc(obj->reader.arena, (size_t)obj->triangle_count, sizeof *obj->triangle);
    obj->material = ARENA_NEW(obj->reader.arena, int, (size_t)obj->triangle_count);
    if (obj->v == NULL || obj->vt == NULL || obj->triangle == NULL || obj->material == NULL)
        return no_room(obj);
    return mesh_split_init(&obj->split, scratch, obj->v_count, obj->reader.err);
}

/* Scanners write sRGB code values, as fractions or, some, up to 255. */
static Rgb linear_color(Rgb code, float scale)
{
    if (code.r < 0.0f)
        return (Rgb){0.5f, 0.5f, 0.5f};
    return (Rgb){color_srgb_decode(code.r * scale), color_srgb_decode(code.g * scale),
                 color_srgb_decode(code.b * scale)};
}

static bool finish_vertices(Obj *obj, Mesh *mesh)
{
    Arena *arena = obj->reader.arena, *scratch = obj->reader.scratch;
    int count = mesh->vertex_count = obj->split.count;
    int *vertex = ARENA_NEW(scratch, int, (size_t)count);
    uint64_t *tag = ARENA_NEW(scratch, uint64_t, (size_t)count);
    mesh->position = ARENA_NEW(arena, Vec3, (size_t)count);
    if (obj->vt_count > 0)
        mesh->uv = arena_alloc(arena, (size_t)count, sizeof *mesh->uv);
    if (obj->color != NULL)
        mesh->color = ARENA_NEW(arena, Rgb, (size_t)count);
    if (vertex == NULL || tag == NULL || mesh->position == NULL ||
        (obj->vt_count > 0 && mesh->uv == NULL) || (obj->color != NULL && mesh->color == NULL))
        return no_room(obj);
    mesh_split_list(&obj->split, 0, vertex, tag);
    float scale = obj->color_max > 1.0f ? 1.0f / 255.0f : 1.0f;
    for (int i = 0; i < count; i++) {
        mesh->position[i] = obj->v[vertex[i]];
        if (mesh->uv != NULL && tag[i] > 0)
            memcpy(mesh->uv[i], obj->vt[tag[i] - 1], sizeof mesh->uv[i]);
        if (mesh->color != NULL)
            mesh->color[i] = linear_color(obj->color[vertex[i]], scale);
    }
    return true;
}

bool mesh_read_obj(MeshReader reader, size_t size, const uint8_t bytes[], Mesh *mesh)
{
    Obj obj = {.reader = reader, .current = -1};
    if (!join_lines(&obj, size, bytes) || !each_line(&obj, count_line) || !make_room(&obj) ||
        !each_line(&obj, read_line) || !finish_vertices(&obj, mesh))
        return false;
    mesh->triangle_count = obj.triangles_done;
    mesh->triangle = obj.triangle;
    mesh->material = obj.material;
    return mesh_mtl_finish(reader, &obj.mtl, mesh);
}
