/* Rates of what a case is written with: dots.csv at 30,000 rows, against snprintf, and SHA-256.
 * `casefile_bench CASE` reads that case back instead, whole, as papers and other tools' files need
 * it. */
#include "casefile/casefile_internal.h"

#include "base/sha256.h"
#include "casefile/whole.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 30000, REPEATS = 10 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static Case plan;
static Head head;
static HeadTopology topology;
static DesignLayout design;
static Dots dots;
static SkinPigment pigment = {.name = "carbon"};

static bool build(Arena *arena, Err *err)
{
    if (!head_topology_new(arena, HEAD_LEVEL, &topology, err))
        return false;
    double *radius_mm = ARENA_NEW(arena, double, topology.vertex_count);
    for (int i = 0; i < topology.vertex_count; i++)
        radius_mm[i] = 95.0;
    if (!head_new(arena, &topology, radius_mm, &head, err))
        return false;
    head.landmark_mm[HEAD_VERTEX] = vec3(0.0, 100.0, -5.0);
    design.zone = ARENA_NEW(arena, uint8_t, topology.vertex_count);
    design.existing_per_mm2 = ARENA_NEW(arena, double, topology.vertex_count);
    memset(design.zone, DESIGN_MIDSCALP, (size_t)topology.vertex_count);
    dots = (Dots){.count = ROWS, .dot = ARENA_NEW(arena, Dot, ROWS), .session_count = 3};
    plan = (Case){.head = &head, .layout = &design, .dots = &dots, .pigment = &pigment};
    plan.dot_diameter_mm = ARENA_NEW(arena, double, ROWS);
    plan.dot_heading_rad = plan.dot_length_mm = ARENA_NEW(arena, float, ROWS);
    for (int i = 0; i < ROWS; i++) {
        int triangle = (int)((long long)i * topology.triangle_count / ROWS);
        HeadPoint point = {triangle, {0.5, 0.3, 0.2}};
        dots.dot[i] = (Dot){.site = 3 * i,
                            .session = i * 3 / ROWS,
                            .zone = DESIGN_MIDSCALP,
                            .point = point,
                            .position_mm = head_position_mm(&head, point),
                            .normal = head_normal(&head, point),
                            .rank = (i + 0.5) / ROWS,
                            .target_per_mm2 = 1.5};
        plan.dot_diameter_mm[i] = 0.3;
    }
    return true;
}

/* The same columns with the library's formatting; heading left at 0, which favours it. */
static size_t naive(char *text)
{
    char *to = text;
    for (int i = 0; i < ROWS; i++) {
        const Dot *dot = &dots.dot[i];
        Vec3 p = dot->position_mm, n = dot->normal;
        to += snprintf(
            to, 512, "%d,%.6f,%d,%s,%s,%.3f,%.3f,%.3f,%.4f,%.4f,%.4f,%.3f,%.3f,%.3f,%s,%.2f,%.2f\n",
            dot->site, dot->rank, dot->session + 1, design_zone_name((DesignZone)dot->zone), "bare",
            p.x, p.y, p.z, n.x, n.y, n.z, 0.0, plan.dot_diameter_mm[i], 0.6, pigment.name, 20.0,
            100.0 * dot->target_per_mm2);
    }
    return (size_t)(to - text);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double processor_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Processor time, the median of several. */
static bool read_whole(Arena *arena, Arena *scratch, const char *folder, Err *err)
{
    enum { ROUNDS = 7 };
    double spent_s[ROUNDS];
    int rows = 0;
    for (int i = 0; i < ROUNDS; i++) {
        size_t mark = arena_mark(arena);
        Err course_error = {0};
        double start = processor_s();
        CaseWhole *whole = ARENA_NEW(arena, CaseWhole, 1);
        if (whole == NULL)
            return err_set(err, ERR_LIMIT, "no room for a case");
        if (!casefile_whole_read(arena, scratch, folder, whole, &course_error, err))
            return false;
        spent_s[i] = processor_s() - start;
        rows = whole->dots.count;
        arena_rewind(arena, mark);
    }
    qsort(spent_s, ROUNDS, sizeof spent_s[0], by_size);
    printf("a case of %d dots, read back whole: %.0f ms of processor time\n", rows,
           1e3 * spent_s[ROUNDS / 2]);
    return true;
}

int main(int argc, char **argv)
{
    Arena arena;
    if (argc > 1) {
        Arena scratch;
        Err failed;
        bool ok = arena_open(&arena, (size_t)1 << 30, &failed) &&
                  arena_open(&scratch, (size_t)1 << 30, &failed) &&
                  read_whole(&arena, &scratch, argv[1], &failed);
        if (!ok)
            printf("%s\n", failed.text);
        return ok ? 0 : 1;
    }
    Err err;
    size_t size = 0;
    char *bytes = NULL, hex[65];
    if (!arena_open(&arena, (size_t)1 << 30, &err) || !build(&arena, &err)) {
        printf("%s\n", err.text);
        return 1;
    }
    double own_s = 1e9, naive_s = 1e9;
    char *text = ARENA_NEW(&arena, char, ROWS * 512);
    for (int i = 0; i < REPEATS; i++) {
        size_t mark = arena_mark(&arena);
        double start = now_s();
        CaseDots rows;
        if (!case_dots(&arena, &plan, &rows, &err) ||
            !casefile_dots_to_csv(&arena, &rows, &size, &bytes, &err)) {
            printf("%s\n", err.text);
            return 1;
        }
        double spent = now_s() - start;
        own_s = spent < own_s ? spent : own_s;
        start = now_s();
        naive(text);
        spent = now_s() - start;
        naive_s = spent < naive_s ? spent : naive_s;
        arena_rewind(&arena, mark);
    }
    CaseDots rows, read;
    if (!case_dots(&arena, &plan, &rows, &err) ||
        !casefile_dots_to_csv(&arena, &rows, &size, &bytes, &err)) {
        printf("%s\n", err.text);
        return 1;
    }
    double read_s = now_s();
    if (!casefile_dots_from_csv(&arena, size, bytes, &read, &err)) {
        printf("%s\n", err.text);
        return 1;
    }
    read_s = now_s() - read_s;
    printf("dots.csv  read back: %.1f ms, %.2f Mrows/s\n", 1e3 * read_s, ROWS / read_s / 1e6);
    printf("dots.csv  %d rows, %.1f MB: %.1f ms, %.2f Mrows/s, %.1f x snprintf\n", ROWS,
           (double)size / 1e6, 1e3 * own_s, ROWS / own_s / 1e6, naive_s / own_s);
    size_t many = 64u << 20;
    uint8_t *block = ARENA_NEW(&arena, uint8_t, many);
    double start = now_s();
    sha256_hex(many, block, hex);
    printf("sha256    64 MiB: %.0f MB/s (%.8s)\n", (double)many / 1e6 / (now_s() - start), hex);
    arena_close(&arena);
    return 0;
}
