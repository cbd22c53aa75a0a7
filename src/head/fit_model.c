#include "head/fit_internal.h"

#include <string.h>

VaultShape fit_shape(const FitState *state)
{
    VaultShape shape = {.length_scale = exp(state->shape[0]),
                        .breadth_scale = exp(state->shape[1]),
                        .height_scale = exp(state->shape[2])};
    memcpy(shape.mode_sd, &state->shape[FIT_MODES_AT], sizeof shape.mode_sd);
    return shape;
}

FitSurface fit_surface(const FitState *state)
{
    VaultShape shape = fit_shape(state);
    const double *pose = &state->shape[3];
    Vec3 w = vec3(pose[0], pose[1], pose[2]);
    FitSurface surface = {.vault = vault_make(&shape),
                          .height_scale = shape.height_scale,
                          .breadth_scale = shape.breadth_scale,
                          .shift_mm = vec3(pose[3], pose[4], pose[5])};
    vault_add_ripples(&surface.vault, &state->shape[FIT_MODES_AT + VAULT_MODES]);
    Vec3 column[3];
    for (int i = 0; i < 3; i++) {
        Vec3 e = vec3(i == 0, i == 1, i == 2);
        column[i] = fit_rotate(w, e);
        /* left Jacobian of the rotation vector, to third order */
        Vec3 once = vec_cross(w, e), twice = vec_cross(w, once);
        surface.turning[i] = vec_madd(vec_madd(e, 0.5, once), 1.0 / 6.0, twice);
    }
    surface.turn[0] = vec3(column[0].x, column[1].x, column[2].x);
    surface.turn[1] = vec3(column[0].y, column[1].y, column[2].y);
    surface.turn[2] = vec3(column[0].z, column[1].z, column[2].z);
    return surface;
}

static Vec3 into_vault(const FitSurface *surface, Vec3 p)
{
    return vec_add(vec3(vec_dot(surface->turn[0], p), vec_dot(surface->turn[1], p),
                        vec_dot(surface->turn[2], p)),
                   surface->shift_mm);
}

double fit_outside(const FitSurface *surface, Vec3 p)
{
    return vault_outside(&surface->vault, into_vault(surface, p));
}

FitTouch fit_touch(const FitSurface *surface, const VaultBasis *basis, Vec3 p)
{
    Vec3 q = into_vault(surface, p);
    VaultTouch touch = vault_touch(&surface->vault, basis, q);
    Vec3 n = touch.normal, turned = vec_sub(q, surface->shift_mm), arm = vec_cross(turned, n);
    FitTouch out = {.outside_mm = touch.outside_mm};
    out.normal = vec_madd(vec_madd(vec_scale(surface->turn[0], n.x), n.y, surface->turn[1]), n.z,
                          surface->turn[2]);
    if (basis == NULL)
        return out;
    memcpy(out.slope, touch.slope, 3 * sizeof out.slope[0]);
    memcpy(&out.slope[FIT_MODES_AT], &touch.slope[3], FIT_MODES * sizeof out.slope[0]);
    for (int i = 0; i < 3; i++)
        out.slope[3 + i] = vec_dot(surface->turning[i], arm);
    out.slope[6] = n.x, out.slope[7] = n.y, out.slope[8] = n.z;
    return out;
}

bool fit_holds(const FitSurface *surface, Vec3 p)
{
    Vec3 q = into_vault(surface, p);
    return cranium_holds(vec_normalize(vec_sub(p, HEAD_CENTRE_MM))) &&
           cranium_holds(vec_normalize(vec_sub(q, HEAD_CENTRE_MM)));
}

double fit_reach_mm(const FitSurface *surface, Vec3 from_mm, Vec3 direction, double guess_mm)
{
    double before = 0.97 * guess_mm, at = guess_mm;
    double f_before = fit_outside(surface, vec_madd(from_mm, before, direction));
    for (int i = 0; i < 12; i++) {
        double f = fit_outside(surface, vec_madd(from_mm, at, direction));
        double next = f != f_before ? at - f * (at - before) / (f - f_before) : at;
        if (!(next > 0.5 * at && next < 2.0 * at)) /* a ray leaves once: keep to that root */
            next = f > 0.0 ? 0.7 * at : 1.4 * at;
        before = at;
        f_before = f;
        at = next;
        if (fabs(at - before) < 1e-6)
            break;
    }
    return at;
}

