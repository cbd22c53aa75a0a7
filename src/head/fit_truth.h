/* fit_truth.h - heads that are known, and what a tape, a camera and a scanner would see of them.
 * For fit_test.c and fit_bench.c only.
 *
 * None of them is a shape of the model: superellipsoids with taper (field/canvas 1.5), the model
 * with bumps that its harmonics cannot follow, and scans where they are at hand.
 */
#ifndef HEAD_FIT_TRUTH_H
#define HEAD_FIT_TRUTH_H

#include "base/rng.h"
#include "head/fit_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Known {
    const char *name;
    Head head; /* surface and landmarks */
    HeadMeasures measures;
    Vec3 point_mm[FIT_POINTS];
} Known;

/* ---- radii ----------------------------------------------------------------------------------- */

/* The bench has many heads, the test one kind. */
#define FIT_TRUTH_UNUSED __attribute__((unused))

typedef struct Super { /* |x/a|^p + |z/c|^p to the power q/p, + |y/b|^q = 1; front and back apart */
    double side_mm, up_mm, front_mm, back_mm, level_power, up_power;
    double taper_forward, taper_up; /* of the side, per 100 mm */
    double pitch_rad;
    Vec3 centre_mm;
} Super;

/* The mean vault to 0.5 mm above the ears. */
static const Super super_mean = {75.8,  88.4,   109.5, 91.1,   2.055,
                                 2.146, -0.055, 0.041, -0.240, {0.0, 41.7, -4.5}};

static double super_outside(const Super *s, Vec3 p)
{
    Vec3 q = vec_sub(p, s->centre_mm);
    double c = cos(s->pitch_rad), n = sin(s->pitch_rad);
    q = vec3(q.x, c * q.y - n * q.z, n * q.y + c * q.z);
    double side = s->side_mm * (1.0 + 0.01 * (s->taper_forward * q.z + s->taper_up * q.y));
    double length = q.z > 0.0 ? s->front_mm : s->back_mm;
    double level = pow(fabs(q.x / side), s->level_power) + pow(fabs(q.z / length), s->level_power);
    return pow(level, s->up_power / s->level_power) + pow(fabs(q.y / s->up_mm), s->up_power) - 1.0;
}

/* How the cranium sits in the head: see fit_evidence.c. */
static FitSurface known_seat(Rng *rng, const VaultShape *shape)
{
    FitState state = {0};
    static const double mean[6] = {0.06, 0.0, 0.0, 0.0, -1.0, 0.0};
    static const double sd[6] = {0.08, 0.02, 0.02, 1.0, 2.0, 3.5};
    for (int i = 0; i < 6; i++)
        state.shape[3 + i] = mean[i] + sd[i] * rng_normal(rng);
    FitSurface seat = fit_surface(&state);
    seat.vault = vault_make(shape);
    return seat;
}

static Vec3 seated(const FitSurface *seat, Vec3 p)
{
    return vec_add(
        vec3(vec_dot(seat->turn[0], p), vec_dot(seat->turn[1], p), vec_dot(seat->turn[2], p)),
        seat->shift_mm);
}

static double super_radius_mm(const Super *s, const FitSurface *seat, Vec3 d)
{
    double low = 20.0, high = 180.0;
    for (int i = 0; i < 40; i++) {
        double r = 0.5 * (low + high);
        *(super_outside(s, seated(seat, vec_madd(HEAD_CENTRE_MM, r, d))) < 0.0 ? &low : &high) = r;
    }
    return 0.5 * (low + high);
}

/* Smooth bumps of 25 mm, `rms_mm` over the vault, that degree 8 does not follow. */
enum { KNOWN_BUMPS = 60 };
static void add_bumps(const HeadTopology *topology, Rng *rng, double rms_mm, double radius_mm[])
{
    Vec3 at[KNOWN_BUMPS];
    double high[KNOWN_BUMPS], sum = 0.0;
    int count = 0;
    for (int i = 0; i < KNOWN_BUMPS; i++) {
        at[i] = vec_normalize(vec3(rng_normal(rng), rng_normal(rng), rng_normal(rng)));
        high[i] = rng_normal(rng);
    }
    for (int pass = 0; pass < 2; pass++)
        for (int v = 0; v < topology->vertex_count; v++) {
            double bump = 0.0;
            for (int i = 0; i < KNOWN_BUMPS; i++) {
                double far = vec_distance(topology->direction[v], at[i]) / 0.25;
                bump += far < 3.0 ? high[i] * exp(-0.5 * far * far) : 0.0;
            }
            if (pass == 0 && topology->direction[v].y > 0.35)
                sum += bump * bump, count++;
            if (pass == 1)
                radius_mm[v] += bump * rms_mm / sqrt(sum / count);
        }
}

