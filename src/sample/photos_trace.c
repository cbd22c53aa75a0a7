#include "sample/photos_internal.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

enum { ROWS = 8, SUB = 4 }; /* per block; samples per side of a pixel at an edge */

/* Paper: white sheet, and what the blackest toner still gives back [assumption]. */
static const float paper_white = 0.88F, toner = 0.015F;
static const double STEP_MM = 1.5; /* of depth inside a pixel that makes it an edge */
/* The head may reach through the paper by this much: skin gives way. */
static const double skin_gives_mm = 3.5;

static double smooth(double edge0, double edge1, double x)
{
    double t = fmin(fmax((x - edge0) / (edge1 - edge0), 0.0), 1.0);
    return t * t * (3.0 - 2.0 * t);
}

/* ---- what a ray meets ---- */

/* A cape lies about the neck: lower behind than in front. */
static bool under_cape(const Scene *scene, Vec3 p)
{
    double wavy = 2.0 * sample_noise(scene->sample->params.seed + 31, p, 30.0);
    return p.y < -96.0 - 0.22 * (p.z + 40.0) * (p.z > -40.0) + 0.10 * fabs(p.x) + wavy;
}

Seen scene_look(const Scene *scene, Vec3 origin, Vec3 direction)
{
    Seen seen = {.thing = THING_NONE, .distance = 1e9};
    MeshHit hit = mesh_rays_hit(&scene->body->rays, origin, direction, 4000.0);
    double distance, mm[2];
    if (hit.triangle >= 0) {
        Vec3 p = vec_madd(origin, hit.distance, direction);
        seen = (Seen){.distance = hit.distance, .hit = hit};
        seen.thing = p.y < -60.0 && under_cape(scene, p) ? THING_CLOTH : THING_SKIN;
    }
    if (scene->strip != NULL && strip_hit(scene->strip, origin, direction, &distance, mm) &&
        distance < seen.distance + skin_gives_mm)
        seen = (Seen){.thing = THING_STRIP, .distance = distance, .mm = {mm[0], mm[1]}};
    if (scene->sheet != NULL && sheet_hit(scene->sheet, origin, direction, &distance, mm) &&
        distance < seen.distance + (scene->close ? 0.3 : skin_gives_mm))
        seen = (Seen){.thing = THING_SHEET, .distance = distance, .mm = {mm[0], mm[1]}};
    return seen;
}

/* ---- surfaces ---- */

typedef struct Lit { /* light of one sample */
    Rgb skin, base;
} Lit;

static Rgb times(Rgb a, Rgb b)
{
    return (Rgb){a.r * b.r, a.g * b.g, a.b * b.b};
}

static Rgb scaled(Rgb a, double s)
{
    return (Rgb){a.r * (float)s, a.g * (float)s, a.b * (float)s};
}

static Rgb plus(Rgb a, Rgb b)
{
    return (Rgb){a.r + b.r, a.g + b.g, a.b + b.b};
}

/* Share of each lobe that a card before or over the place lets through. */
static void shade_by_sheet(const Scene *scene, Vec3 p, Vec3 normal, float seen[ROOM_LOBES])
{
    const double near_mm = 60.0;
    const Sheet *sheet = scene->sheet;
    if (sheet == NULL || !scene->close || vec_distance(p, sheet->middle) > near_mm)
        return;
    for (int l = 0; l < ROOM_LOBES; l++) {
        double all = 0.01, free = 0.01, distance, mm[2];
        for (int i = 0; i < LOBE_RAYS; i++) {
            double gain = vec_dot(normal, scene->room->ray[l][i]);
            if (gain <= 0.0)
                continue;
            all += gain;
            if (!sheet_hit(sheet, p, scene->room->ray[l][i], &distance, mm))
                free += gain;
        }
        seen[l] *= (float)(free / all);
    }
}

/* Detail finer than three pixels is left out, not aliased. */
static double detail(double scale_mm, double px_mm)
{
    return fmin(fmax(scale_mm / px_mm / 3.0 - 0.5, 0.0), 1.0);
}

/* Relief of skin: undulation, creases, and near by the net of furrows between its small fields;
 * sizes and heights by eye. Turns the normal; returns a factor on the colour. */
