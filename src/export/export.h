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
    int threads;
} ExportTexture;
ExportTexture export_texture_default(void); /* plain skin, 4096 px, healed */

/* The canvas with its healed marks in the texture: one material, metres, +y up, +z forward. Every
 * mark takes its own area from the light, at any side_px; what lies between is skin. ERR_INPUT: a
 * number out of range, a dot outside the canvas. About 2.5 s at 4096 px; 256 MB of
 * scratch are enough there, and the picture (50 MB) stays in the arena. */
MUST_CHECK bool export_glb(Arena *arena, Arena *scratch, const Case *plan,
                           const ExportTexture *texture, ExportBytes *file, Err *err);
MUST_CHECK bool export_usdz(Arena *arena, Arena *scratch, const Case *plan,
                            const ExportTexture *texture, ExportBytes *file, Err *err);
/* The picture of both alone: [-1.45, 1.45]^2 of head_chart, v up. */
MUST_CHECK bool export_texture(Arena *arena, Arena *scratch, const Case *plan,
                               const ExportTexture *texture, Image *picture, Err *err);

typedef struct ExportGuide {           /* a shell on the head with a slot along the hairline */
    double thickness_mm, clearance_mm; /* 1.2..5; 0..5 off the skin, for film or hair */
    double slot_mm, band_mm;           /* 0.8..6 wide; 8..35, to each side of the hairline */
    double bridge_mm, bridge_every_mm; /* 1.5..20 and 15..120: what holds the two sides together.
                                        * One bridge is on the middle of the line */
} ExportGuide;
ExportGuide export_guide_default(void);
/* Binary STL in mm, head frame: one piece, closed, outward. The slot follows the hairline without
 * the wobble of its single hairs. ERR_INPUT without a hairline, or one that is not on the canvas.
 */
MUST_CHECK bool export_guide_stl(Arena *arena, Arena *scratch, const Case *plan,
                                 const ExportGuide *guide, ExportBytes *file, Err *err);

typedef struct ExportProjection {
    Camera projector;   /* in the head frame; its lens gives the size of the picture */
    int session;        /* from 0; < 0: all */
    double dot_mm;      /* drawn diameter; 0: as planned */
    double least_px;    /* but no smaller than this, 0..50 */
    double hairline_px; /* width of the line, 0..50; 0: none */
} ExportProjection;
ExportProjection export_projection_default(void); /* all dots as planned, 2 px at least, no line */

typedef struct ExportShown { /* what became of the dots of the session */
    int shown;
    int away;    /* on skin that turns away, or is seen at more than 75 degrees */
    int hidden;  /* behind another part of the canvas */
    int outside; /* of the picture */
} ExportShown;
/* White on black, what the projector must throw: an 8-bit grey PNG of the size of its lens. */
MUST_CHECK bool export_projection(Arena *arena, Arena *scratch, const Case *plan,
                                  const ExportProjection *projection, ExportBytes *png,
                                  ExportShown *shown, Err *err);
/* A document "follicle/projector" (docs/schemas/projector.schema.json): where a projector stands
 * and how it sees. ERR_INPUT names the key. */
MUST_CHECK bool export_projector_parse(size_t size, const void *bytes, Camera *projector, Err *err);

#endif
