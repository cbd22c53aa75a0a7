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
    double widest_mm;      /* widest gap between the dots' edge and the hair; 0: no edge, or no hair
                              is left to measure to */
    Vec3 widest_at_mm;     /* where on the edge */
    double extra_dots;
} DesignLoss;

/* Today's stage: of the design's stage shapes; else, by the bare area that the survey saw, the
 * nearest of the stages on this head (Ludwig's for a woman); 0 when neither says anything. */
MUST_CHECK bool design_stage_today(Arena *scratch, const DesignLayout *layout, int *stage,
                                   bool *ludwig, Err *err);
/* stage: a later one than today's, of the same pattern. Fields go to arena. Without a survey that
 * saw hair, hair is taken to grow everywhere behind the line but in today's stage. About 0.1 s. */
MUST_CHECK bool design_recede(Arena *arena, Arena *scratch, const DesignLayout *layout, int stage,
                              bool ludwig, DesignLoss *loss, Err *err);

/* The fields behind a loss, all [vertex_count]. */
typedef struct DesignLossFields {
    const double *today;          /* hair there now, 0..1 of its full density */
    const double *left;           /* share of it that stays */
    const double *full_per_mm2;   /* dots and hair that make a place full */
    const double *now_per_mm2;    /* dots that the design would want there with today's hair */
    const double *then_per_mm2;   /* and with the hair that is left */
    const double *target_per_mm2; /* dots that are planned */
} DesignLossFields;
/* Areas, edge, gap and extra dots out of the fields; hair_left and extra_per_mm2 of loss are
 * arrays already. An edge is where the cover by dots and hair falls through a half on the dots'
 * side and the loss took at least a quarter of it. */
MUST_CHECK bool design_loss_sum(Arena *scratch, const Head *head, const DesignLossFields *fields,
                                DesignLoss *loss, Err *err);

/* The next stages after today's, at most `capacity`; none where nothing says what today's is. */
MUST_CHECK bool design_recede_next(Arena *arena, Arena *scratch, const DesignLayout *layout,
                                   int capacity, DesignLoss loss[], int *count, Err *err);

#endif
