/* recede.h - what if the loss goes on: the fringe of the next stages, with the dots in place.
 *
 * No one can say whether and when a stage comes; this says what it would show. The stage's average
 * shape is laid around the client's own bare area, so a loss only ever grows.
 */
#ifndef DESIGN_RECEDE_H
#define DESIGN_RECEDE_H

#include "design/design.h"

typedef struct DesignLoss {
    int pattern_stage; /* Norwood 2..7 or Ludwig 2..3 */
    bool ludwig;
    double *hair_left;     /* [vertex_count] share of today's hair that is still there, 0..1 */
    double *extra_per_mm2; /* [vertex_count] dots that would then be wanted beside today's */
    double lost_mm2;       /* hair-bearing today, bare then */
    double bare_mm2;       /* of it, without dots: what would be seen */
    double edge_mm;        /* length of the dots' edge that would stand free */
    double widest_mm;      /* widest gap between the dots' edge and the hair */
    Vec3 widest_at_mm;     /* where */
    double extra_dots;
} DesignLoss;

/* Today's stage: of the design's stage shapes; else, by the bare area that the survey saw, the
 * nearest of the stages on this head; 0 when neither says anything. */
MUST_CHECK bool design_stage_today(Arena *scratch, const DesignLayout *layout, int *stage,
                                   bool *ludwig, Err *err);
/* stage: a later one than today's. Fields go to arena. Without a survey that saw hair, hair is
 * taken to grow everywhere behind the line but in today's stage. About 0.2 s. */
MUST_CHECK bool design_recede(Arena *arena, Arena *scratch, const DesignLayout *layout, int stage,
                              bool ludwig, DesignLoss *loss, Err *err);

#endif
