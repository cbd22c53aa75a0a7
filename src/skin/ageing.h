/* ageing.h - a mark through time: fresh, scabbing, healed, years later; all with bands.
 *
 * Loss acts on the mass of pigment, never on its colour; spreading widens the mark and thins the
 * pigment; a mark that sinks goes blue. What no study has measured is marked "assumed" and has a
 * wide band. Time in days from the session; day 30 is healed, years are counted from there.
 */
#ifndef SKIN_AGEING_H
#define SKIN_AGEING_H

#include "skin/mark.h"

typedef struct SkinBand { /* low, high: the ends of an 80 % band */
    double low, expected, high;
} SkinBand;

typedef enum SkinKind { SKIN_PERMANENT, SKIN_ABSORBABLE } SkinKind; /* SMP; tricopigmentation */
const char *skin_kind_name(SkinKind kind); /* "permanent", "absorbable" as in files */

#define SKIN_HEALED_DAY    30.0
#define SKIN_LAST_DAY      36525.0
#define SKIN_DAYS_PER_YEAR 365.25
#define SKIN_GONE_SHARE                                                                            \
    0.1 /* of the healed mass: "gone", where a source says no more than that                       \
         */

typedef struct SkinAgeing {
    SkinKind kind;
    SkinBand healed_mass;       /* of the fresh pigment that is left at 30 days, (0, 1] */
    SkinBand half_life_years;   /* of the healed pigment, of a mark 0.3 mm deep */
    SkinBand healed_diameter;   /* relative to fresh, at 30 days */
    SkinBand growth_per_year;   /* of the healed diameter, relative to it, every year the same */
    SkinBand drift_mm_per_year; /* downwards */
    SkinBand depth_exponent;    /* the half-life goes as (depth / 0.3 mm)^exponent */
    SkinBand redness;           /* blood of the fresh skin, times its own */
    SkinBand redness_days;      /* until a tenth of redness and swelling is left */
    SkinBand swelling;          /* of the fresh skin: diameter of what lies in it, times its own */
    SkinBand scab;              /* epidermal pigment, times its own, while a scab holds it */
    SkinBand shed_share;        /* of the lost pigment that the epidermis held; the rest leaves the
                                 * dermis in the first two weeks */
    SkinBand scab_share;        /* of the epidermal pigment that falls with the scabs, days 4-10 */
    SkinBand veil; /* contrast that shows through at the worst day of the phantom fade */
} SkinAgeing;

/* What a client brings; 0 is average or none for every field. */
typedef struct SkinHabits {
    double sun;       /* 0 protected ... 1 daily without protection */
    double oiliness;  /* -1 dry ... 1 oily */
    double immunity;  /* -1 slow ... 1 strong response (takes pigment away faster) */
    bool scar;        /* scar tissue */
    double age_years; /* 0: not given */
} SkinHabits;
MUST_CHECK bool skin_habits_check(const SkinHabits *habits, Err *err);

/* Bands for a kind of pigment and a client; tone gives the skin type. Both may be NULL: average.
 * Factors multiply the expected values, their bands add in quadrature of logarithms. habits as
 * skin_habits_check accepts them. */
SkinAgeing skin_ageing(SkinKind kind, const SkinTone *tone, const SkinHabits *habits);
SkinAgeing skin_ageing_default(void); /* permanent, average */

/* One line of docs and JSON per parameter: its key in files, unit, band, least and most that a file
 * may say, source; assumed: no study measured it. */
typedef struct SkinRate {
    const char *name, *unit, *source;
    SkinBand band;
    double least, most;
    bool assumed;
} SkinRate;
enum { SKIN_RATES = 13, SKIN_MODIFIERS = 9 };
SkinRate skin_ageing_rate(const SkinAgeing *ageing, int rate);
SkinBand *skin_ageing_band(SkinAgeing *ageing, int rate); /* the same, to be filled by a reader */
/* What a habit or a skin type does at its full strength, as a factor on rate `name`. */
SkinRate skin_ageing_modifier(int modifier);
/* For the edges: every band ordered and within its least and most; names the key. */
MUST_CHECK bool skin_ageing_check(const SkinAgeing *ageing, Err *err);

/* A mark at one moment: pigment in the dermis, pigment that the epidermis still holds (absorption
 * 0: none), how red the skin is, and how much of the contrast a healing surface lets through. */
typedef struct SkinMoment {
    SkinMark dermal, epidermal;
    double blood_factor;
    double veil;
} SkinMoment;

/* healed: the mark that is expected at day 30. days since the session, 0 .. SKIN_LAST_DAY. which:
 * -1 the weak end of the bands (little of the same fresh pigment heals, it fades, spreads and sinks
 * fast), 0 expected, +1 the strong end. Continuous in days; at day 30 of `which` 0 the healed mark
 * itself, of the ends the same with less or more pigment. */
SkinMoment skin_mark_at(SkinMark healed, const SkinAgeing *ageing, double days, int which);

/* Equivalent black area, contrast and footprint of what a moment shows, veil included, redness not:
 * that is skin_flush_depth's. Pigment below pigment is not counted twice. From day 30 on as fast as
 * skin_mark_area and skin_mark_look, before that 0.2 and 0.6 ms. */
Spectrum skin_moment_area(const SkinMarks *marks, SkinMoment moment);
SkinProfile skin_moment_profile(const SkinMarks *marks, SkinMoment moment); /* dermal rings */
SkinLook skin_moment_look(const SkinMarks *marks, SkinMoment moment);

/* Diameter (mm) a healed dot has after years, at the wide end of the band: the "helmet" limit. */
double skin_grown_diameter_mm(double healed_diameter_mm, const SkinAgeing *ageing, double years);
/* Years until `share` (0, 1] of the healed pigment mass of a mark 0.3 mm deep is left. */
SkinBand skin_years_until(const SkinAgeing *ageing, double share);

#endif
