/* What strokes ask of the smooth part. Along a stroke: its own heading less the singular part, made
 * continuous, on the branch nearest to the field that the strokes before it made, so that hair
 * turns the short way. */
#include "head/growth_internal.h"

#define PI 3.14159265358979323846

enum { PIECES = 32, SAMPLES_LIMIT = (GROWTH_STROKE_POINTS - 1) * PIECES + 1 };

/* Screening length of a stroke of strength 1 as a share of its width: inside it hair follows to
 * exp(-4) of what it is off at the edge. [assumption] */
static const double screening = 1.0 / 8.0;
/* A stroke covers at least this many cells to each side, or it could slip between the nodes. */
static const double thinnest_cells = 1.25;
/* Of the residual in the norm of the energy: 1e-8 leaves s exact to far below a degree; 1e-2 is
 * enough to choose between branches, a turn apart. */
static const double exact = 1e-8, rough = 1e-2;

typedef struct Sample {
    double uv[2], half_uv; /* half its width */
    double asked_rad;
} Sample;

/* Heading at each point that differs from the one before: halfway between its two pieces. Gives how
 * many such points there are, in uv. */
static int stroke_headings(const GrowthStroke *stroke, double uv[][2], double heading_rad[])
{
    double piece[GROWTH_STROKE_POINTS] = {0.0};
    int count = 0;
    for (int i = 0; i < stroke->point_count; i++) {
        double du = 0.0, dv = 0.0;
        if (count > 0) {
            du = stroke->uv[i][0] - uv[count - 1][0];
            dv = stroke->uv[i][1] - uv[count - 1][1];
            if (hypot(du, dv) < GROWTH_STROKE_STEP_UV)
                continue;
            double a = atan2(dv, du);
            piece[count - 1] =
                count > 1 ? piece[count - 2] + remainder(a - piece[count - 2], 2 * PI) : a;
        }
        uv[count][0] = stroke->uv[i][0];
        uv[count++][1] = stroke->uv[i][1];
    }
    for (int i = 0; i < count; i++) {
        double in = piece[i > 0 ? i - 1 : 0], out = piece[i < count - 1 ? i : count - 2];
        heading_rad[i] = 0.5 * (in + out);
    }
    return count;
}

static int sample_stroke(const Head *head, const GrowthSolver *solver, const GrowthStroke *stroke,
                         Sample sample[])
{
    double uv[GROWTH_STROKE_POINTS][2], heading[GROWTH_STROKE_POINTS];
    int points = stroke_headings(stroke, uv, heading), count = 0;
    double step = growth_spacing(GROWTH_SIDE);
    for (int i = 0; i < points; i++) {
        double radius = growth_radius_mm(head, solver, uv[i]);
        const double *to = uv[i + 1 < points ? i + 1 : i];
        double du = to[0] - uv[i][0], dv = to[1] - uv[i][1];
        int pieces = (int)fmin(ceil(hypot(du, dv) / step), PIECES);
        for (int k = 0; k < (i + 1 < points ? pieces : 1); k++) {
            double t = pieces > 0 ? (double)k / pieces : 0.0;
            Sample *s = &sample[count];
            s->uv[0] = uv[i][0] + t * du;
            s->uv[1] = uv[i][1] + t * dv;
            s->half_uv = 0.5 * stroke->width_mm / growth_scale_mm(radius, s->uv);
            double along =
                i + 1 < points ? heading[i] + t * (heading[i + 1] - heading[i]) : heading[i];
            double asked = along - growth_singular_rad(solver, s->uv);
            double before = count > 0 ? sample[count - 1].asked_rad : 0.0;
            s->asked_rad = before + remainder(asked - before, 2.0 * PI);
            count++;
        }
    }
    return count;
}

/* ---- on the grid ---- */

typedef struct Window {
    int low[2], high[2]; /* nodes, inclusive; of u and of v */
} Window;

static Window window_of(int side, int count, const Sample sample[], double least_uv)
{
    Window window;
    double step = growth_spacing(side);
    for (int k = 0; k < 2; k++) {
        double low = HUGE_VAL, high = -HUGE_VAL;
        for (int i = 0; i < count; i++) {
            double half = fmax(sample[i].half_uv, least_uv);
            low = fmin(low, sample[i].uv[k] - half);
            high = fmax(high, sample[i].uv[k] + half);
        }
        window.low[k] = (int)fmax(ceil((low + GROWTH_REACH_UV) / step), 0.0);
        window.high[k] = (int)fmin(floor((high + GROWTH_REACH_UV) / step), side - 1.0);
    }
    return window;
}

/* Notes for every node near the piece how far it is from it, as a share of its half width, and
 * what is asked there, where this piece is the nearest so far. */
