#include "head/patch_internal.h"
#include "head/vault.h"

#include <assert.h>
#include <stdio.h>

static const double pi = 3.14159265358979323846;

/* Limits of what a lone photograph tells; field/assess (a) and canvas 2.6. */
static const double least_apart_px = 30.0, most_reach_mm = 60.0, beyond_frame_mm = 15.0;
static const double least_px_per_mm = 0.5, most_px_per_mm = 60.0;
static const double most_tilt_rad = 40.0 * 3.14159265358979323846 / 180.0;
/* More oblique skin is mostly hair, shine and guesswork [assumption]. */
static const double most_oblique_rad = 70.0 * 3.14159265358979323846 / 180.0;

/* Standard deviations that the errors are made of. A click 1.5 px and a tape 1 mm: the issue's own
 * figures. Who takes the skin between two points for facing the camera is off by 10 degrees
 * [assumption], by an outline 5 (patch_test, on vaults), by a marker 0.5 (the target of
 * camera/sight); here about each of two axes. */
static const double click_sd_px = 1.5, tape_sd_mm = 1.0, phone_focal_sd = 0.12;
static const double facing_sd_rad = 10.0 / 1.41421356 * 3.14159265358979323846 / 180.0;
static const double outline_sd_rad = 5.0 / 1.41421356 * 3.14159265358979323846 / 180.0;
static const double marker_sd_rad = 0.5 / 1.41421356 * 3.14159265358979323846 / 180.0;
/* What is told shall hold in the worst direction on 95 of 100 heads: more than sqrt(5.99) = 2.45 of
 * a chi square of two, for heads are no spheres; 2.7 by patch_test. */
static const double told_sd = 2.7;

/* ---- a sphere in the frame of the camera --------------------------------------------------- */

typedef struct Ball {
    Vec3 centre, normal; /* outward, at the middle of the patch */
    double radius;
} Ball;

/* What was told and guessed, so that each guess can be made a little otherwise. */
typedef struct Told {
    const PatchScale *scale;
    const MarkerSight *sight;
    Camera camera; /* at the origin, axes of the frame */
    double radius_mm, distance_mm;
    double px[2][2];
    double tilt_rad[2];    /* added, about the picture's axes */
    double seat_mm, sized; /* of a marker: pushed into the skin; enlarged */
    double focal_share;    /* the true focal length over the one taken */
} Told;

static Vec3 ray(const Told *told, double x_px, double y_px)
{
    Vec3 r = camera_ray(&told->camera, x_px, y_px);
    return vec_normalize(vec3(r.x, r.y, r.z * told->focal_share));
}

/* Where a ray from the eye meets the sphere first. Past the sphere: the nearest point of its
 * outline, so that arcs stay continuous; false then. */
static bool ball_hit(const Ball *ball, Vec3 direction, Vec3 *point)
{
    double along = vec_dot(direction, ball->centre);
    Vec3 foot = vec_scale(direction, along), off = vec_sub(foot, ball->centre);
    double away = vec_length(off), inside = ball->radius * ball->radius - away * away;
    if (inside < 0.0 || along <= 0.0) {
        *point = vec_madd(ball->centre, ball->radius / away, off);
        return false;
    }
    *point = vec_scale(direction, along - sqrt(inside));
    return true;
}

static double ball_arc(const Ball *ball, Vec3 a, Vec3 b)
{
    Vec3 p = vec_sub(a, ball->centre), q = vec_sub(b, ball->centre);
    return ball->radius * atan2(vec_length(vec_cross(p, q)), vec_dot(p, q));
}

/* Turned about the picture's x, then y. */
static Vec3 tilted(Vec3 v, const double angle_rad[2])
{
    double c = cos(angle_rad[0]), s = sin(angle_rad[0]);
    v = vec3(v.x, c * v.y - s * v.z, s * v.y + c * v.z);
    c = cos(angle_rad[1]), s = sin(angle_rad[1]);
    return vec3(c * v.x + s * v.z, v.y, c * v.z - s * v.x);
}

/* ---- the outline ----------------------------------------------------------------------------- */

