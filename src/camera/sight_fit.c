#include "camera/camera_internal.h"
#include "camera/sight_internal.h"

#include <string.h>

static const double RAD_PER_DEG = 0.01745329251994329577;
/* A tag that is off by more than this is no part of the plane: ours agree to 0.05 px, and paper
 * lies flat to 0.02 mm at best [assumption]. */
static const double STRAY_PX = 0.3, STRAY_MM = 0.02;
/* A plane that misses the corners by more is refused: at 30 mm from the middle 0.05 mm are 0.17 %
 * of length [assumption]. */
static const double REFUSED_PX = 1.0, REFUSED_MM = 0.05;
/* Of a bend that the camera sees from in front a plane misses little, but the scale all of it. */
static const double REFUSED_BEND = 0.01;
/* A bend is believed when it takes three quarters of the squares away (16 corners: by chance never)
 * and rises by 0.3 mm, about the thickness of the card [assumption]. */
static const double BENT_SHARE = 0.25, BENT_LEAST_MM = 0.3, BENT_LEAST_PX = 0.04;
static const double TILTED_DEG = 25.0, REFUSED_TILT_DEG = 40.5;
/* Below these hair and dots are not resolved, and tags are close to what can be read. */
static const double COARSE_CLOSE = 8.0, COARSE_OTHERS = 1.0;
/* Corners are not known better than this even when they seem to agree. */
static const double LEAST_SIGMA_PX = 0.01;

enum { POINTS = 4 * MARKER_MAX_TAGS };
typedef const double (*Points)[2];

/* The used corners: on the paper, in the straightened picture, and the tag of each. */
typedef struct Corners {
    int count;
    double mm[POINTS][2], straight_px[POINTS][2], px[POINTS][2];
} Corners;

static void collect(const Lens *lens, const MarkerSight *sight, int without, int nor,
                    Corners *corners)
{
    corners->count = 0;
    for (int i = 0; i < sight->tag_count; i++) {
        const SightTag *seen = &sight->tag[i];
        double corner_mm[4][2];
        if (!seen->used || i == without || i == nor)
            continue;
        marker_tag_corners(&sight->marker.tag[seen->tag], corner_mm);
        for (int k = 0; k < 4; k++) {
            int at = corners->count++;
            memcpy(corners->mm[at], corner_mm[k], sizeof corner_mm[k]);
            memcpy(corners->px[at], seen->corner_px[k], sizeof seen->corner_px[k]);
            camera_straighten(lens, seen->corner_px[k], corners->straight_px[at]);
        }
    }
}

static bool fit_plane(const Corners *corners, double h[9], Err *err)
{
    return camera_homography(corners->count, corners->mm, corners->straight_px, h, err);
}

static double tag_residual(const Lens *lens, const MarkerSight *sight, const SightTag *seen,
                           const double h[9])
{
    double corner_mm[4][2], sum = 0;
    marker_tag_corners(&sight->marker.tag[seen->tag], corner_mm);
    for (int k = 0; k < 4; k++) {
        double at[2], want[2];
        camera_plane_to_px(h, corner_mm[k][0], corner_mm[k][1], at);
        camera_straighten(lens, seen->corner_px[k], want);
        sum += (at[0] - want[0]) * (at[0] - want[0]) + (at[1] - want[1]) * (at[1] - want[1]);
    }
    return sqrt(sum / 4);
}

static double rms_of(const Corners *corners, const double h[9])
{
    double sum = 0;
    for (int i = 0; i < corners->count; i++) {
        double at[2];
        camera_plane_to_px(h, corners->mm[i][0], corners->mm[i][1], at);
        sum +=
            pow(at[0] - corners->straight_px[i][0], 2) + pow(at[1] - corners->straight_px[i][1], 2);
    }
    return sqrt(sum / corners->count);
}

static double scale_at(const double h[9], double x_mm, double y_mm)
{
    double det = h[0] * (h[4] * h[8] - h[5] * h[7]) - h[1] * (h[3] * h[8] - h[5] * h[6]) +
                 h[2] * (h[3] * h[7] - h[4] * h[6]);
    double w = h[6] * x_mm + h[7] * y_mm + h[8];
    return sqrt(fabs(det / (w * w * w)));
}

