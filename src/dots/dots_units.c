#include "dots/dots_internal.h"

#include "base/rng.h"

#include <assert.h>
#include <string.h>

/* Follicular units: the crowd that is relaxed are their centres; afterwards each becomes its dots.
 * The dots of a unit stand MEMBER_SPACINGS of the local dot spacing apart, a few tenths of a
 * millimetre at the densities of hair, or as far as grown dots must. */
#define MEMBER_SPACINGS 0.45
#define MEMBER_SLACK    1.02
#define UNIT_STREAM     (UINT64_C(5) << 40)
#define TURN_STREAM     (UINT64_C(6) << 40)
#define SINGLE_STREAM   (UINT64_C(7) << 40)
/* How far pairs are turned off the line across the growth (standard deviation); [assumption]: hairs
 * of a unit stand side by side, a little askew. A heading shorter than this is none. */
#define PAIR_SCATTER_RAD 0.35
#define HEADING_LEAST    0.5
/* Over how many triangles the share of single units falls from all to what is asked for. */
enum { RAMP_RINGS = 4 };
enum { MEMBER_PROJECTIONS = 8 };

double dots_unit_mean(const DotsParams *params)
{
    double mean = 0.0;
    for (int n = 0; n < DOTS_UNIT_SIZES; n++)
        mean += (n + 1) * params->unit_share[n];
    return mean > 0.0 ? mean : 1.0;
}

static bool is_by_single(const DotsPlanning *planning, HeadPoint point)
{
    const int *corner = planning->surface->triangle[point.triangle];
    const uint8_t *single = planning->single;
    return single[corner[0]] == 1 || single[corner[1]] == 1 || single[corner[2]] == 1;
}

/* Where all units are single, as many more stand as their mean size is large; the weight falls to 1
 * over some rings of triangles, as dots pile up at a sudden change of density. */
static void fill_weights(const DotsPlanning *planning, double mean, double weight[])
{
    const DotsSurface *surface = planning->surface;
    for (int v = 0; v < surface->vertex_count; v++)
        weight[v] = 1.0;
    for (int t = 0; t < surface->triangle_count; t++)
        for (int k = 0; is_by_single(planning, (HeadPoint){.triangle = t}) && k < 3; k++)
            weight[surface->triangle[t][k]] = mean;
    for (int ring = 1; ring < RAMP_RINGS; ring++) {
        double before = mean - (mean - 1.0) * (ring - 1) / RAMP_RINGS;
        double next = mean - (mean - 1.0) * ring / RAMP_RINGS;
        for (int t = 0; t < surface->triangle_count; t++) {
            const int *c = surface->triangle[t];
            bool reached = false;
            for (int k = 0; k < 3; k++)
                reached |= weight[c[k]] >= before;
            for (int k = 0; reached && k < 3; k++)
                weight[c[k]] = fmax(weight[c[k]], next);
        }
    }
}

bool dots_units_weigh(DotsPlanning *planning, Err *err)
{
    Arena *scratch = planning->scratch;
    size_t vertices = (size_t)planning->surface->vertex_count;
    if (planning->single == NULL || memchr(planning->single, 1, vertices) == NULL)
        return true;
    double *per_mm2 = ARENA_NEW(scratch, double, vertices);
    double *open = ARENA_NEW(scratch, double, vertices);
    planning->weight = ARENA_NEW(scratch, double, vertices);
    if (planning->weight == NULL || per_mm2 == NULL || open == NULL)
        return err_set(err, ERR_LIMIT, "no room for the single dots of %zu vertices", vertices);
    fill_weights(planning, dots_unit_mean(planning->params), planning->weight);
    for (size_t v = 0; v < vertices; v++) {
        per_mm2[v] = planning->weight[v] * planning->field.per_mm2[v];
        open[v] = planning->weight[v] * planning->field.open[v];
    }
    planning->unit_field =
        planning->field; /* its highest is that of the dots: for lengths of steps */
    planning->unit_field.per_mm2 = per_mm2;
    planning->unit_field.open = open;
    return dots_ground_new(scratch, &planning->unit_field, planning->facet, &planning->unit_ground,
                           err);
}

/* Where the weight lies between 1 and the mean size, so many units are single, by chance, that the
 * dots are as many as wanted. */
