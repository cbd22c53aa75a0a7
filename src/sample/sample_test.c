#include "sample/sample_internal.h"

#include "base/test.h"
#include "design/design.h"
#include "hair/hair.h"
#include "head/growth.h"
#include "head/place.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t room = (size_t)700 << 20;

/* A client in a coarse mesh with a small picture: quick, and the truth is the same. */
static SampleParams quick(void)
{
    SampleParams params = sample_default();
    params.texture_px = 512;
    params.cell_mm = 8.0;
    return params;
}

typedef struct Made {
    Arena arena, scratch;
    Sample sample;
    Err err;
} Made;

static bool make(const SampleParams *params, Made *made)
{
    *made = (Made){0};
    return arena_open(&made->arena, room, &made->err) &&
           arena_open(&made->scratch, room, &made->err) &&
           sample_make(&made->arena, &made->scratch, params, &made->sample, &made->err);
}

static void drop(Made *made)
{
    arena_close(&made->arena);
    arena_close(&made->scratch);
}

/* With scar and patch, made once. */
static Made *shared(void)
{
    static Made made;
    if (made.sample.follicle_count == 0) {
        SampleParams params = quick();
        params.scar = params.patch = true;
        params.threads = 1;
        if (!make(&params, &made))
            printf("# %s\n", made.err.text);
    }
    return &made;
}

static bool same_client(const Sample *a, const Sample *b)
{
    const Image *p = &a->bust.image[0], *q = &b->bust.image[0];
    return a->bust.vertex_count == b->bust.vertex_count && a->follicle_count == b->follicle_count &&
           memcmp(a->bust.position, b->bust.position,
                  (size_t)a->bust.vertex_count * sizeof(Vec3)) == 0 &&
           memcmp(a->bust.triangle, b->bust.triangle,
                  (size_t)a->bust.triangle_count * sizeof(int[3])) == 0 &&
           memcmp(a->follicle, b->follicle, (size_t)a->follicle_count * sizeof(SampleFollicle)) ==
               0 &&
           memcmp(p->rgb, q->rgb, (size_t)p->width_px * (size_t)p->height_px * 3) == 0 &&
           memcmp(a->landmark_mm, b->landmark_mm, sizeof a->landmark_mm) == 0;
}

TEST(same_seed_gives_the_same_client_for_any_thread_count)
{
    SampleParams params = shared()->sample.params;
    Made made;
    params.threads = 5;
    CHECK(make(&params, &made));
    CHECK(same_client(&shared()->sample, &made.sample));
    drop(&made);
}

static int by_text(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(int[2]));
}

/* Edges of one triangle only, but for the cut through the chest. */
static int open_edges(Arena *scratch, const Mesh *mesh)
{
    int count = mesh->triangle_count * 3, open = 0;
    int(*edge)[2] = arena_alloc(scratch, (size_t)count, sizeof *edge);
    if (edge == NULL)
        return -1;
    for (int i = 0; i < count; i++) {
        int a = mesh->triangle[i / 3][i % 3], b = mesh->triangle[i / 3][(i + 1) % 3];
        edge[i][0] = a < b ? a : b;
        edge[i][1] = a < b ? b : a;
    }
    qsort(edge, (size_t)count, sizeof *edge, by_text);
    for (int i = 0; i < count;) {
        int same = 1;
        while (i + same < count && by_text(edge[i], edge[i + same]) == 0)
            same++;
        open += same == 1 && mesh->position[edge[i][0]].y > -190.0;
        i += same;
    }
    return open;
}

TEST(bust_is_a_closed_skin_that_faces_outward)
{
    SampleParams params = quick();
    params.texture_px = 256;
    params.cell_mm = 3.0;
    Made made;
    REQUIRE(make(&params, &made));
    const Mesh *mesh = &made.sample.bust;
    bool finite = true, mapped = true;
    for (int i = 0; i < mesh->vertex_count; i++) {
        const float *uv = mesh->uv[i];
        finite = finite && vec_is_finite(mesh->position[i]) &&
                 fabs(vec_length(made.sample.normal[i]) - 1.0) < 1e-9;
        mapped = mapped && uv[0] >= 0.0f && uv[0] <= 1.0f && uv[1] >= 0.0f && uv[1] <= 1.0f;
    }
    CHECK(finite);
    CHECK(mapped);
    double turned_mm2 = 0.0, area_mm2 = 0.0;
    for (int i = 0; i < mesh->triangle_count; i++) {
        const int *t = mesh->triangle[i];
        Vec3 a = mesh->position[t[0]],
             face = vec_cross(vec_sub(mesh->position[t[1]], a), vec_sub(mesh->position[t[2]], a));
        area_mm2 += vec_length(face);
        if (vec_dot(face, made.sample.normal[t[0]]) < 0.0)
            turned_mm2 += vec_length(face);
    }
    CHECK(turned_mm2 < 0.005 * area_mm2); /* slits narrower than a cell: eyelids, lips */
    CHECK(open_edges(&made.scratch, mesh) == 0);
    drop(&made);
}

