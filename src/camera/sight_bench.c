/* How exactly markers are found, by condition, and how long 12 Mpx take. Beside ours: libapriltag's
 * own corners of the same pictures (decimate 2, refine_edges), with the same plane put through.
 * One argument: the most shots of a condition; all of them take some four minutes. */
#include "camera/sight_internal.h"
#include "camera/sight_truth.h"

#include <apriltag/apriltag.h>
#include <apriltag/tag36h11.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_SHOTS = 12, PRINT_ID = 4711 };
static const size_t arena_bytes = (size_t)3 << 30;
static const double deg = 57.29577951308232;
static const Rgb light_skin = {0.60F, 0.42F, 0.33F}, dark_skin = {0.06F, 0.035F, 0.025F};

typedef struct Condition {
    const char *name;
    MarkerKind kind;
    double px_per_mm, tilt_deg, blur_px, noise_codes;
    int jpeg_quality;
    bool dark;
    double gradient;
    int shots;
} Condition;

typedef struct Score {
    int tags, wanted, shots;
    double corner_square;
    double scale[MOST_SHOTS], tilt[MOST_SHOTS]; /* absolute errors: share, degrees */
} Score;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(int count, double values[], double share)
{
    if (count == 0)
        return (double)NAN;
    qsort(values, (size_t)count, sizeof *values, by_size);
    return values[(int)(share * (count - 1) + 0.5)];
}

/* ---- the peer ---- */

/* One plane and pose through all corners, whatever they miss it by. */
static bool peer_plane(const Lens *lens, Arena *scratch, MarkerSight *sight)
{
    size_t mark = arena_mark(scratch), count = 4 * (size_t)sight->tag_count;
    double(*mm)[2] = arena_alloc(scratch, count, sizeof *mm);
    double(*px)[2] = arena_alloc(scratch, count, sizeof *px);
    Pose pose[2];
    double rms[2];
    Err err;
    for (int i = 0; i < sight->tag_count; i++) {
        marker_tag_corners(&sight->marker.tag[sight->tag[i].tag], mm + (ptrdiff_t)4 * i);
        memcpy(px + (ptrdiff_t)4 * i, sight->tag[i].corner_px, sizeof sight->tag[i].corner_px);
    }
    bool ok = camera_homography((int)count, (const double(*)[2])mm, (const double(*)[2])px,
                                sight->homography, &err) &&
              camera_plane_poses(lens, (int)count, (const double(*)[2])mm, (const double(*)[2])px,
                                 pose, rms, &err);
    if (ok) {
        sight->px_per_mm = sight_px_per_mm(sight, 0, 0);
        sight->tilt_rad = acos(-vec_normalize(pose[0].eye_mm).z);
    }
    arena_rewind(scratch, mark);
    return ok;
}

/* Corners as the library gives them, in a sight, so that they are judged by the same code. */
static bool peer_sight(Arena *scratch, const Truth *truth, const uint8_t grey[], MarkerSight *sight)
{
    const Lens *lens = &truth->camera.lens;
    image_u8_t picture = {.width = lens->width_px,
                          .height = lens->height_px,
                          .stride = lens->width_px,
                          .buf = (uint8_t *)(uintptr_t)grey};
    apriltag_family_t *family = tag36h11_create();
    apriltag_detector_t *detector = apriltag_detector_create();
    apriltag_detector_add_family_bits(detector, family, 1);
    detector->quad_decimate = 2;
    zarray_t *list = apriltag_detector_detect(detector, &picture);
    memset(sight, 0, sizeof *sight);
    memcpy(&sight->marker, truth->marker, sizeof sight->marker);
    for (int tag = 0; tag < truth->marker->tag_count; tag++)
        for (int i = 0; i < zarray_size(list); i++) {
            apriltag_detection_t *seen = NULL;
            zarray_get(list, i, &seen);
            if (seen->id != truth->marker->tag[tag].id)
                continue;
            SightTag *to = &sight->tag[sight->tag_count++];
            *to = (SightTag){.tag = tag, .used = true};
            for (int k = 0; k < 4; k++)
                memcpy(to->corner_px[k], seen->p[3 - k], sizeof to->corner_px[k]);
            break;
        }
    apriltag_detections_destroy(list);
    apriltag_detector_destroy(detector);
    tag36h11_destroy(family);
    return sight->tag_count > 0 && peer_plane(lens, scratch, sight);
}

/* ---- one condition ---- */

static void add(const Truth *truth, double tilt_deg, const MarkerSight *sight, bool ok,
                Score *score)
{
    score->wanted += truth->marker->tag_count;
    if (sight->tag_count == 0)
        return;
    double rms = truth_corner_rms(truth, sight);
    score->tags += sight->tag_count;
    score->corner_square += rms * rms * sight->tag_count;
    if (!ok)
        return;
    score->scale[score->shots] = fabs(sight->px_per_mm / truth_scale(truth) - 1);
    score->tilt[score->shots++] = fabs(sight->tilt_rad * deg - tilt_deg);
}

