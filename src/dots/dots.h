/* dots.h - where the dots go.
 *
 * dots_sequence makes, once for a head, candidate sites at the highest density that can be wanted,
 * each with a rank in [0, 1): every prefix is well spread, and the sites with rank < f have
 * everywhere the density f * highest. A design is a threshold on it: dots_choose keeps a site where
 * rank < wanted / highest and gives it the session by lower thresholds, at the cost of one
 * comparison a site. dots_plan is the agreed plan: the same choice with exact counts, then all
 * session prefixes relaxed together, with the spacing statistics that are asked for. dots_edit
 * brings a plan along while the design is being changed: only the changed band moves.
 *
 * Existing follicles, grafts and earlier dots are fixed: they count as members of every prefix, and
 * the wanted density is what shall stand beside them.
 */
#ifndef DOTS_DOTS_H
#define DOTS_DOTS_H

#include "base/progress.h"
#include "head/head.h"

enum { DOTS_MAX_SESSIONS = 4, DOTS_ZONES = 16, DOTS_UNIT_SIZES = 3 };

/* Any triangle mesh without holes in its topology; the head's canvas is one. */
typedef struct DotsSurface {
    int vertex_count, triangle_count;
    const Vec3 *position_mm, *normal; /* [vertex_count] normal: outward, unit */
    const int (*triangle)[3];         /* counter-clockwise seen from outside */
    const int (*across)[3];           /* the triangle across edge (k, k + 1), -1 at the rim */
    double longest_edge_mm;
} DotsSurface;
DotsSurface dots_surface(const Head *head);

typedef enum DotsFixedKind { DOTS_FOLLICLE, DOTS_GRAFT, DOTS_EARLIER } DotsFixedKind;
typedef struct DotsFixed {
    Vec3 position_mm;
    DotsFixedKind kind; /* an earlier dot grows: new ones keep the spacing from it, too */
} DotsFixed;

typedef struct DotsSequence {
    int count;
    HeadPoint *point;  /* [count] in order of rank */
    Vec3 *position_mm; /* [count] */
    double *rank;      /* [count] ascending within [0, 1) */
    double highest_per_mm2;
    double *ceiling_per_mm2; /* [vertex_count] what rank 1 stands for */
    int fixed_count;
    DotsFixed *fixed;
    int *fixed_vertex;     /* [fixed_count] the nearest */
    double *fixed_per_mm2; /* [vertex_count] density of the fixed, over 2 mm; NULL without any */
} DotsSequence;

typedef struct DotsSequenceParams {
    double highest_per_mm2;
    const double *ceiling_per_mm2; /* [vertex_count] the highest here, 0..highest; NULL: the same
                                    * everywhere. No site where all corners of a triangle have 0 */
    int fixed_count;
    const DotsFixed *fixed;
    uint64_t seed;
    int threads;
} DotsSequenceParams;

/* highest 0..10 per mm2, threads 1..256, else ERR_INPUT; more than 600,000 sites ERR_LIMIT. The
 * same bytes for any thread count. With a ceiling, ranks are relative to it. O(n log n). */
MUST_CHECK bool dots_sequence(Arena *arena, Arena *scratch, const DotsSurface *surface,
                              const DotsSequenceParams *params, const Progress *progress,
                              DotsSequence *sequence, Err *err);

/* density_per_mm2 [vertex_count] of fixed points as dots_sequence takes it: smoothed over 2 mm. */
MUST_CHECK bool dots_beside(Arena *scratch, const DotsSurface *surface, int count,
                            const DotsFixed fixed[], double density_per_mm2[], Err *err);

/* A line on the surface: dots stand to its left, seen from outside and walking along it. Over
 * ramp_mm the wanted density rises from 0 at the line; 0 is a hard edge. A closed line that runs
 * clockwise keeps its inside free. Open lines shall end where nothing is wanted. */
typedef struct DotsEdge {
    int point_count; /* 2 or more, closed 3 or more */
    const Vec3 *point_mm;
    bool closed;
    double ramp_mm;
} DotsEdge;