/* ---- landmarks ------------------------------------------------------------------------------- */

static Vec3 midline_point(const FitSurface *surface, double angle, double forward)
{
    Vec3 d = vec3(0.0, sin(angle), forward * cos(angle));
    return vec_madd(HEAD_CENTRE_MM, fit_reach_mm(surface, HEAD_CENTRE_MM, d, 100.0), d);
}

typedef struct Search { /* along the midline, for the most of `toward`, or the farthest from it */
    Vec3 toward;
    bool farthest;
    double low_rad, high_rad, forward;
} Search;

static double merit(const Search *search, Vec3 p)
{
    return search->farthest ? vec_distance(p, search->toward) : vec_dot(p, search->toward);
}

/* A coarse look, then parabolas through the three best. */
static Vec3 midline_search(const FitSurface *surface, Search search)
{
    enum { COARSE = 12, FINE = 3 };
    double step = (search.high_rad - search.low_rad) / COARSE, best_rad = search.low_rad;
    double best = -HUGE_VAL;
    for (int i = 0; i <= COARSE; i++) {
        double angle = search.low_rad + step * i;
        double value = merit(&search, midline_point(surface, angle, search.forward));
        if (value > best)
            best = value, best_rad = angle;
    }
    for (int round = 0; round < FINE; round++, step *= 0.25) {
        double low = merit(&search, midline_point(surface, best_rad - step, search.forward));
        double high = merit(&search, midline_point(surface, best_rad + step, search.forward));
        best = merit(&search, midline_point(surface, best_rad, search.forward));
        double bend = low - 2.0 * best + high;
        double move = bend < 0.0 ? 0.5 * (low - high) / bend : 0.0;
        best_rad += step * fmin(fmax(move, -1.0), 1.0);
        best_rad = fmin(fmax(best_rad, search.low_rad), search.high_rad);
    }
    return midline_point(surface, best_rad, search.forward);
}

static Vec3 midline_at_height(const FitSurface *surface, double y_mm, double forward)
{
    double low = -0.3, high = 0.8;
    Vec3 p = {0};
    for (int i = 0; i < 24; i++) {
        double angle = 0.5 * (low + high);
        p = midline_point(surface, angle, forward);
        *(p.y < y_mm ? &low : &high) = angle;
    }
    return p;
}

/* The vault goes on smoothly where a face has its brows, and is farthest forward 10 mm below them:
 * not where people find the glabella. Three heads of ICT-FaceKit have it 45 mm above the tragions
 * at 137 mm of height, Lee Perry-Smith 42 at 132; where the nasion is the landmark, some 12 mm
 * above it, it is lower: the middle is taken [assumption]. The inion as in vault.c. */
const double fit_glabella_up_mm = 40.0, fit_inion_up_mm = 10.0;
/* From the middle, on a mean man; as in vault.c. */
const double fit_tragion_mm = 69.8;

void fit_landmarks(const FitSurface *surface, Vec3 landmark_mm[HEAD_POSE_LANDMARKS])
{
    double side = fit_tragion_mm * surface->breadth_scale, tall = surface->height_scale;
    landmark_mm[HEAD_TRAGION_LEFT] = vec3(side, 0.0, 0.0);
    landmark_mm[HEAD_TRAGION_RIGHT] = vec3(-side, 0.0, 0.0);
    landmark_mm[HEAD_GLABELLA] = midline_at_height(surface, fit_glabella_up_mm * tall, 1.0);
    landmark_mm[HEAD_VERTEX] =
        midline_search(surface, (Search){vec3(0.0, 1.0, 0.0), false, 1.0, 2.2, 1.0});
    landmark_mm[HEAD_INION] = midline_at_height(surface, fit_inion_up_mm * tall, -1.0);
}