static bool must_be_single(const DotsPlanning *planning, int site, HeadPoint point)
{
    if (planning->weight == NULL)
        return false;
    double mean = dots_unit_mean(planning->params);
    double weight = dots_interpolate(planning->surface, point, planning->weight);
    Rng rng = rng_make(planning->params->seed, SINGLE_STREAM + (uint64_t)site);
    return is_by_single(planning, point) ||
           rng_f64(&rng) < mean * (weight - 1.0) / (weight * (mean - 1.0));
}

void dots_unit_counts(double mean, const DotsMass *mass, const DotsMass *unit_mass,
                      int dots[DOTS_ZONES][DOTS_MAX_SESSIONS],
                      int units[DOTS_ZONES][DOTS_MAX_SESSIONS])
{
    for (int z = 0; z < DOTS_ZONES; z++)
        for (int s = 0; s < DOTS_MAX_SESSIONS; s++) {
            int least = (dots[z][s] + DOTS_UNIT_SIZES - 1) / DOTS_UNIT_SIZES;
            double weight = mass->zone[z] > 0.0 ? unit_mass->zone[z] / mass->zone[z] : 1.0;
            int count = (int)lround(dots[z][s] * weight / mean);
            units[z][s] = count < least ? least : count > dots[z][s] ? dots[z][s] : count;
        }
}

bool dots_units_suffice(const DotsPlanning *planning, int dots[DOTS_ZONES][DOTS_MAX_SESSIONS],
                        int units[DOTS_ZONES][DOTS_MAX_SESSIONS])
{
    int most[DOTS_ZONES][DOTS_MAX_SESSIONS] = {{0}}, found[DOTS_ZONES][DOTS_MAX_SESSIONS] = {{0}};
    bool suffice = true;
    for (int i = 0; planning->weight != NULL && i < planning->sequence->count; i++) {
        HeadPoint point = planning->sequence->point[i];
        int s = planning->session[i], z = s < 0 ? 0 : dots_zone_at(&planning->field, point);
        if (s < 0)
            continue;
        most[z][s] += must_be_single(planning, i, point) ? 1 : DOTS_UNIT_SIZES;
        found[z][s]++;
    }
    for (int z = 0; planning->weight != NULL && z < DOTS_ZONES; z++)
        for (int s = 0; s < DOTS_MAX_SESSIONS; s++) {
            int missing = dots[z][s] - most[z][s];
            if (missing <= 0 || found[z][s] < units[z][s]) /* enough, or no more sites */
                continue;
            units[z][s] += missing;
            suffice = false;
        }
    return suffice;
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

/* The units of a zone and session that need not be single, in an order of chance, take the sizes of
 * that group. */
static void assign_group(DotsPlanning *planning, int count, const DotsKey unit[], int dots,
                         uint8_t size[])
{
    int most = count * DOTS_UNIT_SIZES;
    size_units(planning->params, count, dots < count ? count : dots > most ? most : dots, size);
    for (int k = 0; k < count; k++)
        planning->members[unit[k].item] = size[k];
}

/* A unit's territory goes with its size, against the mean size around it. */
static void stretch_territories(DotsPlanning *planning)
{
    DotsCrowd *crowd = &planning->crowd;
    double mean = dots_unit_mean(planning->params);
    for (int i = 0; i < crowd->count; i++)
        crowd->territory[i] *=
            (float)sqrt(planning->members[i] * dots_crowd_weight(crowd, i) / mean);
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
            int units = 0, singles = 0;
            for (int i = 0; i < crowd->count; i++) {
                if (planning->zone[i] != z || crowd->session[i] != s)
                    continue;
                planning->members[i] = 1;
                if (must_be_single(planning, planning->site[i], crowd->point[i])) {
                    singles++;
                    continue;
                }
                Rng rng =
                    rng_make(planning->params->seed, UNIT_STREAM + (uint64_t)planning->site[i]);
                key[units++] = (DotsKey){rng_f64(&rng), i};
            }
            if (!dots_sort(scratch, units, key, err))
                return false;
            assign_group(planning, units, key, dots[z][s] - singles, size);
        }
    stretch_territories(planning);
    arena_rewind(scratch, mark);
    dots_crowd_measure(&planning->crowd);
    return true;
}

