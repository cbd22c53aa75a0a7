/* The canvas from photographs: a fitted head, or the patch that one photograph shows. */
#include "plan/plan_internal.h"

#include "base/parallel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_CORNERS = 8, LEAST_CLICKS = 3, DISC_POINTS = 24 };
/* Without an outline the middle of what one photograph shows is filled, to this share of its reach.
 */
static const double disc_share = 0.8;
/* A line drawn by hand in a photograph is no border of hair: its edge fades [assumption]. */
static const double outline_blend_mm = 5.0;
/* In photographs of the synthetic client stubble is told from skin at 4.3 px/mm, no longer at 3.2.
 */
static const double least_px_per_mm = 4.0;
/* Where the surface may be off by more, it is said (field/canvas 8). */
static const double doubtful_mm = 2.0;

/* ---- evidence ---- */

static bool add_strip(PlanJob *job, const PlanPhoto *photo, FitPhoto *fit, Err *err)
{
    fit->strip = arena_alloc(&job->scratch, FIT_MAX_CORNERS, sizeof fit->strip[0]);
    if (fit->strip == NULL)
        return err_set(err, ERR_LIMIT, "no room for the strip's corners");
    for (int i = 0; i < photo->sights.count; i++) {
        const MarkerSight *sight = &photo->sights.sight[i];
        for (int t = 0; sight->marker.kind == MARKER_STRIP && t < sight->tag_count; t++) {
            const SightTag *seen = &sight->tag[t];
            double corner_mm[4][2];
            marker_tag_corners(&sight->marker.tag[seen->tag], corner_mm);
            for (int k = 0; k < 4 && fit->strip_count < FIT_MAX_CORNERS; k++) {
                memcpy(fit->strip[fit->strip_count].strip_mm, corner_mm[k], sizeof corner_mm[k]);
                memcpy(fit->strip[fit->strip_count++].px, seen->corner_px[k],
                       sizeof seen->corner_px[k]);
            }
        }
    }
    return true;
}

static bool gather(PlanJob *job, FitEvidence *evidence, Err *err)
{
    const PlanRequest *request = job->request;
    evidence->tape = request->tape;
    evidence->tape.length_mm = request->scale.length_mm;
    evidence->tape.breadth_mm = request->scale.breadth_mm;
    evidence->tape.circumference_mm = request->scale.circumference_mm;
    if (request->photos != NULL) {
        evidence->woman = request->photos->woman;
        evidence->strip_front_mm = request->photos->strip_front_mm;
    }
    evidence->photo_count = job->photo_count;
    for (int i = 0; i < job->photo_count; i++) {
        FitPhoto *fit = &evidence->photo[i];
        if (job->photo[i].entry != NULL)
            *fit = job->photo[i].entry->fit;
        fit->lens = job->photo[i].lens;
        fit->focal_sd_share = job->photo[i].focal_sd_share;
        if (!add_strip(job, &job->photo[i], fit, err))
            return false;
    }
    return true;
}

static void judge_surface(PlanJob *job);

