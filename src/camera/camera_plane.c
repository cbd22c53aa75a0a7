#include "camera/camera.h"

#include "camera/camera_internal.h"

#include <string.h>

/* ---- small systems ---- */

bool camera_solve(int n, double a[], double b[])
{
    for (int j = 0; j < n; j++) {
        double before = a[j * n + j], pivot = before;
        for (int k = 0; k < j; k++)
            pivot -= a[j * n + k] * a[j * n + k];
        if (!(pivot > 1e-13 * before))
            return false;
        a[j * n + j] = sqrt(pivot);
        for (int i = j + 1; i < n; i++) {
            double sum = a[i * n + j];
            for (int k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = sum / a[j * n + j];
        }
    }
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++)
            b[i] -= a[i * n + k] * b[k];
        b[i] /= a[i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            b[i] -= a[k * n + i] * b[k];
        b[i] /= a[i * n + i];
    }
    return true;
}

/* Normal equations: adds one row of the Jacobian and its residual. */
static void add_row(int n, const double row[], double residual, double a[], double b[])
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++)
            a[i * n + j] += row[i] * row[j];
        b[i] += row[i] * residual;
    }
}

/* ---- homography ---- */

/* x' = scale (x - middle): zero mean and a mean distance of sqrt 2, without which the normal
 * equations lose half the digits; Hartley, IEEE Trans. Pattern Anal. 19 (1997) 580. */
typedef struct Normal {
    double x, y, scale;
} Normal;

static Normal normal_of(int count, const double p[][2])
{
    Normal normal = {0, 0, 0};
    for (int i = 0; i < count; i++)
        normal.x += p[i][0] / count, normal.y += p[i][1] / count;
    double mean = 0;
    for (int i = 0; i < count; i++)
        mean += hypot(p[i][0] - normal.x, p[i][1] - normal.y) / count;
    normal.scale = sqrt(2.0) / mean;
    return normal;
}

/* One pair's two rows. first: of the algebraic error, w = 1 (direct linear transform); then of the
 * distance in the picture. */
static void add_pair(const double h[9], bool first, const double from[2], const double to[2],
                     double a[64], double b[8])
{
    double x = from[0], y = from[1];
    double w = first ? 1.0 : h[6] * x + h[7] * y + 1.0;
    double u = (h[0] * x + h[1] * y + h[2]) / w, v = (h[3] * x + h[4] * y + h[5]) / w;
    double at_u = first ? to[0] : u, at_v = first ? to[1] : v;
    double row_u[8] = {x / w, y / w, 1 / w, 0, 0, 0, -at_u * x / w, -at_u * y / w};
    double row_v[8] = {0, 0, 0, x / w, y / w, 1 / w, -at_v * x / w, -at_v * y / w};
    add_row(8, row_u, to[0] - (first ? 0 : u), a, b);
    add_row(8, row_v, to[1] - (first ? 0 : v), a, b);
}

/* h := (undo to) h (do from) */
static void denormalise(const Normal *from, const Normal *to, double h[9])
{
    for (int i = 0; i < 3; i++) {
        double *row = h + 3 * i;
        row[0] *= from->scale, row[1] *= from->scale;
        row[2] -= row[0] * from->x + row[1] * from->y;
    }
    for (int j = 0; j < 3; j++) {
        h[j] = h[j] / to->scale + to->x * h[6 + j];
        h[3 + j] = h[3 + j] / to->scale + to->y * h[6 + j];
    }
    /* h[8] = 1 where the plane's origin is seen at all */
    if (fabs(h[8]) > 1e-9)
        for (int i = 0; i < 9; i++)
            h[i] /= i < 8 ? h[8] : 1.0;
    if (fabs(h[8]) > 1e-9)
        h[8] = 1.0;
}

