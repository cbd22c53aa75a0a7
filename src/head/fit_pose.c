#include "head/fit_internal.h"

#include <string.h>

/* A photograph is placed by points whose places on the head are roughly known. From every side,
 * each pair of them gives a turn in the picture and a scale; what agrees with most points is
 * refined. Pairs rather than all of them at once: one wrong click then spoils only its own. */
enum { MARK_LIMIT = 16, SIDES = 60, STARTS = 4 };

typedef struct Mark {
    Vec3 place_mm, out; /* out: normal there, zero where it may be seen through */
    double px[2];
} Mark;

typedef struct Start {
    double cost;
    int side;
    FitView view;
} Start;

static Vec3 outward(const FitState *state, const FitSurface *surface, FitPoint point)
{
    if (point == FIT_TRAGION_LEFT || point == FIT_TRAGION_RIGHT)
        return vec3(point == FIT_TRAGION_LEFT ? 1.0 : -1.0, 0.0, 0.0);
    if (point >= FIT_CANTHUS_LEFT)
        return vec3(0.0, 0.0, 1.0);
    return fit_touch(surface, NULL, state->point[point]).normal;
}

/* Clicks, then corners of the strip, evenly thinned. */
static int list_marks(const FitProblem *problem, const FitState *state, int photo,
                      Mark mark[MARK_LIMIT])
{
    const FitPhoto *p = &problem->evidence->photo[photo];
    FitSurface surface = fit_surface(state);
    int count = 0;
    for (int i = 0; i < p->click_count && count < MARK_LIMIT; i++) {
        FitPoint point = p->click[i].point;
        mark[count++] = (Mark){state->point[point],
                               outward(state, &surface, point),
                               {p->click[i].px[0], p->click[i].px[1]}};
    }
    int room = MARK_LIMIT - count;
    if (p->strip_count == 0 || room == 0)
        return count;
    fit_band(&surface, fit_strip_front_mm(problem->evidence), state->strip, &problem->band[0]);
    int take = p->strip_count < room ? p->strip_count : room;
    for (int i = 0; i < take; i++) {
        int k = (int)((2 * (long)i + 1) * p->strip_count / (2 * take));
        Vec3 place;
        double at[2] = {p->strip[k].strip_mm[0] + state->strip[3], p->strip[k].strip_mm[1]};
        if (fit_band_point(&problem->band[0], at, &place))
            mark[count++] = (Mark){place,
                                   fit_touch(&surface, NULL, place).normal,
                                   {p->strip[k].px[0], p->strip[k].px[1]}};
    }
    return count;
}

/* The camera on one side of the head, its picture upright. */
static FitView side_view(int side)
{
    Vec3 towards = place_spread(side, SIDES);
    FitView view = {.forward = vec_scale(towards, -1.0)};
    Vec3 up = fabs(towards.y) > 0.97 ? vec3(0.0, 0.0, 1.0) : vec3(0.0, 1.0, 0.0);
    view.right = vec_normalize(vec_cross(view.forward, up));
    view.down = vec_cross(view.forward, view.right);
    return view;
}

/* Turns about the line of sight and shifts so that two marks fall on their pixels. */
static bool view_from_pair(const Lens *lens, const Mark *a, const Mark *b, FitView *view)
{
    Vec3 d = vec_sub(b->place_mm, a->place_mm);
    double x = vec_dot(view->right, d), y = vec_dot(view->down, d);
    double u = b->px[0] - a->px[0], v = b->px[1] - a->px[1];
    double flat = hypot(x, y), wide = hypot(u, v);
    if (flat < 15.0 || wide < 3.0)
        return false;
    double depth = lens->focal_px * flat / wide;
    if (depth < 150.0 || depth > 8000.0)
        return false;
    double turn = atan2(v, u) - atan2(y, x), c = cos(turn), s = sin(turn);
    Vec3 right = view->right, down = view->down;
    view->right = vec_madd(vec_scale(right, c), -s, down);
    view->down = vec_madd(vec_scale(right, s), c, down);
    Vec3 arm = vec_sub(vec_lerp(a->place_mm, b->place_mm, 0.5), FIT_MIDDLE);
    double px = 0.5 * (a->px[0] + b->px[0]) - lens->centre_x_px;
    double py = 0.5 * (a->px[1] + b->px[1]) - lens->centre_y_px;
    view->middle_mm = vec3(px * depth / lens->focal_px - vec_dot(view->right, arm),
                           py * depth / lens->focal_px - vec_dot(view->down, arm),
                           depth - vec_dot(view->forward, arm));
    return view->middle_mm.z > 120.0;
}

