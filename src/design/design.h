/* design.h - what is wanted: the design as a document, and what it comes to on a head.
 *
 * A Design is a value without pointers: hairline, regions, density, strokes, growth, marks. Copy it
 * to keep it, lay it out again to undo. Places are chart coordinates (head_chart), which every head
 * has; lengths are mm along the skin, densities per cm2. On another head, or a better scan of the
 * same, design_layout gives the same document its millimetres. Fields are per mm2, [vertex_count].
 */
#ifndef DESIGN_DESIGN_H
#define DESIGN_DESIGN_H

#include "hair/hair.h"
#include "head/growth.h"
#include "head/head.h"

enum {
    DESIGN_CONTROLS = 17,
    DESIGN_REGIONS = 24,
    DESIGN_SHAPES = 40,
    DESIGN_POINTS = 1536,
    DESIGN_STROKES = 48,
    DESIGN_NAME = 48,
    DESIGN_CONFIRMED = 16
};

typedef enum DesignZone {
    DESIGN_NONE,
    DESIGN_HAIRLINE,
    DESIGN_FRONTAL,
    DESIGN_MIDSCALP,
    DESIGN_CROWN,
    DESIGN_TEMPLE,
    DESIGN_PATCH,
    DESIGN_SCAR,
    DESIGN_DIFFUSE,
    DESIGN_PUNCH, /* dotted scars of single grafts */
    DESIGN_BURN,
    DESIGN_FRINGE, /* growing hair that the dots blend into */
    DESIGN_KEEP_OUT,
    DESIGN_ZONES
} DesignZone;
const char *design_zone_name(DesignZone zone); /* "hairline", ..., "keep_out" */

/* What grows there counts against the density; not in scars, where none grows and a survey cannot
 * resolve that, nor where a missing share was given. */
bool design_zone_counts_hair(DesignZone zone);

typedef struct DesignPlace { /* in the chart */
    double u, v;
} DesignPlace;

/* ---- hairline ---- */

typedef enum DesignForm {
    DESIGN_LINEAR,
    DESIGN_M,
    DESIGN_ROUND,
    DESIGN_TRIANGULAR,
    DESIGN_WIDOWS_PEAK,
    DESIGN_FORMS
} DesignForm;
typedef enum DesignFront {
    DESIGN_NATURAL,
    DESIGN_SOFT,
    DESIGN_DEFINED,
    DESIGN_STRAIGHT
} DesignFront;
typedef enum DesignSideburn { DESIGN_KEPT, DESIGN_TAPERED, DESIGN_SQUARE } DesignSideburn;
const char *
design_form_name(DesignForm form); /* "linear", "m", "round", "triangular", "widows_peak" */
const char *design_front_name(DesignFront front);          /* "natural", "soft", ... */
const char *design_sideburn_name(DesignSideburn sideburn); /* "kept", "tapered", "square" */

typedef struct DesignHairline {
    bool drawn; /* false: the front stays as it grows; the controls only say where it runs */
    DesignForm form;
    DesignFront front;
    DesignSideburn sideburn;
    int control_count; /* odd; from the left temporal peak over the middle to the right one */
    int temple[2];     /* which controls are the fronto-temporal points, left and right */
    DesignPlace control[DESIGN_CONTROLS];
    double transition_mm;                  /* depth of the ramp behind the line, 0..30 */
    double front_share;                    /* density on the line, of that behind the ramp, 0..1 */
    double macro_mm, macro_pitch_mm;       /* mounds: standard deviation 0..8, distance 20..80 */
    double micro_mm, micro_correlation_mm; /* single hairs: 0..4, 2..20 */
    double asymmetry_mm; /* standard deviation of half of left minus right, 0..3; the single hairs'
                            own difference comes on top */
    double single_mm;    /* depth of the front rows without pairs, 0..20 */
    uint64_t seed;
} DesignHairline;

/* ---- regions ---- */

typedef enum DesignShapeKind {
    DESIGN_OUTLINE, /* inside a closed line through the points */
    DESIGN_BAND,    /* along a line through the points, width_mm wide */
    DESIGN_DISCS,   /* around each point, width_mm across */
    DESIGN_NORWOOD_STAGE,
    DESIGN_LUDWIG_STAGE,
    DESIGN_BARE,  /* what the assessment sees bare, behind the line of height_mm */
    DESIGN_SCALP, /* all that can bear hair behind the line of height_mm */
    DESIGN_SHAPE_KINDS
} DesignShapeKind;
const char *
design_shape_name(DesignShapeKind kind); /* "outline", "band", ..., "norwood", "ludwig" */
typedef enum DesignJoin { DESIGN_ADD, DESIGN_REMOVE, DESIGN_WITHIN } DesignJoin;
const char *design_join_name(DesignJoin join); /* "add", "remove", "within" */

typedef struct DesignShape {
    DesignShapeKind kind;
    DesignJoin join;  /* with the shapes before it in its region */
    int stage;        /* of the stage kinds */
    double height_mm; /* of the line that a stage left behind: tape from the glabella, 50..110 */
    double width_mm;  /* of bands and discs, 0.5..60 */
    double grow_mm;   /* moves the border outwards, -20..20 */
    int first_point, point_count; /* in Design.point */
} DesignShape;