/* field/practice 1.3, bands of the lost area by stage, cm2; II and III without the vertex. */
static const double band_cm2[8][2] = {{0},       {0, 1},     {20, 35},   {40, 65},
                                      {90, 120}, {130, 165}, {170, 215}, {210, 280}};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median Lab of the texels about the middle of the forehead. */
static Lab forehead_lab(const Image *image)
{
    enum { REACH = 9, SIDE = 2 * REACH + 1 };
    const double forehead_v = 0.226; /* 62 degrees before the top */
    static double L[SIDE * SIDE], a[SIDE * SIDE], b[SIDE * SIDE];
    int x0 = image->width_px / 2 - REACH, y0 = (int)(forehead_v * image->height_px) - REACH;
    for (int i = 0; i < SIDE * SIDE; i++) {
        int x = x0 + i % SIDE, y = y0 + i / SIDE;
        Lab lab = color_to_lab(color_from_srgb8(image->rgb + 3 * (y * image->width_px + x)));
        L[i] = lab.L;
        a[i] = lab.a;
        b[i] = lab.b;
    }
    double *list[3] = {L, a, b};
    for (int k = 0; k < 3; k++)
        qsort(list[k], SIDE * SIDE, sizeof *list[k], by_value);
    return (Lab){L[SIDE * SIDE / 2], a[SIDE * SIDE / 2], b[SIDE * SIDE / 2]};
}

static void check_tone(const Sample *sample)
{
    static const char *const class[SAMPLE_TONES] = {"very light", "light", "intermediate",
                                                    "tan",        "brown", "dark"};
    const char *want = class[sample->params.tone];
    Lab seen = forehead_lab(&sample->bust.image[0]);
    CHECK(strcmp(color_ita_class(sample->tone.ita_deg), want) == 0);
    CHECK(strcmp(color_ita_class(color_ita_deg(seen)), want) == 0);
    CHECK(color_delta_e2000(seen, sample->tone.lab) < 3.0);
}

TEST(bald_area_grows_by_stage_within_the_published_bands_and_each_tone_lies_in_its_ita_class)
{
    double last_cm2 = -1.0;
    for (int stage = 1; stage <= 7; stage++) {
        SampleParams params = quick();
        params.texture_px = 256;
        params.norwood = stage;
        params.tone = (SampleTone)(stage % SAMPLE_TONES);
        params.patch = stage % 2 == 0;
        params.scar = stage % 3 == 0;
        Made made;
        REQUIRE(make(&params, &made));
        double cm2 = made.sample.bald_mm2 / 100.0;
        CHECK(cm2 >= band_cm2[stage][0]);
        CHECK(cm2 <= band_cm2[stage][1]);
        CHECK(cm2 > last_cm2);
        last_cm2 = cm2;
        check_tone(&made.sample);
        drop(&made);
    }
}

/* ---- truth against what the program measures on the scan ---- */

typedef struct Imported {
    MeshRays rays;
    Placement placement;
    HeadTopology topology;
    Head head, sphere; /* the sphere finds directions of the truth's canvas */
    PlaceWarnings warnings;
    HairSurvey survey;
} Imported;

static bool import(Made *made, Imported *in)
{
    Sample *sample = &made->sample;
    Err *err = &made->err;
    PlaceLandmarks none = {0};
    Image chart;
    Rgb *color;
    *in = (Imported){0};
    if (!mesh_rays_open(&sample->bust, &in->rays, err))
        return false;
    PlaceScale scale = {.circumference_mm = sample->circumference_mm};
    if (!place_find(&made->scratch, &sample->bust, &in->rays, &none, scale, &in->placement,
                    &in->warnings, err) ||
        !head_topology_new(&made->arena, HEAD_LEVEL, &in->topology, err) ||
        !place_import(&made->arena, &made->scratch, &sample->bust, &in->rays, &in->placement,
                      &in->topology, 2, &in->head, &in->warnings, err) ||
        !place_bake(&made->arena, &sample->bust, &in->rays, &in->placement, &in->head, 1024, 2,
                    &chart, err) ||
        !place_vertex_color(&made->arena, &in->head, &chart, &color, err) ||
        !hair_survey(&made->arena, &made->scratch, &in->head, color, NULL, &in->survey, err))
        return false;
    double *one = ARENA_NEW(&made->arena, double, (size_t)in->topology.vertex_count);
    if (one == NULL)
        return false;
    for (int v = 0; v < in->topology.vertex_count; v++)
        one[v] = 100.0;
    return head_new(&made->arena, &in->topology, one, &in->sphere, err);
}

