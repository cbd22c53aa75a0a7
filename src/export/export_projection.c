#include "export/solid_internal.h"

#include "head/growth.h"

#include <math.h>

/* On a wall seen more askew a projected dot is twice as long as wide and the least error of the
 * pose moves it far [assumption: 75 degrees]. */
static const double LEAST_COS = 0.258819045;
/* Rays start so far off the skin that the facets of the canvas do not hide themselves. */
static const double LIFT_MM = 0.5;
/* Each way, of a pixel that is seen face on; more where a spot is seen askew, and so narrow. */
enum { SAMPLES = 6, MOST_SAMPLES = 18 };

ExportProjection export_projection_default(void)
{
    return (ExportProjection){.session = -1, .least_px = 2.0};
}

typedef struct Screen {
    const Camera *camera;
    const MeshRays *rays;
    int width, height;
    float *light; /* [height][width] share of a pixel that is lit */
} Screen;

static void lighten(Screen *screen, int x, int y, double share)
{
    float *light = &screen->light[(ptrdiff_t)y * screen->width + x];
    *light = fmaxf(*light, (float)share);
}

typedef struct Box {
    int x0, y0, x1, y1; /* last ones included */
} Box;

static int clamp(double value, int low, int high)
{
    return value < low ? low : value > high ? high : (int)value;
}

/* False when nothing of it is in the picture. */
static bool box_around(const Screen *screen, double x, double y, double reach, Box *box)
{
    if (!(x + reach > 0.0 && y + reach > 0.0 && x - reach < screen->width &&
          y - reach < screen->height))
        return false;
    *box = (Box){clamp(floor(x - reach), 0, screen->width - 1),
                 clamp(floor(y - reach), 0, screen->height - 1),
                 clamp(ceil(x + reach), 0, screen->width - 1),
                 clamp(ceil(y + reach), 0, screen->height - 1)};
    return true;
}

/* ---- what light reaches ---- */

typedef enum Sight { SEEN, AWAY, HIDDEN } Sight;

static Sight sight_of(const Screen *screen, Vec3 position_mm, Vec3 normal)
{
    Vec3 way = vec_sub(screen->camera->pose.eye_mm, position_mm);
    double distance = vec_length(way);
    if (!(vec_dot(way, normal) > LEAST_COS * distance))
        return AWAY;
    Vec3 from = vec_madd(position_mm, LIFT_MM, normal);
    way = vec_sub(screen->camera->pose.eye_mm, from);
    distance = vec_length(way);
    return mesh_rays_blocked(screen->rays, from, vec_scale(way, 1.0 / distance), distance) ? HIDDEN
                                                                                           : SEEN;
}

/* ---- a mark: what lies within a radius of a stretch of the plane that touches the skin ---- */

typedef struct Spot {
    Vec3 middle, normal, along; /* along: unit */
    double half_mm, radius_mm;
} Spot;

/* Directions of the light over a small box of pixels, with 1 along the axis: linear in the pixels,
 * but for what the lens bends within the box. */
typedef struct Fan {
    Vec3 first, per_x, per_y;
} Fan;

static Vec3 light_at(const Camera *camera, double x_px, double y_px)
{
    Vec3 ray = camera_ray(camera, x_px, y_px);
    return vec_scale(ray, 1.0 / vec_dot(ray, camera->pose.forward));
}

static Fan fan_over(const Camera *camera, Box box)
{
    int width = box.x1 + 1 - box.x0, height = box.y1 + 1 - box.y0;
    Vec3 first = light_at(camera, box.x0, box.y0);
    return (Fan){first,
                 vec_scale(vec_sub(light_at(camera, box.x1 + 1, box.y0), first), 1.0 / width),
                 vec_scale(vec_sub(light_at(camera, box.x0, box.y1 + 1), first), 1.0 / height)};
}

/* How far the light of a direction falls beside the spot; negative within it. */
static double beside_mm(const Spot *spot, Vec3 eye_mm, Vec3 ray)
{
    double fall = vec_dot(ray, spot->normal);
    if (!(fall < 0.0))
        return HUGE_VAL;
    double reach = vec_dot(vec_sub(spot->middle, eye_mm), spot->normal) / fall;
    Vec3 off = vec_sub(vec_madd(eye_mm, reach, ray), spot->middle);
    double along = fmin(fmax(vec_dot(off, spot->along), -spot->half_mm), spot->half_mm);
    return vec_length(vec_madd(off, -along, spot->along)) - spot->radius_mm;
}

