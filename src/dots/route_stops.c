#include "dots/route_internal.h"

#include <string.h>

/* The time of a pass goes with the square of the number. */
enum { MOST_STOPS = 5000, MOST_PASSES = 30, MOVED_TOGETHER = 3 };
static const double shorter_mm = 1e-6; /* less is rounding */

/* Stops as they come; those of the zone at work are [from, to). */
typedef struct Chain {
    int count, from, to;
    int *at; /* [count] field */
    const RouteField *field;
} Chain;

/* Between neighbours of the chain; nothing comes before the first and after the last. */
static double link_mm(const Chain *chain, int a, int b)
{
    if (a < 0 || b >= chain->count)
        return 0.0;
    return vec_distance(chain->field[chain->at[a]].centre_mm, chain->field[chain->at[b]].centre_mm);
}

static void reverse(int at[], int first, int last)
{
    for (; first < last; first++, last--) {
        int swap = at[first];
        at[first] = at[last];
        at[last] = swap;
    }
}

/* Always to the nearest; the first zone from the stop farthest from its middle: an end of it. */
static void start_zone(Chain *chain)
{
    for (int k = chain->from; k < chain->to; k++) {
        Vec3 here = vec3(0.0, 0.0, 0.0);
        for (int i = chain->from; k == 0 && i < chain->to; i++)
            here = vec_madd(here, 1.0 / (chain->to - chain->from),
                            chain->field[chain->at[i]].centre_mm);
        if (k > 0)
            here = chain->field[chain->at[k - 1]].centre_mm;
        double sign = k == 0 ? -1.0 : 1.0, least = (double)INFINITY;
        int next = k;
        for (int i = k; i < chain->to; i++) {
            double far = sign * vec_distance(here, chain->field[chain->at[i]].centre_mm);
            if (far < least) {
                least = far;
                next = i;
            }
        }
        int swap = chain->at[k];
        chain->at[k] = chain->at[next];
        chain->at[next] = swap;
    }
}

/* Turning part of the chain around. */
static bool turn_parts(Chain *chain)
{
    bool any = false;
    for (int i = chain->from; i < chain->to; i++)
        for (int j = i + 1; j < chain->to; j++) {
            double gain = link_mm(chain, i - 1, i) + link_mm(chain, j, j + 1) -
                          link_mm(chain, i - 1, j) - link_mm(chain, i, j + 1);
            if (gain > shorter_mm) {
                reverse(chain->at, i, j);
                any = true;
            }
        }
    return any;
}

int route_carry(int i, int j, int k, bool turned, int part[3][2])
{
    /* All of it turned around, then each of its two parts back. */
    bool ahead = k > j;
    int low = ahead ? i : k + 1, high = ahead ? k : j, size = j - i + 1, count = 0;
    int first = ahead ? high - size + 1 : low;
    int back[3][2] = {{low, high},
                      {first, first + size - 1},
                      {ahead ? low : first + size, ahead ? first - 1 : high}};
    for (int n = 0; n < 3; n++) {
        if (n == 1 && turned)
            continue;
        part[count][0] = back[n][0];
        part[count++][1] = back[n][1];
    }
    return count;
}

static bool carry_from(Chain *chain, int i, int j)
{
    double out = link_mm(chain, i - 1, i) + link_mm(chain, j, j + 1) - link_mm(chain, i - 1, j + 1);
    for (int k = chain->from - 1; k < chain->to; k++) {
        if (k >= i - 1 && k <= j)
            continue;
        for (int turned = 0; turned < 2; turned++) {
            int head = turned ? j : i, tail = turned ? i : j;
            double in =
                link_mm(chain, k, head) + link_mm(chain, tail, k + 1) - link_mm(chain, k, k + 1);
            if (out - in > shorter_mm) {
                int part[3][2], parts = route_carry(i, j, k, turned, part);
                for (int n = 0; n < parts; n++)
                    reverse(chain->at, part[n][0], part[n][1]);
                return true;
            }
        }
    }
    return false;
}

/* Moving a few stops elsewhere. */
static bool carry_parts(Chain *chain)
{
    bool any = false;
    for (int i = chain->from; i < chain->to; i++)
        for (int j = i; j < chain->to && j < i + MOVED_TOGETHER; j++)
            any |= carry_from(chain, i, j);
    return any;
}

/* Calls `step` on each zone; true when one of them says so. */
static bool by_zone(Chain *chain, bool (*step)(Chain *))
{
    bool any = false;
    for (int from = 0, to; from < chain->count; from = to) {
        int zone = chain->field[chain->at[from]].zone;
        for (to = from; to < chain->count && chain->field[chain->at[to]].zone == zone;)
            to++;
        chain->from = from;
        chain->to = to;
        any |= step(chain);
    }
    return any;
}

static bool start(Chain *chain)
{
    start_zone(chain);
    return true;
}

/* Fields and their dots in the order of the chain. */
static void follow(RouteJob *job, const Chain *chain, RouteField field[], int way[])
{
    memcpy(field, job->field, (size_t)job->field_count * sizeof field[0]);
    memcpy(way, job->way, (size_t)job->count * sizeof way[0]);
    int first = 0;
    for (int k = 0; k < job->field_count; k++) {
        RouteField *next = &job->field[k];
        *next = field[chain->at[k]];
        memcpy(job->way + first, way + next->first, (size_t)next->count * sizeof way[0]);
        next->first = first;
        first += next->count;
    }
}

bool route_order_stops(RouteJob *job, Err *err)
{
    if (job->field_count > MOST_STOPS)
        return err_set(err, ERR_LIMIT,
                       "the work falls into %d stops of %g mm, more than %d: take larger ones",
                       job->field_count, job->field_mm, MOST_STOPS);
    size_t mark = arena_mark(job->scratch);
    Chain chain = {.count = job->field_count, .field = job->field};
    chain.at = ARENA_NEW(job->scratch, int, (size_t)job->field_count);
    RouteField *field = ARENA_NEW(job->scratch, RouteField, (size_t)job->field_count);
    int *way = ARENA_NEW(job->scratch, int, (size_t)job->count);
    if (chain.at == NULL || field == NULL || way == NULL)
        return err_set(err, ERR_LIMIT, "no room to order %d stops", job->field_count);
    for (int k = 0; k < job->field_count; k++)
        chain.at[k] = k;
    by_zone(&chain, start);
    for (int pass = 0; pass < MOST_PASSES; pass++) {
        bool turned = by_zone(&chain, turn_parts);
        if (!by_zone(&chain, carry_parts) && !turned)
            break;
    }
    follow(job, &chain, field, way);
    arena_rewind(job->scratch, mark);
    return true;
}
