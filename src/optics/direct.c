#include "optics/direct_internal.h"

#include "base/parallel.h"

#include <assert.h>
#include <float.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

/* Photons are shared out over this many blocks, however many there are: the sums fit the stack. */
enum { BLOCKS = 256 };

/* Russian roulette below this share of the beam, 1/ROULETTE of the photons survive it. */
static const double roulette_depth = 3.0;
enum { ROULETTE = 4 };

typedef struct Photon {
    Vec3 at, direction;
    int layer;
    double depth; /* optical, of absorption in the skin so far */
    double extra; /* the same in plugs and rods */
} Photon;

typedef enum Fate { FATE_SCATTERED, FATE_ESCAPED, FATE_LOST } Fate;

/* Uniform in (0, 1), ends excluded so that its logarithm is finite. */
static double uniform(Rng *rng)
{
    return ((double)rng_u32(rng) + 0.5) * 0x1.0p-32;
}

/* fmin and fmax without their care for NaN, which costs a call. */
static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a > b ? a : b;
}

static DirectCylinder cylinder(double diameter_mm, double tilt_rad, double absorption_per_mm)
{
    double cosine = cos(tilt_rad);
    return (DirectCylinder){.radius_mm = 0.5 * diameter_mm,
                            .absorption_per_mm = absorption_per_mm,
                            .slope = tan(tilt_rad),
                            .axis = vec3(sin(tilt_rad), 0.0, cosine),
                            .reach_mm = 0.5 * diameter_mm / cosine};
}

DirectWorld direct_world(const DirectScene *scene)
{
    DirectWorld world = {.stack = &scene->stack, .pitch_mm = scene->pitch_mm};
    for (int i = 0; i < scene->stack.count; i++)
        world.border_mm[i + 1] = world.border_mm[i] + scene->stack.layer[i].thickness_mm;
    if (scene->plug.diameter_mm > 0.0) {
        DirectCylinder *plug = &world.cylinder[world.cylinders++];
        *plug = cylinder(scene->plug.diameter_mm, 0.0, scene->plug.absorption_per_mm);
        plug->top_mm = scene->plug.top_mm;
        plug->bottom_mm = scene->plug.bottom_mm;
    }
    if (scene->rod.diameter_mm > 0.0) {
        DirectCylinder *rod = &world.cylinder[world.cylinders++];
        *rod = cylinder(scene->rod.diameter_mm, scene->rod.tilt_rad, scene->rod.absorption_per_mm);
        rod->bottom_mm = scene->rod.bottom_mm;
    }
    return world;
}

/* Unpolarised reflectance from a medium into one of index `ratio` times its own; *cos_out is the
 * cosine beyond the surface. */
static double fresnel(double ratio, double cos_in, double *cos_out)
{
    double sin2_out = (1.0 - cos_in * cos_in) / (ratio * ratio);
    *cos_out = 0.0;
    if (sin2_out >= 1.0)
        return 1.0;
    *cos_out = sqrt(1.0 - sin2_out);
    double s = (cos_in - ratio * *cos_out) / (cos_in + ratio * *cos_out);
    double p = (ratio * cos_in - *cos_out) / (ratio * cos_in + *cos_out);
    return 0.5 * (s * s + p * p);
}

/* Henyey, Greenstein, Astrophys. J. 93 (1941) 70. */
static double scatter_cos(double g, double u)
{
    if (fabs(g) < 1e-6)
        return 2.0 * u - 1.0;
    double ratio = (1.0 - g * g) / (1.0 - g + 2.0 * g * u);
    double cosine = (1.0 + g * g - ratio * ratio) / (2.0 * g);
    return most(-1.0, least(cosine, 1.0));
}

/* Around a basis without a special direction: Duff et al., J. Comput. Graph. Tech. 6 (2017) 1. */
static Vec3 turned(Vec3 n, double cosine, double azimuth_rad)
{
    double sign = copysign(1.0, n.z), a = -1.0 / (sign + n.z), b = n.x * n.y * a;
    Vec3 first = vec3(1.0 + sign * n.x * n.x * a, sign * b, -sign * n.x);
    Vec3 second = vec3(b, sign + n.y * n.y * a, -n.y);
    double sine = sqrt(1.0 - cosine * cosine);
    Vec3 v = vec_madd(vec_madd(vec_scale(n, cosine), sine * cos(azimuth_rad), first),
                      sine * sin(azimuth_rad), second);
    /* Rounding would grow from turn to turn; one Newton step keeps the length at 1. */
    return vec_scale(v, 1.5 - 0.5 * vec_dot(v, v));
}

