#include "look_internal.h"

#include "base/parallel.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

/* Light that stands still while the viewer walks round the head: a bright room and three large
 * soft boxes. A scan's colours already hold some light, hence little contrast between the boxes.
 * strength: light on a white surface that faces the lobe; 1 is a well exposed white. */
typedef struct Lobe {
    double towards[3]; /* unit */
    float strength;
    float rgb[3]; /* a slightly warm key, a slightly cool room: mean 1 */
} Lobe;

static const Lobe lobe[LIGHT_LOBES] = {
    {{0.00, 1.00, 0.00}, 0.52F, {0.985F, 1.0F, 1.025F}}, /* the room: brightest above */
    {{-0.501406, 0.621743, 0.601687},
     0.50F,
     {1.02F, 1.0F, 0.965F}},                                     /* key, onlooker's upper left */
    {{0.620963, 0.350544, 0.701088}, 0.13F, {1.0F, 1.0F, 1.0F}}, /* fill, onlooker's right */
    {{0.298911, 0.617749, -0.727350},
     0.40F,
     {0.99F, 1.0F, 1.015F}}, /* from behind, for the crown */
};
static const double FLOOR_SHARE = 0.42; /* what comes up from below, relative to the sky */

/* Soft boxes light past the terminator, and skin carries light there: the more the redder.
 * Chosen by eye between plaster (0) and wax (0.6). */
static const float wrap[3] = {0.42F, 0.30F, 0.26F};
static const float softness[3] = {0.85F, 0.45F, 0.30F}; /* share of the averaged normal */

enum { LIGHT_RAYS = 64, BAKE_BLOCK = 256, MAX_SMOOTHING = 24 };
static const double CELL_MM = 5, SOFT_MM = 3, REACH_MM = 300, LIFT_MM = 0.3;
static const double PI = 3.14159265358979323846;

/* ---- places: vertices at the same point are one ------------------------------------------------
 */

typedef struct Places {
    int count;
    int *of_vertex; /* [vertex_count] */
    int *vertex;    /* [count] the first vertex there */
    Vec3 *normal;   /* [count] unit, outwards */
    double edge_mm; /* mean */
} Places;

static uint64_t mix(uint64_t h)
{
    h = (h ^ (h >> 31)) * 0x9E3779B97F4A7C15U;
    h = (h ^ (h >> 29)) * 0xBF58476D1CE4E5B9U;
    return h ^ (h >> 32);
}

static uint64_t hash3(const int64_t key[3], uint64_t more)
{
    return mix(mix(mix(mix(more + 1) + (uint64_t)key[0]) + (uint64_t)key[1]) + (uint64_t)key[2]);
}

typedef struct Key { /* a grid cell and a facing */
    int64_t cell[3];
    int facing;
} Key;

static Key key_at(Vec3 p, double side_mm, int facing)
{
    return (Key){{(int64_t)floor(p.x / side_mm), (int64_t)floor(p.y / side_mm),
                  (int64_t)floor(p.z / side_mm)},
                 facing};
}

static bool key_equal(const Key *a, const Key *b)
{
    return a->cell[0] == b->cell[0] && a->cell[1] == b->cell[1] && a->cell[2] == b->cell[2] &&
           a->facing == b->facing;
}

/* Numbers equal keys alike, in the order of first use: group[i] for key[i]; returns the number of
 * groups. table: [size] of -1, size a power of two above 2 count; first: [count]. */
static int group_keys(int count, const Key key[], int size, int table[], int group[], int first[])
{
    int groups = 0;
    for (int i = 0; i < count; i++) {
        size_t slot = hash3(key[i].cell, (uint64_t)key[i].facing) & (size_t)(size - 1);
        while (table[slot] >= 0 && !key_equal(&key[first[table[slot]]], &key[i]))
            slot = (slot + 1) & (size_t)(size - 1);
        if (table[slot] < 0) {
            first[groups] = i;
            table[slot] = groups++;
        }
        group[i] = table[slot];
    }
    return groups;
}