double sight_px_per_mm(const MarkerSight *sight, double x_mm, double y_mm)
{
    return scale_at(sight->homography, x_mm, y_mm);
}

/* ---- tags that disagree ---- */

/* Leaves out the tag, or of six and more the two, without which the others agree, if they then
 * agree far better: something over it, a wrong decode. Of a bent card all are off, and all stay. */
static bool drop_strays(const Lens *lens, MarkerSight *sight, Corners *corners, double limit_px,
                        double h[9], Err *err)
{
    double all = rms_of(corners, h), worst = 0;
    int n = sight->tag_count;
    for (int i = 0; i < n; i++)
        worst = fmax(worst, tag_residual(lens, sight, &sight->tag[i], h));
    for (int pair = 0; pair < 2 && worst > limit_px && n >= (pair ? 6 : 3); pair++) {
        double least = fmin(0.5 * limit_px, 0.35 * all), other[9];
        int stray[2] = {-1, -1};
        for (int i = 0; i < n; i++)
            for (int k = pair ? i + 1 : i; k < (pair ? n : i + 1); k++) {
                collect(lens, sight, i, k, corners);
                if (!fit_plane(corners, other, err))
                    return false;
                double rms = rms_of(corners, other);
                if (rms < least)
                    least = rms, stray[0] = i, stray[1] = k, memcpy(h, other, sizeof other);
            }
        if (stray[0] >= 0) {
            sight->tag[stray[0]].used = sight->tag[stray[1]].used = false;
            break;
        }
    }
    collect(lens, sight, -1, -1, corners);
    return true;
}

/* ---- a bent card ---- */

/* What a card rolled about an axis in its plane does to its picture, to first order: with u the
 * place across the axis, height c u^2 / 2 moves the picture along the normal's own (BEND_X, BEND_Y)
 * and shrinks it towards the vanishing point (BEND_FAR), and the roll takes c^2 u^3 / 6 of u
 * (BEND_ACROSS). Linear, whatever is known of lens and pose; the homography gives way (8). */
enum { BEND_X = 8, BEND_Y, BEND_FAR, BEND_ACROSS, BEND_PARAMS };

static void bend_rows(const double h[9], const double mm[2], double angle, double size_mm,
                      double row[2][BEND_PARAMS])
{
    double x = mm[0], y = mm[1], c = cos(angle), s = sin(angle);
    double w = h[6] * x + h[7] * y + h[8], px[2], u = (c * x + s * y) / size_mm;
    camera_plane_to_px(h, x, y, px);
    memset(row, 0, 2 * sizeof *row);
    for (int k = 0; k < 2; k++) {
        double *r = row[k];
        r[3 * k] = x / w, r[3 * k + 1] = y / w, r[3 * k + 2] = 1 / w;
        r[6] = -px[k] * x / w, r[7] = -px[k] * y / w;
        r[BEND_X + k] = u * u;
        r[BEND_FAR] = u * u * (px[k] - h[2 + 3 * k] / h[8]);
        double along = c * (h[3 * k] - px[k] * h[6]) + s * (h[3 * k + 1] - px[k] * h[7]);
        r[BEND_ACROSS] = u * u * u * along / w;
    }
}

/* Least squares of all that; returns the rms distance that is left, over the degrees of freedom. */
static double fit_bend(const Corners *corners, const double h[9], double angle, double size_mm,
                       double param[BEND_PARAMS])
{
    enum { N = BEND_PARAMS };
    double a[N * N] = {0}, scale[N], square = 0, row[2][N];
    memset(param, 0, N * sizeof *param);
    for (int i = 0; i < corners->count; i++) {
        double px[2];
        bend_rows(h, corners->mm[i], angle, size_mm, row);
        camera_plane_to_px(h, corners->mm[i][0], corners->mm[i][1], px);
        for (int k = 0; k < 2; k++) {
            double r = corners->straight_px[i][k] - px[k];
            square += r * r;
            for (int j = 0; j < N; j++) {
                for (int l = 0; l <= j; l++)
                    a[j * N + l] += row[k][j] * row[k][l];
                param[j] += row[k][j] * r;
            }
        }
    }
    for (int j = 0; j < N; j++) /* the columns differ by 1e6: made alike */
        scale[j] = 1 / sqrt(a[j * (N + 1)]);
    double right[N];
    for (int j = 0; j < N; j++) {
        for (int l = 0; l <= j; l++)
            a[j * N + l] *= scale[j] * scale[l];
        right[j] = param[j] *= scale[j];
    }
    if (!camera_solve(N, a, param))
        return (double)INFINITY;
    for (int j = 0; j < N; j++) {
        square -= right[j] * param[j];
        param[j] *= scale[j];
    }
    return sqrt(2 * fmax(square, 0) / (2 * corners->count - N));
}

