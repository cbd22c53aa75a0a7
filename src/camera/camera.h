/* camera.h - how a photograph sees: lens, pose, and the way between millimetres and pixels.
 *
 * Pixels as in image.h: (0.5, 0.5) is the middle of the upper left one; x right, y down, upright.
 * The camera frame has x to the right of the picture, y down, z forward. Points are in the frame of
 * the object (a head, a marker), mm.
 */
#ifndef CAMERA_CAMERA_H
#define CAMERA_CAMERA_H

#include "base/err.h"
#include "base/vec.h"
#include "image/photo.h"

typedef struct Lens {
    int width_px, height_px;
    double focal_px, centre_x_px, centre_y_px;
    double
        k1; /* radial: r' = r (1 + k1 r^2), r in focal lengths; phones correct theirs to about 0 */
} Lens;

typedef struct Pose {
    Vec3 right, down, forward; /* unit; the camera's axes in the frame of the object */
    Vec3 eye_mm;
} Pose;

typedef struct Camera {
    Lens lens;
    Pose pose;
} Camera;

/* False when the point is not in front of the camera (5 mm at least), or so far to the side that a
 * negative k1 would fold the picture over there. depth_mm along forward. */
bool camera_project(const Camera *camera, Vec3 point_mm, double *x_px, double *y_px,
                    double *depth_mm);
/* Unit direction, in the frame of the object, of what is seen at a pixel. */
Vec3 camera_ray(const Camera *camera, double x_px, double y_px);
/* Where a lens with k1 = 0 would have drawn what this one drew at px, and the way back. */
void camera_straighten(const Lens *lens, const double px[2], double straight_px[2]);
void camera_bend(const Lens *lens, const double straight_px[2], double px[2]);
/* Pixels per mm of something at the point that faces the camera: square root of the area of its
 * picture over its own, for a small disc across the line of sight. */
double camera_px_per_mm(const Camera *camera, Vec3 point_mm);
/* up needs only to lie roughly there; along the line of sight another axis is taken. */
Camera camera_look_at(Lens lens, Vec3 eye_mm, Vec3 target_mm, Vec3 up);

/* The lens as the file tells it, and how far to trust its focal length (standard deviation, as a
 * share). From the 35 mm equivalent: f = 35mm-equivalent / 43.27 of the diagonal, 3 %; from
 * nothing: a phone's main camera, 26 mm, 12 %. Digital zoom is in the equivalent already when both
 * are said. facts may be NULL; centre in the middle, k1 0. */
Lens camera_lens(const PhotoFacts *facts, int width_px, int height_px, double *focal_sd_share);
/* The pose turned about its eye, which stays, by |turn_rad| about the axis turn_rad (in the frame
 * of the object); exact for any angle, and the axes come out orthonormal. */
Pose camera_turn(Pose pose, Vec3 turn_rad);

/* ---- planes: x, y in mm on a plane (z = 0, y down as on paper), to pixels ---- */

/* Least-squares homography of count >= 4 pairs, normalised; ERR_NUMERIC when they are in line. */
MUST_CHECK bool camera_homography(int count, const double plane_mm[][2], const double px[][2],
                                  double h[9], Err *err);
void camera_plane_to_px(const double h[9], double x_mm, double y_mm, double px[2]);
bool camera_px_to_plane(const double h[9], double x_px, double y_px, double mm[2]);
/* The two poses of a plane that explain its corners best (IPPE: Collins, Bartoli, Int. J. Comput.
 * Vis. 109 (2014) 252), each refined; rms_px[0] <= rms_px[1]. Frame: x, y of the plane, z into the
 * paper (away from a camera that faces it). */
MUST_CHECK bool camera_plane_poses(const Lens *lens, int count, const double plane_mm[][2],
                                   const double px[][2], Pose pose[2], double rms_px[2], Err *err);

#endif
