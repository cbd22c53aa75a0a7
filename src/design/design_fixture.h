/* design_fixture.h - what the tests of the design share: heads, covers, shapes. Tests only. */
#ifndef DESIGN_DESIGN_FIXTURE_H
#define DESIGN_DESIGN_FIXTURE_H

#include "base/rng.h"
#include "base/test.h"
#include "design/file.h"
#include "design/layout_internal.h"
#include "head/vault.h"

#include <string.h>

static Arena arena, scratch;
static HeadTopology topology;
static Head mean_head, ball; /* the mean cranium; a sphere, for closed forms */
static HairSurvey bare;      /* a scan without colour */
static DesignRequest usual;  /* the default */
static const double ball_mm = 100.0, pi = 3.14159265358979323846;

static inline bool told(bool ok, const Err *err)
{
    if (!ok)
        printf("# %s\n", err->text);
    return CHECK(ok);
}

static inline bool vault_head(VaultShape shape, bool mirrored, Head *head)
{
    Err err;
    double *radius_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    if (radius_mm == NULL)
        return CHECK(false);
    Vault vault = vault_make(&shape);
    for (int v = 0; v < topology.vertex_count; v++) {
        Vec3 d = topology.direction[v];
        d.x = mirrored ? -d.x : d.x;
        radius_mm[v] = vault_ray_mm(&vault, d);
    }
    if (!told(head_new(&arena, &topology, radius_mm, head, &err), &err))
        return false;
    vault_landmarks_mm(&shape, head->landmark_mm);
    return true;
}

/* Sizes and forms at the ends of what crania are (field/canvas 1.1: length and breadth within some
 * 7 % of the mean from p1 to p99). */
enum { ODD_SHAPES = 6 };
static inline VaultShape odd_shape(int index)
{
    VaultShape shape = vault_mean();
    const double size[ODD_SHAPES] = {1.0, 0.93, 1.07, 1.0, 1.0, 1.0};
    shape.length_scale = shape.breadth_scale = shape.height_scale = size[index];
    if (index == 3)
        shape.length_scale = 1.06, shape.breadth_scale = 0.93;
    if (index == 4)
        shape.mode_sd[0] = 1.5, shape.mode_sd[3] = -1.5;
    if (index == 5)
        shape.mode_sd[1] = -1.5, shape.mode_sd[2] = 1.5, shape.mode_sd[5] = 1.0;
    return shape;
}

/* Like `from`, with radius factor * (radius + added_mm), about the centre. */
static inline bool altered_head(const Head *from, double factor, const double added_mm[],
                                Head *head)
{
    Err err;
    double *radius_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    if (radius_mm == NULL)
        return CHECK(false);
    for (int v = 0; v < topology.vertex_count; v++)
        radius_mm[v] = factor * (from->radius_mm[v] + (added_mm != NULL ? added_mm[v] : 0.0));
    if (!told(head_new(&arena, &topology, radius_mm, head, &err), &err))
        return false;
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++)
        head->landmark_mm[i] =
            vec_madd(from->centre_mm, factor, vec_sub(from->landmark_mm[i], from->centre_mm));
    return true;
}

static inline bool new_ball(void)
{
    Err err;
    double *radius_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    for (int v = 0; radius_mm != NULL && v < topology.vertex_count; v++)
        radius_mm[v] = ball_mm;
    if (radius_mm == NULL || !head_new(&arena, &topology, radius_mm, &ball, &err))
        return false;
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++) {
        Vec3 arm = vec_sub(mean_head.landmark_mm[i], ball.centre_mm);
        ball.landmark_mm[i] = vec_madd(ball.centre_mm, ball_mm, vec_normalize(arm));
    }
    return true;
}

static inline bool setup(void)
{
    Err err = {0};
    if (arena.base != NULL)
        return true;
    design_request_default(&usual);
    return told(arena_open(&arena, (size_t)2 << 30, &err) &&
                    arena_open(&scratch, (size_t)512 << 20, &err) &&
                    head_topology_new(&arena, HEAD_LEVEL, &topology, &err) &&
                    vault_head(vault_mean(), false, &mean_head) && new_ball() &&
                    hair_survey(&arena, &scratch, &mean_head, NULL, NULL, &bare, &err),
                &err);
}

