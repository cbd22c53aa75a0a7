/* The preview on a lone photograph, tried out: pictures in, before and after side by side out.
 *
 *     photo_trial LIST OUT [ZOOM]
 *
 * A development tool, not installed. Each line of LIST is
 *
 *     PHOTO PLACE TURN_DEG BREADTH_PX FAR_MM  X0 Y0 X1 Y1  rim N X Y ...  area N X Y ...
 *
 * BREADTH_PX is the head's own breadth in the picture, taken for 154 mm (mean of ANSUR II men,
 * field canvas 1.1) at FAR_MM from the camera: it gives the focal length, which crops have lost,
 * and the distance between the two points. The area, a polygon in pixels, is filled with dots. */
#include "base/io.h"
#include "base/rng.h"
#include "dots/dots.h"
#include "head/views.h"
#include "image/photo.h"
#include "look/photo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;
static const double breadth_mm = 154.3;
enum { MAX_AREA = 64, MARGIN_PX = 24 };

typedef struct Trial {
    char path[1024];
    PatchPlace place;
    double turn_deg, breadth_px, far_mm;
    PatchScale scale;
    int area_count;
    double area[MAX_AREA][2];
} Trial;

static bool read_points(char **at, const char *word, int limit, double out[][2], int *count)
{
    char name[16];
    int used = 0;
    if (sscanf(*at, " %15s %d%n", name, count, &used) != 2 || strcmp(name, word) != 0 ||
        *count < 0 || *count > limit)
        return false;
    *at += used;
    for (int i = 0; i < *count; i++) {
        if (sscanf(*at, "%lf %lf%n", &out[i][0], &out[i][1], &used) != 2)
            return false;
        *at += used;
    }
    return true;
}

static bool read_trial(char *line, Trial *trial)
{
    char place[16];
    int used = 0;
    *trial = (Trial){.place = PATCH_PLACES};
    double(*px)[2] = trial->scale.px;
    if (sscanf(line, "%1023s %15s %lf %lf %lf %lf %lf %lf %lf%n", trial->path, place,
               &trial->turn_deg, &trial->breadth_px, &trial->far_mm, &px[0][0], &px[0][1],
               &px[1][0], &px[1][1], &used) != 9)
        return false;
    for (PatchPlace p = 0; p < PATCH_PLACES; p++)
        if (strcmp(place, patch_place_name(p)) == 0)
            trial->place = p;
    line += used;
    return trial->place != PATCH_PLACES &&
           read_points(&line, "rim", PATCH_MAX_RIM, trial->scale.rim_px, &trial->scale.rim_count) &&
           read_points(&line, "area", MAX_AREA, trial->area, &trial->area_count) &&
           trial->area_count >= 3;
}

/* The outline's two sides lie half a breadth beside the middle of the head, tangent to it. */
static Lens trial_lens(const Trial *trial, const ImageF *light)
{
    double half_rad = asin(0.5 * breadth_mm / trial->far_mm);
    return (Lens){.width_px = light->width_px,
                  .height_px = light->height_px,
                  .focal_px = 0.5 * trial->breadth_px / tan(half_rad),
                  .centre_x_px = 0.5 * light->width_px,
                  .centre_y_px = 0.5 * light->height_px};
}

/* ---- dots in the outline ----------------------------------------------------------------------
 */