const Vec3 fit_canthus_mm = {45.0, -23.0, -22.0}, fit_nasion_mm = {0.0, -16.5, -1.0};

void fit_points(const FitSurface *surface, Vec3 point_mm[FIT_POINTS])
{
    Vec3 landmark_mm[HEAD_POSE_LANDMARKS];
    fit_landmarks(surface, landmark_mm);
    point_mm[FIT_GLABELLA] = landmark_mm[HEAD_GLABELLA];
    point_mm[FIT_TRAGION_LEFT] = landmark_mm[HEAD_TRAGION_LEFT];
    point_mm[FIT_TRAGION_RIGHT] = landmark_mm[HEAD_TRAGION_RIGHT];
    point_mm[FIT_VERTEX] = landmark_mm[HEAD_VERTEX];
    point_mm[FIT_INION] = landmark_mm[HEAD_INION];
    Vec3 g = landmark_mm[HEAD_GLABELLA], eye = fit_canthus_mm;
    point_mm[FIT_CANTHUS_LEFT] = vec_add(g, eye);
    point_mm[FIT_CANTHUS_RIGHT] = vec_add(g, vec3(-eye.x, eye.y, eye.z));
    point_mm[FIT_NASION] = vec_add(g, fit_nasion_mm);
}

/* ---- tape and calliper ----------------------------------------------------------------------- */

/* Half the greatest breadth on one side (sign +1 left): the best of a shrinking net of rays. */
static double side_reach_mm(const FitSurface *surface, double sign)
{
    enum { NET = 2, ROUNDS = 5 };
    double up = 0.55, around = 1.7, step = 0.16,
           best = -HUGE_VAL; /* rad; a little behind the ear */
    double guess = 80.0;
    for (int round = 0; round < ROUNDS; round++, step *= 0.4) {
        double up0 = up, around0 = around;
        for (int i = -NET; i <= NET; i++)
            for (int j = -NET; j <= NET; j++) {
                double u = up0 + step * i, a = around0 + 1.6 * step * j;
                Vec3 d = vec3(sign * cos(u) * sin(a), sin(u), cos(u) * cos(a));
                guess = fit_reach_mm(surface, HEAD_CENTRE_MM, d, guess);
                Vec3 p = vec_madd(HEAD_CENTRE_MM, guess, d);
                if (p.y > MEASURE_EAR_TOP_MM && sign * p.x > best)
                    best = sign * p.x, up = u, around = a;
            }
    }
    return best;
}

static double tape_round_mm(const FitSurface *surface, Vec3 glabella, Vec3 back)
{
    enum { RAYS = 96 };
    Plane plane = measure_tape_plane(glabella, back);
    Vec3 ahead = vec_cross(vec3(1.0, 0.0, 0.0), plane.normal), aside = vec3(1.0, 0.0, 0.0);
    if (ahead.z < 0.0)
        ahead = vec_scale(ahead, -1.0);
    Vec3 from = vec_madd(back, 0.5 * (glabella.z - back.z) / ahead.z, ahead);
    Flat point[RAYS], hull[RAYS + 1];
    double reach = 95.0;
    for (int i = 0; i < RAYS; i++) {
        double angle = 2.0 * PLACE_PI * i / RAYS;
        Vec3 d = vec_madd(vec_scale(ahead, cos(angle)), sin(angle), aside);
        reach = fit_reach_mm(surface, from, d, reach);
        point[i] = (Flat){reach * cos(angle), reach * sin(angle)};
    }
    /* a chord of a circle falls short of its arc by angle^2 / 24 */
    double step = 2.0 * PLACE_PI / RAYS;
    return measure_hull_mm(RAYS, point, hull) * (1.0 + step * step / 24.0);
}