static double true_cover(const Made *made, const Imported *in, Vec3 p)
{
    HeadPoint at = head_nearest(&in->sphere, p);
    return at.triangle < 0 ? 0.0 : head_interpolate(&in->sphere, at, made->sample.cover);
}

/* Share of the scalp's area, 6 mm off its rim, where the survey and the truth agree. */
static double agreement(Made *made, const Imported *in)
{
    double all = 0.0, same = 0.0;
    int vertices = in->topology.vertex_count;
    double *margin = ARENA_NEW(&made->arena, double, (size_t)vertices);
    if (margin == NULL)
        return 0.0;
    hair_scalp_margin(&in->head, margin);
    for (int v = 0; v < vertices; v++) {
        if (margin[v] < 6.0)
            continue;
        Vec3 p = place_to_scan(&in->placement, in->head.position_mm[v]);
        all += in->head.area_mm2[v];
        if ((in->survey.cover[v] > 0.5) == (true_cover(made, in, p) > 0.5))
            same += in->head.area_mm2[v];
    }
    return same / all;
}

static void check_landmarks_and_tape(Made *made, const Imported *in)
{
    const Sample *sample = &made->sample;
    HeadMeasures measures;
    REQUIRE(head_measure(&made->scratch, &in->head, &measures, &made->err));
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++)
        CHECK_NEAR(vec_distance(in->placement.landmarks.position[i], sample->landmark_mm[i]), 0.0,
                   6.0);
    CHECK_NEAR(measures.circumference_mm / sample->circumference_mm, 1.0, 0.005);
    CHECK_NEAR(measures.length_mm / sample->length_mm, 1.0, 0.015);
    CHECK_NEAR(measures.breadth_mm / sample->breadth_mm, 1.0, 0.015);
}

TEST(importing_the_scan_finds_the_true_landmarks_tape_tone_and_shaved_hair)
{
    static const SampleTone tones[] = {SAMPLE_VERY_LIGHT, SAMPLE_LIGHT, SAMPLE_INTERMEDIATE};
    double last_mm = 0.0;
    for (int i = 0; i < 3; i++) {
        SampleParams params = quick();
        params.seed = 1 + (uint64_t)i;
        params.tone = tones[i];
        params.norwood = 5 + i;
        params.texture_px = 1024;
        params.cell_mm = 4.0;
        Made made;
        Imported in;
        REQUIRE(make(&params, &made));
        bool imported = import(&made, &in);
        if (!imported)
            printf("# %s\n", made.err.text);
        REQUIRE(imported);
        check_landmarks_and_tape(&made, &in);
        CHECK(i == 0 ||
              fabs(made.sample.length_mm - last_mm) > 0.1); /* another seed: another man */
        last_mm = made.sample.length_mm;
        CHECK(in.survey.has_stubble);
        CHECK(agreement(&made, &in) >= 0.90);
        CHECK(color_delta_e2000(in.survey.tone.lab, made.sample.tone.lab) < 3.0);
        CHECK(in.survey.contrast > 0.10);
        CHECK(in.survey.contrast < 0.25);
        printf("# %s: agreement %.3f, contrast %.3f\n", color_ita_class(made.sample.tone.ita_deg),
               agreement(&made, &in), in.survey.contrast);
        mesh_rays_close(&in.rays);
        drop(&made);
    }
}

/* The follicle nearest to a ray from the middle of the head. */
static Vec3 nearest_to_ray(const Sample *sample, Vec3 direction)
{
    Vec3 best = {0};
    double most = -1.0;
    for (int i = 0; i < sample->follicle_count; i++) {
        Vec3 p = sample->follicle[i].position_mm;
        double along = vec_dot(vec_normalize(vec_sub(p, HEAD_CENTRE_MM)), direction);
        if (along > most) {
            most = along;
            best = p;
        }
    }
    return best;
}

