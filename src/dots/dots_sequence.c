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
enum { SITE_LIMIT = 400000, MAX_THREADS = 256, BLOCK = 2048 };
/* Scale over which the density of follicles is taken: about 25 follicles at 100 per cm2. */
#define HAIR_SIGMA_MM 2.0

typedef struct Candidates {
    const Head *head;
    uint64_t seed;
    double offset; /* of the systematic sample, [0, 1) */
    int count;
    const double *area_until_mm2; /* [triangle_count + 1] */
    HeadPoint *point;
    Vec3 *position_mm;
    const DotsGrid *fixed;
    const Vec3 *fixed_mm;
    double *hair_per_mm2;
} Candidates;

static bool check_params(const DotsSequenceParams *params, Err *err)
{
    double highest = params->highest_per_mm2;
    if (!(highest > 0.0 && highest <= HIGHEST_PER_MM2))
        return err_set(err, ERR_INPUT, "highest density %g per cm2 is not within (0, %g]",
                       highest * 100.0, HIGHEST_PER_MM2 * 100.0);
    if (params->threads < 1 || params->threads > MAX_THREADS)
        return err_set(err, ERR_INPUT, "thread count %d is not within 1..%d", params->threads,
                       (int)MAX_THREADS);
    if (params->fixed_count < 0)
        return err_set(err, ERR_INPUT, "follicle count %d is negative", params->fixed_count);
    for (int i = 0; i < params->fixed_count; i++)
        if (!vec_is_finite(params->fixed_mm[i]))
            return err_set(err, ERR_INPUT, "follicle %d has no finite position", i);
    return true;
}

static double triangle_area_mm2(const Head *head, int t)
{
    const int *corner = head->topology->triangle[t];
    Vec3 a = head->position_mm[corner[0]];
    Vec3 ab = vec_sub(head->position_mm[corner[1]], a);
    Vec3 ac = vec_sub(head->position_mm[corner[2]], a);
    return 0.5 * vec_length(vec_cross(ab, ac));
}

/* open[t] = 1 where a corner is allowed, 2 in the rings around. */
static void open_triangles(const HeadTopology *topology, const uint8_t where[], uint8_t reached[],
                           uint8_t open[])
{
    for (int v = 0; v < topology->vertex_count; v++)
        reached[v] = where == NULL || where[v] != 0;
    for (int ring = 0; ring <= MARGIN_RINGS; ring++) {
        for (int t = 0; t < topology->triangle_count; t++) {
            const int *corner = topology->triangle[t];
            if (open[t] == 0 && (reached[corner[0]] || reached[corner[1]] || reached[corner[2]]))
                open[t] = ring == 0 ? 1 : 2;
        }
        for (int t = 0; t < topology->triangle_count; t++)
            for (int k = 0; open[t] != 0 && k < 3; k++)
                reached[topology->triangle[t][k]] = 1;
    }
}