static double depth_of(const MarkerSight *sight)
{
    const Pose *pose = &sight->camera.pose;
    return -vec_dot(pose->eye_mm, pose->forward);
}

/* Whether a roll about some axis explains the corners far better than a plane does. */
static void judge_bend(const Corners *corners, MarkerSight *sight)
{
    enum { ANGLES = 12 };
    double least = (double)INFINITY, shrink = 0, param[BEND_PARAMS];
    double half = 0.5 * (sight->marker.right_mm - sight->marker.left_mm);
    if (corners->count < 16 || sight->residual_px < BENT_LEAST_PX)
        return;
    for (int i = 0; i < ANGLES; i++) {
        double angle = i * 180.0 / ANGLES * RAD_PER_DEG;
        double rms = fit_bend(corners, sight->homography, angle, half, param);
        if (rms < least)
            least = rms, shrink = param[BEND_FAR];
    }
    /* at u = half the height is `rise`, and the picture shrinks by rise / depth */
    double rise = -shrink * depth_of(sight) / sight->camera.pose.forward.z;
    bool explained = least * least < BENT_SHARE * sight->residual_px * sight->residual_px;
    if (explained && fabs(rise) > BENT_LEAST_MM) {
        sight->faults |= SIGHT_BENT;
        sight->bend_mm = rise;
    }
}

/* ---- pose and scale ---- */

static bool find_pose(const Lens *lens, const Corners *corners, MarkerSight *sight, Err *err)
{
    Pose pose[2];
    double rms[2];
    if (!camera_plane_poses(lens, corners->count, corners->mm, corners->px, pose, rms, err))
        return false;
    sight->camera = (Camera){.lens = *lens, .pose = pose[0]};
    Vec3 eye = vec_normalize(pose[0].eye_mm), other = vec_normalize(pose[1].eye_mm);
    sight->tilt_rad = acos(fmin(1, fmax(-1, -eye.z)));
    /* The second is possible when its sum of squares is within 3 sigma of the first's, and another
     * when it leans elsewhere by more than the tilt must be known to, many times. */
    double sigma = fmax(rms[0], LEAST_SIGMA_PX);
    bool possible = corners->count * (rms[1] * rms[1] - rms[0] * rms[0]) < 9 * sigma * sigma;
    if (possible && vec_dot(eye, other) < cos(4 * RAD_PER_DEG))
        sight->faults |= SIGHT_AMBIGUOUS;
    return true;
}

/* How far the scale at the middle moves when tags are left out one by one (the jackknife); of one
 * or two tags: what corners of the usual error let it move. */
