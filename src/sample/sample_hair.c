#include "sample/sample_internal.h"

#include "base/rng.h"
#include "design/design.h"
#include "dots/dots.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

/* Follicular units per cm2 where the fringe is full, and how many hairs stand in one: Guo et al.,
 * Plast. Aesthet. Res. 4 (2017) 150 (74.4 +- 13.3; 1..5 hairs 28.4, 52.6, 17.5, 1.3, 0.2 %). */
static const double units_per_mm2 = 0.744;
static const double hairs_below[] = {0.284, 0.810, 0.985, 0.998, 1.0};

static double smooth(double edge0, double edge1, double x)
{
    double t = fmin(fmax((x - edge0) / (edge1 - edge0), 0.0), 1.0);
    return t * t * (3.0 - 2.0 * t);
}

double sample_noise(uint64_t seed, Vec3 p, double scale_mm)
{
    double f[3] = {p.x / scale_mm, p.y / scale_mm, p.z / scale_mm}, w[3], sum = 0.0;
    int64_t cell[3];
    for (int k = 0; k < 3; k++) {
        double whole = floor(f[k]), t = f[k] - whole;
        cell[k] = (int64_t)whole;
        w[k] = t * t * (3.0 - 2.0 * t);
    }
    for (int i = 0; i < 8; i++) {
        uint64_t h = seed * 0x9E3779B97F4A7C15u;
        double weight = 1.0;
        for (int k = 0; k < 3; k++) {
            int up = i >> k & 1;
            h = (h ^ (uint64_t)(cell[k] + up)) * 0xBF58476D1CE4E5B9u;
            h ^= h >> 29;
            weight *= up ? w[k] : 1.0 - w[k];
        }
        h *= 0x94D049BB133111EBu;
        h ^= h >> 32;
        sum += weight * ((double)(h & 0xFFFFFFFF) / 2147483648.0 - 1.0);
    }
    return sum;
}

/* Lower edge of the hair-bearing scalp, mm above the Frankfurt plane, by degrees from the front:
 * hairline, temple, sideburn, over and behind the ear, nape. */
static double hair_edge_mm(double degrees, double front_mm)
{
    const double edge[][2] = {{0, front_mm},
                              {24, front_mm - 3},
                              {40, front_mm - 10},
                              {52, front_mm - 22},
                              {62, 58},
                              {68, 30},
                              {73, -8},
                              {86, -10},
                              {90, 24},
                              {104, 27},
                              {112, 2},
                              {120, -28},
                              {140, -42},
                              {180, -46}};
    int count = sizeof edge / sizeof edge[0];
    for (int i = 1; i < count; i++)
        if (degrees <= edge[i][0]) {
            double t = smooth(edge[i - 1][0], edge[i][0], degrees);
            return edge[i - 1][1] + t * (edge[i][1] - edge[i - 1][1]);
        }
    return edge[count - 1][1];
}

static double natural_cover(const Sample *sample, Vec3 p)
{
    const Vec3 *mark = sample->landmark_mm;
    double degrees = fabs(atan2(p.x, p.z)) * 180.0 / PI;
    double front = mark[HEAD_GLABELLA].y + 58.0;
    double above =
        p.y - hair_edge_mm(degrees, front) + 2.5 * sample_noise(sample->params.seed + 11, p, 7.0);
    return smooth(-2.0, 7.0, above);
}

/* What the stage took: the region that a design for this stage covers. */
static bool bald_share(Arena *arena, Arena *scratch, const Head *head, const Sample *sample,
                       double share[], Err *err)
{
    HairSurvey survey;
    Design *design = ARENA_NEW(scratch, Design, 1);
    DesignRequest request = design_request_default();
    request.pattern = DESIGN_NORWOOD;
    request.stage = sample->params.norwood;
    request.hairline_height_mm = 60.0;
    request.transition_mm = 0.0;
    request.irregularity_mm = 0.0;
    if (design == NULL)
        return err_set(err, ERR_LIMIT, "no room for the stage within the memory limit");
    if (!hair_survey(arena, scratch, head, NULL, &survey, err) ||
        !design_propose(arena, scratch, head, &survey, &request, design, err))
        return false;
    double full = request.density_per_cm2 / 100.0;
    for (int i = 0; i < head->topology->vertex_count; i++) {
        double wavy = design->target_per_mm2[i] / full +
                      0.25 * sample_noise(sample->params.seed + 12, head->position_mm[i], 9.0);
        share[i] = sample->params.norwood > 1 ? smooth(0.15, 0.75, wavy) : 0.0;
    }
    return true;
}

static Vec3 on_head(const Bust *bust, double azimuth_deg, double polar_deg)
{
    double a = azimuth_deg * PI / 180.0, b = polar_deg * PI / 180.0;
    Vec3 out = vec3(sin(b) * sin(a), cos(b), sin(b) * cos(a)), hit = HEAD_CENTRE_MM;
    (void)bust_hit(bust, vec_madd(HEAD_CENTRE_MM, 170.0, out), HEAD_CENTRE_MM, false, &hit);
    return hit;
}

