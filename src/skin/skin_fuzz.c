#include "skin/pigment.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Whatever is accepted is usable: a pigment is written again and read back the same, a spectrum has
 * shares in all bands and a colour. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_pigment(Arena *arena, size_t size, const uint8_t *data)
{
    Err err;
    SkinPigment line, again;
    const char *text;
    if (!skin_pigment_parse(size, data, &line, &err))
        return;
    assert(skin_pigment_check(&line, &err));
    assert(isfinite(skin_dilution(&line, 1.0)) && skin_absorption_per_mm(&line, 0.0) > 0.0);
    bool written = skin_pigment_write(arena, &line, &text, &err);
    assert(written);
    bool read = skin_pigment_parse(strlen(text), text, &again, &err);
    assert(read && fabs(again.uptake - line.uptake) <= 1e-14 * line.uptake);
}

static void as_spectrum(size_t size, const uint8_t *data)
{
    Err err;
    Spectrum spectrum;
    if (!skin_spectrum_parse(size, data, &spectrum, &err))
        return;
    for (int i = 0; i < SPECTRUM_BANDS; i++)
        assert(spectrum.band[i] >= 0.0 && spectrum.band[i] <= 1.0);
    Lab lab = spectrum_lab(&spectrum, SPECTRUM_D65);
    assert(isfinite(lab.L) && isfinite(lab.a) && isfinite(lab.b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena;
    Err err;
    SkinTable table;
    if (!arena_open(&arena, 1u << 18, &err))
        return 0;
    as_pigment(&arena, size, data);
    as_spectrum(size, data);
    if (skin_table_parse(size, data, &table, &err))
        assert(table.plug != NULL && table.rod != NULL);
    arena_close(&arena);
    return 0;
}
