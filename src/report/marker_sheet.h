/* marker_sheet.h - the markers on paper: to print, measure, cut out and use.
 */
#ifndef REPORT_MARKER_SHEET_H
#define REPORT_MARKER_SHEET_H

#include "camera/marker.h"
#include "report/style.h"

/* One page for each kind in the set (bit 1 << MarkerKind): the marker at its true size with lines
 * to cut along, two check bars of 100 mm, and what to do in plain words. The same bytes each time.
 * ERR_INPUT: no kind, or a print id out of range. */
MUST_CHECK bool report_marker_pdf(Arena *arena, ReportPaper paper, unsigned kinds, int print_id,
                                  size_t *size, uint8_t **bytes, Err *err);

#endif