static bool solve3(double a[3][4], double x[3])
{
    for (int i = 0; i < 3; i++) {
        int best = i;
        for (int j = i + 1; j < 3; j++)
            best = fabs(a[j][i]) > fabs(a[best][i]) ? j : best;
        for (int k = 0; k < 4; k++) {
            double swap = a[i][k];
            a[i][k] = a[best][k], a[best][k] = swap;
        }
        if (!(fabs(a[i][i]) > 1e-12))
            return false;
        for (int j = i + 1; j < 3; j++)
            for (int k = 3; k >= i; k--)
                a[j][k] -= a[j][i] / a[i][i] * a[i][k];
    }
    for (int i = 2; i >= 0; i--) {
        x[i] = a[i][3];
        for (int k = i + 1; k < 3; k++)
            x[i] -= a[i][k] * x[k];
        x[i] /= a[i][i];
    }
    return true;
}

/* Rays to the outline of a sphere lie on a cone about the direction n of its centre: u n = cos a,
 * so u q = 1 with q = n / cos a, linear in q. Least squares over all. */
static bool outline_direction(const Told *told, Vec3 *toward, double *cosine)
{
    double normal[3][4] = {{0.0}}, q[3];
    for (int i = 0; i < told->scale->rim_count; i++) {
        Vec3 u = ray(told, told->scale->rim_px[i][0], told->scale->rim_px[i][1]);
        const double row[4] = {u.x, u.y, u.z, 1.0};
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 4; k++)
                normal[j][k] += row[j] * row[k];
    }
    if (!solve3(normal, q))
        return false;
    Vec3 n = vec3(q[0], q[1], q[2]);
    *cosine = 1.0 / vec_length(n);
    *toward = vec_scale(n, *cosine);
    return *cosine < 1.0 && isfinite(*cosine);
}

/* The skin's normal where a ray meets the head: towards the camera, or as on the sphere that the
 * outline belongs to. That one has a size of its own, for a head is flatter or rounder here than
 * its outline; how it is turned does not depend on any size. */
static bool seen_normal(const Told *told, Vec3 middle_ray, Vec3 *normal)
{
    Vec3 toward, hit;
    double cosine;
    *normal = vec_scale(middle_ray, -1.0);
    if (told->scale->rim_count == 0)
        return true;
    if (!outline_direction(told, &toward, &cosine))
        return false;
    const Ball outline = {.centre = toward, .radius = sqrt(1.0 - cosine * cosine)};
    if (!ball_hit(&outline, middle_ray, &hit))
        return false;
    *normal = vec_normalize(vec_sub(hit, toward));
    return true;
}

/* Along the skin between what two rays see, which becomes the middle; false past the sphere. */
static bool ball_span(Ball *ball, Vec3 a, Vec3 b, double *arc_mm)
{
    Vec3 p, q;
    bool first = ball_hit(ball, a, &p), second = ball_hit(ball, b, &q);
    *arc_mm = ball_arc(ball, p, q);
    ball->normal = vec_normalize(vec_sub(vec_lerp(p, q, 0.5), ball->centre));
    return first && second;
}

/* The two points lie distance_mm apart along the skin: the farther the sphere, the farther apart
 * they are on it. False: they would be off the sphere before that. */
static bool ball_by_points(const Told *told, Ball *ball)
{
    Vec3 a = ray(told, told->px[0][0], told->px[0][1]), normal;
    Vec3 b = ray(told, told->px[1][0], told->px[1][1]), middle = vec_normalize(vec_add(a, b));
    double low = 1.0, high = 100.0 * told->radius_mm, arc_mm;
    if (!seen_normal(told, middle, &normal))
        return false;
    normal = tilted(normal, told->tilt_rad);
    ball->radius = told->radius_mm;
    for (int i = 0; i < 80; i++) {
        double far_mm = 0.5 * (low + high);
        ball->centre = vec_madd(vec_scale(middle, far_mm), -ball->radius, normal);
        bool beyond = !ball_span(ball, a, b, &arc_mm) || arc_mm > told->distance_mm;
        *(beyond ? &high : &low) = far_mm;
    }
    ball->centre = vec_madd(vec_scale(middle, low), -ball->radius, normal);
    return ball_span(ball, a, b, &arc_mm) &&
           fabs(arc_mm - told->distance_mm) < 1e-6 * told->distance_mm;
}

/* Half of the side of a window, across: what it rests on. 0: none. */
static double window_half_mm(const Marker *marker)
{
    const double *w = marker->window_mm;
    return marker->has_window ? 0.5 * fmin(w[2] - w[0], w[3] - w[1]) : 0.0;
}

