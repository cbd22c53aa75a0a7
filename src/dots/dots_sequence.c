#include "dots/dots_internal.h"

#include "base/parallel.h"
#include "base/rng.h"

#include <assert.h>
#include <string.h>

/* Candidates per site: more changed nothing (field/sampling 5.2). */
#define OVERSAMPLING 2.5
/* Sites are also spread beyond the allowed region and then forgotten: elimination leaves 14-31 %
 * too many along an open border (field/sampling 0). Rings of triangles, about 1.7 mm each. */
enum { MARGIN_RINGS = 3 };
/* A site must not lie on two dots; 1000 per cm2 is three times what any head carries. */
#define HIGHEST_PER_MM2 10.0
enum { SITE_LIMIT = 600000, MAX_THREADS = 256, BLOCK = 2048 };

typedef struct Candidates {
    const DotsSurface *surface;
    uint64_t seed;
    double offset; /* of the systematic sample, [0, 1) */
    int count;
    const double *ceiling_per_mm2; /* [vertex_count] with its margin */
    const double *sites_until;     /* [triangle_count + 1] integral of the ceiling */
    HeadPoint *point;
    Vec3 *position_mm;
    double *per_mm2;
    const double *fixed_per_mm2; /* [vertex_count], NULL: nothing fixed */
    const Vec3 *fixed_mm;
    double *beside_per_mm2;
} Candidates;

static bool check_params(const DotsSurface *surface, const DotsSequenceParams *params, Err *err)
{
    double highest = params->highest_per_mm2;
    if (!(highest > 0.0 && highest <= HIGHEST_PER_MM2))
        return err_set(err, ERR_INPUT, "highest density %g per cm2 is not within (0, %g]",
                       highest * 100.0, HIGHEST_PER_MM2 * 100.0);
    for (int v = 0; params->ceiling_per_mm2 != NULL && v < surface->vertex_count; v++)
        if (!(params->ceiling_per_mm2[v] >= 0.0 && params->ceiling_per_mm2[v] <= highest))
            return err_set(err, ERR_INPUT, "ceiling %g per cm2 at vertex %d is not within 0..%g",
                           params->ceiling_per_mm2[v] * 100.0, v, highest * 100.0);
    if (params->threads < 1 || params->threads > MAX_THREADS)
        return err_set(err, ERR_INPUT, "thread count %d is not within 1..%d", params->threads,
                       (int)MAX_THREADS);
    if (params->fixed_count < 0)
        return err_set(err, ERR_INPUT, "follicle count %d is negative", params->fixed_count);
    for (int i = 0; i < params->fixed_count; i++)
        if (!vec_is_finite(params->fixed[i].position_mm))
            return err_set(err, ERR_INPUT, "follicle %d has no finite position", i);
    return true;
}

/* The ceiling reaches a ring of triangles further: a closed vertex takes the highest value of its
 * open neighbours. */
static void widen(const DotsSurface *surface, const double from[], double to[])
{
    memcpy(to, from, (size_t)surface->vertex_count * sizeof(double));
    for (int t = 0; t < surface->triangle_count; t++) {
        const int *corner = surface->triangle[t];
        double most = fmax(from[corner[0]], fmax(from[corner[1]], from[corner[2]]));
        for (int k = 0; k < 3; k++)
            if (!(from[corner[k]] > 0.0))
                to[corner[k]] = fmax(to[corner[k]], most);
    }
}

