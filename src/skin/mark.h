/* mark.h - what a deposit of pigment, or a cut hair, does to the picture of this skin.
 *
 * By its *equivalent black area* a (mm2) per wavelength: n marks per mm2 turn the skin's
 * reflectance R into R exp(-n a). And by its contrast c(r) = 1 - R_mark / R_skin at the distance r
 * from its middle, whose integral is a. Both come from photons that were traced once without
 * absorption (spectra/marks.bin, made by `skin_table`): docs/models/skin.md. Only ratios come from
 * there; the colour of the bare skin is always that of skin.h.
 */
#ifndef SKIN_MARK_H
#define SKIN_MARK_H

#include "skin/skin.h"

/* A plug of pigment, 0.2 mm high (cut off at the surface), around depth_mm. */
typedef struct SkinMark {
    double diameter_mm, depth_mm;
    double absorption_per_mm; /* at 550 nm */
    double slope;             /* absorption falls as (wavelength / 550)^-slope; carbon black 1.03 */
} SkinMark;
#define SKIN_PLUG_MM      0.2
#define SKIN_CARBON_SLOPE 1.03 /* NIST 2016 and Bond, Bergstrom 2006 */

/* A cut hair: a shaft that runs down from the surface (to 3 mm), tilted, and may stand out. */
typedef struct SkinHair {
    double diameter_mm;
    double absorption_per_mm; /* of the shaft, at 550 nm */
    double slope;             /* of its melanin: eumelanin 3.3 ... pheomelanin 5.1 */
    double reflectance;       /* diffuse, of the shaft above the surface */
    double tilt_rad;          /* from the normal of the skin, 0..1.1 */
    double stub_mm;           /* length above the surface, 0 for a flush cut, up to 1 */
} SkinHair;

typedef enum SkinHairColor {
    SKIN_HAIR_BLACK,
    SKIN_HAIR_DARK_BROWN,
    SKIN_HAIR_BROWN,
    SKIN_HAIR_BLOND,
    SKIN_HAIR_RED,
    SKIN_HAIR_GREY, /* one shaft in two is white, the others dark brown */
    SKIN_HAIR_WHITE,
    SKIN_HAIR_COLORS
} SkinHairColor;
const char *skin_hair_name(SkinHairColor color); /* "black", "dark-brown", ... */
/* A flush shaft of that colour, leaning as scalp hair does on average (assumed: half way between
 * lying and standing). */
#define SKIN_HAIR_TILT_RAD 0.785
SkinHair skin_hair_make(SkinHairColor color, double diameter_mm);
/* The same by darkness: the share of green light that a shaft of 0.07 mm takes; 1 black, 0 white.
 */
SkinHair skin_hair_of_darkness(double darkness, double diameter_mm);

/* The footprint for drawing: a disc of core_mm diameter blurred by a Gaussian of core_sigma_mm that
 * carries core_share of the area per channel; the rest is a Gaussian halo. */
typedef struct SkinLook {
    float area_mm2[3]; /* equivalent black area per linear R, G, B */
    float core_mm, core_sigma_mm;
    float core_share[3];
    float halo_sigma_mm;
    bool clamped; /* skin or mark lay outside the table */
} SkinLook;

/* Contrast around the middle: mean over rings, whose borders follow the diameter, to 6 mm beyond
 * its edge. */
enum { SKIN_RINGS = 15 };
typedef struct SkinProfile {
    double ring_mm[SKIN_RINGS + 1];
    double contrast[SPECTRUM_BANDS][SKIN_RINGS];
} SkinProfile;
/* Between the rings, at a radius. */
double skin_profile_at(const SkinProfile *profile, int band, double radius_mm);

/* The table; const after loading, any number of threads may share it. The bytes are checked
 * against the SHA-256 they carry. Members are private to this room. */
typedef struct SkinTable {
    const uint16_t *plug, *rod; /* point into the bytes */
} SkinTable;
MUST_CHECK bool skin_table_load(SkinTable *table, Err *err);
MUST_CHECK bool skin_table_parse(size_t size, const void *bytes, SkinTable *table, Err *err);

/* The table seen through one skin: what every mark does in it. About 1 MB and 4 ms; const
 * afterwards. ERR_LIMIT: no room. */
typedef struct SkinMarks SkinMarks;
MUST_CHECK bool skin_marks_new(Arena *arena, const SkinTable *table, const SkinTone *tone,
                               SkinMarks **marks, Err *err);
const SkinTone *skin_marks_tone(const SkinMarks *marks);

MUST_CHECK bool skin_mark_check(const SkinMark *mark, Err *err);
MUST_CHECK bool skin_hair_check(const SkinHair *hair, Err *err);

/* 2 us a dot, 5 us a hair. mark, hair as the checks accept them; beyond the reach of the table
 * (depth 0.1-1 mm, diameter 0.1-0.8 mm, absorption 0.2-30 /mm) the edge is continued and
 * look.clamped set.
 */
Spectrum skin_mark_area(const SkinMarks *marks, SkinMark mark);
Spectrum skin_hair_area(const SkinMarks *marks, SkinHair hair);
SkinProfile skin_mark_profile(const SkinMarks *marks, SkinMark mark); /* 50 us */
/* 0.4 ms each, most of it for the footprint: for many, see SkinRamp. */
SkinLook skin_mark_look(const SkinMarks *marks, SkinMark mark);
SkinLook skin_hair_look(const SkinMarks *marks, SkinHair hair);

/* Of an area per wavelength, the equivalent black area per linear R, G, B in this skin: what
 * darkens the far view of one mark per mm2. Not below 0: pictures only take light away. */
void skin_area_rgb(const SkinMarks *marks, const Spectrum *area_mm2, float rgb_mm2[3]);

/* Density (1/mm2) of the drawn core at a radius: a disc blurred by a Gaussian, of unit mass. */
double skin_blurred_disc(double diameter_mm, double sigma_mm, double radius_mm);

/* Looks of marks (or hairs) that differ in nothing but a length, for pictures of many: filled at
 * skin_ramp_mm(ramp, i), then read in between. */
enum { SKIN_RAMP = 9 };
typedef struct SkinRamp {
    double from_mm, to_mm;
    SkinLook look[SKIN_RAMP];
} SkinRamp;
double skin_ramp_mm(const SkinRamp *ramp, int i);
SkinLook skin_ramp_at(const SkinRamp *ramp, double length_mm); /* the ends beyond them */

/* Spectrum of the skin under a density of marks, from far: R exp(-n a); and its colour. */
Spectrum skin_far_view(const SkinTone *tone, const Spectrum *area_mm2, double marks_per_mm2);
/* a(640) / a(460): what makes a mark blue. Stubble has its own, 2 to 5 in black. */
double skin_blue_ratio(const Spectrum *area_mm2);
/* Spectrum at the middle of a mark, mean over r < 0.1 mm, and its apparent diameter: the full width
 * of the green contrast at half of its height, mm. */
Spectrum skin_mark_center(const SkinMarks *marks, SkinMark mark);
double skin_mark_width_mm(const SkinMarks *marks, SkinMark mark);

/* Optical depth per linear channel of skin reddened to `blood_factor` times its blood (1: none). */
void skin_flush_depth(const SkinTone *tone, double blood_factor, float depth[3]);

#endif
