/* solid_testing.h - a case without a client: an egg for a head, a hairline, a few dots. */
#ifndef EXPORT_SOLID_TESTING_H
#define EXPORT_SOLID_TESTING_H

#include "base/rng.h"
#include "export/solid_internal.h"

#include <string.h>

#define SOLID_PI 3.14159265358979323846

typedef struct Solid {
    Arena arena, scratch;
    HeadTopology topology;
    Head head;
    HairSurvey survey;
    DesignLayout layout;
    Dots dots;
    SkinPigment pigment;
    Case plan;
    Err err;
} Solid;

/* Half axes 78, 90 and 98 mm; bump_mm: of a horn on the forehead. */
static inline bool solid_head(Solid *solid, int level, double bump_mm)
{
    if (!head_topology_new(&solid->arena, level, &solid->topology, &solid->err))
        return false;
    double *radius_mm = ARENA_NEW(&solid->arena, double, (size_t)solid->topology.vertex_count);
    Vec3 horn = vec_normalize(vec3(0.0, 0.6, 0.8));
    for (int i = 0; radius_mm != NULL && i < solid->topology.vertex_count; i++) {
        Vec3 d = solid->topology.direction[i];
        double off = acos(fmin(vec_dot(d, horn), 1.0)) / 0.15;
        radius_mm[i] = 1.0 / sqrt(d.x * d.x / 6084.0 + d.y * d.y / 8100.0 + d.z * d.z / 9604.0) +
                       bump_mm * exp(-off * off);
    }
    return radius_mm != NULL &&
           head_new(&solid->arena, &solid->topology, radius_mm, &solid->head, &solid->err);
}

/* From temple to temple over the forehead, with a corner at each; wobble_mm: of three waves. */
static inline void solid_hairline(Solid *solid, double wobble_mm, uint64_t seed)
{
    enum { POINTS = 601 };
    Rng rng = rng_make(seed, 0);
    double phase[3];
    for (int k = 0; k < 3; k++)
        phase[k] = 2.0 * SOLID_PI * rng_f64(&rng);
    DesignLayout *layout = &solid->layout;
    layout->has_hairline = true;
    layout->hairline_count = POINTS;
    for (int i = 0; i < POINTS; i++) {
        double t = 2.0 * i / (POINTS - 1) - 1.0, side = fabs(t);
        double around = (side < 0.7 ? side / 0.7 : 1.0) * 0.95 * (t < 0.0 ? -1.0 : 1.0);
        double up = side < 0.7 ? 0.85 - 0.1 * side : 0.78 - 1.4 * (side - 0.7);
        for (int k = 0; k < 3; k++) /* 80, 30 and 11 mm long */
            up += wobble_mm / 90.0 * sin(phase[k] + t * 11.5 * pow(2.7, k));
        Vec3 d = vec3(sin(around) * cos(up), sin(up), cos(around) * cos(up));
        layout->hairline_mm[i] = head_position_mm(&solid->head, head_locate(&solid->head, d));
    }
}

static inline void solid_put_dot(Solid *solid, int index, int session, Vec3 direction)
{
    HeadPoint point = head_locate(&solid->head, direction);
    solid->dots.dot[index] = (Dot){.site = index,
                                   .session = session,
                                   .zone = DESIGN_FRONTAL,
                                   .unit = index,
                                   .point = point,
                                   .position_mm = head_position_mm(&solid->head, point),
                                   .normal = head_normal(&solid->head, point)};
    solid->plan.dot_diameter_mm[index] = 0.3;
}

/* count dots anywhere on the top of the head, within `reach` of the vertex on the chart. */
static inline bool solid_dots(Solid *solid, int count, double reach)
{
    Rng rng = rng_make(5, 0);
    solid->dots = (Dots){.count = count, .session_count = 3};
    solid->dots.dot = ARENA_NEW(&solid->arena, Dot, (size_t)count);
    solid->plan.dot_diameter_mm = ARENA_NEW(&solid->arena, double, (size_t)count);
    if (solid->dots.dot == NULL || solid->plan.dot_diameter_mm == NULL)
        return false;
    for (int i = 0; i < count; i++) {
        double r = reach * sqrt(rng_f64(&rng)), turn = 2.0 * SOLID_PI * rng_f64(&rng);
        solid_put_dot(solid, i, i % 3,
                      head_chart_direction((double[]){r * cos(turn), r * sin(turn)}));
    }
    return true;
}

/* Large: keep it static. */
static inline bool solid_open(Solid *solid, int level, int count, double reach)
{
    const size_t limit = (size_t)512 << 20;
    memset(solid, 0, sizeof *solid);
    if (!arena_open(&solid->arena, limit, &solid->err) ||
        !arena_open(&solid->scratch, limit, &solid->err) || !solid_head(solid, level, 0.0) ||
        !solid_dots(solid, count, reach) || !skin_pigment_default(&solid->pigment, &solid->err))
        return false;
    solid_hairline(solid, 0.0, 1);
    solid->survey.tone = skin_tone((Rgb){0.42F, 0.27F, 0.19F});
    solid->layout.design.marks = (DesignMarks){.line_mm = 1.0};
    solid->layout.head = &solid->head;
    Case *plan = &solid->plan;
    plan->head = &solid->head;
    plan->survey = &solid->survey;
    plan->layout = &solid->layout;
    plan->dots = &solid->dots;
    plan->pigment = &solid->pigment;
    plan->ageing = skin_ageing_default();
    plan->healed = (SkinMark){.diameter_mm = 0.3, .depth_mm = 0.25, .slope = SKIN_CARBON_SLOPE};
    for (int s = 0; s < DOTS_MAX_SESSIONS; s++)
        plan->dilution[s] = 12.0 - 3.0 * s;
    return true;
}

static inline void solid_close(Solid *solid)
{
    arena_close(&solid->arena);
    arena_close(&solid->scratch);
}

#endif
