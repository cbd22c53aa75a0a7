/* route.h - the order of work: a path through the dots of each session that a hand can follow.
 *
 * Zones come in working order. The dots of a zone fall into stops: fields of skin that one hand
 * stretches while the other works, without moving. From stop to stop and from dot to dot the way is
 * short. Breaks, and the ends of sittings, fall on the seams between stops.
 *
 * The route depends on places (to the micrometre, as dots.csv has them), zones and sessions only,
 * not on the order in which the dots are given: from the rows of a case comes the route of its
 * plan.
 */
#ifndef DOTS_ROUTE_H
#define DOTS_ROUTE_H

#include "dots/dots.h"

typedef struct RouteDot {
    Vec3 position_mm, normal;
    int zone, session;
} RouteDot;

typedef struct RouteParams {
    double field_mm; /* the longest side of a stop, 5..100 */
    double long_mm;  /* moves above are counted as long */
    /* Work without a break, in dots on plain skin; a stop that alone is more gets a break after it.
     * 0: no breaks */
    double dots_between_breaks;
    double effort[DOTS_ZONES];       /* time of a dot in a zone relative to plain skin; 0: 1 */
    int sittings[DOTS_MAX_SESSIONS]; /* on as many days, of about equal work; 0: one */
} RouteParams;
RouteParams route_default(void);

typedef enum RouteRest { ROUTE_GO_ON, ROUTE_BREAK, ROUTE_END } RouteRest;

typedef struct RouteStop {
    int first, count; /* dots: Route.order[first .. first + count - 1] */
    int zone;
    Vec3 centre_mm, normal; /* means of its dots */
    double length_mm;       /* of the path within */
    double work;            /* sum of the efforts */
    RouteRest rest;         /* after it; ROUTE_END: the sitting is over */
} RouteStop;

typedef struct RouteSession {
    int first, count;           /* dots, in Route.order */
    int first_stop, stop_count; /* in Route.stop */
    int sittings, breaks;
    double length_mm; /* from the first dot to the last, in chords */
    double longest_mm;
    int long_moves;
    double work;
} RouteSession;

typedef struct Route {
    int count, stop_count, session_count;
    int *order; /* [count] which dot comes, by session */
    RouteStop *stop;
    RouteSession session[DOTS_MAX_SESSIONS];
} Route;

/* When a zone's turn comes, from 0. */
int route_turn(int zone);

/* O(n log n) in practice; about 25 ms for 10,000 dots. ERR_INPUT on places that are not finite,
 * zones, sessions or parameters out of range. The same bytes for any order of the dots. */
MUST_CHECK bool route_make(Arena *arena, Arena *scratch, int count, const RouteDot dot[],
                           const RouteParams *params, Route *route, Err *err);

/* What the route of one session is held against. */
typedef struct RouteMeasure {
    double length_mm;
    double greedy_mm; /* always to the nearest dot left, from the route's first; no constraint */
    /* No path through the dots is shorter than their minimum spanning tree; gaps in it that are
     * wider than three mean moves count as three ... */
    double tree_mm;
    double bound_mm; /* ... nor than this: Held and Karp's 1-tree after some ascent */
} RouteMeasure;
/* rounds of ascent: 0 leaves bound_mm at tree_mm. A second for 10,000 dots and 50 rounds. */
MUST_CHECK bool route_measure(Arena *scratch, const RouteDot dot[], const Route *route, int session,
                              int rounds, RouteMeasure *measure, Err *err);

#endif
