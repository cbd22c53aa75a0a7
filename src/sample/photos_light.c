#include "sample/photos_internal.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

/* Where lamps stand about the client, in the head frame. Strengths by eye, so that the pictures
 * look like a treatment room: a window at the client's right, a ceiling lamp, a lamp at each side.
 * Linear sRGB of the lights, g = 1: CIE D65 {1, 1, 1}; the Planckian locus at 4000 K, x 0.3805, y
 * 0.3768 {1.530, 1, 0.577}; CIE A, 2856 K, x 0.4476, y 0.4074 {2.233, 1, 0.282}; rooms tint them a
 * little.
 */
static const Lobe lobes[SAMPLE_LIGHTS][ROOM_LOBES] = {
    [SAMPLE_DAYLIGHT] = {{{0, 1, 0}, 0.62, 0, {1.03F, 1.0F, 0.95F}},
                         {{-0.62, 0.45, 0.64}, 0.62, 6, {0.98F, 1.0F, 1.05F}},
                         {{0.75, 0.25, 0.61}, 0.12, 4, {1.04F, 1.0F, 0.93F}},
                         {{0.25, 0.55, -0.80}, 0.36, 5, {1.0F, 1.0F, 1.0F}}},
    [SAMPLE_LED] = {{{0, 1, 0}, 0.55, 0, {1.50F, 1.0F, 0.58F}},
                    {{-0.14, 0.94, 0.31}, 0.70, 16, {1.530F, 1.0F, 0.577F}},
                    {{0.60, 0.50, 0.62}, 0.20, 6, {1.530F, 1.0F, 0.577F}},
                    {{0.15, 0.85, -0.50}, 0.34, 12, {1.530F, 1.0F, 0.577F}}},
    [SAMPLE_TUNGSTEN] = {{{0, 1, 0}, 0.50, 0, {2.20F, 1.0F, 0.29F}},
                         {{0.55, 0.52, 0.65}, 0.66, 9, {2.233F, 1.0F, 0.282F}},
                         {{-0.72, 0.30, 0.62}, 0.20, 5, {2.233F, 1.0F, 0.282F}},
                         {{-0.30, 0.60, -0.74}, 0.38, 6, {2.233F, 1.0F, 0.282F}}},
    [SAMPLE_MIXED] = {{{0, 1, 0}, 0.46, 0, {1.18F, 1.0F, 0.80F}},
                      {{-0.74, 0.34, 0.58}, 0.62, 6, {0.97F, 1.0F, 1.07F}},
                      {{0.80, 0.34, 0.50}, 0.48, 7, {2.233F, 1.0F, 0.282F}},
                      {{0.10, 0.62, -0.78}, 0.30, 5, {1.25F, 1.0F, 0.72F}}},
};

/* A lamp whose spectrum has gaps mixes the channels a little: invented, rows sum to 1. */
static const float gaps[SAMPLE_LIGHTS][3][3] = {
    [SAMPLE_DAYLIGHT] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    [SAMPLE_LED] = {{0.95F, 0.06F, -0.01F}, {0.02F, 0.97F, 0.01F}, {-0.01F, 0.06F, 0.95F}},
    [SAMPLE_TUNGSTEN] = {{1.01F, 0.00F, -0.01F}, {0.02F, 0.99F, -0.01F}, {0.01F, 0.08F, 0.91F}},
    [SAMPLE_MIXED] = {{1, 0, 0}, {0.01F, 0.99F, 0}, {0, 0.03F, 0.97F}},
};

static const double FLOOR_SHARE = 0.40; /* what comes up from below, relative to the ceiling */

static void frame_around(Vec3 n, Vec3 *s, Vec3 *t)
{
    *s = vec_normalize(vec_cross(fabs(n.x) < 0.7 ? vec3(1, 0, 0) : vec3(0, 1, 0), n));
    *t = vec_cross(n, *s);
}

