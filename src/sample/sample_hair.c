#include "sample/sample_internal.h"

#include "base/rng.h"
#include "design/propose.h"
#include "dots/dots.h"
#include "head/growth.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

/* Follicular units per cm2 where the fringe is full, and how many hairs stand in one: Guo et al.,
 * Plast. Aesthet. Res. 4 (2017) 150 (74.4 +- 13.3; 1..5 hairs 28.4, 52.6, 17.5, 1.3, 0.2 %). */
static const double units_per_mm2 = 0.744;
static const double hairs_below[] = {0.284, 0.810, 0.985, 0.998, 1.0};
/* Tape from the glabella to the hairline that the client once had: trichion-glabella 61.4 +- 3.2 in
 * men (field/canvas 1.4). */
static const double hairline_mm = 60.0;

static double smooth(double edge0, double edge1, double x)
{
    double t = fmin(fmax((x - edge0) / (edge1 - edge0), 0.0), 1.0);
    return t * t * (3.0 - 2.0 * t);
}

static uint64_t stir(uint64_t hash, int64_t cell)
{
    hash = (hash ^ (uint64_t)cell) * 0xBF58476D1CE4E5B9u;
    return hash ^ hash >> 29;
}

static double value_at(uint64_t hash)
{
    hash *= 0x94D049BB133111EBu;
    hash ^= hash >> 32;
    return (double)(hash & 0xFFFFFFFF) / 2147483648.0 - 1.0;
}

double sample_noise(uint64_t seed, Vec3 p, double scale_mm)
{
    const double f[3] = {p.x / scale_mm, p.y / scale_mm, p.z / scale_mm};
    double w[3], value[2][2];
    int64_t cell[3];
    for (int k = 0; k < 3; k++) {
        cell[k] = (int64_t)f[k] - (f[k] < 0.0);
        double t = f[k] - (double)cell[k];
        w[k] = t * t * (3.0 - 2.0 * t);
    }
    for (int x = 0; x < 2; x++) {
        uint64_t hash_x = stir(seed * 0x9E3779B97F4A7C15u, cell[0] + x);
        for (int y = 0; y < 2; y++) {
            uint64_t hash = stir(hash_x, cell[1] + y);
            double low = value_at(stir(hash, cell[2])), high = value_at(stir(hash, cell[2] + 1));
            value[x][y] = low + w[2] * (high - low);
        }
    }
    double near = value[0][0] + w[1] * (value[0][1] - value[0][0]);
    double far = value[1][0] + w[1] * (value[1][1] - value[1][0]);
    return near + w[0] * (far - near);
}

/* How far (mm) each vertex lies inside a closed curve on the surface, negative outside. */
static bool inside_mm(Arena *scratch, const Head *head, int count, const Vec3 point[],
                      double inside[], Err *err)
{
    size_t mark = arena_mark(scratch);
    double(*polygon)[2] = arena_alloc(scratch, (size_t)count, sizeof *polygon);
    if (polygon == NULL)
        return err_set(err, ERR_LIMIT, "no room for an outline within the memory limit");
    if (!head_distance_to_curve(scratch, head, count, point, true, inside, err))
        return false;
    for (int i = 0; i < count; i++)
        head_chart(vec_normalize(vec_sub(point[i], head->centre_mm)), polygon[i]);
    for (int v = 0; v < head->topology->vertex_count; v++) {
        bool within = false;
        double uv[2];
        head_chart(head->topology->direction[v], uv);
        for (int i = 0, j = count - 1; i < count; j = i++) {
            const double *p = polygon[i], *q = polygon[j];
            if ((p[1] > uv[1]) != (q[1] > uv[1]) &&
                uv[0] < p[0] + (uv[1] - p[1]) * (q[0] - p[0]) / (q[1] - p[1]))
                within = !within;
        }
        if (!within)
            inside[v] = -inside[v];
    }
    arena_rewind(scratch, mark);
    return true;
}

/* Edge of the hair-bearing scalp behind the temple peak, degrees from the front and mm above the
 * Frankfurt plane: sideburn, over and behind the ear, nape. Drawn by eye from photographs of shaved
 * heads; a real nape reaches 20 mm farther down, where the canvas ends. */
static const double side_edge[][2] = {
    {55, 38}, {60, 28}, {64, 14},  {66, 2},  {68, -8},  {73, -12},  {80, -11},  {84, -2},  {87, 14},
    {91, 26}, {98, 31}, {107, 27}, {114, 8}, {119, -9}, {127, -17}, {148, -21}, {180, -22}};
