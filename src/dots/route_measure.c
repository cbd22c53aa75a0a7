#include "dots/route_internal.h"

#include <assert.h>
/* Dots farther apart than this many mean moves are no pair of the tree's graph; the bound stays
 * true (see tree_mm), and hardly changes: an edge of the tree is rarely as long. */
static const double pair_moves = 3.0;
/* Share of the last direction in the next step: the ascent sways less. Volgenant and Jonker, Eur.
 * J. Oper. Res. 9 (1982) 83. */
static const double momentum = 0.4;
/* The first step per dot and edge too many, in mean moves, and what the steps shrink by each round:
 * the best of five pairs tried on three sessions (docs/order_of_work.md). */
static const double first_step = 0.05, shrink = 0.95;

/* The dots of a session, by the route. */
typedef struct Trail {
    Arena *scratch;
    int count;
    Vec3 *position_mm; /* [count] */
    double mean_mm;
} Trail;

/* ---- greedy */

static int nearest_left(const Trail *trail, const DotsGrid *grid, const uint8_t done[], Vec3 here)
{
    for (double reach = grid->cell_mm;; reach *= 2.0) {
        double least = (double)INFINITY;
        int best = -1, i;
        for (DotsWalk walk = dots_walk(grid, here, reach); dots_walk_next(&walk, &i);) {
            if (done[i])
                continue;
            double away = vec_distance(trail->position_mm[i], here);
            if (away < least || (!(least < away) && i < best)) {
                least = away;
                best = i;
            }
        }
        if (least <= reach) /* a farther dot of the cells may have a nearer one beyond them */
            return best;
    }
}

static bool greedy(const Trail *trail, double *length_mm, Err *err)
{
    size_t mark = arena_mark(trail->scratch);
    uint8_t *done = ARENA_NEW(trail->scratch, uint8_t, (size_t)trail->count);
    DotsGrid grid;
    if (done == NULL)
        return err_set(err, ERR_LIMIT, "no room for a tour of %d dots", trail->count);
    if (!dots_grid_new(trail->scratch, trail->count, trail->position_mm,
                       fmax(2.0 * trail->mean_mm, 1e-3), &grid, err))
        return false;
    *length_mm = 0.0;
    done[0] = 1;
    for (int left = trail->count - 1, at = 0; left > 0; left--) {
        int next = nearest_left(trail, &grid, done, trail->position_mm[at]);
        *length_mm += vec_distance(trail->position_mm[at], trail->position_mm[next]);
        done[next] = 1;
        at = next;
    }
    arena_rewind(trail->scratch, mark);
    return true;
}

/* ---- the tree */

typedef struct Pair {
    int a, b;
    double mm;
} Pair;

typedef struct Forest {
    const Trail *trail;
    double reach_mm; /* pair: all that are not farther apart */
    int pair_count;
    Pair *pair;
    DotsKey *key;         /* [pair_count] */
    int *root;            /* [count] */
    double *price, *step; /* [count] what Held and Karp add at a dot to each move there */
    int *degree;
} Forest;

static int find_pairs(const Forest *forest, const DotsGrid *grid, Pair pair[])
{
    const Trail *trail = forest->trail;
    int count = 0, j;
    for (int i = 0; i < trail->count; i++)
        for (DotsWalk walk = dots_walk(grid, trail->position_mm[i], forest->reach_mm);
             dots_walk_next(&walk, &j);) {
            double away = vec_distance(trail->position_mm[i], trail->position_mm[j]);
            if (j <= i || !(away <= forest->reach_mm))
                continue;
            if (pair != NULL)
                pair[count] = (Pair){i, j, away};
            count++;
        }
    return count;
}