static bool group_places(Arena *scratch, int count, const Key key[], int *group, int *first,
                         int *groups, Err *err)
{
    int size = 16;
    while (size < 2 * count)
        size *= 2;
    size_t mark = arena_mark(scratch);
    int *table = ARENA_NEW(scratch, int, (size_t)size);
    if (table == NULL)
        return err_set(err, ERR_LIMIT, "no room to light %d places", count);
    memset(table, -1, (size_t)size * sizeof *table);
    *groups = group_keys(count, key, size, table, group, first);
    arena_rewind(scratch, mark);
    return true;
}

static Vec3 centre_of(const Mesh *scan)
{
    Vec3 sum = {0};
    for (int i = 0; i < scan->vertex_count; i++)
        sum = vec_add(sum, scan->position[i]);
    return vec_scale(sum, 1.0 / scan->vertex_count);
}

/* Area-weighted normals; turned over as a whole when the mesh is inside out. */
static void find_normals(const Mesh *scan, Places *places)
{
    Vec3 centre = centre_of(scan);
    double outwards = 0, length_sum = 0;
    for (int t = 0; t < scan->triangle_count; t++) {
        const int *corner = scan->triangle[t];
        Vec3 a = scan->position[corner[0]];
        Vec3 ab = vec_sub(scan->position[corner[1]], a), ac = vec_sub(scan->position[corner[2]], a);
        Vec3 area = vec_cross(ab, ac);
        outwards += vec_dot(area, vec_sub(a, centre));
        length_sum += vec_length(ab);
        for (int k = 0; k < 3; k++) {
            Vec3 *normal = &places->normal[places->of_vertex[corner[k]]];
            *normal = vec_add(*normal, area);
        }
    }
    double sign = outwards < 0 ? -1 : 1;
    for (int i = 0; i < places->count; i++)
        places->normal[i] = vec_scale(vec_normalize(places->normal[i]), sign);
    places->edge_mm = length_sum / scan->triangle_count;
}

static bool find_places(Arena *scratch, const Mesh *scan, Places *places, Err *err)
{
    size_t count = (size_t)scan->vertex_count;
    places->of_vertex = ARENA_NEW(scratch, int, count);
    places->vertex = ARENA_NEW(scratch, int, count);
    places->normal = ARENA_NEW(scratch, Vec3, count);
    size_t mark = arena_mark(scratch);
    Key *key = ARENA_NEW(scratch, Key, count);
    if (key == NULL || places->normal == NULL)
        return err_set(err, ERR_LIMIT, "no room to light %d vertices", scan->vertex_count);
    for (int i = 0; i < scan->vertex_count; i++)
        key[i] = key_at(scan->position[i], 1e-4, 0); /* 0.1 um: the same point written twice */
    if (!group_places(scratch, scan->vertex_count, key, places->of_vertex, places->vertex,
                      &places->count, err))
        return false;
    arena_rewind(scratch, mark);
    find_normals(scan, places);
    return true;
}

/* ---- what reaches a place -----------------------------------------------------------------------
 */

static Vec3 lobe_towards(int l)
{
    return vec3(lobe[l].towards[0], lobe[l].towards[1], lobe[l].towards[2]);
}

static double lobe_gain(int l, Vec3 direction)
{
    if (l == 0)
        return FLOOR_SHARE + (1 - FLOOR_SHARE) * 0.5 * (1 + direction.y);
    double c = fmax(0, vec_dot(direction, lobe_towards(l)));
    return c * c * c * c * c *
           c; /* half strength 27 degrees off: a box of about a metre at 1.5 m */
}

/* A unit tangent frame around n; Duff et al., J. Comput. Graph. Tech. 6(1) (2017) 1. */
static void frame_around(Vec3 n, Vec3 *s, Vec3 *t)
{
    double sign = copysign(1.0, n.z), a = -1.0 / (sign + n.z), b = n.x * n.y * a;
    *s = vec3(1.0 + sign * n.x * n.x * a, sign * b, -sign * n.x);
    *t = vec3(b, sign + n.y * n.y * a, -n.y);
}

