#include "sample/photos_internal.h"

#include "base/io.h"
#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PI 3.14159265358979323846

enum { MOST_PICTURES = SET_VIEWS + VISITS, PRINT_ID = 4711, ROW_BYTES = 128 };

/* Diagonal of a frame of 36 x 24 mm, and the lens that a guide would ask for: twice, so that
 * nobody comes nearer than 600 mm. */
static const double diagonal_35mm = 43.27, focal_35mm = 52.0;
static const double strip_front_mm = 30.0;

SamplePhotosParams sample_photos_default(void)
{
    return (SamplePhotosParams){.width_px = 4000,
                                .phone = 0,
                                .light = SAMPLE_DAYLIGHT,
                                .blur_px = -1.0,
                                .noise = -1.0,
                                .jpeg_quality = 92,
                                .click_sd_mm = 1.0,
                                .strip = true,
                                .cards = true,
                                .seed = 1,
                                .threads = 1};
}

static bool check_params(const SamplePhotosParams *p, Err *err)
{
    if (p->width_px < 320 || p->width_px > 4032)
        return err_set(err, ERR_INPUT, "photographs of %d pixels are not within 320..4032",
                       p->width_px);
    if (p->phone < 0 || p->phone >= SAMPLE_PHONES)
        return err_set(err, ERR_INPUT, "phone %d is not within 0..%d", p->phone, SAMPLE_PHONES - 1);
    if (p->light < 0 || p->light >= SAMPLE_LIGHTS)
        return err_set(err, ERR_INPUT, "light %d is not within 0..%d", (int)p->light,
                       SAMPLE_LIGHTS - 1);
    if (p->jpeg_quality < 30 || p->jpeg_quality > 100)
        return err_set(err, ERR_INPUT, "a JPEG quality of %d is not within 30..100",
                       p->jpeg_quality);
    if (!(p->blur_px <= 3.0 && p->noise <= 0.2 && p->click_sd_mm >= 0.0 && p->click_sd_mm <= 20.0))
        return err_set(err, ERR_INPUT,
                       "a blur of %g px, noise of %g or clicks %g mm off are beyond 3 px, 0.2 and "
                       "20 mm",
                       p->blur_px, p->noise, p->click_sd_mm);
    if (!(p->k1 >= -0.2 && p->k1 <= 0.2))
        return err_set(err, ERR_INPUT, "k1 = %g is not within -0.2..0.2", p->k1);
    return true;
}

/* ---- the studio: everything that several photographs share ---- */

typedef struct Studio {
    const Sample *sample;
    const SamplePhotosParams *params;
    const Phone *phone;
    Bust *bust;
    Body body;
    Room room;
    PlaceLight *light;
    Strip strip;
    bool strip_open;
    Marker *strip_marker, *head_marker, *close_marker;
    const SkinMarks *marks;
    Hairs hairs;
    Vec3 mark[SCENE_MARKS], point[CLICK_POINTS];
    size_t icc_size;
    uint8_t *icc;
    Picture *picture;
    int picture_count;
    const char *folder;
} Studio;

/* Dots of a skin marker on the scalp, spread so that most views show three of them; degrees from
 * the front to the subject's left, and from the vertex down. */
static void place_marks(Studio *studio)
{
    static const double place[SCENE_MARKS][2] = {
        {5.0, 34.0}, {58.0, 44.0}, {-62.0, 42.0}, {150.0, 30.0}, {-148.0, 46.0}};
    for (int i = 0; i < SCENE_MARKS; i++) {
        double a = place[i][0] * PI / 180.0, b = place[i][1] * PI / 180.0;
        Vec3 out = vec3(sin(b) * sin(a), cos(b), sin(b) * cos(a));
        studio->mark[i] = HEAD_CENTRE_MM;
        (void)bust_hit(studio->bust, vec_madd(HEAD_CENTRE_MM, 170.0, out), HEAD_CENTRE_MM, false,
                       &studio->mark[i]);
    }
}