static bool fit_head(PlanJob *job, Err *err)
{
    size_t mark = arena_mark(&job->scratch);
    FitEvidence *evidence = ARENA_NEW(&job->scratch, FitEvidence, 1);
    job->fit = ARENA_NEW(&job->arena, HeadFit, 1);
    if (evidence == NULL || job->fit == NULL)
        return err_set(err, ERR_LIMIT, "no room for the fit within the memory limit");
    if (!gather(job, evidence, err) ||
        !head_fit(&job->scratch, evidence, job->fit, &job->place_warnings, err))
        return false;
    arena_rewind(&job->scratch, mark);
    if (!head_fit_canvas(&job->arena, &job->scratch, job->fit, &job->topology, &job->head,
                         &job->sd_mm, err))
        return false;
    for (int i = 0; i < job->photo_count; i++)
        job->photo[i].camera = job->fit->photo[i].camera;
    judge_surface(job);
    return true;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How sure the scalp is: what a design may lie on. */
static void judge_surface(PlanJob *job)
{
    size_t mark = arena_mark(&job->scratch);
    int vertices = job->topology.vertex_count, count = 0;
    double *margin = ARENA_NEW(&job->scratch, double, (size_t)vertices);
    double *sd = ARENA_NEW(&job->scratch, double, (size_t)vertices);
    if (margin != NULL && sd != NULL) {
        hair_scalp_margin(&job->head, margin);
        for (int v = 0; v < vertices; v++)
            if (margin[v] > 0.0)
                sd[count++] = job->sd_mm[v];
        qsort(sd, (size_t)count, sizeof *sd, compare);
        job->case_fit.sd_median_mm = count > 0 ? sd[count / 2] : 0.0;
        job->case_fit.sd_worst_mm = count > 0 ? sd[(int)(0.95 * (count - 1))] : 0.0;
    }
    arena_rewind(&job->scratch, mark);
    job->case_fit.modes = job->fit->modes;
    if (job->case_fit.sd_worst_mm > doubtful_mm)
        plan_warn(job,
                  "the shape of the scalp is known to %.1f mm (standard deviation) at its worst "
                  "places: lengths there may be %.0f %% off; another photograph from that side, or "
                  "one more tape reading, helps",
                  job->case_fit.sd_worst_mm, 1.1 * job->case_fit.sd_worst_mm);
}

/* ---- one photograph only ---- */

static int strip_corners(const PlanPhoto *photo)
{
    int count = 0;
    for (int i = 0; i < photo->sights.count; i++)
        if (photo->sights.sight[i].marker.kind == MARKER_STRIP)
            count += 4 * photo->sights.sight[i].tag_count;
    return count;
}

static bool is_patch(const PlanJob *job)
{
    const PlanPhoto *photo = &job->photo[0];
    int clicks = photo->entry != NULL ? photo->entry->fit.click_count : 0;
    if (job->photo_count != 1 || clicks >= LEAST_CLICKS || strip_corners(photo) >= LEAST_CORNERS)
        return false;
    return plan_card_of(photo) != NULL || (photo->entry != NULL && photo->entry->has_scale);
}

static bool make_patch(PlanJob *job, Err *err)
{
    PlanPhoto *photo = &job->photo[0];
    const PhotosEntry *entry = photo->entry;
    PatchScale scale = {.by_marker = true};
    PatchPlace place = entry != NULL ? entry->place : PATCH_TOP;
    const MarkerSight *card = plan_card_of(photo);
    if (entry != NULL && entry->has_scale) { /* clicked on purpose: it wins over the card */
        scale = entry->scale;
        card = NULL;
    }
    job->patch = ARENA_NEW(&job->arena, Patch, 1);
    if (job->patch == NULL)
        return err_set(err, ERR_LIMIT, "no room for a patch within the memory limit");
    if (!patch_make(&job->arena, &photo->lens, &scale, card, place, &job->topology, job->patch,
                    err))
        return false;
    job->head = job->patch->head;
    for (int v = 0; v < job->topology.vertex_count; v++)
        if (patch_holds(job->patch, job->head.position_mm[v]))
            job->head.source[v] = HEAD_MEASURED;
    photo->camera = job->patch->camera;
    job->case_fit.is_patch = true;
    job->case_fit.place = patch_place_name(place);
    job->case_fit.middle_mm = job->patch->middle_mm;
    job->case_fit.reach_mm = job->patch->reach_mm;
    job->case_fit.radius_mm = job->patch->radius_mm;
    job->case_fit.radius_low_mm = job->patch->radius_low_mm;
    job->case_fit.radius_high_mm = job->patch->radius_high_mm;
    job->case_fit.length_error = job->patch->length_error;
    job->case_fit.area_error = job->patch->area_error;
    plan_warn(job,
              "one photograph only: a patch on a sphere of %.0f mm (%.0f to %.0f); within %.0f mm "
              "of its middle lengths are right to %.1f %% and areas to %.1f %%; measures of the "
              "whole head are those of an average head",
              job->patch->radius_mm, job->patch->radius_low_mm, job->patch->radius_high_mm,
              job->patch->reach_mm, 100.0 * job->patch->length_error,
              100.0 * job->patch->area_error);
    return true;
}

/* ---- the canvas ---- */

/* The head frame is the frame of what is clicked from now on. */
static void place_at_head(PlanJob *job)
{
    Placement *placement = &job->placement;
    *placement = (Placement){.mm_per_unit = 1.0};
    placement->axis[0].x = placement->axis[1].y = placement->axis[2].z = 1.0;
    for (int i = 0; i < HEAD_LANDMARKS; i++) {
        placement->landmarks.known[i] = head_knows(&job->head, (HeadLandmark)i);
        placement->landmarks.position[i] = job->head.landmark_mm[i];
        placement->proposed[i] = true;
    }
    static const HeadLandmark same[FIT_POINTS] = {
        HEAD_GLABELLA, HEAD_TRAGION_LEFT, HEAD_TRAGION_RIGHT, HEAD_VERTEX,
        HEAD_INION,    HEAD_CANTHUS_LEFT, HEAD_CANTHUS_RIGHT, HEAD_LANDMARKS};
    for (int i = 0; i < job->photo_count; i++)
        for (int k = 0; job->photo[i].entry != NULL && k < job->photo[i].entry->fit.click_count;
             k++) {
            HeadLandmark clicked = same[job->photo[i].entry->fit.click[k].point];
            if (clicked != HEAD_LANDMARKS && job->patch == NULL)
                placement->proposed[clicked] = false;
        }
}

bool plan_canvas_from_photos(PlanJob *job, Err *err)
{
    if (!head_topology_new(&job->arena, HEAD_LEVEL, &job->topology, err) ||
        !(is_patch(job) ? make_patch(job, err) : fit_head(job, err)))
        return false;
    place_at_head(job);
    job->plan.fit = &job->case_fit;
    return head_measure(&job->scratch, &job->head, &job->plan.measures, err);
}

/* ---- colours ---- */

/* A card tells the colour of what lies in the same light: skin that is turned as the card is. Each
 * place keeps the last photograph that says so. */
static bool take_true_color(PlanJob *job, const PlanPhoto *entry, const ImageF *light,
                            const uint8_t shut[], Err *err)
{
    const double parallel = cos(25.0 * 3.14159265358979323846 / 180.0);
    const MarkerSight *card = plan_card_of(entry);
    const Pose *seen = &card->camera.pose, *pose = &entry->camera.pose;
    int vertices = job->topology.vertex_count;
    if (job->true_color == NULL)
        job->true_color = ARENA_NEW(&job->arena, Rgb, (size_t)vertices);
    if (job->true_color == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d colours within the memory limit", vertices);
    /* out of the paper, in the frame of the camera, then of the head */
    Vec3 out = vec3(-seen->right.z, -seen->down.z, -seen->forward.z);
    Vec3 normal = vec_add(vec_add(vec_scale(pose->right, out.x), vec_scale(pose->down, out.y)),
                          vec_scale(pose->forward, out.z));
    for (int v = 0; v < vertices; v++) {
        double x, y, depth_mm;
        Vec3 p = job->head.position_mm[v];
        if (vec_dot(job->head.normal[v], normal) < parallel ||
            vec_dot(job->head.normal[v], vec_sub(pose->eye_mm, p)) <= 0.0 ||
            !camera_project(&entry->camera, p, &x, &y, &depth_mm) || !(x >= 0.0 && y >= 0.0) ||
            x >= light->width_px || y >= light->height_px)
            continue;
        size_t at = (size_t)y * (size_t)light->width_px + (size_t)x;
        const float *rgb = &light->rgb[3 * at];
        if (shut[at] == 0 && rgb[0] > 0.0F && rgb[1] > 0.0F && rgb[2] > 0.0F)
            job->true_color[v] = (Rgb){rgb[0], rgb[1], rgb[2]};
    }
    return true;
}

static bool bake_one(PlanJob *job, PlanPhoto *entry, ViewBake *bake, Err *err)
{
    Photo photo;
    uint8_t *shut;
    if (!plan_open_photo(job, entry, &photo, err) || !plan_shut(job, entry, &shut, err))
        return false;
    if (entry->has_color) {
        card_color_apply(&entry->color, &photo.light, job->request->threads);
        if (plan_card_of(entry) != NULL && !take_true_color(job, entry, &photo.light, shut, err))
            return false;
    }
    return view_bake_add(&job->photo_arena, bake, &job->head, &entry->camera, &photo.light, shut,
                         job->request->threads, err);
}

/* What no photograph shows of one side is taken from the other: loss is roughly symmetric. */
static double mirror_unseen(Image *chart)
{
    int side = chart->width_px;
    long long taken = 0, dark = 0;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            uint8_t *here = &chart->rgb[3 * ((size_t)y * (size_t)side + (size_t)x)];
            const uint8_t *there = here + 3 * (ptrdiff_t)(side - 1 - 2 * x);
            if ((here[0] | here[1] | here[2]) != 0)
                continue;
            dark++;
            if ((there[0] | there[1] | there[2]) == 0)
                continue;
            memcpy(here, there, 3);
            taken++;
        }
    return dark > 0 ? (double)taken / ((double)side * side) : 0.0;
}

bool plan_bake_photos(PlanJob *job, Err *err)
{
    ViewBake bake;
    Image chart;
    size_t mark = arena_mark(&job->scratch);
    if (!view_bake_new(&job->scratch, PLAN_CHART_PX, &bake, err))
        return false;
    if (job->patch != NULL) { /* beyond it is whatever stood behind the head */
        bake.middle_mm = job->patch->middle_mm;
        bake.reach_mm = job->patch->reach_mm;
    }
    for (int i = 0; i < job->photo_count; i++)
        if (!progress_at(job->progress, "laying the photographs on the head", 0.08, err) ||
            !bake_one(job, &job->photo[i], &bake, err))
            return false;
    arena_close(&job->photo_arena);
    job->photo_arena = (Arena){0};
    if (!view_bake_finish(&job->arena, &bake, &chart, &job->case_fit.seen_share, err))
        return false;
    arena_rewind(&job->scratch, mark);
    job->chart = chart;
    if (job->patch == NULL && mirror_unseen(&job->chart) > 0.02)
        plan_warn(job,
                  "%.0f %% of the head are in no photograph: where the other side is, its colours "
                  "were taken",
                  100.0 * (1.0 - job->case_fit.seen_share));
    return view_mesh(&job->arena, &job->head, &job->chart, &job->scan, err);
}

bool plan_sees_hair(PlanJob *job)
{
    double coarsest = (double)INFINITY;
    for (int i = 0; i < job->photo_count; i++)
        coarsest = fmin(
            coarsest, camera_px_per_mm(&job->photo[i].camera, job->head.landmark_mm[HEAD_VERTEX]));
    if (coarsest >= least_px_per_mm)
        return true;
    plan_warn(
        job,
        "the photographs show the head with %.1f pixels per millimetre: shaved hair cannot be "
        "told below %.0f; take them at the phone's full size, the head filling the picture",
        coarsest, least_px_per_mm);
    return false;
}

typedef struct Unseen {
    PlanJob *job;
    Rgb skin;
    double reach; /* of the chart */
} Unseen;

static void fill_rows(void *ctx, int block, int begin, int end)
{
    const Unseen *unseen = ctx;
    const PlanJob *job = unseen->job;
    Image *chart = &unseen->job->chart;
    int side = chart->width_px;
    (void)block;
    for (int y = begin; y < end; y++)
        for (int x = 0; x < side; x++) {
            uint8_t *rgb = &chart->rgb[3 * ((size_t)y * (size_t)side + (size_t)x)];
            double uv[2] = {(2.0 * (x + 0.5) / side - 1.0) * unseen->reach,
                            (1.0 - 2.0 * (y + 0.5) / side) * unseen->reach};
            if ((rgb[0] | rgb[1] | rgb[2]) != 0)
                continue;
            HeadPoint at = head_locate(&job->head, head_chart_direction(uv));
            double cover =
                at.triangle >= 0 ? head_interpolate(&job->head, at, job->survey.cover) : 0.0;
            float light = (float)(1.0 - cover * job->survey.contrast);
            color_to_srgb8(
                (Rgb){unseen->skin.r * light, unseen->skin.g * light, unseen->skin.b * light}, rgb);
        }
}

void plan_fill_unseen(PlanJob *job)
{
    enum { ROWS = 32 };
    Unseen unseen = {job, job->survey.tone.reflectance, 1.45};
    parallel_for(job->request->threads, job->chart.height_px, ROWS, fill_rows, &unseen);
}

/* ---- regions outlined in photographs ---- */

static bool point_at(const PlanJob *job, const PlanPhoto *photo, const double px[2], Vec3 *point_mm,
                     Err *err)
{
    if (job->patch != NULL)
        return patch_point(job->patch, px[0], px[1], point_mm, err);
    MeshHit hit = mesh_rays_hit(&job->scan_rays, photo->camera.pose.eye_mm,
                                camera_ray(&photo->camera, px[0], px[1]), (double)INFINITY);
    if (hit.triangle < 0)
        return err_set(err, ERR_INPUT, "%s: the outline's point %.0f, %.0f px is beside the head",
                       photo->view, px[0], px[1]);
    *point_mm = mesh_point(&job->scan, hit.triangle, hit.weight);
    return true;
}

static bool add_outline(const PlanJob *job, const PlanPhoto *photo, const PhotosOutline *outline,
                        DesignRequest *request, Err *err)
{
    if (request->drawn_count == DESIGN_OUTLINE_LIMIT)
        return err_set(err, ERR_INPUT, "more than %d regions are outlined", DESIGN_OUTLINE_LIMIT);
    DesignDrawn *drawn = &request->drawn[request->drawn_count++];
    *drawn =
        (DesignDrawn){.zone = DESIGN_PATCH, .kind = DESIGN_OUTLINE, .blend_mm = outline_blend_mm};
    for (int k = 0; k < outline->count; k++)
        if (!point_at(job, photo, outline->px[k], &drawn->point_mm[drawn->point_count++], err))
            return false;
    return true;
}

/* The middle of a patch, when nothing was outlined. */
static void add_disc(const PlanJob *job, DesignRequest *request)
{
    const Patch *patch = job->patch;
    DesignDrawn *drawn = &request->drawn[request->drawn_count++];
    *drawn =
        (DesignDrawn){.zone = DESIGN_PATCH, .kind = DESIGN_OUTLINE, .point_count = DISC_POINTS};
    Vec3 up = vec_normalize(vec_sub(patch->middle_mm, patch->head.centre_mm));
    Vec3 side = vec_normalize(vec_cross(up, patch->camera.pose.down));
    Vec3 ahead = vec_cross(up, side);
    double angle = disc_share * patch->reach_mm / patch->radius_mm;
    for (int k = 0; k < DISC_POINTS; k++) {
        double turn = 2.0 * 3.14159265358979323846 * k / DISC_POINTS;
        Vec3 out = vec_add(vec_scale(side, cos(turn)), vec_scale(ahead, sin(turn)));
        Vec3 direction = vec_add(vec_scale(up, cos(angle)), vec_scale(out, sin(angle)));
        drawn->point_mm[k] = vec_madd(patch->head.centre_mm, patch->radius_mm, direction);
    }
}

bool plan_outlined(PlanJob *job, DesignRequest *request, Err *err)
{
    for (int i = 0; i < job->photo_count; i++)
        for (int k = 0; job->photo[i].entry != NULL && k < job->photo[i].entry->patch_count; k++)
            if (!add_outline(job, &job->photo[i], &job->photo[i].entry->patch[k], request, err))
                return false;
    if (job->patch == NULL)
        return true;
    if (request->drawn_count == 0)
        add_disc(job, request);
    for (int d = 0; d < request->drawn_count; d++)
        for (int k = 0; k < request->drawn[d].point_count; k++)
            if (!request->drawn[d].tape && !patch_holds(job->patch, request->drawn[d].point_mm[k]))
                return err_set(err, ERR_INPUT,
                               "a region reaches farther than %.0f mm from the middle of what this "
                               "one photograph measures: photograph the head from three sides, or "
                               "draw it smaller",
                               job->patch->reach_mm);
    return true;
}
