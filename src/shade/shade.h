/* shade.h - which pigment, how diluted, so that it reads as this client's stubble.
 *
 * The target is the client's own stubble in the client's own skin: the same n a(wavelength), not a
 * grey. A choice is made for the healed look, lighter in the first session; it is shown through
 * time with bands, and what can go wrong is said in plain words.
 */
#ifndef SHADE_SHADE_H
#define SHADE_SHADE_H

#include "skin/pigment.h"

enum {
    SHADE_MAX_SESSIONS = 6,
    SHADE_MAX_PIGMENTS = 16,
    SHADE_MAX_WARNINGS = 16,
    SHADE_MOMENTS = 6
};

/* Days after the last session at which a shade is predicted: 1, 30 and 1, 3, 5, 10 years. */
extern const double shade_moment_days[SHADE_MOMENTS];
const char *shade_moment_name(int moment); /* "day1", "day30", "year1", ... */

typedef struct ShadeRequest {
    const SkinMarks *marks; /* the skin */
    int hair_count;         /* kinds of hair that make up the stubble; with shares */
    SkinHair hair[4];
    double hair_share[4];
    double hair_per_cm2;
    double grey_share;   /* now, 0..1; of the hair named above only for the advice */
    double dots_per_cm2; /* all sessions together */
    double diameter_mm, depth_mm, depth_sd_mm; /* healed */
    int session_count;
    double session_share[SHADE_MAX_SESSIONS];    /* of the dots; sum 1 */
    double session_strength[SHADE_MAX_SESSIONS]; /* healed absorption relative to the choice */
    double match; /* wanted darkening relative to the stubble's, 1 = the same */
    SkinHabits habits;
    int pigment_count; /* candidates */
    const SkinPigment *pigment;
    int fixed_pigment;     /* index, or -1: choose */
    double fixed_dilution; /* of the last session; negative: choose ("predict a given one") */
} ShadeRequest;

/* What the usual client would get: sources in docs/models/skin.md. */
ShadeRequest shade_default(void);
MUST_CHECK bool shade_check(const ShadeRequest *request, Err *err);

typedef struct ShadeForecast {
    Lab treated;          /* mean colour of the treated skin, expected */
    Lab weak, strong;     /* the same at the lightest and darkest corner of the bands */
    SkinBand delta_e2000; /* to the stubble */
    SkinBand blue_match;  /* (a640 / a460) of the dots over that of the stubble; 1 = the same hue */
    SkinBand contrast;    /* of one dot at its middle, green */
    SkinBand width_mm;    /* apparent diameter of one dot */
    SkinBand lightness_change; /* L* of treated minus bare skin */
    SkinBand pigment_left;     /* of the healed mass */
} ShadeForecast;

typedef struct ShadeSession {
    double absorption_per_mm, dilution; /* healed; ml water : ml pigment */
    double dots_per_cm2;
    Lab healed; /* treated skin, healed, with the sessions so far */
    double lightness_change;
} ShadeSession;

typedef enum ShadeRule {
    SHADE_BLUE,           /* the dots will read bluer than the stubble */
    SHADE_TOO_BROWN,      /* shallow: browner than the stubble */
    SHADE_DARK_START,     /* session 1 already near or beyond the stubble */
    SHADE_CANNOT_SHOW,    /* a dot lighter than this skin can show */
    SHADE_UNDILUTED,      /* even undiluted pigment is too weak here */
    SHADE_STRONG_ON_DARK, /* needs nearly undiluted pigment on dark skin */
    SHADE_GREYING,        /* plan for the shade in between; soften with age */
    SHADE_TOO_WEAK,       /* predicted lightness change below what is worth doing */
    SHADE_LIGHT_HAIR,     /* the hair takes next to no light: dots cannot be that light */
    SHADE_EXTRAPOLATED,   /* skin outside the measured range, or mark outside the table */
    SHADE_NOT_SKIN,       /* the colour given is not a skin's */
    SHADE_RULES
} ShadeRule;
typedef enum ShadeSeverity { SHADE_NOTE, SHADE_WARN, SHADE_REFUSE } ShadeSeverity;
const char *shade_rule_name(ShadeRule rule); /* "blue-risk", ... */
typedef struct ShadeWarning {
    ShadeRule rule;
    ShadeSeverity severity;
    double value, limit;
    const char *unit;
    char text[240]; /* what, with which number, and what to do */
} ShadeWarning;

typedef struct ShadeChoice {
    int pigment;     /* index into the request's */
    SkinMark healed; /* of the last session */
    SkinAgeing ageing;
    ShadeSession session[SHADE_MAX_SESSIONS];
    Lab bare, stubble;                               /* the skin; the skin with the stubble */
    double stubble_blue_ratio, stubble_area_per_mm2; /* green */
    ShadeForecast forecast[SHADE_MOMENTS];
    int warning_count;
    ShadeWarning warning[SHADE_MAX_WARNINGS];
    bool refused; /* a warning of severity REFUSE is among them; the numbers are still there */
} ShadeChoice;

/* Minimises the mean deltaE00 to the stubble plus the mismatch in hue and in the contrast of a
 * single dot over pigment and dilution; 50 ms or less. */
void shade_choose(const ShadeRequest *request, ShadeChoice *choice);

/* The dots of one session `days` after the last one (earlier sessions have healed by then): for
 * drawing what the forecast says. which: -1 weak end (deeper, less uptake, fades fast), 0 expected,
 * +1 strong end. */
SkinMoment shade_moment(const ShadeRequest *request, const ShadeChoice *choice, int session,
                        double days, int which);

#endif