typedef struct DotsWanted {
    const double *per_mm2; /* [vertex_count] 0 .. ceiling of the sequence */
    const uint8_t *zone;   /* [vertex_count] below DOTS_ZONES; NULL: all 0 */
    int edge_count;
    const DotsEdge *edge;
    /* [vertex_count] unit tangents along which hair grows; shorter, down to 0, where it has no
     * direction (a whorl); between the corners of a triangle they are interpolated. Pairs of a unit
     * then stand across it. NULL: none */
    const Vec3 *heading;
    /* [vertex_count] 1: in the triangles around it units have a single dot, as the first rows of a
     * hairline do, and over the next four more of them than asked; densities and counts stay. NULL:
     * all 0 */
    const uint8_t *single;
} DotsWanted;

typedef struct DotsParams {
    int session_count;               /* 1..4 */
    double share[DOTS_MAX_SESSIONS]; /* sums to 1 */
    double spacing_mm[DOTS_ZONES];   /* 0..3: grown dots of this zone shall not be closer */
    double irregularity; /* 0 as even as can be .. 0.6: standard deviation of log territory */
    /* Faint rows along the heading: lengths count exp(rows) as much along it and exp(-rows) across.
     * 0 none .. 0.3; above 0 a heading is needed. Fades out where the spacing needs all the room.
     * That hair stands in rows is a word of the trade, without a figure: [assumption] */
    double rows;
    double unit_share[DOTS_UNIT_SIZES]; /* of follicular units with 1, 2, 3 dots; all 0: single */
    uint64_t seed;
} DotsParams;

/* How a plan was cut out of the sequence: site i of zone z belongs to session s when rank *
 * ceiling / wanted < limit[z][s]. Near 1 times the cumulative shares. */
typedef struct DotsCut {
    double limit[DOTS_ZONES][DOTS_MAX_SESSIONS];
} DotsCut;

/* session [sequence->count]: -1 no dot. The preview: unedited places keep exactly their sites and
 * sessions; counts follow the shares within about 1 %. cut NULL: the cumulative shares. */
MUST_CHECK bool dots_choose(Arena *scratch, const DotsSurface *surface,
                            const DotsSequence *sequence, const DotsWanted *wanted,
                            const DotsParams *params, const DotsCut *cut, int8_t session[],
                            int *count, Err *err);

typedef struct Dot {
    int site;    /* in the sequence: stable under edits of the design. The second and third dot of a
                  * unit: that of the first plus once and twice the sequence's count */
    int session; /* 0 .. session_count - 1 */
    int zone;
    int unit; /* dots of one follicular unit share it; its own number when single */
    HeadPoint point;
    Vec3 position_mm, normal;
    double rank;
    double target_per_mm2; /* wanted at the dot */
    double beside_per_mm2; /* density of the fixed at the dot */
    double size, shade;    /* standard normal deviates, spread so that equals do not cluster */
} Dot;

typedef struct Dots {
    int count;
    Dot *dot; /* in the order of work: by session, then along its route (route.h) */
    int session_count;
    int in_session[DOTS_MAX_SESSIONS];
    int in_zone[DOTS_ZONES][DOTS_MAX_SESSIONS];
    int wanted[DOTS_ZONES][DOTS_MAX_SESSIONS]; /* as density and shares ask, of dots_plan */
    int short_of;      /* wanted by exact count, but the sequence has no more sites there */
    int dropped;       /* chosen, but no place where the grown dot would be clear of others */
    int *dropped_site; /* [dropped] */
    double nearest_mm; /* smallest distance between two dots; 0 when there are not two */
    DotsCut cut;
} Dots;

/* The agreed plan. Counts are exact: the integral of the wanted density, by zone and session, by
 * largest remainders, less what is dropped or short. Same bytes whatever edits came before. About
 * 0.3 s for 30,000 dots. ERR_INPUT on a wanted density above the sequence's. */
MUST_CHECK bool dots_plan(Arena *arena, Arena *scratch, const DotsSurface *surface,
                          const DotsSequence *sequence, const DotsWanted *wanted,
                          const DotsParams *params, const Progress *progress, Dots *dots, Err *err);

/* A plan while its design changes: dots farther than the band (five spacings) from every site that
 * comes, goes or changes its session stay, byte for byte; those in the band are relaxed, and the
 * order of work is found anew. Follicular units are planned anew as a whole. */
MUST_CHECK bool dots_edit(Arena *arena, Arena *scratch, const DotsSurface *surface,
                          const DotsSequence *sequence, const Dots *before,
                          const DotsWanted *wanted, const DotsParams *params, Dots *dots, Err *err);

/* The density above which grown dots cannot keep a spacing: (0.78 * 1.0746 / spacing)^2. */
double dots_most_per_mm2(double spacing_mm);

#endif
