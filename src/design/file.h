/* file.h - design.json, and presets, which are recipes in the same words.
 *
 * What is written reads back as the same design, and is then written with the same bytes, because
 * a design only holds numbers that the file keeps (design_settle).
 */
#ifndef DESIGN_FILE_H
#define DESIGN_FILE_H

#include "design/propose.h"

#include <stddef.h>

enum { DESIGN_FORMAT = 2 };

/* Rounds every number to what design.json keeps: places to 1e-6, mm and months to 1e-3, angles and
 * shares to 1e-4, densities and years to 1e-2; texts to lines of UTF-8. Shapes and points are
 * packed in the order of the document: by region, then by stroke. A design whose indices point
 * nowhere is left as it is. */
void design_settle(Design *design);
/* design: settled. */
MUST_CHECK bool design_to_json(Arena *arena, const Design *design, size_t *size, char **text,
                               Err *err);
/* Strict: an unknown key, a range, an index that points nowhere is named. Version 1 is migrated as
 * far as it says anything: its hairline and its request. */
MUST_CHECK bool design_from_json(size_t size, const char *text, Design *design, Err *err);
bool design_same(const Design *a, const Design *b); /* as documents */

/* ---- presets ---- */

typedef struct DesignPreset {
    char id[DESIGN_NAME], title[96], summary[400]; /* for whom, and what it does */
    char advice[600]; /* what to look at, as a practitioner would say */
    char source[300];
    DesignRequest request;
} DesignPreset;

/* "follicle/preset": keys that are missing keep the default of the request. */
MUST_CHECK bool design_preset_from_json(size_t size, const char *text, DesignPreset *preset,
                                        Err *err);
int design_preset_count(void); /* built in */
/* index within 0..count-1, in the order of the listing. */
MUST_CHECK bool design_preset_at(int index, DesignPreset *preset, Err *err);
/* ERR_INPUT names the presets there are. */
MUST_CHECK bool design_preset_named(const char *id, DesignPreset *preset, Err *err);

/* JPEG: a synthetic client before and healed. NULL for an id that is not built in. */
const uint8_t *design_preset_picture(const char *id, size_t *size);

#endif