/* Length of the cut with the plane through three points of the surface, by way of the middle. */
static double arc_mm(const FitSurface *surface, Vec3 from, Vec3 to, Vec3 via)
{
    enum { RAYS = 60 };
    Vec3 normal = vec_normalize(vec_cross(vec_sub(to, from), vec_sub(via, from)));
    Vec3 middle = vec_lerp(from, to, 0.5); /* inside, and in the plane */
    middle = vec_lerp(middle, via, 0.3);
    Vec3 along = vec_normalize(vec_sub(from, middle)), across = vec_cross(normal, along);
    Vec3 v = vec_sub(via, middle), t = vec_sub(to, middle);
    if (vec_dot(v, across) < 0.0)
        across = vec_scale(across, -1.0);
    double end = atan2(vec_dot(t, across), vec_dot(t, along));
    if (end < 0.0)
        end += 2.0 * PLACE_PI;
    double sum = 0.0, reach = vec_distance(from, middle);
    Vec3 before = from;
    for (int i = 1; i <= RAYS; i++) {
        double angle = end * i / RAYS;
        Vec3 d = vec_madd(vec_scale(along, cos(angle)), sin(angle), across);
        reach = fit_reach_mm(surface, middle, d, reach);
        Vec3 p = vec_madd(middle, reach, d);
        sum += vec_distance(before, p);
        before = p;
    }
    double step = end / RAYS;
    return sum * (1.0 + step * step / 24.0);
}

Vec3 fit_on_surface(const FitSurface *surface, Vec3 p)
{
    Vec3 d = vec_normalize(vec_sub(p, HEAD_CENTRE_MM));
    return vec_madd(HEAD_CENTRE_MM, fit_reach_mm(surface, HEAD_CENTRE_MM, d, 80.0), d);
}

void fit_measure(const FitSurface *surface, const Vec3 *clicked_mm, const bool wanted[FIT_TAPES],
                 double reading_mm[FIT_TAPES])
{
    Vec3 mark[HEAD_POSE_LANDMARKS];
    fit_landmarks(surface, mark);
    Vec3 glabella = clicked_mm != NULL ? fit_on_surface(surface, *clicked_mm) : mark[HEAD_GLABELLA];
    Vec3 back = midline_search(surface, (Search){glabella, true, 0.0, 0.9, -1.0});
    for (int i = 0; i < FIT_TAPES; i++)
        reading_mm[i] = 0.0;
    reading_mm[0] = vec_distance(glabella, back);
    reading_mm[2] = mark[HEAD_VERTEX].y;
    if (wanted[1])
        reading_mm[1] = side_reach_mm(surface, 1.0) + side_reach_mm(surface, -1.0);
    if (wanted[3])
        reading_mm[3] = tape_round_mm(surface, glabella, back);
    if (wanted[4])
        reading_mm[4] =
            arc_mm(surface, fit_on_surface(surface, mark[HEAD_TRAGION_LEFT]),
                   fit_on_surface(surface, mark[HEAD_TRAGION_RIGHT]), mark[HEAD_VERTEX]);
    if (wanted[5])
        reading_mm[5] = arc_mm(surface, glabella, mark[HEAD_INION], mark[HEAD_VERTEX]);
}

/* ---- the strip ------------------------------------------------------------------------------- */

/* The band goes from its front just over the ears: through this place on a mean head. */
static const Vec3 band_over_ear_mm = {0.0, 40.0, -10.0};
static const double paper_mm = 0.15; /* half of 100 g/m^2 paper and the hair's rest [assumption] */

static Vec3 band_front(const FitSurface *surface, double above_mm)
{
    Vec3 p = midline_at_height(surface, fit_glabella_up_mm * surface->height_scale, 1.0);
    Vec3 from = vec_sub(p, HEAD_CENTRE_MM);
    double angle = atan2(from.y, from.z), gone = 0.0;
    const double step = 0.04;
    for (int i = 0; i < 40 && gone < above_mm; i++) {
        Vec3 next = midline_point(surface, angle + step, 1.0);
        double length = vec_distance(p, next);
        if (gone + length >= above_mm)
            return vec_lerp(p, next, (above_mm - gone) / length);
        gone += length;
        angle += step;
        p = next;
    }
    return p;
}

