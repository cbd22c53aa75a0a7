#include "head/growth_internal.h"

#include <assert.h>

#define PI  3.14159265358979323846
#define DEG (PI / 180.0)

/* Nearer than this two singularities are one place. */
static const double apart_uv = 1e-3;

/* ---- the value ---- */

double growth_scale_mm(double radius_mm, const double uv[2])
{
    return 2.0 * radius_mm / (1.0 + uv[0] * uv[0] + uv[1] * uv[1]);
}

/* From the vertical through the ears backward along the midline, as a tape lies. */
static Vec3 behind_ears(const Head *head, double behind_mm)
{
    const double step = 0.25 * DEG, last = -100.0 * DEG; /* the rim */
    double angle = 0.0, walked_mm = 0.0;
    Vec3 direction = vec3(0, 1, 0), at = vec3(0, 0, 0);
    for (int i = 0; i < 4; i++) { /* z = 0 of the head frame; the radius changes slowly */
        at = head_position_mm(head, head_locate(head, vec3(0, cos(angle), sin(angle))));
        angle = asin(-head->centre_mm.z / vec_distance(at, head->centre_mm));
    }
    while (walked_mm < behind_mm && angle > last) {
        angle -= step;
        direction = vec3(0, cos(angle), sin(angle));
        Vec3 next = head_position_mm(head, head_locate(head, direction));
        double piece_mm = vec_distance(at, next), over_mm = walked_mm + piece_mm - behind_mm;
        walked_mm += piece_mm;
        at = next;
        if (over_mm > 0.0) {
            angle += step * over_mm / piece_mm;
            direction = vec3(0, cos(angle), sin(angle));
        }
    }
    return direction;
}

static GrowthSingularity whorl_at(const double uv[2], bool clockwise)
{
    /* About what photographs of shaved crowns show; nobody seems to have measured it. [assumption]
     */
    const double turn_rad = 0.9, reach_mm = 45.0;
    return (GrowthSingularity){.uv = {uv[0], uv[1]},
                               .index = 1,
                               .turn_rad = turn_rad,
                               .clockwise = clockwise,
                               .reach_mm = reach_mm};
}

Growth growth_default(const Head *head)
{
    Growth growth = {.singularity_count = 1};
    double uv[2];
    head_chart(behind_ears(head, 62.5), uv);
    growth.singularity[0] = whorl_at(uv, true);
    return growth;
}

static double distance_uv(const double a[2], const double b[2])
{
    return hypot(a[0] - b[0], a[1] - b[1]);
}

static bool on_another(const Growth *growth, const double uv[2])
{
    for (int k = 0; k < growth->singularity_count; k++)
        if (distance_uv(growth->singularity[k].uv, uv) < apart_uv)
            return true;
    return false;
}

bool growth_add_whorl(Growth *growth, const double uv[2], bool clockwise)
{
    int nearest = -1;
    for (int k = 0; k < growth->singularity_count; k++) {
        const GrowthSingularity *other = &growth->singularity[k];
        if (other->index == 1 &&
            (nearest < 0 ||
             distance_uv(other->uv, uv) < distance_uv(growth->singularity[nearest].uv, uv)))
            nearest = k;
    }
    int needed = nearest >= 0 ? 2 : 1;
    if (growth->singularity_count + needed > GROWTH_SINGULARITIES || on_another(growth, uv))
        return false;
    if (nearest >= 0) {
        const double *other = growth->singularity[nearest].uv;
        GrowthSingularity saddle = {.uv = {0.5 * (other[0] + uv[0]), 0.5 * (other[1] + uv[1])},
                                    .index = -1};
        if (on_another(growth, saddle.uv) || distance_uv(saddle.uv, uv) < apart_uv)
            return false;
        growth->singularity[growth->singularity_count++] = saddle;
    }
    growth->singularity[growth->singularity_count++] = whorl_at(uv, clockwise);
    return true;
}

