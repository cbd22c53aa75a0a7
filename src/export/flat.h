/* flat.h - the scalp laid flat: pieces for paper, film and cutters.
 *
 * The worked area, with a margin, is cut into bands from front to back and each is unfolded as
 * truly as a flat sheet allows: a head is round, so lengths are off by a stated share, and a piece
 * that would be off by more is made narrower. Cuts run through the triangles of the canvas, so
 * neighbours have the same edge. Millimetres; a piece lies with its printed side up as on the head
 * seen from outside, y towards the back of the head, and its box begins at (0, 0).
 */
#ifndef EXPORT_FLAT_H
#define EXPORT_FLAT_H

#include "casefile/casefile.h"

/* Which way the cuts run: bench/flat.md holds them against each other. */
typedef enum FlatCut {
    FLAT_ALONG,  /* bands beside the midline, from the front to the back */
    FLAT_ACROSS, /* bands from ear to ear */
    FLAT_GORES   /* wedges from the vertex */
} FlatCut;

typedef struct FlatParams {
    FlatCut cut;
    double page_mm[2]; /* the box of a piece is no larger: width, height */
    double error_most; /* share by which a length may be off, 0.005..0.1 */
    double margin_mm;  /* paper beyond the worked area, 0..20 */
    bool whole_scalp;  /* all that can bear hair, not only what is worked */
} FlatParams;
FlatParams flat_default(void); /* along, A4 within 16 mm margins, 2 %, 5 mm */

typedef enum FlatLineKind {
    FLAT_HAIRLINE,
    FLAT_ZONE,     /* between two zones, or a zone and what is not worked */
    FLAT_KEEP_OUT, /* around what must stay free */
    FLAT_MIDLINE,  /* the plane of symmetry */
    FLAT_CORONAL   /* from ear to ear over the vertex */
} FlatLineKind;

typedef struct FlatLine {
    FlatLineKind kind;
    DesignZone zone[2]; /* of FLAT_ZONE and FLAT_KEEP_OUT: on either side, the lower first */
    bool closed;
    int count;
    double (*at_mm)[2];
} FlatLine;

typedef struct FlatLoop { /* where to cut; the first of a piece is its outside, anticlockwise */
    int count;
    int *vertex; /* [count] of the piece */
    int *across; /* [count] the piece beyond the edge from vertex i to the next, -1: none */
} FlatLoop;

typedef struct FlatSeam { /* a part of a loop beyond which lies one other piece */
    int across, loop, first, edges;
    double length_mm; /* on the head: the same from both sides */
    bool middle;      /* it runs along the midline of the head */
} FlatSeam;

typedef struct FlatDot {
    int dot; /* in plan->dots */
    double at_mm[2];
    double heading_rad; /* of growth on the sheet, from +x towards +y */
} FlatDot;

typedef struct FlatMark { /* a landmark that lies on the piece */
    HeadLandmark landmark;
    double at_mm[2];
} FlatMark;

typedef struct FlatPiece {
    int vertex_count, triangle_count;
    Vec3 *head_mm;      /* [vertex_count] on the head */
    double (*at_mm)[2]; /* [vertex_count] on the sheet */
    int (*triangle)[3]; /* anticlockwise on both */
    int loop_count, seam_count, line_count, dot_count, mark_count;
    FlatLoop *loop;
    FlatSeam *seam;
    FlatLine *line;
    FlatDot *dot;
    FlatMark *mark;
    double width_mm, height_mm; /* of the box */
    double area_mm2;            /* on the head */
    /* Share by which lengths on the sheet differ from those on the head, whichever way and
     * wherever: the largest, and what 95 % of the area stays below. */
    double worst_error, error_95;
    double label_mm[2]; /* well inside, for its number; and the same on the head */
    Vec3 label_head_mm;
} FlatPiece;

typedef struct Flat {
    int piece_count;
    FlatPiece *piece; /* from the client's right to the left, from the front to the back */
    double band_mm;   /* the widest band */
    double area_mm2;  /* on the head */
    double worst_error, error_95; /* over all pieces */
} Flat;

/* Every dot of the plan lies in exactly one piece. Without anything worked there are no pieces.
 * ERR_INPUT: a parameter out of range; ERR_NUMERIC: a surface so rough that pieces of 8 mm are
 * still off by more. The same case gives the same bytes. */
MUST_CHECK bool flat_make(Arena *arena, Arena *scratch, const Case *plan, const FlatParams *params,
                          Flat *flat, Err *err);

/* The place on a seam at a share of its length, and the direction into the piece; the neighbour has
 * the same place of the head at 1 - share. */
void flat_seam_at(const FlatPiece *piece, const FlatSeam *seam, double share, double at_mm[2],
                  double inward[2]);

/* Where each piece lies on pages of a size, side by side with a gap; a page_mm[1] of 0 has no end:
 * all are on page 0. The numbers grow to the right. */
typedef struct FlatSpot {
    int page;
    double left_mm, top_mm; /* of the box, downwards */
} FlatSpot;
MUST_CHECK bool flat_arrange(Arena *scratch, const Flat *flat, const double page_mm[2],
                             double gap_mm, FlatSpot spot[], Err *err);

#endif
