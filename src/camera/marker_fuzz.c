#include "camera/marker.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Any bytes: refused, or prints that are written again and read back the same, and that stretch a
 * marker to one that still has a surface; or colours for every patch. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_prints(Arena *arena, Marker *marker, size_t size, const char *data)
{
    Err err;
    MarkerPrints prints, again;
    size_t written;
    char *text;
    Rgb color;
    if (!marker_prints_from_json(arena, size, data, &prints, &err))
        return;
    bool ok = marker_prints_to_json(arena, &prints, &written, &text, &err) &&
              marker_prints_from_json(arena, written, text, &again, &err);
    assert(ok && again.count == prints.count);
    for (int i = 0; i < prints.count && i < 4; i++) {
        const MarkerPrint *print = &prints.print[i];
        assert(marker_prints_find(&again, print->print_id) == &again.print[i]);
        ok = marker_make(MARKER_CLOSE, print->print_id, marker, &err);
        assert(ok);
        marker_apply_print(marker, print);
        ok = marker_color_at(marker, 0.9 * marker->left_mm, 0.0, 1.0, &color);
        assert(ok && color.g >= -1e-6f && color.g <= 1.0f);
    }
}

static void as_colours(Marker *marker, size_t size, const char *data)
{
    Err err;
    MarkerPrint print = {0};
    bool made = marker_make(MARKER_CLOSE, 1, marker, &err);
    assert(made);
    if (!marker_print_colours(marker, size, data, &print, &err))
        return;
    assert(print.patch_count == marker->patch_count);
    for (int i = 0; i < print.patch_count; i++)
        assert(isfinite(print.patch[i].L) && print.patch_name[i][0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena;
    Err err;
    if (!arena_open(&arena, (size_t)16 << 20, &err))
        return 0;
    Marker *marker = ARENA_NEW(&arena, Marker, 1);
    if (marker != NULL) {
        as_prints(&arena, marker, size, (const char *)data);
        as_colours(marker, size, (const char *)data);
    }
    arena_close(&arena);
    return 0;
}