void fit_band(const FitSurface *surface, double front_mm, const double strip[FIT_STRIP_SIZE],
              FitBand *band)
{
    Vec3 front = band_front(surface, front_mm + strip[2]);
    Vec3 back = vec_normalize(vec_sub(band_over_ear_mm, front));
    Vec3 left = vec3(1.0, 0.0, 0.0);
    left = fit_rotate(vec_scale(back, strip[1]), left);
    back = fit_rotate(vec_scale(left, -strip[0]), back);
    band->axis = vec_normalize(vec_cross(left, back));
    if (band->axis.y > 0.0)
        band->axis = vec_scale(band->axis, -1.0);
    Vec3 ahead = vec_scale(back, -1.0), from = vec_madd(front, 95.0, back);
    double reach = 95.0;
    for (int i = 0; i <= FIT_BAND_STEPS; i++) {
        double angle = 2.0 * PLACE_PI * i / FIT_BAND_STEPS;
        Vec3 d = vec_madd(vec_scale(ahead, cos(angle)), sin(angle), left);
        reach = fit_reach_mm(surface, from, d, reach);
        band->at_mm[i] = vec_madd(from, reach, d);
        Vec3 n = fit_touch(surface, NULL, band->at_mm[i]).normal;
        Vec3 flat = vec_madd(band->axis, -vec_dot(band->axis, n), n);
        band->down[i] = vec_normalize(flat);
        band->at_mm[i] = vec_madd(band->at_mm[i], paper_mm, n);
    }
    band->along_mm[0] = 0.0;
    for (int i = 1; i <= FIT_BAND_STEPS; i++)
        band->along_mm[i] =
            band->along_mm[i - 1] + vec_distance(band->at_mm[i - 1], band->at_mm[i]);
}

bool fit_band_point(const FitBand *band, const double strip_mm[2], Vec3 *point_mm)
{
    double round_mm = band->along_mm[FIT_BAND_STEPS], s = strip_mm[0];
    if (fabs(s) > 0.5 * round_mm)
        return false;
    s = s < 0.0 ? s + round_mm : s;
    int low = 0, high = FIT_BAND_STEPS;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        *(band->along_mm[middle] <= s ? &low : &high) = middle;
    }
    double t = (s - band->along_mm[low]) / (band->along_mm[high] - band->along_mm[low]);
    Vec3 at = vec_lerp(band->at_mm[low], band->at_mm[high], t);
    *point_mm = vec_madd(at, strip_mm[1], vec_lerp(band->down[low], band->down[high], t));
    return true;
}

/* ---- cameras --------------------------------------------------------------------------------- */

Vec3 fit_rotate(Vec3 turn, Vec3 v)
{
    double angle = vec_length(turn);
    if (angle < 1e-12)
        return vec_add(v, vec_cross(turn, v));
    Vec3 k = vec_scale(turn, 1.0 / angle);
    return vec_add(vec_add(vec_scale(v, cos(angle)), vec_scale(vec_cross(k, v), sin(angle))),
                   vec_scale(k, vec_dot(k, v) * (1.0 - cos(angle))));
}

static Vec3 into_camera(const FitView *view, Vec3 v)
{
    return vec3(vec_dot(view->right, v), vec_dot(view->down, v), vec_dot(view->forward, v));
}

static Vec3 into_head(const FitView *view, Vec3 v)
{
    return vec_madd(vec_madd(vec_scale(view->right, v.x), v.y, view->down), v.z, view->forward);
}

Vec3 fit_eye_mm(const FitView *view)
{
    return vec_sub(FIT_MIDDLE, into_head(view, view->middle_mm));
}

Camera fit_camera(const Lens *lens, const FitView *view)
{
    Camera camera = {*lens, {view->right, view->down, view->forward, fit_eye_mm(view)}};
    camera.lens.focal_px *= exp(view->log_focal);
    return camera;
}

/* step: turn about the middle in the camera's frame, shift, log focal. The depth goes with the
 * focal length, for what is seen hardly changes along that way. */
