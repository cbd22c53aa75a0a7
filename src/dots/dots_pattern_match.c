#include "dots/pattern_internal.h"

#include <assert.h>

/* A plane patch of 3,000 dots at 1 per mm2 (spacings are all that matters); those nearer to its
 * border than MARGIN_MM have other neighbours than dots inside. */
#define SIDE_MM   54.8
#define PER_MM2   1.0
#define MARGIN_MM 3.0
#define MOST      0.5 /* irregularity */
/* The search ends this near, half of what nn_cv of 2,400 dots is uncertain by. Each step cuts the
 * interval where a straight line meets the value, but takes at least a part of it. */
#define CLOSE      0.001
#define LEAST_STEP 0.1
enum { CELLS = 60, STEPS = 8, SEED = 1 };

typedef struct Patch {
    DotsSurface surface;
    DotsSequence sequence;
    double *per_mm2; /* [vertex_count] */
    DotsParams params;
} Patch;

static bool patch_new(Arena *arena, Arena *scratch, Patch *patch, Err *err)
{
    if (!dots_surface_plane(arena, SIDE_MM, SIDE_MM, CELLS, CELLS, &patch->surface, err))
        return false;
    patch->per_mm2 = ARENA_NEW(arena, double, (size_t)patch->surface.vertex_count);
    if (patch->per_mm2 == NULL)
        return err_set(err, ERR_LIMIT, "no room for a patch of dots");
    for (int v = 0; v < patch->surface.vertex_count; v++)
        patch->per_mm2[v] = PER_MM2;
    DotsSequenceParams params = {.highest_per_mm2 = PER_MM2, .seed = SEED, .threads = 1};
    return dots_sequence(arena, scratch, &patch->surface, &params, NULL, &patch->sequence, err);
}

static bool is_inside(Vec3 p)
{
    return fmin(fmin(p.x, SIDE_MM - p.x), fmin(p.y, SIDE_MM - p.y)) > MARGIN_MM;
}

static bool measure(Arena *scratch, const Dots *dots, double *nn_cv, Err *err)
{
    size_t mark = arena_mark(scratch), count = (size_t)dots->count;
    Vec3 *position_mm = ARENA_NEW(scratch, Vec3, count), *normal = ARENA_NEW(scratch, Vec3, count);
    double *per_mm2 = ARENA_NEW(scratch, double, count);
    uint8_t *inner = ARENA_NEW(scratch, uint8_t, count);
    if (position_mm == NULL || normal == NULL || per_mm2 == NULL || inner == NULL)
        return err_set(err, ERR_LIMIT, "no room to measure %d dots", dots->count);
    for (int i = 0; i < dots->count; i++) {
        position_mm[i] = dots->dot[i].position_mm;
        normal[i] = dots->dot[i].normal;
        per_mm2[i] = PER_MM2;
        inner[i] = is_inside(position_mm[i]);
    }
    PatternInput input = {.count = dots->count,
                          .position_mm = position_mm,
                          .normal = normal,
                          .per_mm2 = per_mm2,
                          .inner = inner};
    Pattern pattern;
    if (!pattern_measure(scratch, &input, &pattern, err))
        return false;
    *nn_cv = pattern.nn_cv;
    arena_rewind(scratch, mark);
    return true;
}

/* The nn_cv of the plan with this irregularity; always the same sites and deviates, so that it
 * rises with it. */
static bool try_out(Arena *arena, Arena *scratch, const Patch *patch, double irregularity,
                    double *nn_cv, Err *err)
{
    size_t mark = arena_mark(arena);
    DotsWanted wanted = {.per_mm2 = patch->per_mm2};
    DotsParams params = patch->params;
    params.irregularity = irregularity;
    Dots dots;
    if (!dots_plan(arena, scratch, &patch->surface, &patch->sequence, &wanted, &params, NULL, &dots,
                   err) ||
        !measure(scratch, &dots, nn_cv, err))
        return false;
    arena_rewind(arena, mark);
    return true;
}

bool pattern_irregularity(Arena *arena, Arena *scratch, double nn_cv, int session_count,
                          const double share[], double *irregularity, Err *err)
{
    assert(session_count >= 1 && session_count <= DOTS_MAX_SESSIONS);
    size_t mark = arena_mark(arena);
    double low = 0.0, high = MOST, at_low, at_high;
    Patch patch = {.params = {.session_count = session_count, .seed = SEED}};
    for (int s = 0; s < session_count; s++)
        patch.params.share[s] = share[s];
    if (!(nn_cv > 0.0) || !isfinite(nn_cv))
        return err_set(err, ERR_INPUT, "the variation %g of the distances is not above 0", nn_cv);
    if (!patch_new(arena, scratch, &patch, err) ||
        !try_out(arena, scratch, &patch, low, &at_low, err) ||
        !try_out(arena, scratch, &patch, high, &at_high, err))
        return false;
    *irregularity = nn_cv <= at_low ? low : high;
    for (int step = 0; step < STEPS && at_low < nn_cv && nn_cv < at_high; step++) {
        double part = (nn_cv - at_low) / (at_high - at_low), at;
        *irregularity = low + (high - low) * fmin(fmax(part, LEAST_STEP), 1.0 - LEAST_STEP);
        if (!try_out(arena, scratch, &patch, *irregularity, &at, err))
            return false;
        if (fabs(at - nn_cv) < CLOSE)
            break;
        if (at < nn_cv) {
            low = *irregularity;
            at_low = at;
        } else {
            high = *irregularity;
            at_high = at;
        }
    }
    arena_rewind(arena, mark);
    return true;
}
