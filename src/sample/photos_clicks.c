#include "sample/photos_internal.h"

#include "base/rng.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

const char *const click_name[CLICK_POINTS] = {"glabella",      "tragion_left", "tragion_right",
                                              "vertex",        "inion",        "canthus_left",
                                              "canthus_right", "nasion"};
enum { GLABELLA, TRAGION_LEFT, TRAGION_RIGHT, VERTEX, INION, CANTHUS_LEFT, CANTHUS_RIGHT, NASION };

/* ---- where the points are ---- */

/* From the frame in which the face is laid out; the other way is bust_to_face. */
static Vec3 from_face(const Bust *bust, Vec3 p)
{
    Vec3 zero = bust_to_face(bust, vec3(0, 0, 0)), one = bust_to_face(bust, vec3(1, 1, 1));
    return vec3((p.x - zero.x) / (one.x - zero.x), (p.y - zero.y) / (one.y - zero.y),
                (p.z - zero.z) / (one.z - zero.z));
}

void client_points(const Sample *sample, const Bust *bust, Vec3 point[CLICK_POINTS])
{
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++)
        point[i] = sample->landmark_mm[i];
    for (int side = -1; side <= 1; side += 2) {
        /* the outer end of the slit between the lids */
        Vec3 end = from_face(bust, vec3(45.5 * side, 4.6, 80.0)), hit = end;
        (void)bust_hit(bust, vec_madd(end, 60.0, vec_normalize(vec3(0.5 * side, 0.0, 1.0))),
                       vec_madd(end, -30.0, vec_normalize(vec3(0.5 * side, 0.0, 1.0))), false,
                       &hit);
        point[side > 0 ? CANTHUS_LEFT : CANTHUS_RIGHT] = hit;
    }
    Vec3 glabella = point[GLABELLA], nasion = glabella;
    for (double y = glabella.y - 4.0; y > glabella.y - 30.0; y -= 0.25) {
        Vec3 hit = glabella;
        (void)bust_hit(bust, vec3(0.0, y, 300.0), vec3(0.0, y, 0.0), false, &hit);
        if (hit.z < nasion.z)
            nasion = hit;
    }
    point[NASION] = nasion;
}

/* ---- clicking ---- */

static void click(Click *click_at, const double px[2], double sd_px, Rng *rng)
{
    double dx = rng_normal(rng), dy = rng_normal(rng);
    *click_at = (Click){
        .seen = true, .true_px = {px[0], px[1]}, .px = {px[0] + sd_px * dx, px[1] + sd_px * dy}};
}

/* Only what faces the camera and has no paper before it. The vertex and the inion are shapes more
 * than places: they count as seen a little beyond the horizon. */
static bool point_seen(const Scene *scene, const Shot *shot, int which, Vec3 p, double px[2])
{
    bool weak = which == VERTEX || which == INION;
    if (!shot_shows(shot, p, weak ? 6.0 : 2.0, px))
        return false;
    size_t at = (size_t)px[1] * (size_t)shot->skin.width_px + (size_t)px[0];
    if (shot->thing[at] != THING_SKIN && !(weak && shot->thing[at] == THING_NONE))
        return false;
    Vec3 view = vec_normalize(vec_sub(shot->camera.pose.eye_mm, p));
    return vec_dot(bust_normal(scene->bust, p), view) > (weak ? -0.25 : 0.15);
}

/* ---- the outline ---- */

static bool is_head(const Scene *scene, const Camera *camera, double x, double y, Vec3 *p)
{
    Vec3 d = camera_ray(camera, x, y);
    Seen seen = scene_look(scene, camera->pose.eye_mm, d);
    *p = vec_madd(camera->pose.eye_mm, seen.distance, d);
    return seen.thing == THING_SKIN;
}

/* Part of the cranium that the head model knows: above brow, strip and ears. */
static bool is_cranium(const Scene *scene, Vec3 p)
{
    double above = p.y - 58.0;
    if (scene->strip != NULL)
        above = fmin(p.y - 40.0, scene->strip->marker->top_mm - 3.0 -
                                     vec_dot(vec_sub(p, scene->strip->front), scene->strip->axis));
    return above > 0.0;
}

/* Out from the middle of the head along one direction of the picture to where skin ends in front of
 * something 15 mm farther away at least; then halved to a hundredth of a pixel. */
static bool rim_at(const Scene *scene, const Shot *shot, const double from[2], double angle,
                   double px[2])
{
    const double deeper_mm = 15.0;
    int width = shot->skin.width_px, height = shot->skin.height_px;
    double dx = cos(angle), dy = sin(angle), last = -1.0;
    for (double r = 1.0; r < hypot(width, height); r += 1.0) {
        int x = (int)floor(from[0] + r * dx), y = (int)floor(from[1] + r * dy);
        if (x < 0 || y < 0 || x >= width || y >= height)
            break;
        size_t at = (size_t)y * (size_t)width + (size_t)x;
        if (shot->thing[at] == THING_STRIP)
            return false; /* the outline lies behind the paper, or below it */
        if (shot->thing[at] == THING_SKIN && last > 0.0 &&
            (double)shot->depth_mm[at] > last + deeper_mm)
            break;
        if (shot->thing[at] != THING_SKIN)
            break;
        last = (double)shot->depth_mm[at];
        px[0] = r;
    }
    if (last < 0.0)
        return false;
    double low = px[0] - 2.0, high = px[0] + 2.0;
    Vec3 p, rim = {0};
    for (int i = 0; i < 9; i++) {
        double r = 0.5 * (low + high);
        bool on = is_head(scene, &shot->camera, from[0] + r * dx, from[1] + r * dy, &p) &&
                  vec_dot(vec_sub(p, shot->camera.pose.eye_mm), shot->camera.pose.forward) <
                      last + deeper_mm;
        if (on) {
            rim = p;
            low = r;
        } else
            high = r;
    }
    px[0] = from[0] + low * dx;
    px[1] = from[1] + low * dy;
    return vec_length(rim) > 0.0 && is_cranium(scene, rim);
}