/* Distance inside the polygon (px), negative outside. */
static double inside_px(const Trial *trial, double x, double y)
{
    bool inside = false;
    double nearest = (double)INFINITY;
    for (int i = 0; i < trial->area_count; i++) {
        const double *a = trial->area[i], *b = trial->area[(i + 1) % trial->area_count];
        if ((a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
            inside = !inside;
        double dx = b[0] - a[0], dy = b[1] - a[1], length2 = dx * dx + dy * dy;
        double t = length2 > 0.0 ? ((x - a[0]) * dx + (y - a[1]) * dy) / length2 : 0.0;
        t = fmax(0.0, fmin(1.0, t));
        nearest = fmin(nearest, hypot(x - a[0] - t * dx, y - a[1] - t * dy));
    }
    return inside ? nearest : -nearest;
}

typedef struct Marks {
    int count;
    LookMark *mark;
} Marks;

static double along_mm(const Patch *patch, Vec3 position_mm)
{
    Vec3 p = vec_sub(position_mm, patch->head.centre_mm);
    Vec3 q = vec_sub(patch->middle_mm, patch->head.centre_mm);
    return patch->radius_mm * atan2(vec_length(vec_cross(p, q)), vec_dot(p, q));
}

/* A healed dot that takes as much green light as one black hair some hours after the razor. */
static SkinMark matched_mark(const SkinMarks *skin)
{
    SkinHair hair = skin_hair_make(SKIN_HAIR_BLACK, 0.07);
    hair.stub_mm = 0.1;
    double low = 0.2, high = 30.0, want = (double)skin_hair_look(skin, hair).area_mm2[1];
    SkinMark mark = {.diameter_mm = 0.30, .depth_mm = 0.25, .slope = SKIN_CARBON_SLOPE};
    for (int i = 0; i < 24; i++) {
        mark.absorption_per_mm = 0.5 * (low + high);
        bool strong = (double)skin_mark_look(skin, mark).area_mm2[1] > want;
        *(strong ? &high : &low) = mark.absorption_per_mm;
    }
    return mark;
}

/* Dots around a mean of 0.3 mm, some larger and some smaller. */
static bool make_marks(Arena *arena, Arena *scratch, const Trial *trial, const Patch *patch,
                       const SkinMarks *skin, double per_mm2, Marks *marks, Err *err)
{
    const double ramp_mm = 12.0, spread = 0.15;
    const SkinMark mean = matched_mark(skin);
    const Head *head = &patch->head;
    int n = head->topology->vertex_count;
    double *ceiling = ARENA_NEW(scratch, double, (size_t)n);
    DotsSurface surface = dots_surface(head);
    DotsSequence sequence;
    if (ceiling == NULL)
        return err_set(err, ERR_LIMIT, "no room for a density");
    for (int v = 0; v < n; v++)
        ceiling[v] = patch_holds(patch, head->position_mm[v]) ? per_mm2 : 0.0;
    DotsSequenceParams params = {
        .highest_per_mm2 = per_mm2, .ceiling_per_mm2 = ceiling, .seed = 7, .threads = 2};
    if (!dots_sequence(arena, scratch, &surface, &params, NULL, &sequence, err))
        return false;
    SkinRamp looks = {.from_mm = 0.5 * mean.diameter_mm, .to_mm = 1.6 * mean.diameter_mm};
    for (int i = 0; i < SKIN_RAMP; i++) {
        SkinMark one = mean;
        one.diameter_mm = skin_ramp_mm(&looks, i);
        looks.look[i] = skin_mark_look(skin, one);
    }
    marks->mark = ARENA_NEW(arena, LookMark, (size_t)sequence.count);
    if (marks->mark == NULL && sequence.count > 0)
        return err_set(err, ERR_LIMIT, "no room for %d dots", sequence.count);
    for (int i = 0; i < sequence.count; i++) {
        double x, y, depth_mm;
        Rng rng = rng_make(11, (uint64_t)i);
        if (!patch_holds(patch, sequence.position_mm[i]) ||
            !camera_project(&patch->camera, sequence.position_mm[i], &x, &y, &depth_mm))
            continue;
        double share = inside_px(trial, x, y) / (ramp_mm * patch->px_per_mm);
        share = fmin(share, (patch->reach_mm - along_mm(patch, sequence.position_mm[i])) / ramp_mm);
        if (!(share > 0.0) || sequence.rank[i] > share)
            continue;
        double mm = mean.diameter_mm * exp(spread * rng_normal(&rng));
        marks->mark[marks->count++] = (LookMark){.position_mm = sequence.position_mm[i],
                                                 .normal = head_normal(head, sequence.point[i]),
                                                 .look = skin_ramp_at(&looks, mm)};
    }
    return true;
}

/* ---- the skin
 * ------------------------------------------------------------------------------------ */

/* Without a card the colour says little: of the brighter half of the area's pixels only the ITA is
 * taken, within what was measured, and the median skin of that ITA. */
static SkinTone area_tone(const Trial *trial, const ImageF *light)
{
    enum { BINS = 256 };
    double sum[3] = {0.0}, all = 0.0;
    int histogram[BINS] = {0}, count = 0, seen = 0, bin = BINS;
    for (int round = 0; round < 2; round++) {
        for (int y = 0; y < light->height_px; y++)
            for (int x = 0; x < light->width_px; x++) {
                const float *p = &light->rgb[3 * ((ptrdiff_t)y * light->width_px + x)];
                double green = (double)p[1];
                if (inside_px(trial, x + 0.5, y + 0.5) <= 0.0 || green > 0.9)
                    continue;
                int at = (int)(sqrt(fmax(0.0, green)) * (BINS - 1));
                if (round == 0) {
                    histogram[at]++, count++;
                } else if (at >= bin) {
                    for (int k = 0; k < 3; k++)
                        sum[k] += (double)p[k];
                    all++;
                }
            }
        for (seen = 0, bin = BINS - 1; bin > 0 && seen < count / 2; bin--)
            seen += histogram[bin];
    }
    if (!(all > 0.0))
        return skin_tone_of_lab(skin_lab_of_ita(40.0));
    double most = fmax(sum[0], fmax(sum[1], sum[2])) / all;
    double scale = most > 0.55 ? 0.55 / most : 1.0; /* brighter than any skin */
    SkinTone photographed =
        skin_tone((Rgb){(float)(scale * sum[0] / all), (float)(scale * sum[1] / all),
                        (float)(scale * sum[2] / all)});
    return skin_tone_of_lab(skin_lab_of_ita(fmax(-30.0, fmin(60.0, photographed.ita_deg))));
}

/* ---- pictures
 * ------------------------------------------------------------------------------------- */

/* Of the whole picture; but the skin may be out of focus where the room is not, and sharpening
 * hides a blur that pores still have: not below half a pixel [assumption]. */
static bool measure_quality(Arena *scratch, const Trial *trial, const Photo *photo,
                            PhotoQuality *quality, Err *err)
{
    const double least_px = 0.5;
    const ImageF *light = &photo->light;
    uint8_t *region =
        ARENA_NEW(scratch, uint8_t, (size_t)light->width_px * (size_t)light->height_px);
    PhotoQuality skin;
    Err no_edges;
    if (region == NULL)
        return err_set(err, ERR_LIMIT, "no room for a region");
    for (int y = 0; y < light->height_px; y++)
        for (int x = 0; x < light->width_px; x++)
            region[(ptrdiff_t)y * light->width_px + x] = inside_px(trial, x + 0.5, y + 0.5) > 0.0;
    if (!photo_quality(scratch, photo, NULL, NULL, quality, &no_edges))
        *quality = (PhotoQuality){.blur_px = least_px, .blur_anisotropy = 1.0};
    if (photo_quality(scratch, photo, NULL, region, &skin, &no_edges))
        quality->blur_px = fmax(quality->blur_px, skin.blur_px);
    quality->blur_px = fmax(quality->blur_px, least_px);
    return true;
}

static bool write_pair(Arena *scratch, const char *path, const Trial *trial, const ImageF *before,
                       const ImageF *after, int zoom, Err *err)
{
    int low[2] = {before->width_px, before->height_px}, high[2] = {0, 0};
    for (int i = 0; i < trial->area_count; i++)
        for (int k = 0; k < 2; k++) {
            int at = (int)trial->area[i][k];
            low[k] = at - MARGIN_PX < low[k] ? at - MARGIN_PX : low[k];
            high[k] = at + MARGIN_PX > high[k] ? at + MARGIN_PX : high[k];
        }
    low[0] = low[0] < 0 ? 0 : low[0], low[1] = low[1] < 0 ? 0 : low[1];
    high[0] = high[0] > before->width_px ? before->width_px : high[0];
    high[1] = high[1] > before->height_px ? before->height_px : high[1];
    int w = (high[0] - low[0]) * zoom, h = (high[1] - low[1]) * zoom;
    Image out;
    if (!image_new(scratch, 2 * w, h, &out, err))
        return false;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < 2 * w; x++) {
            const ImageF *from = x < w ? before : after;
            ptrdiff_t at = (ptrdiff_t)(low[1] + y / zoom) * from->width_px + low[0] + x % w / zoom;
            const float *p = &from->rgb[3 * at];
            color_to_srgb8((Rgb){p[0], p[1], p[2]}, &out.rgb[3 * ((ptrdiff_t)y * 2 * w + x)]);
        }
    size_t size;
    uint8_t *bytes;
    return image_encode_png(scratch, &out, 6, &size, &bytes, err) &&
           io_write_file(path, size, bytes, err);
}

static void out_path(const char *folder, const char *photo, char path[IO_PATH_LIMIT])
{
    const char *name = strrchr(photo, '/');
    name = name != NULL ? name + 1 : photo;
    snprintf(path, IO_PATH_LIMIT, "%s/%.*s.png", folder, (int)strcspn(name, "."), name);
}

typedef struct Bench {
    HeadTopology topology;
    SkinTable table;
} Bench;

static bool run(Arena *arena, Arena *scratch, const Bench *bench, const char *folder, Trial *trial,
                int zoom, double per_mm2, Err *err)
{
    size_t size;
    uint8_t *bytes;
    Photo photo;
    Patch patch;
    char label[400];
    if (!io_read_file(arena, trial->path, (size_t)64 << 20, &size, &bytes, err) ||
        !photo_decode(arena, photo_limits_default(), size, bytes, &photo, err))
        return false;
    Lens lens = trial_lens(trial, &photo.light);
    PatchScale *scale = &trial->scale;
    double apart = hypot(scale->px[1][0] - scale->px[0][0], scale->px[1][1] - scale->px[0][1]);
    scale->distance_mm = apart / (lens.focal_px / (trial->far_mm - 0.5 * breadth_mm));
    scale->turn_rad = trial->turn_deg * pi / 180.0;
    scale->focal_sd_share = 0.2;
    if (!patch_make(arena, &lens, scale, NULL, trial->place, &bench->topology, &patch, err))
        return false;
    patch_label(&patch, sizeof label, label);
    printf("  %.2f px/mm; %s\n", patch.px_per_mm, label);
    SkinTone tone = area_tone(trial, &photo.light);
    SkinMarks *skin;
    Marks marks = {0};
    if (!skin_marks_new(arena, &bench->table, &tone, &skin, err) ||
        !make_marks(arena, scratch, trial, &patch, skin, per_mm2, &marks, err))
        return false;
    PhotoQuality quality;
    LookPhotoParams params = look_photo_default();
    if (!measure_quality(scratch, trial, &photo, &quality, err))
        return false;
    params.quality = &quality;
    params.patch_middle_mm = patch.middle_mm;
    params.patch_reach_mm = patch.reach_mm;
    params.threads = 2;
    LookPhoto *look;
    ImageF after;
    LookState state = {.mark_count = marks.count, .mark = marks.mark};
    if (!look_photo_new(arena, scratch, &photo.light, &patch.camera, &patch.head, &params, &look,
                        err) ||
        !image_new_f(arena, photo.light.width_px, photo.light.height_px, &after, err))
        return false;
    size_t samples = (size_t)after.width_px * (size_t)after.height_px * 3;
    memcpy(after.rgb, photo.light.rgb, samples * sizeof after.rgb[0]); /* only tiles are drawn */
    if (!look_photo_draw(scratch, look, &state, &after, err))
        return false;
    LookPhotoFacts facts = look_photo_facts(look);
    printf("  %d dots; ITA %.0f; blur %.2f px, noise %.5f %.5f; skin %.2f hair %.2f shine "
           "%.2f\n",
           marks.count, tone.ita_deg, quality.blur_px, quality.noise_a[1], quality.noise_b[1],
           facts.skin_share, facts.hair_share, facts.shine_share);
    char path[IO_PATH_LIMIT];
    out_path(folder, trial->path, path);
    return write_pair(scratch, path, trial, &photo.light, &after, zoom, err);
}

static bool setup(Arena *arena, Bench *bench, Err *err)
{
    return head_topology_new(arena, HEAD_LEVEL, &bench->topology, err) &&
           skin_table_load(&bench->table, err);
}

int main(int argc, char *argv[])
{
    Arena arena, scratch;
    Err err;
    Bench bench;
    static char line[8192];
    FILE *list = argc >= 3 ? fopen(argv[1], "r") : NULL;
    if (list == NULL) {
        fprintf(stderr, "usage: photo_trial LIST OUT [ZOOM [DOTS_PER_CM2]]\n");
        return 2;
    }
    int zoom = argc > 3 ? atoi(argv[3]) : 1, failed = 0;
    double per_mm2 = argc > 4 ? atof(argv[4]) / 100.0 : 1.6;
    if (!arena_open(&arena, (size_t)4 << 30, &err) ||
        !arena_open(&scratch, (size_t)4 << 30, &err) || !setup(&arena, &bench, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    while (fgets(line, sizeof line, list) != NULL) {
        static Trial trial;
        size_t mark = arena_mark(&arena);
        if (line[0] == '#' || line[0] == '\n')
            continue;
        bool ok = read_trial(line, &trial) || err_set(&err, ERR_INPUT, "no trial: %.60s", line);
        printf("%s\n", ok ? trial.path : "?");
        ok = ok && run(&arena, &scratch, &bench, argv[2], &trial, zoom, per_mm2, &err);
        if (!ok)
            printf("  failed: %s\n", err.text);
        failed += !ok;
        arena_rewind(&arena, mark);
        arena_rewind(&scratch, 0);
    }
    printf("%d failed\n", failed);
    fclose(list);
    arena_close(&scratch);
    arena_close(&arena);
    return failed > 0;
}
