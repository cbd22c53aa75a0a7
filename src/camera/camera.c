#include "camera/camera.h"

#include <assert.h>

/* Nearer than this nothing is in focus of any phone, and the projection loses its meaning. */
static const double NEAREST_MM = 5.0;
/* Diagonal of a frame of 36 x 24 mm. */
static const double DIAGONAL_35MM = 43.27;
/* Main camera of a phone, 24 to 28 mm, and what its tele and selfie cameras add [assumption]. */
static const double PHONE_35MM = 26.0, PHONE_SD_SHARE = 0.12;
/* Rounding of the equivalent to whole mm, and COLMAP's experience (field/canvas 2.6). */
static const double EXIF_SD_SHARE = 0.03;
/* Of anything that takes photographs of a head; beyond: a mistake in the file. */
static const double LEAST_35MM = 8.0, MOST_35MM = 600.0;

/* ---- lens ---- */

/* The radius (in focal lengths) at which r (1 + k1 r^2) stops growing; infinite for k1 >= 0. */
static double fold_radius(double k1)
{
    return k1 < 0 ? sqrt(-1.0 / (3.0 * k1)) : (double)INFINITY;
}

/* r of r (1 + k1 r^2) = bent. The cubic is convex (k1 > 0) or concave (k1 < 0) up to the fold, so
 * Newton from bent goes to the root from one side. Beyond the fold: the fold. */
static double unbend(double k1, double bent)
{
    double fold = fold_radius(k1);
    if (k1 < 0 && bent >= fold * (1.0 + k1 * fold * fold))
        return fold;
    double r = bent;
    for (int i = 0; i < 60; i++) {
        double step = (r * (1.0 + k1 * r * r) - bent) / (1.0 + 3.0 * k1 * r * r);
        r -= step;
        if (fabs(step) <= 1e-15 * bent)
            break;
    }
    return r;
}

void camera_bend(const Lens *lens, const double straight_px[2], double px[2])
{
    double u = (straight_px[0] - lens->centre_x_px) / lens->focal_px;
    double v = (straight_px[1] - lens->centre_y_px) / lens->focal_px;
    double factor = 1.0 + lens->k1 * (u * u + v * v);
    px[0] = lens->centre_x_px + lens->focal_px * u * factor;
    px[1] = lens->centre_y_px + lens->focal_px * v * factor;
}

void camera_straighten(const Lens *lens, const double px[2], double straight_px[2])
{
    double u = (px[0] - lens->centre_x_px) / lens->focal_px;
    double v = (px[1] - lens->centre_y_px) / lens->focal_px;
    double bent = sqrt(u * u + v * v);
    double factor = bent > 0 && lens->k1 != 0 ? unbend(lens->k1, bent) / bent : 1.0;
    straight_px[0] = lens->centre_x_px + lens->focal_px * u * factor;
    straight_px[1] = lens->centre_y_px + lens->focal_px * v * factor;
}

/* ---- projection ---- */

bool camera_project(const Camera *camera, Vec3 point_mm, double *x_px, double *y_px,
                    double *depth_mm)
{
    const Lens *lens = &camera->lens;
    const Pose *pose = &camera->pose;
    Vec3 d = vec_sub(point_mm, pose->eye_mm);
    double depth = vec_dot(d, pose->forward);
    if (!(depth >= NEAREST_MM))
        return false;
    double u = vec_dot(d, pose->right) / depth, v = vec_dot(d, pose->down) / depth;
    double r2 = u * u + v * v, fold = fold_radius(lens->k1);
    if (r2 > fold * fold)
        return false;
    double factor = lens->focal_px * (1.0 + lens->k1 * r2);
    *x_px = lens->centre_x_px + factor * u;
    *y_px = lens->centre_y_px + factor * v;
    *depth_mm = depth;
    return true;
}

Vec3 camera_ray(const Camera *camera, double x_px, double y_px)
{
    const Lens *lens = &camera->lens;
    const Pose *pose = &camera->pose;
    double straight[2];
    camera_straighten(lens, (const double[2]){x_px, y_px}, straight);
    Vec3 ray =
        vec_madd(pose->forward, (straight[0] - lens->centre_x_px) / lens->focal_px, pose->right);
    ray = vec_madd(ray, (straight[1] - lens->centre_y_px) / lens->focal_px, pose->down);
    return vec_normalize(ray);
}