static void outline_make(const Scene *scene, const Shot *shot, double sd_px, Rng *rng,
                         Clicks *clicks)
{
    enum { PROBES = 180 };
    double from[2], depth, rim[PROBES][2];
    bool found[PROBES];
    int all = 0;
    if (!camera_project(&shot->camera, vec3(0.0, 98.0, -5.0), &from[0], &from[1], &depth))
        return;
    for (int i = 0; i < PROBES; i++) {
        found[i] = rim_at(scene, shot, from, 2.0 * PI * i / PROBES, rim[i]);
        all += found[i];
    }
    double step = fmax((double)all / OUTLINE_LIMIT, 1.0), next = 0.0;
    int rank = 0;
    for (int i = 0; i < PROBES; i++)
        if (found[i] && rank++ >= next && clicks->outline_count < OUTLINE_LIMIT) {
            next += step;
            click(&clicks->outline[clicks->outline_count++], rim[i], sd_px, rng);
        }
}

void clicks_make(const Scene *scene, const Shot *shot, const Vec3 point[CLICK_POINTS], double sd_mm,
                 uint64_t seed, Clicks *clicks)
{
    /* a dot is hit better than a landmark is found, an outline better across than a landmark */
    const double outline_share = 0.6, mark_share = 0.3;
    Rng rng = rng_make(seed, 0x636c6b00u);
    double px[2];
    *clicks = (Clicks){0};
    for (int i = 0; i < CLICK_POINTS; i++)
        if (point_seen(scene, shot, i, point[i], px))
            click(&clicks->point[i], px, sd_mm * camera_px_per_mm(&shot->camera, point[i]), &rng);
    for (int i = 0; i < SCENE_MARKS && scene->marked; i++)
        if (point_seen(scene, shot, -1, scene->mark[i], px))
            click(&clicks->mark[i], px,
                  mark_share * sd_mm * camera_px_per_mm(&shot->camera, scene->mark[i]), &rng);
    outline_make(scene, shot,
                 outline_share * sd_mm * camera_px_per_mm(&shot->camera, HEAD_CENTRE_MM), &rng,
                 clicks);
}

/* ---- tags ---- */

static bool tag_seen(const Shot *shot, const Vec3 corner[4], Vec3 normal, TagTruth *tag)
{
    Vec3 middle = vec_lerp(corner[0], corner[2], 0.5);
    tag->facing = vec_dot(normal, vec_normalize(vec_sub(shot->camera.pose.eye_mm, middle)));
    for (int k = 0; k < 4; k++)
        if (!shot_shows(shot, corner[k], 1.5, tag->corner_px[k]))
            return false;
    return tag->facing > 0.1;
}

static void add_tag(const Shot *shot, const Marker *marker, int i, const Vec3 corner[4],
                    Vec3 normal, Picture *picture)
{
    TagTruth tag = {.kind = marker->kind, .tag = i, .id = marker->tag[i].id};
    if (picture->tag_count < TAG_LIMIT && tag_seen(shot, corner, normal, &tag))
        picture->tag[picture->tag_count++] = tag;
}

void tags_of(const Scene *scene, const Shot *shot, Picture *picture)
{
    double mm[4][2];
    Vec3 corner[4], normal;
    const Strip *strip = scene->strip;
    for (int i = 0; strip != NULL && i < strip->marker->tag_count; i++) {
        const MarkerTag *tag = &strip->marker->tag[i];
        marker_tag_corners(tag, mm);
        double low = strip->first_mm + strip->count - 1.0 - (strip->over_mm - strip->first_mm);
        double quiet = tag->side_mm / 8.0; /* white that a reader needs around it */
        if (mm[0][0] < low + quiet || mm[1][0] + quiet > strip->first_mm + strip->count - 1.0)
            continue; /* cut off, or under the other end of the paper */
        for (int k = 0; k < 4; k++)
            strip_point(strip, mm[k][0], mm[k][1], &corner[k], &normal);
        strip_point(strip, tag->x_mm, tag->y_mm, &(Vec3){0}, &normal);
        add_tag(shot, strip->marker, i, corner, normal, picture);
    }
    const Sheet *sheet = scene->sheet;
    for (int i = 0; sheet != NULL && i < sheet->marker->tag_count; i++) {
        marker_tag_corners(&sheet->marker->tag[i], mm);
        for (int k = 0; k < 4; k++)
            corner[k] = sheet_point(sheet, mm[k][0], mm[k][1]);
        add_tag(shot, sheet->marker, i, corner, sheet->normal, picture);
    }
}