static double roughen(const Scene *scene, Vec3 p, double px_mm, Vec3 *normal)
{
    static const struct {
        double scale_mm, slope, pale;
    } relief[3] = {{2.6, 0.060, 0.022}, {0.80, 0.15, 0.040}, {0.33, 0.22, 0.060}};
    uint64_t seed = scene->sample->params.seed + 40;
    double factor = 1.0;
    for (int i = 0; i < 3; i++, seed += 4) {
        double share = detail(relief[i].scale_mm, px_mm);
        if (share <= 0.0)
            break;
        normal->x += share * relief[i].slope * sample_noise(seed, p, relief[i].scale_mm);
        normal->y += share * relief[i].slope * sample_noise(seed + 1, p, relief[i].scale_mm);
        double third = sample_noise(seed + 2, p, relief[i].scale_mm);
        normal->z += share * relief[i].slope * third;
        factor += share * relief[i].pale * third;
    }
    double share = scene->close ? detail(0.5, px_mm) : 0.0;
    if (share > 0.0) {
        double a = fabs(sample_noise(seed, p, 0.9)), b = fabs(sample_noise(seed + 1, p, 0.6));
        factor -= share * 0.10 * fmax(1.0 - a / 0.10, 0.0);
        factor -= share * 0.07 * fmax(1.0 - b / 0.09, 0.0);
    }
    *normal = vec_normalize(*normal);
    return factor;
}

/* Mouths of empty follicles and sweat glands: small dark points, more of them on nose and brow.
 * What a pixel cannot show is left to the skin's mean. */
static double pore_at(const Scene *scene, Vec3 p, double px_mm)
{
    const double cell_mm = 1.5, radius_mm = 0.11, chance = 0.75;
    double share = detail(0.35, px_mm), d2 = 0.0;
    if (share <= 0.0)
        return 1.0;
    const double f[3] = {p.x / cell_mm, p.y / cell_mm, p.z / cell_mm};
    uint64_t h = (scene->sample->params.seed + 90) * 0x9E3779B97F4A7C15u;
    for (int k = 0; k < 3; k++)
        h = (h ^ (uint64_t)(int64_t)floor(f[k])) * 0xBF58476D1CE4E5B9u, h ^= h >> 29;
    h *= 0x94D049BB133111EBu;
    h ^= h >> 32;
    if ((double)(h & 0xFF) > chance * 256.0)
        return 1.0;
    for (int k = 0; k < 3; k++) {
        double middle = 0.2 + 0.6 * (double)(h >> (8 + 8 * k) & 0xFF) / 255.0;
        double off = cell_mm * (f[k] - floor(f[k]) - middle);
        d2 += off * off;
    }
    double depth = 0.10 + 0.25 * (double)(h >> 40 & 0xFF) / 255.0;
    return 1.0 - share * depth * exp(-0.5 * d2 / (radius_mm * radius_mm));
}

/* Violet of a skin marker, 3 mm. */
static Rgb marked(const Scene *scene, Vec3 p, Rgb skin)
{
    for (int i = 0; scene->marked && i < SCENE_MARKS; i++) {
        double share = 1.0 - smooth(1.35, 1.65, vec_distance(p, scene->mark[i]));
        if (share > 0.0) {
            skin.r *= (float)exp(-1.1 * share);
            skin.g *= (float)exp(-2.0 * share);
            skin.b *= (float)exp(-0.55 * share);
        }
    }
    return skin;
}

/* Light along an edge of paper that lies on the skin is taken by the gap beneath. */
static double gap_of(const Scene *scene, Vec3 p)
{
    const Strip *strip = scene->strip;
    if (strip == NULL)
        return 1.0;
    double down = vec_dot(vec_sub(p, strip->front), strip->axis);
    double beyond = fmax(strip->marker->top_mm - down, down - strip->marker->bottom_mm);
    return 1.0 - 0.30 * exp(-fmax(beyond, 0.0) / 0.8);
}

/* The lids are finer than the mesh: there the surface itself is asked. */
static void settle_on_lid(const Scene *scene, const Camera *camera, Vec3 *p, Vec3 *normal)
{
    const double before_mm = 5.0, behind_mm = 12.0;
    Vec3 face = bust_to_face(scene->bust, *p), hit;
    double x = fabs(face.x);
    if (face.z < 66.0 || x < 15.0 || x > 54.0 || face.y < -4.0 || face.y > 24.0)
        return;
    Vec3 ahead = vec_normalize(vec_sub(*p, camera->pose.eye_mm));
    if (!bust_hit(scene->bust, vec_madd(*p, -before_mm, ahead), vec_madd(*p, behind_mm, ahead),
                  false, &hit))
        return;
    *p = hit;
    *normal = bust_normal(scene->bust, hit);
}

