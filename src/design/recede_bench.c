/* Time of a loss on the level-6 canvas. */
#include "design/propose.h"
#include "design/recede.h"
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
    enum { REPEATS = 20 };
    static DesignLayout layout;
    HeadTopology topology;
    Head head;
    HairSurvey survey;
    DesignLoss loss;
    VaultShape shape = vault_mean();
    DesignRequest *request = ARENA_NEW(arena, DesignRequest, 1);
    Design *design = ARENA_NEW(arena, Design, 1);
    if (request == NULL || design == NULL || !head_topology_new(arena, HEAD_LEVEL, &topology, err))
        return false;
    double *radius_mm = ARENA_NEW(arena, double, (size_t)topology.vertex_count);
    if (radius_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    vault_radii_mm(&shape, &topology, radius_mm);
    design_request_default(request);
    if (!head_new(arena, &topology, radius_mm, &head, err))
        return false;
    vault_landmarks_mm(&shape, head.landmark_mm);
    if (!hair_survey(arena, scratch, &head, NULL, NULL, &survey, err) ||
        !design_propose(scratch, &head, request, design, err) ||
        !design_layout(arena, scratch, &head, &survey, design, &layout, err))
        return false;
    for (int stage = 4; stage <= 7; stage++) {
        size_t mark = arena_mark(arena);
        double start = now_s();
        for (int i = 0; i < REPEATS; i++)
            if (!design_recede(arena, scratch, &layout, stage, false, &loss, err))
                return false;
        printf("Norwood %d: %.1f ms, %.0f mm of free edge, %.0f more dots\n", stage,
               1e3 * (now_s() - start) / REPEATS, loss.edge_mm, loss.extra_dots);
        arena_rewind(arena, mark);
    }
    return true;
}

int main(void)
{
    Arena arena = {0}, scratch = {0};
    Err err = {0};
    bool ok = arena_open(&arena, (size_t)512 << 20, &err) &&
              arena_open(&scratch, (size_t)128 << 20, &err) && run(&arena, &scratch, &err);
    if (!ok)
        fprintf(stderr, "%s\n", err.text);
    arena_close(&arena);
    arena_close(&scratch);
    return ok ? 0 : 1;
}