/* Directions spread over a lobe as cos^power: equal shares of it each. */
static void spread(const Lobe *lobe, Vec3 ray[LOBE_RAYS])
{
    const double golden = PI * (3.0 - sqrt(5.0));
    Vec3 s, t;
    frame_around(lobe->towards, &s, &t);
    for (int i = 0; i < LOBE_RAYS; i++) {
        double u = (i + 0.5) / LOBE_RAYS;
        double c = lobe->power > 0 ? pow(u, 1.0 / (lobe->power + 1.0)) : 1.0 - 2.0 * u;
        double r = sqrt(1.0 - c * c);
        ray[i] = vec_madd(vec_madd(vec_scale(lobe->towards, c), r * cos(golden * i), s),
                          r * sin(golden * i), t);
    }
}

void room_make(SampleLight light, Room *room)
{
    *room = (Room){.light = light};
    memcpy(room->lobe, lobes[light], sizeof room->lobe);
    memcpy(room->matrix, gaps[light], sizeof room->matrix);
    for (int l = 0; l < ROOM_LOBES; l++) {
        room->lobe[l].towards = vec_normalize(room->lobe[l].towards);
        spread(&room->lobe[l], room->ray[l]);
    }
    const Rgb *tint = &room->lobe[0].color;
    room->wall = (Rgb){0.50F * tint->r, 0.49F * tint->g, 0.47F * tint->b};
}

static double sky(Vec3 direction)
{
    return FLOOR_SHARE + (1.0 - FLOOR_SHARE) * 0.5 * (1.0 + direction.y);
}

void room_look_around(const Room *room, const MeshRays *rays, Vec3 p, Vec3 normal,
                      float seen[ROOM_LOBES])
{
    const double lift_mm = 0.4, reach_mm = 350.0;
    Vec3 origin = vec_madd(p, lift_mm, normal);
    for (int l = 0; l < ROOM_LOBES; l++) {
        double all = 0.01, free = 0.01; /* wholly behind: counts as seen, and adds nothing */
        for (int i = 0; i < LOBE_RAYS; i++) {
            double gain = vec_dot(normal, room->ray[l][i]) * (l == 0 ? sky(room->ray[l][i]) : 1.0);
            if (gain <= 0.0)
                continue;
            all += gain;
            if (rays == NULL || !mesh_rays_blocked(rays, origin, room->ray[l][i], reach_mm))
                free += gain;
        }
        seen[l] = (float)(free / all);
    }
}

/* ---- the body ---- */

/* Edges of the lower border, each as it runs in its triangle. The bust is cut off there. */
static int border_edges(const Mesh *mesh, int most, int (*edge)[2])
{
    const double low_mm = -200.0;
    int count = 0, open = 0;
    for (int t = 0; t < mesh->triangle_count; t++)
        for (int c = 0; c < 3; c++) {
            int a = mesh->triangle[t][c], b = mesh->triangle[t][(c + 1) % 3];
            if (mesh->position[a].y < low_mm && mesh->position[b].y < low_mm && count < most)
                memcpy(edge[count++], (int[]){a, b}, sizeof edge[0]);
        }
    for (int i = 0; i < count; i++) {
        bool paired = false;
        for (int k = 0; k < count && !paired; k++)
            paired = edge[k][0] == edge[i][1] && edge[k][1] == edge[i][0];
        if (paired)
            continue;
        edge[count + open][0] = edge[i][0];
        edge[count + open++][1] = edge[i][1];
    }
    memmove(edge, edge + count, (size_t)open * sizeof *edge);
    return open;
}

