/* hairline_internal.h - what the files of the hairline share; nothing else includes it. */
#ifndef DESIGN_HAIRLINE_INTERNAL_H
#define DESIGN_HAIRLINE_INTERNAL_H

#include "design/design_internal.h"

/* Place and slope in the chart at t within [0, 1] of a span of the spline through the controls. */
void hairline_span_at(int control_count, const DesignPlace control[], int span, double t,
                      double uv[2], double slope[2]);

/* The glabella of the frame and beside it E, 80 mm along the skin at the level of the canthi. */
MUST_CHECK bool hairline_frame_brow(Arena *scratch, const Head *head, DesignFrame *frame, Err *err);
/* A temporal peak: 50 mm less the advance from a fronto-temporal point towards E. */
MUST_CHECK bool hairline_peak(const Head *head, Vec3 temple_mm, Vec3 brow_mm, double advance_mm,
                              Vec3 *peak, Err *err);
/* Half way from a to b on the surface, moved by bow_mm away from `inside`. */
MUST_CHECK bool hairline_bowed_middle(const Head *head, Vec3 a, Vec3 b, Vec3 inside, double bow_mm,
                                      Vec3 *middle, Err *err);

/* Controls of one side, from the temporal peak to the last before the middle. */
typedef struct HairlineSide {
    int count, temple;
    Vec3 point[DESIGN_CONTROLS / 2];
} HairlineSide;
void hairline_put_controls(const Head *head, const HairlineSide side[DESIGN_SIDES], Vec3 middle,
                           DesignHairline *hairline);

/* Controls along request->old_line_mm. */
MUST_CHECK bool hairline_from_old_line(Arena *scratch, const Head *head,
                                       const DesignRequest *request, DesignHairline *hairline,
                                       Err *err);

#endif
