#include "camera/photo_internal.h"

#include <math.h>
#include <string.h>

/* How far from the edge, on one side, the marker stays what it is there, in mm; 4 at most. */
static double clear_mm(const Marker *marker, const double edge_mm[4], double sign)
{
    double middle[2] = {0.5 * (edge_mm[0] + edge_mm[2]), 0.5 * (edge_mm[1] + edge_mm[3])};
    double ux = edge_mm[2] - edge_mm[0], uy = edge_mm[3] - edge_mm[1], length = hypot(ux, uy);
    double reach = 4.0;
    /* At the middle and near both ends: what stands beside the edge need not be parallel to it. */
    for (int part = -1; part <= 1; part++) {
        double first = -1.0;
        for (double off = 0.05; off < reach; off += 0.05) {
            Rgb color;
            double x = middle[0] + 0.4 * part * ux - sign * off * uy / length;
            double y = middle[1] + 0.4 * part * uy + sign * off * ux / length;
            if (!marker_color_at(marker, x, y, 0.0, &color)) {
                reach = off;
            } else if (first < 0.0) {
                first = (double)color.g;
            } else if (fabs((double)color.g - first) > 0.01) {
                reach = off;
            }
        }
    }
    return reach;
}

/* Blur across one of the marker's slanted edges. */
static bool marker_blur(Arena *scratch, const ImageF *light, const MarkerSight *sight,
                        const double edge_mm[4], double *blur_px)
{
    double length = hypot(edge_mm[2] - edge_mm[0], edge_mm[3] - edge_mm[1]);
    if (!(length > 0.0))
        return false; /* the strip has none */
    /* Seen in a mirror, dark is on the right of who walks the same way. */
    bool mirrored = (sight->faults & SIGHT_MIRRORED) != 0;
    PhotoEdge edge;
    if (!sight_to_px(sight, edge_mm[0], edge_mm[1], mirrored ? edge.to_px : edge.from_px) ||
        !sight_to_px(sight, edge_mm[2], edge_mm[3], mirrored ? edge.from_px : edge.to_px))
        return false;
    double px_per_mm =
        hypot(edge.to_px[0] - edge.from_px[0], edge.to_px[1] - edge.from_px[1]) / length;
    /* Beyond a plain the next edge's blur reaches in by about a pixel. */
    edge.dark_px = clear_mm(&sight->marker, edge_mm, -1.0) * px_per_mm - 1.0;
    edge.light_px = clear_mm(&sight->marker, edge_mm, 1.0) * px_per_mm - 1.0;
    return photo_edge_blur(scratch, light, &edge, blur_px);
}

static bool blur_of_marker(Arena *scratch, const ImageF *light, const MarkerSight *sight,
                           PhotoQuality *quality)
{
    double blur[2];
    bool one = marker_blur(scratch, light, sight, sight->marker.edge_mm, &blur[0]);
    bool two = marker_blur(scratch, light, sight, sight->marker.level_edge_mm, &blur[1]);
    if (!one && !two)
        return false;
    blur[0] = one ? blur[0] : blur[1];
    blur[1] = two ? blur[1] : blur[0];
    quality->blur_px = sqrt(0.5 * (blur[0] * blur[0] + blur[1] * blur[1]));
    /* Below 0.2 px the pixel's own square hides what is left. */
    quality->blur_anisotropy =
        fmax(fmax(blur[0], blur[1]), 0.2) / fmax(fmin(blur[0], blur[1]), 0.2);
    quality->from_edge = true;
    return true;
}

static double clipped_share(const ImageF *light, const uint8_t region[])
{
    ptrdiff_t count = (ptrdiff_t)light->width_px * light->height_px, inside = 0, clipped = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        const float *rgb = light->rgb + 3 * i;
        bool in = region == NULL || region[i] != 0;
        inside += in;
        clipped +=
            in && (rgb[0] > PHOTO_CLIPPED || rgb[1] > PHOTO_CLIPPED || rgb[2] > PHOTO_CLIPPED);
    }
    return inside > 0 ? (double)clipped / (double)inside : 0.0;
}

/* Of a phone in fair light, where nothing can be measured (field/canvas 3.1: 0.8 to 1.0 px). */
static const double usual_blur_px = 0.9;

bool photo_quality(Arena *scratch, const Photo *photo, const MarkerSight *sight,
                   const uint8_t region[], PhotoQuality *quality, Err *err)
{
    const ImageF *light = &photo->light;
    memset(quality, 0, sizeof *quality);
    quality->blur_anisotropy = 1.0;
    if (sight == NULL || !blur_of_marker(scratch, light, sight, quality)) {
        if (!photo_picture_blur(scratch, light, region, &quality->blur_px, err))
            return false;
        quality->blur_assumed = !(quality->blur_px > 0.0);
        if (quality->blur_assumed)
            quality->blur_px = usual_blur_px;
    }
    quality->clipped_share = clipped_share(light, region);
    return photo_noise(scratch, light, region, photo->facts.bits, quality, err);
}
