#include "course/protocol.h"

#include "base/embed.h"
#include "base/test.h"

#include <stdio.h>
#include <string.h>

static Arena arena;
static Protocol protocol;

static bool setup(void)
{
    Err err;
    if (arena.base == NULL)
        return CHECK(arena_open(&arena, (size_t)64 << 20, &err));
    return true;
}

TEST(every_builtin_protocol_is_valid)
{
    REQUIRE(setup());
    for (int i = 0; i < protocol_builtin_count(); i++) {
        Err err = {0};
        if (!CHECK(protocol_builtin(&arena, protocol_builtin_id(i), &protocol, &err)))
            printf("# %s: %s\n", protocol_builtin_id(i), err.text);
        CHECK(strncmp(protocols_files[i].name, protocol.id, strlen(protocol.id)) == 0 &&
              strcmp(protocols_files[i].name + strlen(protocol.id), ".json") == 0);
        CHECK(strcmp(protocol.id, protocol_builtin_id(i)) == 0);
    }
}
