#include "sample/sample_internal.h"

#include "base/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

enum { TAPE_POINTS = 720 };
static const double far_mm = 400.0;

SampleParams sample_default(void)
{
    return (SampleParams){.seed = 1,
                          .tone = SAMPLE_LIGHT,
                          .norwood = 6,
                          .texture_px = 2048,
                          .cell_mm = 2.4,
                          .stubble_mm = 0.15,
                          .threads = 2};
}

/* Lab of bald scalp, one for each class of the individual typology angle (field/optics 5.1). */
static Lab tone_lab(SampleTone tone)
{
    switch (tone) {
    case SAMPLE_VERY_LIGHT:
        return (Lab){70.5, 9.0, 13.0};
    case SAMPLE_LIGHT:
        return (Lab){65.0, 11.0, 15.0};
    case SAMPLE_INTERMEDIATE:
        return (Lab){61.0, 12.0, 16.5};
    case SAMPLE_TAN:
        return (Lab){55.5, 13.0, 18.0};
    case SAMPLE_BROWN:
        return (Lab){46.0, 13.0, 17.0};
    case SAMPLE_DARK:
    case SAMPLE_TONES:
        return (Lab){35.0, 11.0, 12.5};
    }
    return (Lab){65.0, 11.0, 15.0};
}

static Vec3 surface(const Bust *bust, Vec3 from, Vec3 toward, bool ears)
{
    Vec3 hit = toward;
    (void)bust_hit(bust, from, toward, ears, &hit);
    return hit;
}

static void find_landmarks(const Bust *bust, Sample *sample)
{
    Vec3 *mark = sample->landmark_mm;
    vault_landmarks_mm(&bust->shape, mark); /* the inion's height; the others are found below */
    mark[HEAD_INION] = surface(bust, vec3(0.0, mark[HEAD_INION].y, -far_mm),
                               vec3(0.0, mark[HEAD_INION].y, 0.0), false);
    mark[HEAD_GLABELLA] = vec3(0.0, 0.0, -far_mm);
    for (double y = 20.0; y <= 48.0; y += 0.5) {
        Vec3 p = surface(bust, vec3(0.0, y, far_mm), vec3(0.0, y, 0.0), false);
        if (p.z > mark[HEAD_GLABELLA].z)
            mark[HEAD_GLABELLA] = p;
    }
    mark[HEAD_VERTEX] = vec3(0.0, -far_mm, 0.0);
    for (double z = -60.0; z <= 60.0; z += 1.0) {
        Vec3 p = surface(bust, vec3(0.0, far_mm, z), vec3(0.0, 0.0, z), false);
        if (p.y > mark[HEAD_VERTEX].y)
            mark[HEAD_VERTEX] = p;
    }
    for (int side = -1; side <= 1; side += 2)
        mark[side > 0 ? HEAD_TRAGION_LEFT : HEAD_TRAGION_RIGHT] =
            surface(bust, vec3(side * far_mm, 0.0, 0.0), vec3(0.0, 0.0, 0.0), true);
}

static int by_x_then_y(const void *first, const void *second)
{
    const double *a = first, *b = second;
    if (a[0] != b[0])
        return a[0] < b[0] ? -1 : 1;
    return a[1] < b[1] ? -1 : a[1] > b[1];
}

