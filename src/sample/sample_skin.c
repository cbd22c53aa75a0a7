#include "sample/sample_internal.h"

#include "base/parallel.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

/* The picture of the skin, texel by texel: where each texel lies on the bust is drawn first, then
 * its colour follows from its place, and every shaved hair takes its light out as optical depth. */
typedef struct Canvas {
    const Sample *sample;
    int side_px;
    float (*place)[3]; /* [side][side] mm; far away where nothing lies */
    float (*depth)[3]; /* [side][side] optical depth of hair per channel */
    Image image;
} Canvas;

static const float nowhere = 1e6f;

static double smooth(double edge0, double edge1, double x)
{
    double t = fmin(fmax((x - edge0) / (edge1 - edge0), 0.0), 1.0);
    return t * t * (3.0 - 2.0 * t);
}

static double spot(Vec3 p, Vec3 c, Vec3 r)
{
    double q = hypot(hypot((p.x - c.x) / r.x, (p.y - c.y) / r.y), (p.z - c.z) / r.z);
    return 1.0 - smooth(0.6, 1.2, q);
}

/* Puts a triangle's places into the texels it covers; where two lie over each other in the chart
 * the outer one is seen. */
static void draw_triangle(Canvas *canvas, const Mesh *mesh, const int corner[3])
{
    double u[3], v[3];
    for (int k = 0; k < 3; k++) {
        u[k] = (double)mesh->uv[corner[k]][0] * canvas->side_px - 0.5;
        v[k] = (double)mesh->uv[corner[k]][1] * canvas->side_px - 0.5;
    }
    double area = (u[1] - u[0]) * (v[2] - v[0]) - (u[2] - u[0]) * (v[1] - v[0]);
    double low_u = fmin(u[0], fmin(u[1], u[2])), high_u = fmax(u[0], fmax(u[1], u[2]));
    double low_v = fmin(v[0], fmin(v[1], v[2])), high_v = fmax(v[0], fmax(v[1], v[2]));
    if (fabs(area) < 1e-12 || high_u - low_u > canvas->side_px / 8.0 ||
        high_v - low_v > canvas->side_px / 8.0)
        return;
    for (int y = (int)fmax(ceil(low_v - 1.0), 0.0);
         y <= (int)fmin(high_v + 1.0, canvas->side_px - 1.0); y++)
        for (int x = (int)fmax(ceil(low_u - 1.0), 0.0);
             x <= (int)fmin(high_u + 1.0, canvas->side_px - 1.0); x++) {
            double b = ((x - u[0]) * (v[2] - v[0]) - (u[2] - u[0]) * (y - v[0])) / area;
            double c = ((u[1] - u[0]) * (y - v[0]) - (x - u[0]) * (v[1] - v[0])) / area;
            if (b < -0.2 || c < -0.2 || b + c > 1.2)
                continue;
            Vec3 p = vec_add(vec_scale(mesh->position[corner[0]], 1.0 - b - c),
                             vec_add(vec_scale(mesh->position[corner[1]], b),
                                     vec_scale(mesh->position[corner[2]], c)));
            float *texel = canvas->place[(size_t)y * (size_t)canvas->side_px + (size_t)x];
            Vec3 old = vec3((double)texel[0], (double)texel[1], (double)texel[2]);
            if (texel[0] < nowhere &&
                vec_distance(old, HEAD_CENTRE_MM) > vec_distance(p, HEAD_CENTRE_MM))
                continue;
            texel[0] = (float)p.x;
            texel[1] = (float)p.y;
            texel[2] = (float)p.z;
        }
}

/* Adds one hair's look to the texels within reach; the weights are normalised on the texels
 * themselves, so the deposited area is exact for any texel size. */
