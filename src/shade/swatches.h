/* swatches.h - healed test swatches of one line of pigment, measured in a photograph.
 *
 * A swatch is a patch of dots of known dilution beside bare skin. Only ratios of light within the
 * one picture are used, swatch over the nearest bare patch, so that camera and lamp nearly cancel.
 */
#ifndef SHADE_SWATCHES_H
#define SHADE_SWATCHES_H

#include "image/image.h"
#include "skin/pigment.h"

enum { SWATCHES_MAX_BARE = 32, SWATCHES_LEAST_PX = 24 };

typedef struct SwatchRect { /* pixels of the picture as it is shown, (0, 0) its upper left corner */
    int x_px, y_px, width_px, height_px;
} SwatchRect;

typedef struct Swatches {
    int bare_count;
    SwatchRect bare[SWATCHES_MAX_BARE];
    int swatch_count;
    struct {
        SwatchRect rect;
        double dilution, dots_per_cm2, diameter_mm;
    } swatch[SKIN_MAX_SWATCHES];
    bool gloss_included; /* no crossed polarisers: the shine of the skin is in the picture */
} Swatches;

/* Fills out[swatch_count]; sd is the standard error of the ratio, from the spread of 16 blocks of
 * each rectangle, at least 0.005. skin: linear light of the bare skin without shine, to take the
 * shine off when it is included. ERR_INPUT names the rectangle that lies outside, is smaller than
 * SWATCHES_LEAST_PX, overexposed, has shine (more than 1 % of its pixels at the top of a channel),
 * is too dark to be measured, or is lighter than the bare skin beside it. */
MUST_CHECK bool swatches_measure(const Image *picture, const Swatches *swatches, Rgb skin,
                                 SkinSwatch out[], Err *err);

#endif
