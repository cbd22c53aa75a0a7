/* marker_internal.h - how a marker is put together. */
#ifndef CAMERA_MARKER_INTERNAL_H
#define CAMERA_MARKER_INTERNAL_H

#include "camera/marker.h"

/* Share by which a print's lengths may be off: "fit to page" shrinks by 3 to 6 %. */
#define MARKER_MOST_OFF 0.08
/* By which x may differ from y: beyond it the print has no one scale (field/assess 4 a). */
#define MARKER_MOST_APART 0.01

/* marker_layout.c: everything but the tags' cells and the bins. */
void marker_lay_out(Marker *marker);
/* The first tag's id of a kind; a kind has MARKER_MAX_TAGS ids. */
int marker_first_id(MarkerKind kind);
/* Sorts shapes and tags into squares of the paper, for marker_color_at. */
void marker_sort_bins(Marker *marker);

#endif