/* open[t] = 1 where a corner is allowed, 2 in the rings around; ceiling gets its margin. */
static bool open_triangles(Arena *scratch, const DotsSurface *surface,
                           const DotsSequenceParams *params, double ceiling_per_mm2[],
                           uint8_t open[], Err *err)
{
    size_t vertices = (size_t)surface->vertex_count, mark = arena_mark(scratch);
    double *next = ARENA_NEW(scratch, double, vertices);
    if (next == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", surface->vertex_count);
    for (int v = 0; v < surface->vertex_count; v++)
        ceiling_per_mm2[v] =
            params->ceiling_per_mm2 != NULL ? params->ceiling_per_mm2[v] : params->highest_per_mm2;
    for (int ring = 0; ring <= MARGIN_RINGS; ring++) {
        for (int t = 0; t < surface->triangle_count; t++) {
            const int *corner = surface->triangle[t];
            if (open[t] == 0 && ceiling_per_mm2[corner[0]] + ceiling_per_mm2[corner[1]] +
                                        ceiling_per_mm2[corner[2]] >
                                    0.0)
                open[t] = ring == 0 ? 1 : 2;
        }
        widen(surface, ceiling_per_mm2, next);
        memcpy(ceiling_per_mm2, next, vertices * sizeof(double));
    }
    arena_rewind(scratch, mark);
    return true;
}

static int triangle_at(int triangle_count, const double until[], double value)
{
    int low = 0, high = triangle_count - 1;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (until[middle + 1] > value)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Uniform in the triangle (Osada et al., "Shape distributions", ACM TOG 21 (2002) 807), taken with
 * a chance that follows the ceiling. */
static HeadPoint random_point(const Candidates *all, int triangle, Rng *rng)
{
    enum { TRIES = 32 };
    const int *corner = all->surface->triangle[triangle];
    const double *ceiling = all->ceiling_per_mm2;
    double most = fmax(ceiling[corner[0]], fmax(ceiling[corner[1]], ceiling[corner[2]]));
    HeadPoint point = {.triangle = triangle};
    for (int n = 0; n < TRIES; n++) {
        double s = sqrt(rng_f64(rng)), v = rng_f64(rng);
        point.weight[0] = 1.0 - s;
        point.weight[1] = s * (1.0 - v);
        point.weight[2] = s * v;
        if (rng_f64(rng) * most <= dots_interpolate(all->surface, point, ceiling))
            break;
    }
    return point;
}

static void candidate_block(void *ctx, int block, int begin, int end)
{
    const Candidates *all = ctx;
    (void)block;
    int triangles = all->surface->triangle_count;
    double total = all->sites_until[triangles];
    for (int i = begin; i < end; i++) {
        Rng rng = rng_make(all->seed, (uint64_t)i + 1);
        int triangle =
            triangle_at(triangles, all->sites_until, (i + all->offset) / all->count * total);
        all->point[i] = random_point(all, triangle, &rng);
        all->position_mm[i] = dots_position_mm(all->surface, all->point[i]);
        all->per_mm2[i] = dots_interpolate(all->surface, all->point[i], all->ceiling_per_mm2);
        if (all->fixed_per_mm2 != NULL)
            all->beside_per_mm2[i] =
                dots_interpolate(all->surface, all->point[i], all->fixed_per_mm2);
    }
}

/* Systematic sampling over the ceiling: every triangle gets its share of candidates within one. */
static bool draw_candidates(Arena *scratch, const DotsSequenceParams *params,
                            Candidates *candidates, Err *err)
{
    size_t count = (size_t)candidates->count;
    candidates->point = ARENA_NEW(scratch, HeadPoint, count);
    candidates->position_mm = ARENA_NEW(scratch, Vec3, count);
    candidates->per_mm2 = ARENA_NEW(scratch, double, count);
    if (candidates->fixed_per_mm2 != NULL)
        candidates->beside_per_mm2 = ARENA_NEW(scratch, double, count);
    if (candidates->point == NULL || candidates->position_mm == NULL ||
        candidates->per_mm2 == NULL ||
        (candidates->fixed_per_mm2 != NULL && candidates->beside_per_mm2 == NULL))
        return err_set(err, ERR_LIMIT, "no room for %d candidate sites", candidates->count);
    Rng rng = rng_make(params->seed, 0);
    candidates->offset = rng_f64(&rng);
    parallel_for(params->threads, candidates->count, BLOCK, candidate_block, candidates);
    return true;
}

/* Ranks the sites, sorts them and keeps those on the allowed triangles. */
static bool write_sites(Arena *arena, Arena *scratch, const Candidates *candidates, int kept,
                        const int order[], const uint8_t open[], const DotsSequenceParams *params,
                        DotsSequence *sequence, Err *err)
{
    const DotsSurface *surface = candidates->surface;
    HeadPoint *point = ARENA_NEW(scratch, HeadPoint, (size_t)kept);
    double *rank = ARENA_NEW(scratch, double, (size_t)kept);
    DotsKey *key = ARENA_NEW(scratch, DotsKey, (size_t)kept);
    if (point == NULL || rank == NULL || key == NULL)
        return err_set(err, ERR_LIMIT, "no room to rank %d sites", kept);
    for (int i = 0; i < kept; i++)
        point[i] = candidates->point[order[i]];
    if (!dots_level_ranks(scratch, surface, open, candidates->ceiling_per_mm2, kept, point,
                          params->threads, rank, err))
        return false;
    int count = 0;
    for (int i = 0; i < kept; i++)
        if (open[point[i].triangle] == 1)
            key[count++] = (DotsKey){rank[i], i};
    if (!dots_sort(scratch, count, key, err))
        return false;
    sequence->point = ARENA_NEW(arena, HeadPoint, (size_t)count);
    sequence->position_mm = ARENA_NEW(arena, Vec3, (size_t)count);
    sequence->rank = ARENA_NEW(arena, double, (size_t)count);
    sequence->ceiling_per_mm2 = ARENA_NEW(arena, double, (size_t)surface->vertex_count);
    if (sequence->point == NULL || sequence->position_mm == NULL || sequence->rank == NULL ||
        sequence->ceiling_per_mm2 == NULL)
        return err_set(err, ERR_LIMIT, "no room for a sequence of %d sites", count);
    sequence->count = count;
    memcpy(sequence->ceiling_per_mm2, candidates->ceiling_per_mm2,
           (size_t)surface->vertex_count * sizeof(double));
    for (int k = 0; k < count; k++) {
        sequence->point[k] = point[key[k].item];
        sequence->position_mm[k] = dots_position_mm(surface, sequence->point[k]);
        sequence->rank[k] = key[k].key;
    }
    return true;
}

/* Keeps the fixed points, and their density on the vertices, with the sequence. */
static bool keep_fixed(Arena *arena, Arena *scratch, const DotsSurface *surface,
                       const DotsSequenceParams *params, DotsSequence *sequence, Vec3 **fixed_mm,
                       Err *err)
{
    int count = params->fixed_count;
    sequence->highest_per_mm2 = params->highest_per_mm2;
    sequence->fixed_count = count;
    *fixed_mm = NULL;
    if (count == 0)
        return true;
    sequence->fixed = ARENA_NEW(arena, DotsFixed, (size_t)count);
    sequence->fixed_vertex = ARENA_NEW(arena, int, (size_t)count);
    sequence->fixed_per_mm2 = ARENA_NEW(arena, double, (size_t)surface->vertex_count);
    *fixed_mm = ARENA_NEW(scratch, Vec3, (size_t)count);
    if (sequence->fixed == NULL || sequence->fixed_vertex == NULL ||
        sequence->fixed_per_mm2 == NULL || *fixed_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d follicles", count);
    memcpy(sequence->fixed, params->fixed, (size_t)count * sizeof(DotsFixed));
    for (int i = 0; i < count; i++)
        (*fixed_mm)[i] = params->fixed[i].position_mm;
    return dots_density_of(scratch, surface, count, *fixed_mm, sequence->fixed_vertex,
                           sequence->fixed_per_mm2, err);
}

static bool spread_sites(Arena *arena, Arena *scratch, Candidates *candidates, const uint8_t open[],
                         const DotsSequenceParams *params, const Progress *progress,
                         DotsSequence *sequence, Err *err)
{
    double wanted = candidates->sites_until[candidates->surface->triangle_count];
    if (!isfinite(wanted))
        return err_set(err, ERR_INPUT, "the surface has no finite area");
    if (!(wanted <= SITE_LIMIT))
        return err_set(err, ERR_LIMIT, "%.0f sites at %g per cm2 are more than %d", wanted,
                       params->highest_per_mm2 * 100.0, (int)SITE_LIMIT);
    int keep = (int)lround(wanted);
    candidates->count = (int)ceil(OVERSAMPLING * keep);
    if (!draw_candidates(scratch, params, candidates, err))
        return false;
    int *order = ARENA_NEW(scratch, int, (size_t)candidates->count);
    if (order == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d candidate sites", candidates->count);
    DotsCloud cloud = {.count = candidates->count,
                       .position_mm = candidates->position_mm,
                       .per_mm2 = candidates->per_mm2,
                       .beside_per_mm2 = candidates->beside_per_mm2,
                       .fixed_count = params->fixed_count,
                       .fixed_mm = candidates->fixed_mm,
                       .threads = params->threads};
    Progress part = progress_part(progress, 0.05, 0.95);
    return dots_eliminate(scratch, &cloud, keep, progress == NULL ? NULL : &part, order, err) &&
           write_sites(arena, scratch, candidates, keep, order, open, params, sequence, err) &&
           progress_at(progress, "spreading sites", 1.0, err);
}

bool dots_sequence(Arena *arena, Arena *scratch, const DotsSurface *surface,
                   const DotsSequenceParams *params, const Progress *progress,
                   DotsSequence *sequence, Err *err)
{
    assert(arena != scratch);
    if (!check_params(surface, params, err) || !progress_at(progress, "spreading sites", 0.0, err))
        return false;
    *sequence = (DotsSequence){0};
    size_t mark = arena_mark(scratch), triangles = (size_t)surface->triangle_count;
    double *ceiling_per_mm2 = ARENA_NEW(scratch, double, (size_t)surface->vertex_count);
    uint8_t *open = ARENA_NEW(scratch, uint8_t, triangles);
    double *sites_until = ARENA_NEW(scratch, double, triangles + 1);
    DotsFacet *facet;
    Vec3 *fixed_mm;
    if (ceiling_per_mm2 == NULL || open == NULL || sites_until == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d triangles", surface->triangle_count);
    if (!dots_facets_new(scratch, surface, &facet, err) ||
        !open_triangles(scratch, surface, params, ceiling_per_mm2, open, err) ||
        !keep_fixed(arena, scratch, surface, params, sequence, &fixed_mm, err))
        return false;
    for (int t = 0; t < surface->triangle_count; t++) {
        const int *corner = surface->triangle[t];
        double mean =
            (ceiling_per_mm2[corner[0]] + ceiling_per_mm2[corner[1]] + ceiling_per_mm2[corner[2]]) /
            3.0;
        sites_until[t + 1] = sites_until[t] + (open[t] != 0 ? facet[t].area_mm2 * mean : 0.0);
    }
    Candidates candidates = {.surface = surface,
                             .seed = params->seed,
                             .ceiling_per_mm2 = ceiling_per_mm2,
                             .sites_until = sites_until,
                             .fixed_per_mm2 = sequence->fixed_per_mm2,
                             .fixed_mm = fixed_mm};
    if (!spread_sites(arena, scratch, &candidates, open, params, progress, sequence, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
