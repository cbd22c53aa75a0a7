/* The material libraries of OBJ files: Kd and map_Kd are what a scan needs. */
#include "mesh/mesh_internal.h"

#include "base/text.h"

#include <string.h>

enum { MAX_MATERIALS = 1024 };

bool mesh_mtl_find(MeshReader reader, MeshMtl *mtl, TextSpan name, int *index)
{
    for (int i = 0; i < mtl->count; i++)
        if (mtl->list[i].name.length == name.length &&
            memcmp(mtl->list[i].name.start, name.start, name.length) == 0) {
            *index = i;
            return true;
        }
    if (mtl->list == NULL)
        mtl->list = ARENA_NEW(reader.scratch, MeshMtlEntry, MAX_MATERIALS);
    if (mtl->list == NULL || mtl->count >= MAX_MATERIALS)
        return err_set(reader.err, ERR_LIMIT, "the mesh has more than %d materials", MAX_MATERIALS);
    mtl->list[mtl->count] = (MeshMtlEntry){.name = name, .color = {1.0f, 1.0f, 1.0f}};
    *index = mtl->count++;
    return true;
}

/* The file name behind the options of map_Kd ("-s 1 1 1 -clamp on head.png"). */
static TextSpan skip_options(TextSpan line)
{
    const char *at = line.start, *end = line.start + line.length;
    while (at < end && *at == '-') {
        const char *option = at;
        at = mesh_text_skip_blanks(mesh_text_skip_word(at, end), end);
        double number;
        bool takes_numbers = option + 1 < end && strchr("ost", option[1]) != NULL &&
                             mesh_text_ends_word(option + 2 < end ? option[2] : ' ');
        if (!takes_numbers) { /* one argument: on, off, a number or a word; -mm takes two */
            at = mesh_text_skip_blanks(mesh_text_skip_word(at, end), end);
            if (option[1] == 'm')
                at = mesh_text_skip_blanks(mesh_text_skip_word(at, end), end);
            continue;
        }
        const char *next = at;
        for (int i = 0; i < 3 && mesh_text_number(&next, end, &number); i++)
            at = next = mesh_text_skip_blanks(next, end);
    }
    return (TextSpan){at, (size_t)(end - at)};
}

static bool read_color(TextSpan line, Rgb *color)
{
    const char *at = line.start, *end = line.start + line.length;
    double c[3];
    for (int i = 0; i < 3; i++)
        if (!mesh_text_number(&at, end, &c[i]) || !(c[i] >= 0.0 && c[i] <= 1e3))
            return false;
    *color = (Rgb){(float)c[0], (float)c[1], (float)c[2]};
    return true;
}

bool mesh_mtl_read(MeshReader reader, const char *name, MeshMtl *mtl)
{
    size_t size;
    uint8_t *bytes;
    if (!mesh_open_beside(reader, name, &size, &bytes))
        return reader.err->code == ERR_IO; /* a lost library leaves the shape intact */
    TextCursor cursor = text_cursor(size, bytes);
    int current = -1;
    while (!text_at_end(&cursor)) {
        int line = cursor.line;
        TextSpan word = text_word(&cursor), rest = text_rest_of_line(&cursor);
        if (text_equals(word, "newmtl")) {
            if (!mesh_mtl_find(reader, mtl, rest, &current))
                return false;
        } else if (current >= 0 && text_equals(word, "Kd")) {
            if (!read_color(rest, &mtl->list[current].color))
                return err_set(reader.err, ERR_INPUT, "'%.100s' line %d: Kd is not a colour", name,
                               line);
        } else if (current >= 0 && text_equals(word, "map_Kd")) {
            mtl->list[current].picture = skip_options(rest);
        }
    }
    return true;
}

/* The picture of this name, decoded when it is the first time. */
static bool share_image(MeshReader reader, const MeshMtl *mtl, int index, Mesh *mesh)
{
    TextSpan picture = mtl->list[index].picture;
    for (int i = 0; i < index; i++)
        if (mesh->material_list[i].image >= 0 && mtl->list[i].picture.length == picture.length &&
            memcmp(mtl->list[i].picture.start, picture.start, picture.length) == 0) {
            mesh->material_list[index].image = mesh->material_list[i].image;
            return true;
        }
    char *name = mesh_copy_name(reader, picture.start, picture.length);
    if (name == NULL)
        return false;
    for (char *c = name; *c != '\0'; c++)
        *c = *c == '\\' ? '/' : *c; /* written under Windows */
    mesh->material_list[index].image = mesh->image_count;
    return mesh_open_image(reader, name, &mesh->image[mesh->image_count++]);
}

bool mesh_mtl_finish(MeshReader reader, const MeshMtl *mtl, Mesh *mesh)
{
    if (mtl->count == 0)
        return true;
    mesh->material_count = mtl->count;
    mesh->material_list = ARENA_NEW(reader.arena, MeshMaterial, (size_t)mtl->count);
    mesh->image = ARENA_NEW(reader.arena, Image, (size_t)mtl->count);
    if (mesh->material_list == NULL || mesh->image == NULL)
        return err_set(reader.err, ERR_LIMIT, "no room for %d materials", mtl->count);
    for (int i = 0; i < mtl->count; i++) {
        const MeshMtlEntry *entry = &mtl->list[i];
        bool pictured = entry->used && entry->picture.length > 0 && mesh->uv != NULL;
        /* Exporters leave anything in Kd beside a map (0.8, even 0), so the map stands alone. */
        Rgb white = {1.0f, 1.0f, 1.0f};
        mesh->material_list[i] = (MeshMaterial){pictured ? white : entry->color, -1};
        if (pictured && !share_image(reader, mtl, i, mesh))
            return false;
    }
    return true;
}