bool growth_add_cowlick(Growth *growth, const Head *head, const double uv[2], double heading_rad,
                        double apart_mm, bool clockwise)
{
    HeadPoint point = head_locate(head, head_chart_direction(uv));
    if (growth->singularity_count + 2 > GROWTH_SINGULARITIES || on_another(growth, uv) ||
        point.triangle < 0)
        return false;
    double radius = vec_distance(head_position_mm(head, point), head->centre_mm);
    GrowthSingularity saddle = {.uv = {uv[0], uv[1]}, .index = -1}, whorl = whorl_at(uv, clockwise);
    for (int i = 0; i < 4; i++) { /* the scale is that between the two */
        double scale = sqrt(growth_scale_mm(radius, uv) * growth_scale_mm(radius, saddle.uv));
        saddle.uv[0] = uv[0] + apart_mm / scale * cos(heading_rad);
        saddle.uv[1] = uv[1] + apart_mm / scale * sin(heading_rad);
    }
    if (!(hypot(saddle.uv[0], saddle.uv[1]) <= GROWTH_REACH_UV) || on_another(growth, saddle.uv) ||
        distance_uv(saddle.uv, uv) < apart_uv)
        return false;
    whorl.turn_rad = 0.5; /* [assumption]; it turns as far as the saddle */
    whorl.reach_mm = fmin(fmax(apart_mm, 1.0), 200.0);
    growth->singularity[growth->singularity_count++] = whorl;
    growth->singularity[growth->singularity_count++] = saddle;
    return true;
}

static bool in_chart(const double uv[2])
{
    return hypot(uv[0], uv[1]) <= GROWTH_REACH_UV; /* false for what is not a number */
}

static bool within(double x, double low, double high)
{
    return x >= low && x <= high;
}

static bool check_singularity(const Growth *growth, int k, Err *err)
{
    const GrowthSingularity *s = &growth->singularity[k];
    if (!in_chart(s->uv))
        return err_set(err, ERR_INPUT, "whorl or saddle %d at (%g, %g) lies outside the chart",
                       k + 1, s->uv[0], s->uv[1]);
    if (s->index != 1 && s->index != -1)
        return err_set(err, ERR_INPUT, "index %d of singularity %d is neither 1 nor -1", s->index,
                       k + 1);
    if (s->index == 1 && !within(s->turn_rad, 0.0, 1.4))
        return err_set(err, ERR_INPUT, "turn %g of whorl %d is not within 0..1.4 rad", s->turn_rad,
                       k + 1);
    if (s->index == 1 && !within(s->reach_mm, 1.0, 200.0))
        return err_set(err, ERR_INPUT, "reach %g mm of whorl %d is not within 1..200 mm",
                       s->reach_mm, k + 1);
    for (int j = 0; j < k; j++)
        if (distance_uv(growth->singularity[j].uv, s->uv) < apart_uv)
            return err_set(err, ERR_INPUT, "whorls or saddles %d and %d are in one place", j + 1,
                           k + 1);
    return true;
}

static bool check_stroke(const GrowthStroke *stroke, int number, Err *err)
{
    if (stroke->point_count < 2 || stroke->point_count > GROWTH_STROKE_POINTS)
        return err_set(err, ERR_INPUT, "%d points of stroke %d are not within 2..%d",
                       stroke->point_count, number, GROWTH_STROKE_POINTS);
    double longest = 0.0;
    for (int i = 0; i < stroke->point_count; i++) {
        if (!in_chart(stroke->uv[i]))
            return err_set(err, ERR_INPUT,
                           "point %d of stroke %d at (%g, %g) lies outside the chart", i + 1,
                           number, stroke->uv[i][0], stroke->uv[i][1]);
        longest = fmax(longest, distance_uv(stroke->uv[i], stroke->uv[0]));
    }
    if (longest < GROWTH_STROKE_STEP_UV)
        return err_set(err, ERR_INPUT, "stroke %d goes nowhere", number);
    if (!within(stroke->width_mm, 1.0, 200.0))
        return err_set(err, ERR_INPUT, "width %g mm of stroke %d is not within 1..200 mm",
                       stroke->width_mm, number);
    if (!within(stroke->strength, 0.0, 1.0))
        return err_set(err, ERR_INPUT, "strength %g of stroke %d is not within 0..1",
                       stroke->strength, number);
    return true;
}

