#include "dots/dots_internal.h"

#include <assert.h>

/* Beyond it nothing looks like hair; it also bounds how far an edit reaches. */
#define SPACING_LIMIT_MM   3.0
#define SHARE_TOLERANCE    1e-6
#define IRREGULARITY_LIMIT 0.6
#define ROWS_LIMIT         0.3 /* twice as close along a row as across */
/* Of the hexagonal spacing: what relaxed dots can keep everywhere (bench/dots.md, least). */
#define PACKED 0.78

double dots_most_per_mm2(double spacing_mm)
{
    double side = PACKED * DOTS_HEX / spacing_mm;
    return side * side;
}

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

bool dots_check_params(const DotsParams *params, double until[DOTS_MAX_SESSIONS], Err *err)
{
    for (int z = 0; z < DOTS_ZONES; z++)
        if (!(params->spacing_mm[z] >= 0.0 && params->spacing_mm[z] <= SPACING_LIMIT_MM))
            return err_set(err, ERR_INPUT, "spacing %g mm of zone %d is not within 0..%g",
                           params->spacing_mm[z], z, SPACING_LIMIT_MM);
    if (!(params->irregularity >= 0.0 && params->irregularity <= IRREGULARITY_LIMIT))
        return err_set(err, ERR_INPUT, "irregularity %g is not within 0..%g", params->irregularity,
                       IRREGULARITY_LIMIT);
    if (!(params->rows >= 0.0 && params->rows <= ROWS_LIMIT))
        return err_set(err, ERR_INPUT, "strength %g of the rows is not within 0..%g", params->rows,
                       ROWS_LIMIT);
    double units = 0.0;
    for (int n = 0; n < DOTS_UNIT_SIZES; n++) {
        if (!(params->unit_share[n] >= 0.0 && params->unit_share[n] <= 1.0))
            return err_set(err, ERR_INPUT, "share %g of units of %d is not within 0..1",
                           params->unit_share[n], n + 1);
        units += params->unit_share[n];
    }
    if (units > 0.0 && !(fabs(units - 1.0) <= SHARE_TOLERANCE))
        return err_set(err, ERR_INPUT, "the shares of the unit sizes sum to %.9g, not to 1", units);
    return check_shares(params, until, err);
}

bool dots_check_ceiling(const DotsSurface *surface, const DotsSequence *sequence,
                        const DotsField *field, Err *err)
{
    for (int v = 0; v < surface->vertex_count; v++)
        if (field->per_mm2[v] > sequence->ceiling_per_mm2[v] * (1.0 + 1e-9))
            return err_set(err, ERR_INPUT,
                           "target %g per cm2 at vertex %d is above the %g of the sequence; make "
                           "the sequence denser",
                           field->per_mm2[v] * 100.0, v, sequence->ceiling_per_mm2[v] * 100.0);
    return true;
}

double dots_claim(const DotsSequence *sequence, const DotsField *field, int site)
{
    HeadPoint point = sequence->point[site];
    double wanted = dots_field_at(field, point);
    if (!(wanted > 0.0))
        return (double)INFINITY;
    return sequence->rank[site] *
           dots_interpolate(field->surface, point, sequence->ceiling_per_mm2) / wanted;
}

void dots_choose_sites(const DotsSequence *sequence, const DotsField *field, int session_count,
                       const DotsCut *cut, int8_t session[], int *count)
{
    *count = 0;
    for (int i = 0; i < sequence->count; i++) {
        double claim = dots_claim(sequence, field, i);
        session[i] = -1;
        if (!(claim < 2.0)) /* no limit is near 2 */
            continue;
        const double *limit = cut->limit[dots_zone_at(field, sequence->point[i])];
        int s = 0;
        while (s < session_count && !(claim < limit[s]))
            s++;
        if (s == session_count)
            continue;
        session[i] = (int8_t)s;
        ++*count;
    }
}

