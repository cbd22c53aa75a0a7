/* fit.h - a head from tape, clicks, outlines, markers and points: the statistical cranium, fitted.
 *
 * Gauss-Newton over three scales, modes, and for each photograph a pose and a focal length, with
 * robust weights, priors from the population, and the number of modes by evidence (field/canvas
 * 1.6, 2.6). It gives the shape, the cameras and how far each place of the surface may be off.
 */
#ifndef HEAD_FIT_H
#define HEAD_FIT_H

#include "camera/sight.h"
#include "head/place.h"
#include "head/vault.h"

enum {
    FIT_MODES = VAULT_MODES + VAULT_RIPPLES,
    FIT_SHAPE = 9 + FIT_MODES, /* scales, pose of the cranium, modes, ripples */
    FIT_MAX_PHOTOS = 12,
    FIT_MAX_CLICKS = 16,   /* landmarks in one photograph */
    FIT_MAX_OUTLINE = 256, /* points of the head's outline in one photograph */
    FIT_MAX_TIES = 32,     /* marks on the skin that were clicked in several photographs */
    FIT_MAX_CORNERS = 256
};

/* What can be clicked besides HeadLandmark: near the cranium, but not on it. */
typedef enum FitPoint {
    FIT_GLABELLA,
    FIT_TRAGION_LEFT,
    FIT_TRAGION_RIGHT,
    FIT_VERTEX, /* weak: only its height is defined */
    FIT_INION,  /* weak */
    FIT_CANTHUS_LEFT,
    FIT_CANTHUS_RIGHT,
    FIT_NASION,
    FIT_POINTS
} FitPoint;
const char *fit_point_name(FitPoint point); /* "glabella", "tragion_left", ... */

typedef struct FitTape { /* mm; 0: not measured */
    double length_mm, breadth_mm, height_mm, circumference_mm, coronal_arc_mm, sagittal_arc_mm;
    double sd_mm;   /* of a reading; 0: the default */
    double hair_mm; /* thickness of hair under the tape; 0: shaved */
} FitTape;

typedef struct FitPhoto {
    Lens lens; /* focal_px: where to begin */
    double focal_sd_share;
    int click_count;
    struct {
        FitPoint point;
        double px[2];
    } click[FIT_MAX_CLICKS];
    int outline_count;
    double (*outline_px)[2]; /* clicked anywhere on the outline of the hairless cranium */
    int tie_count;
    struct {
        int tie; /* the same number in every photograph that shows it */
        double px[2];
    } tie[FIT_MAX_TIES];
    int strip_count; /* corners of the strip's tags */
    struct {
        double strip_mm[2]; /* on the strip: along it to the wearer's left, down */
        double px[2];
    } * strip;
} FitPhoto;

typedef struct FitEvidence {
    FitTape tape;
    bool woman; /* which means of ANSUR II; false also where nobody said */
    int photo_count;
    FitPhoto photo[FIT_MAX_PHOTOS];
    double strip_front_mm; /* the strip's middle above the glabella along the skin; 0: 30 */
    int point_count;       /* of a scan, in the head frame up to a small rigid motion */
    const Vec3 *point_mm;
    double click_sd_px, click_sd_mm; /* 0: defaults; the two add in quadrature */
} FitEvidence;

typedef struct FitPhotoResult {
    Camera camera;           /* in the head frame */
    double rms_px;           /* over what was kept */
    int used, refused;       /* clicks, outline points, corners */
    unsigned refused_clicks; /* bit 1 << FitPoint */
    double focal_sd_share;
} FitPhotoResult;

typedef struct HeadFit {
    VaultShape shape;
    double ripple_sd[VAULT_RIPPLES]; /* what is added to the vault */
    /* How the cranium sits in the head: people's tragions and Frankfurt plane differ against it. A
     * place p of the head frame is turn p + shift in the frame of the vault. */
    Vec3 turn[3], shift_mm; /* rows */
    int modes;              /* that the evidence paid for; ripples counted in */
    FitPhotoResult photo[FIT_MAX_PHOTOS];
    bool tie_known[FIT_MAX_TIES], point_known[FIT_POINTS];
    double tie_mm[FIT_MAX_TIES][3];
    Vec3 point_mm[FIT_POINTS];  /* where what was clicked lies */
    double tape_residual_mm[6]; /* fitted - read, in the order of FitTape; 0 where not read */
    Pose strip;                 /* plane of the strip: down is its axis, eye its front mark */
    int iterations;
    /* Lower triangle of the covariance of logarithms of the scales (length, breadth, height), pose
     * of the cranium (turn, shift), modes and ripples, and what the model itself leaves. */
    double covariance[FIT_SHAPE * (FIT_SHAPE + 1) / 2];
    double model_sd_mm;
} HeadFit;

/* ERR_INPUT: nothing to go by (says what is missing), a photograph without enough to place it (by
 * its number: at least three clicks, or eight corners), tape readings that no head has or that
 * contradict each other by more than 2.5 SD (field/canvas 1.1) are warned of in *warnings; wrong
 * clicks are refused by weight and named. Up to 0.2 s.
 *
 * Besides its shape the cranium is laid into the head frame by what was clicked of tragions, brows
 * and eyes: to some 2 degrees of pitch and 1 to 3 mm. Lengths along the skin do not hang on that.
 */
MUST_CHECK bool head_fit(Arena *scratch, const FitEvidence *evidence, HeadFit *fit,
                         PlaceWarnings *warnings, Err *err);
/* The canvas of a fit: radii, landmarks, and the standard deviation of each vertex (mm). */
MUST_CHECK bool head_fit_canvas(Arena *arena, Arena *scratch, const HeadFit *fit,
                                const HeadTopology *topology, Head *head, double **sd_mm, Err *err);

#endif
