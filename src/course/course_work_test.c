#include "course/work.h"

#include "base/test.h"
#include "design/design.h"

TEST(breaks_come_as_often_as_the_protocol_says_at_the_pace_of_the_hand)
{
    Arena arena;
    Err err;
    REQUIRE(arena_open(&arena, (size_t)8 << 20, &err));
    for (int i = 0; i < protocol_builtin_count(); i++) {
        Protocol protocol;
        REQUIRE(protocol_builtin(&arena, protocol_builtin_id(i), &protocol, &err));
        Course course = {.protocol = protocol, .session_count = 2};
        course.pace.dots_per_minute[1] = 40.0 + i;
        course.session[1].sittings = 3;
        const char *name[DESIGN_ZONES];
        for (int z = 0; z < DESIGN_ZONES; z++)
            name[z] = design_zone_name((DesignZone)z);
        name[DESIGN_PATCH] = NULL;
        RouteParams params = course_route(&course, DESIGN_ZONES, name);
        CHECK_NEAR(params.dots_between_breaks, protocol.break_every_minutes * (40.0 + i), 1e-9);
        for (int z = 0; z < DESIGN_ZONES; z++)
            if (z != DESIGN_PATCH)
                CHECK_NEAR(params.effort[z],
                           protocol_difficulty(&protocol, design_zone_name((DesignZone)z)), 0.0);
        CHECK_NEAR(params.effort[DESIGN_PATCH], 0.0, 0.0); /* plain */
        CHECK(params.sittings[0] == 0 && params.sittings[1] == 3);
        CHECK_NEAR(params.field_mm, route_default().field_mm, 0.0);
    }
    arena_close(&arena);
}