bool growth_check(const Growth *growth, Err *err)
{
    if (growth->singularity_count < 0 || growth->singularity_count > GROWTH_SINGULARITIES)
        return err_set(err, ERR_INPUT, "%d whorls and saddles are not within 0..%d",
                       growth->singularity_count, GROWTH_SINGULARITIES);
    if (growth->stroke_count < 0 || growth->stroke_count > GROWTH_STROKES)
        return err_set(err, ERR_INPUT, "%d strokes are not within 0..%d", growth->stroke_count,
                       GROWTH_STROKES);
    for (int k = 0; k < growth->singularity_count; k++)
        if (!check_singularity(growth, k, err))
            return false;
    for (int i = 0; i < growth->stroke_count; i++)
        if (!check_stroke(&growth->stroke[i], i + 1, err))
            return false;
    return true;
}

/* ---- the singular part ---- */

/* Sum of index * angle, as the angle of a product of complex numbers. Without pole number `but`. */
static double angles_rad(const GrowthSolver *solver, const double uv[2], int but)
{
    double re = 1.0, im = 0.0;
    for (int k = 0; k < solver->pole_count; k++) {
        if (k == but)
            continue;
        const GrowthPole *pole = &solver->pole[k];
        double x = uv[0] - pole->uv[0], y = (uv[1] - pole->uv[1]) * pole->index, old = re;
        re = re * x - im * y;
        im = old * y + im * x;
    }
    return atan2(im, re);
}

/* What the whorls turn. Where several reach, each counts by how near it is, and in the middle of
 * one it alone does; together they fall off as one whorl does. */
static double turn_rad(const GrowthSolver *solver, const double uv[2])
{
    double fall[GROWTH_SINGULARITIES], sum = 0.0, shares = 0.0, none = 1.0,
                                       stretch = 1.0 + uv[0] * uv[0] + uv[1] * uv[1];
    int near[GROWTH_SINGULARITIES], count = 0;
    for (int k = 0; k < solver->pole_count; k++) {
        const GrowthPole *pole = &solver->pole[k];
        double u = uv[0] - pole->uv[0], v = uv[1] - pole->uv[1];
        double chord2 = pole->chord_mm * pole->chord_mm * (u * u + v * v) / stretch;
        if (chord2 >= pole->reach_mm * pole->reach_mm)
            continue;
        double t = sqrt(chord2) / pole->reach_mm;
        fall[count] = (1.0 - t) * (1.0 - t) * (1.0 + 2.0 * t);
        near[count++] = k;
    }
    for (int a = 0; a < count; a++) {
        double own = fall[a];
        for (int b = 0; b < count; b++)
            if (b != a)
                own *= 1.0 - fall[b];
        sum += own * solver->pole[near[a]].turn_rad;
        shares += own;
        none *= 1.0 - fall[a];
    }
    return shares > 0.0 ? sum / shares * (1.0 - none) : 0.0;
}

double growth_singular_rad(const GrowthSolver *solver, const double uv[2])
{
    return solver->constant_rad + angles_rad(solver, uv, -1) + turn_rad(solver, uv);
}

double growth_radius_mm(const Head *head, const GrowthSolver *solver, const double uv[2])
{
    HeadPoint point = head_locate(head, head_chart_direction(uv));
    return point.triangle < 0 ? solver->mean_radius_mm
                              : vec_distance(head_position_mm(head, point), head->centre_mm);
}

/* At the middle of a whorl the others' angles sum to some turn, which the whorl takes back within
 * its reach: hair leaves it as its own turn says. Seen from outside the chart is mirrored, so
 * clockwise there is counter-clockwise, a growing angle, here. */