static bool new_markers(Arena *arena, Studio *studio, Err *err)
{
    studio->strip_marker = ARENA_NEW(arena, Marker, 1);
    studio->head_marker = ARENA_NEW(arena, Marker, 1);
    studio->close_marker = ARENA_NEW(arena, Marker, 1);
    if (studio->strip_marker == NULL || studio->head_marker == NULL || studio->close_marker == NULL)
        return err_set(err, ERR_LIMIT, "no room for the markers within the memory limit");
    return marker_make(MARKER_STRIP, PRINT_ID, studio->strip_marker, err) &&
           marker_make(MARKER_HEAD, PRINT_ID, studio->head_marker, err) &&
           marker_make(MARKER_CLOSE, PRINT_ID, studio->close_marker, err);
}

static bool wear_strip(Arena *arena, Arena *scratch, Studio *studio, Err *err)
{
    if (!strip_wear(arena, scratch, studio->strip_marker, studio->sample, studio->bust,
                    strip_front_mm, &studio->strip, err))
        return false;
    studio->strip_open = true;
    studio->strip.seen =
        arena_alloc(arena, (size_t)studio->strip.count, sizeof *studio->strip.seen);
    if (studio->strip.seen == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for the light on the strip within the memory limit");
    for (int k = 0; k < studio->strip.count; k++)
        room_look_around(&studio->room, &studio->body.rays,
                         vec_madd(studio->strip.knot[k], 2.5, studio->strip.normal[k]),
                         studio->strip.normal[k], studio->strip.seen[k]);
    return true;
}

static bool set_up(Arena *arena, Arena *scratch, Studio *studio, Err *err)
{
    const Sample *sample = studio->sample;
    SkinTable table;
    SkinMarks *marks;
    studio->bust = ARENA_NEW(arena, Bust, 1);
    studio->picture = ARENA_NEW(arena, Picture, MOST_PICTURES);
    if (studio->bust == NULL || studio->picture == NULL)
        return err_set(err, ERR_LIMIT, "no room for the photographs within the memory limit");
    bust_make(sample->params.seed, studio->bust);
    room_make(studio->params->light, &studio->room);
    place_marks(studio);
    client_points(sample, studio->bust, studio->point);
    if (!new_markers(arena, studio, err) ||
        !body_make(arena, scratch, sample, &studio->body, err) ||
        !room_bake(arena, scratch, &studio->room, &studio->body, studio->params->threads,
                   &studio->light, err) ||
        !skin_table_load(&table, err) ||
        !skin_marks_new(arena, &table, &sample->tone, &marks, err) ||
        !hairs_make(arena, scratch, sample, studio->bust, marks, &studio->hairs, err))
        return false;
    studio->marks = marks;
    if (studio->params->display_p3 &&
        !photo_profile(arena, PHOTO_DISPLAY_P3, &studio->icc_size, &studio->icc, err))
        return false;
    return !studio->params->strip || wear_strip(arena, scratch, studio, err);
}

/* on: it lies on the scalp, which bulges through its window but hides no lamp from it. */
static void light_sheet(const Studio *studio, bool on, Sheet *sheet)
{
    const Marker *m = sheet->marker;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            double x = m->left_mm + 0.5 * k * (m->right_mm - m->left_mm);
            double y = m->top_mm + 0.5 * i * (m->bottom_mm - m->top_mm);
            room_look_around(&studio->room, on ? NULL : &studio->body.rays,
                             sheet_point(sheet, x, y), sheet->normal, sheet->seen[i][k]);
        }
}

/* ---- one photograph ---- */