/* Flat paper with a window touches a sphere with the middles of the window's sides, and the skin
 * bulges through it by R - sqrt(R^2 - a^2): 1.3 mm of 15 on 85. Without one it touches with its
 * middle. */
static Ball ball_by_marker(const Told *told)
{
    const MarkerSight *sight = told->sight;
    const double *w = sight->marker.window_mm;
    double a = window_half_mm(&sight->marker), r = told->radius_mm;
    Vec3 seat = a > 0.0 ? vec3(0.5 * (w[0] + w[2]), 0.5 * (w[1] + w[3]), 0.0) : vec3(0.0, 0.0, 0.0);
    seat.z = sqrt(fmax(0.0, r * r - a * a)) - r + told->seat_mm; /* of the skin's middle */
    const Pose *pose = &sight->camera.pose;
    Vec3 d = vec_sub(seat, pose->eye_mm);
    Vec3 middle = vec3(vec_dot(d, pose->right), vec_dot(d, pose->down), vec_dot(d, pose->forward));
    middle = vec_scale(middle, told->sized);
    middle.z *= told->focal_share;
    Ball ball = {.radius = r,
                 .normal =
                     tilted(vec3(-pose->right.z, -pose->down.z, -pose->forward.z), told->tilt_rad)};
    ball.centre = vec_madd(middle, -r, ball.normal);
    return ball;
}

static bool ball_make(const Told *told, Ball *ball)
{
    if (told->sight == NULL)
        return ball_by_points(told, ball);
    *ball = ball_by_marker(told);
    return true;
}

static Vec3 ball_middle(const Ball *ball)
{
    return vec_madd(ball->centre, ball->radius, ball->normal);
}

static double ball_tilt(const Ball *ball)
{
    Vec3 sight = vec_normalize(ball_middle(ball));
    return atan2(vec_length(vec_cross(sight, ball->normal)), -vec_dot(sight, ball->normal));
}

/* ---- how far off it may be ---------------------------------------------------------------------
 */

enum { RIM = 16 };

/* Pixels (as rays of the lens that is taken) of the circle at the reach about the middle. */
static void rim_rays(const Ball *ball, double reach_mm, Vec3 direction[RIM], double *oblique_rad)
{
    Vec3 hint = fabs(ball->normal.x) < 0.7 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 1.0, 0.0);
    Vec3 a = vec_normalize(vec_cross(ball->normal, hint)), b = vec_cross(ball->normal, a);
    double away = reach_mm / ball->radius;
    *oblique_rad = 0.0;
    for (int i = 0; i < RIM; i++) {
        double turn = 2.0 * pi * i / RIM;
        Vec3 out = vec_madd(vec_scale(a, cos(turn)), sin(turn), b);
        Vec3 normal = vec_madd(vec_scale(ball->normal, cos(away)), sin(away), out);
        direction[i] = vec_normalize(vec_madd(ball->centre, ball->radius, normal));
        *oblique_rad = fmax(*oblique_rad, acos(fmax(-1.0, -vec_dot(direction[i], normal))));
    }
}

/* Area of the triangle on the sphere: Van Oosterom, Strackee, IEEE Trans. Biomed. Eng. 30 (1983)
 * 125. */
static double ball_area(const Ball *ball, Vec3 a, Vec3 b, Vec3 c)
{
    a = vec_normalize(vec_sub(a, ball->centre));
    b = vec_normalize(vec_sub(b, ball->centre));
    c = vec_normalize(vec_sub(c, ball->centre));
    double above = fabs(vec_dot(a, vec_cross(b, c)));
    double below = 1.0 + vec_dot(a, b) + vec_dot(b, c) + vec_dot(c, a);
    return 2.0 * atan2(above, below) * ball->radius * ball->radius;
}

/* What the sphere makes of the same pixels: lengths from the middle, and the area between. */
static double measure(const Ball *ball, Vec3 middle_ray, const Vec3 direction[RIM],
                      double length_mm[RIM])
{
    Vec3 middle, rim[RIM];
    (void)ball_hit(ball, middle_ray, &middle);
    double area = 0.0;
    for (int i = 0; i < RIM; i++) {
        (void)ball_hit(ball, direction[i], &rim[i]);
        length_mm[i] = ball_arc(ball, middle, rim[i]);
    }
    for (int i = 0; i < RIM; i++)
        area += ball_area(ball, middle, rim[i], rim[(i + 1) % RIM]);
    return area;
}