bool body_make(Arena *arena, Arena *scratch, const Sample *sample, Body *body, Err *err)
{
    enum { MOST = 20000 };
    const double hem_mm = -420.0;
    size_t mark = arena_mark(scratch);
    const Mesh *bust = &sample->bust;
    int(*edge)[2] = arena_alloc(scratch, 2 * MOST, sizeof *edge);
    int count = edge != NULL ? border_edges(bust, MOST, edge) : 0;
    size_t vertices = (size_t)(bust->vertex_count + 2 * count);
    *body = (Body){.mesh = *bust, .normal = ARENA_NEW(arena, Vec3, vertices)};
    Mesh *mesh = &body->mesh;
    mesh->uv = NULL;
    mesh->image_count = 0;
    mesh->position = ARENA_NEW(arena, Vec3, vertices);
    mesh->triangle =
        arena_alloc(arena, (size_t)(bust->triangle_count + 2 * count), sizeof *mesh->triangle);
    if (edge == NULL || body->normal == NULL || mesh->position == NULL || mesh->triangle == NULL)
        return err_set(err, ERR_LIMIT, "no room for the body within the memory limit");
    memcpy(mesh->position, bust->position, (size_t)bust->vertex_count * sizeof(Vec3));
    memcpy(body->normal, sample->normal, (size_t)bust->vertex_count * sizeof(Vec3));
    memcpy(mesh->triangle, bust->triangle, (size_t)bust->triangle_count * sizeof *mesh->triangle);
    for (int i = 0; i < count; i++) {
        int a = edge[i][0], b = edge[i][1], low = mesh->vertex_count;
        for (int k = 0; k < 2; k++) {
            Vec3 p = bust->position[edge[i][k]], n = sample->normal[edge[i][k]];
            mesh->position[low + k] = vec3(p.x, hem_mm, p.z);
            body->normal[low + k] = vec_normalize(vec3(n.x, 0.0, n.z));
        }
        int(*t)[3] = mesh->triangle + mesh->triangle_count;
        memcpy(t[0], (int[]){b, a, low}, sizeof t[0]);
        memcpy(t[1], (int[]){b, low, low + 1}, sizeof t[1]);
        mesh->vertex_count += 2;
        mesh->triangle_count += 2;
    }
    arena_rewind(scratch, mark);
    return mesh_rays_open(mesh, &body->rays, err);
}

/* ---- the bust, vertex by vertex ---- */

typedef struct Bake {
    const Room *room;
    const Body *body;
    PlaceLight *light;
} Bake;

static void bake_vertices(void *ctx, int block, int begin, int end)
{
    (void)block;
    Bake *bake = ctx;
    for (int v = begin; v < end; v++) {
        Vec3 n = bake->body->normal[v];
        room_look_around(bake->room, &bake->body->rays, bake->body->mesh.position[v], n,
                         bake->light[v].seen);
        bake->light[v].soft_normal[0] = (float)n.x;
        bake->light[v].soft_normal[1] = (float)n.y;
        bake->light[v].soft_normal[2] = (float)n.z;
    }
}

/* One step towards the mean of the neighbours. */
static void soften(const Mesh *mesh, PlaceLight light[], float (*sum)[8])
{
    memset(sum, 0, (size_t)mesh->vertex_count * sizeof *sum);
    for (int t = 0; t < mesh->triangle_count; t++)
        for (int c = 0; c < 3; c++) {
            float *to = sum[mesh->triangle[t][c]];
            const PlaceLight *from = &light[mesh->triangle[t][(c + 1) % 3]];
            for (int k = 0; k < 3; k++)
                to[k] += from->soft_normal[k];
            for (int l = 0; l < ROOM_LOBES; l++)
                to[3 + l] += from->seen[l];
            to[7] += 1.0F;
        }
    for (int v = 0; v < mesh->vertex_count; v++) {
        float w = 1.0F / (2.0F + sum[v][7]);
        for (int k = 0; k < 3; k++)
            light[v].soft_normal[k] = w * (2.0F * light[v].soft_normal[k] + sum[v][k]);
        for (int l = 0; l < ROOM_LOBES; l++)
            light[v].seen[l] = w * (2.0F * light[v].seen[l] + sum[v][3 + l]);
    }
}

bool room_bake(Arena *arena, Arena *scratch, const Room *room, const Body *body, int threads,
               PlaceLight **light, Err *err)
{
    const int steps = 4; /* about 3 mm on the scalp */
    size_t mark = arena_mark(scratch), count = (size_t)body->mesh.vertex_count;
    *light = ARENA_NEW(arena, PlaceLight, count);
    float(*sum)[8] = arena_alloc(scratch, count, sizeof *sum);
    if (*light == NULL || sum == NULL)
        return err_set(err, ERR_LIMIT, "no room to light %zu places within the memory limit",
                       count);
    Bake bake = {room, body, *light};
    parallel_for(threads, body->mesh.vertex_count, 256, bake_vertices, &bake);
    for (int i = 0; i < steps; i++)
        soften(&body->mesh, *light, sum);
    arena_rewind(scratch, mark);
    return true;
}

