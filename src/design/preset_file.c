/* Presets: recipes in words, and those that are built in (presets/). */
#include "base/embed.h"
#include "design/file.h"
#include "design/file_table.h"

#include <stdio.h>
#include <string.h>

enum { PRESET_FORMAT = 1, PRESET_SIZE_LIMIT = 256 * 1024 };

/* Where an example may lie: from the brow to below the inion, and down to the ears (a coronal arc
 * is about 2 x 160 mm, a sagittal one 330: field/canvas 1.2, 1.4). */
#define ALONG_LOW_MM  20.0
#define ALONG_HIGH_MM 345.0
#define LATERAL_MM    160.0

static const FileTable *const no_table[] = {NULL};

/* A line of text that will stand on paper. */
static bool read_text(const Node *node, const char *key, size_t capacity, char text[])
{
    if (!node_text(node, key, capacity, text))
        return false;
    if (text[0] == '\0' || !file_settle_text(capacity, text))
        return node_refuse(node, "has an empty '%s', or one with control characters", key);
    return true;
}

/* An id becomes part of options, messages and file names. */
static bool read_id(const Node *root, DesignPreset *preset)
{
    if (!read_text(root, "id", sizeof preset->id, preset->id))
        return false;
    if (preset->id[strspn(preset->id, "abcdefghijklmnopqrstuvwxyz0123456789_-")] != '\0')
        return node_refuse(root, "has the id '%s': use a-z, 0-9, _ and -", preset->id);
    memcpy(preset->request.preset, preset->id, sizeof preset->id);
    return true;
}

static bool read_stage(const Node *root, DesignRequest *request)
{
    int latest = request->pattern == DESIGN_NORWOOD ? 7 : 3;
    if (request->pattern == DESIGN_PATTERN_NONE) {
        request->stage = 0;
        return !node_has(root, "stage") || node_refuse(root, "has a stage, but no pattern");
    }
    if (!node_whole(root, "stage", &request->stage))
        return false;
    return (request->stage >= 1 && request->stage <= latest) ||
           node_refuse(root, "has stage %d, not within 1..%d", request->stage, latest);
}

static const char *const hairline_keys[] = {"drawn", "construction", "height_mm", NULL};

/* A front brings its style along; numbers beside it change that. */
static bool read_hairline(const Node *root, DesignRequest *request)
{
    static const FileTable *const table[] = {&file_hairline, NULL};
    Node node;
    if (!node_has(root, "hairline"))
        return true;
    if (!node_child(root, "hairline", &node) || !file_only(&node, table, hairline_keys) ||
        (node_has(&node, "drawn") && !file_read_flag(&node, "drawn", &request->draw_hairline)) ||
        !file_read(&node, &request->hairline, &file_hairline, true))
        return false;
    if (node_has(&node, "front")) {
        design_front_style(request->hairline.front, &request->hairline);
        if (!file_read(&node, &request->hairline, &file_hairline, true))
            return false;
    }
    /* without a height of its own the construction says where the line runs */
    if (node_has(&node, "construction"))
        request->hairline_height_mm = 0.0;
    if (!file_read(&node, request, &file_request, true))
        return false;
    if (request->construction == DESIGN_OLD_LINE)
        return node_refuse(&node, "follows an old line, which only a client has");
    return request->construction != DESIGN_HEIGHT || request->hairline_height_mm > 0.0 ||
           node_refuse(&node, "has no height_mm");
}

static bool read_drawn_point(const Node *list, int index, Vec3 *point)
{
    Node item, lateral, along;
    if (!node_item(list, index, &item))
        return false;
    if (json_array_size(item.value) != 2)
        return node_refuse(&item, "is no pair: mm to the left, mm from the glabella");
    *point = (Vec3){0.0, 0.0, 0.0};
    return node_item(&item, 0, &lateral) && node_item(&item, 1, &along) &&
           node_is_number(&lateral, -LATERAL_MM, LATERAL_MM, &point->x) &&
           node_is_number(&along, ALONG_LOW_MM, ALONG_HIGH_MM, &point->y);
}

static bool read_drawn(const Node *node, DesignDrawn *drawn)
{
    static const FileTable *const table[] = {&file_drawn, NULL};
    static const char *const more[] = {"points_tape_mm", NULL};
    Node list;
    *drawn = (DesignDrawn){.tape = true};
    if (!file_only(node, table, more))
        return false;
    if (!node_has(node, "zone") || !node_has(node, "kind"))
        return node_refuse(node, "needs a zone and a kind");
    if (!file_read(node, drawn, &file_drawn, true) ||
        !node_list(node, "points_tape_mm", DESIGN_OUTLINE_POINTS, &list, &drawn->point_count))
        return false;
    int least = file_least_points(drawn->kind);
    if (drawn->point_count < least)
        return node_refuse(&list, "has %d points: '%s' needs %d", drawn->point_count,
                           design_shape_name(drawn->kind), least);
    if (file_has_width(drawn->kind) != node_has(node, "width_mm"))
        return node_refuse(node, "is an outline with a width_mm, or a band or discs without");
    for (int i = 0; i < drawn->point_count; i++)
        if (!read_drawn_point(&list, i, &drawn->point_mm[i]))
            return false;
    return true;
}

static bool read_regions(const Node *root, DesignRequest *request)
{
    Node list, item;
    if (!node_has(root, "regions"))
        return true;
    if (!node_list(root, "regions", DESIGN_OUTLINE_LIMIT, &list, &request->drawn_count))
        return false;
    for (int i = 0; i < request->drawn_count; i++)
        if (!node_item(&list, i, &item) || !read_drawn(&item, &request->drawn[i]))
            return false;
    return true;
}

