/* photo_internal.h - the parts of photo_quality. */
#ifndef CAMERA_PHOTO_INTERNAL_H
#define CAMERA_PHOTO_INTERNAL_H

#include "camera/card_color.h"

#include "base/arena.h"

/* Code 252 of 255 (field/assess b, exposure): above it a channel may have lost light. */
#define PHOTO_CLIPPED 0.9734f

static inline float photo_luma(const float rgb[3])
{
    return 0.2126f * rgb[0] + 0.7152f * rgb[1] + 0.0722f * rgb[2];
}

/* Rising, in place; Shell's sort. */
static inline void camera_sort(int count, float value[])
{
    for (int gap = count / 2; gap > 0; gap /= 2) {
        for (int i = gap; i < count; i++) {
            float moved = value[i];
            int at = i;
            for (; at >= gap && value[at - gap] > moved; at -= gap)
                value[at] = value[at - gap];
            value[at] = moved;
        }
    }
}

/* A straight edge between two plains: from, to in px, dark on the left hand as one walks with the
 * picture before one; how far the plains reach on either side. */
typedef struct PhotoEdge {
    double from_px[2], to_px[2];
    double dark_px, light_px;
} PhotoEdge;

/* Standard deviation of the Gaussian that a sharp edge was blurred by across itself, the pixel's
 * own square taken off; false when the pixels there show no such edge. */
bool photo_edge_blur(Arena *scratch, const ImageF *light, const PhotoEdge *edge, double *blur_px);
/* Of the sharpest steps in a picture, of whatever shape; 0 when there are fewer than 40. */
MUST_CHECK bool photo_picture_blur(Arena *scratch, const ImageF *light, const uint8_t region[],
                                   double *blur_px, Err *err);
/* noise_a, noise_b, noise_sigma_px of quality. bits: of the file, 0 when not rounded. */
MUST_CHECK bool photo_noise(Arena *scratch, const ImageF *light, const uint8_t region[], int bits,
                            PhotoQuality *quality, Err *err);

#endif
