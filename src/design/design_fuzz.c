#include "design/file.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 4 << 20 };

/* A refusal carries a sentence. */
static bool said(bool ok, const Err *err)
{
    if (!ok && (err->code == ERR_NONE || strlen(err->text) == 0))
        abort();
    return ok;
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* A design that is accepted is sound and settled, is written, reads back as the same, and is then
 * written with the same bytes. */
static void as_design(Arena *arena, size_t size, const char *text)
{
    static Design design, again; /* beyond what a frame may hold */
    Err err = {0};
    size_t first_size, second_size;
    char *first, *second;
    if (!said(design_from_json(size, text, &design, &err), &err))
        return;
    memcpy(&again, &design, sizeof again);
    design_settle(&again);
    must(design_same(&again, &design));
    must(memcmp(again.point, design.point, sizeof again.point) == 0);
    must(design_to_json(arena, &design, &first_size, &first, &err));
    must(design_from_json(first_size, first, &again, &err) && design_same(&again, &design));
    must(design_to_json(arena, &again, &second_size, &second, &err));
    must(first_size == second_size && memcmp(first, second, first_size) == 0);
}

static void as_preset(size_t size, const char *text)
{
    static DesignPreset preset;
    Err err = {0};
    if (!said(design_preset_from_json(size, text, &preset, &err), &err))
        return;
    must(strlen(preset.id) > 0 && strlen(preset.summary) > 0 && strlen(preset.advice) > 0);
    must(preset.request.drawn_count <= DESIGN_OUTLINE_LIMIT);
    for (int i = 0; i < preset.request.drawn_count; i++)
        must(preset.request.drawn[i].point_count <= DESIGN_OUTLINE_POINTS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena;
    Err err;
    const char *text = (const char *)data;
    as_preset(size, text);
    if (!arena_open(&arena, ROOM, &err))
        return 0;
    as_design(&arena, size, text);
    arena_close(&arena);
    return 0;
}
