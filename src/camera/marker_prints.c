#include "camera/marker_internal.h"

#include "base/doc.h"
#include "base/node.h"

#include <math.h>
#include <string.h>

enum { PRINTS_VERSION = 1 };

const MarkerPrint *marker_prints_find(const MarkerPrints *prints, int print_id)
{
    for (int i = 0; prints != NULL && i < prints->count; i++)
        if (prints->print[i].print_id == print_id)
            return &prints->print[i];
    return NULL;
}

/* ---- reading ---- */

static bool is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof form; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    int month = (text[5] - '0') * 10 + text[6] - '0', day = (text[8] - '0') * 10 + text[9] - '0';
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool read_lab(const Node *patch, Lab *lab)
{
    static const double low[3] = {0.0, -128.0, -128.0}, high[3] = {110.0, 128.0, 128.0};
    Node list, number;
    double value[3];
    int count;
    if (!node_list(patch, "lab", 3, &list, &count))
        return false;
    if (count != 3)
        return node_refuse(&list, "is not [L, a, b]");
    for (int k = 0; k < 3; k++)
        if (!node_item(&list, k, &number) || !node_is_number(&number, low[k], high[k], &value[k]))
            return false;
    *lab = (Lab){value[0], value[1], value[2]};
    return true;
}

static bool read_patches(const Node *node, MarkerPrint *print)
{
    static const char *const keys[] = {"name", "lab", NULL};
    Node list, patch;
    int count;
    if (!node_has(node, "patches"))
        return true;
    if (!node_list(node, "patches", MARKER_MAX_PATCHES, &list, &count))
        return false;
    for (int i = 0; i < count; i++) {
        char *name = print->patch_name[i];
        if (!node_item(&list, i, &patch) || !node_only(&patch, keys) ||
            !node_text(&patch, "name", sizeof print->patch_name[i], name) ||
            !read_lab(&patch, &print->patch[i]))
            return false;
        for (int k = 0; k < i; k++)
            if (strcmp(name, print->patch_name[k]) == 0)
                return node_refuse(&patch, "names '%s' a second time", name);
    }
    print->patch_count = count;
    return true;
}

static bool read_print(const Node *node, MarkerPrint *print)
{
    static const char *const keys[] = {"print_id", "date", "factor_x", "factor_y", "patches", NULL};
    double low = 1.0 - MARKER_MOST_OFF, high = 1.0 + MARKER_MOST_OFF;
    if (!node_only(node, keys) || !node_whole(node, "print_id", &print->print_id) ||
        !node_number(node, "factor_x", low, high, &print->factor_x) ||
        !node_number(node, "factor_y", low, high, &print->factor_y) ||
        !node_text(node, "date", sizeof print->date, print->date) || !read_patches(node, print))
        return false;
    if (print->print_id >= MARKER_PRINT_IDS)
        return node_refuse(node, "has the print id %d, not within 0..%d", print->print_id,
                           MARKER_PRINT_IDS - 1);
    double apart = fabs(print->factor_x / print->factor_y - 1.0);
    if (apart > MARKER_MOST_APART + 1e-5) /* the factors are rounded */
        return node_refuse(node, "has factors that differ by %.1f %%, more than 1 %%",
                           100.0 * apart);
    return is_date(print->date) ||
           node_refuse(node, "has the date '%s', not YYYY-MM-DD", print->date);
}

static bool read_prints(Arena *arena, const Node *root, MarkerPrints *prints)
{
    static const char *const keys[] = {"schema", "version", "prints", NULL};
    Node list, node;
    int count;
    if (!node_only(root, keys) || !node_list(root, "prints", MARKER_MAX_PRINTS, &list, &count))
        return false;
    *prints = (MarkerPrints){.print = ARENA_NEW(arena, MarkerPrint, (size_t)count)};
    if (prints->print == NULL)
        return err_set(root->err, ERR_LIMIT, "no room for %d prints", count);
    for (int i = 0; i < count; i++) {
        if (!node_item(&list, i, &node) || !read_print(&node, &prints->print[i]))
            return false;
        if (marker_prints_find(prints, prints->print[i].print_id) != NULL)
            return node_refuse(&node, "has the print id %d a second time",
                               prints->print[i].print_id);
        prints->count++;
    }
    return true;
}

bool marker_prints_from_json(Arena *arena, size_t size, const char *bytes, MarkerPrints *prints,
                             Err *err)
{
    Node root;
    int version;
    if (!node_open("prints", PRINTS_VERSION, size, bytes, &root, &version, err))
        return false;
    bool ok = read_prints(arena, &root, prints);
    node_close(&root);
    return ok;
}

/* ---- writing ---- */

static void put_patches(Doc *doc, json_t *entry, const MarkerPrint *print)
{
    json_t *list = doc_list(doc, entry, "patches");
    for (int i = 0; i < print->patch_count; i++) {
        json_t *patch = doc_entry(doc, list, "patches");
        Lab lab = print->patch[i];
        doc_put(doc, patch, "name", doc_text(print->patch_name[i]));
        doc_put(doc, patch, "lab", doc_point((Vec3){lab.L, lab.a, lab.b}, 3));
    }
}

bool marker_prints_to_json(Arena *arena, const MarkerPrints *prints, size_t *size, char **bytes,
                           Err *err)
{
    Doc doc;
    if (!doc_start(&doc, "prints", PRINTS_VERSION, err))
        return false;
    json_t *list = doc_list(&doc, doc.root, "prints");
    for (int i = 0; i < prints->count; i++) {
        const MarkerPrint *print = &prints->print[i];
        json_t *entry = doc_entry(&doc, list, "prints");
        doc_put(&doc, entry, "print_id", json_integer(print->print_id));
        doc_put(&doc, entry, "date", doc_text(print->date));
        doc_put(&doc, entry, "factor_x", doc_number(print->factor_x, 6));
        doc_put(&doc, entry, "factor_y", doc_number(print->factor_y, 6));
        if (print->patch_count > 0)
            put_patches(&doc, entry, print);
    }
    return doc_render(arena, &doc, "prints.json", size, bytes, err);
}
