/* route_internal.h - what the files of `route` share; nothing outside the folder includes it.
 *
 * Dots have numbers in one order whatever order they came in; a session's are contiguous.
 * route_fields.c: the stops of a zone; route_stops.c: their order; route_rows.c: the first way
 * through each; route_improve.c: a shorter one; route_rest.c: breaks and sittings.
 */
#ifndef DOTS_ROUTE_INTERNAL_H
#define DOTS_ROUTE_INTERNAL_H

#include "dots/dots_internal.h"
#include "dots/route.h"

/* Dots of a stop lie at [first, first + count) of RouteJob.way, before and after they are ordered.
 */
typedef struct RouteField {
    int first, count, zone;
    Vec3 centre_mm, normal;
    Vec3 along, across; /* unit, in the stop's plane: the longer side, the shorter */
    double low_mm[2], size_mm[2];
} RouteField;

/* One session. */
typedef struct RouteJob {
    Arena *scratch;
    int count;
    const Vec3 *position_mm, *normal; /* [count] */
    const int *zone;                  /* [count] */
    double field_mm;
    int *way; /* [count] dots, stop by stop; in the end the path */
    int field_count;
    RouteField *field; /* [at most count] in the end in the order of work */
} RouteJob;

/* Fills way and field, zone by zone as their turn comes. */
MUST_CHECK bool route_split(RouteJob *job, Err *err);
/* Brings fields and way into an order of short moves; zones keep their turns. */
MUST_CHECK bool route_order_stops(RouteJob *job, Err *err);
/* Orders the dots of each stop by rows to and fro, so that it ends beside the next. */
MUST_CHECK bool route_lay_rows(RouteJob *job, Err *err);
/* 2-opt and Or-opt; no dot leaves its stop. */
MUST_CHECK bool route_improve(RouteJob *job, Err *err);
/* Sets rest of each of the session's stops, and its sittings and breaks. */
void route_rest(const RouteParams *params, int sittings, RouteStop stop[], RouteSession *session);

static inline double route_move_mm(const RouteJob *job, int a, int b)
{
    return vec_distance(job->position_mm[a], job->position_mm[b]);
}

/* What to reverse so that the places [i, j] go between k and k + 1, both beyond them, as they are
 * or turned around; returns how many. */
int route_carry(int i, int j, int k, bool turned, int part[3][2]);

/* To the micrometre, as dots.csv rounds it. */
Vec3 route_place_mm(Vec3 position_mm);

#endif
