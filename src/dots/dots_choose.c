#include "dots/dots_internal.h"

#include "base/rng.h"

#include <assert.h>

/* Beyond it nothing looks like hair; it also bounds how far an edit reaches. */
#define SPACING_LIMIT_MM 3.0
#define SHARE_TOLERANCE  1e-6
/* Jitter streams lie apart from those of the sequence, which may have the same seed. */
#define JITTER_STREAM (UINT64_C(1) << 40)
/* Work goes by patches of about 4 cm2 (field/sampling 5.2), in each by rows 4 mm wide. */
#define PATCH_MM 20.0
enum { PATCH_HALF = 64, ROWS = 5 };

static bool check_shares(const DotsParams *params, double until[DOTS_MAX_SESSIONS], Err *err)
{
    int sessions = params->session_count;
    if (sessions < 1 || sessions > DOTS_MAX_SESSIONS)
        return err_set(err, ERR_INPUT, "session count %d is not within 1..%d", sessions,
                       (int)DOTS_MAX_SESSIONS);
    double sum = 0.0;
    for (int s = 0; s < sessions; s++) {
        if (!(params->share[s] >= 0.0 && params->share[s] <= 1.0))
            return err_set(err, ERR_INPUT, "share %g of session %d is not within 0..1",
                           params->share[s], s + 1);
        sum += params->share[s];
        until[s] = sum;
    }
    if (!(fabs(sum - 1.0) <= SHARE_TOLERANCE))
        return err_set(err, ERR_INPUT, "the shares of the sessions sum to %.9g, not to 1", sum);
    until[sessions - 1] = 1.0;
    return true;
}

static bool check_params(const Head *head, const DotsSequence *sequence, const DotsParams *params,
                         Err *err)
{
    double highest = sequence->highest_per_mm2;
    if (!(params->spacing_mm >= 0.0 && params->spacing_mm <= SPACING_LIMIT_MM))
        return err_set(err, ERR_INPUT, "spacing %g mm is not within 0..%g", params->spacing_mm,
                       SPACING_LIMIT_MM);
    for (int v = 0; v < head->topology->vertex_count; v++) {
        double target = params->target_per_mm2[v];
        if (!(target >= 0.0))
            return err_set(err, ERR_INPUT, "target %g per cm2 at vertex %d is not 0 or more",
                           target * 100.0, v);
        if (target > highest * (1.0 + 1e-9))
            return err_set(err, ERR_INPUT,
                           "target %g per cm2 at vertex %d is above the %g of the sequence; make "
                           "the sequence denser",
                           target * 100.0, v, highest * 100.0);
    }
    return true;
}

/* The session whose threshold takes the site first, or session_count. */
static int session_of(double rank, double share, int session_count, const double until[])
{
    int s = 0;
    while (s < session_count && !(rank < until[s] * share))
        s++;
    return s;
}

/* place and site have room for all sites; returns how many are wanted. */
static int take_sites(const Head *head, const DotsSequence *sequence, const DotsParams *params,
                      const double until[], DotsPlace place[], int site[])
{
    int count = 0;
    for (int i = 0; i < sequence->count; i++) {
        HeadPoint point = sequence->point[i];
        double target = head_interpolate(head, point, params->target_per_mm2);
        int session = session_of(sequence->rank[i], target / sequence->highest_per_mm2,
                                 params->session_count, until);
        if (session == params->session_count)
            continue;
        site[count] = i;
        place[count++] = (DotsPlace){.site_mm = sequence->position_mm[i],
                                     .position_mm = sequence->position_mm[i],
                                     .point = point,
                                     .target_per_mm2 = target,
                                     .session = session};
    }
    return count;
}

static int clamp_int(double value, int low, int high)
{
    return value < low ? low : value > high ? high : (int)value;
}

/* Key of a serpentine over equal-area patches: sessions; bands from front to back, walked to and
 * fro; in a patch rows to and fro, front to back in one patch and back to front in the next, so
 * that a patch ends beside the next one. The plane is Lambert's azimuthal equal-area one about the
 * vertex (Snyder, USGS Professional Paper 1395, 1987, p. 182), with the radius at the dot. */