static Lit light_skin(const Scene *scene, const Camera *camera, const Seen *seen, Vec3 p)
{
    const Sample *sample = scene->sample;
    const int *corner = scene->body->mesh.triangle[seen->hit.triangle];
    SkinSpot spot = {.view = vec_normalize(vec_sub(camera->pose.eye_mm, p))};
    for (int k = 0; k < 3; k++) {
        const PlaceLight *light = &scene->light[corner[k]];
        double w = seen->hit.weight[k];
        spot.normal = vec_madd(spot.normal, w, scene->body->normal[corner[k]]);
        spot.soft.x += w * (double)light->soft_normal[0];
        spot.soft.y += w * (double)light->soft_normal[1];
        spot.soft.z += w * (double)light->soft_normal[2];
        for (int l = 0; l < ROOM_LOBES; l++)
            spot.seen[l] += (float)w * light->seen[l];
    }
    spot.normal = vec_normalize(spot.normal);
    settle_on_lid(scene, camera, &p, &spot.normal);
    double facing = vec_dot(spot.normal, spot.view);
    if (facing < 0.0)
        spot.normal = vec_normalize(vec_madd(spot.normal, -facing, spot.view));
    Vec3 smooth_normal = spot.normal;
    double px_mm = seen->distance / camera->lens.focal_px, hair;
    double factor = roughen(scene, p, px_mm, &spot.normal) * gap_of(scene, p);
    factor *= pore_at(scene, p, px_mm);
    shade_by_sheet(scene, p, smooth_normal, spot.seen);
    Rgb albedo = marked(scene, p, sample_skin_color(sample, scene->bust, p, &hair)), diffuse, gloss;
    /* oil: the bare top shines more than the cheeks, and in patches */
    spot.shine = 0.55 + 0.30 * smooth(20.0, 90.0, p.y) +
                 0.25 * sample_noise(sample->params.seed + 60, p, 9.0);
    spot.shine *= exp(-2.0 * hair);
    room_shade_skin(scene->room, &spot, &diffuse, &gloss);
    /* of the brows only the shade between their hairs: these are drawn one by one */
    hair *= 0.3;
    return (Lit){times(scaled(albedo, factor * exp(-hair)), diffuse), gloss};
}

static Lit light_cloth(const Scene *scene, const Seen *seen, Vec3 p)
{
    const Sample *sample = scene->sample;
    const int *corner = scene->body->mesh.triangle[seen->hit.triangle];
    float open[ROOM_LOBES] = {0};
    Vec3 normal = {0};
    for (int k = 0; k < 3; k++) {
        normal = vec_madd(normal, seen->hit.weight[k], scene->body->normal[corner[k]]);
        for (int l = 0; l < ROOM_LOBES; l++)
            open[l] += (float)seen->hit.weight[k] * scene->light[corner[k]].seen[l];
    }
    uint64_t seed = sample->params.seed + 70;
    double fold = sample_noise(seed, p, 34.0), crease = sample_noise(seed + 1, p, 13.0);
    normal.x += 0.35 * fold + 0.12 * crease;
    normal.z += 0.30 * sample_noise(seed + 2, p, 30.0) - 0.10 * crease;
    double weave = 1.0 + 0.10 * sample_noise(seed + 3, p, 0.9) + 0.06 * fold;
    Rgb cloth = scaled((Rgb){0.040F, 0.046F, 0.058F}, weave);
    return (Lit){{0}, times(cloth, room_irradiance(scene->room, open, vec_normalize(normal)))};
}

/* Light that reaches a card: bilinear between nine places of it. */
static void sheet_light(const Sheet *sheet, const double mm[2], float seen[ROOM_LOBES])
{
    const Marker *m = sheet->marker;
    double u = 2.0 * (mm[0] - m->left_mm) / (m->right_mm - m->left_mm);
    double v = 2.0 * (mm[1] - m->top_mm) / (m->bottom_mm - m->top_mm);
    int i = u < 1.0 ? 0 : 1, k = v < 1.0 ? 0 : 1;
    double a = fmin(fmax(u - i, 0.0), 1.0), b = fmin(fmax(v - k, 0.0), 1.0);
    for (int l = 0; l < ROOM_LOBES; l++)
        seen[l] = (float)((1.0 - b) * ((1.0 - a) * (double)sheet->seen[k][i][l] +
                                       a * (double)sheet->seen[k][i + 1][l]) +
                          b * ((1.0 - a) * (double)sheet->seen[k + 1][i][l] +
                               a * (double)sheet->seen[k + 1][i + 1][l]));
}

