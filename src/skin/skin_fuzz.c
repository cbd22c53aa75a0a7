#include "skin/skin.h"

#include <assert.h>
#include <math.h>

/* Any table that is accepted gives finite looks; any pigment that is accepted is usable. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena;
    Err err;
    SkinTable table;
    SkinPigment pigment;
    if (!arena_open(&arena, 1u << 22, &err))
        return 0;
    if (skin_table_parse(&arena, size, data, &table, &err)) {
        SkinTone tone = skin_tone((Rgb){0.4f, 0.25f, 0.2f});
        SkinLook look = skin_mark_look(&table, tone, (SkinMark){0.25, 0.3, 5.0});
        SkinLook hair = skin_stubble_look(&table, tone, 0.07, 0.7);
        assert(isfinite(look.area_mm2[1]) && isfinite(hair.area_mm2[1]));
    }
    if (skin_pigment_parse(size, data, &pigment, &err))
        assert(skin_dilution(&pigment, 1.0) >= 0.0);
    arena_close(&arena);
    return 0;
}
