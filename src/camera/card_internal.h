/* card_internal.h - what the readers of cards hand to the fit. */
#ifndef CAMERA_CARD_INTERNAL_H
#define CAMERA_CARD_INTERNAL_H

#include "camera/card_color.h"

#include "base/arena.h"

enum { CARD_RIM = 120 };

/* What a photograph shows of a card, in its own linear light. Places in px / width of the
 * photograph. */
typedef struct CardReading {
    int width_px;
    int count;
    char name[CARD_PATCHES][24];
    Lab target[CARD_PATCHES];
    double weight[CARD_PATCHES];
    bool grey[CARD_PATCHES];
    double seen[CARD_PATCHES][3], x[CARD_PATCHES], y[CARD_PATCHES];
    int rim_count; /* places of bare white paper; 0: shading is found from the patches */
    double rim[CARD_RIM][3], rim_x[CARD_RIM], rim_y[CARD_RIM];
    double box[4]; /* of the card: left, top, right, bottom */
} CardReading;

/* One patch: the middle of a box on the plane, in mm. */
typedef struct CardBox {
    double x_mm, y_mm, width_mm, height_mm; /* upper left corner */
} CardBox;
typedef struct CardSample {
    double mean[3];       /* of the middle 60 % of the box, the tenth at either end left out */
    double clipped_share; /* with a channel at its top */
    double x, y;          /* of the middle of the box, px / width */
} CardSample;
/* The way from mm on a card to px: a sight's, through its lens; else (NULL) a bare homography. */
typedef struct CardPlane {
    const MarkerSight *sight;
    const double *homography;
} CardPlane;
/* False: the place is not in sight of the camera. */
bool card_to_px(CardPlane plane, double x_mm, double y_mm, double px[2]);

/* False: the box is not wholly within the photograph. */
bool card_sample(const ImageF *light, CardPlane plane, CardBox box, float *buffer,
                 CardSample *sample);
enum { CARD_SAMPLE_SIDE = 32, CARD_SAMPLE_FLOATS = 4 * CARD_SAMPLE_SIDE * CARD_SAMPLE_SIDE };

/* Of the patches of a ColorChecker, rows of six from the upper left: Lab under D65. */
Lab card_checker_lab(int patch);

/* Field, tone, matrix and residuals of a reading into color (trust is the caller's). */
MUST_CHECK bool card_solve(const CardReading *reading, CardColor *color, Err *err);

/* sRGB's curve, odd about 0 and continued beyond 1. */
double card_encode(double light);
double card_decode(double code);
enum { CARD_TONE_CELLS = 2048 }; /* of a table over [0, 1] of light */
/* One channel of the photograph's light through the tone curve. */
double card_tone(const CardColor *color, int channel, double light);
/* The illumination at a place in px / width; outside the card that of its nearest place. */
double card_field(const CardColor *color, int channel, double x, double y);

#endif
