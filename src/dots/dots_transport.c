#include "dots/dots_internal.h"

/* Elimination and thresholds leave the density of a prefix some per cent off over centimetres
 * (F200 0.09, field/sampling 4.1), which the eye sees as blotches. Here the surplus flows off along
 * the gradient of a potential, as in the linearised optimal transport of Benamou and Brenier,
 * Numer. Math. 84 (2000) 375: div(wanted grad phi) = surplus, displacement -grad phi. */

/* Surplus is smoothed over this many spacings of the prefix: below, dots are grains. */
#define SMOOTH_SPACINGS 1.5
#define SMOOTH_GOAL     1e-2
#define SOLVE_GOAL      3e-2
#define LONGEST_STEP    0.7 /* spacings of the level's own dots */
enum { SMOOTH_STEPS = 60, SOLVE_STEPS = 300 };

typedef struct Solver {
    int count; /* vertices where something is wanted */
    int *start, *neighbor;
    double *weight, *diagonal;
    double *residual, *scaled, *direction, *image;
} Solver;

typedef struct Transport {
    DotsCrowd *crowd;
    const DotsMass *mass;
    int *index; /* [vertex_count] unknown of the vertex, -1 */
    Solver solver;
    double *wanted, *area_mm2, *surplus, *smooth, *potential, *own; /* [count] */
    Vec3 *gradient;                                                 /* [count] */
    int island_count, *island;                                      /* [count] 1 .. island_count */
    double *over, *asked;                                           /* [island_count + 1] */
} Transport;

static double apply(const Solver *s, const double own[], const double x[], double image[])
{
    double sum = 0.0;
    for (int v = 0; v < s->count; v++) {
        double value = (s->diagonal[v] + own[v]) * x[v];
        for (int k = s->start[v]; k < s->start[v + 1]; k++)
            value -= s->weight[k] * x[s->neighbor[k]];
        image[v] = value;
        sum += value * x[v];
    }
    return sum;
}

/* (L + diag(own)) x = right by conjugate gradients with the diagonal as preconditioner, from x =
 * 0, until the residual is below goal times the right side. Without own the sum of right must be
 * 0. */
static void solve(Solver *s, const double own[], const double right[], double goal, int steps,
                  double x[])
{
    double norm = 0.0, rho = 0.0;
    for (int v = 0; v < s->count; v++) {
        x[v] = 0.0;
        s->residual[v] = right[v];
        double diagonal = s->diagonal[v] + own[v];
        s->scaled[v] = diagonal > 0.0 ? right[v] / diagonal : 0.0;
        s->direction[v] = s->scaled[v];
        norm += right[v] * right[v];
        rho += right[v] * s->scaled[v];
    }
    double stop = goal * goal * norm;
    for (int step = 0; step < steps && norm > stop; step++) {
        double curvature = apply(s, own, s->direction, s->image);
        if (!(curvature > 0.0))
            return;
        double length = rho / curvature, next = 0.0;
        norm = 0.0;
        for (int v = 0; v < s->count; v++) {
            x[v] += length * s->direction[v];
            s->residual[v] -= length * s->image[v];
            double diagonal = s->diagonal[v] + own[v];
            s->scaled[v] = diagonal > 0.0 ? s->residual[v] / diagonal : 0.0;
            norm += s->residual[v] * s->residual[v];
            next += s->residual[v] * s->scaled[v];
        }
        for (int v = 0; v < s->count; v++)
            s->direction[v] = s->scaled[v] + next / rho * s->direction[v];
        rho = next;
    }
}

/* The Laplacian on the vertices where something is wanted, with the wanted density as conductance:
 * nothing flows where nothing is wanted. */