static Lens lens_of(const Studio *studio, bool portrait, Rng *rng)
{
    int longer = studio->params->width_px, shorter = longer * 3 / 4;
    Lens lens = {.width_px = portrait ? shorter : longer,
                 .height_px = portrait ? longer : shorter,
                 .k1 = studio->params->k1};
    /* stabilised lenses wander: 0.1 % of the picture [assumption] */
    double dx = rng_normal(rng), dy = rng_normal(rng);
    lens.focal_px =
        focal_35mm / diagonal_35mm * hypot(longer, shorter) * studio->phone->focal_share;
    lens.centre_x_px = 0.5 * lens.width_px + 0.001 * longer * dx;
    lens.centre_y_px = 0.5 * lens.height_px + 0.001 * longer * dy;
    return lens;
}

static PhotoFacts facts_of(const Studio *studio, int index)
{
    PhotoFacts facts = {.format = PHOTO_JPEG,
                        .orientation = 1,
                        .bits = 8,
                        .focal_mm = 6.9,
                        .focal_35mm = focal_35mm,
                        .digital_zoom = 2.0};
    snprintf(facts.camera, sizeof facts.camera, "%s", studio->phone->camera);
    snprintf(facts.lens, sizeof facts.lens, "%s", studio->phone->lens);
    snprintf(facts.software, sizeof facts.software, "follicle sample");
    snprintf(facts.taken, sizeof facts.taken, "2026-03-02T09:%02d:00", 30 + index);
    return facts;
}

static bool write_photo(Arena *scratch, const Studio *studio, const Shot *shot, Picture *picture,
                        int index, Err *err)
{
    static const int turns[2] = {6, 8};
    char path[IO_PATH_LIMIT];
    size_t size, mark = arena_mark(scratch);
    uint8_t *bytes;
    PhotoExport export = photo_export_default();
    export.quality = studio->params->jpeg_quality;
    export.facts = &picture->facts;
    export.orientation = studio->params->turned && index % 2 == 1 ? turns[index / 2 % 2] : 1;
    export.icc_size = studio->icc_size;
    export.icc = studio->icc;
    picture->facts.orientation = export.orientation;
    /* one arena twice: what is encoded lives as short as what it takes */
    bool ok = photo_encode(scratch, scratch, &shot->skin, &export, &size, &bytes, err) &&
              io_join(path, studio->folder, picture->file, err) &&
              io_write_file(path, size, bytes, err);
    arena_rewind(scratch, mark);
    return ok;
}

static bool take(Arena *scratch, const Studio *studio, const Shot *shot, const LookState *state,
                 Picture *picture, int index, Err *err)
{
    size_t mark = arena_mark(scratch);
    size_t count = (size_t)shot->skin.width_px * (size_t)shot->skin.height_px;
    float(*tau)[3] = arena_alloc(scratch, count, sizeof *tau);
    if (tau == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for the hairs of a photograph within the memory "
                       "limit");
    LookPlate plate = {.camera = shot->camera, .depth_mm = shot->depth_mm, .blur_px = 0.0};
    Shot *whole = &(Shot){0};
    *whole = *shot;
    if (!look_plate_splat(scratch, &plate, state, studio->params->threads, tau, err))
        return false;
    shot_compose(whole, tau, studio->params->threads);
    uint64_t seed = studio->params->seed * 1000u + (uint64_t)index;
    phone_develop(&picture->exposure, seed, studio->params->threads, &whole->skin, tau);
    arena_rewind(scratch, mark);
    return write_photo(scratch, studio, whole, picture, index, err);
}

static Vec3 jitter(Rng *rng, double sd)
{
    double x = rng_normal(rng), y = rng_normal(rng), z = rng_normal(rng);
    return vec3(sd * x, sd * y, sd * z);
}

/* ---- the head ---- */

typedef struct View {
    const char *name;
    Vec3 from, target, up;           /* from: direction, not unit */
    Vec3 card, card_normal, card_up; /* where the client holds the card: out of the head's shadow */
} View;

