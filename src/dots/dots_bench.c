/* dots_bench [--peer=PROGRAM]: time by step, and of whole plans; the growth with the number of
 * sites; the preview and the edit; memory; and beside them dart throwing, the usual way to place
 * dots, which knows no sessions and no exact number. PROGRAM is called as
 *     PROGRAM mg COUNT 3 1 OUT.csv
 * and its CPU time stands beside that of our sequence and plan of the same case. */
#include "dots/dots_testing.h"
#include "dots/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 3, SPLITS = 5, SESSIONS = 3 };
#define HEADROOM 1.04

static Arena arena, scratch;

static double clock_s(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu_s(void)
{
    return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

static double wall_s(void)
{
    return clock_s(CLOCK_MONOTONIC);
}

static void need(bool ok, const Err *err)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static double *new_field(int count)
{
    Err err = {.text = "no room for a field"};
    double *field = ARENA_NEW(&arena, double, (size_t)count);
    need(field != NULL, &err);
    return field;
}

/* Case mg of field/sampling: an ellipsoid like a head, density 10 : 1 from top to bottom. */
typedef struct World {
    DotsSurface surface;
    double *wanted_per_mm2, *ceiling_per_mm2, highest_per_mm2;
} World;

static World make_world(int count, double ratio)
{
    World world;
    Err err;
    const double height = TESTING_AXES_MM.z;
    need(testing_ellipsoid(&arena, &scratch, SPLITS, TESTING_AXES_MM, &world.surface, &err), &err);
    world.wanted_per_mm2 = new_field(world.surface.vertex_count);
    world.ceiling_per_mm2 = new_field(world.surface.vertex_count);
    for (int v = 0; v < world.surface.vertex_count; v++) {
        double z = world.surface.position_mm[v].z;
        world.wanted_per_mm2[v] = pow(ratio, (z + height) / (2.0 * height));
    }
    double scale = count / testing_integral(&world.surface, world.wanted_per_mm2);
    world.highest_per_mm2 = 0.0;
    for (int v = 0; v < world.surface.vertex_count; v++) {
        world.wanted_per_mm2[v] *= scale;
        world.ceiling_per_mm2[v] = HEADROOM * world.wanted_per_mm2[v];
        world.highest_per_mm2 = fmax(world.highest_per_mm2, world.ceiling_per_mm2[v]);
    }
    return world;
}

static DotsSequence spread(const World *world, int threads)
{
    Err err;
    DotsSequence sequence;
    DotsSequenceParams params = {.highest_per_mm2 = world->highest_per_mm2,
                                 .ceiling_per_mm2 = world->ceiling_per_mm2,
                                 .seed = 1,
                                 .threads = threads};
    need(dots_sequence(&arena, &scratch, &world->surface, &params, NULL, &sequence, &err), &err);
    return sequence;
}

static DotsParams thirds(void)
{
    return (DotsParams){
        .session_count = SESSIONS, .share = {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0}, .seed = 1};
}

/* ---- the growth with the number */

static void bench_growth(void)
{
    double first = 0.0;
    printf("sequence (candidates, elimination, ranks), even ellipsoid:\n");
    for (int count = 31250; count <= 500000; count *= 2) {
        size_t mark = arena_mark(&arena);
        World world = make_world(count, 1.0);
        double start = cpu_s();
        DotsSequence sequence = spread(&world, 1);
        double one = cpu_s() - start;
        start = wall_s();
        sequence = spread(&world, 2);
        double two = wall_s() - start, cost = one / (sequence.count * log2(sequence.count));
        first = first > 0.0 ? first : cost;
        printf("  %6d sites: %7.0f ms CPU on 1 thread, %7.0f ms wall on 2; %3.0f ksites/s, "
               "%.2f times N log N\n",
               sequence.count, one * 1e3, two * 1e3, sequence.count / one * 1e-3, cost / first);
        arena_rewind(&arena, mark);
    }
}

/* ---- step by step */

typedef struct Steps {
    double choose, transport, relax, project, write;
} Steps;

/* The steps of dots_plan one by one, as often as it takes them. */
static Steps bench_steps(const World *world, const DotsSequence *sequence)
{
    enum { TRANSPORTS = 3, RELAXATIONS = 32, PROJECTIONS = 6 };
    Err err;
    DotsWanted wanted = {.per_mm2 = world->wanted_per_mm2};
    DotsParams params = thirds();
    DotsPlanning planning = {
        .scratch = &scratch, .surface = &world->surface, .sequence = sequence, .params = &params};
    DotsMass mass;
    Dots dots = {.session_count = SESSIONS};
    DotsRelaxing *relaxing;
    int counts[DOTS_ZONES][DOTS_MAX_SESSIONS] = {{0}};
    size_t mark = arena_mark(&scratch), kept = arena_mark(&arena);
    double at[6] = {cpu_s()};
    need(dots_planning_open(&planning, &wanted, &err) &&
             dots_mass_new(&scratch, &planning.field, planning.facet, &mass, &err),
         &err);
    dots_whole_counts(&mass, SESSIONS, planning.until, counts);
    need(dots_cut_exact(&scratch, sequence, &planning.field, SESSIONS, counts, &dots.cut, &err),
         &err);
    dots_choose_sites(sequence, &planning.field, SESSIONS, &dots.cut, planning.session,
                      &planning.chosen);
    need(dots_crowd_new(&planning, &err), &err);
    at[1] = cpu_s();
    for (int n = 0; n < TRANSPORTS; n++)
        need(dots_transport(&scratch, &planning.crowd, &mass, DOTS_FLOW_BY_LEVEL, &err), &err);
    at[2] = cpu_s();
    need(dots_relaxing_new(&scratch, &planning.crowd, &relaxing, &err) &&
             dots_relax(relaxing, RELAXATIONS, true, &err),
         &err);
    at[3] = cpu_s();
    need(dots_project(relaxing, dots_hard_core(&params), PROJECTIONS, 0, &err), &err);
    at[4] = cpu_s();
    need(dots_write(&arena, &planning, &dots, &err), &err);
    at[5] = cpu_s();
    arena_rewind(&scratch, mark);
    arena_rewind(&arena, kept);
    return (Steps){at[1] - at[0], at[2] - at[1], at[3] - at[2], at[4] - at[3], at[5] - at[4]};
}

static void lower(double *best, double value)
{
    *best = fmin(*best, value);
}

/* CPU seconds of the peer for the same case; negative when it failed. */
static double run_peer(const char *program, int count)
{
    char number[16], out[] = "/tmp/dots_bench_XXXXXX";
    int file = mkstemp(out);
    if (file < 0)
        return -1.0;
    close(file);
    snprintf(number, sizeof number, "%d", count);
    pid_t child = fork();
    if (child == 0) {
        execl(program, program, "mg", number, "3", "1", out, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    bool ok = child > 0 && wait4(child, &status, 0, &usage) == child && WIFEXITED(status) &&
              WEXITSTATUS(status) == 0;
    unlink(out);
    if (!ok)
        return -1.0;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void bench_plan(int count, const char *peer)
{
    Err err;
    double made = 1e9, planned = 1e9;
    Steps best = {1e9, 1e9, 1e9, 1e9, 1e9};
    size_t mark = arena_mark(&arena);
    World world = make_world(count, 10.0);
    DotsWanted wanted = {.per_mm2 = world.wanted_per_mm2};
    DotsParams params = thirds();
    Dots dots;
    for (int run = 0; run < RUNS; run++) {
        size_t kept = arena_mark(&arena);
        double start = cpu_s();
        DotsSequence sequence = spread(&world, 1);
        lower(&made, cpu_s() - start);
        start = cpu_s();
        need(dots_plan(&arena, &scratch, &world.surface, &sequence, &wanted, &params, NULL, &dots,
                       &err),
             &err);
        lower(&planned, cpu_s() - start);
        Steps steps = bench_steps(&world, &sequence);
        lower(&best.choose, steps.choose);
        lower(&best.transport, steps.transport);
        lower(&best.relax, steps.relax);
        lower(&best.project, steps.project);
        lower(&best.write, steps.write);
        arena_rewind(&arena, kept);
    }
    printf("%d dots in three sessions, 10 : 1, CPU on 1 thread: sequence %.0f ms, plan %.0f ms, "
           "together %.0f ms\n",
           dots.count, made * 1e3, planned * 1e3, (made + planned) * 1e3);
    printf("  choose %.0f ms, 3 transports %.0f ms, 32 relaxations %.0f ms, 6 projections %.0f ms, "
           "order and marks %.0f ms\n",
           best.choose * 1e3, best.transport * 1e3, best.relax * 1e3, best.project * 1e3,
           best.write * 1e3);
    if (peer != NULL) {
        double theirs = run_peer(peer, count);
        if (theirs < 0.0)
            printf("  the peer failed\n");
        else
            printf("  the peer: %.0f ms, %.2f times ours\n", theirs * 1e3,
                   theirs / (made + planned));
    }
    arena_rewind(&arena, mark);
}

/* ---- the preview and the edit, on the canvas of a head */

/* The hairline from ear to ear in 64 points, `forward` mm before the middle of the head. */
static void draw_hairline(const Head *head, double forward, Vec3 line[64])
{
    for (int i = 0; i < 64; i++) {
        double angle = -1.75 + 3.5 * i / 63.0; /* walked to the left: dots stand behind it */
        Vec3 d = vec3(sin(angle), cos(angle), (forward - 8.0 * cos(2.0 * angle)) / 85.0);
        line[i] = head_position_mm(head, head_locate(head, vec_normalize(d)));
    }
}

static void bench_preview(void)
{
    Err err;
    HeadTopology topology;
    Head head;
    size_t mark = arena_mark(&arena);
    need(testing_head(&arena, HEAD_LEVEL, &topology, &head, &err), &err);
    DotsSurface surface = dots_surface(&head);
    double *ceiling = new_field(surface.vertex_count), *per_mm2 = new_field(surface.vertex_count);
    double area_mm2 = 0.0;
    for (int v = 0; v < surface.vertex_count; v++) {
        ceiling[v] = topology.direction[v].y > 0.1 ? 1.0 : 0.0;
        area_mm2 += ceiling[v] * head.area_mm2[v];
    }
    double highest = 60000.0 / area_mm2;
    for (int v = 0; v < surface.vertex_count; v++) {
        ceiling[v] *= highest;
        per_mm2[v] = 0.75 * ceiling[v];
    }
    DotsSequenceParams making = {
        .highest_per_mm2 = highest, .ceiling_per_mm2 = ceiling, .seed = 1, .threads = 2};
    DotsSequence sequence;
    double start = wall_s();
    need(dots_sequence(&arena, &scratch, &surface, &making, NULL, &sequence, &err), &err);
    printf("head canvas, %d sites on %.0f cm2: sequence %.0f ms wall on 2 threads\n",
           sequence.count, area_mm2 / 100.0, (wall_s() - start) * 1e3);
    Vec3 line[64];
    draw_hairline(&head, 45.0, line);
    DotsEdge edge = {.point_count = 64, .point_mm = line, .ramp_mm = 10.0};
    DotsWanted wanted = {.per_mm2 = per_mm2, .edge_count = 1, .edge = &edge};
    DotsParams params = thirds();
    int8_t *session = ARENA_NEW(&arena, int8_t, (size_t)sequence.count);
    double best[4] = {1e9, 1e9, 1e9, 1e9};
    int count;
    Dots before, after = {0};
    need(session != NULL, &err);
    for (int run = 0; run < 5 * RUNS; run++) {
        edge.ramp_mm = run % 2 == 0 ? 10.0 : 0.0;
        start = cpu_s();
        need(dots_choose(&scratch, &surface, &sequence, &wanted, &params, NULL, session, &count,
                         &err),
             &err);
        lower(&best[run % 2], cpu_s() - start);
    }
    printf("  threshold with a hairline of 64 points: %.2f ms with a ramp of 10 mm, %.2f ms hard\n",
           best[0] * 1e3, best[1] * 1e3);
    edge.ramp_mm = 0.0;
    for (int run = 0; run < RUNS; run++) {
        size_t kept = arena_mark(&arena);
        draw_hairline(&head, 45.0, line);
        start = cpu_s();
        need(
            dots_plan(&arena, &scratch, &surface, &sequence, &wanted, &params, NULL, &before, &err),
            &err);
        lower(&best[2], cpu_s() - start);
        for (int i = 28; i < 36; i++) /* a finger's width of it is dragged 2 mm forward */
            line[i] =
                head_position_mm(&head, head_nearest(&head, vec_add(line[i], vec3(0.0, 0.0, 2.0))));
        start = cpu_s();
        need(dots_edit(&arena, &scratch, &surface, &sequence, &before, &wanted, &params, &after,
                       &err),
             &err);
        lower(&best[3], cpu_s() - start);
        arena_rewind(&arena, kept);
    }
    printf("  plan of %d dots %.0f ms; edit of 8 points of the hairline by 2 mm: %.1f ms, %+d "
           "dots\n",
           before.count, best[2] * 1e3, best[3] * 1e3, after.count - before.count);
    arena_rewind(&arena, mark);
}

/* ---- dart throwing */

static uint64_t cell_of(Vec3 p, int step, double side, uint64_t buckets)
{
    int64_t x = (int64_t)floor(p.x / side) + step % 3 - 1;
    int64_t y = (int64_t)floor(p.y / side) + step / 3 % 3 - 1;
    int64_t z = (int64_t)floor(p.z / side) + step / 9 - 1;
    return (uint64_t)(x * 73856093 ^ y * 19349663 ^ z * 83492791) % buckets;
}

/* With a radius of 0.7 hexagonal spacings, until 60,000 misses in a row or the number. */
static int throw_darts(const DotsSurface *surface, double per_mm2, int limit, HeadPoint point[])
{
    enum { BUCKETS = 1 << 18, MISSES = 60000, MIDDLE = 13 };
    double side = 0.7 * DOTS_HEX / sqrt(per_mm2), largest = testing_largest_mm2(surface);
    int *first = ARENA_NEW(&scratch, int, BUCKETS), *next = ARENA_NEW(&scratch, int, (size_t)limit);
    Rng rng = rng_make(1, 0);
    int count = 0;
    Err err = {.text = "no room for darts"};
    need(first != NULL && next != NULL, &err);
    for (int misses = 0; count < limit && misses < MISSES; misses++) {
        point[count] = testing_random_point(surface, largest, &rng);
        Vec3 p = dots_position_mm(surface, point[count]);
        bool clear = true;
        for (int step = 0; clear && step < 27; step++)
            for (int i = first[cell_of(p, step, side, BUCKETS)]; clear && i > 0; i = next[i - 1])
                clear = vec_distance(p, dots_position_mm(surface, point[i - 1])) >= side;
        if (!clear)
            continue;
        uint64_t cell = cell_of(p, MIDDLE, side, BUCKETS);
        next[count] = first[cell];
        first[cell] = ++count;
        misses = 0;
    }
    return count;
}

static void print_quality(const char *name, const World *world, int count, const HeadPoint point[],
                          double share)
{
    Err err = {.text = "no room for a pattern"};
    size_t mark = arena_mark(&arena), points = (size_t)count;
    Vec3 *p = ARENA_NEW(&arena, Vec3, points), *normal = ARENA_NEW(&arena, Vec3, points);
    double *per_mm2 = new_field(count), *vertex = new_field(world->surface.vertex_count);
    need(p != NULL && normal != NULL, &err);
    for (int i = 0; i < count; i++) {
        p[i] = dots_position_mm(&world->surface, point[i]);
        normal[i] = dots_normal(&world->surface, point[i]);
        per_mm2[i] = share * dots_interpolate(&world->surface, point[i], world->wanted_per_mm2);
    }
    for (int v = 0; v < world->surface.vertex_count; v++)
        vertex[v] = share * world->wanted_per_mm2[v];
    PatternInput input = {.count = count,
                          .position_mm = p,
                          .normal = normal,
                          .per_mm2 = per_mm2,
                          .surface = &world->surface,
                          .vertex_per_mm2 = vertex,
                          .seed = 1};
    Pattern pattern;
    need(pattern_measure(&scratch, &input, &pattern, &err), &err);
    printf("  %-26s %5d dots  alpha %.3f  p1 %.3f  gap %.2f  F50 %.3f  F200 %.3f\n", name, count,
           pattern.alpha, pattern.p1, pattern.gap, pattern.f50, pattern.f200);
    arena_rewind(&arena, mark);
}

static void bench_darts(void)
{
    enum { COUNT = 20000 };
    Err err;
    size_t mark = arena_mark(&arena);
    World world = make_world(COUNT, 1.0);
    DotsWanted wanted = {.per_mm2 = world.wanted_per_mm2};
    DotsParams params = thirds();
    HeadPoint *point = ARENA_NEW(&arena, HeadPoint, COUNT);
    Dots dots;
    need(point != NULL, &err);
    double start = cpu_s();
    DotsSequence sequence = spread(&world, 1);
    need(
        dots_plan(&arena, &scratch, &world.surface, &sequence, &wanted, &params, NULL, &dots, &err),
        &err);
    double ours = cpu_s() - start;
    start = cpu_s();
    int count = throw_darts(&world.surface, world.wanted_per_mm2[0], COUNT, point);
    double darts = cpu_s() - start;
    printf("20,000 dots on the even ellipsoid: ours %.0f ms, dart throwing %.0f ms\n", ours * 1e3,
           darts * 1e3);
    print_quality("darts, 0.7 hexagonal", &world, count, point, 1.0);
    for (int i = count - 1; i > 0; i--) { /* its sessions: dealt at random */
        Rng rng = rng_make(2, (uint64_t)i);
        int j = rng_below(&rng, i + 1);
        HeadPoint swap = point[i];
        point[i] = point[j];
        point[j] = swap;
    }
    print_quality("darts, a third of them", &world, count / 3, point, 1.0 / 3.0);
    for (int i = 0; i < dots.count; i++)
        point[i] = dots.dot[i].point;
    print_quality("ours", &world, dots.count, point, 1.0);
    print_quality("ours, first of 3 sessions", &world, dots.in_session[0], point, 1.0 / 3.0);
    arena_rewind(&arena, mark);
}

static double peak_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024.0;
}

int main(int count, char *word[])
{
    Err err;
    const char *peer = NULL;
    if (count == 2 && strncmp(word[1], "--peer=", 7) == 0)
        peer = word[1] + 7;
    else if (count > 1) {
        fprintf(stderr, "usage: dots_bench [--peer=PROGRAM]\n");
        return 2;
    }
    need(arena_open(&arena, (size_t)1 << 30, &err) && arena_open(&scratch, (size_t)1 << 30, &err),
         &err);
    bench_plan(30000, peer);
    bench_plan(60000, peer);
    printf("  peak memory until here %.0f MB\n", peak_mb());
    bench_preview();
    bench_darts();
    bench_growth();
    printf("  peak memory in all %.0f MB\n", peak_mb());
    arena_close(&arena);
    arena_close(&scratch);
    return 0;
}