/* How much of the way from `from`, length_mm along the unit vector, lies in the cylinder. */
static double length_inside(const DirectCylinder *c, Vec3 from, Vec3 along, double length_mm)
{
    double at_top = (c->top_mm - from.z) / along.z, at_bottom = (c->bottom_mm - from.z) / along.z;
    double begin = most(0.0, least(at_top, at_bottom));
    double end = least(length_mm, most(at_top, at_bottom));
    if (!(begin < end))
        return 0.0;
    Vec3 off = vec_madd(from, -vec_dot(from, c->axis), c->axis);
    Vec3 across = vec_madd(along, -vec_dot(along, c->axis), c->axis);
    double a = vec_dot(across, across), b = vec_dot(off, across);
    double outside = vec_dot(off, off) - c->radius_mm * c->radius_mm;
    if (a < 1e-20) /* parallel to the axis */
        return outside < 0.0 ? end - begin : 0.0;
    double root2 = b * b - a * outside;
    if (root2 <= 0.0)
        return 0.0;
    double root = sqrt(root2);
    return most(0.0, least(end, (root - b) / a) - most(begin, -(root + b) / a));
}

/* Over all places of the lattice that the way may touch. */
static double length_in_lattice(const DirectCylinder *c, double pitch_mm, const Photon *photon,
                                double length_mm)
{
    Vec3 from = photon->at, to = vec_madd(from, length_mm, photon->direction);
    double left = c->slope * c->top_mm - c->reach_mm, right = c->slope * c->bottom_mm + c->reach_mm;
    int x_first = (int)ceil((least(from.x, to.x) - right) / pitch_mm);
    int x_last = (int)floor((most(from.x, to.x) - left) / pitch_mm);
    int y_first = (int)ceil((least(from.y, to.y) - c->radius_mm) / pitch_mm);
    int y_last = (int)floor((most(from.y, to.y) + c->radius_mm) / pitch_mm);
    double sum = 0.0;
    for (int y = y_first; y <= y_last; y++)
        for (int x = x_first; x <= x_last; x++) {
            Vec3 place = vec3(x * pitch_mm, y * pitch_mm, 0.0);
            sum += length_inside(c, vec_sub(from, place), photon->direction, length_mm);
        }
    return sum;
}

static double extra_depth(const DirectWorld *world, const Photon *photon, double length_mm)
{
    double depth = 0.0, from_mm = photon->at.z, to_mm = from_mm + length_mm * photon->direction.z;
    for (int i = 0; i < world->cylinders; i++) {
        const DirectCylinder *c = &world->cylinder[i];
        if (most(from_mm, to_mm) <= c->top_mm || least(from_mm, to_mm) >= c->bottom_mm)
            continue;
        depth +=
            c->absorption_per_mm *
            (world->pitch_mm > 0.0 ? length_in_lattice(c, world->pitch_mm, photon, length_mm)
                                   : length_inside(c, photon->at, photon->direction, length_mm));
    }
    return depth;
}

static void move(const DirectWorld *world, Photon *photon, double length_mm)
{
    photon->depth += length_mm * world->stack->layer[photon->layer].absorption_per_mm;
    photon->extra += extra_depth(world, photon, length_mm);
    photon->at = vec_madd(photon->at, length_mm, photon->direction);
}

/* At the lower (down) or upper border of its layer: into the next, back, or out. */
static Fate cross(const DirectWorld *world, Photon *photon, bool down, Rng *rng)
{
    photon->at.z = world->border_mm[photon->layer + down];
    if (down ? photon->layer + 1 < world->stack->count : photon->layer > 0) {
        photon->layer += down ? 1 : -1;
        return FATE_SCATTERED;
    }
    double cos_out;
    if (uniform(rng) >= fresnel(1.0 / world->stack->index, fabs(photon->direction.z), &cos_out))
        return down ? FATE_LOST : FATE_ESCAPED;
    photon->direction.z = -photon->direction.z;
    return FATE_SCATTERED;
}

/* On to the next scattering event, through borders: the optical depth to it is drawn once. */
static Fate fly(const DirectWorld *world, Photon *photon, Rng *rng)
{
    double left = -log(uniform(rng));
    while (true) {
        const OpticsLayer *layer = &world->stack->layer[photon->layer];
        bool down = photon->direction.z > 0.0;
        double border_mm = world->border_mm[photon->layer + down];
        double to_border_mm = most((border_mm - photon->at.z) / photon->direction.z, 0.0);
        double to_scatter_mm = left / layer->scattering_per_mm; /* infinite in a clear layer */
        double length_mm = least(to_border_mm, to_scatter_mm);
        if (isinf(length_mm))
            return FATE_LOST;
        move(world, photon, length_mm);
        if (to_scatter_mm < to_border_mm)
            return FATE_SCATTERED;
        left = most(DBL_MIN, left - length_mm * layer->scattering_per_mm); /* 0 / 0 is no way */
        Fate fate = cross(world, photon, down, rng);
        if (fate != FATE_SCATTERED)
            return fate;
    }
}

static void scatter(const DirectWorld *world, Photon *photon, Rng *rng)
{
    double cosine = scatter_cos(world->stack->layer[photon->layer].anisotropy, uniform(rng));
    photon->direction = turned(photon->direction, cosine, 2.0 * pi * uniform(rng));
}

