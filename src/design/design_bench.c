/* Time of a layout at level 6 and of the edits after it: each edit and its undo, over and over; the
 * median of the wall time, and the least. */
#include "design/design.h"
#include "design/propose.h"
#include "head/vault.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPEATS = 41 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

typedef struct Bench {
    Arena arena, scratch;
    HeadTopology topology;
    Head head;
    HairSurvey survey;
    Design design;
    DesignLayout layout;
    double layout_s;
    int *changed;
} Bench;

static Bench bench;

static bool make_head(Bench *b, Err *err)
{
    if (!head_topology_new(&b->arena, HEAD_LEVEL, &b->topology, err))
        return false;
    size_t n = (size_t)b->topology.vertex_count;
    double *radius_mm = ARENA_NEW(&b->arena, double, n);
    Rgb *color = ARENA_NEW(&b->arena, Rgb, n);
    b->changed = ARENA_NEW(&b->arena, int, n);
    if (radius_mm == NULL || color == NULL || b->changed == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    VaultShape shape = vault_mean();
    vault_radii_mm(&shape, &b->topology, radius_mm);
    if (!head_new(&b->arena, &b->topology, radius_mm, &b->head, err))
        return false;
    vault_landmarks_mm(&shape, b->head.landmark_mm);
    for (size_t v = 0; v < n; v++) {
        float y = b->head.position_mm[v].y < 70.0 ? 0.3F : 0.4F;
        color[v] = (Rgb){y, 0.7F * y, 0.55F * y};
    }
    return hair_survey(&b->arena, &b->scratch, &b->head, color, NULL, &b->survey, err);
}

/* Stage 6 with a patch, a scar and two strokes. */
static bool make_design(Bench *b, Err *err)
{
    DesignRequest *request = ARENA_NEW(&b->arena, DesignRequest, 1);
    if (request == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    design_request_default(request);
    request->stage = 6;
    request->drawn_count = 2;
    request->drawn[0] = (DesignDrawn){
        .zone = DESIGN_PATCH, .kind = DESIGN_OUTLINE, .tape = true, .point_count = 24};
    for (int i = 0; i < 24; i++) {
        double turn = 2.0 * 3.14159265358979 * i / 24;
        request->drawn[0].point_mm[i] =
            vec3(30.0 + 20.0 * cos(turn), 200.0 + 20.0 * sin(turn), 0.0);
    }
    request->drawn[1] = (DesignDrawn){
        .zone = DESIGN_SCAR, .kind = DESIGN_BAND, .tape = true, .width_mm = 5.0, .point_count = 5};
    for (int i = 0; i < 5; i++)
        request->drawn[1].point_mm[i] = vec3(-40.0 + 20.0 * i, 290.0, 0.0);
    if (!design_propose(&b->scratch, &b->head, request, &b->design, err))
        return false;
    for (int s = 0; s < 2; s++) {
        DesignStroke *stroke = &b->design.stroke[b->design.stroke_count++];
        *stroke = (DesignStroke){.width_mm = 20.0,
                                 .amount = s == 0 ? 0.3 : -0.4,
                                 .first_point = b->design.point_count,
                                 .point_count = 12};
        for (int i = 0; i < 12; i++)
            b->design.point[b->design.point_count++] = (DesignPlace){-0.2 + 0.03 * i, 0.2 * s};
    }
    return true;
}

static bool time_layout(Bench *b, Err *err)
{
    enum { LAYOUTS = 7 };
    double took[LAYOUTS];
    for (int i = 0; i < LAYOUTS; i++) {
        size_t mark = arena_mark(&b->arena);
        double start = now_s();
        if (!design_layout(&b->arena, &b->scratch, &b->head, &b->survey, &b->design, &b->layout,
                           err))
            return false;
        took[i] = now_s() - start;
        if (i < LAYOUTS - 1)
            arena_rewind(&b->arena, mark);
    }
    qsort(took, LAYOUTS, sizeof took[0], by_size);
    b->layout_s = took[LAYOUTS / 2];
    printf("%d vertices, %d regions: layout %.1f ms (least %.1f)\n", b->topology.vertex_count,
           b->design.region_count, 1e3 * took[LAYOUTS / 2], 1e3 * took[0]);
    return true;
}

/* There and back again. */
static bool time_edit(Bench *b, const char *what, const Design *edited, Err *err)
{
    double took[2 * REPEATS];
    int most = 0;
    for (int i = 0; i < 2 * REPEATS; i++) {
        int count;
        double start = now_s();
        if (!design_relayout(&b->scratch, i % 2 == 0 ? edited : &b->design, &b->layout, &count,
                             b->changed, err))
            return false;
        took[i] = now_s() - start;
        most = count > most ? count : most;
    }
    qsort(took, 2 * REPEATS, sizeof took[0], by_size);
    printf("  %-28s %6.2f ms (least %5.2f), 1/%.0f of a layout, %d vertices\n", what,
           1e3 * took[REPEATS], 1e3 * took[0], b->layout_s / took[REPEATS], most);
    return true;
}

static bool time_edits(Bench *b, Err *err)
{
    static Design edited;
    edited = b->design;
    edited.title[0] = 'x';
    if (!time_edit(b, "nothing but the title", &edited, err))
        return false;
    edited = b->design;
    edited.hairline.control[b->design.hairline.control_count / 2].v += 0.02;
    if (!time_edit(b, "middle control moved", &edited, err))
        return false;
    edited = b->design;
    edited.hairline.control[b->design.hairline.temple[0]].v += 0.02;
    if (!time_edit(b, "temple moved", &edited, err))
        return false;
    edited = b->design;
    edited.hairline.transition_mm += 2.0;
    if (!time_edit(b, "transition", &edited, err))
        return false;
    edited = b->design;
    edited.stroke_count--;
    if (!time_edit(b, "stroke of 20 mm", &edited, err))
        return false;
    edited = b->design;
    edited.density.full_per_cm2 += 10.0;
    if (!time_edit(b, "density slider", &edited, err))
        return false;
    edited = b->design;
    edited.region[1].blend_mm += 2.0;
    if (!time_edit(b, "blend of a region", &edited, err))
        return false;
    edited = b->design;
    edited.point[edited.shape[1].first_point].u += 0.01;
    if (!time_edit(b, "point of an outline moved", &edited, err))
        return false;
    edited = b->design;
    edited.shape[0].stage = 5;
    if (!time_edit(b, "stage", &edited, err))
        return false;
    edited = b->design;
    edited.growth.singularity[0].clockwise = !edited.growth.singularity[0].clockwise;
    if (!time_edit(b, "whorl turned", &edited, err))
        return false;
    edited = b->design;
    edited.growth.singularity[0].uv[0] += 0.02;
    if (!time_edit(b, "whorl moved", &edited, err))
        return false;
    edited = b->design;
    edited.hairline.drawn = false;
    return time_edit(b, "line not drawn", &edited, err);
}

int main(void)
{
    Err err = {0};
    Bench *b = &bench;
    if (!arena_open(&b->arena, (size_t)512 << 20, &err) ||
        !arena_open(&b->scratch, (size_t)256 << 20, &err) || !make_head(b, &err) ||
        !make_design(b, &err) || !time_layout(b, &err) || !time_edits(b, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return 0;
}
