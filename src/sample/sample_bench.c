#include "sample/sample.h"

#include "base/test.h"

#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool run(int texture_px, int threads)
{
    Arena arena = {0}, scratch = {0};
    Err err = {0};
    Sample sample;
    SampleParams params = sample_default();
    params.texture_px = texture_px;
    params.threads = threads;
    params.scar = true;
    double start_s = now_s();
    bool ok = arena_open(&arena, (size_t)400 << 20, &err) &&
              arena_open(&scratch, (size_t)400 << 20, &err) &&
              sample_make(&arena, &scratch, &params, &sample, &err);
    if (ok)
        printf("sample: %4d px, %d thread%s: %.2f s per client, %d triangles, %d follicles, %zu MB "
               "kept\n",
               texture_px, threads, threads == 1 ? "" : "s", now_s() - start_s,
               sample.bust.triangle_count, sample.follicle_count, arena.used >> 20);
    else
        printf("%s\n", err.text);
    arena_close(&arena);
    arena_close(&scratch);
    return ok;
}

int main(void)
{
    return run(512, 2) && run(2048, 1) && run(2048, 2) ? 0 : 1;
}