static bool read_density(const Node *root, DesignDensity *density)
{
    static const FileTable *const table[] = {&file_density, NULL};
    static const char *const none[] = {NULL};
    Node node;
    if (!node_has(root, "density"))
        return true;
    return node_child(root, "density", &node) && file_only(&node, table, none) &&
           file_read(&node, density, &file_density, true);
}

static const char *whorl_word(int index)
{
    return index == 0 ? "clockwise" : "counter_clockwise";
}

static bool read_rest(const Node *root, DesignRequest *request)
{
    Node node;
    int whorl = 0;
    if (node_has(root, "marks") &&
        (!node_child(root, "marks", &node) || !file_read_marks(&node, &request->marks, true)))
        return false;
    if (node_has(root, "client") &&
        (!node_child(root, "client", &node) || !file_read_client(&node, &request->client)))
        return false;
    if (node_has(root, "whorl") && !file_read_word(root, "whorl", 2, whorl_word, &whorl))
        return false;
    request->counter_clockwise = whorl == 1;
    return !node_has(root, "seed") || file_read_seed(root, "seed", &request->seed);
}

static bool read_request(const Node *root, DesignRequest *request)
{
    return read_hairline(root, request) && read_density(root, &request->density) &&
           read_regions(root, request) && read_rest(root, request);
}

static const char *pattern_word(int index)
{
    static const char *const word[] = {"none", "norwood", "ludwig"};
    return word[index];
}

/* What a preset asks for has to be said; only how is left to the defaults. */
static bool read_what(const Node *root, DesignRequest *request)
{
    int pattern;
    if (!file_read_word(root, "pattern", 3, pattern_word, &pattern))
        return false;
    request->pattern = (DesignPattern)pattern;
    if (!read_stage(root, request))
        return false;
    return !node_has(root, "whole_scalp") ||
           file_read_flag(root, "whole_scalp", &request->whole_scalp);
}

static bool read_preset(const Node *root, DesignPreset *preset)
{
    static const char *const keys[] = {"schema",  "version",     "id",       "title", "summary",
                                       "advice",  "source",      "pattern",  "stage", "regions",
                                       "density", "whole_scalp", "hairline", "marks", "client",
                                       "whorl",   "seed",        NULL};
    DesignRequest *request = &preset->request;
    if (!file_only(root, no_table, keys) || !read_id(root, preset) ||
        !read_text(root, "title", sizeof preset->title, preset->title) ||
        !read_text(root, "summary", sizeof preset->summary, preset->summary) ||
        !read_text(root, "advice", sizeof preset->advice, preset->advice) ||
        !read_text(root, "source", sizeof preset->source, preset->source) ||
        !read_what(root, request) || !read_request(root, request))
        return false;
    return request->pattern != DESIGN_PATTERN_NONE || request->whole_scalp ||
           request->drawn_count > 0 ||
           node_refuse(root, "asks for nothing: give a pattern, regions or whole_scalp");
}

bool design_preset_from_json(size_t size, const char *text, DesignPreset *preset, Err *err)
{
    Node root;
    int version;
    memset(preset, 0, sizeof *preset);
    design_request_default(&preset->request);
    if (size > PRESET_SIZE_LIMIT)
        return err_set(err, ERR_LIMIT, "preset: %zu bytes are more than the limit of %d", size,
                       PRESET_SIZE_LIMIT);
    if (!node_open("preset", PRESET_FORMAT, size, text, &root, &version, err))
        return false;
    bool ok = read_preset(&root, preset);
    node_close(&root);
    return ok;
}

/* ---- built in ---- */

int design_preset_count(void)
{
    int count = 0;
    while (presets_files[count].name != NULL)
        count++;
    return count;
}

bool design_preset_at(int index, DesignPreset *preset, Err *err)
{
    int count = design_preset_count();
    if (index < 0 || index >= count)
        return err_set(err, ERR_INPUT, "preset %d is not within 0..%d", index, count - 1);
    const EmbedFile *file = &presets_files[index];
    return design_preset_from_json(file->size, (const char *)file->bytes, preset, err);
}

bool design_preset_named(const char *id, DesignPreset *preset, Err *err)
{
    char known[sizeof err->text - 100] = "";
    size_t used = 0;
    for (const EmbedFile *file = presets_files; file->name != NULL; file++) {
        size_t stem = strcspn(file->name, ".");
        if (strlen(id) == stem && memcmp(file->name, id, stem) == 0)
            return design_preset_from_json(file->size, (const char *)file->bytes, preset, err);
        int wrote = snprintf(known + used, sizeof known - used, "%s%.*s", used > 0 ? ", " : "",
                             (int)stem, file->name);
        if (wrote > 0 && used + (size_t)wrote < sizeof known)
            used += (size_t)wrote;
    }
    return err_set(err, ERR_INPUT, "there is no preset '%.40s', only %s", id, known);
}

const uint8_t *design_preset_picture(const char *id, size_t *size)
{
    for (const EmbedFile *file = preset_pictures_files; file->name != NULL; file++) {
        size_t stem = strcspn(file->name, ".");
        if (strlen(id) != stem || memcmp(file->name, id, stem) != 0)
            continue;
        *size = file->size;
        return file->bytes;
    }
    return NULL;
}