static void prepare_poles(const Head *head, const Growth *growth, GrowthSolver *solver)
{
    int index = 0;
    solver->pole_count = growth->singularity_count;
    for (int k = 0; k < growth->singularity_count; k++) {
        const GrowthSingularity *s = &growth->singularity[k];
        double r2 = s->uv[0] * s->uv[0] + s->uv[1] * s->uv[1];
        solver->pole[k] =
            (GrowthPole){.uv = {s->uv[0], s->uv[1]},
                         .index = s->index,
                         .chord_mm = 2.0 * growth_radius_mm(head, solver, s->uv) / sqrt(1.0 + r2),
                         .turn_rad = s->clockwise ? s->turn_rad : -s->turn_rad,
                         .reach_mm = s->index == 1 ? s->reach_mm : 0.0};
        index += s->index;
    }
    solver->constant_rad = index == 0 ? 0.5 * PI : 0.0;
    for (int k = 0; k < growth->singularity_count; k++) {
        GrowthPole *pole = &solver->pole[k];
        double others = solver->constant_rad + angles_rad(solver, pole->uv, k);
        pole->turn_rad -= remainder(others, 2.0 * PI);
    }
}

/* ---- the lift ---- */

typedef struct LiftKnot {
    double v, lift_deg;
} LiftKnot;

/* By v of the chart, which on a mean head is 0.42 at the hairline, 0 between the ears and -0.31 at
 * the average whorl. Frontal line 10..20 degrees, temple 3..10, mid-scalp 30 at its front rising to
 * 60 behind: field/practice 4.4. Beside the ears, below the crown and at the nape: flatter again
 * [assumption]. */
static const LiftKnot middle_knot[] = {{-1.05, 15}, {-0.70, 35}, {-0.31, 60}, {0.00, 47},
                                       {0.25, 30},  {0.42, 15},  {0.60, 12}};
static const LiftKnot side_knot[] = {{-1.05, 15}, {-0.60, 20}, {0.05, 15},
                                     {0.30, 8},   {0.45, 6},   {0.70, 5}};
enum {
    MIDDLE_KNOTS = sizeof middle_knot / sizeof middle_knot[0],
    SIDE_KNOTS = sizeof side_knot / sizeof side_knot[0]
};
/* |u| from which on the side begins to count, and counts alone: the temples lie at 0.45..0.65. */
static const double side_begins = 0.20, side_alone = 0.60;
/* Hair stands up in the middle of every whorl, wherever it lies. [assumption] */
static const double whorl_lift_deg = 60.0, whorl_lift_mm = 20.0;

static double ease(double low, double high, double x)
{
    double t = fmin(fmax((x - low) / (high - low), 0.0), 1.0);
    return t * t * (3.0 - 2.0 * t);
}

/* Smooth from knot to knot, and never beyond them. */
static double between_knots(int count, const LiftKnot knot[], double v)
{
    double lift = knot[0].lift_deg;
    for (int i = 0; i + 1 < count; i++)
        lift += (knot[i + 1].lift_deg - knot[i].lift_deg) * ease(knot[i].v, knot[i + 1].v, v);
    return lift;
}

static double plain_lift_rad(const double uv[2])
{
    double side = ease(side_begins, side_alone, fabs(uv[0]));
    double middle_deg = between_knots(MIDDLE_KNOTS, middle_knot, uv[1]),
           side_deg = between_knots(SIDE_KNOTS, side_knot, uv[1]);
    return DEG * (middle_deg + side * (side_deg - middle_deg));
}

static void lift_whorls(const HeadTopology *topology, const GrowthSolver *solver, double lift_rad[])
{
    for (int v = 0; v < topology->vertex_count; v++) {
        const double *uv = solver->uv[v];
        double flat = 1.0, stretch = 1.0 + uv[0] * uv[0] + uv[1] * uv[1];
        for (int k = 0; k < solver->pole_count; k++) {
            const GrowthPole *pole = &solver->pole[k];
            double du = uv[0] - pole->uv[0], dv = uv[1] - pole->uv[1];
            double chord2 = pole->chord_mm * pole->chord_mm * (du * du + dv * dv) / stretch;
            if (pole->index == 1 && chord2 < whorl_lift_mm * whorl_lift_mm)
                flat *= ease(0.0, whorl_lift_mm, sqrt(chord2));
        }
        double plain = solver->plain_lift_rad[v];
        lift_rad[v] = plain + (1.0 - flat) * (whorl_lift_deg * DEG - plain);
    }
}

