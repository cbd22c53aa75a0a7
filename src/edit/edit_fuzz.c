#include "edit/edit.h"

#include "design/file.h"

#include <stdlib.h>
#include <string.h>

static Arena arena;

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* Written, read and written again with the same bytes. */
static void check_round_trip(const EditHistory *history)
{
    static EditHistory back;
    size_t size, again_size;
    char *text, *again;
    Err err;
    must(edit_history_to_json(&arena, history, &size, &text, &err));
    must(edit_history_from_json(&arena, size, text, &back, &err));
    must(edit_history_to_json(&arena, &back, &again_size, &again, &err));
    must(size == again_size && memcmp(text, again, size) == 0);
}

/* Any bytes: refused, or a history whose designs can all be had. Digests are hard to guess, so the
 * bytes are also tried as a design, which then gets its digest. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static EditHistory history;
    static Design design;
    Err err;
    if (arena.base == NULL)
        must(arena_open(&arena, (size_t)1 << 30, &err));
    if (edit_history_from_json(&arena, size, (const char *)data, &history, &err)) {
        for (int i = 0; i < history.count; i++) {
            must(edit_history_move(&history, i - history.at));
            must(edit_history_design(&history, &design, &err));
        }
        check_round_trip(&history);
    }
    if (design_from_json(size, (const char *)data, &design, &err)) {
        history = (EditHistory){0};
        for (int i = 0; i < 3; i++)
            must(edit_history_push(&arena, &history, design.title, &design, &err));
        check_round_trip(&history);
    }
    arena_rewind(&arena, 0);
    return 0;
}