/* At an angle a off the axis a disc across the line of sight is drawn f / (depth sqrt(cos a)) times
 * as large; the lens then stretches by 1 + k1 r^2 across and 1 + 3 k1 r^2 along the radius. */
double camera_px_per_mm(const Camera *camera, Vec3 point_mm)
{
    Vec3 d = vec_sub(point_mm, camera->pose.eye_mm);
    double depth = vec_dot(d, camera->pose.forward), distance = vec_length(d);
    if (!(depth >= NEAREST_MM))
        return 0.0;
    double cosine = depth / distance, k1 = camera->lens.k1;
    double r2 = 1.0 / (cosine * cosine) - 1.0;
    double stretch = (1.0 + k1 * r2) * fmax(0.0, 1.0 + 3.0 * k1 * r2);
    return camera->lens.focal_px / depth * sqrt(stretch / cosine);
}

/* ---- pose ---- */

static Vec3 any_across(Vec3 axis)
{
    Vec3 least = fabs(axis.x) <= fabs(axis.y) && fabs(axis.x) <= fabs(axis.z) ? vec3(1, 0, 0)
                 : fabs(axis.y) <= fabs(axis.z)                               ? vec3(0, 1, 0)
                                                                              : vec3(0, 0, 1);
    return vec_normalize(vec_cross(axis, least));
}

Camera camera_look_at(Lens lens, Vec3 eye_mm, Vec3 target_mm, Vec3 up)
{
    Vec3 forward = vec_normalize(vec_sub(target_mm, eye_mm));
    assert(vec_length(forward) > 0.5);
    Vec3 right = vec_cross(forward, vec_normalize(up));
    right = vec_length(right) > 1e-9 ? vec_normalize(right) : any_across(forward);
    return (Camera){.lens = lens,
                    .pose = {.right = right,
                             .down = vec_cross(forward, right),
                             .forward = forward,
                             .eye_mm = eye_mm}};
}

/* Rodrigues' formula. */
static Vec3 turned(Vec3 a, Vec3 axis, double cosine, double sine)
{
    Vec3 b = vec_madd(vec_scale(a, cosine), sine, vec_cross(axis, a));
    return vec_madd(b, (1.0 - cosine) * vec_dot(axis, a), axis);
}

Pose camera_turn(Pose pose, Vec3 turn_rad)
{
    double angle = vec_length(turn_rad), cosine = cos(angle), sine = sin(angle);
    Vec3 axis = vec_normalize(turn_rad);
    /* Thousands of small turns must not add up to axes that are askew: made square again. */
    Vec3 forward = vec_normalize(turned(pose.forward, axis, cosine, sine));
    Vec3 right = turned(pose.right, axis, cosine, sine);
    right = vec_normalize(vec_madd(right, -vec_dot(right, forward), forward));
    return (Pose){.right = right,
                  .down = vec_cross(forward, right),
                  .forward = forward,
                  .eye_mm = pose.eye_mm};
}

Lens camera_lens(const PhotoFacts *facts, int width_px, int height_px, double *focal_sd_share)
{
    assert(width_px > 0 && height_px > 0);
    double focal_35mm = facts != NULL ? facts->focal_35mm : 0.0;
    bool said = focal_35mm >= LEAST_35MM && focal_35mm <= MOST_35MM;
    if (!said) {
        double zoom = facts != NULL && facts->digital_zoom > 1.0 ? facts->digital_zoom : 1.0;
        focal_35mm = fmin(PHONE_35MM * zoom, MOST_35MM);
    }
    *focal_sd_share = said ? EXIF_SD_SHARE : PHONE_SD_SHARE;
    return (Lens){.width_px = width_px,
                  .height_px = height_px,
                  .focal_px = focal_35mm / DIAGONAL_35MM * hypot(width_px, height_px),
                  .centre_x_px = 0.5 * width_px,
                  .centre_y_px = 0.5 * height_px};
}