bool camera_homography(int count, const double plane_mm[][2], const double px[][2], double h[9],
                       Err *err)
{
    enum { ROUNDS = 6 }; /* the direct one is within a few percent: Newton needs 2 or 3 */
    if (count < 4)
        return err_set(err, ERR_INPUT, "%d points do not make a plane: four are needed", count);
    Normal from = normal_of(count, plane_mm), to = normal_of(count, px);
    double least = 0; /* sum of squares of the best so far */
    memset(h, 0, 9 * sizeof *h);
    h[8] = 1;
    double best[9] = {0};
    for (int round = 0; round <= ROUNDS; round++) {
        double a[64] = {0}, b[8] = {0};
        double square = 0;
        for (int i = 0; i < count; i++) {
            double p[2] = {from.scale * (plane_mm[i][0] - from.x),
                           from.scale * (plane_mm[i][1] - from.y)};
            double q[2] = {to.scale * (px[i][0] - to.x), to.scale * (px[i][1] - to.y)};
            double seen[2];
            camera_plane_to_px(h, p[0], p[1], seen);
            square += (seen[0] - q[0]) * (seen[0] - q[0]) + (seen[1] - q[1]) * (seen[1] - q[1]);
            add_pair(h, round == 0, p, q, a, b);
        }
        if (round == 1 || (round > 1 && square < least)) {
            least = square;
            memcpy(best, h, sizeof best);
        }
        if (!camera_solve(8, a, b)) {
            if (round == 0)
                return err_set(err, ERR_NUMERIC, "the %d points of a plane lie in a line", count);
            break;
        }
        for (int i = 0; i < 8; i++)
            h[i] = round == 0 ? b[i] : h[i] + b[i];
    }
    memcpy(h, best, sizeof best);
    denormalise(&from, &to, h);
    for (int i = 0; i < 9; i++)
        if (!isfinite(h[i]))
            return err_set(err, ERR_NUMERIC, "the %d points of a plane lie in a line", count);
    return true;
}

void camera_plane_to_px(const double h[9], double x_mm, double y_mm, double px[2])
{
    double w = h[6] * x_mm + h[7] * y_mm + h[8];
    px[0] = (h[0] * x_mm + h[1] * y_mm + h[2]) / w;
    px[1] = (h[3] * x_mm + h[4] * y_mm + h[5]) / w;
}

bool camera_px_to_plane(const double h[9], double x_px, double y_px, double mm[2])
{
    /* (h1 - u h3) . (x, y, 1) = 0 and the same for v */
    double a = h[0] - x_px * h[6], b = h[1] - x_px * h[7], c = h[2] - x_px * h[8];
    double d = h[3] - y_px * h[6], e = h[4] - y_px * h[7], f = h[5] - y_px * h[8];
    double det = a * e - b * d;
    if (!(fabs(det) > 1e-12 * (fabs(a * e) + fabs(b * d))))
        return false;
    mm[0] = (b * f - c * e) / det;
    mm[1] = (c * d - a * f) / det;
    /* beyond the horizon, the plane's other side is drawn upside down */
    double w = h[6] * mm[0] + h[7] * mm[1] + h[8];
    return isfinite(mm[0]) && isfinite(mm[1]) && w * h[8] > 0;
}

/* ---- poses of a plane ---- */

static double rms_of(const Camera *camera, int count, const double plane_mm[][2],
                     const double px[][2])
{
    double sum = 0;
    for (int i = 0; i < count; i++) {
        double x, y, depth;
        if (!camera_project(camera, vec3(plane_mm[i][0], plane_mm[i][1], 0), &x, &y, &depth))
            return (double)INFINITY;
        sum += (x - px[i][0]) * (x - px[i][0]) + (y - px[i][1]) * (y - px[i][1]);
    }
    return sqrt(sum / count);
}

/* Rows of a projected point by a small turn about the eye (3) and a shift of it (3). */
static void pose_rows(const Camera *camera, Vec3 point, double row_x[6], double row_y[6])
{
    const Pose *pose = &camera->pose;
    const Lens *lens = &camera->lens;
    Vec3 d = vec_sub(point, pose->eye_mm);
    double depth = vec_dot(d, pose->forward);
    double u = vec_dot(d, pose->right) / depth, v = vec_dot(d, pose->down) / depth;
    double grown = 1 + lens->k1 * (u * u + v * v), f = lens->focal_px / depth;
    double xu = f * (grown + 2 * lens->k1 * u * u), yv = f * (grown + 2 * lens->k1 * v * v);
    double xv = f * 2 * lens->k1 * u * v;
    /* gradients of depth * u and depth * v along the axes, less what the depth takes */
    Vec3 along_u = vec_madd(pose->right, -u, pose->forward);
    Vec3 along_v = vec_madd(pose->down, -v, pose->forward);
    Vec3 gx = vec_madd(vec_scale(along_u, xu), xv, along_v);
    Vec3 gy = vec_madd(vec_scale(along_v, yv), xv, along_u);
    Vec3 tx = vec_cross(gx, d), ty = vec_cross(gy, d);
    memcpy(row_x, (double[6]){tx.x, tx.y, tx.z, -gx.x, -gx.y, -gx.z}, 6 * sizeof(double));
    memcpy(row_y, (double[6]){ty.x, ty.y, ty.z, -gy.x, -gy.y, -gy.z}, 6 * sizeof(double));
}