static inline bool propose(const Head *head, const DesignRequest *request, Design *design)
{
    Err err = {0};
    return told(design_propose(&scratch, head, request, design, &err), &err);
}

static inline bool lay_out(const Head *head, const HairSurvey *survey, const Design *design,
                           DesignLayout *layout)
{
    Err err = {0};
    return told(design_layout(&arena, &scratch, head, survey, design, layout, &err), &err);
}

static inline bool propose_and_lay_out(const Head *head, const HairSurvey *survey,
                                       const DesignRequest *request, DesignLayout *layout)
{
    static Design design;
    return propose(head, request, &design) && lay_out(head, survey, &design, layout);
}

/* A survey that saw hair of this density where cover says so, [vertex_count], to be filled. */
static inline bool covered(double hair_per_cm2, HairSurvey *survey)
{
    *survey = bare;
    survey->has_stubble = true;
    survey->hair_per_cm2 = (HairInterval){0.8 * hair_per_cm2, hair_per_cm2, 1.2 * hair_per_cm2};
    survey->cover = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    return CHECK(survey->cover != NULL);
}

/* A design without anything in it: no line, no softening, so that densities are closed forms. */
static inline void plain_design(const Head *head, Design *design)
{
    memset(design, 0, sizeof *design);
    design->hairline = usual.hairline;
    design->density = usual.density;
    design->density.crown_softer = design->density.highlight_softer = 0.0;
    design->marks = usual.marks;
    design->growth = growth_default(head);
}

static inline DesignRegion *plain_region(Design *design, DesignZone zone, double blend_mm)
{
    DesignRegion *region = &design->region[design->region_count++];
    *region = (DesignRegion){.zone = zone,
                             .first_shape = design->shape_count,
                             .share = 1.0,
                             .blend_mm = blend_mm,
                             .uptake = 1.0};
    return region;
}

/* One more shape of the last region. */
static inline DesignShape *plain_shape(Design *design, DesignShapeKind kind, DesignJoin join)
{
    design->region[design->region_count - 1].shape_count++;
    DesignShape *shape = &design->shape[design->shape_count++];
    *shape = (DesignShape){
        .kind = kind, .join = join, .height_mm = 80.0, .first_point = design->point_count};
    return shape;
}

static inline void add_point(const Head *head, Design *design, DesignShape *shape, Vec3 at_mm)
{
    design->point[design->point_count++] = design_place_of(head, at_mm);
    shape->point_count++;
}

/* On a sphere about the head's centre: `away_mm` from `middle` (a direction) towards `turn`. */
static inline Vec3 aside(const Head *head, Vec3 middle, double radius_mm, double away_mm,
                         double turn_rad)
{
    Vec3 u = vec_normalize(vec_cross(middle, vec3(0.3, 0.5, 0.8))), w = vec_cross(middle, u);
    double angle = away_mm / radius_mm;
    Vec3 way = vec_add(vec_scale(u, cos(turn_rad)), vec_scale(w, sin(turn_rad)));
    Vec3 d = vec_add(vec_scale(middle, cos(angle)), vec_scale(way, sin(angle)));
    return vec_madd(head->centre_mm, radius_mm, d);
}

static inline DesignShape *ring(const Head *head, Design *design, DesignJoin join, Vec3 middle,
                                double radius_mm, int count)
{
    DesignShape *shape = plain_shape(design, DESIGN_OUTLINE, join);
    for (int i = 0; i < count; i++)
        add_point(head, design, shape,
                  aside(head, middle, ball_mm, radius_mm, 2.0 * pi * i / count));
    return shape;
}

static inline double cap_mm2(double radius_mm)
{
    return 2.0 * pi * ball_mm * ball_mm * (1.0 - cos(radius_mm / ball_mm));
}

/* Along the sphere between two directions. */
static inline double ball_distance_mm(Vec3 a, Vec3 b)
{
    return ball_mm * atan2(vec_length(vec_cross(a, b)), vec_dot(a, b));
}

#endif
