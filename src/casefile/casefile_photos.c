/* photos.json, read. */
#include "base/node.h"
#include "casefile/photos_doc.h"

#include <stdio.h>
#include <string.h>

enum { PHOTOS_FORMAT = 1, FEWEST_CORNERS = 3 };
/* A click may fall a little outside of the picture: the tip of an outline. */
static const double px_low = -2000.0, px_high = 20000.0;

static bool read_px(const Node *node, double px[2])
{
    Node part;
    if (!json_is_array(node->value) || json_array_size(node->value) != 2)
        return node_refuse(node, "is no pair [x, y] of pixels");
    for (int k = 0; k < 2; k++)
        if (!node_item(node, k, &part) || !node_is_number(&part, px_low, px_high, &px[k]))
            return false;
    return true;
}

static bool read_px_list(const Node *node, const char *key, int least, int most, double (*px)[2],
                         int *count)
{
    Node list, item;
    if (!node_list(node, key, most, &list, count))
        return false;
    if (*count < least)
        return node_refuse(&list, "has %d points, fewer than %d", *count, least);
    for (int i = 0; i < *count; i++)
        if (!node_item(&list, i, &item) || !read_px(&item, px[i]))
            return false;
    return true;
}

static bool read_clicks(const Node *node, FitPhoto *fit)
{
    const char *key;
    json_t *value;
    Node clicks;
    if (!node_child(node, "clicks", &clicks))
        return false;
    json_object_foreach(clicks.value, key, value)
    {
        Node place;
        int point = 0;
        while (point < FIT_POINTS && strcmp(key, fit_point_name((FitPoint)point)) != 0)
            point++;
        if (point == FIT_POINTS)
            return node_refuse(&clicks, "has the landmark '%.40s', which is not known", key);
        fit->click[fit->click_count].point = (FitPoint)point;
        if (!node_child(&clicks, key, &place) || !read_px(&place, fit->click[fit->click_count].px))
            return false;
        fit->click_count++;
    }
    return true;
}

/* Marks on the skin: {"1": [x, y]}. */
static bool read_ties(const Node *node, FitPhoto *fit)
{
    const char *key;
    json_t *value;
    Node marks;
    if (!node_child(node, "marks", &marks))
        return false;
    json_object_foreach(marks.value, key, value)
    {
        Node place;
        int number = 0, used = 0;
        if (sscanf(key, "%2d%n", &number, &used) != 1 || key[used] != '\0' || number < 1 ||
            number > FIT_MAX_TIES)
            return node_refuse(&marks, "has the mark '%.20s', which is no number within 1..%d", key,
                               FIT_MAX_TIES);
        fit->tie[fit->tie_count].tie = number - 1;
        if (!node_child(&marks, key, &place) || !read_px(&place, fit->tie[fit->tie_count].px))
            return false;
        fit->tie_count++;
    }
    return true;
}

static bool read_place(const Node *node, PatchPlace *place)
{
    char word[32];
    if (!node_text(node, "place", sizeof word, word))
        return false;
    for (int i = 0; i < PATCH_PLACES; i++)
        if (strcmp(word, patch_place_name((PatchPlace)i)) == 0) {
            *place = (PatchPlace)i;
            return true;
        }
    return node_refuse(node, "place is '%.30s': top, crown, front, left, right or back", word);
}

static bool read_scale(const Node *node, PhotosEntry *entry)
{
    static const char *const keys[] = {"points", "distance_mm", "radius_mm", "rim", NULL};
    enum { RIM = sizeof entry->scale.rim_px / sizeof entry->scale.rim_px[0] };
    PatchScale *scale = &entry->scale;
    Node inner;
    int points;
    entry->has_scale = true;
    return node_child(node, "scale", &inner) && node_only(&inner, keys) &&
           read_px_list(&inner, "points", 2, 2, scale->px, &points) &&
           node_number(&inner, "distance_mm", 1.0, 400.0, &scale->distance_mm) &&
           (!node_has(&inner, "radius_mm") ||
            node_number(&inner, "radius_mm", 40.0, 200.0, &scale->radius_mm)) &&
           (!node_has(&inner, "rim") ||
            read_px_list(&inner, "rim", FEWEST_CORNERS, RIM, scale->rim_px, &scale->rim_count));
}

static bool read_outline(Arena *arena, const Node *node, int most, PhotosOutline *outline)
{
    Node item;
    size_t count = json_array_size(node->value);
    if (!json_is_array(node->value) || count < FEWEST_CORNERS || count > (size_t)most)
        return node_refuse(node, "is no outline of %d to %d points", FEWEST_CORNERS, most);
    outline->px = (double(*)[2])arena_alloc(arena, count, sizeof outline->px[0]);
    if (outline->px == NULL)
        return err_set(node->err, ERR_LIMIT, "no room for an outline of %zu points", count);
    for (outline->count = 0; outline->count < (int)count; outline->count++)
        if (!node_item(node, outline->count, &item) || !read_px(&item, outline->px[outline->count]))
            return false;
    return true;
}

