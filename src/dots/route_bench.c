/* route_bench: how long the way through the dots of a plan is, beside a greedy tour and a proven
 * lower bound; what each step brings and takes; how time grows. */
#include "dots/route_truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 100, RUNS = 5 };

static Arena arena, scratch;

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void need(bool ok, const Err *err)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

/* A bald head, wanted as densely as the presets do, in the standard protocol's three sessions. */
static RouteDot *plan_dots(double per_mm2, int *count)
{
    Err err = {.text = "no room for a plan"};
    HeadTopology topology;
    Head head;
    Dots dots;
    DotsSequence sequence;
    need(testing_head(&arena, 6, &topology, &head, &err), &err);
    DotsSurface surface = dots_surface(&head);
    double *wanted_per_mm2 = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    uint8_t *zone = ARENA_NEW(&arena, uint8_t, (size_t)surface.vertex_count);
    need(wanted_per_mm2 != NULL && zone != NULL, &err);
    for (int v = 0; v < surface.vertex_count; v++) {
        Vec3 p = vec_sub(surface.position_mm[v], head.centre_mm);
        wanted_per_mm2[v] = truth_bald(p) ? per_mm2 : 0.0;
        zone[v] = (uint8_t)truth_zone(p);
    }
    DotsSequenceParams spread = {.highest_per_mm2 = 1.04 * per_mm2, .seed = 1, .threads = 2};
    DotsWanted wanted = {.per_mm2 = wanted_per_mm2, .zone = zone};
    DotsParams how = {.session_count = 3, .share = {0.45, 0.35, 0.2}, .seed = 1};
    need(dots_sequence(&arena, &scratch, &surface, &spread, NULL, &sequence, &err) &&
             dots_plan(&arena, &scratch, &surface, &sequence, &wanted, &how, NULL, &dots, &err),
         &err);
    RouteDot *dot = ARENA_NEW(&arena, RouteDot, (size_t)dots.count);
    need(dot != NULL, &err);
    for (int i = 0; i < dots.count; i++)
        dot[i] = (RouteDot){dots.dot[i].position_mm, dots.dot[i].normal, dots.dot[i].zone,
                            dots.dot[i].session};
    *count = dots.count;
    return dot;
}

static Route timed(int count, const RouteDot dot[], const RouteParams *params, double *least_s)
{
    Route route;
    Err err;
    *least_s = 1e9;
    for (int run = 0; run < RUNS; run++) {
        double start = cpu_s();
        need(route_make(&arena, &scratch, count, dot, params, &route, &err), &err);
        *least_s = fmin(*least_s, cpu_s() - start);
    }
    return route;
}

static void bench_lengths(int count, const RouteDot dot[], double field_mm)
{
    RouteParams params = route_default();
    Err err;
    double time_s;
    params.field_mm = field_mm;
    params.dots_between_breaks = 75.0 * 70.0; /* a break every 60 to 90 minutes, 70 dots a minute */
    Route route = timed(count, dot, &params, &time_s);
    printf("stops of %g mm: %d dots, %d stops, %.0f ms, %.1f ms per 10,000 dots\n", field_mm, count,
           route.stop_count, 1e3 * time_s, 1e7 * time_s / count);
    for (int s = 0; s < route.session_count; s++) {
        const RouteSession *session = &route.session[s];
        RouteMeasure m;
        double start = cpu_s();
        need(route_measure(&scratch, dot, &route, s, ROUNDS, &m, &err), &err);
        printf("  session %d: %5d dots, %2d stops, %d breaks: %6.0f mm = %.3f greedy (%.0f) = "
               "%.3f bound (%.0f; tree %.0f); %d moves over %g mm, longest %.0f mm; measured in "
               "%.1f s\n",
               s + 1, session->count, session->stop_count, session->breaks, m.length_mm,
               m.length_mm / m.greedy_mm, m.greedy_mm, m.length_mm / m.bound_mm, m.bound_mm,
               m.tree_mm, session->long_moves, params.long_mm, session->longest_mm,
               cpu_s() - start);
    }
}

static void bench_growth(void)
{
    enum { MOST = 400000 };
    Err err = {.text = "no room for dots"};
    RouteDot *dot = ARENA_NEW(&arena, RouteDot, MOST);
    RouteParams params = route_default();
    need(dot != NULL, &err);
    printf("growth, one session:\n");
    for (double spacing_mm = 4.0; spacing_mm > 0.3; spacing_mm *= 0.5) {
        double time_s;
        int count = truth_dots(spacing_mm, 1, 1, MOST, dot);
        Route route = timed(count, dot, &params, &time_s);
        printf("  %6d dots, %3d stops: %7.1f ms, %5.1f ms per 10,000\n", count, route.stop_count,
               1e3 * time_s, 1e7 * time_s / count);
    }
}

int main(void)
{
    Err err;
    int count;
    need(arena_open(&arena, (size_t)1 << 31, &err) && arena_open(&scratch, (size_t)1 << 31, &err),
         &err);
    RouteDot *dot = plan_dots(1.2, &count);
    static const double field_mm[] = {30.0, 20.0, 45.0};
    for (int n = 0; n < 3; n++)
        bench_lengths(count, dot, field_mm[n]);
    bench_growth();
    return 0;
}