static const View views[SET_VIEWS] = {
    {"front",
     {0.00, 0.06, 1.00},
     {0, -24, 10},
     {0, 1, 0},
     {0, -140, 150},
     {0, 0.25, 1.0},
     {0, 1, 0}},
    {"left",
     {1.00, 0.05, 0.06},
     {0, -16, 12},
     {0, 1, 0},
     {150, -128, 50},
     {1.0, 0.25, 0.1},
     {0, 1, 0}},
    {"right",
     {-1.0, 0.05, 0.06},
     {0, -16, 12},
     {0, 1, 0},
     {-150, -128, 50},
     {-1, 0.25, 0.1},
     {0, 1, 0}},
    {"top",
     {0.02, 1.00, 0.16},
     {0, 60, 36},
     {0, 0.1, -1},
     {0, 60, 178},
     {0, 1.0, 0.12},
     {0, 0, -1}},
    {"back", {0.03, 0.34, -1.0}, {0, -36, 0}, {0, 1, 0}, {0, -92, -170}, {0, 0.40, -1}, {0, 1, 0}},
};

static Scene scene_of(const Studio *studio)
{
    Scene scene = {.sample = studio->sample,
                   .bust = studio->bust,
                   .body = &studio->body,
                   .light = studio->light,
                   .room = &studio->room};
    memcpy(scene.mark, studio->mark, sizeof scene.mark);
    return scene;
}

static bool photograph_head(Arena *arena, Arena *scratch, Studio *studio, int index, Err *err)
{
    const double distance_mm = 670.0, near_sd = 0.015, aim_sd_mm = 4.0, turn_sd = 0.02;
    size_t mark = arena_mark(arena);
    const View *view = &views[index];
    Picture *picture = &studio->picture[studio->picture_count++];
    Rng rng = rng_make(studio->params->seed, 0x76696577u + (uint64_t)index);
    *picture = (Picture){.view = view->name, .visit = -1, .facts = facts_of(studio, index)};
    snprintf(picture->file, sizeof picture->file, "%s.jpg", view->name);
    Lens lens = lens_of(studio, true, &rng);
    Vec3 aim = vec_add(view->target, jitter(&rng, aim_sd_mm));
    Vec3 from = vec_add(vec_normalize(view->from), jitter(&rng, turn_sd));
    double distance = distance_mm * (1.0 + near_sd * rng_normal(&rng));
    Vec3 up = vec_add(view->up, jitter(&rng, turn_sd));
    picture->camera = camera_look_at(lens, vec_madd(aim, distance, vec_normalize(from)), aim, up);
    picture->exposure = phone_expose(studio->phone, &studio->room, studio->params,
                                     vec_scale(picture->camera.pose.forward, -1.0));
    picture->px_per_mm = camera_px_per_mm(&picture->camera, HEAD_CENTRE_MM);
    Scene scene = scene_of(studio);
    scene.marked = true;
    scene.strip = studio->strip_open ? &studio->strip : NULL;
    if (studio->params->cards) {
        Vec3 normal = vec_add(vec_normalize(view->card_normal), jitter(&rng, 0.05));
        picture->sheet = sheet_make(studio->head_marker, vec_add(view->card, jitter(&rng, 2.0)),
                                    normal, vec_add(view->card_up, jitter(&rng, 0.06)));
        light_sheet(studio, false, &picture->sheet);
        picture->has_sheet = true;
        scene.sheet = &picture->sheet;
    }
    Shot shot;
    if (!shot_new(arena, &picture->camera, &shot, err))
        return false;
    shot_trace(&scene, studio->params->threads, &shot);
    clicks_make(&scene, &shot, studio->point, studio->params->click_sd_mm,
                studio->params->seed * 16u + (uint64_t)index, &picture->clicks);
    tags_of(&scene, &shot, picture);
    LookState state = {.mark_count = studio->hairs.count, .mark = studio->hairs.mark};
    bool ok = take(scratch, studio, &shot, &state, picture, index, err);
    arena_rewind(arena, mark);
    return ok;
}

/* ---- the follow-up ---- */