static Lit light_paper(const Scene *scene, const Seen *seen, double px_mm)
{
    const Strip *strip = scene->strip;
    const Marker *marker;
    float open[ROOM_LOBES];
    Vec3 normal, p;
    if (seen->thing == THING_STRIP) {
        marker = strip->marker;
        strip_point(strip, seen->mm[0], seen->mm[1], &p, &normal);
        int k = (int)fmin(fmax(seen->mm[0] - strip->first_mm, 0.0), strip->count - 1.0);
        memcpy(open, strip->seen[k], sizeof open);
    } else {
        marker = scene->sheet->marker;
        normal = scene->sheet->normal;
        sheet_light(scene->sheet, seen->mm, open);
    }
    Rgb ink = {0};
    (void)marker_color_at(marker, seen->mm[0], seen->mm[1], px_mm, &ink);
    Rgb paper = {paper_white * fmaxf(ink.r, toner), paper_white * fmaxf(ink.g, toner),
                 paper_white * fmaxf(ink.b, toner)};
    return (Lit){{0}, times(paper, room_irradiance(scene->room, open, normal))};
}

/* A treatment room, far out of focus: wall, something dark and something bright, floor. */
static Rgb backdrop(const Scene *scene, Vec3 d)
{
    double around = atan2(d.x, d.z), wall = 0.62 + 0.10 * d.y + 0.05 * sin(around * 1.0 + 0.7);
    wall -= 0.22 * smooth(0.22, 0.36, fabs(remainder(around - 2.55, 6.283185307179586))) -
            0.22; /* a pale door frame */
    wall -= 0.16 * (1.0 - smooth(0.10, 0.24, fabs(remainder(around + 2.70, 6.283185307179586)))) *
            (1.0 - smooth(-0.05, 0.20, d.y));
    double floor_share = smooth(-0.30, -0.55, d.y);
    Rgb ground = {0.20F, 0.165F, 0.135F};
    double boards = 1.0 + 0.10 * sin(9.0 * d.x / fmax(-d.y, 0.2)) * floor_share;
    Rgb room = scaled(scene->room->wall, wall * 0.80);
    return plus(scaled(room, 1.0 - floor_share),
                scaled(times(ground, scene->room->wall), floor_share * boards * 1.3));
}

static Lit light_sample(const Scene *scene, const Camera *camera, const Seen *seen, Vec3 direction,
                        double box_px)
{
    Vec3 p = vec_madd(camera->pose.eye_mm, seen->distance, direction);
    switch (seen->thing) {
    case THING_SKIN:
        return light_skin(scene, camera, seen, p);
    case THING_CLOTH:
        return light_cloth(scene, seen, p);
    case THING_STRIP:
    case THING_SHEET:
        return light_paper(scene, seen, box_px * seen->distance / camera->lens.focal_px);
    case THING_NONE:
        break;
    }
    return (Lit){{0}, backdrop(scene, direction)};
}

/* ---- a picture ---- */

typedef struct Trace {
    const Scene *scene;
    Shot *shot;
} Trace;

static uint16_t coded(float light)
{
    return (uint16_t)fminf(fmaxf(light * SHOT_CODE + 0.5F, 0.0F), 65535.0F);
}

static void put(Shot *shot, size_t px, Lit lit)
{
    float *skin = shot->skin.rgb + 3 * px;
    skin[0] = lit.skin.r, skin[1] = lit.skin.g, skin[2] = lit.skin.b;
    shot->base[px][0] = coded(lit.base.r);
    shot->base[px][1] = coded(lit.base.g);
    shot->base[px][2] = coded(lit.base.b);
}

/* count x count samples over a pixel, seen alike. */
static Lit mean_of(const Trace *trace, int x, int y, int count)
{
    const Camera *camera = &trace->shot->camera;
    Lit sum = {0};
    for (int i = 0; i < count * count; i++) {
        Vec3 d = camera_ray(camera, x + (i % count + 0.5) / count, y + (i / count + 0.5) / count);
        Seen seen = scene_look(trace->scene, camera->pose.eye_mm, d);
        Lit lit = light_sample(trace->scene, camera, &seen, d, 1.0 / count);
        sum.skin = plus(sum.skin, lit.skin);
        sum.base = plus(sum.base, lit.base);
    }
    double share = 1.0 / (count * count);
    return (Lit){scaled(sum.skin, share), scaled(sum.base, share)};
}