static void shoot(Arena *arena, Arena *scratch, const Condition *c, int shot, Score score[2])
{
    size_t mark = arena_mark(arena);
    Err err;
    Image image;
    uint8_t *grey = NULL;
    MarkerSights sights = {0};
    Marker *marker = ARENA_NEW(arena, Marker, 1);
    MarkerSight *peer = ARENA_NEW(arena, MarkerSight, 2);
    if (marker == NULL || peer == NULL || !marker_make(c->kind, PRINT_ID, marker, &err))
        exit(1);
    Truth truth = truth_default(marker, truth_camera(marker, c->px_per_mm, c->tilt_deg,
                                                     37.0 + 67.0 * shot, 13.0 + 101.0 * shot));
    truth.blur_px = c->blur_px, truth.noise_codes = c->noise_codes;
    truth.jpeg_quality = c->jpeg_quality, truth.gradient = c->gradient;
    truth.skin = c->dark ? dark_skin : light_skin;
    truth.seed = (uint64_t)shot + 1;
    if (!truth_grey(arena, &truth, 2, &grey, &image, &err))
        exit(1);
    bool ok = sight_find(arena, scratch, &truth.camera.lens, grey, NULL, &sights, &err);
    if (!ok)
        printf("  refused: %s\n", err.text);
    add(&truth, c->tilt_deg, ok && sights.count == 1 ? sights.sight : &peer[1], ok, &score[0]);
    ok = peer_sight(scratch, &truth, grey, peer);
    add(&truth, c->tilt_deg, peer, ok, &score[1]);
    arena_rewind(arena, mark);
}

static void print_score(Score *score)
{
    double med = 100 * quantile(score->shots, score->scale, 0.5);
    double high = 100 * quantile(score->shots, score->scale, 0.95);
    double tilt = quantile(score->shots, score->tilt, 0.5);
    double tilt_high = quantile(score->shots, score->tilt, 0.95);
    printf(" | %5.1f %6.3f  %.4f %.4f  %5.3f %5.3f", 100.0 * score->tags / score->wanted,
           sqrt(score->corner_square / fmax(score->tags, 1)), med, high, tilt, tilt_high);
}

static void bench_condition(Arena *arena, Arena *scratch, const Condition *c, int most)
{
    Score score[2];
    int shots = c->shots < most ? c->shots : most;
    memset(score, 0, sizeof score);
    for (int i = 0; i < shots; i++)
        shoot(arena, scratch, c, i, score);
    printf("%-34s %3d", c->name, shots);
    print_score(&score[0]);
    print_score(&score[1]);
    printf("\n");
    fflush(stdout);
}

/* The middle of the range first, then one thing at a time, then all that is hard at once. */
static const Condition table[] = {
    {"close 12/mm, 15 deg, blur 0.8", MARKER_CLOSE, 12, 15, 0.8, 2, 85, false, 0.2, 5},
    {"8 px/mm", MARKER_CLOSE, 8, 15, 0.8, 2, 85, false, 0.2, 8},
    {"20 px/mm", MARKER_CLOSE, 20, 15, 0.8, 2, 85, false, 0.2, 3},
    {"40 px/mm", MARKER_CLOSE, 40, 15, 0.8, 2, 85, false, 0.2, 2},
    {"straight on", MARKER_CLOSE, 12, 0, 0.8, 2, 85, false, 0.2, 5},
    {"tilt 5", MARKER_CLOSE, 12, 5, 0.8, 2, 85, false, 0.2, 5},
    {"tilt 25", MARKER_CLOSE, 12, 25, 0.8, 2, 85, false, 0.2, 5},
    {"tilt 40", MARKER_CLOSE, 12, 40, 0.8, 2, 85, false, 0.2, 5},
    {"no blur, no noise, no JPEG", MARKER_CLOSE, 12, 15, 0, 0, 0, false, 0.2, 5},
    {"blur 0.4", MARKER_CLOSE, 12, 15, 0.4, 2, 85, false, 0.2, 5},
    {"blur 1.5", MARKER_CLOSE, 12, 15, 1.5, 2, 85, false, 0.2, 5},
    {"blur 2.5", MARKER_CLOSE, 12, 15, 2.5, 2, 85, false, 0.2, 5},
    {"noise 4", MARKER_CLOSE, 12, 15, 0.8, 4, 85, false, 0.2, 5},
    {"noise 8", MARKER_CLOSE, 12, 15, 0.8, 8, 85, false, 0.2, 5},
    {"JPEG 95", MARKER_CLOSE, 12, 15, 0.8, 2, 95, false, 0.2, 5},
    {"JPEG 70", MARKER_CLOSE, 12, 15, 0.8, 2, 70, false, 0.2, 5},
    {"dark skin", MARKER_CLOSE, 12, 15, 0.8, 2, 85, true, 0.2, 5},
    {"light falls by half", MARKER_CLOSE, 12, 15, 0.8, 2, 85, false, 0.66, 5},
    {"8/mm, 40 deg, 1.5, 4, JPEG 70", MARKER_CLOSE, 8, 40, 1.5, 4, 70, false, 0.4, 8},
    {"8/mm, 40 deg, 1.5, 4, 70, dark", MARKER_CLOSE, 8, 40, 1.5, 4, 70, true, 0.4, 8},
    {"20/mm, 40 deg, 2.5, 4, 70, dark", MARKER_CLOSE, 20, 40, 2.5, 4, 70, true, 0.4, 3},
    {"40/mm, 30 deg, 4, 4, 70", MARKER_CLOSE, 40, 30, 4, 4, 70, false, 0.4, 2},
    {"head 4/mm, 15 deg, 0.8, 2, 85", MARKER_HEAD, 4, 15, 0.8, 2, 85, false, 0.2, 8},
    {"head 4/mm, 40 deg, 1.5, 4, 70", MARKER_HEAD, 4, 40, 1.5, 4, 70, false, 0.2, 8},
    {"head 2/mm, 15 deg, 0.8, 2, 85", MARKER_HEAD, 2, 15, 0.8, 2, 85, false, 0.2, 8},
    {"head 1.2/mm, 15 deg, 0.8, 2, 85", MARKER_HEAD, 1.2, 15, 0.8, 2, 85, false, 0.2, 8},
};

