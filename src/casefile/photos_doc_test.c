#include "casefile/photos_doc.h"

#include "base/io.h"
#include "base/test.h"

#include <string.h>

typedef struct Room {
    Arena arena;
    PhotosDoc *doc;
    Err err;
} Room;

static Room open_room(void)
{
    Room room = {0};
    CHECK(arena_open(&room.arena, 4 << 20, &room.err));
    room.doc = ARENA_NEW(&room.arena, PhotosDoc, 1);
    return room;
}

static bool reads(Room *room, const char *text)
{
    room->err = (Err){0};
    return casefile_photos_from_json(&room->arena, strlen(text), text, room->doc, &room->err);
}

/* The entry alone differs. */
static bool reads_photo(Room *room, const char *members)
{
    char text[2000];
    snprintf(text, sizeof text,
             "{\"schema\":\"follicle/photos\",\"version\":1,\"photos\":[{\"file\":\"a.jpg\","
             "\"view\":\"front\"%s%s}]}",
             members[0] != '\0' ? "," : "", members);
    return reads(room, text);
}

TEST(the_example_reads_back_as_it_is_written)
{
    Room room = open_room();
    size_t size;
    uint8_t *bytes;
    CHECK(io_read_file(&room.arena, "tests/data/photos.json", 1 << 20, &size, &bytes, &room.err));
    CHECK(casefile_photos_from_json(&room.arena, size, (const char *)bytes, room.doc, &room.err));
    const PhotosEntry *front = photos_entry(room.doc, "somewhere/front.jpg");
    CHECK(room.doc->count == 2 && front == &room.doc->entry[0]);
    CHECK_NEAR(room.doc->strip_front_mm, 30.0, 0.0);
    CHECK(front->fit.click_count == 3 && front->fit.click[0].point == FIT_GLABELLA);
    CHECK_NEAR(front->fit.click[0].px[1], 2210.25, 0.0);
    CHECK(front->fit.outline_count == 3 && front->fit.outline_px[2][0] == 2200.0);
    CHECK(front->fit.tie_count == 2 && front->fit.tie[1].tie == 11);
    CHECK(front->shut_count == 1 && front->shut[0].count == 3 && front->shut[0].px[2][1] == 2500.0);
    CHECK(!front->has_scale && !front->has_checker);
    const PhotosEntry *close = photos_entry(room.doc, "crown close.jpg");
    CHECK(close == &room.doc->entry[1] && close->has_scale && close->has_checker);
    CHECK(close->place == PATCH_CROWN && close->scale.rim_count == 3);
    CHECK_NEAR(close->scale.distance_mm, 100.0, 0.0);
    CHECK_NEAR(close->scale.radius_mm, 90.0, 0.0);
    CHECK(close->scale.px[1][0] == 3000.0 && close->checker_px[2][1] == 300.0);
    CHECK(close->patch_count == 1 && close->patch[0].px[0][0] == 1500.0);
    CHECK(photos_entry(room.doc, "other.jpg") == NULL);
    arena_close(&room.arena);
}

TEST(what_is_wrong_is_named_by_its_key)
{
    static const struct {
        const char *members, *said;
    } wrong[] = {
        {"\"klicks\":{}", "klicks"},
        {"\"clicks\":{\"nose\":[1,2]}", "'nose'"},
        {"\"clicks\":{\"glabella\":[1]}", "glabella is no pair"},
        {"\"clicks\":{\"glabella\":[1,\"2\"]}", "glabella[1]"},
        {"\"clicks\":{\"glabella\":[1,99999]}", "within"},
        {"\"marks\":{\"0\":[1,2]}", "'0'"},
        {"\"marks\":{\"33\":[1,2]}", "'33'"},
        {"\"marks\":{\"1x\":[1,2]}", "'1x'"},
        {"\"scale\":{\"points\":[[1,2]],\"distance_mm\":30}", "fewer than 2"},
        {"\"scale\":{\"points\":[[1,2],[3,4]]}", "distance_mm"},
        {"\"scale\":{\"points\":[[1,2],[3,4]],\"distance_mm\":0}", "distance_mm"},
        {"\"scale\":{\"points\":[[1,2],[3,4]],\"distance_mm\":9,\"rim\":[[1,2]]}", "rim"},
        {"\"place\":\"nape\"", "'nape'"},
        {"\"checker\":[[1,2],[3,4],[5,6]]", "checker"},
        {"\"shut\":[[[1,2],[3,4]]]", "shut[0]"},
        {"\"patches\":[[[1,2],[3,4]]]", "patches[0]"},
        {"\"outline\":{}", "outline"},
    };
    Room room = open_room();
    CHECK(reads_photo(&room, ""));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK(!reads_photo(&room, wrong[i].members));
        CHECK(room.err.code == ERR_INPUT && strstr(room.err.text, wrong[i].said) != NULL);
    }
    arena_close(&room.arena);
}

TEST(names_do_not_lead_through_folders_or_repeat)
{
    static const char *const wrong[] = {
        "{\"file\":\"../a.jpg\",\"view\":\"a\"}",
        "{\"file\":\"a.jpg\",\"view\":\"b/c\"}",
        "{\"file\":\"a.jpg\",\"view\":\"\"}",
        "{\"file\":\".a.jpg\",\"view\":\"a\"}",
        "{\"file\":\"a\\u0007.jpg\",\"view\":\"a\"}",
        "{\"file\":\"a.jpg\",\"view\":\"a\"},{\"file\":\"a.jpg\",\"view\":\"b\"}",
    };
    Room room = open_room();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 "{\"schema\":\"follicle/photos\",\"version\":1,\"photos\":[%s]}", wrong[i]);
        CHECK(!reads(&room, text) && room.err.code == ERR_INPUT);
    }
    arena_close(&room.arena);
}

TEST(outlines_fit_their_budget_or_say_so)
{
    Room room = open_room();
    const char *members = "\"outline\":[[1,2],[3,4]],\"patches\":[[[1,2],[3,4],[5,6]]]";
    size_t mark = arena_mark(&room.arena), limit = room.arena.limit;
    CHECK(reads_photo(&room, members));
    size_t needed = arena_mark(&room.arena) - mark;
    for (size_t room_bytes = 0; room_bytes < needed; room_bytes += 64) {
        arena_rewind(&room.arena, mark);
        room.arena.limit = mark + room_bytes;
        CHECK(!reads_photo(&room, members) && room.err.code == ERR_LIMIT);
    }
    room.arena.limit = limit;
    arena_close(&room.arena);
}