/* The place on crown or top where about a third of the hair is left: dots among stubble. */
static bool find_place(Arena *scratch, const Studio *studio, Vec3 *place, Err *err)
{
    const double wanted = 0.30, window_cos = cos(15.0 / 90.0);
    size_t mark = arena_mark(scratch);
    HeadTopology topology;
    if (!head_topology_new(scratch, HEAD_LEVEL, &topology, err))
        return false;
    Vec3 best = vec_normalize(vec3(0.05, 0.75, -0.65));
    double least = 1e9;
    for (int v = 0; v < topology.vertex_count; v++) {
        Vec3 d = topology.direction[v];
        if (v % 7 != 0 || d.y < 0.45 || d.z > -0.1 || fabs(d.x) > 0.5)
            continue;
        double sum = 0.0;
        int count = 0;
        for (int w = 0; w < topology.vertex_count; w++)
            if (vec_dot(d, topology.direction[w]) > window_cos) {
                sum += studio->sample->cover[w];
                count++;
            }
        double off = fabs(sum / count - wanted) + 0.1 * fabs(d.x);
        if (off < least) {
            least = off;
            best = d;
        }
    }
    arena_rewind(scratch, mark);
    *place = HEAD_CENTRE_MM;
    (void)bust_hit(studio->bust, vec_madd(HEAD_CENTRE_MM, 170.0, best), HEAD_CENTRE_MM, false,
                   place);
    return true;
}

/* Lays the card down: its plane touches the scalp at the rim of the window, where it is highest. */
static Sheet lay_card(const Studio *studio, Vec3 place, Rng *rng)
{
    const double shift_sd_mm = 1.0, turn_sd = 0.10, tilt_sd = 0.012;
    const Marker *marker = studio->close_marker;
    Vec3 normal = vec_normalize(vec_add(bust_normal(studio->bust, place), jitter(rng, tilt_sd)));
    /* the top of the card towards the front of the head, more or less */
    double turn = turn_sd * rng_normal(rng), a = shift_sd_mm * rng_normal(rng),
           b = shift_sd_mm * rng_normal(rng);
    Sheet sheet = sheet_make(marker, place, normal, vec3(sin(turn), 0.2, cos(turn)));
    sheet.middle = sheet_point(&sheet, a, b);
    sheet_rest(studio->bust, marker->window_mm[2], 0.15, &sheet);
    light_sheet(studio, true, &sheet);
    return sheet;
}

/* Skin is never pulled twice alike: up to a quarter of a millimetre (field/assess 3.4). */
static Vec3 stretched(const Studio *studio, int visit, Vec3 p, Vec3 normal)
{
    const double stretch_mm = 0.25, scale_mm = 14.0;
    uint64_t seed = studio->params->seed * 64u + 900u + 3u * (uint64_t)visit;
    Vec3 by = vec3(sample_noise(seed, p, scale_mm), sample_noise(seed + 1, p, scale_mm),
                   sample_noise(seed + 2, p, scale_mm));
    by = vec_madd(by, -vec_dot(by, normal), normal);
    return vec_madd(p, stretch_mm, by);
}

typedef struct Table { /* dots_truth.csv */
    char *text;
    size_t used, room;
} Table;

static void add_row(Table *table, const Shot *shot, const Sheet *sheet, const char *kind,
                    int number, int visit, Vec3 p, double area_mm2, const char *fate)
{
    double px[2];
    Vec3 off = vec_sub(p, sheet->middle);
    double x = vec_dot(off, sheet->x), y = vec_dot(off, sheet->y);
    if (fabs(x) > 15.0 || fabs(y) > 15.0 || table->room - table->used < ROW_BYTES ||
        !shot_shows(shot, p, 0.5, px))
        return;
    table->used += (size_t)snprintf(table->text + table->used, table->room - table->used,
                                    "%s,%d,%s,%.3f,%.3f,%.2f,%.2f,%.5f,%s\n", kind, number,
                                    visit_name[visit], x, y, px[0], px[1], area_mm2, fate);
}

