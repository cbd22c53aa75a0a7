#include "dots/route_internal.h"

/* Neighbours that a move may join; more of them hardly shorten the way (docs/order_of_work.md). */
enum { NEAR = 8, SWEEPS = 3, MOVED_TOGETHER = 3, MOVES_PER_DOT = 20 };
static const double shorter_mm = 1e-7; /* less is rounding */

/* The stop at work: dots leave neither [from, to) of the way nor come into it. */
typedef struct Tour {
    const RouteJob *job;
    int *at;           /* [count] place of a dot in the way */
    int (*near)[NEAR]; /* [count] nearest first, of the same stop; -1: no more */
    int from, to;
    int *queue, waiting, next; /* [to - from] dots whose moves are still to be tried: a ring */
    uint8_t *waits;            /* [count] */
} Tour;

/* The dot at place k, -1 before the first and after the last. */
static int dot_at(const Tour *tour, int k)
{
    return k < 0 || k >= tour->job->count ? -1 : tour->job->way[k];
}

static double move_mm(const Tour *tour, int a, int b)
{
    return a < 0 || b < 0 ? 0.0 : route_move_mm(tour->job, a, b);
}

static void try_again(Tour *tour, int dot)
{
    if (dot < 0 || tour->at[dot] < tour->from || tour->at[dot] >= tour->to || tour->waits[dot])
        return;
    tour->waits[dot] = 1;
    tour->queue[(tour->next + tour->waiting++) % (tour->to - tour->from)] = dot;
}

static int take(Tour *tour)
{
    int dot = tour->queue[tour->next];
    tour->next = (tour->next + 1) % (tour->to - tour->from);
    tour->waiting--;
    tour->waits[dot] = 0;
    return dot;
}

static void reverse(Tour *tour, int first, int last)
{
    int *way = tour->job->way;
    for (; first < last; first++, last--) {
        int swap = way[first];
        way[first] = way[last];
        way[last] = swap;
        tour->at[way[first]] = first;
        tour->at[way[last]] = last;
    }
}

/* Turns [first, last] around if that is shorter. */
static bool turn(Tour *tour, int first, int last)
{
    if (first >= last)
        return false;
    int before = dot_at(tour, first - 1), a = dot_at(tour, first);
    int b = dot_at(tour, last), behind = dot_at(tour, last + 1);
    double gain = move_mm(tour, before, a) + move_mm(tour, b, behind) - move_mm(tour, before, b) -
                  move_mm(tour, a, behind);
    if (!(gain > shorter_mm))
        return false;
    reverse(tour, first, last);
    try_again(tour, before);
    try_again(tour, a);
    try_again(tour, b);
    try_again(tour, behind);
    return true;
}

/* 2-opt: one of the two moves at the dot becomes one to a near dot. */
static bool try_turns(Tour *tour, int dot)
{
    for (int side = -1; side <= 1; side += 2) {
        double now = move_mm(tour, dot, dot_at(tour, tour->at[dot] + side));
        for (int n = 0; n < NEAR && tour->near[dot][n] >= 0; n++) {
            int other = tour->near[dot][n], i = tour->at[dot], j = tour->at[other];
            if (move_mm(tour, dot, other) >= now)
                break;
            /* the neighbours on this side become neighbours, too */
            int low = i < j ? i : j, high = i < j ? j : i;
            if (side > 0 ? turn(tour, low + 1, high) : turn(tour, low, high - 1))
                return true;
        }
    }
    return false;
}

/* Takes [first, last] between the places k and k + 1, turned around or not, if that is shorter. */
static bool carry(Tour *tour, int first, int last, int k, bool turned)
{
    int before = dot_at(tour, first - 1), a = dot_at(tour, first), b = dot_at(tour, last);
    int behind = dot_at(tour, last + 1), left = dot_at(tour, k), right = dot_at(tour, k + 1);
    double gain = move_mm(tour, before, a) + move_mm(tour, b, behind) + move_mm(tour, left, right) -
                  move_mm(tour, before, behind) - move_mm(tour, left, turned ? b : a) -
                  move_mm(tour, turned ? a : b, right);
    if (!(gain > shorter_mm))
        return false;
    int part[3][2], parts = route_carry(first, last, k, turned, part);
    for (int n = 0; n < parts; n++)
        reverse(tour, part[n][0], part[n][1]);
    int again[6] = {before, a, b, behind, left, right};
    for (int n = 0; n < 6; n++)
        try_again(tour, again[n]);
    return true;
}

/* Or-opt: up to three dots, of which this is an end, go beside a dot near it. */
static bool try_carries(Tour *tour, int dot)
{
    int i = tour->at[dot];
    for (int size = 1; size <= MOVED_TOGETHER; size++)
        for (int side = 0; side < (size > 1 ? 2 : 1); side++) {
            int first = side == 0 ? i : i - size + 1, last = first + size - 1;
            if (first < tour->from || last >= tour->to)
                continue;
            int a = dot_at(tour, first - 1), b = dot_at(tour, last + 1);
            double now = move_mm(tour, a, dot_at(tour, first)) +
                         move_mm(tour, dot_at(tour, last), b) - move_mm(tour, a, b);
            for (int n = 0; n < NEAR && tour->near[dot][n] >= 0; n++) {
                int other = tour->near[dot][n], j = tour->at[other];
                if (move_mm(tour, dot, other) >= now)
                    break;
                if (j >= first && j <= last)
                    continue;
                /* behind `other` the dot comes first, before it last */
                if (j != first - 1 && carry(tour, first, last, j, side == 1))
                    return true;
                if (j - 1 != last && carry(tour, first, last, j - 1, side == 0))
                    return true;
            }
        }
    return false;
}

