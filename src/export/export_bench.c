/* How true the pieces of the scalp are when they lie flat, by piece and by the way they are cut,
 * and what they cost in ms of one processor. */
#include "export/export.h"
#include "export/flat_fixture.h"

#include <stdlib.h>
#include <time.h>

enum { DOTS = 30000, REPEATS = 5 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static const char *const cut_name[] = {"along", "across", "gores"};

static bool table(const FlatParams *params, bool pieces, Err *err)
{
    Flat flat;
    double best_ms = 1e9;
    for (int i = 0; i < REPEATS; i++) {
        size_t mark = arena_mark(&fixture.arena);
        double start = now_ms();
        if (!flat_make(&fixture.arena, &fixture.scratch, &fixture.plan, params, &flat, err)) {
            printf("%-7s %s\n", cut_name[params->cut], err->text);
            return err->code == ERR_NUMERIC;
        }
        best_ms = fmin(best_ms, now_ms() - start);
        if (i + 1 < REPEATS)
            arena_rewind(&fixture.arena, mark);
    }
    printf("%-7s %5.1f %2d pieces %6.1f cm2 %6.1f mm bands  worst %.2f %%  95 %% below %.2f %%  "
           "%6.1f ms\n",
           cut_name[params->cut], 100.0 * params->error_most, flat.piece_count,
           0.01 * flat.area_mm2, flat.band_mm, 100.0 * flat.worst_error, 100.0 * flat.error_95,
           best_ms);
    for (int p = 0; pieces && p < flat.piece_count; p++)
        printf("    %2d  %5.1f x %5.1f mm  %6.1f cm2  %5d dots  worst %.2f %%  95 %% below %.2f "
               "%%\n",
               p + 1, flat.piece[p].width_mm, flat.piece[p].height_mm,
               0.01 * flat.piece[p].area_mm2, flat.piece[p].dot_count,
               100.0 * flat.piece[p].worst_error, 100.0 * flat.piece[p].error_95);
    return true;
}

static bool drawings(Err *err)
{
    static const char *const name[] = {"SVG", "DXF"};
    for (int i = 0; i < 2; i++) {
        ExportBytes file;
        double start = now_ms();
        bool ok =
            i == 0 ? export_svg(&fixture.arena, &fixture.scratch, &fixture.plan, NULL, &file, err)
                   : export_dxf(&fixture.arena, &fixture.scratch, &fixture.plan, NULL, &file, err);
        if (!ok)
            return false;
        printf("%s with %d dots: %.1f MB, %.0f ms with the pieces\n", name[i], fixture.dots.count,
               1e-6 * (double)file.size, now_ms() - start);
    }
    return true;
}

static bool run(Err *err)
{
    if (!fixture_open(HEAD_LEVEL, err) || !fixture_head(0.0, err))
        return false;
    fixture.request.pattern = DESIGN_NORWOOD;
    fixture.request.stage = 6;
    if (!fixture_design(DOTS, err))
        return false;
    for (int whole = 0; whole < 2; whole++) {
        printf("%s, %d dots\n", whole ? "the whole scalp" : "the worked area", fixture.dots.count);
        for (int cut = 0; cut <= FLAT_GORES; cut++) {
            FlatParams params = flat_default();
            params.whole_scalp = whole;
            params.cut = (FlatCut)cut;
            if (!table(&params, cut == FLAT_ALONG, err))
                return false;
        }
    }
    return drawings(err);
}

int main(void)
{
    Err err = {0};
    if (!run(&err)) {
        fprintf(stderr, "export_bench: %s\n", err.text);
        return 1;
    }
    fixture_close();
    return 0;
}