/* Hairs near the place and the dots of this visit, as the camera meets them today. */
static int gather(const Studio *studio, const Dots *dots, Vec3 place, int visit, const Shot *shot,
                  const Sheet *sheet, LookMark mark[], Table *table)
{
    static const char *const fates[] = {"retained", "faded", "lost"};
    const double reach_mm = 150.0;
    int count = 0;
    for (int i = 0; i < studio->hairs.count; i++) {
        LookMark m = studio->hairs.mark[i];
        if (vec_distance(m.position_mm, place) > reach_mm)
            continue;
        m.position_mm = stretched(studio, visit, m.position_mm, m.normal);
        if (!studio->hairs.stub[i])
            add_row(table, shot, sheet, "hair", i, visit, m.position_mm, (double)m.look.area_mm2[1],
                    "hair");
        mark[count++] = m;
    }
    for (int i = 0; i < dots->count && visit > 0; i++) {
        const Dot *dot = &dots->dot[i];
        Vec3 p = stretched(studio, visit, dot->position, dot->normal);
        add_row(table, shot, sheet, "dot", i, visit, p, (double)dot->area_mm2[visit],
                fates[dot->fate]);
        if (dot->level[visit] < 0)
            continue;
        mark[count++] = (LookMark){.position_mm = p,
                                   .normal = dot->normal,
                                   .look = dots->look[visit][dot->level[visit]],
                                   .fresh = visit == 1};
    }
    return count;
}

static void aim_close(const Studio *studio, Picture *picture, Rng *rng)
{
    const double wanted_px_per_mm = 20.0, around = 1.22, tilt_sd = 0.06;
    Lens lens = lens_of(studio, false, rng);
    double card_mm = picture->sheet.marker->right_mm - picture->sheet.marker->left_mm;
    double scale = fmin(wanted_px_per_mm, lens.height_px / (around * card_mm));
    double distance = lens.focal_px / scale * (1.0 + 0.02 * rng_normal(rng));
    Vec3 from = vec_add(picture->sheet.normal, jitter(rng, tilt_sd));
    Vec3 aim = vec_add(picture->sheet.middle, jitter(rng, 1.5));
    Vec3 up = vec_add(vec_scale(picture->sheet.y, -1.0), jitter(rng, 0.06));
    picture->camera = camera_look_at(lens, vec_madd(aim, distance, vec_normalize(from)), aim, up);
    picture->px_per_mm = camera_px_per_mm(&picture->camera, picture->sheet.middle);
}

static bool photograph_close(Arena *arena, Arena *scratch, Studio *studio, const Dots *dots,
                             Vec3 place, int visit, Table *table, Err *err)
{
    size_t mark = arena_mark(arena);
    int index = SET_VIEWS + visit;
    Picture *picture = &studio->picture[studio->picture_count++];
    Rng rng = rng_make(studio->params->seed, 0x636c6f73u + (uint64_t)visit);
    *picture = (Picture){
        .view = "close", .place = "crown", .visit = visit, .facts = facts_of(studio, index)};
    snprintf(picture->file, sizeof picture->file, "visit-%s.jpg", visit_name[visit]);
    picture->sheet = lay_card(studio, place, &rng);
    picture->has_sheet = true;
    aim_close(studio, picture, &rng);
    picture->exposure = phone_expose(studio->phone, &studio->room, studio->params,
                                     vec_scale(picture->camera.pose.forward, -1.0));
    Scene scene = scene_of(studio);
    scene.close = true;
    scene.sheet = &picture->sheet;
    Shot shot;
    LookMark *all = ARENA_NEW(arena, LookMark, (size_t)(studio->hairs.count + dots->count));
    if (all == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for the hairs of a close-up within the memory "
                       "limit");
    if (!shot_new(arena, &picture->camera, &shot, err))
        return false;
    shot_trace(&scene, studio->params->threads, &shot);
    tags_of(&scene, &shot, picture);
    LookState state = {.mark = all};
    state.mark_count = gather(studio, dots, place, visit, &shot, &picture->sheet, all, table);
    if (visit == 1)
        memcpy(state.flush_depth, dots->flush[visit], sizeof state.flush_depth);
    bool ok = take(scratch, studio, &shot, &state, picture, index, err);
    arena_rewind(arena, mark);
    return ok;
}

