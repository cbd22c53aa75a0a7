/* report_marker.h - small drawings that show how a marker is used. */
#ifndef REPORT_REPORT_MARKER_H
#define REPORT_REPORT_MARKER_H

#include "report/report_internal.h"

/* Into a box of width_mm with its upper left corner at (x, y); 0.7 (head: 1.1) times as high. */
void report_marker_sketch(Sheet *sheet, MarkerKind kind, double x_mm, double y_mm, double width_mm);

#endif
