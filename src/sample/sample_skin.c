#include "sample/sample_internal.h"

#include "base/parallel.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

/* The picture of the skin, texel by texel: where each texel lies on the bust is drawn first, then
 * its colour follows from its place, and every shaved hair takes its light out as optical depth. */
typedef struct Canvas {
    const Sample *sample;
    const Bust *bust;
    int side_px;
    float (*place)[3]; /* [side][side] mm; far away where nothing lies */
    float (*depth)[3]; /* [side][side] optical depth of hair per channel */
    Image image;
} Canvas;

static const float nowhere = 1e6f;
/* Shafts of the sample, from wholly thinned to thick. */
static const double thinnest_mm = 0.01, thickest_mm = 0.12;

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

/* Area of skin under a texel; 0 where nothing lies. */
static double texel_area_mm2(const Canvas *canvas, int x, int y)
{
    const float *here = canvas->place[(size_t)y * (size_t)canvas->side_px + (size_t)x];
    const float *right = here + 3, *below = here + 3 * (size_t)canvas->side_px;
    if (here[0] >= nowhere || right[0] >= nowhere || below[0] >= nowhere)
        return 0.0;
    Vec3 du = vec3((double)(right[0] - here[0]), (double)(right[1] - here[1]),
                   (double)(right[2] - here[2]));
    Vec3 dv = vec3((double)(below[0] - here[0]), (double)(below[1] - here[1]),
                   (double)(below[2] - here[2]));
    return vec_length(vec_cross(du, dv));
}

/* Takes an equivalent black area out of the texels around a place. The weights are normalised on
 * the texels themselves and depth is -ln(1 - contrast), so one mark alone takes its area exactly,
 * for any texel size. */
static void deposit(Canvas *canvas, Vec3 middle, double sigma, const double area_mm2[3])
{
    enum { REACH_PX = 12 };
    const double cut = 3.2, most = 0.95; /* reach in sigmas; of the light of a texel */
    const double stretch = 1.45;         /* of the chart, down to the ears */
    double uv[2], weight[2 * REACH_PX + 1][2 * REACH_PX + 1], sum = 0.0;
    bust_uv(middle, uv);
    int side = canvas->side_px, x0 = (int)(uv[0] * side), y0 = (int)(uv[1] * side);
    if (x0 < REACH_PX + 1 || y0 < REACH_PX + 1 || x0 + REACH_PX + 1 >= side ||
        y0 + REACH_PX + 1 >= side)
        return;
    double texel_mm2 = texel_area_mm2(canvas, x0, y0);
    if (texel_mm2 < 1e-9)
        return;
    sigma = fmax(sigma, 0.45 * sqrt(texel_mm2));
    int reach = (int)fmin(1.5 + stretch * cut * sigma / sqrt(texel_mm2), REACH_PX);
    for (int y = -reach; y <= reach; y++)
        for (int x = -reach; x <= reach; x++) {
            const float *texel = canvas->place[(size_t)(y0 + y) * (size_t)side + (size_t)(x0 + x)];
            double dx = (double)texel[0] - middle.x, dy = (double)texel[1] - middle.y,
                   dz = (double)texel[2] - middle.z, d2 = dx * dx + dy * dy + dz * dz;
            double w = d2 > cut * cut * sigma * sigma ? 0.0 : exp(-0.5 * d2 / (sigma * sigma));
            weight[y + reach][x + reach] = w;
            sum += w;
        }
    if (sum < 1e-9)
        return; /* something else, an ear, lies over it in the chart */
    for (int y = -reach; y <= reach; y++)
        for (int x = -reach; x <= reach; x++) {
            double w = weight[y + reach][x + reach] / sum / texel_mm2;
            float *depth = canvas->depth[(size_t)(y0 + y) * (size_t)side + (size_t)(x0 + x)];
            for (int k = 0; k < 3 && w > 0.0; k++)
                depth[k] -= (float)log(1.0 - fmin(w * area_mm2[k], most));
        }
}

/* Optically every shaft leans as the model of the skin takes it (SKIN_HAIR_TILT_RAD): that is what
 * a survey explains a contrast with. Which way it lies, and how far along the skin, is the
 * growth's. */
