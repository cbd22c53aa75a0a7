#include "base/io.h"
#include "base/test.h"
#include "server/server_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TEST(only_names_of_this_machine_are_answered)
{
    CHECK(server_host_is_local("127.0.0.1:8420", 8420));
    CHECK(server_host_is_local("localhost:8420", 8420));
    CHECK(server_host_is_local("[::1]:8420", 8420));
    CHECK(server_host_is_local("localhost", 80));
    CHECK(!server_host_is_local("localhost", 8420));
    CHECK(!server_host_is_local("evil.example:8420", 8420));
    CHECK(!server_host_is_local("127.0.0.1.evil.example:8420", 8420));
    CHECK(!server_host_is_local("127.0.0.1:84200", 8420));
    CHECK(!server_host_is_local(NULL, 8420));
}

TEST(a_case_is_served_from_a_table_and_nothing_else_is)
{
    char folder[] = "/tmp/follicle-server-XXXXXX", path[IO_PATH_LIMIT];
    Arena arena;
    Err err = {0};
    ServerTable table = {0};
    REQUIRE(mkdtemp(folder) != NULL && arena_open(&arena, 4 << 20, &err));
    CHECK(!server_table_make(&arena, folder, &table, &err)); /* no case.json yet */
    CHECK(strstr(err.text, "case.json") != NULL);
    CHECK(io_join(path, folder, "case.json", &err) && io_write_file(path, 2, "{}", &err));
    CHECK(io_join(path, folder, "secret.txt", &err) && io_write_file(path, 1, "x", &err));
    table = (ServerTable){0};
    CHECK(server_table_make(&arena, folder, &table, &err));
    CHECK(server_table_find(&table, "/") != NULL);
    CHECK(server_table_find(&table, "/case.json") != NULL);
    CHECK(server_table_find(&table, "/case.css") != NULL);
    CHECK(server_table_find(&table, "/secret.txt") == NULL);
    CHECK(server_table_find(&table, "/../case.json") == NULL);
    CHECK(server_table_find(&table, "/plan.pdf") == NULL);
    CHECK(strstr(server_table_find(&table, "/")->bytes, "plan.pdf") == NULL);
    unlink(path);
    CHECK(io_join(path, folder, "case.json", &err));
    unlink(path);
    rmdir(folder);
    arena_close(&arena);
}