/* Ends most of the photons that have hardly any light left; the others take over theirs. Decided
 * by the skin alone, so that the paths with and without dots stay the same. */
static bool survives(Photon *photon, Rng *rng)
{
    if (photon->depth < roulette_depth)
        return true;
    photon->depth -= log(ROULETTE);
    return uniform(rng) * ROULETTE < 1.0;
}

DirectExit direct_follow(const DirectWorld *world, double x_mm, double y_mm, Vec3 direction_air,
                         Rng *rng)
{
    double index = world->stack->index, cos_inside;
    double enters = 1.0 - fresnel(index, direction_air.z, &cos_inside);
    Photon photon = {.at = vec3(x_mm, y_mm, 0.0),
                     .direction =
                         vec3(direction_air.x / index, direction_air.y / index, cos_inside)};
    Fate fate = fly(world, &photon, rng);
    while (fate == FATE_SCATTERED) {
        if (!survives(&photon, rng))
            return (DirectExit){0};
        scatter(world, &photon, rng);
        fate = fly(world, &photon, rng);
    }
    if (fate == FATE_LOST)
        return (DirectExit){0};
    double skin = enters * exp(-photon.depth);
    return (DirectExit){photon.at.x, photon.at.y, skin, skin * exp(-photon.extra)};
}

/* Of one block of photons; the last letters say what is multiplied: skin, marked. */
typedef struct Sums {
    double s, m, ss, sm, mm;
} Sums;

typedef struct Job {
    DirectWorld world;
    double from_mm, to_mm, cos_incidence;
    uint64_t seed;
    Sums block[BLOCKS];
} Job;

static DirectExit shoot(const Job *job, int photon)
{
    Rng rng = rng_make(job->seed, (uint64_t)photon);
    double u = uniform(&rng), v = uniform(&rng), pitch_mm = job->world.pitch_mm;
    double r_mm = sqrt(job->from_mm * job->from_mm * (1.0 - u) + job->to_mm * job->to_mm * u);
    double x_mm = pitch_mm > 0.0 ? (u - 0.5) * pitch_mm : r_mm * cos(2.0 * pi * v);
    double y_mm = pitch_mm > 0.0 ? (v - 0.5) * pitch_mm : r_mm * sin(2.0 * pi * v);
    double cosine = job->cos_incidence;
    return direct_follow(&job->world, x_mm, y_mm, vec3(sqrt(1.0 - cosine * cosine), 0.0, cosine),
                         &rng);
}

static void run_block(void *ctx, int block, int begin, int end)
{
    Job *job = ctx;
    Sums sums = {0};
    for (int i = begin; i < end; i++) {
        DirectExit out = shoot(job, i);
        sums.s += out.skin;
        sums.m += out.marked;
        sums.ss += out.skin * out.skin;
        sums.sm += out.skin * out.marked;
        sums.mm += out.marked * out.marked;
    }
    job->block[block] = sums;
}

static DirectMean mean(double sum, double sum_of_squares, double count)
{
    double value = sum / count, variance = sum_of_squares / count - value * value;
    return (DirectMean){value, sqrt(most(0.0, variance) / (count - 1.0))};
}

/* 1 - m/s; its noise to first order is that of m - (m/s) s, whose mean is 0. */
static DirectMean contrast(const Sums *sums, double count)
{
    if (sums->s <= 0.0)
        return (DirectMean){0};
    double q = sums->m / sums->s, squares = sums->mm - 2.0 * q * sums->sm + q * q * sums->ss;
    return (DirectMean){1.0 - q, mean(0.0, squares, count).sd * count / sums->s};
}

DirectContrast direct_contrast(const DirectScene *scene, double from_mm, double to_mm, int photons,
                               uint64_t seed, int threads)
{
    assert(photons >= 2 && from_mm >= 0.0 && to_mm >= from_mm);
    assert(scene->stack.count >= 1 && scene->stack.count <= OPTICS_MAX_LAYERS);
    Job job = {.world = direct_world(scene),
               .from_mm = from_mm,
               .to_mm = to_mm,
               .cos_incidence = scene->stack.cos_incidence,
               .seed = seed};
    parallel_for(threads, photons, (photons + BLOCKS - 1) / BLOCKS, run_block, &job);
    Sums all = {0};
    for (int i = 0; i < BLOCKS; i++) {
        all.s += job.block[i].s;
        all.m += job.block[i].m;
        all.ss += job.block[i].ss;
        all.sm += job.block[i].sm;
        all.mm += job.block[i].mm;
    }
    return (DirectContrast){.skin = mean(all.s, all.ss, photons),
                            .marked = mean(all.m, all.mm, photons),
                            .contrast = contrast(&all, photons)};
}

DirectMean direct_reflect(const DirectScene *scene, double from_mm, double to_mm, int photons,
                          uint64_t seed, int threads)
{
    return direct_contrast(scene, from_mm, to_mm, photons, seed, threads).marked;
}