static void draw_hair(Canvas *canvas, Vec3 hair, const SkinLook *look)
{
    enum { REACH_PX = 12 };
    double uv[2], weight[2 * REACH_PX + 1][2 * REACH_PX + 1], sum = 0.0;
    bust_uv(hair, uv);
    int side = canvas->side_px, x0 = (int)(uv[0] * side), y0 = (int)(uv[1] * side);
    double sigma = hypot((double)look->core_sigma_mm, 0.25 * (double)look->core_mm);
    double texel_mm2 = 0.0;
    if (x0 < REACH_PX + 1 || y0 < REACH_PX + 1 || x0 + REACH_PX + 1 >= side ||
        y0 + REACH_PX + 1 >= side)
        return;
    const float *here = canvas->place[(size_t)y0 * (size_t)side + (size_t)x0];
    const float *right = here + 3, *below = here + 3 * (size_t)side;
    if (here[0] >= nowhere || right[0] >= nowhere || below[0] >= nowhere)
        return;
    Vec3 du = vec3((double)(right[0] - here[0]), (double)(right[1] - here[1]),
                   (double)(right[2] - here[2]));
    Vec3 dv = vec3((double)(below[0] - here[0]), (double)(below[1] - here[1]),
                   (double)(below[2] - here[2]));
    texel_mm2 = vec_length(vec_cross(du, dv));
    sigma = fmax(sigma, 0.45 * sqrt(texel_mm2));
    for (int y = -REACH_PX; y <= REACH_PX; y++)
        for (int x = -REACH_PX; x <= REACH_PX; x++) {
            const float *texel = canvas->place[(size_t)(y0 + y) * (size_t)side + (size_t)(x0 + x)];
            double d2 = texel[0] >= nowhere ? 1e6
                                            : pow((double)texel[0] - hair.x, 2.0) +
                                                  pow((double)texel[1] - hair.y, 2.0) +
                                                  pow((double)texel[2] - hair.z, 2.0);
            double w = d2 > 12.0 * sigma * sigma ? 0.0 : exp(-0.5 * d2 / (sigma * sigma));
            weight[y + REACH_PX][x + REACH_PX] = w;
            sum += w;
        }
    if (sum < 1e-9 || texel_mm2 < 1e-9)
        return;
    for (int y = -REACH_PX; y <= REACH_PX; y++)
        for (int x = -REACH_PX; x <= REACH_PX; x++) {
            double w = weight[y + REACH_PX][x + REACH_PX] / sum / texel_mm2;
            float *depth = canvas->depth[(size_t)(y0 + y) * (size_t)side + (size_t)(x0 + x)];
            for (int k = 0; k < 3 && w > 0.0; k++)
                depth[k] += (float)(w * (double)look->area_mm2[k]);
        }
}

/* Hairs of one unit stand a few tenths of a millimetre apart. */
static void draw_follicles(Canvas *canvas, const SkinTable *table)
{
    const Sample *sample = canvas->sample;
    for (int i = 0; i < sample->follicle_count; i++) {
        const SampleFollicle *follicle = &sample->follicle[i];
        Rng rng = rng_make(sample->params.seed, 0x68000000u + (uint64_t)i);
        SkinLook look = skin_stubble_look(table, sample->tone, follicle->hair_diameter_mm,
                                          sample->hair_darkness);
        for (int k = 0; k < follicle->hairs; k++) {
            Vec3 aside = vec3(rng_normal(&rng), rng_normal(&rng), rng_normal(&rng));
            draw_hair(canvas, vec_madd(follicle->position_mm, 0.15, aside), &look);
        }
    }
}

/* Brows and lash lines: strokes of dark hair, drawn as optical depth. */
static double face_hair(uint64_t seed, Vec3 p)
{
    Vec3 q = vec3(fabs(p.x), p.y, p.z);
    if (p.z < 50.0)
        return 0.0;
    double arch = 29.5 + 4.5 * smooth(10.0, 34.0, q.x) - 6.0 * smooth(38.0, 54.0, q.x);
    double thick = 4.6 - 2.6 * smooth(26.0, 50.0, q.x);
    double brow = smooth(10.0, 15.0, q.x) * (1.0 - smooth(46.0, 54.0, q.x)) *
                  (1.0 - smooth(0.35 * thick, thick, fabs(q.y - arch)));
    Vec3 along = vec3(p.x * 0.35 + (p.x > 0.0 ? -0.25 : 0.25) * p.y, p.y * 1.0, 0.0);
    brow *= 0.55 + 0.75 * fabs(sample_noise(seed + 21, along, 0.9));
    double lash = smooth(19.0, 22.0, q.x) * (1.0 - smooth(43.0, 46.0, q.x));
    double line = 4.9 - 2.3 * (1.0 - pow((q.x - 32.0) / 12.0, 2.0));
    lash *= 1.0 - smooth(0.4, 1.5, fabs(q.y - line));
    return 1.5 * brow + 1.3 * lash;
}

