/* read.h - a case read back from its folder: what an audit or a follow-up starts from.
 *
 * Readers are strict: what they accept has all its columns, in order, with numbers that are finite
 * and within what skin and heads allow; every refusal names the file, the line and the column, or
 * the key. Densities are per mm2 here and per cm2 in the files.
 */
#ifndef CASEFILE_READ_H
#define CASEFILE_READ_H

#include "course/budget.h"
#include "design/file.h"
#include "dots/dots.h"
#include "head/head.h"

#include <stddef.h>

enum { CASE_PIGMENTS = 8, CASE_NAME = 64, CASE_ROW_LIMIT = 600000, CASE_DOCUMENTS = 16 };

typedef enum CaseDotKind {
    CASE_BARE,
    CASE_BETWEEN_HAIRS,
    CASE_IN_SCAR,
    CASE_DOT_KINDS
} CaseDotKind;

typedef struct CaseDot { /* a row of dots.csv */
    int site;
    double rank;
    int session; /* from 0 */
    DesignZone zone;
    CaseDotKind kind;
    Vec3 position_mm, normal;
    double heading_rad, diameter_mm, depth_mm;
    int pigment; /* into CaseDots.pigment */
    double dilution, target_per_mm2, beside_per_mm2;
    int unit;
    double length_mm; /* of a line along the heading; 0: a dot */
} CaseDot;

typedef struct CaseDots {
    int count;
    CaseDot *dot;
    int pigment_count;
    char pigment[CASE_PIGMENTS][CASE_NAME];
} CaseDots;

/* dots.csv: what is written reads back, and is then written with the same bytes. RFC 4180 with LF
 * or CRLF; texts without line breaks. A table of before there were lines, without the columns mark
 * and length_mm, is one of dots. */
MUST_CHECK bool casefile_dots_to_csv(Arena *arena, const CaseDots *dots, size_t *size, char **bytes,
                                     Err *err);
MUST_CHECK bool casefile_dots_from_csv(Arena *arena, size_t size, const char *bytes, CaseDots *dots,
                                       Err *err);
/* dots.ply: binary little-endian points with normal, colour by session, radius, diameter, session.
 */
MUST_CHECK bool casefile_dots_to_ply(Arena *arena, const CaseDots *dots, size_t *size,
                                     uint8_t **bytes, Err *err);
/* fixed.csv: follicles, grafts and earlier dots. */
MUST_CHECK bool casefile_fixed_from_csv(Arena *arena, size_t size, const char *bytes, int *count,
                                        DotsFixed **fixed, Err *err);

double casefile_earlier_share(int count, const DotsFixed fixed[]); /* that are earlier dots */

/* A table x_mm,y_mm of points in a plane: hairs of a donor area. */
MUST_CHECK bool casefile_points_from_csv(Arena *arena, size_t size, const char *bytes, int *count,
                                         double (**xy_mm)[2], Err *err);

typedef struct CaseField { /* field.csv: what was wanted at the vertices of head.glb */
    int vertex_count;
    uint8_t *zone;          /* [vertex_count] DesignZone, as are all below */
    double *wanted_per_mm2; /* of new dots, before edges cut it */
    double *hair_per_mm2;   /* that grows there; known where something is wanted */
    double *beside_per_mm2; /* fixed points around */
} CaseField;
MUST_CHECK bool casefile_field_from_csv(Arena *arena, int vertex_count, size_t size,
                                        const char *bytes, CaseField *field, Err *err);

/* The canvas of head.glb, positions in mm; the landmarks are left at zero. topology stays with the
 * head. ERR_INPUT when it is no canvas of this program. */
MUST_CHECK bool casefile_head_from_glb(Arena *arena, Arena *scratch, size_t size,
                                       const uint8_t bytes[], HeadTopology *topology, Head *head,
                                       Err *err);

typedef struct CaseRecord { /* of case.json and layout.json, what the dots rest on */
    char code[CASE_NAME];
    int document_count;
    struct {
        char name[32], sha256[65];
    } document[CASE_DOCUMENTS];
    double healed_diameter_mm, growth_years;
    SkinAgeing ageing;
    int session_count;
    double share[DOTS_MAX_SESSIONS];
    int count, dropped, short_of;
    int wanted[DOTS_ZONES][DOTS_MAX_SESSIONS], placed[DOTS_ZONES][DOTS_MAX_SESSIONS];
    double spacing_mm[DOTS_ZONES];
    double irregularity, nn_cv; /* nn_cv: aimed at, 0 where none was stated */
    double unit_share[DOTS_UNIT_SIZES];
    int fixed_count;
    int edge_count;
    DotsEdge *edge;
} CaseRecord;
/* layout_json: or design.json of version 1, where the first cases kept the edges. */
MUST_CHECK bool casefile_record_from_json(Arena *arena, size_t case_size, const char *case_json,
                                          size_t layout_size, const char *layout_json,
                                          CaseRecord *record, Err *err);

typedef struct CaseRead {
    CaseRecord record;
    CaseDots dots;
    int fixed_count;
    DotsFixed *fixed;
    CaseField field;
    HeadTopology topology;
    Head head;
    int edited_count; /* documents whose digest is not the recorded one */
    char edited[CASE_DOCUMENTS][32];
} CaseRead;

/* Reads what belongs to the dots of a case; a missing file is named. */
MUST_CHECK bool casefile_read(Arena *arena, Arena *scratch, const char *folder, CaseRead *read,
                              Err *err);

/* What a design is laid out on, again, from a case folder: the canvas with its landmarks, the hair
 * that was seen (to four decimals of its density), and what the guard-rails measure with. */
typedef struct CaseCanvas {
    HeadTopology topology;
    Head head; /* its topology is the one above: it does not move */
    HairSurvey survey;
    Design design;
    double healed_diameter_mm, growth_years;
    int session_count;
    double share[DOTS_MAX_SESSIONS];
    SkinAgeing ageing;
    double treated_darkening, step_distance_m, luminance_cd_m2; /* < 0: not in the case */
} CaseCanvas;
MUST_CHECK bool casefile_canvas_read(Arena *arena, Arena *scratch, const char *folder,
                                     CaseCanvas *canvas, Err *err);

#endif
