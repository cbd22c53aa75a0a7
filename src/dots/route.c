#include "dots/route.h"

#include "design/design.h"
#include "dots/route_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)DESIGN_ZONES <= (int)DOTS_ZONES, "every zone of a design has its turn");

/* What one hand stretches between thumb and forefinger while the other works: no source gives a
 * figure (field/practice 1.7: "taught hands-on") [assumption]. */
#define FIELD_MM 30.0
/* Farther than the dots of one field lie apart in a session: the hand lifts [assumption]. */
#define LONG_MM 5.0
static const double least_field_mm = 5.0, most_field_mm = 100.0, farthest_mm = 1e4;

RouteParams route_default(void)
{
    return (RouteParams){.field_mm = FIELD_MM, .long_mm = LONG_MM};
}

/* No source gives the order; these are our reasons [assumption]. The hairline is what the client
 * approved and looks at: it is done while the skin is calm, the drawn line still stands, and both
 * are fresh. From it the work goes back over the head, each zone against one that is done. Zones
 * that must blend into growing hair come when what they blend with stands; scarred skin bleeds and
 * swells, which would spoil the view of what lies around it. */
int route_turn(int zone)
{
    static const int turn[DOTS_ZONES] = {
        [DESIGN_HAIRLINE] = 0,
        [DESIGN_FRONTAL] = 1,
        [DESIGN_MIDSCALP] = 2,
        [DESIGN_CROWN] = 3,
        [DESIGN_DIFFUSE] = 4,
        [DESIGN_PATCH] = 5,
        [DESIGN_TEMPLE] = 6,
        [DESIGN_FRINGE] = 7,
        [DESIGN_SCAR] = 8,
        [DESIGN_PUNCH] = 9,
        [DESIGN_BURN] = 10,
        [DESIGN_NONE] = 11,
        [DESIGN_KEEP_OUT] = 12,
        [13] = 13,
        [14] = 14,
        [15] = 15,
    };
    return zone >= 0 && zone < DOTS_ZONES ? turn[zone] : DOTS_ZONES;
}

static bool check_params(const RouteParams *params, Err *err)
{
    if (!(params->field_mm >= least_field_mm && params->field_mm <= most_field_mm))
        return err_set(err, ERR_INPUT, "a stop of %g mm is not within %g..%g mm", params->field_mm,
                       least_field_mm, most_field_mm);
    if (!(params->long_mm > 0.0))
        return err_set(err, ERR_INPUT, "a long move of %g mm is not above 0", params->long_mm);
    if (!(params->dots_between_breaks >= 0.0 && params->dots_between_breaks < 1e9))
        return err_set(err, ERR_INPUT, "%g dots between breaks are not within 0..1e9",
                       params->dots_between_breaks);
    for (int z = 0; z < DOTS_ZONES; z++)
        if (!(params->effort[z] >= 0.0 && params->effort[z] <= 100.0))
            return err_set(err, ERR_INPUT, "the effort %g of zone %d is not within 0..100",
                           params->effort[z], z);
    for (int s = 0; s < DOTS_MAX_SESSIONS; s++)
        if (params->sittings[s] < 0 || params->sittings[s] > 1000)
            return err_set(err, ERR_INPUT, "%d sittings of session %d are not within 0..1000",
                           params->sittings[s], s + 1);
    return true;
}

static bool check_dots(int count, const RouteDot dot[], Err *err)
{
    for (int i = 0; i < count; i++) {
        Vec3 p = dot[i].position_mm, n = dot[i].normal;
        if (dot[i].session < 0 || dot[i].session >= DOTS_MAX_SESSIONS)
            return err_set(err, ERR_INPUT, "dot %d is in session %d", i, dot[i].session + 1);
        if (dot[i].zone < 0 || dot[i].zone >= DOTS_ZONES)
            return err_set(err, ERR_INPUT, "dot %d is in zone %d", i, dot[i].zone);
        if (!(fabs(p.x) < farthest_mm && fabs(p.y) < farthest_mm && fabs(p.z) < farthest_mm) ||
            !(fabs(n.x) + fabs(n.y) + fabs(n.z) < 10.0))
            return err_set(err, ERR_INPUT, "dot %d has no place within %g mm, or no normal", i,
                           farthest_mm);
    }
    return true;
}

/* As dots.csv rounds them. */
static int rounded(double value, double per_unit)
{
    return (int)(value * per_unit + (value < 0.0 ? -0.5 : 0.5));
}

Vec3 route_place_mm(Vec3 p)
{
    return vec3(rounded(p.x, 1e3) * 1e-3, rounded(p.y, 1e3) * 1e-3, rounded(p.z, 1e3) * 1e-3);
}

typedef struct Ranked {
    int session, turn, place_um[3], item;
} Ranked;

/* By what the dots are, not by how they are listed; equals are interchangeable. */
static int by_place(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->session != y->session)
        return x->session < y->session ? -1 : 1;
    if (x->turn != y->turn)
        return x->turn < y->turn ? -1 : 1;
    for (int k = 0; k < 3; k++)
        if (x->place_um[k] != y->place_um[k])
            return x->place_um[k] < y->place_um[k] ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

/* The dots as their numbers say: what the sessions' jobs look at. */
typedef struct Listing {
    int *item, *zone; /* [count] */
    Vec3 *position_mm, *normal;
    int first[DOTS_MAX_SESSIONS + 1];
} Listing;