static double turn(const double a[2], const double b[2], const double c[2])
{
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/* Length of the convex hull of points in a plane (monotone chain): a tape bridges hollows. */
static double hull_length(int count, double (*point)[2])
{
    static const int sides = 2;
    double length = 0.0;
    qsort(point, (size_t)count, sizeof *point, by_x_then_y);
    for (int side = 0; side < sides; side++) {
        double chain[TAPE_POINTS][2];
        int used = 0;
        for (int i = 0; i < count; i++) {
            const double *p = point[side == 0 ? i : count - 1 - i];
            while (used >= 2 && turn(chain[used - 2], chain[used - 1], p) <= 0.0)
                used--;
            memcpy(chain[used++], p, sizeof chain[0]);
        }
        for (int i = 1; i < used; i++)
            length += hypot(chain[i][0] - chain[i - 1][0], chain[i][1] - chain[i - 1][1]);
    }
    return length;
}

static double breadth_at(const Bust *bust, double y, double z)
{
    Vec3 middle = vec3(0.0, y, z);
    return surface(bust, vec3(far_mm, y, z), middle, false).x -
           surface(bust, vec3(-far_mm, y, z), middle, false).x;
}

/* Greatest, more than 35 mm above the tragions: a coarse search, then finer about the best. */
static double breadth(const Bust *bust)
{
    double y0 = 60.0, z0 = -10.0, best = 0.0;
    for (double step = 8.0; step >= 0.5; step /= 4.0) {
        double y_middle = y0, z_middle = z0, reach = step > 4.0 ? 6.0 : 5.0;
        for (double i = -reach; i <= reach; i += 1.0)
            for (double k = -reach; k <= reach; k += 1.0) {
                double y = fmin(fmax(y_middle + i * step, 35.0), 90.0), z = z_middle + k * step;
                double wide = breadth_at(bust, y, z);
                if (wide <= best)
                    continue;
                best = wide;
                y0 = y;
                z0 = z;
            }
    }
    return best;
}

/* What a tape and a caliper read, on the head without ears: the tape passes above them. */
static void measure(const Bust *bust, Sample *sample)
{
    Vec3 glabella = sample->landmark_mm[HEAD_GLABELLA], back = glabella;
    for (double y = -20.0; y <= 80.0; y += 0.25) {
        Vec3 p = surface(bust, vec3(0.0, y, -far_mm), vec3(0.0, y, 0.0), false);
        if (vec_distance(p, glabella) > vec_distance(back, glabella))
            back = p;
    }
    sample->length_mm = vec_distance(back, glabella);
    sample->breadth_mm = breadth(bust);
    Vec3 forward = vec_normalize(vec_sub(glabella, back)), side = {1.0, 0.0, 0.0};
    Vec3 middle = vec_lerp(glabella, back, 0.5);
    double point[TAPE_POINTS][2];
    for (int i = 0; i < TAPE_POINTS; i++) {
        double angle = 2.0 * PI * i / TAPE_POINTS;
        Vec3 out = vec_madd(vec_scale(forward, cos(angle)), sin(angle), side);
        Vec3 p = vec_sub(surface(bust, vec_madd(middle, far_mm, out), middle, false), middle);
        point[i][0] = vec_dot(p, forward);
        point[i][1] = vec_dot(p, side);
    }
    sample->circumference_mm = hull_length(TAPE_POINTS, point);
}

typedef struct Radii {
    const Bust *bust;
    const HeadTopology *topology;
    double *radius_mm;
} Radii;

static void find_radii(void *ctx, int block, int begin, int end)
{
    (void)block;
    Radii *radii = ctx;
    for (int i = begin; i < end; i++) {
        Vec3 from = vec_madd(HEAD_CENTRE_MM, 170.0, radii->topology->direction[i]);
        radii->radius_mm[i] =
            vec_distance(surface(radii->bust, from, HEAD_CENTRE_MM, false), HEAD_CENTRE_MM);
    }
}

static bool make_canvas(Arena *arena, const Bust *bust, const Sample *sample,
                        HeadTopology *topology, Head *head, Err *err)
{
    if (!head_topology_new(arena, HEAD_LEVEL, topology, err))
        return false;
    Radii radii = {bust, topology, ARENA_NEW(arena, double, (size_t)topology->vertex_count)};
    if (radii.radius_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for the canvas within the memory limit");
    parallel_for(sample->params.threads, topology->vertex_count, 512, find_radii, &radii);
    if (!head_new(arena, topology, radii.radius_mm, head, err))
        return false;
    memcpy(head->landmark_mm, sample->landmark_mm, sizeof head->landmark_mm);
    return true;
}

static bool check_params(const SampleParams *params, Err *err)
{
    if (params->tone < 0 || params->tone >= SAMPLE_TONES)
        return err_set(err, ERR_INPUT, "skin tone %d is not within 0..%d", (int)params->tone,
                       SAMPLE_TONES - 1);
    if (params->norwood < 1 || params->norwood > 7)
        return err_set(err, ERR_INPUT, "stage %d is not within 1..7", params->norwood);
    if (params->texture_px < 256 || params->texture_px > 4096)
        return err_set(err, ERR_INPUT, "a texture of %d pixels is not within 256..4096",
                       params->texture_px);
    if (!(params->cell_mm >= 1.5 && params->cell_mm <= 8.0))
        return err_set(err, ERR_INPUT, "mesh cells of %g mm are not within 1.5..8 mm",
                       params->cell_mm);
    if (!(params->stubble_mm >= 0.0 && params->stubble_mm <= 3.0))
        return err_set(err, ERR_INPUT, "stubble of %g mm is not within 0..3 mm",
                       params->stubble_mm);
    if (params->threads < 1)
        return err_set(err, ERR_INPUT, "%d threads: at least one is needed", params->threads);
    return true;
}

bool sample_make(Arena *arena, Arena *scratch, const SampleParams *params, Sample *sample, Err *err)
{
    *sample = (Sample){.params = *params};
    HeadTopology topology;
    Head head;
    if (!check_params(params, err))
        return false;
    Bust *bust = ARENA_NEW(scratch, Bust, 1);
    if (bust == NULL)
        return err_set(err, ERR_LIMIT, "no room for the bust within the memory limit");
    sample->tone = skin_tone(color_from_lab(tone_lab(params->tone)));
    sample->hair_darkness = 0.8;
    bust_make(params->seed, bust);
    find_landmarks(bust, sample);
    measure(bust, sample);
    return bust_mesh(arena, scratch, bust, params->cell_mm, params->threads, &sample->bust,
                     &sample->normal, err) &&
           make_canvas(arena, bust, sample, &topology, &head, err) &&
           sample_grow(arena, scratch, bust, &head, sample, err) &&
           sample_paint(arena, scratch, bust, sample, err);
}
