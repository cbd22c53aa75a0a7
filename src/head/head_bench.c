/* Rates of the canvas at levels 6 and 7: distances beside Dijkstra on the edges, with the error of
 * both against great circles of a sphere. */
#include "base/rng.h"
#include "head/vault.h"

#include <stdio.h>
#include <time.h>

static double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

/* Shortest paths along edges with a lazy heap: the naive way. */
typedef struct Entry {
    double distance_mm;
    int vertex;
} Entry;

static void push(Entry heap[], int *count, Entry entry)
{
    int at = (*count)++;
    for (; at > 0 && heap[(at - 1) / 2].distance_mm > entry.distance_mm; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = entry;
}

static Entry pop(Entry heap[], int *count)
{
    Entry top = heap[0], last = heap[--*count];
    int at = 0;
    for (int child = 1; child < *count; child = 2 * at + 1) {
        if (child + 1 < *count && heap[child + 1].distance_mm < heap[child].distance_mm)
            child++;
        if (heap[child].distance_mm >= last.distance_mm)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return top;
}

static void dijkstra(const Head *head, HeadPoint source, Entry heap[], double distance_mm[])
{
    const HeadTopology *t = head->topology;
    int count = 0;
    for (int v = 0; v < t->vertex_count; v++)
        distance_mm[v] = HUGE_VAL;
    for (int k = 0; k < 3; k++) {
        int v = t->triangle[source.triangle][k];
        distance_mm[v] = vec_distance(head->position_mm[v], head_position_mm(head, source));
        push(heap, &count, (Entry){distance_mm[v], v});
    }
    while (count > 0) {
        Entry e = pop(heap, &count);
        if (e.distance_mm > distance_mm[e.vertex])
            continue;
        for (int i = t->neighbor_start[e.vertex]; i < t->neighbor_start[e.vertex + 1]; i++) {
            int w = t->neighbor[i];
            double d =
                e.distance_mm + vec_distance(head->position_mm[e.vertex], head->position_mm[w]);
            if (d < distance_mm[w]) {
                distance_mm[w] = d;
                push(heap, &count, (Entry){d, w});
            }
        }
    }
}

static void report(const char *what, const Head *head, double radius_mm, double ms,
                   const double distance_mm[])
{
    double sum = 0.0, worst = 0.0;
    int n = 0;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        double want = radius_mm * acos(fmin(1.0, head->topology->direction[v].y));
        double off = fabs(distance_mm[v] - want);
        sum += off * off;
        worst = fmax(worst, off);
        n++;
    }
    printf("  %-28s %7.2f ms  rms %.4f  max %.4f mm\n", what, ms, sqrt(sum / n), worst);
}

static bool bench_distance(Arena *arena, const HeadTopology *topology, Err *err)
{
    enum { ROUNDS = 15, POINTS = 600 };
    const double radius_mm = 90.0;
    size_t n = (size_t)topology->vertex_count;
    double *field = ARENA_NEW(arena, double, n);
    Entry *heap = ARENA_NEW(arena, Entry, 8 * n);
    Head head;
    if (heap == NULL)
        return err_set(err, ERR_LIMIT, "no room for the bench");
    for (size_t v = 0; v < n; v++)
        field[v] = radius_mm;
    if (!head_new(arena, topology, field, &head, err))
        return false;
    HeadPoint top = head_locate(&head, vec3(0, 1, 0));
    double best = HUGE_VAL;
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_ms();
        if (!head_distance(arena, &head, 1, &top, field, err))
            return false;
        best = fmin(best, now_ms() - start);
    }
    report("head_distance, one point", &head, radius_mm, best, field);
    double naive = HUGE_VAL;
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_ms();
        dijkstra(&head, top, heap, field);
        naive = fmin(naive, now_ms() - start);
    }
    report("Dijkstra on edges", &head, radius_mm, naive, field);
    Vec3 curve[POINTS];
    for (int i = 0; i < POINTS; i++) {
        double angle = 6.283185307179586 * i / POINTS;
        curve[i] =
            vec_madd(head.centre_mm, radius_mm, vec3(0.8 * sin(angle), 0.6, 0.8 * cos(angle)));
    }
    best = HUGE_VAL;
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_ms();
        if (!head_distance_to_curve(arena, &head, POINTS, curve, true, field, err))
            return false;
        best = fmin(best, now_ms() - start);
    }
    printf("  %-28s %7.2f ms\n", "head_distance_to_curve 452 mm", best);
    return true;
}

static bool bench_level(Arena *arena, int level, Err *err)
{
    HeadTopology topology;
    size_t mark = arena_mark(arena);
    double start = now_ms();
    if (!head_topology_new(arena, level, &topology, err))
        return false;
    printf("level %d: %d vertices, topology in %.1f ms\n", level, topology.vertex_count,
           now_ms() - start);
    double *radius_mm = ARENA_NEW(arena, double, (size_t)topology.vertex_count);
    if (radius_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for the bench");
    VaultShape shape = vault_mean();
    start = now_ms();
    vault_radii_mm(&shape, &topology, radius_mm);
    double ms = now_ms() - start;
    printf("  %-28s %7.2f ms  %.2f Mray/s\n", "vault_radii_mm", ms,
           1e-3 * topology.vertex_count / ms);
    Head head;
    HeadMeasures measures;
    if (!head_new(arena, &topology, radius_mm, &head, err))
        return false;
    vault_landmarks_mm(&shape, head.landmark_mm);
    start = now_ms();
    if (!head_measure(arena, &head, &measures, err))
        return false;
    printf("  %-28s %7.2f ms  circumference %.2f mm, scalp %.2f cm2\n", "head_measure",
           now_ms() - start, measures.circumference_mm, 0.01 * measures.scalp_mm2);
    enum { LOOKUPS = 1000000 };
    Rng rng = rng_make(1, 1);
    double sum = 0.0;
    start = now_ms();
    for (int i = 0; i < LOOKUPS; i++) {
        double uv[2] = {2.0 * rng_f64(&rng) - 1.0, 2.0 * rng_f64(&rng) - 1.0};
        sum += head_locate(&head, head_chart_direction(uv)).weight[0];
    }
    ms = now_ms() - start;
    printf("  %-28s %7.2f ms  %.2f M/s (mean weight %.3f)\n", "head_locate, 1 M directions", ms,
           1e-3 * LOOKUPS / ms, sum / LOOKUPS);
    bool ok = bench_distance(arena, &topology, err);
    arena_rewind(arena, mark);
    return ok;
}

int main(void)
{
    Arena arena;
    Err err;
    bool ok = arena_open(&arena, (size_t)1 << 30, &err);
    for (int level = 6; ok && level <= 7; level++)
        ok = bench_level(&arena, level, &err);
    if (!ok)
        fprintf(stderr, "head_bench: %s\n", err.text);
    return ok ? 0 : 1;
}