static int triangle_at(int triangle_count, const double area_until_mm2[], double area_mm2)
{
    int low = 0, high = triangle_count - 1;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (area_until_mm2[middle + 1] > area_mm2)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Uniform in the triangle: Osada et al., "Shape distributions", ACM TOG 21 (2002) 807. */
static HeadPoint random_point(int triangle, Rng *rng)
{
    double s = sqrt(rng_f64(rng)), v = rng_f64(rng);
    return (HeadPoint){.triangle = triangle, .weight = {1.0 - s, s * (1.0 - v), s * v}};
}

static double hair_density(const Candidates *all, Vec3 p)
{
    double reach = 3.0 * HAIR_SIGMA_MM, sum = 0.0;
    int f;
    for (DotsWalk walk = dots_walk(all->fixed, p, reach); dots_walk_next(&walk, &f);) {
        double d = vec_distance(p, all->fixed_mm[f]) / HAIR_SIGMA_MM;
        if (d < 3.0)
            sum += exp(-0.5 * d * d);
    }
    return sum / (2.0 * 3.141592653589793 * HAIR_SIGMA_MM * HAIR_SIGMA_MM);
}

static void candidate_block(void *ctx, int block, int begin, int end)
{
    const Candidates *all = ctx;
    (void)block;
    int triangles = all->head->topology->triangle_count;
    double total = all->area_until_mm2[triangles];
    for (int i = begin; i < end; i++) {
        Rng rng = rng_make(all->seed, (uint64_t)i + 1);
        double area = (i + all->offset) / all->count * total;
        int triangle = triangle_at(triangles, all->area_until_mm2, area);
        all->point[i] = random_point(triangle, &rng);
        all->position_mm[i] = head_position_mm(all->head, all->point[i]);
        if (all->hair_per_mm2 != NULL)
            all->hair_per_mm2[i] = hair_density(all, all->position_mm[i]);
    }
}

/* Systematic sampling over the area: every triangle gets its share of candidates within one. */
static bool draw_candidates(Arena *scratch, const DotsSequenceParams *params,
                            Candidates *candidates, Err *err)
{
    size_t count = (size_t)candidates->count;
    candidates->point = ARENA_NEW(scratch, HeadPoint, count);
    candidates->position_mm = ARENA_NEW(scratch, Vec3, count);
    DotsGrid *fixed = ARENA_NEW(scratch, DotsGrid, 1);
    if (candidates->point == NULL || candidates->position_mm == NULL || fixed == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d candidate sites", candidates->count);
    if (params->fixed_count > 0) {
        candidates->hair_per_mm2 = ARENA_NEW(scratch, double, count);
        if (candidates->hair_per_mm2 == NULL)
            return err_set(err, ERR_LIMIT, "no room for %d candidate sites", candidates->count);
        if (!dots_grid_new(scratch, params->fixed_count, params->fixed_mm, HAIR_SIGMA_MM, fixed,
                           err))
            return false;
    }
    candidates->fixed = fixed;
    candidates->fixed_mm = params->fixed_mm;
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
    const Head *head = candidates->head;
    HeadPoint *point = ARENA_NEW(scratch, HeadPoint, (size_t)kept);
    double *rank = ARENA_NEW(scratch, double, (size_t)kept);
    DotsKey *key = ARENA_NEW(scratch, DotsKey, (size_t)kept);
    if (point == NULL || rank == NULL || key == NULL)
        return err_set(err, ERR_LIMIT, "no room to rank %d sites", kept);
    for (int i = 0; i < kept; i++)
        point[i] = candidates->point[order[i]];
    if (!dots_level_ranks(scratch, head, open, params->highest_per_mm2, kept, point,
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
    sequence->fixed_mm = ARENA_NEW(arena, Vec3, (size_t)params->fixed_count);
    if (sequence->point == NULL || sequence->position_mm == NULL || sequence->rank == NULL ||
        sequence->fixed_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for a sequence of %d sites", count);
    sequence->count = count;
    for (int k = 0; k < count; k++) {
        sequence->point[k] = point[key[k].item];
        sequence->position_mm[k] = head_position_mm(head, sequence->point[k]);
        sequence->rank[k] = key[k].key;
    }
    sequence->highest_per_mm2 = params->highest_per_mm2;
    sequence->fixed_count = params->fixed_count;
    if (params->fixed_count > 0)
        memcpy(sequence->fixed_mm, params->fixed_mm, (size_t)params->fixed_count * sizeof(Vec3));
    return true;
}

static bool spread_sites(Arena *arena, Arena *scratch, Candidates *candidates, double area_mm2,
                         const uint8_t open[], const DotsSequenceParams *params,
                         const Progress *progress, DotsSequence *sequence, Err *err)
{
    double wanted = params->highest_per_mm2 * area_mm2;
    if (!(wanted <= SITE_LIMIT))
        return err_set(err, ERR_LIMIT, "%.0f sites on %.0f cm2 at %g per cm2 are more than %d",
                       wanted, area_mm2 / 100.0, params->highest_per_mm2 * 100.0, (int)SITE_LIMIT);
    int keep = (int)lround(wanted);
    candidates->count = (int)ceil(OVERSAMPLING * keep);
    if (!draw_candidates(scratch, params, candidates, err))
        return false;
    int *order = ARENA_NEW(scratch, int, (size_t)candidates->count);
    if (order == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d candidate sites", candidates->count);
    DotsCloud cloud = {.count = candidates->count,
                       .position_mm = candidates->position_mm,
                       .hair_per_mm2 = candidates->hair_per_mm2,
                       .fixed_count = params->fixed_count,
                       .fixed_mm = params->fixed_mm,
                       .area_mm2 = area_mm2,
                       .threads = params->threads};
    Progress part = progress_part(progress, 0.05, 0.95);
    return dots_eliminate(scratch, &cloud, keep, progress == NULL ? NULL : &part, order, err) &&
           write_sites(arena, scratch, candidates, keep, order, open, params, sequence, err) &&
           progress_at(progress, "spreading sites", 1.0, err);
}

bool dots_sequence(Arena *arena, Arena *scratch, const Head *head, const DotsSequenceParams *params,
                   const Progress *progress, DotsSequence *sequence, Err *err)
{
    assert(arena != scratch);
    if (!check_params(params, err) || !progress_at(progress, "spreading sites", 0.0, err))
        return false;
    *sequence = (DotsSequence){0};
    size_t mark = arena_mark(scratch);
    const HeadTopology *topology = head->topology;
    size_t triangles = (size_t)topology->triangle_count;
    uint8_t *reached = ARENA_NEW(scratch, uint8_t, (size_t)topology->vertex_count);
    uint8_t *open = ARENA_NEW(scratch, uint8_t, triangles);
    double *area_until_mm2 = ARENA_NEW(scratch, double, triangles + 1);
    if (reached == NULL || open == NULL || area_until_mm2 == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d triangles", topology->triangle_count);
    open_triangles(topology, params->where, reached, open);
    for (int t = 0; t < topology->triangle_count; t++)
        area_until_mm2[t + 1] =
            area_until_mm2[t] + (open[t] != 0 ? triangle_area_mm2(head, t) : 0.0);
    double area_mm2 = area_until_mm2[topology->triangle_count];
    if (!isfinite(area_mm2))
        return err_set(err, ERR_INPUT, "the head's surface has no finite area");
    Candidates candidates = {.head = head, .seed = params->seed, .area_until_mm2 = area_until_mm2};
    if (!spread_sites(arena, scratch, &candidates, area_mm2, open, params, progress, sequence, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
