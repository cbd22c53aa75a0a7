#include "dots/choice.h"

#include "dots/dots_internal.h"

#include <string.h>

/* A site is decided in floats, without a division: claim < limit is rank * ceiling < limit *
 * wanted. Eight roundings of 2^-24 lie between that and the doubles of dots_choose, and shares may
 * sum to 1 + 1e-6; what is nearer to a limit than this is decided as dots_choose does. */
#define NEAR 4e-6F
#define TINY 1e-30F /* below it floats lose digits */

typedef struct Site {
    float weight[3];
    float claim; /* rank * ceiling */
} Site;

struct DotsChoiceSites {
    int triangle_count; /* with sites in them */
    int *triangle;      /* [triangle_count] */
    int *start;         /* [triangle_count + 1] */
    Site *site;         /* [sequence->count] by triangle, as are those below */
    int *number;        /* in the sequence */
    uint8_t *order;     /* corners by weight, the largest in the lowest two bits */
    uint8_t *changed;   /* [vertex_count] all 0 between calls */
};

/* What the sites of a triangle have in common. */
typedef struct Corners {
    float per_mm2[3];
    uint8_t zone[3];
    bool open[3];
    bool one_zone; /* zone[0] is that of every open corner */
} Corners;

static uint8_t order_of(const double weight[3])
{
    int first = 0, last = 0;
    for (int k = 1; k < 3; k++) {
        if (weight[k] > weight[first])
            first = k;
        if (!(weight[k] > weight[last]))
            last = k;
    }
    /* of equal weights the first corner comes first; all equal: 0, 1, 2 */
    return (uint8_t)(first | (3 - first - last) << 2 | last << 4);
}

/* Sites sorted by triangle; within one in order of rank. */
static void place_sites(const DotsSequence *sequence, const DotsSurface *surface, int first[],
                        DotsChoiceSites *sites)
{
    for (int i = 0; i < sequence->count; i++)
        first[sequence->point[i].triangle + 1]++;
    for (int t = 0; t < surface->triangle_count; t++) {
        if (first[t + 1] > 0) {
            sites->triangle[sites->triangle_count] = t;
            sites->start[sites->triangle_count++] = first[t];
        }
        first[t + 1] += first[t];
    }
    sites->start[sites->triangle_count] = sequence->count;
    for (int i = 0; i < sequence->count; i++) {
        HeadPoint point = sequence->point[i];
        int at = first[point.triangle]++;
        double ceiling = dots_interpolate(surface, point, sequence->ceiling_per_mm2);
        sites->site[at].claim = (float)(sequence->rank[i] * ceiling);
        for (int k = 0; k < 3; k++)
            sites->site[at].weight[k] = (float)point.weight[k];
        sites->order[at] = order_of(point.weight);
        sites->number[at] = i;
    }
}

static DotsChoiceSites *sites_new(Arena *arena, size_t count, size_t vertices, size_t triangles)
{
    DotsChoiceSites *sites = ARENA_NEW(arena, DotsChoiceSites, 1);
    if (sites == NULL)
        return NULL;
    size_t most = triangles < count ? triangles : count;
    *sites = (DotsChoiceSites){.triangle = ARENA_NEW(arena, int, most),
                               .start = ARENA_NEW(arena, int, most + 1),
                               .site = ARENA_NEW(arena, Site, count),
                               .number = ARENA_NEW(arena, int, count),
                               .order = ARENA_NEW(arena, uint8_t, count),
                               .changed = ARENA_NEW(arena, uint8_t, vertices)};
    bool ok = sites->triangle != NULL && sites->start != NULL && sites->site != NULL &&
              sites->number != NULL && sites->order != NULL && sites->changed != NULL;
    return ok ? sites : NULL;
}

bool dots_choice_new(Arena *arena, const DotsSurface *surface, const DotsSequence *sequence,
                     const DotsParams *params, DotsChoice *choice, Err *err)
{
    size_t count = (size_t)sequence->count, triangles = (size_t)surface->triangle_count;
    *choice = (DotsChoice){
        .surface = surface, .sequence = sequence, .session_count = params->session_count};
    if (!dots_check_params(params, choice->until, err))
        return false;
    choice->session = ARENA_NEW(arena, int8_t, count);
    choice->zone = ARENA_NEW(arena, uint8_t, count);
    choice->sites = sites_new(arena, count, (size_t)surface->vertex_count, triangles);
    size_t mark = arena_mark(arena);
    int *first = ARENA_NEW(arena, int, triangles + 1);
    if (choice->session == NULL || choice->zone == NULL || choice->sites == NULL || first == NULL)
        return err_set(err, ERR_LIMIT, "no room to choose from %d sites", sequence->count);
    memset(choice->session, -1, count);
    place_sites(sequence, surface, first, choice->sites);
    arena_rewind(arena, mark);
    return true;
}

static Corners corners_of(const int corner[3], const double per_mm2[], const uint8_t zone[])
{
    Corners c = {.one_zone = true};
    int seen = -1;
    for (int k = 0; k < 3; k++) {
        c.per_mm2[k] = (float)per_mm2[corner[k]];
        c.open[k] = per_mm2[corner[k]] > 0.0;
        c.zone[k] = zone[corner[k]];
        if (!c.open[k])
            continue;
        c.one_zone = c.one_zone && (seen < 0 || seen == c.zone[k]);
        seen = c.zone[k];
    }
    if (c.one_zone && seen >= 0)
        c.zone[0] = (uint8_t)seen;
    return c;
}

