/* card_color.h - from a photograph's own colours to colours of the surface, by a card in it.
 *
 * light_true = M (tone(light) / field(x, y)), all linear: the tone is a monotone curve through the
 * card's greys, which undoes the camera's own; the field is the light on the card, a plane through
 * its white (beyond the card it stays what it is at the nearest edge); M is a 3 x 3 matrix of all
 * patches (skin-like ones weigh 3) with a ridge towards the identity. The tone comes first because
 * the camera bends the light after it has fallen on the card.
 */
#ifndef CAMERA_CARD_COLOR_H
#define CAMERA_CARD_COLOR_H

#include "camera/sight.h"

typedef enum CardTrust {
    CARD_DESIGNED, /* the colours that were sent to the printer: relative use only */
    CARD_MEASURED, /* this print was measured */
    CARD_CHECKER   /* a ColorChecker beside it */
} CardTrust;

enum { CARD_TONE_KNOTS = 8, CARD_PATCHES = 24 };

typedef struct CardColor {
    CardTrust trust;
    double field[3][3];  /* per channel: a + b x + c y, x and y in px / width of the photograph */
    double field_box[4]; /* where it was seen: left, top, right, bottom, px / width */
    int knot_count;      /* of the tone, in sRGB codes (0..1); rising, the first is 0, 0 */
    double tone_in[3][CARD_TONE_KNOTS], tone_out[3][CARD_TONE_KNOTS];
    double tone_slope[3][CARD_TONE_KNOTS];
    double matrix[3][3];
    int patch_count;
    char patch_name[CARD_PATCHES][24];
    Lab patch_target[CARD_PATCHES], patch_seen[CARD_PATCHES]; /* after correction */
    double delta_e[CARD_PATCHES];                             /* CIEDE2000 */
    double mean_delta_e, max_delta_e;
    double field_share; /* greatest difference of the field over the card */
    double two_lights;  /* rms of the white rim about its plane, share; over 0.08: two lights */
    double rim_tint;    /* how much its ratio of channels changes across the card; over 0.12: too */
} CardColor;

/* By the patches of a card in sight. prints: where this print was measured its colours are the
 * targets, else the designed ones (NULL: always). ERR_INPUT, with the number and what to do:
 * clipped white, too few patches in sight, two lights, mean residual above 4, a strip. Left of LED
 * and tungsten: print and skin of one colour part under them, a dot's ratio to its skin is off by
 * about 1 there and 0.3 in daylight (card_color_bench). 10 ms. */
MUST_CHECK bool card_color_fit(Arena *scratch, const ImageF *light, const MarkerSight *sight,
                               const MarkerPrints *prints, CardColor *color, Err *err);
/* The same by the 24 patches of a ColorChecker (after 2014), whose four outer corners were clicked:
 * dark-skin, bluish-green, black, white, in px. It has no white rim: shading is found from the
 * patches, two lights only by the residual. */
MUST_CHECK bool card_color_fit_checker(Arena *scratch, const ImageF *light,
                                       const double corner_px[4][2], CardColor *color, Err *err);
/* Light of the photograph at a place, corrected. */
Rgb card_color_at(const CardColor *color, Rgb light, double x_px, double y_px, int width_px);
/* A whole photograph, in place; threads do not change the result. 0.1 s for 12 Mpx, one thread. */
void card_color_apply(const CardColor *color, ImageF *light, int threads);

/* ---- how sharp and how noisy ---- */

typedef struct PhotoQuality {
    double blur_px;         /* standard deviation of the point spread, the pixel's own square (1/12
                             * px2) not in it; of a marker the rms of its two directions */
    double blur_anisotropy; /* of a marker: the blurrier direction / the other; motion. Else 1 */
    bool from_edge;         /* of a marker's slanted edges; else from the sharpest steps of the
                             * picture, 10 % less sure, and not below 0.5 px */
    bool blur_assumed;      /* nothing to measure it by: what phones usually have */
    double noise_a[3], noise_b[3]; /* variance of linear light = a + b light, rounding left out */
    double noise_sigma_px; /* of the Gaussian that white noise would be blurred by to look so */
    bool noise_assumed;    /* no evenly lit part in sight: 0 */
    double clipped_share;  /* pixels of the region at the top of a channel (code 252 of 255) */
} PhotoQuality;
/* Of light as it stands in photo: blur is right only once the tone curve is undone
 * (card_color_apply; an S-curve of a phone makes edges look 12 % sharper), noise belongs to the
 * values it was measured in. sight may be NULL. region: [height][width] nonzero where to look for
 * steps, noise and clipping (NULL: everywhere). 0.2 s for 12 Mpx. ERR_LIMIT only. */
MUST_CHECK bool photo_quality(Arena *scratch, const Photo *photo, const MarkerSight *sight,
                              const uint8_t region[], PhotoQuality *quality, Err *err);

#endif