/* A strip scar of the donor area, and a round patch in the fringe on the left. */
static void injure(const Bust *bust, Sample *sample)
{
    if (sample->params.scar) {
        sample->scar_width_mm = 5.0;
        sample->scar_point_count = 16;
        for (int i = 0; i < 16; i++)
            sample->scar_mm[i] =
                on_head(bust, 145.0 + 70.0 * i / 15.0, 84.0 - 4.0 * cos(PI * (i - 7.5) / 7.5));
    }
    if (sample->params.patch) {
        sample->patch_point_count = 32;
        for (int i = 0; i < 32; i++) {
            double turn = 2.0 * PI * i / 32.0;
            sample->patch_mm[i] = on_head(bust, 128.0 + 13.0 * cos(turn), 66.0 + 12.0 * sin(turn));
        }
    }
}

static bool take_injuries(Arena *scratch, const Head *head, const Sample *sample, double cover[],
                          Err *err)
{
    int vertices = head->topology->vertex_count;
    double *distance = ARENA_NEW(scratch, double, (size_t)vertices);
    if (distance == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d distances within the memory limit",
                       vertices);
    if (sample->scar_point_count > 0) {
        if (!head_distance_to_curve(scratch, head, sample->scar_point_count, sample->scar_mm, false,
                                    distance, err))
            return false;
        for (int i = 0; i < vertices; i++)
            cover[i] *= smooth(0.5 * sample->scar_width_mm - 1.0, 0.5 * sample->scar_width_mm + 1.0,
                               distance[i]);
    }
    if (sample->patch_point_count > 0) {
        Vec3 middle = {0};
        double radius = 0.0;
        for (int i = 0; i < sample->patch_point_count; i++)
            middle = vec_madd(middle, 1.0 / sample->patch_point_count, sample->patch_mm[i]);
        for (int i = 0; i < sample->patch_point_count; i++)
            radius += vec_distance(middle, sample->patch_mm[i]) / sample->patch_point_count;
        HeadPoint source = head_nearest(head, middle);
        if (!head_distance(scratch, head, 1, &source, distance, err))
            return false;
        for (int i = 0; i < vertices; i++)
            cover[i] *= smooth(radius - 2.0, radius + 2.0, distance[i]);
    }
    return true;
}

static int draw_hairs(double u)
{
    int hairs = 1;
    while (hairs < 5 && u >= hairs_below[hairs - 1])
        hairs++;
    return hairs;
}

static bool place_units(Arena *arena, Arena *scratch, const Head *head, const double cover[],
                        Sample *sample, Err *err)
{
    int vertices = head->topology->vertex_count;
    uint8_t *where = ARENA_NEW(scratch, uint8_t, (size_t)vertices);
    DotsSequence sequence;
    if (where == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices within the memory limit", vertices);
    for (int i = 0; i < vertices; i++)
        where[i] = cover[i] > 0.02;
    DotsSequenceParams params = {.highest_per_mm2 = units_per_mm2,
                                 .where = where,
                                 .seed = sample->params.seed,
                                 .threads = sample->params.threads};
    if (!dots_sequence(arena, scratch, head, &params, NULL, &sequence, err))
        return false;
    sample->follicle = ARENA_NEW(arena, SampleFollicle, (size_t)sequence.count);
    if (sample->follicle == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d follicles within the memory limit",
                       sequence.count);
    for (int i = 0; i < sequence.count; i++) {
        Rng rng = rng_make(sample->params.seed, 0x66000000u + (uint64_t)i);
        if (sequence.rank[i] >= head_interpolate(head, sequence.point[i], cover))
            continue;
        SampleFollicle *follicle = &sample->follicle[sample->follicle_count++];
        /* real units stand less evenly than the sequence: a shift of a tenth of their distance */
        Vec3 shift = vec3(rng_normal(&rng), rng_normal(&rng), rng_normal(&rng));
        HeadPoint point = head_nearest(head, vec_madd(sequence.position_mm[i], 0.12, shift));
        if (point.triangle < 0)
            point = sequence.point[i]; /* shifted over the rim */
        *follicle =
            (SampleFollicle){.position_mm = head_position_mm(head, point),
                             .hair_diameter_mm = fmax(0.03, 0.070 + 0.010 * rng_normal(&rng)),
                             .heading_rad = 0.2 * rng_normal(&rng),
                             .hairs = draw_hairs(rng_f64(&rng))};
    }
    return true;
}

bool sample_grow(Arena *arena, Arena *scratch, const Bust *bust, const Head *head, Sample *sample,
                 Err *err)
{
    size_t mark = arena_mark(scratch), vertices = (size_t)head->topology->vertex_count;
    double *cover = ARENA_NEW(scratch, double, vertices),
           *bald = ARENA_NEW(scratch, double, vertices);
    if (cover == NULL || bald == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu vertices within the memory limit",
                       vertices);
    injure(bust, sample);
    if (!bald_share(arena, scratch, head, sample, bald, err))
        return false;
    for (size_t i = 0; i < vertices; i++) {
        double natural = natural_cover(sample, head->position_mm[i]);
        cover[i] = natural * (1.0 - bald[i]);
        sample->bald_mm2 += head->area_mm2[i] * natural * bald[i];
    }
    if (!take_injuries(scratch, head, sample, cover, err) ||
        !place_units(arena, scratch, head, cover, sample, err))
        return false;
    sample->follicles_per_cm2 = units_per_mm2 * 100.0;
    arena_rewind(scratch, mark);
    return true;
}
