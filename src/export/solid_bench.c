#include "solid_testing.h"

#include <stdio.h>
#include <time.h>

static Solid solid;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void say(const char *what, double since_s, const ExportBytes *file)
{
    printf("%-28s %7.0f ms %8.2f MB\n", what, 1e3 * (now_s() - since_s), 1e-6 * (double)file->size);
}

static bool run_models(void)
{
    ExportTexture texture = export_texture_default();
    ExportBytes file;
    for (int side = 1024; side <= 4096; side *= 2) {
        char name[40];
        size_t mark = arena_mark(&solid.arena);
        texture.side_px = side;
        double start = now_s();
        if (!export_glb(&solid.arena, &solid.scratch, &solid.plan, &texture, &file, &solid.err))
            return false;
        snprintf(name, sizeof name, "GLB, texture %d px", side);
        say(name, start, &file);
        start = now_s();
        if (!export_usdz(&solid.arena, &solid.scratch, &solid.plan, &texture, &file, &solid.err))
            return false;
        snprintf(name, sizeof name, "USDZ, texture %d px", side);
        say(name, start, &file);
        arena_rewind(&solid.arena, mark);
    }
    return true;
}

static bool run_rest(void)
{
    ExportGuide guide = export_guide_default();
    ExportProjection projection = export_projection_default();
    ExportShown shown;
    ExportBytes file;
    double start = now_s();
    if (!export_guide_stl(&solid.arena, &solid.scratch, &solid.plan, &guide, &file, &solid.err))
        return false;
    say("STL guide", start, &file);
    Lens lens = {1920, 1080, 3800.0, 960.0, 540.0, 0.0};
    projection.projector =
        camera_look_at(lens, vec3(0.0, 600.0, 400.0), vec3(0.0, 60.0, 20.0), vec3(0.0, 1.0, 0.0));
    projection.hairline_px = 2.0;
    start = now_s();
    if (!export_projection(&solid.arena, &solid.scratch, &solid.plan, &projection, &file, &shown,
                           &solid.err))
        return false;
    say("projector, 1920 x 1080 px", start, &file);
    printf("%d dots shown, %d away, %d hidden, %d outside\n", shown.shown, shown.away, shown.hidden,
           shown.outside);
    return true;
}

int main(void)
{
    if (!solid_open(&solid, HEAD_LEVEL, 30000, 0.75) || !run_models() || !run_rest()) {
        fprintf(stderr, "solid_bench: %s\n", solid.err.text);
        return 1;
    }
    solid_close(&solid);
    return 0;
}