static double distance_to_line(int count, const Vec3 line[], Vec3 p)
{
    double best = 1e9;
    for (int i = 0; i + 1 < count; i++)
        for (int k = 0; k <= 10; k++)
            best = fmin(best, vec_distance(p, vec_lerp(line[i], line[i + 1], k / 10.0)));
    return best;
}

TEST(no_hair_grows_on_scar_patch_or_bald_crown_and_the_fringe_is_as_dense_as_stated)
{
    const Sample *sample = &shared()->sample;
    REQUIRE(sample->follicle_count > 0);
    Vec3 middle = {0}, top = sample->landmark_mm[HEAD_VERTEX];
    for (int i = 0; i < sample->patch_point_count; i++)
        middle = vec_madd(middle, 1.0 / sample->patch_point_count, sample->patch_mm[i]);
    /* discs of 14 mm about places of the fringe, away from the injuries */
    const Vec3 place[3] = {{1.0, 0.50, -0.35}, {-1.0, 0.50, -0.35}, {-0.75, 0.45, -0.75}};
    const double disc_mm = 14.0;
    Vec3 centre[3] = {{0}};
    for (int k = 0; k < 3; k++)
        centre[k] = nearest_to_ray(sample, vec_normalize(place[k]));
    int on_scar = 0, on_patch = 0, on_top = 0, counted = 0;
    for (int i = 0; i < sample->follicle_count; i++) {
        Vec3 p = sample->follicle[i].position_mm;
        on_scar += distance_to_line(sample->scar_point_count, sample->scar_mm, p) <
                   0.5 * sample->scar_width_mm - 1.5;
        on_patch += vec_distance(p, middle) < 12.0;
        on_top += vec_distance(p, top) < 18.0;
        for (int k = 0; k < 3; k++)
            counted += vec_distance(p, centre[k]) < disc_mm;
    }
    CHECK(on_scar == 0);
    CHECK(on_patch == 0);
    CHECK(on_top == 0);
    double discs_cm2 = 3.0 * 3.14159265 * disc_mm * disc_mm / 100.0;
    CHECK_NEAR(counted / discs_cm2 / sample->follicles_per_cm2, 1.0, 0.03);
    CHECK_NEAR(sample->follicle_count / (sample->stubble_mm2 * sample->follicles_per_cm2 / 100.0),
               1.0, 0.03);
}

/* Long stubble over the whole scalp, in a picture that shows single hairs. */
static Made *shaggy(void)
{
    static Made made;
    if (made.sample.follicle_count == 0) {
        SampleParams params = quick();
        params.norwood = 1;
        params.texture_px = 4096;
        params.stubble_mm = 1.5;
        if (!make(&params, &made))
            printf("# %s\n", made.err.text);
    }
    return &made;
}

TEST(hair_turns_clockwise_around_the_crown_runs_forward_in_front_and_down_at_the_sides)
{
    const Sample *sample = &shaggy()->sample;
    REQUIRE(sample->follicle_count > 0);
    double forward = 0.0, down = 0.0, around = 0.0, off_heading = 0.0, length = 0.0;
    int front = 0, sides = 0, crown = 0;
    Vec3 whorl = vec3(0.0, 0.0, -58.0); /* 62.5 mm of tape behind the ears; on top of the head */
    for (int i = 0; i < sample->follicle_count; i++) {
        const SampleFollicle *f = &sample->follicle[i];
        Vec3 direction = vec_normalize(vec_sub(f->position_mm, HEAD_CENTRE_MM)), p = f->position_mm;
        double seen = growth_tangent_to_heading(f->along, direction);
        off_heading = fmax(off_heading, fabs(remainder(seen - f->heading_rad, 6.283185307179586)));
        length = fmax(length, fabs(vec_length(f->along) - 1.0));
        if (p.z > 60.0 && p.y > 60.0 && fabs(p.x) < 20.0) {
            forward += f->along.z;
            front++;
        } else if (p.y < 40.0 && fabs(p.z) < 20.0) {
            down -= f->along.y;
            sides++;
        } else if (p.y > 40.0 && hypot(p.x, p.z - whorl.z) < 20.0) {
            /* seen from above with the face up, x runs to the left: clockwise from z to -x */
            Vec3 off = vec_sub(p, whorl);
            around += (off.x * f->along.z - off.z * f->along.x) / hypot(off.x, off.z);
            crown++;
        }
    }
    CHECK(front > 500 && sides > 500 && crown > 500);
    CHECK(forward / front > 0.7);
    CHECK(down / sides > 0.8);
    CHECK(around / crown > 0.2);
    CHECK_NEAR(off_heading, 0, 1e-9);
    CHECK_NEAR(length, 0, 1e-9);
}

