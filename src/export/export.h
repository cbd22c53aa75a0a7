/* export.h - a plan for other tools: drawings, models, a guide to print, a picture to project.
 *
 * Everything is true to size: millimetres where the format has no unit, its own unit where it has
 * one (metres in glTF and USD). The same case gives the same bytes. Bytes appear in the arena.
 */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include "camera/camera.h"
#include "casefile/casefile.h"
#include "export/flat.h"

typedef struct ExportBytes {
    size_t size;
    uint8_t *bytes;
} ExportBytes;

/* ---- in the plane: plane.h, with the layers CUT, LABELS, GUIDES, ZONES, KEEP_OUT, HAIRLINE,
 * DOTS_1..4, STRIP_CUT, STRIP_HAIRLINE, STRIP_LABELS and CHECK. params NULL: flat_default. Works
 * without a hairline, without dots and without anything worked. ---- */

/* width, height and viewBox in mm; layers are groups, a dot a circle of its healed diameter with
 * its id of dots.csv, session, zone and piece; what each piece is worth stands in the metadata. */
MUST_CHECK bool export_svg(Arena *arena, Arena *scratch, const Case *plan, const FlatParams *params,
                           ExportBytes *file, Err *err);
/* AutoCAD R12 ASCII (AC1009), with $INSUNITS 4 (mm) for those who read it: POLYLINE, LINE, CIRCLE,
 * TEXT. */
MUST_CHECK bool export_dxf(Arena *arena, Arena *scratch, const Case *plan, const FlatParams *params,
                           ExportBytes *file, Err *err);

/* ---- in space ---- */

typedef struct ExportTexture {
    const Image *chart; /* colour of the canvas as casefile_write takes it; NULL: plain skin */
    int side_px;        /* 256..8192 */
    double years;       /* after healing, 0..100 */
} ExportTexture;

/* The canvas with the dots in its texture. */
MUST_CHECK bool export_glb(Arena *arena, Arena *scratch, const Case *plan,
                           const ExportTexture *texture, ExportBytes *file, Err *err);
MUST_CHECK bool export_usdz(Arena *arena, Arena *scratch, const Case *plan,
                            const ExportTexture *texture, ExportBytes *file, Err *err);

typedef struct ExportGuide { /* a shell on the front of the head with a slot along the hairline */
    double thickness_mm, clearance_mm, slot_mm, band_mm; /* band: to each side of the hairline */
} ExportGuide;
ExportGuide export_guide_default(void);
/* Binary STL, closed and outward. ERR_INPUT without a hairline. */
MUST_CHECK bool export_guide_stl(Arena *arena, Arena *scratch, const Case *plan,
                                 const ExportGuide *guide, ExportBytes *file, Err *err);

typedef struct ExportProjection {
    Camera projector; /* in the head frame; its lens gives the size of the picture */
    int session;      /* from 0; < 0: all */
    double dot_mm;    /* drawn diameter; 0: as planned */
} ExportProjection;
/* White on black, what the projector must throw: 8 bits of grey. Dots on the far side are left out.
 */
MUST_CHECK bool export_projection(Arena *arena, Arena *scratch, const Case *plan,
                                  const ExportProjection *projection, Image *picture, Err *err);

#endif
