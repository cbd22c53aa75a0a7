/* How long a check takes; bench for the time between an edit and its findings. */
#include "head/vault.h"
#include "rules/rules.h"

#include <stdio.h>
#include <time.h>

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static bool lay_out(Arena *arena, Arena *scratch, DesignLayout *layout, Err *err)
{
    VaultShape mean = vault_mean();
    HeadTopology *topology = ARENA_NEW(arena, HeadTopology, 1);
    Head *head = ARENA_NEW(arena, Head, 1);
    HairSurvey *bare = ARENA_NEW(arena, HairSurvey, 1);
    Design *design = ARENA_NEW(arena, Design, 1);
    DesignRequest *request = ARENA_NEW(arena, DesignRequest, 1);
    if (request == NULL || !head_topology_new(arena, HEAD_LEVEL, topology, err))
        return false;
    design_request_default(request);
    double *radius_mm = ARENA_NEW(arena, double, (size_t)topology->vertex_count);
    if (radius_mm == NULL)
        return false;
    vault_radii_mm(&mean, topology, radius_mm);
    if (!head_new(arena, topology, radius_mm, head, err))
        return false;
    vault_landmarks_mm(&mean, head->landmark_mm);
    return hair_survey(arena, scratch, head, NULL, NULL, bare, err) &&
           design_propose(scratch, head, request, design, err) &&
           design_layout(arena, scratch, head, bare, design, layout, err);
}

int main(void)
{
    enum { ROUNDS = 20 };
    static Arena arena, scratch;
    static DesignLayout layout;
    static RuleSet set;
    static Findings findings;
    Err err = {0};
    bool ok = arena_open(&arena, (size_t)1 << 29, &err) &&
              arena_open(&scratch, (size_t)1 << 28, &err) && rules_builtin(&set, &err) &&
              lay_out(&arena, &scratch, &layout, &err);
    RulesInput input = {.layout = &layout,
                        .healed_diameter_mm = 0.3,
                        .treated_darkening = -1.0,
                        .touch_up_share = 0.2};
    double start = now_ms();
    for (int i = 0; i < ROUNDS && ok; i++)
        ok = rules_check(&scratch, &set, &input, &findings, &err);
    if (!ok) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("rules_check: %.1f ms, %d rules on %d vertices, %d findings\n",
           (now_ms() - start) / ROUNDS, set.count, layout.head->topology->vertex_count,
           findings.count);
    return 0;
}
