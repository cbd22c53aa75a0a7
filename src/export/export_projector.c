#include "export/export.h"

#include "base/node.h"

#include <math.h>

enum { PROJECTOR_VERSION = 1 };

static bool read_point(const Node *root, const char *key, double most, Vec3 *point)
{
    Node list, item;
    int count;
    double number[3];
    if (!node_list(root, key, 3, &list, &count))
        return false;
    if (count != 3)
        return node_refuse(&list, "has %d numbers, not 3", count);
    for (int k = 0; k < 3; k++)
        if (!node_item(&list, k, &item) || !node_is_number(&item, -most, most, &number[k]))
            return false;
    *point = vec3(number[0], number[1], number[2]);
    return true;
}

static bool read_side(const Node *root, const char *key, int *side_px)
{
    if (!node_whole(root, key, side_px))
        return false;
    if (*side_px < 16 || *side_px > IMAGE_MAX_SIDE_PX)
        return node_refuse(root, "%s is %d, not within 16..%d", key, *side_px, IMAGE_MAX_SIDE_PX);
    return true;
}

/* By one of three numbers, whichever the maker gives. */
static bool read_focal(const Node *root, Lens *lens)
{
    bool focal = node_has(root, "focal_px"), angle = node_has(root, "field_of_view_deg"),
         ratio = node_has(root, "throw_ratio");
    double number;
    if (focal + angle + ratio != 1)
        return node_refuse(root, "needs one of focal_px, field_of_view_deg and throw_ratio");
    if (focal)
        return node_number(root, "focal_px", 16.0, 1e6, &lens->focal_px);
    if (angle) {
        if (!node_number(root, "field_of_view_deg", 1.0, 150.0, &number))
            return false;
        lens->focal_px = 0.5 * lens->width_px / tan(number * (3.14159265358979323846 / 360.0));
        return true;
    }
    if (!node_number(root, "throw_ratio", 0.1, 100.0, &number))
        return false;
    lens->focal_px = number * lens->width_px;
    return true;
}

/* Most projectors throw upwards: their axis leaves the picture near its lower edge, or below. */
static bool read_centre(const Node *root, Lens *lens)
{
    Node list, item;
    int count;
    lens->centre_x_px = 0.5 * lens->width_px;
    lens->centre_y_px = 0.5 * lens->height_px;
    if (!node_has(root, "centre_px"))
        return true;
    if (!node_list(root, "centre_px", 2, &list, &count))
        return false;
    if (count != 2)
        return node_refuse(&list, "has %d numbers, not 2", count);
    return node_item(&list, 0, &item) &&
           node_is_number(&item, -4.0 * lens->width_px, 5.0 * lens->width_px, &lens->centre_x_px) &&
           node_item(&list, 1, &item) &&
           node_is_number(&item, -4.0 * lens->height_px, 5.0 * lens->height_px, &lens->centre_y_px);
}

static bool read_lens(const Node *root, Lens *lens)
{
    *lens = (Lens){0};
    return read_side(root, "width_px", &lens->width_px) &&
           read_side(root, "height_px", &lens->height_px) && read_focal(root, lens) &&
           read_centre(root, lens) &&
           (!node_has(root, "k1") || node_number(root, "k1", -0.5, 0.5, &lens->k1));
}

static bool read_projector(const Node *root, Camera *projector)
{
    static const char *const known[] = {
        "schema",   "version",           "position_mm", "look_at_mm", "up", "width_px", "height_px",
        "focal_px", "field_of_view_deg", "throw_ratio", "centre_px",  "k1", NULL};
    Lens lens;
    Vec3 position_mm, target_mm, up = {0.0, 1.0, 0.0};
    if (!node_only(root, known) || !read_point(root, "position_mm", 1e5, &position_mm) ||
        !read_point(root, "look_at_mm", 1e5, &target_mm) ||
        (node_has(root, "up") && !read_point(root, "up", 1e3, &up)) || !read_lens(root, &lens))
        return false;
    Vec3 sight = vec_sub(target_mm, position_mm);
    if (vec_length(sight) < 1.0)
        return node_refuse(root, "looks at the place where it stands");
    if (vec_length(vec_cross(vec_normalize(sight), vec_normalize(up))) < 1e-3)
        return node_refuse(root, "has its up along its line of sight: say which way is up in the "
                                 "picture");
    *projector = camera_look_at(lens, position_mm, target_mm, up);
    return true;
}

bool export_projector_parse(size_t size, const void *bytes, Camera *projector, Err *err)
{
    Node root;
    int version;
    if (!node_open("projector", PROJECTOR_VERSION, size, bytes, &root, &version, err))
        return false;
    bool ok = read_projector(&root, projector);
    node_close(&root);
    return ok;
}