/* ---- time ---- */

static void bench_time(Arena *arena, Arena *scratch, const char *name, MarkerKind kind,
                       double px_per_mm, double noise_codes, bool covered)
{
    enum { ROUNDS = 5 };
    size_t mark = arena_mark(arena);
    Err err;
    Image image;
    uint8_t *grey = NULL;
    Marker *marker = ARENA_NEW(arena, Marker, 1);
    if (marker == NULL || !marker_make(kind, PRINT_ID, marker, &err))
        exit(1);
    Truth truth = truth_default(marker, truth_camera(marker, px_per_mm, 12, 30, 8));
    Lens *lens = &truth.camera.lens;
    lens->width_px = 4000, lens->height_px = 3000;
    lens->centre_x_px = 2000, lens->centre_y_px = 1500;
    truth.noise_codes = noise_codes, truth.jpeg_quality = 85;
    if (covered) /* nothing but skin */
        truth.camera.pose.eye_mm.x += 5000;
    if (!truth_grey(arena, &truth, 2, &grey, &image, &err))
        exit(1);
    double took[ROUNDS];
    MarkerSights sights = {0};
    for (int i = 0; i < ROUNDS; i++) {
        size_t before = arena_mark(arena);
        double start = now_s();
        if (!sight_find(arena, scratch, lens, grey, NULL, &sights, &err))
            exit(1);
        took[i] = now_s() - start;
        arena_rewind(arena, before);
    }
    printf("12 Mpx, %-28s %d in sight  %5.0f ms (processor, median of %d)\n", name, sights.count,
           1e3 * quantile(ROUNDS, took, 0.5), ROUNDS);
    fflush(stdout);
    arena_rewind(arena, mark);
}

int main(int argc, char **argv)
{
    Arena arena, scratch;
    Err err;
    int most = argc > 1 ? atoi(argv[1]) : MOST_SHOTS;
    if (most < 1 || argc > 2) {
        fprintf(stderr, "usage: sight_bench [MOST SHOTS OF A CONDITION, 1 or more]\n");
        return 2;
    }
    if (!arena_open(&arena, arena_bytes, &err) || !arena_open(&scratch, arena_bytes, &err))
        return 1;
    bench_time(&arena, &scratch, "close card 28 px/mm, noise 2", MARKER_CLOSE, 28, 2, false);
    bench_time(&arena, &scratch, "close card 28 px/mm, noise 6", MARKER_CLOSE, 28, 6, false);
    bench_time(&arena, &scratch, "head card 6 px/mm, noise 2", MARKER_HEAD, 6, 2, false);
    bench_time(&arena, &scratch, "skin only, noise 2", MARKER_HEAD, 10, 2, true);
    printf("\nscale error in %% (median, 95 %%), tilt error in degrees (median, 95 %%)\n");
    printf("%-38s | ours: tags %%, corners px, scale, tilt       | libapriltag's own corners\n",
           "");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        bench_condition(&arena, &scratch, &table[i], most);
    arena_close(&arena);
    arena_close(&scratch);
    return 0;
}
