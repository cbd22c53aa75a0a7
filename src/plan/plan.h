/* plan.h - the main job: from a scan to a case folder, one function per step. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "base/progress.h"
#include "casefile/casefile.h"
#include "casefile/photos_doc.h"
#include "design/file.h"
#include "head/place.h"
#include "plan/papers.h"

enum { PLAN_PHOTOS = PHOTOS_MAX, PLAN_BESIDE = CASE_INPUT_LIMIT - PHOTOS_MAX };

typedef struct PlanRequest {
    int input_count;
    const char *input_path[PLAN_PHOTOS]; /* one scan, or photographs */
    int beside_count;                    /* clicks and prints: for the record only */
    CaseInputFile beside[PLAN_BESIDE];
    const char *output_path;
    const char *code;         /* of the client; NULL: "unnamed" */
    const char *arguments;    /* as given, for the record */
    PlaceLandmarks landmarks; /* in the frame of the scan */
    PlaceScale scale;
    /* Of photographs: */
    FitTape tape;               /* length, breadth and circumference are the scale's */
    const PhotosDoc *photos;    /* what was clicked; NULL: nothing */
    const MarkerPrints *prints; /* NULL: none was measured */
    /* What is wanted: a document, or else a recipe, whose clicked points are in the frame of the
     * scan. */
    const Design *document;
    DesignRequest design;
    const RuleSet *rules;        /* NULL: the guard-rails that are built in */
    bool ignore_stubble;         /* plan as if nothing grew; the shade still follows the stubble */
    const Protocol *protocol;    /* NULL: "standard", built in */
    int wanted_sessions;         /* 0: as the protocol says for the case */
    CourseInput course;          /* terms: pace, prices, dates; its zones are the plan's */
    const Clinic *clinic;        /* NULL: nobody's */
    const PapersRequest *papers; /* NULL: A4, English */
    double dot_depth_mm;         /* healed; the diameter is the design's */
    double growth_years;         /* horizon of the spacing rule */
    const char *fixed_path;      /* fixed.csv, or dots.csv of an earlier case; or NULL */
    bool has_naturalness;
    double naturalness;     /* spacing variation (nn_cv) aimed at; 0: as even as can be */
    const char *donor_path; /* x_mm,y_mm of hairs of the donor area, to measure it; or NULL */
    double unit_share[DOTS_UNIT_SIZES]; /* follicular units; all 0: single dots */
    double dilution;                    /* 0: choose by the stubble */
    const SkinPigment *pigment;         /* NULL: carbon black, built in */
    uint64_t seed;
    int threads;
    int picture_width_px, picture_height_px;
    bool replace;
    size_t memory_limit_bytes;
} PlanRequest;

typedef struct PlanResult {
    int dots;
    double area_cm2, hours;
    int sessions;
    int64_t total_minor;
    char currency[4], price[48]; /* "1234.50 EUR"; "" without a quotation */
    int refused, open;           /* guard-rails: not to be carried out; not confirmed yet */
    int warning_count;
    char warning[CASE_WARNING_LIMIT][240];
} PlanResult;

/* Into *request: it is too large to travel by value. */
void plan_request_default(PlanRequest *request);
/* Leaves either the whole case at output_path or what stood there before. */
MUST_CHECK bool plan_run(const PlanRequest *request, const Progress *progress, PlanResult *result,
                         Err *err);

#endif