static double work_key(const Head *head, const DotsPlace *place)
{
    Vec3 from_centre = vec_sub(place->position_mm, head->centre_mm);
    Vec3 direction = vec_normalize(from_centre);
    double scale = vec_length(from_centre) * sqrt(2.0 / (1.0 + fmax(direction.y, -0.99)));
    double back = -direction.z * scale / PATCH_MM;
    int band = clamp_int(floor(back), -PATCH_HALF, PATCH_HALF - 1);
    double along = direction.x * scale / PATCH_MM * (band % 2 == 0 ? 1.0 : -1.0);
    int column = clamp_int(floor(along), -PATCH_HALF, PATCH_HALF - 1);
    double in_patch = fmin(fmax(along - column, 0.0), 0.999999);
    int row = clamp_int((back - band) * ROWS, 0, ROWS - 1);
    if (column % 2 != 0)
        row = ROWS - 1 - row;
    if (row % 2 != 0)
        in_patch = 0.999999 - in_patch;
    double patch = (band + PATCH_HALF) * (2.0 * PATCH_HALF) + (column + PATCH_HALF);
    double patches = 4.0 * PATCH_HALF * PATCH_HALF;
    return (place->session * patches + patch) * ROWS + row + in_patch;
}

static Dot make_dot(const Head *head, const DotsSequence *sequence, const DotsParams *params,
                    const DotsPlace *place, int site)
{
    Rng rng = rng_make(params->seed, JITTER_STREAM + (uint64_t)site);
    return (Dot){.site = site,
                 .session = place->session,
                 .point = place->point,
                 .position_mm = place->position_mm,
                 .normal = head_normal(head, place->point),
                 .rank = sequence->rank[site],
                 .target_per_mm2 = head_interpolate(head, place->point, params->target_per_mm2),
                 .jitter = rng_normal(&rng)};
}

/* Writes the kept places in the order of work. */
static bool write_dots(Arena *arena, Arena *scratch, const Head *head, const DotsSequence *sequence,
                       const DotsParams *params, int count, const DotsPlace place[],
                       const int site[], Dots *dots, Err *err)
{
    DotsKey *key = ARENA_NEW(scratch, DotsKey, (size_t)count);
    if (key == NULL)
        return err_set(err, ERR_LIMIT, "no room to order %d dots", count);
    for (int i = 0; i < count; i++)
        if (place[i].kept)
            key[dots->count++] = (DotsKey){work_key(head, &place[i]), i};
    if (!dots_sort(scratch, dots->count, key, err))
        return false;
    dots->dot = ARENA_NEW(arena, Dot, (size_t)dots->count);
    if (dots->dot == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots", dots->count);
    for (int k = 0; k < dots->count; k++) {
        int i = key[k].item;
        dots->dot[k] = make_dot(head, sequence, params, &place[i], site[i]);
        dots->in_session[place[i].session]++;
    }
    dots->dropped = count - dots->count;
    return true;
}

bool dots_choose(Arena *arena, Arena *scratch, const Head *head, const DotsSequence *sequence,
                 const DotsParams *params, Dots *dots, Err *err)
{
    assert(arena != scratch);
    double until[DOTS_MAX_SESSIONS];
    if (!check_shares(params, until, err) || !check_params(head, sequence, params, err))
        return false;
    *dots = (Dots){.session_count = params->session_count};
    size_t mark = arena_mark(scratch);
    DotsPlace *place = ARENA_NEW(scratch, DotsPlace, (size_t)sequence->count);
    int *site = ARENA_NEW(scratch, int, (size_t)sequence->count);
    if (place == NULL || site == NULL)
        return err_set(err, ERR_LIMIT, "no room to choose from %d sites", sequence->count);
    int count = take_sites(head, sequence, params, until, place, site);
    if (!dots_keep_apart(scratch, head, params->target_per_mm2, sequence->fixed_count,
                         sequence->fixed_mm, params->spacing_mm, params->session_count, until,
                         count, place, err) ||
        !dots_nearest_mm(scratch, count, place, &dots->nearest_mm, err) ||
        !write_dots(arena, scratch, head, sequence, params, count, place, site, dots, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