typedef struct Errors {
    Vec3 middle_ray, direction[RIM];
    double length_mm[RIM], area_mm2;
    double length_2[RIM], area_2; /* sums of squares of shares */
} Errors;

static Vec3 other_lens(Vec3 direction, double focal_share)
{
    return vec_normalize(vec3(direction.x, direction.y, direction.z * focal_share));
}

/* The same told otherwise, to both sides; the worse counts. */
static void vary(Errors *errors, const Told otherwise[2])
{
    double worst_length[RIM] = {0.0}, worst_area = 0.0;
    for (int side = 0; side < 2; side++) {
        Ball ball;
        double length[RIM], share = otherwise[side].focal_share;
        bool made = ball_make(&otherwise[side], &ball);
        Vec3 direction[RIM], middle = other_lens(errors->middle_ray, share);
        for (int i = 0; i < RIM; i++)
            direction[i] = other_lens(errors->direction[i], share);
        double area = made ? measure(&ball, middle, direction, length) : 0.0;
        worst_area = fmax(worst_area, fabs(area / errors->area_mm2 - 1.0));
        for (int i = 0; i < RIM; i++)
            worst_length[i] =
                fmax(worst_length[i], made ? fabs(length[i] / errors->length_mm[i] - 1.0) : 1.0);
    }
    for (int i = 0; i < RIM; i++)
        errors->length_2[i] += worst_length[i] * worst_length[i];
    errors->area_2 += worst_area * worst_area;
}

/* Each thing that was guessed or read, off by a standard deviation. */
typedef enum Doubt {
    DOUBT_RADIUS,
    DOUBT_FOCAL,
    DOUBT_TILT_X,
    DOUBT_TILT_Y,
    DOUBT_SCALE, /* clicks, or the marker's own scale */
    DOUBT_SEAT,  /* tape, or how deep the marker sits */
    DOUBTS
} Doubt;

/* A click moved along the line between the two, as much as both together are off. */
static void move_click(Told *told, double sign)
{
    double dx = told->px[1][0] - told->px[0][0], dy = told->px[1][1] - told->px[0][1];
    double share = sign * click_sd_px * sqrt(2.0) / hypot(dx, dy);
    told->px[1][0] += share * dx, told->px[1][1] += share * dy;
}

static Told otherwise(const Told *told, const Patch *patch, Doubt doubt, int side)
{
    Told other = *told;
    double sign = side == 0 ? -1.0 : 1.0, focal_sd = told->scale->focal_sd_share;
    double tilt_rad = told->sight != NULL          ? marker_sd_rad
                      : told->scale->rim_count > 0 ? outline_sd_rad
                                                   : facing_sd_rad;
    double half_mm = told->sight != NULL ? window_half_mm(&told->sight->marker) : 0.0;
    switch (doubt) {
    case DOUBT_RADIUS:
        other.radius_mm =
            0.5 * (told->radius_mm + (side == 0 ? patch->radius_low_mm : patch->radius_high_mm));
        break;
    case DOUBT_FOCAL:
        other.focal_share = 1.0 + sign * (focal_sd > 0.0 ? focal_sd : phone_focal_sd);
        break;
    case DOUBT_TILT_X:
    case DOUBT_TILT_Y:
        other.tilt_rad[doubt - DOUBT_TILT_X] = sign * tilt_rad;
        break;
    case DOUBT_SCALE:
        if (told->sight != NULL)
            other.sized = 1.0 + sign * told->sight->scale_error;
        else
            move_click(&other, sign);
        break;
    case DOUBT_SEAT: /* pressed until the skin is level with the paper, or not quite lying on it */
        if (told->sight != NULL)
            other.seat_mm = sign * fmax(0.5, half_mm * half_mm / (4.0 * told->radius_mm));
        else
            other.distance_mm += sign * tape_sd_mm;
        break;
    case DOUBTS:
        assert(false);
    }
    return other;
}