static double radical_inverse2(uint32_t i)
{
    i = (i << 16) | (i >> 16);
    i = ((i & 0x00FF00FFU) << 8) | ((i & 0xFF00FF00U) >> 8);
    i = ((i & 0x0F0F0F0FU) << 4) | ((i & 0xF0F0F0F0U) >> 4);
    i = ((i & 0x33333333U) << 2) | ((i & 0xCCCCCCCCU) >> 2);
    i = ((i & 0x55555555U) << 1) | ((i & 0xAAAAAAAAU) >> 1);
    return i * 0x1p-32;
}

/* Share of each lobe that is not blocked, over cosine-weighted Hammersley directions turned by a
 * random angle of this place. */
static void look_around(const MeshRays *rays, Vec3 p, Vec3 n, uint64_t stream,
                        float seen[LIGHT_LOBES])
{
    Vec3 s, t, origin = vec_madd(p, LIFT_MM, n);
    frame_around(n, &s, &t);
    Rng rng = rng_make(71, stream);
    double turn = rng_f64(&rng), all[LIGHT_LOBES], free[LIGHT_LOBES];
    for (int l = 0; l < LIGHT_LOBES; l++)
        all[l] = free[l] = 0.02; /* a lobe behind the place: counts as seen, and adds nothing */
    for (uint32_t i = 0; i < LIGHT_RAYS; i++) {
        double u = (i + 0.5) / LIGHT_RAYS, phi = 2 * PI * (radical_inverse2(i) + turn);
        double r = sqrt(u);
        Vec3 d = vec_madd(vec_madd(vec_scale(n, sqrt(1 - u)), r * cos(phi), s), r * sin(phi), t);
        bool blocked = mesh_rays_blocked(rays, origin, d, REACH_MM);
        for (int l = 0; l < LIGHT_LOBES; l++) {
            double gain = lobe_gain(l, d);
            all[l] += gain;
            free[l] += blocked ? 0 : gain;
        }
    }
    for (int l = 0; l < LIGHT_LOBES; l++)
        seen[l] = (float)(free[l] / all[l]);
}

typedef struct Bake {
    const Mesh *scan;
    const MeshRays *rays;
    const Places *places;
    const int *cell_place; /* [cell] */
    float (*cell_seen)[LIGHT_LOBES];
} Bake;

static void bake_cells(void *ctx, int block, int begin, int end)
{
    (void)block;
    Bake *bake = ctx;
    for (int i = begin; i < end; i++) {
        int place = bake->cell_place[i];
        look_around(bake->rays, bake->scan->position[bake->places->vertex[place]],
                    bake->places->normal[place], (uint64_t)i, bake->cell_seen[i]);
    }
}

static int facing_of(Vec3 n)
{
    double x = fabs(n.x), y = fabs(n.y), z = fabs(n.z);
    if (x >= y && x >= z)
        return n.x < 0 ? 1 : 2;
    if (y >= z)
        return n.y < 0 ? 3 : 4;
    return n.z < 0 ? 5 : 6;
}

/* One step towards the mean of the neighbours, over triangle edges. width floats per place. */
static void smooth_step(const Mesh *scan, const Places *places, int width, float *value, float *sum)
{
    for (int i = 0; i < places->count; i++) {
        for (int k = 0; k < width; k++)
            sum[i * (width + 1) + k] = 2 * value[i * width + k];
        sum[i * (width + 1) + width] = 2;
    }
    for (int t = 0; t < scan->triangle_count; t++)
        for (int c = 0; c < 3; c++) {
            ptrdiff_t to = places->of_vertex[scan->triangle[t][c]];
            ptrdiff_t from = places->of_vertex[scan->triangle[t][(c + 1) % 3]];
            for (int k = 0; k < width; k++)
                sum[to * (width + 1) + k] += value[from * width + k];
            sum[to * (width + 1) + width] += 1;
        }
    for (int i = 0; i < places->count; i++)
        for (int k = 0; k < width; k++)
            value[i * width + k] = sum[i * (width + 1) + k] / sum[i * (width + 1) + width];
}

