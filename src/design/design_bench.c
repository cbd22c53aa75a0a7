/* Time of a survey and of a proposal on the level-6 canvas, against the bare distance field. */
#include "design/design.h"
#include "head/vault.h"

#include <stdio.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool run(Arena *arena, Arena *scratch, Err *err)
{
    enum { REPEATS = 5 };
    HeadTopology topology;
    Head head;
    if (!head_topology_new(arena, HEAD_LEVEL, &topology, err))
        return false;
    size_t n = (size_t)topology.vertex_count;
    double *radius_mm = ARENA_NEW(arena, double, n), *field = ARENA_NEW(arena, double, n);
    Rgb *color = ARENA_NEW(arena, Rgb, n);
    if (radius_mm == NULL || field == NULL || color == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    VaultShape shape = vault_mean();
    vault_radii_mm(&shape, &topology, radius_mm);
    if (!head_new(arena, &topology, radius_mm, &head, err))
        return false;
    vault_landmarks_mm(&shape, head.landmark_mm);
    for (size_t v = 0; v < n; v++) {
        float y = head.position_mm[v].y < 70.0 ? 0.3F : 0.4F;
        color[v] = (Rgb){y, 0.7F * y, 0.55F * y};
    }
    HairSurvey survey;
    static Design design;
    DesignRequest request = design_request_default();
    request.stage = 6;
    HeadPoint source = head_nearest(&head, vec3(0.0, 130.0, 0.0));
    double start = now_s();
    for (int i = 0; i < REPEATS; i++) {
        if (!head_distance(scratch, &head, 1, &source, field, err))
            return false;
    }
    double distance_s = (now_s() - start) / REPEATS;
    start = now_s();
    for (int i = 0; i < REPEATS; i++) {
        if (!hair_survey(arena, scratch, &head, color, &survey, err))
            return false;
    }
    double survey_s = (now_s() - start) / REPEATS;
    start = now_s();
    for (int i = 0; i < REPEATS; i++) {
        if (!design_propose(arena, scratch, &head, &survey, &request, &design, err))
            return false;
    }
    double design_s = (now_s() - start) / REPEATS;
    printf("%zu vertices: survey %.0f ms, proposal %.0f ms = %.1f distance fields of %.1f ms\n", n,
           1e3 * survey_s, 1e3 * design_s, design_s / distance_s, 1e3 * distance_s);
    return true;
}

int main(void)
{
    Err err = {0};
    Arena arena, scratch;
    if (!arena_open(&arena, (size_t)512 << 20, &err) ||
        !arena_open(&scratch, (size_t)256 << 20, &err) || !run(&arena, &scratch, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return 0;
}
