#include "sample/photos_internal.h"

#include "base/io.h"
#include "base/test.h"
#include "base/text.h"
#include "camera/sight.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t room = (size_t)900 << 20;

typedef struct Set { /* a client in a coarse mesh, and one set of photographs */
    Arena arena, scratch;
    Sample sample;
    char folder[64];
    json_t *truth;
    Err err;
} Set;

static bool client(Set *set)
{
    SampleParams params = sample_default();
    params.texture_px = 256;
    params.cell_mm = 8.0;
    *set = (Set){0};
    return arena_open(&set->arena, room, &set->err) && arena_open(&set->scratch, room, &set->err) &&
           sample_make(&set->arena, &set->scratch, &params, &set->sample, &set->err);
}

static bool photograph(Set *set, const SamplePhotosParams *params)
{
    char path[IO_PATH_LIMIT];
    snprintf(set->folder, sizeof set->folder, "/tmp/follicle-photos-XXXXXX");
    bool ok = mkdtemp(set->folder) != NULL &&
              sample_write_photos(&set->arena, &set->scratch, &set->sample, params, NULL,
                                  set->folder, &set->err) &&
              io_join(path, set->folder, "photos_truth.json", &set->err);
    json_decref(set->truth);
    set->truth = ok ? json_load_file(path, 0, NULL) : NULL;
    if (set->truth == NULL)
        printf("# %s\n", set->err.text);
    return set->truth != NULL;
}

static const char *const files[] = {
    "front.jpg",        "left.jpg",           "right.jpg",         "top.jpg",
    "back.jpg",         "photos.json",        "photos_truth.json", "dots_truth.csv",
    "visit-before.jpg", "visit-session1.jpg", "visit-healed.jpg",  "visit-year1.jpg",
    "visit-year2.jpg",  "visit-year4.jpg"};
enum { FILES = sizeof files / sizeof files[0], HEAD_FILES = 7 };

static void drop(Set *set)
{
    char path[IO_PATH_LIMIT];
    for (int i = 0; i < FILES && set->folder[0] != 0; i++)
        if (io_join(path, set->folder, files[i], &set->err))
            (void)unlink(path);
    if (set->folder[0] != 0)
        (void)rmdir(set->folder);
    json_decref(set->truth);
    set->truth = NULL;
    set->folder[0] = 0;
}

static SamplePhotosParams small(int width_px)
{
    SamplePhotosParams params = sample_photos_default();
    params.width_px = width_px;
    params.threads = 2;
    return params;
}

/* The client, made once, with no photographs yet. */
static Set *shared(void)
{
    static Set set;
    if (set.sample.follicle_count == 0)
        (void)client(&set);
    return &set;
}

static Set heads;

static void drop_heads(void)
{
    drop(&heads);
}

/* A set of the head, made once. */
static Set *with_heads(void)
{
    if (heads.truth == NULL) {
        SamplePhotosParams params = small(1400);
        Set *set = shared();
        params.k1 = 0.01;
        if (photograph(set, &params))
            atexit(drop_heads);
        heads = *set;
        set->truth = NULL;
        set->folder[0] = 0;
    }
    return &heads;
}

static json_t *entry(const Set *set, int i)
{
    return json_array_get(json_object_get(set->truth, "photos"), (size_t)i);
}

static double at(const json_t *list, int i)
{
    return json_number_value(json_array_get(list, (size_t)i));
}

static Vec3 point_of(const json_t *list)
{
    return vec3(at(list, 0), at(list, 1), at(list, 2));
}

static Camera camera_of(const json_t *photo)
{
    const json_t *c = json_object_get(photo, "camera");
    const json_t *middle = json_object_get(c, "centre_px");
    return (Camera){.lens = {.width_px = (int)json_integer_value(json_object_get(c, "width_px")),
                             .height_px = (int)json_integer_value(json_object_get(c, "height_px")),
                             .focal_px = json_number_value(json_object_get(c, "focal_px")),
                             .centre_x_px = at(middle, 0),
                             .centre_y_px = at(middle, 1),
                             .k1 = json_number_value(json_object_get(c, "k1"))},
                    .pose = {.right = point_of(json_object_get(c, "right")),
                             .down = point_of(json_object_get(c, "down")),
                             .forward = point_of(json_object_get(c, "forward")),
                             .eye_mm = point_of(json_object_get(c, "eye_mm"))}};
}