/* A unit that the relaxation has carried among the single ones changes its size with the nearest
 * single one of its zone and session that stands elsewhere, so that counts stay. Without any it
 * remains. */
static void keep_single(DotsPlanning *planning)
{
    const DotsCrowd *crowd = &planning->crowd;
    uint8_t *members = planning->members;
    for (int i = 0; planning->weight != NULL && i < crowd->count; i++) {
        if (members[i] == 1 || !is_by_single(planning, crowd->point[i]))
            continue;
        int partner = i;
        double least = (double)INFINITY;
        for (int j = 0; j < crowd->count; j++) {
            double away = vec_distance(crowd->position_mm[i], crowd->position_mm[j]);
            if (members[j] > 1 || away >= least || planning->zone[j] != planning->zone[i] ||
                crowd->session[j] != crowd->session[i] || is_by_single(planning, crowd->point[j]))
                continue;
            least = away;
            partner = j;
        }
        uint8_t size = members[i];
        members[i] = members[partner];
        members[partner] = size;
    }
}

/* How the members of a unit stand: the first along u turned by `turn` of a full circle. */
typedef struct Stand {
    Vec3 u, v;
    double turn;
} Stand;

/* Pairs across the growth, a little askew; threes with one side across and the third before or
 * behind. Without a heading any way. */
static Stand stand_of(const DotsPlanning *planning, HeadPoint point, int site, int members)
{
    Vec3 normal = planning->facet[point.triangle].normal, heading = vec3(0.0, 0.0, 0.0);
    Rng rng = rng_make(planning->params->seed, TURN_STREAM + (uint64_t)site);
    Stand stand = {.turn = rng_f64(&rng)};
    if (planning->heading != NULL)
        heading = dots_heading_at(planning->surface, point, planning->heading);
    heading = vec_madd(heading, -vec_dot(heading, normal), normal);
    if (vec_length(heading) > HEADING_LEAST) {
        stand.u = vec_normalize(vec_cross(heading, normal));
        double first = stand.turn < 0.5 ? 0.0 : 0.5; /* which of two is the first */
        first += members == 2 ? 0.0 : 0.25;
        stand.turn = first + PAIR_SCATTER_RAD * rng_normal(&rng) / (2.0 * DOTS_PI);
    } else {
        Vec3 aside = fabs(normal.x) < 0.6 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 1.0, 0.0);
        stand.u = vec_normalize(vec_cross(aside, normal));
    }
    stand.v = vec_cross(normal, stand.u);
    return stand;
}

/* Where member k of n stands, seen from the centre of its unit: pairs on a line, threes on a
 * triangle. */
static Vec3 member_offset(const Stand *stand, int n, int k, double apart_mm)
{
    if (n == 1)
        return vec3(0.0, 0.0, 0.0);
    double angle = 2.0 * DOTS_PI * (stand->turn + (double)k / n);
    double radius = n == 2 ? 0.5 * apart_mm : apart_mm / sqrt(3.0);
    return vec_madd(vec_scale(stand->u, radius * cos(angle)), radius * sin(angle), stand->v);
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
    keep_single(planning);
    crowd->field = &planning->field;
    crowd->ground = &planning->ground;
    crowd->weight = NULL;
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
        double wanted = units.per_mm2[u] / dots_crowd_weight(&units, u);
        double spacing = 1.0 / sqrt(fmax(wanted, 1e-2));
        double apart =
            fmax(MEMBER_SPACINGS * spacing, 2.0 * MEMBER_SLACK * (double)units.least_mm[u]);
        Stand stand = stand_of(planning, units.point[u], unit_site[u], planning->members[u]);
        for (int k = 0; k < planning->members[u]; k++, at++) {
            copy_place(crowd, at, &units, u);
            crowd->point[at] = units.point[u];
            planning->site[at] = unit_site[u] + k * planning->sequence->count;
            planning->unit[at] = unit_site[u];
            planning->zone[at] = unit_zone[u];
            planning->size[at] = unit_size[u];
            planning->shade[at] = unit_shade[u];
            dots_crowd_go(crowd, at, member_offset(&stand, planning->members[u], k, apart));
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