/* Steps so that a bump of radius_mm is spread: the variance of one step is about edge^2 / 2. */
static int smoothing_steps(double radius_mm, double edge_mm)
{
    double steps = 2 * (radius_mm / edge_mm) * (radius_mm / edge_mm);
    return steps < 1 ? 1 : steps > MAX_SMOOTHING ? MAX_SMOOTHING : (int)steps;
}

static bool bake_seen(Arena *scratch, const Mesh *scan, const MeshRays *rays, const Places *places,
                      int threads, float (*seen)[LIGHT_LOBES], Err *err)
{
    size_t count = (size_t)places->count;
    Key *key = ARENA_NEW(scratch, Key, count);
    int *cell = ARENA_NEW(scratch, int, count), *first = ARENA_NEW(scratch, int, count);
    float(*cell_seen)[LIGHT_LOBES] = arena_alloc(scratch, count, sizeof *cell_seen);
    if (key == NULL || cell == NULL || first == NULL || cell_seen == NULL)
        return err_set(err, ERR_LIMIT, "no room to light %zu places", count);
    for (int i = 0; i < places->count; i++)
        key[i] = key_at(scan->position[places->vertex[i]], CELL_MM, facing_of(places->normal[i]));
    int cells;
    if (!group_places(scratch, places->count, key, cell, first, &cells, err))
        return false;
    Bake bake = {scan, rays, places, first, cell_seen};
    parallel_for(threads, cells, BAKE_BLOCK, bake_cells, &bake);
    for (int i = 0; i < places->count; i++)
        memcpy(seen[i], cell_seen[cell[i]], sizeof seen[i]);
    return true;
}

bool look_bake_light(Arena *arena, Arena *scratch, const Mesh *scan, const MeshRays *rays,
                     int threads, VertexLight **light, Err *err)
{
    *light = ARENA_NEW(arena, VertexLight, (size_t)scan->vertex_count);
    if (*light == NULL)
        return err_set(err, ERR_LIMIT, "no room to light %d vertices", scan->vertex_count);
    size_t mark = arena_mark(scratch);
    Places places;
    if (!find_places(scratch, scan, &places, err))
        return false;
    size_t count = (size_t)places.count;
    float(*seen)[LIGHT_LOBES] = arena_alloc(scratch, count, sizeof *seen);
    float(*soft)[3] = arena_alloc(scratch, count, sizeof *soft);
    float *sum = ARENA_NEW(scratch, float, count *(LIGHT_LOBES + 1));
    if (seen == NULL || soft == NULL || sum == NULL)
        return err_set(err, ERR_LIMIT, "no room to light %zu places", count);
    if (!bake_seen(scratch, scan, rays, &places, threads, seen, err))
        return false;
    for (int i = 0; i < smoothing_steps(CELL_MM, places.edge_mm); i++)
        smooth_step(scan, &places, LIGHT_LOBES, &seen[0][0], sum);
    for (size_t i = 0; i < count; i++) {
        Vec3 n = places.normal[i];
        soft[i][0] = (float)n.x, soft[i][1] = (float)n.y, soft[i][2] = (float)n.z;
    }
    for (int i = 0; i < smoothing_steps(SOFT_MM, places.edge_mm); i++)
        smooth_step(scan, &places, 3, &soft[0][0], sum);
    for (int v = 0; v < scan->vertex_count; v++) {
        int place = places.of_vertex[v];
        VertexLight *out = &(*light)[v];
        Vec3 n = places.normal[place];
        out->normal[0] = (float)n.x, out->normal[1] = (float)n.y, out->normal[2] = (float)n.z;
        memcpy(out->soft_normal, soft[place], sizeof soft[place]);
        memcpy(out->seen, seen[place], sizeof seen[place]);
    }
    arena_rewind(scratch, mark);
    return true;
}

/* ---- skin ---------------------------------------------------------------------------------------
 */

