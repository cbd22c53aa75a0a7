#include "dots/dots_internal.h"

/* Work goes by patches of about 4 cm2 (field/sampling 5.2), in each by rows 4 mm wide. */
#define PATCH_MM 20.0
enum { PATCH_HALF = 64, ROWS = 5 };

static int clamp_int(double value, int low, int high)
{
    return value < low ? low : value > high ? high : (int)value;
}

/* Sessions; bands from front to back, walked to and fro; in a patch rows to and fro, front to back
 * in one patch and back to front in the next, so that a patch ends beside the next one. The plane
 * is Lambert's azimuthal equal-area one about the vertex (Snyder, USGS Professional Paper 1395,
 * 1987, p. 182), with the radius at the dot. */
double dots_work_key(const DotsSurface *surface, int session, Vec3 position_mm)
{
    Vec3 from_centre = vec_sub(position_mm, surface->centre_mm);
    Vec3 direction = vec_normalize(from_centre);
    double scale = vec_length(from_centre) * sqrt(2.0 / (1.0 + fmax(direction.y, -0.99)));
    double back = -direction.z * scale / PATCH_MM;
    int band = clamp_int(floor(back), -PATCH_HALF, PATCH_HALF - 1);
    double along = direction.x * scale / PATCH_MM * (band % 2 == 0 ? 1.0 : -1.0);
    int column = clamp_int(floor(along), -PATCH_HALF, PATCH_HALF - 1);
    double in_patch = fmin(fmax(along - column, 0.0), 0.999999);
    int row = clamp_int((back - band) * ROWS, 0, ROWS - 1);
    if (column % 2 != 0)
        row = ROWS - 1 - row;
    if (row % 2 != 0)
        in_patch = 0.999999 - in_patch;
    double patch = (band + PATCH_HALF) * (2.0 * PATCH_HALF) + (column + PATCH_HALF);
    double patches = 4.0 * PATCH_HALF * PATCH_HALF;
    return (session * patches + patch) * ROWS + row + in_patch;
}
