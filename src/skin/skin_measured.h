/* skin_measured.h - measured skins, for the test and the benchmark.
 *
 * spectra/skin_reflectance.csv holds 15 of the 100 forearms of NIST; ../shared may hold 67.
 */
#ifndef SKIN_SKIN_MEASURED_H
#define SKIN_SKIN_MEASURED_H

#include "base/io.h"
#include "base/text.h"
#include "skin/skin.h"

#include <stdlib.h>

#define MEASURED_FEW  "spectra/skin_reflectance.csv"
#define MEASURED_MANY "../shared/data/spectra/nist_skin_reflectance_10nm.csv"
enum { MEASURED_LIMIT = 128 };

/* Lines of `wavelength,reflectance,reflectance...`, gloss taken out; the number of skins, 0 when
 * the file cannot be read. */
static inline int measured_read(const char *path, Spectrum skin[MEASURED_LIMIT])
{
    Arena arena;
    Err err;
    size_t size = 0;
    uint8_t *bytes = NULL;
    int count = 0;
    if (!arena_open(&arena, 1u << 20, &err))
        return 0;
    if (io_read_file(&arena, path, 1u << 19, &size, &bytes, &err)) {
        TextCursor cursor = text_cursor(size, bytes);
        while (!text_at_end(&cursor)) {
            TextSpan line = text_rest_of_line(&cursor);
            char *at = NULL; /* the reader of files ends the bytes with a zero */
            double band = (strtod(line.start, &at) - 400.0) / 10.0;
            if (at == line.start || band < 0.0 || band > SPECTRUM_BANDS - 1)
                continue;
            for (count = 0; count < MEASURED_LIMIT && *at == ','; count++)
                skin[count].band[(int)(band + 0.5)] = strtod(at + 1, &at) - SKIN_GLOSS;
        }
    }
    arena_close(&arena);
    return count;
}

#endif