static bool read_outlines(Arena *arena, const Node *node, const char *key, int most,
                          PhotosOutline outline[], int *count)
{
    Node list, item;
    if (!node_has(node, key))
        return true;
    if (!node_list(node, key, most, &list, count))
        return false;
    for (int i = 0; i < *count; i++)
        if (!node_item(&list, i, &item) ||
            !read_outline(arena, &item, DESIGN_OUTLINE_POINTS, &outline[i]))
            return false;
    return true;
}

static bool read_silhouette(Arena *arena, const Node *node, FitPhoto *fit)
{
    fit->outline_px = (double(*)[2])arena_alloc(arena, FIT_MAX_OUTLINE, sizeof fit->outline_px[0]);
    if (fit->outline_px == NULL)
        return err_set(node->err, ERR_LIMIT, "no room for an outline");
    return read_px_list(node, "outline", 0, FIT_MAX_OUTLINE, fit->outline_px, &fit->outline_count);
}

/* A name, not a way through folders: it becomes part of file names. */
static bool read_name(const Node *node, const char *key, size_t capacity, char text[capacity])
{
    if (!node_text(node, key, capacity, text))
        return false;
    if (text[0] == '\0' || text[0] == '.' || strpbrk(text, "/\\") != NULL)
        return node_refuse(node, "has '%.60s' as '%s': a name without folders", text, key);
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            return node_refuse(node, "has a control character in '%s'", key);
    return true;
}

static bool read_entry(Arena *arena, const Node *node, PhotosEntry *entry)
{
    static const char *const keys[] = {"file",  "view", "clicks",  "outline", "marks", "scale",
                                       "place", "shut", "checker", "patches", NULL};
    int corners;
    entry->place = PATCH_TOP;
    if (!node_only(node, keys) || !read_name(node, "file", sizeof entry->file, entry->file) ||
        !read_name(node, "view", sizeof entry->view, entry->view))
        return false;
    entry->has_checker = node_has(node, "checker");
    return (!node_has(node, "clicks") || read_clicks(node, &entry->fit)) &&
           (!node_has(node, "marks") || read_ties(node, &entry->fit)) &&
           (!node_has(node, "outline") || read_silhouette(arena, node, &entry->fit)) &&
           (!node_has(node, "scale") || read_scale(node, entry)) &&
           (!node_has(node, "place") || read_place(node, &entry->place)) &&
           (!entry->has_checker ||
            read_px_list(node, "checker", 4, 4, entry->checker_px, &corners)) &&
           read_outlines(arena, node, "shut", PHOTOS_MAX_SHUT, entry->shut, &entry->shut_count) &&
           read_outlines(arena, node, "patches", PHOTOS_MAX_DRAWN, entry->patch,
                         &entry->patch_count);
}

static bool read_sex(const Node *root, PhotosDoc *doc)
{
    char word[16];
    if (!node_has(root, "sex"))
        return true;
    if (!node_text(root, "sex", sizeof word, word))
        return false;
    doc->woman = strcmp(word, "female") == 0;
    return doc->woman || strcmp(word, "male") == 0 ||
           node_refuse(root, "sex is '%s': 'male' or 'female', for the mean sizes of heads", word);
}

static bool read_doc(Arena *arena, const Node *root, PhotosDoc *doc)
{
    static const char *const keys[] = {"schema", "version", "strip_front_mm",
                                       "sex",    "photos",  NULL};
    Node list, item;
    if (!node_only(root, keys) || !read_sex(root, doc) ||
        (node_has(root, "strip_front_mm") &&
         !node_number(root, "strip_front_mm", 10.0, 90.0, &doc->strip_front_mm)) ||
        !node_list(root, "photos", PHOTOS_MAX, &list, &doc->count))
        return false;
    for (int i = 0; i < doc->count; i++) {
        if (!node_item(&list, i, &item) || !read_entry(arena, &item, &doc->entry[i]))
            return false;
        for (int k = 0; k < i; k++)
            if (strcmp(doc->entry[k].file, doc->entry[i].file) == 0)
                return node_refuse(&item, "repeats the file of photograph %d", k + 1);
    }
    return true;
}

bool casefile_photos_from_json(Arena *arena, size_t size, const char *bytes, PhotosDoc *doc,
                               Err *err)
{
    Node root;
    int version;
    memset(doc, 0, sizeof *doc);
    if (!node_open("photos", PHOTOS_FORMAT, size, bytes, &root, &version, err))
        return false;
    bool ok = read_doc(arena, &root, doc);
    node_close(&root);
    return ok;
}

const PhotosEntry *photos_entry(const PhotosDoc *doc, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    for (int i = 0; i < doc->count; i++)
        if (strcmp(doc->entry[i].file, name) == 0)
            return &doc->entry[i];
    return NULL;
}