static bool load(Set *set, const char *file, Photo *photo)
{
    char path[IO_PATH_LIMIT];
    size_t size;
    uint8_t *bytes;
    return io_join(path, set->folder, file, &set->err) &&
           io_read_file(&set->scratch, path, (size_t)64 << 20, &size, &bytes, &set->err) &&
           photo_decode(&set->scratch, photo_limits_default(), size, bytes, photo, &set->err);
}

/* ---- markers ---- */

/* Greatest corner error of one marker's tags that face the camera, and how many were found. */
static double tag_error(const json_t *tags, const char *which, const MarkerSights *sights,
                        int *wanted, int *found)
{
    double worst = 0.0;
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const json_t *tag = json_array_get(tags, i), *corners = json_object_get(tag, "corners_px");
        const char *kind = json_string_value(json_object_get(tag, "marker"));
        if (json_number_value(json_object_get(tag, "facing")) < 0.7 || strcmp(kind, which) != 0)
            continue;
        int was = *found;
        (*wanted)++;
        for (int s = 0; s < sights->count; s++)
            for (int k = 0; k < sights->sight[s].tag_count; k++) {
                const SightTag *seen = &sights->sight[s].tag[k];
                if (strcmp(kind, marker_kind_name(sights->sight[s].marker.kind)) != 0 ||
                    seen->tag != json_integer_value(json_object_get(tag, "tag")))
                    continue;
                (*found)++;
                for (int c = 0; c < 4; c++) {
                    const json_t *px = json_array_get(corners, (size_t)c);
                    worst = fmax(worst, hypot(at(px, 0) - seen->corner_px[c][0],
                                              at(px, 1) - seen->corner_px[c][1]));
                }
            }
        /* a tag of a print id occurs twice: without its neighbours nobody can place it */
        bool print = json_integer_value(json_object_get(tag, "id")) >= MARKER_FIRST_PRINT_TAG;
        *wanted -= *found == was && print ? 1 : 0;
        if (*found == was && !print)
            printf("# not found: tag %d of the %s\n",
                   (int)json_integer_value(json_object_get(tag, "tag")), kind);
    }
    return worst;
}

/* A tag of the strip is bent over the head: its edges bow by up to 13^2 / (8 R) = 0.28 mm where the
 * paper is seen from above or below, and a straight edge laid through them lies off by two thirds
 * of that. Cards are flat. */
TEST(every_tag_that_faces_the_camera_is_found_where_the_truth_says)
{
    const double card_px = 0.15, strip_mm = 0.22;
    Set *set = with_heads();
    REQUIRE(set->truth != NULL);
    int strips = 0;
    for (int i = 0; i < SET_VIEWS; i++) {
        size_t mark = arena_mark(&set->scratch);
        Photo photo;
        MarkerSights sights;
        REQUIRE(load(set, files[i], &photo));
        Camera camera = camera_of(entry(set, i));
        REQUIRE(sight_find(&set->arena, &set->scratch, &camera.lens, photo.grey, NULL, &sights,
                           &set->err));
        const json_t *tags = json_object_get(entry(set, i), "tags");
        int wanted[2] = {0}, found[2] = {0};
        double card = tag_error(tags, "head", &sights, &wanted[0], &found[0]);
        double strip = tag_error(tags, "strip", &sights, &wanted[1], &found[1]);
        double scale = json_number_value(json_object_get(entry(set, i), "px_per_mm"));
        printf("# %s: card %d of %d, worst corner %.3f px; strip %d of %d, %.3f px = %.3f mm\n",
               files[i], found[0], wanted[0], card, found[1], wanted[1], strip, strip / scale);
        CHECK(wanted[0] == 8 && found[0] == 8);
        CHECK(found[1] == wanted[1]);
        CHECK(card < card_px);
        CHECK(strip < strip_mm * scale);
        strips += wanted[1];
        arena_rewind(&set->scratch, mark);
    }
    CHECK(strips >= 20);
}