Stubble stubble_looks(const Sample *sample, const SkinMarks *marks)
{
    Stubble stubble = {.root = {.from_mm = thinnest_mm, .to_mm = thickest_mm},
                       .whole = {.from_mm = thinnest_mm, .to_mm = thickest_mm}};
    for (int i = 0; i < SKIN_RAMP; i++) {
        SkinHair hair =
            skin_hair_of_darkness(sample->hair_darkness, skin_ramp_mm(&stubble.root, i));
        stubble.root.look[i] = skin_hair_look(marks, hair);
        hair.stub_mm = sample->params.stubble_mm;
        stubble.whole.look[i] = skin_hair_look(marks, hair);
    }
    return stubble;
}

/* A hair: its root in the skin, and from there the stubble as it is seen from above the skin. */
static void draw_hair(Canvas *canvas, Vec3 root, const SampleFollicle *follicle,
                      const Stubble *stubble)
{
    SkinLook look = skin_ramp_at(&stubble->root, follicle->hair_diameter_mm);
    SkinLook whole = skin_ramp_at(&stubble->whole, follicle->hair_diameter_mm);
    double core_mm2[3], halo_mm2[3], half_mm2[3];
    double sigma = hypot((double)look.core_sigma_mm, 0.25 * (double)look.core_mm);
    double length = canvas->sample->params.stubble_mm * cos(follicle->lift_rad);
    for (int k = 0; k < 3; k++) {
        core_mm2[k] = (double)look.area_mm2[k] * (double)look.core_share[k];
        halo_mm2[k] = (double)look.area_mm2[k] - core_mm2[k];
        half_mm2[k] = 0.5 * fmax((double)(whole.area_mm2[k] - look.area_mm2[k]), 0.0);
    }
    deposit(canvas, root, sigma, core_mm2);
    deposit(canvas, root, (double)look.halo_sigma_mm, halo_mm2);
    for (int half = 0; half < 2 && length > 0.0; half++)
        deposit(canvas, vec_madd(root, (0.25 + 0.5 * half) * length, follicle->along), 0.2 * length,
                half_mm2);
}

/* Three normal deviates in a fixed order: that of arguments in a call is the compiler's. */
static Vec3 shift(Rng *rng)
{
    double x = rng_normal(rng), y = rng_normal(rng), z = rng_normal(rng);
    return vec3(x, y, z);
}

/* Hairs of one unit stand a few tenths of a millimetre apart. */
void sample_hair_roots(const Sample *sample, int follicle, Vec3 root[SAMPLE_MAX_HAIRS])
{
    const double apart_mm = 0.22;
    Rng rng = rng_make(sample->params.seed, 0x68000000u + (uint64_t)follicle);
    for (int k = 0; k < sample->follicle[follicle].hairs; k++) {
        Vec3 aside = shift(&rng);
        root[k] = vec_madd(sample->follicle[follicle].position_mm, apart_mm, aside);
    }
}

static void draw_follicles(Canvas *canvas, const SkinMarks *marks)
{
    Vec3 root[SAMPLE_MAX_HAIRS];
    Stubble stubble = stubble_looks(canvas->sample, marks);
    for (int i = 0; i < canvas->sample->follicle_count; i++) {
        const SampleFollicle *follicle = &canvas->sample->follicle[i];
        sample_hair_roots(canvas->sample, i, root);
        for (int k = 0; k < follicle->hairs; k++)
            draw_hair(canvas, root[k], follicle, &stubble);
    }
}

/* Brows and lash lines: strokes of dark hair, drawn as optical depth. p in the frame in which the
 * face was laid out. */
static double face_hair(uint64_t seed, Vec3 p)
{
    double x = fabs(p.x);
    if (p.z < 60.0 || p.y > 42.0 || p.y < -2.0 || x > 56.0)
        return 0.0;
    double arch = 26.5 + 4.5 * smooth(10.0, 36.0, x) - 6.0 * smooth(40.0, 56.0, x);
    double thick = 4.8 - 2.8 * smooth(26.0, 52.0, x);
    double brow = smooth(10.0, 17.0, x) * (1.0 - smooth(46.0, 55.0, x)) *
                  (1.0 - smooth(0.2 * thick, thick, fabs(p.y - arch)));
    if (brow > 0.0) {
        Vec3 along = vec3(0.35 * p.x + (p.x > 0.0 ? -0.25 : 0.25) * p.y, p.y, 0.0);
        brow *= 0.45 + 0.8 * fabs(sample_noise(seed + 21, along, 0.9));
    }
    double lash = smooth(19.0, 24.0, x) * (1.0 - smooth(42.0, 46.5, x));
    double t = (x - 32.0) / 13.0, line = 1.5 + 3.0 * t * t;
    lash *= 1.0 - smooth(0.2, 1.4, fabs(p.y - line));
    return 1.4 * brow + 1.1 * lash;
}

