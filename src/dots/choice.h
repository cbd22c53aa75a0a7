/* choice.h - dots_choose while the wanted density changes at some vertices.
 *
 * The sites of a sequence lie ready by triangle; those in triangles around changed vertices are
 * chosen again, all others keep their session. The sessions are always, bit by bit, those that
 * dots_choose gives with the same field, no edges and no cut.
 */
#ifndef DOTS_CHOICE_H
#define DOTS_CHOICE_H

#include "dots/dots.h"

typedef struct DotsChoiceSites DotsChoiceSites; /* private */

typedef struct DotsChoice {
    const DotsSurface *surface;
    const DotsSequence *sequence;
    int session_count;
    double until[DOTS_MAX_SESSIONS]; /* cumulative shares */
    int8_t *session;                 /* [sequence->count] -1: no dot */
    uint8_t *zone;                   /* [sequence->count] where session >= 0 */
    int dots, in_session[DOTS_MAX_SESSIONS], in_zone[DOTS_ZONES];
    int last_sites; /* that the last call looked at */
    DotsChoiceSites *sites;
} DotsChoice;

/* No dot is chosen yet. Surface and sequence stay with it. Of params: sessions and shares. */
MUST_CHECK bool dots_choice_new(Arena *arena, const DotsSurface *surface,
                                const DotsSequence *sequence, const DotsParams *params,
                                DotsChoice *choice, Err *err);
/* per_mm2 and zone: [vertex_count] as in DotsWanted, the same as in the call before but at the
 * changed vertices. ERR_INPUT (not 0..ceiling of the sequence, a zone out of range) leaves the
 * choice as it was. About 1 ms when all of 80,000 sites are looked at. */
MUST_CHECK bool dots_choice_again(DotsChoice *choice, const double per_mm2[], const uint8_t zone[],
                                  int changed_count, const int changed[], Err *err);
/* The same with every vertex changed. */
MUST_CHECK bool dots_choice_all(DotsChoice *choice, const double per_mm2[], const uint8_t zone[],
                                Err *err);

#endif