static double darkness(const Sample *sample, Vec3 p)
{
    const Image *image = &sample->bust.image[0];
    double uv[2];
    bust_uv(p, uv);
    int x = (int)(uv[0] * image->width_px), y = (int)(uv[1] * image->height_px);
    return 255 - image->rgb[3 * ((size_t)y * (size_t)image->width_px + (size_t)x) + 1];
}

/* How much darker it is ahead of a hair than behind it, and to its left than to its right, mean
 * over the follicles whose lift lies between the two. */
static void stretch_of_hair(const Sample *sample, double low_rad, double high_rad, double away_mm,
                            double *ahead, double *aside)
{
    int count = 0;
    *ahead = *aside = 0.0;
    for (int i = 0; i < sample->follicle_count; i++) {
        const SampleFollicle *f = &sample->follicle[i];
        Vec3 p = f->position_mm, out = vec_normalize(vec_sub(p, HEAD_CENTRE_MM));
        Vec3 left = vec_cross(out, f->along);
        if (f->lift_rad < low_rad || f->lift_rad > high_rad || p.y < 20.0)
            continue;
        *ahead += darkness(sample, vec_madd(p, away_mm, f->along)) -
                  darkness(sample, vec_madd(p, -away_mm, f->along));
        *aside += darkness(sample, vec_madd(p, away_mm, left)) -
                  darkness(sample, vec_madd(p, -away_mm, left));
        count++;
    }
    *ahead /= fmax(count, 1);
    *aside /= fmax(count, 1);
}

TEST(stubble_is_painted_ahead_of_its_root_and_farther_where_it_lies_flatter)
{
    const Sample *sample = &shaggy()->sample;
    REQUIRE(sample->follicle_count > 0);
    double steep, flat, aside;
    stretch_of_hair(sample, 0.9, 1.1, 1.1, &steep, &aside); /* 1.1 of 1.5 mm: cos 43 degrees */
    CHECK(fabs(aside) < 2.0);
    stretch_of_hair(sample, 0.1, 0.5, 1.1, &flat, &aside);
    CHECK(fabs(aside) < 2.0);
    CHECK(flat > 4.0); /* of 255; 6.5 when this was written, and -1.5 for the steep ones */
    CHECK(flat > steep + 4.0);
}

TEST(files_say_what_the_client_is)
{
    Made *made = shared();
    char folder[] = "/tmp/follicle-sample-XXXXXX", path[128], text[64];
    REQUIRE(mkdtemp(folder) != NULL);
    CHECK(sample_write(&made->arena, &made->scratch, &made->sample, folder, &made->err));
    static const char *const name[3] = {"scan.glb", "truth.json", "follicles.csv"};
    static const char *const start[3] = {"glTF", "{\n \"schema\": \"follicle/truth\"", "x_mm,y_mm"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, name[i]);
        FILE *file = fopen(path, "rb");
        REQUIRE(file != NULL);
        size_t size = fread(text, 1, strlen(start[i]), file);
        CHECK(size == strlen(start[i]) && memcmp(text, start[i], size) == 0);
        fclose(file);
        remove(path);
    }
    rmdir(folder);
}

TEST(absurd_parameters_and_too_little_memory_are_refused)
{
    Made made;
    SampleParams params = quick();
    params.norwood = 8;
    CHECK(!make(&params, &made) && made.err.code == ERR_INPUT);
    drop(&made);
    params = quick();
    params.cell_mm = (double)NAN;
    CHECK(!make(&params, &made) && made.err.code == ERR_INPUT);
    drop(&made);
    params = quick();
    for (size_t mb = 1; mb <= 40; mb = mb * 3 + 1) { /* of each arena; 90 MB would do */
        made = (Made){0};
        REQUIRE(arena_open(&made.arena, mb << 20, &made.err) &&
                arena_open(&made.scratch, mb << 20, &made.err));
        bool ok = sample_make(&made.arena, &made.scratch, &params, &made.sample, &made.err);
        CHECK(ok || made.err.code == ERR_LIMIT);
        if (mb < 8)
            CHECK(!ok);
        drop(&made);
    }
}
