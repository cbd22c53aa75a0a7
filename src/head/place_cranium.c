#include "head/fit_internal.h"
#include "head/place_internal.h"

#include <assert.h>
#include <string.h>

enum { POSE_PARAMETERS = 7, PARAMETERS = POSE_PARAMETERS + CRANIUM_PARAMETERS };

bool cranium_holds(Vec3 d)
{
    double level = hypot(d.x, d.z);
    double front = level > 0.0 ? d.z / level : 0.0; /* 1 in front, 0 beside, -1 behind */
    double lowest = 0.34 + (front > 0.0 ? 0.16 : 0.20) * front;
    return d.y > lowest;
}

static void tangents(Vec3 d, Vec3 *a, Vec3 *b)
{
    Vec3 other = fabs(d.y) < 0.9 ? vec3(0.0, 1.0, 0.0) : vec3(1.0, 0.0, 0.0);
    *a = vec_normalize(vec_cross(other, d));
    *b = vec_cross(d, *a);
}

static Vec3 cranium_normal(const Vault *vault, Vec3 d)
{
    const double step = 0.02; /* rad; the shape has no detail below 0.4 rad (degree 8) */
    Vec3 a, b;
    tangents(d, &a, &b);
    double r = vault_ray_mm(vault, d);
    double along_a = vault_ray_mm(vault, vec_normalize(vec_madd(d, step, a))) - r;
    double along_b = vault_ray_mm(vault, vec_normalize(vec_madd(d, step, b))) - r;
    Vec3 n = vec_madd(vec_madd(d, -along_a / (step * r), a), -along_b / (step * r), b);
    return vec_normalize(n);
}

static double *shape_parameter(VaultShape *shape, int p)
{
    return p == 0   ? &shape->length_scale
           : p == 1 ? &shape->breadth_scale
           : p == 2 ? &shape->height_scale
                    : &shape->mode_sd[p - 3];
}

/* The ears were taken off the mean head, so their surroundings say nothing. */
static bool near_ear(Vec3 d)
{
    return fabs(d.x) > 0.8 && d.y < 0.35 && d.y > -0.5;
}

static void list_face(Cranium *cranium)
{
    const double step = 0.09; /* rad: half a cell of the table to either side */
    for (int i = 0; i < 2 * FACE_DIRECTIONS && cranium->face_count < FACE_DIRECTIONS; i++) {
        Vec3 d = place_spread(i, 2 * FACE_DIRECTIONS), a, b;
        double r = place_mean_radius_mm(d);
        if (cranium_holds(d) || near_ear(d) || r <= 0.0)
            continue;
        tangents(d, &a, &b);
        double along[2] = {0};
        bool inside = true;
        for (int k = 0; k < 2; k++) {
            Vec3 t = k == 0 ? a : b;
            double more = place_mean_radius_mm(vec_normalize(vec_madd(d, step, t)));
            double less = place_mean_radius_mm(vec_normalize(vec_madd(d, -step, t)));
            inside = inside && more > 0.0 && less > 0.0;
            along[k] = (more - less) / (2.0 * step * r);
        }
        if (!inside)
            continue;
        int k = cranium->face_count++;
        cranium->face_direction[k] = d;
        cranium->face_mm[k] = r;
        cranium->face_normal[k] = vec_normalize(vec_madd(vec_madd(d, -along[0], a), -along[1], b));
    }
}

Cranium *cranium_new(Arena *arena)
{
    Cranium *cranium = ARENA_NEW(arena, Cranium, 1);
    if (cranium == NULL)
        return NULL;
    VaultShape mean = vault_mean();
    Vault vault = vault_make(&mean);
    /* An even cover of the sphere of which about a third holds. */
    for (int i = 0; i < 3 * CRANIUM_DIRECTIONS && cranium->count < CRANIUM_DIRECTIONS; i++) {
        Vec3 d = place_spread(i, 3 * CRANIUM_DIRECTIONS);
        if (!cranium_holds(d))
            continue;
        int k = cranium->count++;
        cranium->direction[k] = d;
        cranium->normal[k] = cranium_normal(&vault, d);
        cranium->radius_mm[k] = vault_ray_mm(&vault, d);
    }
    list_face(cranium);
    for (int p = 0; p < CRANIUM_PARAMETERS; p++) {
        VaultShape bent = mean;
        double step = p < 3 ? 0.01 : 1.0;
        *shape_parameter(&bent, p) += step;
        vault = vault_make(&bent);
        for (int k = 0; k < cranium->count; k++)
            cranium->slope[k][p] =
                (vault_ray_mm(&vault, cranium->direction[k]) - cranium->radius_mm[k]) / step;
    }
    return cranium;
}

/* Solution of a symmetric positive definite system, in place. */
static bool solve_normal(int n, double a[PARAMETERS][PARAMETERS], double b[PARAMETERS])
{
    if (!fit_factor(n, PARAMETERS, a[0], 0.0, a[0], NULL))
        return false;
    fit_back_substitute(n, PARAMETERS, a[0], b);
    return true;
}

