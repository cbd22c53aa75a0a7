/* swatches.json and assessment.json, read. */
#include "base/node.h"
#include "casefile/casefile.h"
#include "casefile/shade_doc.h"

#include <string.h>

/* Checks schema and version, then the document as a node; its value is the caller's to release. */
static bool open_document(const char *name, const char *label, size_t size, const char *bytes,
                          Node *root, Err *err)
{
    *root = (Node){.err = err};
    strncpy(root->path, label, sizeof root->path - 1);
    if (!casefile_check(name, size, bytes, err))
        return false;
    root->value = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL);
    return root->value != NULL || err_set(err, ERR_LIMIT, "no memory for the document '%s'", name);
}

static bool read_lab(const Node *node, const char *key, Lab *lab)
{
    static const char *const keys[] = {"L", "a", "b", NULL};
    Node inner;
    return node_child(node, key, &inner) && node_only(&inner, keys) &&
           node_number(&inner, "L", 0.0, 100.0, &lab->L) &&
           node_number(&inner, "a", -128.0, 128.0, &lab->a) &&
           node_number(&inner, "b", -128.0, 128.0, &lab->b);
}

static bool read_rect(const Node *node, SwatchRect *rect)
{
    return node_whole(node, "x_px", &rect->x_px) && node_whole(node, "y_px", &rect->y_px) &&
           node_whole(node, "width_px", &rect->width_px) &&
           node_whole(node, "height_px", &rect->height_px);
}

static bool read_bare(const Node *root, Swatches *swatches)
{
    static const char *const keys[] = {"x_px", "y_px", "width_px", "height_px", NULL};
    Node list, entry;
    if (!node_list(root, "bare", SWATCHES_MAX_BARE, &list, &swatches->bare_count))
        return false;
    for (int i = 0; i < swatches->bare_count; i++)
        if (!node_item(&list, i, &entry) || !node_only(&entry, keys) ||
            !read_rect(&entry, &swatches->bare[i]))
            return false;
    return true;
}

static bool read_swatches(const Node *root, Swatches *swatches)
{
    static const char *const keys[] = {"x_px",     "y_px",         "width_px",    "height_px",
                                       "dilution", "dots_per_cm2", "diameter_mm", NULL};
    Node list, entry;
    if (!node_list(root, "swatches", SKIN_MAX_SWATCHES, &list, &swatches->swatch_count))
        return false;
    for (int i = 0; i < swatches->swatch_count; i++)
        if (!node_item(&list, i, &entry) || !node_only(&entry, keys) ||
            !read_rect(&entry, &swatches->swatch[i].rect) ||
            !node_number(&entry, "dilution", 0.0, 1000.0, &swatches->swatch[i].dilution) ||
            !node_number(&entry, "dots_per_cm2", 1.0, 500.0, &swatches->swatch[i].dots_per_cm2) ||
            !node_number(&entry, "diameter_mm", 0.05, 1.0, &swatches->swatch[i].diameter_mm))
            return false;
    return true;
}

static bool read_gloss(const Node *root, Swatches *swatches)
{
    char word[16];
    if (!node_text(root, "gloss", sizeof word, word))
        return false;
    swatches->gloss_included = strcmp(word, "included") == 0;
    return swatches->gloss_included || strcmp(word, "excluded") == 0 ||
           node_refuse(root, "gloss is '%s': 'included', or 'excluded' with crossed polarisers",
                       word);
}

static bool read_all(const Node *root, CaseSwatches *out)
{
    static const char *const keys[] = {"schema", "version", "skin", "gloss",    "pigment",
                                       "date",   "bare",    "note", "swatches", NULL};
    return node_only(root, keys) && read_lab(root, "skin", &out->skin) &&
           read_gloss(root, &out->swatches) &&
           node_text(root, "pigment", sizeof out->pigment, out->pigment) &&
           node_text(root, "date", sizeof out->date, out->date) &&
           read_bare(root, &out->swatches) && read_swatches(root, &out->swatches);
}

bool casefile_swatches_from_json(size_t size, const char *bytes, CaseSwatches *swatches, Err *err)
{
    Node root;
    *swatches = (CaseSwatches){0};
    if (!open_document("swatches", "swatches:", size, bytes, &root, err))
        return false;
    bool ok = read_all(&root, swatches);
    json_decref(root.value);
    return ok;
}

static bool read_assessment(const Node *root, CaseAssessment *out)
{
    Node hair, skin, density;
    if (!node_child(root, "hair", &hair) || !node_child(&hair, "full_density_per_cm2", &density) ||
        !node_number(&density, "expected", 0.0, 1000.0, &out->hair_per_cm2) ||
        !node_number(&hair, "hair_diameter_mm", 0.0, 0.5, &out->hair_diameter_mm))
        return false;
    out->has_skin = node_has(root, "skin");
    out->has_stubble = node_has(&hair, "darkness");
    if (out->has_stubble && !node_number(&hair, "darkness", 0.0, 1.0, &out->darkness))
        return false;
    return !out->has_skin ||
           (node_child(root, "skin", &skin) && read_lab(&skin, "lab", &out->skin));
}

bool casefile_assessment_from_json(size_t size, const char *bytes, CaseAssessment *assessment,
                                   Err *err)
{
    Node root;
    *assessment = (CaseAssessment){0};
    if (!open_document("assessment", "assessment.json:", size, bytes, &root, err))
        return false;
    bool ok = read_assessment(&root, assessment);
    json_decref(root.value);
    return ok;
}