static void tell_errors(const Told *told, const Ball *ball, Patch *patch)
{
    Errors errors = {.middle_ray = vec_normalize(ball_middle(ball))};
    double oblique_rad;
    rim_rays(ball, patch->reach_mm, errors.direction, &oblique_rad);
    errors.area_mm2 = measure(ball, errors.middle_ray, errors.direction, errors.length_mm);
    for (Doubt doubt = 0; doubt < DOUBTS; doubt++)
        vary(&errors,
             (const Told[2]){otherwise(told, patch, doubt, 0), otherwise(told, patch, doubt, 1)});
    for (int i = 0; i < RIM; i++)
        patch->length_error = fmax(patch->length_error, told_sd * sqrt(errors.length_2[i]));
    patch->area_error = told_sd * sqrt(errors.area_2);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static bool check_points(const Lens *lens, const PatchScale *scale, Err *err)
{
    for (int i = 0; i < 2; i++)
        if (!(scale->px[i][0] >= 0.0 && scale->px[i][0] <= lens->width_px &&
              scale->px[i][1] >= 0.0 && scale->px[i][1] <= lens->height_px))
            return err_set(err, ERR_INPUT,
                           "point %d at (%g, %g) is not within the photograph of %d x %d pixels",
                           i + 1, scale->px[i][0], scale->px[i][1], lens->width_px,
                           lens->height_px);
    double apart = hypot(scale->px[1][0] - scale->px[0][0], scale->px[1][1] - scale->px[0][1]);
    if (!(apart >= least_apart_px))
        return err_set(err, ERR_INPUT,
                       "the two points are %.0f pixels apart: take points at least %.0f apart, or "
                       "a photograph from nearer",
                       apart, least_apart_px);
    if (!(scale->distance_mm > 0.0) || !isfinite(scale->distance_mm))
        return err_set(err, ERR_INPUT,
                       "a distance of %g mm between the two points: measure it with a tape laid "
                       "on the skin",
                       scale->distance_mm);
    return true;
}

static bool check_outline(const Told *told, Err *err)
{
    const PatchScale *scale = told->scale;
    Vec3 toward, normal;
    double cosine;
    if (scale->rim_count == 0)
        return true;
    if (scale->rim_count < 3 || scale->rim_count > PATCH_MAX_RIM)
        return err_set(err, ERR_INPUT, "an outline of %d points: click 3 to %d points, or none",
                       scale->rim_count, PATCH_MAX_RIM);
    for (int i = 0; i < scale->rim_count; i++)
        if (!isfinite(scale->rim_px[i][0]) || !isfinite(scale->rim_px[i][1]))
            return err_set(err, ERR_INPUT, "outline point %d is not a number", i + 1);
    if (!outline_direction(told, &toward, &cosine))
        return err_set(err, ERR_INPUT,
                       "the %d outline points lie in one line: spread them round the head",
                       scale->rim_count);
    Vec3 a = ray(told, told->px[0][0], told->px[0][1]);
    Vec3 b = ray(told, told->px[1][0], told->px[1][1]);
    if (!seen_normal(told, vec_normalize(vec_add(a, b)), &normal))
        return err_set(err, ERR_INPUT,
                       "the middle of the two points, (%.0f, %.0f), lies outside of the outline",
                       0.5 * (told->px[0][0] + told->px[1][0]),
                       0.5 * (told->px[0][1] + told->px[1][1]));
    return true;
}

static bool check_sight(const MarkerSight *sight, Err *err)
{
    if (sight == NULL)
        return err_set(err, ERR_INPUT, "the scale shall come from a marker, but none was found");
    if (sight->marker.kind == MARKER_STRIP)
        return err_set(err, ERR_INPUT,
                       "a strip goes round the head and gives no patch: use a card, or fit a head");
    if ((sight->faults & SIGHT_MIRRORED) != 0)
        return err_set(err, ERR_INPUT,
                       "the photograph is mirrored: take it with the camera on the back of the "
                       "phone, or switch mirroring off");
    return true;
}

static bool check_ball(const Told *told, const Patch *patch, Err *err)
{
    const char *way = told->sight != NULL ? "hold the camera straight over the card"
                                          : "take the photograph straight from before the place, "
                                            "or points nearer to the middle of the head";
    if (!(patch->tilt_rad <= most_tilt_rad))
        return err_set(err, ERR_INPUT, "the skin is tilted by %.0f degrees, more than %.0f: %s",
                       patch->tilt_rad * 180.0 / pi, most_tilt_rad * 180.0 / pi, way);
    if (!(patch->px_per_mm >= least_px_per_mm && patch->px_per_mm <= most_px_per_mm))
        return err_set(err, ERR_INPUT,
                       "the skin would have %.2f pixels per mm, which is not within %g..%g: check "
                       "the distance and that it is in mm",
                       patch->px_per_mm, least_px_per_mm, most_px_per_mm);
    return true;
}

/* ---- into the frame of the head ----------------------------------------------------------------
 */

static Vec3 turned(const Vec3 to[3], const Vec3 from[3], Vec3 v)
{
    Vec3 sum = vec_scale(to[0], vec_dot(v, from[0]));
    sum = vec_madd(sum, vec_dot(v, from[1]), to[1]);
    return vec_madd(sum, vec_dot(v, from[2]), to[2]);
}

static void place_camera(const Told *told, const Ball *ball, const PatchGround *ground,
                         Patch *patch)
{
    double turn = told->scale->turn_rad; /* of the head: the picture's up then shows less of it */
    Vec3 right = vec_cross(ground->up, ground->direction);
    Vec3 up = vec_madd(vec_scale(ground->up, cos(turn)), sin(turn), right);
    const Vec3 to[3] = {vec_cross(up, ground->direction), up, ground->direction};
    Vec3 n = ball->normal; /* faces the camera: z < 0 */
    Vec3 up_seen = vec_normalize(vec_madd(vec3(0.0, -1.0, 0.0), n.y, n));
    const Vec3 from[3] = {vec_cross(up_seen, n), up_seen, n};
    patch->camera =
        (Camera){.lens = told->camera.lens,
                 .pose = {.right = turned(to, from, vec3(1.0, 0.0, 0.0)),
                          .down = turned(to, from, vec3(0.0, 1.0, 0.0)),
                          .forward = turned(to, from, vec3(0.0, 0.0, 1.0)),
                          .eye_mm = vec_sub(HEAD_CENTRE_MM, turned(to, from, ball->centre))}};
    patch->middle_mm = vec_madd(HEAD_CENTRE_MM, ball->radius, ground->direction);
}

static bool sphere_head(Arena *arena, const HeadTopology *topology, double radius_mm, Head *head,
                        Err *err)
{
    size_t n = (size_t)topology->vertex_count;
    double *radius = ARENA_NEW(arena, double, n);
    if (radius == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu radii", n);
    for (size_t i = 0; i < n; i++)
        radius[i] = radius_mm;
    if (!head_new(arena, topology, radius, head, err))
        return false;
    for (size_t i = 0; i < n; i++)
        head->source[i] = HEAD_FILLED;
    VaultShape mean = vault_mean();
    vault_landmarks_mm(&mean, head->landmark_mm);
    static const HeadLandmark midline[] = {HEAD_GLABELLA, HEAD_VERTEX, HEAD_INION};
    for (size_t i = 0; i < sizeof midline / sizeof midline[0]; i++) {
        Vec3 *at = &head->landmark_mm[midline[i]];
        *at = vec_madd(HEAD_CENTRE_MM, radius_mm, vec_normalize(vec_sub(*at, HEAD_CENTRE_MM)));
    }
    return true;
}

static double reach_of(const Told *told, const Ball *ball)
{
    double reach = told->distance_mm, oblique_rad;
    if (told->sight != NULL) {
        const Marker *m = &told->sight->marker;
        reach = 0.5 * fmax(m->right_mm - m->left_mm, m->bottom_mm - m->top_mm) + beyond_frame_mm;
    }
    reach = fmin(reach, most_reach_mm);
    Vec3 direction[RIM];
    for (rim_rays(ball, reach, direction, &oblique_rad);
         oblique_rad > most_oblique_rad && reach > 1.0; reach -= 0.5)
        rim_rays(ball, reach - 0.5, direction, &oblique_rad);
    return reach;
}

bool patch_make(Arena *arena, const Lens *lens, const PatchScale *scale, const MarkerSight *sight,
                PatchPlace place, const HeadTopology *topology, Patch *patch, Err *err)
{
    PatchGround ground = patch_ground(place);
    Told told = {.scale = scale,
                 .sight = scale->by_marker ? sight : NULL,
                 .camera = {.lens = *lens,
                            .pose = {.right = vec3(1.0, 0.0, 0.0),
                                     .down = vec3(0.0, 1.0, 0.0),
                                     .forward = vec3(0.0, 0.0, 1.0)}},
                 .radius_mm = scale->radius_mm > 0.0 ? scale->radius_mm : ground.radius_mm,
                 .distance_mm = scale->distance_mm,
                 .px = {{scale->px[0][0], scale->px[0][1]}, {scale->px[1][0], scale->px[1][1]}},
                 .sized = 1.0,
                 .focal_share = 1.0};
    double known = told.radius_mm / ground.radius_mm;
    *patch = (Patch){.radius_mm = told.radius_mm,
                     .radius_low_mm = known * ground.low_mm,
                     .radius_high_mm = known * ground.high_mm};
    if (!(scale->by_marker ? check_sight(sight, err)
                           : check_points(lens, scale, err) && check_outline(&told, err)))
        return false;
    if (!(told.radius_mm >= 40.0 && told.radius_mm <= 300.0))
        return err_set(err, ERR_INPUT, "a head of %g mm radius: give 40 to 300 mm, or nothing",
                       told.radius_mm);
    Ball ball;
    if (!ball_make(&told, &ball))
        return err_set(err, ERR_INPUT,
                       "two points %.0f mm apart along the skin do not go onto a head of %.0f mm "
                       "radius as they are seen: take points nearer to each other, or check the "
                       "distance",
                       told.distance_mm, told.radius_mm);
    patch->tilt_rad = ball_tilt(&ball);
    patch->px_per_mm = camera_px_per_mm(&told.camera, ball_middle(&ball));
    if (!check_ball(&told, patch, err))
        return false;
    patch->reach_mm = reach_of(&told, &ball);
    place_camera(&told, &ball, &ground, patch);
    tell_errors(&told, &ball, patch);
    return sphere_head(arena, topology, told.radius_mm, &patch->head, err);
}

/* ---- using it -----------------------------------------------------------------------------------
 */

static double along_skin_mm(const Patch *patch, Vec3 point_mm)
{
    Vec3 p = vec_sub(point_mm, patch->head.centre_mm);
    Vec3 q = vec_sub(patch->middle_mm, patch->head.centre_mm);
    return patch->radius_mm * atan2(vec_length(vec_cross(p, q)), vec_dot(p, q));
}

bool patch_holds(const Patch *patch, Vec3 point_mm)
{
    return along_skin_mm(patch, point_mm) <= patch->reach_mm;
}

bool patch_point(const Patch *patch, double x_px, double y_px, Vec3 *point_mm, Err *err)
{
    Ball ball = {.centre = vec_sub(patch->head.centre_mm, patch->camera.pose.eye_mm),
                 .radius = patch->radius_mm};
    Vec3 hit;
    if (!ball_hit(&ball, camera_ray(&patch->camera, x_px, y_px), &hit))
        return err_set(err, ERR_INPUT,
                       "pixel (%.0f, %.0f) does not show the sphere that one photograph is taken "
                       "for: stay within %.0f mm of the patch's middle",
                       x_px, y_px, patch->reach_mm);
    *point_mm = vec_add(hit, patch->camera.pose.eye_mm);
    double away = along_skin_mm(patch, *point_mm);
    if (!(away <= patch->reach_mm))
        return err_set(err, ERR_INPUT,
                       "pixel (%.0f, %.0f) is %.0f mm from the patch's middle, and one photograph "
                       "tells no more than %.0f mm: take further photographs for a whole head",
                       x_px, y_px, away, patch->reach_mm);
    if (head_nearest(&patch->head, *point_mm).triangle < 0)
        return err_set(err, ERR_INPUT,
                       "pixel (%.0f, %.0f) lies below the canvas, which ends under the ears", x_px,
                       y_px);
    return true;
}

void patch_label(const Patch *patch, size_t size, char text[])
{
    snprintf(text, size,
             "valid within %.0f mm of the middle; lengths may be %.0f %%, areas %.0f %% off (95 of "
             "100; a sphere of %.0f mm, plausible %.0f..%.0f mm, tilt %.0f degrees)",
             patch->reach_mm, 100.0 * patch->length_error, 100.0 * patch->area_error,
             patch->radius_mm, patch->radius_low_mm, patch->radius_high_mm,
             patch->tilt_rad * 180.0 / pi);
}