/* pixel_mm: no point of a pixel is farther from its middle on the skin. */
static double share_of(const Spot *spot, const Camera *camera, const Fan *fan, double x, double y,
                       int samples, double pixel_mm)
{
    Vec3 eye_mm = camera->pose.eye_mm;
    Vec3 middle = vec_madd(vec_madd(fan->first, x + 0.5, fan->per_x), y + 0.5, fan->per_y);
    double beside = beside_mm(spot, eye_mm, middle);
    if (fabs(beside) > pixel_mm)
        return beside > 0.0 ? 0.0 : 1.0;
    int lit = 0;
    for (int j = 0; j < samples; j++)
        for (int i = 0; i < samples; i++)
            lit += beside_mm(spot, eye_mm,
                             vec_madd(vec_madd(fan->first, x + (i + 0.5) / samples, fan->per_x),
                                      y + (j + 0.5) / samples, fan->per_y)) < 0.0;
    return (double)lit / (samples * samples);
}

static void draw_spot(Screen *screen, const Spot *spot, Box box)
{
    const Camera *camera = screen->camera;
    Fan fan = fan_over(camera, box);
    Vec3 way = vec_normalize(vec_sub(camera->pose.eye_mm, spot->middle));
    double slant = vec_dot(way, spot->normal);
    int samples = clamp(SAMPLES / slant, SAMPLES, MOST_SAMPLES);
    double pixel_mm = 1.0 / (slant * camera_px_per_mm(camera, spot->middle));
    for (int y = box.y0; y <= box.y1; y++)
        for (int x = box.x0; x <= box.x1; x++) {
            double share = share_of(spot, camera, &fan, x - box.x0, y - box.y0, samples, pixel_mm);
            if (share > 0.0)
                lighten(screen, x, y, share);
        }
}

static Spot spot_of(const Case *plan, const ExportProjection *projection, int index)
{
    const Dot *dot = &plan->dots->dot[index];
    double length_mm = plan->dot_length_mm != NULL ? (double)plan->dot_length_mm[index] : 0.0;
    double diameter_mm =
        projection->dot_mm > 0.0 ? projection->dot_mm : plan->dot_diameter_mm[index];
    Spot spot = {.middle = dot->position_mm,
                 .normal = dot->normal,
                 .half_mm = 0.5 * length_mm,
                 .radius_mm = 0.5 * diameter_mm};
    if (length_mm > 0.0)
        spot.along =
            growth_heading_to_surface(plan->head, (double)plan->dot_heading_rad[index], dot->point);
    return spot;
}

static void draw_dot(Screen *screen, const Case *plan, const ExportProjection *projection,
                     int index, ExportShown *shown)
{
    const Dot *dot = &plan->dots->dot[index];
    double x, y, depth_mm;
    Box box;
    Sight sight = sight_of(screen, dot->position_mm, dot->normal);
    if (sight != SEEN) {
        ++*(sight == AWAY ? &shown->away : &shown->hidden);
        return;
    }
    Spot spot = spot_of(plan, projection, index);
    double px_per_mm = camera_px_per_mm(screen->camera, spot.middle);
    if (!camera_project(screen->camera, spot.middle, &x, &y, &depth_mm) || !(px_per_mm > 0.0)) {
        shown->outside++;
        return;
    }
    spot.radius_mm = fmax(spot.radius_mm, 0.5 * projection->least_px / px_per_mm);
    /* away from the middle of a picture things are drawn larger, to one side */
    double reach = 1.5 * px_per_mm * (spot.radius_mm + spot.half_mm) + 1.0;
    if (!box_around(screen, x, y, reach, &box)) {
        shown->outside++;
        return;
    }
    draw_spot(screen, &spot, box);
    shown->shown++;
}

/* ---- the hairline ---- */

static void draw_stroke(Screen *screen, const double a[2], const double b[2], double width_px)
{
    double dx = b[0] - a[0], dy = b[1] - a[1], square = dx * dx + dy * dy;
    Box box;
    if (!box_around(screen, 0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1]),
                    0.5 * sqrt(square) + 0.5 * width_px + 1.0, &box))
        return;
    for (int y = box.y0; y <= box.y1; y++)
        for (int x = box.x0; x <= box.x1; x++) {
            double px = x + 0.5 - a[0], py = y + 0.5 - a[1];
            double t = square > 0.0 ? (px * dx + py * dy) / square : 0.0;
            t = fmin(fmax(t, 0.0), 1.0);
            double off = hypot(px - t * dx, py - t * dy);
            double share = fmin(0.5 * width_px + 0.5 - off, fmin(width_px, 1.0));
            if (share > 0.0)
                lighten(screen, x, y, share);
        }
}

static void draw_hairline(Screen *screen, const Case *plan, double width_px)
{
    const DesignLayout *layout = plan->layout;
    double last[2] = {0.0, 0.0}, here[2], depth_mm;
    bool was_seen = false;
    for (int i = 0; i < layout->hairline_count; i++) {
        HeadPoint point = head_nearest(plan->head, layout->hairline_mm[i]);
        bool seen = point.triangle >= 0;
        if (seen) {
            Vec3 position_mm = head_position_mm(plan->head, point);
            seen = sight_of(screen, position_mm, head_normal(plan->head, point)) == SEEN &&
                   camera_project(screen->camera, position_mm, &here[0], &here[1], &depth_mm);
        }
        if (seen && was_seen)
            draw_stroke(screen, last, here, width_px);
        was_seen = seen;
        if (seen)
            last[0] = here[0], last[1] = here[1];
    }
}