/* Levenberg-Marquardt on turn and eye; returns the rms distance in px. */
static double refine_pose(Camera *camera, int count, const double plane_mm[][2],
                          const double px[][2])
{
    enum { ROUNDS = 40 };
    double rms = rms_of(camera, count, plane_mm, px), damping = 1e-4;
    for (int round = 0; round < ROUNDS && isfinite(rms); round++) {
        double a[36] = {0}, b[6] = {0};
        for (int i = 0; i < count; i++) {
            double x, y, depth, row_x[6], row_y[6];
            Vec3 point = vec3(plane_mm[i][0], plane_mm[i][1], 0);
            (void)camera_project(camera, point, &x, &y, &depth); /* rms is finite: it is seen */
            pose_rows(camera, point, row_x, row_y);
            add_row(6, row_x, px[i][0] - x, a, b);
            add_row(6, row_y, px[i][1] - y, a, b);
        }
        for (int i = 0; i < 6; i++)
            a[7 * i] *= 1 + damping;
        if (!camera_solve(6, a, b))
            break;
        Camera next = *camera;
        next.pose = camera_turn(next.pose, vec3(b[0], b[1], b[2]));
        next.pose.eye_mm = vec_add(next.pose.eye_mm, vec3(b[3], b[4], b[5]));
        double next_rms = rms_of(&next, count, plane_mm, px);
        if (next_rms < rms) {
            bool done = rms - next_rms < 1e-10 * rms || next_rms < 1e-12;
            *camera = next;
            rms = next_rms;
            damping *= 0.1;
            if (done)
                break;
        } else if ((damping *= 10) > 1e8) {
            break;
        }
    }
    return rms;
}

/* The rotation that takes the z axis to the ray (u, v, 1). */
static void rotation_to(double u, double v, double r[9])
{
    double length = sqrt(u * u + v * v + 1), c = 1 / length, x = u / length, y = v / length;
    double k = 1 / (1 + c);
    double to[9] = {1 - k * x * x, -k * x * y, x, -k * x * y, 1 - k * y * y, y, -x, -y, c};
    memcpy(r, to, sizeof to);
}

/* The plane's axes in the camera's frame, twice: from the Jacobian J of the way from plane to
 * picture (in focal lengths) at the plane's origin, seen at (u, v). With the ray turned onto z the
 * upper left 2 x 2 of a rotation is J's A over its largest singular value; the rest of its third
 * row follows up to its sign, which is the ambiguity. */
static bool two_rotations(const double jacobian[4], double u, double v, double r[2][9])
{
    double turn[9];
    rotation_to(u, v, turn);
    double b00 = turn[0] - u * turn[6], b01 = turn[1] - u * turn[7];
    double b10 = turn[3] - v * turn[6], b11 = turn[4] - v * turn[7];
    double det = b00 * b11 - b01 * b10;
    const double *j = jacobian;
    double a[4] = {(b11 * j[0] - b01 * j[2]) / det, (b11 * j[1] - b01 * j[3]) / det,
                   (b00 * j[2] - b10 * j[0]) / det, (b00 * j[3] - b10 * j[1]) / det};
    double p = a[0] * a[0] + a[1] * a[1], q = a[2] * a[2] + a[3] * a[3];
    double s = a[0] * a[2] + a[1] * a[3];
    double largest = sqrt(0.5 * (p + q + sqrt((p - q) * (p - q) + 4 * s * s)));
    if (!(largest > 0) || !isfinite(largest))
        return false;
    for (int i = 0; i < 4; i++)
        a[i] /= largest;
    double c0 = sqrt(fmax(0, 1 - a[0] * a[0] - a[2] * a[2]));
    double c1 = sqrt(fmax(0, 1 - a[1] * a[1] - a[3] * a[3]));
    if (a[0] * a[1] + a[2] * a[3] > 0)
        c1 = -c1;
    for (int k = 0; k < 2; k++) {
        double sign = k == 0 ? 1 : -1;
        Vec3 x = vec3(a[0], a[2], sign * c0), y = vec3(a[1], a[3], sign * c1);
        Vec3 z = vec_cross(x, y), column[3] = {x, y, z};
        for (int i = 0; i < 3; i++)
            for (int c = 0; c < 3; c++)
                r[k][3 * i + c] = turn[3 * i] * column[c].x + turn[3 * i + 1] * column[c].y +
                                  turn[3 * i + 2] * column[c].z;
    }
    return true;
}

