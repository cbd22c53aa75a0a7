/* solid_internal.h - what the exports in space share. */
#ifndef EXPORT_SOLID_INTERNAL_H
#define EXPORT_SOLID_INTERNAL_H

#include "export/export.h"
#include "look/photo.h"
#include "mesh/mesh.h"

/* ---- export_texture.c ---- */

#define EXPORT_CHART_HALF 1.45 /* the chart picture covers [-1.45, 1.45]^2 of head_chart */

/* Where a direction lies in the picture: (0, 0) its upper left corner, (1, 1) its lower right. */
void export_texture_place(Vec3 direction, double place[2]);
/* The canvas as a mesh that wears the picture (NULL: none); position_mm stays the head's. */
MUST_CHECK bool export_canvas_mesh(Arena *arena, const Head *head, Image *picture, Mesh *mesh,
                                   Err *err);

/* ---- export_package.c: an uncompressed zip as USDZ wants it ---- */

typedef struct ExportEntry {
    const char *name; /* ASCII, at most 64 */
    size_t size;
    const uint8_t *bytes;
} ExportEntry;
/* Entries in their order, stored, each one's data at a multiple of 64 bytes; no times in it. */
MUST_CHECK bool export_package(Arena *arena, int count, const ExportEntry entry[],
                               ExportBytes *file, Err *err);
uint32_t export_crc32(size_t size, const uint8_t bytes[]);

/* ---- export_shell.c: a solid over a part of the canvas ---- */

/* What of the canvas a shell covers: more than 0 inside, continuous, defined on the whole canvas;
 * direction: unit. */
typedef double ExportInsideFn(const void *ctx, Vec3 direction, Vec3 position_mm);
typedef struct ExportPart {
    ExportInsideFn *inside;
    const void *ctx;
    double low[2], high[2], step; /* a grid over the chart; nothing is inside at its border */
    double inner_mm, outer_mm;    /* off the skin, along its normal */
} ExportPart;
/* A closed mesh, outward: the largest piece of what is inside. ERR_INPUT: nothing is. */
MUST_CHECK bool export_shell(Arena *arena, Arena *scratch, const Head *head, const ExportPart *part,
                             Mesh *mesh, Err *err);

#endif
