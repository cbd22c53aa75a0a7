/* edit_testing.h - a head and edits of its design for the test and the bench of this room. Not part
 * of the program. */
#ifndef EDIT_EDIT_TESTING_H
#define EDIT_EDIT_TESTING_H

#include "edit/edit.h"

#include "base/rng.h"
#include "design/file.h"
#include "design/propose.h"
#include "head/vault.h"

#include <stdio.h>
#include <string.h>

typedef struct Testing {
    HeadTopology topology;
    Head head;
    HairSurvey bare, shaved; /* nothing seen; hair below a bald top */
} Testing;

static inline bool testing_open(Arena *arena, Arena *scratch, Testing *testing, Err *err)
{
    if (!head_topology_new(arena, HEAD_LEVEL, &testing->topology, err))
        return false;
    size_t n = (size_t)testing->topology.vertex_count;
    double *radius_mm = ARENA_NEW(arena, double, n);
    Rgb *color = ARENA_NEW(arena, Rgb, n);
    if (radius_mm == NULL || color == NULL)
        return err_set(err, ERR_LIMIT, "no room for a head");
    VaultShape shape = vault_mean();
    vault_radii_mm(&shape, &testing->topology, radius_mm);
    if (!head_new(arena, &testing->topology, radius_mm, &testing->head, err))
        return false;
    vault_landmarks_mm(&shape, testing->head.landmark_mm);
    for (size_t v = 0; v < n; v++) {
        float y = testing->head.position_mm[v].y < 70.0 ? 0.3F : 0.4F;
        color[v] = (Rgb){y, 0.7F * y, 0.55F * y};
    }
    return hair_survey(arena, scratch, &testing->head, NULL, NULL, &testing->bare, err) &&
           hair_survey(arena, scratch, &testing->head, color, NULL, &testing->shaved, err);
}

/* Bald but for the fringe, or the whole scalp. */
static inline bool testing_design(Arena *scratch, const Testing *testing, bool whole,
                                  double full_per_cm2, Design *design, Err *err)
{
    static DesignRequest made; /* too large for the stack */
    design_request_default(&made);
    DesignRequest *request = &made;
    request->pattern = whole ? DESIGN_PATTERN_NONE : DESIGN_NORWOOD;
    request->stage = 6;
    request->whole_scalp = whole;
    request->density.full_per_cm2 = full_per_cm2;
    request->seed = 5;
    return design_propose(scratch, &testing->head, request, design, err);
}

/* ---- edits: false when there is no room for them */

static inline bool testing_add_stroke(Design *design, double u, double v, double width_mm,
                                      double amount)
{
    enum { POINTS = 5 };
    if (design->stroke_count == DESIGN_STROKES || design->point_count + POINTS > DESIGN_POINTS)
        return false;
    design->stroke[design->stroke_count++] = (DesignStroke){.width_mm = width_mm,
                                                            .amount = amount,
                                                            .first_point = design->point_count,
                                                            .point_count = POINTS};
    for (int i = 0; i < POINTS; i++)
        design->point[design->point_count++] = (DesignPlace){u + 0.012 * i, v + 0.004 * i * i};
    return true;
}

static inline bool testing_add_discs(Design *design, DesignZone zone, double u, double v,
                                     double width_mm)
{
    if (design->region_count == DESIGN_REGIONS || design->shape_count == DESIGN_SHAPES ||
        design->point_count == DESIGN_POINTS)
        return false;
    DesignRegion *region = &design->region[design->region_count++];
    *region = (DesignRegion){.zone = zone,
                             .first_shape = design->shape_count,
                             .shape_count = 1,
                             .share = 1.0,
                             .blend_mm = zone == DESIGN_KEEP_OUT ? 0.0 : 3.0,
                             .uptake = zone == DESIGN_SCAR ? 0.8 : 1.0};
    snprintf(region->name, sizeof region->name, "disc %d", design->region_count);
    design->shape[design->shape_count++] = (DesignShape){.kind = DESIGN_DISCS,
                                                         .width_mm = width_mm,
                                                         .first_point = design->point_count,
                                                         .point_count = 1};
    design->point[design->point_count++] = (DesignPlace){u, v};
    return true;
}

static inline void testing_move_control(Design *design, int control, double du, double dv)
{
    design->hairline.control[control].u += du;
    design->hairline.control[control].v += dv;
}

#endif