/* Misses in mm at the head, and what cannot be seen from there. */
static double view_cost(const Lens *lens, const FitView *view, int count, const Mark mark[])
{
    const double loose_mm = 15.0, hidden = 0.6;
    Vec3 eye = fit_eye_mm(view);
    double cost = 0.0;
    for (int i = 0; i < count; i++) {
        FitPixel seen;
        if (!fit_project(lens, view, mark[i].place_mm, &seen)) {
            cost += 1.0 + hidden;
            continue;
        }
        double miss = hypot(seen.px[0] - mark[i].px[0], seen.px[1] - mark[i].px[1]);
        double s = miss / (seen.px_per_mm * loose_mm);
        cost += s * s / (1.0 + s * s);
        Vec3 sight = vec_normalize(vec_sub(eye, mark[i].place_mm));
        if (vec_dot(sight, mark[i].out) < -0.25)
            cost += hidden;
    }
    return cost;
}

static void keep_best(Start best[STARTS], int *used, const Start *start)
{
    int k = *used;
    for (int i = 0; i < *used; i++)
        if (best[i].side == start->side) { /* one per side */
            if (start->cost >= best[i].cost)
                return;
            memmove(&best[i], &best[i + 1], (size_t)(*used - i - 1) * sizeof best[0]);
            k = --*used;
            break;
        }
    while (k > 0 && best[k - 1].cost > start->cost)
        k--;
    if (k == STARTS)
        return;
    int last = *used < STARTS ? *used : STARTS - 1;
    memmove(&best[k + 1], &best[k], (size_t)(last - k) * sizeof best[0]);
    best[k] = *start;
    *used = *used < STARTS ? *used + 1 : STARTS;
}

static int list_starts(const Lens *lens, int count, const Mark mark[], Start best[STARTS])
{
    int used = 0;
    for (int side = 0; side < SIDES; side++) {
        FitView upright = side_view(side);
        for (int i = 0; i < count; i++)
            for (int k = i + 1; k < count; k++) {
                Start start = {.side = side, .view = upright};
                if (!view_from_pair(lens, &mark[i], &mark[k], &start.view))
                    continue;
                start.cost = view_cost(lens, &start.view, count, mark);
                keep_best(best, &used, &start);
            }
    }
    return used;
}

/* A copy of the problem in which only one camera moves. */
static void hold_all_but(FitProblem *problem, int photo)
{
    problem->at_shape = problem->at_strip = problem->at_scan = -1;
    for (int i = 0; i < FIT_MAX_PHOTOS; i++)
        problem->at_view[i] = -1;
    for (int i = 0; i < FIT_POINTS; i++)
        problem->at_point[i] = -1;
    for (int i = 0; i < FIT_MAX_TIES; i++)
        problem->at_tie[i] = -1;
    problem->at_view[photo] = 0;
    problem->only_photo = photo;
    problem->coarse = true;
    problem->size = FIT_VIEW_SIZE - 1;
}

/* Half of 4 SD squared: what a click costs that is let go. What cannot be seen weighs as much. */
static const double refused_cost = 8.0;

static double hidden_cost(const FitView *view, int count, const Mark mark[])
{
    Vec3 eye = fit_eye_mm(view);
    double cost = 0.0;
    for (int i = 0; i < count; i++) {
        Vec3 sight = vec_normalize(vec_sub(eye, mark[i].place_mm));
        cost += vec_dot(sight, mark[i].out) < -0.25 ? refused_cost : 0.0;
    }
    return cost;
}

/* With landmarks and corners only; what stands farther off than a refused click is not refined. */
static void refine_coarsely(FitProblem *held, FitWork *work, int photo, const FitState *state,
                            int marks, const Mark mark[], Start *start)
{
    FitState at = *state;
    at.view[photo] = start->view;
    held->coarse = true;
    held->size = FIT_VIEW_SIZE - 1;
    for (held->soft = 4.0; held->soft > 0.9; held->soft *= 0.5)
        start->cost = fit_descend(held, work, 6, &at);
    start->cost += hidden_cost(&at.view[photo], marks, mark);
    start->view = at.view[photo];
}

void fit_pose(FitProblem *problem, FitWork *work, int photo, FitState *state)
{
    FitProblem *held = work->held;
    *held = *problem;
    hold_all_but(held, photo);
    Mark mark[MARK_LIMIT];
    Start start[STARTS];
    int marks = list_marks(held, state, photo, mark);
    int starts = list_starts(&problem->evidence->photo[photo].lens, marks, mark, start);
    double least = HUGE_VAL, best = HUGE_VAL;
    for (int i = 0; i < starts; i++) {
        refine_coarsely(held, work, photo, state, marks, mark, &start[i]);
        least = fmin(least, start[i].cost);
    }
    held->coarse = false; /* and the outline */
    held->size = FIT_VIEW_SIZE;
    held->soft = 2.0;
    FitState found = *state;
    for (int i = 0; i < starts; i++) {
        if (start[i].cost > least + refused_cost)
            continue;
        FitState at = *state;
        at.view[photo] = start[i].view;
        fit_settle(held, &at);
        double cost = fit_descend(held, work, 4, &at);
        cost += hidden_cost(&at.view[photo], marks, mark);
        if (cost < best) {
            best = cost;
            found = at;
        }
    }
    *state = found;
}
