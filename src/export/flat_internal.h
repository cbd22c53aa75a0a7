/* flat_internal.h - the canvas cut into pieces, and a piece unfolded. */
#ifndef EXPORT_FLAT_INTERNAL_H
#define EXPORT_FLAT_INTERNAL_H

#include "export/flat.h"

/* ---- flat_mesh.c: triangles that are split where lines run through them ---- */

enum { FLAT_OUTSIDE, FLAT_BAND, FLAT_LENGTH, FLAT_FIELDS };

typedef struct FlatMesh {
    int vertex_count, triangle_count, vertex_limit, triangle_limit;
    Vec3 *position_mm;
    double *field[FLAT_FIELDS]; /* [vertex_count] linear on the triangles */
    int (*triangle)[3];
    int *origin; /* [triangle_count] the triangle of the canvas it is a part of */
    int *cell;   /* [triangle_count] parts keep it */
    int *across; /* [3 * triangle_count] beyond edge (k, k + 1), -1: none; after flat_mesh_link */
    /* Of the edges that are being cut: */
    size_t slot_count, slots_used;
    uint64_t *key;
    int *value;
} FlatMesh;

MUST_CHECK bool flat_mesh_new(Arena *arena, int vertex_limit, int triangle_limit, FlatMesh *mesh,
                              Err *err);
void flat_mesh_copy(const FlatMesh *from, FlatMesh *to);
/* Splits the triangles of the cell (-1: all), and their neighbours where they share an edge, along
 * field == level. A vertex that lies very near is moved onto the line: no slivers. */
MUST_CHECK bool flat_mesh_cut(FlatMesh *mesh, int field, double level, int cell, Err *err);
double flat_mesh_middle(const FlatMesh *mesh, int field, int triangle);
void flat_mesh_link(FlatMesh *mesh);
/* part [triangle_count]: triangles of one cell that hang together by edges; returns how many. */
int flat_mesh_parts(const FlatMesh *mesh, int queue[], int part[]);

/* ---- flat.c: what stays through one try ---- */

enum { FLAT_REGIONS = 256, FLAT_BANDS = 40, FLAT_LENGTHS = 12 };

typedef struct FlatRegion { /* of the worked area, by itself */
    double low_mm, high_mm;
    int bands, lengths[FLAT_BANDS];
} FlatRegion;

typedef struct FlatCutting {
    const Case *plan;
    const FlatParams *params;
    FlatMesh base, mesh;
    int region_count;
    FlatRegion *region;
    int *part, *local, *queue, *vertex; /* [triangle_limit], vertex: [vertex_limit] */
    int part_count;
    double *part_mm2;  /* [triangle_limit] */
    int *start, *list; /* triangles of the mesh by that of the canvas */
    int *piece_of;     /* [part] */
} FlatCutting;

/* ---- flat_cut.c ---- */

/* Cuts c->mesh, a copy of the base with its regions as cells, into cells of bands and lengths. */
MUST_CHECK bool flat_cut_cells(FlatCutting *c, Err *err);
/* Parts of the mesh by cells; what is too small is joined to a neighbour. */
void flat_join_shreds(FlatCutting *c);
/* Parts in the order of their cells, those that were joined to others left out; returns how many
 * pieces there are. */
int flat_number_parts(FlatCutting *c);

/* ---- flat_piece.c ---- */

MUST_CHECK bool flat_copy_piece(Arena *arena, FlatCutting *c, int number, FlatPiece *piece,
                                Err *err);
MUST_CHECK bool flat_copy_loops(Arena *arena, Arena *scratch, const FlatCutting *c, int number,
                                FlatPiece *piece, Err *err);

/* ---- flat_region.c ---- */

/* [vertex_count] distance from what is worked, 0 within; small gaps are filled. *worked: vertices
 * of it; 0: nothing is worked, and there is no distance. */
MUST_CHECK bool flat_outside(Arena *scratch, const Case *plan, const FlatParams *params,
                             double outside_mm[], int *worked, Err *err);
/* [vertex_count] signed distance from the plane x = 0 (positive to the client's left), or from the
 * upright plane through the ears (to the back). */
MUST_CHECK bool flat_from_plane(Arena *scratch, const Head *head, bool coronal,
                                double distance_mm[], Err *err);

/* ---- flat_unfold.c ---- */

/* Gives a piece its places on the sheet and its errors, from where it lies on the head: as rigid as
 * possible, triangle by triangle (Liu et al., "A local/global approach to mesh parameterization",
 * SGP 2008). Exact for what can be unrolled. Hangs together and is no closed surface. */
MUST_CHECK bool flat_unfold(Arena *scratch, FlatPiece *piece, Err *err);
/* The linear map of a triangle from the head to the sheet, on a tangent of the triangle. */
void flat_piece_tangent(const FlatPiece *piece, int triangle, Vec3 tangent, double out[2]);

/* ---- flat_sheet.c ---- */

void flat_outside_first(FlatPiece *piece);
/* Turns the piece upright, or as little off it as makes it fit the page; false: it does not. */
bool flat_place_on_page(const Head *head, const double page_mm[2], FlatPiece *piece);
void flat_place_label(FlatPiece *piece);

/* ---- flat_seam.c ---- */

MUST_CHECK bool flat_take_seams(Arena *arena, FlatPiece *piece, Err *err);

/* ---- flat_border.c ---- */

typedef struct FlatCurve { /* on the head */
    FlatLineKind kind;
    DesignZone zone[2];
    bool closed;
    int count;
    const Vec3 *point_mm; /* near the surface */
} FlatCurve;

/* Between vertices of different zones, smoothed; ends where three zones meet. */
MUST_CHECK bool flat_borders(Arena *arena, Arena *scratch, const Head *head, const uint8_t zone[],
                             int *count, FlatCurve **curve, Err *err);

/* ---- flat_lines.c ---- */

typedef struct FlatPlaces { /* where a place of the canvas went */
    const Case *plan;
    const FlatMesh *mesh;
    const int *start, *list; /* triangles of the mesh by triangle of the canvas; [count + 1] */
    const int *part, *local; /* [mesh triangles] the piece, and the triangle in it */
} FlatPlaces;

/* The piece, or -1. */
int flat_place(const FlatPlaces *places, const Flat *flat, HeadPoint point, double at_mm[2],
               int *triangle);
/* Lines, dots and landmarks of all pieces. */
MUST_CHECK bool flat_draw(Arena *arena, Arena *scratch, const FlatPlaces *places, Flat *flat,
                          Err *err);

#endif