/* ---- the head -------------------------------------------------------------------------------- */

static double known_radius_mm(const Known *known, Vec3 d)
{
    HeadPoint at = head_locate(&known->head, d);
    if (at.triangle < 0)
        return 60.0;
    return head_interpolate(&known->head, at, known->head.radius_mm);
}

/* Signed, along the radius. */
static double known_outside_mm(const Known *known, Vec3 p)
{
    Vec3 q = vec_sub(p, HEAD_CENTRE_MM);
    double r = vec_length(q);
    return r - known_radius_mm(known, vec_scale(q, 1.0 / r));
}

static Vec3 known_normal(const Known *known, Vec3 p)
{
    HeadPoint at = head_nearest(&known->head, p);
    return at.triangle < 0 ? vec_normalize(vec_sub(p, HEAD_CENTRE_MM))
                           : head_normal(&known->head, at);
}

static Vec3 known_midline(const Known *known, double angle, double forward)
{
    Vec3 d = vec3(0.0, sin(angle), forward * cos(angle));
    return vec_madd(HEAD_CENTRE_MM, known_radius_mm(known, d), d);
}

static Vec3 known_at_height(const Known *known, double y_mm, double forward)
{
    double low = -0.3, high = 0.8;
    for (int i = 0; i < 40; i++) {
        double angle = 0.5 * (low + high);
        *(known_midline(known, angle, forward).y < y_mm ? &low : &high) = angle;
    }
    return known_midline(known, low, forward);
}

static Vec3 scatter(Rng *rng, Vec3 at, double x_mm, double y_mm, double z_mm)
{
    return vec3(at.x + x_mm * rng_normal(rng), at.y + y_mm * rng_normal(rng),
                at.z + z_mm * rng_normal(rng));
}

/* Landmarks of a head whose frame is given: on the surface as vault.h defines them; tragions and
 * eyes where people have them, with their spread. The tragions' middle is the origin. */
static void known_landmarks(Known *known, Rng *rng, double size, double tragion_mm)
{
    Vec3 *mark = known->head.landmark_mm;
    mark[HEAD_VERTEX] = HEAD_CENTRE_MM;
    for (int i = 0; i <= 600; i++) {
        Vec3 p = known_midline(known, 1.0 + 1.2 * i / 600, 1.0);
        mark[HEAD_VERTEX] = p.y > mark[HEAD_VERTEX].y ? p : mark[HEAD_VERTEX];
    }
    mark[HEAD_INION] = known_at_height(known, 10.0 * size, -1.0);
    mark[HEAD_GLABELLA] = known_at_height(known, 43.5 * size + 2.5 * rng_normal(rng), 1.0);
    Vec3 off = scatter(rng, vec3(0.0, 0.0, 0.0), 1.5, 1.5, 1.5);
    mark[HEAD_TRAGION_LEFT] = vec3(tragion_mm + off.x, off.y, off.z);
    mark[HEAD_TRAGION_RIGHT] = vec3(-tragion_mm - off.x, -off.y, -off.z);
}

static void known_points(Known *known, Rng *rng, double size)
{
    Vec3 *point = known->point_mm, g = known->head.landmark_mm[HEAD_GLABELLA];
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++)
        point[i] = known->head.landmark_mm[i];
    Vec3 eye = scatter(rng, vec3(45.0, -23.0, -22.0), 2.0, 2.5, 2.5);
    point[FIT_CANTHUS_LEFT] = vec_madd(g, size, eye);
    point[FIT_CANTHUS_RIGHT] = vec_madd(g, size, vec3(-eye.x, eye.y, eye.z));
    point[FIT_NASION] = vec_madd(g, size, scatter(rng, vec3(0.0, -20.5, -1.0), 0.5, 2.0, 1.5));
}

