#include "dots/dots_internal.h"

#include "base/rng.h"

#include <assert.h>

/* Follicular units: the crowd that is relaxed are their centres; afterwards each becomes its dots.
 * The dots of a unit stand MEMBER_SPACINGS of the local dot spacing apart, a few tenths of a
 * millimetre at the densities of hair, or as far as grown dots must. */
#define MEMBER_SPACINGS 0.45
#define MEMBER_SLACK    1.02
#define UNIT_STREAM     (UINT64_C(5) << 40)
#define TURN_STREAM     (UINT64_C(6) << 40)
enum { MEMBER_PROJECTIONS = 8 };

double dots_unit_mean(const DotsParams *params)
{
    double mean = 0.0;
    for (int n = 0; n < DOTS_UNIT_SIZES; n++)
        mean += (n + 1) * params->unit_share[n];
    return mean > 0.0 ? mean : 1.0;
}

void dots_unit_counts(double mean, int dots[DOTS_ZONES][DOTS_MAX_SESSIONS],
                      int units[DOTS_ZONES][DOTS_MAX_SESSIONS])
{
    for (int z = 0; z < DOTS_ZONES; z++)
        for (int s = 0; s < DOTS_MAX_SESSIONS; s++) {
            int least = (dots[z][s] + DOTS_UNIT_SIZES - 1) / DOTS_UNIT_SIZES;
            int count = (int)lround(dots[z][s] / mean);
            units[z][s] = count < least ? least : count > dots[z][s] ? dots[z][s] : count;
        }
}

/* Sizes of `count` units that sum to `dots`: as the shares say, then single steps until they fit.
 */
static void size_units(const DotsParams *params, int count, int dots, uint8_t size[])
{
    double until = 0.0;
    int at = 0, sum = 0;
    for (int n = 0; n < DOTS_UNIT_SIZES; n++) {
        until += params->unit_share[n];
        int end = n + 1 == DOTS_UNIT_SIZES ? count : (int)lround(until * count);
        for (; at < end; at++) {
            size[at] = (uint8_t)(n + 1);
            sum += n + 1;
        }
    }
    for (int k = 0; sum < dots && count > 0; k = (k + 1) % count)
        if (size[k] < DOTS_UNIT_SIZES) {
            size[k]++;
            sum++;
        }
    for (int k = count - 1; sum > dots && count > 0; k = (k + count - 1) % count)
        if (size[k] > 1) {
            size[k]--;
            sum--;
        }
}

/* The units of a zone and session, in an order of chance, take the sizes of that group. */
static void assign_group(DotsPlanning *planning, int count, const DotsKey unit[], int dots,
                         uint8_t size[])
{
    double mean = dots_unit_mean(planning->params);
    int most = count * DOTS_UNIT_SIZES;
    size_units(planning->params, count, dots < count ? count : dots > most ? most : dots, size);
    for (int k = 0; k < count; k++) {
        int i = unit[k].item;
        planning->members[i] = size[k];
        planning->crowd.territory[i] *= (float)sqrt(size[k] / mean);
    }
}

bool dots_units_assign(DotsPlanning *planning, int dots[DOTS_ZONES][DOTS_MAX_SESSIONS], Err *err)
{
    Arena *scratch = planning->scratch;
    const DotsCrowd *crowd = &planning->crowd;
    size_t count = (size_t)crowd->count;
    planning->members = ARENA_NEW(scratch, uint8_t, count);
    size_t mark = arena_mark(scratch);
    DotsKey *key = ARENA_NEW(scratch, DotsKey, count);
    uint8_t *size = ARENA_NEW(scratch, uint8_t, count);
    if (planning->members == NULL || key == NULL || size == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d units", crowd->count);
    for (int z = 0; z < DOTS_ZONES; z++)
        for (int s = 0; s < crowd->level_count; s++) {
            int units = 0;
            for (int i = 0; i < crowd->count; i++)
                if (planning->zone[i] == z && crowd->session[i] == s) {
                    Rng rng =
                        rng_make(planning->params->seed, UNIT_STREAM + (uint64_t)planning->site[i]);
                    key[units++] = (DotsKey){rng_f64(&rng), i};
                }
            if (!dots_sort(scratch, units, key, err))
                return false;
            assign_group(planning, units, key, dots[z][s], size);
        }
    arena_rewind(scratch, mark);
    dots_crowd_measure(&planning->crowd);
    return true;
}

/* Where member k of n stands, seen from the centre of its unit: pairs on a line, threes on a
 * triangle, turned by `turn` of a full circle. */
static Vec3 member_offset(Vec3 normal, int n, int k, double turn, double apart_mm)
{
    if (n == 1)
        return vec3(0.0, 0.0, 0.0);
    Vec3 aside = fabs(normal.x) < 0.6 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 1.0, 0.0);
    Vec3 u = vec_normalize(vec_cross(aside, normal)), v = vec_cross(normal, u);
    double angle = 2.0 * DOTS_PI * (turn + (double)k / n);
    double radius = n == 2 ? 0.5 * apart_mm : apart_mm / sqrt(3.0);
    return vec_madd(vec_scale(u, radius * cos(angle)), radius * sin(angle), v);
}