bool dots_choose(Arena *scratch, const DotsSurface *surface, const DotsSequence *sequence,
                 const DotsWanted *wanted, const DotsParams *params, const DotsCut *cut,
                 int8_t session[], int *count, Err *err)
{
    double until[DOTS_MAX_SESSIONS];
    DotsField field;
    DotsCut plain;
    size_t mark = arena_mark(scratch);
    if (!dots_check_params(params, until, err) ||
        !dots_field_new(scratch, surface, wanted, &field, err) ||
        !dots_check_ceiling(surface, sequence, &field, err))
        return false;
    for (int z = 0; z < DOTS_ZONES; z++)
        for (int s = 0; s < DOTS_MAX_SESSIONS; s++)
            plain.limit[z][s] = s < params->session_count ? until[s] : 1.0;
    dots_choose_sites(sequence, &field, params->session_count, cut != NULL ? cut : &plain, session,
                      count);
    arena_rewind(scratch, mark);
    return true;
}

/* Splits `total` by shares into whole numbers, none below `least`: largest remainders first, of
 * equal ones the first. */
static void split_whole(int total, int parts, const double share[], const int least[], int out[])
{
    double rest[DOTS_ZONES];
    int given = 0;
    for (int i = 0; i < parts; i++) {
        out[i] = (int)floor(share[i] + 1e-9);
        out[i] = out[i] > least[i] ? out[i] : least[i];
        rest[i] = share[i] - out[i];
        given += out[i];
    }
    for (; given < total; given++) {
        int best = 0;
        for (int i = 1; i < parts; i++)
            if (rest[i] > rest[best])
                best = i;
        out[best]++;
        rest[best] -= 1.0;
    }
}

void dots_whole_counts(const DotsMass *mass, int session_count, const double until[],
                       int count[DOTS_ZONES][DOTS_MAX_SESSIONS])
{
    int least[DOTS_ZONES] = {0}, zone[DOTS_ZONES], part[DOTS_ZONES];
    int total = (int)lround(mass->total);
    split_whole(total, DOTS_ZONES, mass->zone, least, zone);
    for (int s = 0; s < session_count; s++) {
        double share[DOTS_ZONES];
        for (int z = 0; z < DOTS_ZONES; z++)
            share[z] = until[s] * zone[z];
        split_whole((int)lround(until[s] * total), DOTS_ZONES, share, least, part);
        for (int z = 0; z < DOTS_ZONES; z++) {
            count[z][s] = part[z] - least[z];
            least[z] = part[z];
        }
    }
}

/* The claims of one zone in ascending order, and where its limits fall. */
static void set_limits(int session_count, const int wanted[], int claims, const DotsKey claim[],
                       double limit[])
{
    int until = 0;
    for (int s = 0; s < session_count; s++) {
        until += wanted[s];
        if (until == 0)
            limit[s] = 0.0;
        else if (until >= claims)
            limit[s] = 2.0;
        else
            limit[s] = 0.5 * (claim[until - 1].key + claim[until].key);
    }
}

bool dots_cut_exact(Arena *scratch, const DotsSequence *sequence, const DotsField *field,
                    int session_count, int wanted[DOTS_ZONES][DOTS_MAX_SESSIONS], DotsCut *cut,
                    Err *err)
{
    size_t mark = arena_mark(scratch);
    int count = 0, first[DOTS_ZONES + 1] = {0};
    DotsKey *claim = ARENA_NEW(scratch, DotsKey, (size_t)sequence->count);
    DotsKey *sorted = ARENA_NEW(scratch, DotsKey, (size_t)sequence->count);
    if (claim == NULL || sorted == NULL)
        return err_set(err, ERR_LIMIT, "no room to choose from %d sites", sequence->count);
    for (int i = 0; i < sequence->count; i++) {
        double key = dots_claim(sequence, field, i);
        if (key < 2.0)
            claim[count++] = (DotsKey){key, i};
    }
    if (!dots_sort(scratch, count, claim, err))
        return false;
    for (int k = 0; k < count; k++)
        first[dots_zone_at(field, sequence->point[claim[k].item]) + 1]++;
    for (int z = 0; z < DOTS_ZONES; z++)
        first[z + 1] += first[z];
    int next[DOTS_ZONES];
    for (int z = 0; z < DOTS_ZONES; z++)
        next[z] = first[z];
    for (int k = 0; k < count; k++)
        sorted[next[dots_zone_at(field, sequence->point[claim[k].item])]++] = claim[k];
    for (int z = 0; z < DOTS_ZONES; z++)
        set_limits(session_count, wanted[z], first[z + 1] - first[z], sorted + first[z],
                   cut->limit[z]);
    arena_rewind(scratch, mark);
    return true;
}