/* The shift t of q = R p + t by linear least squares on u (R3 p + t3) = R1 p + t1 and the same for
 * v; the eye is at -R^T t. */
static bool eye_of(const double r[9], int count, const double plane_mm[][2], const double uv[][2],
                   Pose *pose)
{
    double a[9] = {0}, t[3] = {0};
    for (int i = 0; i < count; i++) {
        double q[3];
        for (int k = 0; k < 3; k++)
            q[k] = r[3 * k] * plane_mm[i][0] + r[3 * k + 1] * plane_mm[i][1];
        add_row(3, (const double[3]){1, 0, -uv[i][0]}, uv[i][0] * q[2] - q[0], a, t);
        add_row(3, (const double[3]){0, 1, -uv[i][1]}, uv[i][1] * q[2] - q[1], a, t);
    }
    if (!camera_solve(3, a, t))
        return false;
    Vec3 right = vec3(r[0], r[1], r[2]), down = vec3(r[3], r[4], r[5]);
    Vec3 forward = vec3(r[6], r[7], r[8]);
    Vec3 eye = vec_scale(right, -t[0]);
    eye = vec_madd(vec_madd(eye, -t[1], down), -t[2], forward);
    *pose = (Pose){.right = right, .down = down, .forward = forward, .eye_mm = eye};
    return true;
}

enum { PLANE_POINTS = 512 };

static bool poses_of(const Lens *lens, int count, const double plane_mm[][2], const double px[][2],
                     double uv[][2], Pose pose[2], Err *err)
{
    double h[9], rotation[2][9], middle[2] = {0, 0}, moved[PLANE_POINTS][2];
    for (int i = 0; i < count; i++) {
        double straight[2];
        camera_straighten(lens, px[i], straight);
        uv[i][0] = (straight[0] - lens->centre_x_px) / lens->focal_px;
        uv[i][1] = (straight[1] - lens->centre_y_px) / lens->focal_px;
        middle[0] += plane_mm[i][0] / count, middle[1] += plane_mm[i][1] / count;
    }
    for (int i = 0; i < count; i++)
        moved[i][0] = plane_mm[i][0] - middle[0], moved[i][1] = plane_mm[i][1] - middle[1];
    if (!camera_homography(count, (const double(*)[2])moved, (const double(*)[2])uv, h, err))
        return false;
    double u = h[2], v = h[5]; /* h[8] is 1: the middle is in the picture */
    double jacobian[4] = {h[0] - u * h[6], h[1] - u * h[7], h[3] - v * h[6], h[4] - v * h[7]};
    if (!two_rotations(jacobian, u, v, rotation))
        return err_set(err, ERR_NUMERIC, "the plane is seen from its edge");
    for (int k = 0; k < 2; k++)
        if (!eye_of(rotation[k], count, plane_mm, (const double(*)[2])uv, &pose[k]))
            return err_set(err, ERR_NUMERIC, "the %d points of a plane lie in a line", count);
    return true;
}

bool camera_plane_poses(const Lens *lens, int count, const double plane_mm[][2],
                        const double px[][2], Pose pose[2], double rms_px[2], Err *err)
{
    double uv[PLANE_POINTS][2];
    if (count > PLANE_POINTS)
        return err_set(err, ERR_INPUT, "%d points of a plane are more than %d", count,
                       PLANE_POINTS);
    if (!poses_of(lens, count, plane_mm, px, uv, pose, err))
        return false;
    for (int k = 0; k < 2; k++) {
        Camera camera = {.lens = *lens, .pose = pose[k]};
        rms_px[k] = refine_pose(&camera, count, plane_mm, px);
        pose[k] = camera.pose;
    }
    if (rms_px[1] < rms_px[0]) {
        Pose swap_pose = pose[0];
        double swap = rms_px[0];
        pose[0] = pose[1], rms_px[0] = rms_px[1];
        pose[1] = swap_pose, rms_px[1] = swap;
    }
    if (!isfinite(rms_px[0]))
        return err_set(err, ERR_NUMERIC, "no pose puts the plane in front of the camera");
    return true;
}