void fit_view_move(FitView *view, const double step[FIT_VIEW_SIZE])
{
    Vec3 back = vec3(-step[0], -step[1], -step[2]);
    /* rows of exp(w) R: the new axes are the old ones turned backwards, in the head frame */
    Vec3 e[3];
    for (int i = 0; i < 3; i++)
        e[i] = into_head(view, fit_rotate(back, vec3(i == 0, i == 1, i == 2)));
    view->forward = vec_normalize(e[2]);
    view->right = vec_normalize(vec_madd(e[0], -vec_dot(e[0], view->forward), view->forward));
    view->down = vec_cross(view->forward, view->right);
    view->middle_mm = vec_add(view->middle_mm, vec3(step[3], step[4], step[5]));
    view->log_focal += step[6];
    view->middle_mm.z *= exp(step[6]);
}

/* From the slope along a point in the camera's frame: a turn w moves it by w x turned. */
static void by_parameters(Vec3 g, Vec3 turned, double by_focal, double out[FIT_VIEW_SIZE])
{
    Vec3 turn = vec_cross(turned, g);
    double row[FIT_VIEW_SIZE] = {turn.x, turn.y, turn.z, g.x, g.y, g.z, by_focal};
    memcpy(out, row, sizeof row);
}

bool fit_project(const Lens *lens, const FitView *view, Vec3 point_mm, FitPixel *pixel)
{
    Vec3 turned = into_camera(view, vec_sub(point_mm, FIT_MIDDLE));
    Vec3 q = vec_add(turned, view->middle_mm);
    if (q.z < 5.0)
        return false;
    double focal = lens->focal_px * exp(view->log_focal);
    double x = q.x / q.z, y = q.y / q.z, r2 = x * x + y * y, grow = 1.0 + lens->k1 * r2;
    pixel->px[0] = lens->centre_x_px + focal * x * grow;
    pixel->px[1] = lens->centre_y_px + focal * y * grow;
    pixel->px_per_mm = focal / q.z;
    double n[2] = {x, y};
    for (int k = 0; k < 2; k++) {
        double by_n[2] = {2.0 * lens->k1 * n[k] * x, 2.0 * lens->k1 * n[k] * y};
        by_n[k] += grow;
        Vec3 g = vec_scale(vec3(by_n[0], by_n[1], -(by_n[0] * x + by_n[1] * y)), focal / q.z);
        by_parameters(g, turned, focal * n[k] * grow + g.z * view->middle_mm.z, pixel->by_view[k]);
        Vec3 h = into_head(view, g);
        pixel->by_point[k][0] = h.x, pixel->by_point[k][1] = h.y, pixel->by_point[k][2] = h.z;
    }
    return true;
}

/* Direction of a pixel in the camera's frame. */
static Vec3 pixel_direction(const Lens *lens, double focal, const double px[2])
{
    double x = (px[0] - lens->centre_x_px) / focal, y = (px[1] - lens->centre_y_px) / focal;
    double u = x, v = y;
    for (int i = 0; i < 8 && fabs(lens->k1) > 0.0; i++) {
        double grow = 1.0 + lens->k1 * (u * u + v * v);
        u = x / grow, v = y / grow;
    }
    return vec_normalize(vec3(u, v, 1.0));
}

FitGraze fit_graze(const FitSurface *surface, const Lens *lens, const FitView *view,
                   const double px[2])
{
    enum { ROUNDS = 4 };
    Vec3 d_camera = pixel_direction(lens, lens->focal_px * exp(view->log_focal), px);
    Vec3 d = into_head(view, d_camera), eye = fit_eye_mm(view);
    double t = vec_dot(view->middle_mm, d_camera), step = 40.0;
    for (int round = 0; round < ROUNDS; round++) {
        double f[3];
        for (int i = 0; i < 3; i++)
            f[i] = fit_outside(surface, vec_madd(eye, t + (i - 1) * step, d));
        double bend = f[0] - 2.0 * f[1] + f[2];
        double move = bend > 0.0 ? 0.5 * (f[0] - f[2]) / bend : f[0] < f[2] ? -1.5 : 1.5;
        move = fmin(fmax(move, -1.5), 1.5);
        t += step * move;
        step = fmax(0.5, fabs(move) > 1.0 ? step : 0.3 * step);
    }
    return (FitGraze){vec_madd(eye, t, d), vec_scale(d_camera, t), t};
}