static bool list_dots(Arena *scratch, int count, const RouteDot dot[], Listing *list, Err *err)
{
    size_t room = (size_t)count;
    list->item = ARENA_NEW(scratch, int, room);
    list->zone = ARENA_NEW(scratch, int, room);
    list->position_mm = ARENA_NEW(scratch, Vec3, room);
    list->normal = ARENA_NEW(scratch, Vec3, room);
    size_t mark = arena_mark(scratch);
    Ranked *ranked = ARENA_NEW(scratch, Ranked, room);
    if (list->item == NULL || list->zone == NULL || list->position_mm == NULL ||
        list->normal == NULL || ranked == NULL)
        return err_set(err, ERR_LIMIT, "no room for the order of %d dots", count);
    for (int i = 0; i < count; i++) {
        Vec3 p = dot[i].position_mm;
        ranked[i] = (Ranked){dot[i].session,
                             route_turn(dot[i].zone),
                             {rounded(p.x, 1e3), rounded(p.y, 1e3), rounded(p.z, 1e3)},
                             i};
        list->first[dot[i].session + 1]++;
    }
    for (int s = 0; s < DOTS_MAX_SESSIONS; s++)
        list->first[s + 1] += list->first[s];
    qsort(ranked, room, sizeof ranked[0], by_place);
    for (int k = 0; k < count; k++) {
        const RouteDot *from = &dot[ranked[k].item];
        list->item[k] = ranked[k].item;
        list->zone[k] = from->zone;
        list->position_mm[k] = route_place_mm(from->position_mm);
        list->normal[k] =
            vec3(rounded(from->normal.x, 1e4) * 1e-4, rounded(from->normal.y, 1e4) * 1e-4,
                 rounded(from->normal.z, 1e4) * 1e-4);
    }
    arena_rewind(scratch, mark);
    return true;
}

static RouteStop make_stop(const RouteJob *job, const RouteField *field, const RouteParams *params)
{
    double effort = params->effort[field->zone] > 0.0 ? params->effort[field->zone] : 1.0;
    RouteStop stop = {.first = field->first,
                      .count = field->count,
                      .zone = field->zone,
                      .centre_mm = field->centre_mm,
                      .normal = field->normal,
                      .work = effort * field->count};
    for (int k = 1; k < field->count; k++)
        stop.length_mm +=
            route_move_mm(job, job->way[field->first + k - 1], job->way[field->first + k]);
    return stop;
}

static void measure_moves(const RouteJob *job, double long_mm, RouteSession *session)
{
    for (int k = 1; k < job->count; k++) {
        double move = route_move_mm(job, job->way[k - 1], job->way[k]);
        session->length_mm += move;
        session->longest_mm = fmax(session->longest_mm, move);
        session->long_moves += move > long_mm;
    }
}

static bool route_one(Arena *scratch, const Listing *list, const RouteParams *params, int s,
                      Route *route, RouteStop stop[], Err *err)
{

    int first = list->first[s];
    RouteSession *session = &route->session[s];
    *session = (RouteSession){
        .first = first, .count = list->first[s + 1] - first, .first_stop = route->stop_count};
    if (session->count == 0)
        return true;
    route->session_count = s + 1;
    RouteJob job = {.scratch = scratch,
                    .count = session->count,
                    .position_mm = list->position_mm + first,
                    .normal = list->normal + first,
                    .zone = list->zone + first,
                    .field_mm = params->field_mm};
    job.way = ARENA_NEW(scratch, int, (size_t)job.count);
    job.field = ARENA_NEW(scratch, RouteField, (size_t)job.count);
    if (job.way == NULL || job.field == NULL)
        return err_set(err, ERR_LIMIT, "no room for the order of %d dots", job.count);
    if (!route_split(&job, err) || !route_order_stops(&job, err) || !route_lay_rows(&job, err) ||
        !route_improve(&job, err))
        return false;
    for (int k = 0; k < job.count; k++)
        route->order[first + k] = list->item[first + job.way[k]];
    for (int f = 0; f < job.field_count; f++) {
        stop[f] = make_stop(&job, &job.field[f], params);
        stop[f].first += first;
        session->work += stop[f].work;
    }
    session->stop_count = job.field_count;
    measure_moves(&job, params->long_mm, session);
    int sittings = params->sittings[s] > 0 ? params->sittings[s] : 1;
    route_rest(params, sittings, stop, session);
    return true;
}

bool route_make(Arena *arena, Arena *scratch, int count, const RouteDot dot[],
                const RouteParams *params, Route *route, Err *err)
{
    assert(arena != scratch && count >= 0);
    if (!check_params(params, err) || !check_dots(count, dot, err))
        return false;
    size_t mark = arena_mark(scratch);
    Listing list = {0};
    *route = (Route){.count = count};
    route->order = ARENA_NEW(arena, int, (size_t)count);
    RouteStop *stop = ARENA_NEW(scratch, RouteStop, (size_t)count);
    if (route->order == NULL || stop == NULL)
        return err_set(err, ERR_LIMIT, "no room for the order of %d dots", count);
    if (!list_dots(scratch, count, dot, &list, err))
        return false;
    for (int s = 0; s < DOTS_MAX_SESSIONS; s++) {
        size_t inner = arena_mark(scratch);
        if (!route_one(scratch, &list, params, s, route, stop + route->stop_count, err))
            return false;
        route->stop_count += route->session[s].stop_count;
        arena_rewind(scratch, inner);
    }
    route->stop = ARENA_NEW(arena, RouteStop, (size_t)route->stop_count);
    if (route->stop == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d stops", route->stop_count);
    if (route->stop_count > 0)
        memcpy(route->stop, stop, (size_t)route->stop_count * sizeof stop[0]);
    arena_rewind(scratch, mark);
    return true;
}
