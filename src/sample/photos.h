/* photos.h - the synthetic client as phone photographs, with all truth beside them.
 *
 * A set of the head (front, left, right, top, back) with the strip worn and a card in sight, a
 * close-up with the card for every visit of a follow-up (before, after the session, healed, one,
 * two and four years), each through a lens, a sensor, a light and JPEG, with EXIF.
 */
#ifndef SAMPLE_PHOTOS_H
#define SAMPLE_PHOTOS_H

#include "base/progress.h"
#include "camera/sight.h"
#include "sample/sample.h"

typedef enum SampleLight {
    SAMPLE_DAYLIGHT, /* a window and a bright room */
    SAMPLE_LED,      /* a lamp of 4000 K, peaked, overhead */
    SAMPLE_TUNGSTEN, /* 2856 K */
    SAMPLE_MIXED,    /* daylight from one side, tungsten from the other */
    SAMPLE_LIGHTS
} SampleLight;

enum { SAMPLE_PHONES = 3 }; /* invented: their own colours, tone curve, sharpening, noise */

typedef struct SamplePhotosParams {
    int width_px; /* long side, 320..4032; the short side is 3/4 of it */
    int phone;    /* 0 .. SAMPLE_PHONES - 1 */
    SampleLight light;
    double blur_px, noise; /* sd of the lens; sd at full light as a share; < 0: the phone's own */
    int jpeg_quality;
    double k1;          /* left over by the phone's own correction */
    double click_sd_mm; /* of the clicks in photos.json */
    bool strip, cards;  /* worn; in sight */
    bool follow_up;     /* the series of close-ups */
    bool turned;        /* half of the files stored sideways, with EXIF orientation */
    bool display_p3;    /* files in Display P3 */
    uint64_t seed;
    int threads;
} SamplePhotosParams;
SamplePhotosParams sample_photos_default(void);

/* NAME.jpg, photos.json (clicks with their error, as a user would make them; docs/formats.md),
 * photos_truth.json (cameras, markers, clicks, lights) and for the series dots_truth.csv, into an
 * existing folder. */
MUST_CHECK bool sample_write_photos(Arena *arena, Arena *scratch, const Sample *sample,
                                    const SamplePhotosParams *params, const Progress *progress,
                                    const char *folder, Err *err);

#endif