TEST(the_strip_keeps_its_measure_on_the_head)
{
    Set *set = shared();
    Bust *bust = ARENA_NEW(&set->scratch, Bust, 1);
    Marker *marker = ARENA_NEW(&set->scratch, Marker, 1);
    Strip strip;
    REQUIRE(bust != NULL && marker != NULL);
    bust_make(set->sample.params.seed, bust);
    REQUIRE(marker_make(MARKER_STRIP, 1, marker, &set->err));
    REQUIRE(strip_wear(&set->arena, &set->scratch, marker, &set->sample, bust, 30.0, &strip,
                       &set->err));
    double longest = 0.0, shortest = 1e9, off = 0.0;
    for (double s = strip.first_mm; s < strip.over_mm - 20.0; s += 10.0) {
        Vec3 a, b, n;
        double length = 0.0;
        for (int k = 0; k < 10; k++) {
            strip_point(&strip, s + k, 0.0, &a, &n);
            strip_point(&strip, s + k + 1, 0.0, &b, &n);
            length += vec_distance(a, b);
        }
        longest = fmax(longest, length);
        shortest = fmin(shortest, length);
        off = fmax(off, fabs(bust_bare_distance_mm(bust, a)));
    }
    printf("# 10 mm of paper: %.3f .. %.3f mm; at most %.2f mm off the skin\n", shortest, longest,
           off);
    CHECK(longest < 10.12 && shortest > 9.9); /* the paper is 0.2 mm off, and bridges hollows */
    CHECK(off < 2.5);
    Vec3 glabella = set->sample.landmark_mm[HEAD_GLABELLA];
    CHECK_NEAR(vec_distance(strip.front, glabella), 30.0, 0.8);
    strip_close(&strip);
}

/* ---- truth ---- */

TEST(points_cards_and_clicks_of_the_truth_project_onto_each_other)
{
    Set *set = with_heads();
    REQUIRE(set->truth != NULL);
    const json_t *points = json_object_get(set->truth, "points_mm");
    int clicks = 0, outlines = 0;
    for (int i = 0; i < SET_VIEWS; i++) {
        const json_t *photo = entry(set, i), *px;
        Camera camera = camera_of(photo);
        const char *name;
        json_object_foreach(json_object_get(photo, "clicks"), name, px)
        {
            double x, y, depth;
            Vec3 p = point_of(json_object_get(points, name));
            REQUIRE(camera_project(&camera, p, &x, &y, &depth));
            CHECK_NEAR(hypot(x - at(px, 0), y - at(px, 1)), 0.0, 0.01);
            clicks++;
        }
        outlines += (int)json_array_size(json_object_get(photo, "outline"));
    }
    CHECK(clicks >= 10);
    CHECK(outlines >= 100);
}

/* A line of sight through a point of the outline touches the head: a pixel inwards it hits, a pixel
 * outwards it passes. */
TEST(the_outline_is_where_the_cranium_ends)
{
    Set *set = with_heads();
    REQUIRE(set->truth != NULL);
    Bust *bust = ARENA_NEW(&set->scratch, Bust, 1);
    REQUIRE(bust != NULL);
    bust_make(set->sample.params.seed, bust);
    for (int i = 0; i < SET_VIEWS; i++) {
        Camera camera = camera_of(entry(set, i));
        const json_t *outline = json_object_get(entry(set, i), "outline");
        double mx, my, depth;
        REQUIRE(camera_project(&camera, vec3(0.0, 98.0, -5.0), &mx, &my, &depth));
        for (size_t k = 0; k < json_array_size(outline); k += 5) {
            const json_t *px = json_array_get(outline, k);
            double dx = at(px, 0) - mx, dy = at(px, 1) - my, r = hypot(dx, dy);
            for (int side = -1; side <= 1; side += 2) {
                Vec3 d = camera_ray(&camera, at(px, 0) + side * dx / r, at(px, 1) + side * dy / r);
                Vec3 hit, eye = camera.pose.eye_mm;
                bool met =
                    bust_hit(bust, vec_madd(eye, 400.0, d), vec_madd(eye, 760.0, d), true, &hit) &&
                    hit.y > 35.0;
                CHECK(met == (side < 0));
            }
        }
    }
}

