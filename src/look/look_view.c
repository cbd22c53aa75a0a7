#include "look_internal.h"

#include "look/look.h"

#include <math.h>

enum { EYE_DISTANCE_MM = 1200 }; /* a portrait photographer's distance: little perspective */

static const double PI = 3.14159265358979323846;
static const double FRAME_FILL = 0.93; /* share of the picture that the framed part takes */

/* Which part of the head a view frames, in the head frame, relative to the highest point. */
typedef struct Framing {
    const char *name, *caption;
    double azimuth_deg, elevation_deg; /* of the camera: from +z towards +x, and up */
    double below_top_mm;               /* depth of the framed part */
    double fade_below_top_mm;          /* shoulders under the head dissolve */
} Framing;

/* The face views reach to the chin: vertex to menton is 232 mm (men, ANSUR II mean, p99 255). The
 * slightly raised camera is that of hair clinics' global photographs: it shows the hairline. */
static const Framing framing[LOOK_VIEWS] = {
    [LOOK_FRONT] = {"front", "Front", 0, 14, 236, 1e9},
    [LOOK_LEFT45] = {"left45", "45° from the left", 45, 14, 236, 1e9},
    [LOOK_RIGHT45] = {"right45", "45° from the right", -45, 14, 236, 1e9},
    [LOOK_TOP] = {"top", "From above", 0, 90, 165, 175},
    [LOOK_CROWN] = {"crown", "Crown", 180, 48, 135, 1e9},
    [LOOK_SIDE] = {"side", "From the left", 90, 8, 236, 1e9},
};

static const double HALF_WIDTH_MM = 112; /* half the widest head with ears; keeps shoulders out */
static const double BACK_LIMIT_MM = -160;

const char *look_view_name(LookView view)
{
    return framing[view].name;
}

const char *look_view_caption(LookView view)
{
    return framing[view].caption;
}

static Pose aim(const Framing *frame, Vec3 target)
{
    double azimuth = frame->azimuth_deg * PI / 180, elevation = frame->elevation_deg * PI / 180;
    Vec3 towards =
        vec3(sin(azimuth) * cos(elevation), sin(elevation), cos(azimuth) * cos(elevation));
    Vec3 upright = frame->elevation_deg > 80 ? vec3(0, 0, -1) : vec3(0, 1, 0);
    Pose pose = {.eye_mm = vec_madd(target, EYE_DISTANCE_MM, towards),
                 .forward = vec_scale(towards, -1)};
    pose.right = vec_normalize(vec_cross(pose.forward, upright));
    pose.down = vec_cross(pose.forward, pose.right);
    return pose;
}

static bool is_framed(const Framing *frame, double top_mm, Vec3 p)
{
    return p.y > top_mm - frame->below_top_mm && fabs(p.x) < HALF_WIDTH_MM && p.z > BACK_LIMIT_MM;
}

bool look_frame_view(const Mesh *scan, LookView view, int width_px, int height_px, View *framed,
                     Err *err)
{
    const Framing *frame = &framing[view];
    Camera *camera = &framed->camera;
    double top_mm = -HUGE_VAL;
    for (int i = 0; i < scan->vertex_count; i++)
        if (fabs(scan->position[i].x) < HALF_WIDTH_MM)
            top_mm = fmax(top_mm, scan->position[i].y);
    /* tragion to top of head is 102 to 146 mm over all adults (ANSUR II): see field canvas 1.1 */
    if (!(top_mm > 40 && top_mm < 300))
        return err_set(err, ERR_INPUT,
                       "the highest point of the scan is %.3g mm above the ears, not 40 to 300: "
                       "bring it into the head frame, in mm",
                       top_mm);

    *camera = (Camera){.lens = {.width_px = width_px, .height_px = height_px},
                       .pose = aim(frame, vec3(0, top_mm - 0.5 * frame->below_top_mm, 0))};
    double low_x = HUGE_VAL, high_x = -HUGE_VAL, low_y = HUGE_VAL, high_y = -HUGE_VAL;
    for (int i = 0; i < scan->vertex_count; i++) {
        if (!is_framed(frame, top_mm, scan->position[i]))
            continue;
        Vec3 c = camera_coordinates(camera, scan->position[i]);
        low_x = fmin(low_x, c.x / c.z), high_x = fmax(high_x, c.x / c.z);
        low_y = fmin(low_y, c.y / c.z), high_y = fmax(high_y, c.y / c.z);
    }
    if (!(high_x > low_x && high_y > low_y))
        return err_set(err, ERR_INPUT, "the scan has no surface in the %s view", frame->name);
    framed->fade_y_mm = top_mm - frame->fade_below_top_mm;
    Lens *lens = &camera->lens;
    lens->focal_px = FRAME_FILL * fmin(width_px / (high_x - low_x), height_px / (high_y - low_y));
    lens->centre_x_px = 0.5 * width_px - lens->focal_px * 0.5 * (low_x + high_x);
    lens->centre_y_px = 0.5 * height_px - lens->focal_px * 0.5 * (low_y + high_y);
    return true;
}