static void draw_piece(GrowthGrid *grid, const Sample *a, const Sample *b, double least_uv)
{
    const Sample ends[2] = {*a, *b};
    Window window = window_of(grid->side, 2, ends, least_uv);
    double step = growth_spacing(grid->side), du = b->uv[0] - a->uv[0], dv = b->uv[1] - a->uv[1];
    double length2 = du * du + dv * dv;
    for (int i = window.low[1]; i <= window.high[1]; i++)
        for (int j = window.low[0]; j <= window.high[0]; j++) {
            double u = j * step - GROWTH_REACH_UV - a->uv[0],
                   v = i * step - GROWTH_REACH_UV - a->uv[1];
            double t = fmin(fmax((u * du + v * dv) / length2, 0.0), 1.0);
            double half = fmax(a->half_uv + t * (b->half_uv - a->half_uv), least_uv);
            double away =
                ((u - t * du) * (u - t * du) + (v - t * dv) * (v - t * dv)) / (half * half);
            int at = i * grid->side + j;
            if (away < grid->nearest[at]) {
                grid->nearest[at] = away;
                grid->asked_rad[at] = a->asked_rad + t * (b->asked_rad - a->asked_rad);
            }
        }
}

/* Over its width a stroke asks with (1 - (2 distance / width)^2)^2: nothing at its edge, smoothly.
 */
static void draw_stroke(GrowthGrid *grid, double strength, int count, const Sample sample[])
{
    double least = thinnest_cells * growth_spacing(grid->side), middle = 0.0;
    Window window = window_of(grid->side, count, sample, least);
    for (int i = window.low[1]; i <= window.high[1]; i++)
        for (int j = window.low[0]; j <= window.high[0]; j++)
            grid->nearest[i * grid->side + j] = 1.0;
    for (int i = 0; i + 1 < count; i++)
        draw_piece(grid, &sample[i], &sample[i + 1], least);
    for (int i = 0; i < count; i++)
        middle += fmax(sample[i].half_uv, least) / count;
    /* the length over which s settles grows as strength falls, so that the middle of the scale is
     * about half the way */
    double cells =
        growth_spacing(grid->side) * strength * sqrt(strength) / (2.0 * screening * middle);
    for (int i = window.low[1]; i <= window.high[1]; i++)
        for (int j = window.low[0]; j <= window.high[0]; j++) {
            int at = i * grid->side + j;
            double near = 1.0 - grid->nearest[at], weight = cells * cells * near * near;
            grid->weight[at] += weight;
            grid->rhs[at] += weight * grid->asked_rad[at];
        }
}

/* Moves a stroke by whole turns to where it is nearest to s on the whole. */
static void choose_branch(int side, const double s[], int count, Sample sample[])
{
    double off = 0.0;
    for (int i = 0; i < count; i++)
        off += (sample[i].asked_rad - growth_grid_read(side, s, sample[i].uv)) / count;
    double turns = 2.0 * PI * nearbyint(off / (2.0 * PI));
    for (int i = 0; i < count; i++)
        sample[i].asked_rad -= turns;
}

/* Draws all strokes on the fine grid. On the coarse one the field is solved after each. */
static bool draw_strokes(Arena *scratch, const Head *head, const Growth *growth,
                         const GrowthSolver *solver, GrowthGrid *coarse, GrowthGrid *fine,
                         double coarse_s[], Sample sample[], Err *err)
{
    for (int i = 0; i < growth->stroke_count; i++) {
        const GrowthStroke *stroke = &growth->stroke[i];
        int count = sample_stroke(head, solver, stroke, sample);
        choose_branch(coarse->side, coarse_s, count, sample);
        draw_stroke(fine, stroke->strength, count, sample);
        draw_stroke(coarse, stroke->strength, count, sample);
        if (i + 1 < growth->stroke_count &&
            !growth_grid_solve(scratch, coarse, rough, coarse_s, err))
            return false;
    }
    return true;
}

bool growth_smooth(Arena *scratch, const Head *head, const Growth *growth,
                   const GrowthSolver *solver, double fade_mm, double smooth_rad[], Err *err)
{
    size_t mark = arena_mark(scratch);
    int vertices = head->topology->vertex_count;
    if (growth->stroke_count == 0) {
        for (int v = 0; v < vertices; v++)
            smooth_rad[v] = 0.0;
        return true;
    }
    GrowthGrid coarse, fine;
    double *coarse_s = ARENA_NEW(scratch, double, GROWTH_COARSE_SIDE *GROWTH_COARSE_SIDE),
           *s = ARENA_NEW(scratch, double, GROWTH_SIDE *GROWTH_SIDE);
    Sample *sample = ARENA_NEW(scratch, Sample, SAMPLES_LIMIT);
    bool ok = coarse_s != NULL && s != NULL && sample != NULL;
    if (!ok)
        err_set(err, ERR_LIMIT, "no room for the strokes within the memory limit");
    ok = ok && growth_grid_new(scratch, GROWTH_COARSE_SIDE, &coarse, err) &&
         growth_grid_new(scratch, GROWTH_SIDE, &fine, err);
    if (ok) {
        growth_grid_fade(solver, fade_mm, &coarse);
        growth_grid_fade(solver, fade_mm, &fine);
        ok = draw_strokes(scratch, head, growth, solver, &coarse, &fine, coarse_s, sample, err) &&
             growth_grid_solve(scratch, &fine, exact, s, err);
    }
    for (int v = 0; v < vertices && ok; v++)
        smooth_rad[v] = growth_grid_read(GROWTH_SIDE, s, solver->uv[v]);
    arena_rewind(scratch, mark);
    return ok;
}