/* ---- all of it ---- */

static bool check_projection(const Case *plan, const ExportProjection *projection, Err *err)
{
    const Lens *lens = &projection->projector.lens;
    const Pose *pose = &projection->projector.pose;
    if (lens->width_px < 16 || lens->height_px < 16 || lens->width_px > IMAGE_MAX_SIDE_PX ||
        lens->height_px > IMAGE_MAX_SIDE_PX ||
        (int64_t)lens->width_px * lens->height_px > IMAGE_MAX_PX)
        return err_set(err, ERR_INPUT, "a projector of %d x %d px: not within 16..%d, %d in all",
                       lens->width_px, lens->height_px, IMAGE_MAX_SIDE_PX, IMAGE_MAX_PX);
    if (!(lens->focal_px > 0.0) || !isfinite(lens->focal_px) || !isfinite(lens->k1) ||
        !vec_is_finite(pose->eye_mm))
        return err_set(err, ERR_INPUT, "a projector of %g px focal length throws no picture",
                       lens->focal_px);
    double size = vec_length(vec_sub(pose->eye_mm, plan->head->centre_mm));
    for (int i = 0; i < plan->head->topology->vertex_count; i += 64)
        if (size < plan->head->radius_mm[i])
            return err_set(err, ERR_INPUT,
                           "the projector stands %.0f mm from the middle of the head: within it",
                           size);
    if (projection->session >= plan->dots->session_count)
        return err_set(err, ERR_INPUT, "session %d of a plan of %d", projection->session + 1,
                       plan->dots->session_count);
    if (!(projection->dot_mm >= 0.0 && projection->dot_mm <= 10.0) ||
        !(projection->least_px >= 0.0 && projection->least_px <= 50.0) ||
        !(projection->hairline_px >= 0.0 && projection->hairline_px <= 50.0))
        return err_set(err, ERR_INPUT,
                       "dots of %g mm, at least %g px, a line of %g px: not within 0..10, 0..50, "
                       "0..50",
                       projection->dot_mm, projection->least_px, projection->hairline_px);
    return true;
}

/* Half of a pixel is half of the light, which is not half of the code. */
static bool encode(Arena *arena, Arena *scratch, const Screen *screen, ExportBytes *png, Err *err)
{
    size_t pixels = (size_t)screen->width * (size_t)screen->height;
    uint8_t *grey = ARENA_NEW(scratch, uint8_t, pixels);
    if (grey == NULL)
        return err_set(err, ERR_LIMIT, "no room for a picture of %zu px", pixels);
    for (size_t i = 0; i < pixels; i++) {
        float light = screen->light[i];
        grey[i] = light > 0.0F ? (uint8_t)(255.0F * color_srgb_encode(light) + 0.5F) : 0;
    }
    return image_encode_png_grey(arena, screen->width, screen->height, grey, 6, &png->size,
                                 &png->bytes, err);
}

bool export_projection(Arena *arena, Arena *scratch, const Case *plan,
                       const ExportProjection *projection, ExportBytes *png, ExportShown *shown,
                       Err *err)
{
    if (!check_projection(plan, projection, err))
        return false;
    size_t mark = arena_mark(scratch);
    const Lens *lens = &projection->projector.lens;
    Mesh mesh;
    MeshRays rays;
    Screen screen = {.camera = &projection->projector,
                     .rays = &rays,
                     .width = lens->width_px,
                     .height = lens->height_px};
    screen.light = ARENA_NEW(scratch, float, (size_t)lens->width_px *(size_t)lens->height_px);
    if (screen.light == NULL)
        return err_set(err, ERR_LIMIT, "no room for a picture of %d x %d px", lens->width_px,
                       lens->height_px);
    if (!export_canvas_mesh(scratch, plan->head, NULL, &mesh, err) ||
        !mesh_rays_open(&mesh, &rays, err))
        return false;
    *shown = (ExportShown){0};
    for (int i = 0; i < plan->dots->count; i++)
        if (projection->session < 0 || plan->dots->dot[i].session == projection->session)
            draw_dot(&screen, plan, projection, i, shown);
    if (projection->hairline_px > 0.0 && plan->layout->has_hairline)
        draw_hairline(&screen, plan, projection->hairline_px);
    mesh_rays_close(&rays);
    bool ok = encode(arena, scratch, &screen, png, err);
    arena_rewind(scratch, mark);
    return ok;
}