/* Red of the lips, between the bow above and the full curve below. */
static double lips_at(Vec3 p)
{
    double x = fabs(p.x);
    if (p.z < 80.0 || p.y > -38.0 || p.y < -66.0 || x > 26.0)
        return 0.0;
    double t = x / 25.5, high = -41.2 - 0.9 * exp(-x * x / 5.0) - 9.5 * pow(t, 1.7);
    double low = -62.5 + 11.5 * t * t;
    return smooth(low - 0.8, low + 1.6, p.y) * (1.0 - smooth(high - 1.6, high + 0.8, p.y));
}

/* Round brown spots, at most one in each cell of the grid, more of them where the sun comes. */
static double freckle_at(uint64_t seed, Vec3 p)
{
    const double cell_mm = 5.0, chance = 0.10;
    double f[3] = {p.x / cell_mm, p.y / cell_mm, p.z / cell_mm}, d2 = 0.0;
    uint64_t h = seed * 0x9E3779B97F4A7C15u;
    for (int k = 0; k < 3; k++) {
        double whole = floor(f[k]);
        f[k] -= whole;
        h = (h ^ (uint64_t)(int64_t)whole) * 0xBF58476D1CE4E5B9u;
        h ^= h >> 29;
    }
    h *= 0x94D049BB133111EBu;
    h ^= h >> 32;
    if ((double)(h & 0xFFFF) > chance * 65536.0)
        return 0.0;
    double radius = 0.06 + 0.20 * pow((double)(h >> 16 & 0xFF) / 255.0, 3.0);
    for (int k = 0; k < 3; k++) {
        double middle = 0.3 + 0.4 * (double)(h >> (24 + 8 * k) & 0xFF) / 255.0;
        d2 += (f[k] - middle) * (f[k] - middle);
    }
    double strength = 0.3 + 0.7 * (double)(h >> 56 & 0xFF) / 255.0;
    return strength * (1.0 - smooth(0.4 * radius, radius, sqrt(d2)));
}

/* Shift of the skin's Lab at a place: blood in nose, cheeks, ears and lips, mottling, freckles.
 * By eye; its mean over the scalp is zero. */
static Lab local_lab(const Sample *sample, Vec3 world, Vec3 p)
{
    uint64_t seed = sample->params.seed;
    Lab lab = sample->tone.lab;
    Vec3 q = vec3(fabs(p.x), p.y, p.z);
    double blood = 0.0, lips = 0.0, under_eye = 0.0, ears = 0.0;
    if (p.z > 40.0 && p.y < 40.0) {
        blood = 3.0 * spot(q, vec3(0.0, -18.0, 118.0), vec3(18.0, 17.0, 22.0)) +
                2.4 * spot(q, vec3(44.0, -20.0, 78.0), vec3(28.0, 24.0, 34.0));
        lips = lips_at(p);
        under_eye = spot(q, vec3(31.0, -5.0, 88.0), vec3(18.0, 8.0, 25.0));
    }
    if (fabs(p.y) < 40.0 && q.x > 68.0)
        ears = 3.0 * smooth(72.0, 80.0, q.x) * (1.0 - smooth(26.0, 38.0, fabs(p.y)));
    blood += ears;
    double mottle = 0.9 * sample_noise(seed + 1, world, 22.0) +
                    0.6 * sample_noise(seed + 2, world, 7.0) +
                    0.35 * sample_noise(seed + 3, world, 2.2);
    double freckle = freckle_at(seed + 4, world);
    double light = lab.L / 65.0;
    lab.L += light * (-0.8 * blood - 7.0 * lips + 1.3 * mottle - 4.0 * freckle - 1.6 * under_eye);
    lab.a += light * (blood + 6.5 * lips - 0.5 * mottle + 1.2 * freckle + 0.8 * under_eye);
    lab.b += light * (0.2 * blood - 1.0 * lips + 0.6 * mottle + 2.2 * freckle - 1.0 * under_eye);
    return lab;
}

