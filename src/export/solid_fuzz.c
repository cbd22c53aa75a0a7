#include "export/export.h"

/* The pose of a projector: whatever is accepted throws a finite picture. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Camera camera;
    Err err = {0};
    if (!export_projector_parse(size, data, &camera, &err))
        return 0;
    const Pose *pose = &camera.pose;
    Vec3 ray = camera_ray(&camera, 0.5, 0.5);
    if (!vec_is_finite(pose->right) || !vec_is_finite(pose->down) ||
        !vec_is_finite(pose->forward) || !vec_is_finite(ray) || camera.lens.width_px < 16 ||
        !(camera.lens.focal_px > 0.0))
        __builtin_trap();
    return 0;
}
