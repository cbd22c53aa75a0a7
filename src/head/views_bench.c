/* Time to lay photographs of 12 Mpx on the chart, and how far its colours are off when the cameras
 * are not where they are thought to be, or the canvas is not the head. */
#include "base/rng.h"
#include "head/vault.h"
#include "head/views_truth.h"

#include <stdlib.h>
#include <time.h>

enum { PHOTOS = 5, CHART = 2048, REPEATS = 3 };

static Arena arena, scratch;
static HeadTopology topology;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void check(bool ok, const Err *err)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static Head vault_head(const VaultShape *shape)
{
    Err err;
    Head head;
    double *radius_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    check(radius_mm != NULL || err_set(&err, ERR_LIMIT, "no room"), &err);
    vault_radii_mm(shape, &topology, radius_mm);
    check(head_new(&arena, &topology, radius_mm, &head, &err), &err);
    return head;
}

static const Vec3 from[PHOTOS] = {
    {0.0, 0.3, 1.0}, {1.0, 0.4, 0.1}, {-1.0, 0.3, 0.2}, {0.0, 1.0, 0.05}, {0.1, 0.4, -1.0}};
static const double gain[PHOTOS][3] = {
    {1.0, 1.0, 1.0}, {1.3, 1.2, 1.1}, {0.7, 0.75, 0.8}, {1.1, 0.9, 0.8}, {0.5, 0.55, 0.6}};

typedef struct Errors {
    double mean, p99, worst_gain, covered;
} Errors;

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static Errors compare(const ViewBake *sums, const Image *chart, double covered)
{
    Errors errors = {.covered = covered};
    double *off = ARENA_NEW(&scratch, double, (size_t)CHART *CHART);
    size_t count = 0;
    for (int y = 0; y < CHART; y++)
        for (int x = 0; x < CHART; x++) {
            Vec3 d = truth_direction(CHART, x, y);
            const uint8_t *rgb = &chart->rgb[3 * ((size_t)y * CHART + x)];
            if (d.y < HEAD_CUT + 0.15 || (rgb[0] | rgb[1] | rgb[2]) == 0)
                continue;
            Rgb got = image_sample(chart, x + 0.5, y + 0.5), want = truth_skin(d);
            off[count++] = fabs((double)got.g / (double)want.g - 1.0);
            errors.mean += off[count - 1];
        }
    qsort(off, count, sizeof off[0], by_size);
    errors.mean /= (double)count;
    errors.p99 = off[(size_t)(0.99 * (double)count)];
    for (int i = 0; i < PHOTOS; i++)
        for (int k = 0; k < 3; k++)
            errors.worst_gain = fmax(errors.worst_gain, fabs(sums->gain[i][k] * gain[i][k] - 1.0));
    return errors;
}

/* off_mm, off_deg: of each camera, in a random direction; head: what the colours are laid on. */
static Errors lay(const Head *head, const Camera camera[], const ImageF light[], double off_mm,
                  double off_deg)
{
    Err err;
    ViewBake sums;
    Image chart;
    double covered;
    size_t mark = arena_mark(&arena);
    check(view_bake_new(&arena, CHART, &sums, &err), &err);
    for (int i = 0; i < PHOTOS; i++) {
        Rng rng = rng_make(5, (uint64_t)i);
        double x = rng_normal(&rng), y = rng_normal(&rng), z = rng_normal(&rng);
        double a = rng_normal(&rng), b = rng_normal(&rng), c = rng_normal(&rng);
        Camera seen = camera[i];
        seen.pose.eye_mm = vec_madd(seen.pose.eye_mm, off_mm, vec_normalize(vec3(x, y, z)));
        seen.pose = camera_turn(
            seen.pose, vec_scale(vec_normalize(vec3(a, b, c)), off_deg * 3.14159265358979 / 180.0));
        check(view_bake_add(&scratch, &sums, head, &seen, &light[i], NULL, 2, &err), &err);
    }
    check(view_bake_finish(&arena, &sums, &chart, &covered, &err), &err);
    Errors errors = compare(&sums, &chart, covered);
    arena_rewind(&arena, mark);
    arena_rewind(&scratch, 0);
    return errors;
}

static void tell(const char *what, Errors e)
{
    printf("%-34s mean %.4f  p99 %.4f  worst gain %.4f  covered %.3f\n", what, e.mean, e.p99,
           e.worst_gain, e.covered);
}

static void time_it(const Head *head)
{
    Err err;
    Camera camera = truth_camera(vec3(0.2, 0.6, 0.8), 700.0, 3464, 9000.0);
    ImageF light;
    double add = 1e9, finish = 1e9;
    check(truth_take(&arena, head, &camera, truth_skin, gain[0], &light), &err);
    for (int i = 0; i < REPEATS; i++) {
        ViewBake sums;
        Image chart;
        double covered;
        size_t mark = arena_mark(&arena);
        check(view_bake_new(&arena, CHART, &sums, &err), &err);
        double at[3] = {now_ms()};
        check(view_bake_add(&scratch, &sums, head, &camera, &light, NULL, 1, &err), &err);
        at[1] = now_ms();
        check(view_bake_finish(&arena, &sums, &chart, &covered, &err), &err);
        at[2] = now_ms();
        add = fmin(add, at[1] - at[0]);
        finish = fmin(finish, at[2] - at[1]);
        arena_rewind(&arena, mark);
    }
    printf("12 Mpx on a chart of %d px, one thread: %.0f ms, chart %.0f ms\n", CHART, add, finish);
}

int main(void)
{
    Err err = {0};
    check(arena_open(&arena, (size_t)4 << 30, &err), &err);
    check(arena_open(&scratch, (size_t)2 << 30, &err), &err);
    check(head_topology_new(&arena, HEAD_LEVEL, &topology, &err), &err);
    VaultShape mean = vault_mean(), other = mean;
    other.length_scale = 1.01, other.breadth_scale = 0.99, other.mode_sd[0] = 0.3;
    Head head = vault_head(&mean), fitted = vault_head(&other);
    Camera camera[PHOTOS];
    ImageF light[PHOTOS];
    for (int i = 0; i < PHOTOS; i++) {
        camera[i] = truth_camera(from[i], 700.0, 1600, 4200.0);
        check(truth_take(&arena, &head, &camera[i], truth_skin, gain[i], &light[i]), &err);
    }
    tell("exact", lay(&head, camera, light, 0.0, 0.0));
    tell("cameras off by 2 mm", lay(&head, camera, light, 2.0, 0.0));
    tell("cameras off by 0.2 degrees", lay(&head, camera, light, 0.0, 0.2));
    tell("canvas off by about 1 mm", lay(&fitted, camera, light, 0.0, 0.0));
    tell("all three", lay(&fitted, camera, light, 2.0, 0.2));
    time_it(&head);
    arena_close(&scratch);
    arena_close(&arena);
    return 0;
}