double sample_scar_distance_mm(const Sample *sample, Vec3 p)
{
    const Vec3 *scar = sample->scar_mm;
    double best = 1e9, near = sample->scar_width_mm;
    for (int i = 0; i + 1 < sample->scar_point_count; i++) {
        double low = fmin(scar[i].x, scar[i + 1].x), high = fmax(scar[i].x, scar[i + 1].x);
        if (p.x < low - near || p.x > high + near || fabs(p.y - scar[i].y) > 8.0 * near)
            continue;
        Vec3 along = vec_sub(scar[i + 1], scar[i]);
        double t = vec_dot(vec_sub(p, scar[i]), along) / vec_dot(along, along);
        best = fmin(best, vec_distance(p, vec_madd(scar[i], fmin(fmax(t, 0.0), 1.0), along)));
    }
    return best;
}

Rgb sample_skin_color(const Sample *sample, const Bust *bust, Vec3 p, double *face_hair_depth)
{
    Vec3 laid_out = bust_to_face(bust, p);
    Lab lab = local_lab(sample, p, laid_out);
    if (sample->scar_point_count > 0 && p.z < 20.0) {
        double d = sample_scar_distance_mm(sample, p),
               scar =
                   1.0 - smooth(0.3 * sample->scar_width_mm, 0.5 * sample->scar_width_mm + 0.5, d);
        lab.L += 3.0 * scar; /* pale, bloodless tissue; by eye */
        lab.a -= 1.5 * scar;
    }
    *face_hair_depth = face_hair(sample->params.seed, laid_out) * sample->hair_darkness;
    Rgb color = color_from_lab(lab);
    return (Rgb){fmaxf(color.r, 0.0f), fmaxf(color.g, 0.0f), fmaxf(color.b, 0.0f)};
}

static Rgb color_at(const Canvas *canvas, Vec3 p, const float depth[3])
{
    double dark;
    Rgb color = sample_skin_color(canvas->sample, canvas->bust, p, &dark);
    return (Rgb){color.r * expf(-depth[0] - (float)dark), color.g * expf(-depth[1] - (float)dark),
                 color.b * expf(-depth[2] - (float)dark)};
}

static void paint_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    Canvas *canvas = ctx;
    size_t first = (size_t)begin * (size_t)canvas->side_px,
           last = (size_t)end * (size_t)canvas->side_px;
    uint8_t plain[3];
    color_to_srgb8(canvas->sample->tone.reflectance, plain);
    for (size_t i = first; i < last; i++) {
        const float *texel = canvas->place[i];
        uint8_t *out = canvas->image.rgb + 3 * i;
        if (texel[0] >= nowhere)
            memcpy(out, plain, sizeof plain);
        else
            color_to_srgb8(color_at(canvas,
                                    vec3((double)texel[0], (double)texel[1], (double)texel[2]),
                                    canvas->depth[i]),
                           out);
    }
}

bool sample_paint(Arena *arena, Arena *scratch, const Bust *bust, Sample *sample, Err *err)
{
    size_t mark = arena_mark(scratch);
    int side = sample->params.texture_px;
    size_t texels = (size_t)side * (size_t)side;
    Canvas canvas = {.sample = sample,
                     .bust = bust,
                     .side_px = side,
                     .place = arena_alloc(scratch, texels, sizeof *canvas.place),
                     .depth = arena_alloc(scratch, texels, sizeof *canvas.depth)};
    SkinTable table;
    SkinMarks *marks;
    if (canvas.place == NULL || canvas.depth == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for a texture of %d x %d pixels within the memory limit", side,
                       side);
    if (!skin_table_load(&table, err) ||
        !skin_marks_new(scratch, &table, &sample->tone, &marks, err) ||
        !image_new(arena, side, side, &canvas.image, err))
        return false;
    for (size_t i = 0; i < texels; i++)
        canvas.place[i][0] = canvas.place[i][1] = canvas.place[i][2] = nowhere;
    for (int i = 0; i < sample->bust.triangle_count; i++)
        draw_triangle(&canvas, &sample->bust, sample->bust.triangle[i]);
    draw_follicles(&canvas, marks);
    parallel_for(sample->params.threads, side, 16, paint_rows, &canvas);
    sample->bust.image[0] = canvas.image;
    sample->bust.image_count = 1;
    arena_rewind(scratch, mark);
    return true;
}
