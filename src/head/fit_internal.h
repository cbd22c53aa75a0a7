/* fit_internal.h - what the files of `fit` share; nothing outside the folder includes it.
 *
 * fit_model.c: the surface as a tape, a strip of paper and a camera meet it. fit_evidence.c: what
 * is read, clicked and measured, as residuals with their slopes. fit_solve.c: Gauss-Newton.
 * fit_pose.c: where each camera may stand to begin with. fit.c: the whole.
 */
#ifndef HEAD_FIT_INTERNAL_H
#define HEAD_FIT_INTERNAL_H

#include "head/fit.h"
#include "head/head_internal.h"
#include "head/place_internal.h"

enum {
    FIT_TAPES = 6,     /* in the order of FitTape */
    FIT_VIEW_SIZE = 7, /* turn 3, shift 3, log focal */
    FIT_STRIP_SIZE = 4,
    FIT_RIGID_SIZE = 6,
    FIT_LIMIT = VAULT_SLOPES + 3 * FIT_POINTS + 3 * FIT_MAX_TIES + FIT_STRIP_SIZE + FIT_RIGID_SIZE +
                FIT_VIEW_SIZE * FIT_MAX_PHOTOS
};

/* ---- the state: everything that is looked for ---- */

/* A camera about the middle of the head, so that turning and shifting it are nearly independent. */
typedef struct FitView {
    Vec3 right, down, forward; /* axes of the camera in the head frame */
    Vec3 middle_mm;            /* FIT_MIDDLE in the frame of the camera */
    double log_focal;          /* against the lens that was given */
} FitView;
#define FIT_MIDDLE ((Vec3){0.0, 50.0, -5.0}) /* of the part that photographs show */

typedef struct FitState {
    double shape[VAULT_SLOPES]; /* logarithms of length, breadth, height scale; modes in SD */
    FitView view[FIT_MAX_PHOTOS];
    Vec3 point[FIT_POINTS];
    Vec3 tie[FIT_MAX_TIES];
    double strip[FIT_STRIP_SIZE]; /* pitch, roll (rad), front above the prior, offset along (mm) */
    Vec3 axis[3], shift_mm;       /* of the scan's points into the head frame */
} FitState;

VaultShape fit_shape(const FitState *state);
Vault fit_vault(const FitState *state);

/* ---- fit_model.c ---- */

/* Where a ray from inside leaves the cranium: distance from its start, near a guess. */
double fit_reach_mm(const Vault *vault, Vec3 from_mm, Vec3 direction, double guess_mm);

/* Landmarks as vault_landmarks_mm finds them, to 0.1 mm, in a twentieth of its time. */
void fit_landmarks(const Vault *vault, double height_scale, Vec3 landmark_mm[HEAD_POSE_LANDMARKS]);
/* Means of all that can be clicked. */
void fit_points(const Vault *vault, double height_scale, Vec3 point_mm[FIT_POINTS]);
/* What head_measure reads on the canvas, for the readings that are wanted. */
void fit_measure(const Vault *vault, double height_scale, const bool wanted[FIT_TAPES],
                 double reading_mm[FIT_TAPES]);

enum { FIT_BAND_STEPS = 72 };
typedef struct FitBand { /* the strip's middle line, once round from the front to the left */
    Vec3 at_mm[FIT_BAND_STEPS + 1], down[FIT_BAND_STEPS + 1];
    double along_mm[FIT_BAND_STEPS + 1];
    Vec3 axis; /* normal of its plane, downwards */
} FitBand;
void fit_band(const Vault *vault, double front_mm, const double strip[FIT_STRIP_SIZE],
              FitBand *band);
/* False where the strip would overlap itself. */
bool fit_band_point(const FitBand *band, const double strip_mm[2], Vec3 *point_mm);

/* ---- cameras ---- */

typedef struct FitPixel { /* a projected point and how it moves */
    double px[2];
    double by_point[2][3]; /* with the point, head frame */
    double by_view[2][FIT_VIEW_SIZE];
    double px_per_mm;
} FitPixel;
/* False when not in front. */
bool fit_project(const Lens *lens, const FitView *view, Vec3 point_mm, FitPixel *pixel);
/* The place on the ray of a pixel that is nearest to the surface or deepest in it. */
typedef struct FitGraze {
    Vec3 at_mm;      /* head frame */
    Vec3 at_camera;  /* the same in the camera's frame */
    double depth_mm; /* along the ray from the eye */
} FitGraze;
FitGraze fit_graze(const Vault *vault, const Lens *lens, const FitView *view, const double px[2]);
Vec3 fit_eye_mm(const FitView *view);
Camera fit_camera(const Lens *lens, const FitView *view);
void fit_view_move(FitView *view, const double step[FIT_VIEW_SIZE]);
Vec3 fit_rotate(Vec3 turn, Vec3 v);

/* ---- fit_evidence.c ---- */

typedef struct FitProblem {
    const FitEvidence *evidence;
    VaultBasis basis;
    int modes;      /* that are free; the others stay 0 */
    double soft;    /* how many SD still pull fully: large at first */
    int only_photo; /* -1: all */
    bool coarse;    /* clicks and corners only */
    /* Where the parameters of each thing begin, -1: held. */
    int size, at_shape, at_strip, at_scan, at_view[FIT_MAX_PHOTOS], at_point[FIT_POINTS],
        at_tie[FIT_MAX_TIES];
    bool tape_wanted[FIT_TAPES], points_clicked[FIT_POINTS];
    double tape_mm[FIT_TAPES]; /* read, without hair */
    /* Slopes that are costly and change little: taken anew when the shape has moved. */
    double tape_slope[FIT_TAPES][VAULT_SLOPES];
    FitState sloped_at;
    bool sloped;
    FitBand *band; /* [1 + FIT_STRIP_SIZE + VAULT_SLOPES]: as it is, and each parameter moved */
} FitProblem;

typedef struct FitSystem { /* normal equations, lower triangle [size][size] */
    double *a, *b;
} FitSystem;

typedef struct FitLedger {
    FitPhotoResult photo[FIT_MAX_PHOTOS];
    double square_px[FIT_MAX_PHOTOS];
    bool tape_refused[FIT_TAPES];
    double misfit; /* weighted mean square of what was kept, in SD: 1 when the SDs are right */
    double weight;
    double surface_mm2, surface_weight; /* of outlines and scan, mm^2 */
} FitLedger;

/* Half the sum of squares; system and ledger may be NULL. */
double fit_evaluate(FitProblem *problem, const FitState *state, FitSystem *system,
                    FitLedger *ledger);
void fit_state_move(const FitProblem *problem, FitState *state, const double step[]);
void fit_prior_state(const FitEvidence *evidence, FitState *state);
double fit_strip_front_mm(const FitEvidence *evidence);

/* ---- fit_solve.c ---- */

typedef struct FitWork {
    FitSystem system;
    double *factor, *step; /* [size][size], [size] */
    int iterations;
} FitWork;
MUST_CHECK bool fit_work_new(Arena *arena, FitWork *work, Err *err);
/* Levenberg-Marquardt from *state, at most `rounds` steps; the cost reached. */
double fit_descend(FitProblem *problem, FitWork *work, int rounds, FitState *state);
/* Cholesky factor, lower, of a + damp diag(a); false when not positive. log_det may be NULL. */
bool fit_factor(int n, const double a[], double damp, double l[], double *log_det);
void fit_back_substitute(int n, const double l[], double x[]);

/* ---- fit_pose.c ---- */

/* The best of several starts for one photograph with the shape as it is. */
void fit_pose(FitProblem *problem, FitWork *work, int photo, FitState *state);

#endif