static void known_finish(Arena *scratch, Known *known, Rng *rng, double size, double tragion_mm)
{
    Err err;
    known_landmarks(known, rng, size, tragion_mm);
    known_points(known, rng, size);
    if (!head_measure(scratch, &known->head, &known->measures, &err))
        fprintf(stderr, "# %s: %s\n", known->name, err.text), abort();
}

static void known_from_radii(Arena *arena, Arena *scratch, const HeadTopology *topology,
                             const double radius_mm[], Rng *rng, double size, Known *known)
{
    Err err;
    if (!head_new(arena, topology, radius_mm, &known->head, &err))
        fprintf(stderr, "# %s\n", err.text), abort();
    known_finish(scratch, known, rng, size, 71.0 * size);
}

/* Sizes as ANSUR II spreads them. */
static void known_sizes(Rng *rng, double scale[3])
{
    double common = 0.5 * rng_normal(rng);
    scale[0] = 1.0 + 0.035 * (common + 0.85 * rng_normal(rng));
    scale[1] = 1.0 + 0.035 * (common + 0.85 * rng_normal(rng));
    scale[2] = 1.0 + 0.045 * (common + 0.85 * rng_normal(rng));
}

FIT_TRUTH_UNUSED static void known_super(Arena *arena, Arena *scratch, const HeadTopology *topology,
                                         uint64_t seed, Known *known)
{
    Rng rng = rng_make(seed, 1);
    double scale[3], *radius_mm = ARENA_NEW(arena, double, (size_t)topology->vertex_count);
    known_sizes(&rng, scale);
    Super s = super_mean;
    VaultShape plain = vault_mean();
    s.front_mm *= scale[0], s.back_mm *= scale[0];
    s.side_mm *= scale[1];
    s.up_mm *= scale[2], s.centre_mm.y *= scale[2];
    s.level_power += 0.08 * rng_normal(&rng);
    s.up_power += 0.08 * rng_normal(&rng);
    s.taper_forward += 0.03 * rng_normal(&rng);
    s.taper_up += 0.02 * rng_normal(&rng);
    double shift = 1.5 * rng_normal(&rng);
    s.front_mm += shift, s.back_mm -= shift;
    FitSurface seat = known_seat(&rng, &plain);
    for (int v = 0; v < topology->vertex_count; v++)
        radius_mm[v] = super_radius_mm(&s, &seat, topology->direction[v]);
    add_bumps(topology, &rng, 0.5, radius_mm);
    known->name = "superellipsoid";
    known_from_radii(arena, scratch, topology, radius_mm, &rng, scale[1], known);
}

static void known_family(Arena *arena, Arena *scratch, const HeadTopology *topology, uint64_t seed,
                         Known *known)
{
    Rng rng = rng_make(seed, 2);
    double scale[3], *radius_mm = ARENA_NEW(arena, double, (size_t)topology->vertex_count);
    known_sizes(&rng, scale);
    VaultShape shape = {
        .length_scale = scale[0], .breadth_scale = scale[1], .height_scale = scale[2]};
    for (int k = 0; k < VAULT_MODES; k++)
        shape.mode_sd[k] = rng_normal(&rng);
    FitSurface seat = known_seat(&rng, &shape);
    for (int v = 0; v < topology->vertex_count; v++)
        radius_mm[v] = fit_reach_mm(&seat, HEAD_CENTRE_MM, topology->direction[v], 95.0);
    add_bumps(topology, &rng, 0.8, radius_mm);
    known->name = "family + 0.8 mm";
    known_from_radii(arena, scratch, topology, radius_mm, &rng, scale[1], known);
}