static bool scale_spread(const Lens *lens, const MarkerSight *sight, Corners *corners,
                         double *share, Err *err)
{
    double scale[MARKER_MAX_TAGS], mean = 0, square = 0, middle[2] = {0, 0}, spread = 0;
    double whole = scale_at(sight->homography, 0, 0);
    int n = 0;
    for (int i = 0; i < sight->tag_count; i++) {
        double h[9];
        if (!sight->tag[i].used)
            continue;
        collect(lens, sight, i, i, corners);
        if (corners->count < 8)
            break;
        if (!fit_plane(corners, h, err))
            return false;
        scale[n] = scale_at(h, 0, 0) / whole;
        mean += scale[n++];
    }
    collect(lens, sight, -1, -1, corners);
    for (int i = 0; i < corners->count; i++)
        for (int k = 0; k < 2; k++)
            middle[k] += corners->straight_px[i][k] / corners->count;
    for (int i = 0; i < corners->count; i++)
        spread += pow(corners->straight_px[i][0] - middle[0], 2) +
                  pow(corners->straight_px[i][1] - middle[1], 2);
    for (int i = 0; i < n; i++)
        square += pow(scale[i] - mean / n, 2);
    double sigma = fmax(sight->residual_px, n < 3 ? 0.1 : LEAST_SIGMA_PX);
    double bend = sight->bend_mm / depth_of(sight); /* to which of its heights the scale belongs */
    *share = hypot(hypot(sigma / sqrt(spread), bend), n < 3 ? 0 : sqrt(square * (n - 1) / n));
    return true;
}

static bool refuse(const MarkerSight *sight, Err *err)
{
    double tilt_deg = sight->tilt_rad / RAD_PER_DEG;
    if (tilt_deg > REFUSED_TILT_DEG)
        return err_set(
            err, ERR_INPUT,
            "the %s card is tilted by %.0f degrees: turn the camera so that it faces the "
            "card, 40 degrees at most",
            marker_kind_name(sight->marker.kind), tilt_deg);
    double limit_px = fmax(REFUSED_PX, REFUSED_MM * sight->px_per_mm);
    if (sight->residual_px > limit_px)
        return err_set(
            err, ERR_INPUT,
            "the %s card is not flat: its tags miss a plane by %.1f px (%.2f mm); glue it "
            "on something stiff and take the photograph again",
            marker_kind_name(sight->marker.kind), sight->residual_px,
            sight->residual_px / sight->px_per_mm);
    double nearer = fabs(sight->bend_mm) / depth_of(sight);
    if (nearer > REFUSED_BEND)
        return err_set(
            err, ERR_INPUT,
            "the %s card is bent by %.1f mm, which makes lengths uncertain by %.1f %%; glue "
            "it on something stiff and take the photograph again",
            marker_kind_name(sight->marker.kind), fabs(sight->bend_mm), 100 * nearer);
    return true;
}

static bool fit_card(const Lens *lens, Corners *corners, MarkerSight *sight, Err *err)
{
    double *h = sight->homography;
    collect(lens, sight, -1, -1, corners);
    if (!fit_plane(corners, h, err))
        return false;
    double limit_px = fmax(STRAY_PX, STRAY_MM * scale_at(h, 0, 0));
    if (!drop_strays(lens, sight, corners, limit_px, h, err))
        return false;
    sight->residual_px = rms_of(corners, h);
    sight->px_per_mm = scale_at(h, 0, 0);
    for (int i = 0; i < sight->tag_count; i++) {
        sight->tag[i].residual_px = tag_residual(lens, sight, &sight->tag[i], h);
        if (!sight->tag[i].used)
            sight->faults |= SIGHT_TAGS_MISSING;
    }
    if (sight->tag_count < sight->marker.tag_count)
        sight->faults |= SIGHT_TAGS_MISSING;
    if (!find_pose(lens, corners, sight, err))
        return false;
    judge_bend(corners, sight);
    if (!refuse(sight, err))
        return false;
    if (sight->tilt_rad > TILTED_DEG * RAD_PER_DEG)
        sight->faults |= SIGHT_TILTED;
    bool close = sight->marker.kind == MARKER_CLOSE;
    if (sight->px_per_mm < (close ? COARSE_CLOSE : COARSE_OTHERS))
        sight->faults |= SIGHT_COARSE;
    return scale_spread(lens, sight, corners, &sight->scale_error, err);
}

bool sight_fit_card(Arena *scratch, const Lens *lens, MarkerSight *sight, Err *err)
{
    size_t mark = arena_mark(scratch);
    Corners *corners = ARENA_NEW(scratch, Corners, 1);
    bool ok = corners != NULL ? fit_card(lens, corners, sight, err)
                              : err_set(err, ERR_LIMIT, "no room for the corners of a card");
    arena_rewind(scratch, mark);
    return ok;
}
