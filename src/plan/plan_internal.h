/* plan_internal.h - what the steps of one plan hand to each other. */
#ifndef PLAN_PLAN_INTERNAL_H
#define PLAN_PLAN_INTERNAL_H

#include "base/io.h"
#include "look/look.h"
#include "look/photo.h"
#include "plan/plan.h"
#include "report/report.h"
#include "shade/shade.h"

typedef struct PlanPhoto { /* what stays of a photograph when its pixels are gone */
    const char *path;
    const PhotosEntry *entry; /* NULL: nothing was clicked in it */
    char view[32];
    PhotoFacts facts;
    Lens lens;
    double focal_sd_share;
    MarkerSights sights;
    bool has_color;
    CardColor color;
    PhotoQuality quality;
    Camera camera; /* in the head frame, once the head is known */
    Image *shown;  /* [states] small; rgb NULL where it was not drawn */
} PlanPhoto;

enum { PLAN_LOSSES = 2, PLAN_MAX_STATES = CASE_STATE_LIMIT, PLAN_CHART_PX = 2048 };

typedef struct PlanJob {
    const PlanRequest *request;
    const Progress *progress;
    Arena arena, scratch;
    IoFolder folder;
    bool scan_rays_open, stage_rays_open;
    MeshRays scan_rays, stage_rays;

    bool from_photos, print_unknown;
    int photo_count; /* 0: from a scan */
    PlanPhoto *photo;
    Arena photo_arena; /* the pixels of one photograph at a time */
    HeadFit *fit;
    Patch *patch; /* NULL: a whole head */
    double *sd_mm;
    Rgb *true_color; /* [vertex] where the skin stood in the light of a card; NULL: no card */
    CaseFit case_fit;

    Mesh scan, staged; /* staged: the scan in the head frame */
    Placement placement;
    PlaceWarnings place_warnings;
    HeadTopology topology;
    Head head;
    Image chart;
    HairSurvey survey;
    DesignLayout layout;
    RuleSet rules;
    Findings findings;
    int loss_count;
    DesignLoss loss[PLAN_LOSSES];
    DotsSurface surface;
    int fixed_count;
    DotsFixed *fixed;
    double *wanted_per_mm2; /* of the design, less what is fixed and what does not fit */
    int edge_count;
    DotsEdge *edge; /* keep-outs */
    DotsWanted wanted;
    DotsParams dots_params;
    DotsSequence sequence;
    Dots dots;
    SkinTable skin;
    SkinMarks *marks;
    SkinPigment pigment;
    ShadeRequest shade_request;
    ShadeChoice shade;
    Protocol protocol;
    Course course;
    LookStage *stage;
    const LookMark *mark[PLAN_MAX_STATES];
    int mark_count[PLAN_MAX_STATES];
    float flush_depth[PLAN_MAX_STATES][3];
    Image *half; /* [states][LOOK_VIEWS] every picture at half its size */
    Case plan;
} PlanJob;

/* plan_design.c: the document, laid out; the next stages of the loss; the guard-rails. */
MUST_CHECK bool plan_make_design(PlanJob *job, Err *err);
MUST_CHECK bool plan_check_rules(PlanJob *job, Err *err);
/* plan_loss.c: pictures of the head if the loss goes on. */
MUST_CHECK bool plan_draw_loss(PlanJob *job, Err *err);
/* plan_dots.c: what is fixed, what is wanted beside it, and the dots. */
MUST_CHECK bool plan_place_dots(PlanJob *job, const Progress *progress, Err *err);
/* plan_shade.c: pigment and dilution for this skin and hair. */
MUST_CHECK bool plan_choose_shade(PlanJob *job, Err *err);
/* plan_states.c: which pictures there will be, and what each dot looks like in each. */
MUST_CHECK bool plan_make_states(PlanJob *job, Err *err);
/* plan_pictures.c */
MUST_CHECK bool plan_draw(PlanJob *job, Err *err);
MUST_CHECK bool plan_write_documents(PlanJob *job, Err *err);

/* plan_photos.c: reads the photographs, finds their markers and colours. */
bool plan_is_photo(size_t size, const uint8_t bytes[]);
MUST_CHECK bool plan_read_photos(PlanJob *job, Err *err);
/* The card in a photograph; NULL: none, or only the strip. */
const MarkerSight *plan_card_of(const PlanPhoto *photo);
/* The arena of pixels, which is closed while other pictures are drawn. */
MUST_CHECK bool plan_room_for_photos(PlanJob *job, Err *err);
/* The pixels again, in job->photo_arena, which is emptied for them. */
MUST_CHECK bool plan_open_photo(PlanJob *job, const PlanPhoto *entry, Photo *photo, Err *err);
/* plan_canvas.c: a head, or a patch of one, from what was seen; its colours on the chart. */
MUST_CHECK bool plan_canvas_from_photos(PlanJob *job, Err *err);
MUST_CHECK bool plan_bake_photos(PlanJob *job, Err *err);
/* Whether the photographs are fine enough for shaved hair; if not, it is warned of. */
bool plan_sees_hair(PlanJob *job);
/* Skin where no photograph looked, for the pictures: after the survey, which leaves black out. */
void plan_fill_unseen(PlanJob *job);
/* Regions that were outlined in photographs, into the request. */
MUST_CHECK bool plan_outlined(PlanJob *job, DesignRequest *request, Err *err);
/* plan_shut.c: in job->photo_arena, [height][width], nonzero where a marker or what was outlined
 * stands before the skin.
 */
MUST_CHECK bool plan_shut(PlanJob *job, const PlanPhoto *photo, uint8_t **shut, Err *err);
/* plan_on_photos.c */
MUST_CHECK bool plan_draw_on_photos(PlanJob *job, Err *err);

void plan_warn(PlanJob *job, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
