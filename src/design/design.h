/* design.h - what is wanted: hairline, zones, and the density field on the canvas.
 *
 * The density is in dots per mm2 here and per cm2 in every file. Where hair grows the target is
 * what is missing to the wanted density, so a plan never fills what the client already has.
 */
#ifndef DESIGN_DESIGN_H
#define DESIGN_DESIGN_H

#include "hair/hair.h"
#include "head/head.h"

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
    DESIGN_ZONES
} DesignZone;
const char *design_zone_name(DesignZone zone); /* "hairline", ... */

typedef enum DesignPattern { DESIGN_PATTERN_NONE, DESIGN_NORWOOD, DESIGN_LUDWIG } DesignPattern;

enum { DESIGN_OUTLINE_LIMIT = 12, DESIGN_OUTLINE_POINTS = 64, DESIGN_HAIRLINE_CONTROLS = 9 };

/* A patch (closed, its inside) or a scar (open, a band of width_mm) on the surface. */
typedef struct DesignOutline {
    bool scar;
    double width_mm;
    int point_count;
    Vec3 point_mm[DESIGN_OUTLINE_POINTS]; /* head frame; projected along the radius */
} DesignOutline;

typedef struct DesignRequest {
    DesignPattern pattern;
    int stage; /* Norwood 1..7, Ludwig 1..3 */
    int outline_count;
    DesignOutline outline[DESIGN_OUTLINE_LIMIT];
    double density_per_cm2;    /* final dots where nothing grows, 20..300 */
    double hairline_height_mm; /* glabella to mid-frontal point along the skin, 50..110 */
    double transition_mm;      /* depth of the feathered front, 0..30 */
    double irregularity_mm;    /* standard deviation of the hairline's waver, 0..4 */
    double fringe_blend_mm;    /* over which the target fades into the growing fringe */
    double scar_uptake; /* share of pigment that scar tissue keeps; density is raised by it */
    uint64_t seed;
} DesignRequest;

typedef struct DesignZoneSum {
    double area_mm2, dots;
} DesignZoneSum;

enum { DESIGN_CURVE_POINTS = 512, DESIGN_WARNING_LIMIT = 12 };

typedef struct Design {
    DesignRequest request;
    bool has_hairline;
    Vec3
        hairline_control_mm[DESIGN_HAIRLINE_CONTROLS]; /* left temple ... middle ... right temple */
    int hairline_count;
    Vec3 hairline_mm[DESIGN_CURVE_POINTS]; /* with its irregularity, left to right */
    double hairline_length_mm;
    double *target_per_mm2;   /* [vertex_count] dots wanted beside what grows */
    double *existing_per_mm2; /* [vertex_count] hairs that grow there (cover times prior) */
    uint8_t *zone;            /* [vertex_count] DesignZone */
    DesignZoneSum sum[DESIGN_ZONES];
    double area_mm2, dots; /* all zones: where target > 0 */
    int warning_count;
    char warning[DESIGN_WARNING_LIMIT][240];
} Design;

DesignRequest design_request_default(void);
/* The eight-centimetre construction on the surface, stage and outlines to zones, and the field. */
MUST_CHECK bool design_propose(Arena *arena, Arena *scratch, const Head *head,
                               const HairSurvey *survey, const DesignRequest *request,
                               Design *design, Err *err);

#endif
