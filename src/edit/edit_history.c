#include "edit/edit.h"

#include "base/doc.h"
#include "base/node.h"
#include "base/sha256.h"
#include "design/file.h"

#include <assert.h>
#include <string.h>

enum { HISTORY_FORMAT = 1 };

/* Cut behind a whole character when it is too long. */
static void copy_what(const char *what, char to[EDIT_WHAT])
{
    size_t length = strlen(what);
    if (length >= EDIT_WHAT) {
        length = EDIT_WHAT - 1;
        while (length > 0 && ((unsigned char)what[length] & 0xC0) == 0x80)
            length--;
    }
    memmove(to, what, length);
    memset(to + length, 0, EDIT_WHAT - length);
}

/* The document becomes the step's. Its room is used again when it suffices, and is twice of what is
 * needed when it does not: thousands of edits do not fill the arena. text lies behind mark. */
static bool keep_document(Arena *arena, size_t mark, size_t size, const char *text, EditStep *step,
                          Err *err)
{
    bool fits = size < step->room;
    if (!fits) {
        step->room = 2 * size + 1;
        step->json = ARENA_NEW(arena, char, step->room);
        if (step->json == NULL)
            return err_set(err, ERR_LIMIT, "no room for a step of the history of %zu bytes", size);
    }
    memcpy(step->json, text, size);
    step->json[size] = '\0';
    step->size = size;
    sha256_hex(size, (const uint8_t *)text, step->sha256);
    if (fits)
        arena_rewind(arena, mark);
    return true;
}

bool edit_history_push(Arena *arena, EditHistory *history, const char *what, const Design *design,
                       Err *err)
{
    int behind = history->count > 0 ? history->at + 1 : 0;
    bool full = behind == EDIT_HISTORY;
    EditStep step = history->step[full ? 0 : behind]; /* nobody needs it any more: for its room */
    size_t mark = arena_mark(arena), size;
    char *text;
    if (!design_to_json(arena, design, &size, &text, err) ||
        !keep_document(arena, mark, size, text, &step, err)) {
        arena_rewind(arena, mark);
        return false;
    }
    copy_what(what, step.what);
    if (full)
        memmove(&history->step[0], &history->step[1], --behind * sizeof step);
    history->step[behind] = step;
    history->at = behind;
    history->count = behind + 1;
    return true;
}

bool edit_history_move(EditHistory *history, int by)
{
    long long to = (long long)history->at + by;
    if (to < 0 || to >= history->count)
        return false;
    history->at = (int)to;
    return true;
}

bool edit_history_design(const EditHistory *history, Design *design, Err *err)
{
    if (history->count == 0)
        return err_set(err, ERR_INPUT, "the history is empty");
    const EditStep *step = &history->step[history->at];
    return design_from_json(step->size, step->json, design, err);
}

/* ---- as a document */

bool edit_history_to_json(Arena *arena, const EditHistory *history, size_t *size, char **text,
                          Err *err)
{
    Doc doc;
    if (!doc_start(&doc, "history", HISTORY_FORMAT, err))
        return false;
    doc_put(&doc, doc.root, "at", json_integer(history->at));
    json_t *steps = doc_list(&doc, doc.root, "steps");
    for (int i = 0; i < history->count; i++) {
        const EditStep *step = &history->step[i];
        json_t *entry = doc_entry(&doc, steps, "steps");
        doc_put(&doc, entry, "what", doc_text(step->what));
        doc_put(&doc, entry, "sha256", json_string(step->sha256));
        doc_put(&doc, entry, "design",
                json_loadb(step->json, step->size, JSON_REJECT_DUPLICATES, NULL));
    }
    return doc_render(arena, &doc, "history.json", size, text, err);
}

/* The design as a document of its own, with the bytes that it had as one. */
static bool read_design(Arena *arena, const Node *entry, EditStep *step, Err *err)
{
    char sha256[sizeof step->sha256];
    size_t mark = arena_mark(arena), size;
    Node node;
    char *text;
    if (!node_child(entry, "design", &node))
        return false;
    Doc doc = {.root = json_incref(node.value)};
    if (!doc_render(arena, &doc, "design.json", &size, &text, err))
        return false;
    memcpy(sha256, step->sha256, sizeof sha256);
    if (!keep_document(arena, mark, size, text, step, err))
        return false;
    if (strcmp(step->sha256, sha256) != 0)
        return node_refuse(&node, "is not the design that the sha256 beside it was taken of");
    mark = arena_mark(arena);
    Design *design = ARENA_NEW(arena, Design, 1);
    if (design == NULL)
        return err_set(err, ERR_LIMIT, "no room for a design");
    Err inner;
    if (!design_from_json(step->size, step->json, design, &inner))
        return node_refuse(&node, "cannot be read: %.140s", inner.text);
    arena_rewind(arena, mark);
    return true;
}

static bool read_step(Arena *arena, const Node *entry, EditStep *step, Err *err)
{
    static const char *const known[] = {"what", "sha256", "design", NULL};
    return node_only(entry, known) && node_text(entry, "what", sizeof step->what, step->what) &&
           node_text(entry, "sha256", sizeof step->sha256, step->sha256) &&
           read_design(arena, entry, step, err);
}

static bool read_history(Arena *arena, const Node *root, EditHistory *history, Err *err)
{
    static const char *const known[] = {"schema", "version", "at", "steps", NULL};
    Node steps, entry;
    if (!node_only(root, known) || !node_whole(root, "at", &history->at) ||
        !node_list(root, "steps", EDIT_HISTORY, &steps, &history->count))
        return false;
    if (history->at >= history->count && !(history->at == 0 && history->count == 0))
        return err_set(err, ERR_INPUT, "history: at %d is not one of %d steps", history->at,
                       history->count);
    for (int i = 0; i < history->count; i++)
        if (!node_item(&steps, i, &entry) || !read_step(arena, &entry, &history->step[i], err))
            return false;
    return true;
}

bool edit_history_from_json(Arena *arena, size_t size, const char *text, EditHistory *history,
                            Err *err)
{
    Node root;
    int version;
    *history = (EditHistory){0};
    if (!node_open("history", HISTORY_FORMAT, size, text, &root, &version, err))
        return false;
    bool ok = read_history(arena, &root, history, err);
    node_close(&root);
    return ok;
}
