#include "report/swatch.h"

#include "base/test.h"
#include "report/report_patch.h"

#include <string.h>

typedef struct Room {
    Arena arena, scratch;
} Room;

static bool room_open(Room *room, size_t bytes)
{
    Err err;
    *room = (Room){0};
    return arena_open(&room->arena, bytes, &err) && arena_open(&room->scratch, bytes, &err);
}

static void room_close(Room *room)
{
    arena_close(&room->arena);
    arena_close(&room->scratch);
}

/* ---- a piece of skin ---- */

static const SkinLook dot_look = {.area_mm2 = {0.20f, 0.12f, 0.09f},
                                  .core_mm = 0.3f,
                                  .core_sigma_mm = 0.08f,
                                  .core_share = {0.3f, 0.5f, 0.6f},
                                  .halo_sigma_mm = 0.6f};

/* 12 x 10 mm; the far view follows from n a as everywhere. */
static ReportPatch patch_of(double per_mm2)
{
    ReportPatch patch = {.width_px = 192,
                         .height_px = 160,
                         .px_per_mm = 16.0,
                         .skin = {0.5f, 0.35f, 0.25f},
                         .kind_count = 1,
                         .look = {dot_look},
                         .per_mm2 = {per_mm2},
                         .seed = 3};
    patch.far_view.r = patch.skin.r * expf(-(float)per_mm2 * dot_look.area_mm2[0]);
    patch.far_view.g = patch.skin.g * expf(-(float)per_mm2 * dot_look.area_mm2[1]);
    patch.far_view.b = patch.skin.b * expf(-(float)per_mm2 * dot_look.area_mm2[2]);
    return patch;
}

static void mean_of(const ImageF *light, double mean[3])
{
    int count = light->width_px * light->height_px;
    mean[0] = mean[1] = mean[2] = 0.0;
    for (int i = 0; i < count; i++)
        for (int c = 0; c < 3; c++)
            mean[c] += (double)light->rgb[3 * i + c] / count;
}

TEST(the_mean_of_a_patch_is_its_far_view)
{
    static const double density[] = {0.02, 0.3, 1.0, 1.5, 3.0};
    for (int i = 0; i < 5; i++) {
        Room room;
        Err err;
        ImageF light;
        double mean[3];
        ReportPatch patch = patch_of(density[i]);
        REQUIRE(room_open(&room, 8 << 20));
        REQUIRE(report_patch_draw(&room.arena, &room.scratch, &patch, &light, &err));
        mean_of(&light, mean);
        CHECK_NEAR(mean[0] / (double)patch.far_view.r, 1.0, 2e-3);
        CHECK_NEAR(mean[1] / (double)patch.far_view.g, 1.0, 2e-3);
        CHECK_NEAR(mean[2] / (double)patch.far_view.b, 1.0, 2e-3);
        room_close(&room);
    }
}

/* Of few marks, before anything is evened out, the area must nearly be there already: the light in
 * the middle of a dot is what its core and halo take, and no pixel is lighter than the skin. */
TEST(a_patch_shows_dots_as_dark_as_their_footprint)
{
    Room room;
    Err err;
    ImageF light;
    ReportPatch patch = patch_of(0.1);
    REQUIRE(room_open(&room, 8 << 20));
    REQUIRE(report_patch_draw(&room.arena, &room.scratch, &patch, &light, &err));
    float darkest = 1.0f, lightest = 0.0f;
    for (int i = 0; i < patch.width_px * patch.height_px; i++) {
        darkest = fminf(darkest, light.rgb[3 * i + 1]);
        lightest = fmaxf(lightest, light.rgb[3 * i + 1]);
    }
    /* the disc blurred by 0.08 mm keeps 1 - exp(-R^2 / 2 s^2) of its height in its middle */
    double radius = 0.15, blur2 = 0.08 * 0.08 + 1.0 / (12.0 * 16.0 * 16.0), pi = 3.14159265;
    double core = 0.12 * 0.5 / (pi * radius * radius) * (1.0 - exp(-radius * radius / 2.0 / blur2));
    double halo = 0.12 * 0.5 / (2.0 * pi * 0.36);
    CHECK_NEAR(1.0 - (double)darkest / 0.35, core + halo, 0.03);
    CHECK(lightest <= 0.35f);
    room_close(&room);
}

TEST(a_patch_without_marks_is_bare_skin)
{
    Room room;
    Err err;
    ImageF light;
    ReportPatch patch = patch_of(0.0);
    REQUIRE(room_open(&room, 8 << 20));
    REQUIRE(report_patch_draw(&room.arena, &room.scratch, &patch, &light, &err));
    bool same = true;
    for (int i = 0; i < patch.width_px * patch.height_px; i++)
        same = same && light.rgb[3 * i] == 0.5f && light.rgb[3 * i + 1] == 0.35f;
    CHECK(same);
    room_close(&room);
}

/* The page has one scratch arena for both. */
TEST(one_arena_can_hold_the_patch_and_its_working_space)
{
    Room room;
    Err err;
    ImageF apart, together;
    ReportPatch patch = patch_of(1.0);
    size_t bytes = sizeof(float) * 3 * (size_t)patch.width_px * (size_t)patch.height_px;
    REQUIRE(room_open(&room, 16 << 20));
    REQUIRE(report_patch_draw(&room.arena, &room.scratch, &patch, &apart, &err));
    REQUIRE(report_patch_draw(&room.scratch, &room.scratch, &patch, &together, &err));
    uint8_t *next = ARENA_NEW(&room.scratch, uint8_t, bytes);
    REQUIRE(next != NULL);
    memset(next, 255, bytes);
    CHECK(memcmp(apart.rgb, together.rgb, bytes) == 0);
    room_close(&room);
}