static void trace_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Trace *trace = ctx;
    Shot *shot = trace->shot;
    const Camera *camera = &shot->camera;
    for (int y = begin; y < end; y++)
        for (int x = 0; x < shot->skin.width_px; x++) {
            size_t px = (size_t)y * (size_t)shot->skin.width_px + (size_t)x;
            Vec3 d = camera_ray(camera, x + 0.5, y + 0.5);
            Seen seen = scene_look(trace->scene, camera->pose.eye_mm, d);
            shot->thing[px] = (uint8_t)seen.thing;
            shot->depth_mm[px] = seen.thing == THING_NONE
                                     ? INFINITY
                                     : (float)(seen.distance * vec_dot(d, camera->pose.forward));
            bool paper = seen.thing == THING_STRIP || seen.thing == THING_SHEET;
            put(shot, px,
                paper ? mean_of(trace, x, y, 2)
                      : light_sample(trace->scene, camera, &seen, d, 1.0));
        }
}

static bool is_edge(const Shot *shot, int x, int y)
{
    int width = shot->skin.width_px, height = shot->skin.height_px;
    size_t px = (size_t)y * (size_t)width + (size_t)x;
    float low = shot->depth_mm[px], high = low;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height)
                continue;
            size_t at = (size_t)(y + dy) * (size_t)width + (size_t)(x + dx);
            if (shot->thing[at] != shot->thing[px])
                return true;
            low = fminf(low, shot->depth_mm[at]);
            high = fmaxf(high, shot->depth_mm[at]);
        }
    return isfinite(low) && (double)(high - low) > STEP_MM;
}

static void smooth_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Trace *trace = ctx;
    Shot *shot = trace->shot;
    for (int y = begin; y < end; y++)
        for (int x = 0; x < shot->skin.width_px; x++)
            if (is_edge(shot, x, y))
                put(shot, (size_t)y * (size_t)shot->skin.width_px + (size_t)x,
                    mean_of(trace, x, y, SUB));
}

bool shot_new(Arena *arena, const Camera *camera, Shot *shot, Err *err)
{
    int width = camera->lens.width_px, height = camera->lens.height_px;
    size_t count = (size_t)width * (size_t)height;
    shot->camera = *camera;
    if (!image_new_f(arena, width, height, &shot->skin, err))
        return false;
    shot->base = arena_alloc(arena, count, sizeof *shot->base);
    shot->depth_mm = ARENA_NEW(arena, float, count);
    shot->thing = ARENA_NEW(arena, uint8_t, count);
    if (shot->base == NULL || shot->depth_mm == NULL || shot->thing == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for a photograph of %d x %d pixels within the memory limit", width,
                       height);
    return true;
}

void shot_trace(const Scene *scene, int threads, Shot *shot)
{
    Trace trace = {scene, shot};
    parallel_for(threads, shot->skin.height_px, ROWS, trace_rows, &trace);
    parallel_for(threads, shot->skin.height_px, ROWS, smooth_rows, &trace);
}

typedef struct Compose {
    Shot *shot;
    float (*tau)[3];
} Compose;

static void compose_rows(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Compose *compose = ctx;
    Shot *shot = compose->shot;
    size_t width = (size_t)shot->skin.width_px;
    for (size_t px = (size_t)begin * width; px < (size_t)end * width; px++)
        for (int c = 0; c < 3; c++) {
            float *light = shot->skin.rgb + 3 * px + c;
            if (compose->tau != NULL && *light > 0.0F)
                *light *= expf(-compose->tau[px][c]);
            *light += (float)shot->base[px][c] / SHOT_CODE;
        }
}

void shot_compose(Shot *shot, float (*tau)[3], int threads)
{
    Compose compose = {shot, tau};
    parallel_for(threads, shot->skin.height_px, ROWS, compose_rows, &compose);
}

bool shot_shows(const Shot *shot, Vec3 p, double slack_mm, double px[2])
{
    double depth;
    if (!camera_project(&shot->camera, p, &px[0], &px[1], &depth))
        return false;
    int x = (int)floor(px[0]), y = (int)floor(px[1]);
    if (x < 0 || y < 0 || x >= shot->skin.width_px || y >= shot->skin.height_px)
        return false;
    return depth <
           (double)shot->depth_mm[(size_t)y * (size_t)shot->skin.width_px + (size_t)x] + slack_mm;
}
