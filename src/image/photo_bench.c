/* Times of a 12 Mpx photograph in and out, wall clock, in the conditions that occur. */
#include "image/photo.h"

#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WIDTH_PX = 4032, HEIGHT_PX = 3024, ROUNDS = 5 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
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

static void bench(Arena *arena, Arena *scratch, const ImageF *light, const char *name,
                  PhotoExport export)
{
    Err err;
    Photo photo;
    size_t size = 0, mark = arena_mark(arena);
    uint8_t *bytes = NULL;
    double encode_s[ROUNDS], decode_s[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        arena_rewind(arena, mark);
        double start = now_s();
        if (!photo_encode(arena, scratch, light, &export, &size, &bytes, &err))
            fail(&err);
        encode_s[i] = now_s() - start;
    }
    PhotoLimits limits = photo_limits_default();
    limits.threads = export.threads;
    size_t decoded = arena_mark(arena);
    for (int i = 0; i < ROUNDS; i++) {
        arena_rewind(arena, decoded);
        double start = now_s();
        if (!photo_decode(arena, limits, size, bytes, &photo, &err))
            fail(&err);
        decode_s[i] = now_s() - start;
    }
    qsort(encode_s, ROUNDS, sizeof *encode_s, by_value);
    qsort(decode_s, ROUNDS, sizeof *decode_s, by_value);
    printf("%-34s %d threads  encode %4.0f ms  decode %4.0f ms  %5.2f MB\n", name, export.threads,
           1e3 * encode_s[ROUNDS / 2], 1e3 * decode_s[ROUNDS / 2], 1e-6 * (double)size);
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
    printf("%d x %d px, median of %d\n", WIDTH_PX, HEIGHT_PX, ROUNDS);
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