TEST(dots_of_a_session_stay_where_they_are_when_others_come)
{
    Room room;
    Err err;
    ImageF first, both;
    ReportPatch patch = patch_of(0.3);
    REQUIRE(room_open(&room, 16 << 20));
    REQUIRE(report_patch_draw(&room.arena, &room.scratch, &patch, &first, &err));
    ReportPatch more = patch_of(0.6);
    more.kind_count = 2;
    more.look[1] = dot_look;
    more.per_mm2[0] = more.per_mm2[1] = 0.3;
    REQUIRE(report_patch_draw(&room.arena, &room.scratch, &more, &both, &err));
    int dark = 0, kept = 0;
    for (int i = 0; i < patch.width_px * patch.height_px; i++)
        if (first.rgb[3 * i + 1] < 0.25f) {
            dark++;
            kept += both.rgb[3 * i + 1] < 0.27f;
        }
    CHECK(dark > 100 && kept == dark);
    room_close(&room);
}

/* ---- the sheet ---- */

typedef struct Client {
    Room room;
    SkinMarks *marks;
    SkinPigment pigment;
    ShadeRequest request;
    ShadeChoice choice;
} Client;

static bool client_open(Client *client)
{
    SkinTable table;
    Err err;
    SkinTone tone = skin_tone_of_lab((Lab){62.0, 9.0, 15.0});
    *client = (Client){0};
    if (!room_open(&client->room, 192 << 20) || !skin_table_load(&table, &err) ||
        !skin_marks_new(&client->room.arena, &table, &tone, &client->marks, &err) ||
        !skin_pigment_default(&client->pigment, &err))
        return false;
    client->request = shade_default();
    client->request.marks = client->marks;
    client->request.pigment = &client->pigment;
    client->request.pigment_count = 1;
    shade_choose(&client->request, &client->choice);
    return true;
}

static int pixels_of(const Image *sheet, Lab lab)
{
    uint8_t code[3];
    int count = 0;
    color_to_srgb8(color_from_lab(lab), code);
    for (int i = 0; i < sheet->width_px * sheet->height_px; i++)
        count += memcmp(sheet->rgb + 3 * (size_t)i, code, 3) == 0;
    return count;
}

TEST(the_sheet_shows_bare_skin_stubble_and_every_moment_in_their_colours)
{
    Client client;
    Image sheet;
    Err err;
    REQUIRE(client_open(&client));
    REQUIRE(report_swatch_sheet(&client.room.arena, &client.room.scratch, &client.request,
                                &client.choice, &sheet, &err));
    CHECK(sheet.width_px == 3104 && sheet.height_px > 3000);
    CHECK(pixels_of(&sheet, client.choice.bare) > 16 * 16 * 46 * 30);
    CHECK(pixels_of(&sheet, client.choice.stubble) > 16 * 16 * 66 * 7);
    for (int i = 0; i < SHADE_MOMENTS; i++) {
        const ShadeForecast *forecast = &client.choice.forecast[i];
        CHECK(pixels_of(&sheet, forecast->treated) > 16 * 16 * 7 * 7);
        CHECK(pixels_of(&sheet, forecast->weak) > 16 * 16 * 7 * 7);
        CHECK(pixels_of(&sheet, forecast->strong) > 16 * 16 * 7 * 7);
    }
    const uint8_t *corner = sheet.rgb, *end = sheet.rgb + 3 * (size_t)sheet.width_px - 3;
    CHECK(corner[0] == 255 && end[2] == 255);
    room_close(&client.room);
}

TEST(the_page_is_one_pdf_with_the_same_bytes_each_time)
{
    Client client;
    size_t size, again_size;
    uint8_t *bytes, *again;
    Err err;
    REQUIRE(client_open(&client));
    REQUIRE(report_swatch_pdf(&client.room.arena, &client.room.scratch, &client.request,
                              &client.choice, &size, &bytes, &err));
    REQUIRE(report_swatch_pdf(&client.room.arena, &client.room.scratch, &client.request,
                              &client.choice, &again_size, &again, &err));
    CHECK(size == again_size && memcmp(bytes, again, size) == 0);
    CHECK(size > 100000 && size < 4000000 && memcmp(bytes, "%PDF-", 5) == 0);
    room_close(&client.room);
}

TEST(too_little_memory_is_said)
{
    Client client;
    REQUIRE(client_open(&client));
    for (size_t bytes = 1 << 12; bytes <= 16 << 20; bytes *= 8) {
        Room room;
        Image sheet;
        size_t size;
        uint8_t *pdf;
        Err err = {0};
        REQUIRE(room_open(&room, bytes));
        CHECK(!report_swatch_sheet(&room.arena, &room.scratch, &client.request, &client.choice,
                                   &sheet, &err) &&
              err.code == ERR_LIMIT);
        if (bytes < 1 << 20) {
            err = (Err){0};
            CHECK(!report_swatch_pdf(&room.arena, &room.scratch, &client.request, &client.choice,
                                     &size, &pdf, &err) &&
                  err.code == ERR_LIMIT);
        }
        room_close(&room);
    }
    room_close(&client.room);
}