/* A real scan, placed and brought to 574 mm round the head; false, said on stdout, without it. */
static bool known_scan(Arena *arena, Arena *scratch, const HeadTopology *topology, const char *path,
                       const char *name, Known *known)
{
    Err err;
    Mesh mesh;
    MeshRays rays;
    PlaceLandmarks given = {0};
    PlaceScale scale = {.circumference_mm = 574.0};
    Placement placement;
    PlaceWarnings warnings = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        printf("# SKIPPED: %s is not there\n", path);
        return false;
    }
    fclose(file);
    bool ok =
        mesh_read_file(arena, scratch, path, &mesh, &err) && mesh_rays_open(&mesh, &rays, &err);
    if (ok) {
        ok = place_find(scratch, &mesh, &rays, &given, scale, &placement, &warnings, &err) &&
             place_import(arena, scratch, &mesh, &rays, &placement, topology, 2, &known->head,
                          &warnings, &err);
        mesh_rays_close(&rays);
    }
    if (!ok || !head_measure(scratch, &known->head, &known->measures, &err)) {
        printf("# SKIPPED: %s: %s\n", path, err.text);
        return false;
    }
    known->name = name;
    Rng rng = rng_make(strlen(name), 3);
    known_points(known, &rng, 1.0);
    return true;
}

/* ---- what is seen of it ---------------------------------------------------------------------- */

typedef struct Noise {
    double click_mm, outline_mm, focal_share, tape_mm, scan_mm;
} Noise;

static FitTape known_tape(const Known *known, const Noise *noise, Rng *rng, int readings)
{
    const HeadMeasures *m = &known->measures;
    FitTape tape = {.length_mm = m->length_mm + noise->tape_mm * rng_normal(rng)};
    if (readings > 1)
        tape.breadth_mm = m->breadth_mm + noise->tape_mm * rng_normal(rng);
    if (readings > 2)
        tape.height_mm = m->tragion_vertex_mm + noise->tape_mm * rng_normal(rng);
    if (readings > 3)
        tape.circumference_mm = m->circumference_mm + noise->tape_mm * rng_normal(rng);
    return tape;
}

/* A phone at arm's length or held by a helper: 4000 x 3000, 26 mm equivalent. */
static Camera known_camera(Vec3 towards, Rng *rng)
{
    Lens lens = {4000, 3000, 3004.0, 2000.0, 1500.0, 0.0};
    Vec3 side = vec_normalize(vec_add(towards, scatter(rng, (Vec3){0}, 0.08, 0.08, 0.08)));
    double far = 650.0 + 250.0 * rng_f64(rng);
    Vec3 target = scatter(rng, vec3(0.0, 45.0, 0.0), 15.0, 15.0, 15.0);
    Vec3 up = fabs(side.y) > 0.9 ? vec3(0.0, 0.0, 1.0) : vec3(0.0, 1.0, 0.0);
    up = vec_normalize(vec_add(up, scatter(rng, (Vec3){0}, 0.06, 0.06, 0.06)));
    return camera_look_at(lens, vec_madd(target, far, side), target, up);
}

/* Least of `outside` along a ray, and where. */
static double known_graze(const Known *known, Vec3 eye, Vec3 d, Vec3 *at)
{
    double middle = vec_dot(vec_sub(FIT_MIDDLE, eye), d), step = 12.0, best = HUGE_VAL, t = middle;
    for (int i = -9; i <= 9; i++) {
        double f = known_outside_mm(known, vec_madd(eye, middle + step * i, d));
        if (f < best)
            best = f, t = middle + step * i;
    }
    for (int round = 0; round < 5; round++, step *= 0.4)
        for (int side = -1; side <= 1; side += 2) {
            double f = known_outside_mm(known, vec_madd(eye, t + 0.5 * side * step, d));
            if (f < best) {
                best = f;
                t += 0.5 * side * step;
            }
        }
    *at = vec_madd(eye, t, d);
    return best;
}

static bool known_sees(const Known *known, const Camera *camera, Vec3 p)
{
    Vec3 sight = vec_normalize(vec_sub(camera->pose.eye_mm, p)), at;
    /* a step off the skin, so that the place itself is not in its own way */
    Vec3 off = vec_madd(p, 12.0, known_normal(known, p));
    if (known_outside_mm(known, p) < -3.0) /* a tragion of the vault lies inside */
        off = vec3(p.x * 1.15, p.y, p.z);
    for (double t = 4.0; t < 250.0; t += 4.0) {
        at = vec_madd(off, t, sight);
        if (known_outside_mm(known, at) < -2.0)
            return false;
    }
    return true;
}

