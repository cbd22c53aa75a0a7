/* Rates of the codecs and filters on a picture of 1200 x 900 px (about one of our renders). */
#include "image/image.h"

#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDTH_PX = 1200, HEIGHT_PX = 900, ROUNDS = 5 };
static const double mpx = WIDTH_PX * HEIGHT_PX * 1e-6;

/* Processor time: everything here runs on one thread, and the machine may be shared. */
static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Smooth shading with a grain of one or two codes over part of a flat ground: a head on a screen.
 */
static void paint(Image *image)
{
    Rng rng = rng_make(1, 0);
    for (int y = 0; y < HEIGHT_PX; y++)
        for (int x = 0; x < WIDTH_PX; x++) {
            double dx = (x - 600) / 380.0, dy = (y - 450) / 430.0, r = dx * dx + dy * dy;
            uint8_t *c = image->rgb + 3 * ((ptrdiff_t)y * WIDTH_PX + x);
            int grain = rng_below(&rng, 3);
            c[0] = (uint8_t)(r > 1 ? 235 : 215 - 120 * r + grain);
            c[1] = (uint8_t)(r > 1 ? 236 : 170 - 100 * r + grain);
            c[2] = (uint8_t)(r > 1 ? 238 : 150 - 90 * r + grain);
        }
}

static void bench_png(Arena *arena, Arena *scratch, const Image *image)
{
    for (int level = 1; level <= 9; level += level == 1 ? 2 : 3) {
        Err err;
        Image back;
        size_t size = 0, mark = arena_mark(arena);
        uint8_t *bytes = NULL;
        double start = now_s();
        for (int i = 0; i < ROUNDS; i++) {
            arena_rewind(arena, mark);
            if (!image_encode_png(arena, image, level, &size, &bytes, &err))
                exit(1);
        }
        double middle = now_s();
        for (int i = 0; i < ROUNDS; i++)
            if (!image_decode(arena, scratch, size, bytes, &back, &err))
                exit(1);
        printf("png level %d       encode %6.1f Mpx/s  decode %6.1f Mpx/s  %zu bytes\n", level,
               ROUNDS * mpx / (middle - start), ROUNDS * mpx / (now_s() - middle), size);
        arena_rewind(arena, mark);
    }
}

int main(void)
{
    Arena arena = {0}, scratch = {0};
    Err err;
    Image image, small;
    ImageF linear;
    if (!arena_open(&arena, (size_t)512 << 20, &err) ||
        !arena_open(&scratch, (size_t)64 << 20, &err) ||
        !image_new(&arena, WIDTH_PX, HEIGHT_PX, &image, &err) ||
        !image_new_f(&arena, WIDTH_PX, HEIGHT_PX, &linear, &err))
        return 1;
    paint(&image);
    bench_png(&arena, &scratch, &image);
    double start = now_s();
    for (int i = 0; i < ROUNDS; i++)
        if (!image_shrink(&arena, &image, WIDTH_PX / 3, HEIGHT_PX / 3, &small, &err))
            return 1;
    printf("shrink to a third %6.1f Mpx/s\n", ROUNDS * mpx / (now_s() - start));
    for (int i = 0; i < 3 * WIDTH_PX * HEIGHT_PX; i++)
        linear.rgb[i] = color_srgb_decode((float)image.rgb[i] / 255.0f);
    start = now_s();
    for (int i = 0; i < ROUNDS; i++)
        image_from_linear(&linear, &image);
    double fast_s = now_s() - start;
    start = now_s();
    for (int i = 0; i < 3 * WIDTH_PX * HEIGHT_PX; i++)
        image.rgb[i] = (uint8_t)(255.0f * color_srgb_encode(linear.rgb[i]) + 0.5f);
    printf("linear to bytes   %6.1f Mpx/s, %.1f times the formula\n", ROUNDS * mpx / fast_s,
           ROUNDS * (now_s() - start) / fast_s);
    double sum = 0.0;
    start = now_s();
    Rng rng = rng_make(2, 0);
    for (int i = 0; i < 1000000; i++)
        sum += (double)image_sample(&image, 1200.0 * (double)rng_f32(&rng),
                                    900.0 * (double)rng_f32(&rng))
                   .r;
    printf("bilinear samples  %6.1f M/s (sum %.0f)\n", 1.0 / (now_s() - start), sum);
    arena_close(&scratch);
    arena_close(&arena);
    return 0;
}