enum {
    SIDE_EDGES = sizeof side_edge / sizeof side_edge[0],
    SIDE_STEPS = 8, /* points for each piece of it */
    SIDE_POINTS = (SIDE_EDGES - 1) * SIDE_STEPS,
    OUTLINE_POINTS = DESIGN_CURVE_POINTS + 2 * SIDE_POINTS
};

static Vec3 beside(const Bust *bust, int step, double side)
{
    const double *p = side_edge[step / SIDE_STEPS], *q = side_edge[step / SIDE_STEPS + 1];
    double t = (double)(step % SIDE_STEPS) / SIDE_STEPS, a = (p[0] + t * (q[0] - p[0])) * PI / 180;
    double y = p[1] + t * (q[1] - p[1]);
    Vec3 hit = vec3(0.0, y, 0.0);
    (void)bust_hit(bust, vec3(side * 200.0 * sin(a), y, 200.0 * cos(a)), vec3(0.0, y, 0.0), false,
                   &hit);
    return hit;
}

/* The natural outline of the scalp: the hairline from left to right as a design draws it, down the
 * right side, along the nape, and up the left side. */
static bool natural_inside(Arena *scratch, const Bust *bust, const Head *head,
                           const DesignLayout *layout, double inside[], Err *err)
{
    size_t mark = arena_mark(scratch);
    Vec3 *point = ARENA_NEW(scratch, Vec3, OUTLINE_POINTS);
    if (point == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for the outline of the scalp within the memory "
                       "limit");
    int count = 0;
    for (; count < layout->hairline_count; count++)
        point[count] = layout->hairline_mm[count];
    for (int i = 0; i < SIDE_POINTS; i++)
        point[count++] = beside(bust, i, -1.0);
    for (int i = SIDE_POINTS; i-- > 0;)
        point[count++] = beside(bust, i, 1.0);
    bool ok = inside_mm(scratch, head, count, point, inside, err);
    arena_rewind(scratch, mark);
    return ok;
}

/* Replaces each value by the mean of it and its neighbours: standard deviation about 1.1 mm. */
static void blur(const HeadTopology *topology, double field[], double work[])
{
    for (int v = 0; v < topology->vertex_count; v++) {
        double sum = field[v];
        int first = topology->neighbor_start[v], end = topology->neighbor_start[v + 1];
        for (int k = first; k < end; k++)
            sum += field[topology->neighbor[k]];
        work[v] = sum / (1 + end - first);
    }
    memcpy(field, work, (size_t)topology->vertex_count * sizeof *field);
}

/* What the stage took, 0..1: the region that a design for this stage covers, with a wide, wavy
 * border towards the fringe but none towards the forehead: only the inside of the scalp counts. */
static bool bald_share(Arena *scratch, const Head *head, const Sample *sample,
                       const DesignLayout *layout, const double inside[], double share[], Err *err)
{
    enum { ROUNDS = 16 }; /* 4.5 mm */
    const double line_mm = 3.0;
    /* of the border outward, in blurred units: chosen so that the lost areas of the mean head fall
     * into the bands of field/practice 1.3 */
    static const double shift[8] = {0.0, 0.0, 0.25, 0.10, 0.06, 0.06, -0.12, -0.04};
    size_t mark = arena_mark(scratch), vertices = (size_t)head->topology->vertex_count;
    double *work = ARENA_NEW(scratch, double, vertices),
           *weight = ARENA_NEW(scratch, double, vertices);
    if (work == NULL || weight == NULL)
        return err_set(err, ERR_LIMIT, "no room for the stage within the memory limit");
    double full = layout->design.density.full_per_cm2 / 100.0;
    for (size_t v = 0; v < vertices; v++) {
        weight[v] = inside[v] > line_mm ? 1.0 : 0.0;
        share[v] = weight[v] * smooth(0.0, 0.25, layout->target_per_mm2[v] / full);
    }
    for (int round = 0; round < ROUNDS; round++) {
        blur(head->topology, share, work);
        blur(head->topology, weight, work);
    }
    for (size_t v = 0; v < vertices; v++) {
        Vec3 p = head->position_mm[v];
        double even = share[v] / fmax(weight[v], 1e-6);
        double near = fmin(6.0 * even * (1.0 - even), 1.0); /* to the border */
        double wavy = even + near * (shift[sample->params.norwood] +
                                     0.22 * sample_noise(sample->params.seed + 12, p, 11.0) +
                                     0.12 * sample_noise(sample->params.seed + 13, p, 4.5));
        share[v] = sample->params.norwood > 1 ? smooth(0.12, 0.88, wavy) : 0.0;
    }
    arena_rewind(scratch, mark);
    return true;
}