static void known_click(const Known *known, const Camera *camera, FitPoint point, double noise_mm,
                        Rng *rng, FitPhoto *photo)
{
    double x, y, depth;
    Vec3 p = known->point_mm[point];
    if (!known_sees(known, camera, p) || !camera_project(camera, p, &x, &y, &depth))
        return;
    double px = noise_mm * camera->lens.focal_px / depth;
    int k = photo->click_count++;
    photo->click[k].point = point;
    photo->click[k].px[0] = x + px * rng_normal(rng);
    photo->click[k].px[1] = y + px * rng_normal(rng);
}

static void known_outline(const Known *known, const Camera *camera, int count, double noise_mm,
                          Rng *rng, FitPhoto *photo)
{
    double cx, cy, depth;
    if (!camera_project(camera, vec3(0.0, 50.0, -5.0), &cx, &cy, &depth))
        return;
    double px_per_mm = camera->lens.focal_px / depth;
    for (int i = 0; i < count; i++) {
        double angle = 2.0 * PLACE_PI * (i + 0.5) / count, low = 20.0, high = 220.0;
        Vec3 at = {0};
        for (int k = 0; k < 22; k++) {
            double far = 0.5 * (low + high) * px_per_mm;
            Vec3 d = camera_ray(camera, cx + far * cos(angle), cy + far * sin(angle));
            *(known_graze(known, camera->pose.eye_mm, d, &at) < 0.0 ? &low : &high) =
                0.5 * (low + high);
        }
        if (at.y < 25.0)
            continue;
        double far = (0.5 * (low + high) + noise_mm * rng_normal(rng)) * px_per_mm;
        int k = photo->outline_count++;
        photo->outline_px[k][0] = cx + far * cos(angle);
        photo->outline_px[k][1] = cy + far * sin(angle);
    }
}

/* A photograph from a side: every landmark of `wanted` (bits) that is seen, and the outline. */
static void known_photo(Arena *arena, const Known *known, Vec3 towards, unsigned wanted,
                        int outline, const Noise *noise, Rng *rng, FitPhoto *photo, Camera *camera)
{
    *camera = known_camera(towards, rng);
    *photo = (FitPhoto){.lens = camera->lens, .focal_sd_share = 0.03};
    photo->lens.focal_px *= 1.0 + noise->focal_share * rng_normal(rng);
    photo->outline_px = arena_alloc(arena, FIT_MAX_OUTLINE, sizeof photo->outline_px[0]);
    for (int i = 0; i < FIT_POINTS; i++)
        if ((wanted >> i & 1U) != 0)
            known_click(known, camera, (FitPoint)i, noise->click_mm, rng, photo);
    known_outline(known, camera, outline, noise->outline_mm, rng, photo);
}

/* A strip of tags of 16 mm, one every 24 mm, worn in a plane over the ears: the cut of the canvas
 * and its length, walked from triangle to triangle. */
enum { STRIP_POINTS = 2048, STRIP_TAGS = 23 };
typedef struct Worn {
    int count;
    Vec3 at_mm[STRIP_POINTS], axis;
    double along_mm[STRIP_POINTS];
} Worn;

FIT_TRUTH_UNUSED static void known_wear(const Known *known, double above_mm, double pitch_rad,
                                        double roll_rad, Worn *worn)
{
    Vec3 g = known->head.landmark_mm[HEAD_GLABELLA], front = g;
    double gone = 0.0, angle = atan2(g.y - HEAD_CENTRE_MM.y, g.z - HEAD_CENTRE_MM.z);
    while (gone < above_mm) {
        angle += 0.002;
        Vec3 next = known_midline(known, angle, 1.0);
        gone += vec_distance(front, next);
        front = next;
    }
    Vec3 back = vec_normalize(vec_sub(vec3(0.0, 40.0, -10.0), front)), left = vec3(1.0, 0.0, 0.0);
    left = fit_rotate(vec_scale(back, roll_rad), left);
    back = fit_rotate(vec_scale(left, -pitch_rad), back);
    worn->axis = vec_normalize(vec_cross(left, back));
    worn->axis = worn->axis.y > 0.0 ? vec_scale(worn->axis, -1.0) : worn->axis;
    for (int side = 0; side < 2; side++) {
        SectionWalk walk;
        Vec3 before = front;
        worn->count = 1, worn->at_mm[0] = front, worn->along_mm[0] = 0.0;
        for (bool on = section_start(&known->head, (Plane){front, worn->axis}, front, side, &walk);
             on && worn->count < STRIP_POINTS; on = section_next(&walk)) {
            int k = worn->count++;
            worn->at_mm[k] = walk.at_mm;
            worn->along_mm[k] = worn->along_mm[k - 1] + vec_distance(before, walk.at_mm);
            before = walk.at_mm;
        }
        if (worn->at_mm[worn->count / 4].x > 0.0) /* to the wearer's left */
            return;
    }
}