static bool follow_up(Arena *arena, Arena *scratch, Studio *studio, const Progress *progress,
                      Err *err)
{
    enum { MOST_ROWS = 40000 };
    char path[IO_PATH_LIMIT];
    Vec3 place;
    Dots *dots = ARENA_NEW(arena, Dots, 1);
    Table table = {.room = (size_t)MOST_ROWS * ROW_BYTES};
    table.text = ARENA_NEW(arena, char, table.room);
    if (dots == NULL || table.text == NULL)
        return err_set(err, ERR_LIMIT, "no room for the follow-up within the memory limit");
    if (!find_place(scratch, studio, &place, err) ||
        !dots_make(arena, scratch, studio->sample, studio->bust, studio->marks, place,
                   studio->params->seed, dots, err))
        return false;
    table.used = (size_t)snprintf(table.text, table.room,
                                  "kind,number,visit,card_x_mm,card_y_mm,x_px,y_px,area_mm2,"
                                  "fate\n");
    for (int v = 0; v < VISITS; v++)
        if (!progress_at(progress, "photographing the follow-up", 0.5 + 0.5 * v / VISITS, err) ||
            !photograph_close(arena, scratch, studio, dots, place, v, &table, err))
            return false;
    return io_join(path, studio->folder, "dots_truth.csv", err) &&
           io_write_file(path, table.used, table.text, err);
}

static bool photograph(Arena *arena, Arena *scratch, Studio *studio, const Progress *progress,
                       Err *err)
{
    if (!progress_at(progress, "lighting the client", 0.0, err) ||
        !set_up(arena, scratch, studio, err))
        return false;
    double share = studio->params->follow_up ? 0.5 : 1.0;
    for (int i = 0; i < SET_VIEWS; i++)
        if (!progress_at(progress, "photographing the head", share * (i + 0.5) / SET_VIEWS, err) ||
            !photograph_head(arena, scratch, studio, i, err))
            return false;
    if (studio->params->follow_up && !follow_up(arena, scratch, studio, progress, err))
        return false;
    PhotoSet set = {.sample = studio->sample,
                    .params = studio->params,
                    .room = &studio->room,
                    .phone = studio->phone,
                    .strip = studio->strip_open ? &studio->strip : NULL,
                    .mark = studio->mark,
                    .point = studio->point,
                    .picture_count = studio->picture_count,
                    .picture = studio->picture};
    return photos_write_clicks(&set, studio->folder, err) &&
           photos_write_truth(&set, studio->folder, err);
}

bool sample_write_photos(Arena *arena, Arena *scratch, const Sample *sample,
                         const SamplePhotosParams *params, const Progress *progress,
                         const char *folder, Err *err)
{
    if (!check_params(params, err))
        return false;
    size_t mark = arena_mark(arena);
    Studio *studio = ARENA_NEW(arena, Studio, 1);
    if (studio == NULL)
        return err_set(err, ERR_LIMIT, "no room for the photographs within the memory limit");
    *studio = (Studio){
        .sample = sample, .params = params, .phone = phone_make(params->phone), .folder = folder};
    bool ok = photograph(arena, scratch, studio, progress, err);
    if (studio->strip_open)
        strip_close(&studio->strip);
    if (studio->body.rays.scene != NULL)
        mesh_rays_close(&studio->body.rays);
    arena_rewind(arena, mark);
    return ok;
}