static bool forest_new(const Trail *trail, Forest *forest, Err *err)
{
    size_t count = (size_t)trail->count;
    *forest = (Forest){.trail = trail, .reach_mm = fmax(pair_moves * trail->mean_mm, 1e-3)};
    DotsGrid grid;
    if (!dots_grid_new(trail->scratch, trail->count, trail->position_mm, forest->reach_mm, &grid,
                       err))
        return false;
    forest->pair_count = find_pairs(forest, &grid, NULL);
    forest->pair = ARENA_NEW(trail->scratch, Pair, (size_t)forest->pair_count);
    forest->key = ARENA_NEW(trail->scratch, DotsKey, (size_t)forest->pair_count);
    forest->root = ARENA_NEW(trail->scratch, int, count);
    forest->price = ARENA_NEW(trail->scratch, double, count);
    forest->step = ARENA_NEW(trail->scratch, double, count);
    forest->degree = ARENA_NEW(trail->scratch, int, count);
    if (forest->pair == NULL || forest->key == NULL || forest->root == NULL ||
        forest->price == NULL || forest->step == NULL || forest->degree == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d pairs of dots", forest->pair_count);
    find_pairs(forest, &grid, forest->pair);
    return true;
}

static int root_of(int root[], int i)
{
    while (root[i] != i) {
        root[i] = root[root[i]];
        i = root[i];
    }
    return i;
}

/* The two lowest prices: the path's ends are free, as if a place at no distance from all closed it.
 */
static double free_ends(const Forest *forest)
{
    int count = forest->trail->count, first = 0, second = -1;
    for (int i = 1; i < count; i++)
        if (forest->price[i] < forest->price[first]) {
            second = first;
            first = i;
        } else if (second < 0 || forest->price[i] < forest->price[second]) {
            second = i;
        }
    forest->degree[first]++;
    forest->degree[second]++;
    return forest->price[first] + forest->price[second];
}

/* Kruskal's tree where a move between a and b counts price[a] + price[b] more. Pairs that are not
 * in the graph count more than `sure`; so the tree is the true one up to there, and where it does
 * not hang together yet, each edge that is missing counts `sure` at least. The sum, less twice the
 * prices, is not more than the length of any path. Held, Karp, Oper. Res. 18 (1970) 1138. */
static bool grow(Forest *forest, double *bound_mm, Err *err)
{
    const Trail *trail = forest->trail;
    double lowest = (double)INFINITY, sum = 0.0;
    for (int i = 0; i < trail->count; i++) {
        forest->root[i] = i;
        forest->degree[i] = 0;
        lowest = fmin(lowest, forest->price[i]);
        sum -= 2.0 * forest->price[i];
    }
    double sure = forest->reach_mm + 2.0 * lowest;
    for (int p = 0; p < forest->pair_count; p++) {
        const Pair *pair = &forest->pair[p];
        forest->key[p] = (DotsKey){pair->mm + forest->price[pair->a] + forest->price[pair->b], p};
    }
    if (!dots_sort(trail->scratch, forest->pair_count, forest->key, err))
        return false;
    int missing = trail->count - 1;
    for (int k = 0; k < forest->pair_count && missing > 0 && forest->key[k].key <= sure; k++) {
        const Pair *pair = &forest->pair[forest->key[k].item];
        int a = root_of(forest->root, pair->a), b = root_of(forest->root, pair->b);
        if (a == b)
            continue;
        forest->root[a > b ? a : b] = a > b ? b : a;
        forest->degree[pair->a]++;
        forest->degree[pair->b]++;
        sum += forest->key[k].key;
        missing--;
    }
    *bound_mm = sum + missing * sure + free_ends(forest);
    return true;
}

/* Dots with too many edges become dearer, those with one cheaper. */
static bool ascend(Forest *forest, int rounds, double *best_mm, Err *err)
{
    double size_mm = first_step * forest->trail->mean_mm, bound_mm;
    for (int n = 0; n < rounds; n++, size_mm *= shrink) {
        for (int i = 0; i < forest->trail->count; i++) {
            forest->step[i] =
                (1.0 - momentum) * (forest->degree[i] - 2) + momentum * forest->step[i];
            forest->price[i] += size_mm * forest->step[i];
        }
        if (!grow(forest, &bound_mm, err))
            return false;
        *best_mm = fmax(*best_mm, bound_mm);
    }
    return true;
}

bool route_measure(Arena *scratch, const RouteDot dot[], const Route *route, int session,
                   int rounds, RouteMeasure *measure, Err *err)
{
    assert(session >= 0 && session < DOTS_MAX_SESSIONS);
    const RouteSession *from = &route->session[session];
    size_t mark = arena_mark(scratch);
    Trail trail = {.scratch = scratch, .count = from->count};
    Forest forest;
    *measure = (RouteMeasure){.length_mm = from->length_mm};
    if (from->count < 2)
        return true;
    trail.position_mm = ARENA_NEW(scratch, Vec3, (size_t)from->count);
    if (trail.position_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for a trail of %d dots", from->count);
    for (int k = 0; k < from->count; k++)
        trail.position_mm[k] = route_place_mm(dot[route->order[from->first + k]].position_mm);
    trail.mean_mm = from->length_mm / (from->count - 1);
    if (!greedy(&trail, &measure->greedy_mm, err) || !forest_new(&trail, &forest, err) ||
        !grow(&forest, &measure->tree_mm, err))
        return false;
    measure->bound_mm = measure->tree_mm;
    if (!ascend(&forest, rounds, &measure->bound_mm, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