static Vec3 worn_place(const Known *known, const Worn *worn, double s_mm, double down_mm)
{
    double round_mm = worn->along_mm[worn->count - 1], s = s_mm < 0.0 ? s_mm + round_mm : s_mm;
    int k = 1;
    while (k < worn->count - 1 && worn->along_mm[k] < s)
        k++;
    double t = (s - worn->along_mm[k - 1]) / (worn->along_mm[k] - worn->along_mm[k - 1]);
    Vec3 p = vec_lerp(worn->at_mm[k - 1], worn->at_mm[k], t), n = known_normal(known, p);
    Vec3 down = vec_normalize(vec_madd(worn->axis, -vec_dot(worn->axis, n), n));
    return vec_madd(vec_madd(p, down_mm, down), 0.15, n);
}

FIT_TRUTH_UNUSED static void known_strip(Arena *arena, const Known *known, const Worn *worn,
                                         const Camera *camera, double offset_mm, double noise_px,
                                         Rng *rng, FitPhoto *photo)
{
    static const double corner[4][2] = {{8, -8}, {-8, -8}, {-8, 8}, {8, 8}};
    photo->strip = arena_alloc(arena, FIT_MAX_CORNERS, sizeof photo->strip[0]);
    for (int tag = 0; tag < STRIP_TAGS; tag++) {
        double s = 24.0 * (tag - STRIP_TAGS / 2), x, y, depth;
        Vec3 middle = worn_place(known, worn, s + offset_mm, 0.0);
        Vec3 sight = vec_normalize(vec_sub(camera->pose.eye_mm, middle));
        if (vec_dot(sight, known_normal(known, middle)) < 0.35)
            continue;
        for (int c = 0; c < 4; c++) {
            Vec3 p = worn_place(known, worn, s + corner[c][0] + offset_mm, corner[c][1]);
            if (!camera_project(camera, p, &x, &y, &depth))
                continue;
            int k = photo->strip_count++;
            photo->strip[k].strip_mm[0] = s + corner[c][0];
            photo->strip[k].strip_mm[1] = corner[c][1];
            photo->strip[k].px[0] = x + noise_px * rng_normal(rng);
            photo->strip[k].px[1] = y + noise_px * rng_normal(rng);
        }
    }
}

/* Points all over the vault, moved by a small rigid motion. */
static Vec3 *known_cloud(Arena *arena, const Known *known, int count, double noise_mm, Rng *rng)
{
    Vec3 *point = ARENA_NEW(arena, Vec3, (size_t)count);
    Vec3 turn = scatter(rng, (Vec3){0}, 0.03, 0.03, 0.03), shift = scatter(rng, (Vec3){0}, 3, 3, 3);
    for (int i = 0; i < count;) {
        Vec3 d = vec_normalize(vec3(rng_normal(rng), rng_normal(rng), rng_normal(rng)));
        if (d.y < -0.1)
            continue;
        Vec3 p =
            vec_madd(HEAD_CENTRE_MM, known_radius_mm(known, d) + noise_mm * rng_normal(rng), d);
        point[i++] = vec_add(fit_rotate(turn, p), shift);
    }
    return point;
}

/* ---- how far off a fit is -------------------------------------------------------------------- */