/* ---- neighbours */

static void keep_nearest(const RouteJob *job, int dot, int other, int near[NEAR], double mm[NEAR])
{
    double away = route_move_mm(job, dot, other);
    int n = NEAR - 1;
    if (near[n] >= 0 && (mm[n] < away || (!(away < mm[n]) && near[n] < other)))
        return;
    for (; n > 0 &&
           (near[n - 1] < 0 || away < mm[n - 1] || (!(mm[n - 1] < away) && other < near[n - 1]));
         n--) {
        near[n] = near[n - 1];
        mm[n] = mm[n - 1];
    }
    near[n] = other;
    mm[n] = away;
}

/* Within the reach, or, where too few are, all dots of the stop. */
static void look_around(const Tour *tour, const RouteField *field, const DotsGrid *grid,
                        double reach_mm, int dot)
{
    const RouteJob *job = tour->job;
    double mm[NEAR];
    int found = 0, k, *near = tour->near[dot];
    for (int n = 0; n < NEAR; n++)
        near[n] = -1;
    for (DotsWalk walk = dots_walk(grid, job->position_mm[dot], reach_mm);
         dots_walk_next(&walk, &k);) {
        int other = job->way[field->first + k];
        if (other != dot) {
            keep_nearest(job, dot, other, near, mm);
            found++;
        }
    }
    for (int n = 0; found < NEAR && found < field->count - 1 && n < NEAR; n++)
        near[n] = -1;
    for (k = 0; found < NEAR && found < field->count - 1 && k < field->count; k++)
        if (job->way[field->first + k] != dot)
            keep_nearest(job, dot, job->way[field->first + k], near, mm);
}

static bool find_neighbours(Tour *tour, const RouteField *field, Err *err)
{
    const RouteJob *job = tour->job;
    size_t mark = arena_mark(job->scratch);
    Vec3 *place_mm = ARENA_NEW(job->scratch, Vec3, (size_t)field->count);
    if (place_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for the neighbours of %d dots", field->count);
    for (int k = 0; k < field->count; k++)
        place_mm[k] = job->position_mm[job->way[field->first + k]];
    /* a circle of this radius holds about twelve dots, its square of cells some more */
    double area = fmax(field->size_mm[0], 1e-3) * fmax(field->size_mm[1], 1e-3);
    double reach_mm = 2.0 * sqrt(area / field->count);
    DotsGrid grid;
    if (!dots_grid_new(job->scratch, field->count, place_mm, reach_mm, &grid, err))
        return false;
    for (int k = 0; k < field->count; k++)
        look_around(tour, field, &grid, reach_mm, job->way[field->first + k]);
    arena_rewind(job->scratch, mark);
    return true;
}

/* ---- sweeps */

static bool shorten(Tour *tour)
{
    bool any = false;
    long moves = (long)MOVES_PER_DOT * (tour->to - tour->from);
    while (tour->waiting > 0) {
        int dot = take(tour);
        if (moves > 0 && (try_turns(tour, dot) || try_carries(tour, dot))) {
            any = true;
            moves--;
            try_again(tour, dot);
        }
    }
    return any;
}

/* The dots beyond the seams are nobody's neighbours: every dot beside them, by itself or with all
 * between. */
static bool try_seams(Tour *tour)
{
    bool any = false;
    for (int k = tour->from; k < tour->to; k++) {
        any |= turn(tour, tour->from, k) || turn(tour, k, tour->to - 1);
        any |= k > tour->from && carry(tour, k, k, tour->from - 1, false);
        any |= k < tour->to - 1 && carry(tour, k, k, tour->to - 1, false);
    }
    return any;
}

/* The first sweep tries all dots, later ones those beside a seam: their neighbours moved. */
static bool sweep(Tour *tour, bool all)
{
    const RouteJob *job = tour->job;
    bool any = false;
    for (int f = 0; f < job->field_count; f++) {
        tour->from = job->field[f].first;
        tour->to = tour->from + job->field[f].count;
        tour->next = tour->waiting = 0;
        for (int k = tour->from; k < tour->to; k++)
            if (all || k == tour->from || k == tour->to - 1)
                try_again(tour, job->way[k]);
        any |= try_seams(tour);
        any |= shorten(tour);
    }
    return any;
}

bool route_improve(RouteJob *job, Err *err)
{
    size_t mark = arena_mark(job->scratch), count = (size_t)job->count;
    Tour tour = {.job = job};
    tour.at = ARENA_NEW(job->scratch, int, count);
    tour.near = arena_alloc(job->scratch, count, sizeof *tour.near);
    tour.queue = ARENA_NEW(job->scratch, int, count);
    tour.waits = ARENA_NEW(job->scratch, uint8_t, count);
    if (tour.at == NULL || tour.near == NULL || tour.queue == NULL || tour.waits == NULL)
        return err_set(err, ERR_LIMIT, "no room for a way through %d dots", job->count);
    for (int k = 0; k < job->count; k++)
        tour.at[job->way[k]] = k;
    for (int f = 0; f < job->field_count; f++)
        if (!find_neighbours(&tour, &job->field[f], err))
            return false;
    for (int n = 0; n < SWEEPS && sweep(&tour, n == 0); n++)
        continue;
    arena_rewind(job->scratch, mark);
    return true;
}