int8_t *look_make_grain(Arena *arena)
{
    size_t count = (size_t)GRAIN_SIDE * GRAIN_SIDE * GRAIN_SIDE;
    int8_t *grain = ARENA_NEW(arena, int8_t, 4 * count);
    if (grain == NULL)
        return NULL;
    Rng rng = rng_make(72, 0);
    for (size_t i = 0; i < count; i++) {
        uint32_t word = rng_u32(&rng);
        memcpy(&grain[4 * i], &word, 4);
    }
    return grain;
}

/* Smooth noise at p / scale_mm, four channels within -1..1; rms about 0.3. */
static void grain_at(const int8_t *grain, Vec3 p, double scale_mm, float out[4])
{
    double at[3] = {p.x / scale_mm, p.y / scale_mm, p.z / scale_mm};
    unsigned cell[3];
    float share[3];
    for (int k = 0; k < 3; k++) {
        double low = floor(at[k]);
        float f = (float)(at[k] - low);
        cell[k] = (unsigned)(int)low;
        share[k] = f * f * (3 - 2 * f);
    }
    for (int c = 0; c < 4; c++)
        out[c] = 0;
    for (unsigned corner = 0; corner < 8; corner++) {
        unsigned dx = corner & 1, dy = corner >> 1 & 1, dz = corner >> 2;
        float weight = (dx ? share[0] : 1 - share[0]) * (dy ? share[1] : 1 - share[1]) *
                       (dz ? share[2] : 1 - share[2]) / 128;
        unsigned mask = GRAIN_SIDE - 1;
        size_t node =
            ((size_t)((cell[2] + dz) & mask) * GRAIN_SIDE + ((cell[1] + dy) & mask)) * GRAIN_SIDE +
            ((cell[0] + dx) & mask);
        for (int c = 0; c < 4; c++)
            out[c] += weight * grain[4 * node + (size_t)c];
    }
}

/* Detail finer than three pixels is left out, not aliased. */
static float detail_share(double scale_mm, float px_mm)
{
    double share = scale_mm / (double)px_mm / 3 - 0.5;
    return (float)(share < 0 ? 0 : share > 1 ? 1 : share);
}

/* Relief of skin: fine creases and pores about 0.7 mm, and 2.4 mm undulation; sizes by eye. */
static const struct {
    double scale_mm;
    float slope, pale;
} relief[2] = {{0.7, 0.16F, 0.05F}, {2.4, 0.06F, 0.03F}};

/* Turns the normal by the relief and mottles the albedo: *normal stays about unit. */
static void roughen(const SkinPoint *point, Vec3 *normal, Rgb *albedo)
{
    float noise[4], pale = 0;
    for (int i = 0; i < 2; i++) {
        float share = detail_share(relief[i].scale_mm, point->px_mm);
        if (!(share > 0))
            continue;
        grain_at(point->grain, point->position_mm, relief[i].scale_mm, noise);
        float slope = share * relief[i].slope;
        normal->x += (double)(slope * noise[0]);
        normal->y += (double)(slope * noise[1]);
        normal->z += (double)(slope * noise[2]);
        pale += share * relief[i].pale * noise[3];
    }
    *normal = vec_normalize(*normal);
    if (!point->plain) { /* a photographed skin has its own mottling */
        pale *= 0.4F;
        *albedo = (Rgb){albedo->r * (1 + pale), albedo->g * (1 + pale), albedo->b * (1 + pale)};
        return;
    }
    /* blood is uneven over some cm: green and blue go together, red hardly moves */
    grain_at(point->grain, point->position_mm, 14, noise);
    float blood = 0.16F * noise[0];
    grain_at(point->grain, point->position_mm, 5, noise);
    blood += 0.09F * noise[0];
    blood *= fminf(1, albedo->g / 0.3F); /* melanin hides it */
    *albedo = (Rgb){albedo->r * (1 + pale + 0.02F * blood), albedo->g * (1 + pale - 0.45F * blood),
                    albedo->b * (1 + pale - 0.35F * blood)};
}