/* p' = e^grow turn (p - c) + c + move, for every point of the scan in the head frame. */
static void placement_move(Placement *placement, Vec3 turn, Vec3 move, double grow)
{
    Vec3 c = HEAD_CENTRE_MM;
    Vec3 old_of_new_origin =
        vec_sub(c, vec_scale(fit_rotate(vec_scale(turn, -1.0), vec_add(c, move)), exp(-grow)));
    placement->origin = place_to_scan(placement, old_of_new_origin);
    /* New axis i in the scan: the head direction that turns into e_i. */
    Vec3 axis[3];
    for (int i = 0; i < 3; i++) {
        Vec3 e = vec3(i == 0, i == 1, i == 2);
        axis[i] = place_direction_to_scan(placement, fit_rotate(vec_scale(turn, -1.0), e));
    }
    axis[0] = vec_normalize(axis[0]);
    axis[1] = vec_normalize(vec_madd(axis[1], -vec_dot(axis[0], axis[1]), axis[0]));
    axis[2] = vec_cross(axis[0], axis[1]);
    for (int i = 0; i < 3; i++)
        placement->axis[i] = axis[i];
    placement->mm_per_unit *= exp(grow);
}

typedef struct Sight {
    bool found;
    double miss_mm, facing; /* out of the model, along its normal; cosine of normal and radius */
    Vec3 position_mm;
} Sight;

static Sight sight_of(const Mesh *scan, const MeshRays *rays, const Placement *placement, Vec3 d,
                      Vec3 normal, double radius_mm)
{
    double start = 1.45 * radius_mm;
    PlaceHit hit = place_hit(scan, rays, placement, vec_madd(HEAD_CENTRE_MM, start, d),
                             vec_scale(d, -1.0), start);
    Vec3 p = vec_sub(hit.position_mm, HEAD_CENTRE_MM);
    double facing = vec_dot(normal, d);
    return (Sight){hit.found, (vec_dot(p, d) - radius_mm) * facing, facing, p};
}

/* First order in the shape, which is 30 times as fast and 0.2 mm off at 5 %: for the search. */
static double radius_near_mean(const Cranium *cranium, VaultShape *shape, int i)
{
    double r = cranium->radius_mm[i];
    for (int p = 0; p < CRANIUM_PARAMETERS; p++)
        r += cranium->slope[i][p] * (*shape_parameter(shape, p) - (p < 3 ? 1.0 : 0.0));
    return r;
}

static void look_at(const Cranium *cranium, const Mesh *scan, const MeshRays *rays,
                    VaultShape *shape, bool exact, const Placement *placement, Sight sight[])
{
    Vault vault = vault_make(shape);
    for (int i = 0; i < cranium->count; i++) {
        Vec3 d = cranium->direction[i];
        double r = exact ? vault_ray_mm(&vault, d) : radius_near_mean(cranium, shape, i);
        sight[i] = sight_of(scan, rays, placement, d, cranium->normal[i], r);
    }
}

typedef struct Normal { /* the normal equations */
    int n;
    double a[PARAMETERS][PARAMETERS], b[PARAMETERS];
} Normal;

/* Geman-McClure weight: what is several soft_mm off does not pull. */
static void add_row(Normal *normal, double weight, double soft_mm, double miss_mm,
                    const double row[PARAMETERS])
{
    double s = miss_mm / soft_mm, w = weight / ((1.0 + s * s) * (1.0 + s * s));
    for (int k = 0; k < normal->n; k++) {
        normal->b[k] -= w * row[k] * miss_mm;
        for (int j = 0; j <= k; j++)
            normal->a[k][j] += w * row[k] * row[j];
    }
}

/* How the miss of a point changes with turn, move and growth of the scan. */
static void pose_row(Vec3 p, Vec3 normal, double row[PARAMETERS])
{
    Vec3 turn = vec_cross(p, normal);
    double pose[POSE_PARAMETERS] = {
        turn.x, turn.y, turn.z, normal.x, normal.y, normal.z, vec_dot(normal, p)};
    memcpy(row, pose, sizeof pose);
}

static void add_cranium(const Cranium *cranium, const Sight sight[], double soft_mm, Normal *normal)
{
    for (int i = 0; i < cranium->count; i++) {
        if (!sight[i].found)
            continue;
        double row[PARAMETERS];
        pose_row(sight[i].position_mm, cranium->normal[i], row);
        for (int k = 0; k < CRANIUM_PARAMETERS; k++)
            row[POSE_PARAMETERS + k] = -cranium->slope[i][k] * sight[i].facing;
        add_row(normal, 1.0, soft_mm, sight[i].miss_mm, row);
    }
}

