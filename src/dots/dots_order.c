#include "dots/dots_internal.h"
#include "dots/route.h"

bool dots_order(Arena *arena, Arena *scratch, int count, Dot dot[], Err *err)
{
    size_t mark = arena_mark(scratch), kept = arena_mark(arena);
    Dot *before = ARENA_NEW(scratch, Dot, (size_t)count);
    RouteDot *stand = ARENA_NEW(scratch, RouteDot, (size_t)count);
    if (before == NULL || stand == NULL)
        return err_set(err, ERR_LIMIT, "no room to order %d dots", count);
    for (int i = 0; i < count; i++) {
        before[i] = dot[i];
        stand[i] = (RouteDot){dot[i].position_mm, dot[i].normal, dot[i].zone, dot[i].session};
    }
    RouteParams params = route_default();
    Route route;
    if (!route_make(arena, scratch, count, stand, &params, &route, err))
        return false;
    for (int k = 0; k < count; k++)
        dot[k] = before[route.order[k]];
    arena_rewind(arena, kept);
    arena_rewind(scratch, mark);
    return true;
}