/* What a stage of thinning took on top, hair by hair: the share that a design would put back. */
static bool thin_out(Arena *arena, Arena *scratch, const Head *head, Sample *sample, Err *err)
{
    HairSurvey survey;
    Design *design = ARENA_NEW(scratch, Design, 1);
    DesignLayout *layout = ARENA_NEW(scratch, DesignLayout, 1);
    DesignRequest *request = ARENA_NEW(scratch, DesignRequest, 1);
    if (design == NULL || layout == NULL || request == NULL)
        return err_set(err, ERR_LIMIT, "no room for the thinning within the memory limit");
    design_request_default(request);
    request->pattern = DESIGN_LUDWIG;
    request->stage = sample->params.ludwig;
    request->draw_hairline = false;
    request->hairline_height_mm = hairline_mm;
    if (!hair_survey(arena, scratch, head, NULL, NULL, &survey, err) ||
        !design_propose(scratch, head, request, design, err) ||
        !design_layout(arena, scratch, head, &survey, design, layout, err))
        return false;
    double full = layout->design.density.full_per_cm2 / 100.0;
    for (int v = 0; v < head->topology->vertex_count; v++)
        sample->cover[v] *= 1.0 - fmin(layout->target_per_mm2[v] / full, 1.0);
    return true;
}

static bool find_cover(Arena *arena, Arena *scratch, const Bust *bust, const Head *head,
                       Sample *sample, double inside[], double bald[], Err *err)
{
    HairSurvey survey;
    Design *design = ARENA_NEW(scratch, Design, 1);
    DesignLayout *layout = ARENA_NEW(scratch, DesignLayout, 1);
    DesignRequest *request = ARENA_NEW(scratch, DesignRequest, 1);
    if (design == NULL || layout == NULL || request == NULL)
        return err_set(err, ERR_LIMIT, "no room for the stage within the memory limit");
    design_request_default(request);
    request->stage = sample->params.norwood;
    request->hairline_height_mm = hairline_mm;
    request->hairline.transition_mm = request->hairline.macro_mm = 0.0;
    request->hairline.micro_mm = request->hairline.asymmetry_mm = 0.0;
    if (!hair_survey(arena, scratch, head, NULL, NULL, &survey, err) ||
        !design_propose(scratch, head, request, design, err) ||
        !design_layout(arena, scratch, head, &survey, design, layout, err) ||
        !natural_inside(scratch, bust, head, layout, inside, err) ||
        !bald_share(scratch, head, sample, layout, inside, bald, err))
        return false;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        Vec3 p = head->position_mm[v];
        bald[v] = sample->params.total_loss ? 1.0 : bald[v];
        double wavy = inside[v] + 2.0 * sample_noise(sample->params.seed + 11, p, 7.0) +
                      1.2 * sample_noise(sample->params.seed + 14, p, 2.8);
        /* the nape thins out more gently than the other edges */
        double soft = p.z < -30.0 && p.y < 20.0 ? 11.0 : 6.0;
        sample->cover[v] = smooth(-1.0, soft, wavy);
    }
    return sample->params.ludwig == 0 || thin_out(arena, scratch, head, sample, err);
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
                on_head(bust, 145.0 + 70.0 * i / 15.0, 80.0 - 4.0 * cos(PI * (i - 7.5) / 7.5));
    }
    if (sample->params.patch) {
        sample->patch_point_count = 32;
        for (int i = 0; i < 32; i++) {
            double turn = 2.0 * PI * i / 32.0;
            sample->patch_mm[i] = on_head(bust, 128.0 + 11.6 * cos(turn), 72.0 + 11.0 * sin(turn));
        }
    }
}

