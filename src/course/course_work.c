#include "course/work.h"

_Static_assert((int)COURSE_MAX_SESSIONS == (int)DOTS_MAX_SESSIONS, "a session is a session");

RouteParams course_route(const Course *course, int zone_count, const char *const zone_name[])
{
    RouteParams params = route_default();
    params.dots_between_breaks =
        course->protocol.break_every_minutes * course->pace.dots_per_minute[1];
    for (int z = 0; z < zone_count && z < DOTS_ZONES; z++)
        if (zone_name[z] != NULL)
            params.effort[z] = protocol_difficulty(&course->protocol, zone_name[z]);
    for (int s = 0; s < course->session_count; s++)
        params.sittings[s] = course->session[s].sittings;
    return params;
}
