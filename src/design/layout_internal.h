/* layout_internal.h - the layers that a layout keeps, so that an edit only makes some of them
 * again.
 */
#ifndef DESIGN_LAYOUT_INTERNAL_H
#define DESIGN_LAYOUT_INTERNAL_H

#include "design/design_internal.h"

enum { LAYOUT_FRAMES = 4, LAYOUT_SHAPE_POINTS = 2048 };

/* What a stage says of this head, until the stage or the whorl is another. */
typedef struct LayoutJudged {
    bool known;
    int stage;
    double height_mm, stage_mm2, hair_mm2; /* of its area; of it, under hair */
} LayoutJudged;

struct DesignLayers {
    double (*chart)[2]; /* [vertex_count] */
    DesignTape tape;
    int frame_count; /* frame[0]: of the eight-centimetre line, from which the parts are named */
    DesignStageFrame frame[LAYOUT_FRAMES];
    double *bare_mm;                /* inside of what the survey sees bare; NULL: it saw no hair */
    float *shape_mm[DESIGN_SHAPES]; /* inside of each shape, before grow_mm */
    float *amount;                  /* of the strokes */
    float *highlight;               /* 0..1: how much the form stands out */
    int line_count;                 /* the hairline with its sideburns */
    Vec3 *line, *line_before;       /* [DESIGN_LONG_CURVE] */
    Vec3 *shape_point;              /* [LAYOUT_SHAPE_POINTS] */
    double *raw_per_mm2;            /* before islands are dropped */
    uint8_t *raw_zone;
    uint8_t *dirty;
    int *part, *stack;
    LayoutJudged judged;
};

/* To the last bit, or an edit and its undo would not end where they began. */
static inline bool layout_same_height(double a_mm, double b_mm)
{
    return a_mm <= b_mm && a_mm >= b_mm;
}

/* layout_shape.c: where the shapes lie. */
MUST_CHECK bool layout_shape(Arena *scratch, DesignLayout *layout, int shape, Err *err);
/* The surface between places, at most two millimetres from point to point. what, number: for the
 * message when it is too long. */
MUST_CHECK bool layout_walk(const Head *head, const char *what, int number, int place_count,
                            const DesignPlace place[], bool closed, int *count,
                            Vec3 point[LAYOUT_SHAPE_POINTS], Err *err);
MUST_CHECK bool layout_check_shape(const DesignLayout *layout, int shape, Err *err);
MUST_CHECK bool layout_bare(Arena *scratch, DesignLayout *layout, Err *err);
const DesignStageFrame *layout_frame(const DesignLayout *layout, double height_mm);
double layout_region_mm(const DesignLayout *layout, const DesignRegion *region, int v);

/* layout_mix.c: the density at a vertex, out of all layers. */
void layout_mix(DesignLayout *layout, int v);
/* Gaps in the hair too small to be planned are left out; raw to target. */
void layout_drop_islands(DesignLayout *layout);
void layout_sum(DesignLayout *layout);
/* Share of the density that the region wants at a vertex, hair or no hair. */
double layout_region_share(const DesignLayout *layout, const DesignRegion *region, int v);

/* 0 off the scalp, 1 inside it. */
double layout_rim(const DesignLayout *layout, int v);
/* Share of the density that a part of the head wants at a vertex well inside its regions. */
double layout_full_share(const DesignLayout *layout, int v);

/* layout_warn.c: what a practitioner should hear of the design on this head; from nothing. */
void layout_warn(DesignLayout *layout);

#endif