static bool open_solver(Arena *scratch, Transport *all, Err *err)
{
    const DotsSurface *surface = all->crowd->surface;
    DotsWeb web;
    size_t vertices = (size_t)surface->vertex_count;
    all->index = ARENA_NEW(scratch, int, vertices);
    if (all->index == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", surface->vertex_count);
    if (!dots_web_new(scratch, surface, all->mass->triangle, &web, err))
        return false;
    Solver *s = &all->solver;
    for (int v = 0; v < surface->vertex_count; v++)
        all->index[v] = all->mass->vertex[v] > 0.0 ? s->count++ : -1;
    size_t count = (size_t)s->count;
    double **column[] = {&s->diagonal, &s->residual,    &s->scaled,    &s->direction,
                         &s->image,    &all->wanted,    &all->own,     &all->surplus,
                         &all->smooth, &all->potential, &all->area_mm2};
    for (size_t i = 0; i < sizeof column / sizeof column[0]; i++) {
        *column[i] = ARENA_NEW(scratch, double, count);
        if (*column[i] == NULL)
            return err_set(err, ERR_LIMIT, "no room for %d vertices", s->count);
    }
    all->gradient = ARENA_NEW(scratch, Vec3, count);
    s->start = ARENA_NEW(scratch, int, count + 1);
    if (all->gradient == NULL || s->start == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", s->count);
    s->neighbor = web.neighbor; /* compacted in place: unknowns come in the order of vertices */
    s->weight = web.weight;
    int at = 0;
    for (int v = 0; v < surface->vertex_count; v++) {
        if (all->index[v] < 0)
            continue;
        int u = all->index[v];
        for (int k = web.start[v]; k < web.start[v + 1]; k++) {
            int other = all->index[web.neighbor[k]];
            double weight = web.weight[k];
            if (other < 0 || !(weight > 0.0))
                continue; /* an obtuse pair of triangles conducts nothing rather than less */
            s->neighbor[at] = other;
            s->weight[at++] = weight;
            s->diagonal[u] += weight;
        }
        s->start[u + 1] = at;
        all->wanted[u] = all->mass->vertex[v];
    }
    for (int t = 0; t < surface->triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            int u = all->index[surface->triangle[t][k]];
            if (u >= 0)
                all->area_mm2[u] += all->crowd->facet[t].area_mm2 / 3.0;
        }
    return true;
}

/* Numbers the islands: parts of the wanted region between which nothing can flow. */
static bool find_islands(Arena *scratch, Transport *all, Err *err)
{
    const Solver *s = &all->solver;
    all->island = ARENA_NEW(scratch, int, (size_t)s->count);
    int *queue = ARENA_NEW(scratch, int, (size_t)s->count);
    if (all->island == NULL || queue == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", s->count);
    for (int seed = 0; seed < s->count; seed++) {
        if (all->island[seed] != 0)
            continue;
        int head = 0, tail = 0;
        all->island[seed] = ++all->island_count;
        queue[tail++] = seed;
        while (head < tail) {
            int u = queue[head++];
            for (int k = s->start[u]; k < s->start[u + 1]; k++)
                if (all->island[s->neighbor[k]] == 0) {
                    all->island[s->neighbor[k]] = all->island_count;
                    queue[tail++] = s->neighbor[k];
                }
        }
    }
    all->over = ARENA_NEW(scratch, double, (size_t)all->island_count + 1);
    all->asked = ARENA_NEW(scratch, double, (size_t)all->island_count + 1);
    if (all->over == NULL || all->asked == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d islands", all->island_count);
    return true;
}

/* Takes the mean of each island off, in proportion to what is wanted, so that it sums to 0. */
static void balance(const Transport *all, double value[])
{
    for (int i = 0; i <= all->island_count; i++)
        all->over[i] = all->asked[i] = 0.0;
    for (int u = 0; u < all->solver.count; u++) {
        all->over[all->island[u]] += value[u];
        all->asked[all->island[u]] += all->wanted[u];
    }
    for (int u = 0; u < all->solver.count; u++)
        value[u] -= all->over[all->island[u]] * all->wanted[u] / all->asked[all->island[u]];
}

/* Where fixed points stand closer than their smoothed density, dots make room. */
static void take_fixed(Transport *all)
{
    const DotsCrowd *crowd = all->crowd;
    if (crowd->fixed_per_mm2 == NULL)
        return;
    for (int v = 0; v < crowd->surface->vertex_count; v++)
        if (all->index[v] >= 0)
            all->surplus[all->index[v]] -= crowd->fixed_per_mm2[v] * all->area_mm2[all->index[v]];
    for (int f = 0; f < crowd->total - crowd->count; f++)
        if (all->index[crowd->fixed_vertex[f]] >= 0)
            all->surplus[all->index[crowd->fixed_vertex[f]]] += 1.0;
}

static void take_surplus(Transport *all, int level)
{
    const DotsCrowd *crowd = all->crowd;
    for (int u = 0; u < all->solver.count; u++)
        all->surplus[u] = -crowd->until[level] * all->wanted[u];
    for (int i = 0; i < crowd->count; i++) {
        const int *corner = crowd->surface->triangle[crowd->point[i].triangle];
        for (int k = 0; crowd->session[i] <= level && k < 3; k++)
            if (all->index[corner[k]] >= 0)
                all->surplus[all->index[corner[k]]] += crowd->point[i].weight[k];
    }
    take_fixed(all);
    balance(all, all->surplus);
    double share = crowd->until[level] / (SMOOTH_SPACINGS * SMOOTH_SPACINGS);
    for (int u = 0; u < all->solver.count; u++)
        all->own[u] = share * all->wanted[u] * all->wanted[u] / all->area_mm2[u];
    solve(&all->solver, all->own, all->surplus, SMOOTH_GOAL, SMOOTH_STEPS, all->smooth);
    for (int u = 0; u < all->solver.count; u++)
        all->smooth[u] *= all->own[u];
    balance(all, all->smooth);
}

static void take_gradient(Transport *all)
{
    const DotsSurface *surface = all->crowd->surface;
    for (int u = 0; u < all->solver.count; u++) {
        all->gradient[u] = vec3(0.0, 0.0, 0.0);
        all->own[u] = 0.0;
    }
    for (int t = 0; t < surface->triangle_count; t++) {
        const DotsFacet *facet = &all->crowd->facet[t];
        int u[3];
        for (int k = 0; k < 3; k++)
            u[k] = all->index[surface->triangle[t][k]];
        if (u[0] < 0 || u[1] < 0 || u[2] < 0)
            continue;
        double base = all->potential[u[0]];
        Vec3 gradient = vec_scale(facet->gradient[0], all->potential[u[1]] - base);
        gradient = vec_madd(gradient, all->potential[u[2]] - base, facet->gradient[1]);
        for (int k = 0; k < 3; k++) {
            all->gradient[u[k]] = vec_madd(all->gradient[u[k]], facet->area_mm2, gradient);
            all->own[u[k]] += facet->area_mm2;
        }
    }
    for (int u = 0; u < all->solver.count; u++)
        if (all->own[u] > 0.0)
            all->gradient[u] = vec_scale(all->gradient[u], 1.0 / all->own[u]);
}

/* Moves the dots of the sessions from `first` to `level`, which have that share of the wanted. */
static void move_levels(Transport *all, int first, int level)
{
    DotsCrowd *crowd = all->crowd;
    double before = first > 0 ? crowd->until[first - 1] : 0.0, share = crowd->until[level] - before;
    for (int i = 0; i < crowd->count; i++) {
        if (crowd->session[i] < first || crowd->session[i] > level || crowd->still[i])
            continue;
        const int *corner = crowd->surface->triangle[crowd->point[i].triangle];
        Vec3 step = vec3(0.0, 0.0, 0.0);
        for (int k = 0; k < 3; k++)
            if (all->index[corner[k]] >= 0)
                step = vec_madd(step, -crowd->point[i].weight[k] / share,
                                all->gradient[all->index[corner[k]]]);
        double wanted = fmax(share * crowd->per_mm2[i], 1e-6);
        double length = vec_length(step), longest = LONGEST_STEP / sqrt(wanted);
        if (length > longest)
            step = vec_scale(step, longest / length);
        dots_crowd_go(crowd, i, step);
    }
}

static void flow(Transport *all, int first, int level)
{
    double before = first > 0 ? all->crowd->until[first - 1] : 0.0;
    if (!(all->crowd->until[level] > before))
        return;
    take_surplus(all, level);
    for (int u = 0; u < all->solver.count; u++)
        all->own[u] = 0.0;
    solve(&all->solver, all->own, all->smooth, SOLVE_GOAL, SOLVE_STEPS, all->potential);
    take_gradient(all);
    move_levels(all, first, level);
}

bool dots_transport(Arena *scratch, DotsCrowd *crowd, const DotsMass *mass, DotsFlow how, Err *err)
{
    if (crowd->count == 0)
        return true;
    size_t mark = arena_mark(scratch);
    Transport all = {.crowd = crowd, .mass = mass};
    int last = crowd->level_count - 1;
    if (!open_solver(scratch, &all, err) || !find_islands(scratch, &all, err))
        return false;
    if (how == DOTS_FLOW_TOGETHER)
        flow(&all, 0, last);
    for (int level = 0; how == DOTS_FLOW_BY_LEVEL && level <= last; level++)
        flow(&all, level, level);
    arena_rewind(scratch, mark);
    return true;
}
