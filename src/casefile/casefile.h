/* casefile.h - the case: everything about one treatment, as documents with a schema and a version.
 *
 * A Case only points at what the other rooms made; casefile_write turns it into the files of
 * docs/formats.md. Numbers carry their unit in the key; what nobody measured is absent.
 */
#ifndef CASEFILE_CASEFILE_H
#define CASEFILE_CASEFILE_H

#include "camera/camera.h"
#include "course/course.h"
#include "design/recede.h"
#include "dots/dots.h"
#include "hair/hair.h"
#include "head/head.h"
#include "image/image.h"
#include "rules/rules.h"
#include "skin/pigment.h"

enum { CASE_STATE_LIMIT = 12, CASE_INPUT_LIMIT = 14, CASE_WARNING_LIMIT = 40 };

typedef struct CaseInputFile {
    char name[256]; /* without its folder */
    char sha256[65];
    size_t size;
} CaseInputFile;

typedef struct CaseState { /* before, session1 ..., healed, year1 ... */
    char name[32], caption[64];
    double years;                              /* after healing; < 0 before that */
    double mean_darkening;                     /* of the treated zone, relative, green */
    double fusing_distance_m, step_distance_m; /* visibility at luminance_cd_m2 */
    double fusing_band_m[2];                   /* low, high over the ageing band */
} CaseState;

typedef struct CasePhoto { /* a photograph that the head was seen in */
    char name[256], view[32];
    Camera camera;    /* in the head frame */
    double rms_px;    /* of the fit; < 0: not fitted */
    double px_per_mm; /* mean over the canvas in sight */
    double blur_px;
    int tags;                     /* of markers, that were read */
    const char *color_trust;      /* "none", "designed", "measured", "checker" */
    double color_delta_e;         /* mean residual of the card's patches; with a card */
    double tilt_rad, scale_error; /* of the card; < 0: no card */
} CasePhoto;

/* How the canvas was made of photographs. */
typedef struct CaseFit {
    int photo_count;
    CasePhoto photo[CASE_INPUT_LIMIT];
    bool is_patch; /* one photograph alone: a sphere around a place */
    /* A fitted head: */
    int modes;
    double sd_median_mm,
        sd_worst_mm;   /* of the surface over the scalp; worst: 95 % of it is better */
    double seen_share; /* of the canvas, in a photograph */
    /* A patch: */
    const char *place;
    Vec3 middle_mm;
    double reach_mm, radius_mm, radius_low_mm, radius_high_mm, length_error, area_error;
} CaseFit;

/* What the dots were placed from: kept in case.json, design.json, field.csv and fixed.csv, so that
 * anyone can check them. All pointers are needed. */
typedef struct CaseDotsPlan {
    const DotsSequence *sequence; /* its fixed points and their density */
    const DotsParams *params;     /* shares, spacing by zone, irregularity, units */
    const DotsWanted *wanted;     /* density, zone (NULL: that of the design) and edges */
    /* Where the irregularity comes from: "even" (none is wanted), "given", "prior" or "measured";
     * nn_cv: the spacing variation aimed at, 0 where none is stated. */
    const char *irregularity_source;
    double nn_cv;
} CaseDotsPlan;

typedef struct Case {
    char code[64]; /* of the client: a code, not a name */
    uint64_t seed;
    int input_count;
    CaseInputFile input[CASE_INPUT_LIMIT];
    double mm_per_unit;
    bool landmark_proposed[HEAD_LANDMARKS];
    const char *arguments; /* of the command line that made it */
    const CaseFit *fit;    /* NULL: from a scan */
    const Head *head;
    HeadMeasures measures;
    const HairSurvey *survey;
    const DesignLayout *layout;
    const RuleSet *rules; /* with its findings; NULL: not checked */
    const Findings *findings;
    int loss_count; /* the next stages, if the loss goes on */
    const DesignLoss *loss;
    const Dots *dots;
    CaseDotsPlan dots_plan;
    const SkinPigment *pigment;
    SkinAgeing ageing;
    SkinMark healed;                    /* the mark of an average dot, healed */
    double dilution[DOTS_MAX_SESSIONS]; /* water : 1 pigment */
    double *dot_diameter_mm;            /* [dots->count] healed */
    /* [dots->count] the direction of growth as an angle in the chart: 0 to the subject's left (+u),
     * pi/2 forward (+v); and how long the marks are drawn along it, 0: dots (NULL: all). */
    const float *dot_heading_rad, *dot_length_mm;
    double growth_years, grown_diameter_mm, spacing_mm;
    const Course *course;
    const PriceList *prices;     /* what its quotation was made from; NULL: none */
    const Clinic *clinic;        /* whose letterhead and hours; NULL: nobody's */
    char language[16], paper[8]; /* of its documents: "de", "a4"; "": English, A4 */
    SkinHabits habits;           /* of the client, for the touch-up: sun, oiliness, immunity */
    bool sweats;                 /* much sport; the same */
    int state_count;
    CaseState state[CASE_STATE_LIMIT];
    double luminance_cd_m2;
    int warning_count;
    char warning[CASE_WARNING_LIMIT][240];
} Case;

/* Writes case.json, head.glb, assessment.json, design.json, layout.json, findings.json (where the
 * rules were checked), dots.csv, dots.ply, field.csv, fixed.csv (where something is fixed),
 * course.json with the protocol.json, prices.json and clinic.json that it was made with (the last
 * two where there are such), and visibility.json into an open folder; the same case gives the same
 * bytes. chart: the colour of the canvas, [-1.45, 1.45]^2 of head_chart with v up (may be NULL).
 * ERR_INPUT names a number that is not finite and the dot it belongs to.
 */
MUST_CHECK bool casefile_write(Arena *arena, Arena *scratch, const Case *plan, const Image *chart,
                               const char *folder, Err *err);
/* Refuses a document that this program cannot read: no JSON object, another schema than
 * "follicle/NAME", or a version newer than it knows; of older ones designs and protocols are
 * migrated where they are read. name: of a case's documents "case", "assessment", "design",
 * "layout", "findings", "course", "protocol", "prices", "clinic" or "visibility"; of others "audit",
 * "shade", "swatches", "screening", "answers" or "projector". */
MUST_CHECK bool casefile_check(const char *name, size_t size, const char *bytes, Err *err);

#endif