TEST(clicks_are_as_far_off_as_was_asked_for)
{
    Set *set = with_heads();
    char path[IO_PATH_LIMIT];
    REQUIRE(set->truth != NULL && io_join(path, set->folder, "photos.json", &set->err));
    json_t *said = json_load_file(path, 0, NULL);
    double sum = 0.0;
    int count = 0;
    for (int i = 0; i < SET_VIEWS; i++) {
        const json_t *true_px, *photo = entry(set, i);
        const json_t *user =
            json_object_get(json_array_get(json_object_get(said, "photos"), (size_t)i), "clicks");
        double scale = json_number_value(json_object_get(photo, "px_per_mm"));
        const char *name;
        json_object_foreach(json_object_get(photo, "clicks"), name, true_px)
        {
            const json_t *px = json_object_get(user, name);
            for (int k = 0; k < 2; k++, count++)
                sum += pow((at(px, k) - at(true_px, k)) / scale, 2.0);
        }
    }
    printf("# %d coordinates, rms %.2f mm\n", count, sqrt(sum / count));
    CHECK_NEAR(sqrt(sum / count), 1.0, 0.45);
    json_decref(said);
}

/* ---- light ---- */

/* Where hair is full the photograph is darkened by the far view of its hairs: exp(-n a). */
TEST(stubble_darkens_a_full_region_as_the_model_of_the_skin_says)
{
    enum { SIDE = 240 };
    Set *set = shared();
    Sample *sample = &set->sample;
    size_t mark = arena_mark(&set->scratch);
    Bust *bust = ARENA_NEW(&set->scratch, Bust, 1);
    SkinTable table;
    SkinMarks *marks;
    Hairs hairs;
    Body body;
    Room *day = ARENA_NEW(&set->scratch, Room, 1);
    PlaceLight *light;
    Shot bare, hairy;
    REQUIRE(bust != NULL && day != NULL);
    bust_make(sample->params.seed, bust);
    room_make(SAMPLE_DAYLIGHT, day);
    REQUIRE(skin_table_load(&table, &set->err) &&
            skin_marks_new(&set->scratch, &table, &sample->tone, &marks, &set->err) &&
            hairs_make(&set->arena, &set->scratch, sample, bust, marks, &hairs, &set->err) &&
            body_make(&set->arena, &set->scratch, sample, &body, &set->err) &&
            room_bake(&set->arena, &set->scratch, day, &body, 2, &light, &set->err));
    Vec3 place = HEAD_CENTRE_MM;
    REQUIRE(bust_hit(bust, vec3(0.0, 40.0, -300.0), vec3(0.0, 40.0, 0.0), true, &place));
    Lens lens = {SIDE, SIDE, 6.0 * 600.0, 0.5 * SIDE, 0.5 * SIDE, 0.0};
    Camera camera = camera_look_at(lens, vec_madd(place, 600.0, bust_normal(bust, place)), place,
                                   vec3(0.0, 1.0, 0.0));
    Scene scene = {.sample = sample, .bust = bust, .body = &body, .light = light, .room = day};
    REQUIRE(shot_new(&set->scratch, &camera, &bare, &set->err) &&
            shot_new(&set->scratch, &camera, &hairy, &set->err));
    shot_trace(&scene, 2, &bare);
    shot_trace(&scene, 2, &hairy);
    float(*tau)[3] = arena_alloc(&set->scratch, (size_t)SIDE * SIDE, sizeof *tau);
    LookPlate plate = {.camera = camera, .depth_mm = hairy.depth_mm};
    LookState state = {.mark_count = hairs.count, .mark = hairs.mark};
    REQUIRE(tau != NULL && look_plate_splat(&set->scratch, &plate, &state, 2, tau, &set->err));
    double sum[2][3] = {{0}}, mean_tau[3] = {0}, hair_mm2[3] = {0}, half = 12.0;
    int in = 0;
    for (int y = 48; y < SIDE - 48; y++)
        for (int x = 48; x < SIDE - 48; x++, in++)
            for (int c = 0; c < 3; c++) {
                double skin = (double)bare.skin.rgb[3 * (y * SIDE + x) + c];
                mean_tau[c] += (double)tau[y * SIDE + x][c];
                sum[0][c] += skin;
                sum[1][c] += skin * exp(-(double)tau[y * SIDE + x][c]);
            }
    for (int i = 0; i < hairs.count; i++) {
        double px[2], depth;
        if (camera_project(&camera, hairs.mark[i].position_mm, &px[0], &px[1], &depth) &&
            depth < 640.0 && fabs(px[0] - 0.5 * SIDE) < 6.0 * half &&
            fabs(px[1] - 0.5 * SIDE) < 6.0 * half)
            for (int c = 0; c < 3; c++)
                hair_mm2[c] += (double)hairs.mark[i].look.area_mm2[c];
    }
    for (int c = 0; c < 3; c++) {
        double share = hair_mm2[c] / (4.0 * half * half), far = exp(-share);
        double seen = sum[1][c] / sum[0][c];
        printf("# channel %d: far view %.3f, in the photograph %.3f\n", c, far, seen);
        CHECK_NEAR(seen, far, 0.035 * far);
        CHECK(far < 0.95);
    }
    mesh_rays_close(&body.rays);
    arena_rewind(&set->scratch, mark);
}