/* ---- the field ---- */

static bool field_new(Arena *arena, const Head *head, GrowthField *field, Err *err)
{
    size_t n = (size_t)head->topology->vertex_count;
    *field = (GrowthField){.smooth_rad = ARENA_NEW(arena, double, n),
                           .lift_rad = ARENA_NEW(arena, double, n),
                           .solver = ARENA_NEW(arena, GrowthSolver, 1)};
    GrowthSolver *solver = field->solver;
    if (solver != NULL) {
        solver->uv = arena_alloc(arena, n, sizeof solver->uv[0]);
        solver->plain_lift_rad = ARENA_NEW(arena, double, n);
    }
    if (field->smooth_rad == NULL || field->lift_rad == NULL || solver == NULL ||
        solver->uv == NULL || solver->plain_lift_rad == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for the growth of %zu vertices within the memory limit", n);
    double sum = 0.0;
    for (size_t v = 0; v < n; v++) {
        head_chart(head->topology->direction[v], solver->uv[v]);
        solver->plain_lift_rad[v] = plain_lift_rad(solver->uv[v]);
        sum += head->radius_mm[v];
    }
    solver->mean_radius_mm = sum / (double)n;
    return true;
}

bool growth_solve(Arena *arena, Arena *scratch, const Head *head, const Growth *growth,
                  GrowthField *field, Err *err)
{
    return growth_check(growth, err) && field_new(arena, head, field, err) &&
           growth_solve_again(scratch, head, growth, field, err);
}

bool growth_solve_again(Arena *scratch, const Head *head, const Growth *growth, GrowthField *field,
                        Err *err)
{
    if (!growth_check(growth, err))
        return false;
    GrowthSolver *solver = field->solver;
    field->growth = *growth;
    prepare_poles(head, growth, solver);
    lift_whorls(head->topology, solver, field->lift_rad);
    return growth_smooth(scratch, head, growth, solver, GROWTH_FADE_MM, field->smooth_rad, err);
}

/* ---- asking it ---- */

static Vec3 direction_at(const Head *head, HeadPoint point)
{
    return vec_normalize(vec_sub(head_position_mm(head, point), head->centre_mm));
}

/* Into (-pi, pi]. */
static double one_turn(double angle)
{
    angle = remainder(angle, 2.0 * PI);
    return angle > -PI ? angle : PI;
}

double growth_heading_rad(const Head *head, const GrowthField *field, HeadPoint point)
{
    double uv[2];
    head_chart(direction_at(head, point), uv);
    return one_turn(growth_singular_rad(field->solver, uv) +
                    head_interpolate(head, point, field->smooth_rad));
}

Vec3 growth_heading_to_tangent(double heading_rad, Vec3 d)
{
    /* the chart's axes on the sphere: derivatives of its inverse, which all have the same length */
    double u = d.x / (1.0 + d.y), v = d.z / (1.0 + d.y), du = cos(heading_rad),
           dv = sin(heading_rad), s = 1.0 + u * u + v * v, slope = u * du + v * dv;
    return vec_normalize(vec3(du * s - 2.0 * u * slope, -2.0 * slope, dv * s - 2.0 * v * slope));
}

double growth_tangent_to_heading(Vec3 tangent, Vec3 d)
{
    Vec3 t = vec_madd(tangent, -vec_dot(tangent, d), d); /* what the radius adds is not seen */
    return atan2(t.z * (1.0 + d.y) - d.z * t.y, t.x * (1.0 + d.y) - d.x * t.y);
}

/* From the sphere to the surface along the radius: the chart sees the same heading. */
Vec3 growth_heading_to_surface(const Head *head, double heading_rad, HeadPoint point)
{
    const double steepest = 0.1; /* a surface seen edge-on from the centre */
    Vec3 direction = direction_at(head, point), normal = head_normal(head, point);
    Vec3 flat = growth_heading_to_tangent(heading_rad, direction);
    double facing = fmax(vec_dot(direction, normal), steepest);
    Vec3 along = vec_madd(flat, -vec_dot(flat, normal) / facing, direction);
    return vec_normalize(vec_madd(along, -vec_dot(along, normal), normal));
}

Vec3 growth_tangent(const Head *head, const GrowthField *field, HeadPoint point)
{
    return growth_heading_to_surface(head, growth_heading_rad(head, field, point), point);
}

Vec3 growth_shaft(const Head *head, const GrowthField *field, HeadPoint point)
{
    double lift = head_interpolate(head, point, field->lift_rad);
    return vec_madd(vec_scale(growth_tangent(head, field, point), cos(lift)), sin(lift),
                    head_normal(head, point));
}

/* ---- windings ---- */

/* A place on an edge of the canvas. */
typedef struct EdgePlace {
    double uv[2], angles_rad, free_rad; /* the singular angles, modulo a turn; the rest */
} EdgePlace;

static EdgePlace edge_place(const Head *head, const GrowthField *field, int a, int b, double t)
{
    EdgePlace place;
    Vec3 at = vec_lerp(head->position_mm[a], head->position_mm[b], t);
    head_chart(vec_normalize(vec_sub(at, head->centre_mm)), place.uv);
    place.angles_rad = angles_rad(field->solver, place.uv, -1);
    place.free_rad = turn_rad(field->solver, place.uv) + (1.0 - t) * field->smooth_rad[a] +
                     t * field->smooth_rad[b];
    return place;
}

/* At most this much the heading turns between two places. */
static double most_turn_rad(const GrowthSolver *solver, const EdgePlace *a, const EdgePlace *b)
{
    double length = distance_uv(a->uv, b->uv), most = fabs(a->free_rad - b->free_rad);
    for (int k = 0; k < solver->pole_count; k++) {
        double near =
            fmin(distance_uv(a->uv, solver->pole[k].uv), distance_uv(b->uv, solver->pole[k].uv)) -
            0.5 * length;
        most += length < PI * near ? length / near : PI;
    }
    return most;
}

/* From a to b, counted rather than guessed: pieces of it so short that no more than half a turn
 * lies between. A singularity on the edge itself goes to one side or the other. */
static double piece_turn(const Head *head, const GrowthField *field, int a, int b, double from,
                         double to, int depth)
{
    EdgePlace p = edge_place(head, field, a, b, from), q = edge_place(head, field, a, b, to);
    if (depth > 0 && most_turn_rad(field->solver, &p, &q) >= PI) {
        double middle = 0.5 * (from + to);
        return piece_turn(head, field, a, b, from, middle, depth - 1) +
               piece_turn(head, field, a, b, middle, to, depth - 1);
    }
    return remainder(q.angles_rad + q.free_rad - p.angles_rad - p.free_rad, 2.0 * PI);
}

/* Of the edge from corner k on. Both its triangles count the same walk, one of them backward. */
static double edge_turn(const Head *head, const GrowthField *field, int triangle, int k)
{
    const int *v = head->topology->triangle[triangle];
    int a = v[k], b = v[(k + 1) % 3];
    return a < b ? piece_turn(head, field, a, b, 0.0, 1.0, 40)
                 : -piece_turn(head, field, b, a, 0.0, 1.0, 40);
}

/* Walked counter-clockwise seen from outside, which is clockwise in the chart where headings are
 * measured. */
static int turns(double clockwise_rad)
{
    return -(int)lround(clockwise_rad / (2.0 * PI));
}

int growth_winding(const Head *head, const GrowthField *field, int triangle)
{
    assert(triangle >= 0 && triangle < head->topology->triangle_count);
    double sum = 0.0;
    for (int k = 0; k < 3; k++)
        sum += edge_turn(head, field, triangle, k);
    return turns(sum);
}

int growth_rim_winding(const Head *head, const GrowthField *field)
{
    double sum = 0.0;
    for (int t = 0; t < head->topology->triangle_count; t++)
        for (int k = 0; k < 3; k++)
            if (head->topology->across[t][k] < 0)
                sum += edge_turn(head, field, t, k);
    return turns(sum);
}
