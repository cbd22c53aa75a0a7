/* Times of a 12 Mpx photograph in and out, in the conditions that occur: the shortest by the clock,
 * and the median of the processor time of all threads and the child (the machine may be shared). */
#include "image/photo.h"

#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { WIDTH_PX = 4032, HEIGHT_PX = 3024, ROUNDS = 7 };

typedef struct Stamp {
    double wall_s, cpu_s;
} Stamp;

static double used_s(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)usage.ru_utime.tv_sec + 1e-6 * (double)usage.ru_utime.tv_usec +
           (double)usage.ru_stime.tv_sec + 1e-6 * (double)usage.ru_stime.tv_usec;
}

static Stamp now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (Stamp){(double)t.tv_sec + 1e-9 * (double)t.tv_nsec,
                   used_s(RUSAGE_SELF) + used_s(RUSAGE_CHILDREN)};
}

typedef struct Times {
    double wall_s[ROUNDS], cpu_s[ROUNDS];
} Times;

static void note(Times *times, int round, Stamp start)
{
    Stamp end = now();
    times->wall_s[round] = end.wall_s - start.wall_s;
    times->cpu_s[round] = end.cpu_s - start.cpu_s;
}

/* A head-sized shade on a ground, with the grain of a small sensor: about 4 MB as JPEG 95. */
static void paint(ImageF *light)
{
    Rng rng = rng_make(1, 0);
    for (int y = 0; y < HEIGHT_PX; y++)
        for (int x = 0; x < WIDTH_PX; x++) {
            float *c = light->rgb + 3 * ((size_t)y * WIDTH_PX + (size_t)x);
            double dx = (x - 2000) / 1300.0, dy = (y - 1500) / 1400.0, r = dx * dx + dy * dy;
            double level = (r > 1.0 ? 0.6 : 0.5 - 0.35 * r) * (1.0 + 0.04 * rng_normal(&rng));
            c[0] = (float)level;
            c[1] = (float)(level * (r > 1.0 ? 1.0 : 0.62));
            c[2] = (float)(level * (r > 1.0 ? 1.0 : 0.45));
        }
}

static void fail(const Err *err)
{
    fprintf(stderr, "photo_bench: %s\n", err->text);
    exit(1);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void say(const char *what, Times *times)
{
    qsort(times->wall_s, ROUNDS, sizeof *times->wall_s, by_value);
    qsort(times->cpu_s, ROUNDS, sizeof *times->cpu_s, by_value);
    printf("  %s %4.0f ms (%4.0f cpu)", what, 1e3 * times->wall_s[0],
           1e3 * times->cpu_s[ROUNDS / 2]);
}

static void bench(Arena *arena, Arena *scratch, const ImageF *light, const char *name,
                  PhotoExport export)
{
    Err err;
    Photo photo;
    Times encode, decode;
    size_t size = 0, mark = arena_mark(arena);
    uint8_t *bytes = NULL;
    for (int i = 0; i < ROUNDS; i++) {
        arena_rewind(arena, mark);
        Stamp start = now();
        if (!photo_encode(arena, scratch, light, &export, &size, &bytes, &err))
            fail(&err);
        note(&encode, i, start);
    }
    PhotoLimits limits = photo_limits_default();
    limits.threads = export.threads;
    size_t decoded = arena_mark(arena);
    for (int i = 0; i < ROUNDS; i++) {
        arena_rewind(arena, decoded);
        Stamp start = now();
        if (!photo_decode(arena, limits, size, bytes, &photo, &err))
            fail(&err);
        note(&decode, i, start);
    }
    printf("%-28s %d threads", name, export.threads);
    say("encode", &encode);
    say("decode", &decode);
    printf("  %5.2f MB\n", 1e-6 * (double)size);
    arena_rewind(arena, mark);
}

int main(void)
{
    Arena arena = {0}, scratch = {0};
    Err err;
    ImageF light;
    size_t p3_size, adobe_size;
    uint8_t *p3, *adobe;
    if (!arena_open(&arena, (size_t)2 << 30, &err) ||
        !arena_open(&scratch, (size_t)1 << 30, &err) ||
        !image_new_f(&arena, WIDTH_PX, HEIGHT_PX, &light, &err) ||
        !photo_profile(&arena, PHOTO_DISPLAY_P3, &p3_size, &p3, &err) ||
        !photo_profile(&arena, PHOTO_ADOBE_RGB, &adobe_size, &adobe, &err))
        fail(&err);
    paint(&light);
    printf("%d x %d px, %d rounds\n", WIDTH_PX, HEIGHT_PX, ROUNDS);
    for (int threads = 1; threads <= 2; threads++) {
        PhotoExport export = photo_export_default();
        export.threads = threads;
        bench(&arena, &scratch, &light, "JPEG 95 sRGB", export);
        export.orientation = 6;
        bench(&arena, &scratch, &light, "JPEG 95 sRGB, orientation 6", export);
        export.orientation = 1;
        export.icc = p3;
        export.icc_size = p3_size;
        bench(&arena, &scratch, &light, "JPEG 95 Display P3", export);
        export.quality = 80;
        bench(&arena, &scratch, &light, "JPEG 80 Display P3", export);
        export.png = true;
        bench(&arena, &scratch, &light, "PNG Display P3", export);
    }
    arena_close(&scratch);
    arena_close(&arena);
    return 0;
}
