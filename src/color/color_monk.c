#include "color/spectrum.h"

#include <assert.h>
#include <math.h>

enum { TONES = 10 };

/* sRGB codes of the scale, lightest first; Monk (2022), skintone.google. */
static const uint8_t code_of_tone[TONES][3] = {
    {0xf6, 0xed, 0xe4}, {0xf3, 0xe7, 0xdb}, {0xf7, 0xea, 0xd0}, {0xea, 0xda, 0xba},
    {0xd7, 0xbd, 0x96}, {0xa0, 0x7e, 0x56}, {0x82, 0x5c, 0x43}, {0x60, 0x41, 0x34},
    {0x3a, 0x31, 0x2a}, {0x29, 0x24, 0x20},
};

Lab color_of_monk(int tone)
{
    assert(tone >= 1 && tone <= TONES);
    return color_to_lab(color_from_srgb8(code_of_tone[tone - 1]));
}

int color_monk_tone(Lab lab)
{
    int nearest = 0;
    double least = HUGE_VAL;
    for (int tone = 1; tone <= TONES; tone++) {
        double difference = color_delta_e2000(lab, color_of_monk(tone));
        if (difference < least) {
            least = difference;
            nearest = tone;
        }
    }
    return nearest;
}