static bool take_injuries(Arena *scratch, const Head *head, Sample *sample, double cover[],
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
        if (!inside_mm(scratch, head, sample->patch_point_count, sample->patch_mm, distance, err))
            return false;
        for (int i = 0; i < vertices; i++) {
            cover[i] *= 1.0 - smooth(-2.0, 2.0, distance[i]);
            sample->patch_mm2 += head->area_mm2[i] * smooth(-1.5, 1.5, distance[i]);
        }
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

/* Hair that is about to be lost is thinner: down to 60 % of its diameter [assumption]. */
static SampleFollicle draw_follicle(const Head *head, const GrowthField *growth, HeadPoint site,
                                    double bald, Rng *rng)
{
    const double shift_mm = 0.12; /* units stand less evenly than the sequence */
    const double diameter_mm = 0.070, diameter_sd_mm = 0.010, thinned = 0.4, heading_sd = 0.2;
    double x = rng_normal(rng), y = rng_normal(rng), z = rng_normal(rng); /* in this order */
    Vec3 shift = vec3(x, y, z);
    HeadPoint point = head_nearest(head, vec_madd(head_position_mm(head, site), shift_mm, shift));
    if (point.triangle < 0)
        point = site;
    double diameter = fmax(0.035, diameter_mm + diameter_sd_mm * rng_normal(rng));
    double heading = growth_heading_rad(head, growth, point) + heading_sd * rng_normal(rng);
    return (SampleFollicle){.position_mm = head_position_mm(head, point),
                            .hair_diameter_mm = diameter * (1.0 - thinned * bald),
                            .heading_rad = remainder(heading, 2.0 * PI),
                            .lift_rad = head_interpolate(head, point, growth->lift_rad),
                            .along = growth_heading_to_surface(head, heading, point),
                            .hairs = draw_hairs(rng_f64(rng))};
}

static bool place_units(Arena *arena, Arena *scratch, const Head *head, const double cover[],
                        const double bald[], Sample *sample, Err *err)
{
    int vertices = head->topology->vertex_count;
    double *ceiling = ARENA_NEW(scratch, double, (size_t)vertices);
    DotsSequence sequence;
    Growth *growth = ARENA_NEW(scratch, Growth, 1); /* ten kilobytes each */
    GrowthField *field = ARENA_NEW(scratch, GrowthField, 1);
    if (ceiling == NULL || growth == NULL || field == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices within the memory limit", vertices);
    for (int i = 0; i < vertices; i++)
        ceiling[i] = cover[i] > 0.02 ? units_per_mm2 : 0.0;
    DotsSurface surface = dots_surface(head);
    DotsSequenceParams params = {.highest_per_mm2 = units_per_mm2,
                                 .ceiling_per_mm2 = ceiling,
                                 .seed = sample->params.seed,
                                 .threads = sample->params.threads};
    *growth = growth_default(head);
    if (!dots_sequence(arena, scratch, &surface, &params, NULL, &sequence, err) ||
        !growth_solve(scratch, scratch, head, growth, field, err))
        return false;
    sample->follicle = ARENA_NEW(arena, SampleFollicle, (size_t)sequence.count);
    if (sample->follicle == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d follicles within the memory limit",
                       sequence.count);
    for (int i = 0; i < sequence.count; i++) {
        if (sequence.rank[i] >= head_interpolate(head, sequence.point[i], cover))
            continue;
        Rng rng = rng_make(sample->params.seed, 0x66000000u + (uint64_t)i);
        SampleFollicle follicle = draw_follicle(
            head, field, sequence.point[i], head_interpolate(head, sequence.point[i], bald), &rng);
        /* the canvas is coarser than the scar */
        if (sample_scar_distance_mm(sample, follicle.position_mm) > 0.4 * sample->scar_width_mm)
            sample->follicle[sample->follicle_count++] = follicle;
    }
    return true;
}

bool sample_grow(Arena *arena, Arena *scratch, const Bust *bust, const Head *head, Sample *sample,
                 Err *err)
{
    size_t mark = arena_mark(scratch), vertices = (size_t)head->topology->vertex_count;
    double *bald = ARENA_NEW(scratch, double, vertices),
           *inside = ARENA_NEW(scratch, double, vertices);
    sample->cover = ARENA_NEW(arena, double, vertices);
    if (sample->cover == NULL || bald == NULL || inside == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu vertices within the memory limit",
                       vertices);
    injure(bust, sample);
    if (!find_cover(arena, scratch, bust, head, sample, inside, bald, err))
        return false;
    for (size_t i = 0; i < vertices; i++) {
        sample->scalp_mm2 += head->area_mm2[i] * smooth(-1.5, 1.5, inside[i]);
        sample->bald_mm2 += head->area_mm2[i] * smooth(-1.5, 1.5, inside[i]) * bald[i];
        sample->cover[i] *= 1.0 - bald[i];
    }
    if (!take_injuries(scratch, head, sample, sample->cover, err) ||
        !place_units(arena, scratch, head, sample->cover, bald, sample, err))
        return false;
    sample->stubble_mm2 = head_area_mm2(head, sample->cover);
    sample->follicles_per_cm2 = units_per_mm2 * 100.0;
    sample->hairs_per_cm2 = 0.0;
    for (int k = 0; k < 5; k++)
        sample->hairs_per_cm2 +=
            sample->follicles_per_cm2 * (1.0 - (k > 0 ? hairs_below[k - 1] : 0.0));
    arena_rewind(scratch, mark);
    return true;
}