typedef struct Verdict {
    double frame_mm;               /* RMS over the vault, in the head's own frame */
    double aligned_mm;             /* after the rigid motion that fits best */
    Vec3 turn, shift_mm;           /* that align it (rad, mm) */
    double within_1sd, within_2sd; /* shares of vertices, in the frame */
} Verdict;

enum { VERDICT_SIZE = 6 };

/* Misses of the fitted vault at the true surface more than 45 mm above the ears (field/canvas 1.5),
 * after the motion of `axis` and `shift`, and the step that would lessen them. */
static double verdict_round(const Known *known, const FitSurface *surface, const Vec3 axis[3],
                            Vec3 shift, double step[VERDICT_SIZE])
{
    double a[VERDICT_SIZE * VERDICT_SIZE] = {0}, l[VERDICT_SIZE * VERDICT_SIZE], sum = 0.0,
                            area = 0.0;
    for (int i = 0; i < VERDICT_SIZE; i++)
        step[i] = 0.0;
    for (int v = 0; v < known->head.topology->vertex_count; v += 3) {
        Vec3 p = known->head.position_mm[v];
        if (p.y < 45.0)
            continue;
        p = vec_sub(p, FIT_MIDDLE);
        p = vec_add(vec_add(vec3(vec_dot(axis[0], p), vec_dot(axis[1], p), vec_dot(axis[2], p)),
                            FIT_MIDDLE),
                    shift);
        if (seated(surface, p).y < 45.0)
            continue;
        FitTouch touch = fit_touch(surface, NULL, p);
        Vec3 turn = vec_cross(vec_sub(p, FIT_MIDDLE), touch.normal), n = touch.normal;
        double row[VERDICT_SIZE] = {turn.x, turn.y, turn.z, n.x, n.y, n.z};
        double w = known->head.area_mm2[v];
        sum += w * touch.outside_mm * touch.outside_mm;
        area += w;
        for (int i = 0; i < VERDICT_SIZE; i++) {
            step[i] -= w * row[i] * touch.outside_mm;
            for (int k = 0; k <= i; k++)
                a[i * VERDICT_SIZE + k] += w * row[i] * row[k];
        }
    }
    if (fit_factor(VERDICT_SIZE, VERDICT_SIZE, a, 1e-6, l, NULL))
        fit_back_substitute(VERDICT_SIZE, VERDICT_SIZE, l, step);
    return sqrt(sum / area);
}

static Verdict verdict(Arena *arena, Arena *scratch, const Known *known, const HeadFit *fit)
{
    Verdict out = {0};
    FitSurface surface = fit_result_surface(fit);
    FitState state = {.axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    FitProblem *move = ARENA_NEW(scratch, FitProblem, 1);
    FitEvidence none = {0};
    *move = (FitProblem){.evidence = &none, .at_shape = -1, .at_strip = -1, .at_scan = 0};
    for (int i = 0; i < FIT_POINTS; i++)
        move->at_point[i] = -1;
    for (int i = 0; i < FIT_MAX_TIES; i++)
        move->at_tie[i] = -1;
    for (int round = 0; round < 6; round++) {
        double step[VERDICT_SIZE];
        out.aligned_mm = verdict_round(known, &surface, state.axis, state.shift_mm, step);
        if (round == 0)
            out.frame_mm = out.aligned_mm;
        fit_state_move(move, &state, step);
    }
    out.turn = vec3(state.axis[2].y, state.axis[0].z, state.axis[1].x);
    out.shift_mm = state.shift_mm;
    size_t mark = arena_mark(arena);
    Head head;
    double *sd_mm;
    Err err;
    int seen = 0, one = 0, two = 0;
    if (head_fit_canvas(arena, scratch, fit, known->head.topology, &head, &sd_mm, &err))
        for (int v = 0; v < head.topology->vertex_count; v++) {
            if (known->head.position_mm[v].y < 45.0)
                continue;
            double off = fabs(head.radius_mm[v] - known->head.radius_mm[v]);
            seen++;
            one += off < sd_mm[v];
            two += off < 2.0 * sd_mm[v];
        }
    out.within_1sd = (double)one / seen, out.within_2sd = (double)two / seen;
    arena_rewind(arena, mark);
    return out;
}

#endif