/* ---- surfaces ---- */

Rgb room_irradiance(const Room *room, const float seen[ROOM_LOBES], Vec3 normal)
{
    Rgb sum = {0};
    for (int l = 0; l < ROOM_LOBES; l++) {
        const Lobe *lobe = &room->lobe[l];
        double cosine = l == 0 ? sky(normal) : fmax(0.0, vec_dot(normal, lobe->towards));
        float light = (float)(lobe->strength * (double)seen[l] * cosine);
        sum.r += light * lobe->color.r;
        sum.g += light * lobe->color.g;
        sum.b += light * lobe->color.b;
    }
    return sum;
}

/* Past the terminator, as light wanders in skin: the more the redder. By eye. */
static const double wrap[3] = {0.34, 0.22, 0.18};
static const double softness[3] = {0.80, 0.42, 0.28}; /* share of the averaged normal */

static double wrapped(double cosine, double w)
{
    double x = (cosine + w) / (1.0 + w);
    return x > 0.0 ? x * (1.0 + w * x) / (1.0 + w) : 0.0;
}

/* GGX, height-correlated Smith, Schlick's Fresnel for an index of 1.4, times pi and the cosine:
 * what a light of strength 1 adds. Walter et al., EGSR 2007; Heitz, JCGT 3 (2014) 48. */
static double gloss_of(Vec3 n, Vec3 v, Vec3 l, double alpha)
{
    double nl = vec_dot(n, l), nv = fmax(vec_dot(n, v), 0.02);
    if (nl <= 0.0)
        return 0.0;
    Vec3 h = vec_normalize(vec_add(v, l));
    double nh = vec_dot(n, h), vh = vec_dot(v, h), a2 = alpha * alpha;
    double d = nh * nh * (a2 - 1.0) + 1.0, spread_of = a2 / (d * d);
    double shadow =
        0.5 / (nl * sqrt(nv * nv * (1.0 - a2) + a2) + nv * sqrt(nl * nl * (1.0 - a2) + a2));
    double x = 1.0 - vh, fresnel = 0.028 + 0.972 * x * x * x * x * x;
    return spread_of * shadow * fresnel * nl;
}

static void add_tinted(Rgb *sum, double light, Rgb color)
{
    sum->r += (float)light * color.r;
    sum->g += (float)light * color.g;
    sum->b += (float)light * color.b;
}

/* Two roughnesses as measured on faces (Weyrich et al., SIGGRAPH 2006: m about 0.2 to 0.4), the
 * finer one more on an oily scalp; both widened by the size of the lamp. */
void room_shade_skin(const Room *room, const SkinSpot *spot, Rgb *diffuse, Rgb *gloss)
{
    float out[3] = {0};
    Vec3 n[3];
    for (int c = 0; c < 3; c++)
        n[c] = vec_normalize(vec_lerp(spot->normal, spot->soft, softness[c]));
    *gloss = (Rgb){0};
    for (int l = 0; l < ROOM_LOBES; l++) {
        const Lobe *lobe = &room->lobe[l];
        const float tint[3] = {lobe->color.r, lobe->color.g, lobe->color.b};
        double reach = lobe->strength * (double)spot->seen[l];
        for (int c = 0; c < 3; c++)
            out[c] += tint[c] *
                      (float)(reach * (l == 0 ? sky(n[c])
                                              : wrapped(vec_dot(n[c], lobe->towards), wrap[c])));
        double widen = l == 0 ? 0.0 : 0.35 / sqrt(lobe->power + 1.0), shine;
        if (l == 0) {
            double x = 1.0 - fmax(0.0, vec_dot(spot->normal, spot->view)), rim = x * x * x * x * x;
            shine = (0.013 + 0.14 * rim) * (0.5 + 0.5 * fmax(0.0, spot->normal.y));
        } else
            shine = 0.62 * gloss_of(spot->normal, spot->view, lobe->towards, 0.34 + widen) +
                    0.50 * spot->shine *
                        gloss_of(spot->normal, spot->view, lobe->towards, 0.13 + widen);
        add_tinted(gloss, reach * shine, lobe->color);
    }
    *diffuse = (Rgb){out[0], out[1], out[2]};
}