/* White paper that faces the camera, as one phone shows it under one light. */
static Rgb paper_by(Arena *scratch, int phone, SampleLight light)
{
    enum { SIDE = 32 };
    const float open[ROOM_LOBES] = {1, 1, 1, 1};
    SamplePhotosParams params = small(320);
    ImageF picture;
    Err err;
    Room *lit = ARENA_NEW(scratch, Room, 1);
    float(*work)[3] = arena_alloc(scratch, SIDE * SIDE, sizeof *work);
    Vec3 facing = vec3(0.0, 0.0, 1.0);
    params.noise = 0.0;
    if (lit == NULL || work == NULL || !image_new_f(scratch, SIDE, SIDE, &picture, &err))
        return (Rgb){0};
    room_make(light, lit);
    Rgb white = room_irradiance(lit, open, facing);
    for (int i = 0; i < SIDE * SIDE; i++) {
        picture.rgb[3 * i] = 0.88F * white.r;
        picture.rgb[3 * i + 1] = 0.88F * white.g;
        picture.rgb[3 * i + 2] = 0.88F * white.b;
    }
    Exposure exposure = phone_expose(phone_make(phone), lit, &params, facing);
    phone_develop(&exposure, 1, 1, &picture, work);
    const float *middle = picture.rgb + 3 * (SIDE / 2 * SIDE + SIDE / 2);
    return (Rgb){middle[0], middle[1], middle[2]};
}

/* A bulb leaves paper warmer than daylight does: no phone takes the light's colour out whole. */
TEST(phones_and_lights_differ)
{
    Set *set = shared();
    double warmth[SAMPLE_PHONES][SAMPLE_LIGHTS];
    for (int phone = 0; phone < SAMPLE_PHONES; phone++)
        for (int light = 0; light < SAMPLE_LIGHTS; light++) {
            Rgb paper = paper_by(&set->scratch, phone, (SampleLight)light);
            warmth[phone][light] = (double)(paper.r / paper.b);
            printf("# phone %d, light %d: paper %.3f %.3f %.3f\n", phone, light, (double)paper.r,
                   (double)paper.g, (double)paper.b);
            CHECK(paper.g > 0.5F && paper.g < 0.9F);
        }
    for (int phone = 0; phone < SAMPLE_PHONES; phone++) {
        CHECK(warmth[phone][SAMPLE_TUNGSTEN] > 1.01 * warmth[phone][SAMPLE_DAYLIGHT]);
        CHECK(warmth[phone][SAMPLE_LED] > 1.005 * warmth[phone][SAMPLE_DAYLIGHT]);
    }
    CHECK(warmth[2][SAMPLE_TUNGSTEN] > 1.1 * warmth[1][SAMPLE_TUNGSTEN]);
}

/* ---- files ---- */

TEST(files_say_which_camera_took_them_and_lie_sideways_when_asked)
{
    Set *set = shared();
    SamplePhotosParams params = small(320);
    params.turned = params.display_p3 = true;
    params.strip = params.cards = false;
    REQUIRE(photograph(set, &params));
    for (int i = 0; i < SET_VIEWS; i++) {
        size_t mark = arena_mark(&set->scratch);
        Photo photo;
        REQUIRE(load(set, files[i], &photo));
        CHECK_NEAR(photo.facts.focal_35mm, 52.0, 0.01);
        CHECK_NEAR(photo.facts.focal_mm, 6.9, 0.01);
        CHECK(strcmp(photo.facts.camera, "Halm One") == 0);
        CHECK(photo.light.width_px == 240 && photo.light.height_px == 320);
        CHECK((photo.facts.orientation != 1) == (i % 2 == 1));
        CHECK(photo.icc_size > 0);
        arena_rewind(&set->scratch, mark);
    }
    drop(set);
}