/* Faces differ by some 5 mm from the mean one; the modes do not reach them, the scales do. */
static void add_face(const Cranium *cranium, const Mesh *scan, const MeshRays *rays,
                     const VaultShape *shape, const Placement *placement, double soft_mm,
                     Normal *normal)
{
    const double weight = 0.3;
    Vec3 c = HEAD_CENTRE_MM;
    for (int i = 0; i < cranium->face_count; i++) {
        Vec3 d = cranium->face_direction[i], n = cranium->face_normal[i];
        Vec3 q = vec_madd(c, cranium->face_mm[i], d); /* the mean head grows about the origin */
        Vec3 grown = vec3((shape->breadth_scale - 1.0) * q.x, (shape->height_scale - 1.0) * q.y,
                          (shape->length_scale - 1.0) * q.z);
        double facing = vec_dot(n, d), radius = cranium->face_mm[i] + vec_dot(n, grown) / facing;
        Sight sight = sight_of(scan, rays, placement, d, n, radius);
        if (!sight.found || facing < 0.5)
            continue;
        double row[PARAMETERS] = {0};
        pose_row(sight.position_mm, n, row);
        row[POSE_PARAMETERS] = -n.z * q.z;
        row[POSE_PARAMETERS + 1] = -n.x * q.x;
        row[POSE_PARAMETERS + 2] = -n.y * q.y;
        add_row(normal, weight, soft_mm, sight.miss_mm, row);
    }
}

/* What is known beforehand. Spread between people: ANSUR II SD over mean, both sexes (field/canvas
 * 1.1). The misses of a head are no noise but its own shape, some 1.5 mm^2 in about 25 independent
 * patches of 10 rays: hence the weight. */
static void add_prior(const CraniumOptions *options, VaultShape *shape, Normal *normal)
{
    static const double scale_sd[3] = {0.037, 0.036, 0.050};
    const double share = 10.0 * 1.5;
    for (int k = 0; k < POSE_PARAMETERS; k++)
        normal->a[k][k] += 1e-6;
    if (options->fixed_scale)
        normal->a[6][6] += 1e12;
    for (int k = 0; k < normal->n - POSE_PARAMETERS; k++) {
        double value = *shape_parameter(shape, k), mean = k < 3 ? 1.0 : 0.0;
        double weight = share / (k < 3 ? scale_sd[k] * scale_sd[k] : 1.0);
        normal->a[POSE_PARAMETERS + k][POSE_PARAMETERS + k] += weight;
        normal->b[POSE_PARAMETERS + k] -= weight * (value - mean);
    }
}

/* Solves and moves; false when the system is singular. */
static bool take_step(Normal *normal, VaultShape *shape, Placement *placement)
{
    double *b = normal->b;
    if (!solve_normal(normal->n, normal->a, b))
        return false;
    for (int k = 0; k < normal->n; k++) {
        double most = k < 3 ? 0.2 : k < 6 ? 15.0 : k == 6 ? 0.1 : k < 10 ? 0.05 : 1.0;
        b[k] = fmin(fmax(b[k], -most), most);
    }
    placement_move(placement, vec3(b[0], b[1], b[2]), vec3(b[3], b[4], b[5]), b[6]);
    for (int k = 0; k < normal->n - POSE_PARAMETERS; k++) {
        double *value = shape_parameter(shape, k);
        double low = k < 3 ? 0.82 : -3.0, high = k < 3 ? 1.18 : 3.0; /* no human head is beyond */
        *value = fmin(fmax(*value + b[POSE_PARAMETERS + k], low), high);
    }
    return true;
}

static void judge(const Cranium *cranium, const Sight sight[], CraniumFit *fit)
{
    double sum = 0.0;
    int near = 0;
    for (int i = 0; i < cranium->count; i++)
        if (sight[i].found && fabs(sight[i].miss_mm) < 6.0) {
            sum += sight[i].miss_mm * sight[i].miss_mm;
            near++;
        }
    fit->covered = (double)near / cranium->count;
    fit->rms_mm = near > 0 ? sqrt(sum / near) : HUGE_VAL;
}

CraniumFit cranium_fit(const Cranium *cranium, const Mesh *scan, const MeshRays *rays,
                       CraniumOptions options, const CraniumFit *start, Placement *placement)
{
    assert(options.rounds > 0);
    CraniumFit fit = start != NULL ? *start : (CraniumFit){.shape = vault_mean()};
    Sight sight[CRANIUM_DIRECTIONS];
    for (int round = 0; round < options.rounds; round++) {
        double left = options.modes ? 0.0 : 1.0 - (double)round / options.rounds;
        Normal normal = {.n = options.modes ? PARAMETERS : POSE_PARAMETERS + 3};
        look_at(cranium, scan, rays, &fit.shape, options.modes, placement, sight);
        add_cranium(cranium, sight, 3.0 + 9.0 * left, &normal);
        add_face(cranium, scan, rays, &fit.shape, placement, 6.0 + 9.0 * left, &normal);
        add_prior(&options, &fit.shape, &normal);
        if (!take_step(&normal, &fit.shape, placement))
            break;
    }
    look_at(cranium, scan, rays, &fit.shape, options.modes, placement, sight);
    judge(cranium, sight, &fit);
    return fit;
}
