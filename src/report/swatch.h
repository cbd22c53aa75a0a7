/* swatch.h - the shade on a page: bare skin, the client's stubble, and the treated skin through
 * time, as patches of true size with their dots and as the even tone they have from a distance.
 */
#ifndef REPORT_SWATCH_H
#define REPORT_SWATCH_H

#include "image/image.h"
#include "shade/shade.h"

/* sRGB, 16 px/mm, 3104 px wide; sheet: in arena. About 1 s. ERR_LIMIT: no room (200 MB are ample).
 */
MUST_CHECK bool report_swatch_sheet(Arena *arena, Arena *scratch, const ShadeRequest *request,
                                    const ShadeChoice *choice, Image *sheet, Err *err);
/* The same as an A4 page; the same choice gives the same bytes. */
MUST_CHECK bool report_swatch_pdf(Arena *arena, Arena *scratch, const ShadeRequest *request,
                                  const ShadeChoice *choice, size_t *size, uint8_t **bytes,
                                  Err *err);

#endif