static bool same_file(Set *set, const char *first, const char *second, const char *file)
{
    char path[2][IO_PATH_LIMIT];
    size_t size[2], mark = arena_mark(&set->scratch);
    uint8_t *bytes[2];
    const char *const folder[2] = {first, second};
    for (int i = 0; i < 2; i++)
        if (!io_join(path[i], folder[i], file, &set->err) ||
            !io_read_file(&set->scratch, path[i], (size_t)64 << 20, &size[i], &bytes[i], &set->err))
            return false;
    bool same = size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0;
    arena_rewind(&set->scratch, mark);
    return same;
}

/* A line of dots_truth.csv is kind, number, visit, place on the card, pixel, area, fate. */
static void check_dots(Set *set)
{
    char path[IO_PATH_LIMIT];
    size_t size, mark = arena_mark(&set->scratch);
    uint8_t *bytes;
    int rows = 0, lost = 0, hairs = 0;
    REQUIRE(io_join(path, set->folder, "dots_truth.csv", &set->err) &&
            io_read_file(&set->scratch, path, (size_t)64 << 20, &size, &bytes, &set->err));
    double area[VISITS] = {0};
    for (TextCursor cursor = text_cursor(size, bytes); !text_at_end(&cursor);) {
        char line[128] = {0};
        TextSpan span = text_rest_of_line(&cursor);
        memcpy(line, span.start, span.length < 127 ? span.length : 127);
        char kind[8], visit[16], fate[16];
        double x, y, px[2], strength;
        int number;
        if (sscanf(line, "%7[^,],%d,%15[^,],%lf,%lf,%lf,%lf,%lf,%15s", kind, &number, visit, &x, &y,
                   &px[0], &px[1], &strength, fate) != 9)
            continue;
        rows++;
        hairs += strcmp(kind, "hair") == 0;
        CHECK(fabs(x) <= 15.0 && fabs(y) <= 15.0);
        for (int v = 0; v < VISITS; v++)
            if (strcmp(kind, "dot") == 0 && strcmp(visit, visit_name[v]) == 0)
                area[v] += strength;
        if (strcmp(fate, "lost") == 0 && strcmp(visit, "year4") == 0) {
            lost++;
            CHECK_NEAR(strength, 0.0, 0.0);
        }
    }
    printf("# %d rows, %d of hairs, %d dots lost; strength %.1f %.1f %.1f %.1f %.1f mm2\n", rows,
           hairs, lost, area[1], area[2], area[3], area[4], area[5]);
    CHECK(rows > 2000 && hairs > 600 && lost > 20);
    CHECK(!(area[0] > 0.0) && area[1] > area[2]);
    for (int v = 3; v < VISITS; v++)
        CHECK(area[v] < area[v - 1]);
    arena_rewind(&set->scratch, mark);
}

TEST(a_follow_up_is_the_same_for_any_number_of_threads_and_its_dots_fade)
{
    Set *set = shared(), again = *set;
    SamplePhotosParams params = small(320);
    params.follow_up = true;
    REQUIRE(photograph(set, &params));
    params.threads = 1;
    again.truth = NULL;
    REQUIRE(photograph(&again, &params));
    for (int i = 0; i < FILES; i++)
        CHECK(same_file(set, set->folder, again.folder, files[i]));
    check_dots(set);
    drop(set);
    drop(&again);
}

TEST(what_no_phone_does_is_refused)
{
    Set *set = shared();
    SamplePhotosParams params = small(100);
    CHECK(!sample_write_photos(&set->arena, &set->scratch, &set->sample, &params, NULL, "/tmp",
                               &set->err));
    CHECK(set->err.code == ERR_INPUT && strstr(set->err.text, "320") != NULL);
    params = small(320);
    params.phone = SAMPLE_PHONES;
    CHECK(!sample_write_photos(&set->arena, &set->scratch, &set->sample, &params, NULL, "/tmp",
                               &set->err));
    CHECK(strstr(set->err.text, "phone") != NULL);
}
