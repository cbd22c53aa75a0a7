#include "head/patch_internal.h"
#include "head/vault.h"

const char *patch_place_name(PatchPlace place)
{
    static const char *const name[PATCH_PLACES] = {"top",  "crown", "front",
                                                   "left", "right", "back"};
    return name[place];
}

static const double pi = 3.14159265358979323846;

/* Measured along the midline of the mean head. The crown: the whorl is 62.5 mm behind the vertical
 * over the ears (Park 2014, field/canvas 1.3). The front: the middle of the band of the hairline,
 * 65 to 125 mm above the glabella (field/canvas 1.4). */
static const double crown_behind_mm = 60.0, front_above_mm = 85.0;
/* Sides and back: this high over the centre a reach of 60 mm stays above the cut of the canvas. */
static const double side_up_rad = 0.50;

static Vec3 on_vault(const Vault *vault, Vec3 direction)
{
    return vec_madd(HEAD_CENTRE_MM, vault_ray_mm(vault, direction), direction);
}

/* The direction of the midline point that lies `along_mm` behind (over) the direction `start_rad`
 * above the front. */
static Vec3 midline_direction(const Vault *vault, double start_rad, double along_mm)
{
    const double step_rad = 0.002;
    double angle = start_rad, walked = 0.0;
    Vec3 direction = vec3(0.0, sin(angle), cos(angle)), before = on_vault(vault, direction);
    while (walked < along_mm && angle < pi) {
        angle += step_rad;
        direction = vec3(0.0, sin(angle), cos(angle));
        Vec3 now = on_vault(vault, direction);
        walked += vec_distance(now, before);
        before = now;
    }
    return direction;
}

static double elevation(Vec3 landmark_mm)
{
    Vec3 d = vec_sub(landmark_mm, HEAD_CENTRE_MM);
    return atan2(d.y, d.z);
}

static Vec3 place_direction(const Vault *vault, PatchPlace place)
{
    double side = cos(side_up_rad), up = sin(side_up_rad);
    Vec3 landmark[HEAD_LANDMARKS];
    VaultShape mean = vault_mean();
    vault_landmarks_mm(&mean, landmark);
    switch (place) {
    case PATCH_TOP:
        return vec3(0.0, 1.0, 0.0);
    case PATCH_CROWN:
        return midline_direction(vault, 0.5 * pi, crown_behind_mm);
    case PATCH_FRONT:
        return midline_direction(vault, elevation(landmark[HEAD_GLABELLA]), front_above_mm);
    case PATCH_LEFT:
        return vec3(side, up, 0.0);
    case PATCH_RIGHT:
        return vec3(-side, up, 0.0);
    case PATCH_BACK:
    case PATCH_PLACES:
        break;
    }
    return vec3(0.0, up, -side);
}

/* ---- how round ---- */

enum { RING = 12 };

/* Curvature (1/mm) towards each of RING directions, between the place and `out_mm` to both sides:
 * the arc through both and the place. */
static void bend(const Vault *vault, Vec3 direction, double out_mm, double curvature[RING / 2])
{
    Vec3 a = vec_normalize(vec_cross(
             fabs(direction.y) < 0.9 ? vec3(0.0, 1.0, 0.0) : vec3(0.0, 0.0, 1.0), direction)),
         b = vec_cross(direction, a), middle = on_vault(vault, direction), end[RING];
    double r = vec_distance(middle, HEAD_CENTRE_MM);
    for (int i = 0; i < RING; i++) {
        double turn = 2.0 * pi * i / RING, away = out_mm / r;
        Vec3 out = vec_madd(vec_scale(a, cos(turn)), sin(turn), b);
        end[i] = on_vault(vault, vec_madd(vec_scale(direction, cos(away)), sin(away), out));
    }
    for (int i = 0; i < RING / 2; i++) { /* radius of the circle through three points */
        Vec3 p = vec_sub(end[i], middle), q = vec_sub(end[i + RING / 2], middle);
        curvature[i] = 2.0 * vec_length(vec_cross(p, q)) /
                       (vec_length(p) * vec_length(q) * vec_distance(p, q));
    }
}

static double mean_bend(const VaultShape *shape, Vec3 direction, double out_mm)
{
    Vault vault = vault_make(shape);
    double curvature[RING / 2], sum = 0.0;
    bend(&vault, direction, out_mm, curvature);
    for (int i = 0; i < RING / 2; i++)
        sum += curvature[i] / (RING / 2);
    return sum;
}

/* Standard deviation over heads: the scales spread as length, breadth and height of ANSUR II men do
 * (field/canvas 1.1), the modes by their own deviations, all independent. */
static double bend_sd(Vec3 direction, double out_mm)
{
    const double scale_sd[3] = {7.0 / 199.5, 5.5 / 154.3, 6.2 / 131.1};
    VaultShape mean = vault_mean();
    double at_mean = mean_bend(&mean, direction, out_mm), variance = 0.0;
    for (int k = 0; k < 3 + VAULT_MODES; k++) {
        VaultShape shape = mean;
        if (k < 3)
            *(k == 0   ? &shape.length_scale
              : k == 1 ? &shape.breadth_scale
                       : &shape.height_scale) += scale_sd[k];
        else
            shape.mode_sd[k - 3] = 1.0;
        for (int side = -1; side <= 1; side += 2) { /* the modes tell left from right */
            Vec3 there = vec3(side * direction.x, direction.y, direction.z);
            double off = mean_bend(&shape, there, out_mm) - at_mean;
            variance += 0.5 * off * off;
        }
    }
    return sqrt(variance);
}

PatchGround patch_ground(PatchPlace place)
{
    const double out_mm = 40.0; /* the greater part of a patch */
    VaultShape mean = vault_mean();
    Vault vault = vault_make(&mean);
    PatchGround ground = {.direction = place_direction(&vault, place)};
    Vec3 hint = place == PATCH_TOP ? vec3(0.0, 0.0, -1.0) : vec3(0.0, 1.0, 0.0);
    ground.up = vec_normalize(vec_madd(hint, -vec_dot(hint, ground.direction), ground.direction));
    double curvature[RING / 2], sum = 0.0, least = (double)INFINITY, most = 0.0;
    bend(&vault, ground.direction, out_mm, curvature);
    for (int i = 0; i < RING / 2; i++) {
        sum += curvature[i] / (RING / 2);
        least = fmin(least, curvature[i]);
        most = fmax(most, curvature[i]);
    }
    double spread = 2.0 * bend_sd(ground.direction, out_mm);
    ground.radius_mm = 1.0 / sum;
    ground.low_mm = 1.0 / (sum + hypot(most - sum, spread));
    ground.high_mm = 1.0 / (sum - hypot(sum - least, spread));
    return ground;
}
