/* dots.h - where the dots go: one progressive sequence per head, and thresholds on it.
 *
 * dots_sequence makes candidate sites at the highest density that can be wanted, each with a rank
 * in [0, 1); every prefix is well spread, and the sites with rank < f have everywhere the density
 * f * highest. dots_choose keeps a site where rank < target / highest, gives it the session by
 * lower thresholds, and keeps grown dots apart. A design edit costs one comparison per site, and a
 * site never moves; a dot may leave its site by 0.3 spacings. Dots 10 spacings away from an edit
 * stay.
 */
#ifndef DOTS_DOTS_H
#define DOTS_DOTS_H

#include "base/progress.h"
#include "head/head.h"

typedef struct DotsSequence {
    int count;
    HeadPoint *point;  /* [count] in order of rank */
    Vec3 *position_mm; /* [count] */
    double *rank;      /* [count] ascending within [0, 1) */
    double highest_per_mm2;
    int fixed_count; /* existing follicles that the sites keep away from */
    Vec3 *fixed_mm;
} DotsSequence;

typedef struct DotsSequenceParams {
    double highest_per_mm2;
    const uint8_t
        *where; /* [vertex_count] 0: no site here; NULL: everywhere. A triangle takes sites
                 * when one of its corners does, so where = target > 0 covers the target */
    int fixed_count;
    const Vec3 *fixed_mm;
    uint64_t seed;
    int threads;
} DotsSequenceParams;

/* highest 0..10 per mm2, threads 1..256, else ERR_INPUT; more than 400,000 sites ERR_LIMIT. The
 * same bytes for any thread count. Needs about 1 kB of scratch per site and 20 MB. */
MUST_CHECK bool dots_sequence(Arena *arena, Arena *scratch, const Head *head,
                              const DotsSequenceParams *params, const Progress *progress,
                              DotsSequence *sequence, Err *err);

enum { DOTS_MAX_SESSIONS = 4 };

typedef struct DotsParams {
    const double *target_per_mm2;    /* [vertex_count] 0 .. highest of the sequence */
    int session_count;               /* 1..4 */
    double share[DOTS_MAX_SESSIONS]; /* sums to 1 */
    double spacing_mm;               /* 0..3: no two dots, nor a dot and a follicle, are closer;
                                      * 0 leaves every dot on its site */
    uint64_t seed;
} DotsParams;

typedef struct Dot {
    int site;    /* in the sequence: stable under edits of the design */
    int session; /* 0 .. session_count - 1 */
    HeadPoint point;
    Vec3 position_mm, normal;
    double rank;
    double target_per_mm2; /* at the dot */
    double jitter;         /* standard normal deviate of its own: size and shade are drawn by it */
} Dot;

typedef struct Dots {
    int count;
    Dot *dot; /* by session, then along a serpentine, the order of work */
    int session_count;
    int in_session[DOTS_MAX_SESSIONS];
    int dropped;       /* wanted, but too close to another for the grown dot */
    double nearest_mm; /* smallest distance between two dots; 0 when there are not two */
} Dots;

/* Session s has the sites whose rank lies between the shares of the target before and after it:
 * counts follow the shares within about 1 %, not exactly, because an exact count would let an edit
 * at the crown change the session of a dot at the temple. Where dots are too close they first move
 * apart; of those that stay too close the one of the later session, then of the higher rank, is
 * dropped. ERR_INPUT on a target above the sequence's highest. */
MUST_CHECK bool dots_choose(Arena *arena, Arena *scratch, const Head *head,
                            const DotsSequence *sequence, const DotsParams *params, Dots *dots,
                            Err *err);

#endif