static Vec3 blend_normal(Vec3 sharp, Vec3 soft, double share)
{
    return vec_normalize(vec_lerp(sharp, soft, share));
}

static float wrapped(double cosine, float w)
{
    float x = ((float)cosine + w) / (1 + w);
    return x > 0 ? x * (1 + w * x) / (1 + w) : 0;
}

static float diffuse_light(const float seen[LIGHT_LOBES], Vec3 n, int channel)
{
    float sky = (float)(FLOOR_SHARE + (1 - FLOOR_SHARE) * 0.5 * (1 + n.y));
    float sum = lobe[0].strength * lobe[0].rgb[channel] * sky * seen[0];
    for (int l = 1; l < LIGHT_LOBES; l++)
        sum += lobe[l].strength * lobe[l].rgb[channel] * seen[l] *
               wrapped(vec_dot(n, lobe_towards(l)), wrap[channel]);
    return sum;
}

/* GGX with height-correlated Smith shadowing and Schlick's Fresnel for an index of 1.4, times pi
 * and the cosine: what a light of strength 1 adds. Walter et al., EGSR 2007; Heitz, JCGT 3 (2014).
 */
static double gloss_of(Vec3 n, Vec3 v, Vec3 l, double alpha)
{
    double nl = vec_dot(n, l), nv = fmax(vec_dot(n, v), 0.02);
    if (nl <= 0)
        return 0;
    Vec3 h = vec_normalize(vec_add(v, l));
    double nh = vec_dot(n, h), vh = vec_dot(v, h), a2 = alpha * alpha;
    double d = nh * nh * (a2 - 1) + 1, spread = a2 / (d * d);
    double shadow = 0.5 / (nl * sqrt(nv * nv * (1 - a2) + a2) + nv * sqrt(nl * nl * (1 - a2) + a2));
    double x = 1 - vh, fresnel = 0.028 + 0.972 * x * x * x * x * x;
    return spread * shadow * fresnel * nl;
}

/* Two roughnesses as measured on faces (Weyrich et al., SIGGRAPH 2006: m about 0.2 to 0.4), widened
 * by the size of the soft boxes. */
static float gloss_light(const float seen[LIGHT_LOBES], Vec3 n, Vec3 v)
{
    double x = 1 - fmax(0, vec_dot(n, v)), rim = x * x * x * x * x;
    double sum =
        (double)(lobe[0].strength * seen[0]) * (0.012 + 0.16 * rim) * (0.5 + 0.5 * fmax(0, n.y));
    for (int l = 1; l < LIGHT_LOBES; l++)
        sum +=
            (double)(lobe[l].strength * seen[l]) * (0.70 * gloss_of(n, v, lobe_towards(l), 0.40) +
                                                    0.52 * gloss_of(n, v, lobe_towards(l), 0.21));
    return (float)sum;
}

static Vec3 unit_of(const float v[3])
{
    return vec_normalize(vec3((double)v[0], (double)v[1], (double)v[2]));
}

static const double INSIDE_COS = -0.35;

SkinLight look_shade(const SkinPoint *point)
{
    const VertexLight *light = &point->light;
    Vec3 sharp = unit_of(light->normal), soft = unit_of(light->soft_normal);
    double facing = vec_dot(sharp, point->view);
    if (facing < INSIDE_COS) { /* the inside of an open scan */
        sharp = vec_scale(sharp, -1);
        soft = vec_scale(soft, -1);
    } else if (facing < 0) { /* interpolation turned it past the silhouette: bring it back */
        sharp = vec_normalize(vec_madd(sharp, -facing, point->view));
    }
    Rgb albedo = point->albedo;
    Vec3 rough = sharp;
    roughen(point, &rough, &albedo);
    const float base[3] = {albedo.r, albedo.g, albedo.b};
    SkinLight out = {.gloss = gloss_light(light->seen, rough, point->view)};
    for (int c = 0; c < 3; c++) {
        Vec3 n = blend_normal(rough, soft, (double)softness[c]);
        out.diffuse[c] = base[c] * diffuse_light(light->seen, n, c);
    }
    return out;
}