/* As dots_zone_at: of the open corner with the largest weight. */
static uint8_t zone_of(const Corners *corners, uint8_t order)
{
    if (corners->one_zone)
        return corners->zone[0];
    for (int n = 0; n < 3; n++, order >>= 2)
        if (corners->open[order & 3])
            return corners->zone[order & 3];
    return corners->zone[0];
}

static int exact_session(const DotsChoice *choice, const double per_mm2[], int i)
{
    const DotsSequence *sequence = choice->sequence;
    HeadPoint point = sequence->point[i];
    double wanted = dots_interpolate(choice->surface, point, per_mm2);
    if (!(wanted > 0.0))
        return -1;
    double claim = sequence->rank[i] *
                   dots_interpolate(choice->surface, point, sequence->ceiling_per_mm2) / wanted;
    for (int s = 0; s < choice->session_count; s++)
        if (claim < choice->until[s])
            return s;
    return -1;
}

static void count_site(DotsChoice *choice, int session, uint8_t zone, int by)
{
    if (session < 0)
        return;
    choice->dots += by;
    choice->in_session[session] += by;
    choice->in_zone[zone] += by;
}

static void choose_triangle(DotsChoice *choice, const double per_mm2[], const uint8_t zone[],
                            const float until[DOTS_MAX_SESSIONS], int at)
{
    const DotsChoiceSites *sites = choice->sites;
    int sessions = choice->session_count;
    Corners corners = corners_of(choice->surface->triangle[sites->triangle[at]], per_mm2, zone);
    for (int k = sites->start[at]; k < sites->start[at + 1]; k++) {
        const Site *site = &sites->site[k];
        float wanted = site->weight[0] * corners.per_mm2[0] + site->weight[1] * corners.per_mm2[1] +
                       site->weight[2] * corners.per_mm2[2];
        int session = 0, near = 0, i = sites->number[k];
        for (int s = 0; s < sessions; s++) {
            float limit = until[s] * wanted;
            session += site->claim >= limit;
            near |= fabsf(site->claim - limit) <= NEAR * limit + TINY;
        }
        session = near ? exact_session(choice, per_mm2, i) : session < sessions ? session : -1;
        uint8_t in = zone_of(&corners, sites->order[k]);
        if (session == choice->session[i] && in == choice->zone[i])
            continue;
        count_site(choice, choice->session[i], choice->zone[i], -1);
        count_site(choice, session, in, 1);
        choice->session[i] = (int8_t)session;
        choice->zone[i] = in;
    }
}

/* Triangles with a changed corner; looking through all of them costs less than lists by vertex do
 * in memory. */
static void choose_marked(DotsChoice *choice, const double per_mm2[], const uint8_t zone[])
{
    const DotsChoiceSites *sites = choice->sites;
    const uint8_t *changed = sites->changed;
    float until[DOTS_MAX_SESSIONS];
    for (int s = 0; s < DOTS_MAX_SESSIONS; s++)
        until[s] = (float)choice->until[s];
    choice->last_sites = 0;
    for (int at = 0; at < sites->triangle_count; at++) {
        const int *corner = choice->surface->triangle[sites->triangle[at]];
        if ((changed[corner[0]] | changed[corner[1]] | changed[corner[2]]) == 0)
            continue;
        choose_triangle(choice, per_mm2, zone, until, at);
        choice->last_sites += sites->start[at + 1] - sites->start[at];
    }
}

static bool check_vertex(const DotsChoice *choice, const double per_mm2[], const uint8_t zone[],
                         int v, Err *err)
{
    double wanted = per_mm2[v], ceiling = choice->sequence->ceiling_per_mm2[v];
    if (!(wanted >= 0.0 && wanted <= ceiling * (1.0 + 1e-9)))
        return err_set(err, ERR_INPUT,
                       "target %g per cm2 at vertex %d is not within 0..%g, what the sequence has",
                       wanted * 100.0, v, ceiling * 100.0);
    if (zone[v] >= DOTS_ZONES)
        return err_set(err, ERR_INPUT, "zone %d at vertex %d is not below %d", zone[v], v,
                       (int)DOTS_ZONES);
    return true;
}

bool dots_choice_again(DotsChoice *choice, const double per_mm2[], const uint8_t zone[],
                       int changed_count, const int changed[], Err *err)
{
    uint8_t *mark = choice->sites->changed;
    for (int i = 0; i < changed_count; i++)
        if (!check_vertex(choice, per_mm2, zone, changed[i], err))
            return false;
    for (int i = 0; i < changed_count; i++)
        mark[changed[i]] = 1;
    choose_marked(choice, per_mm2, zone);
    for (int i = 0; i < changed_count; i++)
        mark[changed[i]] = 0;
    return true;
}

bool dots_choice_all(DotsChoice *choice, const double per_mm2[], const uint8_t zone[], Err *err)
{
    size_t vertices = (size_t)choice->surface->vertex_count;
    for (int v = 0; v < choice->surface->vertex_count; v++)
        if (!check_vertex(choice, per_mm2, zone, v, err))
            return false;
    memset(choice->sites->changed, 1, vertices);
    choose_marked(choice, per_mm2, zone);
    memset(choice->sites->changed, 0, vertices);
    return true;
}
