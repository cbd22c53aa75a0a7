/* audit_internal.h - what the steps of an audit hand to each other. */
#ifndef AUDIT_AUDIT_INTERNAL_H
#define AUDIT_AUDIT_INTERNAL_H

#include "audit/audit.h"

/* Nearest-neighbour distance of the hexagonal lattice at unit density: sqrt(2 / sqrt 3). */
#define AUDIT_HEX 1.0745699318235418

/* ---- points by cells (audit_grid.c) */

typedef struct AuditCell {
    uint64_t key;
    int item;
} AuditCell;
typedef struct AuditGrid {
    int count;
    const Vec3 *at;
    Vec3 low;
    double cell_mm;
    uint64_t side[3];
    AuditCell *cell; /* [count] by key, then item */
} AuditGrid;
MUST_CHECK bool audit_grid_new(Arena *arena, int count, const Vec3 at[], double cell_mm,
                               AuditGrid *grid, Err *err);
/* The nearest point within reach other than `except` (-1: none left out); -1 and *distance_mm =
 * reach when there is none. */
int audit_grid_nearest(const AuditGrid *grid, Vec3 from, double reach_mm, int except,
                       double *distance_mm);

/* ---- the design at a place (audit_field.c) */

typedef struct AuditField {
    const CaseRead *read;
    double *open_per_mm2; /* [vertex_count] wanted, after edges have cut it */
    bool *is_near_edge;   /* [vertex_count] ask the edges again between the vertices */
    double integral[DOTS_ZONES], highest_per_mm2[DOTS_ZONES];
} AuditField;
MUST_CHECK bool audit_field_new(Arena *arena, const CaseRead *read, AuditField *field, Err *err);
/* Wanted density; 0 where triangle is -1. */
double audit_field_at(const AuditField *field, HeadPoint point);
int audit_zone_at(const AuditField *field, HeadPoint point);
/* Signed distance to an edge, negative on its right; reach_mm or more beyond that. */
double audit_edge_mm(const CaseRead *read, const DotsEdge *edge, Vec3 position_mm);
/* Whether the density stays within a factor of AUDIT_FLAT over reach_mm around: away from borders.
 */
#define AUDIT_FLAT 1.35
bool audit_is_flat(const AuditField *field, Vec3 position_mm, double reach_mm);

/* ---- the case under audit */

typedef struct AuditDot {
    HeadPoint point; /* triangle -1: below the canvas */
    double off_mm;   /* height over the surface along the radius */
    double wanted_per_mm2;
    bool is_sound; /* on the skin and wanted there: what patterns are measured on */
} AuditDot;

typedef struct AuditJob {
    Arena *arena, *scratch;
    const CaseRead *read;
    const Progress *progress;
    Audit *audit;
    DotsSurface surface;
    AuditField field;
    AuditDot *dot;                   /* [dots.count] beside read->dots.dot */
    Vec3 *position_mm;               /* [dots.count] as the rows have them */
    double until[DOTS_MAX_SESSIONS]; /* cumulative shares */
    double units_per_dot;            /* 1: all dots single */
    AuditGrid fixed;                 /* over the fixed points */
    Vec3 *fixed_mm;
} AuditJob;

/* The dots of the first sessions that lie over the canvas. */
typedef struct AuditPrefix {
    int count;
    int *row; /* [count] into the rows */
    Vec3 *at; /* [count] */
    AuditGrid grid;
    double share;
} AuditPrefix;
MUST_CHECK bool audit_prefix_new(AuditJob *job, int session, AuditPrefix *prefix, Err *err);

/* The parts of a prefix: all zones, then each that is used. */
AuditPart *audit_part(const AuditJob *job, int session, int zone);
double audit_units_per_dot(const CaseRecord *record);
double audit_spacing_mm(const AuditJob *job, int zone_a, int zone_b);

/* Field, parts and places, before any finding. */
MUST_CHECK bool audit_open(AuditJob *job, Arena *arena, Arena *scratch, const CaseRead *read,
                           Audit *audit, Err *err);
/* The steps; each adds findings. */
MUST_CHECK bool audit_rows(AuditJob *job, Err *err);                   /* audit_rows.c */
void audit_counts(AuditJob *job);                                      /* audit_rows.c */
void audit_places(AuditJob *job);                                      /* audit_rows.c */
MUST_CHECK bool audit_distances(AuditJob *job, int session, Err *err); /* audit_near.c */
MUST_CHECK bool audit_gaps(AuditJob *job, int session, Err *err);      /* audit_gap.c */
MUST_CHECK bool audit_evenness(AuditJob *job, int session, Err *err);  /* audit_even.c */
void audit_room(AuditJob *job);                                        /* audit.c */

/* ---- findings and words (audit_words.c) */

/* A new finding with its numbers zeroed, NULL when the list is full (a defect still counts). */
AuditFinding *audit_add(Audit *audit, AuditKind kind, bool defect, int session, int zone);
void audit_say(AuditFinding *finding, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "in the frontal area": a zone as a whole. */
const char *audit_area(int zone);
/* "after session 2" or "when all is done". */
void audit_when(const AuditJob *job, int session, char text[AUDIT_PLACE]);

#endif