typedef struct DesignRegion {
    char name[DESIGN_NAME];
    DesignZone zone; /* DESIGN_NONE: named after the part of the head it lies on */
    int first_shape, shape_count;
    double density_per_cm2; /* wanted where nothing grows; 0: the design's */
    double share;           /* of it, 0..1: in diffuse thinning, the missing share */
    double blend_mm;        /* over which it fades at its border, 0..40 */
    double uptake;          /* of the pigment that the skin here keeps, 0.2..1 */
    double healed_months;   /* of scars and burns; 0: not known */
} DesignRegion;

/* A brush stroke on the density: amount -1 takes all away, 0.5 adds a half, within -1..1. */
typedef struct DesignStroke {
    double width_mm, amount;
    int first_point, point_count;
} DesignStroke;

typedef struct DesignDensity {
    double full_per_cm2;     /* 20..300: dots and hair together, where the design is full */
    double fringe_blend_mm;  /* 0..40: what proposed stages, and a loss, fade over */
    double crown_softer;     /* share less around the whorl, 0..0.5 */
    double highlight_softer; /* share less where the head's shape catches the light, 0..0.5 */
} DesignDensity;

/* ---- marks ---- */

typedef enum DesignMarkKind { DESIGN_DOT, DESIGN_LINE } DesignMarkKind;
typedef struct DesignMarks {
    DesignMarkKind kind;            /* a line lies along the growth */
    double line_mm;                 /* its length, 0.3..3 */
    double line_share;              /* of the marks that are lines where the kind is line, 0..1 */
    double diameter_mm;             /* healed, 0.1..0.8 */
    double spread;                  /* relative standard deviation of the diameters, 0..0.3 */
    double hairline_finer;          /* share by which marks on the line are smaller, 0..0.5 */
    double rows;                    /* faint rows along the growth, 0..0.3: see DotsParams */
    double zone_size[DESIGN_ZONES]; /* relative diameter by zone, 0.5..1.5 */
} DesignMarks;

/* ---- the client, as far as the rules need to know ---- */

typedef enum DesignAnswer { DESIGN_UNKNOWN, DESIGN_NO, DESIGN_YES } DesignAnswer;
typedef enum DesignSex { DESIGN_SEX_UNKNOWN, DESIGN_MALE, DESIGN_FEMALE } DesignSex;
typedef struct DesignClient {
    DesignSex sex;
    double age_years;      /* 0: not known */
    double brow_crease_mm; /* tape from the glabella to the upper edge of the moving forehead; 0 */
    DesignAnswer active_loss, patch_test_passed, keloid, skin_disease, straight_wanted;
    bool long_hair;
} DesignClient;

typedef struct Design {
    char title[DESIGN_NAME], preset[DESIGN_NAME]; /* what it started from; may be empty */
    uint64_t seed;
    DesignHairline hairline;
    DesignDensity density;
    int region_count, shape_count, stroke_count, point_count;
    DesignRegion region[DESIGN_REGIONS];
    DesignShape shape[DESIGN_SHAPES];
    DesignStroke stroke[DESIGN_STROKES];
    DesignPlace point[DESIGN_POINTS];
    DesignMarks marks;
    Growth growth;
    DesignClient client;
    int confirmed_count; /* rules that the client has confirmed, by id */
    char confirmed[DESIGN_CONFIRMED][DESIGN_NAME];
} Design;

/* Every number finite and in its range, every index in its array; names the part and the value. */
MUST_CHECK bool design_check(const Design *design, Err *err);

/* ---- on a head ---- */

typedef struct DesignZoneSum {
    double area_mm2, dots;
} DesignZoneSum;

enum { DESIGN_CURVE_POINTS = 1025, DESIGN_WARNING_LIMIT = 12 };

typedef struct DesignLayers DesignLayers; /* private: distances, one field for each shape */

typedef struct DesignLayout {
    Design design;
    const Head *head;
    const HairSurvey *survey;
    double *target_per_mm2;   /* dots wanted beside what grows */
    double *existing_per_mm2; /* hairs that grow there */
    uint8_t *zone;            /* DesignZone */
    float *size;              /* diameter of marks relative to design.marks.diameter_mm */
    float *behind_mm;         /* behind the drawn line, negative in front; within +-40 */
    bool has_hairline;
    int control_count, hairline_count;
    Vec3 control_mm[DESIGN_CONTROLS];
    Vec3 hairline_mm[DESIGN_CURVE_POINTS];         /* with its irregularity, left to right */
    double hairline_length_mm, hairline_height_mm; /* along the skin; glabella to its middle */
    GrowthField growth;
    DesignZoneSum sum[DESIGN_ZONES];
    double area_mm2, dots; /* all zones: where target > 0 */
    int warning_count;
    char warning[DESIGN_WARNING_LIMIT][240];
    DesignLayers *layers;
} DesignLayout;

/* head and survey stay with the layout. About 0.07 s. */
MUST_CHECK bool design_layout(Arena *arena, Arena *scratch, const Head *head,
                              const HairSurvey *survey, const Design *design, DesignLayout *layout,
                              Err *err);
/* The layout after an edit: what differs between layout->design and design is found and made again,
 * with the same bits as design_layout. changed [vertex_count]: the vertices whose target, zone or
 * size is another than before. A moved control, a stroke, a slider: some ms. After a failure the
 * layout is undefined. */
MUST_CHECK bool design_relayout(Arena *scratch, const Design *design, DesignLayout *layout,
                                int *changed_count, int changed[], Err *err);
double design_scar_share(const DesignLayout *layout); /* of its area: all three kinds of scars */
/* Points of a shape on the surface, head frame. */
MUST_CHECK bool design_shape_points(const DesignLayout *layout, int shape, int capacity,
                                    Vec3 point_mm[], int *count, Err *err);

#endif
