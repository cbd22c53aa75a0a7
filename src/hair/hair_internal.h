/* hair_internal.h - the split of the scalp into bare skin and shaved hair. */
#ifndef HAIR_HAIR_INTERNAL_H
#define HAIR_HAIR_INTERNAL_H

#include "hair/hair.h"

typedef struct HairSplit {
    bool accepted;
    double step[2];    /* bare minus stubble: log Y, log R/B; light's trend removed */
    double separation; /* Mahalanobis distance of the classes */
    double edge;       /* share of the step that is found across the border itself */
    double ragged;     /* share of mesh edges that join different classes */
    double share;      /* of the members that are stubble */
    double forehead;   /* of the members off the scalp that are: must be bare */
} HairSplit;

/* member [vertex_count]: vertices to split, forehead (margin below 0) among them; feature
 * [vertex_count] = log Y, log R/B, smoothed; rough: the second is minus the roughness, of
 * photographs, and step[0] is then what is found across the border itself, because the light's own
 * trend is as strong as the hair. cover [vertex_count] gets 0..1 (0 off the members). Fails only
 * for want of memory. */
MUST_CHECK bool hair_split(Arena *scratch, const Head *head, const uint8_t member[],
                           double feature[][2], bool rough, const double margin_mm[],
                           HairSplit *split, double cover[], Err *err);

/* rounds times the area-weighted mean with the neighbours, among members only. value and work
 * [vertex_count]. One round spreads by about one edge (1.2 mm standard deviation). */
void hair_smooth(const Head *head, const uint8_t member[], int rounds, double value[],
                 double work[]);

#endif