/* What a dot of the expanded crowd takes over from its unit, and the fixed points behind. */
static void copy_place(DotsCrowd *to, int i, const DotsCrowd *from, int j)
{
    to->position_mm[i] = from->position_mm[j];
    to->session[i] = from->session[j];
    to->still[i] = from->still[j];
    to->per_mm2[i] = from->per_mm2[j];
    to->beside_per_mm2[i] = from->beside_per_mm2[j];
    to->territory[i] = 1.0F;
    to->least_mm[i] = from->least_mm[j];
}

bool dots_units_expand(DotsPlanning *planning, Err *err)
{
    Arena *scratch = planning->scratch;
    DotsCrowd units = planning->crowd, *crowd = &planning->crowd;
    int *unit_site = planning->site, *unit_zone = planning->zone, at = 0;
    double *unit_size = planning->size, *unit_shade = planning->shade;
    crowd->count = 0;
    for (int i = 0; i < units.count; i++)
        crowd->count += planning->members[i];
    crowd->total = crowd->count + units.total - units.count;
    for (int s = 0; s < crowd->level_count; s++)
        crowd->until[s] = planning->until[s];
    planning->site = ARENA_NEW(scratch, int, (size_t)crowd->count);
    planning->zone = ARENA_NEW(scratch, int, (size_t)crowd->count);
    planning->unit = ARENA_NEW(scratch, int, (size_t)crowd->count);
    planning->size = ARENA_NEW(scratch, double, (size_t)crowd->count);
    planning->shade = ARENA_NEW(scratch, double, (size_t)crowd->count);
    if (planning->site == NULL || planning->zone == NULL || planning->unit == NULL ||
        planning->size == NULL || planning->shade == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots", crowd->count);
    if (!dots_crowd_alloc(scratch, crowd, err))
        return false;
    for (int u = 0; u < units.count; u++) {
        double spacing = 1.0 / sqrt(fmax(units.per_mm2[u], 1e-2));
        double apart =
            fmax(MEMBER_SPACINGS * spacing, 2.0 * MEMBER_SLACK * (double)units.least_mm[u]);
        Vec3 normal = planning->facet[units.point[u].triangle].normal;
        Rng rng = rng_make(planning->params->seed, TURN_STREAM + (uint64_t)unit_site[u]);
        double turn = rng_f64(&rng);
        for (int k = 0; k < planning->members[u]; k++, at++) {
            copy_place(crowd, at, &units, u);
            crowd->point[at] = units.point[u];
            planning->site[at] = unit_site[u] + k * planning->sequence->count;
            planning->unit[at] = unit_site[u];
            planning->zone[at] = unit_zone[u];
            planning->size[at] = unit_size[u];
            planning->shade[at] = unit_shade[u];
            dots_crowd_go(crowd, at, member_offset(normal, planning->members[u], k, turn, apart));
        }
    }
    for (int f = 0; f < units.total - units.count; f++)
        copy_place(crowd, at + f, &units, units.count + f);
    assert(at == crowd->count);
    dots_crowd_measure(crowd);
    DotsRelaxing *relaxing;
    return dots_relaxing_new(scratch, crowd, &relaxing, err) &&
           dots_project(relaxing, 0.0, 0, MEMBER_PROJECTIONS, err);
}
