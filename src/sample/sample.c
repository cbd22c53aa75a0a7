#include "sample/sample_internal.h"

#include "base/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

enum { TAPE_POINTS = 720 };
static const double cell_mm = 2.0, far_mm = 400.0;

SampleParams sample_default(void)
{
    return (SampleParams){
        .seed = 1, .tone = SAMPLE_LIGHT, .norwood = 6, .texture_px = 2048, .threads = 2};
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
    for (double y = 35.0; y <= 90.0; y += 1.0)
        for (double z = -60.0; z <= 40.0; z += 1.0) {
            Vec3 p = surface(bust, vec3(far_mm, y, z), vec3(0.0, y, z), false);
            Vec3 q = surface(bust, vec3(-far_mm, y, z), vec3(0.0, y, z), false);
            sample->breadth_mm = fmax(sample->breadth_mm, p.x - q.x);
        }
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

bool sample_make(Arena *arena, Arena *scratch, const SampleParams *params, Sample *sample, Err *err)
{
    *sample = (Sample){.params = *params};
    HeadTopology topology;
    Head head;
    Bust *bust = ARENA_NEW(scratch, Bust, 1);
    if (bust == NULL)
        return err_set(err, ERR_LIMIT, "no room for the bust within the memory limit");
    sample->tone = skin_tone(color_from_lab(tone_lab(params->tone)));
    sample->hair_darkness = 0.9;
    bust_make(params->seed, bust);
    find_landmarks(bust, sample);
    measure(bust, sample);
    return bust_mesh(arena, scratch, bust, cell_mm, params->threads, &sample->bust, &sample->normal,
                     err) &&
           make_canvas(arena, bust, sample, &topology, &head, err) &&
           sample_grow(arena, scratch, bust, &head, sample, err) &&
           sample_paint(arena, scratch, sample, err);
}
