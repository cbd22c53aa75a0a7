/* bare.h - the scan as it would look with some of its shaved hair gone. */
#ifndef HAIR_BARE_H
#define HAIR_BARE_H

#include "hair/hair.h"
#include "mesh/mesh.h"

/* A copy of the scan that shares everything but its colours; pictures and vertex colours that lose
 * hair are the copy's own. scan: in the head frame, mm. survey: of vertex_color (linear), with
 * has_stubble. hair_left [vertex_count of the canvas]: share of the hair that stays, 0..1. Where
 * hair goes, the stubble's texture goes with it and the skin's own light stays; what lies off the
 * canvas (ears, shoulders) is left alone. The same for any threads. Needs a byte per texel and per
 * triangle of scratch. ERR_INPUT: a survey that saw no hair. */
MUST_CHECK bool hair_bare_scan(Arena *arena, Arena *scratch, const Mesh *scan, const Head *head,
                               const HairSurvey *survey, const Rgb vertex_color[],
                               const double hair_left[], int threads, Mesh *bare, Err *err);

#endif
