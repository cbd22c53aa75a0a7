/* flat_fixture.h - heads, designs and dots for tests and the benchmark. Tests only. */
#ifndef EXPORT_FLAT_FIXTURE_H
#define EXPORT_FLAT_FIXTURE_H

#include "base/rng.h"
#include "design/propose.h"
#include "export/flat_internal.h"
#include "head/vault.h"

#include <stdio.h>
#include <string.h>

static struct FlatFixture {
    Arena arena, scratch;
    HeadTopology topology;
    Head head;
    HairSurvey survey;
    DesignRequest request;
    Design design;
    DesignLayout layout;
    Dots dots;
    SkinPigment pigment;
    Case plan;
} fixture;

static inline bool fixture_open(int level, Err *err)
{
    memset(&fixture, 0, sizeof fixture);
    if (!arena_open(&fixture.arena, (size_t)1 << 30, err) ||
        !arena_open(&fixture.scratch, (size_t)1 << 30, err) ||
        !head_topology_new(&fixture.arena, level, &fixture.topology, err))
        return false;
    design_request_default(&fixture.request);
    return true;
}

static inline void fixture_close(void)
{
    arena_close(&fixture.arena);
    arena_close(&fixture.scratch);
}

/* The mean cranium, or a ball. */
static inline bool fixture_head(double ball_mm, Err *err)
{
    VaultShape shape = vault_mean();
    Vault vault = vault_make(&shape);
    int count = fixture.topology.vertex_count;
    double *radius_mm = ARENA_NEW(&fixture.arena, double, (size_t)count);
    for (int v = 0; radius_mm != NULL && v < count; v++)
        radius_mm[v] =
            ball_mm > 0.0 ? ball_mm : vault_ray_mm(&vault, fixture.topology.direction[v]);
    if (radius_mm == NULL ||
        !head_new(&fixture.arena, &fixture.topology, radius_mm, &fixture.head, err))
        return radius_mm != NULL && false;
    vault_landmarks_mm(&shape, fixture.head.landmark_mm);
    return hair_survey(&fixture.arena, &fixture.scratch, &fixture.head, NULL, NULL, &fixture.survey,
                       err);
}

static inline void fixture_fill_plan(void)
{
    fixture.pigment = (SkinPigment){.name = "carbon black"};
    fixture.plan = (Case){.head = &fixture.head,
                          .layout = &fixture.layout,
                          .dots = &fixture.dots,
                          .survey = &fixture.survey,
                          .pigment = &fixture.pigment};
    snprintf(fixture.plan.code, sizeof fixture.plan.code, "T-1");
    fixture.plan.dot_diameter_mm =
        ARENA_NEW(&fixture.arena, double, (size_t)fixture.dots.count + 1);
    float *heading = ARENA_NEW(&fixture.arena, float, (size_t)fixture.dots.count + 1);
    for (int i = 0; i < fixture.dots.count; i++) {
        fixture.plan.dot_diameter_mm[i] = 0.25 + 0.1 * (i % 3);
        heading[i] = (float)(1.5 + 0.001 * (i % 100));
    }
    fixture.plan.dot_heading_rad = heading;
}

/* Dots at random where something is wanted, as many to the area everywhere. */
static inline bool fixture_dots(int count, Err *err)
{
    const Head *head = &fixture.head;
    double sum = 0.0, at = 0.0;
    Rng rng = rng_make(7, 1);
    fixture.dots =
        (Dots){.dot = ARENA_NEW(&fixture.arena, Dot, (size_t)count + 1), .session_count = 3};
    if (fixture.dots.dot == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots", count);
    for (int v = 0; v < head->topology->vertex_count; v++)
        sum += fixture.layout.target_per_mm2[v] > 0.0 ? head->area_mm2[v] : 0.0;
    for (int t = 0; t < head->topology->triangle_count && sum > 0.0; t++) {
        const int *v = head->topology->triangle[t];
        double area = 0.0;
        for (int k = 0; k < 3; k++)
            area += fixture.layout.target_per_mm2[v[k]] > 0.0 ? head->area_mm2[v[k]] / 6.0 : 0.0;
        for (at += area * count / sum; at >= 1.0 && fixture.dots.count < count; at -= 1.0) {
            double a = rng_f64(&rng), b = rng_f64(&rng);
            if (a + b > 1.0) {
                a = 1.0 - a;
                b = 1.0 - b;
            }
            HeadPoint point = {t, {1.0 - a - b, a, b}};
            int i = fixture.dots.count++;
            fixture.dots.dot[i] = (Dot){.site = 5 * i,
                                        .session = i % 3,
                                        .zone = fixture.layout.zone[v[0]],
                                        .point = point,
                                        .position_mm = head_position_mm(head, point),
                                        .normal = head_normal(head, point)};
            fixture.dots.in_session[i % 3]++;
        }
    }
    fixture_fill_plan();
    return true;
}

/* What fixture.request asks for, on the head, with dots. */
static inline bool fixture_design(int dots, Err *err)
{
    return design_propose(&fixture.scratch, &fixture.head, &fixture.request, &fixture.design,
                          err) &&
           design_layout(&fixture.arena, &fixture.scratch, &fixture.head, &fixture.survey,
                         &fixture.design, &fixture.layout, err) &&
           fixture_dots(dots, err);
}

#endif