/* Shift of the skin's Lab at a place: blood in nose, cheeks, ears and lips, mottling, freckles. */
static Lab local_lab(const Sample *sample, Vec3 p)
{
    uint64_t seed = sample->params.seed;
    Lab lab = sample->tone.lab;
    Vec3 q = vec3(fabs(p.x), p.y, p.z);
    double blood = 3.5 * spot(q, vec3(0.0, -20.0, 120.0), vec3(16.0, 16.0, 18.0)) +
                   2.2 * spot(q, vec3(48.0, -22.0, 82.0), vec3(26.0, 22.0, 30.0)) +
                   3.0 * smooth(72.0, 80.0, q.x) * (1.0 - smooth(30.0, 45.0, fabs(q.y)));
    double lips = spot(q, vec3(0.0, -52.5, 108.0), vec3(27.0, 9.5, 17.0)) *
                  smooth(-62.5, -58.5, p.y) * (1.0 - smooth(-47.0, -43.5, p.y));
    double mottle = 0.9 * sample_noise(seed + 1, p, 22.0) + 0.6 * sample_noise(seed + 2, p, 7.0) +
                    0.35 * sample_noise(seed + 3, p, 2.2);
    double freckle =
        smooth(0.62, 0.85, sample_noise(seed + 4, p, 2.6) + 0.25 * sample_noise(seed + 5, p, 30.0));
    double under_eye = spot(q, vec3(32.0, -4.0, 90.0), vec3(17.0, 8.0, 25.0));
    double light = lab.L / 65.0;
    lab.L += light * (-0.8 * blood - 9.0 * lips + 1.3 * mottle - 3.0 * freckle - 2.5 * under_eye);
    lab.a += light * (blood + 9.0 * lips - 0.5 * mottle + 0.8 * freckle + 0.8 * under_eye);
    lab.b += light * (0.2 * blood - 1.0 * lips + 0.6 * mottle + 1.6 * freckle - 1.0 * under_eye);
    return lab;
}

static double distance_to_scar(const Sample *sample, Vec3 p)
{
    double best = 1e9;
    for (int i = 0; i + 1 < sample->scar_point_count; i++) {
        Vec3 a = sample->scar_mm[i], along = vec_sub(sample->scar_mm[i + 1], a);
        double t = fmin(fmax(vec_dot(vec_sub(p, a), along) / vec_dot(along, along), 0.0), 1.0);
        best = fmin(best, vec_distance(p, vec_madd(a, t, along)));
    }
    return best;
}

static void paint_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    Canvas *canvas = ctx;
    const Sample *sample = canvas->sample;
    for (int y = begin; y < end; y++)
        for (int x = 0; x < canvas->side_px; x++) {
            size_t i = (size_t)y * (size_t)canvas->side_px + (size_t)x;
            const float *texel = canvas->place[i];
            Vec3 p = vec3((double)texel[0], (double)texel[1], (double)texel[2]);
            Lab lab = sample->tone.lab;
            double dark = 0.0;
            if (texel[0] < nowhere) {
                lab = local_lab(sample, p);
                dark = face_hair(sample->params.seed, p) * sample->hair_darkness;
                if (sample->scar_point_count > 0 && p.z < 20.0) {
                    double d = distance_to_scar(sample, p),
                           scar = 1.0 - smooth(0.3 * sample->scar_width_mm,
                                               0.5 * sample->scar_width_mm + 0.5, d);
                    lab.L += 4.0 * scar; /* pale, bloodless tissue */
                    lab.a -= 1.5 * scar;
                }
            }
            Rgb color = color_from_lab(lab);
            float *c[3] = {&color.r, &color.g, &color.b};
            for (int k = 0; k < 3; k++)
                *c[k] = fmaxf(*c[k], 0.0f) * expf(-canvas->depth[i][k] - (float)dark);
            color_to_srgb8(color, canvas->image.rgb + 3 * i);
        }
}

bool sample_paint(Arena *arena, Arena *scratch, Sample *sample, Err *err)
{
    size_t mark = arena_mark(scratch);
    int side = sample->params.texture_px;
    size_t texels = (size_t)side * (size_t)side;
    Canvas canvas = {.sample = sample,
                     .side_px = side,
                     .place = arena_alloc(scratch, texels, sizeof *canvas.place),
                     .depth = arena_alloc(scratch, texels, sizeof *canvas.depth)};
    SkinTable table;
    if (canvas.place == NULL || canvas.depth == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for a texture of %d x %d pixels within the memory limit", side,
                       side);
    if (!skin_table_load(scratch, &table, err) || !image_new(arena, side, side, &canvas.image, err))
        return false;
    for (size_t i = 0; i < texels; i++)
        canvas.place[i][0] = canvas.place[i][1] = canvas.place[i][2] = nowhere;
    for (int i = 0; i < sample->bust.triangle_count; i++)
        draw_triangle(&canvas, &sample->bust, sample->bust.triangle[i]);
    draw_follicles(&canvas, &table);
    parallel_for(sample->params.threads, side, 16, paint_rows, &canvas);
    sample->bust.image[0] = canvas.image;
    sample->bust.image_count = 1;
    arena_rewind(scratch, mark);
    return true;
}
